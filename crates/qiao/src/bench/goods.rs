//! `qiao bench goods`: movements a second and the allocation of thousands of lots to thousands of requests, each beside
//! the same rows written by prepared statements through the bare driver, in the same run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use db::bulk::{BulkWriter, Cell, Kind, Rows, Shape};
use db::{Db, DbUrl, Migration};
use kernel::id::uuid_v7;
use kernel::{Instant as Moment, SeededRng, UnitId};
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
/// Lines of one wide statement of the floor.
const WIDE: usize = 500;

/// The rows of a movement and of a plan's line as the program has them, without their neighbours.
const TABLES: Migration = Migration {
    name: "bench/goods_floor",
    sql: "CREATE TABLE floor_move (
    lot_id BYTES NOT NULL, n BIGINT NOT NULL, unit_id BYTES NOT NULL, move_key TEXT NOT NULL, from_state TEXT,
    from_holder BYTES, to_state TEXT, to_holder BYTES, quantity BIGINT NOT NULL, paper TEXT NOT NULL,
    moved_by BYTES NOT NULL, moved_at BIGINT NOT NULL, PRIMARY KEY (lot_id, n)
) CLUSTERED;
CREATE UNIQUE INDEX floor_move_once ON floor_move (unit_id, move_key);
CREATE TABLE floor_balance (
    lot_id BYTES NOT NULL, state TEXT NOT NULL, holder BYTES NOT NULL, unit_id BYTES NOT NULL, quantity BIGINT NOT NULL,
    PRIMARY KEY (lot_id, state, holder)
) CLUSTERED;
CREATE TABLE floor_goods_fact (
    id BYTES NOT NULL PRIMARY KEY, unit_id BYTES NOT NULL, kind TEXT NOT NULL, subject_id BYTES NOT NULL,
    happened_at BIGINT NOT NULL, body TEXT NOT NULL
) CLUSTERED;
CREATE TABLE floor_plan_line (
    plan_id BYTES NOT NULL, n BIGINT NOT NULL, lot_id BYTES NOT NULL, place_id BYTES NOT NULL, party_id BYTES,
    request_id BYTES, quantity BIGINT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (plan_id, n)
) CLUSTERED;",
};

const MOVE: Shape = Shape {
    table: "floor_move",
    columns: &[
        ("lot_id", Kind::Bytes),
        ("n", Kind::Int),
        ("unit_id", Kind::Bytes),
        ("move_key", Kind::Text),
        ("from_state", Kind::Text),
        ("from_holder", Kind::Bytes),
        ("to_state", Kind::Text),
        ("to_holder", Kind::Bytes),
        ("quantity", Kind::Int),
        ("paper", Kind::Text),
        ("moved_by", Kind::Bytes),
        ("moved_at", Kind::Int),
    ],
    conflict: "",
};
const BALANCE: Shape = Shape {
    table: "floor_balance",
    columns: &[
        ("lot_id", Kind::Bytes),
        ("state", Kind::Text),
        ("holder", Kind::Bytes),
        ("unit_id", Kind::Bytes),
        ("quantity", Kind::Int),
    ],
    conflict: "ON CONFLICT (lot_id, state, holder) DO UPDATE SET quantity = excluded.quantity",
};
const FACT: Shape = Shape {
    table: "floor_goods_fact",
    columns: &[
        ("id", Kind::Bytes),
        ("unit_id", Kind::Bytes),
        ("kind", Kind::Text),
        ("subject_id", Kind::Bytes),
        ("happened_at", Kind::Int),
        ("body", Kind::Text),
    ],
    conflict: "",
};
const LINE: Shape = Shape {
    table: "floor_plan_line",
    columns: &[
        ("plan_id", Kind::Bytes),
        ("n", Kind::Int),
        ("lot_id", Kind::Bytes),
        ("place_id", Kind::Bytes),
        ("party_id", Kind::Bytes),
        ("request_id", Kind::Bytes),
        ("quantity", Kind::Int),
        ("why", Kind::Text),
    ],
    conflict: "",
};

/// Measures.
pub async fn run(args: Args, database: Option<&str>, out: &Out) -> Result<(Value, String), Failure> {
    let house = House::make(database)?;
    let place = Place {
        data: house.folder().to_path_buf(),
        database: database.filter(|url| url.starts_with("postgres")).map(str::to_owned),
        log_database: None,
    };
    let opened = app::open(&place, Opening::Existing).await?;
    let measured = measure(&opened.app.services, &args, out).await;
    opened.close().await;
    let (moving, planned, lines) = measured?;
    out.say("measuring bare rows by prepared statements");
    let floor = floor_db(&house, place.database.as_deref()).await?;
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

fn pieces(serial: u64) -> i64 {
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
        designated_for: (serial % 10 == 0).then(|| of(&shop.parties, serial / 10)),
        expires_on: Some(today.plus_days(400 + (serial % 300).cast_signed())),
        has_certificate: true,
        expected_on: Some(today),
        place: shop.place,
        value: None,
        basis: ValueBasis::None,
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

/// A database beside the measured one: a file in its folder, or a schema of its own.
async fn floor_db(house: &House, database: Option<&str>) -> anyhow::Result<Db> {
    let Some(url) = database else {
        return Ok(Db::open(&DbUrl::Sqlite(house.folder().join("floor.db"))).await?);
    };
    let admin = Db::open(&DbUrl::Postgres(url.to_owned())).await?;
    let mut tx = admin.begin().await?;
    tx.execute_script("DROP SCHEMA IF EXISTS bench_goods CASCADE; CREATE SCHEMA bench_goods")
        .await?;
    tx.commit().await?;
    admin.close().await;
    let mark = if url.contains('?') { '&' } else { '?' };
    Ok(Db::open(&DbUrl::Postgres(format!(
        "{url}{mark}options=-csearch_path%3Dbench_goods"
    )))
    .await?)
}

/// How long the bare rows take: each movement a commit of its own, as in the program; all lines of a plan one commit.
async fn bare(db: &Db, movements: u64, lines: u64) -> anyhow::Result<(Duration, Duration)> {
    db::migrate(db, &[TABLES], Moment::from_micros(0)).await?;
    let mut writer = BulkWriter::open(db).await?;
    let rng = SeededRng::new(1);
    let id = |serial: u64| Cell::Id(uuid_v7(moment(serial), &rng));
    let lots: Vec<Cell> = (0..movements / 3).map(id).collect();
    let begin = Instant::now();
    for (n, (from, to)) in (2i64..).zip([
        ("announced", "arrived"),
        ("arrived", "inspected"),
        ("inspected", "stocked"),
    ]) {
        for (serial, lot) in (0u64..).zip(&lots) {
            let rows = moved(lot, (n, serial), (from, to), &rng);
            let mut tx = writer.begin().await?;
            for table in &rows {
                tx.insert(table).await?;
            }
            tx.commit().await?;
        }
    }
    let moving = begin.elapsed();
    let begin = Instant::now();
    let mut tx = writer.begin().await?;
    let all: Vec<u64> = (0..lines).collect();
    for chunk in all.chunks(WIDE) {
        let mut rows = Rows::with_capacity(&LINE, chunk.len());
        for serial in chunk {
            rows.push([
                Cell::Id([9; 16]),
                serial.cast_signed().into(),
                Cell::Id([1; 16]),
                Cell::Id([2; 16]),
                Cell::Id([3; 16]),
                Cell::Id([4; 16]),
                pieces(*serial).into(),
                "fair_share".into(),
            ]);
        }
        tx.insert(&rows).await?;
    }
    tx.commit().await?;
    Ok((moving, begin.elapsed()))
}

fn moment(serial: u64) -> Moment {
    Moment::from_micros(1_780_000_000_000_000 + serial.cast_signed() * 20)
}

/// The rows of one movement.
fn moved(lot: &Cell, (n, serial): (i64, u64), (from, to): (&str, &str), rng: &SeededRng) -> [Rows; 3] {
    let (unit, holder, now) = (Cell::Id([1; 16]), Cell::Id([2; 16]), moment(serial));
    let mut moves = Rows::with_capacity(&MOVE, 1);
    moves.push([
        lot.clone(),
        n.into(),
        unit.clone(),
        format!("{to}/{serial}").into(),
        from.into(),
        holder.clone(),
        to.into(),
        holder.clone(),
        pieces(serial).into(),
        "RK-2026-0001".into(),
        Cell::Id([3; 16]),
        now.into(),
    ]);
    let mut balances = Rows::with_capacity(&BALANCE, 2);
    for (state, quantity) in [(from, 0), (to, pieces(serial))] {
        balances.push([lot.clone(), state.into(), holder.clone(), unit.clone(), quantity.into()]);
    }
    let mut facts = Rows::with_capacity(&FACT, 1);
    facts.push([
        Cell::Id(uuid_v7(now, rng)),
        unit,
        "goods.moved".into(),
        lot.clone(),
        now.into(),
        r#"{"moves":[{"lot":"00000000000000000000000000000000","from":"arrived","to":"inspected","quantity":100}]}"#
            .into(),
    ]);
    [moves, balances, facts]
}
