//! Papers as files, and minutes as a paper: through HTTP.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use db::testing::TestDb;
use kernel::id::public;
use platform::identity::Role;
use platform::identity::guard;
use serde_json::{Value, json};

use super::house::{World, one_stage};
use super::http::{call, kind_of};
use crate::all_migrations;
use crate::approvals::model::{FILE_BYTES_MAX, digest_of};
use crate::approvals::{Subjects, actions, api};
use tower::ServiceExt as _;

/// Where its files lie: stored by their content, so that tests do not disturb each other.
pub(super) const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tmp/approvals");

pub(super) async fn raw(
    app: &Router,
    method: &str,
    path: &str,
    (token, body): (&str, &[u8]),
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = request.body(Body::from(body.to_vec())).expect("a request");
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), 1 << 22).await.expect("a body");
    (status, headers, bytes.to_vec())
}

fn told(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or(Value::Null)
}

db::both!(
    a_file_is_kept_sealed_and_opened_by_those_who_may_see_its_case,
    &all_migrations(),
    async |test: TestDb| {
        let mut world = World::new(&test).await;
        world.services.data = Arc::new(Path::new(FILES).to_path_buf());
        let (_, asker) = world.somebody("asker", world.county, &[Role::FundraisingOfficer]).await;
        let (_, stranger) = world
            .somebody("stranger", world.other, &[Role::FundraisingOfficer])
            .await;
        world.person("head", world.county, &[Role::Leader]).await;
        let (app, _) = guard::finish(api::routes(&Subjects::default()), world.services.clone());
        let by = platform::identity::Actor::operator();
        actions::publish(&world.services, &by, world.city, "plan", one_stage(true))
            .await
            .expect("published");
        let unit = public(&*world.services.keys, world.county);
        let hand_in = format!("/api/v1/approvals/files?unit={unit}");
        let paper: Vec<u8> = [b"%PDF-1.7 ".to_vec(), public(&*world.services.keys, world.city).into()].concat();

        let (status, _, answer) = raw(&app, "POST", &hand_in, (&stranger, &paper)).await;
        assert_eq!((status.as_u16(), kind_of(&told(&answer))), (403, "missing-permission"));
        let (status, _, answer) = raw(&app, "POST", &hand_in, (&asker, b"MZ a program")).await;
        assert_eq!((status.as_u16(), kind_of(&told(&answer))), (422, "approval-file-kind"));
        let large = vec![b'%'; FILE_BYTES_MAX + 1];
        let (status, ..) = raw(&app, "POST", &hand_in, (&asker, &large)).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        let (status, _, answer) = raw(&app, "POST", &hand_in, (&asker, &paper)).await;
        let file = told(&answer);
        assert_eq!(
            (status, &file["media_type"], &file["length"]),
            (StatusCode::CREATED, &json!("application/pdf"), &json!(paper.len()))
        );
        let (_, _, again) = raw(&app, "POST", &hand_in, (&asker, &paper)).await;
        assert_eq!(told(&again), file, "the same bytes are the same file");
        let sha256 = file["sha256"].as_str().expect("a hash");
        let digest = digest_of(sha256).expect("32 bytes");
        assert!(
            !platform::files::blobs(&world.services).path(&digest).exists(),
            "it does not lie there as it came"
        );

        let subject = public(&*world.services.keys, world.about(world.county, "plan").subject);
        let body = json!({"unit": unit, "subject_kind": "plan", "subject": subject, "title": "方案",
            "papers": [{"kind": "plan", "name": "方案.pdf", "sha256": sha256}, {"kind": "budget", "name": "预算", "sha256": "ab".repeat(32)}]});
        let (status, case) = call(&app, "POST", "/api/v1/approvals", &asker, Some(body)).await;
        assert_eq!((status, &case["files"]), (StatusCode::CREATED, &json!([file])));
        let path = format!("/api/v1/approvals/{}/files", case["id"].as_str().expect("an id"));
        let (status, headers, bytes) = raw(&app, "GET", &format!("{path}/{sha256}"), (&asker, b"")).await;
        assert_eq!((status, bytes), (StatusCode::OK, paper));
        assert_eq!(headers[header::CONTENT_TYPE], "application/pdf");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let named = headers[header::CONTENT_DISPOSITION].to_str().expect("text").to_owned();
        assert!(named.starts_with("attachment") && named.contains(".pdf"), "{named}");
        for (token, hash) in [
            (&stranger, sha256.to_owned()),
            (&asker, "ab".repeat(32)),
            (&asker, "x".into()),
        ] {
            let (status, ..) = raw(&app, "GET", &format!("{path}/{hash}"), (token, b"")).await;
            assert_eq!(status, StatusCode::NOT_FOUND);
        }
    }
);

db::both!(
    a_file_that_no_case_names_after_a_week_is_taken_away_and_a_named_one_stays,
    &all_migrations(),
    async |test: TestDb| {
        let mut world = World::new(&test).await;
        // A folder of its own: what is taken away is looked for on the disk.
        let folder = format!("{FILES}-drop-{}", hex_of_rng(&world));
        world.services.data = Arc::new(Path::new(&folder).to_path_buf());
        let (_, asker) = world.somebody("asker", world.county, &[Role::FundraisingOfficer]).await;
        world.person("head", world.county, &[Role::Leader]).await;
        let (app, _) = guard::finish(api::routes(&Subjects::default()), world.services.clone());
        let by = platform::identity::Actor::operator();
        actions::publish(&world.services, &by, world.city, "plan", one_stage(true))
            .await
            .expect("published");
        let unit = public(&*world.services.keys, world.county);
        let hand_in = format!("/api/v1/approvals/files?unit={unit}");
        let mut hashes = Vec::new();
        for word in ["named", "forgotten"] {
            let paper = [b"%PDF-1.7 ".to_vec(), word.into()].concat();
            let (status, _, answer) = raw(&app, "POST", &hand_in, (&asker, &paper)).await;
            assert_eq!(status, StatusCode::CREATED);
            hashes.push(told(&answer)["sha256"].as_str().expect("a hash").to_owned());
        }
        let subject = public(&*world.services.keys, world.about(world.county, "plan").subject);
        let body = json!({"unit": unit, "subject_kind": "plan", "subject": subject, "title": "方案",
            "papers": [{"kind": "plan", "name": "方案.pdf", "sha256": hashes[0]}]});
        let (status, case) = call(&app, "POST", "/api/v1/approvals", &asker, Some(body)).await;
        assert_eq!(status, StatusCode::CREATED);
        let early = actions::drop_unnamed(&world.services).await.expect("looked");
        assert_eq!((early.kept, early.dropped), (0, 0), "a case may still be written");
        let day_micros = 86_400 * 1_000_000;
        let later = world
            .services
            .now()
            .plus_micros((actions::UNNAMED_DAYS * 24 + 1) * day_micros / 24);
        world.clock.set(later);
        let looked = actions::drop_unnamed(&world.services).await.expect("looked");
        assert_eq!((looked.kept, looked.dropped), (1, 1));
        let again = actions::drop_unnamed(&world.services).await.expect("looked");
        assert_eq!((again.kept, again.dropped), (0, 0), "nobody looks twice");
        let files = std::fs::read_dir(Path::new(&folder).join("files")).expect("the folder");
        let blobs = files
            .flatten()
            .filter(|entry| entry.file_name() != "tmp")
            .flat_map(|entry| std::fs::read_dir(entry.path()).expect("a folder"))
            .count();
        assert_eq!(blobs, 1, "its bytes are gone from the disk");
        let path = format!(
            "/api/v1/approvals/{}/files/{}",
            case["id"].as_str().expect("an id"),
            hashes[0]
        );
        let (status, _, bytes) = raw(&app, "GET", &path, (&asker, b"")).await;
        assert_eq!((status, bytes), (StatusCode::OK, b"%PDF-1.7 named".to_vec()));
        std::fs::remove_dir_all(&folder).expect("tidied");
    }
);

/// A name for a folder that no other run uses.
fn hex_of_rng(world: &World) -> String {
    kernel::id::hex(&kernel::id::uuid_v7(world.services.now(), &*world.services.rng)) + &std::process::id().to_string()
}

db::both!(
    minutes_of_an_ended_case_are_a_paper_that_never_changes,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let (_, asker) = world.somebody("asker", world.county, &[Role::FundraisingOfficer]).await;
        let (_, head) = world.somebody("head", world.county, &[Role::Leader]).await;
        let (_, stranger) = world.somebody("stranger", world.other, &[Role::Leader]).await;
        let (app, _) = guard::finish(api::routes(&Subjects::default()), world.services.clone());
        let by = platform::identity::Actor::operator();
        actions::publish(&world.services, &by, world.city, "plan", one_stage(true))
            .await
            .expect("published");
        let keys = &*world.services.keys;
        let subject = public(keys, world.about(world.county, "plan").subject);
        let body = json!({"unit": public(keys, world.county), "subject_kind": "plan", "subject": subject,
            "title": "博爱水窖项目方案", "summary": "为三个村修建水窖，预算一百万元。",
            "papers": [{"kind": "plan", "name": "项目方案", "sha256": "ab".repeat(32)}]});
        let (_, case) = call(&app, "POST", "/api/v1/approvals", &asker, Some(body)).await;
        let path = format!("/api/v1/approvals/{}", case["id"].as_str().expect("an id"));
        let pdf = format!("{path}/minutes?format=pdf");
        let (status, _, answer) = raw(&app, "GET", &pdf, (&asker, b"")).await;
        assert_eq!((status.as_u16(), kind_of(&told(&answer))), (409, "approval-state"));
        let approve = json!({"stage": "leader", "verdict": "approve", "words": "方案可行，请按计划实施。"});
        let (status, _) = call(&app, "POST", &format!("{path}/act"), &head, Some(approve)).await;
        assert_eq!(status, StatusCode::OK);

        let (status, headers, first) = raw(&app, "GET", &pdf, (&asker, b"")).await;
        assert_eq!((status, &first[..5]), (StatusCode::OK, &b"%PDF-"[..]));
        world.pass(86_400);
        let (_, later, second) = raw(&app, "GET", &pdf, (&head, b"")).await;
        assert!(first == second, "the same bytes a day later");
        assert_eq!(headers[header::ETAG], later[header::ETAG], "with the same hash");
        let (_, _, english) = raw(&app, "GET", &format!("{pdf}&lang=en"), (&head, b"")).await;
        assert!(english.starts_with(b"%PDF-") && english != first);
        let (status, ..) = raw(&app, "GET", &pdf, (&stranger, b"")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let drawn = world
            .facts()
            .await
            .iter()
            .filter(|kind| *kind == "approval.minutes_drawn")
            .count();
        assert_eq!(drawn, 2, "one fact for each language, none for reading again");
    }
);
