//! The table `gift_review`.

use std::str::FromStr;

use db::{Backend, DbError, Param as _, Reads, Row, Tx, params};
use kernel::id::Id as _;
use kernel::{ActorId, BusinessDay, Channel, Fen, GiftId, Instant, ProjectId, ReceivingAccountId, ReviewId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;
use serde::{Deserialize, Serialize};

use super::super::intake::Prepared;

/// Why a held line is no gift of its own. Words instead of free text: no personal data gets into a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dismissal {
    /// The same payment told with a wrong amount.
    WrongAmountTold,
    /// The same payment with the fee taken off, or added.
    FeeTakenOff,
    /// A payment that never settled.
    NeverSettled,
    /// A test of the sender.
    Test,
}

impl Dismissal {
    const ALL: [Self; 4] = [Self::WrongAmountTold, Self::FeeTakenOff, Self::NeverSettled, Self::Test];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongAmountTold => "wrong_amount_told",
            Self::FeeTakenOff => "fee_taken_off",
            Self::NeverSettled => "never_settled",
            Self::Test => "test",
        }
    }
}

impl FromStr for Dismissal {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|d| d.as_str() == word)
            .ok_or_else(|| word.to_owned())
    }
}

/// Where a held line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewState {
    /// Nobody decided.
    Waiting,
    /// Being accepted under this number; cut off when it stays so.
    Accepting {
        /// The number of the gift to be.
        trade_no: String,
    },
    /// It is a gift of its own.
    Accepted {
        /// The gift.
        gift: GiftId,
    },
    /// It is none.
    Dismissed {
        /// Why.
        reason: Dismissal,
    },
}

impl ReviewState {
    /// The word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepting { .. } => "accepting",
            Self::Accepted { .. } => "accepted",
            Self::Dismissed { .. } => "dismissed",
        }
    }
}

/// A held line; the payer stays sealed.
pub struct Held {
    /// Its id.
    pub id: ReviewId,
    /// The unit in whose books the money is.
    pub unit: UnitId,
    /// The account.
    pub account: ReceivingAccountId,
    /// The number that is known already.
    pub trade_no: String,
    /// The other amount.
    pub amount: Fen,
    /// The project it names.
    pub project: ProjectId,
    /// How it came.
    pub channel: Channel,
    /// When it was paid.
    pub paid_at: Instant,
    /// Its business day.
    pub business_day: BusinessDay,
    /// Whether the name is to be shown nowhere.
    pub anonymous: bool,
    /// The masked name.
    pub payer_masked: Option<String>,
    /// The secret that seals the payer, wrapped; none after erasure.
    pub secret_wrapped: Option<Vec<u8>>,
    /// The payer, sealed.
    pub payer_sealed: Option<Vec<u8>>,
    /// The gift that has the number; none when it is held because its order named another amount.
    pub known: Option<GiftId>,
    /// What its order named, when that is why it is held.
    pub ordered: Option<Fen>,
    /// Since when it is held.
    pub held_at: Instant,
    /// Where it is.
    pub state: ReviewState,
}

/// Stands in `known_gift_id`, which is never empty, where no gift has the number.
const NO_GIFT: [u8; 16] = [0; 16];

const HELD: &str = "SELECT id, unit_id, account_id, trade_no, amount_fen, project_id, channel, paid_at, business_day,
    anonymous, payer_masked, secret_wrapped, payer_sealed, known_gift_id, state, held_at, accepted_gift_id,
    accepted_trade_no, dismissal, order_fen FROM gift_review";

fn read(row: &Row) -> Result<Held, DbError> {
    let missing = |column: &str| DbError::Row {
        column: column.to_owned(),
        why: "missing in this state".into(),
    };
    let state = match row.text("state")?.as_str() {
        "accepting" => ReviewState::Accepting {
            trade_no: row
                .opt_text("accepted_trade_no")?
                .ok_or_else(|| missing("accepted_trade_no"))?,
        },
        "accepted" => ReviewState::Accepted {
            gift: row
                .opt_id("accepted_gift_id")?
                .ok_or_else(|| missing("accepted_gift_id"))?,
        },
        "dismissed" => ReviewState::Dismissed {
            reason: row.word("dismissal")?,
        },
        _ => ReviewState::Waiting,
    };
    let anonymous = row.flag("anonymous")?;
    Ok(Held {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        account: row.id("account_id")?,
        trade_no: row.text("trade_no")?,
        amount: row.fen("amount_fen")?,
        project: row.id("project_id")?,
        channel: row.word("channel")?,
        paid_at: row.instant("paid_at")?,
        business_day: row.day("business_day")?,
        anonymous,
        payer_masked: if anonymous { None } else { row.opt_text("payer_masked")? },
        secret_wrapped: row.opt_bytes("secret_wrapped")?,
        payer_sealed: row.opt_bytes("payer_sealed")?,
        known: Some(row.id("known_gift_id")?).filter(|known: &GiftId| known.bytes() != NO_GIFT),
        ordered: row.opt_fen("order_fen")?,
        held_at: row.instant("held_at")?,
        state,
    })
}

/// A held line by its id.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn find(at: &mut impl Reads, id: ReviewId) -> Result<Option<Held>, DbError> {
    at.query_one(&format!("{HELD} WHERE id = ?1"), params![(id,)])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Held lines in this state (all that wait or were cut off when nothing is said), oldest first, after `after`.
pub async fn list(
    at: &mut impl Reads,
    state: Option<&str>,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<ReviewId>,
    limit: i64,
) -> Result<Vec<Held>, DbError> {
    let mut values = params![(after.unwrap_or(kernel::id::Id::from_bytes([0; 16])),), limit];
    let within = scope.condition("unit_id", tree, &mut values);
    let state = match state {
        None => "state IN ('waiting', 'accepting')".to_owned(),
        Some(word) => {
            values.push(word.param());
            format!("state = ?{}", values.len())
        }
    };
    let sql = format!("{HELD} WHERE {within} AND {state} AND id > ?1 ORDER BY id LIMIT ?2");
    at.query(&sql, values).await?.iter().map(read).collect()
}

/// Reads a held line for deciding: no other transaction decides until this one ends. The gift that has the number is
/// locked first, so that two lines with the same number cannot take the same suffix.
pub(super) async fn lock(tx: &mut Tx, id: ReviewId) -> Result<Option<Held>, DbError> {
    let Some(seen) = find(tx, id).await? else {
        return Ok(None);
    };
    if tx.backend() == Backend::Postgres {
        if let Some(known) = seen.known {
            tx.query("SELECT id FROM gift WHERE id = ?1 FOR UPDATE", params![(known,)])
                .await?;
        }
        let row = tx
            .query_one(&format!("{HELD} WHERE id = ?1 FOR UPDATE"), params![(id,)])
            .await?;
        return row.as_ref().map(read).transpose();
    }
    Ok(Some(seen))
}

/// How many lines with this number were accepted, or are being.
pub(super) async fn accepted_before(tx: &mut Tx, held: &Held) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM gift_review WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3
        AND accepted_trade_no IS NOT NULL";
    let row = tx
        .query_one(sql, params![(held.unit,), (held.account,), &held.trade_no])
        .await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// Whether a gift has the number of a held line by now.
pub(super) async fn number_is_taken(tx: &mut Tx, held: &Held) -> Result<bool, DbError> {
    let sql = "SELECT id FROM gift WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3";
    let row = tx
        .query_one(sql, params![(held.unit,), (held.account,), &held.trade_no])
        .await?;
    Ok(row.is_some())
}

pub(super) async fn set_accepting(
    tx: &mut Tx,
    id: ReviewId,
    trade_no: &str,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "UPDATE gift_review SET state = 'accepting', accepted_trade_no = ?2, decided_by = ?3, decided_at = ?4
        WHERE id = ?1 AND state = 'waiting'";
    tx.execute(sql, params![(id,), trade_no, (by,), now]).await.map(drop)
}

/// Returns whether this call was the one that did it.
pub(super) async fn set_accepted(tx: &mut Tx, id: ReviewId, gift: GiftId, now: Instant) -> Result<bool, DbError> {
    let sql = "UPDATE gift_review SET state = 'accepted', accepted_gift_id = ?2, decided_at = ?3
        WHERE id = ?1 AND state = 'accepting'";
    Ok(tx.execute(sql, params![(id,), (gift,), now]).await? > 0)
}

pub(super) async fn set_dismissed(
    tx: &mut Tx,
    id: ReviewId,
    reason: Dismissal,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "UPDATE gift_review SET state = 'dismissed', dismissal = ?2, decided_by = ?3, decided_at = ?4
        WHERE id = ?1 AND state = 'waiting'";
    tx.execute(sql, params![(id,), reason.as_str(), (by,), now])
        .await
        .map(drop)
}

/// Holds a payment whose order named another amount; gives the review, and whether it is new.
pub(in crate::donations) async fn hold_of_order(
    tx: &mut Tx,
    gift: &Prepared,
    (unit, channel, ordered): (UnitId, Channel, Fen),
    (review, now): (ReviewId, Instant),
) -> Result<(ReviewId, bool), DbError> {
    let row = params![
        (review,),
        (unit,),
        (gift.account,),
        &gift.trade_no,
        gift.amount,
        (gift.project,),
        channel.as_str(),
        gift.paid_at,
        gift.business_day,
        gift.source,
        gift.anonymous,
        gift.payer_masked.clone(),
        gift.secret_wrapped.clone(),
        gift.payer_sealed.clone(),
        (GiftId::from_bytes(NO_GIFT),),
        now,
        ordered
    ];
    let sql = "INSERT INTO gift_review (id, unit_id, account_id, trade_no, amount_fen, project_id, channel, paid_at,
            business_day, source, anonymous, payer_masked, secret_wrapped, payer_sealed, known_gift_id, state, held_at,
            order_fen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 'waiting', ?16, ?17)
        ON CONFLICT (unit_id, account_id, trade_no, amount_fen) DO NOTHING";
    if tx.execute(sql, row).await? > 0 {
        return Ok((review, true));
    }
    let sql = "SELECT id FROM gift_review WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3 AND amount_fen = ?4";
    let known = params![(unit,), (gift.account,), &gift.trade_no, gift.amount];
    let row = tx.query_one(sql, known).await?;
    row.map_or(Ok((review, false)), |row| Ok((row.id("id")?, false)))
}
