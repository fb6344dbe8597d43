//! The second reading: gifts and matches go through the intake, chunk by chunk.

use std::collections::HashSet;

use db::DbError;
use giving::donations::imports::{self, NewImport};
use giving::donations::intake::prepare;
use giving::donations::{Incoming, Intake, Outcome, Payer, Source};
use kernel::{ImportId, ProjectId, ReceivingAccountId};
use platform::Services;
use tokio::sync::mpsc;

use super::super::error::FileError;
use super::super::model::{GiftLine, MatchLine};
use super::super::reading::{self, Read};
use super::super::report::{Part, StatementReport};
use super::super::store::{self, OrderTag};
use super::super::survey::Input;
use super::{Order, Registered};
use crate::platforms::error::PlatformError;
use crate::platforms::tags;

/// Lines handed over at once: one group commit takes a few of these.
const LINES_PER_CHUNK: usize = 500;
/// Chunks that may wait between the reader and the intake.
const CHUNKS_WAITING: usize = 4;
/// Names that say that nobody is named.
const NOBODY: [&str; 5] = ["匿名", "匿名用户", "匿名爱心人士", "爱心网友", "微信用户"];

/// The second reading: what everything goes through.
pub(super) struct Run<'r> {
    pub(super) order: &'r Order,
    pub(super) services: &'r Services,
    pub(super) intake: &'r Intake,
    pub(super) registered: &'r Registered,
}

type Chunk<T> = Result<Vec<T>, FileError>;

/// Reads lines on a thread of their own, chunk by chunk; each number once.
fn chunks<T: Send + 'static>(
    files: &[Input],
    read: impl Fn(&Input, &mut dyn FnMut(T) -> Result<(), FileError>) -> Result<(), FileError> + Send + 'static,
    number: impl Fn(&T) -> &str + Send + 'static,
) -> mpsc::Receiver<Chunk<T>> {
    let (to, from) = mpsc::channel(CHUNKS_WAITING);
    let files = files.to_vec();
    tokio::task::spawn_blocking(move || {
        let mut numbers = HashSet::new();
        let mut chunk = Vec::with_capacity(LINES_PER_CHUNK);
        for file in &files {
            let outcome = read(file, &mut |line: T| {
                if !numbers.insert(number(&line).to_owned()) {
                    return Ok(());
                }
                chunk.push(line);
                if chunk.len() < LINES_PER_CHUNK {
                    return Ok(());
                }
                // Nobody listens any more: the import has ended with an error of its own.
                to.blocking_send(Ok(std::mem::take(&mut chunk)))
                    .map_err(|_| FileError::Reader)
            });
            if let Err(error) = outcome {
                let _ = to.blocking_send(Err(error));
                return;
            }
        }
        let _ = to.blocking_send(Ok(chunk));
    });
    from
}

impl Run<'_> {
    fn new_import(&self, account: ReceivingAccountId, project: ProjectId, sha256: [u8; 32]) -> NewImport<'static> {
        NewImport {
            unit: self.registered.books,
            project,
            account,
            profile: self.order.platform.as_str(),
            file_sha256: sha256,
            actor: self.order.actor,
        }
    }

    /// A run of an import has one project: the unit's general one, or the first page's.
    fn project_of_run(&self) -> Result<ProjectId, FileError> {
        let general = self.intake.directory().general_project(self.registered.books);
        let first = self.registered.pages.values().next().copied();
        let found = general.map(|project| project.id).or(first);
        found.ok_or_else(|| PlatformError::NotFound("project").into())
    }

    /// Gifts of the details.
    pub(super) async fn bring(
        &self,
        files: &[Input],
        report: &mut StatementReport,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<ImportId, FileError> {
        let new = self.new_import(
            self.registered.gifts,
            self.project_of_run()?,
            content_of(&report.number, "g"),
        );
        let run = imports::begin(&new, self.services).await?;
        let mut chunks = chunks(
            files,
            |file, each| {
                reading::gifts(&file.path, &file.profile, |read| match read {
                    Read::Line(gift) => each(gift),
                    _ => Ok(()),
                })
            },
            |gift: &GiftLine| &gift.order_no,
        );
        let mut done = 0;
        while let Some(chunk) = chunks.recv().await {
            let chunk = chunk?;
            done += chunk.len() as u64;
            self.keep_tags(&chunk).await?;
            let gifts = chunk.into_iter().filter_map(|gift| self.gift(gift));
            let prepared = gifts.map(|incoming| {
                let prepared = prepare(incoming, self.services).map_err(|_| FileError::Reader)?;
                Ok(prepared.matching(self.order.matching))
            });
            let prepared: Vec<_> = prepared.collect::<Result<_, FileError>>()?;
            let outcomes = self.intake.submit_many(prepared, Some(run)).await?;
            settle(&mut report.gifts, &outcomes);
            told(done);
        }
        imports::end(run, &new, &report.facts(), self.services).await?;
        Ok(run)
    }

    /// Matches of the matching statements.
    pub(super) async fn bring_matches(
        &self,
        files: &[Input],
        report: &mut StatementReport,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<ImportId, FileError> {
        let new = self.new_import(
            self.registered.matches,
            self.project_of_run()?,
            content_of(&report.number, "m"),
        );
        let run = imports::begin(&new, self.services).await?;
        let mut chunks = chunks(
            files,
            |file, each| {
                reading::matches(&file.path, &file.profile, |read| match read {
                    Read::Line(granted) => each(granted),
                    _ => Ok(()),
                })
            },
            |granted: &MatchLine| &granted.match_no,
        );
        let mut done = 0;
        while let Some(chunk) = chunks.recv().await {
            let chunk = chunk?;
            done += chunk.len() as u64;
            let matches = chunk.into_iter().filter_map(|granted| self.granted(granted));
            let prepared = matches.map(|incoming| prepare(incoming, self.services).map_err(|_| FileError::Reader));
            let prepared: Vec<_> = prepared.collect::<Result<_, FileError>>()?;
            let outcomes = self.intake.submit_many(prepared, Some(run)).await?;
            settle(&mut report.matches, &outcomes);
            told(done);
        }
        imports::end(run, &new, &report.facts(), self.services).await?;
        Ok(run)
    }

    /// The channel tags of a chunk, before its gifts.
    async fn keep_tags(&self, chunk: &[GiftLine]) -> Result<(), DbError> {
        let tagged = chunk.iter().filter_map(|gift| {
            let tag = gift.tag.clone()?;
            Some(OrderTag {
                unit: self.registered.books,
                account: self.registered.gifts,
                order_no: gift.order_no.clone(),
                county: tags::county_of(&tag, &self.registered.regions),
                tag,
            })
        });
        let tagged: Vec<OrderTag> = tagged.collect();
        if tagged.is_empty() {
            return Ok(());
        }
        // No fact of its own: the gifts' facts follow, and the report tells the sums by tag.
        let mut tx = self.services.db.begin().await?;
        store::keep_tags(&mut tx, &tagged).await?;
        tx.commit().await
    }

    /// `None` only for a page that is not in the register, which the comparison has ruled out.
    fn gift(&self, line: GiftLine) -> Option<Incoming> {
        let project = *self.registered.pages.get(&line.project_no)?;
        let anonymous = line.payer.as_deref().is_some_and(|name| NOBODY.contains(&name));
        Some(Incoming {
            account: self.registered.gifts,
            project,
            trade_no: line.order_no,
            amount: line.amount,
            paid_at: line.paid_at,
            business_day: line.paid_at.business_day(),
            payer: Payer {
                name: line.payer.filter(|_| !anonymous).map(plain),
                memo: line.memo.map(plain),
                ..Payer::default()
            },
            anonymous,
            receipt: None,
            source: Source::Import,
        })
    }

    /// A match is a gift of the body that granted it, on an account of its own. Its memo says for which order.
    fn granted(&self, line: MatchLine) -> Option<Incoming> {
        let project = *self.registered.pages.get(&line.project_no)?;
        Some(Incoming {
            account: self.registered.matches,
            project,
            trade_no: line.match_no,
            amount: line.amount,
            paid_at: line.granted_at,
            business_day: line.granted_at.business_day(),
            payer: Payer {
                name: Some(plain(line.giver.unwrap_or_else(|| self.registered.giver.clone()))),
                memo: line.order_no.map(plain),
                ..Payer::default()
            },
            anonymous: false,
            receipt: None,
            source: Source::PlatformMatch,
        })
    }
}

fn plain(text: String) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn settle(part: &mut Part, outcomes: &[Outcome]) {
    for outcome in outcomes {
        match outcome {
            Outcome::Recorded(_) => part.new += 1,
            Outcome::Known(_) => part.known += 1,
            Outcome::Held { .. } => part.held += 1,
        }
    }
}

/// What stands for the files of a run: a statement has several.
fn content_of(number: &str, part: &str) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{part} {number}").as_bytes());
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}
