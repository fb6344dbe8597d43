//! A walk through team and board pages over a made-up society, on both databases.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use db::testing::TestDb;
use giving::boards::{self, Counting, Kind};
use giving::donations::Payer;
use giving::events::actions::{self as events, Part, Slip};
use giving::events::model::NewEvent;
use giving::events::{EventKind, SourceKind};
use giving::screening::Screening;
use giving::teams::model::Starter;
use giving::teams::{self, NewTeam, Tags};
use giving::testing::{World, world};
use http_body_util::BodyExt as _;
use kernel::Fen;
use kernel::id::public;
use platform::facts::Reactions;
use platform::identity::Actor;
use proof::log::{Folder, folder_in};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::routes;

async fn get(router: &Router, path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, kind, String::from_utf8_lossy(&body).into_owned())
}

/// On PostgreSQL a fact gets its place when no older transaction of the whole server is left.
async fn settle(world: &World) {
    let all = Reactions::new(vec![Box::new(Screening), Box::new(Counting)]);
    for _ in 0..100 {
        all.drain(world.services()).await.expect("read");
        let mut at = world.services().db.snapshot().await.expect("a snapshot");
        let waiting = platform::facts::unplaced(&mut at).await.expect("read");
        if waiting == 0
            && all
                .progress(&mut at)
                .await
                .expect("read")
                .iter()
                .all(|one| one.lag == 0)
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the facts were not placed");
}

db::both!(
    teams_and_boards_are_pages_where_they_are_shown,
    &proof::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let (stop, stopping) = watch::channel(false);
        let files = Folder::at(folder_in(&services.data)).into();
        let router = routes(services.clone(), None, files, stopping);
        let by = Actor::operator();
        let new = NewTeam {
            project: world.restricted.code.clone(),
            county: Some(world.county),
            title: "一中八三班".into(),
            words: "一人一份心意".into(),
            target: Some(Fen::new(100_000)),
            starter: Starter {
                name: "李示例".into(),
                phone: "13800000000".into(),
            },
            key: "form".into(),
        };
        let team = teams::actions::start(&services, new).await.expect("started");
        let address = format!("/t/{}", public(&*services.keys, team.id));
        assert_eq!(
            get(&router, &address).await.0,
            StatusCode::NOT_FOUND,
            "a draft has no page"
        );
        teams::actions::open(&services, &by, team.id).await.expect("opened");

        let mut gift = world.incoming(&world.restricted, "N1", 1_234_500);
        gift.payer = Payer {
            name: Some("王小明".into()),
            ..Payer::default()
        };
        let tags = Tags {
            team: Some(public(&*services.keys, team.id)),
            from: None,
        };
        teams::actions::attribute_notice(&services, &gift, world.city, &tags)
            .await
            .expect("kept");
        world.submit(gift).await;
        settle(&world).await;

        let (status, _, page) = get(&router, &address).await;
        assert_eq!(status, StatusCode::OK);
        for wanted in ["一中八三班", "王**", ">12,345<", "/qr/svg", "沂水县"] {
            assert!(page.contains(wanted), "the team’s page lacks {wanted}");
        }
        assert!(
            !page.contains("李示例") && !page.contains("13800000000"),
            "the starter is not shown"
        );
        let (status, kind, _) = get(&router, &format!("{address}/qr/png")).await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "image/png"));
        let (status, kind, drawn) = get(&router, "/p/aed/qr/svg?from=371323").await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "image/svg+xml"));
        assert!(drawn.starts_with("<svg"));
        assert!(get(&router, "/p/aed/qr/svg?from=%22%3E").await.0.is_client_error());

        let board = format!("/b/{}", public(&*services.keys, world.campaign));
        assert_eq!(
            get(&router, &board).await.0,
            StatusCode::NOT_FOUND,
            "nobody decided to show it"
        );
        boards::actions::open(&services, &by, world.campaign, &[Kind::County, Kind::Team])
            .await
            .expect("shown");
        let (status, _, page) = get(&router, &board).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("沂水县演示会") && page.contains("一中八三班") && page.contains(">12,345<"));
        assert!(!page.contains("id=\"projects\""), "a board that is not shown is absent");
        let (status, _, all) = get(&router, "/b").await;
        assert!(
            status == StatusCode::OK && all.contains(&board),
            "the campaign is on the board of campaigns"
        );

        let today = world.today();
        let day = format!("{board}/{today}");
        assert_eq!(get(&router, &day).await.0, StatusCode::NOT_FOUND, "not frozen yet");
        world.at(world.clock_plus(86_400_000_000));
        settle(&world).await;
        boards::actions::freeze_through(&services, today).await.expect("frozen");
        let (status, _, frozen) = get(&router, &day).await;
        assert!(status == StatusCode::OK && frozen.contains(">12,345<") && !frozen.contains("data-events"));
        let (status, _, all) = get(&router, &format!("/b/all/{today}")).await;
        assert!(status == StatusCode::OK && all.contains(&day) && !all.contains("data-events"));
        assert!(all.contains(&format!("/api/v1/boards/csv?day={today}")), "{all}");
        assert_eq!(get(&router, "/b/all/2020-01-01").await.0, StatusCode::NOT_FOUND);
        let _ = stop.send(true);
        drop(router);
        world.stop();
    }
);

db::both!(
    coverage_is_a_page_that_counts_by_county_and_names_no_village,
    &proof::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let (services, by) = (world.services().clone(), Actor::operator());
        let (stop, stopping) = watch::channel(false);
        let files = Folder::at(folder_in(&services.data)).into();
        let router = routes(services.clone(), None, files, stopping);
        let (status, _, empty) = get(&router, "/coverage").await;
        assert!(status == StatusCode::OK && empty.contains("还没有县（区）提交名单"));
        let list = "kind,name\nvillage,示范一村\nvillage,示范二村\nvillage,示范三村\nfirm,示范食品厂\n";
        events::register_sources(&services, &by, world.county, list)
            .await
            .expect("registered");
        let new = NewEvent {
            unit: world.county,
            project: world.sub.id,
            kind: EventKind::Market,
            title: "公益市集".into(),
            held_on: world.today(),
            key: "form".into(),
        };
        let event = events::plan(&services, &by, new).await.expect("planned").id;
        for by in [&world.officer, &world.second] {
            events::count(&services, by, event, Fen::new(1_234_500))
                .await
                .expect("counted");
        }
        let slip = Slip {
            account: world.bank.id,
            on: world.today(),
            number: "S1".into(),
        };
        events::deposit(&services, &world.officer, event, slip)
            .await
            .expect("deposited");
        let part = |kind, name: &str, fen| Part {
            kind,
            name: name.into(),
            amount: Fen::new(fen),
        };
        let parts = [
            part(SourceKind::Village, "示范一村", 234_500),
            part(SourceKind::Village, "示范三村", 400_000),
            part(SourceKind::Firm, "示范食品厂", 600_000),
        ];
        events::part(&services, &world.officer, event, &parts)
            .await
            .expect("noted");
        let (_, _, before) = get(&router, "/coverage").await;
        assert!(
            before.contains("0/3") && before.contains("0/1"),
            "nothing counts before it is booked"
        );
        events::book(&world.giving, &world.second, event, "B1")
            .await
            .expect("booked");
        let (_, _, page) = get(&router, "/coverage").await;
        for wanted in ["临沂市演示会", "沂水县演示会", "2/3", "1/1", "12,345.00"] {
            assert!(page.contains(wanted), "the page lacks {wanted}: {page}");
        }
        assert!(
            !page.contains("示范一村") && !page.contains("4,000"),
            "no village by itself"
        );
        assert!(!page.contains(">商户<"), "a kind that nobody listed is left out");
        let _ = stop.send(true);
        drop(router);
        world.stop();
    }
);
