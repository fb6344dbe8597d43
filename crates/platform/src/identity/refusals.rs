//! What any operation may refuse, written into the OpenAPI document in one place: the guard, the extractors and the
//! queues answer alike on every route, and a document that is silent about them describes another program. 500 is not
//! among them: it is always a fault.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{PartialSchema as _, ToSchema as _};
use web::problem::{Body, MEDIA_TYPE};

use super::guard::operations_mut;

/// Any route: a request that cannot be read, asked too often, full or starting.
const ALWAYS: [(&str, &str); 4] = [
    ("400", "the request is not what this address takes"),
    ("404", "nothing here that you may see"),
    ("429", "asked too often"),
    ("503", "full or starting; try again"),
];
/// A route with a guard.
const GUARDED: [(&str, &str); 2] = [
    ("401", "no token or session, or one that ended"),
    ("403", "known, but not allowed"),
];
/// A route that changes something.
const WRITING: [(&str, &str); 5] = [
    ("409", "it clashes with what is already there"),
    ("410", "was here; its personal data was erased"),
    ("413", "larger than this address reads"),
    ("415", "not the media type that this address takes"),
    ("422", "understood, and refused by a rule"),
];

/// Adds the refusals that an operation does not describe itself, and the problem's shape to those it describes in words
/// only. What an operation says of a body (a payment provider's own words) stays.
pub(super) fn describe(openapi: &mut OpenApi) {
    let components = openapi.components.get_or_insert_default();
    components.schemas.insert(Body::name().into_owned(), Body::schema());
    for (status, words) in ALWAYS.iter().chain(&GUARDED).chain(&WRITING) {
        components.responses.insert(name(status), RefOr::T(refusal(words)));
    }
    for item in openapi.paths.paths.values_mut() {
        let reads = usize::from(item.get.is_some());
        // `operations_mut` begins with `get`, the one method here that changes nothing.
        for (at, operation) in operations_mut(item).enumerate() {
            let of_method: &[_] = if at < reads { &[] } else { &WRITING };
            add(operation, of_method);
        }
    }
}

fn add(operation: &mut Operation, of_method: &[(&str, &str)]) {
    let of_guard: &[_] = if operation.security.is_some() { &GUARDED } else { &[] };
    let known = &mut operation.responses.responses;
    for (status, response) in known.iter_mut() {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            response.content.insert(MEDIA_TYPE.to_owned(), RefOr::T(problem()));
        }
    }
    for (status, _) in ALWAYS.iter().chain(of_guard).chain(of_method) {
        known
            .entry((*status).to_owned())
            .or_insert_with(|| RefOr::Ref(Ref::from_response_name(name(status))));
    }
}

/// Under which name the document keeps the refusal that all routes share.
fn name(status: &str) -> String {
    format!("Refused{status}")
}

fn refusal(words: &str) -> Response {
    let response = ResponseBuilder::new().description(words);
    response.content(MEDIA_TYPE, problem()).build()
}

fn problem() -> Content {
    let schema = Ref::from_schema_name(Body::name());
    ContentBuilder::new().schema(Some(schema)).build()
}
