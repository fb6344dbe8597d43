//! Decisions about appraisals, and the link of their page. Pure.

use kernel::id::{from_public, public};
use kernel::{Fen, Instant};
use platform::keys::Keys;

use super::model::{Answer, Appraisal, AppraisalState};
use crate::AppraisalId;
use crate::error::{ReliefError, invalid};
use crate::stock::rules::check_text;
use crate::stock::{Lot, Source};

/// No lot is worth more: a hundred billion yuan is a slip of the pen.
const VALUE_MAX: Fen = Fen::new(10_000_000_000_000);
/// What a link is bound to.
const LINK: &str = "appraisal link";
/// Days that a link takes an answer.
pub const DAYS: i64 = 14;

/// Whether a lot may be sent to an appraiser.
///
/// # Errors
/// [`ReliefError::State`].
pub fn check_lot(lot: &Lot) -> Result<(), ReliefError> {
    let state = match (lot.value, lot.source) {
        (Some(_), _) => "valued",
        (None, Source::Budget | Source::AidFund) => "bought",
        (None, Source::Kit) => "made of other lots",
        (None, Source::Donation | Source::TransferIn | Source::Customs | Source::HeldForAddressee) => return Ok(()),
    };
    Err(ReliefError::State {
        state,
        wanted: "given without a value",
    })
}

/// Whether an answer can be taken now.
///
/// # Errors
/// [`ReliefError::State`], [`ReliefError::Invalid`].
pub fn check_answer(order: &Appraisal, answer: &Answer, now: Instant) -> Result<(), ReliefError> {
    match answer {
        Answer::Worth { value, report } => {
            if !value.is_positive() || *value > VALUE_MAX {
                return Err(invalid("value", "an amount above zero is expected"));
            }
            check_text("report", report, 1)?;
        }
        Answer::Impossible { why } => check_text("why", why, 1)?,
    }
    let state = if order.state != AppraisalState::Asked {
        order.state.as_str()
    } else if now >= order.ends_at {
        "ended"
    } else {
        return Ok(());
    };
    Err(ReliefError::State { state, wanted: "asked" })
}

/// Whether an answer says again what was said.
pub fn is_same(order: &Appraisal, answer: &Answer) -> bool {
    match answer {
        Answer::Worth { value, report } => {
            order.state == AppraisalState::Valued && order.value == Some(*value) && order.report == report.trim()
        }
        Answer::Impossible { why } => order.state == AppraisalState::Impossible && order.report == why.trim(),
    }
}

/// The end of the link to an order's page: its public id and the house's mark, which nobody else can make.
pub fn link(keys: &Keys, id: AppraisalId) -> String {
    let id = public(keys, id);
    let mark = keys.mark(LINK, &id);
    format!("{id}.{mark}")
}

/// What a link leads to.
pub fn of_link(keys: &Keys, text: &str) -> Option<AppraisalId> {
    let (id, shown) = text.split_once('.')?;
    let marked = keys.is_marked(LINK, id, shown);
    marked.then(|| from_public(keys, id).ok()).flatten()
}
