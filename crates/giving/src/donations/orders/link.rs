//! The link by which a donor pays an order that staff placed for her: its address with the house's mark behind it.
//!
//! Pure functions of the house's key. The mark is another one than that of the browser which filled in a form, stands for
//! one order, and cannot be made elsewhere; the page takes it only while the order waits for its payment.

use kernel::OrderId;
use kernel::id::public;
use platform::Keys;

/// What the house's mark on a link is for.
const LINK: &str = "order link";

/// The path of the link by which this order is paid, mark and all; it stands behind the address of the installation.
pub fn path(keys: &Keys, order: OrderId) -> String {
    let order = public(keys, order);
    let mark = keys.mark(LINK, &order);
    format!("/o/{order}/pay?mark={mark}")
}

/// Whether this is the house's mark on the link of this order.
pub fn is_marked(keys: &Keys, order: OrderId, shown: &str) -> bool {
    keys.is_marked(LINK, &public(keys, order), shown)
}

#[cfg(test)]
mod tests {
    use kernel::{Instant, SeededRng};

    use super::*;

    #[test]
    fn a_mark_opens_its_own_order_and_no_other() {
        let rng = SeededRng::new(7);
        let keys = Keys::from_file(&Keys::new_file(&rng)).expect("keys");
        let now = Instant::from_micros(1_778_198_400_000_000);
        let (one, other) = (OrderId::new(now, &rng), OrderId::new(now, &rng));
        let link = path(&keys, one);
        let (_, mark) = link.split_once("?mark=").expect("a mark");
        assert!(is_marked(&keys, one, mark));
        assert!(!is_marked(&keys, other, mark));
        let longer = format!("{mark}A");
        for wrong in ["", "A", &mark[1..], longer.as_str()] {
            assert!(!is_marked(&keys, one, wrong), "{wrong}");
        }
        let cookie = keys.mark("order cookie", &public(&keys, one));
        assert!(!is_marked(&keys, one, &cookie), "a browser's mark is another one");
    }
}
