//! Giving a copy: to the donor who showed a code, to an officer with a reason. The fact comes first.

use std::collections::{BTreeSet, HashMap};

use db::Reads;
use kernel::id::{Id as _, hex, public};
use kernel::{GiftId, ProjectId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;
use web::Locale;

use super::error::CopyError;
use super::model::{CHANGES_MAX, CopyId, CopyReason, Document, Form, GIFTS_MAX, LOOKED_AT_MAX, Record, Section};
use super::{rules, store};
use crate::donations::queries::GiftFacts;
use crate::donations::{Payer, certificate_id, sealed};
use crate::donor_way::{self, model::Receipt};
use crate::my_gifts::model::{EVER_MONTHS, PAGE_GIFTS};
use crate::my_gifts::{self, Session};
use crate::{projects, recurring};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["personal.copied"];

/// A copy on its way out.
pub struct Given {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How it is written.
    pub form: Form,
}

/// Who takes a copy.
enum By<'a> {
    /// The donor herself.
    Donor,
    /// An officer, who sees her units alone.
    Officer(&'a Actor, CopyReason),
}

/// A donor's own copy: who showed the right code is she. Fact `personal.copied`.
///
/// # Errors
/// [`CopyError`].
pub async fn own(
    services: &Services,
    session: &Session,
    before: Option<GiftId>,
    written: (Form, Locale),
) -> Result<Given, CopyError> {
    give(services, session, (By::Donor, before), written).await
}

/// A copy that an officer takes; needs [`Permission::PersonalManage`], and holds what stands in units where she has it.
/// Fact `personal.copied`, with the reason.
///
/// # Errors
/// [`CopyError`]: not allowed, no contact, nothing held in her units.
pub async fn taken(
    services: &Services,
    by: &Actor,
    (contact, reason): (&str, CopyReason),
    before: Option<GiftId>,
    written: (Form, Locale),
) -> Result<Given, CopyError> {
    by.require_somewhere(Permission::PersonalManage)?;
    let contact = my_gifts::rules::contact(contact).ok_or(CopyError::Invalid {
        field: "contact",
        why: "a telephone or an e-mail",
    })?;
    let session = Session {
        kind: contact.kind,
        index: my_gifts::rules::index(&services.keys, &contact),
        expires_at: services.now(),
    };
    give(services, &session, (By::Officer(by, reason), before), written).await
}

async fn give(
    services: &Services,
    session: &Session,
    (by, before): (By<'_>, Option<GiftId>),
    (form, locale): (Form, Locale),
) -> Result<Given, CopyError> {
    let root = services.tree.roots().first().copied().ok_or(CopyError::NoRoot)?;
    let may = |unit: UnitId| match &by {
        By::Donor => true,
        By::Officer(actor, _) => actor.require(Permission::PersonalManage, unit).is_ok(),
    };
    let mut at = services.db.snapshot().await?;
    let (document, about) = collect(&mut at, services, session, (before, &may)).await?;
    let house = governance::network::queries::unit(&mut at, root).await?;
    drop(at);
    let is_empty = document.sections.iter().all(|section| section.records.is_empty());
    // A later part may well be empty, and a part that ended early says nothing of what comes.
    let is_whole = before.is_none() && document.more.is_none();
    if is_empty && is_whole && matches!(by, By::Officer(..)) {
        return Err(CopyError::Nothing);
    }
    let next = document.more.map(|id| public(&*services.keys, certificate_id(id)));
    let house = house.map(|unit| unit.name).unwrap_or_default();
    let bytes = rules::written(&document, (form, locale), (&house, next.as_deref()))?;
    let count = |key: &str| {
        let section = document.sections.iter().find(|section| section.key == key);
        section.map_or(0, |section| section.records.len())
    };
    let (actor, reason) = match by {
        By::Donor => (None, None),
        By::Officer(actor, reason) => (Some(actor.id), Some(reason)),
    };
    let body = json!({
        "reason": reason,
        "form": form,
        "gifts": count("gifts"),
        "mandates": count("mandates"),
        "news": count("news"),
        // By which whoever audits finds the donor's gifts; nothing of hers stands here.
        "newest_gift": about.gift.map(|gift| hex(&gift.bytes())),
    });
    let fact = NewFact {
        unit: about.unit.unwrap_or(root),
        kind: "personal.copied",
        subject: CopyId::new(services.now(), &*services.rng).bytes(),
        actor,
        body,
    };
    // Before anything leaves the house: a copy nobody knows of cannot be.
    let tx = services.db.begin().await?;
    conclude(tx, fact, services).await?;
    Ok(Given { bytes, form })
}

/// What a copy is about, for its fact.
#[derive(Default)]
struct About {
    unit: Option<UnitId>,
    gift: Option<GiftId>,
}

async fn collect(
    at: &mut db::Snapshot,
    services: &Services,
    session: &Session,
    (before, may): (Option<GiftId>, &(impl Fn(UnitId) -> bool + Sync)),
) -> Result<(Document, About), CopyError> {
    let as_of = services.now();
    let mut titles = Titles::default();
    let mut about = About::default();
    let (mut gifts, mut forms, mut wishes) = (Vec::new(), Vec::new(), Vec::new());
    let mut agreed: BTreeSet<(UnitId, i64)> = BTreeSet::new();
    let (found, more) = read_gifts(at, session, (as_of.business_day(), before), may).await?;
    let ids: Vec<GiftId> = found.iter().map(|gift| gift.id).collect();
    let secrets: HashMap<GiftId, sealed::Sealed> = sealed::load_many(at, &ids).await?.into_iter().collect();
    for gift in found {
        about.unit.get_or_insert(gift.unit);
        about.gift.get_or_insert(gift.id);
        let payer = match secrets.get(&gift.id) {
            Some(sealed) => match sealed.secret(services)? {
                Some(secret) => sealed.payer(&secret)?,
                None => Payer::default(),
            },
            None => Payer::default(),
        };
        let number = public(&*services.keys, certificate_id(gift.id));
        for form in store::forms(at, gift.id).await? {
            agreed.insert(form.consent);
            forms.push(form_record(services, &number, form)?);
        }
        for (reason, state, wished_at) in store::wishes(at, (gift.unit, gift.id)).await? {
            let mut record = Record::default();
            record.text("certificate", Some(number.clone()));
            record.word("reason", "my.wish", &reason);
            record.word("state", "copy.wish", &state);
            record.text("at", Some(wished_at.to_rfc3339()));
            wishes.push(record);
        }
        let title = titles.of(at, gift.project).await?;
        gifts.push(gift_record(gift, payer, (number, title)));
    }
    let mut mandates = Vec::new();
    let mut news = Vec::new();
    // Once, with the first part.
    if before.is_none() {
        for view in recurring::queries::of_donor(at, session).await? {
            if may(view.mandate.unit) {
                about.unit.get_or_insert(view.mandate.unit);
                let title = titles.of(at, view.mandate.project).await?;
                agreed.insert((view.mandate.consent.0, view.mandate.consent.1));
                mandates.push(mandate_record(at, services, (&view, title)).await?);
            }
        }
        for agreement in recurring::queries::agreements_of(at, session).await? {
            if may(agreement.unit) {
                about.unit.get_or_insert(agreement.unit);
                let mut record = Record::default();
                record.text("project", Some(titles.of(at, agreement.project).await?));
                let contact = recurring::actions::open_contact(services, &agreement);
                record.text("contact", contact);
                record.text("language", Some(agreement.language.0.tag().to_owned()));
                record.text("agreed_at", Some(agreement.agreed_at.to_rfc3339()));
                record.text("ended_at", agreement.ended_at.map(|at| at.to_rfc3339()));
                news.push(record);
            }
        }
    }
    let mut consents = Vec::with_capacity(agreed.len());
    for (unit, version) in agreed {
        let mut record = Record::default();
        record.text("consent_version", Some(version.to_string()));
        let words = donor_way::queries::consent_version(at, unit, version).await?;
        record.text("consent", words.as_ref().map(|consent| consent.words_zh.clone()));
        record.text("consent_en", words.map(|consent| consent.words_en));
        consents.push(record);
    }
    let section = |key, records| Section { key, records };
    let document = Document {
        as_of,
        sections: vec![
            section("gifts", gifts),
            section("forms", forms),
            section("consents", consents),
            section("wishes", wishes),
            section("mandates", mandates),
            section("news", news),
        ],
        more,
    };
    Ok((document, about))
}

/// At most [`GIFTS_MAX`] gifts that may be seen, newest first, and after which to go on where there are older ones.
pub(crate) async fn read_gifts(
    at: &mut impl Reads,
    session: &Session,
    (today, before): (kernel::BusinessDay, Option<GiftId>),
    may: &(impl Fn(UnitId) -> bool + Sync),
) -> Result<(Vec<GiftFacts>, Option<GiftId>), CopyError> {
    let mut all: Vec<GiftFacts> = Vec::new();
    let mut mark = before;
    let mut looked_at = 0;
    loop {
        let (page, next) = my_gifts::queries::gifts(at, session, (today, EVER_MONTHS), mark).await?;
        looked_at += PAGE_GIFTS;
        all.extend(page.into_iter().filter(|gift| may(gift.unit)));
        mark = next;
        let has_room = all.len() + PAGE_GIFTS <= GIFTS_MAX && looked_at < LOOKED_AT_MAX;
        if next.is_none() || !has_room {
            // Of a gift that stands elsewhere not even its number is said, where it can be helped.
            let more = next.map(|mark| all.last().map_or(mark, |gift| gift.id));
            return Ok((all, more));
        }
    }
}

fn gift_record(gift: GiftFacts, payer: Payer, (number, project): (String, String)) -> Record {
    let mut record = Record::default();
    record.text("certificate", Some(number));
    record.text("day", Some(gift.business_day.to_string()));
    record.text("paid_at", Some(gift.paid_at.to_rfc3339()));
    record.money("amount", gift.amount);
    if gift.refunded.is_positive() {
        record.money("refunded", gift.refunded);
    }
    record.text("project", Some(project));
    record.word("channel", "console.channel", gift.channel.as_str());
    record.text("trade_no", Some(gift.trade_no));
    record.word("source", "console.source", &gift.source);
    record.text("name", payer.name);
    record.text("on_behalf_of", payer.on_behalf_of);
    record.text("phone", payer.phone);
    record.text("payer_id", payer.id);
    record.text("memo", payer.memo);
    record.text("shown_name", gift.shown_name);
    let shown = if gift.anonymous { "anonymous" } else { "shown" };
    record.word("shown", "copy.shown", shown);
    if let Some(wish) = gift.receipt_wish {
        record.word("receipt", "copy.receipt", wish.as_str());
    }
    record
}

fn form_record(services: &Services, number: &str, form: store::FormRow) -> Result<Record, CopyError> {
    let mut record = Record::default();
    record.text("certificate", Some(number.to_owned()));
    record.text("at", Some(form.created_at.to_rfc3339()));
    record.text("provider", Some(form.provider));
    record.text("consent_version", Some(form.consent.1.to_string()));
    if let (Some(sealed), false) = (&form.receipt_sealed, form.secret_wrapped.is_empty()) {
        let secret = services.keys.gift_secret(&form.secret_wrapped)?;
        let plain = secret.open(donor_way::actions::RECEIPT, sealed)?;
        let receipt: Receipt = serde_json::from_slice(&plain).unwrap_or_default();
        record.text("company", receipt.company);
        record.text("tax_no", receipt.tax_no);
        record.text("email", receipt.email);
    }
    if let Some((sealed, state)) = form.words {
        let words = donor_way::queries::open_words(&sealed, &services.keys)?;
        record.text("words", Some(words));
        record.word("words_state", "console.state", &state);
    }
    Ok(record)
}

async fn mandate_record(
    at: &mut impl Reads,
    services: &Services,
    (view, project): (&recurring::queries::MandateView, String),
) -> Result<Record, CopyError> {
    let mandate = &view.mandate;
    let mut record = Record::default();
    record.text("project", Some(project));
    record.money("amount", mandate.amount);
    record.text("day_of_month", Some(mandate.day.to_string()));
    record.text("starts_on", Some(mandate.starts_on.to_string()));
    record.text("ends_on", mandate.ends_on.map(|day| day.to_string()));
    record.word("state", "mandate.state", mandate.state.as_str());
    if let Some(donor) = recurring::actions::open_donor(services, mandate) {
        record.text("name", donor.payer.name);
        record.text("phone", donor.payer.phone);
        record.text("email", donor.email);
    }
    record.text("shown_name", mandate.donor_masked.clone());
    record.text("language", Some(mandate.language.0.tag().to_owned()));
    record.text("at", Some(mandate.created_at.to_rfc3339()));
    record.text("consent_version", Some(mandate.consent.1.to_string()));
    for change in recurring::queries::changes(at, mandate).await?.iter().take(CHANGES_MAX) {
        let text = format!("{} {} {}", change.at.to_rfc3339(), change.state, change.reason);
        record.text("change", Some(text));
    }
    Ok(record)
}

/// Titles of projects, each read once.
#[derive(Default)]
struct Titles(HashMap<ProjectId, String>);

impl Titles {
    async fn of(&mut self, at: &mut impl Reads, id: ProjectId) -> Result<String, CopyError> {
        if let Some(title) = self.0.get(&id) {
            return Ok(title.clone());
        }
        let project = projects::queries::project(at, id).await?;
        let title = project.map(|project| project.title).unwrap_or_default();
        self.0.insert(id, title.clone());
        Ok(title)
    }
}
