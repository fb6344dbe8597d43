//! Finds the header under titles and notes, tells which profile fits, and keeps what stands above it.

use time::Date;

use super::error::BillError;
use super::limits::Limits;
use super::profile::{Profile, ROLES, Role, fold};
use super::row::{Cell, Row};
use super::source::{Rows, Source};
use super::times;
use super::totals::{Stated, stated_in_text};

/// Bytes of a cell above the header that are looked at.
const NOTE_BYTES: usize = 600;
/// Cells of a row above the header that are looked at.
const NOTE_CELLS: usize = 20;

/// Which columns of a sheet mean what.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    columns: [Vec<u16>; ROLES],
    headed: Vec<u16>,
}

impl Layout {
    /// Fits a profile to a row; `None` when the row is not its header.
    fn fit(profile: &Profile, texts: &[(u16, String)]) -> Option<Self> {
        let stands = |wanted: &String| texts.iter().any(|(_, text)| text == wanted);
        if !profile.needs.iter().all(stands) || profile.lacks.iter().any(stands) {
            return None;
        }
        let mut columns: [Vec<u16>; ROLES] = Default::default();
        for (role, accepted) in &profile.columns {
            for wanted in accepted {
                columns[*role as usize].extend(
                    texts
                        .iter()
                        .filter(|(_, text)| text == wanted)
                        .map(|(column, _)| *column),
                );
            }
        }
        let complete = profile.required.iter().all(|role| !columns[*role as usize].is_empty());
        complete.then(|| Self {
            columns,
            headed: texts.iter().map(|(column, _)| *column).collect(),
        })
    }

    fn score(&self, profile: &Profile) -> usize {
        self.columns.iter().filter(|c| !c.is_empty()).count() + profile.needs.len()
    }

    /// The filled cell of this role: the first, if several columns could be meant.
    pub(super) fn cell<'a>(&self, row: &'a Row, role: Role) -> Option<Cell<'a>> {
        self.columns[role as usize].iter().find_map(|column| row.at(*column))
    }

    /// Whether this column carries this role.
    pub(super) fn is(&self, column: u16, role: Role) -> bool {
        self.columns[role as usize].contains(&column)
    }

    /// Whether the header says anything about this column.
    pub(super) fn is_headed(&self, column: u16) -> bool {
        self.headed.contains(&column)
    }
}

/// What was found above and in the header.
pub(super) struct Found {
    pub(super) profile: Profile,
    pub(super) layout: Layout,
    pub(super) rows: Rows,
    pub(super) sheet: usize,
    pub(super) title_day: Option<Date>,
    /// The last four digits of the account, if a label names it.
    pub(super) account_hint: Option<String>,
    pub(super) stated: Vec<Stated>,
}

/// Searches the visible sheets in their order.
pub(super) fn find(source: &mut Source, wanted: Option<&Profile>, limits: &Limits) -> Result<Found, BillError> {
    let candidates = wanted.map_or(Profile::built_in(), std::slice::from_ref);
    for (sheet, listed) in source.sheets().iter().enumerate() {
        if !listed.visible {
            continue;
        }
        let mut rows = source.rows(sheet, limits)?;
        let mut above = Above::default();
        let mut row = Row::default();
        let mut searched = 0;
        while searched < limits.rows_before_header && rows.next_row(&mut row)? {
            searched += 1;
            if let Some((profile, layout)) = best_fit(candidates, &row) {
                let account_hint = above.account_hint(profile);
                let title_day = above.title_day;
                let profile = profile.clone();
                return Ok(Found {
                    profile,
                    layout,
                    rows,
                    sheet,
                    title_day,
                    account_hint,
                    stated: above.stated,
                });
            }
            above.take(&row);
        }
    }
    Err(match wanted {
        Some(profile) => BillError::OtherLayout {
            profile: profile.name().to_owned(),
        },
        None => BillError::NoHeader {
            rows: limits.rows_before_header,
        },
    })
}

fn best_fit<'a>(candidates: &'a [Profile], row: &Row) -> Option<(&'a Profile, Layout)> {
    let texts: Vec<(u16, String)> = row.cells().map(|cell| (cell.column, fold(cut(cell.text)))).collect();
    let mut best: Option<(usize, &Profile, Layout)> = None;
    for profile in candidates {
        if let Some(layout) = Layout::fit(profile, &texts) {
            let score = layout.score(profile);
            if best.as_ref().is_none_or(|(highest, ..)| score > *highest) {
                best = Some((score, profile, layout));
            }
        }
    }
    best.map(|(_, profile, layout)| (profile, layout))
}

/// What the rows above the header say.
#[derive(Default)]
struct Above {
    title_day: Option<Date>,
    /// Labels and values such as `卡号` and `1234****9876`.
    labels: Vec<(String, String)>,
    stated: Vec<Stated>,
}

impl Above {
    fn take(&mut self, row: &Row) {
        let cells: Vec<&str> = row.cells().take(NOTE_CELLS).map(|cell| cut(cell.text)).collect();
        for (at, text) in cells.iter().enumerate() {
            if self.title_day.is_none() {
                self.title_day = times::day_in_title(text);
            }
            if let Some(stated) = stated_in_text(row.number, text) {
                self.stated.push(stated);
            }
            let folded = fold(text);
            if let Some((label, value)) = folded.split_once(':') {
                let value = if value.is_empty() {
                    cells.get(at + 1).copied().unwrap_or_default()
                } else {
                    value
                };
                self.labels.push((label.to_owned(), value.to_owned()));
            }
        }
    }

    fn account_hint(&self, profile: &Profile) -> Option<String> {
        let named = |(label, _): &&(String, String)| profile.account_labels.contains(label);
        self.labels
            .iter()
            .find(named)
            .and_then(|(_, value)| last_four_digits(value))
    }
}

/// The last four digits of an account or card number, whatever it is masked with.
pub(super) fn last_four_digits(text: &str) -> Option<String> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    let from = digits.len().checked_sub(4)?;
    Some(digits[from..].iter().collect())
}

/// The start of a cell, cut at a character.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(NOTE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bills::row::Kind;

    fn row(cells: &[&str]) -> Row {
        let mut row = Row::default();
        row.start(1);
        for (column, text) in (0..).zip(cells) {
            row.push(column, Kind::Text, text, None);
        }
        row
    }

    fn name_of(cells: &[&str]) -> Option<String> {
        best_fit(Profile::built_in(), &row(cells)).map(|(profile, _)| profile.name().to_owned())
    }

    #[test]
    fn a_header_tells_its_layout() {
        assert_eq!(
            name_of(&["交易单号", "", "捐赠金额（元）"]).as_deref(),
            Some("wuhan-qr-pos")
        );
        assert_eq!(
            name_of(&["姓名", "金额(元）", "时间"]).as_deref(),
            Some("unionpay-yunshanfu")
        );
        let icbc = [
            "交易日期",
            "摘要",
            "交易场所",
            "钞/汇",
            "记账金额(收入)",
            "记账金额(支出)",
        ];
        assert_eq!(name_of(&icbc).as_deref(), Some("icbc-debit-v1"));
        let v2 = [
            "交易日期",
            "摘要",
            "交易详情",
            "交易场所",
            "钞/汇",
            "记账金额(收入)",
            "记账金额(支出)",
        ];
        assert_eq!(name_of(&v2).as_deref(), Some("icbc-debit-v2"));
        assert_eq!(name_of(&["交易单号", "交易金额总数"]), None);
    }

    #[test]
    fn an_account_is_told_by_its_last_four_digits() {
        assert_eq!(last_four_digits("1234****9876").as_deref(), Some("9876"));
        assert_eq!(last_four_digits("xx@gmail.com"), None);
    }
}
