//! `qiao import goods-in|goods-out|needs`: published tables of goods; `qiao goods catalogue-start`: the starter catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use integrations::goods;
use platform::identity::Actor;
use relief::catalogue::model::ExampleNorms;
use relief::tables::TableKind;
use relief::tables::actions::{Needed, OnRefused, Order, TakenIn};
use serde_json::{Value, json};

use super::user;
use crate::app::App;
use crate::output::{Done, Failure, Out};

/// Rows of each list that are printed as words.
const ROWS_SAID: usize = 20;

/// What `import goods-in`, `goods-out` and `needs` are told.
#[derive(clap::Args)]
pub struct ImportArgs {
    /// The files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The unit's public id; by default the one made by `init`.
    #[arg(long)]
    unit: Option<String>,
    /// Keep the good rows of a file that has refused ones.
    #[arg(long)]
    keep_good: bool,
}

/// What to do with goods.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Fill a unit's catalogue with everyday relief items, kits and the what-not-to-bring list; what is there stays as it is.
    CatalogueStart {
        /// The unit's public id; by default the one made by `init`.
        #[arg(long)]
        unit: Option<String>,
        /// Set example norms too, where an item has none: those of a city of millions.
        #[arg(long)]
        norms: bool,
    },
}

/// Does it.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    let Command::CatalogueStart { unit, norms } = command;
    let unit = user::unit(app, unit.as_deref()).await?;
    let norms = if norms { ExampleNorms::Set } else { ExampleNorms::Left };
    let begun = relief::catalogue::actions::begin_catalogue(&app.services, &Actor::operator(), unit, norms).await?;
    app.settle().await?;
    let document = json!({
        "added": begun.added, "known": begun.known, "left_out": begun.left_out, "without_code": begun.without_code,
        "aliases": begun.aliases, "unwanted": begun.unwanted, "norms": begun.norms,
    });
    out.result(&document, || {
        format!(
            "{} items added, {} were there, {} kits left out; {} codes of GB/T 38565 are for an officer to complete",
            begun.added.len(),
            begun.known.len(),
            begun.left_out.len(),
            begun.without_code
        )
    });
    Ok(())
}

/// All files of one call together.
#[derive(Default)]
struct Sums {
    files: Vec<Value>,
    lines_new: u64,
    lines_known: u64,
    parties: BTreeSet<Vec<u8>>,
    parties_without_lines: u64,
    by_unit: BTreeMap<String, i64>,
    needs: BTreeMap<String, Needed>,
    shares: Vec<Value>,
    refused: Vec<Value>,
    unchanged: usize,
}

impl Sums {
    fn add(&mut self, file: &str, report: TakenIn) -> Result<(), Failure> {
        let of_file = |rows: &[relief::tables::RowReason]| -> Result<Vec<Value>, Failure> {
            let mut all = Vec::new();
            for row in rows {
                let mut row = serde_json::to_value(row)?;
                row["file"] = json!(file);
                all.push(row);
            }
            Ok(all)
        };
        self.lines_new += report.lines_new;
        self.lines_known += report.lines_known;
        self.parties_without_lines += report.parties - report.party_indexes.len() as u64;
        for (unit, number) in &report.by_unit {
            let sum = self.by_unit.entry(unit.clone()).or_default();
            *sum = sum.saturating_add(*number);
        }
        for (item, needed) in &report.needs {
            self.needs.entry(item.clone()).or_default().add(needed);
        }
        self.shares.extend(of_file(&report.shares_a_quantity)?);
        self.refused.extend(of_file(&report.refused)?);
        self.unchanged += usize::from(report.changed_nothing);
        let mut document = serde_json::to_value(&report)?;
        document["file"] = json!(file);
        self.files.push(document);
        self.parties.extend(report.party_indexes);
        Ok(())
    }

    fn document(&self, kind: TableKind) -> Value {
        let parties = self.parties.len() as u64 + self.parties_without_lines;
        let (receivers, donors) = match kind {
            TableKind::In => (0, parties),
            TableKind::Out | TableKind::Needs => (parties, 0),
        };
        let mut document = json!({
            "files": self.files, "lines_new": self.lines_new, "lines_known": self.lines_known, "receivers": receivers,
            "donors": donors, "by_unit": self.by_unit, "shares_a_quantity": self.shares, "refused": self.refused,
        });
        if kind == TableKind::Needs {
            document["needs"] = json!(self.needs);
        }
        document
    }
}

/// Takes tables in: each line once, however often its file comes.
pub async fn import(app: &App, kind: TableKind, args: ImportArgs, out: &Out) -> Done {
    let order = Order {
        unit: user::unit(app, args.unit.as_deref()).await?,
        kind,
        refused: if args.keep_good {
            OnRefused::KeepGood
        } else {
            OnRefused::ChangeNothing
        },
    };
    let (mut sums, mut failed) = (Sums::default(), None);
    for file in &args.files {
        let path = out.cwd.join(file);
        match goods::import(&app.services, &Actor::operator(), order, &path).await {
            Ok(report) => {
                say(&file.display().to_string(), &report, out);
                sums.add(&file.display().to_string(), report)?;
            }
            Err(error) => {
                failed = Some(format!("{}: {error}", file.display()));
                break;
            }
        }
    }
    app.settle().await?;
    let mut document = sums.document(kind);
    if let Some(words) = &failed {
        document["error"] = json!(words);
    }
    out.result(&document, || {
        let units: Vec<String> = sums
            .by_unit
            .iter()
            .map(|(unit, number)| format!("{unit} {number}"))
            .collect();
        format!(
            "{} new lines, {} known; {}",
            sums.lines_new,
            sums.lines_known,
            units.join(" · ")
        )
    });
    match (failed, sums.unchanged) {
        (Some(words), _) => Err(Failure::Said(words)),
        (None, 0) => Ok(()),
        (None, _) => Err(Failure::Said(format!(
            "{} rows cannot be read, so their files changed nothing; mend them or repeat with --keep-good",
            sums.refused.len()
        ))),
    }
}

fn say(file: &str, report: &TakenIn, out: &Out) {
    out.say(format!(
        "{file}: {} tables, {} new lines, {} known, {} share a quantity, {} refused",
        report.tables,
        report.lines_new,
        report.lines_known,
        report.shares_a_quantity.len(),
        report.refused.len()
    ));
    for rows in [&report.other_tables, &report.names_joined, &report.refused] {
        for row in rows.iter().take(ROWS_SAID) {
            out.say(format!("  {} row {}: {}", row.sheet, row.row, row.reason));
        }
        if rows.len() > ROWS_SAID {
            out.say(format!("  … and {} more; --json lists them", rows.len() - ROWS_SAID));
        }
    }
}
