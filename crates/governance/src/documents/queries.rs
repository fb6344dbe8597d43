//! Reads for showing, in the reader's scope: lists, one document, what waits for a unit.

use db::{DbError, Param as _, Reads, Value, params};
use kernel::UnitId;
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Document, DocumentId, Receipt, StateWord};
use super::store;
pub use super::store::{document, filed, parts};

/// Answers to one document that are shown.
const REPLIES_MAX: i64 = 200;

/// Which documents a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those that my units sent, or received.
    pub side: Option<Side>,
    /// Only those of this state.
    pub state: Option<StateWord>,
    /// Only those that have all these pairs of characters.
    pub asked: Vec<String>,
    /// Before this one.
    pub before: Option<DocumentId>,
}

/// From which side a unit sees a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It sent it.
    Sent,
    /// It received it.
    Received,
}

/// A document in a list, with how many of its receivers have done what, as far as the reader may see.
#[derive(Debug, Clone)]
pub struct Line {
    /// The document.
    pub document: Document,
    /// Receivers.
    pub recipients: i64,
    /// Of those, how many have read it.
    pub read: i64,
    /// Of those, how many have confirmed it.
    pub confirmed: i64,
}

struct Seen {
    sent: String,
    received: String,
    /// Which receipts `r` the reader sees.
    receipts: String,
}

fn seen_by(scope: &Scope, tree: &UnitTree, values: &mut Vec<Value>) -> Seen {
    let sent = scope.condition("d.unit_id", tree, values);
    let within = scope.condition("r.unit_id", tree, values);
    Seen {
        received: format!("EXISTS (SELECT 1 FROM document_recipient r WHERE r.document_id = d.id AND {within})"),
        receipts: format!("({sent} OR {within})"),
        sent,
    }
}

/// Documents that units of the scope sent or received, the newest first, at most `limit`.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn list(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Line>, DbError> {
    let mut values = params![limit];
    let seen = seen_by(scope, tree, &mut values);
    let mut conditions = vec![match filter.side {
        Some(Side::Sent) => seen.sent.clone(),
        Some(Side::Received) => seen.received.clone(),
        None => format!("({} OR {})", seen.sent, seen.received),
    }];
    match filter.state {
        Some(StateWord::Sent) => conditions.push("d.withdrawn_at IS NULL".to_owned()),
        Some(StateWord::Withdrawn) => conditions.push("d.withdrawn_at IS NOT NULL".to_owned()),
        None => {}
    }
    for gram in &filter.asked {
        values.push(gram.param());
        conditions.push(format!(
            "EXISTS (SELECT 1 FROM document_gram g WHERE g.gram = ?{} AND g.document_id = d.id)",
            values.len()
        ));
    }
    if let Some(before) = filter.before {
        values.push((before,).param());
        conditions.push(format!("d.id < ?{}", values.len()));
    }
    let count = |what: &str| {
        format!(
            "(SELECT COUNT(*) FROM document_recipient r WHERE r.document_id = d.id AND {}{what})",
            seen.receipts
        )
    };
    let sql = format!(
        "SELECT d.id, d.unit_id, d.year, d.number, d.code, d.title, d.body, d.reply_to, d.confirm_by, d.sent_by, d.sent_at,
            d.withdrawn_at, d.withdrawn_by, d.withdrawn_reason, {} AS recipients, {} AS read_count,
            {} AS confirmed_count
         FROM document d WHERE {} ORDER BY d.id DESC LIMIT ?1",
        count(""),
        count(" AND r.read_at IS NOT NULL"),
        count(" AND r.confirmed_at IS NOT NULL"),
        conditions.join(" AND ")
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| {
            Ok(Line {
                document: store::read(row)?,
                recipients: row.int("recipients")?,
                read: row.int("read_count")?,
                confirmed: row.int("confirmed_count")?,
            })
        })
        .collect()
}

/// A document, when a unit of the scope sent or received it.
pub async fn document_seen(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    id: DocumentId,
) -> Result<Option<Document>, DbError> {
    let mut values = params![(id,)];
    let seen = seen_by(scope, tree, &mut values);
    let sql = format!(
        "{} WHERE d.id = ?1 AND ({} OR {})",
        store::DOCUMENT,
        seen.sent,
        seen.received
    );
    let row = at.query_one(&sql, values).await?;
    row.as_ref().map(store::read).transpose()
}

/// The receipts of a document that the reader sees: all where her unit sent it, else those of her units.
pub async fn receipts_seen(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    document: &Document,
) -> Result<Vec<Receipt>, DbError> {
    let all = store::receipts(at, document.id).await?;
    let is_ours = scope.contains(document.unit, tree);
    let seen = all.into_iter().filter(|one| is_ours || scope.contains(one.unit, tree));
    Ok(seen.collect())
}

/// The documents that answer one, in the reader's scope, the first first.
pub async fn replies(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    id: DocumentId,
) -> Result<Vec<Document>, DbError> {
    let mut values = params![(id,), REPLIES_MAX];
    let seen = seen_by(scope, tree, &mut values);
    let sql = format!(
        "{} WHERE d.reply_to = ?1 AND ({} OR {}) ORDER BY d.id LIMIT ?2",
        store::DOCUMENT,
        seen.sent,
        seen.received
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}

/// What some units have not confirmed yet, the oldest first.
pub async fn waiting(at: &mut impl Reads, units: &[UnitId], limit: i64) -> Result<Vec<(Document, Receipt)>, DbError> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = params![limit];
    let marks: Vec<String> = units
        .iter()
        .map(|unit| {
            values.push((*unit,).param());
            format!("?{}", values.len())
        })
        .collect();
    let sql = format!(
        "SELECT d.id, d.unit_id, d.year, d.number, d.code, d.title, d.body, d.reply_to, d.confirm_by, d.sent_by, d.sent_at,
            d.withdrawn_at, d.withdrawn_by, d.withdrawn_reason, r.unit_id AS receiving_id, r.read_by, r.read_at
         FROM document_recipient r JOIN document d ON d.id = r.document_id
         WHERE r.unit_id IN ({}) AND r.confirmed_at IS NULL AND d.withdrawn_at IS NULL
         ORDER BY d.id, r.unit_id LIMIT ?1",
        marks.join(", ")
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| {
            let receipt = Receipt {
                unit: row.id("receiving_id")?,
                read: row.opt_id("read_by")?.zip(row.opt_instant("read_at")?),
                confirmed: None,
                reminded_at: None,
            };
            Ok((store::read(row)?, receipt))
        })
        .collect()
}
