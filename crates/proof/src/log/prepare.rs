//! From facts to entries: which facts have one, and what it says.
//!
//! Gifts and matches are made here, by the thousand; what there is few of, in [`others`].

mod others;

use std::collections::HashMap;

use db::Reads;
use giving::donations::sealed::{self, Sealed};
use giving::matching;
use kernel::id::{Id, public};
use kernel::{BusinessDay, Channel, FactId, Fen, GiftId, ProjectId};
use platform::Services;
use platform::facts::{self, Fact};
use serde::Deserialize;

use super::commitment::{Opening, commit};
use super::error::LogError;
use super::leaf::{Commitment, Field, Leaf, LeafError, PublicId, Received};
use super::model::{Candidate, Ident, Payer};
use crate::certificates::printed_name;
use crate::tlog::Hash;
use crate::tlog::hash::sha256;

/// The facts about one gift that are looked through for its own.
const FACTS_OF_GIFT_MAX: i64 = 50;

/// The fact of a gift.
#[derive(Deserialize)]
struct Confirmed<'f> {
    #[serde(borrow)]
    project: &'f str,
    #[serde(borrow)]
    channel: &'f str,
    amount_fen: Fen,
    day: BusinessDay,
    /// The word of the pool, of a match.
    #[serde(borrow)]
    pool: Option<&'f str>,
}

/// A fact whose entry is a gift's, with what of it is sealed; `None` where the gift's row is gone.
pub(super) struct GiftFact {
    fact: Fact,
    sealed: Option<Sealed>,
    /// The pool of a match.
    pool: Option<PublicId>,
}

/// Pools by their words.
type Pools = HashMap<String, PublicId>;

/// What is made of facts.
pub(super) enum Raw {
    /// A gift: the costly part, made away from the runtime's threads.
    Gift(Box<GiftFact>),
    /// Ready.
    Ready(Box<Candidate>),
}

fn unreadable(why: &str) -> LogError {
    LogError::Leaf(LeafError::Vocabulary(format!("a fact cannot be read: {why}")))
}

fn said<'f, T: Deserialize<'f>>(fact: &'f Fact) -> Result<T, LogError> {
    serde_json::from_str(&fact.body).map_err(|e| unreadable(&e.to_string()))
}

fn unhex(text: &str) -> Result<[u8; 16], LogError> {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
    bytes.and_then(|b| b.try_into().ok()).ok_or_else(|| unreadable("an id"))
}

/// The public id of a thing, as its page has it.
fn public_id<I: Id>(services: &Services, id: I) -> Result<PublicId, LogError> {
    Ok(PublicId::new(&public(&*services.keys, id))?)
}

/// The public id of an entry: its fact's, enciphered. No page is found by it.
fn entry_id(services: &Services, fact: FactId) -> Result<PublicId, LogError> {
    public_id(services, fact)
}

/// The fact that confirmed a gift.
///
/// # Errors
/// The database's.
pub(super) async fn confirmed(at: &mut impl Reads, gift: GiftId) -> Result<Option<Fact>, LogError> {
    let all = facts::by_subject(at, gift.bytes(), FACTS_OF_GIFT_MAX).await?;
    Ok(all.into_iter().find(|fact| fact.kind == "gift.confirmed"))
}

/// Loads what the entries of these facts need. Facts without an entry are passed over.
pub(super) async fn load(at: &mut impl Reads, all: &[Fact], services: &Services) -> Result<Vec<Raw>, LogError> {
    let gifts: Vec<GiftId> = all
        .iter()
        .filter(|fact| fact.kind == "gift.confirmed")
        .map(|fact| GiftId::from_bytes(fact.subject))
        .collect();
    let mut sealed: HashMap<GiftId, Sealed> = sealed::load_many(at, &gifts).await?.into_iter().collect();
    let mut pools = Pools::new();
    let mut raw = Vec::with_capacity(all.len());
    for fact in all {
        if fact.kind == "gift.confirmed" {
            raw.push(Raw::Gift(Box::new(GiftFact {
                sealed: sealed.remove(&GiftId::from_bytes(fact.subject)),
                pool: pool_of(at, fact, &mut pools, services).await?,
                fact: fact.clone(),
            })));
        } else if let Some((leaf, waits_for)) = others::leaf(at, fact, services).await? {
            raw.push(Raw::Ready(Box::new(Candidate {
                ident: fact.id.bytes(),
                leaf,
                waits_for,
                held_at: services.now(),
                payer: None,
            })));
        }
    }
    Ok(raw)
}

/// The pool that a gift's fact names, which makes it a match.
async fn pool_of(
    at: &mut impl Reads,
    fact: &Fact,
    known: &mut Pools,
    services: &Services,
) -> Result<Option<PublicId>, LogError> {
    // Written by hand a million times, and read here as often: only a match's fact has the word.
    if !fact.body.contains("\"pool\"") {
        return Ok(None);
    }
    let said: Confirmed<'_> = said(fact)?;
    let Some(word) = said.pool else { return Ok(None) };
    if let Some(id) = known.get(word) {
        return Ok(Some(id.clone()));
    }
    let pool = matching::store::pool_by_code(at, word).await?;
    let id = public_id(services, pool.ok_or_else(|| unreadable("its pool is unknown"))?.id)?;
    known.insert(word.to_owned(), id.clone());
    Ok(Some(id))
}

/// The same for the same telephone; nothing is told by it without the installation's key.
fn payer_mark(index: &[u8]) -> Payer {
    let mut mark = Payer::default();
    mark.copy_from_slice(&sha256(index).0[..16]);
    mark
}

/// The entry of a gift, with what opens it; nothing opens it after erasure, and its commitment is then of chance.
pub(super) fn gift(gift: &GiftFact, services: &Services) -> Result<(Candidate, Option<Vec<Opening>>), LogError> {
    let fact = &gift.fact;
    let said: Confirmed<'_> = said(fact)?;
    let id = entry_id(services, fact.id)?;
    let project = ProjectId::from_bytes(unhex(said.project)?);
    let secret = gift
        .sealed
        .as_ref()
        .map_or(Ok(None), |sealed| sealed.secret(services))?;
    let (commitment, openings) = match (&gift.sealed, secret) {
        (Some(sealed), Some(secret)) => {
            let (name, on_behalf_of) = printed_name(sealed, &secret)?;
            let name = on_behalf_of.unwrap_or(name);
            let r = secret.log_opening(id.as_str(), Field::Donor.as_str());
            let commitment = commit(&r, Field::Donor, &id, &name)?;
            (commitment, Some(vec![Opening::new(Field::Donor, name, &r)]))
        }
        _ => (Commitment(Hash(services.rng.secret())), None),
    };
    let channel: Channel = said.channel.parse().map_err(|_| unreadable("its channel"))?;
    let received = Received {
        id,
        unit: public_id(services, fact.unit)?,
        proj: public_id(services, project)?,
        chan: channel,
        day: said.day,
        amt: said.amount_fen,
        c: [(Field::Donor, commitment)].into(),
        pool: gift.pool.clone(),
    };
    // Matches are counted as they are: how many gave is told by gifts.
    let index = gift.sealed.as_ref().and_then(|sealed| sealed.phone_index.as_deref());
    let payer = index.filter(|_| !received.is_match()).map(payer_mark);
    let candidate = Candidate {
        ident: fact.id.bytes(),
        leaf: if received.is_match() {
            Leaf::Granted(received)
        } else {
            Leaf::Received(received)
        },
        waits_for: None,
        held_at: services.now(),
        payer,
    };
    Ok((candidate, openings))
}

/// The entry of one gift as it was made when it was logged.
///
/// # Errors
/// [`LogError::NotYet`] for what is no gift, [`LogError::Erased`].
pub(super) async fn entry_of(
    at: &mut impl Reads,
    id: GiftId,
    services: &Services,
) -> Result<(Ident, Leaf, Vec<Opening>), LogError> {
    let fact = confirmed(at, id).await?.ok_or(LogError::NotYet)?;
    let sealed = sealed::load(at, id).await?;
    let pool = pool_of(at, &fact, &mut Pools::new(), services).await?;
    let (candidate, openings) = gift(&GiftFact { fact, sealed, pool }, services)?;
    let openings = openings.ok_or(LogError::Erased)?;
    Ok((candidate.ident, candidate.leaf, openings))
}
