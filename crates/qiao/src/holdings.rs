//! What a unit has open in later contexts, asked before it is closed: wired here, where all of them are known.

use std::sync::Arc;

use db::Tx;
use governance::network::{Gone, Held, Holding, Holdings};
use kernel::UnitId;
use platform::Services;

/// The holdings of the whole program.
pub fn holdings() -> Arc<dyn Holdings> {
    Arc::new(Whole)
}

struct Whole;

impl Holdings for Whole {
    fn of<'a>(&'a self, tx: &'a mut Tx, unit: UnitId) -> Held<'a> {
        Box::pin(async move {
            Ok(Holding {
                campaigns: giving::campaigns::queries::running_of(tx, unit).await?,
                projects: giving::projects::queries::running_of(tx, unit).await?,
                pools: giving::matching::queries::running_of(tx, unit).await?,
                lots: relief::stock::queries::lots_in_hand(tx, unit).await?,
            })
        })
    }
    fn let_go<'a>(&'a self, tx: &'a mut Tx, services: &'a Services, unit: UnitId) -> Gone<'a> {
        Box::pin(giving::projects::actions::end_general_of(tx, services, unit))
    }
}
