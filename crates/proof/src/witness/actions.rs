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
    of_log(log)?;
    let mut tx = witness.db.begin().await?;
    match store::find(&mut tx, log.name()).await? {
        Some(known) if known.keys.contains(log) => return Ok(()),
        Some(_) => return Err(WitnessError::OtherKey),
        None => store::insert(&mut tx, log).await?,
    }
    tx.commit().await?;
    Ok(())
}

fn of_log(key: &Verifier) -> Result<(), WitnessError> {
    if key.kind() == KeyKind::Ed25519 {
        Ok(())
    } else {
        Err(WitnessError::Request("a log’s key is Ed25519"))
    }
}

/// Takes a further key of a log that is watched: it replaces the one before, and for a while both sign.
///
/// # Errors
/// [`WitnessError::Unknown`] for a log that is not watched.
pub async fn take_also(witness: &Witness, key: &Verifier) -> Result<(), WitnessError> {
    of_log(key)?;
    let mut tx = witness.db.begin().await?;
    let mut known = store::find(&mut tx, key.name()).await?.ok_or(WitnessError::Unknown)?;
    if known.keys.contains(key) {
        return Ok(());
    }
    known.keys.push(key.clone());
    store::set_keys(&mut tx, key.name(), &known.keys).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a key of a watched log no longer. What was seen stays: the log goes on from there under its other key.
///
/// # Errors
/// [`WitnessError::Unknown`] for a log that is not watched, [`WitnessError::Request`] for its only key.
pub async fn take_no_longer(witness: &Witness, key: &Verifier) -> Result<(), WitnessError> {
    let mut tx = witness.db.begin().await?;
    let mut known = store::find(&mut tx, key.name()).await?.ok_or(WitnessError::Unknown)?;
    known.keys.retain(|own| own != key);
    if known.keys.is_empty() {
        return Err(WitnessError::Request(
            "it is the log’s only key: take another one first (--also)",
        ));
    }
    store::set_keys(&mut tx, key.name(), &known.keys).await?;
    tx.commit().await?;
    Ok(())
}

/// Watches a log under just these keys, as another witness does.
///
/// # Errors
/// [`WitnessError::Db`].
pub async fn watch_as(witness: &Witness, keys: &[Verifier]) -> Result<(), WitnessError> {
    let Some(first) = keys.first() else { return Ok(()) };
    let mut tx = witness.db.begin().await?;
    if store::find(&mut tx, first.name()).await?.is_none() {
        store::insert(&mut tx, first).await?;
    }
    store::set_keys(&mut tx, first.name(), keys).await?;
    tx.commit().await?;
    Ok(())
}

/// Checks the lines of all keys of the log: each that signed must have signed well, and one is enough.
fn signed(note: &SignedNote, keys: &[Verifier]) -> Result<(), WitnessError> {
    let own: Vec<&Verifier> = keys.iter().filter(|key| note.of(key).next().is_some()).collect();
    if own.is_empty() || own.into_iter().any(|key| note.check(key).is_err()) {
        return Err(WitnessError::Signature);
    }
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
    signed(&request.checkpoint, &known.keys)?;
    let answer = cosigned(&mut tx, witness, (&request, &new, known)).await?;
    tx.commit().await?;
    if let Some(called) = witness.after_persist {
        called();
    }
    Ok(answer)
}

/// Asks the judge, where there is one, about a tree that continues what was cosigned; before the transaction, since
/// reading entries takes time. Nobody but the log itself makes a monitor read.
async fn judge(witness: &Witness, request: &AddCheckpoint, new: &Checkpoint) -> Result<(), WitnessError> {
    let Some(judge) = &witness.judge else { return Ok(()) };
    let mut at = witness.db.snapshot().await?;
    let known = store::find(&mut at, &new.origin).await?.ok_or(WitnessError::Unknown)?;
    drop(at);
    signed(&request.checkpoint, &known.keys)?;
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
    let own = known.keys.iter().flat_map(|key| request.checkpoint.of(key));
    let mut signatures: Vec<_> = own.cloned().collect();
    signatures.push(line);
    let seen = Watched {
        size: new.size,
        root: new.root,
        note: Some(SignedNote { note, signatures }.to_text()),
        cosigned_seconds: seconds,
        keys: known.keys,
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
    let hash = |log: &Watched| origin_path(log.origin());
    let log = all.into_iter().find(|log| hash(log) == origin_hash);
    log.and_then(|log| log.note).ok_or(WitnessError::Unknown)
}

/// Where a witness shows the latest checkpoint of an origin: the SHA-256 of it, in hexadecimal.
pub fn origin_path(origin: &str) -> String {
    data_encoding::HEXLOWER.encode(&crate::tlog::hash::sha256(origin.as_bytes()).0)
}
