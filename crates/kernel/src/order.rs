//! In which order a list is read: by time, which the id tells, or by the amount.

/// The order of a list whose rows have an id of their moment and an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The earliest first.
    Oldest,
    /// The latest first.
    Newest,
    /// The smallest amount first.
    Smallest,
    /// The largest amount first.
    Largest,
}

impl Order {
    /// The words of `?sort=`.
    pub const WORDS: [&str; 4] = ["oldest", "newest", "smallest", "largest"];

    /// The order of a word; none for another word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "oldest" => Some(Self::Oldest),
            "newest" => Some(Self::Newest),
            "smallest" => Some(Self::Smallest),
            "largest" => Some(Self::Largest),
            _ => None,
        }
    }

    /// Whether it goes by the amount.
    pub const fn is_by_amount(self) -> bool {
        matches!(self, Self::Smallest | Self::Largest)
    }

    /// Whether it goes from what is more to what is less.
    pub const fn is_downward(self) -> bool {
        matches!(self, Self::Newest | Self::Largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_an_order_and_no_other_is() {
        let orders: Vec<_> = Order::WORDS.into_iter().filter_map(Order::of_word).collect();
        assert_eq!(orders, [Order::Oldest, Order::Newest, Order::Smallest, Order::Largest]);
        assert_eq!(Order::of_word("amount"), None);
    }
}
