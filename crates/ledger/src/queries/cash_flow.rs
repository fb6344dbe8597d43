//! 现金流量表 (会民非03表, direct), the official layout of 2026: 本年金额 and 上年金额.
//!
//! Every journal sums to zero, so what money came and went for is what moved on the other accounts of the same
//! journals; those that touch no money (lifted restrictions, moves between funds) sum to zero there by themselves. What
//! was brought forward is no flow, and neither is money held for others, nor what was given in kind. Where money came
//! back to an account it had gone to within the year, the line shows the difference.

use db::Reads;
use kernel::{BusinessDay, Fen, MoneyError};

use super::Part;
use super::positions::{self, ByCode, PairLine, Year, sum};
use crate::LedgerError;
use crate::chart::{AccountCode, is_agency_asset, is_money};

/// What a line is made of.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// Money in: credit less debit of level-1 accounts.
    In(&'static [&'static str]),
    /// Money out: debit less credit of level-1 accounts.
    Out(&'static [&'static str]),
    /// Of accounts that money goes to and comes back from: in, where more came.
    NetIn(&'static [&'static str]),
    /// The same: out, where more went.
    NetOut(&'static [&'static str]),
    /// No account of ours: the official line stays, at zero.
    Nothing,
    /// The sum of lines above, by key.
    Sum(&'static [&'static str]),
    /// The first line less the second.
    Less(&'static str, &'static str),
}

use Source::{In, Less, NetIn, NetOut, Nothing, Out, Sum};

const INVESTMENTS: &[&str] = &["1101", "1102", "1401", "1402", "1403", "1421"];
const FIXED: &[&str] = &["1501", "1502", "1505", "1506", "1509", "1601", "1602"];
const LOANS: &[&str] = &["2101", "2501", "2502"];

/// The official lines: key, Chinese, English, source.
const LINES: &[(&str, &str, &str, Source)] = &[
    ("donations", "接受捐赠收到的现金", "Donations received", In(&["4101"])),
    ("dues", "收取会费收到的现金", "Membership dues", In(&["4201"])),
    ("services", "提供服务收到的现金", "Services", In(&["4301"])),
    ("sales", "销售商品收到的现金", "Sales of goods", In(&["4501"])),
    ("grants", "政府补助收到的现金", "Government grants", In(&["4401"])),
    (
        "other_in",
        "收到的其他与业务活动有关的现金",
        "Other operating receipts",
        In(&["4701", "4901", "3101", "3102", "3201", "2203", "2209"]),
    ),
    (
        "operating_in",
        "现金流入小计",
        "Operating receipts",
        Sum(&["donations", "dues", "services", "sales", "grants", "other_in"]),
    ),
    (
        "aid",
        "提供捐赠或者资助支付的现金",
        "Grants and aid paid",
        Out(&["5101"]),
    ),
    (
        "staff",
        "支付给员工以及为员工支付的现金",
        "Paid to and for staff",
        Out(&["2204"]),
    ),
    (
        "purchases",
        "购买商品、接受服务支付的现金",
        "Goods and services bought",
        Out(&["1111", "1121", "1141", "1201", "1202", "2201", "2202"]),
    ),
    ("taxes", "支付的各项税费", "Taxes paid", Out(&["5201", "5601", "2206"])),
    (
        "other_out",
        "支付的其他与业务活动有关的现金",
        "Other operating payments",
        Out(&[
            "5301", "5401", "5501", "5901", "1122", "1131", "1301", "1701", "2301", "2503",
        ]),
    ),
    (
        "operating_out",
        "现金流出小计",
        "Operating payments",
        Sum(&["aid", "staff", "purchases", "taxes", "other_out"]),
    ),
    (
        "operating",
        "业务活动产生的现金流量净额",
        "Net cash from operations",
        Less("operating_in", "operating_out"),
    ),
    (
        "investments_back",
        "收回投资收到的现金",
        "Investments recovered",
        NetIn(INVESTMENTS),
    ),
    (
        "investment_income",
        "取得投资收益收到的现金",
        "Investment income",
        In(&["4601"]),
    ),
    (
        "disposals",
        "处置固定资产等收回的现金",
        "Disposal of fixed assets",
        NetIn(FIXED),
    ),
    (
        "other_investing_in",
        "收到的其他与投资活动有关的现金",
        "Other investing receipts",
        Nothing,
    ),
    (
        "investing_in",
        "现金流入小计",
        "Investing receipts",
        Sum(&["investments_back", "investment_income", "disposals"]),
    ),
    (
        "fixed",
        "购建固定资产等支付的现金",
        "Fixed assets bought",
        NetOut(FIXED),
    ),
    (
        "investments",
        "对外投资支付的现金",
        "Investments made",
        NetOut(INVESTMENTS),
    ),
    (
        "other_investing_out",
        "支付的其他与投资活动有关的现金",
        "Other investing payments",
        Nothing,
    ),
    (
        "investing_out",
        "现金流出小计",
        "Investing payments",
        Sum(&["fixed", "investments"]),
    ),
    (
        "investing",
        "投资活动产生的现金流量净额",
        "Net cash from investing",
        Less("investing_in", "investing_out"),
    ),
    ("loans", "借款收到的现金", "Loans received", NetIn(LOANS)),
    (
        "other_financing_in",
        "收到的其他与筹资活动有关的现金",
        "Other financing receipts",
        Nothing,
    ),
    ("financing_in", "现金流入小计", "Financing receipts", Sum(&["loans"])),
    ("repayments", "偿还借款支付的现金", "Loans repaid", NetOut(LOANS)),
    ("interest", "偿付利息支付的现金", "Interest paid", Nothing),
    (
        "other_financing_out",
        "支付的其他与筹资活动有关的现金",
        "Other financing payments",
        Nothing,
    ),
    (
        "financing_out",
        "现金流出小计",
        "Financing payments",
        Sum(&["repayments"]),
    ),
    (
        "financing",
        "筹资活动产生的现金流量净额",
        "Net cash from financing",
        Less("financing_in", "financing_out"),
    ),
    (
        "exchange",
        "汇率变动对现金的影响额",
        "Effect of exchange rates",
        Nothing,
    ),
    (
        "change",
        "现金及现金等价物净增加额",
        "Net increase in cash",
        Sum(&["operating", "investing", "financing"]),
    ),
];

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashFlow {
    /// The official lines.
    pub lines: Vec<PairLine>,
    /// What the money accounts themselves moved this year, brought-forward balances apart: equal to the last line.
    pub money_moved: Fen,
}

/// The statement of the year in which a posting day lies, up to and with it.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn read(at: &mut impl Reads, part: &Part<'_>, day: BusinessDay) -> Result<CashFlow, LedgerError> {
    let year = Year::of(day);
    let now = flows(at, part, year).await?;
    let before = flows(at, part, year.before()).await?;
    Ok(CashFlow {
        lines: lines(&now, &before)?,
        money_moved: sum(&now, is_money)?,
    })
}

async fn flows(at: &mut impl Reads, part: &Part<'_>, year: Year) -> Result<ByCode, LedgerError> {
    let moved = positions::moved(at, part, Some(year.first), year.day).await?;
    let brought = positions::brought_forward(at, part, year).await?;
    let in_kind = positions::in_kind(at, part, year).await?;
    Ok(positions::minus(positions::minus(moved, &brought)?, &in_kind)?)
}

fn lines(now: &ByCode, before: &ByCode) -> Result<Vec<PairLine>, MoneyError> {
    let mut done: Vec<PairLine> = Vec::with_capacity(LINES.len());
    for (key, zh, en, source) in LINES {
        let found = |name: &str| done.iter().find(|line| line.key == name).copied();
        let line = PairLine {
            key,
            zh,
            en,
            now: amount(source, now, |name| found(name).map_or(Fen::ZERO, |line| line.now))?,
            before: amount(source, before, |name| found(name).map_or(Fen::ZERO, |line| line.before))?,
        };
        done.push(line);
    }
    Ok(done)
}

fn amount(source: &Source, of: &ByCode, above: impl Fn(&str) -> Fen) -> Result<Fen, MoneyError> {
    let flows = |code: AccountCode| !is_money(code) && !is_agency_asset(code);
    let under = |level1: &'static [&'static str]| sum(of, |code| flows(code) && level1.contains(&code.level1()));
    match source {
        In(level1) => under(level1)?.negated(),
        Out(level1) => under(level1),
        NetIn(level1) => under(level1)?.negated().map(|fen| fen.max(Fen::ZERO)),
        NetOut(level1) => under(level1).map(|fen| fen.max(Fen::ZERO)),
        Nothing => Ok(Fen::ZERO),
        Sum(keys) => Fen::sum(keys.iter().map(|key| above(key))),
        Less(one, other) => above(one).minus(above(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::NPO2026;

    #[test]
    fn money_that_moves_against_any_account_but_an_agents_is_a_flow() {
        let bank = AccountCode::BANK;
        for account in NPO2026.accounts.iter().filter(|account| account.takes_postings()) {
            let agency = is_agency_asset(account.code) || account.code == AccountCode::AGENCY_LIABILITY;
            if is_money(account.code) || agency {
                continue;
            }
            for fen in [700, -700] {
                let of: ByCode = [(account.code, Fen::new(fen)), (bank, Fen::new(-fen))].into();
                let lines = lines(&of, &ByCode::new()).expect("small sums");
                let change = lines.last().expect("lines");
                assert_eq!((change.key, change.now.get()), ("change", -fen), "{}", account.code);
                assert_eq!(change.before, Fen::ZERO);
            }
        }
    }
}
