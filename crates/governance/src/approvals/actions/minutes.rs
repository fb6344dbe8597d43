//! Minutes as PDF: drawn when first asked for, then given as they were drawn.

use std::sync::OnceLock;

use kernel::id::{Id as _, hex, public};
use papers::certificate::Colour;
use papers::minutes::render_pdf;
use papers::{Papers, PapersError};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::files::Digest;
use platform::identity::Actor;
use serde_json::json;
use web::Locale;

use super::fact_id;
use super::files::hash;
use crate::approvals::error::ApprovalError;
use crate::approvals::minutes::{Letterhead, paper};
use crate::approvals::model::{CaseId, MinutesId};
use crate::approvals::queries;
use crate::approvals::rules::Refusal;
use crate::approvals::store::papers::{self as store, Edition};

/// Where the bytes of minutes are sealed for: people and their words stand in them.
pub const MINUTES_PLACE: &str = "approval_minutes.bytes";

/// Fonts are read once for the whole program.
fn engine() -> Result<&'static Papers, ApprovalError> {
    static ENGINE: OnceLock<Result<Papers, PapersError>> = OnceLock::new();
    let made = ENGINE.get_or_init(Papers::new).as_ref();
    made.map_err(|error| ApprovalError::Paper(error.to_string()))
}

/// The minutes of an ended case as PDF, with their hash, for those who may see it. The same history in the same language
/// gives the same bytes for ever; papers handed in later make another edition. Fact `approval.minutes_drawn` when they are
/// drawn, with the hash.
///
/// # Errors
/// [`ApprovalError`]: no such case, one that has not ended.
pub async fn minutes_pdf(
    services: &Services,
    by: &Actor,
    id: CaseId,
    locale: Locale,
) -> Result<(Digest, Vec<u8>), ApprovalError> {
    let mut at = services.db.snapshot().await?;
    let view = queries::view(&mut at, by, &services.tree, id).await?;
    let view = view.ok_or(ApprovalError::NotFound("case"))?;
    let edition = Edition {
        case: id,
        language: locale.tag(),
        last: view.standing.last,
    };
    let kept = store::drawn(&mut at, edition).await?;
    let (sha256, sealed) = match kept {
        Some(kept) => kept,
        None => {
            let unit = crate::network::store::unit(&mut at, view.case.unit).await?;
            let unit = unit.ok_or(ApprovalError::NotFound("unit"))?;
            let head = Letterhead {
                unit_name: unit.name,
                brand: Colour::parse(&unit.brand_color).unwrap_or(Colour::VERMILION),
                number: public(&*services.keys, id),
            };
            let data = paper(&view, locale, head);
            let data = data.ok_or(Refusal::State(view.case.state))?;
            drop(at);
            let engine = engine()?;
            let drawn = tokio::task::spawn_blocking(move || render_pdf(engine, &data)).await;
            let drawn = drawn
                .map_err(|error| ApprovalError::Paper(format!("the drawing was cut off: {error}")))?
                .map_err(|error| ApprovalError::Paper(error.to_string()))?;
            for warning in &drawn.warnings {
                tracing::warn!(?warning, case = ?id, "minutes were drawn with a warning");
            }
            keep(services, by, (view.case.unit, edition), &drawn.bytes).await?
        }
    };
    let bytes = services.keys.open(&sealed, MINUTES_PLACE)?;
    if hash(&bytes) == sha256 {
        Ok((sha256, bytes))
    } else {
        Err(ApprovalError::Paper("its hash differs".to_owned()))
    }
}

/// Keeps minutes; gives what is kept, which is another's when he drew them first.
async fn keep(
    services: &Services,
    by: &Actor,
    (unit, edition): (kernel::UnitId, Edition),
    bytes: &[u8],
) -> Result<(Digest, Vec<u8>), ApprovalError> {
    let sha256 = hash(bytes);
    let sealed = services.keys.seal(bytes, MINUTES_PLACE, &*services.rng);
    let now = services.now();
    let id = MinutesId::new(now, &*services.rng);
    let mut tx = services.db.begin().await?;
    if store::put_drawn(&mut tx, (id, edition), (sha256, sealed.clone()), now).await? {
        let fact = NewFact {
            unit,
            kind: "approval.minutes_drawn",
            subject: edition.case.bytes(),
            actor: Some(by.id),
            body: json!({
                "case": fact_id(edition.case),
                "language": edition.language,
                "edition": edition.last,
                "sha256": hex(&sha256),
            }),
        };
        conclude(tx, fact, services).await?;
        return Ok((sha256, sealed));
    }
    let kept = store::drawn(&mut tx, edition).await?;
    kept.ok_or_else(|| ApprovalError::Paper("they vanished".to_owned()))
}
