//! The dated numbers of the law as this installation reads them: the shipped table, overruled by dated rows.
//!
//! An override cuts its days out of the shipped rows of its key and stands in their place; before and after it the
//! shipped values hold. Overrides are withdrawn, never deleted, and each has the source it comes from (law 11).

pub mod api;
mod overlay;

use std::sync::LazyLock;

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{BusinessDay, Instant, Parameter, ParameterError, ParameterValue, Parameters, Seen};

use crate::Services;
use crate::facts::{NewFact, conclude};
use crate::identity::{Actor, Forbidden, Permission};

pub use overlay::overlay;

/// The text of a source fits a form's line.
const TEXT_CHARS_MAX: usize = 200;
/// A value may be a list of sums.
const VALUE_CHARS_MAX: usize = 2_000;

static SHIPPED: LazyLock<Result<Parameters, ParameterError>> = LazyLock::new(Parameters::shipped);

/// A dated value of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// A key of the shipped table.
    pub key: String,
    /// The first day it holds.
    pub from: BusinessDay,
    /// The last day; until further notice when nothing is said.
    pub to: Option<BusinessDay>,
    /// The value as text: `10`, `70%`, `true`, `100,300`, `unset`.
    pub value: String,
    /// The law, rule or decision it comes from.
    pub legal_ref: String,
}

/// What can go wrong here; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Not in the shipped table.
    #[error("there is no parameter of this key")]
    UnknownKey,
    /// Another kind of value than the shipped one.
    #[error("the value must be of the same kind as the shipped one, such as {0}")]
    Kind(String),
    /// Empty or too long.
    #[error("1 to {TEXT_CHARS_MAX} characters are expected, {VALUE_CHARS_MAX} of a value")]
    Text,
    /// Ends before it begins, or overlaps another override that runs.
    #[error("the days run backwards or overlap another value of this key; withdraw that one first")]
    Days,
    /// No such override that runs.
    #[error("no such value is in force")]
    None,
    /// The tree has no unit yet: run `qiao init`.
    #[error("there is no unit yet; run `qiao init` first")]
    NoRoot,
    /// The shipped table or a stored row cannot be read: a damaged program or database.
    #[error(transparent)]
    Table(#[from] ParameterError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<OverrideError> for web::Problem {
    fn from(error: OverrideError) -> Self {
        match error {
            OverrideError::Forbidden(error) => error.problem(),
            OverrideError::UnknownKey => Self::invalid("key", error),
            OverrideError::Kind(_) | OverrideError::Text => Self::invalid("value", error),
            OverrideError::Days | OverrideError::NoRoot => Self::invalid("from", error),
            OverrideError::None => Self::not_found(),
            OverrideError::Table(error) => {
                tracing::error!(%error, "the table of parameters cannot be used");
                Self::internal()
            }
            OverrideError::Db(error) => crate::problems::of_db(&error),
        }
    }
}

/// The parameters as they hold now; ask them with the record's business day.
///
/// # Errors
/// [`OverrideError::Table`], [`OverrideError::Db`].
pub async fn load(at: &mut impl Reads) -> Result<Parameters, OverrideError> {
    let shipped = SHIPPED.as_ref().map_err(Clone::clone)?;
    let rows = overlay(shipped.rows(), &running(at).await?);
    Ok(Parameters::new(rows)?)
}

/// The overrides that run, by key and first day.
///
/// # Errors
/// Any [`DbError`].
pub async fn running(at: &mut impl Reads) -> Result<Vec<Override>, DbError> {
    let sql = "SELECT key, from_day, to_day, value, legal_ref FROM parameter_override WHERE withdrawn_at IS NULL
               ORDER BY key, from_day";
    let rows = at.query(sql, vec![]).await?;
    let read = |row: &db::Row| {
        Ok(Override {
            key: row.text("key")?,
            from: row.day("from_day")?,
            to: row.opt_day("to_day")?,
            value: row.text("value")?,
            legal_ref: row.text("legal_ref")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Sets a value for a span of days. Fact `parameter.set`.
///
/// # Errors
/// [`OverrideError`].
pub async fn set(services: &Services, by: &Actor, new: Override) -> Result<(), OverrideError> {
    let root = allowed(services, by)?;
    check(&new)?;
    let mut tx = services.db.begin().await?;
    let others = running(&mut tx).await?;
    if others.iter().any(|other| other.key == new.key && overlaps(other, &new)) {
        return Err(OverrideError::Days);
    }
    let now = services.now();
    tx.execute(
        "INSERT INTO parameter_override (key, from_day, to_day, value, legal_ref, set_by, set_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            new.key.as_str(),
            new.from,
            new.to,
            new.value.as_str(),
            new.legal_ref.as_str(),
            (by.id,),
            now
        ],
    )
    .await?;
    let body = serde_json::json!({
        "key": new.key, "from": new.from.to_string(), "to": new.to.map(|d| d.to_string()), "value": new.value,
    });
    let fact = NewFact {
        unit: root,
        kind: "parameter.set",
        subject: root.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}

/// Withdraws an override; from now on the shipped value is read for its days. Fact `parameter.withdrawn`.
///
/// # Errors
/// [`OverrideError`].
pub async fn withdraw(services: &Services, by: &Actor, key: &str, from: BusinessDay) -> Result<(), OverrideError> {
    let root = allowed(services, by)?;
    let now: Instant = services.now();
    let mut tx = services.db.begin().await?;
    let ended = tx
        .execute(
            "UPDATE parameter_override SET withdrawn_at = ?3 WHERE key = ?1 AND from_day = ?2 AND withdrawn_at IS NULL",
            params![key, from, now],
        )
        .await?;
    if ended == 0 {
        return Err(OverrideError::None);
    }
    let body = serde_json::json!({ "key": key, "from": from.to_string() });
    let fact = NewFact {
        unit: root,
        kind: "parameter.withdrawn",
        subject: root.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}

fn allowed(services: &Services, by: &Actor) -> Result<kernel::UnitId, OverrideError> {
    let root = services.tree.roots().first().copied().ok_or(OverrideError::NoRoot)?;
    by.require(Permission::ParameterManage, root)?;
    Ok(root)
}

fn check(new: &Override) -> Result<(), OverrideError> {
    let shipped = SHIPPED.as_ref().map_err(Clone::clone)?;
    let known = shipped
        .rows()
        .iter()
        .find(|row| row.key == new.key)
        .ok_or(OverrideError::UnknownKey)?;
    let fits = |text: &str, most| (1..=most).contains(&text.chars().count());
    if !fits(&new.value, VALUE_CHARS_MAX) || !fits(&new.legal_ref, TEXT_CHARS_MAX) {
        return Err(OverrideError::Text);
    }
    let value = ParameterValue::parse(&new.value);
    let unset = |value: &ParameterValue| *value == ParameterValue::Unset;
    let same_kind = std::mem::discriminant(&value) == std::mem::discriminant(&known.value);
    if !same_kind && !unset(&value) && !unset(&known.value) {
        return Err(OverrideError::Kind(known.value.to_string()));
    }
    if new.to.is_some_and(|to| to < new.from) {
        Err(OverrideError::Days)
    } else {
        Ok(())
    }
}

fn overlaps(a: &Override, b: &Override) -> bool {
    a.to.is_none_or(|to| b.from <= to) && b.to.is_none_or(|to| a.from <= to)
}

fn as_row(own: &Override, unit: &str) -> Parameter {
    Parameter {
        key: own.key.clone(),
        value: ParameterValue::parse(&own.value),
        unit: unit.to_owned(),
        legal_ref: own.legal_ref.clone(),
        seen: Seen::Local,
        from: Some(own.from),
        to: own.to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{all_migrations, testing};
    use db::testing::TestDb;
    use kernel::UnitId;

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn lead_days(value: &str, from: &str, to: Option<&str>) -> Override {
        Override {
            key: "plan.filing_lead_days".into(),
            from: day(from),
            to: to.map(day),
            value: value.into(),
            legal_ref: "市民政局通知".into(),
        }
    }

    db::both!(
        an_override_holds_on_its_days_and_is_withdrawn,
        &all_migrations(),
        async |test: TestDb| {
            let clock = std::sync::Arc::new(kernel::FixedClock::at(testing::NOW));
            let nowhere = std::path::Path::new("/nowhere");
            let services = testing::services_at(test.db.clone(), nowhere, std::sync::Arc::clone(&clock));
            services.tree.replace(vec![(UnitId::from_bytes([1; 16]), None)]);
            let operator = Actor::operator();
            let on = async |text: &str| {
                let mut at = services.db.snapshot().await.expect("a snapshot");
                load(&mut at)
                    .await
                    .expect("loaded")
                    .whole("plan.filing_lead_days", day(text))
                    .expect("in force")
            };
            set(&services, &operator, lead_days("15", "2026-07-01", Some("2026-07-31")))
                .await
                .expect("set");
            assert_eq!((on("2026-06-30").await, on("2026-07-01").await), (Some(10), Some(15)));
            assert_eq!((on("2026-07-31").await, on("2026-08-01").await), (Some(15), Some(10)));

            let overlapping = set(&services, &operator, lead_days("20", "2026-07-31", None)).await;
            assert!(matches!(overlapping, Err(OverrideError::Days)));
            let wrong_kind = set(&services, &operator, lead_days("70%", "2027-01-01", None)).await;
            assert!(matches!(wrong_kind, Err(OverrideError::Kind(_))));
            withdraw(&services, &operator, "plan.filing_lead_days", day("2026-07-01"))
                .await
                .expect("withdrawn");
            assert_eq!(on("2026-07-15").await, Some(10));
            clock.set(testing::NOW.plus_micros(1));
            set(&services, &operator, lead_days("20", "2026-07-01", None))
                .await
                .expect("its days are free again");
            assert_eq!(on("2030-01-01").await, Some(20));
        }
    );
}
