//! Staff JSON: one's own passkeys, those of users one manages, and the question before signing in with one.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use data_encoding::BASE64URL_NOPAD;
use kernel::Instant;
use kernel::id::{from_public, public};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, Problem};

use super::model::{Answer, Asked, Known, Listed, NewKey, Offered, PasskeyId};
use super::{actions, queries};
use crate::identity::{Actor, GuardedRoutes as _, Permission, queries as users};
use crate::signin::actions::Attempt;
use crate::signin::model::{Current, Visitor};
use crate::{Services, problems};

/// A credential's name has at most 1,023 bytes; what is longer is not read.
const CREDENTIAL_BYTES_MAX: usize = 1_023;
/// What a browser says of itself is some hundred bytes.
const CLIENT_DATA_BYTES_MAX: usize = 8 * 1024;
/// An authenticator's words, with a certificate or two in them.
const AUTHENTICATOR_BYTES_MAX: usize = 64 * 1024;
/// There are six ways to an authenticator; browsers may know more.
const TRANSPORTS_MAX: usize = 16;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(ask_passkey))
        .own_account(routes!(list_passkeys))
        .own_account(routes!(offer_passkey))
        .own_account(routes!(register_passkey))
        .own_account(routes!(rename_passkey))
        .own_account(routes!(remove_passkey))
        .staff(Permission::UserManage, routes!(list_users_passkeys))
        .staff(Permission::UserManage, routes!(remove_users_passkey))
}

/// A name and a password that may ask for a passkey.
#[derive(Deserialize, ToSchema)]
pub struct AskPasskey {
    /// The user's name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// A passkey that a browser is reminded of.
#[derive(Serialize, ToSchema)]
pub struct KnownPasskey {
    /// What the authenticator calls it, base64url.
    pub credential_id: String,
    /// How the browser reaches the authenticator, as WebAuthn names it.
    pub transports: Vec<String>,
}

/// For `navigator.credentials.get`: what is asked of an authenticator.
#[derive(Serialize, ToSchema)]
pub struct PasskeyAskedOut {
    /// To be signed, base64url; it is asked once and waits five minutes.
    pub challenge: String,
    /// For whom: the name of the host.
    pub relying_party: String,
    /// Those that may be shown.
    pub passkeys: Vec<KnownPasskey>,
    /// How long the challenge waits, in milliseconds.
    pub timeout_ms: u32,
}

/// For `navigator.credentials.create`: what a new passkey is made for.
#[derive(Serialize, ToSchema)]
pub struct PasskeyOfferOut {
    /// To be signed, base64url; it is asked once and waits five minutes.
    pub challenge: String,
    /// For whom: the name of the host.
    pub relying_party: String,
    /// The account, for the authenticator, base64url.
    pub user_handle: String,
    /// The account, for its owner.
    pub user_name: String,
    /// The algorithms that are understood, in COSE's numbers, the best first.
    pub algorithms: Vec<i32>,
    /// What this account has already.
    pub passkeys: Vec<KnownPasskey>,
    /// How long the challenge waits, in milliseconds.
    pub timeout_ms: u32,
}

/// A passkey that the browser has made.
#[derive(Deserialize, ToSchema)]
pub struct RegisterPasskey {
    /// What its owner calls it, 1 to 40 characters.
    pub name: String,
    /// `response.clientDataJSON`, base64url.
    pub client_data: String,
    /// `response.attestationObject`, base64url.
    pub attestation: String,
    /// `response.getTransports()`.
    #[serde(default)]
    pub transports: Vec<String>,
}

/// A passkey that the browser shows.
#[derive(Deserialize, ToSchema)]
pub struct PasskeyAnswer {
    /// `rawId`, base64url.
    pub credential_id: String,
    /// `response.clientDataJSON`, base64url.
    pub client_data: String,
    /// `response.authenticatorData`, base64url.
    pub authenticator_data: String,
    /// `response.signature`, base64url.
    pub signature: String,
    /// `response.userHandle`, base64url, where there is one.
    pub user_handle: Option<String>,
}

/// A passkey that was registered.
#[derive(Serialize, ToSchema)]
pub struct PasskeyMadeOut {
    /// Public id.
    pub passkey: String,
    /// Each works once in the place of a code; shown this once, and empty when the account has some already.
    pub recovery_codes: Vec<String>,
}

/// A passkey of a list.
#[derive(Serialize, ToSchema)]
pub struct PasskeyOut {
    /// Public id.
    pub passkey: String,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    #[schema(value_type = String)]
    pub registered_at: Instant,
    /// When it was shown last.
    #[schema(value_type = Option<String>)]
    pub last_used_at: Option<Instant>,
    /// Whether it was made for the present address of the installation; others cannot be shown.
    pub here: bool,
}

/// Another name for a passkey.
#[derive(Deserialize, ToSchema)]
pub struct RenamePasskey {
    /// 1 to 40 characters.
    pub name: String,
}

fn bytes(field: &str, text: &str, max: usize) -> Result<Vec<u8>, Problem> {
    // Four letters for three bytes.
    if text.len() > max.div_ceil(3) * 4 {
        return Err(Problem::invalid(field, format!("at most {max} bytes")));
    }
    let decoded = BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes());
    decoded.map_err(|_| Problem::invalid(field, "base64url is expected"))
}

impl TryFrom<RegisterPasskey> for NewKey {
    type Error = Problem;
    fn try_from(body: RegisterPasskey) -> Result<Self, Problem> {
        let mut transports = body.transports;
        transports.truncate(TRANSPORTS_MAX);
        Ok(Self {
            name: body.name,
            client_data: bytes("client_data", &body.client_data, CLIENT_DATA_BYTES_MAX)?,
            attestation: bytes("attestation", &body.attestation, AUTHENTICATOR_BYTES_MAX)?,
            transports,
        })
    }
}

impl TryFrom<PasskeyAnswer> for Answer {
    type Error = Problem;
    fn try_from(body: PasskeyAnswer) -> Result<Self, Problem> {
        let handle = body.user_handle.as_deref().filter(|handle| !handle.is_empty());
        let handle = handle.map(|handle| bytes("passkey.user_handle", handle, CREDENTIAL_BYTES_MAX));
        let data = &body.authenticator_data;
        Ok(Self {
            credential_id: bytes("passkey.credential_id", &body.credential_id, CREDENTIAL_BYTES_MAX)?,
            client_data: bytes("passkey.client_data", &body.client_data, CLIENT_DATA_BYTES_MAX)?,
            authenticator_data: bytes("passkey.authenticator_data", data, AUTHENTICATOR_BYTES_MAX)?,
            signature: bytes("passkey.signature", &body.signature, CLIENT_DATA_BYTES_MAX)?,
            handle: handle.transpose()?,
        })
    }
}

fn known(known: Vec<Known>) -> Vec<KnownPasskey> {
    let out = |one: Known| KnownPasskey {
        credential_id: BASE64URL_NOPAD.encode(&one.credential_id),
        transports: one.transports.into_iter().map(str::to_owned).collect(),
    };
    known.into_iter().map(out).collect()
}

impl From<Asked> for PasskeyAskedOut {
    fn from(asked: Asked) -> Self {
        Self {
            challenge: BASE64URL_NOPAD.encode(&asked.challenge),
            relying_party: asked.relying_party,
            passkeys: known(asked.known),
            timeout_ms: asked.timeout_ms,
        }
    }
}

impl From<Offered> for PasskeyOfferOut {
    fn from(offered: Offered) -> Self {
        Self {
            challenge: BASE64URL_NOPAD.encode(&offered.challenge),
            relying_party: offered.relying_party,
            user_handle: BASE64URL_NOPAD.encode(&offered.handle),
            user_name: offered.name,
            algorithms: offered.algorithms.to_vec(),
            passkeys: known(offered.known),
            timeout_ms: offered.timeout_ms,
        }
    }
}

/// Never kept by a browser or anything between.
fn unkept(body: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn passkey_id(s: &Services, text: &str) -> Result<PasskeyId, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

async fn listed(s: &Services, of: kernel::ActorId) -> Result<Json<Listing<PasskeyOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let rows = queries::list(&mut at, s, of).await?;
    let out = |row: Listed| PasskeyOut {
        passkey: public(&*s.keys, row.id),
        name: row.name,
        registered_at: row.registered_at,
        last_used_at: row.last_used_at,
        here: row.here,
    };
    Ok(Json(Listing {
        items: rows.into_iter().map(out).collect(),
        next: None,
    }))
}

/// Asks for a passkey: after the right name and password, what the browser needs to show one. One answer for an unknown
/// name and a wrong password.
#[utoipa::path(post, path = "/api/v1/session/passkey", tag = "signin", request_body = AskPasskey,
    responses((status = 200, body = PasskeyAskedOut), (status = 401), (status = 404), (status = 409), (status = 429)))]
async fn ask_passkey(
    State(s): State<Services>,
    visitor: Visitor,
    Json(body): Json<AskPasskey>,
) -> Result<Response, Problem> {
    let attempt = Attempt {
        name: body.name,
        password: body.password,
        code: None,
        passkey: None,
        visitor,
    };
    let asked = actions::ask(&s, &attempt).await?;
    Ok(unkept(PasskeyAskedOut::from(asked)))
}

/// My passkeys, the oldest first.
#[utoipa::path(get, path = "/api/v1/account/passkeys", tag = "signin",
    responses((status = 200, body = Listing<PasskeyOut>)))]
async fn list_passkeys(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<PasskeyOut>>, Problem> {
    listed(&s, actor.id).await
}

/// Asks the browser to make a passkey; it is in force only when it is brought.
#[utoipa::path(post, path = "/api/v1/account/passkeys", tag = "signin",
    responses((status = 200, body = PasskeyOfferOut), (status = 409)))]
async fn offer_passkey(State(s): State<Services>, actor: Actor, session: Current) -> Result<Response, Problem> {
    let offered = actions::offer(&s, &actor, &session).await?;
    Ok(unkept(PasskeyOfferOut::from(offered)))
}

/// Registers the passkey that the browser made; the answer is the only place where recovery codes are shown.
#[utoipa::path(post, path = "/api/v1/account/passkeys/register", tag = "signin", request_body = RegisterPasskey,
    responses((status = 201, body = PasskeyMadeOut), (status = 403), (status = 409)))]
async fn register_passkey(
    State(s): State<Services>,
    actor: Actor,
    session: Current,
    Json(body): Json<RegisterPasskey>,
) -> Result<Response, Problem> {
    let made = actions::register(&s, &actor, &session, NewKey::try_from(body)?).await?;
    let out = PasskeyMadeOut {
        passkey: public(&*s.keys, made.id),
        recovery_codes: made.recovery_codes,
    };
    Ok((StatusCode::CREATED, unkept(out)).into_response())
}

/// Gives my passkey another name.
#[utoipa::path(post, path = "/api/v1/account/passkeys/{passkey}/rename", tag = "signin",
    params(("passkey" = String, Path)), request_body = RenamePasskey, responses((status = 204), (status = 404)))]
async fn rename_passkey(
    State(s): State<Services>,
    actor: Actor,
    Path(passkey): Path<String>,
    Json(body): Json<RenamePasskey>,
) -> Result<StatusCode, Problem> {
    actions::rename(&s, &actor, passkey_id(&s, &passkey)?, &body.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes my passkey, unless it is the last second factor of a role that asks for one; ends my other sessions.
#[utoipa::path(delete, path = "/api/v1/account/passkeys/{passkey}", tag = "signin",
    params(("passkey" = String, Path)), responses((status = 204), (status = 404), (status = 409)))]
async fn remove_passkey(
    State(s): State<Services>,
    actor: Actor,
    session: Current,
    Path(passkey): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::remove(&s, &actor, &session, passkey_id(&s, &passkey)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The passkeys of a user I manage.
#[utoipa::path(get, path = "/api/v1/users/{user}/passkeys", tag = "signin", params(("user" = String, Path)),
    responses((status = 200, body = Listing<PasskeyOut>)))]
async fn list_users_passkeys(
    State(s): State<Services>,
    actor: Actor,
    Path(user): Path<String>,
) -> Result<Json<Listing<PasskeyOut>>, Problem> {
    let id = from_public(&*s.keys, &user).map_err(|_| Problem::not_found())?;
    let scope = actor.scope_for(Permission::UserManage);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let user = users::user_by_id(&mut at, &scope, &s.tree, id).await?;
    drop(at);
    listed(&s, user.row.id).await
}

/// Removes a lost passkey of a user I manage and ends the user's sessions; where it is the last second factor of a role
/// that asks for one, an invitation does.
#[utoipa::path(delete, path = "/api/v1/users/{user}/passkeys/{passkey}", tag = "signin",
    params(("user" = String, Path), ("passkey" = String, Path)),
    responses((status = 204), (status = 404), (status = 409)))]
async fn remove_users_passkey(
    State(s): State<Services>,
    actor: Actor,
    session: Option<axum::Extension<Current>>,
    Path((user, passkey)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let of: kernel::ActorId = from_public(&*s.keys, &user).map_err(|_| Problem::not_found())?;
    let id = passkey_id(&s, &passkey)?;
    match session {
        // One's own goes as on one's own page: after a fresh sign-in.
        Some(axum::Extension(session)) if of == actor.id => actions::remove(&s, &actor, &session, id).await?,
        _ => actions::remove_of(&s, &actor, of, id).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}
