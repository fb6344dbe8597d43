//! JSON of phones: enrolled, handing in, what they take along; what officers settle, and photographs.

mod along;
mod photos;
mod records;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use data_encoding::BASE64URL_NOPAD;
use kernel::id::public;
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem, Reader};

use super::actions::{self, Batch, NewDevice};
use super::model::{Answer, Device, HandedIn, Outcome, Record, Refusal, Signed};
use super::queries;
use crate::error::{ReliefError, invalid};
use crate::http::{id_of, of_db};

/// Who settles what was refused, and sees photographs: who keeps the store, and who decides losses.
const OFFICERS: &[Permission] = &[Permission::GoodsManage, Permission::GoodsApprove];
/// Who sees photographs: officers, and supervisors who may read goods too.
const SEE_PHOTOS: &[Permission] = &[Permission::GoodsManage, Permission::GoodsApprove, Permission::AuditRead];

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRecord, routes!(enrol))
        .staff(Permission::GoodsManage, routes!(list_devices))
        .staff(Permission::GoodsManage, routes!(revoke))
        .staff(Permission::GoodsRecord, routes!(along::along))
        .staff(Permission::GoodsRecord, routes!(hand_in))
        .staff_any(OFFICERS, routes!(records::list_records))
        .staff_any(OFFICERS, routes!(records::redo))
        .staff_any(OFFICERS, routes!(records::settle))
        .staff(Permission::GoodsRecord, routes!(photos::keep_photo))
        .staff_any(SEE_PHOTOS, routes!(photos::list_photos))
        .staff_any(SEE_PHOTOS, routes!(photos::show_photo))
}

/// Bytes as they are sent.
fn bytes_of(field: &'static str, text: &str) -> Result<Vec<u8>, ReliefError> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
    bytes.map_err(|_| invalid(field, "base64url without padding is expected"))
}

/// A phone to be enrolled.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsEnrolPhone)]
struct EnrolPhone {
    /// Its name.
    name: String,
    /// The public half of its key, made on it: an uncompressed point of P-256, base64url without padding.
    public_key: String,
    /// ECDSA with SHA-256 (r and s, base64url) over `shanqiao-phone/{unit}/{public_key}`.
    signature: String,
}

/// A phone.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsPhoneOut)]
struct PhoneOut {
    /// Its public id.
    id: String,
    /// Its name.
    name: String,
    /// Public id of the person who enrolled it.
    holder: String,
    /// When it was enrolled.
    #[schema(value_type = String, format = DateTime)]
    enrolled_at: Instant,
    /// When it last handed in.
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Instant>,
    /// This house's clock less the phone's, then.
    offset_ms: Option<i64>,
    /// The greatest number of a record that came.
    seq_last: i64,
    /// Whether numbers below it never came.
    has_gaps: bool,
    /// Its records that wait for an officer.
    waiting: i64,
    /// When an officer revoked it.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Instant>,
}

fn phone_out(s: &Services, device: Device, waiting: i64) -> PhoneOut {
    PhoneOut {
        id: public(&*s.keys, device.id),
        name: device.name,
        holder: public(&*s.keys, device.actor),
        enrolled_at: device.enrolled_at,
        seen_at: device.seen_at,
        offset_ms: device.offset_ms,
        seq_last: device.seq_last,
        has_gaps: device.seq_whole < device.seq_last,
        waiting,
        revoked_at: device.revoked_at,
    }
}

/// Enrols the phone one is signed in on; the same key again is the same phone.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/devices", tag = "goods", params(("unit" = String, Path)),
    request_body = EnrolPhone, responses((status = 201, body = PhoneOut),
        (status = 409, description = "the key signs nothing, is somebody else's, was revoked")))]
async fn enrol(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<EnrolPhone>,
) -> Result<(StatusCode, Json<PhoneOut>), Problem> {
    let new = NewDevice {
        unit: id_of::<UnitId>(&s, &unit)?,
        name: &body.name,
        public_key: &bytes_of("public_key", &body.public_key)?,
        signature: &bytes_of("signature", &body.signature)?,
    };
    let device = actions::enrol(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(phone_out(&s, device, 0))))
}

/// The phones of a unit.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/devices", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [PhoneOut])))]
async fn list_devices(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<PhoneOut>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::GoodsManage, unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let rows = queries::devices(&mut at, unit).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| phone_out(&s, row.device, row.waiting));
    Ok(Json(out.collect()))
}

/// Revokes a phone: what it hands in from then on is kept and waits for an officer.
#[utoipa::path(post, path = "/api/v1/goods/devices/{device}/revoke", tag = "goods", params(("device" = String, Path)),
    responses((status = 204)))]
async fn revoke(State(s): State<Services>, actor: Actor, Path(device): Path<String>) -> Result<StatusCode, Problem> {
    actions::revoke(&s, &actor, id_of(&s, &device)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A record with its signature.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsSignedRecord)]
struct SignedRecord {
    /// What was signed.
    record: Record,
    /// ECDSA with SHA-256 (r and s, base64url) over the record as JSON: fields in the order of the alphabet, no white space,
    /// what is empty left out.
    signature: String,
}

/// What a phone hands in.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsQueue)]
struct Queue {
    /// The phone's public id.
    device: String,
    /// Its clock at the moment of sending, milliseconds since 1970.
    sent_at_ms: i64,
    /// 100 records at most.
    records: Vec<SignedRecord>,
}

/// Why a record was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsRecordRefusal)]
struct RefusalOut {
    /// The stable word, as at the end of a problem's type.
    slug: String,
    /// What happened.
    title: String,
    /// What was kept and what to do next.
    detail: String,
}

fn refusal_out(reader: &Reader, why: &Refusal) -> RefusalOut {
    let args: Vec<(&str, String)> = why
        .args
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    let words = |part: &str| reader.locale().text(&format!("problem.{}.{part}", why.slug), &args);
    RefusalOut {
        slug: why.slug.clone(),
        title: words("title"),
        detail: words("detail"),
    }
}

/// Who did first what a record says.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsRecordFirst)]
struct FirstOut {
    /// The phone's name; none: at a desk.
    by: Option<String>,
    /// When, by this house's clock.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
}

/// What became of a record.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsRecordAnswer)]
struct AnswerOut {
    /// Its public id.
    id: String,
    /// Its number.
    seq: i64,
    /// Its key.
    key: String,
    /// `taken`, `known`, `refused`, `settled`; `pending` where this house was cut off in the middle: send it again.
    outcome: Outcome,
    /// Why it was refused; it is kept and waits for an officer.
    refusal: Option<RefusalOut>,
    /// Who was first, where it is known already.
    first: Option<FirstOut>,
    /// Whether the bytes of its photograph are still to come.
    wants_photo: bool,
}

/// Numbers that never came.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsQueueGap)]
struct GapOut {
    /// The first.
    from: i64,
    /// The last.
    to: i64,
}

/// The answer to a batch.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsQueueAnswer)]
struct QueueAnswer {
    /// This house's clock less the phone's, in milliseconds.
    offset_ms: i64,
    /// Numbers that never came; the first twenty gaps.
    gaps: Vec<GapOut>,
    /// Record by record, in the order of the batch.
    records: Vec<AnswerOut>,
}

fn answer_out(s: &Services, reader: &Reader, one: Answer) -> AnswerOut {
    AnswerOut {
        id: public(&*s.keys, one.id),
        seq: one.seq,
        key: one.key,
        outcome: one.outcome,
        refusal: one.refusal.as_ref().map(|why| refusal_out(reader, why)),
        first: one.first.map(|first| FirstOut {
            by: first.device,
            at: first.at,
        }),
        wants_photo: one.wants_photo,
    }
}

/// Takes what a phone signed off line. Everything is kept; what came before is answered as it was then; a box that two phones
/// scanned moves once.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/queue", tag = "goods", params(("unit" = String, Path)),
    request_body = Queue, responses((status = 200, body = QueueAnswer),
        (status = 409, description = "the phone was enrolled by somebody else")))]
async fn hand_in(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    reader: Reader,
    Json(body): Json<Queue>,
) -> Result<Json<QueueAnswer>, Problem> {
    // A signature that cannot be read is one that does not fit: its record is kept like any other.
    let signed = body.records.into_iter().map(|one| Signed {
        signature: BASE64URL_NOPAD.decode(one.signature.as_bytes()).unwrap_or_default(),
        record: one.record,
    });
    let batch = Batch {
        unit: id_of::<UnitId>(&s, &unit)?,
        device: id_of(&s, &body.device)?,
        sent_at_ms: body.sent_at_ms,
        records: signed.collect(),
    };
    let HandedIn {
        offset_ms,
        gaps,
        answers,
    } = actions::hand_in(&s, &actor, &batch).await?;
    let records = answers.into_iter().map(|one| answer_out(&s, &reader, one));
    Ok(Json(QueueAnswer {
        offset_ms,
        gaps: gaps.into_iter().map(|(from, to)| GapOut { from, to }).collect(),
        records: records.collect(),
    }))
}
