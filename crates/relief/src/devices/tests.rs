//! Phones that scan off line, on both databases.
#![allow(clippy::disallowed_methods, reason = "a phone's key is made by chance of its own")]

use std::collections::BTreeMap;
use std::sync::Arc;

use db::testing::TestDb;
use kernel::Instant;
use kernel::id::{hex, public};
use platform::Services;
use platform::identity::{Actor, Role};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::actions::{self, Batch, NewDevice, hand_in, redo, settle};
use super::model::{Answer, Came, HandedIn, Outcome, Record, Signed};
use super::queries::{self, PhotosOf, Shown};
use super::rules;
use crate::boxes::actions::{NewSheet, fill, print, send_by};
use crate::boxes::{BoxKind, Code};
use crate::error::ReliefError;
use crate::stock::{LotState, Step, queries as stock};
use crate::testing::{House, house};
use crate::{DeviceId, LotId};

mod unannounced;

/// A phone with its key, its clock, its number.
struct Phone {
    actor: Actor,
    id: DeviceId,
    name: String,
    key: EcdsaKeyPair,
    /// How far its clock is behind, in milliseconds.
    behind_ms: i64,
    seq: i64,
}

fn key() -> EcdsaKeyPair {
    let rng = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).expect("a key");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).expect("a key")
}

fn signature(key: &EcdsaKeyPair, text: &str) -> Vec<u8> {
    let signed = key.sign(&SystemRandom::new(), text.as_bytes()).expect("signed");
    signed.as_ref().to_vec()
}

async fn enrolled(house: &House, name: &str, behind_ms: i64) -> Phone {
    let actor = platform::testing::actor(&house.services, &[(Role::GoodsVolunteer, house.unit)]);
    let key = key();
    let point = key.public_key().as_ref().to_vec();
    let text = rules::enrolment_text(
        &public(&*house.services.keys, house.unit),
        &data_encoding::BASE64URL_NOPAD.encode(&point),
    );
    let new = NewDevice {
        unit: house.unit,
        name,
        public_key: &point,
        signature: &signature(&key, &text),
    };
    let device = actions::enrol(&house.services, &actor, new.clone())
        .await
        .expect("enrolled");
    let again = actions::enrol(&house.services, &actor, new).await.expect("known");
    assert_eq!(again, device, "the same key is the same phone");
    Phone {
        actor,
        id: device.id,
        name: name.to_owned(),
        key,
        behind_ms,
        seq: 0,
    }
}

impl Phone {
    fn clock_ms(&self, services: &Services) -> i64 {
        services.now().micros() / 1_000 - self.behind_ms
    }

    /// Signs a record with the next number; the phone's clock goes on by a second each time.
    fn signed(&mut self, services: &Services, record: Record) -> Signed {
        self.seq += 1;
        let record = Record {
            device: public(&*services.keys, self.id),
            device_at_ms: self.clock_ms(services) + self.seq * 1_000,
            key: format!("k{}", self.seq),
            seq: self.seq,
            ..record
        };
        Signed {
            signature: signature(&self.key, &rules::signed_text(&record)),
            record,
        }
    }

    fn batch(&self, house: &House, records: Vec<Signed>) -> Batch {
        Batch {
            unit: house.unit,
            device: self.id,
            sent_at_ms: self.clock_ms(&house.services),
            records,
        }
    }

    async fn hand_in(&self, house: &House, records: Vec<Signed>) -> HandedIn {
        let batch = self.batch(house, records);
        hand_in(&house.services, &self.actor, &batch).await.expect("taken in")
    }

    async fn one(&mut self, house: &House, record: Record) -> Answer {
        let signed = self.signed(&house.services, record);
        self.hand_in(house, vec![signed]).await.answers.remove(0)
    }
}

/// A record of a kind at the house's place.
fn of(house: &House, kind: &str) -> Record {
    Record {
        kind: kind.into(),
        place: public(&*house.services.keys, house.place),
        ..Record::default()
    }
}

fn scan(house: &House, kind: &str, code: &Code) -> Record {
    Record {
        code: public(&*house.services.keys, code.id),
        ..of(house, kind)
    }
}

async fn boxes(house: &House, lot: LotId, (count, each): (i64, i64)) -> Vec<Code> {
    let new = NewSheet {
        unit: house.unit,
        key: "sheet",
        kind: BoxKind::Box,
        labels: count,
    };
    let (_, codes) = print(&house.services, &house.keeper, new).await.expect("a sheet");
    let mut filled = Vec::new();
    for code in codes {
        let full = fill(&house.services, &house.keeper, code.id, (lot, each)).await;
        filled.push(full.expect("filled"));
    }
    filled
}

async fn states(house: &House) -> BTreeMap<LotState, i64> {
    let mut at = house.services.db.snapshot().await.expect("a view");
    let found = stock::recount(&mut at).await.expect("a recount");
    assert!(found.agrees(), "{found:?}");
    let mut sums = BTreeMap::new();
    for row in stock::on_hand(&mut at, house.unit).await.expect("rows") {
        *sums.entry(row.state).or_default() += row.quantity;
    }
    sums
}

async fn with_outcome(house: &House, outcome: Outcome) -> i64 {
    let mut at = house.services.db.snapshot().await.expect("a view");
    queries::by_outcome(&mut at, house.unit, outcome)
        .await
        .expect("a count")
}

/// Phones, boxes, pieces in a box.
const PHONES: usize = 10;
const BOXES: i64 = 60;
const EACH: i64 = 10;

db::both!(
    ten_phones_with_clocks_off_scan_boxes_twice_and_out_of_order_and_every_box_moves_once,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = Arc::new(house(test.db.clone()).await);
        let lot = house.announced("flood", BOXES * EACH).await;
        let codes = boxes(&house, lot, (BOXES, EACH)).await;
        let chance = |n: usize| house.services.rng.below(n as u64) as usize;
        let mut phones = Vec::new();
        for n in 0..PHONES {
            let behind_ms = (n as i64 - 5) * 7 * 60_000;
            phones.push((enrolled(&house, &format!("手机{n}"), behind_ms).await, Vec::new()));
        }
        // Every box is scanned by one phone at least; many by two, some by the same phone again.
        for (at, code) in codes.iter().enumerate() {
            for phone in [at % PHONES, chance(PHONES), chance(PHONES)] {
                let (phone, queue) = &mut phones[phone];
                let signed = phone.signed(&house.services, scan(&house, "arrived", code));
                queue.push(signed);
            }
        }
        let mut hands = Vec::new();
        for (phone, mut queue) in phones {
            for at in (1..queue.len()).rev() {
                queue.swap(at, chance(at + 1));
            }
            let house = Arc::clone(&house);
            hands.push(tokio::spawn(async move {
                let mut last = Vec::new();
                for part in queue.chunks(7) {
                    // Each batch twice, as a phone does that heard no answer.
                    let first = phone.hand_in(&house, part.to_vec()).await;
                    let again = phone.hand_in(&house, part.to_vec()).await;
                    let outcomes = |told: &HandedIn| told.answers.iter().map(|one| one.outcome).collect::<Vec<_>>();
                    assert_eq!(outcomes(&first), outcomes(&again), "a repeat is answered as it was");
                    assert_eq!(first.offset_ms, phone.behind_ms);
                    last = again.gaps;
                }
                assert_eq!(last, [], "in the end nothing is missing");
                queue.len() as i64
            }));
        }
        let mut sent = 0;
        for hand in hands {
            sent += hand.await.expect("a phone ends");
        }
        assert_eq!(sent, BOXES * 3);
        assert_eq!(
            states(&house).await,
            BTreeMap::from([(LotState::Arrived, BOXES * EACH)]),
            "each box once, none lost"
        );
        assert_eq!(with_outcome(&house, Outcome::Taken).await, BOXES);
        assert_eq!(with_outcome(&house, Outcome::Known).await, BOXES * 2);
        assert_eq!(with_outcome(&house, Outcome::Pending).await, 0);
        let mut at = house.services.db.snapshot().await.expect("a view");
        let moves = stock::moves(&mut at, lot).await.expect("moves");
        assert!(
            moves[1..].iter().all(|one| one.device_at.is_some()),
            "both clocks are kept"
        );
        let devices = queries::devices(&mut at, house.unit).await.expect("phones");
        assert!(devices.iter().all(|one| one.device.seq_whole == one.device.seq_last));
    }
);

db::both!(
    a_box_that_another_phone_scanned_is_known_already_and_by_whom,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let lot = house.announced("gift", 20).await;
        let codes = boxes(&house, lot, (2, 10)).await;
        let mut first = enrolled(&house, "一号机", 0).await;
        let mut second = enrolled(&house, "二号机", 180_000).await;
        let taken = first.one(&house, scan(&house, "arrived", &codes[0])).await;
        assert_eq!((taken.outcome, taken.first.is_none()), (Outcome::Taken, true));
        let known = second.one(&house, scan(&house, "arrived", &codes[0])).await;
        let by = known.first.expect("who was first");
        assert_eq!(
            (known.outcome, by.device.as_deref(), by.at.is_some()),
            (Outcome::Known, Some(first.name.as_str()), true)
        );
        // By the number on its label too, and with another number of pieces an officer looks.
        let label = Record {
            code: codes[1].label(),
            quantity: Some(9),
            ..of(&house, "arrived")
        };
        let differs = second.one(&house, label.clone()).await;
        let why = differs.refusal.expect("why");
        assert_eq!(why.slug, "goods-box-differs");
        assert_eq!(
            why.args,
            [("said".into(), "9".into()), ("there".into(), "10".to_owned())]
        );
        let right = Record {
            quantity: None,
            ..label
        };
        assert_eq!(second.one(&house, right).await.outcome, Outcome::Taken);
        assert_eq!(states(&house).await, BTreeMap::from([(LotState::Arrived, 20)]));
    }
);

db::both!(
    what_is_refused_waits_for_an_officer_who_carries_it_out_after_all_or_settles_it,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let (s, keeper) = (&house.services, &house.keeper);
        let lot = house.announced("gift", 10).await;
        house.step(lot, Step::Arrive(house.place), 10).await;
        let mut phone = enrolled(&house, "一号机", 0).await;
        let public_lot = public(&*s.keys, lot);
        let stocked = Record {
            lot: public_lot.clone(),
            quantity: Some(10),
            unit_word: "只".into(),
            ..of(&house, "stocked")
        };
        let early = phone.one(&house, stocked.clone()).await;
        assert_eq!(
            early.refusal.as_ref().map(|why| why.slug.as_str()),
            Some("goods-not-enough")
        );
        let boxes = Record {
            unit_word: "箱".into(),
            ..stocked
        };
        let units = phone.one(&house, boxes).await;
        assert_eq!(units.refusal.map(|why| why.slug), Some("goods-units-differ".to_owned()));
        let by_volunteer = redo(s, &phone.actor, early.id, "").await;
        assert!(
            matches!(by_volunteer, Err(ReliefError::NotFound(_))),
            "a phone's holder settles nothing"
        );
        assert_eq!(redo(s, keeper, early.id, "").await.expect("tried"), Outcome::Refused);
        house.step(lot, Step::Inspect(house.place), 10).await;
        assert_eq!(redo(s, keeper, early.id, "").await.expect("done"), Outcome::Taken);
        assert!(matches!(
            redo(s, keeper, early.id, "").await,
            Err(ReliefError::State { .. })
        ));
        assert!(settle(s, keeper, units.id, " ").await.is_err(), "in words");
        settle(s, keeper, units.id, "单位记错，已当面核对")
            .await
            .expect("settled");
        let mut at = s.db.snapshot().await.expect("a view");
        let waiting = queries::records(&mut at, house.unit, Shown::Waiting)
            .await
            .expect("rows");
        assert!(waiting.is_empty());
        let settled = queries::records(&mut at, house.unit, Shown::Settled)
            .await
            .expect("rows");
        assert_eq!(settled.len(), 1);
        assert_eq!(states(&house).await, BTreeMap::from([(LotState::Stocked, 10)]));
        // A loss is only written down; who approves decides it.
        let lost = Record {
            lot: public_lot,
            quantity: Some(3),
            note: "受潮".into(),
            ..of(&house, "lost")
        };
        let lost = phone.one(&house, lost).await;
        assert_eq!(lost.refusal.map(|why| why.slug), Some("goods-loss-waits".to_owned()));
        assert!(
            redo(s, keeper, lost.id, "三只受潮").await.is_err(),
            "who keeps the store does not decide"
        );
        let decided = redo(s, &house.leaders[0], lost.id, "三只受潮，已拍照").await;
        assert_eq!(decided.expect("decided"), Outcome::Taken);
        assert_eq!(
            states(&house).await,
            BTreeMap::from([(LotState::Stocked, 7), (LotState::Lost, 3)])
        );
    }
);

db::both!(
    what_is_not_signed_by_the_phone_is_kept_and_moves_nothing,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.announced("gift", 20).await;
        let codes = boxes(&house, lot, (2, 10)).await;
        let mut phone = enrolled(&house, "一号机", 0).await;
        let mut forged = phone.signed(s, scan(&house, "arrived", &codes[0]));
        forged.record.quantity = Some(10);
        let answer = phone.hand_in(&house, vec![forged]).await;
        let slug = |answer: &Answer| answer.refusal.as_ref().map(|why| why.slug.clone()).unwrap_or_default();
        assert_eq!(slug(&answer.answers[0]), "goods-record-signature");
        // A number that never came is told; one that comes twice with other words is refused.
        phone.seq = 4;
        let late = phone.signed(s, scan(&house, "arrived", &codes[0]));
        let told = phone.hand_in(&house, vec![late]).await;
        assert_eq!(told.gaps, [(1, 4)], "what was not signed has no number");
        phone.seq = 4;
        let other = phone.one(&house, scan(&house, "arrived", &codes[1])).await;
        assert_eq!(slug(&other), "goods-record-number-taken");
        let stranger = enrolled(&house, "二号机", 0).await;
        let batch = phone.batch(&house, Vec::new());
        let refused = hand_in(s, &stranger.actor, &batch).await;
        assert!(matches!(refused, Err(ReliefError::PhoneOfAnother)));
        actions::revoke(s, &house.keeper, phone.id).await.expect("revoked");
        phone.seq = 9;
        let after = phone.one(&house, scan(&house, "arrived", &codes[1])).await;
        assert_eq!(slug(&after), "goods-phone-revoked");
        assert_eq!(with_outcome(&house, Outcome::Refused).await, 3, "all are kept");
        assert_eq!(
            states(&house).await,
            BTreeMap::from([(LotState::Announced, 10), (LotState::Arrived, 10)])
        );
    }
);

db::both!(
    an_order_goes_from_the_shelf_to_a_signature_by_phone_and_a_count_is_counted_once,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("gift", 100).await;
        let party = house.party("示范市第一人民医院").await;
        let order = house.ordered(party, 40).await;
        let mut phone = enrolled(&house, "一号机", -300_000).await;
        let mut other = enrolled(&house, "二号机", 300_000).await;
        let code = public(&*s.keys, order);
        let step = |kind: &str| Record {
            code: code.clone(),
            ..of(&house, kind)
        };
        assert_eq!(phone.one(&house, step("picked")).await.outcome, Outcome::Taken);
        assert_eq!(other.one(&house, step("picked")).await.outcome, Outcome::Known);
        let early = other.one(&house, step("received")).await;
        assert_eq!(early.refusal.map(|why| why.slug), Some("goods-state".to_owned()));
        assert_eq!(phone.one(&house, step("in_transit")).await.outcome, Outcome::Taken);
        let short = Record {
            came: vec![Came { n: 1, quantity: 38 }],
            note: "两只破损".into(),
            ..step("received")
        };
        assert_eq!(phone.one(&house, short).await.outcome, Outcome::Taken);
        let out = Record {
            lot: public(&*s.keys, lot),
            quantity: Some(5),
            signer: "王示例".into(),
            drawn: "40,60 90,120 200,80;220,90 222,91".into(),
            ..step("distributed")
        };
        let out = phone.signed(s, out);
        for _ in 0..2 {
            let told = phone.hand_in(&house, vec![out.clone()]).await;
            assert_eq!(told.answers[0].outcome, Outcome::Taken);
        }
        let counted = Record {
            lot: public(&*s.keys, lot),
            quantity: Some(60),
            ..of(&house, "counted")
        };
        let counted = phone.signed(s, counted);
        for _ in 0..2 {
            phone.hand_in(&house, vec![counted.clone()]).await;
        }
        assert_eq!(
            states(&house).await,
            BTreeMap::from([
                (LotState::Stocked, 60),
                (LotState::Received, 33),
                (LotState::Distributed, 5),
                (LotState::Lost, 2)
            ])
        );
        let mut at = s.db.snapshot().await.expect("a view");
        let signed = crate::dispatch::queries::signatures(&mut at, order)
            .await
            .expect("rows");
        assert!(
            signed.len() == 1 && signed[0].drawn_sealed.is_some(),
            "drawn off line, kept once"
        );
        let along = queries::along(&mut at, house.unit, s.now()).await.expect("taken along");
        assert_eq!((along.lots.len(), along.lines.len(), along.places.len()), (1, 1, 1));
    }
);

#[tokio::test]
async fn a_photograph_is_announced_by_a_record_kept_sealed_and_shown_to_officers_only() {
    const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xda, 0, 2, 7, 0xff, 0xd9];
    let test = TestDb::sqlite(&crate::all_migrations()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut house = house(test.db.clone()).await;
    house.services.data = Arc::new(folder.path().to_path_buf());
    let s = house.services.clone();
    let lot = house.announced("gift", 10).await;
    let mut phone = enrolled(&house, "一号机", 0).await;
    let sha256 = rules::sha256(JPEG);
    let nobody = actions::keep_photo(&s, &phone.actor, (phone.id, sha256), JPEG).await;
    assert!(
        matches!(nobody, Err(ReliefError::NotFound(_))),
        "its record comes first"
    );
    let record = Record {
        lot: public(&*s.keys, lot),
        sha256: hex(&sha256),
        note: "外箱破损".into(),
        ..of(&house, "photo")
    };
    let answer = phone.one(&house, record).await;
    assert!(answer.wants_photo && answer.outcome == Outcome::Taken);
    let other = actions::keep_photo(&s, &phone.actor, (phone.id, sha256), &JPEG[..14]).await;
    assert!(matches!(other, Err(ReliefError::PhotoUnfit(_))));
    for _ in 0..2 {
        let kept = actions::keep_photo(&s, &phone.actor, (phone.id, sha256), JPEG).await;
        kept.expect("kept once");
    }
    let mut at = s.db.snapshot().await.expect("a view");
    let photos = queries::photos(&mut at, house.unit, PhotosOf::Lot(lot))
        .await
        .expect("rows");
    drop(at);
    assert_eq!((photos.len(), photos[0].length), (1, Some(JPEG.len() as i64)));
    let shown = actions::photo(&s, &house.keeper, photos[0].id).await.expect("shown");
    assert_eq!(shown, JPEG);
    for (role, sees) in [(Role::Auditor, true), (Role::AuditAdministrator, false)] {
        let supervisor = platform::testing::actor(&s, &[(role, house.unit)]);
        let seen = actions::photo(&s, &supervisor, photos[0].id).await;
        assert_eq!(seen.is_ok(), sees, "who supervises and reads goods");
    }
    let volunteer = actions::photo(&s, &phone.actor, photos[0].id).await;
    assert!(matches!(volunteer, Err(ReliefError::NotFound(_))));
    assert!(photos[0].taken_at > Instant::from_micros(0));
}

db::both!(
    a_photograph_of_a_box_stands_beside_the_lot_and_the_order_that_come_to_be_its_own,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = house(test.db.clone()).await;
        let s = &house.services;
        let lot = house.stocked("gift", 100).await;
        let other = house.stocked("another", 5).await;
        let new = NewSheet {
            unit: house.unit,
            key: "sheet",
            kind: BoxKind::Box,
            labels: 1,
        };
        let (_, codes) = print(s, &house.keeper, new).await.expect("a sheet");
        let mut phone = enrolled(&house, "一号机", 0).await;
        let record = Record {
            sha256: hex(&rules::sha256(b"a picture")),
            ..scan(&house, "photo", &codes[0])
        };
        assert_eq!(phone.one(&house, record).await.outcome, Outcome::Taken);
        let shown = async |of: PhotosOf| {
            let mut at = s.db.snapshot().await.expect("a view");
            queries::photos(&mut at, house.unit, of).await.expect("rows").len()
        };
        assert_eq!(
            (shown(PhotosOf::All).await, shown(PhotosOf::Lot(lot)).await),
            (1, 0),
            "an empty box is of no lot yet"
        );
        fill(s, &house.keeper, codes[0].id, (lot, 10)).await.expect("filled");
        let party = house.party("示范市第一人民医院").await;
        let order = house.ordered(party, 40).await;
        assert_eq!(
            (shown(PhotosOf::Lot(lot)).await, shown(PhotosOf::Dispatch(order)).await),
            (1, 0)
        );
        let sent = send_by(s, &house.keeper, codes[0].id, order).await;
        sent.expect("on the order");
        assert_eq!(
            (
                shown(PhotosOf::Dispatch(order)).await,
                shown(PhotosOf::Lot(other)).await
            ),
            (1, 0)
        );
    }
);
