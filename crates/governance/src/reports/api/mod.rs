//! JSON of reports: forms, the table, handing in.

mod forms;
mod handing;
mod table;

pub(crate) use handing::own_units;
use platform::Services;
use utoipa_axum::router::OpenApiRouter;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    forms::routes().merge(table::routes()).merge(handing::routes())
}
