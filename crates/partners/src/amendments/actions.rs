//! Asking for an amendment, in one transaction with the case that decides it; and what the case's end does.

use db::Tx;
use governance::approvals::actions as approvals;
pub use governance::approvals::actions::Asking;
use governance::approvals::queries::CaseRow;
use kernel::ActorId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, append};
use platform::identity::{Actor, Permission};
use serde_json::{Value, json};

use super::model::{Amendment, AmendmentState, NewAmendment};
use super::{approval, rules, store};
use crate::AmendmentId;
use crate::agreements::{Agreement, Version, rules as terms_rules, store as agreements};
use crate::error::{PartnerError, check_line, in_scope};
use crate::files::store as files;
use crate::regions::store as regions;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["partner.amendment_asked", "partner.amendment_decided"];

/// The fact of a change; the subject is the agreement.
fn fact(agreement: &Agreement, amendment: &Amendment, kind: &'static str, actor: Option<ActorId>) -> NewFact {
    let subject = hex(&agreement.id.bytes());
    NewFact {
        unit: agreement.unit,
        kind,
        subject: agreement.id.bytes(),
        actor,
        body: json!({
            "subject": subject, "amendment": hex(&amendment.id.bytes()), "base": amendment.base,
            "state": amendment.state, "version": agreement.version,
        }),
    }
}

/// Puts an amendment of a signed agreement before those who decide, with its reason and the signed paper; needs
/// [`Permission::PartnerManage`] and [`Permission::ApprovalRequest`]. The same key again is the same amendment. Fact
/// `partner.amendment_asked`, beside the case's own.
///
/// # Errors
/// [`PartnerError::ByLeader`] where no policy demands a case, [`PartnerError::State`] for a draft, one that ended and while
/// another amendment waits, [`PartnerError::Invalid`], [`PartnerError::Approval`] for what the approvals say.
pub async fn ask(
    services: &Services,
    by: &Actor,
    (new, asking): (&NewAmendment, Asking),
) -> Result<Amendment, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_line("key", &new.key, 1)?;
    check_line("reason", &new.reason, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let agreement = agreements::lock(&mut tx, new.agreement)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerManage, (agreement.unit, "agreement"))?;
    by.require(Permission::ApprovalRequest, agreement.unit)?;
    if let Some(known) = store::by_key(&mut tx, agreement.unit, &new.key).await? {
        let same = (known.agreement, known.file) == (new.agreement, new.file) && known.terms == new.terms;
        return if same {
            Ok(known)
        } else {
            Err(PartnerError::Taken("amendment"))
        };
    }
    rules::may_ask(&agreement)?;
    if !approval::governs(&mut tx, services, agreement.unit).await? {
        return Err(PartnerError::ByLeader);
    }
    if store::is_waiting(&mut tx, agreement.id).await? {
        return Err(PartnerError::State {
            state: "waiting for its case",
            wanted: "decided",
        });
    }
    let signed = files::file(&mut tx, new.file).await?;
    let signed = signed.filter(|file| file.unit == agreement.unit);
    let signed = signed.ok_or(PartnerError::NotFound("file"))?;
    let region = regions::region(&mut tx, agreement.region)
        .await?
        .ok_or(PartnerError::NotFound("region"))?;
    terms_rules::check(&new.terms, region.region)?;
    let amendment = Amendment {
        id: AmendmentId::new(now, &*services.rng),
        unit: agreement.unit,
        agreement: agreement.id,
        base: agreement.version,
        terms: new.terms.clone(),
        reason: new.reason.trim().to_owned(),
        file: new.file,
        state: AmendmentState::Asked,
        made_by: by.id,
        made_at: now,
        decided_at: None,
    };
    store::insert(&mut tx, &amendment, &new.key).await?;
    let asked = fact(&agreement, &amendment, "partner.amendment_asked", Some(by.id));
    append(&mut tx, asked, services).await?;
    let case = approval::new_case((&agreement, &amendment), &signed.sha256, asking);
    approvals::submit_with(tx, services, by, case).await?;
    Ok(amendment)
}

/// Carries out what a case said of an amendment, in the reaction's transaction: approved, it is the agreement's next version;
/// refused or taken back, it ends. Fact `partner.amendment_decided`, by nobody.
///
/// # Errors
/// [`PartnerError::Db`] and what a corrupt row says; then nothing was done and the fact comes again.
pub(super) async fn settle(tx: &mut Tx, services: &Services, case: &CaseRow) -> Result<(), PartnerError> {
    let id = AmendmentId::from_bytes(case.subject.bytes());
    // The agreement before the amendment, as who asks takes them.
    let Some(known) = store::amendment(tx, id).await? else {
        return Ok(());
    };
    let Some(mut agreement) = agreements::lock(tx, known.agreement).await? else {
        return Ok(());
    };
    let waits = |one: &Amendment| one.unit == case.unit && one.state == AmendmentState::Asked;
    let Some(mut amendment) = store::amendment(tx, id).await?.filter(waits) else {
        return Ok(());
    };
    let Some(state) = rules::outcome(case.state, &agreement, amendment.base) else {
        return Ok(());
    };
    let now = services.now();
    if state == AmendmentState::Adopted {
        agreement.version += 1;
        let version = Version {
            version: agreement.version,
            terms: amendment.terms.clone(),
            reason: amendment.reason.clone(),
            file: Some(amendment.file),
            made_by: amendment.made_by,
            made_at: now,
        };
        agreements::insert_version(tx, agreement.id, &version).await?;
    }
    store::decide(tx, id, (state, now)).await?;
    (amendment.state, amendment.decided_at) = (state, Some(now));
    let mut decided = fact(&agreement, &amendment, "partner.amendment_decided", None);
    decided.body["approval"] = Value::from(hex(&case.id.bytes()));
    append(tx, decided, services).await?;
    Ok(())
}
