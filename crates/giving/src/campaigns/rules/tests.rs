//! The filing rules of rules.md 1.2, each as a sentence.

use governance::network::CertificateStatus;
use kernel::id::Id as _;
use kernel::{CampaignId, UnitId};

use super::*;
use crate::campaigns::samples;

const LIMITS: Limits = Limits {
    filing_lead_days: 10,
    emergency_backfile_days: 10,
    fix_days: 5,
    change_days: 10,
    max_duration_days: None,
};

fn day(text: &str) -> BusinessDay {
    BusinessDay::parse(text).expect("a day")
}

fn noon(text: &str) -> Instant {
    day(text).start().plus_micros(12 * 3_600 * 1_000_000)
}

fn draft() -> Campaign {
    let plan = samples::plan(
        "人道公益日",
        "临沂市",
        day("2026-05-06"),
        day("2026-05-09"),
        Fen::new(50_000_000),
    );
    Campaign {
        id: CampaignId::from_bytes([1; 16]),
        unit: UnitId::from_bytes([2; 16]),
        page: Page {
            title: plan.title.clone(),
            summary: String::new(),
        },
        target: plan.expected_fen,
        plan,
        plan_version: 1,
        online: true,
        state: CampaignState::Draft,
        created_at: Instant::from_micros(0),
    }
}

fn certificates() -> Vec<Certificate> {
    vec![Certificate {
        number: "53371300MJ".into(),
        issuer: "临沂市民政局".into(),
        valid_from: day("2025-01-01"),
        valid_to: day("2027-12-31"),
        status: CertificateStatus::Valid,
        status_since: day("2025-01-01"),
    }]
}

fn filing(on: &str) -> Filing {
    Filing {
        filed_on: day(on),
        ..samples::filing(&draft().plan, 10, 1)
    }
}

fn filed() -> Campaign {
    let mut campaign = draft();
    campaign.state = campaign.state.file(filing("2026-04-26")).expect("filed");
    campaign
}

#[test]
fn a_plan_is_filed_ten_days_before_its_first_day_and_not_nine() {
    assert!(check_filing(&draft(), &filing("2026-04-26"), &certificates(), LIMITS).is_ok());
    match check_filing(&draft(), &filing("2026-04-27"), &certificates(), LIMITS) {
        Err(CampaignError::FiledLate { latest, lead_days: 10 }) => assert_eq!(latest, day("2026-04-26")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_field_of_the_law_must_be_there_and_the_missing_ones_are_named() {
    let mut campaign = draft();
    campaign.plan.remainder = "  ".into();
    campaign.plan.bank_account = String::new();
    match check_filing(&campaign, &filing("2026-04-26"), &certificates(), LIMITS) {
        Err(CampaignError::Incomplete(fields)) => assert_eq!(fields, ["bank_account", "remainder"]),
        other => panic!("{other:?}"),
    }
    let fields = texts(&campaign.plan).len();
    assert_eq!(
        fields, 11,
        "with two days and the expected amount: the fourteen facts of a plan"
    );
}

#[test]
fn the_page_carries_the_title_of_the_plan() {
    let mut campaign = draft();
    campaign.page.title = "人道公益日（最后一天）".into();
    assert_eq!(page_differs(&campaign.plan, &campaign.page), ["title"]);
    let answer = check_filing(&campaign, &filing("2026-04-26"), &certificates(), LIMITS);
    assert!(matches!(answer, Err(CampaignError::PageDiffers)));
}

#[test]
fn the_certificate_covers_every_day_of_the_campaign() {
    let mut ends_early = certificates();
    ends_early[0].valid_to = day("2026-05-08");
    match check_filing(&draft(), &filing("2026-04-26"), &ends_early, LIMITS) {
        Err(CampaignError::NoCertificate(gap)) => assert_eq!(gap, day("2026-05-09")),
        other => panic!("{other:?}"),
    }
    let answer = check_filing(&draft(), &filing("2026-04-26"), &[], LIMITS);
    assert!(matches!(answer, Err(CampaignError::NoCertificate(_))));
}

#[test]
fn a_filed_campaign_opens_on_its_days_only() {
    let opened = open(filed(), &[link()], &certificates(), LIMITS, noon("2026-05-06")).expect("opens");
    assert_eq!(opened.state.as_str(), "open");
    assert!(opened.state.filing().is_some());
    for off in ["2026-05-05", "2026-05-10"] {
        let answer = open(filed(), &[link()], &certificates(), LIMITS, noon(off));
        assert!(matches!(answer, Err(CampaignError::NotItsDay { .. })), "{off}");
    }
    let unfiled = open(draft(), &[link()], &certificates(), LIMITS, noon("2026-05-06"));
    assert!(matches!(unfiled, Err(CampaignError::NotFiled)));
}

#[test]
fn a_certificate_lost_after_the_filing_keeps_the_campaign_shut() {
    let mut revoked = certificates();
    revoked[0].status = CertificateStatus::Revoked;
    revoked[0].status_since = day("2026-05-07");
    let answer = open(filed(), &[link()], &revoked, LIMITS, noon("2026-05-06"));
    assert!(matches!(answer, Err(CampaignError::NoCertificate(gap)) if gap == day("2026-05-07")));
}

#[test]
fn an_emergency_starts_first_and_is_filed_afterwards() {
    let start = noon("2026-05-06");
    let running = open_in_emergency(draft(), "某地洪涝灾害", &[link()], &certificates(), LIMITS, start).expect("opens");
    assert_eq!(running.state.filing(), None);
    let seen = |today: &str| warnings(&running, &[link()], &certificates(), LIMITS, day(today));
    assert_eq!(seen("2026-05-16"), [Warning::EmergencyNotFiled]);
    assert_eq!(seen("2026-05-17"), [Warning::EmergencyFilingOverdue]);
    assert!(check_filing(&running, &filing("2026-05-12"), &certificates(), LIMITS).is_ok());
    let filed = running
        .clone()
        .state
        .file(filing("2026-05-12"))
        .expect("filed while it runs");
    assert!(filed.is_running() && filed.filing().is_some());
    assert!(filed.file(filing("2026-05-13")).is_err(), "one campaign, one filing");
    let nameless = open_in_emergency(draft(), "", &[link()], &certificates(), LIMITS, start);
    assert!(matches!(nameless, Err(CampaignError::Invalid { field: "event", .. })));
}

#[test]
fn an_emergency_campaign_never_filed_cannot_be_settled() {
    let running = open_in_emergency(
        draft(),
        "某地洪涝灾害",
        &[link()],
        &certificates(),
        LIMITS,
        noon("2026-05-06"),
    );
    let ended = running.expect("opens").state.end(noon("2026-05-10")).expect("ends");
    assert!(matches!(ended.settle(noon("2026-06-10")), Err(CampaignError::NotFiled)));
}

#[test]
fn the_way_leads_from_draft_to_settled_and_never_back() {
    let open = open(filed(), &[link()], &certificates(), LIMITS, noon("2026-05-06"))
        .expect("opens")
        .state;
    let full = open.clone().fill(noon("2026-05-06")).expect("fills");
    let ended = full.clone().end(noon("2026-05-09")).expect("ends");
    let settled = ended.clone().settle(noon("2026-07-01")).expect("settles");
    assert_eq!(settled.as_str(), "settled");
    assert!(draft().state.end(noon("2026-05-09")).is_err());
    assert!(ended.clone().open(noon("2026-05-09")).is_err());
    assert!(ended.clone().raised().is_err());
    assert!(settled.end(noon("2026-07-02")).is_err());
    assert!(full.fill(noon("2026-05-06")).is_err());
}

#[test]
fn a_change_of_a_filed_plan_needs_a_reason_and_is_late_after_ten_days() {
    let mut later = filed().plan;
    later.ends_on = day("2026-05-12");
    let change = |plan: &Plan, reason: &str, today: &str| {
        check_change(&filed(), plan, reason, day("2026-05-01"), day(today), LIMITS)
    };
    assert!(!change(&later, "延长三天", "2026-05-11").expect("in time"));
    assert!(change(&later, "延长三天", "2026-05-12").expect("recorded, late"));
    assert!(matches!(
        change(&later, "", "2026-05-02"),
        Err(CampaignError::Invalid { field: "reason", .. })
    ));
    assert!(matches!(
        change(&filed().plan, "没有变化", "2026-05-02"),
        Err(CampaignError::Invalid { field: "plan", .. })
    ));
    let future = change(&later, "延长三天", "2026-04-30");
    assert!(matches!(
        future,
        Err(CampaignError::Invalid {
            field: "changed_on",
            ..
        })
    ));
    let of_draft = check_change(
        &draft(),
        &later,
        "延长三天",
        day("2026-05-01"),
        day("2026-05-01"),
        LIMITS,
    );
    assert!(matches!(of_draft, Err(CampaignError::State { state: "draft", .. })));
}

#[test]
fn a_raise_of_the_target_goes_upward_and_opens_a_full_campaign_again() {
    let mut full = open(filed(), &[link()], &certificates(), LIMITS, noon("2026-05-06")).expect("opens");
    full.state = full.state.fill(noon("2026-05-06")).expect("fills");
    let raised = raise_target(full.clone(), Fen::new(80_000_000), "首日即已筹满").expect("raised");
    assert_eq!((raised.state.as_str(), raised.target), ("open", Fen::new(80_000_000)));
    let same = raise_target(full, Fen::new(50_000_000), "首日即已筹满");
    assert!(matches!(same, Err(CampaignError::NotHigher(_))));
}

fn link() -> PlatformLink {
    PlatformLink {
        platform_code: "some-platform".into(),
        url: "https://platform.example/1".into(),
        listed_on: day("2026-05-01"),
    }
}

#[test]
fn a_campaign_on_the_internet_without_a_designated_platform_is_warned_about() {
    let today = day("2026-05-06");
    let without = warnings(&filed(), &[], &certificates(), LIMITS, today);
    assert_eq!(without, [Warning::OnlineWithoutPlatform]);
    assert_eq!(warnings(&filed(), &[link()], &certificates(), LIMITS, today), []);
    let offline = Campaign {
        online: false,
        ..filed()
    };
    assert_eq!(warnings(&offline, &[], &certificates(), LIMITS, today), []);
}

#[test]
fn a_campaign_that_raises_online_opens_once_a_designated_platform_has_it() {
    let now = noon("2026-05-06");
    let shut = |answer: Result<Campaign, CampaignError>| matches!(answer, Err(CampaignError::NoPlatform));
    let later = PlatformLink {
        listed_on: day("2026-05-07"),
        ..link()
    };
    for links in [vec![], vec![later.clone()]] {
        assert!(shut(open(filed(), &links, &certificates(), LIMITS, now)));
        let emergency = open_in_emergency(draft(), "某地洪涝灾害", &links, &certificates(), LIMITS, now);
        assert!(shut(emergency), "the law's exception is the filing alone");
    }
    assert!(open(filed(), &[later, link()], &certificates(), LIMITS, now).is_ok());
    let offline = Campaign {
        online: false,
        ..filed()
    };
    assert!(open(offline, &[], &certificates(), LIMITS, now).is_ok());
}

#[test]
fn a_plan_out_of_shape_is_refused_by_its_field() {
    let field = |change: &dyn Fn(&mut Plan)| {
        let mut plan = draft().plan;
        change(&mut plan);
        match check_shape(
            &plan,
            Limits {
                max_duration_days: Some(30),
                ..LIMITS
            },
        ) {
            Err(CampaignError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(field(&|p| p.title = "字".repeat(61)), "title");
    assert_eq!(field(&|p| p.ends_on = day("2026-05-05")), "ends_on");
    assert_eq!(field(&|p| p.ends_on = day("2026-06-05")), "ends_on");
    assert_eq!(field(&|p| p.expected_fen = Fen::ZERO), "expected_fen");
    assert_eq!(field(&|p| p.purpose = "字".repeat(2_001)), "purpose");
}

#[test]
fn the_legal_numbers_come_from_the_dated_table() {
    let table = Parameters::shipped().expect("the shipped table");
    let limits = Limits::on(&table, day("2026-05-08")).expect("numbers");
    assert_eq!(limits, LIMITS);
    assert_eq!(
        Limits::on(&table, day("2020-01-01")).expect("before the first row"),
        LIMITS
    );
}

#[test]
fn a_returned_filing_is_completed_and_filed_again_before_it_opens() {
    let today = day("2026-04-24");
    let early = give_back(filed(), "材料不全", day("2026-04-25"), day("2026-04-30"));
    assert!(
        matches!(
            early,
            Err(CampaignError::Invalid {
                field: "returned_on",
                ..
            })
        ),
        "{early:?}"
    );
    let mut before = draft();
    before.state = before.state.file(filing("2026-04-20")).expect("filed");
    let back = give_back(before, "受益人范围不清", day("2026-04-23"), today).expect("returned");
    assert!(back.state.filing().is_none() && !back.state.is_public());
    assert_eq!(
        warnings(&back, &[], &certificates(), LIMITS, today).first(),
        Some(&Warning::OnlineWithoutPlatform)
    );
    assert!(warnings(&back, &[], &certificates(), LIMITS, today).contains(&Warning::FilingReturned));
    assert!(warnings(&back, &[], &certificates(), LIMITS, day("2026-04-29")).contains(&Warning::FilingReturnedOverdue));
    let opened = back.state.clone().open(noon("2026-05-06"));
    assert!(matches!(opened, Err(CampaignError::Returned)));
    let older = check_filing(&back, &filing("2026-04-22"), &certificates(), LIMITS);
    assert!(matches!(older, Err(CampaignError::Invalid { field: "filed_on", .. })));
    check_filing(&back, &filing("2026-04-26"), &certificates(), LIMITS).expect("in time");
    assert_eq!(
        back.state.file(filing("2026-04-26")).expect("filed again").as_str(),
        "filed"
    );
}
