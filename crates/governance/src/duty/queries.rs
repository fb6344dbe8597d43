//! Reads for showing: a roster, who is on now, whom to call.

use db::{DbError, Reads, params};
use kernel::{Instant, UnitId};
use platform::identity::Scope;
use platform::{Keys, UnitTree};

use super::model::{PERSON_PLACE, Person, Shift};
use super::store;
pub use super::store::{between, shift};

/// People on duty in a scope at a moment: some in each unit of a city.
const ON_MAX: i64 = 2_000;

/// Who is on in the units of a scope, by unit.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn on_now(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    now: Instant,
) -> Result<Vec<Shift>, DbError> {
    let mut values = params![ON_MAX, now];
    let within = scope.condition("t.unit_id", tree, &mut values);
    let sql = format!(
        "{} WHERE {within} AND t.to_at > ?2 AND t.from_at <= ?2 AND t.cancelled_at IS NULL
         ORDER BY t.unit_id, t.from_at, t.id LIMIT ?1",
        store::SHIFT
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}

/// The telephones of those on duty in a unit, opened to tell them something: never shown, logged or kept.
pub async fn phones_on(
    at: &mut impl Reads,
    keys: &Keys,
    (unit, now): (UnitId, Instant),
) -> Result<Vec<String>, DbError> {
    let sealed = store::sealed_on(at, unit, now).await?;
    let opened = sealed.iter().filter_map(|sealed| {
        let plain = keys.open(sealed, PERSON_PLACE).ok()?;
        serde_json::from_slice::<Person>(&plain).ok()
    });
    Ok(opened
        .map(|person| person.phone)
        .filter(|phone| !phone.is_empty())
        .collect())
}
