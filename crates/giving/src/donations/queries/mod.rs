//! Reads of single gifts for showing: the latest ones, one by its id, look-ups by donors, lists for staff.
//!
//! Names leave only masked (R1.25), those of anonymous gifts not at all. Figures are as of the snapshot they are read
//! from: who shows them takes the time before opening it.

mod by_account;
pub mod donors;
mod lists;
mod lookup;
pub mod recount;
pub mod totals;

pub use by_account::{Received, by_account};
pub use lists::{
    GiftFilter, GiftPage, Latest, latest_of_campaign, latest_of_project, latest_of_projects, list, may_see,
};
pub use lookup::{Found, by_phone, by_trade_no, gift, of_phone};

use db::{DbError, Row};
use kernel::{BusinessDay, Channel, Fen, GiftId, Instant, ProjectId, ReceivingAccountId, UnitId};
use serde::{Deserialize, Serialize};

use super::receipts::ReceiptWish;

/// What became of a gift after it was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GiftStanding)]
pub enum Standing {
    /// All of it stands.
    Confirmed,
    /// Part of it was given back.
    PartlyRefunded,
    /// All of it was given back.
    Refunded,
    /// Its import was taken back: it counts nowhere.
    TakenBack,
}

/// A gift as staff see it in a list and donors in a look-up: no personal data but the masked name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftFacts {
    /// The gift.
    pub id: GiftId,
    /// The unit in whose books it stands.
    pub unit: UnitId,
    /// The account that received it.
    pub account: ReceivingAccountId,
    /// The payment's number.
    pub trade_no: String,
    /// The project it is for.
    pub project: ProjectId,
    /// How it came in.
    pub channel: Channel,
    /// The amount.
    pub amount: Fen,
    /// What was given back of it.
    pub refunded: Fen,
    /// When it was paid.
    pub paid_at: Instant,
    /// The business day it counts for.
    pub business_day: BusinessDay,
    /// `notice`, `counter`, `import`, `review`, `match` or `platform_match`.
    pub source: String,
    /// Whether the name is shown nowhere.
    pub anonymous: bool,
    /// The masked name; none for anonymous gifts and where none was told.
    pub shown_name: Option<String>,
    /// What became of it.
    pub standing: Standing,
    /// Whether its personal data was erased.
    pub erased: bool,
    /// What its giver said about a receipt.
    pub receipt_wish: Option<ReceiptWish>,
}

/// The columns that [`read`] reads, from `gift g`.
const FIELDS: &str = "g.id, g.unit_id, g.account_id, g.trade_no, g.project_id, g.channel, g.amount_fen, g.paid_at,
    g.business_day, g.source, g.anonymous, g.payer_masked,
    CAST(CASE WHEN g.secret_wrapped IS NULL THEN 1 ELSE 0 END AS BIGINT) AS erased,
    (SELECT w.wish FROM gift_receipt w WHERE w.unit_id = g.unit_id AND w.id = g.id) AS receipt_wish,
    (SELECT CAST(COALESCE(SUM(r.amount_fen), 0) AS BIGINT) FROM gift_refund r
        WHERE r.unit_id = g.unit_id AND r.gift_id = g.id AND r.state = 'approved') AS refunded_fen,
    (SELECT COUNT(*) FROM gift_refund r WHERE r.unit_id = g.unit_id AND r.gift_id = g.id
        AND r.reason = 'import_reversal') AS taken_back";

fn read(row: &Row) -> Result<GiftFacts, DbError> {
    let amount = row.fen("amount_fen")?;
    let refunded = row.fen("refunded_fen")?;
    let standing = match (row.flag("taken_back")?, refunded) {
        (true, _) => Standing::TakenBack,
        (false, Fen::ZERO) => Standing::Confirmed,
        (false, part) if part < amount => Standing::PartlyRefunded,
        (false, _) => Standing::Refunded,
    };
    let anonymous = row.flag("anonymous")?;
    Ok(GiftFacts {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        account: row.id("account_id")?,
        trade_no: row.text("trade_no")?,
        project: row.id("project_id")?,
        channel: row.word("channel")?,
        amount,
        refunded: if standing == Standing::TakenBack {
            Fen::ZERO
        } else {
            refunded
        },
        paid_at: row.instant("paid_at")?,
        business_day: row.day("business_day")?,
        source: row.text("source")?,
        anonymous,
        shown_name: if anonymous { None } else { row.opt_text("payer_masked")? },
        standing,
        erased: row.flag("erased")?,
        receipt_wish: row.opt_word("receipt_wish")?,
    })
}
