//! `/o/{order}` and `/o/{order}/pay`: paying, waiting, thanks. The browser that placed the order sees all of it; with
//! the address alone nobody sees who gave or how much.

use kernel::{BusinessDay, Fen};
use serde::Serialize;
use web::{Masthead, Page};

use super::super::common::{self, Link, Matched};

/// An order on its way to a gift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// `/o/<public id>`.
    pub href: String,
    /// Where programs ask how it stands.
    pub state_url: String,
    /// The project.
    pub project: Link,
    /// The amount; none for who has the address alone.
    pub amount_fen: Option<Fen>,
    /// Where it is.
    pub stage: Stage,
}

/// Where an order is, as its donor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Stage {
    /// It is to be paid now.
    Pay {
        /// `wechat` or `alipay`.
        provider: &'static str,
        /// What the browser does next.
        step: Step,
        /// The other ways there are.
        others: Vec<&'static str>,
    },
    /// The provider could not be asked.
    Stuck {
        /// The ways there are.
        providers: Vec<&'static str>,
    },
    /// A payment was begun and is not known to be made.
    Waiting,
    /// It is a gift.
    Paid {
        /// What is thanked for; none for who has the address alone.
        thanks: Option<Box<Thanks>>,
    },
    /// It was not paid in time.
    Expired,
    /// Its payment was closed.
    Closed,
}

/// What the browser does next, as markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Go there.
    Redirect {
        /// The address.
        url: String,
    },
    /// Send this form of the provider's.
    Form {
        /// The element.
        html: String,
        /// Where it goes: the only outside address that the page may send a form to.
        origin: String,
    },
    /// Scan this.
    Qr {
        /// The drawing.
        svg: String,
    },
    /// Hand this to the chat app.
    Jsapi {
        /// The parameters as JSON.
        params: String,
    },
}

/// What a donor gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thanks {
    /// The day it counts for.
    pub day: BusinessDay,
    /// The certificate's page, with the key behind `#`.
    pub certificate: String,
    /// The certificate's picture, with its proof; none while it is being numbered.
    pub picture: Option<String>,
    /// The picture to share.
    pub share: String,
    /// What each matching pool decided about the gift, in plain words.
    pub matched: Vec<Matched>,
    /// Whether a message waits to be read.
    pub message_waits: bool,
}

impl Page for OrderPage {
    const TEMPLATE: &'static str = "order.html";

    fn samples() -> Vec<Self> {
        let id = common::sample_id(50);
        let page = |stage| Self {
            masthead: common::sample_masthead(),
            href: format!("/o/{id}"),
            state_url: format!("/api/v1/orders/{id}"),
            project: Link {
                name: "救在身边".into(),
                href: "/p/jiuzaishenbian".into(),
            },
            amount_fen: Some(Fen::new(20_000)),
            stage,
        };
        let pay = |step| Stage::Pay {
            provider: "wechat",
            step,
            others: vec!["alipay"],
        };
        let thanks = Thanks {
            day: common::sample_day("2026-05-08"),
            certificate: format!("/v/{id}#key"),
            picture: Some(format!("/v/{id}/certificate/png?proof=x")),
            share: format!("/o/{id}/share.png"),
            matched: vec![Matched {
                sponsor: "示例企业".into(),
                words: "已配捐 3.50 元".into(),
            }],
            message_waits: true,
        };
        let young = Thanks {
            picture: None,
            message_waits: false,
            ..thanks.clone()
        };
        let paid = |thanks| Stage::Paid {
            thanks: Some(Box::new(thanks)),
        };
        let mut strange = page(Stage::Paid { thanks: None });
        strange.amount_fen = None;
        vec![
            page(pay(Step::Redirect {
                url: "https://pay.example.org/x".into(),
            })),
            page(pay(Step::Form {
                html: "<form method=\"post\" action=\"https://pay.example.org/x\"><button>Pay</button></form>".into(),
                origin: "https://pay.example.org".into(),
            })),
            page(pay(Step::Qr {
                svg: "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0h1v1z\"/></svg>".into(),
            })),
            page(pay(Step::Jsapi {
                params: "{\"appId\":\"x\"}".into(),
            })),
            page(Stage::Stuck {
                providers: vec!["wechat", "alipay"],
            }),
            page(Stage::Waiting),
            page(paid(thanks)),
            page(paid(young)),
            page(Stage::Expired),
            page(Stage::Closed),
            strange,
        ]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
    fn forms_to(&self) -> Option<String> {
        match &self.stage {
            Stage::Pay {
                step: Step::Form { origin, .. },
                ..
            } => Some(origin.clone()),
            _ => None,
        }
    }
}
