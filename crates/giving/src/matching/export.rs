//! Decisions and gifts as they are exported: everything that recomputing needs, nothing that names anybody.

use db::{DbError, Reads, Row};
use kernel::Fen;
use kernel::id::{hex, public};
use platform::Services;

use super::model::{Act, Pool};
use super::queries::{self, PoolView};
use super::rules::{PastGift, PoolRecord, RecordedGift, RecordedRow};
use super::store::read_decision;

/// Decisions read at once: a page of a stream.
pub const ROWS_PER_PAGE: i64 = 2_000;

/// The head of a CSV of decisions.
pub const CSV_HEAD: &str = "pool,number,act,gift,project,offered_yuan,given_yuan,reason,cap,left_before_yuan,left_after_yuan,refunded_yuan,person,payer_kind\n";

/// The head of a CSV of gifts.
pub const GIFTS_CSV_HEAD: &str = "gift,project,unit,channel,amount_yuan,paid_at,person,payer_kind\n";

/// A pool as it is exported; the seed only once it is closed. Nothing without a rule.
pub fn pool_record(view: &PoolView) -> Option<PoolRecord> {
    Some(PoolRecord {
        pool: view.pool.code.clone(),
        priority: view.pool.priority,
        rule: view.rule.clone()?,
        locked_fen: view.pool.locked,
        commitment: view.pool.commitment.as_deref().map(hex).unwrap_or_default(),
        seed: view.pool.seed.as_deref().map(hex),
        closing_number: view.pool.closing_number,
        given_fen: view.tallies.given,
    })
}

/// One page of a pool's decisions after a running number, each with its gift.
///
/// # Errors
/// Any [`DbError`].
pub async fn page(
    at: &mut impl Reads,
    services: &Services,
    pool: &Pool,
    after: i64,
) -> Result<Vec<(RecordedRow, Option<RecordedGift>)>, DbError> {
    let rows = queries::decided_after(at, pool, after, ROWS_PER_PAGE).await?;
    rows.iter().map(|row| read(row, services, pool)).collect()
}

fn read(row: &Row, services: &Services, pool: &Pool) -> Result<(RecordedRow, Option<RecordedGift>), DbError> {
    let decision = read_decision(row)?;
    let project = row.text("project_code")?;
    let unit = public(&*services.keys, row.id::<kernel::UnitId>("project_unit")?);
    let id = decision.gift.map(|gift| public(&*services.keys, gift));
    let gift = match &id {
        Some(id) => Some(RecordedGift {
            gift: id.clone(),
            project: project.clone(),
            unit: unit.clone(),
            region: Some(row.word("project_region")?),
            channel: row.word("channel")?,
            amount_fen: row.fen("amount_fen")?,
            paid_at: row.instant("paid_at")?,
        }),
        None => None,
    };
    let recorded = RecordedRow {
        pool: pool.code.clone(),
        number: decision.number,
        act: decision.act,
        gift: id,
        project,
        unit,
        offered_fen: decision.offered,
        given_fen: decision.given,
        reason: decision.reason,
        cap: decision.cap,
        before_fen: decision.before,
        after_fen: decision.after,
        refunded_fen: decision.refunded,
        person: decision.person.map(|person| hex(&person.0)),
        payer_kind: decision.payer_kind,
    };
    Ok((recorded, gift))
}

/// A decision as a line of CSV; no field can hold a comma or a quote.
pub fn csv_line(row: &RecordedRow) -> String {
    let yuan = |fen: Fen| fen.to_yuan();
    format!(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
        row.pool,
        row.number,
        row.act.as_str(),
        row.gift.as_deref().unwrap_or(""),
        row.project,
        yuan(row.offered_fen),
        yuan(row.given_fen),
        row.reason.as_str(),
        row.cap.map_or("", super::model::Cap::as_str),
        yuan(row.before_fen),
        yuan(row.after_fen),
        yuan(row.refunded_fen),
        row.person.as_deref().unwrap_or(""),
        row.payer_kind.as_str(),
    )
}

/// The gift of the row with which a pool first decided about it, so that of all its rows it is told once; its payer by
/// the pool's own name for them.
pub fn decided_gift(row: &RecordedRow, gift: Option<&RecordedGift>) -> Option<PastGift> {
    let gift = gift.filter(|_| row.act == Act::Decided)?;
    Some(PastGift {
        gift: gift.clone(),
        refunded_fen: Fen::ZERO,
        person: row.person.clone(),
        payer_kind: Some(row.payer_kind),
    })
}

/// A gift as a line of CSV; no field can hold a comma or a quote.
pub fn gift_csv_line(past: &PastGift) -> String {
    let gift = &past.gift;
    format!(
        "{},{},{},{},{},{},{},{}\n",
        gift.gift,
        gift.project,
        gift.unit,
        gift.channel.as_str(),
        gift.amount_fen.to_yuan(),
        gift.paid_at.to_rfc3339(),
        past.person.as_deref().unwrap_or(""),
        past.payer_kind.map_or("", super::model::PayerKind::as_str),
    )
}
