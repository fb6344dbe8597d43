//! Writing a notice, asking for it, publishing what was approved, correcting and withdrawing it.

mod files;

use db::{DbError, Tx};
use giving::{campaigns, projects};
use governance::approvals::CaseState;
use governance::approvals::actions::{self as approvals, Asking};
use governance::approvals::model::CaseId;
use governance::approvals::queries::{case, latest};
use kernel::UnitId;
use kernel::id::{Id as _, hex, public};
use platform::Services;
use platform::facts::{NewFact, append, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::approval::{self, KIND};
use super::error::NoticeError;
use super::model::{Draft, Notice, NoticeId, NoticeState, Publication};
use super::rules::{self, Named};
use super::store;
pub use files::{FILE_BYTES_MAX, add_file, file, remove_file};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "notice.drafted",
    "notice.changed",
    "notice.file_added",
    "notice.file_removed",
    "notice.dropped",
    PUBLISHED,
    WITHDRAWN,
];

/// The fact of a publication; it has an entry in the public log.
pub const PUBLISHED: &str = "notice.published";
/// The fact of a withdrawal; it has an entry in the public log.
pub const WITHDRAWN: &str = "notice.withdrawn";

/// Drafts that one unit has at a time: more hints at a script gone wrong.
const DRAFTS_MAX: i64 = 200;

/// Begins a notice; needs [`Permission::ApprovalRequest`]. Fact `notice.drafted`.
///
/// # Errors
/// [`NoticeError`]: not allowed, out of shape, a campaign or project that is none of the unit's.
pub async fn draft(services: &Services, by: &Actor, unit: UnitId, draft: Draft) -> Result<Notice, NoticeError> {
    by.require(Permission::ApprovalRequest, unit)?;
    let draft = checked(draft)?;
    let mut tx = services.db.begin().await?;
    if governance::network::store::unit(&mut tx, unit).await?.is_none() {
        return Err(NoticeError::NotFound("unit"));
    }
    check_named(&mut tx, services, unit, &draft).await?;
    check_room(&mut tx, unit).await?;
    let now = services.now();
    let notice = Notice {
        id: NoticeId::new(now, &*services.rng),
        unit,
        kind: draft.kind,
        campaign: draft.campaign,
        project: draft.project,
        texts: draft.texts,
        version: 1,
        corrects: None,
        state: NoticeState::Draft,
        created_by: by.id,
        created_at: now,
    };
    store::insert(&mut tx, &notice).await?;
    finish(tx, services, by, ("notice.drafted", &notice, json!({}))).await?;
    Ok(notice)
}

/// Writes a draft anew. The same again changes nothing. Fact `notice.changed`.
///
/// # Errors
/// [`NoticeError`]: not found, published or being decided, out of shape.
pub async fn change(services: &Services, by: &Actor, id: NoticeId, draft: Draft) -> Result<Notice, NoticeError> {
    let draft = checked(draft)?;
    let (mut tx, mut notice) = held(services, by, id).await?;
    rules::may_change(&notice, is_asked(&mut tx, &notice).await?)?;
    check_named(&mut tx, services, notice.unit, &draft).await?;
    let before = notice.clone();
    notice.kind = draft.kind;
    notice.campaign = draft.campaign;
    notice.project = draft.project;
    notice.texts = draft.texts;
    if notice == before {
        return Ok(notice);
    }
    store::rewrite(&mut tx, &notice).await?;
    finish(tx, services, by, ("notice.changed", &notice, json!({}))).await?;
    Ok(notice)
}

/// Gives up a draft. Repeating it changes nothing. Fact `notice.dropped`.
///
/// # Errors
/// [`NoticeError`]: not found, published or being decided.
pub async fn drop_draft(services: &Services, by: &Actor, id: NoticeId) -> Result<Notice, NoticeError> {
    let (mut tx, mut notice) = held(services, by, id).await?;
    if matches!(notice.state, NoticeState::Dropped { .. }) {
        return Ok(notice);
    }
    rules::may_change(&notice, is_asked(&mut tx, &notice).await?)?;
    notice.state = NoticeState::Dropped { at: services.now() };
    store::put_state(&mut tx, &notice).await?;
    finish(tx, services, by, ("notice.dropped", &notice, json!({}))).await?;
    Ok(notice)
}

/// Puts a draft before those who decide; from then on it does not change. Fact `approval.submitted`.
///
/// # Errors
/// [`NoticeError`]: not found, no draft, being decided, what it corrects no longer stands, or what the engine says.
pub async fn ask(services: &Services, by: &Actor, id: NoticeId, asking: Asking) -> Result<CaseId, NoticeError> {
    // Held, so that nothing changes under the case that is put.
    let (mut tx, notice) = held(services, by, id).await?;
    rules::may_change(&notice, is_asked(&mut tx, &notice).await?)?;
    corrected(&mut tx, &notice).await?;
    let files = store::files(&mut tx, id).await?;
    let sha256 = rules::fingerprint(&rules::text_of(&notice, &files, &named(services, &notice)));
    let new = approval::new_case(services, (&notice, &files), sha256, asking);
    Ok(approvals::submit_with(tx, services, by, new).await?)
}

/// Begins the correction of a version that stands: a draft with its words and files, under its number once approved. The
/// same again is the one that was begun. Fact `notice.drafted`.
///
/// # Errors
/// [`NoticeError`]: not found, not the version that stands.
pub async fn correct(services: &Services, by: &Actor, id: NoticeId) -> Result<Notice, NoticeError> {
    let (mut tx, before) = held(services, by, id).await?;
    rules::stands(&before)?;
    if let Some(known) = store::open_correction(&mut tx, id).await? {
        return Ok(known);
    }
    check_room(&mut tx, before.unit).await?;
    let now = services.now();
    let notice = Notice {
        id: NoticeId::new(now, &*services.rng),
        version: before.version + 1,
        corrects: Some(before.id),
        state: NoticeState::Draft,
        created_by: by.id,
        created_at: now,
        ..before
    };
    store::insert(&mut tx, &notice).await?;
    for (at, file) in (1..).zip(store::files(&mut tx, id).await?) {
        store::insert_file(&mut tx, (notice.id, at), &file).await?;
    }
    let body = json!({ "corrects": hex(&id.bytes()) });
    finish(tx, services, by, ("notice.drafted", &notice, body)).await?;
    Ok(notice)
}

/// Withdraws the version that stands; it stays listed with the reason. Needs [`Permission::ApprovalDecide`]: who only
/// writes does not unsay. Repeating it changes nothing. Fact `notice.withdrawn`.
///
/// # Errors
/// [`NoticeError`]: not found, not the version that stands, no reason.
pub async fn withdraw(services: &Services, by: &Actor, id: NoticeId, reason: &str) -> Result<Notice, NoticeError> {
    by.require_somewhere(Permission::ApprovalDecide)?;
    let reason = rules::check_reason(reason)?;
    let mut tx = services.db.begin().await?;
    let notice = store::hold(&mut tx, id).await?;
    let notice = notice.filter(|found| by.require(Permission::ApprovalDecide, found.unit).is_ok());
    let mut notice = notice.ok_or(NoticeError::NotFound("notice"))?;
    if matches!(notice.state, NoticeState::Withdrawn { .. }) {
        return Ok(notice);
    }
    rules::stands(&notice)?;
    let Some(publication) = notice.state.publication().copied() else {
        return Err(NoticeError::State(notice.state.word()));
    };
    notice.state = NoticeState::Withdrawn {
        publication,
        at: services.now(),
        reason,
    };
    store::put_state(&mut tx, &notice).await?;
    finish(tx, services, by, (WITHDRAWN, &notice, json!({}))).await?;
    Ok(notice)
}

/// Publishes a draft that a case approved, in the reaction's transaction: its number, its fingerprint, and the mark on the
/// version it corrects. Fact `notice.published`, by nobody.
///
/// What cannot be published any more (another text than the case decided about, a version that no longer stands) stays a
/// draft, and its log says why.
///
/// # Errors
/// Any [`DbError`].
pub(super) async fn publish(tx: &mut Tx, services: &Services, id: NoticeId, by: CaseId) -> Result<(), DbError> {
    let Some(notice) = store::hold(tx, id).await?.filter(|one| one.state == NoticeState::Draft) else {
        return Ok(());
    };
    let files = store::files(tx, id).await?;
    let sha256 = rules::fingerprint(&rules::text_of(&notice, &files, &named(services, &notice)));
    let decided = case(tx, by).await?;
    let is_same = decided.is_some_and(|case| case.details["sha256"] == hex(&sha256));
    let before = match corrected(tx, &notice).await {
        Ok(before) => before,
        Err(NoticeError::Db(error)) => return Err(error),
        Err(error) => {
            tracing::warn!(notice = ?id, %error, "an approved correction is not published");
            return Ok(());
        }
    };
    if !is_same {
        tracing::warn!(notice = ?id, "an approved notice is not published: its text is not the one that was decided");
        return Ok(());
    }
    let now = services.now();
    let (year, number) = match before.as_ref().and_then(|before| before.state.publication()) {
        Some(first) => (first.year, first.number),
        None => {
            let year = i64::from(now.business_day().year());
            (year, store::take_number(tx, notice.unit, year).await?)
        }
    };
    let publication = Publication {
        year,
        number,
        at: now,
        sha256,
    };
    let fact = NewFact {
        unit: notice.unit,
        kind: PUBLISHED,
        subject: id.bytes(),
        actor: None,
        body: json!({
            "kind": notice.kind.as_str(),
            "year": year,
            "number": number,
            "version": notice.version,
            "sha256": hex(&sha256),
            "corrects": notice.corrects.map(|id| hex(&id.bytes())),
            "approval": hex(&by.bytes()),
        }),
    };
    let fact = append(tx, fact, services).await?;
    store::publish(tx, id, &publication, fact).await?;
    if let Some(mut before) = before
        && let Some(publication) = before.state.publication().copied()
    {
        before.state = NoticeState::Corrected {
            publication,
            by: id,
            at: now,
        };
        store::put_state(tx, &before).await?;
    }
    Ok(())
}

/// The version a draft corrects, held; nothing for a first version.
async fn corrected(tx: &mut Tx, notice: &Notice) -> Result<Option<Notice>, NoticeError> {
    let Some(id) = notice.corrects else { return Ok(None) };
    let before = store::hold(tx, id).await?.ok_or(NoticeError::Outdated)?;
    rules::stands(&before).map_err(|_| NoticeError::Outdated)?;
    Ok(Some(before))
}

/// The public ids that a notice's text names.
pub fn named(services: &Services, notice: &Notice) -> Named {
    let keys = &*services.keys;
    Named {
        notice: public(keys, notice.id),
        unit: public(keys, notice.unit),
        campaign: notice.campaign.map(|id| public(keys, id)),
        project: notice.project.map(|id| public(keys, id)),
        corrects: notice.corrects.map(|id| public(keys, id)),
    }
}

fn checked(draft: Draft) -> Result<Draft, NoticeError> {
    let texts = rules::cleaned(&draft.texts);
    rules::check_texts(&texts)?;
    Ok(Draft { texts, ..draft })
}

/// A campaign is the unit's own; a project is its own or of a unit below it. Neither is a draft.
async fn check_named(tx: &mut Tx, services: &Services, unit: UnitId, draft: &Draft) -> Result<(), NoticeError> {
    if let Some(id) = draft.campaign {
        let found = campaigns::queries::campaign(tx, id).await?;
        if !found.is_some_and(|one| one.unit == unit && one.state.is_public()) {
            return Err(NoticeError::Invalid {
                field: "campaign",
                why: "a campaign of this unit that was filed",
            });
        }
    }
    if let Some(id) = draft.project {
        let found = projects::queries::project(tx, id).await?;
        let is_own = |one: &projects::Project| services.tree.is_within(one.unit, unit);
        if !found.is_some_and(|one| is_own(&one) && one.state != projects::ProjectState::Draft) {
            return Err(NoticeError::Invalid {
                field: "project",
                why: "a project of this unit, or of one below it, that was opened",
            });
        }
    }
    Ok(())
}

async fn check_room(tx: &mut Tx, unit: UnitId) -> Result<(), NoticeError> {
    if store::drafts_of(tx, unit).await? >= DRAFTS_MAX {
        return Err(NoticeError::Invalid {
            field: "unit",
            why: "at most 200 drafts of a unit at a time; give up those that nobody needs",
        });
    }
    Ok(())
}

/// The notice, held, if the actor may write notices of its unit; else it does not exist for her.
async fn held(services: &Services, by: &Actor, id: NoticeId) -> Result<(Tx, Notice), NoticeError> {
    by.require_somewhere(Permission::ApprovalRequest)?;
    let mut tx = services.db.begin().await?;
    let notice = store::hold(&mut tx, id).await?;
    let notice = notice.filter(|found| by.require(Permission::ApprovalRequest, found.unit).is_ok());
    Ok((tx, notice.ok_or(NoticeError::NotFound("notice"))?))
}

/// Whether a case about it is being decided, or has approved it.
async fn is_asked(tx: &mut Tx, notice: &Notice) -> Result<bool, DbError> {
    let case = latest(tx, notice.unit, KIND, approval::subject(notice.id)).await?;
    Ok(case.is_some_and(|case| matches!(case.state, CaseState::Open | CaseState::SentBack | CaseState::Approved)))
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, notice, mut body): (&'static str, &Notice, serde_json::Value),
) -> Result<(), NoticeError> {
    body["version"] = notice.version.into();
    let fact = NewFact {
        unit: notice.unit,
        kind,
        subject: notice.id.bytes(),
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
