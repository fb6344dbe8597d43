//! Booking by hand over HTTP. The same key sent again is answered with the first journal.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{BusinessDay, Channel, Fen, FundId, ProjectId, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use platform::problems;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Problem};

use super::{id_of, opt_id};
use crate::actions::{self, Booked, Slip, Spending, SpentOn};
use crate::chart::Restriction;
use crate::journal::shapes::settlement::Share;
use crate::queries;

/// Shares of one payout: a society has some dozens of funds.
const SHARES_MAX: usize = 100;

/// On what money was spent.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpentOnIn {
    /// The work itself.
    Programme,
    /// Running the body.
    Management,
    /// Raising donations.
    Fundraising,
}

/// Which money.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MoneyIn {
    /// Limited by its giver.
    Restricted,
    /// Without limits.
    Unrestricted,
}

impl From<MoneyIn> for Restriction {
    fn from(money: MoneyIn) -> Self {
        match money {
            MoneyIn::Restricted => Self::Restricted,
            MoneyIn::Unrestricted => Self::Unrestricted,
        }
    }
}

/// Money spent.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ExpenditureIn {
    /// The caller's key, its own in the unit's books.
    pub key: String,
    /// Whose books: a unit's public id.
    pub unit: String,
    /// The day it was paid.
    #[schema(value_type = String)]
    pub business_day: BusinessDay,
    /// The voucher's number.
    pub memo_code: Option<String>,
    /// From which fund.
    pub fund: Option<String>,
    /// For which project; the books must have met it.
    pub project: Option<String>,
    /// On what.
    pub on: SpentOnIn,
    /// Which money.
    pub money: MoneyIn,
    /// Out of which pocket: bank, cash, wechat …
    #[schema(value_type = String)]
    pub paid_from: Channel,
    /// The amount, above zero.
    #[schema(value_type = i64)]
    pub amount_fen: Fen,
}

/// One fund's share of a payout.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ShareIn {
    /// The fund.
    pub fund: Option<String>,
    /// What arrived in the bank.
    #[schema(value_type = i64)]
    pub arrived_fen: Fen,
    /// What the institution kept.
    #[serde(default)]
    #[schema(value_type = i64)]
    pub fee_fen: Fen,
    /// Which money bears the fee; unrestricted when nothing is said.
    pub fee_from: Option<MoneyIn>,
}

/// A payout of a payment institution.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SettlementIn {
    /// The caller's key, its own in the unit's books.
    pub key: String,
    /// Whose books: a unit's public id.
    pub unit: String,
    /// The day it arrived.
    #[schema(value_type = String)]
    pub business_day: BusinessDay,
    /// The bank statement's number.
    pub memo_code: Option<String>,
    /// The shares of the funds.
    pub shares: Vec<ShareIn>,
}

/// A reversal.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReversalIn {
    /// The caller's key, its own in the unit's books.
    pub key: String,
    /// Whose books: a unit's public id.
    pub unit: String,
    /// The day it counts for.
    #[schema(value_type = String)]
    pub business_day: BusinessDay,
    /// The number of its approval.
    pub memo_code: Option<String>,
}

/// A journal booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedOut {
    /// The journal's public id.
    pub journal: String,
    /// Whether an earlier request with this key had booked it.
    pub repeated: bool,
}

type Answer = Result<(StatusCode, Json<BookedOut>), Problem>;

fn answer(s: &Services, booked: Booked) -> Answer {
    let status = if booked.repeated {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((
        status,
        Json(BookedOut {
            journal: public(&*s.keys, booked.journal),
            repeated: booked.repeated,
        }),
    ))
}

/// Ids are enciphered, so any text of the right shape is one: only those that the unit's books have met are taken.
pub(crate) async fn known_fund(s: &Services, unit: UnitId, text: Option<&str>) -> Result<Option<FundId>, Problem> {
    let Some(fund) = opt_id(s, "fund", text)? else {
        return Ok(None);
    };
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let known = queries::knows_fund(&mut at, unit, fund)
        .await
        .map_err(|e| problems::of_db(&e))?;
    if known {
        Ok(Some(fund))
    } else {
        Err(Problem::invalid("fund", "these books have no money of this fund"))
    }
}

/// Books money spent.
#[utoipa::path(post, path = "/api/v1/books/expenditures", tag = "books", request_body = ExpenditureIn,
    responses((status = 201, body = BookedOut), (status = 200, body = BookedOut, description = "booked before")))]
pub(super) async fn post_expenditure(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<ExpenditureIn>,
) -> Answer {
    let unit: UnitId = id_of(&s, "unit", &body.unit)?;
    actor.require(Permission::BooksPost, unit)?;
    let fund = known_fund(&s, unit, body.fund.as_deref()).await?;
    let project: Option<ProjectId> = opt_id(&s, "project", body.project.as_deref())?;
    let campaign = match project {
        None => None,
        Some(project) => {
            let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
            let known = queries::campaign_of(&mut at, unit, project)
                .await
                .map_err(|e| problems::of_db(&e))?;
            known.ok_or_else(|| Problem::invalid("project", "these books have no money of this project"))?
        }
    };
    let on = match body.on {
        SpentOnIn::Programme => SpentOn::Programme,
        SpentOnIn::Management => SpentOn::Management,
        SpentOnIn::Fundraising => SpentOn::Fundraising,
    };
    let restriction = body.money.into();
    let (paid_from, amount) = (body.paid_from, body.amount_fen);
    let slip = Slip {
        key: body.key,
        unit,
        business_day: body.business_day,
        memo_code: body.memo_code,
    };
    let what = Spending {
        fund,
        project,
        campaign,
        on,
        restriction,
        paid_from,
        amount,
    };
    answer(&s, actions::record_expenditure(&s, &actor, slip, what).await?)
}

/// Books a payment institution's payout.
#[utoipa::path(post, path = "/api/v1/books/settlements", tag = "books", request_body = SettlementIn,
    responses((status = 201, body = BookedOut), (status = 200, body = BookedOut, description = "booked before")))]
pub(super) async fn post_settlement(State(s): State<Services>, actor: Actor, Json(body): Json<SettlementIn>) -> Answer {
    if body.shares.is_empty() || body.shares.len() > SHARES_MAX {
        return Err(Problem::invalid(
            "shares",
            format!("1 to {SHARES_MAX} shares are expected"),
        ));
    }
    let unit: UnitId = id_of(&s, "unit", &body.unit)?;
    actor.require(Permission::BooksPost, unit)?;
    let mut shares = Vec::with_capacity(body.shares.len());
    for share in &body.shares {
        shares.push(Share {
            fund: known_fund(&s, unit, share.fund.as_deref()).await?,
            arrived: share.arrived_fen,
            fee: share.fee_fen,
            fee_restriction: share.fee_from.map_or(Restriction::Unrestricted, Into::into),
        });
    }
    let slip = Slip {
        key: body.key,
        unit,
        business_day: body.business_day,
        memo_code: body.memo_code,
    };
    answer(&s, actions::record_settlement(&s, &actor, slip, &shares).await?)
}

/// Undoes a journal by its mirror.
#[utoipa::path(post, path = "/api/v1/books/journals/{journal}/reversal", tag = "books", request_body = ReversalIn,
    params(("journal" = String, Path)),
    responses((status = 201, body = BookedOut), (status = 200, body = BookedOut, description = "reversed before")))]
pub(super) async fn post_reversal(
    State(s): State<Services>,
    actor: Actor,
    Path(journal): Path<String>,
    Json(body): Json<ReversalIn>,
) -> Answer {
    let journal = id_of(&s, "journal", &journal).map_err(|_| Problem::not_found())?;
    let unit: UnitId = id_of(&s, "unit", &body.unit)?;
    let slip = Slip {
        key: body.key,
        unit,
        business_day: body.business_day,
        memo_code: body.memo_code,
    };
    answer(&s, actions::reverse_journal(&s, &actor, slip, journal).await?)
}

/// A restriction that is fully lifted.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LiftingIn {
    /// The caller's key, its own in the unit's books.
    pub key: String,
    /// Whose books: a unit's public id.
    pub unit: String,
    /// The day it was lifted.
    #[schema(value_type = String)]
    pub business_day: BusinessDay,
    /// The number of the decision that lifts it; never missing.
    pub memo_code: Option<String>,
    /// The fund.
    pub fund: String,
    /// How much of its restricted net assets, above zero.
    #[schema(value_type = i64)]
    pub amount_fen: Fen,
}

/// Books that a restriction is fully lifted: by its giver, by law, or because its time and use are over. Using
/// restricted money for its purpose is not this.
#[utoipa::path(post, path = "/api/v1/books/restriction-liftings", tag = "books", request_body = LiftingIn,
    responses((status = 201, body = BookedOut), (status = 200, body = BookedOut, description = "booked before"),
        (status = 409, description = "the fund has less restricted money")))]
pub(super) async fn post_lifting(State(s): State<Services>, actor: Actor, Json(body): Json<LiftingIn>) -> Answer {
    let unit: UnitId = id_of(&s, "unit", &body.unit)?;
    actor.require(Permission::BooksPost, unit)?;
    let fund = known_fund(&s, unit, Some(&body.fund)).await?;
    let slip = Slip {
        key: body.key,
        unit,
        business_day: body.business_day,
        memo_code: body.memo_code,
    };
    answer(
        &s,
        actions::lift_restriction(&s, &actor, slip, (fund, body.amount_fen)).await?,
    )
}
