//! Staff JSON: signing in and out, sessions, one's own password and second factor, invitations.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::Instant;
use kernel::id::{from_public, public};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, Problem};

use super::actions::{self, Attempt, Entered};
use super::model::{BreakGlassRow, Current, Must, SessionRow, Visitor};
use super::passkeys::{Answer, api::PasskeyAnswer};
use super::{REASON_PLACE, SessionId, SigninError, cookies, queries, rules};
use crate::identity::api::{MeOut, me_out};
use crate::identity::{Actor, GuardedRoutes as _, Permission, queries as users};
use crate::{Services, problems};

/// Where a session is begun, asked about and ended.
pub const SESSION_PATH: &str = "/api/v1/session";
/// The console's page that accepts an invitation.
pub const WELCOME_PATH: &str = "/console/welcome";

/// The console's page that takes the code of the sealed envelope.
pub const BREAK_GLASS_PATH: &str = "/console/break-glass";

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(sign_in))
        .own_account(routes!(get_session))
        .own_account(routes!(sign_out))
        .signed_in(routes!(list_sessions))
        .signed_in(routes!(revoke_session))
        .own_account(routes!(change_password))
        .own_account(routes!(offer_factor))
        .own_account(routes!(confirm_factor))
        .staff(Permission::UserManage, routes!(list_users_sessions))
        .staff(Permission::UserManage, routes!(revoke_users_session))
        .staff(Permission::UserManage, routes!(invite))
        .public(routes!(accept_invitation))
        .public(routes!(break_glass))
        .staff(Permission::AuditRead, routes!(list_break_glass))
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
        Ok(Self {
            address: web::extract::client_ip(parts).0,
            agent: rules::browser(agent.unwrap_or("")),
            shown: cookies::session(&parts.headers).and_then(rules::secret_hash),
        })
    }
}

/// Name, password and, where a second factor is enrolled, a code or a passkey.
#[derive(Deserialize, ToSchema)]
pub struct SignIn {
    /// The user's name.
    pub name: String,
    /// The password.
    pub password: String,
    /// Six digits of the authenticator, or a recovery code.
    pub code: Option<String>,
    /// What the browser says to `POST /api/v1/session/passkey`; it goes before a code.
    pub passkey: Option<PasskeyAnswer>,
}

/// Who is signed in and for how long.
#[derive(Serialize, ToSchema)]
pub struct SessionOut {
    /// Who, and what she may do.
    pub user: MeOut,
    /// To be sent as `X-CSRF-Token` with every request that is not a reading one.
    pub csrf: String,
    /// The session ends then unless something is asked before.
    #[schema(value_type = String)]
    pub idle_until: Instant,
    /// The session ends then.
    #[schema(value_type = String)]
    pub ends_at: Instant,
    /// What has to be done before anything else.
    pub must: Option<Must>,
    /// Somebody works with the code of the sealed envelope now; every screen says so.
    pub glass_broken: Option<GlassBroken>,
}

/// Somebody works with the code of the sealed envelope.
#[derive(Serialize, ToSchema)]
pub struct GlassBroken {
    /// Since when.
    #[schema(value_type = String)]
    pub since: Instant,
    /// At the latest until then.
    #[schema(value_type = String)]
    pub until: Instant,
}

/// A session of a list.
#[derive(Serialize, ToSchema)]
pub struct SessionRowOut {
    /// Public id.
    pub session: String,
    /// Since when.
    #[schema(value_type = String)]
    pub started_at: Instant,
    /// Last request, to the minute.
    #[schema(value_type = String)]
    pub last_seen_at: Instant,
    /// The address, shortened.
    pub from: String,
    /// The family of the browser.
    pub agent: String,
    /// Whether it is the session of this request.
    pub current: bool,
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
pub struct ChangePassword {
    /// The password in force.
    pub old: String,
    /// The new one.
    pub new: String,
}

/// A secret for an authenticator.
#[derive(Serialize, ToSchema)]
pub struct OfferOut {
    /// For typing in.
    pub secret_base32: String,
    /// For a QR code.
    pub otpauth_uri: String,
}

/// The first code of a secret.
#[derive(Deserialize, ToSchema)]
pub struct ConfirmFactor {
    /// Six digits.
    pub code: String,
}

/// Codes for a lost telephone.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodesOut {
    /// Each works once in the place of a code; shown this once.
    pub recovery_codes: Vec<String>,
}

/// An invitation just given.
#[derive(Serialize, ToSchema)]
pub struct InvitationOut {
    /// Public id.
    pub invitation: String,
    /// The console's page with the secret behind `#`, shown this once.
    pub path: String,
    /// Until when.
    #[schema(value_type = String)]
    pub ends_at: Instant,
}

/// An invitation accepted.
#[derive(Deserialize, ToSchema)]
pub struct AcceptInvitation {
    /// What stood behind `#`.
    pub secret: String,
    /// The password chosen.
    pub password: String,
}

/// The code of the sealed envelope, and why it is used.
#[derive(Deserialize, ToSchema)]
pub struct BreakGlass {
    /// The code, however it is typed.
    pub code: String,
    /// Why, in ten to five hundred characters; kept sealed for those who read the trail.
    pub reason: String,
}

/// A code that was made for the sealed envelope.
#[derive(Serialize, ToSchema)]
pub struct BreakGlassOut {
    /// Public id.
    pub id: String,
    /// Since when.
    #[schema(value_type = String)]
    pub made_at: Instant,
    /// A newer one took its place.
    #[schema(value_type = Option<String>)]
    pub withdrawn_at: Option<Instant>,
    /// When it was used.
    #[schema(value_type = Option<String>)]
    pub used_at: Option<Instant>,
    /// Until when its session ran at the latest.
    #[schema(value_type = Option<String>)]
    pub ends_at: Option<Instant>,
    /// Why it was used.
    pub reason: Option<String>,
}

/// The console's page that accepts an invitation.
pub fn welcome(secret: &str) -> String {
    format!("{WELCOME_PATH}#{secret}")
}

/// A session as it is answered.
pub(super) async fn session_out(s: &Services, actor: &Actor, session: &Current) -> Result<SessionOut, Problem> {
    let broken = async {
        let mut at = s.db.snapshot().await?;
        queries::glass_broken(&mut at, s.now()).await
    };
    let broken = broken.await.map_err(|e| problems::of_db(&e))?;
    Ok(SessionOut {
        user: me_out(s, actor),
        csrf: session.csrf.clone(),
        idle_until: session.idle_until,
        ends_at: session.ends_at,
        must: session.must,
        glass_broken: broken.map(|(since, until)| GlassBroken { since, until }),
    })
}

async fn entered_out(s: &Services, entered: &Entered) -> Result<Response, Problem> {
    let mut response = Json(session_out(s, &entered.actor, &entered.session).await?).into_response();
    let headers = response.headers_mut();
    if let Some(cookie) = cookies::set(&entered.secret, &s.base_url) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Never kept by a browser or anything between.
fn unkept(body: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn session_id(s: &Services, text: &str) -> Result<SessionId, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// Signs in. One answer for an unknown name, a wrong password, a wrong code and a wrong passkey.
#[utoipa::path(post, path = "/api/v1/session", tag = "signin", request_body = SignIn,
    responses((status = 200, body = SessionOut), (status = 401), (status = 403), (status = 429)))]
async fn sign_in(State(s): State<Services>, visitor: Visitor, Json(body): Json<SignIn>) -> Result<Response, Problem> {
    let attempt = Attempt {
        name: body.name,
        password: body.password,
        code: body.code,
        passkey: body.passkey.map(Answer::try_from).transpose()?,
        visitor,
    };
    let entered = actions::sign_in(&s, attempt).await?;
    entered_out(&s, &entered).await
}

/// Who is signed in and for how long. To ask this does not keep the session awake.
#[utoipa::path(get, path = "/api/v1/session", tag = "signin", responses((status = 200, body = SessionOut)))]
async fn get_session(State(s): State<Services>, actor: Actor, session: Current) -> Result<Response, Problem> {
    Ok(unkept(session_out(&s, &actor, &session).await?))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "signin", responses((status = 204)))]
async fn sign_out(State(s): State<Services>, actor: Actor, session: Current) -> Result<Response, Problem> {
    actions::sign_out(&s, &actor, &session).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookies::clear(&s.base_url) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn listed(
    s: &Services,
    of: kernel::ActorId,
    current: Option<SessionId>,
) -> Result<Json<Listing<SessionRowOut>>, Problem> {
    let now = s.now();
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let policy = queries::policy(&mut at, now.business_day()).await?;
    let rows = queries::sessions(&mut at, of, &policy, now)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let out = |row: SessionRow| SessionRowOut {
        session: public(&*s.keys, row.id),
        started_at: row.started_at,
        last_seen_at: row.last_seen_at,
        from: row.address,
        agent: row.agent,
        current: Some(row.id) == current,
    };
    Ok(Json(Listing {
        items: rows.into_iter().map(out).collect(),
        next: None,
    }))
}

/// My sessions that run now.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "signin",
    responses((status = 200, body = Listing<SessionRowOut>)))]
async fn list_sessions(
    State(s): State<Services>,
    actor: Actor,
    session: Option<axum::Extension<Current>>,
) -> Result<Json<Listing<SessionRowOut>>, Problem> {
    listed(&s, actor.id, session.map(|current| current.0.id)).await
}

/// Ends one of my sessions at once.
#[utoipa::path(post, path = "/api/v1/sessions/{session}/revoke", tag = "signin", params(("session" = String, Path)),
    responses((status = 204)))]
async fn revoke_session(
    State(s): State<Services>,
    actor: Actor,
    Path(session): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::revoke(&s, &actor, session_id(&s, &session)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes my password and ends my other sessions.
#[utoipa::path(post, path = "/api/v1/account/password", tag = "signin", request_body = ChangePassword,
    responses((status = 204)))]
async fn change_password(
    State(s): State<Services>,
    actor: Actor,
    session: Current,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    actions::change_password(&s, &actor, &session, (&body.old, &body.new)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a secret for an authenticator; it is in force only after its first code.
#[utoipa::path(post, path = "/api/v1/account/second-factor", tag = "signin", responses((status = 200, body = OfferOut)))]
async fn offer_factor(State(s): State<Services>, actor: Actor, session: Current) -> Result<Response, Problem> {
    let offer = actions::offer_factor(&s, &actor, &session).await?;
    Ok(unkept(OfferOut {
        secret_base32: offer.secret_base32,
        otpauth_uri: offer.otpauth_uri,
    }))
}

/// Puts the second factor in force; the answer is the only place where the recovery codes are shown.
#[utoipa::path(post, path = "/api/v1/account/second-factor/confirm", tag = "signin", request_body = ConfirmFactor,
    responses((status = 200, body = RecoveryCodesOut)))]
async fn confirm_factor(
    State(s): State<Services>,
    actor: Actor,
    session: Current,
    Json(body): Json<ConfirmFactor>,
) -> Result<Response, Problem> {
    let recovery_codes = actions::confirm_factor(&s, &actor, &session, &body.code).await?;
    Ok(unkept(RecoveryCodesOut { recovery_codes }))
}

/// The sessions of a user I manage that run now.
#[utoipa::path(get, path = "/api/v1/users/{user}/sessions", tag = "signin", params(("user" = String, Path)),
    responses((status = 200, body = Listing<SessionRowOut>)))]
async fn list_users_sessions(
    State(s): State<Services>,
    actor: Actor,
    Path(user): Path<String>,
) -> Result<Json<Listing<SessionRowOut>>, Problem> {
    let id = from_public(&*s.keys, &user).map_err(|_| Problem::not_found())?;
    let scope = actor.scope_for(Permission::UserManage);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let user = users::user_by_id(&mut at, &scope, &s.tree, id).await?;
    drop(at);
    listed(&s, user.row.id, None).await
}

/// Ends a session of a user I manage at once.
#[utoipa::path(post, path = "/api/v1/users/{user}/sessions/{session}/revoke", tag = "signin",
    params(("user" = String, Path), ("session" = String, Path)), responses((status = 204)))]
async fn revoke_users_session(
    State(s): State<Services>,
    actor: Actor,
    Path((user, session)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let of = from_public(&*s.keys, &user).map_err(|_| Problem::not_found())?;
    actions::revoke_of(&s, &actor, of, session_id(&s, &session)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invites a user to choose a password, also after a loss; the answer is the only place where the link is shown. To invite
/// oneself asks for a fresh sign-in.
#[utoipa::path(post, path = "/api/v1/users/{user}/invitation", tag = "signin", params(("user" = String, Path)),
    responses((status = 201, body = InvitationOut)))]
async fn invite(
    State(s): State<Services>,
    actor: Actor,
    session: Option<axum::Extension<Current>>,
    Path(user): Path<String>,
) -> Result<Response, Problem> {
    let id = from_public(&*s.keys, &user).map_err(|_| Problem::not_found())?;
    let session = session.as_ref().map(|current| &current.0);
    let invited = actions::invite(&s, (&actor, session), id).await?;
    let out = InvitationOut {
        invitation: public(&*s.keys, invited.id),
        path: welcome(&invited.secret),
        ends_at: invited.ends_at,
    };
    Ok((StatusCode::CREATED, unkept(out)).into_response())
}

/// Accepts an invitation: sets the password and signs in.
#[utoipa::path(post, path = "/api/v1/invitations/accept", tag = "signin", request_body = AcceptInvitation,
    responses((status = 200, body = SessionOut), (status = 410)))]
async fn accept_invitation(
    State(s): State<Services>,
    visitor: Visitor,
    Json(body): Json<AcceptInvitation>,
) -> Result<Response, Problem> {
    let entered = actions::accept(&s, (&body.secret, &body.password), &visitor).await?;
    entered_out(&s, &entered).await
}

/// Breaks the glass: the code of the sealed envelope opens the installation for an hour, once, when nobody who may is
/// there. Those who watch over it are told at once.
#[utoipa::path(post, path = "/api/v1/break-glass", tag = "signin", request_body = BreakGlass,
    responses((status = 200, body = SessionOut), (status = 401), (status = 429)))]
async fn break_glass(
    State(s): State<Services>,
    visitor: Visitor,
    Json(body): Json<BreakGlass>,
) -> Result<Response, Problem> {
    let breaking = actions::Breaking {
        code: body.code,
        reason: body.reason,
        visitor,
    };
    let entered = actions::break_glass(&s, breaking).await?;
    entered_out(&s, &entered).await
}

/// The codes made for the sealed envelope and what became of them, newest first.
#[utoipa::path(get, path = "/api/v1/break-glass", tag = "signin",
    responses((status = 200, body = Listing<BreakGlassOut>)))]
async fn list_break_glass(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<BreakGlassOut>>, Problem> {
    // It opens the whole installation, so it is for those who watch over the whole of it.
    let scope = actor.scope_for(Permission::AuditRead);
    if !s.tree.roots().into_iter().all(|root| scope.contains(root, &s.tree)) {
        return Ok(Json(Listing {
            items: Vec::new(),
            next: None,
        }));
    }
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let rows = queries::break_glass(&mut at).await.map_err(|e| problems::of_db(&e))?;
    let out = |row: BreakGlassRow| {
        let reason = row
            .reason
            .map(|sealed| s.keys.open(&sealed, REASON_PLACE))
            .transpose()?;
        Ok(BreakGlassOut {
            id: public(&*s.keys, row.id),
            made_at: row.made_at,
            withdrawn_at: row.withdrawn_at,
            used_at: row.used_at,
            ends_at: row.ends_at,
            reason: reason.map(|plain| String::from_utf8_lossy(&plain).into_owned()),
        })
    };
    let items: Result<Vec<BreakGlassOut>, SigninError> = rows.into_iter().map(out).collect();
    Ok(Json(Listing {
        items: items?,
        next: None,
    }))
}
