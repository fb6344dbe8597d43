//! Direct deliveries as they are shown.

use db::{DbError, Reads, params};
use kernel::{Instant, UnitId};

use super::model::Straight;
use super::store::read;

/// Direct deliveries of one answer.
const STRAIGHT_MAX: i64 = 500;

/// A direct delivery with its words.
pub struct ShownStraight {
    /// The delivery.
    pub one: Straight,
    /// The item's name.
    pub item_name: String,
    /// Standard and grade.
    pub grade: String,
    /// The unit.
    pub unit_word: String,
    /// The receiver's name.
    pub party_name: String,
    /// When it was counted first.
    pub first_at: Instant,
    /// The number of the signed list.
    pub list_number: String,
    /// When it was booked.
    pub booked_at: Option<Instant>,
    /// Whether the request that it answers was withdrawn before it was booked.
    pub is_request_gone: bool,
}

/// The direct deliveries of a unit, the newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn straight(at: &mut impl Reads, unit: UnitId) -> Result<Vec<ShownStraight>, DbError> {
    let rows = at
        .query(
            "SELECT t.id, t.unit_id, t.lot_id, t.place_id, t.party_id, t.request_id, t.quantity, t.state, t.first_by,
               t.second_by, t.dispatch_id, t.first_at, t.list_number, t.booked_at, i.name, i.grade, l.unit_word,
               p.name AS party_name, r.withdrawn_at,
               (SELECT COUNT(*) FROM goods_dispatch_line d
                WHERE d.dispatch_id = t.dispatch_id AND d.request_id IS NOT NULL) AS answered
             FROM goods_straight t JOIN goods_lot l ON l.id = t.lot_id JOIN goods_item i ON i.id = l.item_id
             JOIN goods_party p ON p.id = t.party_id LEFT JOIN goods_request r ON r.id = t.request_id
             WHERE t.unit_id = ?1 ORDER BY t.id DESC LIMIT ?2",
            params![(unit,), STRAIGHT_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let one = read(row)?;
            // What was booked says it itself: a request may also be withdrawn afterwards.
            let is_request_gone = match (one.request, one.dispatch) {
                (None, _) => false,
                (Some(_), Some(_)) => row.int("answered")? == 0,
                (Some(_), None) => row.opt_instant("withdrawn_at")?.is_some(),
            };
            Ok(ShownStraight {
                one,
                is_request_gone,
                item_name: row.text("name")?,
                grade: row.text("grade")?,
                unit_word: row.text("unit_word")?,
                party_name: row.text("party_name")?,
                first_at: row.instant("first_at")?,
                list_number: row.text("list_number")?,
                booked_at: row.opt_instant("booked_at")?,
            })
        })
        .collect()
}
