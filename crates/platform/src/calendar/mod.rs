//! The working-day calendar of this installation: the shipped one, overruled day by day.
//!
//! Each autumn the State Council publishes the next year's holidays; whoever runs the society enters them here
//! ([`set`], fact `calendar.set`) without waiting for a new version of the program.

pub mod api;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{BusinessDay, DayKind, WorkingDays};
use serde::{Deserialize, Serialize};

use crate::Services;
use crate::facts::{NewFact, conclude};
use crate::identity::{Actor, Forbidden, Permission};

/// Days in one change: a year's holidays and the weekends worked for them, with room.
pub const DAYS_MAX: usize = 120;
/// Why a day is off fits a cell.
const NOTE_CHARS_MAX: usize = 100;

static SHIPPED: LazyLock<WorkingDays> = LazyLock::new(WorkingDays::seed);

/// What a day is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayWord {
    /// A day off that would be worked.
    Holiday,
    /// A weekend day worked in exchange.
    MakeUpWorkday,
    /// As its weekday says, whatever the shipped calendar says.
    Ordinary,
}

impl DayWord {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holiday => "holiday",
            Self::MakeUpWorkday => "make_up_workday",
            Self::Ordinary => "ordinary",
        }
    }
    const fn kind(self) -> Option<DayKind> {
        match self {
            Self::Holiday => Some(DayKind::Holiday),
            Self::MakeUpWorkday => Some(DayKind::MakeUpWorkday),
            Self::Ordinary => None,
        }
    }
}

impl fmt::Display for DayWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DayWord {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Holiday, Self::MakeUpWorkday, Self::Ordinary]
            .into_iter()
            .find(|w| w.as_str() == word)
            .ok_or(())
    }
}

/// One day that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    /// The day.
    pub day: BusinessDay,
    /// What it is.
    pub kind: DayWord,
    /// Why: `国庆节`.
    pub note: String,
}

/// What can go wrong here; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// None, or too many at once.
    #[error("1 to {DAYS_MAX} days are changed at a time")]
    Days,
    /// A note that fits no cell.
    #[error("a note has at most {NOTE_CHARS_MAX} characters")]
    Note,
    /// The tree has no unit yet: run `qiao init`.
    #[error("there is no unit yet; run `qiao init` first")]
    NoRoot,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<CalendarError> for web::Problem {
    fn from(error: CalendarError) -> Self {
        match error {
            CalendarError::Forbidden(error) => error.problem(),
            CalendarError::Days => Self::invalid("days", error),
            CalendarError::Note => Self::invalid("days.note", error),
            CalendarError::NoRoot => Self::invalid("days", error),
            CalendarError::Db(error) => crate::problems::of_db(&error),
        }
    }
}

/// The calendar as it holds now: shipped days overruled by stored ones.
///
/// # Errors
/// Any [`DbError`].
pub async fn load(at: &mut impl Reads) -> Result<WorkingDays, DbError> {
    let mut days: BTreeMap<BusinessDay, DayKind> = SHIPPED.exceptions().collect();
    for own in own_days(at).await? {
        match own.kind.kind() {
            Some(kind) => days.insert(own.day, kind),
            None => days.remove(&own.day),
        };
    }
    Ok(WorkingDays::new(days))
}

/// The stored days, in order. A row per day of a few dozen a year: no limit is needed before the next century.
///
/// # Errors
/// Any [`DbError`].
pub async fn own_days(at: &mut impl Reads) -> Result<Vec<CalendarDay>, DbError> {
    let rows = at
        .query("SELECT day, kind, note FROM calendar_day ORDER BY day", vec![])
        .await?;
    rows.iter()
        .map(|r| {
            Ok(CalendarDay {
                day: r.day("day")?,
                kind: r.word("kind")?,
                note: r.text("note")?,
            })
        })
        .collect()
}

/// Sets days, each replacing what was said of it before. Fact `calendar.set`.
///
/// # Errors
/// [`CalendarError`].
pub async fn set(services: &Services, by: &Actor, days: &[CalendarDay]) -> Result<(), CalendarError> {
    let root = services.tree.roots().first().copied().ok_or(CalendarError::NoRoot)?;
    by.require(Permission::ParameterManage, root)?;
    if days.is_empty() || days.len() > DAYS_MAX {
        return Err(CalendarError::Days);
    }
    if days.iter().any(|d| d.note.chars().count() > NOTE_CHARS_MAX) {
        return Err(CalendarError::Note);
    }
    let mut tx = services.db.begin().await?;
    for day in days {
        tx.execute(
            "INSERT INTO calendar_day (day, kind, note, set_by, set_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, note = excluded.note, set_by = excluded.set_by,
                 set_at = excluded.set_at",
            params![day.day, day.kind.as_str(), day.note.as_str(), (by.id,), services.now()],
        )
        .await?;
    }
    let body: Vec<_> = days
        .iter()
        .map(|d| serde_json::json!([d.day.to_string(), d.kind.as_str()]))
        .collect();
    let body = serde_json::json!({ "days": body });
    let fact = NewFact {
        unit: root,
        kind: "calendar.set",
        subject: root.bytes(),
        actor: Some(by.id),
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
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

    db::both!(
        a_stored_day_overrules_the_shipped_one,
        &all_migrations(),
        async |test: TestDb| {
            let services = testing::services(test.db.clone(), std::path::Path::new("/nowhere"));
            services.tree.replace(vec![(UnitId::from_bytes([1; 16]), None)]);
            let set_to = |kind| {
                vec![CalendarDay {
                    day: day("2026-10-01"),
                    kind,
                    note: "国庆节".into(),
                }]
            };
            let works = async || {
                let mut at = services.db.snapshot().await.expect("a snapshot");
                load(&mut at).await.expect("loaded").is_working_day(day("2026-10-01"))
            };
            assert!(!works().await, "shipped as a holiday");
            set(&services, &Actor::operator(), &set_to(DayWord::Ordinary))
                .await
                .expect("set");
            assert!(works().await, "a Thursday");
            set(&services, &Actor::operator(), &set_to(DayWord::Holiday))
                .await
                .expect("set again");
            assert!(!works().await);
            let auditor = testing::actor(
                &services,
                &[(crate::identity::Role::Auditor, UnitId::from_bytes([1; 16]))],
            );
            let refused = set(&services, &auditor, &set_to(DayWord::Ordinary)).await;
            assert!(matches!(refused, Err(CalendarError::Forbidden(_))));
        }
    );
}
