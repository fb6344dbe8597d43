//! The hand-over list of fitted sets (发放清册): one line a child, masked, with room for the signature.

use papers::goods::{Align, Column, Page};
use platform::Services;
use platform::identity::{Actor, Permission};

use super::model::{ListState, Outcome, Proof};
use super::queries;
use crate::ListId;
use crate::error::{PartnerError, in_scope};
use crate::purchases::paper::{column, draw, form};

const COLUMNS: &[Column] = &[
    column("序号", 2, Align::Center),
    column("姓名", 3, Align::Start),
    column("年级班级", 4, Align::Start),
    column("号", 2, Align::End),
    column("鞋号", 2, Align::End),
    column("结果", 4, Align::Start),
    column("日期", 4, Align::Center),
    column("领取人签字", 5, Align::Start),
];
const SIGNATURES: &[&str] = &["学校（盖章）", "发放人", "监督人"];

const fn outcome_zh(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Waiting => "",
        Outcome::Handed => "已领取",
        Outcome::Absent => "未到",
        Outcome::WrongSize => "尺码不合",
        Outcome::Declined => "不需要",
    }
}

/// The hand-over list as a PDF, with its title.
///
/// # Errors
/// [`PartnerError::State`] before its sets are ordered.
pub async fn hand_over(services: &Services, by: &Actor, id: ListId) -> Result<(String, Vec<u8>), PartnerError> {
    by.require_somewhere(Permission::PartnerRead)?;
    let mut at = services.db.snapshot().await?;
    let list = queries::list(&mut at, id)
        .await?
        .ok_or(PartnerError::NotFound("list"))?;
    in_scope(by, Permission::PartnerRead, (list.unit, "list"))?;
    if list.state == ListState::Open {
        return Err(PartnerError::State {
            state: "open",
            wanted: "ordered",
        });
    }
    let children = queries::children(&mut at, id).await?;
    let mut paper = form(&mut at, list.unit).await?;
    drop(at);
    paper.title = "发放清册";
    paper.subtitle = list.title.clone();
    paper.day = services.now().business_day();
    paper.page = Page::Landscape;
    paper.fields = vec![("学校", list.school.clone())];
    paper.columns = COLUMNS;
    paper.signatures = SIGNATURES;
    let (mut handed, mut all) = (0i64, 0i64);
    for child in children.iter().filter(|child| child.withdrawn_at.is_none()) {
        all += 1;
        handed += i64::from(child.outcome == Outcome::Handed);
        let proof = match child.proof {
            Some(Proof::Signature) => "签字（存档）",
            Some(Proof::Code) => "凭条领取",
            None => "",
        };
        let day = child.handed_at.map(|at| at.business_day().to_string());
        let words = match (outcome_zh(child.outcome), child.words.as_str()) {
            (outcome, "") => outcome.to_owned(),
            (outcome, words) => format!("{outcome}：{words}"),
        };
        paper.rows.push(vec![
            child.n.to_string(),
            child.name_shown.clone(),
            child.grade.clone(),
            child.garment.to_string(),
            child.shoe.to_string(),
            words,
            day.unwrap_or_default(),
            proof.to_owned(),
        ]);
    }
    paper.rows.truncate(papers::goods::ROWS_MAX);
    paper.totals = vec![format!("应领 {all} 人"), format!("已领 {handed} 人")];
    Ok((list.title, draw(paper).await?))
}
