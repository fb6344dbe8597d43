//! From facts to entries: which facts have one, and what it says.

use std::collections::HashMap;

use db::Reads;
use giving::donations::sealed::{self, Sealed};
use kernel::id::{Id as _, public};
use kernel::{BusinessDay, Channel, FactId, Fen, GiftId, ProjectId};
use platform::Services;
use platform::facts::{self, Fact};
use serde::Deserialize;

use super::commitment::{Opening, commit};
use super::error::LogError;
use super::leaf::{Commitment, Corrected, Erased, Field, Leaf, LeafError, PublicId, Received, Refunded, Why};
use super::model::{Candidate, Ident};
use crate::certificates::printed_name;
use crate::tlog::Hash;

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
}

/// The fact of a refund.
#[derive(Deserialize)]
struct Approved<'f> {
    #[serde(borrow)]
    gift: &'f str,
    amount_fen: Fen,
}

/// The fact of a gift taken back.
#[derive(Deserialize)]
struct TakenBack {
    amount_fen: Fen,
}

/// A fact whose entry is a gift's, with what of it is sealed; `None` where the gift's row is gone.
pub(super) struct GiftFact {
    fact: Fact,
    sealed: Option<Sealed>,
}

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

/// The public id of an entry: its fact's, enciphered. No page is found by it.
pub(super) fn entry_id(services: &Services, fact: FactId) -> Result<PublicId, LogError> {
    Ok(PublicId::new(&public(&*services.keys, fact))?)
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
    let mut raw = Vec::with_capacity(all.len());
    for fact in all {
        let subject = GiftId::from_bytes(fact.subject);
        match fact.kind.as_str() {
            "gift.confirmed" => raw.push(Raw::Gift(Box::new(GiftFact {
                sealed: sealed.remove(&subject),
                fact: fact.clone(),
            }))),
            "refund.approved" | "gift.taken_back" | "gift.erased" => {
                raw.push(Raw::Ready(Box::new(of_gift(at, fact, services).await?)));
            }
            _ => {}
        }
    }
    Ok(raw)
}

/// The entry of a fact that speaks of a gift.
async fn of_gift(at: &mut impl Reads, fact: &Fact, services: &Services) -> Result<Candidate, LogError> {
    let gift = match fact.kind.as_str() {
        "refund.approved" => GiftId::from_bytes(unhex(said::<Approved<'_>>(fact)?.gift)?),
        _ => GiftId::from_bytes(fact.subject),
    };
    let first = confirmed(at, gift)
        .await?
        .ok_or_else(|| unreadable("its gift has no fact"))?;
    let (id, of) = (entry_id(services, fact.id)?, entry_id(services, first.id)?);
    let day = fact.happened_at.business_day();
    let leaf = match fact.kind.as_str() {
        "refund.approved" => Leaf::Refunded(Refunded {
            id,
            of,
            day,
            amt: said::<Approved<'_>>(fact)?.amount_fen,
        }),
        "gift.taken_back" => {
            let back = said::<TakenBack>(fact)?.amount_fen.negated();
            Leaf::Corrected(Corrected {
                id,
                of,
                day,
                diff: back.map_err(|_| unreadable("its amount"))?,
                why: Why::ImportTakenBack,
            })
        }
        _ => Leaf::Erased(Erased { id, of }),
    };
    Ok(Candidate {
        ident: fact.id.bytes(),
        leaf,
        waits_for: Some(first.id.bytes()),
        held_at: services.now(),
    })
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
    let leaf = Leaf::Received(Received {
        id,
        unit: PublicId::new(&public(&*services.keys, fact.unit))?,
        proj: PublicId::new(&public(&*services.keys, project))?,
        chan: channel,
        day: said.day,
        amt: said.amount_fen,
        c: [(Field::Donor, commitment)].into(),
    });
    let candidate = Candidate {
        ident: fact.id.bytes(),
        leaf,
        waits_for: None,
        held_at: services.now(),
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
    let (candidate, openings) = gift(&GiftFact { fact, sealed }, services)?;
    let openings = openings.ok_or(LogError::Erased)?;
    Ok((candidate.ident, candidate.leaf, openings))
}
