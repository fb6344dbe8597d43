//! The tables of the boards: gifts as they count, corrections, live and frozen cells.

use std::collections::BTreeMap;

use db::{DbError, Param as _, Reads, Row, Tx, Value, list_mark, list_marks, params, wide_values};
use kernel::{ActorId, BusinessDay, CampaignId, Fen, GiftId, Instant, TeamId, UnitId};

use super::model::{Cell, Counted, Dims, Freeze, Kind, NO_TEAM, Standing, Tally};

/// Rows of one wide insert: SQLite binds at most 32,766 values.
const ROWS_PER_INSERT: usize = 400;
/// The channel of gifts that are a sponsor's own money: a match, ours or a platform's, is its sponsor's gift and counts
/// on no board.
const SPONSORS_OWN: &str = "match";

/// The order of a gift that came through a payment provider: its attribution stands under the order's own account.
const OF_ORDER: &str = "LEFT JOIN payment_attempt a ON a.unit_id = g.unit_id AND a.account_id = g.account_id
    AND a.trade_no = g.trade_no LEFT JOIN gift_order o ON o.id = a.order_id";

/// A gift as the boards need it, with what its payment was led to.
#[derive(Debug, Clone, Copy)]
pub struct GiftRow {
    /// The gift.
    pub gift: GiftId,
    /// For what it counts.
    pub dims: Dims,
    /// Its amount.
    pub amount: Fen,
    /// Whether its payment, by its number, was led to a team or a county.
    pub is_led: bool,
}

fn bound(ids: &[GiftId]) -> impl Iterator<Item = Value> {
    ids.iter().map(|id| (*id,).param())
}

fn team(bytes: &[u8]) -> Option<TeamId> {
    if bytes == NO_TEAM {
        return None;
    }
    TeamId::from_slice(bytes).ok()
}

fn read_dims(row: &Row) -> Result<Dims, DbError> {
    Ok(Dims {
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        county: row.id("county_id")?,
        team: team(&row.bytes("team_id")?),
    })
}

/// These gifts without sponsors' own money, as many as one round of a reaction has. A payment is found by its number (that of its order,
/// whichever account it went through), or, once counted, by its gift: an import that is taken back gives its numbers
/// free.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn gifts(at: &mut impl Reads, ids: &[GiftId]) -> Result<Vec<GiftRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = params![SPONSORS_OWN];
    values.extend(bound(ids));
    let (own, marks) = (list_mark(at.backend(), 1), list_marks(at.backend(), 1, ids.len()));
    let sql = format!(
        "SELECT g.id, p.unit_id, g.project_id, g.amount_fen, COALESCE(k.team_id, n.team_id) AS team_id,
            COALESCE(k.county_id, n.county_id, p.unit_id) AS county_id,
            CAST(CASE WHEN n.trade_no IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_led
         FROM gift g JOIN project p ON p.id = g.project_id {OF_ORDER}
         LEFT JOIN gift_attribution n ON n.unit_id = COALESCE(o.unit_id, g.unit_id)
            AND n.account_id = COALESCE(o.account_id, g.account_id) AND n.trade_no = g.trade_no
         LEFT JOIN gift_attribution k ON k.gift_id = g.id
         WHERE g.channel <> {own} AND g.id IN ({marks}) ORDER BY g.id"
    );
    let rows = at.query(&sql, values).await?;
    let read = |row: &Row| {
        Ok(GiftRow {
            gift: row.id("id")?,
            dims: Dims {
                unit: row.id("unit_id")?,
                project: row.id("project_id")?,
                county: row.id("county_id")?,
                team: row.opt_id("team_id")?,
            },
            amount: row.fen("amount_fen")?,
            is_led: row.flag("is_led")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Notes beside the payments' attributions which gifts they became.
pub(super) async fn name_gifts(tx: &mut Tx, ids: &[GiftId]) -> Result<(), DbError> {
    if ids.is_empty() {
        return Ok(());
    }
    let marks = list_marks(tx.backend(), 0, ids.len());
    let sql = format!(
        "UPDATE gift_attribution SET gift_id = f.id FROM (
            SELECT g.id, g.trade_no, COALESCE(o.unit_id, g.unit_id) AS unit_id,
                COALESCE(o.account_id, g.account_id) AS account_id
            FROM gift g {OF_ORDER} WHERE g.id IN ({marks})
         ) f
         WHERE f.unit_id = gift_attribution.unit_id AND f.account_id = gift_attribution.account_id
            AND f.trade_no = gift_attribution.trade_no AND gift_attribution.gift_id IS NULL"
    );
    tx.execute(&sql, bound(ids).collect()).await.map(drop)
}

/// Counts gifts that have just been confirmed; those that are counted already are left out.
pub(super) async fn insert_gifts(tx: &mut Tx, rows: &[(i64, GiftRow)]) -> Result<(), DbError> {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut values = Vec::with_capacity(chunk.len() * 11);
        for (place, row) in chunk {
            let dims = &row.dims;
            values.extend(params![
                (row.gift,),
                *place,
                (dims.unit,),
                (dims.project,),
                (dims.county,),
                dims.team_bytes(),
                row.amount,
                0_i64,
                0_i64,
                0_i64,
                0_i64
            ]);
        }
        let sql = format!(
            "INSERT INTO board_gift (gift_id, place, unit_id, project_id, county_id, team_id, amount_fen, refunded_fen,
                returned, held, sponsors) VALUES {}",
            wide_values(tx.backend(), chunk.len(), 11)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// Counted gifts among these, as many as one round of a reaction has.
pub async fn counted(at: &mut impl Reads, ids: &[GiftId]) -> Result<Vec<Counted>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let marks = list_marks(at.backend(), 0, ids.len());
    let sql = format!(
        "SELECT gift_id, unit_id, project_id, county_id, team_id, amount_fen, refunded_fen, returned, held,
            sponsors FROM board_gift WHERE gift_id IN ({marks}) ORDER BY gift_id"
    );
    let rows = at.query(&sql, bound(ids).collect()).await?;
    let read = |row: &Row| {
        Ok(Counted {
            gift: row.id("gift_id")?,
            dims: read_dims(row)?,
            standing: Standing {
                amount: row.fen("amount_fen")?,
                refunded: row.fen("refunded_fen")?,
                returned: row.flag("returned")?,
                held: row.flag("held")?,
                sponsors: row.flag("sponsors")?,
            },
        })
    };
    rows.iter().map(read).collect()
}

/// Writes how a gift stands now.
pub(super) async fn put_standing(tx: &mut Tx, gift: GiftId, standing: &Standing) -> Result<(), DbError> {
    let sql = "UPDATE board_gift SET refunded_fen = ?2, returned = ?3, held = ?4, sponsors = ?5 WHERE gift_id = ?1";
    let row = params![
        (gift,),
        standing.refunded,
        standing.returned,
        standing.held,
        standing.sponsors
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Keeps what one fact changed.
pub(super) async fn insert_correction(tx: &mut Tx, (place, gift): (i64, GiftId), cell: &Cell) -> Result<(), DbError> {
    let dims = &cell.dims;
    let row = params![
        place,
        (gift,),
        (dims.unit,),
        (dims.project,),
        (dims.county,),
        dims.team_bytes(),
        cell.tally.gifts,
        cell.tally.sum_fen
    ];
    let sql = "INSERT INTO board_correction (place, gift_id, unit_id, project_id, county_id, team_id, gifts, sum_fen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.execute(sql, row).await.map(drop)
}

/// Adds changes to the live cells, in the order of their key.
pub(super) async fn add_cells(tx: &mut Tx, changes: &BTreeMap<Dims, Tally>) -> Result<(), DbError> {
    let rows: Vec<(&Dims, &Tally)> = changes.iter().filter(|(_, tally)| !tally.is_zero()).collect();
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut values = Vec::with_capacity(chunk.len() * 6);
        for (dims, tally) in chunk {
            values.extend(params![
                (dims.unit,),
                (dims.project,),
                (dims.county,),
                dims.team_bytes(),
                tally.gifts,
                tally.sum_fen
            ]);
        }
        let sql = format!(
            "INSERT INTO board_cell (unit_id, project_id, county_id, team_id, gifts, sum_fen) VALUES {}
             ON CONFLICT (unit_id, project_id, county_id, team_id) DO UPDATE SET
                gifts = board_cell.gifts + excluded.gifts, sum_fen = board_cell.sum_fen + excluded.sum_fen",
            wide_values(tx.backend(), chunk.len(), 6)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

fn read_freeze(row: &Row) -> Result<Freeze, DbError> {
    Ok(Freeze {
        day: row.day("day")?,
        place: row.int("place")?,
        seen: row.int("seen")?,
        frozen_at: row.instant("frozen_at")?,
    })
}

/// A frozen day.
pub async fn freeze(at: &mut impl Reads, day: BusinessDay) -> Result<Option<Freeze>, DbError> {
    let sql = "SELECT day, place, seen, frozen_at FROM board_freeze WHERE day = ?1";
    at.query_one(sql, params![day])
        .await?
        .as_ref()
        .map(read_freeze)
        .transpose()
}

/// The last frozen day.
pub async fn last_freeze(at: &mut impl Reads) -> Result<Option<Freeze>, DbError> {
    let sql = "SELECT day, place, seen, frozen_at FROM board_freeze ORDER BY day DESC LIMIT 1";
    at.query_one(sql, vec![]).await?.as_ref().map(read_freeze).transpose()
}

/// Frozen days, the latest first.
pub async fn freezes(at: &mut impl Reads, limit: i64) -> Result<Vec<Freeze>, DbError> {
    let sql = "SELECT day, place, seen, frozen_at FROM board_freeze ORDER BY day DESC LIMIT ?1";
    at.query(sql, params![limit]).await?.iter().map(read_freeze).collect()
}

/// Writes a frozen day; false when it was written before.
pub(super) async fn insert_freeze(tx: &mut Tx, freeze: &Freeze) -> Result<bool, DbError> {
    let sql = "INSERT INTO board_freeze (day, place, seen, frozen_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (day) DO NOTHING";
    let rows = tx
        .execute(sql, params![freeze.day, freeze.place, freeze.seen, freeze.frozen_at])
        .await?;
    Ok(rows == 1)
}

/// Writes the cells of a frozen day: those of the day before it, the gifts confirmed since, and what became known since
/// of the gifts of either. Returns how many.
pub(super) async fn insert_frozen(tx: &mut Tx, before: Option<&Freeze>, freeze: &Freeze) -> Result<u64, DbError> {
    let (day, place, seen) = before.map_or((0, 0, 0), |b| (b.day.to_number(), b.place, b.seen));
    // A correction belongs to the first day whose gifts hold its gift and that had seen it.
    let sql = "INSERT INTO board_frozen (unit_id, day, project_id, county_id, team_id, gifts, sum_fen)
        SELECT c.unit_id, CAST(?1 AS BIGINT), c.project_id, c.county_id, c.team_id, CAST(SUM(c.gifts) AS BIGINT),
            CAST(SUM(c.sum_fen) AS BIGINT)
        FROM (
            SELECT unit_id, project_id, county_id, team_id, gifts, sum_fen FROM board_frozen WHERE day = ?2
            UNION ALL
            SELECT unit_id, project_id, county_id, team_id, CAST(COUNT(*) AS BIGINT), CAST(SUM(amount_fen) AS BIGINT)
            FROM board_gift WHERE place > ?3 AND place <= ?5 GROUP BY unit_id, project_id, county_id, team_id
            UNION ALL
            SELECT k.unit_id, k.project_id, k.county_id, k.team_id, k.gifts, k.sum_fen
            FROM board_correction k JOIN board_gift g ON g.gift_id = k.gift_id
            WHERE k.place > ?3 AND k.place <= ?6 AND g.place <= ?5 AND (k.place > ?4 OR g.place > ?3)
        ) c GROUP BY c.unit_id, c.project_id, c.county_id, c.team_id";
    tx.execute(sql, params![freeze.day, day, place, seen, freeze.place, freeze.seen])
        .await
}

/// The cells of a frozen day that are not zero, or, without a day, the live ones; at most `limit`, of one campaign if
/// one is named.
pub async fn cells(
    at: &mut impl Reads,
    day: Option<BusinessDay>,
    campaign: Option<CampaignId>,
    limit: i64,
) -> Result<Vec<Cell>, DbError> {
    let mut values: Vec<Value> = params![limit];
    let mut wanted = vec!["(c.gifts <> 0 OR c.sum_fen <> 0)".to_owned()];
    let mut from = match day {
        Some(day) => {
            values.push(day.param());
            wanted.push(format!("c.day = ?{}", values.len()));
            "board_frozen c".to_owned()
        }
        None => "board_cell c".to_owned(),
    };
    if let Some(campaign) = campaign {
        values.push((campaign,).param());
        wanted.push(format!("p.campaign_id = ?{}", values.len()));
        from += " JOIN project p ON p.id = c.project_id";
    }
    let sql = format!(
        "SELECT c.unit_id, c.project_id, c.county_id, c.team_id, c.gifts, c.sum_fen FROM {from} WHERE {}
         ORDER BY c.project_id, c.county_id, c.team_id LIMIT ?1",
        wanted.join(" AND ")
    );
    let read = |row: &Row| {
        Ok(Cell {
            dims: read_dims(row)?,
            tally: Tally {
                gifts: row.int("gifts")?,
                sum_fen: row.fen("sum_fen")?,
            },
        })
    };
    at.query(&sql, values).await?.iter().map(read).collect()
}

/// Whether boards of a campaign are shown, by kind.
pub async fn opened(at: &mut impl Reads, campaign: CampaignId) -> Result<Vec<Kind>, DbError> {
    let sql = "SELECT kind FROM board_opened WHERE campaign_id = ?1 ORDER BY kind LIMIT 10";
    let rows = at.query(sql, params![(campaign,)]).await?;
    rows.iter().map(|row| row.word("kind")).collect()
}

/// Puts the kinds shown in the place of those before.
pub(super) async fn put_opened(
    tx: &mut Tx,
    (unit, campaign): (UnitId, CampaignId),
    kinds: &[Kind],
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM board_opened WHERE unit_id = ?1 AND campaign_id = ?2",
        params![(unit,), (campaign,)],
    )
    .await?;
    for kind in kinds {
        tx.execute(
            "INSERT INTO board_opened (unit_id, campaign_id, kind, opened_at, opened_by) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (unit_id, campaign_id, kind) DO NOTHING",
            params![(unit,), (campaign,), kind.as_str(), now, (by,)],
        )
        .await?;
    }
    Ok(())
}

/// Puts a population figure, which replaces one of the same county and day.
pub(super) async fn put_population(
    tx: &mut Tx,
    (unit, from): (UnitId, BusinessDay),
    (people, source): (i64, &str),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "INSERT INTO county_population (unit_id, from_day, people, source, loaded_at, loaded_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (unit_id, from_day) DO UPDATE SET people = excluded.people, source = excluded.source,
            loaded_at = excluded.loaded_at, loaded_by = excluded.loaded_by";
    tx.execute(sql, params![(unit,), from, people, source, now, (by,)])
        .await
        .map(drop)
}
