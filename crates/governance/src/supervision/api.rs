//! JSON of a supervisor's own list, rules and alerts. Whoever reads the trail has her own; nobody sees another's.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{Fen, Instant, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{self, ALERT_PLACE, WATCHED_PLACE, opened};
use super::model::{Alert, AlertId, Condition, Moment, Rule, ThingId, ThingKind, Watched, inner};
use super::queries::{self, Wanted};
use super::sight::Sight;
use crate::approvals::model::Hex;

/// The routes of this slice, with this sight of what can be watched.
pub fn routes(sight: &Arc<dyn Sight>) -> OpenApiRouter<Services> {
    let (schemas, paths, router) = routes!(watch_thing);
    let watching = (schemas, paths, router.layer(Extension(Arc::clone(sight))));
    OpenApiRouter::new()
        .staff(Permission::AuditRead, routes!(list_watched))
        .staff(Permission::AuditRead, watching)
        .staff(Permission::AuditRead, routes!(note_watched))
        .staff(Permission::AuditRead, routes!(unwatch_thing))
        .staff(Permission::AuditRead, routes!(list_watch_rules))
        .staff(Permission::AuditRead, routes!(set_watch_rule))
        .staff(Permission::AuditRead, routes!(end_watch_rule))
        .staff(Permission::AuditRead, routes!(list_watch_alerts))
        .staff(Permission::AuditRead, routes!(see_watch_alert))
}

/// A thing on my list.
#[derive(Serialize, ToSchema)]
pub struct WatchedOut {
    /// Public id of the entry.
    pub id: String,
    /// The public id of the thing's unit.
    pub unit: String,
    /// What kind of thing.
    pub kind: ThingKind,
    /// The public id of the thing.
    pub thing: String,
    /// What it was called when it was put on the list.
    pub name: String,
    /// My note.
    pub note: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// A thing to be put on my list.
#[derive(Deserialize, ToSchema)]
pub struct WatchThing {
    /// What kind of thing.
    pub kind: ThingKind,
    /// Its public id.
    pub thing: String,
    /// My note; nobody else reads it.
    #[serde(default)]
    pub note: String,
}

/// A note of mine.
#[derive(Deserialize, ToSchema)]
pub struct WatchNote {
    /// Its words; empty: no note.
    #[serde(default)]
    pub note: String,
}

/// When a rule raises an alert: one of a fixed list.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WatchCondition {
    /// A refund above a sum.
    RefundOver {
        /// Above how much.
        #[schema(value_type = i64)]
        over_fen: Fen,
        /// Asked for, or approved.
        when: Moment,
    },
    /// Money passed on, above a sum.
    PayoutOver {
        /// Above how much.
        #[schema(value_type = i64)]
        over_fen: Fen,
        /// Asked for, or approved.
        when: Moment,
    },
    /// Money spent, above a sum.
    ExpenditureOver {
        /// Above how much.
        #[schema(value_type = i64)]
        over_fen: Fen,
    },
    /// A project's expenditure above a share of what it received.
    SpendingShare {
        /// The public id of one project; absent: any.
        #[serde(default)]
        project: Option<String>,
        /// Above so many per cent, 1 to 1,000.
        over_percent: i64,
    },
    /// A posted journal was undone.
    JournalReversed,
    /// Goods were moved outside working hours, in Beijing's time.
    GoodsOutOfHours {
        /// The public id of one item of the catalogue; absent: any.
        #[serde(default)]
        item: Option<String>,
        /// Work begins at this hour, 0 to 23.
        from_hour: i64,
        /// Work ends before this hour, 1 to 24.
        to_hour: i64,
    },
    /// Goods wait too long for their allocation, or a norm of the stock is broken.
    GoodsBreach,
    /// Anything happened to a thing on my list.
    Watched,
}

/// A rule of mine.
#[derive(Serialize, ToSchema)]
pub struct WatchRuleOut {
    /// Public id.
    pub id: String,
    /// The public id of the unit it looks at, with all below it.
    pub unit: String,
    /// What I call it.
    pub title: String,
    /// When it raises an alert.
    pub condition: WatchCondition,
    /// Since when it looks.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// Since when it does not any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
}

/// A rule to be set.
#[derive(Deserialize, ToSchema)]
pub struct SetWatchRule {
    /// The public id of the unit it looks at.
    pub unit: String,
    /// What I call it.
    pub title: String,
    /// When it raises an alert.
    pub condition: WatchCondition,
}

/// What a rule of mine raised.
#[derive(Serialize, ToSchema)]
pub struct WatchAlertOut {
    /// Public id.
    pub id: String,
    /// The public id of the unit in which it happened.
    pub unit: String,
    /// The public id of the rule.
    pub rule: String,
    /// What the rule is called.
    pub title: String,
    /// What happened: a kind of fact.
    pub fact_kind: String,
    /// The public id of the thing it happened to, by which the trail finds it.
    pub subject: String,
    /// The money it speaks of.
    #[schema(value_type = Option<i64>)]
    pub amount_fen: Option<Fen>,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub happened_at: Instant,
    /// When I marked it seen.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub seen_at: Option<Instant>,
    /// My note.
    pub note: String,
}

/// `?state=` with a page.
#[derive(Deserialize)]
struct AlertsQuery {
    state: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn field<I: Id>(s: &Services, name: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(name, error))
}

fn of_db(error: db::DbError) -> Problem {
    problems::of_db(&error)
}

fn condition_of(s: &Services, said: WatchCondition) -> Result<Condition, Problem> {
    Ok(match said {
        WatchCondition::RefundOver { over_fen, when } => Condition::RefundOver { over_fen, when },
        WatchCondition::PayoutOver { over_fen, when } => Condition::PayoutOver { over_fen, when },
        WatchCondition::ExpenditureOver { over_fen } => Condition::ExpenditureOver { over_fen },
        WatchCondition::SpendingShare { project, over_percent } => Condition::SpendingShare {
            project: project.map(|id| field(s, "project", &id).map(Hex)).transpose()?,
            over_percent,
        },
        WatchCondition::JournalReversed => Condition::JournalReversed,
        WatchCondition::GoodsOutOfHours {
            item,
            from_hour,
            to_hour,
        } => Condition::GoodsOutOfHours {
            item: item.map(|id| field(s, "item", &id).map(Hex)).transpose()?,
            from_hour,
            to_hour,
        },
        WatchCondition::GoodsBreach => Condition::GoodsBreach,
        WatchCondition::Watched => Condition::Watched,
    })
}

fn condition_out(s: &Services, condition: Condition) -> WatchCondition {
    match condition {
        Condition::RefundOver { over_fen, when } => WatchCondition::RefundOver { over_fen, when },
        Condition::PayoutOver { over_fen, when } => WatchCondition::PayoutOver { over_fen, when },
        Condition::ExpenditureOver { over_fen } => WatchCondition::ExpenditureOver { over_fen },
        Condition::SpendingShare { project, over_percent } => WatchCondition::SpendingShare {
            project: inner(&project).map(|id| public(&*s.keys, id)),
            over_percent,
        },
        Condition::JournalReversed => WatchCondition::JournalReversed,
        Condition::GoodsOutOfHours {
            item,
            from_hour,
            to_hour,
        } => WatchCondition::GoodsOutOfHours {
            item: inner(&item).map(|id| public(&*s.keys, id)),
            from_hour,
            to_hour,
        },
        Condition::GoodsBreach => WatchCondition::GoodsBreach,
        Condition::Watched => WatchCondition::Watched,
    }
}

fn watched_out(s: &Services, one: Watched) -> Result<WatchedOut, Problem> {
    Ok(WatchedOut {
        id: public(&*s.keys, one.id),
        unit: public(&*s.keys, one.unit),
        kind: one.kind,
        thing: public(&*s.keys, one.thing),
        name: one.name,
        note: opened(s, one.note_sealed.as_deref(), WATCHED_PLACE)?,
        created_at: one.created_at,
    })
}

fn rule_out(s: &Services, rule: Rule) -> WatchRuleOut {
    WatchRuleOut {
        id: public(&*s.keys, rule.id),
        unit: public(&*s.keys, rule.unit),
        title: rule.title,
        condition: condition_out(s, rule.condition),
        created_at: rule.created_at,
        ended_at: rule.ended_at,
    }
}

fn alert_out(s: &Services, alert: Alert) -> Result<WatchAlertOut, Problem> {
    Ok(WatchAlertOut {
        id: public(&*s.keys, alert.id),
        unit: public(&*s.keys, alert.unit),
        rule: public(&*s.keys, alert.rule),
        title: alert.title,
        fact_kind: alert.fact_kind,
        subject: public(&*s.keys, alert.subject),
        amount_fen: alert.amount,
        happened_at: alert.happened_at,
        seen_at: alert.seen_at,
        note: opened(s, alert.note_sealed.as_deref(), ALERT_PLACE)?,
    })
}

/// The things on my list, newest first, with my notes.
#[utoipa::path(get, path = "/api/v1/supervision/watched", tag = "supervision",
    responses((status = 200, body = Listing<WatchedOut>)))]
async fn list_watched(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<WatchedOut>>, Problem> {
    let scope = actor.scope_for(Permission::AuditRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::watched(&mut at, actor.id, (&scope, &s.tree))
        .await
        .map_err(of_db)?;
    let items = found
        .into_iter()
        .map(|one| watched_out(&s, one))
        .collect::<Result<_, _>>()?;
    Ok(Json(Listing { items, next: None }))
}

/// Puts a project, a campaign, a fund, a unit, a gift or a delivery of goods on my list; again takes the new note.
#[utoipa::path(post, path = "/api/v1/supervision/watched", tag = "supervision", request_body = WatchThing,
    responses((status = 201, body = WatchedOut), (status = 404, description = "no such thing in my units")))]
async fn watch_thing(
    State(s): State<Services>,
    Extension(sight): Extension<Arc<dyn Sight>>,
    actor: Actor,
    Json(body): Json<WatchThing>,
) -> Result<(StatusCode, Json<WatchedOut>), Problem> {
    let thing: ThingId = id_of(&s, &body.thing)?;
    let watched = actions::watch(&s, &*sight, &actor, (body.kind, thing), &body.note).await?;
    Ok((StatusCode::CREATED, Json(watched_out(&s, watched)?)))
}

/// Writes another note beside a thing on my list.
#[utoipa::path(put, path = "/api/v1/supervision/watched/{entry}/note", tag = "supervision",
    params(("entry" = String, Path)), request_body = WatchNote, responses((status = 200, body = WatchedOut)))]
async fn note_watched(
    State(s): State<Services>,
    actor: Actor,
    Path(entry): Path<String>,
    Json(body): Json<WatchNote>,
) -> Result<Json<WatchedOut>, Problem> {
    let watched = actions::note(&s, &actor, id_of(&s, &entry)?, &body.note).await?;
    Ok(Json(watched_out(&s, watched)?))
}

/// Takes a thing off my list.
#[utoipa::path(delete, path = "/api/v1/supervision/watched/{entry}", tag = "supervision",
    params(("entry" = String, Path)), responses((status = 204)))]
async fn unwatch_thing(
    State(s): State<Services>,
    actor: Actor,
    Path(entry): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::unwatch(&s, &actor, id_of(&s, &entry)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// My rules, running ones first.
#[utoipa::path(get, path = "/api/v1/supervision/rules", tag = "supervision",
    responses((status = 200, body = Listing<WatchRuleOut>)))]
async fn list_watch_rules(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<WatchRuleOut>>, Problem> {
    let scope = actor.scope_for(Permission::AuditRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::rules(&mut at, actor.id, (&scope, &s.tree))
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|rule| rule_out(&s, rule)).collect();
    Ok(Json(Listing { items, next: None }))
}

/// Sets a rule over a unit and all below it, which looks at what happens from now on.
#[utoipa::path(post, path = "/api/v1/supervision/rules", tag = "supervision", request_body = SetWatchRule,
    responses((status = 201, body = WatchRuleOut)))]
async fn set_watch_rule(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<SetWatchRule>,
) -> Result<(StatusCode, Json<WatchRuleOut>), Problem> {
    let unit: UnitId = field(&s, "unit", &body.unit)?;
    let condition = condition_of(&s, body.condition)?;
    let rule = actions::set_rule(&s, &actor, unit, (&body.title, condition)).await?;
    Ok((StatusCode::CREATED, Json(rule_out(&s, rule))))
}

/// Ends a rule of mine; what it raised stays.
#[utoipa::path(post, path = "/api/v1/supervision/rules/{rule}/end", tag = "supervision",
    params(("rule" = String, Path)), responses((status = 200, body = WatchRuleOut)))]
async fn end_watch_rule(
    State(s): State<Services>,
    actor: Actor,
    Path(rule): Path<String>,
) -> Result<Json<WatchRuleOut>, Problem> {
    let rule = actions::end_rule(&s, &actor, id_of(&s, &rule)?).await?;
    Ok(Json(rule_out(&s, rule)))
}

/// What my rules raised, newest first: those not marked seen, or those that are.
#[utoipa::path(get, path = "/api/v1/supervision/alerts", tag = "supervision",
    params(("state" = Option<String>, Query, description = "unseen (without it, too) or seen"),
        ("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<WatchAlertOut>)))]
async fn list_watch_alerts(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<AlertsQuery>,
) -> Result<Json<Listing<WatchAlertOut>>, Problem> {
    let wanted = match query.state.as_deref() {
        None | Some("unseen") => Wanted::Unseen,
        Some("seen") => Wanted::Seen,
        Some(_) => return Err(Problem::invalid("state", "unseen or seen is expected")),
    };
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<AlertId>(&s, &text)).transpose()?;
    let scope = actor.scope_for(Permission::AuditRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let wanted = (wanted, after, limit as i64 + 1);
    let found = queries::alerts(&mut at, actor.id, (&scope, &s.tree), wanted).await;
    let items = found.map_err(of_db)?;
    let items = items
        .into_iter()
        .map(|one| alert_out(&s, one))
        .collect::<Result<_, _>>()?;
    Ok(Json(Listing::cut(items, limit, |one: &WatchAlertOut| one.id.clone())))
}

/// Marks an alert of mine seen, with a note.
#[utoipa::path(post, path = "/api/v1/supervision/alerts/{alert}/seen", tag = "supervision",
    params(("alert" = String, Path)), request_body = WatchNote, responses((status = 200, body = WatchAlertOut)))]
async fn see_watch_alert(
    State(s): State<Services>,
    actor: Actor,
    Path(alert): Path<String>,
    Json(body): Json<WatchNote>,
) -> Result<Json<WatchAlertOut>, Problem> {
    let alert = actions::see(&s, &actor, id_of(&s, &alert)?, &body.note).await?;
    Ok(Json(alert_out(&s, alert)?))
}
