//! Entering a partner, gathering the papers of a docking, asking for its approval, naming the partner, ending it.

use db::{DbError, Tx};
use governance::approvals::CaseState;
use governance::approvals::actions::{self as approvals, Asking};
use governance::approvals::model::CaseId;
use governance::approvals::queries::latest;
use kernel::CampaignId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, append, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::approval::{self, KIND};
use super::error::DockingError;
use super::model::{Agreement, Assessment, Docking, DockingId, DockingState, NewPartner, Partner, PartnerId};
use super::{queries, rules, store};
use crate::campaigns::{self, Campaign};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "partner.entered",
    "docking.begun",
    "docking.assessed",
    "docking.agreed",
    "docking.approved",
    "docking.named",
    "docking.ended",
];

/// Enters a partner; needs [`Permission::CampaignManage`]. The same body again is the same partner. Fact
/// `partner.entered`.
///
/// # Errors
/// [`DockingError`]: not allowed, out of shape, the code of a body with another name.
pub async fn enter(services: &Services, by: &Actor, new: NewPartner) -> Result<Partner, DockingError> {
    by.require(Permission::CampaignManage, new.unit)?;
    let new = NewPartner {
        name: new.name.trim().to_owned(),
        credit_code: new.credit_code.trim().to_uppercase(),
        ..new
    };
    rules::check_partner(&new)?;
    let mut tx = services.db.begin().await?;
    if let Some(known) = store::partner_by_code(&mut tx, new.unit, &new.credit_code).await? {
        return if known.name == new.name {
            Ok(known)
        } else {
            Err(DockingError::CodeTaken)
        };
    }
    let now = services.now();
    let partner = Partner {
        id: PartnerId::new(now, &*services.rng),
        unit: new.unit,
        name: new.name,
        credit_code: new.credit_code,
        created_at: now,
    };
    store::insert_partner(&mut tx, &partner)
        .await
        .map_err(|error| match error {
            DbError::Duplicate(_) => DockingError::CodeTaken,
            other => other.into(),
        })?;
    let fact = NewFact {
        unit: partner.unit,
        kind: "partner.entered",
        subject: partner.id.bytes(),
        actor: Some(by.id),
        body: json!({}),
    };
    conclude(tx, fact, services).await?;
    Ok(partner)
}

/// Begins to bring a partner onto a campaign of the same society; needs [`Permission::CampaignManage`]. The same again is
/// the first. Fact `docking.begun`.
///
/// # Errors
/// [`DockingError`]: no such campaign or partner.
pub async fn begin(
    services: &Services,
    by: &Actor,
    campaign: CampaignId,
    partner: PartnerId,
) -> Result<Docking, DockingError> {
    by.require_somewhere(Permission::CampaignManage)?;
    let mut tx = services.db.begin().await?;
    let campaign = campaigns::store::lock(&mut tx, campaign).await?;
    let campaign = campaign.filter(|found| by.require(Permission::CampaignManage, found.unit).is_ok());
    let campaign = campaign.ok_or(DockingError::NotFound("campaign"))?;
    let partner = store::partner(&mut tx, partner).await?;
    let partner = partner.filter(|found| found.unit == campaign.unit);
    let partner = partner.ok_or(DockingError::NotFound("partner"))?;
    let key = (campaign.unit, campaign.id, partner.id);
    if let Some(known) = store::of_partner(&mut tx, key).await? {
        return Ok(known);
    }
    if queries::of_campaign(&mut tx, campaign.id).await?.len() as i64 >= queries::DOCKINGS_MAX {
        return Err(DockingError::Invalid {
            field: "campaign",
            why: "at most 200 partners",
        });
    }
    let now = services.now();
    let docking = Docking {
        id: DockingId::new(now, &*services.rng),
        unit: campaign.unit,
        campaign: campaign.id,
        partner: partner.id,
        partner_name: partner.name,
        assessment: None,
        agreement: None,
        state: DockingState::Prepared,
        created_at: now,
    };
    store::insert(&mut tx, &docking).await?;
    finish(tx, services, by, ("docking.begun", &docking)).await?;
    Ok(docking)
}

/// Puts the assessment of the partner, in place of the one before. Fact `docking.assessed`.
///
/// # Errors
/// [`DockingError`]: not found, decided or asked for, out of shape.
pub async fn assess(
    services: &Services,
    by: &Actor,
    id: DockingId,
    assessment: Assessment,
) -> Result<Docking, DockingError> {
    rules::check_assessment(&assessment, services.now().business_day())?;
    let (mut tx, mut docking) = held(services, by, id).await?;
    let assessment = Some(assessment);
    if docking.assessment == assessment {
        return Ok(docking);
    }
    rules::may_put(&docking, is_asked(&mut tx, &docking).await?)?;
    docking.assessment = assessment;
    store::update(&mut tx, &docking).await?;
    finish(tx, services, by, ("docking.assessed", &docking)).await?;
    Ok(docking)
}

/// Puts the agreement with the partner, in place of the one before. Fact `docking.agreed`.
///
/// # Errors
/// [`DockingError`]: not found, decided or asked for, out of shape.
pub async fn agree(
    services: &Services,
    by: &Actor,
    id: DockingId,
    agreement: Agreement,
) -> Result<Docking, DockingError> {
    rules::check_agreement(&agreement, services.now().business_day())?;
    let (mut tx, mut docking) = held(services, by, id).await?;
    let agreement = Some(agreement);
    if docking.agreement == agreement {
        return Ok(docking);
    }
    rules::may_put(&docking, is_asked(&mut tx, &docking).await?)?;
    docking.agreement = agreement;
    store::update(&mut tx, &docking).await?;
    finish(tx, services, by, ("docking.agreed", &docking)).await?;
    Ok(docking)
}

/// Puts the docking before those who decide, once its three gates are open; needs [`Permission::ApprovalRequest`]. Fact
/// `approval.submitted`.
///
/// # Errors
/// [`DockingError`]: not found, a gate that is shut, decided before, or what the engine says.
pub async fn ask(services: &Services, by: &Actor, id: DockingId, asking: Asking) -> Result<CaseId, DockingError> {
    by.require_somewhere(Permission::ApprovalRequest)?;
    let mut tx = services.db.begin().await?;
    // Held, so that nothing changes under the case that is put.
    let docking = store::hold(&mut tx, id).await?;
    let docking = docking.filter(|found| by.require(Permission::ApprovalRequest, found.unit).is_ok());
    let docking = docking.ok_or(DockingError::NotFound("docking"))?;
    rules::may_put(&docking, is_asked(&mut tx, &docking).await?)?;
    let campaign = campaign_of(&mut tx, &docking).await?;
    rules::whole(&docking, &campaign)?;
    let new = approval::new_case(services, &docking, &campaign, asking);
    Ok(approvals::submit_with(tx, services, by, new).await?)
}

/// Names the partner on the campaign; needs [`Permission::CampaignManage`]. Only what a case approved, and only while
/// its gates are open still. Fact `docking.named`.
///
/// # Errors
/// [`DockingError`]: not found, not approved, a gate that is shut, the campaign over.
pub async fn name(services: &Services, by: &Actor, id: DockingId) -> Result<Docking, DockingError> {
    let (mut tx, mut docking) = held(services, by, id).await?;
    match docking.state {
        DockingState::Named { .. } => return Ok(docking),
        DockingState::Approved => {}
        DockingState::Prepared | DockingState::Ended { .. } => {
            return Err(DockingError::State(docking.state.word()));
        }
    }
    let campaign = campaign_of(&mut tx, &docking).await?;
    rules::whole(&docking, &campaign)?;
    docking.state = DockingState::Named { at: services.now() };
    store::update(&mut tx, &docking).await?;
    finish(tx, services, by, ("docking.named", &docking)).await?;
    Ok(docking)
}

/// Ends a docking (R1.19: a breach ends the raising): the partner is not named any more. Fact `docking.ended`.
///
/// # Errors
/// [`DockingError`]: not found, no reason, a case about it being decided.
pub async fn end(services: &Services, by: &Actor, id: DockingId, reason: &str) -> Result<Docking, DockingError> {
    rules::check_reason(reason)?;
    let (mut tx, mut docking) = held(services, by, id).await?;
    if matches!(docking.state, DockingState::Ended { .. }) {
        return Ok(docking);
    }
    if is_asked(&mut tx, &docking).await? {
        return Err(DockingError::Asked);
    }
    docking.state = DockingState::Ended {
        at: services.now(),
        reason: reason.trim().to_owned(),
    };
    store::update(&mut tx, &docking).await?;
    finish(tx, services, by, ("docking.ended", &docking)).await?;
    Ok(docking)
}

/// Marks as approved what a case approved, in the reaction's transaction. Fact `docking.approved`, by nobody.
///
/// # Errors
/// Any [`DbError`].
pub(super) async fn approved(tx: &mut Tx, services: &Services, id: DockingId, case: CaseId) -> Result<(), DbError> {
    let Some(mut docking) = store::hold(tx, id).await? else {
        return Ok(());
    };
    if docking.state != DockingState::Prepared {
        return Ok(());
    }
    docking.state = DockingState::Approved;
    store::update(tx, &docking).await?;
    let mut body = fact_body(&docking);
    body["approval"] = hex(&case.bytes()).into();
    let fact = NewFact {
        unit: docking.unit,
        kind: "docking.approved",
        subject: docking.id.bytes(),
        actor: None,
        body,
    };
    append(tx, fact, services).await.map(drop)
}

/// The docking, held, if the actor manages campaigns of its unit; else it does not exist for her.
async fn held(services: &Services, by: &Actor, id: DockingId) -> Result<(Tx, Docking), DockingError> {
    by.require_somewhere(Permission::CampaignManage)?;
    let mut tx = services.db.begin().await?;
    let docking = store::hold(&mut tx, id).await?;
    let docking = docking.filter(|found| by.require(Permission::CampaignManage, found.unit).is_ok());
    Ok((tx, docking.ok_or(DockingError::NotFound("docking"))?))
}

async fn campaign_of(tx: &mut Tx, docking: &Docking) -> Result<Campaign, DockingError> {
    let campaign = campaigns::store::lock(tx, docking.campaign).await?;
    campaign.ok_or(DockingError::NotFound("campaign"))
}

/// Whether a case about it is being decided.
async fn is_asked(tx: &mut Tx, docking: &Docking) -> Result<bool, DbError> {
    let case = latest(tx, docking.unit, KIND, approval::subject(docking.id)).await?;
    Ok(case.is_some_and(|case| matches!(case.state, CaseState::Open | CaseState::SentBack)))
}

fn fact_body(docking: &Docking) -> serde_json::Value {
    json!({ "campaign": hex(&docking.campaign.bytes()), "partner": hex(&docking.partner.bytes()) })
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, docking): (&'static str, &Docking),
) -> Result<(), DockingError> {
    let fact = NewFact {
        unit: docking.unit,
        kind,
        subject: docking.id.bytes(),
        actor: Some(by.id),
        body: fact_body(docking),
    };
    Ok(conclude(tx, fact, services).await?)
}
