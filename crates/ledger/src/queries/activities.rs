//! 业务活动表, the official layout of 2026 (财会〔2024〕25号, annex part 4): 本月数 and 本年累计数, each 非限定性, 限定性 and 合计.

use std::collections::BTreeMap;

use db::{Reads, params};
use kernel::{BusinessDay, Fen, MoneyError};

use super::Part;
use crate::LedgerError;
use crate::chart::{AccountCode, Class, Restriction};

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    first: BusinessDay,
    last: BusinessDay,
}

impl Month {
    /// The month in which this day lies.
    pub fn of(day: BusinessDay) -> Self {
        let date = day.date();
        let days = date.month().length(date.year());
        let first = day.plus_days(1 - i64::from(date.day()));
        Self {
            first,
            last: first.plus_days(i64::from(days) - 1),
        }
    }
    /// Its first day.
    pub const fn first(self) -> BusinessDay {
        self.first
    }
    /// Its last day.
    pub const fn last(self) -> BusinessDay {
        self.last
    }
    fn year_begins(self) -> BusinessDay {
        let ordinal = self.first.date().ordinal();
        self.first.plus_days(1 - i64::from(ordinal))
    }
}

/// An amount by restriction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    /// 非限定性.
    pub unrestricted: Fen,
    /// 限定性.
    pub restricted: Fen,
}

impl Split {
    /// 合计.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(self) -> Result<Fen, MoneyError> {
        self.unrestricted.plus(self.restricted)
    }
    fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            unrestricted: self.unrestricted.plus(other.unrestricted)?,
            restricted: self.restricted.plus(other.restricted)?,
        })
    }
    fn minus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            unrestricted: self.unrestricted.minus(other.unrestricted)?,
            restricted: self.restricted.minus(other.restricted)?,
        })
    }
}

/// The two periods of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// 本月数.
    pub month: Split,
    /// 本年累计数.
    pub year: Split,
}

impl Amounts {
    fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            month: self.month.plus(other.month)?,
            year: self.year.plus(other.year)?,
        })
    }
    fn minus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            month: self.month.minus(other.month)?,
            year: self.year.minus(other.year)?,
        })
    }
}

/// What a line is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The credit side of a level-1 income account less its debit side.
    Income(&'static str),
    /// The debit side of a level-1 expense account less its credit side.
    Expense(&'static str),
    /// 其中: 募捐成本, a part of 5401.
    FundraisingCost,
    /// 收入合计.
    IncomeSum,
    /// 费用合计.
    ExpenseSum,
    /// Journals of the kind `restriction_lifted`.
    Lifted,
    /// 四: no shape of ours makes it yet; the official line stays, at zero.
    Limited,
    /// 3201.
    PriorYears,
    /// 六.
    Change,
}

/// The official lines: key, Chinese, English, source.
const LINES: &[(&str, &str, &str, Source)] = &[
    ("donations", "捐赠收入", "Donation income", Source::Income("4101")),
    ("dues", "会费收入", "Membership dues", Source::Income("4201")),
    ("services", "提供服务收入", "Service income", Source::Income("4301")),
    ("grants", "政府补助收入", "Government grants", Source::Income("4401")),
    ("sales", "商品销售收入", "Sales of goods", Source::Income("4501")),
    (
        "head_office",
        "总部拨款收入",
        "Head-office funding",
        Source::Income("4701"),
    ),
    ("investments", "投资收益", "Investment income", Source::Income("4601")),
    ("other_income", "其他收入", "Other income", Source::Income("4901")),
    ("income", "收入合计", "Total income", Source::IncomeSum),
    ("programme", "业务活动成本", "Programme costs", Source::Expense("5101")),
    ("taxes", "税金及附加", "Taxes and surcharges", Source::Expense("5201")),
    ("management", "管理费用", "Management costs", Source::Expense("5301")),
    (
        "fundraising",
        "筹资费用",
        "Fundraising and financing costs",
        Source::Expense("5401"),
    ),
    (
        "raising_donations",
        "其中：募捐成本",
        "of which cost of raising donations",
        Source::FundraisingCost,
    ),
    (
        "impairment",
        "资产减值损失",
        "Impairment losses",
        Source::Expense("5501"),
    ),
    ("income_tax", "所得税费用", "Income tax", Source::Expense("5601")),
    ("other_expense", "其他费用", "Other expenses", Source::Expense("5901")),
    ("expense", "费用合计", "Total expenses", Source::ExpenseSum),
    (
        "lifted",
        "限定性净资产转为非限定性净资产",
        "Restricted net assets become unrestricted",
        Source::Lifted,
    ),
    (
        "limited",
        "非限定性净资产转为限定性净资产",
        "Unrestricted net assets become restricted",
        Source::Limited,
    ),
    (
        "prior_years",
        "以前年度净资产调整",
        "Prior-year net asset adjustments",
        Source::PriorYears,
    ),
    ("change", "净资产变动额", "Change in net assets", Source::Change),
];

/// One line of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityLine {
    /// Stable key.
    pub key: &'static str,
    /// The official name.
    pub zh: &'static str,
    /// The name in English.
    pub en: &'static str,
    /// Its amounts.
    pub amounts: Amounts,
}

/// The statement of a month by posting days.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn read(at: &mut impl Reads, part: &Part<'_>, month: Month) -> Result<Vec<ActivityLine>, LedgerError> {
    let accounts = turnover(at, part, month).await?;
    let lifted = lifted(at, part, month).await?;
    lines(&accounts, lifted).map_err(Into::into)
}

type ByCode = BTreeMap<AccountCode, Amounts>;

/// Credit less debit per account, month and year to date. An account is restricted or not by its code.
async fn turnover(at: &mut impl Reads, part: &Part<'_>, month: Month) -> Result<ByCode, LedgerError> {
    let mut values = params![month.first(), month.last(), month.year_begins()];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT a.code, {SUMS} FROM book_balance b JOIN book_account a ON a.id = b.account_id
         WHERE b.day >= ?3 AND b.day <= ?2 AND {condition} GROUP BY a.code"
    );
    let mut found = ByCode::new();
    for row in at.query(&sql, values).await? {
        let code: AccountCode = row.word("code")?;
        found.insert(code, placed(code, row.fen("month_fen")?, row.fen("year_fen")?));
    }
    Ok(found)
}

const SUMS: &str =
    "CAST(COALESCE(SUM(CASE WHEN b.day >= ?1 THEN b.credit_fen - b.debit_fen ELSE 0 END), 0) AS BIGINT) AS month_fen,
     CAST(COALESCE(SUM(b.credit_fen - b.debit_fen), 0) AS BIGINT) AS year_fen";

fn placed(code: AccountCode, month: Fen, year: Fen) -> Amounts {
    let split = |amount| match code.restriction() {
        Restriction::Restricted => Split {
            restricted: amount,
            unrestricted: Fen::ZERO,
        },
        Restriction::Unrestricted | Restriction::None => Split {
            unrestricted: amount,
            restricted: Fen::ZERO,
        },
    };
    Amounts {
        month: split(month),
        year: split(year),
    }
}

/// What lifted restrictions moved, reversals of such journals taken off again. Found through `journal`, which gifts
/// have no row in.
async fn lifted(at: &mut impl Reads, part: &Part<'_>, month: Month) -> Result<Amounts, LedgerError> {
    let mut values = params![month.first(), month.last(), month.year_begins()];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT a.code,
            CAST(COALESCE(SUM(CASE WHEN p.posting_day >= ?1 THEN -p.amount_fen ELSE 0 END), 0) AS BIGINT) AS month_fen,
            CAST(COALESCE(SUM(-p.amount_fen), 0) AS BIGINT) AS year_fen
         FROM journal j JOIN posting p ON p.journal_id = j.id JOIN book_account a ON a.id = p.account_id
         LEFT JOIN journal o ON o.unit_id = j.unit_id AND o.id = j.reverses
         WHERE (j.kind = 'restriction_lifted' OR o.kind = 'restriction_lifted') AND a.code IN ('3101', '3102')
           AND p.posting_day >= ?3 AND p.posting_day <= ?2 AND {condition} GROUP BY a.code"
    );
    let mut sum = Amounts::default();
    for row in at.query(&sql, values).await? {
        sum = sum.plus(placed(row.word("code")?, row.fen("month_fen")?, row.fen("year_fen")?))?;
    }
    Ok(sum)
}

fn lines(accounts: &ByCode, lifted: Amounts) -> Result<Vec<ActivityLine>, MoneyError> {
    let sum = |wanted: &dyn Fn(AccountCode) -> bool| {
        let matching = accounts.iter().filter(|(code, _)| wanted(**code));
        matching
            .map(|(_, amounts)| *amounts)
            .try_fold(Amounts::default(), Amounts::plus)
    };
    let none = Amounts::default();
    let income = sum(&|code| code.class() == Class::Income)?;
    let expense = none.minus(sum(&|code| code.class() == Class::Expense)?)?;
    let prior_years = sum(&|code| code.level1() == "3201")?;
    LINES
        .iter()
        .map(|(key, zh, en, source)| {
            let amounts = match source {
                Source::Income(level1) => sum(&|code| code.level1() == *level1)?,
                Source::Expense(level1) => none.minus(sum(&|code| code.level1() == *level1)?)?,
                Source::FundraisingCost => none.minus(sum(&|code| {
                    code == AccountCode::FUNDRAISING_UNRESTRICTED || code == AccountCode::FUNDRAISING_RESTRICTED
                })?)?,
                Source::IncomeSum => income,
                Source::ExpenseSum => expense,
                Source::Lifted => lifted,
                Source::Limited => none,
                Source::PriorYears => prior_years,
                Source::Change => income.minus(expense)?.plus(lifted)?.plus(prior_years)?,
            };
            Ok(ActivityLine { key, zh, en, amounts })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64) -> BusinessDay {
        BusinessDay::from_number(number).expect("a day")
    }

    #[test]
    fn a_month_ends_on_its_last_day_also_in_a_leap_year() {
        let month = Month::of(day(20_280_211));
        assert_eq!((month.first(), month.last()), (day(20_280_201), day(20_280_229)));
        assert_eq!(month.year_begins(), day(20_280_101));
    }

    #[test]
    fn the_change_is_income_less_expense_and_a_lifted_restriction_changes_only_the_split() {
        let mut accounts = ByCode::new();
        let code = |text: &str| text.parse::<AccountCode>().expect("a code");
        for (text, credit) in [
            ("410101", 100),
            ("410102", 1_000),
            ("510102", -932),
            ("54010101", -7),
            ("540101", -3),
        ] {
            accounts.insert(code(text), placed(code(text), Fen::new(credit), Fen::new(credit * 2)));
        }
        let moved = Split {
            unrestricted: Fen::new(50),
            restricted: Fen::new(-50),
        };
        let lines = lines(
            &accounts,
            Amounts {
                month: moved,
                year: moved,
            },
        )
        .expect("small sums");
        let get = |key: &str| lines.iter().find(|l| l.key == key).expect("a line").amounts;
        assert_eq!(
            get("income").month,
            Split {
                unrestricted: Fen::new(100),
                restricted: Fen::new(1_000)
            }
        );
        assert_eq!(get("income").year.total(), Ok(Fen::new(2_200)));
        assert_eq!(get("expense").month.total(), Ok(Fen::new(942)));
        assert_eq!(get("fundraising").month.unrestricted, Fen::new(10));
        assert_eq!(get("raising_donations").month.unrestricted, Fen::new(7));
        let change = get("change").month;
        assert_eq!(
            change,
            Split {
                unrestricted: Fen::new(140),
                restricted: Fen::new(18)
            }
        );
    }
}
