//! The folder: bytes by hash.

use std::path::{Path, PathBuf};

use kernel::Rng;
use kernel::id::hex;
use tokio::fs;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};

use super::FileError;

/// Read and hashed at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// A SHA-256.
pub type Digest = [u8; 32];

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The hash of the bytes, which is their name.
    pub sha256: Digest,
    /// How many bytes.
    pub length: u64,
}

/// The folder of stored bytes.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: PathBuf,
}

impl Blobs {
    /// The folder at this path; made when first written to.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the bytes of this hash lie: two characters of folder, so that none holds more than a 256th.
    pub fn path(&self, sha256: &Digest) -> PathBuf {
        let name = hex(sha256);
        self.root.join(&name[..2]).join(&name[2..])
    }

    /// Stores a stream of at most `bytes_max` bytes; durable on return.
    ///
    /// # Errors
    /// [`FileError::TooLarge`], [`FileError::Full`], [`FileError::Io`]; nothing is left behind.
    pub async fn write(
        &self,
        mut from: impl AsyncRead + Unpin,
        bytes_max: u64,
        rng: &dyn Rng,
    ) -> Result<Written, FileError> {
        let mut tag = [0; 16];
        rng.fill(&mut tag);
        let folder = self.root.join("tmp");
        fs::create_dir_all(&folder).await?;
        let temporary = folder.join(hex(&tag));
        let written = match copy(&mut from, &temporary, bytes_max).await {
            Ok(written) => written,
            Err(error) => {
                // The first error is the one worth telling.
                let _ = fs::remove_file(&temporary).await;
                return Err(error);
            }
        };
        let target = self.path(&written.sha256);
        if fs::try_exists(&target).await? {
            fs::remove_file(&temporary).await?;
            return Ok(written);
        }
        let folder = target.parent().unwrap_or(&self.root).to_path_buf();
        fs::create_dir_all(&folder).await?;
        fs::rename(&temporary, &target).await?;
        // The name must be as durable as the bytes: sync the folder and the one above it, which may be new as well.
        for folder in [folder.as_path(), &self.root] {
            fs::File::open(folder).await?.sync_all().await?;
        }
        Ok(written)
    }

    /// Removes bytes that no row names any more; what is not there is removed already.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub async fn remove(&self, sha256: &Digest) -> Result<(), FileError> {
        match fs::remove_file(self.path(sha256)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Opens the bytes for streaming.
    ///
    /// # Errors
    /// [`FileError::Damaged`] when they are missing, [`FileError::Io`].
    pub async fn open(&self, sha256: &Digest) -> Result<fs::File, FileError> {
        fs::File::open(self.path(sha256))
            .await
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => FileError::Damaged,
                _ => error.into(),
            })
    }

    /// Reads the bytes whole and checks them against their hash.
    ///
    /// # Errors
    /// [`FileError::Damaged`], [`FileError::TooLarge`], [`FileError::Io`].
    pub async fn read(&self, sha256: &Digest, bytes_max: u64) -> Result<Vec<u8>, FileError> {
        let file = self.open(sha256).await?;
        let length = file.metadata().await?.len();
        if length > bytes_max {
            return Err(FileError::TooLarge(bytes_max));
        }
        let mut bytes = Vec::new();
        file.take(bytes_max).read_to_end(&mut bytes).await?;
        let found = ring::digest::digest(&ring::digest::SHA256, &bytes);
        if found.as_ref() == sha256 {
            Ok(bytes)
        } else {
            Err(FileError::Damaged)
        }
    }
}

async fn copy(from: &mut (impl AsyncRead + Unpin), to: &Path, bytes_max: u64) -> Result<Written, FileError> {
    let mut file = fs::File::create_new(to).await?;
    let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut length = 0u64;
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        length += read as u64;
        if length > bytes_max {
            return Err(FileError::TooLarge(bytes_max));
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read]).await?;
    }
    file.flush().await?;
    file.sync_all().await?;
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(hash.finish().as_ref());
    Ok(Written { sha256, length })
}
