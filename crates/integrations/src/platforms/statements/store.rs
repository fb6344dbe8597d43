//! The tables `platform_statement`, `platform_statement_line`, `platform_order_tag`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, ImportId, Instant, ReceivingAccountId, UnitId};

use super::model::{Statement, StatementLine};
use crate::platforms::model::{PlatformCode, StatementId};

/// Pages of one statement.
const LINES_MAX: i64 = 10_000;

pub(super) const STATEMENT: &str = "SELECT id, unit_id, platform, number, content, state, gifts, gift_fen, matches,
    match_fen, refund_fen, fee_fen, net_fen, import_id, match_import_id, begun_at, begun_by, booked_at, arrived_on
    FROM platform_statement";

pub(super) fn read(row: &Row) -> Result<Statement, DbError> {
    Ok(Statement {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        platform: row.word("platform")?,
        number: row.text("number")?,
        content: row.bytes("content")?,
        state: row.word("state")?,
        gifts: row.int("gifts")?,
        gift_sum: row.fen("gift_fen")?,
        matches: row.int("matches")?,
        match_sum: row.fen("match_fen")?,
        refund_sum: row.fen("refund_fen")?,
        fee: row.fen("fee_fen")?,
        net: row.fen("net_fen")?,
        import: row.opt_id("import_id")?,
        match_import: row.opt_id("match_import_id")?,
        begun_at: row.instant("begun_at")?,
        begun_by: row.id("begun_by")?,
        booked_at: row.opt_instant("booked_at")?,
        arrived_on: row.opt_day("arrived_on")?,
    })
}

/// The statement with this number.
pub(super) async fn by_number(
    at: &mut impl Reads,
    (unit, platform): (UnitId, PlatformCode),
    number: &str,
) -> Result<Option<Statement>, DbError> {
    let sql = format!("{STATEMENT} WHERE unit_id = ?1 AND platform = ?2 AND number = ?3");
    let row = at.query_one(&sql, params![(unit,), platform.as_str(), number]).await?;
    row.as_ref().map(read).transpose()
}

/// A statement, held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: StatementId) -> Result<Option<Statement>, DbError> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let row = tx
        .query_one(&format!("{STATEMENT} WHERE id = ?1{lock}"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, statement: &Statement) -> Result<(), DbError> {
    let row = params![
        (statement.id,),
        (statement.unit,),
        statement.platform.as_str(),
        &statement.number,
        statement.content.clone(),
        statement.state.as_str(),
        statement.gifts,
        statement.gift_sum,
        statement.matches,
        statement.match_sum,
        statement.refund_sum,
        statement.fee,
        statement.net,
        statement.begun_at,
        (statement.begun_by,)
    ];
    let sql = "INSERT INTO platform_statement (id, unit_id, platform, number, content, state, gifts, gift_fen, matches,
            match_fen, refund_fen, fee_fen, net_fen, begun_at, begun_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn insert_line(tx: &mut Tx, of: &Statement, line: &StatementLine) -> Result<(), DbError> {
    let row = params![
        (of.unit,),
        (of.id,),
        &line.project_no,
        (line.project,),
        line.gifts,
        line.gift_sum,
        line.matches,
        line.match_sum,
        line.refund_sum,
        line.fee,
        line.net
    ];
    let sql = "INSERT INTO platform_statement_line (unit_id, statement_id, project_no, project_id, gifts, gift_fen,
            matches, match_fen, refund_fen, fee_fen, net_fen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    tx.execute(sql, row).await.map(drop)
}

/// All of it stands in the books now.
pub(super) async fn booked(
    tx: &mut Tx,
    id: StatementId,
    (gifts, matches): (ImportId, Option<ImportId>),
    now: Instant,
) -> Result<(), DbError> {
    let sql = "UPDATE platform_statement SET state = 'booked', import_id = ?2, match_import_id = ?3, booked_at = ?4
        WHERE id = ?1";
    tx.execute(sql, params![(id,), (gifts,), matches.map(|id| (id,)), now])
        .await
        .map(drop)
}

/// Its payout arrived.
pub(super) async fn paid(
    tx: &mut Tx,
    id: StatementId,
    arrived_on: BusinessDay,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "UPDATE platform_statement SET arrived_on = ?2, paid_at = ?3, paid_by = ?4 WHERE id = ?1";
    tx.execute(sql, params![(id,), arrived_on, now, (by,)]).await.map(drop)
}

/// What a statement says of its pages, by number.
pub(super) async fn lines(at: &mut impl Reads, of: &Statement) -> Result<Vec<StatementLine>, DbError> {
    let sql = "SELECT project_no, project_id, gifts, gift_fen, matches, match_fen, refund_fen, fee_fen, net_fen
        FROM platform_statement_line WHERE unit_id = ?1 AND statement_id = ?2 ORDER BY project_no LIMIT ?3";
    let rows = at.query(sql, params![(of.unit,), (of.id,), LINES_MAX]).await?;
    let read = |row: &Row| {
        Ok(StatementLine {
            project_no: row.text("project_no")?,
            project: row.id("project_id")?,
            gifts: row.int("gifts")?,
            gift_sum: row.fen("gift_fen")?,
            matches: row.int("matches")?,
            match_sum: row.fen("match_fen")?,
            refund_sum: row.fen("refund_fen")?,
            fee: row.fen("fee_fen")?,
            net: row.fen("net_fen")?,
        })
    };
    rows.iter().map(read).collect()
}

/// An order's channel tag.
pub(super) struct OrderTag {
    pub(super) unit: UnitId,
    pub(super) account: ReceivingAccountId,
    pub(super) order_no: String,
    pub(super) tag: String,
    pub(super) county: Option<UnitId>,
}

/// Keeps the channel tags of orders, before their gifts come in: the one place where attribution of platform gifts is
/// joined. The first tag stands.
pub(super) async fn keep_tags(tx: &mut Tx, tags: &[OrderTag]) -> Result<(), DbError> {
    for tag in tags {
        let row = params![
            (tag.unit,),
            (tag.account,),
            &tag.order_no,
            &tag.tag,
            tag.county.map(|county| (county,))
        ];
        let sql = "INSERT INTO platform_order_tag (unit_id, account_id, trade_no, tag, county_id)
            VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (unit_id, account_id, trade_no) DO NOTHING";
        tx.execute(sql, row).await?;
    }
    Ok(())
}
