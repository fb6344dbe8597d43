//! `/my/monthly`: a donor's mandates, after the one-time code.

use kernel::{BusinessDay, Fen};
use serde::Serialize;
use web::{Masthead, Page};

use super::super::super::common::{self, Link};

/// The donor's mandates and agreements.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct MandatesPage {
    /// The society of the installation.
    pub masthead: Masthead,
    /// Her mandates, newest first.
    pub mandates: Vec<MyMandate>,
    /// Of which projects she is told.
    pub news: Vec<MyNews>,
    /// The mark of the session, which its forms carry.
    pub token: String,
    /// What was done just now: `started`, `pause`, `resume`, `end`, `news`.
    pub done: Option<&'static str>,
}

/// One of her mandates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyMandate {
    /// Public id.
    pub id: String,
    /// The project.
    pub project: Link,
    /// What is sponsored, in Chinese.
    pub plan: Option<String>,
    /// The same in English.
    pub plan_en: Option<String>,
    /// The amount of each month.
    pub amount_fen: Fen,
    /// The day of the month.
    pub day: i64,
    /// `active`, `paused` or `ended`.
    pub state: &'static str,
    /// When a paused one goes on by itself.
    pub resume_on: Option<BusinessDay>,
    /// Why it ended.
    pub end_reason: Option<&'static str>,
    /// The next due day, of one that runs.
    pub next_due: Option<BusinessDay>,
    /// The last due day.
    pub ends_on: Option<BusinessDay>,
    /// The month that waits to be paid.
    pub open: Option<OpenMonth>,
    /// Its months, newest first.
    pub months: Vec<MyMonth>,
    /// Months paid.
    pub paid: usize,
}

/// A month that waits to be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenMonth {
    /// The due day.
    pub due_on: BusinessDay,
    /// The last day on which it waits.
    pub closes_on: BusinessDay,
    /// Where it is paid.
    pub href: String,
}

/// A month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyMonth {
    /// `2026-05`.
    pub period: String,
    /// `open`, `paid`, `missed` or `skipped`.
    pub state: &'static str,
    /// Why it was missed or skipped.
    pub reason: Option<&'static str>,
}

/// A project she is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyNews {
    /// Public id of the agreement.
    pub id: String,
    /// The project.
    pub project: Link,
}

impl Page for MandatesPage {
    const TEMPLATE: &'static str = "mandates.html";

    fn samples() -> Vec<Self> {
        let project = Link {
            name: "博爱校园".into(),
            href: "/p/boaixiaoyuan".into(),
        };
        let month = |period: &str, state, reason| MyMonth {
            period: period.into(),
            state,
            reason,
        };
        let active = MyMandate {
            id: common::sample_id(70),
            project: project.clone(),
            plan: Some("一张课桌".into()),
            plan_en: Some("one desk".into()),
            amount_fen: Fen::new(12_000),
            day: 8,
            state: "active",
            resume_on: None,
            end_reason: None,
            next_due: Some(common::sample_day("2026-06-08")),
            ends_on: Some(common::sample_day("2027-04-08")),
            open: Some(OpenMonth {
                due_on: common::sample_day("2026-05-08"),
                closes_on: common::sample_day("2026-05-11"),
                href: "/m/link".into(),
            }),
            months: vec![
                month("2026-05", "open", None),
                month("2026-04", "paid", None),
                month("2026-03", "skipped", Some("paused")),
                month("2026-02", "missed", Some("unpaid")),
                month("2026-01", "missed", Some("stopped")),
                month("2025-12", "skipped", Some("project")),
                month("2025-11", "skipped", Some("ended")),
            ],
            paid: 1,
        };
        let mut paused = active.clone();
        paused.id = common::sample_id(71);
        paused.state = "paused";
        paused.resume_on = Some(common::sample_day("2026-08-01"));
        paused.plan = None;
        paused.plan_en = None;
        paused.ends_on = None;
        paused.open = None;
        let mut rests = paused.clone();
        rests.id = common::sample_id(72);
        rests.resume_on = None;
        let mut ended = paused.clone();
        ended.id = common::sample_id(73);
        ended.state = "ended";
        ended.resume_on = None;
        ended.next_due = None;
        let over = |n: usize, reason| MyMandate {
            id: common::sample_id(n),
            end_reason: Some(reason),
            months: Vec::new(),
            paid: 0,
            ..ended.clone()
        };
        let page = |mandates, news, done| Self {
            masthead: common::sample_masthead(),
            mandates,
            news,
            token: "token".into(),
            done,
        };
        let told = MyNews {
            id: common::sample_id(80),
            project,
        };
        vec![
            page(vec![active.clone(), paused, rests], vec![told], Some("started")),
            page(
                vec![
                    over(74, "donor"),
                    over(75, "staff"),
                    over(76, "finished"),
                    over(77, "project_ended"),
                ],
                Vec::new(),
                Some("end"),
            ),
            page(vec![active.clone()], Vec::new(), Some("pause")),
            page(vec![active.clone()], Vec::new(), Some("resume")),
            page(vec![active], Vec::new(), Some("news")),
            page(Vec::new(), Vec::new(), None),
        ]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
