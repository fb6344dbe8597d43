//! Bringing a statement in: read, compare, and only then book.

mod bring;
mod uploads;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use db::DbError;
use giving::donations::Intake;
use giving::donations::imports;
use giving::donations::intake::Matching;
use governance::network;
use kernel::id::Id as _;
use kernel::{ActorId, ImportId, ProjectId, ReceivingAccountId, RegionCode, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};

use bring::Run;

use super::error::FileError;
use super::model::{Statement, StatementLine, StatementState};
use super::profile::{FileKind, Profile};
use super::report::{LISTED_MAX, Part, StatementReport, TagSum};
use super::rules::{Difference, What, tie};
use super::store;
use super::survey::{Input, Numbers, Seen, survey};
use crate::importing::Mode;
use crate::platforms::error::PlatformError;
use crate::platforms::model::{PlatformCode, StatementId};
use crate::platforms::register;
use crate::platforms::tags;

pub use uploads::{Part as UploadedPart, Upload, take_upload};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "platform.statement_begun",
    "platform.statement_booked",
    "platform.payout_booked",
];
/// Numbers looked up with one snapshot.
const NUMBERS_PER_LOOK: usize = 500;
/// More units than a province has.
const UNITS_MAX: i64 = 100_000;

/// The files of one statement.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// Gift details, one file or several.
    pub details: Vec<PathBuf>,
    /// Matching statements, if the platform granted any.
    pub matchings: Vec<PathBuf>,
    /// The settlement.
    pub settlement: PathBuf,
    /// Profiles of one's own, each for its kind of file; the built-in one without.
    pub profiles: Vec<Profile>,
    /// The files' names for people, by their paths; the path's own name without.
    pub names: BTreeMap<PathBuf, String>,
}

/// What is brought in where. The caller has checked [`platform::identity::Permission::GiftImport`].
pub struct Order {
    /// The unit whose account with the platform it is.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The files.
    pub files: Files,
    /// The settlement's number, when the file has none.
    pub number: Option<String>,
    /// Whether anything is stored.
    pub mode: Mode,
    /// Whether our own pools may match its gifts.
    pub matching: Matching,
    /// Who imports.
    pub actor: ActorId,
}

/// What the register says.
struct Registered {
    gifts: ReceivingAccountId,
    matches: ReceivingAccountId,
    books: UnitId,
    giver: String,
    pages: BTreeMap<String, ProjectId>,
    regions: Vec<(UnitId, RegionCode)>,
}

/// Brings a statement in.
///
/// # Errors
/// [`FileError`]; its words say what was kept. What does not tie is no error: it stands in the report.
pub async fn import(
    order: &Order,
    services: &Services,
    intake: &Intake,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<StatementReport, FileError> {
    let registered = registered(order, services, intake).await?;
    let inputs = Inputs::of(order)?;
    let (for_reading, number) = (inputs.clone(), order.number.clone());
    let read = move || {
        let Inputs {
            details,
            matchings,
            settlement,
        } = &for_reading;
        survey(details, matchings, settlement, number.as_deref())
    };
    let mut seen = tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| FileError::Reader)??;
    let known_pages: BTreeSet<String> = registered.pages.keys().cloned().collect();
    seen.differences.extend(tie(&seen.found, &known_pages));
    let mut report = begin_report(order, &inputs, &seen, &registered);
    let stored = foresee(order, services, &registered, &mut seen, &mut report).await?;
    report.differences = std::mem::take(&mut seen.differences);
    report
        .differences
        .sort_by(|a, b| (&a.place, a.what).cmp(&(&b.place, b.what)));
    report.differences.truncate(LISTED_MAX);
    report.ties = report.differences.is_empty() && report.refused.is_empty();
    let booked = stored
        .as_ref()
        .is_some_and(|known| known.state == StatementState::Booked);
    report.repeated = report.ties && booked && report.gifts.new == 0 && report.matches.new == 0;
    if !report.ties || report.repeated || order.mode == Mode::DryRun {
        report.changed_nothing = true;
        report.statement = stored.map(|known| known.id);
        return Ok(report);
    }
    let statement = match stored {
        Some(known) => known.id,
        None => begin(order, services, &registered, &seen, &report).await?,
    };
    report.statement = Some(statement);
    (report.gifts.new, report.gifts.known) = (0, 0);
    (report.matches.new, report.matches.known) = (0, 0);
    let total = (report.gifts.lines + report.matches.lines).max(0).cast_unsigned();
    let run = Run {
        order,
        services,
        intake,
        registered: &registered,
    };
    let gifts = run
        .bring(&inputs.details, &mut report, &mut |done| progress(done, total))
        .await?;
    let done = report.gifts.lines.max(0).cast_unsigned();
    let matches = if inputs.matchings.is_empty() {
        None
    } else {
        let told = &mut |more: u64| progress(done + more, total);
        Some(run.bring_matches(&inputs.matchings, &mut report, told).await?)
    };
    if report.gifts.held == 0 && report.matches.held == 0 {
        end(order, services, statement, (gifts, matches), &report).await?;
    }
    Ok(report)
}

async fn registered(order: &Order, services: &Services, intake: &Intake) -> Result<Registered, FileError> {
    let mut at = services.db.snapshot().await?;
    let not_joined = || PlatformError::NotJoined(order.platform.zh());
    let account = register::account(&mut at, (order.unit, order.platform)).await?;
    let account = account.ok_or_else(not_joined)?;
    let (gifts, matches) = account.account.zip(account.match_account).ok_or_else(not_joined)?;
    let pages = register::pages_of(&mut at, (order.unit, order.platform)).await?;
    let filter = network::queries::UnitFilter::default();
    let below = platform::identity::Scope::Everything;
    let units = network::queries::units(&mut at, &below, &services.tree, &filter, UNITS_MAX).await?;
    drop(at);
    if intake.directory().account(gifts).is_none() || intake.directory().account(matches).is_none() {
        intake.directory().reload(services).await?;
    }
    let books = intake.directory().account(gifts).ok_or_else(not_joined)?.unit;
    Ok(Registered {
        gifts,
        matches,
        books,
        giver: if account.match_giver.is_empty() {
            order.platform.zh().to_owned()
        } else {
            account.match_giver
        },
        pages: pages.into_iter().map(|page| (page.project_no, page.project)).collect(),
        regions: units.into_iter().map(|unit| (unit.id, unit.region)).collect(),
    })
}

/// The files with their profiles.
#[derive(Clone)]
struct Inputs {
    details: Vec<Input>,
    matchings: Vec<Input>,
    settlement: Input,
}

impl Inputs {
    fn of(order: &Order) -> Result<Self, FileError> {
        let files = &order.files;
        let input = |kind: FileKind, path: &PathBuf| {
            let own = files.profiles.iter().find(|profile| profile.kind() == kind);
            let profile = own.or_else(|| Profile::find(order.platform, kind));
            let name = files.names.get(path).cloned().or_else(|| {
                let name = path.file_name()?;
                Some(name.to_string_lossy().into_owned())
            });
            Ok::<Input, FileError>(Input {
                path: path.clone(),
                name: name.unwrap_or_default(),
                profile: profile
                    .ok_or(FileError::NoProfile {
                        platform: order.platform.zh(),
                        kind,
                    })?
                    .clone(),
            })
        };
        let all = |kind: FileKind, paths: &[PathBuf]| -> Result<Vec<Input>, FileError> {
            paths.iter().map(|path| input(kind, path)).collect()
        };
        Ok(Self {
            details: all(FileKind::Detail, &files.details)?,
            matchings: all(FileKind::Matching, &files.matchings)?,
            settlement: input(FileKind::Settlement, &files.settlement)?,
        })
    }
}

fn begin_report(order: &Order, inputs: &Inputs, seen: &Seen, registered: &Registered) -> StatementReport {
    let (gifts, matches, refund, fee, net) = seen.totals();
    let part = |tally: super::model::Tally| Part {
        lines: tally.count,
        sum_fen: tally.sum,
        ..Part::default()
    };
    let names = inputs.details.iter().chain(&inputs.matchings);
    let tags = seen.tags.iter().map(|(tag, tally)| TagSum {
        tag: tag.clone(),
        known: tags::county_of(tag, &registered.regions).is_some(),
        gifts: tally.count,
        sum_fen: tally.sum,
    });
    StatementReport {
        platform: order.platform,
        number: seen.number.clone(),
        files: names
            .chain([&inputs.settlement])
            .map(|file| file.name.clone())
            .collect(),
        gifts: part(gifts),
        matches: part(matches),
        refund_fen: refund,
        fee_fen: fee,
        net_fen: net,
        skipped: seen.skipped.clone(),
        refused: seen.refused.clone(),
        returned_known: Vec::new(),
        differences: Vec::new(),
        tags: tags.collect(),
        ties: false,
        changed_nothing: false,
        repeated: false,
        statement: None,
    }
}

/// What the books know already: the statement by its number, orders and matches by theirs.
async fn foresee(
    order: &Order,
    services: &Services,
    registered: &Registered,
    seen: &mut Seen,
    report: &mut StatementReport,
) -> Result<Option<Statement>, FileError> {
    let mut at = services.db.snapshot().await?;
    let stored = store::by_number(&mut at, (order.unit, order.platform), &seen.number).await?;
    if let Some(known) = stored.as_ref().filter(|known| known.content != seen.content) {
        let (stated, found) = (known.net.get(), report.net_fen.get());
        seen.differences
            .push(Difference::new(&seen.number, What::NumberUsed, stated, found));
    }
    let mut differences = Vec::new();
    for (account, numbers, part) in [
        (registered.gifts, &seen.gifts, &mut report.gifts),
        (registered.matches, &seen.matches, &mut report.matches),
    ] {
        let place = (registered.books, account);
        (part.new, part.known) = compare_known(services, place, numbers, &mut differences).await?;
    }
    seen.differences.extend(differences);
    let returned: Vec<&str> = seen.returned.iter().map(String::as_str).collect();
    let known = imports::known_numbers(&mut at, registered.books, registered.gifts, &returned).await?;
    report.returned_known = known.into_keys().collect();
    report.returned_known.sort_unstable();
    Ok(stored)
}

/// How many of these numbers are new and how many are known with the same amount; the others are told.
async fn compare_known(
    services: &Services,
    (unit, account): (UnitId, ReceivingAccountId),
    numbers: &Numbers,
    differences: &mut Vec<Difference>,
) -> Result<(i64, i64), DbError> {
    let all: Vec<&str> = numbers.keys().map(String::as_str).collect();
    let (mut new, mut same) = (0, 0);
    for chunk in all.chunks(NUMBERS_PER_LOOK) {
        let mut at = services.db.snapshot().await?;
        let known = imports::known_numbers(&mut at, unit, account, chunk).await?;
        for number in chunk {
            let Some((_, amount)) = numbers.get(*number) else {
                continue;
            };
            match known.get(*number) {
                None => new += 1,
                Some(known) if known == amount => same += 1,
                Some(known) => {
                    differences.push(Difference::new(*number, What::AnotherAmount, known.get(), amount.get()));
                }
            }
        }
    }
    Ok((new, same))
}

/// Stores the statement with its lines, before its first gift. Fact `platform.statement_begun`.
async fn begin(
    order: &Order,
    services: &Services,
    registered: &Registered,
    seen: &Seen,
    report: &StatementReport,
) -> Result<StatementId, FileError> {
    let now = services.now();
    let statement = Statement {
        id: StatementId::new(now, &*services.rng),
        unit: order.unit,
        platform: order.platform,
        number: seen.number.clone(),
        content: seen.content.clone(),
        state: StatementState::Booking,
        gifts: report.gifts.lines,
        gift_sum: report.gifts.sum_fen,
        matches: report.matches.lines,
        match_sum: report.matches.sum_fen,
        refund_sum: report.refund_fen,
        fee: report.fee_fen,
        net: report.net_fen,
        import: None,
        match_import: None,
        begun_at: now,
        begun_by: order.actor,
        booked_at: None,
        arrived_on: None,
    };
    let mut tx = services.db.begin().await?;
    store::insert(&mut tx, &statement).await?;
    for (page, settled) in &seen.found.settled {
        let Some(project) = registered.pages.get(page).copied() else {
            continue;
        };
        let matches = seen.found.matches.get(page).copied().unwrap_or_default();
        let line = StatementLine {
            project_no: page.clone(),
            project,
            gifts: settled.gifts,
            gift_sum: settled.gift_sum,
            matches: matches.count,
            match_sum: settled.match_sum,
            refund_sum: settled.refund_sum,
            fee: settled.fee,
            net: settled.net,
        };
        store::insert_line(&mut tx, &statement, &line).await?;
    }
    let fact = fact(order, statement.id, "platform.statement_begun", report);
    conclude(tx, fact, services).await?;
    Ok(statement.id)
}

/// All of it stands in the books. Fact `platform.statement_booked`.
async fn end(
    order: &Order,
    services: &Services,
    statement: StatementId,
    runs: (ImportId, Option<ImportId>),
    report: &StatementReport,
) -> Result<(), FileError> {
    let mut tx = services.db.begin().await?;
    store::booked(&mut tx, statement, runs, services.now()).await?;
    let fact = fact(order, statement, "platform.statement_booked", report);
    conclude(tx, fact, services).await?;
    Ok(())
}

fn fact(order: &Order, statement: StatementId, kind: &'static str, report: &StatementReport) -> NewFact {
    NewFact {
        unit: order.unit,
        kind,
        subject: statement.bytes(),
        actor: Some(order.actor),
        body: report.facts(),
    }
}
