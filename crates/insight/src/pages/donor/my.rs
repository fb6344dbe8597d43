//! `/my`: “my gifts”, by a one-time code.

use kernel::{BusinessDay, Fen};
use serde::Serialize;
use web::{Masthead, Page};

use super::super::common::{self, GiftState, Matched};

/// “My gifts”, at every step.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct MyPage {
    /// The society of the installation.
    pub masthead: Masthead,
    /// Where the donor is.
    pub view: View,
}

/// Where the donor is.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum View {
    /// No provider of messages: codes cannot be sent.
    Closed,
    /// Asks for telephone or e-mail.
    Ask {
        /// What was typed, when it could not be read.
        contact: String,
        /// Whether it could not be read.
        wrong: bool,
    },
    /// Asks for the code.
    Code {
        /// The number of the asking.
        ask: String,
        /// Whether a code was shown that does not fit.
        wrong: bool,
    },
    /// Shows the gifts.
    Gifts {
        /// The gifts, newest first.
        gifts: Vec<MyGift>,
        /// The address of the next page.
        next: Option<String>,
        /// The mark of the session, which its forms carry.
        token: String,
        /// Whether a wish was noted just now.
        wished: bool,
    },
}

/// One of her gifts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyGift {
    /// Public id of the certificate.
    pub id: String,
    /// The certificate's page, with the key behind `#`.
    pub href: String,
    /// How it stands.
    pub state: GiftState,
    /// The amount.
    pub amount_fen: Fen,
    /// The day.
    pub day: BusinessDay,
    /// Name of the project.
    pub project: String,
    /// Certificate number.
    pub certificate_no: Option<String>,
    /// What each matching pool decided about it, in plain words.
    pub matched: Vec<Matched>,
    /// Whether a refund was wished for and nobody has looked yet.
    pub wished: bool,
}

impl Page for MyPage {
    const TEMPLATE: &'static str = "my.html";

    fn samples() -> Vec<Self> {
        let page = |view| Self {
            masthead: common::sample_masthead(),
            view,
        };
        let gift = MyGift {
            id: common::sample_id(40),
            href: format!("/v/{}#key", common::sample_id(40)),
            state: GiftState::Confirmed,
            amount_fen: Fen::new(128_050),
            day: common::sample_day("2026-05-08"),
            project: "生命教育·防溺水".into(),
            certificate_no: Some("371300-2026-0018204".into()),
            matched: vec![Matched {
                sponsor: "示例企业".into(),
                words: "已配捐 3.50 元".into(),
            }],
            wished: false,
        };
        let mut wished = gift.clone();
        wished.matched.clear();
        wished.id = common::sample_id(41);
        wished.wished = true;
        wished.certificate_no = None;
        let mut refunded = gift.clone();
        refunded.id = common::sample_id(42);
        refunded.state = GiftState::Refunded;
        let gifts = |gifts, next, wished| View::Gifts {
            gifts,
            next,
            token: "token".into(),
            wished,
        };
        vec![
            page(View::Closed),
            page(View::Ask {
                contact: String::new(),
                wrong: false,
            }),
            page(View::Ask {
                contact: "138".into(),
                wrong: true,
            }),
            page(View::Code {
                ask: common::sample_id(3),
                wrong: false,
            }),
            page(View::Code {
                ask: common::sample_id(3),
                wrong: true,
            }),
            page(gifts(vec![gift, wished, refunded], Some("/my?before=x".into()), true)),
            page(gifts(Vec::new(), None, false)),
        ]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
