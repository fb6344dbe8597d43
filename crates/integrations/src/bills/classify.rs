//! One row in, one verdict out.

use kernel::{Fen, Instant, MoneyError};
use time::Date;

use super::header::{Layout, last_four_digits};
use super::line::{GiftLine, Line, Scope};
use super::number::{self, Facts, Maker};
use super::profile::{Gifts, Profile, Role, Sign};
use super::reason::{RefuseReason, SkipReason};
use super::row::{Cell, Kind, Row as Cells};
use super::times::{self, Moment};
use super::totals::{Stated, Totals, is_total_label, speaks_of_total, stated_in_text};

/// What a row is.
pub(super) enum Row {
    /// A payment, read or not.
    Data(Line),
    /// Nothing but totals.
    Total,
    /// A footer, signature or note.
    Footer,
}

/// Which way the money of a row went.
enum Direction {
    In(Fen),
    Out,
    Neutral,
}

/// Everything that is needed to judge a row.
pub(super) struct Classifier {
    pub(super) profile: Profile,
    pub(super) totals: Totals,
    layout: Layout,
    title_day: Option<Date>,
    account_hint: Option<String>,
    epoch_1904: bool,
    maker: Maker,
}

/// Words by which a row without amount and number shows itself to be a footer.
const FOOTER_WORDS: [&str; 22] = [
    "制表",
    "审核",
    "复核",
    "经办",
    "签字",
    "签章",
    "盖章",
    "负责人",
    "填表",
    "出纳",
    "会计",
    "记账人",
    "日期",
    "备注",
    "说明",
    "注:",
    "注：",
    "以上",
    "仅供参考",
    "打印",
    "完",
    "页",
];
/// Words for the currency that is booked.
const RENMINBI: [&str; 6] = ["人民币", "CNY", "RMB", "156", "人民币元", "元"];
const AMOUNTS: [Role; 3] = [Role::Amount, Role::Income, Role::Outgo];

impl Classifier {
    pub(super) fn new(
        profile: Profile,
        layout: Layout,
        title_day: Option<Date>,
        account_hint: Option<String>,
        epoch_1904: bool,
    ) -> Self {
        let (totals, maker) = (Totals::default(), Maker::default());
        Self {
            profile,
            totals,
            layout,
            title_day,
            account_hint,
            epoch_1904,
            maker,
        }
    }

    pub(super) fn classify(&mut self, row: &Cells) -> Row {
        let (spare, only_totals) = self.take_spare_cells(row);
        if only_totals {
            self.totals
                .state(spare.map(|sum| Stated::sum(row.number, "", Scope::Income, sum)));
            return Row::Total;
        }
        if let Some(verdict) = self.total_or_footer(row) {
            return verdict;
        }
        self.totals.data_row(row.number, spare);
        Row::Data(match self.read(row) {
            Ok(line) => line,
            Err(reason) => Line::Refused {
                row: row.number,
                reason,
            },
        })
    }

    /// Takes totals out of cells that the header says nothing about: `=SUM(C:C)` at once, a bare number as a spare one.
    /// Tells also whether the row holds anything else.
    fn take_spare_cells(&mut self, row: &Cells) -> (Option<Fen>, bool) {
        let (mut spare, mut something_else, mut some_total) = (None, false, false);
        for cell in row.cells() {
            let amount_scope = self.scope_of(cell.column);
            let sums = cell.formula.filter(|f| is_sum(f));
            if let (Some(formula), Ok(sum)) = (sums, money(cell)) {
                let scope = amount_scope
                    .or_else(|| self.scope_of(summed_column(formula)?))
                    .unwrap_or(Scope::Income);
                self.totals
                    .state([Stated::sum(row.number, &format!("={formula}"), scope, sum)]);
                some_total = true;
            } else if self.layout.is_headed(cell.column) {
                something_else = true;
            } else if let (None, Ok(sum)) = (spare, money(cell)) {
                spare = Some(sum);
                some_total = true;
            } else if !speaks_of_total(cell.text) {
                something_else = true;
            }
        }
        (spare, some_total && !something_else)
    }

    fn scope_of(&self, column: u16) -> Option<Scope> {
        let is = |role| self.layout.is(column, role);
        if is(Role::Amount) || is(Role::Income) {
            Some(Scope::Income)
        } else if is(Role::Outgo) {
            Some(Scope::Outgo)
        } else {
            None
        }
    }

    /// Tells totals and footers from payments; `None` for a payment.
    fn total_or_footer(&mut self, row: &Cells) -> Option<Row> {
        let cell = |role| self.layout.cell(row, role);
        let has_amount = AMOUNTS.iter().any(|role| cell(*role).is_some_and(|c| money(c).is_ok()));
        let has_number = cell(Role::TradeNo).is_some_and(|c| number::looks_like_number(c.text));
        let has_time = [Role::Date, Role::Time]
            .iter()
            .any(|role| self.moment_in(row, *role).is_some());
        let first = row.cells().find(|c| !number::is_placeholder(c.text))?;
        let marked = is_total_label(first.text) || (speaks_of_total(first.text) && !has_number && !has_time);
        if marked && !has_number {
            let stated = self.stated_in_cells(row, first);
            let told = if stated.is_empty() {
                Vec::from_iter(stated_in_text(row.number, first.text))
            } else {
                stated
            };
            self.totals.state(told);
            return Some(Row::Total);
        }
        if !has_amount && !has_number {
            let cells = row.cells().count();
            let says_footer = row
                .cells()
                .any(|c| FOOTER_WORDS.iter().any(|word| c.text.contains(word)));
            let amount_is_blank = AMOUNTS.iter().all(|role| cell(*role).is_none());
            if says_footer || cells == 1 || (!has_time && amount_is_blank) {
                self.totals
                    .state(row.cells().filter_map(|c| stated_in_text(row.number, c.text)));
                return Some(Row::Footer);
            }
        }
        // A lone sum under the amounts, without a word: the sum of what stands above it.
        let lone = row.cell_count() == 1 && has_amount && self.totals.income.count() > 0;
        let sum = cell(Role::Amount).and_then(|c| money(c).ok()).filter(|_| lone)?;
        if sum != self.totals.income.sum() {
            return None;
        }
        self.totals.state([Stated::sum(row.number, "", Scope::Income, sum)]);
        Some(Row::Total)
    }

    /// The sums of a total row, by their columns; else the first number in a spare cell.
    fn stated_in_cells(&self, row: &Cells, label: Cell<'_>) -> Vec<Stated> {
        let mut stated = Vec::new();
        for (role, scope) in AMOUNTS.iter().zip([Scope::Income, Scope::Income, Scope::Outgo]) {
            if let Some(Ok(sum)) = self.layout.cell(row, *role).map(money) {
                stated.push(Stated::sum(row.number, label.text, scope, sum));
            }
        }
        if stated.is_empty() {
            let spare = row
                .cells()
                .filter(|c| c.column != label.column && !self.layout.is_headed(c.column));
            let sum = spare.filter_map(|c| money(c).ok()).next();
            stated.extend(sum.map(|sum| Stated::sum(row.number, label.text, Scope::Income, sum)));
        }
        stated
    }

    fn read(&mut self, row: &Cells) -> Result<Line, RefuseReason> {
        let skipped = |reason| {
            Ok(Line::Skipped {
                row: row.number,
                reason,
            })
        };
        let amount = match self.direction(row)? {
            Direction::Out => return skipped(SkipReason::MoneyOut),
            Direction::Neutral => return skipped(self.skip_rule(row).unwrap_or(SkipReason::NotIncome)),
            Direction::In(amount) => amount,
        };
        if let Some(reason) = self.skip_rule(row) {
            return skipped(reason);
        }
        let status = self.text(row, Role::Status).unwrap_or_default();
        if !self.profile.settled.is_empty() && !self.profile.settled.iter().any(|settled| settled == status) {
            return skipped(SkipReason::NotSettled);
        }
        if self.profile.gifts == Gifts::None {
            return skipped(SkipReason::CardCredit);
        }
        let currency = self.text(row, Role::Currency);
        if currency.is_some_and(|c| !RENMINBI.iter().any(|rmb| c.eq_ignore_ascii_case(rmb))) {
            return Err(RefuseReason::OtherCurrency);
        }
        if !amount.is_positive() {
            return Err(RefuseReason::AmountNotPositive);
        }
        self.gift(row, amount).map(Line::Gift)
    }

    fn gift(&mut self, row: &Cells, amount: Fen) -> Result<GiftLine, RefuseReason> {
        let given = match self.layout.cell(row, Role::TradeNo) {
            Some(cell) => number::read(cell)?,
            None => None,
        };
        let order_no = self.order_no(row)?;
        let (paid_at, time_known) = self.time(row, given.as_deref())?;
        let payer_name = self.text(row, Role::Payer).map(str::to_owned);
        let memo = self.text(row, Role::Memo).map(str::to_owned);
        let trade_no_made = given.is_none();
        let trade_no = match given {
            Some(number) => number,
            None => self.made_number(row, paid_at, amount, payer_name.as_deref()),
        };
        Ok(GiftLine {
            row: row.number,
            trade_no,
            trade_no_made,
            order_no,
            amount,
            paid_at,
            time_known,
            payer_name,
            memo,
        })
    }

    /// The order's number; one that lost its digits refuses the row only where the layout promises it.
    fn order_no(&self, row: &Cells) -> Result<Option<String>, RefuseReason> {
        match self.layout.cell(row, Role::OrderNo).map_or(Ok(None), number::read) {
            Err(reason) if self.profile.required.contains(&Role::OrderNo) => Err(reason),
            read => Ok(read.unwrap_or_default()),
        }
    }

    fn made_number(&mut self, row: &Cells, paid_at: Instant, amount: Fen, payer: Option<&str>) -> String {
        let in_row = self
            .layout
            .cell(row, Role::Account)
            .and_then(|c| last_four_digits(c.text));
        let account = in_row.or_else(|| self.account_hint.clone());
        let account = account.as_deref().unwrap_or("x");
        self.maker.make(&Facts {
            family: self.profile.family(),
            account,
            paid_at,
            amount,
            payer,
        })
    }

    /// The way of the money and, for money in, its amount; adds the row to what was found.
    fn direction(&mut self, row: &Cells) -> Result<Direction, RefuseReason> {
        if self.layout.cell(row, Role::Income).is_some() || self.layout.cell(row, Role::Outgo).is_some() {
            return self.direction_of_two_columns(row);
        }
        let cell = self
            .layout
            .cell(row, Role::Amount)
            .filter(|c| !number::is_placeholder(c.text));
        let amount = cell.map_or(Err(RefuseReason::AmountMissing), money);
        if !self.profile.direction.income.is_empty() {
            let word = self.layout.cell(row, Role::Direction).map_or("", |c| c.text);
            let is = |words: &[String]| words.iter().any(|w| w == word);
            if is(&self.profile.direction.income) {
                self.totals.income.add(amount?);
                return amount.map(Direction::In);
            }
            let (sum, direction) = if is(&self.profile.direction.outgo) {
                (&mut self.totals.outgo, Direction::Out)
            } else if is(&self.profile.direction.neutral) {
                (&mut self.totals.neutral, Direction::Neutral)
            } else {
                return Err(RefuseReason::DirectionUnknown);
            };
            amount.into_iter().for_each(|a| sum.add(a));
            return Ok(direction);
        }
        let amount = amount?;
        if self.profile.sign == Sign::Signed && amount < Fen::ZERO {
            self.totals.outgo.add(amount.negated().unwrap_or(Fen::MAX));
            return Ok(Direction::Out);
        }
        self.totals.income.add(amount);
        if amount.is_positive() {
            Ok(Direction::In(amount))
        } else {
            Err(RefuseReason::AmountNotPositive)
        }
    }

    fn direction_of_two_columns(&mut self, row: &Cells) -> Result<Direction, RefuseReason> {
        let filled = |role| {
            self.layout
                .cell(row, role)
                .filter(|c| !number::is_placeholder(c.text))
                .map(money)
                .transpose()
        };
        let (income, outgo) = (filled(Role::Income)?, filled(Role::Outgo)?);
        if income.is_none() && outgo.is_none() {
            return Err(RefuseReason::AmountMissing);
        }
        let (income, outgo) = (income.unwrap_or_default(), outgo.unwrap_or_default());
        if income != Fen::ZERO {
            self.totals.income.add(income);
            return if income.is_positive() {
                Ok(Direction::In(income))
            } else {
                Err(RefuseReason::AmountNotPositive)
            };
        }
        if outgo != Fen::ZERO {
            self.totals.outgo.add(outgo);
            return Ok(Direction::Out);
        }
        Err(RefuseReason::AmountNotPositive)
    }

    fn skip_rule(&self, row: &Cells) -> Option<SkipReason> {
        let fits = |rule: &&super::profile::SkipRule| {
            let text = self.layout.cell(row, rule.column).map_or("", |c| c.text);
            rule.contains.iter().any(|part| text.contains(part.as_str()))
        };
        self.profile.skip.iter().find(fits).map(|rule| rule.reason)
    }

    /// The time: from the trade number, from the columns, from the title.
    fn time(&self, row: &Cells, trade_no: Option<&str>) -> Result<(Instant, bool), RefuseReason> {
        if let Some(known) = trade_no.and_then(|number| self.time_in_number(number)) {
            return Ok(known);
        }
        let cell = |role| self.layout.cell(row, role).filter(|c| !number::is_placeholder(c.text));
        let (date, time) = (cell(Role::Date), cell(Role::Time));
        if time.is_none() && self.profile.required.contains(&Role::Time) {
            return Err(RefuseReason::TimeMissing);
        }
        let read = |cell: Option<Cell<'_>>| match cell {
            None => Ok(Moment::default()),
            Some(cell) => times::read(cell, self.epoch_1904).ok_or(RefuseReason::TimeUnreadable),
        };
        let (date, time) = (read(date)?, read(time)?);
        let title = self.title_day.filter(|_| self.profile.day_from_title);
        let moment = Moment {
            day: date.day.or(time.day).or(title),
            time: time.time.or(date.time),
        };
        moment.instant().ok_or(RefuseReason::TimeMissing)
    }

    fn time_in_number(&self, number: &str) -> Option<(Instant, bool)> {
        let shape = self.profile.trade_no_time?;
        let fits = number.len() == shape.length && number.bytes().all(|b| b.is_ascii_digit());
        times::from_digits(number.get(shape.start..shape.start + 14).filter(|_| fits)?)?.instant()
    }

    fn moment_in(&self, row: &Cells, role: Role) -> Option<Moment> {
        times::read(self.layout.cell(row, role)?, self.epoch_1904)
    }

    /// The text of a role, `None` when blank or a placeholder.
    fn text<'a>(&self, row: &'a Cells, role: Role) -> Option<&'a str> {
        self.layout
            .cell(row, role)
            .map(|c| c.text)
            .filter(|text| !number::is_placeholder(text))
    }
}

/// A cell as money: the one edge where a double becomes fen, or the text as bills write it.
pub(super) fn money(cell: Cell<'_>) -> Result<Fen, RefuseReason> {
    let read = match cell.kind {
        Kind::Number => cell
            .text
            .parse()
            .map_or(Err(MoneyError::NotAnAmount(String::new())), Fen::from_cell),
        Kind::Text => Fen::parse_yuan(cell.text),
    };
    read.map_err(|error| match error {
        MoneyError::BelowFen(_) | MoneyError::CellNotFen(_) => RefuseReason::AmountBelowFen,
        _ => RefuseReason::AmountUnreadable,
    })
}

fn is_sum(formula: &str) -> bool {
    let formula = formula.trim_start_matches(['=', '+']).to_ascii_uppercase();
    formula.starts_with("SUM(") || formula.starts_with("SUBTOTAL(")
}

/// `SUM(C:C)`, `SUM(C2:C99)` → 2.
fn summed_column(formula: &str) -> Option<u16> {
    let inside = formula.split_once('(')?.1;
    let range = inside.rsplit(',').next()?.trim_start_matches('$');
    let letters = range.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters.fold(0_u32, |sum, b| {
        sum.saturating_mul(26)
            .saturating_add(u32::from(b.to_ascii_uppercase() - b'A') + 1)
    });
    u16::try_from(column.checked_sub(1)?).ok()
}
