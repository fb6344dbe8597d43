//! The tables `platform_account`, `platform_step`, `platform_paper`, `platform_key`, `platform_listing`, `platform_raise`.

use std::collections::BTreeMap;

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, Instant, ProjectId, UnitId};
use platform::Services;

use super::model::{Account, Keys, NewKeys, Page, Paper, PaperKind, Raise, Step};
use crate::platforms::model::{PlatformCode, PlatformKeyId, RaiseId};

/// What a sealed key is bound to.
pub const SECRET_PLACE: &str = "platform.key";
/// Accounts of an installation: a province's counties on three platforms.
const ACCOUNTS_MAX: i64 = 20_000;
/// Papers of an installation that are in force.
pub(super) const PAPERS_MAX: i64 = 50_000;
/// Pages of one unit on one platform.
pub const PAGES_MAX: i64 = 5_000;

const ACCOUNT: &str = "SELECT unit_id, platform, standing, since, org_no, org_name, account_id, match_account_id,
    match_giver, totals_with_match FROM platform_account";
pub(super) const PAPER: &str = "SELECT unit_id, platform, kind, number, valid_from, valid_to, replaced, told_days
    FROM platform_paper";
pub(super) const PAGE: &str =
    "SELECT unit_id, platform, project_no, project_id, state, capacity_fen, filing_no, url, listed_on
    FROM platform_listing";
pub(super) const RAISE: &str =
    "SELECT id, unit_id, platform, project_no, from_fen, to_fen, reason, asked_at, asked_by, needed_by,
    state, granted_fen, answered_at, note FROM platform_raise";

fn read_account(row: &Row) -> Result<Account, DbError> {
    Ok(Account {
        unit: row.id("unit_id")?,
        platform: row.word("platform")?,
        standing: row.word("standing")?,
        since: row.day("since")?,
        org_no: row.text("org_no")?,
        org_name: row.text("org_name")?,
        account: row.opt_id("account_id")?,
        match_account: row.opt_id("match_account_id")?,
        match_giver: row.text("match_giver")?,
        totals_with_match: row.flag("totals_with_match")?,
    })
}

pub(super) fn read_paper(row: &Row) -> Result<Paper, DbError> {
    Ok(Paper {
        unit: row.id("unit_id")?,
        platform: row.word("platform")?,
        kind: row.word("kind")?,
        number: row.text("number")?,
        valid_from: row.day("valid_from")?,
        valid_to: row.day("valid_to")?,
        replaced: row.flag("replaced")?,
        told_days: row.opt_int("told_days")?,
    })
}

pub(super) fn read_page(row: &Row) -> Result<Page, DbError> {
    Ok(Page {
        unit: row.id("unit_id")?,
        platform: row.word("platform")?,
        project_no: row.text("project_no")?,
        project: row.id::<ProjectId>("project_id")?,
        state: row.word("state")?,
        capacity: row.opt_fen("capacity_fen")?,
        filing_no: row.text("filing_no")?,
        url: row.text("url")?,
        listed_on: row.opt_day("listed_on")?,
    })
}

pub(super) fn read_raise(row: &Row) -> Result<Raise, DbError> {
    Ok(Raise {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        platform: row.word("platform")?,
        project_no: row.text("project_no")?,
        from: row.opt_fen("from_fen")?,
        to: row.fen("to_fen")?,
        reason: row.text("reason")?,
        asked_at: row.instant("asked_at")?,
        asked_by: row.id("asked_by")?,
        needed_by: row.instant("needed_by")?,
        state: row.word("state")?,
        granted: row.opt_fen("granted_fen")?,
        answered_at: row.opt_instant("answered_at")?,
        note: row.text("note")?,
    })
}

/// A unit's account with a platform.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn account(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
) -> Result<Option<Account>, DbError> {
    let sql = format!("{ACCOUNT} WHERE unit_id = ?1 AND platform = ?2");
    let row = at.query_one(&sql, params![(unit,), platform.as_str()]).await?;
    row.as_ref().map(read_account).transpose()
}

/// All accounts, by unit.
pub async fn accounts(at: &mut impl Reads) -> Result<Vec<Account>, DbError> {
    let sql = format!("{ACCOUNT} ORDER BY unit_id, platform LIMIT ?1");
    at.query(&sql, params![ACCOUNTS_MAX])
        .await?
        .iter()
        .map(read_account)
        .collect()
}

pub(super) async fn put_account(tx: &mut Tx, account: &Account, (by, now): (ActorId, Instant)) -> Result<(), DbError> {
    let row = params![
        (account.unit,),
        account.platform.as_str(),
        account.standing.as_str(),
        account.since,
        &account.org_no,
        &account.org_name,
        account.account.map(|id| (id,)),
        account.match_account.map(|id| (id,)),
        &account.match_giver,
        account.totals_with_match,
        now,
        (by,)
    ];
    let sql = "INSERT INTO platform_account (unit_id, platform, standing, since, org_no, org_name, account_id,
            match_account_id, match_giver, totals_with_match, set_at, set_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        ON CONFLICT (unit_id, platform) DO UPDATE SET standing = excluded.standing, since = excluded.since,
            org_no = excluded.org_no, org_name = excluded.org_name, account_id = excluded.account_id,
            match_account_id = excluded.match_account_id, match_giver = excluded.match_giver,
            totals_with_match = excluded.totals_with_match, set_at = excluded.set_at, set_by = excluded.set_by";
    tx.execute(sql, row).await.map(drop)
}

/// The steps of a unit that were noted as done.
pub async fn steps(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
) -> Result<BTreeMap<Step, BusinessDay>, DbError> {
    let sql = "SELECT step, done_on FROM platform_step WHERE unit_id = ?1 AND platform = ?2";
    let rows = at.query(sql, params![(unit,), platform.as_str()]).await?;
    rows.iter()
        .map(|row| Ok((row.word("step")?, row.day("done_on")?)))
        .collect()
}

pub(super) async fn put_step(
    tx: &mut Tx,
    (unit, platform, step): (UnitId, PlatformCode, Step),
    done_on: BusinessDay,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let row = params![(unit,), platform.as_str(), step.as_str(), done_on, now, (by,)];
    let sql = "INSERT INTO platform_step (unit_id, platform, step, done_on, noted_at, noted_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (unit_id, platform, step) DO UPDATE SET done_on = excluded.done_on, noted_at = excluded.noted_at,
            noted_by = excluded.noted_by";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn delete_step(
    tx: &mut Tx,
    (unit, platform, step): (UnitId, PlatformCode, Step),
) -> Result<(), DbError> {
    let sql = "DELETE FROM platform_step WHERE unit_id = ?1 AND platform = ?2 AND step = ?3";
    tx.execute(sql, params![(unit,), platform.as_str(), step.as_str()])
        .await
        .map(drop)
}

/// A paper.
pub(super) async fn paper(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
    (kind, number): (PaperKind, &str),
) -> Result<Option<Paper>, DbError> {
    let sql = format!("{PAPER} WHERE unit_id = ?1 AND platform = ?2 AND kind = ?3 AND number = ?4");
    let key = params![(unit,), platform.as_str(), kind.as_str(), number];
    at.query_one(&sql, key).await?.as_ref().map(read_paper).transpose()
}

/// Papers that nothing has taken the place of and that end before a day, the first to end first.
pub(super) async fn ending_before(at: &mut impl Reads, day: BusinessDay) -> Result<Vec<Paper>, DbError> {
    let sql = format!("{PAPER} WHERE replaced = 0 AND valid_to < ?1 ORDER BY valid_to, unit_id, number LIMIT ?2");
    at.query(&sql, params![day, PAPERS_MAX])
        .await?
        .iter()
        .map(read_paper)
        .collect()
}

pub(super) async fn put_paper(tx: &mut Tx, paper: &Paper, (by, now): (ActorId, Instant)) -> Result<(), DbError> {
    let row = params![
        (paper.unit,),
        paper.platform.as_str(),
        paper.kind.as_str(),
        &paper.number,
        paper.valid_from,
        paper.valid_to,
        paper.replaced,
        paper.told_days,
        now,
        (by,)
    ];
    let sql = "INSERT INTO platform_paper (unit_id, platform, kind, number, valid_from, valid_to, replaced, told_days,
            set_at, set_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (unit_id, platform, kind, number) DO UPDATE SET valid_from = excluded.valid_from,
            valid_to = excluded.valid_to, replaced = excluded.replaced, told_days = excluded.told_days,
            set_at = excluded.set_at, set_by = excluded.set_by";
    tx.execute(sql, row).await.map(drop)
}

/// Notes which alert was given.
pub(super) async fn note_told(tx: &mut Tx, paper: &Paper, days: i64) -> Result<(), DbError> {
    let key = params![
        (paper.unit,),
        paper.platform.as_str(),
        paper.kind.as_str(),
        &paper.number,
        days
    ];
    let sql =
        "UPDATE platform_paper SET told_days = ?5 WHERE unit_id = ?1 AND platform = ?2 AND kind = ?3 AND number = ?4";
    tx.execute(sql, key).await.map(drop)
}

pub(super) async fn put_keys(tx: &mut Tx, new: &NewKeys, (by, services): (ActorId, &Services)) -> Result<(), DbError> {
    let now = services.now();
    let sealed = services.keys.seal(new.secret.as_bytes(), SECRET_PLACE, &*services.rng);
    let row = params![
        (new.unit,),
        new.platform.as_str(),
        (PlatformKeyId::new(now, &*services.rng),),
        &new.app_id,
        &new.endpoint,
        sealed,
        now,
        (by,)
    ];
    let sql = "INSERT INTO platform_key (unit_id, platform, id, app_id, endpoint, secret_sealed, set_at, set_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (unit_id, platform) DO UPDATE SET app_id = excluded.app_id, endpoint = excluded.endpoint,
            secret_sealed = excluded.secret_sealed, set_at = excluded.set_at, set_by = excluded.set_by";
    tx.execute(sql, row).await.map(drop)
}

/// The keys of a unit, opened; none when they were not set.
pub async fn keys(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
    services: &Services,
) -> Result<Option<Keys>, DbError> {
    let sql = "SELECT app_id, endpoint, secret_sealed FROM platform_key WHERE unit_id = ?1 AND platform = ?2";
    let Some(row) = at.query_one(sql, params![(unit,), platform.as_str()]).await? else {
        return Ok(None);
    };
    let unreadable = |why: String| DbError::Row {
        column: "secret_sealed".into(),
        why,
    };
    let plain = services.keys.open(&row.bytes("secret_sealed")?, SECRET_PLACE);
    let plain = plain.map_err(|e| unreadable(e.to_string()))?;
    Ok(Some(Keys {
        unit,
        platform,
        app_id: row.text("app_id")?,
        endpoint: row.text("endpoint")?,
        secret: String::from_utf8(plain.to_vec()).map_err(|_| unreadable("no text".into()))?,
    }))
}

/// Since when each unit has keys for a platform.
pub(super) async fn keys_since(
    at: &mut impl Reads,
    platform: PlatformCode,
) -> Result<BTreeMap<UnitId, Instant>, DbError> {
    let sql = "SELECT unit_id, set_at FROM platform_key WHERE platform = ?1 ORDER BY unit_id LIMIT ?2";
    let rows = at.query(sql, params![platform.as_str(), ACCOUNTS_MAX]).await?;
    rows.iter()
        .map(|row| Ok((row.id("unit_id")?, row.instant("set_at")?)))
        .collect()
}

/// A page by its number.
pub async fn page(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
    project_no: &str,
) -> Result<Option<Page>, DbError> {
    let sql = format!("{PAGE} WHERE unit_id = ?1 AND platform = ?2 AND project_no = ?3");
    let key = params![(unit,), platform.as_str(), project_no];
    at.query_one(&sql, key).await?.as_ref().map(read_page).transpose()
}

/// The same, held until the transaction ends.
pub(super) async fn lock_page(
    tx: &mut Tx,
    (unit, platform): (UnitId, PlatformCode),
    project_no: &str,
) -> Result<Option<Page>, DbError> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let sql = format!("{PAGE} WHERE unit_id = ?1 AND platform = ?2 AND project_no = ?3{lock}");
    let key = params![(unit,), platform.as_str(), project_no];
    tx.query_one(&sql, key).await?.as_ref().map(read_page).transpose()
}

/// A unit's pages on a platform, by number.
pub async fn pages_of(at: &mut impl Reads, (unit, platform): (UnitId, PlatformCode)) -> Result<Vec<Page>, DbError> {
    let sql = format!("{PAGE} WHERE unit_id = ?1 AND platform = ?2 ORDER BY project_no LIMIT ?3");
    at.query(&sql, params![(unit,), platform.as_str(), PAGES_MAX])
        .await?
        .iter()
        .map(read_page)
        .collect()
}

pub(super) async fn put_page(tx: &mut Tx, page: &Page, (by, now): (ActorId, Instant)) -> Result<(), DbError> {
    let row = params![
        (page.unit,),
        page.platform.as_str(),
        &page.project_no,
        (page.project,),
        page.state.as_str(),
        page.capacity,
        &page.filing_no,
        &page.url,
        page.listed_on,
        now,
        (by,)
    ];
    let sql = "INSERT INTO platform_listing (unit_id, platform, project_no, project_id, state, capacity_fen, filing_no,
            url, listed_on, set_at, set_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (unit_id, platform, project_no) DO UPDATE SET project_id = excluded.project_id,
            state = excluded.state, capacity_fen = excluded.capacity_fen, filing_no = excluded.filing_no,
            url = excluded.url, listed_on = excluded.listed_on, set_at = excluded.set_at, set_by = excluded.set_by";
    tx.execute(sql, row).await.map(drop)
}

/// Whether a raise of this page waits.
pub(super) async fn raise_waits(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
    project_no: &str,
) -> Result<bool, DbError> {
    let sql =
        "SELECT id FROM platform_raise WHERE unit_id = ?1 AND platform = ?2 AND project_no = ?3 AND state = 'waiting'
        LIMIT 1";
    let row = at
        .query_one(sql, params![(unit,), platform.as_str(), project_no])
        .await?;
    Ok(row.is_some())
}

pub(super) async fn insert_raise(tx: &mut Tx, raise: &Raise) -> Result<(), DbError> {
    let row = params![
        (raise.id,),
        (raise.unit,),
        raise.platform.as_str(),
        &raise.project_no,
        raise.from,
        raise.to,
        &raise.reason,
        raise.asked_at,
        (raise.asked_by,),
        raise.needed_by,
        raise.state.as_str(),
        &raise.note
    ];
    let sql = "INSERT INTO platform_raise (id, unit_id, platform, project_no, from_fen, to_fen, reason, asked_at,
            asked_by, needed_by, state, note)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    tx.execute(sql, row).await.map(drop)
}

/// A raise, held until the transaction ends.
pub(super) async fn lock_raise(tx: &mut Tx, id: RaiseId) -> Result<Option<Raise>, DbError> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let sql = format!("{RAISE} WHERE id = ?1{lock}");
    tx.query_one(&sql, params![(id,)])
        .await?
        .as_ref()
        .map(read_raise)
        .transpose()
}

pub(super) async fn answer_raise(tx: &mut Tx, raise: &Raise, by: ActorId) -> Result<(), DbError> {
    let row = params![
        (raise.id,),
        raise.state.as_str(),
        raise.granted,
        raise.answered_at,
        (by,),
        &raise.note
    ];
    let sql = "UPDATE platform_raise SET state = ?2, granted_fen = ?3, answered_at = ?4, answered_by = ?5, note = ?6
        WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}
