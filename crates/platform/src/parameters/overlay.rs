//! Cutting dated overrides into dated rows: a pure function.

use kernel::{BusinessDay, Parameter};

use super::{Override, as_row};

/// The rows with each override in the place of what held on its days. Overrides of one key do not overlap.
pub fn overlay(rows: &[Parameter], overrides: &[Override]) -> Vec<Parameter> {
    let mut all = rows.to_vec();
    for own in overrides {
        let unit = all
            .iter()
            .find(|row| row.key == own.key)
            .map(|row| row.unit.clone())
            .unwrap_or_default();
        all = all
            .into_iter()
            .flat_map(|row| if row.key == own.key { cut(row, own) } else { vec![row] })
            .collect();
        all.push(as_row(own, &unit));
    }
    all
}

/// What is left of a row outside the days of an override: nothing, one piece or two.
fn cut(row: Parameter, own: &Override) -> Vec<Parameter> {
    let before_all = own.to.is_some_and(|to| row.from.is_some_and(|from| to < from));
    let after_all = row.to.is_some_and(|to| to < own.from);
    if before_all || after_all {
        return vec![row];
    }
    let mut left = Vec::new();
    if row.from.is_none_or(|from| from < own.from) {
        left.push(Parameter {
            to: Some(own.from.plus_days(-1)),
            ..row.clone()
        });
    }
    if let Some(to) = own.to.filter(|to| row.to.is_none_or(|end| *to < end)) {
        left.push(Parameter {
            from: Some(next(to)),
            ..row
        });
    }
    left
}

fn next(day: BusinessDay) -> BusinessDay {
    day.plus_days(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{ParameterValue, Parameters, Seen};

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn shipped(from: Option<&str>, to: Option<&str>) -> Parameter {
        Parameter {
            key: "k".into(),
            value: ParameterValue::Whole(1),
            unit: "days".into(),
            legal_ref: "法".into(),
            seen: Seen::Source,
            from: from.map(day),
            to: to.map(day),
        }
    }

    fn own(from: &str, to: Option<&str>) -> Override {
        Override {
            key: "k".into(),
            from: day(from),
            to: to.map(day),
            value: "2".into(),
            legal_ref: "通知".into(),
        }
    }

    fn on(rows: Vec<Parameter>, text: &str) -> Option<i64> {
        let table = Parameters::new(rows).expect("no overlap");
        table.whole("k", day(text)).ok().flatten()
    }

    #[test]
    fn an_override_cuts_its_days_out_of_every_shape_of_row() {
        for (from, to) in [
            (None, None),
            (Some("2020-01-01"), None),
            (Some("2020-01-01"), Some("2030-12-31")),
        ] {
            let rows = || overlay(&[shipped(from, to)], &[own("2026-01-01", Some("2026-12-31"))]);
            assert_eq!(on(rows(), "2025-12-31"), Some(1), "{from:?} {to:?}");
            assert_eq!(on(rows(), "2026-01-01"), Some(2), "{from:?} {to:?}");
            assert_eq!(on(rows(), "2026-12-31"), Some(2), "{from:?} {to:?}");
            assert_eq!(on(rows(), "2027-01-01"), Some(1), "{from:?} {to:?}");
        }
    }

    #[test]
    fn an_open_override_ends_the_row_and_swallows_later_ones() {
        let rows = [
            shipped(Some("2020-01-01"), Some("2025-12-31")),
            shipped(Some("2026-01-01"), None),
        ];
        let all = overlay(&rows, &[own("2025-07-01", None)]);
        assert_eq!(all.len(), 2);
        assert_eq!(
            (on(all.clone(), "2025-06-30"), on(all, "2040-01-01")),
            (Some(1), Some(2))
        );
        let earlier = overlay(
            &[shipped(Some("2030-01-01"), None)],
            &[own("2025-01-01", Some("2025-12-31"))],
        );
        assert_eq!(
            (on(earlier.clone(), "2025-06-30"), on(earlier, "2031-01-01")),
            (Some(2), Some(1))
        );
    }
}
