//! `/t/{team}`: a team under a project, with its wall.

use kernel::{Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, Link};
use super::qr::carried;

/// Seconds a shared cache may keep the page.
const CACHE_S: u32 = 2;

/// How far a team is, as the public is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamStage {
    /// Takes gifts.
    Open,
    /// Over.
    Ended,
}

/// A team's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// Public id of the team.
    pub public_id: String,
    /// Where its snapshots come from; `None` once it is over.
    pub events: Option<String>,
    /// Campaign and project above it.
    pub trail: Vec<Link>,
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub words: Option<String>,
    /// The county it counts for.
    pub county: String,
    /// Its project.
    pub project: Link,
    /// The filing number of its campaign.
    pub filing_no: Option<String>,
    /// Where it is.
    pub state: TeamStage,
    /// Target.
    pub target_fen: Option<Fen>,
    /// Where to give for it.
    pub give_url: Option<String>,
    /// The address to hand on.
    pub address: String,
    /// Whether the log's checkpoint carries witnesses' signatures.
    pub witnessed: bool,
    /// Figures that move.
    pub live: TeamLive,
}

/// The snapshot of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamLive {
    /// When these figures were read.
    pub as_of: Instant,
    /// The size of the public log's checkpoint; `None` until there is one.
    pub log_position: Option<i64>,
    /// What counts, net of what was given back.
    pub total_fen: Fen,
    /// Gifts (person-times).
    pub gifts: i64,
    /// Total of target, in thousandths.
    pub progress_permille: Option<i64>,
    /// The wall, newest first, at most [`common::LATEST_MAX`].
    pub latest: Vec<WallRow>,
}

/// A gift on the wall. No id: it would be the address of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WallRow {
    /// Masked name; `None` for anonymous and hidden ones.
    pub who: Option<String>,
    /// Amount net of what was given back.
    pub amount_fen: Fen,
    /// The words beside it, where they may be shown.
    pub to: Option<String>,
    /// When it was paid.
    pub at: Instant,
}

impl TeamPage {
    /// The same page for somebody who came by a tagged address.
    pub(super) fn carrying(&self, tag: &str) -> Self {
        let mut page = self.clone();
        page.give_url = page.give_url.map(|url| carried(&url, tag));
        page
    }
}

impl Page for TeamPage {
    const TEMPLATE: &'static str = "team.html";

    fn samples() -> Vec<Self> {
        let target = Some(Fen::new(2_000_000));
        let total = Fen::new(1_280_050);
        let project = Link {
            name: "生命教育·防溺水".into(),
            href: "/p/life".into(),
        };
        let campaign = Link {
            name: "“5·8人道公益日”示范市专场".into(),
            href: format!("/c/{}", common::sample_id(9)),
        };
        let latest = common::sample_latest()
            .into_iter()
            .zip(0_i64..)
            .map(|(gift, at)| WallRow {
                who: gift.who,
                amount_fen: gift.amount_fen,
                to: (at % 3 == 0).then(|| "愿每个孩子都平安长大".to_owned()),
                at: gift.at,
            })
            .collect();
        let id = common::sample_id(40);
        let open = Self {
            masthead: common::sample_masthead(),
            public_id: id.clone(),
            events: Some(format!("/events/{id}")),
            trail: vec![campaign, project.clone()],
            name: "示例一中八年级三班".into(),
            words: Some("我们想给学校门前的水库添一圈救生设施，每人一天少喝一杯奶茶。".into()),
            county: "示例县".into(),
            project,
            filing_no: Some("53370000MJE0000000A26001".into()),
            state: TeamStage::Open,
            target_fen: target,
            give_url: Some(format!("/p/life/give?team={id}")),
            address: format!("http://127.0.0.1:8080/t/{id}"),
            witnessed: false,
            live: TeamLive {
                as_of: common::sample_instant("2026-05-08T02:36:00Z"),
                log_position: None,
                total_fen: total,
                gifts: 152,
                progress_permille: common::progress(total, target),
                latest,
            },
        };
        let mut over = open.clone();
        over.state = TeamStage::Ended;
        over.events = None;
        over.give_url = None;
        over.words = None;
        over.target_fen = None;
        over.live.progress_permille = None;
        let mut fresh = open.clone();
        fresh.live.latest.clear();
        fresh.live.total_fen = Fen::ZERO;
        fresh.live.gifts = 0;
        fresh.live.progress_permille = Some(0);
        vec![open, over, fresh]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
