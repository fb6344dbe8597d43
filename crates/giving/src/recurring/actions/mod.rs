//! A donor's mandate: begun by a form, running once a code was shown, paused, resumed, ended, forgotten.

mod erasing;
mod months;
mod plans;
mod prompts;

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::{Value, json};
use web::Locale;

use super::error::RecurringError;
use super::model::{
    Agreement, AgreementId, ByWhom, Donor, EndReason, KEPT_DAYS, Language, Mandate, MandateId, MandateState,
    MonthlyForm, PlanId, PlanState, REASON_CHARS_MAX, WAIT_MICROS, Wished,
};
use super::{rules, store};
use crate::State;
use crate::donations::{Payer, mask};
use crate::donor_way::queries::consent;
use crate::donor_way::rules::consent_hash;
use crate::my_gifts::{ContactKind, Session};

pub(crate) use erasing::{erase_agreement, erase_mandate, held};
pub use months::{Ran, order_to_pay, run};
pub use plans::{NewNews, close_plan, end_agreement, end_own_agreement, make_plan, publish_news};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "donor.prompted",
    "mandate.ended",
    "mandate.forgotten",
    "mandate.month_missed",
    "mandate.month_opened",
    "mandate.month_paid",
    "mandate.month_skipped",
    "mandate.order_renewed",
    "mandate.paused",
    "mandate.resumed",
    "mandate.started",
    "mandate.wished",
    "news.agreement_ended",
    "news.published",
    "sponsor_plan.closed",
    "sponsor_plan.made",
];
/// Where name and contact of a mandate are sealed for.
pub(crate) const DONOR_PLACE: &str = "mandate.donor";
/// Where the contact of an agreement is sealed for.
pub(crate) const CONTACT_PLACE: &str = "news_agreement.contact";
/// Mandates looked after in one reading.
const ROUND: i64 = 200;

/// What is wanted of a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// No month is asked for until this day, or until resumed.
    Pause(Option<BusinessDay>),
    /// Months are asked for again.
    Resume,
    /// It is over.
    End,
}

/// Keeps the wish to give monthly until a code shows that the contact is hers. The same form again is the same mandate.
/// Fact `mandate.wished`.
///
/// # Errors
/// [`RecurringError::FormReused`], [`RecurringError::NotFound`]; [`RecurringError::Order`] when the project takes no
/// gifts; [`RecurringError::PlanFull`].
pub async fn begin(
    services: &Services,
    project: &str,
    (key, form): ([u8; 16], &MonthlyForm),
    wished: &Wished,
    (plan, locale): (Option<PlanId>, Locale),
) -> Result<MandateId, RecurringError> {
    match begin_once(services, project, (key, form), wished, (plan, locale)).await {
        // The same form came twice at once: now the first is there to be found.
        Err(RecurringError::Db(DbError::Duplicate(_))) => {
            begin_once(services, project, (key, form), wished, (plan, locale)).await
        }
        settled => settled,
    }
}

async fn begin_once(
    services: &Services,
    project: &str,
    (key, form): ([u8; 16], &MonthlyForm),
    wished: &Wished,
    (plan, locale): (Option<PlanId>, Locale),
) -> Result<MandateId, RecurringError> {
    let now = services.now();
    let today = now.business_day();
    let body_hash = rules::body_hash(form);
    let mut tx = services.db.begin().await?;
    let found = crate::projects::store::intake_project_by_code(&mut tx, project).await?;
    let project = found.ok_or(RecurringError::NotFound("project"))?;
    if let Some((known, said)) = store::by_form(&mut tx, project.unit_id, key).await? {
        return if said == body_hash {
            Ok(known)
        } else {
            Err(RecurringError::FormReused)
        };
    }
    project.accepts_on(today)?;
    if let Some(plan) = plan {
        let found = store::plan(&mut tx, plan).await?;
        let found = found.filter(|plan| plan.project == project.id);
        has_place(&mut tx, found.ok_or(RecurringError::NotFound("plan"))?).await?;
    }
    let agreed = consent(&mut tx, project.unit_id, &services.tree).await?;
    let mandate = Mandate {
        id: MandateId::new(now, &*services.rng),
        unit: project.unit_id,
        project: project.id,
        plan,
        amount: wished.amount,
        day: wished.day,
        starts_on: today,
        ends_on: None,
        months: wished.months,
        anonymous: wished.anonymous,
        wants_news: wished.news,
        provider: wished.provider,
        language: Language(locale),
        contact: wished.contact.kind,
        index: crate::my_gifts::rules::index(&services.keys, &wished.contact),
        donor_sealed: Some(seal_donor(services, wished)),
        donor_masked: wished.name.as_deref().filter(|_| !wished.anonymous).map(mask::name),
        consent: (agreed.unit, agreed.version, consent_hash(&agreed)),
        state: MandateState::Waiting,
        state_at: now,
        next_due: rules::first_due(today, wished.day),
        created_at: now,
    };
    store::insert(&mut tx, &mandate, (key, body_hash)).await?;
    store::add_change(&mut tx, &mandate, (ByWhom::Donor, None, ""), now).await?;
    let body = json!({
        "project": hex(&project.id.bytes()),
        "plan": plan.map(|plan| hex(&plan.bytes())),
        "amount_fen": mandate.amount,
        "day": mandate.day,
        "months": mandate.months,
    });
    finish(tx, services, (&mandate, None), ("mandate.wished", body)).await?;
    Ok(mandate.id)
}

fn seal_donor(services: &Services, wished: &Wished) -> Vec<u8> {
    let contact = |kind| (wished.contact.kind == kind).then(|| wished.contact.text.clone());
    let donor = Donor {
        payer: Payer {
            name: wished.name.clone(),
            phone: contact(ContactKind::Phone),
            ..Payer::default()
        },
        email: contact(ContactKind::Email),
    };
    // A few optional texts are always JSON.
    let plain = serde_json::to_vec(&donor).unwrap_or_default();
    services.keys.seal(&plain, DONOR_PLACE, &*services.rng)
}

/// Name and contact of a mandate's donor; nothing once they were forgotten.
pub(crate) fn open_donor(services: &Services, mandate: &Mandate) -> Option<Donor> {
    let sealed = mandate.donor_sealed.as_ref()?;
    let opened = services.keys.open(sealed, DONOR_PLACE);
    let plain = opened.inspect_err(|error| tracing::error!(mandate = ?mandate.id, %error, "a donor stays sealed"));
    serde_json::from_slice(&plain.ok()?).ok()
}

/// The contact to which news are told; nothing once the agreement ended.
pub(crate) fn open_contact(services: &Services, agreement: &Agreement) -> Option<String> {
    let opened = services.keys.open(agreement.contact_sealed.as_ref()?, CONTACT_PLACE);
    let plain =
        opened.inspect_err(|error| tracing::error!(agreement = ?agreement.id, %error, "a contact stays sealed"));
    String::from_utf8(plain.ok()?).ok()
}

/// Refuses a plan that has no place; its row is to be held by the caller who takes one.
async fn has_place(tx: &mut Tx, plan: super::model::Plan) -> Result<(), RecurringError> {
    let taken = store::taken(tx, plan.id).await?;
    if plan.state == PlanState::Open && taken < plan.places {
        Ok(())
    } else {
        Err(RecurringError::PlanFull)
    }
}

/// The code was shown: the mandate runs from today, and a month that is open is asked for at once. Showing it again
/// changes nothing. Fact `mandate.started`.
///
/// # Errors
/// [`RecurringError::NotFound`] when it is not this donor's, [`RecurringError::PlanFull`], [`RecurringError::State`].
pub async fn confirm(giving: &State, session: &Session, id: MandateId) -> Result<Mandate, RecurringError> {
    let services = &giving.services;
    let now = services.now();
    let today = now.business_day();
    let mut tx = services.db.begin().await?;
    let mut mandate = own(&mut tx, session, id).await?;
    if mandate.state.runs() {
        return Ok(mandate);
    }
    mandate.state = rules::confirm(mandate.state)?;
    if let Some(plan) = mandate.plan {
        let plan = store::lock_plan(&mut tx, plan).await?;
        has_place(&mut tx, plan.ok_or(RecurringError::NotFound("plan"))?).await?;
    }
    mandate.state_at = now;
    mandate.starts_on = today;
    mandate.next_due = rules::first_due(today, mandate.day);
    mandate.ends_on = mandate
        .months
        .map(|months| rules::last_due(mandate.next_due, mandate.day, months));
    store::update(&mut tx, &mandate).await?;
    store::add_change(&mut tx, &mandate, (ByWhom::Donor, None, ""), now).await?;
    if mandate.wants_news {
        agree(&mut tx, services, &mandate).await?;
    }
    let body = json!({ "first_due": mandate.next_due, "ends_on": mandate.ends_on });
    finish(tx, services, (&mandate, None), ("mandate.started", body)).await?;
    months::look_after(giving, id).await?;
    Ok(mandate)
}

/// The agreement to be told of the project's progress, with the contact of the mandate.
async fn agree(tx: &mut Tx, services: &Services, mandate: &Mandate) -> Result<(), RecurringError> {
    let Some(donor) = open_donor(services, mandate) else {
        return Ok(());
    };
    let Some(contact) = donor.payer.phone.or(donor.email) else {
        return Ok(());
    };
    let agreement = Agreement {
        id: AgreementId::new(services.now(), &*services.rng),
        unit: mandate.unit,
        project: mandate.project,
        contact: mandate.contact,
        index: mandate.index.clone(),
        contact_sealed: Some(services.keys.seal(contact.as_bytes(), CONTACT_PLACE, &*services.rng)),
        language: mandate.language,
        agreed_at: services.now(),
        ended_at: None,
    };
    store::insert_agreement(tx, &agreement).await?;
    Ok(())
}

/// A mandate of this donor, held.
async fn own(tx: &mut Tx, session: &Session, id: MandateId) -> Result<Mandate, RecurringError> {
    let found = store::lock(tx, id).await?;
    found
        .filter(|m| m.contact == session.kind && m.index == session.index)
        .ok_or(RecurringError::NotFound("mandate"))
}

/// The donor changes her mandate. Fact `mandate.paused`, `mandate.resumed` or `mandate.ended`.
///
/// # Errors
/// [`RecurringError::NotFound`] when it is not hers, [`RecurringError::State`], [`RecurringError::Invalid`].
pub async fn change_own(
    giving: &State,
    session: &Session,
    id: MandateId,
    wanted: Wanted,
) -> Result<Mandate, RecurringError> {
    let mut tx = giving.services.db.begin().await?;
    let mandate = own(&mut tx, session, id).await?;
    change(tx, giving, mandate, (wanted, Who::Donor)).await
}

/// Staff change a donor's mandate, for a reason that is kept: she called, say. Facts as [`change_own`].
///
/// # Errors
/// [`RecurringError::Forbidden`], [`RecurringError::NotFound`], [`RecurringError::State`], [`RecurringError::Invalid`].
pub async fn change_for(
    giving: &State,
    by: &Actor,
    id: MandateId,
    (wanted, reason): (Wanted, &str),
) -> Result<Mandate, RecurringError> {
    by.require_somewhere(Permission::GiftReview)?;
    rules::line("reason", reason, REASON_CHARS_MAX)?;
    let mut tx = giving.services.db.begin().await?;
    let found = store::lock(&mut tx, id).await?;
    let mandate = found.ok_or(RecurringError::NotFound("mandate"))?;
    by.require(Permission::GiftReview, mandate.unit)
        .map_err(|_| RecurringError::NotFound("mandate"))?;
    change(tx, giving, mandate, (wanted, Who::Staff(by, reason.trim()))).await
}

/// Who wants a change.
enum Who<'w> {
    Donor,
    Staff(&'w Actor, &'w str),
}

async fn change(
    mut tx: Tx,
    giving: &State,
    mut mandate: Mandate,
    (wanted, who): (Wanted, Who<'_>),
) -> Result<Mandate, RecurringError> {
    let services = &giving.services;
    let now = services.now();
    let ended = match who {
        Who::Donor => EndReason::Donor,
        Who::Staff(..) => EndReason::Staff,
    };
    let (state, kind) = match wanted {
        Wanted::Pause(day) => (rules::pause(mandate.state, day, now.business_day())?, "mandate.paused"),
        Wanted::Resume => (rules::resume(mandate.state)?, "mandate.resumed"),
        Wanted::End => (rules::end(mandate.state, ended)?, "mandate.ended"),
    };
    mandate.state = state;
    mandate.state_at = now;
    let (by, actor, reason) = match who {
        Who::Donor => (ByWhom::Donor, None, ""),
        Who::Staff(actor, reason) => (ByWhom::Staff, Some(actor.id), reason),
    };
    store::update(&mut tx, &mandate).await?;
    store::add_change(&mut tx, &mandate, (by, actor, reason), now).await?;
    if wanted != Wanted::Resume {
        // What was to be said about her months is not said any more.
        store::drop_of(&mut tx, mandate.unit, mandate.id.bytes(), now).await?;
    }
    let body = json!({ "by": by, "state": mandate.state.as_str() });
    finish(tx, services, (&mandate, actor), (kind, body)).await?;
    if wanted == Wanted::Resume {
        months::look_after(giving, mandate.id).await?;
    }
    Ok(mandate)
}

/// Ends what nobody confirmed, forgets the donors of what ended long ago; how many of both.
pub(super) async fn tidy_up(services: &Services) -> Result<u64, RecurringError> {
    let now = services.now();
    let mut done = 0;
    let mut at = services.db.snapshot().await?;
    let stale = store::unconfirmed(&mut at, now.plus_micros(-WAIT_MICROS), ROUND).await?;
    let old = now.business_day().plus_days(-KEPT_DAYS).start();
    let over = store::to_forget(&mut at, old, ROUND).await?;
    drop(at);
    for id in stale {
        let mut tx = services.db.begin().await?;
        let Some(mut mandate) = store::lock(&mut tx, id).await? else {
            continue;
        };
        if mandate.state != MandateState::Waiting {
            continue;
        }
        mandate.state = rules::end(mandate.state, EndReason::Unconfirmed)?;
        mandate.state_at = now;
        store::update(&mut tx, &mandate).await?;
        store::add_change(&mut tx, &mandate, (ByWhom::Calendar, None, "unconfirmed"), now).await?;
        // Nobody showed that the contact is hers: it is not ours to keep.
        store::forget(&mut tx, &mandate).await?;
        finish(
            tx,
            services,
            (&mandate, None),
            ("mandate.ended", json!({ "by": ByWhom::Calendar })),
        )
        .await?;
        done += 1;
    }
    for id in over {
        let mut tx = services.db.begin().await?;
        let Some(mandate) = store::lock(&mut tx, id).await? else {
            continue;
        };
        if mandate.donor_sealed.is_none() {
            continue;
        }
        store::forget(&mut tx, &mandate).await?;
        finish(tx, services, (&mandate, None), ("mandate.forgotten", json!({}))).await?;
        done += 1;
    }
    Ok(done)
}

async fn finish(
    tx: Tx,
    services: &Services,
    (mandate, actor): (&Mandate, Option<kernel::ActorId>),
    (kind, body): (&'static str, Value),
) -> Result<(), RecurringError> {
    conclude_for(tx, services, (mandate.unit, mandate.id.bytes(), actor), (kind, body)).await
}

async fn conclude_for(
    tx: Tx,
    services: &Services,
    (unit, subject, actor): (UnitId, [u8; 16], Option<kernel::ActorId>),
    (kind, body): (&'static str, Value),
) -> Result<(), RecurringError> {
    let fact = NewFact {
        unit,
        kind,
        subject,
        actor,
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
