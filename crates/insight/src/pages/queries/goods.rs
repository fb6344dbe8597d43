//! The live window: movements in and out, and how much of the day's goods left.

use db::{DbError, Reads, Row, params};
use kernel::{Instant, RegionCode, UnitId};
use platform::Services;
use platform::identity::Scope;

use super::super::goods::{CameRow, GoodsLive, GoodsPage, SHOWN_MAX, UnitRow, VideoBeside, WentRow};

/// The window of a unit.
pub(super) async fn page(
    at: &mut impl Reads,
    services: &Services,
    unit: UnitId,
    as_of: Instant,
) -> Result<Option<GoodsPage>, DbError> {
    let Some(known) = governance::network::queries::unit(at, unit).await? else {
        return Ok(None);
    };
    let today = as_of.business_day();
    let cleared = relief::dispatch::queries::day_cleared(at, unit, today).await?;
    let units = cleared.by_unit.into_iter().map(|(unit_word, arrived, went)| UnitRow {
        unit_word,
        arrived,
        went,
    });
    Ok(Some(GoodsPage {
        masthead: super::masthead(at, &known, today).await?,
        events: Some("/events/goods".to_owned()),
        today,
        live: GoodsLive {
            as_of,
            lots_today: cleared.lots,
            cleared_permille: (cleared.lots > 0).then_some(cleared.share / 10),
            units: units.collect(),
            came: came(at, services, unit, SHOWN_MAX).await?,
            went: went(at, services, unit, SHOWN_MAX).await?,
        },
        unwanted: relief::catalogue::queries::unwanted(at, unit).await?,
        video: relief::window::queries::video(at, unit).await?.map(beside),
    }))
}

fn beside(video: relief::window::Video) -> VideoBeside {
    VideoBeside {
        address: video.address,
        host: video.host,
        played_here: i64::from(video.shown == relief::window::Shown::Played),
    }
}

/// What came in, the newest first. A parcel held for somebody is none of the public's business.
pub(in crate::pages) async fn came(
    at: &mut impl Reads,
    services: &Services,
    unit: UnitId,
    most: i64,
) -> Result<Vec<CameRow>, DbError> {
    let mut values = params![most];
    let scope = Scope::below(unit).condition("m.unit_id", &services.tree, &mut values);
    let sql = format!(
        "SELECT m.moved_at, l.donor_shown, i.name, i.grade, m.quantity, l.unit_word,
           CAST(CASE WHEN l.designated_for IS NULL THEN 0 ELSE 1 END AS BIGINT) AS targeted
         FROM goods_move m JOIN goods_lot l ON l.id = m.lot_id JOIN goods_item i ON i.id = l.item_id
         WHERE {scope} AND m.to_state = 'arrived' AND l.source <> 'held_for_addressee'
         ORDER BY m.moved_at DESC, m.lot_id, m.n LIMIT ?1"
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| {
            Ok(CameRow {
                at: row.instant("moved_at")?,
                who: row.text("donor_shown")?,
                item: row.text("name")?,
                grade: row.text("grade")?,
                quantity: row.int("quantity")?,
                unit_word: row.text("unit_word")?,
                targeted: flag(row)?,
            })
        })
        .collect()
}

/// What went out, the newest first; of the receiver only the region, no closer than a county.
pub(in crate::pages) async fn went(
    at: &mut impl Reads,
    services: &Services,
    unit: UnitId,
    most: i64,
) -> Result<Vec<WentRow>, DbError> {
    let mut values = params![most];
    let scope = Scope::below(unit).condition("m.unit_id", &services.tree, &mut values);
    let sql = format!(
        "SELECT m.moved_at, p.region_code, i.name, i.grade, m.quantity, l.unit_word, m.paper,
           CAST(CASE WHEN l.designated_for IS NULL THEN 0 ELSE 1 END AS BIGINT) AS targeted
         FROM goods_move m JOIN goods_lot l ON l.id = m.lot_id JOIN goods_item i ON i.id = l.item_id
         JOIN goods_dispatch d ON d.id = m.to_holder JOIN goods_party p ON p.id = d.party_id
         WHERE {scope} AND m.to_state = 'in_transit' ORDER BY m.moved_at DESC, m.lot_id, m.n LIMIT ?1"
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| {
            let region: RegionCode = row.word("region_code")?;
            Ok(WentRow {
                at: row.instant("moved_at")?,
                region: approximate(region),
                item: row.text("name")?,
                grade: row.text("grade")?,
                quantity: row.int("quantity")?,
                unit_word: row.text("unit_word")?,
                number: row.text("paper")?,
                targeted: flag(row)?,
            })
        })
        .collect()
}

fn flag(row: &Row) -> Result<i64, DbError> {
    row.int("targeted")
}

/// A region's name from the city down, at most to the county.
pub(in crate::pages) fn approximate(region: RegionCode) -> String {
    let region = match region.level() {
        kernel::RegionLevel::Township => region.parent().unwrap_or(region),
        _ => region,
    };
    region.full_name().unwrap_or_else(|| region.to_string())
}
