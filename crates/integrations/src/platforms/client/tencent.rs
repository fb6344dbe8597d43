//! The adapter for Tencent Gongyi's open platform: POST, JSON, `/api/<service>/<Method>`, signed by headers.

use std::sync::Arc;

use platform::Services;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::push_shape::Execution;
use super::wire::{self, Finances, Infos, Posted};
use super::{Asked, ClientError, PageTotals, Payout, Platform, Told, signature};
use crate::payments::Http;
use crate::payments::http::{Method, Request};
use crate::platforms::Platforms;
use crate::platforms::register::Keys;

/// The platform's own address.
pub const ENDPOINT: &str = "https://oapi.gongyi.qq.com";
/// Pages of one question.
const PAGES_PER_QUESTION: usize = 10;
/// Periods of one answer.
const PERIODS_PER_ANSWER: i64 = 99;
/// Answers to one question about periods: a page that is disclosed every month for 80 years.
const ANSWERS_MAX: i64 = 10;

/// The interface of one application.
pub struct TencentGongyi {
    http: Arc<dyn Http>,
    services: Services,
    keys: Keys,
}

impl TencentGongyi {
    /// With these keys.
    pub fn new(platforms: &Platforms, keys: Keys) -> Self {
        Self {
            http: Arc::clone(&platforms.http),
            services: platforms.giving.services.clone(),
            keys,
        }
    }

    async fn ask<T: DeserializeOwned>(&self, method: &str, body: &Value) -> Result<Told<Option<T>>, ClientError> {
        let (now, rng) = (self.services.now(), &*self.services.rng);
        let mut headers = signature::headers(&self.keys.app_id, &self.keys.secret, now, rng);
        headers.push(("content-type", "application/json".to_owned()));
        let request = Request {
            method: Method::Post,
            url: format!("{}/api/{method}", self.keys.endpoint),
            headers,
            body: body.to_string().into_bytes(),
        };
        let answer = self.http.send(request).await;
        let answer = answer.map_err(|error| ClientError::NoAnswer(error.to_string()))?;
        wire::open(answer.status, &answer.body)
    }
}

impl Platform for TencentGongyi {
    fn totals<'a>(&'a self, project_nos: &'a [String]) -> Asked<'a, Vec<PageTotals>> {
        Box::pin(async move {
            let (mut data, mut trace) = (Vec::new(), String::new());
            for chunk in project_nos.chunks(PAGES_PER_QUESTION) {
                let body = json!({ "project_nos": chunk, "ver": 2 });
                let told: Told<Option<Infos>> = self.ask("opf_proj_qry/GetAppProjectInfos", &body).await?;
                trace = told.trace;
                if let Some(infos) = told.data {
                    data.extend(infos.totals()?);
                }
            }
            Ok(Told { data, trace })
        })
    }

    fn finances<'a>(&'a self, project_no: &'a str) -> Asked<'a, Vec<Payout>> {
        Box::pin(async move {
            let (mut data, mut trace) = (Vec::new(), String::new());
            for page in 1..=ANSWERS_MAX {
                let body = json!({ "project_no": project_no, "page_index": page, "page_size": PERIODS_PER_ANSWER });
                let told: Told<Option<Finances>> = self.ask("opf_proj_qry/GetProjFinanceList", &body).await?;
                trace = told.trace;
                let (total, list) = told.data.map_or(Ok((0, Vec::new())), Finances::payouts)?;
                let ended = list.is_empty();
                data.extend(list);
                if ended || data.len() as i64 >= total {
                    break;
                }
            }
            // The platform sorts them in no order.
            data.sort_by_key(|payout: &Payout| (payout.from, payout.to));
            Ok(Told { data, trace })
        })
    }

    fn tell<'a>(&'a self, execution: &'a Execution) -> Asked<'a, String> {
        Box::pin(async move {
            let told: Told<Option<Posted>> = self.ask("tmj_third_service/PostExeInfo", &execution.body()).await?;
            let id = told
                .data
                .and_then(Posted::proc_id)
                .or_else(|| execution.proc_id.clone());
            let data = id.ok_or_else(|| ClientError::Unreadable("no number of the report".into()))?;
            Ok(Told {
                data,
                trace: told.trace,
            })
        })
    }
}

/// A team-giving page (一起捐).
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The project's number.
    pub project_no: &'a str,
    /// The business number (`bid`) that Tencent allotted.
    pub bid: &'a str,
    /// The team giving's number (`did`).
    pub team: &'a str,
}

impl Page<'_> {
    /// Its address on a phone, with a channel tag.
    pub fn address(&self, tag: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("id", self.project_no)
            .append_pair("bid", self.bid)
            .append_pair("did", self.team)
            .append_pair("spmet", tag)
            .finish();
        format!("https://ssl.gongyi.qq.com/m/weixin/yqj_v2_detail.html?{query}")
    }
}
