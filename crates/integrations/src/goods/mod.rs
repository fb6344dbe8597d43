//! Tables of goods: received, dispatched, needed. Files in, sheets or lists read, lines handed to `relief`.
//!
//! A workbook or csv is read whole with its merged ranges; a list of needs may also be the JSON of the volunteers'
//! collection (one object a hospital, with its supplies). What a row means is decided in `relief::tables`.

mod needs;

use std::path::Path;

use platform::Services;
use platform::identity::Actor;
use relief::ReliefError;
use relief::tables::actions::{Order, TakenIn, take_in};
use relief::tables::{Found, TableKind, rules};

use crate::bills::{BillError, Limits, whole_sheets};

/// Why a file was not taken in. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum GoodsImportError {
    /// The file cannot be read.
    #[error("{0}")]
    File(#[from] BillError),
    /// The JSON is no list of needs.
    #[error("the file is no list of needs: {0}")]
    Json(String),
    /// No sheet has a table of this kind.
    #[error(
        "no table of this kind was found: a heading with the goods (品名…), a number (数量…) and the other side \
         (捐赠单位, 接收单位, 需求单位…) is looked for"
    )]
    NoTable,
    /// Refused by the house.
    #[error("{0}")]
    Relief(#[from] ReliefError),
}

/// Reads a file and takes its lines in.
///
/// # Errors
/// [`GoodsImportError`].
pub async fn import(services: &Services, by: &Actor, order: Order, path: &Path) -> Result<TakenIn, GoodsImportError> {
    let sheets = read(path, order.kind)?;
    Ok(take_in(services, by, order, &sheets).await?)
}

/// The lines of a file, sheet by sheet.
///
/// # Errors
/// [`GoodsImportError`].
pub fn read(path: &Path, kind: TableKind) -> Result<Vec<(String, Found)>, GoodsImportError> {
    if kind == TableKind::Needs && needs::is_json(path)? {
        return Ok(vec![(String::new(), needs::read(path)?)]);
    }
    let sheets = whole_sheets(path, &Limits::default())?;
    let found: Vec<(String, Found)> = sheets
        .iter()
        .map(|sheet| (sheet.name.clone(), rules::read(sheet, kind)))
        .collect();
    if found.iter().all(|(_, found)| found.tables == 0) {
        return Err(GoodsImportError::NoTable);
    }
    Ok(found)
}
