use kernel::id::Id as _;
use kernel::{BusinessDay, Channel, Fen, FundId, Instant, JournalId, SeededRng, UnitId};
use proptest::prelude::*;

use super::shapes::fund_transfer::{self, FundTransfer};
use super::shapes::gift_received::GiftBooking;
use super::shapes::settlement::{self, Share};
use super::shapes::{When, gift_refunded, reversal};
use super::*;
use crate::chart::{AccountCode, NPO2026, Restriction};

/// 2026-05-08 08:00 in Beijing.
const NOW: Instant = Instant::from_micros(1_778_198_400_000_000);

fn unit() -> UnitId {
    UnitId::from_bytes([1; 16])
}
fn fund(n: u8) -> Option<FundId> {
    Some(FundId::from_bytes([n; 16]))
}
fn id() -> JournalId {
    JournalId::new(NOW, &SeededRng::new(1))
}
fn when() -> When {
    When {
        id: id(),
        posting_day: NOW.business_day(),
        business_day: NOW.business_day(),
    }
}
fn debit(code: AccountCode, in_fund: Option<FundId>, fen: i64) -> Entry {
    Entry::debit(Dimensions::general(unit(), code).in_fund(in_fund), Fen::new(fen))
}
fn journal(kind: JournalKind, entries: Vec<Entry>) -> Result<Journal, JournalError> {
    Journal::new(kind, id(), NOW.business_day(), NOW.business_day(), entries)
}
fn expenditure(entries: Vec<Entry>) -> Result<Journal, JournalError> {
    journal(JournalKind::Expenditure, entries)
}
fn gift(restriction: Restriction) -> GiftBooking {
    GiftBooking {
        gift: kernel::GiftId::new(NOW, &SeededRng::new(2)),
        unit: unit(),
        channel: Channel::Wechat,
        project: kernel::ProjectId::from_bytes([9; 16]),
        campaign: None,
        fund: FundId::from_bytes([5; 16]),
        restriction,
        amount: Fen::new(2_000),
        posting_day: NOW.business_day(),
        business_day: NOW.business_day().plus_days(-400),
    }
}

#[test]
fn what_does_not_sum_to_zero_is_no_journal() {
    let entries = vec![
        debit(AccountCode::PROGRAMME_UNRESTRICTED, None, 100),
        debit(AccountCode::BANK, None, -99),
    ];
    assert_eq!(expenditure(entries), Err(JournalError::NotZero(Fen::new(1))));
}

#[test]
fn money_never_leaves_a_fund_in_a_journal_that_does_not_say_so() {
    let entries = vec![
        debit(AccountCode::PROGRAMME_RESTRICTED, fund(1), 100),
        debit(AccountCode::BANK, fund(2), -100),
    ];
    assert!(matches!(
        expenditure(entries.clone()),
        Err(JournalError::CrossesFunds(_))
    ));
    assert!(journal(JournalKind::FundTransfer, entries).is_ok());
}

#[test]
fn a_transfer_in_disguise_is_refused_although_each_fund_sums_to_zero() {
    let transfer = FundTransfer {
        unit: unit(),
        from: fund(1),
        to: fund(2),
        restriction: Restriction::Restricted,
        pocket: Channel::Bank,
        amount: Fen::new(100),
    };
    let entries = fund_transfer::journal(&transfer, when())
        .expect("a transfer")
        .entries()
        .to_vec();
    assert!(matches!(
        journal(JournalKind::Settlement, entries),
        Err(JournalError::CrossesFunds(_))
    ));
}

#[test]
fn restricted_money_becomes_unrestricted_only_by_its_own_kind() {
    let entries = vec![
        debit(AccountCode::NET_RESTRICTED, None, 100),
        debit(AccountCode::NET_UNRESTRICTED, None, -100),
    ];
    assert!(matches!(
        expenditure(entries.clone()),
        Err(JournalError::CrossesRestriction(_))
    ));
    assert!(journal(JournalKind::RestrictionLifted, entries).is_ok());
    let income = vec![
        debit(AccountCode::DONATIONS_RESTRICTED, None, 100),
        debit(AccountCode::DONATIONS_UNRESTRICTED, None, -100),
    ];
    assert!(matches!(
        journal(JournalKind::GiftRefunded, income),
        Err(JournalError::CrossesRestriction(_))
    ));
}

#[test]
fn spending_of_both_kinds_of_money_in_one_journal_is_no_crossing() {
    let entries = vec![
        debit(AccountCode::PROGRAMME_RESTRICTED, None, 60),
        debit(AccountCode::PROGRAMME_UNRESTRICTED, None, 40),
        debit(AccountCode::BANK, None, -100),
    ];
    assert!(expenditure(entries).is_ok());
}

#[test]
fn entries_go_to_the_leaves_of_the_chart_in_force() {
    let parent: AccountCode = "5101".parse().expect("a code");
    let entries = vec![debit(parent, None, 100), debit(AccountCode::BANK, None, -100)];
    assert_eq!(
        expenditure(entries.clone()),
        Err(JournalError::AccountNotInForce(parent))
    );
    let old = BusinessDay::from_number(20_251_231).expect("a day");
    let early = JournalId::new(old.start(), &SeededRng::new(1));
    let refused = Journal::new(JournalKind::Expenditure, early, old, old, entries);
    assert_eq!(refused, Err(JournalError::NoChart(old)));
}

#[test]
fn zeros_lonely_entries_foreign_units_and_ids_of_another_day_are_refused() {
    let zero = vec![debit(AccountCode::BANK, None, 0), debit(AccountCode::CASH, None, 0)];
    assert_eq!(expenditure(zero), Err(JournalError::ZeroEntry));
    assert_eq!(
        expenditure(vec![debit(AccountCode::BANK, None, 1)]),
        Err(JournalError::Length(1))
    );
    let mut foreign = debit(AccountCode::BANK, None, -1);
    foreign.dims.unit = UnitId::from_bytes([2; 16]);
    assert_eq!(
        expenditure(vec![debit(AccountCode::CASH, None, 1), foreign]),
        Err(JournalError::SeveralUnits)
    );
    let far = NOW.business_day().plus_days(30);
    let entries = vec![debit(AccountCode::CASH, None, 1), debit(AccountCode::BANK, None, -1)];
    let refused = Journal::new(JournalKind::Settlement, id(), far, far, entries.clone());
    assert_eq!(refused, Err(JournalError::IdOfAnotherDay(far)));
    let id = id_for(far, NOW, &SeededRng::new(3));
    assert!(Journal::new(JournalKind::Opening, id, far, far, entries).is_ok());
}

#[test]
fn a_gift_is_income_by_its_restriction_and_an_agency_gift_is_a_debt() {
    for (restriction, debited, credited) in [
        (Restriction::Restricted, "100901", "410102"),
        (Restriction::Unrestricted, "100901", "410101"),
        (Restriction::None, "100902", "2601"),
    ] {
        let journal = gift(restriction).journal().expect("a journal");
        let codes: Vec<&str> = journal.entries().iter().map(|e| e.dims.code.as_str()).collect();
        assert_eq!(codes, [debited, credited]);
        assert!(!journal.kind().has_row());
    }
    let nothing = GiftBooking {
        amount: Fen::ZERO,
        ..gift(Restriction::Restricted)
    };
    assert_eq!(nothing.journal(), Err(JournalError::NotPositive));
}

#[test]
fn no_more_is_refunded_than_was_given() {
    let gift = gift(Restriction::Restricted);
    assert!(gift_refunded::journal(&gift, Fen::new(2_000), when()).is_ok());
    assert_eq!(
        gift_refunded::journal(&gift, Fen::new(2_001), when()),
        Err(JournalError::NotPositive)
    );
}

#[test]
fn a_payout_splits_into_what_arrived_and_the_fee_and_a_free_one_has_no_fee_line() {
    let share = |arrived, fee| Share {
        fund: fund(1),
        arrived: Fen::new(arrived),
        fee: Fen::new(fee),
        fee_restriction: Restriction::None,
    };
    let journal = settlement::journal(unit(), &[share(994, 6), share(50, 0)], when()).expect("a journal");
    let amounts: Vec<i64> = journal.entries().iter().map(|e| e.amount.get()).collect();
    assert_eq!(amounts, [994, 6, -1_000, 50, -50]);
    assert!(settlement::journal(unit(), &[share(10, -1)], when()).is_err());
}

fn entry() -> impl Strategy<Value = Entry> {
    let leaves: Vec<AccountCode> = NPO2026
        .accounts
        .iter()
        .filter(|a| a.takes_postings())
        .map(|a| a.code)
        .collect();
    (prop::sample::select(leaves), 0u8..3, -1_000i64..1_000)
        .prop_map(|(code, in_fund, fen)| debit(code, (in_fund > 0).then(|| fund(in_fund)).flatten(), fen))
}

proptest! {
    #[test]
    fn whatever_is_accepted_sums_to_zero_in_every_fund_and_its_mirror_undoes_it(
        entries in prop::collection::vec(entry(), 1..6),
        kind in prop::sample::select(JournalKind::ALL.to_vec()),
    ) {
        // Closed into zero per fund by a bank line each, so that a good part is accepted.
        let mut closed = entries.clone();
        for n in 0u8..3 {
            let in_fund = (n > 0).then(|| fund(n)).flatten();
            let sum: i64 = entries.iter().filter(|e| e.dims.fund == in_fund).map(|e| e.amount.get()).sum();
            if sum != 0 {
                closed.push(debit(AccountCode::BANK, in_fund, -sum));
            }
        }
        for candidate in [entries, closed] {
            let Ok(journal) = journal(kind, candidate) else { continue };
            let total: i64 = journal.entries().iter().map(|e| e.amount.get()).sum();
            prop_assert_eq!(total, 0);
            if !matches!(kind, JournalKind::FundTransfer | JournalKind::RestrictionLifted | JournalKind::Reversal) {
                for n in 0u8..3 {
                    let in_fund = (n > 0).then(|| fund(n)).flatten();
                    let here = journal.entries().iter().filter(|e| e.dims.fund == in_fund);
                    prop_assert_eq!(here.map(|e| e.amount.get()).sum::<i64>(), 0);
                }
            }
            let mirror = reversal::journal(journal.id(), journal.entries(), when()).expect("any journal has a mirror");
            for (there, back) in journal.entries().iter().zip(mirror.entries()) {
                prop_assert_eq!((there.dims, there.amount.get()), (back.dims, -back.amount.get()));
            }
        }
    }
}
