//! Lists of gifts: the latest for everybody, pages with filters for staff.

use db::{DbError, Param as _, Reads, Row, order_by, params, past};
use kernel::id::Id as _;
use kernel::{BusinessDay, CampaignId, Channel, Fen, GiftId, Instant, Order, ProjectId, ReceivingAccountId, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::{FIELDS, GiftFacts, Standing, read};

/// The most recent gifts in one answer: more than a wall screen shows.
const LATEST_MAX: usize = 100;
/// Projects of a campaign whose latest gifts are merged.
const PROJECTS_MAX: i64 = 300;
/// Projects asked in one statement; SQLite joins at most 500 parts by UNION ALL.
const PROJECTS_PER_STATEMENT: usize = 100;
/// Rows looked at for one page of a filtered list: what is rarer is found by going on from the cursor. So many are put in
/// order of their amount at most.
pub const WINDOW_ROWS: i64 = 5_000;

/// A gift in a public list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// The gift.
    pub id: GiftId,
    /// The project it is for.
    pub project: ProjectId,
    /// The amount.
    pub amount: Fen,
    /// When it was paid.
    pub paid_at: Instant,
    /// The masked name; none for anonymous gifts and where none was told.
    pub shown_name: Option<String>,
}

const LATEST: &str = "g.id, g.project_id, g.amount_fen, g.paid_at, g.anonymous, g.payer_masked";
/// Gifts of an import that was taken back are in no public list.
const STANDS: &str = "NOT EXISTS (SELECT 1 FROM gift_refund r WHERE r.unit_id = g.unit_id AND r.gift_id = g.id
    AND r.reason = 'import_reversal')";

fn read_latest(row: &Row) -> Result<Latest, DbError> {
    let anonymous = row.flag("anonymous")?;
    Ok(Latest {
        id: row.id("id")?,
        project: row.id("project_id")?,
        amount: row.fen("amount_fen")?,
        paid_at: row.instant("paid_at")?,
        shown_name: if anonymous { None } else { row.opt_text("payer_masked")? },
    })
}

/// The latest gifts of a project, newest first, at most 100.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn latest_of_project(at: &mut impl Reads, project: ProjectId, limit: usize) -> Result<Vec<Latest>, DbError> {
    latest_of_projects(at, &[project], limit).await
}

/// The latest gifts of all projects of a campaign, newest first, at most 100.
pub async fn latest_of_campaign(
    at: &mut impl Reads,
    campaign: CampaignId,
    limit: usize,
) -> Result<Vec<Latest>, DbError> {
    let sql = "SELECT id FROM project WHERE campaign_id = ?1 ORDER BY id LIMIT ?2";
    let rows = at.query(sql, params![(campaign,), PROJECTS_MAX]).await?;
    let projects: Result<Vec<ProjectId>, DbError> = rows.iter().map(|row| row.id("id")).collect();
    latest_of_projects(at, &projects?, limit).await
}

/// The latest gifts of these projects, newest first, at most 100, matches apart: each gives its own newest by the index; the newest
/// of those are kept.
pub async fn latest_of_projects(
    at: &mut impl Reads,
    projects: &[ProjectId],
    limit: usize,
) -> Result<Vec<Latest>, DbError> {
    let limit = limit.min(LATEST_MAX);
    let mut merged = Vec::new();
    for part in projects.chunks(PROJECTS_PER_STATEMENT) {
        let mut values = Vec::with_capacity(part.len());
        let mut selects = Vec::with_capacity(part.len());
        for project in part {
            values.push((*project,).param());
            let n = values.len();
            selects.push(format!(
                "SELECT * FROM (SELECT {LATEST} FROM gift g WHERE g.project_id = ?{n} AND {STANDS} AND g.channel <> 'match'
                 ORDER BY g.id DESC LIMIT {limit}) AS newest_{n}"
            ));
        }
        let rows = at.query(&selects.join(" UNION ALL "), values).await?;
        for row in &rows {
            merged.push(read_latest(row)?);
        }
    }
    merged.sort_unstable_by_key(|gift| std::cmp::Reverse(gift.id));
    merged.truncate(limit);
    Ok(merged)
}

/// What a list of gifts is narrowed to; nothing set is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GiftFilter {
    /// One project.
    pub project: Option<ProjectId>,
    /// One receiving account.
    pub account: Option<ReceivingAccountId>,
    /// One channel.
    pub channel: Option<Channel>,
    /// First and last business day.
    pub days: Option<(BusinessDay, BusinessDay)>,
    /// What became of them.
    pub standing: Option<Standing>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftPage {
    /// The gifts in the order asked for; fewer than asked, even none, while `next` still leads on.
    pub items: Vec<GiftFacts>,
    /// Where to go on, the amount and the id; none at the end.
    pub next: Option<(Fen, GiftId)>,
}

/// A gift's id is of the moment it was recorded, which is at most a day (the skew that notices may have) before the
/// end of its business day.
pub(super) fn first_id_of(day: BusinessDay) -> GiftId {
    let millis = (day.plus_days(-1).start().micros() / 1_000).max(0).cast_unsigned();
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    GiftId::from_bytes(bytes)
}

/// A page of gifts for staff in this order, after the amount and id of the last one seen: those whose project or whose
/// books lie in the scope. None: they were to be put in order of their amount, and project and first day leave more than
/// [`WINDOW_ROWS`] of them.
///
/// One page looks at no more than [`WINDOW_ROWS`] rows, however rare what is wanted may be. No index is kept for the
/// amount: each gift would pay for it at its intake.
pub async fn list(
    at: &mut impl Reads,
    (filter, order): (&GiftFilter, Order),
    (scope, tree): (&Scope, &UnitTree),
    after: Option<(Fen, GiftId)>,
    limit: usize,
) -> Result<Option<GiftPage>, DbError> {
    let mut values = params![WINDOW_ROWS];
    // By time a page goes on inside the window's index; by amount the window is the same for all pages.
    let (walk, seen) = if order.is_by_amount() {
        (Order::Newest, None)
    } else {
        (order, after)
    };
    let walked = order_by(walk);
    let mut keys = vec![past(walk, seen, &mut values)];
    if let Some(project) = filter.project {
        values.push((project,).param());
        keys.push(format!("project_id = ?{}", values.len()));
    }
    if let Some((from, _)) = filter.days {
        values.push((first_id_of(from),).param());
        keys.push(format!("id >= ?{}", values.len()));
    }
    let keys = keys.join(" AND ");
    // Where the window ends tells the cursor when the page is not filled from it.
    let window_end = {
        let sql = format!("SELECT id FROM gift WHERE {keys} ORDER BY {walked} LIMIT 1 OFFSET ?1");
        at.query_one(&sql, values.clone())
            .await?
            .map(|row| row.id::<GiftId>("id"))
            .transpose()?
    };
    if order.is_by_amount() && window_end.is_some() {
        return Ok(None);
    }
    let conditions = conditions(filter, (scope, tree), &mut values);
    let behind = past(order, after.filter(|_| order.is_by_amount()), &mut values);
    values.push(i64::try_from(limit + 1).unwrap_or(i64::MAX).param());
    let last = values.len();
    let sql = format!(
        "SELECT * FROM (SELECT {FIELDS} FROM (SELECT * FROM gift WHERE {keys} ORDER BY {walked} LIMIT ?1) g
         WHERE {conditions}) AS seen WHERE {} AND {behind} ORDER BY {} LIMIT ?{last}",
        standing(filter.standing),
        order_by(order)
    );
    let rows = at.query(&sql, values).await?;
    let items: Result<Vec<GiftFacts>, DbError> = rows.iter().map(read).collect();
    let mut items = items?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more {
        items.last().map(|gift| (gift.amount, gift.id))
    } else {
        window_end.map(|id| (Fen::ZERO, just_before(walk, id)))
    };
    Ok(Some(GiftPage { items, next }))
}

/// The window's row past the end is the next to look at, so the cursor stands just before it.
fn just_before(walk: Order, id: GiftId) -> GiftId {
    let number = u128::from_be_bytes(id.bytes());
    let beside = if walk.is_downward() {
        number.saturating_add(1)
    } else {
        number.saturating_sub(1)
    };
    GiftId::from_bytes(beside.to_be_bytes())
}

fn conditions(filter: &GiftFilter, (scope, tree): (&Scope, &UnitTree), values: &mut Vec<db::Value>) -> String {
    let books = scope.condition("g.unit_id", tree, values);
    let projects = scope.condition("p.unit_id", tree, values);
    let mut all = vec![format!(
        "({books} OR EXISTS (SELECT 1 FROM project p WHERE p.id = g.project_id AND {projects}))"
    )];
    let mut add = |condition: &str, value: db::Value| {
        values.push(value);
        all.push(format!("{condition} ?{}", values.len()));
    };
    if let Some(account) = filter.account {
        add("g.account_id =", (account,).param());
    }
    if let Some(channel) = filter.channel {
        add("g.channel =", channel.as_str().param());
    }
    if let Some((from, to)) = filter.days {
        add("g.business_day >=", from.param());
        add("g.business_day <=", to.param());
    }
    all.join(" AND ")
}

fn standing(wanted: Option<Standing>) -> &'static str {
    match wanted {
        None => "1 = 1",
        Some(Standing::TakenBack) => "taken_back > 0",
        Some(Standing::Confirmed) => "taken_back = 0 AND refunded_fen = 0",
        Some(Standing::PartlyRefunded) => "taken_back = 0 AND refunded_fen > 0 AND refunded_fen < amount_fen",
        Some(Standing::Refunded) => "taken_back = 0 AND refunded_fen >= amount_fen",
    }
}

/// Whether the reader may see this gift: its project's unit or its books lie in the scope.
pub async fn may_see(
    at: &mut impl Reads,
    gift: &GiftFacts,
    (scope, tree): (&Scope, &UnitTree),
) -> Result<bool, DbError> {
    if scope.contains(gift.unit, tree) {
        return Ok(true);
    }
    let row = at
        .query_one("SELECT unit_id FROM project WHERE id = ?1", params![(gift.project,)])
        .await?;
    let unit: Option<UnitId> = row.map(|row| row.id("unit_id")).transpose()?;
    Ok(unit.is_some_and(|unit| scope.contains(unit, tree)))
}
