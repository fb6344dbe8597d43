//! How a database error leaves the house: logged once here, told to the outside without detail.

use db::DbError;
use web::Problem;

/// Seconds to wait before trying again: a failover or a freed disk takes longer, a lock less.
const RETRY_AFTER_S: u32 = 5;

/// 503 with a time when trying again may help, else 500. Nothing was changed in either case.
pub fn of_db(error: &DbError) -> Problem {
    if error.is_transient() {
        tracing::warn!(%error, "the database refused for the moment");
        Problem::unavailable(RETRY_AFTER_S)
    } else {
        tracing::error!(%error, "the database failed");
        Problem::internal()
    }
}
