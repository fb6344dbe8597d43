//! Settling a sponsor's debt when its money comes.

use db::Tx;
use governance::network::store as network;
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Fen, JournalId, UnitId};
use ledger::journal::shapes::When;
use ledger::journal::shapes::sponsor_paid::{self, Money, SponsorShare};
use ledger::{Header, LedgerError, Restriction};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::Settlement;
use super::{queries, rules, store};
use crate::donations::queries as donations;
use crate::matching::{Backing, MatchError, Pool, PoolId, store as matching};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["pool.debt_settled"];
/// A key is a UUID, a memo code the number of a voucher or a bank's line.
const WORD_CHARS_MAX: usize = 64;
/// Funds of one journal, which has a bounded number of entries: each fund makes two.
const SHARES_PER_JOURNAL: usize = 200;

/// What was paid.
#[derive(Debug, Clone)]
pub struct Paid {
    /// The caller's key, its own in the pool's unit: the same key with the same content is answered with the first
    /// settlement.
    pub key: String,
    /// How much.
    pub amount: Fen,
    /// When it came, or is taken out of what is held; not after today.
    pub on: BusinessDay,
    /// The number of the bank's line or the voucher.
    pub memo_code: Option<String>,
}

fn check(paid: &Paid, today: BusinessDay) -> Result<(), MatchError> {
    let word = |text: &str| {
        !text.trim().is_empty() && text.chars().count() <= WORD_CHARS_MAX && !text.chars().any(char::is_control)
    };
    let wrong = if !word(&paid.key) {
        Some(("key", "1 to 64 characters on one line"))
    } else if !paid.memo_code.as_deref().is_none_or(word) {
        Some(("memo_code", "1 to 64 characters on one line"))
    } else if !paid.amount.is_positive() {
        Some(("amount_fen", "above zero"))
    } else if paid.on > today {
        Some(("paid_on", "a day not after today"))
    } else {
        None
    };
    wrong.map_or(Ok(()), |(field, why)| Err(MatchError::Invalid { field, why }))
}

/// Books that a pool's sponsor paid of what it owes: into the bank under an agreement, out of its own gift that is held where
/// the pool stands on one. Needs [`Permission::BooksPost`] in the books. Fact `pool.debt_settled`.
///
/// # Errors
/// [`MatchError`]: not allowed, out of shape, more than is owed, the key used for something else, the money not there.
pub async fn settle(services: &Services, by: &Actor, id: PoolId, paid: Paid) -> Result<Settlement, MatchError> {
    by.require_somewhere(Permission::BooksPost)?;
    let now = services.now();
    check(&paid, now.business_day())?;
    let mut tx = services.db.begin().await?;
    let pool = matching::pool(&mut tx, id).await?.ok_or(MatchError::NotFound("pool"))?;
    let books = books_of(&mut tx, &pool).await?;
    if by.require(Permission::BooksPost, books).is_err() {
        return Err(MatchError::NotFound("pool"));
    }
    // No match is given or taken back while what is owed is shared out.
    matching::lock(&mut tx, &[(pool.unit, id)]).await?;
    if let Some(first) = store::by_key(&mut tx, pool.unit, &paid.key).await? {
        let same =
            (first.pool, first.amount, first.paid_on, &first.memo_code) == (id, paid.amount, paid.on, &paid.memo_code);
        return if same {
            Ok(first)
        } else {
            Err(LedgerError::KeyReused.into())
        };
    }
    let number = store::last_number(&mut tx, pool.unit, id).await? + 1;
    if number > store::SETTLEMENTS_MAX {
        return Err(MatchError::Invalid {
            field: "pool",
            why: "there are too many settlements of this pool",
        });
    }
    let debt = queries::debt(&mut tx, books, &pool).await?;
    let shares = rules::shares(&debt.funds, paid.amount).map_err(LedgerError::from)?;
    let Some(shares) = shares else {
        let owed = rules::owed_in_all(&debt.funds).map_err(LedgerError::from)?;
        return Err(MatchError::OwesLess(owed.max(Fen::ZERO)));
    };
    let money = money_of(&mut tx, &pool).await?;
    covered(&mut tx, books, (money, paid.amount), &shares).await?;
    let settlement = Settlement {
        pool: id,
        number,
        amount: paid.amount,
        paid_on: paid.on,
        memo_code: paid.memo_code,
        booked_by: by.id,
        booked_at: now,
    };
    store::insert(&mut tx, pool.unit, &settlement, &paid.key).await?;
    let mut journals = Vec::new();
    for (part, chunk) in (1..).zip(shares.chunks(SHARES_PER_JOURNAL)) {
        let journal = JournalId::new(now, &*services.rng);
        let when = When {
            id: journal,
            posting_day: now.business_day(),
            business_day: paid.on,
        };
        let request = json!({ "pool": pool.code, "number": number, "part": part, "paid_on": paid.on });
        let header = Header {
            created_at: now,
            actor: Some(by.id),
            memo_code: settlement.memo_code.clone(),
            // Unique in the books: one payment is never booked twice, whatever went wrong above.
            request: Some((
                format!("match:{}:{number}:{part}", hex(&id.bytes())),
                request.to_string(),
            )),
        };
        let shape = sponsor_paid::journal(books, chunk, money, when).map_err(LedgerError::from)?;
        ledger::post(&mut tx, &shape, &header, services).await?;
        for share in chunk {
            store::insert_share(&mut tx, (pool.unit, &settlement), share, journal).await?;
        }
        journals.push(hex(&journal.bytes()));
    }
    hold_back(&mut tx, services, &pool).await?;
    let fact = NewFact {
        unit: pool.unit,
        kind: "pool.debt_settled",
        subject: id.bytes(),
        actor: Some(by.id),
        body: json!({
            "pool": pool.code,
            "number": number,
            "amount_fen": paid.amount,
            "paid_on": paid.on,
            "journals": journals,
        }),
    };
    conclude(tx, fact, services).await?;
    Ok(settlement)
}

/// Whose books a pool's matches stand in.
pub(super) async fn books_of(at: &mut impl db::Reads, pool: &Pool) -> Result<UnitId, MatchError> {
    let account = network::account(at, pool.account).await?;
    Ok(account.ok_or(MatchError::NotFound("account"))?.unit_id)
}

/// Keeps the money behind a pool from being paid out elsewhere: what is locked, or what was matched once the pool is
/// closed, less what was settled and not reversed in the books. Call it in each transaction that changes one of these.
/// Gives what is then free of the money held there; nothing for a pool under an agreement.
pub(crate) async fn hold_back(tx: &mut Tx, services: &Services, pool: &Pool) -> Result<Option<Fen>, MatchError> {
    let Money::Held { fund, .. } = money_of(tx, pool).await? else {
        return Ok(None);
    };
    let books = books_of(tx, pool).await?;
    let settled = queries::standing(tx, books, pool).await?;
    let settled = Fen::sum(settled.iter().map(|share| share.amount)).map_err(LedgerError::from)?;
    let promised = store::promised(tx, pool).await?.minus(settled);
    let promised = promised.map_err(LedgerError::from)?;
    let free = ledger::funds::hold_back(tx, (books, fund), (pool.id.bytes(), promised), services.now()).await?;
    Ok(Some(free))
}

/// Locks a pool's money again after a settlement was reversed in the books: `journal` is the one undone, for which the
/// books held back what came home. Whoever does it again finds it done. Nothing for a journal of anything else.
pub(super) async fn hold_again(tx: &mut Tx, services: &Services, journal: JournalId) -> Result<(), MatchError> {
    let Some((unit, id)) = store::pool_of(tx, journal).await? else {
        return Ok(());
    };
    matching::lock(tx, &[(unit, id)]).await?;
    // Read once it is held: it may just have been closed.
    let pool = matching::pool(tx, id).await?.ok_or(MatchError::NotFound("pool"))?;
    let Money::Held { fund, .. } = money_of(tx, &pool).await? else {
        return Ok(());
    };
    hold_back(tx, services, &pool).await?;
    let books = books_of(tx, &pool).await?;
    let done = (journal.bytes(), Fen::ZERO);
    ledger::funds::hold_back(tx, (books, fund), done, services.now()).await?;
    Ok(())
}

/// Where the money behind a pool is.
async fn money_of(tx: &mut Tx, pool: &Pool) -> Result<Money, MatchError> {
    let Backing::Gift(gift) = pool.backing else {
        return Ok(Money::Arrived);
    };
    let gift = donations::gift(tx, gift).await?.ok_or(MatchError::NotFound("gift"))?;
    let project = crate::projects::store::load_intake_project(tx, gift.project).await?;
    let project = project.ok_or(MatchError::NotFound("project"))?;
    Ok(Money::Held {
        fund: project.fund_id,
        channel: gift.channel,
    })
}

/// What is held is still there, and a fund that got too much has not spent it.
async fn covered(
    tx: &mut Tx,
    books: UnitId,
    (money, amount): (Money, Fen),
    shares: &[SponsorShare],
) -> Result<(), MatchError> {
    if let Money::Held { fund, .. } = money {
        ledger::has_money(tx, books, (fund, Restriction::None), amount).await?;
    }
    for share in shares.iter().filter(|share| share.amount < Fen::ZERO) {
        let back = share.amount.negated().map_err(LedgerError::from)?;
        ledger::has_money(tx, books, (share.fund, share.restriction), back).await?;
    }
    Ok(())
}
