//! Decisions about funds: pure functions of values.

use kernel::{ActorId, BusinessDay, Fen, Instant, MoneyError};
use ledger::AccountCode;
use ledger::funds::{Moved, Position};

use super::error::FundError;
use super::model::{
    Agreement, AlertKind, DORMANT_MONTHS_MAX, Decided, FEE_BP_MAX, FeeTerms, Founder, FundKind, FundState, MinimumRule,
    NAME_CHARS_MAX, NUMBER_CHARS_MAX, NamedFund, REPORT_ASKED_DAYS, Version, VersionState, WORDS_CHARS_MAX,
};
use crate::recurring::Period;

/// Parts of a whole in a fee.
const WHOLE_BP: i128 = 10_000;

/// Checks an agreement.
///
/// # Errors
/// [`FundError::Invalid`].
pub fn check(agreement: &Agreement, today: BusinessDay) -> Result<(), FundError> {
    let a = agreement;
    for (field, text, chars_max) in [
        ("name", &a.name, NAME_CHARS_MAX),
        ("purpose", &a.purpose, WORDS_CHARS_MAX),
        ("spending", &a.spending, WORDS_CHARS_MAX),
        ("agreement_no", &a.number, NUMBER_CHARS_MAX),
        ("rest_words", &a.rest_words, WORDS_CHARS_MAX),
    ] {
        words(field, text, chars_max)?;
    }
    for (field, text) in [("purpose_en", &a.purpose_en), ("spending_en", &a.spending_en)] {
        if !text.is_empty() {
            words(field, text, 2 * WORDS_CHARS_MAX)?;
        }
    }
    let (month, day) = a.report;
    let fits = [
        ("signed_on", a.signed_on <= today, "a day not after today is expected"),
        (
            "fee_bp",
            (0..=FEE_BP_MAX).contains(&a.fee_bp),
            "0 to 1,000 parts of ten thousand are expected",
        ),
        ("principal_fen", a.principal.get() >= 0, "zero or more is expected"),
        ("minimum_fen", a.minimum.get() >= 0, "zero or more is expected"),
        ("report_month", (1..=12).contains(&month), "1 to 12 is expected"),
        (
            "report_day",
            (1..=28).contains(&day),
            "1 to 28 is expected: a day that every month has",
        ),
        (
            "dormant_months",
            (1..=DORMANT_MONTHS_MAX).contains(&a.dormant_months),
            "1 to 60 months are expected",
        ),
    ];
    match fits.into_iter().find(|(_, fits, _)| !fits) {
        Some((field, _, why)) => Err(FundError::Invalid { field, why }),
        None => Ok(()),
    }
}

/// A text that is not empty and fits.
///
/// # Errors
/// [`FundError::Invalid`].
pub fn words(field: &'static str, text: &str, chars_max: usize) -> Result<(), FundError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > chars_max || text.chars().any(|c| c.is_control() && c != '\n') {
        let why = "a text that fits its place is expected";
        return Err(FundError::Invalid { field, why });
    }
    Ok(())
}

/// What no booking may take the fund below: its principal, and its minimum where that is refused.
pub fn floor(agreement: &Agreement) -> Fen {
    match agreement.minimum_rule {
        MinimumRule::Refuse => agreement.principal.max(agreement.minimum),
        MinimumRule::Alert => agreement.principal,
    }
}

/// What a named fund must begin with, by who founds it; a community fund begins with what its community gives (R11.3).
pub fn initial(agreement: &Agreement, (person, unit): (Fen, Fen)) -> Fen {
    match (agreement.kind, agreement.founder) {
        (FundKind::Community, _) => Fen::ZERO,
        (FundKind::Named, Founder::Person) => person,
        (FundKind::Named, Founder::Unit) => unit,
    }
}

/// Whether an open fund's agreement may be amended so: by a paper of its own, about the same fund.
///
/// # Errors
/// [`FundError::State`], [`FundError::Invalid`].
pub fn amend(fund: &NamedFund, new: &Agreement) -> Result<(), FundError> {
    let old = &fund.agreement;
    if !matches!(fund.state, FundState::Open { .. }) {
        return Err(FundError::State(fund.state.as_str()));
    }
    let wrong = if new.number == old.number {
        Some((
            "agreement_no",
            "the number of the amendment is expected, not the agreement's own",
        ))
    } else if new.signed_on < old.signed_on {
        Some((
            "signed_on",
            "a day not before the agreement in force was signed is expected",
        ))
    } else if (new.kind, new.founder) != (old.kind, old.founder) {
        Some(("kind", "what kind of fund it is and who founded it stay"))
    } else {
        None
    };
    wrong.map_or(Ok(()), |(field, why)| Err(FundError::Invalid { field, why }))
}

/// The agreement with which a fund was opened, as its first version; none for a draft.
pub fn first_version(fund: &NamedFund) -> Option<Version> {
    let (by, at) = match &fund.state {
        FundState::Draft => return None,
        FundState::Open { by, at } => (*by, *at),
        FundState::Closing { opened, .. } | FundState::Closed { opened, .. } => *opened,
    };
    Some(Version {
        number: 1,
        agreement: fund.agreement.clone(),
        rest_to: fund.rest_to,
        state: VersionState::InForce(Decided {
            by,
            at,
            from: fund.agreement.signed_on,
        }),
        made_by: fund.made_by,
        made_at: fund.made_at,
    })
}

/// The fees that gifts bear, oldest first: each by the version that holds on its day.
pub fn fee_terms(fund: &NamedFund, versions: &[Version]) -> Vec<FeeTerms> {
    let term = |version: &Version| {
        let from = version.state.since()?;
        let fee_bp = version.agreement.fee_bp;
        Some(FeeTerms { from, fee_bp })
    };
    let terms: Vec<FeeTerms> = versions.iter().filter_map(term).collect();
    if !terms.is_empty() {
        return terms;
    }
    vec![FeeTerms {
        from: fund.agreement.signed_on,
        fee_bp: fund.agreement.fee_bp,
    }]
}

/// The days of each of these terms until a day, both ends included; terms that end before they begin have none.
pub fn days_of_terms(terms: &[FeeTerms], until: BusinessDay) -> Vec<(i64, (BusinessDay, BusinessDay))> {
    let ends = terms.iter().skip(1).map(|next| next.from.plus_days(-1)).chain([until]);
    let days = terms
        .iter()
        .zip(ends)
        .map(|(term, end)| (term.fee_bp, (term.from, end.min(until))));
    days.filter(|(_, (from, to))| from <= to).collect()
}

/// Opens a fund; whoever wrote the agreement down does not open it.
///
/// # Errors
/// [`FundError::State`], [`FundError::FourEyes`].
pub fn open(fund: &NamedFund, by: ActorId, now: Instant) -> Result<FundState, FundError> {
    match fund.state {
        FundState::Draft if by == fund.made_by => Err(FundError::FourEyes),
        FundState::Draft => Ok(FundState::Open { by, at: now }),
        _ => Err(FundError::State(fund.state.as_str())),
    }
}

/// Asks for the close.
///
/// # Errors
/// [`FundError::State`].
pub fn ask_close(state: &FundState, by: ActorId, (now, reason): (Instant, &str)) -> Result<FundState, FundError> {
    match state {
        FundState::Open { by: opener, at } => Ok(FundState::Closing {
            opened: (*opener, *at),
            by,
            at: now,
            reason: reason.trim().to_owned(),
        }),
        other => Err(FundError::State(other.as_str())),
    }
}

/// Closes; whoever asked does not.
///
/// # Errors
/// [`FundError::State`], [`FundError::FourEyes`].
pub fn close(state: &FundState, by: ActorId, (now, rest): (Instant, Fen)) -> Result<FundState, FundError> {
    match state {
        FundState::Closing { by: asker, .. } if *asker == by => Err(FundError::FourEyes),
        FundState::Closing {
            opened,
            by: asker,
            at,
            reason,
        } => Ok(FundState::Closed {
            opened: *opened,
            asked: (*asker, *at, reason.clone()),
            by,
            at: now,
            rest,
        }),
        other => Err(FundError::State(other.as_str())),
    }
}

/// Gifts of some days, less what was given back.
///
/// # Errors
/// [`MoneyError`].
pub fn gifts(moved: &[Moved]) -> Result<Fen, MoneyError> {
    let gifts = moved.iter().filter(|m| m.code == AccountCode::DONATIONS_RESTRICTED);
    gifts
        .map(|m| m.credit.minus(m.debit))
        .try_fold(Fen::ZERO, |sum, net| sum.plus(net?))
}

/// What is due for a month: the agreed share of all gifts since the signing (by the terms of their days), rounded down
/// once, less what was taken for earlier months. Given back later, a gift lowers a later month's fee; never below nothing.
pub fn fee_due(gifts: &[(i64, Fen)], taken: Fen) -> Fen {
    let share = |(fee_bp, base): &(i64, Fen)| i128::from(base.get()) * i128::from(*fee_bp);
    let all = gifts.iter().map(share).sum::<i128>().max(0) / WHOLE_BP;
    let due = all - i128::from(taken.get());
    // A share of an amount fits where the amount did.
    Fen::new(i64::try_from(due.max(0)).unwrap_or(i64::MAX))
}

/// The months whose fee can be taken: over, not before the signing, and after the last that was taken; oldest first.
pub fn months_to_charge(signed_on: BusinessDay, last: Option<i64>, today: BusinessDay) -> Vec<Period> {
    let first = match last.and_then(Period::from_number) {
        Some(last) => last.next(),
        None => Period::of(signed_on),
    };
    let this = Period::of(today);
    std::iter::successors(Some(first), |month| Some(month.next()))
        .take_while(|month| *month < this)
        .collect()
}

/// What alerts must know of a fund.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// What it holds.
    pub position: Position,
    /// The newest year that was reported.
    pub reported: Option<i64>,
    /// Whether the fees that are due were taken.
    pub fees: Fees,
}

/// Whether the fees that are due were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fees {
    /// All of them.
    Taken,
    /// The fund holds less than a fee that is due.
    Waiting,
}

/// The alerts of a fund on a day.
pub fn alerts(fund: &NamedFund, seen: &Seen, today: BusinessDay) -> Vec<AlertKind> {
    let mut alerts = Vec::new();
    match &fund.state {
        FundState::Draft => {}
        FundState::Closed { .. } => {
            if seen.position.money.is_positive() || seen.position.restricted.is_positive() {
                alerts.push(AlertKind::MoneyAfterClose);
            }
        }
        FundState::Open { at, .. } | FundState::Closing { opened: (_, at), .. } => {
            let opened_on = at.business_day();
            if seen.position.money < fund.agreement.minimum {
                alerts.push(AlertKind::BelowMinimum);
            }
            let last = seen.position.last_moved.map_or(opened_on, |day| day.max(opened_on));
            if today >= dormant_on(last, fund.agreement.dormant_months) {
                alerts.push(AlertKind::Dormant);
            }
            if report_asked(fund, (opened_on, seen.reported), today).is_some() {
                alerts.push(AlertKind::ReportDue);
            }
            if seen.fees == Fees::Waiting {
                alerts.push(AlertKind::FeeWaiting);
            }
        }
    }
    alerts
}

/// The day from which a fund that moved last on this day counts as dormant.
pub fn dormant_on(last: BusinessDay, months: i64) -> BusinessDay {
    let day = i64::from(last.date().day());
    let month = Period::of(last).plus(months);
    // A day that the month does not have is its last one.
    month.first().plus_days(day - 1).min(month.last())
}

/// The oldest year whose report is asked for now: from [`REPORT_ASKED_DAYS`] before its date in the year after.
pub fn report_asked(
    fund: &NamedFund,
    (opened_on, reported): (BusinessDay, Option<i64>),
    today: BusinessDay,
) -> Option<i64> {
    let (month, day) = fund.agreement.report;
    let year = reported.map_or(i64::from(opened_on.year()), |year| year + 1);
    let due = Period::from_number((year + 1) * 100 + month)?.day(day);
    (today >= due.plus_days(-REPORT_ASKED_DAYS)).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::id::Id as _;

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn at(text: &str) -> Instant {
        day(text).start()
    }

    fn fund(state: FundState) -> NamedFund {
        NamedFund {
            fund: kernel::FundId::from_bytes([1; 16]),
            unit: kernel::UnitId::from_bytes([2; 16]),
            project: kernel::ProjectId::from_bytes([3; 16]),
            agreement: Agreement {
                kind: FundKind::Named,
                founder: Founder::Person,
                name: "示范市演示会晨光基金".into(),
                purpose: "助学".into(),
                purpose_en: String::new(),
                spending: "管委会过半数同意".into(),
                spending_en: String::new(),
                number: "JJ-2026-001".into(),
                signed_on: day("2026-01-15"),
                fee_bp: 300,
                principal: Fen::ZERO,
                minimum: Fen::new(100_000),
                minimum_rule: MinimumRule::Refuse,
                report: (3, 31 - 3),
                dormant_months: 12,
                rest_words: "转入人道救助".into(),
            },
            rest_to: kernel::ProjectId::from_bytes([4; 16]),
            state,
            made_by: ActorId::from_bytes([5; 16]),
            made_at: at("2026-01-15"),
        }
    }

    fn open_since(text: &str) -> FundState {
        FundState::Open {
            by: ActorId::from_bytes([6; 16]),
            at: at(text),
        }
    }

    #[test]
    fn two_people_open_and_two_people_close() {
        let (maker, other) = (ActorId::from_bytes([5; 16]), ActorId::from_bytes([6; 16]));
        let draft = fund(FundState::Draft);
        assert!(matches!(
            open(&draft, maker, at("2026-02-01")),
            Err(FundError::FourEyes)
        ));
        let opened = open(&draft, other, at("2026-02-01")).expect("opened");
        let closing = ask_close(&opened, maker, (at("2026-03-01"), "到期")).expect("asked");
        assert!(matches!(
            close(&closing, maker, (at("2026-03-02"), Fen::ZERO)),
            Err(FundError::FourEyes)
        ));
        let closed = close(&closing, other, (at("2026-03-02"), Fen::new(5))).expect("closed");
        assert_eq!(closed.as_str(), "closed");
        assert!(ask_close(&closed, maker, (at("2026-03-03"), "x")).is_err());
        assert!(close(&opened, other, (at("2026-03-03"), Fen::ZERO)).is_err());
    }

    #[test]
    fn the_fee_is_a_share_of_all_gifts_and_never_drifts() {
        assert_eq!(fee_due(&[(300, Fen::new(99))], Fen::ZERO), Fen::new(2), "rounded down");
        // Month by month the parts make the whole.
        let mut taken = Fen::ZERO;
        for base in [99, 198, 297, 10_000] {
            taken = taken.plus(fee_due(&[(300, Fen::new(base))], taken)).expect("a sum");
        }
        assert_eq!(taken, Fen::new(300));
        assert_eq!(
            fee_due(&[(300, Fen::new(5_000))], taken),
            Fen::ZERO,
            "given back: nothing is due"
        );
        assert_eq!(
            fee_due(&[(300, Fen::new(20_000))], taken),
            Fen::new(300),
            "and counted against later gifts"
        );
        assert_eq!(fee_due(&[(300, Fen::new(-5))], Fen::ZERO), Fen::ZERO);
        // Two terms are rounded together, and what is given back under the second lowers what the first had borne.
        let two = [(300, Fen::new(99)), (500, Fen::new(99))];
        assert_eq!(fee_due(&two, Fen::ZERO), Fen::new(7), "2.97 and 4.95");
        assert_eq!(
            fee_due(&[(300, Fen::new(10_000)), (500, Fen::new(-2_000))], Fen::ZERO),
            Fen::new(200)
        );
    }

    #[test]
    fn gifts_bear_the_fee_of_the_terms_of_their_day() {
        let term = |from: &str, fee_bp| FeeTerms {
            from: day(from),
            fee_bp,
        };
        let terms = [
            term("2026-01-15", 300),
            term("2026-03-10", 500),
            term("2026-03-10", 400),
            term("2026-05-01", 100),
        ];
        assert_eq!(
            days_of_terms(&terms, day("2026-03-31")),
            [
                (300, (day("2026-01-15"), day("2026-03-09"))),
                (400, (day("2026-03-10"), day("2026-03-31")))
            ]
        );
        let fund = fund(open_since("2026-02-01"));
        assert_eq!(fee_terms(&fund, &[]), [term("2026-01-15", 300)]);
        let first = first_version(&fund).expect("it was opened");
        assert_eq!(fee_terms(&fund, &[first]), [term("2026-01-15", 300)]);
        assert_eq!(first_version(&super::tests::fund(FundState::Draft)), None);
    }

    #[test]
    fn an_amendment_has_a_paper_of_its_own_and_concerns_the_same_fund() {
        let fund = fund(open_since("2026-02-01"));
        let field = |change: &dyn Fn(&mut Agreement)| {
            let mut new = fund.agreement.clone();
            new.number = "JJ-2026-001-A".into();
            change(&mut new);
            match amend(&fund, &new) {
                Ok(()) => "",
                Err(FundError::Invalid { field, .. }) => field,
                Err(other) => panic!("{other}"),
            }
        };
        assert_eq!(field(&|a| a.fee_bp = 200), "");
        assert_eq!(field(&|a| a.number = "JJ-2026-001".into()), "agreement_no");
        assert_eq!(field(&|a| a.signed_on = day("2026-01-14")), "signed_on");
        assert_eq!(field(&|a| a.founder = Founder::Unit), "kind");
        let draft = super::tests::fund(FundState::Draft);
        assert!(matches!(
            amend(&draft, &draft.agreement),
            Err(FundError::State("draft"))
        ));
    }

    #[test]
    fn what_a_fund_begins_with_depends_on_who_founds_it() {
        let mut agreement = fund(FundState::Draft).agreement;
        let least = (Fen::new(300_000), Fen::new(2_000_000));
        assert_eq!(initial(&agreement, least), least.0);
        agreement.founder = Founder::Unit;
        assert_eq!(initial(&agreement, least), least.1);
        agreement.kind = FundKind::Community;
        assert_eq!(initial(&agreement, least), Fen::ZERO);
    }

    #[test]
    fn months_are_charged_when_they_are_over_and_none_is_left_out() {
        let agreement = fund(FundState::Draft).agreement;
        let months = |last, today: &str| -> Vec<i64> {
            let months = months_to_charge(agreement.signed_on, last, day(today));
            months.into_iter().map(Period::number).collect()
        };
        assert_eq!(months(None, "2026-01-31"), [0_i64; 0]);
        assert_eq!(months(None, "2026-04-01"), [202_601, 202_602, 202_603]);
        assert_eq!(months(Some(202_602), "2026-04-01"), [202_603]);
        assert_eq!(months(Some(202_603), "2026-04-30"), [0_i64; 0]);
    }

    fn seen(money: i64, last: Option<&str>, reported: Option<i64>) -> Seen {
        Seen {
            position: Position {
                money: Fen::new(money),
                restricted: Fen::new(money),
                last_moved: last.map(day),
                ..Position::default()
            },
            reported,
            fees: Fees::Taken,
        }
    }

    #[test]
    fn a_fund_below_its_minimum_a_sleeping_one_and_a_missing_report_are_told() {
        let open = fund(open_since("2026-02-01"));
        let told = |seen: &Seen, today: &str| alerts(&open, seen, day(today));
        assert_eq!(told(&seen(100_000, Some("2026-02-01"), None), "2026-03-01"), []);
        assert_eq!(
            told(&seen(99_999, Some("2026-02-01"), None), "2026-03-01"),
            [AlertKind::BelowMinimum]
        );
        assert_eq!(told(&seen(100_000, None, Some(2026)), "2027-01-31"), []);
        assert_eq!(
            told(&seen(100_000, None, Some(2026)), "2027-02-01"),
            [AlertKind::Dormant],
            "a year without movement"
        );
        // The report of 2026 is due on 28 March 2027, asked for from 26 February on.
        assert_eq!(told(&seen(100_000, Some("2027-02-01"), None), "2027-02-25"), []);
        assert_eq!(
            told(&seen(100_000, Some("2027-02-01"), None), "2027-02-26"),
            [AlertKind::ReportDue]
        );
        assert_eq!(told(&seen(100_000, Some("2027-02-01"), Some(2026)), "2027-03-28"), []);
    }

    #[test]
    fn what_comes_after_the_close_is_told() {
        let opened = (ActorId::from_bytes([6; 16]), at("2026-02-01"));
        let closed = fund(FundState::Closed {
            opened,
            asked: (ActorId::from_bytes([5; 16]), at("2026-03-01"), "到期".into()),
            by: ActorId::from_bytes([6; 16]),
            at: at("2026-03-02"),
            rest: Fen::ZERO,
        });
        assert_eq!(alerts(&closed, &seen(0, None, None), day("2030-01-01")), []);
        assert_eq!(
            alerts(&closed, &seen(1, None, None), day("2030-01-01")),
            [AlertKind::MoneyAfterClose]
        );
    }

    #[test]
    fn a_day_that_a_month_lacks_is_its_last() {
        assert_eq!(dormant_on(day("2026-08-31"), 6), day("2027-02-28"));
        assert_eq!(dormant_on(day("2026-08-30"), 1), day("2026-09-30"));
    }

    #[test]
    fn the_floor_is_what_must_never_be_spent() {
        let mut agreement = fund(FundState::Draft).agreement;
        assert_eq!(floor(&agreement), Fen::new(100_000));
        agreement.minimum_rule = MinimumRule::Alert;
        assert_eq!(floor(&agreement), Fen::ZERO);
        agreement.principal = Fen::new(5_000_000);
        assert_eq!(floor(&agreement), Fen::new(5_000_000));
    }

    #[test]
    fn an_agreement_out_of_shape_names_its_field() {
        let good = fund(FundState::Draft).agreement;
        let today = day("2026-02-01");
        assert!(check(&good, today).is_ok());
        let wrong = |change: &dyn Fn(&mut Agreement)| {
            let mut agreement = good.clone();
            change(&mut agreement);
            match check(&agreement, today) {
                Err(FundError::Invalid { field, .. }) => field,
                other => panic!("refused is expected, not {other:?}"),
            }
        };
        assert_eq!(wrong(&|a| a.name = " ".into()), "name");
        assert_eq!(wrong(&|a| a.signed_on = day("2026-02-02")), "signed_on");
        assert_eq!(wrong(&|a| a.fee_bp = 1_001), "fee_bp");
        assert_eq!(wrong(&|a| a.report = (13, 1)), "report_month");
        assert_eq!(wrong(&|a| a.report = (2, 29)), "report_day");
        assert_eq!(wrong(&|a| a.dormant_months = 0), "dormant_months");
    }
}
