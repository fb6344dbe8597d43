//! `/b` and `/b/{campaign}`: league tables, live or as they stood at the end of a day.

use kernel::{BusinessDay, Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, Link};

/// Seconds a shared cache may keep the page.
const CACHE_S: u32 = 2;
/// Rows of a board that its page carries; the export has all.
pub const ROWS_MAX: usize = 200;
/// Frozen days offered on the page.
pub const DAYS_MAX: i64 = 31;

/// League tables of a campaign, or of all campaigns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// Public id of the campaign; none on the page of all campaigns.
    pub public_id: Option<String>,
    /// Where its snapshots come from; `None` for a frozen day.
    pub events: Option<String>,
    /// The campaign.
    pub trail: Vec<Link>,
    /// The campaign's name as filed, where it is one campaign's.
    pub name: Option<String>,
    /// The frozen day that is shown.
    pub frozen: Option<FrozenDay>,
    /// Frozen days to look at, latest first.
    pub days: Vec<DayLink>,
    /// The boards that are shown.
    pub shown: ShownBoards,
    /// Whether the log's checkpoint carries witnesses' signatures.
    pub witnessed: bool,
    /// Figures that move.
    pub live: BoardLive,
}

/// Which boards are shown: somebody decided so (rules.md R1.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ShownBoards {
    /// By campaign.
    pub campaigns: bool,
    /// By county; of a province's campaign by city.
    pub counties: bool,
    /// Of a province's campaign, by the counties of its cities.
    pub districts: bool,
    /// By project.
    pub projects: bool,
    /// By team.
    pub teams: bool,
}

/// A frozen day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FrozenDay {
    /// The day.
    pub day: BusinessDay,
    /// The last fact that counts.
    pub place: i64,
}

/// Another day's board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayLink {
    /// The day.
    pub day: BusinessDay,
    /// Its address.
    pub href: String,
}

/// The snapshot of the boards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardLive {
    /// When these figures were read, or frozen.
    pub as_of: Instant,
    /// The size of the public log's checkpoint; `None` until there is one.
    pub log_position: Option<i64>,
    /// What counts on these boards.
    pub total_fen: Fen,
    /// Gifts (person-times) that count.
    pub gifts: i64,
    /// By campaign.
    pub campaigns: Vec<BoardRow>,
    /// By county; of a province's campaign by city.
    pub counties: Vec<BoardRow>,
    /// Of a province's campaign, by the counties of its cities.
    pub districts: Vec<BoardRow>,
    /// By county for each thousand people.
    pub heads: Vec<HeadRow>,
    /// Counties without a population figure.
    pub without_people: usize,
    /// Gifts led to no county.
    pub unplaced_fen: Fen,
    /// By project.
    pub projects: Vec<BoardRow>,
    /// By team.
    pub teams: Vec<BoardRow>,
}

/// A row of a board. Never of a person, an employee or a village.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardRow {
    /// 1 for the first; equal totals share a place.
    pub place: i64,
    /// Its name; `None` for a team below the minimum.
    pub name: Option<String>,
    /// Its page.
    pub href: Option<String>,
    /// What counts.
    pub total_fen: Fen,
    /// Gifts (person-times) that count.
    pub gifts: i64,
    /// This total against the first row's, in thousandths.
    pub share_permille: i64,
}

/// A county by what it gave for each thousand people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeadRow {
    /// 1 for the first.
    pub place: i64,
    /// Its name.
    pub name: Option<String>,
    /// Fen for each thousand people, rounded down.
    pub total_fen: Fen,
    /// People.
    pub people: i64,
    /// Against the first row's, in thousandths.
    pub share_permille: i64,
}

/// Puts counties in the order of the view per head: (name, per thousand, people).
pub(super) fn heads(mut rows: Vec<(Option<String>, Fen, i64)>) -> Vec<HeadRow> {
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let first = rows.first().map_or(Fen::ZERO, |row| row.1);
    let mut ranked: Vec<HeadRow> = Vec::with_capacity(rows.len());
    for ((name, total_fen, people), position) in rows.into_iter().zip(1_i64..) {
        let place = match ranked.last() {
            Some(before) if before.total_fen == total_fen => before.place,
            _ => position,
        };
        ranked.push(HeadRow {
            place,
            name,
            total_fen,
            people,
            share_permille: total_fen.share_of(first, 1_000).unwrap_or(0).clamp(0, 1_000),
        });
    }
    ranked
}

fn sample_rows(names: &[&str], first: i64) -> Vec<BoardRow> {
    let row = |(name, at): (&&str, i64)| BoardRow {
        place: at + 1,
        name: Some((*name).to_owned()).filter(|name| !name.is_empty()),
        href: None,
        total_fen: Fen::new(first / (at + 1)),
        gifts: first / (at + 1) / 2_790,
        share_permille: 1_000 / (at + 1),
    };
    names.iter().zip(0_i64..).map(row).collect()
}

impl Page for BoardPage {
    const TEMPLATE: &'static str = "board.html";

    fn samples() -> Vec<Self> {
        let link = Link {
            name: "“5·8人道公益日”示范市专场".into(),
            href: format!("/c/{}", common::sample_id(9)),
        };
        let counties = [
            "示例县",
            "样板区",
            "演示市（县级）",
            "模拟县",
            "试点区",
            "范例县",
            "标兵县",
        ];
        let mut teams = sample_rows(
            &[
                "示例一中八年级三班",
                "蒙山脚下读书会",
                "样板街道志愿者",
                "",
                "一起走路的人",
            ],
            1_280_000,
        );
        for (row, at) in teams.iter_mut().zip(0..) {
            row.href = Some(format!("/t/{}", common::sample_id(at + 40)));
        }
        let live = BoardLive {
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
            log_position: Some(38_412),
            total_fen: Fen::new(106_110_000),
            gifts: 38_000,
            campaigns: Vec::new(),
            counties: sample_rows(&counties, 32_010_055),
            districts: Vec::new(),
            heads: heads(vec![
                (Some("示例县".into()), Fen::new(41_230), 776_000),
                (Some("样板区".into()), Fen::new(61_075), 262_000),
                (Some("模拟县".into()), Fen::new(9_500), 842_000),
            ]),
            without_people: 4,
            unplaced_fen: Fen::new(1_200_000),
            projects: sample_rows(
                &["救在身边", "生命教育·防溺水", "困境儿童大病救助", "博爱助老"],
                41_230_055,
            ),
            teams,
        };
        let open = Self {
            masthead: common::sample_masthead(),
            public_id: Some(common::sample_id(9)),
            events: Some(format!("/events/b-{}", common::sample_id(9))),
            trail: vec![link],
            name: Some("“5·8人道公益日”示范市专场".into()),
            frozen: None,
            days: vec![DayLink {
                day: common::sample_day("2026-05-07"),
                href: format!("/b/{}/2026-05-07", common::sample_id(9)),
            }],
            shown: ShownBoards {
                campaigns: false,
                counties: true,
                districts: false,
                projects: true,
                teams: true,
            },
            witnessed: true,
            live,
        };
        let mut frozen = open.clone();
        frozen.events = None;
        frozen.frozen = Some(FrozenDay {
            day: common::sample_day("2026-05-07"),
            place: 38_412,
        });
        frozen.live.heads.clear();
        let mut empty = open.clone();
        empty.days.clear();
        for rows in [
            &mut empty.live.counties,
            &mut empty.live.projects,
            &mut empty.live.teams,
        ] {
            rows.clear();
        }
        empty.live.heads.clear();
        empty.live.log_position = None;
        empty.live.total_fen = Fen::ZERO;
        empty.live.unplaced_fen = Fen::ZERO;
        empty.live.gifts = 0;
        let mut all = empty.clone();
        all.public_id = None;
        all.events = Some("/events/b-all".into());
        all.trail.clear();
        all.name = None;
        all.shown = ShownBoards {
            campaigns: true,
            ..ShownBoards::default()
        };
        all.live.campaigns = sample_rows(&["“5·8人道公益日”示范市专场", "社区慈善基金联合募捐"], 106_110_000);
        let mut nothing = all.clone();
        nothing.live.campaigns.clear();
        let mut all_frozen = all.clone();
        all_frozen.events = None;
        all_frozen.frozen = frozen.frozen;
        all_frozen.days = vec![DayLink {
            day: common::sample_day("2026-05-07"),
            href: "/b/all/2026-05-07".into(),
        }];
        let mut province = open.clone();
        province.shown.districts = true;
        province.live.districts = sample_rows(&["示例县", "样板区", "模拟县"], 8_010_055);
        vec![open, frozen, empty, all, nothing, all_frozen, province]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_county_may_lead_the_view_per_head() {
        let ranked = heads(vec![
            (Some("大县".into()), Fen::new(100), 900_000),
            (Some("小县".into()), Fen::new(400), 100_000),
            (Some("中县".into()), Fen::new(400), 300_000),
        ]);
        let places: Vec<_> = ranked
            .iter()
            .map(|r| (r.place, r.name.as_deref(), r.share_permille))
            .collect();
        assert_eq!(
            places,
            [
                (1, Some("中县"), 1_000),
                (1, Some("小县"), 1_000),
                (3, Some("大县"), 250)
            ]
        );
    }
}
