//! The thread of a case: who reads and writes, what a withdrawn message leaves, and what facts say of it.

use std::path::Path;
use std::sync::Arc;

use axum::http::StatusCode;
use db::testing::TestDb;
use kernel::id::public;
use platform::identity::{Actor, Role, guard};
use serde_json::{Value, json};

use super::house::{World, one_stage};
use super::http::{call, kind_of};
use super::papers::{FILES, raw};
use crate::all_migrations;
use crate::approvals::{Subjects, actions, api};

db::both!(
    a_thread_is_read_by_who_sees_the_case_written_by_its_people_and_a_withdrawn_message_keeps_its_place,
    &all_migrations(),
    async |test: TestDb| {
        let mut world = World::new(&test).await;
        world.services.data = Arc::new(Path::new(FILES).to_path_buf());
        let (asker, desk) = world.somebody("desk", world.county, &[Role::DonationDesk]).await;
        let (leader, head) = world.somebody("head", world.county, &[Role::Leader]).await;
        let (_, auditor) = world.somebody("auditor", world.city, &[Role::Auditor]).await;
        let (_, stranger) = world.somebody("stranger", world.other, &[Role::Leader]).await;
        let by = Actor::operator();
        actions::publish(&world.services, &by, world.city, "thing", one_stage(false))
            .await
            .expect("published");
        let id = actions::submit(&world.services, &asker, world.about(world.county, "thing"))
            .await
            .expect("submitted");
        let (app, _) = guard::finish(api::routes(&Subjects::default()), world.services.clone());
        let keys = &*world.services.keys;
        let case = format!("/api/v1/approvals/{}", public(keys, id));
        let thread = format!("{case}/thread");
        let said = |key: &str, words: &str| Some(json!({"key": key, "words": words}));

        let (status, first) = call(&app, "POST", &thread, &desk, said("a", "先发三院，他们今晚就缺")).await;
        assert_eq!(
            (status, &first["may_write"]),
            (StatusCode::CREATED, &json!(true)),
            "{first}"
        );
        let (_, again) = call(&app, "POST", &thread, &desk, said("a", "先发三院，他们今晚就缺")).await;
        assert_eq!(again, first, "the same key is the same message");
        let (status, answer) = call(&app, "POST", &thread, &desk, said("a", "别的话")).await;
        assert_eq!((status.as_u16(), answer["field"].as_str()), (400, Some("key")));
        let (status, answer) = call(&app, "POST", &thread, &auditor, said("b", "我只看")).await;
        assert_eq!((status.as_u16(), kind_of(&answer)), (403, "missing-permission"));
        for method in ["GET", "POST"] {
            let body = (method == "POST").then(|| said("c", "路过")).flatten();
            let (status, _) = call(&app, method, &thread, &stranger, body).await;
            assert_eq!(status, StatusCode::NOT_FOUND);
        }

        let hand_in = format!("/api/v1/approvals/files?unit={}", public(keys, world.county));
        let paper = b"%PDF-1.7 a list of the third hospital".to_vec();
        let (status, _, answer) = raw(&app, "POST", &hand_in, (&head, &paper)).await;
        assert_eq!(status, StatusCode::CREATED);
        let filed: Value = serde_json::from_slice(&answer).expect("JSON");
        let sha256 = filed["sha256"].as_str().expect("a hash");
        let unknown = json!({"key": "d", "sha256": "ab".repeat(32), "file_name": "清单.pdf"});
        let (status, answer) = call(&app, "POST", &thread, &head, Some(unknown)).await;
        assert_eq!((status.as_u16(), answer["field"].as_str()), (400, Some("sha256")));
        let with_file = json!({"key": "d", "sha256": sha256, "file_name": "清单.pdf"});
        let (status, answer) = call(&app, "POST", &thread, &head, Some(with_file)).await;
        assert_eq!((status, &answer["messages"][1]["file"]), (StatusCode::CREATED, &filed));
        let open = format!("{case}/files/{sha256}");
        let (status, _, bytes) = raw(&app, "GET", &open, (&auditor, b"")).await;
        assert_eq!((status, bytes), (StatusCode::OK, paper));

        let withdrawal = format!("{thread}/2/withdrawal");
        let (status, answer) = call(&app, "POST", &withdrawal, &desk, None).await;
        assert_eq!(
            (status.as_u16(), kind_of(&answer)),
            (403, "approval-message-of-another")
        );
        for _ in 0..2 {
            let (status, _) = call(&app, "POST", &withdrawal, &head, None).await;
            assert_eq!(status, StatusCode::OK, "once more changes nothing");
        }
        let (_, now) = call(&app, "GET", &thread, &auditor, None).await;
        let gone = &now["messages"][1];
        assert_eq!((&gone["words"], &gone["file"]), (&Value::Null, &Value::Null));
        assert_eq!(gone["withdrawn_by"]["name"], leader.name.as_str());
        assert_eq!(
            (&now["may_write"], now["messages"].as_array().map(Vec::len)),
            (&json!(false), Some(2))
        );
        let (status, ..) = raw(&app, "GET", &open, (&auditor, b"")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "its file is shown no more");

        let facts = world.facts().await;
        let of = |kind: &str| facts.iter().filter(|one| *one == kind).count();
        assert_eq!(
            (of("approval.message_written"), of("approval.message_withdrawn")),
            (2, 1)
        );
        let mut at = world.services.db.snapshot().await.expect("a snapshot");
        let all = platform::facts::read_after(&mut at, 0, 1_000).await.expect("facts");
        assert!(
            !all.iter().any(|fact| fact.body.contains("三院")),
            "facts hold no words"
        );
    }
);
