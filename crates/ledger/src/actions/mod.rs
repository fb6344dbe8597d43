//! Booking by hand: expenditure, settlement, reversal, opening balances, lifted restrictions. Each is idempotent by its
//! key, writes one journal and one fact. What spends from a fund is refused where the fund does not hold it.

mod restricted;
mod reversing;
mod sold;

use db::{DbError, Tx};
use kernel::id::{Id, hex};
use kernel::{BusinessDay, CampaignId, Channel, Fen, FundId, JournalId, ProjectId, UnitId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::{Value, json};

pub use restricted::{Brought, lift_restriction, record_opening};
pub use reversing::reverse_journal;
pub use sold::{book_sale, undo_sale};

use crate::LedgerError;
use crate::chart::Restriction;
use crate::journal::shapes::expenditure::{Expenditure, Purpose};
use crate::journal::shapes::fundraising_cost::FundraisingCost;
use crate::journal::shapes::settlement::Share;
use crate::journal::shapes::{When, expenditure, fundraising_cost, settlement};
use crate::journal::store::{self, Header, post};
use crate::journal::{Journal, JournalError};

/// A key is a UUID or a voucher number, not a document.
const KEY_CHARS_MAX: usize = 64;
/// A memo code is the number of a voucher, approval or bank statement.
const MEMO_CHARS_MAX: usize = 64;
/// Once more after another writer was first with the same key; a second loss is the database's trouble.
const ATTEMPTS: usize = 2;

/// What every booking by hand says.
#[derive(Debug, Clone)]
pub struct Slip {
    /// The caller's key: the same key with the same content is answered with the first journal.
    pub key: String,
    /// Whose books.
    pub unit: UnitId,
    /// When it happened; not after today.
    pub business_day: BusinessDay,
    /// The number of its voucher; never a person's name.
    pub memo_code: Option<String>,
}

/// On what money was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentOn {
    /// The work itself (5101).
    Programme,
    /// Running the body (5301).
    Management,
    /// Raising donations (5401 募捐成本).
    Fundraising,
}

impl SpentOn {
    /// The word in facts and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Programme => "programme",
            Self::Management => "management",
            Self::Fundraising => "fundraising",
        }
    }
}

/// Money spent. The caller has checked that fund, project and campaign exist and belong together.
#[derive(Debug, Clone)]
pub struct Spending {
    /// From which fund.
    pub fund: Option<FundId>,
    /// For which project.
    pub project: Option<ProjectId>,
    /// That project's campaign.
    pub campaign: Option<CampaignId>,
    /// On what.
    pub on: SpentOn,
    /// Which money.
    pub restriction: Restriction,
    /// Out of which pocket.
    pub paid_from: Channel,
    /// The amount, above zero.
    pub amount: Fen,
}

/// What a booking came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// The journal.
    pub journal: JournalId,
    /// Whether an earlier request with this key had booked it.
    pub repeated: bool,
}

/// Books money spent. Fact `books.expenditure_recorded`.
///
/// # Errors
/// [`LedgerError`].
pub async fn record_expenditure(
    services: &Services,
    by: &Actor,
    slip: Slip,
    what: Spending,
) -> Result<Booked, LedgerError> {
    let told = json!({
        "fund": told_id(what.fund),
        "project": told_id(what.project),
        "campaign": told_id(what.campaign),
        "on": what.on.as_str(),
        "restriction": what.restriction.as_str(),
        "paid_from": what.paid_from.as_str(),
        "amount_fen": what.amount.get(),
    });
    let unit = slip.unit;
    // The unit's general money has no fund to look into: it may lie in books elsewhere.
    let also = what.fund.map_or(Also::Nothing, |fund| {
        Also::Takes(Need {
            fund: Some(fund),
            purse: Purse::Money(what.restriction),
            amount: what.amount,
        })
    });
    book(services, by, (slip, also), "books.expenditure_recorded", told, |when| {
        spent(unit, &what, when)
    })
    .await
}

/// Books money spent inside the transaction of an action downstream, which decided it and writes its own fact: the fund
/// is held and looked into, the slip's key is unique in the books.
///
/// # Errors
/// [`LedgerError`]; [`LedgerError::FundLacks`] and [`LedgerError::BelowFloor`].
pub async fn spend(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (slip, what): (&Slip, &Spending),
) -> Result<JournalId, LedgerError> {
    by.require(Permission::BooksPost, slip.unit)?;
    let now = services.now();
    check(slip, now.business_day())?;
    if let Some(fund) = what.fund {
        let need = Need {
            fund: Some(fund),
            purse: Purse::Money(what.restriction),
            amount: what.amount,
        };
        check_held(tx, slip.unit, need).await?;
    }
    let id = JournalId::new(now, &*services.rng);
    let when = When {
        id,
        posting_day: now.business_day(),
        business_day: slip.business_day,
    };
    let header = Header {
        created_at: now,
        actor: Some(by.id),
        memo_code: slip.memo_code.clone(),
        request: Some((slip.key.clone(), json!({ "amount_fen": what.amount }).to_string())),
    };
    post(tx, &spent(slip.unit, what, when)?, &header, services).await?;
    Ok(id)
}

/// What of a fund is to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purse {
    /// Its own money, limited so.
    Money(Restriction),
    /// Money it holds for others.
    Agency,
    /// Its restricted net assets.
    Restricted,
}

/// What a booking takes out of a fund.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// The fund; none for the unit's general money.
    pub fund: Option<FundId>,
    /// What of it.
    pub purse: Purse,
    /// How much.
    pub amount: Fen,
}

/// What a booking by hand does to a fund beside its postings, in the same transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Also {
    /// Nothing.
    Nothing,
    /// It takes something out of one, if that holds it.
    Takes(Need),
    /// Money held for others comes back to one, and stays held back for what it had been taken from until its holder says
    /// how much that is.
    Returns {
        /// The fund.
        fund: FundId,
        /// How much.
        amount: Fen,
        /// The journal by which it had been taken.
        taken_by: JournalId,
    },
}

/// Refuses what a fund does not hold. The fund's accounts are held until the transaction ends, so that two bookings
/// cannot spend the same money.
///
/// # Errors
/// [`LedgerError::FundLacks`]; [`LedgerError::BelowFloor`] for money that the fund's agreement wants kept;
/// [`LedgerError::Locked`] for money of others that stands behind a matching pool.
pub(crate) async fn check_held(tx: &mut Tx, unit: UnitId, need: Need) -> Result<(), LedgerError> {
    let held = store::held(tx, unit, need.fund).await?;
    let available = match need.purse {
        Purse::Money(Restriction::Restricted) => held.money.min(held.restricted),
        Purse::Money(Restriction::Unrestricted | Restriction::None) => held.money.min(held.unrestricted),
        Purse::Agency => held.agency,
        Purse::Restricted => held.restricted,
    };
    let locked = match (need.purse, need.fund) {
        (Purse::Agency, Some(fund)) => crate::funds::held_back(tx, unit, fund).await?,
        _ => Fen::ZERO,
    };
    let free = available.minus(locked)?;
    if need.amount <= available && need.amount > free {
        return Err(LedgerError::Locked {
            locked,
            available: free.max(Fen::ZERO),
        });
    }
    if need.amount <= available {
        return keeps_floor(tx, unit, need, available).await;
    }
    Err(LedgerError::FundLacks {
        available: available.max(Fen::ZERO),
        wanted: need.amount,
    })
}

/// Refuses to move more money out of a fund than lies in its pockets: its own, or with [`Restriction::None`] what it holds
/// for others. Whether its net assets bear that is not asked: nothing is spent. The fund's accounts are held until the
/// transaction ends.
///
/// # Errors
/// [`LedgerError::FundLacks`].
pub async fn has_money(
    tx: &mut Tx,
    unit: UnitId,
    (fund, restriction): (FundId, Restriction),
    wanted: Fen,
) -> Result<(), LedgerError> {
    let held = store::held(tx, unit, Some(fund)).await?;
    let available = match restriction {
        Restriction::None => held.agency,
        Restriction::Restricted | Restriction::Unrestricted => held.money,
    };
    if wanted <= available {
        return Ok(());
    }
    Err(LedgerError::FundLacks {
        available: available.max(Fen::ZERO),
        wanted,
    })
}

/// Refuses what would take a fund's own money below its floor.
async fn keeps_floor(tx: &mut Tx, unit: UnitId, need: Need, available: Fen) -> Result<(), LedgerError> {
    let (Some(fund), Purse::Money(_)) = (need.fund, need.purse) else {
        return Ok(());
    };
    let floor = crate::funds::store::floor(tx, unit, fund).await?;
    if available.minus(need.amount)? >= floor {
        return Ok(());
    }
    Err(LedgerError::BelowFloor {
        floor,
        available: available.minus(floor)?.max(Fen::ZERO),
    })
}

fn spent(unit: UnitId, what: &Spending, when: When) -> Result<Journal, JournalError> {
    let Spending {
        fund,
        project,
        campaign,
        restriction,
        paid_from,
        amount,
        on,
    } = what.clone();
    let purpose = match on {
        SpentOn::Fundraising => {
            let cost = FundraisingCost {
                unit,
                fund,
                project,
                campaign,
                restriction,
                paid_from,
                amount,
            };
            return fundraising_cost::journal(&cost, when);
        }
        SpentOn::Programme => Purpose::Programme,
        SpentOn::Management => Purpose::Management,
    };
    let cost = Expenditure {
        unit,
        fund,
        project,
        campaign,
        purpose,
        restriction,
        paid_from,
        amount,
    };
    expenditure::journal(&cost, when)
}

/// Books a payment institution's payout into the bank. Fact `books.settlement_recorded`.
///
/// # Errors
/// [`LedgerError`].
pub async fn record_settlement(
    services: &Services,
    by: &Actor,
    slip: Slip,
    shares: &[Share],
) -> Result<Booked, LedgerError> {
    let told: Vec<Value> = shares
        .iter()
        .map(|share| {
            json!({
                "fund": told_id(share.fund),
                "arrived_fen": share.arrived.get(),
                "fee_fen": share.fee.get(),
                "fee_restriction": share.fee_restriction.as_str(),
            })
        })
        .collect();
    let (unit, told) = (slip.unit, json!({ "shares": told }));
    book(
        services,
        by,
        (slip, Also::Nothing),
        "books.settlement_recorded",
        told,
        |when| settlement::journal(unit, shares, when),
    )
    .await
}

fn told_id<I: Id>(id: Option<I>) -> Option<String> {
    id.map(|id| hex(&id.bytes()))
}

pub(crate) fn check(slip: &Slip, today: BusinessDay) -> Result<(), LedgerError> {
    let one_line = |text: &str, max: usize| {
        !text.trim().is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control)
    };
    if !one_line(&slip.key, KEY_CHARS_MAX) {
        return Err(LedgerError::Field {
            field: "key",
            reason: "1 to 64 characters on one line are expected",
        });
    }
    if slip
        .memo_code
        .as_ref()
        .is_some_and(|memo| !one_line(memo, MEMO_CHARS_MAX))
    {
        return Err(LedgerError::Field {
            field: "memo_code",
            reason: "1 to 64 characters on one line are expected",
        });
    }
    if slip.business_day > today {
        return Err(LedgerError::Field {
            field: "business_day",
            reason: "a day not after today is expected",
        });
    }
    Ok(())
}

async fn book(
    services: &Services,
    by: &Actor,
    (slip, also): (Slip, Also),
    fact: &'static str,
    told: Value,
    shape: impl Fn(When) -> Result<Journal, JournalError>,
) -> Result<Booked, LedgerError> {
    by.require(Permission::BooksPost, slip.unit)?;
    let now = services.now();
    check(&slip, now.business_day())?;
    let request = json!({
        "fact": fact,
        "business_day": slip.business_day,
        "memo_code": slip.memo_code,
        "what": told,
    });
    let request = request.to_string();
    let id = JournalId::new(now, &*services.rng);
    let journal = shape(When {
        id,
        posting_day: now.business_day(),
        business_day: slip.business_day,
    })?;
    let header = Header {
        created_at: now,
        actor: Some(by.id),
        memo_code: slip.memo_code.clone(),
        request: Some((slip.key.clone(), request.clone())),
    };
    let body = json!({ "journal": hex(&id.bytes()), "business_day": slip.business_day, "what": told });
    for attempt in 1..=ATTEMPTS {
        let mut tx = services.db.begin().await?;
        if let Some((first, asked)) = store::by_request(&mut tx, slip.unit, &slip.key).await? {
            let same = asked == request;
            return if same {
                Ok(Booked {
                    journal: first,
                    repeated: true,
                })
            } else {
                Err(LedgerError::KeyReused)
            };
        }
        match also {
            Also::Nothing => {}
            Also::Takes(need) => check_held(&mut tx, slip.unit, need).await?,
            Also::Returns { fund, amount, taken_by } => {
                let holder = (taken_by.bytes(), amount);
                crate::funds::hold_back(&mut tx, (slip.unit, fund), holder, now).await?;
            }
        }
        match post(&mut tx, &journal, &header, services).await {
            Ok(()) => {}
            Err(LedgerError::Db(DbError::Duplicate(_))) if attempt < ATTEMPTS => continue,
            Err(error) => return Err(error),
        }
        let fact = NewFact {
            unit: slip.unit,
            kind: fact,
            subject: id.bytes(),
            actor: Some(by.id),
            body: body.clone(),
        };
        conclude(tx, fact, services).await?;
        break;
    }
    Ok(Booked {
        journal: id,
        repeated: false,
    })
}
