//! The floor of goods: the rows of movements and of a plan by prepared statements through the bare drivers.

use std::path::Path;
use std::time::{Duration, Instant};

use db::bulk::{BulkWriter, Cell, Kind, Rows, Shape};
use db::{Db, DbUrl, Migration};
use kernel::id::uuid_v7;
use kernel::{Instant as Moment, SeededRng};

use crate::bench::goods::pieces;

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

/// A database beside the measured one: a file in its folder, or a schema of its own.
pub async fn beside(folder: &Path, database: Option<&str>) -> anyhow::Result<Db> {
    let Some(url) = database else {
        return Ok(Db::open(&DbUrl::Sqlite(folder.join("floor.db"))).await?);
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
pub async fn bare(db: &Db, movements: u64, lines: u64) -> anyhow::Result<(Duration, Duration)> {
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
