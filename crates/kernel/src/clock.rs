//! Time: instants in UTC to the microsecond, business days in Beijing, a clock that is handed in.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::offset};

/// Beijing time, the whole country's, without daylight saving since 1991.
pub const BEIJING: UtcOffset = offset!(+8);

/// A moment in UTC, in microseconds since 1970, which is what both databases keep. JSON: RFC 3339 with `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A day as the books and the public know it (Asia/Shanghai). JSON: `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessDay(Date);

/// A text that is not a time or a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a valid date or time")]
pub struct TimeError(pub String);

impl Instant {
    /// From microseconds since 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }
    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// From a date and time of any offset.
    pub fn from_datetime(at: OffsetDateTime) -> Self {
        Self(i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
    }
    /// As a UTC date and time; outside the years -9999..9999 the epoch, which the store never holds.
    pub fn to_datetime(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
    /// As Beijing date and time.
    pub fn to_beijing(self) -> OffsetDateTime {
        self.to_datetime().to_offset(BEIJING)
    }
    /// The Beijing day this moment falls on.
    pub fn business_day(self) -> BusinessDay {
        BusinessDay(self.to_beijing().date())
    }
    /// Later by this many microseconds.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
    /// The time since an earlier moment; none when the clock was put back.
    pub const fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(if micros < 0 { 0 } else { micros.cast_unsigned() })
    }
    /// RFC 3339 in UTC.
    pub fn to_rfc3339(self) -> String {
        self.to_datetime().format(&Rfc3339).unwrap_or_default()
    }
    /// Reads RFC 3339 with any offset.
    ///
    /// # Errors
    /// [`TimeError`] with the text.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimeError(text.to_owned()))?;
        Ok(Self::from_datetime(parsed))
    }
}

impl BusinessDay {
    /// This calendar date.
    pub const fn from_date(date: Date) -> Self {
        Self(date)
    }
    /// The calendar date.
    pub const fn date(self) -> Date {
        self.0
    }
    /// As stored: the number `YYYYMMDD`, which sorts and reads alike.
    pub fn to_number(self) -> i64 {
        i64::from(self.0.year()) * 10_000 + i64::from(u8::from(self.0.month())) * 100 + i64::from(self.0.day())
    }
    /// From the stored number.
    ///
    /// # Errors
    /// [`TimeError`] when it is no date.
    pub fn from_number(number: i64) -> Result<Self, TimeError> {
        let wrong = || TimeError(number.to_string());
        let year = i32::try_from(number / 10_000).map_err(|_| wrong())?;
        let month = u8::try_from(number / 100 % 100)
            .ok()
            .and_then(|m| time::Month::try_from(m).ok());
        let day = u8::try_from(number % 100).map_err(|_| wrong())?;
        Date::from_calendar_date(year, month.ok_or_else(wrong)?, day)
            .map(Self)
            .map_err(|_| wrong())
    }
    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`TimeError`] with the text.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let digits: String = text.split('-').collect();
        let shape_ok = text.len() == 10 && digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
        let number = shape_ok.then(|| digits.parse::<i64>().ok()).flatten();
        number
            .and_then(|n| Self::from_number(n).ok())
            .ok_or_else(|| TimeError(text.to_owned()))
    }
    /// The calendar year.
    pub const fn year(self) -> i32 {
        self.0.year()
    }
    /// The moment the day begins in Beijing.
    pub fn start(self) -> Instant {
        Instant::from_datetime(self.0.midnight().assume_offset(BEIJING))
    }
    /// The day this many days later (or earlier); the last day of the calendar at its end.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(time::Duration::days(days)))
    }
    /// Days from `earlier` to this day.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_days()
    }
}

impl fmt::Display for BusinessDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            u8::from(self.0.month()),
            self.0.day()
        )
    }
}

macro_rules! serde_as_text {
    ($type:ty, $write:expr, $read:expr) => {
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&$write(self))
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
                $read(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}
serde_as_text!(Instant, |i: &Instant| i.to_rfc3339(), Instant::parse_rfc3339);
serde_as_text!(BusinessDay, BusinessDay::to_string, BusinessDay::parse);

/// Tells the time. Only `qiao` makes the real one; tests hand in a [`FixedClock`].
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Instant;
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that stands at this moment.
    pub const fn at(now: Instant) -> Self {
        Self(AtomicI64::new(now.micros()))
    }
    /// Moves it.
    pub fn set(&self, now: Instant) {
        self.0.store(now.micros(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_business_day_is_beijings() {
        let late = Instant::parse_rfc3339("2026-05-07T16:00:00Z").expect("valid");
        assert_eq!(late.business_day().to_string(), "2026-05-08");
        assert_eq!(late.plus_micros(-1).business_day().to_string(), "2026-05-07");
        assert_eq!(late.business_day().start(), late);
    }

    #[test]
    fn days_are_read_strictly_and_kept_as_numbers() {
        let day = BusinessDay::parse("2020-02-29").expect("a leap day");
        assert_eq!(day.to_number(), 20_200_229);
        assert_eq!(BusinessDay::from_number(20_200_229), Ok(day));
        assert_eq!(day.plus_days(1).to_string(), "2020-03-01");
        for text in ["2021-02-29", "2020-2-29", "20200229", "2020-13-01", ""] {
            assert!(BusinessDay::parse(text).is_err(), "{text}");
        }
    }
}
