//! The rooms together, on both databases and through HTTP: numbers without gaps, receipts, files, withdrawal.

use std::path::Path;
use std::sync::Arc;

use axum::http::StatusCode;
use db::testing::TestDb;
use kernel::id::hex;
use platform::identity::guard::{self, UNGUARDED};
use platform::identity::{Actor, Role};
use platform::jobs::Runner;
use serde_json::{Value, json};

use super::actions;
use super::error::DocumentError;
use super::model::{NewDocument, To};
use super::rules::Refusal;
use super::{api, jobs};
use crate::all_migrations;
use crate::reports::tests::{Office, call, kind_of, raw};

/// Where files lie: stored by their content, so that tests do not disturb each other.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tmp/documents");

fn notice(office: &Office, title: &str) -> NewDocument {
    NewDocument {
        key: title.replace(|c: char| !c.is_ascii_digit(), "") + &hex(title.as_bytes())[..6],
        unit: office.city,
        to: To::Children,
        title: title.into(),
        body: "请各县区严格执行。".into(),
        parts: Vec::new(),
        reply_to: None,
        confirm_by: None,
    }
}

fn runner() -> Runner {
    Runner::new(vec![Box::new(jobs::Clock), Box::new(jobs::Tell)])
}

fn whom(told: Vec<(String, String)>) -> Vec<String> {
    let mut whom: Vec<String> = told.into_iter().map(|(to, _)| to).collect();
    whom.sort();
    whom
}

db::both!(
    numbers_have_no_gaps_and_units_are_told_reminded_and_counted,
    &all_migrations(),
    async |test: TestDb| {
        let office = Office::new(&test).await;
        let services = &office.services;
        let (head, _) = office.somebody("head", office.city, Role::Leader).await;
        let (officer, _) = office
            .somebody("officer", office.county, Role::FundraisingOfficer)
            .await;
        let (other, _) = office.somebody("other", office.other, Role::Storekeeper).await;
        let mut seen = 0;
        let first = actions::send(services, &head, notice(&office, "防汛值班"))
            .await
            .expect("sent");
        assert_eq!((first.number, first.code.as_str()), (1, "示例市〔2026〕1号"));
        let mut bad = notice(&office, "会议");
        bad.to = To::Above;
        let refused = actions::send(services, &head, bad).await;
        assert!(matches!(refused, Err(DocumentError::Refused(_))), "nobody stands above");
        let again = actions::send(services, &head, notice(&office, "防汛值班"))
            .await
            .expect("the same");
        assert_eq!(again.id, first.id, "sent twice, it is one document");
        let mut other_words = notice(&office, "防汛值班");
        other_words.body = "另一件事。".into();
        let reused = actions::send(services, &head, other_words).await;
        assert!(matches!(reused, Err(DocumentError::KeyReused)));
        let mut due = notice(&office, "物资盘点");
        due.confirm_by = Some(services.now().plus_micros(3_600 * 1_000_000));
        let second = actions::send(services, &head, due).await.expect("sent");
        assert_eq!(second.number, 2, "a refusal takes no number");
        let mut up = notice(&office, "请示");
        (up.unit, up.to, up.reply_to) = (office.county, To::Above, Some(first.id));
        let answer = actions::send(services, &officer, up).await.expect("sent");
        assert_eq!(answer.code, "沂水县〔2026〕1号", "each unit counts for itself");
        let neighbour = actions::send(services, &officer, notice(&office, "越权")).await;
        assert!(matches!(neighbour, Err(DocumentError::Forbidden(_))));
        runner().drain(services).await.expect("drained");
        assert_eq!(
            whom(office.told(&mut seen)),
            ["head", "officer", "officer", "other", "other"]
        );

        let strange = actions::read(services, &head, first.id, office.county).await;
        assert!(
            matches!(strange, Err(DocumentError::NotOfUnit)),
            "who stands above reads for nobody: {strange:?}"
        );
        let elsewhere = actions::read(services, &other, first.id, office.county).await;
        assert!(matches!(elsewhere, Err(DocumentError::NotFound(_))));
        actions::read(services, &officer, first.id, office.county)
            .await
            .expect("read");
        actions::read(services, &officer, first.id, office.county)
            .await
            .expect("read again");
        actions::confirm(services, &other, second.id, office.other)
            .await
            .expect("confirmed");

        office.pass_minutes(60);
        runner().drain(services).await.expect("drained");
        let told = office.told(&mut seen);
        assert!(
            told[0].1.contains("示例市〔2026〕2号") && !told[0].1.contains("物资盘点"),
            "{}",
            told[0].1
        );
        assert_eq!(whom(told), ["officer"], "who has not confirmed when the time is over");
        let at_once = actions::remind(services, &head, second.id).await;
        assert!(matches!(at_once, Err(DocumentError::Refused(Refusal::NobodyToRemind))));
        assert_eq!(actions::remind(services, &head, first.id).await.expect("reminded"), 2);

        let above = actions::withdraw(services, &officer, first.id, "有误").await;
        assert!(matches!(above, Err(DocumentError::NotFound(_))));
        actions::withdraw(services, &head, first.id, "日期有误")
            .await
            .expect("withdrawn");
        let twice = actions::withdraw(services, &head, first.id, "日期有误").await;
        assert!(matches!(twice, Err(DocumentError::Refused(Refusal::Withdrawn))));
        let late = actions::confirm(services, &officer, first.id, office.county).await;
        assert!(matches!(late, Err(DocumentError::Refused(Refusal::Withdrawn))));
        let third = actions::send(services, &head, notice(&office, "更正"))
            .await
            .expect("sent");
        assert_eq!(third.number, 3, "a withdrawn number stays");
        assert_eq!(
            office.facts("document.").await,
            [
                "document.sent",
                "document.sent",
                "document.sent",
                "document.read",
                "document.confirmed",
                "document.reminded",
                "document.reminded",
                "document.withdrawn",
                "document.sent"
            ]
        );
    }
);

db::both!(
    many_senders_at_once_get_numbers_without_gaps,
    &all_migrations(),
    async |test: TestDb| {
        let office = Arc::new(Office::new(&test).await);
        let mut sending = tokio::task::JoinSet::new();
        for n in 0..8 {
            let office = Arc::clone(&office);
            sending.spawn(async move {
                let new = notice(&office, &format!("通知 {n}"));
                let sent = actions::send(&office.services, &Actor::operator(), new).await;
                sent.expect("sent").number
            });
        }
        let mut numbers = sending.join_all().await;
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    }
);

db::both!(
    a_document_with_a_file_is_found_read_and_receipted_through_http_and_hidden_from_others,
    &all_migrations(),
    async |test: TestDb| {
        let mut office = Office::new(&test).await;
        office.services.data = Arc::new(Path::new(FILES).to_path_buf());
        let (_, head) = office.somebody("head", office.city, Role::Leader).await;
        let (_, officer) = office
            .somebody("officer", office.county, Role::FundraisingOfficer)
            .await;
        let (_, other) = office.somebody("other", office.other, Role::FundraisingOfficer).await;
        let (_, desk) = office.somebody("desk", office.city, Role::DonationDesk).await;
        let (app, openapi) = guard::finish(api::routes(), office.services.clone());
        let access = guard::access_list(&openapi);
        assert!(!access.iter().any(|line| line.ends_with(UNGUARDED)), "{access:?}");
        let (city, county) = (office.shown(office.city), office.shown(office.county));

        let upload = format!("/api/v1/documents/files?unit={city}");
        let bytes: Vec<u8> = [b"%PDF-1.7 ".to_vec(), county.clone().into_bytes()].concat();
        let (status, _) = raw(&app, ("POST", &upload), &head, Some(b"MZ not a paper".to_vec())).await;
        assert_eq!(status.as_u16(), 422);
        let (status, _) = raw(&app, ("POST", &upload), &officer, Some(bytes.clone())).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (status, file) = raw(&app, ("POST", &upload), &head, Some(bytes.clone())).await;
        let file: Value = serde_json::from_slice(&file).expect("JSON");
        assert_eq!(
            (status, &file["media_type"]),
            (StatusCode::CREATED, &json!("application/pdf"))
        );
        let sha256 = file["sha256"].as_str().expect("a hash");

        let body = json!({"key": "one", "unit": city, "to": "chosen", "units": [county], "title": "关于防汛值班的通知",
            "body": "请严格执行。", "files": [{"name": "方案.pdf", "sha256": sha256}]});
        let (status, _) = call(&app, ("POST", "/api/v1/documents"), &desk, Some(body.clone())).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let mut lacking = body.clone();
        lacking["files"][0]["sha256"] = json!("ab".repeat(32));
        let (status, answer) = call(&app, ("POST", "/api/v1/documents"), &head, Some(lacking)).await;
        assert_eq!((status.as_u16(), kind_of(&answer)), (422, "document-file-missing"));
        let (status, sent) = call(&app, ("POST", "/api/v1/documents"), &head, Some(body)).await;
        assert_eq!(
            (status, &sent["code"]),
            (StatusCode::CREATED, &json!("示例市〔2026〕1号")),
            "{sent}"
        );
        let path = format!("/api/v1/documents/{}", sent["id"].as_str().expect("an id"));

        let (_, waiting) = call(&app, ("GET", "/api/v1/documents/waiting"), &officer, None).await;
        assert_eq!(
            (&waiting[0]["receiver"], &waiting[0]["read_at"]),
            (&json!(county), &Value::Null)
        );
        let (_, none) = call(&app, ("GET", "/api/v1/documents/waiting"), &head, None).await;
        assert_eq!(none, json!([]));
        for list in ["", "?q=%E9%98%B2%E6%B1%9B", "?side=received", "?q=2026&state=sent"] {
            let (_, found) = call(&app, ("GET", &format!("/api/v1/documents{list}")), &officer, None).await;
            assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{list}: {found}");
        }
        for list in ["?q=%E6%8A%97%E6%97%B1", "?side=sent", "?state=withdrawn"] {
            let (_, found) = call(&app, ("GET", &format!("/api/v1/documents{list}")), &officer, None).await;
            assert_eq!(found["items"], json!([]), "{list}");
        }
        let (status, _) = call(&app, ("GET", "/api/v1/documents?q=a"), &officer, None).await;
        assert_eq!(status.as_u16(), 400);
        let (_, found) = call(&app, ("GET", "/api/v1/documents"), &other, None).await;
        assert_eq!(found, json!({"items": [], "next": null}));
        let theirs = json!({"unit": county});
        for (method, tail) in [
            ("GET", ""),
            ("POST", "/read"),
            ("POST", "/confirm"),
            ("POST", "/remind"),
            ("POST", "/withdraw"),
        ] {
            let body = match (method, tail) {
                ("GET", _) | (_, "/remind") => None,
                (_, "/withdraw") => Some(json!({"reason": "有误"})),
                _ => Some(theirs.clone()),
            };
            let (status, _) = call(&app, (method, &format!("{path}{tail}")), &other, body).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{method} {tail}");
        }
        let (status, _) = raw(&app, ("GET", &format!("{path}/files/{sha256}")), &other, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);

        let (status, _) = call(&app, ("POST", &format!("{path}/read")), &officer, Some(theirs.clone())).await;
        assert_eq!(status, StatusCode::OK);
        let (status, given) = raw(&app, ("GET", &format!("{path}/files/{sha256}")), &officer, None).await;
        assert_eq!((status, given), (StatusCode::OK, bytes));
        let (_, confirmed) = call(&app, ("POST", &format!("{path}/confirm")), &officer, Some(theirs)).await;
        let receipt = &confirmed["receipts"][0];
        assert_eq!(
            (
                &receipt["read"]["name"],
                &receipt["confirmed"]["name"],
                &receipt["is_mine"]
            ),
            (&json!("officer"), &json!("officer"), &json!(true))
        );
        let (_, list) = call(&app, ("GET", "/api/v1/documents?side=sent"), &head, None).await;
        let line = &list["items"][0];
        assert_eq!(
            (&line["recipients"], &line["read"], &line["confirmed"]),
            (&json!(1), &json!(1), &json!(1))
        );

        let reply = json!({"key": "one", "unit": county, "to": "above", "title": "已落实", "body": "值班表已报。", "reply_to": sent["id"]});
        let (status, reply) = call(&app, ("POST", "/api/v1/documents"), &officer, Some(reply)).await;
        assert_eq!(
            (status, &reply["reply_to"]["code"]),
            (StatusCode::CREATED, &json!("示例市〔2026〕1号")),
            "{reply}"
        );
        let (_, shown) = call(&app, ("GET", &path), &head, None).await;
        assert_eq!(shown["replies"][0]["title"], "已落实");

        let reason = json!({"reason": "日期有误"});
        let (status, _) = call(&app, ("POST", &format!("{path}/withdraw")), &head, Some(reason)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (_, gone) = call(&app, ("GET", &path), &officer, None).await;
        assert_eq!(
            (&gone["state"], &gone["body"], &gone["files"], &gone["withdrawn_reason"]),
            (&json!("withdrawn"), &json!(""), &json!([]), &json!("日期有误"))
        );
        let (_, ours) = call(&app, ("GET", &path), &head, None).await;
        assert_eq!(ours["body"], "请严格执行。", "who sent it still sees what it said");
        let (status, _) = raw(&app, ("GET", &format!("{path}/files/{sha256}")), &officer, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
);
