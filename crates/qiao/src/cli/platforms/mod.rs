//! `qiao platforms`: the register of donation platforms, their statements, the daily comparison, what they are told.

mod money;

use std::path::PathBuf;

use integrations::platforms::model::PlatformCode;
use integrations::platforms::register::{
    self, NewKeys, NewRaise, Page, PageState, Paper, PaperKind, RaiseState, Standing, StandingIn, Step, queries, rules,
};
use integrations::platforms::{client, tags};
use kernel::id::{from_public, public};
use kernel::{BusinessDay, Fen, Instant, UnitId};
use platform::identity::{Actor, Scope};
use serde_json::json;

use super::user;
use crate::app::App;
use crate::output::{Done, Failure, Out};

/// More units than a province has.
const UNITS_MAX: i64 = 100_000;
/// Raises that are listed.
const RAISES_MAX: i64 = 500;

/// Whose account with which platform.
#[derive(clap::Args)]
pub struct Of {
    /// The unit's public id; by default the one made by `init`.
    #[arg(long)]
    unit: Option<String>,
    /// tencent-gongyi, alipay-gongyi or yeepay-gongyi.
    #[arg(long, default_value = "tencent-gongyi")]
    platform: PlatformCode,
}

impl Of {
    async fn key(&self, app: &App) -> Result<(UnitId, PlatformCode), Failure> {
        Ok((user::unit(app, self.unit.as_deref()).await?, self.platform))
    }
}

/// What to do with platforms.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Every unit with how it stands, its next step to join, what ends soon and what waits.
    List {
        /// tencent-gongyi, alipay-gongyi or yeepay-gongyi.
        #[arg(long, default_value = "tencent-gongyi")]
        platform: PlatformCode,
    },
    /// Enter how a unit stands: joining opens the accounts of its gifts and of the match.
    Standing(Box<StandingArgs>),
    /// Note a step to join as done.
    Step {
        #[command(flatten)]
        of: Of,
        /// certificate, filing, registration, review, bank_account, receipts, interface or first_page.
        step: Step,
        /// When; today unless told.
        #[arg(long)]
        on: Option<String>,
        /// It is open again.
        #[arg(long, conflicts_with = "on")]
        open: bool,
    },
    /// Enter a certificate or filing number with its end.
    Paper(Box<PaperArgs>),
    /// Enter a project's page, or what changed of it.
    Page(Box<PageArgs>),
    /// Record that a raise of a page's capacity was asked for.
    Raise {
        #[command(flatten)]
        of: Of,
        /// The page's number on the platform.
        #[arg(long)]
        page: String,
        /// To how many yuan.
        #[arg(long)]
        to_yuan: String,
        /// Why, and why now.
        #[arg(long)]
        reason: String,
        /// Until when an answer is needed, RFC 3339.
        #[arg(long)]
        needed_by: String,
    },
    /// Record the platform's answer to a raise.
    Answer {
        /// The raise's public id.
        raise: String,
        /// How many yuan it granted; without it, it refused.
        #[arg(long)]
        granted_yuan: Option<String>,
        /// Its words.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Set the keys of the interface. The key is read from a file, sealed, and never shown again.
    Keys {
        #[command(flatten)]
        of: Of,
        /// The application (`gy_…`).
        #[arg(long)]
        app: String,
        /// The file that holds the application's key.
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
        /// Where it is asked: the platform's own address, or a sandbox.
        #[arg(long, value_name = "URL", default_value = client::tencent::ENDPOINT)]
        endpoint: String,
    },
    /// The address of a team-giving page with a county's channel tag.
    Link {
        #[command(flatten)]
        of: Of,
        /// The page's number on the platform.
        #[arg(long)]
        page: String,
        /// The business number (bid).
        #[arg(long)]
        bid: String,
        /// The team giving's number (did).
        #[arg(long)]
        team: String,
    },
    /// Bring in gift details, matches and the settlement; nothing is stored unless counts and sums tie.
    Import(Box<money::ImportArgs>),
    /// Statements, the newest first.
    Statements,
    /// Book that a statement's payout arrived.
    Payout {
        /// The statement's public id.
        statement: String,
        /// The day it stood in the bank.
        #[arg(long)]
        on: String,
        /// The number of the bank statement.
        #[arg(long)]
        memo: Option<String>,
    },
    /// Ask the platform and compare its totals with ours.
    Compare {
        #[command(flatten)]
        of: Of,
    },
    /// Differences that are open.
    Differences,
    /// Tell the platform of progress or execution: a JSON file, sums in fen.
    Push {
        #[command(flatten)]
        of: Of,
        /// The page's number on the platform.
        #[arg(long)]
        page: String,
        /// A key of your own: the same again is told once.
        #[arg(long)]
        key: String,
        /// What is told.
        #[arg(value_name = "FILE")]
        content: PathBuf,
    },
    /// Settle what stayed unclear, after a look at the platform.
    Resolve {
        /// The push's public id.
        push: String,
        /// The number found there; without it, nothing stands there and it is sent again.
        #[arg(long)]
        proc_id: Option<String>,
    },
}

/// What `platforms standing` is told.
#[derive(clap::Args)]
pub struct StandingArgs {
    #[command(flatten)]
    of: Of,
    /// preparing, joined, suspended or left.
    standing: Standing,
    /// Since when; today unless told.
    #[arg(long)]
    since: Option<String>,
    /// The organisation's number there.
    #[arg(long, default_value = "")]
    org_no: String,
    /// Its name there.
    #[arg(long, default_value = "")]
    org_name: String,
    /// Who grants the match.
    #[arg(long, default_value = "")]
    match_giver: String,
    /// The totals that the platform tells hold its match too.
    #[arg(long)]
    totals_with_match: bool,
}

/// What `platforms paper` is told.
#[derive(clap::Args)]
pub struct PaperArgs {
    #[command(flatten)]
    of: Of,
    /// certificate, filing, registration, cooperation or authorisation.
    kind: PaperKind,
    /// Its number.
    #[arg(long)]
    number: String,
    /// The first day.
    #[arg(long)]
    from: String,
    /// The last day.
    #[arg(long)]
    to: String,
    /// Another has taken its place.
    #[arg(long)]
    replaced: bool,
}

/// What `platforms page` is told.
#[derive(clap::Args)]
pub struct PageArgs {
    #[command(flatten)]
    of: Of,
    /// The page's number on the platform.
    #[arg(long)]
    page: String,
    /// The project's code.
    #[arg(long)]
    project: String,
    /// draft, reviewing, rejected, raising, full, paused or closed.
    #[arg(long)]
    state: PageState,
    /// What it may raise, in yuan.
    #[arg(long)]
    capacity_yuan: Option<String>,
    /// The filing number that it shows.
    #[arg(long, default_value = "")]
    filing_no: String,
    /// Its address.
    #[arg(long, default_value = "")]
    url: String,
    /// Since when it is listed.
    #[arg(long)]
    listed_on: Option<String>,
}

fn day(flag: &str, text: &str) -> Result<BusinessDay, Failure> {
    BusinessDay::parse(text).map_err(|e| Failure::Usage(format!("{flag} {text}: {e}")))
}

fn yuan(flag: &str, text: &str) -> Result<Fen, Failure> {
    Fen::parse_yuan(text).map_err(|e| Failure::Usage(format!("{flag} {text}: {e}")))
}

/// Does it.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::List { platform } => list(app, platform, out).await,
        Command::Standing(args) => standing(app, *args, out).await,
        Command::Step { of, step, on, open } => note_step(app, &of, (step, on, open), out).await,
        Command::Paper(args) => paper(app, *args, out).await,
        Command::Page(args) => page(app, *args, out).await,
        Command::Raise {
            of,
            page,
            to_yuan,
            reason,
            needed_by,
        } => {
            let needed_by = Instant::parse_rfc3339(&needed_by)
                .map_err(|e| Failure::Usage(format!("--needed-by {needed_by}: {e}")))?;
            let to = yuan("--to-yuan", &to_yuan)?;
            let new = NewRaise { to, reason, needed_by };
            let raise = register::ask_raise(&app.services, &Actor::operator(), of.key(app).await?, &page, new).await?;
            app.settle().await?;
            let id = public(&*app.services.keys, raise.id);
            out.result(&json!({ "raise": id }), || {
                format!("{id}: 等待平台答复 waits for its answer")
            });
            Ok(())
        }
        Command::Answer {
            raise,
            granted_yuan,
            note,
        } => {
            let id = from_public(&*app.services.keys, &raise).map_err(|e| Failure::Usage(format!("{raise}: {e}")))?;
            let granted = granted_yuan.map(|text| yuan("--granted-yuan", &text)).transpose()?;
            let answered = register::answer_raise(&app.services, &Actor::operator(), id, (granted, &note)).await?;
            app.settle().await?;
            out.result(&json!({ "raise": raise, "state": answered.state }), || {
                format!("{raise}: {} {}", answered.state.zh(), answered.state.en())
            });
            Ok(())
        }
        Command::Keys {
            of,
            app: app_id,
            secret_file,
            endpoint,
        } => keys(app, &of, (app_id, secret_file, endpoint), out).await,
        Command::Link { of, page, bid, team } => link(app, &of, (&page, &bid, &team), out).await,
        Command::Import(args) => money::import(app, *args, out).await,
        Command::Statements => money::statements(app, out).await,
        Command::Payout { statement, on, memo } => money::payout(app, &statement, day("--on", &on)?, memo, out).await,
        Command::Compare { of } => money::compare(app, of.key(app).await?, out).await,
        Command::Differences => money::differences(app, out).await,
        Command::Push { of, page, key, content } => {
            money::push(app, of.key(app).await?, (page, key, content), out).await
        }
        Command::Resolve { push, proc_id } => money::resolve(app, &push, proc_id.as_deref(), out).await,
    }
}

async fn list(app: &App, platform: PlatformCode, out: &Out) -> Done {
    let s = &app.services;
    let today = s.now().business_day();
    let mut at = s.db.snapshot().await?;
    let scope = (&Scope::Everything, &*s.tree);
    let views = queries::standing(&mut at, platform, scope, None, UNITS_MAX).await?;
    let raises = queries::raises(&mut at, Some(RaiseState::Waiting), scope, RAISES_MAX).await?;
    let ending = queries::ending(&mut at, scope, today).await?;
    drop(at);
    let mut lines = Vec::new();
    let mut items = Vec::new();
    for view in &views {
        let (word, zh, en) = view
            .account
            .as_ref()
            .map_or(("not_joined", "未入驻", "not joined"), |account| {
                (account.standing.as_str(), account.standing.zh(), account.standing.en())
            });
        let next = match view.account.as_ref().map(|account| account.standing) {
            Some(Standing::Joined | Standing::Suspended | Standing::Left) => None,
            _ => rules::next_step(&view.steps),
        };
        let step = next.map_or_else(String::new, |step| {
            format!("；下一步 next: {} {}", step.zh(), step.en())
        });
        let unit = public(&*s.keys, view.unit.id);
        lines.push(format!(
            "{} {unit} {zh} {en}; 项目 pages {}, 募款中 raising {}{step}",
            view.unit.short_name, view.pages, view.raising
        ));
        items.push(json!({
            "unit": unit, "name": view.unit.short_name, "standing": word, "tag": tags::tag_of(view.unit.region),
            "next_step": next, "steps": view.steps, "pages": view.pages, "raising": view.raising,
            "raises_waiting": view.waiting,
        }));
    }
    let ends: Vec<_> = ending
        .iter()
        .map(|each| {
            lines.push(format!(
                "{} {} {} {}: 剩 {} 天 days left",
                each.paper.kind.zh(),
                each.paper.kind.en(),
                each.paper.number,
                each.paper.valid_to,
                each.days_left
            ));
            json!({
                "unit": public(&*s.keys, each.paper.unit), "kind": each.paper.kind, "number": each.paper.number,
                "valid_to": each.paper.valid_to, "days_left": each.days_left,
            })
        })
        .collect();
    let waiting: Vec<_> = raises
        .iter()
        .map(|raise| {
            let id = public(&*s.keys, raise.id);
            lines.push(format!(
                "提额 raise {id}: {} → {} 元 yuan, 最迟 by {}",
                raise.project_no,
                raise.to,
                raise.needed_by.to_rfc3339()
            ));
            json!({ "raise": id, "page": raise.project_no, "to_fen": raise.to, "needed_by": raise.needed_by })
        })
        .collect();
    out.result(
        &json!({ "platform": platform, "units": items, "ending": ends, "raises": waiting }),
        || lines.join("\n"),
    );
    Ok(())
}

async fn standing(app: &App, args: StandingArgs, out: &Out) -> Done {
    let (unit, platform) = args.of.key(app).await?;
    let since = match &args.since {
        Some(text) => day("--since", text)?,
        None => app.services.now().business_day(),
    };
    let new = StandingIn {
        unit,
        platform,
        standing: args.standing,
        since,
        org_no: args.org_no,
        org_name: args.org_name,
        match_giver: args.match_giver,
        totals_with_match: args.totals_with_match,
    };
    let account = register::set_standing(&app.services, &Actor::operator(), new).await?;
    let directory = app.intake.directory();
    directory.reload(&app.services).await?;
    app.settle().await?;
    let code = |id: Option<kernel::ReceivingAccountId>| id.and_then(|id| directory.account(id)).map(|a| a.code.clone());
    let (gifts, matches) = (code(account.account), code(account.match_account));
    out.result(
        &json!({ "standing": account.standing, "account": gifts, "match_account": matches }),
        || {
            let accounts = gifts.iter().chain(&matches).cloned().collect::<Vec<_>>().join(", ");
            format!("{} {} {accounts}", account.standing.zh(), account.standing.en())
        },
    );
    Ok(())
}

async fn note_step(app: &App, of: &Of, (step, on, open): (Step, Option<String>, bool), out: &Out) -> Done {
    let done_on = match (open, on) {
        (true, _) => None,
        (false, Some(text)) => Some(day("--on", &text)?),
        (false, None) => Some(app.services.now().business_day()),
    };
    let key = of.key(app).await?;
    register::note_step(&app.services, &Actor::operator(), key, (step, done_on)).await?;
    app.settle().await?;
    out.result(&json!({ "step": step, "done_on": done_on }), || {
        let done = done_on.map_or_else(|| "未完成 open".to_owned(), |day| day.to_string());
        format!("{} {}: {done}", step.zh(), step.en())
    });
    Ok(())
}

async fn paper(app: &App, args: PaperArgs, out: &Out) -> Done {
    let (unit, platform) = args.of.key(app).await?;
    let paper = Paper {
        unit,
        platform,
        kind: args.kind,
        number: args.number,
        valid_from: day("--from", &args.from)?,
        valid_to: day("--to", &args.to)?,
        replaced: args.replaced,
        told_days: None,
    };
    let paper = register::set_paper(&app.services, &Actor::operator(), paper).await?;
    app.settle().await?;
    let left = rules::days_left(paper.valid_to, app.services.now().business_day());
    out.result(&json!({ "number": paper.number, "days_left": left }), || {
        format!(
            "{} {} {}: 剩 {left} 天 days left",
            paper.kind.zh(),
            paper.kind.en(),
            paper.number
        )
    });
    Ok(())
}

async fn page(app: &App, args: PageArgs, out: &Out) -> Done {
    let (unit, platform) = args.of.key(app).await?;
    let project = app.intake.directory().project_by_code(&args.project);
    let project =
        project.ok_or_else(|| Failure::Usage(format!("--project {}: no project has this code", args.project)))?;
    let page = Page {
        unit,
        platform,
        project_no: args.page,
        project: project.id,
        state: args.state,
        capacity: args
            .capacity_yuan
            .map(|text| yuan("--capacity-yuan", &text))
            .transpose()?,
        filing_no: args.filing_no,
        url: args.url,
        listed_on: args.listed_on.map(|text| day("--listed-on", &text)).transpose()?,
    };
    let page = register::set_page(&app.services, &Actor::operator(), page).await?;
    app.settle().await?;
    out.result(
        &json!({ "page": page.project_no, "project": project.code, "state": page.state, "capacity_fen": page.capacity }),
        || format!("{} → {}: {} {}", page.project_no, project.code, page.state.zh(), page.state.en()),
    );
    Ok(())
}

async fn keys(app: &App, of: &Of, (app_id, file, endpoint): (String, PathBuf, String), out: &Out) -> Done {
    let path = out.cwd.join(&file);
    let secret = std::fs::read_to_string(&path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
    let (unit, platform) = of.key(app).await?;
    let new = NewKeys {
        unit,
        platform,
        app_id,
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        secret: secret.trim().to_owned(),
    };
    register::set_keys(&app.services, &Actor::operator(), &new).await?;
    app.settle().await?;
    out.result(
        &json!({ "platform": platform, "app": new.app_id, "endpoint": new.endpoint }),
        || format!("{}: {} 已连接 is connected", platform.zh(), new.app_id),
    );
    Ok(())
}

async fn link(app: &App, of: &Of, (page, bid, team): (&str, &str, &str), out: &Out) -> Done {
    let (unit, platform) = of.key(app).await?;
    if platform != PlatformCode::TencentGongyi {
        return Err(Failure::Usage(
            "links with a channel tag are made for tencent-gongyi".into(),
        ));
    }
    let mut at = app.services.db.snapshot().await?;
    let found = governance::network::queries::unit(&mut at, unit).await?;
    let found = found.ok_or_else(|| Failure::Usage("--unit: no unit has this id".into()))?;
    let page = client::tencent::Page {
        project_no: page,
        bid,
        team,
    };
    let address = tags::link(&page, found.region);
    out.result(&json!({ "tag": tags::tag_of(found.region), "link": address }), || {
        address.clone()
    });
    Ok(())
}
