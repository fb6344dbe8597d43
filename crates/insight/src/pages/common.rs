//! What several pages share: cards, rank rows, latest gifts, words for states.

use kernel::{BusinessDay, Fen, Instant};
use serde::Serialize;
use web::{Masthead, color::Brand};

/// Gifts shown as the latest ones: a phone's screenful.
pub const LATEST_MAX: usize = 12;
/// Rows of a rank that a page carries; the county level of the largest city has 26.
pub const RANK_MAX: usize = 50;
/// Cards of projects on one page; more are reached through their mother project.
pub const CARDS_MAX: usize = 60;

/// How far a campaign is, as the public is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Being prepared.
    Draft,
    /// Filed, not yet begun.
    Filed,
    /// Takes gifts.
    Open,
    /// Target reached.
    Full,
    /// Over.
    Ended,
    /// Closed in the books.
    Settled,
}

/// How far a project is; the same stages.
pub type ProjectState = CampaignState;

/// How a gift stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GiftState {
    /// In the books.
    Confirmed,
    /// Part of it given back.
    PartlyRefunded,
    /// Given back.
    Refunded,
    /// Its import was taken back: it counts nowhere.
    Withdrawn,
    /// Waits for a person to look at it.
    Held,
}

/// A pool's decision about a gift, as its donor is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Matched {
    /// Who matches.
    pub sponsor: String,
    /// What was given, or why nothing was.
    pub words: String,
}

/// A matching pool as other pages lead to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolLink {
    /// Its title.
    pub name: String,
    /// `/pools/<code>`.
    pub href: String,
    /// Who matches, by the public name.
    pub sponsor: String,
    /// `published`, `open`, `resting`, `empty`, `closing` or `closed`.
    pub state: &'static str,
    /// What is left of its money.
    pub left_fen: Fen,
}

/// Pools on the page of a campaign or a project; the list has all.
pub const POOLS_SHOWN: usize = 5;

/// A step in the trail above a page's title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it leads to.
    pub name: String,
    /// Its address on this server.
    pub href: String,
}

/// A project as a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectCard {
    /// Public id of the project.
    pub public_id: String,
    /// `/p/<public id>`.
    pub href: String,
    /// Name.
    pub name: String,
    /// One sentence.
    pub sentence: Option<String>,
    /// Stage.
    pub state: ProjectState,
    /// Received net of refunds, sub-projects included.
    pub total_fen: Fen,
    /// Gifts (person-times).
    pub gifts: i64,
    /// Target.
    pub target_fen: Option<Fen>,
    /// Total of target, in thousandths.
    pub progress_permille: Option<i64>,
}

/// What moves on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardFigures {
    /// Public id of the campaign or project.
    pub public_id: String,
    /// Received net of refunds.
    pub total_fen: Fen,
    /// Gifts (person-times).
    pub gifts: i64,
    /// Total of target, in thousandths.
    pub progress_permille: Option<i64>,
}

impl From<&ProjectCard> for CardFigures {
    fn from(card: &ProjectCard) -> Self {
        Self {
            public_id: card.public_id.clone(),
            total_fen: card.total_fen,
            gifts: card.gifts,
            progress_permille: card.progress_permille,
        }
    }
}

impl From<&CampaignCard> for CardFigures {
    fn from(card: &CampaignCard) -> Self {
        Self {
            public_id: card.public_id.clone(),
            total_fen: card.total_fen,
            gifts: card.gifts,
            progress_permille: card.progress_permille,
        }
    }
}

/// A campaign as a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CampaignCard {
    /// Public id of the campaign.
    pub public_id: String,
    /// `/c/<public id>`.
    pub href: String,
    /// Name as filed.
    pub name: String,
    /// Stage.
    pub state: CampaignState,
    /// Filing number (备案编号).
    pub filing_no: Option<String>,
    /// First day.
    pub starts: BusinessDay,
    /// Last day.
    pub ends: BusinessDay,
    /// Received net of refunds.
    pub total_fen: Fen,
    /// Gifts (person-times).
    pub gifts: i64,
    /// Target.
    pub target_fen: Option<Fen>,
    /// Total of target, in thousandths.
    pub progress_permille: Option<i64>,
}

/// One row of a rank of counties or projects (never of people: rules.md R1.14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RankRow {
    /// Public id of the unit or project, so that the page's cards can follow the stream.
    pub public_id: String,
    /// 1 for the first; equal totals share a place.
    pub place: i64,
    /// Name of the unit or project.
    pub name: String,
    /// Received net of refunds.
    pub total_fen: Fen,
    /// Gifts (person-times).
    pub gifts: i64,
    /// This total against the first row's, in thousandths: the length of the bar.
    pub share_permille: i64,
    /// Total of its own target, in thousandths, where it has one.
    pub progress_permille: Option<i64>,
}

/// A gift as it ticks by. No id: a gift's id is the address of its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LatestGift {
    /// Masked name; `None` for an anonymous gift.
    pub who: Option<String>,
    /// Amount.
    pub amount_fen: Fen,
    /// What it was given to: the project's name.
    pub to: String,
    /// When it was confirmed.
    pub at: Instant,
}

/// Thousandths of a target, for progress bars; `None` without one.
pub fn progress(total: Fen, target: Option<Fen>) -> Option<i64> {
    target
        .and_then(|target| total.share_of(target, 1_000))
        .map(|permille| permille.max(0))
}

/// Numbers rows (name, public id, total, gifts, target) that are already in order, largest first; equal totals share a
/// place.
pub fn rank(rows: impl IntoIterator<Item = (String, String, Fen, i64, Option<Fen>)>) -> Vec<RankRow> {
    let mut ranked: Vec<RankRow> = Vec::new();
    for (name, public_id, total_fen, gifts, target) in rows {
        let position = i64::try_from(ranked.len()).unwrap_or(i64::MAX).saturating_add(1);
        let place = ranked
            .last()
            .filter(|last| last.total_fen == total_fen)
            .map_or(position, |last| last.place);
        let first = ranked.first().map_or(total_fen, |first| first.total_fen);
        let share_permille = total_fen.share_of(first, 1_000).unwrap_or(0).clamp(0, 1_000);
        let progress_permille = progress(total_fen, target);
        ranked.push(RankRow {
            public_id,
            place,
            name,
            total_fen,
            gifts,
            share_permille,
            progress_permille,
        });
    }
    ranked
}

/// A made-up society for samples.
pub(crate) fn sample_masthead() -> Masthead {
    Masthead {
        name: "示范市红十字会".into(),
        certificate_no: Some("53370000MJE0000000".into()),
        certificate_valid_to: BusinessDay::parse("2028-12-31").ok(),
        phone: Some("0539-0000000".into()),
        contact: None,
        address: Some("示范市和平路 1 号".into()),
        brand: Brand::default(),
        logo: None,
    }
}

pub(crate) fn sample_day(text: &str) -> BusinessDay {
    BusinessDay::parse(text)
        .unwrap_or_else(|_| BusinessDay::from_date(kernel::Instant::from_micros(0).to_beijing().date()))
}

pub(crate) fn sample_instant(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap_or(Instant::from_micros(0))
}

/// A made-up 26-character public id.
pub(crate) fn sample_id(n: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
    (0..26)
        .map(|at| char::from(LETTERS[(n * 7 + at * 11 + at * at) % LETTERS.len()]))
        .collect()
}

pub(crate) fn sample_cards() -> Vec<ProjectCard> {
    let rows = [
        (
            "救在身边",
            "为学校和乡镇配置 AED，培训持证救护员",
            41_230_055,
            14_210,
            40_000_000,
            ProjectState::Full,
        ),
        (
            "生命教育·防溺水",
            "让每个孩子暑假前都上一堂防溺水课",
            30_618_440,
            11_894,
            50_000_000,
            ProjectState::Open,
        ),
        (
            "困境儿童大病救助",
            "为患白血病和先天性心脏病的孩子分担手术费用",
            21_560_905,
            7_402,
            60_000_000,
            ProjectState::Open,
        ),
        (
            "博爱助老",
            "为失能老人提供照护服务",
            12_700_600,
            4_494,
            30_000_000,
            ProjectState::Open,
        ),
    ];
    let cards = rows
        .into_iter()
        .enumerate()
        .map(|(at, (name, sentence, fen, gifts, target, state))| ProjectCard {
            public_id: sample_id(at),
            href: format!("/p/{}", sample_id(at)),
            name: name.into(),
            sentence: Some(sentence.into()),
            state,
            total_fen: Fen::new(fen),
            gifts,
            target_fen: Some(Fen::new(target)),
            progress_permille: progress(Fen::new(fen), Some(Fen::new(target))),
        });
    cards.collect()
}

pub(crate) fn sample_counties() -> Vec<RankRow> {
    let names = [
        "兰陵县",
        "沂水县",
        "河东区",
        "罗庄区",
        "莒南县",
        "费县",
        "平邑县",
        "沂南县",
        "郯城县",
        "蒙阴县",
        "临沭县",
        "兰山区",
    ];
    let totals = [
        18_204_512, 15_110_030, 13_480_000, 11_020_405, 10_455_518, 9_001_200, 8_130_090, 7_700_155, 5_200_000,
        3_806_090, 2_500_000, 1_502_000,
    ];
    let rows = names.into_iter().zip(totals).enumerate();
    rank(rows.map(|(at, (name, fen))| (name.to_owned(), sample_id(at + 20), Fen::new(fen), fen / 2_790, None)))
}

pub(crate) fn sample_project_rank() -> Vec<RankRow> {
    rank(
        sample_cards()
            .into_iter()
            .map(|card| (card.name, card.public_id, card.total_fen, card.gifts, card.target_fen)),
    )
}

pub(crate) fn sample_pools() -> Vec<PoolLink> {
    let pool = |code: &str, name: &str, state, left| PoolLink {
        name: name.into(),
        href: format!("/pools/{code}"),
        sponsor: "示范集团有限公司".into(),
        state,
        left_fen: Fen::new(left),
    };
    vec![
        pool("even", "一元配一元", "open", 12_437_500),
        pool("nights", "夜间配捐池", "resting", 5_000_000),
        pool("new", "首捐礼", "published", 100_000_000),
        pool("rush", "限时翻倍", "empty", 0),
        pool("score", "县区排名奖励", "closing", 30_000_000),
        pool("gone", "去年的配捐池", "closed", 1),
    ]
}

pub(crate) fn sample_latest() -> Vec<LatestGift> {
    let rows = [
        (Some("王*"), 2_000, "救在身边", 5),
        (None, 10_000, "困境儿童大病救助", 5),
        (Some("李*华"), 520, "生命教育·防溺水", 4),
        (Some("示范市第一中学"), 1_280_050, "生命教育·防溺水", 4),
        (Some("欧阳**"), 5_000, "博爱助老", 3),
        (None, 2_000, "救在身边", 2),
        (Some("赵*"), 100, "困境儿童大病救助", 2),
        (Some("陈*明"), 20_000, "救在身边", 1),
    ];
    let gifts = rows.into_iter().map(|(who, fen, to, minute)| LatestGift {
        who: who.map(str::to_owned),
        amount_fen: Fen::new(fen),
        to: to.into(),
        at: sample_instant(&format!("2026-05-08T02:3{minute}:12Z")),
    });
    gifts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_totals_share_a_place_and_the_next_place_is_skipped() {
        let row = |name: &str, fen: i64| (name.to_owned(), String::new(), Fen::new(fen), 1, None);
        let ranked = rank([row("a", 900), row("b", 900), row("c", 450), row("d", 0)]);
        let places: Vec<_> = ranked.iter().map(|r| (r.place, r.share_permille)).collect();
        assert_eq!(places, [(1, 1_000), (1, 1_000), (3, 500), (4, 0)]);
    }

    #[test]
    fn progress_may_pass_its_target_and_needs_one() {
        assert_eq!(progress(Fen::new(150), Some(Fen::new(100))), Some(1_500));
        assert_eq!(progress(Fen::new(150), None), None);
        assert_eq!(progress(Fen::new(150), Some(Fen::ZERO)), None);
    }
}
