//! Drawing up, signing, starting, amending and ending agreements; saying which goods went under them. Each is one
//! transaction with one fact.

use db::DbError;
use kernel::BusinessDay;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Agreement, AgreementState, NewAgreement, Signed, Terms, Version};
use super::{rules, store};
use crate::amendments::approval::governs;
use crate::error::{PartnerError, check_line, in_scope, invalid};
use crate::files::actions::of_unit;
use crate::ports::{Ports, Sent};
use crate::regions::store as regions;
use crate::told::{Told, finish};
use crate::{AgreementId, HandedId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "partner.agreement_drafted",
    "partner.agreement_amended",
    "partner.agreement_signed",
    "partner.agreement_started",
    "partner.agreement_ended",
    "partner.goods_linked",
    "partner.goods_unlinked",
];

fn told(agreement: &Agreement, kind: &'static str) -> Told<AgreementId> {
    Told {
        unit: agreement.unit,
        kind,
        subject: agreement.id,
        body: json!({
            "region": hex(&agreement.region.bytes()), "state": agreement.state, "version": agreement.version,
        }),
    }
}

/// Draws an agreement up; needs [`Permission::PartnerManage`]. The same key again is the same agreement. Fact
/// `partner.agreement_drafted`.
///
/// # Errors
/// [`PartnerError::Invalid`] for terms that cannot be, [`PartnerError::Taken`].
pub async fn draft(services: &Services, by: &Actor, new: &NewAgreement) -> Result<Agreement, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_line("key", &new.key, 1)?;
    check_line("title", &new.title, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let region = regions::region(&mut tx, new.region)
        .await?
        .ok_or(PartnerError::NotFound("region"))?;
    in_scope(by, Permission::PartnerManage, (region.unit, "region"))?;
    if let Some(known) = store::by_key(&mut tx, region.unit, &new.key).await? {
        let same = (known.region, known.title.as_str()) == (new.region, new.title.trim());
        return if same {
            Ok(known)
        } else {
            Err(PartnerError::Taken("agreement"))
        };
    }
    rules::check(&new.terms, region.region)?;
    let agreement = Agreement {
        id: AgreementId::new(now, &*services.rng),
        unit: region.unit,
        region: region.id,
        title: new.title.trim().to_owned(),
        state: AgreementState::Draft,
        version: 1,
        made_by: by.id,
        made_at: now,
        signed: None,
        ended: None,
    };
    store::insert(&mut tx, &agreement, &new.key).await?;
    let version = Version {
        version: 1,
        terms: new.terms.clone(),
        reason: String::new(),
        file: None,
        made_by: by.id,
        made_at: now,
    };
    store::insert_version(&mut tx, agreement.id, &version).await?;
    finish(tx, services, by, told(&agreement, "partner.agreement_drafted")).await?;
    Ok(agreement)
}

/// Says anew what an agreement says: its next version. A draft is mended by who draws up; a signed or running one is amended
/// by who signs ([`Permission::PartnerApprove`]), with a reason and the signed amendment, or by a case where the unit's policy
/// demands one ([`crate::amendments`]). Fact `partner.agreement_amended`.
///
/// # Errors
/// [`PartnerError::State`] once ended, [`PartnerError::Invalid`], [`PartnerError::ByCase`].
pub async fn amend(
    services: &Services,
    by: &Actor,
    id: AgreementId,
    (terms, reason, file): (Terms, &str, Option<HandedId>),
) -> Result<Agreement, PartnerError> {
    by.require_somewhere(Permission::PartnerRead)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut agreement = store::lock(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerRead, (agreement.unit, "agreement"))?;
    match agreement.state {
        AgreementState::Draft => by.require(Permission::PartnerManage, agreement.unit)?,
        AgreementState::Signed | AgreementState::Running => {
            by.require(Permission::PartnerApprove, agreement.unit)?;
            if governs(&mut tx, services, agreement.unit).await? {
                return Err(PartnerError::ByCase);
            }
            check_line("reason", reason, 1)?;
            let signed = file.ok_or(invalid("file", "the signed amendment is expected"))?;
            of_unit(&mut tx, signed, agreement.unit).await?;
        }
        AgreementState::Ended => {
            return Err(PartnerError::State {
                state: "ended",
                wanted: "draft, signed or running",
            });
        }
    }
    check_line("reason", reason, 0)?;
    let region = regions::region(&mut tx, agreement.region)
        .await?
        .ok_or(PartnerError::NotFound("region"))?;
    rules::check(&terms, region.region)?;
    agreement.version += 1;
    let version = Version {
        version: agreement.version,
        terms,
        reason: reason.trim().to_owned(),
        file: file.filter(|_| agreement.state != AgreementState::Draft),
        made_by: by.id,
        made_at: now,
    };
    store::insert_version(&mut tx, id, &version).await?;
    finish(tx, services, by, told(&agreement, "partner.agreement_amended")).await?;
    Ok(agreement)
}

/// Signs an agreement: the day and the signed paper; needs [`Permission::PartnerApprove`] and another person than who drew
/// the version up. Signing again is answered with what stands. Fact `partner.agreement_signed`.
///
/// # Errors
/// [`PartnerError::SamePerson`], [`PartnerError::State`].
pub async fn sign(
    services: &Services,
    by: &Actor,
    (id, on, file): (AgreementId, BusinessDay, HandedId),
) -> Result<Agreement, PartnerError> {
    by.require_somewhere(Permission::PartnerApprove)?;
    let now = services.now();
    if on > now.business_day() {
        return Err(invalid("signed_on", "a day not after today is expected"));
    }
    let mut tx = services.db.begin().await?;
    let mut agreement = store::lock(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerApprove, (agreement.unit, "agreement"))?;
    let signed = Signed { on, file, by: by.id };
    if agreement
        .signed
        .is_some_and(|known| (known.on, known.file) == (on, file))
    {
        return Ok(agreement);
    }
    rules::in_state(&agreement, AgreementState::Draft)?;
    let version = store::version(&mut tx, (id, agreement.version)).await?;
    let version = version.ok_or(PartnerError::NotFound("version"))?;
    rules::may_sign(version.made_by, by.id)?;
    of_unit(&mut tx, file, agreement.unit).await?;
    store::sign(&mut tx, id, &signed).await?;
    (agreement.state, agreement.signed) = (AgreementState::Signed, Some(signed));
    finish(tx, services, by, told(&agreement, "partner.agreement_signed")).await?;
    Ok(agreement)
}

/// Lets a signed agreement run, from its first day on. Fact `partner.agreement_started`.
///
/// # Errors
/// [`PartnerError::State`].
pub async fn start(services: &Services, by: &Actor, id: AgreementId) -> Result<Agreement, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    let mut tx = services.db.begin().await?;
    let mut agreement = store::lock(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerManage, (agreement.unit, "agreement"))?;
    if agreement.state == AgreementState::Running {
        return Ok(agreement);
    }
    let version = store::version(&mut tx, (id, agreement.version)).await?;
    let version = version.ok_or(PartnerError::NotFound("version"))?;
    rules::may_start(&agreement, &version.terms, services.now().business_day())?;
    agreement.state = AgreementState::Running;
    store::put_state(&mut tx, id, agreement.state).await?;
    finish(tx, services, by, told(&agreement, "partner.agreement_started")).await?;
    Ok(agreement)
}

/// Ends an agreement, when nothing of it is under way; needs [`Permission::PartnerApprove`]. Fact `partner.agreement_ended`.
///
/// # Errors
/// [`PartnerError::State`] while a payment or purchase waits, and once ended.
pub async fn end(
    services: &Services,
    by: &Actor,
    (id, on, why): (AgreementId, BusinessDay, &str),
) -> Result<Agreement, PartnerError> {
    by.require_somewhere(Permission::PartnerApprove)?;
    check_line("reason", why, 1)?;
    if on > services.now().business_day() {
        return Err(invalid("day", "a day not after today is expected"));
    }
    let mut tx = services.db.begin().await?;
    let mut agreement = store::lock(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerApprove, (agreement.unit, "agreement"))?;
    if agreement.state == AgreementState::Ended {
        return Err(PartnerError::State {
            state: "ended",
            wanted: "draft, signed or running",
        });
    }
    if store::under_way(&mut tx, id).await? > 0 {
        return Err(PartnerError::State {
            state: "waiting for payments or purchases",
            wanted: "settled",
        });
    }
    store::end(&mut tx, id, (on, why.trim())).await?;
    (agreement.state, agreement.ended) = (AgreementState::Ended, Some((on, why.trim().to_owned())));
    finish(tx, services, by, told(&agreement, "partner.agreement_ended")).await?;
    Ok(agreement)
}

/// The order behind a number, if it left for the partner region.
async fn sent_there(ports: &Ports, agreement: &Agreement, number: &str) -> Result<Sent, PartnerError> {
    let mut at = ports.services.db.snapshot().await?;
    let sent = ports.goods.by_number(&mut at, agreement.unit, number.trim()).await?;
    let sent = sent.ok_or(PartnerError::NotFound("dispatch order"))?;
    let region = regions::region(&mut at, agreement.region)
        .await?
        .ok_or(PartnerError::NotFound("region"))?;
    let there = kernel::RegionCode::parse(&sent.region).is_ok_and(|code| code.is_within(region.region));
    if !there {
        return Err(PartnerError::Elsewhere {
            found: sent.region,
            wanted: region.region.to_string(),
        });
    }
    if sent.left_on.is_none() {
        return Err(PartnerError::State {
            state: "not on its way",
            wanted: "dispatched",
        });
    }
    Ok(sent)
}

/// Says that goods went to the partner region under an agreement, by the number of their dispatch order; needs
/// [`Permission::PartnerManage`]. Said again it stands as it is. Fact `partner.goods_linked`.
///
/// # Errors
/// [`PartnerError::Elsewhere`], [`PartnerError::Taken`] when they went under another agreement, [`PartnerError::State`].
pub async fn link_goods(ports: &Ports, by: &Actor, (id, number): (AgreementId, &str)) -> Result<Sent, PartnerError> {
    let services = &ports.services;
    let agreement = of_manager(services, by, id).await?;
    let sent = sent_there(ports, &agreement, number).await?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let agreement = store::lock(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    match store::agreement_of(&mut tx, sent.dispatch).await? {
        Some(known) if known == id => return Ok(sent),
        Some(_) => return Err(PartnerError::Taken("dispatch order")),
        None => {}
    }
    rules::in_state(&agreement, AgreementState::Running)?;
    let linked = store::link(&mut tx, &agreement, sent.dispatch, (by.id, now)).await;
    linked.map_err(|error| match error {
        DbError::Duplicate(_) => PartnerError::Taken("dispatch order"),
        other => other.into(),
    })?;
    let mut told = told(&agreement, "partner.goods_linked");
    told.body["dispatch"] = hex(&sent.dispatch).into();
    finish(tx, services, by, told).await?;
    Ok(sent)
}

async fn of_manager(services: &Services, by: &Actor, id: AgreementId) -> Result<Agreement, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    let mut at = services.db.snapshot().await?;
    let agreement = store::agreement(&mut at, id)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerManage, (agreement.unit, "agreement"))?;
    Ok(agreement)
}

/// Takes back that goods went under an agreement, with a reason. Fact `partner.goods_unlinked`.
///
/// # Errors
/// [`PartnerError::NotFound`] when they were not said to.
pub async fn unlink_goods(
    ports: &Ports,
    by: &Actor,
    (id, number, why): (AgreementId, &str, &str),
) -> Result<(), PartnerError> {
    check_line("reason", why, 1)?;
    let services = &ports.services;
    let agreement = of_manager(services, by, id).await?;
    let mut at = services.db.snapshot().await?;
    let sent = ports.goods.by_number(&mut at, agreement.unit, number.trim()).await?;
    let sent = sent.ok_or(PartnerError::NotFound("dispatch order"))?;
    drop(at);
    let mut tx = services.db.begin().await?;
    if !store::unlink(&mut tx, id, sent.dispatch).await? {
        return Err(PartnerError::NotFound("dispatch order"));
    }
    let mut told = told(&agreement, "partner.goods_unlinked");
    told.body["dispatch"] = hex(&sent.dispatch).into();
    finish(tx, services, by, told).await?;
    Ok(())
}
