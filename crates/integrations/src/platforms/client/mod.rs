//! A platform's interface as a port: what we ask it and what we tell it. [`tencent`] is the adapter for Tencent Gongyi, over
//! [`Http`](crate::payments::Http); the double in `qiao sandbox` speaks the same wire.
//!
//! What a platform answers is checked for its shape and believed for nothing else: it changes no gift and no book here.

pub mod push_shape;
pub mod signature;
pub mod tencent;
mod wire;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use db::Reads;
use kernel::{BusinessDay, Fen, UnitId};

use super::Platforms;
use super::error::PlatformError;
use super::model::PlatformCode;
use super::register::{self, Keys};
pub use push_shape::{Execution, Helped};

/// What a platform tells of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTotals {
    /// The page.
    pub project_no: String,
    /// Its name there.
    pub name: String,
    /// Whether it raises.
    pub standing: PageStanding,
    /// What it may raise.
    pub target: Fen,
    /// What it has raised.
    pub amount: Fen,
    /// By how many gifts.
    pub count: i64,
}

/// Whether a page raises money, by the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStanding {
    /// It raises.
    Raising,
    /// It is over.
    Closed,
    /// Anything else.
    Other,
}

/// One period of a page's disclosed spending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payout {
    /// What was spent.
    pub total: Fen,
    /// From which day.
    pub from: BusinessDay,
    /// To which day.
    pub to: BusinessDay,
}

/// An answer, with the platform's number of the request for its support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told<T> {
    /// What it said.
    pub data: T,
    /// Its number of the request.
    pub trace: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Nothing came back: it may or may not have been done.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// Something came back that is no answer of this interface.
    #[error("an answer that cannot be read: {0}")]
    Unreadable(String),
    /// It refused: nothing was done.
    #[error("refused with code {code}: {said} (trace {trace})")]
    Refused {
        /// Its code.
        code: i64,
        /// Its words.
        said: String,
        /// Its number of the request.
        trace: String,
    },
}

impl ClientError {
    /// As an error of the platforms.
    pub fn of(self, platform: PlatformCode) -> PlatformError {
        let platform = platform.zh();
        match self {
            Self::Refused { code, said, trace } => PlatformError::Refused {
                platform,
                code,
                said,
                trace,
            },
            other => PlatformError::NoAnswer {
                platform,
                why: other.to_string(),
            },
        }
    }
}

/// What the port returns.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<Told<T>, ClientError>> + Send + 'a>>;

/// A platform's interface.
pub trait Platform: Send + Sync {
    /// Totals of pages. A page that the platform does not show us is left out.
    fn totals<'a>(&'a self, project_nos: &'a [String]) -> Asked<'a, Vec<PageTotals>>;
    /// All periods of a page's disclosed spending, by their first day.
    fn finances<'a>(&'a self, project_no: &'a str) -> Asked<'a, Vec<Payout>>;
    /// Tells of progress or execution; gives the platform's number of it.
    fn tell<'a>(&'a self, execution: &'a Execution) -> Asked<'a, String>;
}

/// The interface of a unit's platform.
///
/// # Errors
/// [`PlatformError::NotConnected`] when the platform has no adapter or its keys were not set.
pub async fn connect(
    at: &mut impl Reads,
    platforms: &Platforms,
    (unit, platform): (UnitId, PlatformCode),
) -> Result<Arc<dyn Platform>, PlatformError> {
    let services = &platforms.giving.services;
    let keys = register::keys(at, (unit, platform), services).await?;
    let keys = keys.ok_or(PlatformError::NotConnected(platform.zh()))?;
    adapter(platforms, keys).ok_or(PlatformError::NotConnected(platform.zh()))
}

fn adapter(platforms: &Platforms, keys: Keys) -> Option<Arc<dyn Platform>> {
    match keys.platform {
        PlatformCode::TencentGongyi => Some(Arc::new(tencent::TencentGongyi::new(platforms, keys))),
        PlatformCode::AlipayGongyi | PlatformCode::YeepayGongyi => None,
    }
}
