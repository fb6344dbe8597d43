//! Tencent Gongyi's side of the wire: projects, their disclosed spending, reports of execution, made from the published
//! interface and from nothing of the adapter. What a project has raised is set by hand (`PUT /sandbox/gongyi/projects`); what was
//! reported can be looked at (`GET /sandbox/gongyi/reports`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State as Held};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use rsa::sha2::{Digest as _, Sha256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::chance::letters;
use crate::{Sandbox, SandboxError, World};

/// The application of the sandbox.
pub const APP_ID: &str = "gy_sandbox000001";
/// How far a caller's clock may be off, in seconds. Tencent does not say; this is what others allow.
const SKEW_SECONDS_MAX: i64 = 300;
/// Projects of one question.
const NUMBERS_MAX: usize = 10;
/// Nonces and reports that are kept.
const KEPT_MAX: usize = 100_000;
/// The block of SHA-256.
const BLOCK: usize = 64;

/// A project as it is set by hand: sums in fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Its number.
    pub project_no: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// 3: raising; 5: closed.
    #[serde(default = "raising")]
    pub state: i64,
    /// What it may raise.
    #[serde(default)]
    pub target: i64,
    /// What it has raised.
    #[serde(default)]
    pub amount: i64,
    /// By how many gifts.
    #[serde(default)]
    pub count: i64,
    /// Whether the application may not see it.
    #[serde(default)]
    pub hidden: bool,
    /// Its disclosed spending.
    #[serde(default)]
    pub finances: Vec<Finance>,
}

fn raising() -> i64 {
    3
}

/// A period of disclosed spending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finance {
    /// In fen.
    pub payout_total: i64,
    /// The first day.
    pub period_from: String,
    /// The last day.
    pub period_to: String,
}

/// The platform of the sandbox.
pub struct Gongyi {
    secret: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    projects: BTreeMap<String, Project>,
    reports: Vec<Value>,
    nonces: BTreeSet<String>,
    answers: u64,
}

/// A refusal: code and words.
struct No(i64, &'static str);

impl Gongyi {
    /// Makes or reads the key in `gongyi/` of the folder, and writes `gongyi/secret.txt`: what a house is told with
    /// `qiao platforms keys`.
    pub(crate) fn open(world: &World) -> Result<Self, SandboxError> {
        let folder = world.data.join("gongyi");
        std::fs::create_dir_all(&folder)?;
        let place = folder.join("secret.txt");
        if !place.exists() {
            std::fs::write(&place, letters(&*world.rng, 32))?;
        }
        Ok(Self {
            secret: std::fs::read_to_string(&place)?.trim().to_owned(),
            state: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/api/{service}/{method}", post(asked))
        .route("/sandbox/gongyi/projects", get(projects).put(set_projects))
        .route("/sandbox/gongyi/reports", get(reports))
}

impl Sandbox {
    /// The key of the application [`APP_ID`].
    pub fn gongyi_secret(&self) -> &str {
        &self.gongyi.secret
    }

    /// Sets what a project has raised, in place of what was known of it.
    pub fn set_gongyi_project(&self, project: Project) {
        self.gongyi.state().projects.insert(project.project_no.clone(), project);
    }

    /// What was reported, as it came, each with its `proc_id`.
    pub fn gongyi_reports(&self) -> Vec<Value> {
        self.gongyi.state().reports.clone()
    }
}

async fn projects(Held(sandbox): Held<Sandbox>) -> Json<Vec<Project>> {
    Json(sandbox.gongyi.state().projects.values().cloned().collect())
}

async fn set_projects(Held(sandbox): Held<Sandbox>, Json(projects): Json<Vec<Project>>) -> Json<Value> {
    let count = projects.len();
    for project in projects {
        sandbox.set_gongyi_project(project);
    }
    Json(json!({ "projects": count }))
}

async fn reports(Held(sandbox): Held<Sandbox>) -> Json<Vec<Value>> {
    Json(sandbox.gongyi_reports())
}

async fn asked(
    Held(sandbox): Held<Sandbox>,
    Path((service, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let faults = sandbox.faults();
    if faults.down {
        return (StatusCode::BAD_GATEWAY, "bad gateway").into_response();
    }
    let outcome = verified(&sandbox, &headers).and_then(|()| {
        let body: Value = serde_json::from_slice(&body).map_err(|_| No(40_002, "请求体不是 JSON"))?;
        match (service.as_str(), method.as_str()) {
            ("opf_proj_qry", "GetAppProjectInfos") => infos(&sandbox, &body),
            ("opf_proj_qry", "GetProjFinanceList") => finances(&sandbox, &body),
            ("tmj_third_service", "PostExeInfo") => report(&sandbox, &body),
            _ => Err(No(40_004, "接口不存在")),
        }
    });
    // It was carried out; nobody hears of it.
    if faults.lose {
        return (StatusCode::GATEWAY_TIMEOUT, "").into_response();
    }
    let now = sandbox.now().micros().div_euclid(1_000_000);
    let trace = {
        let mut state = sandbox.gongyi.state();
        state.answers += 1;
        format!("sandbox-{now}-{}", state.answers)
    };
    let (code, msg, data) = match outcome {
        Ok(data) => (0, "success", data),
        Err(No(code, msg)) => (code, msg, Value::Null),
    };
    axum::Json(json!({ "code": code, "msg": msg, "op_time": now, "trace_id": trace, "data": data })).into_response()
}

/// Whether the signature, the time and the nonce hold.
fn verified(sandbox: &Sandbox, headers: &HeaderMap) -> Result<(), No> {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let (app_id, nonce) = (header("gy-h-api-appid"), header("gy-h-api-nonce-str"));
    let (time, sign) = (header("gy-h-api-timestamp"), header("gy-h-api-sign"));
    if app_id != APP_ID {
        return Err(No(40_010, "应用不存在"));
    }
    if nonce.len() != 32 || !nonce.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(No(40_011, "随机串不合规"));
    }
    let seconds: u32 = time.parse().map_err(|_| No(40_012, "时间戳不合规"))?;
    let now = sandbox.now().micros().div_euclid(1_000_000);
    if (now - i64::from(seconds)).abs() > SKEW_SECONDS_MAX {
        return Err(No(40_013, "请求已过期"));
    }
    let secret = &sandbox.gongyi.secret;
    let text = [
        "Gy-H-Api-Appid=",
        app_id,
        "&Gy-H-Api-Nonce-Str=",
        nonce,
        "&Gy-H-Api-Timestamp=",
        time,
        "&key=",
        secret,
    ];
    if sign != hmac_sha256(secret.as_bytes(), text.concat().as_bytes()) {
        return Err(No(40_014, "签名错误"));
    }
    let mut state = sandbox.gongyi.state();
    if state.nonces.len() >= KEPT_MAX {
        state.nonces.clear();
    }
    if !state.nonces.insert(nonce.to_owned()) {
        return Err(No(40_015, "请求重复"));
    }
    Ok(())
}

/// RFC 2104 in upper-case hexadecimal.
fn hmac_sha256(key: &[u8], text: &[u8]) -> String {
    let mut block = [0u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    data_encoding::HEXUPPER.encode(&outer)
}

fn infos(sandbox: &Sandbox, body: &Value) -> Result<Value, No> {
    let numbers = body["project_nos"].as_array().or(body["pids"].as_array());
    let numbers = numbers.ok_or(No(40_020, "缺少 project_nos"))?;
    if numbers.len() > NUMBERS_MAX {
        return Err(No(40_021, "一次最多查询 10 个项目"));
    }
    let told_amount = sandbox.faults().wrong_amount_fen;
    let state = sandbox.gongyi.state();
    let list = numbers.iter().filter_map(Value::as_str).map(|number| {
        match state.projects.get(number).filter(|project| !project.hidden) {
            // Without the permission there is an empty object, no error.
            None => json!({ "project_no": number, "info": {}, "donate": {} }),
            Some(project) => json!({
                "project_no": project.project_no,
                "info": {
                    "org_no": "ORG0001", "org_name": "演示机构", "name": project.name, "state": project.state.to_string(),
                    "is_monthly_donate": false, "recipients": "其他/其他",
                },
                "donate": {
                    "target": project.target.to_string(),
                    "current_donate_amount": told_amount.unwrap_or(project.amount).to_string(),
                    "current_donate_count": project.count.to_string(),
                },
            }),
        }
    });
    let list: Vec<Value> = list.collect();
    Ok(json!({ "list": list }))
}

fn finances(sandbox: &Sandbox, body: &Value) -> Result<Value, No> {
    let number = body["project_no"].as_str().ok_or(No(40_020, "缺少 project_no"))?;
    let index = body["page_index"].as_u64().unwrap_or(1);
    let size = body["page_size"].as_u64().unwrap_or(10);
    if index == 0 || !(1..=99).contains(&size) {
        return Err(No(40_022, "分页参数不合规"));
    }
    let state = sandbox.gongyi.state();
    let project = state.projects.get(number).filter(|project| !project.hidden);
    let project = project.ok_or(No(40_030, "项目未授权"))?;
    let from = usize::try_from((index - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let list: Vec<Value> = project
        .finances
        .iter()
        .skip(from)
        .take(size)
        .map(|each| {
            json!({
                "payout_total": each.payout_total.to_string(),
                "period_from": each.period_from,
                "period_to": each.period_to,
            })
        })
        .collect();
    Ok(json!({ "total": project.finances.len(), "list": list }))
}

fn report(sandbox: &Sandbox, body: &Value) -> Result<Value, No> {
    if !matches!(body["proc_type"].as_i64(), Some(1 | 2)) || !matches!(body["match_type"].as_i64(), Some(1 | 2)) {
        return Err(No(50_001, "proc_type、match_type 不合规"));
    }
    if body["project_id"].as_u64().is_none_or(|id| id > u64::from(u32::MAX)) {
        return Err(No(50_002, "project_id 不合规"));
    }
    let text = |field: &str, max: usize| {
        let text = body[field].as_str().unwrap_or_default();
        (1..=max).contains(&text.chars().count())
    };
    if !text("project_name", 18) || !text("card_id", 20) || !text("help_org_number", 30) {
        return Err(No(50_003, "字段长度不合规"));
    }
    let whole = match &body["exe_money"] {
        Value::Null => None,
        // Yuan as text: a number here is the mistake of somebody who sends fen.
        Value::String(yuan) => Some(fen(yuan).ok_or(No(50_004, "exe_money 应为以元为单位的字符串"))?),
        _ => return Err(No(50_004, "exe_money 应为以元为单位的字符串")),
    };
    if body["exe_images"]
        .as_array()
        .is_some_and(|images| images.is_empty() || images.len() > 3)
    {
        return Err(No(50_005, "图片最多三张，没有时不传"));
    }
    if let Some(list) = body["help_list"].as_array() {
        let sums: Option<Vec<i64>> = list.iter().map(|each| fen(each["money"].as_str()?)).collect();
        let sum = sums.ok_or(No(50_006, "help_list.money 应为以元为单位的字符串"))?;
        if Some(sum.iter().sum()) != whole {
            return Err(No(50_007, "人员金额合计与总额不一致"));
        }
    }
    let mut state = sandbox.gongyi.state();
    if state.reports.len() >= KEPT_MAX {
        return Err(No(50_008, "沙箱已满"));
    }
    let known = body["proc_id"].as_str().map(str::to_owned);
    let id = match known {
        Some(id) if state.reports.iter().any(|each| each["proc_id"] == id.as_str()) => id,
        Some(_) => return Err(No(50_009, "proc_id 不存在")),
        None => format!("PROC{:08}", state.reports.len() + 1),
    };
    let mut kept = body.clone();
    kept["proc_id"] = json!(id);
    state.reports.retain(|each| each["proc_id"] != id.as_str());
    state.reports.push(kept);
    Ok(json!({ "proc_id": id }))
}

/// Yuan with at most two decimals as fen.
fn fen(yuan: &str) -> Option<i64> {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_published_vector_is_met_here_too() {
        let secret = "secret1234567890secret1234567890";
        let text = format!(
            "Gy-H-Api-Appid=12345&Gy-H-Api-Nonce-Str=1234567890abcdef1234567890abcdef&Gy-H-Api-Timestamp=1650966683&key={secret}"
        );
        assert_eq!(
            hmac_sha256(secret.as_bytes(), text.as_bytes()),
            "76D81D6C374C989111297C4EB3F804B274FD4093BA2E9B6255DAB30653DBE229"
        );
    }

    #[test]
    fn yuan_is_read_and_fen_is_refused() {
        assert_eq!(fen("1234.56"), Some(123_456));
        assert_eq!((fen("5"), fen("5.5")), (Some(500), Some(550)));
        for bad in ["", "1.234", "-1", "1,000", "a"] {
            assert_eq!(fen(bad), None, "{bad}");
        }
    }
}
