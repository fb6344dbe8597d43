//! Watching a log, and cosigning: compare and persist in one transaction, answer afterwards.

use db::Tx;

use super::Witness;
use super::error::WitnessError;
use super::judge::Verdict;
use super::store::{self, Watched};
use crate::tlog::witness::{AddCheckpoint, Refusal, decide};
use crate::tlog::{Checkpoint, EMPTY_ROOT, KeyKind, SignedNote, Verifier, cosignature};

/// Watches a log from now on; again, it changes nothing.
///
/// # Errors
/// [`WitnessError::OtherKey`], [`WitnessError::Key`].
pub async fn watch(witness: &Witness, log: &Verifier) -> Result<(), WitnessError> {
    if log.kind() != KeyKind::Ed25519 {
        return Err(WitnessError::Request("a log’s key is Ed25519"));
    }
    let mut tx = witness.db.begin().await?;
    match store::find(&mut tx, log.name()).await? {
        Some(known) if known.key == *log => return Ok(()),
        Some(_) => return Err(WitnessError::OtherKey),
        None => store::insert(&mut tx, log).await?,
    }
    tx.commit().await?;
    Ok(())
}

/// Answers `add-checkpoint`: the lines of the cosignature, once it is durable that this tree was seen.
///
/// # Errors
/// [`WitnessError`], in the order of the description.
pub async fn add_checkpoint(witness: &Witness, body: &[u8]) -> Result<String, WitnessError> {
    let request = AddCheckpoint::parse(body).map_err(WitnessError::Malformed)?;
    let new = Checkpoint::read(&request.checkpoint.note).map_err(WitnessError::Malformed)?;
    if request.old > new.size {
        return Err(WitnessError::Request("the old size is above the new one"));
    }
    judge(witness, &request, &new).await?;
    let mut tx = witness.db.begin().await?;
    let known = store::find(&mut tx, &new.origin).await?.ok_or(WitnessError::Unknown)?;
    request
        .checkpoint
        .check(&known.key)
        .map_err(|_| WitnessError::Signature)?;
    let answer = cosigned(&mut tx, witness, (&request, &new, known)).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Asks the judge, where there is one, about a tree that continues what was cosigned; before the transaction, since
/// reading entries takes time. Nobody but the log itself makes a monitor read.
async fn judge(witness: &Witness, request: &AddCheckpoint, new: &Checkpoint) -> Result<(), WitnessError> {
    let Some(judge) = &witness.judge else { return Ok(()) };
    let mut at = witness.db.snapshot().await?;
    let known = store::find(&mut at, &new.origin).await?.ok_or(WitnessError::Unknown)?;
    drop(at);
    let signed = request.checkpoint.check(&known.key);
    signed.map_err(|_| WitnessError::Signature)?;
    refused(decide(request, new, Some((known.size, known.root))))?;
    judge.judge(new).await.map_err(|verdict| match verdict {
        Verdict::NotKnown(why) => WitnessError::NotKnown(why),
        Verdict::Broken(why) => WitnessError::Broken(why),
    })
}

fn refused(decision: Result<(), Refusal>) -> Result<(), WitnessError> {
    decision.map_err(|refusal| match refusal {
        Refusal::OldAboveNew => WitnessError::Request("the old size is above the new one"),
        Refusal::OtherOld(size) => WitnessError::Size(size),
        Refusal::Inconsistent => WitnessError::Inconsistent,
    })
}

async fn cosigned(
    tx: &mut Tx,
    witness: &Witness,
    (request, new, known): (&AddCheckpoint, &Checkpoint, Watched),
) -> Result<String, WitnessError> {
    let last = Some((known.size, known.root));
    refused(decide(request, new, last))?;
    if new.size == 0 && new.root != EMPTY_ROOT {
        return Err(WitnessError::Inconsistent);
    }
    // A clock that was put back does not take back what was said.
    let now = witness.clock.now().micros().div_euclid(1_000_000);
    let seconds = now.max(known.cosigned_seconds).max(0);
    let note = request.checkpoint.note.clone();
    let line = cosignature::cosign(&witness.signer, &note, seconds.unsigned_abs()).map_err(WitnessError::Key)?;
    let answer = line.to_line() + "\n";
    let mut signatures: Vec<_> = request.checkpoint.of(&known.key).cloned().collect();
    signatures.push(line);
    let seen = Watched {
        size: new.size,
        root: new.root,
        note: Some(SignedNote { note, signatures }.to_text()),
        cosigned_seconds: seconds,
        key: known.key,
    };
    store::put(tx, &seen).await?;
    Ok(answer)
}

/// The latest checkpoint of the log whose origin has this SHA-256, in hexadecimal.
///
/// # Errors
/// [`WitnessError::Unknown`] also before the first was cosigned.
pub async fn latest(witness: &Witness, origin_hash: &str) -> Result<String, WitnessError> {
    let all = witness.watched().await?;
    let hash = |log: &Watched| origin_path(log.key.name());
    let log = all.into_iter().find(|log| hash(log) == origin_hash);
    log.and_then(|log| log.note).ok_or(WitnessError::Unknown)
}

/// Where a witness shows the latest checkpoint of an origin: the SHA-256 of it, in hexadecimal.
pub fn origin_path(origin: &str) -> String {
    data_encoding::HEXLOWER.encode(&crate::tlog::hash::sha256(origin.as_bytes()).0)
}
