//! `POST /api/v1/books/openings`.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::id::{from_public, public};
use kernel::{BusinessDay, Fen, FundId, UnitId};
use ledger::AccountCode;
use ledger::actions::{Brought, Slip, record_opening};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use crate::projects::queries;

/// Lines of one opening: a society has some dozens of funds with a handful of accounts each.
const LINES_MAX: usize = 400;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().staff(Permission::BooksPost, routes!(post_opening))
}

/// One balance of the old books: either a debit or a credit.
#[derive(Debug, Deserialize, ToSchema)]
struct OpeningLineIn {
    /// Code of the account: an asset, a liability or net assets.
    account: String,
    /// The project in whose fund it lies; the unit's general money when nothing is said.
    project: Option<String>,
    /// The debit balance in fen.
    #[schema(value_type = Option<i64>)]
    debit_fen: Option<Fen>,
    /// The credit balance in fen.
    #[schema(value_type = Option<i64>)]
    credit_fen: Option<Fen>,
}

/// Balances brought forward.
#[derive(Debug, Deserialize, ToSchema)]
struct OpeningIn {
    /// The caller's key, its own in the unit's books.
    key: String,
    /// Whose books: a unit's public id.
    unit: String,
    /// The day of the old books' closing.
    #[schema(value_type = String)]
    business_day: BusinessDay,
    /// The number of the approved closing statement.
    memo_code: Option<String>,
    /// The balances; they sum to zero in each fund.
    lines: Vec<OpeningLineIn>,
}

/// A journal booked.
#[derive(Debug, Serialize, ToSchema)]
struct OpenedOut {
    /// The journal's public id.
    journal: String,
    /// Whether an earlier request with this key had booked it.
    repeated: bool,
}

/// Books balances brought forward into new books: they sum to zero in each fund, and income and expense begin at zero.
#[utoipa::path(post, path = "/api/v1/books/openings", tag = "books", request_body = OpeningIn,
    responses((status = 201, body = OpenedOut), (status = 200, body = OpenedOut, description = "booked before")))]
async fn post_opening(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<OpeningIn>,
) -> Result<(StatusCode, Json<OpenedOut>), Problem> {
    let unit: UnitId = from_public(&*s.keys, &body.unit).map_err(|error| Problem::invalid("unit", error))?;
    actor.require(Permission::BooksPost, unit)?;
    if body.lines.is_empty() || body.lines.len() > LINES_MAX {
        return Err(Problem::invalid(
            "lines",
            format!("1 to {LINES_MAX} lines are expected"),
        ));
    }
    let mut lines = Vec::with_capacity(body.lines.len());
    for (at, line) in body.lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{at}].{name}");
        let code: AccountCode = line
            .account
            .parse()
            .map_err(|error| Problem::invalid(&field("account"), error))?;
        let fund = match &line.project {
            None => None,
            Some(project) => Some(fund_of(&s, unit, project, &field("project")).await?),
        };
        let amount = match (line.debit_fen, line.credit_fen) {
            (Some(debit), None) if debit.is_positive() => debit,
            (None, Some(credit)) if credit.is_positive() => credit
                .negated()
                .map_err(|error| Problem::invalid(&field("credit_fen"), error))?,
            _ => {
                let reason = "either a debit or a credit above zero is expected";
                return Err(Problem::invalid(&field("debit_fen"), reason));
            }
        };
        lines.push(Brought { code, fund, amount });
    }
    let slip = Slip {
        key: body.key,
        unit,
        business_day: body.business_day,
        memo_code: body.memo_code,
    };
    let booked = record_opening(&s, &actor, slip, &lines).await?;
    let status = if booked.repeated {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let out = OpenedOut {
        journal: public(&*s.keys, booked.journal),
        repeated: booked.repeated,
    };
    Ok((status, Json(out)))
}

/// The fund in which a project's money lies, if the project belongs to the unit or one below it.
async fn fund_of(s: &Services, unit: UnitId, code: &str, field: &str) -> Result<FundId, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let project = queries::project_by_code(&mut at, code)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let project = project.filter(|project| s.tree.is_within(project.unit, unit));
    let project = project.ok_or_else(|| Problem::invalid(field, "no project of this unit has this code"))?;
    Ok(project.fund)
}
