//! The rooms together, on both databases: shifts, swaps, a copied week, telephones that are opened.

use axum::http::StatusCode;
use db::testing::TestDb;
use kernel::id::Id as _;
use kernel::{BusinessDay, Instant};
use platform::identity::{Role, Scope, guard};
use serde_json::{Value, json};

use super::actions;
use super::api;
use super::error::DutyError;
use super::model::{NewShift, Person, RevealReason, ShiftId, Span, Who};
use super::queries;
use super::rules::Refusal;
use crate::all_migrations;
use crate::reports::tests::{Office, call, kind_of};

const HOUR: i64 = 3_600 * 1_000_000;

fn hours(from: Instant, length: i64, name: &str, phone: &str) -> NewShift {
    NewShift {
        from,
        to: from.plus_micros(length * HOUR),
        who: Who::Person(Person {
            name: name.into(),
            phone: phone.into(),
        }),
    }
}

db::both!(
    people_change_places_and_only_those_of_the_unit_see_whom_to_call,
    &all_migrations(),
    async |test: TestDb| {
        let office = Office::new(&test).await;
        let services = &office.services;
        let (head, _) = office.somebody("head", office.county, Role::Leader).await;
        let (above, _) = office.somebody("above", office.city, Role::Leader).await;
        let (other, _) = office.somebody("other", office.other, Role::Leader).await;
        let now = services.now();
        let new = vec![
            hours(now, 8, "张小明", "13800000001"),
            hours(now.plus_micros(8 * HOUR), 8, "李小红", "13900000002"),
        ];
        let elsewhere = actions::add(services, &other, office.county, new.clone()).await;
        assert!(matches!(elsewhere, Err(DutyError::Forbidden(_))));
        let shifts = actions::add(services, &head, office.county, new).await.expect("added");
        assert_eq!(
            (shifts[0].masked_name.as_str(), shifts[0].masked_phone.as_str()),
            ("张**", "138****0001")
        );

        let mut at = services.db.snapshot().await.expect("a snapshot");
        let rows = db::Reads::query(
            &mut at,
            "SELECT person_sealed FROM duty_shift ORDER BY id LIMIT 9",
            vec![],
        )
        .await;
        for row in rows.expect("rows") {
            let sealed = row.bytes("person_sealed").expect("bytes");
            assert!(!sealed.windows(5).any(|part| part == b"13800"), "sealed");
        }
        let seen = (&Scope::below(office.city), &*services.tree);
        let on = queries::on_now(&mut at, seen, now).await.expect("read");
        assert_eq!(on.iter().map(|shift| shift.id).collect::<Vec<_>>(), [shifts[0].id]);
        let hidden = (&Scope::below(office.other), &*services.tree);
        assert_eq!(queries::on_now(&mut at, hidden, now).await.expect("read"), []);
        drop(at);

        let strange = actions::swap(services, &other, shifts[0].id, shifts[1].id).await;
        assert!(matches!(strange, Err(DutyError::NotFound("shift"))));
        actions::swap(services, &head, shifts[0].id, shifts[1].id)
            .await
            .expect("swapped");
        let who = actions::reveal(services, &above, shifts[0].id, RevealReason::Call).await;
        let who = who.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((who.name.as_str(), who.phone.as_str()), ("李小红", "13900000002"));
        let strange = actions::reveal(services, &other, shifts[0].id, RevealReason::Call).await;
        assert!(matches!(strange, Err(DutyError::NotFound("shift"))));

        actions::cancel(services, &head, shifts[1].id)
            .await
            .expect("taken back");
        let again = actions::swap(services, &head, shifts[0].id, shifts[1].id).await;
        assert!(matches!(again, Err(DutyError::Refused(Refusal::Over))));
        office.pass_minutes(8 * 60);
        let over = actions::cancel(services, &head, shifts[0].id).await;
        assert!(
            matches!(over, Err(DutyError::Refused(Refusal::Over))),
            "what was stays as it was"
        );
        assert_eq!(
            office.facts("duty.").await,
            [
                "duty.shifts_added",
                "duty.swapped",
                "duty.revealed",
                "duty.shift_cancelled"
            ]
        );
    }
);

db::both!(
    a_week_is_copied_once_and_a_user_brings_her_own_telephone,
    &all_migrations(),
    async |test: TestDb| {
        let office = Office::new(&test).await;
        let services = &office.services;
        let (head, _) = office.somebody("head", office.county, Role::Leader).await;
        let (away, _) = office.somebody("away", office.other, Role::Leader).await;
        let first = BusinessDay::parse("2026-05-11").expect("a day");
        let user = |id| NewShift {
            from: first.start().plus_micros(8 * HOUR),
            to: first.start().plus_micros(20 * HOUR),
            who: Who::User(id),
        };
        let strange = actions::add(services, &head, office.county, vec![user(away.id)]).await;
        assert!(
            matches!(strange, Err(DutyError::Identity(_))),
            "somebody of another county"
        );
        // Telephones of this test are words, which no telephone is.
        let worded = actions::add(services, &head, office.county, vec![user(head.id)]).await;
        assert!(matches!(
            worded,
            Err(DutyError::Refused(Refusal::Invalid { field: "phone", .. }))
        ));
        let start = first.start().plus_micros(8 * HOUR);
        let new = vec![
            hours(start, 12, "张小明", "13800000001"),
            hours(start.plus_micros(24 * HOUR), 12, "李小红", "13900000002"),
        ];
        actions::add(services, &head, office.county, new).await.expect("added");
        let next = first.plus_days(7);
        let copied = actions::copy_week(services, &head, office.county, next)
            .await
            .expect("copied");
        assert_eq!(copied, 2);
        let twice = actions::copy_week(services, &head, office.county, next).await;
        assert!(matches!(twice, Err(DutyError::Refused(Refusal::NothingToCopy))));
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let week = Span {
            from: next.start(),
            to: next.plus_days(7).start(),
        };
        let shifts = queries::between(&mut at, office.county, week).await.expect("read");
        let told: Vec<(String, u8)> = shifts
            .iter()
            .map(|shift| (shift.masked_phone.clone(), shift.from.to_beijing().hour()))
            .collect();
        assert_eq!(told, [("138****0001".to_owned(), 8), ("139****0002".to_owned(), 8)]);
        let phones = queries::phones_on(&mut at, &services.keys, (office.county, shifts[1].from)).await;
        assert_eq!(phones.expect("opened"), ["13900000002"]);
    }
);

db::both!(
    a_roster_shows_its_gaps_and_overlaps_through_http,
    &all_migrations(),
    async |test: TestDb| {
        let office = Office::new(&test).await;
        let (_, head) = office.somebody("head", office.county, Role::Leader).await;
        let (_, store) = office.somebody("store", office.county, Role::Storekeeper).await;
        let (_, other) = office.somebody("other", office.other, Role::Leader).await;
        let (app, _) = guard::finish(api::routes(), office.services.clone());
        let roster = format!("/api/v1/duty/rosters/{}", office.shown(office.county));
        let shift = |day: &str, from: &str, to: &str| json!({"day": day, "from": from, "to": to, "name": "张小明", "phone": "13800000001"});
        let body = json!({"shifts": [shift("2026-05-08", "08:00", "20:00"), shift("2026-05-08", "18:00", "08:00")]});
        let (status, _) = call(&app, ("POST", &format!("{roster}/shifts")), &store, Some(body.clone())).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "who hands in keeps no roster");
        let (status, added) = call(&app, ("POST", &format!("{roster}/shifts")), &head, Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{added}");
        let (_, seen) = call(&app, ("GET", &format!("{roster}?from=2026-05-08&days=1")), &store, None).await;
        assert_eq!(
            seen["gaps"],
            json!([{"from": "2026-05-07T16:00:00Z", "to": "2026-05-08T00:00:00Z"}]),
            "{seen}"
        );
        assert_eq!(
            (&seen["overlaps"][0]["from"], &seen["overlaps"][0]["to"]),
            (&json!("2026-05-08T10:00:00Z"), &json!("2026-05-08T12:00:00Z"))
        );
        assert_eq!(seen["on_now"], json!([added[0]["id"]]));
        assert!(!seen.to_string().contains("13800000001"), "masked: {seen}");
        let (status, _) = call(&app, ("GET", &roster), &other, None).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (_, on) = call(&app, ("GET", "/api/v1/duty/on"), &other, None).await;
        assert_eq!(on, json!([]));
        let id = added[1]["id"].as_str().expect("an id");
        let reveal = format!("/api/v1/duty/shifts/{id}/reveal");
        let (status, who) = call(&app, ("POST", &reveal), &head, Some(json!({"reason": "handover"}))).await;
        assert_eq!((status, &who["phone"]), (StatusCode::OK, &json!("13800000001")));
        let (status, _) = call(&app, ("POST", &reveal), &other, Some(json!({"reason": "call"}))).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let with = json!({"with": office.shown(ShiftId::from_bytes([7; 16]))});
        let (status, _) = call(
            &app,
            ("POST", &format!("/api/v1/duty/shifts/{id}/swap")),
            &head,
            Some(with),
        )
        .await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, _) = call(&app, ("POST", &format!("/api/v1/duty/shifts/{id}/cancel")), &head, None).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let copy = json!({"first_day": "2026-06-01"});
        let (status, answer) = call(&app, ("POST", &format!("{roster}/copy")), &head, Some(copy)).await;
        assert_eq!((status.as_u16(), kind_of(&answer)), (409, "duty-nothing-to-copy"));
        assert_ne!(answer, Value::Null);
    }
);
