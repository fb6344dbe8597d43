//! `/box/{code}`: what is in a box, on a pallet, in a truck, and where it has been. Whoever scans the label sees it: no
//! recipient stands here, and no place closer than a county.

use kernel::Instant;
use serde::Serialize;
use web::{Masthead, Page};

use super::common;

/// Seconds a shared cache may keep the page.
const CACHE_S: u32 = 5;

/// The page of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoxPage {
    /// The unit.
    pub masthead: Masthead,
    /// When this was read.
    pub as_of: Instant,
    /// `box`, `pallet`, `truck`.
    pub kind: &'static str,
    /// The number on the label.
    pub label: String,
    /// What is in a box; none where it is not filled yet, or holds what is no donation.
    pub goods: Option<BoxGoods>,
    /// What is on a pallet or in a truck.
    pub inside: Vec<InsideRow>,
    /// Its way.
    pub steps: Vec<BoxStep>,
    /// The region it goes to: no closer than a county.
    pub region: Option<String>,
}

/// What is in a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoxGoods {
    /// What.
    pub item: String,
    /// Standard and grade.
    pub grade: String,
    /// How many.
    pub quantity: i64,
    /// The unit.
    pub unit_word: String,
    /// The donor, masked where it is a person; empty: nobody is named.
    pub who: String,
    /// Whether the donor said for whom.
    pub targeted: bool,
}

/// Goods of one kind on a pallet or in a truck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InsideRow {
    /// What.
    pub item: String,
    /// How many.
    pub quantity: i64,
    /// The unit.
    pub unit_word: String,
    /// In so many boxes.
    pub boxes: i64,
}

/// A step of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoxStep {
    /// `arrived`, `stocked`, `filled`, `ordered`, `left`, `received`.
    pub step: &'static str,
    /// When; none: not yet.
    pub at: Option<Instant>,
}

impl Page for BoxPage {
    const TEMPLATE: &'static str = "box.html";

    fn samples() -> Vec<Self> {
        let at = |text: &str| Some(common::sample_instant(text));
        let steps = [
            ("arrived", at("2026-05-08T01:12:00Z")),
            ("stocked", at("2026-05-08T01:40:00Z")),
            ("filled", at("2026-05-08T01:55:00Z")),
            ("ordered", at("2026-05-08T02:05:00Z")),
            ("left", at("2026-05-08T02:31:00Z")),
            ("received", None),
        ];
        let full = Self {
            masthead: common::sample_masthead(),
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
            kind: "box",
            label: "X2026-000042".into(),
            goods: Some(BoxGoods {
                item: "医用防护口罩".into(),
                grade: "GB 19083-2010 N95".into(),
                quantity: 480,
                unit_word: "只".into(),
                who: "王*".into(),
                targeted: true,
            }),
            inside: Vec::new(),
            steps: steps.into_iter().map(|(step, at)| BoxStep { step, at }).collect(),
            region: Some("示范市江口区".into()),
        };
        let mut empty = full.clone();
        (empty.goods, empty.region) = (None, None);
        empty.steps.clear();
        let mut pallet = empty.clone();
        (pallet.kind, pallet.label) = ("pallet", "T2026-000007".into());
        pallet.inside = vec![InsideRow {
            item: "84消毒液".into(),
            quantity: 40,
            unit_word: "箱".into(),
            boxes: 40,
        }];
        vec![full, empty, pallet]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
