//! The entries of which there are few: what speaks of a gift or match, expenditure, fees, pools, goods.
//!
//! A kind of fact that stands nowhere here has no entry; docs/transparency.md says which, and why.

use std::collections::BTreeMap;

use db::Reads;
use giving::matching;
use kernel::id::{Id as _, PublicIdCodec as _};
use kernel::{BusinessDay, FactId, Fen, FundId, GiftId, JournalId, ProjectId, UnitId};
use ledger::payouts;
use platform::Services;
use platform::facts::{self, Fact};
use serde::Deserialize;

use super::super::actions::rotating::KEY_ROTATED;
use super::super::actions::second::SM3_ROOT;
use super::super::error::LogError;
use super::super::leaf::{
    Corrected, Erased, Fee, Goes, Goods, KeyRotated, Leaf, MOVES_MAX, NoticePublished, NoticeWithdrawn, Paid, Pool,
    PublicId, Purpose, Refunded, Sm3Root, Stands, Stated, Why,
};
use super::super::model::Ident;
use super::super::stated::{STATED, Statement};
use super::{FACTS_OF_GIFT_MAX, confirmed, entry_id, public_id, said, unhex, unreadable};
use crate::notices::actions::{PUBLISHED, WITHDRAWN};
use crate::notices::{self, NoticeId};
use crate::tlog::Hash;

/// An entry, and the fact whose entry must stand before it.
type Made = Option<(Leaf, Option<Ident>)>;

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

/// The fact of a match that shrank.
#[derive(Deserialize)]
struct Shrunk<'f> {
    #[serde(borrow)]
    pool: &'f str,
    number: i64,
    amount_fen: Fen,
}

/// The fact of a booking by hand.
#[derive(Deserialize)]
struct Booked<T> {
    business_day: BusinessDay,
    what: T,
}

/// What was spent.
#[derive(Deserialize)]
struct Spent {
    fund: Option<String>,
    project: Option<String>,
    on: Purpose,
    amount_fen: Fen,
}

/// What was undone.
#[derive(Deserialize)]
struct Undone {
    reverses: String,
}

/// Money passed on.
#[derive(Deserialize)]
struct PassedOn<'f> {
    #[serde(borrow)]
    fund: &'f str,
    amount_fen: Fen,
    business_day: BusinessDay,
}

/// Money paid out of a fund by what has papers of its own: a grant of goods' money, a partner's payment.
#[derive(Deserialize)]
struct PaidOut<'f> {
    #[serde(borrow)]
    fund: &'f str,
    amount_fen: Fen,
    #[serde(borrow)]
    journal: Option<&'f str>,
    business_day: Option<BusinessDay>,
}

/// A pool published.
#[derive(Deserialize)]
struct Published<'f> {
    #[serde(borrow)]
    commitment: &'f str,
}

/// A fee taken from a named fund.
#[derive(Deserialize)]
struct FeeTaken {
    fee_fen: Fen,
}

/// What a fact of the store says of movements, where it says any.
#[derive(Deserialize)]
struct Moved {
    #[serde(default)]
    moves: Vec<Way>,
}

/// Pieces that went.
#[derive(Deserialize)]
struct Way {
    lot: String,
    from: Option<Stands>,
    to: Option<Stands>,
    quantity: i64,
}

/// A key of the log replaced.
#[derive(Deserialize)]
struct Rotated {
    day: BusinessDay,
    old: String,
    new: String,
}

/// The root over SM3.
#[derive(Deserialize)]
struct Sm3Stated {
    day: BusinessDay,
    size: u64,
    root: String,
}

/// A notice published.
#[derive(Deserialize)]
struct Noticed {
    year: i64,
    number: i64,
    version: i64,
    sha256: String,
    corrects: Option<String>,
}

fn key_bytes(text: &str) -> Result<Hash, LogError> {
    Hash::from_base64(text).map_err(|_| unreadable("a key of the log"))
}

/// The entry of a fact that is not a gift's; `None` where it has none.
pub(super) async fn leaf(at: &mut impl Reads, fact: &Fact, services: &Services) -> Result<Made, LogError> {
    match fact.kind.as_str() {
        "refund.approved" | "gift.taken_back" | "gift.erased" => of_gift(at, fact, services).await,
        "match.shrunk" => shrunk(at, fact, services).await,
        "books.expenditure_recorded" | "payout.approved" => Ok(Some((Leaf::Paid(paid(fact, services)?), None))),
        "goods.grant_paid" | "partner.payment_paid" => {
            Ok(paid_out(fact, services)?.map(|(paid, _)| (Leaf::Paid(paid), None)))
        }
        "books.journal_reversed" => undone(at, fact, services).await,
        "pool.published" => {
            let commitment = data_encoding::HEXLOWER.decode(said::<Published<'_>>(fact)?.commitment.as_bytes());
            let draw = commitment.ok().and_then(|bytes| Hash::from_slice(&bytes));
            let pool = Pool {
                id: entry_id(services, fact.id)?,
                unit: public_id(services, fact.unit)?,
                pool: public_id(services, matching::PoolId::from_bytes(fact.subject))?,
                day: fact.happened_at.business_day(),
                draw: draw.ok_or_else(|| unreadable("the commitment of a pool"))?,
            };
            Ok(Some((Leaf::PoolPublished(pool), None)))
        }
        "named_fund.fee_taken" => fee(fact, services),
        STATED => {
            let said: Statement = said(fact)?;
            let stated = Stated {
                id: entry_id(services, fact.id)?,
                unit: public_id(services, fact.unit)?,
                day: said.day,
                size: said.size,
                says: said.says,
            };
            Ok(Some((Leaf::Stated(stated), None)))
        }
        KEY_ROTATED => {
            let said: Rotated = said(fact)?;
            let rotated = KeyRotated {
                id: entry_id(services, fact.id)?,
                day: said.day,
                old: key_bytes(&said.old)?,
                new: key_bytes(&said.new)?,
            };
            Ok(Some((Leaf::KeyRotated(rotated), None)))
        }
        SM3_ROOT => {
            let said: Sm3Stated = said(fact)?;
            let root = Sm3Root {
                id: entry_id(services, fact.id)?,
                day: said.day,
                size: said.size,
                root: Hash::from_base64(&said.root).map_err(|_| unreadable("a root over SM3"))?,
            };
            Ok(Some((Leaf::Sm3Root(root), None)))
        }
        PUBLISHED | WITHDRAWN => notice(at, fact, services).await,
        kind if kind.starts_with("goods.") => goods(fact, services),
        _ => Ok(None),
    }
}

/// The entry of a fact that speaks of a gift.
async fn of_gift(at: &mut impl Reads, fact: &Fact, services: &Services) -> Result<Made, LogError> {
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
    Ok(Some((leaf, Some(first.id.bytes()))))
}

/// What went back of a match with the gift it matched; nothing where nothing had been granted.
async fn shrunk(at: &mut impl Reads, fact: &Fact, services: &Services) -> Result<Made, LogError> {
    let said: Shrunk<'_> = said(fact)?;
    if !said.amount_fen.is_positive() {
        return Ok(None);
    }
    let decisions = matching::queries::of_gift(at, GiftId::from_bytes(fact.subject)).await?;
    let own = decisions
        .into_iter()
        .find(|one| one.pool == said.pool && one.decision.number == said.number);
    let gift = own.and_then(|one| one.decision.match_gift);
    let gift = gift.ok_or_else(|| unreadable("its match is unknown"))?;
    let first = confirmed(at, gift)
        .await?
        .ok_or_else(|| unreadable("its match has no fact"))?;
    let leaf = Leaf::Reversed(Refunded {
        id: entry_id(services, fact.id)?,
        of: entry_id(services, first.id)?,
        day: fact.happened_at.business_day(),
        amt: said.amount_fen,
    });
    Ok(Some((leaf, Some(first.id.bytes()))))
}

/// The expenditure that a fact tells.
fn paid(fact: &Fact, services: &Services) -> Result<Paid, LogError> {
    let (fund, project, on, day, amt) = if fact.kind == "payout.approved" {
        let said: PassedOn<'_> = said(fact)?;
        let fund = Some(said.fund.to_owned());
        (fund, None, Purpose::PassedOn, said.business_day, said.amount_fen)
    } else {
        let said: Booked<Spent> = said(fact)?;
        let what = said.what;
        (what.fund, what.project, what.on, said.business_day, what.amount_fen)
    };
    let id = |text: Option<String>| text.map(|text| unhex(&text)).transpose();
    let fund = id(fund)?.map(|id| public_id(services, FundId::from_bytes(id)));
    let project = id(project)?.map(|id| public_id(services, ProjectId::from_bytes(id)));
    Ok(Paid {
        id: entry_id(services, fact.id)?,
        unit: public_id(services, fact.unit)?,
        fund: fund.transpose()?,
        proj: project.transpose()?,
        on,
        day,
        amt,
    })
}

/// Money paid out of a fund, and the journal that booked it. Nothing of a fact that does not name its journal and day:
/// an older program wrote it and passed it over when it read it, so no later word may refer to an entry of it. Facts of
/// later tiers never hold up the log.
fn paid_out(fact: &Fact, services: &Services) -> Result<Option<(Paid, JournalId)>, LogError> {
    let Ok(said) = said::<PaidOut<'_>>(fact) else {
        tracing::warn!(
            kind = fact.kind,
            "money paid out is not in the public log: its words are unknown"
        );
        return Ok(None);
    };
    let (Some(journal), Some(day)) = (said.journal, said.business_day) else {
        return Ok(None);
    };
    let (Ok(fund), Ok(journal)) = (unhex(said.fund), unhex(journal)) else {
        tracing::warn!(
            kind = fact.kind,
            "money paid out is not in the public log: it names no fund or journal"
        );
        return Ok(None);
    };
    let paid = Paid {
        id: entry_id(services, fact.id)?,
        unit: public_id(services, fact.unit)?,
        fund: Some(public_id(services, FundId::from_bytes(fund))?),
        proj: None,
        on: Purpose::Programme,
        day,
        amt: said.amount_fen,
    };
    Ok(Some((paid, JournalId::from_bytes(journal))))
}

/// The entry of the expenditure that a journal booked, and its fact; nothing where the journal was something else.
async fn expenditure(
    at: &mut impl Reads,
    (unit, journal): (UnitId, JournalId),
    services: &Services,
) -> Result<Option<(Paid, FactId)>, LogError> {
    let subject = match payouts::of_journal(at, journal).await? {
        Some(payout) => payout.bytes(),
        None => journal.bytes(),
    };
    let all = facts::by_subject(at, subject, FACTS_OF_GIFT_MAX).await?;
    let first = all
        .into_iter()
        .find(|fact| matches!(fact.kind.as_str(), "books.expenditure_recorded" | "payout.approved"));
    if let Some(first) = first {
        return Ok(Some((paid(&first, services)?, first.id)));
    }
    // What has papers of its own names itself in the key of its booking: `grant:` or `partner:` and its id.
    let key = ledger::queries::request_key(at, unit, journal).await?;
    let named = key.as_deref().and_then(|key| key.split_once(':'));
    let Some(subject) = named.and_then(|(_, id)| unhex(id).ok()) else {
        return Ok(None);
    };
    for fact in facts::by_subject(at, subject, FACTS_OF_GIFT_MAX).await? {
        if matches!(fact.kind.as_str(), "goods.grant_paid" | "partner.payment_paid")
            && let Some((paid, booked)) = paid_out(&fact, services)?
            && booked == journal
        {
            return Ok(Some((paid, fact.id)));
        }
    }
    Ok(None)
}

/// An expenditure that was taken back; nothing where the reversed journal was something else.
async fn undone(at: &mut impl Reads, fact: &Fact, services: &Services) -> Result<Made, LogError> {
    let said: Booked<Undone> = said(fact)?;
    let journal = JournalId::from_bytes(unhex(&said.what.reverses)?);
    let Some((before, first)) = expenditure(at, (fact.unit, journal), services).await? else {
        return Ok(None);
    };
    let of: PublicId = before.id;
    let leaf = Leaf::Unpaid(Refunded {
        id: entry_id(services, fact.id)?,
        of,
        day: said.business_day,
        amt: before.amt,
    });
    Ok(Some((leaf, Some(first.bytes()))))
}

/// A fee; nothing where a month's fee came to nothing.
fn fee(fact: &Fact, services: &Services) -> Result<Made, LogError> {
    let amt = said::<FeeTaken>(fact)?.fee_fen;
    if !amt.is_positive() {
        return Ok(None);
    }
    let fee = Fee {
        id: entry_id(services, fact.id)?,
        unit: public_id(services, fact.unit)?,
        fund: public_id(services, FundId::from_bytes(fact.subject))?,
        day: fact.happened_at.business_day(),
        amt,
    };
    Ok(Some((Leaf::Fee(fee), None)))
}

/// A notice that was published or withdrawn; both stand behind the entry of the version they speak of.
async fn notice(at: &mut impl Reads, fact: &Fact, services: &Services) -> Result<Made, LogError> {
    let (id, day) = (entry_id(services, fact.id)?, fact.happened_at.business_day());
    if fact.kind == WITHDRAWN {
        let first = publication(at, fact.subject).await?;
        let of = entry_id(services, first)?;
        let leaf = Leaf::NoticeWithdrawn(NoticeWithdrawn { id, of, day });
        return Ok(Some((leaf, Some(first.bytes()))));
    }
    let said: Noticed = said(fact)?;
    let hash = data_encoding::HEXLOWER.decode(said.sha256.as_bytes()).ok();
    let hash = hash.and_then(|bytes| Hash::from_slice(&bytes));
    let before = match &said.corrects {
        Some(before) => Some(publication(at, unhex(before)?).await?),
        None => None,
    };
    let of = before.map(|fact| entry_id(services, fact)).transpose()?;
    let leaf = Leaf::NoticePublished(NoticePublished {
        id,
        unit: public_id(services, fact.unit)?,
        notice: public_id(services, NoticeId::from_bytes(fact.subject))?,
        year: said.year,
        no: said.number,
        ver: said.version,
        day,
        hash: hash.ok_or_else(|| unreadable("the fingerprint of a notice"))?,
        of,
    });
    Ok(Some((leaf, before.map(FactId::bytes))))
}

/// The fact that published a notice.
async fn publication(at: &mut impl Reads, notice: [u8; 16]) -> Result<FactId, LogError> {
    let found = notices::queries::published_as(at, NoticeId::from_bytes(notice)).await?;
    found.ok_or_else(|| unreadable("a notice was never published"))
}

/// What went where in the store; nothing where goods were only set aside or moved to another shelf.
///
/// The store's facts are written by a later tier. One that cannot be told in the log's words is left out and logged:
/// goods never hold up the log of money.
fn goods(fact: &Fact, services: &Services) -> Result<Made, LogError> {
    let Ok(said) = said::<Moved>(fact) else {
        tracing::warn!(
            kind = fact.kind,
            "a movement of goods is not in the public log: its words are unknown"
        );
        return Ok(None);
    };
    let mut sums: BTreeMap<(PublicId, Option<Stands>, Option<Stands>), i64> = BTreeMap::new();
    for way in said.moves.iter().filter(|way| way.from != way.to && way.quantity > 0) {
        // Its type is a later tier’s; the enciphered form is the same.
        let lot = PublicId::from_bytes(&services.keys.encipher(unhex(&way.lot)?));
        let sum = sums.entry((lot, way.from, way.to)).or_default();
        *sum = sum.saturating_add(way.quantity);
    }
    if sums.is_empty() {
        return Ok(None);
    }
    if sums.len() > MOVES_MAX {
        tracing::warn!(
            kind = fact.kind,
            "a movement of goods is not in the public log: it names too many deliveries"
        );
        return Ok(None);
    }
    let moves = sums
        .into_iter()
        .map(|((lot, from, to), qty)| Goes { lot, from, to, qty });
    let goods = Goods {
        id: entry_id(services, fact.id)?,
        unit: public_id(services, fact.unit)?,
        day: fact.happened_at.business_day(),
        moves: moves.collect(),
    };
    Ok(Some((Leaf::Goods(goods), None)))
}
