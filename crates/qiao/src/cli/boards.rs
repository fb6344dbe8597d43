//! `qiao boards`: league tables on the command line.

use std::path::PathBuf;

use giving::boards::{Kind, actions, replay};
use kernel::id::from_public;
use kernel::{BusinessDay, CampaignId};
use platform::identity::Actor;
use serde_json::json;

use crate::app::App;
use crate::output::{Done, Failure, Out};

/// What to do with the boards.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Freeze a day that has ended, and those before it that were missed; the nightly job does the same.
    Freeze {
        /// The day, YYYY-MM-DD; yesterday when nothing is said.
        #[arg(long, value_parser = day)]
        day: Option<BusinessDay>,
    },
    /// Recompute a frozen day from the facts; the exit code is 1 when a row differs.
    Replay {
        /// The day, YYYY-MM-DD.
        #[arg(long, value_parser = day)]
        day: BusinessDay,
    },
    /// Say which boards of a campaign the public sees.
    Show {
        /// The campaign's public id.
        campaign: String,
        /// county, project, team; none hides them all.
        kinds: Vec<Kind>,
    },
    /// Load population figures: a file with the titles region_code,from,people,source.
    Population {
        /// The file.
        file: PathBuf,
    },
}

fn day(text: &str) -> Result<BusinessDay, String> {
    BusinessDay::parse(text).map_err(|_| "a day YYYY-MM-DD is expected".to_owned())
}

/// Does it.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::Freeze { day } => freeze(app, day, out).await,
        Command::Replay { day } => again(app, day, out).await,
        Command::Show { campaign, kinds } => show(app, &campaign, &kinds, out).await,
        Command::Population { file } => population(app, file, out).await,
    }
}

async fn freeze(app: &App, day: Option<BusinessDay>, out: &Out) -> Done {
    app.settle().await?;
    let day = day.unwrap_or_else(|| app.services.now().business_day().plus_days(-1));
    let frozen = actions::freeze_through(&app.services, day).await?;
    let days: Vec<_> = frozen
        .iter()
        .map(|freeze| json!({ "day": freeze.day, "place": freeze.place }))
        .collect();
    out.result(&json!({ "frozen": days }), || match frozen.last() {
        Some(last) => format!(
            "{} days frozen, the last is {} as of fact {}",
            frozen.len(),
            last.day,
            last.place
        ),
        None => format!("{day} was frozen before"),
    });
    Ok(())
}

async fn again(app: &App, day: BusinessDay, out: &Out) -> Done {
    let found = replay(&app.services, day).await?;
    out.result(&serde_json::to_value(&found)?, || {
        format!(
            "{day} as of fact {}: {} rows, {} gifts, {} yuan; {}",
            found.place,
            found.cells,
            found.replayed.gifts,
            found.replayed.sum_fen,
            if found.agrees {
                "every row is the same"
            } else {
                "ROWS DIFFER"
            }
        )
    });
    if found.agrees {
        Ok(())
    } else {
        Err(Failure::Said(format!(
            "{} rows of {day} differ from the facts",
            found.differences.len()
        )))
    }
}

async fn show(app: &App, campaign: &str, kinds: &[Kind], out: &Out) -> Done {
    let id: CampaignId =
        from_public(&*app.services.keys, campaign).map_err(|e| Failure::Usage(format!("{campaign}: {e}")))?;
    actions::open(&app.services, &Actor::operator(), id, kinds).await?;
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    out.result(&json!({ "campaign": campaign, "shown": words }), || {
        if words.is_empty() {
            "no board of this campaign is shown".to_owned()
        } else {
            format!("shown: {}", words.join(", "))
        }
    });
    Ok(())
}

async fn population(app: &App, file: PathBuf, out: &Out) -> Done {
    let path = out.cwd.join(&file);
    let text = std::fs::read_to_string(&path).map_err(|e| Failure::Usage(format!("{}: {e}", file.display())))?;
    let figures = actions::load_population(&app.services, &Actor::operator(), &text).await?;
    out.result(&json!({ "figures": figures }), || format!("{figures} figures loaded"));
    Ok(())
}
