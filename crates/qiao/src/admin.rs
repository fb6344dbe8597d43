//! The admin socket: while `serve` holds a SQLite database, other commands run inside it.
//!
//! A command sends its words and its folder as one JSON line; the server answers with lines of [`Said`] until the
//! exit code. The socket lies in the data folder with the folder owner's permissions: who may read the key file may
//! use it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};

use crate::app::App;
use crate::cli;
use crate::output::{Failure, Out, Said, print};

/// The longest command line taken: a few hundred file names.
const REQUEST_BYTES_MAX: u64 = 256 * 1024;

#[derive(serde::Serialize, serde::Deserialize)]
struct Request {
    argv: Vec<String>,
    cwd: PathBuf,
}

/// The socket's place.
pub fn socket(data: &Path) -> PathBuf {
    data.join("admin.sock")
}

/// Takes commands until `stop` turns true.
///
/// # Errors
/// When the socket cannot be made.
pub async fn listen(app: App, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let path = socket(&app.services.data);
    // Left over from a killed server: the data folder's lock is ours, so nobody else listens.
    if path.exists() {
        std::fs::remove_file(&path)?;
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                let app = app.clone();
                tokio::spawn(async move {
                    if let Err(error) = answer(stream, app).await {
                        tracing::warn!(%error, "an admin command was cut off");
                    }
                });
            }
            _ = stop.changed() => {
                let _ = std::fs::remove_file(&path);
                return Ok(());
            }
        }
    }
}

async fn answer(stream: UnixStream, app: App) -> anyhow::Result<()> {
    use tokio::io::AsyncReadExt as _;
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read)
        .take(REQUEST_BYTES_MAX)
        .read_line(&mut line)
        .await?;
    let request: Request = serde_json::from_str(&line)?;
    // Law 9 is broken here: `Out` is told from synchronous code, which can neither wait for room nor lose a line. What it
    // holds is one command's own report, asked for by the owner of the socket.
    #[allow(clippy::disallowed_methods, reason = "bounded by the report of one local command")]
    let (to, mut said) = mpsc::unbounded_channel();
    let work = tokio::spawn(async move {
        let code = match cli::parse(&request.argv) {
            Ok(parsed) => {
                let out = Out::remote(parsed.json, request.cwd, to.clone());
                match cli::run_in(&app, parsed.command, &out).await {
                    Ok(()) => 0,
                    Err(failure) => {
                        cli::tell(&failure, &out);
                        failure.code()
                    }
                }
            }
            Err(words) => {
                let _ = to.send(Said::Words(words));
                2
            }
        };
        let _ = to.send(Said::Exit(code));
    });
    while let Some(each) = said.recv().await {
        let mut text = serde_json::to_string(&each)?;
        text.push('\n');
        write.write_all(text.as_bytes()).await?;
    }
    work.await?;
    Ok(())
}

/// Runs this process's command in the server that holds the database; returns its exit code.
///
/// # Errors
/// [`Failure`] when the server cannot be reached.
pub async fn run_there(data: &Path, argv: Vec<String>, cwd: PathBuf) -> Result<u8, Failure> {
    let stream = UnixStream::connect(socket(data)).await.map_err(|error| {
        Failure::Refused(format!(
            "{} is in use by another program that does not answer on its admin socket ({error}). \
             If a server is starting, wait for it; otherwise end the program that holds {}.",
            data.display(),
            data.join("lock").display()
        ))
    })?;
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_string(&Request { argv, cwd })?;
    line.push('\n');
    write.write_all(line.as_bytes()).await?;
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Said::Exit(code) => return Ok(code),
            said => print(said),
        }
    }
    Err(Failure::Refused(
        "the server ended while it ran the command; run `qiao doctor` and then the command again".into(),
    ))
}
