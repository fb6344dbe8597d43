//! Notices and approvals: the case `notice` stands on the fingerprint of a draft, and its approval publishes it.

use db::{DbError, Snapshot, Tx};
use governance::approvals::actions::{Asking, NewCase};
use governance::approvals::model::{CaseId, Paper, SubjectId, TITLE_CHARS_MAX, WORDS_CHARS_MAX};
use governance::approvals::outcome;
use governance::approvals::queries::case;
use governance::approvals::subjects::{Looked, Owner, Thing};
use kernel::id::{Id as _, hex, public};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};
use serde_json::json;
use web::Locale;

use super::model::{Attached, Notice, NoticeId, NoticeState};
use super::{actions, store};

/// The kind of a case about a notice.
pub const KIND: &str = "notice";

/// A notice as a thing of approvals.
pub fn subject(id: NoticeId) -> SubjectId {
    SubjectId::from_bytes(id.bytes())
}

/// The case: its first paper is the draft, by its fingerprint and as much of its words as a paper holds; then its files.
pub(super) fn new_case(
    services: &Services,
    (notice, files): (&Notice, &[Attached]),
    sha256: [u8; 32],
    asking: Asking,
) -> NewCase {
    let locale = Locale::default();
    let clipped = |text: &str, max: usize| text.chars().take(max).collect::<String>();
    let kind = locale.text(&format!("notice.kind.{}", notice.kind.as_str()), &[]);
    let title = locale.text(
        "notice.case_title",
        &[("kind", kind), ("title", notice.texts.title.clone())],
    );
    let draft = Paper {
        kind: "draft".to_owned(),
        name: locale.text("notice.paper.draft", &[]),
        sha256: hex(&sha256),
        words: clipped(&notice.texts.body, WORDS_CHARS_MAX),
    };
    let attached = files.iter().map(|file| Paper {
        kind: "attachment".to_owned(),
        name: clipped(&file.name, TITLE_CHARS_MAX),
        sha256: hex(&file.sha256),
        words: String::new(),
    });
    let mut papers: Vec<Paper> = std::iter::once(draft).chain(attached).collect();
    papers.extend(asking.papers);
    NewCase {
        unit: notice.unit,
        subject_kind: KIND.to_owned(),
        subject: subject(notice.id),
        title: clipped(&title, TITLE_CHARS_MAX),
        summary: asking.summary,
        papers,
        parties: asking.parties,
        hurry: asking.hurry,
        details: json!({
            "notice": public(&*services.keys, notice.id),
            "kind": notice.kind.as_str(),
            "version": notice.version,
            "sha256": hex(&sha256),
        }),
    }
}

/// Tells whose a draft is about which a case is put. A case is put by [`actions::ask`] alone, which names the
/// fingerprint: asked for here, there is nothing to decide about.
pub struct Notices;

impl Owner for Notices {
    fn kinds(&self) -> &'static [&'static str] {
        &[KIND]
    }
    fn look<'a>(&'a self, _: &'a mut Snapshot, _: &'a str, _: SubjectId) -> Looked<'a> {
        Box::pin(async { Ok::<Option<Thing>, DbError>(None) })
    }
}

/// Publishes what cases approved.
pub struct NoticesDecided;

impl Reaction for NoticesDecided {
    type Read = Vec<CaseId>;
    fn name(&self) -> &'static str {
        "notices_decided"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }
    async fn read(&self, _: &mut Snapshot, facts: &[Fact], _: &Services) -> Result<Vec<CaseId>, ReactionError> {
        outcome::approved(facts, &[KIND])
    }
    async fn handle(
        &self,
        tx: &mut Tx,
        _: &[Fact],
        read: Vec<CaseId>,
        services: &Services,
    ) -> Result<(), ReactionError> {
        for id in read {
            let Some(case) = case(tx, id).await? else { continue };
            let notice = NoticeId::from_bytes(case.subject.bytes());
            let is_ours = store::notice(tx, notice)
                .await?
                .is_some_and(|one| one.unit == case.unit && one.state == NoticeState::Draft);
            if is_ours {
                actions::publish(tx, services, notice, id).await?;
            }
        }
        Ok(())
    }
}
