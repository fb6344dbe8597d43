//! What the log tells, and what it never tells.

use giving::donations::refunds::{self, RefundReason};
use giving::donations::sealed::{self, ErasureReason};
use kernel::Fen;
use platform::identity::Actor;

use super::super::leaf::{Field, Leaf, decode};
use super::*;
use crate::tlog::entries;

/// Two days later, past every waiting.
const TWO_DAYS: i64 = 2 * 24 * 60 * 60 * 1_000_000;

async fn published_leaves(s: &Setting) -> Vec<Leaf> {
    let size = s.log.published().await.expect("readable").expect("published").size;
    let bytes = s
        .log
        .files()
        .read(&format!("tile/entries/000.p/{size}"))
        .expect("read")
        .expect("a bundle");
    let all = entries::decode(&bytes, size as u16).expect("entries");
    all.into_iter().map(|entry| decode(entry).expect("an entry")).collect()
}

db::both!(
    few_of_a_day_wait_and_go_in_together,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let (general, restricted) = (s.world.general.clone(), s.world.restricted.clone());
        let mut gifts = Vec::new();
        for n in 0..3 {
            gifts.push(s.gift(&general, 1_000 + n).await);
            gifts.push(s.gift(&restricted, 2_000 + n).await);
        }
        s.placed().await;
        assert_eq!(
            s.drain().await.expect("a round"),
            0,
            "three of a project and day stand out"
        );
        assert_eq!(s.log.status().held, 6);
        assert!(matches!(
            s.log.proof(s.world.services(), gifts[0]).await,
            Err(LogError::NotYet)
        ));
        let whereabouts = async |s: &Setting, gift| s.log.whereabouts(s.world.services(), gift).await.expect("known");
        assert_eq!(whereabouts(&s, gifts[0]).await, Whereabouts::WaitsForOthers);
        let late = s.gift(&general, 1_003).await;
        s.placed().await;
        assert_eq!(whereabouts(&s, late).await, Whereabouts::Soon, "not read yet");
        s.drain().await.expect("a round");
        s.world.at(s.world.clock_plus(TWO_DAYS));
        assert_eq!(s.drain().await.expect("a round"), 1);
        assert_eq!(whereabouts(&s, late).await, Whereabouts::Published);
        let leaves = published_leaves(&s).await;
        let [Leaf::Bundle(bundle)] = &leaves[..] else {
            panic!("one bundle: {leaves:?}")
        };
        assert_eq!((bundle.members.len(), bundle.sum.get()), (7, 10_009));
        for (n, gift) in gifts.iter().enumerate() {
            let proof = s.log.proof(s.world.services(), *gift).await.expect("a proof").to_text();
            let shown = certificate::verify(proof.as_bytes(), &s.policy()).expect("it holds");
            let expected = if n % 2 == 0 { 1_000 } else { 2_000 } + n as i64 / 2;
            assert_eq!((shown.amount_fen.get(), shown.in_bundle), (expected, true));
        }
        assert_eq!(s.verified().kinds["donation.bundle"], 1);
        s.world.stop();
    }
);

db::both!(
    a_proof_fails_when_anything_it_shows_is_changed,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let gifts = s.gifts(9).await;
        s.drain().await.expect("logged");
        let proof = s.log.proof(s.world.services(), gifts[4]).await.expect("a proof");
        let policy = s.policy();
        let holds = |bytes: &[u8]| certificate::verify(bytes, &policy);
        let shown = holds(proof.to_text().as_bytes()).expect("it holds");
        let extra = String::from_utf8(proof.extra.clone().expect("extra")).expect("UTF-8");
        for (old, new) in [
            ("\"104\"", "\"105\""),
            ("测试甲", "测试乙"),
            ("2026-05-08", "2026-05-09"),
            ("\"chan\":\"notice\"", "\"chan\":\"wechat\""),
            (shown.entry.as_str(), &"a".repeat(26)),
            (shown.project.as_str(), &"b".repeat(26)),
        ] {
            assert!(extra.contains(old), "{old}: {extra}");
            let mut other = proof.clone();
            other.extra = Some(extra.replace(old, new).into_bytes());
            assert!(holds(other.to_text().as_bytes()).is_err(), "{old} → {new}");
        }
        let whole = proof.to_text().into_bytes();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x01;
            if let Ok(other) = holds(&bytes) {
                assert_eq!(other, shown, "byte {at} changed what is shown");
            }
        }
        let without = certificate::without(&whole, Field::Donor).expect("a proof");
        let kept = holds(without.as_bytes()).expect("it holds without the name");
        assert_eq!((kept.donor, kept.amount_fen), (None, Fen::new(104)));
        assert!(!without.contains("测试"));
        s.world.stop();
    }
);

db::both!(
    refund_and_erasure_follow_their_gift_and_open_nothing,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let gifts = s.gifts(6).await;
        let general = s.world.general.clone();
        let lone = s.gift(&general, 5_000).await;
        let (services, officer, second) = (
            s.world.services().clone(),
            s.world.officer.clone(),
            s.world.second.clone(),
        );
        for (gift, key) in [(gifts[0], "a"), (lone, "b")] {
            let asked = (gift, Fen::new(50), RefundReason::WrongPayment);
            let refund = refunds::request(&services, &officer, asked, key).await.expect("asked");
            refunds::approve(&services, &second, refund.id).await.expect("approved");
        }
        s.placed().await;
        assert_eq!(
            s.drain().await.expect("a round"),
            7,
            "the lone gift’s refund waits with it"
        );
        assert_eq!(s.log.status().held, 2);
        sealed::erase(&services, &Actor::operator(), gifts[1], ErasureReason::GiverAsked)
            .await
            .expect("erased");
        s.placed().await;
        s.drain().await.expect("a round");
        let leaves = published_leaves(&s).await;
        let place = |of: &dyn Fn(&Leaf) -> bool| leaves.iter().position(of);
        let refund = place(&|l| matches!(l, Leaf::Refunded(_))).expect("a refund");
        let Leaf::Refunded(said) = &leaves[refund] else {
            unreachable!()
        };
        assert!(place(&|l| l.id() == &said.of).expect("its gift") < refund);
        assert_eq!(said.amt, Fen::new(50));
        let Some(Leaf::Erased(erased)) = leaves.last() else {
            panic!("the erasure comes last: {leaves:?}")
        };
        assert!(place(&|l| l.id() == &erased.of).is_some());
        assert!(matches!(s.log.proof(&services, gifts[1]).await, Err(LogError::Erased)));
        assert!(s.log.proof(&services, gifts[2]).await.is_ok(), "others’ proofs stay");
        // Read again after the erasure: what can no longer be made again is passed over.
        let mut tx = s.db.begin().await.expect("a transaction");
        tx.execute("UPDATE log_cursor SET place = 0", vec![])
            .await
            .expect("put back");
        tx.commit().await.expect("committed");
        assert_eq!(s.drain().await.expect("read again"), 0);
        s.verified();
        s.world.stop();
    }
);

db::both!(
    no_published_byte_tells_a_name_a_number_or_an_inner_id,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let gifts = s.gifts(8).await;
        s.drain().await.expect("logged");
        let size = s.log.published().await.expect("readable").expect("published").size;
        let bytes = s
            .log
            .files()
            .read(&format!("tile/entries/000.p/{size}"))
            .expect("read")
            .expect("a bundle");
        let all = entries::decode(&bytes, size as u16).expect("entries");
        assert!(all.iter().all(|entry| entry.is_ascii()), "no Chinese text");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let keys = &*s.world.services().keys;
        for gift in gifts {
            let certificate = kernel::id::public(keys, giving::donations::certificate_id(gift));
            assert!(
                !text.contains(&certificate),
                "an entry does not lead to its certificate’s page"
            );
            assert!(!text.contains(&kernel::id::public(keys, gift)));
            assert!(!text.contains(&kernel::id::hex(&kernel::id::Id::bytes(gift))));
        }
        assert!(!text.contains(":00Z"), "no time of day");
        s.world.stop();
    }
);

db::both!(
    a_small_batch_waits_for_its_time_and_gifts_of_one_telephone_for_others,
    &migrations(),
    async |test: TestDb| {
        const MINUTE: i64 = 60 * 1_000_000;
        let mut s = Setting::new(&test.db).await;
        s.log.be_paced(Pace::new(5, 60).expect("a pace"));
        let project = s.world.restricted.clone();
        for n in 0..6 {
            let mut incoming = s.world.incoming(&project, &format!("S{n}"), 900 + n);
            incoming.payer.phone = Some("13800009999".into());
            assert!(matches!(s.world.submit(incoming).await, Outcome::Recorded(_)));
        }
        s.placed().await;
        assert_eq!(
            s.drain().await.expect("a round"),
            0,
            "six gifts of one payer are no crowd"
        );
        s.gifts(4).await;
        assert_eq!(
            s.drain().await.expect("a round"),
            10,
            "five payers are one, and a batch"
        );
        let late = s.gifts(1).await[0];
        assert_eq!(
            s.drain().await.expect("a round"),
            0,
            "one gift alone would tell its second"
        );
        assert_eq!(s.log.status().held, 1);
        let whereabouts = s.log.whereabouts(s.world.services(), late).await.expect("known");
        assert_eq!(whereabouts, Whereabouts::WaitsForBatch, "it waits for no crowd");
        // Another process reads from the database who waits.
        s.restart(Box::new(GoOn));
        s.log.be_paced(Pace::new(5, 60).expect("a pace"));
        s.gifts(3).await;
        assert_eq!(s.drain().await.expect("a round"), 0, "four");
        s.world.at(s.world.clock_plus(MINUTE));
        assert_eq!(s.drain().await.expect("a round"), 4, "their time has come");
        assert_eq!(s.verified().kinds["donation.received"], 14);
        s.world.stop();
    }
);
