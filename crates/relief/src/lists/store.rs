//! The tables `goods_request`, `goods_list`, `goods_plan`, `goods_plan_line`, `goods_plan_decision`.

pub(super) mod history;

use std::collections::BTreeMap;

use db::{DbError, Reads, Row, Tx, params};
use governance::approvals::CaseId;
use kernel::{ActorId, BusinessDay, Instant, RegionCode, UnitId};

use super::model::{ListLine, NewRequest, PlanDecision, PlanState, Request, Share, Wanted, Why};
use super::rules::Whereabouts;
use crate::stock::store::{LOT, read_lot};
use crate::{LotId, PlaceId, PlanId, RequestId};

/// Requests of one unit that are weighed at once.
const REQUESTS_MAX: i64 = 20_000;
/// Lots in store that are shared out at once.
const OFFERS_MAX: i64 = 50_000;
/// Units with goods: the county societies of a large province.
const UNITS_MAX: i64 = 1_000;
/// Lines of a plan.
const LINES_MAX: i64 = 200_000;

/// Columns of a request.
pub(super) const REQUEST: &str = "SELECT r.id, r.unit_id, r.party_id, p.name AS party_name, r.item_id, i.name AS item_name, i.base_unit,
    u.per_base, r.unit_word, r.quantity, r.amount_fen, r.granted, r.priority, r.basis, r.needed_by, r.confirmed_at, r.withdrawn_at,
    g.every_days, g.until_on
    FROM goods_request r JOIN goods_party p ON p.id = r.party_id LEFT JOIN goods_item i ON i.id = r.item_id
    LEFT JOIN goods_item_unit u ON u.item_id = r.item_id AND u.unit_word = r.unit_word
    LEFT JOIN goods_request_repeat g ON g.request_id = r.id";

/// A request's row as a value: the one place.
pub(super) fn read_request(row: &Row) -> Result<Request, DbError> {
    let wanted = match (
        row.opt_id("item_id")?,
        row.opt_int("quantity")?,
        row.opt_fen("amount_fen")?,
    ) {
        (Some(item), Some(quantity), None) => Wanted::Goods {
            item,
            unit_word: row.text("unit_word")?,
            quantity,
        },
        (None, None, Some(amount)) => Wanted::Money(amount),
        _ => {
            return Err(DbError::Row {
                column: "quantity".to_owned(),
                why: "a request is for goods or for money".to_owned(),
            });
        }
    };
    Ok(Request {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        party: row.id("party_id")?,
        party_name: row.text("party_name")?,
        wanted,
        item_name: row.opt_text("item_name")?,
        per_base: row.opt_int("per_base")?.unwrap_or(1),
        granted: row.int("granted")?,
        priority: row.word("priority")?,
        basis: row.text("basis")?,
        needed_by: row.opt_day("needed_by")?,
        confirmed_at: row.instant("confirmed_at")?,
        withdrawn_at: row.opt_instant("withdrawn_at")?,
        repeats: row.opt_int("every_days")?.zip(row.opt_day("until_on")?),
    })
}

pub(crate) async fn request(at: &mut impl Reads, id: RequestId) -> Result<Option<Request>, DbError> {
    let row = at
        .query_one(&format!("{REQUEST} WHERE r.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_request).transpose()
}

/// A request, locked until the transaction ends.
pub(crate) async fn lock_request(tx: &mut Tx, id: RequestId) -> Result<Option<Request>, DbError> {
    tx.execute(
        "UPDATE goods_request SET granted = granted WHERE id = ?1",
        params![(id,)],
    )
    .await?;
    request(tx, id).await
}

pub(super) async fn request_by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Request>, DbError> {
    let row = at
        .query_one(
            &format!("{REQUEST} WHERE r.unit_id = ?1 AND r.request_key = ?2"),
            params![(unit,), key],
        )
        .await?;
    row.as_ref().map(read_request).transpose()
}

pub(crate) async fn insert_request(tx: &mut Tx, id: RequestId, new: &NewRequest, now: Instant) -> Result<(), DbError> {
    let (item, unit_word, quantity, amount) = match &new.wanted {
        Wanted::Goods {
            item,
            unit_word,
            quantity,
        } => (Some((*item,)), unit_word.as_str(), Some(*quantity), None),
        Wanted::Money(amount) => (None, "", None, Some(*amount)),
    };
    let row = params![
        (id,),
        (new.unit,),
        &new.key,
        (new.party,),
        item,
        unit_word,
        quantity,
        amount,
        new.priority.as_str(),
        &new.basis,
        new.needed_by,
        now,
    ];
    tx.execute(
        "INSERT INTO goods_request (id, unit_id, request_key, party_id, item_id, unit_word, quantity, amount_fen, granted,
           priority, basis, needed_by, confirmed_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11, ?12, ?12)",
        row,
    )
    .await
    .map(drop)
}

pub(super) async fn confirm(tx: &mut Tx, id: RequestId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE goods_request SET confirmed_at = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), now]).await.map(drop)
}

pub(super) async fn withdraw(tx: &mut Tx, id: RequestId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE goods_request SET withdrawn_at = ?2 WHERE id = ?1 AND withdrawn_at IS NULL";
    tx.execute(sql, params![(id,), now]).await.map(drop)
}

/// Adds what was granted to a request: base units of goods, below zero when an order is called off, or fen.
pub(crate) async fn grant(tx: &mut Tx, id: RequestId, base_units: i64) -> Result<(), DbError> {
    let sql = "UPDATE goods_request SET granted = granted + ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), base_units]).await.map(drop)
}

/// A request that comes again.
pub(super) struct Repeat {
    pub(super) request: RequestId,
    pub(super) every_days: i64,
    pub(super) next_on: BusinessDay,
    pub(super) until: BusinessDay,
}

pub(super) async fn put_repeat(tx: &mut Tx, unit: UnitId, repeat: &Repeat) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_request_repeat (request_id, unit_id, every_days, next_on, until_on) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (request_id) DO UPDATE SET every_days = excluded.every_days, next_on = excluded.next_on,
           until_on = excluded.until_on",
        params![
            (repeat.request,),
            (unit,),
            repeat.every_days,
            repeat.next_on,
            repeat.until
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn drop_repeat(tx: &mut Tx, request: RequestId) -> Result<(), DbError> {
    let sql = "DELETE FROM goods_request_repeat WHERE request_id = ?1";
    tx.execute(sql, params![(request,)]).await.map(drop)
}

fn read_repeat(row: &Row) -> Result<Repeat, DbError> {
    Ok(Repeat {
        request: row.id("request_id")?,
        every_days: row.int("every_days")?,
        next_on: row.day("next_on")?,
        until: row.day("until_on")?,
    })
}

pub(super) async fn repeat(at: &mut impl Reads, request: RequestId) -> Result<Option<Repeat>, DbError> {
    let sql = "SELECT request_id, every_days, next_on, until_on FROM goods_request_repeat WHERE request_id = ?1";
    let row = at.query_one(sql, params![(request,)]).await?;
    row.as_ref().map(read_repeat).transpose()
}

/// Requests that are to come again by this day.
pub(super) async fn due_repeats(at: &mut impl Reads, today: BusinessDay) -> Result<Vec<RequestId>, DbError> {
    let sql = "SELECT request_id FROM goods_request_repeat WHERE next_on <= ?1 ORDER BY next_on, request_id LIMIT ?2";
    let rows = at.query(sql, params![today, REQUESTS_MAX]).await?;
    rows.iter().map(|row| row.id("request_id")).collect()
}

/// Open requests for goods.
pub(super) async fn open_requests(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Request>, DbError> {
    let rows = at
        .query(
            &format!(
                "{REQUEST} WHERE r.unit_id = ?1 AND r.withdrawn_at IS NULL AND r.item_id IS NOT NULL ORDER BY r.id LIMIT ?2"
            ),
            params![(unit,), REQUESTS_MAX],
        )
        .await?;
    rows.iter().map(read_request).collect()
}

/// Lots in store, with the place and how many; what is past its day or somebody's parcel is left out.
pub(super) async fn in_store(
    at: &mut impl Reads,
    unit: UnitId,
    today: BusinessDay,
) -> Result<Vec<(crate::stock::Lot, PlaceId, i64)>, DbError> {
    let rows = at
        .query(
            &format!(
                "SELECT {LOT}, b.holder, b.quantity FROM goods_balance b JOIN goods_lot l ON l.id = b.lot_id
                 WHERE b.unit_id = ?1 AND b.state = 'stocked' AND b.quantity > 0 AND l.source <> 'held_for_addressee'
                   AND (l.expires_on IS NULL OR l.expires_on >= ?2) ORDER BY l.id, b.holder LIMIT ?3"
            ),
            params![(unit,), today, OFFERS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((read_lot(row)?, row.id("holder")?, row.int("quantity")?)))
        .collect()
}

/// Where the places and receivers of a unit are, as far as somebody has said.
pub(super) async fn whereabouts(
    at: &mut impl Reads,
    unit: UnitId,
    home: Option<RegionCode>,
) -> Result<Whereabouts, DbError> {
    let mut known = Whereabouts {
        home,
        ..Whereabouts::default()
    };
    let sql = "SELECT id, region_code FROM goods_place WHERE unit_id = ?1 AND region_code <> '' ORDER BY id LIMIT ?2";
    for row in at.query(sql, params![(unit,), OFFERS_MAX]).await? {
        if let Ok(region) = RegionCode::parse(&row.text("region_code")?) {
            known.places.insert(row.id("id")?, region);
        }
    }
    let sql = "SELECT id, region_code FROM goods_party WHERE unit_id = ?1 ORDER BY id LIMIT ?2";
    for row in at.query(sql, params![(unit,), OFFERS_MAX]).await? {
        if let Ok(region) = RegionCode::parse(&row.text("region_code")?) {
            known.parties.insert(row.id("id")?, region);
        }
    }
    Ok(known)
}

/// What arrived between two moments, by lot, and what is announced for a day.
pub(super) async fn listed(
    at: &mut impl Reads,
    unit: UnitId,
    (from, to): (Instant, Instant),
    day: BusinessDay,
) -> Result<Vec<ListLine>, DbError> {
    let rows = at
        .query(
            "SELECT a.lot_id, a.listed, i.name, i.grade, l.spec, l.unit_word, a.quantity FROM (
               SELECT lot_id, 'arrived' AS listed, CAST(SUM(quantity) AS BIGINT) AS quantity FROM goods_move
               WHERE unit_id = ?1 AND to_state = 'arrived' AND moved_at >= ?2 AND moved_at < ?3 GROUP BY lot_id
               UNION ALL
               SELECT b.lot_id, 'expected', CAST(SUM(b.quantity) AS BIGINT) FROM goods_balance b
               JOIN goods_lot x ON x.id = b.lot_id
               WHERE b.unit_id = ?1 AND b.state = 'announced' AND b.quantity > 0 AND x.expected_on = ?4 GROUP BY b.lot_id
             ) AS a JOIN goods_lot l ON l.id = a.lot_id JOIN goods_item i ON i.id = l.item_id
             ORDER BY i.name, i.grade, l.spec, a.lot_id, a.listed LIMIT ?5",
            params![(unit,), from, to, day, OFFERS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ListLine {
                lot: kernel::id::hex(&row.bytes("lot_id")?),
                listed: row.word("listed")?,
                item: row.text("name")?,
                grade: row.text("grade")?,
                spec: row.text("spec")?,
                unit_word: row.text("unit_word")?,
                quantity: row.int("quantity")?,
            })
        })
        .collect()
}

/// The units that have ever had a lot.
pub(super) async fn units_with_goods(at: &mut impl Reads) -> Result<Vec<UnitId>, DbError> {
    let rows = at
        .query(
            "SELECT DISTINCT unit_id FROM goods_lot ORDER BY unit_id LIMIT ?1",
            params![UNITS_MAX],
        )
        .await?;
    rows.iter().map(|row| row.id("unit_id")).collect()
}

/// The last version of a day's list: its number and its lines as written.
pub(super) async fn last_list(
    at: &mut impl Reads,
    unit: UnitId,
    day: BusinessDay,
) -> Result<Option<(i64, String)>, DbError> {
    let row = at
        .query_one(
            "SELECT version, lines FROM goods_list WHERE unit_id = ?1 AND for_day = ?2 ORDER BY version DESC LIMIT 1",
            params![(unit,), day],
        )
        .await?;
    row.map(|row| Ok((row.int("version")?, row.text("lines")?))).transpose()
}

pub(super) async fn insert_list(
    tx: &mut Tx,
    (unit, day, version): (UnitId, BusinessDay, i64),
    lines: &str,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_list (unit_id, for_day, version, lines, drawn_at, drawn_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![(unit,), day, version, lines, now, (by,)],
    )
    .await
    .map(drop)
}

/// A plan as kept.
pub(crate) struct PlanRow {
    pub(crate) id: PlanId,
    pub(crate) unit: UnitId,
    pub(crate) day: BusinessDay,
    pub(crate) state: PlanState,
    pub(crate) made_by: ActorId,
    pub(crate) made_at: Instant,
    pub(crate) decided_at: Option<Instant>,
    /// The case that decides it, once it was put before one.
    pub(crate) case: Option<CaseId>,
}

pub(super) const PLAN: &str = "SELECT id, unit_id, day, state, made_by, made_at, decided_at, case_id FROM goods_plan";

pub(super) fn read_plan(row: &Row) -> Result<PlanRow, DbError> {
    Ok(PlanRow {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        day: row.day("day")?,
        state: row.word("state")?,
        made_by: row.id("made_by")?,
        made_at: row.instant("made_at")?,
        decided_at: row.opt_instant("decided_at")?,
        case: row.opt_id("case_id")?,
    })
}

pub(super) async fn plan(at: &mut impl Reads, id: PlanId) -> Result<Option<PlanRow>, DbError> {
    let row = at.query_one(&format!("{PLAN} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_plan).transpose()
}

/// A plan, locked until the transaction ends.
pub(super) async fn lock_plan(tx: &mut Tx, id: PlanId) -> Result<Option<PlanRow>, DbError> {
    tx.execute("UPDATE goods_plan SET state = state WHERE id = ?1", params![(id,)])
        .await?;
    plan(tx, id).await
}

pub(super) async fn insert_plan(tx: &mut Tx, row: &PlanRow) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_plan (id, unit_id, day, state, made_by, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            (row.id,),
            (row.unit,),
            row.day,
            row.state.as_str(),
            (row.made_by,),
            row.made_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn set_plan_state(
    tx: &mut Tx,
    id: PlanId,
    state: PlanState,
    decided_at: Option<Instant>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_plan SET state = ?2, decided_at = ?3 WHERE id = ?1",
        params![(id,), state.as_str(), decided_at],
    )
    .await
    .map(drop)
}

/// Notes the case that decides a plan.
pub(super) async fn set_case(tx: &mut Tx, id: PlanId, case: CaseId) -> Result<(), DbError> {
    let sql = "UPDATE goods_plan SET case_id = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), (case,)]).await.map(drop)
}

/// Lines written with one statement.
const ROWS_PER_STATEMENT: usize = 500;

pub(super) async fn insert_lines(
    tx: &mut Tx,
    plan: PlanId,
    first: i64,
    (shares, changed): (&[Share], &str),
) -> Result<(), DbError> {
    let mut n = first;
    for chunk in shares.chunks(ROWS_PER_STATEMENT) {
        let backend = Reads::backend(tx);
        let sql = format!(
            "INSERT INTO goods_plan_line (plan_id, n, lot_id, place_id, party_id, request_id, quantity, why, changed_reason)
             VALUES {}",
            db::wide_values(backend, chunk.len(), 9)
        );
        let mut values = Vec::with_capacity(chunk.len() * 9);
        for share in chunk {
            values.extend(params![
                (plan,),
                n,
                (share.lot,),
                (share.place,),
                share.party.map(|party| (party,)),
                share.request.map(|request| (request,)),
                share.quantity,
                share.why.as_str(),
                changed,
            ]);
            n += 1;
        }
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// A plan's lines, in order.
pub(super) async fn lines(at: &mut impl Reads, plan: PlanId) -> Result<Vec<Share>, DbError> {
    let rows = at
        .query(
            "SELECT lot_id, place_id, party_id, request_id, quantity, why FROM goods_plan_line WHERE plan_id = ?1
             ORDER BY n LIMIT ?2",
            params![(plan,), LINES_MAX],
        )
        .await?;
    rows.iter().map(read_share).collect()
}

pub(super) fn read_share(row: &Row) -> Result<Share, DbError> {
    Ok(Share {
        lot: row.id("lot_id")?,
        place: row.id("place_id")?,
        party: row.opt_id("party_id")?,
        request: row.opt_id("request_id")?,
        quantity: row.int("quantity")?,
        why: row.word::<Why>("why")?,
    })
}

/// Takes a lot's lines out of a proposed plan, and says which number follows the last.
pub(super) async fn remove_lines(tx: &mut Tx, plan: PlanId, (lot, place): (LotId, PlaceId)) -> Result<i64, DbError> {
    let row = tx
        .query_one(
            "SELECT COALESCE(MAX(n), 0) AS n FROM goods_plan_line WHERE plan_id = ?1",
            params![(plan,)],
        )
        .await?;
    tx.execute(
        "DELETE FROM goods_plan_line WHERE plan_id = ?1 AND lot_id = ?2 AND place_id = ?3",
        params![(plan,), (lot,), (place,)],
    )
    .await?;
    Ok(row.map_or(Ok(0), |row| row.int("n"))? + 1)
}

/// What lies in store of these lots at these places.
pub(super) async fn there(
    at: &mut impl Reads,
    spots: &[(LotId, PlaceId)],
) -> Result<BTreeMap<(LotId, PlaceId), i64>, DbError> {
    let mut found = BTreeMap::new();
    for (lot, place) in spots {
        let spot = crate::stock::Spot::at(crate::stock::LotState::Stocked, *place);
        let quantity = crate::stock::store::in_spot(at, *lot, spot).await?;
        found.insert((*lot, *place), quantity);
    }
    Ok(found)
}

pub(super) async fn insert_decision(
    tx: &mut Tx,
    plan: PlanId,
    (by, now): (ActorId, Instant),
    (decision, words): (PlanDecision, &str),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_plan_decision (plan_id, actor_id, decision, words, decided_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(plan,), (by,), decision.as_str(), words, now],
    )
    .await
    .map(drop)
}

pub(super) async fn approvals(at: &mut impl Reads, plan: PlanId) -> Result<i64, DbError> {
    let row = at
        .query_one(
            "SELECT COUNT(*) AS n FROM goods_plan_decision WHERE plan_id = ?1 AND decision = 'approve'",
            params![(plan,)],
        )
        .await?;
    row.map_or(Ok(0), |row| row.int("n"))
}
