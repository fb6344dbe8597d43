//! Regular giving in pages: the form with its plans, the donor's own mandates, a month's reminder, progress news. All of
//! it works without scripts.

pub mod form;
mod form_handlers;
pub mod mine;
mod mine_handlers;
pub mod month;
mod month_handlers;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post};

use super::Desk;

/// The pages of regular giving, beside those of the donor's way.
pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(
            "/p/{project}/monthly",
            get(form_handlers::show).post(form_handlers::send),
        )
        .route("/my/monthly", get(mine_handlers::show))
        .route("/my/monthly/open", post(form_handlers::open))
        .route("/my/monthly/change", post(mine_handlers::change))
        .route("/my/monthly/news", post(mine_handlers::end_news))
        .route("/m/{link}", get(month_handlers::show))
        .route("/m/{link}/pay", get(month_handlers::pay))
        .route("/n/{link}", get(month_handlers::news))
        .route("/n/{link}/end", post(month_handlers::end_news))
}
