//! The register of donors for staff.

use axum::Extension;
use axum::extract::State;
use kernel::BusinessDay;
use kernel::id::public;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, PageRequest, Problem, Query};

use super::super::queries::donors::{self, DonorFilter, DonorKind, DonorOrder, SKIPPED_MAX};
use super::{Desk, of_db};

/// The longest time of one register: a year and a day.
const DAYS_MAX: i64 = 366;

/// What the register is narrowed to.
#[derive(Debug, Deserialize)]
pub(super) struct ListDonors {
    from: Option<BusinessDay>,
    to: Option<BusinessDay>,
    kind: Option<DonorKind>,
    sort: Option<DonorOrder>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Somebody who gave.
#[derive(Serialize, ToSchema)]
pub(super) struct DonorOut {
    /// `person` or `organisation`.
    kind: DonorKind,
    /// A person's masked name, an organisation's name; nothing where none may be shown.
    name: Option<String>,
    /// How many gifts.
    gifts: i64,
    /// Their sum in fen, net of what was given back.
    sum_fen: i64,
    /// The day of the first.
    #[schema(value_type = String, format = Date)]
    first_day: BusinessDay,
    /// The day of the last.
    #[schema(value_type = String, format = Date)]
    last_day: BusinessDay,
    /// The public id of the gift that was recorded last; by `…/payer/reveal` she is opened, for a reason.
    newest_gift: String,
}

/// Gifts whose givers cannot be told apart.
#[derive(Serialize, ToSchema)]
pub(super) struct OtherGiftsOut {
    /// How many.
    gifts: i64,
    /// Their sum in fen.
    sum_fen: i64,
}

/// A page of the register.
#[derive(Serialize, ToSchema)]
pub(super) struct DonorsOut {
    /// The donors in the order asked for.
    items: Vec<DonorOut>,
    /// The cursor of the next page; absent at the end.
    next: Option<String>,
    /// The first day looked at.
    #[schema(value_type = String, format = Date)]
    from: BusinessDay,
    /// The last one.
    #[schema(value_type = String, format = Date)]
    to: BusinessDay,
    /// Gifts without a telephone or a firm's name; with the first page alone.
    others: Option<OtherGiftsOut>,
    /// Whether all gifts of the time were looked at: of more than 200,000 recorded since the first day the rest is left out.
    is_whole: bool,
}

/// Who gave to my units in a time of at most a year, put together by telephone or by a firm's name: how often, how much,
/// from when to when. Names of persons are masked. Without days: this year so far.
#[utoipa::path(get, path = "/api/v1/donors", tag = "gifts",
    params(("from" = Option<String>, Query), ("to" = Option<String>, Query),
        ("kind" = Option<DonorKind>, Query, description = "person or organisation"),
        ("sort" = Option<String>, Query, description = "largest, newest or often"),
        ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = DonorsOut)))]
pub(super) async fn list_donors(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ListDonors>,
) -> Result<Json<DonorsOut>, Problem> {
    let services = &desk.giving.services;
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let skip: u32 = page.after()?.unwrap_or(0);
    if skip > SKIPPED_MAX {
        return Err(Problem::invalid("cursor", "not a cursor that this list gave"));
    }
    let to = query.to.unwrap_or_else(|| services.now().business_day());
    let new_year = BusinessDay::from_number(i64::from(to.year()) * 10_000 + 101).unwrap_or(to);
    let from = query.from.unwrap_or(new_year);
    if !(0..DAYS_MAX).contains(&to.days_since(from)) {
        return Err(Problem::invalid("from", "at most a year before the last day"));
    }
    let filter = DonorFilter {
        from,
        to,
        kind: query.kind,
        order: query.sort.unwrap_or_default(),
    };
    let scope = actor.scope_for(Permission::GiftRead);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let found = donors::donors(&mut at, filter, (&scope, &services.tree), (skip, limit))
        .await
        .map_err(of_db)?;
    let more = found.items.len() > limit;
    let gone = skip.saturating_add(u32::try_from(limit).unwrap_or(u32::MAX));
    let items = found.items.into_iter().take(limit).map(|donor| DonorOut {
        kind: donor.kind,
        name: donor.name,
        gifts: donor.gifts,
        sum_fen: donor.sum.get(),
        first_day: donor.first,
        last_day: donor.last,
        newest_gift: public(&*services.keys, donor.newest),
    });
    Ok(Json(DonorsOut {
        items: items.collect(),
        next: (more && gone <= SKIPPED_MAX).then(|| web::paging::encode(&gone)),
        from,
        to,
        others: found.others.map(|(gifts, sum)| OtherGiftsOut {
            gifts,
            sum_fen: sum.get(),
        }),
        is_whole: found.is_whole,
    }))
}
