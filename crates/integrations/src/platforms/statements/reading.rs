//! Reading a platform's files: each row becomes a line, a note why it is none, or a total. No database, no clock.

use std::path::Path;

use kernel::{Fen, Instant};

use super::error::FileError;
use super::model::{GiftLine, MatchLine, SettledPage};
use super::profile::{Column, Money, Profile};
use crate::bills::{Limits, RefuseReason, Table, TableRow};
use crate::platforms::tags;

/// Lines of one file: a season's busiest day on one account, and room.
pub(super) const LINES_MAX: usize = 2_000_000;
/// Why a row counts for nothing.
pub(super) const NOT_SETTLED: &str = "not_settled";
pub(super) const RETURNED: &str = "returned";

/// What a row is.
pub(super) enum Read<T> {
    /// A line.
    Line(T),
    /// Understood, and no money of ours: not paid, or given back.
    Skipped {
        /// The row.
        row: u32,
        /// Why.
        reason: &'static str,
        /// Its number, when it has one.
        number: Option<String>,
        /// Its amount, when it has one: some files count it in their totals.
        amount: Option<Fen>,
    },
    /// It looks like a line and cannot be read.
    Refused {
        /// The row.
        row: u32,
        /// Why.
        reason: RefuseReason,
    },
    /// A total that the file states.
    Total {
        /// The row.
        row: u32,
        /// The sum.
        sum: Fen,
    },
}

/// What a settlement's row is.
pub(super) struct SettledRow {
    pub(super) row: u32,
    pub(super) number: Option<String>,
    pub(super) project_no: String,
    pub(super) page: SettledPage,
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Hands every row of a file to `each`.
fn rows(
    path: &Path,
    profile: &Profile,
    mut each: impl FnMut(TableRow<'_>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let bill = |error| FileError::Bill {
        file: file_name(path),
        error,
    };
    let table = Table::open(path, &profile.columns, &Limits::default()).map_err(bill)?;
    let mut table = table.ok_or_else(|| FileError::NoHeader {
        file: file_name(path),
        profile: profile.name().to_owned(),
    })?;
    let mut lines = 0;
    while let Some(row) = table.next_row().map_err(bill)? {
        lines += 1;
        if lines > LINES_MAX {
            return Err(FileError::TooMany {
                file: file_name(path),
                max: LINES_MAX,
            });
        }
        each(row)?;
    }
    Ok(())
}

/// Gifts of a detail file, one at a time.
pub(super) fn gifts(
    path: &Path,
    profile: &Profile,
    mut each: impl FnMut(Read<GiftLine>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    rows(path, profile, |row| match line(row, profile, Column::OrderNo, gift) {
        Some(read) => each(read),
        None => Ok(()),
    })
}

/// Matches of a matching file, one at a time.
pub(super) fn matches(
    path: &Path,
    profile: &Profile,
    mut each: impl FnMut(Read<MatchLine>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    rows(path, profile, |row| {
        match line(row, profile, Column::MatchNo, granted) {
            Some(read) => each(read),
            None => Ok(()),
        }
    })
}

/// Pages of a settlement, one at a time.
pub(super) fn settled(
    path: &Path,
    profile: &Profile,
    mut each: impl FnMut(Read<SettledRow>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    rows(path, profile, |row| {
        let project = match row.identifier(Column::ProjectNo as usize) {
            // A page's title may hold the word for a total; its number does not.
            Ok(Some(project)) if project.is_ascii() || !row.speaks_of_total() => project,
            Err(reason) if !row.speaks_of_total() => {
                return each(Read::Refused {
                    row: row.number(),
                    reason,
                });
            }
            _ => {
                // A total of what is paid out, or a note.
                return match money(row, profile, Column::Net) {
                    Ok(Some(sum)) if row.speaks_of_total() => each(Read::Total { row: row.number(), sum }),
                    _ => Ok(()),
                };
            }
        };
        each(match settled_row(row, profile, project) {
            Ok(line) => Read::Line(line),
            Err(reason) => Read::Refused {
                row: row.number(),
                reason,
            },
        })
    })
}

fn settled_row(row: TableRow<'_>, profile: &Profile, project_no: String) -> Result<SettledRow, RefuseReason> {
    let sum = |column| money(row, profile, column).map(Option::unwrap_or_default);
    let count = |column: Column| row.whole(column as usize);
    let page = SettledPage {
        gifts: count(Column::Gifts)?.ok_or(RefuseReason::AmountMissing)?,
        gift_sum: money(row, profile, Column::GiftSum)?.ok_or(RefuseReason::AmountMissing)?,
        matches: count(Column::Matches)?,
        match_sum: sum(Column::MatchSum)?,
        refund_sum: positive(sum(Column::RefundSum)?),
        fee: positive(sum(Column::Fee)?),
        net: money(row, profile, Column::Net)?.ok_or(RefuseReason::AmountMissing)?,
    };
    Ok(SettledRow {
        row: row.number(),
        number: row.identifier(Column::Number as usize)?,
        project_no,
        page,
    })
}

/// Some write what is taken away with a minus, some without: it is the same sum.
fn positive(sum: Fen) -> Fen {
    if sum < Fen::ZERO {
        sum.negated().unwrap_or(Fen::MAX)
    } else {
        sum
    }
}

/// A sum by its column.
fn money(row: TableRow<'_>, profile: &Profile, column: Column) -> Result<Option<Fen>, RefuseReason> {
    match profile.money {
        Money::Yuan => row.yuan(column as usize),
        Money::Fen => Ok(row.whole(column as usize)?.map(Fen::new)),
    }
}

/// What gifts and matches have in common: a number, a page, an amount, a moment, a status.
struct Common {
    row: u32,
    number: String,
    project_no: String,
    amount: Fen,
    at: Instant,
}

/// Judges a row; `None` for titles, notes and signatures.
fn line<T>(
    row: TableRow<'_>,
    profile: &Profile,
    number: Column,
    make: impl Fn(TableRow<'_>, Common) -> Result<T, RefuseReason>,
) -> Option<Read<T>> {
    let at = row.number();
    let given = row.identifier(number as usize);
    let amount = money(row, profile, Column::Amount);
    let has_page = row.text(Column::ProjectNo as usize).is_some();
    let has_time = row.text(Column::Time as usize).is_some();
    // A number that lost its digits is a number: what has none, no page and no time is a total or a note.
    let lone_sum = matches!(given, Ok(None)) && !has_page && !has_time;
    let is_total = lone_sum || row.speaks_of_total() && !(has_page && matches!(given, Ok(Some(_))));
    if is_total {
        let sum = amount.ok().flatten()?;
        return Some(Read::Total { row: at, sum });
    }
    if !has_page && !has_time && matches!(amount, Ok(None)) {
        return None;
    }
    let status = row.text(Column::Status as usize).unwrap_or_default();
    let is = |words: &[String]| words.iter().any(|word| word == status);
    let skipped = |reason| Read::Skipped {
        row: at,
        reason,
        number: given.clone().ok().flatten(),
        amount: amount.ok().flatten(),
    };
    if is(&profile.returned) {
        return Some(skipped(RETURNED));
    }
    if !profile.settled.is_empty() && !status.is_empty() && !is(&profile.settled) {
        return Some(skipped(NOT_SETTLED));
    }
    let read = || -> Result<T, RefuseReason> {
        let common = Common {
            row: at,
            number: given.clone()?.ok_or(RefuseReason::TradeNoMissing)?,
            project_no: row
                .identifier(Column::ProjectNo as usize)?
                .ok_or(RefuseReason::RowUnreadable)?,
            amount: amount?.ok_or(RefuseReason::AmountMissing)?,
            at: row.moment(Column::Time as usize)?.ok_or(RefuseReason::TimeMissing)?,
        };
        if !common.amount.is_positive() {
            return Err(RefuseReason::AmountNotPositive);
        }
        make(row, common)
    };
    Some(match read() {
        Ok(line) => Read::Line(line),
        Err(reason) => Read::Refused { row: at, reason },
    })
}

fn gift(row: TableRow<'_>, common: Common) -> Result<GiftLine, RefuseReason> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    Ok(GiftLine {
        row: common.row,
        order_no: common.number,
        project_no: common.project_no,
        amount: common.amount,
        paid_at: common.at,
        payer: text(Column::Payer),
        memo: text(Column::Memo),
        tag: text(Column::Tag).and_then(|tag| tags::plain(&tag)),
    })
}

fn granted(row: TableRow<'_>, common: Common) -> Result<MatchLine, RefuseReason> {
    Ok(MatchLine {
        row: common.row,
        match_no: common.number,
        order_no: row.identifier(Column::OrderNo as usize)?,
        project_no: common.project_no,
        amount: common.amount,
        granted_at: common.at,
        giver: row.text(Column::Giver as usize).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::super::profile::FileKind;
    use super::*;
    use crate::platforms::PlatformCode;

    fn told(kind: FileKind, text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file.csv");
        std::fs::write(&path, text).expect("written");
        let profile = Profile::find(PlatformCode::TencentGongyi, kind).expect("a profile");
        let mut said = Vec::new();
        let skipped = |row: u32, reason: &str, number: &Option<String>| format!("{row} {reason} {number:?}");
        gifts(&path, profile, |read| {
            said.push(match read {
                Read::Line(gift) => format!(
                    "{} {} {} {} {:?}",
                    gift.row,
                    gift.order_no,
                    gift.project_no,
                    gift.amount.get(),
                    gift.tag
                ),
                Read::Skipped {
                    row, reason, number, ..
                } => skipped(row, reason, &number),
                Read::Refused { row, reason } => format!("{row} refused {}", reason.code()),
                Read::Total { row, sum } => format!("{row} total {}", sum.get()),
            });
            Ok(())
        })
        .expect("reads");
        said
    }

    #[test]
    fn a_detail_file_is_read_through_its_dirt() {
        let text = "\u{feff}腾讯公益捐款明细,,,,,,\n导出时间：2026-05-10,,,,,,\n\
            交易单号,项目编号,捐款金额（元）,捐款时间,交易状态,昵称,渠道标识\n\
            \t1000000000202605080000000001\t,200001,\"1,000.00\",2026-05-08 09:00:01,支付成功,测试甲,371323\n\
            =\"1000000000202605080000000002\",200001,￥0.01,2026/5/8 9:05,支付成功,,spmet=371323\n\
            1000000000202605080000000003,200001,5,2026-05-08 10:00:00,待支付,,\n\
            1000000000202605080000000004,200001,5,2026-05-08 10:00:00,已退款,,\n\
            1.00000E+27,200001,5,2026-05-08 10:00:00,支付成功,,\n\
            ,200001,5,2026-05-08 10:00:00,支付成功,,\n\
            合计,,1000.01,,,,\n\
            以上数据仅供参考,,,,,,\n";
        assert_eq!(
            told(FileKind::Detail, text),
            [
                "4 1000000000202605080000000001 200001 100000 Some(\"371323\")",
                "5 1000000000202605080000000002 200001 1 Some(\"371323\")",
                "6 not_settled Some(\"1000000000202605080000000003\")",
                "7 returned Some(\"1000000000202605080000000004\")",
                "8 refused trade_no_lost_digits",
                "9 refused trade_no_missing",
                "10 total 100001",
            ]
        );
    }

    #[test]
    fn a_file_with_another_header_is_named_and_not_guessed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("other.csv");
        std::fs::write(&path, "单号,数额\n1,2\n").expect("written");
        let profile = Profile::find(PlatformCode::TencentGongyi, FileKind::Settlement).expect("a profile");
        let error = settled(&path, profile, |_| Ok(())).expect_err("no header");
        assert!(error.to_string().contains("other.csv") && error.to_string().contains("tencent-gongyi-settlement"));
    }
}
