//! Taking the lines of a file in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::DbError;
use kernel::id::{Id as _, hex, uuid_v7};
use kernel::{ImportId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde::Serialize;
use serde_json::json;

use super::model::{Found, Line, Quantity, RowReason, TableKind};
use super::rules::folded;
use super::store::{self, LineRow};
use crate::error::ReliefError;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.table_imported"];
/// Where a party's name is sealed for.
pub const PARTY_PLACE: &str = "goods_line.party";
/// Between the parts of what makes a line the same line; no cell holds it.
const BETWEEN: char = '\u{1f}';

/// What to do with a file that has rows which cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRefused {
    /// Nothing is kept.
    ChangeNothing,
    /// The good rows are kept.
    KeepGood,
}

/// A file to be taken in.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Whose goods they are.
    pub unit: UnitId,
    /// What kind of tables.
    pub kind: TableKind,
    /// What to do with bad rows.
    pub refused: OnRefused,
}

/// How often an item is needed, and how many of its lines say how many.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Needed {
    /// Lines.
    pub lines: u64,
    /// Lines whose “1” means that the amount was not given.
    pub amount_not_given: u64,
    /// Lines without any figure.
    pub nothing: u64,
    /// Lines with a real amount.
    pub given: u64,
    /// Their amounts together.
    pub sum: i64,
}

impl Needed {
    /// Adds another file's figures.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.amount_not_given += other.amount_not_given;
        self.nothing += other.nothing;
        self.given += other.given;
        self.sum = self.sum.saturating_add(other.sum);
    }
}

/// What a file brought.
#[derive(Debug, Default, Serialize)]
pub struct TakenIn {
    /// Tables of the kind asked for.
    pub tables: u32,
    /// Lines that were not known.
    pub lines_new: u64,
    /// Lines that were.
    pub lines_known: u64,
    /// Pieces of the new lines by unit; units are never added to each other.
    pub by_unit: BTreeMap<String, i64>,
    /// New lines with a quantity and no word for the unit.
    pub lines_without_unit: u64,
    /// Parties of the file: receivers, donors or those in need.
    pub parties: u64,
    /// For lists of needs: item by item, of all lines of the file.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub needs: BTreeMap<String, Needed>,
    /// Rows that share the quantity of another: kept as text, counted nowhere.
    pub shares_a_quantity: Vec<RowReason>,
    /// Rows whose broken name was joined.
    pub names_joined: Vec<RowReason>,
    /// Tables of another kind in the same file.
    pub other_tables: Vec<RowReason>,
    /// Rows that cannot be read.
    pub refused: Vec<RowReason>,
    /// Whether the file changed nothing because of them.
    pub changed_nothing: bool,
    /// Who the parties are, by blind index: for sums over several files, told to nobody.
    #[serde(skip)]
    pub party_indexes: BTreeSet<Vec<u8>>,
}

/// Takes the lines of one file in: each once, however often the file comes. One transaction, one fact.
///
/// # Errors
/// [`ReliefError::Forbidden`], [`ReliefError::Db`].
pub async fn take_in(
    services: &Services,
    by: &Actor,
    order: Order,
    sheets: &[(String, Found)],
) -> Result<TakenIn, ReliefError> {
    by.require(Permission::GoodsImport, order.unit)?;
    // Two imports of one file at once: the second finds the lines of the first.
    match take_in_once(services, by, order, sheets).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => take_in_once(services, by, order, sheets).await,
        settled => settled,
    }
}

async fn take_in_once(
    services: &Services,
    by: &Actor,
    order: Order,
    sheets: &[(String, Found)],
) -> Result<TakenIn, ReliefError> {
    let mut report = TakenIn::default();
    let mut lines: Vec<(&str, &Line)> = Vec::new();
    for (name, found) in sheets {
        report.tables += found.tables;
        report.parties += u64::from(found.parties_without_lines);
        report.shares_a_quantity.extend_from_slice(&found.shared);
        report.names_joined.extend_from_slice(&found.joined);
        report.other_tables.extend_from_slice(&found.others);
        report.refused.extend_from_slice(&found.refused);
        lines.extend(found.lines.iter().map(|line| (name.as_str(), line)));
    }
    if !report.refused.is_empty() && order.refused == OnRefused::ChangeNothing {
        report.changed_nothing = true;
        return Ok(report);
    }
    let identities = identities(services, order.kind, &lines);
    let mut tx = services.db.begin().await?;
    let known = store::known(&mut tx, order.unit, &identities).await?;
    let mut rows = Vec::new();
    for ((sheet, line), identity) in lines.iter().zip(&identities) {
        let party_index = party_index(services, line);
        note(&mut report, order.kind, line, known.contains(identity));
        if !line.party.is_empty() {
            report.party_indexes.insert(party_index.clone());
        }
        if !known.contains(identity) {
            rows.push(row_of(services, order.kind, (sheet, line), (*identity, party_index)));
        }
    }
    report.parties += report.party_indexes.len() as u64;
    if rows.is_empty() {
        return Ok(report);
    }
    let now = services.now();
    let import = ImportId::new(now, &*services.rng);
    store::insert(&mut tx, (order.unit, order.kind, import), rows, now).await?;
    let fact = NewFact {
        unit: order.unit,
        kind: "goods.table_imported",
        subject: import.bytes(),
        actor: Some(by.id),
        body: json!({
            "import": hex(&import.bytes()),
            "kind": order.kind,
            "lines_new": report.lines_new,
            "lines_known": report.lines_known,
            "by_unit": report.by_unit,
            "shares_a_quantity": report.shares_a_quantity.len(),
            "refused": report.refused.len(),
        }),
    };
    conclude(tx, fact, services).await?;
    Ok(report)
}

/// Counts a line. Rows that share a quantity are no lines.
fn note(report: &mut TakenIn, kind: TableKind, line: &Line, is_known: bool) {
    if matches!(line.quantity, Quantity::SharedWith(_)) {
        return;
    }
    if is_known {
        report.lines_known += 1;
    } else {
        report.lines_new += 1;
    }
    if kind == TableKind::Needs {
        let needed = report.needs.entry(line.item.clone()).or_default();
        needed.lines += 1;
        match line.quantity {
            Quantity::Own(number) => {
                needed.given += 1;
                needed.sum = needed.sum.saturating_add(number);
            }
            Quantity::NotGiven => needed.amount_not_given += 1,
            Quantity::Nothing | Quantity::SharedWith(_) => needed.nothing += 1,
        }
    }
    if let (Quantity::Own(number), false) = (line.quantity, is_known) {
        if line.unit.is_empty() {
            report.lines_without_unit += 1;
        } else {
            let sum = report.by_unit.entry(folded(&line.unit)).or_default();
            *sum = sum.saturating_add(number);
        }
    }
}

fn party_index(services: &Services, line: &Line) -> Vec<u8> {
    let whose = [&line.party, &line.place, &line.detail].map(|part| folded(part));
    services
        .keys
        .blind_index("goods_line.party", &whose.join(&BETWEEN.to_string()))
}

/// What makes each line the same line when it comes again: everything it says but white space, and the how-manieth of
/// its like it is in the file.
fn identities(services: &Services, kind: TableKind, lines: &[(&str, &Line)]) -> Vec<[u8; 16]> {
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut all = Vec::with_capacity(lines.len());
    for (_, line) in lines {
        let day = line.day.map_or_else(|| folded(&line.day_words), |day| day.to_string());
        let quantity = match line.quantity {
            Quantity::Own(number) => number.to_string(),
            Quantity::NotGiven => "not_given".to_owned(),
            Quantity::Nothing => "nothing".to_owned(),
            Quantity::SharedWith(_) => "shared".to_owned(),
        };
        let parts = [
            kind.as_str().to_owned(),
            day,
            folded(&line.party),
            folded(&line.place),
            folded(&line.detail),
            folded(&line.item),
            folded(&line.spec),
            folded(&line.unit),
            quantity,
        ];
        let text = parts.join(&BETWEEN.to_string());
        let occurrence = seen.entry(text.clone()).or_default();
        *occurrence += 1;
        let text = format!("{text}{BETWEEN}{occurrence}");
        let index = services.keys.blind_index("goods_line.identity", &text);
        let mut identity = [0; 16];
        identity.copy_from_slice(&index[..16]);
        all.push(identity);
    }
    all
}

fn row_of(
    services: &Services,
    kind: TableKind,
    (sheet, line): (&str, &Line),
    (identity, party_index): ([u8; 16], Vec<u8>),
) -> LineRow {
    let (how, quantity) = match line.quantity {
        Quantity::Own(number) => ("own", Some(number)),
        Quantity::NotGiven => ("not_given", None),
        Quantity::Nothing => ("nothing", None),
        Quantity::SharedWith(_) => ("shared", None),
    };
    // Donors may be persons; who receives or asks is an institution.
    let party_shown = match kind {
        TableKind::In => giving::donations::mask::name(&line.party),
        TableKind::Out | TableKind::Needs => line.party.clone(),
    };
    LineRow {
        id: uuid_v7(services.now(), &*services.rng),
        identity,
        sheet: sheet.to_owned(),
        row: line.row,
        day: line.day,
        day_words: line.day_words.clone(),
        party_shown,
        party_index,
        party_sealed: services.keys.seal(line.party.as_bytes(), PARTY_PLACE, &*services.rng),
        place: line.place.clone(),
        item: line.item.clone(),
        spec: line.spec.clone(),
        unit_word: folded(&line.unit),
        how,
        quantity,
    }
}
