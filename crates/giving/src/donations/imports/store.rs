//! The table `gift_import`.

use std::collections::HashMap;

use db::{DbError, Param as _, Reads, Row, Tx, params};
use kernel::{Fen, ImportId, Instant, ProjectId, ReceivingAccountId, UnitId};

use super::NewImport;

/// One run as stored.
#[derive(Debug)]
pub struct ImportRun {
    /// Its id.
    pub id: ImportId,
    /// The unit.
    pub unit: UnitId,
    /// The project of its gifts.
    pub project: ProjectId,
    /// The account.
    pub account: ReceivingAccountId,
    /// The profile's name.
    pub profile: String,
    /// `running`, `ended`, `taken_back`.
    pub state: String,
    /// Counts and sums as JSON; empty while it runs.
    pub report: String,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

const FIELDS: &str = "id, unit_id, project_id, account_id, profile, state, report, started_at, ended_at";

fn read(row: &Row) -> Result<ImportRun, DbError> {
    Ok(ImportRun {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        account: row.id("account_id")?,
        profile: row.text("profile")?,
        state: row.text("state")?,
        report: row.text("report")?,
        started_at: row.instant("started_at")?,
        ended_at: row.opt_instant("ended_at")?,
    })
}

pub(super) async fn insert(tx: &mut Tx, id: ImportId, new: &NewImport<'_>, now: Instant) -> Result<(), DbError> {
    let row = params![
        (id,),
        (new.unit,),
        (new.project,),
        (new.account,),
        new.profile,
        new.file_sha256,
        now,
        (new.actor,)
    ];
    tx.execute(
        "INSERT INTO gift_import
           (id, unit_id, project_id, account_id, profile, file_sha256, state, report, started_at, actor_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'running', '', ?7, ?8)",
        row,
    )
    .await
    .map(drop)
}

pub(super) async fn finish(tx: &mut Tx, id: ImportId, report: &str, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "UPDATE gift_import SET state = 'ended', report = ?2, ended_at = ?3 WHERE id = ?1",
        params![(id,), report, now],
    )
    .await
    .map(drop)
}

/// One run.
///
/// # Errors
/// Any [`DbError`].
pub async fn load(at: &mut impl Reads, id: ImportId) -> Result<Option<ImportRun>, DbError> {
    let sql = format!("SELECT {FIELDS} FROM gift_import WHERE id = ?1");
    at.query_one(&sql, params![(id,)]).await?.as_ref().map(read).transpose()
}

/// The newest runs, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(at: &mut impl Reads, limit: i64) -> Result<Vec<ImportRun>, DbError> {
    let sql = format!("SELECT {FIELDS} FROM gift_import ORDER BY id DESC LIMIT ?1");
    at.query(&sql, params![limit]).await?.iter().map(read).collect()
}

/// Numbers looked up in one statement.
const NUMBERS_PER_LOOKUP: usize = 200;

/// Which of these numbers an account knows, with their amounts.
///
/// # Errors
/// Any [`DbError`].
pub async fn known_numbers(
    at: &mut impl Reads,
    unit: UnitId,
    account: ReceivingAccountId,
    numbers: &[&str],
) -> Result<HashMap<String, Fen>, DbError> {
    let mut known = HashMap::new();
    for chunk in numbers.chunks(NUMBERS_PER_LOOKUP) {
        let mut values = params![(unit,), (account,)];
        values.extend(chunk.iter().map(|number| (*number).param()));
        let marks: Vec<String> = (3..3 + chunk.len()).map(|n| format!("?{n}")).collect();
        let sql = format!(
            "SELECT trade_no, amount_fen FROM gift WHERE unit_id = ?1 AND account_id = ?2 AND trade_no IN ({})",
            marks.join(", ")
        );
        for row in at.query(&sql, values).await? {
            known.insert(row.text("trade_no")?, row.fen("amount_fen")?);
        }
    }
    Ok(known)
}
