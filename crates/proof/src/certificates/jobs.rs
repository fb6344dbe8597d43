//! The reaction that numbers certificates and keeps how they stand.

use std::collections::HashMap;

use db::{Snapshot, Tx};
use giving::donations::queries;
use kernel::id::Id as _;
use kernel::{GiftId, Instant, ProjectId, ReceivingAccountId, UnitId};
use papers::certificate::TemplateVersion;
use platform::Services;
use platform::facts::{Fact, Reaction, ReactionError};
use serde::Deserialize;

use super::model::{CertificateStanding, Frame};
use super::store::{self, NewRow};

/// Gives each confirmed gift its certificate's number, in the order of the facts, and keeps beside it what became of
/// the gift later. One reaction for both: each costs a commit a round, for which gifts wait.
pub struct Certifying;

/// What the fact of a gift says.
#[derive(Deserialize)]
struct GiftFact<'f> {
    #[serde(borrow)]
    project: &'f str,
    #[serde(borrow)]
    account: &'f str,
}

/// What the fact of a refund says.
#[derive(Deserialize)]
struct RefundFact<'f> {
    #[serde(borrow)]
    gift: &'f str,
}

impl Reaction for Certifying {
    /// Numbers are given under the cursor’s lock, and everything else is read once a project.
    type Read = ();
    fn name(&self) -> &'static str {
        "certificate_numbering"
    }
    async fn read(&self, _: &mut Snapshot, _: &[Fact], _: &Services) -> Result<(), ReactionError> {
        Ok(())
    }
    async fn handle(&self, tx: &mut Tx, facts: &[Fact], (): (), services: &Services) -> Result<(), ReactionError> {
        number(tx, facts, services).await?;
        keep_standings(tx, facts).await
    }
}

/// Keeps how the certificates of these gifts stand. The gift is read as it is now, so that facts which come twice, or
/// late, end at the same standing.
async fn keep_standings(tx: &mut Tx, facts: &[Fact]) -> Result<(), ReactionError> {
    let mut changed: Vec<(GiftId, Instant)> = Vec::new();
    for fact in facts {
        let gift = match fact.kind.as_str() {
            "gift.taken_back" => fact.subject,
            "refund.approved" => {
                let said: RefundFact<'_> =
                    serde_json::from_str(&fact.body).map_err(|e| ReactionError(format!("a fact of a refund: {e}")))?;
                unhex(said.gift)?
            }
            _ => continue,
        };
        let gift = GiftId::from_bytes(gift);
        match changed.iter_mut().find(|(known, _)| *known == gift) {
            Some((_, at)) => *at = fact.happened_at,
            None => changed.push((gift, fact.happened_at)),
        }
    }
    for (gift, at) in changed {
        let facts = queries::gift(tx, gift)
            .await?
            .ok_or_else(|| ReactionError("the gift of a refund is unknown".into()))?;
        let standing = CertificateStanding::of(facts.standing, facts.refunded, at);
        store::put_standing(tx, (facts.unit, gift), standing).await?;
    }
    Ok(())
}

fn unhex(text: &str) -> Result<[u8; 16], ReactionError> {
    let bytes = data_encoding::HEXLOWER
        .decode(text.as_bytes())
        .ok()
        .and_then(|b| b.try_into().ok());
    bytes.ok_or_else(|| ReactionError("a fact of a gift holds an id that is none".into()))
}

async fn number(tx: &mut Tx, facts: &[Fact], services: &Services) -> Result<(), ReactionError> {
    let now = services.now();
    let year = i64::from(now.business_day().year());
    // (issuing unit, project) → gifts in the order of their facts; the number follows that order within the unit.
    let mut by_unit: Vec<(UnitId, Vec<(GiftId, ProjectId)>)> = Vec::new();
    let mut units: HashMap<&str, UnitId> = HashMap::new();
    for fact in facts.iter().filter(|f| f.kind == "gift.confirmed") {
        let said: GiftFact<'_> =
            serde_json::from_str(&fact.body).map_err(|e| ReactionError(format!("a fact of a gift: {e}")))?;
        let unit = match units.get(said.account) {
            Some(unit) => *unit,
            None => {
                let id = ReceivingAccountId::from_bytes(unhex(said.account)?);
                let account = governance::network::store::account(tx, id).await?;
                let unit = account
                    .ok_or_else(|| ReactionError("a gift’s account is unknown".into()))?
                    .unit_id;
                units.insert(said.account, unit);
                unit
            }
        };
        let entry = (
            GiftId::from_bytes(fact.subject),
            ProjectId::from_bytes(unhex(said.project)?),
        );
        match by_unit.iter_mut().find(|(known, _)| *known == unit) {
            Some((_, list)) => list.push(entry),
            None => by_unit.push((unit, vec![entry])),
        }
    }
    let mut frames: HashMap<(UnitId, ProjectId), [u8; 16]> = HashMap::new();
    for (unit, gifts) in by_unit {
        let before = store::take_numbers(tx, unit, year, gifts.len() as i64).await?;
        let mut rows = Vec::with_capacity(gifts.len());
        for (index, (gift, project)) in gifts.into_iter().enumerate() {
            let frame = match frames.get(&(unit, project)) {
                Some(frame) => *frame,
                None => {
                    let frame = freeze(tx, unit, project).await?;
                    frames.insert((unit, project), frame);
                    frame
                }
            };
            rows.push(NewRow {
                unit,
                gift,
                year,
                number: before + 1 + index as i64,
                frame,
                template_version: i64::from(TemplateVersion::CURRENT.number()),
                now,
            });
        }
        store::insert(tx, &rows).await?;
    }
    Ok(())
}

/// Stores what certificates of this unit and project have in common as of now; the same content has the same id.
async fn freeze(tx: &mut Tx, unit: UnitId, project: ProjectId) -> Result<[u8; 16], ReactionError> {
    let missing = |what: &str| ReactionError(format!("a gift’s {what} is unknown"));
    let unit = governance::network::store::unit(tx, unit)
        .await?
        .ok_or_else(|| missing("unit"))?;
    let project = giving::projects::store::project(tx, project)
        .await?
        .ok_or_else(|| missing("project"))?;
    let seal = match unit.seal {
        Some(file) => platform::files::find(tx, file).await?,
        None => None,
    };
    let frame = Frame {
        unit: unit.name,
        region: unit.region.to_string(),
        colour: unit.brand_color,
        seal_sha256: seal.map(|file| data_encoding::HEXLOWER.encode(&file.sha256)),
        project: project.title,
    };
    let body = serde_json::to_string(&frame).map_err(|e| ReactionError(e.to_string()))?;
    let digest = ring::digest::digest(&ring::digest::SHA256, body.as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&digest.as_ref()[..16]);
    store::put_frame(tx, id, &body).await?;
    Ok(id)
}
