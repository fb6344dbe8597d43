//! The months of mandates: opened with one order each, paid, missed, skipped. Everything here may run twice or after
//! days of rest: each month has one row, written under its mandate's lock.

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, GiftId, OrderId};
use serde_json::json;

use super::super::error::RecurringError;
use super::super::model::{
    ByWhom, Mandate, MandateId, MandateState, MonthRow, Period, PeriodState, PromptKind, REMIND_DAYS, SkipReason,
};
use super::super::rail::Rail;
use super::super::rules::{self, Step, Takes};
use super::super::store::{self, Prompt};
use super::{ROUND, finish, open_donor, prompts, tidy_up};
use crate::State;
use crate::donations::DonationError;
use crate::donations::orders::{self, NewOrder, Order, OrderState};
use crate::donor_way::actions::{Beside, stand_beside};
use crate::teams::Tags;

/// How long after its close a month may still be found paid: a bill is compared within days.
const LATE_DAYS: i64 = 60;

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Ran {
    /// Months opened, each with its order.
    pub opened: u64,
    /// Months not asked for.
    pub skipped: u64,
    /// Months that closed unpaid, or while nothing ran.
    pub missed: u64,
    /// Months found paid.
    pub paid: u64,
    /// Mandates that came to their end.
    pub ended: u64,
    /// Prompts said.
    pub said: u64,
    /// Prompts that could not be handed over and are tried again.
    pub unsaid: u64,
    /// Mandates tidied up: never confirmed, or their donors forgotten.
    pub tidied: u64,
}

/// Does all that is due now: finds what was paid, closes what is over, opens what is due, says what is to be said.
/// May run at any time, twice, and on several nodes at once.
///
/// # Errors
/// [`RecurringError`] of the database; a single mandate that cannot be looked after keeps no other one waiting.
pub async fn run(giving: &State, rail: &dyn Rail) -> Result<Ran, RecurringError> {
    let services = &giving.services;
    let today = services.now().business_day();
    let mut ran = Ran {
        paid: find_paid(giving, today).await?,
        ..Ran::default()
    };
    close_what_is_over(giving, today, &mut ran).await?;
    let mut after = MandateId::from_bytes([0; 16]);
    loop {
        let mut at = services.db.snapshot().await?;
        let until = today.plus_days(REMIND_DAYS);
        let due = store::to_look_after(&mut at, (until, today), after, ROUND).await?;
        drop(at);
        let Some(last) = due.last().copied() else { break };
        after = last;
        for id in due {
            match look_after(giving, id).await {
                Ok(done) => ran.add(done),
                Err(RecurringError::Db(error)) => return Err(error.into()),
                Err(error) => tracing::warn!(mandate = ?id, %error, "a mandate could not be looked after now"),
            }
        }
    }
    (ran.said, ran.unsaid) = prompts::say_all(giving, rail).await?;
    ran.tidied = tidy_up(services).await?;
    Ok(ran)
}

impl Ran {
    fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.skipped += other.skipped;
        self.missed += other.missed;
        self.ended += other.ended;
    }
}

/// Takes every step that is due for one mandate, each in a transaction of its own with one fact.
pub(super) async fn look_after(giving: &State, id: MandateId) -> Result<Ran, RecurringError> {
    let mut done = Ran::default();
    loop {
        let services = &giving.services;
        let mut tx = services.db.begin().await?;
        let Some(mandate) = store::lock(&mut tx, id).await? else {
            return Ok(done);
        };
        let today = services.now().business_day();
        let project = crate::projects::store::load_intake_project(&mut tx, mandate.project).await?;
        let project = project.ok_or(RecurringError::NotFound("project"))?;
        let takes = Takes::of(project.accepts_on(today));
        match rules::step(&mandate, today, takes) {
            Step::Rest => return Ok(done),
            Step::Resume => resume(tx, giving, mandate).await?,
            Step::End(reason) => {
                end(tx, giving, mandate, reason).await?;
                done.ended += 1;
            }
            Step::Skip(reason) => {
                note(tx, giving, mandate, PeriodState::Skipped { reason }).await?;
                done.skipped += 1;
            }
            Step::Miss => {
                let reason = SkipReason::Stopped;
                note(tx, giving, mandate, PeriodState::Missed { reason }).await?;
                done.missed += 1;
            }
            Step::Open => {
                open(tx, giving, mandate, (&project.code, today)).await?;
                done.opened += 1;
            }
        }
    }
}

async fn resume(mut tx: Tx, giving: &State, mut mandate: Mandate) -> Result<(), RecurringError> {
    let services = &giving.services;
    mandate.state = rules::resume(mandate.state)?;
    mandate.state_at = services.now();
    store::update(&mut tx, &mandate).await?;
    store::add_change(&mut tx, &mandate, (ByWhom::Calendar, None, "resume_on"), services.now()).await?;
    let body = json!({ "by": ByWhom::Calendar, "state": mandate.state.as_str() });
    finish(tx, services, (&mandate, None), ("mandate.resumed", body)).await
}

async fn end(
    mut tx: Tx,
    giving: &State,
    mut mandate: Mandate,
    reason: super::super::model::EndReason,
) -> Result<(), RecurringError> {
    let services = &giving.services;
    mandate.state = rules::end(mandate.state, reason)?;
    mandate.state_at = services.now();
    store::update(&mut tx, &mandate).await?;
    let by = (ByWhom::Calendar, None, reason.as_str());
    store::add_change(&mut tx, &mandate, by, services.now()).await?;
    let body = json!({ "by": ByWhom::Calendar, "state": mandate.state.as_str(), "reason": reason });
    finish(tx, services, (&mandate, None), ("mandate.ended", body)).await
}

/// The month that is due next, as it would be written.
fn due_month(mandate: &Mandate, state: PeriodState) -> MonthRow {
    MonthRow {
        mandate: mandate.id,
        period: Period::of(mandate.next_due),
        due_on: mandate.next_due,
        closes_on: rules::closes_on(mandate.next_due),
        state,
        order: None,
        orders: 0,
    }
}

/// Notes a month that is not asked for. Who gives for so many months gives it at the end instead.
async fn note(mut tx: Tx, giving: &State, mut mandate: Mandate, state: PeriodState) -> Result<(), RecurringError> {
    let services = &giving.services;
    let month = due_month(&mandate, state);
    store::insert_month(&mut tx, &mandate, &month, services.now()).await?;
    mandate.next_due = rules::due_after(mandate.next_due, mandate.day);
    mandate.ends_on = mandate.ends_on.map(|last| rules::due_after(last, mandate.day));
    store::update(&mut tx, &mandate).await?;
    let kind = match state {
        PeriodState::Missed { .. } => "mandate.month_missed",
        _ => "mandate.month_skipped",
    };
    let body = json!({ "period": month.period.number(), "reason": state.reason() });
    finish(tx, services, (&mandate, None), (kind, body)).await
}

/// Opens the month that is due: its order, its reminders.
async fn open(
    mut tx: Tx,
    giving: &State,
    mut mandate: Mandate,
    (code, today): (&str, BusinessDay),
) -> Result<(), RecurringError> {
    let services = &giving.services;
    let mut month = due_month(&mandate, PeriodState::Open);
    let order = place(&mut tx, giving, &mandate, (&month, code, 1)).await?;
    month.order = Some(order.id);
    month.orders = 1;
    store::insert_month(&mut tx, &mandate, &month, services.now()).await?;
    for (kind, send_on) in reminders(month.due_on, today) {
        let prompt = Prompt {
            unit: mandate.unit,
            about: mandate.id.bytes(),
            topic: rules::topic(month.period),
            kind,
            send_on,
            tries: 0,
        };
        store::insert_prompt(&mut tx, prompt).await?;
    }
    mandate.next_due = rules::due_after(mandate.next_due, mandate.day);
    store::update(&mut tx, &mandate).await?;
    let body = json!({
        "period": month.period.number(),
        "order": hex(&order.id.bytes()),
        "amount_fen": mandate.amount,
        "closes_on": month.closes_on,
    });
    finish(tx, services, (&mandate, None), ("mandate.month_opened", body)).await
}

/// One reminder before the due day and one on it; what opens late is reminded of once.
fn reminders(due_on: BusinessDay, today: BusinessDay) -> Vec<(PromptKind, BusinessDay)> {
    if today < due_on {
        vec![(PromptKind::Before, today), (PromptKind::Due, due_on)]
    } else {
        vec![(PromptKind::Due, today)]
    }
}

/// Places the n-th order of a month.
async fn place(
    tx: &mut Tx,
    giving: &State,
    mandate: &Mandate,
    (month, code, nth): (&MonthRow, &str, i64),
) -> Result<Order, RecurringError> {
    let services = &giving.services;
    let donor = open_donor(services, mandate).unwrap_or_default();
    let new = NewOrder {
        project: code.to_owned(),
        amount: mandate.amount,
        payer: donor.payer,
        anonymous: mandate.anonymous,
        receipt: None,
    };
    let order = orders::place_until(tx, giving, (new, &Tags::default()), rules::end_of(month.closes_on)).await?;
    orders::set_monthly(tx, order.id).await?;
    let beside = Beside {
        unit: mandate.unit,
        key: rules::order_key(mandate.id, month.period, nth),
        provider: mandate.provider,
        consent: mandate.consent.clone(),
        email: donor.email,
    };
    stand_beside(tx, services, order.id, beside).await?;
    Ok(order)
}

/// The order by which a month is paid now, for the reminder's link. One whose payment was closed with its provider, so
/// that it can never be paid, is followed by another. Fact `mandate.order_renewed` then.
///
/// # Errors
/// [`RecurringError::NotFound`]; [`RecurringError::State`] when the month is not open.
pub async fn order_to_pay(giving: &State, id: MandateId, period: Period) -> Result<OrderId, RecurringError> {
    let services = &giving.services;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mandate = store::lock(&mut tx, id)
        .await?
        .ok_or(RecurringError::NotFound("mandate"))?;
    let month = store::month(&mut tx, &mandate, period).await?;
    let month = month.ok_or(RecurringError::NotFound("month"))?;
    let order = month.order.ok_or(RecurringError::State(month.state.as_str()))?;
    let known = orders::find(&mut tx, order)
        .await?
        .ok_or(RecurringError::NotFound("order"))?;
    let state = orders::payments::state(&mut tx, &known, now).await?;
    // A paid or expired order says so itself, on its own page.
    if state != OrderState::Closed || month.state != PeriodState::Open || now >= rules::end_of(month.closes_on) {
        return Ok(order);
    }
    let project = crate::projects::store::project(&mut tx, mandate.project).await?;
    let code = project.ok_or(RecurringError::NotFound("project"))?.code;
    let nth = month.orders + 1;
    let next = place(&mut tx, giving, &mandate, (&month, &code, nth)).await?;
    store::next_order(&mut tx, &mandate, &month, next.id).await?;
    let body = json!({ "period": period.number(), "order": hex(&next.id.bytes()) });
    finish(tx, services, (&mandate, None), ("mandate.order_renewed", body)).await?;
    Ok(next.id)
}

/// The gift by which a month was paid, by whichever of its orders.
async fn gift_of(
    at: &mut impl db::Reads,
    mandate: &Mandate,
    month: &MonthRow,
) -> Result<Option<GiftId>, RecurringError> {
    for nth in (1..=month.orders).rev() {
        let key = rules::order_key(mandate.id, month.period, nth);
        let Some(order) = store::order_of_month(at, mandate, key).await? else {
            continue;
        };
        let Some(order) = orders::find(at, order).await? else {
            continue;
        };
        if let Some((gift, _)) = orders::payment_of(at, &order).await? {
            return Ok(Some(gift));
        }
    }
    Ok(None)
}

/// Notes the months that were paid since the last look. Fact `mandate.month_paid`.
async fn find_paid(giving: &State, today: BusinessDay) -> Result<u64, RecurringError> {
    let services = &giving.services;
    let (mut found, mut after) = (0, (MandateId::from_bytes([0; 16]), 0));
    loop {
        let mut at = services.db.snapshot().await?;
        let since = today.plus_days(-LATE_DAYS);
        let months = store::may_be_paid(&mut at, since, after, ROUND).await?;
        let Some(last) = months.last() else { return Ok(found) };
        after = (last.mandate, last.period.number());
        let mut paid = Vec::new();
        for month in months {
            let Some(mandate) = store::mandate(&mut at, month.mandate).await? else {
                continue;
            };
            if let Some(gift) = gift_of(&mut at, &mandate, &month).await? {
                paid.push((month, gift));
            }
        }
        drop(at);
        for (month, gift) in paid {
            found += u64::from(settle_paid(giving, &month, gift).await?);
        }
    }
}

async fn settle_paid(giving: &State, month: &MonthRow, gift: GiftId) -> Result<bool, RecurringError> {
    let services = &giving.services;
    let mut tx = services.db.begin().await?;
    let Some(mandate) = store::lock(&mut tx, month.mandate).await? else {
        return Ok(false);
    };
    let state = PeriodState::Paid { gift };
    if !store::set_month(&mut tx, &mandate, (month, state), services.now()).await? {
        return Ok(false);
    }
    let body = json!({ "period": month.period.number(), "gift": hex(&gift.bytes()) });
    finish(tx, services, (&mandate, None), ("mandate.month_paid", body)).await?;
    Ok(true)
}

/// Notes the months that closed unpaid. Facts `mandate.month_missed`, `mandate.month_skipped` where the mandate was
/// ended meanwhile.
async fn close_what_is_over(giving: &State, today: BusinessDay, ran: &mut Ran) -> Result<(), RecurringError> {
    let services = &giving.services;
    loop {
        let mut at = services.db.snapshot().await?;
        let over = store::closing(&mut at, today, ROUND).await?;
        drop(at);
        if over.is_empty() {
            return Ok(());
        }
        for month in over {
            let mut tx = services.db.begin().await?;
            let Some(mandate) = store::lock(&mut tx, month.mandate).await? else {
                return Err(RecurringError::NotFound("mandate"));
            };
            // It may have been paid in its last minute, after the look for what was paid.
            let paid = gift_of(&mut tx, &mandate, &month).await?;
            let (state, kind) = match (paid, mandate.state) {
                (Some(gift), _) => (PeriodState::Paid { gift }, "mandate.month_paid"),
                (None, MandateState::Ended { .. }) => {
                    let reason = SkipReason::Ended;
                    (PeriodState::Skipped { reason }, "mandate.month_skipped")
                }
                (None, _) => {
                    let reason = SkipReason::Unpaid;
                    (PeriodState::Missed { reason }, "mandate.month_missed")
                }
            };
            if !store::set_month(&mut tx, &mandate, (&month, state), services.now()).await? {
                continue;
            }
            match state {
                PeriodState::Paid { .. } => ran.paid += 1,
                PeriodState::Skipped { .. } => ran.skipped += 1,
                _ => ran.missed += 1,
            }
            let body = json!({ "period": month.period.number(), "reason": state.reason() });
            finish(tx, services, (&mandate, None), (kind, body)).await?;
        }
    }
}

impl From<crate::projects::NotAccepting> for RecurringError {
    fn from(why: crate::projects::NotAccepting) -> Self {
        Self::Order(DonationError::from(why))
    }
}
