//! Bringing a bill file in: read it once to see whether it is whole, read it again and hand its gifts to the intake.
//!
//! Memory does not grow with the rows: lines travel in chunks through a bounded channel. Where pools may match its gifts
//! they come in the order of payment, then of the payment's number, and only these two of each are kept. A file with refused rows
//! changes nothing unless the caller keeps the good ones; a file given twice adds nothing; a control total that does
//! not tie is reported and refuses nothing.

pub mod actions;
pub mod api;
pub mod jobs;
mod lines;
mod report;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use db::DbError;
use giving::State;
use giving::donations::imports::{self, NewImport};
use giving::donations::intake::{IntakeError, Matching, Prepared, prepare};
use giving::donations::orders::bills::{Behind, Named, behind};
use giving::donations::orders::{Confirmed, Payment, confirm};
use giving::donations::{DonationError, Incoming, Intake, Outcome, Payer, Source};
use kernel::{ActorId, Channel, Fen, ImportId, ProjectId, ReceivingAccountId, UnitId};
use platform::Services;

use crate::bills::{self, BillError, GiftLine, Limits, Line, Profile, Summary};
use lines::{Turn, gifts_of};
pub use report::{Control, FileReport, RowReason};

/// Rows listed one by one in a report; beyond this they are only counted.
pub const ROWS_LISTED_MAX: usize = 100_000;
/// How often progress is told, in rows.
const PROGRESS_ROWS: u64 = 10_000;

/// Why a file was not imported. What was kept is said by the report beside it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{0}")]
    Bill(#[from] BillError),
    /// The file cannot be opened.
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// No account of the unit takes this file's channel.
    #[error("the unit has no open account for {0}; name one with --account")]
    NoAccount(Channel),
    /// The intake stopped taking gifts. Those of earlier chunks are kept; the same file adds the rest.
    #[error("{0}; what was already brought in is kept, import the same file again to add the rest")]
    Intake(#[from] IntakeError),
    /// The payment of an order of ours could not be taken. Those of earlier chunks are kept; the same file adds the rest.
    #[error("{0}; what was already brought in is kept, import the same file again to add the rest")]
    Order(#[from] DonationError),
    /// The database refused.
    #[error("{0}")]
    Db(#[from] DbError),
    /// The reader's thread ended without a word.
    #[error("the reader stopped unexpectedly; what was already brought in is kept, import the same file again")]
    Reader,
}

/// What is imported where.
pub struct Order {
    /// The file.
    pub path: PathBuf,
    /// The unit whose account received the money.
    pub unit: UnitId,
    /// The project of all its gifts.
    pub project: ProjectId,
    /// The account; by default the unit's account for the profile's channel.
    pub account: Option<ReceivingAccountId>,
    /// The profile; by default the built-in one that fits.
    pub profile: Option<Profile>,
    /// What to do with the good rows of a file that has refused ones.
    pub refused: OnRefused,
    /// Whether anything is stored.
    pub mode: Mode,
    /// Whether pools may match its gifts.
    pub matching: Matching,
    /// Who imports.
    pub actor: ActorId,
}

/// What to do with the good rows of a file that has refused ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRefused {
    /// Change nothing.
    ChangeNothing,
    /// Keep them.
    KeepGood,
}

/// Whether anything is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Store.
    Import,
    /// Only say what would happen.
    DryRun,
}

/// What the first reading found.
struct Seen {
    profile: String,
    channel: Channel,
    skipped: Vec<RowReason>,
    refused: Vec<RowReason>,
    gift_rows: Vec<u32>,
    summary: Summary,
    sha256: [u8; 32],
}

/// Imports one file.
///
/// # Errors
/// [`ImportError`]; its words say what was kept.
pub async fn import(
    order: &Order,
    services: &Services,
    intake: &Intake,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<FileReport, ImportError> {
    let seen = first_reading(order).await?;
    let account = match order.account {
        Some(account) => account,
        None => {
            let found = intake.directory().account_for(order.unit, seen.channel);
            found.ok_or(ImportError::NoAccount(seen.channel))?.id
        }
    };
    let unit = intake
        .directory()
        .account(account)
        .map_or(order.unit, |entry| entry.unit);
    let here = (unit, account);
    let mut report = FileReport::begin(&order.path, &seen.profile, &seen.summary);
    report.skipped = seen.skipped;
    report.refused = seen.refused;
    if order.refused == OnRefused::ChangeNothing && seen.summary.refused > 0 {
        report.changed_nothing = true;
        // A row counts once: the good ones of a refused file were understood and are not stored.
        let good = seen.gift_rows.into_iter().map(|row| RowReason {
            row,
            reason: "file_refused",
        });
        report.skipped.extend(good);
        report.skipped.sort_by_key(|line| line.row);
        return Ok(report);
    }
    if order.mode == Mode::DryRun {
        report.changed_nothing = true;
        foresee(order, here, services, &mut report).await?;
        return Ok(report);
    }
    let new = NewImport {
        unit: order.unit,
        project: order.project,
        account,
        profile: &seen.profile,
        file_sha256: seen.sha256,
        actor: order.actor,
    };
    let run = imports::begin(&new, services).await?;
    let total = seen.summary.gifts;
    let giving = State {
        services: services.clone(),
        intake: intake.clone(),
        gateways: Arc::default(),
    };
    second_reading(order, here, run, &giving, &mut report, |done| progress(done, total)).await?;
    imports::end(run, &new, &report.facts(), services).await?;
    report.import = Some(run);
    Ok(report)
}

async fn first_reading(order: &Order) -> Result<Seen, ImportError> {
    let (path, profile) = (order.path.clone(), order.profile.clone());
    let read = move || -> Result<Seen, ImportError> {
        let sha256 = hash(&path)?;
        let mut reader = bills::open(&path, profile.as_ref(), &Limits::default())?;
        let (name, channel) = (reader.profile().name().to_owned(), reader.profile().channel());
        let (mut skipped, mut refused, mut gift_rows) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(line) = reader.next_line()? {
            let (list, row, reason) = match line {
                Line::Gift(gift) => {
                    if gift_rows.len() < ROWS_LISTED_MAX {
                        gift_rows.push(gift.row);
                    }
                    continue;
                }
                Line::Skipped { row, reason } => (&mut skipped, row, reason.code()),
                Line::Refused { row, reason } => (&mut refused, row, reason.code()),
            };
            if list.len() < ROWS_LISTED_MAX {
                list.push(RowReason { row, reason });
            }
        }
        Ok(Seen {
            profile: name,
            channel,
            skipped,
            refused,
            gift_rows,
            summary: reader.finish(),
            sha256,
        })
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| ImportError::Reader)?
}

fn hash(path: &Path) -> Result<[u8; 32], ImportError> {
    use std::io::Read as _;
    let mut file = std::fs::File::open(path)?;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        context.update(&buffer[..read]);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Ok(out)
}

async fn second_reading(
    order: &Order,
    here: (UnitId, ReceivingAccountId),
    run: ImportId,
    giving: &State,
    report: &mut FileReport,
    mut progress: impl FnMut(u64),
) -> Result<(), ImportError> {
    let turn = Turn::of(order);
    let mut chunks = gifts_of(order, turn);
    let (mut done, mut told) = (0u64, 0u64);
    let mut open: Option<Open> = None;
    while let Some(chunk) = chunks.recv().await {
        let chunk = chunk?;
        done += chunk.len() as u64;
        let mut batch = Batch::default();
        for (line, behind) in known(giving, here, chunk).await? {
            let (row, amount) = (line.row, line.amount);
            let trade_no = match behind {
                Behind::Order { trade_no, .. } => {
                    if turn == Turn::OfPayment {
                        // What was paid before is decided before.
                        settle(hand_in(giving, run, std::mem::take(&mut batch)), report).await?;
                    }
                    confirm_order(giving, here.1, (line, trade_no), report).await?;
                    continue;
                }
                Behind::Gift { trade_no, .. } => Some(trade_no),
                Behind::Nothing => None,
            };
            match prepare(incoming(order, here.1, (line, trade_no)), &giving.services) {
                Ok(gift) => {
                    batch.rows.push((row, amount));
                    batch.prepared.push(gift.matching(order.matching));
                }
                // The reader has checked amounts and numbers; what is left is a name or time out of all bounds.
                Err(_) => report.refuse(row, "implausible"),
            }
        }
        let next = hand_in(giving, run, batch);
        match turn {
            // One chunk is written while the next is prepared.
            Turn::OfFile => {
                if let Some(before) = open.replace(next) {
                    settle(before, report).await?;
                }
            }
            // Two chunks on their way might overtake each other.
            Turn::OfPayment => settle(next, report).await?,
        }
        if done - told >= PROGRESS_ROWS {
            told = done;
            progress(done);
        }
    }
    match open {
        Some(last) => settle(last, report).await,
        None => Ok(()),
    }
}

/// Gifts of one chunk that are ready, each with its row and amount.
#[derive(Default)]
struct Batch {
    rows: Vec<(u32, Fen)>,
    prepared: Vec<Prepared>,
}

/// Puts a batch before the intake; the answer is waited for by [`settle`].
fn hand_in(giving: &State, run: ImportId, batch: Batch) -> Open {
    let intake = giving.intake.clone();
    let answer = tokio::spawn(async move { intake.submit_many(batch.prepared, Some(run)).await });
    (batch.rows, answer)
}

type Open = (
    Vec<(u32, Fen)>,
    tokio::task::JoinHandle<Result<Vec<Outcome>, IntakeError>>,
);

async fn settle((rows, answer): Open, report: &mut FileReport) -> Result<(), ImportError> {
    let outcomes = answer.await.map_err(|_| ImportError::Reader)??;
    for ((row, amount), outcome) in rows.into_iter().zip(outcomes) {
        match outcome {
            Outcome::Recorded(_) => report.add_new(amount),
            Outcome::Known(_) => report.gifts_known += 1,
            Outcome::Held { .. } => report.hold(row),
        }
    }
    Ok(())
}

/// Lines with what is known of their payments.
async fn known(
    giving: &State,
    here: (UnitId, ReceivingAccountId),
    lines: Vec<GiftLine>,
) -> Result<Vec<(GiftLine, Behind)>, DbError> {
    let mut at = giving.services.db.snapshot().await?;
    let behind = behind(&mut at, here, &named(&lines)).await?;
    Ok(lines.into_iter().zip(behind).collect())
}

fn named(lines: &[GiftLine]) -> Vec<Named<'_>> {
    let all = lines.iter().map(|line| Named {
        provider_no: &line.trade_no,
        order_no: line.order_no.as_deref(),
    });
    all.collect()
}

/// A payment of an order of ours of which no notice told: it is taken as the day's reconciliation takes it, for the order's
/// project and by its donor's wishes, and belongs to no import.
async fn confirm_order(
    giving: &State,
    account: ReceivingAccountId,
    (line, trade_no): (GiftLine, String),
    report: &mut FileReport,
) -> Result<(), DonationError> {
    let (row, amount) = (line.row, line.amount);
    let payment = Payment {
        trade_no,
        provider_no: line.trade_no,
        amount,
        paid_at: line.paid_at,
        payer_id: None,
    };
    match confirm(giving, account, payment).await {
        Ok(Confirmed::Recorded(_)) => report.add_new(amount),
        Ok(Confirmed::Known(_)) => report.gifts_known += 1,
        Ok(Confirmed::Held(_)) => report.hold(row),
        Err(DonationError::Refused(_)) => report.refuse(row, "implausible"),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// A line as a gift, under the number by which it is known or under its own.
fn incoming(order: &Order, account: ReceivingAccountId, (line, known_as): (GiftLine, Option<String>)) -> Incoming {
    let plain = |text: String| {
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect::<String>()
    };
    Incoming {
        account,
        project: order.project,
        trade_no: known_as.unwrap_or_else(|| line.trade_no.split_whitespace().collect()),
        amount: line.amount,
        paid_at: line.paid_at,
        business_day: line.paid_at.business_day(),
        payer: Payer {
            name: line.payer_name.map(plain),
            memo: line.memo.map(plain),
            ..Payer::default()
        },
        anonymous: false,
        receipt: None,
        source: Source::Import,
    }
}

/// A dry run: what of the file is known already, by its numbers and amount.
async fn foresee(
    order: &Order,
    here: (UnitId, ReceivingAccountId),
    services: &Services,
    report: &mut FileReport,
) -> Result<(), ImportError> {
    let mut chunks = gifts_of(order, Turn::OfFile);
    let mut within: std::collections::HashMap<String, Fen> = std::collections::HashMap::new();
    while let Some(chunk) = chunks.recv().await {
        let chunk = chunk?;
        let mut at = services.db.snapshot().await?;
        let behind = behind(&mut at, here, &named(&chunk)).await?;
        for (line, behind) in chunk.into_iter().zip(behind) {
            let (number, known, ordered) = match behind {
                Behind::Gift { trade_no, amount } => (trade_no, Some(amount), None),
                Behind::Order { trade_no, amount } => (trade_no, None, Some(amount)),
                Behind::Nothing => (line.trade_no, None, None),
            };
            match known.or_else(|| within.get(&number).copied()) {
                Some(amount) if amount == line.amount => report.gifts_known += 1,
                Some(_) => report.hold(line.row),
                None if ordered.is_some_and(|ordered| ordered != line.amount) => report.hold(line.row),
                None => {
                    report.add_new(line.amount);
                    if within.len() < ROWS_LISTED_MAX {
                        within.insert(number, line.amount);
                    }
                }
            }
        }
    }
    Ok(())
}
