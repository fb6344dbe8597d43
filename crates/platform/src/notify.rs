//! Messages to people outside: telephone and mail. The port alone; `qiao` wires what sends.
//!
//! A message is sent after the commit of what it tells. What it says is personal: nothing of it is logged, stored or
//! put into a fact.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

/// Where a message goes. No `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A telephone, eleven digits.
    Phone(String),
    /// An e-mail.
    Email(String),
}

/// A message. No `Debug`: it names a person and may hold a code.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: Address,
    /// Which of the operator's templates says it: providers of text messages send approved templates only.
    pub template: &'static str,
    /// The whole text, for those who need no template.
    pub text: String,
    /// What fills the template's places.
    pub values: Vec<(&'static str, String)>,
}

/// A message that was not handed over. The words name no person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotSent(pub String);

/// What [`Sender::send`] returns.
pub type Sent<'a> = Pin<Box<dyn Future<Output = Result<(), NotSent>> + Send + 'a>>;

/// Hands messages over.
pub trait Sender: Send + Sync {
    /// Hands one over; returns once the other side has taken it.
    fn send<'a>(&'a self, message: &'a Message) -> Sent<'a>;
    /// Whether there is anybody to hand over to: without, what needs a message is not offered.
    fn is_there(&self) -> bool {
        true
    }
}

/// Nobody to hand over to: the installation has no provider of messages.
pub struct Nobody;

impl Sender for Nobody {
    fn send<'a>(&'a self, _message: &'a Message) -> Sent<'a> {
        Box::pin(async { Err(NotSent("no provider of messages is set".to_owned())) })
    }
    fn is_there(&self) -> bool {
        false
    }
}

/// Keeps messages in memory, for tests.
#[derive(Default)]
pub struct Kept(Mutex<Vec<Message>>);

impl Kept {
    /// What was handed over so far.
    pub fn all(&self) -> Vec<Message> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Sender for Kept {
    fn send<'a>(&'a self, message: &'a Message) -> Sent<'a> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(message.clone());
        Box::pin(async { Ok(()) })
    }
}
