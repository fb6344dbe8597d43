//! The page of coverage.

use std::collections::BTreeMap;

use db::{DbError, Reads};
use giving::events::model::Coverage;
use giving::events::{SourceKind, queries};
use kernel::{Fen, Instant, MoneyError, UnitId};
use platform::Services;

use super::super::coverage::{Area, County, CoveragePage, Covered, Share};
use super::masthead;

/// The page of an installation; nothing where its root vanished.
pub(in crate::pages) async fn page(
    at: &mut impl Reads,
    services: &Services,
    root: UnitId,
    as_of: Instant,
) -> Result<Option<CoveragePage>, DbError> {
    let Some(unit) = governance::network::queries::unit(at, root).await? else {
        return Ok(None);
    };
    let masthead = masthead(at, &unit, as_of.business_day()).await?;
    let names = governance::network::queries::short_names(at).await?;
    let found = queries::coverage(at, Some(root), &services.tree).await?;
    let sums = |error: MoneyError| DbError::Other(error.to_string());
    let mut whole = Covered::default();
    let mut counties: BTreeMap<UnitId, Covered> = BTreeMap::new();
    for one in &found {
        add(counties.entry(one.unit).or_default(), one).map_err(sums)?;
        add(&mut whole, one).map_err(sums)?;
    }
    let named = |id: UnitId| names.get(&id).cloned().unwrap_or_default();
    let counties_that_gave = counties.values().filter(|one| one.sum_fen != Fen::ZERO).count();
    let mut areas: BTreeMap<String, Vec<County>> = BTreeMap::new();
    let known = counties.len();
    for (id, covered) in counties {
        let above = services.tree.ancestors(id).get(1).filter(|_| id != root).copied();
        let county = County {
            name: named(id),
            covered,
        };
        areas.entry(named(above.unwrap_or(root))).or_default().push(county);
    }
    let in_order = |(name, mut counties): (String, Vec<County>)| {
        counties.sort_by(|a, b| a.name.cmp(&b.name));
        Area { name, counties }
    };
    Ok(Some(CoveragePage {
        masthead,
        as_of,
        counties: known,
        counties_that_gave,
        whole,
        areas: areas.into_iter().map(in_order).collect(),
    }))
}

fn add(to: &mut Covered, one: &Coverage) -> Result<(), MoneyError> {
    let share: &mut Share = match one.kind {
        SourceKind::Village => &mut to.villages,
        SourceKind::Shop => &mut to.shops,
        SourceKind::Firm => &mut to.firms,
    };
    share.known += one.known;
    share.gave += one.gave;
    to.sum_fen = to.sum_fen.plus(one.sum)?;
    Ok(())
}
