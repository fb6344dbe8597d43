//! Storing one journal in an ordinary transaction, and reading its entries back.

use std::collections::{BTreeMap, BTreeSet};

use db::{Backend, DbError, Param as _, Reads, Row, Tx, Value, params};
use kernel::id::Id;
use kernel::{ActorId, BookAccountId, CampaignId, Fen, FundId, Instant, JournalId, ProjectId, UnitId};
use platform::Services;

use super::{Dimensions, Entry, Journal, JournalKind};
use crate::LedgerError;
use crate::chart::{AccountCode, Restriction, is_agency_asset, is_money, is_net};

/// Stored where there is no project or no fund: NULL would slip through the unique key.
pub(crate) const NONE: [u8; 16] = [0; 16];

/// Rows of one multi-row statement; seven parameters a row stay far below SQLite's 32,766.
const ROWS_PER_STATEMENT: usize = 100;

/// What is kept beside the postings of every journal that is not a gift's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// When it was booked.
    pub created_at: Instant,
    /// Who booked it; nobody for machines.
    pub actor: Option<ActorId>,
    /// The number of its voucher or another code; never a person's name.
    pub memo_code: Option<String>,
    /// The key under which it was asked for, and the request in canonical JSON: the same key with another request is
    /// refused.
    pub request: Option<(String, String)>,
}

impl Header {
    /// Booked by a machine, without a voucher.
    pub const fn by_machine(created_at: Instant) -> Self {
        Self {
            created_at,
            actor: None,
            memo_code: None,
            request: None,
        }
    }
}

/// Debit and credit turnover of an account on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Turnover {
    pub debit: Fen,
    pub credit: Fen,
    pub entries: i64,
}

impl Turnover {
    pub fn add(&mut self, amount: Fen) -> Result<(), kernel::MoneyError> {
        if amount.is_positive() {
            self.debit = self.debit.plus(amount)?;
        } else {
            self.credit = self.credit.minus(amount)?;
        }
        self.entries += 1;
        Ok(())
    }
}

type Accounts = BTreeMap<Dimensions, BookAccountId>;

/// Stores a journal: its accounts where they are missing, its postings, the balances, and for all kinds but gifts the
/// header. The caller's transaction commits it together with the caller's fact.
///
/// # Errors
/// [`LedgerError::Db`], with [`DbError::Duplicate`] when the journal, its request key or its reversal exists.
pub async fn post(tx: &mut Tx, journal: &Journal, header: &Header, services: &Services) -> Result<(), LedgerError> {
    // In key order, so that two writers wait for each other and never in a circle.
    let wanted: BTreeMap<Dimensions, Dimensions> = journal.entries().iter().map(|e| (e.dims.key(), e.dims)).collect();
    let mut accounts: Accounts = BTreeMap::new();
    for (key, dims) in wanted {
        accounts.insert(key, account_of(tx, &dims, services).await?);
    }
    if journal.kind().has_row() {
        insert_header(tx, journal, header).await?;
    }
    insert_postings(tx, journal, &accounts).await?;
    upsert_balances(tx, journal, &accounts).await
}

async fn account_of(tx: &mut Tx, dims: &Dimensions, services: &Services) -> Result<BookAccountId, DbError> {
    if let Some(found) = find_account(tx, dims).await? {
        return Ok(found);
    }
    let id = BookAccountId::new(services.now(), &*services.rng);
    tx.execute(
        "INSERT INTO book_account (id, unit_id, code, fund_id, project_id, campaign_id, restriction)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (unit_id, code, fund_id, project_id) DO NOTHING",
        params![
            (id,),
            (dims.unit,),
            dims.code.as_str(),
            or_none(dims.fund),
            or_none(dims.project),
            dims.campaign.map(|c| (c,)),
            dims.restriction().as_str(),
        ],
    )
    .await?;
    // Another writer may have been first: its row is the one that counts.
    find_account(tx, dims)
        .await?
        .ok_or_else(|| DbError::Other("an account of the books vanished".into()))
}

async fn find_account(tx: &mut Tx, dims: &Dimensions) -> Result<Option<BookAccountId>, DbError> {
    let sql = "SELECT id FROM book_account WHERE unit_id = ?1 AND code = ?2 AND fund_id = ?3 AND project_id = ?4";
    let key = params![
        (dims.unit,),
        dims.code.as_str(),
        or_none(dims.fund),
        or_none(dims.project)
    ];
    tx.query_one(sql, key).await?.map(|row| row.id("id")).transpose()
}

async fn insert_header(tx: &mut Tx, journal: &Journal, header: &Header) -> Result<(), DbError> {
    let (key, request) = header
        .request
        .as_ref()
        .map_or((None, None), |(k, r)| (Some(k.as_str()), Some(r.as_str())));
    tx.execute(
        "INSERT INTO journal (unit_id, id, kind, memo_code, created_at, actor_id, reverses, request_key, request)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            (journal.unit(),),
            (journal.id(),),
            journal.kind().as_str(),
            header.memo_code.as_deref(),
            header.created_at,
            header.actor.map(|a| (a,)),
            journal.reverses().map(|r| (r,)),
            key,
            request,
        ],
    )
    .await?;
    Ok(())
}

fn stored(accounts: &Accounts, dims: &Dimensions) -> Result<BookAccountId, LedgerError> {
    accounts
        .get(&dims.key())
        .copied()
        .ok_or(LedgerError::AccountNotEnsured(dims.code))
}

async fn insert_postings(tx: &mut Tx, journal: &Journal, accounts: &Accounts) -> Result<(), LedgerError> {
    let mut rows = Vec::with_capacity(journal.entries().len());
    for (line, entry) in (1i64..).zip(journal.entries()) {
        rows.push(params![
            (journal.id(),),
            line,
            (stored(accounts, &entry.dims)?,),
            entry.amount,
            journal.kind().as_str(),
            journal.posting_day(),
            journal.business_day(),
        ]);
    }
    let head = "INSERT INTO posting (journal_id, line, account_id, amount_fen, kind, posting_day, business_day)";
    execute_rows(tx, head, rows, "").await.map_err(Into::into)
}

async fn upsert_balances(tx: &mut Tx, journal: &Journal, accounts: &Accounts) -> Result<(), LedgerError> {
    let mut turnover: BTreeMap<BookAccountId, Turnover> = BTreeMap::new();
    for entry in journal.entries() {
        turnover
            .entry(stored(accounts, &entry.dims)?)
            .or_default()
            .add(entry.amount)?;
    }
    let rows = turnover.into_iter().map(|(account, sums)| {
        params![
            (journal.unit(),),
            (account,),
            journal.posting_day(),
            sums.debit,
            sums.credit,
            sums.entries
        ]
    });
    let head = "INSERT INTO book_balance (unit_id, account_id, day, debit_fen, credit_fen, entries)";
    execute_rows(tx, head, rows.collect(), crate::wide::BALANCE_CONFLICT)
        .await
        .map_err(Into::into)
}

async fn execute_rows(tx: &mut Tx, head: &str, rows: Vec<Vec<Value>>, tail: &str) -> Result<(), DbError> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut values = Vec::new();
        let mut marks = Vec::new();
        for row in rows.by_ref().take(ROWS_PER_STATEMENT) {
            let from = values.len() + 1;
            let numbers: Vec<String> = (from..from + row.len()).map(|n| format!("?{n}")).collect();
            marks.push(format!("({})", numbers.join(", ")));
            values.extend(row);
        }
        tx.execute(&format!("{head} VALUES {} {tail}", marks.join(", ")), values)
            .await?;
    }
    Ok(())
}

/// The entries of a stored journal in their order; none when it does not exist. Postings are found by the journal
/// alone, so the caller checks the unit of the answer.
///
/// # Errors
/// Any [`DbError`].
pub async fn entries(at: &mut impl Reads, journal: JournalId) -> Result<Vec<Entry>, DbError> {
    let sql = format!(
        "SELECT p.amount_fen, {DIMENSIONS} FROM posting p JOIN book_account a ON a.id = p.account_id
         WHERE p.journal_id = ?1 ORDER BY p.line"
    );
    let rows = at.query(&sql, params![(journal,)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                dims: dimensions(row)?,
                amount: row.fen("amount_fen")?,
            })
        })
        .collect()
}

/// The kind of a stored journal; nothing when it does not exist.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn kind_of(at: &mut impl Reads, journal: JournalId) -> Result<Option<JournalKind>, DbError> {
    let sql = "SELECT kind FROM posting WHERE journal_id = ?1 ORDER BY line LIMIT 1";
    at.query_one(sql, params![(journal,)])
        .await?
        .map(|row| row.word("kind"))
        .transpose()
}

/// Which of these journals of a unit's books were undone by their mirrors.
///
/// # Errors
/// Any [`DbError`].
pub async fn reversed_of(
    at: &mut impl Reads,
    unit: UnitId,
    journals: &[JournalId],
) -> Result<BTreeSet<JournalId>, DbError> {
    let mut reversed = BTreeSet::new();
    for chunk in journals.chunks(ROWS_PER_STATEMENT) {
        let mut values = params![(unit,)];
        values.extend(chunk.iter().map(|journal| (*journal,).param()));
        let marks: Vec<String> = (2..2 + chunk.len()).map(|n| format!("?{n}")).collect();
        let sql = format!(
            "SELECT reverses FROM journal WHERE unit_id = ?1 AND reverses IN ({})",
            marks.join(", ")
        );
        for row in at.query(&sql, values).await? {
            reversed.insert(row.id("reverses")?);
        }
    }
    Ok(reversed)
}

/// The journal that an earlier request with this key booked, and that request.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn by_request(
    at: &mut impl Reads,
    unit: UnitId,
    key: &str,
) -> Result<Option<(JournalId, String)>, DbError> {
    let sql = "SELECT id, request FROM journal WHERE unit_id = ?1 AND request_key = ?2";
    let row = at.query_one(sql, params![(unit,), key]).await?;
    row.map(|row| Ok((row.id("id")?, row.opt_text("request")?.unwrap_or_default())))
        .transpose()
}

/// What the books know of a project of this unit's: its campaign; nothing when no account names the project.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn campaign_of(
    at: &mut impl Reads,
    unit: UnitId,
    project: ProjectId,
) -> Result<Option<Option<CampaignId>>, DbError> {
    let sql =
        "SELECT campaign_id FROM book_account WHERE unit_id = ?1 AND project_id = ?2 ORDER BY campaign_id LIMIT 1";
    let row = at.query_one(sql, params![(unit,), (project,)]).await?;
    row.map(|row| row.opt_id("campaign_id")).transpose()
}

/// Whether the unit's books have an account of this fund.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn knows_fund(at: &mut impl Reads, unit: UnitId, fund: FundId) -> Result<bool, DbError> {
    let sql = "SELECT 1 AS known FROM book_account WHERE unit_id = ?1 AND fund_id = ?2 LIMIT 1";
    Ok(at.query_one(sql, params![(unit,), (fund,)]).await?.is_some())
}

/// What a fund of a unit's books holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Held {
    /// Money of its own, in whichever pocket.
    pub money: Fen,
    /// Money held for others.
    pub agency: Fen,
    /// Restricted net assets, income and expense counted in.
    pub restricted: Fen,
    /// Unrestricted net assets, likewise.
    pub unrestricted: Fen,
}

/// What a fund holds; its accounts are held until the transaction ends.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn held(tx: &mut Tx, unit: UnitId, fund: Option<FundId>) -> Result<Held, LedgerError> {
    if tx.backend() == Backend::Postgres {
        let sql = "SELECT id FROM book_account WHERE unit_id = ?1 AND fund_id = ?2 ORDER BY id FOR UPDATE";
        tx.query(sql, params![(unit,), or_none(fund)]).await?;
    }
    let sql = "SELECT a.code, CAST(COALESCE(SUM(b.debit_fen - b.credit_fen), 0) AS BIGINT) AS fen
        FROM book_account a JOIN book_balance b ON b.unit_id = a.unit_id AND b.account_id = a.id
        WHERE a.unit_id = ?1 AND a.fund_id = ?2 GROUP BY a.code";
    let mut held = Held::default();
    for row in tx.query(sql, params![(unit,), or_none(fund)]).await? {
        let (code, fen): (AccountCode, Fen) = (row.word("code")?, row.fen("fen")?);
        if is_money(code) {
            held.money = held.money.plus(fen)?;
        } else if is_agency_asset(code) {
            held.agency = held.agency.plus(fen)?;
        } else if is_net(code, Restriction::Restricted) {
            held.restricted = held.restricted.minus(fen)?;
        } else if is_net(code, Restriction::Unrestricted) {
            held.unrestricted = held.unrestricted.minus(fen)?;
        }
    }
    Ok(held)
}

/// The columns of `book_account a` that [`dimensions`] reads.
pub(crate) const DIMENSIONS: &str = "a.unit_id, a.code, a.fund_id, a.project_id, a.campaign_id";

/// The one place where a row becomes dimensions.
pub(crate) fn dimensions(row: &Row) -> Result<Dimensions, DbError> {
    let fund: FundId = row.id("fund_id")?;
    let project: ProjectId = row.id("project_id")?;
    Ok(Dimensions {
        unit: row.id("unit_id")?,
        code: row.word::<AccountCode>("code")?,
        fund: (fund.bytes() != NONE).then_some(fund),
        project: (project.bytes() != NONE).then_some(project),
        campaign: row.opt_id("campaign_id")?,
    })
}

/// The stored form of a dimension that may be missing.
pub(crate) fn or_none<I: Id>(id: Option<I>) -> [u8; 16] {
    id.map_or(NONE, Id::bytes)
}
