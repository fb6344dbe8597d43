//! Books with one gift, and a client for their routes.
#![allow(dead_code, reason = "each test file uses its own part")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use db::bulk::BulkWriter;
use db::testing::TestDb;
use db::{Reads as _, params};
use kernel::id::public;
use kernel::{Channel, Fen, FundId, GiftId, ProjectId, UnitId};
use ledger::wide::{AccountCache, Batch, GiftBooking};
use ledger::{Restriction, api};
use platform::Services;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, guard};
use platform::testing::{NOW, services};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// A city whose books hold one restricted gift of 1,000.00 yuan, and its county.
pub struct City {
    pub services: Services,
    app: Router,
    pub unit: UnitId,
    pub county: UnitId,
    pub fund: FundId,
    pub project: ProjectId,
    pub gift: GiftId,
    _folder: tempfile::TempDir,
}

impl City {
    pub async fn new(test: &TestDb) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let services = services(test.db.clone(), folder.path());
        let rng = &*services.rng;
        let (unit, county) = (UnitId::new(NOW, rng), UnitId::new(NOW, rng));
        services.tree.replace(vec![(unit, None), (county, Some(unit))]);
        let (fund, project, gift) = (FundId::new(NOW, rng), ProjectId::new(NOW, rng), GiftId::new(NOW, rng));
        let city = GiftBooking {
            gift,
            unit,
            channel: Channel::Wechat,
            project,
            campaign: None,
            fund,
            restriction: Restriction::Restricted,
            amount: Fen::new(100_000),
            posting_day: NOW.business_day(),
            business_day: NOW.business_day(),
        };
        receive(&services, city).await;
        let (app, _) = guard::finish(api::routes(), services.clone());
        Self {
            services,
            app,
            unit,
            county,
            fund,
            project,
            gift,
            _folder: folder,
        }
    }

    pub async fn token(&self, name: &str, unit: UnitId, role: Role) -> String {
        let user = NewUser {
            name: name.to_owned(),
            kind: ActorKind::Person,
            unit,
            roles: vec![role],
            token: Some(NewToken {
                name: "desk".into(),
                days: None,
            }),
            personal: Personal::default(),
        };
        let added = add_user(&self.services, &Actor::operator(), user).await.expect("added");
        added.token.expect("a token").text
    }

    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string()));
        let response = self
            .app
            .clone()
            .oneshot(request.body(body).expect("a request"))
            .await
            .expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        (
            status,
            headers,
            to_bytes(response.into_body(), 1 << 20).await.expect("a body").to_vec(),
        )
    }

    pub async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        let (status, _, bytes) = self.raw("GET", path, token, None).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        let (status, _, bytes) = self.raw("POST", path, token, Some(body)).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub fn shown<I: kernel::id::Id>(&self, id: I) -> String {
        public(&*self.services.keys, id)
    }

    pub fn expenditure(&self, key: &str, fen: i64) -> Value {
        json!({
            "key": key, "unit": self.shown(self.unit), "business_day": "2026-05-08", "memo_code": "V-17",
            "fund": self.shown(self.fund), "project": self.shown(self.project),
            "on": "programme", "money": "restricted", "paid_from": "wechat", "amount_fen": fen,
        })
    }

    pub async fn facts(&self, kind: &str) -> i64 {
        let mut at = self.services.db.snapshot().await.expect("a view");
        let sql = "SELECT COUNT(*) AS n FROM fact WHERE kind = ?1";
        let row = at.query_one(sql, params![kind]).await.expect("reads").expect("a row");
        row.int("n").expect("a number")
    }
}

/// Books a gift as the intake does.
pub async fn receive(services: &Services, booking: GiftBooking) {
    let mut writer = BulkWriter::open(&services.db).await.expect("a wide writer");
    let mut cache = AccountCache::new();
    let mut tx = writer.begin().await.expect("begins");
    cache
        .ensure_gifts(&mut tx, &[booking], NOW, &*services.rng)
        .await
        .expect("accounts");
    let mut batch = Batch::new();
    batch.add_gift(&booking, &cache).expect("a gift");
    batch.write(&mut tx).await.expect("writes");
    tx.commit().await.expect("commits");
}
