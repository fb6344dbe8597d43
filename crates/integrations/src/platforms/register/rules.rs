//! Decisions of the register: what is well formed, when an end is told, which step comes next.

use std::collections::BTreeMap;

use kernel::{BusinessDay, Fen};

use super::model::{PageState, Paper, StandingIn, Step, StepView};
use crate::platforms::error::PlatformError;

/// Days before its end at which a paper's end is told: renewing a certificate takes weeks, a platform's look at it days.
/// 0 is told on the first day after the end.
pub const TELL_DAYS: [i64; 5] = [60, 30, 7, 1, 0];
/// The longest number of an organisation, a paper or a page.
const NUMBER_CHARS_MAX: usize = 64;
/// The longest name or address.
const LINE_CHARS_MAX: usize = 300;
/// The longest reason of a raise.
const REASON_CHARS_MAX: usize = 1_000;

fn one_line(field: &'static str, text: &str, max: usize) -> Result<(), PlatformError> {
    let fits = text.trim() == text && text.chars().count() <= max && !text.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(PlatformError::invalid(
            field,
            format!("one line of at most {max} characters without blanks at its ends"),
        ))
    }
}

/// A number as platforms give them: visible characters without blanks.
///
/// # Errors
/// [`PlatformError::Invalid`].
pub fn check_number(field: &'static str, text: &str) -> Result<(), PlatformError> {
    let fits = !text.is_empty()
        && text.chars().count() <= NUMBER_CHARS_MAX
        && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if fits {
        Ok(())
    } else {
        Err(PlatformError::invalid(
            field,
            format!("1 to {NUMBER_CHARS_MAX} visible characters without blanks"),
        ))
    }
}

/// What is entered of a standing.
///
/// # Errors
/// [`PlatformError::Invalid`].
pub fn check_standing(new: &StandingIn, today: BusinessDay) -> Result<(), PlatformError> {
    one_line("org_name", &new.org_name, LINE_CHARS_MAX)?;
    one_line("match_giver", &new.match_giver, LINE_CHARS_MAX)?;
    if new.standing == super::model::Standing::Joined {
        check_number("org_no", &new.org_no)?;
    } else {
        one_line("org_no", &new.org_no, NUMBER_CHARS_MAX)?;
    }
    if new.since > today {
        return Err(PlatformError::invalid("since", "a day not after today"));
    }
    Ok(())
}

/// What is entered of a paper.
///
/// # Errors
/// [`PlatformError::Invalid`].
pub fn check_paper(paper: &Paper) -> Result<(), PlatformError> {
    check_number("number", &paper.number)?;
    if paper.valid_to < paper.valid_from {
        return Err(PlatformError::invalid("valid_to", "a day not before valid_from"));
    }
    Ok(())
}

/// What is entered of a page.
///
/// # Errors
/// [`PlatformError::Invalid`].
pub fn check_page(page: &super::model::Page) -> Result<(), PlatformError> {
    check_number("project_no", &page.project_no)?;
    one_line("filing_no", &page.filing_no, NUMBER_CHARS_MAX)?;
    one_line("url", &page.url, LINE_CHARS_MAX)?;
    if !page.url.is_empty() && !page.url.starts_with("https://") {
        return Err(PlatformError::invalid("url", "an address that begins with https://"));
    }
    if page.capacity.is_some_and(|capacity| !capacity.is_positive()) {
        return Err(PlatformError::invalid("capacity_fen", "above zero"));
    }
    if page.state == PageState::Raising && page.listed_on.is_none() {
        return Err(PlatformError::invalid(
            "listed_on",
            "a page that raises is listed since a day",
        ));
    }
    Ok(())
}

/// What is entered of a raise.
///
/// # Errors
/// [`PlatformError::Invalid`].
pub fn check_raise(present: Option<Fen>, to: Fen, reason: &str) -> Result<(), PlatformError> {
    if !to.is_positive() || present.is_some_and(|present| to <= present) {
        return Err(PlatformError::invalid("to_fen", "above the present capacity"));
    }
    if reason.trim().is_empty() {
        return Err(PlatformError::invalid("reason", "why, and why now"));
    }
    one_line("reason", reason, REASON_CHARS_MAX)
}

/// Where a platform is asked: by TLS, or a sandbox on this machine.
///
/// # Errors
/// [`PlatformError::Invalid`].
pub fn check_endpoint(endpoint: &str) -> Result<(), PlatformError> {
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    let fits = endpoint.starts_with("https://") || local.iter().any(|begin| endpoint.starts_with(begin));
    if fits && !endpoint.ends_with('/') {
        Ok(())
    } else {
        Err(PlatformError::invalid(
            "endpoint",
            "begins with https://, or is a sandbox on this machine; no slash at the end",
        ))
    }
}

/// Days left of a paper, its last day among them: 1 on the last day, 0 and below when it is over.
pub fn days_left(valid_to: BusinessDay, today: BusinessDay) -> i64 {
    valid_to.days_since(today) + 1
}

/// Which alert is due: the smallest of [`TELL_DAYS`] that is reached and was not told yet. A paper entered late is told
/// of once, not once for each alert that has passed.
pub fn to_tell(paper: &Paper, today: BusinessDay) -> Option<i64> {
    if paper.replaced {
        return None;
    }
    let left = days_left(paper.valid_to, today);
    let due = TELL_DAYS.into_iter().filter(|days| left <= *days).min()?;
    paper.told_days.is_none_or(|told| due < told).then_some(due)
}

/// The steps as shown: what is known by itself (keys that were set, a page that raises) needs no entry.
pub fn steps(
    done: &BTreeMap<Step, BusinessDay>,
    keys: Option<BusinessDay>,
    page: Option<BusinessDay>,
) -> Vec<StepView> {
    let all = Step::ALL.iter().map(|&step| {
        let known = match step {
            Step::Interface => keys,
            Step::FirstPage => page,
            _ => None,
        };
        StepView {
            step,
            done_on: done.get(&step).copied().or(known),
        }
    });
    all.collect()
}

/// The step to take next.
pub fn next_step(steps: &[StepView]) -> Option<Step> {
    steps.iter().find(|each| each.done_on.is_none()).map(|each| each.step)
}

#[cfg(test)]
mod tests {
    use kernel::UnitId;
    use kernel::id::Id as _;

    use super::super::model::PaperKind;
    use super::*;
    use crate::platforms::PlatformCode;

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn paper(told_days: Option<i64>) -> Paper {
        Paper {
            unit: UnitId::from_bytes([1; 16]),
            platform: PlatformCode::TencentGongyi,
            kind: PaperKind::Certificate,
            number: "TEST0001".into(),
            valid_from: day("2025-01-01"),
            valid_to: day("2026-06-30"),
            replaced: false,
            told_days,
        }
    }

    #[test]
    fn an_end_is_told_in_good_time_and_each_alert_once() {
        assert_eq!(to_tell(&paper(None), day("2026-04-30")), None);
        assert_eq!(to_tell(&paper(None), day("2026-05-02")), Some(60));
        assert_eq!(to_tell(&paper(Some(60)), day("2026-05-20")), None);
        assert_eq!(to_tell(&paper(Some(60)), day("2026-06-05")), Some(30));
        assert_eq!(to_tell(&paper(Some(7)), day("2026-06-30")), Some(1));
        assert_eq!(to_tell(&paper(Some(1)), day("2026-07-01")), Some(0));
        assert_eq!(to_tell(&paper(Some(0)), day("2026-08-01")), None);
    }

    #[test]
    fn a_paper_entered_late_is_told_of_once_and_a_replaced_one_never() {
        assert_eq!(to_tell(&paper(None), day("2026-06-28")), Some(7));
        let replaced = Paper {
            replaced: true,
            ..paper(None)
        };
        assert_eq!(to_tell(&replaced, day("2026-06-28")), None);
    }

    #[test]
    fn the_next_step_is_the_first_that_is_open() {
        let mut done = BTreeMap::new();
        assert_eq!(next_step(&steps(&done, None, None)), Some(Step::Certificate));
        done.insert(Step::Certificate, day("2026-05-01"));
        done.insert(Step::Filing, day("2026-05-02"));
        assert_eq!(next_step(&steps(&done, None, None)), Some(Step::Registration));
        for step in [Step::Registration, Step::Review, Step::BankAccount, Step::Receipts] {
            done.insert(step, day("2026-05-03"));
        }
        let known = Some(day("2026-05-04"));
        assert_eq!(next_step(&steps(&done, known, None)), Some(Step::FirstPage));
        assert_eq!(next_step(&steps(&done, known, known)), None);
    }

    #[test]
    fn a_raise_goes_up_and_says_why() {
        let present = Some(Fen::new(100));
        assert!(check_raise(present, Fen::new(101), "募捐首日已达九成").is_ok());
        assert!(check_raise(present, Fen::new(100), "募捐首日已达九成").is_err());
        assert!(check_raise(present, Fen::new(200), " ").is_err());
        assert!(check_raise(None, Fen::ZERO, "募捐首日已达九成").is_err());
    }

    #[test]
    fn a_platform_is_asked_by_tls_or_on_this_machine() {
        for good in ["https://platform.example", "http://127.0.0.1:8090"] {
            assert!(check_endpoint(good).is_ok(), "{good}");
        }
        for bad in ["http://platform.example", "https://platform.example/", "ftp://x"] {
            assert!(check_endpoint(bad).is_err(), "{bad}");
        }
    }
}
