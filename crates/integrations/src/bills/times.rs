//! Times as bills write them, in Beijing time.

use kernel::clock::BEIJING;
use kernel::{BusinessDay, Instant};
use time::{Date, Month, Time};

use super::row::{Cell, Kind};

/// Years in which a payment can lie; anything else is a broken cell.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// A day, a time of day, or both, as one cell or two give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moment {
    pub(super) day: Option<Date>,
    pub(super) time: Option<Time>,
}

impl Moment {
    /// The instant, and whether the time of day was known; `None` without a day.
    pub(super) fn instant(self) -> Option<(Instant, bool)> {
        let day = self.day?;
        let start = BusinessDay::from_date(day).start();
        Some(self.time.map_or((start, false), |time| {
            (Instant::from_datetime(day.with_time(time).assume_offset(BEIJING)), true)
        }))
    }
}

/// Reads a cell of a date or time column: `2019-09-26 12:45:27`, `2025/8/2`, `20250101`, `20250101185319`,
/// `2020年2月1日 9:05`, `18:53:19`, or a spreadsheet's day number.
pub(super) fn read(cell: Cell<'_>, epoch_1904: bool) -> Option<Moment> {
    if cell.kind == Kind::Number && !cell.text.bytes().all(|b| b.is_ascii_digit() && cell.text.len() >= 8) {
        return from_serial(cell.text.parse().ok()?, epoch_1904);
    }
    from_text(cell.text)
}

pub(super) fn from_text(text: &str) -> Option<Moment> {
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return match text.len() {
            8 => Some(Moment {
                day: Some(day_of(text)?),
                time: None,
            }),
            14 => Some(Moment {
                day: Some(day_of(&text[..8])?),
                time: Some(clock_of(&text[8..])?),
            }),
            6 => Some(Moment {
                day: None,
                time: Some(clock_of(text)?),
            }),
            _ => None,
        };
    }
    if let Some(time) = clock_with_colons(text) {
        return Some(Moment {
            day: None,
            time: Some(time),
        });
    }
    let (day, rest) = leading_day(text)?;
    let rest = rest.strip_prefix('T').unwrap_or(rest).trim_start();
    let time = if rest.is_empty() {
        None
    } else {
        Some(clock_with_colons(rest)?)
    };
    Some(Moment { day: Some(day), time })
}

/// The 14 digits `yyyymmddHHMMSS` inside a trade number.
pub(super) fn from_digits(digits: &str) -> Option<Moment> {
    let all_digits = digits.len() == 14 && digits.bytes().all(|b| b.is_ascii_digit());
    if all_digits { from_text(digits) } else { None }
}

/// The one day a title names; `None` when it names none or several.
pub(super) fn day_in_title(text: &str) -> Option<Date> {
    let mut found = None;
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[at..];
        match leading_day(rest) {
            Some((day, after)) => {
                if found.is_some_and(|earlier| earlier != day) {
                    return None;
                }
                found = Some(day);
                rest = after;
            }
            None => rest = rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        }
    }
    found
}

/// A day at the start of a text, with its separators `-` `/` `.` or 年月日, and what follows it.
fn leading_day(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = number(text, 4)?;
    if text.len() - rest.len() != 4 {
        return None;
    }
    let chinese = rest.starts_with('年');
    let rest = rest.strip_prefix(['年', '-', '/', '.'])?.trim_start();
    let (month, rest) = number(rest, 2)?;
    let rest = rest.strip_prefix(['月', '-', '/', '.'])?.trim_start();
    let (day, rest) = number(rest, 2)?;
    let rest = if chinese {
        rest.strip_prefix(['日', '号'])?
    } else {
        rest
    };
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some((date(i32::try_from(year).ok()?, month, day)?, rest))
}

/// `H:MM`, `HH:MM:SS`, with or without a fraction (dropped).
fn clock_with_colons(text: &str) -> Option<Time> {
    let mut parts = text.splitn(3, [':', '：']);
    let mut part = |required: bool| match parts.next() {
        None if !required => Some(0),
        None => None,
        Some(digits) => {
            let digits = if required {
                digits
            } else {
                digits.split('.').next().unwrap_or(digits)
            };
            let well_formed = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
            if well_formed { digits.parse::<u8>().ok() } else { None }
        }
    };
    let (hour, minute, second) = (part(true)?, part(true)?, part(false)?);
    Time::from_hms(hour, minute, second).ok()
}

fn clock_of(digits: &str) -> Option<Time> {
    let pair = |at: usize| digits.get(at..at + 2)?.parse::<u8>().ok();
    Time::from_hms(pair(0)?, pair(2)?, pair(4)?).ok()
}

fn day_of(digits: &str) -> Option<Date> {
    date(
        digits.get(..4)?.parse().ok()?,
        digits.get(4..6)?.parse().ok()?,
        digits.get(6..8)?.parse().ok()?,
    )
}

fn date(year: i32, month: u32, day: u32) -> Option<Date> {
    if !YEARS.contains(&year) {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

/// Up to `most` digits at the start of a text.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let value = text.get(..length)?.parse().ok()?;
    Some((value, &text[length..]))
}

/// A spreadsheet's day number: days since 30 December 1899 (or 1 January 1904), the time of day as fraction, to the
/// second.
#[allow(
    clippy::float_arithmetic,
    reason = "a spreadsheet's time arrives as a double; money never passes here"
)]
fn from_serial(serial: f64, epoch_1904: bool) -> Option<Moment> {
    const SECONDS: i64 = 86_400;
    if !(0.0..100_000.0).contains(&serial) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "below 100,000 days")]
    let seconds = (serial * 86_400.0).round() as i64;
    let (days, rest) = (seconds / SECONDS, seconds % SECONDS);
    let second = u32::try_from(rest).ok()?;
    let pick = |n: u32| u8::try_from(n).ok();
    let time = Time::from_hms(pick(second / 3_600)?, pick(second / 60 % 60)?, pick(second % 60)?).ok()?;
    if days == 0 {
        return Some(Moment {
            day: None,
            time: Some(time),
        });
    }
    let epoch = if epoch_1904 {
        time::macros::date!(1904 - 01 - 01)
    } else {
        time::macros::date!(1899 - 12 - 30)
    };
    let day = epoch.checked_add(time::Duration::days(days))?;
    let whole_day = rest == 0;
    YEARS.contains(&day.year()).then_some(Moment {
        day: Some(day),
        time: (!whole_day).then_some(time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(moment: Option<Moment>) -> String {
        let Some(moment) = moment else { return "none".to_owned() };
        let day = moment.day.map_or(String::new(), |d| d.to_string());
        let time = moment.time.map_or(String::new(), |t| {
            format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
        });
        format!("{day} {time}").trim().to_owned()
    }

    #[test]
    fn times_are_read_as_bills_write_them() {
        for (text, read) in [
            ("2019-09-26 12:45:27", "2019-09-26 12:45:27"),
            ("2025/8/2", "2025-08-02"),
            ("2025/8/2 9:05", "2025-08-02 09:05:00"),
            ("20250101", "2025-01-01"),
            ("20250101185319", "2025-01-01 18:53:19"),
            ("2020年2月1日 07:06:18", "2020-02-01 07:06:18"),
            ("07:06:18", "07:06:18"),
            ("2023-02-12T21:32:14.5", "2023-02-12 21:32:14"),
            ("2021-02-29", "none"),
            ("0101-01-01", "none"),
            ("2020-01-01 25:00:00", "none"),
            ("2020-01-011", "none"),
            ("制表日期", "none"),
            ("", "none"),
        ] {
            assert_eq!(written(from_text(text)), read, "{text}");
        }
    }

    #[test]
    fn a_spreadsheets_number_is_a_day_a_time_or_both() {
        let number = |text| Cell {
            column: 0,
            kind: Kind::Number,
            text,
            formula: None,
        };
        assert_eq!(written(read(number("43831.5"), false)), "2020-01-01 12:00:00");
        assert_eq!(written(read(number("43831"), false)), "2020-01-01");
        assert_eq!(written(read(number("42369"), true)), "2020-01-01");
        assert_eq!(written(read(number("0.25"), false)), "06:00:00");
        assert_eq!(written(read(number("20250101"), false)), "2025-01-01");
        assert_eq!(written(read(number("-1"), false)), "none");
        assert_eq!(written(read(number("NaN"), false)), "none");
    }

    #[test]
    fn a_title_gives_its_day_unless_it_names_several() {
        assert_eq!(
            day_in_title("云闪付用户捐赠明细（2020年2月1日）"),
            Some(time::macros::date!(2020 - 02 - 01))
        );
        assert_eq!(day_in_title("明细 2020-02-01 至 2020-02-07"), None);
        assert_eq!(day_in_title("第11期"), None);
    }

    #[test]
    fn a_day_without_time_begins_at_midnight_in_beijing() {
        let (at, known) = from_text("2023-04-22").and_then(Moment::instant).expect("a day");
        assert_eq!((at.to_rfc3339().as_str(), known), ("2023-04-21T16:00:00Z", false));
    }
}
