//! A donor's walk through regular giving over HTTP, without scripts, on both databases.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use giving::donations::orders::{
    Asked, Bill, Charge, ChargeState, Connected, Gateway, GatewayError, PayStep, Provider, RefundCharge, RefundStep,
    Way,
};
use giving::recurring::ByLink;
use giving::recurring::actions::{self, NewNews};
use giving::recurring::model::NewPlan;
use giving::testing::{World, world};
use http_body_util::BodyExt as _;
use kernel::{BusinessDay, Fen};
use platform::identity::Actor;
use platform::notify::Kept;
use tower::ServiceExt as _;

/// A provider that is there and knows of no payment.
struct There;
impl Gateway for There {
    fn provider(&self) -> Provider {
        Provider::Wechat
    }
    fn begin<'a>(&'a self, charge: &'a Charge, _: &'a Way, _: &'a str) -> Asked<'a, PayStep> {
        Box::pin(async move {
            Ok(PayStep::Redirect {
                url: format!("https://pay.example.org/{}", charge.trade_no),
            })
        })
    }
    fn query<'a>(&'a self, _: &'a str) -> Asked<'a, ChargeState> {
        Box::pin(async { Ok(ChargeState::Waiting) })
    }
    fn close<'a>(&'a self, _: &'a str) -> Asked<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn refund<'a>(&'a self, _: &'a RefundCharge) -> Asked<'a, RefundStep> {
        Box::pin(async { Err(GatewayError::TryAgain("not asked here".into())) })
    }
    fn query_refund<'a>(&'a self, _: &'a RefundCharge) -> Asked<'a, RefundStep> {
        Box::pin(async { Ok(RefundStep::Unknown) })
    }
    fn bill(&self, _: BusinessDay) -> Asked<'_, Bill> {
        Box::pin(async { Ok(Bill::default()) })
    }
}

struct Walk {
    w: World,
    sent: Arc<Kept>,
    router: Router,
}

struct Answer {
    status: StatusCode,
    location: String,
    cookie: String,
    html: String,
}

impl Walk {
    async fn begin(test: &TestDb) -> Self {
        let mut w = world(test.db.clone()).await;
        let sent = Arc::new(Kept::default());
        w.giving.services.notify = sent.clone();
        w.giving.gateways.set(vec![Connected {
            unit: w.city,
            account: w.notice.0.id,
            gateway: Arc::new(There),
        }]);
        let plan = NewPlan {
            project: "aed".into(),
            title: "一张课桌".into(),
            title_en: "one desk".into(),
            amount: Fen::new(12_000),
            months: 12,
            places: 30,
        };
        actions::make_plan(w.services(), &Actor::operator(), &plan)
            .await
            .expect("a plan");
        let router = super::super::routes(w.giving.clone());
        Self { w, sent, router }
    }
    async fn ask(&self, request: axum::http::request::Builder, body: String) -> Answer {
        let request = request.header(header::ACCEPT, "text/html").body(Body::from(body));
        let answer = self
            .router
            .clone()
            .oneshot(request.expect("a request"))
            .await
            .expect("an answer");
        let of = |name| {
            answer
                .headers()
                .get(name)
                .and_then(|v| v.to_str().ok())
                .unwrap_or("")
                .to_owned()
        };
        let (location, cookie) = (of(header::LOCATION), of(header::SET_COOKIE));
        let status = answer.status();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        Answer {
            status,
            location,
            cookie: cookie.split(';').next().unwrap_or("").to_owned(),
            html: String::from_utf8_lossy(&body).into_owned(),
        }
    }
    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Request::get(path).header(header::COOKIE, cookie), String::new())
            .await
    }
    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.ask(request, form.to_owned()).await
    }
    /// The newest message of a template.
    fn said(&self, template: &str) -> String {
        let all = self.sent.all();
        let found = all.into_iter().rev().find(|m| m.template == template);
        found.map(|m| m.text).unwrap_or_default()
    }
    /// What is sent beside the answer.
    async fn code(&self) -> String {
        for _ in 0..200 {
            let code: Option<String> = self.sent.all().last().map(|m| m.values[0].1.clone());
            if let Some(code) = code {
                return code;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("no code was sent");
    }
}

fn value_of(html: &str, name: &str) -> String {
    let after = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or("");
    after.split('"').next().unwrap_or("").to_owned()
}

db::both!(
    a_donor_sponsors_a_desk_is_reminded_pays_pauses_and_ends_without_scripts,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let page = walk.get("/p/aed/monthly", "").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        for wanted in ["一张课桌", "共 30 份，已认领 0 份，还有 30 份", "不会自动扣款"] {
            assert!(page.html.contains(wanted), "{wanted}");
        }
        let token = value_of(&page.html, "token");
        let plan = value_of(&page.html, "plan");
        let day = walk.w.today().date().day();
        let wrong = walk
            .post(
                "/p/aed/monthly",
                "",
                &format!("token={token}&consent=0&day=31&contact=138"),
            )
            .await;
        for wanted in ["请选一个金额", "请填 1 到 28 之间的日子", "请填写 11 位手机号"] {
            assert!(wrong.html.contains(wanted), "{wanted}");
        }
        let token = value_of(&wrong.html, "token");
        let form = format!("token={token}&consent=0&plan={plan}&day={day}&contact=13800000000&name=x&news=yes");
        let asked = walk.post("/p/aed/monthly", "", &form).await;
        let (ask, mandate) = (value_of(&asked.html, "ask"), value_of(&asked.html, "mandate"));
        assert!(!ask.is_empty() && !mandate.is_empty(), "{}", asked.html);
        let code = walk.code().await;
        let bad = walk
            .post("/my/monthly/open", "", &format!("ask={ask}&mandate={mandate}&code=x"))
            .await;
        assert!(bad.html.contains("验证码不对") && bad.cookie.is_empty());
        let open = walk
            .post(
                "/my/monthly/open",
                "",
                &format!("ask={ask}&mandate={mandate}&code={code}"),
            )
            .await;
        assert_eq!(
            (open.status, open.location.as_str()),
            (StatusCode::SEE_OTHER, "/my/monthly?started=1")
        );
        let mine = walk.get("/my/monthly?started=1", &open.cookie).await.html;
        assert!(mine.contains("一张课桌") && mine.contains("每月捐赠已经开始") && mine.contains("去付款"));
        assert!(walk.get("/p/aed/monthly", "").await.html.contains("还有 29 份"));
        // The reminder's link leads to the payment, for whoever holds it, and names nobody.
        actions::run(&walk.w.giving, &ByLink).await.expect("run");
        let text = walk.said("monthly_due");
        let link = text
            .split("/m/")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .unwrap_or("")
            .to_owned();
        let due = walk.get(&format!("/m/{link}"), "").await;
        assert!(
            due.html.contains("<span class=\"yuan\">120</span>") && !due.html.contains("1380000"),
            "{}",
            due.html
        );
        let pay = walk.get(&format!("/m/{link}/pay"), "").await;
        assert_eq!(pay.status, StatusCode::SEE_OTHER);
        assert!(
            pay.location.starts_with("/o/") && pay.location.ends_with("/pay"),
            "{}",
            pay.location
        );
        let over = walk.get(&pay.location, &pay.cookie).await.html;
        assert!(over.contains("https://pay.example.org/SQ"), "on to the provider");
        assert_eq!(walk.get("/m/AAAA", "").await.status, StatusCode::NOT_FOUND);
        // Her own page changes the mandate; a form without the session's mark does not.
        let token = value_of(&mine, "token");
        let forged = walk
            .post(
                "/my/monthly/change",
                &open.cookie,
                &format!("token=x&mandate={mandate}&act=end"),
            )
            .await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let change = |act: &str| format!("token={token}&mandate={mandate}&act={act}");
        let paused = walk.post("/my/monthly/change", &open.cookie, &change("pause")).await;
        assert_eq!(paused.location, "/my/monthly?done=pause");
        assert!(walk.get("/my/monthly", &open.cookie).await.html.contains("已暂停"));
        walk.post("/my/monthly/change", &open.cookie, &change("end")).await;
        let ended = walk.get("/my/monthly", &open.cookie).await.html;
        assert!(ended.contains("您结束的") && ended.contains("再次开始"));
        assert_eq!(
            walk.get("/my/monthly", "").await.location,
            "/my",
            "without a session: sign in"
        );
        drop(walk.router);
        walk.w.stop();
    }
);

db::both!(
    news_are_read_from_their_link_and_ended_by_one_tap_alone,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let page = walk.get("/p/aed/monthly", "").await.html;
        let form = format!(
            "token={}&consent=0&amount=50&day=8&contact=13800000000&news=yes",
            value_of(&page, "token")
        );
        let asked = walk.post("/p/aed/monthly", "", &form).await.html;
        let open = format!(
            "ask={}&mandate={}&code={}",
            value_of(&asked, "ask"),
            value_of(&asked, "mandate"),
            walk.code().await
        );
        let open = walk.post("/my/monthly/open", "", &open).await;
        let news = NewNews {
            title: "课桌到了".into(),
            title_en: "Desks".into(),
            words: "第一批课桌已经送到。".into(),
            words_en: String::new(),
        };
        actions::publish_news(walk.w.services(), &Actor::operator(), walk.w.restricted.id, &news)
            .await
            .expect("published");
        actions::run(&walk.w.giving, &ByLink).await.expect("run");
        let text = walk.said("project_news");
        let link = text.split("/n/").nth(1).unwrap_or("").trim().to_owned();
        let read = walk.get(&format!("/n/{link}"), "").await.html;
        for wanted in ["第一批课桌已经送到。", "/p/aed/monthly", "不再接收"] {
            assert!(read.contains(wanted), "{wanted}");
        }
        assert!(!read.contains("1380000"));
        let mine = walk.get("/my/monthly", &open.cookie).await.html;
        assert!(mine.contains("会收到进展消息的项目"), "looking at a link ends nothing");
        let ended = walk.post(&format!("/n/{link}/end"), "", "").await;
        assert_eq!(ended.location, format!("/n/{link}"));
        assert!(walk.get(&ended.location, "").await.html.contains("不会再给您发"));
        let mine = walk.get("/my/monthly", &open.cookie).await.html;
        assert!(!mine.contains("会收到进展消息的项目"));
        assert!(
            walk.get("/p/aed/monthly", "").await.html.contains("课桌到了"),
            "progress stands on the page"
        );
        drop(walk.router);
        walk.w.stop();
    }
);
