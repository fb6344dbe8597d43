//! The decision as a pure function: a policy and what happened give where a case stands. Each entry is tried here
//! before it is stored, so that nothing stands in a history that the rules refuse. The only clock is the entry's own
//! moment, or the one handed to [`due`].

mod shape;
mod talk;
mod tally;
mod turn;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ActorId, Instant, UnitId};

use super::model::{
    Act, CaseState, Change, Draw, Entry, Event, Hex, Outcome, PAPERS_MAX, Paper, Sitting, StageState, Standing, Verdict,
};
use super::policy::{How, Part, Policy, SendBack, Stage, Who};
pub use shape::file_kind;
use shape::{check_change, check_paper, check_words};
pub use talk::{check_message, takes_part};
pub use tally::{Ballot, Tally, tally};
pub use turn::{Due, drawn_seats, due, reminder, to_open};

const SECOND_MICROS: i64 = 1_000_000;

/// Why an entry is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The case is not in a state for this.
    #[error("the case is {0}")]
    State(CaseState),
    /// The stage is not open, or there is none of this word.
    #[error("the stage is not open")]
    StageNotOpen,
    /// She does not decide here.
    #[error("she does not decide at this stage")]
    NotSeated,
    /// Who asked decides nothing of it.
    #[error("who asked does not decide")]
    Asker,
    /// Who is concerned decides nothing of it.
    #[error("who is concerned does not decide")]
    Concerned,
    /// She has decided here.
    #[error("she has decided at this stage")]
    Twice,
    /// Only who asked may do this.
    #[error("only who asked may do this")]
    NotAsker,
    /// The stage sends nothing back.
    #[error("the stage sends nothing back")]
    NoSendBack,
    /// A paper is missing without which nobody approves here.
    #[error("the paper “{0}” is missing")]
    PaperMissing(String),
    /// A part that may not be edited here.
    #[error("this part may not be edited at this stage")]
    NotEditable(Part),
    /// Somebody has decided on what would be edited.
    #[error("somebody has decided already")]
    ActedUpon,
    /// The policy has no emergency lane.
    #[error("there is no emergency lane")]
    NoFastLane,
    /// No papers are owed.
    #[error("no papers are owed")]
    NothingOwed,
    /// Out of shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// What the clock does is not due, or the history is not in order.
    #[error("not its turn: {0}")]
    NotDue(&'static str),
}

type Done = Result<(), Refusal>;

fn demand(holds: bool, otherwise: Refusal) -> Done {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn invalid(field: &'static str, why: &'static str) -> Refusal {
    Refusal::Invalid { field, why }
}

/// Where a case stands after all that happened to it.
///
/// # Errors
/// [`Refusal`] of the first entry that the rules do not take.
pub fn replay(policy: &Policy, entries: &[Entry]) -> Result<Standing, Refusal> {
    let (first, rest) = entries.split_first().ok_or(Refusal::NotDue("there is no entry"))?;
    let mut standing = begin(policy, first)?;
    for entry in rest {
        apply(&mut standing, policy, entry)?;
    }
    Ok(standing)
}

/// The first entry.
///
/// # Errors
/// [`Refusal`].
pub fn begin(policy: &Policy, entry: &Entry) -> Result<Standing, Refusal> {
    let Event::Submitted {
        parties,
        hurry,
        content,
    } = &entry.event
    else {
        return Err(Refusal::NotDue("a case begins when it is submitted"));
    };
    let asker = entry.by.ok_or(Refusal::NotAsker)?;
    let title = content.title.clone().unwrap_or_default();
    demand(
        !title.trim().is_empty(),
        invalid("title", "one line of 1 to 100 characters"),
    )?;
    check_change(content)?;
    let walked = match (hurry, &policy.fast_lane) {
        (None, _) => None,
        (Some(_), None) => return Err(Refusal::NoFastLane),
        (Some(why), Some(lane)) => {
            check_words(why)?;
            demand(!why.trim().is_empty(), invalid("hurry", "why it cannot wait"))?;
            Some(&lane.stages)
        }
    };
    let stages = policy.stages.iter().map(|stage| match walked {
        Some(keys) if !keys.contains(&stage.key) => StageState::Skipped,
        _ => StageState::Waiting,
    });
    let mut standing = Standing {
        asker,
        round: 1,
        is_fast: hurry.is_some(),
        stages: stages.collect(),
        concerned: parties.iter().map(|party| party.0).collect(),
        papers: BTreeSet::new(),
        papers_due: None,
        papers_reminded: false,
        title,
        summary: content.summary.clone().unwrap_or_default(),
        outcome: Outcome::Open,
        last: entry.number,
        papers_count: 0,
    };
    add_papers(&mut standing, &content.papers)?;
    demand(entry.number == 1, Refusal::NotDue("the first entry has number 1"))?;
    Ok(standing)
}

/// One more entry; on a refusal the standing is as it was.
///
/// # Errors
/// [`Refusal`].
pub fn apply(standing: &mut Standing, policy: &Policy, entry: &Entry) -> Done {
    let mut next = standing.clone();
    demand(entry.number == next.last + 1, Refusal::NotDue("an entry is missing"))?;
    next.last = entry.number;
    happen(&mut next, policy, entry)?;
    settle(&mut next, policy, entry.at);
    *standing = next;
    Ok(())
}

fn happen(now: &mut Standing, policy: &Policy, entry: &Entry) -> Done {
    match &entry.event {
        Event::Submitted { .. } => Err(Refusal::NotDue("it was submitted before")),
        Event::Opened {
            stage,
            seats,
            unit,
            draw,
        } => open(now, policy, entry.at, (stage, seats, unit.map(|u| u.0), draw.as_ref())),
        Event::Seated { stage, person } => seat(now, policy, stage, person.0),
        Event::Acted {
            stage,
            verdict,
            words,
            scores,
        } => act(now, policy, entry.by, (stage, *verdict, words, scores)),
        Event::Declared { words } => {
            check_words(words)?;
            open_case(now)?;
            let who = entry.by.ok_or(Refusal::NotSeated)?;
            now.concerned.insert(who);
            leave(now, who);
            Ok(())
        }
        Event::Amended { stage, content } => amend(now, policy, entry.by, (stage, content)),
        Event::Resubmitted { content, words } => resubmit(now, policy, entry.by, (content, words)),
        Event::Reminded { stage } => {
            let (spec, sitting) = sitting_of(now, policy, stage)?;
            let due = entry.at >= reminder(spec, sitting) && !sitting.is_reminded;
            demand(due, Refusal::NotDue("the reminder"))?;
            sitting.is_reminded = true;
            Ok(())
        }
        Event::Escalated { stage, deputies, unit } => {
            escalate(now, policy, entry.at, (stage, deputies, unit.map(|u| u.0)))
        }
        Event::VoteClosed { stage } => close_vote(now, policy, entry.at, stage),
        Event::PapersCompleted { papers } => complete(now, policy, papers),
        Event::PapersReminded => {
            let due = now.papers_due.is_some_and(|due| entry.at >= due) && !now.papers_reminded;
            demand(due, Refusal::NotDue("the papers"))?;
            now.papers_reminded = true;
            Ok(())
        }
        Event::Withdrawn { words } => {
            check_words(words)?;
            let going = matches!(now.outcome, Outcome::Open | Outcome::SentBack { .. });
            demand(going, Refusal::State(now.outcome.state()))?;
            demand(entry.by == Some(now.asker), Refusal::NotAsker)?;
            end(now, Outcome::Withdrawn { at: entry.at });
            Ok(())
        }
    }
}

fn open_case(now: &Standing) -> Done {
    demand(now.outcome == Outcome::Open, Refusal::State(now.outcome.state()))
}

/// An open stage with what the policy says of it.
fn sitting_of<'a, 'p>(
    now: &'a mut Standing,
    policy: &'p Policy,
    key: &str,
) -> Result<(&'p Stage, &'a mut Sitting), Refusal> {
    open_case(now)?;
    let at = policy.position(key).ok_or(Refusal::StageNotOpen)?;
    match (policy.stages.get(at), now.stages.get_mut(at)) {
        (Some(spec), Some(StageState::Open(sitting))) => Ok((spec, sitting)),
        _ => Err(Refusal::StageNotOpen),
    }
}

type Opening<'a> = (&'a str, &'a [Hex<ActorId>], Option<UnitId>, Option<&'a Draw>);

fn open(now: &mut Standing, policy: &Policy, at: Instant, (key, seats, unit, drawn): Opening<'_>) -> Done {
    open_case(now)?;
    let index = policy.position(key).ok_or(Refusal::StageNotOpen)?;
    demand(to_open(now, policy).contains(&index), Refusal::NotDue("the stage"))?;
    let spec = &policy.stages[index];
    let seats: BTreeSet<ActorId> = seats.iter().map(|seat| seat.0).collect();
    demand(seats.iter().all(|who| may_sit(now, *who)), Refusal::Concerned)?;
    let wanted = match (spec.draw, drawn) {
        (None, None) => None,
        (Some(count), Some(record)) => Some(drawn_seats(record, count)),
        _ => return Err(Refusal::NotDue("the draw")),
    };
    let as_drawn = wanted.is_none_or(|wanted| wanted.into_iter().collect::<BTreeSet<_>>() == seats);
    demand(as_drawn, Refusal::NotDue("the draw gives others"))?;
    now.stages[index] = StageState::Open(Sitting {
        opened_at: at,
        deadline: at.plus_micros(spec.limit_s.saturating_mul(SECOND_MICROS)),
        seats,
        unit,
        deputy_unit: None,
        acts: BTreeMap::new(),
        is_reminded: false,
        is_escalated: false,
        is_short: false,
    });
    Ok(())
}

/// Whether somebody may decide anything of this case.
pub fn may_sit(now: &Standing, who: ActorId) -> bool {
    who != now.asker && !now.concerned.contains(&who)
}

fn seat(now: &mut Standing, policy: &Policy, key: &str, who: ActorId) -> Done {
    demand(may_sit(now, who), Refusal::Concerned)?;
    let (spec, sitting) = sitting_of(now, policy, key)?;
    // Where heads are counted, they were counted when the stage opened; who was drawn was drawn.
    let is_anyone = spec.how == How::Any && spec.draw.is_none() && spec.who.role().is_some();
    demand(is_anyone, Refusal::NotSeated)?;
    demand(sitting.seats.insert(who), Refusal::Twice)
}

type Said<'a> = (&'a str, Verdict, &'a str, &'a BTreeMap<String, i64>);

/// Whether somebody may decide at a stage now.
///
/// # Errors
/// [`Refusal`]: why not.
pub fn may_act(now: &Standing, policy: &Policy, key: &str, who: ActorId) -> Done {
    open_case(now)?;
    demand(who != now.asker, Refusal::Asker)?;
    demand(!now.concerned.contains(&who), Refusal::Concerned)?;
    let at = policy.position(key).ok_or(Refusal::StageNotOpen)?;
    let Some(StageState::Open(sitting)) = now.stages.get(at) else {
        return Err(Refusal::StageNotOpen);
    };
    demand(!sitting.acts.contains_key(&who), Refusal::Twice)?;
    demand(sitting.seats.contains(&who), Refusal::NotSeated)
}

fn act(now: &mut Standing, policy: &Policy, by: Option<ActorId>, (key, verdict, words, scores): Said<'_>) -> Done {
    let who = by.ok_or(Refusal::NotSeated)?;
    may_act(now, policy, key, who)?;
    check_words(words)?;
    let (is_fast, papers) = (now.is_fast, now.papers.clone());
    let (spec, sitting) = sitting_of(now, policy, key)?;
    let by_scores = matches!(spec.how, How::Scores { .. });
    match verdict {
        Verdict::Approve | Verdict::Refuse => {
            demand(!by_scores, invalid("verdict", "score: this stage is decided by scores"))?;
        }
        Verdict::Score => demand(
            by_scores,
            invalid("verdict", "approve or refuse: this stage has no sheet"),
        )?,
        Verdict::SendBack => demand(spec.send_back != SendBack::No, Refusal::NoSendBack)?,
        Verdict::Abstain => {}
    }
    let says_why = verdict == Verdict::Refuse || verdict == Verdict::SendBack || is_outside(spec);
    let silent = says_why && words.trim().is_empty();
    demand(!silent, invalid("words", "what was found, and what has to change"))?;
    if matches!(verdict, Verdict::Approve | Verdict::Score) && !is_fast {
        let missing = spec.papers.iter().find(|kind| !papers.contains(*kind));
        demand(
            missing.is_none(),
            Refusal::PaperMissing(missing.cloned().unwrap_or_default()),
        )?;
    }
    let total = if verdict == Verdict::Score {
        total_of(spec, scores)?
    } else {
        demand(scores.is_empty(), invalid("scores", "none but with a score"))?;
        0
    };
    sitting.acts.insert(who, Act { verdict, total });
    if verdict == Verdict::SendBack {
        let stage = spec.key.clone();
        close_open(now);
        now.outcome = Outcome::SentBack { stage };
    }
    Ok(())
}

const fn is_outside(spec: &Stage) -> bool {
    matches!(spec.who, Who::Outside { .. })
}

/// The total of a sheet that has every item once, within its bounds.
fn total_of(spec: &Stage, scores: &BTreeMap<String, i64>) -> Result<i64, Refusal> {
    let wrong = || invalid("scores", "every item of the sheet, from 0 to its most");
    demand(scores.len() == spec.sheet.len(), wrong())?;
    spec.sheet.iter().try_fold(0, |total, item| {
        let given = scores
            .get(&item.key)
            .copied()
            .filter(|score| (0..=item.max).contains(score));
        given.map(|score| total + score).ok_or_else(wrong)
    })
}

/// Takes somebody out of all open stages, with what she said there.
fn leave(now: &mut Standing, who: ActorId) {
    for stage in &mut now.stages {
        if let StageState::Open(sitting) = stage {
            sitting.seats.remove(&who);
            sitting.acts.remove(&who);
        }
    }
}

fn amend(now: &mut Standing, policy: &Policy, by: Option<ActorId>, (key, content): (&str, &Change)) -> Done {
    check_change(content)?;
    let asks = by == Some(now.asker);
    let acted = now
        .stages
        .iter()
        .any(|stage| matches!(stage, StageState::Open(sitting) if !sitting.acts.is_empty()));
    let (spec, sitting) = sitting_of(now, policy, key)?;
    let seated = by.is_some_and(|who| sitting.seats.contains(&who));
    demand(asks || seated, Refusal::NotSeated)?;
    demand(!acted, Refusal::ActedUpon)?;
    let parts = content.parts();
    demand(!parts.is_empty(), invalid("content", "something that changes"))?;
    if let Some(part) = parts.into_iter().find(|part| !spec.edits.contains(part)) {
        return Err(Refusal::NotEditable(part));
    }
    take(now, content)
}

fn resubmit(now: &mut Standing, policy: &Policy, by: Option<ActorId>, (content, words): (&Change, &str)) -> Done {
    let Outcome::SentBack { stage } = &now.outcome else {
        return Err(Refusal::State(now.outcome.state()));
    };
    demand(by == Some(now.asker), Refusal::NotAsker)?;
    check_change(content)?;
    check_words(words)?;
    let back = policy
        .position(stage)
        .map_or(SendBack::Start, |at| policy.stages[at].send_back);
    for state in &mut now.stages {
        let stays =
            *state == StageState::Skipped || (back == SendBack::Here && matches!(state, StageState::Passed { .. }));
        if !stays {
            *state = StageState::Waiting;
        }
    }
    now.round += 1;
    now.outcome = Outcome::Open;
    take(now, content)
}

fn take(now: &mut Standing, content: &Change) -> Done {
    if let Some(title) = &content.title {
        demand(
            !title.trim().is_empty(),
            invalid("title", "one line of 1 to 100 characters"),
        )?;
        title.clone_into(&mut now.title);
    }
    if let Some(summary) = &content.summary {
        summary.clone_into(&mut now.summary);
    }
    add_papers(now, &content.papers)
}

fn add_papers(now: &mut Standing, papers: &[Paper]) -> Done {
    now.papers_count += papers.len();
    demand(
        now.papers_count <= PAPERS_MAX,
        invalid("papers", "at most 60 papers a case"),
    )?;
    now.papers.extend(papers.iter().map(|paper| paper.kind.clone()));
    Ok(())
}

type Deputies<'a> = (&'a str, &'a [Hex<ActorId>], Option<UnitId>);

fn escalate(now: &mut Standing, policy: &Policy, at: Instant, (key, deputies, unit): Deputies<'_>) -> Done {
    let deputies: BTreeSet<ActorId> = deputies.iter().map(|deputy| deputy.0).collect();
    demand(deputies.iter().all(|who| may_sit(now, *who)), Refusal::Concerned)?;
    let (spec, sitting) = sitting_of(now, policy, key)?;
    let due = !sitting.is_escalated && (at >= sitting.deadline || sitting.is_short);
    demand(due, Refusal::NotDue("the escalation"))?;
    sitting.is_escalated = true;
    sitting.deputy_unit = unit;
    match spec.how {
        // A committee's vote is nobody else's: its deputy hears of it and presses.
        How::Vote { .. } => {}
        How::Any | How::Number { .. } | How::Scores { .. } => sitting.seats.extend(deputies),
        How::All if deputies.is_empty() => {}
        // The deputies speak for those who are silent.
        How::All => {
            let acts = &sitting.acts;
            sitting.seats.retain(|who| acts.contains_key(who));
            sitting.seats.extend(deputies);
        }
    }
    Ok(())
}

fn close_vote(now: &mut Standing, policy: &Policy, at: Instant, key: &str) -> Done {
    let (spec, sitting) = sitting_of(now, policy, key)?;
    demand(vote_may_close(spec, sitting, at), Refusal::NotDue("the vote"))?;
    let passes = match tally(spec, sitting, Ballot::Closed) {
        Tally::Passed => StageState::Passed { at },
        _ => StageState::Closed,
    };
    conclude(now, policy, key, passes, at);
    Ok(())
}

fn conclude(now: &mut Standing, policy: &Policy, key: &str, state: StageState, at: Instant) {
    let Some(index) = policy.position(key) else { return };
    let refused = state == StageState::Closed;
    now.stages[index] = state;
    if refused {
        end(
            now,
            Outcome::Refused {
                at,
                stage: key.to_owned(),
            },
        );
    }
}

fn vote_may_close(spec: &Stage, sitting: &Sitting, at: Instant) -> bool {
    let How::Vote { quorum, .. } = spec.how else {
        return false;
    };
    let cast = sitting.acts.len() as i64;
    at >= sitting.deadline && cast > 0 && cast >= quorum.least(sitting.seats.len() as i64)
}

fn complete(now: &mut Standing, policy: &Policy, papers: &[Paper]) -> Done {
    demand(now.papers_due.is_some(), Refusal::NothingOwed)?;
    demand(!papers.is_empty(), invalid("papers", "one or more papers"))?;
    papers.iter().try_for_each(check_paper)?;
    add_papers(now, papers)?;
    if papers_owed(now, policy).is_empty() {
        now.papers_due = None;
    }
    Ok(())
}

/// The kinds of paper that a case of the emergency lane owes still.
pub fn papers_owed(now: &Standing, policy: &Policy) -> BTreeSet<String> {
    if !now.is_fast {
        return BTreeSet::new();
    }
    let asked = policy.stages.iter().flat_map(|stage| &stage.papers);
    asked.filter(|kind| !now.papers.contains(*kind)).cloned().collect()
}

fn end(now: &mut Standing, outcome: Outcome) {
    close_open(now);
    now.outcome = outcome;
}

fn close_open(now: &mut Standing) {
    for stage in &mut now.stages {
        if matches!(stage, StageState::Open(_)) {
            *stage = StageState::Closed;
        }
    }
}

/// Draws the conclusions: stages that are decided close, the last one decides the case.
fn settle(now: &mut Standing, policy: &Policy, at: Instant) {
    for (index, spec) in policy.stages.iter().enumerate() {
        if now.outcome != Outcome::Open {
            return;
        }
        let Some(StageState::Open(sitting)) = now.stages.get_mut(index) else {
            continue;
        };
        let tally = tally(spec, sitting, Ballot::Running);
        sitting.is_short = tally == Tally::Short;
        match tally {
            Tally::Open | Tally::Short => {}
            Tally::Passed => conclude(now, policy, &spec.key, StageState::Passed { at }, at),
            Tally::Refused => conclude(now, policy, &spec.key, StageState::Closed, at),
        }
    }
    let is_through = |stage: &StageState| matches!(stage, StageState::Passed { .. } | StageState::Skipped);
    if now.outcome == Outcome::Open && now.stages.iter().all(is_through) {
        now.outcome = Outcome::Approved { at };
        let owes = !papers_owed(now, policy).is_empty();
        let lane = policy.fast_lane.as_ref().filter(|_| owes);
        now.papers_due = lane.map(|lane| at.plus_micros(lane.papers_within_s.saturating_mul(SECOND_MICROS)));
    }
}
