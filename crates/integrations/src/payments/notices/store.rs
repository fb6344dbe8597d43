//! The table `payment_notice`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, ReceivingAccountId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::actions::Record;

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The account.
    pub account: ReceivingAccountId,
    /// The provider's number of the notice, or `refused:{day}:{reason}`.
    pub event: String,
    /// Its kind.
    pub kind: String,
    /// Our number of the order or refund that it is about.
    pub trade_no: Option<String>,
    /// What became of it, the first time: `recorded`, `known`, `held`, `noted`, `refused`, `failed`.
    pub outcome: String,
    /// How often it came.
    pub times: i64,
    /// When it came first.
    pub first_at: Instant,
    /// When it came last.
    pub last_at: Instant,
}

pub(super) async fn upsert(
    tx: &mut Tx,
    (unit, account): (UnitId, ReceivingAccountId),
    record: &Record<'_>,
    now: Instant,
) -> Result<(), DbError> {
    let row = params![
        (unit,),
        (account,),
        record.event,
        record.kind,
        record.trade_no.map(str::to_owned),
        record.outcome,
        now
    ];
    // The first outcome stands, but for one that failed: a repeat that went well is what counts then.
    let sql = "INSERT INTO payment_notice (unit_id, account_id, event, kind, trade_no, outcome, times, first_at, last_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7)
        ON CONFLICT (unit_id, account_id, event) DO UPDATE SET times = payment_notice.times + 1,
            last_at = excluded.last_at,
            outcome = CASE WHEN payment_notice.outcome = 'failed' THEN excluded.outcome ELSE payment_notice.outcome END";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn delete_before(tx: &mut Tx, before: Instant) -> Result<u64, DbError> {
    tx.execute("DELETE FROM payment_notice WHERE last_at < ?1", params![before])
        .await
}

/// The latest rows, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn latest(at: &mut impl Reads, (scope, tree): (&Scope, &UnitTree), limit: i64) -> Result<Vec<Seen>, DbError> {
    let mut values = params![limit];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!(
        "SELECT account_id, event, kind, trade_no, outcome, times, first_at, last_at FROM payment_notice
        WHERE {within} ORDER BY last_at DESC, event LIMIT ?1"
    );
    let read = |row: &Row| {
        Ok(Seen {
            account: row.id("account_id")?,
            event: row.text("event")?,
            kind: row.text("kind")?,
            trade_no: row.opt_text("trade_no")?,
            outcome: row.text("outcome")?,
            times: row.int("times")?,
            first_at: row.instant("first_at")?,
            last_at: row.instant("last_at")?,
        })
    };
    at.query(&sql, values).await?.iter().map(read).collect()
}
