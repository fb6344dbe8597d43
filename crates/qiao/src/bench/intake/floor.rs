//! The floor of commits: the same rows in batches of 512 by prepared statements through the bare drivers.

use std::path::Path;
use std::time::{Duration, Instant};

use db::bulk::{Cell, Kind, Rows, Shape};
use db::{Db, DbUrl, Migration};
use kernel::id::uuid_v7;
use kernel::{Instant as Moment, SeededRng};

/// Gifts in one commit.
const BATCH: u64 = 512;

/// The tables of a gift as the program has them, without their neighbours.
const TABLES: Migration = Migration {
    name: "bench/floor",
    sql: "CREATE TABLE floor_gift (
    id BYTES NOT NULL PRIMARY KEY, unit_id BYTES NOT NULL, account_id BYTES NOT NULL, trade_no TEXT NOT NULL,
    project_id BYTES NOT NULL, channel TEXT NOT NULL, amount_fen BIGINT NOT NULL, paid_at BIGINT NOT NULL,
    business_day BIGINT NOT NULL, source TEXT NOT NULL, anonymous BIGINT NOT NULL, payer_masked TEXT,
    secret_wrapped BYTES, payer_sealed BYTES
) CLUSTERED;
CREATE UNIQUE INDEX floor_gift_by_trade_no ON floor_gift (unit_id, account_id, trade_no);
CREATE INDEX floor_gift_by_project ON floor_gift (project_id, id);
CREATE TABLE floor_posting (
    journal_id BYTES NOT NULL, line BIGINT NOT NULL, account_id BYTES NOT NULL, amount_fen BIGINT NOT NULL,
    kind TEXT NOT NULL, posting_day BIGINT NOT NULL, business_day BIGINT NOT NULL, PRIMARY KEY (journal_id, line)
) CLUSTERED;
CREATE TABLE floor_fact (
    id BYTES NOT NULL PRIMARY KEY, unit_id BYTES NOT NULL, kind TEXT NOT NULL, subject_id BYTES NOT NULL,
    happened_at BIGINT NOT NULL, body TEXT NOT NULL
) CLUSTERED;",
};

const GIFT: Shape = Shape {
    table: "floor_gift",
    columns: &[
        ("id", Kind::Bytes),
        ("unit_id", Kind::Bytes),
        ("account_id", Kind::Bytes),
        ("trade_no", Kind::Text),
        ("project_id", Kind::Bytes),
        ("channel", Kind::Text),
        ("amount_fen", Kind::Int),
        ("paid_at", Kind::Int),
        ("business_day", Kind::Int),
        ("source", Kind::Text),
        ("anonymous", Kind::Int),
        ("payer_masked", Kind::Text),
        ("secret_wrapped", Kind::Bytes),
        ("payer_sealed", Kind::Bytes),
    ],
    conflict: "ON CONFLICT (unit_id, account_id, trade_no) DO NOTHING",
};
const POSTING: Shape = Shape {
    table: "floor_posting",
    columns: &[
        ("journal_id", Kind::Bytes),
        ("line", Kind::Int),
        ("account_id", Kind::Bytes),
        ("amount_fen", Kind::Int),
        ("kind", Kind::Text),
        ("posting_day", Kind::Int),
        ("business_day", Kind::Int),
    ],
    conflict: "",
};
const FACT: Shape = Shape {
    table: "floor_fact",
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

/// Rows of one batch, made before the clock is started.
fn batch(first: u64, many: u64, rng: &SeededRng) -> [Rows; 3] {
    let mut gifts = Rows::with_capacity(&GIFT, many as usize);
    let mut postings = Rows::with_capacity(&POSTING, many as usize * 2);
    let mut facts = Rows::with_capacity(&FACT, many as usize);
    let unit = Cell::Id([1; 16]);
    for serial in first..first + many {
        let now = Moment::from_micros(1_780_000_000_000_000 + serial.cast_signed() * 20);
        let id = Cell::Id(uuid_v7(now, rng));
        let amount = (100 + serial % 20_000).cast_signed();
        gifts.push([
            id.clone(),
            unit.clone(),
            Cell::Id([2; 16]),
            format!("010220260508120000{serial:010}").into(),
            Cell::Id([3; 16]),
            "notice".into(),
            amount.into(),
            now.into(),
            20_260_508.into(),
            "notice".into(),
            0.into(),
            "王**".into(),
            vec![7u8; 61].into(),
            vec![8u8; 40].into(),
        ]);
        for (line, signed) in [(1i64, amount), (2, -amount)] {
            postings.push([
                id.clone(),
                line.into(),
                Cell::Id([line as u8; 16]),
                signed.into(),
                "gift_received".into(),
                20_260_508.into(),
                20_260_508.into(),
            ]);
        }
        facts.push([
            Cell::Id(uuid_v7(now, rng)),
            unit.clone(),
            "gift.confirmed".into(),
            id,
            now.into(),
            format!(r#"{{"project":"{:032}","account":"{:032}","channel":"notice","amount_fen":{amount},"day":"2026-05-08"}}"#, 3, 2).into(),
        ]);
    }
    [gifts, postings, facts]
}

/// How the floor is measured.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// For how long.
    pub seconds: u64,
    /// Gifts a second, and gifts in a commit; none is full batches as fast as they go.
    pub paced: Option<(u64, u64)>,
}

/// What was found.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Gifts a second.
    pub per_second: u64,
    /// How long the slowest hundredth of the commits took at least.
    pub p99: Duration,
}

async fn commits(db: &Db, pace: Pace) -> anyhow::Result<Found> {
    db::migrate(db, &[TABLES], Moment::from_micros(0)).await?;
    let mut writer = db::bulk::BulkWriter::open(db).await?;
    let rng = SeededRng::new(1);
    let many = pace.paced.map_or(BATCH, |(_, many)| many.max(1));
    let every = pace
        .paced
        .map(|(rate, _)| Duration::from_micros(many * 1_000_000 / rate.max(1)));
    let (mut gifts, mut spent, mut each) = (0, Duration::ZERO, Vec::new());
    let started = Instant::now();
    while started.elapsed().max(spent) < Duration::from_secs(pace.seconds) || each.is_empty() {
        let rows = batch(gifts, many, &rng);
        if let Some(every) = every {
            tokio::time::sleep_until((started + every * u32::try_from(each.len())?).into()).await;
        }
        let begin = Instant::now();
        let mut tx = writer.begin().await?;
        for table in &rows {
            tx.insert(table).await?;
        }
        tx.commit().await?;
        each.push(begin.elapsed());
        spent += begin.elapsed();
        gifts += many;
    }
    each.sort_unstable();
    Ok(Found {
        per_second: super::super::per_second(gifts, spent),
        p99: each[each.len() * 99 / 100],
    })
}

/// Commits on SQLite, in a file beside the measured one.
pub fn sqlite(folder: &Path, pace: Pace) -> anyhow::Result<Found> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let name = if pace.paced.is_some() { "paced.db" } else { "floor.db" };
        let db = Db::open(&DbUrl::Sqlite(folder.join(name))).await?;
        let found = commits(&db, pace).await;
        db.close().await;
        found
    })
}

/// Commits on PostgreSQL, in tables beside the measured ones, in a schema of their own.
pub async fn postgres(url: &str, pace: Pace) -> anyhow::Result<Found> {
    let separator = if url.contains('?') { '&' } else { '?' };
    let admin = Db::open(&DbUrl::Postgres(url.to_owned())).await?;
    let mut tx = admin.begin().await?;
    tx.execute_script("DROP SCHEMA IF EXISTS bench_floor CASCADE; CREATE SCHEMA bench_floor")
        .await?;
    tx.commit().await?;
    let own = format!("{url}{separator}options=-csearch_path%3Dbench_floor");
    let db = Db::open(&DbUrl::Postgres(own)).await?;
    let found = commits(&db, pace).await;
    db.close().await;
    admin.close().await;
    found
}
