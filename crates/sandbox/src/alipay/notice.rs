//! Notices: made, signed, sent again until they are answered with `success`, disturbed on demand.

use kernel::Instant;

use super::fault::Fault;
use super::gateway::{Fields, field};
use super::trade::{Status, moment, yuan};
use super::{APP_ID, Alipay, Answer, SELLER_ID, State, answer, page};

/// The payer's number.
pub(super) const BUYER_ID: &str = "2088000000000099";
const MINUTE: i64 = 60 * 1_000_000;
/// After how long a notice that was not answered with `success` comes again: Alipay's own plan.
const AGAIN_MICROS: [i64; 7] = [
    4 * MINUTE,
    10 * MINUTE,
    10 * MINUTE,
    60 * MINUTE,
    120 * MINUTE,
    360 * MINUTE,
    900 * MINUTE,
];
/// How often a repeated notice comes.
const REPEATS: u32 = 3;
/// How late a delayed notice comes.
const DELAY_MICROS: i64 = 15 * MINUTE;

/// A notice on its way.
pub(super) struct Outgoing {
    id: u64,
    url: String,
    fields: Fields,
    due: Instant,
    /// Held until another trade's notice was given out.
    after_another: bool,
    tries: usize,
    /// How often it is still to be sent although it was answered well.
    more: u32,
    forged: bool,
}

/// A notice to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Its number, for [`Alipay::told`].
    pub id: u64,
    /// Where it goes.
    pub url: String,
    /// The form, `application/x-www-form-urlencoded`.
    pub body: String,
}

impl Alipay {
    /// The notices that are to be sent now, each once per call, signed as of now.
    pub fn due(&self) -> Vec<Posting> {
        let now = self.now();
        let mut state = self.state();
        let free = state.outgoing.iter().any(|each| each.due <= now && !each.after_another);
        let mut ready: Vec<usize> = (0..state.outgoing.len())
            .filter(|at| state.outgoing[*at].due <= now && (free || !state.outgoing[*at].after_another))
            .collect();
        // Those that wait for another come behind it.
        ready.sort_by_key(|at| state.outgoing[*at].after_another);
        let mut postings = Vec::new();
        for at in ready {
            let outgoing = &mut state.outgoing[at];
            outgoing.after_another = false;
            // Not again before it was answered or its next time came.
            outgoing.due = now.plus_micros(AGAIN_MICROS.get(outgoing.tries).copied().unwrap_or(900 * MINUTE));
            outgoing.tries += 1;
            let (id, url, forged) = (outgoing.id, outgoing.url.clone(), outgoing.forged);
            let mut fields = outgoing.fields.clone();
            fields.insert("notify_time".into(), moment(now));
            let body = self.signed_form(&state, fields, forged);
            postings.push(Posting { id, url, body });
        }
        state.outgoing.retain(|each| each.tries <= AGAIN_MICROS.len());
        postings
    }

    /// Takes the answer to a notice: only the text `success` ends it.
    pub fn told(&self, id: u64, text: &str) {
        let now = self.now();
        let mut state = self.state();
        if text != "success" {
            return;
        }
        for each in state.outgoing.iter_mut().filter(|each| each.id == id) {
            each.due = now;
            each.more = each.more.saturating_sub(1);
        }
        state.outgoing.retain(|each| each.id != id || each.more > 0);
    }

    /// Pays a trade or leaves it: what the pay page's form sends.
    pub(super) fn pay(&self, fields: &Fields) -> Answer {
        let now = self.now();
        let number = field(fields, "out_trade_no");
        let mut state = self.state();
        let default = state.fault;
        let Some(trade) = state.trades.get_mut(number) else {
            return page::refused("ACQ.TRADE_NOT_EXIST");
        };
        trade.expire(now);
        let back = trade.return_url.clone();
        if field(fields, "action") == "leave" {
            return match back {
                Some(url) => Answer {
                    location: Some(url),
                    ..answer(303, "text/plain; charset=utf-8", "")
                },
                None => page::left(),
            };
        }
        if trade.status == Status::Closed {
            return page::refused("ACQ.TRADE_HAS_CLOSE");
        }
        if trade.status == Status::Waiting {
            trade.fault = field(fields, "fault").parse().unwrap_or(default);
            trade.status = Status::Paid(now);
            state.tell(number, None, now);
        }
        let Some(trade) = state.trades.get(number) else {
            return page::refused("ACQ.SYSTEM_ERROR");
        };
        match back {
            None => page::paid(trade),
            Some(url) => {
                let told = [
                    ("method", format!("{}.return", trade.method)),
                    ("out_trade_no", trade.out_trade_no.clone()),
                    ("trade_no", trade.trade_no.clone()),
                    ("total_amount", yuan(trade.fen)),
                    ("app_id", APP_ID.to_owned()),
                    ("auth_app_id", APP_ID.to_owned()),
                    ("seller_id", SELLER_ID.to_owned()),
                    ("charset", "utf-8".to_owned()),
                    ("version", "1.0".to_owned()),
                    ("timestamp", moment(now)),
                ];
                let told = told.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
                let query = self.signed_form(&state, told, false);
                let joint = if url.contains('?') { '&' } else { '?' };
                Answer {
                    location: Some(format!("{url}{joint}{query}")),
                    ..answer(303, "text/plain; charset=utf-8", "")
                }
            }
        }
    }

    /// A form as Alipay sends it: signed over everything but `sign` and `sign_type`.
    fn signed_form(&self, state: &State, mut fields: Fields, forged: bool) -> String {
        if let Some(signer) = state.signer().filter(|signer| !signer.sn.is_empty()) {
            fields.insert("alipay_cert_sn".into(), signer.sn.clone());
        }
        let pairs = fields.iter().filter(|(_, value)| !value.is_empty());
        let text: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
        let text = text.join("&");
        let sign = match state.signer() {
            Some(signer) if !forged => signer.sign(text.as_bytes()),
            _ => self.house.forged(text.as_bytes()),
        };
        fields.insert("sign_type".into(), "RSA2".into());
        fields.insert("sign".into(), sign);
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish()
    }
}

impl State {
    /// Puts the notice of a payment, or of one of its refunds, on its way.
    pub(super) fn tell(&mut self, number: &str, refund: Option<&str>, now: Instant) {
        let id = self.next_number();
        let Some(trade) = self.trades.get(number) else { return };
        let (Some(url), Some(paid_at)) = (trade.notify_url.clone(), trade.paid_at()) else {
            return;
        };
        // The faults are those of the payment's notice; a refund's comes as it should.
        let fault = if refund.is_some() { Fault::None } else { trade.fault };
        let shown = if fault == Fault::WrongAmount {
            trade.fen + 1_00
        } else {
            trade.fen
        };
        let other = |wrong: Fault, value: &str| {
            if fault == wrong {
                "2088999999999999".to_owned()
            } else {
                value.to_owned()
            }
        };
        let mut fields: Fields = [
            ("notify_type", "trade_status_sync".to_owned()),
            ("notify_id", format!("{}{id:020}", now.business_day().to_number())),
            ("charset", "utf-8".to_owned()),
            ("version", "1.0".to_owned()),
            ("app_id", other(Fault::WrongApp, APP_ID)),
            ("auth_app_id", other(Fault::WrongApp, APP_ID)),
            ("seller_id", other(Fault::WrongSeller, SELLER_ID)),
            ("out_trade_no", trade.out_trade_no.clone()),
            ("trade_no", trade.trade_no.clone()),
            ("trade_status", trade.status_word().to_owned()),
            ("subject", trade.subject.clone()),
            ("total_amount", yuan(shown)),
            ("receipt_amount", yuan(shown)),
            ("buyer_pay_amount", yuan(shown)),
            ("invoice_amount", yuan(shown)),
            ("point_amount", "0.00".to_owned()),
            ("buyer_id", BUYER_ID.to_owned()),
            ("buyer_logon_id", "158****1562".to_owned()),
            ("gmt_create", moment(trade.made_at)),
            ("gmt_payment", moment(paid_at)),
            (
                "fund_bill_list",
                format!("[{{\"amount\":\"{}\",\"fundChannel\":\"ALIPAYACCOUNT\"}}]", yuan(shown)),
            ),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
        if let Some(request_no) = refund {
            fields.insert("out_biz_no".into(), request_no.to_owned());
            fields.insert("refund_fee".into(), yuan(trade.refunded_fen()));
            fields.insert("gmt_refund".into(), format!("{}.000", moment(now)));
        }
        if fault == Fault::Lose {
            return;
        }
        self.outgoing.push(Outgoing {
            id,
            url,
            fields,
            due: now.plus_micros(if fault == Fault::Delay { DELAY_MICROS } else { 0 }),
            after_another: fault == Fault::Reorder,
            tries: 0,
            more: if fault == Fault::Repeat { REPEATS } else { 1 },
            forged: fault == Fault::Forge,
        });
    }
}
