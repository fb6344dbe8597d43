//! What an account received, project by project: for those outside who keep totals of their own, such as a donation platform.

use std::collections::HashMap;

use db::{DbError, Reads, params};
use kernel::{Fen, ProjectId, ReceivingAccountId, UnitId};

/// What a project received on one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Received {
    /// Gifts, those of imports that were taken back not among them.
    pub gifts: i64,
    /// Their sum, less what was given back.
    pub sum: Fen,
}

/// What every project received on an account. Reads each of its gifts once.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_account(
    at: &mut impl Reads,
    (unit, account): (UnitId, ReceivingAccountId),
) -> Result<HashMap<ProjectId, Received>, DbError> {
    let sql = "SELECT g.project_id, COUNT(*) AS gifts, CAST(COALESCE(SUM(g.amount_fen), 0) AS BIGINT) AS sum_fen
        FROM gift g WHERE g.unit_id = ?1 AND g.account_id = ?2
            AND NOT EXISTS (SELECT 1 FROM gift_refund r WHERE r.unit_id = g.unit_id AND r.gift_id = g.id
                AND r.reason = 'import_reversal')
        GROUP BY g.project_id";
    let mut all: HashMap<ProjectId, Received> = HashMap::new();
    for row in at.query(sql, params![(unit,), (account,)]).await? {
        let received = Received {
            gifts: row.int("gifts")?,
            sum: row.fen("sum_fen")?,
        };
        all.insert(row.id("project_id")?, received);
    }
    let sql = "SELECT g.project_id, CAST(COALESCE(SUM(r.amount_fen), 0) AS BIGINT) AS back_fen
        FROM gift_refund r JOIN gift g ON g.id = r.gift_id
        WHERE g.unit_id = ?1 AND g.account_id = ?2 AND r.unit_id = ?1 AND r.state = 'approved'
            AND r.reason <> 'import_reversal'
        GROUP BY g.project_id";
    for row in at.query(sql, params![(unit,), (account,)]).await? {
        let back = row.fen("back_fen")?;
        if let Some(received) = all.get_mut(&row.id("project_id")?) {
            received.sum = received.sum.minus(back).map_err(|e| DbError::Other(e.to_string()))?;
        }
    }
    Ok(all)
}
