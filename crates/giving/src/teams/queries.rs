//! Teams, walls and tags for showing.

use db::{DbError, Reads, Row, params};
use kernel::id::Id as _;
use kernel::{Fen, ProjectId, TeamId};
use platform::identity::Scope;
use platform::{Keys, UnitTree};

use super::model::{ChannelTag, Team, WallEntry};
use super::store;
pub use super::store::{tag, team};
use crate::donations::orders::Order;
use crate::donor_way::queries::open_words;

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
        "SELECT {} FROM team t WHERE t.id > ?1 AND {within}{only} ORDER BY t.id LIMIT ?2",
        store::COLUMNS
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}

/// The open teams of a project, the one that raised most first, at most `limit`, each with what it raised.
pub async fn of_project(at: &mut impl Reads, project: ProjectId, limit: i64) -> Result<Vec<(Team, Fen)>, DbError> {
    let sql = format!(
        "SELECT {}, CAST(COALESCE((SELECT SUM(c.sum_fen) FROM board_cell c WHERE c.team_id = t.id), 0) AS BIGINT) AS sum_fen
         FROM team t WHERE t.project_id = ?1 AND t.state = 'open' ORDER BY sum_fen DESC, t.id LIMIT ?2",
        store::COLUMNS
    );
    let rows = at.query(&sql, params![(project,), limit]).await?;
    rows.iter()
        .map(|row| Ok((store::read(row)?, row.fen("sum_fen")?)))
        .collect()
}

/// The newest gifts of a team that count, at most `limit`, with the words beside them that may be shown; names of gifts
/// below `name_min` are not shown.
pub async fn wall(
    at: &mut impl Reads,
    keys: &Keys,
    team: TeamId,
    (name_min, limit): (Fen, i64),
) -> Result<Vec<WallEntry>, DbError> {
    let sql = "SELECT g.id, g.amount_fen - b.refunded_fen AS left_fen, g.paid_at, g.anonymous, g.payer_masked,
            a.name_hidden, m.words_sealed
        FROM gift_attribution a JOIN board_gift b ON b.gift_id = a.gift_id JOIN gift g ON g.id = a.gift_id
        LEFT JOIN gift_order o ON o.unit_id = a.unit_id AND o.account_id = a.account_id AND o.trade_no = a.trade_no
        LEFT JOIN donor_message m ON m.order_id = o.id AND m.state = 'shown'
        WHERE a.team_id = ?1 AND b.held = 0 AND b.returned = 0 AND b.sponsors = 0 AND b.refunded_fen < b.amount_fen
        ORDER BY a.gift_id DESC LIMIT ?2";
    let rows = at.query(sql, params![(team,), limit]).await?;
    let entry = |row: &Row| {
        let (amount, hidden) = (row.fen("left_fen")?, row.flag("anonymous")? || row.flag("name_hidden")?);
        let words = row.opt_bytes("words_sealed")?;
        Ok(WallEntry {
            gift: row.id("id")?,
            name: row.opt_text("payer_masked")?.filter(|_| !hidden && amount >= name_min),
            amount,
            at: row.instant("paid_at")?,
            message: words.map(|sealed| open_words(&sealed, keys)).transpose()?,
        })
    };
    rows.iter().map(entry).collect()
}

/// To which team an order's payment is led, and by which tag its donor came.
pub async fn led(at: &mut impl Reads, order: &Order) -> Result<(Option<TeamId>, Option<String>), DbError> {
    let sql = "SELECT team_id, tag FROM gift_attribution WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3";
    let row = at
        .query_one(sql, params![(order.unit,), (order.account,), &order.trade_no])
        .await?;
    row.map_or(Ok((None, None)), |row| {
        Ok((row.opt_id("team_id")?, row.opt_text("tag")?))
    })
}

/// The channel tags in the reader's scope, by word.
pub async fn tags(at: &mut impl Reads, scope: &Scope, tree: &UnitTree) -> Result<Vec<ChannelTag>, DbError> {
    let mut values = params![TAGS_MAX];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!("SELECT code, unit_id, label, closed_at FROM channel_tag WHERE {within} ORDER BY code LIMIT ?1");
    at.query(&sql, values).await?.iter().map(store::read_tag).collect()
}
