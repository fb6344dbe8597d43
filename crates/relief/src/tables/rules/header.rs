//! The header of a table: which column is what, and what kind of table it is.

use super::super::model::{Sheet, TableKind};
use super::cells::folded;

/// Columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) kind: Option<TableKind>,
    pub(super) day: Option<u16>,
    pub(super) party: Option<u16>,
    pub(super) item: u16,
    pub(super) spec: Option<u16>,
    pub(super) unit: Option<u16>,
    pub(super) quantity: u16,
}

const ITEM: [&str; 10] = [
    "品名",
    "物资名称",
    "物品名称",
    "货物名称",
    "商品名称",
    "产品名称",
    "入库物资",
    "捐赠物资",
    "物资",
    "名称",
];
const UNIT: [&str; 4] = ["单位", "计量单位", "数量单位", "计量"];
/// A header is a short name; a note that speaks of numbers is longer.
const HEADER_CHARS_MAX: usize = 12;

/// What kind of table the heading of the party's column tells.
fn party_kind(name: &str) -> Option<TableKind> {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["需求", "申请", "急需", "医院名称"]) {
        Some(TableKind::Needs)
    } else if has(&["捐赠", "捐献", "捐助", "来源"]) {
        Some(TableKind::In)
    } else if has(&[
        "接收",
        "发放",
        "受赠",
        "受捐",
        "领用",
        "领取",
        "收货",
        "使用单位",
        "分配",
    ]) {
        Some(TableKind::Out)
    } else {
        None
    }
}

/// Reads a row as a header, if it is one: it names goods and a quantity.
pub(super) fn read(sheet: &Sheet, row: u32) -> Option<Columns> {
    let named: Vec<(u16, String)> = sheet
        .cells(row)
        .map(|(column, cell)| (column, folded(&cell.text)))
        .filter(|(_, name)| name.chars().count() <= HEADER_CHARS_MAX)
        .collect();
    let find = |fits: &dyn Fn(&str) -> bool| {
        let found = named.iter().find(|(_, name)| fits(name));
        found.map(|(column, _)| *column)
    };
    let item = find(&|name| ITEM.contains(&name))?;
    let quantity = find(&|name| name.contains("数量") && !name.contains("单位"))?;
    let others = || {
        named
            .iter()
            .filter(|(column, _)| *column != item && *column != quantity)
    };
    let party = others().find_map(|(column, name)| Some((*column, party_kind(name)?)));
    let spec = others().find(|(_, name)| name.contains("规格") || name.contains("型号"));
    let unit = others().find(|(_, name)| UNIT.contains(&name.as_str()));
    let day = others().find(|(column, name)| {
        (name.contains("日期") || name.contains("时间")) && Some(*column) != party.map(|(at, _)| at)
    });
    let headed = |column: u16| named.iter().any(|(at, _)| *at == column);
    // Real sheets leave the heading of the specification out, and that of the day in the first column.
    let unheaded_spec = || (item + 1..quantity).find(|column| !headed(*column));
    Some(Columns {
        kind: party.map(|(_, kind)| kind),
        day: day
            .map(|(column, _)| *column)
            .or_else(|| (!headed(0) && item != 0).then_some(0)),
        party: party.map(|(column, _)| column),
        item,
        spec: spec.map(|(column, _)| *column).or_else(unheaded_spec),
        unit: unit.map(|(column, _)| *column),
        quantity,
    })
}
