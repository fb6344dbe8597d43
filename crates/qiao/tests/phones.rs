//! Phones that scan boxes off line for an hour and hand in afterwards, by the protocol, against the real server: clocks off
//! by minutes, boxes scanned twice, batches out of order and sent again, all at the same time.
//!
//! Done-when 4 of relief goods. Ten phones in `make test`, two hundred with `SHANQIAO_SOAK=1` (`make soak`); the phone in a
//! real browser is `e2e/tests/goods_phone.test.mjs`.
#![allow(
    clippy::disallowed_methods,
    reason = "tests choose their own chance and read SHANQIAO_… themselves"
)]

mod common;

use common::phone::PhoneKey;
use common::{Client, House, On, Server};
use serde_json::{Value, json};

/// Phones of `make test` and of `make soak`.
const PHONES: (u64, u64) = (10, 200);
/// Boxes that each phone scans first; half as many again it scans although another has.
const BOXES_EACH: u64 = 20;
/// Pieces in a box.
const PIECES: u64 = 8;
/// Labels of one sheet.
const LABELS_MAX: u64 = 240;
/// Records of one batch.
const BATCH: usize = 15;
/// The hour in which they scan.
const HOUR_MS: i64 = 3_600_000;
/// Phones that hand in at the same time.
const LINES: u64 = 16;

/// A small generator, so that a failing run can be run again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        // Steele and others, SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_millis()).expect("a clock")
}

/// Asks the server, which must do it.
#[track_caller]
fn ask(client: &mut Client, token: &str, (method, path): (&str, &str), body: &Value) -> Value {
    let answer = client.staff(token, method, path, body).expect("an answer");
    assert!(answer.status < 300, "{method} {path}: {}", answer.text());
    answer.json()
}

/// A phone: its volunteer's token, its id, its key.
struct Phone {
    token: String,
    id: String,
    key: PhoneKey,
    /// How far its clock is behind.
    behind_ms: i64,
}

impl Phone {
    /// Adds a volunteer and enrols the phone.
    fn enrol(client: &mut Client, house: &House, n: u64) -> Self {
        let (admin, unit) = (house.word("admin_token"), house.word("unit_id"));
        let user = json!({ "name": format!("volunteer-{n}"), "kind": "person", "unit": unit,
            "roles": ["goods_volunteer"], "token": { "name": "phone" } });
        let made = ask(client, admin, ("POST", "/api/v1/users"), &user);
        let token = made["token"]["token"]
            .as_str()
            .or(made["token"].as_str())
            .expect("a token")
            .to_owned();
        let key = PhoneKey::fresh();
        let body = key.enrolment(unit, &format!("手机{n}"));
        let path = format!("/api/v1/goods/{unit}/devices");
        let device = ask(client, &token, ("POST", &path), &body);
        Self {
            id: device["id"].as_str().expect("an id").to_owned(),
            token,
            key,
            behind_ms: (n.cast_signed() % 21 - 10) * 60_000,
        }
    }

    /// A scan of a box, signed as the app signs it: its fields in the order of the alphabet.
    fn scan(&self, (seq, at_ms): (u64, i64), code: &str, place: &str) -> Value {
        let record = json!({
            "code": code, "device": self.id, "device_at_ms": at_ms - self.behind_ms, "key": format!("{}-{seq}", self.id),
            "kind": "arrived", "place": place, "seq": seq,
        });
        let signature = self.key.signed(&record.to_string());
        json!({ "record": record, "signature": signature })
    }

    fn hand_in(&self, client: &mut Client, unit: &str, records: &[Value]) -> Value {
        let body = json!({ "device": self.id, "sent_at_ms": now_ms() - self.behind_ms, "records": records });
        let path = format!("/api/v1/goods/{unit}/queue");
        let told = ask(client, &self.token, ("POST", &path), &body);
        let off_ms = told["offset_ms"].as_i64().expect("an offset") - self.behind_ms;
        assert!((-1_000..60_000).contains(&off_ms), "the clock is reckoned: {off_ms}");
        told
    }
}

/// A place, an announced lot, and boxes that hold all of it; gives the place and the codes.
fn flood(client: &mut Client, house: &House, boxes: u64) -> (String, Vec<String>) {
    let (admin, unit) = (house.word("admin_token"), house.word("unit_id"));
    let base = format!("/api/v1/goods/{unit}");
    let mut post = |path: &str, body: Value| ask(client, admin, ("POST", path), &body);
    let place = post(&format!("{base}/places"), json!({ "code": "A", "name": "一号库" }));
    let place = place["id"].as_str().expect("an id").to_owned();
    let item = json!({ "code": "1060201", "name": "医用防护口罩", "grade": "GB 19083-2010 N95", "base_unit": "只" });
    let item = post(&format!("{base}/items"), item);
    let lot = json!({ "key": "flood", "item": item["id"], "unit_word": "只", "quantity": boxes * PIECES,
        "source": "donation", "donor": "示例医疗器械有限公司", "place": place });
    let lot = post(&format!("{base}/lots"), lot);
    let mut codes = Vec::new();
    for sheet in 0..boxes.div_ceil(LABELS_MAX) {
        let labels = LABELS_MAX.min(boxes - sheet * LABELS_MAX);
        let body = json!({ "key": format!("sheet-{sheet}"), "kind": "box", "labels": labels });
        let printed = post(&format!("{base}/sheets"), body);
        for code in printed["codes"].as_array().expect("codes") {
            codes.push(code["id"].as_str().expect("an id").to_owned());
        }
    }
    for code in &codes {
        let body = json!({ "lot": lot["id"], "quantity": PIECES });
        ask(
            client,
            admin,
            ("PUT", &format!("/api/v1/goods/codes/{code}/goods")),
            &body,
        );
    }
    (place, codes)
}

/// What each outcome was told how often.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Told {
    taken: u64,
    known: u64,
    others: u64,
}

/// One phone's hour: its own boxes, some again, some that are others'; then everything is handed in out of order, each batch
/// twice.
fn hour(client: &mut Client, unit: &str, phone: &Phone, (n, codes, place): (u64, &[String], &str)) -> Told {
    let mut chance = Chance(n);
    let own = (n * BOXES_EACH..(n + 1) * BOXES_EACH).map(|at| at as usize);
    let mut scanned: Vec<usize> = own.collect();
    for _ in 0..BOXES_EACH / 2 {
        scanned.push(chance.below(codes.len() as u64) as usize);
    }
    let began_ms = now_ms() - HOUR_MS;
    let pause_ms = HOUR_MS / scanned.len() as i64;
    let mut queue: Vec<Value> = (1..)
        .zip(&scanned)
        .map(|(seq, at)| phone.scan((seq, began_ms + seq.cast_signed() * pause_ms), &codes[*at], place))
        .collect();
    for at in (1..queue.len()).rev() {
        queue.swap(at, chance.below(at as u64 + 1) as usize);
    }
    let (mut told, mut gaps) = (Told::default(), Value::Null);
    for batch in queue.chunks(BATCH) {
        let first = phone.hand_in(client, unit, batch);
        let again = phone.hand_in(client, unit, batch);
        let outcomes = |of: &Value| -> Vec<String> {
            let records = of["records"].as_array().expect("records").iter();
            records
                .map(|one| one["outcome"].as_str().expect("an outcome").to_owned())
                .collect()
        };
        assert_eq!(outcomes(&first), outcomes(&again), "a repeat is answered as it was");
        for outcome in outcomes(&first) {
            match outcome.as_str() {
                "taken" => told.taken += 1,
                "known" => told.known += 1,
                _ => told.others += 1,
            }
        }
        gaps = again["gaps"].clone();
    }
    assert_eq!(gaps, json!([]), "no number is missing in the end");
    told
}

fn merge(on: On) {
    let phones = if std::env::var_os("SHANQIAO_SOAK").is_some() {
        PHONES.1
    } else {
        PHONES.0
    };
    let house = House::new(on);
    let server: Server = house.serve();
    let unit = house.word("unit_id");
    let mut client = server.client();
    let boxes = phones * BOXES_EACH;
    let (place, codes) = flood(&mut client, &house, boxes);
    let crowd: Vec<Phone> = (0..phones).map(|n| Phone::enrol(&mut client, &house, n)).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let all: Vec<Told> = std::thread::scope(|scope| {
        let line = || {
            let mut client = server.client();
            let mut told = Vec::new();
            loop {
                let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(phone) = crowd.get(n) else { return told };
                told.push(hour(&mut client, unit, phone, (n as u64, &codes, &place)));
            }
        };
        let lines: Vec<_> = (0..LINES.min(phones)).map(|_| scope.spawn(line)).collect();
        let ended = lines.into_iter().flat_map(|line| line.join().expect("a line ends"));
        ended.collect()
    });
    let sum = |of: fn(&Told) -> u64| all.iter().map(of).sum::<u64>();
    let sent = phones * (BOXES_EACH + BOXES_EACH / 2);
    assert_eq!(
        (sum(|one| one.taken), sum(|one| one.known), sum(|one| one.others)),
        (boxes, sent - boxes, 0),
        "every box once, every other scan is known"
    );
    let admin = house.word("admin_token");
    // A new line: the first has been silent for as long as the crowd took.
    let mut client = server.client();
    let stock = ask(
        &mut client,
        admin,
        ("GET", &format!("/api/v1/goods/{unit}/stock")),
        &Value::Null,
    );
    let lines: Vec<(&str, u64)> = stock
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (
                one["state"].as_str().expect("a state"),
                one["quantity"].as_u64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [("arrived", boxes * PIECES)],
        "nothing is lost, nothing counted twice"
    );
    let devices = ask(
        &mut client,
        admin,
        ("GET", &format!("/api/v1/goods/{unit}/devices")),
        &Value::Null,
    );
    let devices = devices.as_array().expect("a list");
    assert_eq!(devices.len() as u64, phones);
    assert!(
        devices
            .iter()
            .all(|one| one["has_gaps"] == false && one["waiting"] == 0)
    );
    drop(client);
    assert_eq!(server.stop(), 0);
    house.is_sound();
}

both!(
    phones_that_scanned_off_line_merge_without_loss_or_double_count_soak,
    merge
);
