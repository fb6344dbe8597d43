//! Totals that a file states about itself: in a spare cell, in a footer, in a line above the header.

use kernel::Fen;

use super::line::{ControlCount, ControlTotal, Scope};

/// Totals of one file that are kept: a page total per page of a long list.
const MOST_STATED: usize = 1_000;
/// Rows with an unmarked number in a spare cell up to which those numbers may be totals; more is a column.
const MOST_SPARE_ROWS: u32 = 3;
/// Characters of a label that are kept.
const LABEL_CHARS: usize = 24;

/// A total as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) row: u32,
    pub(super) label: String,
    pub(super) scope: Scope,
    pub(super) sum: Option<Fen>,
    pub(super) count: Option<u64>,
}

impl Stated {
    pub(super) fn sum(row: u32, label: &str, scope: Scope, sum: Fen) -> Self {
        Self {
            row,
            label: label.chars().take(LABEL_CHARS).collect(),
            scope,
            sum: Some(sum),
            count: None,
        }
    }
}

/// What was found of one direction.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    count: u64,
    sum: Fen,
}

impl Sum {
    pub(super) const fn count(self) -> u64 {
        self.count
    }
    pub(super) const fn sum(self) -> Fen {
        self.sum
    }
    /// Adds a row; a sum past 64 bits stays at the largest amount, which ties with nothing.
    pub(super) fn add(&mut self, amount: Fen) {
        self.count += 1;
        self.sum = self.sum.plus(amount).unwrap_or(Fen::MAX);
    }
    fn join(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum.plus(other.sum).unwrap_or(Fen::MAX),
        }
    }
}

/// Stated and found totals of one file.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) income: Sum,
    pub(super) outgo: Sum,
    pub(super) neutral: Sum,
    stated: Vec<Stated>,
    /// An unmarked number in a spare cell of the first, and of the latest, data row.
    first_spare: Option<(u32, Fen)>,
    last_spare: Option<(u32, Fen)>,
    spare_rows: u32,
    first_row: Option<u32>,
    last_row: u32,
}

impl Totals {
    pub(super) fn state(&mut self, stated: impl IntoIterator<Item = Stated>) {
        let room = MOST_STATED.saturating_sub(self.stated.len());
        self.stated.extend(stated.into_iter().take(room));
    }

    /// A data row was read; `spare` is an unmarked number beside it.
    pub(super) fn data_row(&mut self, row: u32, spare: Option<Fen>) {
        if self.first_row.is_none() {
            self.first_row = Some(row);
            self.first_spare = spare.map(|amount| (row, amount));
        }
        self.last_row = row;
        if let Some(amount) = spare {
            self.spare_rows = self.spare_rows.saturating_add(1);
            self.last_spare = Some((row, amount));
        }
    }

    fn found(&self, scope: Scope) -> Sum {
        match scope {
            Scope::Income => self.income,
            Scope::Outgo => self.outgo,
            Scope::Neutral => self.neutral,
            Scope::All => self.income.join(self.outgo).join(self.neutral),
        }
    }

    /// Compares, in the order of the rows.
    pub(super) fn compare(mut self) -> (Vec<ControlTotal>, Vec<ControlCount>) {
        if self.spare_rows <= MOST_SPARE_ROWS {
            let last = self.last_spare.filter(|(row, _)| *row == self.last_row);
            let spare = [self.first_spare, last.filter(|_| last != self.first_spare)];
            let spare = spare.into_iter().flatten();
            self.stated
                .extend(spare.map(|(row, sum)| Stated::sum(row, "", Scope::Income, sum)));
        }
        self.stated.sort_by_key(|stated| stated.row);
        let (mut totals, mut counts) = (Vec::new(), Vec::new());
        for stated in &self.stated {
            let found = self.found(stated.scope);
            match (stated.sum, stated.count) {
                (Some(sum), count) => totals.push(ControlTotal {
                    row: stated.row,
                    label: stated.label.clone(),
                    scope: stated.scope,
                    stated: sum,
                    found: found.sum,
                    stated_count: count,
                    found_count: found.count,
                }),
                (None, Some(count)) => counts.push(ControlCount {
                    row: stated.row,
                    scope: stated.scope,
                    stated: count,
                    found: found.count,
                }),
                (None, None) => {}
            }
        }
        (totals, counts)
    }
}

/// Words that mark a row as a total.
const TOTAL_WORDS: [&str; 10] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总额",
    "总金额",
    "汇总",
    "总和",
    "total",
];

/// Whether a cell speaks of a total somewhere.
pub(super) fn speaks_of_total(text: &str) -> bool {
    let text = text.to_lowercase();
    TOTAL_WORDS.iter().any(|word| text.contains(word))
}

/// Whether a cell is nothing but a total's label: `人民币合计`, `合 计：`, `合计金额（元）`.
pub(super) fn is_total_label(text: &str) -> bool {
    const AROUND: [&str; 9] = ["人民币", "金额", "捐赠", "本页", "本日", "当日", "收入", "支出", "(元)"];
    let mut rest = super::profile::fold(text);
    for word in TOTAL_WORDS.iter().chain(&AROUND) {
        rest = rest.replace(word, "");
    }
    speaks_of_total(&super::profile::fold(text)) && rest.trim_matches([':', '元']).is_empty()
}

/// A total told in words: `收入：1笔 0.35元`, `共43笔记录`, `合计2151笔，105,533.82元`.
pub(super) fn stated_in_text(row: u32, text: &str) -> Option<Stated> {
    let text = text.trim();
    // A comment of Alipay's states what the merchant received, coupons taken off: no sum of what was given.
    if text.starts_with('#') {
        return None;
    }
    let scope = if text.starts_with("收入") {
        Scope::Income
    } else if text.starts_with("支出") {
        Scope::Outgo
    } else if text.starts_with("中性交易") || text.starts_with("不计收支") {
        Scope::Neutral
    } else if text.starts_with('共') || speaks_of_total(text) {
        Scope::All
    } else {
        return None;
    };
    let count = number_before(text, '笔').and_then(|digits| digits.replace(',', "").parse().ok());
    let sum = number_before(text, '元').and_then(|digits| Fen::parse_yuan(digits).ok());
    if count.is_none() && sum.is_none() {
        return None;
    }
    let label: String = text
        .chars()
        .take_while(|c| !c.is_ascii_digit() && !matches!(c, ':' | '：'))
        .collect();
    Some(Stated {
        row,
        label: label.chars().take(LABEL_CHARS).collect(),
        scope,
        sum,
        count,
    })
}

fn number_before(text: &str, unit: char) -> Option<&str> {
    let before = text[..text.find(unit)?].trim_end();
    let from = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_ascii_digit() || matches!(c, '.' | ','))
        .last()?
        .0;
    let number = before[from..].trim_start_matches(',');
    (!number.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_in_words_are_understood() {
        let read = |text| stated_in_text(1, text).map(|s| (s.scope, s.count, s.sum.map(Fen::get)));
        assert_eq!(read("收入：1笔 0.35元"), Some((Scope::Income, Some(1), Some(35))));
        assert_eq!(
            read("不计收支：2笔 16.37元"),
            Some((Scope::Neutral, Some(2), Some(1_637)))
        );
        assert_eq!(read("共43笔记录"), Some((Scope::All, Some(43), None)));
        assert_eq!(
            read("合计2,151笔，105,533.82元"),
            Some((Scope::All, Some(2_151), Some(10_553_382)))
        );
        assert_eq!(read("1. 充值/提现等交易，将计入中性交易"), None);
        assert_eq!(read("共同守护"), None);
        assert_eq!(read("#交易合计：25笔，商家实收共14.99元"), None);
    }

    #[test]
    fn a_label_is_told_from_a_donor_whose_name_holds_the_word() {
        assert!(is_total_label("人民币合计"));
        assert!(is_total_label("合 计："));
        assert!(is_total_label("合计金额"));
        assert!(!is_total_label("某某合计信息有限公司"));
        assert!(!is_total_label("张三"));
    }

    #[test]
    fn a_number_that_fills_a_whole_unnamed_column_is_no_total() {
        let mut totals = Totals::default();
        for row in 2..20 {
            totals.data_row(row, Some(Fen::new(i64::from(row))));
        }
        assert_eq!(totals.compare().0, []);
    }
}
