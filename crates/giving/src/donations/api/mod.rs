//! JSON of gifts: orders, look-up and totals for everybody; lists, counter, review, refunds and imports for staff.
//!
//! Projects and accounts are named by their codes, everything else by its public id. Handlers call actions and
//! queries, nothing else.

mod decisions;
mod donors;
mod gifts;
mod orders;
mod payments;
mod public;

use axum::extract::FromRef;
use kernel::id::{Id, from_public};
use platform::Services;
use platform::identity::Permission;
use platform::identity::guard::GuardedRoutes as _;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::Problem;
use web::limit::RateLimiter;

use crate::State as Giving;

pub use gifts::GiftOut;
pub use public::{CampaignTotals, ProjectTotals};

/// What these handlers are given: the house, the way in for gifts, and the limits of what the public may ask.
#[derive(Clone)]
struct Desk {
    giving: Giving,
    limiter: RateLimiter,
}

impl FromRef<Desk> for Services {
    fn from_ref(desk: &Desk) -> Self {
        desk.giving.services.clone()
    }
}
impl FromRef<Desk> for Giving {
    fn from_ref(desk: &Desk) -> Self {
        desk.giving.clone()
    }
}

/// The routes of this slice, payment notices among them.
pub fn routes(giving: &Giving) -> OpenApiRouter<Services> {
    let desk = Desk {
        giving: giving.clone(),
        limiter: RateLimiter::new(giving.services.clock.clone()),
    };
    let at = |routes: UtoipaMethodRouter<Desk>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(desk.clone()))
    };
    OpenApiRouter::new()
        .public(at(routes!(super::notice::receive)))
        .public(at(routes!(orders::place_order)))
        .public(at(routes!(orders::get_order)))
        .public(at(routes!(orders::pay_order)))
        .public(at(routes!(orders::check_order)))
        .staff(Permission::GiftRead, at(routes!(payments::list_reconciliations)))
        .staff(Permission::GiftImport, at(routes!(payments::reconcile_day)))
        .public(at(routes!(public::look_up)))
        .public(at(routes!(public::campaign_totals)))
        .public(at(routes!(public::project_totals)))
        .staff(Permission::GiftRead, at(routes!(gifts::list_gifts)))
        .staff(Permission::GiftRead, at(routes!(donors::list_donors)))
        .staff(Permission::GiftRecord, at(routes!(gifts::enter_gift)))
        .staff(Permission::GiftRead, at(routes!(gifts::get_gift)))
        .staff(Permission::GiftRead, at(routes!(gifts::gifts_of_phone)))
        .staff(Permission::GiftRecord, at(routes!(gifts::say_receipt)))
        .staff(Permission::ReportRead, at(routes!(gifts::report_totals)))
        .staff_any(decisions::REVIEW_READERS, at(routes!(decisions::list_reviews)))
        .staff(Permission::GiftReview, at(routes!(decisions::accept_review)))
        .staff(Permission::GiftReview, at(routes!(decisions::dismiss_review)))
        .staff(Permission::GiftRead, at(routes!(decisions::list_refunds)))
        .staff(Permission::RefundRequest, at(routes!(decisions::request_refund)))
        .staff(Permission::RefundApprove, at(routes!(decisions::approve_refund)))
        .staff(Permission::RefundApprove, at(routes!(decisions::reject_refund)))
        .staff(Permission::GiftImport, at(routes!(decisions::take_back_import)))
        .staff(Permission::PersonalManage, at(routes!(decisions::erase_gift)))
        .staff(Permission::PersonalReveal, at(routes!(decisions::reveal_payer)))
}

/// The id behind a public one in an address: what is none is nothing here.
fn id_of<I: Id>(services: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*services.keys, text).map_err(|_| Problem::not_found())
}

fn of_db(error: db::DbError) -> Problem {
    platform::problems::of_db(&error)
}
