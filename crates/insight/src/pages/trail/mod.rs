//! `/c/{campaign}/log`, `/p/{project}/log`: what the public log says of a campaign or a project, entry by entry.

mod handlers;

use kernel::{BusinessDay, Fen};
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, Link};

pub use handlers::routes;

/// The entries of a campaign or project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrailPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// The campaign or project.
    pub of: Link,
    /// Whether it is a campaign, whose rows name their project.
    pub is_campaign: bool,
    /// The entries, newest first; none where the log is not written here.
    pub rows: Option<Vec<TrailRow>>,
    /// How many published entries were looked through.
    pub size: u64,
    /// Where older ones are.
    pub older: Option<String>,
    /// Where the newest are, unless they are here.
    pub newest: Option<String>,
}

/// An entry in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrailRow {
    /// Its place.
    pub index: u64,
    /// Its kind as a key of the catalogue.
    pub word: String,
    /// The money it speaks of.
    pub amount_fen: Option<Fen>,
    /// Its business day.
    pub day: Option<BusinessDay>,
    /// The project's title, where it names one.
    pub project: Option<String>,
}

impl Page for TrailPage {
    const TEMPLATE: &'static str = "log_trail.html";

    fn samples() -> Vec<Self> {
        let row = |index: u64, kind: &str, fen: Option<i64>, project: Option<&str>| TrailRow {
            index,
            word: format!("log.kind.{kind}"),
            amount_fen: fen.map(Fen::new),
            day: fen.map(|_| common::sample_day("2026-05-08")),
            project: project.map(str::to_owned),
        };
        let all = Self {
            masthead: common::sample_masthead(),
            of: Link {
                name: "“5·8人道公益日”示范市专场".into(),
                href: format!("/c/{}", common::sample_id(9)),
            },
            is_campaign: true,
            rows: Some(vec![
                row(38_411, "donation.received", Some(20_000), Some("生命教育·防溺水")),
                row(38_400, "match.granted", Some(10_000), Some("生命教育·防溺水")),
                row(38_377, "donation.refunded", Some(812_345_678_901), None),
                row(
                    38_001,
                    "spend.paid",
                    Some(1_200_000),
                    Some("为全市乡镇（街道）与学校配置自动体外除颤器（AED）与急救培训"),
                ),
                row(12, "erased", None, None),
            ]),
            size: 38_412,
            older: Some("?before=12".into()),
            newest: None,
        };
        let mut later = all.clone();
        (later.is_campaign, later.older, later.newest) =
            (false, None, Some(format!("/p/{}/log", common::sample_id(3))));
        let empty = Self {
            rows: Some(Vec::new()),
            older: None,
            ..all.clone()
        };
        let absent = Self {
            rows: None,
            size: 0,
            ..empty.clone()
        };
        vec![all, later, empty, absent]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
