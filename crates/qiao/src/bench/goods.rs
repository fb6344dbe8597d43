//! `qiao bench goods`: movements a second and the allocation of thousands of lots to thousands of requests, each beside
//! the same rows written by prepared statements through the bare driver, in the same run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kernel::UnitId;
use platform::Services;
use platform::identity::Actor;
use relief::catalogue::{self, NewItem};
use relief::lists::actions::{ask, propose};
use relief::lists::model::{NewRequest, Priority, Wanted};
use relief::stock::actions::{self as stock, Recorded};
use relief::stock::model::ValueBasis;
use relief::stock::{NewLot, Source, Step};
use relief::{ItemId, PartyId, PlaceId};
use serde_json::{Value, json};

use super::intake::goods_floor::{bare, beside};
use super::server::House;
use super::{millis, per_second, ratio};
use crate::app::{self, Opening, Place};
use crate::output::{Failure, Out};

/// What `bench goods` is told.
#[derive(clap::Args)]
pub struct Args {
    /// Gifts of goods that are brought into the store, three movements each.
    #[arg(long, default_value_t = 10_000)]
    lots: u64,
    /// Requests among which they are shared out.
    #[arg(long, default_value_t = 2_000)]
    requests: u64,
}

/// Kinds of goods: as many as a hospital's list has.
const ITEMS: u64 = 40;
/// Receivers, each with some requests.
const PARTIES: u64 = 200;
/// Measures.
pub async fn run(args: Args, database: Option<&str>, out: &Out) -> Result<(Value, String), Failure> {
    let house = House::make(database)?;
    let place = Place {
        data: house.folder().to_path_buf(),
        database: database.filter(|url| url.starts_with("postgres")).map(str::to_owned),
        log_database: None,
        log_store: None,
    };
    let opened = app::open(&place, Opening::Existing).await?;
    let measured = measure(&opened.app.services, &args, out).await;
    opened.close().await;
    let (moving, planned, lines) = measured?;
    out.say("measuring bare rows by prepared statements");
    let floor = beside(house.folder(), place.database.as_deref()).await?;
    let found = bare(&floor, args.lots.saturating_mul(3), lines).await;
    floor.close().await;
    let (bare_moves, bare_lines) = found?;
    let movements = args.lots.saturating_mul(3);
    let (rate, floor_rate) = (per_second(movements, moving), per_second(movements, bare_moves));
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let document = json!({
        "lots": args.lots,
        "requests": args.requests,
        "movements_per_s": rate,
        "floor_movements_per_s": floor_rate,
        "ratio_to_floor": ratio(rate, floor_rate),
        "allocation_ms": millis(micros(planned)),
        "plan_lines": lines,
        "floor_lines_ms": millis(micros(bare_lines)),
        "allocation_to_floor": ratio(micros(planned), micros(bare_lines)),
        "database": if place.database.is_some() { "postgres" } else { "sqlite" },
    });
    let words = format!(
        "{rate} movements/s beside {floor_rate} bare; {} lots to {} requests in {} ms, {lines} lines, beside {} ms bare",
        args.lots,
        args.requests,
        planned.as_millis(),
        bare_lines.as_millis()
    );
    Ok((document, words))
}

/// How long the movements took, how long the proposal, and how many lines it has.
async fn measure(s: &Services, args: &Args, out: &Out) -> Result<(Duration, Duration, u64), Failure> {
    let by = Actor::operator();
    let unit = *s
        .tree
        .roots()
        .first()
        .ok_or_else(|| Failure::Refused("init made no unit".into()))?;
    out.say("announcing gifts of goods and handing in requests");
    let shop = furnish(s, &by, unit).await?;
    let mut lots = Vec::new();
    for serial in 0..args.lots {
        let lot = stock::announce(s, &by, &gift(s, &shop, serial)).await;
        lots.push(lot?.id);
    }
    for serial in 0..args.requests {
        ask(s, &by, &request(&shop, serial)).await?;
    }
    out.say("measuring movements: arrived, inspected, in store");
    let begin = Instant::now();
    for (step, word) in [
        (Step::Arrive(shop.place), "arrive"),
        (Step::Inspect(shop.place), "inspect"),
        (Step::Stock(shop.place), "stock"),
    ] {
        for (serial, lot) in (0..).zip(&lots) {
            let wanted = Recorded {
                lot: *lot,
                step,
                quantity: pieces(serial),
                key: format!("{word}/{serial}"),
                reason: String::new(),
                device_at: None,
            };
            stock::record(s, &by, &wanted).await?;
        }
    }
    let moving = begin.elapsed();
    out.say("measuring the proposal of who gets what");
    let begin = Instant::now();
    let (_, shares) = propose(s, &by, unit).await?;
    Ok((moving, begin.elapsed(), shares.len() as u64))
}

/// What gifts and requests are made of.
struct Shop {
    unit: UnitId,
    place: PlaceId,
    items: Vec<ItemId>,
    parties: Vec<PartyId>,
}

async fn furnish(s: &Services, by: &Actor, unit: UnitId) -> Result<Shop, Failure> {
    let mut items = Vec::new();
    for serial in 0..ITEMS {
        let new = NewItem {
            unit,
            code: "1060201".into(),
            name: format!("测量物资 {serial}"),
            grade: String::new(),
            base_unit: "只".into(),
            units: BTreeMap::from([("箱".to_owned(), 100)]),
            shelf_life_months: None,
            parts: Vec::new(),
        };
        items.push(catalogue::actions::add_item(s, by, new).await?.id);
    }
    let mut parties = Vec::new();
    for serial in 0..PARTIES {
        let name = format!("测量医院 {serial}");
        let party = stock::add_party(s, by, unit, (&name, "371302")).await;
        parties.push(party?);
    }
    let place = stock::add_place(s, by, unit, ("A", "一号库")).await?;
    Ok(Shop {
        unit,
        place,
        items,
        parties,
    })
}

/// Pieces of a gift: one to twenty boxes.
pub fn pieces(serial: u64) -> i64 {
    100 * (1 + (serial % 20).cast_signed())
}

fn of<T: Copy>(all: &[T], serial: u64) -> T {
    all[usize::try_from(serial).unwrap_or_default() % all.len()]
}

fn gift(s: &Services, shop: &Shop, serial: u64) -> NewLot {
    let today = s.now().business_day();
    NewLot {
        unit: shop.unit,
        key: format!("gift/{serial}"),
        item: of(&shop.items, serial),
        unit_word: "只".into(),
        quantity: pieces(serial),
        per_box: 100,
        spec: String::new(),
        batch: String::new(),
        source: Source::Donation,
        donor: "示例捐赠人".into(),
        // One in ten was given for somebody.
        designated_for: serial.is_multiple_of(10).then(|| of(&shop.parties, serial / 10)),
        expires_on: Some(today.plus_days(400 + (serial % 300).cast_signed())),
        has_certificate: true,
        expected_on: Some(today),
        place: shop.place,
        value: None,
        basis: ValueBasis::None,
        evidence: String::new(),
    }
}

fn request(shop: &Shop, serial: u64) -> NewRequest {
    NewRequest {
        unit: shop.unit,
        key: format!("request/{serial}"),
        party: of(&shop.parties, serial),
        wanted: Wanted::Goods {
            item: of(&shop.items, serial / PARTIES + serial),
            unit_word: "只".into(),
            quantity: 500 * (1 + (serial % 25).cast_signed()),
        },
        priority: of(&[Priority::Urgent, Priority::High, Priority::Normal], serial),
        basis: "测量".into(),
        needed_by: None,
    }
}
