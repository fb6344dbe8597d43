//! `/pools/{code}`: a matching pool: its rule in words, its money, its decisions, and how anybody recomputes them.
//! `/c/{campaign}/pools`, `/u/{unit}/pools`: the published pools of a campaign, of a unit.
//!
//! Nothing of it names a donor: a decision stands under its running number, with its project and its reason.

mod handlers;
#[cfg(test)]
mod tests;

use giving::matching::model::{Act, Caps, Eligible, Kind, OnRefund, Partial, Payers, Span, Stacking, Window};
use giving::matching::{Cap, Decision, PayerKind, PoolId, Reason, Rule, words};
use kernel::id::Id as _;
use kernel::{Fen, Instant, ProjectId};
use serde::Serialize;
use web::{Locale, Masthead, Page};

use super::common::{self, Link};

pub use handlers::routes;

/// Seconds a shared cache may keep the pages.
const CACHE_S: u32 = 2;
/// Decisions on one page.
pub const DECISIONS_SHOWN: usize = 20;
/// Pools whose addresses one command names; a campaign has some dozens.
pub const TOGETHER_MAX: usize = 40;

/// Words that are made in both languages before the page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// The rule of a pool, a sentence a line.
fn rule_said(rule: &Rule) -> Vec<Said> {
    let lines = words::rule(Locale::ZhHans, rule).into_iter();
    let pairs = lines.zip(words::rule(Locale::En, rule));
    pairs.map(|(zh, en)| Said { zh, en }).collect()
}

/// What a decision says.
fn decision_said(decision: &Decision) -> Said {
    Said {
        zh: words::decision(Locale::ZhHans, decision),
        en: words::decision(Locale::En, decision),
    }
}

/// A pool's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolPage {
    /// The unit that keeps it.
    pub masthead: Masthead,
    /// The word in addresses.
    pub code: String,
    /// Its title.
    pub name: String,
    /// Whose money: the public name, to which the sponsor agreed.
    pub sponsor: String,
    /// `published`, `open`, `resting` outside its hours, `empty`, `closing` or `closed`.
    pub state: &'static str,
    /// Its campaign; none: all projects of its unit and those below.
    pub campaign: Option<Link>,
    /// `gift` or `agreement`: what stands behind the money.
    pub backing: &'static str,
    /// The money locked.
    pub locked_fen: Fen,
    /// Given and not taken back.
    pub given_fen: Fen,
    /// Gone back to the sponsor.
    pub returned_fen: Fen,
    /// Left.
    pub left_fen: Fen,
    /// Given of locked, in thousandths.
    pub progress_permille: Option<i64>,
    /// Matches given.
    pub matches: i64,
    /// Decisions taken.
    pub decided: i64,
    /// The rule in words.
    pub rule: Vec<Said>,
    /// Whether a draw decides.
    pub draws: bool,
    /// SHA-256 of the seed in hex, published before opening.
    pub commitment: Option<String>,
    /// The seed in hex, once closed.
    pub seed: Option<String>,
    /// When it opened.
    pub opened_at: Option<Instant>,
    /// When it closed.
    pub closed_at: Option<Instant>,
    /// Decisions, newest first, at most [`DECISIONS_SHOWN`].
    pub decisions: Vec<DecisionRow>,
    /// Where older ones are.
    pub older: Option<String>,
    /// Where the newest are, unless they are here.
    pub newest: Option<String>,
    /// The pool's public record, below which decisions and gifts stand.
    pub record: String,
    /// Pools that are recomputed together with this one, since they do not add up with each other.
    pub together: Vec<Link>,
    /// What to type to recompute it, with the program and nothing else; none where more than [`TOGETHER_MAX`] belong to
    /// it.
    pub command: Option<String>,
    /// As of.
    pub as_of: Instant,
}

/// A decision in the list. No id of a gift, no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionRow {
    /// The pool's running number.
    pub number: i64,
    /// The project.
    pub project: Link,
    /// What was given, or why nothing was.
    pub said: Said,
    /// What was given; below zero when a match shrinks.
    pub given_fen: Fen,
    /// When it was decided.
    pub at: Instant,
}

/// The pools of a campaign or a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolsPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// The campaign or unit.
    pub of: Link,
    /// The pools, open ones first.
    pub pools: Vec<PoolCard>,
    /// What to type to recompute all of a campaign; none for a unit, nor where pools under no campaign decided with
    /// them.
    pub command: Option<String>,
    /// As of.
    pub as_of: Instant,
}

/// A pool in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolCard {
    /// Its title.
    pub name: String,
    /// `/pools/<code>`.
    pub href: String,
    /// Who matches.
    pub sponsor: String,
    /// As on its own page.
    pub state: &'static str,
    /// What it gives, in one sentence.
    pub said: Option<Said>,
    /// The money locked.
    pub locked_fen: Fen,
    /// Given and not taken back.
    pub given_fen: Fen,
    /// Left.
    pub left_fen: Fen,
    /// Given of locked, in thousandths.
    pub progress_permille: Option<i64>,
}

fn sample_rule() -> Rule {
    Rule {
        eligible: Eligible {
            payers: Payers::Known,
            ..Eligible::default()
        },
        window: Window {
            spans: vec![Span {
                from: common::sample_instant("2026-05-07T16:00:00Z"),
                to: common::sample_instant("2026-05-10T16:00:00Z"),
            }],
            daily: None,
        },
        base: giving::matching::model::Base::default(),
        kind: Kind::Ratio { permille: 1_000 },
        bonus: Vec::new(),
        round_to_fen: Fen::new(1),
        caps: Caps {
            gift_fen: Some(Fen::new(50_000)),
            person_fen: Some(Fen::new(100_000)),
            ..Caps::default()
        },
        partial: Partial::Allowed,
        stacking: Stacking::Adds,
        on_refund: OnRefund::ToPool,
        hold_from_fen: None,
    }
}

fn sample_decisions() -> Vec<DecisionRow> {
    let row = |number: i64, offered: i64, given: i64, reason, cap| {
        let decision = Decision {
            pool: PoolId::from_bytes([0; 16]),
            number,
            act: Act::Decided,
            gift: None,
            project: ProjectId::from_bytes([0; 16]),
            offered: Fen::new(offered),
            given: Fen::new(given),
            reason,
            cap,
            before: Fen::ZERO,
            after: Fen::ZERO,
            match_gift: None,
            person: None,
            payer_kind: PayerKind::Person,
            refunded: Fen::ZERO,
            at: common::sample_instant("2026-05-08T02:31:00Z"),
        };
        DecisionRow {
            number,
            project: Link {
                name: "为全市乡镇（街道）与学校配置自动体外除颤器（AED）与急救培训".into(),
                href: "/p/aed".into(),
            },
            said: decision_said(&decision),
            given_fen: decision.given,
            at: decision.at,
        }
    };
    vec![
        row(14_022, 0, -2_000, Reason::Refunded, None),
        row(14_021, 200_000, 50_000, Reason::Cut, Some(Cap::Gift)),
        row(14_020, 2_000, 2_000, Reason::Matched, None),
        row(14_019, 0, 0, Reason::OutsideHours, None),
    ]
}

impl Page for PoolPage {
    const TEMPLATE: &'static str = "pool.html";

    fn samples() -> Vec<Self> {
        let record = "/api/v1/match/pools/even".to_owned();
        let open = Self {
            masthead: common::sample_masthead(),
            code: "even".into(),
            name: "一元配一元".into(),
            sponsor: "示范集团有限公司".into(),
            state: "open",
            campaign: Some(Link {
                name: "“5·8人道公益日”示范市专场".into(),
                href: format!("/c/{}", common::sample_id(9)),
            }),
            backing: "agreement",
            locked_fen: Fen::new(100_000_000),
            given_fen: Fen::new(87_562_500),
            returned_fen: Fen::ZERO,
            left_fen: Fen::new(12_437_500),
            progress_permille: Some(875),
            matches: 12_004,
            decided: 14_022,
            rule: rule_said(&sample_rule()),
            draws: false,
            commitment: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
            seed: None,
            opened_at: Some(common::sample_instant("2026-05-07T12:00:00Z")),
            closed_at: None,
            decisions: sample_decisions(),
            older: Some("/pools/even?before=14019".into()),
            newest: None,
            command: Some(format!("qiao match replay --url https://example.org{record}")),
            record,
            together: Vec::new(),
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
        };
        let mut coming = open.clone();
        coming.state = "published";
        coming.given_fen = Fen::ZERO;
        coming.left_fen = coming.locked_fen;
        coming.progress_permille = Some(0);
        (coming.matches, coming.decided) = (0, 0);
        coming.opened_at = None;
        coming.decisions.clear();
        coming.older = None;
        let mut empty = open.clone();
        empty.state = "empty";
        empty.given_fen = empty.locked_fen;
        empty.left_fen = Fen::ZERO;
        empty.progress_permille = Some(1_000);
        empty.older = None;
        empty.newest = Some("/pools/even".into());
        empty.together = vec![Link {
            name: "夜间配捐池".into(),
            href: "/pools/nights".into(),
        }];
        let mut resting = open.clone();
        resting.state = "resting";
        resting.campaign = None;
        let mut closing = open.clone();
        closing.state = "closing";
        closing.backing = "gift";
        closing.command = None;
        let mut closed = open.clone();
        closed.state = "closed";
        closed.draws = true;
        closed.returned_fen = Fen::new(12_437_500);
        closed.left_fen = Fen::ZERO;
        closed.seed = Some("00".repeat(32));
        closed.closed_at = Some(common::sample_instant("2026-05-11T01:00:00Z"));
        vec![open, coming, empty, resting, closing, closed]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}

impl Page for PoolsPage {
    const TEMPLATE: &'static str = "pools.html";

    fn samples() -> Vec<Self> {
        let said = rule_said(&sample_rule()).into_iter().next();
        let pools = common::sample_pools().into_iter().map(|pool| PoolCard {
            name: pool.name,
            href: pool.href,
            sponsor: pool.sponsor,
            state: pool.state,
            said: said.clone(),
            locked_fen: Fen::new(100_000_000),
            given_fen: Fen::new(100_000_000 - pool.left_fen.get()),
            left_fen: pool.left_fen,
            progress_permille: Some(876),
        });
        let some = Self {
            masthead: common::sample_masthead(),
            of: Link {
                name: "“5·8人道公益日”示范市专场".into(),
                href: format!("/c/{}", common::sample_id(9)),
            },
            pools: pools.collect(),
            command: Some(format!(
                "qiao match replay --of https://example.org/c/{}",
                common::sample_id(9)
            )),
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
        };
        let mut none = some.clone();
        none.pools.clear();
        none.command = None;
        vec![some, none]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
