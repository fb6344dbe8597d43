//! The table `goods_line`.

use std::collections::HashSet;

use db::{DbError, Param as _, Reads as _, Tx, params, wide_values};
use kernel::id::Id as _;
use kernel::{BusinessDay, ImportId, Instant, UnitId};

use super::model::TableKind;

/// Lines written with one statement.
const ROWS_PER_STATEMENT: usize = 200;
/// Columns of the table.
const COLUMNS: usize = 19;

/// A line on its way into the table.
pub(super) struct LineRow {
    pub(super) id: [u8; 16],
    pub(super) identity: [u8; 16],
    pub(super) sheet: String,
    pub(super) row: u32,
    pub(super) day: Option<BusinessDay>,
    pub(super) day_words: String,
    pub(super) party_shown: String,
    pub(super) party_index: Vec<u8>,
    pub(super) party_sealed: Vec<u8>,
    pub(super) place: String,
    pub(super) item: String,
    pub(super) spec: String,
    pub(super) unit_word: String,
    pub(super) how: &'static str,
    pub(super) quantity: Option<i64>,
}

/// Which of these lines are there already.
pub(super) async fn known(tx: &mut Tx, unit: UnitId, identities: &[[u8; 16]]) -> Result<HashSet<[u8; 16]>, DbError> {
    let mut found = HashSet::new();
    for chunk in identities.chunks(ROWS_PER_STATEMENT) {
        let marks: Vec<String> = (2..chunk.len() + 2).map(|n| format!("?{n}")).collect();
        let sql = format!(
            "SELECT identity FROM goods_line WHERE unit_id = ?1 AND identity IN ({})",
            marks.join(", ")
        );
        let mut values = params![(unit,)];
        values.extend(chunk.iter().map(|identity| identity.param()));
        for row in tx.query(&sql, values).await? {
            if let Ok(identity) = row.bytes("identity")?.try_into() {
                found.insert(identity);
            }
        }
    }
    Ok(found)
}

/// Writes lines.
pub(super) async fn insert(
    tx: &mut Tx,
    (unit, kind, import): (UnitId, TableKind, ImportId),
    rows: Vec<LineRow>,
    now: Instant,
) -> Result<(), DbError> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<LineRow> = rows.by_ref().take(ROWS_PER_STATEMENT).collect();
        let sql = format!(
            "INSERT INTO goods_line (id, unit_id, kind, identity, import_id, sheet, sheet_row, day, day_words, party_shown,
               party_index, party_sealed, place, item, spec, unit_word, how, quantity, created_at) VALUES {}",
            wide_values(tx_backend(tx), chunk.len(), COLUMNS)
        );
        let mut values = Vec::with_capacity(chunk.len() * COLUMNS);
        for line in chunk {
            values.extend(params![
                line.id,
                unit.bytes(),
                kind.as_str(),
                line.identity,
                import.bytes(),
                line.sheet,
                i64::from(line.row),
                line.day,
                line.day_words,
                line.party_shown,
                line.party_index,
                line.party_sealed,
                line.place,
                line.item,
                line.spec,
                line.unit_word,
                line.how,
                line.quantity,
                now,
            ]);
        }
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

fn tx_backend(tx: &Tx) -> db::Backend {
    db::Reads::backend(tx)
}
