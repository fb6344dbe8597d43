//! `qiao match`: sets pools up, exports and recomputes them, shows what a rule would have done.

mod past;
mod replay;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use db::Snapshot;
use giving::matching::actions::{self, NewPool};
use giving::matching::queries::{self, PoolView};
use giving::matching::rules::{PoolRecord, RecordedGift, RecordedRow};
use giving::matching::{Backing, PoolState, Rule, export, store, words};
use kernel::id::{from_public, hex};
use kernel::{BusinessDay, CampaignId, Fen};
use platform::identity::{Actor, Scope};
use serde::de::DeserializeOwned;
use serde_json::json;
use web::Locale;

use crate::app::App;
use crate::output::{Done, Failure, Out};

/// What to do with pools.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Make a pool under a signed agreement, with its rule, and publish it; --open opens it as well.
    SetUp(SetUpArgs),
    /// Close an open pool; one that is shared out at its close is shared out now.
    Close {
        /// The pool's code.
        pool: String,
    },
    /// Recompute every decision from exported files, or from this installation, and list what differs.
    Replay(replay::ReplayArgs),
    /// Show what a rule would have done on a past stream of gifts: of a file, or of this installation.
    Plan(PlanArgs),
    /// Write all decisions and their gifts as JSON lines; with --all-gifts any past stream of gifts.
    Export(ExportArgs),
}

/// What `match set-up` is told.
#[derive(clap::Args)]
pub struct SetUpArgs {
    /// The pool's code.
    #[arg(long)]
    pool: String,
    /// The sponsor's public name.
    #[arg(long)]
    sponsor: String,
    /// The money locked, in yuan.
    #[arg(long)]
    locked_yuan: String,
    /// The rule, a JSON file.
    #[arg(long)]
    rule: PathBuf,
    /// The signed agreement, a file that is kept.
    #[arg(long)]
    agreement: PathBuf,
    /// When it was signed; today unless told.
    #[arg(long)]
    signed_on: Option<String>,
    /// The account under which its matches stand.
    #[arg(long, default_value = "bank")]
    account: String,
    /// Only gifts to projects of this campaign, by its public id.
    #[arg(long)]
    campaign: Option<String>,
    /// Which pool is asked first: the lowest.
    #[arg(long, default_value_t = 0)]
    priority: i64,
    /// Open it at once.
    #[arg(long)]
    open: bool,
}

/// What `match plan` is told.
#[derive(clap::Args)]
pub struct PlanArgs {
    /// The rule, a JSON file.
    #[arg(long)]
    rule: PathBuf,
    /// The gifts, JSON lines as exported, in their order; without, this installation's own in the order of payment.
    #[arg(long, conflicts_with_all = ["campaign", "project", "from", "to"])]
    gifts: Option<PathBuf>,
    /// Who gave: exported decisions of these gifts. Lines of `export --all-gifts` say it themselves; without either payers
    /// are not told apart, and rules that ask for a known payer give nothing.
    #[arg(long, requires = "gifts")]
    decisions: Option<PathBuf>,
    /// Only gifts to projects of this campaign, by its public id.
    #[arg(long)]
    campaign: Option<String>,
    #[command(flatten)]
    which: past::Which,
    /// The money the pool would have, in yuan.
    #[arg(long)]
    locked_yuan: String,
}

/// What `match export` is told.
#[derive(clap::Args)]
pub struct ExportArgs {
    /// Only pools of this campaign, by its public id, or with --all-gifts its gifts; all without.
    #[arg(long)]
    campaign: Option<String>,
    /// Where the decisions go.
    #[arg(long, required_unless_present = "all_gifts", conflicts_with = "all_gifts")]
    decisions: Option<PathBuf>,
    /// Where the gifts go.
    #[arg(long)]
    gifts: PathBuf,
    /// Every gift, whether a pool was asked about it or not, imports too; payers under names made for this file.
    #[arg(long)]
    all_gifts: bool,
    #[command(flatten)]
    which: past::Which,
}

/// A line of the decisions' file.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
enum Line {
    /// A pool, at the head.
    Pool(Box<PoolRecord>),
    /// A decision.
    Row(Box<RecordedRow>),
}

/// An agreement is a scan of some pages.
const AGREEMENT_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// Pools of an installation.
const POOLS_MAX: i64 = 500;
impl Command {
    /// Whether it needs no installation.
    pub const fn is_apart(&self) -> bool {
        matches!(self, Self::Replay(args) if args.is_apart())
    }
}

/// Runs what needs no installation.
pub async fn run_apart(command: Command, out: &Out) -> Done {
    match command {
        Command::Replay(args) => replay::run(None, args, out).await,
        _ => Err(Failure::Usage("this command needs a data folder".into())),
    }
}

/// Runs.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::SetUp(args) => set_up(app, args, out).await,
        Command::Close { pool } => close(app, &pool, out).await,
        Command::Replay(args) => replay::run(Some(app), args, out).await,
        Command::Plan(args) => past::plan(app, &args, out).await,
        Command::Export(args) => export_all(app, args, out).await,
    }
}

fn yuan(text: &str) -> Result<Fen, Failure> {
    Fen::parse_yuan(text).map_err(|e| Failure::Usage(format!("--locked-yuan: {e}")))
}

fn rule_of(path: &Path) -> Result<Rule, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
    let rule: Rule = serde_json::from_str(&text).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
    rule.check().map_err(|e| Failure::Usage(e.to_string()))?;
    Ok(rule)
}

fn campaign_of(app: &App, text: Option<&str>) -> Result<Option<CampaignId>, Failure> {
    let read = |text| from_public(&*app.services.keys, text).map_err(|e| Failure::Usage(format!("--campaign: {e}")));
    text.map(read).transpose()
}

async fn set_up(app: &App, args: SetUpArgs, out: &Out) -> Done {
    let (services, by) = (&app.services, Actor::operator());
    let rule = rule_of(&out.cwd.join(&args.rule))?;
    let locked = yuan(&args.locked_yuan)?;
    let unit = services.tree.roots().first().copied();
    let unit = unit.ok_or_else(|| Failure::Refused("there is no unit; begin with `qiao init`".into()))?;
    let account = app.intake.directory().account_by_code(&args.account);
    let account = account.ok_or_else(|| Failure::Usage(format!("there is no account {}", args.account)))?;
    let signed_on = match &args.signed_on {
        Some(day) => BusinessDay::parse(day).map_err(|e| Failure::Usage(format!("--signed-on: {e}")))?,
        None => services.now().business_day(),
    };
    let paper = tokio::fs::File::open(out.cwd.join(&args.agreement)).await;
    let paper = paper.map_err(|e| Failure::Usage(format!("{}: {e}", args.agreement.display())))?;
    let about = platform::files::About {
        unit,
        media_type: "application/octet-stream".into(),
        sealed: platform::files::Sealed::Plain,
    };
    let (file, _) = platform::files::save(services, &about, AGREEMENT_BYTES_MAX, paper).await?;
    let sponsor = actions::add_sponsor(services, &by, unit, &args.sponsor).await?;
    let new = NewPool {
        unit,
        code: args.pool,
        title: args.sponsor,
        sponsor: sponsor.id,
        account: account.id,
        campaign: campaign_of(app, args.campaign.as_deref())?,
        priority: args.priority,
        backing: Backing::Agreement { file, signed_on },
        locked,
    };
    let pool = actions::create_pool(services, &by, new).await?;
    actions::write_rule(services, &by, pool.id, &rule).await?;
    let mut pool = actions::publish(services, &by, pool.id).await?;
    if args.open {
        let giving = giving::State {
            services: services.clone(),
            intake: app.intake.clone(),
            gateways: app.gateways.clone(),
        };
        pool = actions::open(&giving, &by, pool.id).await?;
    }
    let commitment = pool.commitment.as_deref().map(hex).unwrap_or_default();
    let document = json!({ "pool": pool.code, "state": pool.state.as_str(), "commitment": commitment });
    out.result(&document, || {
        let mut said = format!(
            "{} is {}; seed commitment {commitment}\n",
            pool.code,
            pool.state.as_str()
        );
        for line in words::rule(Locale::ZhHans, &rule) {
            said += &format!("  {line}\n");
        }
        said
    });
    Ok(())
}

async fn close(app: &App, code: &str, out: &Out) -> Done {
    let (services, by) = (&app.services, Actor::operator());
    let mut at = services.db.snapshot().await?;
    let pool = store::pool_by_code(&mut at, code).await?;
    drop(at);
    let pool = pool.ok_or_else(|| Failure::Usage(format!("there is no pool {code}")))?;
    let giving = giving::State {
        services: services.clone(),
        intake: app.intake.clone(),
        gateways: app.gateways.clone(),
    };
    let mut awards = 0;
    if actions::close(&giving, &by, pool.id).await?.state == PoolState::Closing {
        awards = actions::share_out(&giving, &by, pool.id).await?;
    }
    app.settle().await?;
    out.result(&json!({ "pool": code, "awards": awards }), || {
        format!("{code} is closed; {awards} shares were given at its close")
    });
    Ok(())
}

async fn views(app: &App, at: &mut Snapshot, campaign: Option<CampaignId>) -> Result<Vec<PoolView>, Failure> {
    let found = queries::list(at, &Scope::Everything, &app.services.tree, None, POOLS_MAX).await?;
    let wanted = |view: &PoolView| campaign.is_none_or(|one| view.pool.campaign == Some(one));
    Ok(found.into_iter().filter(wanted).collect())
}

/// Hands every line of these pools to `each`, the pools first.
async fn every(
    app: &App,
    campaign: Option<CampaignId>,
    mut each: impl FnMut(Line, Option<RecordedGift>) -> Result<(), Failure>,
) -> Done {
    let mut at = app.services.db.snapshot().await?;
    let views = views(app, &mut at, campaign).await?;
    for record in views.iter().filter_map(export::pool_record) {
        each(Line::Pool(Box::new(record)), None)?;
    }
    for view in &views {
        let mut after = 0;
        loop {
            let page = export::page(&mut at, &app.services, &view.pool, after).await?;
            let Some((last, _)) = page.last() else { break };
            after = last.number;
            for (row, gift) in page {
                each(Line::Row(Box::new(row)), gift)?;
            }
        }
    }
    Ok(())
}

async fn export_all(app: &App, args: ExportArgs, out: &Out) -> Done {
    if args.all_gifts {
        return past::export(app, &args, out).await;
    }
    let Some(decisions) = args.decisions.as_deref().filter(|_| !args.which.is_chosen()) else {
        return Err(Failure::Usage("--from, --to and --project need --all-gifts".into()));
    };
    let campaign = campaign_of(app, args.campaign.as_deref())?;
    let create = |path: &Path| {
        let path = out.cwd.join(path);
        let file = std::fs::File::create(&path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())));
        file.map(std::io::BufWriter::new)
    };
    let (mut decisions, mut gifts) = (create(decisions)?, create(&args.gifts)?);
    let mut seen = BTreeSet::new();
    let mut rows = 0u64;
    every(app, campaign, |line, gift| {
        rows += u64::from(matches!(line, Line::Row(_)));
        writeln!(decisions, "{}", serde_json::to_string(&line)?)?;
        if let Some(gift) = gift
            && seen.insert(gift.gift.clone())
        {
            writeln!(gifts, "{}", serde_json::to_string(&gift)?)?;
        }
        Ok(())
    })
    .await?;
    decisions.flush()?;
    gifts.flush()?;
    out.result(&json!({ "decisions": rows, "gifts": seen.len() }), || {
        format!("{rows} decisions about {} gifts", seen.len())
    });
    Ok(())
}

/// Every line of a file as a value.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
    let read = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|e| Failure::Usage(format!("{} line {}: {e}", path.display(), at + 1)))
    };
    let whole = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    whole.map(read).collect()
}
