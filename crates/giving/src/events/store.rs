//! The tables `offline_event`, `event_solicitor`, `giving_source`, `event_part`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, Fen, GiftId, Instant, UnitId};

use super::model::{
    Count, Counted, Deposit, Event, EventId, EventState, NewSource, Person, SolicitorId, Source, SourceId, SourceKind,
};

pub(super) const COLUMNS: &str = "e.id, e.unit_id, e.project_id, e.kind, e.title, e.held_on, e.state, e.first_by,
    e.first_fen, e.second_by, e.account_id, e.deposited_on, e.slip_no, e.deposited_by, e.gift_id, e.created_at";

fn missing(column: &str) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: "missing in this state".into(),
    }
}

pub(super) fn read(row: &Row) -> Result<Event, DbError> {
    let first = || {
        Ok::<_, DbError>(Count {
            by: row.opt_id("first_by")?.ok_or_else(|| missing("first_by"))?,
            amount: row.opt_fen("first_fen")?.ok_or_else(|| missing("first_fen"))?,
        })
    };
    let counted = || {
        let Count { by: first, amount } = first()?;
        let second = row.opt_id("second_by")?.ok_or_else(|| missing("second_by"))?;
        Ok::<_, DbError>(Counted { first, second, amount })
    };
    let deposit = || {
        Ok::<_, DbError>(Deposit {
            account: row.opt_id("account_id")?.ok_or_else(|| missing("account_id"))?,
            on: row.opt_day("deposited_on")?.ok_or_else(|| missing("deposited_on"))?,
            slip: row.opt_text("slip_no")?.ok_or_else(|| missing("slip_no"))?,
            by: row.opt_id("deposited_by")?.ok_or_else(|| missing("deposited_by"))?,
        })
    };
    let state = match row.text("state")?.as_str() {
        "counted_once" => EventState::CountedOnce(first()?),
        "counted" => EventState::Counted(counted()?),
        "deposited" => EventState::Deposited(counted()?, deposit()?),
        "booked" => EventState::Booked(
            counted()?,
            deposit()?,
            row.opt_id("gift_id")?.ok_or_else(|| missing("gift_id"))?,
        ),
        _ => EventState::Planned,
    };
    Ok(Event {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        kind: row.word("kind")?,
        title: row.text("title")?,
        held_on: row.day("held_on")?,
        state,
        created_at: row.instant("created_at")?,
    })
}

/// An event.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn event(at: &mut impl Reads, id: EventId) -> Result<Option<Event>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM offline_event e WHERE e.id = ?1");
    at.query_one(&sql, params![(id,)]).await?.as_ref().map(read).transpose()
}

/// The event that was planned under this key.
pub(super) async fn by_key(tx: &mut Tx, unit: UnitId, key: &str) -> Result<Option<Event>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM offline_event e WHERE e.unit_id = ?1 AND e.request_key = ?2");
    let row = tx.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

/// An event, its row held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: EventId) -> Result<Option<Event>, DbError> {
    if tx.backend() == Backend::Postgres {
        tx.query("SELECT id FROM offline_event WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    event(tx, id).await
}

pub(super) async fn insert(tx: &mut Tx, event: &Event, key: &str) -> Result<(), DbError> {
    let row = params![
        (event.id,),
        (event.unit,),
        (event.project,),
        event.kind.as_str(),
        &event.title,
        event.held_on,
        event.state.as_str(),
        key,
        event.created_at
    ];
    let sql =
        "INSERT INTO offline_event (id, unit_id, project_id, kind, title, held_on, state, request_key, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes where an event's takings are; its row is held by the caller.
pub(super) async fn put_state(tx: &mut Tx, event: &Event) -> Result<(), DbError> {
    let (first, second, deposit, gift) = match &event.state {
        EventState::Planned => (None, None, None, None),
        EventState::CountedOnce(first) => (Some(*first), None, None, None),
        EventState::Counted(c) => (Some(c.as_first()), Some(c.second), None, None),
        EventState::Deposited(c, d) => (Some(c.as_first()), Some(c.second), Some(d), None),
        EventState::Booked(c, d, gift) => (Some(c.as_first()), Some(c.second), Some(d), Some(*gift)),
    };
    let row = params![
        (event.id,),
        event.state.as_str(),
        first.map(|count| (count.by,)),
        first.map(|count| count.amount),
        second.map(|by| (by,)),
        deposit.map(|deposit| (deposit.account,)),
        deposit.map(|deposit| deposit.on),
        deposit.map(|deposit| deposit.slip.as_str()),
        deposit.map(|deposit| (deposit.by,)),
        gift.map(|gift| (gift,))
    ];
    let sql = "UPDATE offline_event SET state = ?2, first_by = ?3, first_fen = ?4, second_by = ?5, account_id = ?6,
        deposited_on = ?7, slip_no = ?8, deposited_by = ?9, gift_id = ?10 WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

/// The event whose gift this is.
pub(super) async fn of_gift(at: &mut impl Reads, gift: GiftId) -> Result<Option<EventId>, DbError> {
    let sql = "SELECT id FROM offline_event WHERE gift_id = ?1";
    at.query_one(sql, params![(gift,)])
        .await?
        .map(|row| row.id("id"))
        .transpose()
}

/// A solicitor to be kept, sealed.
pub(super) struct SolicitorRow {
    pub id: SolicitorId,
    pub unit: UnitId,
    pub event: EventId,
    pub sealed: Vec<u8>,
    pub minor: bool,
    pub consented_on: Option<BusinessDay>,
}

/// Keeps a solicitor; false when the form was sent before.
pub(super) async fn insert_solicitor(
    tx: &mut Tx,
    row: &SolicitorRow,
    key: &str,
    now: Instant,
) -> Result<bool, DbError> {
    let values = params![
        (row.id,),
        (row.unit,),
        (row.event,),
        row.sealed.clone(),
        row.minor,
        row.consented_on,
        key,
        now
    ];
    let sql = "INSERT INTO event_solicitor (id, unit_id, event_id, person_sealed, minor, consented_on, request_key,
            created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (unit_id, event_id, request_key) DO NOTHING";
    Ok(tx.execute(sql, values).await? == 1)
}

/// A solicitor as stored.
pub(super) struct KeptSolicitor {
    pub id: SolicitorId,
    pub sealed: Vec<u8>,
    pub minor: bool,
    pub consented_on: Option<BusinessDay>,
}

/// The solicitors of an event, oldest first.
pub(super) async fn solicitors(at: &mut impl Reads, event: EventId, limit: i64) -> Result<Vec<KeptSolicitor>, DbError> {
    let sql = "SELECT id, person_sealed, minor, consented_on FROM event_solicitor WHERE event_id = ?1
        ORDER BY id LIMIT ?2";
    let rows = at.query(sql, params![(event,), limit]).await?;
    rows.iter().map(kept_solicitor).collect()
}

/// One solicitor of an event.
pub(super) async fn solicitor(
    at: &mut impl Reads,
    (event, id): (EventId, SolicitorId),
) -> Result<Option<KeptSolicitor>, DbError> {
    let sql = "SELECT id, person_sealed, minor, consented_on FROM event_solicitor WHERE event_id = ?1 AND id = ?2";
    let row = at.query_one(sql, params![(event,), (id,)]).await?;
    row.as_ref().map(kept_solicitor).transpose()
}

fn kept_solicitor(row: &Row) -> Result<KeptSolicitor, DbError> {
    Ok(KeptSolicitor {
        id: row.id("id")?,
        sealed: row.bytes("person_sealed")?,
        minor: row.flag("minor")?,
        consented_on: row.opt_day("consented_on")?,
    })
}

/// Keeps a source, or begins one anew that was ended; false when it is known.
pub(super) async fn insert_source(
    tx: &mut Tx,
    (id, unit): (SourceId, UnitId),
    source: &NewSource,
    now: Instant,
) -> Result<bool, DbError> {
    let sql = "INSERT INTO giving_source (id, unit_id, kind, name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (unit_id, kind, name) DO UPDATE SET ended_at = NULL, ended_by = NULL, end_reason = NULL
        WHERE giving_source.ended_at IS NOT NULL";
    let row = params![(id,), (unit,), source.kind.as_str(), &source.name, now];
    Ok(tx.execute(sql, row).await? == 1)
}

/// A source by its county, kind and name; one that was ended only where it stands with this event already.
pub(super) async fn source(
    at: &mut impl Reads,
    (unit, event): (UnitId, EventId),
    (kind, name): (SourceKind, &str),
) -> Result<Option<SourceId>, DbError> {
    let sql = "SELECT s.id FROM giving_source s WHERE s.unit_id = ?1 AND s.kind = ?2 AND s.name = ?3
        AND (s.ended_at IS NULL OR EXISTS (
            SELECT 1 FROM event_part p WHERE p.source_id = s.id AND p.unit_id = ?1 AND p.event_id = ?4))";
    at.query_one(sql, params![(unit,), kind.as_str(), name, (event,)])
        .await?
        .map(|row| row.id("id"))
        .transpose()
}

pub(super) const SOURCE: &str = "SELECT s.id, s.unit_id, s.kind, s.name, s.created_at, s.ended_at, s.end_reason
    FROM giving_source s";

pub(super) fn read_source(row: &Row) -> Result<Source, DbError> {
    let ended_at = row.opt_instant("ended_at")?;
    Ok(Source {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        kind: row.word("kind")?,
        name: row.text("name")?,
        created_at: row.instant("created_at")?,
        ended: ended_at.zip(row.opt_text("end_reason")?),
    })
}

/// A source, its row held until the transaction ends.
pub(super) async fn lock_source(tx: &mut Tx, id: SourceId) -> Result<Option<Source>, DbError> {
    if tx.backend() == Backend::Postgres {
        tx.query("SELECT id FROM giving_source WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    let row = tx
        .query_one(&format!("{SOURCE} WHERE s.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_source).transpose()
}

/// Writes kind, name and end of a source; its row is held by the caller.
pub(super) async fn put_source(tx: &mut Tx, source: &Source, by: ActorId) -> Result<(), DbError> {
    let (at, reason) = source.ended.clone().unzip();
    let row = params![
        (source.id,),
        source.kind.as_str(),
        &source.name,
        at,
        at.map(|_| (by,)),
        reason
    ];
    let sql = "UPDATE giving_source SET kind = ?2, name = ?3, ended_at = ?4, ended_by = ?5, end_reason = ?6
        WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

/// Puts the parts of an event's takings in the place of those before; they are no postings, only whence the money came.
pub(super) async fn put_parts(
    tx: &mut Tx,
    (unit, event): (UnitId, EventId),
    parts: &[(SourceId, Fen)],
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM event_part WHERE unit_id = ?1 AND event_id = ?2",
        params![(unit,), (event,)],
    )
    .await?;
    for (source, amount) in parts {
        let sql = "INSERT INTO event_part (unit_id, event_id, source_id, amount_fen, noted_at)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        tx.execute(sql, params![(unit,), (event,), (*source,), *amount, now])
            .await?;
    }
    Ok(())
}

/// The words of a sealed solicitor, for the caller that may read them.
pub(super) fn person(plain: &[u8]) -> Result<Person, DbError> {
    serde_json::from_slice(plain).map_err(|error| DbError::Row {
        column: "event_solicitor.person_sealed".into(),
        why: error.to_string(),
    })
}
