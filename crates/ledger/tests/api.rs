//! The books over HTTP, on both databases: who may, the same key twice, one query in three forms.

mod common;

use axum::http::{StatusCode, header};
use common::City;
use db::testing::TestDb;
use kernel::{BusinessDay, ProjectId, UnitId};
use ledger::{all_migrations, api};
use platform::identity::{Role, guard};
use platform::testing::NOW;
use serde_json::{Value, json};

const EXPENDITURES: &str = "/api/v1/books/expenditures";

db::both!(
    spending_is_booked_once_however_often_its_key_comes,
    &all_migrations(),
    async |test: TestDb| {
        let city = City::new(&test).await;
        let finance = city.token("finance", city.unit, Role::FinanceOfficer).await;
        let (status, first) = city.post(EXPENDITURES, &finance, city.expenditure("k1", 93_200)).await;
        assert_eq!(
            (status, &first["repeated"]),
            (StatusCode::CREATED, &json!(false)),
            "{first}"
        );
        let (status, again) = city.post(EXPENDITURES, &finance, city.expenditure("k1", 93_200)).await;
        assert_eq!(
            (status, &again["journal"], &again["repeated"]),
            (StatusCode::OK, &first["journal"], &json!(true))
        );
        let (status, other) = city.post(EXPENDITURES, &finance, city.expenditure("k1", 5)).await;
        assert_eq!(
            (status, other["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/books-key-reused"))
        );
        assert_eq!(city.facts("books.expenditure_recorded").await, 1);
        let (_, rate) = city.get("/api/v1/books/use-rate?by=project", &finance).await;
        assert_eq!(
            rate["lines"],
            json!([
                {"subject": city.shown(city.project), "income_fen": 100_000, "spent_fen": 93_200, "per_mille": 932}
            ])
        );
    }
);

db::both!(
    a_journal_is_undone_once_and_a_gift_not_here,
    &all_migrations(),
    async |test: TestDb| {
        let city = City::new(&test).await;
        let finance = city.token("finance", city.unit, Role::FinanceOfficer).await;
        let (_, spent) = city.post(EXPENDITURES, &finance, city.expenditure("k1", 500)).await;
        let path = |journal: &str| format!("/api/v1/books/journals/{journal}/reversal");
        let slip =
            |key: &str, unit: UnitId| json!({"key": key, "unit": city.shown(unit), "business_day": "2026-05-08"});
        let journal = spent["journal"].as_str().expect("a journal").to_owned();
        let (status, undone) = city.post(&path(&journal), &finance, slip("r1", city.unit)).await;
        assert_eq!(status, StatusCode::CREATED, "{undone}");
        assert_eq!(
            city.post(&path(&journal), &finance, slip("r1", city.unit)).await.0,
            StatusCode::OK,
            "the same key"
        );
        let (status, twice) = city.post(&path(&journal), &finance, slip("r2", city.unit)).await;
        assert_eq!(
            (status, twice["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/journal-already-reversed"))
        );
        let reversal = undone["journal"].as_str().expect("a journal").to_owned();
        for kept in [city.shown(city.gift), reversal] {
            let (status, refused) = city.post(&path(&kept), &finance, slip("r3", city.unit)).await;
            assert_eq!(
                (status, refused["type"].as_str()),
                (StatusCode::CONFLICT, Some("/problems/journal-belongs-to-gift"))
            );
        }
        assert_eq!(
            city.post(&path(&journal), &finance, slip("r4", city.county)).await.0,
            StatusCode::NOT_FOUND
        );
        assert_eq!(city.facts("books.journal_reversed").await, 1);
    }
);

db::both!(
    only_those_who_keep_a_units_books_book_in_them,
    &all_migrations(),
    async |test: TestDb| {
        let city = City::new(&test).await;
        let county = city.token("county", city.county, Role::FinanceOfficer).await;
        let auditor = city.token("auditor", city.unit, Role::Auditor).await;
        for token in [&county, &auditor] {
            let (status, refused) = city.post(EXPENDITURES, token, city.expenditure("k1", 100)).await;
            assert_eq!(
                (status, refused["type"].as_str()),
                (StatusCode::FORBIDDEN, Some("/problems/missing-permission"))
            );
        }
        let (status, table) = city.get("/api/v1/books/trial-balance", &county).await;
        assert_eq!(
            (status, &table["lines"]),
            (StatusCode::OK, &json!([])),
            "a county does not see the city’s books"
        );
        let city_books = format!("/api/v1/books/trial-balance?unit={}", city.shown(city.unit));
        assert_eq!(city.get(&city_books, &county).await.0, StatusCode::FORBIDDEN);
        assert_eq!(city.get(&city_books, &auditor).await.0, StatusCode::OK);
    }
);

db::both!(
    what_a_slip_gets_wrong_is_named,
    &all_migrations(),
    async |test: TestDb| {
        let city = City::new(&test).await;
        let finance = city.token("finance", city.unit, Role::FinanceOfficer).await;
        let stranger = city.shown(ProjectId::new(NOW, &*city.services.rng));
        for (field, wrong) in [
            ("business_day", json!("2026-05-09")),
            ("key", json!("")),
            ("memo_code", json!("x".repeat(65))),
            ("project", json!(stranger)),
            ("fund", json!(stranger)),
            ("unit", json!("善桥")),
            ("paid_from", json!("pocket")),
        ] {
            let mut body = city.expenditure("k1", 100);
            body[field] = wrong;
            let (status, refused) = city.post(EXPENDITURES, &finance, body).await;
            assert_eq!(
                (status, refused["field"].as_str()),
                (StatusCode::BAD_REQUEST, Some(field)),
                "{refused}"
            );
        }
        assert_eq!(
            city.post(EXPENDITURES, &finance, city.expenditure("k1", 0)).await.0,
            StatusCode::BAD_REQUEST
        );
        let (status, refused) = city.get("/api/v1/books/trial-balance?by=unit", &finance).await;
        assert_eq!(
            (status, refused["type"].as_str()),
            (StatusCode::BAD_REQUEST, Some("/problems/unknown-field"))
        );
    }
);

db::both!(
    one_query_answers_in_three_forms,
    &all_migrations(),
    async |test: TestDb| {
        let city = City::new(&test).await;
        let finance = city.token("finance", city.unit, Role::FinanceOfficer).await;
        let share =
            json!({"fund": city.shown(city.fund), "arrived_fen": 99_400, "fee_fen": 600, "fee_from": "restricted"});
        let body = json!({"key": "s1", "unit": city.shown(city.unit), "business_day": "2026-05-08", "shares": [share]});
        let (status, booked) = city.post("/api/v1/books/settlements", &finance, body).await;
        assert_eq!(status, StatusCode::CREATED, "{booked}");

        let (_, table) = city.get("/api/v1/books/trial-balance", &finance).await;
        assert_eq!(
            (&table["balanced"], &table["closing"]["debit_fen"]),
            (&json!(true), &json!(100_000))
        );
        let codes: Vec<&str> = table["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .filter_map(|l| l["code"].as_str())
            .collect();
        assert_eq!(codes, ["1002", "100901", "410102", "540102"]);

        let (_, headers, csv) = city
            .raw("GET", "/api/v1/books/trial-balance?format=csv", &finance, None)
            .await;
        assert_eq!(headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
        let csv = String::from_utf8(csv).expect("UTF-8");
        assert!(csv.contains("1002,银行存款,0.00,994.00,0.00,994.00\r\n"), "{csv}");
        let (_, _, english) = city
            .raw("GET", "/api/v1/books/trial-balance?format=csv&lang=en", &finance, None)
            .await;
        assert!(
            String::from_utf8(english)
                .expect("UTF-8")
                .contains("1002,Bank deposits,"),
            "in the reader’s language"
        );

        for path in ["trial-balance", "accounts/410102/entries", "activities", "use-rate"] {
            let path = format!("/api/v1/books/{path}?format=xlsx");
            let (status, headers, sheet) = city.raw("GET", &path, &finance, None).await;
            assert_eq!((status, &sheet[..2]), (StatusCode::OK, b"PK".as_slice()), "{path}");
            assert!(
                headers[header::CONTENT_DISPOSITION]
                    .to_str()
                    .expect("text")
                    .ends_with(".xlsx\"")
            );
        }
        let (_, page) = city
            .get("/api/v1/books/accounts/100901/entries?limit=1", &finance)
            .await;
        let cursor = page["next"].as_str().expect("a second page").to_owned();
        assert_eq!(page["items"][0]["journal"], city.shown(city.gift));
        let path = format!("/api/v1/books/accounts/100901/entries?limit=1&cursor={cursor}");
        let (_, page) = city.get(&path, &finance).await;
        assert_eq!(
            (&page["items"][0]["amount_fen"], &page["next"]),
            (&json!(-100_000), &Value::Null)
        );
        let (_, activities) = city.get("/api/v1/books/activities?month=2026-05-01", &finance).await;
        assert_eq!(
            activities["lines"][0]["month"],
            json!({"unrestricted_fen": 0, "restricted_fen": 100_000, "total_fen": 100_000})
        );
        assert_eq!(
            city.get("/api/v1/books/accounts/9999/entries", &finance).await.0,
            StatusCode::NOT_FOUND
        );
        assert_eq!(NOW.business_day(), BusinessDay::from_number(20_260_508).expect("a day"));
    }
);

#[test]
fn every_route_of_the_books_has_its_permission() {
    let (_, openapi) = api::routes().split_for_parts();
    let list = guard::access_list(&openapi);
    assert_eq!(
        list,
        [
            "GET /api/v1/books/accounts/{code}/entries books_read",
            "GET /api/v1/books/activities books_read",
            "GET /api/v1/books/balance-sheet books_read",
            "GET /api/v1/books/cash-flow books_read",
            "GET /api/v1/books/payouts books_read",
            "GET /api/v1/books/trial-balance books_read",
            "GET /api/v1/books/use-rate report_read",
            "POST /api/v1/books/expenditures books_post",
            "POST /api/v1/books/journals/{journal}/reversal books_post",
            "POST /api/v1/books/payouts books_post",
            "POST /api/v1/books/payouts/{payout}/approve payout_approve",
            "POST /api/v1/books/payouts/{payout}/reject payout_approve",
            "POST /api/v1/books/restriction-liftings books_post",
            "POST /api/v1/books/settlements books_post",
        ]
    );
}
