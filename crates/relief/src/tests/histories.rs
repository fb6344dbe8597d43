//! Random histories of goods with several writers at once, and after each: every piece is somewhere and in one place, nothing
//! lies below zero, nothing left past its day, what was shared out is what lay there, every movement has its paper, and what
//! the store holds is worth what the books say. A history that fails is printed. `SHANQIAO_SOAK=1` plays many more.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::testing::TestDb;
use db::{DbError, Reads as _};
use kernel::{Channel, Fen};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::dispatch::actions::{Carry, HandOut, carry, give_back, hand_out};
use crate::dispatch::model::{DispatchState, Proof};
use crate::dispatch::queries as orders;
use crate::error::ReliefError;
use crate::lists::actions::{ask, decide, propose};
use crate::lists::model::{NewRequest, PlanDecision, Priority, Wanted};
use crate::sales::NewSale;
use crate::sales::actions::{sell, undo};
use crate::stock::actions::{self as stock, Counted, Loss, Recorded, lose};
use crate::stock::model::ValueBasis;
use crate::stock::{Step, queries};
use crate::testing::{House, house};
use crate::{ItemId, LotId, PartyId, PlaceId};

const WRITERS: usize = 3;
const STEPS: usize = 22;
/// How far the clock goes at once: short-lived lots pass their day within a history.
const LEAP_DAYS: i64 = 80;

/// What a writer does next. Picks are taken modulo what there is.
#[derive(Debug, Clone, Copy)]
enum Chance {
    Arrive,
    Inspect,
    Stock,
    Relocate,
    Scrap,
    Restock,
    Count,
    Lose,
    Kit,
    Sell,
    UndoSale,
    Ask,
    Plan,
    Carry,
    CallOff,
    HandOut,
    Return,
    Leap,
}

type Deed = (Chance, usize, i64);

fn deed() -> impl Strategy<Value = Deed> {
    use Chance as C;
    let chance = prop_oneof![
        6 => prop::sample::select(vec![C::Arrive, C::Inspect, C::Stock]),
        5 => prop::sample::select(vec![C::Relocate, C::Scrap, C::Restock, C::Count, C::Lose]),
        3 => prop::sample::select(vec![C::Kit, C::Sell, C::UndoSale]),
        3 => prop::sample::select(vec![C::Ask, C::Plan, C::Plan]),
        7 => prop::sample::select(vec![C::Carry, C::Carry, C::Carry, C::HandOut, C::Return, C::CallOff]),
        1 => Just(C::Leap),
    ];
    (chance, 0..60usize, 1..40i64)
}

/// The house with what its history moves.
struct Stage {
    house: House,
    second: PlaceId,
    kit: ItemId,
    parties: Vec<PartyId>,
    lots: Vec<LotId>,
}

impl Stage {
    async fn set(house: House) -> Self {
        let s = &house.services;
        let second = stock::add_place(s, &house.keeper, house.unit, ("B", "二号库")).await;
        let parties = vec![house.party("第一医院").await, house.party("第二医院").await];
        let kit = house.kit(2).await;
        let mut lots = Vec::new();
        for (key, word, quantity, fen, days, meant) in [
            ("a", "只", 100, Some(1_000_007), Some(200), None),
            ("b", "只", 100, Some(33), Some(300), None),
            ("c", "只", 60, None, None, None),
            ("boxes", "箱", 20, Some(77_777), Some(730), None),
            ("meant", "只", 50, Some(5_001), Some(250), Some(parties[0])),
        ] {
            let mut new = house.new_lot(key, quantity);
            new.unit_word = word.into();
            new.value = fen.map(Fen::new);
            if fen.is_some() {
                new.basis = ValueBasis::DonorSalePrice;
            }
            new.expires_on = days.map(|days| house.today().plus_days(days));
            new.designated_for = meant;
            // Half of it is in store before anybody begins.
            let lot = stock::announce(s, &house.keeper, &new).await.expect("announced").id;
            for step in [
                Step::Arrive(house.place),
                Step::Inspect(house.place),
                Step::Stock(house.place),
            ] {
                house.step(lot, step, quantity / 2).await;
            }
            lots.push(lot);
        }
        Self {
            second: second.expect("a place"),
            kit,
            parties,
            lots,
            house,
        }
    }

    async fn order_in(&self, state: Option<DispatchState>, pick: usize) -> Option<crate::dispatch::model::Dispatch> {
        let mut at = self.house.services.db.snapshot().await.expect("a view");
        let all = orders::orders(&mut at, self.house.unit).await.expect("orders");
        let fit: Vec<_> = all
            .into_iter()
            .filter(|one| state.is_none_or(|state| one.state == state))
            .collect();
        (!fit.is_empty()).then(|| fit[pick % fit.len()].clone())
    }

    async fn play(&self, (chance, pick, quantity): Deed, key: &str) -> Result<(), ReliefError> {
        let (house, s) = (&self.house, &self.house.services);
        let lot = self.lots[pick % self.lots.len()];
        match chance {
            Chance::Arrive => self.step(lot, Step::Arrive(house.place), (quantity, key)).await,
            Chance::Inspect => self.step(lot, Step::Inspect(house.place), (quantity, key)).await,
            Chance::Stock => self.step(lot, Step::Stock(house.place), (quantity, key)).await,
            Chance::Restock => self.step(lot, Step::Restock(house.place), (quantity, key)).await,
            Chance::Scrap => self.step(lot, Step::Scrap(self.second), (quantity, key)).await,
            Chance::Relocate => {
                let (from, to) = (house.place, self.second);
                self.step(lot, Step::Relocate { from, to }, (quantity, key)).await
            }
            Chance::Count => {
                let (id, found) = stock::count(s, &house.keeper, (lot, self.second), quantity).await?;
                if found == Counted::Differs {
                    stock::settle_count(s, &house.leaders[0], id, "盘点差异").await?;
                }
                Ok(())
            }
            Chance::Lose => {
                let loss = Loss {
                    lot,
                    place: house.place,
                    quantity: quantity % 3 + 1,
                    key,
                    reason: "破损",
                    written_by: house.keeper.id,
                };
                lose(s, &house.leaders[0], &loss).await.map(drop)
            }
            Chance::Kit => {
                let kits = (house.place, quantity % 3 + 1);
                let made = stock::make_kits(s, &house.keeper, (house.unit, self.kit), kits, key).await;
                made.map(drop)
            }
            Chance::Sell => {
                let sale = NewSale {
                    lot,
                    key: key.to_owned(),
                    place: house.place,
                    quantity: quantity % 5 + 1,
                    amount: Fen::new(quantity * 7),
                    paid_into: Channel::Bank,
                    fund: None,
                    buyer: "示例贸易有限公司".into(),
                    reason: "超过实际需要".into(),
                };
                sell(s, &house.leaders[0], &sale).await.map(drop)
            }
            Chance::UndoSale => {
                let sales = {
                    let mut at = s.db.snapshot().await?;
                    crate::sales::queries::sales(&mut at, house.unit).await?
                };
                match sales.get(pick % sales.len().max(1)) {
                    Some(sale) => undo(s, &house.leaders[1], sale.id, "退货").await.map(drop),
                    None => Ok(()),
                }
            }
            Chance::Ask => self.ask((pick, quantity), key).await,
            Chance::Plan => self.plan().await,
            Chance::Carry | Chance::CallOff | Chance::HandOut | Chance::Return => {
                self.send((chance, pick, quantity), key).await
            }
            Chance::Leap => {
                let now = s.now().plus_micros(LEAP_DAYS * 86_400_000_000);
                house.clock.set(now);
                Ok(())
            }
        }
    }

    /// Sent twice, as a phone does that heard no answer.
    async fn step(&self, lot: LotId, step: Step, (quantity, key): (i64, &str)) -> Result<(), ReliefError> {
        let wanted = Recorded {
            lot,
            step,
            quantity,
            key: key.to_owned(),
            reason: "测试".into(),
            device_at: None,
        };
        for _ in 0..2 {
            stock::record(&self.house.services, &self.house.boss, &wanted).await?;
        }
        Ok(())
    }

    async fn ask(&self, (pick, quantity): (usize, i64), key: &str) -> Result<(), ReliefError> {
        let wanted = NewRequest {
            unit: self.house.unit,
            key: key.to_owned(),
            party: self.parties[pick % self.parties.len()],
            wanted: Wanted::Goods {
                item: self.house.item,
                unit_word: if quantity % 3 == 0 { "箱" } else { "只" }.into(),
                quantity,
            },
            priority: Priority::Normal,
            basis: "门诊".into(),
            needed_by: None,
        };
        ask(&self.house.services, &self.house.keeper, &wanted).await.map(drop)
    }

    async fn plan(&self) -> Result<(), ReliefError> {
        let (house, s) = (&self.house, &self.house.services);
        let (plan, _) = propose(s, &house.desk, house.unit).await?;
        for leader in &house.leaders {
            decide(s, leader, plan, (PlanDecision::Approve, "")).await?;
        }
        Ok(())
    }

    async fn send(&self, (chance, pick, quantity): Deed, key: &str) -> Result<(), ReliefError> {
        let (house, s) = (&self.house, &self.house.services);
        let state = match chance {
            Chance::HandOut | Chance::Return => Some(DispatchState::Received),
            Chance::CallOff => Some(DispatchState::Ordered),
            _ => None,
        };
        let Some(order) = self.order_in(state, pick).await else {
            return Ok(());
        };
        let lines = {
            let mut at = s.db.snapshot().await?;
            let found = orders::order(&mut at, order.id).await?;
            found.map(|(_, lines)| lines).unwrap_or_default()
        };
        let Some(line) = lines.get(pick % lines.len().max(1)).map(|one| one.line.clone()) else {
            return Ok(());
        };
        let some = quantity.min(line.quantity);
        match (chance, order.state) {
            (Chance::Carry, DispatchState::Ordered) => carry(s, &house.keeper, order.id, Carry::Issue).await.map(drop),
            (Chance::Carry, DispatchState::Issued) => carry(s, &house.keeper, order.id, Carry::Load).await.map(drop),
            (Chance::Carry, DispatchState::InTransit) => {
                let came = Carry::Receive {
                    came: BTreeMap::from([(line.n, line.quantity - quantity % 2)]),
                    reason: "途中破损".into(),
                };
                carry(s, &house.keeper, order.id, came).await.map(drop)
            }
            (Chance::CallOff, _) => {
                let reason = "改期".to_owned();
                carry(s, &house.keeper, order.id, Carry::CallOff { reason })
                    .await
                    .map(drop)
            }
            (Chance::HandOut, _) => {
                let out = HandOut {
                    lot: line.lot,
                    quantity: some,
                    signer: "张三",
                    drawn: "",
                    proof: Proof::Signature,
                    recipient: None,
                    code: "",
                    key,
                };
                hand_out(s, &house.keeper, order.id, out).await
            }
            (Chance::Return, _) => {
                let back = (line.lot, house.place, some);
                give_back(s, &house.keeper, order.id, back, (key, "用不完")).await
            }
            _ => Ok(()),
        }
    }

    async fn check(&self) {
        let (house, s) = (&self.house, &self.house.services);
        // Everything that may leave is told to the last piece when somebody proposes.
        let (_, shares) = propose(s, &house.desk, house.unit).await.expect("a plan");
        let mut at = s.db.snapshot().await.expect("a view");
        let mut told: BTreeMap<(LotId, [u8; 16]), i64> = BTreeMap::new();
        for share in shares {
            *told.entry((share.lot, kernel::id::Id::bytes(share.place))).or_default() += share.quantity;
        }
        let (mut there, mut spread) = (BTreeMap::new(), BTreeMap::<LotId, i64>::new());
        for row in queries::on_hand(&mut at, house.unit).await.expect("rows") {
            *spread.entry(row.lot.id).or_default() += row.quantity;
            let fresh = row.lot.expires_on.is_none_or(|day| day >= house.today());
            if row.state == crate::stock::LotState::Stocked && fresh {
                *there.entry((row.lot.id, row.holder)).or_default() += row.quantity;
            }
        }
        assert_eq!(told, there, "shares are what lies there");
        for sql in [
            "SELECT COUNT(*) AS n FROM goods_balance WHERE quantity < 0",
            "SELECT COUNT(*) AS n FROM (SELECT lot_id FROM (
               SELECT l.lot_id, l.quantity FROM goods_plan_line l JOIN goods_plan p ON p.id = l.plan_id
               WHERE p.state = 'approved' AND l.party_id IS NOT NULL
               UNION ALL SELECT lot_id, -quantity FROM goods_dispatch_line
             ) AS every GROUP BY lot_id HAVING SUM(quantity) <> 0) AS differing",
        ] {
            let row = at.query_one(sql, Vec::new()).await.expect("counted").expect("a row");
            assert_eq!(row.int("n").expect("a number"), 0, "{sql}");
        }
        let sql = "SELECT id FROM goods_lot ORDER BY id";
        for row in at.query(sql, Vec::new()).await.expect("lots") {
            let id: LotId = row.id("id").expect("an id");
            let lot = crate::stock::store::lot(&mut at, id)
                .await
                .expect("read")
                .expect("a lot");
            let mut made = 0;
            for one in queries::moves(&mut at, id).await.expect("moves") {
                match (&one.from, &one.to) {
                    (None, Some(_)) => made += one.quantity,
                    (Some(_), None) => made -= one.quantity,
                    _ => {}
                }
                let leaves = matches!(one.to.as_deref(), Some("reserved" | "issued" | "in_transit"));
                let day = one.moved_at.business_day();
                assert!(
                    !leaves || lot.expires_on.is_none_or(|last| last >= day),
                    "{:?} left on {day}",
                    lot.id
                );
            }
            let somewhere = spread.get(&id).copied().unwrap_or_default();
            assert_eq!(somewhere, made, "every piece that came in or was found is somewhere");
        }
        let found = crate::recount(&mut at).await.expect("a recount");
        assert!(found.agrees(), "{found:?}");
        let books = ledger::recount(&mut at).await.expect("the books");
        assert!(books.agrees(), "{books:?}");
    }
}

/// What may be said to somebody who comes too late or asks for too much; everything else is a finding.
fn is_refusal(error: &ReliefError) -> bool {
    use ReliefError as E;
    matches!(
        error,
        E::Short { .. }
            | E::State { .. }
            | E::Expired(_)
            | E::Sum { .. }
            | E::SamePerson
            | E::Db(DbError::Contended(_))
    ) || matches!(
        error,
        E::Invalid { field: "fund", .. } | E::Books(ledger::LedgerError::FundLacks { .. })
    )
}

async fn played(stage: &Arc<Stage>, history: Vec<Vec<Deed>>) {
    let writers: Vec<_> = history
        .into_iter()
        .enumerate()
        .map(|(writer, deeds)| {
            let stage = Arc::clone(stage);
            tokio::spawn(async move {
                for (at, deed) in deeds.into_iter().enumerate() {
                    if let Err(error) = stage.play(deed, &format!("{writer}/{at}")).await {
                        assert!(is_refusal(&error), "{deed:?}: {error:?}");
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("a writer ends");
    }
}

#[expect(clippy::disallowed_methods, reason = "the long run is asked for in the environment")]
fn histories(cases: u32, open: impl AsyncFn() -> TestDb) {
    let many = if std::env::var_os("SHANQIAO_SOAK").is_some() {
        30
    } else {
        1
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let config = Config {
        cases: cases * many,
        failure_persistence: None,
        // Writers at once do not fail the same way twice: the whole history is printed as it was.
        max_shrink_iters: 0,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&vec(vec(deed(), STEPS), WRITERS), |history| {
        runtime.block_on(async {
            let test = open().await;
            let stage = Arc::new(Stage::set(house(test.db.clone()).await).await);
            played(&stage, history).await;
            stage.check().await;
        });
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
}

#[test]
fn no_piece_is_made_or_lost_whatever_several_writers_do_on_sqlite_soak() {
    histories(3, async || TestDb::sqlite(&crate::all_migrations()).await);
}

#[test]
fn no_piece_is_made_or_lost_whatever_several_writers_do_on_postgres_soak() {
    histories(2, async || TestDb::postgres(&crate::all_migrations()).await);
}
