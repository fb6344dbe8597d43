//! What becomes full, on both databases.

use db::testing::TestDb;
use kernel::{Clock as _, Fen, ProjectId};
use platform::Services;
use platform::facts::Reactions;
use platform::identity::Actor;

use crate::donations::refunds::{self, RefundReason};
use crate::donations::{Outcome, Payer};
use crate::projects::{self, NewProject, Project, ProjectState, Under};
use crate::testing::{World, world};
use crate::{campaigns, campaigns::CampaignState};

/// On PostgreSQL a fact gets its place when no older transaction of the whole server is left, other tests' too.
async fn settled(services: &Services) {
    let reactions = Reactions::new(crate::reactions());
    for _ in 0..500 {
        reactions.drain(services).await.expect("drained");
        let mut at = services.db.snapshot().await.expect("a snapshot");
        if platform::facts::unplaced(&mut at).await.expect("counted") == 0 {
            drop(at);
            reactions.drain(services).await.expect("drained");
            return;
        }
        drop(at);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("facts wait for their place");
}

async fn project(world: &World, code: &str, under: Under, target: i64) -> Project {
    let new = NewProject {
        unit: world.city,
        under,
        code: code.to_owned(),
        title: format!("演示项目{code}"),
        summary: String::new(),
        region: "371300".parse().expect("a region"),
        nature: projects::Nature::Restricted,
        target: Some(Fen::new(target)),
        stop_when_full: true,
        choices: Vec::new(),
    };
    let by = Actor::operator();
    let made = projects::actions::create(world.services(), &by, new)
        .await
        .expect("made");
    let opened = projects::actions::open(world.services(), &by, made.id)
        .await
        .expect("open");
    world
        .giving
        .intake
        .directory()
        .reload(world.services())
        .await
        .expect("read anew");
    opened
}

async fn state(world: &World, id: ProjectId) -> &'static str {
    settled(world.services()).await;
    let mut at = world.services().db.snapshot().await.expect("a snapshot");
    let project = projects::store::project(&mut at, id)
        .await
        .expect("read")
        .expect("there");
    project.state.as_str()
}

async fn give(world: &World, project: &Project, number: &str, fen: i64) -> kernel::GiftId {
    let mut incoming = world.incoming(project, number, fen);
    incoming.payer = Payer::default();
    match world.submit(incoming).await {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

async fn give_back(world: &World, gift: kernel::GiftId, fen: i64) {
    let what = (gift, Fen::new(fen), RefundReason::WrongPayment);
    let asked = refunds::request(world.services(), &world.officer, what, "k")
        .await
        .expect("asked");
    refunds::approve(world.services(), &world.second, asked.id)
        .await
        .expect("approved");
}

db::both!(
    a_project_is_full_when_its_net_total_reaches_the_target_and_a_raise_opens_it_again,
    &crate::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let by = Actor::operator();
        let under = Under::Campaign {
            campaign: world.campaign,
            theme: None,
        };
        let stops = project(&world, "stops", under, 1_000).await;
        let first = give(&world, &stops, "N1", 900).await;
        assert_eq!(state(&world, stops.id).await, "open");
        give_back(&world, first, 100).await;
        give(&world, &stops, "N2", 100).await;
        assert_eq!(
            state(&world, stops.id).await,
            "open",
            "what was given back does not count"
        );
        give(&world, &stops, "N3", 100).await;
        assert_eq!(state(&world, stops.id).await, "full");
        give(&world, &stops, "N4", 50).await;
        assert_eq!(
            state(&world, stops.id).await,
            "full",
            "a late payment is still a gift, and changes nothing"
        );

        let raise = async |target: i64| {
            projects::actions::raise_target(world.services(), &by, stops.id, Fen::new(target), "临时加购设备").await
        };
        let raised = raise(2_000).await.expect("raised");
        assert!(matches!(raised.state, ProjectState::Open { .. }));
        assert_eq!(state(&world, stops.id).await, "open");
        give(&world, &stops, "N5", 1_950).await;
        assert_eq!(state(&world, stops.id).await, "full");
        raise(2_500).await.expect("raised");
        assert_eq!(
            state(&world, stops.id).await,
            "full",
            "the new target was reached already"
        );

        give(&world, &world.restricted, "N6", 2_000_000).await;
        assert_eq!(
            state(&world, world.restricted.id).await,
            "open",
            "it does not stop at its target"
        );
        world.stop();
    }
);

db::both!(
    a_mother_is_full_by_its_sub_projects_and_a_campaign_by_all_of_them,
    &crate::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let under = Under::Campaign {
            campaign: world.campaign,
            theme: None,
        };
        let mother = project(&world, "mother", under, 1_000).await;
        let sub = project(&world, "sub", Under::Mother(mother.id), 5_000).await;
        give(&world, &sub, "N1", 400).await;
        give(&world, &mother, "N2", 599).await;
        assert_eq!(state(&world, mother.id).await, "open");
        give(&world, &sub, "N3", 1).await;
        assert_eq!(state(&world, mother.id).await, "full");
        assert_eq!(state(&world, sub.id).await, "open");

        let campaign = async || {
            let mut at = world.services().db.snapshot().await.expect("a snapshot");
            let found = campaigns::queries::campaign(&mut at, world.campaign).await;
            found.expect("read").expect("there").state
        };
        assert!(matches!(campaign().await, CampaignState::Open { .. }));
        give(&world, &world.restricted, "N4", 100_000_000).await;
        settled(world.services()).await;
        assert!(matches!(campaign().await, CampaignState::Full { full_at, .. } if full_at == world.clock.now()));
        let facts = async |kind: &str| {
            let mut at = world.services().db.snapshot().await.expect("a snapshot");
            let all = platform::facts::read_after(&mut at, 0, 10_000).await.expect("read");
            all.iter().filter(|fact| fact.kind == kind).count()
        };
        assert_eq!((facts("campaign.full").await, facts("project.full").await), (1, 1));
        world.stop();
    }
);
