//! The 866 yuan of `references.md` in whole yuan: money handed out in equal parts moves no board, in either shape.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use db::testing::TestDb;
use giving::boards::queries::{When, boards};
use giving::boards::{Counting, Kind};
use giving::donations::{Incoming, Payer};
use giving::projects::Project;
use giving::screening::{self, Screening, Signal};
use giving::testing::{World, world};
use kernel::Fen;
use platform::facts::Reactions;
use platform::identity::Scope;

const MINUTE: i64 = 60_000_000;

/// Gifts of one sum from so many payers in turn, a quarter of an hour apart, the last one now.
async fn given(world: &World, project: &Project, (fen, gifts, payers): (i64, i64, i64)) {
    let one = |n: i64| {
        let plain = world.incoming(project, &format!("{fen}-{payers}-{n}"), fen);
        Incoming {
            payer: Payer {
                id: Some(format!("openid-{fen}-{payers}-{}", n % payers)),
                name: Some("王小明".into()),
                ..Payer::default()
            },
            paid_at: plain.paid_at.plus_micros(-n * 13 * MINUTE),
            ..plain
        }
    };
    let all = (0..gifts).map(|n| world.prepared(one(n))).collect();
    world.giving.intake.submit_many(all, None).await.unwrap();
}

async fn settle(world: &World) {
    let all = Reactions::new(vec![Box::new(Screening), Box::new(Counting)]);
    crate::together::drained(world, &all).await;
}

/// Gifts and sum of all lines of the live board of projects.
async fn on_board(world: &World) -> (i64, i64) {
    let mut at = world.services().db.snapshot().await.unwrap();
    let of = (world.campaign, world.city);
    let when = When::Live(world.today());
    let all = boards(&mut at, &world.services().tree, of, &[Kind::Project], when)
        .await
        .unwrap();
    let lines = all.iter().flat_map(|board| &board.lines);
    lines.fold((0, 0), |(gifts, sum), line| {
        (gifts + line.tally.gifts, sum + line.tally.sum_fen.get())
    })
}

db::both!(
    a_sum_of_866_whole_yuan_many_times_moves_no_board_and_habits_do,
    &giving::all_migrations(),
    async |test: TestDb| {
        let world = world(test.db.clone()).await;
        // What people do of their own accord counts.
        given(&world, &world.restricted, (10_000, 20, 20)).await;
        given(&world, &world.restricted, (6_600, 30, 30)).await;
        settle(&world).await;
        let harmless = (50, 20 * 10_000 + 30 * 6_600);
        assert_eq!(on_board(&world).await, harmless);

        // 36 helpers give their 866 yuan back once each; elsewhere four of them give it several times.
        given(&world, &world.restricted, (86_600, 36, 36)).await;
        given(&world, &world.sub, (86_600, 36, 4)).await;
        settle(&world).await;
        assert_eq!(on_board(&world).await, harmless, "no board moved");

        let services = world.services().clone();
        let mut at = services.db.snapshot().await.unwrap();
        let scope = (&Scope::Everything, &*services.tree);
        let held = screening::queries::list(&mut at, ("waiting", Some(Signal::SameSum)), scope, None, 500)
            .await
            .unwrap();
        let of = |payers: i64| held.iter().filter(|hold| hold.evidence.payers == Some(payers)).count();
        assert_eq!((held.len(), of(36), of(4)), (72, 36, 36));
        let circle = Fen::new(36 * 86_600);
        assert!(held.iter().all(|hold| hold.evidence.sum_fen == Some(circle)));
        let booked = giving::donations::recount(&mut at).await.unwrap();
        assert!(booked.agrees(), "they stand in the books all the same");
        drop(at);
        world.stop();
    }
);
