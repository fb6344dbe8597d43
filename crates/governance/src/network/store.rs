//! The tables `unit`, `unit_change`, `unit_certificate`, `receiving_account`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{FileId, Instant, ReceivingAccountId, UnitId};

use super::model::{
    Account, Books, Certificate, CertificateStatus, Happened, ReceivingAccount, Unit, UnitChange, UnitState,
};

/// More units than any province has down to its villages' townships; a load that meets it stops with an error.
pub const UNITS_MAX: i64 = 100_000;
/// More accounts than all societies of a province hold.
pub const ACCOUNTS_MAX: i64 = 10_000;
/// More moves than one unit sees.
const CHANGES_MAX: i64 = 100;
/// More certificates than one unit is given in a century.
const CERTIFICATES_MAX: i64 = 100;

pub(super) const UNIT: &str = "SELECT id, parent_id, name, short_name, region_code, keeps_books, brand_color, contact,
    phone, address, seal_file_id, created_at, closed_at FROM unit";
pub(super) const ACCOUNT: &str = "SELECT id, unit_id, channel, name, code, masked_number, opened_on, closed_at
    FROM receiving_account";
const INTAKE_ACCOUNT: &str = "SELECT id, unit_id, channel, code, sealed_secret, closed_at FROM receiving_account";

/// A unit's row as a value: the one place.
pub(super) fn read_unit(row: &Row) -> Result<Unit, DbError> {
    Ok(Unit {
        id: row.id("id")?,
        parent: row.opt_id("parent_id")?,
        name: row.text("name")?,
        short_name: row.text("short_name")?,
        region: row.word("region_code")?,
        books: if row.flag("keeps_books")? {
            Books::Own
        } else {
            Books::Above
        },
        brand_color: row.text("brand_color")?,
        contact: row.text("contact")?,
        phone: row.opt_text("phone")?.unwrap_or_default(),
        address: row.opt_text("address")?.unwrap_or_default(),
        seal: row.opt_id::<FileId>("seal_file_id")?,
        created_at: row.instant("created_at")?,
        state: row
            .opt_instant("closed_at")?
            .map_or(UnitState::Open, |at| UnitState::Closed { at }),
    })
}

/// An account's row as a value: the one place.
pub(super) fn read_account(row: &Row) -> Result<Account, DbError> {
    Ok(Account {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        channel: row.word("channel")?,
        name: row.text("name")?,
        code: row.text("code")?,
        masked_number: row.text("masked_number")?,
        opened_on: row.day("opened_on")?,
        closed_at: row.opt_instant("closed_at")?,
    })
}

fn read_intake_account(row: &Row) -> Result<ReceivingAccount, DbError> {
    Ok(ReceivingAccount {
        id: row.id("id")?,
        unit_id: row.id("unit_id")?,
        channel: row.word("channel")?,
        code: row.text("code")?,
        sealed_secret: row.bytes("sealed_secret")?,
        closed_at: row.opt_instant("closed_at")?,
    })
}

/// A unit.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn unit(at: &mut impl Reads, id: UnitId) -> Result<Option<Unit>, DbError> {
    let row = at.query_one(&format!("{UNIT} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_unit).transpose()
}

/// All units by region, so that a city comes before its counties.
pub async fn all_units(at: &mut impl Reads) -> Result<Vec<Unit>, DbError> {
    at.query(&format!("{UNIT} ORDER BY region_code, id LIMIT ?1"), params![UNITS_MAX])
        .await?
        .iter()
        .map(read_unit)
        .collect()
}

/// Every unit with its parent, for the tree in memory.
pub async fn links(at: &mut impl Reads) -> Result<Vec<(UnitId, Option<UnitId>)>, DbError> {
    let rows = at
        .query(
            "SELECT id, parent_id FROM unit ORDER BY id LIMIT ?1",
            params![UNITS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.id("id")?, row.opt_id("parent_id")?)))
        .collect()
}

/// A unit in which something is to be opened: nobody closes it until the transaction ends. SQLite has one writer anyway.
pub async fn unit_kept(tx: &mut Tx, id: UnitId) -> Result<Option<Unit>, DbError> {
    let lock = match tx.backend() {
        db::Backend::Sqlite => "",
        db::Backend::Postgres => " FOR SHARE",
    };
    let row = tx
        .query_one(&format!("{UNIT} WHERE id = ?1{lock}"), params![(id,)])
        .await?;
    row.as_ref().map(read_unit).transpose()
}

/// Waits for whoever opens something in a unit that is to be closed, and lets nobody open more.
pub(super) async fn lock_unit(tx: &mut Tx, id: UnitId) -> Result<(), DbError> {
    if tx.backend() == db::Backend::Postgres {
        tx.query("SELECT id FROM unit WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    Ok(())
}

/// Keeps two changes of the tree from passing each other: held until the transaction ends. SQLite has one writer
/// anyway.
pub(super) async fn lock_tree(tx: &mut Tx) -> Result<(), DbError> {
    if tx.backend() == db::Backend::Postgres {
        tx.query("SELECT pg_advisory_xact_lock(7305804385429841)::text AS locked", vec![])
            .await?;
    }
    Ok(())
}

pub(super) async fn insert_unit(tx: &mut Tx, unit: &Unit) -> Result<(), DbError> {
    let row = params![
        (unit.id,),
        unit.parent.map(|p| (p,)),
        &unit.name,
        &unit.short_name,
        unit.region.to_string(),
        unit.books == Books::Own,
        &unit.brand_color,
        &unit.contact,
        unit.created_at
    ];
    let sql = "INSERT INTO unit (id, parent_id, name, short_name, region_code, keeps_books, brand_color, contact,
        created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what may change of a unit: names, look, place in the tree, end.
pub(super) async fn update_unit(tx: &mut Tx, unit: &Unit) -> Result<(), DbError> {
    let closed_at = match unit.state {
        UnitState::Open => None,
        UnitState::Closed { at } => Some(at),
    };
    let row = params![
        (unit.id,),
        unit.parent.map(|p| (p,)),
        &unit.name,
        &unit.short_name,
        &unit.brand_color,
        &unit.contact,
        unit.seal.map(|s| (s,)),
        closed_at,
        &unit.phone,
        &unit.address
    ];
    let sql = "UPDATE unit SET parent_id = ?2, name = ?3, short_name = ?4, brand_color = ?5, contact = ?6,
        seal_file_id = ?7, closed_at = ?8, phone = ?9, address = ?10 WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

/// Whether an open unit stands directly below.
pub(super) async fn has_open_below(tx: &mut Tx, id: UnitId) -> Result<bool, DbError> {
    let sql = "SELECT id FROM unit WHERE parent_id = ?1 AND closed_at IS NULL LIMIT 1";
    Ok(tx.query_one(sql, params![(id,)]).await?.is_some())
}

/// Writes the change that comes next in a unit's history; the tree is locked.
pub(super) async fn add_change(tx: &mut Tx, unit: UnitId, change: &UnitChange) -> Result<(), DbError> {
    let (kind, from, to) = match change.what {
        Happened::Moved { from, to } => ("moved", from, Some(to)),
        Happened::Closed => ("closed", None, None),
    };
    let row = params![
        (unit,),
        kind,
        change.day,
        change.reason.trim(),
        from.map(|u| (u,)),
        to.map(|u| (u,)),
        (change.by,),
        change.at
    ];
    let sql = "INSERT INTO unit_change (unit_id, number, kind, day, reason, from_id, to_id, changed_by, changed_at)
        SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM unit_change WHERE unit_id = ?1";
    tx.execute(sql, row).await.map(drop)
}

/// Moves and the closing of a unit, oldest first.
pub async fn changes(at: &mut impl Reads, unit: UnitId) -> Result<Vec<UnitChange>, DbError> {
    let sql = "SELECT kind, day, reason, from_id, to_id, changed_by, changed_at FROM unit_change
        WHERE unit_id = ?1 ORDER BY number LIMIT ?2";
    at.query(sql, params![(unit,), CHANGES_MAX])
        .await?
        .iter()
        .map(read_change)
        .collect()
}

fn read_change(row: &Row) -> Result<UnitChange, DbError> {
    let what = match row.text("kind")?.as_str() {
        "moved" => Happened::Moved {
            from: row.opt_id("from_id")?,
            to: row.id("to_id")?,
        },
        "closed" => Happened::Closed,
        other => {
            return Err(DbError::Row {
                column: "kind".to_owned(),
                why: format!("unknown word “{other}”"),
            });
        }
    };
    Ok(UnitChange {
        what,
        day: row.day("day")?,
        reason: row.text("reason")?,
        by: row.id("changed_by")?,
        at: row.instant("changed_at")?,
    })
}

/// A unit's certificates, the latest first.
pub async fn certificates(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Certificate>, DbError> {
    let sql = "SELECT number, issuer, valid_from, valid_to, status, status_since FROM unit_certificate
        WHERE unit_id = ?1 ORDER BY valid_to DESC, number LIMIT ?2";
    at.query(sql, params![(unit,), CERTIFICATES_MAX])
        .await?
        .iter()
        .map(read_certificate)
        .collect()
}

fn read_certificate(row: &Row) -> Result<Certificate, DbError> {
    Ok(Certificate {
        number: row.text("number")?,
        issuer: row.text("issuer")?,
        valid_from: row.day("valid_from")?,
        valid_to: row.day("valid_to")?,
        status: row.word::<CertificateStatus>("status")?,
        status_since: row.day("status_since")?,
    })
}

/// Writes a certificate, or corrects the one of the same number.
pub(super) async fn put_certificate(
    tx: &mut Tx,
    unit: UnitId,
    certificate: &Certificate,
    now: Instant,
) -> Result<(), DbError> {
    let row = params![
        (unit,),
        &certificate.number,
        &certificate.issuer,
        certificate.valid_from,
        certificate.valid_to,
        certificate.status.as_str(),
        certificate.status_since,
        now
    ];
    let sql = "INSERT INTO unit_certificate (unit_id, number, issuer, valid_from, valid_to, status, status_since,
            recorded_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (unit_id, number) DO UPDATE SET issuer = excluded.issuer, valid_from = excluded.valid_from,
            valid_to = excluded.valid_to, status = excluded.status, status_since = excluded.status_since,
            recorded_at = excluded.recorded_at";
    tx.execute(sql, row).await.map(drop)
}

/// The account with this code, as the intake needs it; closed ones too.
pub async fn account_by_code(at: &mut impl Reads, code: &str) -> Result<Option<ReceivingAccount>, DbError> {
    let row = at
        .query_one(&format!("{INTAKE_ACCOUNT} WHERE code = ?1"), params![code])
        .await?;
    row.as_ref().map(read_intake_account).transpose()
}

/// The account with this id, as the intake needs it; closed ones too.
pub async fn account(at: &mut impl Reads, id: ReceivingAccountId) -> Result<Option<ReceivingAccount>, DbError> {
    let row = at
        .query_one(&format!("{INTAKE_ACCOUNT} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_intake_account).transpose()
}

/// All accounts, as the intake keeps them in memory; closed ones too, so that a late notice is told apart.
pub async fn all_accounts(at: &mut impl Reads) -> Result<Vec<ReceivingAccount>, DbError> {
    let rows = at
        .query(&format!("{INTAKE_ACCOUNT} ORDER BY id LIMIT ?1"), params![ACCOUNTS_MAX])
        .await?;
    rows.iter().map(read_intake_account).collect()
}

/// The oldest open account of a unit for a channel: the default of an import.
pub async fn account_for_channel(
    at: &mut impl Reads,
    unit: UnitId,
    channel: kernel::Channel,
) -> Result<Option<ReceivingAccount>, DbError> {
    let sql = format!("{INTAKE_ACCOUNT} WHERE unit_id = ?1 AND channel = ?2 AND closed_at IS NULL ORDER BY id LIMIT 1");
    let row = at.query_one(&sql, params![(unit,), channel.as_str()]).await?;
    row.as_ref().map(read_intake_account).transpose()
}

/// An account with all that staff see.
pub async fn full_account(at: &mut impl Reads, id: ReceivingAccountId) -> Result<Option<Account>, DbError> {
    let row = at
        .query_one(&format!("{ACCOUNT} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_account).transpose()
}

/// The accounts of a unit, the open ones first.
pub async fn accounts_of(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Account>, DbError> {
    let sql = format!(
        "{ACCOUNT} WHERE unit_id = ?1 ORDER BY CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END, channel, code LIMIT ?2"
    );
    at.query(&sql, params![(unit,), ACCOUNTS_MAX])
        .await?
        .iter()
        .map(read_account)
        .collect()
}

pub(super) async fn insert_account(
    tx: &mut Tx,
    account: &Account,
    sealed: Vec<u8>,
    now: Instant,
) -> Result<(), DbError> {
    let row = params![
        (account.id,),
        (account.unit,),
        account.channel.as_str(),
        &account.name,
        &account.code,
        &account.masked_number,
        sealed,
        now,
        account.opened_on
    ];
    let sql = "INSERT INTO receiving_account (id, unit_id, channel, name, code, masked_number, sealed_secret,
        secret_since, opened_on) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn set_secret(
    tx: &mut Tx,
    id: ReceivingAccountId,
    sealed: Vec<u8>,
    now: Instant,
) -> Result<(), DbError> {
    let sql = "UPDATE receiving_account SET sealed_secret = ?2, secret_since = ?3 WHERE id = ?1";
    tx.execute(sql, params![(id,), sealed, now]).await.map(drop)
}

pub(super) async fn rename_account(tx: &mut Tx, id: ReceivingAccountId, name: &str) -> Result<(), DbError> {
    let sql = "UPDATE receiving_account SET name = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), name]).await.map(drop)
}

pub(super) async fn close_account(tx: &mut Tx, id: ReceivingAccountId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE receiving_account SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL";
    tx.execute(sql, params![(id,), now]).await.map(drop)
}

/// Closes what a unit has open; returns how many.
pub(super) async fn close_accounts_of(tx: &mut Tx, unit: UnitId, now: Instant) -> Result<u64, DbError> {
    let sql = "UPDATE receiving_account SET closed_at = ?2 WHERE unit_id = ?1 AND closed_at IS NULL";
    tx.execute(sql, params![(unit,), now]).await
}
