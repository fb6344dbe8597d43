//! Live, ready, counted; and what the doctor finds.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use db::testing::TestDb;
use db::{Migration, params};
use kernel::id::Id as _;
use kernel::{FixedClock, UnitId};
use tower::ServiceExt as _;

use super::{Check, Health, Metrics, checks, metrics, routes};
use crate::identity::guard;
use crate::testing::{self, NOW};
use crate::{Services, all_migrations, facts};

async fn get(services: &Services, migrations: Vec<Migration>, paths: &[&str]) -> Vec<(StatusCode, String)> {
    let health = Health {
        metrics: Metrics::new(),
        migrations: Arc::new(migrations),
        reactions: None,
    };
    let (router, openapi) = guard::finish(routes(health.clone()), services.clone());
    assert!(
        guard::access_list(&openapi)
            .iter()
            .all(|line| line.ends_with(" public"))
    );
    let app = router.layer(axum::middleware::from_fn_with_state(
        health.metrics.clone(),
        metrics::observe,
    ));
    let mut answers = Vec::new();
    for path in paths {
        let request = Request::get(*path).body(Body::empty()).expect("a request");
        let response = app.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        answers.push((status, String::from_utf8(bytes.to_vec()).expect("text")));
    }
    answers
}

db::both!(
    a_ready_house_says_so_and_counts_who_asked,
    &all_migrations(),
    async |test: TestDb| {
        let folder = tempfile::tempdir().expect("a folder");
        let services = testing::services(test.db.clone(), folder.path());
        let answers = get(&services, all_migrations(), &["/health", "/ready", "/metrics"]).await;
        assert!(
            answers.iter().all(|(status, _)| *status == StatusCode::OK),
            "{answers:?}"
        );
        assert!(answers[1].1.contains("\"ready\":true"), "{}", answers[1].1);
        let line = "qiao_http_requests_total{method=\"GET\",route=\"/ready\",status=\"200\"} 1";
        assert!(answers[2].1.contains(line), "{}", answers[2].1);
    }
);

db::both!(
    a_house_with_a_missing_table_or_a_lost_database_is_alive_but_not_ready,
    &all_migrations(),
    async |test: TestDb| {
        let folder = tempfile::tempdir().expect("a folder");
        let services = testing::services(test.db.clone(), folder.path());
        let mut more = all_migrations();
        more.push(Migration {
            name: "later/0001",
            sql: "",
        });
        let answers = get(&services, more, &["/health", "/ready"]).await;
        assert_eq!(
            (answers[0].0, answers[1].0),
            (StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE)
        );
        assert!(
            answers[1].1.contains("{\"name\":\"migrations_applied\",\"ok\":false}"),
            "{}",
            answers[1].1
        );

        services.db.close().await;
        let answers = get(&services, all_migrations(), &["/health", "/ready", "/metrics"]).await;
        let statuses: Vec<StatusCode> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(
            statuses,
            [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK]
        );
        assert!(
            answers[2].1.contains("qiao_db_errors_total{name=\"unavailable\"} 1"),
            "{}",
            answers[2].1
        );
    }
);

fn ill(all: &[Check]) -> Vec<&str> {
    all.iter()
        .filter(|check| !check.ok)
        .map(|check| check.name.as_str())
        .collect()
}

db::both!(
    the_doctor_finds_a_wrong_key_a_wrong_clock_and_an_open_folder,
    &all_migrations(),
    async |test: TestDb| {
        let folder = tempfile::tempdir().expect("a folder");
        let mode = |bits| std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(bits)).expect("set");
        mode(0o700);
        let clock = Arc::new(FixedClock::at(NOW));
        let services = testing::services_at(test.db.clone(), folder.path(), Arc::clone(&clock));
        let set = async |value: &str| {
            let mut tx = services.db.begin().await.expect("a transaction");
            let sql = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            tx.execute(sql, params![checks::KEY_SETTING, value]).await.expect("set");
            let fact = facts::NewFact {
                unit: UnitId::from_bytes([1; 16]),
                kind: "test.now",
                subject: [1; 16],
                actor: None,
                body: serde_json::json!({}),
            };
            facts::append(&mut tx, fact, &services).await.expect("written");
            tx.commit().await.expect("committed");
        };
        let list = all_migrations();
        assert_eq!(
            ill(&checks::all(&services, &list, None).await),
            ["key_right"],
            "not initialised"
        );
        set(services.keys.fingerprint()).await;
        let found = checks::all(&services, &list, None).await;
        assert!(ill(&found).is_empty(), "{found:?}");

        set("another").await;
        clock.set(NOW.plus_micros(-3_600_000_000));
        mode(0o755);
        let found = checks::all(&services, &list, None).await;
        assert_eq!(ill(&found), ["data_folder", "key_right", "clock_sane"]);
        assert!(
            found
                .iter()
                .filter(|check| !check.ok)
                .all(|check| check.how_to_mend.is_some())
        );
    }
);

#[test]
fn a_full_disk_and_a_missing_folder_are_told() {
    assert!(!checks::disk_space(Path::new("/"), u64::MAX).ok);
    assert!(checks::disk_space(Path::new("/"), 0).ok);
    assert!(!checks::disk_space(Path::new("/no/such/folder"), 0).ok);
    assert!(!checks::data_folder(Path::new("/no/such/folder")).ok);
}
