//! What a journal is, and what is refused to be one.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kernel::id::Id;
use kernel::{BusinessDay, CampaignId, Fen, FundId, Instant, JournalId, MoneyError, ProjectId, Rng, UnitId};

use crate::chart::{AccountCode, Chart, Restriction};

/// Entries of one journal: a settlement names each fund once or twice; more is a list to be cut.
pub const ENTRIES_MAX: usize = 500;

/// The kind of a journal: which shape made it. The word stands on every posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JournalKind {
    /// A confirmed gift.
    GiftReceived,
    /// A refund of a gift, whole or in part.
    GiftRefunded,
    /// Money received to be passed on: no income.
    AgencyReceived,
    /// Such money passed on.
    AgencyPaid,
    /// Money spent on the work or its management.
    Expenditure,
    /// Money spent to raise money.
    FundraisingCost,
    /// A payment institution pays out into the bank, less its fee.
    Settlement,
    /// Restricted net assets become unrestricted, the limit being fully lifted (art. 69, 70).
    RestrictionLifted,
    /// Money moved between funds.
    FundTransfer,
    /// The mirror of another journal.
    Reversal,
    /// Balances brought forward.
    Opening,
    /// Valued goods came into the store.
    GoodsReceived,
    /// Valued goods left it.
    GoodsIssued,
    /// What goods were sold for.
    GoodsSold,
}

impl JournalKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::GiftReceived,
        Self::GiftRefunded,
        Self::AgencyReceived,
        Self::AgencyPaid,
        Self::Expenditure,
        Self::FundraisingCost,
        Self::Settlement,
        Self::RestrictionLifted,
        Self::FundTransfer,
        Self::Reversal,
        Self::Opening,
        Self::GoodsReceived,
        Self::GoodsIssued,
        Self::GoodsSold,
    ];

    /// The word in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GiftReceived => "gift_received",
            Self::GiftRefunded => "gift_refunded",
            Self::AgencyReceived => "agency_received",
            Self::AgencyPaid => "agency_paid",
            Self::Expenditure => "expenditure",
            Self::FundraisingCost => "fundraising_cost",
            Self::Settlement => "settlement",
            Self::RestrictionLifted => "restriction_lifted",
            Self::FundTransfer => "fund_transfer",
            Self::Reversal => "reversal",
            Self::Opening => "opening",
            Self::GoodsReceived => "goods_received",
            Self::GoodsIssued => "goods_issued",
            Self::GoodsSold => "goods_sold",
        }
    }
    /// Whether a row of `journal` stands beside the postings. Gifts have none: their own row says all of it, and the
    /// hot path pays for no second one.
    pub const fn has_row(self) -> bool {
        !matches!(self, Self::GiftReceived | Self::AgencyReceived)
    }
    /// Gifts, refunds and goods are undone where they were made; a reversal is not undone, the journal is booked again.
    pub(crate) const fn is_undone_elsewhere(self) -> bool {
        matches!(
            self,
            Self::GiftReceived
                | Self::AgencyReceived
                | Self::GiftRefunded
                | Self::Reversal
                | Self::GoodsReceived
                | Self::GoodsIssued
                | Self::GoodsSold
        )
    }
    /// The kinds that may leave a fund's sum other than zero, because they say so. A reversal may, because what it
    /// mirrors was allowed.
    const fn may_leave_a_fund(self) -> bool {
        matches!(self, Self::FundTransfer | Self::Reversal | Self::RestrictionLifted)
    }
    /// The kinds in which one part of the net assets may rise while another falls.
    const fn may_set_off(self) -> bool {
        matches!(
            self,
            Self::FundTransfer | Self::Reversal | Self::RestrictionLifted | Self::Opening
        )
    }
}

impl fmt::Display for JournalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JournalKind {
    type Err = JournalError;
    fn from_str(word: &str) -> Result<Self, JournalError> {
        Self::ALL
            .into_iter()
            .find(|k| k.as_str() == word)
            .ok_or(JournalError::UnknownKind)
    }
}

/// What an account of the books is one combination of. The restriction follows from the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dimensions {
    /// Whose books.
    pub unit: UnitId,
    /// Which account of the chart.
    pub code: AccountCode,
    /// Which fund; none for the unit's general money.
    pub fund: Option<FundId>,
    /// Which project, on income and expense accounts.
    pub project: Option<ProjectId>,
    /// The campaign of that project, for reading alone: it is no part of the account's identity.
    pub campaign: Option<CampaignId>,
}

impl Dimensions {
    /// An account of the unit's general money without a project.
    pub const fn general(unit: UnitId, code: AccountCode) -> Self {
        Self {
            unit,
            code,
            fund: None,
            project: None,
            campaign: None,
        }
    }
    /// The same in another fund.
    #[must_use]
    pub const fn in_fund(mut self, fund: Option<FundId>) -> Self {
        self.fund = fund;
        self
    }
    /// The same for a project of a campaign.
    #[must_use]
    pub const fn for_project(mut self, project: Option<ProjectId>, campaign: Option<CampaignId>) -> Self {
        self.project = project;
        self.campaign = campaign;
        self
    }
    /// Whose limits the account bears.
    pub fn restriction(&self) -> Restriction {
        self.code.restriction()
    }
    /// What identifies the account: all dimensions but the campaign, which follows from the project.
    pub(crate) fn key(&self) -> Self {
        Self {
            campaign: None,
            ..*self
        }
    }
}

/// One line of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Where it goes.
    pub dims: Dimensions,
    /// Debit above zero, credit below.
    pub amount: Fen,
}

impl Entry {
    /// A debit of this amount.
    pub const fn debit(dims: Dimensions, amount: Fen) -> Self {
        Self { dims, amount }
    }
    /// A credit of this amount.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the smallest number only.
    pub fn credit(dims: Dimensions, amount: Fen) -> Result<Self, MoneyError> {
        Ok(Self {
            dims,
            amount: amount.negated()?,
        })
    }
}

/// Why something is no journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Debits and credits differ.
    #[error("the journal does not sum to zero: {0} remain")]
    NotZero(Fen),
    /// They differ inside one fund, in a kind that must not move money between funds.
    #[error("the journal moves {0} between funds without saying so")]
    CrossesFunds(Fen),
    /// Restricted and unrestricted money are set off against each other.
    #[error("the journal turns {0} of restricted money into unrestricted, or back, without saying so")]
    CrossesRestriction(Fen),
    /// Fewer than two entries or more than [`ENTRIES_MAX`].
    #[error("a journal has 2 to {ENTRIES_MAX} entries, this one has {0}")]
    Length(usize),
    /// An entry of nothing.
    #[error("an entry of zero says nothing")]
    ZeroEntry,
    /// An amount that must be above zero is not.
    #[error("the amount must be above zero")]
    NotPositive,
    /// Entries of several units' books.
    #[error("the entries belong to the books of several units")]
    SeveralUnits,
    /// No chart is in force on the posting day.
    #[error("no chart of accounts is in force on {0}")]
    NoChart(BusinessDay),
    /// The chart in force does not have the account, or not for postings.
    #[error("account {0} takes no postings under the chart in force")]
    AccountNotInForce(AccountCode),
    /// The id was made on another day than the posting day.
    #[error("the journal’s id was not made on its posting day {0}")]
    IdOfAnotherDay(BusinessDay),
    /// A word that names no kind of journal.
    #[error("unknown kind of journal")]
    UnknownKind,
    /// The sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Entries that belong together: they sum to zero and cross no fund unseen. Only ever made by [`Journal::new`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    id: JournalId,
    kind: JournalKind,
    unit: UnitId,
    posting_day: BusinessDay,
    business_day: BusinessDay,
    entries: Vec<Entry>,
    reverses: Option<JournalId>,
}

impl Journal {
    /// A journal of these entries. `posting_day` is when it is booked (and when its id was made), `business_day` when
    /// it happened.
    ///
    /// # Errors
    /// [`JournalError`], each variant by its name.
    pub fn new(
        kind: JournalKind,
        id: JournalId,
        posting_day: BusinessDay,
        business_day: BusinessDay,
        entries: Vec<Entry>,
    ) -> Result<Self, JournalError> {
        let unit = check(kind, posting_day, &entries)?;
        check_id(id.bytes(), posting_day)?;
        Ok(Self {
            id,
            kind,
            unit,
            posting_day,
            business_day,
            entries,
            reverses: None,
        })
    }

    /// Says which journal this one mirrors; for [`shapes::reversal`](super::shapes::reversal) alone.
    pub(super) fn mirroring(mut self, reverses: JournalId) -> Self {
        self.reverses = Some(reverses);
        self
    }

    /// Its id; a gift's journal has the gift's.
    pub const fn id(&self) -> JournalId {
        self.id
    }
    /// Its kind.
    pub const fn kind(&self) -> JournalKind {
        self.kind
    }
    /// Whose books it stands in.
    pub const fn unit(&self) -> UnitId {
        self.unit
    }
    /// When it is booked.
    pub const fn posting_day(&self) -> BusinessDay {
        self.posting_day
    }
    /// When it happened.
    pub const fn business_day(&self) -> BusinessDay {
        self.business_day
    }
    /// Its entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
    /// The journal it mirrors, if it is a reversal.
    pub const fn reverses(&self) -> Option<JournalId> {
        self.reverses
    }
}

/// The id of a journal booked on `posting_day`: of this moment, or of the day's first when books are opened for an
/// earlier day.
pub fn id_for(posting_day: BusinessDay, now: Instant, rng: &dyn Rng) -> JournalId {
    let at = if now.business_day() == posting_day {
        now
    } else {
        posting_day.start()
    };
    JournalId::new(at, rng)
}

fn check(kind: JournalKind, posting_day: BusinessDay, entries: &[Entry]) -> Result<UnitId, JournalError> {
    if !(2..=ENTRIES_MAX).contains(&entries.len()) {
        return Err(JournalError::Length(entries.len()));
    }
    let chart = Chart::in_force(posting_day).ok_or(JournalError::NoChart(posting_day))?;
    let unit = entries[0].dims.unit;
    // Signed sums per fund, and per fund and restriction, of everything an entry can move.
    let mut funds: BTreeMap<Option<FundId>, FundSums> = BTreeMap::new();
    for entry in entries {
        if entry.dims.unit != unit {
            return Err(JournalError::SeveralUnits);
        }
        if entry.amount == Fen::ZERO {
            return Err(JournalError::ZeroEntry);
        }
        let code = entry.dims.code;
        let account = chart.account(code).filter(|a| a.takes_postings());
        let account = account.ok_or(JournalError::AccountNotInForce(code))?;
        funds
            .entry(entry.dims.fund)
            .or_default()
            .add(account.restriction, entry.amount)?;
    }
    let total = Fen::sum(funds.values().map(|f| f.all))?;
    if total != Fen::ZERO {
        return Err(JournalError::NotZero(total));
    }
    let left = funds.values().find(|f| f.all != Fen::ZERO);
    if let Some(sums) = left.filter(|_| !kind.may_leave_a_fund()) {
        return Err(JournalError::CrossesFunds(sums.all));
    }
    if !kind.may_set_off() {
        check_one_direction(&funds)?;
    }
    Ok(unit)
}

#[derive(Default)]
struct FundSums {
    all: Fen,
    restricted: Fen,
    unrestricted: Fen,
}

impl FundSums {
    fn add(&mut self, restriction: Restriction, amount: Fen) -> Result<(), MoneyError> {
        self.all = self.all.plus(amount)?;
        match restriction {
            Restriction::Restricted => self.restricted = self.restricted.plus(amount)?,
            Restriction::Unrestricted => self.unrestricted = self.unrestricted.plus(amount)?,
            Restriction::None => {}
        }
        Ok(())
    }
}

/// Income, expense and net assets of an ordinary journal all move one way: value comes in from outside or goes out.
/// Where one fund (or its restricted part) rises while another falls, value went from one to the other.
fn check_one_direction(funds: &BTreeMap<Option<FundId>, FundSums>) -> Result<(), JournalError> {
    for sums in funds.values() {
        if opposite(sums.restricted, sums.unrestricted) {
            return Err(JournalError::CrossesRestriction(sums.restricted));
        }
    }
    let parts = || funds.values().flat_map(|f| [f.restricted, f.unrestricted]);
    let rising = parts().find(|sum| sum.get() < 0);
    let falling = parts().find(|sum| sum.get() > 0);
    match (rising, falling) {
        (Some(_), Some(moved)) => Err(JournalError::CrossesFunds(moved)),
        _ => Ok(()),
    }
}

const fn opposite(a: Fen, b: Fen) -> bool {
    (a.get() < 0 && b.get() > 0) || (a.get() > 0 && b.get() < 0)
}

/// Reads of an account go by ranges of journal ids, so the moment in an id must lie on the posting day; one day of
/// grace for what was made just before midnight.
pub(crate) fn check_id(id: [u8; 16], posting_day: BusinessDay) -> Result<(), JournalError> {
    let mut millis = [0u8; 8];
    millis[2..].copy_from_slice(&id[..6]);
    let made = Instant::from_micros(i64::from_be_bytes(millis).saturating_mul(1_000)).business_day();
    if made.days_since(posting_day).abs() > 1 {
        return Err(JournalError::IdOfAnotherDay(posting_day));
    }
    Ok(())
}
