//! What the books say of goods in store, for who counts the goods themselves.

use db::{DbError, Reads};
use kernel::{Fen, UnitId};

use crate::chart::AccountCode;

/// The value of goods that one unit's books hold, by its own and others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoodsHeld {
    /// Whose books.
    pub unit: UnitId,
    /// 存货, or 受托代理资产.
    pub code: AccountCode,
    /// Debit less credit of the journals of goods.
    pub value: Fen,
}

/// What the journals of goods came to on the accounts of goods, of all units; reads every posting, for `doctor --deep`.
///
/// # Errors
/// Any [`DbError`].
pub async fn held(at: &mut impl Reads) -> Result<Vec<GoodsHeld>, DbError> {
    let rows = at
        .query(
            "SELECT a.unit_id, a.code, CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT) AS fen
             FROM posting p JOIN book_account a ON a.id = p.account_id
             WHERE p.kind IN ('goods_received', 'goods_issued') AND a.code IN ('1201', '1801')
             GROUP BY a.unit_id, a.code ORDER BY a.unit_id, a.code",
            Vec::new(),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(GoodsHeld {
                unit: row.id("unit_id")?,
                code: row.word("code")?,
                value: row.fen("fen")?,
            })
        })
        .collect()
}
