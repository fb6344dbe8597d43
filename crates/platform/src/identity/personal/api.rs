//! Staff JSON of personal fields: one's own, and those of users one manages.

use axum::extract::{Path, State};
use kernel::ActorId;
use kernel::id::from_public;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions;
use super::rules::Change;
use crate::Services;
use crate::identity::actions::Personal;
use crate::identity::guard::GuardedRoutes as _;
use crate::identity::model::{Actor, Permission, PersonalReason, RevealReason};
use crate::signin::Current;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .signed_in(routes!(own_personal, change_own_personal))
        .staff(Permission::UserManage, routes!(user_personal, change_user_personal))
        .staff(Permission::UserManage, routes!(reveal_user_personal))
}

/// How somebody of the staff is reached: masked, unless she was revealed. No `Debug`.
#[derive(Serialize, ToSchema)]
pub struct PersonalOut {
    /// The name on the identity card.
    pub real_name: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// The e-mail, to which notices go besides.
    pub email: Option<String>,
}

/// What changes about oneself: an empty text removes, what is not named stays. No `Debug`.
#[derive(Deserialize, ToSchema)]
pub struct ChangeOwnPersonal {
    /// The telephone: 7 to 15 digits.
    pub phone: Option<String>,
    /// The e-mail.
    pub email: Option<String>,
}

/// What changes about a user: an empty text removes, what is not named stays. No `Debug`.
#[derive(Deserialize, ToSchema)]
pub struct ChangePersonal {
    /// The name on the identity card.
    pub real_name: Option<String>,
    /// The telephone: 7 to 15 digits.
    pub phone: Option<String>,
    /// The e-mail.
    pub email: Option<String>,
    /// Why; it stands in the audit trail.
    pub reason: PersonalReason,
}

/// Why personal fields are opened.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RevealPersonal {
    /// The reason; it stands in the audit trail.
    pub reason: RevealReason,
}

fn out(personal: Personal) -> Json<PersonalOut> {
    Json(PersonalOut {
        real_name: personal.real_name,
        phone: personal.phone,
        email: personal.email,
    })
}

fn id_of(s: &Services, text: &str) -> Result<ActorId, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// How I am reached, masked.
#[utoipa::path(get, path = "/api/v1/account/personal", tag = "identity", responses((status = 200, body = PersonalOut)))]
async fn own_personal(State(s): State<Services>, actor: Actor) -> Result<Json<PersonalOut>, Problem> {
    Ok(out(actions::own(&s, &actor).await?))
}

/// Changes or removes my telephone and e-mail, after a fresh sign-in.
#[utoipa::path(patch, path = "/api/v1/account/personal", tag = "identity", request_body = ChangeOwnPersonal,
    responses((status = 200, body = PersonalOut)))]
async fn change_own_personal(
    State(s): State<Services>,
    actor: Actor,
    session: Option<axum::Extension<Current>>,
    Json(body): Json<ChangeOwnPersonal>,
) -> Result<Json<PersonalOut>, Problem> {
    let change = Change {
        real_name: None,
        phone: body.phone,
        email: body.email,
    };
    let session = session.as_ref().map(|current| &current.0);
    Ok(out(actions::change_own(&s, (&actor, session), &change).await?))
}

/// How a user is reached, masked.
#[utoipa::path(get, path = "/api/v1/users/{user}/personal", tag = "identity", params(("user" = String, Path)),
    responses((status = 200, body = PersonalOut)))]
async fn user_personal(
    State(s): State<Services>,
    actor: Actor,
    Path(user): Path<String>,
) -> Result<Json<PersonalOut>, Problem> {
    Ok(out(actions::of_user(&s, &actor, id_of(&s, &user)?).await?))
}

/// Changes or removes how a user is reached, for a reason that stands in the trail.
#[utoipa::path(patch, path = "/api/v1/users/{user}/personal", tag = "identity", params(("user" = String, Path)),
    request_body = ChangePersonal, responses((status = 200, body = PersonalOut)))]
async fn change_user_personal(
    State(s): State<Services>,
    actor: Actor,
    session: Option<axum::Extension<Current>>,
    Path(user): Path<String>,
    Json(body): Json<ChangePersonal>,
) -> Result<Json<PersonalOut>, Problem> {
    let change = Change {
        real_name: body.real_name,
        phone: body.phone,
        email: body.email,
    };
    let by = (&actor, session.as_ref().map(|current| &current.0));
    let changed = actions::change(&s, by, id_of(&s, &user)?, &change, body.reason).await?;
    Ok(out(changed))
}

/// Opens how a user is reached; it stands in the trail who did and why.
#[utoipa::path(post, path = "/api/v1/users/{user}/personal/reveal", tag = "identity", params(("user" = String, Path)),
    request_body = RevealPersonal, responses((status = 200, body = PersonalOut)))]
async fn reveal_user_personal(
    State(s): State<Services>,
    actor: Actor,
    Path(user): Path<String>,
    Json(body): Json<RevealPersonal>,
) -> Result<Json<PersonalOut>, Problem> {
    let open = actions::reveal(&s, &actor, id_of(&s, &user)?, body.reason).await?;
    Ok(out(open))
}
