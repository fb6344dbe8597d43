//! The rooms together, on both databases and through HTTP: a city asks, two counties answer.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use kernel::id::public;
use kernel::{BusinessDay, Clock as _, FixedClock, RegionCode, UnitId};
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::guard::{self, UNGUARDED};
use platform::identity::{Actor, ActorKind, Role, Scope};
use platform::jobs::Runner;
use platform::notify::{Address, Kept};
use platform::{Services, facts, testing};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

use super::actions::{self, HandIn, Said};
use super::error::ReportError;
use super::model::{Answers, Document, Form, FormId, Reach, Slot, Standing};
use super::rules::Refusal;
use super::{api, jobs, queries, rules};
use crate::all_migrations;
use crate::duty;
use crate::network::actions::create_unit;
use crate::network::{Books, NewUnit};

/// A city with two counties at eight in the morning, and a clock that the test moves.
pub(crate) struct Office {
    pub(crate) services: Services,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) kept: Arc<Kept>,
    pub(crate) city: UnitId,
    pub(crate) county: UnitId,
    pub(crate) other: UnitId,
}

impl Office {
    pub(crate) async fn new(test: &TestDb) -> Self {
        let clock = Arc::new(FixedClock::at(testing::NOW));
        let mut services = testing::services_at(test.db.clone(), Path::new("/nowhere"), Arc::clone(&clock));
        let kept = Arc::new(Kept::default());
        services.notify = kept.clone();
        let enter = async |parent: Option<UnitId>, region: &str, short: &str| {
            let new = NewUnit {
                parent,
                name: format!("{short}红十字会"),
                short_name: short.into(),
                region: RegionCode::parse(region).expect("a region"),
                books: Books::Own,
                brand_color: String::new(),
                contact: String::new(),
            };
            let unit = create_unit(&services, &Actor::operator(), new).await;
            unit.expect("entered").id
        };
        let city = enter(None, "371300", "示例市").await;
        let county = enter(Some(city), "371323", "沂水县").await;
        let other = enter(Some(city), "371302", "兰山区").await;
        Self {
            services,
            clock,
            kept,
            city,
            county,
            other,
        }
    }

    /// A person with a token and a telephone that says whose it is.
    pub(crate) async fn somebody(&self, name: &str, unit: UnitId, role: Role) -> (Actor, String) {
        let user = NewUser {
            name: name.into(),
            kind: ActorKind::Person,
            unit,
            roles: vec![role],
            token: Some(NewToken {
                name: "laptop".into(),
                days: None,
            }),
            personal: Personal {
                real_name: None,
                phone: Some(format!("telephone of {name}")),
                email: None,
            },
        };
        let added = add_user(&self.services, &Actor::operator(), user).await.expect("added");
        let actor = Actor::with_roles(added.id, name, ActorKind::Person, &[(role, unit)], &self.services.tree);
        (actor, added.token.expect("a token").text)
    }

    pub(crate) fn pass_minutes(&self, minutes: i64) {
        self.clock.set(self.clock.now().plus_micros(minutes * 60_000_000));
    }

    pub(crate) fn shown<I: kernel::id::Id>(&self, id: I) -> String {
        public(&*self.services.keys, id)
    }

    /// Whom messages went to since the last look, and what they said.
    pub(crate) fn told(&self, seen: &mut usize) -> Vec<(String, String)> {
        let all = self.kept.all();
        let fresh = all[*seen..].iter().map(|message| {
            let to = match &message.to {
                Address::Phone(phone) => phone.trim_start_matches("telephone of ").to_owned(),
                Address::Email(_) => "an e-mail".to_owned(),
            };
            (to, message.text.clone())
        });
        let told = fresh.collect();
        *seen = all.len();
        told
    }

    /// The kinds of facts that begin like this, in order.
    pub(crate) async fn facts(&self, begins: &str) -> Vec<String> {
        testing::placed(&self.services).await;
        let mut at = self.services.db.snapshot().await.expect("a snapshot");
        let all = facts::read_after(&mut at, 0, 1_000).await.expect("facts");
        let kinds = all.into_iter().map(|fact| fact.kind);
        kinds.filter(|kind| kind.starts_with(begins)).collect()
    }

    async fn slots(&self, form: FormId) -> Vec<Slot> {
        let mut at = self.services.db.snapshot().await.expect("a snapshot");
        let scope = (&Scope::Everything, &*self.services.tree);
        let until = self.services.now().plus_micros(30 * 86_400 * 1_000_000);
        let lines = queries::slots(&mut at, scope, (form, until), (None, 100)).await;
        let mut slots: Vec<Slot> = lines.expect("read").into_iter().map(|line| line.slot).collect();
        slots.reverse();
        slots
    }
}

pub(crate) async fn call(
    app: &Router,
    (method, path): (&str, &str),
    token: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let (status, bytes) = raw(app, (method, path), token, body.map(|b| b.to_string().into_bytes())).await;
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

pub(crate) async fn raw(
    app: &Router,
    (method, path): (&str, &str),
    token: &str,
    body: Option<Vec<u8>>,
) -> (StatusCode, Vec<u8>) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let body = body.map_or_else(Body::empty, Body::from);
    let response = app.clone().oneshot(request.body(body).expect("a request")).await;
    let response = response.expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 22).await.expect("a body");
    (status, bytes.to_vec())
}

pub(crate) fn kind_of(answer: &Value) -> &str {
    let kind = answer["type"].as_str().unwrap_or_default();
    kind.trim_start_matches("/problems/")
}

fn form_json() -> Value {
    json!({
        "title": {"zh": "灾情快报", "en": "Flash report"},
        "fields": [
            {"key": "moved", "title": {"zh": "转移人数", "en": "People moved"}, "required": true,
             "ask": {"kind": "number", "unit": {"zh": "人", "en": "people"}}},
            {"key": "need", "title": {"zh": "急需资金"}, "ask": {"kind": "money"}},
            {"key": "words", "title": {"zh": "情况"}, "ask": {"kind": "text", "chars_max": 200}}
        ],
        "rhythm": {"kind": "daily", "hours": ["09:00", "18:00"]},
        "first_day": "2026-05-08", "grace_minutes": 15, "remind_minutes": 30
    })
}

fn document() -> Document {
    let form: Form = serde_json::from_value(form_json()).expect("a form");
    Document {
        form,
        reach: Reach::Children,
    }
}

fn answers(value: Value) -> Answers {
    value.as_object().expect("an object").clone().into_iter().collect()
}

fn report(slot: &Slot, unit: UnitId, moved: i64) -> HandIn {
    HandIn {
        slot: slot.id,
        unit,
        said: Said::Answers(answers(json!({ "moved": moved }))),
        after: 0,
        reason: String::new(),
    }
}

fn runner() -> Runner {
    Runner::new(vec![Box::new(jobs::Plan), Box::new(jobs::Clock), Box::new(jobs::Tell)])
}

db::both!(
    an_hour_reminds_takes_reports_tells_who_is_missing_and_keeps_every_version,
    &all_migrations(),
    async |test: TestDb| {
        let office = Office::new(&test).await;
        let services = &office.services;
        let (head, _) = office.somebody("head", office.city, Role::Leader).await;
        let (officer, _) = office
            .somebody("officer", office.county, Role::FundraisingOfficer)
            .await;
        let (late, _) = office.somebody("late", office.other, Role::FundraisingOfficer).await;
        let mut seen = 0;
        let form = actions::publish(services, &head, office.city, document())
            .await
            .expect("published");
        let slots = office.slots(form.id).await;
        assert_eq!(slots.len(), 4, "today’s and tomorrow’s hours");
        runner().drain(services).await.expect("drained");
        assert_eq!(office.told(&mut seen), [], "nothing is due yet");

        // Somebody without a role is on duty in the other county: the message goes to that telephone.
        let on = duty::model::NewShift {
            from: services.now(),
            to: services.now().plus_micros(8 * 3_600 * 1_000_000),
            who: duty::model::Who::Person(duty::model::Person {
                name: "王小明".into(),
                phone: "13800000002".into(),
            }),
        };
        duty::actions::add(services, &late, office.other, vec![on])
            .await
            .expect("on duty");
        office.pass_minutes(30);
        runner().drain(services).await.expect("drained");
        let mut told = office.told(&mut seen);
        told.sort();
        let whom: Vec<&str> = told.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(whom, ["13800000002", "officer"]);
        assert!(
            told[0].1.contains("灾情快报") && told[0].1.contains("09:00"),
            "{}",
            told[0].1
        );
        assert!(told[0].1.contains("/console/hand-in"), "{}", told[0].1);

        let hour = slots[0];
        let first = actions::hand_in(services, &officer, report(&hour, office.county, 12)).await;
        assert_eq!(first.expect("handed in").version, 1);
        let again = actions::hand_in(services, &officer, report(&hour, office.county, 12)).await;
        assert_eq!(
            again.expect("the same report").version,
            1,
            "a second tap is the same report"
        );
        let stranger = actions::hand_in(services, &officer, report(&hour, office.other, 12)).await;
        assert!(matches!(stranger, Err(ReportError::NotFound(_))), "{stranger:?}");

        office.pass_minutes(46);
        runner().drain(services).await.expect("drained");
        let mut told = office.told(&mut seen);
        told.sort();
        let whom: Vec<&str> = told.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(whom, ["13800000002", "head"], "the one that is missing, and the city");
        assert!(told[1].1.contains("1 个单位"), "how many are missing: {}", told[1].1);
        runner().drain(services).await.expect("drained");
        assert_eq!(office.told(&mut seen), [], "told once");

        let came = actions::hand_in(services, &late, report(&hour, office.other, 3))
            .await
            .expect("late");
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let due = queries::due(&mut at, hour.id, office.other)
            .await
            .expect("read")
            .expect("owed");
        drop(at);
        assert_eq!(due.first_at, Some(came.at));
        assert_eq!(rules::standing(&hour, due.first_at, services.now()), Standing::Late);

        let mut mended = report(&hour, office.county, 15);
        let behind = actions::hand_in(services, &officer, mended.clone()).await;
        assert!(matches!(behind, Err(ReportError::Changed)), "{behind:?}");
        mended.after = 1;
        let silent = actions::hand_in(services, &officer, mended.clone()).await;
        assert!(
            matches!(silent, Err(ReportError::Refused(Refusal::Invalid { .. }))),
            "{silent:?}"
        );
        mended.reason = "漏报一村".into();
        let second = actions::hand_in(services, &officer, mended.clone())
            .await
            .expect("corrected");
        assert_eq!((second.version, second.reason.as_str()), (2, "漏报一村"));
        mended.after = 2;
        let same = actions::hand_in(services, &head, mended).await;
        assert!(
            matches!(same, Err(ReportError::Refused(Refusal::Unchanged))),
            "{same:?}"
        );
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let entries = queries::entries(&mut at, hour.id, office.county).await.expect("read");
        drop(at);
        let said: Vec<&Value> = entries.iter().map(|entry| &entry.answers["moved"]).collect();
        assert_eq!(said, [&json!(12), &json!(15)], "the first stays as it was");
        assert_eq!(
            office.facts("report.").await,
            [
                "report.form_published",
                "report.reminded",
                "report.handed_in",
                "report.missed",
                "report.handed_in",
                "report.corrected"
            ]
        );
    }
);

db::both!(
    an_emergency_shortens_the_hours_a_version_changes_those_to_come_and_a_closed_form_is_over,
    &all_migrations(),
    async |test: TestDb| {
        let office = Office::new(&test).await;
        let services = &office.services;
        let (head, _) = office.somebody("head", office.city, Role::Leader).await;
        let (county, _) = office.somebody("county", office.county, Role::Leader).await;
        let own = actions::publish(services, &county, office.county, document()).await;
        assert!(
            matches!(own, Err(ReportError::Refused(_))),
            "nothing lies below a county: {own:?}"
        );
        let form = actions::publish(services, &head, office.city, document())
            .await
            .expect("published");
        let strange = actions::begin_emergency(services, &county, form.id, (60, "地震")).await;
        assert!(matches!(strange, Err(ReportError::NotFound(_))), "{strange:?}");

        actions::begin_emergency(services, &head, form.id, (120, "地震"))
            .await
            .expect("begun");
        let twice = actions::begin_emergency(services, &head, form.id, (60, "地震")).await;
        assert!(matches!(twice, Err(ReportError::EmergencyState)));
        let slots = office.slots(form.id).await;
        let today = BusinessDay::parse("2026-05-08").expect("a day");
        let hours: Vec<u8> = slots
            .iter()
            .filter(|slot| slot.due_at.business_day() == today)
            .map(|slot| slot.due_at.to_beijing().hour())
            .collect();
        assert_eq!(hours, [9, 10, 12, 14, 16, 18, 20, 22]);
        assert_eq!(slots.iter().filter(|slot| slot.is_emergency).count(), 7 - 1 + 11);
        let planned = actions::plan_all(services).await.expect("planned");
        assert_eq!(planned, 0, "what is planned is not planned twice");

        actions::end_emergency(services, &head, form.id).await.expect("ended");
        let left = office.slots(form.id).await;
        assert!(
            left.iter()
                .filter(|slot| slot.is_emergency)
                .all(|slot| slot.opens_at <= services.now()),
            "only what had opened stays: {left:?}"
        );

        let mut next = document();
        next.form.grace_minutes = 0;
        let unchanged = actions::amend(services, &head, form.id, document()).await;
        assert!(matches!(unchanged, Err(ReportError::Refused(Refusal::Unchanged))));
        let amended = actions::amend(services, &head, form.id, next).await.expect("amended");
        assert_eq!(amended.version, 2);
        let slots = office.slots(form.id).await;
        let versions: Vec<i64> = slots.iter().map(|slot| slot.version).collect();
        assert!(versions[0] == 1 && versions.ends_with(&[2, 2]), "{slots:?}");

        actions::close(services, &head, form.id).await.expect("closed");
        let over = actions::hand_in(services, &county, report(&slots[0], office.county, 1)).await;
        assert!(matches!(over, Err(ReportError::Refused(Refusal::Closed))), "{over:?}");
        let again = actions::close(services, &head, form.id).await;
        assert!(matches!(again, Err(ReportError::Refused(Refusal::Closed))));
        assert_eq!(actions::plan_all(services).await.expect("planned"), 0);
    }
);

db::both!(the_night_plans_the_next_day, &all_migrations(), async |test: TestDb| {
    let office = Office::new(&test).await;
    let form = actions::publish(&office.services, &Actor::operator(), office.city, document()).await;
    let form = form.expect("published");
    office.pass_minutes(16 * 60);
    assert_eq!(
        actions::plan_all(&office.services).await.expect("planned"),
        2,
        "those of the tenth"
    );
    let slots = office.slots(form.id).await;
    let days: Vec<String> = slots
        .iter()
        .map(|slot| slot.due_at.business_day().to_string())
        .collect();
    assert_eq!(
        days,
        [
            "2026-05-08",
            "2026-05-08",
            "2026-05-09",
            "2026-05-09",
            "2026-05-10",
            "2026-05-10"
        ]
    );
});

fn app(office: &Office) -> Router {
    let routes: OpenApiRouter<Services> = api::routes().merge(duty::api::routes());
    let (app, openapi) = guard::finish(routes, office.services.clone());
    let access = guard::access_list(&openapi);
    assert!(!access.iter().any(|line| line.ends_with(UNGUARDED)), "{access:?}");
    app
}

db::both!(
    the_city_sees_one_table_with_its_sums_and_exports_it_and_a_county_sees_its_own_row,
    &all_migrations(),
    async |test: TestDb| {
        let office = Office::new(&test).await;
        let (_, head) = office.somebody("head", office.city, Role::Leader).await;
        let (_, officer) = office
            .somebody("officer", office.county, Role::FundraisingOfficer)
            .await;
        let (_, other) = office.somebody("other", office.other, Role::FundraisingOfficer).await;
        let (_, auditor) = office.somebody("auditor", office.city, Role::Auditor).await;
        let (_, desk) = office.somebody("desk", office.city, Role::DonationDesk).await;
        let app = app(&office);
        let (city, county) = (office.shown(office.city), office.shown(office.county));
        let body = json!({"unit": city, "form": form_json(), "reach": "children"});
        for (token, status) in [(&desk, 403), (&auditor, 403), (&officer, 403)] {
            let (got, _) = call(&app, ("POST", "/api/v1/duty/forms"), token, Some(body.clone())).await;
            assert_eq!(got.as_u16(), status);
        }
        let (status, form) = call(&app, ("POST", "/api/v1/duty/forms"), &head, Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{form}");
        let id = form["id"].as_str().expect("an id");
        let table = format!("/api/v1/duty/forms/{id}/table");

        let (_, owed) = call(&app, ("GET", "/api/v1/duty/owed"), &officer, None).await;
        assert_eq!(owed.as_array().map(Vec::len), Some(1), "the hour that is open: {owed}");
        assert_eq!(
            (&owed[0]["unit"], &owed[0]["standing"]),
            (&json!(county), &json!("waiting"))
        );
        let (_, none) = call(&app, ("GET", "/api/v1/duty/owed"), &head, None).await;
        assert_eq!(none, json!([]), "the city owes nothing");
        let slot = owed[0]["slot"]["id"].as_str().expect("an hour");
        let mine = format!("/api/v1/duty/reports/{slot}/{county}");
        let theirs = format!("/api/v1/duty/reports/{slot}/{}", office.shown(office.other));

        let draft = json!({"answers": {"moved": "12x"}});
        let (status, _) = call(&app, ("PUT", &format!("{mine}/draft")), &officer, Some(draft)).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "a draft is not checked");
        let (_, kept) = call(&app, ("GET", &mine), &officer, None).await;
        assert_eq!(
            (&kept["draft"]["answers"]["moved"], &kept["draft"]["by"]),
            (&json!("12x"), &json!("officer"))
        );
        let (_, hidden) = call(&app, ("GET", &mine), &auditor, None).await;
        assert_eq!((&hidden["draft"], &hidden["entries"]), (&Value::Null, &json!([])));
        for (method, path) in [
            ("GET", theirs.clone()),
            ("PUT", format!("{theirs}/draft")),
            ("POST", theirs.clone()),
        ] {
            let body = (method != "GET").then(|| json!({"answers": {"moved": 1}}));
            let (status, _) = call(&app, (method, &path), &officer, body).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}");
        }
        let wrong = json!({"answers": {"need": -1, "moved": 1}});
        let (status, answer) = call(&app, ("POST", &mine), &officer, Some(wrong)).await;
        assert_eq!((status.as_u16(), answer["field"].as_str()), (400, Some("answers.need")));
        let (status, _) = call(&app, ("POST", &mine), &officer, Some(json!({}))).await;
        assert_eq!(status.as_u16(), 400, "neither answers nor nothing");
        let said = json!({"answers": {"moved": 120, "need": 106_110_000, "words": "=SUM(A1)"}});
        let (status, shown) = call(&app, ("POST", &mine), &officer, Some(said)).await;
        assert_eq!(
            (status, &shown["standing"]),
            (StatusCode::OK, &json!("handed_in")),
            "{shown}"
        );
        assert_eq!(shown["draft"], Value::Null, "the draft is handed in");
        let (status, _) = call(&app, ("POST", &theirs), &other, Some(json!({"nothing": true}))).await;
        assert_eq!(status, StatusCode::OK);

        let (_, all) = call(&app, ("GET", &table), &head, None).await;
        let rows = all["rows"].as_array().expect("rows");
        assert_eq!(
            (rows.len(), &all["sums"]),
            (2, &json!({"moved": 120, "need": 106_110_000}))
        );
        assert_eq!(
            (&rows[0]["name"], &rows[0]["is_nothing"]),
            (&json!("兰山区"), &json!(true))
        );
        assert_eq!(all["counts"]["handed_in"], 2);
        let (_, own) = call(&app, ("GET", &table), &other, None).await;
        assert_eq!(
            (
                own["rows"].as_array().map(Vec::len),
                &own["sums"]["moved"],
                &own["counts"]["handed_in"]
            ),
            (Some(1), &json!(0), &json!(1)),
            "no sum and no count leaks a hidden row"
        );
        let (_, slots) = call(&app, ("GET", &format!("/api/v1/duty/forms/{id}/slots")), &other, None).await;
        assert_eq!(
            (&slots["items"][0]["units"], &slots["items"][0]["handed_in"]),
            (&json!(1), &json!(1))
        );
        let (status, _) = call(&app, ("GET", &format!("{table}?unit={county}")), &other, None).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (_, late) = call(&app, ("GET", &format!("{table}?standing=missing")), &head, None).await;
        assert_eq!(
            (&late["rows"], &late["sums"]["moved"]),
            (&json!([]), &json!(0)),
            "sums are of what is shown"
        );

        let csv = format!("{table}?format=csv&unit={county}");
        let (status, bytes) = raw(&app, ("GET", &csv), &head, None).await;
        let text = String::from_utf8(bytes).expect("text");
        assert_eq!(status, StatusCode::OK);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "headings, one unit, the sum: {text}");
        assert!(lines[0].ends_with("转移人数（人）,急需资金（元）,情况"), "{}", lines[0]);
        assert!(
            lines[1].starts_with("沂水县,") && lines[1].ends_with("120,1061100.00,'=SUM(A1)"),
            "{}",
            lines[1]
        );
        assert!(lines[2].ends_with("120,1061100.00,"), "{}", lines[2]);
        let (status, bytes) = raw(&app, ("GET", &format!("{table}?format=xlsx")), &auditor, None).await;
        assert!(status == StatusCode::OK && bytes.starts_with(b"PK"));

        // The next hour has opened, and the table still shows who was late at this one.
        office.pass_minutes(62);
        let (_, still) = call(&app, ("GET", &table), &head, None).await;
        assert_eq!(
            (&still["slot"]["id"], &still["sums"]["moved"]),
            (&json!(slot), &json!(120))
        );
        // The next is reminded of: what was said before is shown, and says of when it is.
        office.pass_minutes(8 * 60 + 29);
        let (_, next) = call(&app, ("GET", &table), &head, None).await;
        let row = &next["rows"][1];
        assert_eq!(
            (&row["standing"], &row["is_earlier"], &row["answers"]["moved"]),
            (&json!("waiting"), &json!(true), &json!(120))
        );
        let this = next["slot"]["id"].as_str().expect("an hour");
        let (_, bare) = call(&app, ("GET", &format!("{table}?slot={this}")), &head, None).await;
        assert_eq!(
            (&bare["rows"][1]["version"], &bare["sums"]["moved"]),
            (&json!(0), &json!(0))
        );
        let (_, past) = call(&app, ("GET", &format!("{table}?slot={slot}")), &head, None).await;
        assert_eq!(past["sums"]["moved"], 120, "an hour that is over keeps its table");
    }
);
