//! Each kind of dirt, in made-up sheets.

use super::super::model::{Found, Line, Merge, Quantity, Sheet, TableKind};
use super::cells::{self, QuantityFault, folded, quantity, tidied};
use super::walk::read;

/// A sheet from rows of cells; a cell of digits is a number. Rows count from 1.
fn sheet(rows: &[&[&str]], merges: &[(u32, u32, u16)]) -> Sheet {
    let mut sheet = Sheet::new("Sheet1", false);
    for (at, row) in rows.iter().enumerate() {
        for (column, text) in row.iter().enumerate() {
            let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            sheet.put(at as u32 + 1, column as u16, text, is_number);
        }
    }
    for (first_row, last_row, column) in merges {
        sheet.merge(Merge {
            first_row: *first_row,
            last_row: *last_row,
            first_column: *column,
            last_column: *column,
        });
    }
    sheet.ready()
}

fn own(found: &Found) -> Vec<(&str, &str, &str, i64)> {
    let of = |line: &'_ Line| match line.quantity {
        Quantity::Own(number) => Some(number),
        _ => None,
    };
    let lines = found.lines.iter();
    lines
        .filter_map(|l| Some((l.party.as_str(), l.item.as_str(), l.unit.as_str(), of(l)?)))
        .collect()
}

const OUT: &[&str] = &["时间", "", "接收单位", "品名", "规格", "计量单位", "数量"];

#[test]
fn text_of_merged_cells_expands_and_numbers_never_do() {
    // The receiver over three rows; one quantity, unit and item over two of them.
    let sheet = sheet(
        &[
            OUT,
            &["43861", "", "甲医院", "手套", "", "箱", "7"],
            &["43861", "", "", "口罩", "", "个", "200000"],
            &["43861", "", "", "", "大号", "", ""],
        ],
        &[(2, 4, 2), (3, 4, 3), (3, 4, 5), (3, 4, 6)],
    );
    let found = read(&sheet, TableKind::Out);
    assert_eq!(
        own(&found),
        [("甲医院", "手套", "箱", 7), ("甲医院", "口罩", "个", 200_000)]
    );
    let last = found.lines.last().expect("a line");
    assert_eq!((last.item.as_str(), last.quantity), ("口罩", Quantity::SharedWith(3)));
    assert_eq!((found.shared.len(), found.shared[0].row), (1, 4));
    assert_eq!(found.shared[0].reason, "shares a quantity");
    assert!(found.refused.is_empty(), "{:?}", found.refused);
}

#[test]
fn a_number_left_in_a_covered_cell_is_not_read() {
    let sheet = sheet(
        &[
            OUT,
            &["43861", "", "甲医院", "口罩", "", "个", "500"],
            &["43861", "", "", "口罩", "", "个", "500"],
        ],
        &[(2, 3, 6)],
    );
    let found = read(&sheet, TableKind::Out);
    assert_eq!(own(&found).len(), 1);
    assert_eq!(found.shared.len(), 1);
}

#[test]
fn a_name_broken_over_two_rows_is_one_name() {
    let sheet = sheet(
        &[
            OUT,
            // A place's name alone receives nothing: it goes on below, whatever stands beside it.
            &["43861", "", "武汉市", "手套", "", "个", "2000"],
            &["43861", "", "第七医院", "护目镜", "", "个", "300"],
            &["43861", "", "", "口罩", "", "个", "10"],
            // One quantity for both rows: the name goes on.
            &["43861", "", "汉阳某建设", "照明车", "", "台", "4"],
            &["43861", "", "集团有限公司", "", "", "", ""],
            // A place followed by a whole name is a receiver of its own.
            &["43861", "", "江夏区", "雨鞋", "", "双", "40"],
            &["43861", "", "武汉市某医院", "雨鞋", "", "双", "5"],
        ],
        &[(5, 6, 3), (5, 6, 5), (5, 6, 6)],
    );
    let found = read(&sheet, TableKind::Out);
    assert_eq!(
        own(&found),
        [
            ("武汉市第七医院", "手套", "个", 2_000),
            ("武汉市第七医院", "护目镜", "个", 300),
            ("武汉市第七医院", "口罩", "个", 10),
            ("汉阳某建设集团有限公司", "照明车", "台", 4),
            ("江夏区", "雨鞋", "双", 40),
            ("武汉市某医院", "雨鞋", "双", 5),
        ]
    );
    let rows: Vec<u32> = found.joined.iter().map(|row| row.row).collect();
    assert_eq!(rows, [3, 6]);
}

#[test]
fn a_note_under_a_donor_is_no_part_of_the_name() {
    let sheet = sheet(
        &[
            &["日期", "", "", "捐赠单位及个人", "品名", "", "数量"],
            &["43857", "", "", "甲公司", "药片", "348瓶/箱", "2箱"],
            &["43857", "", "", "定向捐赠省妇幼", "", "24瓶/箱", ""],
            &["43857", "", "", "", "口罩", "", "9只"],
        ],
        &[(2, 3, 4), (2, 3, 6)],
    );
    let found = read(&sheet, TableKind::In);
    assert_eq!(own(&found), [("甲公司", "药片", "箱", 2), ("甲公司", "口罩", "只", 9)]);
    assert_eq!(
        found.lines[0].spec, "348瓶/箱",
        "the heading of the specification was left out"
    );
    assert_eq!(found.shared.len(), 1);
}

#[test]
fn two_tables_in_one_sheet_are_two_tables() {
    let sheet = sheet(
        &[
            &["发放物资"],
            &["接收单位", "品名", "计量单位", "数量"],
            &["甲医院", "口罩", "只", "100"],
            &["接收物资"],
            &["品名", "捐赠单位", "计量单位", "数量总计"],
            &["手套", "乙公司", "副", "20"],
            &["武汉市红十字会"],
            &["43864"],
        ],
        &[],
    );
    let (out, received) = (read(&sheet, TableKind::Out), read(&sheet, TableKind::In));
    assert_eq!(own(&out), [("甲医院", "口罩", "只", 100)]);
    assert_eq!(
        own(&received),
        [("乙公司", "手套", "副", 20)],
        "and the order of the columns is free"
    );
    assert_eq!((out.tables, out.others[0].row), (1, 5));
    assert_eq!((received.tables, received.others[0].row), (1, 2));
}

#[test]
fn quantity_and_unit_may_share_a_cell() {
    let unit = |text| quantity(text).map(|(number, unit)| (number, unit.unwrap_or_default()));
    assert_eq!(unit("198箱"), Ok((198, "箱".to_owned())));
    assert_eq!(unit("12000 支"), Ok((12_000, "支".to_owned())));
    assert_eq!(unit("2000\u{a0}"), Ok((2_000, String::new())));
    assert_eq!(unit("１，２００只"), Ok((1_200, "只".to_owned())));
    assert_eq!(unit("9.0"), Ok((9, String::new())));
    assert_eq!(unit("0.5吨"), Err(QuantityFault::NotWhole));
    for text in ["", "若干", "约300", "10箱20个", "1,20只"] {
        assert_eq!(unit(text), Err(QuantityFault::Unreadable), "{text}");
    }
    for text in ["0", "99999999999999999999"] {
        assert_eq!(unit(text), Err(QuantityFault::OutOfRange), "{text}");
    }
}

#[test]
fn days_come_as_numbers_times_and_words() {
    let sheet = sheet(
        &[
            &["日期", "捐赠单位", "品名", "计量单位", "数量"],
            &["43854", "甲公司", "口罩", "只", "1"],
            &["2020-01-25", "甲公司", "口罩", "只", "2"],
            &["截至28日", "甲公司", "口罩", "只", "3"],
            &["", "甲公司", "口罩", "只", "4"],
            &["2月3日", "甲公司", "口罩", "只", "5"],
        ],
        &[],
    );
    let found = read(&sheet, TableKind::In);
    let days: Vec<String> = found.lines.iter().map(|l| l.day.expect("a day").to_string()).collect();
    assert_eq!(
        days,
        ["2020-01-24", "2020-01-25", "2020-01-28", "2020-01-28", "2020-02-03"]
    );
    assert_eq!(found.lines[2].day_words, "截至28日");
}

#[test]
fn the_day_of_a_table_may_stand_above_it() {
    let sheet = sheet(
        &[
            &["发放一览表"],
            &["43862"],
            &["发放单位", "品名", "规格", "计量单位", "数量"],
            &["甲医院", "口罩", "\u{200b}", "箱", "9"],
        ],
        &[],
    );
    let found = read(&sheet, TableKind::Out);
    assert_eq!(
        found.lines[0].day.map(|day| day.to_string()).as_deref(),
        Some("2020-02-01")
    );
    assert_eq!(found.lines[0].spec, "", "a zero-width space says nothing");
}

#[test]
fn white_space_of_every_kind_says_nothing() {
    let spellings = [
        "病人监护仪B125",
        "病人监护仪 \u{a0}B125",
        "\u{feff}病人\u{3000}监护仪\tB125\u{200b}",
    ];
    assert!(spellings.iter().all(|text| folded(text) == spellings[0]));
    assert_eq!(tidied(" 张\u{200b}三 \n 李四\u{a0} "), "张三 李四");
}

#[test]
fn totals_and_signatures_are_no_lines() {
    let sheet = sheet(
        &[
            &["捐赠单位", "品名", "计量单位", "数量"],
            &["甲公司", "口罩", "只", "10"],
            &["", "合计", "只", "10"],
            &["某市红十字会"],
        ],
        &[],
    );
    let found = read(&sheet, TableKind::In);
    assert_eq!(own(&found), [("甲公司", "口罩", "只", 10)]);
    assert!(found.refused.is_empty() && found.shared.is_empty());
}

#[test]
fn what_cannot_be_read_is_refused_with_its_row_and_reason() {
    let sheet = sheet(
        &[
            OUT,
            &["43861", "", "", "口罩", "", "个", "5"],
            &["43861", "", "甲医院", "口罩", "", "个", "若干"],
            &["43861", "", "甲医院", "", "", "个", "5"],
            &["43861", "", "甲医院", "口罩", "", "个", "5箱"],
            &["43861", "", "甲医院", "口罩", "", "个", ""],
        ],
        &[],
    );
    let found = read(&sheet, TableKind::Out);
    let refused: Vec<(u32, &str)> = found.refused.iter().map(|r| (r.row, r.reason.as_str())).collect();
    assert_eq!(
        refused,
        [
            (2, "no_receiver"),
            (3, "quantity_unreadable"),
            (4, "no_item"),
            (5, "two_units"),
            (6, "no_quantity"),
        ]
    );
    assert!(own(&found).is_empty());
}

#[test]
fn a_need_of_one_says_only_that_it_is_needed() {
    let sheet = sheet(
        &[
            &["需求单位", "品名", "单位", "数量"],
            &["甲医院", "N95口罩", "只", "1"],
            &["甲医院", "防护服", "套", "300"],
            &["甲医院", "护目镜", "副", ""],
        ],
        &[],
    );
    let found = read(&sheet, TableKind::Needs);
    let how: Vec<Quantity> = found.lines.iter().map(|line| line.quantity).collect();
    assert_eq!(how, [Quantity::NotGiven, Quantity::Own(300), Quantity::Nothing]);
}

#[test]
fn a_note_over_several_columns_is_no_data() {
    let mut made = sheet(
        &[
            &["接收单位", "品名", "计量单位", "数量"],
            &["甲医院", "口罩", "只", "10"],
            &["某市红十字会", "", "", ""],
        ],
        &[],
    );
    made.merge(Merge {
        first_row: 3,
        last_row: 4,
        first_column: 0,
        last_column: 3,
    });
    let found = read(&made.ready(), TableKind::Out);
    assert_eq!(own(&found).len(), 1);
    assert!(found.refused.is_empty() && found.shared.is_empty());
}

#[test]
fn places_are_known_by_the_national_table() {
    assert!(cells::is_place("江夏区") && cells::is_place("武汉 市"));
    assert!(!cells::is_place("武汉市第七医院") && !cells::is_place("第七医院"));
    assert!(cells::begins_with_place("武汉市第七医院") && !cells::begins_with_place("第七医院"));
}
