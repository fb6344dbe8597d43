//! Checkpoints (C2SP tlog-checkpoint): what a log says of its tree, in three lines.

use super::TlogError;
use super::hash::{EMPTY_ROOT, Hash};
use super::note::{Note, SignedNote, Signer, Verifier, is_name};

/// Origin, size and root; and lines that others may have added, which ours have not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: also the name of its key.
    pub origin: String,
    /// Its leaves.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Extension lines, kept as they were.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint of ours.
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        }
    }

    /// The text that is signed.
    ///
    /// # Errors
    /// [`TlogError::Malformed`] for an origin that cannot be a key's name, or an extension that is no line.
    pub fn to_note(&self) -> Result<Note, TlogError> {
        if !is_name(&self.origin)
            || self
                .extensions
                .iter()
                .any(|line| line.is_empty() || line.contains('\n'))
        {
            return Err(TlogError::Malformed("an origin or extension that is no line"));
        }
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64());
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        Note::new(text)
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    /// [`TlogError::Malformed`], also for an empty tree with a root of its own.
    pub fn from_note(note: &Note) -> Result<Self, TlogError> {
        let read = Self::read(note)?;
        if read.size == 0 && read.root != EMPTY_ROOT {
            return Err(TlogError::Malformed("an empty tree with a root of its own"));
        }
        Ok(read)
    }

    /// Reads the three lines as they stand.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn read(note: &Note) -> Result<Self, TlogError> {
        let mut lines = note.text().strip_suffix('\n').unwrap_or_default().split('\n');
        let origin = lines.next().filter(|o| is_name(o));
        let origin = origin.ok_or(TlogError::Malformed("a checkpoint has no origin"))?;
        let size = lines.next().and_then(super::decimal);
        let size = size.ok_or(TlogError::Malformed("a checkpoint’s size is not a plain number"))?;
        let root = Hash::from_base64(lines.next().unwrap_or_default())?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(TlogError::Malformed("a checkpoint has an empty line"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions,
        })
    }

    /// Signed by the log.
    ///
    /// # Errors
    /// As [`Checkpoint::to_note`].
    pub fn sign(&self, key: &Signer) -> Result<SignedNote, TlogError> {
        let note = self.to_note()?;
        let signatures = vec![key.sign(&note)];
        Ok(SignedNote { note, signatures })
    }

    /// Reads a checkpoint that this log's key signed.
    ///
    /// # Errors
    /// [`TlogError`] of the note, the signature or the text; also when the origin is not the key's name.
    pub fn open(bytes: &[u8], key: &Verifier) -> Result<(Self, SignedNote), TlogError> {
        let signed = SignedNote::parse(bytes)?;
        let checkpoint = Self::open_note(&signed, key)?;
        Ok((checkpoint, signed))
    }

    /// The same of a note that was read.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn open_note(signed: &SignedNote, key: &Verifier) -> Result<Self, TlogError> {
        signed.check(key)?;
        let checkpoint = Self::from_note(&signed.note)?;
        if checkpoint.origin == key.name() {
            Ok(checkpoint)
        } else {
            Err(TlogError::Signature("the origin is not the name of the key"))
        }
    }

    /// The same of a log that may have several keys: while one replaces another both sign. Each that signed must have
    /// signed well, and one of them is enough.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn open_any<'k>(signed: &SignedNote, keys: impl IntoIterator<Item = &'k Verifier>) -> Result<Self, TlogError> {
        let mut opened = Err(TlogError::Signature("the note is not signed by the key"));
        for key in keys {
            if signed.of(key).next().is_some() {
                opened = Ok(Self::open_note(signed, key)?);
            }
        }
        opened
    }
}
