//! A town with one of everything that belongs to a unit, made through the interface of the real server, and an officer
//! of another unit who holds every permission there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::Answer;
use super::phone::PhoneKey;
use super::{Client, House, Server};

/// How long what happens by itself (a screening) may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// All roles that one person may hold together.
const EVERYTHING: [&str; 8] = [
    "administrator",
    "fundraising_officer",
    "finance_officer",
    "leader",
    "storekeeper",
    "donation_desk",
    "requester",
    "auditor",
];

/// Ids and tokens by name, as `{name}` stands in the table of routes.
pub struct Town {
    /// Public ids, codes and days.
    pub names: BTreeMap<&'static str, String>,
    /// Who made everything, in the first unit.
    pub owner: String,
    /// Her three leaders.
    pub leaders: Vec<String>,
    /// Every permission in another unit.
    pub stranger: String,
    /// Her public id.
    pub stranger_id: String,
}

struct Maker<'t> {
    client: Client,
    token: String,
    names: &'t mut BTreeMap<&'static str, String>,
}

impl Town {
    /// Makes it all.
    pub fn found(house: &House, server: &Server) -> Self {
        let mut names = BTreeMap::from([
            ("unit", house.word("unit_id").to_owned()),
            ("pool", "pool-a".to_owned()),
            ("code", "relief-one".to_owned()),
        ]);
        names.insert("today", today());
        let mut at = Maker {
            client: server.client(),
            token: house.word("admin_token").to_owned(),
            names: &mut names,
        };
        let leaders: Vec<String> = ["lead1", "lead2", "lead3"]
            .map(|name| at.user(name, "unit", &["leader"]))
            .into();
        at.units();
        at.raising();
        at.books();
        at.goods(&leaders);
        at.deciding();
        at.people(&leaders[0]);
        at.money_that_waits(house.word("notice_secret"));
        let stranger = at.user("stranger", "other_unit", &EVERYTHING);
        let me = at.client.staff(&stranger, "GET", "/api/v1/me", &Value::Null);
        let stranger_id = me.expect("an answer").json()["id"].as_str().expect("an id").to_owned();
        Self {
            owner: house.word("admin_token").to_owned(),
            names,
            leaders,
            stranger,
            stranger_id,
        }
    }

    /// The text with every `{name}` in its place.
    #[track_caller]
    pub fn fill(&self, text: &str) -> String {
        filled(text, &self.names)
    }
}

/// The day on which the server works: its clock is this machine's.
fn today() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.expect("after 1970").as_micros();
    let now = kernel::Instant::from_micros(i64::try_from(micros).expect("before the year 294246"));
    now.business_day().to_string()
}

#[track_caller]
fn filled(text: &str, names: &BTreeMap<&'static str, String>) -> String {
    let mut text = text.to_owned();
    for (name, value) in names {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

impl Maker<'_> {
    #[track_caller]
    fn ask(&mut self, method: &str, path: &str, body: Value) -> Value {
        let path = filled(path, self.names);
        let body = serde_json::from_str(&filled(&body.to_string(), self.names)).expect("JSON");
        let answer = self.client.staff(&self.token, method, &path, &body).expect("an answer");
        assert!(
            answer.status < 300,
            "{method} {path}: {} {}",
            answer.status,
            answer.text()
        );
        answer.json()
    }

    /// Posts, and keeps the id under a name.
    #[track_caller]
    fn make(&mut self, name: &'static str, path: &str, (key, body): (&str, Value)) -> Value {
        let made = self.ask("POST", path, body);
        let id = made[key].as_str().unwrap_or_else(|| panic!("{made} has {key}"));
        self.names.insert(name, id.to_owned());
        made
    }

    /// A user of a unit, who shows this token.
    fn user(&mut self, name: &str, unit: &str, roles: &[&str]) -> String {
        let body = json!({ "name": name, "kind": "person", "unit": format!("{{{unit}}}"), "roles": roles,
            "token": { "name": "test" } });
        let made = self.ask("POST", "/api/v1/users", body);
        made["token"]["token"].as_str().expect("a token").to_owned()
    }

    fn units(&mut self) {
        let county = json!({ "parent": "{unit}", "name": "示例县红十字会", "region_code": "371321", "books": "above" });
        self.make("other_unit", "/api/v1/units", ("id", county));
    }

    fn raising(&mut self) {
        let certificate = json!({ "issuer": "示例民政局", "number": "S1", "status": "valid", "status_since": "2020-01-01",
            "valid_from": "2020-01-01", "valid_to": "2099-12-31" });
        self.ask("PUT", "/api/v1/units/{unit}/certificate", certificate);
        let campaign = json!({ "unit": "{unit}", "online": false, "plan": plan("{today}") });
        self.make("campaign", "/api/v1/campaigns", ("id", campaign));
        self.ask(
            "POST",
            "/api/v1/campaigns/{campaign}/open-in-emergency",
            json!({ "event": "示例地震" }),
        );
        let project = |code: &str, nature: &str| {
            json!({ "unit": "{unit}", "campaign": "{campaign}", "code": code, "title": format!("示例项目 {code}"),
                "region_code": "371300", "nature": nature, "target_fen": 1_000_000 })
        };
        for (name, code, nature) in [
            ("project", "relief-one", "restricted"),
            ("second", "relief-two", "restricted"),
            ("agency", "held-money", "agency"),
        ] {
            let made = self.make(name, "/api/v1/projects", ("id", project(code, nature)));
            if name == "agency" {
                self.names
                    .insert("agency_fund", made["fund"].as_str().expect("a fund").to_owned());
            }
            self.ask("POST", &format!("/api/v1/projects/{{{name}}}/open"), Value::Null);
        }
        let gift = |key: &str, project: &str| {
            json!({ "key": key, "account": "cash", "project": project, "amount_fen": 50_000,
                "payer": { "name": "王小明", "phone": "13800000001" }, "receipt": "wanted" })
        };
        self.make("gift", "/api/v1/gifts", ("gift", gift("g1", "relief-one")));
        self.ask("POST", "/api/v1/gifts", gift("g2", "held-money"));
        let refund = json!({ "key": "r1", "amount_fen": 100, "reason": "wrong_payment" });
        self.make("refund", "/api/v1/gifts/{gift}/refunds", ("refund", refund));
        let event = json!({ "unit": "{unit}", "project": "{project}", "kind": "market", "title": "示例市集",
            "held_on": "{today}", "key": "market" });
        self.make("event", "/api/v1/events", ("event", event));
        let sources = json!({ "unit": "{unit}", "csv": "kind,name\nshop,示例商店\n" });
        self.ask("POST", "/api/v1/giving-sources", sources);
        let sources = self.ask("GET", "/api/v1/giving-sources", Value::Null);
        let source = sources["items"][0]["source"].as_str().expect("a source");
        self.names.insert("source", source.to_owned());
        let helper = json!({ "age_years": 30, "key": "first", "name": "王小明", "phone": "13800000005" });
        self.ask("POST", "/api/v1/events/{event}/solicitors", helper);
        let helpers = self.ask("GET", "/api/v1/events/{event}/solicitors", Value::Null);
        let helper = helpers[0]["solicitor"].as_str().expect("a helper");
        self.names.insert("solicitor", helper.to_owned());
        let team = json!({ "project": "relief-one", "title": "示例读书会", "words": "每人一份", "key": "team",
            "starter": { "name": "李示例", "phone": "13800000003" } });
        self.make("team", "/api/v1/teams", ("team", team));
        self.ask("POST", "/api/v1/teams/{team}/open", Value::Null);
        let monthly = json!({ "title": "一张课桌", "amount_fen": 12_000, "months": 12, "places": 30 });
        self.make("monthly", "/api/v1/projects/relief-one/plans", ("id", monthly));
        let fund = json!({ "project": "relief-two", "kind": "community", "name": "示例市红十字会晨光助学基金", "purpose": "资助",
            "spending": "申请", "agreement_no": "JJ-1", "signed_on": "{today}", "fee_bp": 300, "minimum_fen": 100,
            "minimum_rule": "refuse", "report_month": 3, "report_day": 28, "dormant_months": 12,
            "rest_to": "relief-one", "rest": "转入" });
        self.make("fund", "/api/v1/named-funds", ("id", fund));
    }

    fn books(&mut self) {
        let accounts = self.ask("GET", "/api/v1/accounts", Value::Null);
        for (name, code) in [("bank", "bank"), ("account", "other")] {
            let listed = accounts["items"].as_array().expect("a list");
            let found = listed.iter().find(|account| account["code"] == code);
            let id = found.unwrap_or_else(|| panic!("{accounts} has {code}"))["id"].as_str();
            self.names.insert(name, id.expect("an id").to_owned());
        }
        let sponsor = json!({ "unit": "{unit}", "name": "示例企业" });
        self.make("sponsor", "/api/v1/match/sponsors", ("id", sponsor));
        let agreement = "/api/v1/match/agreements?unit={unit}";
        self.make(
            "agreement",
            agreement,
            ("agreement", json!({ "agreement": "示例协议" })),
        );
        let pool = json!({ "unit": "{unit}", "code": "pool-a", "title": "示例配捐", "sponsor": "{sponsor}",
            "account": "{bank}", "agreement": "{agreement}", "signed_on": "{today}", "locked_fen": 100_000 });
        self.ask("POST", "/api/v1/match/pools", pool);
        let payout = json!({ "unit": "{unit}", "key": "p1", "amount_fen": 100, "fund": "{agency_fund}",
            "paid_from": "cash", "business_day": "{today}" });
        self.make("payout", "/api/v1/books/payouts", ("payout", payout));
        let spent = json!({ "unit": "{unit}", "key": "x1", "amount_fen": 100, "business_day": "{today}",
            "paid_from": "cash", "on": "programme", "money": "unrestricted" });
        self.make("journal", "/api/v1/books/expenditures", ("journal", spent));
        let place = "/api/v1/platforms/tencent-gongyi/units/{unit}";
        self.ask(
            "PUT",
            place,
            json!({ "standing": "joined", "org_no": "1", "since": "{today}" }),
        );
        let page = json!({ "project": "relief-one", "state": "draft" });
        self.ask("PUT", &format!("{place}/pages/p-1"), page);
        let raise = json!({ "needed_by": "2099-12-30T10:00:00+08:00", "reason": "需求增加", "to_fen": 100_000 });
        self.make("raise", &format!("{place}/pages/p-1/raises"), ("raise", raise));
    }

    fn goods(&mut self, leaders: &[String]) {
        let base = "/api/v1/goods/{unit}";
        let named = json!({ "code": "A", "name": "一号库" });
        self.make("place", &format!("{base}/places"), ("id", named));
        let item = json!({ "code": "1060201", "name": "医用防护口罩", "base_unit": "只", "units": { "箱": 480 } });
        self.make("item", &format!("{base}/items"), ("id", item));
        let lot = json!({ "key": "box", "item": "{item}", "unit_word": "箱", "quantity": 10, "source": "donation",
            "donor": "示例公司", "place": "{place}" });
        self.make("lot", &format!("{base}/lots"), ("id", lot));
        for step in ["arrive", "inspect", "stock"] {
            let body = json!({ "key": step, "step": step, "place": "{place}", "quantity": 10 });
            self.ask("POST", "/api/v1/goods/lots/{lot}/moves", body);
        }
        let receiver = json!({ "code": "371302", "name": "示例医院" });
        self.make("receiver", &format!("{base}/receivers"), ("id", receiver));
        let awaited = json!({ "key": "straight", "item": "{item}", "unit_word": "箱", "quantity": 5, "source": "donation",
            "donor": "示例公司", "place": "{place}" });
        self.make("straight_lot", &format!("{base}/lots"), ("id", awaited));
        let straight = json!({ "key": "t1", "place": "{place}", "receiver": "{receiver}", "quantity": 2 });
        self.make(
            "straight",
            "/api/v1/goods/lots/{straight_lot}/straight",
            ("id", straight),
        );
        for name in ["request", "open_request"] {
            let wanted = json!({ "key": name, "receiver": "{receiver}", "item": "{item}", "unit_word": "箱",
                "quantity": 3, "priority": "urgent", "basis": "三十张床" });
            self.make(name, &format!("{base}/requests"), ("id", wanted));
            self.ask(
                "POST",
                &format!("/api/v1/goods/requests/{{{name}}}/confirm"),
                Value::Null,
            );
        }
        let wanted = json!({ "key": "money", "receiver": "{receiver}", "amount_fen": 100_000, "priority": "urgent",
            "basis": "三十张床" });
        self.make("money_request", &format!("{base}/requests"), ("id", wanted));
        self.ask("POST", "/api/v1/goods/requests/{money_request}/confirm", Value::Null);
        let grant = json!({ "key": "g1", "fund": "{agency_fund}", "restriction": "restricted", "amount_fen": 100 });
        self.make("grant", "/api/v1/goods/requests/{money_request}/grants", ("id", grant));
        self.ask("POST", &format!("{base}/lists/{{today}}"), Value::Null);
        let plan = self.ask("POST", &format!("{base}/plans"), Value::Null);
        let id = plan["plan"]["id"].as_str().expect("a plan");
        self.names.insert("goods_plan", id.to_owned());
        for thing in ["plans/{goods_plan}", "grants/{grant}"] {
            let path = filled(&format!("/api/v1/goods/{thing}/decisions"), self.names);
            for leader in leaders {
                let decided = self
                    .client
                    .staff(leader, "POST", &path, &json!({ "decision": "approve" }));
                assert_eq!(decided.expect("an answer").status, 200);
            }
        }
        let orders = self.ask("GET", &format!("{base}/dispatches"), Value::Null);
        let order = orders[0]["id"].as_str().unwrap_or_else(|| panic!("{orders}"));
        self.names.insert("dispatch", order.to_owned());
        self.sold(base, &leaders[0]);
        let counted = json!({ "counted": 1, "place": "{place}" });
        self.make("count", "/api/v1/goods/lots/{lot}/counts", ("id", counted));
        let vehicle =
            json!({ "name": "鲁Q00001", "carrier": "示范运输", "grams_max": 5_000_000, "cubic_cm_max": 20_000_000 });
        self.make("vehicle", &format!("{base}/vehicles"), ("id", vehicle));
        self.make(
            "trip",
            "/api/v1/goods/vehicles/{vehicle}/trips",
            ("id", json!({ "key": "t1" })),
        );
        let printed = json!({ "key": "s1", "kind": "box", "labels": 2 });
        let printed = self.make("sheet", &format!("{base}/sheets"), ("sheet", printed));
        let code = printed["codes"][0]["id"].as_str().expect("a code");
        self.names.insert("box", code.to_owned());
        let letter = json!({ "kind": "letter", "contact": "王小明", "phone": "13800000002" });
        self.make("letter", "/api/v1/goods/lots/{lot}/letters", ("id", letter));
        // A phone, and a record of it that waits for an officer, since nobody signed it.
        let phone = PhoneKey::fresh().enrolment(&self.names["unit"], "一号机");
        self.make("device", &format!("{base}/devices"), ("id", phone));
        let record = json!({ "code": "{box}", "device": "{device}", "device_at_ms": 1_790_000_000_000_i64, "key": "1",
            "kind": "arrived", "place": "{place}", "seq": 1 });
        let queue = json!({ "device": "{device}", "sent_at_ms": 1_790_000_000_000_i64,
            "records": [{ "record": record, "signature": "" }] });
        let told = self.ask("POST", &format!("{base}/queue"), queue);
        let record = told["records"][0]["id"].as_str().unwrap_or_else(|| panic!("{told}"));
        self.names.insert("record", record.to_owned());
    }

    /// A box that was sold after the plan, by a leader; and a text that means the item.
    fn sold(&mut self, base: &str, leader: &str) {
        let lot = json!({ "key": "sold-box", "item": "{item}", "unit_word": "箱", "quantity": 1, "source": "donation",
            "donor": "示例公司", "place": "{place}" });
        self.make("sold_lot", &format!("{base}/lots"), ("id", lot));
        for step in ["arrive", "inspect", "stock"] {
            let body = json!({ "key": format!("sold-{step}"), "step": step, "place": "{place}", "quantity": 1 });
            self.ask("POST", "/api/v1/goods/lots/{sold_lot}/moves", body);
        }
        let path = filled("/api/v1/goods/lots/{sold_lot}/sales", self.names);
        let sale = json!({ "key": "sale-1", "place": self.names["place"], "quantity": 1, "amount_fen": 12_000,
            "paid_into": "bank", "buyer": "示例公司", "reason": "超过实际需要" });
        let sold = self.client.staff(leader, "POST", &path, &sale).expect("an answer");
        assert_eq!(sold.status, 201, "{}", sold.text());
        let id = sold.json()["id"].as_str().expect("a sale").to_owned();
        self.names.insert("sale", id);
        let texts = json!({ "item": "{item}", "texts": ["口罩一"] });
        self.make("mapping", &format!("{base}/mappings"), ("mapping", texts));
    }

    fn deciding(&mut self) {
        let policy = json!({ "title": "一人", "stages": [{ "key": "look", "title": "看", "how": { "kind": "any" },
            "who": { "kind": "role", "role": "leader", "at": "own" } }] });
        let body = json!({ "unit": "{unit}", "subject_kind": "example", "policy": policy });
        self.ask("POST", "/api/v1/approvals/policies", body);
        let case = json!({ "unit": "{unit}", "subject_kind": "example", "subject": "{gift}", "title": "示例" });
        self.make("case", "/api/v1/approvals", ("id", case));
        let partner =
            json!({ "unit": "{unit}", "name": "示范市春风助学服务中心", "credit_code": "52371300MJE0000022" });
        self.make("partner", "/api/v1/partners", ("id", partner));
        let docking = json!({ "campaign": "{campaign}", "partner": "{partner}" });
        self.make("docking", "/api/v1/dockings", ("id", docking));
    }

    fn people(&mut self, leader: &str) {
        let body = json!({ "name": "worker", "kind": "person", "unit": "{unit}", "roles": ["auditor"],
            "token": { "name": "test" } });
        let made = self.make("user", "/api/v1/users", ("id", body));
        let token = made["token"]["id"].as_str().expect("a token");
        self.names.insert("token", token.to_owned());
        let me = self
            .client
            .staff(leader, "GET", "/api/v1/me", &Value::Null)
            .expect("an answer");
        let lent = json!({ "role": "storekeeper", "unit": "{unit}", "to": me.json()["id"], "from_day": "{today}",
            "to_day": "{today}" });
        self.make("delegation", "/api/v1/delegations", ("delegation", lent));
        let invited = self.ask("POST", "/api/v1/users/{user}/invitation", json!({}));
        let path = invited["path"].as_str().expect("an address");
        let secret = path.split_once('#').expect("a secret").1;
        let chosen = json!({ "secret": secret, "password": "Qiao-example-7a99" });
        let headers = [("content-type", "application/json")];
        let bytes = chosen.to_string();
        let accepted = self
            .client
            .send("POST", "/api/v1/invitations/accept", &headers, bytes.as_bytes());
        assert_eq!(accepted.expect("an answer").status, 200);
        let sessions = self.ask("GET", "/api/v1/users/{user}/sessions", Value::Null);
        let session = sessions["items"][0]["session"]
            .as_str()
            .unwrap_or_else(|| panic!("{sessions}"));
        self.names.insert("session", session.to_owned());
    }

    /// A gift held by its name, a number that came with two amounts, a gift on a team's wall, an import.
    fn money_that_waits(&mut self, secret: &str) {
        let team = self.names["team"].clone();
        let mut notice = |body: Value| -> Answer {
            let mut body = body;
            body["paid_at"] = json!("2026-05-08T12:00:00Z");
            let answer = self.client.signed("notice", secret, body.to_string().as_bytes());
            answer.expect("an answer")
        };
        let held = notice(json!({ "trade_no": "H1", "amount_fen": 321, "payer": { "name": "测试甲" } }));
        let on_wall = notice(
            json!({ "trade_no": "W1", "amount_fen": 2_000, "project": "relief-one", "team": team,
            "payer": { "name": "王小明" } }),
        );
        notice(json!({ "trade_no": "R1", "amount_fen": 100 }));
        let differs = notice(json!({ "trade_no": "R1", "amount_fen": 200 }));
        for (name, key, answer) in [
            ("hold", "gift", held),
            ("wall", "gift", on_wall),
            ("review", "held", differs),
        ] {
            let id = answer.json()[key]
                .as_str()
                .unwrap_or_else(|| panic!("{}", answer.text()))
                .to_owned();
            self.names.insert(name, id);
        }
        self.until("/api/v1/screening/holds", |found| {
            found["items"].as_array().is_some_and(|all| !all.is_empty())
        });
        self.until("/api/v1/teams/{team}/wall", |found| {
            found.as_array().is_some_and(|all| !all.is_empty())
        });
        let bill = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号\n\
            2026-05-08 10:00:00,二维码收款,赵某,捐款,收入,10.00,零钱,已收钱,90000000000000000001\n";
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/octet-stream"),
        ];
        let taken = self
            .client
            .send("POST", "/api/v1/imports?name=bill.csv", &headers, bill.as_bytes());
        let job = taken.expect("an answer").json()["job"]
            .as_str()
            .expect("a job")
            .to_owned();
        self.names.insert("job", job);
        let job = self.until("/api/v1/jobs/{job}", |job| job["finished_at"].is_string());
        let import = job["result"]["import_id"].as_str().unwrap_or_else(|| panic!("{job}"));
        self.names.insert("import", import.to_owned());
    }

    #[track_caller]
    fn until(&mut self, path: &str, so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let found = self.ask("GET", path, Value::Null);
            if so(&found) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "{path}: {found}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A campaign's plan from this day on.
pub fn plan(from: &str) -> Value {
    json!({ "title": "示例募捐", "purpose": "救助", "starts_on": from, "ends_on": "2099-03-31", "area": "示例市",
        "responsible_name": "王小明", "responsible_address": "示例路1号", "receiving_ways": "线上",
        "bank_account": "示例银行 0000", "beneficiaries": "困难家庭", "use_of_proceeds": "救助",
        "fundraising_cost": "不列支", "remainder": "同类项目", "expected_fen": 1_000_000 })
}
