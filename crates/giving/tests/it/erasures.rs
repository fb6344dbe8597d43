//! Erasing one person: what is looked at before, what is gone after, what the law keeps; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use axum::http::StatusCode;
use db::{Reads as _, params};
use giving::data_copies::{self, Form};
use giving::donations::orders::Provider;
use giving::donations::queries::gift;
use giving::donations::receipts::ReceiptWish;
use giving::donations::sealed::ErasureReason;
use giving::donations::{Outcome, Payer};
use giving::donor_way::Limits;
use giving::erasures::model::Counts;
use giving::erasures::{ErasureError, KeepRule, actions, api};
use giving::my_gifts::{Session, rules};
use giving::recurring::{MonthlyForm, queries as mandates};
use giving::teams::model::{NewTeam, Starter};
use giving::testing::{World, world};
use kernel::{BusinessDay, Fen, GiftId};
use platform::identity::{Actor, Role, guard};
use serde_json::Value;
use web::Locale;

use crate::client::Client;

const PHONE: &str = "13800000007";

async fn given(w: &World, trade_no: &str, receipt: Option<ReceiptWish>) -> GiftId {
    given_on(w, (trade_no, w.today()), receipt).await
}

async fn given_on(w: &World, (trade_no, day): (&str, BusinessDay), receipt: Option<ReceiptWish>) -> GiftId {
    let mut incoming = w.incoming(&w.restricted, trade_no, 12_345);
    incoming.receipt = receipt;
    (incoming.business_day, incoming.paid_at) = (day, day.start());
    incoming.payer = Payer {
        name: Some("测试丁".into()),
        phone: Some(PHONE.into()),
        ..Payer::default()
    };
    match w.submit(incoming).await {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

fn session(w: &World) -> Session {
    let contact = rules::contact(PHONE).unwrap();
    Session {
        kind: contact.kind,
        index: rules::index(&w.services().keys, &contact),
        expires_at: w.clock_plus(1_000_000),
    }
}

/// A mandate that waits for its code, and a team: both hers.
async fn more_of_hers(w: &World) {
    let form = MonthlyForm {
        choice: "5000".into(),
        day: "5".into(),
        name: "测试丁".into(),
        contact: PHONE.into(),
        provider: "wechat".into(),
        consent: "0".into(),
        ..MonthlyForm::default()
    };
    let limits = Limits {
        min: Fen::new(100),
        max: Fen::new(5_000_000),
        providers: vec![Provider::Wechat],
        consent_version: 0,
    };
    let Ok(wished) = giving::recurring::rules::read(&form, None, &limits) else {
        panic!("a form that is well filled")
    };
    giving::recurring::actions::begin(
        w.services(),
        "general",
        ([9; 16], &form),
        &wished,
        (None, Locale::ZhHans),
    )
    .await
    .unwrap();
    let team = NewTeam {
        project: w.restricted.code.clone(),
        county: None,
        title: "一起走".into(),
        words: String::new(),
        target: None,
        starter: Starter {
            name: "测试丁".into(),
            phone: "138-0000-0007".into(),
        },
        key: "form 1".into(),
    };
    giving::teams::actions::start(w.services(), team).await.unwrap();
}

db::both!(
    one_person_is_erased_in_one_step_but_for_what_her_receipt_keeps,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let services = w.services();
        let by = Actor::operator();
        let plain = given(&w, "E1", None).await;
        let receipted = given(&w, "E2", Some(ReceiptWish::Wanted)).await;
        more_of_hers(&w).await;

        let wanted = Counts {
            gifts: 1,
            mandates: 1,
            teams: 1,
            ..Counts::default()
        };
        let before = actions::preview(services, &by, PHONE, None).await.unwrap();
        assert_eq!(before.erased, wanted);
        let kept = |rule| before.kept.iter().find(|line| line.rule == rule);
        assert_eq!(kept(KeepRule::Receipt).map(|line| line.gifts), Some(1), "{before:?}");
        assert!(kept(KeepRule::Books).is_some_and(|line| line.source.is_some()));
        let stranger = actions::preview(services, &by, "13800000099", None).await;
        assert!(matches!(stranger, Err(ErasureError::Nothing)));

        let reason = ErasureReason::GiverAsked;
        let done = actions::erase(services, &by, (PHONE, reason), None).await.unwrap();
        assert_eq!(done.erased, wanted, "what was shown is what was done");
        let again = actions::erase(services, &by, (PHONE, reason), None).await.unwrap();
        assert!(again.erased.is_nothing(), "{again:?}");

        let mut at = services.db.snapshot().await.unwrap();
        assert!(gift(&mut at, plain).await.unwrap().unwrap().erased);
        let kept = gift(&mut at, receipted).await.unwrap().unwrap();
        assert!(
            !kept.erased && kept.shown_name.is_none(),
            "kept sealed, shown no longer"
        );
        assert!(!mandates::has_any(&mut at, &session(&w)).await.unwrap());
        let row = at.query_one("SELECT starter_sealed FROM team", vec![]).await.unwrap();
        assert!(row.unwrap().bytes("starter_sealed").unwrap().is_empty());
        let sql = "SELECT body FROM fact WHERE kind = ?1 ORDER BY id";
        let rows = at.query(sql, params!["personal.erased"]).await.unwrap();
        assert_eq!(rows.len(), 1, "a repetition that found nothing tells nothing");
        let body = rows[0].text("body").unwrap();
        let fact: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&fact["gifts"], &fact["kept"]), (&Value::from(1), &Value::from(1)));
        assert!(!body.contains("测试") && !body.contains("1380000"), "{body}");
        drop(at);

        // Of the copy that she takes now nothing but the receipt's gift is left.
        let written = (Form::Json, Locale::ZhHans);
        let copy = data_copies::actions::own(services, &session(&w), None, written).await;
        let copy: Value = serde_json::from_slice(&copy.unwrap().bytes).unwrap();
        assert_eq!(copy["gifts"].as_array().map(Vec::len), Some(1), "{copy}");
        w.stop();
    }
);

db::both!(
    a_donor_erases_her_own_and_an_officer_what_stands_in_her_units,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let own = given(&w, "E1", None).await;
        let long_ago = given_on(&w, ("E0", w.today().plus_days(-7 * 366)), None).await;
        let refused = actions::preview(w.services(), &w.county_officer, PHONE, None).await;
        assert!(
            matches!(refused, Err(ErasureError::Forbidden(_))),
            "she manages no personal data"
        );
        let elsewhere = platform::testing::actor(w.services(), &[(Role::Leader, w.county)]);
        let nothing = actions::preview(w.services(), &elsewhere, PHONE, None).await;
        assert!(matches!(nothing, Err(ErasureError::Nothing)), "a gift of the city");
        let (router, openapi) = guard::finish(api::routes(), w.services().clone());
        let access = guard::access_list(&openapi);
        assert!(
            access.iter().all(|line| !line.ends_with(guard::UNGUARDED)),
            "{access:?}"
        );
        let nobody = Client { router, token: None };
        let body = serde_json::json!({"contact": PHONE, "reason": "giver_asked"});
        let (status, _) = nobody.call("POST", "/api/v1/personal-erasures", Some(body)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);

        let report = actions::erase_own(w.services(), &session(&w)).await.unwrap();
        assert_eq!((report.erased.gifts, report.next), (2, None));
        let mut at = w.services().db.snapshot().await.unwrap();
        for one in [own, long_ago] {
            assert!(gift(&mut at, one).await.unwrap().unwrap().erased);
        }
        drop(at);
        w.stop();
    }
);
