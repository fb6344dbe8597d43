//! The rooms together, on both databases and through HTTP.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use kernel::id::public;
use kernel::{BusinessDay, Channel, RegionCode, UnitId};
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::guard::{self, UNGUARDED};
use platform::identity::{Actor, ActorKind, Role, Scope};
use platform::{Services, facts, testing};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::actions::{
    Branding, add_account, brand_unit, close_account, close_unit, create_unit, load_tree, move_unit, rename_account,
    rename_unit, rotate_secret, set_certificate,
};
use super::model::Happened;
use super::queries::{self, UnitFilter};
use super::{
    Books, Certificate, CertificateStatus, Closing, Gone, Held, Holding, Holdings, NetworkError, NewAccount, NewUnit,
    SECRET_PLACE, Unit, api, rules, store,
};
use crate::all_migrations;

/// A program in which every unit has the same open.
struct Has(Holding);

impl Holdings for Has {
    fn of<'a>(&'a self, _: &'a mut db::Tx, _: UnitId) -> Held<'a> {
        Box::pin(async move { Ok(self.0) })
    }
    fn let_go<'a>(&'a self, _: &'a mut db::Tx, _: &'a Services, _: UnitId) -> Gone<'a> {
        Box::pin(async { Ok(()) })
    }
}

fn nothing() -> Arc<dyn Holdings> {
    Arc::new(Has(Holding::default()))
}

fn closing(services: &Services) -> Closing {
    Closing {
        day: services.now().business_day(),
        reason: "并入兰山区红十字会".into(),
    }
}

fn house(test: &TestDb) -> Services {
    testing::services(test.db.clone(), Path::new("/nowhere"))
}

fn new_unit(parent: Option<UnitId>, region: &str, books: Books) -> NewUnit {
    NewUnit {
        parent,
        name: format!("{region}红十字会"),
        short_name: region.into(),
        region: RegionCode::parse(region).expect("a region"),
        books,
        brand_color: String::new(),
        contact: "0539-0000000".into(),
    }
}

async fn enter(services: &Services, parent: Option<&Unit>, region: &str, books: Books) -> Unit {
    let new = new_unit(parent.map(|p| p.id), region, books);
    create_unit(services, &Actor::operator(), new).await.expect("entered")
}

fn account(unit: UnitId, code: &str) -> NewAccount {
    NewAccount {
        unit,
        channel: Channel::Wechat,
        name: "微信商户".into(),
        code: code.into(),
        number: "1900012345678".into(),
        opened_on: BusinessDay::parse("2026-01-01").expect("a day"),
    }
}

fn certificate(number: &str) -> Certificate {
    let day = |text: &str| BusinessDay::parse(text).expect("a day");
    Certificate {
        number: number.into(),
        issuer: "某市民政局".into(),
        valid_from: day("2025-01-01"),
        valid_to: day("2029-12-31"),
        status: CertificateStatus::Valid,
        status_since: day("2025-01-01"),
    }
}

async fn kinds(services: &Services) -> Vec<String> {
    let mut tx = services.db.begin().await.expect("a transaction");
    let rows = db::Reads::query(&mut tx, "SELECT kind FROM fact ORDER BY id", vec![])
        .await
        .expect("facts");
    rows.iter().map(|row| row.text("kind").expect("a kind")).collect()
}

db::both!(
    a_tree_of_units_is_kept_with_its_books_and_its_scope,
    &all_migrations(),
    async |test: TestDb| {
        let services = house(&test);
        let city = enter(&services, None, "371300", Books::Own).await;
        let county = enter(&services, Some(&city), "371323", Books::Own).await;
        let district = enter(&services, Some(&city), "371302", Books::Above).await;
        let street = enter(&services, Some(&district), "371302001", Books::Above).await;
        assert_eq!(services.tree.ancestors(street.id), [street.id, district.id, city.id]);

        let mut at = services.db.snapshot().await.expect("a snapshot");
        let all = store::all_units(&mut at).await.expect("units");
        assert_eq!(all.len(), 4);
        assert_eq!(all[0], city, "read back as written");
        let books = rules::book_units(&all);
        assert_eq!((books[&street.id], books[&county.id]), (city.id, county.id));

        let below = Scope::below(district.id);
        let seen = queries::units(&mut at, &below, &services.tree, &UnitFilter::default(), 10)
            .await
            .expect("units");
        assert_eq!(seen.iter().map(|u| u.id).collect::<Vec<_>>(), [district.id, street.id]);
        let children = UnitFilter {
            parent: Some(city.id),
            after: Some((district.region, district.id)),
            with_closed: false,
        };
        let seen = queries::units(&mut at, &Scope::Everything, &services.tree, &children, 10)
            .await
            .expect("units");
        assert_eq!(seen.iter().map(|u| u.id).collect::<Vec<_>>(), [county.id]);

        let view = queries::unit_view(&mut at, street.id)
            .await
            .expect("a view")
            .expect("there");
        assert_eq!(
            view.above.iter().map(|u| u.id).collect::<Vec<_>>(),
            [district.id, city.id]
        );
        assert_eq!(kinds(&services).await, ["unit.created"; 4]);
    }
);

db::both!(
    a_second_society_and_a_region_outside_are_refused_and_leave_nothing,
    &all_migrations(),
    async |test: TestDb| {
        let services = house(&test);
        let city = enter(&services, None, "371300", Books::Own).await;
        let by = Actor::operator();
        let second = create_unit(&services, &by, new_unit(None, "370200", Books::Own)).await;
        assert!(matches!(second, Err(NetworkError::RootExists)));
        let outside = create_unit(&services, &by, new_unit(Some(city.id), "370202", Books::Above)).await;
        assert!(matches!(outside, Err(NetworkError::NotBelowParent { .. })));
        let officer = testing::actor(&services, &[(Role::FundraisingOfficer, city.id)]);
        let forbidden = create_unit(&services, &officer, new_unit(Some(city.id), "371323", Books::Above)).await;
        assert!(matches!(forbidden, Err(NetworkError::Forbidden(_))));
        assert_eq!(kinds(&services).await, ["unit.created"]);
    }
);

db::both!(
    a_unit_is_renamed_moved_and_closed_with_one_fact_each,
    &all_migrations(),
    async |test: TestDb| {
        let services = house(&test);
        let by = Actor::operator();
        let city = enter(&services, None, "371300", Books::Own).await;
        let district = enter(&services, Some(&city), "371302", Books::Above).await;
        let street = enter(&services, Some(&city), "371302001", Books::Above).await;

        rename_unit(&services, &by, street.id, "兰山街道红十字会", "兰山街道")
            .await
            .expect("renamed");
        let looks = Branding {
            brand_color: Some("#112233".into()),
            ..Branding::default()
        };
        brand_unit(&services, &by, street.id, looks).await.expect("branded");
        let unsaid = move_unit(&services, &by, street.id, district.id, " ").await;
        assert!(matches!(unsaid, Err(NetworkError::Invalid { field: "reason", .. })));
        let moved = move_unit(&services, &by, street.id, district.id, "区划调整")
            .await
            .expect("moved");
        assert_eq!(
            (moved.parent, moved.short_name.as_str()),
            (Some(district.id), "兰山街道")
        );
        assert_eq!(
            (moved.brand_color.as_str(), moved.contact.as_str()),
            ("#112233", "0539-0000000")
        );
        assert!(
            services.tree.is_within(street.id, district.id),
            "the tree in memory follows"
        );

        add_account(&services, &by, account(street.id, "lanshan-wx"))
            .await
            .expect("opened");
        let free = Has(Holding::default());
        assert!(matches!(
            close_unit(&services, &by, district.id, closing(&services), &free).await,
            Err(NetworkError::OpenBelow)
        ));
        let stocked = Holding {
            lots: 2,
            ..Holding::default()
        };
        let refused = close_unit(&services, &by, street.id, closing(&services), &Has(stocked)).await;
        assert!(matches!(refused, Err(NetworkError::StillOpen(held)) if held == stocked));
        let ahead = Closing {
            day: closing(&services).day.plus_days(1),
            ..closing(&services)
        };
        let refused = close_unit(&services, &by, street.id, ahead, &free).await;
        assert!(matches!(refused, Err(NetworkError::Invalid { field: "day", .. })));
        close_unit(&services, &by, street.id, closing(&services), &free)
            .await
            .expect("closed");
        close_unit(&services, &by, district.id, closing(&services), &free)
            .await
            .expect("closed");
        let again = rename_unit(&services, &by, street.id, "某会", "某会").await;
        assert!(matches!(again, Err(NetworkError::Closed("unit"))));

        let mut at = services.db.snapshot().await.expect("a snapshot");
        let closed = store::account_by_code(&mut at, "lanshan-wx")
            .await
            .expect("read")
            .expect("there");
        assert!(closed.closed_at.is_some(), "its account closed with it");
        let changes = store::changes(&mut at, street.id).await.expect("read");
        let moved = Happened::Moved {
            from: Some(city.id),
            to: district.id,
        };
        assert_eq!(
            changes.iter().map(|c| c.what).collect::<Vec<_>>(),
            [moved, Happened::Closed]
        );
        assert_eq!(changes[0].reason, "区划调整");
        let told = facts::by_subject(&mut at, kernel::id::Id::bytes(street.id), 10)
            .await
            .expect("facts");
        if services.db.backend() == db::Backend::Sqlite {
            let told: Vec<&str> = told.iter().map(|f| f.kind.as_str()).collect();
            assert_eq!(
                told,
                [
                    "unit.created",
                    "unit.renamed",
                    "unit.branded",
                    "unit.moved",
                    "unit.closed"
                ]
            );
        }
    }
);

db::both!(
    an_account_keeps_its_secret_sealed_and_shows_it_once,
    &all_migrations(),
    async |test: TestDb| {
        let services = house(&test);
        let by = Actor::operator();
        let city = enter(&services, None, "371300", Books::Own).await;
        let opened = add_account(&services, &by, account(city.id, "linyi-wx"))
            .await
            .expect("opened");
        assert_eq!(opened.account.masked_number, "1900****5678");
        let taken = add_account(&services, &by, account(city.id, "linyi-wx")).await;
        assert!(matches!(taken, Err(NetworkError::CodeTaken(_))));

        let sealed = async || {
            let mut at = services.db.snapshot().await.expect("a snapshot");
            let known = store::account_by_code(&mut at, "linyi-wx")
                .await
                .expect("read")
                .expect("there");
            let plain = services.keys.open(&known.sealed_secret, SECRET_PLACE).expect("opens");
            (known, String::from_utf8(plain).expect("text"))
        };
        let (known, secret) = sealed().await;
        assert_eq!(
            (known.channel, known.unit_id, secret),
            (Channel::Wechat, city.id, opened.secret.clone())
        );
        assert!(!format!("{known:?}").contains("sealed_secret"));

        let rotated = rotate_secret(&services, &by, known.id).await.expect("rotated");
        assert_ne!(rotated.secret, opened.secret);
        assert_eq!(sealed().await.1, rotated.secret);

        let mut at = services.db.snapshot().await.expect("a snapshot");
        let default = store::account_for_channel(&mut at, city.id, Channel::Wechat)
            .await
            .expect("read");
        assert_eq!(default.map(|a| a.id), Some(known.id));
        drop(at);
        let renamed = rename_account(&services, &by, known.id, "微信商户（新）")
            .await
            .expect("renamed");
        assert_eq!(
            (renamed.name.as_str(), renamed.code.as_str()),
            ("微信商户（新）", "linyi-wx")
        );
        close_account(&services, &by, known.id).await.expect("closed");
        assert!(matches!(
            rotate_secret(&services, &by, known.id).await,
            Err(NetworkError::Closed("account"))
        ));
        let mut at = services.db.snapshot().await.expect("a snapshot");
        assert!(
            store::account_for_channel(&mut at, city.id, Channel::Wechat)
                .await
                .expect("read")
                .is_none()
        );
        assert_eq!(
            store::all_accounts(&mut at).await.expect("accounts").len(),
            1,
            "a late notice is told apart"
        );
        let other = testing::actor(&services, &[(Role::Administrator, city.id)]);
        drop(at);
        assert!(close_account(&services, &other, known.id).await.is_err(), "closed once");
    }
);

db::both!(
    a_certificate_is_corrected_by_its_number_and_a_renewal_stands_beside_it,
    &all_migrations(),
    async |test: TestDb| {
        let services = house(&test);
        let by = Actor::operator();
        let city = enter(&services, None, "371300", Books::Own).await;
        set_certificate(&services, &by, city.id, &certificate("A1"))
            .await
            .expect("set");
        let suspended = Certificate {
            status: CertificateStatus::Suspended,
            ..certificate("A1")
        };
        set_certificate(&services, &by, city.id, &suspended)
            .await
            .expect("corrected");
        set_certificate(&services, &by, city.id, &certificate("B2"))
            .await
            .expect("renewed");
        let backwards = Certificate {
            valid_to: certificate("C").valid_from.plus_days(-1),
            ..certificate("C")
        };
        let refused = set_certificate(&services, &by, city.id, &backwards).await;
        assert!(matches!(refused, Err(NetworkError::CertificateDays)));
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let held = store::certificates(&mut at, city.id).await.expect("certificates");
        assert_eq!(held, [suspended, certificate("B2")]);
    }
);

async fn call(app: &Router, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> (StatusCode, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string()));
    let response = app
        .clone()
        .oneshot(request.body(body).expect("a request"))
        .await
        .expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn token(services: &Services, name: &str, unit: UnitId, role: Role) -> String {
    let user = NewUser {
        name: name.into(),
        kind: ActorKind::Person,
        unit,
        roles: vec![role],
        token: Some(NewToken {
            name: "laptop".into(),
            days: None,
        }),
        personal: Personal::default(),
    };
    add_user(services, &Actor::operator(), user)
        .await
        .expect("added")
        .token
        .expect("a token")
        .text
}

db::both!(
    units_are_public_to_read_and_changed_by_those_who_manage_them,
    &all_migrations(),
    async |test: TestDb| {
        let services = house(&test);
        let city = enter(&services, None, "371300", Books::Own).await;
        let county = enter(&services, Some(&city), "371323", Books::Own).await;
        load_tree(&services).await.expect("loaded");
        let admin = token(&services, "admin", county.id, Role::Administrator).await;
        let (app, openapi) = guard::finish(api::routes(&nothing()), services.clone());
        let access = guard::access_list(&openapi);
        assert_eq!(access.len(), 13);
        assert!(!access.iter().any(|line| line.ends_with(UNGUARDED)), "{access:?}");

        let (status, list) = call(&app, "GET", "/api/v1/units?limit=1", None, None).await;
        assert_eq!(
            (status, list["items"][0]["region_code"].as_str()),
            (StatusCode::OK, Some("371300"))
        );
        assert_eq!(list["items"][0]["level"], "city");
        let next = format!(
            "/api/v1/units?limit=1&cursor={}",
            list["next"].as_str().expect("a cursor")
        );
        let (_, list) = call(&app, "GET", &next, None, None).await;
        assert_eq!(
            (list["items"][0]["region_code"].as_str(), &list["next"]),
            (Some("371323"), &Value::Null)
        );

        let id = public(&*services.keys, county.id);
        let (_, unit) = call(&app, "GET", &format!("/api/v1/units/{id}"), None, None).await;
        assert_eq!(unit["above"][0]["id"], public(&*services.keys, city.id));
        let township = json!({"parent": id, "name": "某镇红十字会", "region_code": "371323100", "books": "above"});
        let (status, _) = call(&app, "POST", "/api/v1/units", None, Some(township.clone())).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let (status, made) = call(&app, "POST", "/api/v1/units", Some(&admin), Some(township)).await;
        assert_eq!(
            (status, made["level"].as_str()),
            (StatusCode::CREATED, Some("township")),
            "{made}"
        );
        let elsewhere = json!({"parent": public(&*services.keys, city.id), "name": "x", "region_code": "371302",
        "books": "above"});
        let (status, body) = call(&app, "POST", "/api/v1/units", Some(&admin), Some(elsewhere)).await;
        assert_eq!(
            (status, body["type"].as_str()),
            (StatusCode::FORBIDDEN, Some("/problems/missing-permission"))
        );
        let wrong = json!({"parent": id, "name": "x", "region_code": "370202001", "books": "above"});
        let (status, body) = call(&app, "POST", "/api/v1/units", Some(&admin), Some(wrong)).await;
        assert_eq!(
            (status, body["field"].as_str()),
            (StatusCode::CONFLICT, Some("region_code"))
        );

        let new =
            json!({"unit": id, "channel": "bank", "name": "工行", "code": "yishui-bank", "number": "6222000011112222"});
        let (status, opened) = call(&app, "POST", "/api/v1/accounts", Some(&admin), Some(new)).await;
        assert_eq!(
            (status, opened["masked_number"].as_str()),
            (StatusCode::CREATED, Some("6222****2222"))
        );
        assert_eq!(opened["notice_secret"].as_str().map(str::len), Some(64));
        let (_, accounts) = call(&app, "GET", "/api/v1/accounts", Some(&admin), None).await;
        assert_eq!(accounts["items"].as_array().map(Vec::len), Some(1));
        assert!(accounts["items"][0].get("notice_secret").is_none());
    }
);

#[test]
fn every_problem_has_its_words_in_both_languages() {
    for kind in super::error::KINDS {
        for locale in web::Locale::ALL {
            for part in ["title", "detail"] {
                assert!(
                    locale.knows(&format!("problem.{}.{part}", kind.slug)),
                    "{} {part}",
                    kind.slug
                );
            }
        }
    }
}
