//! The rules as tables: who counts for what, at each way of deciding.

use kernel::id::Id as _;
use kernel::{ActorId, Instant};
use serde_json::{Value, json};

use crate::approvals::model::{Change, Draw, Entry, Event, Hex, Outcome, Paper, StageState, Standing, Verdict};
use crate::approvals::policy::{How, Level, Policy, PolicyFault, SendBack, Share, Stage, Who};
use crate::approvals::rules::{self, Due, Refusal};
use Verdict::{Abstain, Approve, Refuse, Score, SendBack as Back};
use platform::identity::Role;

pub(super) fn who(number: u8) -> ActorId {
    ActorId::from_bytes([number; 16])
}

pub(super) const ASKER: u8 = 200;

pub(super) fn stage(key: &str, how: How) -> Stage {
    Stage {
        key: key.to_owned(),
        title: key.to_owned(),
        title_en: String::new(),
        after: Vec::new(),
        who: Who::Role {
            role: Role::Leader,
            at: Level::Own,
        },
        how,
        limit_s: 600,
        deputy: None,
        edits: Vec::new(),
        send_back: SendBack::Start,
        papers: Vec::new(),
        sheet: Vec::new(),
        draw: None,
    }
}

pub(super) fn policy(stages: Vec<Stage>) -> Policy {
    let policy = Policy {
        title: "一件事".into(),
        title_en: "A thing".into(),
        required: false,
        fast_lane: None,
        stages,
    };
    policy.check().expect("a whole policy");
    policy
}

/// A case played by hand: seconds since it was asked, seats by number.
pub(super) struct Play {
    pub policy: Policy,
    pub entries: Vec<Entry>,
    pub now: Standing,
    pub second: i64,
}

impl Play {
    pub(super) fn new(policy: Policy) -> Self {
        Self::asked(policy, None, &[])
    }

    pub(super) fn asked(policy: Policy, hurry: Option<&str>, parties: &[u8]) -> Self {
        let event = Event::Submitted {
            parties: parties.iter().map(|n| Hex(who(*n))).collect(),
            hurry: hurry.map(str::to_owned),
            content: Change {
                title: Some("请审批".into()),
                ..Change::default()
            },
        };
        let first = Entry {
            number: 1,
            at: Instant::from_micros(0),
            by: Some(who(ASKER)),
            event,
        };
        let now = rules::begin(&policy, &first).expect("begun");
        Self {
            policy,
            entries: vec![first],
            now,
            second: 0,
        }
    }

    pub(super) fn happens(&mut self, by: Option<u8>, event: Event) -> Result<(), Refusal> {
        let entry = Entry {
            number: self.now.last + 1,
            at: Instant::from_micros(self.second * 1_000_000),
            by: by.map(who),
            event,
        };
        rules::apply(&mut self.now, &self.policy, &entry)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Opens what has its turn, all with these seats.
    pub(super) fn open(&mut self, seats: &[u8]) {
        for at in rules::to_open(&self.now, &self.policy) {
            let event = Event::Opened {
                stage: self.policy.stages[at].key.clone(),
                seats: seats.iter().map(|n| Hex(who(*n))).collect(),
                unit: None,
                draw: None,
            };
            self.happens(None, event).expect("opened");
        }
    }

    pub(super) fn says(&mut self, by: u8, stage: &str, verdict: Verdict) -> Result<(), Refusal> {
        self.scores(by, stage, verdict, &[])
    }

    pub(super) fn scores(
        &mut self,
        by: u8,
        stage: &str,
        verdict: Verdict,
        sheet: &[(&str, i64)],
    ) -> Result<(), Refusal> {
        let event = Event::Acted {
            stage: stage.to_owned(),
            verdict,
            words: "看过了".into(),
            scores: sheet.iter().map(|(key, score)| ((*key).to_owned(), *score)).collect(),
        };
        self.happens(Some(by), event)
    }

    pub(super) fn state(&self) -> &'static str {
        self.now.outcome.state().as_str()
    }
}

/// One stage of this way with seats 1 to `seats`; what each says in turn; the state after it.
fn comes_to(how: &How, seats: u8, said: &[Verdict]) -> &'static str {
    let mut play = Play::new(policy(vec![stage("s", how.clone())]));
    play.open(&(1..=seats).collect::<Vec<_>>());
    for (at, verdict) in said.iter().enumerate() {
        let by = u8::try_from(at).expect("few") + 1;
        play.says(by, "s", *verdict)
            .unwrap_or_else(|e| panic!("{how:?} {by}: {e}"));
    }
    play.state()
}

fn vote(quorum: &str, majority: &str, of: &str) -> How {
    serde_json::from_value(json!({"kind": "vote", "quorum": quorum, "majority": majority, "of": of})).expect("a vote")
}

#[test]
fn each_way_of_deciding_closes_as_soon_as_nothing_could_change_it_and_never_before() {
    let two = How::Number { needed: 2 };
    let members = vote("two_thirds", "more_than_half", "members");
    let present = vote("more_than_half", "more_than_half", "present");
    let thirds = vote("all", "two_thirds", "members");
    let cases: Vec<(&How, u8, &[Verdict], &str)> = vec![
        (&How::Any, 3, &[], "open"),
        (&How::Any, 3, &[Abstain], "open"),
        (&How::Any, 3, &[Abstain, Approve], "approved"),
        (&How::Any, 3, &[Refuse], "refused"),
        (&How::Any, 2, &[Abstain, Abstain], "open"),
        (&How::All, 2, &[Approve], "open"),
        (&How::All, 2, &[Approve, Approve], "approved"),
        (&How::All, 2, &[Abstain, Approve], "approved"),
        (&How::All, 2, &[Abstain, Abstain], "refused"),
        (&How::All, 3, &[Approve, Refuse], "refused"),
        (&two, 3, &[Approve], "open"),
        (&two, 3, &[Approve, Refuse], "open"),
        (&two, 3, &[Refuse, Refuse], "refused"),
        (&two, 3, &[Refuse, Abstain], "refused"),
        (&two, 3, &[Refuse, Approve, Approve], "approved"),
        (&two, 1, &[], "open"),
        // Five members: a quorum of four, a majority of three.
        (&members, 5, &[Approve, Approve, Approve], "open"),
        (&members, 5, &[Approve, Approve, Approve, Refuse], "approved"),
        (&members, 5, &[Refuse, Refuse, Refuse], "refused"),
        (&members, 5, &[Approve, Approve, Abstain, Abstain], "open"),
        (&members, 5, &[Approve, Approve, Abstain, Abstain, Abstain], "refused"),
        // Of those present: two of three are enough once all have come or the time is over.
        (&present, 5, &[Approve, Approve, Refuse], "open"),
        (&present, 5, &[Approve, Approve, Approve], "approved"),
        (&present, 5, &[Approve, Approve, Refuse, Refuse, Abstain], "refused"),
        (&present, 3, &[Approve, Approve], "approved"),
        (&thirds, 3, &[Approve, Approve], "open"),
        (&thirds, 3, &[Approve, Approve, Refuse], "approved"),
        (&thirds, 3, &[Approve, Refuse, Refuse], "refused"),
        (&thirds, 3, &[Refuse, Refuse], "refused"),
    ];
    for (how, seats, said, state) in cases {
        assert_eq!(comes_to(how, seats, said), state, "{how:?} of {seats}: {said:?}");
    }
}

#[test]
fn a_part_of_people_is_never_rounded_down() {
    let least = |share: Share| (1..=7).map(|of| share.least(of)).collect::<Vec<_>>();
    assert_eq!(least(Share::MoreThanHalf), [1, 2, 2, 3, 3, 4, 4]);
    assert_eq!(least(Share::TwoThirds), [1, 2, 2, 3, 4, 4, 5]);
    assert_eq!(least(Share::All), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn nobody_decides_twice_nor_who_asked_nor_who_is_concerned_nor_a_stranger() {
    let mut play = Play::asked(policy(vec![stage("s", How::All)]), None, &[9]);
    let seats = |numbers: &[u8]| Event::Opened {
        stage: "s".into(),
        seats: numbers.iter().map(|n| Hex(who(*n))).collect(),
        unit: None,
        draw: None,
    };
    assert_eq!(play.happens(None, seats(&[1, ASKER])), Err(Refusal::Concerned));
    assert_eq!(play.happens(None, seats(&[1, 9])), Err(Refusal::Concerned));
    play.open(&[1, 2, 3]);
    assert_eq!(play.says(ASKER, "s", Approve), Err(Refusal::Asker));
    assert_eq!(play.says(9, "s", Approve), Err(Refusal::Concerned));
    assert_eq!(play.says(7, "s", Approve), Err(Refusal::NotSeated));
    assert_eq!(play.says(1, "t", Approve), Err(Refusal::StageNotOpen));
    assert_eq!(play.says(1, "s", Approve), Ok(()));
    assert_eq!(play.says(1, "s", Refuse), Err(Refusal::Twice));
    // Two says that she is concerned: what is left of all is one and three.
    play.happens(Some(2), Event::Declared { words: String::new() })
        .expect("declared");
    assert_eq!(play.says(2, "s", Approve), Err(Refusal::Concerned));
    assert_eq!(play.says(3, "s", Approve), Ok(()));
    assert_eq!(play.state(), "approved");
    assert_eq!(
        play.says(3, "s", Approve),
        Err(Refusal::State(play.now.outcome.state()))
    );
}

#[test]
fn parallel_stages_join_and_what_stands_after_them_waits_for_both() {
    let after = |key: &str, keys: &[&str]| Stage {
        after: keys.iter().map(|key| (*key).to_owned()).collect(),
        ..stage(key, How::Any)
    };
    let stages = vec![
        after("a", &[]),
        after("b", &["a"]),
        after("c", &["a"]),
        after("d", &["b", "c"]),
    ];
    let mut play = Play::new(policy(stages));
    play.open(&[1, 2]);
    assert_eq!(rules::to_open(&play.now, &play.policy), [] as [usize; 0]);
    play.says(1, "a", Approve).expect("a");
    assert_eq!(rules::to_open(&play.now, &play.policy), [1, 2]);
    play.open(&[1, 2]);
    play.says(1, "c", Approve).expect("c");
    assert_eq!(
        rules::to_open(&play.now, &play.policy),
        [] as [usize; 0],
        "b is not through"
    );
    play.says(1, "b", Approve).expect("b");
    assert_eq!(rules::to_open(&play.now, &play.policy), [3]);
    play.open(&[1, 2]);
    assert_eq!(play.state(), "open");
    play.says(2, "d", Approve).expect("d");
    assert_eq!(play.state(), "approved");
    assert_eq!(rules::replay(&play.policy, &play.entries).expect("replayed"), play.now);
}

#[test]
fn a_case_sent_back_is_mended_by_its_asker_and_decided_anew_from_there_or_from_the_start() {
    for (back, first_again) in [(SendBack::Start, true), (SendBack::Here, false)] {
        let second = Stage {
            after: vec!["a".into()],
            send_back: back,
            ..stage("b", How::Any)
        };
        let mut play = Play::new(policy(vec![stage("a", How::Any), second]));
        play.open(&[1]);
        play.says(1, "a", Approve).expect("a");
        play.open(&[1]);
        play.says(1, "b", Back).expect("sent back");
        assert_eq!(play.state(), "sent_back");
        assert_eq!(rules::to_open(&play.now, &play.policy), [] as [usize; 0]);
        let again = || Event::Resubmitted {
            content: Change {
                summary: Some("改好了".into()),
                ..Change::default()
            },
            words: String::new(),
        };
        assert_eq!(play.happens(Some(1), again()), Err(Refusal::NotAsker));
        play.happens(Some(ASKER), again()).expect("resubmitted");
        assert_eq!(
            (play.state(), play.now.round, play.now.summary.as_str()),
            ("open", 2, "改好了")
        );
        assert_eq!(rules::to_open(&play.now, &play.policy), [usize::from(!first_again)]);
        play.open(&[1]);
        let stage = if first_again { "a" } else { "b" };
        assert_eq!(
            play.says(1, stage, Approve),
            Ok(()),
            "in another round she may decide again"
        );
    }
    let mut play = Play::new(policy(vec![Stage {
        send_back: SendBack::No,
        ..stage("a", How::Any)
    }]));
    play.open(&[1]);
    assert_eq!(play.says(1, "a", Back), Err(Refusal::NoSendBack));
}

#[test]
fn scores_are_whole_sheets_and_their_mean_decides() {
    let sheet = json!([{"key": "need", "title": "需求", "max": 60}, {"key": "plan", "title": "方案", "max": 40}]);
    let scored = || {
        policy(vec![Stage {
            sheet: serde_json::from_value(sheet.clone()).expect("a sheet"),
            ..stage("s", How::Scores { needed: 2, pass: 60 })
        }])
    };
    let begun = || {
        let mut play = Play::new(scored());
        play.open(&[1, 2, 3]);
        play
    };
    let mut play = begun();
    for wrong in [
        &[("need", 61), ("plan", 0)][..],
        &[("need", 1)],
        &[("need", 1), ("plan", -1)],
        &[("need", 1), ("x", 1)],
    ] {
        assert!(matches!(
            play.scores(1, "s", Score, wrong),
            Err(Refusal::Invalid { field: "scores", .. })
        ));
    }
    assert!(matches!(
        play.says(1, "s", Approve),
        Err(Refusal::Invalid { field: "verdict", .. })
    ));
    play.scores(1, "s", Score, &[("need", 50), ("plan", 30)]).expect("80");
    assert_eq!(play.state(), "open");
    play.scores(2, "s", Score, &[("need", 20), ("plan", 20)]).expect("40");
    assert_eq!(play.state(), "approved", "the mean is 60");
    let mut play = begun();
    play.scores(1, "s", Score, &[("need", 50), ("plan", 30)]).expect("80");
    play.scores(2, "s", Score, &[("need", 20), ("plan", 19)]).expect("39");
    assert_eq!(play.state(), "refused", "the mean is below 60");
}

#[test]
fn a_draw_is_repeated_from_its_record_and_no_other_seats_are_taken() {
    let drawn = policy(vec![Stage {
        draw: Some(2),
        ..stage("s", How::All)
    }]);
    let record = |seed: &str| Draw {
        seed: seed.into(),
        pool: (1..=6).map(|n| Hex(who(n))).collect(),
    };
    let first = rules::drawn_seats(&record("aa"), 2);
    assert_eq!(first, rules::drawn_seats(&record("aa"), 2));
    // printf aa:1 | sha256sum … : the order of the six hashes, made with another program.
    assert_eq!(first, TICKETS_OF_AA.map(who));
    let others: std::collections::BTreeSet<Vec<ActorId>> = (0..40)
        .map(|n| rules::drawn_seats(&record(&format!("{n:02}")), 2))
        .collect();
    assert!(others.len() > 10, "the seed decides");
    let opened = |seats: &[ActorId], draw: Option<Draw>| Event::Opened {
        stage: "s".into(),
        seats: seats.iter().copied().map(Hex).collect(),
        unit: None,
        draw,
    };
    let mut play = Play::new(drawn);
    let others: Vec<ActorId> = (1..=6).map(who).filter(|n| !first.contains(n)).take(2).collect();
    assert!(matches!(
        play.happens(None, opened(&others, Some(record("aa")))),
        Err(Refusal::NotDue(_))
    ));
    assert!(matches!(
        play.happens(None, opened(&first, None)),
        Err(Refusal::NotDue(_))
    ));
    play.happens(None, opened(&first, Some(record("aa")))).expect("drawn");
    let seat = Event::Seated {
        stage: "s".into(),
        person: Hex(others[0]),
    };
    assert_eq!(
        play.happens(None, seat),
        Err(Refusal::NotSeated),
        "who was not drawn takes no seat"
    );
}

const TICKETS_OF_AA: [u8; 2] = [3, 5];

#[test]
fn a_paper_gates_its_stage_and_the_emergency_lane_owes_it() {
    let paper = |kind: &str| Paper {
        kind: kind.into(),
        name: "文件".into(),
        sha256: String::new(),
        words: "已核对".into(),
    };
    let gate = |key: &str, kind: &str| Stage {
        papers: vec![kind.to_owned()],
        edits: vec![crate::approvals::policy::Part::Papers],
        ..stage(key, How::Any)
    };
    let mut whole = policy(vec![gate("a", "plan"), gate("b", "budget")]);
    whole.fast_lane = serde_json::from_value(json!({"stages": ["b"], "papers_within_s": 3600})).expect("a lane");
    let mut play = Play::new(whole.clone());
    play.open(&[1, 2]);
    assert_eq!(play.says(1, "a", Approve), Err(Refusal::PaperMissing("plan".into())));
    let more = Event::Amended {
        stage: "a".into(),
        content: Change {
            papers: vec![paper("plan")],
            ..Change::default()
        },
    };
    play.happens(Some(ASKER), more.clone()).expect("added");
    play.says(1, "a", Approve).expect("now");
    assert_eq!(play.happens(Some(ASKER), more), Err(Refusal::StageNotOpen));
    let title = Event::Amended {
        stage: "b".into(),
        content: Change {
            title: Some("另一个".into()),
            ..Change::default()
        },
    };
    assert!(matches!(play.happens(Some(ASKER), title), Err(Refusal::NotEditable(_))));

    let mut fast = Play::asked(whole, Some("山洪"), &[]);
    assert_eq!(fast.now.stages[0], StageState::Skipped);
    fast.open(&[1]);
    fast.second = 30;
    fast.says(1, "b", Approve).expect("without its paper");
    assert_eq!(fast.state(), "approved");
    assert_eq!(fast.now.papers_due, Some(Instant::from_micros(3_630 * 1_000_000)));
    let owed = rules::papers_owed(&fast.now, &fast.policy);
    assert_eq!(owed.into_iter().collect::<Vec<_>>(), ["budget", "plan"]);
    let at = |second: i64| Instant::from_micros(second * 1_000_000);
    assert_eq!(rules::due(&fast.now, &fast.policy, at(3_629)), None);
    assert_eq!(rules::due(&fast.now, &fast.policy, at(3_630)), Some(Due::RemindPapers));
    let hand_in = |kind: &str| Event::PapersCompleted {
        papers: vec![paper(kind)],
    };
    fast.happens(Some(ASKER), hand_in("plan")).expect("one");
    assert!(fast.now.papers_due.is_some());
    fast.happens(Some(ASKER), hand_in("budget")).expect("both");
    assert_eq!(fast.now.papers_due, None);
    assert_eq!(fast.happens(Some(ASKER), hand_in("budget")), Err(Refusal::NothingOwed));
    assert!(fast.now.is_fast, "the flag stays");
}

#[test]
fn time_reminds_then_asks_the_deputies_and_a_vote_with_its_quorum_counts() {
    let at = |second: i64| Instant::from_micros(second * 1_000_000);
    let deputies = |stage: &str, numbers: &[u8]| Event::Escalated {
        stage: stage.to_owned(),
        deputies: numbers.iter().map(|n| Hex(who(*n))).collect(),
        unit: None,
    };
    let mut play = Play::new(policy(vec![stage("s", How::All)]));
    play.open(&[1, 2]);
    play.says(1, "s", Approve).expect("one of two");
    assert_eq!(rules::due(&play.now, &play.policy, at(299)), None);
    assert_eq!(
        rules::due(&play.now, &play.policy, at(300)),
        Some(Due::Remind("s".into()))
    );
    assert_eq!(
        play.happens(None, deputies("s", &[7])),
        Err(Refusal::NotDue("the escalation"))
    );
    play.second = 300;
    play.happens(None, Event::Reminded { stage: "s".into() })
        .expect("reminded");
    assert_eq!(rules::due(&play.now, &play.policy, at(599)), None);
    assert_eq!(
        rules::due(&play.now, &play.policy, at(600)),
        Some(Due::Escalate("s".into()))
    );
    play.second = 600;
    play.happens(None, deputies("s", &[7])).expect("escalated");
    assert_eq!(rules::due(&play.now, &play.policy, at(9_999)), None);
    assert_eq!(
        play.says(2, "s", Approve),
        Err(Refusal::NotSeated),
        "the deputy speaks for the silent"
    );
    play.says(7, "s", Approve).expect("the deputy");
    assert_eq!(play.state(), "approved");

    let mut play = Play::new(policy(vec![stage(
        "s",
        vote("more_than_half", "more_than_half", "present"),
    )]));
    play.open(&[1, 2, 3, 4, 5]);
    for (by, verdict) in [(1, Approve), (2, Approve), (3, Refuse)] {
        play.says(by, "s", verdict).expect("cast");
    }
    assert!(
        play.happens(None, Event::VoteClosed { stage: "s".into() }).is_err(),
        "its time is not over"
    );
    assert_eq!(
        rules::due(&play.now, &play.policy, at(600)),
        Some(Due::CloseVote("s".into()))
    );
    play.second = 600;
    play.happens(None, Event::VoteClosed { stage: "s".into() })
        .expect("closed");
    assert_eq!(play.state(), "approved", "two of the three who came");

    let mut play = Play::new(policy(vec![stage(
        "s",
        vote("two_thirds", "more_than_half", "present"),
    )]));
    play.open(&[1, 2, 3]);
    play.says(1, "s", Approve).expect("cast");
    assert_eq!(
        rules::due(&play.now, &play.policy, at(600)),
        Some(Due::Escalate("s".into())),
        "without its quorum it goes on"
    );
}

#[test]
fn where_too_few_are_left_the_deputies_are_asked_at_once_and_it_is_not_refused() {
    let mut play = Play::new(policy(vec![stage("s", How::Number { needed: 2 })]));
    play.open(&[1, 2]);
    play.happens(Some(2), Event::Declared { words: String::new() })
        .expect("declared");
    assert_eq!(play.state(), "open");
    assert_eq!(
        rules::due(&play.now, &play.policy, Instant::from_micros(0)),
        Some(Due::Escalate("s".into()))
    );
    let deputies = Event::Escalated {
        stage: "s".into(),
        deputies: vec![Hex(who(7))],
        unit: None,
    };
    play.happens(None, deputies).expect("asked");
    play.says(1, "s", Approve).expect("one");
    play.says(7, "s", Approve).expect("the deputy");
    assert_eq!(play.state(), "approved");
}

#[test]
fn only_who_asked_takes_it_back_and_only_while_it_runs() {
    let gone = || Event::Withdrawn {
        words: "不办了".into()
    };
    let mut play = Play::new(policy(vec![stage("s", How::Any)]));
    play.open(&[1]);
    assert_eq!(play.happens(Some(1), gone()), Err(Refusal::NotAsker));
    play.happens(Some(ASKER), gone()).expect("withdrawn");
    assert_eq!(
        play.now.outcome,
        Outcome::Withdrawn {
            at: Instant::from_micros(0)
        }
    );
    assert!(matches!(play.happens(Some(ASKER), gone()), Err(Refusal::State(_))));
}

#[test]
fn a_policy_that_nobody_could_walk_is_not_taken() {
    let base = json!({"title": "t", "stages": [
        {"key": "a", "title": "A", "after": [], "who": {"kind": "role", "role": "leader", "at": "own"},
         "how": {"kind": "any"}},
        {"key": "b", "title": "B", "after": ["a"],
         "who": {"kind": "committee", "name": "组委会", "people": ["x", "y"]}, "how": {"kind": "number", "needed": 2}}]});
    let read = |document: &Value| serde_json::from_value::<Policy>(document.clone());
    assert_eq!(read(&base).expect("read").check(), Ok(()));
    let faults: Vec<(&str, Value, &str)> = vec![
        ("/title", json!(""), "title"),
        ("/stages", json!([]), "stages"),
        ("/stages/1/key", json!("a"), "stages.a.key"),
        ("/stages/0/key", json!("A B"), "stages.key"),
        ("/stages/1/after", json!(["c"]), "stages.b.after"),
        ("/stages/0/after", json!(["b"]), "stages.a.after"),
        ("/stages/0/who/role", json!("administrator"), "stages.a.who"),
        ("/stages/0/who/role", json!("machine"), "stages.a.who"),
        ("/stages/1/how/needed", json!(3), "stages.b.how"),
        ("/stages/1/how/needed", json!(0), "stages.b.how"),
        ("/stages/1/who/people", json!(["x", "x"]), "stages.b.who"),
        (
            "/stages/0/how",
            json!({"kind": "scores", "needed": 1, "pass": 1}),
            "stages.a.sheet",
        ),
    ];
    for (place, value, at) in faults {
        let mut document = base.clone();
        *document.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
        let fault = read(&document).expect("read").check();
        assert!(
            matches!(&fault, Err(PolicyFault { at: place, .. }) if place == at),
            "{place}: {fault:?}"
        );
    }
    let limit = |seconds: i64| {
        let mut document = base.clone();
        document["stages"][0]["limit_s"] = json!(seconds);
        read(&document).expect("read").check().is_ok()
    };
    assert_eq!([59, 60, 7_776_000, 7_776_001].map(limit), [false, true, true, false]);
    let mut unknown = base.clone();
    unknown["stages"][0]["deadline"] = json!(1);
    assert!(read(&unknown).is_err(), "a word that nobody knows is not passed over");
    assert_eq!(
        read(&base).expect("read").stages[0].limit_s,
        600,
        "ten minutes when nothing is said"
    );
}

#[test]
fn an_entry_reads_back_as_it_was_written() {
    let mut play = Play::new(policy(vec![stage("s", How::Any)]));
    play.open(&[1, 2]);
    play.says(2, "s", Approve).expect("said");
    for entry in &play.entries {
        let text = serde_json::to_string(&entry.event).expect("written");
        assert_eq!(
            serde_json::from_str::<Event>(&text).expect("read"),
            entry.event,
            "{text}"
        );
    }
}
