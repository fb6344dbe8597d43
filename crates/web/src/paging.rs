//! Lists: `{"items", "next"}` with an opaque cursor.

use kernel::Order;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::problem::Problem;

/// The most items of one answer: a screenful of work for a table, a few hundred kilobytes for a script.
pub const LIMIT_MAX: u16 = 500;
/// What is given when nothing is asked.
pub const LIMIT_DEFAULT: u16 = 50;
/// A cursor holds a few keys; a longer one is not ours.
const CURSOR_MAX_CHARS: usize = 512;

/// `?limit=&cursor=` of a list. Flatten it into a list's own query struct, or take it alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct PageRequest {
    /// Items wanted, 1 to [`LIMIT_MAX`].
    pub limit: Option<u16>,
    /// Where the last answer ended.
    pub cursor: Option<String>,
}

/// One answer of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Listing<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next answer; absent at the end.
    pub next: Option<String>,
}

impl PageRequest {
    /// How many to give.
    ///
    /// # Errors
    /// `invalid` when the limit is 0 or above [`LIMIT_MAX`].
    pub fn limit(&self) -> Result<usize, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if limit == 0 || limit > LIMIT_MAX {
            return Err(Problem::invalid(
                "limit",
                format!("a number from 1 to {LIMIT_MAX} is expected"),
            ));
        }
        Ok(usize::from(limit))
    }
    /// The key after which to go on; `None` at the beginning.
    ///
    /// # Errors
    /// `invalid` when the cursor is not one that this list gave.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        self.cursor.as_deref().map(decode).transpose()
    }
}

impl<T> Listing<T> {
    /// From a query that fetched one row more than `limit`: the extra row only tells that there is a next answer.
    pub fn cut<K: Serialize>(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more {
            items.last().map(|last| encode(&key(last)))
        } else {
            None
        };
        Self { items, next }
    }
}

/// The order that `?sort=` asks for; none where it is not said.
///
/// # Errors
/// `invalid` on field `sort`.
pub fn order(sort: Option<&str>) -> Result<Option<Order>, Problem> {
    let known = |word: &str| {
        Order::of_word(word)
            .ok_or_else(|| Problem::invalid("sort", format!("one of {} is expected", Order::WORDS.join(", "))))
    };
    sort.map(known).transpose()
}

/// The opaque form of a key.
pub fn encode(key: &impl Serialize) -> String {
    // Keys are tuples of numbers and texts, which JSON always holds.
    data_encoding::BASE64URL_NOPAD.encode(&serde_json::to_vec(key).unwrap_or_default())
}

/// The key in an opaque form.
///
/// # Errors
/// `invalid` on field `cursor`.
pub fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K, Problem> {
    let wrong = || Problem::invalid("cursor", "not a cursor that this list gave");
    if cursor.len() > CURSOR_MAX_CHARS {
        return Err(wrong());
    }
    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(cursor.as_bytes())
        .map_err(|_| wrong())?;
    serde_json::from_slice(&bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_walked_to_its_end_without_repeats() {
        let all: Vec<i64> = (0..7).collect();
        let mut seen = Vec::new();
        let mut request = PageRequest {
            limit: Some(3),
            cursor: None,
        };
        loop {
            let after: i64 = request.after().expect("ours").unwrap_or(-1);
            let limit = request.limit().expect("in range");
            let rows = all.iter().copied().filter(|n| *n > after).take(limit + 1).collect();
            let listing = Listing::cut(rows, limit, |n| *n);
            seen.extend(listing.items);
            let Some(next) = listing.next else { break };
            request.cursor = Some(next);
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_limit_out_of_range_and_a_strange_cursor_are_refused() {
        assert!(
            PageRequest {
                limit: Some(0),
                cursor: None
            }
            .limit()
            .is_err()
        );
        assert!(
            PageRequest {
                limit: Some(501),
                cursor: None
            }
            .limit()
            .is_err()
        );
        assert!(
            PageRequest {
                limit: Some(500),
                cursor: None
            }
            .limit()
            .is_ok()
        );
        assert!(
            PageRequest {
                limit: None,
                cursor: Some("善".into())
            }
            .after::<i64>()
            .is_err()
        );
        assert!(
            PageRequest {
                limit: None,
                cursor: Some(encode(&"text"))
            }
            .after::<i64>()
            .is_err()
        );
    }
}
