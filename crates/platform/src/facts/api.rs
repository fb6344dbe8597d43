//! Staff JSON: the trail of what happened, for who audits.

use axum::extract::State;
use kernel::id::{Id as _, from_public, public};
use kernel::{ActorId, BusinessDay, Instant, UnitId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::Fact;
use super::queries::{self, Filter};
use super::sight::readers_of;
use crate::identity::{Actor, GuardedRoutes as _, Permission};
use crate::{Services, problems};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::AuditRead, routes!(list_facts))
        .signed_in(routes!(list_history))
}

#[derive(Debug, Deserialize)]
struct FactsQuery {
    kind: Option<String>,
    subject: Option<String>,
    actor: Option<String>,
    unit: Option<String>,
    from: Option<BusinessDay>,
    to: Option<BusinessDay>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// `?subject=&limit=&cursor=`.
#[derive(Debug, Deserialize)]
struct HistoryQuery {
    subject: String,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Something that happened. Ids, codes and amounts; no personal data.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactOut {
    /// Its place: 1, 2, 3 … without gaps.
    pub place: i64,
    /// What happened.
    pub kind: String,
    /// When.
    #[schema(value_type = String)]
    pub happened_at: Instant,
    /// The unit's public id.
    pub unit: String,
    /// The thing it happened to: its public id.
    pub subject: String,
    /// Who did it: a public id; nobody for what machines report.
    pub actor: Option<String>,
    /// What was written.
    pub body: Value,
}

/// Ids inside are written as 32 hexadecimal digits; outside they have their public form.
fn with_public_ids(s: &Services, value: Value) -> Value {
    let id = |text: &str| {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
        let bytes: [u8; 16] = bytes.try_into().ok()?;
        Some(public(&*s.keys, ActorId::from_bytes(bytes)))
    };
    match value {
        Value::String(text) => Value::String(id(&text).unwrap_or(text)),
        Value::Array(items) => items.into_iter().map(|item| with_public_ids(s, item)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, field)| (name, with_public_ids(s, field)))
            .collect(),
        other => other,
    }
}

fn fact_out(s: &Services, fact: Fact) -> FactOut {
    let body = serde_json::from_str(&fact.body).unwrap_or(Value::Null);
    FactOut {
        place: fact.place,
        kind: fact.kind,
        happened_at: fact.happened_at,
        unit: public(&*s.keys, fact.unit),
        subject: public(&*s.keys, ActorId::from_bytes(fact.subject)),
        actor: fact.actor.map(|actor| public(&*s.keys, actor)),
        body: with_public_ids(s, body),
    }
}

/// What happened in my units, newest first.
#[utoipa::path(get, path = "/api/v1/facts", tag = "facts",
    params(("kind" = Option<String>, Query, description = "`gift.confirmed`, or `gift.` for all that begin so"),
        ("subject" = Option<String>, Query), ("actor" = Option<String>, Query),
        ("unit" = Option<String>, Query, description = "a unit's public id: its own and those below it"),
        ("from" = Option<String>, Query, description = "the first day, in Beijing"),
        ("to" = Option<String>, Query, description = "the last day, in Beijing"),
        ("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<FactOut>)))]
async fn list_facts(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<FactsQuery>,
) -> Result<Json<Listing<FactOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let id = |field: &str, text: Option<String>| {
        let read = text.map(|text| from_public::<ActorId>(&*s.keys, &text).map(|id| id.bytes()));
        read.transpose().map_err(|error| Problem::invalid(field, error))
    };
    let filter = Filter {
        kind: query.kind,
        subject: id("subject", query.subject)?,
        actor: id("actor", query.actor)?,
        unit: id("unit", query.unit)?.map(UnitId::from_bytes),
        span: (
            query.from.map(BusinessDay::start),
            query.to.map(|day| day.plus_days(1).start()),
        ),
        before: page.after()?,
    };
    let scope = actor.scope_for(Permission::AuditRead);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::trail(&mut at, (&scope, &s.tree), &filter, limit as i64 + 1).await;
    let found = found.map_err(|e| problems::of_db(&e))?;
    let items = found.into_iter().map(|fact| fact_out(&s, fact)).collect();
    Ok(Json(Listing::cut(items, limit, |fact: &FactOut| fact.place)))
}

/// What happened to one thing, newest first, for who may read it: those who audit, and those who read things of its kind
/// in the unit where it happened. A page may be short while `next` still leads on.
#[utoipa::path(get, path = "/api/v1/history", tag = "facts",
    params(("subject" = String, Query, description = "the public id of the thing"),
        ("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<FactOut>)))]
async fn list_history(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<Listing<FactOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let subject = from_public::<ActorId>(&*s.keys, &query.subject);
    let filter = Filter {
        subject: Some(subject.map_err(|error| Problem::invalid("subject", error))?.bytes()),
        before: page.after()?,
        ..Filter::default()
    };
    // Wherever she may do anything; which of the facts there are for her eyes, their kinds tell.
    let scope = actor.scope_for_any(Permission::ALL);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::trail(&mut at, (&scope, &s.tree), &filter, limit as i64 + 1).await;
    let mut found = found.map_err(|e| problems::of_db(&e))?;
    let next = (found.len() > limit).then(|| {
        found.truncate(limit);
        found.last().map(|fact| fact.place)
    });
    let audits = actor.scope_for(Permission::AuditRead);
    let sees = |fact: &Fact| {
        let reads = actor.scope_for_any(readers_of(&fact.kind));
        audits.contains(fact.unit, &s.tree) || reads.contains(fact.unit, &s.tree)
    };
    found.retain(sees);
    Ok(Json(Listing {
        items: found.into_iter().map(|fact| fact_out(&s, fact)).collect(),
        next: next.flatten().map(|place| web::paging::encode(&place)),
    }))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode, header};
    use db::testing::TestDb;
    use serde_json::json;
    use tower::ServiceExt as _;

    use super::*;
    use crate::facts::{self, NewFact, conclude};
    use crate::identity::actions::{NewToken, NewUser, Personal, add_user};
    use crate::identity::{ActorKind, Role, guard};
    use crate::{all_migrations, testing};

    fn unit(n: u8) -> UnitId {
        UnitId::from_bytes([n; 16])
    }

    async fn token(services: &Services, name: &str, at: u8, role: Role) -> String {
        let new = NewUser {
            name: name.into(),
            kind: ActorKind::Person,
            unit: unit(at),
            roles: vec![role],
            token: Some(NewToken {
                name: "t".into(),
                days: None,
            }),
            personal: Personal::default(),
        };
        let added = add_user(services, &Actor::operator(), new).await.expect("added");
        added.token.expect("asked for").text
    }

    db::both!(
        who_audits_a_county_reads_its_facts_with_public_ids_and_no_others,
        &all_migrations(),
        async |test: TestDb| {
            let services = testing::services(test.db.clone(), std::path::Path::new("/nowhere"));
            services.tree.replace(vec![
                (unit(1), None),
                (unit(2), Some(unit(1))),
                (unit(3), Some(unit(1))),
            ]);
            let county = token(&services, "county", 2, Role::AuditAdministrator).await;
            let city = token(&services, "city", 1, Role::AuditAdministrator).await;
            let officer = token(&services, "officer", 2, Role::FinanceOfficer).await;
            for (n, at) in [(7, 2), (8, 3), (9, 2)] {
                let fact = NewFact {
                    unit: unit(at),
                    kind: "gift.confirmed",
                    subject: [n; 16],
                    actor: None,
                    body: json!({ "gift": "07".repeat(16), "amount_fen": 100 }),
                };
                let tx = services.db.begin().await.expect("begun");
                conclude(tx, fact, &services).await.expect("written");
            }
            let mut at = services.db.snapshot().await.expect("a snapshot");
            while facts::unplaced(&mut at).await.expect("counted") > 0 {
                facts::sequencer::round(&services.db).await.expect("placed");
                at = services.db.snapshot().await.expect("a snapshot");
            }
            drop(at);
            let (app, _) = guard::finish(routes(), services.clone());
            let get = async |path: String, token: &str| {
                let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
                let request = request.body(Body::empty()).expect("a request");
                let response = app.clone().oneshot(request).await.expect("an answer");
                let status = response.status();
                let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
                (status, serde_json::from_slice::<Value>(&bytes).unwrap_or_default())
            };
            let subject = |n: u8| json!(public(&*services.keys, ActorId::from_bytes([n; 16])));
            let (_, seen) = get("/api/v1/facts?kind=gift.&limit=1".into(), &county).await;
            assert_eq!(seen["items"][0]["subject"], subject(9));
            assert_eq!(
                seen["items"][0]["body"]["gift"],
                subject(7),
                "an id inside is public too"
            );
            let next = seen["next"].as_str().expect("more").to_owned();
            let (_, rest) = get(format!("/api/v1/facts?kind=gift.confirmed&cursor={next}"), &county).await;
            assert_eq!(rest["items"].as_array().map(Vec::len), Some(1), "{rest}");
            assert_eq!(
                (rest["items"][0]["subject"].clone(), rest["next"].clone()),
                (subject(7), Value::Null)
            );
            let (_, all) = get("/api/v1/facts".into(), &city).await;
            assert_eq!(all["items"].as_array().map(Vec::len), Some(6), "{all}");
            let about = format!("/api/v1/facts?subject={}", subject(8).as_str().expect("a text"));
            assert_eq!(
                get(about.clone(), &city).await.1["items"].as_array().map(Vec::len),
                Some(1)
            );
            assert_eq!(get(about, &county).await.1["items"].as_array().map(Vec::len), Some(0));
            assert_eq!(get("/api/v1/facts".into(), &officer).await.0, StatusCode::FORBIDDEN);
            let one = format!("?subject={}", subject(7).as_str().expect("a text"));
            let (_, history) = get(format!("/api/v1/history{one}"), &officer).await;
            assert_eq!(
                history["items"][0]["kind"], "gift.confirmed",
                "who reads gifts of a county sees what happened to one: {history}"
            );
            let elsewhere = format!("/api/v1/history?subject={}", subject(8).as_str().expect("a text"));
            assert_eq!(get(elsewhere, &officer).await.1["items"], json!([]));
            let of_county = public(&*services.keys, unit(2));
            let (_, there) = get(format!("/api/v1/facts?kind=gift.&unit={of_county}"), &city).await;
            assert_eq!(there["items"].as_array().map(Vec::len), Some(2), "{there}");
            let (_, before) = get("/api/v1/facts?to=2000-01-01".into(), &city).await;
            assert_eq!(before["items"], json!([]));
        }
    );
}
