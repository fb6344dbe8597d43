//! Booking what moved, inside the transaction that moved it.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{Fen, JournalId, UnitId};
use ledger::Header;
use ledger::journal::shapes::When;
use ledger::journal::shapes::goods::{self, Goods, GoodsFlow, Holding};
use platform::Services;
use platform::identity::Actor;
use serde_json::json;

use super::model::Valued;
use super::{rules, store};
use crate::LotId;
use crate::error::ReliefError;
use crate::stock::store as stock;

/// Books what these lots did since they were booked last; gives the value of what became part of kits. Call it once in a
/// transaction, after its last movement: all its lots are locked then, so that nobody waits in a circle.
pub(crate) async fn book(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    lots: impl IntoIterator<Item = LotId>,
) -> Result<Fen, ReliefError> {
    let mut sums: BTreeMap<(UnitId, Holding), Batch> = BTreeMap::new();
    let mut assembled = Fen::ZERO;
    for id in lots.into_iter().collect::<BTreeSet<_>>() {
        let lot = stock::lot(tx, id).await?.ok_or(ReliefError::NotFound("lot"))?;
        let (Some(value), Some(holding)) = (lot.value, rules::holding(&lot)) else {
            continue;
        };
        let mut worth = store::worth(tx, id).await?.unwrap_or_default();
        let moves = store::moves(tx, id, (worth.upto, i64::MAX)).await?;
        let valued = Valued {
            value,
            pieces: store::pieces(tx, id).await?,
            origin: rules::origin(lot.source),
        };
        let flows = worth.take_all(&moves, &valued)?;
        store::put(tx, (id, lot.unit), holding, &worth).await?;
        let batch = sums.entry((lot.unit, holding)).or_insert_with(|| Batch {
            key: format!("goods:{}:{}", hex(&id.bytes()), worth.upto),
            lots: Vec::new(),
            flows: BTreeMap::new(),
        });
        batch.lots.push(hex(&id.bytes()));
        for (flow, value) in flows {
            if flow == GoodsFlow::Assembled {
                assembled = assembled.plus(value)?;
            }
            let sum = batch.flows.entry(flow).or_default();
            *sum = sum.plus(value)?;
        }
    }
    for ((unit, holding), batch) in sums {
        post(tx, services, by, (unit, holding, batch)).await?;
    }
    Ok(assembled)
}

/// What lots of one holding did together.
struct Batch {
    key: String,
    lots: Vec<String>,
    flows: BTreeMap<GoodsFlow, Fen>,
}

async fn post(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (unit, holding, batch): (UnitId, Holding, Batch),
) -> Result<(), ReliefError> {
    let now = services.now();
    let when = When {
        id: JournalId::new(now, &*services.rng),
        posting_day: now.business_day(),
        business_day: now.business_day(),
    };
    let what = Goods {
        unit,
        holding,
        flows: batch.flows,
    };
    let Some(journal) = goods::journal(&what, when).map_err(ledger::LedgerError::from)? else {
        return Ok(());
    };
    let header = Header {
        created_at: now,
        actor: Some(by.id),
        memo_code: None,
        // Unique in the books: no movement is ever booked twice, whatever went wrong above.
        request: Some((batch.key, json!({ "lots": batch.lots }).to_string())),
    };
    Ok(ledger::post(tx, &journal, &header, services).await?)
}
