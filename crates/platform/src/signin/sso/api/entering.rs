//! Coming in through a provider.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Listing, Problem, Query};

use super::{SsoBack, held, over, with_cookie};
use crate::signin::api::{SessionOut, session_out};
use crate::signin::error::SECOND_FACTOR_NEEDED;
use crate::signin::passkeys::api::{PasskeyAnswer, PasskeyAskedOut};
use crate::signin::passkeys::{Answer, PasskeyError};
use crate::signin::sso::actions::{self, Arrived, In, Showing, Wanted};
use crate::signin::sso::{SsoError, cookies, queries};
use crate::signin::{Visitor, cookies as sessions};
use crate::{Services, problems};

/// The sign-in page, where a way that cannot be begun ends.
const SIGN_IN_PAGE: &str = "/console/sign-in";

/// A way to sign in beside the password.
#[derive(Serialize, ToSchema)]
pub struct SsoWayOut {
    /// Its name in addresses.
    pub provider: String,
    /// What its button says.
    pub label: String,
    /// What it speaks: `oidc` or `wecom`.
    pub kind: &'static str,
}

/// Where one goes afterwards.
#[derive(Debug, Deserialize)]
pub(super) struct Start {
    back: Option<String>,
}

/// A second factor: a code or a passkey.
#[derive(Deserialize, ToSchema)]
pub struct SsoFactor {
    /// Six digits of the authenticator, or a recovery code.
    pub code: Option<String>,
    /// What the browser says to `POST /api/v1/sso/passkey`; it goes before a code.
    pub passkey: Option<PasskeyAnswer>,
}

impl SsoFactor {
    fn read(self) -> Result<Showing, Problem> {
        match (self.passkey, self.code) {
            (Some(passkey), _) => Ok(Showing::Passkey(Answer::try_from(passkey)?)),
            (None, Some(code)) => Ok(Showing::Code(code)),
            (None, None) => Err(Problem::invalid("code", "a code or a passkey is expected")),
        }
    }
}

/// Who came in, and where to.
#[derive(Serialize, ToSchema)]
pub struct SsoEntered {
    /// The session.
    pub session: SessionOut,
    /// The page of the console that was wanted.
    pub back: String,
}

/// The ways to sign in beside the password: what the sign-in page offers.
#[utoipa::path(get, path = "/api/v1/sso", tag = "sso", responses((status = 200, body = Listing<SsoWayOut>)))]
pub(super) async fn list_ways(State(s): State<Services>) -> Result<Json<Listing<SsoWayOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let all = queries::providers(&mut at).await.map_err(|e| problems::of_db(&e))?;
    let items = all.into_iter().filter(|provider| provider.is_on);
    let items = items.map(|provider| SsoWayOut {
        kind: provider.way.kind(),
        provider: provider.code,
        label: provider.label,
    });
    Ok(Json(Listing {
        items: items.collect(),
        next: None,
    }))
}

/// Sends the browser to a provider. What goes wrong is told on the sign-in page: a person looks at it, no program.
#[utoipa::path(get, path = "/api/v1/sso/{provider}/start", tag = "sso",
    params(("provider" = String, Path), ("back" = Option<String>, Query)), responses((status = 302)))]
pub(super) async fn start(
    State(s): State<Services>,
    Path(provider): Path<String>,
    Query(wanted): Query<Start>,
) -> Result<Response, Problem> {
    match actions::begin(&s, &provider, wanted.back.as_deref()).await {
        Ok(away) => Ok(with_cookie(sent_to(&away.to)?, cookies::give(&away.held, &s.base_url))),
        Err(error) => match error.kind() {
            Some(kind) => Ok(with_cookie(
                sent_to(&format!("{SIGN_IN_PAGE}?sso={}", kind.slug))?,
                None,
            )),
            None => Err(error.problem()),
        },
    }
}

fn sent_to(address: &str) -> Result<Response, Problem> {
    let place = HeaderValue::try_from(address).map_err(|_| Problem::internal())?;
    Ok((StatusCode::FOUND, [(header::LOCATION, place)]).into_response())
}

/// Comes back from a provider. Who has a second factor here that the provider does not stand for is asked for it next:
/// `second-factor-needed`, or `passkey-needed` where a passkey is registered; then `POST /api/v1/sso/factor`.
#[utoipa::path(post, path = "/api/v1/sso/{provider}/finish", tag = "sso", params(("provider" = String, Path)),
    request_body = SsoBack,
    responses((status = 200, body = SsoEntered), (status = 400), (status = 401), (status = 403), (status = 429)))]
pub(super) async fn finish(
    State(s): State<Services>,
    Path(provider): Path<String>,
    visitor: Visitor,
    headers: HeaderMap,
    Json(body): Json<SsoBack>,
) -> Result<Response, Problem> {
    let back = body.read()?;
    match actions::sign_in(&s, &provider, held(&headers), (back, &visitor)).await {
        Ok(Arrived::In(came)) => entered(&s, &came).await,
        Ok(Arrived::Half(half)) => {
            let asked = match half.wanted {
                Wanted::Code => Problem::new(SECOND_FACTOR_NEEDED).field("code"),
                Wanted::Passkey => PasskeyError::Needed.problem(),
            };
            Ok(with_cookie(
                asked.into_response(),
                cookies::give(&half.held, &s.base_url),
            ))
        }
        Err(error) => Ok(over(&s, error.problem())),
    }
}

/// Asks for a passkey after a provider proved who it is: what the browser needs to show one.
#[utoipa::path(post, path = "/api/v1/sso/passkey", tag = "sso",
    responses((status = 200, body = PasskeyAskedOut), (status = 400), (status = 404), (status = 409)))]
pub(super) async fn ask_factor_passkey(State(s): State<Services>, headers: HeaderMap) -> Result<Response, Problem> {
    let asked = actions::ask_passkey(&s, held(&headers)).await?;
    // The way is held as it was: the cookie stays.
    Ok(with_cookie(Json(PasskeyAskedOut::from(asked)).into_response(), None))
}

/// Shows the second factor after a provider proved who it is.
#[utoipa::path(post, path = "/api/v1/sso/factor", tag = "sso", request_body = SsoFactor,
    responses((status = 200, body = SsoEntered), (status = 400), (status = 401), (status = 403), (status = 409),
        (status = 429)))]
pub(super) async fn show_factor(
    State(s): State<Services>,
    visitor: Visitor,
    headers: HeaderMap,
    Json(body): Json<SsoFactor>,
) -> Result<Response, Problem> {
    let showing = body.read()?;
    match actions::second(&s, held(&headers), (&showing, &visitor)).await {
        Ok(came) => entered(&s, &came).await,
        // A mistyped code may be typed again, a passkey shown again, as long as what the browser holds is good.
        Err(error @ SsoError::Signin(_)) => Err(error.problem()),
        Err(error) => Ok(over(&s, error.problem())),
    }
}

async fn entered(s: &Services, came: &In) -> Result<Response, Problem> {
    let entered = &came.entered;
    let out = SsoEntered {
        session: session_out(s, &entered.actor, &entered.session).await?,
        back: came.back.clone(),
    };
    let response = with_cookie(Json(out).into_response(), cookies::take(&s.base_url));
    Ok(with_cookie(response, sessions::set(&entered.secret, &s.base_url)))
}
