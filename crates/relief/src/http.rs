//! What the handlers of this crate share.

use db::{DbError, Snapshot};
use kernel::UnitId;
use kernel::id::{Id, from_public};
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use web::Problem;

/// The id behind its public form; what is none leads nowhere.
pub(crate) fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// The same for an optional one.
pub(crate) fn maybe<I: Id>(s: &Services, text: Option<&String>) -> Result<Option<I>, Problem> {
    text.map(|text| id_of(s, text)).transpose()
}

pub(crate) fn of_db(error: DbError) -> Problem {
    problems::of_db(&error)
}

/// A view for a reader who may read goods of this unit.
pub(crate) async fn reading(s: &Services, actor: &Actor, unit: &str) -> Result<(UnitId, Snapshot), Problem> {
    let unit: UnitId = id_of(s, unit)?;
    actor.require(Permission::GoodsRead, unit)?;
    Ok((unit, s.db.snapshot().await.map_err(of_db)?))
}
