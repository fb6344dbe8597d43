//! What is kept of a gift, the lines of a report, and the report as a page. Pure functions of values.

use std::collections::BTreeMap;

use kernel::{BusinessDay, Parameters};
use web::Locale;

use super::model::{KeepRule, Kept, Report, Stage};
use crate::data_copies::rules::escaped;
use crate::donations::receipts::ReceiptWish;

/// Whether money is about to go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyBack {
    /// A wish or a refund waits to be decided.
    Waits,
    /// Nothing waits.
    Nothing,
}

/// What decides whether a gift's giver may be destroyed.
#[derive(Debug, Clone, Copy)]
pub struct Looked {
    /// What she said about a receipt.
    pub receipt: Option<ReceiptWish>,
    /// The gift's business day.
    pub day: BusinessDay,
    /// Whether money is about to go back.
    pub back: MoneyBack,
}

/// Why a gift's giver is kept and until when, where she must be: a receipt is kept for `years` from the end of its year
/// on, as vouchers are (会计档案管理办法 14); money that is about to go back needs its payer until it is decided.
pub fn why_kept(gift: Looked, years: Option<i64>, today: BusinessDay) -> Option<(KeepRule, Option<BusinessDay>)> {
    if gift.back == MoneyBack::Waits {
        return Some((KeepRule::Refund, None));
    }
    if gift.receipt != Some(ReceiptWish::Wanted) {
        return None;
    }
    let until = last_day(gift.day, years?)?;
    (today <= until).then_some((KeepRule::Receipt, Some(until)))
}

/// The last day of a time of whole years that begins with the year after `day`.
fn last_day(day: BusinessDay, years: i64) -> Option<BusinessDay> {
    let year = i64::from(day.year()).checked_add(years)?;
    BusinessDay::from_number(year.checked_mul(10_000)?.checked_add(1_231)?).ok()
}

/// The lines of a report about what is kept: gifts that are, then what stays of those that are destroyed.
pub fn kept_lines(
    gifts: &[(KeepRule, Option<BusinessDay>)],
    (destroyed, newest): (u64, Option<BusinessDay>),
    (table, today): (&Parameters, BusinessDay),
) -> Vec<Kept> {
    let mut by_rule: BTreeMap<KeepRule, (u64, Option<BusinessDay>)> = BTreeMap::new();
    for (rule, until) in gifts {
        let line = by_rule.entry(*rule).or_default();
        line.0 += 1;
        line.1 = line.1.max(*until);
    }
    if destroyed > 0 {
        let years = table.whole("books.voucher_keep_years", today).ok().flatten();
        let until = newest.zip(years).and_then(|(day, years)| last_day(day, years));
        by_rule.insert(KeepRule::Books, (destroyed, until));
        by_rule.insert(KeepRule::PublicLog, (destroyed, None));
    }
    by_rule.insert(KeepRule::Trail, (0, None));
    let line = |(rule, (gifts, until)): (KeepRule, (u64, Option<BusinessDay>))| {
        let parameter = rule.parameter();
        let row = parameter.and_then(|key| table.at(key, today).ok());
        Kept {
            rule,
            gifts,
            until,
            parameter,
            source: row.map(|row| row.legal_ref.clone()),
        }
    };
    by_rule.into_iter().map(line).collect()
}

/// The report as a page that stands alone, to be printed and kept.
pub fn page(report: &Report, locale: Locale, house: &str) -> String {
    let say = |key: &str| escaped(&locale.text(key, &[]));
    let at = report.as_of.to_beijing();
    let lead = match report.stage {
        Stage::Preview => "erasure.lead_preview",
        Stage::Done => "erasure.lead_done",
    };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title></head>\n<body><h1>{title}</h1>\n<p>{house}</p>\n<p>{day} {:02}:{:02}</p>\n<p>{lead}</p>\n<dl>\n",
        locale.tag(),
        at.hour(),
        at.minute(),
        title = say("erasure.title"),
        house = escaped(house),
        day = report.as_of.business_day(),
        lead = say(lead),
    );
    let counts = report.erased;
    for (key, n) in [
        ("gifts", counts.gifts),
        ("mandates", counts.mandates),
        ("news", counts.news),
        ("teams", counts.teams),
        ("orders", counts.orders),
    ] {
        out += &format!("<dt>{}</dt><dd>{n}</dd>\n", say(&format!("erasure.of.{key}")));
    }
    out += &format!("</dl>\n<h2>{}</h2>\n<ul>\n", say("erasure.kept"));
    for kept in &report.kept {
        let mut line = say(&format!("erasure.keep.{}", kept.rule.as_str()));
        if kept.gifts > 0 {
            line += &format!(" · {} {}", say("erasure.of.gifts"), kept.gifts);
        }
        if let Some(until) = kept.until {
            line += &format!(" · {} {until}", say("erasure.until"));
        }
        if let Some(source) = &kept.source {
            line += &format!(" · {}", escaped(source));
        }
        out += &format!("<li>{line}</li>\n");
    }
    out += "</ul>\n";
    if report.next.is_some() {
        out += &format!("<p><strong>{}</strong></p>\n", say("erasure.more"));
    }
    out + "</body></html>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    #[test]
    fn a_giver_is_kept_for_her_receipt_until_its_years_are_over_and_while_money_goes_back() {
        let gift = |receipt, back| Looked {
            receipt,
            day: day("2020-02-07"),
            back,
        };
        let wanted = gift(Some(ReceiptWish::Wanted), MoneyBack::Nothing);
        let last = day("2050-12-31");
        assert_eq!(
            why_kept(wanted, Some(30), day("2026-11-23")),
            Some((KeepRule::Receipt, Some(last)))
        );
        assert_eq!(why_kept(wanted, Some(30), last), Some((KeepRule::Receipt, Some(last))));
        assert_eq!(why_kept(wanted, Some(30), day("2051-01-01")), None);
        for receipt in [None, Some(ReceiptWish::Waived), Some(ReceiptWish::Pending)] {
            assert_eq!(why_kept(gift(receipt, MoneyBack::Nothing), Some(30), last), None);
            let waits = why_kept(gift(receipt, MoneyBack::Waits), Some(30), last);
            assert_eq!(waits, Some((KeepRule::Refund, None)));
        }
    }

    #[test]
    fn a_report_says_under_which_rule_something_is_kept_and_since_which_law() {
        let table = Parameters::shipped().expect("the table");
        let today = day("2026-11-23");
        let kept = [(KeepRule::Receipt, Some(day("2056-12-31")))];
        let lines = kept_lines(&kept, (2, Some(day("2026-01-02"))), (&table, today));
        let rules: Vec<KeepRule> = lines.iter().map(|line| line.rule).collect();
        assert_eq!(
            rules,
            [KeepRule::Receipt, KeepRule::Books, KeepRule::PublicLog, KeepRule::Trail]
        );
        assert_eq!((lines[1].gifts, lines[1].until), (2, Some(day("2056-12-31"))));
        assert!(
            lines[0].source.as_deref().is_some_and(|law| law.contains("会计档案")),
            "{lines:?}"
        );
    }
}
