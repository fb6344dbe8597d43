//! Counting what was said at a stage.

use crate::approvals::model::{Sitting, Verdict};
use crate::approvals::policy::{Base, How, Stage};

/// What a stage comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// It waits.
    Open,
    /// Fewer are left than could decide it.
    Short,
    /// It passes.
    Passed,
    /// It refuses.
    Refused,
}

/// Whether more may still be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ballot {
    /// More may come.
    Running,
    /// It counts as it stands.
    Closed,
}

/// What has been said at a stage, counted.
struct Count {
    seats: i64,
    approve: i64,
    refuse: i64,
    cast: i64,
    scored: i64,
    total: i64,
}

impl Count {
    fn of(sitting: &Sitting) -> Self {
        let said = |verdict: Verdict| sitting.acts.values().filter(|act| act.verdict == verdict).count() as i64;
        Self {
            seats: sitting.seats.len() as i64,
            approve: said(Verdict::Approve),
            refuse: said(Verdict::Refuse),
            cast: sitting.acts.len() as i64,
            scored: said(Verdict::Score),
            total: sitting.acts.values().map(|act| act.total).sum(),
        }
    }
    const fn remaining(&self) -> i64 {
        self.seats - self.cast
    }
}

/// Counts a stage. It closes as soon as nothing that may still be said could change it.
pub fn tally(spec: &Stage, sitting: &Sitting, ballot: Ballot) -> Tally {
    let count = Count::of(sitting);
    match &spec.how {
        How::Any if count.approve > 0 => Tally::Passed,
        How::Any if count.refuse > 0 => Tally::Refused,
        How::Any if count.remaining() == 0 => Tally::Short,
        How::Any => Tally::Open,
        How::All if count.seats == 0 => Tally::Short,
        How::All if count.refuse > 0 => Tally::Refused,
        How::All if count.remaining() > 0 => Tally::Open,
        How::All if count.approve > 0 => Tally::Passed,
        How::All => Tally::Refused,
        How::Number { needed } if count.approve >= *needed => Tally::Passed,
        How::Number { needed } if count.seats < *needed => Tally::Short,
        How::Number { needed } if count.approve + count.remaining() < *needed => Tally::Refused,
        How::Number { .. } => Tally::Open,
        How::Scores { needed, pass } if count.scored >= *needed && count.total >= pass * count.scored => Tally::Passed,
        How::Scores { needed, .. } if count.scored >= *needed => Tally::Refused,
        How::Scores { needed, .. } if count.seats < *needed => Tally::Short,
        How::Scores { needed, .. } if count.scored + count.remaining() < *needed => Tally::Refused,
        How::Scores { .. } => Tally::Open,
        How::Vote { .. } if count.seats == 0 => Tally::Short,
        How::Vote { quorum, majority, of } => {
            let sure = majority.least(count.seats);
            let has_quorum = count.cast >= quorum.least(count.seats);
            let needed = match of {
                Base::Members => sure,
                Base::Present => majority.least(count.cast),
            };
            let is_over = count.remaining() == 0 || ballot == Ballot::Closed;
            if has_quorum && count.approve >= sure {
                Tally::Passed
            } else if count.approve + count.remaining() < sure {
                // Even if all who are silent approved: also when only some of them came, since each vote more raises
                // what is needed by one at most.
                Tally::Refused
            } else if !is_over || !has_quorum {
                Tally::Open
            } else if count.cast > 0 && count.approve >= needed {
                Tally::Passed
            } else {
                Tally::Refused
            }
        }
    }
}
