//! The tables of screening, and gifts as it reads them.

use std::collections::BTreeSet;

use db::{Backend, DbError, Param as _, Reads, Row, Tx, list_mark, list_marks, params, wide_values};
use kernel::{BusinessDay, Fen, GiftId, Instant, ProjectId, UnitId};

use super::model::{Hold, HoldState, SourceKind, Trace};

/// Gifts of one source looked at in a day: far above every limit; a source with more is held anyway.
const TRACES_MAX: i64 = 2_000;
/// Marked sources of two days that the intake keeps in memory; more is an attack that other limits stop.
const MARKED_MAX: i64 = 100_000;
/// Sponsors of one installation.
const SPONSORS_MAX: i64 = 2_000;
/// Rows of one wide insert.
const ROWS_PER_INSERT: usize = 400;
/// Sources asked for in one statement.
const SOURCES_PER_STATEMENT: usize = 2_000;

/// A gift with its sealed payer.
pub struct SealedGift {
    /// The gift.
    pub gift: GiftId,
    /// The unit in whose books it stands.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// The project's unit.
    pub project_unit: UnitId,
    /// Its amount.
    pub amount: Fen,
    /// When it was paid.
    pub paid_at: Instant,
    /// Its business day.
    pub business_day: BusinessDay,
    /// The first day of its campaign.
    pub campaign_from: Option<BusinessDay>,
    /// Its secret, wrapped; none after erasure.
    pub secret_wrapped: Option<Vec<u8>>,
    /// The payer, sealed.
    pub payer_sealed: Option<Vec<u8>>,
}

/// These gifts, without sponsors' matches.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn gifts(at: &mut impl Reads, ids: &[GiftId]) -> Result<Vec<SealedGift>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values = ids.iter().map(|id| (*id,).param()).collect();
    let marks = list_marks(at.backend(), 0, ids.len());
    let sql = format!(
        "SELECT g.id, g.unit_id, g.project_id, p.unit_id AS project_unit, g.amount_fen, g.paid_at, g.business_day,
            c.starts_on, g.secret_wrapped, g.payer_sealed
         FROM gift g JOIN project p ON p.id = g.project_id LEFT JOIN campaign c ON c.id = p.campaign_id
         WHERE g.id IN ({marks}) AND g.channel <> 'match' ORDER BY g.id"
    );
    let read = |row: &Row| {
        Ok(SealedGift {
            gift: row.id("id")?,
            unit: row.id("unit_id")?,
            project: row.id("project_id")?,
            project_unit: row.id("project_unit")?,
            amount: row.fen("amount_fen")?,
            paid_at: row.instant("paid_at")?,
            business_day: row.day("business_day")?,
            campaign_from: row.opt_day("starts_on")?,
            secret_wrapped: row.opt_bytes("secret_wrapped")?,
            payer_sealed: row.opt_bytes("payer_sealed")?,
        })
    };
    at.query(&sql, values).await?.iter().map(read).collect()
}

/// The day's gifts of one source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceKey {
    /// The unit in whose books they stand.
    pub unit: UnitId,
    /// The business day.
    pub day: BusinessDay,
    /// Of what kind.
    pub kind: SourceKind,
    /// The blind index.
    pub source: Vec<u8>,
}

/// Keeps which source gifts came from.
pub(super) async fn insert_traces(tx: &mut Tx, rows: &[(SourceKey, ProjectId, Trace)]) -> Result<(), DbError> {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut values = Vec::with_capacity(chunk.len() * 9);
        for (key, project, trace) in chunk {
            values.extend(params![
                (key.unit,),
                key.day,
                key.kind.as_str(),
                key.source.clone(),
                (trace.gift,),
                (*project,),
                trace.amount,
                trace.paid_at,
                trace.payer.clone()
            ]);
        }
        let sql = format!(
            "INSERT INTO screening_trace (unit_id, business_day, kind, source, gift_id, project_id, amount_fen, paid_at,
                payer) VALUES {} ON CONFLICT (unit_id, business_day, kind, source, gift_id) DO NOTHING",
            wide_values(tx.backend(), chunk.len(), 9)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// Remembers that a source was marked on its day, so that further matches of it wait from the first.
pub(super) async fn mark_source(tx: &mut Tx, key: &SourceKey) -> Result<(), DbError> {
    let sql = "INSERT INTO screening_source (unit_id, business_day, kind, source) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (unit_id, business_day, kind, source) DO NOTHING";
    let row = params![(key.unit,), key.day, key.kind.as_str(), key.source.clone()];
    tx.execute(sql, row).await.map(drop)
}

/// The payers and telephones that were marked on a day or later, with their days.
pub(crate) async fn marked(at: &mut impl Reads, from: BusinessDay) -> Result<Vec<(BusinessDay, Vec<u8>)>, DbError> {
    let sql =
        "SELECT business_day, source FROM screening_source WHERE business_day >= ?1 AND kind IN ('payer', 'phone')
        ORDER BY business_day DESC, source LIMIT ?2";
    let rows = at.query(sql, params![from, MARKED_MAX]).await?;
    rows.iter()
        .map(|row| Ok((row.day("business_day")?, row.bytes("source")?)))
        .collect()
}

/// The public names of sponsors whose pools are known to the public.
pub(super) async fn sponsors(at: &mut impl Reads) -> Result<Vec<String>, DbError> {
    let sql = "SELECT DISTINCT s.name FROM match_sponsor s JOIN match_pool p ON p.sponsor_id = s.id
        WHERE p.state <> 'draft' ORDER BY s.name LIMIT ?1";
    let rows = at.query(sql, params![SPONSORS_MAX]).await?;
    rows.iter().map(|row| row.text("name")).collect()
}

/// The sums that these projects ask for.
pub(super) async fn choices(
    at: &mut impl Reads,
    projects: &BTreeSet<ProjectId>,
) -> Result<BTreeSet<(ProjectId, Fen)>, DbError> {
    if projects.is_empty() {
        return Ok(BTreeSet::new());
    }
    let marks = list_marks(at.backend(), 0, projects.len());
    let values = projects.iter().map(|id| (*id,).param()).collect();
    let sql = format!("SELECT project_id, amount_fen FROM project_choice WHERE project_id IN ({marks})");
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| Ok((row.id("project_id")?, row.fen("amount_fen")?)))
        .collect()
}

/// Those of these sources, all of one unit, day and kind, that have at least so many gifts: most have one or two, and
/// need no second look.
pub async fn busy(
    at: &mut impl Reads,
    (unit, day, kind): (UnitId, BusinessDay, SourceKind),
    sources: &[Vec<u8>],
    gifts_min: i64,
) -> Result<Vec<SourceKey>, DbError> {
    let mut found = Vec::new();
    for part in sources.chunks(SOURCES_PER_STATEMENT) {
        let mut values = params![gifts_min, (unit,), day, kind.as_str()];
        values.extend(part.iter().map(|source| source.as_slice().param()));
        let marks = list_marks(at.backend(), 4, part.len());
        let [fewest, of_unit, on_day, of_kind] = [1, 2, 3, 4].map(|n| list_mark(at.backend(), n));
        let sql = format!(
            "SELECT source FROM (
                SELECT source, COUNT(*) AS gifts, CAST({fewest} AS BIGINT) AS fewest FROM screening_trace
                WHERE unit_id = {of_unit} AND business_day = {on_day} AND kind = {of_kind} AND source IN ({marks})
                GROUP BY source
             ) t WHERE gifts >= fewest ORDER BY source"
        );
        for row in &at.query(&sql, values).await? {
            let source = row.bytes("source")?;
            found.push(SourceKey {
                unit,
                day,
                kind,
                source,
            });
        }
    }
    Ok(found)
}

/// The newest gifts of a source on its day.
pub async fn traces(at: &mut impl Reads, key: &SourceKey) -> Result<Vec<Trace>, DbError> {
    let sql = "SELECT gift_id, amount_fen, paid_at, payer FROM screening_trace
        WHERE unit_id = ?1 AND business_day = ?2 AND kind = ?3 AND source = ?4 ORDER BY gift_id DESC LIMIT ?5";
    let values = params![(key.unit,), key.day, key.kind.as_str(), key.source.clone(), TRACES_MAX];
    let read = |row: &Row| {
        Ok(Trace {
            gift: row.id("gift_id")?,
            amount: row.fen("amount_fen")?,
            paid_at: row.instant("paid_at")?,
            payer: row.opt_bytes("payer")?,
        })
    };
    at.query(sql, values).await?.iter().map(read).collect()
}

pub(super) const HOLD: &str = "SELECT h.gift_id, h.unit_id, h.project_id, h.amount_fen, h.signal, h.evidence, h.state,
    h.held_at, h.decided_at, h.decided_by, h.reason FROM screening_hold h";

pub(super) fn read(row: &Row) -> Result<Hold, DbError> {
    let missing = |column: &str| DbError::Row {
        column: column.to_owned(),
        why: "missing in this state".into(),
    };
    let decided = || {
        let by = row.opt_id("decided_by")?.ok_or_else(|| missing("decided_by"))?;
        let at = row.opt_instant("decided_at")?.ok_or_else(|| missing("decided_at"))?;
        let reason = row.opt_text("reason")?.ok_or_else(|| missing("reason"))?;
        Ok::<_, DbError>((by, at, reason))
    };
    let state = match row.text("state")?.as_str() {
        "cleared" => {
            let (by, at, reason) = decided()?;
            HoldState::Cleared { by, at, reason }
        }
        "kept" => {
            let (by, at, reason) = decided()?;
            HoldState::Kept { by, at, reason }
        }
        _ => HoldState::Waiting,
    };
    let evidence = serde_json::from_str(&row.text("evidence")?).map_err(|error| DbError::Row {
        column: "evidence".into(),
        why: error.to_string(),
    })?;
    Ok(Hold {
        gift: row.id("gift_id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        amount: row.fen("amount_fen")?,
        signal: row.word("signal")?,
        evidence,
        held_at: row.instant("held_at")?,
        state,
    })
}

/// Those of these gifts that were held before, whatever was decided then.
pub(super) async fn held_before(tx: &mut Tx, gifts: &[GiftId]) -> Result<Vec<GiftId>, DbError> {
    let mut found = Vec::new();
    for part in gifts.chunks(SOURCES_PER_STATEMENT) {
        let values = part.iter().map(|gift| (*gift,).param()).collect();
        let marks = list_marks(tx.backend(), 0, part.len());
        let sql = format!("SELECT gift_id FROM screening_hold WHERE gift_id IN ({marks}) ORDER BY gift_id");
        for row in &tx.query(&sql, values).await? {
            found.push(row.id("gift_id")?);
        }
    }
    Ok(found)
}

/// Project, its unit and amount of a gift that is to be held.
pub(super) async fn subject(tx: &mut Tx, gift: GiftId) -> Result<Option<(UnitId, ProjectId, Fen)>, DbError> {
    let sql = "SELECT p.unit_id, g.project_id, g.amount_fen FROM gift g JOIN project p ON p.id = g.project_id
        WHERE g.id = ?1";
    let row = tx.query_one(sql, params![(gift,)]).await?;
    row.map(|row| Ok((row.id("unit_id")?, row.id("project_id")?, row.fen("amount_fen")?)))
        .transpose()
}

/// Holds a gift; false when it was held before: what a person decided is not held again.
pub(super) async fn insert_hold(tx: &mut Tx, hold: &Hold) -> Result<bool, DbError> {
    let evidence = serde_json::to_string(&hold.evidence).unwrap_or_else(|_| "{}".to_owned());
    let sql = "INSERT INTO screening_hold (gift_id, unit_id, project_id, amount_fen, signal, evidence, state, held_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (gift_id) DO NOTHING";
    let row = params![
        (hold.gift,),
        (hold.unit,),
        (hold.project,),
        hold.amount,
        hold.signal.as_str(),
        evidence,
        hold.state.as_str(),
        hold.held_at
    ];
    Ok(tx.execute(sql, row).await? == 1)
}

/// A hold.
pub async fn hold(at: &mut impl Reads, gift: GiftId) -> Result<Option<Hold>, DbError> {
    at.query_one(&format!("{HOLD} WHERE h.gift_id = ?1"), params![(gift,)])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// A hold, its row held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, gift: GiftId) -> Result<Option<Hold>, DbError> {
    if tx.backend() == Backend::Postgres {
        let sql = "SELECT gift_id FROM screening_hold WHERE gift_id = ?1 FOR UPDATE";
        tx.query(sql, params![(gift,)]).await?;
    }
    hold(tx, gift).await
}

/// Writes a decision; the row is held by the caller.
pub(super) async fn decide(tx: &mut Tx, hold: &Hold) -> Result<(), DbError> {
    let (by, at, reason) = match &hold.state {
        HoldState::Waiting => return Ok(()),
        HoldState::Cleared { by, at, reason } | HoldState::Kept { by, at, reason } => (*by, *at, reason),
    };
    let sql = "UPDATE screening_hold SET state = ?2, decided_by = ?3, decided_at = ?4, reason = ?5 WHERE gift_id = ?1";
    tx.execute(sql, params![(hold.gift,), hold.state.as_str(), (by,), at, reason])
        .await
        .map(drop)
}
