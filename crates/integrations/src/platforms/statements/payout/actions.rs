//! Booking that a statement's payout arrived.

use std::collections::BTreeMap;

use giving::donations::Directory;
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Fen, FundId, JournalId};
use ledger::journal::shapes::When;
use ledger::journal::shapes::platform_payout::{self, PlatformShare};
use ledger::{Header, Restriction};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::model::{Statement, StatementLine, StatementState};
use super::super::store;
use crate::platforms::error::PlatformError;
use crate::platforms::model::StatementId;

/// Funds of one journal: a journal has a bounded number of entries, and each fund makes up to four.
const SHARES_PER_JOURNAL: usize = 100;

/// What arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The day it stood in the bank; not after today.
    pub on: BusinessDay,
    /// The number of the bank statement.
    pub memo_code: Option<String>,
}

/// Books a statement's payout: the bank takes what arrived, the fee is a cost of raising money, the balance with the platform
/// and its match are settled, fund by fund. Needs [`Permission::BooksPost`] in the books. The same day again is answered with
/// what stands. Fact `platform.payout_booked`.
///
/// # Errors
/// [`PlatformError`]: not allowed, not booked whole yet, booked before with another day, a page whose refunds exceed its gifts, a
/// fee on money held for others.
pub async fn book_payout(
    services: &Services,
    directory: &Directory,
    by: &Actor,
    id: StatementId,
    arrived: Arrived,
) -> Result<Statement, PlatformError> {
    by.require_somewhere(Permission::BooksPost)?;
    let now = services.now();
    if arrived.on > now.business_day() {
        return Err(PlatformError::invalid("arrived_on", "a day not after today"));
    }
    let mut tx = services.db.begin().await?;
    let statement = store::lock(&mut tx, id).await?;
    let mut statement = statement.ok_or(PlatformError::NotFound("statement"))?;
    let account = crate::platforms::register::account(&mut tx, (statement.unit, statement.platform)).await?;
    let account = account
        .and_then(|account| account.account)
        .and_then(|id| directory.account(id));
    let books = account.ok_or(PlatformError::NotJoined(statement.platform.zh()))?.unit;
    if by.require(Permission::BooksPost, books).is_err() {
        return Err(PlatformError::NotFound("statement"));
    }
    if let Some(day) = statement.arrived_on {
        return if day == arrived.on {
            Ok(statement)
        } else {
            Err(PlatformError::Paid(day))
        };
    }
    if statement.state != StatementState::Booked {
        return Err(PlatformError::NotBooked);
    }
    let lines = store::lines(&mut tx, &statement).await?;
    let shares = shares(&lines, directory)?;
    let mut journals = Vec::new();
    for (part, chunk) in (1..).zip(shares.chunks(SHARES_PER_JOURNAL)) {
        let journal = JournalId::new(now, &*services.rng);
        let when = When {
            id: journal,
            posting_day: now.business_day(),
            business_day: arrived.on,
        };
        let request = json!({ "statement": hex(&id.bytes()), "part": part, "arrived_on": arrived.on });
        let header = Header {
            created_at: now,
            actor: Some(by.id),
            memo_code: arrived.memo_code.clone(),
            // Unique in the books: one payout is never booked twice, whatever went wrong above.
            request: Some((format!("platform:{}:{part}", hex(&id.bytes())), request.to_string())),
        };
        let journal_of = platform_payout::journal(books, chunk, when).map_err(ledger::LedgerError::from)?;
        ledger::post(&mut tx, &journal_of, &header, services).await?;
        journals.push(hex(&journal.bytes()));
    }
    store::paid(&mut tx, id, arrived.on, (by.id, now)).await?;
    statement.arrived_on = Some(arrived.on);
    let fact = NewFact {
        unit: statement.unit,
        kind: "platform.payout_booked",
        subject: id.bytes(),
        actor: Some(by.id),
        body: json!({
            "platform": statement.platform,
            "number": statement.number,
            "arrived_on": arrived.on,
            "net_fen": statement.net,
            "fee_fen": statement.fee,
            "journals": journals,
        }),
    };
    conclude(tx, fact, services).await?;
    Ok(statement)
}

/// What each fund settles.
fn shares(lines: &[StatementLine], directory: &Directory) -> Result<Vec<PlatformShare>, PlatformError> {
    let mut funds: BTreeMap<(FundId, &'static str), PlatformShare> = BTreeMap::new();
    for line in lines {
        let project = directory
            .project(line.project)
            .ok_or(PlatformError::NotFound("project"))?;
        let nothing = |why| PlatformError::NothingArrives {
            project: line.project_no.clone(),
            why,
        };
        let balance = line.gift_sum.minus(line.refund_sum)?;
        if balance < Fen::ZERO {
            return Err(nothing("its refunds exceed its gifts; settle it by hand"));
        }
        if line.net < Fen::ZERO {
            return Err(nothing("nothing was paid out; settle it by hand"));
        }
        if project.restriction == Restriction::None && line.fee != Fen::ZERO {
            return Err(nothing(
                "a fee cannot be taken from money held for others; book it by hand",
            ));
        }
        let key = (project.fund, project.restriction.as_str());
        let share = funds.entry(key).or_insert(PlatformShare {
            fund: Some(project.fund),
            restriction: project.restriction,
            balance: Fen::ZERO,
            matches: Fen::ZERO,
            fee: Fen::ZERO,
        });
        share.balance = share.balance.plus(balance)?;
        share.matches = share.matches.plus(line.match_sum)?;
        share.fee = share.fee.plus(line.fee)?;
    }
    Ok(funds.into_values().filter(|share| !share.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use kernel::{Instant, SeededRng, UnitId};
    use ledger::JournalError;

    use super::*;

    fn share(restriction: Restriction, sums: [i64; 3]) -> PlatformShare {
        let [balance, matches, fee] = sums.map(Fen::new);
        PlatformShare {
            fund: Some(FundId::from_bytes([7; 16])),
            restriction,
            balance,
            matches,
            fee,
        }
    }

    fn told(shares: &[PlatformShare]) -> Result<Vec<(&'static str, i64)>, JournalError> {
        let now = Instant::parse_rfc3339("2026-05-20T01:00:00Z").expect("a time");
        let day = now.business_day();
        let id = JournalId::new(now, &SeededRng::new(1));
        let when = When {
            id,
            posting_day: day,
            business_day: day,
        };
        let journal = platform_payout::journal(UnitId::from_bytes([1; 16]), shares, when)?;
        let entries = journal.entries().iter();
        Ok(entries.map(|e| (e.dims.code.as_str(), e.amount.get())).collect())
    }

    #[test]
    fn what_arrives_and_what_was_kept_settle_gifts_and_match() {
        assert_eq!(
            told(&[share(Restriction::Restricted, [1_000, 300, 6])]),
            Ok(vec![("1002", 1_294), ("540102", 6), ("100901", -1_000), ("1122", -300)])
        );
    }

    #[test]
    fn money_of_others_stays_in_its_own_accounts_and_bears_no_fee() {
        assert_eq!(
            told(&[share(Restriction::None, [500, 0, 0])]),
            Ok(vec![("100201", 500), ("100902", -500)])
        );
        assert_eq!(
            told(&[share(Restriction::None, [500, 0, 1])]),
            Err(JournalError::NotPositive)
        );
    }

    #[test]
    fn a_fee_larger_than_all_there_is_no_journal() {
        assert_eq!(
            told(&[share(Restriction::Unrestricted, [5, 0, 6])]),
            Err(JournalError::NotPositive)
        );
    }
}
