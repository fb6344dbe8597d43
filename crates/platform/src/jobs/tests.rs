//! Putting in line, doing, failing, taking over.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use db::testing::TestDb;
use kernel::id::Id as _;
use kernel::{ActorId, FixedClock, JobId, UnitId};
use serde_json::json;

use super::model::{Job, JobError, JobState, NewJob, Nightly};
use super::runner::{Handler, Run, Runner, Work};
use super::{enqueue, queries, store};
use crate::identity::Actor;
use crate::testing::{self, NOW};
use crate::{Services, all_migrations};

fn unit() -> UnitId {
    UnitId::from_bytes([1; 16])
}

fn new_job(once_key: Option<&str>) -> NewJob {
    let by = ActorId::from_bytes([0; 16]);
    NewJob {
        unit: unit(),
        kind: "count",
        input: json!({ "to": 3 }),
        by,
        not_before: None,
        once_key: once_key.map(Into::into),
    }
}

/// Counts to `to`, after failing so many times.
struct Count {
    failures: AtomicU32,
}

impl Handler for Count {
    fn kind(&self) -> &'static str {
        "count"
    }
    fn attempts_max(&self) -> i64 {
        3
    }
    fn work<'a>(&'a self, run: &'a Run, _: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let to = run.job.input["to"].as_i64().unwrap_or(0);
            for n in 1..=to {
                run.progress(n, to, "counting");
            }
            let left = self.failures.load(Ordering::SeqCst);
            if left > 0 {
                self.failures.store(left - 1, Ordering::SeqCst);
                return Err(JobError::Retry("not yet".into()));
            }
            Ok(json!({ "counted": to }))
        })
    }
}

fn runner(failures: u32) -> Runner {
    Runner::new(vec![Box::new(Count {
        failures: AtomicU32::new(failures),
    })])
}

fn house(test: &TestDb) -> (Services, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::at(NOW));
    (
        testing::services_at(test.db.clone(), Path::new("/nowhere"), Arc::clone(&clock)),
        clock,
    )
}

async fn put(services: &Services, job: NewJob) -> JobId {
    let mut tx = services.db.begin().await.expect("a transaction");
    let id = enqueue(&mut tx, job, services).await.expect("in line");
    tx.commit().await.expect("committed");
    id
}

async fn look(services: &Services, id: JobId) -> Job {
    let mut at = services.db.snapshot().await.expect("a snapshot");
    queries::visible(&mut at, &Actor::operator(), id)
        .await
        .expect("readable")
        .expect("there")
}

db::both!(
    a_job_is_done_and_tells_its_result_and_progress,
    &all_migrations(),
    async |test: TestDb| {
        let (services, _) = house(&test);
        let id = put(&services, new_job(None)).await;
        assert_eq!(runner(0).drain(&services).await.expect("drained"), 1);
        let job = look(&services, id).await;
        assert_eq!(
            job.state,
            JobState::Done {
                result: json!({ "counted": 3 }),
                finished_at: NOW
            }
        );
        assert_eq!(
            (job.done, job.total, job.message.as_deref(), job.attempts),
            (3, 3, Some("counting"), 1)
        );
        assert_eq!(runner(0).drain(&services).await.expect("drained"), 0, "it is done once");
    }
);

db::both!(
    a_failing_job_waits_longer_each_time_and_is_given_up,
    &all_migrations(),
    async |test: TestDb| {
        let (services, clock) = house(&test);
        let id = put(&services, new_job(None)).await;
        let runner = runner(9);
        assert_eq!(runner.drain(&services).await.expect("drained"), 1);
        let expected = JobState::Waiting {
            run_after: NOW.plus_micros(10_000_000),
            last_error: Some("not yet".into()),
        };
        assert_eq!(look(&services, id).await.state, expected);
        clock.set(NOW.plus_micros(10_000_000));
        assert_eq!(runner.drain(&services).await.expect("drained"), 1);
        assert_eq!(
            runner.drain(&services).await.expect("drained"),
            0,
            "the second pause is longer"
        );
        let later = NOW.plus_micros(60_000_000);
        clock.set(later);
        assert_eq!(runner.drain(&services).await.expect("drained"), 1);
        assert_eq!(
            look(&services, id).await.state,
            JobState::Failed {
                error: "not yet".into(),
                finished_at: later
            }
        );
    }
);

db::both!(
    the_same_key_is_the_same_job_and_nights_come_once,
    &all_migrations(),
    async |test: TestDb| {
        let (services, clock) = house(&test);
        let first = put(&services, new_job(Some("a"))).await;
        assert_eq!(put(&services, new_job(Some("a"))).await, first);
        assert_ne!(put(&services, new_job(Some("b"))).await, first);

        services.tree.replace(vec![(unit(), None)]);
        let runner = runner(0).with_nightly(vec![Nightly { kind: "count", hour: 9 }]);
        runner.put_nightly_in_line(&services).await.expect("looked");
        assert_eq!(
            runner.drain(&services).await.expect("drained"),
            2,
            "it is eight o’clock: only the two of above"
        );
        clock.set(NOW.plus_micros(3_600_000_000));
        runner.put_nightly_in_line(&services).await.expect("looked");
        runner.put_nightly_in_line(&services).await.expect("looked");
        assert_eq!(runner.drain(&services).await.expect("drained"), 1);
    }
);

db::both!(
    an_abandoned_job_is_taken_over_and_its_old_hand_writes_nothing,
    &all_migrations(),
    async |test: TestDb| {
        let (services, clock) = house(&test);
        let id = put(&services, new_job(None)).await;
        let mut tx = services.db.begin().await.expect("a transaction");
        let old = store::claim(&mut tx, &["count"], NOW)
            .await
            .expect("taken")
            .expect("due");
        tx.commit().await.expect("committed");
        assert_eq!(runner(0).drain(&services).await.expect("drained"), 0, "someone has it");
        clock.set(NOW.plus_micros(store::ABANDONED_MICROS));
        assert_eq!(runner(0).drain(&services).await.expect("drained"), 1, "taken over");

        let mut tx = services.db.begin().await.expect("a transaction");
        let ended = store::Ended::Failed("too late".into());
        let wrote = store::finish(&mut tx, (old.id, old.attempts), &ended, services.now()).await;
        assert!(matches!(wrote, Ok(false)));
        tx.rollback().await.expect("rolled back");
        assert!(matches!(look(&services, id).await.state, JobState::Done { .. }));
    }
);
