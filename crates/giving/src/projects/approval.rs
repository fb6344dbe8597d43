//! Projects and approvals: where the unit's policy demands it, a project opens by an approved case (项目准入) and a
//! target is raised by one (紧急提额). The approval itself opens and raises: the reaction reads `approval.decided`.

use db::{Snapshot, Tx};
pub use governance::approvals::actions::Asking;
use governance::approvals::actions::{self as approvals, NewCase};
use governance::approvals::model::{CaseId, SubjectId};
use governance::approvals::queries::{CaseRow, case};
use governance::approvals::{ApprovalError, outcome};
use kernel::id::Id as _;
use kernel::{Fen, ProjectId};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::error::ProjectError;
use super::model::{Project, ProjectState};
use super::{actions, rules, store};

/// The kind of a case that admits a project.
pub const ADMISSION: &str = "project_admission";
/// The kind of a case that raises a target.
pub const RAISE: &str = "target_raise";

/// A case about a project as a thing of approvals.
pub fn subject(id: ProjectId) -> SubjectId {
    SubjectId::from_bytes(id.bytes())
}

/// Why a project was not put before those who decide.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// What the project says.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// What the engine says.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
}

impl From<AskError> for web::Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Project(error) => error.problem(),
            AskError::Approval(error) => error.problem(),
        }
    }
}

/// Puts the admission of a draft before those who decide. Approved, the project opens if its campaign runs; else it
/// may be opened once that does.
///
/// # Errors
/// [`AskError`]: not found, not a draft, or what the engine says.
pub async fn ask_admission(services: &Services, by: &Actor, id: ProjectId, asking: Asking) -> Result<CaseId, AskError> {
    let project = seen(services, by, id).await?;
    if project.state != ProjectState::Draft {
        return Err(ProjectError::State {
            state: project.state.as_str(),
            wanted: "be admitted",
        }
        .into());
    }
    let details = json!({ "target_fen": project.target });
    let new = new_case(&project, (ADMISSION, details), asking);
    Ok(approvals::submit(services, by, new).await?)
}

/// Puts an urgent raise of a target before those who decide. Approved, the target is raised.
///
/// # Errors
/// [`AskError`]: not found, not higher, no reason, or what the engine says.
pub async fn ask_raise(
    services: &Services,
    by: &Actor,
    id: ProjectId,
    (target, reason): (Fen, &str),
    asking: Asking,
) -> Result<CaseId, AskError> {
    let project = seen(services, by, id).await?;
    // What could not be done once it is approved is not asked for.
    rules::raise_target(project.clone(), target, reason)?;
    let details = json!({ "from_fen": project.target, "target_fen": target, "reason": reason.trim() });
    let new = new_case(&project, (RAISE, details), asking);
    Ok(approvals::submit(services, by, new).await?)
}

/// A project of a unit in which somebody may ask.
async fn seen(services: &Services, by: &Actor, id: ProjectId) -> Result<Project, AskError> {
    by.require_somewhere(Permission::ApprovalRequest)
        .map_err(ProjectError::from)?;
    let mut at = services.db.snapshot().await.map_err(ProjectError::from)?;
    let project = store::project(&mut at, id).await.map_err(ProjectError::from)?;
    let scope = by.scope_for(Permission::ApprovalRequest);
    let project = project.filter(|project| scope.contains(project.unit, &services.tree));
    Ok(project.ok_or(ProjectError::NotFound("project"))?)
}

fn new_case(project: &Project, (kind, details): (&str, serde_json::Value), asking: Asking) -> NewCase {
    NewCase {
        unit: project.unit,
        subject_kind: kind.to_owned(),
        subject: subject(project.id),
        title: project.title.clone(),
        summary: asking.summary,
        papers: asking.papers,
        parties: asking.parties,
        hurry: asking.hurry,
        details,
    }
}

/// Opens what was admitted and raises what was approved.
pub struct ApprovalsDecided;

impl Reaction for ApprovalsDecided {
    type Read = Vec<CaseId>;
    fn name(&self) -> &'static str {
        "projects_approved"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Vec<CaseId>, ReactionError> {
        outcome::approved(facts, &[ADMISSION, RAISE])
    }
    async fn handle(
        &self,
        tx: &mut Tx,
        _: &[Fact],
        read: Vec<CaseId>,
        services: &Services,
    ) -> Result<(), ReactionError> {
        for id in read {
            if let Some(case) = case(tx, id).await? {
                carry_out(tx, services, &case).await?;
            }
        }
        Ok(())
    }
}

/// Does what a case approved. What cannot be done (any more) is left: staff see the approved case and the project.
async fn carry_out(tx: &mut Tx, services: &Services, case: &CaseRow) -> Result<(), ReactionError> {
    let id = ProjectId::from_bytes(case.subject.bytes());
    let Some(project) = store::lock(tx, id).await?.filter(|project| project.unit == case.unit) else {
        return Ok(());
    };
    let done = if case.subject_kind == ADMISSION {
        actions::open_approved(tx, services, project, case).await
    } else {
        actions::raise_approved(tx, services, project, case).await
    };
    match done {
        Ok(()) => Ok(()),
        Err(ProjectError::Db(error)) => Err(error.into()),
        Err(error) => {
            tracing::info!(case = ?case.id, project = ?id, %error, "what was approved is left to staff");
            Ok(())
        }
    }
}
