use super::*;
use crate::donations::orders::Provider;
use crate::my_gifts::ContactKind;
use crate::recurring::model::{Language, NEWS_CONSENT_EN, NEWS_CONSENT_ZH};
use kernel::SeededRng;
use proptest::prelude::*;

fn day(text: &str) -> BusinessDay {
    BusinessDay::parse(text).expect("a day")
}

fn mandate(next_due: &str, state: MandateState) -> Mandate {
    Mandate {
        id: MandateId::from_bytes([1; 16]),
        unit: kernel::UnitId::from_bytes([2; 16]),
        project: kernel::ProjectId::from_bytes([3; 16]),
        plan: None,
        amount: Fen::new(12_000),
        day: 8,
        starts_on: day("2026-05-01"),
        ends_on: None,
        months: None,
        anonymous: false,
        wants_news: false,
        provider: Provider::Wechat,
        language: Language(web::Locale::ZhHans),
        contact: ContactKind::Phone,
        index: vec![1],
        donor_sealed: None,
        donor_masked: None,
        consent: (kernel::UnitId::from_bytes([2; 16]), 0, vec![]),
        state,
        state_at: Instant::from_micros(0),
        next_due: day(next_due),
        created_at: Instant::from_micros(0),
    }
}

#[test]
fn the_first_month_is_the_first_due_day_that_is_not_over() {
    assert_eq!(first_due(day("2026-05-08"), 8), day("2026-05-08"));
    assert_eq!(first_due(day("2026-05-09"), 8), day("2026-06-08"));
    assert_eq!(first_due(day("2026-12-29"), 28), day("2027-01-28"));
    assert_eq!(last_due(day("2026-05-08"), 8, 1), day("2026-05-08"));
    assert_eq!(last_due(day("2026-05-08"), 8, 12), day("2027-04-08"));
    assert_eq!(due_after(day("2026-01-28"), 28), day("2026-02-28"));
}

#[test]
fn a_month_opens_three_days_before_and_closes_three_days_after() {
    let active = mandate("2026-06-08", MandateState::Active);
    let at = |text: &str| step(&active, day(text), Takes::Yes);
    assert_eq!(at("2026-06-04"), Step::Rest);
    assert_eq!(at("2026-06-05"), Step::Open);
    assert_eq!(at("2026-06-11"), Step::Open, "late, but it waits still");
    assert_eq!(
        at("2026-06-12"),
        Step::Miss,
        "closed while nothing ran: never asked for"
    );
}

#[test]
fn what_is_paused_is_skipped_and_goes_on_by_itself_on_its_day() {
    let paused = |resume_on| MandateState::Paused { resume_on };
    let at = |state, text: &str| step(&mandate("2026-06-08", state), day(text), Takes::Yes);
    assert_eq!(at(paused(None), "2026-06-05"), Step::Skip(SkipReason::Paused));
    assert_eq!(at(paused(None), "2026-06-01"), Step::Rest);
    assert_eq!(
        at(paused(Some(day("2026-06-06"))), "2026-06-05"),
        Step::Skip(SkipReason::Paused)
    );
    assert_eq!(at(paused(Some(day("2026-06-06"))), "2026-06-06"), Step::Resume);
}

#[test]
fn a_project_that_rests_skips_and_one_that_ended_ends() {
    let active = mandate("2026-06-08", MandateState::Active);
    assert_eq!(
        step(&active, day("2026-06-05"), Takes::NotNow),
        Step::Skip(SkipReason::Project)
    );
    assert_eq!(
        step(&active, day("2026-05-09"), Takes::NeverAgain),
        Step::End(EndReason::ProjectEnded)
    );
    let mut over = active.clone();
    over.ends_on = Some(day("2026-05-08"));
    let at = |text: &str| step(&over, day(text), Takes::Yes);
    assert_eq!(at("2026-05-11"), Step::Rest, "its last month may be paid still");
    assert_eq!(at("2026-05-12"), Step::End(EndReason::Finished));
    for state in [
        MandateState::Waiting,
        MandateState::Ended {
            reason: EndReason::Donor,
        },
    ] {
        assert_eq!(
            step(&mandate("2026-01-08", state), day("2026-06-08"), Takes::Yes),
            Step::Rest
        );
    }
}

#[test]
fn only_what_runs_can_be_paused_and_only_what_is_paused_resumed() {
    let today = day("2026-05-08");
    let ended = MandateState::Ended {
        reason: EndReason::Donor,
    };
    let paused = pause(MandateState::Active, Some(day("2026-08-01")), today).expect("paused");
    assert_eq!(resume(paused).expect("resumed"), MandateState::Active);
    assert!(
        pause(MandateState::Active, Some(today), today).is_err(),
        "a day that is over"
    );
    for state in [MandateState::Waiting, ended] {
        assert!(pause(state, None, today).is_err() && resume(state).is_err());
    }
    assert!(confirm(MandateState::Active).is_err() && end(ended, EndReason::Staff).is_err());
}

proptest! {
    /// Whatever days the program runs on, each month is looked at once, in order, and none is asked for after it closed.
    #[test]
    fn whenever_it_runs_each_month_is_taken_once_and_in_order(
        runs in prop::collection::vec(0_i64..70, 1..25),
        due_day in 1_i64..=28,
    ) {
        let mut mandate = mandate("2026-05-01", MandateState::Active);
        mandate.day = due_day;
        mandate.next_due = first_due(day("2026-05-01"), due_day);
        let mut today = day("2026-05-01");
        let mut seen = Vec::new();
        for gap in runs {
            today = today.plus_days(gap);
            let mut open = 0;
            loop {
                match step(&mandate, today, Takes::Yes) {
                    Step::Rest => break,
                    Step::Open => {
                        open += 1;
                        prop_assert!(opens_on(mandate.next_due) <= today && today <= closes_on(mandate.next_due));
                    }
                    Step::Miss => prop_assert!(closes_on(mandate.next_due) < today),
                    other => prop_assert!(false, "{other:?}"),
                }
                seen.push(Period::of(mandate.next_due));
                mandate.next_due = due_after(mandate.next_due, mandate.day);
            }
            prop_assert!(open <= 1, "nobody is asked for two months at once");
            prop_assert!(opens_on(mandate.next_due) > today, "nothing is left behind");
        }
        for pair in seen.windows(2) {
            prop_assert_eq!(pair[0].next(), pair[1]);
        }
    }
}

fn limits() -> Limits {
    Limits {
        min: Fen::new(100),
        max: Fen::new(5_000_000),
        providers: vec![Provider::Wechat, Provider::Alipay],
        consent_version: 2,
    }
}

fn form() -> MonthlyForm {
    MonthlyForm {
        choice: "5000".into(),
        day: "８".into(),
        contact: "+86 138-0000-0000".into(),
        provider: "alipay".into(),
        consent: "2".into(),
        news: "yes".into(),
        ..MonthlyForm::default()
    }
}

#[test]
fn a_form_is_read_with_all_its_faults() {
    let Ok(wished) = read(&form(), None, &limits()) else {
        panic!("well filled")
    };
    assert_eq!((wished.amount, wished.day, wished.months), (Fen::new(5_000), 8, None));
    assert!(wished.news && !wished.anonymous && wished.provider == Provider::Alipay);
    let wrong = MonthlyForm {
        choice: String::new(),
        amount: "0.5".into(),
        day: "29".into(),
        months: "121".into(),
        contact: "138".into(),
        consent: "1".into(),
        ..form()
    };
    let faults = read(&wrong, None, &limits()).err().unwrap_or_default();
    let told: Vec<(&str, &str)> = faults.iter().map(|f| (f.field, f.why)).collect();
    assert_eq!(
        told,
        [
            ("amount", "below"),
            ("months", "unreadable"),
            ("day", "unreadable"),
            ("contact", "unreadable"),
            ("consent", "changed")
        ]
    );
}

#[test]
fn a_plan_says_amount_and_months_whatever_the_form_says() {
    let plan = Plan {
        id: kernel::id::Id::from_bytes([5; 16]),
        unit: kernel::id::Id::from_bytes([2; 16]),
        project: kernel::id::Id::from_bytes([3; 16]),
        title: "一张课桌".into(),
        title_en: String::new(),
        amount: Fen::new(12_000),
        months: 12,
        places: 30,
        state: crate::recurring::PlanState::Open,
    };
    let Ok(wished) = read(&form(), Some(&plan), &limits()) else {
        panic!("well filled")
    };
    assert_eq!((wished.amount, wished.months), (Fen::new(12_000), Some(12)));
}

#[test]
fn a_link_leads_to_its_month_and_a_forged_one_nowhere() {
    let keys = Keys::from_file(&Keys::new_file(&SeededRng::new(3))).expect("keys");
    let (mandate, period) = (MandateId::from_bytes([9; 16]), Period::of(day("2026-06-08")));
    let text = month_link(&keys, mandate, period);
    assert_eq!(month_of_link(&keys, &text), Some((mandate, period)));
    let (agreement, news) = (AgreementId::from_bytes([8; 16]), NewsId::from_bytes([7; 16]));
    let other = news_link(&keys, agreement, news);
    assert_eq!(news_of_link(&keys, &other), Some((agreement, news)));
    assert_eq!(month_of_link(&keys, &other), None, "one kind does not open another");
    for at in 0..text.len() {
        let mut forged = text.clone();
        let letter = if forged.as_bytes()[at] == b'A' { "B" } else { "A" };
        forged.replace_range(at..=at, letter);
        assert_ne!(month_of_link(&keys, &forged), Some((mandate, period)), "{forged}");
    }
    assert_eq!(month_of_link(&keys, ""), None);
}

#[test]
fn the_shipped_wording_about_news_never_changes() {
    assert!(NEWS_CONSENT_ZH.contains("不再接收") && NEWS_CONSENT_EN.contains("No more messages"));
    let hash = data_encoding::HEXLOWER.encode(&news_consent_hash());
    assert_eq!(
        hash, "2ea53b7bf065905bcd7e9cfb4a6fdb6933de15e104dce01c4c5f9e6221e4390b",
        "it was agreed to as version 0: publish another instead"
    );
}
