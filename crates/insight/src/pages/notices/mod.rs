//! `/notices`, `/u/{unit}/notices`, `/notices/{notice}`: what a unit tells the public, and one notice with its proof.

mod handlers;
#[cfg(test)]
mod tests;

use kernel::{BusinessDay, Instant};
use proof::notices::{Block, NoticeKind};
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, Link};

pub(super) use handlers::line;
pub use handlers::routes;

/// Notices on one page of a list: what a phone scrolls through.
pub const PAGE_NOTICES: usize = 20;
/// Notices that a home or a project's page names; its list has all.
pub const NAMED_MAX: i64 = 3;

/// A notice in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeLine {
    /// Its page.
    pub href: String,
    /// Its title.
    pub title: String,
    /// The title in English; empty: shown in Chinese.
    pub title_en: String,
    /// What it is about.
    pub kind: NoticeKind,
    /// The year of its number.
    pub year: i64,
    /// Its number within unit and year.
    pub number: i64,
    /// 1, and one more for each correction.
    pub version: i64,
    /// The day it was published.
    pub day: BusinessDay,
    /// Why it was withdrawn, if it was.
    pub withdrawn: Option<String>,
}

/// A list of notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticesPage {
    /// The unit.
    pub masthead: Masthead,
    /// The unit's name and home.
    pub of: Link,
    /// The notices, newest first.
    pub rows: Vec<NoticeLine>,
    /// Where older ones are.
    pub older: Option<String>,
    /// Where the newest are, unless they are here.
    pub newest: Option<String>,
    /// As of.
    pub as_of: Instant,
}

/// A file of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileLine {
    /// Where it is.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// PDF, PNG or JPEG.
    pub form: &'static str,
    /// Its size in kibibytes, rounded up.
    pub kib: i64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A version in a notice's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionLine {
    /// Its page.
    pub href: String,
    /// 1, and one more for each correction.
    pub version: i64,
    /// The day it was published.
    pub day: BusinessDay,
    /// Whether it is the one on this page.
    pub is_this: bool,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticePage {
    /// The unit that says it.
    pub masthead: Masthead,
    /// The unit's list of notices.
    pub list: Link,
    /// What the list names of it.
    pub line: NoticeLine,
    /// `published`, `corrected` or `withdrawn`.
    pub state: &'static str,
    /// Its body.
    pub blocks: Vec<Block>,
    /// The body in English; none: shown in Chinese.
    pub blocks_en: Vec<Block>,
    /// The project and the campaign it is about.
    pub about: Vec<Link>,
    /// Its files.
    pub files: Vec<FileLine>,
    /// When it was published.
    pub published_at: Instant,
    /// When it was withdrawn.
    pub withdrawn_on: Option<BusinessDay>,
    /// The version that stands, where this one does not.
    pub newer: Option<String>,
    /// All versions, the first one first; none where there is only this one.
    pub versions: Vec<VersionLine>,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// Where the text is of which the fingerprint is.
    pub text_href: String,
    /// Its entry in the public log, once it is published there.
    pub entry: Option<u64>,
    /// As of.
    pub as_of: Instant,
}

pub(super) fn sample_line(at: usize) -> NoticeLine {
    NoticeLine {
        href: format!("/notices/{}", common::sample_id(30 + at)),
        title: "“救在身边”项目 2026 年第一季度进展公示".into(),
        title_en: "“Help at hand”: progress in the first quarter of 2026".into(),
        kind: NoticeKind::Progress,
        year: 2026,
        number: 12,
        version: 1,
        day: common::sample_day("2026-05-08"),
        withdrawn: None,
    }
}

impl Page for NoticesPage {
    const TEMPLATE: &'static str = "notices.html";

    fn samples() -> Vec<Self> {
        let corrected = NoticeLine {
            kind: NoticeKind::Spending,
            title: "2026 年 4 月资金使用公示".into(),
            title_en: String::new(),
            number: 11,
            version: 2,
            ..sample_line(1)
        };
        let withdrawn = NoticeLine {
            kind: NoticeKind::Goods,
            title: "救灾物资接收与发放公示（第三批）".into(),
            title_en: "Relief goods received and given out (third list)".into(),
            number: 10,
            withdrawn: Some("数量统计口径有误，另行公示".into()),
            ..sample_line(2)
        };
        let announcement = NoticeLine {
            kind: NoticeKind::Announcement,
            title: "关于启动“5·8人道公益日”的公告".into(),
            number: 9,
            ..sample_line(3)
        };
        let all = Self {
            masthead: common::sample_masthead(),
            of: Link {
                name: "示范市红十字会".into(),
                href: "/".into(),
            },
            rows: vec![sample_line(0), corrected, withdrawn, announcement],
            older: Some("/notices?before=abc".into()),
            newest: None,
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
        };
        let mut empty = all.clone();
        empty.rows.clear();
        (empty.older, empty.newest) = (None, Some("/notices".into()));
        vec![all, empty]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}

impl Page for NoticePage {
    const TEMPLATE: &'static str = "notice.html";

    fn samples() -> Vec<Self> {
        let paragraph = |text: &str| Block::Paragraph {
            lines: vec![text.to_owned()],
        };
        let first = Self {
            masthead: common::sample_masthead(),
            list: Link {
                name: "示范市红十字会".into(),
                href: "/notices".into(),
            },
            line: sample_line(0),
            state: "published",
            blocks: vec![
                paragraph("2026 年第一季度，项目收到捐赠 412,300.55 元，支出 360,000.00 元。"),
                Block::Heading {
                    text: "支出明细".into(),
                },
                Block::Items {
                    items: vec!["AED 20 台：360,000.00 元".into(), "培训：由志愿者承担，未列支".into()],
                },
                paragraph("如有疑问，请拨打监督电话。"),
            ],
            blocks_en: vec![
                paragraph("In the first quarter of 2026 the project received 412,300.55 yuan and spent 360,000.00."),
                Block::Items {
                    items: vec!["20 AEDs: 360,000.00 yuan".into()],
                },
            ],
            about: vec![Link {
                name: "救在身边".into(),
                href: "/p/aed".into(),
            }],
            files: vec![FileLine {
                href: format!("/notices/{}/files/{}", common::sample_id(30), "ab".repeat(32)),
                name: "设备采购合同（脱敏）.pdf".into(),
                form: "PDF",
                kib: 812,
                sha256: "ab".repeat(32),
            }],
            published_at: common::sample_instant("2026-05-08T02:36:00Z"),
            withdrawn_on: None,
            newer: None,
            versions: Vec::new(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            text_href: format!("/notices/{}/text", common::sample_id(30)),
            entry: Some(38_411),
            as_of: common::sample_instant("2026-05-08T03:00:00Z"),
        };
        let mut old = first.clone();
        old.state = "corrected";
        old.blocks_en.clear();
        old.line.title_en.clear();
        old.newer = Some(format!("/notices/{}", common::sample_id(31)));
        old.versions = vec![
            VersionLine {
                href: old.line.href.clone(),
                version: 1,
                day: common::sample_day("2026-05-08"),
                is_this: true,
            },
            VersionLine {
                href: format!("/notices/{}", common::sample_id(31)),
                version: 2,
                day: common::sample_day("2026-05-09"),
                is_this: false,
            },
        ];
        let mut withdrawn = first.clone();
        withdrawn.state = "withdrawn";
        withdrawn.line.withdrawn = Some("合同金额有误，另行公示".into());
        withdrawn.withdrawn_on = Some(common::sample_day("2026-05-12"));
        (withdrawn.entry, withdrawn.about, withdrawn.files) = (None, Vec::new(), Vec::new());
        vec![first, old, withdrawn]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
