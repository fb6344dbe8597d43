//! The process ends at every named point, at its first and later passing; the next one goes on, and nobody outside ever
//! saw a tree that is not a beginning of the last.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Ends the work when this point is passed for the nth time.
pub(super) struct EndAt {
    point: Point,
    passes: AtomicUsize,
}

impl EndAt {
    pub(super) fn boxed(point: Point, nth: usize) -> Box<dyn Points> {
        Box::new(Self {
            point,
            passes: AtomicUsize::new(nth),
        })
    }
}

impl Points for EndAt {
    fn pass(&self, point: Point) -> Result<(), LogError> {
        if point != self.point {
            return Ok(());
        }
        // Once ended, a process passes no point any more.
        let left = self.passes.load(Ordering::SeqCst);
        if left <= 1 {
            return Err(LogError::Ended(point));
        }
        self.passes.store(left - 1, Ordering::SeqCst);
        Ok(())
    }
}

db::both!(
    the_log_survives_an_end_at_every_point_of_the_write_path,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.drain().await.expect("the first tree");
        let (mut total, mut ended) = (0, 0);
        for point in Point::ALL {
            for nth in [1, 2] {
                // Over the edge of a bundle every few times, so that full, partial and upper tiles are all cut once.
                let count = 40 + nth;
                s.gifts(count).await;
                total += count as u64;
                s.restart(EndAt::boxed(point, nth));
                match s.drain().await {
                    Err(LogError::Ended(at)) => {
                        assert_eq!(at, point);
                        ended += 1;
                    }
                    Ok(_) => assert!(nth == 2, "{point:?} is never passed"),
                    Err(error) => panic!("{point:?}: {error}"),
                }
                s.look();
                s.restart(Box::new(GoOn));
                s.drain()
                    .await
                    .unwrap_or_else(|e| panic!("after an end at {point:?}: {e}"));
                let verified = s.verified();
                assert_eq!(verified.trusted.checkpoint.size, total, "{point:?}: each gift once");
            }
        }
        assert!(ended >= Point::ALL.len(), "{ended}");
        s.world.stop();
    }
);

db::both!(
    a_log_that_ends_again_and_again_is_whole_in_the_end,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(520).await;
        let mut nth = 1;
        loop {
            // Each life comes one file further than the last.
            s.restart(EndAt::boxed(Point::BetweenFiles, nth));
            let outcome = s.drain().await;
            s.look();
            match outcome {
                Ok(_) => break,
                Err(LogError::Ended(_)) => nth = 2,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(s.verified().trusted.checkpoint.size, 520);
        s.world.stop();
    }
);
