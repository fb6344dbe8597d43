//! `/goods`: the live window (M-21): goods in and out as they happen, with approximate places and no recipient.

use kernel::{BusinessDay, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::common;

/// Seconds a shared cache may keep the page.
const CACHE_S: u32 = 2;
/// Movements on the page; the data files hold more.
pub const SHOWN_MAX: i64 = 30;
/// Movements in a data file.
pub const FILE_MAX: i64 = 2_000;

/// The live window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoodsPage {
    /// The unit.
    pub masthead: Masthead,
    /// Where its snapshots come from.
    pub events: Option<String>,
    /// The day of the figures.
    pub today: BusinessDay,
    /// What moves.
    pub live: GoodsLive,
    /// What donors are asked not to bring.
    pub unwanted: Vec<String>,
    /// The video beside it, where the unit gives one.
    pub video: Option<VideoBeside>,
}

/// A video from outside beside the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VideoBeside {
    /// Where it is.
    pub address: String,
    /// Whose it is: readers are told before it is loaded from there.
    pub host: String,
    /// 1 where this page plays it itself, 0 where a frame holds the other's player.
    pub played_here: i64,
}

/// The snapshot of the live window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoodsLive {
    /// When these figures were read.
    pub as_of: Instant,
    /// Deliveries that arrived today.
    pub lots_today: i64,
    /// Their mean share that left today, in thousandths; `None` where nothing arrived.
    pub cleared_permille: Option<i64>,
    /// Pieces by unit: arrived today, left today. Units are never added.
    pub units: Vec<UnitRow>,
    /// What came in, the newest first.
    pub came: Vec<CameRow>,
    /// What went out, the newest first.
    pub went: Vec<WentRow>,
}

/// Pieces of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitRow {
    /// The unit.
    pub unit_word: String,
    /// Arrived today.
    pub arrived: i64,
    /// Of these, left today.
    pub went: i64,
}

/// Goods that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CameRow {
    /// When.
    pub at: Instant,
    /// The donor, masked where it is a person.
    pub who: String,
    /// What.
    pub item: String,
    /// Standard and grade.
    pub grade: String,
    /// How many.
    pub quantity: i64,
    /// The unit.
    pub unit_word: String,
    /// 1 where the donor said for whom, else 0.
    pub targeted: i64,
}

/// Goods that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WentRow {
    /// When.
    pub at: Instant,
    /// The region they go to: no closer than a county.
    pub region: String,
    /// What.
    pub item: String,
    /// Standard and grade.
    pub grade: String,
    /// How many.
    pub quantity: i64,
    /// The unit.
    pub unit_word: String,
    /// The number of the dispatch order.
    pub number: String,
    /// 1 where the donor said for whom, else 0.
    pub targeted: i64,
}

/// The rows as csv with a byte order mark, so that spreadsheets read the names. A cell never begins as a formula.
pub(super) fn csv(came: &[CameRow], went: &[WentRow]) -> String {
    let cell = |text: &str| {
        let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            "'"
        } else {
            ""
        };
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    };
    let mut text = String::from("\u{feff}方向,时间,品名,标准等级,数量,单位,捐赠人,去向,调拨单号,定向\r\n");
    let mut line = |cells: &[String]| {
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    };
    let targeted = |flag: i64| cell(if flag == 1 { "定向" } else { "非定向" });
    for row in came {
        line(&[
            cell("入"),
            cell(&row.at.to_rfc3339()),
            cell(&row.item),
            cell(&row.grade),
            row.quantity.to_string(),
            cell(&row.unit_word),
            cell(&row.who),
            cell(""),
            cell(""),
            targeted(row.targeted),
        ]);
    }
    for row in went {
        line(&[
            cell("出"),
            cell(&row.at.to_rfc3339()),
            cell(&row.item),
            cell(&row.grade),
            row.quantity.to_string(),
            cell(&row.unit_word),
            cell(""),
            cell(&row.region),
            cell(&row.number),
            targeted(row.targeted),
        ]);
    }
    text
}

impl Page for GoodsPage {
    const TEMPLATE: &'static str = "goods.html";

    fn samples() -> Vec<Self> {
        let at = |text: &str| common::sample_instant(text);
        let came = |time: &str, who: &str, item: &str, grade: &str, (quantity, unit): (i64, &str), targeted| CameRow {
            at: at(time),
            who: who.into(),
            item: item.into(),
            grade: grade.into(),
            quantity,
            unit_word: unit.into(),
            targeted,
        };
        let full = Self {
            masthead: common::sample_masthead(),
            events: Some("/events/goods".into()),
            today: common::sample_day("2026-05-08"),
            live: GoodsLive {
                as_of: at("2026-05-08T02:36:00Z"),
                lots_today: 37,
                cleared_permille: Some(932),
                units: vec![
                    UnitRow {
                        unit_word: "箱".into(),
                        arrived: 1_280,
                        went: 1_150,
                    },
                    UnitRow {
                        unit_word: "只".into(),
                        arrived: 36_000,
                        went: 36_000,
                    },
                ],
                came: vec![
                    came(
                        "2026-05-08T02:31:00Z",
                        "示范医疗器械有限公司",
                        "医用防护口罩",
                        "GB 19083-2010 N95",
                        (36_000, "只"),
                        1,
                    ),
                    came("2026-05-08T02:12:00Z", "王*", "84消毒液", "", (120, "箱"), 0),
                ],
                went: vec![WentRow {
                    at: at("2026-05-08T02:35:00Z"),
                    region: "示范市江口区".into(),
                    item: "医用防护口罩".into(),
                    grade: "GB 19083-2010 N95".into(),
                    quantity: 18_000,
                    unit_word: "只".into(),
                    number: "2026-0042".into(),
                    targeted: 1,
                }],
            },
            unwanted: vec!["旧衣物".into(), "开封的药品".into()],
            video: Some(VideoBeside {
                address: "https://live.example.org/store/1".into(),
                host: "live.example.org".into(),
                played_here: 0,
            }),
        };
        let mut played = full.clone();
        played.video = Some(VideoBeside {
            address: "https://video.example.org/store.mp4".into(),
            host: "video.example.org".into(),
            played_here: 1,
        });
        let mut empty = full.clone();
        empty.live.lots_today = 0;
        empty.live.cleared_permille = None;
        empty.live.units.clear();
        empty.live.came.clear();
        empty.live.went.clear();
        empty.unwanted.clear();
        empty.video = None;
        vec![full, empty, played]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn frames_from(&self) -> Option<String> {
        let video = self.video.as_ref().filter(|video| video.played_here == 0)?;
        Some(format!("https://{}", video.host))
    }
    fn media_from(&self) -> Option<String> {
        let video = self.video.as_ref().filter(|video| video.played_here == 1)?;
        Some(format!("https://{}", video.host))
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
