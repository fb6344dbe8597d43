//! Jobs of the whole program: uploads, and what is done every night.

use std::sync::Arc;

use giving::recurring::ByLink;
use platform::Services;
use platform::idempotency;
use platform::identity::Actor;
use platform::jobs::{Handler, JobError, Nightly, Run, Runner, Work};
use platform::rewrap::{self, Rewrap};
use serde_json::json;

use crate::app::{App, sealed_columns};

/// The hour of Beijing at which the books are recounted: after the day's last bills, before the first officer.
const RECOUNT_HOUR: u8 = 3;
/// The hour at which campaigns past their last day are ended.
const END_HOUR: u8 = 0;

/// The runner of `serve`.
pub fn runner(app: &App) -> Runner {
    let handlers: Vec<Box<dyn Handler>> = vec![
        Box::new(integrations::importing::jobs::ImportUploads {
            intake: app.intake.clone(),
        }),
        Box::new(integrations::payments::jobs::ReconcilePayments {
            payments: app.payments.clone(),
        }),
        Box::new(integrations::platforms::register::jobs::TellEnding),
        Box::new(integrations::platforms::statements::jobs::ImportStatements {
            intake: app.intake.clone(),
        }),
        Box::new(integrations::platforms::compare::jobs::ComparePlatforms {
            platforms: app.platforms.clone(),
        }),
        Box::new(integrations::platforms::push::jobs::TellPlatforms {
            platforms: app.platforms.clone(),
        }),
        Box::new(giving::matching::jobs::ShareOut {
            intake: app.intake.clone(),
        }),
        Box::new(giving::recurring::jobs::LookAfter {
            giving: app.giving(),
            // No provider's contract for standing orders is wired: donors pay from the reminder's link.
            rail: Arc::new(ByLink),
        }),
        Box::new(giving::funds::jobs::LookAfterFunds),
        Box::new(governance::approvals::jobs::Clock),
        Box::new(governance::approvals::jobs::Tell),
        Box::new(governance::approvals::jobs::DropFiles),
        Box::new(governance::approvals::webhooks::jobs::Deliver {
            post: Arc::new(integrations::case_webhooks::Out::new(Arc::clone(
                &app.payments.tools.http,
            ))),
        }),
        Box::new(governance::reports::jobs::Plan),
        Box::new(governance::reports::jobs::Clock),
        Box::new(governance::reports::jobs::Tell),
        Box::new(governance::documents::jobs::Clock),
        Box::new(governance::documents::jobs::Tell),
        Box::new(platform::signin::jobs::TellBroken),
        Box::new(platform::signin::jobs::TellChanged),
        Box::new(relief::lists::jobs::DrawListOne),
        Box::new(relief::lists::jobs::CorrectLists),
        Box::new(relief::watch::jobs::WatchStores),
        Box::new(proof::log::jobs::StateTotals { log: app.log.clone() }),
        Box::new(proof::log::jobs::StateSm3Root { log: app.log.clone() }),
        Box::new(idempotency::jobs::ForgetOld),
        Box::new(RecountBooks),
        Box::new(EndCampaigns),
        Box::new(giving::boards::FreezeBoards),
        Box::new(giving::screening::SettleMatches {
            intake: app.intake.clone(),
        }),
        Box::new(Rewrap {
            columns: sealed_columns(),
        }),
    ];
    Runner::new(handlers).with_nightly(vec![
        idempotency::jobs::NIGHTLY,
        rewrap::NIGHTLY,
        integrations::payments::jobs::NIGHTLY,
        integrations::platforms::register::jobs::NIGHTLY,
        integrations::platforms::compare::jobs::NIGHTLY,
        giving::recurring::jobs::NIGHTLY,
        giving::funds::jobs::NIGHTLY,
        relief::lists::jobs::NIGHTLY,
        relief::watch::jobs::NIGHTLY,
        governance::approvals::jobs::NIGHTLY,
        governance::reports::jobs::NIGHTLY,
        proof::log::jobs::NIGHTLY,
        proof::log::jobs::SM3_NIGHTLY,
        Nightly {
            kind: RECOUNT,
            hour: RECOUNT_HOUR,
        },
        Nightly {
            kind: END_CAMPAIGNS,
            hour: END_HOUR,
        },
        giving::boards::FREEZE_NIGHTLY,
    ])
}

const RECOUNT: &str = "books_recount";

/// Recomputes all totals from postings, gifts and movements of goods, and looks for movements without their paper; a
/// difference fails the job, which `doctor` and the log show.
struct RecountBooks;

impl Handler for RecountBooks {
    fn kind(&self) -> &'static str {
        RECOUNT
    }
    fn work<'a>(&'a self, _run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let retry = |e: &dyn std::fmt::Display| JobError::Retry(e.to_string());
            let mut at = services.db.snapshot().await.map_err(|e| retry(&e))?;
            let books = ledger::recount(&mut at).await.map_err(|e| retry(&e))?;
            let gifts = giving::donations::recount::recount(&mut at)
                .await
                .map_err(|e| retry(&e))?;
            let goods = relief::recount(&mut at).await.map_err(|e| retry(&e))?;
            if books.agrees() && gifts.agrees() && goods.agrees() {
                return Ok(json!({
                    "postings": books.postings, "balances": books.balances, "gifts": gifts.gifts,
                    "movements": goods.stock.moves, "lots": goods.worth.lots,
                }));
            }
            tracing::error!(
                findings = books.findings,
                goods_differing = goods.stock.differing + goods.stock.gaps,
                goods_worth_differing = goods.worth.differing + goods.worth.books,
                papers_amiss = goods.papers,
                "the books and their sums differ; run qiao doctor --deep"
            );
            Err(JobError::Refused(
                "the books and their sums differ; run qiao doctor --deep".into(),
            ))
        })
    }
}

const END_CAMPAIGNS: &str = "campaigns_end_overdue";

/// Ends campaigns whose last day is over.
struct EndCampaigns;

impl Handler for EndCampaigns {
    fn kind(&self) -> &'static str {
        END_CAMPAIGNS
    }
    fn work<'a>(&'a self, _run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let ended = giving::campaigns::actions::end_overdue(services, &Actor::operator()).await;
            ended
                .map(|n| json!({ "ended": n }))
                .map_err(|e| JobError::Retry(e.to_string()))
        })
    }
}

#[cfg(test)]
mod tests {
    use kernel::UnitId;
    use kernel::id::Id as _;
    use platform::identity::Actor;
    use platform::jobs::{NewJob, Runner, enqueue, queries};
    use serde_json::{Map, Value, json};

    use super::{RECOUNT, RecountBooks, runner};
    use crate::app::{self, Opening, Place};

    #[tokio::test]
    async fn the_nightly_recount_fails_for_goods_that_no_movement_brought() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place {
            data: folder.path().to_path_buf(),
            database: None,
            log_database: None,
            log_store: None,
        };
        let opened = app::open(&place, Opening::Make).await.expect("opened");
        let s = &opened.app.services;
        let recounted = async |n: i64| {
            let mut tx = s.db.begin().await.expect("a transaction");
            let job = NewJob {
                unit: UnitId::from_bytes([7; 16]),
                kind: RECOUNT,
                input: json!({ "n": n }),
                by: Actor::operator().id,
                not_before: None,
                once_key: None,
            };
            enqueue(&mut tx, job, s).await.expect("in line");
            tx.commit().await.expect("committed");
            let runner = Runner::new(vec![Box::new(RecountBooks)]);
            runner.drain(s).await.expect("done");
            let mut at = s.db.snapshot().await.expect("a view");
            queries::count_by_state(&mut at).await.expect("states")
        };
        assert_eq!(recounted(1).await, [("done".to_owned(), 1)]);
        let mut tx = s.db.begin().await.expect("a transaction");
        let sql =
            "INSERT INTO goods_balance (lot_id, state, holder, unit_id, quantity) VALUES (?1, 'stocked', ?1, ?1, 5)";
        tx.execute(sql, db::params![vec![7_u8; 16]]).await.expect("tampered");
        tx.commit().await.expect("committed");
        assert_eq!(recounted(2).await, [("done".to_owned(), 1), ("failed".to_owned(), 1)]);
        opened.close().await;
    }

    #[tokio::test]
    async fn every_kind_of_job_has_words_in_both_languages() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place {
            data: folder.path().to_path_buf(),
            database: None,
            log_database: None,
            log_store: None,
        };
        let opened = app::open(&place, Opening::Make).await.expect("opened");
        let kinds = runner(&opened.app).kinds();
        opened.close().await;
        assert!(kinds.len() > 15, "{kinds:?}");
        for (tag, text) in [
            ("zh-Hans", include_str!("../../../locales/zh-Hans.json")),
            ("en", include_str!("../../../locales/en.json")),
        ] {
            let words: Map<String, Value> = serde_json::from_str(text).expect("JSON");
            let without: Vec<_> = kinds
                .iter()
                .filter(|kind| !words.contains_key(&format!("console.job.{kind}")))
                .collect();
            assert!(
                without.is_empty(),
                "{tag}: the jobs screen has no words for {without:?}"
            );
        }
    }
}
