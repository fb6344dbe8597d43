//! `qiao recurring`: does what is due of regular giving, lists mandates.

use giving::recurring::queries::{self, Only};
use giving::recurring::{ByLink, actions};
use kernel::id::public;
use platform::identity::Scope;
use serde_json::json;

use crate::app::App;
use crate::output::{Done, Failure, Out};

/// Mandates of one list: more is for the interface, which has pages.
const LIST_MAX: i64 = 1_000;

/// What to do with regular giving.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Open what is due, remind donors, note what was paid or missed. May run at any time and twice.
    Due,
    /// List mandates.
    List {
        /// waiting, active, paused or ended.
        #[arg(long)]
        state: Option<String>,
    },
}

/// Does it.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::Due => due(app, out).await,
        Command::List { state } => list(app, state.as_deref(), out).await,
    }
}

async fn due(app: &App, out: &Out) -> Done {
    let giving = app.giving();
    let ran = actions::run(&giving, &ByLink)
        .await
        .map_err(|error| Failure::Refused(error.to_string()))?;
    app.settle().await?;
    out.result(&json!(ran), || {
        format!(
            "{} months opened, {} paid, {} missed, {} skipped; {} mandates ended; {} prompts said, {} to be tried again",
            ran.opened, ran.paid, ran.missed, ran.skipped, ran.ended, ran.said, ran.unsaid
        )
    });
    Ok(())
}

async fn list(app: &App, state: Option<&str>, out: &Out) -> Done {
    let services = &app.services;
    let mut at = services.db.snapshot().await?;
    let only = Only { state, project: None };
    let found = queries::mandates(&mut at, (&Scope::Everything, &services.tree), only, (None, LIST_MAX)).await?;
    let lines: Vec<_> = found
        .iter()
        .map(|m| {
            json!({
                "id": public(&*services.keys, m.id),
                "state": m.state.as_str(),
                "amount_fen": m.amount,
                "day": m.day,
                "next_due": m.next_due,
            })
        })
        .collect();
    out.result(&json!({ "mandates": lines }), || {
        let line = |m: &giving::recurring::Mandate| {
            format!(
                "{}  {}  {}  next {}\n",
                public(&*services.keys, m.id),
                m.state.as_str(),
                m.amount.to_grouped(),
                m.next_due
            )
        };
        let text: String = found.iter().map(line).collect();
        if text.is_empty() {
            "no mandates".to_owned()
        } else {
            text.trim_end().to_owned()
        }
    });
    Ok(())
}
