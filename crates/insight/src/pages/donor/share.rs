//! Pictures to share: of a project for everybody, of an order for the browser that placed it. The picture of a gift given in
//! a team leads to that team, with the tag by which its donor came, so that what friends give counts where hers does.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use db::Reads;
use giving::donations::orders::{self, Order};
use giving::teams::{self, TeamState};
use kernel::OrderId;
use papers::certificate::Colour;
use proof::certificates;
use proof::share::ShareData;
use serde::Deserialize;
use web::Problem;
use web::extract::ClientIp;
use web::limit::Rate;

use super::super::house::of_db;
use super::super::qr::{carried, is_tag};
use super::super::queries::donor::{Frame, frame};
use super::Desk;

/// Pictures of one client: a drawing takes some hundredths of a second of a processor.
const PICTURES: Rate = Rate::per_minute(60);
/// Seconds a browser keeps a project's picture before it asks again.
const KEPT_S: u32 = 300;

pub(super) async fn of_project(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(project): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "share", PICTURES)?;
    let id = desk.house.project(&project).await?;
    let frame = {
        let mut at = desk.giving.services.db.snapshot().await.map_err(of_db)?;
        frame(&mut at, &desk.giving.services, id).await?
    };
    send(
        &desk,
        &frame,
        (Invitation::to_project(&desk, &frame), "public"),
        &headers,
    )
    .await
}

/// What a picture invites to, and who does.
struct Invitation {
    donor: Option<String>,
    team: Option<String>,
    address: String,
}

impl Invitation {
    fn to_project(desk: &Desk, frame: &Frame) -> Self {
        Self {
            donor: None,
            team: None,
            address: format!("{}/p/{}", desk.giving.services.base_url, frame.project.code),
        }
    }

    /// Leads to the team of an order while it is open, else to its project.
    async fn of_order(at: &mut impl Reads, desk: &Desk, (frame, order): (&Frame, &Order)) -> Result<Self, Problem> {
        let mut invitation = Self::to_project(desk, frame);
        let (team, tag) = teams::queries::led(at, order).await.map_err(of_db)?;
        let team = match team {
            Some(id) => teams::queries::team(at, id).await.map_err(of_db)?,
            None => None,
        };
        if let Some(team) = team.filter(|team| matches!(team.state, TeamState::Open { .. })) {
            invitation.address = format!("{}/t/{}", desk.giving.services.base_url, desk.house.public(team.id));
            invitation.team = Some(team.title);
        }
        if let Some(tag) = tag.filter(|tag| is_tag(tag)) {
            invitation.address = carried(&invitation.address, &tag);
        }
        Ok(invitation)
    }
}

/// `?name=1`: with the donor's name, which she asked for.
#[derive(Deserialize, Default)]
pub(super) struct Named {
    #[serde(default)]
    name: String,
}

pub(super) async fn of_order(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(order): Path<String>,
    Query(named): Query<Named>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "share", PICTURES)?;
    let services = &desk.giving.services;
    let id: OrderId = desk.house.id(&order)?;
    if !desk.is_mine(&headers, id) {
        return Err(Problem::not_found());
    }
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let order = orders::find(&mut at, id)
        .await
        .map_err(of_db)?
        .ok_or_else(Problem::not_found)?;
    let frame = frame(&mut at, services, order.project).await?;
    let paid = orders::payment_of(&mut at, &order).await.map_err(of_db)?;
    let name = match paid {
        Some((gift, _)) if named.name == "1" => certificates::shared_name(&mut at, gift, services)
            .await
            .map_err(|error| error.problem())?,
        _ => None,
    };
    let mut invitation = Invitation::of_order(&mut at, &desk, (&frame, &order)).await?;
    invitation.donor = name;
    drop(at);
    send(&desk, &frame, (invitation, "private"), &headers).await
}

async fn send(
    desk: &Desk,
    frame: &Frame,
    (to, who): (Invitation, &str),
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let brand = frame.masthead.brand.brand.map(|colour| colour.to_string());
    let data = ShareData {
        unit_name: frame.masthead.name.clone(),
        brand: brand.as_deref().and_then(Colour::parse).unwrap_or(Colour::VERMILION),
        donor: to.donor,
        team: to.team,
        project: frame.project.title.clone(),
        sentence: frame.sentence(),
        filing: frame.filing.clone(),
        qr_url: to.address,
        day: frame.made_on,
    };
    let (bytes, hash) = desk.pictures.draw(data).await.map_err(|error| error.problem())?;
    let tag = format!("\"{hash}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()) == Some(tag.as_str());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(bytes).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, format!("{who}, max-age={KEPT_S}")),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            out.insert(name, value);
        }
    }
    Ok(response)
}
