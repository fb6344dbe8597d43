//! The text of a gift's entry, written straight away: there are a million of them for every other entry, and through a
//! JSON value each took longer to write than to hash.

use super::{Leaf, LeafError, Received, VERSION};
use crate::log::lint;

/// The same text as the general way gives; `None` for what is not a gift.
///
/// # Errors
/// [`LeafError::Personal`].
pub(super) fn text(leaf: &Leaf) -> Result<Option<String>, LeafError> {
    let Some(gift) = leaf.gift() else { return Ok(None) };
    // Several commitments would have to be put in order.
    if gift.c.len() != 1 {
        return Ok(None);
    }
    write(leaf.kind(), gift).map(Some)
}

/// Its keys in their order. What passes the lint has no letter that JSON would write otherwise.
fn write(kind: &str, gift: &Received) -> Result<String, LeafError> {
    let mut out = String::with_capacity(320);
    let amount = gift.amt.get().to_string();
    lint::amount(&amount)?;
    put(&mut out, "{\"amt\":", &amount);
    for (field, commitment) in &gift.c {
        let hash = commitment.0.to_base64();
        lint::text(&hash)?;
        out.push_str(",\"c\":{\"");
        out.push_str(field.as_str());
        put(&mut out, "\":", &hash);
        out.push('}');
    }
    let day = gift.day.to_string();
    let pool = gift.pool.as_ref().map(|pool| (",\"pool\":", pool.as_str()));
    let parts = [
        (",\"chan\":", gift.chan.as_str()),
        (",\"day\":", &day),
        (",\"id\":", gift.id.as_str()),
    ];
    let rest = [
        (",\"proj\":", gift.proj.as_str()),
        (",\"t\":", kind),
        (",\"unit\":", gift.unit.as_str()),
    ];
    for (key, value) in parts.into_iter().chain(pool).chain(rest) {
        lint::text(value)?;
        put(&mut out, key, value);
    }
    out.push_str(",\"v\":");
    out.push_str(&VERSION.to_string());
    out.push('}');
    Ok(out)
}

fn put(out: &mut String, key: &str, value: &str) {
    out.push_str(key);
    out.push('"');
    out.push_str(value);
    out.push('"');
}
