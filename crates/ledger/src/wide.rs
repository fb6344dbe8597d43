//! The books on the wide path: many journals in one wide transaction, two statements for all their postings and
//! balances. Used by the gift writer and by imports.
//!
//! ```text
//! cache.ensure_gifts(&mut tx, &bookings, now, rng).await?;   // accounts that are missing are made
//! batch.add_gift(&booking, &cache)?;                         // no waiting, no SQL
//! batch.write(&mut tx).await?; tx.commit().await?; cache.committed();
//! ```

use std::collections::{BTreeMap, HashMap};

use db::DbError;
use db::bulk::{BulkTx, Cell, Kind, Lookup, Rows, Shape};
use kernel::id::Id;
use kernel::{BookAccountId, BusinessDay, Fen, Instant, JournalId, Rng, UnitId};

pub use crate::journal::shapes::gift_received::GiftBooking;
use crate::journal::store::{Header, Turnover, or_none};
use crate::journal::{Dimensions, Journal, JournalError, check_id};
use crate::{Chart, LedgerError};

const ACCOUNTS: Shape = Shape {
    table: "book_account",
    columns: &[
        ("id", Kind::Bytes),
        ("unit_id", Kind::Bytes),
        ("code", Kind::Text),
        ("fund_id", Kind::Bytes),
        ("project_id", Kind::Bytes),
        ("campaign_id", Kind::Bytes),
        ("restriction", Kind::Text),
    ],
    conflict: "ON CONFLICT (unit_id, code, fund_id, project_id) DO NOTHING",
};

const ACCOUNT_IDS: Lookup = Lookup {
    table: "book_account",
    keys: &[
        ("unit_id", Kind::Bytes),
        ("code", Kind::Text),
        ("fund_id", Kind::Bytes),
        ("project_id", Kind::Bytes),
    ],
    wanted: &[("id", Kind::Bytes)],
};

const JOURNALS: Shape = Shape {
    table: "journal",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("id", Kind::Bytes),
        ("kind", Kind::Text),
        ("memo_code", Kind::Text),
        ("created_at", Kind::Int),
        ("actor_id", Kind::Bytes),
        ("reverses", Kind::Bytes),
        ("request_key", Kind::Text),
        ("request", Kind::Text),
    ],
    conflict: "",
};

const POSTINGS: Shape = Shape {
    table: "posting",
    columns: &[
        ("journal_id", Kind::Bytes),
        ("line", Kind::Int),
        ("account_id", Kind::Bytes),
        ("amount_fen", Kind::Int),
        ("kind", Kind::Text),
        ("posting_day", Kind::Int),
        ("business_day", Kind::Int),
    ],
    conflict: "",
};

/// How a balance takes more turnover; both databases read it.
pub(crate) const BALANCE_CONFLICT: &str = "ON CONFLICT (unit_id, account_id, day) DO UPDATE SET
    debit_fen = book_balance.debit_fen + excluded.debit_fen,
    credit_fen = book_balance.credit_fen + excluded.credit_fen,
    entries = book_balance.entries + excluded.entries";

const BALANCES: Shape = Shape {
    table: "book_balance",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("account_id", Kind::Bytes),
        ("day", Kind::Int),
        ("debit_fen", Kind::Int),
        ("credit_fen", Kind::Int),
        ("entries", Kind::Int),
    ],
    conflict: BALANCE_CONFLICT,
};

/// Accounts kept in memory: a society has some thousands; beyond this the cache starts over.
const CACHED_ACCOUNTS_MAX: usize = 100_000;

/// Which account of the books stands for which dimensions: filled as they are met, kept between transactions.
///
/// What a transaction made belongs to the cache only after [`AccountCache::committed`]; without it the next
/// [`AccountCache::ensure`] forgets it and looks again, so that a rolled back account is never posted to.
#[derive(Debug, Default)]
pub struct AccountCache {
    known: HashMap<Dimensions, BookAccountId>,
    unconfirmed: Vec<Dimensions>,
}

impl AccountCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes sure that all these accounts exist: inserts the missing ones, in the order of their keys. Call it once
    /// per transaction, with everything the batch will post to: what an earlier call made and nobody confirmed is
    /// forgotten first.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn ensure(
        &mut self,
        tx: &mut BulkTx<'_>,
        dims: &[Dimensions],
        now: Instant,
        rng: &dyn Rng,
    ) -> Result<(), DbError> {
        self.start_over();
        let missing = dims.iter().filter(|d| !self.known.contains_key(&d.key()));
        let missing: BTreeMap<Dimensions, Dimensions> = missing.map(|d| (d.key(), *d)).collect();
        self.make(tx, missing.values(), now, rng).await
    }

    /// The same for the accounts of gifts.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn ensure_gifts(
        &mut self,
        tx: &mut BulkTx<'_>,
        gifts: &[GiftBooking],
        now: Instant,
        rng: &dyn Rng,
    ) -> Result<(), DbError> {
        self.start_over();
        let mut missing: BTreeMap<Dimensions, Dimensions> = BTreeMap::new();
        for dims in gifts.iter().flat_map(GiftBooking::dims) {
            if !self.known.contains_key(&dims.key()) {
                missing.insert(dims.key(), dims);
            }
        }
        self.make(tx, missing.values(), now, rng).await
    }

    async fn make<'d>(
        &mut self,
        tx: &mut BulkTx<'_>,
        missing: impl ExactSizeIterator<Item = &'d Dimensions> + Clone,
        now: Instant,
        rng: &dyn Rng,
    ) -> Result<(), DbError> {
        if missing.len() == 0 {
            return Ok(());
        }
        let mut rows = Rows::with_capacity(&ACCOUNTS, missing.len());
        let mut keys = Vec::with_capacity(missing.len() * ACCOUNT_IDS.keys.len());
        for dims in missing.clone() {
            let (code, fund, project) = (dims.code.as_str(), or_none(dims.fund), or_none(dims.project));
            rows.push([
                Cell::id(BookAccountId::new(now, rng)),
                Cell::id(dims.unit),
                code.into(),
                Cell::Id(fund),
                Cell::Id(project),
                dims.campaign.map_or(Cell::Null, Cell::id),
                dims.restriction().as_str().into(),
            ]);
            keys.extend([Cell::id(dims.unit), code.into(), Cell::Id(fund), Cell::Id(project)]);
        }
        tx.insert(&rows).await?;
        // Looked up rather than assumed: another node may have made it first.
        let found = tx.find(&ACCOUNT_IDS, &keys).await?;
        for (dims, row) in missing.zip(found) {
            let id = row.as_deref().and_then(|cells| cells.first()).map(Cell::bytes);
            let id = id.and_then(|bytes| BookAccountId::from_slice(bytes).ok());
            let id = id.ok_or_else(|| DbError::Other("an account of the books vanished".into()))?;
            self.known.insert(dims.key(), id);
            self.unconfirmed.push(dims.key());
        }
        Ok(())
    }

    /// The transaction was committed: what it made stays known.
    pub fn committed(&mut self) {
        self.unconfirmed.clear();
    }

    /// The transaction was rolled back, or nobody knows: what it made is looked for again.
    pub fn rolled_back(&mut self) {
        self.forget_unconfirmed();
    }

    /// How many accounts are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is known yet.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// At the start of a transaction: nothing unconfirmed, and not more than the cache may hold.
    fn start_over(&mut self) {
        self.forget_unconfirmed();
        if self.known.len() > CACHED_ACCOUNTS_MAX {
            self.known.clear();
        }
    }

    fn forget_unconfirmed(&mut self) {
        for dims in self.unconfirmed.drain(..) {
            self.known.remove(&dims);
        }
    }

    fn account(&self, dims: &Dimensions) -> Result<BookAccountId, LedgerError> {
        self.known
            .get(&dims.key())
            .copied()
            .ok_or(LedgerError::AccountNotEnsured(dims.code))
    }
}

/// Journals waiting to be written together.
#[derive(Debug)]
pub struct Batch {
    postings: Rows,
    journals: Rows,
    balances: BTreeMap<(UnitId, BookAccountId, BusinessDay), Turnover>,
    /// The posting day whose chart was already looked up: one batch has one.
    chart_day: Option<BusinessDay>,
}

impl Batch {
    /// Room for this many gifts.
    pub fn with_capacity(gifts: usize) -> Self {
        Self {
            postings: Rows::with_capacity(&POSTINGS, gifts * 2),
            journals: Rows::with_capacity(&JOURNALS, 0),
            balances: BTreeMap::new(),
            chart_day: None,
        }
    }

    /// An empty batch.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// Adds a gift without building its journal; the same rows come out (a test compares them).
    ///
    /// # Errors
    /// [`LedgerError`]; on [`LedgerError::Money`] the batch is to be dropped.
    pub fn add_gift(&mut self, gift: &GiftBooking, accounts: &AccountCache) -> Result<(), LedgerError> {
        if !gift.amount.is_positive() {
            return Err(JournalError::NotPositive.into());
        }
        if self.chart_day != Some(gift.posting_day) {
            Chart::in_force(gift.posting_day).ok_or(JournalError::NoChart(gift.posting_day))?;
            self.chart_day = Some(gift.posting_day);
        }
        check_id(gift.gift.bytes(), gift.posting_day)?;
        let debit = accounts.account(&gift.debit_dims())?;
        let credit = accounts.account(&gift.credit_dims())?;
        let line = Line {
            unit: gift.unit,
            journal: JournalId::from_bytes(gift.gift.bytes()),
            kind: gift.kind().as_str(),
            posting_day: gift.posting_day,
            business_day: gift.business_day,
        };
        self.push(&line, 1, debit, gift.amount)?;
        self.push(&line, 2, credit, gift.amount.negated()?)
    }

    /// Adds any journal; its accounts must have been ensured. Kinds with a row of their own need `header`.
    ///
    /// # Errors
    /// [`LedgerError`]; on [`LedgerError::Money`] the batch is to be dropped.
    pub fn add(&mut self, journal: &Journal, header: &Header, accounts: &AccountCache) -> Result<(), LedgerError> {
        let ids: Result<Vec<BookAccountId>, LedgerError> = journal
            .entries()
            .iter()
            .map(|entry| accounts.account(&entry.dims))
            .collect();
        let line = Line {
            unit: journal.unit(),
            journal: journal.id(),
            kind: journal.kind().as_str(),
            posting_day: journal.posting_day(),
            business_day: journal.business_day(),
        };
        for ((number, entry), account) in (1i64..).zip(journal.entries()).zip(ids?) {
            self.push(&line, number, account, entry.amount)?;
        }
        if journal.kind().has_row() {
            let (key, request) = header.request.clone().unzip();
            self.journals.push([
                Cell::id(journal.unit()),
                Cell::id(journal.id()),
                journal.kind().as_str().into(),
                header.memo_code.clone().into(),
                header.created_at.into(),
                header.actor.map_or(Cell::Null, Cell::id),
                journal.reverses().map_or(Cell::Null, Cell::id),
                key.into(),
                request.into(),
            ]);
        }
        Ok(())
    }

    fn push(&mut self, of: &Line, number: i64, account: BookAccountId, amount: Fen) -> Result<(), LedgerError> {
        self.balances
            .entry((of.unit, account, of.posting_day))
            .or_default()
            .add(amount)?;
        self.postings.push([
            Cell::id(of.journal),
            number.into(),
            Cell::id(account),
            amount.into(),
            of.kind.into(),
            of.posting_day.into(),
            of.business_day.into(),
        ]);
        Ok(())
    }

    /// Writes all of it: headers, postings, then one upsert per touched balance, in key order, so that two writers
    /// wait for each other and never in a circle.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn write(self, tx: &mut BulkTx<'_>) -> Result<(), DbError> {
        tx.insert(&self.journals).await?;
        tx.insert(&self.postings).await?;
        let mut rows = Rows::with_capacity(&BALANCES, self.balances.len());
        for ((unit, account, day), sums) in self.balances {
            rows.push([
                Cell::id(unit),
                Cell::id(account),
                day.into(),
                sums.debit.into(),
                sums.credit.into(),
                sums.entries.into(),
            ]);
        }
        tx.insert(&rows).await
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

/// What all postings of one journal share.
struct Line {
    unit: UnitId,
    journal: JournalId,
    kind: &'static str,
    posting_day: BusinessDay,
    business_day: BusinessDay,
}
