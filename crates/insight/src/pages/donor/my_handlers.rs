//! “My gifts”: asking, opening, looking, wishing, leaving.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use giving::data_copies::{self, Form};
use giving::donations::refunds::RefundReason;
use giving::donations::{certificate_id, gift_of_certificate};
use giving::erasures;
use giving::my_gifts::{self, AskId, MyGiftsError, Session, actions, rules};
use kernel::GiftId;
use proof::certificates::{self, number_text};
use serde::Deserialize;
use web::extract::ClientIp;
use web::limit::{LOOKUP, PAGES};
use web::{Locale, Problem, Reader};

use super::super::house::of_db;
use super::super::queries;
use super::my::{MyGift, MyPage, View};
use super::{Desk, cookie, of_this_site, see, set_cookie};

/// The cookie of a session.
pub(super) const COOKIE: &str = "my";
/// As long as a session lives.
pub(super) const COOKIE_S: i64 = my_gifts::model::SESSION_LIFE_MICROS / 1_000_000;

/// `?before=&wished=&again=`.
#[derive(Deserialize, Default)]
pub(super) struct Shown {
    #[serde(default)]
    before: String,
    #[serde(default)]
    wished: String,
}

impl Desk {
    async fn answer(&self, reader: &Reader, view: View) -> Result<Response, Problem> {
        let masthead = self.masthead().await?;
        Ok(self.house.pages().render(reader, &MyPage { masthead, view }))
    }

    /// The society of the installation, for pages that belong to no project.
    pub(super) async fn masthead(&self) -> Result<web::Masthead, Problem> {
        let services = &self.giving.services;
        let root = self.house.root()?;
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        let unit = governance::network::queries::unit(&mut at, root).await.map_err(of_db)?;
        let unit = unit.ok_or_else(Problem::not_found)?;
        queries::masthead(&mut at, &unit, services.now().business_day())
            .await
            .map_err(of_db)
    }

    /// The name of the society, for messages.
    pub(super) async fn unit_name(&self) -> Result<String, Problem> {
        let root = self.house.root()?;
        let mut at = self.giving.services.db.snapshot().await.map_err(of_db)?;
        let unit = governance::network::queries::unit(&mut at, root).await.map_err(of_db)?;
        Ok(unit.ok_or_else(Problem::not_found)?.name)
    }

    /// The session of the browser, with its cookie.
    pub(super) async fn session(&self, headers: &HeaderMap) -> Result<Option<(Session, String)>, Problem> {
        let Some(value) = cookie(headers, COOKIE) else {
            return Ok(None);
        };
        let services = &self.giving.services;
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        let found = my_gifts::queries::session(&mut at, value, services.now())
            .await
            .map_err(of_db)?;
        Ok(found.map(|session| (session, value.to_owned())))
    }

    /// The session behind a form of its pages, `None` when it is over.
    ///
    /// # Errors
    /// Refused when the form carries another mark than the session's.
    pub(super) async fn session_of_form(&self, headers: &HeaderMap, mark: &str) -> Result<Option<Session>, Problem> {
        match self.session(headers).await? {
            Some((_, cookie)) if mark != self.session_mark(&cookie) => Err(Problem::forbidden()),
            found => Ok(found.map(|(session, _)| session)),
        }
    }

    /// What the forms of a session carry: no other site knows it.
    pub(super) fn session_mark(&self, cookie: &str) -> String {
        let mark = self.giving.services.keys.blind_index("my gifts form", cookie);
        data_encoding::BASE64URL_NOPAD.encode(&mark)
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    client: ClientIp,
    Query(shown): Query<Shown>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "my", PAGES)?;
    let view = match desk.session(&headers).await? {
        Some((session, cookie)) => gifts(&desk, (&session, &cookie), &shown, reader.locale()).await?,
        None if !desk.giving.services.notify.is_there() => View::Closed,
        None => View::Ask {
            contact: String::new(),
            wrong: false,
        },
    };
    desk.answer(&reader, view).await
}

async fn gifts(
    desk: &Desk,
    (session, cookie): (&Session, &str),
    shown: &Shown,
    locale: Locale,
) -> Result<View, Problem> {
    let services = &desk.giving.services;
    let before: Option<GiftId> = match shown.before.as_str() {
        "" => None,
        text => Some(desk.house.id(text)?),
    };
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let today = services.now().business_day();
    let span = (today, my_gifts::model::MONTHS_BACK);
    let (found, next) = my_gifts::queries::gifts(&mut at, session, span, before)
        .await
        .map_err(of_db)?;
    let mut gifts = Vec::with_capacity(found.len());
    for gift in found {
        let project = giving::projects::queries::project(&mut at, gift.project)
            .await
            .map_err(of_db)?;
        let certificate = certificates::load(&mut at, gift.id).await.map_err(of_db)?;
        let key = certificates::showing_key(&mut at, gift.id, services)
            .await
            .map_err(|e| e.problem())?;
        let wish = my_gifts::queries::waiting_wish(&mut at, gift.unit, gift.id)
            .await
            .map_err(of_db)?;
        let id = desk.house.public(certificate_id(gift.id));
        gifts.push(MyGift {
            href: key.map_or_else(|| format!("/v/{id}"), |key| format!("/v/{id}#{key}")),
            id,
            state: queries::gift::state_of(gift.standing),
            amount_fen: gift.amount,
            day: gift.business_day,
            project: project.map(|p| p.title).unwrap_or_default(),
            certificate_no: certificate.map(|c| number_text(&c.frame.region, c.year, c.number)),
            matched: queries::gift::matched(&mut at, gift.id, locale).await.map_err(of_db)?,
            wished: wish.is_some(),
        });
    }
    Ok(View::Gifts {
        gifts,
        next: next.map(|id| format!("/my?before={}", desk.house.public(id))),
        token: desk.session_mark(cookie),
        wished: shown.wished == "1",
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asking {
    contact: String,
}

/// Sends a code, if the contact is known. The page is the same if it is not, and does not wait for the sending.
pub(super) async fn code(
    State(desk): State<Desk>,
    client: ClientIp,
    reader: Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    desk.house.limiter().take(client.0, "my code", LOOKUP)?;
    let services = &desk.giving.services;
    if !services.notify.is_there() {
        return desk.answer(&reader, View::Closed).await;
    }
    let asking: Asking = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let Some(contact) = rules::contact(&asking.contact) else {
        let view = View::Ask {
            contact: asking.contact,
            wrong: true,
        };
        return desk.answer(&reader, view).await;
    };
    let unit = desk.unit_name().await?;
    let words = |code: &str| {
        let args = [("code", code.to_owned()), ("unit", unit.clone())];
        reader.locale().text("my.message", &args)
    };
    let asked = actions::ask(services, &contact, words).await?;
    if let Some(message) = asked.message {
        let sender = services.notify.clone();
        tokio::spawn(async move {
            if let Err(error) = sender.send(&message).await {
                tracing::warn!(%error, "a one-time code was not sent");
            }
        });
    }
    let view = View::Code {
        ask: desk.house.public(asked.ask),
        wrong: false,
    };
    desk.answer(&reader, view).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Opening {
    ask: String,
    code: String,
}

/// Opens the session for a right code.
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
    let ask: AskId = desk.house.id(&opening.ask)?;
    match actions::open(&desk.giving.services, ask, &opening.code).await {
        Ok(value) => {
            let mut response = see("/my");
            let secure = desk.secure();
            let text = format!("{COOKIE}={value}; Path=/my; Max-Age={COOKIE_S}; HttpOnly; SameSite=Lax{secure}");
            set_cookie(&mut response, &text);
            Ok(response)
        }
        Err(MyGiftsError::WrongCode) => {
            let view = View::Code {
                ask: opening.ask,
                wrong: true,
            };
            desk.answer(&reader, view).await
        }
        Err(error) => Err(error.problem()),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wishing {
    token: String,
    gift: String,
    reason: String,
}

/// Notes the wish for a refund of one of her gifts.
pub(super) async fn refund(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    let wishing: Wishing = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let Some(session) = desk.session_of_form(&headers, &wishing.token).await? else {
        return Ok(see("/my"));
    };
    let gift = gift_of_certificate(desk.house.id(&wishing.gift)?).ok_or_else(Problem::not_found)?;
    let reason: RefundReason = wishing.reason.parse().map_err(|_| MyGiftsError::Reason.problem())?;
    actions::wish_refund(&desk.giving.services, &session, gift, reason).await?;
    Ok(see("/my?wished=1"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Copying {
    token: String,
    form: String,
    after: String,
}

/// Hands her a copy of all that is held about her. Whoever takes it has shown a code, and the form is this page's own.
pub(super) async fn copy(
    State(desk): State<Desk>,
    client: ClientIp,
    reader: Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    desk.house.limiter().take(client.0, "my copy", LOOKUP)?;
    let copying: Copying = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let Some(session) = desk.session_of_form(&headers, &copying.token).await? else {
        return Ok(see("/my"));
    };
    let services = &desk.giving.services;
    let form: Form = copying
        .form
        .parse()
        .map_err(|_| Problem::invalid("form", "json, html or csv is expected"))?;
    let after = match copying.after.as_str() {
        "" => None,
        text => Some(data_copies::api::after(services, text)?),
    };
    let given = data_copies::actions::own(services, &session, after, (form, reader.locale())).await?;
    Ok(data_copies::api::sent(given))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Erasing {
    token: String,
    sure: String,
}

/// Destroys all that is personal about her, and hands her the report as a page to keep; her session is over then.
pub(super) async fn erase(
    State(desk): State<Desk>,
    client: ClientIp,
    reader: Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    desk.house.limiter().take(client.0, "my erase", LOOKUP)?;
    let erasing: Erasing = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let Some(session) = desk.session_of_form(&headers, &erasing.token).await? else {
        return Ok(see("/my"));
    };
    if erasing.sure != "1" {
        return Err(Problem::invalid("sure", "1 is expected"));
    }
    let report = erasures::actions::erase_own(&desk.giving.services, &session).await?;
    let house = desk.unit_name().await?;
    let page = erasures::rules::page(&report, reader.locale(), &house);
    let mut response = page.into_bytes().into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"personal-data-erased.html\"",
        ),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Ends the session.
pub(super) async fn leave(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    of_this_site(&headers)?;
    let leaving: Wishing = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    if let Some(value) = cookie(&headers, COOKIE)
        && leaving.token == desk.session_mark(value)
    {
        actions::leave(&desk.giving.services, value).await?;
    }
    let mut response = see("/my");
    set_cookie(
        &mut response,
        &format!("{COOKIE}=; Path=/my; Max-Age=0; HttpOnly; SameSite=Lax"),
    );
    Ok(response)
}
