//! The donor's way in pages: give, pay, thanks, share, “my gifts”. Works without scripts up to the payment.
//!
//! An order's address is not a key: what names the donor or the amount is shown to the browser that placed the order,
//! which holds a cookie with the house's mark on it, or that came by the link of an order which staff placed on the
//! telephone. Forms are ours by a token; a post from another site is refused.

pub mod give;
mod give_handlers;
pub mod monthly;
pub mod my;
mod my_handlers;
pub mod order;
mod order_handlers;
mod share;
pub mod start;
mod start_handlers;
#[cfg(test)]
mod tests;
mod way;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use kernel::OrderId;
use proof::share::Pictures;
use tower_http::compression::CompressionLayer;
use web::{Problem, problem};

use super::house::House;

/// The longest form: twelve texts, the longest a message of a hundred characters.
const FORM_BYTES_MAX: usize = 16_384;
/// What the house's mark in the cookie of an order is for: the browser that placed it.
const ORDER_COOKIE: &str = "order cookie";
/// Days a browser remembers its order: as long as a donor comes back to look.
const ORDER_COOKIE_S: u32 = 2 * 86_400;

/// What these handlers are given.
#[derive(Clone)]
struct Desk {
    house: House,
    giving: giving::State,
    pictures: Pictures,
}

/// The pages of the donor's way. Merge them with [`super::routes`].
pub fn routes(giving: giving::State) -> Router {
    let house = House::new(giving.services.clone());
    let pages = house.pages().clone();
    let desk = Desk {
        house,
        giving,
        pictures: Pictures::default(),
    };
    Router::new()
        .route("/p/{project}/give", get(give_handlers::show).post(give_handlers::send))
        .route(
            "/p/{project}/team",
            get(start_handlers::show).post(start_handlers::send),
        )
        .route("/p/{project}/share.png", get(share::of_project))
        .route("/o/{order}", get(order_handlers::show))
        .route("/o/{order}/pay", get(order_handlers::pay))
        .route("/o/{order}/share.png", get(share::of_order))
        .route("/my", get(my_handlers::show))
        .route("/my/code", post(my_handlers::code))
        .route("/my/open", post(my_handlers::open))
        .route("/my/refund", post(my_handlers::refund))
        .route("/my/leave", post(my_handlers::leave))
        .route("/my/copy", post(my_handlers::copy))
        .route("/my/erase", post(my_handlers::erase))
        .merge(monthly::routes())
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(pages, problem::speak))
        .layer(CompressionLayer::new())
        .with_state(desk)
}

/// Refuses what a page of another site posts. Old browsers do not say where a post comes from: the token stands then.
pub(super) fn of_this_site(headers: &HeaderMap) -> Result<(), Problem> {
    let says = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match says("sec-fetch-site") {
        Some("same-origin" | "none") | None => Ok(()),
        Some(_) => Err(Problem::forbidden()),
    }
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// Sends the browser on with GET.
fn see(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

impl Desk {
    /// `; Secure` where the public reaches the installation by https.
    fn secure(&self) -> &'static str {
        if self.giving.services.base_url.starts_with("https:") {
            "; Secure"
        } else {
            ""
        }
    }

    /// Whether this browser placed the order, or opened the link that staff gave for it.
    fn is_mine(&self, headers: &HeaderMap, order: OrderId) -> bool {
        let (keys, id) = (&self.giving.services.keys, self.house.public(order));
        cookie(headers, "order").is_some_and(|shown| keys.is_marked(ORDER_COOKIE, &id, shown))
    }

    /// The cookie that says so.
    fn order_cookie(&self, order: OrderId) -> String {
        let id = self.house.public(order);
        let mark = self.giving.services.keys.mark(ORDER_COOKIE, &id);
        let secure = self.secure();
        format!("order={mark}; Path=/o/{id}; Max-Age={ORDER_COOKIE_S}; HttpOnly; SameSite=Lax{secure}")
    }
}
