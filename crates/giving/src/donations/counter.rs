//! Entering a gift by hand: cash at the counter, a transfer that stands on a bank slip, on behalf of others, anonymous.
//!
//! It goes through the one intake like all others. There is no editing afterwards: a slip of the pen is mended by a
//! refund with its reason, or the entry being held for review. The form makes a key once and sends it with every try,
//! so that a double click is one gift.

use kernel::id::Id as _;
use kernel::{ActorId, BusinessDay, Channel, Fen, Instant, ProjectId, ReceivingAccountId};
use platform::identity::{Actor, Permission};
use ring::digest::{SHA256, digest};

use super::error::DonationError;
use super::intake::prepare;
use super::model::{Incoming, Outcome, Payer, Source};
use super::queries::GiftFacts;
use super::receipts::ReceiptWish;
use crate::State;

/// The longest key of a form: a UUID and room.
const KEY_CHARS_MAX: usize = 80;

/// A gift as keyed in. No `Debug`: it names the payer.
pub struct CounterGift {
    /// The cash box or bank account that received it.
    pub account: ReceivingAccountId,
    /// The project it is for.
    pub project: ProjectId,
    /// The amount.
    pub amount: Fen,
    /// The number on the bank slip; a number of ours when there is none.
    pub bank_no: Option<String>,
    /// What the form made once; tells a double click from two gifts of the same amount.
    pub key: String,
    /// When the money came; now when nothing is said.
    pub paid_at: Option<Instant>,
    /// Who paid, and for whom.
    pub payer: Payer,
    /// Whether the name is to be shown nowhere.
    pub anonymous: bool,
    /// What the giver said about a receipt.
    pub receipt: Option<ReceiptWish>,
}

/// `C20261122-` and 16 characters of a hash of who enters and the form's key: the day leads, so that the index grows
/// at one edge; two clerks whose forms made the same key still enter two gifts.
fn counter_number(day: BusinessDay, by: ActorId, key: &str) -> String {
    let hash = digest(&SHA256, &[&by.bytes(), key.as_bytes()].concat());
    format!(
        "C{}-{}",
        day.to_number(),
        data_encoding::HEXLOWER.encode(&hash.as_ref()[..8])
    )
}

/// Whether this one entered the gift at the counter by the form that made this key: the gift's number is made of them. Of
/// a gift that has a bank's number nobody can tell.
pub fn is_entered_by(gift: &GiftFacts, by: ActorId, key: &str) -> bool {
    gift.trade_no == counter_number(gift.paid_at.business_day(), by, key)
}

/// Records a gift entered by hand; needs [`Permission::GiftRecord`] where the money is. The fact is the intake's.
///
/// # Errors
/// [`DonationError`]: not allowed, no such account or project, a closed one, a field that no gift may have.
pub async fn enter(giving: &State, by: &Actor, gift: CounterGift) -> Result<Outcome, DonationError> {
    let services = &giving.services;
    by.require_somewhere(Permission::GiftRecord)?;
    let (account, project) = {
        let mut at = services.db.snapshot().await?;
        let account = governance::network::store::full_account(&mut at, gift.account).await?;
        let project = crate::projects::store::load_intake_project(&mut at, gift.project).await?;
        (
            account.ok_or(DonationError::NotFound("account"))?,
            project.ok_or(DonationError::NotFound("project"))?,
        )
    };
    by.require(Permission::GiftRecord, account.unit)?;
    if account.closed_at.is_some() {
        return Err(DonationError::AccountClosed);
    }
    let now = services.now();
    let paid_at = gift.paid_at.unwrap_or(now);
    match account.channel {
        // Whoever stands at the counter can be told that the project has ended; what lies in the bank has been given.
        Channel::Cash => project.accepts_on(paid_at.business_day())?,
        Channel::Bank => {}
        _ => return Err(DonationError::NotACounterAccount),
    }
    if gift.key.is_empty() || gift.key.len() > KEY_CHARS_MAX {
        return Err(DonationError::Invalid {
            field: "key",
            why: "1 to 80 characters, made once by the form",
        });
    }
    let trade_no = match gift.bank_no {
        Some(number) => number.trim().to_owned(),
        None => counter_number(paid_at.business_day(), by.id, &gift.key),
    };
    let incoming = Incoming {
        account: account.id,
        project: project.id,
        trade_no,
        amount: gift.amount,
        paid_at,
        business_day: paid_at.business_day(),
        payer: gift.payer,
        anonymous: gift.anonymous,
        receipt: gift.receipt,
        source: Source::Counter,
    };
    Ok(giving.intake.submit(prepare(incoming, services)?).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counter_numbers_lead_with_their_day_and_the_same_key_gives_the_same() {
        let day = BusinessDay::from_number(20_261_122).expect("a day");
        let (by, other) = (ActorId::from_bytes([1; 16]), ActorId::from_bytes([2; 16]));
        let number = counter_number(day, by, "form 1");
        assert!(number.starts_with("C20261122-"), "{number}");
        assert_eq!(number, counter_number(day, by, "form 1"));
        assert_ne!(number, counter_number(day, by, "form 2"));
        assert_ne!(
            number,
            counter_number(day, other, "form 1"),
            "another clerk's form is another gift"
        );
        assert!(number < counter_number(day.plus_days(1), by, "form 1"));
    }
}
