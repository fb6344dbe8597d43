//! JSON: coming in through a provider, one's own links, those of users one manages, the providers themselves.

mod entering;
mod links;
mod providers;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::Problem;

use super::actions::Back;
use super::cookies;
use crate::Services;
use crate::identity::{GuardedRoutes as _, Permission};

/// Longer codes and states than any provider sends are not looked at.
const CODE_CHARS_MAX: usize = 2_048;
const STATE_CHARS_MAX: usize = 128;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(entering::list_ways))
        .public(routes!(entering::start))
        .public(routes!(entering::finish))
        .public(routes!(entering::show_factor))
        .public(routes!(entering::ask_factor_passkey))
        .signed_in(routes!(links::list_own))
        .signed_in(routes!(links::start_own))
        .signed_in(routes!(links::finish_own))
        .signed_in(routes!(links::unlink_own))
        .staff(Permission::UserManage, routes!(links::list_of_user))
        .staff(Permission::UserManage, routes!(links::link_user))
        .staff(Permission::UserManage, routes!(links::unlink_user))
        .staff(Permission::UserManage, routes!(providers::list_providers))
        .staff(Permission::UserManage, routes!(providers::put_provider))
        .staff(Permission::UserManage, routes!(providers::list_knocks))
}

/// What a provider sent the browser back with.
#[derive(Deserialize, ToSchema)]
pub struct SsoBack {
    /// The state.
    pub state: String,
    /// The code, which works once.
    pub code: String,
    /// Who says it sent it (`iss`, RFC 9207), where the provider does.
    pub issuer: Option<String>,
}

impl SsoBack {
    fn read(self) -> Result<Back, Problem> {
        let long = |field: &'static str, chars: usize| Problem::invalid(field, format!("at most {chars} characters"));
        if self.state.len() > STATE_CHARS_MAX {
            return Err(long("state", STATE_CHARS_MAX));
        }
        if self.code.len() > CODE_CHARS_MAX {
            return Err(long("code", CODE_CHARS_MAX));
        }
        Ok(Back {
            state: self.state,
            code: self.code,
            issuer: self.issuer.filter(|issuer| !issuer.is_empty()),
        })
    }
}

/// Gives a cookie, or takes one away, and lets nothing keep the answer.
fn with_cookie(response: Response, cookie: Option<HeaderValue>) -> Response {
    let mut response = response;
    let headers = response.headers_mut();
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A refusal after which the way there and back is over.
fn over(s: &Services, problem: Problem) -> Response {
    with_cookie(problem.into_response(), cookies::take(&s.base_url))
}

fn held(headers: &HeaderMap) -> Option<&str> {
    cookies::held(headers)
}
