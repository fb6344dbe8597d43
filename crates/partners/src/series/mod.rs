//! Running numbers of this crate's papers: per unit, kind and year, without a gap.

pub(crate) mod store;

/// A number as it stands on papers: `CG-2026-0001`.
pub(crate) fn paper(prefix: &str, (year, number): (i64, i64)) -> String {
    format!("{prefix}-{year}-{number:04}")
}
