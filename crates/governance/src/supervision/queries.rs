//! A supervisor's own list, rules and alerts for showing. Nobody sees another's; what left her scope she no longer sees.

use db::{DbError, Reads, params};
use kernel::ActorId;
use kernel::id::Id as _;
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Alert, AlertId, Rule, Watched};
use super::store;

/// Entries of one list.
pub const ENTRIES_MAX: i64 = 500;
/// Running rules of one supervisor.
pub const RULES_MAX: i64 = 100;

/// The owner's list, newest first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn watched(
    at: &mut impl Reads,
    owner: ActorId,
    (scope, tree): (&Scope, &UnitTree),
) -> Result<Vec<Watched>, DbError> {
    let mut values = params![(owner,), ENTRIES_MAX];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!(
        "SELECT {} FROM watched WHERE owner_id = ?1 AND {within} ORDER BY id DESC LIMIT ?2",
        store::WATCHED
    );
    at.query(&sql, values).await?.iter().map(store::read_watched).collect()
}

/// The owner's rules, running ones first.
pub async fn rules(
    at: &mut impl Reads,
    owner: ActorId,
    (scope, tree): (&Scope, &UnitTree),
) -> Result<Vec<Rule>, DbError> {
    let mut values = params![(owner,), 2 * RULES_MAX];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!(
        "SELECT {} FROM watch_rule WHERE owner_id = ?1 AND {within}
         ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT ?2",
        store::RULE
    );
    at.query(&sql, values).await?.iter().map(store::read_rule).collect()
}

/// Which alerts are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Those not marked seen.
    Unseen,
    /// Those marked seen.
    Seen,
}

/// The owner's alerts, newest first, before one, at most `limit`.
pub async fn alerts(
    at: &mut impl Reads,
    owner: ActorId,
    (scope, tree): (&Scope, &UnitTree),
    (wanted, before, limit): (Wanted, Option<AlertId>, i64),
) -> Result<Vec<Alert>, DbError> {
    let before = before.unwrap_or(AlertId::from_bytes([0xff; 16]));
    let mut values = params![(owner,), (before,), limit];
    let within = scope.condition("a.unit_id", tree, &mut values);
    let seen = match wanted {
        Wanted::Unseen => "IS NULL",
        Wanted::Seen => "IS NOT NULL",
    };
    let sql = format!(
        "SELECT {} FROM watch_alert a JOIN watch_rule r ON r.id = a.rule_id
         WHERE a.owner_id = ?1 AND a.id < ?2 AND a.seen_at {seen} AND {within} ORDER BY a.id DESC LIMIT ?3",
        store::ALERT
    );
    at.query(&sql, values).await?.iter().map(store::read_alert).collect()
}
