//! One batch of gifts in one transaction: what goes into which table, and what each gift is answered.

use std::sync::Arc;

use db::DbError;
use db::bulk::{BulkTx, Cell, Kind, Lookup, Rows, Shape};
use kernel::id::{Id, hex};
use kernel::{Channel, GiftId, ImportId, Instant, ReviewId, UnitId};
use platform::facts::WideFacts;

use super::super::Outcome;
use super::super::receipts::{ReceiptWish, store as receipts};
use super::book::{Booked, Booker, GIFTS, add_matches, fact_of};
use super::{Directory, Matching, Prepared};
use crate::matching::model::Review;
use crate::matching::wide::{Grant, Wish, decide};

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

/// A gift with what the directory says about its account and project.
pub(super) struct Placed<'b> {
    pub gift: &'b Prepared,
    pub import: Option<ImportId>,
    pub unit: UnitId,
    pub channel: Channel,
    pub project: Arc<super::ProjectEntry>,
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
    pub book: Booker<'w>,
    pub directory: &'w Directory,
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
    let new = || {
        batch
            .iter()
            .zip(&is_new)
            .filter(|(_, new)| **new)
            .map(|(placed, _)| placed)
    };
    let mut wishes = Rows::with_capacity(&receipts::WISHES, 0);
    for placed in new() {
        if let Some(wish) = placed.gift.receipt {
            wishes.push(receipts::row(placed.unit, placed.gift.gift, wish, tools.book.now));
        }
    }
    tx.insert(&wishes).await?;
    let mut outcomes: Vec<Outcome> = batch.iter().map(|p| Outcome::Recorded(p.gift.gift)).collect();
    let repeats: Vec<usize> = (0..batch.len()).filter(|&at| !is_new[at]).collect();
    let mut facts = WideFacts::with_capacity(batch.len());
    if !repeats.is_empty() {
        settle_repeats(tx, batch, &repeats, &mut outcomes, &mut facts, &tools.book).await?;
    }
    let grants = decide_matches(tx, new(), tools).await?;
    let mut booked: Vec<Booked<'_>> = new().map(booked_of).collect();
    add_matches(tx, &grants, &mut booked, &tools.book).await?;
    tools.book.book(tx, &booked, &mut facts).await?;
    facts.write(tx).await?;
    Ok(outcomes)
}

/// What the open pools give for new gifts; nothing is read while none is open.
async fn decide_matches<'p>(
    tx: &mut BulkTx<'_>,
    new: impl Iterator<Item = &'p Placed<'p>>,
    tools: &Tools<'_>,
) -> Result<Vec<Grant>, DbError> {
    if !tools.directory.has_pools() {
        return Ok(Vec::new());
    }
    let wish = |placed: &'p Placed<'p>| {
        let review = match placed.gift.matching {
            Matching::Not => return None,
            Matching::Wait => Review::Hold,
            Matching::ByRule if is_marked(tools.directory, placed.gift) => Review::Hold,
            Matching::ByRule => Review::No,
        };
        let pools = tools.directory.pools_of(placed.project.id);
        let gift = placed.gift;
        (!pools.is_empty()).then(|| Wish {
            pools,
            gift: gift.gift,
            project: Arc::clone(&placed.project),
            channel: placed.channel,
            amount: gift.amount,
            paid_at: gift.paid_at,
            payer: gift.payer_index.as_deref(),
            payer_kind: gift.payer_kind,
            review,
        })
    };
    let wishes: Vec<Wish<'_>> = new.filter_map(wish).collect();
    decide(tx, &wishes, &tools.book).await
}

/// Whether screening marked who gives, by number or telephone.
fn is_marked(directory: &Directory, gift: &Prepared) -> bool {
    let marked = |source: Option<&Vec<u8>>| directory.is_marked(gift.business_day, source.map(Vec::as_slice));
    marked(gift.payer_index.as_ref()) || marked(gift.phone_index.as_ref())
}

fn booked_of<'p>(placed: &'p Placed<'p>) -> Booked<'p> {
    Booked {
        gift: placed.gift.gift,
        account: placed.gift.account,
        unit: placed.unit,
        channel: placed.channel,
        project: &placed.project,
        amount: placed.gift.amount,
        business_day: placed.gift.business_day,
        import: placed.import,
        match_of: None,
    }
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

/// Numbers that were known: the same amount is answered again, another one is held.
async fn settle_repeats(
    tx: &mut BulkTx<'_>,
    batch: &[Placed<'_>],
    repeats: &[usize],
    outcomes: &mut [Outcome],
    facts: &mut WideFacts,
    tools: &Booker<'_>,
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
    other_wishes(tx, batch, (repeats, outcomes), tools.now, &mut differences).await?;
    tx.insert(&differences).await?;
    hold(tx, batch, &held, outcomes, facts, tools).await
}

/// Repeats that say something else about the receipt than what is kept.
async fn other_wishes(
    tx: &mut BulkTx<'_>,
    batch: &[Placed<'_>],
    (repeats, outcomes): (&[usize], &[Outcome]),
    now: Instant,
    differences: &mut Rows,
) -> Result<(), DbError> {
    let said = repeats.iter().filter_map(|&at| match outcomes[at] {
        Outcome::Known(gift) => batch[at].gift.receipt.map(|wish| (batch[at].unit, gift, wish)),
        _ => None,
    });
    let said: Vec<_> = said.collect();
    if said.is_empty() {
        return Ok(());
    }
    let keys: Vec<Cell> = said
        .iter()
        .flat_map(|(unit, gift, _)| [Cell::id(*unit), Cell::id(*gift)])
        .collect();
    let kept = tx.find(&receipts::WISH_OF, &keys).await?;
    for ((unit, gift, wish), kept) in said.into_iter().zip(kept) {
        // Nothing said is pending.
        let kept = kept.map_or_else(
            || ReceiptWish::Pending.as_str().into(),
            |mut cells| cells.swap_remove(0),
        );
        if kept != Cell::from(wish.as_str()) {
            differences.push([
                Cell::id(unit),
                Cell::id(gift),
                "receipt".into(),
                wish.as_str().into(),
                now.into(),
            ]);
        }
    }
    Ok(())
}

async fn hold(
    tx: &mut BulkTx<'_>,
    batch: &[Placed<'_>],
    held: &[(usize, GiftId)],
    outcomes: &mut [Outcome],
    facts: &mut WideFacts,
    tools: &Booker<'_>,
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
            let body = fact_of(&booked_of(placed));
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
