//! `/m/{link}` and `/n/{link}`: what a message leads to. Whoever holds the link has it from the message: the page names
//! no person.

use kernel::{BusinessDay, Fen};
use serde::Serialize;
use web::{Masthead, Page};

use super::super::super::common::{self, Link};
use super::form::NewsShown;

/// A month that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// The project.
    pub project: Link,
    /// What is sponsored, in Chinese.
    pub plan: Option<String>,
    /// The same in English.
    pub plan_en: Option<String>,
    /// The amount.
    pub amount_fen: Fen,
    /// The due day.
    pub due_on: BusinessDay,
    /// The last day on which it waits.
    pub closes_on: BusinessDay,
    /// `open`, `paid`, `missed` or `skipped`.
    pub state: &'static str,
    /// Where it is paid; nothing when it cannot be any more.
    pub pay: Option<String>,
}

/// A piece of progress, for a donor who agreed to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgressPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// The project.
    pub project: Link,
    /// What happened.
    pub news: NewsShown,
    /// Where to give every month; nothing while the project takes no gifts.
    pub monthly: Option<String>,
    /// Where to give once.
    pub give: Option<String>,
    /// Where “no more messages” is sent; nothing once they have ended.
    pub end: Option<String>,
}

impl Page for MonthPage {
    const TEMPLATE: &'static str = "month.html";

    fn samples() -> Vec<Self> {
        let open = Self {
            masthead: common::sample_masthead(),
            project: Link {
                name: "博爱校园".into(),
                href: "/p/boaixiaoyuan".into(),
            },
            plan: Some("一张课桌".into()),
            plan_en: Some("one desk".into()),
            amount_fen: Fen::new(12_000),
            due_on: common::sample_day("2026-05-08"),
            closes_on: common::sample_day("2026-05-11"),
            state: "open",
            pay: Some("/m/link/pay".into()),
        };
        let at = |state| Self {
            state,
            pay: None,
            plan: None,
            plan_en: None,
            ..open.clone()
        };
        vec![open.clone(), at("paid"), at("missed"), at("skipped"), at("open")]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}

impl Page for ProgressPage {
    const TEMPLATE: &'static str = "progress.html";

    fn samples() -> Vec<Self> {
        let told = Self {
            masthead: common::sample_masthead(),
            project: Link {
                name: "博爱校园".into(),
                href: "/p/boaixiaoyuan".into(),
            },
            news: NewsShown {
                day: common::sample_day("2026-05-06"),
                title: "第一批 12 张课桌已经送到".into(),
                title_en: "The first 12 desks have arrived".into(),
                words: vec!["五一之前，第一批课桌送到了两所村小。".into(), "孩子们写来了信。".into()],
                words_en: vec!["Before May Day the first desks reached two village schools.".into()],
            },
            monthly: Some("/p/boaixiaoyuan/monthly".into()),
            give: Some("/p/boaixiaoyuan/give".into()),
            end: Some("/n/link/end".into()),
        };
        let mut ended = told.clone();
        ended.end = None;
        ended.monthly = None;
        ended.give = None;
        ended.news.title_en = String::new();
        ended.news.words_en.clear();
        vec![told, ended]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
