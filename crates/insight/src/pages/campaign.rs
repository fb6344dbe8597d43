//! `/c/{campaign}`: one campaign, and what its event stream sends.

use kernel::{BusinessDay, Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page, color::Brand, color::Color};

use super::common::{self, CampaignState, LatestGift, PoolLink, ProjectCard, RankRow};

/// Seconds a shared cache may keep the page.
const CACHE_S: u32 = 2;

/// A campaign's page. Name and facts are those of the filed plan (GM art. 17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CampaignPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// Public id of the campaign.
    pub public_id: String,
    /// Where its snapshots come from, `/events/<public id>`; `None` once nothing moves any more.
    pub events: Option<String>,
    /// Name as filed.
    pub name: String,
    /// Filing number (备案编号); `None` only for the unit's general project.
    pub filing_no: Option<String>,
    /// Stage.
    pub state: CampaignState,
    /// First day.
    pub starts: BusinessDay,
    /// Last day.
    pub ends: BusinessDay,
    /// Days left including today, 0 on the last day; `None` before and after.
    pub days_left: Option<i64>,
    /// The purpose as filed.
    pub purpose: Option<String>,
    /// The use of proceeds as filed.
    pub use_of_money: Option<String>,
    /// The beneficiaries as filed.
    pub beneficiaries: Option<String>,
    /// Partners without the right to raise in public that raise through this society here (慈善法 26), by full name.
    pub partners: Vec<String>,
    /// Target.
    pub target_fen: Option<Fen>,
    /// The projects, at most [`common::CARDS_MAX`].
    pub projects: Vec<ProjectCard>,
    /// Where to give; `None`: the page offers the look-up instead.
    pub give_url: Option<String>,
    /// Its league tables, where somebody decided to show them.
    pub board_url: Option<String>,
    /// Its matching pools, open ones first, at most [`common::POOLS_SHOWN`].
    pub pools: Vec<PoolLink>,
    /// Where all of them are; `None` without any.
    pub pools_url: Option<String>,
    /// Whether the log's checkpoint carries witnesses' signatures.
    pub witnessed: bool,
    /// Figures that move.
    pub live: CampaignLive,
}

/// The snapshot of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CampaignLive {
    /// When these figures were read.
    pub as_of: Instant,
    /// The size of the public log's checkpoint; `None` until there is one.
    pub log_position: Option<i64>,
    /// Gifts and matches, net of refunds.
    pub total_fen: Fen,
    /// Of it matched.
    pub matched_fen: Fen,
    /// Gifts (person-times).
    pub gifts: i64,
    /// Total of target, in thousandths.
    pub progress_permille: Option<i64>,
    /// Counties, largest first, at most [`common::RANK_MAX`]; those with the rank switched off are absent.
    pub counties: Vec<RankRow>,
    /// Projects, largest first, at most [`common::RANK_MAX`]; the cards follow it too.
    pub projects: Vec<RankRow>,
    /// At most [`common::LATEST_MAX`], newest first.
    pub latest: Vec<LatestGift>,
}

impl Page for CampaignPage {
    const TEMPLATE: &'static str = "campaign.html";

    fn samples() -> Vec<Self> {
        let target = Some(Fen::new(180_000_000));
        let total = Fen::new(106_110_000);
        let open = Self {
            masthead: common::sample_masthead(),
            public_id: common::sample_id(9),
            events: Some(format!("/events/{}", common::sample_id(9))),
            name: "“5·8人道公益日”示范市专场".into(),
            filing_no: Some("53370000MJE0000000A26001".into()),
            state: CampaignState::Open,
            starts: common::sample_day("2026-05-08"),
            ends: common::sample_day("2026-05-10"),
            days_left: Some(2),
            purpose: Some("为全市困境儿童、失能老人和应急救护事业募集善款，让身边人帮助身边人。".into()),
            use_of_money: Some(
                "全部用于备案方案所列四个项目：配置 AED、开展防溺水教育、资助大病儿童手术、照护失能老人。".into(),
            ),
            beneficiaries: Some("本市困境儿童、失能老人、在校学生".into()),
            partners: vec!["示范市春风助学服务中心".into(), "示范市蓝天应急救援协会".into()],
            target_fen: target,
            projects: common::sample_cards(),
            give_url: None,
            board_url: Some(format!("/b/{}", common::sample_id(9))),
            pools: common::sample_pools(),
            pools_url: Some(format!("/c/{}/pools", common::sample_id(9))),
            witnessed: false,
            live: CampaignLive {
                as_of: common::sample_instant("2026-05-08T02:36:00Z"),
                log_position: Some(38_412),
                total_fen: total,
                matched_fen: Fen::new(59_800_000),
                gifts: 38_000,
                progress_permille: common::progress(total, target),
                counties: common::sample_counties(),
                projects: common::sample_project_rank(),
                latest: common::sample_latest(),
            },
        };
        let mut waiting = open.clone();
        waiting.state = CampaignState::Filed;
        waiting.events = None;
        waiting.days_left = None;
        waiting.use_of_money = None;
        waiting.partners.clear();
        waiting.projects.clear();
        waiting.pools.clear();
        waiting.pools_url = None;
        waiting.live.total_fen = Fen::ZERO;
        waiting.live.matched_fen = Fen::ZERO;
        waiting.live.gifts = 0;
        waiting.live.progress_permille = Some(0);
        waiting.live.log_position = None;
        waiting.live.counties.clear();
        waiting.live.projects.clear();
        waiting.live.latest.clear();
        let mut ended = open.clone();
        ended.name = "“守望相助·情系桑梓”2026年度全市乡镇（街道）社区慈善基金联合募捐与困难家庭帮扶行动".into();
        ended.state = CampaignState::Ended;
        ended.events = None;
        ended.days_left = None;
        ended.target_fen = None;
        ended.live.progress_permille = None;
        ended.live.total_fen = Fen::new(812_345_678_901);
        ended.live.gifts = 1;
        ended.masthead.brand = Brand {
            brand: Color::parse("#0B5FA5").ok(),
            ..Brand::default()
        };
        let mut last_day = open.clone();
        last_day.days_left = Some(0);
        last_day.give_url = Some("/give".into());
        vec![open, waiting, ended, last_day]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
