//! The manifest of a vehicle (装车清单): every line of every order on it, with what the orders weigh and take.

use std::collections::BTreeMap;

use db::Reads;
use papers::goods::{Align, Column, GoodsPaper, Page};

use super::draw::{Letterhead, by_unit, column, form, grouped, or_dash};
use super::model::Listed;
use super::queries;
use crate::TripId;
use crate::error::ReliefError;
use crate::trucks::model::Load;
use crate::trucks::queries as trucks;
use crate::trucks::rules::{millionths, thousandths};

const COLUMNS: &[Column] = &[
    column("序号", 2, Align::Center),
    column("调拨单号", 4, Align::Center),
    column("接收单位", 6, Align::Start),
    column("品名", 5, Align::Start),
    column("标准等级", 5, Align::Start),
    column("单位", 2, Align::Center),
    column("数量", 3, Align::End),
    column("重量（千克）", 3, Align::End),
    column("体积（立方米）", 3, Align::End),
    column("签收", 4, Align::Center),
];

/// The paper of a journey that left.
pub(super) async fn draw(
    at: &mut impl Reads,
    head: &Letterhead,
    (listed, id): (&Listed, TripId),
) -> Result<GoodsPaper, ReliefError> {
    let (trip, on) = trucks::trip(at, id).await?.ok_or(ReliefError::NotFound("journey"))?;
    let left = trip.left_at.unwrap_or(trip.opened_at);
    let number = listed.kind.number(listed.number);
    let mut paper = form(head, (listed.kind, number), left.business_day());
    paper.page = Page::Landscape;
    paper.columns = COLUMNS;
    let together = on.iter().fold(Load::default(), |sum, one| sum.plus(one.load));
    let of = |load: Load| {
        format!(
            "{} 千克 / {} 立方米",
            thousandths(load.grams),
            millionths(load.cubic_cm)
        )
    };
    paper.fields = vec![
        ("车辆", trip.vehicle_name.clone()),
        ("承运单位", or_dash(&trip.carrier)),
        ("调拨单", format!("{} 张", on.len())),
        ("核定载重与容积", of(trip.carries)),
        ("本车装载", of(together)),
    ];
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for one in on {
        let mut load = Some(one.load);
        for line in queries::order_lines(at, one.dispatch).await? {
            let sum = sums.entry(line.unit_word.clone()).or_default();
            *sum = sum.saturating_add(line.quantity);
            // What an order weighs stands once, on its first line.
            let load = load.take();
            paper.rows.push(vec![
                (paper.rows.len() + 1).to_string(),
                one.number.clone(),
                one.party_name.clone(),
                line.item,
                or_dash(&line.grade),
                line.unit_word,
                grouped(line.quantity),
                load.map_or_else(|| "同单".to_owned(), |load| thousandths(load.grams)),
                load.map_or_else(|| "同单".to_owned(), |load| millionths(load.cubic_cm)),
                String::new(),
            ]);
        }
    }
    paper.totals = by_unit(&sums);
    paper
        .notes
        .push("重量、体积按目录中每件包装登记数计算，整单合计写在该单第一行；不同计量单位不相加。".to_owned());
    paper.signatures = &["装车人", "库管员", "驾驶员", "押运人"];
    Ok(paper)
}
