//! The form: shown, sent, and opened with the code.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use giving::donations::DonationError;
use giving::donor_way;
use giving::my_gifts::{self, AskId, MyGiftsError};
use giving::recurring::model::Fault;
use giving::recurring::{MandateId, MonthlyForm, PlanId, PlanState, RecurringError, actions, queries, rules};
use kernel::id::from_public;
use serde::Deserialize;
use web::extract::ClientIp;
use web::limit::{LOOKUP, PAGES};
use web::{Problem, Reader};

use super::super::super::house::of_db;
use super::super::super::queries::donor::{accepts, frame, terms};
use super::super::my_handlers::{COOKIE, COOKIE_S};
use super::super::{Desk, of_this_site, see, set_cookie};
use super::form::{MonthlyPage, MonthlyStep, NewsShown, PlanShown, news_consent};

/// Letters before the code in a form's token, so that a giving form's token opens no monthly form.
const TOKEN_OF: &str = "monthly:";

pub(super) async fn show(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(project): Path<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "monthly", PAGES)?;
    let services = &desk.giving.services;
    let today = services.now().business_day();
    let form = MonthlyForm {
        show: "name".into(),
        day: i64::from(today.date().day())
            .min(giving::recurring::model::DAY_MAX)
            .to_string(),
        ..MonthlyForm::default()
    };
    let page = page(&desk, &project, form).await?;
    Ok(desk.house.pages().render(&reader, &page))
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// The page with a new token; what is filled in stays.
async fn page(desk: &Desk, project: &str, form: MonthlyForm) -> Result<MonthlyPage, Problem> {
    let services = &desk.giving.services;
    let id = desk.house.project(project).await?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let frame = frame(&mut at, services, id).await?;
    let code = frame.project.code.clone();
    accepts(&mut at, services, &code)
        .await?
        .map_err(|why| DonationError::from(why).problem())?;
    let (limits, consent, choices) = terms(&mut at, &desk.giving, (id, frame.project.unit)).await?;
    let figures = queries::figures(&mut at, id).await.map_err(of_db)?;
    let plans = queries::plans(&mut at, id).await.map_err(of_db)?;
    let news = queries::news_of(&mut at, id).await.map_err(of_db)?;
    let open = !limits.providers.is_empty() && services.notify.is_there();
    let mut key = [0; 16];
    services.rng.fill(&mut key);
    let plans = plans.into_iter().map(|view| PlanShown {
        id: desk.house.public(view.plan.id),
        left: if view.plan.state == PlanState::Open {
            view.left()
        } else {
            0
        },
        permille: view.taken.saturating_mul(1_000) / view.plan.places.max(1),
        taken: view.taken,
        title: view.plan.title,
        title_en: view.plan.title_en,
        amount_fen: view.plan.amount,
        months: view.plan.months,
        places: view.plan.places,
    });
    let news = news.into_iter().map(|news| NewsShown {
        day: news.published_at.business_day(),
        words: lines(&news.words),
        words_en: lines(&news.words_en),
        title: news.title,
        title_en: news.title_en,
    });
    Ok(MonthlyPage {
        masthead: frame.masthead,
        trail: frame.trail,
        project: frame.project.title,
        action: format!("/p/{code}/monthly"),
        step: if open { MonthlyStep::Form } else { MonthlyStep::Closed },
        plans: plans.collect(),
        choices,
        min_fen: limits.min,
        max_fen: limits.max,
        active: figures.active,
        month_fen: figures.month_fen,
        form: MonthlyForm {
            token: donor_way::rules::token(&services.keys, &format!("{TOKEN_OF}{code}"), services.now(), key),
            consent: consent.version.to_string(),
            ..form
        },
        consent,
        news_consent: news_consent(),
        news: news.collect(),
        faults: Vec::new(),
        as_of: services.now(),
    })
}

/// Sends the form: the wish is kept, and a code goes to the contact. The same form again is the same wish.
pub(super) async fn send(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(project): Path<String>,
    reader: Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    desk.house.limiter().take(client.0, "monthly form", LOOKUP)?;
    let form: MonthlyForm = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let (step, faults) = match wish(&desk, &project, &form, &reader).await? {
        Ok(step) => (Some(step), Vec::new()),
        Err(faults) => (None, faults),
    };
    let mut page = page(&desk, &project, form).await?;
    page.step = step.unwrap_or(page.step);
    page.faults = faults;
    Ok(desk.house.pages().render(&reader, &page))
}

async fn wish(
    desk: &Desk,
    project: &str,
    form: &MonthlyForm,
    reader: &Reader,
) -> Result<Result<MonthlyStep, Vec<Fault>>, Problem> {
    let services = &desk.giving.services;
    let id = desk.house.project(project).await?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let frame = frame(&mut at, services, id).await?;
    let (limits, ..) = terms(&mut at, &desk.giving, (id, frame.project.unit)).await?;
    if limits.providers.is_empty() || !services.notify.is_there() {
        return Ok(Ok(MonthlyStep::Closed));
    }
    let plan: Option<PlanId> = from_public(&*services.keys, &form.plan).ok();
    let plan = match plan {
        Some(plan) => queries::plan(&mut at, plan).await.map_err(of_db)?,
        None => None,
    };
    drop(at);
    let code = frame.project.code;
    let read = rules::read(form, plan.as_ref(), &limits);
    let project = format!("{TOKEN_OF}{code}");
    let key = donor_way::rules::form_key(&services.keys, &project, services.now(), &form.token);
    let old = Fault {
        field: "form",
        why: "old",
    };
    let (wished, key) = match (read, key) {
        (Ok(wished), Ok(key)) => (wished, key),
        (read, key) => {
            let mut faults = read.err().unwrap_or_default();
            faults.extend(key.err().map(|_| old));
            return Ok(Err(faults));
        }
    };
    let chosen = (plan.map(|plan| plan.id), reader.locale());
    let mandate = match actions::begin(services, &code, (key, form), &wished, chosen).await {
        Ok(mandate) => mandate,
        Err(RecurringError::PlanFull) => return Ok(Ok(MonthlyStep::Full)),
        Err(RecurringError::FormReused) => {
            return Ok(Err(vec![Fault {
                field: "form",
                why: "changed",
            }]));
        }
        Err(error) => return Err(error.problem()),
    };
    let unit = desk.unit_name().await?;
    let words = |code: &str| {
        let args = [("code", code.to_owned()), ("unit", unit.clone())];
        reader.locale().text("monthly.message.code", &args)
    };
    let asked = my_gifts::actions::ask(services, &wished.contact, words).await?;
    if let Some(message) = asked.message {
        let sender = services.notify.clone();
        tokio::spawn(async move {
            if let Err(error) = sender.send(&message).await {
                tracing::warn!(%error, "a one-time code was not sent");
            }
        });
    }
    Ok(Ok(MonthlyStep::Code {
        ask: desk.house.public(asked.ask),
        mandate: desk.house.public(mandate),
        wrong: false,
    }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Opening {
    ask: String,
    code: String,
    mandate: String,
}

/// The right code opens the session and lets the mandate run.
pub(super) async fn open(
    State(desk): State<Desk>,
    client: ClientIp,
    reader: Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    desk.house.limiter().take(client.0, "my open", LOOKUP)?;
    let opening: Opening = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let services = &desk.giving.services;
    let ask: AskId = desk.house.id(&opening.ask)?;
    let mandate: MandateId = desk.house.id(&opening.mandate)?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let known = queries::mandate(&mut at, mandate).await.map_err(of_db)?;
    let project = known.ok_or_else(Problem::not_found)?.mandate.project;
    let frame = frame(&mut at, services, project).await?;
    drop(at);
    let again = async |step| {
        let mut page = page(&desk, &frame.project.code, MonthlyForm::default()).await?;
        page.step = step;
        Ok(desk.house.pages().render(&reader, &page))
    };
    let cookie = match my_gifts::actions::open(services, ask, &opening.code).await {
        Ok(cookie) => cookie,
        Err(MyGiftsError::WrongCode) => {
            return again(MonthlyStep::Code {
                ask: opening.ask,
                mandate: opening.mandate,
                wrong: true,
            })
            .await;
        }
        Err(error) => return Err(error.problem()),
    };
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let session = my_gifts::queries::session(&mut at, &cookie, services.now()).await;
    let session = session.map_err(of_db)?.ok_or_else(Problem::unauthenticated)?;
    drop(at);
    let mut response = match actions::confirm(&desk.giving, &session, mandate).await {
        Ok(_) => see("/my/monthly?started=1"),
        Err(RecurringError::PlanFull) => again(MonthlyStep::Full).await?,
        Err(error) => return Err(error.problem()),
    };
    let secure = desk.secure();
    let text = format!("{COOKIE}={cookie}; Path=/my; Max-Age={COOKIE_S}; HttpOnly; SameSite=Lax{secure}");
    set_cookie(&mut response, &text);
    Ok(response)
}
