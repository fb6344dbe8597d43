//! The page of a box, by its code or by the number on its label.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use relief::BoxId;
use relief::boxes::model::of_label;
use relief::boxes::queries::{self, Story};
use serde::Deserialize;
use web::extract::ClientIp;
use web::limit::{LOOKUP, PAGES};
use web::{Problem, Reader};

use super::house::{House, of_db};
use super::parcel::{BoxGoods, BoxPage, BoxStep, InsideRow};
use super::queries::goods::approximate;

/// `?label=X2026-000042`: the number on a label as somebody typed it.
#[derive(Debug, Deserialize)]
pub(super) struct Labelled {
    #[serde(default)]
    label: String,
}

/// Leads from the number on a label to its page.
pub(super) async fn find(
    State(house): State<House>,
    client: ClientIp,
    Query(asked): Query<Labelled>,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "box_label", LOOKUP)?;
    let number = of_label(&asked.label).ok_or_else(Problem::not_found)?;
    let mut at = house.services().db.snapshot().await.map_err(of_db)?;
    let id = queries::by_label(&mut at, number).await.map_err(of_db)?;
    let id = id.ok_or_else(Problem::not_found)?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("/box/{}", house.public(id))) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    Ok(response)
}

/// The page of a code.
pub(super) async fn show(
    State(house): State<House>,
    client: ClientIp,
    Path(code): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "box", PAGES)?;
    let id: BoxId = house.id(&code)?;
    let services = house.services();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let story = queries::story(&mut at, id).await.map_err(of_db)?;
    let story = story.ok_or_else(Problem::not_found)?;
    let unit = governance::network::queries::unit(&mut at, story.unit)
        .await
        .map_err(of_db)?;
    let unit = unit.ok_or_else(Problem::not_found)?;
    let now = services.now();
    let masthead = super::queries::masthead(&mut at, &unit, now.business_day())
        .await
        .map_err(of_db)?;
    let page = BoxPage {
        masthead,
        as_of: now,
        kind: story.kind.as_str(),
        region: story.way.region.map(approximate),
        steps: steps(&story),
        label: story.label,
        goods: story.goods.map(|goods| BoxGoods {
            item: goods.item,
            grade: goods.grade,
            quantity: goods.quantity,
            unit_word: goods.unit_word,
            who: goods.donor,
            targeted: goods.is_targeted,
        }),
        inside: story
            .inside
            .into_iter()
            .map(|(item, unit_word, quantity, boxes)| InsideRow {
                item,
                quantity,
                unit_word,
                boxes,
            })
            .collect(),
    };
    Ok(house.pages().render(&reader, &page))
}

/// The way of a box that is filled, with what is still to come.
fn steps(story: &Story) -> Vec<BoxStep> {
    if story.goods.is_none() {
        return Vec::new();
    }
    let way = story.way;
    let all = [
        ("arrived", way.arrived_at),
        ("stocked", way.stocked_at),
        ("filled", way.filled_at),
        ("ordered", way.ordered_at),
        ("left", way.left_at),
        ("received", way.received_at),
    ];
    all.into_iter().map(|(step, at)| BoxStep { step, at }).collect()
}
