//! A donor's walk over the pages, with a payment provider made up for it, on both databases.

mod link;
mod share;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use db::testing::TestDb;
use giving::donations::Outcome;
use giving::donations::orders::{
    self, Asked, Bill, Charge, ChargeState, Connected, Gateway, GatewayError, PayStep, Payment, Provider, RefundCharge,
    RefundStep, Way,
};
use giving::matching::actions::NewPool;
use giving::matching::model::Span;
use giving::matching::{self, Backing};
use giving::projects::{self, AmountChoice};
use giving::testing::{World, world};
use http_body_util::BodyExt as _;
use kernel::id::from_public;
use kernel::{BusinessDay, Fen, OrderId};
use platform::facts::Reactions;
use platform::identity::Actor;
use platform::notify::Kept;
use tower::ServiceExt as _;

use super::super::house::{House, Shown, Topic};
use super::super::queries;

const DESK: &str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148";
const WECHAT: &str = "Mozilla/5.0 (Linux; Android 15) Mobile MicroMessenger/8.0.50";
/// First paint (M-03, references.md 16): what a phone must load before it shows the form.
const FIRST_PAINT_BYTES_MAX: usize = 100_000;

/// A provider that answers as asked and knows of no payment.
struct Made(Provider);

impl Gateway for Made {
    fn provider(&self) -> Provider {
        self.0
    }
    fn begin<'a>(&'a self, charge: &'a Charge, way: &'a Way, back: &'a str) -> Asked<'a, PayStep> {
        Box::pin(async move {
            assert!(back.contains("/o/"), "the donor comes back to her order");
            Ok(match way {
                Way::WechatNative => PayStep::Qr {
                    code_url: format!("weixin://pay/{}", charge.trade_no),
                },
                Way::AlipayPage => PayStep::Form {
                    html: format!(
                        "<form method=\"post\" action=\"https://pay.example.org/x\"><input type=\"hidden\" name=\"n\" \
                         value=\"{}\"><button>去支付</button></form>",
                        charge.trade_no
                    ),
                },
                Way::WechatJsapi { .. } => PayStep::Jsapi {
                    params: serde_json::json!({}),
                },
                Way::WechatH5 { .. } | Way::AlipayWap => PayStep::Redirect {
                    url: format!("https://pay.example.org/{}", charge.trade_no),
                },
            })
        })
    }
    fn sign_in_url(&self, back: &str, state: &str) -> Option<String> {
        (self.0 == Provider::Wechat).then(|| format!("https://chat.example.org/?back={back}&state={state}"))
    }
    fn payer<'a>(&'a self, code: &'a str) -> Asked<'a, String> {
        Box::pin(async move {
            match code {
                "good" => Ok("oTest".to_owned()),
                "down" => Err(GatewayError::TryAgain("busy".into())),
                _ => Err(GatewayError::Refused {
                    code: "CODE_SPENT".into(),
                    words: String::new(),
                }),
            }
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

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    fn location(&self) -> String {
        let to = self.headers.get(header::LOCATION).and_then(|v| v.to_str().ok());
        to.unwrap_or("").to_owned()
    }
    fn cookie(&self) -> String {
        let set = self
            .headers
            .get(header::SET_COOKIE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("");
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
        set.split(';').next().unwrap_or("").to_owned()
    }
}

struct Walk {
    world: World,
    sent: Arc<Kept>,
    router: Router,
}

impl Walk {
    async fn begin(test: &TestDb) -> Self {
        let mut world = world(test.db.clone()).await;
        let sent = Arc::new(Kept::default());
        world.giving.services.notify = sent.clone();
        let by = Actor::operator();
        let choice = AmountChoice {
            amount_fen: Fen::new(2_000),
            words: "一个急救包".into(),
            words_en: "one first-aid kit".into(),
        };
        let (id, title) = (world.restricted.id, world.restricted.title.clone());
        projects::actions::describe(world.services(), &by, id, &title, "配置急救设备", &[choice])
            .await
            .expect("described");
        let connected = |provider| Connected {
            unit: world.city,
            account: world.notice.0.id,
            gateway: Arc::new(Made(provider)),
        };
        world
            .giving
            .gateways
            .set(Provider::ALL.into_iter().map(connected).collect());
        let router = super::routes(world.giving.clone());
        Self { world, sent, router }
    }

    async fn ask(&self, request: axum::http::request::Builder, body: String) -> Answer {
        let request = request
            .header(header::ACCEPT, "text/html")
            .body(Body::from(body))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.expect("a body").to_bytes(),
        }
    }
    async fn get(&self, path: &str, cookie: &str, agent: &str) -> Answer {
        let request = Request::get(path)
            .header(header::COOKIE, cookie)
            .header(header::USER_AGENT, agent);
        self.ask(request, String::new()).await
    }
    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.ask(request, form.to_owned()).await
    }
    /// The token of a fresh form.
    async fn token(&self) -> String {
        value_of(&self.get("/p/aed/give", "", PHONE).await.html(), "token")
    }
    /// Places an order; gives its address and its cookie.
    async fn order(&self, rest: &str) -> (String, String) {
        let form = format!("token={}&consent=0&provider=wechat&{rest}", self.token().await);
        let sent = self.post("/p/aed/give", "", &form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html());
        let to = sent.location();
        (to.trim_end_matches("/pay").to_owned(), sent.cookie())
    }
    /// A sponsor matches one to one as long as its money lasts.
    async fn opens_a_pool(&self, fen: i64) {
        let (world, by) = (&self.world, Actor::operator());
        let services = world.services();
        let held = world.submit(world.incoming(&world.agency, "HELD", fen)).await;
        let Outcome::Recorded(held) = held else {
            panic!("{held:?}")
        };
        let sponsor = matching::actions::add_sponsor(services, &by, world.city, "测试企业").await;
        let new = NewPool {
            unit: world.city,
            code: "hot".into(),
            title: "配捐池".into(),
            sponsor: sponsor.expect("added").id,
            account: world.bank.id,
            campaign: None,
            priority: 0,
            backing: Backing::Gift(held),
            locked: Fen::new(fen),
        };
        let pool = matching::actions::create_pool(services, &by, new).await.expect("made");
        let today = world.today();
        let span = Span {
            from: today.start(),
            to: today.plus_days(1).start(),
        };
        let rule = serde_json::json!({ "window": { "spans": [span] }, "kind": { "kind": "ratio", "permille": 1_000 } });
        let rule = serde_json::from_value(rule).expect("a rule");
        matching::actions::write_rule(services, &by, pool.id, &rule)
            .await
            .expect("written");
        matching::actions::publish(services, &by, pool.id)
            .await
            .expect("published");
        matching::actions::open(&world.giving, &by, pool.id)
            .await
            .expect("opened");
    }
    /// The provider tells of the payment.
    async fn paid(&self, address: &str, fen: i64) {
        let services = self.world.services();
        let id: OrderId = from_public(&*services.keys, address.trim_start_matches("/o/")).expect("an order");
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let order = orders::find(&mut at, id).await.expect("read").expect("there");
        drop(at);
        let payment = Payment {
            trade_no: order.trade_no.clone(),
            provider_no: "4200000000".into(),
            amount: Fen::new(fen),
            paid_at: services.now(),
            payer_id: None,
        };
        orders::confirm(&self.world.giving, self.world.notice.0.id, payment)
            .await
            .expect("confirmed");
        let reactions = Reactions::new(proof::reactions());
        for _ in 0..500 {
            reactions.drain(services).await.expect("numbered");
            let mut at = services.db.snapshot().await.expect("a snapshot");
            if platform::facts::unplaced(&mut at).await.expect("read") == 0 {
                return;
            }
            drop(at);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    fn end(self) {
        drop(self.router);
        self.world.stop();
    }
}

/// The value of a field in a page.
fn value_of(html: &str, name: &str) -> String {
    let after = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or("");
    after.split('"').next().unwrap_or("").to_owned()
}

db::both!(
    a_gift_in_two_taps_from_the_form_to_the_certificate,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let page = walk.get("/p/aed/give", "", PHONE).await.html();
        assert!(
            page.contains("一个急救包") && page.contains("同意并用微信支付") && page.contains("同意并用支付宝支付")
        );
        assert!(
            !walk
                .get("/p/aed/give", "", WECHAT)
                .await
                .html()
                .contains("value=\"alipay\""),
            "not inside WeChat"
        );
        let (order, cookie) = walk
            .order("choice=2000&name=%E6%B5%8B%E8%AF%95%E7%94%B2&phone=13800000000")
            .await;
        let desk = walk.get(&format!("{order}/pay"), &cookie, DESK).await;
        assert_eq!(desk.status, StatusCode::OK);
        assert!(
            desk.html().contains("<svg") && desk.html().contains("扫一扫"),
            "on a computer a code to scan"
        );
        let phone = walk.get(&format!("{order}/pay"), &cookie, PHONE).await.html();
        assert!(
            phone.contains("href=\"https://pay.example.org/SQ"),
            "on a phone a way over"
        );
        let waiting = walk.get(&order, &cookie, PHONE).await.html();
        assert!(
            waiting.contains("http-equiv=\"refresh\"") && waiting.contains("正在等待支付结果"),
            "without scripts too"
        );
        walk.paid(&order, 2_000).await;
        let thanks = walk.get(&order, &cookie, PHONE).await.html();
        assert!(thanks.contains("捐赠成功") && thanks.contains("<span class=\"yuan\">20</span>"));
        let certificate = thanks
            .split("href=\"/v/")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or("");
        assert!(
            certificate.contains('#'),
            "the certificate’s address has the key behind the mark"
        );
        assert!(
            thanks.contains("/certificate/png?proof="),
            "its picture stands on the page"
        );
        let stranger = walk.get(&order, "", PHONE).await.html();
        assert!(
            !stranger.contains("yuan\">20<") && !stranger.contains("/v/"),
            "the address alone tells no amount"
        );
        let forged = walk.get(&order, "order=AAAAAAAAAAAAAAAAAAAAAA", PHONE).await.html();
        assert!(!forged.contains("yuan\">20<"));
        let away = walk.get(&format!("{order}/pay"), &cookie, PHONE).await;
        assert_eq!(
            (away.status, away.location()),
            (StatusCode::SEE_OTHER, order.clone()),
            "paid is paid"
        );
        walk.end();
    }
);

db::both!(
    inside_wechat_the_donor_is_known_first_and_asked_once_more_for_a_spent_code,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let (order, cookie) = walk
            .order("choice=2000&name=%E6%B5%8B%E8%AF%95%E7%94%B2&phone=13800000000")
            .await;
        let pay = format!("{order}/pay");
        let led = walk.get(&pay, &cookie, WECHAT).await;
        let there = |state: &str| {
            let base = &walk.world.services().base_url;
            format!("https://chat.example.org/?back={base}{pay}?with=wechat&state={state}")
        };
        assert_eq!((led.status, led.location()), (StatusCode::SEE_OTHER, there("first")));
        let known = walk
            .get(&format!("{pay}?with=wechat&code=good&state=first"), &cookie, WECHAT)
            .await;
        assert!(
            known.html().contains("data-jsapi"),
            "the payment sheet: {}",
            known.html()
        );
        let spent = format!("{pay}?with=wechat&code=spent&state=");
        let led = walk.get(&format!("{spent}first"), &cookie, WECHAT).await;
        assert_eq!(led.location(), there("again"), "a page that was read again");
        for known_to_nobody in [
            format!("{spent}again"),
            format!("{pay}?with=wechat&code=down&state=first"),
        ] {
            let page = walk.get(&known_to_nobody, &cookie, WECHAT).await;
            assert!(
                page.status == StatusCode::OK && page.html().contains("https://pay.example.org/SQ"),
                "no circle: the other way is shown"
            );
        }
        let stranger = walk.get(&format!("{pay}?code=good&state=first"), "", WECHAT).await;
        assert_eq!(stranger.location(), order, "nobody pays another's order");
        walk.end();
    }
);

db::both!(
    faults_come_back_beside_their_fields_with_all_that_was_filled_in,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let token = walk.token().await;
        let form =
            format!("token={token}&consent=0&provider=wechat&amount=0.5&phone=12&message=Hello%3Cb%3E&show=anonymous");
        let answer = walk.post("/p/aed/give", "", &form).await;
        assert_eq!(answer.status, StatusCode::OK);
        let html = answer.html();
        for wanted in [
            "每笔至少 1.00 元",
            "请填写 11 位手机号",
            "value=\"0.5\"",
            "Hello&lt;b&gt;",
            "value=\"anonymous\" checked",
        ] {
            assert!(html.contains(wanted), "{wanted}");
        }
        assert!(html.contains("aria-describedby=\"amount-fault\"") && html.contains("id=\"amount-fault\""));
        let good = format!(
            "token={}&consent=0&provider=wechat&choice=2000",
            value_of(&html, "token")
        );
        let first = walk.post("/p/aed/give", "", &good).await;
        let second = walk.post("/p/aed/give", "", &good).await;
        assert_eq!(first.location(), second.location(), "sent twice, one order");
        let other = walk.post("/p/aed/give", "", &good.replace("2000", "3000")).await.html();
        assert!(
            other.contains("没有重复扣款"),
            "the same form with other words is asked again"
        );
        for bad in ["token=", "token=AAAA"] {
            let old = walk
                .post(
                    "/p/aed/give",
                    "",
                    &format!("{bad}&consent=0&provider=wechat&choice=2000"),
                )
                .await
                .html();
            assert!(old.contains("已经换新"), "{bad}");
        }
        let cross = Request::post("/p/aed/give").header("sec-fetch-site", "cross-site");
        assert_eq!(walk.ask(cross, good).await.status, StatusCode::FORBIDDEN);
        assert_eq!(
            walk.get("/p/nothing/give", "", PHONE).await.status,
            StatusCode::NOT_FOUND
        );
        walk.end();
    }
);

db::both!(
    a_form_to_a_provider_may_go_there_and_nowhere_else,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let (order, cookie) = walk.order("choice=2000").await;
        let page = walk.get(&format!("{order}/pay?with=alipay"), &cookie, DESK).await;
        assert!(page.html().contains("action=\"https://pay.example.org/x\""));
        let policy = page.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ascii")
            .to_owned();
        assert!(
            policy.contains("form-action 'self' https://pay.example.org;"),
            "{policy}"
        );
        let give = walk.get("/p/aed/give", "", PHONE).await;
        let policy = give.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ascii")
            .to_owned();
        assert!(policy.contains("form-action 'self';"), "{policy}");
        assert_eq!(
            give.headers[header::CACHE_CONTROL],
            "no-store",
            "a token is for one reader"
        );
        walk.end();
    }
);

db::both!(
    without_a_provider_the_form_says_how_else_to_give,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        walk.world.giving.gateways.set(Vec::new());
        let html = walk.get("/p/aed/give", "", PHONE).await.html();
        assert!(html.contains("暂时不能在线捐赠") && !html.contains("<form"));
        walk.end();
    }
);

db::both!(
    first_paint_stays_below_a_hundred_kilobytes,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let page = walk.get("/p/aed/give", "", PHONE).await;
        let statics: Router = web::assets::routes();
        let mut bytes = page.body.len();
        let html = page.html();
        let addresses: Vec<&str> = html.split('"').filter(|part| part.starts_with("/static/")).collect();
        assert!(addresses.len() >= 4, "styles and scripts: {addresses:?}");
        for address in addresses {
            let request = Request::get(address).body(Body::empty()).expect("a request");
            let answer = statics.clone().oneshot(request).await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK, "{address}");
            bytes += answer.into_body().collect().await.expect("a body").to_bytes().len();
        }
        assert!(bytes < FIRST_PAINT_BYTES_MAX, "{bytes} bytes, uncompressed");
        assert!(!html.contains("<img src=\"http"), "nothing from elsewhere");
        walk.end();
    }
);

db::both!(
    my_gifts_open_by_code_and_say_the_same_to_strangers,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        walk.opens_a_pool(700).await;
        // After every gift that was there before: ids of one moment have no order among themselves.
        walk.world.at(walk.world.clock_plus(1_000_000));
        let (order, _) = walk.order("choice=2000&phone=13800000000").await;
        walk.paid(&order, 2_000).await;
        let known = walk.post("/my/code", "", "contact=138-0000-0000").await.html();
        let stranger = walk.post("/my/code", "", "contact=13800000003").await.html();
        let bare = |html: &str| html.replace(&value_of(html, "ask"), "");
        assert_eq!(bare(&known), bare(&stranger), "the same answer whether known or not");
        for _ in 0..100 {
            if !walk.sent.all().is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let sent = walk.sent.all();
        assert_eq!(sent.len(), 1, "only the known one is sent anything");
        let code = sent[0].values[0].1.clone();
        assert!(sent[0].text.contains(&code) && sent[0].text.contains("临沂市演示会"));
        let ask = value_of(&known, "ask");
        let wrong = walk.post("/my/open", "", &format!("ask={ask}&code=x")).await.html();
        assert!(wrong.contains("验证码不对"));
        let opened = walk.post("/my/open", "", &format!("ask={ask}&code={code}")).await;
        assert_eq!(
            (opened.status, opened.location().as_str()),
            (StatusCode::SEE_OTHER, "/my")
        );
        let cookie = opened.cookie();
        let mine = walk.get("/my", &cookie, PHONE).await.html();
        assert!(mine.contains("<span class=\"yuan\">20</span>") && mine.contains("演示项目aed"));
        assert!(mine.contains("测试企业：已配捐 7.00 元（规则应配 20.00 元"), "{mine}");
        // Whoever has the certificate reads the same on its page, and whoever looks the gift up.
        let house = House::new(walk.world.services().clone());
        let of_this = mine.split("已配捐 7.00 元").nth(1).unwrap_or_default();
        let of_gift = queries::gift::behind(&house, &value_of(of_this, "gift")).expect("a gift");
        let page = queries::gift::certificate(&house, of_gift, web::Locale::ZhHans).await;
        let said = page.expect("a page").matched;
        assert_eq!(said.len(), 1);
        assert!(
            said[0].sponsor == "测试企业" && said[0].words.starts_with("已配捐 7.00 元"),
            "{said:?}"
        );
        let page = queries::shown(walk.world.services(), Topic::Project(walk.world.restricted.id)).await;
        let Ok(Some(Shown::Project(page))) = page else {
            panic!("the project has a page")
        };
        assert_eq!(
            (page.live.matched_fen, page.live.total_fen),
            (Fen::new(700), Fen::new(2_000)),
            "beside what was given"
        );
        let (token, gift) = (value_of(&mine, "token"), value_of(&mine, "gift"));
        let foreign = walk
            .post(
                "/my/refund",
                &cookie,
                &format!("token=x&gift={gift}&reason=wrong_payment"),
            )
            .await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN);
        let copy = |token: &str| format!("token={token}&form=json&after=");
        let foreign = walk.post("/my/copy", &cookie, &copy("x")).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "no other site takes a copy");
        assert_eq!(walk.post("/my/copy", "", &copy(&token)).await.location(), "/my");
        let own = walk.post("/my/copy", &cookie, &copy(&token)).await;
        let handed = own.headers[header::CONTENT_DISPOSITION].to_str().expect("ascii");
        assert!(
            own.status == StatusCode::OK && handed.starts_with("attachment"),
            "{handed}"
        );
        let read: serde_json::Value = serde_json::from_slice(&own.body).expect("JSON");
        assert_eq!(read["gifts"][0]["amount_fen"], 2_000, "{read}");
        let wish = format!("token={token}&gift={gift}&reason=wrong_payment");
        assert_eq!(walk.post("/my/refund", &cookie, &wish).await.location(), "/my?wished=1");
        let noted = walk.get("/my?wished=1", &cookie, PHONE).await.html();
        assert!(noted.contains("已申请退款，等待核实"));
        let unsure = walk.post("/my/erase", &cookie, &format!("token={token}")).await;
        assert_eq!(unsure.status, StatusCode::BAD_REQUEST, "nobody is erased by mistake");
        walk.post("/my/leave", &cookie, &format!("token={token}")).await;
        let left = walk.get("/my", &cookie, PHONE).await.html();
        assert!(left.contains("name=\"contact\"") && !left.contains("yuan\">20<"));
        let over = walk.post("/my/erase", &cookie, &format!("token={token}&sure=1")).await;
        assert_eq!(over.location(), "/my", "without a session nothing is erased");
        walk.end();
    }
);
