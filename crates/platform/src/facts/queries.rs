//! The trail as a list, newest first.

use db::{DbError, Param as _, Reads, params};
use kernel::{Instant, UnitId};

use super::Fact;
use super::store;
use crate::UnitTree;
use crate::identity::Scope;

/// Which facts are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind; `gift.` for all kinds that begin so.
    pub kind: Option<String>,
    /// About this thing.
    pub subject: Option<[u8; 16]>,
    /// Done by this actor.
    pub actor: Option<[u8; 16]>,
    /// Of this unit and those below it.
    pub unit: Option<UnitId>,
    /// At this moment or later, and before the other.
    pub span: (Option<Instant>, Option<Instant>),
    /// Before this place.
    pub before: Option<i64>,
}

/// Facts of the units in the scope, newest first, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn trail(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Fact>, DbError> {
    let (place, from) = store::columns(at.backend());
    let mut values = params![limit];
    let mut mark = |value: db::Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let mut wanted = Vec::new();
    if let Some(before) = filter.before {
        wanted.push(format!("{place} < {}", mark(before.param())));
    }
    if let Some(subject) = filter.subject {
        wanted.push(format!("f.subject_id = {}", mark(subject.param())));
    }
    if let Some(actor) = filter.actor {
        wanted.push(format!("f.actor_id = {}", mark(actor.param())));
    }
    if let Some(from) = filter.span.0 {
        wanted.push(format!("f.happened_at >= {}", mark(from.param())));
    }
    if let Some(until) = filter.span.1 {
        wanted.push(format!("f.happened_at < {}", mark(until.param())));
    }
    if let Some(kind) = &filter.kind {
        // A span rather than a pattern, in which `_` would mean any letter: `/` follows `.`.
        let condition = match kind.strip_suffix('.') {
            Some(stem) => {
                let (from, to) = (mark(kind.param()), mark(format!("{stem}/").param()));
                format!("f.kind >= {from} AND f.kind < {to}")
            }
            None => format!("f.kind = {}", mark(kind.param())),
        };
        wanted.push(condition);
    }
    if let Some(unit) = filter.unit {
        wanted.push(Scope::Below(vec![unit]).condition("f.unit_id", tree, &mut values));
    }
    // Who sees every root sees all: no list of units is then compared.
    let whole = tree.roots().iter().all(|root| scope.contains(*root, tree));
    if !whole || tree.roots().is_empty() {
        wanted.push(scope.condition("f.unit_id", tree, &mut values));
    }
    let wanted = if wanted.is_empty() {
        "1 = 1".to_owned()
    } else {
        wanted.join(" AND ")
    };
    let sql = format!(
        "SELECT {place} AS place, {} FROM {from} WHERE {wanted} ORDER BY {place} DESC LIMIT ?1",
        store::FIELDS
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}
