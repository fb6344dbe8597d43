//! Papers of this crate: the purchase order (采购单) here, the hand-over list of fitted sets beside the children. Drawn anew
//! each time from records that do not change once ordered: the same record gives the same bytes.

use std::sync::OnceLock;

use db::Reads;
use kernel::UnitId;
use kernel::capitals::in_capitals;
use papers::certificate::Colour;
use papers::goods::{Align, Column, GoodsPaper, Page, render_pdf};
use papers::{Papers, PapersError};
use platform::Services;
use platform::identity::{Actor, Permission};

use super::queries;
use crate::PurchaseId;
use crate::children::queries as children;
use crate::error::{PartnerError, in_scope};

const ORDER_COLUMNS: &[Column] = &[
    column("序号", 2, Align::Center),
    column("品名", 6, Align::Start),
    column("规格", 5, Align::Start),
    column("单位", 2, Align::Center),
    column("数量", 3, Align::End),
    column("单价（元）", 4, Align::End),
    column("金额（元）", 4, Align::End),
];
const SIGNATURES: &[&str] = &["采购单位（盖章）", "经办人", "供应商（盖章）"];

pub(crate) const fn column(head: &'static str, width: u8, align: Align) -> Column {
    Column { head, width, align }
}

/// Fonts are read once for the whole program.
fn engine() -> Result<&'static Papers, PartnerError> {
    static ENGINE: OnceLock<Result<Papers, PapersError>> = OnceLock::new();
    let made = ENGINE.get_or_init(Papers::new).as_ref();
    made.map_err(|error| PartnerError::Paper(error.to_string()))
}

/// An empty paper of a unit.
pub(crate) async fn form(at: &mut impl Reads, unit: UnitId) -> Result<GoodsPaper, PartnerError> {
    let unit = governance::network::store::unit(at, unit).await?;
    let colour = unit.as_ref().and_then(|unit| Colour::parse(&unit.brand_color));
    Ok(GoodsPaper {
        unit_name: unit.map(|unit| unit.name).unwrap_or_default(),
        brand: colour.unwrap_or(Colour::VERMILION),
        title: "采购单",
        subtitle: String::new(),
        number: String::new(),
        day: kernel::Instant::from_micros(0).business_day(),
        page: Page::Portrait,
        fields: Vec::new(),
        columns: ORDER_COLUMNS,
        rows: Vec::new(),
        drawings: Default::default(),
        totals: Vec::new(),
        notes: Vec::new(),
        signatures: SIGNATURES,
    })
}

/// The bytes of a paper, drawn apart from the threads that answer.
pub(crate) async fn draw(data: GoodsPaper) -> Result<Vec<u8>, PartnerError> {
    let engine = engine()?;
    let drawn = tokio::task::spawn_blocking(move || render_pdf(engine, &data)).await;
    let drawn = drawn
        .map_err(|error| PartnerError::Paper(format!("the drawing was cut off: {error}")))?
        .map_err(|error| PartnerError::Paper(error.to_string()))?;
    Ok(drawn.bytes)
}

/// The purchase order as a PDF, with its number; for fitted sets one line a size.
///
/// # Errors
/// [`PartnerError::State`] before it is ordered.
pub async fn order(services: &Services, by: &Actor, id: PurchaseId) -> Result<(String, Vec<u8>), PartnerError> {
    by.require_somewhere(Permission::PartnerRead)?;
    let mut at = services.db.snapshot().await?;
    let found = queries::purchase(&mut at, id).await?;
    let (purchase, quotes, _) = found.ok_or(PartnerError::NotFound("purchase"))?;
    in_scope(by, Permission::PartnerRead, (purchase.unit, "purchase"))?;
    let chosen = purchase.chosen.as_ref().map(|(n, _)| *n);
    let quote = quotes.iter().find(|quote| Some(quote.n) == chosen);
    let ordered = purchase.paper().zip(purchase.ordered_at).zip(quote);
    let ((number, ordered_at), quote) = ordered.ok_or(PartnerError::State {
        state: purchase.state.as_str(),
        wanted: "ordered",
    })?;
    let mut paper = form(&mut at, purchase.unit).await?;
    paper.number = number.clone();
    paper.day = ordered_at.business_day();
    paper.fields = vec![
        ("供应商", quote.supplier_name.clone()),
        ("交货期", purchase.due_on.map(|day| day.to_string()).unwrap_or_default()),
    ];
    let sizes = match purchase.list {
        Some(list) => children::by_size(&mut at, list).await?,
        None => Vec::new(),
    };
    drop(at);
    let mut lines: Vec<(String, i64)> = sizes
        .iter()
        .map(|size| (format!("号 {} · 鞋 {}", size.garment, size.shoe), size.children))
        .collect();
    let fitted: i64 = lines.iter().map(|(_, pieces)| pieces).sum();
    // Consent that was withdrawn after the order leaves pieces without a child: they stay on the order.
    if fitted < purchase.quantity {
        lines.push((purchase.spec.clone(), purchase.quantity - fitted));
    }
    for (n, (spec, pieces)) in (1..).zip(lines) {
        paper.rows.push(vec![
            n.to_string(),
            purchase.item.clone(),
            spec,
            purchase.unit_word.clone(),
            pieces.to_string(),
            quote.price.to_grouped(),
            super::model::times(quote.price, pieces)?.to_grouped(),
        ]);
    }
    let total = quote.total(purchase.quantity)?;
    paper.totals = vec![
        format!("{} {}", purchase.quantity, purchase.unit_word),
        format!("{} 元（{}）", total.to_grouped(), in_capitals(total)),
    ];
    Ok((number, draw(paper).await?))
}
