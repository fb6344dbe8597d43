//! From the visit to the figure that equals the books.

use db::testing::TestDb;
use kernel::id::Id as _;
use kernel::{Channel, Fen};
use ledger::Restriction;
use ledger::actions::{Slip, reverse_journal};
use platform::identity::Role;

use crate::agreements::{AgreementState, TargetKind, actions as agreements};
use crate::children::{ListState, NewList, Outcome, actions as children, queries as child_queries};
use crate::error::PartnerError;
use crate::payments::{NewPayment, PaymentState, actions as payments};
use crate::ports::Sent;
use crate::purchases::actions::{self as purchases, Collected, Invoice};
use crate::purchases::{NewPurchase, Purchase, PurchaseState, paper};
use crate::regions::{NeedKind, NewNeed, NewVisit, VisitWay, Wanted, actions as regions, queries as region_queries};
use crate::testing::{House, fund, house};
use crate::{AgreementId, PurchaseId};

pub(super) fn purchase_of(agreement: AgreementId, key: &str, quantity: i64) -> NewPurchase {
    NewPurchase {
        agreement,
        need: None,
        list: None,
        key: key.to_owned(),
        kind: TargetKind::Goods,
        item: "棉被".into(),
        spec: "150×200".into(),
        unit_word: "床".into(),
        quantity,
    }
}

/// Three quotes of independent suppliers: 120, 110 and 130 yuan.
pub(super) async fn quoted(house: &House, id: PurchaseId) {
    for (n, price) in [(1u8, 12_000), (2, 11_000), (3, 13_000)] {
        let new = Collected {
            supplier: house.supplier(n, &format!("业主{n}")).await,
            price: Fen::new(price),
            file: house.file(&format!("报价 {n}")).await,
        };
        purchases::collect(&house.services, &house.officer, (id, new))
            .await
            .expect("a quote");
    }
}

/// Chosen, ordered, counted by two, invoiced.
pub(super) async fn invoiced(house: &House, id: PurchaseId, came: i64) -> Purchase {
    let s = &house.services;
    purchases::choose(s, &house.leader, (id, 2, "")).await.expect("chosen");
    let due = house.today().plus_days(7);
    purchases::order(s, &house.officer, id, due).await.expect("ordered");
    for who in [&house.officer, &house.second] {
        purchases::receive(s, who, (id, came, "两床破损退回"))
            .await
            .expect("counted");
    }
    let invoice = Invoice {
        number: "0000123".into(),
        file: house.file("发票").await,
        amount: Fen::new(11_000 * came),
        fund: fund(),
        restriction: Restriction::Restricted,
    };
    purchases::invoice(s, &house.officer, (id, &invoice))
        .await
        .expect("invoiced")
}

db::both!(
    from_visit_and_needs_to_targets_a_purchase_with_three_quotes_and_a_figure_that_is_the_books,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let visit = NewVisit {
            region: house.region.id,
            key: "v1".into(),
            way: VisitWay::There,
            day: house.today(),
            people: 6,
            minutes: "看了三所村小，宿舍无采暖。".into(),
            files: vec![house.file("纪要").await],
            needs: vec![
                NewNeed {
                    words: "过冬棉被".into(),
                    wanted: Wanted::Goods {
                        unit_word: "床".into(),
                        quantity: 10,
                    },
                },
                NewNeed {
                    words: "卫生室改造".into(),
                    wanted: Wanted::Money(Fen::new(30_000)),
                },
            ],
        };
        let first = regions::record_visit(s, &house.officer, &visit).await.expect("a visit");
        assert_eq!(
            regions::record_visit(s, &house.officer, &visit).await.expect("known"),
            first
        );
        let mut at = s.db.snapshot().await.expect("a view");
        let needs = region_queries::needs(&mut at, house.region.id).await.expect("needs");
        assert_eq!(needs.len(), 2);
        drop(at);

        let drafted = house.drafted("a1").await;
        let file = house.file("协议").await;
        let own = agreements::sign(s, &house.officer, (drafted.id, house.today(), file)).await;
        assert!(
            matches!(own, Err(PartnerError::Forbidden(_))),
            "who draws up does not sign"
        );
        let both = platform::testing::actor(s, &[(Role::FundraisingOfficer, house.unit), (Role::Leader, house.unit)]);
        let terms = house.terms();
        agreements::amend(s, &both, drafted.id, (terms, "", None))
            .await
            .expect("a draft is mended");
        let same = agreements::sign(s, &both, (drafted.id, house.today(), file)).await;
        assert!(matches!(same, Err(PartnerError::SamePerson(_))));
        agreements::sign(s, &house.leader, (drafted.id, house.today(), file))
            .await
            .expect("signed");
        let early = purchases::ask(s, &house.officer, &purchase_of(drafted.id, "p0", 10)).await;
        assert!(matches!(early, Err(PartnerError::State { state: "signed", .. })));
        let agreement = agreements::start(s, &house.officer, drafted.id).await.expect("running");
        assert_eq!((agreement.state, agreement.version), (AgreementState::Running, 2));

        house.money(500_000).await;
        let mut wanted = purchase_of(agreement.id, "p1", 10);
        wanted.need = needs
            .iter()
            .find(|need| need.wanted.kind() == NeedKind::Goods)
            .map(|need| need.id);
        let purchase = purchases::ask(s, &house.officer, &wanted).await.expect("a purchase");
        let none = purchases::choose(s, &house.leader, (purchase.id, 1, "")).await;
        assert!(matches!(none, Err(PartnerError::Quotes { found: 0, wanted: 3 })));
        quoted(&house, purchase.id).await;
        let dearer = purchases::choose(s, &house.leader, (purchase.id, 1, "")).await;
        assert!(matches!(dearer, Err(PartnerError::Invalid { field: "reason", .. })));
        let invoiced = invoiced(&house, purchase.id, 8).await;
        assert_eq!(invoiced.state, PurchaseState::Invoiced);
        assert_eq!(
            house.progress(&agreement).await[1].2,
            0,
            "what is not booked is not done"
        );
        let id = invoiced.payment.expect("a payment");
        let paid = payments::pay(s, &house.finance, id, Channel::Bank).await.expect("paid");
        assert_eq!((paid.state, paid.amount), (PaymentState::Paid, Fen::new(88_000)));
        assert_eq!(
            payments::pay(s, &house.finance, id, Channel::Bank)
                .await
                .expect("known"),
            paid
        );
        let (number, pdf) = paper::order(s, &house.leader, purchase.id).await.expect("an order");
        assert!(number.starts_with("CG-2026-") && pdf.starts_with(b"%PDF-"), "{number}");

        let money = NewPayment {
            agreement: agreement.id,
            key: "m1".into(),
            kind: TargetKind::Money,
            fund: fund(),
            restriction: Restriction::Restricted,
            amount: Fen::new(30_000),
            purpose: "卫生室改造".into(),
            purchase: None,
        };
        let proposed = payments::propose(s, &house.officer, &money).await.expect("proposed");
        payments::pay(s, &house.finance, proposed.id, Channel::Bank)
            .await
            .expect("paid");
        let sent = Sent {
            dispatch: [9; 16],
            unit: house.unit,
            number: "2026-0001".into(),
            region: "522301".into(),
            left_on: Some(house.today()),
            value: Fen::new(41_000),
            unvalued: 0,
        };
        let elsewhere = Sent {
            dispatch: [8; 16],
            number: "2026-0002".into(),
            region: "420100".into(),
            ..sent.clone()
        };
        {
            let mut goods = house.goods.0.lock().expect("goods");
            goods.insert(sent.dispatch, sent.clone());
            goods.insert(elsewhere.dispatch, elsewhere);
        }
        let wrong = agreements::link_goods(&house.ports, &house.officer, (agreement.id, "2026-0002")).await;
        assert!(matches!(wrong, Err(PartnerError::Elsewhere { .. })));
        for _ in 0..2 {
            agreements::link_goods(&house.ports, &house.officer, (agreement.id, "2026-0001"))
                .await
                .expect("linked, and known");
        }
        let done = house.progress(&agreement).await;
        assert_eq!(
            done,
            [
                (TargetKind::Money, Some(100_000), 30_000),
                (TargetKind::Goods, Some(200_000), 88_000 + 41_000),
                (TargetKind::StudentAid, Some(50_000), 0),
            ]
        );
        assert_eq!(house.spent().await, 118_000, "money and purchase, as the books have it");

        let slip = Slip {
            key: "undo".into(),
            unit: house.unit,
            business_day: house.today(),
            memo_code: None,
        };
        let journal = paid.journal.expect("a journal");
        reverse_journal(s, &house.finance, slip, journal)
            .await
            .expect("reversed");
        let done = house.progress(&agreement).await;
        assert_eq!((done[0].2, done[1].2), (30_000, 41_000), "a reversal shows at once");
        assert_eq!(house.spent().await, 30_000);

        agreements::unlink_goods(&house.ports, &house.officer, (agreement.id, "2026-0001", "记错"))
            .await
            .expect("unlinked");
        assert_eq!(house.progress(&agreement).await[1].2, 0);
        agreements::end(s, &house.leader, (agreement.id, house.today(), "期满"))
            .await
            .expect("ended");
    }
);

db::both!(
    who_is_bound_to_a_supplier_does_nothing_and_two_of_one_owner_are_no_two_quotes,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let agreement = house.running("a1").await;
        let new = purchase_of(agreement.id, "p1", 100);
        let purchase = purchases::ask(s, &house.officer, &new).await.expect("a purchase");
        let (first, second) = (house.supplier(1, "张示例").await, house.supplier(2, "张示例").await);
        let quote = |supplier, file| Collected {
            supplier,
            price: Fen::new(12_000),
            file,
        };
        let file = house.file("报价").await;
        purchases::collect(s, &house.officer, (purchase.id, quote(first, file)))
            .await
            .expect("a quote");
        let same_owner = purchases::collect(s, &house.officer, (purchase.id, quote(second, file))).await;
        assert!(matches!(same_owner, Err(PartnerError::Conflict(_))));
        purchases::declare_tie(s, &house.leader, (first, house.leader.id, "表兄的店"))
            .await
            .expect("declared");
        purchases::ask_fewer(s, &house.officer, purchase.id, "县内仅此一家")
            .await
            .expect("asked");
        let bound = purchases::approve_fewer(s, &house.leader, purchase.id).await;
        assert!(matches!(bound, Err(PartnerError::Conflict(_))));
        let other = platform::testing::actor(s, &[(Role::Leader, house.unit)]);
        purchases::approve_fewer(s, &other, purchase.id)
            .await
            .expect("approved");
        let chosen = purchases::choose(s, &other, (purchase.id, 1, ""))
            .await
            .expect("chosen");
        assert_eq!(chosen.state, PurchaseState::Chosen);
        let off = purchases::call_off(s, &house.officer, purchase.id, "改为调拨")
            .await
            .expect("off");
        assert_eq!(off.state, PurchaseState::CalledOff);
    }
);

const SHEET: &str = "尺码表\n姓名,年级,身高,鞋号,监护人,同意日期\n王小明,三1,128,210,王大山,2026-03-01\n李小红,三1,131,33,李青,2026/3/1\n赵小雨,三2,128,210,赵石,2026.3.1\n";

db::both!(
    children_are_fitted_by_their_sizes_signed_for_and_explained_and_no_name_is_shown,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let agreement = house.running("a1").await;
        let new = NewList {
            agreement: agreement.id,
            key: "l1".into(),
            title: "2026 冬季保暖套装".into(),
            school: "示范县第一小学".into(),
        };
        let list = children::open(s, &house.officer, &new).await.expect("a list");
        let wrong = format!("{SHEET}钱小川,三2,两米,210,钱江,2026-03-01\n");
        let refused = children::take_in(&house.ports, &house.officer, list.id, wrong.into_bytes())
            .await
            .expect("read");
        assert_eq!((refused.added, refused.refused.len()), (0, 1));
        assert_eq!((refused.refused[0].row, refused.refused[0].field), (6, "height"));
        let taken = children::take_in(&house.ports, &house.officer, list.id, SHEET.into())
            .await
            .expect("taken in");
        assert_eq!((taken.added, taken.known), (3, 0));
        let again = children::take_in(&house.ports, &house.officer, list.id, SHEET.into())
            .await
            .expect("known");
        assert_eq!((again.added, again.known), (0, 3));
        let mut at = s.db.snapshot().await.expect("a view");
        let sizes = child_queries::by_size(&mut at, list.id).await.expect("sizes");
        let said: Vec<_> = sizes.iter().map(|one| (one.garment, one.shoe, one.children)).collect();
        assert_eq!(said, [(130, 210, 2), (135, 215, 1)]);
        let shown = child_queries::children(&mut at, list.id).await.expect("children");
        assert!(shown.iter().all(|child| child.name_shown.contains('*')), "masked");
        drop(at);

        let mut fitted = purchase_of(agreement.id, "p1", 0);
        (fitted.list, fitted.kind) = (Some(list.id), TargetKind::StudentAid);
        let purchase = purchases::ask(s, &house.officer, &fitted).await.expect("a purchase");
        assert_eq!(purchase.quantity, 3);
        let late = children::take_in(&house.ports, &house.officer, list.id, SHEET.into()).await;
        assert!(matches!(late, Err(PartnerError::State { state: "ordered", .. })));
        let signature = house.file("签名").await;
        let handed = |signature, code: Option<&str>, outcome, words: &str| children::Said {
            outcome,
            words: words.into(),
            signature,
            code: code.map(str::to_owned),
        };
        let early = handed(Some(signature), None, Outcome::Handed, "");
        let early = children::hand(s, &house.officer, shown[0].id, &early).await;
        assert!(matches!(early, Err(PartnerError::State { .. })), "nothing came yet");
        quoted(&house, purchase.id).await;
        invoiced(&house, purchase.id, 3).await;
        let signed = handed(Some(signature), None, Outcome::Handed, "");
        children::hand(s, &house.officer, shown[0].id, &signed)
            .await
            .expect("signed for");
        let guessed = handed(None, Some("x"), Outcome::Handed, "");
        let guessed = children::hand(s, &house.officer, shown[1].id, &guessed).await;
        assert!(matches!(guessed, Err(PartnerError::Invalid { field: "code", .. })));
        let open = children::close(s, &house.officer, list.id).await;
        assert!(matches!(open, Err(PartnerError::Unexplained(2))));
        let slips = children::slips(s, &house.officer, list.id).await.expect("slips");
        assert_eq!(slips[1].name, "李小红");
        let fetched = handed(None, Some(&slips[1].code), Outcome::Handed, "");
        children::hand(s, &house.officer, shown[1].id, &fetched)
            .await
            .expect("fetched");
        let silent = handed(None, None, Outcome::Absent, "");
        assert!(children::hand(s, &house.officer, shown[2].id, &silent).await.is_err());
        children::withdraw(s, &house.officer, shown[2].id)
            .await
            .expect("withdrawn");
        let slips = children::slips(s, &house.officer, list.id).await.expect("slips");
        assert_eq!(slips.len(), 2, "a name that was withdrawn is gone");
        let closed = children::close(s, &house.officer, list.id).await.expect("closed");
        assert_eq!(closed.state, ListState::Closed);
        let (_, pdf) = crate::children::paper::hand_over(s, &house.leader, list.id)
            .await
            .expect("a list");
        assert!(pdf.starts_with(b"%PDF-"));
        assert_ne!(purchase.id.bytes(), [0; 16]);
    }
);
