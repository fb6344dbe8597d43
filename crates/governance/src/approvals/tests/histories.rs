//! Random policies and random histories: whatever is tried, the rules keep their promises.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ActorId, Instant};
use proptest::prelude::*;

use super::deciding::{ASKER, Play, policy, stage, who};
use crate::approvals::model::{Change, Entry, Event, Hex, Outcome, StageState, Verdict};
use crate::approvals::policy::{Base, How, Policy, SendBack, Share, Stage};
use crate::approvals::rules::{self, Due};

fn how() -> impl Strategy<Value = How> {
    let share = prop_oneof![Just(Share::MoreThanHalf), Just(Share::TwoThirds), Just(Share::All)];
    let base = prop_oneof![Just(Base::Members), Just(Base::Present)];
    prop_oneof![
        Just(How::Any),
        Just(How::All),
        (1..5i64).prop_map(|needed| How::Number { needed }),
        (share.clone(), share, base).prop_map(|(quorum, majority, of)| How::Vote { quorum, majority, of }),
    ]
}

fn some_policy() -> impl Strategy<Value = Policy> {
    let back = prop_oneof![Just(SendBack::No), Just(SendBack::Here), Just(SendBack::Start)];
    prop::collection::vec((how(), back, any::<u8>()), 1..5).prop_map(|stages| {
        let keys: Vec<String> = (0..stages.len()).map(|at| format!("s{at}")).collect();
        let stages = stages
            .into_iter()
            .enumerate()
            .map(|(at, (how, send_back, after))| Stage {
                after: (0..at)
                    .filter(|before| after >> before & 1 == 1)
                    .map(|b| keys[b].clone())
                    .collect(),
                send_back,
                ..stage(&keys[at], how)
            });
        policy(stages.collect())
    })
}

/// Something that is tried; most of it is refused.
#[derive(Debug, Clone)]
enum Try {
    Say(u8, usize, Verdict),
    Declare(u8),
    Resubmit(u8),
    Pass(i64),
    Withdraw(u8),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let person = prop_oneof![6 => 1..8u8, 1 => Just(ASKER)];
    let verdict = prop_oneof![
        6 => Just(Verdict::Approve), 2 => Just(Verdict::Refuse), 1 => Just(Verdict::SendBack), 1 => Just(Verdict::Abstain)
    ];
    let one = prop_oneof![
        12 => (person.clone(), 0..5usize, verdict).prop_map(|(by, at, verdict)| Try::Say(by, at, verdict)),
        1 => person.clone().prop_map(Try::Declare),
        2 => Just(Try::Resubmit(ASKER)),
        2 => (1..700i64).prop_map(Try::Pass),
        1 => person.prop_map(Try::Withdraw),
    ];
    prop::collection::vec(one, 0..60)
}

/// Seats for what opens, the clock for what is due: what the actions do after each change.
fn follow(play: &mut Play, seats: &BTreeSet<u8>) {
    for _ in 0..200 {
        let now = Instant::from_micros(play.second * 1_000_000);
        let may: Vec<Hex<ActorId>> = seats
            .iter()
            .map(|n| who(*n))
            .filter(|one| rules::may_sit(&play.now, *one))
            .map(Hex)
            .collect();
        let event = match (
            rules::to_open(&play.now, &play.policy).first(),
            rules::due(&play.now, &play.policy, now),
        ) {
            (Some(at), _) => Event::Opened {
                stage: play.policy.stages[*at].key.clone(),
                seats: may,
                unit: None,
                draw: None,
            },
            (None, Some(Due::Escalate(stage))) => Event::Escalated {
                stage,
                deputies: [7]
                    .map(who)
                    .into_iter()
                    .filter(|one| rules::may_sit(&play.now, *one))
                    .map(Hex)
                    .collect(),
                unit: None,
            },
            (None, Some(Due::CloseVote(stage))) => Event::VoteClosed { stage },
            (None, Some(Due::Remind(stage))) => Event::Reminded { stage },
            (None, Some(Due::RemindPapers)) => Event::PapersReminded,
            (None, None) => return,
        };
        play.happens(None, event).expect("what is due is taken");
    }
    panic!("the clock never rests");
}

/// Every promise, after each step, from the history alone.
fn promises(play: &Play) {
    assert_eq!(
        rules::replay(&play.policy, &play.entries).expect("replayed"),
        play.now,
        "a replay is the standing"
    );
    let mut said: BTreeSet<(i64, String, ActorId)> = BTreeSet::new();
    let mut concerned: BTreeSet<ActorId> = BTreeSet::new();
    let mut openings: BTreeMap<(String, i64), i64> = BTreeMap::new();
    let (mut round, mut opened) = (1, 0);
    for entry in &play.entries {
        match &entry.event {
            Event::Acted { stage, .. } => {
                let by = entry.by.expect("somebody");
                assert_ne!(by, who(ASKER), "who asked never decides");
                assert!(!concerned.contains(&by), "who is concerned never decides");
                assert!(said.insert((round, stage.clone(), by)), "nobody decides twice");
            }
            Event::Declared { .. } => {
                concerned.insert(entry.by.expect("somebody"));
            }
            Event::Resubmitted { .. } => round += 1,
            Event::Opened { stage, .. } => {
                opened += 1;
                let times = openings.entry((stage.clone(), round)).or_default();
                *times += 1;
                assert_eq!(*times, 1, "a stage opens once a round");
            }
            _ => {}
        }
    }
    assert_eq!(play.now.round, round);
    assert!(opened >= 1);
    let open = play.now.stages.iter().any(|stage| matches!(stage, StageState::Open(_)));
    let passed = play
        .now
        .stages
        .iter()
        .all(|stage| matches!(stage, StageState::Passed { .. }));
    match play.now.outcome {
        Outcome::Open => assert!(open, "a running case waits for somebody"),
        Outcome::Approved { .. } => assert!(passed, "approved: every stage passed"),
        _ => assert!(!open, "nothing is open in a case that does not run"),
    }
}

fn step(play: &mut Play, one: &Try) {
    let before = play.now.clone();
    let tried = match one {
        Try::Say(by, at, verdict) => {
            let key = play.policy.stages[at % play.policy.stages.len()].key.clone();
            play.says(*by, &key, *verdict)
        }
        Try::Declare(by) => play.happens(Some(*by), Event::Declared { words: String::new() }),
        Try::Resubmit(by) => {
            let (content, words) = (Change::default(), String::new());
            play.happens(Some(*by), Event::Resubmitted { content, words })
        }
        Try::Withdraw(by) => play.happens(Some(*by), Event::Withdrawn { words: String::new() }),
        Try::Pass(seconds) => {
            play.second += seconds;
            Ok(())
        }
    };
    if tried.is_err() {
        assert_eq!(play.now, before, "what is refused leaves nothing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_tried_the_rules_keep_their_promises(
        policy in some_policy(), seats in prop::collection::btree_set(1..7u8, 1..6), tries in tries()
    ) {
        let mut play = Play::new(policy);
        follow(&mut play, &seats);
        promises(&play);
        for one in &tries {
            step(&mut play, one);
            follow(&mut play, &seats);
            promises(&play);
        }
    }

    /// The order in which people speak changes neither what a counted stage comes to nor that it comes to something.
    #[test]
    fn a_counted_stage_comes_to_the_same_in_any_order(
        how in how().prop_filter("the first who speaks decides", |how| *how != How::Any),
        said in prop::collection::vec(
            prop_oneof![Just(Verdict::Approve), Just(Verdict::Refuse), Just(Verdict::Abstain)], 4..7),
        turn in 0..7usize,
    ) {
        let comes_to = |order: Vec<usize>| {
            let mut play = Play::new(policy(vec![stage("s", how.clone())]));
            let seats: Vec<u8> = (1..=said.len()).map(|n| u8::try_from(n).expect("few")).collect();
            play.open(&seats);
            for at in order {
                // After the decision nobody is asked any more.
                let _ = play.says(seats[at], "s", said[at]);
            }
            play.state()
        };
        let forward: Vec<usize> = (0..said.len()).collect();
        let mut turned = forward.clone();
        turned.rotate_left(turn % said.len());
        turned.reverse();
        let state = comes_to(forward);
        prop_assert_eq!(state, comes_to(turned));
        prop_assert_ne!(state, "open", "once all have spoken it is decided");
    }

    /// A history with an entry left out, doubled or put elsewhere is not taken.
    #[test]
    fn a_history_that_was_tampered_with_is_not_taken(at in 1..4usize) {
        let mut play = Play::new(policy(vec![stage("s", How::All)]));
        play.open(&[1, 2]);
        play.says(1, "s", Verdict::Approve).expect("one");
        play.says(2, "s", Verdict::Approve).expect("two");
        let mut shorter = play.entries.clone();
        let gone: Entry = shorter.remove(at);
        // Without its last entry a history is one that happened.
        prop_assert_eq!(rules::replay(&play.policy, &shorter).is_ok(), at == play.entries.len() - 1);
        let mut longer = play.entries.clone();
        longer.insert(at, gone);
        prop_assert!(rules::replay(&play.policy, &longer).is_err());
    }
}
