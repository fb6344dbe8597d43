//! The tables `watched`, `watch_rule`, `watch_alert` and `watch_spent`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Fen, Instant, JournalId, ProjectId};

use super::model::{Alert, AlertId, Rule, RuleId, ThingId, ThingKind, Watched, WatchedId};

pub(super) const WATCHED: &str = "id, unit_id, owner_id, kind, thing_id, name, note_sealed, created_at";
pub(super) const RULE: &str = "id, unit_id, owner_id, title, condition, created_at, ended_at";
pub(super) const ALERT: &str = "a.id, a.unit_id, a.owner_id, a.rule_id, r.title, a.fact_id, a.fact_kind, \
    a.subject_id, a.amount_fen, a.happened_at, a.raised_at, a.seen_at, a.note_sealed";

pub(super) fn read_watched(row: &Row) -> Result<Watched, DbError> {
    Ok(Watched {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        owner: row.id("owner_id")?,
        kind: row.word("kind")?,
        thing: row.id("thing_id")?,
        name: row.text("name")?,
        note_sealed: row.opt_bytes("note_sealed")?,
        created_at: row.instant("created_at")?,
    })
}

pub(super) fn read_rule(row: &Row) -> Result<Rule, DbError> {
    let condition = serde_json::from_str(&row.text("condition")?).map_err(|error| DbError::Row {
        column: "watch_rule.condition".to_owned(),
        why: error.to_string(),
    })?;
    Ok(Rule {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        owner: row.id("owner_id")?,
        title: row.text("title")?,
        condition,
        created_at: row.instant("created_at")?,
        ended_at: row.opt_instant("ended_at")?,
    })
}

pub(super) fn read_alert(row: &Row) -> Result<Alert, DbError> {
    Ok(Alert {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        owner: row.id("owner_id")?,
        rule: row.id("rule_id")?,
        title: row.text("title")?,
        fact: row.id("fact_id")?,
        fact_kind: row.text("fact_kind")?,
        subject: row.id("subject_id")?,
        amount: row.opt_fen("amount_fen")?,
        happened_at: row.instant("happened_at")?,
        raised_at: row.instant("raised_at")?,
        seen_at: row.opt_instant("seen_at")?,
        note_sealed: row.opt_bytes("note_sealed")?,
    })
}

/// A thing on somebody's list.
pub(super) async fn on_list(
    tx: &mut Tx,
    owner: ActorId,
    (kind, thing): (ThingKind, ThingId),
) -> Result<Option<Watched>, DbError> {
    let sql = format!("SELECT {WATCHED} FROM watched WHERE owner_id = ?1 AND kind = ?2 AND thing_id = ?3");
    let row = tx.query_one(&sql, params![(owner,), kind.as_str(), (thing,)]).await?;
    row.as_ref().map(read_watched).transpose()
}

/// Somebody's own entry.
pub(super) async fn watched(at: &mut impl Reads, owner: ActorId, id: WatchedId) -> Result<Option<Watched>, DbError> {
    let sql = format!("SELECT {WATCHED} FROM watched WHERE owner_id = ?1 AND id = ?2");
    let row = at.query_one(&sql, params![(owner,), (id,)]).await?;
    row.as_ref().map(read_watched).transpose()
}

pub(super) async fn insert_watched(tx: &mut Tx, one: &Watched) -> Result<(), DbError> {
    let row = params![
        (one.id,),
        (one.unit,),
        (one.owner,),
        one.kind.as_str(),
        (one.thing,),
        &one.name,
        one.note_sealed.clone(),
        one.created_at
    ];
    let sql = "INSERT INTO watched (id, unit_id, owner_id, kind, thing_id, name, note_sealed, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn put_note(tx: &mut Tx, id: WatchedId, note_sealed: Option<Vec<u8>>) -> Result<(), DbError> {
    let sql = "UPDATE watched SET note_sealed = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), note_sealed]).await.map(drop)
}

/// Takes an entry off somebody's list; whether it was there.
pub(super) async fn delete_watched(tx: &mut Tx, owner: ActorId, id: WatchedId) -> Result<bool, DbError> {
    let sql = "DELETE FROM watched WHERE owner_id = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![(owner,), (id,)]).await? > 0)
}

/// How many entries and running rules somebody has.
pub(super) async fn counts(tx: &mut Tx, owner: ActorId) -> Result<(i64, i64), DbError> {
    let sql = "SELECT (SELECT COUNT(*) FROM watched WHERE owner_id = ?1) AS entries,
        (SELECT COUNT(*) FROM watch_rule WHERE owner_id = ?1 AND ended_at IS NULL) AS rules";
    let row = tx.query_one(sql, params![(owner,)]).await?;
    row.map_or(Ok((0, 0)), |row| Ok((row.int("entries")?, row.int("rules")?)))
}

/// Somebody's own rule.
pub(super) async fn rule(at: &mut impl Reads, owner: ActorId, id: RuleId) -> Result<Option<Rule>, DbError> {
    let sql = format!("SELECT {RULE} FROM watch_rule WHERE owner_id = ?1 AND id = ?2");
    let row = at.query_one(&sql, params![(owner,), (id,)]).await?;
    row.as_ref().map(read_rule).transpose()
}

pub(super) async fn insert_rule(tx: &mut Tx, rule: &Rule, condition: String) -> Result<(), DbError> {
    let row = params![
        (rule.id,),
        (rule.unit,),
        (rule.owner,),
        &rule.title,
        condition,
        rule.created_at
    ];
    let sql = "INSERT INTO watch_rule (id, unit_id, owner_id, title, condition, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn end_rule(tx: &mut Tx, id: RuleId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE watch_rule SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";
    tx.execute(sql, params![(id,), now]).await.map(drop)
}

/// The running rules of everybody, at most `limit`.
pub(super) async fn running(at: &mut impl Reads, limit: i64) -> Result<Vec<Rule>, DbError> {
    let sql = format!("SELECT {RULE} FROM watch_rule WHERE ended_at IS NULL ORDER BY id LIMIT ?1");
    at.query(&sql, params![limit]).await?.iter().map(read_rule).collect()
}

/// Who watches one of these things.
pub(super) async fn watchers(at: &mut impl Reads, things: [ThingId; 2]) -> Result<Vec<ActorId>, DbError> {
    let sql = "SELECT DISTINCT owner_id FROM watched WHERE thing_id IN (?1, ?2) ORDER BY owner_id";
    let rows = at.query(sql, params![(things[0],), (things[1],)]).await?;
    rows.iter().map(|row| row.id("owner_id")).collect()
}

/// What a project has spent, as the facts told it.
pub(super) async fn spent(at: &mut impl Reads, project: ProjectId) -> Result<Fen, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS sum FROM watch_spent WHERE project_id = ?1";
    let row = at.query_one(sql, params![(project,)]).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("sum"))
}

/// Keeps an expenditure of a project; the same again changes nothing.
pub(super) async fn note_spent(
    tx: &mut Tx,
    journal: JournalId,
    (project, amount): (ProjectId, Fen),
) -> Result<(), DbError> {
    let sql = "INSERT INTO watch_spent (journal_id, project_id, amount_fen) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    tx.execute(sql, params![(journal,), (project,), amount]).await.map(drop)
}

/// Forgets an expenditure that was undone.
pub(super) async fn forget_spent(tx: &mut Tx, journal: JournalId) -> Result<(), DbError> {
    let sql = "DELETE FROM watch_spent WHERE journal_id = ?1";
    tx.execute(sql, params![(journal,)]).await.map(drop)
}

/// How many alerts of a rule nobody has marked seen.
pub(super) async fn unseen_of(tx: &mut Tx, rule: RuleId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM watch_alert WHERE rule_id = ?1 AND seen_at IS NULL";
    tx.query_one(sql, params![(rule,)])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}

/// Writes an alert; a fact raises a rule's alert once.
pub(super) async fn insert_alert(tx: &mut Tx, alert: &Alert) -> Result<(), DbError> {
    let row = params![
        (alert.id,),
        (alert.unit,),
        (alert.owner,),
        (alert.rule,),
        (alert.fact,),
        &alert.fact_kind,
        (alert.subject,),
        alert.amount,
        alert.happened_at,
        alert.raised_at
    ];
    let sql = "INSERT INTO watch_alert (id, unit_id, owner_id, rule_id, fact_id, fact_kind, subject_id, amount_fen,
            happened_at, raised_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (rule_id, fact_id) DO NOTHING";
    tx.execute(sql, row).await.map(drop)
}

/// Somebody's own alert.
pub(super) async fn alert(at: &mut impl Reads, owner: ActorId, id: AlertId) -> Result<Option<Alert>, DbError> {
    let sql = format!(
        "SELECT {ALERT} FROM watch_alert a JOIN watch_rule r ON r.id = a.rule_id WHERE a.owner_id = ?1 AND a.id = ?2"
    );
    let row = at.query_one(&sql, params![(owner,), (id,)]).await?;
    row.as_ref().map(read_alert).transpose()
}

pub(super) async fn mark_seen(
    tx: &mut Tx,
    id: AlertId,
    (now, note_sealed): (Instant, Option<Vec<u8>>),
) -> Result<(), DbError> {
    let sql = "UPDATE watch_alert SET seen_at = COALESCE(seen_at, ?2), note_sealed = ?3 WHERE id = ?1";
    tx.execute(sql, params![(id,), now, note_sealed]).await.map(drop)
}
