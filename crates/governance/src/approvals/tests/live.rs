//! The live line: a decider's screen hears of a case within a second.

use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use db::testing::TestDb;
use platform::identity::{Actor, Role, guard};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use super::house::{World, one_stage};
use crate::all_migrations;
use crate::approvals::actions;
use crate::approvals::api::events::{Bell, routes};
use crate::approvals::model::Verdict;

/// A running bell, the sequencer that it hears of facts by, and the route of its lines.
struct Live {
    app: Router,
    stop: watch::Sender<bool>,
    running: Vec<JoinHandle<()>>,
}

impl Live {
    fn begin(world: &World) -> Self {
        let bell = Bell::new();
        let (stop, stopping) = watch::channel(false);
        let ringing = tokio::spawn(bell.clone().run(world.services.clone(), stopping.clone()));
        let sequencing = platform::facts::Reactions::new(Vec::new());
        let services = world.services.clone();
        let sequencing = tokio::spawn(async move { sequencing.run(services, stopping).await });
        let (app, _) = guard::finish(routes(&bell), world.services.clone());
        Self {
            app,
            stop,
            running: vec![ringing, sequencing],
        }
    }

    /// Asks for a line.
    async fn ask(&self, token: &str) -> Response {
        let request = Request::builder()
            .uri("/api/v1/approvals/events")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.body(Body::empty()).expect("a request");
        self.app.clone().oneshot(request).await.expect("an answer")
    }

    async fn end(self) {
        self.stop.send_replace(true);
        for task in self.running {
            task.await.expect("it ends");
        }
    }
}

/// The next snapshot of a stream.
async fn next(body: &mut Body) -> Value {
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx));
        let frame = tokio::time::timeout(Duration::from_secs(1), frame)
            .await
            .expect("within a second");
        let bytes = frame.expect("more").expect("a frame").into_data().expect("data");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        if let Some(data) = text.lines().find_map(|line| line.strip_prefix("data:")) {
            return serde_json::from_str(data).expect("JSON");
        }
    }
}

db::both!(
    a_deciders_screen_hears_of_a_case_within_a_second_and_of_its_end,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let asker = world.person("asker", world.county, &[Role::FundraisingOfficer]).await;
        let (head, token) = world.somebody("head", world.county, &[Role::Leader]).await;
        let (_, auditor) = world.somebody("auditor", world.county, &[Role::Auditor]).await;
        let by = Actor::operator();
        actions::publish(&world.services, &by, world.city, "thing", one_stage(false))
            .await
            .expect("published");
        let house = Live::begin(&world);
        assert_eq!(house.ask(&auditor).await.status(), StatusCode::FORBIDDEN);
        let mut screen = house.ask(&token).await.into_body();
        assert_eq!(next(&mut screen).await["waiting"], 0, "at once, how it stands");
        let id = actions::submit(&world.services, &asker, world.about(world.county, "thing"))
            .await
            .expect("submitted");
        let heard = loop {
            let heard = next(&mut screen).await;
            // The first round tells the same again to a screen that just came.
            if heard["waiting"] != 0 {
                break heard;
            }
        };
        assert_eq!(
            (&heard["waiting"], &heard["overdue"]),
            (&Value::from(1), &Value::from(0))
        );
        assert_eq!(heard["next"], kernel::id::public(&*world.services.keys, id).as_str());
        assert!(!heard.to_string().contains("请批准"), "numbers and ids alone");
        let message = actions::NewMessage {
            key: "a".into(),
            words: "请先看这一件".into(),
            file: None,
        };
        actions::write(&world.services, &asker, id, message)
            .await
            .expect("written");
        let heard = next(&mut screen).await;
        assert_eq!(heard["messages"], 1, "a message of the thread rings too");
        assert!(!heard.to_string().contains("先看"), "without its words");
        world
            .says(&head, id, "leader", Verdict::Approve)
            .await
            .expect("decided");
        assert_eq!(next(&mut screen).await["waiting"], 0);
        house.end().await;
        let over = std::future::poll_fn(|cx| Pin::new(&mut screen).poll_frame(cx)).await;
        assert!(over.is_none(), "a stopped program ends its streams");
    }
);

/// Waits until a stream has ended.
async fn ended(body: &mut Body) {
    let rest = async {
        while std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx))
            .await
            .is_some()
        {}
    };
    tokio::time::timeout(Duration::from_secs(3), rest)
        .await
        .expect("the line ends");
}

db::both!(
    a_line_ends_with_the_role_that_opened_it_and_after_five_minutes_to_be_asked_who_listens,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let (head, token) = world.somebody("head", world.county, &[Role::Leader]).await;
        let (_, other) = world.somebody("other", world.county, &[Role::Leader]).await;
        let house = Live::begin(&world);
        let mut screen = house.ask(&token).await.into_body();
        let mut stays = house.ask(&other).await.into_body();
        next(&mut screen).await;
        next(&mut stays).await;
        let by = Actor::operator();
        platform::identity::actions::end_role(&world.services, &by, head.id, Role::Leader, world.county)
            .await
            .expect("ended");
        ended(&mut screen).await;
        assert_eq!(house.ask(&token).await.status(), StatusCode::FORBIDDEN);
        world.pass(301);
        ended(&mut stays).await;
        let again = house.ask(&other).await;
        assert_eq!(again.status(), StatusCode::OK, "who still may comes back");
        house.end().await;
    }
);
