//! Statements, payouts, comparisons, what platforms are told.

use std::path::PathBuf;

use giving::donations::intake::Matching;
use integrations::importing::Mode;
use integrations::platforms::compare::{self, DifferenceState};
use integrations::platforms::model::PlatformCode;
use integrations::platforms::push::{self, NewPush, PushState};
use integrations::platforms::statements::{self, Arrived, Files, Order, Profile, StatementReport};
use kernel::id::{from_public, public};
use kernel::{BusinessDay, Fen, UnitId};
use platform::identity::{Actor, Scope};
use serde_json::json;

use super::Of;
use crate::app::App;
use crate::output::{Done, Failure, Out};

/// Statements and differences that are listed.
const LISTED_MAX: i64 = 500;
/// Differences and rows said in words; the document has them all.
const SAID_MAX: usize = 20;

/// What `platforms import` is told.
#[derive(clap::Args)]
pub struct ImportArgs {
    #[command(flatten)]
    of: Of,
    /// Gift details; several files may overlap.
    #[arg(long, value_name = "FILE")]
    detail: Vec<PathBuf>,
    /// Matching statements, when the platform granted any.
    #[arg(long, value_name = "FILE")]
    matching: Vec<PathBuf>,
    /// The settlement.
    #[arg(long, value_name = "FILE")]
    settlement: PathBuf,
    /// The settlement's number, when the file has none.
    #[arg(long)]
    number: Option<String>,
    /// Profiles of your own, one for each kind of file.
    #[arg(long, value_name = "FILE")]
    profile: Vec<PathBuf>,
    /// Say what would happen and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Let our own open pools match its gifts.
    #[arg(long = "match")]
    matched: bool,
}

/// Brings a statement in.
pub async fn import(app: &App, args: ImportArgs, out: &Out) -> Done {
    let (unit, platform) = args.of.key(app).await?;
    let here = |paths: &[PathBuf]| paths.iter().map(|path| out.cwd.join(path)).collect::<Vec<_>>();
    let mut profiles = Vec::new();
    for path in here(&args.profile) {
        let usage = |why: &dyn std::fmt::Display| Failure::Usage(format!("--profile {}: {why}", path.display()));
        let text = std::fs::read_to_string(&path).map_err(|e| usage(&e))?;
        profiles.push(Profile::from_toml(&text).map_err(|e| usage(&e))?);
    }
    let order = Order {
        unit,
        platform,
        files: Files {
            details: here(&args.detail),
            matchings: here(&args.matching),
            settlement: out.cwd.join(&args.settlement),
            profiles,
            ..Files::default()
        },
        number: args.number,
        mode: if args.dry_run { Mode::DryRun } else { Mode::Import },
        matching: if args.matched { Matching::ByRule } else { Matching::Not },
        actor: Actor::operator().id,
    };
    let told = |done: u64, total: u64| out.say(format!("{done}/{total}"));
    let report = statements::import(&order, &app.services, &app.intake, told).await?;
    app.settle().await?;
    let id = report.statement.map(|id| public(&*app.services.keys, id));
    let mut document = serde_json::to_value(&report)?;
    document["statement"] = json!(id);
    out.result(&document, || words(&report, id.as_deref()));
    if report.ties {
        return Ok(());
    }
    Err(Failure::Said(format!(
        "对不上，没有入账 it does not tie and nothing was stored: {} 处差异 differences, {} 行无法读取 rows that cannot be read",
        report.differences.len(),
        report.refused.len()
    )))
}

fn words(report: &StatementReport, id: Option<&str>) -> String {
    let state = if report.repeated {
        "先前已全部入账 all of it was booked before"
    } else if !report.ties {
        "未入账 not booked"
    } else if report.changed_nothing {
        "试运行 dry run"
    } else {
        "已入账 booked"
    };
    let mut said = format!(
        "结算单 settlement {} {}: {state}\n捐赠 gifts {} = {} 元 yuan ({} 新 new, {} 已有 known)\n\
         配捐 matches {} = {} 元 yuan ({} 新 new, {} 已有 known)\n\
         退款 refunds {}, 手续费 fee {}, 结算 paid out {}",
        report.number,
        id.unwrap_or_default(),
        report.gifts.lines,
        report.gifts.sum_fen,
        report.gifts.new,
        report.gifts.known,
        report.matches.lines,
        report.matches.sum_fen,
        report.matches.new,
        report.matches.known,
        report.refund_fen,
        report.fee_fen,
        report.net_fen,
    );
    for tag in &report.tags {
        let name = if tag.tag.is_empty() { "—" } else { &tag.tag };
        let known = if tag.known || tag.tag.is_empty() {
            ""
        } else {
            " 未知渠道 unknown"
        };
        said += &format!(
            "\n  渠道 channel {name}{known}: {} = {} 元 yuan",
            tag.gifts, tag.sum_fen
        );
    }
    for each in report.differences.iter().take(SAID_MAX) {
        said += &format!(
            "\n  {}: {} {} (应为 stated {}, 实为 found {})",
            each.place, each.zh, each.en, each.stated, each.found
        );
    }
    for note in report.refused.iter().take(SAID_MAX) {
        said += &format!("\n  {} 第 row {}: {} {}", note.file, note.row, note.zh, note.en);
    }
    if report.skipped.len() > SAID_MAX {
        said += &format!(
            "\n  {} 行不计入 rows do not count; --json lists them",
            report.skipped.len()
        );
    } else {
        for note in &report.skipped {
            said += &format!("\n  {} 第 row {}: {} {}", note.file, note.row, note.zh, note.en);
        }
    }
    for number in report.returned_known.iter().take(SAID_MAX) {
        said += &format!("\n  {number}: 平台已退款，本系统尚未退款 given back there and not here");
    }
    said
}

/// Lists statements.
pub async fn statements(app: &App, out: &Out) -> Done {
    let s = &app.services;
    let mut at = s.db.snapshot().await?;
    let found = statements::list(&mut at, (&Scope::Everything, &s.tree), None, LISTED_MAX).await?;
    let items: Vec<_> = found
        .iter()
        .map(|each| {
            json!({
                "statement": public(&*s.keys, each.id), "platform": each.platform, "number": each.number,
                "state": each.state, "gifts": each.gifts, "gift_fen": each.gift_sum, "matches": each.matches,
                "match_fen": each.match_sum, "fee_fen": each.fee, "net_fen": each.net, "arrived_on": each.arrived_on,
            })
        })
        .collect();
    out.result(&json!({ "items": items }), || {
        let line = |each: &statements::Statement| {
            let arrived = each
                .arrived_on
                .map_or_else(|| "未到账 not arrived".to_owned(), |day| format!("到账 arrived {day}"));
            format!(
                "{} {} {} {}: {} 元 yuan, {arrived}",
                public(&*s.keys, each.id),
                each.number,
                each.state.zh(),
                each.state.en(),
                each.net
            )
        };
        found.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

/// Books a payout.
pub async fn payout(app: &App, statement: &str, on: BusinessDay, memo_code: Option<String>, out: &Out) -> Done {
    let id = from_public(&*app.services.keys, statement).map_err(|e| Failure::Usage(format!("{statement}: {e}")))?;
    let arrived = Arrived { on, memo_code };
    let directory = app.intake.directory();
    let booked = statements::book_payout(&app.services, directory, &Actor::operator(), id, arrived).await?;
    app.settle().await?;
    out.result(
        &json!({ "statement": statement, "net_fen": booked.net, "fee_fen": booked.fee, "arrived_on": booked.arrived_on }),
        || format!("{}: {} 元到账 yuan arrived, 手续费 fee {}", booked.number, booked.net, booked.fee),
    );
    Ok(())
}

/// Compares now.
pub async fn compare(app: &App, key: (UnitId, PlatformCode), out: &Out) -> Done {
    let today = app.services.now().business_day();
    let made = compare::compare(&app.platforms, &Actor::operator(), key, today).await?;
    app.settle().await?;
    out.result(
        &json!({ "day": made.day, "pages": made.pages, "projects": made.projects, "differing": made.differing,
            "trace": made.trace }),
        || {
            format!(
                "{}: {} 个项目页 pages, {} 处差异 differences (qiao platforms differences)",
                made.day, made.pages, made.differing
            )
        },
    );
    Ok(())
}

/// Lists open differences.
pub async fn differences(app: &App, out: &Out) -> Done {
    let s = &app.services;
    let mut at = s.db.snapshot().await?;
    let scope = (&Scope::Everything, &*s.tree);
    let found = compare::differences(&mut at, DifferenceState::Open, scope, None, LISTED_MAX).await?;
    let items: Vec<_> = found
        .iter()
        .map(|each| {
            json!({
                "difference": public(&*s.keys, each.id), "page": each.project_no, "what": each.what, "ours": each.ours,
                "theirs": each.theirs, "first_day": each.first_day, "last_day": each.last_day,
            })
        })
        .collect();
    out.result(&json!({ "items": items }), || {
        let line = |each: &compare::Differing| {
            let value = |number: i64| {
                if each.what.is_money() {
                    format!("{} 元 yuan", Fen::new(number))
                } else {
                    number.to_string()
                }
            };
            format!(
                "{} {} {}: 本系统 ours {}, 平台 theirs {} ({} – {})",
                each.project_no,
                each.what.zh(),
                each.what.en(),
                value(each.ours),
                value(each.theirs),
                each.first_day,
                each.last_day
            )
        };
        found.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

/// Tells the platform.
pub async fn push(
    app: &App,
    (unit, platform): (UnitId, PlatformCode),
    (project_no, request_key, file): (String, String, PathBuf),
    out: &Out,
) -> Done {
    let path = out.cwd.join(&file);
    let usage = |why: &dyn std::fmt::Display| Failure::Usage(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|e| usage(&e))?;
    let content = serde_json::from_str(&text).map_err(|e| usage(&e))?;
    let new = NewPush {
        unit,
        platform,
        project_no,
        request_key,
        content,
    };
    let asked = push::ask(&app.platforms, &Actor::operator(), new).await?;
    told(app, push::send(&app.platforms, asked.id).await?, out).await
}

/// Settles what stayed unclear.
pub async fn resolve(app: &App, text: &str, proc_id: Option<&str>, out: &Out) -> Done {
    let id = from_public(&*app.services.keys, text).map_err(|e| Failure::Usage(format!("{text}: {e}")))?;
    let settled = push::resolve(&app.platforms, &Actor::operator(), id, proc_id).await?;
    let settled = match settled.state {
        PushState::Waiting => push::send(&app.platforms, id).await?,
        _ => settled,
    };
    told(app, settled, out).await
}

async fn told(app: &App, push: push::Push, out: &Out) -> Done {
    app.settle().await?;
    let id = public(&*app.services.keys, push.id);
    out.result(
        &json!({ "push": id, "state": push.state, "proc_id": push.proc_id, "trace": push.trace, "code": push.code,
            "said": push.said }),
        || {
            format!(
                "{id}: {} {} {}",
                push.state.zh(),
                push.state.en(),
                push.proc_id.as_deref().unwrap_or_default()
            )
        },
    );
    match push.state {
        PushState::Told | PushState::Waiting | PushState::Sending => Ok(()),
        PushState::Refused | PushState::Unclear => Err(Failure::Said(format!(
            "{id}: {} {}",
            push.state.zh(),
            push.said.unwrap_or_default()
        ))),
    }
}
