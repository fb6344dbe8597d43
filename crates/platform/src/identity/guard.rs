//! No staff route without a permission: routes are added through [`GuardedRoutes`], which checks at run time and
//! writes the permission into the OpenAPI document, from which the golden list is made.
//!
//! ```ignore
//! pub fn routes() -> OpenApiRouter<Services> {
//!     OpenApiRouter::new()
//!         .staff(Permission::RefundApprove, routes!(approve))   // 401 / 403 before the body is read
//!         .signed_in(routes!(parameters))                       // any valid token or finished session
//!         .own_account(routes!(me))                             // also while a second factor or new password is owed
//!         .public(routes!(notice))                              // on the public list; checks itself (signature)
//! }
//! let (router, openapi) = guard::finish(all_routes, services);  // once, in the composition root, and in tests
//! let golden = guard::access_list(&openapi);                    // “POST /api/v1/refunds  refund_approve”
//! ```
//!
//! A token in `Authorization` or a session's cookie shows who asks; with the cookie every request that is not a reading
//! one must show the session's token in `X-CSRF-Token`, since a browser sends cookies for strangers' pages too. The
//! guard asks whether the permission is held *somewhere*; the action asks again for the unit at hand.
//! With the header `Idempotency-Key` a guarded writing request is done once ([`crate::idempotency`]). A route
//! added with plain `.routes(…)` has no entry and fails the golden test; a guarded route in a router that was not
//! finished refuses everybody.

use std::borrow::Cow;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, header, request::Parts};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use kernel::ActorId;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, security::SecurityRequirement};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use web::Problem;
use web::problem::{self, Kind};

use super::actions::note_use;
use super::error::TOKEN_ENDED;
use super::model::{Actor, Permission};
use super::{refusals, rules, store};
use crate::signin::actions::{Seen, enter};
use crate::signin::error::{CSRF_WRONG, PASSWORD_CHANGE_REQUIRED, SECOND_FACTOR_REQUIRED, SESSION_NEEDED};
use crate::signin::{Current, Must, cookies};
use crate::{Services, idempotency};

/// What a browser asks for that opens a live line, which it does again by itself: no sign of somebody at the desk.
const EVENT_STREAM: &str = "text/event-stream";
/// Where an operation's access stands in the OpenAPI document.
const ACCESS: &str = "x-access";
/// The name of the bearer scheme in the OpenAPI document.
pub const SCHEME: &str = "token";
/// What a route without an entry is called in the golden list; the test looks for this word.
pub const UNGUARDED: &str = "UNGUARDED";
/// A token's header is short; longer ones are not looked at.
const HEADER_BYTES_MAX: usize = 256;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody; the route itself checks what it needs (a signature, a rate).
    Public,
    /// Anybody with a valid token or session, also one that still owes a second factor or a new password.
    OwnAccount,
    /// Anybody with a valid token or a session that owes nothing.
    SignedIn,
    /// Who holds this permission somewhere.
    Staff(Permission),
    /// Who holds one of these somewhere: a list that several roles need. Never empty.
    StaffAny(&'static [Permission]),
}

impl Access {
    /// The word in the golden list.
    pub fn as_str(self) -> Cow<'static, str> {
        match self {
            Self::Public => "public".into(),
            Self::OwnAccount => "own_account".into(),
            Self::SignedIn => "signed_in".into(),
            Self::Staff(permission) => permission.as_str().into(),
            Self::StaffAny(permissions) => {
                let words: Vec<&str> = permissions.iter().map(|permission| permission.as_str()).collect();
                words.join(" or ").into()
            }
        }
    }
}

/// Adds routes together with who may call them.
pub trait GuardedRoutes: Sized {
    /// Routes for those who hold the permission somewhere.
    #[must_use]
    fn staff(self, permission: Permission, routes: UtoipaMethodRouter<Services>) -> Self;
    /// Routes for those who hold one of the permissions somewhere: lists that several roles need. The handler asks for
    /// the scope of the same ones ([`Actor::scope_for_any`]).
    #[must_use]
    fn staff_any(self, permissions: &'static [Permission], routes: UtoipaMethodRouter<Services>) -> Self;
    /// Routes of one's own account: open also to a session that still owes a second factor or a new password.
    #[must_use]
    fn own_account(self, routes: UtoipaMethodRouter<Services>) -> Self;
    /// Routes for anybody with a valid token or a finished session.
    #[must_use]
    fn signed_in(self, routes: UtoipaMethodRouter<Services>) -> Self;
    /// Routes for anybody: these stand on the public list.
    #[must_use]
    fn public(self, routes: UtoipaMethodRouter<Services>) -> Self;
}

impl GuardedRoutes for OpenApiRouter<Services> {
    fn staff(self, permission: Permission, routes: UtoipaMethodRouter<Services>) -> Self {
        self.routes(guarded(Access::Staff(permission), routes))
    }
    fn staff_any(self, permissions: &'static [Permission], routes: UtoipaMethodRouter<Services>) -> Self {
        self.routes(guarded(Access::StaffAny(permissions), routes))
    }
    fn own_account(self, routes: UtoipaMethodRouter<Services>) -> Self {
        self.routes(guarded(Access::OwnAccount, routes))
    }
    fn signed_in(self, routes: UtoipaMethodRouter<Services>) -> Self {
        self.routes(guarded(Access::SignedIn, routes))
    }
    fn public(self, routes: UtoipaMethodRouter<Services>) -> Self {
        self.routes(guarded(Access::Public, routes))
    }
}

fn guarded(access: Access, (schemas, mut paths, router): UtoipaMethodRouter<Services>) -> UtoipaMethodRouter<Services> {
    for item in paths.paths.values_mut() {
        for operation in operations_mut(item) {
            let note = Extensions::from_iter([(ACCESS, access.as_str())]);
            operation.extensions.get_or_insert_default().merge(note);
            if access != Access::Public {
                operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], _>(SCHEME, [])]);
            }
        }
    }
    let router = match access {
        Access::Public => router,
        _ => router.route_layer(middleware::from_fn(move |request: Request, next: Next| {
            check(access, request, next)
        })),
    };
    (schemas, paths, router)
}

/// Put into the request by [`finish`], so that a guard, which is built before the services exist, can ask them.
#[derive(Clone)]
struct Door(Services);

/// Hangs the door in: gives the finished router and its document. A router with guarded routes works only this way.
pub fn finish(routes: OpenApiRouter<Services>, services: Services) -> (axum::Router, OpenApi) {
    let (router, mut openapi) = routes.split_for_parts();
    refusals::describe(&mut openapi);
    let door = Door(services.clone());
    (
        router
            .with_state(services)
            .layer(middleware::from_fn_with_state(door, hang_in)),
        openapi,
    )
}

async fn hang_in(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    // Only who shows something is looked at: payment notices do not pay for this.
    if shows_something(request.headers()) {
        request.extensions_mut().insert(door);
    }
    next.run(request).await
}

fn shows_something(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || cookies::session(headers).is_some()
}

async fn check(access: Access, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let door = parts.extensions.get::<Door>().cloned();
    let shown = shows_something(&parts.headers);
    let passed = match &door {
        Some(Door(services)) => pass(access, &mut parts, services).await,
        None if shown => {
            tracing::error!("a guarded route was built without guard::finish; it refuses everybody");
            Err(Problem::internal())
        }
        None => Err(Problem::unauthenticated()),
    };
    let actor = match passed {
        Ok(actor) => actor,
        Err(problem) => return problem.into_response(),
    };
    let request = Request::from_parts(parts, body);
    let mut response = match door {
        Some(Door(services)) if idempotency::wanted(&request) => {
            idempotency::once(services, actor, request, next).await
        }
        _ => next.run(request).await,
    };
    // What staff read is theirs alone: no browser and no proxy keeps it for the next person at the desk.
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn pass(access: Access, parts: &mut Parts, services: &Services) -> Result<ActorId, Problem> {
    let (actor, session) = authenticate(parts, services).await?;
    if access != Access::OwnAccount {
        owes_nothing(session.as_ref())?;
    }
    match access {
        Access::Staff(permission) => actor.require_somewhere(permission)?,
        Access::StaffAny(permissions) => require_one_of(&actor, permissions)?,
        Access::Public | Access::OwnAccount | Access::SignedIn => {}
    }
    let id = actor.id;
    parts.extensions.insert(actor);
    if let Some(session) = session {
        parts.extensions.insert(session);
    }
    Ok(id)
}

fn require_one_of(actor: &Actor, permissions: &[Permission]) -> Result<(), Problem> {
    if !actor.scope_for_any(permissions).is_nothing() {
        return Ok(());
    }
    // The first says what is missing: the one the list was made for.
    permissions
        .iter()
        .try_for_each(|permission| actor.require_somewhere(*permission))?;
    Err(Problem::not_found())
}

/// Who asks: by token, or by a session's cookie. A token that is shown counts alone.
async fn authenticate(parts: &Parts, services: &Services) -> Result<(Actor, Option<Current>), Problem> {
    if parts.headers.contains_key(header::AUTHORIZATION) {
        return Ok((by_token(parts, services).await?, None));
    }
    let secret = cookies::session(&parts.headers).ok_or_else(Problem::unauthenticated)?;
    let reads = parts.method.is_safe();
    let listens = parts
        .headers
        .get(header::ACCEPT)
        .is_some_and(|kind| kind == EVENT_STREAM);
    let looks = listens || parts.uri.path() == crate::signin::api::SESSION_PATH;
    let seen = if reads && looks { Seen::Look } else { Seen::Use };
    let (actor, session) = enter(services, secret, seen).await?;
    if !reads {
        let shown = parts
            .headers
            .get(cookies::CSRF_HEADER)
            .map_or(&[][..], |v| v.as_bytes());
        if !crate::keys::same(shown, session.csrf.as_bytes()) {
            return Err(Problem::new(CSRF_WRONG));
        }
    }
    Ok((actor, Some(session)))
}

/// Refuses a session whose user has to do something first.
fn owes_nothing(session: Option<&Current>) -> Result<(), Problem> {
    match session.and_then(|session| session.must) {
        None => Ok(()),
        Some(Must::EnrolSecondFactor) => Err(Problem::new(SECOND_FACTOR_REQUIRED)),
        Some(Must::ChangePassword) => Err(Problem::new(PASSWORD_CHANGE_REQUIRED)),
    }
}

/// Who shows this token.
async fn by_token(parts: &Parts, services: &Services) -> Result<Actor, Problem> {
    let header = parts
        .headers
        .get(header::AUTHORIZATION)
        .ok_or_else(Problem::unauthenticated)?;
    let text = header.to_str().ok().filter(|text| text.len() <= HEADER_BYTES_MAX);
    let (scheme, token) = text
        .and_then(|text| text.split_once(' '))
        .ok_or_else(Problem::unauthenticated)?;
    let hash = rules::token_hash(token).filter(|_| scheme.eq_ignore_ascii_case("bearer"));
    let hash = hash.ok_or_else(Problem::unauthenticated)?;
    let now = services.now();
    let found = async {
        let mut at = services.db.snapshot().await?;
        store::by_hash(&mut at, hash, &services.tree, now.business_day()).await
    };
    let (token, actor) = found
        .await
        .map_err(|e| crate::problems::of_db(&e))?
        .ok_or_else(Problem::unauthenticated)?;
    if token.revoked_at.is_some() || token.expires_at <= now {
        return Err(Problem::new(TOKEN_ENDED));
    }
    note_use(services, &token).await;
    Ok(actor)
}

impl FromRequestParts<Services> for Actor {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let (actor, session) = authenticate(parts, services).await?;
        owes_nothing(session.as_ref())?;
        parts.extensions.insert(actor.clone());
        Ok(actor)
    }
}

/// The session of the request; refused to bearers of tokens.
impl FromRequestParts<Services> for Current {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Services) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Self>().cloned();
        known.ok_or_else(|| Problem::new(SESSION_NEEDED))
    }
}

pub(super) fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        put,
        post,
        delete,
        options,
        head,
        patch,
        trace,
        ..
    } = item;
    [get, put, post, delete, options, head, patch, trace]
        .into_iter()
        .flatten()
}

/// One line a route, sorted: `POST /api/v1/users user_manage`; [`UNGUARDED`] where nobody said who may call it.
pub fn access_list(openapi: &OpenApi) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, item) in &openapi.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("PUT", &item.put),
            ("POST", &item.post),
            ("DELETE", &item.delete),
            ("OPTIONS", &item.options),
            ("HEAD", &item.head),
            ("PATCH", &item.patch),
            ("TRACE", &item.trace),
        ];
        for (method, operation) in methods {
            let Some(operation) = operation else { continue };
            let noted = operation
                .extensions
                .as_ref()
                .and_then(|all| all.get(ACCESS))
                .and_then(|word| word.as_str());
            lines.push(format!("{method} {path} {}", noted.unwrap_or(UNGUARDED)));
        }
    }
    lines.sort();
    lines
}

/// The kinds a guard can answer with.
pub const KINDS: &[Kind] = &[problem::UNAUTHENTICATED, TOKEN_ENDED, super::error::MISSING_PERMISSION];
