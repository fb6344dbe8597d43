//! What the newest entries added to their units, so that a statement is compared with the log as it stood a moment
//! before: between the look into the books and its entry others come.

use std::collections::VecDeque;

use super::super::leaf::{Figures, PublicId};

/// The oldest log a statement may speak of, in entries before it: some rounds of a crowded day.
const RECENT_MAX: usize = 100_000;

/// What entries added, and how many there are.
#[derive(Default)]
pub(super) struct Recent {
    size: u64,
    added: VecDeque<(u64, u128, Figures)>,
}

impl Recent {
    /// How many entries there are.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The entry is taken.
    pub(super) fn next(&mut self) {
        self.size += 1;
    }

    /// The entry being taken adds this to a unit.
    pub(super) fn add(&mut self, unit: &PublicId, figures: Figures) {
        if figures == Figures::default() {
            return;
        }
        if self.added.len() == RECENT_MAX {
            self.added.pop_front();
        }
        self.added.push_back((self.size, unit.number(), figures));
    }

    /// What a unit gained since the log had so many entries; `None` where that is ahead, or too long ago.
    pub(super) fn since(&self, size: u64, unit: &PublicId) -> Option<Figures> {
        let forgotten = self.added.len() == RECENT_MAX && self.added.front().is_some_and(|(at, ..)| *at >= size);
        if size > self.size || forgotten {
            return None;
        }
        let unit = unit.number();
        let newest = self.added.iter().rev().take_while(|(at, ..)| *at >= size);
        let own = newest.filter(|(_, of, _)| *of == unit);
        Some(own.fold(Figures::default(), |sum, (_, _, figures)| sum + *figures))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gifts(gifts: i64) -> Figures {
        Figures {
            gifts,
            ..Figures::default()
        }
    }

    #[test]
    fn what_came_since_is_told_by_unit_and_never_of_a_log_ahead_or_forgotten() {
        let (one, other) = (PublicId::from_bytes(&[1; 16]), PublicId::from_bytes(&[2; 16]));
        let mut recent = Recent::default();
        for n in 0..10 {
            recent.add(if n % 2 == 0 { &one } else { &other }, gifts(1));
            recent.next();
        }
        assert_eq!(recent.since(10, &one), Some(gifts(0)));
        assert_eq!(recent.since(6, &one), Some(gifts(2)));
        assert_eq!(recent.since(0, &other), Some(gifts(5)));
        assert_eq!(recent.since(11, &one), None, "ahead");
        for _ in 0..RECENT_MAX {
            recent.add(&one, gifts(1));
            recent.next();
        }
        assert_eq!(recent.since(10, &one), None, "forgotten");
        assert_eq!(recent.since(11, &one), Some(gifts(RECENT_MAX as i64 - 1)));
    }
}
