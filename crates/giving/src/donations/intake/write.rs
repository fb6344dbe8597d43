//! One batch of gifts in one transaction: what goes into which table, and what each gift is answered.

use std::collections::BTreeMap;

use db::DbError;
use db::bulk::{BulkTx, Cell, Kind, Lookup, Rows, Shape};
use kernel::id::{Id, hex};
use kernel::{BusinessDay, Channel, GiftId, ImportId, Instant, ReviewId, Rng, UnitId};
use ledger::wide::{AccountCache, Batch, GiftBooking};
use platform::facts::WideFacts;

use super::super::Outcome;
use super::super::receipts::store as receipts;
use super::{Directory, Prepared};

const GIFTS: Shape = Shape {
    table: "gift",
    columns: &[
        ("id", Kind::Bytes),
        ("unit_id", Kind::Bytes),
        ("account_id", Kind::Bytes),
        ("trade_no", Kind::Text),
        ("project_id", Kind::Bytes),
        ("channel", Kind::Text),
        ("amount_fen", Kind::Int),
        ("paid_at", Kind::Int),
        ("business_day", Kind::Int),
        ("source", Kind::Text),
        ("anonymous", Kind::Int),
        ("payer_masked", Kind::Text),
        ("phone_month", Kind::Int),
        ("phone_index", Kind::Bytes),
        ("secret_wrapped", Kind::Bytes),
        ("payer_sealed", Kind::Bytes),
    ],
    conflict: "ON CONFLICT (unit_id, account_id, trade_no) DO NOTHING",
};

const KNOWN: Lookup = Lookup {
    table: "gift",
    keys: &[
        ("unit_id", Kind::Bytes),
        ("account_id", Kind::Bytes),
        ("trade_no", Kind::Text),
    ],
    wanted: &[
        ("id", Kind::Bytes),
        ("amount_fen", Kind::Int),
        ("project_id", Kind::Bytes),
        ("business_day", Kind::Int),
    ],
};

const REVIEWS: Shape = Shape {
    table: "gift_review",
    columns: &[
        ("id", Kind::Bytes),
        ("unit_id", Kind::Bytes),
        ("account_id", Kind::Bytes),
        ("trade_no", Kind::Text),
        ("amount_fen", Kind::Int),
        ("project_id", Kind::Bytes),
        ("channel", Kind::Text),
        ("paid_at", Kind::Int),
        ("business_day", Kind::Int),
        ("source", Kind::Text),
        ("anonymous", Kind::Int),
        ("payer_masked", Kind::Text),
        ("secret_wrapped", Kind::Bytes),
        ("payer_sealed", Kind::Bytes),
        ("known_gift_id", Kind::Bytes),
        ("state", Kind::Text),
        ("held_at", Kind::Int),
    ],
    conflict: "ON CONFLICT (unit_id, account_id, trade_no, amount_fen) DO NOTHING",
};

const REVIEW_BY_NUMBER: Lookup = Lookup {
    table: "gift_review",
    keys: &[
        ("unit_id", Kind::Bytes),
        ("account_id", Kind::Bytes),
        ("trade_no", Kind::Text),
        ("amount_fen", Kind::Int),
    ],
    wanted: &[("id", Kind::Bytes)],
};

const TOTALS: Shape = Shape {
    table: "gift_total",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("project_id", Kind::Bytes),
        ("channel", Kind::Text),
        ("business_day", Kind::Int),
        ("gifts", Kind::Int),
        ("sum_fen", Kind::Int),
        ("refunds", Kind::Int),
        ("refund_fen", Kind::Int),
    ],
    conflict: "ON CONFLICT (unit_id, project_id, channel, business_day) DO UPDATE SET
        gifts = gift_total.gifts + excluded.gifts, sum_fen = gift_total.sum_fen + excluded.sum_fen,
        refunds = gift_total.refunds + excluded.refunds, refund_fen = gift_total.refund_fen + excluded.refund_fen",
};

const DIFFERENCES: Shape = Shape {
    table: "gift_difference",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("gift_id", Kind::Bytes),
        ("field", Kind::Text),
        ("said", Kind::Text),
        ("seen_at", Kind::Int),
    ],
    conflict: "ON CONFLICT DO NOTHING",
};

const IMPORT_LINES: Shape = Shape {
    table: "gift_import_line",
    columns: &[("import_id", Kind::Bytes), ("gift_id", Kind::Bytes)],
    conflict: "ON CONFLICT DO NOTHING",
};

/// A gift with what the directory says about its account and project.
pub(super) struct Placed<'b> {
    pub gift: &'b Prepared,
    pub import: Option<ImportId>,
    pub unit: UnitId,
    pub channel: Channel,
    pub project: std::sync::Arc<super::ProjectEntry>,
}

/// Looks up account and project of a gift; `None` when either is unknown, which the callers have ruled out.
pub(super) fn place<'b>(gift: &'b Prepared, import: Option<ImportId>, directory: &Directory) -> Option<Placed<'b>> {
    let account = directory.account(gift.account)?;
    let project = directory.project(gift.project)?;
    Some(Placed {
        gift,
        import,
        unit: account.unit,
        channel: account.channel,
        project,
    })
}

/// What the writer hands to every batch.
pub(super) struct Tools<'w> {
    pub accounts: &'w mut AccountCache,
    pub now: Instant,
    pub rng: &'w dyn Rng,
}

/// Writes a batch; nothing is committed here.
pub(super) async fn write(
    tx: &mut BulkTx<'_>,
    batch: &[Placed<'_>],
    tools: &mut Tools<'_>,
) -> Result<Vec<Outcome>, DbError> {
    let mut rows = Rows::with_capacity(&GIFTS, batch.len());
    for placed in batch {
        rows.push(gift_row(placed));
    }
    let is_new = tx.insert_new(&rows).await?;
    let mut outcomes: Vec<Outcome> = batch.iter().map(|p| Outcome::Recorded(p.gift.gift)).collect();
    let repeats: Vec<usize> = (0..batch.len()).filter(|&at| !is_new[at]).collect();
    let mut facts = WideFacts::with_capacity(batch.len());
    if !repeats.is_empty() {
        settle_repeats(tx, batch, &repeats, &mut outcomes, &mut facts, tools).await?;
    }
    write_new(tx, batch, &is_new, &mut facts, tools).await?;
    facts.write(tx).await?;
    Ok(outcomes)
}

fn gift_row(placed: &Placed<'_>) -> [Cell; 16] {
    let gift = placed.gift;
    let month = gift.phone_index.is_some().then(|| gift.business_day.to_number() / 100);
    [
        Cell::id(gift.gift),
        Cell::id(placed.unit),
        Cell::id(gift.account),
        gift.trade_no.as_str().into(),
        Cell::id(gift.project),
        placed.channel.as_str().into(),
        gift.amount.into(),
        gift.paid_at.into(),
        gift.business_day.into(),
        gift.source.into(),
        i64::from(gift.anonymous).into(),
        gift.payer_masked.as_deref().into(),
        month.into(),
        gift.phone_index.clone().into(),
        gift.secret_wrapped.clone().into(),
        gift.payer_sealed.clone().into(),
    ]
}

/// Unit, project, channel and day of a running total, in the order of its key.
type TotalKey = ([u8; 16], [u8; 16], &'static str, BusinessDay);

/// New gifts: postings, balances, totals, facts, and the lines of their import.
async fn write_new(
    tx: &mut BulkTx<'_>,
    batch: &[Placed<'_>],
    is_new: &[bool],
    facts: &mut WideFacts,
    tools: &mut Tools<'_>,
) -> Result<(), DbError> {
    let posting_day = tools.now.business_day();
    let mut totals: BTreeMap<TotalKey, (i64, i64)> = BTreeMap::new();
    let mut bookings = Vec::with_capacity(batch.len());
    let mut lines = Rows::with_capacity(&IMPORT_LINES, 0);
    let mut wishes = Rows::with_capacity(&receipts::WISHES, 0);
    for placed in batch
        .iter()
        .zip(is_new)
        .filter(|(_, new)| **new)
        .map(|(placed, _)| placed)
    {
        let (gift, project) = (placed.gift, &placed.project);
        bookings.push(GiftBooking {
            gift: gift.gift,
            unit: placed.unit,
            channel: placed.channel,
            project: project.id,
            campaign: project.campaign,
            fund: project.fund,
            restriction: project.restriction,
            amount: gift.amount,
            business_day: gift.business_day,
            posting_day,
        });
        let key = (
            project.unit.bytes(),
            project.id.bytes(),
            placed.channel.as_str(),
            gift.business_day,
        );
        let total = totals.entry(key).or_default();
        total.0 += 1;
        // Bounded by AMOUNT_FEN_MAX times GIFTS_PER_BATCH, far below 2^63.
        total.1 = total.1.saturating_add(gift.amount.get());
        let body = gift_fact(placed);
        facts.push(
            project.unit,
            "gift.confirmed",
            gift.gift.bytes(),
            tools.now,
            body,
            tools.rng,
        );
        if let Some(import) = placed.import {
            lines.push([Cell::id(import), Cell::id(gift.gift)]);
        }
        if let Some(wish) = gift.receipt {
            wishes.push(receipts::row(placed.unit, gift.gift, wish, tools.now));
        }
    }
    if bookings.is_empty() {
        return Ok(());
    }
    let mut books = Batch::with_capacity(bookings.len());
    tools.accounts.ensure_gifts(tx, &bookings, tools.now, tools.rng).await?;
    for booking in &bookings {
        books.add_gift(booking, tools.accounts)?;
    }
    books.write(tx).await?;
    let mut rows = Rows::with_capacity(&TOTALS, totals.len());
    for ((unit, project, channel, day), (gifts, sum)) in totals {
        rows.push([
            Cell::Id(unit),
            Cell::Id(project),
            channel.into(),
            day.into(),
            gifts.into(),
            sum.into(),
            0.into(),
            0.into(),
        ]);
    }
    tx.insert(&rows).await?;
    tx.insert(&wishes).await?;
    tx.insert(&lines).await
}

/// The fact of a gift: ids, codes, the amount. Written by hand because it is written a million times.
fn gift_fact(placed: &Placed<'_>) -> String {
    format!(
        r#"{{"project":"{}","account":"{}","channel":"{}","amount_fen":{},"day":"{}"}}"#,
        hex(&placed.project.id.bytes()),
        hex(&placed.gift.account.bytes()),
        placed.channel.as_str(),
        placed.gift.amount.get(),
        placed.gift.business_day,
    )
}

/// Numbers that were known: the same amount is answered again, another one is held.
async fn settle_repeats(
    tx: &mut BulkTx<'_>,
    batch: &[Placed<'_>],
    repeats: &[usize],
    outcomes: &mut [Outcome],
    facts: &mut WideFacts,
    tools: &Tools<'_>,
) -> Result<(), DbError> {
    let mut keys = Vec::with_capacity(repeats.len() * KNOWN.keys.len());
    for &at in repeats {
        let placed = &batch[at];
        keys.extend([
            Cell::id(placed.unit),
            Cell::id(placed.gift.account),
            placed.gift.trade_no.as_str().into(),
        ]);
    }
    let found = tx.find(&KNOWN, &keys).await?;
    let mut held = Vec::new();
    let mut differences = Rows::with_capacity(&DIFFERENCES, 0);
    for (&at, known) in repeats.iter().zip(found) {
        let placed = &batch[at];
        let Some(known) = known else {
            return Err(DbError::Contended("a repeated gift was not found".into()));
        };
        let id = gift_id(known[0].bytes())?;
        if known[1].int() != placed.gift.amount.get() {
            held.push((at, id));
            continue;
        }
        outcomes[at] = Outcome::Known(id);
        let mut differs = |field: &str, said: String| {
            let unit = Cell::id(placed.unit);
            differences.push([unit, Cell::id(id), field.into(), said.into(), tools.now.into()]);
        };
        if known[2].bytes() != placed.gift.project.bytes() {
            differs("project", hex(&placed.gift.project.bytes()));
        }
        if known[3].int() != placed.gift.business_day.to_number() {
            differs("business_day", placed.gift.business_day.to_string());
        }
    }
    tx.insert(&differences).await?;
    hold(tx, batch, &held, outcomes, facts, tools).await
}

async fn hold(
    tx: &mut BulkTx<'_>,
    batch: &[Placed<'_>],
    held: &[(usize, GiftId)],
    outcomes: &mut [Outcome],
    facts: &mut WideFacts,
    tools: &Tools<'_>,
) -> Result<(), DbError> {
    if held.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::with_capacity(&REVIEWS, held.len());
    let mut keys = Vec::new();
    let mut fresh = Vec::new();
    for (at, known) in held {
        let placed = &batch[*at];
        let review = ReviewId::new(tools.now, tools.rng);
        fresh.push(review);
        rows.push(review_row(placed, review, *known, tools.now));
        keys.extend([
            Cell::id(placed.unit),
            Cell::id(placed.gift.account),
            placed.gift.trade_no.as_str().into(),
            placed.gift.amount.into(),
        ]);
    }
    let new = tx.insert_new(&rows).await?;
    let found = tx.find(&REVIEW_BY_NUMBER, &keys).await?;
    let mut wishes = Rows::with_capacity(&receipts::WISHES, 0);
    for (index, ((at, known), row)) in held.iter().zip(found).enumerate() {
        let placed = &batch[*at];
        let review = match row {
            Some(row) => ReviewId::from_slice(row[0].bytes()).map_err(|e| unreadable(&e))?,
            None => fresh[index],
        };
        outcomes[*at] = Outcome::Held { review, known: *known };
        if new[index] {
            if let Some(wish) = placed.gift.receipt {
                wishes.push(receipts::row(placed.unit, review, wish, tools.now));
            }
            let body = gift_fact(placed);
            facts.push(
                placed.project.unit,
                "gift.held",
                review.bytes(),
                tools.now,
                body,
                tools.rng,
            );
        }
    }
    tx.insert(&wishes).await
}

fn review_row(placed: &Placed<'_>, review: ReviewId, known: GiftId, now: Instant) -> [Cell; 17] {
    let gift = placed.gift;
    [
        Cell::id(review),
        Cell::id(placed.unit),
        Cell::id(gift.account),
        gift.trade_no.as_str().into(),
        gift.amount.into(),
        Cell::id(gift.project),
        placed.channel.as_str().into(),
        gift.paid_at.into(),
        gift.business_day.into(),
        gift.source.into(),
        i64::from(gift.anonymous).into(),
        gift.payer_masked.as_deref().into(),
        gift.secret_wrapped.clone().into(),
        gift.payer_sealed.clone().into(),
        Cell::id(known),
        "waiting".into(),
        now.into(),
    ]
}

fn gift_id(bytes: &[u8]) -> Result<GiftId, DbError> {
    GiftId::from_slice(bytes).map_err(|e| unreadable(&e))
}
fn unreadable(error: &kernel::id::IdError) -> DbError {
    DbError::Row {
        column: "id".into(),
        why: error.to_string(),
    }
}
