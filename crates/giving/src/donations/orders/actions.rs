//! Placing an order; completing the payment that answers it.

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{Channel, Fen, Instant, OrderId, UnitId};
use platform::Services;
use platform::facts::{NewFact, append};
use serde_json::json;
use web::Problem;

use super::super::error::DonationError;
use super::super::intake::AccountEntry;
use super::super::model::{Incoming, Outcome, Payer, Source};
use super::gateway::Provider;
use super::model::{NewOrder, ORDER_LIFE_MICROS, Order, merge, trade_no};
use super::store;
use crate::State;
use crate::teams::{self, Attribution, Tags};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["order.placed"];
/// The field of the payer's seal, the same as a gift's.
const PAYER: &str = "payer";

/// Places an order for a project that takes gifts today. Fact `order.placed`.
///
/// # Errors
/// [`DonationError`]: no such project, closed, a field that no payment may have.
pub async fn place(giving: &State, new: NewOrder) -> Result<Order, DonationError> {
    place_tagged(giving, new, &Tags::default()).await
}

/// Places an order with what it says of team and county. Fact `order.placed`.
///
/// # Errors
/// [`DonationError`], also of a team that is not open.
pub async fn place_tagged(giving: &State, new: NewOrder, tags: &Tags) -> Result<Order, DonationError> {
    let mut tx = giving.services.db.begin().await?;
    let order = place_in(&mut tx, giving, new, tags).await?;
    tx.commit().await?;
    giving.services.facts_written.notify_waiters();
    Ok(order)
}

/// The same in a transaction of the caller's, who keeps more beside the order, commits, and rings for the fact.
///
/// # Errors
/// As [`place_tagged`].
pub async fn place_in(tx: &mut Tx, giving: &State, new: NewOrder, tags: &Tags) -> Result<Order, DonationError> {
    let expires_at = giving.services.now().plus_micros(ORDER_LIFE_MICROS);
    place_until(tx, giving, (new, tags), expires_at).await
}

/// The same for an order that waits until a moment of the caller's: a month's gift waits for days.
///
/// # Errors
/// As [`place_tagged`].
pub async fn place_until(
    tx: &mut Tx,
    giving: &State,
    (new, tags): (NewOrder, &Tags),
    expires_at: Instant,
) -> Result<Order, DonationError> {
    let services = &giving.services;
    let now = services.now();
    let found = crate::projects::store::intake_project_by_code(tx, &new.project).await?;
    let project = found.ok_or(DonationError::NotFound("project"))?;
    project.accepts_on(now.business_day())?;
    let account = paying_account(giving, project.unit_id).ok_or(DonationError::AccountClosed)?;
    let wished = Incoming {
        account: account.id,
        project: project.id,
        trade_no: trade_no(now, &*services.rng),
        amount: new.amount,
        paid_at: now,
        business_day: now.business_day(),
        payer: new.payer,
        anonymous: new.anonymous,
        receipt: new.receipt,
        source: Source::Notice,
    };
    wished.check(now)?;
    let order = seal(wished, (account.unit, expires_at), services);
    store::insert(tx, &order).await?;
    let mut body = json!({
        "project": hex(&order.project.bytes()),
        "account": hex(&order.account.bytes()),
        "amount_fen": order.amount,
    });
    let led = attribute(tx, services, tags, &order).await?;
    if let Some(team) = led.team {
        body["team"] = json!(hex(&team.bytes()));
    }
    if let Some(county) = led.county {
        body["county"] = json!(hex(&county.bytes()));
    }
    let fact = NewFact {
        unit: project.unit_id,
        kind: "order.placed",
        subject: order.id.bytes(),
        actor: None,
        body,
    };
    append(tx, fact, services).await?;
    Ok(order)
}

/// Keeps to what the order's payment is led.
async fn attribute(tx: &mut Tx, services: &Services, tags: &Tags, order: &Order) -> Result<Attribution, DonationError> {
    if tags.is_empty() {
        return Ok(Attribution::default());
    }
    let led = teams::actions::resolve(tx, services, tags, order.project).await?;
    if !led.is_empty() {
        let payment = teams::store::Payment {
            unit: order.unit,
            account: order.account,
            trade_no: &order.trade_no,
        };
        teams::store::attribute(tx, payment, &led, services.now()).await?;
    }
    Ok(led)
}

/// The account of the nearest unit, itself first, that takes payments by notice.
fn paying_account(giving: &State, unit: UnitId) -> Option<std::sync::Arc<AccountEntry>> {
    let mut line = giving.services.tree.ancestors(unit);
    if line.is_empty() {
        line.push(unit);
    }
    let directory = giving.intake.directory();
    let by_notice = line
        .into_iter()
        .find_map(|unit| directory.account_for(unit, Channel::Notice));
    // A society that takes payments through providers alone has no account for partners' notices.
    by_notice.or_else(|| {
        let tree = &giving.services.tree;
        let any = |provider| giving.gateways.nearest(unit, provider, tree);
        let connected = Provider::ALL.into_iter().find_map(any)?;
        directory.account(connected.account)
    })
}

fn seal(wished: Incoming, (unit, expires_at): (UnitId, Instant), services: &Services) -> Order {
    let now = services.now();
    let (secret, secret_wrapped) = services.keys.new_gift_secret(&*services.rng);
    // Four optional texts are always JSON.
    let plain = serde_json::to_vec(&wished.payer).unwrap_or_default();
    Order {
        id: OrderId::new(now, &*services.rng),
        unit,
        account: wished.account,
        trade_no: wished.trade_no,
        project: wished.project,
        amount: wished.amount,
        anonymous: wished.anonymous,
        receipt: wished.receipt,
        monthly: false,
        secret_wrapped,
        payer_sealed: secret.seal(PAYER, &plain),
        created_at: now,
        expires_at,
    }
}

/// Completes a payment with its order, when there is one; gives the order for [`settle`].
///
/// # Errors
/// A [`Problem`] when the database cannot be asked now: nothing was recorded, the notice is to be sent again.
pub async fn complete(incoming: &mut Incoming, giving: &State) -> Result<Option<Order>, Problem> {
    let directory = giving.intake.directory();
    let Some(account) = directory.account(incoming.account) else {
        return Ok(None);
    };
    let found = async {
        let mut at = giving.services.db.snapshot().await?;
        store::find_by_trade_no(&mut at, account.unit, account.id, &incoming.trade_no).await
    };
    let found = found.await.map_err(|error| platform::problems::of_db(&error))?;
    let Some(order) = found else { return Ok(None) };
    // A notice that names no project was given the general one.
    let unnamed = directory
        .general_project(account.unit)
        .is_some_and(|general| general.id == incoming.project);
    merge(incoming, &order, payer_of(&order, &giving.services), unnamed);
    Ok(Some(order))
}

/// A payer that cannot be opened does not keep a paid gift out; after erasure there is nobody.
pub(super) fn payer_of(order: &Order, services: &Services) -> Payer {
    if order.secret_wrapped.is_empty() {
        return Payer::default();
    }
    let opened = services
        .keys
        .gift_secret(&order.secret_wrapped)
        .and_then(|s| s.open(PAYER, &order.payer_sealed));
    let plain = opened.inspect_err(|error| tracing::error!(order = ?order.id, %error, "an order’s payer stays sealed"));
    plain
        .ok()
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .unwrap_or_default()
}

/// Keeps beside the gift that its order named another amount. The gift stands in any case, so a failure is logged
/// and not told.
pub async fn settle(giving: &State, order: &Order, paid: Fen, outcome: Outcome) {
    let Outcome::Recorded(gift) = outcome else { return };
    if paid == order.amount {
        return;
    }
    let services = &giving.services;
    let kept = async {
        let mut tx = services.db.begin().await?;
        store::insert_difference(&mut tx, order, gift, services.now()).await?;
        tx.commit().await
    };
    let kept: Result<(), db::DbError> = kept.await;
    if let Err(error) = kept {
        tracing::warn!(gift = ?gift, %error, "the difference between an order and its payment was not kept");
    }
}
