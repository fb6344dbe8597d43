//! The tables `payment_gateway` and `payment_platform_key`.

use db::{DbError, Reads, Row, Tx, params};
use giving::donations::orders::Provider;
use kernel::{ActorId, Instant, ReceivingAccountId, UnitId};
use platform::Services;

use super::model::{GatewaySettings, NewGateway, PlatformKey};

/// What the sealed secrets are bound to.
pub const PLACE: &str = "payment.secrets";
/// Keys of one provider for one unit that are looked at: two are in use while they change.
const KEYS_MAX: i64 = 20;

pub(super) async fn upsert(
    tx: &mut Tx,
    new: &NewGateway,
    account: ReceivingAccountId,
    (by, services): (ActorId, &Services),
) -> Result<(), DbError> {
    let plain = serde_json::to_vec(&new.secrets).map_err(|e| DbError::Other(e.to_string()))?;
    let row = params![
        (new.unit,),
        new.provider.as_str(),
        (account,),
        &new.merchant_no,
        &new.app_id,
        &new.endpoint,
        &new.key_serial,
        services.keys.seal(&plain, PLACE, &*services.rng),
        services.now(),
        (by,)
    ];
    let sql = "INSERT INTO payment_gateway (unit_id, provider, account_id, merchant_no, app_id, endpoint, key_serial,
            secrets_sealed, set_at, set_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (unit_id, provider) DO UPDATE SET account_id = excluded.account_id,
            merchant_no = excluded.merchant_no, app_id = excluded.app_id, endpoint = excluded.endpoint,
            key_serial = excluded.key_serial, secrets_sealed = excluded.secrets_sealed, set_at = excluded.set_at,
            set_by = excluded.set_by";
    tx.execute(sql, row).await.map(drop)
}

/// Adds a provider's key, or renews what is known of it.
pub(super) async fn upsert_key(
    tx: &mut Tx,
    (unit, provider): (UnitId, Provider),
    key: &PlatformKey,
    now: Instant,
) -> Result<(), DbError> {
    let row = params![
        (unit,),
        provider.as_str(),
        &key.serial,
        key.public_key.clone(),
        key.valid_from,
        key.valid_to,
        now
    ];
    let sql = "INSERT INTO payment_platform_key (unit_id, provider, serial, public_key, valid_from, valid_to, added_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (unit_id, provider, serial) DO UPDATE SET public_key = excluded.public_key,
            valid_from = excluded.valid_from, valid_to = excluded.valid_to";
    tx.execute(sql, row).await.map(drop)
}

/// Forgets a provider's keys: those that a new setting names are the only ones then.
pub(super) async fn delete_keys(tx: &mut Tx, (unit, provider): (UnitId, Provider)) -> Result<(), DbError> {
    let sql = "DELETE FROM payment_platform_key WHERE unit_id = ?1 AND provider = ?2";
    tx.execute(sql, params![(unit,), provider.as_str()]).await.map(drop)
}

/// Every gateway, its secrets opened.
///
/// # Errors
/// Any [`DbError`]; a row whose secrets cannot be opened says so.
pub async fn all(at: &mut impl Reads, services: &Services) -> Result<Vec<GatewaySettings>, DbError> {
    let sql = "SELECT unit_id, provider, account_id, merchant_no, app_id, endpoint, key_serial, secrets_sealed
        FROM payment_gateway ORDER BY unit_id, provider";
    let mut found = Vec::new();
    for row in at.query(sql, params![]).await? {
        let unit: UnitId = row.id("unit_id")?;
        let provider: Provider = row.word("provider")?;
        let unreadable = |why: &dyn std::fmt::Display| DbError::Row {
            column: "secrets_sealed".into(),
            why: why.to_string(),
        };
        let plain = services
            .keys
            .open(&row.bytes("secrets_sealed")?, PLACE)
            .map_err(|e| unreadable(&e))?;
        // The parser's own words could repeat a piece of a key.
        let secrets = serde_json::from_slice(&plain).map_err(|_| unreadable(&"not the expected fields"))?;
        found.push(GatewaySettings {
            unit,
            provider,
            account: row.id("account_id")?,
            merchant_no: row.text("merchant_no")?,
            app_id: row.text("app_id")?,
            endpoint: row.text("endpoint")?,
            key_serial: row.text("key_serial")?,
            secrets,
            platform_keys: keys(at, unit, provider).await?,
        });
    }
    Ok(found)
}

async fn keys(at: &mut impl Reads, unit: UnitId, provider: Provider) -> Result<Vec<PlatformKey>, DbError> {
    let sql = "SELECT serial, public_key, valid_from, valid_to FROM payment_platform_key
        WHERE unit_id = ?1 AND provider = ?2 ORDER BY added_at DESC, serial LIMIT ?3";
    let read = |row: &Row| {
        Ok(PlatformKey {
            serial: row.text("serial")?,
            public_key: row.bytes("public_key")?,
            valid_from: row.opt_instant("valid_from")?,
            valid_to: row.opt_instant("valid_to")?,
        })
    };
    let rows = at.query(sql, params![(unit,), provider.as_str(), KEYS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// Changes whenever a gateway was set, so that other nodes load anew.
///
/// # Errors
/// Any [`DbError`].
pub async fn version(at: &mut impl Reads) -> Result<String, DbError> {
    let sql = "SELECT COUNT(*) AS n, COALESCE(MAX(set_at), 0) AS latest FROM payment_gateway";
    let row = at.query_one(sql, params![]).await?;
    row.map_or(Ok(String::new()), |row| {
        Ok(format!("{}.{}", row.int("n")?, row.int("latest")?))
    })
}
