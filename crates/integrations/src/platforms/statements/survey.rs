//! The first reading: all files through once, page by page, before anything is stored.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use kernel::Fen;
use ring::digest::{Context, SHA256};

use super::error::FileError;
use super::model::Tally;
use super::profile::Profile;
use super::reading::{self, Read};
use super::report::{LISTED_MAX, RowNote};
use super::rules::{Difference, Found, What};

/// The longest number of a settlement.
const NUMBER_CHARS_MAX: usize = 64;

/// A file with its profile and its name for people.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) profile: Profile,
}

/// What a number stands for: a page and an amount.
pub(super) type Numbers = HashMap<String, (String, Fen)>;

/// What the first reading found.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) found: Found,
    pub(super) gifts: Numbers,
    pub(super) matches: Numbers,
    pub(super) returned: Vec<String>,
    pub(super) skipped: Vec<RowNote>,
    pub(super) refused: Vec<RowNote>,
    pub(super) differences: Vec<Difference>,
    pub(super) tags: BTreeMap<String, Tally>,
    pub(super) number: String,
    pub(super) content: Vec<u8>,
}

impl Seen {
    /// The sums of gifts, matches, refunds, fee and what is paid out.
    pub(super) fn totals(&self) -> (Tally, Tally, Fen, Fen, Fen) {
        let all = |part: &BTreeMap<String, Tally>| {
            part.values().fold(Tally::default(), |sum, each| Tally {
                count: sum.count.saturating_add(each.count),
                sum: sum.sum.plus(each.sum).unwrap_or(Fen::MAX),
            })
        };
        let settled = self.found.settled.values();
        let sum = |of: fn(&super::model::SettledPage) -> Fen| Fen::sum(settled.clone().map(of)).unwrap_or(Fen::MAX);
        (
            all(&self.found.gifts),
            all(&self.found.matches),
            sum(|page| page.refund_sum),
            sum(|page| page.fee),
            sum(|page| page.net),
        )
    }

    fn note(&mut self, note: RowNote) {
        if self.skipped.len() < LISTED_MAX {
            self.skipped.push(note);
        }
    }

    fn refuse(&mut self, note: RowNote) {
        if self.refused.len() < LISTED_MAX {
            self.refused.push(note);
        }
    }

    fn differ(&mut self, difference: Difference) {
        if self.differences.len() < LISTED_MAX {
            self.differences.push(difference);
        }
    }
}

/// Whether a number is new, the same line again, or another one.
enum Counted {
    New,
    Again,
    Other(What, i64),
}

fn count(numbers: &mut Numbers, number: &str, page: &str, amount: Fen) -> Counted {
    match numbers.get(number) {
        None => {
            numbers.insert(number.to_owned(), (page.to_owned(), amount));
            Counted::New
        }
        Some((_, first)) if *first != amount => Counted::Other(What::AnotherAmount, first.get()),
        Some((first, _)) if first != page => Counted::Other(What::AnotherPage, amount.get()),
        Some(_) => Counted::Again,
    }
}

/// Reads everything once.
pub(super) fn survey(
    details: &[Input],
    matchings: &[Input],
    settlement: &Input,
    told_number: Option<&str>,
) -> Result<Seen, FileError> {
    let mut seen = Seen::default();
    for file in details {
        let (mut sum, mut beside) = (Fen::ZERO, Fen::ZERO);
        let mut totals = Vec::new();
        reading::gifts(&file.path, &file.profile, |read| {
            let place = |row: u32| format!("{}:{row}", file.name);
            match read {
                Read::Line(gift) => {
                    sum = sum.plus(gift.amount).unwrap_or(Fen::MAX);
                    match count(&mut seen.gifts, &gift.order_no, &gift.project_no, gift.amount) {
                        Counted::New => {
                            seen.found.gifts.entry(gift.project_no).or_default().add(gift.amount);
                            let tag = gift.tag.unwrap_or_default();
                            seen.tags.entry(tag).or_default().add(gift.amount);
                        }
                        Counted::Again => seen.note(RowNote::skipped(&file.name, gift.row, "repeated")),
                        Counted::Other(what, first) => {
                            seen.differ(Difference::new(place(gift.row), what, first, gift.amount.get()));
                        }
                    }
                }
                Read::Skipped {
                    row,
                    reason,
                    number,
                    amount,
                } => {
                    beside = beside.plus(amount.unwrap_or_default()).unwrap_or(Fen::MAX);
                    if reason == reading::RETURNED && seen.returned.len() < LISTED_MAX {
                        seen.returned.extend(number);
                    }
                    seen.note(RowNote::skipped(&file.name, row, reason));
                }
                Read::Refused { row, reason } => seen.refuse(RowNote::refused(&file.name, row, reason)),
                Read::Total { row, sum } => totals.push((row, sum)),
            }
            Ok(())
        })?;
        compare_totals(&mut seen, file, &totals, (sum, beside));
    }
    for file in matchings {
        let (mut sum, mut beside) = (Fen::ZERO, Fen::ZERO);
        let mut totals = Vec::new();
        reading::matches(&file.path, &file.profile, |read| {
            match read {
                Read::Line(granted) => {
                    sum = sum.plus(granted.amount).unwrap_or(Fen::MAX);
                    match count(
                        &mut seen.matches,
                        &granted.match_no,
                        &granted.project_no,
                        granted.amount,
                    ) {
                        Counted::New => {
                            let tally = seen.found.matches.entry(granted.project_no).or_default();
                            tally.add(granted.amount);
                        }
                        Counted::Again => seen.note(RowNote::skipped(&file.name, granted.row, "repeated")),
                        Counted::Other(what, first) => {
                            let place = format!("{}:{}", file.name, granted.row);
                            seen.differ(Difference::new(place, what, first, granted.amount.get()));
                        }
                    }
                }
                Read::Skipped {
                    row, reason, amount, ..
                } => {
                    beside = beside.plus(amount.unwrap_or_default()).unwrap_or(Fen::MAX);
                    seen.note(RowNote::skipped(&file.name, row, reason));
                }
                Read::Refused { row, reason } => seen.refuse(RowNote::refused(&file.name, row, reason)),
                Read::Total { row, sum } => totals.push((row, sum)),
            }
            Ok(())
        })?;
        compare_totals(&mut seen, file, &totals, (sum, beside));
    }
    settled(&mut seen, settlement, told_number)?;
    seen.content = content(&seen);
    Ok(seen)
}

/// A total counts every line of its file, repeated ones too; some files count beside them what was not paid or given back.
fn compare_totals(seen: &mut Seen, file: &Input, totals: &[(u32, Fen)], (found, beside): (Fen, Fen)) {
    let all = found.plus(beside).unwrap_or(Fen::MAX);
    for (row, stated) in totals.iter().filter(|(_, stated)| *stated != found && *stated != all) {
        let place = format!("{}:{row}", file.name);
        seen.differ(Difference::new(place, What::TotalRow, stated.get(), found.get()));
    }
}

fn settled(seen: &mut Seen, file: &Input, told_number: Option<&str>) -> Result<(), FileError> {
    let mut numbers: HashSet<String> = told_number.map(str::to_owned).into_iter().collect();
    let (mut sum, mut totals) = (Fen::ZERO, Vec::new());
    reading::settled(&file.path, &file.profile, |read| {
        match read {
            Read::Line(line) => {
                numbers.extend(line.number);
                sum = sum.plus(line.page.net).unwrap_or(Fen::MAX);
                // Which of the two stands is nothing: a page that is named twice stops the whole statement.
                if seen.found.settled.insert(line.project_no, line.page).is_some() {
                    let place = format!("{}:{}", file.name, line.row);
                    seen.differ(Difference::new(place, What::Twice, 1, 2));
                }
            }
            Read::Skipped { row, reason, .. } => seen.note(RowNote::skipped(&file.name, row, reason)),
            Read::Refused { row, reason } => seen.refuse(RowNote::refused(&file.name, row, reason)),
            Read::Total { row, sum } => totals.push((row, sum)),
        }
        Ok(())
    })?;
    compare_totals(seen, file, &totals, (sum, Fen::ZERO));
    let mut numbers = numbers.into_iter();
    seen.number = match (numbers.next(), numbers.next()) {
        (Some(number), None) => number,
        (None, _) => return Err(FileError::Number("the settlement has no number; tell it with --number")),
        (Some(_), Some(_)) => {
            return Err(FileError::Number(
                "the settlement has more than one number; bring each in alone",
            ));
        }
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    if seen.number.chars().count() > NUMBER_CHARS_MAX || !seen.number.chars().all(plain) {
        return Err(FileError::Number(
            "the settlement’s number has at most 64 visible characters",
        ));
    }
    Ok(())
}

/// A hash of what the settlement states and of every number behind it, whatever the order of the rows.
fn content(seen: &Seen) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for (page, settled) in &seen.found.settled {
        context.update(format!("p {page} {settled:?}\n").as_bytes());
    }
    for (mark, numbers) in [("g", &seen.gifts), ("m", &seen.matches)] {
        let mut sorted: Vec<_> = numbers.iter().collect();
        sorted.sort_unstable();
        for (number, (page, amount)) in sorted {
            context.update(format!("{mark} {number} {page} {}\n", amount.get()).as_bytes());
        }
    }
    context.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::super::profile::FileKind;
    use super::*;
    use crate::platforms::PlatformCode;

    fn input(folder: &std::path::Path, name: &str, kind: FileKind, text: &str) -> Input {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        Input {
            path,
            name: name.to_owned(),
            profile: Profile::find(PlatformCode::TencentGongyi, kind)
                .expect("a profile")
                .clone(),
        }
    }

    const DETAIL: &str = "交易单号,项目编号,捐款金额,捐款时间,渠道标识\n";
    const SETTLED: &str = "结算单号,项目编号,捐款笔数,捐款金额,结算金额\n";

    fn seen(details: &[&str], settlement: &str) -> Result<Seen, FileError> {
        let folder = tempfile::tempdir().expect("a folder");
        let details: Vec<Input> = (0..)
            .zip(details)
            .map(|(at, text)| {
                let text = format!("{DETAIL}{text}");
                input(folder.path(), &format!("detail{at}.csv"), FileKind::Detail, &text)
            })
            .collect();
        let settlement = input(
            folder.path(),
            "settlement.csv",
            FileKind::Settlement,
            &format!("{SETTLED}{settlement}"),
        );
        survey(&details, &[], &settlement, None)
    }

    #[test]
    fn lines_of_overlapping_files_count_once_and_the_order_of_rows_is_nothing() {
        let settlement = "S1,200001,2,3.00,3.00\n";
        let (one, two) = (
            "T0001,200001,1.00,2026-05-08,371323\n",
            "T0002,200001,2.00,2026-05-08,\n",
        );
        let both = seen(&[&format!("{one}{two}"), two], settlement).expect("reads");
        let turned = seen(&[&format!("{two}{one}")], settlement).expect("reads");
        assert_eq!(both.content, turned.content);
        assert_eq!(both.found.gifts["200001"].count, 2);
        assert_eq!(both.skipped.iter().map(|n| n.reason).collect::<Vec<_>>(), ["repeated"]);
        assert_eq!(both.tags["371323"].count, 1);
        assert_eq!(both.number, "S1");
    }

    #[test]
    fn the_same_number_with_another_amount_or_page_is_told_with_its_row() {
        let text = "T0001,200001,1.00,2026-05-08,\nT0001,200001,2.00,2026-05-08,\nT0001,200002,1.00,2026-05-08,\n";
        let seen = seen(&[text], "S1,200001,1,1.00,1.00\n").expect("reads");
        let told: Vec<_> = seen.differences.iter().map(|d| (d.place.as_str(), d.what)).collect();
        assert_eq!(
            told,
            [
                ("detail0.csv:3", What::AnotherAmount),
                ("detail0.csv:4", What::AnotherPage)
            ]
        );
    }

    #[test]
    fn a_total_that_its_file_does_not_hold_and_two_settlements_in_one_are_told() {
        let text = "T0001,200001,1.00,2026-05-08,\n,,9.00,,\n";
        let wrong = seen(&[text], "S1,200001,1,1.00,1.00\n").expect("reads");
        assert_eq!(wrong.differences[0].what, What::TotalRow);
        let two = "S1,200001,1,1.00,1.00\nS2,200002,1,1.00,1.00\n";
        assert!(seen(&[], two).is_err_and(|e| e.to_string().contains("more than one number")));
        assert!(seen(&[], "/,200001,1,1.00,1.00\n").is_err_and(|e| e.to_string().contains("--number")));
    }
}
