//! `/`: the home of a unit.

use kernel::{Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, CampaignCard, CampaignState, CardFigures, LatestGift, ProjectCard};
use super::notices::{NoticeLine, sample_line};

/// Seconds a shared cache may keep the page: short enough that nobody notices, long enough to carry a rush.
const CACHE_S: u32 = 2;

/// The home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HomePage {
    /// The unit.
    pub masthead: Masthead,
    /// Where its snapshots come from, `/events/home`; `None`: the page stands still.
    pub events: Option<String>,
    /// Figures that move.
    pub live: HomeLive,
    /// Campaigns that are open or coming, then the latest ended ones.
    pub campaigns: Vec<CampaignCard>,
    /// Projects open to gifts, at most [`common::CARDS_MAX`].
    pub projects: Vec<ProjectCard>,
    /// Its newest notices.
    pub notices: Vec<NoticeLine>,
    /// Where all its notices are.
    pub notices_url: String,
    /// Whether the log's checkpoint carries witnesses' signatures.
    pub witnessed: bool,
}

/// The snapshot of the home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HomeLive {
    /// When these figures were read.
    pub as_of: Instant,
    /// The size of the public log's checkpoint; `None` until there is one.
    pub log_position: Option<i64>,
    /// All gifts ever, net of refunds, matches apart.
    pub total_fen: Fen,
    /// Gifts ever (person-times).
    pub gifts: i64,
    /// Gifts of this business day.
    pub today_fen: Fen,
    /// Gifts of this business day (person-times).
    pub today_gifts: i64,
    /// The cards' moving figures.
    pub campaigns: Vec<CardFigures>,
    /// The cards' moving figures.
    pub projects: Vec<CardFigures>,
    /// At most [`common::LATEST_MAX`], newest first.
    pub latest: Vec<LatestGift>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";

    fn samples() -> Vec<Self> {
        let total = Fen::new(106_110_000);
        let card = |name: &str, state, n: usize, filing: Option<&str>| CampaignCard {
            public_id: common::sample_id(n),
            href: format!("/c/{}", common::sample_id(n)),
            name: name.into(),
            state,
            filing_no: filing.map(str::to_owned),
            starts: common::sample_day("2026-05-08"),
            ends: common::sample_day("2026-05-10"),
            total_fen: total,
            gifts: 38_000,
            target_fen: Some(Fen::new(180_000_000)),
            progress_permille: common::progress(total, Some(Fen::new(180_000_000))),
        };
        let full = Self {
            masthead: common::sample_masthead(),
            events: Some("/events/home".into()),
            live: HomeLive {
                as_of: common::sample_instant("2026-05-08T02:36:00Z"),
                log_position: Some(38_412),
                total_fen: Fen::new(28_310_612_345),
                gifts: 412_903,
                today_fen: total,
                today_gifts: 38_000,
                campaigns: Vec::new(),
                projects: Vec::new(),
                latest: common::sample_latest(),
            },
            campaigns: vec![
                card(
                    "“5·8人道公益日”示范市专场",
                    CampaignState::Open,
                    9,
                    Some("53370000MJE0000000A26001"),
                ),
                card("2025年“博爱送万家”", CampaignState::Settled, 10, None),
            ],
            projects: common::sample_cards(),
            notices: vec![sample_line(0), sample_line(1)],
            notices_url: "/notices".into(),
            witnessed: false,
        };
        let mut empty = full.clone();
        empty.events = None;
        empty.masthead.certificate_no = None;
        empty.live.log_position = None;
        empty.live.total_fen = Fen::ZERO;
        empty.live.gifts = 0;
        empty.live.today_fen = Fen::ZERO;
        empty.live.today_gifts = 0;
        empty.live.latest.clear();
        empty.campaigns.clear();
        empty.projects.clear();
        empty.notices.clear();
        vec![full, empty]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
