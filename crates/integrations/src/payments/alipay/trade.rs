//! The trade interfaces as the port of giving asks for them.

use std::sync::Arc;

use giving::donations::orders::{
    Asked, Bill, Charge, ChargeState, Gateway, GatewayError, PayStep, Payment, Provider, RefundCharge, RefundStep, Way,
};
use kernel::{BusinessDay, Fen};
use serde::Deserialize;
use serde_json::{Value, json};

use super::bill;
use super::client::{Client, Reply};
use super::notice::{Form, Notice, NoticeRefusal};
use super::params::{encoded, moment, read_moment, title};
use super::trust::Verdict;
use crate::payments::Tools;
use crate::payments::settings::GatewaySettings;

/// The trade does not exist: the donor never reached Alipay's page.
const NOT_EXIST: &str = "ACQ.TRADE_NOT_EXIST";
/// The bill of a day without trades, and of one that is not ready.
const NO_BILL: &str = "isp.bill_not_exist";
/// From when the bill of the day before is there for certain: 10:00 in Beijing, as Alipay documents it.
const BILL_READY_MICROS: i64 = 10 * 3_600 * 1_000_000;

/// The field of the return address that says where the donor goes on.
pub(super) const BACK_FIELD: &str = "to";

/// An Alipay account of a unit.
pub struct Alipay {
    client: Client,
    notice_url: String,
    /// This house, without a slash at the end.
    base_url: String,
}

#[derive(Deserialize)]
struct Trade {
    trade_no: String,
    out_trade_no: String,
    trade_status: String,
    total_amount: String,
    #[serde(default)]
    send_pay_date: Option<String>,
    #[serde(default)]
    buyer_user_id: Option<String>,
    #[serde(default)]
    buyer_open_id: Option<String>,
}

#[derive(Deserialize)]
struct Refunded {
    trade_no: String,
    #[serde(default)]
    gmt_refund_pay: Option<String>,
    /// What the trade gave back in all, not what this call did.
    #[serde(default)]
    refund_fee: Option<String>,
}

#[derive(Deserialize)]
struct RefundFound {
    #[serde(default)]
    trade_no: Option<String>,
    #[serde(default)]
    refund_status: Option<String>,
    #[serde(default)]
    refund_amount: Option<String>,
    #[serde(default)]
    gmt_refund_pay: Option<String>,
}

#[derive(Deserialize)]
struct BillAddress {
    bill_download_url: String,
}

#[derive(Deserialize)]
struct Nothing {}

impl Alipay {
    /// Reads the settings; asks nobody yet. `notice_url` is where Alipay sends its notices.
    ///
    /// # Errors
    /// [`GatewayError::Misconfigured`], when a key or certificate cannot be read.
    pub fn new(settings: &GatewaySettings, notice_url: String, tools: &Tools) -> Result<Arc<Self>, GatewayError> {
        Ok(Arc::new(Self {
            client: Client::new(settings, tools)?,
            notice_url,
            base_url: tools.services.base_url.trim_end_matches('/').to_owned(),
        }))
    }

    /// Where the donor comes back to, on the way to `back`.
    fn return_url(&self, back: &str) -> String {
        let path = back.strip_prefix(&self.base_url).unwrap_or(back);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair(BACK_FIELD, path)
            .finish();
        let place = self.notice_url.strip_suffix("notice").unwrap_or(&self.notice_url);
        format!("{place}return?{query}")
    }

    /// Reads and verifies a notice; fetches a newer certificate of Alipay's when it is signed with one.
    ///
    /// # Errors
    /// [`NoticeRefusal`]; nothing of the notice was believed.
    pub async fn notice(&self, body: &[u8]) -> Result<Notice, NoticeRefusal> {
        let form = self.believed(body).await?;
        form.notice(&self.client.ready.app_id, &self.client.ready.seller_id)
    }

    /// The number of the order of which a donor's browser brings back a signed word.
    ///
    /// # Errors
    /// [`NoticeRefusal`].
    pub(super) fn returned(&self, query: &str) -> Result<String, NoticeRefusal> {
        let form = Form::read_without(query.as_bytes(), BACK_FIELD)?;
        match self.judge(&form)? {
            Verdict::Genuine => form.returned(&self.client.ready.app_id),
            _ => Err(NoticeRefusal::BadSignature),
        }
    }

    async fn believed(&self, body: &[u8]) -> Result<Form, NoticeRefusal> {
        let form = Form::read(body)?;
        let verdict = match self.judge(&form)? {
            Verdict::UnknownCertificate(sn) => {
                let fetched = self.client.fetch_certificate(&sn).await;
                fetched.map_err(|error| match error {
                    GatewayError::TryAgain(_) => NoticeRefusal::Later,
                    _ => NoticeRefusal::UnknownCertificate(sn.clone()),
                })?;
                self.judge(&form)?
            }
            verdict => verdict,
        };
        match verdict {
            Verdict::Genuine => Ok(form),
            Verdict::Forged => Err(NoticeRefusal::BadSignature),
            Verdict::UnknownCertificate(sn) => Err(NoticeRefusal::UnknownCertificate(sn)),
            Verdict::StaleCertificate(sn) => Err(NoticeRefusal::StaleCertificate(sn)),
        }
    }

    fn judge(&self, form: &Form) -> Result<Verdict, NoticeRefusal> {
        let (text, signature, sn) = form.signature()?;
        let now = self.client.now();
        Ok(self.client.ready.trust.judge(&text, &signature, sn.as_deref(), now))
    }

    fn begin_now(&self, charge: &Charge, way: &Way, back: &str) -> Result<PayStep, GatewayError> {
        let (method, product) = match way {
            Way::AlipayWap => ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
            Way::AlipayPage => ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
            other => {
                return Err(GatewayError::Refused {
                    code: other.as_str().into(),
                    words: "Alipay has no such way to pay".into(),
                });
            }
        };
        let mut content = json!({
            "out_trade_no": charge.trade_no,
            "total_amount": charge.amount.to_yuan(),
            "subject": title(&charge.description),
            "product_code": product,
            "time_expire": moment(charge.expires_at),
        });
        if *way == Way::AlipayWap {
            content["quit_url"] = Value::from(back);
        }
        let return_url = self.return_url(back);
        let extra = [
            ("notify_url", self.notice_url.as_str()),
            ("return_url", return_url.as_str()),
        ];
        let params = self.client.signed(method, &content, &extra)?;
        let gateway = &self.client.ready.gateway;
        Ok(match way {
            Way::AlipayWap => PayStep::Redirect {
                url: format!("{gateway}?{}", encoded(params.iter())),
            },
            _ => PayStep::Form {
                html: form(&format!("{gateway}?charset=utf-8"), params.iter()),
            },
        })
    }

    async fn query_now(&self, trade_no: &str) -> Result<ChargeState, GatewayError> {
        let content = json!({ "out_trade_no": trade_no });
        let trade: Trade = match self.client.ask("alipay.trade.query", &content).await? {
            Reply::Done(trade) => trade,
            Reply::Refused(said) if said.sub_code == NOT_EXIST => return Ok(ChargeState::Unknown),
            Reply::Refused(said) => return Err(said.error()),
        };
        if trade.out_trade_no != trade_no {
            return Err(GatewayError::Untrusted("it speaks of another order".into()));
        }
        let paid_at = trade.send_pay_date.as_deref().and_then(read_moment);
        match (trade.trade_status.as_str(), paid_at) {
            ("WAIT_BUYER_PAY", _) => Ok(ChargeState::Waiting),
            // Closed with a time of payment: paid, and given back as a whole since.
            ("TRADE_SUCCESS" | "TRADE_FINISHED" | "TRADE_CLOSED", Some(paid_at)) => Ok(ChargeState::Paid(Payment {
                trade_no: trade.out_trade_no,
                provider_no: trade.trade_no,
                amount: yuan(&trade.total_amount)?,
                paid_at,
                payer_id: trade.buyer_open_id.or(trade.buyer_user_id),
            })),
            ("TRADE_CLOSED", None) => Ok(ChargeState::Closed),
            (status, _) => Err(GatewayError::TryAgain(format!("a trade in the state {status}"))),
        }
    }

    async fn close_now(&self, trade_no: &str) -> Result<(), GatewayError> {
        let content = json!({ "out_trade_no": trade_no });
        match self.client.ask::<Nothing>("alipay.trade.close", &content).await? {
            Reply::Done(Nothing {}) => Ok(()),
            Reply::Refused(said) if said.sub_code == NOT_EXIST => Ok(()),
            Reply::Refused(said) if said.sub_code == "ACQ.REASON_TRADE_STATUS_INVALID" => {
                // Closed before, or paid in the meantime: only the first is what was wanted.
                match self.query_now(trade_no).await? {
                    ChargeState::Closed | ChargeState::Unknown => Ok(()),
                    _ => Err(said.error()),
                }
            }
            Reply::Refused(said) => Err(said.error()),
        }
    }

    async fn refund_now(&self, refund: &RefundCharge) -> Result<RefundStep, GatewayError> {
        let content = json!({
            "out_trade_no": refund.trade_no,
            "refund_amount": refund.amount.to_yuan(),
            "out_request_no": refund.refund_no,
            "refund_reason": title(&refund.reason),
        });
        let refunded: Refunded = match self.client.ask("alipay.trade.refund", &content).await? {
            Reply::Done(refunded) => refunded,
            Reply::Refused(said) => {
                return match said.error() {
                    GatewayError::Refused { code, .. } => Ok(RefundStep::Failed { code }),
                    error => Err(error),
                };
            }
        };
        // Whether money moved is said by the query alone: a repeated request is answered like the first.
        match self.query_refund_now(refund).await? {
            RefundStep::Unknown => Ok(RefundStep::Processing),
            RefundStep::Done { at, .. } => Ok(RefundStep::Done {
                provider_no: refunded.trade_no,
                at: refunded.gmt_refund_pay.as_deref().and_then(read_moment).unwrap_or(at),
            }),
            step => {
                tracing::info!(in_all = ?refunded.refund_fee, "a refund at Alipay is on its way");
                Ok(step)
            }
        }
    }

    async fn query_refund_now(&self, refund: &RefundCharge) -> Result<RefundStep, GatewayError> {
        let content = json!({
            "out_trade_no": refund.trade_no,
            "out_request_no": refund.refund_no,
            "query_options": ["gmt_refund_pay"],
        });
        let found: RefundFound = match self.client.ask("alipay.trade.fastpay.refund.query", &content).await? {
            Reply::Done(found) => found,
            Reply::Refused(said) if said.sub_code == NOT_EXIST => return Ok(RefundStep::Unknown),
            Reply::Refused(said) => return Err(said.error()),
        };
        // An answer without a status is Alipay's way to say that there is no such refund, or none that succeeded.
        if found.refund_status.as_deref() != Some("REFUND_SUCCESS") {
            return Ok(RefundStep::Unknown);
        }
        let amount = yuan(found.refund_amount.as_deref().unwrap_or_default())?;
        if amount != refund.amount {
            return Ok(RefundStep::Failed {
                code: "ANOTHER_AMOUNT".into(),
            });
        }
        let at = found.gmt_refund_pay.as_deref().and_then(read_moment);
        Ok(RefundStep::Done {
            provider_no: found.trade_no.unwrap_or_default(),
            at: at.unwrap_or_else(|| self.client.now()),
        })
    }

    async fn bill_now(&self, day: BusinessDay) -> Result<Bill, GatewayError> {
        let content = json!({ "bill_type": "trade", "bill_date": day.to_string() });
        let method = "alipay.data.dataservice.bill.downloadurl.query";
        let address: BillAddress = match self.client.ask(method, &content).await? {
            Reply::Done(address) => address,
            Reply::Refused(said) if said.sub_code == NO_BILL => {
                let ready = day.plus_days(1).start().plus_micros(BILL_READY_MICROS);
                return match self.client.now() < ready {
                    true => Err(GatewayError::TryAgain("the bill is not ready before 10:00".into())),
                    false => Ok(Bill::default()),
                };
            }
            Reply::Refused(said) => return Err(said.error()),
        };
        let file = self.client.fetch(address.bill_download_url).await?;
        let lines = bill::read(&file, &self.client.ready.seller_id)
            .map_err(|error| GatewayError::Untrusted(error.to_string()))?;
        Ok(Bill { file, lines })
    }
}

impl Gateway for Alipay {
    fn provider(&self) -> Provider {
        Provider::Alipay
    }
    fn begin<'a>(&'a self, charge: &'a Charge, way: &'a Way, back: &'a str) -> Asked<'a, PayStep> {
        Box::pin(async move { self.begin_now(charge, way, back) })
    }
    fn query<'a>(&'a self, trade_no: &'a str) -> Asked<'a, ChargeState> {
        Box::pin(self.query_now(trade_no))
    }
    fn close<'a>(&'a self, trade_no: &'a str) -> Asked<'a, ()> {
        Box::pin(self.close_now(trade_no))
    }
    fn refund<'a>(&'a self, refund: &'a RefundCharge) -> Asked<'a, RefundStep> {
        Box::pin(self.refund_now(refund))
    }
    fn query_refund<'a>(&'a self, refund: &'a RefundCharge) -> Asked<'a, RefundStep> {
        Box::pin(self.query_refund_now(refund))
    }
    fn bill(&self, day: BusinessDay) -> Asked<'_, Bill> {
        Box::pin(self.bill_now(day))
    }
}

/// An amount of an answer.
fn yuan(text: &str) -> Result<Fen, GatewayError> {
    Fen::parse_yuan(text).map_err(|_| GatewayError::TryAgain("an amount of the answer cannot be read".into()))
}

/// A form with a button: it needs no script, and a page that has one may send it.
fn form<'a>(action: &str, params: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let mut html = format!(
        "<form class=\"pay-form\" method=\"post\" action=\"{}\">",
        escaped(action)
    );
    for (key, value) in params {
        html += &format!(
            "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
            escaped(key),
            escaped(value)
        );
    }
    html + "<button type=\"submit\">支付宝 Alipay</button></form>"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
