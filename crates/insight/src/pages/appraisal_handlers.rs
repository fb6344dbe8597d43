//! The appraiser's page and his answer.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use relief::appraisal::{AppraisalState, Asked, actions, queries, rules};
use web::extract::ClientIp;
use web::limit::LOOKUP;
use web::{Problem, Reader};

use super::appraisal::{AppraisalForm, AppraisalPage, Step};
use super::handlers::masthead;
use super::house::{House, of_db};

async fn asked(house: &House, link: &str) -> Result<Asked, Problem> {
    let services = house.services();
    let id = rules::of_link(&services.keys, link).ok_or_else(Problem::not_found)?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let asked = queries::asked(&mut at, id).await.map_err(of_db)?;
    asked.ok_or_else(Problem::not_found)
}

async fn page(
    house: &House,
    (link, asked): (&str, Asked),
    (form, wrong): (AppraisalForm, &'static str),
) -> Result<AppraisalPage, Problem> {
    let order = asked.order;
    let at = order.answered_at.unwrap_or(order.ordered_at);
    let step = match (order.state, order.value) {
        (AppraisalState::Valued, Some(value_fen)) => Step::Valued {
            value_fen,
            report: order.report,
            at,
        },
        (AppraisalState::Impossible, _) => Step::Impossible { why: order.report, at },
        (AppraisalState::Withdrawn, _) => Step::Withdrawn,
        _ if house.services().now() >= order.ends_at => Step::Ended,
        _ => Step::Form { form, wrong },
    };
    Ok(AppraisalPage {
        masthead: masthead(house).await?,
        action: format!("/a/{link}"),
        appraiser: order.appraiser,
        item: asked.item,
        grade: asked.grade,
        spec: asked.spec,
        batch: asked.batch,
        pieces: asked.pieces,
        unit_word: asked.unit_word,
        expires_on: asked.expires_on,
        ends_at: order.ends_at,
        step,
    })
}

pub(super) async fn show(
    State(house): State<House>,
    client: ClientIp,
    Path(link): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "appraisal", LOOKUP)?;
    let asked = asked(&house, &link).await?;
    let page = page(&house, (link.as_str(), asked), (AppraisalForm::default(), "")).await?;
    Ok(house.pages().render(&reader, &page))
}

/// Takes the answer; a form that cannot be read is shown again with what was entered.
pub(super) async fn send(
    State(house): State<House>,
    client: ClientIp,
    Path(link): Path<String>,
    headers: HeaderMap,
    reader: Reader,
    body: Bytes,
) -> Result<Response, Problem> {
    super::donor::of_this_site(&headers)?;
    house.limiter().take(client.0, "appraisal", LOOKUP)?;
    let form: AppraisalForm = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let wrong = match form.answer() {
        Err(field) => field,
        Ok(answer) => match actions::answer(house.services(), &link, &answer).await {
            Ok(_) => return Ok(again(&link)),
            Err(relief::ReliefError::Invalid { field, .. }) => field,
            // Another answer stands, or the time is over: the page says so.
            Err(relief::ReliefError::State { .. }) => return Ok(again(&link)),
            Err(error) => return Err(error.problem()),
        },
    };
    let asked = asked(&house, &link).await?;
    let page = page(&house, (link.as_str(), asked), (form, wrong)).await?;
    Ok(house.pages().render(&reader, &page))
}

fn again(link: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("/a/{link}")) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
