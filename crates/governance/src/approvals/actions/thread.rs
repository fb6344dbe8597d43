//! Writing in the thread of a case, and withdrawing what one wrote. Facts hold numbers and hashes, never the words.

use db::Tx;
use kernel::ActorId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::files::Digest;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::{fact_id, seats};
use crate::approvals::error::ApprovalError;
use crate::approvals::model::{CaseId, MESSAGES_MAX, Message};
use crate::approvals::store::{self, CaseRow, papers, thread};
use crate::approvals::{queries, rules};

/// A message to be written.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// What makes it the same message when it is sent again.
    pub key: String,
    /// In her words; may be empty where a file says it all.
    pub words: String,
    /// A file that was handed in for the unit: its hash, and what it is called here.
    pub file: Option<(Digest, String)>,
}

/// A case held for its thread, of which the reader may see and write.
async fn held(tx: &mut Tx, services: &Services, by: &Actor, id: CaseId) -> Result<CaseRow, ApprovalError> {
    let case = store::hold(tx, id).await?.ok_or(ApprovalError::NotFound("case"))?;
    let (policy, entries, standing) = queries::history(tx, &case).await?;
    let could_sit = seats::could_take_any(by, &policy.policy, &standing, case.unit);
    if !could_sit && !queries::may_see(by, &services.tree, case.unit, &entries) {
        return Err(ApprovalError::NotFound("case"));
    }
    if !could_sit && !queries::may_write(by, &services.tree, case.unit, &entries) {
        by.require(Permission::ApprovalRequest, case.unit)?;
    }
    Ok(case)
}

/// Writes a message in the thread of a case, also after it has ended; gives its number. The same key again is the same
/// message. Fact `approval.message_written`, without the words.
///
/// # Errors
/// [`ApprovalError`]: no such case, not of those who write here, out of shape, a file that was not handed in, a key that
/// named another message, too many messages.
pub async fn write(services: &Services, by: &Actor, id: CaseId, new: NewMessage) -> Result<i64, ApprovalError> {
    let words = new.words.trim().to_owned();
    let file_name = new.file.as_ref().map(|(_, name)| name.trim().to_owned());
    rules::check_message(&new.key, &words, file_name.as_deref())?;
    let invalid = |field, why| Err(ApprovalError::Invalid { field, why });
    let mut tx = services.db.begin().await?;
    let case = held(&mut tx, services, by, id).await?;
    let sha256 = new.file.map(|(sha256, _)| sha256);
    if let Some(known) = thread::by_key(&mut tx, (id, by.id), &new.key).await? {
        return if (&known.words, known.sha256) == (&words, sha256) {
            Ok(known.number)
        } else {
            invalid("key", "another message was sent under this key")
        };
    }
    if let Some(sha256) = sha256
        && papers::filed(&mut tx, case.unit, sha256).await?.is_none()
    {
        return invalid("sha256", "a file that was handed in for this unit");
    }
    let number = thread::last_number(&mut tx, id).await? + 1;
    if number > MESSAGES_MAX {
        return invalid("case", "a thread of at most 1,000 messages");
    }
    let message = Message {
        number,
        at: services.now(),
        by: by.id,
        words,
        sha256,
        file_name: file_name.unwrap_or_default(),
        withdrawn: None,
    };
    thread::insert(&mut tx, id, (&message, &new.key)).await?;
    let sha256 = sha256.map(|sha256| hex(&sha256));
    let fact = fact(
        &case,
        ("approval.message_written", by.id),
        json!({
            "case": fact_id(id), "number": number, "sha256": sha256,
        }),
    );
    conclude(tx, fact, services).await?;
    Ok(number)
}

/// Withdraws a message that one wrote: its place stays, with who withdrew it and when. Once more changes nothing. Fact
/// `approval.message_withdrawn`.
///
/// # Errors
/// [`ApprovalError`]: no such case or message, another's message.
pub async fn withdraw_message(services: &Services, by: &Actor, id: CaseId, number: i64) -> Result<(), ApprovalError> {
    let mut tx = services.db.begin().await?;
    let case = held(&mut tx, services, by, id).await?;
    let author = thread::author(&mut tx, id, number).await?;
    if author.ok_or(ApprovalError::NotFound("message"))? != by.id {
        return Err(ApprovalError::NotTheirs);
    }
    if !thread::withdraw(&mut tx, (id, number), (by.id, services.now())).await? {
        return Ok(());
    }
    let body = json!({ "case": fact_id(id), "number": number });
    Ok(conclude(tx, fact(&case, ("approval.message_withdrawn", by.id), body), services).await?)
}

fn fact(case: &CaseRow, (kind, by): (&'static str, ActorId), body: serde_json::Value) -> NewFact {
    NewFact {
        unit: case.unit,
        kind,
        subject: case.id.bytes(),
        actor: Some(by),
        body,
    }
}
