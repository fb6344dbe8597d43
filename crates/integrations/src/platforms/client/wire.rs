//! The wire of Tencent Gongyi: envelopes, numbers that come as text or not, names that differ between pages of its
//! documentation.

use kernel::{BusinessDay, Fen};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ClientError, PageStanding, PageTotals, Payout, Told};

/// The longest piece of a platform's own words that is kept.
const SAID_CHARS_MAX: usize = 200;

/// What every answer comes in.
#[derive(Deserialize)]
struct Envelope {
    code: i64,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    trace_id: String,
    #[serde(default)]
    data: Value,
}

fn unreadable(why: impl ToString) -> ClientError {
    ClientError::Unreadable(why.to_string())
}

/// Opens an answer: code 0 is success, anything else a refusal with its words.
pub(super) fn open<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<Told<Option<T>>, ClientError> {
    if status >= 500 {
        return Err(ClientError::NoAnswer(format!("status {status}")));
    }
    // The parser's own words could repeat a piece of the answer.
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|_| unreadable(format!("status {status}, no envelope")))?;
    let trace = short(&envelope.trace_id);
    if envelope.code != 0 {
        return Err(ClientError::Refused {
            code: envelope.code,
            said: short(&envelope.msg),
            trace,
        });
    }
    // Without the permission for a page the platform gives nothing or an empty object, no error.
    let empty = match &envelope.data {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    if empty {
        return Ok(Told { data: None, trace });
    }
    let data =
        serde_json::from_value(envelope.data).map_err(|_| unreadable("the data is not of the expected shape"))?;
    Ok(Told {
        data: Some(data),
        trace,
    })
}

fn short(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(SAID_CHARS_MAX).collect()
}

/// A number that comes as text, or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Text(String),
    Whole(i64),
}

impl Number {
    fn whole(&self) -> Result<i64, ClientError> {
        match self {
            Self::Whole(number) => Ok(*number),
            Self::Text(text) => text.trim().parse().map_err(|_| unreadable("a number that is none")),
        }
    }
    fn text(&self) -> String {
        match self {
            Self::Whole(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// `GetAppProjectInfos`: the data.
#[derive(Deserialize)]
pub(super) struct Infos {
    #[serde(default)]
    list: Option<Vec<Info>>,
}

#[derive(Deserialize)]
struct Info {
    #[serde(alias = "pid")]
    project_no: Option<Number>,
    info: Option<Name>,
    donate: Option<Donate>,
}

#[derive(Deserialize)]
struct Name {
    #[serde(default)]
    name: String,
    state: Option<Number>,
}

#[derive(Deserialize)]
struct Donate {
    target: Option<Number>,
    current_donate_amount: Option<Number>,
    current_donate_count: Option<Number>,
}

impl Infos {
    /// The pages that the platform shows us.
    pub(super) fn totals(self) -> Result<Vec<PageTotals>, ClientError> {
        let mut totals = Vec::new();
        for each in self.list.unwrap_or_default() {
            let (Some(number), Some(info), Some(donate)) = (each.project_no, each.info, each.donate) else {
                continue;
            };
            let Some(amount) = donate.current_donate_amount else {
                continue;
            };
            let whole = |number: Option<Number>| number.map_or(Ok(0), |number| number.whole());
            totals.push(PageTotals {
                project_no: number.text(),
                name: short(&info.name),
                standing: match info.state.map(|state| state.text()).as_deref() {
                    Some("3") => PageStanding::Raising,
                    Some("5") => PageStanding::Closed,
                    _ => PageStanding::Other,
                },
                target: Fen::new(whole(donate.target)?),
                amount: Fen::new(amount.whole()?),
                count: whole(donate.current_donate_count)?,
            });
        }
        Ok(totals)
    }
}

/// `GetProjFinanceList`: the data.
#[derive(Deserialize)]
pub(super) struct Finances {
    #[serde(default)]
    total: Option<Number>,
    #[serde(default)]
    list: Option<Vec<Finance>>,
}

#[derive(Deserialize)]
struct Finance {
    payout_total: Number,
    period_from: String,
    period_to: String,
}

impl Finances {
    /// How many periods there are, and those of this page.
    pub(super) fn payouts(self) -> Result<(i64, Vec<Payout>), ClientError> {
        let total = self.total.map_or(Ok(0), |total| total.whole())?;
        let day = |text: &str| BusinessDay::parse(text).map_err(|_| unreadable("a day that is none"));
        let list = self.list.unwrap_or_default();
        let payouts: Result<Vec<Payout>, ClientError> = list
            .into_iter()
            .map(|each| {
                Ok(Payout {
                    total: Fen::new(each.payout_total.whole()?),
                    from: day(&each.period_from)?,
                    to: day(&each.period_to)?,
                })
            })
            .collect();
        Ok((total, payouts?))
    }
}

/// `PostExeInfo`: the data.
#[derive(Deserialize)]
pub(super) struct Posted {
    proc_id: Option<Number>,
}

impl Posted {
    pub(super) fn proc_id(self) -> Option<String> {
        self.proc_id.map(|id| id.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(body: &str) -> Vec<PageTotals> {
        let told = open::<Infos>(200, body.as_bytes()).expect("an answer");
        told.data.map_or(Ok(Vec::new()), Infos::totals).expect("totals")
    }

    #[test]
    fn money_and_counts_are_text_in_fen_and_the_number_has_two_names() {
        let body = r#"{"code":0,"msg":"ok","op_time":1,"trace_id":"t1","data":{"list":[
            {"project_no":"200001","info":{"name":"救在身边","state":"3"},
             "donate":{"target":"10000000","current_donate_amount":"123456","current_donate_count":"78"}},
            {"pid":200002,"info":{"name":"乙","state":"5"},"donate":{"target":1,"current_donate_amount":2,"current_donate_count":3}},
            {"project_no":"200003","info":{},"donate":{}}, {"project_no":"200004","info":null,"donate":null}]}}"#;
        let found = totals(body);
        assert_eq!(found.len(), 2, "what is not shown to us is left out");
        assert_eq!((found[0].amount, found[0].count), (Fen::new(123_456), 78));
        assert_eq!(
            (found[0].standing, found[1].standing),
            (PageStanding::Raising, PageStanding::Closed)
        );
        assert_eq!(found[1].project_no, "200002");
    }

    #[test]
    fn a_missing_permission_is_nothing_and_a_code_is_a_refusal() {
        for body in [
            r#"{"code":0,"data":null}"#,
            r#"{"code":0,"data":{}}"#,
            r#"{"code":0}"#,
            r#"{"code":0,"data":{"list":null}}"#,
        ] {
            assert_eq!(totals(body), [], "{body}");
        }
        let refused = open::<Infos>(200, r#"{"code":40001,"msg":"签名错误","trace_id":"t9"}"#.as_bytes());
        assert_eq!(
            refused.err(),
            Some(ClientError::Refused {
                code: 40_001,
                said: "签名错误".into(),
                trace: "t9".into()
            })
        );
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        assert!(matches!(open::<Infos>(502, b"").err(), Some(ClientError::NoAnswer(_))));
        assert!(matches!(
            open::<Infos>(200, b"<html>").err(),
            Some(ClientError::Unreadable(_))
        ));
        let odd =
            r#"{"code":0,"data":{"list":[{"project_no":"1","info":{},"donate":{"current_donate_amount":"1.5"}}]}}"#;
        let told = open::<Infos>(200, odd.as_bytes()).expect("an answer");
        let read = told.data.map_or(Ok(Vec::new()), Infos::totals);
        assert!(
            matches!(read, Err(ClientError::Unreadable(_))),
            "a sum that is not whole fen is refused"
        );
    }

    #[test]
    fn periods_of_spending_are_fen_and_days() {
        let body = r#"{"code":0,"data":{"total":"2","list":[
            {"payout_total":"500","period_from":"2026-02-01","period_to":"2026-02-28"},
            {"payout_total":"300","period_from":"2026-01-01","period_to":"2026-01-31"}]}}"#;
        let told = open::<Finances>(200, body.as_bytes()).expect("an answer");
        let (total, list) = told.data.expect("data").payouts().expect("payouts");
        assert_eq!((total, list.len(), list[0].total), (2, 2, Fen::new(500)));
    }
}
