//! The copy that an officer takes for a donor who came, wrote or called. Donors use the pages.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use kernel::GiftId;
use kernel::id::from_public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem, Reader};

use super::actions::{self, Given};
use super::model::{CopyReason, Form};
use crate::donations::gift_of_certificate;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().staff(Permission::PersonalManage, routes!(take_personal_copy))
}

/// Whose data is copied, and why. No `Debug`: it is personal.
#[derive(Deserialize, ToSchema)]
pub struct TakePersonalCopy {
    /// Her telephone or e-mail. Make sure that it is she who asks.
    pub contact: String,
    /// Why.
    pub reason: CopyReason,
    /// How it is written: json, html or csv.
    pub form: Form,
    /// `next` of the part before, for who has given more often than one part holds.
    #[serde(default)]
    pub after: Option<String>,
}

/// A copy of all that is held about a donor in my units: gifts, forms with their consent, words, receipts, wishes,
/// mandates, news. It leaves a fact that says who took it and why.
#[utoipa::path(post, path = "/api/v1/personal-copies", tag = "gifts", request_body = TakePersonalCopy,
    responses((status = 200, content_type = "application/json", description = "the copy, in the form that was asked for"),
        (status = 404, description = "nothing is held in my units")))]
async fn take_personal_copy(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Json(body): Json<TakePersonalCopy>,
) -> Result<Response, Problem> {
    let after = body.after.map(|text| after(&s, &text)).transpose()?;
    let written = (body.form, reader.locale());
    let given = actions::taken(&s, &actor, (&body.contact, body.reason), after, written).await?;
    Ok(sent(given))
}

/// The gift behind `next` of a part.
///
/// # Errors
/// `invalid` when it is none.
pub fn after(s: &Services, text: &str) -> Result<GiftId, Problem> {
    let id = from_public(&*s.keys, text).map_err(|error| Problem::invalid("after", error))?;
    gift_of_certificate(id).ok_or_else(|| Problem::invalid("after", "the `next` of a part is expected"))
}

/// The answer that hands out a copy: a file to be kept by nobody between, never shown as a page of this house.
pub fn sent(given: Given) -> Response {
    let name = format!("attachment; filename=\"personal-data.{}\"", given.form.as_str());
    let mut response = given.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(given.form.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
