//! 资产负债表, the official layout of 2026 (财会〔2024〕25号, annex part 4): 期末余额 and 年初余额.
//!
//! Income and expense are not closed into net assets by journals here; the statement adds them by restriction, as the
//! closing would. What was brought forward in a year stands in its 年初余额. Prior-year adjustments (3201) are shown
//! within the unrestricted net assets.

use db::Reads;
use kernel::{BusinessDay, Fen, MoneyError};

use super::Part;
use super::positions::{self, ByCode, PairLine, Year, sum};
use crate::LedgerError;
use crate::chart::{Restriction, is_agency_asset, is_money, is_net};

/// What a line is made of.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// Debit less credit of level-1 accounts: assets.
    Debit(&'static [&'static str]),
    /// Credit less debit of level-1 accounts: liabilities. Also what an asset account is reduced by.
    Credit(&'static [&'static str]),
    /// 货币资金: without what is held for others.
    Money,
    /// 受托代理资产: with the parts of the money accounts that are held for others.
    Agency,
    /// Net assets of one kind, with income and expense so far.
    Net(Restriction),
    /// No account of ours: the official line stays, at zero.
    Nothing,
    /// The sum of lines above, by key.
    Sum(&'static [&'static str]),
    /// The first line less the second.
    Less(&'static str, &'static str),
}

use Source::{Credit, Debit, Less, Net, Nothing, Sum};

/// The official lines: key, Chinese, English, source; the left side, then the right one.
const LINES: &[(&str, &str, &str, Source)] = &[
    ("money", "货币资金", "Monetary funds", Source::Money),
    (
        "short_investments",
        "短期投资",
        "Short-term investments",
        Debit(&["1101", "1102"]),
    ),
    (
        "receivables",
        "应收款项",
        "Receivables",
        Debit(&["1111", "1121", "1122", "1131"]),
    ),
    ("prepayments", "预付账款", "Prepayments", Debit(&["1141"])),
    ("inventories", "存货", "Inventories", Debit(&["1201", "1202"])),
    ("deferred", "待摊费用", "Deferred expenses", Debit(&["1301"])),
    (
        "investments_due",
        "一年内到期的长期投资",
        "Long-term investments due within a year",
        Nothing,
    ),
    ("other_current", "其他流动资产", "Other current assets", Nothing),
    (
        "current_assets",
        "流动资产合计",
        "Current assets",
        Sum(&[
            "money",
            "short_investments",
            "receivables",
            "prepayments",
            "inventories",
            "deferred",
        ]),
    ),
    (
        "equity_investments",
        "长期股权投资",
        "Long-term equity investments",
        Debit(&["1401", "1421"]),
    ),
    (
        "debt_investments",
        "长期债权投资",
        "Long-term debt investments",
        Debit(&["1402"]),
    ),
    (
        "other_investments",
        "其他长期投资",
        "Other long-term investments",
        Debit(&["1403"]),
    ),
    (
        "long_investments",
        "长期投资合计",
        "Long-term investments",
        Sum(&["equity_investments", "debt_investments", "other_investments"]),
    ),
    ("fixed_cost", "固定资产原价", "Fixed assets at cost", Debit(&["1501"])),
    (
        "depreciation",
        "减：累计折旧",
        "Less accumulated depreciation",
        Credit(&["1502"]),
    ),
    (
        "fixed_net",
        "固定资产净值",
        "Fixed assets, net",
        Less("fixed_cost", "depreciation"),
    ),
    ("construction", "在建工程", "Construction in progress", Debit(&["1505"])),
    ("disposal", "固定资产清理", "Disposal of fixed assets", Debit(&["1509"])),
    (
        "fixed_assets",
        "固定资产合计",
        "Fixed assets",
        Sum(&["fixed_net", "construction", "disposal"]),
    ),
    ("relics", "文物资源", "Cultural relics", Debit(&["1506"])),
    (
        "intangible_cost",
        "无形资产原价",
        "Intangible assets at cost",
        Debit(&["1601"]),
    ),
    (
        "amortisation",
        "减：累计摊销",
        "Less accumulated amortisation",
        Credit(&["1602"]),
    ),
    (
        "intangible_net",
        "无形资产净值",
        "Intangible assets, net",
        Less("intangible_cost", "amortisation"),
    ),
    (
        "long_deferred",
        "长期待摊费用",
        "Long-term deferred expenses",
        Debit(&["1701"]),
    ),
    (
        "long_assets",
        "非流动资产合计",
        "Non-current assets",
        Sum(&[
            "long_investments",
            "fixed_assets",
            "relics",
            "intangible_net",
            "long_deferred",
        ]),
    ),
    ("agency_assets", "受托代理资产", "Agency assets", Source::Agency),
    (
        "assets",
        "资产总计",
        "Total assets",
        Sum(&["current_assets", "long_assets", "agency_assets"]),
    ),
    ("short_loans", "短期借款", "Short-term loans", Credit(&["2101"])),
    ("payables", "应付款项", "Payables", Credit(&["2201", "2202", "2209"])),
    ("staff", "应付职工薪酬", "Employee benefits payable", Credit(&["2204"])),
    ("taxes", "应交税费", "Taxes payable", Credit(&["2206"])),
    ("advances", "预收账款", "Advances received", Credit(&["2203"])),
    ("accrued", "预提费用", "Accrued expenses", Credit(&["2301"])),
    (
        "liabilities_due",
        "一年内到期的长期负债",
        "Long-term liabilities due within a year",
        Nothing,
    ),
    (
        "other_current_liabilities",
        "其他流动负债",
        "Other current liabilities",
        Nothing,
    ),
    (
        "current_liabilities",
        "流动负债合计",
        "Current liabilities",
        Sum(&["short_loans", "payables", "staff", "taxes", "advances", "accrued"]),
    ),
    ("long_loans", "长期借款", "Long-term loans", Credit(&["2501"])),
    ("long_payables", "长期应付款", "Long-term payables", Credit(&["2502"])),
    ("provisions", "预计负债", "Provisions", Credit(&["2503"])),
    (
        "other_long_liabilities",
        "其他长期负债",
        "Other long-term liabilities",
        Nothing,
    ),
    (
        "long_liabilities",
        "长期负债合计",
        "Long-term liabilities",
        Sum(&["long_loans", "long_payables", "provisions"]),
    ),
    (
        "agency_liabilities",
        "受托代理负债",
        "Agency liabilities",
        Credit(&["2601"]),
    ),
    (
        "liabilities",
        "负债合计",
        "Total liabilities",
        Sum(&["current_liabilities", "long_liabilities", "agency_liabilities"]),
    ),
    (
        "net_unrestricted",
        "非限定性净资产",
        "Unrestricted net assets",
        Net(Restriction::Unrestricted),
    ),
    (
        "net_restricted",
        "限定性净资产",
        "Restricted net assets",
        Net(Restriction::Restricted),
    ),
    (
        "net_assets",
        "净资产合计",
        "Total net assets",
        Sum(&["net_unrestricted", "net_restricted"]),
    ),
    (
        "liabilities_and_net_assets",
        "负债和净资产总计",
        "Total liabilities and net assets",
        Sum(&["liabilities", "net_assets"]),
    ),
];

/// The balance sheet at the end of a posting day.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn read(at: &mut impl Reads, part: &Part<'_>, day: BusinessDay) -> Result<Vec<PairLine>, LedgerError> {
    let year = Year::of(day);
    let end = positions::moved(at, part, None, day).await?;
    let begun = positions::moved(at, part, None, year.first.plus_days(-1)).await?;
    let brought = positions::brought_forward(at, part, year).await?;
    let begun = positions::plus(begun, &brought)?;
    Ok(lines(&end, &begun)?)
}

fn lines(end: &ByCode, begun: &ByCode) -> Result<Vec<PairLine>, MoneyError> {
    let mut done: Vec<PairLine> = Vec::with_capacity(LINES.len());
    for (key, zh, en, source) in LINES {
        let now = amount(source, end, |key| find(&done, key).now)?;
        let before = amount(source, begun, |key| find(&done, key).before)?;
        done.push(PairLine {
            key,
            zh,
            en,
            now,
            before,
        });
    }
    Ok(done)
}

fn find(done: &[PairLine], key: &str) -> PairLine {
    let nothing = PairLine {
        key: "",
        zh: "",
        en: "",
        now: Fen::ZERO,
        before: Fen::ZERO,
    };
    done.iter().find(|line| line.key == key).copied().unwrap_or(nothing)
}

fn amount(source: &Source, of: &ByCode, above: impl Fn(&str) -> Fen) -> Result<Fen, MoneyError> {
    let under = |level1: &'static [&'static str]| sum(of, |code| level1.contains(&code.level1()));
    match source {
        Debit(level1) => under(level1),
        Credit(level1) => under(level1)?.negated(),
        Source::Money => sum(of, is_money),
        Source::Agency => sum(of, is_agency_asset),
        Net(kind) => sum(of, |code| is_net(code, *kind))?.negated(),
        Nothing => Ok(Fen::ZERO),
        Sum(keys) => Fen::sum(keys.iter().map(|key| above(key))),
        Less(one, other) => above(one).minus(above(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{AccountCode, Class, NPO2026};

    #[test]
    fn every_account_of_the_chart_stands_in_exactly_one_line() {
        for account in NPO2026.accounts.iter().filter(|account| account.takes_postings()) {
            // A debit of one fen, which nothing balances: it moves total assets or, as a minus, the other side.
            let one: ByCode = [(account.code, Fen::new(1))].into();
            let lines = lines(&one, &ByCode::new()).expect("small sums");
            let left = find(&lines, "assets").now.get();
            let right = find(&lines, "liabilities_and_net_assets").now.get();
            let expected = if account.class == Class::Asset { (1, 0) } else { (0, -1) };
            assert_eq!((left, right), expected, "{}", account.code);
        }
    }

    #[test]
    fn sums_name_lines_that_stand_above_them() {
        for (at, (key, _, _, source)) in LINES.iter().enumerate() {
            let above: Vec<&str> = LINES[..at].iter().map(|(key, ..)| *key).collect();
            let named: Vec<&str> = match source {
                Sum(keys) => keys.to_vec(),
                Less(one, other) => vec![one, other],
                _ => Vec::new(),
            };
            assert!(named.iter().all(|name| above.contains(name)), "{key}");
        }
    }

    #[test]
    fn money_held_for_others_is_no_money_of_ours() {
        let code = |text: &str| text.parse::<AccountCode>().expect("a code");
        let of: ByCode = [
            (code("1002"), Fen::new(100)),
            (code("100201"), Fen::new(40)),
            (code("2601"), Fen::new(-40)),
            (code("410102"), Fen::new(-90)),
            (code("410101"), Fen::new(-10)),
        ]
        .into();
        let lines = lines(&of, &ByCode::new()).expect("small sums");
        let get = |key: &str| find(&lines, key).now.get();
        assert_eq!((get("money"), get("agency_assets"), get("assets")), (100, 40, 140));
        assert_eq!(
            (
                get("agency_liabilities"),
                get("net_restricted"),
                get("net_unrestricted")
            ),
            (40, 90, 10)
        );
        assert_eq!(get("liabilities_and_net_assets"), 140);
    }
}
