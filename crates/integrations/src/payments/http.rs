//! The way out to a payment provider. Clients are made only in `qiao`, tests hand in a provider that runs in their own
//! process.

use std::future::Future;
use std::pin::Pin;

/// The longest answer read: a busy day's bill of one account, unpacked.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How often one request to a payment provider is sent when no answer comes, each time with a signature of its own: every
/// one of them is safe to repeat by its number.
pub const ATTEMPTS: usize = 2;

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Writes.
    Post,
}

impl Method {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request. No `Debug`: headers and bodies may hold signatures and personal data.
pub struct Request {
    /// How.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer. No `Debug`, for the same reason.
pub struct Response {
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`ANSWER_BYTES_MAX`].
    pub body: Vec<u8>,
}

impl Response {
    /// A header's value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(each, _)| each == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// No answer came: refused, cut off, too slow, too long. The words name no address with a secret in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// What [`Http::send`] returns.
pub type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response, NoAnswer>> + Send + 'a>>;

/// Sends requests; gives up after a time that its maker sets.
pub trait Http: Send + Sync {
    /// Sends one.
    fn send(&self, request: Request) -> Sent<'_>;
}
