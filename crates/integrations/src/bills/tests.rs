//! Small made-up files: the oddities of the real ones, without anybody's data.

use std::io::Write;
use std::path::PathBuf;

use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook};
use tempfile::TempDir;

use super::*;

struct Read {
    lines: Vec<Line>,
    summary: Summary,
    profile: String,
}

fn read_with(path: &std::path::Path, wanted: Option<&Profile>, limits: &Limits) -> Result<Read, BillError> {
    let mut reader = open(path, wanted, limits)?;
    let profile = reader.profile().name().to_owned();
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line()? {
        lines.push(line);
    }
    Ok(Read {
        lines,
        summary: reader.finish(),
        profile,
    })
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bill");
    std::fs::File::create(&path)
        .and_then(|mut f| f.write_all(bytes))
        .expect("a file");
    (folder, path)
}

fn read(bytes: &[u8]) -> Result<Read, BillError> {
    let (_folder, path) = file(bytes);
    read_with(&path, None, &Limits::default())
}

fn sheet(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().expect("a workbook")
}

fn gifts(read: &Read) -> Vec<&GiftLine> {
    read.lines
        .iter()
        .filter_map(|line| if let Line::Gift(gift) = line { Some(gift) } else { None })
        .collect()
}

fn refusals(read: &Read) -> Vec<(u32, RefuseReason)> {
    let of = |line: &Line| {
        if let Line::Refused { row, reason } = line {
            Some((*row, *reason))
        } else {
            None
        }
    };
    read.lines.iter().filter_map(of).collect()
}

/// A QR list: number and amount, as the text of its cells.
fn qr_csv(rows: &str) -> String {
    format!("交易单号,,交易金额\n{rows}")
}

const ID: &str = "0102202001242359400000000001";

#[test]
fn the_same_text_is_read_in_utf8_with_and_without_mark_and_in_gbk() {
    let text = qr_csv(&format!("{ID}      ,,12.50\r\n"));
    let (gbk, _, _) = encoding_rs::GBK.encode(&text);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(text.as_bytes());
    for bytes in [text.as_bytes(), &marked, &gbk] {
        let read = read(bytes).expect("it reads");
        let gift = gifts(&read)[0];
        assert_eq!((gift.trade_no.as_str(), gift.amount.get(), gift.row), (ID, 1_250, 2));
        assert_eq!(gift.paid_at.to_rfc3339(), "2020-01-24T15:59:40Z");
    }
}

#[test]
fn a_text_that_is_damaged_anywhere_is_refused_as_a_whole() {
    let mut damaged = qr_csv(&format!("{ID},,1\n")).into_bytes();
    damaged.push(0xff);
    assert!(matches!(read(&damaged), Err(BillError::Encoding)));
    let replaced = qr_csv(&format!("{ID},\u{fffd},1\n"));
    assert!(matches!(read(replaced.as_bytes()), Err(BillError::Encoding)));
    assert!(matches!(read(b"\xff\xfea\0"), Err(BillError::Utf16)));
}

#[test]
fn quoted_commas_tabs_and_line_ends_do_not_move_columns_or_rows() {
    let text = "\u{feff}note,\"a,\nb\"\r\n\r\n交易单号,付款附言,金额\r\n\t0102202001242359400000000001\t,\"加油,\n武汉\",\" 1,234.50 \"\r\n\
                \n0102202001242359400000000002,/,2\r\n";
    let read = read(text.as_bytes()).expect("it reads");
    let seen: Vec<_> = gifts(&read)
        .iter()
        .map(|g| (g.row, g.amount.get(), g.memo.clone()))
        .collect();
    assert_eq!(seen, [(5, 123_450, Some("加油,\n武汉".to_owned())), (8, 200, None)]);
}

#[test]
fn a_row_that_cannot_be_read_is_refused_with_its_row_and_reason() {
    let rows = format!(
        "{ID},,abc\n{ID},,0\n{ID},,-5\n{ID},,1.005\n{ID},,\n,,5\n01022020,,5\n1.02202E+26,,5\n{ID},,3\n\
         0102202013242359400000000001,,4\n"
    );
    let read = read(qr_csv(&rows).as_bytes()).expect("it reads");
    use RefuseReason as R;
    assert_eq!(
        refusals(&read),
        [
            (2, R::AmountUnreadable),
            (3, R::AmountNotPositive),
            (4, R::AmountNotPositive),
            (5, R::AmountBelowFen),
            (6, R::AmountMissing),
            (7, R::TimeMissing),
            (8, R::TimeMissing),
            (9, R::TradeNoLostDigits),
            (11, R::TimeMissing),
        ]
    );
    assert_eq!(
        (read.summary.rows_read, read.summary.gifts, read.summary.refused),
        (10, 1, 9)
    );
}

#[test]
fn titles_totals_footers_and_signatures_are_no_gifts() {
    let text = format!(
        "某市红十字会捐赠明细,,\n共2笔，合计15.00元,,\n交易单号,,交易金额,\n{ID},,10,\n{ID},,5,\n合计,,15.00,\n,,,15\n\
         制表：某某,审核：某某,2020年1月24日,\n以上数据仅供参考，以柜台为准,,,\n"
    );
    let read = read(text.as_bytes()).expect("it reads");
    assert_eq!((read.summary.rows_read, read.summary.gifts), (2, 2));
    let totals: Vec<_> = read
        .summary
        .control_totals
        .iter()
        .map(|t| (t.row, t.stated.get(), t.ties()))
        .collect();
    assert_eq!(totals, [(2, 1_500, true), (6, 1_500, true), (7, 1_500, true)]);
    assert_eq!(read.summary.footers, [8, 9]);
}

#[test]
fn a_total_that_does_not_tie_is_told_and_refuses_nothing() {
    let read = read(qr_csv(&format!("{ID},,10\n合计,,11\n")).as_bytes()).expect("it reads");
    let total = &read.summary.control_totals[0];
    assert_eq!(
        (total.stated.get(), total.found.get(), total.ties()),
        (1_100, 1_000, false)
    );
    assert_eq!((read.summary.gifts, read.summary.refused), (1, 0));
}

#[test]
fn a_hidden_sum_in_a_spare_cell_is_a_control_total_and_merged_cells_do_not_matter() {
    let bytes = sheet(|book| {
        book.add_worksheet()
            .set_name("封面")
            .expect("a name")
            .write(0, 0, "说明")
            .expect("a cell");
        let list = book.add_worksheet();
        let centre = Format::new();
        list.merge_range(0, 0, 0, 1, "交易单号", &centre).expect("a range");
        list.write(0, 2, "捐赠金额（元）").expect("a cell");
        for row in 1..4_u32 {
            let number = format!("01022020012423594000000000{row:02}            ");
            list.merge_range(row, 0, row, 1, &number, &centre).expect("a range");
            list.write(row, 2, 0.1 * f64::from(row)).expect("a cell");
        }
        list.write_formula(3, 3, Formula::new("=SUM(C:C)").set_result("0.60000000000000009"))
            .expect("a cell");
        book.add_worksheet().set_name("旧表").expect("a name").set_hidden(true);
    });
    let read = read(&bytes).expect("it reads");
    let amounts: Vec<_> = gifts(&read).iter().map(|g| g.amount.get()).collect();
    assert_eq!(amounts, [10, 20, 30]);
    assert_eq!(
        (read.summary.sheet.as_str(), read.summary.other_sheets.len()),
        ("Sheet2", 2)
    );
    let total = &read.summary.control_totals[0];
    assert_eq!(
        (total.row, total.label.as_str(), total.stated.get(), total.ties()),
        (4, "=SUM(C:C)", 60, true)
    );
}

#[test]
fn an_id_that_a_spreadsheet_made_a_number_is_refused_and_a_short_one_is_kept() {
    let header = [
        "交易时间",
        "交易类型",
        "交易对方",
        "收/支",
        "金额(元)",
        "当前状态",
        "交易单号",
    ];
    let bytes = sheet(|book| {
        let list = book.add_worksheet();
        for (column, text) in (0..).zip(header) {
            list.write(0, column, text).expect("a cell");
        }
        for (row, number) in [(1, 3_985_734.0), (2, 1.022_020_012_423_594e27)] {
            for (column, text) in (0..).zip(["2024-01-02 03:04:05", "二维码收款", "甲", "收入"]) {
                list.write(row, column, text).expect("a cell");
            }
            list.write(row, 4, 1.5)
                .expect("a cell")
                .write(row, 5, "已收钱")
                .expect("a cell");
            list.write(row, 6, number).expect("a cell");
        }
    });
    let read = read(&bytes).expect("it reads");
    assert_eq!(read.profile, "wechat-bill");
    assert_eq!(gifts(&read)[0].trade_no, "3985734");
    assert_eq!(refusals(&read), [(3, RefuseReason::TradeNoLostDigits)]);
}

#[test]
fn lines_without_a_number_get_the_same_one_each_time_the_file_is_read() {
    let text = "云闪付用户捐赠明细（2020年2月1日）,,\n姓名,金额(元）,时间\n*瑛,5,07:06:18\n*瑛,5,07:06:18\n张三,1,0:00:01\n,2,\n";
    let first = read(text.as_bytes()).expect("it reads");
    let again = read(text.as_bytes()).expect("it reads");
    assert_eq!(first.lines, again.lines);
    let numbers: Vec<_> = gifts(&first).iter().map(|g| g.trade_no.clone()).collect();
    assert_eq!(
        numbers,
        [
            "20200201070618-unionpay-yunshanfu-x-500-*瑛-1",
            "20200201070618-unionpay-yunshanfu-x-500-*瑛-2",
            "20200201000001-unionpay-yunshanfu-x-100-张*-1",
        ]
    );
    assert_eq!(refusals(&first), [(6, RefuseReason::TimeMissing)]);
}

#[test]
fn money_in_that_is_no_gift_is_skipped_with_its_reason() {
    let text = "记账日期,记账时间,币别,金额,余额,交易名称,附言,对方账户名,借记卡号\n\
        2025-08-01,08:57:00,人民币,\"1,000.00\",1,银联入账,工资捐款,甲,3167\n\
        2025-08-01,08:57:00,人民币,1,1,结息,,,3167\n\
        2025-08-01,08:57:00,人民币,1,1,工资,,,3167\n\
        2025-08-01,08:57:00,人民币,-1,1,工资,,,3167\n\
        2025-08-01,08:57:00,美元,1,1,汇款,,,3167\n\
        2025-08-01,,人民币,1,1,汇款,,,3167\n";
    let read = read(text.as_bytes()).expect("it reads");
    assert_eq!(gifts(&read)[0].trade_no, "20250801085700-boc-debit-3167-100000-甲*-1");
    let skipped = |line: &Line| {
        if let Line::Skipped { row, reason } = line {
            Some((*row, *reason))
        } else {
            None
        }
    };
    let reasons: Vec<_> = read.lines.iter().filter_map(skipped).collect();
    assert_eq!(
        reasons,
        [
            (3, SkipReason::Interest),
            (4, SkipReason::Wages),
            (5, SkipReason::MoneyOut)
        ]
    );
    assert_eq!(
        refusals(&read),
        [(6, RefuseReason::OtherCurrency), (7, RefuseReason::TimeMissing)]
    );
}

#[test]
fn income_that_is_not_settled_is_skipped() {
    let head = "交易时间,交易分类,交易对方,收/支,金额,交易状态,交易订单号\n";
    let text = format!(
        "{head}2024-01-02 03:04:05,转账,甲,收入,1.00,等待确认收货,1234567\n2024-01-02 03:04:05,转账,甲,借,1.00,交易成功,1234567\n"
    );
    let read = read(text.as_bytes()).expect("it reads");
    assert_eq!(
        read.lines[0],
        Line::Skipped {
            row: 2,
            reason: SkipReason::NotSettled
        }
    );
    assert_eq!(
        read.lines[1],
        Line::Refused {
            row: 3,
            reason: RefuseReason::DirectionUnknown
        }
    );
}

#[test]
fn a_profile_of_ones_own_reads_its_layout_and_another_layout_is_told() {
    let profile = Profile::from_toml(
        "name='my-bank'\nchannel='bank'\ntitle_zh='我行'\ntitle_en='My bank'\nrequired=['trade_no','income','date']\n\
         [columns]\ntrade_no=['流水号']\nincome=['贷方']\noutgo=['借方']\ndate=['日期']\n",
    )
    .expect("a profile");
    let (_folder, path) = file("流水号,日期,借方,贷方\n00012345,20240102,,8.00\n00012346,20240102,8.00,\n".as_bytes());
    let read = read_with(&path, Some(&profile), &Limits::default()).expect("it reads");
    assert_eq!(gifts(&read)[0].trade_no, "00012345");
    assert_eq!(
        read.lines[1],
        Line::Skipped {
            row: 3,
            reason: SkipReason::MoneyOut
        }
    );
    let other = open(&path, Profile::find("wechat-bill"), &Limits::default()).err();
    assert!(matches!(other, Some(BillError::OtherLayout { .. })));
    assert!(matches!(
        open(&path, None, &Limits::default()).err(),
        Some(BillError::NoHeader { .. })
    ));
}

#[test]
fn what_passes_a_limit_is_refused_before_it_fills_the_memory() {
    let bytes = sheet(|book| {
        let list = book.add_worksheet();
        list.write(0, 0, "交易单号")
            .expect("a cell")
            .write(0, 1, "金额")
            .expect("a cell");
        for row in 1..200_u32 {
            list.write(row, 0, format!("0102202001242359400000{row:06}"))
                .expect("a cell")
                .write(row, 1, 1)
                .expect("a cell");
        }
    });
    let (_folder, path) = file(&bytes);
    let with = |limits: Limits| read_with(&path, None, &limits).map(|r| r.summary.gifts);
    assert_eq!(with(Limits::default()).expect("it reads"), 199);
    for (limits, named) in [
        (
            Limits {
                file_bytes: 100,
                ..Limits::default()
            },
            "file_bytes",
        ),
        (
            Limits {
                sheet_bytes: 1_000,
                ..Limits::default()
            },
            "sheet_bytes",
        ),
        (
            Limits {
                shared_strings_bytes: 100,
                ..Limits::default()
            },
            "shared_strings_bytes",
        ),
        (
            Limits {
                shared_text_bytes: 100,
                ..Limits::default()
            },
            "shared_text_bytes",
        ),
        (
            Limits {
                rows: 50,
                ..Limits::default()
            },
            "rows",
        ),
        (
            Limits {
                piece_bytes: 16,
                ..Limits::default()
            },
            "piece_bytes",
        ),
    ] {
        let error = with(limits).expect_err(named);
        assert!(
            matches!(error, BillError::TooLarge { what, .. } if what == named),
            "{named}: {error}"
        );
    }
    let (_folder, path) = file(qr_csv(&format!("\"{}", "x".repeat(100_000))).as_bytes());
    let error = read_with(
        &path,
        None,
        &Limits {
            piece_bytes: 20_000,
            ..Limits::default()
        },
    )
    .err();
    assert!(matches!(
        error,
        Some(BillError::TooLarge {
            what: "piece_bytes",
            ..
        })
    ));
}

#[test]
fn nothing_that_prints_a_gift_shows_a_whole_name_or_memo() {
    let text = "云闪付用户捐赠明细（2020年2月1日）,,\n姓名,金额,时间,备注\n张三丰,5,07:06:18,手机一三八\n";
    let read = read(text.as_bytes()).expect("it reads");
    let shown = format!("{:?}", read.lines);
    assert!(
        shown.contains("张**") && !shown.contains("张三丰") && !shown.contains("手机"),
        "{shown}"
    );
}

#[test]
fn a_damaged_container_is_an_error_and_no_panic() {
    let whole = sheet(|book| {
        let list = book.add_worksheet();
        list.write(0, 0, "交易单号")
            .expect("a cell")
            .write(0, 1, "金额")
            .expect("a cell");
        list.write(1, 0, ID).expect("a cell").write(1, 1, 1).expect("a cell");
    });
    assert_eq!(read(&whole).expect("it reads").summary.gifts, 1);
    for at in (0..whole.len()).step_by(11) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        if let Ok(read) = read(&damaged) {
            assert!(read.summary.gifts <= 1);
        }
        assert!(read(&whole[..at]).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000), kind in 0..4_usize) {
        let magic: [&[u8]; 4] = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "交易单号,金额\n".as_bytes()];
        let mut all = magic[kind].to_vec();
        all.extend(bytes);
        let _ = read(&all);
    }

    #[test]
    fn each_row_counts_once(cells in prop::collection::vec(("[0-9]{28}|[a-z]{0,3}|合计|", "-?[0-9]{0,4}(\\.[0-9]{0,3})?|x"), 0..20)) {
        let rows: String = cells.iter().map(|(id, amount)| format!("{id},,{amount}\n")).collect();
        let read = read(qr_csv(&rows).as_bytes()).expect("a text with a header");
        let summary = &read.summary;
        prop_assert_eq!(summary.rows_read, summary.gifts + summary.skipped + summary.refused);
        prop_assert_eq!(summary.rows_read as usize, read.lines.len());
        prop_assert!(summary.rows_read as usize <= cells.len());
        let sum = kernel::Fen::sum(gifts(&read).iter().map(|g| g.amount)).expect("small");
        prop_assert_eq!(sum, summary.sum);
    }
}
