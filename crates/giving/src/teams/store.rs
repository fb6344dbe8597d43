//! The tables `team`, `channel_tag` and `gift_attribution`.

use db::{Backend, DbError, Reads, Row, Tx, params, wide_values};
use kernel::{GiftId, Instant, ReceivingAccountId, TeamId, UnitId};

use super::attribution::Attribution;
use super::model::{ChannelTag, Team, TeamState};

/// Rows of one wide insert: SQLite binds at most 32,766 values.
const ROWS_PER_INSERT: usize = 500;

pub(super) const COLUMNS: &str = "t.id, t.unit_id, t.project_id, t.title, t.words, t.target_fen, t.state, t.created_at,
    t.opened_at, t.closed_at, t.closed_why";

pub(super) fn read(row: &Row) -> Result<Team, DbError> {
    let missing = |column: &str| DbError::Row {
        column: column.to_owned(),
        why: "missing in this state".into(),
    };
    let opened_at = row.opt_instant("opened_at")?;
    let state = match row.text("state")?.as_str() {
        "open" => TeamState::Open {
            opened_at: opened_at.ok_or_else(|| missing("opened_at"))?,
        },
        "closed" => TeamState::Closed {
            opened_at,
            closed_at: row.opt_instant("closed_at")?.ok_or_else(|| missing("closed_at"))?,
            why: row.opt_text("closed_why")?.ok_or_else(|| missing("closed_why"))?,
        },
        _ => TeamState::Draft,
    };
    Ok(Team {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        title: row.text("title")?,
        words: row.text("words")?,
        target: row.opt_fen("target_fen")?,
        state,
        created_at: row.instant("created_at")?,
    })
}

/// A team.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn team(at: &mut impl Reads, id: TeamId) -> Result<Option<Team>, DbError> {
    at.query_one(&format!("SELECT {COLUMNS} FROM team t WHERE t.id = ?1"), params![(id,)])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The team that was started under this key.
pub(super) async fn by_key(tx: &mut Tx, unit: UnitId, key: &str) -> Result<Option<Team>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM team t WHERE t.unit_id = ?1 AND t.request_key = ?2");
    tx.query_one(&sql, params![(unit,), key])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// A team, its row held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: TeamId) -> Result<Option<Team>, DbError> {
    if tx.backend() == Backend::Postgres {
        tx.query("SELECT id FROM team WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    team(tx, id).await
}

pub(super) async fn insert(tx: &mut Tx, team: &Team, starter_sealed: Vec<u8>, key: &str) -> Result<(), DbError> {
    let row = params![
        (team.id,),
        (team.unit,),
        (team.project,),
        &team.title,
        &team.words,
        team.target,
        team.state.as_str(),
        starter_sealed,
        key,
        team.created_at
    ];
    let sql = "INSERT INTO team (id, unit_id, project_id, title, words, target_fen, state, starter_sealed, request_key,
            created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what may change of a team; its row is held by the caller.
pub(super) async fn update(tx: &mut Tx, team: &Team) -> Result<(), DbError> {
    let (opened, closed, why) = match &team.state {
        TeamState::Draft => (None, None, None),
        TeamState::Open { opened_at } => (Some(*opened_at), None, None),
        TeamState::Closed {
            opened_at,
            closed_at,
            why,
        } => (*opened_at, Some(*closed_at), Some(why.as_str())),
    };
    let row = params![
        (team.id,),
        &team.title,
        &team.words,
        team.target,
        team.state.as_str(),
        opened,
        closed,
        why
    ];
    let sql = "UPDATE team SET title = ?2, words = ?3, target_fen = ?4, state = ?5, opened_at = ?6, closed_at = ?7,
        closed_why = ?8 WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

/// The starter, sealed.
pub(super) async fn starter(at: &mut impl Reads, id: TeamId) -> Result<Option<Vec<u8>>, DbError> {
    let row = at
        .query_one("SELECT starter_sealed FROM team WHERE id = ?1", params![(id,)])
        .await?;
    row.map(|row| row.bytes("starter_sealed")).transpose()
}

/// Starters that are known still, of the newest teams, at most `limit`.
pub(super) async fn starters(at: &mut impl Reads, limit: i64) -> Result<Vec<(TeamId, UnitId, Vec<u8>)>, DbError> {
    let sql = "SELECT id, unit_id, starter_sealed FROM team WHERE LENGTH(starter_sealed) > 0 ORDER BY id DESC LIMIT ?1";
    let rows = at.query(sql, params![limit]).await?;
    let read = |row: &Row| Ok((row.id("id")?, row.id("unit_id")?, row.bytes("starter_sealed")?));
    rows.iter().map(read).collect()
}

/// Forgets who started a team; whether she was known still. No bytes at all say that it was erased.
pub(super) async fn forget_starter(tx: &mut Tx, id: TeamId) -> Result<bool, DbError> {
    let sql = "UPDATE team SET starter_sealed = ?2 WHERE id = ?1 AND starter_sealed <> ?2";
    Ok(tx.execute(sql, params![(id,), Vec::<u8>::new()]).await? > 0)
}

pub(super) fn read_tag(row: &Row) -> Result<ChannelTag, DbError> {
    Ok(ChannelTag {
        code: row.text("code")?,
        unit: row.id("unit_id")?,
        label: row.text("label")?,
        closed_at: row.opt_instant("closed_at")?,
    })
}

/// A channel tag by its word.
pub async fn tag(at: &mut impl Reads, code: &str) -> Result<Option<ChannelTag>, DbError> {
    let sql = "SELECT code, unit_id, label, closed_at FROM channel_tag WHERE code = ?1";
    at.query_one(sql, params![code])
        .await?
        .as_ref()
        .map(read_tag)
        .transpose()
}

pub(super) async fn insert_tag(tx: &mut Tx, tag: &ChannelTag, now: Instant) -> Result<bool, DbError> {
    let sql = "INSERT INTO channel_tag (unit_id, code, label, created_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (code) DO NOTHING";
    let rows = tx
        .execute(sql, params![(tag.unit,), &tag.code, &tag.label, now])
        .await?;
    Ok(rows == 1)
}

/// To which payment.
#[derive(Debug, Clone, Copy)]
pub struct Payment<'p> {
    /// The unit in whose books it will stand.
    pub unit: UnitId,
    /// The account.
    pub account: ReceivingAccountId,
    /// The number.
    pub trade_no: &'p str,
}

/// Keeps to what a payment is led; the first word stands. False when it was kept before.
pub async fn attribute(tx: &mut Tx, payment: Payment<'_>, to: &Attribution, now: Instant) -> Result<bool, DbError> {
    Ok(attribute_all(tx, &[(payment, to)], now).await? == 1)
}

/// The same for payments of a file, each number once; gives how many were not kept before.
pub async fn attribute_all(
    tx: &mut Tx,
    payments: &[(Payment<'_>, &Attribution)],
    now: Instant,
) -> Result<u64, DbError> {
    let mut kept = 0;
    for chunk in payments.chunks(ROWS_PER_INSERT) {
        let mut values = Vec::with_capacity(chunk.len() * 8);
        for (payment, to) in chunk {
            values.extend(params![
                (payment.unit,),
                (payment.account,),
                payment.trade_no,
                to.team.map(|team| (team,)),
                to.county.map(|county| (county,)),
                to.tag.as_deref(),
                0_i64,
                now
            ]);
        }
        let sql = format!(
            "INSERT INTO gift_attribution (unit_id, account_id, trade_no, team_id, county_id, tag, name_hidden,
                created_at) VALUES {} ON CONFLICT (unit_id, account_id, trade_no) DO NOTHING",
            wide_values(tx.backend(), chunk.len(), 8)
        );
        kept += tx.execute(&sql, values).await?;
    }
    Ok(kept)
}

/// The team's unit of a gift on a wall, and whether its name is hidden; the row is held until the transaction ends.
pub(super) async fn lock_entry(tx: &mut Tx, gift: GiftId) -> Result<Option<(UnitId, bool)>, DbError> {
    if tx.backend() == Backend::Postgres {
        let sql = "SELECT trade_no FROM gift_attribution WHERE gift_id = ?1 FOR UPDATE";
        tx.query(sql, params![(gift,)]).await?;
    }
    let sql = "SELECT t.unit_id, a.name_hidden FROM gift_attribution a JOIN team t ON t.id = a.team_id
        WHERE a.gift_id = ?1";
    let row = tx.query_one(sql, params![(gift,)]).await?;
    row.map(|row| Ok((row.id("unit_id")?, row.flag("name_hidden")?)))
        .transpose()
}

/// Writes whether a gift's name is hidden.
pub(super) async fn put_name_hidden(tx: &mut Tx, gift: GiftId, hidden: bool) -> Result<(), DbError> {
    let sql = "UPDATE gift_attribution SET name_hidden = ?2 WHERE gift_id = ?1";
    tx.execute(sql, params![(gift,), hidden]).await.map(drop)
}
