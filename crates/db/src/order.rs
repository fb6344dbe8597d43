//! How a list's order is said in SQL, and where its next page goes on.

use kernel::id::Id;
use kernel::{Fen, Order};

use crate::{Param as _, Value};

/// The columns of ORDER BY, of a table with an `id` and an `amount_fen`.
pub const fn order_by(order: Order) -> &'static str {
    match order {
        Order::Oldest => "id",
        Order::Newest => "id DESC",
        Order::Smallest => "amount_fen, id",
        Order::Largest => "amount_fen DESC, id DESC",
    }
}

/// The condition of what comes after the amount and id of the last row seen; its values join the others. Nothing seen:
/// every row.
pub fn past<I: Id>(order: Order, after: Option<(Fen, I)>, values: &mut Vec<Value>) -> String {
    let Some((amount, id)) = after else {
        return "1 = 1".to_owned();
    };
    values.push((id,).param());
    let id = values.len();
    let sign = if order.is_downward() { '<' } else { '>' };
    if !order.is_by_amount() {
        return format!("id {sign} ?{id}");
    }
    values.push(amount.param());
    let sum = values.len();
    format!("(amount_fen {sign} ?{sum} OR (amount_fen = ?{sum} AND id {sign} ?{id}))")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::PayoutId;

    #[test]
    fn the_page_after_a_row_begins_behind_it() {
        let last = Some((Fen::new(5), PayoutId::from_bytes([7; 16])));
        let mut values = Vec::new();
        assert_eq!(past(Order::Oldest, last, &mut values), "id > ?1");
        assert_eq!(
            past(Order::Largest, last, &mut values),
            "(amount_fen < ?3 OR (amount_fen = ?3 AND id < ?2))"
        );
        assert_eq!(values.len(), 3);
        assert_eq!(past::<PayoutId>(Order::Newest, None, &mut values), "1 = 1");
        assert_eq!(values.len(), 3, "nothing seen binds nothing");
    }
}
