//! Paying, waiting, thanks.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use giving::donations::orders::{self, GatewayError, Order, OrderState, PayStep, Provider, payments};
use giving::donations::{DonationError, certificate_id};
use giving::donor_way::{self, MessageState};
use kernel::{GiftId, OrderId};
use proof::certificates;
use serde::Deserialize;
use web::extract::ClientIp;
use web::limit::{LOOKUP, PAGES, Rate};
use web::{Locale, Problem, Reader};

use super::super::common::Link;
use super::super::house::of_db;
use super::super::queries::donor::{Frame, frame};
use super::super::queries::gift as of_gift;
use super::order::{OrderPage, Stage, Step, Thanks};
use super::way::{Browser, browser, reachable, way};
use super::{Desk, see};

/// How often one client makes us ask a provider whether an order was paid; the page itself reads again every 5 s.
const ASKED: Rate = Rate::per_minute(20);

/// An order with its project.
struct Found {
    order: Order,
    state: OrderState,
    frame: Frame,
    mine: bool,
}

impl Desk {
    async fn find(&self, text: &str, headers: &HeaderMap) -> Result<Found, Problem> {
        let services = &self.giving.services;
        let id: OrderId = self.house.id(text)?;
        let mut at = services.db.snapshot().await.map_err(of_db)?;
        let order = orders::find(&mut at, id)
            .await
            .map_err(of_db)?
            .ok_or_else(Problem::not_found)?;
        let state = payments::state(&mut at, &order, services.now()).await.map_err(of_db)?;
        let frame = frame(&mut at, services, order.project).await?;
        let mine = self.is_mine(headers, order.id);
        Ok(Found {
            order,
            state,
            frame,
            mine,
        })
    }

    fn page(&self, found: &Found, stage: Stage) -> OrderPage {
        let id = self.house.public(found.order.id);
        OrderPage {
            masthead: found.frame.masthead.clone(),
            href: format!("/o/{id}"),
            state_url: format!("/api/v1/orders/{id}"),
            project: Link {
                name: found.frame.project.title.clone(),
                href: format!("/p/{}", found.frame.project.code),
            },
            amount_fen: found.mine.then_some(found.order.amount),
            stage,
        }
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(order): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    desk.house.limiter().take(client.0, "order", PAGES)?;
    let mut found = desk.find(&order, &headers).await?;
    let waits = matches!(found.state, OrderState::Pending { .. });
    if waits && found.mine && desk.house.limiter().take(client.0, "order asked", ASKED).is_ok() {
        // She is back before the notice is. Whatever the provider says, the page says what we know.
        match orders::refresh(&desk.giving, found.order.id).await {
            Ok(state) => found.state = state,
            Err(error) => tracing::info!(order = ?found.order.id, %error, "a payment could not be asked about now"),
        }
    }
    let stage = match found.state {
        OrderState::Paid { gift, amount } => {
            // What was paid counts, should it differ from what was ordered.
            found.order.amount = amount;
            Stage::Paid {
                thanks: thanks(&desk, &found, gift, reader.locale()).await?,
            }
        }
        OrderState::Expired => Stage::Expired,
        OrderState::Closed => Stage::Closed,
        OrderState::Created if found.mine => return Ok(see(&format!("/o/{order}/pay"))),
        OrderState::Created | OrderState::Pending { .. } => Stage::Waiting,
    };
    let page = desk.page(&found, stage);
    Ok(desk.house.pages().render(&reader, &page))
}

async fn thanks(desk: &Desk, found: &Found, gift: GiftId, locale: Locale) -> Result<Option<Box<Thanks>>, Problem> {
    if !found.mine {
        return Ok(None);
    }
    let services = &desk.giving.services;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let known = giving::donations::queries::gift(&mut at, gift).await.map_err(of_db)?;
    let known = known.ok_or_else(Problem::not_found)?;
    let of_certificate = |error: certificates::CertificateError| error.problem();
    let numbered = certificates::load(&mut at, gift).await.map_err(of_db)?.is_some();
    let key = certificates::showing_key(&mut at, gift, services)
        .await
        .map_err(of_certificate)?;
    let proof = certificates::paper_proof(&mut at, gift, services)
        .await
        .map_err(of_certificate)?;
    let message = donor_way::queries::message_state(&mut at, found.order.id)
        .await
        .map_err(of_db)?;
    let matched = of_gift::matched(&mut at, gift, locale).await.map_err(of_db)?;
    let address = format!("/v/{}", desk.house.public(certificate_id(gift)));
    let picture = proof
        .filter(|_| numbered)
        .map(|proof| format!("{address}/certificate/png?proof={proof}"));
    Ok(Some(Box::new(Thanks {
        day: known.business_day,
        certificate: key.map_or_else(|| address.clone(), |key| format!("{address}#{key}")),
        picture,
        share: format!("/o/{}/share.png", desk.house.public(found.order.id)),
        matched,
        message_waits: message == Some(MessageState::Waiting),
    })))
}

/// `?with=wechat`: another provider than the one chosen on the form; `code` and `state` come back from the chat app.
/// `?mark=`: the link of an order that staff placed on the telephone.
#[derive(Deserialize, Default)]
pub(super) struct With {
    #[serde(default)]
    mark: String,
    #[serde(default)]
    with: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// What `state` says of a second try: a code counts once, and a page that is read again brings it again.
const SECOND_TRY: &str = "again";

/// Who pays, where the way wants to know.
enum Payer {
    /// The way asks for nobody.
    Unasked,
    /// Her number at the provider.
    Known(String),
    /// She has to go there first.
    Ask(String),
}

/// Inside WeChat the payment sheet wants the donor's number there.
async fn payer(
    desk: &Desk,
    found: &Found,
    (provider, browser): (Provider, Browser),
    with: &With,
) -> Result<Payer, GatewayError> {
    if (provider, browser) != (Provider::Wechat, Browser::Wechat) {
        return Ok(Payer::Unasked);
    }
    let services = &desk.giving.services;
    let Some(connected) = desk
        .giving
        .gateways
        .nearest(found.frame.project.unit, provider, &services.tree)
    else {
        return Ok(Payer::Unasked);
    };
    let id = desk.house.public(found.order.id);
    let back = format!("{}/o/{id}/pay?with={}", services.base_url, provider.as_str());
    let ask = |state: &str| match connected.gateway.sign_in_url(&back, state) {
        Some(url) => Payer::Ask(url),
        None => Payer::Unasked,
    };
    if with.code.is_empty() {
        return Ok(ask("first"));
    }
    match connected.gateway.payer(&with.code).await {
        Ok(openid) => Ok(Payer::Known(openid)),
        Err(GatewayError::Refused { .. }) if with.state != SECOND_TRY => Ok(ask(SECOND_TRY)),
        Err(error) => Err(error),
    }
}

/// Whether an order in this state can still be paid.
const fn payable(state: &OrderState) -> bool {
    matches!(state, OrderState::Created | OrderState::Pending { .. })
}

/// The link of an order that staff placed: this browser pays it from now on, and the mark leaves its address. Once the
/// order is paid the link makes nobody its donor. A wrong mark and an order that is not there are answered alike.
async fn opened(desk: &Desk, (order, mark): (&str, &str), headers: &HeaderMap) -> Result<Response, Problem> {
    let id: OrderId = desk.house.id(order)?;
    if !orders::link::is_marked(&desk.giving.services.keys, id, mark) {
        return Err(Problem::not_found());
    }
    let found = desk.find(order, headers).await?;
    let address = format!("/o/{}", desk.house.public(id));
    if !payable(&found.state) {
        return Ok(see(&address));
    }
    let mut response = see(&format!("{address}/pay"));
    super::set_cookie(&mut response, &desk.order_cookie(id));
    Ok(response)
}

/// Begins the payment, or begins it again, and shows what the browser does next. Asking twice is the same payment.
pub(super) async fn pay(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(order): Path<String>,
    Query(with): Query<With>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !with.mark.is_empty() {
        desk.house.limiter().take(client.0, "order link", LOOKUP)?;
        return opened(&desk, (order.as_str(), with.mark.as_str()), &headers).await;
    }
    let found = desk.find(&order, &headers).await?;
    if !found.mine || !payable(&found.state) {
        return Ok(see(&format!("/o/{}", desk.house.public(found.order.id))));
    }
    desk.house.limiter().take(client.0, "order pay", ASKED)?;
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let browser = browser(agent);
    let offered = desk
        .giving
        .gateways
        .offered(found.frame.project.unit, &desk.giving.services.tree);
    let offered = reachable(&offered, browser);
    let chosen = match with.with.parse() {
        Ok(asked) => Some(asked),
        Err(_) => chosen(&desk, found.order.id).await?,
    };
    let provider = chosen
        .filter(|asked| offered.contains(asked))
        .or(offered.first().copied());
    let words = |providers: Vec<Provider>| providers.into_iter().map(|p| p.as_str()).collect::<Vec<_>>();
    let stage = match provider {
        None => Stage::Stuck { providers: Vec::new() },
        Some(provider) => {
            let openid = match payer(&desk, &found, (provider, browser), &with).await {
                Ok(Payer::Ask(url)) => return Ok(see(&url)),
                Ok(Payer::Known(openid)) => Some(openid),
                Ok(Payer::Unasked) => None,
                Err(error) => {
                    tracing::warn!(order = ?found.order.id, %error, "a donor could not be known inside the chat app");
                    None
                }
            };
            let way = way(provider, browser, (client.0, openid));
            let back = format!(
                "{}/o/{}",
                desk.giving.services.base_url,
                desk.house.public(found.order.id)
            );
            match orders::pay(&desk.giving, found.order.id, &way, &back).await {
                Ok(step) => Stage::Pay {
                    provider: provider.as_str(),
                    step: shown(step)?,
                    others: words(offered.iter().copied().filter(|other| *other != provider).collect()),
                },
                Err(DonationError::Gateway(error)) => {
                    tracing::warn!(order = ?found.order.id, %error, "a payment could not be begun");
                    Stage::Stuck {
                        providers: words(offered),
                    }
                }
                Err(error) => return Err(error.problem()),
            }
        }
    };
    let page = desk.page(&found, stage);
    Ok(desk.house.pages().render(&reader, &page))
}

async fn chosen(desk: &Desk, order: OrderId) -> Result<Option<Provider>, Problem> {
    let mut at = desk.giving.services.db.snapshot().await.map_err(of_db)?;
    donor_way::queries::provider_of(&mut at, order).await.map_err(of_db)
}

/// A step as markup.
fn shown(step: PayStep) -> Result<Step, Problem> {
    Ok(match step {
        PayStep::Redirect { url } => Step::Redirect { url },
        PayStep::Form { html } => Step::Form {
            origin: origin(&html).unwrap_or_default(),
            html,
        },
        PayStep::Qr { code_url } => {
            let svg = proof::share::qr_svg(&code_url).map_err(|error| {
                tracing::error!(%error, "a payment’s code could not be drawn");
                Problem::internal()
            })?;
            Step::Qr { svg }
        }
        PayStep::Jsapi { params } => Step::Jsapi {
            params: params.to_string(),
        },
    })
}

/// The origin to which a provider's form goes; nothing for what is no plain web address.
fn origin(html: &str) -> Option<String> {
    let address = html.split("action=\"").nth(1)?.split('"').next()?;
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#', '&']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    let fits = matches!(scheme, "https" | "http") && !host.is_empty() && host.chars().all(plain);
    fits.then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod unit_tests {
    use super::origin;

    #[test]
    fn only_a_plain_web_address_may_be_sent_a_form() {
        let form = |address: &str| origin(&format!("<form method=\"post\" action=\"{address}\">"));
        assert_eq!(
            form("https://pay.example.org/gateway.do?a=1").as_deref(),
            Some("https://pay.example.org")
        );
        assert_eq!(
            form("http://127.0.0.1:9000/x").as_deref(),
            Some("http://127.0.0.1:9000")
        );
        for address in [
            "/x",
            "javascript:alert(1)",
            "https://a b/",
            "https://x; script-src *",
            "ftp://x/",
        ] {
            assert_eq!(form(address), None, "{address}");
        }
    }
}
