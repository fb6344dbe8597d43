//! What a donor promises in writing (R5.2): the letter has goods, value, intention, day and who answers for it; the
//! agreement has also what both sides hold to.

use db::Reads;
use kernel::Fen;
use kernel::capitals::in_capitals;
use papers::goods::{Align, Column, GoodsPaper};
use platform::Services;

use super::draw::{Letterhead, basis, column, day_text, form, grouped, lot_words, or_dash};
use super::model::{Listed, PaperKind};
use crate::LetterId;
use crate::error::ReliefError;
use crate::letters::{CONTACT_PLACE, store as letters};
use crate::stock::actions::DONOR_PLACE;
use crate::stock::store as stock;

const COLUMNS: &[Column] = &[
    column("品名", 6, Align::Start),
    column("标准等级", 5, Align::Start),
    column("规格", 4, Align::Start),
    column("单位", 2, Align::Center),
    column("数量", 3, Align::End),
    column("单价（元）", 4, Align::End),
    column("总价值（元）", 4, Align::End),
];
/// What the donor holds to in either paper.
const PROMISES: &[&str] = &[
    "捐赠人自愿无偿捐赠上述物资，拥有完整处分权，并保证物资合格、在有效期内，附质量合格证明；不以捐赠为由向受益人收取任何费用。",
    "捐赠人可以指定用途和受益对象的范围，但不得指定与其有利害关系的人为受益人。",
];
/// What an agreement adds.
const TERMS: &[&str] = &[
    "受赠人按捐赠意向使用物资；确需改变用途的，须事先征得捐赠人书面同意。",
    "受赠人验收入库后开具凭证，依法公开物资的接收、分配和去向，并回答捐赠人的查询。",
    "物资验收不合格或剩余有效期不足的，受赠人可以拒收并说明理由；因产品质量造成损失的，由捐赠人依法承担责任。",
    "交付前发生的运输、报关等费用由捐赠人承担，另有约定的除外。",
    "本协议一式两份，双方各执一份，自双方签字盖章之日起生效；未尽事宜依照法律规定协商办理。",
];

/// The paper of a letter or an agreement.
pub(super) async fn draw(
    at: &mut impl Reads,
    (services, head): (&Services, &Letterhead),
    (listed, id): (&Listed, LetterId),
) -> Result<GoodsPaper, ReliefError> {
    let letter = letters::letter(at, id).await?.ok_or(ReliefError::NotFound("letter"))?;
    let lot = stock::lot(at, letter.lot).await?.ok_or(ReliefError::NotFound("lot"))?;
    let words = lot_words(at, letter.lot).await?;
    let opened = |sealed: &[u8], place| -> Result<String, ReliefError> {
        let bytes = services.keys.open(sealed, place)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let donor = opened(&words.donor_sealed, DONOR_PLACE)?;
    let contact = opened(&letter.contact_sealed, CONTACT_PLACE)?;
    let (name, phone) = contact.split_once('\n').unwrap_or((contact.as_str(), ""));
    let number = listed.kind.number(listed.number);
    let mut paper = form(head, (listed.kind, number), listed.made_at.business_day());
    paper.columns = COLUMNS;
    paper.fields = vec![
        ("捐赠人", or_dash(&donor)),
        (
            "使用意向",
            words.designated_for.map_or_else(
                || "非定向，由受赠人统筹使用".to_owned(),
                |party| format!("定向：{party}"),
            ),
        ),
        ("预计交付", day_text(lot.expected_on)),
        ("价值依据", basis(words.basis).to_owned()),
        ("联系人", or_dash(name)),
        ("电话", or_dash(phone)),
    ];
    let each = lot.value.and_then(|value| unit_price(value, words.announced));
    paper.rows.push(vec![
        words.item,
        or_dash(&words.grade),
        or_dash(&words.spec),
        words.unit_word.clone(),
        grouped(words.announced),
        each.map_or_else(|| "—".to_owned(), |each| each.to_grouped()),
        lot.value.map_or_else(|| "—".to_owned(), |value| value.to_grouped()),
    ]);
    paper
        .totals
        .push(format!("{} {}", words.unit_word, grouped(words.announced)));
    paper.notes.push(match lot.value {
        Some(value) => format!("总价值人民币（大写）：{}", in_capitals(value)),
        None => "价值未定：由捐赠人补充依据，或委托评估机构评估；无法计价的仅登记数量。".to_owned(),
    });
    paper.notes.extend(PROMISES.iter().map(|text| (*text).to_owned()));
    paper.signatures = &["捐赠人", "受赠人经办", "受赠人负责人"];
    if listed.kind == PaperKind::Agreement {
        paper.notes.extend(TERMS.iter().map(|text| (*text).to_owned()));
        paper.signatures = &["捐赠人（盖章）", "受赠人（盖章）"];
    }
    Ok(paper)
}

/// The price of one, where the value divides to the fen; else only the value together is true.
fn unit_price(value: Fen, pieces: i64) -> Option<Fen> {
    let even = pieces > 0 && value.get() % pieces == 0;
    even.then(|| Fen::new(value.get() / pieces))
}
