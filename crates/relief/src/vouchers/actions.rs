//! Giving a paper: as drawn before, or drawn now and kept.

use std::sync::OnceLock;

use db::Snapshot;
use papers::goods::{GoodsPaper, render_pdf};
use papers::{Papers, PapersError};
use platform::Services;
use platform::identity::{Actor, Permission};
use ring::digest::{SHA256, digest};

use super::model::{Paper, PaperKind, Record};
use super::store::Slot;
use super::{draw, letter, manifest, queries, store};
use crate::dispatch::queries as dispatch;
use crate::error::{ReliefError, in_scope};
use crate::{DispatchId, PaperId};

/// Where the bytes of a paper are sealed for.
pub const DRAWN_PLACE: &str = "goods_paper_drawn.bytes";

/// Fonts are read once for the whole program.
fn engine() -> Result<&'static Papers, ReliefError> {
    static ENGINE: OnceLock<Result<Papers, PapersError>> = OnceLock::new();
    let made = ENGINE.get_or_init(Papers::new).as_ref();
    made.map_err(|error| ReliefError::Paper(error.to_string()))
}

/// The bytes of a record's paper. Receipt note, letter and agreement name their donor in full, so they ask for
/// [`Permission::GoodsManage`]; the others for [`Permission::GoodsRead`]. A hand-over list shows signatures as they were drawn
/// to who holds the former, and says of others only that they were drawn.
///
/// # Errors
/// [`ReliefError::NotFound`]; [`ReliefError::State`] for a count whose difference waits and a hand-over list of goods
/// that did not leave.
pub async fn paper(services: &Services, by: &Actor, record: Record) -> Result<Paper, ReliefError> {
    by.require_somewhere(Permission::GoodsRead)?;
    let mut at = services.db.snapshot().await?;
    let unit = store::unit_of(&mut at, record)
        .await?
        .ok_or(ReliefError::NotFound("record"))?;
    in_scope(by, Permission::GoodsRead, (unit, "record"))?;
    let (kind, number) = match record {
        Record::Order(id) => (PaperKind::DispatchOrder, order(&mut at, id).await?.paper()),
        Record::HandOver(id) => (PaperKind::HandOverList, order(&mut at, id).await?.paper()),
        Record::Move(..) | Record::Count(_) | Record::Payment(_) | Record::Trip(_) | Record::Letter(_) => {
            let listed = store::of_record(&mut at, record).await?;
            let listed = listed.ok_or(ReliefError::NotFound("paper"))?;
            (listed.kind, listed.kind.number(listed.number))
        }
    };
    if names_donor(kind) {
        by.require(Permission::GoodsManage, unit)?;
    }
    let edition = match record {
        Record::HandOver(id) => match queries::signed(&mut at, id).await? {
            // An edition of its own, below zero: with what was drawn, for who keeps the store alone.
            (signed, drawn) if drawn > 0 && by.require(Permission::GoodsManage, unit).is_ok() => -signed,
            (signed, _) => signed,
        },
        _ => 0,
    };
    let slot = Slot {
        unit,
        kind,
        record,
        edition,
    };
    let kept = store::drawn(&mut at, slot).await?;
    let (sha256, sealed) = match kept {
        Some(kept) => kept,
        None => {
            let data = data(services, &mut at, slot).await?;
            drop(at);
            draw_and_keep(services, slot, data).await?
        }
    };
    let bytes = services.keys.open(&sealed, DRAWN_PLACE)?;
    if digest(&SHA256, &bytes).as_ref() != sha256 {
        return Err(ReliefError::Paper("its hash differs".to_owned()));
    }
    let file_name = if edition != 0 {
        format!("{kind}-{number}-{}.pdf", edition.unsigned_abs())
    } else {
        format!("{kind}-{number}.pdf")
    };
    Ok(Paper {
        bytes,
        sha256,
        file_name,
        unit,
    })
}

/// Whether a paper names its donor in full.
const fn names_donor(kind: PaperKind) -> bool {
    matches!(
        kind,
        PaperKind::ReceiptNote | PaperKind::DonationLetter | PaperKind::Agreement
    )
}

async fn order(at: &mut Snapshot, id: DispatchId) -> Result<crate::dispatch::model::Dispatch, ReliefError> {
    let found = dispatch::order(at, id).await?;
    let (order, _) = found.ok_or(ReliefError::NotFound("dispatch order"))?;
    Ok(order)
}

async fn data(services: &Services, at: &mut Snapshot, slot: Slot) -> Result<GoodsPaper, ReliefError> {
    let head = draw::letterhead(at, slot.unit).await?;
    match slot.record {
        Record::Order(id) => {
            let order = order(at, id).await?;
            draw::order(at, &head, &order).await
        }
        Record::HandOver(id) => {
            let order = order(at, id).await?;
            draw::hand_over(at, (&head, &order), (slot.edition < 0).then_some(services)).await
        }
        Record::Move(lot, n) => {
            let listed = store::of_record(at, slot.record).await?;
            let listed = listed.ok_or(ReliefError::NotFound("paper"))?;
            draw::movement(at, (services, &head), (&listed, lot, n)).await
        }
        Record::Count(id) => {
            let listed = store::of_record(at, slot.record).await?;
            let listed = listed.ok_or(ReliefError::NotFound("paper"))?;
            draw::count(at, &head, (&listed, id)).await
        }
        Record::Payment(id) => {
            let listed = store::of_record(at, slot.record).await?;
            let listed = listed.ok_or(ReliefError::NotFound("paper"))?;
            draw::payment(at, &head, (&listed, id)).await
        }
        Record::Trip(id) => {
            let listed = store::of_record(at, slot.record).await?;
            let listed = listed.ok_or(ReliefError::NotFound("paper"))?;
            manifest::draw(at, &head, (&listed, id)).await
        }
        Record::Letter(id) => {
            let listed = store::of_record(at, slot.record).await?;
            let listed = listed.ok_or(ReliefError::NotFound("paper"))?;
            letter::draw(at, (services, &head), (&listed, id)).await
        }
    }
}

/// Draws a paper and keeps it; gives what is kept, which is another's when he drew it first.
async fn draw_and_keep(services: &Services, slot: Slot, data: GoodsPaper) -> Result<(Vec<u8>, Vec<u8>), ReliefError> {
    let engine = engine()?;
    let drawn = tokio::task::spawn_blocking(move || render_pdf(engine, &data)).await;
    let drawn = drawn
        .map_err(|error| ReliefError::Paper(format!("the drawing was cut off: {error}")))?
        .map_err(|error| ReliefError::Paper(error.to_string()))?;
    for warning in &drawn.warnings {
        tracing::warn!(?warning, kind = %slot.kind, "a paper of goods was drawn with a warning");
    }
    let sha256 = digest(&SHA256, &drawn.bytes);
    let sealed = services.keys.seal(&drawn.bytes, DRAWN_PLACE, &*services.rng);
    let now = services.now();
    let id = PaperId::new(now, &*services.rng);
    let mut tx = services.db.begin().await?;
    store::put_drawn(&mut tx, (id, slot), (sha256.as_ref(), sealed), now).await?;
    let kept = store::drawn(&mut tx, slot).await?;
    tx.commit().await?;
    kept.ok_or_else(|| ReliefError::Paper("it vanished".to_owned()))
}
