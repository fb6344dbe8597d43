//! The form: shown, and sent.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use giving::donations::DonationError;
use giving::donor_way::{Fault, Field, FormInput, GiveError, actions, rules};
use web::extract::ClientIp;
use web::limit::{PAGES, Rate};
use web::{Problem, Reader};

use super::super::house::of_db;
use super::super::queries::donor::{accepts, frame, terms};
use super::give::GivePage;
use super::way::{Browser, browser, reachable};
use super::{Desk, of_this_site, see};

/// Orders of one client: a family giving in turn, not a script.
const ORDERS: Rate = Rate::per_minute(30);

pub(super) async fn show(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(project): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "give", PAGES)?;
    let form = FormInput {
        show: "name".into(),
        ..FormInput::default()
    };
    let page = page(&desk, &project, &headers, form).await?;
    Ok(desk.house.pages().render(&reader, &page))
}

/// The page with a new token. What is filled in stays; a project that takes no gifts says why.
async fn page(desk: &Desk, project: &str, headers: &HeaderMap, form: FormInput) -> Result<GivePage, Problem> {
    let services = &desk.giving.services;
    let id = desk.house.project(project).await?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let frame = frame(&mut at, services, id).await?;
    let code = frame.project.code.clone();
    accepts(&mut at, services, &code)
        .await?
        .map_err(|why| DonationError::from(why).problem())?;
    let (limits, consent, choices) = terms(&mut at, &desk.giving, (id, frame.project.unit)).await?;
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let browser = browser(agent);
    let mut key = [0; 16];
    services.rng.fill(&mut key);
    Ok(GivePage {
        masthead: frame.masthead,
        trail: frame.trail,
        project: frame.project.title,
        action: format!("/p/{code}/give"),
        choices,
        min_fen: limits.min,
        max_fen: limits.max,
        providers: reachable(&limits.providers, browser)
            .into_iter()
            .map(|p| p.as_str())
            .collect(),
        in_wechat: browser == Browser::Wechat,
        form: FormInput {
            token: rules::token(&services.keys, &code, services.now(), key),
            consent: consent.version.to_string(),
            ..form
        },
        consent,
        faults: Vec::new(),
    })
}

/// Sends the form. A form with faults comes back with all that was filled in; the same form again leads to the same
/// order.
pub(super) async fn send(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(project): Path<String>,
    reader: Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    desk.house.limiter().take(client.0, "give form", ORDERS)?;
    // What is no form says nothing: its amount is missing.
    let form: FormInput = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    match order(&desk, &project, &form).await? {
        Ok(order) => {
            let mut response = see(&format!("/o/{}/pay", desk.house.public(order)));
            super::set_cookie(&mut response, &desk.order_cookie(order));
            Ok(response)
        }
        Err(faults) => {
            let mut page = page(&desk, &project, &headers, form).await?;
            page.faults = faults;
            Ok(desk.house.pages().render(&reader, &page))
        }
    }
}

/// The order of a form, or what is wrong with it.
async fn order(desk: &Desk, project: &str, form: &FormInput) -> Result<Result<kernel::OrderId, Vec<Fault>>, Problem> {
    let services = &desk.giving.services;
    let id = desk.house.project(project).await?;
    let (code, limits) = {
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        let frame = frame(&mut at, services, id).await?;
        let (limits, ..) = terms(&mut at, &desk.giving, (id, frame.project.unit)).await?;
        (frame.project.code, limits)
    };
    let read = rules::read(form, &limits);
    let key = rules::form_key(&services.keys, &code, services.now(), &form.token);
    let (wish, key) = match (read, key) {
        (Ok(wish), Ok(key)) => (wish, key),
        (Err(faults), Ok(_)) => return Ok(Err(faults)),
        (read, Err(old)) => {
            let others = read.err().unwrap_or_default();
            return Ok(Err(std::iter::once(old).chain(others).collect()));
        }
    };
    match actions::give(&desk.giving, &code, (key, form), &wish).await {
        Ok(order) => Ok(Ok(order)),
        Err(GiveError::FormReused) => Ok(Err(vec![Fault::new(Field::Form, "changed")])),
        Err(error) => Err(error.problem()),
    }
}
