//! How figures and times are written for readers: grouped yuan, Beijing time, both languages.

use kernel::{BusinessDay, Fen, Instant};

use crate::locale::Locale;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `1,061,100.00 元` or `¥1,061,100.00`.
pub fn money(locale: Locale, amount: Fen) -> String {
    match locale {
        Locale::ZhHans => format!("{} 元", amount.to_grouped()),
        Locale::En => format!("¥{}", amount.to_grouped()),
    }
}

/// The same as markup, the yuan part apart from the fen so that it can stand larger. Holds digits and fixed tags only.
pub fn money_html(locale: Locale, amount: Fen) -> String {
    let text = amount.to_grouped();
    let (yuan, fen) = text.split_once('.').unwrap_or((&text, "00"));
    let digits = format!("<span class=\"yuan\">{yuan}</span><span class=\"fen\">.{fen}</span>");
    match locale {
        Locale::ZhHans => format!("<span class=\"money\">{digits}<span class=\"cur\"> 元</span></span>"),
        Locale::En => format!("<span class=\"money\"><span class=\"cur\">¥</span>{digits}</span>"),
    }
}

/// `38,000`.
pub fn number(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = String::from(if count < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Thousandths as `93.2%`, whole percents without a decimal.
pub fn permille(parts: i64) -> String {
    match parts % 10 {
        0 => format!("{}%", parts / 10),
        rest => format!(
            "{}{}.{}%",
            if parts < 0 { "-" } else { "" },
            (parts / 10).abs(),
            rest.abs()
        ),
    }
}

/// `2026年5月8日` or `8 May 2026`.
pub fn day(locale: Locale, day: BusinessDay) -> String {
    let date = day.date();
    let month = u8::from(date.month());
    match locale {
        Locale::ZhHans => format!("{}年{month}月{}日", date.year(), date.day()),
        Locale::En => format!("{} {} {}", date.day(), MONTHS[usize::from(month) - 1], date.year()),
    }
}

/// The Beijing clock: `10:32`.
pub fn clock(at: Instant) -> String {
    let time = at.to_beijing();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// The Beijing clock, led by the day where it is another than that of `now`: `10:32`, `05-08 10:32`.
pub fn when(at: Instant, now: Instant) -> String {
    if at.business_day() == now.business_day() {
        return clock(at);
    }
    let day = at.to_beijing();
    format!("{:02}-{:02} {}", u8::from(day.month()), day.day(), clock(at))
}

/// The Beijing clock with seconds: `10:32:05`.
pub fn clock_seconds(at: Instant) -> String {
    let time = at.to_beijing();
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// `2026年5月8日 10:32` or `8 May 2026, 10:32 Beijing time`.
pub fn moment(locale: Locale, at: Instant) -> String {
    let (day, clock) = (day(locale, at.business_day()), clock(at));
    match locale {
        Locale::ZhHans => format!("{day} {clock}"),
        Locale::En => format!("{day}, {clock} Beijing time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_another_day_says_its_day() {
        let at = |text: &str| Instant::parse_rfc3339(text).expect("an instant");
        let gift = at("2026-05-07T16:05:00Z");
        assert_eq!(
            when(gift, at("2026-05-08T02:00:00Z")),
            "00:05",
            "both are the 8th in Beijing"
        );
        assert_eq!(when(gift, at("2026-05-08T16:00:00Z")), "05-08 00:05");
    }

    #[test]
    fn figures_are_written_as_the_field_reads_them() {
        let sum = Fen::new(106_110_000);
        assert_eq!(money(Locale::ZhHans, sum), "1,061,100.00 元");
        assert_eq!(money(Locale::En, sum), "¥1,061,100.00");
        assert!(money_html(Locale::ZhHans, sum).contains(">1,061,100</span><span class=\"fen\">.00<"));
        assert_eq!(number(38_000), "38,000");
        assert_eq!(number(-1_234_567), "-1,234,567");
        assert_eq!(permille(932), "93.2%");
        assert_eq!(permille(1_000), "100%");
    }

    #[test]
    fn times_are_beijings() {
        let late = Instant::parse_rfc3339("2026-05-07T16:05:09Z").expect("valid");
        assert_eq!(moment(Locale::ZhHans, late), "2026年5月8日 00:05");
        assert_eq!(moment(Locale::En, late), "8 May 2026, 00:05 Beijing time");
        assert_eq!(clock_seconds(late), "00:05:09");
    }
}
