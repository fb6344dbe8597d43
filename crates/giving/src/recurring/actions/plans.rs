//! Plans that sponsor a thing; progress news; taking back the agreement to be told of them.

use kernel::ProjectId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::error::RecurringError;
use super::super::model::{
    Agreement, AgreementId, EndedHow, NEWS_CHARS_MAX, NewPlan, News, NewsId, Plan, PlanId, PlanState, TITLE_CHARS_MAX,
    TITLE_EN_CHARS_MAX,
};
use super::super::{rules, store};
use super::conclude_for;
use crate::my_gifts::Session;

/// Offers a plan: “one desk, 120 yuan a month for 12 months”, with so many places. The same again changes nothing.
/// Fact `sponsor_plan.made`.
///
/// # Errors
/// [`RecurringError::TitleTaken`] when the project has a plan of this title with other numbers;
/// [`RecurringError::Invalid`], [`RecurringError::NotFound`], [`RecurringError::Forbidden`].
pub async fn make_plan(services: &Services, by: &Actor, new: &NewPlan) -> Result<Plan, RecurringError> {
    by.require_somewhere(Permission::ProjectManage)?;
    rules::check_plan(new)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let project = crate::projects::store::project_by_code(&mut tx, &new.project).await?;
    let project = project.ok_or(RecurringError::NotFound("project"))?;
    by.require(Permission::ProjectManage, project.unit)
        .map_err(|_| RecurringError::NotFound("project"))?;
    let title = new.title.trim();
    if let Some(known) = store::plan_by_title(&mut tx, project.id, title).await? {
        let same = (known.amount, known.months, known.places) == (new.amount, new.months, new.places);
        return if same {
            Ok(known)
        } else {
            Err(RecurringError::TitleTaken)
        };
    }
    let plan = Plan {
        id: PlanId::new(now, &*services.rng),
        unit: project.unit,
        project: project.id,
        title: title.to_owned(),
        title_en: new.title_en.trim().to_owned(),
        amount: new.amount,
        months: new.months,
        places: new.places,
        state: PlanState::Open,
    };
    store::insert_plan(&mut tx, &plan, (by.id, now)).await?;
    let body = json!({
        "project": hex(&project.id.bytes()),
        "amount_fen": plan.amount,
        "months": plan.months,
        "places": plan.places,
    });
    let of = (plan.unit, plan.id.bytes(), Some(by.id));
    conclude_for(tx, services, of, ("sponsor_plan.made", body)).await?;
    Ok(plan)
}

/// Closes a plan to new sponsors; those there are go on. Repeating it changes nothing. Fact `sponsor_plan.closed`.
///
/// # Errors
/// [`RecurringError::NotFound`], [`RecurringError::Forbidden`].
pub async fn close_plan(services: &Services, by: &Actor, id: PlanId) -> Result<(), RecurringError> {
    by.require_somewhere(Permission::ProjectManage)?;
    let mut tx = services.db.begin().await?;
    let plan = store::lock_plan(&mut tx, id)
        .await?
        .ok_or(RecurringError::NotFound("plan"))?;
    by.require(Permission::ProjectManage, plan.unit)
        .map_err(|_| RecurringError::NotFound("plan"))?;
    if !store::close_plan(&mut tx, &plan).await? {
        return Ok(());
    }
    let of = (plan.unit, id.bytes(), Some(by.id));
    conclude_for(tx, services, of, ("sponsor_plan.closed", json!({}))).await
}

/// What a piece of news says.
#[derive(Debug, Clone)]
pub struct NewNews {
    /// Title in Chinese.
    pub title: String,
    /// Title in English, or empty.
    pub title_en: String,
    /// What happened, in Chinese.
    pub words: String,
    /// The same in English, or empty.
    pub words_en: String,
}

/// Publishes a piece of progress and writes down one prompt for each donor who agreed. The same again changes nothing.
/// Fact `news.published`.
///
/// # Errors
/// [`RecurringError::TitleTaken`], [`RecurringError::Invalid`], [`RecurringError::NotFound`],
/// [`RecurringError::Forbidden`].
pub async fn publish_news(
    services: &Services,
    by: &Actor,
    project: ProjectId,
    new: &NewNews,
) -> Result<News, RecurringError> {
    by.require_somewhere(Permission::ProjectManage)?;
    rules::line("title", &new.title, TITLE_CHARS_MAX)?;
    rules::line("words", &new.words, NEWS_CHARS_MAX)?;
    for (field, text, chars_max) in [
        ("title_en", &new.title_en, TITLE_EN_CHARS_MAX),
        ("words_en", &new.words_en, 2 * NEWS_CHARS_MAX),
    ] {
        if !text.trim().is_empty() {
            rules::line(field, text, chars_max)?;
        }
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let project = crate::projects::store::project(&mut tx, project).await?;
    let project = project.ok_or(RecurringError::NotFound("project"))?;
    by.require(Permission::ProjectManage, project.unit)
        .map_err(|_| RecurringError::NotFound("project"))?;
    let title = new.title.trim();
    if let Some(known) = store::news_by_title(&mut tx, project.id, title).await? {
        let same = known.words == new.words.trim() && known.words_en == new.words_en.trim();
        return if same {
            Ok(known)
        } else {
            Err(RecurringError::TitleTaken)
        };
    }
    let news = News {
        id: NewsId::new(now, &*services.rng),
        unit: project.unit,
        project: project.id,
        title: title.to_owned(),
        title_en: new.title_en.trim().to_owned(),
        words: new.words.trim().to_owned(),
        words_en: new.words_en.trim().to_owned(),
        published_at: now,
    };
    store::insert_news(&mut tx, &news, by.id).await?;
    let prompts = store::insert_prompts_of_news(&mut tx, &news, now.business_day()).await?;
    let body = json!({ "project": hex(&project.id.bytes()), "prompts": prompts });
    let of = (news.unit, news.id.bytes(), Some(by.id));
    conclude_for(tx, services, of, ("news.published", body)).await?;
    Ok(news)
}

/// Ends an agreement by the link of a prompt, in one tap, and forgets its contact. Repeating it changes nothing. Fact
/// `news.agreement_ended`.
///
/// # Errors
/// [`RecurringError::NotFound`].
pub async fn end_agreement(services: &Services, id: AgreementId) -> Result<(), RecurringError> {
    let mut tx = services.db.begin().await?;
    let agreement = store::agreement(&mut tx, id).await?;
    end(tx, services, agreement, EndedHow::Link).await
}

/// Ends one of this donor's agreements. Fact as [`end_agreement`].
///
/// # Errors
/// [`RecurringError::NotFound`] when it is not hers.
pub async fn end_own_agreement(services: &Services, session: &Session, id: AgreementId) -> Result<(), RecurringError> {
    let mut tx = services.db.begin().await?;
    let agreement = store::agreement(&mut tx, id).await?;
    let own = agreement.filter(|a| a.contact == session.kind && a.index == session.index);
    end(tx, services, own, EndedHow::My).await
}

async fn end(
    mut tx: db::Tx,
    services: &Services,
    agreement: Option<Agreement>,
    how: EndedHow,
) -> Result<(), RecurringError> {
    let agreement = agreement.ok_or(RecurringError::NotFound("agreement"))?;
    let now = services.now();
    if !store::end_agreement(&mut tx, &agreement, (how, now)).await? {
        return Ok(());
    }
    store::drop_of(&mut tx, agreement.unit, agreement.id.bytes(), now).await?;
    let of = (agreement.unit, agreement.id.bytes(), None);
    conclude_for(tx, services, of, ("news.agreement_ended", json!({ "how": how }))).await
}
