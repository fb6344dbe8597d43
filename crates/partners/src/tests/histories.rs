//! Random histories of payments, purchases, goods and reversals: after each the progress is what the books say.

use db::testing::TestDb;
use kernel::{Channel, Fen, JournalId};
use ledger::Restriction;
use ledger::actions::{Slip, reverse_journal};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::way::purchase_of;
use crate::agreements::{Agreement, TargetKind, actions as agreements};
use crate::payments::{NewPayment, actions as payments};
use crate::ports::Sent;
use crate::purchases::actions::{self as purchases, Collected, Invoice};
use crate::testing::{House, fund, house};
use crate::{HandedId, SupplierId};

/// One thing that may happen. Picks are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    Pay { aid: bool, fen: i64 },
    Propose { fen: i64 },
    Buy { price: i64, pieces: i64, short: i64 },
    Send { fen: i64 },
    Reverse { pick: u8 },
    Withdraw { fen: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any::<bool>(), 1i64..40_000).prop_map(|(aid, fen)| Step::Pay { aid, fen }),
        1 => (1i64..40_000).prop_map(|fen| Step::Propose { fen }),
        2 => (1i64..2_000, 2i64..20, 0i64..2).prop_map(|(price, pieces, short)| Step::Buy { price, pieces, short }),
        2 => (1i64..50_000).prop_map(|fen| Step::Send { fen }),
        3 => any::<u8>().prop_map(|pick| Step::Reverse { pick }),
        1 => (1i64..40_000).prop_map(|fen| Step::Withdraw { fen }),
    ]
}

/// What happened, kept apart from the programme's own sums.
#[derive(Default)]
struct Told {
    n: usize,
    paid: Vec<(JournalId, TargetKind, i64)>,
    goods: i64,
}

impl Told {
    fn of(&self, kind: TargetKind) -> i64 {
        self.paid
            .iter()
            .filter(|(_, of, _)| *of == kind)
            .map(|(.., fen)| fen)
            .sum()
    }
}

struct Given {
    file: HandedId,
    suppliers: [SupplierId; 3],
}

fn money(agreement: &Agreement, key: String, (kind, fen): (TargetKind, i64)) -> NewPayment {
    NewPayment {
        agreement: agreement.id,
        key,
        kind,
        fund: fund(),
        restriction: Restriction::Restricted,
        amount: Fen::new(fen),
        purpose: "支持".into(),
        purchase: None,
    }
}

async fn take(house: &House, agreement: &Agreement, given: &Given, (told, step): (&mut Told, &Step)) {
    let s = &house.services;
    told.n += 1;
    let key = format!("k{}", told.n);
    match step {
        Step::Pay { aid, fen } => {
            let kind = if *aid {
                TargetKind::StudentAid
            } else {
                TargetKind::Money
            };
            let new = money(agreement, key, (kind, *fen));
            let proposed = payments::propose(s, &house.officer, &new).await.expect("proposed");
            let paid = payments::pay(s, &house.finance, proposed.id, Channel::Bank)
                .await
                .expect("paid");
            told.paid.push((paid.journal.expect("a journal"), kind, *fen));
        }
        Step::Propose { fen } => {
            let new = money(agreement, key, (TargetKind::Money, *fen));
            payments::propose(s, &house.officer, &new).await.expect("proposed");
        }
        Step::Withdraw { fen } => {
            let new = money(agreement, key, (TargetKind::Money, *fen));
            let proposed = payments::propose(s, &house.officer, &new).await.expect("proposed");
            payments::withdraw(s, &house.officer, proposed.id, "另有渠道")
                .await
                .expect("withdrawn");
        }
        Step::Buy { price, pieces, short } => {
            let new = purchase_of(agreement.id, &key, *pieces);
            let id = purchases::ask(s, &house.officer, &new).await.expect("a purchase").id;
            for (more, supplier) in (0i64..).zip(given.suppliers) {
                let quote = Collected {
                    supplier,
                    price: Fen::new(price + more),
                    file: given.file,
                };
                purchases::collect(s, &house.officer, (id, quote))
                    .await
                    .expect("a quote");
            }
            purchases::choose(s, &house.leader, (id, 1, "")).await.expect("chosen");
            purchases::order(s, &house.officer, id, house.today())
                .await
                .expect("ordered");
            let came = pieces - short;
            for who in [&house.officer, &house.second] {
                purchases::receive(s, who, (id, came, "短少")).await.expect("counted");
            }
            let invoice = Invoice {
                number: key,
                file: given.file,
                amount: Fen::new(price * came),
                fund: fund(),
                restriction: Restriction::Restricted,
            };
            let invoiced = purchases::invoice(s, &house.officer, (id, &invoice))
                .await
                .expect("invoiced");
            let payment = invoiced.payment.expect("a payment");
            let paid = payments::pay(s, &house.finance, payment, Channel::Bank)
                .await
                .expect("paid");
            told.paid
                .push((paid.journal.expect("a journal"), TargetKind::Goods, price * came));
        }
        Step::Send { fen } => {
            let mut dispatch = [3; 16];
            dispatch[..8].copy_from_slice(&(told.n as u64).to_be_bytes());
            let sent = Sent {
                dispatch,
                unit: house.unit,
                number: key.clone(),
                region: "522301".into(),
                left_on: Some(house.today()),
                value: Fen::new(*fen),
                unvalued: 0,
            };
            house.goods.0.lock().expect("goods").insert(dispatch, sent);
            agreements::link_goods(&house.ports, &house.officer, (agreement.id, &key))
                .await
                .expect("linked");
            told.goods += fen;
        }
        Step::Reverse { pick } => {
            if told.paid.is_empty() {
                return;
            }
            let at = usize::from(*pick) % told.paid.len();
            let (journal, ..) = told.paid.swap_remove(at);
            let slip = Slip {
                key,
                unit: house.unit,
                business_day: house.today(),
                memo_code: None,
            };
            reverse_journal(s, &house.finance, slip, journal)
                .await
                .expect("reversed");
        }
    }
}

async fn agrees(house: &House, agreement: &Agreement, (told, before): (&Told, i64)) {
    let lines = house.progress(agreement).await;
    let of = |kind| lines.iter().find(|(of, ..)| *of == kind).map_or(0, |(.., done)| *done);
    assert_eq!(of(TargetKind::Money), told.of(TargetKind::Money));
    assert_eq!(of(TargetKind::StudentAid), told.of(TargetKind::StudentAid));
    assert_eq!(of(TargetKind::Goods), told.of(TargetKind::Goods) + told.goods);
    let done: i64 = lines.iter().map(|(.., done)| done).sum();
    let booked = house.spent().await - before;
    assert_eq!(done - told.goods, booked, "the books say the same");
}

/// Histories of one run.
const HISTORIES: usize = 4;

db::both!(
    progress_is_what_the_books_say_after_any_history,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        house.money(100_000_000).await;
        let mut suppliers = Vec::new();
        for n in 1..=3 {
            suppliers.push(house.supplier(n, &format!("业主{n}")).await);
        }
        let given = Given {
            file: house.file("报价").await,
            suppliers: [suppliers[0], suppliers[1], suppliers[2]],
        };
        let mut runner = TestRunner::deterministic();
        let strategy = prop::collection::vec(step(), 8..24);
        let mut told = Told::default();
        for history in 0..HISTORIES {
            let agreement = house.running(&format!("a{history}")).await;
            let steps = strategy.new_tree(&mut runner).expect("a history").current();
            // Keys and numbers go on from one history to the next.
            told = Told {
                n: told.n,
                ..Told::default()
            };
            let before = house.spent().await;
            for step in &steps {
                take(&house, &agreement, &given, (&mut told, step)).await;
                agrees(&house, &agreement, (&told, before)).await;
            }
        }
    }
);
