//! Facts that several readers want: the reactions and the public log each read all of them, in order, some a little later
//! than others. What was read once from the database is kept a while for the next.

use std::collections::VecDeque;
use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex, PoisonError};

use db::{DbError, Reads};

use super::{Fact, last_place, read_after};

/// Facts of one shelf board: places `n × WIDTH + 1` to `(n + 1) × WIDTH`.
pub const WIDTH: i64 = 4_000;
/// Boards that are kept: one for each reader that is somewhere else, some 3 MB each.
const KEPT: usize = 8;

/// The boards read last. Only whole ones are kept: a place, once given, and its fact never change.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<VecDeque<(i64, Arc<[Fact]>)>>);

/// Facts in order.
#[derive(Debug, Clone)]
pub struct Shelved {
    board: Arc<[Fact]>,
    range: Range<usize>,
    is_full: bool,
}

impl Shelved {
    /// Whether as many were there as were asked for: there may be more.
    pub fn is_full(&self) -> bool {
        self.is_full
    }
}

impl Deref for Shelved {
    type Target = [Fact];
    fn deref(&self) -> &[Fact] {
        self.board.get(self.range.clone()).unwrap_or_default()
    }
}

impl Shelf {
    /// The facts after a place that this view of the database holds, in order, at most `limit` and none of the next board.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn read(&self, at: &mut impl Reads, place: i64, limit: i64) -> Result<Shelved, DbError> {
        let number = place.div_euclid(WIDTH);
        let (begin, end) = (number * WIDTH, (number + 1) * WIDTH);
        let wanted = limit.min(end - place);
        if last_place(at).await? < end {
            let facts = read_after(at, place, wanted).await?;
            return Ok(Shelved {
                is_full: facts.len() as i64 == wanted,
                range: 0..facts.len(),
                board: facts.into(),
            });
        }
        let known = self.lock().iter().find(|(known, _)| *known == number).cloned();
        let board = match known {
            Some((_, board)) => board,
            None => {
                let board: Arc<[Fact]> = read_after(at, begin, WIDTH).await?.into();
                if board.last().is_some_and(|last| last.place == end) && board.len() as i64 == WIDTH {
                    self.keep(number, &board);
                }
                board
            }
        };
        let from = board.partition_point(|fact| fact.place <= place);
        let to = board.len().min(from + usize::try_from(wanted).unwrap_or(usize::MAX));
        Ok(Shelved {
            board,
            range: from..to,
            is_full: (to - from) as i64 == wanted,
        })
    }

    fn keep(&self, number: i64, board: &Arc<[Fact]>) {
        let mut boards = self.lock();
        // Another reader may have put it there meanwhile.
        if boards.iter().any(|(known, _)| *known == number) {
            return;
        }
        boards.push_back((number, Arc::clone(board)));
        if boards.len() > KEPT {
            boards.pop_front();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(i64, Arc<[Fact]>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::{NewFact, append};
    use crate::testing::services;

    db::both!(
        what_a_reader_is_given_is_what_the_database_holds_wherever_it_begins,
        crate::MIGRATIONS,
        async |test: db::testing::TestDb| {
            let data = tempfile::tempdir().unwrap();
            let services = services(test.db.clone(), data.path());
            let unit = kernel::UnitId::new(services.now(), &*services.rng);
            for part in 0..3 {
                let mut tx = services.db.begin().await.unwrap();
                for n in 0..1_500 {
                    let fact = NewFact {
                        unit,
                        kind: "test.done",
                        subject: [part; 16],
                        actor: None,
                        body: json!({ "n": n }),
                    };
                    append(&mut tx, fact, &services).await.unwrap();
                }
                tx.commit().await.unwrap();
                crate::testing::placed(&services).await;
                let shelf = Shelf::default();
                let last = (i64::from(part) + 1) * 1_500;
                for (place, limit) in [
                    (0, 10),
                    (0, 9_000),
                    (3_990, 100),
                    (3_999, 1),
                    (4_000, 100),
                    (last, 5),
                    (1, 4_000),
                ] {
                    for round in ["from the database", "from the shelf"] {
                        let mut at = services.db.snapshot().await.unwrap();
                        let read = shelf.read(&mut at, place, limit).await.unwrap();
                        let end = (place / WIDTH + 1) * WIDTH;
                        let expected = read_after(&mut at, place, limit.min(end - place)).await.unwrap();
                        let places = |facts: &[Fact]| facts.iter().map(|f| (f.place, f.id)).collect::<Vec<_>>();
                        assert_eq!(places(&read), places(&expected), "{place} {limit} {round}");
                        assert_eq!(
                            read.is_full(),
                            expected.len() as i64 == limit.min(end - place),
                            "{place} {limit}"
                        );
                    }
                }
                assert_eq!(
                    shelf.lock().len(),
                    usize::from(last >= WIDTH),
                    "only whole boards are kept"
                );
            }
        }
    );
}
