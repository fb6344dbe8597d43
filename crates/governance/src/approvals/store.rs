//! The tables `approval_policy`, `approval_case`, `approval_entry`, and what is kept of open stages for lists:
//! `approval_stage`, `approval_seat`. Papers and the thread have files of their own.

pub(super) mod papers;
pub(super) mod thread;

use std::collections::{BTreeMap, BTreeSet};

use db::{Backend, DbError, Param as _, Reads, Row, Tx, Value, params};
use kernel::id::Id as _;
use kernel::{ActorId, Instant, UnitId};
use platform::identity::Role;

use super::model::{CaseId, CaseState, ENTRIES_MAX, Entry, PolicyVersion, Sitting, StageState, Standing, SubjectId};
use super::policy::{How, Policy};
use super::shipped;

/// A case as stored, beside its history.
#[derive(Debug, Clone)]
pub struct CaseRow {
    /// Its id.
    pub id: CaseId,
    /// The unit whose thing it is about.
    pub unit: UnitId,
    /// The kind of thing: `project_admission`.
    pub subject_kind: String,
    /// The thing.
    pub subject: SubjectId,
    /// The unit whose policy it runs under …
    pub policy_unit: UnitId,
    /// … and the version it keeps.
    pub policy_version: i64,
    /// The title now.
    pub title: String,
    /// What the user of the engine needs to act on the outcome: codes and amounts.
    pub details: serde_json::Value,
    /// Whether it takes the emergency lane.
    pub is_fast: bool,
    /// Where it is.
    pub state: CaseState,
    /// 1, and one more with each time it was mended.
    pub round: i64,
    /// Who asked.
    pub asked_by: ActorId,
    /// When.
    pub asked_at: Instant,
    /// When it ended, if it did.
    pub ended_at: Option<Instant>,
    /// When owed papers are due, while some are.
    pub papers_due_at: Option<Instant>,
}

pub(super) const CASE: &str = "c.id, c.unit_id, c.subject_kind, c.subject_id, c.policy_unit_id, c.policy_version, \
    c.title, c.details, c.is_fast, c.state, c.round, c.asked_by, c.asked_at, c.ended_at, c.papers_due_at";

fn unreadable(column: &str, why: impl ToString) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: why.to_string(),
    }
}

pub(super) fn read_case(row: &Row) -> Result<CaseRow, DbError> {
    Ok(CaseRow {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        subject_kind: row.text("subject_kind")?,
        subject: row.id("subject_id")?,
        policy_unit: row.id("policy_unit_id")?,
        policy_version: row.int("policy_version")?,
        title: row.text("title")?,
        details: serde_json::from_str(&row.text("details")?).map_err(|e| unreadable("details", e))?,
        is_fast: row.flag("is_fast")?,
        state: row.word("state")?,
        round: row.int("round")?,
        asked_by: row.id("asked_by")?,
        asked_at: row.instant("asked_at")?,
        ended_at: row.opt_instant("ended_at")?,
        papers_due_at: row.opt_instant("papers_due_at")?,
    })
}

fn read_policy(row: &Row) -> Result<PolicyVersion, DbError> {
    let policy: Policy =
        serde_json::from_str(&row.text("document")?).map_err(|e| unreadable("approval_policy.document", e))?;
    Ok(PolicyVersion {
        unit: row.id("unit_id")?,
        subject_kind: row.text("subject_kind")?,
        version: row.int("version")?,
        policy,
        published_at: Some(row.instant("published_at")?),
    })
}

const POLICY: &str = "SELECT unit_id, subject_kind, version, document, published_at FROM approval_policy";

/// One version of a policy.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn policy(
    at: &mut impl Reads,
    unit: UnitId,
    kind: &str,
    version: i64,
) -> Result<Option<PolicyVersion>, DbError> {
    if unit.bytes() == shipped::UNIT {
        return Ok(shipped::version(kind, version));
    }
    let sql = format!("{POLICY} WHERE unit_id = ?1 AND subject_kind = ?2 AND version = ?3");
    let row = at.query_one(&sql, params![(unit,), kind, version]).await?;
    row.as_ref().map(read_policy).transpose()
}

/// The policy in force for a kind of subject in the first of these units: its latest version, that of the nearest unit
/// above that has one, or the one that ships.
pub async fn policy_in_force(
    at: &mut impl Reads,
    units: &[UnitId],
    kind: &str,
) -> Result<Option<PolicyVersion>, DbError> {
    let sql = format!("{POLICY} WHERE unit_id = ?1 AND subject_kind = ?2 ORDER BY version DESC LIMIT 1");
    // As many looks as the tree has levels, each by the key.
    for unit in units {
        if let Some(row) = at.query_one(&sql, params![(*unit,), kind]).await? {
            return read_policy(&row).map(Some);
        }
    }
    Ok(shipped::latest(kind))
}

/// The versions that a unit published for a kind, the newest first; for the unit of zeros those that ship.
pub async fn versions(
    at: &mut impl Reads,
    unit: UnitId,
    kind: &str,
    (before, limit): (Option<i64>, i64),
) -> Result<Vec<PolicyVersion>, DbError> {
    let before = before.unwrap_or(i64::MAX);
    if unit.bytes() == shipped::UNIT {
        return Ok(shipped::versions(kind, before).collect());
    }
    let sql =
        format!("{POLICY} WHERE unit_id = ?1 AND subject_kind = ?2 AND version < ?3 ORDER BY version DESC LIMIT ?4");
    let rows = at.query(&sql, params![(unit,), kind, before, limit]).await?;
    rows.iter().map(read_policy).collect()
}

/// All kinds that a unit has published a policy for.
pub async fn kinds(at: &mut impl Reads, limit: i64) -> Result<Vec<String>, DbError> {
    let sql = "SELECT subject_kind FROM approval_policy GROUP BY subject_kind ORDER BY subject_kind LIMIT ?1";
    let rows = at.query(sql, params![limit]).await?;
    rows.iter().map(|row| row.text("subject_kind")).collect()
}

/// The last version that a unit published; 0: none.
pub(super) async fn last_version(tx: &mut Tx, unit: UnitId, kind: &str) -> Result<i64, DbError> {
    let sql = "SELECT COALESCE(MAX(version), 0) AS last FROM approval_policy WHERE unit_id = ?1 AND subject_kind = ?2";
    let row = tx.query_one(sql, params![(unit,), kind]).await?;
    row.map_or(Ok(0), |row| row.int("last"))
}

pub(super) async fn insert_policy(tx: &mut Tx, version: &PolicyVersion, by: ActorId) -> Result<(), DbError> {
    let document = serde_json::to_string(&version.policy).map_err(|e| unreadable("document", e))?;
    let row = params![
        (version.unit,),
        &version.subject_kind,
        version.version,
        document,
        (by,),
        version.published_at
    ];
    let sql = "INSERT INTO approval_policy (unit_id, subject_kind, version, document, published_by, published_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, row).await.map(drop)
}

/// A case.
pub async fn case(at: &mut impl Reads, id: CaseId) -> Result<Option<CaseRow>, DbError> {
    let sql = format!("SELECT {CASE} FROM approval_case c WHERE c.id = ?1");
    at.query_one(&sql, params![(id,)])
        .await?
        .as_ref()
        .map(read_case)
        .transpose()
}

/// A case, held until the transaction ends.
pub(super) async fn hold(tx: &mut Tx, id: CaseId) -> Result<Option<CaseRow>, DbError> {
    let held = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let sql = format!("SELECT {CASE} FROM approval_case c WHERE c.id = ?1{held}");
    tx.query_one(&sql, params![(id,)])
        .await?
        .as_ref()
        .map(read_case)
        .transpose()
}

/// What happened to a case.
pub async fn entries(at: &mut impl Reads, id: CaseId) -> Result<Vec<Entry>, DbError> {
    let sql = "SELECT number, happened_at, actor_id, body FROM approval_entry WHERE case_id = ?1
        ORDER BY number LIMIT ?2";
    let rows = at.query(sql, params![(id,), ENTRIES_MAX as i64]).await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                number: row.int("number")?,
                at: row.instant("happened_at")?,
                by: row.opt_id("actor_id")?,
                event: serde_json::from_str(&row.text("body")?).map_err(|e| unreadable("approval_entry.body", e))?,
            })
        })
        .collect()
}

/// Whether a case about this thing of this unit was approved, and the latest one that was.
pub async fn approved(
    at: &mut impl Reads,
    unit: UnitId,
    kind: &str,
    subject: SubjectId,
) -> Result<Option<CaseRow>, DbError> {
    let sql = format!(
        "SELECT {CASE} FROM approval_case c WHERE c.unit_id = ?1 AND c.subject_kind = ?2 AND c.subject_id = ?3
         AND c.state = 'approved' ORDER BY c.id DESC LIMIT 1"
    );
    let row = at.query_one(&sql, params![(unit,), kind, (subject,)]).await?;
    row.as_ref().map(read_case).transpose()
}

/// The last case about this thing of this unit, wherever it stands.
pub async fn latest(
    at: &mut impl Reads,
    unit: UnitId,
    kind: &str,
    subject: SubjectId,
) -> Result<Option<CaseRow>, DbError> {
    let sql = format!(
        "SELECT {CASE} FROM approval_case c WHERE c.unit_id = ?1 AND c.subject_kind = ?2 AND c.subject_id = ?3
         ORDER BY c.id DESC LIMIT 1"
    );
    let row = at.query_one(&sql, params![(unit,), kind, (subject,)]).await?;
    row.as_ref().map(read_case).transpose()
}

/// The last case about each of some things of these units; a page of a list at a time.
pub async fn latest_of(
    at: &mut impl Reads,
    units: &BTreeSet<UnitId>,
    kind: &str,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeMap<SubjectId, (CaseId, CaseState)>, DbError> {
    let mut values = params![kind];
    let mut listed = |id: Value| {
        values.push(id);
        format!("?{}", values.len())
    };
    let units: Vec<String> = units.iter().map(|unit| listed((*unit,).param())).collect();
    let subjects: Vec<String> = subjects.iter().map(|subject| listed((*subject,).param())).collect();
    if units.is_empty() || subjects.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT id, subject_id, state FROM approval_case WHERE unit_id IN ({}) AND subject_kind = ?1
         AND subject_id IN ({}) ORDER BY id",
        units.join(", "),
        subjects.join(", ")
    );
    let rows = at.query(&sql, values).await?;
    // The later one takes the place of the one before.
    rows.iter()
        .map(|row| Ok((row.id("subject_id")?, (row.id("id")?, row.word("state")?))))
        .collect()
}

/// Who spoke last in a case: with her words it was decided.
pub async fn decided_by(at: &mut impl Reads, id: CaseId) -> Result<Option<ActorId>, DbError> {
    let sql = "SELECT actor_id FROM approval_entry WHERE case_id = ?1 AND kind = 'acted' ORDER BY number DESC LIMIT 1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(None), |row| row.opt_id("actor_id"))
}

pub(super) async fn insert_case(tx: &mut Tx, case: &CaseRow) -> Result<(), DbError> {
    let row = params![
        (case.id,),
        (case.unit,),
        &case.subject_kind,
        (case.subject,),
        (case.policy_unit,),
        case.policy_version,
        &case.title,
        case.details.to_string(),
        case.is_fast,
        case.state.as_str(),
        case.round,
        (case.asked_by,),
        case.asked_at
    ];
    let sql = "INSERT INTO approval_case (id, unit_id, subject_kind, subject_id, policy_unit_id, policy_version, title,
        details, is_fast, state, round, asked_by, asked_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn update_case(tx: &mut Tx, id: CaseId, now: &Standing) -> Result<(), DbError> {
    let row = params![
        (id,),
        &now.title,
        now.outcome.state().as_str(),
        now.round,
        now.outcome.ended_at(),
        now.papers_due
    ];
    let sql = "UPDATE approval_case SET title = ?2, state = ?3, round = ?4, ended_at = ?5, papers_due_at = ?6
        WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn insert_entry(tx: &mut Tx, case: CaseId, entry: &Entry) -> Result<(), DbError> {
    let body = serde_json::to_string(&entry.event).map_err(|e| unreadable("approval_entry.body", e))?;
    let row = params![
        (case,),
        entry.number,
        entry.at,
        entry.by.map(|by| (by,)),
        entry.event.as_str(),
        entry.event.stage().map(str::to_owned),
        body
    ];
    let sql = "INSERT INTO approval_entry (case_id, number, happened_at, actor_id, kind, stage, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    tx.execute(sql, row).await.map(drop)
}

/// The role whose holders may take a seat at an open stage that anyone of them decides.
fn open_role(policy: &Policy, index: usize) -> Option<Role> {
    let spec = policy.stages.get(index)?;
    let anyone = spec.how == How::Any && spec.draw.is_none();
    spec.who.role().filter(|_| anyone).map(|(role, _)| role)
}

/// Writes anew what lists need of a case's open stages: few rows, and none that could be forgotten.
pub(super) async fn put_open(tx: &mut Tx, case: CaseId, policy: &Policy, now: &Standing) -> Result<(), DbError> {
    tx.execute("DELETE FROM approval_seat WHERE case_id = ?1", params![(case,)])
        .await?;
    tx.execute("DELETE FROM approval_stage WHERE case_id = ?1", params![(case,)])
        .await?;
    for (index, state) in now.stages.iter().enumerate() {
        let StageState::Open(sitting) = state else { continue };
        let key = &policy.stages[index].key;
        let row = params![
            (case,),
            key,
            sitting.opened_at,
            sitting.deadline,
            sitting.is_escalated,
            open_role(policy, index).map(|role| role.as_str().to_owned()),
            sitting.unit.map(|unit| (unit,))
        ];
        let sql =
            "INSERT INTO approval_stage (case_id, stage, opened_at, deadline_at, is_escalated, role, role_unit_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        tx.execute(sql, row).await?;
        for (who, state) in seats_of(now, sitting) {
            let sql = "INSERT INTO approval_seat (actor_id, case_id, stage, state) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO NOTHING";
            tx.execute(sql, params![(who,), (case,), key, state]).await?;
        }
    }
    Ok(())
}

/// Who owes a word at a stage, who has said it, who stands apart.
fn seats_of(now: &Standing, sitting: &Sitting) -> Vec<(ActorId, &'static str)> {
    let apart = now.concerned.iter().copied().chain([now.asker]);
    let seats = sitting.seats.iter().map(|who| {
        let has_said = sitting.acts.contains_key(who);
        (*who, if has_said { "said" } else { "owes" })
    });
    seats.chain(apart.map(|who| (who, "apart"))).collect()
}
