//! Imported tables as they are shown.

use db::{DbError, Reads, params};
use kernel::{BusinessDay, UnitId};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::TableKind;

/// Units of one kind of table: more words than any society has used.
const UNITS_MAX: i64 = 1_000;
/// Lines of one page.
const LINES_MAX: i64 = 500;

/// Pieces of one unit; never added to another unit's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OfUnit {
    /// The unit's word; empty where the tables name none.
    pub unit_word: String,
    /// Lines with a quantity of their own.
    pub lines: i64,
    /// Their pieces.
    pub quantity: i64,
}

/// Sums by unit of all imported lines of a kind.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_unit(at: &mut impl Reads, unit: UnitId, kind: TableKind) -> Result<Vec<OfUnit>, DbError> {
    let rows = at
        .query(
            "SELECT unit_word, COUNT(*) AS lines, CAST(COALESCE(SUM(quantity), 0) AS BIGINT) AS quantity FROM goods_line
             WHERE unit_id = ?1 AND kind = ?2 AND how = 'own' GROUP BY unit_word ORDER BY quantity DESC, unit_word LIMIT ?3",
            params![(unit,), kind.as_str(), UNITS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OfUnit {
                unit_word: row.text("unit_word")?,
                lines: row.int("lines")?,
                quantity: row.int("quantity")?,
            })
        })
        .collect()
}

/// An imported line, names masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownLine {
    /// The day, where the table says one.
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<BusinessDay>,
    /// Donor or receiver, masked where it is a person.
    pub party: String,
    /// City and district, for needs.
    pub place: String,
    /// What, as published.
    pub item: String,
    /// Specification, as published.
    pub spec: String,
    /// The unit's word.
    pub unit_word: String,
    /// `own`, `not_given`, `nothing`, `shared`.
    pub how: String,
    /// How many; none where the line has no quantity of its own.
    pub quantity: Option<i64>,
}

/// Imported lines of a kind, the newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn lines(at: &mut impl Reads, unit: UnitId, kind: TableKind) -> Result<Vec<ShownLine>, DbError> {
    let rows = at
        .query(
            "SELECT day, party_shown, place, item, spec, unit_word, how, quantity FROM goods_line
             WHERE unit_id = ?1 AND kind = ?2 ORDER BY day DESC, id DESC LIMIT ?3",
            params![(unit,), kind.as_str(), LINES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ShownLine {
                day: row.opt_day("day")?,
                party: row.text("party_shown")?,
                place: row.text("place")?,
                item: row.text("item")?,
                spec: row.text("spec")?,
                unit_word: row.text("unit_word")?,
                how: row.text("how")?,
                quantity: row.opt_int("quantity")?,
            })
        })
        .collect()
}
