//! The gateway: reads a signed request, carries it out, signs the answer.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use kernel::Instant;
use serde_json::{Value, json};

use super::trade::{Refund, Status, Trade, fen, moment, read_moment, yuan};
use super::{APP_ID, Alipay, Answer, State, answer, bill, page};

/// A request's parameters.
pub(super) type Fields = BTreeMap<String, String>;

/// A refusal: code, sub-code.
struct No(&'static str, &'static str);

const NOT_EXIST: No = No("40004", "ACQ.TRADE_NOT_EXIST");
const INVALID: No = No("40004", "ACQ.INVALID_PARAMETER");
/// From when a day's bill is there.
const BILL_READY_MICROS: i64 = 9 * 3_600 * 1_000_000;

impl Alipay {
    /// Answers a request to one of the sandbox's addresses; `path` begins with `/alipay/`.
    pub fn handle(&self, path: &str, query: &str, body: &[u8]) -> Answer {
        let mut fields: Fields = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        fields.extend(form_urlencoded::parse(body).into_owned());
        match path {
            "/alipay/gateway.do" => self.gateway(&fields),
            "/alipay/pay" => self.pay(&fields),
            "/alipay/bill" => self.bill_file(&fields),
            "/alipay/settings.json" => answer(200, "application/json", self.settings().to_string()),
            _ => answer(404, "text/plain; charset=utf-8", "no such address in the sandbox"),
        }
    }

    fn gateway(&self, fields: &Fields) -> Answer {
        let method = field(fields, "method");
        let now = self.now();
        let is_page = matches!(method, "alipay.trade.wap.pay" | "alipay.trade.page.pay");
        let outcome = self.checked(fields, now).and_then(|content| {
            let mut state = self.state();
            state.trades.values_mut().for_each(|trade| trade.expire(now));
            match method {
                "alipay.trade.wap.pay" | "alipay.trade.page.pay" => open(&mut state, fields, &content, now),
                "alipay.trade.query" => query(&state, &content),
                "alipay.trade.close" => close(&mut state, &content),
                "alipay.trade.refund" => refund(&mut state, &content, now),
                "alipay.trade.fastpay.refund.query" => refund_query(&state, &content),
                "alipay.open.app.alipaycert.download" => certificate(&state, &content),
                "alipay.data.dataservice.bill.downloadurl.query" => self.bill_url(&state, &content, now),
                _ => Err(No("40004", "isv.invalid-method")),
            }
        });
        match (is_page, outcome) {
            (true, Ok(shown)) => {
                let state = self.state();
                let trade = shown["out_trade_no"].as_str().and_then(|no| state.trades.get(no));
                match trade {
                    Some(trade) => page::pay(trade, &self.origin),
                    None => page::refused("ACQ.SYSTEM_ERROR"),
                }
            }
            (true, Err(No(_, sub))) => page::refused(sub),
            (false, outcome) => self.signed_answer(method, outcome),
        }
    }

    /// The request's content, once application, time and signature are right.
    fn checked(&self, fields: &Fields, now: Instant) -> Result<Value, No> {
        if field(fields, "app_id") != APP_ID {
            return Err(No("40002", "isv.invalid-app-id"));
        }
        if field(fields, "sign_type") != "RSA2" {
            return Err(No("40002", "isv.invalid-signature-type"));
        }
        let told = (field(fields, "app_cert_sn"), field(fields, "alipay_root_cert_sn"));
        if self
            .house
            .serials()
            .is_some_and(|(app, root)| told != (app.as_str(), root.as_str()))
        {
            return Err(No("40002", "isv.app-cert-sn-not-match"));
        }
        let text: Vec<String> = fields
            .iter()
            .filter(|(key, value)| *key != "sign" && !value.is_empty())
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        if !self.house.app_signed(text.join("&").as_bytes(), field(fields, "sign")) {
            return Err(No("40002", "isv.invalid-signature"));
        }
        let at = read_moment(field(fields, "timestamp")).ok_or(No("40002", "isv.invalid-timestamp"))?;
        if (at.micros() - now.micros()).abs() > self.state().skew_micros_max {
            return Err(No("40002", "isv.invalid-timestamp"));
        }
        serde_json::from_str(field(fields, "biz_content")).map_err(|_| INVALID)
    }

    fn signed_answer(&self, method: &str, outcome: Result<Value, No>) -> Answer {
        let unsigned = matches!(outcome, Err(No(_, "isv.invalid-app-id")));
        let said = match outcome {
            Ok(mut fields) => {
                let mut said = json!({ "code": "10000", "msg": "Success" });
                if let (Some(said), Some(fields)) = (said.as_object_mut(), fields.as_object_mut()) {
                    said.append(fields);
                }
                said
            }
            Err(No(code, sub)) => json!({
                "code": code,
                "msg": if code == "40004" { "Business Failed" } else { "Invalid Arguments" },
                "sub_code": sub,
                "sub_msg": format!("沙箱拒绝：{sub}"),
            }),
        };
        let mut state = self.state();
        if let Some(at) = state.lost_answers.iter().position(|lost| lost == method) {
            state.lost_answers.remove(at);
            return answer(502, "text/plain; charset=utf-8", "the answer was lost on its way");
        }
        let said = said.to_string();
        let name = format!("{}_response", method.replace('.', "_"));
        let Some(signer) = state.signer().filter(|_| !unsigned) else {
            return answer(200, "application/json;charset=utf-8", format!("{{\"{name}\":{said}}}"));
        };
        let sign = signer.sign(said.as_bytes());
        let certificate = match signer.sn.as_str() {
            "" => String::new(),
            sn => format!("\"alipay_cert_sn\":\"{sn}\","),
        };
        let body = format!("{{\"{name}\":{said},{certificate}\"sign\":\"{sign}\"}}");
        answer(200, "application/json;charset=utf-8", body)
    }

    fn bill_url(&self, state: &State, content: &Value, now: Instant) -> Result<Value, No> {
        if content["bill_type"] != "trade" {
            return Err(INVALID);
        }
        let day = kernel::BusinessDay::parse(text(content, "bill_date")).map_err(|_| INVALID)?;
        let ready = day.plus_days(1).start().plus_micros(BILL_READY_MICROS) <= now;
        if !ready || bill::is_empty(state, day) {
            return Err(No("40004", "isp.bill_not_exist"));
        }
        let number = day.to_number();
        Ok(json!({ "bill_download_url": format!("{}/alipay/bill?day={number}", self.origin) }))
    }

    fn bill_file(&self, fields: &Fields) -> Answer {
        let day = field(fields, "day").parse().ok();
        let day = day.and_then(|number| kernel::BusinessDay::from_number(number).ok());
        let now = self.now();
        let file = day.and_then(|day| bill::package(&self.state(), day, now));
        match file {
            Some(bytes) => answer(200, "application/zip", bytes),
            None => answer(404, "text/plain; charset=utf-8", "no such bill"),
        }
    }
}

pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map(String::as_str).unwrap_or_default()
}

fn text<'a>(content: &'a Value, name: &str) -> &'a str {
    content[name].as_str().unwrap_or_default()
}

/// Opens a trade, or the same one again.
fn open(state: &mut State, fields: &Fields, content: &Value, now: Instant) -> Result<Value, No> {
    let method = field(fields, "method");
    let product = match method {
        "alipay.trade.wap.pay" => "QUICK_WAP_WAY",
        _ => "FAST_INSTANT_TRADE_PAY",
    };
    let number = text(content, "out_trade_no").to_owned();
    let subject = text(content, "subject");
    let amount = fen(text(content, "total_amount")).ok_or(INVALID)?;
    let number_ok =
        !number.is_empty() && number.len() <= 64 && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if text(content, "product_code") != product || !number_ok || subject.is_empty() || subject.contains(['/', '=', '&'])
    {
        return Err(INVALID);
    }
    if let Some(known) = state.trades.get_mut(&number) {
        return match known.status {
            Status::Paid(_) => Err(No("40004", "ACQ.TRADE_HAS_SUCCESS")),
            Status::Closed => Err(No("40004", "ACQ.TRADE_HAS_CLOSE")),
            Status::Waiting if known.fen != amount => Err(No("40004", "ACQ.CONTEXT_INCONSISTENT")),
            Status::Waiting => {
                known.return_url = fields.get("return_url").cloned();
                Ok(json!({ "out_trade_no": number }))
            }
        };
    }
    let expires_at = match text(content, "time_expire") {
        "" => None,
        at => Some(read_moment(at).ok_or(INVALID)?),
    };
    if expires_at.is_some_and(|at| at <= now) {
        return Err(INVALID);
    }
    let day = now.business_day().to_number();
    let running = state.next_number();
    let trade = Trade {
        out_trade_no: number.clone(),
        trade_no: format!("{day}220014{running:014}"),
        fen: amount,
        subject: subject.to_owned(),
        notify_url: fields.get("notify_url").cloned(),
        return_url: fields.get("return_url").cloned(),
        method: method.to_owned(),
        made_at: now,
        expires_at,
        status: Status::Waiting,
        refunds: Vec::new(),
        fault: state.fault,
    };
    state.trades.insert(number.clone(), trade);
    Ok(json!({ "out_trade_no": number }))
}

/// The trade that a content names by our number or by Alipay's.
fn named<'a>(state: &'a State, content: &Value) -> Result<&'a Trade, No> {
    let (ours, theirs) = (text(content, "out_trade_no"), text(content, "trade_no"));
    let found = match ours {
        "" => state.trades.values().find(|trade| trade.trade_no == theirs),
        ours => state.trades.get(ours),
    };
    found.ok_or(NOT_EXIST)
}

fn query(state: &State, content: &Value) -> Result<Value, No> {
    let trade = named(state, content)?;
    let mut said = json!({
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "trade_status": trade.status_word(),
        "total_amount": yuan(trade.fen),
        "buyer_logon_id": "158****1562",
        "buyer_user_id": super::notice::BUYER_ID,
    });
    if let Some(at) = trade.paid_at() {
        said["send_pay_date"] = moment(at).into();
        said["receipt_amount"] = yuan(trade.fen).into();
    }
    Ok(said)
}

fn close(state: &mut State, content: &Value) -> Result<Value, No> {
    let number = named(state, content)?.out_trade_no.clone();
    let trade = state.trades.get_mut(&number).ok_or(NOT_EXIST)?;
    if trade.status != Status::Waiting {
        return Err(No("40004", "ACQ.REASON_TRADE_STATUS_INVALID"));
    }
    trade.status = Status::Closed;
    Ok(json!({ "out_trade_no": number, "trade_no": trade.trade_no }))
}

fn refund(state: &mut State, content: &Value, now: Instant) -> Result<Value, No> {
    let number = named(state, content)?.out_trade_no.clone();
    let amount = fen(text(content, "refund_amount")).ok_or(INVALID)?;
    let request_no = text(content, "out_request_no").to_owned();
    let trade = state.trades.get_mut(&number).ok_or(NOT_EXIST)?;
    if trade.paid_at().is_none() {
        return Err(No("40004", "ACQ.TRADE_STATUS_ERROR"));
    }
    let known = trade
        .refunds
        .iter()
        .find(|refund| refund.request_no == request_no)
        .map(|refund| refund.fen);
    let moved = match known {
        Some(before) if before == amount => false,
        Some(_) => return Err(No("40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")),
        // Without a number of its own a refund must give back all.
        None if request_no.is_empty() && amount != trade.fen => return Err(INVALID),
        None if trade.refunded_fen() + amount > trade.fen => return Err(No("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH")),
        None => true,
    };
    if moved {
        trade.refunds.push(Refund {
            request_no: request_no.clone(),
            fen: amount,
            at: now,
        });
    }
    let said = json!({
        "out_trade_no": number,
        "trade_no": trade.trade_no,
        "buyer_user_id": super::notice::BUYER_ID,
        "fund_change": if moved { "Y" } else { "N" },
        "refund_fee": yuan(trade.refunded_fen()),
    });
    if moved {
        state.tell(&number, Some(&request_no), now);
    }
    Ok(said)
}

fn refund_query(state: &State, content: &Value) -> Result<Value, No> {
    let trade = named(state, content)?;
    let request_no = text(content, "out_request_no");
    let Some(refund) = trade.refunds.iter().find(|refund| refund.request_no == request_no) else {
        return Ok(json!({}));
    };
    Ok(json!({
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "out_request_no": request_no,
        "total_amount": yuan(trade.fen),
        "refund_amount": yuan(refund.fen),
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": moment(refund.at),
    }))
}

fn certificate(state: &State, content: &Value) -> Result<Value, No> {
    let wanted = text(content, "alipay_cert_sn");
    let found = state.signers.iter().find(|each| each.sn == wanted);
    let found = found.ok_or(No("40004", "isv.cert-not-exist"))?;
    Ok(json!({ "alipay_cert_content": BASE64.encode(found.pem.as_bytes()) }))
}
