//! The live line of a decider's screen: told within a second that something waits, by numbers alone. What waits is
//! read at `/api/v1/approvals/waiting`, behind the guard, each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use db::DbError;
use kernel::{ActorId, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, queries as identity};
use platform::{Services, facts, problems};
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::Problem;
use web::sse::Hub;

use super::{WAITING_MAX, shown_id};
use crate::approvals::queries;

/// How long facts gather after one was written here, before screens are told.
const GATHER: Duration = Duration::from_millis(100);
/// How often it is looked for what another node wrote: with the look itself below a second.
const IDLE: Duration = Duration::from_millis(500);

/// How long a line lasts: then its browser comes back and shows its session anew, so that one that was revoked, signed out
/// or left alone hears nothing more.
const LINE_MICROS: i64 = 300_000_000;

/// What a screen is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ApprovalsWaiting)]
pub struct WaitingNow {
    /// How many decisions I owe.
    pub waiting: usize,
    /// How many of them are overdue.
    pub overdue: usize,
    /// How many of them take the emergency lane.
    pub fast_lane: usize,
    /// The public id of the case whose time ends first.
    pub next: Option<String>,
    /// When that is.
    #[schema(value_type = Option<String>)]
    pub deadline: Option<Instant>,
    /// The public ids of all that wait, so that a screen sees a new one among as many.
    pub cases: Vec<String>,
    /// Messages in the threads of all that wait, and withdrawals of messages: more of them means that somebody wrote.
    pub messages: i64,
}

/// Rings the screens of those who decide. Cheap to clone; one a process.
#[derive(Clone, Default)]
pub struct Bell {
    hub: Hub,
    /// Who reads which topic.
    people: Arc<Mutex<HashMap<String, Listener>>>,
}

/// Somebody who hears a topic.
struct Listener {
    /// With the roles she had when she was last looked at.
    who: Actor,
    /// When the first of her lines began.
    since: Instant,
}

impl Bell {
    /// A bell that nobody hears yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn people(&self) -> MutexGuard<'_, HashMap<String, Listener>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs until the program stops, then ends all streams.
    pub async fn run(self, services: Services, mut stopping: watch::Receiver<bool>) {
        let mut told: HashMap<String, WaitingNow> = HashMap::new();
        let mut place = None;
        loop {
            let rang = tokio::select! {
                () = services.facts_written.notified() => true,
                () = tokio::time::sleep(IDLE) => false,
                // Also when the program was dropped without a word.
                _ = stopping.wait_for(|stop| *stop) => break,
            };
            if rang {
                tokio::time::sleep(GATHER).await;
            }
            // What fails here is tried again in the next round.
            if let Err(error) = self.round(&services, &mut told, &mut place).await {
                tracing::warn!(%error, "screens of deciders could not be told; the next round tries again");
                place = None;
            }
        }
        self.hub.close();
    }

    async fn round(
        &self,
        services: &Services,
        told: &mut HashMap<String, WaitingNow>,
        place: &mut Option<i64>,
    ) -> Result<(), DbError> {
        let now = services.now();
        let readers: Vec<(String, ActorId)> = {
            let mut people = self.people();
            // Who is there stood in line before: her topic is among these, or her line has ended.
            let topics = self.hub.read_topics();
            told.retain(|topic, _| topics.contains(topic));
            people.retain(|topic, one| {
                let lasts = now.micros() - one.since.micros() < LINE_MICROS;
                if !lasts {
                    self.hub.end(topic);
                }
                lasts && topics.contains(topic)
            });
            people.iter().map(|(topic, one)| (topic.clone(), one.who.id)).collect()
        };
        if readers.is_empty() {
            return Ok(());
        }
        let last = facts::last_place(&mut services.db.snapshot().await?).await?;
        if place.replace(last) == Some(last) {
            return Ok(());
        }
        for (topic, id) in readers {
            // A role that ended since says nothing more.
            let Some(who) = decider(services, id).await? else {
                self.people().remove(&topic);
                self.hub.end(&topic);
                continue;
            };
            if let Some(one) = self.people().get_mut(&topic) {
                one.who = who.clone();
            }
            let now = look(services, &who).await?;
            if told.get(&topic) != Some(&now) {
                self.hub.publish(&topic, &now);
                told.insert(topic, now);
            }
        }
        Ok(())
    }
}

/// Somebody as she may act now; nobody who may decide nowhere.
async fn decider(services: &Services, id: ActorId) -> Result<Option<Actor>, DbError> {
    let mut at = services.db.snapshot().await?;
    let today = services.now().business_day();
    let found = identity::actor(&mut at, id, &services.tree, today).await?;
    Ok(found.filter(|who| who.require_somewhere(Permission::ApprovalDecide).is_ok()))
}

async fn look(services: &Services, who: &Actor) -> Result<WaitingNow, DbError> {
    let mut at = services.db.snapshot().await?;
    let waiting = queries::waiting(&mut at, who, WAITING_MAX).await?;
    let now = services.now();
    let first = waiting.first();
    Ok(WaitingNow {
        waiting: waiting.len(),
        overdue: waiting.iter().filter(|one| one.deadline <= now).count(),
        fast_lane: waiting.iter().filter(|one| one.case.is_fast).count(),
        next: first.map(|one| shown_id(services, one.case.id)),
        deadline: first.map(|one| one.deadline),
        cases: waiting.iter().map(|one| shown_id(services, one.case.id)).collect(),
        messages: waiting.iter().map(|one| one.stirred).sum(),
    })
}

/// The route of the live line; a program that serves it runs the bell.
pub fn routes(bell: &Bell) -> OpenApiRouter<Services> {
    let (schemas, paths, router) = routes!(events);
    let router = router.layer(Extension(bell.clone()));
    OpenApiRouter::new().staff(Permission::ApprovalDecide, (schemas, paths, router))
}

/// The live line: what waits for me in numbers, at once and with every change, as server-sent events.
#[utoipa::path(get, path = "/api/v1/approvals/events", tag = "approvals",
    responses((status = 200, description = "`text/event-stream` of snapshots", body = WaitingNow,
        content_type = "text/event-stream")))]
async fn events(
    State(s): State<Services>,
    Extension(bell): Extension<Bell>,
    actor: Actor,
) -> Result<Response, Problem> {
    let topic = shown_id(&s, actor.id);
    let now = look(&s, &actor).await.map_err(|e| problems::of_db(&e))?;
    bell.hub.publish(&topic, &now);
    let response = bell.hub.subscribe(&topic)?;
    let since = s.now();
    let mut people = bell.people();
    let one = people.entry(topic).or_insert_with(|| Listener {
        who: actor.clone(),
        since,
    });
    one.who = actor;
    drop(people);
    Ok(response)
}
