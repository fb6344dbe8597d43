//! Starting a team: the form shown, and sent.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use giving::donations::DonationError;
use giving::donor_way::rules as way;
use giving::teams::model::Starter;
use giving::teams::{NewTeam, TeamError, actions, rules};
use kernel::id::hex;
use kernel::{Fen, TeamId, UnitId};
use web::extract::ClientIp;
use web::limit::{PAGES, Rate};
use web::{Problem, Reader};

use super::super::house::of_db;
use super::super::queries::donor::{accepts, frame};
use super::start::{County, FIELDS, StartFault, StartForm, StartPage};
use super::{Desk, of_this_site};

/// Teams started by one client: a school in one afternoon, not a script.
const STARTS: Rate = Rate::per_minute(5);

/// A form's token is for one purpose: one that was made for giving starts no team.
fn purpose(code: &str) -> String {
    format!("{code}/team")
}

pub(super) async fn show(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(project): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "start", PAGES)?;
    let page = page(&desk, &project, StartForm::default()).await?;
    Ok(desk.house.pages().render(&reader, &page))
}

/// The page with a new token. What is filled in stays.
async fn page(desk: &Desk, project: &str, form: StartForm) -> Result<StartPage, Problem> {
    let services = &desk.giving.services;
    let id = desk.house.project(project).await?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let frame = frame(&mut at, services, id).await?;
    let code = frame.project.code.clone();
    accepts(&mut at, services, &code)
        .await?
        .map_err(|why| DonationError::from(why).problem())?;
    let names = governance::network::queries::short_names(&mut at)
        .await
        .map_err(of_db)?;
    let below = services.tree.subtree(frame.project.unit).into_iter().skip(1);
    let county = |unit: UnitId| {
        let name = names.get(&unit)?.clone();
        let id = desk.house.public(unit);
        Some(County { id, name })
    };
    let mut key = [0; 16];
    services.rng.fill(&mut key);
    Ok(StartPage {
        masthead: frame.masthead,
        trail: frame.trail,
        project: frame.project.title,
        action: format!("/p/{code}/team"),
        counties: below.filter_map(county).collect(),
        form: StartForm {
            token: way::token(&services.keys, &purpose(&code), services.now(), key),
            ..form
        },
        faults: Vec::new(),
        sent: None,
    })
}

/// Sends the form. The same form again is the same team.
pub(super) async fn send(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(project): Path<String>,
    reader: Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    desk.house.limiter().take(client.0, "teams", STARTS)?;
    // What is no form says nothing: its name is missing.
    let form: StartForm = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let started = start(&desk, &project, &form).await?;
    let mut page = page(&desk, &project, form).await?;
    match started {
        Ok(team) => {
            page.sent = Some(format!(
                "{}/t/{}",
                desk.giving.services.base_url,
                desk.house.public(team)
            ));
        }
        Err(faults) => page.faults = faults.into_iter().map(|field| StartFault { field }).collect(),
    }
    Ok(desk.house.pages().render(&reader, &page))
}

/// The team of a form, or the fields at fault.
async fn start(desk: &Desk, project: &str, form: &StartForm) -> Result<Result<TeamId, Vec<&'static str>>, Problem> {
    let services = &desk.giving.services;
    let id = desk.house.project(project).await?;
    let code = {
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        frame(&mut at, services, id).await?.project.code
    };
    let mut faults = Vec::new();
    let target = match form.target.trim() {
        "" => None,
        text => Fen::parse_yuan(text).map_err(|_| faults.push("target")).ok(),
    };
    let county = match form.county.as_str() {
        "" => None,
        text => desk.house.id(text).map_err(|_| faults.push("county")).ok(),
    };
    let starter = Starter {
        name: form.name.trim().to_owned(),
        phone: form.phone.trim().to_owned(),
    };
    let key = way::form_key(&services.keys, &purpose(&code), services.now(), &form.token);
    let key = key
        .map(|key| hex(&key))
        .map_err(|_| faults.push("form"))
        .unwrap_or_default();
    let checks = [
        rules::check_title(&form.title),
        rules::check_words(&form.words),
        rules::check_target(target),
        rules::check_starter(&starter, &key),
    ];
    faults.extend(checks.into_iter().filter_map(Result::err).map(|error| field_of(&error)));
    if !faults.is_empty() {
        let in_order = FIELDS.into_iter().filter(|field| faults.contains(field));
        return Ok(Err(in_order.collect()));
    }
    let new = NewTeam {
        project: code,
        county,
        title: form.title.clone(),
        words: form.words.clone(),
        target,
        starter,
        key,
    };
    match actions::start(services, new).await {
        Ok(team) => Ok(Ok(team.id)),
        Err(TeamError::KeyReused) => Ok(Err(vec!["form"])),
        Err(error @ TeamError::Invalid { .. }) => Ok(Err(vec![field_of(&error)])),
        Err(error) => Err(error.problem()),
    }
}

/// The field of the form that an error is about.
const fn field_of(error: &TeamError) -> &'static str {
    match error {
        TeamError::Invalid { field, .. } => match field.as_bytes() {
            b"title" => "title",
            b"words" => "words",
            b"target_fen" => "target",
            b"county" => "county",
            b"starter.name" => "name",
            b"starter.phone" => "phone",
            _ => "form",
        },
        _ => "form",
    }
}
