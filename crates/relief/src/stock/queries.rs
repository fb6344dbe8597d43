//! Stock as it is shown, and recounted.

use db::{DbError, Reads, params};
use kernel::{BusinessDay, Instant, ParameterError, UnitId};

use super::model::{OnHand, ValueBasis};
use super::rules::{self, Pickable, Wait, WaitHours};
use super::store::{LOT, read_lot};
use crate::error::ReliefError;
use crate::{CountId, ItemId, LotId, PartyId, PlaceId};

/// Rows of one answer: a store's shelves, not its history.
const ROWS_MAX: i64 = 5_000;
/// Movements of arrival that are read for the clock of inspection: a lot may have arrived in many parts, and a limit of
/// shelves would leave the newest lots out.
const ARRIVALS_MAX: i64 = 100_000;

/// What is on hand, every spot with something in it; by item, then what expires first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn on_hand(at: &mut impl Reads, unit: UnitId) -> Result<Vec<OnHand>, DbError> {
    let rows = at
        .query(
            &format!(
                "SELECT {LOT}, i.name AS item_name, i.grade, b.state, b.holder, p.name AS place_name, b.quantity
                 FROM goods_balance b JOIN goods_lot l ON l.id = b.lot_id JOIN goods_item i ON i.id = l.item_id
                 LEFT JOIN goods_place p ON p.id = b.holder
                 WHERE b.unit_id = ?1 AND b.quantity > 0
                 ORDER BY i.name, i.grade, COALESCE(l.expires_on, 99999999), l.id, b.state, b.holder LIMIT ?2"
            ),
            params![(unit,), ROWS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let holder = row.bytes("holder")?;
            Ok(OnHand {
                lot: read_lot(row)?,
                item_name: row.text("item_name")?,
                grade: row.text("grade")?,
                state: row.word("state")?,
                holder: holder.try_into().map_err(|_| DbError::Row {
                    column: "holder".to_owned(),
                    why: "16 bytes are expected".to_owned(),
                })?,
                place_name: row.opt_text("place_name")?,
                quantity: row.int("quantity")?,
            })
        })
        .collect()
}

/// How many lots of a unit have pieces that are its to answer for: at the door, in store, set aside, on the way, with a
/// receiver who has not handed them out, or come back.
pub async fn lots_in_hand(at: &mut impl Reads, unit: UnitId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(DISTINCT lot_id) AS n FROM goods_balance WHERE unit_id = ?1 AND quantity > 0
        AND state IN ('arrived', 'inspected', 'stocked', 'reserved', 'issued', 'in_transit', 'received', 'returned')";
    at.query_one(sql, params![(unit,)])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}

/// Lots of an item in store at a place that may be picked one by one: counted in the base unit, not past their day,
/// nobody's parcel and for nobody else.
pub(super) async fn pickable(
    at: &mut impl Reads,
    (unit, item): (UnitId, ItemId),
    place: PlaceId,
    today: BusinessDay,
) -> Result<Vec<Pickable>, DbError> {
    let rows = at
        .query(
            "SELECT l.id, l.expires_on, b.quantity FROM goods_lot l JOIN goods_balance b ON b.lot_id = l.id
             WHERE l.unit_id = ?1 AND l.item_id = ?2 AND b.state = 'stocked' AND b.holder = ?3 AND b.quantity > 0
               AND l.per_base = 1 AND l.designated_for IS NULL AND l.source <> 'held_for_addressee'
               AND (l.expires_on IS NULL OR l.expires_on >= ?4) ORDER BY l.id LIMIT ?5",
            params![(unit,), (item,), (place,), today, ROWS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Pickable {
                lot: row.id("id")?,
                expires_on: row.opt_day("expires_on")?,
                quantity: row.int("quantity")?,
            })
        })
        .collect()
}

/// One movement as shown.
pub struct ShownMove {
    /// The lot's running number.
    pub n: i64,
    /// From which state; none from outside.
    pub from: Option<String>,
    /// To which state; none to outside.
    pub to: Option<String>,
    /// How many.
    pub quantity: i64,
    /// The paper it stands on.
    pub paper: String,
    /// Why.
    pub reason: String,
    /// When it was written down here.
    pub moved_at: Instant,
    /// When the device says that it happened.
    pub device_at: Option<Instant>,
}

/// The movements of a lot, in order.
pub async fn moves(at: &mut impl Reads, lot: LotId) -> Result<Vec<ShownMove>, DbError> {
    let rows = at
        .query(
            "SELECT n, from_state, to_state, quantity, paper, reason, moved_at, device_at FROM goods_move
             WHERE lot_id = ?1 ORDER BY n LIMIT ?2",
            params![(lot,), ROWS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ShownMove {
                n: row.int("n")?,
                from: row.opt_text("from_state")?,
                to: row.opt_text("to_state")?,
                quantity: row.int("quantity")?,
                paper: row.text("paper")?,
                reason: row.text("reason")?,
                moved_at: row.instant("moved_at")?,
                device_at: row.opt_instant("device_at")?,
            })
        })
        .collect()
}

/// The unit of a lot.
pub async fn lot_unit(at: &mut impl Reads, lot: LotId) -> Result<Option<UnitId>, DbError> {
    Ok(super::store::lot(at, lot).await?.map(|lot| lot.unit))
}

/// The item of a lot.
pub async fn lot_item(at: &mut impl Reads, lot: LotId) -> Result<Option<ItemId>, DbError> {
    Ok(super::store::lot(at, lot).await?.map(|lot| lot.item))
}

/// A place or a receiver.
pub struct Named<I> {
    /// Its id.
    pub id: I,
    /// A place's code or a receiver's region.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// The places of a unit.
pub async fn places(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Named<PlaceId>>, DbError> {
    let sql = "SELECT id, code, name FROM goods_place WHERE unit_id = ?1 ORDER BY code LIMIT ?2";
    let rows = at.query(sql, params![(unit,), ROWS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(Named {
                id: row.id("id")?,
                code: row.text("code")?,
                name: row.text("name")?,
            })
        })
        .collect()
}

/// The receivers of a unit.
pub async fn parties(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Named<PartyId>>, DbError> {
    let sql = "SELECT id, region_code AS code, name FROM goods_party WHERE unit_id = ?1 ORDER BY name LIMIT ?2";
    let rows = at.query(sql, params![(unit,), ROWS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(Named {
                id: row.id("id")?,
                code: row.text("code")?,
                name: row.text("name")?,
            })
        })
        .collect()
}

/// A lot that arrived and is not yet set aside for anybody.
pub struct Waiting {
    /// The lot.
    pub lot: LotId,
    /// The item's name.
    pub item_name: String,
    /// How many wait.
    pub quantity: i64,
    /// The unit.
    pub unit_word: String,
    /// When it arrived.
    pub arrived_at: Instant,
    /// How long that is.
    pub wait: Wait,
}

/// The clock from arrival to allocation, the longest wait first.
pub async fn waiting(at: &mut impl Reads, unit: UnitId, now: Instant) -> Result<Vec<Waiting>, ReliefError> {
    let table = platform::parameters::load(at).await?;
    let hours = |key| table.whole(key, now.business_day()).map(Option::unwrap_or_default);
    let most = WaitHours {
        warn: hours("emergency.allocation_sla_hours.warn")?,
        alarm: hours("emergency.allocation_sla_hours.alarm")?,
    };
    let rows = at
        .query(
            "SELECT l.id, i.name, l.unit_word, l.arrived_at, CAST(SUM(b.quantity) AS BIGINT) AS quantity
             FROM goods_balance b JOIN goods_lot l ON l.id = b.lot_id JOIN goods_item i ON i.id = l.item_id
             WHERE b.unit_id = ?1 AND b.state IN ('arrived', 'inspected', 'stocked') AND b.quantity > 0
               AND l.arrived_at IS NOT NULL
             GROUP BY l.id, i.name, l.unit_word, l.arrived_at ORDER BY l.arrived_at, l.id LIMIT ?2",
            params![(unit,), ROWS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let arrived_at = row.instant("arrived_at")?;
            Ok(Waiting {
                lot: row.id("id")?,
                item_name: row.text("name")?,
                quantity: row.int("quantity")?,
                unit_word: row.text("unit_word")?,
                arrived_at,
                wait: rules::wait(arrived_at, now, most),
            })
        })
        .collect()
}

/// Goods of a lot that arrived at a place and that nobody looked at yet.
pub struct ToInspect {
    /// The lot.
    pub lot: LotId,
    /// Where they are.
    pub place: PlaceId,
    /// How many, of the lot's unit.
    pub quantity: i64,
    /// When the first of them arrived: what came first is looked at first.
    pub arrived_at: Instant,
    /// The last day on which they are looked at; none where no parameter says it.
    pub due_on: Option<BusinessDay>,
    /// How pressing that is.
    pub wait: Wait,
}

/// The clock of inspection: `goods.intake_contact_workdays` working days after the day of arrival, as that day's parameter
/// and the installation's calendar say. That R5.6 is read so is ours: see `inspect_by`.
pub async fn to_inspect(at: &mut impl Reads, unit: UnitId, now: Instant) -> Result<Vec<ToInspect>, ReliefError> {
    let table = platform::parameters::load(at).await?;
    let calendar = platform::calendar::load(at).await?;
    let rows = at
        .query(
            "SELECT b.lot_id, b.holder, b.quantity, m.quantity AS came, m.moved_at
             FROM goods_balance b JOIN goods_move m ON m.lot_id = b.lot_id
             WHERE b.unit_id = ?1 AND b.state = 'arrived' AND b.quantity > 0
               AND m.to_state = 'arrived' AND m.to_holder = b.holder
             ORDER BY b.lot_id, b.holder, m.n DESC LIMIT ?2",
            params![(unit,), ARRIVALS_MAX],
        )
        .await?;
    let mut all: Vec<ToInspect> = Vec::new();
    // Backwards from the last arrival, until all that still waits is told of.
    let mut told = 0;
    for row in &rows {
        let (lot, place): (LotId, PlaceId) = (row.id("lot_id")?, row.id("holder")?);
        let (arrived_at, came) = (row.instant("moved_at")?, row.int("came")?);
        match all.last_mut().filter(|last| (last.lot, last.place) == (lot, place)) {
            Some(last) if told < last.quantity => {
                last.arrived_at = arrived_at;
                told += came;
            }
            Some(_) => {}
            None => {
                told = came;
                all.push(ToInspect {
                    lot,
                    place,
                    quantity: row.int("quantity")?,
                    arrived_at,
                    due_on: None,
                    wait: Wait::Fine,
                });
            }
        }
    }
    for one in &mut all {
        let arrived_on = one.arrived_at.business_day();
        let workdays = match table.whole("goods.intake_contact_workdays", arrived_on) {
            Err(ParameterError::NotInForce { .. }) => None,
            known => known?,
        };
        one.due_on = workdays.map(|count| rules::inspect_by(arrived_on, count, &calendar));
        one.wait = one
            .due_on
            .map_or(Wait::Fine, |due_on| rules::inspection_wait(due_on, now.business_day()));
    }
    Ok(all)
}

/// Given goods in store without a value in the books: with a claim that waits for a second person, or with none, to be sent
/// to an appraiser.
pub struct Unvalued {
    /// The lot.
    pub lot: LotId,
    /// The item's name.
    pub item_name: String,
    /// How many the store holds; zero once all have gone.
    pub quantity: i64,
    /// The unit.
    pub unit_word: String,
    /// What somebody said it is worth, by what, and the evidence.
    pub claim: Option<(kernel::Fen, ValueBasis, String)>,
    /// The state of its last appraisal order.
    pub appraisal: Option<String>,
}

/// Given goods in store that have no value, the oldest first; what an appraiser could not value is left out. A claim that
/// waits for a second person is told wherever the goods are once they came in: sent out, handed on or held for somebody.
pub async fn unvalued(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Unvalued>, DbError> {
    let rows = at
        .query(
            "SELECT l.id, i.name, l.unit_word, c.value_fen, c.basis, c.evidence,
               CAST(SUM(CASE WHEN b.state IN ('stocked', 'reserved', 'issued') THEN b.quantity ELSE 0 END) AS BIGINT)
                 AS quantity,
               (SELECT a.state FROM goods_appraisal a WHERE a.lot_id = l.id ORDER BY a.id DESC LIMIT 1) AS appraisal
             FROM goods_lot l JOIN goods_balance b ON b.lot_id = l.id JOIN goods_item i ON i.id = l.item_id
             LEFT JOIN goods_value_claim c ON c.lot_id = l.id AND c.state = 'waits'
             WHERE l.unit_id = ?1 AND l.value_fen IS NULL AND b.quantity > 0
               AND ((c.lot_id IS NOT NULL AND b.state NOT IN ('announced', 'arrived', 'inspected'))
                 OR (l.source IN ('donation', 'transfer_in', 'customs')
                   AND b.state IN ('stocked', 'reserved', 'issued')))
               AND (c.lot_id IS NOT NULL
                 OR NOT EXISTS (SELECT 1 FROM goods_appraisal x WHERE x.lot_id = l.id AND x.state = 'impossible'))
             GROUP BY l.id, i.name, l.unit_word, c.value_fen, c.basis, c.evidence ORDER BY l.id LIMIT ?2",
            params![(unit,), ROWS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let claim = match row.opt_fen("value_fen")? {
                Some(value) => Some((value, row.word("basis")?, row.text("evidence")?)),
                None => None,
            };
            Ok(Unvalued {
                lot: row.id("id")?,
                item_name: row.text("name")?,
                quantity: row.int("quantity")?,
                unit_word: row.text("unit_word")?,
                claim,
                appraisal: row.opt_text("appraisal")?,
            })
        })
        .collect()
}

/// A count whose difference waits for its explanation.
pub struct Difference {
    /// The count.
    pub id: CountId,
    /// The lot.
    pub lot: LotId,
    /// What was counted.
    pub counted: i64,
    /// What the books said.
    pub booked: i64,
    /// When.
    pub counted_at: Instant,
}

/// Differences that wait, the oldest first.
pub async fn differences(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Difference>, DbError> {
    let rows = at
        .query(
            "SELECT id, lot_id, counted, booked, counted_at FROM goods_count WHERE unit_id = ?1 AND state = 'differs'
             ORDER BY id LIMIT ?2",
            params![(unit,), ROWS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Difference {
                id: row.id("id")?,
                lot: row.id("lot_id")?,
                counted: row.int("counted")?,
                booked: row.int("booked")?,
                counted_at: row.instant("counted_at")?,
            })
        })
        .collect()
}

/// What a recount found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recount {
    /// Movements read.
    pub moves: i64,
    /// Spots whose stock is not the sum of its movements.
    pub differing: i64,
    /// Lots whose running numbers have a gap.
    pub gaps: i64,
}

impl Recount {
    /// Whether stock and movements agree.
    pub const fn agrees(&self) -> bool {
        self.differing == 0 && self.gaps == 0
    }
}

/// Adds all movements up again and compares with what is on hand.
pub async fn recount(at: &mut impl Reads) -> Result<Recount, DbError> {
    let row = at
        .query_one(
            "SELECT COUNT(*) AS n FROM (
               SELECT lot_id, state, holder FROM (
                 SELECT lot_id, to_state AS state, to_holder AS holder, quantity FROM goods_move WHERE to_state IS NOT NULL
                 UNION ALL
                 SELECT lot_id, from_state, from_holder, -quantity FROM goods_move WHERE from_state IS NOT NULL
                 UNION ALL
                 SELECT lot_id, state, holder, -quantity FROM goods_balance
               ) AS every GROUP BY lot_id, state, holder HAVING SUM(quantity) <> 0
             ) AS differing",
            Vec::new(),
        )
        .await?;
    let gaps = at
        .query_one(
            "SELECT COUNT(*) AS n FROM (
               SELECT l.id FROM goods_lot l LEFT JOIN goods_move m ON m.lot_id = l.id GROUP BY l.id, l.moves
               HAVING COUNT(m.n) <> l.moves OR COALESCE(MAX(m.n), 0) <> l.moves
             ) AS gaps",
            Vec::new(),
        )
        .await?;
    let moves = at.query_one("SELECT COUNT(*) AS n FROM goods_move", Vec::new()).await?;
    let number = |row: Option<db::Row>| row.map_or(Ok(0), |row| row.int("n"));
    Ok(Recount {
        moves: number(moves)?,
        differing: number(row)?,
        gaps: number(gaps)?,
    })
}
