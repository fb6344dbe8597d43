//! `qiao doctor`: says what is wrong and how to mend it.

use platform::Services;
use platform::rewrap::{KeyUse, key_use};
use proof::log::LATE_SECONDS;
use serde_json::{Value, json};

use crate::app::{self, App, OpenError, Opening, Place};
use crate::output::{Done, Failure, Out};
use crate::public_log;

/// After a day an entry that waits is overdue: so much was promised in public.
const OVERDUE_SECONDS: i64 = 86_400;

/// What `doctor` is told.
#[derive(clap::Args)]
pub struct Args {
    /// Also recompute every total from the postings, which reads the whole database.
    #[arg(long)]
    deep: bool,
}

/// One thing looked at.
struct Check {
    name: &'static str,
    ok: bool,
    what: String,
    mend: &'static str,
}

/// Looks at an installation, or says why it cannot be opened.
pub async fn run(place: &Place, args: Args, argv: Vec<String>, out: &Out) -> Done {
    match app::open(place, Opening::Existing).await {
        Ok(opened) => {
            let outcome = run_in(&opened.app, args, out).await;
            opened.close().await;
            outcome
        }
        Err(OpenError::Held) => match crate::admin::run_there(&place.data, argv, out.cwd.clone()).await {
            Ok(0) => Ok(()),
            Ok(_) => Err(Failure::Said("something is wrong; see above".into())),
            Err(failure) => Err(failure),
        },
        Err(OpenError::Other(words)) => {
            let check = Check {
                name: "open",
                ok: false,
                what: words,
                mend: "mend this first; then run doctor again",
            };
            tell(&[check], out)
        }
    }
}

/// Looks at an open installation.
pub async fn run_in(app: &App, args: Args, out: &Out) -> Done {
    let s = &app.services;
    let mut at = s.db.snapshot().await?;
    let mut checks = Vec::new();
    let applied = db::applied(&mut at).await?;
    checks.push(Check {
        name: "migrations",
        ok: applied.len() == app::migrations().len(),
        what: format!("{} of {} applied", applied.len(), app::migrations().len()),
        mend: "start this program once; it applies what is missing",
    });
    for reaction in app.reactions.progress(&mut at).await? {
        checks.push(Check {
            name: "reaction",
            ok: reaction.failures == 0,
            what: match &reaction.last_error {
                Some(error) => format!("{}: {} failures, last: {error}", reaction.name, reaction.failures),
                None => format!("{}: {} facts behind", reaction.name, reaction.lag),
            },
            mend: "read the server’s log for the cause; the reaction goes on by itself once it is gone",
        });
    }
    let balance = ledger::queries::trial_totals(&mut at).await?;
    checks.push(Check {
        name: "trial_balance",
        ok: balance.debit == balance.credit,
        what: format!("debit {} credit {}", balance.debit, balance.credit),
        mend: "stop taking gifts and restore the last backup that passes; then tell the developers",
    });
    checks.push(keys_check(&mut at, s).await?);
    drop(at);
    checks.push(public_log(app).await);
    checks.extend(log_store(app).await);
    let mut at = s.db.snapshot().await?;
    if args.deep {
        out.say("recomputing all totals from the postings");
        deep(&mut at, &mut checks).await?;
    }
    tell(&checks, out)
}

async fn public_log(app: &App) -> Check {
    let looked = async {
        let log = match &app.log {
            Some(log) => log.clone(),
            None => public_log::open(app).await?,
        };
        let (wrong, status) = log.examine(&app.services).await;
        if app.log.is_none() {
            log.db().close().await;
        }
        anyhow::Ok((wrong.map(|e| e.to_string()).or_else(|| log.status().stopped), status))
    };
    let (wrong, what) = match looked.await {
        Ok((wrong, status)) => {
            let words = format!(
                "{} entries signed, {} published, {} wait for others, {} facts not read",
                status.size, status.published, status.held, status.lag
            );
            (wrong, words + &late(status.oldest_seconds))
        }
        Err(error) => (Some(format!("{error:#}")), "it cannot be opened".into()),
    };
    Check {
        name: "public_log",
        ok: wrong.is_none(),
        what: wrong.map_or(what.clone(), |why| format!("{what}: {why}")),
        mend: "see docs/transparency.md; nothing is signed meanwhile, gifts are taken all the same",
    }
}

/// What is said of the oldest entry that waits: a warning after a minute, in other words after a day, within which every entry
/// is promised. It is wrong only where the server runs, which this cannot know: gifts of last year may have come in just now.
fn late(seconds: i64) -> String {
    match seconds {
        ..LATE_SECONDS => String::new(),
        OVERDUE_SECONDS.. => format!(
            "; WARNING: the oldest is {} hours old, overdue while the server runs",
            seconds / 3_600
        ),
        _ => format!("; WARNING: the oldest has waited {seconds} seconds"),
    }
}

/// Whether a store of the published log answers and keeps to what the log needs of it; a folder needs no such look.
async fn log_store(app: &App) -> Option<Check> {
    if !app.published.is_far() {
        return None;
    }
    let files = app.published.clone();
    let probed = tokio::task::spawn_blocking(move || files.probe().map_err(|error| error.to_string())).await;
    let wrong = probed.unwrap_or_else(|error| Err(error.to_string())).err();
    Some(Check {
        name: "log_store",
        ok: wrong.is_none(),
        what: wrong.unwrap_or_else(|| format!("{} answers", app.published.place())),
        mend: "see docs/operations.md, “The published log in a store”; nothing is signed meanwhile, gifts are taken all the \
               same, and every entry follows",
    })
}

/// What older keys still seal, and whether every sealed value can be opened.
async fn keys_check(at: &mut db::Snapshot, s: &Services) -> Result<Check, Failure> {
    let counted = key_use(at, &s.keys, &app::sealed_columns()).await?;
    let KeyUse {
        newest,
        left,
        answers_left,
        unopenable,
        older_keys,
    } = counted;
    Ok(Check {
        name: "keys",
        ok: unopenable == 0,
        what: match (unopenable, older_keys, left + answers_left) {
            (0, 0, _) => format!("all values are sealed with key {newest}"),
            (0, older, 0) => format!(
                "all values are sealed with key {newest}; nothing is left of the {older} older: `qiao key remove-old` removes them"
            ),
            (0, _, _) => format!(
                "{left} values and {answers_left} kept answers are left that older keys sealed; the server seals them \
                 anew in the background, answers are forgotten within a week"
            ),
            _ => format!("{unopenable} values were sealed with a key that is not in the key file"),
        },
        mend: "put back the key file that holds every key this database was used with; without it these values stay closed",
    })
}

async fn deep(at: &mut db::Snapshot, checks: &mut Vec<Check>) -> Done {
    const MEND: &str = "the books and their sums differ: keep the database as it is, restore a copy of the last good \
                        backup beside it, and tell the developers";
    let books = ledger::recount(at).await?;
    checks.push(Check {
        name: "books_recount",
        ok: books.agrees(),
        what: format!(
            "{} postings, {} balances, {} findings",
            books.postings, books.balances, books.findings
        ),
        mend: MEND,
    });
    let gifts = giving::donations::recount::recount(at).await?;
    let differing = gifts.totals.len() + gifts.books.len() + gifts.units.len();
    checks.push(Check {
        name: "gift_totals_recount",
        ok: gifts.agrees(),
        what: format!(
            "{} gifts, {} yuan, {differing} differences, {} misplaced",
            gifts.gifts, gifts.sum, gifts.misplaced
        ),
        mend: MEND,
    });
    let goods = relief::stock::queries::recount(at).await?;
    checks.push(Check {
        name: "goods_recount",
        ok: goods.agrees(),
        what: format!(
            "{} movements of goods, {} differences, {} gaps",
            goods.moves, goods.differing, goods.gaps
        ),
        mend: MEND,
    });
    let worth = relief::worth::queries::recount(at).await?;
    let papers = relief::vouchers::queries::recount(at).await?;
    checks.push(Check {
        name: "goods_value_recount",
        ok: worth.agrees() && papers == 0,
        what: format!(
            "{} lots worth {} yuan, {} differ from their movements, {} units from their books, {papers} papers amiss",
            worth.lots, worth.value, worth.differing, worth.books
        ),
        mend: MEND,
    });
    let points = partners::points::queries::recount(at).await?;
    checks.push(Check {
        name: "points_recount",
        ok: points == 0,
        what: format!("{points} residents and shelves differ from their journals"),
        mend: MEND,
    });
    let unplaced = platform::facts::unplaced(at).await?;
    checks.push(Check {
        name: "facts_placed",
        ok: true,
        what: format!(
            "{unplaced} facts wait for their place; last place {}",
            platform::facts::last_place(at).await?
        ),
        mend: "",
    });
    Ok(())
}

fn tell(checks: &[Check], out: &Out) -> Done {
    let ok = checks.iter().all(|c| c.ok);
    let list: Vec<Value> = checks
        .iter()
        .map(|c| json!({ "name": c.name, "ok": c.ok, "what": c.what, "how_to_mend": if c.ok { "" } else { c.mend } }))
        .collect();
    out.result(&json!({ "ok": ok, "checks": list }), || {
        let line = |c: &Check| {
            let mend = if c.ok {
                String::new()
            } else {
                format!("\n      → {}", c.mend)
            };
            format!("{} {}: {}{mend}", if c.ok { "ok  " } else { "BAD " }, c.name, c.what)
        };
        checks.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    if ok {
        Ok(())
    } else {
        Err(Failure::Said(
            "something is wrong; the checks say how to mend it".into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::late;

    #[test]
    fn a_log_that_lags_is_a_warning_after_a_minute_and_overdue_after_a_day() {
        assert_eq!(late(59), "");
        assert!(late(60).contains("WARNING") && !late(86_399).contains("overdue"));
        assert!(late(86_400).contains("24 hours old, overdue"));
    }
}
