//! Whether goods, their value and their papers agree with their movements: asked every night and by `doctor --deep`.

use db::Reads;

use crate::error::ReliefError;
use crate::stock::queries::Recount;
use crate::worth::queries::WorthRecount;
use crate::{stock, vouchers, worth};

/// What a recount of everything about goods found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoodsRecount {
    /// What is on hand beside the sum of its movements.
    pub stock: Recount,
    /// What goods are worth beside the books.
    pub worth: WorthRecount,
    /// Movements without the paper they must have, and gaps in the series of papers.
    pub papers: i64,
}

impl GoodsRecount {
    /// Whether all of it agrees.
    pub const fn agrees(&self) -> bool {
        self.stock.agrees() && self.worth.agrees() && self.papers == 0
    }
}

/// Counts everything about goods again.
///
/// # Errors
/// The database's, and sums that do not fit.
pub async fn recount(at: &mut impl Reads) -> Result<GoodsRecount, ReliefError> {
    Ok(GoodsRecount {
        stock: stock::queries::recount(at).await?,
        worth: worth::queries::recount(at).await?,
        papers: vouchers::queries::recount(at).await?,
    })
}
