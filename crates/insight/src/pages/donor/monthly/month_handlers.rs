//! What a message leads to: a month to be paid, news to be read and ended in one tap.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use giving::recurring::model::PeriodState;
use giving::recurring::{actions, queries, rules};
use web::extract::ClientIp;
use web::limit::PAGES;
use web::{Problem, Reader};

use super::super::super::common::Link;
use super::super::super::house::of_db;
use super::super::super::queries::donor::{Frame, accepts, frame};
use super::super::{Desk, of_this_site, see, set_cookie};
use super::form::NewsShown;
use super::month::{MonthPage, ProgressPage};

fn project(frame: &Frame) -> Link {
    Link {
        name: frame.project.title.clone(),
        href: format!("/p/{}", frame.project.code),
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(link): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "month", PAGES)?;
    let services = &desk.giving.services;
    let (id, period) = rules::month_of_link(&services.keys, &link).ok_or_else(Problem::not_found)?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let view = queries::mandate(&mut at, id).await.map_err(of_db)?;
    let view = view.ok_or_else(Problem::not_found)?;
    let now = services.now();
    let month = queries::month(&mut at, &view.mandate, period, now)
        .await
        .map_err(of_db)?;
    let (month, _) = month.ok_or_else(Problem::not_found)?;
    let frame = frame(&mut at, services, view.mandate.project).await?;
    let payable = month.state == PeriodState::Open && now < rules::end_of(month.closes_on);
    let page = MonthPage {
        project: project(&frame),
        masthead: frame.masthead,
        plan_en: view
            .plan
            .as_ref()
            .map(|p| p.title_en.clone())
            .filter(|title| !title.is_empty()),
        plan: view.plan.map(|plan| plan.title),
        amount_fen: view.mandate.amount,
        due_on: month.due_on,
        closes_on: month.closes_on,
        state: month.state.as_str(),
        pay: payable.then(|| format!("/m/{link}/pay")),
    };
    Ok(desk.house.pages().render(&reader, &page))
}

/// On to the payment of the month's order, which this browser may see from now on.
pub(super) async fn pay(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "month", PAGES)?;
    let services = &desk.giving.services;
    let (id, period) = rules::month_of_link(&services.keys, &link).ok_or_else(Problem::not_found)?;
    let order = actions::order_to_pay(&desk.giving, id, period).await?;
    let mut response = see(&format!("/o/{}/pay", desk.house.public(order)));
    set_cookie(&mut response, &desk.order_cookie(order));
    Ok(response)
}

pub(super) async fn news(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(link): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "news", PAGES)?;
    let page = progress(&desk, &link).await?;
    Ok(desk.house.pages().render(&reader, &page))
}

async fn progress(desk: &Desk, link: &str) -> Result<ProgressPage, Problem> {
    let services = &desk.giving.services;
    let (agreement, news) = rules::news_of_link(&services.keys, link).ok_or_else(Problem::not_found)?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let agreement = queries::agreement(&mut at, agreement).await.map_err(of_db)?;
    let news = queries::news(&mut at, news).await.map_err(of_db)?;
    let (agreement, news) = agreement.zip(news).ok_or_else(Problem::not_found)?;
    let frame = frame(&mut at, services, news.project).await?;
    let code = frame.project.code.clone();
    let takes = accepts(&mut at, services, &code).await?.is_ok();
    let lines = |text: &str| {
        text.lines()
            .filter(|l| !l.trim().is_empty())
            .map(str::to_owned)
            .collect()
    };
    Ok(ProgressPage {
        project: project(&frame),
        masthead: frame.masthead,
        monthly: takes.then(|| format!("/p/{code}/monthly")),
        give: takes.then(|| format!("/p/{code}/give")),
        end: agreement.ended_at.is_none().then(|| format!("/n/{link}/end")),
        news: NewsShown {
            day: news.published_at.business_day(),
            words: lines(&news.words),
            words_en: lines(&news.words_en),
            title: news.title,
            title_en: news.title_en,
        },
    })
}

/// No more messages: the one tap. A link that is only looked at, as chat apps do, ends nothing.
pub(super) async fn end_news(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    desk.house.limiter().take(client.0, "news", PAGES)?;
    let services = &desk.giving.services;
    let (agreement, _) = rules::news_of_link(&services.keys, &link).ok_or_else(Problem::not_found)?;
    actions::end_agreement(services, agreement).await?;
    Ok(see(&format!("/n/{link}")))
}
