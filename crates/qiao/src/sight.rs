//! What supervision sees of later contexts: wired here, where all of them are known.

use std::sync::Arc;

use db::{DbError, Reads, Snapshot};
use giving::donations::queries::{gift, totals};
use giving::{campaigns, funds, projects};
use governance::network::queries as network;
use governance::supervision::{Known, Seen, Sight, ThingKind};
use kernel::id::Id as _;
use kernel::{CampaignId, Fen, FundId, GiftId, MoneyError, ProjectId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;
use relief::LotId;

/// The sight of the whole program.
pub fn sight() -> Arc<dyn Sight> {
    Arc::new(Whole)
}

struct Whole;

impl Sight for Whole {
    fn thing<'a>(&'a self, at: &'a mut Snapshot, kind: ThingKind, id: [u8; 16]) -> Seen<'a, Option<Known>> {
        Box::pin(known(at, kind, id))
    }
    fn received<'a>(&'a self, at: &'a mut Snapshot, project: ProjectId) -> Seen<'a, Fen> {
        Box::pin(received(at, project))
    }
    fn item_of<'a>(&'a self, at: &'a mut Snapshot, lot: [u8; 16]) -> Seen<'a, Option<[u8; 16]>> {
        Box::pin(async move {
            let item = relief::stock::queries::lot_item(at, LotId::from_bytes(lot)).await?;
            Ok(item.map(|item| item.bytes()))
        })
    }
}

async fn known(at: &mut impl Reads, kind: ThingKind, id: [u8; 16]) -> Result<Option<Known>, DbError> {
    let named = |unit: UnitId, name: String| Known { unit, name };
    Ok(match kind {
        ThingKind::Project => {
            let found = projects::queries::project(at, ProjectId::from_bytes(id)).await?;
            found.map(|one| named(one.unit, one.title))
        }
        ThingKind::Campaign => {
            let found = campaigns::queries::campaign(at, CampaignId::from_bytes(id)).await?;
            found.map(|one| named(one.unit, one.plan.title))
        }
        ThingKind::Fund => {
            let found = funds::queries::fund(at, FundId::from_bytes(id)).await?;
            found.map(|one| named(one.unit, one.agreement.name))
        }
        ThingKind::Unit => {
            let found = network::unit(at, UnitId::from_bytes(id)).await?;
            found.map(|one| named(one.id, one.name))
        }
        // No name: a gift has nothing that is not about its giver.
        ThingKind::Gift => {
            let found = gift(at, GiftId::from_bytes(id)).await?;
            found.map(|one| named(one.unit, String::new()))
        }
        ThingKind::Lot => {
            let unit = relief::stock::queries::lot_unit(at, LotId::from_bytes(id)).await?;
            unit.map(|unit| named(unit, String::new()))
        }
    })
}

/// Gifts and matches of a project, less what went back.
async fn received(at: &mut impl Reads, project: ProjectId) -> Result<Fen, DbError> {
    let (of, tree) = (totals::Of::Project(project), UnitTree::default());
    let given = totals::sums(at, of, &Scope::Everything, &tree).await?;
    let matched = totals::matched(at, of, &Scope::Everything, &tree).await?;
    let net = |sums: totals::Sums| sums.sum_fen.minus(sums.refunds.sum_fen);
    let both = || -> Result<Fen, MoneyError> { net(given)?.plus(net(matched)?) };
    both().map_err(|error| DbError::Other(error.to_string()))
}
