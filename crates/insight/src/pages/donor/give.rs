//! `/p/{project}/give`: the form. Two taps for the hurried (an amount, a way to pay), nothing hidden from the careful.

use giving::donor_way::{Fault, Field, FormInput};
use kernel::Fen;
use serde::Serialize;
use web::{Masthead, Page};

use super::super::common::{self, Link};

/// The giving page of a project, before and after it was sent with faults.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct GivePage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// Campaign and project above it.
    pub trail: Vec<Link>,
    /// Name of the project.
    pub project: String,
    /// Where the form is sent.
    pub action: String,
    /// What amounts buy.
    pub choices: Vec<GiveChoice>,
    /// The least amount.
    pub min_fen: Fen,
    /// The greatest amount.
    pub max_fen: Fen,
    /// The ways to pay that fit unit and browser: `wechat`, `alipay`.
    pub providers: Vec<&'static str>,
    /// Whether the page was opened inside WeChat, where Alipay cannot be reached.
    pub in_wechat: bool,
    /// What is agreed to.
    pub consent: ConsentShown,
    /// What was filled in, shown again.
    pub form: FormInput,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// An amount to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GiveChoice {
    /// The amount.
    pub amount_fen: Fen,
    /// What it buys, in Chinese.
    pub words: String,
    /// What it buys, in English; empty: shown in Chinese.
    pub words_en: String,
}

/// A wording as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentShown {
    /// Its number.
    pub version: i64,
    /// Its paragraphs in Chinese.
    pub words_zh: Vec<String>,
    /// Its paragraphs in English.
    pub words_en: Vec<String>,
}

impl ConsentShown {
    /// A wording cut into paragraphs.
    pub fn new(version: i64, zh: &str, en: &str) -> Self {
        let lines = |text: &str| {
            text.lines()
                .map(str::trim)
                .filter(|l| !l.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Self {
            version,
            words_zh: lines(zh),
            words_en: lines(en),
        }
    }
}

impl Page for GivePage {
    const TEMPLATE: &'static str = "give.html";

    fn samples() -> Vec<Self> {
        let choice = |fen, words: &str, words_en: &str| GiveChoice {
            amount_fen: Fen::new(fen),
            words: words.into(),
            words_en: words_en.into(),
        };
        let fresh = Self {
            masthead: common::sample_masthead(),
            trail: vec![Link {
                name: "救在身边".into(),
                href: "/p/jiuzaishenbian".into(),
            }],
            project: "救在身边".into(),
            action: "/p/jiuzaishenbian/give".into(),
            choices: vec![
                choice(2_000, "一节急救课的教具", "teaching aids for one first-aid lesson"),
                choice(20_000, "培训一名救护员", "the training of one first-aider"),
                choice(50_000, "一个家庭急救箱和一次上门培训", ""),
            ],
            min_fen: Fen::new(100),
            max_fen: Fen::new(5_000_000),
            providers: vec!["wechat", "alipay"],
            in_wechat: false,
            consent: ConsentShown::new(
                0,
                giving::donor_way::model::HOUSE_CONSENT_ZH,
                giving::donor_way::model::HOUSE_CONSENT_EN,
            ),
            form: FormInput {
                token: "token".into(),
                show: "name".into(),
                consent: "0".into(),
                ..FormInput::default()
            },
            faults: Vec::new(),
        };
        let mut bare = fresh.clone();
        bare.choices.clear();
        bare.trail.clear();
        bare.providers = vec!["wechat"];
        bare.in_wechat = true;
        let mut closed = fresh.clone();
        closed.providers.clear();
        let mut all = vec![fresh.clone(), bare, closed];
        for (field, whys) in FAULTS {
            for why in *whys {
                let mut wrong = fresh.clone();
                wrong.form.choice = "2000".into();
                wrong.form.name = "W".repeat(60);
                wrong.form.show = "anonymous".into();
                wrong.faults = vec![Fault::new(*field, why)];
                all.push(wrong);
            }
        }
        all
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}

/// Every fault there can be: each has its words.
const FAULTS: &[(Field, &[&str])] = &[
    (Field::Amount, &["missing", "unreadable", "both", "below", "above"]),
    (Field::Name, &["too_long", "unreadable"]),
    (Field::OnBehalfOf, &["too_long", "unreadable"]),
    (Field::Phone, &["unreadable"]),
    (Field::Email, &["unreadable"]),
    (Field::Company, &["missing", "too_long", "unreadable"]),
    (Field::TaxNo, &["unreadable"]),
    (Field::Message, &["too_long", "unreadable"]),
    (Field::Provider, &["missing"]),
    (Field::Consent, &["missing", "changed"]),
    (Field::Form, &["old", "changed"]),
];
