//! A copy in its forms: JSON, a page to read, a sheet. Pure functions of the document and the language.

use ledger::table::{Cell, Table};
use serde_json::{Map, Value, json};
use web::Locale;

use super::error::CopyError;
use super::model::{Document, Form, Record, Said};

/// Writes a copy; `next` is the public id after which the next part begins.
///
/// # Errors
/// [`CopyError::Written`].
pub fn written(
    document: &Document,
    (form, locale): (Form, Locale),
    (house, next): (&str, Option<&str>),
) -> Result<Vec<u8>, CopyError> {
    match form {
        Form::Json => json_of(document, house, next),
        Form::Html => Ok(html_of(document, locale, (house, next)).into_bytes()),
        Form::Csv => table_of(document, locale, next)
            .to_csv()
            .map_err(|error| CopyError::Written(error.to_string())),
    }
}

fn json_of(document: &Document, house: &str, next: Option<&str>) -> Result<Vec<u8>, CopyError> {
    let record = |record: &Record| {
        let mut all = Map::new();
        for (key, said) in &record.0 {
            let (key, value) = match said {
                Said::Text(text) | Said::Word(_, text) => ((*key).to_owned(), json!(text)),
                Said::Money(fen) => (format!("{key}_fen"), json!(fen.get())),
            };
            // A field that stands more than once is a list.
            match all.get_mut(&key) {
                None => {
                    all.insert(key, value);
                }
                Some(Value::Array(list)) => list.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
        Value::Object(all)
    };
    let mut all = Map::new();
    all.insert("held_by".to_owned(), json!(house));
    all.insert("as_of".to_owned(), json!(document.as_of));
    for section in &document.sections {
        let records = section.records.iter().map(record).collect();
        all.insert(section.key.to_owned(), Value::Array(records));
    }
    all.insert("next".to_owned(), json!(next));
    serde_json::to_vec_pretty(&Value::Object(all)).map_err(|error| CopyError::Written(error.to_string()))
}

fn words(locale: Locale, said: &Said) -> String {
    match said {
        Said::Text(text) => text.clone(),
        Said::Money(fen) => format!("{} {}", fen.to_yuan(), locale.text("copy.yuan", &[])),
        Said::Word(list, word) => {
            let key = format!("{list}.{word}");
            if locale.knows(&key) {
                locale.text(&key, &[])
            } else {
                word.clone()
            }
        }
    }
}

fn label(locale: Locale, key: &str) -> String {
    locale.text(&format!("copy.field.{key}"), &[])
}

/// A text inside HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A page that stands alone: no script, nothing from elsewhere, fit to be printed and kept.
fn html_of(document: &Document, locale: Locale, (house, next): (&str, Option<&str>)) -> String {
    let say = |key: &str| escaped(&locale.text(key, &[]));
    let as_of = document.as_of.to_beijing();
    let moment = format!(
        "{} {:02}:{:02}",
        document.as_of.business_day(),
        as_of.hour(),
        as_of.minute()
    );
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title></head>\n<body><h1>{title}</h1>\n<p>{house}</p>\n<p>{as_of} {moment}</p>\n<p>{lead}</p>\n",
        locale.tag(),
        title = say("copy.title"),
        house = escaped(house),
        as_of = say("copy.as_of"),
        lead = say("copy.lead"),
    );
    for section in &document.sections {
        out += &format!("<h2>{}</h2>\n", say(&format!("copy.section.{}", section.key)));
        if section.records.is_empty() {
            out += &format!("<p>{}</p>\n", say("copy.none"));
        }
        for (at, record) in section.records.iter().enumerate() {
            out += &format!("<h3>{}</h3>\n<dl>\n", at + 1);
            for (key, said) in &record.0 {
                let (term, value) = (escaped(&label(locale, key)), escaped(&words(locale, said)));
                out += &format!("<dt>{term}</dt><dd>{value}</dd>\n");
            }
            out += "</dl>\n";
        }
    }
    if let Some(next) = next {
        let more = locale.text("copy.more", &[("next", next.to_owned())]);
        out += &format!("<p><strong>{}</strong></p>\n", escaped(&more));
    }
    out + "</body></html>\n"
}

/// One line for each field: section, number, field, what it says. What could be a formula is made harmless by the table.
fn table_of(document: &Document, locale: Locale, next: Option<&str>) -> Table {
    let mut rows = Vec::new();
    for section in &document.sections {
        let name = locale.text(&format!("copy.section.{}", section.key), &[]);
        for (number, record) in (1_i64..).zip(&section.records) {
            for (key, said) in &record.0 {
                let cell = match said {
                    Said::Money(fen) => Cell::Money(*fen),
                    other => Cell::text(words(locale, other)),
                };
                rows.push(vec![
                    Cell::text(name.clone()),
                    Cell::Count(number),
                    Cell::text(label(locale, key)),
                    cell,
                ]);
            }
        }
    }
    if let Some(next) = next {
        let more = locale.text("copy.more", &[("next", next.to_owned())]);
        rows.push(vec![Cell::Empty, Cell::Empty, Cell::Empty, Cell::text(more)]);
    }
    Table {
        title: locale.text("copy.title", &[]),
        as_of: document.as_of,
        columns: ["section", "number", "field", "value"]
            .into_iter()
            .map(|key| locale.text(&format!("copy.column.{key}"), &[]))
            .collect(),
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_copies::model::Section;
    use kernel::{Fen, Instant};

    fn document() -> Document {
        let mut record = Record::default();
        record.text("name", Some("测试<b>甲</b>".into()));
        record.text("memo", Some("=1+1".into()));
        record.text("phone", Some(String::new()));
        record.money("amount", Fen::new(1_061_100));
        record.word("state", "gift.state", "confirmed");
        Document {
            as_of: Instant::parse_rfc3339("2026-11-23T04:05:00Z").expect("a moment"),
            sections: vec![
                Section {
                    key: "gifts",
                    records: vec![record],
                },
                Section {
                    key: "mandates",
                    records: Vec::new(),
                },
            ],
            more: None,
        }
    }

    fn text(form: Form, locale: Locale) -> String {
        let bytes = written(&document(), (form, locale), ("演示会", None)).expect("written");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn every_form_says_the_same() {
        let json: Value = serde_json::from_str(&text(Form::Json, Locale::ZhHans)).expect("JSON");
        assert_eq!(json["gifts"][0]["amount_fen"], 1_061_100);
        assert_eq!(json["gifts"][0]["name"], "测试<b>甲</b>");
        assert!(json["gifts"][0].get("phone").is_none(), "nothing told is left out");
        assert_eq!(json["mandates"], json!([]));
        for locale in Locale::ALL {
            let html = text(Form::Html, locale);
            assert!(
                html.contains("测试&lt;b&gt;甲&lt;/b&gt;") && html.contains("10611.00"),
                "{html}"
            );
            assert!(html.contains("2026-11-23 12:05"), "Beijing’s time: {html}");
            assert!(
                !html.contains("<b>") && !html.contains("copy."),
                "words, no keys: {html}"
            );
            let csv = text(Form::Csv, locale);
            assert!(csv.contains("10611.00") && !csv.contains(",=1+1"), "no formula: {csv}");
        }
    }

    #[test]
    fn a_copy_speaks_the_readers_language() {
        let html = text(Form::Html, Locale::En);
        assert!(!html.contains("个人信息") && html.contains("Name"), "{html}");
    }
}
