//! Expenditure, and what all entries come to.

use giving::donations::refunds::{self, RefundReason};
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Channel, Fen, JournalId};
use ledger::Restriction;
use ledger::actions::{Slip, Spending, SpentOn, record_expenditure, reverse_journal, spend};
use platform::facts::{NewFact, conclude};
use serde_json::json;

use super::super::leaf::{
    Bundle, Commitment, Corrected, Erased, Fee, Field, Goes, Goods, Leaf, Member, Paid, PublicId, Purpose, Received,
    Refunded, Stands, Why,
};
use super::super::totals::{Fold, Totals};
use super::super::verify::verify_totals;
use super::*;

fn totals(s: &Setting) -> Totals {
    let mut folder = s.log.files().clone();
    verify_totals(&mut folder, &s.policy(), &[]).expect("the log holds").1
}

db::both!(
    gifts_refunds_and_expenditure_add_up_to_the_same_bytes_for_everybody,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let gifts = s.gifts(6).await;
        let (services, officer, second) = (
            s.world.services().clone(),
            s.world.officer.clone(),
            s.world.second.clone(),
        );
        let asked = (gifts[2], Fen::new(40), RefundReason::WrongPayment);
        let refund = refunds::request(&services, &officer, asked, "a").await.expect("asked");
        refunds::approve(&services, &second, refund.id).await.expect("approved");
        let slip = |key: &str| Slip {
            key: key.to_owned(),
            unit: s.world.city,
            business_day: s.world.today(),
            memo_code: None,
        };
        let spending = |fen, on| Spending {
            fund: None,
            project: Some(s.world.general.id),
            campaign: None,
            on,
            restriction: Restriction::Unrestricted,
            paid_from: Channel::Bank,
            amount: Fen::new(fen),
        };
        record_expenditure(&services, &officer, slip("p"), spending(300, SpentOn::Programme))
            .await
            .expect("booked");
        let wrong = record_expenditure(&services, &officer, slip("m"), spending(90, SpentOn::Management))
            .await
            .expect("booked");
        reverse_journal(&services, &officer, slip("r"), wrong.journal)
            .await
            .expect("reversed");
        s.placed().await;
        assert_eq!(s.drain().await.expect("a round"), 10);
        let verified = s.verified();
        assert_eq!((verified.kinds["spend.paid"], verified.kinds["spend.reversed"]), (2, 1));
        let first = totals(&s);
        let all = &first.all;
        assert_eq!((all.gifts, all.given.get()), (6, 615));
        assert_eq!((all.refunds, all.refunded.get()), (1, 40));
        assert_eq!((all.spent.get(), all.net().expect("a sum").get()), (300, 575));
        assert_eq!(first.purposes["programme"].spent.get(), 300);
        assert_eq!(first.purposes["management"].spent.get(), 0);
        assert_eq!(first.channels["notice"].gifts, 6);
        let text = first.to_text().expect("a text");
        assert_eq!(text, totals(&s).to_text().expect("a text"));
        assert!(text.contains(r#""given":"615""#), "{text}");
        s.world.stop();
    }
);

/// Pays out as a later context does: the booking and its own fact in one transaction. An older program named no day.
async fn pay_out(s: &Setting, (kind, key, subject): (&'static str, &str, u8), fen: i64, is_old: bool) -> JournalId {
    let services = s.world.services();
    let slip = Slip {
        key: format!("{key}:{}", hex(&[subject; 16])),
        unit: s.world.city,
        business_day: s.world.today(),
        memo_code: None,
    };
    let what = Spending {
        fund: None,
        project: None,
        campaign: None,
        on: SpentOn::Programme,
        restriction: Restriction::Unrestricted,
        paid_from: Channel::Bank,
        amount: Fen::new(fen),
    };
    let mut tx = s.db.begin().await.expect("a transaction");
    let journal = spend(&mut tx, services, &s.world.officer, (&slip, &what))
        .await
        .expect("booked");
    let mut body = json!({ "fund": hex(&[7; 16]), "amount_fen": fen, "journal": hex(&journal.bytes()) });
    if !is_old {
        body["business_day"] = json!(slip.business_day);
    }
    let fact = NewFact {
        unit: s.world.city,
        kind,
        subject: [subject; 16],
        actor: None,
        body,
    };
    conclude(tx, fact, services).await.expect("written");
    journal
}

db::both!(
    what_funds_pay_for_goods_and_to_partners_is_in_the_log_and_so_is_its_reversal,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(6).await;
        let mut journals = Vec::new();
        for (kind, key, subject, fen, is_old) in [
            ("goods.grant_paid", "grant", 61, 120, false),
            ("partner.payment_paid", "partner", 62, 80, false),
            ("goods.grant_paid", "grant", 63, 50, false),
            ("partner.payment_paid", "partner", 64, 40, true),
        ] {
            journals.push(pay_out(&s, (kind, key, subject), fen, is_old).await);
        }
        s.placed().await;
        assert_eq!(
            s.drain().await.expect("a round"),
            9,
            "an older program's is passed over"
        );
        for (n, journal) in journals[1..].iter().enumerate() {
            let slip = Slip {
                key: format!("r{n}"),
                unit: s.world.city,
                business_day: s.world.today(),
                memo_code: None,
            };
            let (services, officer) = (s.world.services(), &s.world.officer);
            reverse_journal(services, officer, slip, *journal)
                .await
                .expect("reversed");
        }
        s.placed().await;
        assert_eq!(s.drain().await.expect("a round"), 2);
        assert_eq!(s.log.status().held, 0, "nothing waits for an entry that never comes");
        let kinds = s.verified().kinds;
        assert_eq!((kinds["spend.paid"], kinds["spend.reversed"]), (3, 2));
        let totals = totals(&s);
        assert_eq!(totals.all.spent.get(), 120);
        assert_eq!(totals.purposes["programme"].spent.get(), 120);
        assert_eq!(totals.funds.len(), 1, "under the fund that paid");
        s.world.stop();
    }
);

fn id(n: u8) -> PublicId {
    PublicId::from_bytes(&[n; 16])
}

fn day() -> BusinessDay {
    BusinessDay::from_number(20_261_122).expect("a day")
}

fn received(n: u8, fen: i64) -> Leaf {
    Leaf::Received(Received {
        id: id(n),
        unit: id(200),
        proj: id(201),
        chan: Channel::Wechat,
        day: day(),
        amt: Fen::new(fen),
        c: Default::default(),
        pool: None,
    })
}

fn matched(n: u8, fen: i64) -> Leaf {
    let Leaf::Received(gift) = received(n, fen) else {
        panic!("a gift")
    };
    Leaf::Granted(Received {
        chan: Channel::Match,
        pool: Some(id(202)),
        ..gift
    })
}

fn back(n: u8, of: u8, fen: i64) -> Refunded {
    Refunded {
        id: id(n),
        of: id(of),
        day: day(),
        amt: Fen::new(fen),
    }
}

/// A gift, a refund of part of it, and one of more than is left.
pub fn a_gift_refunded_too_much() -> Vec<Leaf> {
    let mut gift = received(1, 500);
    if let Leaf::Received(gift) = &mut gift {
        gift.c.insert(Field::Donor, Commitment(Hash([7; 32])));
    }
    vec![gift, Leaf::Refunded(back(2, 1, 200)), Leaf::Refunded(back(3, 1, 301))]
}

fn folded(leaves: &[Leaf]) -> Result<Totals, LogError> {
    let mut fold = Fold::default();
    for leaf in leaves {
        fold.take(leaf)?;
    }
    Ok(fold.end(&Checkpoint::new(ORIGIN, leaves.len() as u64, Hash([0; 32]))))
}

#[test]
fn matches_bundles_and_corrections_stand_under_their_headings() {
    let member = |n| Member {
        id: id(n),
        h: Hash([n; 32]),
    };
    let bundle = Bundle {
        id: id(30),
        unit: id(200),
        from: day(),
        to: day(),
        sum: Fen::new(1_000),
        members: (31..36).map(member).collect(),
    };
    let totals = folded(&[
        received(1, 500),
        matched(2, 400),
        Leaf::Bundle(bundle),
        Leaf::Reversed(back(3, 2, 150)),
        Leaf::Refunded(back(4, 33, 999)),
        Leaf::Corrected(Corrected {
            id: id(5),
            of: id(1),
            day: day(),
            diff: Fen::new(-500),
            why: Why::ImportTakenBack,
        }),
        Leaf::Erased(Erased { id: id(6), of: id(34) }),
        Leaf::Erased(Erased { id: id(7), of: id(34) }),
    ])
    .expect("they fit");
    let all = &totals.all;
    assert_eq!((all.gifts, all.given.get(), all.corrected.get()), (6, 1_500, -500));
    assert_eq!((all.matches, all.matched.get(), all.unmatched.get()), (1, 400, 150));
    assert_eq!(all.net().expect("a sum").get(), 1_500 - 999 - 500 + 250);
    assert_eq!((totals.bundled.gifts, totals.bundled.refunded.get()), (5, 999));
    let pool = &totals.pools[id(202).as_str()];
    assert_eq!((pool.matched.get(), pool.unmatched.get()), (400, 150));
    assert_eq!(totals.projects[id(201).as_str()].gifts, 1, "a bundle tells no project");
    assert_eq!(totals.erased, 1, "one gift, however often");
}

fn goods(n: u8, from: Option<Stands>, to: Option<Stands>, qty: i64) -> Leaf {
    let lot = id(210);
    Leaf::Goods(Goods {
        id: id(n),
        unit: id(200),
        day: day(),
        moves: vec![Goes { lot, from, to, qty }],
    })
}

#[test]
fn goods_stand_where_they_were_moved_and_fees_stand_under_their_fund() {
    let totals = folded(&[
        goods(1, None, Some(Stands::Announced), 10),
        goods(2, Some(Stands::Announced), Some(Stands::Stocked), 10),
        goods(3, Some(Stands::Stocked), Some(Stands::Distributed), 4),
        Leaf::Fee(Fee {
            id: id(4),
            unit: id(200),
            fund: id(211),
            day: day(),
            amt: Fen::new(12),
        }),
    ])
    .expect("they fit");
    let lot = &totals.goods[id(210).as_str()];
    assert_eq!(
        lot.iter().collect::<Vec<_>>(),
        [(&Stands::Stocked, &6), (&Stands::Distributed, &4)]
    );
    let funds = &totals.funds[id(211).as_str()];
    assert_eq!(
        (funds.fees.get(), totals.all.fees.get(), totals.all.spent.get()),
        (12, 12, 0)
    );
}

#[test]
fn what_does_not_fit_those_before_it_is_refused() {
    let paid = Leaf::Paid(Paid {
        id: id(8),
        unit: id(200),
        fund: None,
        proj: None,
        on: Purpose::PassedOn,
        day: day(),
        amt: Fen::new(70),
    });
    let refused: [Vec<Leaf>; 11] = [
        vec![Leaf::Refunded(back(9, 1, 5)), received(1, 10)],
        vec![received(1, 10), Leaf::Refunded(back(9, 1, 11))],
        vec![
            received(1, 10),
            Leaf::Refunded(back(9, 1, 6)),
            Leaf::Refunded(back(10, 1, 5)),
        ],
        vec![received(1, 10), Leaf::Reversed(back(9, 1, 5))],
        vec![matched(2, 10), Leaf::Refunded(back(9, 2, 5))],
        vec![received(1, 10), Leaf::Erased(Erased { id: id(9), of: id(2) })],
        vec![paid.clone(), Leaf::Unpaid(back(9, 8, 69))],
        vec![
            paid.clone(),
            Leaf::Unpaid(back(9, 8, 70)),
            Leaf::Unpaid(back(10, 8, 70)),
        ],
        vec![paid, Leaf::Refunded(back(9, 8, 7))],
        vec![
            goods(1, None, Some(Stands::Stocked), 5),
            goods(2, Some(Stands::Stocked), None, 6),
        ],
        vec![
            goods(1, None, Some(Stands::Announced), 5),
            goods(2, Some(Stands::Stocked), None, 5),
        ],
    ];
    for leaves in refused {
        assert!(folded(&leaves).is_err(), "{leaves:?}");
    }
}

db::both!(
    goods_and_fees_are_entries_and_no_kind_of_fact_stops_the_log,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let lot = data_encoding::HEXLOWER.encode(&[3; 16]);
        let moves = |from: Option<&str>, to: Option<&str>, quantity: i64| json!({ "lot": lot, "from": from, "to": to, "quantity": quantity });
        let bodies = [
            (
                "goods.lot_announced",
                json!({ "moves": [moves(None, Some("stocked"), 9)] }),
                1,
            ),
            ("goods.plan_decided", json!({ "state": "approved" }), 0),
            (
                "goods.moved",
                json!({ "moves": [moves(Some("stocked"), Some("reserved"), 4)] }),
                0,
            ),
            (
                "goods.issued",
                json!({ "moves": [moves(Some("reserved"), Some("issued"), 4)] }),
                1,
            ),
            (
                "goods.moved",
                json!({ "moves": [moves(Some("issued"), Some("on_the_moon"), 4)] }),
                0,
            ),
            (
                "named_fund.fee_taken",
                json!({ "month": "2026-10", "base_fen": 0, "fee_fen": 0 }),
                0,
            ),
            (
                "named_fund.fee_taken",
                json!({ "month": "2026-11", "base_fen": 900, "fee_fen": 30 }),
                1,
            ),
            ("weather.changed", json!({ "to": "rain" }), 0),
        ];
        for (kind, body, entries) in bodies {
            let fact = NewFact {
                unit: s.world.city,
                kind,
                subject: [9; 16],
                actor: None,
                body,
            };
            let tx = s.db.begin().await.expect("a transaction");
            conclude(tx, fact, s.world.services()).await.expect("written");
            s.placed().await;
            assert_eq!(s.drain().await.expect("a round"), entries, "{kind}");
        }
        assert_eq!(s.verified().kinds["goods.moved"], 2);
        let totals = totals(&s);
        let lot = totals.goods.values().next().expect("a delivery");
        assert_eq!(
            lot.iter().collect::<Vec<_>>(),
            [(&Stands::Stocked, &5), (&Stands::Issued, &4)]
        );
        assert_eq!(totals.all.fees.get(), 30);
        s.world.stop();
    }
);
