//! A donor's mandates: looked at, paused, resumed, ended.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use giving::my_gifts::Session;
use giving::recurring::actions::{self, Wanted};
use giving::recurring::model::{MandateState, PeriodState, SkipReason};
use giving::recurring::queries::{self, MandateView};
use giving::recurring::{AgreementId, MandateId, rules};
use kernel::{BusinessDay, ProjectId};
use serde::Deserialize;
use web::extract::ClientIp;
use web::limit::PAGES;
use web::{Problem, Reader};

use super::super::super::common::Link;
use super::super::super::house::of_db;
use super::super::{Desk, of_this_site, see};
use super::mine::{MandatesPage, MyMandate, MyMonth, MyNews, OpenMonth};

/// `?started=1` and the like.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Shown {
    started: String,
    done: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    client: ClientIp,
    Query(shown): Query<Shown>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "my monthly", PAGES)?;
    let Some((session, cookie)) = desk.session(&headers).await? else {
        return Ok(see("/my"));
    };
    let services = &desk.giving.services;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let mut mandates = Vec::new();
    for view in queries::of_donor(&mut at, &session).await.map_err(of_db)? {
        mandates.push(my_mandate(&mut at, &desk, view).await?);
    }
    let mut news = Vec::new();
    for agreement in queries::agreements_of(&mut at, &session).await.map_err(of_db)? {
        news.push(MyNews {
            id: desk.house.public(agreement.id),
            project: link(&mut at, agreement.project).await?,
        });
    }
    drop(at);
    let done = ["pause", "resume", "end", "news"]
        .into_iter()
        .find(|word| *word == shown.done);
    let page = MandatesPage {
        masthead: desk.masthead().await?,
        mandates,
        news,
        token: desk.session_mark(&cookie),
        done: done.or((shown.started == "1").then_some("started")),
    };
    Ok(desk.house.pages().render(&reader, &page))
}

async fn link(at: &mut impl db::Reads, project: ProjectId) -> Result<Link, Problem> {
    let project = giving::projects::queries::project(at, project).await.map_err(of_db)?;
    let project = project.ok_or_else(Problem::not_found)?;
    Ok(Link {
        href: format!("/p/{}", project.code),
        name: project.title,
    })
}

async fn my_mandate(at: &mut impl db::Reads, desk: &Desk, view: MandateView) -> Result<MyMandate, Problem> {
    let services = &desk.giving.services;
    let MandateView {
        mandate,
        mut months,
        plan,
    } = view;
    let mut open = None;
    // A gift that is there counts before the next look has noted it.
    for month in months.iter_mut().filter(|month| month.state == PeriodState::Open) {
        let now = queries::month(at, &mandate, month.period, services.now()).await;
        if let Some((seen, _)) = now.map_err(of_db)? {
            *month = seen;
        }
        if month.state == PeriodState::Open && services.now() < rules::end_of(month.closes_on) {
            open = Some(OpenMonth {
                due_on: month.due_on,
                closes_on: month.closes_on,
                href: format!("/m/{}", rules::month_link(&services.keys, mandate.id, month.period)),
            });
        }
    }
    let (resume_on, end_reason) = match mandate.state {
        MandateState::Paused { resume_on } => (resume_on, None),
        MandateState::Ended { reason } => (None, Some(reason.as_str())),
        MandateState::Waiting | MandateState::Active => (None, None),
    };
    let ended = matches!(mandate.state, MandateState::Ended { .. });
    Ok(MyMandate {
        id: desk.house.public(mandate.id),
        project: link(at, mandate.project).await?,
        plan_en: plan
            .as_ref()
            .map(|plan| plan.title_en.clone())
            .filter(|title| !title.is_empty()),
        plan: plan.map(|plan| plan.title),
        amount_fen: mandate.amount,
        day: mandate.day,
        state: mandate.state.as_str(),
        resume_on,
        end_reason,
        next_due: Some(mandate.next_due).filter(|due| !ended && mandate.ends_on.is_none_or(|last| *due <= last)),
        ends_on: mandate.ends_on,
        open,
        paid: months
            .iter()
            .filter(|m| matches!(m.state, PeriodState::Paid { .. }))
            .count(),
        months: months
            .iter()
            .map(|month| MyMonth {
                period: month.period.to_string(),
                state: month.state.as_str(),
                reason: month.state.reason().map(SkipReason::as_str),
            })
            .collect(),
    })
}

/// What the forms of the page say.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wish {
    token: String,
    mandate: String,
    agreement: String,
    act: String,
    resume_on: String,
}

/// The session behind a form of this page; nothing once it has ended.
async fn signed(desk: &Desk, headers: &HeaderMap, wish: &Wish) -> Result<Option<Session>, Problem> {
    of_this_site(headers)?;
    desk.session_of_form(headers, &wish.token).await
}

pub(super) async fn change(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let wish: Wish = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let Some(session) = signed(&desk, &headers, &wish).await? else {
        return Ok(see("/my"));
    };
    let wanted = match wish.act.as_str() {
        "pause" if wish.resume_on.is_empty() => Wanted::Pause(None),
        "pause" => {
            let day = BusinessDay::parse(&wish.resume_on);
            Wanted::Pause(Some(day.map_err(|error| Problem::invalid("resume_on", error))?))
        }
        "resume" => Wanted::Resume,
        "end" => Wanted::End,
        _ => return Err(Problem::invalid("act", "pause, resume or end")),
    };
    let mandate: MandateId = desk.house.id(&wish.mandate)?;
    actions::change_own(&desk.giving, &session, mandate, wanted).await?;
    Ok(see(&format!("/my/monthly?done={}", wish.act)))
}

pub(super) async fn end_news(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let wish: Wish = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let Some(session) = signed(&desk, &headers, &wish).await? else {
        return Ok(see("/my"));
    };
    let agreement: AgreementId = desk.house.id(&wish.agreement)?;
    actions::end_own_agreement(&desk.giving.services, &session, agreement).await?;
    Ok(see("/my/monthly?done=news"))
}
