//! The chart of accounts: official codes and names, in force from a day on. The posting day picks the chart.
//!
//! Accounts take postings at their leaves: income and expense accounts only by restriction (`410101`, `410102`),
//! asset accounts with their agency part apart (`1002`, `100201`), because the official balance sheet shows money
//! held for others in a line of its own (财会〔2024〕25号, annex, formulas of 货币资金 and 受托代理资产).

mod npo2026;

use std::fmt;
use std::str::FromStr;

use kernel::{BusinessDay, Channel};
use serde::{Serialize, Serializer};

pub use npo2026::NPO2026;

/// The code of an account, only ever one that stands in a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountCode(&'static str);

/// A text that is no account code of any chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is in no chart of accounts")]
pub struct UnknownCode(pub String);

/// Where an account stands in the statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 资产.
    Asset,
    /// 负债.
    Liability,
    /// 净资产.
    NetAssets,
    /// 收入.
    Income,
    /// 费用.
    Expense,
}

/// Whether what an account holds is limited by its giver or by law (art. 67).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// 限定性.
    Restricted,
    /// 非限定性.
    Unrestricted,
    /// Assets and liabilities, which are neither.
    None,
}

impl Restriction {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Unrestricted => "unrestricted",
            Self::None => "none",
        }
    }
}

impl FromStr for Restriction {
    type Err = UnknownCode;
    fn from_str(word: &str) -> Result<Self, UnknownCode> {
        [Self::Restricted, Self::Unrestricted, Self::None]
            .into_iter()
            .find(|r| r.as_str() == word)
            .ok_or_else(|| UnknownCode(word.to_owned()))
    }
}

/// One account of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Its code; the first four digits are the official level-1 code, which must not be renumbered.
    pub code: AccountCode,
    /// The official name, which vouchers must show beside the code.
    pub zh: &'static str,
    /// The name in English.
    pub en: &'static str,
    /// Where it stands.
    pub class: Class,
    /// Whose limits its content bears.
    pub restriction: Restriction,
}

impl Account {
    /// Whether entries may name it: not the level-1 accounts of income and expense, which are split by restriction.
    pub const fn takes_postings(&self) -> bool {
        !matches!(
            (self.class, self.restriction),
            (Class::Income | Class::Expense, Restriction::None)
        )
    }
}

/// A chart of accounts and the posting day from which it is in force.
#[derive(Debug)]
pub struct Chart {
    /// Its name: `npo2026`.
    pub name: &'static str,
    /// The rule it comes from.
    pub source: &'static str,
    /// In force from this posting day (`YYYYMMDD`) until the next chart.
    pub from_day: i64,
    /// Its accounts, by code.
    pub accounts: &'static [Account],
}

/// All charts, oldest first.
pub const CHARTS: &[&Chart] = &[&NPO2026];

impl Chart {
    /// The chart in force on a posting day; none before the first.
    pub fn in_force(day: BusinessDay) -> Option<&'static Self> {
        CHARTS
            .iter()
            .rev()
            .find(|chart| chart.from_day <= day.to_number())
            .copied()
    }
    /// The account with this code.
    pub fn account(&self, code: AccountCode) -> Option<&'static Account> {
        self.accounts
            .binary_search_by(|a| a.code.cmp(&code))
            .ok()
            .and_then(|at| self.accounts.get(at))
    }
}

impl AccountCode {
    /// The digits.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
    /// The official level-1 account it belongs to.
    pub fn level1(self) -> &'static str {
        self.0.get(..4).unwrap_or(self.0)
    }
    /// The account as the newest chart that has it describes it; every code stands in one.
    pub fn account(self) -> Option<&'static Account> {
        CHARTS.iter().rev().find_map(|chart| chart.account(self))
    }
    /// The class; a code is never moved between classes.
    pub fn class(self) -> Class {
        self.account().map_or(Class::Asset, |a| a.class)
    }
    /// Whose limits the account bears.
    pub fn restriction(self) -> Restriction {
        self.account().map_or(Restriction::None, |a| a.restriction)
    }
    /// The asset account in which money of this channel lies until it is settled: balances with WeChat, Alipay and
    /// other payment institutions are 其他货币资金, not bank deposits.
    pub const fn asset_of(channel: Channel) -> Self {
        match channel {
            Channel::Bank => Self::BANK,
            Channel::Cash => Self::CASH,
            // A match is owed by its sponsor until the pool is settled.
            Channel::Match => Self::OTHER_RECEIVABLES,
            Channel::Wechat
            | Channel::Alipay
            | Channel::Notice
            | Channel::Platform
            | Channel::Unionpay
            | Channel::Other => Self::PAYMENT_INSTITUTIONS,
        }
    }
    /// The same for money held for others (受托代理资产).
    pub const fn agency_asset_of(channel: Channel) -> Self {
        match channel {
            Channel::Bank => Self::BANK_AGENCY,
            Channel::Cash => Self::CASH_AGENCY,
            Channel::Match => Self::OTHER_RECEIVABLES,
            Channel::Wechat
            | Channel::Alipay
            | Channel::Notice
            | Channel::Platform
            | Channel::Unionpay
            | Channel::Other => Self::PAYMENT_INSTITUTIONS_AGENCY,
        }
    }
}

/// Whether an account holds money or goods of others, which the statements show apart.
pub(crate) fn is_agency_asset(code: AccountCode) -> bool {
    code.level1() == "1801"
        || [
            AccountCode::CASH_AGENCY,
            AccountCode::BANK_AGENCY,
            AccountCode::PAYMENT_INSTITUTIONS_AGENCY,
        ]
        .contains(&code)
}

/// Whether an account is money of the body's own.
pub(crate) fn is_money(code: AccountCode) -> bool {
    ["1001", "1002", "1009"].contains(&code.level1()) && !is_agency_asset(code)
}

/// Whether an account closes into this kind of net assets; prior-year adjustments close into the unrestricted.
pub(crate) fn is_net(code: AccountCode, kind: Restriction) -> bool {
    let closes = matches!(code.class(), Class::NetAssets | Class::Income | Class::Expense);
    let own = match code.restriction() {
        Restriction::Restricted => Restriction::Restricted,
        Restriction::Unrestricted | Restriction::None => Restriction::Unrestricted,
    };
    closes && own == kind
}

impl fmt::Display for AccountCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for AccountCode {
    type Err = UnknownCode;
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        CHARTS
            .iter()
            .rev()
            .flat_map(|chart| chart.accounts)
            .find(|account| account.code.0 == text)
            .map(|account| account.code)
            .ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

impl Serialize for AccountCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64) -> BusinessDay {
        BusinessDay::from_number(number).expect("a day")
    }

    #[test]
    fn the_chart_of_2026_is_in_force_from_its_first_day_and_none_before() {
        assert_eq!(Chart::in_force(day(20_260_101)).map(|c| c.name), Some("npo2026"));
        assert_eq!(Chart::in_force(day(20_251_231)).map(|c| c.name), None);
    }

    #[test]
    fn the_chart_has_the_56_official_accounts_in_order_and_names_for_all() {
        let level1 = NPO2026.accounts.iter().filter(|a| a.code.0.len() == 4).count();
        assert_eq!(level1, 56);
        assert!(
            NPO2026.accounts.is_sorted_by(|a, b| a.code < b.code),
            "binary search needs the order"
        );
        for account in NPO2026.accounts {
            assert!(!account.zh.is_empty() && !account.en.is_empty());
            assert!(
                NPO2026.accounts.iter().any(|a| a.code.0 == account.code.level1()),
                "{}",
                account.code
            );
        }
    }

    #[test]
    fn every_income_and_expense_account_is_split_by_restriction() {
        for account in NPO2026.accounts.iter().filter(|a| a.code.0.len() == 4) {
            if matches!(account.class, Class::Income | Class::Expense) {
                assert!(!account.takes_postings());
                for (end, restriction) in [("01", Restriction::Unrestricted), ("02", Restriction::Restricted)] {
                    let code: AccountCode = format!("{}{end}", account.code).parse().expect("a split account");
                    assert_eq!(code.restriction(), restriction);
                    assert_eq!(code.class(), account.class);
                }
            } else {
                assert!(account.takes_postings());
            }
        }
    }

    #[test]
    fn the_moved_expense_codes_are_those_of_2026() {
        for (code, zh) in [
            ("5201", "税金及附加"),
            ("5301", "管理费用"),
            ("5401", "筹资费用"),
            ("5901", "其他费用"),
        ] {
            let code: AccountCode = code.parse().expect("an official code");
            assert_eq!(code.account().map(|a| a.zh), Some(zh));
        }
        assert!(
            "1503".parse::<AccountCode>().is_err(),
            "a third-party chart's code is not ours"
        );
    }

    #[test]
    fn the_named_codes_stand_in_the_chart() {
        for code in AccountCode::NAMED {
            assert!(NPO2026.account(*code).is_some_and(Account::takes_postings), "{code}");
        }
        for channel in Channel::ALL {
            assert_ne!(AccountCode::asset_of(channel), AccountCode::agency_asset_of(channel));
        }
    }
}
