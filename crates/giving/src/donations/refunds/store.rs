//! The table `gift_refund`, and what a refund needs of `gift`, `gift_total` and `gift_import`.

use db::{Backend, DbError, Param as _, Reads, Row, Tx, Value, order_by, params, past};
use kernel::{
    ActorId, BusinessDay, Channel, Fen, GiftId, ImportId, Instant, JournalId, Order, ProjectId, RefundId, UnitId,
};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Refund, RefundReason, RefundState};

/// Refunds of one gift: each takes a fen at least, but nobody gives a gift back in more parts than this.
pub const REFUNDS_OF_GIFT_MAX: i64 = 100;

const REFUND: &str = "SELECT id, unit_id, gift_id, amount_fen, reason, state, requested_by, requested_at, decided_by,
    decided_at, business_day, journal_id FROM gift_refund";

/// A gift as a refund needs it.
#[derive(Debug, Clone, Copy)]
pub struct BookedGift {
    /// The gift.
    pub id: GiftId,
    /// The unit in whose books it stands.
    pub unit: UnitId,
    /// Its project.
    pub project: ProjectId,
    /// The unit of the project, for which totals count.
    pub project_unit: UnitId,
    /// How it came.
    pub channel: Channel,
    /// Its amount.
    pub amount: Fen,
    /// Its business day.
    pub business_day: BusinessDay,
}

fn read(row: &Row) -> Result<Refund, DbError> {
    let missing = |column: &str| DbError::Row {
        column: column.to_owned(),
        why: "missing in this state".into(),
    };
    let decided = || {
        let by: ActorId = row.opt_id("decided_by")?.ok_or_else(|| missing("decided_by"))?;
        let at = row.opt_instant("decided_at")?.ok_or_else(|| missing("decided_at"))?;
        Ok::<_, DbError>((by, at))
    };
    let state = match row.text("state")?.as_str() {
        "approved" => {
            let (by, at) = decided()?;
            let journal: JournalId = row.opt_id("journal_id")?.ok_or_else(|| missing("journal_id"))?;
            RefundState::Approved { by, at, journal }
        }
        "rejected" => {
            let (by, at) = decided()?;
            RefundState::Rejected { by, at }
        }
        _ => RefundState::Requested,
    };
    Ok(Refund {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        gift: row.id("gift_id")?,
        amount: row.fen("amount_fen")?,
        reason: row.word::<RefundReason>("reason")?,
        requested_by: row.id("requested_by")?,
        requested_at: row.instant("requested_at")?,
        business_day: row.day("business_day")?,
        state,
    })
}

const BOOKED: &str = "SELECT g.id, g.unit_id, g.project_id, p.unit_id AS project_unit, g.channel, g.amount_fen,
    g.business_day FROM gift g JOIN project p ON p.id = g.project_id";

pub(super) fn read_booked(row: &Row) -> Result<BookedGift, DbError> {
    Ok(BookedGift {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        project_unit: row.id("project_unit")?,
        channel: row.word("channel")?,
        amount: row.fen("amount_fen")?,
        business_day: row.day("business_day")?,
    })
}

/// A refund by its id.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn find(at: &mut impl Reads, id: RefundId) -> Result<Option<Refund>, DbError> {
    at.query_one(&format!("{REFUND} WHERE id = ?1"), params![(id,)])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// All refunds of a gift, oldest first.
pub async fn of_gift(at: &mut impl Reads, unit: UnitId, gift: GiftId) -> Result<Vec<Refund>, DbError> {
    let sql = format!("{REFUND} WHERE unit_id = ?1 AND gift_id = ?2 ORDER BY id LIMIT ?3");
    at.query(&sql, params![(unit,), (gift,), REFUNDS_OF_GIFT_MAX])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Refunds in a state, in this order, after the amount and id of the last one seen; what was taken back with an import
/// is not among them.
pub async fn list(
    at: &mut impl Reads,
    (state, order): (&str, Order),
    (scope, tree): (&Scope, &UnitTree),
    after: Option<(Fen, RefundId)>,
    limit: i64,
) -> Result<Vec<Refund>, DbError> {
    let mut values = params![limit, state];
    let within = scope.condition("unit_id", tree, &mut values);
    let behind = past(order, after, &mut values);
    let sql = format!(
        "{REFUND} WHERE {within} AND state = ?2 AND reason <> 'import_reversal' AND {behind} ORDER BY {} LIMIT ?1",
        order_by(order)
    );
    at.query(&sql, values).await?.iter().map(read).collect()
}

/// The refund that was asked for under this key.
pub(super) async fn by_key(tx: &mut Tx, unit: UnitId, key: &str) -> Result<Option<Refund>, DbError> {
    let sql = format!("{REFUND} WHERE unit_id = ?1 AND request_key = ?2");
    tx.query_one(&sql, params![(unit,), key])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Holds the gift's row until this transaction ends, then reads it: whoever decides about its refunds comes after.
/// SQLite has one writer anyway.
pub(super) async fn lock_gift(tx: &mut Tx, id: GiftId) -> Result<Option<BookedGift>, DbError> {
    if tx.backend() == Backend::Postgres {
        tx.query("SELECT id FROM gift WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    tx.query_one(&format!("{BOOKED} WHERE g.id = ?1"), params![(id,)])
        .await?
        .as_ref()
        .map(read_booked)
        .transpose()
}

/// Holds the gift's row until this transaction ends.
pub(crate) async fn hold_gift(tx: &mut Tx, id: GiftId) -> Result<(), DbError> {
    lock_gift(tx, id).await.map(drop)
}

pub(super) async fn insert(tx: &mut Tx, refund: &Refund, key: &str) -> Result<(), DbError> {
    let row = params![
        (refund.id,),
        (refund.unit,),
        (refund.gift,),
        refund.amount,
        refund.reason.as_str(),
        refund.state.as_str(),
        (refund.requested_by,),
        refund.requested_at,
        refund.business_day,
        key
    ];
    let sql = "INSERT INTO gift_refund (id, unit_id, gift_id, amount_fen, reason, state, requested_by, requested_at,
            business_day, request_key)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes a decision; the gift's row is held by the caller.
pub(super) async fn decide(tx: &mut Tx, refund: &Refund) -> Result<(), DbError> {
    let (by, at, journal) = match refund.state {
        RefundState::Requested => return Ok(()),
        RefundState::Approved { by, at, journal } => (by, at, Some(journal)),
        RefundState::Rejected { by, at } => (by, at, None),
    };
    let row = params![
        (refund.id,),
        refund.state.as_str(),
        (by,),
        at,
        refund.business_day,
        journal.map(|j| (j,))
    ];
    let sql = "UPDATE gift_refund SET state = ?2, decided_by = ?3, decided_at = ?4, business_day = ?5, journal_id = ?6
        WHERE id = ?1 AND state = 'requested'";
    tx.execute(sql, row).await.map(drop)
}

/// What changes of the totals of a project, channel and day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TotalChange {
    pub gifts: i64,
    pub sum: Fen,
    pub refunds: i64,
    pub refund_sum: Fen,
}

/// Adds to the totals; rows are touched one at a time, so callers with several go in the order of the key.
pub(super) async fn add_total(
    tx: &mut Tx,
    (unit, project, channel, day): (UnitId, ProjectId, Channel, BusinessDay),
    change: TotalChange,
) -> Result<(), DbError> {
    let row = params![
        (unit,),
        (project,),
        channel.as_str(),
        day,
        change.gifts,
        change.sum,
        change.refunds,
        change.refund_sum
    ];
    let sql = "INSERT INTO gift_total (unit_id, project_id, channel, business_day, gifts, sum_fen, refunds, refund_fen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (unit_id, project_id, channel, business_day) DO UPDATE SET
            gifts = gift_total.gifts + excluded.gifts, sum_fen = gift_total.sum_fen + excluded.sum_fen,
            refunds = gift_total.refunds + excluded.refunds, refund_fen = gift_total.refund_fen + excluded.refund_fen";
    tx.execute(sql, row).await.map(drop)
}

/// Holds an import's row until this transaction ends; gives its unit, state and when it began.
pub(super) async fn lock_import(tx: &mut Tx, id: ImportId) -> Result<Option<(UnitId, String, Instant)>, DbError> {
    let lock = if tx.backend() == Backend::Postgres {
        " FOR UPDATE"
    } else {
        ""
    };
    let sql = format!("SELECT unit_id, state, started_at FROM gift_import WHERE id = ?1{lock}");
    let row = tx.query_one(&sql, params![(id,)]).await?;
    row.map(|row| Ok((row.id("unit_id")?, row.text("state")?, row.instant("started_at")?)))
        .transpose()
}

pub(super) async fn set_import_state(tx: &mut Tx, id: ImportId, state: &str) -> Result<(), DbError> {
    tx.execute("UPDATE gift_import SET state = ?2 WHERE id = ?1", params![(id,), state])
        .await
        .map(drop)
}

/// The next gifts of an import, held, with whether each stays: it has refunds that were not rejected, or backs a pool.
pub(super) async fn lock_lines(
    tx: &mut Tx,
    import: ImportId,
    after: GiftId,
    limit: i64,
) -> Result<Vec<(BookedGift, bool)>, DbError> {
    let key = params![(import,), (after,), limit];
    if tx.backend() == Backend::Postgres {
        let sql = "SELECT g.id FROM gift_import_line l JOIN gift g ON g.id = l.gift_id
            WHERE l.import_id = ?1 AND l.gift_id > ?2 ORDER BY l.gift_id LIMIT ?3 FOR UPDATE OF g";
        tx.query(sql, key.clone()).await?;
    }
    let sql = "SELECT g.id, g.unit_id, g.project_id, p.unit_id AS project_unit, g.channel, g.amount_fen,
            g.business_day, CAST(CASE WHEN EXISTS (SELECT 1 FROM gift_refund r WHERE r.unit_id = g.unit_id
                AND r.gift_id = g.id AND r.state <> 'rejected')
                OR EXISTS (SELECT 1 FROM match_pool m WHERE m.backing_gift_id = g.id)
                THEN 1 ELSE 0 END AS BIGINT) AS stays
        FROM gift_import_line l JOIN gift g ON g.id = l.gift_id JOIN project p ON p.id = g.project_id
        WHERE l.import_id = ?1 AND l.gift_id > ?2 ORDER BY l.gift_id LIMIT ?3";
    let rows = tx.query(sql, key).await?;
    rows.iter()
        .map(|row| Ok((read_booked(row)?, row.flag("stays")?)))
        .collect()
}

/// Marks gifts as taken back, in one statement, and gives their numbers free in another.
pub(super) async fn mark_taken_back(
    tx: &mut Tx,
    gifts: &[(RefundId, BookedGift, JournalId)],
    (by, now): (ActorId, Instant),
    suffix: &str,
) -> Result<(), DbError> {
    let mut values: Vec<Value> = params![(by,), now];
    let mut marks = Vec::with_capacity(gifts.len());
    for (id, gift, journal) in gifts {
        let n = values.len();
        values.extend(params![
            (*id,),
            (gift.unit,),
            (gift.id,),
            gift.amount,
            gift.business_day,
            (*journal,)
        ]);
        marks.push(format!(
            "(?{}, ?{}, ?{}, ?{}, 'import_reversal', 'approved', ?1, ?2, ?1, ?2, ?{}, ?{})",
            n + 1,
            n + 2,
            n + 3,
            n + 4,
            n + 5,
            n + 6
        ));
    }
    let sql = format!(
        "INSERT INTO gift_refund (id, unit_id, gift_id, amount_fen, reason, state, requested_by, requested_at,
            decided_by, decided_at, business_day, journal_id) VALUES {}",
        marks.join(", ")
    );
    tx.execute(&sql, values).await?;
    let mut values: Vec<Value> = params![suffix];
    let marks: Vec<String> = gifts
        .iter()
        .map(|(_, gift, _)| {
            values.push((gift.id,).param());
            format!("?{}", values.len())
        })
        .collect();
    let sql = format!(
        "UPDATE gift SET trade_no = trade_no || ?1 WHERE id IN ({})",
        marks.join(", ")
    );
    tx.execute(&sql, values).await.map(drop)
}

/// How many gifts of an import were taken back, their sum, and how many were kept because they have refunds.
pub(super) async fn outcome_of(at: &mut impl Reads, import: ImportId) -> Result<(i64, Fen, i64), DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(back), 0) AS BIGINT) AS gifts,
            CAST(COALESCE(SUM(back * amount_fen), 0) AS BIGINT) AS sum_fen,
            CAST(COALESCE(SUM(1 - back), 0) AS BIGINT) AS kept
        FROM (SELECT g.amount_fen, CASE WHEN EXISTS (SELECT 1 FROM gift_refund r WHERE r.unit_id = g.unit_id
                AND r.gift_id = g.id AND r.reason = 'import_reversal') THEN 1 ELSE 0 END AS back
            FROM gift_import_line l JOIN gift g ON g.id = l.gift_id WHERE l.import_id = ?1) AS line";
    let row = at.query_one(sql, params![(import,)]).await?;
    row.map_or(Ok((0, Fen::ZERO, 0)), |row| {
        Ok((row.int("gifts")?, row.fen("sum_fen")?, row.int("kept")?))
    })
}
