//! Who decides about what in a unit: the policies in force, stage by stage, with the people of today.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use kernel::id::public;
use kernel::{BusinessDay, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, Locale, Problem, Query, Reader};

use super::field_of;
use crate::approvals::actions::seats::{self, Decider};
use crate::approvals::model::PolicyVersion;
use crate::approvals::queries;
use crate::sheet::{Cell, Sheet};

/// Who may know: whoever reads cases, manages users or reads the trail in that unit.
const READING: &[Permission] = &[Permission::ApprovalRead, Permission::UserManage, Permission::AuditRead];

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().staff_any(READING, routes!(list_deciders))
}

/// `?unit=&kind=&as=csv`.
#[derive(Debug, Deserialize)]
struct DecidersQuery {
    unit: String,
    kind: Option<String>,
    #[serde(rename = "as")]
    form: Option<String>,
}

/// Somebody who could decide at a stage; a stage that nobody could decide has one line without a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalDeciderOut)]
pub struct DeciderOut {
    /// What is decided: `refund`.
    pub subject_kind: String,
    /// The policy's name.
    pub policy: String,
    /// The same in English.
    pub policy_en: String,
    /// The stage's word.
    pub stage: String,
    /// Its name.
    pub stage_title: String,
    /// The same in English.
    pub stage_title_en: String,
    /// decider, or deputy: asked too when the limit has passed.
    pub seat: &'static str,
    /// How many of them are drawn by lot; all decide where nothing stands.
    pub drawn: Option<i64>,
    /// The user's public id.
    pub user: Option<String>,
    /// Her name in lists.
    pub name: Option<String>,
    /// Who lent her the role.
    pub lent_by: Option<String>,
    /// The last day, of what was lent and of a post with a term.
    #[schema(value_type = Option<String>)]
    pub until: Option<BusinessDay>,
}

fn lines(s: &Services, version: &PolicyVersion, found: Vec<seats::StageDeciders>) -> Vec<DeciderOut> {
    let mut out = Vec::new();
    for (spec, stage) in version.policy.stages.iter().zip(found) {
        let line = |seat: &'static str, who: Option<Decider>| {
            let (user, name, grant) = match who {
                Some(who) => (
                    Some(public(&*s.keys, who.id)),
                    Some(who.name),
                    Some((who.lent_by, who.until)),
                ),
                None => (None, None, None),
            };
            let (lent_by, until) = grant.unwrap_or_default();
            DeciderOut {
                subject_kind: version.subject_kind.clone(),
                policy: version.policy.title.clone(),
                policy_en: version.policy.title_en.clone(),
                stage: spec.key.clone(),
                stage_title: spec.title.clone(),
                stage_title_en: spec.title_en.clone(),
                seat,
                drawn: spec.draw,
                user,
                name,
                lent_by,
                until,
            }
        };
        if stage.people.is_empty() {
            out.push(line("decider", None));
        }
        out.extend(stage.people.into_iter().map(|who| line("decider", Some(who))));
        out.extend(stage.deputies.into_iter().map(|who| line("deputy", Some(who))));
    }
    out
}

/// Who could decide today in a unit, for each kind of decision stage by stage, with deputies and what was lent.
#[utoipa::path(get, path = "/api/v1/approvals/deciders", tag = "approvals",
    params(("unit" = String, Query, description = "public id"),
        ("kind" = Option<String>, Query, description = "`refund`; all without"),
        ("as" = Option<String>, Query, description = "csv")),
    responses((status = 200, description = "or CSV", body = Listing<DeciderOut>)))]
async fn list_deciders(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Query(query): Query<DecidersQuery>,
) -> Result<Response, Problem> {
    let unit: UnitId = field_of(&s, "unit", &query.unit)?;
    if !s.tree.knows(unit) || !actor.scope_for_any(READING).contains(unit, &s.tree) {
        return Err(Problem::not_found());
    }
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let policies = queries::policies(&mut at, &s.tree.ancestors(unit)).await;
    let mut items = Vec::new();
    for version in policies.map_err(|e| problems::of_db(&e))? {
        if query.kind.as_ref().is_some_and(|kind| *kind != version.subject_kind) {
            continue;
        }
        let found = seats::deciders(&mut at, &s, &version.policy, unit).await;
        items.extend(lines(&s, &version, found.map_err(|e| problems::of_db(&e))?));
    }
    if query.form.as_deref() != Some("csv") {
        return Ok(Json(Listing { items, next: None }).into_response());
    }
    let bytes = sheet(&s, &items, reader.locale()).to_csv().map_err(|error| {
        tracing::error!(%error, "a table of deciders could not be written");
        Problem::internal()
    })?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"deciders.csv\""),
        ),
    ];
    Ok((headers, bytes).into_response())
}

fn sheet(s: &Services, items: &[DeciderOut], locale: Locale) -> Sheet {
    let say = |key: &str| locale.text(&format!("approvals.sheet.{key}"), &[]);
    let text = |word: &Option<String>| word.as_ref().map_or(Cell::Empty, |word| Cell::Text(word.clone()));
    let heads = ["subject_kind", "policy", "stage", "seat", "name", "lent_by", "until"];
    let row = |one: &DeciderOut| {
        vec![
            Cell::Text(one.subject_kind.clone()),
            Cell::Text(one.policy.clone()),
            Cell::Text(one.stage_title.clone()),
            Cell::Text(say(one.seat)),
            text(&one.name),
            text(&one.lent_by),
            one.until.map_or(Cell::Empty, |day| Cell::Text(day.to_string())),
        ]
    };
    Sheet {
        title: say("title"),
        as_of: s.now(),
        columns: heads.iter().map(|key| say(key)).collect(),
        rows: items.iter().map(row).collect(),
    }
}
