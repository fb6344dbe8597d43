//! `qiao import`: files of gifts into the books.

use std::path::PathBuf;

use giving::donations::intake::Matching;
use integrations::bills::Profile;
use integrations::importing::{self, Mode, OnRefused, Order};
use kernel::id::{from_public, public};
use kernel::{Fen, ProjectId, UnitId};
use platform::identity::Actor;
use relief::tables::TableKind;
use serde_json::json;

use super::{goods, user};
use crate::app::App;
use crate::output::{Done, Failure, Out};

/// What to bring in.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Gift lists and bills: xlsx, xls, csv.
    Gifts(GiftsArgs),
    /// Tables of goods received: xlsx, xls, csv.
    GoodsIn(goods::ImportArgs),
    /// Tables of goods dispatched: xlsx, xls, csv.
    GoodsOut(goods::ImportArgs),
    /// Lists of needs: xlsx, xls, csv, or JSON with one entry for each hospital.
    Needs(goods::ImportArgs),
    /// Take an import back: its gifts are reversed in the books, nothing is deleted.
    TakeBack {
        /// The run's id, as the import printed it.
        run: String,
    },
}

/// What `import gifts` is told.
#[derive(clap::Args)]
pub struct GiftsArgs {
    /// The files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The unit's public id; by default the one made by `init`.
    #[arg(long)]
    unit: Option<String>,
    /// The project's code or public id; by default the unit's general project.
    #[arg(long)]
    project: Option<String>,
    /// The account's code; by default the unit's account for the profile's channel.
    #[arg(long)]
    account: Option<String>,
    /// The profile: a built-in name, or a file of your own.
    #[arg(long)]
    profile: Option<String>,
    /// Say what would happen and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Let open pools match its gifts: in the order of payment, then of the payment's number, whatever the order of the file.
    #[arg(long = "match")]
    matched: bool,
    /// Keep the good rows of a file that has refused ones.
    #[arg(long)]
    keep_good: bool,
}

/// Brings files in.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::Gifts(args) => gifts(app, args, out).await,
        Command::GoodsIn(args) => goods::import(app, TableKind::In, args, out).await,
        Command::GoodsOut(args) => goods::import(app, TableKind::Out, args, out).await,
        Command::Needs(args) => goods::import(app, TableKind::Needs, args, out).await,
        Command::TakeBack { run } => take_back(app, &run, out).await,
    }
}

fn project(app: &App, unit: UnitId, named: Option<&str>) -> Result<ProjectId, Failure> {
    let directory = app.intake.directory();
    let found = match named {
        None => directory.general_project(unit),
        Some(text) => directory.project_by_code(text).or_else(|| {
            let id = from_public::<ProjectId>(&*app.services.keys, text).ok()?;
            directory.project(id)
        }),
    };
    found.map(|p| p.id).ok_or_else(|| match named {
        Some(text) => Failure::Usage(format!("--project {text}: no project has this code or id")),
        None => Failure::Usage("the unit has no general project; name one with --project".into()),
    })
}

fn profile(named: Option<&str>, out: &Out) -> Result<Option<Profile>, Failure> {
    let Some(name) = named else { return Ok(None) };
    if let Some(built_in) = Profile::find(name) {
        return Ok(Some(built_in.clone()));
    }
    let path = out.cwd.join(name);
    let text = std::fs::read_to_string(&path).map_err(|e| {
        let names: Vec<&str> = Profile::built_in().iter().map(Profile::name).collect();
        Failure::Usage(format!(
            "--profile {name}: no built-in profile ({}) and no file: {e}",
            names.join(", ")
        ))
    })?;
    Ok(Some(
        Profile::from_toml(&text).map_err(|e| Failure::Usage(format!("--profile {name}: {e}")))?,
    ))
}

async fn gifts(app: &App, args: GiftsArgs, out: &Out) -> Done {
    let unit = user::unit(app, args.unit.as_deref()).await?;
    let project = project(app, unit, args.project.as_deref())?;
    let account = match &args.account {
        None => None,
        Some(code) => {
            let found = app.intake.directory().account_by_code(code);
            Some(found.ok_or_else(|| Failure::Usage(format!("--account {code}: no account has this code")))?)
        }
    };
    // The account decides in whose books the money is.
    let unit = account.as_ref().map_or(unit, |a| a.unit);
    let mut order = Order {
        path: PathBuf::new(),
        unit,
        project,
        account: account.map(|a| a.id),
        profile: profile(args.profile.as_deref(), out)?,
        refused: if args.keep_good {
            OnRefused::KeepGood
        } else {
            OnRefused::ChangeNothing
        },
        matching: if args.matched { Matching::ByRule } else { Matching::Not },
        mode: if args.dry_run { Mode::DryRun } else { Mode::Import },
        actor: Actor::operator().id,
    };
    let mut files = Vec::new();
    let (mut gifts_new, mut gifts_known, mut sum_new, mut refused) = (0u64, 0u64, Fen::ZERO, 0usize);
    let mut failed = None;
    for file in &args.files {
        order.path = out.cwd.join(file);
        let told = |done: u64, total: u64| out.say(format!("{}: {done}/{total}", file.display()));
        match importing::import(&order, &app.services, &app.intake, told).await {
            Ok(report) => {
                say_report(&report, app, out);
                gifts_new += report.gifts_new;
                gifts_known += report.gifts_known;
                sum_new = sum_new.plus(report.sum_new_fen)?;
                if report.changed_nothing && order.mode == Mode::Import {
                    refused += report.refused.len();
                }
                let mut document = serde_json::to_value(&report)?;
                document["import_id"] = json!(report.import.map(|run| public(&*app.services.keys, run)));
                files.push(document);
            }
            Err(error) => {
                failed = Some(format!("{}: {error}", file.display()));
                break;
            }
        }
    }
    app.settle().await?;
    let mut document = json!({
        "files": files, "gifts_new": gifts_new, "gifts_known": gifts_known, "sum_new_fen": sum_new,
    });
    if let Some(words) = &failed {
        document["error"] = json!(words);
    }
    out.result(&document, || {
        format!("{gifts_new} new gifts, {sum_new} yuan; {gifts_known} known")
    });
    match (failed, refused) {
        (Some(words), _) => Err(Failure::Said(words)),
        (None, 0) => Ok(()),
        (None, rows) => Err(Failure::Said(format!(
            "{rows} rows cannot be read, so their files changed nothing; mend them or repeat with --keep-good"
        ))),
    }
}

fn say_report(report: &importing::FileReport, app: &App, out: &Out) {
    out.say(format!(
        "{} [{}]: {} rows = {} new ({} yuan) + {} known + {} held + {} skipped + {} refused",
        report.file,
        report.profile,
        report.rows_read,
        report.gifts_new,
        report.sum_new_fen,
        report.gifts_known,
        report.held.len(),
        report.skipped.len(),
        report.refused.len()
    ));
    for control in &report.control_totals {
        let verdict = if control.ties { "ties" } else { "DOES NOT TIE" };
        out.say(format!(
            "  control total in row {} ({}): stated {}, found {}: {verdict}",
            control.row, control.label, control.stated_fen, control.found_fen
        ));
    }
    for (word, rows) in [
        ("held", &report.held),
        ("skipped", &report.skipped),
        ("refused", &report.refused),
    ] {
        for row in rows.iter().take(20) {
            out.say(format!("  row {} {word}: {}", row.row, row.reason));
        }
        if rows.len() > 20 {
            out.say(format!("  … and {} more {word}; --json lists them", rows.len() - 20));
        }
    }
    if let Some(run) = report.import {
        out.say(format!(
            "  to take it back: qiao import take-back {}",
            public(&*app.services.keys, run)
        ));
    }
}

async fn take_back(app: &App, run: &str, out: &Out) -> Done {
    let id = from_public(&*app.services.keys, run).map_err(|e| Failure::Usage(format!("{run}: {e}")))?;
    let taken = giving::donations::refunds::take_back_import(&app.services, &Actor::operator(), id).await?;
    app.settle().await?;
    out.result(
        &json!({ "gifts": taken.gifts, "sum_fen": taken.sum, "kept": taken.kept }),
        || {
            let mut words = format!("{} gifts, {} yuan were reversed", taken.gifts, taken.sum);
            if taken.kept > 0 {
                words += &format!(
                    "; {} stay, since a refund of them was asked for: look at each",
                    taken.kept
                );
            }
            words
        },
    );
    Ok(())
}
