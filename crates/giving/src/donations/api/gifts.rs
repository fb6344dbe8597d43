//! Gifts for staff: lists, one gift, the counter, the report of totals.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{BusinessDay, Channel, Fen, GiftId, Instant, Order};
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::super::counter::{self, CounterGift};
use super::super::error::DonationError;
use super::super::intake::phone_index;
use super::super::model::{Outcome, Payer, certificate_id};
use super::super::queries::{self, GiftFacts, GiftFilter, Standing};
use super::super::receipts::{self, ReceiptStatus, ReceiptWish};
use super::super::totals::{self, Of, Totals};
use super::{Desk, id_of, of_db};

/// A gift.
#[derive(Debug, Serialize, ToSchema)]
pub struct GiftOut {
    /// Public id.
    pub gift: String,
    /// Its certificate.
    pub certificate: String,
    /// The payment's number.
    pub trade_no: String,
    /// The code of the account.
    pub account: String,
    /// The code of the project.
    pub project: String,
    /// How it came in.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// The amount in fen.
    pub amount_fen: i64,
    /// What was given back of it, in fen.
    pub refunded_fen: i64,
    /// What became of it.
    pub standing: Standing,
    /// When it was paid.
    #[schema(value_type = String, format = DateTime)]
    pub paid_at: Instant,
    /// The business day.
    #[schema(value_type = String, format = Date)]
    pub day: BusinessDay,
    /// `notice`, `counter`, `import` or `review`.
    pub source: String,
    /// Whether the name is to be shown nowhere.
    pub anonymous: bool,
    /// The masked name.
    pub name: Option<String>,
    /// Whether its personal data was destroyed.
    pub erased: bool,
    /// How it stands about its receipt.
    pub receipt: ReceiptStatus,
}

pub(super) fn out(desk: &Desk, gift: &GiftFacts) -> GiftOut {
    let keys = &*desk.giving.services.keys;
    let directory = desk.giving.intake.directory();
    GiftOut {
        gift: public(keys, gift.id),
        certificate: public(keys, certificate_id(gift.id)),
        trade_no: gift.trade_no.clone(),
        account: directory
            .account(gift.account)
            .map(|a| a.code.clone())
            .unwrap_or_default(),
        project: directory
            .project(gift.project)
            .map(|p| p.code.clone())
            .unwrap_or_default(),
        channel: gift.channel,
        amount_fen: gift.amount.get(),
        refunded_fen: gift.refunded.get(),
        standing: gift.standing,
        paid_at: gift.paid_at,
        day: gift.business_day,
        source: gift.source.clone(),
        anonymous: gift.anonymous,
        name: gift.shown_name.clone(),
        erased: gift.erased,
        receipt: ReceiptStatus::of(gift.receipt_wish, gift.anonymous.into()),
    }
}

/// What a list is narrowed to.
#[derive(Debug, Deserialize)]
pub(super) struct ListGifts {
    project: Option<String>,
    account: Option<String>,
    channel: Option<Channel>,
    from: Option<BusinessDay>,
    to: Option<BusinessDay>,
    standing: Option<Standing>,
    sort: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

async fn filter_of(desk: &Desk, query: &ListGifts) -> Result<GiftFilter, Problem> {
    let mut at = desk.giving.services.db.snapshot().await.map_err(of_db)?;
    let mut filter = GiftFilter {
        channel: query.channel,
        standing: query.standing,
        ..GiftFilter::default()
    };
    if let Some(code) = &query.project {
        let found = crate::projects::queries::project_by_code(&mut at, code)
            .await
            .map_err(of_db)?;
        filter.project = Some(
            found
                .ok_or_else(|| Problem::invalid("project", "no project has this code"))?
                .id,
        );
    }
    if let Some(code) = &query.account {
        let found = governance::network::queries::account_by_code(&mut at, code)
            .await
            .map_err(of_db)?;
        filter.account = Some(
            found
                .ok_or_else(|| Problem::invalid("account", "no account has this code"))?
                .id,
        );
    }
    filter.days = match (query.from, query.to) {
        (None, None) => None,
        (from, to) => {
            let today = desk.giving.services.now().business_day();
            let last = to.unwrap_or(today);
            Some((from.unwrap_or(last.plus_days(-3_650)), last))
        }
    };
    Ok(filter)
}

/// The gifts I may see, newest first unless another order is asked for. A page may be short, or empty, while `next` still
/// leads on. By amount at most 5,000 are put in order: those of a project, from a first day on (`gifts-too-many-to-sort`).
#[utoipa::path(get, path = "/api/v1/gifts", tag = "gifts",
    params(("project" = Option<String>, Query, description = "code"), ("account" = Option<String>, Query),
        ("channel" = Option<String>, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query),
        ("standing" = Option<String>, Query),
        ("sort" = Option<String>, Query, description = "newest, oldest, smallest or largest"),
        ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<GiftOut>),
        (status = 422, description = "too many to be put in order of their amount")))]
pub(super) async fn list_gifts(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ListGifts>,
) -> Result<Json<Listing<GiftOut>>, Problem> {
    let services = &desk.giving.services;
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor.clone(),
    };
    let limit = page.limit()?;
    let after: Option<(Fen, String)> = page.after()?;
    let after = after
        .map(|(amount, text)| id_of::<GiftId>(services, &text).map(|id| (amount, id)))
        .transpose()?;
    let order = web::paging::order(query.sort.as_deref())?.unwrap_or(Order::Newest);
    let filter = filter_of(&desk, &query).await?;
    let scope = actor.scope_for(Permission::GiftRead);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let found = queries::list(&mut at, (&filter, order), (&scope, &services.tree), after, limit)
        .await
        .map_err(of_db)?;
    let found = found.ok_or(DonationError::TooManyToSort)?;
    Ok(Json(Listing {
        items: found.items.iter().map(|gift| out(&desk, gift)).collect(),
        next: found
            .next
            .map(|(amount, id)| web::paging::encode(&(amount, public(&*services.keys, id)))),
    }))
}

/// One gift.
#[utoipa::path(get, path = "/api/v1/gifts/{gift}", tag = "gifts", params(("gift" = String, Path)),
    responses((status = 200, body = GiftOut)))]
pub(super) async fn get_gift(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(gift): Path<String>,
) -> Result<Json<GiftOut>, Problem> {
    let services = &desk.giving.services;
    let scope = actor.scope_for(Permission::GiftRead);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let found = queries::gift(&mut at, id_of(services, &gift)?).await.map_err(of_db)?;
    let found = found.ok_or_else(Problem::not_found)?;
    if !queries::may_see(&mut at, &found, (&scope, &services.tree))
        .await
        .map_err(of_db)?
    {
        return Err(Problem::not_found());
    }
    Ok(Json(out(&desk, &found)))
}

/// A telephone number and how far back to look.
#[derive(Deserialize, ToSchema)]
pub(super) struct OfPhone {
    /// The number; it is never kept in an address or a log.
    phone: String,
    /// Months to look back, 1 to 24; 12 when nothing is said.
    months: Option<i64>,
}

/// The gifts of a telephone number, for the helpdesk.
#[utoipa::path(post, path = "/api/v1/gifts/of_phone", tag = "gifts", request_body = OfPhone,
    responses((status = 200, body = Listing<GiftOut>)))]
pub(super) async fn gifts_of_phone(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<OfPhone>,
) -> Result<Json<Listing<GiftOut>>, Problem> {
    let services = &desk.giving.services;
    let scope = actor.scope_for(Permission::GiftRead);
    let index = phone_index(&services.keys, &body.phone);
    let today = services.now().business_day();
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let found = queries::of_phone(&mut at, &index, today, body.months.unwrap_or(12))
        .await
        .map_err(of_db)?;
    let mut items = Vec::with_capacity(found.len());
    for gift in &found {
        if queries::may_see(&mut at, gift, (&scope, &services.tree))
            .await
            .map_err(of_db)?
        {
            items.push(out(&desk, gift));
        }
    }
    Ok(Json(Listing { items, next: None }))
}

/// A gift entered by hand.
#[derive(Deserialize, ToSchema)]
pub(super) struct EnterGift {
    /// The code of the cash box or bank account.
    account: String,
    /// The code of the project.
    project: String,
    /// The amount in fen.
    amount_fen: i64,
    /// What the form made once: the same key is the same gift.
    key: String,
    /// The number on the bank slip.
    bank_no: Option<String>,
    /// When the money came; now when nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    paid_at: Option<Instant>,
    /// Who paid, and for whom.
    #[serde(default)]
    #[schema(value_type = Object)]
    payer: Payer,
    /// Whether the name is to be shown nowhere.
    #[serde(default)]
    anonymous: bool,
    /// What the giver says about a receipt.
    receipt: Option<ReceiptWish>,
}

/// What became of an entry.
#[derive(Serialize, ToSchema)]
pub(super) struct EnteredOut {
    /// `recorded`, `known` or `held`.
    outcome: &'static str,
    /// The gift; of a held entry the one that has its number.
    gift: String,
    /// Its certificate, unless held.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    /// The review that waits, when held.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<String>,
}

/// Enters a gift at the counter.
#[utoipa::path(post, path = "/api/v1/gifts", tag = "gifts", request_body = EnterGift,
    responses((status = 201, body = EnteredOut), (status = 200, body = EnteredOut, description = "known before"),
        (status = 202, body = EnteredOut, description = "held: the number is known with another amount")))]
pub(super) async fn enter_gift(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<EnterGift>,
) -> Result<(StatusCode, Json<EnteredOut>), Problem> {
    let services = &desk.giving.services;
    let (account, project) = {
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        let account = governance::network::queries::account_by_code(&mut at, &body.account)
            .await
            .map_err(of_db)?;
        let project = crate::projects::queries::project_by_code(&mut at, &body.project)
            .await
            .map_err(of_db)?;
        (
            account
                .ok_or(DonationError::Invalid {
                    field: "account",
                    why: "no account has this code",
                })?
                .id,
            project
                .ok_or(DonationError::Invalid {
                    field: "project",
                    why: "no project has this code",
                })?
                .id,
        )
    };
    let gift = CounterGift {
        account,
        project,
        amount: Fen::new(body.amount_fen),
        bank_no: body.bank_no.filter(|number| !number.trim().is_empty()),
        key: body.key,
        paid_at: body.paid_at,
        payer: body.payer,
        anonymous: body.anonymous,
        receipt: body.receipt,
    };
    let keys = &*services.keys;
    Ok(match counter::enter(&desk.giving, &actor, gift).await? {
        Outcome::Recorded(gift) => (StatusCode::CREATED, entered(&desk, "recorded", gift)),
        Outcome::Known(gift) => (StatusCode::OK, entered(&desk, "known", gift)),
        Outcome::Held { review, known } => {
            let out = EnteredOut {
                outcome: "held",
                gift: public(keys, known),
                certificate: None,
                held: Some(public(keys, review)),
            };
            (StatusCode::ACCEPTED, Json(out))
        }
    })
}

fn entered(desk: &Desk, outcome: &'static str, gift: GiftId) -> Json<EnteredOut> {
    let keys = &*desk.giving.services.keys;
    let certificate = Some(public(keys, certificate_id(gift)));
    Json(EnteredOut {
        outcome,
        gift: public(keys, gift),
        certificate,
        held: None,
    })
}

/// What the giver says about the receipt.
#[derive(Deserialize, ToSchema)]
pub(super) struct SayReceipt {
    /// The wish.
    wish: ReceiptWish,
}

/// Records what the giver of a gift says later about its receipt.
#[utoipa::path(put, path = "/api/v1/gifts/{gift}/receipt", tag = "gifts", params(("gift" = String, Path)),
    request_body = SayReceipt, responses((status = 204)))]
pub(super) async fn say_receipt(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(gift): Path<String>,
    Json(body): Json<SayReceipt>,
) -> Result<StatusCode, Problem> {
    let services = &desk.giving.services;
    receipts::say(services, &actor, id_of(services, &gift)?, body.wish).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The report of totals over the units I may read reports of.
#[derive(Serialize, ToSchema)]
pub(super) struct TotalsOut {
    /// The moment of the figures.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// Sums, channels, days.
    #[serde(flatten)]
    totals: Totals,
}

/// Confirmed gifts, gross of refunds.
#[utoipa::path(get, path = "/api/v1/reports/totals", tag = "reports", responses((status = 200, body = TotalsOut)))]
pub(super) async fn report_totals(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<TotalsOut>, Problem> {
    let services = &desk.giving.services;
    let as_of = services.now();
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let totals = totals::totals(&mut at, Of::Everything, &scope, &services.tree)
        .await
        .map_err(of_db)?;
    Ok(Json(TotalsOut { as_of, totals }))
}
