//! What counts, and in which order: pure functions of values.

use kernel::{Fen, MoneyError};

use super::model::{Event, Line, Standing, Tally};

impl Standing {
    /// A gift that has just been confirmed.
    pub const fn fresh(amount: Fen) -> Self {
        Self {
            amount,
            refunded: Fen::ZERO,
            returned: false,
            held: false,
            sponsors: false,
        }
    }

    /// What it counts for: nothing while it is held, once it was taken back or wholly given back, or as a sponsor's own.
    ///
    /// # Errors
    /// [`MoneyError`] when more was given back than a number holds.
    pub fn counts(&self) -> Result<Tally, MoneyError> {
        let left = self.amount.minus(self.refunded)?;
        if self.held || self.returned || self.sponsors || !left.is_positive() {
            return Ok(Tally::default());
        }
        Ok(Tally {
            gifts: 1,
            sum_fen: left,
        })
    }

    /// How it stands afterwards.
    ///
    /// # Errors
    /// [`MoneyError`].
    pub fn after(mut self, event: Event) -> Result<Self, MoneyError> {
        match event {
            Event::Refunded(part) => self.refunded = self.refunded.plus(part)?,
            Event::Returned => self.returned = true,
            Event::Held => self.held = true,
            Event::Cleared => self.held = false,
            Event::Sponsors => self.sponsors = true,
        }
        Ok(self)
    }
}

impl Tally {
    /// Both together.
    ///
    /// # Errors
    /// [`MoneyError`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            gifts: self.gifts.checked_add(other.gifts).ok_or(MoneyError::Overflow)?,
            sum_fen: self.sum_fen.plus(other.sum_fen)?,
        })
    }
    /// What is more here than there.
    ///
    /// # Errors
    /// [`MoneyError`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            gifts: self.gifts.checked_sub(other.gifts).ok_or(MoneyError::Overflow)?,
            sum_fen: self.sum_fen.minus(other.sum_fen)?,
        })
    }
    /// Nothing at all.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// Fen for each thousand people, rounded down.
pub fn per_thousand(sum: Fen, people: i64) -> Option<Fen> {
    let fen = i128::from(sum.get()) * 1_000 / i128::from(people.max(0)).checked_abs().filter(|n| *n > 0)?;
    i64::try_from(fen).ok().map(Fen::new)
}

/// Puts lines in order, largest sum first, then the more gifts, then the name and the id, so that two looks show the
/// same; equal sums share a place and the next place is skipped.
pub fn rank(lines: &mut [Line]) {
    lines.sort_by(|a, b| {
        let key = |line: &Line| {
            (
                std::cmp::Reverse(line.tally.sum_fen),
                std::cmp::Reverse(line.tally.gifts),
            )
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.name.cmp(&b.name))
            .then_with(|| a.id.cmp(&b.id))
    });
    let places = places(lines.iter().map(|line| line.tally.sum_fen));
    for (line, place) in lines.iter_mut().zip(places) {
        line.place = place;
    }
}

/// The places of sums that stand in their order: equal ones share a place.
pub fn places(sums: impl Iterator<Item = Fen>) -> Vec<i64> {
    let mut before: Option<(Fen, i64)> = None;
    let place = |(sum, position)| {
        let place = match before {
            Some((last, place)) if last == sum => place,
            _ => position,
        };
        before = Some((sum, place));
        place
    };
    sums.zip(1_i64..).map(place).collect()
}

/// Whether a name may stand on a board: the sum reaches the minimum of the day.
pub fn name_stands(sum: Fen, minimum: Fen) -> bool {
    sum >= minimum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, fen: i64) -> Line {
        Line {
            id: [0; 16],
            place: 0,
            name: Some(name.into()),
            tally: Tally {
                gifts: 1,
                sum_fen: Fen::new(fen),
            },
            people: None,
            per_thousand_fen: None,
        }
    }

    fn counted(standing: Standing) -> (i64, i64) {
        let tally = standing.counts().expect("small numbers");
        (tally.gifts, tally.sum_fen.get())
    }

    #[test]
    fn what_was_given_back_is_held_or_taken_back_counts_nowhere() {
        let fresh = Standing::fresh(Fen::new(500));
        assert_eq!(counted(fresh), (1, 500));
        let part = fresh.after(Event::Refunded(Fen::new(200))).expect("small");
        assert_eq!(counted(part), (1, 300));
        let whole = part.after(Event::Refunded(Fen::new(300))).expect("small");
        assert_eq!(counted(whole), (0, 0));
        assert_eq!(counted(fresh.after(Event::Returned).expect("small")), (0, 0));
        let held = part.after(Event::Held).expect("small");
        assert_eq!(counted(held), (0, 0));
        assert_eq!(counted(held.after(Event::Cleared).expect("small")), (1, 300));
        assert_eq!(counted(fresh.after(Event::Sponsors).expect("small")), (0, 0));
    }

    #[test]
    fn clearing_a_gift_that_was_taken_back_brings_nothing_back() {
        let gone = Standing::fresh(Fen::new(500)).after(Event::Held).expect("small");
        let gone = gone.after(Event::Returned).expect("small");
        assert_eq!(counted(gone.after(Event::Cleared).expect("small")), (0, 0));
    }

    #[test]
    fn equal_sums_share_a_place() {
        let mut lines = vec![line("丙", 100), line("甲", 300), line("乙", 300), line("丁", 0)];
        rank(&mut lines);
        let places: Vec<_> = lines.iter().map(|l| (l.place, l.name.as_deref())).collect();
        assert_eq!(
            places,
            [(1, Some("乙")), (1, Some("甲")), (3, Some("丙")), (4, Some("丁"))]
        );
    }

    #[test]
    fn per_head_needs_people_and_rounds_down() {
        assert_eq!(per_thousand(Fen::new(1_000), 3_000), Some(Fen::new(333)));
        assert_eq!(per_thousand(Fen::new(1_000), 0), None);
        assert_eq!(per_thousand(Fen::new(i64::MAX), 1), None);
    }
}
