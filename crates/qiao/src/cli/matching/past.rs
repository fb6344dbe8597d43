//! Past streams of gifts: written as lines, or shown to a rule that was never asked about them.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, Write as _};
use std::path::Path;

use giving::matching::queries::{Past, PastOf, PastStream};
use giving::matching::rules::{PastGift, Plan, Planned, PlannedPayer};
use kernel::id::from_public;
use kernel::{BusinessDay, ProjectId};
use serde_json::json;

use super::{ExportArgs, Line, PlanArgs, campaign_of, lines, rule_of, yuan};
use crate::app::App;
use crate::output::{Done, Failure, Out};

/// Which gifts of the past.
#[derive(clap::Args)]
pub struct Which {
    /// Gifts paid on this day or later, YYYY-MM-DD.
    #[arg(long)]
    from: Option<String>,
    /// Gifts paid on this day or earlier.
    #[arg(long)]
    to: Option<String>,
    /// Only gifts to this project, by its code or public id.
    #[arg(long, conflicts_with = "campaign")]
    project: Option<String>,
}

impl Which {
    /// Whether anything is chosen.
    pub const fn is_chosen(&self) -> bool {
        self.from.is_some() || self.to.is_some() || self.project.is_some()
    }

    fn past(&self, app: &App, campaign: Option<&str>) -> Result<Past, Failure> {
        let day = |name: &str, text: &Option<String>| {
            let read = |text: &String| BusinessDay::parse(text).map_err(|e| Failure::Usage(format!("--{name}: {e}")));
            text.as_ref().map(read).transpose()
        };
        let of = match (&self.project, campaign_of(app, campaign)?) {
            (Some(text), _) => PastOf::Project(project(app, text)?),
            (None, Some(campaign)) => PastOf::Campaign(campaign),
            (None, None) => PastOf::Everything,
        };
        let past = Past {
            of,
            from: day("from", &self.from)?,
            to: day("to", &self.to)?,
        };
        match (past.from, past.to) {
            (Some(from), Some(to)) if to < from => Err(Failure::Usage("--to is before --from".into())),
            _ => Ok(past),
        }
    }
}

fn project(app: &App, text: &str) -> Result<ProjectId, Failure> {
    let directory = app.intake.directory();
    let found = directory.project_by_code(text).or_else(|| {
        let id = from_public::<ProjectId>(&*app.services.keys, text).ok()?;
        directory.project(id)
    });
    let found = found.map(|project| project.id);
    found.ok_or_else(|| Failure::Usage(format!("--project {text}: no project has this code or id")))
}

/// Hands every gift of a stream to `each`, in its order.
async fn every_past(app: &App, past: &Past, mut each: impl FnMut(PastGift) -> Result<(), Failure>) -> Done {
    let mut at = app.services.db.snapshot().await?;
    let mut stream = PastStream::open(&mut at, &app.services, past).await?;
    loop {
        let page = stream.next_page(&mut at, &app.services).await?;
        if page.is_empty() {
            return Ok(());
        }
        page.into_iter().try_for_each(&mut each)?;
    }
}

/// `match export --all-gifts`: any past stream, imports too, as JSON lines.
pub async fn export(app: &App, args: &ExportArgs, out: &Out) -> Done {
    let past = args.which.past(app, args.campaign.as_deref())?;
    let path = out.cwd.join(&args.gifts);
    let file = std::fs::File::create(&path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
    let mut file = std::io::BufWriter::new(file);
    let mut written = 0u64;
    every_past(app, &past, |gift| {
        written += 1;
        writeln!(file, "{}", serde_json::to_string(&gift)?)?;
        Ok(())
    })
    .await?;
    file.flush()?;
    out.result(&json!({ "gifts": written }), || {
        format!("{written} gifts in the order of payment")
    });
    Ok(())
}

/// Who gave each gift, from exported decisions. Every pool knows payers under names of its own, so one pool is
/// listened to: the one that decided about most gifts.
fn payers_of(path: &Path) -> Result<HashMap<String, PlannedPayer>, Failure> {
    let mut by_pool: BTreeMap<String, HashMap<String, PlannedPayer>> = BTreeMap::new();
    for line in lines::<Line>(path)? {
        if let Line::Row(row) = line
            && let Some(gift) = row.gift.clone()
        {
            let payer = PlannedPayer::of(&row);
            by_pool.entry(row.pool).or_default().entry(gift).or_insert(payer);
        }
    }
    Ok(by_pool.into_values().max_by_key(HashMap::len).unwrap_or_default())
}

/// A file of gifts past a rule, a line at a time.
fn take_file(plan: &mut Plan<'_>, path: &Path, payers: &HashMap<String, PlannedPayer>) -> Done {
    let wrong = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|e| wrong(e.to_string()))?;
    for (at, line) in std::io::BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|e| wrong(e.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let gift: PastGift = serde_json::from_str(&line).map_err(|e| wrong(format!("line {}: {e}", at + 1)))?;
        let payer = payers.get(&gift.gift.gift).copied();
        plan.take(&gift, payer.unwrap_or_else(|| gift.payer()));
    }
    Ok(())
}

/// `match plan`: what a rule would have done; draws use a seed of zeros.
pub async fn plan(app: &App, args: &PlanArgs, out: &Out) -> Done {
    let rule = rule_of(&out.cwd.join(&args.rule))?;
    let mut plan = Plan::new(&rule, yuan(&args.locked_yuan)?);
    match &args.gifts {
        Some(gifts) => {
            let payers = match &args.decisions {
                Some(path) => payers_of(&out.cwd.join(path))?,
                None => HashMap::new(),
            };
            take_file(&mut plan, &out.cwd.join(gifts), &payers)?;
        }
        None => {
            let past = args.which.past(app, args.campaign.as_deref())?;
            every_past(app, &past, |gift| {
                plan.take(&gift, gift.payer());
                Ok(())
            })
            .await?;
        }
    }
    let planned = plan.finish();
    out.result(&serde_json::to_value(&planned)?, || said(&planned));
    Ok(())
}

/// Projects told as words; the document has them all.
const PROJECTS_SAID: usize = 30;

fn said(planned: &Planned) -> String {
    let mut said = if planned.at_close {
        format!(
            "{} gifts; at its close the pool would have given {} yuan in {} shares; {} yuan left",
            planned.gifts, planned.given_fen, planned.matches, planned.left_fen
        )
    } else {
        format!(
            "{} of {} gifts would have been matched with {} yuan; {} yuan left",
            planned.matches, planned.gifts, planned.given_fen, planned.left_fen
        )
    };
    for (reason, count) in &planned.reasons {
        said += &format!("\n  {reason:<16} {count:>9}");
    }
    for one in planned.projects.iter().take(PROJECTS_SAID) {
        said += &format!("\n  {}: {} yuan, {}", one.project, one.given_fen, one.matches);
    }
    said
}
