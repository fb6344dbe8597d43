//! Starting, opening, describing and closing teams; tags; names on a wall; what orders and notices say.

use db::{Reads, Tx};
use governance::duty::rules::mask_phone;
use kernel::id::{Id as _, from_public, hex};
use kernel::{Fen, GiftId, ProjectId, RegionCode, TeamId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission, RevealReason};
use serde_json::json;

use super::attribution::{Attribution, Tags};
use super::error::TeamError;
use super::model::{ChannelTag, NewTeam, Starter, Team, TeamState};
use super::rules;
use super::store::{self, Payment};
use crate::donations::{Incoming, mask};
use crate::my_gifts::{self, Session};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "team.started",
    "team.opened",
    "team.described",
    "team.closed",
    "team.starter_revealed",
    "team.starter_erased",
    "tag.created",
    "notice.attributed",
    "wall.moderated",
];
/// Where a starter is sealed for.
pub(crate) const STARTER_PLACE: &str = "team.starter";
/// Teams whose starters are looked through for one contact: some 20 ms of opening, more teams than a province has.
const STARTERS_MAX: i64 = 20_000;
/// The longest label of a tag.
const LABEL_CHARS_MAX: usize = 60;

/// Starts a team as a draft. The same key with the same team is answered with the first. Fact `team.started`.
///
/// # Errors
/// [`TeamError`]: no such project or county, closed, a field out of shape.
pub async fn start(services: &Services, new: NewTeam) -> Result<Team, TeamError> {
    rules::check(&new.title, &new.words, new.target)?;
    rules::check_starter(&new.starter, &new.key)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let project = crate::projects::store::intake_project_by_code(&mut tx, &new.project)
        .await?
        .ok_or(TeamError::NotFound("project"))?;
    project.accepts_on(now.business_day())?;
    let unit = new.county.unwrap_or(project.unit_id);
    if !services.tree.is_within(unit, project.unit_id) {
        return Err(TeamError::Invalid {
            field: "county",
            why: "a unit of the project's society or below it",
        });
    }
    let team = Team {
        id: TeamId::new(now, &*services.rng),
        unit,
        project: project.id,
        title: new.title.trim().to_owned(),
        words: new.words.trim().to_owned(),
        target: new.target,
        state: TeamState::Draft,
        created_at: now,
    };
    if let Some(before) = store::by_key(&mut tx, unit, &new.key).await? {
        let same = before.title == team.title && before.project == team.project;
        return if same { Ok(before) } else { Err(TeamError::KeyReused) };
    }
    // Two short texts are always JSON.
    let plain = serde_json::to_vec(&new.starter).unwrap_or_default();
    let sealed = services.keys.seal(&plain, STARTER_PLACE, &*services.rng);
    store::insert(&mut tx, &team, sealed, &new.key).await?;
    finish(tx, services, None, ("team.started", &team)).await?;
    Ok(team)
}

/// Opens a draft: its name and words pass. Needs [`Permission::ProjectManage`] where the team counts. Fact
/// `team.opened`.
///
/// # Errors
/// [`TeamError`]: not allowed, no such team, not a draft.
pub async fn open(services: &Services, by: &Actor, id: TeamId) -> Result<Team, TeamError> {
    let (mut tx, mut team) = begin(services, by, id).await?;
    rules::open(&mut team, services.now())?;
    store::update(&mut tx, &team).await?;
    finish(tx, services, Some(by), ("team.opened", &team)).await?;
    Ok(team)
}

/// Gives a team other words. Fact `team.described`.
///
/// # Errors
/// [`TeamError`].
pub async fn describe(
    services: &Services,
    by: &Actor,
    id: TeamId,
    (title, words, target): (&str, &str, Option<Fen>),
) -> Result<Team, TeamError> {
    rules::check(title, words, target)?;
    let (mut tx, mut team) = begin(services, by, id).await?;
    if matches!(team.state, TeamState::Closed { .. }) {
        return Err(TeamError::State("closed"));
    }
    team.title = title.trim().to_owned();
    team.words = words.trim().to_owned();
    team.target = target;
    store::update(&mut tx, &team).await?;
    finish(tx, services, Some(by), ("team.described", &team)).await?;
    Ok(team)
}

/// Closes a team, or refuses a draft; its gifts stay counted. Fact `team.closed`.
///
/// # Errors
/// [`TeamError`].
pub async fn close(services: &Services, by: &Actor, id: TeamId, why: &str) -> Result<Team, TeamError> {
    let (mut tx, mut team) = begin(services, by, id).await?;
    rules::close(&mut team, why, services.now())?;
    store::update(&mut tx, &team).await?;
    finish(tx, services, Some(by), ("team.closed", &team)).await?;
    Ok(team)
}

async fn begin(services: &Services, by: &Actor, id: TeamId) -> Result<(Tx, Team), TeamError> {
    by.require_somewhere(Permission::ProjectManage)?;
    let mut tx = services.db.begin().await?;
    let team = store::lock(&mut tx, id)
        .await?
        .filter(|team| by.require(Permission::ProjectManage, team.unit).is_ok())
        .ok_or(TeamError::NotFound("team"))?;
    Ok((tx, team))
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: Option<&Actor>,
    (kind, team): (&'static str, &Team),
) -> Result<(), TeamError> {
    let fact = NewFact {
        unit: team.unit,
        kind,
        subject: team.id.bytes(),
        actor: by.map(|by| by.id),
        body: json!({ "project": hex(&team.project.bytes()), "state": team.state.as_str(), "target_fen": team.target }),
    };
    conclude(tx, fact, services).await?;
    Ok(())
}

/// Who started a team, masked: [`reveal_starter`] opens her.
///
/// # Errors
/// [`TeamError`]: not allowed, no such team.
pub async fn starter(services: &Services, by: &Actor, id: TeamId) -> Result<Starter, TeamError> {
    by.require_somewhere(Permission::ProjectManage)?;
    let mut at = services.db.snapshot().await?;
    store::team(&mut at, id)
        .await?
        .filter(|team| by.require(Permission::ProjectManage, team.unit).is_ok())
        .ok_or(TeamError::NotFound("team"))?;
    let open = opened_starter(&mut at, services, id).await?;
    Ok(Starter {
        name: mask::name(&open.name),
        phone: mask_phone(&open.phone),
    })
}

/// Opens who started a team, to reach her; needs [`Permission::PersonalReveal`]. Fact `team.starter_revealed` with the
/// reason.
///
/// # Errors
/// [`TeamError`]: not allowed, no such team.
pub async fn reveal_starter(
    services: &Services,
    by: &Actor,
    id: TeamId,
    reason: RevealReason,
) -> Result<Starter, TeamError> {
    by.require_somewhere(Permission::PersonalReveal)?;
    let mut tx = services.db.begin().await?;
    let team = store::lock(&mut tx, id)
        .await?
        .filter(|team| by.require(Permission::PersonalReveal, team.unit).is_ok())
        .ok_or(TeamError::NotFound("team"))?;
    let open = opened_starter(&mut tx, services, id).await?;
    let fact = NewFact {
        unit: team.unit,
        kind: "team.starter_revealed",
        subject: id.bytes(),
        actor: Some(by.id),
        body: json!({ "reason": reason }),
    };
    conclude(tx, fact, services).await?;
    Ok(open)
}

async fn opened_starter(at: &mut impl Reads, services: &Services, id: TeamId) -> Result<Starter, TeamError> {
    let sealed = store::starter(at, id).await?.ok_or(TeamError::NotFound("team"))?;
    if sealed.is_empty() {
        return Err(TeamError::NotFound("starter"));
    }
    let plain = services.keys.open(&sealed, STARTER_PLACE)?;
    serde_json::from_slice(&plain).map_err(|_| TeamError::NotFound("starter"))
}

/// The teams that the holder of a contact started, with the unit each counts for. No index names starters: the newest
/// [`STARTERS_MAX`] teams are opened one by one, in memory.
///
/// # Errors
/// Any [`db::DbError`].
pub(crate) async fn started_by(
    at: &mut impl Reads,
    services: &Services,
    session: &Session,
) -> Result<Vec<(TeamId, UnitId)>, db::DbError> {
    let mut found = Vec::new();
    for (id, unit, sealed) in store::starters(at, STARTERS_MAX).await? {
        let Ok(plain) = services.keys.open(&sealed, STARTER_PLACE) else {
            continue;
        };
        let Ok(starter) = serde_json::from_slice::<Starter>(&plain) else {
            continue;
        };
        let contact = my_gifts::rules::contact(&starter.phone);
        let is_hers = contact.is_some_and(|contact| {
            contact.kind == session.kind && my_gifts::rules::index(&services.keys, &contact) == session.index
        });
        if is_hers {
            found.push((id, unit));
        }
    }
    Ok(found)
}

/// Forgets who started a team; the team, its name and its gifts stay. Whether she was known still. Who calls has made
/// sure that it may be. Fact `team.starter_erased`.
///
/// # Errors
/// [`TeamError`]: no such team.
pub(crate) async fn erase_starter(services: &Services, by: Option<&Actor>, id: TeamId) -> Result<bool, TeamError> {
    let mut tx = services.db.begin().await?;
    let team = store::lock(&mut tx, id).await?.ok_or(TeamError::NotFound("team"))?;
    if !store::forget_starter(&mut tx, id).await? {
        return Ok(false);
    }
    finish(tx, services, by, ("team.starter_erased", &team)).await?;
    Ok(true)
}

/// Adds a word that leads gifts to a county; the same word for the same unit is answered again. Fact `tag.created`.
///
/// # Errors
/// [`TeamError`]: not allowed, a word out of shape or taken.
pub async fn add_tag(
    services: &Services,
    by: &Actor,
    (unit, code, label): (UnitId, &str, &str),
) -> Result<ChannelTag, TeamError> {
    by.require(Permission::ProjectManage, unit)?;
    rules::check_tag(code)?;
    let label = label.trim();
    if label.is_empty() || label.chars().count() > LABEL_CHARS_MAX || label.chars().any(char::is_control) {
        return Err(TeamError::Invalid {
            field: "label",
            why: "1 to 60 characters",
        });
    }
    let tag = ChannelTag {
        code: code.to_owned(),
        unit,
        label: label.to_owned(),
        closed_at: None,
    };
    let mut tx = services.db.begin().await?;
    if !store::insert_tag(&mut tx, &tag, services.now()).await? {
        let known = store::tag(&mut tx, code).await?.filter(|known| *known == tag);
        return known.ok_or_else(|| TeamError::TagTaken(code.to_owned()));
    }
    let fact = NewFact {
        unit,
        kind: "tag.created",
        subject: unit.bytes(),
        actor: Some(by.id),
        body: json!({ "code": code }),
    };
    conclude(tx, fact, services).await?;
    Ok(tag)
}

/// What is to become of a name on a wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOnWall {
    /// It may stand.
    Shown,
    /// It does not stand; the gift stays.
    Hidden,
}

/// Hides a name on a wall, or lets it stand again. Words beside a gift have their own moderation (`donor_way`). Fact
/// `wall.moderated`.
///
/// # Errors
/// [`TeamError`]: not allowed, no such entry.
pub async fn moderate(services: &Services, by: &Actor, gift: GiftId, name: NameOnWall) -> Result<(), TeamError> {
    by.require_somewhere(Permission::ProjectManage)?;
    let mut tx = services.db.begin().await?;
    let (unit, hidden_before) = store::lock_entry(&mut tx, gift)
        .await?
        .filter(|(unit, _)| by.require(Permission::ProjectManage, *unit).is_ok())
        .ok_or(TeamError::NotFound("entry"))?;
    let hidden = name == NameOnWall::Hidden;
    if hidden == hidden_before {
        return Ok(());
    }
    store::put_name_hidden(&mut tx, gift, hidden).await?;
    let fact = NewFact {
        unit,
        kind: "wall.moderated",
        subject: gift.bytes(),
        actor: Some(by.id),
        body: json!({ "name_hidden": hidden }),
    };
    conclude(tx, fact, services).await?;
    Ok(())
}

/// What an order's tags mean. A team must be open and of the order's project; a tag that nobody knows leads nowhere and
/// hinders nothing.
///
/// # Errors
/// [`TeamError`]: the team is not open or of another project.
pub async fn resolve(
    tx: &mut Tx,
    services: &Services,
    tags: &Tags,
    project: ProjectId,
) -> Result<Attribution, TeamError> {
    let team = match &tags.team {
        Some(text) => Some(open_team(tx, services, text, project).await?),
        None => None,
    };
    let (county, tag) = match &tags.from {
        Some(word) => county_of(tx, word.trim()).await?,
        None => (None, None),
    };
    Ok(Attribution {
        county: county.or_else(|| team.as_ref().map(|team| team.unit)),
        team: team.map(|team| team.id),
        tag,
    })
}

async fn open_team(tx: &mut Tx, services: &Services, text: &str, project: ProjectId) -> Result<Team, TeamError> {
    let id = from_public(&*services.keys, text).map_err(|_| TeamError::NotFound("team"))?;
    let team = store::team(tx, id).await?.ok_or(TeamError::NotFound("team"))?;
    if team.project != project {
        return Err(TeamError::Invalid {
            field: "team",
            why: "a team of this project",
        });
    }
    match team.state {
        TeamState::Open { .. } => Ok(team),
        TeamState::Draft | TeamState::Closed { .. } => Err(TeamError::NotOpen),
    }
}

/// The county behind a word: a tag's, or the unit whose region code it is.
async fn county_of(tx: &mut Tx, word: &str) -> Result<(Option<UnitId>, Option<String>), TeamError> {
    if let Some(tag) = store::tag(tx, word).await?.filter(|tag| tag.closed_at.is_none()) {
        return Ok((Some(tag.unit), Some(tag.code)));
    }
    let Ok(region) = RegionCode::parse(word) else {
        return Ok((None, None));
    };
    let units = governance::network::store::all_units(tx).await?;
    let unit = units.into_iter().find(|unit| unit.region == region);
    Ok((unit.map(|unit| unit.id), Some(region.to_string())))
}

/// Keeps what a notice says of team and county before the gift is recorded. What cannot be understood is left out: a paid
/// gift is recorded whatever its tag says. Fact `notice.attributed`, once for a number.
///
/// # Errors
/// [`TeamError::Db`]: nothing was recorded, the notice is to be sent again.
pub async fn attribute_notice(
    services: &Services,
    incoming: &Incoming,
    unit: UnitId,
    tags: &Tags,
) -> Result<(), TeamError> {
    let mut tx = services.db.begin().await?;
    let mut to = Attribution::default();
    for part in [
        Tags {
            team: tags.team.clone(),
            from: None,
        },
        Tags {
            team: None,
            from: tags.from.clone(),
        },
    ] {
        match resolve(&mut tx, services, &part, incoming.project).await {
            Ok(found) => {
                to.county = found.county.or(to.county);
                to.team = to.team.or(found.team);
                to.tag = to.tag.or(found.tag);
            }
            Err(TeamError::Db(error)) => return Err(error.into()),
            Err(error) => tracing::info!(%error, "a tag of a notice leads nowhere"),
        }
    }
    if to.is_empty() {
        return Ok(());
    }
    let payment = Payment {
        unit,
        account: incoming.account,
        trade_no: &incoming.trade_no,
    };
    if !store::attribute(&mut tx, payment, &to, services.now()).await? {
        return Ok(());
    }
    let fact = NewFact {
        unit,
        kind: "notice.attributed",
        subject: incoming.account.bytes(),
        actor: None,
        body: json!({
            "team": to.team.map(|team| hex(&team.bytes())),
            "county": to.county.map(|county| hex(&county.bytes())),
        }),
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
