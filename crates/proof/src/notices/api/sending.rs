//! A file of a notice on its way out.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use kernel::id::hex;

use crate::notices::model::Attached;

/// The answer that hands out a file: to be kept, never shown as a page of this house.
pub fn sent(file: &Attached, bytes: Vec<u8>) -> Response {
    let (media, ending) = match file.media_type.as_str() {
        "application/pdf" => ("application/pdf", "pdf"),
        "image/png" => ("image/png", "png"),
        _ => ("image/jpeg", "jpg"),
    };
    let name = format!("attachment; filename=\"{}.{ending}\"", &hex(&file.sha256)[..16]);
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
