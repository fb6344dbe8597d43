//! `/log`: the public log, how it stands and how anybody checks it; `/log/entry/<n>`: one entry.

use kernel::{BusinessDay, Fen, Instant};
use proof::log::leaf::{Leaf, PublicId};
use proof::log::mark::Mark;
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, Link};

/// The page of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogPage {
    /// The society.
    pub masthead: Masthead,
    /// How it stands; `None` before the first checkpoint.
    pub mark: Option<Shown>,
    /// Whether something has waited for more than a minute to be published.
    pub lags: bool,
    /// Campaigns whose own entries can be looked at.
    pub campaigns: Vec<Link>,
}

/// How the log stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its name.
    pub origin: String,
    /// Its entries.
    pub size: u64,
    /// Its root.
    pub root: String,
    /// Its key.
    pub vkey: String,
    /// Who cosigned the checkpoint.
    pub witnesses: Vec<Seen>,
    /// Where programs read it.
    pub address: String,
    /// The newest entry, where there is one.
    pub newest: Option<u64>,
}

/// A witness of the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// When it cosigned.
    pub at: Instant,
}

impl Shown {
    /// From the published checkpoint.
    pub fn of(mark: Mark, base_url: &str) -> Self {
        Self {
            origin: mark.origin,
            size: mark.size,
            root: mark.root,
            vkey: mark.vkey,
            witnesses: mark.witnesses.into_iter().map(|(name, at)| Seen { name, at }).collect(),
            address: format!("{base_url}/log"),
            newest: mark.size.checked_sub(1),
        }
    }
}

impl Page for LogPage {
    const TEMPLATE: &'static str = "log.html";

    fn samples() -> Vec<Self> {
        let witnessed = Shown {
            origin: "log.example.cn/371300".into(),
            size: 38_412,
            root: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".into(),
            vkey: "log.example.cn/371300+0badcafe+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh".into(),
            witnesses: vec![Seen {
                name: "jianshihui".into(),
                at: common::sample_instant("2026-05-08T02:36:00Z"),
            }],
            address: "https://give.example.cn/log".into(),
            newest: Some(38_411),
        };
        let unwitnessed = Shown {
            witnesses: Vec::new(),
            size: 0,
            newest: None,
            ..witnessed.clone()
        };
        [Some(witnessed), Some(unwitnessed), None]
            .map(|mark| Self {
                masthead: common::sample_masthead(),
                lags: mark.is_some(),
                mark,
                campaigns: vec![Link {
                    name: "“5·8人道公益日”示范市专场".into(),
                    href: format!("/c/{}/log", common::sample_id(9)),
                }],
            })
            .into()
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}

/// The page of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryPage {
    /// The society.
    pub masthead: Masthead,
    /// Its place, from 0.
    pub index: u64,
    /// Its kind, a word of the closed vocabulary.
    pub kind: &'static str,
    /// The same as a key of the catalogue.
    pub word: String,
    /// Its text, byte for byte.
    pub text: String,
    /// The money it speaks of, where it does.
    pub amount_fen: Option<Fen>,
    /// Its business day, the last of a bundle's.
    pub day: Option<BusinessDay>,
    /// Its leaf hash, base64.
    pub hash: String,
    /// The entry before, where there is one.
    pub before: Option<u64>,
    /// The other entries of its project, where it names one.
    pub trail: Option<String>,
}

impl EntryPage {
    /// From a published entry.
    pub fn of(masthead: Masthead, index: u64, text: String, leaf: &Leaf) -> Self {
        Self {
            masthead,
            index,
            kind: leaf.kind(),
            word: format!("log.kind.{}", leaf.kind()),
            amount_fen: amount(leaf),
            day: day(leaf),
            hash: proof::tlog::leaf_hash(text.as_bytes()).to_base64(),
            text,
            before: index.checked_sub(1),
            trail: project(leaf).map(|id| format!("/p/{}/log", id.as_str())),
        }
    }
}

/// The project that an entry names.
pub(super) fn project(leaf: &Leaf) -> Option<&PublicId> {
    match leaf {
        Leaf::Received(l) | Leaf::Granted(l) => Some(&l.proj),
        Leaf::Paid(l) => l.proj.as_ref(),
        _ => None,
    }
}

/// The money that an entry speaks of.
pub(super) fn amount(leaf: &Leaf) -> Option<Fen> {
    match leaf {
        Leaf::Received(l) | Leaf::Granted(l) => Some(l.amt),
        Leaf::Refunded(l) | Leaf::Reversed(l) | Leaf::Unpaid(l) => Some(l.amt),
        Leaf::Corrected(l) => Some(l.diff),
        Leaf::Bundle(l) | Leaf::MatchBundle(l) => Some(l.sum),
        Leaf::Paid(l) => Some(l.amt),
        Leaf::Fee(l) => Some(l.amt),
        Leaf::Erased(_)
        | Leaf::PoolPublished(_)
        | Leaf::Goods(_)
        | Leaf::Stated(_)
        | Leaf::NoticePublished(_)
        | Leaf::NoticeWithdrawn(_)
        | Leaf::KeyRotated(_)
        | Leaf::Sm3Root(_) => None,
    }
}

/// The business day of an entry, the last of a bundle's.
pub(super) fn day(leaf: &Leaf) -> Option<BusinessDay> {
    match leaf {
        Leaf::Received(l) | Leaf::Granted(l) => Some(l.day),
        Leaf::Refunded(l) | Leaf::Reversed(l) | Leaf::Unpaid(l) => Some(l.day),
        Leaf::Corrected(l) => Some(l.day),
        Leaf::Bundle(l) | Leaf::MatchBundle(l) => Some(l.to),
        Leaf::Paid(l) => Some(l.day),
        Leaf::Fee(l) => Some(l.day),
        Leaf::PoolPublished(l) => Some(l.day),
        Leaf::Goods(l) => Some(l.day),
        Leaf::Stated(l) => Some(l.day),
        Leaf::NoticePublished(l) => Some(l.day),
        Leaf::NoticeWithdrawn(l) => Some(l.day),
        Leaf::KeyRotated(l) => Some(l.day),
        Leaf::Sm3Root(l) => Some(l.day),
        Leaf::Erased(_) => None,
    }
}

impl Page for EntryPage {
    const TEMPLATE: &'static str = "log_entry.html";

    fn samples() -> Vec<Self> {
        let text = r#"{"amt":"20000","chan":"wechat","day":"2026-11-22","t":"donation.received","v":1}"#;
        let first = Self {
            masthead: common::sample_masthead(),
            index: 0,
            kind: "donation.received",
            word: "log.kind.donation.received".into(),
            amount_fen: Some(Fen::new(20_000)),
            day: BusinessDay::from_number(20_261_122).ok(),
            hash: proof::tlog::leaf_hash(text.as_bytes()).to_base64(),
            text: text.into(),
            before: None,
            trail: Some(format!("/p/{}/log", common::sample_id(3))),
        };
        let mut later = first.clone();
        (later.index, later.before) = (18_204, Some(18_203));
        (later.kind, later.word) = ("erased", "log.kind.erased".into());
        (later.amount_fen, later.day) = (None, None);
        vec![first, later]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
