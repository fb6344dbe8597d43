//! Grants of money and the house's approvals: where the unit (or one above it) has published a policy for `relief_money`
//! that demands a case, a grant is decided by an approved case and by nothing else; the reaction on `approval.decided`
//! makes its payment order. Without one the group decides by its rule, as it is set.

use db::{DbError, Reads, Snapshot, Tx};
pub use governance::approvals::actions::Asking;
use governance::approvals::actions::{self as approvals, NewCase};
use governance::approvals::model::{CaseId, SubjectId};
use governance::approvals::outcome;
use governance::approvals::queries::{case, policy_in_force};
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::GrantState;
use super::{actions, store};
use crate::GrantId;
use crate::error::{ReliefError, in_scope};
use crate::lists::approval::AskError;
use crate::lists::request;

/// The kind of a case that decides a grant of money.
pub const RELIEF_MONEY: &str = "relief_money";

/// A grant as a thing of approvals.
pub fn subject(id: GrantId) -> SubjectId {
    SubjectId::from_bytes(id.bytes())
}

/// Whether grants of this unit are decided by cases. What ships demands nothing.
///
/// # Errors
/// Any [`DbError`].
pub async fn governs(at: &mut impl Reads, services: &Services, unit: UnitId) -> Result<bool, DbError> {
    let line = services.tree.ancestors(unit);
    let policy = policy_in_force(at, &line, RELIEF_MONEY).await?;
    Ok(policy.is_some_and(|policy| policy.policy.required))
}

/// Puts a grant before those who decide. Who proposed it is concerned and decides nothing.
///
/// # Errors
/// [`ReliefError::ByGroup`] where no policy demands a case, [`ReliefError::State`], or what the engine says.
pub async fn ask(services: &Services, by: &Actor, id: GrantId, asking: Asking) -> Result<CaseId, AskError> {
    let new = prepare(services, by, id, asking).await?;
    let case = approvals::submit(services, by, new).await?;
    actions::note_asked(services, by, id, case).await?;
    Ok(case)
}

async fn prepare(services: &Services, by: &Actor, id: GrantId, asking: Asking) -> Result<NewCase, ReliefError> {
    by.require_somewhere(Permission::GoodsPropose)?;
    let mut at = services.db.snapshot().await?;
    let grant = store::grant(&mut at, id).await?.ok_or(ReliefError::NotFound("grant"))?;
    in_scope(by, Permission::GoodsPropose, (grant.unit, "grant"))?;
    if grant.state != GrantState::Proposed {
        return Err(ReliefError::State {
            state: grant.state.as_str(),
            wanted: "proposed",
        });
    }
    if !governs(&mut at, services, grant.unit).await? {
        return Err(ReliefError::ByGroup);
    }
    let request = request(&mut at, grant.request)
        .await?
        .ok_or(ReliefError::NotFound("request"))?;
    actions::open_for_money(&request)?;
    let mut parties = asking.parties;
    if grant.made_by != by.id && !parties.contains(&grant.made_by) {
        parties.push(grant.made_by);
    }
    Ok(NewCase {
        unit: grant.unit,
        subject_kind: RELIEF_MONEY.to_owned(),
        subject: subject(id),
        title: format!("{} 需求资金 {} 元", request.party_name, grant.amount.to_grouped()),
        summary: asking.summary,
        papers: asking.papers,
        parties,
        hurry: asking.hurry,
        details: json!({
            "amount_fen": grant.amount, "fund": hex(&grant.fund.bytes()), "restriction": grant.restriction.as_str(),
        }),
    })
}

/// Carries out what cases said of grants.
pub struct GrantsDecided;

impl Reaction for GrantsDecided {
    type Read = Vec<CaseId>;
    fn name(&self) -> &'static str {
        "goods_grants_decided"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Vec<CaseId>, ReactionError> {
        outcome::ended(facts, &[RELIEF_MONEY])
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
