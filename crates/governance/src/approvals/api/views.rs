//! What the interface shows of cases and policies.

use kernel::{ActorId, Instant};
use platform::Services;
use platform::identity::Actor;
use serde::Serialize;
use utoipa::ToSchema;

use super::files::{FileOut, file_out};
use super::shown_id;
use crate::approvals::actions::seats;
use crate::approvals::model::{CaseState, Draw, Entry, Event, Paper, PolicyVersion, StageState, Verdict};
use crate::approvals::policy::{Policy, ScoreItem, Stage};
use crate::approvals::queries::{CaseRow, CaseView, Waiting};
use crate::approvals::rules::{self, Refusal};
use crate::approvals::shipped;

/// A policy in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalPolicyOut)]
pub struct PolicyOut {
    /// The public id of the unit that published it; nothing: it ships with the program.
    pub unit: Option<String>,
    /// The kind of thing it decides about.
    pub subject_kind: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// When; nothing for what ships.
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Instant>,
    /// The document.
    pub policy: Policy,
}

/// A case in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalCaseRowOut)]
pub struct CaseRowOut {
    /// Public id.
    pub id: String,
    /// The public id of the unit whose thing it is about.
    pub unit: String,
    /// The kind of thing.
    pub subject_kind: String,
    /// The public id of the thing.
    pub subject: String,
    /// One line.
    pub title: String,
    /// Where it is.
    pub state: CaseState,
    /// Whether it takes the emergency lane: shown wherever the case is.
    pub fast_lane: bool,
    /// 1, and one more with each time it was mended.
    pub round: i64,
    /// When it was asked.
    #[schema(value_type = String)]
    pub asked_at: Instant,
    /// When it ended.
    #[schema(value_type = Option<String>)]
    pub ended_at: Option<Instant>,
    /// When owed papers are due.
    #[schema(value_type = Option<String>)]
    pub papers_due_at: Option<Instant>,
}

/// A case that waits for me.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalWaitingOut)]
pub struct WaitingOut {
    /// The case.
    #[serde(flatten)]
    pub case: CaseRowOut,
    /// The stage at which I decide.
    pub stage: String,
    /// Its name.
    pub stage_title: String,
    /// The same in English.
    pub stage_title_en: String,
    /// Until when.
    #[schema(value_type = String)]
    pub deadline: Instant,
    /// Seconds that are left; below zero: overdue.
    pub seconds_left: i64,
    /// Whether deputies were asked.
    pub escalated: bool,
}

/// Somebody in a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalPersonOut)]
pub struct PersonOut {
    /// Public id.
    pub id: String,
    /// Her user name.
    pub name: String,
}

/// Somebody at a stage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalSeatOut)]
pub struct SeatOut {
    /// Who.
    #[serde(flatten)]
    pub person: PersonOut,
    /// What she said; nothing yet.
    pub verdict: Option<Verdict>,
}

/// A stage of a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalStageOut)]
pub struct StageOut {
    /// Its word.
    pub key: String,
    /// Its name.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// waiting, skipped, open, passed or closed.
    pub state: &'static str,
    /// Since when it is open.
    #[schema(value_type = Option<String>)]
    pub opened_at: Option<Instant>,
    /// Until when those who decide have time.
    #[schema(value_type = Option<String>)]
    pub deadline: Option<Instant>,
    /// Seconds that are left; below zero: overdue.
    pub seconds_left: Option<i64>,
    /// Whether deputies were asked.
    pub escalated: bool,
    /// Whether nobody is left who could decide it.
    pub nobody_left: bool,
    /// Who decides, while it is open.
    pub seats: Vec<SeatOut>,
    /// Whether I may decide here now.
    pub mine: bool,
    /// Kinds of paper it asks for that are not there.
    pub papers_missing: Vec<String>,
    /// The sheet, where it is decided by scores.
    pub sheet: Vec<ScoreItem>,
}

/// A draw, with what is needed to repeat it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalDrawOut)]
pub struct DrawOut {
    /// 32 random bytes in hexadecimal: tickets are ordered by SHA-256 of `seed:ticket`.
    pub seed: String,
    /// The user names of those who could be drawn; the first has ticket 1.
    pub pool: Vec<String>,
}

/// One line of the history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalEntryOut)]
pub struct EntryOut {
    /// 1, 2, 3 …
    pub number: i64,
    /// When.
    #[schema(value_type = String)]
    pub at: Instant,
    /// Who; nothing for what the clock did.
    pub by: Option<PersonOut>,
    /// What: submitted, opened, acted …
    pub kind: &'static str,
    /// At which stage.
    pub stage: Option<String>,
    /// What was decided.
    pub verdict: Option<Verdict>,
    /// In her words.
    pub words: Option<String>,
    /// Her sheet.
    #[schema(value_type = Option<Object>)]
    pub scores: Option<std::collections::BTreeMap<String, i64>>,
    /// Who was seated or asked.
    pub people: Vec<PersonOut>,
    /// How they were drawn.
    pub draw: Option<DrawOut>,
    /// What came in.
    pub papers: Vec<Paper>,
    /// Another title.
    pub title: Option<String>,
    /// Another summary.
    pub summary: Option<String>,
}

/// A case with its whole history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalCaseOut)]
pub struct CaseOut {
    /// The case.
    #[serde(flatten)]
    pub case: CaseRowOut,
    /// What is asked and why, as it reads now.
    pub summary: String,
    /// Who asked.
    pub asked_by: PersonOut,
    /// Whether that was me.
    pub is_mine: bool,
    /// The name of the policy.
    pub policy: String,
    /// The same in English.
    pub policy_en: String,
    /// The version the case keeps.
    pub policy_version: i64,
    /// Its document, which says who decides what in which order, also when a newer one is in force.
    pub document: Policy,
    /// Codes and amounts for whoever acts on the outcome.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
    /// The stages in order.
    pub stages: Vec<StageOut>,
    /// Those of its papers that were handed in as files, and can be opened.
    pub files: Vec<FileOut>,
    /// Kinds of paper that the emergency lane owes.
    pub papers_owed: Vec<String>,
    /// All that happened.
    pub history: Vec<EntryOut>,
}

const SECOND_MICROS: i64 = 1_000_000;

fn left(deadline: Instant, now: Instant) -> i64 {
    (deadline.micros() - now.micros()).div_euclid(SECOND_MICROS)
}

pub(super) fn policy_out(s: &Services, version: PolicyVersion) -> PolicyOut {
    let ships = kernel::id::Id::bytes(version.unit) == shipped::UNIT;
    PolicyOut {
        unit: (!ships).then(|| shown_id(s, version.unit)),
        subject_kind: version.subject_kind,
        version: version.version,
        published_at: version.published_at,
        policy: version.policy,
    }
}

pub(super) fn row_out(s: &Services, case: &CaseRow) -> CaseRowOut {
    CaseRowOut {
        id: shown_id(s, case.id),
        unit: shown_id(s, case.unit),
        subject_kind: case.subject_kind.clone(),
        subject: shown_id(s, case.subject),
        title: case.title.clone(),
        state: case.state,
        fast_lane: case.is_fast,
        round: case.round,
        asked_at: case.asked_at,
        ended_at: case.ended_at,
        papers_due_at: case.papers_due_at,
    }
}

pub(super) fn waiting_out(s: &Services, one: &Waiting, now: Instant) -> WaitingOut {
    WaitingOut {
        case: row_out(s, &one.case),
        stage: one.stage.clone(),
        stage_title: one.stage_title.0.clone(),
        stage_title_en: one.stage_title.1.clone(),
        deadline: one.deadline,
        seconds_left: left(one.deadline, now),
        escalated: one.is_escalated,
    }
}

/// Who reads which case when.
struct Reading<'a> {
    s: &'a Services,
    view: &'a CaseView,
    reader: &'a Actor,
    now: Instant,
}

pub(super) fn case_out(s: &Services, view: &CaseView, reader: &Actor, now: Instant) -> CaseOut {
    let reading = Reading { s, view, reader, now };
    let policy = &view.policy.policy;
    let stages = policy.stages.iter().zip(&view.standing.stages);
    CaseOut {
        case: row_out(s, &view.case),
        summary: view.standing.summary.clone(),
        asked_by: reading.person(view.case.asked_by),
        is_mine: view.case.asked_by == reader.id,
        policy: policy.title.clone(),
        policy_en: policy.title_en.clone(),
        policy_version: view.case.policy_version,
        document: policy.clone(),
        details: view.case.details.clone(),
        stages: stages.map(|(spec, state)| reading.stage(spec, state)).collect(),
        files: view.files.iter().map(file_out).collect(),
        papers_owed: rules::papers_owed(&view.standing, policy).into_iter().collect(),
        history: view.entries.iter().map(|entry| reading.entry(entry)).collect(),
    }
}

impl Reading<'_> {
    fn person(&self, id: ActorId) -> PersonOut {
        PersonOut {
            id: shown_id(self.s, id),
            name: self.view.names.get(&id).cloned().unwrap_or_default(),
        }
    }

    fn stage(&self, spec: &Stage, state: &StageState) -> StageOut {
        let sitting = match state {
            StageState::Open(sitting) => Some(sitting),
            _ => None,
        };
        let seats = sitting.into_iter().flat_map(|sitting| {
            sitting.seats.iter().map(|who| SeatOut {
                person: self.person(*who),
                verdict: sitting.acts.get(who).map(|act| act.verdict),
            })
        });
        let has = &self.view.standing.papers;
        let (policy, now) = (&self.view.policy.policy, &self.view.standing);
        let mine = match rules::may_act(now, policy, &spec.key, self.reader.id) {
            Ok(()) => true,
            // Whoever came to the role later takes a seat with her word.
            Err(Refusal::NotSeated) => {
                let place = (spec.key.as_str(), self.view.case.unit);
                seats::could_take(self.reader, policy, now, place)
            }
            Err(_) => false,
        };
        StageOut {
            key: spec.key.clone(),
            title: spec.title.clone(),
            title_en: spec.title_en.clone(),
            state: match state {
                StageState::Waiting => "waiting",
                StageState::Skipped => "skipped",
                StageState::Open(_) => "open",
                StageState::Passed { .. } => "passed",
                StageState::Closed => "closed",
            },
            opened_at: sitting.map(|sitting| sitting.opened_at),
            deadline: sitting.map(|sitting| sitting.deadline),
            seconds_left: sitting.map(|sitting| left(sitting.deadline, self.now)),
            escalated: sitting.is_some_and(|sitting| sitting.is_escalated),
            nobody_left: sitting.is_some_and(|sitting| sitting.is_short),
            seats: seats.collect(),
            mine,
            papers_missing: spec
                .papers
                .iter()
                .filter(|kind| !has.contains(*kind))
                .cloned()
                .collect(),
            sheet: spec.sheet.clone(),
        }
    }

    fn draw(&self, record: &Draw) -> DrawOut {
        DrawOut {
            seed: record.seed.clone(),
            pool: record.pool.iter().map(|who| self.person(who.0).name).collect(),
        }
    }

    fn entry(&self, entry: &Entry) -> EntryOut {
        let mut out = EntryOut {
            number: entry.number,
            at: entry.at,
            by: entry.by.map(|by| self.person(by)),
            kind: entry.event.as_str(),
            stage: entry.event.stage().map(str::to_owned),
            verdict: None,
            words: None,
            scores: None,
            people: Vec::new(),
            draw: None,
            papers: Vec::new(),
            title: None,
            summary: None,
        };
        match &entry.event {
            Event::Submitted {
                parties,
                hurry,
                content,
            } => {
                out.people = parties.iter().map(|who| self.person(who.0)).collect();
                out.words = hurry.clone();
                (out.title, out.summary) = (content.title.clone(), content.summary.clone());
                out.papers = content.papers.clone();
            }
            Event::Opened { seats, draw, .. } => {
                out.people = seats.iter().map(|who| self.person(who.0)).collect();
                out.draw = draw.as_ref().map(|record| self.draw(record));
            }
            Event::Seated { person, .. } => out.people = vec![self.person(person.0)],
            Event::Acted {
                verdict, words, scores, ..
            } => {
                out.verdict = Some(*verdict);
                out.words = Some(words.clone());
                out.scores = (!scores.is_empty()).then(|| scores.clone());
            }
            Event::Declared { words } | Event::Withdrawn { words } => out.words = Some(words.clone()),
            Event::Amended { content, .. } => {
                (out.title, out.summary) = (content.title.clone(), content.summary.clone());
                out.papers = content.papers.clone();
            }
            Event::Resubmitted { content, words } => {
                (out.title, out.summary) = (content.title.clone(), content.summary.clone());
                out.papers = content.papers.clone();
                out.words = Some(words.clone());
            }
            Event::Escalated { deputies, .. } => {
                out.people = deputies.iter().map(|who| self.person(who.0)).collect();
            }
            Event::PapersCompleted { papers } => out.papers = papers.clone(),
            Event::Reminded { .. } | Event::VoteClosed { .. } | Event::PapersReminded => {}
        }
        out
    }
}
