//! The register of donors as far as gifts carry it (M-10): gifts of a time, put together by who gave.
//!
//! Nothing is stored for it. A person is whoever gave with the same telephone (its blind index, which stays in the house);
//! a firm or society is a name that is shown in clear; the rest cannot be told apart and is counted as one sum.

use db::{Backend, DbError, Reads, Row, params};
use kernel::id::Id as _;
use kernel::{BusinessDay, Fen, GiftId};
use platform::UnitTree;
use platform::identity::Scope;
use serde::{Deserialize, Serialize};

use super::lists::first_id_of;

/// Gifts put together for one page: some hundred milliseconds. Where more were recorded since the first day, the page says
/// that it is not whole.
pub const GIFTS_LOOKED_AT: i64 = 200_000;
/// Donors before a page that may be skipped: as many as one export holds.
pub const SKIPPED_MAX: u32 = 100_000;

/// A gift whose giver is a firm or society: its name stands in clear ([`crate::donations::mask`]).
const ORGANISATION: &str = "(g.anonymous = 0 AND g.payer_masked IS NOT NULL AND g.payer_masked NOT LIKE '%*%'
    AND LENGTH(g.payer_masked) > 5)";

/// Who a donor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DonorKind {
    /// Somebody with a telephone.
    Person,
    /// A firm or society with a name in clear.
    Organisation,
}

impl DonorKind {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
        }
    }
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DonorOrder {
    /// Who gave most first.
    #[default]
    Largest,
    /// Who gave last first.
    Newest,
    /// Who gave most often first.
    Often,
}

/// What a register is narrowed to.
#[derive(Debug, Clone, Copy)]
pub struct DonorFilter {
    /// The first business day.
    pub from: BusinessDay,
    /// The last one.
    pub to: BusinessDay,
    /// Persons or organisations alone.
    pub kind: Option<DonorKind>,
    /// The order.
    pub order: DonorOrder,
}

/// Somebody who gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donor {
    /// Person or organisation.
    pub kind: DonorKind,
    /// A person's masked name, an organisation's name; none where all was anonymous or nothing was told.
    pub name: Option<String>,
    /// How many gifts.
    pub gifts: i64,
    /// Their sum, net of what was given back.
    pub sum: Fen,
    /// The day of the first.
    pub first: BusinessDay,
    /// The day of the last.
    pub last: BusinessDay,
    /// The one that was recorded last: by it she is opened, for a reason.
    pub newest: GiftId,
}

/// A page of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donors {
    /// Those of this page, one more than asked where there are more.
    pub items: Vec<Donor>,
    /// Gifts whose givers cannot be told apart, and their sum; with the first page alone.
    pub others: Option<(i64, Fen)>,
    /// Whether all gifts of the time were looked at.
    pub is_whole: bool,
}

/// Donors of gifts that count, of a time, in the scope: by the money's unit or the project's.
///
/// # Errors
/// Any [`DbError`].
pub async fn donors(
    at: &mut impl Reads,
    filter: DonorFilter,
    (scope, tree): (&Scope, &UnitTree),
    (skip, limit): (u32, usize),
) -> Result<Donors, DbError> {
    let first = first_id_of(filter.from);
    let past_end = "SELECT id FROM gift WHERE id >= ?1 ORDER BY id LIMIT 1 OFFSET ?2";
    let beyond = at.query_one(past_end, params![(first,), GIFTS_LOOKED_AT]).await?;
    let mut values = params![(first,), GIFTS_LOOKED_AT, filter.from, filter.to];
    let books = scope.condition("g.unit_id", tree, &mut values);
    let projects = scope.condition("p.unit_id", tree, &mut values);
    let gifts = format!(
        "FROM (SELECT id, unit_id, project_id, amount_fen, business_day, channel, anonymous, payer_masked, phone_index
               FROM gift WHERE id >= ?1 ORDER BY id LIMIT ?2) g
         LEFT JOIN (SELECT unit_id, gift_id, CAST(SUM(amount_fen) AS BIGINT) AS back_fen,
                MAX(CASE WHEN reason = 'import_reversal' THEN 1 ELSE 0 END) AS taken
            FROM gift_refund WHERE state = 'approved' OR reason = 'import_reversal' GROUP BY unit_id, gift_id) r
            ON r.unit_id = g.unit_id AND r.gift_id = g.id
         WHERE g.business_day >= ?3 AND g.business_day <= ?4 AND g.channel <> 'match' AND COALESCE(r.taken, 0) = 0
           AND ({books} OR EXISTS (SELECT 1 FROM project p WHERE p.id = g.project_id AND {projects}))"
    );
    let others = if skip == 0 {
        let sql = format!(
            "SELECT COUNT(*) AS gifts, CAST(COALESCE(SUM(g.amount_fen - COALESCE(r.back_fen, 0)), 0) AS BIGINT) AS sum_fen
             {gifts} AND NOT {ORGANISATION} AND g.phone_index IS NULL"
        );
        let row = at.query_one(&sql, values.clone()).await?;
        row.map(|row| Ok::<_, DbError>((row.int("gifts")?, row.fen("sum_fen")?)))
            .transpose()?
    } else {
        None
    };
    let only = match filter.kind {
        None => String::new(),
        Some(DonorKind::Organisation) => format!(" AND {ORGANISATION}"),
        Some(DonorKind::Person) => format!(" AND NOT {ORGANISATION}"),
    };
    let order = match filter.order {
        DonorOrder::Largest => "sum_fen DESC",
        DonorOrder::Newest => "last_day DESC",
        DonorOrder::Often => "gifts DESC",
    };
    let hex = |column: &str| match at.backend() {
        Backend::Sqlite => format!("HEX({column})"),
        Backend::Postgres => format!("ENCODE({column}, 'hex')"),
    };
    let (phone, id) = (hex("g.phone_index"), hex("g.id"));
    values.extend(params![i64::try_from(limit + 1).unwrap_or(i64::MAX), i64::from(skip)]);
    let (take, pass) = (values.len() - 1, values.len());
    let sql = format!(
        "SELECT kind, MAX(name) AS name, COUNT(*) AS gifts, CAST(SUM(net_fen) AS BIGINT) AS sum_fen,
            MIN(business_day) AS first_day, MAX(business_day) AS last_day, MAX(gift_hex) AS newest
         FROM (SELECT CASE WHEN {ORGANISATION} THEN 'organisation' ELSE 'person' END AS kind,
                CASE WHEN {ORGANISATION} THEN g.payer_masked ELSE {phone} END AS who,
                CASE WHEN g.anonymous = 1 THEN NULL ELSE g.payer_masked END AS name,
                g.amount_fen - COALESCE(r.back_fen, 0) AS net_fen, g.business_day AS business_day, {id} AS gift_hex
            {gifts} AND ({ORGANISATION} OR g.phone_index IS NOT NULL){only}) given
         GROUP BY kind, who ORDER BY {order}, newest LIMIT ?{take} OFFSET ?{pass}"
    );
    let rows = at.query(&sql, values).await?;
    Ok(Donors {
        items: rows.iter().map(read).collect::<Result<_, DbError>>()?,
        others,
        is_whole: beyond.is_none(),
    })
}

fn read(row: &Row) -> Result<Donor, DbError> {
    let newest = u128::from_str_radix(&row.text("newest")?, 16).map_err(|error| DbError::Row {
        column: "newest".to_owned(),
        why: error.to_string(),
    })?;
    Ok(Donor {
        kind: match row.text("kind")?.as_str() {
            "organisation" => DonorKind::Organisation,
            _ => DonorKind::Person,
        },
        name: row.opt_text("name")?,
        gifts: row.int("gifts")?,
        sum: row.fen("sum_fen")?,
        first: row.day("first_day")?,
        last: row.day("last_day")?,
        newest: GiftId::from_bytes(newest.to_be_bytes()),
    })
}
