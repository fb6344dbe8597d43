//! What each paper says, from its records.

use std::collections::BTreeMap;

use db::Reads;
use kernel::capitals::in_capitals;
use kernel::{BusinessDay, Channel, UnitId};
use ledger::Restriction;
use papers::certificate::Colour;
use papers::goods::{Align, Column, GoodsPaper, Page};
use platform::Services;

use super::model::{Listed, PaperKind};
use super::queries::{self, LotWords};
use crate::dispatch::actions::DRAWN_PLACE;
use crate::dispatch::drawing::Drawing;
use crate::dispatch::model::{Dispatch, DispatchState, Proof};
use crate::error::ReliefError;
use crate::sales::Sale;
use crate::stock::actions::DONOR_PLACE;
use crate::stock::model::{Source, ValueBasis};
use crate::{CountId, GrantId, LotId};

/// Lines left to be written in on a list that goes out to be signed.
const BLANK_LINES: usize = 18;

pub(super) const fn column(head: &'static str, width: u8, align: Align) -> Column {
    Column { head, width, align }
}

const LOT_COLUMNS: &[Column] = &[
    column("品名", 6, Align::Start),
    column("标准等级", 5, Align::Start),
    column("规格", 4, Align::Start),
    column("批号", 3, Align::Start),
    column("单位", 2, Align::Center),
    column("数量", 3, Align::End),
    column("价值（元）", 4, Align::End),
];
const ORDER_COLUMNS: &[Column] = &[
    column("序号", 2, Align::Center),
    column("品名", 6, Align::Start),
    column("标准等级", 6, Align::Start),
    column("规格", 4, Align::Start),
    column("单位", 2, Align::Center),
    column("数量", 3, Align::End),
    column("有效期至", 4, Align::Center),
    column("出库库位", 4, Align::Start),
    column("定向", 2, Align::Center),
    column("实收", 3, Align::End),
];
const HAND_OVER_COLUMNS: &[Column] = &[
    column("序号", 2, Align::Center),
    column("品名", 6, Align::Start),
    column("标准等级", 6, Align::Start),
    column("单位", 2, Align::Center),
    column("数量", 3, Align::End),
    column("领取人", 4, Align::Start),
    column("确认方式", 3, Align::Center),
    column("日期", 4, Align::Center),
    column("领取人签字", 5, Align::Start),
];
const COUNT_COLUMNS: &[Column] = &[
    column("品名", 6, Align::Start),
    column("标准等级", 5, Align::Start),
    column("规格", 4, Align::Start),
    column("单位", 2, Align::Center),
    column("账面数", 3, Align::End),
    column("实盘数", 3, Align::End),
    column("差异", 3, Align::End),
];

const PAYMENT_COLUMNS: &[Column] = &[
    column("收款单位", 6, Align::Start),
    column("用途", 8, Align::Start),
    column("资金性质", 4, Align::Center),
    column("金额（元）", 5, Align::End),
];

/// The society as its papers show it.
pub(super) struct Letterhead {
    name: String,
    colour: Colour,
}

pub(super) async fn letterhead(at: &mut impl Reads, unit: UnitId) -> Result<Letterhead, ReliefError> {
    let unit = governance::network::store::unit(at, unit).await?;
    let colour = unit.as_ref().and_then(|unit| Colour::parse(&unit.brand_color));
    Ok(Letterhead {
        name: unit.map(|unit| unit.name).unwrap_or_default(),
        colour: colour.unwrap_or(Colour::VERMILION),
    })
}

pub(super) fn form(head: &Letterhead, (kind, number): (PaperKind, String), day: BusinessDay) -> GoodsPaper {
    GoodsPaper {
        unit_name: head.name.clone(),
        brand: head.colour,
        title: kind.title(),
        subtitle: String::new(),
        number,
        day,
        page: Page::Portrait,
        fields: Vec::new(),
        columns: LOT_COLUMNS,
        rows: Vec::new(),
        drawings: BTreeMap::new(),
        totals: Vec::new(),
        notes: Vec::new(),
        signatures: &[],
    }
}

const fn source(of: Source) -> &'static str {
    match of {
        Source::Donation => "捐赠",
        Source::Budget => "预算采购",
        Source::AidFund => "救助资金采购",
        Source::TransferIn => "系统内调入",
        Source::Customs => "海关移交",
        Source::Kit => "组配",
        Source::HeldForAddressee => "代收（不属于捐赠）",
    }
}

pub(super) const fn basis(of: ValueBasis) -> &'static str {
    match of {
        ValueBasis::Voucher => "捐赠方票据凭证",
        ValueBasis::ExFactory => "出厂价",
        ValueBasis::DonorSalePrice => "捐赠方销售价",
        ValueBasis::GovGuide => "政府指导价",
        ValueBasis::Ecommerce => "电商平台同类价",
        ValueBasis::Appraisal => "评估机构评估",
        ValueBasis::Purchase => "采购价（采购单、发票）",
        ValueBasis::Parts => "组成物资价值之和",
        ValueBasis::Nominal => "名义金额 1 元",
        ValueBasis::None => "未计价",
    }
}

pub(super) fn grouped(number: i64) -> String {
    let (text, minus) = (number.unsigned_abs().to_string(), if number < 0 { "-" } else { "" });
    let digits: Vec<char> = text.chars().collect();
    let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
    format!("{minus}{}", groups.join(","))
}

pub(super) fn day_text(day: Option<BusinessDay>) -> String {
    day.map_or_else(|| "—".to_owned(), |day| day.to_string())
}

pub(super) fn or_dash(text: &str) -> String {
    if text.trim().is_empty() { "—" } else { text.trim() }.to_owned()
}

pub(super) async fn lot_words(at: &mut impl Reads, lot: LotId) -> Result<LotWords, ReliefError> {
    queries::lot_words(at, lot).await?.ok_or(ReliefError::NotFound("lot"))
}

/// A paper of one movement of a lot: receipt, scrap, sale.
pub(super) async fn movement(
    at: &mut impl Reads,
    (services, head): (&Services, &Letterhead),
    (listed, lot, n): (&Listed, LotId, i64),
) -> Result<GoodsPaper, ReliefError> {
    let words = lot_words(at, lot).await?;
    let step = queries::move_words(at, (lot, n))
        .await?
        .ok_or(ReliefError::NotFound("movement"))?;
    let value = crate::worth::queries::of_move(at, (lot, n)).await?;
    let number = listed.kind.number(listed.number);
    let mut paper = form(head, (listed.kind, number), step.at.business_day());
    let is_receipt = listed.kind == PaperKind::ReceiptNote;
    if is_receipt {
        paper.subtitle = "收物凭证".to_owned();
        let donor = services.keys.open(&words.donor_sealed, DONOR_PLACE)?;
        paper.fields.push(("交来方", or_dash(&String::from_utf8_lossy(&donor))));
    }
    paper.fields.extend([
        ("物资来源", source(words.source).to_owned()),
        (
            "捐赠意向",
            words
                .designated_for
                .map_or_else(|| "非定向".to_owned(), |party| format!("定向：{party}")),
        ),
        ("库位", step.place.unwrap_or_else(|| "—".to_owned())),
        ("有效期至", day_text(words.expires_on)),
        ("质量合格证", if words.has_certificate { "有" } else { "无" }.to_owned()),
        ("价值依据", basis(words.basis).to_owned()),
    ]);
    if !step.reason.is_empty() {
        paper.fields.push(("事由", step.reason));
    }
    let sale = crate::sales::queries::of_move(at, (lot, n)).await?;
    if let Some(sale) = &sale {
        paper.fields.extend(proceeds(sale));
    }
    paper.rows.push(vec![
        words.item,
        or_dash(&words.grade),
        or_dash(&words.spec),
        or_dash(&words.batch),
        words.unit_word.clone(),
        grouped(step.quantity),
        value.map_or_else(|| "未计价".to_owned(), |value| value.to_grouped()),
    ]);
    paper
        .totals
        .push(format!("{} {}", words.unit_word, grouped(step.quantity)));
    match value {
        Some(value) => paper
            .notes
            .push(format!("价值合计人民币（大写）：{}", in_capitals(value))),
        None => paper
            .notes
            .push("本批物资无公允价值依据，仅登记数量，不计入捐赠金额，不开具公益事业捐赠票据。".to_owned()),
    }
    if let Some(sale) = &sale {
        let word = if listed.kind == PaperKind::SaleReturn {
            "退还价款"
        } else {
            "变卖价款"
        };
        paper.notes.push(format!(
            "{word}人民币（大写）：{}；全部用于捐赠目的。",
            in_capitals(sale.amount)
        ));
    }
    if is_receipt && step.quantity < words.announced {
        let announced = grouped(words.announced);
        paper.notes.push(format!(
            "本批申报 {announced} {}，本单为其中一次入库。",
            words.unit_word
        ));
    }
    paper.signatures = if is_receipt {
        &["交货人", "验收人", "库管员", "财务"]
    } else {
        &["申请人", "库管员", "批准人", "监督人"]
    };
    Ok(paper)
}

/// What a sale brought, or what was paid back of it.
fn proceeds(sale: &Sale) -> [(&'static str, String); 4] {
    let nature = match sale.restriction {
        Restriction::Restricted => "限定性（按捐赠人意愿使用）",
        Restriction::Unrestricted | Restriction::None => "非限定性",
    };
    let pocket = match sale.paid_into {
        Channel::Cash => "库存现金",
        Channel::Bank => "银行存款",
        _ => "其他货币资金",
    };
    [
        ("买受人", or_dash(&sale.buyer_shown)),
        ("变卖价款（元）", sale.amount.to_grouped()),
        ("价款性质", nature.to_owned()),
        ("收付方式", pocket.to_owned()),
    ]
}

/// A dispatch order.
pub(super) async fn order(
    at: &mut impl Reads,
    head: &Letterhead,
    dispatch: &Dispatch,
) -> Result<GoodsPaper, ReliefError> {
    let lines = queries::order_lines(at, dispatch.id).await?;
    let kind = PaperKind::DispatchOrder;
    let mut paper = form(head, (kind, dispatch.paper()), dispatch.ordered_at.business_day());
    paper.page = Page::Landscape;
    paper.columns = ORDER_COLUMNS;
    paper.fields = vec![
        ("接收单位", dispatch.party_name.clone()),
        ("依据", "两张清单分配方案（集体决定）".to_owned()),
        ("运送方式", "□ 点对点　□ 邮政　□ 自提".to_owned()),
    ];
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (at, line) in lines.into_iter().enumerate() {
        let sum = sums.entry(line.unit_word.clone()).or_default();
        *sum = sum.saturating_add(line.quantity);
        paper.rows.push(vec![
            (at + 1).to_string(),
            line.item,
            or_dash(&line.grade),
            or_dash(&line.spec),
            line.unit_word,
            grouped(line.quantity),
            day_text(line.expires_on),
            line.place,
            if line.is_designated { "是" } else { "否" }.to_owned(),
            String::new(),
        ]);
    }
    paper.totals = by_unit(&sums);
    paper.notes = vec!["不同计量单位不相加；实收数由接收单位清点后填写，与应发数不符的，写明原因。".to_owned()];
    paper.signatures = &["批准人", "库管员", "承运人", "接收人"];
    Ok(paper)
}

pub(super) fn by_unit(sums: &BTreeMap<String, i64>) -> Vec<String> {
    sums.iter()
        .map(|(unit, sum)| format!("{unit} {}", grouped(*sum)))
        .collect()
}

/// What was handed out of a dispatch order, with room for those who sign by hand; with what was drawn where the services
/// are given that open it.
pub(super) async fn hand_over(
    at: &mut impl Reads,
    (head, dispatch): (&Letterhead, &Dispatch),
    opener: Option<&Services>,
) -> Result<GoodsPaper, ReliefError> {
    if matches!(dispatch.state, DispatchState::Ordered | DispatchState::CalledOff) {
        return Err(ReliefError::State {
            state: dispatch.state.as_str(),
            wanted: "issued",
        });
    }
    let (lines, signed) = (
        queries::order_lines(at, dispatch.id).await?,
        queries::signatures(at, dispatch.id).await?,
    );
    let kind = PaperKind::HandOverList;
    let mut paper = form(head, (kind, dispatch.paper()), dispatch.ordered_at.business_day());
    paper.page = Page::Landscape;
    paper.columns = HAND_OVER_COLUMNS;
    if !signed.is_empty() {
        paper.subtitle = format!("已签收 {} 笔", signed.len());
    }
    let mut sent: BTreeMap<String, i64> = BTreeMap::new();
    for line in &lines {
        let sum = sent.entry(line.unit_word.clone()).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    let goods: Vec<String> = lines
        .iter()
        .map(|line| format!("{} {}{}", line.item, grouped(line.quantity), line.unit_word))
        .collect();
    paper.fields = vec![
        ("接收单位", dispatch.party_name.clone()),
        ("调拨单号", dispatch.paper()),
        ("调拨物资", goods.join("；")),
    ];
    let mut handed: BTreeMap<String, i64> = BTreeMap::new();
    for (at, line) in signed.iter().enumerate() {
        if let (Some(services), Some(sealed)) = (opener, &line.drawn_sealed) {
            let strokes = services.keys.open(sealed, DRAWN_PLACE)?;
            let drawing = Drawing::of(&String::from_utf8_lossy(&strokes))?;
            paper.drawings.extend(drawing.map(|drawing| (at, drawing.to_svg())));
        }
        let sum = handed.entry(line.unit_word.clone()).or_default();
        *sum = sum.saturating_add(line.quantity);
        paper.rows.push(vec![
            (at + 1).to_string(),
            line.item.clone(),
            or_dash(&line.grade),
            line.unit_word.clone(),
            grouped(line.quantity),
            line.signer.clone(),
            match line.proof {
                Proof::Signature => "签字",
                Proof::Code => "手机验证码",
            }
            .to_owned(),
            line.at.business_day().to_string(),
            if line.drawn_sealed.is_some() {
                "手写电子签名"
            } else {
                "电子记录"
            }
            .to_owned(),
        ]);
    }
    if signed.is_empty() {
        let blank = |at: usize| {
            let mut row = vec![String::new(); HAND_OVER_COLUMNS.len()];
            row[0] = at.to_string();
            row
        };
        paper.rows.extend((1..=BLANK_LINES).map(blank));
        paper.notes.push("每位领取人须本人签字；代领的注明关系。".to_owned());
    }
    paper.totals = by_unit(&sent).into_iter().map(|text| format!("调拨 {text}")).collect();
    paper
        .totals
        .extend(by_unit(&handed).into_iter().map(|text| format!("已发放 {text}")));
    paper.signatures = &["发放人", "监督人", "接收单位负责人"];
    Ok(paper)
}

/// What a count showed, once any difference is explained.
pub(super) async fn count(
    at: &mut impl Reads,
    head: &Letterhead,
    (listed, id): (&Listed, CountId),
) -> Result<GoodsPaper, ReliefError> {
    let count = queries::count_words(at, id)
        .await?
        .ok_or(ReliefError::NotFound("count"))?;
    if count.state == "differs" {
        return Err(ReliefError::State {
            state: "differing",
            wanted: "settled",
        });
    }
    let words = lot_words(at, count.lot).await?;
    let number = listed.kind.number(listed.number);
    let mut paper = form(head, (listed.kind, number), count.at.business_day());
    paper.columns = COUNT_COLUMNS;
    paper.fields = vec![
        ("库位", count.place),
        ("物资来源", source(words.source).to_owned()),
        ("批号", or_dash(&words.batch)),
        ("有效期至", day_text(words.expires_on)),
    ];
    let difference = count.counted - count.booked;
    paper.rows.push(vec![
        words.item,
        or_dash(&words.grade),
        or_dash(&words.spec),
        words.unit_word,
        grouped(count.booked),
        grouped(count.counted),
        grouped(difference),
    ]);
    paper.notes.push("盲盘：盘点人录入前不知账面数。".to_owned());
    if difference != 0 {
        paper.notes.push(format!("差异说明：{}", count.reason));
    }
    paper.signatures = &["盘点人", "监盘人", "库管员", "批准人"];
    Ok(paper)
}

/// A payment order, as the group decided it.
pub(super) async fn payment(
    at: &mut impl Reads,
    head: &Letterhead,
    (listed, id): (&Listed, GrantId),
) -> Result<GoodsPaper, ReliefError> {
    let words = queries::payment_words(at, id)
        .await?
        .ok_or(ReliefError::NotFound("grant"))?;
    let number = listed.kind.number(listed.number);
    let mut paper = form(head, (listed.kind, number), words.at.business_day());
    paper.columns = PAYMENT_COLUMNS;
    paper.fields = if words.is_by_case {
        vec![("依据", "需求清单（款），按本单位审批规则批准".to_owned())]
    } else {
        vec![
            ("依据", "需求清单（款）集体决定".to_owned()),
            ("同意人数", words.approvals.to_string()),
        ]
    };
    let nature = if words.restriction == "restricted" {
        "限定性"
    } else {
        "非限定性"
    };
    paper.rows.push(vec![
        words.payee,
        or_dash(&words.basis),
        nature.to_owned(),
        words.amount.to_grouped(),
    ]);
    paper
        .notes
        .push(format!("金额人民币（大写）：{}", in_capitals(words.amount)));
    paper.signatures = &["经办人", "财务复核", "批准人", "出纳"];
    Ok(paper)
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_stand_in_groups_of_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
