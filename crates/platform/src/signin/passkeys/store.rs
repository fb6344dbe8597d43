//! The tables `passkey` and `passkey_challenge`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant};

use super::model::{ChallengeRow, PasskeyId, PasskeyRow, Purpose};
use super::rules::PASSKEYS_MAX;

const PASSKEY: &str =
    "p.id, p.actor_id, p.relying_party, p.credential_id, p.public_key, p.state, p.transports, p.name_sealed,
    p.registered_at, p.last_used_at";

fn passkey(row: &Row) -> Result<PasskeyRow, DbError> {
    Ok(PasskeyRow {
        id: row.id("id")?,
        actor: row.id("actor_id")?,
        relying_party: row.text("relying_party")?,
        credential_id: row.bytes("credential_id")?,
        public_key: row.bytes("public_key")?,
        state: row.bytes("state")?,
        // Six bits; a damaged row is reached by no way in particular.
        transports: u8::try_from(row.int("transports")?).unwrap_or(0),
        name: row.bytes("name_sealed")?,
        registered_at: row.instant("registered_at")?,
        last_used_at: row.opt_instant("last_used_at")?,
    })
}

/// The passkeys of an account, the oldest first.
pub(in crate::signin) async fn list(at: &mut impl Reads, of: ActorId) -> Result<Vec<PasskeyRow>, DbError> {
    let sql = format!(
        "SELECT {PASSKEY} FROM passkey p WHERE p.actor_id = ?1 ORDER BY p.registered_at, p.id LIMIT {PASSKEYS_MAX}"
    );
    let rows = at.query(&sql, params![(of,)]).await?;
    rows.iter().map(passkey).collect()
}

/// The same, for changing them one after another: the account is held until the transaction ends. On SQLite there is one
/// writer anyway.
pub(super) async fn hold(tx: &mut Tx, of: ActorId) -> Result<Vec<PasskeyRow>, DbError> {
    if tx.backend() == Backend::Postgres {
        tx.query_one("SELECT a.id FROM actor a WHERE a.id = ?1 FOR UPDATE", params![(of,)])
            .await?;
    }
    list(tx, of).await
}

/// Whether an account has a passkey.
pub(in crate::signin) async fn any(at: &mut impl Reads, of: ActorId) -> Result<bool, DbError> {
    let sql = "SELECT p.id FROM passkey p WHERE p.actor_id = ?1 LIMIT 1";
    Ok(at.query_one(sql, params![(of,)]).await?.is_some())
}

/// Registers a passkey; 0 when the credential is registered already, for whomever.
pub(super) async fn insert(tx: &mut Tx, new: &PasskeyRow) -> Result<u64, DbError> {
    let row = params![
        (new.id,),
        (new.actor,),
        new.relying_party.as_str(),
        new.credential_id.as_slice(),
        new.public_key.as_slice(),
        new.state.as_slice(),
        i64::from(new.transports),
        new.name.as_slice(),
        new.registered_at
    ];
    tx.execute(
        "INSERT INTO passkey (id, actor_id, relying_party, credential_id, public_key, state, transports, name_sealed, registered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (credential_id) DO NOTHING",
        row,
    )
    .await
}

/// Writes down that a passkey was shown; 0 when it was shown elsewhere meanwhile, or is gone.
pub(in crate::signin) async fn spend(
    tx: &mut Tx,
    id: PasskeyId,
    (before, after): (&[u8], &[u8]),
    now: Instant,
) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE passkey SET state = ?3, last_used_at = ?4 WHERE id = ?1 AND state = ?2",
        params![(id,), before, after, now],
    )
    .await
}

/// Gives a passkey another name; 0 when this account has no such one.
pub(super) async fn rename(tx: &mut Tx, of: ActorId, id: PasskeyId, name: Vec<u8>) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE passkey SET name_sealed = ?3 WHERE id = ?1 AND actor_id = ?2",
        params![(id,), (of,), name],
    )
    .await
}

pub(super) async fn remove(tx: &mut Tx, of: ActorId, id: PasskeyId) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM passkey WHERE id = ?1 AND actor_id = ?2",
        params![(id,), (of,)],
    )
    .await
}

/// Erases all passkeys of an account and what was asked of them; tells how many there were.
pub(in crate::signin) async fn erase(tx: &mut Tx, of: ActorId) -> Result<u64, DbError> {
    tx.execute("DELETE FROM passkey_challenge WHERE actor_id = ?1", params![(of,)])
        .await?;
    tx.execute("DELETE FROM passkey WHERE actor_id = ?1", params![(of,)])
        .await
}

// Challenges -------------------------------------------------------------------------------------------------------

/// Keeps a challenge; one that was asked before for the same purpose ends.
pub(super) async fn put_challenge(
    tx: &mut Tx,
    of: ActorId,
    purpose: Purpose,
    new: ChallengeRow,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO passkey_challenge (actor_id, purpose, state, ends_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (actor_id, purpose) DO UPDATE SET state = excluded.state, ends_at = excluded.ends_at",
        params![(of,), purpose.as_str(), new.state, new.ends_at],
    )
    .await
    .map(drop)
}

/// Uses a challenge up, whatever comes of the answer. Nothing when there is none, or somebody else was faster.
pub(super) async fn take_challenge(
    tx: &mut Tx,
    of: ActorId,
    purpose: Purpose,
) -> Result<Option<ChallengeRow>, DbError> {
    let sql = "SELECT c.state, c.ends_at FROM passkey_challenge c WHERE c.actor_id = ?1 AND c.purpose = ?2";
    let Some(row) = tx.query_one(sql, params![(of,), purpose.as_str()]).await? else {
        return Ok(None);
    };
    let found = ChallengeRow {
        state: row.bytes("state")?,
        ends_at: row.instant("ends_at")?,
    };
    let taken = tx
        .execute(
            "DELETE FROM passkey_challenge WHERE actor_id = ?1 AND purpose = ?2 AND state = ?3",
            params![(of,), purpose.as_str(), found.state.as_slice()],
        )
        .await?;
    Ok((taken == 1).then_some(found))
}
