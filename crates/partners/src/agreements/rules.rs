//! What an agreement may say, what may be done in which state, and how rows add up. Pure.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ActorId, BusinessDay, Fen, MoneyError, RegionCode, RegionLevel};

use super::model::{Agreement, AgreementState, Line, Row, Target, TargetKind, Terms};
use crate::error::{PartnerError, invalid};

/// Counties of one agreement: two provinces have two hundred.
const PAIRS_MAX: usize = 200;
/// Targets of one agreement: three kinds over ten years and more.
const TARGETS_MAX: usize = 60;
/// The longest agreement: a ten-year plan and its preparation.
const YEARS_MAX: i32 = 15;

/// Checks what an agreement with this region says.
///
/// # Errors
/// [`PartnerError::Invalid`] with the field at fault.
pub fn check(terms: &Terms, region: RegionCode) -> Result<(), PartnerError> {
    if terms.last_day < terms.first_day || terms.last_day.year() - terms.first_day.year() >= YEARS_MAX {
        return Err(invalid("last_day", "a day after the first, at most 15 years later"));
    }
    check_pairs(terms, region)?;
    if terms.targets.is_empty() || terms.targets.len() > TARGETS_MAX {
        return Err(invalid("targets", "1 to 60 targets are expected"));
    }
    let years = i64::from(terms.first_day.year())..=i64::from(terms.last_day.year());
    let mut seen = BTreeSet::new();
    for target in &terms.targets {
        if !target.amount.is_positive() {
            return Err(invalid("target_fen", "an amount above zero is expected"));
        }
        if !years.contains(&target.year) {
            return Err(invalid("year", "a year of the agreement is expected"));
        }
        if !seen.insert((target.kind, target.year)) {
            return Err(invalid("targets", "one target for each kind and year"));
        }
    }
    Ok(())
}

fn check_pairs(terms: &Terms, region: RegionCode) -> Result<(), PartnerError> {
    if terms.pairs.len() > PAIRS_MAX {
        return Err(invalid("pairs", "at most 200 pairs of counties"));
    }
    let (mut ours, mut theirs) = (BTreeSet::new(), BTreeSet::new());
    for pair in &terms.pairs {
        let counties = [pair.ours, pair.theirs].map(RegionCode::level);
        if counties != [RegionLevel::County; 2] {
            return Err(invalid("pairs", "a county of ours beside a county of theirs"));
        }
        if !pair.theirs.is_within(region) || pair.ours.is_within(region) {
            return Err(invalid("pairs", "theirs lies in the partner region, ours does not"));
        }
        if !ours.insert(pair.ours.to_string()) || !theirs.insert(pair.theirs.to_string()) {
            return Err(invalid("pairs", "each county has one partner and no more"));
        }
    }
    Ok(())
}

/// Refuses an agreement that is not in this state.
///
/// # Errors
/// [`PartnerError::State`].
pub fn in_state(agreement: &Agreement, wanted: AgreementState) -> Result<(), PartnerError> {
    if agreement.state == wanted {
        Ok(())
    } else {
        Err(PartnerError::State {
            state: agreement.state.as_str(),
            wanted: wanted.as_str(),
        })
    }
}

/// Whether somebody may sign this version: another than who drew it up.
///
/// # Errors
/// [`PartnerError::SamePerson`].
pub fn may_sign(drawn_up_by: ActorId, signer: ActorId) -> Result<(), PartnerError> {
    if drawn_up_by == signer {
        Err(PartnerError::SamePerson("drew it up"))
    } else {
        Ok(())
    }
}

/// Whether a signed agreement may begin to run on this day.
///
/// # Errors
/// [`PartnerError::State`].
pub fn may_start(agreement: &Agreement, terms: &Terms, today: BusinessDay) -> Result<(), PartnerError> {
    in_state(agreement, AgreementState::Signed)?;
    if today < terms.first_day {
        return Err(PartnerError::State {
            state: "before its first day",
            wanted: "its first day or later",
        });
    }
    Ok(())
}

/// Adds rows up beside the targets: a line for each target, and one for each kind and year without a target in which
/// something was done.
///
/// # Errors
/// [`MoneyError`].
pub fn add_up(targets: &[Target], rows: &[Row]) -> Result<Vec<Line>, MoneyError> {
    let mut lines: BTreeMap<(i64, TargetKind), Line> = BTreeMap::new();
    let empty = |kind, year, target| Line {
        kind,
        year,
        target,
        done: Fen::ZERO,
        rows: 0,
    };
    for target in targets {
        let line = empty(target.kind, target.year, Some(target.amount));
        lines.insert((target.year, target.kind), line);
    }
    for row in rows {
        let year = i64::from(row.day.year());
        let line = lines
            .entry((year, row.kind))
            .or_insert_with(|| empty(row.kind, year, None));
        line.done = line.done.plus(row.value)?;
        line.rows += 1;
    }
    Ok(lines.into_values().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::agreements::model::{Pair, RowSource};

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn code(text: &str) -> RegionCode {
        RegionCode::parse(text).expect("a region")
    }

    fn terms() -> Terms {
        Terms {
            first_day: day("2026-01-01"),
            last_day: day("2028-12-31"),
            pairs: vec![Pair {
                ours: code("330203"),
                theirs: code("522301"),
            }],
            targets: vec![Target {
                kind: TargetKind::Money,
                year: 2026,
                amount: Fen::new(100),
            }],
        }
    }

    fn field(refused: Result<(), PartnerError>) -> &'static str {
        match refused {
            Err(PartnerError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn counties_stand_one_to_one_theirs_inside_the_region_and_ours_outside() {
        let region = code("522300");
        assert!(check(&terms(), region).is_ok());
        let mut twice = terms();
        twice.pairs.push(Pair {
            ours: code("330203"),
            theirs: code("522322"),
        });
        assert_eq!(field(check(&twice, region)), "pairs");
        let mut swapped = terms();
        swapped.pairs[0] = Pair {
            ours: code("522301"),
            theirs: code("330203"),
        };
        assert_eq!(field(check(&swapped, region)), "pairs");
        let mut cities = terms();
        cities.pairs[0].ours = code("330200");
        assert_eq!(field(check(&cities, region)), "pairs");
    }

    #[test]
    fn a_target_is_above_zero_in_a_year_of_the_agreement_and_stands_once() {
        let region = code("522300");
        let mut zero = terms();
        zero.targets[0].amount = Fen::ZERO;
        assert_eq!(field(check(&zero, region)), "target_fen");
        let mut late = terms();
        late.targets[0].year = 2029;
        assert_eq!(field(check(&late, region)), "year");
        let mut twice = terms();
        twice.targets.push(twice.targets[0]);
        assert_eq!(field(check(&twice, region)), "targets");
        let mut backwards = terms();
        backwards.last_day = day("2025-12-31");
        assert_eq!(field(check(&backwards, region)), "last_day");
    }

    fn row(kind: TargetKind, on: &str, fen: i64) -> Row {
        Row {
            kind,
            source: RowSource::Payment,
            subject: [0; 16],
            number: String::new(),
            words: String::new(),
            day: day(on),
            value: Fen::new(fen),
            reversed: Fen::ZERO,
            journal: None,
        }
    }

    #[test]
    fn what_no_target_asked_for_has_a_line_of_its_own() {
        let rows = [
            row(TargetKind::Money, "2026-05-08", 30),
            row(TargetKind::Money, "2026-06-08", 40),
            row(TargetKind::Goods, "2026-05-08", 5),
        ];
        let lines = add_up(&terms().targets, &rows).expect("sums");
        let said: Vec<_> = lines
            .iter()
            .map(|line| (line.kind, line.done.get(), line.rows, line.per_mille()))
            .collect();
        assert_eq!(
            said,
            [(TargetKind::Money, 70, 2, Some(700)), (TargetKind::Goods, 5, 1, None)]
        );
    }

    proptest! {
        #[test]
        fn lines_hold_every_fen_of_the_rows(values in prop::collection::vec((0usize..3, 2024i32..2030, -1_000i64..1_000_000), 0..60)) {
            let rows: Vec<Row> = values
                .iter()
                .map(|(kind, year, fen)| row(TargetKind::ALL[*kind], &format!("{year}-03-01"), *fen))
                .collect();
            let lines = add_up(&terms().targets, &rows).expect("sums");
            let done: i64 = lines.iter().map(|line| line.done.get()).sum();
            let counted: i64 = lines.iter().map(|line| line.rows).sum();
            prop_assert_eq!(done, values.iter().map(|(_, _, fen)| fen).sum::<i64>());
            prop_assert_eq!(counted, values.len() as i64);
        }
    }
}
