//! Off-line events: counted by two, deposited, matched to the bank's line, a gift like any other; coverage by county.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use db::Reads as _;
use db::testing::TestDb;
use giving::donations::{Payer, recount};
use giving::events::actions::{self, Part, Slip};
use giving::events::model::{NewEvent, NewSolicitor, NewSource, Person};
use giving::events::rules::CountOutcome;
use giving::events::{Event, EventError, EventKind, EventState, SourceId, SourceKind, queries};
use giving::testing::{World, world};
use kernel::Fen;
use kernel::id::Id as _;
use platform::identity::{Actor, RevealReason, Role, Scope};

async fn planned(world: &World, title: &str) -> Event {
    let new = NewEvent {
        unit: world.county,
        project: world.sub.id,
        kind: EventKind::Market,
        title: title.to_owned(),
        held_on: world.today(),
        key: format!("form {title}"),
    };
    actions::plan(world.services(), &Actor::operator(), new).await.unwrap()
}

fn slip(world: &World) -> Slip {
    Slip {
        account: world.bank.id,
        on: world.today(),
        number: "S-0001".into(),
    }
}

/// Counted by both officers and deposited by the first.
async fn deposited(world: &World, title: &str, fen: i64) -> Event {
    let (services, event) = (world.services(), planned(world, title).await);
    actions::count(services, &world.officer, event.id, Fen::new(fen))
        .await
        .unwrap();
    actions::count(services, &world.second, event.id, Fen::new(fen))
        .await
        .unwrap();
    actions::deposit(services, &world.officer, event.id, slip(world))
        .await
        .unwrap()
}

db::both!(
    takings_are_counted_by_two_deposited_and_matched_to_the_banks_line,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let event = planned(&world, "沂水早市公益市集").await;
        assert_eq!(
            planned(&world, "沂水早市公益市集").await.id,
            event.id,
            "the same form is the same event"
        );
        let count = async |by: &Actor, fen| actions::count(&services, by, event.id, Fen::new(fen)).await;
        assert_eq!(count(&world.officer, 123_450).await.unwrap().1, CountOutcome::First);
        assert!(matches!(
            count(&world.officer, 123_000).await,
            Err(EventError::FourEyes)
        ));
        assert_eq!(count(&world.second, 123_000).await.unwrap().1, CountOutcome::Differs);
        assert!(
            actions::deposit(&services, &world.officer, event.id, slip(&world))
                .await
                .is_err()
        );
        count(&world.officer, 123_450).await.unwrap();
        assert_eq!(count(&world.second, 123_450).await.unwrap().1, CountOutcome::Agreed);
        actions::deposit(&services, &world.officer, event.id, slip(&world))
            .await
            .unwrap();
        let own = actions::book(&world.giving, &world.officer, event.id, "BANK-77").await;
        assert!(matches!(own, Err(EventError::FourEyes)), "who deposited does not match");
        let booked = actions::book(&world.giving, &world.second, event.id, "BANK-77")
            .await
            .unwrap();
        let again = actions::book(&world.giving, &world.second, event.id, "BANK-77")
            .await
            .unwrap();
        assert_eq!(booked, again, "once");
        let EventState::Booked(_, _, gift) = booked.state else {
            panic!("{booked:?}")
        };
        let mut at = services.db.snapshot().await.unwrap();
        let shown = giving::donations::queries::gift(&mut at, gift).await.unwrap().unwrap();
        assert_eq!((shown.amount, shown.project), (Fen::new(123_450), world.sub.id));
        assert!(recount(&mut at).await.unwrap().agrees());
        drop(at);
        // The same line in the bank's file later is no second gift.
        let line = giving::donations::Incoming {
            account: world.bank.id,
            payer: Payer::default(),
            ..world.incoming(&world.sub, "BANK-77", 123_450)
        };
        assert_eq!(world.submit(line).await, giving::donations::Outcome::Known(gift));
        world.stop();
    }
);

db::both!(
    a_line_with_another_amount_or_of_another_event_is_not_taken,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let one = deposited(&world, "东关小学义卖", 50_000).await;
        let other = deposited(&world, "西关集章", 50_000).await;
        let line = giving::donations::Incoming {
            account: world.bank.id,
            payer: Payer::default(),
            ..world.incoming(&world.sub, "BANK-1", 49_000)
        };
        world.submit(line).await;
        let book = async |event: &Event, no| actions::book(&world.giving, &world.second, event.id, no).await;
        assert!(matches!(book(&one, "BANK-1").await, Err(EventError::BankLine)));
        book(&one, "BANK-2").await.unwrap();
        assert!(
            matches!(book(&other, "BANK-2").await, Err(EventError::BankLine)),
            "it is another event’s"
        );
        book(&other, "BANK-3").await.unwrap();
        world.stop();
    }
);

db::both!(
    little_solicitors_have_a_guardian_and_counties_show_their_coverage,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let by = Actor::operator();
        let event = deposited(&world, "小小劝募员市集", 9_000).await;
        let little = |guardian: Option<&str>, cash| NewSolicitor {
            event: event.id,
            person: Person {
                name: "小示例".into(),
                guardian: guardian.map(str::to_owned),
                phone: "13800000000".into(),
            },
            age_years: 10,
            consented_on: Some(world.today()),
            handles_cash: cash,
            key: "one".into(),
        };
        let register = async |new| actions::register_solicitor(&services, &by, new).await;
        assert!(matches!(register(little(None, false)).await, Err(EventError::Guardian)));
        assert!(matches!(
            register(little(Some("示例家长"), true)).await,
            Err(EventError::MinorCash)
        ));
        register(little(Some("示例家长"), false)).await.unwrap();
        register(little(Some("示例家长"), false))
            .await
            .expect("the same form again");
        let known = actions::solicitors(&services, &by, event.id).await.unwrap();
        assert_eq!(known.len(), 1);
        assert!(known[0].minor && known[0].consented_on == Some(world.today()));
        let (shown, guardian) = (&known[0].person, known[0].person.guardian.as_deref());
        assert_eq!(
            (shown.name.as_str(), shown.phone.as_str(), guardian),
            ("小**", "138****0000", Some("示***")),
            "a list shows nobody"
        );
        let which = (event.id, known[0].id);
        let open = actions::reveal_solicitor(&services, &world.officer, which, RevealReason::Reach).await;
        assert_eq!(open.map(|open| open.person.phone).ok().as_deref(), Some("13800000000"));
        let machine = platform::testing::actor(&services, &[(Role::Machine, world.city)]);
        let machine = actions::reveal_solicitor(&services, &machine, which, RevealReason::Reach).await;
        assert!(matches!(machine, Err(EventError::Forbidden(_))));
        let mut at = services.db.snapshot().await.unwrap();
        let told = "SELECT body FROM fact WHERE kind = 'solicitor.revealed'";
        let told = at.query(told, vec![]).await.unwrap();
        drop(at);
        assert_eq!(told.len(), 1, "who opened whom stands in the trail");
        assert!(
            !told[0].text("body").unwrap().contains("13800000000"),
            "and names nobody"
        );

        let file = "kind,name\nvillage,东岭村\nvillage,西岭村\nshop,示例超市\n";
        let new = actions::register_sources(&services, &by, world.county, file)
            .await
            .unwrap();
        assert_eq!(new, 3);
        let again = actions::register_sources(&services, &by, world.county, file)
            .await
            .unwrap();
        assert_eq!(again, 0, "the same file again brings nothing new");
        let part = |kind, name: &str, fen| Part {
            kind,
            name: name.into(),
            amount: Fen::new(fen),
        };
        let village = SourceKind::Village;
        let too_much = [part(village, "东岭村", 9_001)];
        let parted = async |parts: &[Part]| actions::part(&services, &world.officer, event.id, parts).await;
        assert!(matches!(parted(&too_much).await, Err(EventError::PartsTooMuch(_))));
        assert!(matches!(
            parted(&[part(village, "南岭村", 1)]).await,
            Err(EventError::NotFound(_))
        ));
        parted(&[
            part(village, "东岭村", 6_000),
            part(SourceKind::Shop, "示例超市", 3_000),
        ])
        .await
        .unwrap();
        let coverage = async || {
            let mut at = services.db.snapshot().await.unwrap();
            let all = queries::coverage(&mut at, None, &services.tree).await.unwrap();
            all.iter()
                .map(|c| (c.kind, c.known, c.gave, c.sum.get()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            coverage().await,
            [(village, 2, 0, 0), (SourceKind::Shop, 1, 0, 0)],
            "not booked yet"
        );
        actions::book(&world.giving, &world.second, event.id, "BANK-9")
            .await
            .unwrap();
        assert_eq!(
            coverage().await,
            [(village, 2, 1, 6_000), (SourceKind::Shop, 1, 1, 3_000)]
        );

        // A name is mended and keeps what was given; one that is there no more is ended with a reason.
        let listed = async |ended| {
            let mut at = services.db.snapshot().await.unwrap();
            let wanted = queries::Wanted {
                unit: Some(world.county),
                kind: None,
                ended,
            };
            let scope = (&Scope::Everything, &*services.tree);
            queries::sources(&mut at, scope, wanted, None, 10).await.unwrap()
        };
        let named = async |name: &str| listed(false).await.into_iter().find(|one| one.name == name).unwrap().id;
        let right = |name: &str| NewSource {
            kind: village,
            name: name.into(),
        };
        let (east, west) = (named("东岭村").await, named("西岭村").await);
        let mended = async |name: &str| actions::correct_source(&services, &by, east, right(name)).await;
        assert!(matches!(
            mended("西岭村").await,
            Err(EventError::Invalid { field: "name", .. })
        ));
        assert_eq!(mended(" 东岭社区 ").await.unwrap().name, "东岭社区");
        let nobodys = actions::end_source(&services, &by, SourceId::from_bytes([9; 16]), "撤销").await;
        assert!(matches!(nobodys, Err(EventError::NotFound(_))));
        let end = async |id, reason: &str| actions::end_source(&services, &by, id, reason).await;
        assert!(end(west, " ").await.is_err(), "not without a reason");
        end(west, "并入东岭社区").await.unwrap();
        let again = end(west, "又一次").await.unwrap();
        assert_eq!(again.ended.unwrap().1, "并入东岭社区", "the first reason stays");
        assert_eq!(listed(true).await.len(), 1);
        assert_eq!(
            coverage().await,
            [(village, 1, 1, 6_000), (SourceKind::Shop, 1, 1, 3_000)],
            "what is ended and gave nothing is no longer known"
        );
        end(east, "撤销").await.unwrap();
        assert_eq!(coverage().await[0], (village, 1, 1, 6_000), "what was given stays");
        let begun = actions::register_sources(&services, &by, world.county, "kind,name\nvillage,西岭村\n").await;
        assert_eq!(begun.unwrap(), 1, "registered again it begins anew");
        assert_eq!(listed(true).await.len(), 1);
        world.stop();
    }
);
