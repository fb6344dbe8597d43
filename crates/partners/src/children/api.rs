//! JSON of lists of children. Names are masked, except on the slips that go home.

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::id::public;
use kernel::{BusinessDay, Instant};
use ledger::table::{Cell, Table};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::extract::read_body;
use web::{Json, Problem};

use super::actions::{self, SHEET_BYTES_MAX, Said};
use super::model::{Child, ChildList, ListState, NewList, Outcome, Proof, RefusedRow};
use super::{paper, queries};
use crate::ListId;
use crate::error::in_scope;
use crate::http::{csv_of, file_of, id_of, maybe, of_db};
use crate::ports::Ports;

/// The routes of this slice.
pub fn routes(ports: &Ports) -> OpenApiRouter<Services> {
    let with_ports = |routes: UtoipaMethodRouter<Ports>| {
        let (schemas, paths, router) = routes;
        (schemas, paths, router.with_state(ports.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::PartnerRead, routes!(list_partner_lists))
        .staff(Permission::PartnerManage, routes!(open_partner_list))
        .staff(Permission::PartnerRead, routes!(show_partner_list))
        .staff(Permission::PartnerManage, with_ports(routes!(take_in_partner_children)))
        .staff(Permission::PartnerRead, routes!(export_partner_sizes))
        .staff(Permission::PartnerManage, routes!(list_partner_slips))
        .staff(Permission::PartnerManage, routes!(withdraw_partner_consent))
        .staff(Permission::PartnerPurchase, routes!(hand_partner_set))
        .staff(Permission::PartnerManage, routes!(close_partner_list))
        .staff(Permission::PartnerRead, routes!(print_partner_list))
}

/// A list of children.
#[derive(Serialize, ToSchema)]
struct PartnerListOut {
    /// Its public id.
    id: String,
    /// Its title.
    title: String,
    /// The school.
    school: String,
    /// Where it is.
    state: ListState,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
}

fn list_out(s: &Services, list: ChildList) -> PartnerListOut {
    PartnerListOut {
        id: public(&*s.keys, list.id),
        title: list.title,
        school: list.school,
        state: list.state,
        made_at: list.made_at,
    }
}

/// The lists of children under an agreement, the newest first.
#[utoipa::path(get, path = "/api/v1/partnership/agreements/{agreement}/lists", tag = "partnership",
    params(("agreement" = String, Path)), responses((status = 200, body = [PartnerListOut])))]
async fn list_partner_lists(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
) -> Result<Json<Vec<PartnerListOut>>, Problem> {
    let id = id_of(&s, &agreement)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = crate::agreements::queries::agreement(&mut at, id)
        .await
        .map_err(of_db)?;
    let (agreement, _) = found.ok_or_else(Problem::not_found)?;
    in_scope(&actor, Permission::PartnerRead, (agreement.unit, "agreement"))?;
    let rows = queries::lists(&mut at, id).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| list_out(&s, row)).collect()))
}

/// A list to be opened.
#[derive(Deserialize, ToSchema)]
struct OpenPartnerList {
    /// What makes it the same list when it is sent again.
    key: String,
    /// Its title.
    title: String,
    /// The school.
    school: String,
}

/// Opens a list of children under a running agreement.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/lists", tag = "partnership",
    params(("agreement" = String, Path)), request_body = OpenPartnerList,
    responses((status = 201, body = PartnerListOut), (status = 409, description = "the agreement does not run")))]
async fn open_partner_list(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
    Json(body): Json<OpenPartnerList>,
) -> Result<(StatusCode, Json<PartnerListOut>), Problem> {
    let new = NewList {
        agreement: id_of(&s, &agreement)?,
        key: body.key,
        title: body.title,
        school: body.school,
    };
    let list = actions::open(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(list_out(&s, list))))
}

/// A child, masked.
#[derive(Serialize, ToSchema)]
struct PartnerChildOut {
    /// Its public id.
    id: String,
    /// Its place on the list.
    n: i64,
    /// The name, masked.
    name: String,
    /// 三年级二班.
    grade: String,
    /// In centimetres.
    height_cm: i64,
    /// The foot, in millimetres.
    shoe_mm: i64,
    /// 号 of GB/T 1335.
    garment: i64,
    /// 鞋号 of GB/T 3293.1.
    shoe: i64,
    /// When the guardian consented.
    #[schema(value_type = String)]
    consented_on: BusinessDay,
    /// Whether the consent was withdrawn.
    withdrawn: bool,
    /// What became of its set.
    outcome: Outcome,
    /// Why it was not handed out.
    words: String,
    /// What proves that it was.
    proof: Option<Proof>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    handed_at: Option<Instant>,
}

fn child_out(s: &Services, child: Child) -> PartnerChildOut {
    PartnerChildOut {
        id: public(&*s.keys, child.id),
        n: child.n,
        name: child.name_shown,
        grade: child.grade,
        height_cm: child.height_cm,
        shoe_mm: child.shoe_mm,
        garment: child.garment,
        shoe: child.shoe,
        consented_on: child.consented_on,
        withdrawn: child.withdrawn_at.is_some(),
        outcome: child.outcome,
        words: child.words,
        proof: child.proof,
        handed_at: child.handed_at,
    }
}

/// How many children have a size.
#[derive(Serialize, ToSchema)]
struct PartnerSizeOut {
    /// 号.
    garment: i64,
    /// 鞋号.
    shoe: i64,
    /// How many.
    children: i64,
}

/// How many children have an outcome.
#[derive(Serialize, ToSchema)]
struct PartnerOutcomeOut {
    /// Which.
    outcome: Outcome,
    /// How many.
    children: i64,
}

/// A list with its children, masked, and its sums.
#[derive(Serialize, ToSchema)]
struct PartnerListWhole {
    /// The list.
    list: PartnerListOut,
    /// Its children.
    children: Vec<PartnerChildOut>,
    /// By size.
    sizes: Vec<PartnerSizeOut>,
    /// By outcome.
    outcomes: Vec<PartnerOutcomeOut>,
}

async fn in_list(s: &Services, actor: &Actor, list: &str) -> Result<(ChildList, db::Snapshot), Problem> {
    let id: ListId = id_of(s, list)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let list = queries::list(&mut at, id).await.map_err(of_db)?;
    let list = list.ok_or_else(Problem::not_found)?;
    in_scope(actor, Permission::PartnerRead, (list.unit, "list"))?;
    Ok((list, at))
}

/// A list with its children, masked, summed by size and by outcome.
#[utoipa::path(get, path = "/api/v1/partnership/lists/{list}", tag = "partnership", params(("list" = String, Path)),
    responses((status = 200, body = PartnerListWhole)))]
async fn show_partner_list(
    State(s): State<Services>,
    actor: Actor,
    Path(list): Path<String>,
) -> Result<Json<PartnerListWhole>, Problem> {
    let (list, mut at) = in_list(&s, &actor, &list).await?;
    let children = queries::children(&mut at, list.id).await.map_err(of_db)?;
    let sizes = queries::by_size(&mut at, list.id).await.map_err(of_db)?;
    let outcomes = queries::by_outcome(&mut at, list.id).await.map_err(of_db)?;
    Ok(Json(PartnerListWhole {
        list: list_out(&s, list),
        children: children.into_iter().map(|child| child_out(&s, child)).collect(),
        sizes: sizes
            .into_iter()
            .map(|size| PartnerSizeOut {
                garment: size.garment,
                shoe: size.shoe,
                children: size.children,
            })
            .collect(),
        outcomes: outcomes
            .into_iter()
            .map(|(outcome, children)| PartnerOutcomeOut { outcome, children })
            .collect(),
    }))
}

/// What a sheet came to.
#[derive(Serialize, ToSchema)]
struct PartnerTakenIn {
    /// Children added; none when a row was refused.
    added: i64,
    /// Children that stood on the list already.
    known: i64,
    /// Rows that cannot be taken; no cell of the file is repeated.
    refused: Vec<RefusedRow>,
}

/// Takes a school's sheet in: xlsx, xls or csv with the headings 姓名, 年级, 身高, 鞋号, 监护人, 同意日期. A sheet with a row that
/// cannot be taken changes nothing: the rows are named.
#[utoipa::path(post, path = "/api/v1/partnership/lists/{list}/children", tag = "partnership", params(("list" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = PartnerTakenIn, description = "with refused rows nothing was kept"),
        (status = 409, description = "its sets are ordered")))]
async fn take_in_partner_children(
    State(ports): State<Ports>,
    Extension(actor): Extension<Actor>,
    Path(list): Path<String>,
    request: Request,
) -> Result<Json<PartnerTakenIn>, Problem> {
    let id = id_of(&ports.services, &list)?;
    let bytes = read_body(request.into_body(), SHEET_BYTES_MAX).await?;
    let taken = actions::take_in(&ports, &actor, id, bytes.to_vec()).await?;
    Ok(Json(PartnerTakenIn {
        added: taken.added,
        known: taken.known,
        refused: taken.refused,
    }))
}

/// What is to be ordered, by size, as a CSV file: no child stands in it.
#[utoipa::path(get, path = "/api/v1/partnership/lists/{list}/sizes/csv", tag = "partnership", params(("list" = String, Path)),
    responses((status = 200, content_type = "text/csv", description = "one line a size")))]
async fn export_partner_sizes(
    State(s): State<Services>,
    actor: Actor,
    Path(list): Path<String>,
) -> Result<Response, Problem> {
    let (list, mut at) = in_list(&s, &actor, &list).await?;
    let sizes = queries::by_size(&mut at, list.id).await.map_err(of_db)?;
    let table = Table {
        title: list.title,
        as_of: s.now(),
        columns: ["号（身高 cm）", "鞋号（脚长 mm）", "套数"].map(str::to_owned).to_vec(),
        rows: sizes
            .into_iter()
            .map(|size| {
                vec![
                    Cell::Count(size.garment),
                    Cell::Count(size.shoe),
                    Cell::Count(size.children),
                ]
            })
            .collect(),
    };
    csv_of("partner-sizes", &table)
}

/// A slip that goes home.
#[derive(Serialize, ToSchema)]
struct PartnerSlipOut {
    /// The place on the list.
    n: i64,
    /// The name, in clear.
    name: String,
    /// 三年级二班.
    grade: String,
    /// The six digits with which the set is fetched.
    code: String,
}

/// The slips that go home with the children: names in clear, and the codes with which sets are fetched.
#[utoipa::path(get, path = "/api/v1/partnership/lists/{list}/slips", tag = "partnership", params(("list" = String, Path)),
    responses((status = 200, body = [PartnerSlipOut])))]
async fn list_partner_slips(
    State(s): State<Services>,
    actor: Actor,
    Path(list): Path<String>,
) -> Result<Json<Vec<PartnerSlipOut>>, Problem> {
    let slips = actions::slips(&s, &actor, id_of(&s, &list)?).await?;
    let out = |slip: actions::Slip| PartnerSlipOut {
        n: slip.n,
        name: slip.name,
        grade: slip.grade,
        code: slip.code,
    };
    Ok(Json(slips.into_iter().map(out).collect()))
}

/// A guardian withdraws the consent: the names are gone for good.
#[utoipa::path(post, path = "/api/v1/partnership/children/{child}/withdraw", tag = "partnership",
    params(("child" = String, Path)), responses((status = 204)))]
async fn withdraw_partner_consent(
    State(s): State<Services>,
    actor: Actor,
    Path(child): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::withdraw(&s, &actor, id_of(&s, &child)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of a child's set.
#[derive(Deserialize, ToSchema)]
struct HandPartnerSet {
    /// What.
    outcome: Outcome,
    /// Why it was not handed out.
    #[serde(default)]
    words: String,
    /// Public id of the signature, as a picture.
    signature: Option<String>,
    /// The six digits on the slip, where there is no signature.
    code: Option<String>,
}

/// Says what became of a child's set, once its purchase was received.
#[utoipa::path(post, path = "/api/v1/partnership/children/{child}/hand-over", tag = "partnership",
    params(("child" = String, Path)), request_body = HandPartnerSet,
    responses((status = 200, body = PartnerChildOut), (status = 409, description = "its sets are not here")))]
async fn hand_partner_set(
    State(s): State<Services>,
    actor: Actor,
    Path(child): Path<String>,
    Json(body): Json<HandPartnerSet>,
) -> Result<Json<PartnerChildOut>, Problem> {
    let said = Said {
        outcome: body.outcome,
        words: body.words,
        signature: maybe(&s, body.signature.as_ref())?,
        code: body.code,
    };
    let child = actions::hand(&s, &actor, id_of(&s, &child)?, &said).await?;
    Ok(Json(child_out(&s, child)))
}

/// Closes a list, when every child is fitted or explained.
#[utoipa::path(post, path = "/api/v1/partnership/lists/{list}/close", tag = "partnership", params(("list" = String, Path)),
    responses((status = 200, body = PartnerListOut), (status = 409, description = "children are neither fitted nor explained")))]
async fn close_partner_list(
    State(s): State<Services>,
    actor: Actor,
    Path(list): Path<String>,
) -> Result<Json<PartnerListOut>, Problem> {
    let list = actions::close(&s, &actor, id_of(&s, &list)?).await?;
    Ok(Json(list_out(&s, list)))
}

/// The hand-over list as a PDF, names masked.
#[utoipa::path(get, path = "/api/v1/partnership/lists/{list}/paper", tag = "partnership", params(("list" = String, Path)),
    responses((status = 200, content_type = "application/pdf", description = "the paper"), (status = 409, description = "not ordered")))]
async fn print_partner_list(
    State(s): State<Services>,
    actor: Actor,
    Path(list): Path<String>,
) -> Result<Response, Problem> {
    let (_, bytes) = paper::hand_over(&s, &actor, id_of(&s, &list)?).await?;
    Ok(file_of(("application/pdf", "hand-over-list.pdf"), bytes))
}
