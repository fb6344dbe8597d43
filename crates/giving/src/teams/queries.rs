//! Teams, walls, tags and waiting messages for showing.

use db::{DbError, Reads, Row, params};
use kernel::id::Id as _;
use kernel::{Fen, GiftId, TeamId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{ChannelTag, Team, WaitingMessage, WallEntry};
use super::store;
pub use super::store::{tag, team};

/// Tags in one answer: several for every county of a province.
const TAGS_MAX: i64 = 2_000;

/// Teams in the reader's scope, in order of starting after one, at most `limit`; in one state, if it is named.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn list(
    at: &mut impl Reads,
    state: Option<&str>,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<TeamId>,
    limit: i64,
) -> Result<Vec<Team>, DbError> {
    let mut values = params![(after.unwrap_or(TeamId::from_bytes([0; 16])),), limit];
    let within = scope.condition("t.unit_id", tree, &mut values);
    let only = state.map_or_else(String::new, |state| {
        values.push(db::Param::param(state));
        format!(" AND t.state = ?{}", values.len())
    });
    let sql = format!(
        "{} WHERE t.id > ?1 AND {within}{only} ORDER BY t.id LIMIT ?2",
        store::TEAM
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}

/// The newest gifts of a team that count, at most `limit`; names of gifts below `name_min` are not shown.
pub async fn wall(at: &mut impl Reads, team: TeamId, name_min: Fen, limit: i64) -> Result<Vec<WallEntry>, DbError> {
    let sql = "SELECT g.id, g.amount_fen - b.refunded_fen AS left_fen, g.paid_at, g.anonymous, g.payer_masked,
            a.name_hidden, a.message_state, a.message_shown
        FROM gift_attribution a JOIN board_gift b ON b.gift_id = a.gift_id JOIN gift g ON g.id = a.gift_id
        WHERE a.team_id = ?1 AND b.held = 0 AND b.returned = 0 AND b.refunded_fen < b.amount_fen
        ORDER BY a.gift_id DESC LIMIT ?2";
    let rows = at.query(sql, params![(team,), limit]).await?;
    let entry = |row: &Row| {
        let (amount, hidden) = (row.fen("left_fen")?, row.flag("anonymous")? || row.flag("name_hidden")?);
        let shown = row.opt_text("message_state")?.as_deref() == Some("shown");
        Ok(WallEntry {
            gift: row.id("id")?,
            name: row.opt_text("payer_masked")?.filter(|_| !hidden && amount >= name_min),
            amount,
            at: row.instant("paid_at")?,
            message: row.opt_text("message_shown")?.filter(|_| shown),
        })
    };
    rows.iter().map(entry).collect()
}

/// Messages of paid gifts that wait for moderation, oldest first, after one, at most `limit`.
pub async fn waiting_messages(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<GiftId>,
    limit: i64,
) -> Result<Vec<WaitingMessage>, DbError> {
    let mut values = params![(after.unwrap_or(GiftId::from_bytes([0; 16])),), limit];
    let within = scope.condition("t.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT a.gift_id, a.team_id, t.title, g.payer_masked, a.message_sealed FROM gift_attribution a
         JOIN team t ON t.id = a.team_id JOIN gift g ON g.id = a.gift_id
         WHERE a.gift_id > ?1 AND a.message_state = 'waiting' AND {within} ORDER BY a.gift_id LIMIT ?2"
    );
    let rows = at.query(&sql, values).await?;
    let message = |row: &Row| {
        Ok(WaitingMessage {
            gift: row.id("gift_id")?,
            team: row.id("team_id")?,
            team_title: row.text("title")?,
            name: row.opt_text("payer_masked")?,
            sealed: row.bytes("message_sealed")?,
        })
    };
    rows.iter().map(message).collect()
}

/// The channel tags in the reader's scope, by word.
pub async fn tags(at: &mut impl Reads, scope: &Scope, tree: &UnitTree) -> Result<Vec<ChannelTag>, DbError> {
    let mut values = params![TAGS_MAX];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!("SELECT code, unit_id, label, closed_at FROM channel_tag WHERE {within} ORDER BY code LIMIT ?1");
    at.query(&sql, values).await?.iter().map(store::read_tag).collect()
}
