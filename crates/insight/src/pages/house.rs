//! What the handlers are given, what can be shown live, and pages kept for a moment so that a crowd costs one read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::response::Response;
use kernel::id::{Id, from_public, public};
use kernel::{CampaignId, Instant, ProjectId, TeamId, UnitId};
use platform::{Keys, Services};
use proof::log::mark::{self, Mark};
use proof::log::{Log, Published};
use web::limit::RateLimiter;
use web::sse::Hub;
use web::{Locale, Made, Pages, Problem, Reader};

use super::{BoardPage, CampaignPage, GoodsPage, HomePage, ProjectPage, TeamPage, queries};

/// How long a page read from the books is shown to all who ask: what one look costs, a crowd costs once a second.
/// Pages say their “as of”, so a reader always knows the moment.
const KEPT_MICROS: i64 = 1_000_000;
/// Pages kept at once: more than a province shows on its giving day; beyond it the oldest readings are let go.
const KEPT_MAX: usize = 4_096;

/// Something with a page and a stream of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// The home of a unit.
    Unit(UnitId),
    /// A campaign.
    Campaign(CampaignId),
    /// A project.
    Project(ProjectId),
    /// A team.
    Team(TeamId),
    /// The boards of a campaign.
    Board(CampaignId),
    /// The board of campaigns.
    Boards,
    /// The live window of a unit's goods.
    Goods(UnitId),
}

impl Topic {
    /// Its name in the hub.
    pub(super) fn name(self, keys: &Keys) -> String {
        match self {
            Self::Unit(id) => format!("u/{}", public(keys, id)),
            Self::Campaign(id) => format!("c/{}", public(keys, id)),
            Self::Project(id) => format!("p/{}", public(keys, id)),
            Self::Team(id) => format!("t/{}", public(keys, id)),
            Self::Board(id) => format!("b/{}", public(keys, id)),
            Self::Boards => "b/all".to_owned(),
            Self::Goods(id) => format!("g/{}", public(keys, id)),
        }
    }
    /// From its name in the hub.
    pub(super) fn parse(keys: &Keys, name: &str) -> Option<Self> {
        let (kind, id) = name.split_once('/')?;
        match kind {
            "u" => from_public(keys, id).ok().map(Self::Unit),
            "c" => from_public(keys, id).ok().map(Self::Campaign),
            "p" => from_public(keys, id).ok().map(Self::Project),
            "t" => from_public(keys, id).ok().map(Self::Team),
            "b" if id == "all" => Some(Self::Boards),
            "b" => from_public(keys, id).ok().map(Self::Board),
            "g" => from_public(keys, id).ok().map(Self::Goods),
            _ => None,
        }
    }
}

/// A page with figures that move.
#[derive(Debug)]
pub(super) enum Shown {
    /// A unit's home.
    Home(HomePage),
    /// A campaign.
    Campaign(CampaignPage),
    /// A project.
    Project(ProjectPage),
    /// A team.
    Team(TeamPage),
    /// Boards.
    Board(BoardPage),
    /// A unit's goods.
    Goods(GoodsPage),
}

impl Shown {
    /// Hands its figures to those who read along.
    pub(super) fn keep(&self, hub: &Hub, topic: &str) {
        match self {
            Self::Home(page) => hub.keep(topic, &page.live),
            Self::Campaign(page) => hub.keep(topic, &page.live),
            Self::Project(page) => hub.keep(topic, &page.live),
            Self::Team(page) => hub.keep(topic, &page.live),
            Self::Board(page) => hub.keep(topic, &page.live),
            Self::Goods(page) => hub.keep(topic, &page.live),
        }
    }

    /// Whether readers of `before` should be told: a figure moved, or the minute that “as of” shows did.
    pub(super) fn moved_since(&self, before: &Self) -> bool {
        let minute = |at: Instant| at.micros().div_euclid(60_000_000);
        macro_rules! moved {
            ($now:expr, $before:expr) => {{
                let mut before = $before.live.clone();
                let same_minute = minute(before.as_of) == minute($now.live.as_of);
                before.as_of = $now.live.as_of;
                !same_minute || before != $now.live
            }};
        }
        match (self, before) {
            (Self::Home(now), Self::Home(before)) => moved!(now, before),
            (Self::Campaign(now), Self::Campaign(before)) => moved!(now, before),
            (Self::Project(now), Self::Project(before)) => moved!(now, before),
            (Self::Team(now), Self::Team(before)) => moved!(now, before),
            (Self::Board(now), Self::Board(before)) => moved!(now, before),
            (Self::Goods(now), Self::Goods(before)) => moved!(now, before),
            _ => true,
        }
    }

    /// Says where the public log stands.
    fn marked(&mut self, mark: &Mark) {
        let position = i64::try_from(mark.size).ok();
        match self {
            Self::Home(page) => (page.live.log_position, page.witnessed) = (position, mark.is_witnessed),
            Self::Campaign(page) => (page.live.log_position, page.witnessed) = (position, mark.is_witnessed),
            Self::Project(page) => (page.live.log_position, page.witnessed) = (position, mark.is_witnessed),
            Self::Team(page) => (page.live.log_position, page.witnessed) = (position, mark.is_witnessed),
            Self::Board(page) => (page.live.log_position, page.witnessed) = (position, mark.is_witnessed),
            // Its foot has no line of the log.
            Self::Goods(_) => {}
        }
    }

    fn make(&self, pages: &Pages, reader: &Reader) -> Result<Made, Problem> {
        match self {
            Self::Home(page) => pages.make(reader, page),
            Self::Campaign(page) => pages.make(reader, page),
            Self::Project(page) => pages.make(reader, page),
            Self::Team(page) => pages.make(reader, page),
            Self::Board(page) => pages.make(reader, page),
            Self::Goods(page) => pages.make(reader, page),
        }
    }
}

/// A page as it was read at one moment, and its text in both languages once somebody asked for it.
pub(super) struct Kept {
    read_at: Instant,
    /// The page.
    pub(super) shown: Shown,
    made: [OnceLock<Made>; Locale::ALL.len()],
}

/// One reading at a time for each page: who comes while it is read waits for it instead of reading too.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<Kept>>>>;

struct Rooms {
    services: Services,
    log: Option<Log>,
    published: Option<Published>,
    pages: Arc<Pages>,
    hub: Hub,
    limiter: RateLimiter,
    kept: Mutex<HashMap<Topic, Slot>>,
    codes: Mutex<HashMap<String, ProjectId>>,
}

/// The state of the public pages. Cheap to clone.
#[derive(Clone)]
pub(super) struct House(Arc<Rooms>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl House {
    pub(super) fn new(services: Services) -> Self {
        Self::with_log(services, None, None)
    }
    /// The same beside the public log's published files, and the log where it is written here.
    pub(super) fn with_log(services: Services, log: Option<Log>, published: Option<Published>) -> Self {
        let limiter = RateLimiter::new(services.clock.clone());
        let (pages, hub) = (Arc::new(Pages::new()), Hub::new());
        Self(Arc::new(Rooms {
            services,
            log,
            published,
            pages,
            hub,
            limiter,
            kept: Mutex::default(),
            codes: Mutex::default(),
        }))
    }
    pub(super) fn services(&self) -> &Services {
        &self.0.services
    }
    pub(super) fn pages(&self) -> &Arc<Pages> {
        &self.0.pages
    }
    pub(super) fn hub(&self) -> &Hub {
        &self.0.hub
    }
    pub(super) fn limiter(&self) -> &RateLimiter {
        &self.0.limiter
    }
    /// The public log, where it is written here.
    pub(super) fn written(&self) -> Option<&Log> {
        self.0.log.as_ref()
    }
    /// The public log's published files, where this part of the pages shows them.
    pub(super) fn published(&self) -> Option<&Published> {
        self.0.published.as_ref()
    }
    /// How the published log stands.
    pub(super) async fn mark(&self) -> Option<Mark> {
        mark::read(self.published()?).await
    }
    /// The public form of an id.
    pub(super) fn public<I: Id>(&self, id: I) -> String {
        public(&*self.0.services.keys, id)
    }
    /// The id behind an address: what is none leads nowhere.
    pub(super) fn id<I: Id>(&self, text: &str) -> Result<I, Problem> {
        from_public(&*self.0.services.keys, text).map_err(|_| Problem::not_found())
    }
    /// The society of the installation.
    pub(super) fn root(&self) -> Result<UnitId, Problem> {
        self.0
            .services
            .tree
            .roots()
            .first()
            .copied()
            .ok_or_else(Problem::not_found)
    }

    /// A project by its code or its public id. Codes never change, so they are remembered.
    pub(super) async fn project(&self, text: &str) -> Result<ProjectId, Problem> {
        if let Some(id) = lock(&self.0.codes).get(text) {
            return Ok(*id);
        }
        let mut at = self.0.services.db.snapshot().await.map_err(of_db)?;
        let known = giving::projects::queries::project_by_code(&mut at, text)
            .await
            .map_err(of_db)?;
        let Some(project) = known else { return self.id(text) };
        let mut codes = lock(&self.0.codes);
        if codes.len() >= KEPT_MAX {
            codes.clear();
        }
        codes.insert(text.to_owned(), project.id);
        Ok(project.id)
    }

    /// The page of a topic, at most [`KEPT_MICROS`] old; not found when there is none for the public.
    pub(super) async fn page(&self, topic: Topic) -> Result<Arc<Kept>, Problem> {
        let slot = self.slot(topic);
        let mut kept = slot.lock().await;
        let now = self.0.services.now();
        let young = |page: &&Arc<Kept>| (0..KEPT_MICROS).contains(&(now.micros() - page.read_at.micros()));
        if let Some(page) = kept.as_ref().filter(young) {
            return Ok(page.clone());
        }
        let Some(mut shown) = queries::shown(&self.0.services, topic).await.map_err(of_db)? else {
            *kept = None;
            // Addresses that lead nowhere take no room.
            lock(&self.0.kept).remove(&topic);
            return Err(Problem::not_found());
        };
        if let Some(mark) = self.mark().await {
            shown.marked(&mark);
        }
        if let (Shown::Home(page), Ok(root)) = (&shown, self.root())
            && topic == Topic::Unit(root)
        {
            self.0.pages.set_masthead(page.masthead.clone());
        }
        let page = Arc::new(Kept {
            read_at: now,
            shown,
            made: Default::default(),
        });
        *kept = Some(page.clone());
        Ok(page)
    }

    fn slot(&self, topic: Topic) -> Slot {
        let mut all = lock(&self.0.kept);
        if all.len() >= KEPT_MAX && !all.contains_key(&topic) {
            all.clear();
        }
        all.entry(topic).or_default().clone()
    }

    /// The page of a topic for somebody who came by a tagged address: its ways to give carry the tag on.
    pub(super) async fn send_carrying(
        &self,
        reader: &Reader,
        topic: Topic,
        (path, tag): (&str, Option<&str>),
    ) -> Result<Response, Problem> {
        let Some(tag) = tag else {
            return self.send(reader, topic, path).await;
        };
        let page = self.page(topic).await?;
        let speaker = Reader::new(reader.locale(), path);
        let made = match &page.shown {
            Shown::Project(page) => self.0.pages.make(&speaker, &page.carrying(tag))?,
            Shown::Team(page) => self.0.pages.make(&speaker, &page.carrying(tag))?,
            _ => return self.send(reader, topic, path).await,
        };
        Ok(self.0.pages.send(reader, &made))
    }

    /// The page of a topic as a response, its text written once for each language.
    pub(super) async fn send(&self, reader: &Reader, topic: Topic, path: &str) -> Result<Response, Problem> {
        let page = self.page(topic).await?;
        let locale = reader.locale();
        let place = &page.made[usize::from(locale != Locale::ALL[0])];
        let made = match place.get() {
            Some(made) => made.clone(),
            None => {
                let made = page.shown.make(&self.0.pages, &Reader::new(locale, path))?;
                place.get_or_init(|| made).clone()
            }
        };
        Ok(self.0.pages.send(reader, &made))
    }
}

pub(super) fn of_db(error: db::DbError) -> Problem {
    platform::problems::of_db(&error)
}
