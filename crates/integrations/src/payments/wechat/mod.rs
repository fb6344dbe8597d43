//! WeChat Pay, API v3: orders (JSAPI, H5, Native), query, close, refund, notices, bills.
//!
//! Requests are signed with the merchant's key; answers and notices are believed only with a signature of the platform,
//! by its certificate (fetched, encrypted under the API v3 key, with a validity) or its public key (`PUB_KEY_ID_…`,
//! given as a file). A serial that is not known is looked up once, then refused in clear words. Times more than five
//! minutes apart are refused: WeChat's own rule.

mod bill;
mod client;
mod notice;
mod oauth;
mod trust;
mod wire;

use std::sync::Arc;

use giving::donations::orders::{
    Asked, Bill, Charge, ChargeState, Gateway, GatewayError, PayStep, Provider, RefundCharge, RefundStep, Way,
};
use kernel::BusinessDay;
use serde_json::json;

use client::Client;
pub use client::{SKEW_SECONDS_MAX, SignedHeaders};
pub use notice::{Notice, Refused, Told};

use super::Tools;
use super::http::Http;
use super::settings::GatewaySettings;

/// WeChat Pay's own address.
pub const OFFICIAL_URL: &str = "https://api.mch.weixin.qq.com";

/// A WeChat merchant account of a unit.
pub struct Wechat {
    client: Client,
    account: Option<oauth::Account>,
    http: Arc<dyn Http>,
    app_id: String,
    merchant_no: String,
    notice_url: String,
}

impl Wechat {
    /// Reads the settings; asks nobody yet. `notice_url` is where WeChat sends its notices.
    ///
    /// # Errors
    /// [`GatewayError::Misconfigured`], when a key cannot be read.
    pub fn new(settings: GatewaySettings, notice_url: String, tools: &Tools) -> Result<Arc<Self>, GatewayError> {
        let (app_id, merchant_no) = (settings.app_id.clone(), settings.merchant_no.clone());
        Ok(Arc::new(Self {
            account: oauth::Account::new(&app_id, &settings.secrets.app_secret, &settings.endpoint),
            http: Arc::clone(&tools.http),
            client: Client::new(settings, tools)?,
            app_id,
            merchant_no,
            notice_url,
        }))
    }

    /// Verifies and decrypts a notice.
    ///
    /// # Errors
    /// [`Refused`], with the word of the record.
    pub async fn read_notice(&self, headers: &SignedHeaders, body: &[u8]) -> Result<Notice, Refused> {
        self.client.trusts(headers, body).await.map_err(Refused::of)?;
        let opened = self.client.open_resource(body)?;
        opened.of(&self.merchant_no, &self.app_id)
    }

    async fn begin(&self, charge: &Charge, way: &Way, back: &str) -> Result<PayStep, GatewayError> {
        let mut order = json!({
            "appid": self.app_id,
            "mchid": self.merchant_no,
            "description": charge.description,
            "out_trade_no": charge.trade_no,
            "time_expire": wire::rfc3339_beijing(charge.expires_at),
            "notify_url": self.notice_url,
            "amount": { "total": charge.amount.get(), "currency": wire::CURRENCY },
        });
        match way {
            Way::WechatJsapi { openid } => {
                order["payer"] = json!({ "openid": openid });
                let placed: wire::Prepaid = self.client.post("/v3/pay/transactions/jsapi", &order).await?;
                let params = self.client.jsapi_params(&self.app_id, &placed.prepay_id)?;
                Ok(PayStep::Jsapi { params })
            }
            Way::WechatH5 { client } => {
                let info = json!({ "type": "Wap" });
                order["scene_info"] = json!({ "payer_client_ip": client.to_string(), "h5_info": info });
                let placed: wire::H5 = self.client.post("/v3/pay/transactions/h5", &order).await?;
                let mark = if placed.h5_url.contains('?') { '&' } else { '?' };
                let back: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
                let url = format!("{}{mark}redirect_url={back}", placed.h5_url);
                Ok(PayStep::Redirect { url })
            }
            Way::WechatNative => {
                let placed: wire::Native = self.client.post("/v3/pay/transactions/native", &order).await?;
                Ok(PayStep::Qr {
                    code_url: placed.code_url,
                })
            }
            Way::AlipayWap | Way::AlipayPage => Err(GatewayError::Misconfigured("this is WeChat Pay".into())),
        }
    }

    async fn query(&self, trade_no: &str) -> Result<ChargeState, GatewayError> {
        let path = format!(
            "/v3/pay/transactions/out-trade-no/{trade_no}?mchid={}",
            self.merchant_no
        );
        match self.client.get::<wire::Transaction>(&path).await {
            Ok(transaction) => transaction.state(trade_no),
            Err(GatewayError::Refused { code, .. }) if wire::is_unknown_order(&code) => Ok(ChargeState::Unknown),
            Err(error) => Err(error),
        }
    }

    async fn close(&self, trade_no: &str) -> Result<(), GatewayError> {
        let path = format!("/v3/pay/transactions/out-trade-no/{trade_no}/close");
        match self
            .client
            .post_silent(&path, &json!({ "mchid": self.merchant_no }))
            .await
        {
            Err(GatewayError::Refused { code, .. }) if wire::is_unknown_order(&code) || code == "ORDER_CLOSED" => {
                Ok(())
            }
            done => done,
        }
    }

    async fn refund(&self, refund: &RefundCharge) -> Result<RefundStep, GatewayError> {
        let body = json!({
            "out_trade_no": refund.trade_no,
            "out_refund_no": refund.refund_no,
            "reason": refund.reason,
            "notify_url": self.notice_url,
            "amount": {
                "refund": refund.amount.get(),
                "total": refund.paid.get(),
                "currency": wire::CURRENCY,
            },
        });
        let told: wire::Refund = self.client.post("/v3/refund/domestic/refunds", &body).await?;
        told.step()
    }

    async fn query_refund(&self, refund: &RefundCharge) -> Result<RefundStep, GatewayError> {
        let path = format!("/v3/refund/domestic/refunds/{}", refund.refund_no);
        match self.client.get::<wire::Refund>(&path).await {
            Ok(told) => told.step(),
            Err(GatewayError::Refused { code, .. }) if code == "RESOURCE_NOT_EXISTS" => Ok(RefundStep::Unknown),
            Err(error) => Err(error),
        }
    }

    async fn bill(&self, day: BusinessDay) -> Result<Bill, GatewayError> {
        let path = format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL");
        let place: wire::BillPlace = match self.client.get(&path).await {
            Ok(place) => place,
            Err(GatewayError::Refused { code, .. }) if code == "NO_STATEMENT_EXIST" => return Ok(Bill::default()),
            // It is made in the morning of the next day; who asks earlier asks again.
            Err(GatewayError::Refused { code, words }) if code == "STATEMENT_CREATING" => {
                return Err(GatewayError::TryAgain(words));
            }
            Err(error) => return Err(error),
        };
        let file = self.client.download(&place).await?;
        let lines = bill::lines(&file)?;
        Ok(Bill { file, lines })
    }
}

impl Gateway for Wechat {
    fn provider(&self) -> Provider {
        Provider::Wechat
    }
    fn begin<'a>(&'a self, charge: &'a Charge, way: &'a Way, back: &'a str) -> Asked<'a, PayStep> {
        Box::pin(self.begin(charge, way, back))
    }
    fn sign_in_url(&self, back: &str, state: &str) -> Option<String> {
        self.account.as_ref().map(|account| account.url(back, state))
    }
    fn payer<'a>(&'a self, code: &'a str) -> Asked<'a, String> {
        Box::pin(async move {
            let account = self.account.as_ref();
            let missing = || GatewayError::Misconfigured("the official account’s secret is missing".into());
            account.ok_or_else(missing)?.openid(&*self.http, code).await
        })
    }
    fn query<'a>(&'a self, trade_no: &'a str) -> Asked<'a, ChargeState> {
        Box::pin(self.query(trade_no))
    }
    fn close<'a>(&'a self, trade_no: &'a str) -> Asked<'a, ()> {
        Box::pin(self.close(trade_no))
    }
    fn refund<'a>(&'a self, refund: &'a RefundCharge) -> Asked<'a, RefundStep> {
        Box::pin(self.refund(refund))
    }
    fn query_refund<'a>(&'a self, refund: &'a RefundCharge) -> Asked<'a, RefundStep> {
        Box::pin(self.query_refund(refund))
    }
    fn bill(&self, day: BusinessDay) -> Asked<'_, Bill> {
        Box::pin(self.bill(day))
    }
}
