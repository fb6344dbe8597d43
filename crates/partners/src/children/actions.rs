//! Opening a list, taking a sheet in, withdrawing a consent, handing sets out, closing the list. Each is one transaction with
//! one fact.

use db::DbError;
use giving::donations::mask;
use kernel::ParameterValue;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Child, ChildList, ListState, NewList, Outcome, Proof, RefusedRow};
use super::rules::{self, ROWS_MAX, Sizes};
use super::store::{self, HandedOver, Sealed};
use crate::agreements::{AgreementState, rules as agreements, store as agreement_store};
use crate::error::{PartnerError, check_line, in_scope, invalid};
use crate::files::actions::of_unit;
use crate::ports::Ports;
use crate::told::{Told, finish};
use crate::{ChildId, HandedId, ListId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "partner.list_opened",
    "partner.children_added",
    "partner.consent_withdrawn",
    "partner.set_handed",
    "partner.list_closed",
];
/// Where a child's name is sealed for.
pub const NAME_PLACE: &str = "partner_child.name";
/// Where a guardian's name is sealed for.
pub const GUARDIAN_PLACE: &str = "partner_child.guardian";
/// The largest sheet.
pub const SHEET_BYTES_MAX: usize = 4 * 1024 * 1024;
const NAME_BLIND: &str = "partner child name";
const CODE_BLIND: &str = "partner child code";

fn told(list: &ChildList, kind: &'static str) -> Told<ListId> {
    Told {
        unit: list.unit,
        kind,
        subject: list.id,
        body: json!({ "agreement": hex(&list.agreement.bytes()), "state": list.state }),
    }
}

/// Opens a list under a running agreement; needs [`Permission::PartnerManage`]. The same key again is the same list. Fact
/// `partner.list_opened`.
///
/// # Errors
/// [`PartnerError::State`], [`PartnerError::Taken`].
pub async fn open(services: &Services, by: &Actor, new: &NewList) -> Result<ChildList, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_line("key", &new.key, 1)?;
    check_line("title", &new.title, 1)?;
    check_line("school", &new.school, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let agreement = agreement_store::agreement(&mut tx, new.agreement)
        .await?
        .ok_or(PartnerError::NotFound("agreement"))?;
    in_scope(by, Permission::PartnerManage, (agreement.unit, "agreement"))?;
    if let Some(known) = store::list_by_key(&mut tx, agreement.unit, &new.key).await? {
        let same = (known.agreement, known.title.as_str()) == (new.agreement, new.title.trim());
        return if same {
            Ok(known)
        } else {
            Err(PartnerError::Taken("list"))
        };
    }
    agreements::in_state(&agreement, AgreementState::Running)?;
    let list = ChildList {
        id: ListId::new(now, &*services.rng),
        unit: agreement.unit,
        agreement: agreement.id,
        title: new.title.trim().to_owned(),
        school: new.school.trim().to_owned(),
        state: ListState::Open,
        made_at: now,
    };
    let written = store::insert_list(&mut tx, &list, (&new.key, by.id)).await;
    written.map_err(|error| match error {
        DbError::Duplicate(_) => PartnerError::Taken("list"),
        other => other.into(),
    })?;
    finish(tx, services, by, told(&list, "partner.list_opened")).await?;
    Ok(list)
}

/// What a sheet came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// Children added; none when a row was refused.
    pub added: i64,
    /// Children that stood on the list already.
    pub known: i64,
    /// Rows that cannot be taken.
    pub refused: Vec<RefusedRow>,
}

async fn sizes(services: &Services) -> Result<Sizes, PartnerError> {
    let mut at = services.db.snapshot().await?;
    let table = platform::parameters::load(&mut at).await?;
    let day = services.now().business_day();
    let garments = match &table.at("partner.garment_sizes_cm", day)?.value {
        ParameterValue::Steps(steps) => steps.clone(),
        _ => Vec::new(),
    };
    Ok(Sizes {
        garments,
        shoe_step: table.whole("partner.shoe_step_mm", day)?.unwrap_or(5),
    })
}

/// Takes a school's sheet in; needs [`Permission::PartnerManage`]. A sheet with a row that cannot be taken changes nothing:
/// the rows are named. The same sheet again adds nothing. Fact `partner.children_added`.
///
/// # Errors
/// [`PartnerError::Sheet`] for what is no sheet, [`PartnerError::State`] once ordered.
pub async fn take_in(ports: &Ports, by: &Actor, id: ListId, bytes: Vec<u8>) -> Result<TakenIn, PartnerError> {
    let services = &ports.services;
    by.require_somewhere(Permission::PartnerManage)?;
    let mut at = services.db.snapshot().await?;
    let list = store::list(&mut at, id).await?.ok_or(PartnerError::NotFound("list"))?;
    in_scope(by, Permission::PartnerManage, (list.unit, "list"))?;
    drop(at);
    let sheets = std::sync::Arc::clone(&ports.sheets);
    let read = tokio::task::spawn_blocking(move || sheets.rows(&bytes)).await;
    let rows = read
        .map_err(|_| PartnerError::Sheet("reading it was cut off".into()))?
        .map_err(|error| PartnerError::Sheet(error.0))?;
    if rows.len() > ROWS_MAX {
        return Err(PartnerError::Sheet("it has more than 5,000 rows".into()));
    }
    let now = services.now();
    let read = rules::read(&rows, &sizes(services).await?, now.business_day());
    let (children, refused) = read.ok_or_else(|| {
        PartnerError::Sheet("no headings 姓名, 年级, 身高, 鞋号, 监护人, 同意日期 in its first rows".into())
    })?;
    if !refused.is_empty() {
        return Ok(TakenIn {
            added: 0,
            known: 0,
            refused,
        });
    }
    let mut tx = services.db.begin().await?;
    let list = store::lock_list(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("list"))?;
    if list.state != ListState::Open {
        return Err(PartnerError::State {
            state: list.state.as_str(),
            wanted: "open",
        });
    }
    let mut n = store::last(&mut tx, id).await?;
    let (mut added, mut known) = (0, 0);
    for child in &children {
        let blind = services
            .keys
            .blind_index(NAME_BLIND, &format!("{}\n{}", child.name, child.grade));
        if store::is_known(&mut tx, id, &blind).await? {
            known += 1;
            continue;
        }
        n += 1;
        added += 1;
        let sealed = Sealed {
            shown: mask::name(&child.name),
            name: services.keys.seal(child.name.as_bytes(), NAME_PLACE, &*services.rng),
            blind,
            guardian: services
                .keys
                .seal(child.guardian.as_bytes(), GUARDIAN_PLACE, &*services.rng),
        };
        let child_id = ChildId::new(now, &*services.rng);
        store::insert(&mut tx, &list, (child_id, n, child), sealed).await?;
    }
    let mut told = told(&list, "partner.children_added");
    told.body["added"] = added.into();
    told.body["known"] = known.into();
    finish(tx, services, by, told).await?;
    Ok(TakenIn { added, known, refused })
}

/// A guardian withdraws the consent: the names are gone for good. Fact `partner.consent_withdrawn`.
///
/// # Errors
/// [`PartnerError::NotFound`].
pub async fn withdraw(services: &Services, by: &Actor, id: ChildId) -> Result<(), PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let child = store::lock(&mut tx, id).await?.ok_or(PartnerError::NotFound("child"))?;
    in_scope(by, Permission::PartnerManage, (child.unit, "child"))?;
    if child.withdrawn_at.is_some() {
        return Ok(());
    }
    let list = store::list(&mut tx, child.list)
        .await?
        .ok_or(PartnerError::NotFound("list"))?;
    let empty = |place| services.keys.seal(b"", place, &*services.rng);
    // The mark must stay unique on the list and lead to nobody: the id of the row does.
    let mark = id.bytes();
    let gone = (empty(NAME_PLACE), empty(GUARDIAN_PLACE), &mark[..]);
    store::withdraw(&mut tx, id, gone, now).await?;
    let mut told = told(&list, "partner.consent_withdrawn");
    told.body["child"] = hex(&id.bytes()).into();
    finish(tx, services, by, told).await?;
    Ok(())
}

/// The six digits on a child's slip.
pub(crate) fn code_of(services: &Services, id: ChildId) -> String {
    let mark = services.keys.blind_index(CODE_BLIND, &hex(&id.bytes()));
    let number = mark
        .iter()
        .take(4)
        .fold(0u32, |sum, byte| sum.wrapping_shl(8) | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}

/// A slip that goes home: name in clear, and the code with which the set is fetched.
pub struct Slip {
    /// The place on the list.
    pub n: i64,
    /// The name.
    pub name: String,
    /// 三年级二班.
    pub grade: String,
    /// Six digits.
    pub code: String,
}

/// Slips of one list.
const SLIPS_MAX: i64 = 5_000;

/// The slips of a list, with names in clear, for who manages partner regions.
///
/// # Errors
/// [`PartnerError::NotFound`], [`PartnerError::Key`].
pub async fn slips(services: &Services, by: &Actor, id: ListId) -> Result<Vec<Slip>, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    let mut at = services.db.snapshot().await?;
    let list = store::list(&mut at, id).await?.ok_or(PartnerError::NotFound("list"))?;
    in_scope(by, Permission::PartnerManage, (list.unit, "list"))?;
    let mut slips = Vec::new();
    for (child, sealed) in store::names(&mut at, id, SLIPS_MAX).await? {
        let name = services.keys.open(&sealed, NAME_PLACE)?;
        slips.push(Slip {
            n: child.n,
            name: String::from_utf8_lossy(&name).into_owned(),
            grade: child.grade,
            code: code_of(services, child.id),
        });
    }
    Ok(slips)
}

/// What became of a child's set.
#[derive(Debug, Clone)]
pub struct Said {
    /// What.
    pub outcome: Outcome,
    /// Why it was not handed out.
    pub words: String,
    /// The signature, as a picture.
    pub signature: Option<HandedId>,
    /// The code on the slip.
    pub code: Option<String>,
}

/// Says what became of a child's set, once its purchase was received; it may be said anew until the list is closed. Fact
/// `partner.set_handed`.
///
/// # Errors
/// [`PartnerError::Invalid`] without a signature or the right code, or without a reason where it was not handed out.
pub async fn hand(services: &Services, by: &Actor, id: ChildId, said: &Said) -> Result<Child, PartnerError> {
    by.require_somewhere(Permission::PartnerPurchase)?;
    check_line("words", &said.words, 0)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let child = store::lock(&mut tx, id).await?.ok_or(PartnerError::NotFound("child"))?;
    in_scope(by, Permission::PartnerPurchase, (child.unit, "child"))?;
    let list = store::list(&mut tx, child.list)
        .await?
        .ok_or(PartnerError::NotFound("list"))?;
    let bought = store::purchase_state(&mut tx, list.id).await?;
    let here = bought.is_some_and(|state| ["received", "invoiced", "paid"].contains(&state.as_str()));
    if list.state != ListState::Ordered || !here || child.withdrawn_at.is_some() {
        return Err(PartnerError::State {
            state: if child.withdrawn_at.is_some() {
                "without consent"
            } else {
                list.state.as_str()
            },
            wanted: "ordered and received",
        });
    }
    let proof = match (said.outcome, said.signature, &said.code) {
        (Outcome::Waiting, ..) => return Err(invalid("outcome", "handed, absent, wrong_size or declined")),
        (Outcome::Handed, Some(file), _) => {
            of_unit(&mut tx, file, child.unit).await?;
            Some(Proof::Signature)
        }
        (Outcome::Handed, None, Some(code)) if code.trim() == code_of(services, id) => Some(Proof::Code),
        (Outcome::Handed, ..) => return Err(invalid("code", "a signature, or the code on the slip")),
        (..) if said.words.trim().is_empty() => return Err(invalid("words", "why it was not handed out")),
        _ => None,
    };
    let handed = HandedOver {
        outcome: said.outcome,
        words: said.words.trim(),
        proof,
        file: said.signature.filter(|_| proof == Some(Proof::Signature)),
    };
    store::hand(&mut tx, id, &handed, (by.id, now)).await?;
    let mut told = told(&list, "partner.set_handed");
    told.body["child"] = hex(&id.bytes()).into();
    told.body["outcome"] = said.outcome.as_str().into();
    finish(tx, services, by, told).await?;
    Ok(Child {
        outcome: said.outcome,
        words: said.words.trim().to_owned(),
        proof,
        handed_at: Some(now),
        ..child
    })
}

/// Closes a list, when every child is fitted or explained. Fact `partner.list_closed`.
///
/// # Errors
/// [`PartnerError::Unexplained`], [`PartnerError::State`] before it was ordered.
pub async fn close(services: &Services, by: &Actor, id: ListId) -> Result<ChildList, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut list = store::lock_list(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("list"))?;
    in_scope(by, Permission::PartnerManage, (list.unit, "list"))?;
    match list.state {
        ListState::Closed => return Ok(list),
        ListState::Open => {
            return Err(PartnerError::State {
                state: "open",
                wanted: "ordered",
            });
        }
        ListState::Ordered => {}
    }
    let waiting = store::waiting(&mut tx, id).await?;
    if waiting > 0 {
        return Err(PartnerError::Unexplained(waiting));
    }
    store::close(&mut tx, id, now).await?;
    list.state = ListState::Closed;
    finish(tx, services, by, told(&list, "partner.list_closed")).await?;
    Ok(list)
}
