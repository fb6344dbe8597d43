//! `/v/{public id}`: what a certificate's QR code opens.
//!
//! Amount, day and state come from the books. The printed name is sealed; the key that opens it stands behind `#` in
//! the address and never reaches the server (templates/static/certificate.js says how it is opened).

use kernel::{BusinessDay, Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::common::{self, GiftState, Matched};

/// A certificate's page. An erased gift has none: its answer is the problem `erased` (410).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificatePage {
    /// The unit that received the gift.
    pub masthead: Masthead,
    /// Public id of the gift, lower case.
    pub public_id: String,
    /// Certificate number; `None` while it is being numbered.
    pub number: Option<String>,
    /// How the gift stands.
    pub state: GiftState,
    /// Amount.
    pub amount_fen: Fen,
    /// Amount in capitals (大写), as printed.
    pub amount_capitals: Option<String>,
    /// Business day.
    pub day: BusinessDay,
    /// Name of the project.
    pub project: String,
    /// What was given back of it; zero for a gift that stands whole.
    pub refunded_fen: Fen,
    /// The day of its refund.
    pub refunded_on: Option<BusinessDay>,
    /// What each matching pool decided about it; empty where none did.
    pub matched: Vec<Matched>,
    /// The sealed printed name, base64 of nonce(12) ‖ ciphertext ‖ tag; `None`: anonymous.
    pub sealed_name: Option<String>,
    /// The address of the PNG, which wants the proof of the showing key; `None`: not offered here.
    pub picture: Option<String>,
    /// The address of the PDF, likewise.
    pub pdf: Option<String>,
    /// How many entries the public log shows, where it is in use.
    pub log_position: Option<i64>,
    /// The address of its proof, which wants the proof of the showing key; `None`: not offered here.
    pub log_proof: Option<String>,
    /// Why it is not offered yet, where the log is written here.
    pub log_waits: Option<LogWaits>,
    /// When this was read.
    pub as_of: Instant,
}

/// Why a gift has no proof yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogWaits {
    /// It is on its way.
    Soon,
    /// It waits to be put together with others.
    Others,
    /// Enough gave; it waits for its batch.
    Batch,
}

/// What the sealed name is bound to: without it a name could be moved to another certificate.
pub fn name_aad(public_id: &str) -> String {
    format!("name:{public_id}")
}

impl Page for CertificatePage {
    const TEMPLATE: &'static str = "certificate.html";

    fn samples() -> Vec<Self> {
        let id = common::sample_id(40);
        let confirmed = Self {
            masthead: common::sample_masthead(),
            public_id: id.clone(),
            number: Some("SQ-3713-2026-0018204".into()),
            state: GiftState::Confirmed,
            amount_fen: Fen::new(128_050),
            amount_capitals: Some("壹仟贰佰捌拾元伍角整".into()),
            day: common::sample_day("2026-05-08"),
            project: "生命教育·防溺水".into(),
            refunded_fen: Fen::ZERO,
            refunded_on: None,
            matched: vec![Matched {
                sponsor: "沂河慈善基金会".into(),
                words: "已配捐 3.50 元".into(),
            }],
            sealed_name: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into()),
            picture: Some(format!("/v/{id}/certificate/png")),
            pdf: Some(format!("/v/{id}/certificate/pdf")),
            log_position: None,
            log_proof: None,
            log_waits: None,
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
        };
        let mut refunded = confirmed.clone();
        refunded.state = GiftState::Refunded;
        refunded.refunded_fen = refunded.amount_fen;
        refunded.refunded_on = Some(common::sample_day("2026-05-12"));
        refunded.picture = None;
        refunded.pdf = None;
        let mut partly = refunded.clone();
        partly.state = GiftState::PartlyRefunded;
        partly.refunded_fen = Fen::new(50);
        let mut withdrawn = refunded.clone();
        withdrawn.state = GiftState::Withdrawn;
        withdrawn.refunded_fen = Fen::ZERO;
        withdrawn.refunded_on = None;
        let mut young = confirmed.clone();
        young.number = None;
        young.matched = Vec::new();
        young.sealed_name = None;
        young.amount_capitals = None;
        young.picture = None;
        young.pdf = None;
        let mut logged = confirmed.clone();
        logged.log_position = Some(18_204);
        logged.log_proof = Some(format!("/v/{id}/proof"));
        let mut waiting = confirmed.clone();
        waiting.log_position = Some(18_204);
        waiting.log_waits = Some(LogWaits::Others);
        let mut soon = waiting.clone();
        soon.log_waits = Some(LogWaits::Soon);
        let mut batch = waiting.clone();
        batch.log_waits = Some(LogWaits::Batch);
        vec![
            confirmed, refunded, young, logged, partly, withdrawn, waiting, soon, batch,
        ]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
