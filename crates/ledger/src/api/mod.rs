//! JSON, CSV and XLSX of the books, and booking by hand. All of it is for staff.

mod asked;
pub(crate) mod booking;
mod export;
mod reading;
mod sheets;
mod statements;

use kernel::UnitId;
use kernel::id::{Id, from_public, public};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission, Scope};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::Problem;

/// The routes of the books.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::BooksRead, routes!(reading::get_trial_balance))
        .staff(Permission::BooksRead, routes!(reading::get_account_ledger))
        .staff(Permission::BooksRead, routes!(statements::get_activities))
        .staff(Permission::ReportRead, routes!(statements::get_use_rate))
        .staff(Permission::BooksRead, routes!(sheets::get_balance_sheet))
        .staff(Permission::BooksRead, routes!(sheets::get_cash_flow))
        .staff(Permission::BooksPost, routes!(booking::post_expenditure))
        .staff(Permission::BooksPost, routes!(booking::post_settlement))
        .staff(Permission::BooksPost, routes!(booking::post_reversal))
        .staff(Permission::BooksPost, routes!(booking::post_lifting))
        .merge(crate::payouts::api::routes())
}

pub(crate) fn id_of<I: Id>(s: &Services, field: &'static str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(field, error))
}

fn opt_id<I: Id>(s: &Services, field: &'static str, text: Option<&str>) -> Result<Option<I>, Problem> {
    text.map(|text| id_of(s, field, text)).transpose()
}

fn shown<I: Id>(s: &Services, id: Option<I>) -> Option<String> {
    id.map(|id| public(&*s.keys, id))
}

/// What the actor may read, cut to the unit she asked for and those below it.
fn scope(s: &Services, actor: &Actor, permission: Permission, unit: Option<&str>) -> Result<Scope, Problem> {
    match opt_id::<UnitId>(s, "unit", unit)? {
        Some(unit) => {
            actor.require(permission, unit)?;
            Ok(Scope::below(unit))
        }
        None => Ok(actor.scope_for(permission)),
    }
}
