//! What a command says: one JSON document on standard output with `--json`, words and progress on standard error.

use std::path::PathBuf;

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

/// One thing said, as it travels over the admin socket.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Progress and words: standard error.
    Words(String),
    /// The result: standard output.
    Result(String),
    /// The end: the exit code.
    Exit(u8),
}

/// Where a command speaks: to its own terminal, or through the admin socket to another's.
pub struct Out {
    json: bool,
    /// The folder that relative paths of the command mean.
    pub cwd: PathBuf,
    remote: Option<UnboundedSender<Said>>,
}

impl Out {
    /// To this process's own streams.
    pub fn local(json: bool, cwd: PathBuf) -> Self {
        Self {
            json,
            cwd,
            remote: None,
        }
    }
    /// To a client of the admin socket.
    pub fn remote(json: bool, cwd: PathBuf, to: UnboundedSender<Said>) -> Self {
        Self {
            json,
            cwd,
            remote: Some(to),
        }
    }
    /// Whether the caller wants JSON.
    pub fn wants_json(&self) -> bool {
        self.json
    }
    fn send(&self, said: Said) {
        match &self.remote {
            // A client that has gone away does not stop its command: an import ends, an answer is lost.
            Some(to) => drop(to.send(said)),
            None => print(said),
        }
    }
    /// Words and progress.
    pub fn say(&self, words: impl Into<String>) {
        self.send(Said::Words(words.into()));
    }
    /// The result: the document with `--json`, otherwise the words.
    pub fn result(&self, document: &Value, words: impl FnOnce() -> String) {
        let text = if self.json { document.to_string() } else { words() };
        self.send(Said::Result(text));
    }
}

/// Prints what was said on this process's streams.
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "the command line's own voice")]
pub fn print(said: Said) {
    match said {
        Said::Words(text) => eprintln!("{text}"),
        Said::Result(text) => println!("{text}"),
        Said::Exit(_) => {}
    }
}

/// How a command can fail.
#[derive(Debug)]
pub enum Failure {
    /// Refused, nothing changed, or partly done as the words say: exit 1.
    Refused(String),
    /// Refused like `Refused`, after the document with the reason was printed: exit 1.
    Said(String),
    /// Called wrongly: exit 2.
    Usage(String),
}

impl Failure {
    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Said(_) => 1,
            Self::Usage(_) => 2,
        }
    }
    /// The words.
    pub fn words(&self) -> &str {
        match self {
            Self::Refused(words) | Self::Said(words) | Self::Usage(words) => words,
        }
    }
}

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Refused(error.to_string())
    }
}

/// What commands return.
pub type Done = Result<(), Failure>;
