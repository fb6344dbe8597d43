//! Random histories of gifts, refunds, take-backs, holds and decisions; after each, the boards are the sums of the gifts
//! that count, and every frozen day replays to its rows.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use std::collections::BTreeMap;

use db::Reads as _;
use db::testing::TestDb;
use giving::boards::{self, Counting, replay};
use giving::donations::imports::{self, NewImport};
use giving::donations::orders::{self, NewOrder};
use giving::donations::refunds::{self, RefundReason};
use giving::donations::{Incoming, Outcome, Payer};
use giving::projects::Project;
use giving::screening::model::Decision;
use giving::screening::{self, Screening};
use giving::teams::model::Starter;
use giving::teams::{self, NewTeam, Tags, Team};
use giving::testing::{World, world};
use kernel::id::{Id as _, public};
use kernel::{BusinessDay, Fen, GiftId, ImportId};
use platform::facts::Reactions;
use platform::identity::Actor;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const DAY: i64 = 86_400_000_000;
const AMOUNTS: [i64; 4] = [1, 50, 2_000, 33_333];

#[derive(Debug, Clone)]
enum Step {
    /// An order of one of few payers, so that sources repeat.
    Order {
        project: u8,
        led: u8,
        payer: u8,
        amount: u8,
    },
    /// Lines of an import.
    Import {
        count: u8,
        amount: u8,
        payer: u8,
    },
    TakeBack {
        pick: u8,
    },
    GiveBack {
        pick: u8,
        percent: u8,
    },
    Decide {
        pick: u8,
        clear: bool,
    },
    Settle,
    NextDay {
        frozen: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3u8, 0..4u8, 0..4u8, 0..4u8)
            .prop_map(|(project, led, payer, amount)| Step::Order { project, led, payer, amount }),
        2 => (1..12u8, 0..4u8, 0..3u8).prop_map(|(count, amount, payer)| Step::Import { count, amount, payer }),
        1 => any::<u8>().prop_map(|pick| Step::TakeBack { pick }),
        4 => (any::<u8>(), 1..=100u8).prop_map(|(pick, percent)| Step::GiveBack { pick, percent }),
        4 => (any::<u8>(), any::<bool>()).prop_map(|(pick, clear)| Step::Decide { pick, clear }),
        2 => Just(Step::Settle),
        2 => any::<bool>().prop_map(|frozen| Step::NextDay { frozen }),
    ]
}

#[derive(Default)]
struct Told {
    gifts: Vec<(GiftId, i64)>,
    imports: Vec<ImportId>,
    frozen: Vec<BusinessDay>,
    numbers: u32,
}

struct Play {
    world: World,
    reactions: Reactions,
    teams: Vec<Team>,
    told: Told,
}

fn pick<T: Copy>(all: &[T], at: u8) -> Option<T> {
    all.get(usize::from(at) % all.len().max(1)).copied()
}

impl Play {
    async fn begin(test: &TestDb) -> Self {
        let world = world(test.db.clone()).await;
        let mut teams = Vec::new();
        for (title, county) in [("甲队", None), ("乙队", Some(world.county))] {
            let new = NewTeam {
                project: world.restricted.code.clone(),
                county,
                title: title.to_owned(),
                words: String::new(),
                target: None,
                starter: Starter {
                    name: "李示例".into(),
                    phone: "13800000000".into(),
                },
                key: title.to_owned(),
            };
            let team = teams::actions::start(world.services(), new).await.unwrap();
            teams.push(
                teams::actions::open(world.services(), &Actor::operator(), team.id)
                    .await
                    .unwrap(),
            );
        }
        Self {
            reactions: Reactions::new(vec![Box::new(Screening), Box::new(Counting)]),
            world,
            teams,
            told: Told::default(),
        }
    }

    fn project(&self, at: u8) -> &Project {
        [&self.world.restricted, &self.world.sub, &self.world.general][usize::from(at) % 3]
    }

    async fn settle(&self) {
        crate::together::drained(&self.world, &self.reactions).await;
    }

    async fn take(&mut self, step: Step) {
        let services = self.world.services().clone();
        match step {
            Step::Order {
                project,
                led,
                payer,
                amount,
            } => self.order((project, led), payer, AMOUNTS[usize::from(amount)]).await,
            Step::Import { count, amount, payer } => {
                self.import(count, AMOUNTS[usize::from(amount)], payer).await;
            }
            Step::TakeBack { pick: at } => {
                let Some(id) = pick(&self.told.imports, at) else { return };
                refunds::take_back_import(&services, &self.world.officer, id)
                    .await
                    .unwrap();
            }
            Step::GiveBack { pick: at, percent } => {
                let Some((gift, amount)) = pick(&self.told.gifts, at) else {
                    return;
                };
                let part = (amount * i64::from(percent) / 100).max(1);
                self.told.numbers += 1;
                let what = (gift, Fen::new(part), RefundReason::WrongPayment);
                let key = format!("k{}", self.told.numbers);
                // More than is left and gifts taken back are refused, and that is all.
                if let Ok(refund) = refunds::request(&services, &self.world.officer, what, &key).await {
                    refunds::approve(&services, &self.world.second, refund.id)
                        .await
                        .unwrap();
                }
            }
            Step::Decide { pick: at, clear } => {
                let Some((gift, _)) = pick(&self.told.gifts, at) else {
                    return;
                };
                let decision = if clear { Decision::Clear } else { Decision::Keep };
                let what = (gift, decision, "已核实");
                // Most gifts are not held, and what was cleared stays so.
                let _ = screening::actions::decide(&services, &self.world.officer, what).await;
            }
            Step::Settle => self.settle().await,
            Step::NextDay { frozen } => {
                let day = self.world.today();
                self.world.at(self.world.clock_plus(DAY));
                if frozen {
                    self.settle().await;
                    let done = boards::actions::freeze_through(&services, day).await.unwrap();
                    self.told.frozen.extend(done.into_iter().map(|freeze| freeze.day));
                }
            }
        }
    }

    async fn order(&mut self, (at, led): (u8, u8), payer: u8, fen: i64) {
        let project = self.project(at).clone();
        let team = self
            .teams
            .get(usize::from(led))
            .filter(|team| team.project == project.id);
        let tags = Tags {
            team: team.map(|team| public(&*self.world.services().keys, team.id)),
            from: (led == 2).then(|| "371323".to_owned()),
        };
        let wish = NewOrder {
            project: project.code.clone(),
            amount: Fen::new(fen),
            payer: Payer {
                id: Some(format!("openid-of-{payer}")),
                ..Payer::default()
            },
            anonymous: false,
            receipt: None,
        };
        let Ok(order) = orders::place_tagged(&self.world.giving, wish, &tags).await else {
            return;
        };
        let mut paid = Incoming {
            payer: Payer::default(),
            ..self.world.incoming(&self.world.general, &order.trade_no, fen)
        };
        orders::complete(&mut paid, &self.world.giving).await.unwrap().unwrap();
        if let Outcome::Recorded(gift) = self.world.submit(paid).await {
            self.told.gifts.push((gift, fen));
        }
    }

    async fn import(&mut self, count: u8, fen: i64, payer: u8) {
        let world = &self.world;
        let new = NewImport {
            unit: world.city,
            project: world.sub.id,
            account: world.notice.0.id,
            profile: "test",
            file_sha256: [7; 32],
            actor: world.officer.id,
        };
        let id = imports::begin(&new, world.services()).await.unwrap();
        let mut gifts = Vec::new();
        for _ in 0..count {
            self.told.numbers += 1;
            gifts.push(world.prepared(Incoming {
                payer: Payer {
                    id: Some(format!("openid-of-{payer}")),
                    ..Payer::default()
                },
                ..world.incoming(&world.sub, &format!("I{}", self.told.numbers), fen)
            }));
        }
        let outcomes = world.giving.intake.submit_many(gifts, Some(id)).await.unwrap();
        imports::end(id, &new, &serde_json::json!({}), world.services())
            .await
            .unwrap();
        self.told.imports.push(id);
        for outcome in outcomes {
            if let Outcome::Recorded(gift) = outcome {
                self.told.gifts.push((gift, fen));
            }
        }
    }

    /// Boards against gifts, straight from the tables that the boards do not write.
    async fn check(&self) {
        self.settle().await;
        let mut at = self.world.services().db.snapshot().await.unwrap();
        let sql = "SELECT g.project_id, COALESCE(a.county_id, p.unit_id) AS county_id, a.team_id, g.amount_fen,
                CAST(COALESCE((SELECT SUM(r.amount_fen) FROM gift_refund r WHERE r.unit_id = g.unit_id
                    AND r.gift_id = g.id AND r.state = 'approved'), 0) AS BIGINT) AS back_fen
            FROM gift g JOIN project p ON p.id = g.project_id LEFT JOIN gift_attribution a ON a.gift_id = g.id
            WHERE NOT EXISTS (SELECT 1 FROM screening_hold h WHERE h.gift_id = g.id AND h.state <> 'cleared')
            ORDER BY g.id";
        /// Project, county, team.
        type Cell = ([u8; 16], [u8; 16], Option<Vec<u8>>);
        let mut expected: BTreeMap<Cell, (i64, i64)> = BTreeMap::new();
        for row in &at.query(sql, vec![]).await.unwrap() {
            let left = row.fen("amount_fen").unwrap().get() - row.fen("back_fen").unwrap().get();
            if left > 0 {
                let project = row.id::<kernel::ProjectId>("project_id").unwrap().bytes();
                let county = row.id::<kernel::UnitId>("county_id").unwrap().bytes();
                let cell = expected
                    .entry((project, county, row.opt_bytes("team_id").unwrap()))
                    .or_default();
                *cell = (cell.0 + 1, cell.1 + left);
            }
        }
        let cells = boards::store::cells(&mut at, None, None, 1_000).await.unwrap();
        let found: BTreeMap<_, _> = cells
            .iter()
            .map(|cell| {
                let dims = &cell.dims;
                let key = (
                    dims.project.bytes(),
                    dims.county.bytes(),
                    dims.team.map(|t| t.bytes().to_vec()),
                );
                (key, (cell.tally.gifts, cell.tally.sum_fen.get()))
            })
            .collect();
        assert_eq!(found, expected, "the boards are the sums of the gifts that count");
        drop(at);
        for day in &self.told.frozen {
            let replayed = replay(self.world.services(), *day).await.unwrap();
            assert!(replayed.agrees, "{replayed:?}");
        }
    }
}

fn histories(cases: u32, open: impl AsyncFn() -> TestDb) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&vec(step(), 1..32), |steps| {
        runtime.block_on(async {
            let test = open().await;
            let mut play = Play::begin(&test).await;
            for step in steps {
                play.take(step).await;
            }
            play.check().await;
            play.world.stop();
        });
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
}

#[test]
fn boards_are_the_sums_of_gifts_after_every_history_on_sqlite() {
    histories(48, async || TestDb::sqlite(&giving::all_migrations()).await);
}

#[test]
fn boards_are_the_sums_of_gifts_after_every_history_on_postgres() {
    histories(8, async || TestDb::postgres(&giving::all_migrations()).await);
}
