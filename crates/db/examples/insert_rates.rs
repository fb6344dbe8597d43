//! Rows a second by each way of inserting, for docs/adr/0002: `cargo run -p db --example insert_rates -- [POSTGRES_URL]`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement, not the program"
)]

use std::time::{Duration, Instant};

use db::bulk::{BulkWriter, Cell, Kind, Rows, Shape};
use db::{Db, DbUrl, Migration, Param as _, Value, params};
use kernel::id::uuid_v7;
use kernel::{Instant as Moment, SeededRng};

const LIST: &[Migration] = &[Migration {
    name: "rates/0001",
    sql: "CREATE TABLE rate_row (
    id BYTES NOT NULL PRIMARY KEY, unit_id BYTES NOT NULL, trade_no TEXT NOT NULL, amount_fen BIGINT NOT NULL,
    sealed BYTES
) CLUSTERED;
CREATE UNIQUE INDEX rate_row_by_no ON rate_row (unit_id, trade_no);",
}];
const SHAPE: Shape = Shape {
    table: "rate_row",
    columns: &[
        ("id", Kind::Bytes),
        ("unit_id", Kind::Bytes),
        ("trade_no", Kind::Text),
        ("amount_fen", Kind::Int),
        ("sealed", Kind::Bytes),
    ],
    conflict: "ON CONFLICT (unit_id, trade_no) DO NOTHING",
};
const PER_COMMIT: u64 = 512;
const FOR: Duration = Duration::from_secs(3);

struct Source {
    rng: SeededRng,
    serial: u64,
}

impl Source {
    fn next(&mut self) -> ([u8; 16], String, i64) {
        self.serial += 1;
        let now = Moment::from_micros(1_780_000_000_000_000 + self.serial.cast_signed() * 20);
        (
            uuid_v7(now, &self.rng),
            format!("0102202605081200{:012}", self.serial),
            100,
        )
    }
}

async fn measured<F: AsyncFnMut(&mut Source)>(name: &str, source: &mut Source, mut work: F) {
    let (begin, first) = (Instant::now(), source.serial);
    while begin.elapsed() < FOR {
        work(source).await;
    }
    let rows = source.serial - first;
    println!(
        "{name:<44} {:>8} rows/s",
        u128::from(rows) * 1_000_000 / begin.elapsed().as_micros()
    );
}

async fn all(db: &Db) {
    let insert = "INSERT INTO rate_row (id, unit_id, trade_no, amount_fen, sealed) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut source = Source {
        rng: SeededRng::new(1),
        serial: 0,
    };
    measured("one transaction a row (Tx)", &mut source, async |source| {
        let (id, number, amount) = source.next();
        let mut tx = db.begin().await.unwrap();
        tx.execute(insert, params![id, [1u8; 16], number, amount, vec![7u8; 60]])
            .await
            .unwrap();
        tx.commit().await.unwrap();
    })
    .await;
    measured("512 a commit, a statement a row (Tx)", &mut source, async |source| {
        let mut tx = db.begin().await.unwrap();
        for _ in 0..PER_COMMIT {
            let (id, number, amount) = source.next();
            tx.execute(insert, params![id, [1u8; 16], number, amount, vec![7u8; 60]])
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    })
    .await;
    measured("512 a commit, one wide VALUES (Tx)", &mut source, async |source| {
        let mut values: Vec<Value> = Vec::new();
        let mut marks = Vec::new();
        for _ in 0..PER_COMMIT {
            let (id, number, amount) = source.next();
            let n = values.len();
            marks.push(format!("(?{}, ?{}, ?{}, ?{}, ?{})", n + 1, n + 2, n + 3, n + 4, n + 5));
            values.extend([id.param(), [1u8; 16].param(), number.param(), amount.param(), vec![7u8; 60].param()]);
        }
        let sql = format!("INSERT INTO rate_row (id, unit_id, trade_no, amount_fen, sealed) VALUES {} ON CONFLICT (unit_id, trade_no) DO NOTHING", marks.join(", "));
        let mut tx = db.begin().await.unwrap();
        tx.execute(&sql, values).await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;
    measured("the same, marks without numbers (wide_values)", &mut source, async |source| {
        let mut values: Vec<Value> = Vec::new();
        for _ in 0..PER_COMMIT {
            let (id, number, amount) = source.next();
            values.extend([id.param(), [1u8; 16].param(), number.param(), amount.param(), vec![7u8; 60].param()]);
        }
        let marks = db::wide_values(db.backend(), PER_COMMIT as usize, 5);
        let sql = format!("INSERT INTO rate_row (id, unit_id, trade_no, amount_fen, sealed) VALUES {marks} ON CONFLICT (unit_id, trade_no) DO NOTHING");
        let mut tx = db.begin().await.unwrap();
        tx.execute(&sql, values).await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;
    let mut writer = BulkWriter::open(db).await.unwrap();
    measured("512 a commit, bare driver (BulkWriter)", &mut source, async |source| {
        let mut rows = Rows::with_capacity(&SHAPE, PER_COMMIT as usize);
        for _ in 0..PER_COMMIT {
            let (id, number, amount) = source.next();
            rows.push([
                Cell::Id(id),
                Cell::Id([1; 16]),
                number.into(),
                amount.into(),
                vec![7u8; 60].into(),
            ]);
        }
        let mut tx = writer.begin().await.unwrap();
        tx.insert(&rows).await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("insert-rates-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = std::env::args()
        .nth(1)
        .map_or_else(|| DbUrl::Sqlite(folder.join("rates.db")), |url| DbUrl::parse(&url));
    let db = Db::open(&url).await.unwrap();
    db::migrate(&db, LIST, Moment::from_micros(0)).await.unwrap();
    println!("{}", url.word());
    all(&db).await;
    db.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}
