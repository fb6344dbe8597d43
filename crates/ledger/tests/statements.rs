//! Balance sheet, cash flow, what a fund holds, payouts and lifted restrictions over HTTP, on both databases.

mod common;

use axum::http::StatusCode;
use common::{City, receive};
use db::testing::TestDb;
use kernel::{Channel, Fen, FundId, GiftId, ProjectId};
use ledger::actions::{Brought, Slip, record_opening};
use ledger::wide::GiftBooking;
use ledger::{AccountCode, LedgerError, Restriction, all_migrations};
use platform::identity::{Actor, Role};
use platform::testing::NOW;
use serde_json::{Value, json};

const PAYOUTS: &str = "/api/v1/books/payouts";
const EXPENDITURES: &str = "/api/v1/books/expenditures";

/// A gift of 200.00 yuan that is to be passed on, in the bank, in a fund of its own.
async fn agency_gift(city: &City) -> FundId {
    let rng = &*city.services.rng;
    let fund = FundId::new(NOW, rng);
    let booking = GiftBooking {
        gift: GiftId::new(NOW, rng),
        unit: city.unit,
        channel: Channel::Bank,
        project: ProjectId::new(NOW, rng),
        campaign: None,
        fund,
        restriction: Restriction::None,
        amount: Fen::new(20_000),
        posting_day: NOW.business_day(),
        business_day: NOW.business_day(),
    };
    receive(&city.services, booking).await;
    fund
}

fn line(out: &Value, key: &str, column: &str) -> i64 {
    let lines = out["lines"].as_array().expect("lines");
    let line = lines.iter().find(|line| line["key"] == key).expect("the line");
    line[column].as_i64().expect("an amount")
}

fn slip(city: &City, key: &str) -> Slip {
    Slip {
        key: key.into(),
        unit: city.unit,
        business_day: NOW.business_day(),
        memo_code: Some("closing 2025".into()),
    }
}

fn brought(code: &str, fund: Option<FundId>, fen: i64) -> Brought {
    Brought {
        code: code.parse::<AccountCode>().expect("a code"),
        fund,
        amount: Fen::new(fen),
    }
}

db::both!(
    what_a_fund_does_not_hold_is_not_spent_and_the_words_say_how_much_there_is,
    &all_migrations(),
    async |test: TestDb| {
        let city = City::new(&test).await;
        let finance = city.token("finance", city.unit, Role::FinanceOfficer).await;
        let (status, refused) = city.post(EXPENDITURES, &finance, city.expenditure("k1", 100_001)).await;
        assert_eq!(
            (status, refused["type"].as_str(), refused["field"].as_str()),
            (
                StatusCode::CONFLICT,
                Some("/problems/fund-lacks-money"),
                Some("amount_fen")
            )
        );
        assert!(
            refused["detail"].as_str().expect("words").contains("1,000.00"),
            "{refused}"
        );
        let mut unrestricted = city.expenditure("k2", 100);
        unrestricted["money"] = json!("unrestricted");
        assert_eq!(
            city.post(EXPENDITURES, &finance, unrestricted).await.0,
            StatusCode::CONFLICT,
            "restricted money is not spent as if it were free"
        );
        assert_eq!(
            city.post(EXPENDITURES, &finance, city.expenditure("k3", 60_000))
                .await
                .0,
            StatusCode::CREATED
        );
        assert_eq!(
            city.post(EXPENDITURES, &finance, city.expenditure("k4", 40_001))
                .await
                .0,
            StatusCode::CONFLICT
        );
        assert_eq!(
            city.post(EXPENDITURES, &finance, city.expenditure("k5", 40_000))
                .await
                .0,
            StatusCode::CREATED
        );
        let (status, repeated) = city.post(EXPENDITURES, &finance, city.expenditure("k3", 60_000)).await;
        assert_eq!(
            (status, &repeated["repeated"]),
            (StatusCode::OK, &json!(true)),
            "a repeat is answered, though the fund is empty by now"
        );
    }
);

db::both!(
    money_of_others_is_passed_on_by_two_persons_and_only_what_is_there,
    &all_migrations(),
    async |test: TestDb| {
        let city = City::new(&test).await;
        let fund = agency_gift(&city).await;
        let finance = city.token("finance", city.unit, Role::FinanceOfficer).await;
        let leader = city.token("leader", city.unit, Role::Leader).await;
        let ask = |key: &str, fund: FundId, fen: i64| {
            json!({
                "key": key, "unit": city.shown(city.unit), "business_day": "2026-05-08", "memo_code": "V-9",
                "fund": city.shown(fund), "paid_from": "bank", "amount_fen": fen,
            })
        };
        let (status, refused) = city.post(PAYOUTS, &finance, ask("p0", fund, 20_001)).await;
        assert_eq!(
            (status, refused["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/fund-lacks-money"))
        );
        assert_eq!(
            city.post(PAYOUTS, &finance, ask("p0", city.fund, 1)).await.0,
            StatusCode::CONFLICT,
            "a gift of the body’s own is no money of others"
        );
        let (status, asked) = city.post(PAYOUTS, &finance, ask("p1", fund, 15_000)).await;
        assert_eq!(
            (status, &asked["state"]),
            (StatusCode::CREATED, &json!("requested")),
            "{asked}"
        );
        let (_, again) = city.post(PAYOUTS, &finance, ask("p1", fund, 15_000)).await;
        assert_eq!(again["payout"], asked["payout"], "the same key is the same payout");
        assert_eq!(
            city.post(PAYOUTS, &finance, ask("p1", fund, 1)).await.0,
            StatusCode::CONFLICT
        );
        let path = |what: &Value, word: &str| format!("{PAYOUTS}/{}/{word}", what["payout"].as_str().expect("an id"));
        let (status, own) = city.post(&path(&asked, "approve"), &finance, json!({})).await;
        assert_eq!(
            (status, own["type"].as_str()),
            (StatusCode::FORBIDDEN, Some("/problems/four-eyes")),
            "who asked does not approve"
        );
        let (_, other) = city.post(PAYOUTS, &finance, ask("p2", fund, 10_000)).await;
        let (status, approved) = city.post(&path(&asked, "approve"), &leader, json!({})).await;
        assert_eq!(
            (status, &approved["state"]),
            (StatusCode::OK, &json!("approved")),
            "{approved}"
        );
        let (_, twice) = city.post(&path(&asked, "approve"), &leader, json!({})).await;
        assert_eq!(twice["journal"], approved["journal"], "booked once");
        assert_eq!(
            city.post(&path(&asked, "reject"), &leader, json!({})).await.0,
            StatusCode::CONFLICT
        );
        let (status, late) = city.post(&path(&other, "approve"), &leader, json!({})).await;
        assert_eq!(
            (status, late["type"].as_str()),
            (StatusCode::CONFLICT, Some("/problems/fund-lacks-money")),
            "what was asked for when there was enough is looked at again"
        );
        let (_, waiting) = city.get(PAYOUTS, &finance).await;
        assert_eq!(waiting["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(
            city.post(&path(&other, "reject"), &leader, json!({})).await.0,
            StatusCode::OK
        );
        let (_, sheet) = city.get("/api/v1/books/balance-sheet", &leader).await;
        assert_eq!(line(&sheet, "agency_assets", "closing_fen"), 5_000);
        assert_eq!(line(&sheet, "agency_liabilities", "closing_fen"), 5_000);
        assert_eq!(
            (
                city.facts("payout.approved").await,
                city.facts("payout.requested").await
            ),
            (1, 2)
        );
        let mut at = city.services.db.snapshot().await.expect("a view");
        assert!(ledger::recount(&mut at).await.expect("recounted").agrees());
    }
);

db::both!(
    a_lifted_restriction_needs_its_ground_and_the_money,
    &all_migrations(),
    async |test: TestDb| {
        const LIFTINGS: &str = "/api/v1/books/restriction-liftings";
        let city = City::new(&test).await;
        let finance = city.token("finance", city.unit, Role::FinanceOfficer).await;
        let lift = |key: &str, memo: Option<&str>, fen: i64| {
            json!({
                "key": key, "unit": city.shown(city.unit), "business_day": "2026-05-08", "memo_code": memo,
                "fund": city.shown(city.fund), "amount_fen": fen,
            })
        };
        let (status, refused) = city.post(LIFTINGS, &finance, lift("l1", None, 100)).await;
        assert_eq!(
            (status, refused["field"].as_str()),
            (StatusCode::BAD_REQUEST, Some("memo_code"))
        );
        assert_eq!(
            city.post(LIFTINGS, &finance, lift("l1", Some("D-1"), 100_001)).await.0,
            StatusCode::CONFLICT
        );
        assert_eq!(
            city.post(LIFTINGS, &finance, lift("l1", Some("D-1"), 30_000)).await.0,
            StatusCode::CREATED
        );
        assert_eq!(
            city.post(LIFTINGS, &finance, lift("l1", Some("D-1"), 30_000)).await.0,
            StatusCode::OK
        );
        assert_eq!(
            city.post(LIFTINGS, &finance, lift("l2", Some("D-1"), 70_001)).await.0,
            StatusCode::CONFLICT
        );
        let (_, sheet) = city.get("/api/v1/books/balance-sheet", &finance).await;
        assert_eq!(
            (
                line(&sheet, "net_restricted", "closing_fen"),
                line(&sheet, "net_unrestricted", "closing_fen")
            ),
            (70_000, 30_000)
        );
        let (_, flow) = city.get("/api/v1/books/cash-flow", &finance).await;
        assert_eq!(
            (line(&flow, "change", "this_year_fen"), &flow["balanced"]),
            (100_000, &json!(true))
        );
        assert_eq!(city.facts("books.restriction_lifted").await, 1);
    }
);

db::both!(
    what_was_brought_forward_was_there_at_the_beginning_of_the_year_and_is_no_flow,
    &all_migrations(),
    async |test: TestDb| {
        let city = City::new(&test).await;
        let by = Actor::operator();
        let finance = city.token("finance", city.unit, Role::FinanceOfficer).await;
        let lines = [
            brought("1002", Some(city.fund), 40_000),
            brought("3102", Some(city.fund), -40_000),
            brought("1001", None, 500),
            brought("2209", None, -200),
            brought("3101", None, -300),
        ];
        let booked = record_opening(&city.services, &by, slip(&city, "o1"), &lines)
            .await
            .expect("opened");
        let again = record_opening(&city.services, &by, slip(&city, "o1"), &lines)
            .await
            .expect("again");
        assert_eq!((again.journal, again.repeated), (booked.journal, true));
        let crossing = [brought("1002", Some(city.fund), 1), brought("3101", None, -1)];
        let refused = record_opening(&city.services, &by, slip(&city, "o2"), &crossing).await;
        assert!(matches!(refused, Err(LedgerError::Journal(_))), "{refused:?}");
        let income = [brought("1002", None, 1), brought("410101", None, -1)];
        let refused = record_opening(&city.services, &by, slip(&city, "o3"), &income).await;
        assert!(
            matches!(refused, Err(LedgerError::Field { field: "lines", .. })),
            "{refused:?}"
        );

        assert_eq!(
            city.post(EXPENDITURES, &finance, city.expenditure("k1", 120_000))
                .await
                .0,
            StatusCode::CREATED
        );
        let (_, sheet) = city.get("/api/v1/books/balance-sheet", &finance).await;
        let get = |key: &str| (line(&sheet, key, "closing_fen"), line(&sheet, key, "opening_fen"));
        assert_eq!(get("money"), (20_500, 40_500));
        assert_eq!(get("payables"), (200, 200));
        assert_eq!(get("net_restricted"), (20_000, 40_000));
        assert_eq!(get("net_unrestricted"), (300, 300));
        assert_eq!(get("assets"), get("liabilities_and_net_assets"));
        let (_, flow) = city.get("/api/v1/books/cash-flow", &finance).await;
        let flows = |key: &str| (line(&flow, key, "this_year_fen"), line(&flow, key, "last_year_fen"));
        assert_eq!((flows("donations"), flows("aid")), ((100_000, 0), (120_000, 0)));
        assert_eq!((flows("change"), &flow["balanced"]), ((-20_000, 0), &json!(true)));

        for (path, word) in [
            ("balance-sheet", "货币资金,205.00,405.00"),
            ("cash-flow", "接受捐赠收到的现金,1000.00,0.00"),
        ] {
            let (_, _, csv) = city
                .raw("GET", &format!("/api/v1/books/{path}?format=csv"), &finance, None)
                .await;
            let csv = String::from_utf8(csv).expect("UTF-8");
            assert!(csv.contains(word), "{csv}");
            let (status, _, sheet) = city
                .raw("GET", &format!("/api/v1/books/{path}?format=xlsx"), &finance, None)
                .await;
            assert_eq!((status, &sheet[..2]), (StatusCode::OK, b"PK".as_slice()));
            assert_eq!(
                city.get(&format!("/api/v1/books/{path}?from=2026-01-01"), &finance)
                    .await
                    .0,
                StatusCode::BAD_REQUEST
            );
        }
        let project = format!("/api/v1/books/cash-flow?project={}", city.shown(city.project));
        assert_eq!(city.get(&project, &finance).await.0, StatusCode::BAD_REQUEST);
    }
);
