//! The real files: every figure here was counted by hand from the publications. Needs the folder `SHANQIAO_SHARED`
//! (default `../shared/data` beside the repository) and the feature `shared-data`; without the folder it fails.

use std::path::PathBuf;

use integrations::bills::{Limits, Line, Scope, SkipReason, Summary, open};
use kernel::Fen;

fn shared(path: &str) -> PathBuf {
    #[allow(clippy::disallowed_methods, reason = "a test that is told where the real files lie")]
    let root = std::env::var_os("SHANQIAO_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    root.join(path)
}

fn read(path: &str) -> (String, Vec<Line>, Summary) {
    let mut reader = open(&shared(path), None, &Limits::default()).unwrap_or_else(|e| panic!("{path}: {e}"));
    let profile = reader.profile().name().to_owned();
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line().unwrap_or_else(|e| panic!("{path}: {e}")) {
        lines.push(line);
    }
    let summary = reader.finish();
    assert_eq!(summary.rows_read as usize, lines.len(), "{path}");
    assert_eq!(
        summary.rows_read,
        summary.gifts + summary.skipped + summary.refused,
        "{path}"
    );
    (profile, lines, summary)
}

fn skipped(lines: &[Line], wanted: SkipReason) -> usize {
    lines
        .iter()
        .filter(|line| matches!(line, Line::Skipped { reason, .. } if *reason == wanted))
        .count()
}

fn yuan(text: &str) -> Fen {
    Fen::parse_yuan(text).expect("a figure of this file")
}

const QR: &str = "wuhan-redcross/gifts/武汉市红十字会接受社会捐赠明细（二维码及pos机）";

#[test]
fn the_wuhan_lists_of_qr_and_pos_gifts_give_their_figures() {
    // file, gifts, sum, row of the control total, gifts of the day before
    let files = [
        ("2020年1月24日", 1_207, "210783.19", Some(1_208), 0),
        ("2020年1月24日的副本", 1_207, "210783.19", None, 0),
        ("2020年1月25日", 49_691, "4761028.68", Some(49_692), 0),
        ("2020年1月26日", 23_772, "2605009.45", Some(23_773), 4),
        ("2020年1月26日的副本", 23_772, "2605009.45", None, 4),
        ("第二期2020年1月27日", 18_893, "2300481.90", Some(2), 1),
        ("2020年2月7日", 2_514, "735361.28", Some(2_516), 0),
        ("2020年2月11日", 1_688, "576936.42", None, 0),
    ];
    for (file, gifts, sum, total_row, day_before) in files {
        let (profile, lines, summary) = read(&format!("{QR}{file}.xlsx"));
        assert_eq!(profile, "wuhan-qr-pos", "{file}");
        assert_eq!((summary.gifts, summary.sum), (gifts, yuan(sum)), "{file}");
        assert_eq!((summary.skipped, summary.refused), (0, 0), "{file}");
        let totals: Vec<_> = summary
            .control_totals
            .iter()
            .map(|t| (t.row, t.stated, t.ties()))
            .collect();
        assert_eq!(
            totals,
            Vec::from_iter(total_row.map(|row| (row, yuan(sum), true))),
            "{file}"
        );
        let day = file.trim_start_matches("第二期").trim_end_matches("的副本");
        let (month, rest) = day.trim_start_matches("2020年").split_once('月').expect("a month");
        let on_day = format!("2020-{:0>2}-{:0>2}", month, rest.trim_end_matches('日'));
        let gifts = lines
            .iter()
            .filter_map(|l| if let Line::Gift(gift) = l { Some(gift) } else { None });
        let others: Vec<_> = gifts
            .map(|g| g.paid_at.business_day().to_string())
            .filter(|of_gift| *of_gift != on_day)
            .collect();
        assert_eq!(others.len(), day_before, "{file}: {others:?}");
        assert!(others.iter().all(|other| *other < on_day), "{file}");
    }
}

#[test]
fn the_yunshanfu_lists_take_their_day_from_the_title() {
    for (file, gifts, sum, day, row) in [
        ("2月1日", 2_151, "105533.82", "2020-02-01", 2_154),
        ("2月7日", 999, "59255.06", "2020-02-07", 1_002),
    ] {
        let path = format!("wuhan-redcross/gifts/武汉市红十字会云闪付用户捐赠明细（{file}）.xlsx");
        let (profile, lines, summary) = read(&path);
        assert_eq!(profile, "unionpay-yunshanfu");
        assert_eq!((summary.gifts, summary.sum), (gifts, yuan(sum)));
        assert_eq!((summary.skipped, summary.refused), (0, 0));
        let totals: Vec<_> = summary
            .control_totals
            .iter()
            .map(|t| (t.row, t.stated, t.ties()))
            .collect();
        assert_eq!(totals, [(row, yuan(sum), true)]);
        let mut numbers = std::collections::BTreeSet::new();
        for line in &lines {
            let Line::Gift(gift) = line else { panic!("{line:?}") };
            assert_eq!(gift.paid_at.business_day().to_string(), day);
            assert!(
                gift.time_known && gift.trade_no_made && numbers.insert(gift.trade_no.clone()),
                "{gift:?}"
            );
        }
    }
}

#[test]
fn the_wechat_bill_gives_its_income_and_repeats_a_masked_number() {
    for (file, rows, totals_row) in [("csv", 27, 8), ("xlsx", 27, 9)] {
        let (profile, lines, summary) = read(&format!("bills/wechat/example-wechat-records.{file}"));
        assert_eq!(profile, "wechat-bill");
        assert_eq!(
            (summary.rows_read, summary.gifts, summary.refused),
            (rows, 5, 0),
            "{file}"
        );
        assert_eq!(summary.sum, yuan("28.49"), "{file}");
        let gifts: Vec<_> = lines
            .iter()
            .filter_map(|l| if let Line::Gift(g) = l { Some(g) } else { None })
            .collect();
        let same: Vec<_> = gifts
            .iter()
            .filter(|g| g.trade_no == "3985734")
            .map(|g| g.amount.get())
            .collect();
        assert_eq!(same, [35, 2_300]);
        let income = &summary.control_totals[0];
        assert_eq!(
            (income.row, income.scope, income.stated),
            (totals_row, Scope::Income, yuan("0.35")),
            "{file}"
        );
        assert_eq!(
            (income.stated_count, income.found, income.ties()),
            (Some(1), yuan("28.49"), false),
            "{file}"
        );
        assert_eq!(
            (summary.control_counts[0].stated, summary.control_counts[0].found),
            (43, rows),
            "{file}"
        );
    }
}

#[test]
fn the_alipay_bill_gives_one_gift() {
    let (profile, lines, summary) = read("bills/alipay/example-alipay-records.csv");
    assert_eq!(profile, "alipay-bill");
    assert_eq!(
        (summary.rows_read, summary.gifts, summary.sum),
        (10, 1, yuan("222228.50"))
    );
    assert_eq!(summary.refused, 0);
    assert_eq!(skipped(&lines, SkipReason::Refund), 2);
    assert_eq!(skipped(&lines, SkipReason::Investment), 1);
    assert_eq!(summary.control_totals.len(), 3);
}

#[test]
fn the_icbc_statements_give_the_transfer_from_another_bank() {
    for version in ["v1", "v2"] {
        let (profile, lines, summary) = read(&format!(
            "bills/icbc/debit-{version}/example-icbc-debit-{version}-records.csv"
        ));
        assert_eq!(profile, format!("icbc-debit-{version}"));
        assert_eq!(
            (summary.rows_read, summary.gifts, summary.sum),
            (11, 1, yuan("1234.56"))
        );
        assert_eq!((summary.refused, skipped(&lines, SkipReason::MoneyOut)), (0, 6));
        for reason in [
            SkipReason::Wages,
            SkipReason::Investment,
            SkipReason::Cashback,
            SkipReason::Refund,
        ] {
            assert_eq!(skipped(&lines, reason), 1, "{reason:?}");
        }
        let Some(Line::Gift(gift)) = lines.iter().find(|l| matches!(l, Line::Gift(_))) else {
            panic!("no gift")
        };
        assert_eq!(gift.trade_no, "20230422000000-icbc-debit-9876-123456-李*-1");
        assert!(!gift.time_known);
        let totals: Vec<_> = summary
            .control_totals
            .iter()
            .map(|t| (t.scope, t.stated, t.found))
            .collect();
        let wanted = [
            (Scope::Income, yuan("1234.56"), yuan("2841.74")),
            (Scope::Outgo, yuan("9876.54"), yuan("4241.08")),
        ];
        assert_eq!(totals, wanted);
    }
}

#[test]
fn the_bank_of_china_statement_gives_the_unionpay_credit() {
    let (profile, lines, summary) = read("bills/boc/debit/example-boc-records.csv");
    assert_eq!(profile, "boc-debit");
    assert_eq!((summary.gifts, summary.sum, summary.refused), (1, yuan("1000.00"), 0));
    for reason in [SkipReason::Wages, SkipReason::OwnTransfer, SkipReason::Refund] {
        assert_eq!(skipped(&lines, reason), 1, "{reason:?}");
    }
    assert_eq!(skipped(&lines, SkipReason::MoneyOut) as u64, summary.rows_read - 4);
}

#[test]
fn card_and_expense_statements_give_no_gift_and_refuse_nothing() {
    for (path, profile, rows, footers) in [
        ("bills/boc/credit/example-boc-records.csv", "boc-credit", 14, 0),
        ("bills/icbc/credit/example-icbc-credit-records.csv", "icbc-credit", 9, 0),
        ("bills/ccb/交易明细_xxxx_2025xxxx_2025xxxx.xls", "ccb-debit", 6, 1),
    ] {
        let (found, _, summary) = read(path);
        assert_eq!(found, profile);
        assert_eq!(
            (summary.rows_read, summary.gifts, summary.refused),
            (rows, 0, 0),
            "{path}"
        );
        assert_eq!(summary.footers.len(), footers, "{path}");
    }
}
