//! `qiao report`: figures on the command line, from the queries the pages use.

use giving::donations::totals::{self, Of};
use ledger::queries as books;
use platform::identity::Scope;
use serde_json::json;

use crate::app::App;
use crate::output::{Done, Out};

/// Which figures.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Gifts, sums, refunds, channels, days and the trial balance of the whole installation.
    Totals,
}

/// Prints figures.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::Totals => totals(app, out).await,
    }
}

async fn totals(app: &App, out: &Out) -> Done {
    let mut at = app.services.db.snapshot().await?;
    let as_of = app.services.now();
    let totals = totals::totals(&mut at, Of::Everything, &Scope::Everything, &app.services.tree).await?;
    let matched = totals::matched(&mut at, Of::Everything, &Scope::Everything, &app.services.tree).await?;
    let balance = books::trial_totals(&mut at).await?;
    let document = json!({
        "gifts": totals.sums.gifts,
        "sum_fen": totals.sums.sum_fen,
        "refunds": totals.sums.refunds,
        "matched": { "matches": matched.gifts, "sum_fen": matched.sum_fen, "went_back": matched.refunds },
        "by_channel": totals.by_channel,
        "by_day": totals.by_day,
        "trial_balance": { "debit_fen": balance.debit, "credit_fen": balance.credit },
        "as_of": as_of,
    });
    out.result(&document, || {
        let mut words = format!("{} 笔 gifts, {} 元\n", totals.sums.gifts, totals.sums.sum_fen);
        for channel in totals.by_channel.iter().filter(|c| c.gifts > 0) {
            words += &format!(
                "  {:<9} {:>9} {:>18}\n",
                channel.channel.as_str(),
                channel.gifts,
                channel.sum_fen
            );
        }
        for day in &totals.by_day {
            words += &format!("  {} {:>8} {:>18}\n", day.day, day.gifts, day.sum_fen);
        }
        if matched.gifts > 0 {
            words += &format!(
                "matched apart: {} matches, {} 元, {} went back\n",
                matched.gifts, matched.sum_fen, matched.refunds.sum_fen
            );
        }
        words + &format!("trial balance: debit {} credit {}", balance.debit, balance.credit)
    });
    Ok(())
}
