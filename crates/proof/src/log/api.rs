//! JSON of what the society states: the books beside the log for everybody, and stating for staff.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use giving::donations::totals::{self, Of, Sums};
use kernel::id::{from_public, public};
use kernel::{BusinessDay, Instant, UnitId};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, Scope};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::extract::ClientIp;
use web::limit::{PAGES, RateLimiter};
use web::{Json, Problem};

use super::actions::Log;
use super::error::LogError;
use super::leaf::Figures;
use super::queries;
use super::stated::UnitBooks;

/// How long one reading of the books is shown to all who ask: a look takes two snapshots of two databases.
const KEPT_MICROS: i64 = 5_000_000;
/// Seconds after which a program that does not write the log may have begun to.
const LATER_SECONDS: u32 = 30;

/// One reading of the books, and when it was made.
type Kept = Option<(Instant, Arc<BooksOut>)>;

#[derive(Clone)]
struct Desk {
    services: Services,
    limiter: RateLimiter,
    log: Option<Log>,
    kept: Arc<Mutex<Kept>>,
}

/// The routes of this slice; they carry their state themselves.
pub fn routes(services: &Services, log: Option<Log>) -> OpenApiRouter<Services> {
    let desk = Desk {
        services: services.clone(),
        limiter: RateLimiter::new(services.clock.clone()),
        log,
        kept: Arc::default(),
    };
    let at = |(schemas, paths, router): UtoipaMethodRouter<Desk>| (schemas, paths, router.with_state(desk.clone()));
    OpenApiRouter::new()
        .public(at(routes!(get_books)))
        .staff(Permission::BooksPost, at(routes!(state_totals)))
}

/// Gifts and matches; sums in fen, gross of what went back.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
struct FiguresOut {
    /// Gifts.
    gifts: i64,
    /// Their sum.
    given_fen: i64,
    /// Refunds.
    refunds: i64,
    /// Their sum.
    refunded_fen: i64,
    /// Matches.
    matches: i64,
    /// Their sum.
    matched_fen: i64,
    /// What of them went back.
    unmatched_fen: i64,
}

impl From<Figures> for FiguresOut {
    fn from(figures: Figures) -> Self {
        Self {
            gifts: figures.gifts,
            given_fen: figures.given,
            refunds: figures.refunds,
            refunded_fen: figures.refunded,
            matches: figures.matches,
            matched_fen: figures.matched,
            unmatched_fen: figures.unmatched,
        }
    }
}

/// A unit in the books.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BooksUnitOut)]
struct UnitOut {
    /// Its public id.
    unit: String,
    /// What stands in the first `size` entries of the log.
    told: FiguresOut,
    /// What waits for its entry.
    waiting: FiguresOut,
}

/// A project in the books.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BooksProjectOut)]
struct ProjectOut {
    /// Its public id.
    project: String,
    /// Its code, as in its address.
    code: String,
    /// The public id of its unit.
    unit: String,
    /// Gifts without matches.
    #[serde(flatten)]
    sums: Sums,
}

/// The books of one moment, beside how far the log had come.
#[derive(Debug, Serialize, ToSchema)]
pub struct BooksOut {
    /// Entries of the log at that moment, some of which may be published a moment later.
    size: u64,
    /// The moment.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// Every unit with gifts.
    units: Vec<UnitOut>,
    /// Every project with gifts.
    projects: Vec<ProjectOut>,
}

fn refused(error: LogError) -> Problem {
    error.problem()
}

/// The books beside the log, for whoever compares them (`qiao verify totals --live`).
#[utoipa::path(get, path = "/api/v1/log/books", tag = "public",
    responses((status = 200, body = BooksOut), (status = 503, description = "the log is not written here, or far behind")))]
async fn get_books(State(desk): State<Desk>, client: ClientIp) -> Result<Json<serde_json::Value>, Problem> {
    desk.limiter.take(client.0, "books", PAGES)?;
    let Some(log) = &desk.log else {
        return Err(Problem::unavailable(LATER_SECONDS));
    };
    // One reading at a time: who comes meanwhile waits for it.
    let mut kept = desk.kept.lock().await;
    let now = desk.services.now();
    let young = |(at, _): &&(Instant, Arc<BooksOut>)| (0..KEPT_MICROS).contains(&(now.micros() - at.micros()));
    let books = match kept.as_ref().filter(young) {
        Some((_, books)) => books.clone(),
        None => {
            let read = Arc::new(read(log, &desk.services).await.map_err(refused)?);
            *kept = Some((now, read.clone()));
            read
        }
    };
    let value = serde_json::to_value(&*books).map_err(|_| Problem::internal())?;
    Ok(Json(value))
}

async fn read(log: &Log, services: &Services) -> Result<BooksOut, LogError> {
    let books = log.books(services).await?;
    let mut at = services.db.snapshot().await?;
    let all = totals::by_project(&mut at, Of::Everything, &Scope::Everything, &services.tree).await?;
    let mut projects = Vec::with_capacity(all.len());
    for of in all {
        projects.push(ProjectOut {
            project: public(&*services.keys, of.project),
            code: queries::project_code(&mut at, of.project).await?,
            unit: public(&*services.keys, of.unit),
            sums: of.sums,
        });
    }
    let unit = |of: &UnitBooks| UnitOut {
        unit: public(&*services.keys, of.unit),
        told: of.told.into(),
        waiting: of.waiting.into(),
    };
    Ok(BooksOut {
        size: books.size,
        as_of: books.as_of,
        units: books.units.iter().map(unit).collect(),
        projects,
    })
}

/// Whose totals to state.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StateIn {
    /// The unit's public id; all units with gifts when it is absent.
    #[serde(default)]
    unit: Option<String>,
}

/// A total that was stated.
#[derive(Debug, Serialize, ToSchema)]
struct StatedOut {
    /// The unit's public id.
    unit: String,
    /// The day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
    /// Of how many entries it speaks.
    size: u64,
    /// The figures.
    says: FiguresOut,
}

/// What was stated now.
#[derive(Debug, Serialize, ToSchema)]
struct AllStatedOut {
    /// What is new: a unit whose figures stand as they were stated before is not stated again.
    items: Vec<StatedOut>,
    /// The moment.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
}

/// States what the books say of a unit's gifts, for ever: it becomes an entry of the public log that everybody holds
/// against the others. The figures are the books' own; nobody types them.
#[utoipa::path(post, path = "/api/v1/log/statements", tag = "books", request_body = StateIn,
    responses((status = 200, body = AllStatedOut), (status = 503, description = "the log is not written here, or far behind")))]
async fn state_totals(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<StateIn>,
) -> Result<Json<AllStatedOut>, Problem> {
    let s = &desk.services;
    let Some(log) = &desk.log else {
        return Err(Problem::unavailable(LATER_SECONDS));
    };
    let unit = match body.unit.as_deref() {
        Some(text) => Some(from_public::<UnitId>(&*s.keys, text).map_err(|_| Problem::not_found())?),
        None => None,
    };
    let stated = log.state(s, &actor, unit).await.map_err(refused)?;
    let items = stated.into_iter().map(|(unit, statement)| StatedOut {
        unit: public(&*s.keys, unit),
        day: statement.day,
        size: statement.size,
        says: statement.says.into(),
    });
    Ok(Json(AllStatedOut {
        items: items.collect(),
        as_of: s.now(),
    }))
}
