//! `/p/{project}`: one project, mother or sub.

use kernel::{BusinessDay, Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, CardFigures, LatestGift, Link, PoolLink, ProjectCard, ProjectState};
use super::notices::{NoticeLine, sample_line};
use super::qr::carried;

/// Seconds a shared cache may keep the page.
const CACHE_S: u32 = 2;
/// Teams on a project's page; the board has all.
pub const TEAMS_MAX: usize = 10;

/// A project's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// Public id of the project.
    pub public_id: String,
    /// Where its snapshots come from, `/events/<campaign or project public id>`.
    pub events: Option<String>,
    /// Campaign and mother project above it.
    pub trail: Vec<Link>,
    /// Name.
    pub name: String,
    /// One sentence.
    pub sentence: Option<String>,
    /// The filing number of its campaign.
    pub filing_no: Option<String>,
    /// Stage.
    pub state: ProjectState,
    /// The use of proceeds.
    pub use_of_money: Option<String>,
    /// What amounts buy.
    pub choices: Vec<Choice>,
    /// Target.
    pub target_fen: Option<Fen>,
    /// Urgent raises of the target, oldest first, each with its reason.
    pub raises: Vec<TargetRaise>,
    /// Sub-projects, at most [`common::CARDS_MAX`].
    pub subprojects: Vec<ProjectCard>,
    /// The newest words of donors, at most [`common::LATEST_MAX`].
    pub words: Vec<DonorWords>,
    /// Where to give.
    pub give_url: Option<String>,
    /// Where to give every month.
    pub monthly_url: Option<String>,
    /// The page of its fund's agreement, where it has one.
    pub fund_url: Option<String>,
    /// Where to start a team; `None` while the project takes no gifts.
    pub team_url: Option<String>,
    /// Its open teams, the one that raised most first, at most [`TEAMS_MAX`].
    pub teams: Vec<TeamLink>,
    /// The pools that match gifts to it, open ones first, at most [`common::POOLS_SHOWN`].
    pub pools: Vec<PoolLink>,
    /// Where all pools of its campaign are; `None` without a campaign or a pool.
    pub pools_url: Option<String>,
    /// The newest notices about it.
    pub notices: Vec<NoticeLine>,
    /// Whether the log's checkpoint carries witnesses' signatures.
    pub witnessed: bool,
    /// Figures that move.
    pub live: ProjectLive,
}

/// A team on its project's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamLink {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// What it raised, as boards count.
    pub total_fen: Fen,
}

impl ProjectPage {
    /// The same page for somebody who came by a tagged address.
    pub(super) fn carrying(&self, tag: &str) -> Self {
        let mut page = self.clone();
        for url in [&mut page.give_url, &mut page.team_url].into_iter().flatten() {
            *url = carried(url, tag);
        }
        for team in &mut page.teams {
            team.href = carried(&team.href, tag);
        }
        page
    }
}

/// What an amount buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The amount.
    pub amount_fen: Fen,
    /// What it buys.
    pub words: String,
    /// The same in English; empty: shown in Chinese.
    pub words_en: String,
}

/// What a donor said beside her gift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DonorWords {
    /// Masked name; `None` for an anonymous gift.
    pub who: Option<String>,
    /// Her words.
    pub words: String,
    /// When the gift was paid.
    pub at: Instant,
}

/// An urgent raise of a target (紧急提额).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetRaise {
    /// The day it was decided.
    pub day: BusinessDay,
    /// The target before.
    pub from_fen: Fen,
    /// The target after.
    pub to_fen: Fen,
    /// Why.
    pub reason: String,
}

/// The snapshot of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectLive {
    /// When these figures were read.
    pub as_of: Instant,
    /// The size of the public log's checkpoint; `None` until there is one.
    pub log_position: Option<i64>,
    /// Gifts and matches, net of refunds, sub-projects included.
    pub total_fen: Fen,
    /// Of it matched.
    pub matched_fen: Fen,
    /// Gifts (person-times).
    pub gifts: i64,
    /// Total of target, in thousandths.
    pub progress_permille: Option<i64>,
    /// The sub-projects' moving figures.
    pub projects: Vec<CardFigures>,
    /// At most [`common::LATEST_MAX`], newest first.
    pub latest: Vec<LatestGift>,
}

impl Page for ProjectPage {
    const TEMPLATE: &'static str = "project.html";

    fn samples() -> Vec<Self> {
        let target = Some(Fen::new(40_000_000));
        let total = Fen::new(41_230_055);
        let campaign = Link {
            name: "“5·8人道公益日”示范市专场".into(),
            href: format!("/c/{}", common::sample_id(9)),
        };
        let mother = Self {
            masthead: common::sample_masthead(),
            public_id: common::sample_id(0),
            events: Some(format!("/events/{}", common::sample_id(0))),
            trail: vec![campaign],
            name: "救在身边".into(),
            sentence: Some("为学校和乡镇配置 AED，培训持证救护员，让黄金四分钟有人会救、有物可救。".into()),
            filing_no: Some("53370000MJE0000000A26001".into()),
            state: ProjectState::Full,
            use_of_money: Some("每 18,000 元配置一台 AED（含箱体、培训和四年维护）；每 200 元培训一名救护员。".into()),
            choices: vec![Choice {
                amount_fen: Fen::new(20_000),
                words: "培训一名救护员".into(),
                words_en: "the training of one first-aider".into(),
            }],
            target_fen: target,
            raises: vec![TargetRaise {
                day: common::sample_day("2026-05-08"),
                from_fen: Fen::new(30_000_000),
                to_fen: Fen::new(40_000_000),
                reason: "首日募满，尚有 12 所乡镇中学等待配置".into(),
            }],
            subprojects: common::sample_cards().into_iter().skip(1).collect(),
            words: vec![DonorWords {
                who: Some("王*".into()),
                words: "愿每个人身边都有会救的人".into(),
                at: common::sample_instant("2026-05-08T02:31:12Z"),
            }],
            give_url: Some("/p/jiuzaishenbian/give".into()),
            monthly_url: Some("/p/jiuzaishenbian/monthly".into()),
            fund_url: Some("/f/jiuzaishenbian".into()),
            team_url: Some("/p/jiuzaishenbian/team".into()),
            teams: vec![
                TeamLink {
                    name: "示例一中八年级三班".into(),
                    href: format!("/t/{}", common::sample_id(40)),
                    total_fen: Fen::new(1_280_050),
                },
                TeamLink {
                    name: "蒙山脚下读书会".into(),
                    href: format!("/t/{}", common::sample_id(41)),
                    total_fen: Fen::ZERO,
                },
            ],
            pools: common::sample_pools().into_iter().take(2).collect(),
            pools_url: Some(format!("/c/{}/pools", common::sample_id(9))),
            notices: vec![sample_line(0)],
            witnessed: true,
            live: ProjectLive {
                as_of: common::sample_instant("2026-05-08T02:36:00Z"),
                log_position: Some(38_412),
                total_fen: total,
                matched_fen: Fen::new(10_000_000),
                gifts: 14_210,
                progress_permille: common::progress(total, target),
                projects: Vec::new(),
                latest: common::sample_latest(),
            },
        };
        let mut general = mother.clone();
        general.name = "非限定捐赠".into();
        general.sentence = None;
        general.filing_no = None;
        general.state = ProjectState::Open;
        general.use_of_money = None;
        general.choices.clear();
        general.words.clear();
        general.give_url = None;
        general.monthly_url = None;
        general.fund_url = None;
        general.team_url = None;
        general.teams.clear();
        general.pools.clear();
        general.pools_url = None;
        general.target_fen = None;
        general.trail.clear();
        general.raises.clear();
        general.subprojects.clear();
        general.events = None;
        general.live.total_fen = Fen::ZERO;
        general.live.matched_fen = Fen::ZERO;
        general.live.gifts = 0;
        general.live.progress_permille = None;
        general.live.log_position = None;
        general.live.latest.clear();
        vec![mother, general]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
