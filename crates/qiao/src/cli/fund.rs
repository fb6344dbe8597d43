//! `qiao fund`: looks after named and community funds, lists them with what they hold.

use giving::funds::{actions, queries};
use kernel::id::public;
use platform::identity::Scope;
use serde_json::json;

use crate::app::App;
use crate::output::{Done, Failure, Out};

/// Funds of one list.
const LIST_MAX: i64 = 1_000;

/// What to do with funds.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Take the fees of months that are over, open and end alerts. May run at any time and twice.
    Look,
    /// List funds with what they hold and what somebody must look at.
    List,
}

/// Does it.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::Look => look(app, out).await,
        Command::List => list(app, out).await,
    }
}

fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::Refused(error.to_string())
}

async fn look(app: &App, out: &Out) -> Done {
    let looked = actions::look_after(&app.services).await.map_err(refused)?;
    app.settle().await?;
    out.result(&json!(looked), || {
        format!(
            "{} funds; {} months charged; {} alerts began, {} are over",
            looked.funds, looked.fees, looked.alerted, looked.ended
        )
    });
    Ok(())
}

async fn list(app: &App, out: &Out) -> Done {
    let services = &app.services;
    let today = services.now().business_day();
    let mut at = services.db.snapshot().await?;
    let everywhere = (&Scope::Everything, &*services.tree);
    let alerts = queries::alerts(&mut at, everywhere).await?;
    let (mut shown, mut text) = (Vec::new(), String::new());
    for fund in queries::funds(&mut at, everywhere, (None, LIST_MAX)).await? {
        let told: Vec<&str> = alerts
            .iter()
            .filter(|alert| alert.fund == fund.fund)
            .map(|alert| alert.kind.as_str())
            .collect();
        let view = queries::view(&mut at, fund, today).await.map_err(refused)?;
        let (id, state) = (public(&*services.keys, view.fund.fund), view.fund.state.as_str());
        let (name, holds) = (&view.fund.agreement.name, view.position.money);
        text += &format!("{id}  {state}  {}  {name}  {}\n", holds.to_grouped(), told.join(" "));
        shown.push(json!({ "id": id, "state": state, "name": name, "balance_fen": holds, "alerts": told }));
    }
    out.result(&json!({ "funds": shown }), || {
        if text.is_empty() {
            "no funds".to_owned()
        } else {
            text.trim_end().to_owned()
        }
    });
    Ok(())
}
