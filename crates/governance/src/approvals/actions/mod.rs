//! Changing cases and policies. Each change is one transaction with one fact, whatever follows from it: a decision
//! that opens the next stage, or approves the case, is one fact.

mod clock;
mod desk;
mod files;
mod minutes;
pub(super) mod seats;
mod thread;

use std::collections::BTreeMap;

use db::{DbError, Reads, Tx};
use kernel::id::{Id as _, hex};
use kernel::{ActorId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, IdentityError, Permission, queries as identity};
use serde_json::json;

use super::error::ApprovalError;
use super::model::{
    CaseId, CaseState, Change, Entry, Event, Hex, PARTIES_MAX, Paper, PolicyVersion, Standing, SubjectId, Verdict,
};
use super::policy::{Policy, is_key};
use super::store::{self, CaseRow};
use super::{queries, rules};
pub use clock::tick;
use desk::Desk;
pub use files::{Looked, UNNAMED_DAYS, drop_unnamed, file, hand_in};
pub use minutes::{MINUTES_PLACE, minutes_pdf};
pub use thread::{NewMessage, withdraw_message, write};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "approval.policy_published",
    "approval.submitted",
    "approval.acted",
    "approval.conflict_declared",
    "approval.amended",
    "approval.resubmitted",
    "approval.papers_completed",
    "approval.withdrawn",
    "approval.reminded",
    "approval.escalated",
    "approval.vote_closed",
    "approval.decided",
    "approval.file_handed_in",
    "approval.file_dropped",
    "approval.minutes_drawn",
    "approval.message_written",
    "approval.message_withdrawn",
];

/// Details larger than this are a paper.
const DETAILS_BYTES_MAX: usize = 4_096;

/// Publishes a version of a policy: cases of this unit and of those below that publish none run under it from now on;
/// running ones keep theirs.
///
/// # Errors
/// [`ApprovalError`]: not allowed, not whole, a user name that nobody has.
pub async fn publish(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    kind: &str,
    policy: Policy,
) -> Result<PolicyVersion, ApprovalError> {
    by.require(Permission::ApprovalManage, unit)?;
    check_kind(kind)?;
    policy.check()?;
    let mut tx = services.db.begin().await?;
    if crate::network::store::unit(&mut tx, unit).await?.is_none() {
        return Err(ApprovalError::NotFound("unit"));
    }
    for name in policy.user_names() {
        identity::user_named(&mut tx, &name)
            .await
            .map_err(|error| match error {
                IdentityError::Db(error) => ApprovalError::Db(error),
                _ => ApprovalError::Invalid {
                    field: "stages.people",
                    why: "user names that somebody has",
                },
            })?;
    }
    let version = PolicyVersion {
        unit,
        subject_kind: kind.to_owned(),
        version: store::last_version(&mut tx, unit, kind).await? + 1,
        policy,
        published_at: Some(services.now()),
    };
    store::insert_policy(&mut tx, &version, by.id).await?;
    let body = json!({
        "subject_kind": kind,
        "version": version.version,
        "required": version.policy.required,
        "stages": version.policy.stages.iter().map(|stage| &stage.key).collect::<Vec<_>>(),
    });
    let fact = NewFact {
        unit,
        kind: "approval.policy_published",
        subject: unit.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(version)
}

fn check_kind(kind: &str) -> Result<(), ApprovalError> {
    if is_key(kind) {
        return Ok(());
    }
    Err(ApprovalError::Invalid {
        field: "subject_kind",
        why: "a word of a-z, 0-9 and _",
    })
}

/// What is put before those who decide.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// The unit whose thing it is about.
    pub unit: UnitId,
    /// The kind of thing.
    pub subject_kind: String,
    /// The thing.
    pub subject: SubjectId,
    /// One line.
    pub title: String,
    /// What is asked and why.
    pub summary: String,
    /// The papers.
    pub papers: Vec<Paper>,
    /// Staff who are concerned.
    pub parties: Vec<ActorId>,
    /// Why it takes the emergency lane; nothing: it does not.
    pub hurry: Option<String>,
    /// What the user of the engine needs to act on the outcome: codes and amounts, never personal data.
    pub details: serde_json::Value,
}

/// What is said when a thing is put before those who decide.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    /// What is asked and why.
    pub summary: String,
    /// The papers.
    pub papers: Vec<Paper>,
    /// Staff who are concerned.
    pub parties: Vec<ActorId>,
    /// Why it takes the emergency lane; nothing: it does not.
    pub hurry: Option<String>,
}

/// Puts a case before those who decide: its first stages open at once. Fact `approval.submitted`.
///
/// # Errors
/// [`ApprovalError`]: not allowed, out of shape, no policy, a case about the same thing under way, a stage that too few
/// could decide.
pub async fn submit(services: &Services, by: &Actor, new: NewCase) -> Result<CaseId, ApprovalError> {
    by.require(Permission::ApprovalRequest, new.unit)?;
    let tx = services.db.begin().await?;
    submit_with(tx, services, by, new).await
}

/// The same at the end of another action's transaction, which it commits: the thing and its case are written together
/// or not at all. The caller has authorised, and appended the fact of its own change.
///
/// # Errors
/// As [`submit`].
pub async fn submit_with(mut tx: Tx, services: &Services, by: &Actor, new: NewCase) -> Result<CaseId, ApprovalError> {
    check_kind(&new.subject_kind)?;
    check_new(&new)?;
    let now = services.now();
    let unit = crate::network::store::unit(&mut tx, new.unit).await?;
    if !unit.is_some_and(|unit| unit.is_open()) {
        return Err(ApprovalError::NotFound("unit"));
    }
    let line = services.tree.ancestors(new.unit);
    let policy = store::policy_in_force(&mut tx, &line, &new.subject_kind).await?;
    let policy = policy.ok_or_else(|| ApprovalError::NoPolicy(new.subject_kind.clone()))?;
    let first = Entry {
        number: 1,
        at: now,
        by: Some(by.id),
        event: Event::Submitted {
            parties: new.parties.iter().copied().map(Hex).collect(),
            hurry: new.hurry,
            content: Change {
                title: Some(new.title.trim().to_owned()),
                summary: Some(new.summary),
                papers: new.papers,
            },
        },
    };
    let standing = rules::begin(&policy.policy, &first)?;
    let case = CaseRow {
        id: CaseId::new(now, &*services.rng),
        unit: new.unit,
        subject_kind: new.subject_kind,
        subject: new.subject,
        policy_unit: policy.unit,
        policy_version: policy.version,
        title: standing.title.clone(),
        details: new.details,
        is_fast: standing.is_fast,
        state: CaseState::Open,
        round: 1,
        asked_by: by.id,
        asked_at: now,
        ended_at: None,
        papers_due_at: None,
    };
    store::insert_case(&mut tx, &case).await.map_err(|error| match error {
        DbError::Duplicate(_) => ApprovalError::Going,
        other => other.into(),
    })?;
    let id = case.id;
    let mut desk = Desk::new(services, tx, case, policy, standing, vec![first]);
    desk.check_seats().await?;
    desk.finish("approval.submitted", Some(by.id)).await?;
    Ok(id)
}

fn check_new(new: &NewCase) -> Result<(), ApprovalError> {
    let invalid = |field, why| Err(ApprovalError::Invalid { field, why });
    if new.parties.len() > PARTIES_MAX {
        return invalid("parties", "at most 50 people");
    }
    if !new.details.is_object() || new.details.to_string().len() > DETAILS_BYTES_MAX {
        return invalid("details", "an object of at most 4 KB");
    }
    Ok(())
}

/// What somebody says at a stage.
#[derive(Debug, Clone)]
pub struct NewAct {
    /// The stage's word.
    pub stage: String,
    /// What.
    pub verdict: Verdict,
    /// In her words.
    pub words: String,
    /// Her sheet, where the stage is decided by scores.
    pub scores: BTreeMap<String, i64>,
}

/// Decides at a stage. Fact `approval.acted`, or `approval.decided` when the case ended with it.
///
/// # Errors
/// [`ApprovalError`]: not found, somebody else decides, decided before, out of shape.
pub async fn act(services: &Services, by: &Actor, id: CaseId, act: NewAct) -> Result<Standing, ApprovalError> {
    by.require_somewhere(Permission::ApprovalDecide)?;
    let mut desk = Desk::open(services, by, id).await?;
    desk.take_seat(by, &act.stage)?;
    desk.add(
        Event::Acted {
            stage: act.stage,
            verdict: act.verdict,
            words: act.words.trim().to_owned(),
            scores: act.scores,
        },
        Some(by.id),
    )?;
    desk.finish("approval.acted", Some(by.id)).await
}

/// Says that one is concerned: from then on she decides nothing of the case, and what she said at open stages is void.
/// Fact `approval.conflict_declared`.
///
/// # Errors
/// [`ApprovalError`].
pub async fn declare(services: &Services, by: &Actor, id: CaseId, words: &str) -> Result<Standing, ApprovalError> {
    by.require_somewhere(Permission::ApprovalDecide)?;
    let mut desk = Desk::open(services, by, id).await?;
    if !rules::may_sit(&desk.standing, by.id) {
        return Err(rules::Refusal::Concerned.into());
    }
    let words = words.trim().to_owned();
    desk.add(Event::Declared { words }, Some(by.id))?;
    desk.finish("approval.conflict_declared", Some(by.id)).await
}

/// Edits a case while a stage is open and nobody has decided: who asked, and who decides there. Fact
/// `approval.amended`.
///
/// # Errors
/// [`ApprovalError`].
pub async fn amend(
    services: &Services,
    by: &Actor,
    id: CaseId,
    stage: &str,
    content: Change,
) -> Result<Standing, ApprovalError> {
    by.require_somewhere(Permission::ApprovalRequest)?;
    let mut desk = Desk::open(services, by, id).await?;
    let stage = stage.to_owned();
    desk.add(Event::Amended { stage, content }, Some(by.id))?;
    desk.finish("approval.amended", Some(by.id)).await
}

/// Puts a case again that was sent back. Fact `approval.resubmitted`.
///
/// # Errors
/// [`ApprovalError`].
pub async fn resubmit(
    services: &Services,
    by: &Actor,
    id: CaseId,
    content: Change,
    words: &str,
) -> Result<Standing, ApprovalError> {
    by.require_somewhere(Permission::ApprovalRequest)?;
    let mut desk = Desk::open(services, by, id).await?;
    let words = words.trim().to_owned();
    desk.add(Event::Resubmitted { content, words }, Some(by.id))?;
    desk.finish("approval.resubmitted", Some(by.id)).await
}

/// Hands in papers that a case of the emergency lane owes. Fact `approval.papers_completed`.
///
/// # Errors
/// [`ApprovalError`].
pub async fn complete_papers(
    services: &Services,
    by: &Actor,
    id: CaseId,
    papers: Vec<Paper>,
) -> Result<Standing, ApprovalError> {
    by.require_somewhere(Permission::ApprovalRequest)?;
    let mut desk = Desk::open(services, by, id).await?;
    by.require(Permission::ApprovalRequest, desk.case.unit)?;
    desk.add(Event::PapersCompleted { papers }, Some(by.id))?;
    desk.finish("approval.papers_completed", Some(by.id)).await
}

/// Takes a case back: who asked. Fact `approval.withdrawn`.
///
/// # Errors
/// [`ApprovalError`].
pub async fn withdraw(services: &Services, by: &Actor, id: CaseId, words: &str) -> Result<Standing, ApprovalError> {
    by.require_somewhere(Permission::ApprovalRequest)?;
    let mut desk = Desk::open(services, by, id).await?;
    let words = words.trim().to_owned();
    desk.add(Event::Withdrawn { words }, Some(by.id))?;
    desk.finish("approval.withdrawn", Some(by.id)).await
}

/// Whether the policy in force demands an approved case for this kind of thing in this unit.
///
/// # Errors
/// Any [`DbError`].
pub async fn is_demanded(tx: &mut Tx, services: &Services, unit: UnitId, kind: &str) -> Result<bool, DbError> {
    let line = services.tree.ancestors(unit);
    let policy = store::policy_in_force(tx, &line, kind).await?;
    Ok(policy.is_some_and(|policy| policy.policy.required))
}

/// Whether this unit or one above it has published a policy for this kind of thing; what ships does not count.
///
/// # Errors
/// Any [`DbError`].
pub async fn is_published(at: &mut impl Reads, services: &Services, unit: UnitId, kind: &str) -> Result<bool, DbError> {
    let line = services.tree.ancestors(unit);
    let policy = store::policy_in_force(at, &line, kind).await?;
    Ok(policy.is_some_and(|policy| policy.published_at.is_some()))
}

/// Whether a thing of this unit needs an approved case, and has none.
///
/// # Errors
/// Any [`DbError`].
pub async fn is_owed(
    tx: &mut Tx,
    services: &Services,
    unit: UnitId,
    kind: &str,
    subject: SubjectId,
) -> Result<bool, DbError> {
    let demanded = is_demanded(tx, services, unit, kind).await?;
    Ok(demanded && queries::approved(tx, unit, kind, subject).await?.is_none())
}

/// An id as it stands in facts and jobs.
fn fact_id(id: CaseId) -> String {
    hex(&id.bytes())
}
