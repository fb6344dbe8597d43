//! Plans and the house's approvals: where the unit (or one above it) has published a policy for `dispatch` that demands
//! a case, a plan is decided by an approved case and by nothing else; the reaction on `approval.decided` makes its
//! dispatch orders. The case decides the lines as they stood when it was asked for: their fingerprint is in its details.

use db::{DbError, Reads, Snapshot, Tx};
pub use governance::approvals::actions::Asking;
use governance::approvals::actions::{self as approvals, NewCase};
use governance::approvals::model::{CaseId, SubjectId};
use governance::approvals::queries::{case, policy_in_force};
use governance::approvals::{ApprovalError, outcome};
use kernel::UnitId;
use kernel::id::Id as _;
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use platform::identity::{Actor, Permission};
use ring::digest::{Context, SHA256};
use serde_json::json;

use super::model::{PlanState, Share};
use super::{actions, store};
use crate::PlanId;
use crate::error::{ReliefError, in_scope};

/// The kind of a case that decides a plan.
pub const DISPATCH: &str = "dispatch";

/// Why a plan was not put before those who decide.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// What the plan says.
    #[error(transparent)]
    Plan(#[from] ReliefError),
    /// What the engine says.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
}

impl From<AskError> for web::Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Plan(error) => error.problem(),
            AskError::Approval(error) => error.problem(),
        }
    }
}

/// A plan as a thing of approvals.
pub fn subject(id: PlanId) -> SubjectId {
    SubjectId::from_bytes(id.bytes())
}

/// Whether plans of this unit are decided by cases. What ships demands nothing.
///
/// # Errors
/// Any [`DbError`].
pub async fn governs(at: &mut impl Reads, services: &Services, unit: UnitId) -> Result<bool, DbError> {
    let line = services.tree.ancestors(unit);
    let policy = policy_in_force(at, &line, DISPATCH).await?;
    Ok(policy.is_some_and(|policy| policy.policy.required))
}

/// The fingerprint of a plan's lines: SHA-256 in hexadecimal over who gets how many of what lies where.
pub(super) fn fingerprint(shares: &[Share]) -> String {
    let mut sum = Context::new(&SHA256);
    for share in shares {
        sum.update(&share.lot.bytes());
        sum.update(&share.place.bytes());
        sum.update(&share.party.map_or([0; 16], |party| party.bytes()));
        sum.update(&share.request.map_or([0; 16], |request| request.bytes()));
        sum.update(&share.quantity.to_be_bytes());
    }
    data_encoding::HEXLOWER.encode(sum.finish().as_ref())
}

/// Puts a plan before those who decide. Who proposed it is concerned and decides nothing. What could not be carried out
/// today is not asked for.
///
/// # Errors
/// [`ReliefError::ByGroup`] where no policy demands a case, [`ReliefError::State`], [`ReliefError::Sum`],
/// [`ReliefError::Expired`], or what the engine says.
pub async fn ask(services: &Services, by: &Actor, id: PlanId, asking: Asking) -> Result<CaseId, AskError> {
    let new = prepare(services, by, id, asking).await?;
    let case = approvals::submit(services, by, new).await?;
    actions::note_asked(services, by, id, case).await?;
    Ok(case)
}

async fn prepare(services: &Services, by: &Actor, id: PlanId, asking: Asking) -> Result<NewCase, ReliefError> {
    by.require_somewhere(Permission::GoodsPropose)?;
    let mut at = services.db.snapshot().await?;
    let plan = store::plan(&mut at, id).await?.ok_or(ReliefError::NotFound("plan"))?;
    in_scope(by, Permission::GoodsPropose, (plan.unit, "plan"))?;
    if plan.state != PlanState::Proposed {
        return Err(ReliefError::State {
            state: plan.state.as_str(),
            wanted: "proposed",
        });
    }
    if !governs(&mut at, services, plan.unit).await? {
        return Err(ReliefError::ByGroup);
    }
    let shares = store::lines(&mut at, id).await?;
    actions::ready(&mut at, (plan.unit, &shares), services.now().business_day()).await?;
    let receivers: std::collections::BTreeSet<_> = shares.iter().filter_map(|share| share.party).collect();
    let mut parties = asking.parties;
    if plan.made_by != by.id && !parties.contains(&plan.made_by) {
        parties.push(plan.made_by);
    }
    Ok(NewCase {
        unit: plan.unit,
        subject_kind: DISPATCH.to_owned(),
        subject: subject(id),
        title: format!(
            "{} 物资分配方案：{} 家接收单位，{} 行",
            plan.day,
            receivers.len(),
            shares.len()
        ),
        summary: asking.summary,
        papers: asking.papers,
        parties,
        hurry: asking.hurry,
        details: json!({
            "lines": shares.len(), "receivers": receivers.len(), "lines_sha256": fingerprint(&shares),
        }),
    })
}

/// Carries out what cases said of plans.
pub struct PlansDecided;

impl Reaction for PlansDecided {
    type Read = Vec<CaseId>;
    fn name(&self) -> &'static str {
        "goods_plans_decided"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Vec<CaseId>, ReactionError> {
        outcome::ended(facts, &[DISPATCH])
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
                let done = actions::settle(tx, services, &case).await;
                done.map_err(|error| ReactionError(error.to_string()))?;
            }
        }
        Ok(())
    }
}
