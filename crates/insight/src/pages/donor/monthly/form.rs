//! `/p/{project}/monthly`: give every month, or sponsor a thing.

use giving::recurring::MonthlyForm;
use giving::recurring::model::{Fault, NEWS_CONSENT_EN, NEWS_CONSENT_VERSION, NEWS_CONSENT_ZH};
use kernel::{BusinessDay, Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::super::super::common::{self, Link};
use super::super::give::{ConsentShown, GiveChoice};

/// The page of a project's regular giving.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct MonthlyPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// Campaign and project above it.
    pub trail: Vec<Link>,
    /// Name of the project.
    pub project: String,
    /// Where the form is sent.
    pub action: String,
    /// Where the donor is.
    pub step: MonthlyStep,
    /// Things to sponsor.
    pub plans: Vec<PlanShown>,
    /// What amounts buy.
    pub choices: Vec<GiveChoice>,
    /// The least amount.
    pub min_fen: Fen,
    /// The greatest amount.
    pub max_fen: Fen,
    /// How many give every month.
    pub active: i64,
    /// What they give in a month, if all of them pay.
    pub month_fen: Fen,
    /// What is agreed to.
    pub consent: ConsentShown,
    /// What is agreed to about news.
    pub news_consent: ConsentShown,
    /// The newest progress.
    pub news: Vec<NewsShown>,
    /// What was filled in, shown again.
    pub form: MonthlyForm,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
    /// As of.
    pub as_of: Instant,
}

/// Where the donor is.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MonthlyStep {
    /// Fills in the form.
    Form,
    /// Shows the code.
    Code {
        /// The number of the asking.
        ask: String,
        /// Her mandate's public id.
        mandate: String,
        /// Whether a code was shown that does not fit.
        wrong: bool,
    },
    /// The plan's last place went to somebody else meanwhile.
    Full,
    /// No way to pay or to send messages.
    Closed,
}

/// A plan with its places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanShown {
    /// Public id.
    pub id: String,
    /// What is sponsored, in Chinese.
    pub title: String,
    /// The same in English; empty: shown in Chinese.
    pub title_en: String,
    /// A month's amount.
    pub amount_fen: Fen,
    /// How many months.
    pub months: i64,
    /// How many sponsors it takes.
    pub places: i64,
    /// Places taken.
    pub taken: i64,
    /// Places left; none for a plan that takes no new sponsors.
    pub left: i64,
    /// Taken of all, in thousandths.
    pub permille: i64,
}

/// A piece of progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewsShown {
    /// The day.
    pub day: BusinessDay,
    /// Title in Chinese.
    pub title: String,
    /// Title in English; empty: shown in Chinese.
    pub title_en: String,
    /// Paragraphs in Chinese.
    pub words: Vec<String>,
    /// Paragraphs in English.
    pub words_en: Vec<String>,
}

/// The wording about news as the page shows it.
pub(super) fn news_consent() -> ConsentShown {
    ConsentShown::new(NEWS_CONSENT_VERSION, NEWS_CONSENT_ZH, NEWS_CONSENT_EN)
}

/// Every fault there can be: each has its words.
const FAULTS: &[(&str, &[&str])] = &[
    ("amount", &["missing", "unreadable", "below", "above"]),
    ("months", &["unreadable"]),
    ("day", &["unreadable"]),
    ("name", &["too_long"]),
    ("contact", &["unreadable"]),
    ("consent", &["changed"]),
    ("form", &["old", "changed"]),
];

impl Page for MonthlyPage {
    const TEMPLATE: &'static str = "monthly.html";

    fn samples() -> Vec<Self> {
        let plan = |n: usize, title: &str, title_en: &str, taken: i64, places: i64| PlanShown {
            id: common::sample_id(n),
            title: title.into(),
            title_en: title_en.into(),
            amount_fen: Fen::new(12_000),
            months: 12,
            places,
            taken,
            left: places - taken,
            permille: taken * 1_000 / places,
        };
        let fresh = Self {
            masthead: common::sample_masthead(),
            trail: vec![Link {
                name: "博爱校园".into(),
                href: "/p/boaixiaoyuan".into(),
            }],
            project: "博爱校园".into(),
            action: "/p/boaixiaoyuan/monthly".into(),
            step: MonthlyStep::Form,
            plans: vec![
                plan(60, "一张课桌", "one desk", 18, 30),
                plan(61, "一个图书角", "one reading corner", 6, 6),
            ],
            choices: vec![GiveChoice {
                amount_fen: Fen::new(3_000),
                words: "一个孩子一个月的营养加餐".into(),
                words_en: "a child’s extra meal for a month".into(),
            }],
            min_fen: Fen::new(100),
            max_fen: Fen::new(5_000_000),
            active: 126,
            month_fen: Fen::new(1_038_000),
            consent: ConsentShown::new(
                0,
                giving::donor_way::model::HOUSE_CONSENT_ZH,
                giving::donor_way::model::HOUSE_CONSENT_EN,
            ),
            news_consent: news_consent(),
            news: vec![NewsShown {
                day: common::sample_day("2026-05-06"),
                title: "第一批 12 张课桌已经送到".into(),
                title_en: "The first 12 desks have arrived".into(),
                words: vec!["五一之前，第一批课桌送到了两所村小。孩子们写来了信。".into()],
                words_en: vec![
                    "Before May Day the first desks reached two village schools. The children wrote.".into(),
                ],
            }],
            form: MonthlyForm {
                token: "token".into(),
                day: "8".into(),
                show: "name".into(),
                consent: "0".into(),
                ..MonthlyForm::default()
            },
            faults: Vec::new(),
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
        };
        let mut bare = fresh.clone();
        bare.plans.clear();
        bare.choices.clear();
        bare.news.clear();
        bare.active = 0;
        bare.month_fen = Fen::ZERO;
        let at = |step| Self { step, ..fresh.clone() };
        let code = |wrong| MonthlyStep::Code {
            ask: common::sample_id(3),
            mandate: common::sample_id(4),
            wrong,
        };
        let mut all = vec![
            fresh.clone(),
            bare,
            at(code(false)),
            at(code(true)),
            at(MonthlyStep::Full),
            at(MonthlyStep::Closed),
        ];
        for (field, whys) in FAULTS {
            for why in *whys {
                let mut wrong = fresh.clone();
                wrong.form.choice = "3000".into();
                wrong.form.show = "anonymous".into();
                wrong.form.news = "yes".into();
                wrong.form.plan = common::sample_id(60);
                wrong.faults = vec![Fault { field, why }];
                all.push(wrong);
            }
        }
        all
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
