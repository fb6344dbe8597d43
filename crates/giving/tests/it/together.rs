//! Teams, boards and screening: what counts where, what is frozen, what is held.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use db::params;
use db::testing::TestDb;
use giving::boards::queries::{When, boards, of_team};
use giving::boards::{self, Board, Counting, Kind, replay};
use giving::donations::orders::{self, NewOrder, Provider};
use giving::donations::refunds::{self, RefundReason};
use giving::donations::{Incoming, Outcome, Payer};
use giving::donor_way::{self, FormInput, Receipt, Wish};
use giving::projects::Project;
use giving::screening::model::Decision;
use giving::screening::{self, Screening, Signal};
use giving::teams::actions::NameOnWall;
use giving::teams::model::Starter;
use giving::teams::{self, NewTeam, Tags, Team, TeamError};
use giving::testing::{World, world};
use kernel::id::{Id as _, public};
use kernel::{BusinessDay, Fen, GiftId};
use platform::facts::Reactions;
use platform::identity::{Actor, Scope};

const DAY: i64 = 86_400_000_000;

/// Lets the reactions read everything, what they write themselves among it. A busy neighbour on the same server may hold
/// places up for some seconds.
pub(crate) async fn drained(world: &World, all: &Reactions) {
    for _ in 0..500 {
        all.drain(world.services()).await.unwrap();
        let mut at = world.services().db.snapshot().await.unwrap();
        let waiting = platform::facts::unplaced(&mut at).await.unwrap();
        let behind = all.progress(&mut at).await.unwrap().iter().any(|one| one.lag > 0);
        if waiting == 0 && !behind {
            return;
        }
        drop(at);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the facts were not placed");
}

async fn settle(world: &World) {
    drained(world, &Reactions::new(vec![Box::new(Screening), Box::new(Counting)])).await;
}

fn payer(id: &str, name: &str) -> Payer {
    Payer {
        id: Some(id.to_owned()),
        name: Some(name.to_owned()),
        ..Payer::default()
    }
}

/// A gift of somebody who gives once.
fn lone(world: &World, project: &Project, number: &str, fen: i64) -> Incoming {
    Incoming {
        payer: payer(&format!("openid-of-{number}"), "王小明"),
        ..world.incoming(project, number, fen)
    }
}

async fn give(world: &World, incoming: Incoming) -> GiftId {
    match world.submit(incoming).await {
        Outcome::Recorded(gift) => gift,
        other => panic!("{other:?}"),
    }
}

async fn board(world: &World, kind: Kind, when: When) -> Board {
    let mut at = world.services().db.snapshot().await.unwrap();
    let of = (world.campaign, world.city);
    let all = boards(&mut at, &world.services().tree, of, &[kind], when)
        .await
        .unwrap();
    all.into_iter().next().unwrap()
}

async fn live(world: &World, kind: Kind) -> Board {
    board(world, kind, When::Live(world.today())).await
}

fn sums(board: &Board) -> Vec<(Option<String>, i64, i64)> {
    board
        .lines
        .iter()
        .map(|line| (line.name.clone(), line.tally.gifts, line.tally.sum_fen.get()))
        .collect()
}

fn starting(project: &Project, title: &str) -> NewTeam {
    NewTeam {
        project: project.code.clone(),
        county: None,
        title: title.to_owned(),
        words: "一人一份心意".into(),
        target: Some(Fen::new(100_000)),
        starter: Starter {
            name: "李示例".into(),
            phone: "13800000000".into(),
        },
        key: format!("form {title}"),
    }
}

async fn team(world: &World, project: &Project, title: &str) -> Team {
    let team = teams::actions::start(world.services(), starting(project, title))
        .await
        .unwrap();
    teams::actions::open(world.services(), &Actor::operator(), team.id)
        .await
        .unwrap()
}

fn tags(world: &World, team: Option<&Team>, from: Option<&str>) -> Tags {
    Tags {
        team: team.map(|team| public(&*world.services().keys, team.id)),
        from: from.map(str::to_owned),
    }
}

/// An order that is paid at once.
async fn order(world: &World, project: &Project, tags: &Tags, who: &str, fen: i64) -> GiftId {
    let new = NewOrder {
        project: project.code.clone(),
        amount: Fen::new(fen),
        payer: payer(who, "王小明"),
        anonymous: false,
        receipt: None,
    };
    let order = orders::place_tagged(&world.giving, new, tags).await.unwrap();
    let mut paid = Incoming {
        payer: Payer::default(),
        ..world.incoming(&world.general, &order.trade_no, fen)
    };
    orders::complete(&mut paid, &world.giving).await.unwrap().unwrap();
    give(world, paid).await
}

/// What the form of the giving page says when she came through a team's page.
fn form(world: &World, team: &Team, message: &str) -> FormInput {
    FormInput {
        team: public(&*world.services().keys, team.id),
        message: message.to_owned(),
        ..FormInput::default()
    }
}

/// The form sent and paid.
async fn by_form(world: &World, project: &Project, form: &FormInput, who: &str, fen: i64) -> GiftId {
    let mut key = [0; 16];
    world.services().rng.fill(&mut key);
    let wish = Wish {
        amount: Fen::new(fen),
        anonymous: false,
        payer: payer(who, "王小明"),
        receipt: Receipt::default(),
        message: Some(form.message.clone()),
        provider: Provider::Wechat,
        consent_version: 0,
    };
    let id = donor_way::actions::give(&world.giving, &project.code, (key, form), &wish)
        .await
        .unwrap();
    let mut at = world.services().db.snapshot().await.unwrap();
    let order = orders::find(&mut at, id).await.unwrap().unwrap();
    drop(at);
    let mut paid = Incoming {
        payer: Payer::default(),
        ..world.incoming(&world.general, &order.trade_no, fen)
    };
    orders::complete(&mut paid, &world.giving).await.unwrap().unwrap();
    give(world, paid).await
}

async fn give_back(world: &World, gift: GiftId, fen: i64) {
    let what = (gift, Fen::new(fen), RefundReason::WrongPayment);
    let key = format!("{gift:?} {fen}");
    let refund = refunds::request(world.services(), &world.officer, what, &key)
        .await
        .unwrap();
    refunds::approve(world.services(), &world.second, refund.id)
        .await
        .unwrap();
}

db::both!(
    a_team_is_moderated_raises_and_has_a_wall,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let started = teams::actions::start(&services, starting(&world.restricted, "一中八三班"))
            .await
            .unwrap();
        let again = teams::actions::start(&services, starting(&world.restricted, "一中八三班"))
            .await
            .unwrap();
        assert_eq!(started.id, again.id, "the same form is the same team");
        let mut other = starting(&world.restricted, "另一支队伍");
        other.key = "form 一中八三班".into();
        let reused = teams::actions::start(&services, other).await;
        assert!(matches!(reused, Err(TeamError::KeyReused)));

        let new = || NewOrder {
            project: world.restricted.code.clone(),
            amount: Fen::new(2_000),
            payer: Payer::default(),
            anonymous: false,
            receipt: None,
        };
        let early = orders::place_tagged(&world.giving, new(), &tags(&world, Some(&started), None)).await;
        assert!(early.is_err(), "a draft takes no gifts");
        let no_right = teams::actions::open(&services, &world.county_officer, started.id).await;
        assert!(no_right.is_err(), "opening is moderation");
        let opened = teams::actions::open(&services, &Actor::operator(), started.id)
            .await
            .unwrap();

        let led = tags(&world, Some(&opened), None);
        let said = form(&world, &opened, "平安长大");
        let gift = by_form(&world, &world.restricted, &said, "openid-one", 2_000).await;
        world.at(world.clock_plus(1_000_000));
        let small = order(&world, &world.restricted, &led, "openid-two", 50).await;
        world.at(world.clock_plus(1_000_000));
        let blocked = form(&world, &opened, "加微信看 example.com");
        let held_words = by_form(&world, &world.restricted, &blocked, "openid-three", 3_000).await;
        settle(&world).await;

        let wall = async || {
            let mut at = services.db.snapshot().await.unwrap();
            teams::queries::wall(&mut at, &services.keys, opened.id, (Fen::new(100), 10))
                .await
                .unwrap()
        };
        let entries = wall().await;
        let seen: Vec<_> = entries
            .iter()
            .map(|e| (e.gift, e.name.as_deref(), e.message.as_deref()))
            .collect();
        assert_eq!(
            seen,
            [
                (held_words, Some("王**"), None),
                (small, None, None),
                (gift, Some("王**"), Some("平安长大"))
            ],
            "words that must be read first wait, and below the minimum no name stands"
        );
        let hide = async |name| teams::actions::moderate(&services, &Actor::operator(), gift, name).await;
        hide(NameOnWall::Hidden).await.unwrap();
        assert_eq!(wall().await[2].name, None);
        hide(NameOnWall::Hidden).await.expect("the same again");
        hide(NameOnWall::Shown).await.unwrap();
        assert_eq!(wall().await[2].name.as_deref(), Some("王**"));

        let mut at = services.db.snapshot().await.unwrap();
        let raised = of_team(&mut at, opened.id).await.unwrap();
        assert_eq!((raised.gifts, raised.sum_fen), (3, Fen::new(5_050)));
        drop(at);
        teams::actions::close(&services, &Actor::operator(), opened.id, "活动结束")
            .await
            .unwrap();
        let late = orders::place_tagged(&world.giving, new(), &tags(&world, Some(&opened), None)).await;
        assert!(late.is_err(), "a closed team takes no orders");
        orders::place_tagged(&world.giving, new(), &tags(&world, None, Some("nobody-knows")))
            .await
            .expect("a tag that nobody knows hinders nothing");
        world.stop();
    }
);

db::both!(
    gifts_count_for_their_tag_their_team_or_their_project,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let by = Actor::operator();
        teams::actions::add_tag(&services, &by, (world.county, "school-3", "三小海报"))
            .await
            .unwrap();
        let mut new = starting(&world.restricted, "沂水读书会");
        new.county = Some(world.county);
        let team = teams::actions::start(&services, new).await.unwrap();
        let team = teams::actions::open(&services, &by, team.id).await.unwrap();

        // By its own project, by region code, by tag, by team.
        give(&world, lone(&world, &world.restricted, "N1", 10_000)).await;
        give(&world, lone(&world, &world.sub, "N2", 2_000)).await;
        order(
            &world,
            &world.restricted,
            &tags(&world, None, Some("371323")),
            "openid-aaa",
            300,
        )
        .await;
        order(
            &world,
            &world.restricted,
            &tags(&world, None, Some("school-3")),
            "openid-bbb",
            40,
        )
        .await;
        order(
            &world,
            &world.restricted,
            &tags(&world, Some(&team), None),
            "openid-ccc",
            5_000,
        )
        .await;
        // A notice of a partner that names the county: kept before the gift is recorded.
        let notice = lone(&world, &world.restricted, "N3", 600);
        let led = tags(&world, Some(&team), Some("school-3"));
        teams::actions::attribute_notice(&services, &notice, world.city, &led)
            .await
            .unwrap();
        give(&world, notice).await;
        settle(&world).await;

        let counties = live(&world, Kind::County).await;
        assert_eq!(sums(&counties), [(Some("沂水县演示会".into()), 5, 7_940)]);
        assert_eq!(
            (counties.unplaced.gifts, counties.unplaced.sum_fen),
            (1, Fen::new(10_000)),
            "the city’s own"
        );
        let projects = live(&world, Kind::Project).await;
        assert_eq!(
            sums(&projects),
            [(Some("演示项目aed".into()), 6, 17_940)],
            "a sub-project counts with its mother"
        );
        let teams = live(&world, Kind::Team).await;
        assert_eq!(sums(&teams), [(Some("沂水读书会".into()), 2, 5_600)]);
        assert_eq!(teams.unplaced.sum_fen, Fen::new(12_340));
        world.stop();
    }
);

db::both!(
    what_is_given_back_or_a_sponsors_own_counts_nowhere,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let part = give(&world, lone(&world, &world.sub, "N1", 1_000)).await;
        let whole = give(&world, lone(&world, &world.sub, "N2", 500)).await;
        let sponsors = give(&world, lone(&world, &world.sub, "N3", 777)).await;
        let mut tx = world.services().db.begin().await.unwrap();
        // As a platform's match stands in the books.
        let matched = "UPDATE gift SET channel = 'match', source = 'platform_match' WHERE id = ?1";
        tx.execute(matched, params![(sponsors,)]).await.unwrap();
        tx.commit().await.unwrap();
        settle(&world).await;
        assert_eq!(
            sums(&live(&world, Kind::County).await),
            [(Some("沂水县演示会".into()), 2, 1_500)]
        );
        give_back(&world, part, 400).await;
        give_back(&world, whole, 500).await;
        give_back(&world, sponsors, 777).await;
        settle(&world).await;
        assert_eq!(
            sums(&live(&world, Kind::County).await),
            [(Some("沂水县演示会".into()), 1, 600)]
        );
        world.stop();
    }
);

/// The table of campaigns of frozen days as anybody reads it; two gifts on each.
async fn past_days_of_all_campaigns(world: &World, days: [(BusinessDay, i64); 2]) {
    let services = world.services();
    boards::actions::open(services, &Actor::operator(), world.campaign, &[Kind::County])
        .await
        .unwrap();
    let (router, _) = platform::identity::guard::finish(boards::api::routes(), services.clone());
    let anybody = crate::client::Client { router, token: None };
    for (day, sum_fen) in days {
        let (_, told) = anybody.call("GET", &format!("/api/v1/boards?day={day}"), None).await;
        let line = &told["lines"][0];
        let [place, gifts, sum] = ["place", "gifts", "sum_fen"].map(|key| line[key].as_i64());
        assert_eq!([place, gifts, sum], [Some(1), Some(2), Some(sum_fen)], "{told}");
        let (_, csv) = anybody
            .text("GET", &format!("/api/v1/boards/csv?day={day}"), None)
            .await;
        assert!(csv.contains(&format!(",2,{},", Fen::new(sum_fen).to_yuan())), "{csv}");
    }
    let never = format!("/api/v1/boards?day={}", days[0].0.plus_days(9));
    assert_eq!(anybody.call("GET", &never, None).await.0.as_u16(), 404, "not frozen");
    let lower = format!(
        "/api/v1/boards/{}?level=county",
        public(&*services.keys, world.campaign)
    );
    let (status, told) = anybody.call("GET", &lower, None).await;
    assert_eq!(status.as_u16(), 400, "its counties stand right below a city: {told}");
}

db::both!(
    a_frozen_day_stays_and_replays_to_the_same_rows,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let first = world.today();
        let team = team(&world, &world.restricted, "一中八三班").await;
        let gift = order(
            &world,
            &world.restricted,
            &tags(&world, Some(&team), None),
            "openid-ddd",
            9_000,
        )
        .await;
        give(&world, lone(&world, &world.sub, "N1", 1_000)).await;
        let unsettled = boards::actions::freeze_through(&services, first).await;
        assert!(unsettled.is_err(), "the day is not over");
        world.at(world.clock_plus(DAY));
        assert!(
            matches!(
                boards::actions::freeze_through(&services, first).await,
                Err(boards::BoardError::Behind { .. })
            ),
            "what is not counted is not frozen"
        );
        settle(&world).await;
        let frozen = boards::actions::freeze_through(&services, first).await.unwrap();
        assert_eq!(frozen.len(), 1);
        let before = board(&world, Kind::Team, When::Frozen(first)).await;
        assert_eq!(sums(&before), [(Some("一中八三班".into()), 1, 9_000)]);

        give_back(&world, gift, 9_000).await;
        give(&world, lone(&world, &world.sub, "N2", 70)).await;
        world.at(world.clock_plus(2 * DAY));
        settle(&world).await;
        let second = first.plus_days(1);
        let caught_up = boards::actions::freeze_through(&services, first.plus_days(2))
            .await
            .unwrap();
        let days: Vec<BusinessDay> = caught_up.iter().map(|freeze| freeze.day).collect();
        assert_eq!(days, [second, first.plus_days(2)], "a day that was missed is caught up");
        assert!(
            boards::actions::freeze_through(&services, second)
                .await
                .unwrap()
                .is_empty(),
            "frozen once"
        );

        assert_eq!(
            board(&world, Kind::Team, When::Frozen(first)).await,
            before,
            "the past stays"
        );
        assert_eq!(sums(&board(&world, Kind::Team, When::Frozen(second)).await), []);
        past_days_of_all_campaigns(&world, [(first, 10_000), (second, 1_070)]).await;
        for day in [first, second, first.plus_days(2)] {
            let found = replay(&services, day).await.unwrap();
            assert!(found.agrees, "{found:?}");
        }
        let found = replay(&services, second).await.unwrap();
        assert_eq!((found.replayed.gifts, found.replayed.sum_fen), (2, Fen::new(1_070)));
        assert!(
            replay(&services, first.plus_days(9)).await.is_err(),
            "a day that was not frozen says so"
        );

        let mut tx = services.db.begin().await.unwrap();
        let altered = tx
            .execute("UPDATE board_frozen SET sum_fen = sum_fen + 1", vec![])
            .await;
        assert!(altered.is_err(), "frozen rows are never changed");
        world.stop();
    }
);

db::both!(
    a_row_that_was_added_behind_the_facts_is_found,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        give(&world, lone(&world, &world.sub, "N1", 1_000)).await;
        settle(&world).await;
        let mut tx = services.db.begin().await.unwrap();
        let sql = "UPDATE board_gift SET amount_fen = amount_fen + 1";
        tx.execute(sql, vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let day = world.today();
        world.at(world.clock_plus(DAY));
        settle(&world).await;
        boards::actions::freeze_through(&services, day).await.unwrap();
        let found = replay(&services, day).await.unwrap();
        assert!(!found.agrees);
        assert_eq!(found.differences[0].frozen.sum_fen, Fen::new(1_001));
        assert_eq!(found.differences[0].replayed.sum_fen, Fen::new(1_000));
        world.stop();
    }
);

db::both!(
    the_866_yuan_pattern_moves_no_board,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let team = team(&world, &world.restricted, "真心的队伍").await;
        let led = tags(&world, Some(&team), Some("371323"));
        for n in 0..5 {
            order(&world, &world.restricted, &led, &format!("openid-real-{n}"), 10_000).await;
        }
        settle(&world).await;
        let before = (
            live(&world, Kind::County).await,
            live(&world, Kind::Project).await,
            live(&world, Kind::Team).await,
        );

        // 36 helpers are handed 866 yuan each and give it back in twelve gifts: some 430 gifts, 31,000 yuan.
        let mut circle = Vec::new();
        for helper in 0..36 {
            for part in 0..12 {
                let fen = if part == 11 { 86_600 - 11 * 7_216 } else { 7_216 };
                let minute = (helper * 12 + part) * 60_000_000;
                let mut gift = lone(&world, &world.restricted, &format!("H{helper}-{part}"), fen);
                gift.payer = payer(&format!("openid-helper-{helper}"), "赵助手");
                gift.paid_at = gift.paid_at.plus_micros(minute - 500 * 60_000_000);
                circle.push(world.prepared(gift));
            }
        }
        assert_eq!(circle.len(), 432);
        world.giving.intake.submit_many(circle, None).await.unwrap();
        // And 120 friends are handed 86.60 yuan each by one helper, all with numbers of their own, half an hour long.
        let mut friends = Vec::new();
        for friend in 0..120 {
            let mut gift = lone(&world, &world.restricted, &format!("F{friend}"), 8_660);
            gift.paid_at = gift.paid_at.plus_micros(-friend * 15_000_000);
            friends.push(world.prepared(gift));
        }
        world.giving.intake.submit_many(friends, None).await.unwrap();
        settle(&world).await;
        let after = (
            live(&world, Kind::County).await,
            live(&world, Kind::Project).await,
            live(&world, Kind::Team).await,
        );
        assert_eq!(before, after, "no board moved");

        let mut at = services.db.snapshot().await.unwrap();
        let scope = (&Scope::Everything, &*services.tree);
        let held = screening::queries::list(&mut at, ("waiting", Some(Signal::Velocity)), scope, None, 500)
            .await
            .unwrap();
        assert_eq!(held.len(), 432, "every gift of the circle waits with its evidence");
        assert!(held.iter().all(|hold| hold.evidence.gifts >= Some(10)));
        let handed = screening::queries::list(&mut at, ("waiting", Some(Signal::SameSum)), scope, None, 500)
            .await
            .unwrap();
        assert_eq!(handed.len(), 120, "the same odd sum from many payers");
        assert!(handed.iter().all(|hold| hold.evidence.payers == Some(120)));
        let booked = giving::donations::recount(&mut at).await.unwrap();
        assert!(booked.agrees(), "they stand in the books all the same");
        drop(at);
        // Nor does the board that is frozen that night, and it replays.
        let day = world.today();
        world.at(world.clock_plus(DAY));
        settle(&world).await;
        boards::actions::freeze_through(&services, day).await.unwrap();
        let frozen = board(&world, Kind::Team, When::Frozen(day)).await;
        assert_eq!(sums(&frozen), [(Some("真心的队伍".into()), 5, 50_000)]);
        assert!(replay(&services, day).await.unwrap().agrees);
        world.stop();
    }
);

db::both!(
    one_telephone_behind_many_payers_is_held_also_for_gifts_before,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let shared = |n: i64| {
            let mut gift = lone(&world, &world.sub, &format!("S{n}"), 8_660);
            gift.payer.phone = Some("13800000000".into());
            gift.paid_at = gift.paid_at.plus_micros(-n * 3_600_000_000);
            gift
        };
        for n in 0..4 {
            give(&world, shared(n)).await;
        }
        settle(&world).await;
        assert_eq!(
            live(&world, Kind::County).await.lines[0].tally.gifts,
            4,
            "a family shares a telephone"
        );
        give(&world, shared(4)).await;
        settle(&world).await;
        assert_eq!(sums(&live(&world, Kind::County).await), []);

        let mut at = services.db.snapshot().await.unwrap();
        let scope = (&Scope::Everything, &*services.tree);
        let held = screening::queries::list(&mut at, ("waiting", None), scope, None, 10)
            .await
            .unwrap();
        assert_eq!((held.len(), held[0].signal), (5, Signal::RoundTrip));
        assert_eq!(held[0].evidence.payers, Some(5));
        drop(at);

        // A reviewer clears two and keeps one; a cleared gift stays cleared.
        let decide = async |gift, decision, reason: &str| {
            screening::actions::decide(&services, &world.officer, (gift, decision, reason)).await
        };
        decide(held[0].gift, Decision::Clear, "")
            .await
            .expect_err("a decision has a reason");
        for hold in &held[..2] {
            decide(hold.gift, Decision::Clear, "一家人，已电话核实").await.unwrap();
        }
        decide(held[2].gift, Decision::Keep, "付款人称钱是别人给的")
            .await
            .unwrap();
        decide(held[0].gift, Decision::Keep, "又想了想")
            .await
            .expect_err("cleared before");
        decide(held[0].gift, Decision::Clear, "一家人，已电话核实")
            .await
            .expect("the same again");
        settle(&world).await;
        assert_eq!(
            sums(&live(&world, Kind::County).await),
            [(Some("沂水县演示会".into()), 2, 17_320)]
        );
        give(&world, shared(5)).await;
        settle(&world).await;
        assert_eq!(
            live(&world, Kind::County).await.lines[0].tally.gifts,
            2,
            "what was cleared is not held again"
        );

        let mut at = services.db.snapshot().await.unwrap();
        let trail = platform::facts::by_subject(&mut at, held[0].gift.bytes(), 10)
            .await
            .unwrap();
        let kinds: Vec<&str> = trail.iter().map(|fact| fact.kind.as_str()).collect();
        assert_eq!(kinds, ["gift.confirmed", "screening.held", "screening.cleared"]);
        assert_eq!(trail[2].actor, Some(world.officer.id));
        world.stop();
    }
);

db::both!(
    names_small_sums_and_early_days_are_held,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let mut named = lone(&world, &world.sub, "N1", 1_000);
        named.payer.name = Some("测试一下".into());
        let named = give(&world, named).await;
        let mut early = lone(&world, &world.sub, "N2", 1_000);
        early.paid_at = early.paid_at.plus_micros(-DAY);
        early.business_day = early.paid_at.business_day();
        let early = give(&world, early).await;
        // Six gifts of 0.10 yuan in a day, as on the look-up site of 2011.
        for n in 0..6 {
            let mut small = lone(&world, &world.sub, &format!("K{n}"), 10);
            small.payer = payer("openid-of-one", "王小明");
            give(&world, small).await;
        }
        let fine = give(&world, lone(&world, &world.sub, "N3", 1_000)).await;
        settle(&world).await;
        let mut at = services.db.snapshot().await.unwrap();
        let signal = async |at: &mut _, gift| {
            screening::queries::hold(at, gift)
                .await
                .unwrap()
                .map(|hold| hold.signal)
        };
        assert_eq!(signal(&mut at, named).await, Some(Signal::Name));
        assert_eq!(signal(&mut at, early).await, Some(Signal::BeforeCampaign));
        assert_eq!(signal(&mut at, fine).await, None);
        let scope = (&Scope::Everything, &*services.tree);
        let small = screening::queries::list(&mut at, ("waiting", Some(Signal::SmallBurst)), scope, None, 10)
            .await
            .unwrap();
        assert_eq!(small.len(), 6);
        drop(at);
        assert_eq!(
            sums(&live(&world, Kind::County).await),
            [(Some("沂水县演示会".into()), 1, 1_000)]
        );

        // The list of names is a dated parameter: from tomorrow another word is held.
        let tomorrow = world.today().plus_days(1);
        let own = platform::parameters::Override {
            key: "screening.names_held".into(),
            from: tomorrow,
            to: None,
            value: "大明星|测试".into(),
            legal_ref: "本会决定".into(),
        };
        platform::parameters::set(&services, &Actor::operator(), own)
            .await
            .unwrap();
        let star = |number: &str| {
            let mut gift = lone(&world, &world.sub, number, 1_000);
            gift.payer.name = Some("大明星".into());
            gift
        };
        let today = give(&world, star("N4")).await;
        world.at(world.clock_plus(DAY));
        let next = give(&world, star("N5")).await;
        settle(&world).await;
        let mut at = services.db.snapshot().await.unwrap();
        assert_eq!(signal(&mut at, today).await, None);
        assert_eq!(signal(&mut at, next).await, Some(Signal::Name));
        world.stop();
    }
);

db::both!(
    the_view_per_head_follows_the_loaded_figures,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        give(&world, lone(&world, &world.sub, "N1", 1_000_000)).await;
        settle(&world).await;
        let without = live(&world, Kind::County).await;
        assert_eq!(
            (without.lines[0].people, without.without_people),
            (None, 1),
            "without a figure the view says so"
        );
        let titles = giving::boards::population::TITLES;
        let load = async |text: String| boards::actions::load_population(&services, &Actor::operator(), &text).await;
        let unknown = load(format!(
            "{titles}\n371323,2020-11-01,900000,普查\n110101,2020-11-01,1,普查\n"
        ))
        .await;
        assert!(
            unknown.is_err(),
            "a county that is not in the network: nothing is loaded"
        );
        assert_eq!(live(&world, Kind::County).await.without_people, 1);
        load(format!(
            "{titles}\n371323,2020-11-01,900000,普查\n371323,2030-01-01,800000,预测\n"
        ))
        .await
        .unwrap();
        let with = live(&world, Kind::County).await;
        assert_eq!(with.lines[0].people, Some(900_000), "by the day of the board");
        assert_eq!(with.lines[0].per_thousand_fen, Some(Fen::new(1_111)));
        world.stop();
    }
);

db::both!(
    boards_are_shown_only_where_somebody_decided_so,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        let services = world.services().clone();
        let opened = async || {
            let mut at = services.db.snapshot().await.unwrap();
            boards::queries::opened(&mut at, world.campaign).await.unwrap()
        };
        assert_eq!(opened().await, []);
        let by = Actor::operator();
        boards::actions::open(&services, &by, world.campaign, &[Kind::County, Kind::Team])
            .await
            .unwrap();
        assert_eq!(opened().await, [Kind::County, Kind::Team]);
        boards::actions::open(&services, &world.county_officer, world.campaign, &[])
            .await
            .expect_err("not hers");
        boards::actions::open(&services, &by, world.campaign, &[])
            .await
            .unwrap();
        assert_eq!(opened().await, []);
        world.stop();
    }
);
