//! Saying what was written down to be said: taken up, said, settled. A program that is stopped in the middle says it
//! again; nothing is left unsaid.

use db::DbError;
use kernel::id::{Id as _, hex};
use platform::notify::{Address, Message};
use serde_json::json;

use super::super::error::RecurringError;
use super::super::model::{AgreementId, MandateId, MandateState, NewsId, PeriodState, PromptKind, TRIES_MAX};
use super::super::rail::{Collected, Rail};
use super::super::rules;
use super::super::store::{self, Prompt};
use super::super::words;
use super::{CONTACT_PLACE, ROUND, conclude_for, open_donor};
use crate::State;
use crate::donations::orders;
use crate::my_gifts::ContactKind;

/// What to do about a prompt.
enum Saying {
    /// Hand this over.
    Say(Box<Message>),
    /// Ask the rail first; where it collects nothing, hand this over.
    AskFirst(MandateId, Box<orders::Order>, Box<Message>),
    /// It needs not be said any more.
    Drop,
}

/// What came of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It was handed over.
    Said,
    /// It needs not be said, or somebody else has it.
    Nothing,
    /// It is to be tried again.
    Later,
}

/// Says everything that waits; how many messages were handed over, and how many must be tried again. Without a provider
/// of messages all of it waits.
pub(super) async fn say_all(giving: &State, rail: &dyn Rail) -> Result<(u64, u64), RecurringError> {
    let services = &giving.services;
    let (mut said, mut later) = (0, 0);
    if !services.notify.is_there() {
        return Ok((said, later));
    }
    loop {
        let now = services.now();
        let mut at = services.db.snapshot().await?;
        let waiting = store::waiting_prompts(&mut at, (now.business_day(), now), ROUND).await?;
        drop(at);
        if waiting.is_empty() {
            return Ok((said, later));
        }
        for prompt in waiting {
            match say(giving, rail, &prompt).await? {
                Outcome::Said => said += 1,
                Outcome::Later => later += 1,
                Outcome::Nothing => {}
            }
        }
    }
}

async fn say(giving: &State, rail: &dyn Rail, prompt: &Prompt) -> Result<Outcome, RecurringError> {
    let services = &giving.services;
    let mut tx = services.db.begin().await?;
    if !store::claim(&mut tx, prompt, services.now()).await? {
        return Ok(Outcome::Nothing);
    }
    tx.commit().await?;
    let message = match saying(giving, prompt).await? {
        Saying::Drop => return settle(giving, prompt, ("dropped", Outcome::Nothing)).await,
        Saying::Say(message) => message,
        Saying::AskFirst(mandate, order, message) => match rail.collect(mandate, &order).await {
            Ok(Collected::ByDonor) => message,
            Ok(Collected::ByContract) => return settle(giving, prompt, ("collected", Outcome::Nothing)).await,
            Err(error) => {
                tracing::warn!(mandate = ?mandate, %error, "a month could not be collected now");
                return give_back(giving, prompt).await;
            }
        },
    };
    match services.notify.send(&message).await {
        Ok(()) => settle(giving, prompt, ("sent", Outcome::Said)).await,
        Err(error) => {
            tracing::warn!(%error, kind = prompt.kind.as_str(), "a prompt was not handed over; it is tried again");
            give_back(giving, prompt).await
        }
    }
}

async fn give_back(giving: &State, prompt: &Prompt) -> Result<Outcome, RecurringError> {
    if prompt.tries + 1 >= TRIES_MAX {
        return settle(giving, prompt, ("dropped", Outcome::Nothing)).await;
    }
    Ok(Outcome::Later)
}

async fn settle(giving: &State, prompt: &Prompt, (state, outcome): (&str, Outcome)) -> Result<Outcome, RecurringError> {
    let services = &giving.services;
    let mut tx = services.db.begin().await?;
    if store::settle(&mut tx, prompt, (state, services.now())).await? {
        let body = json!({ "kind": prompt.kind, "topic": hex(&prompt.topic), "state": state });
        let of = (prompt.unit, prompt.about, None);
        conclude_for(tx, services, of, ("donor.prompted", body)).await?;
    }
    Ok(outcome)
}

async fn saying(giving: &State, prompt: &Prompt) -> Result<Saying, RecurringError> {
    match prompt.kind {
        PromptKind::Before | PromptKind::Due => of_month(giving, prompt).await,
        PromptKind::News => of_news(giving, prompt).await,
    }
}

async fn of_month(giving: &State, prompt: &Prompt) -> Result<Saying, RecurringError> {
    let services = &giving.services;
    let now = services.now();
    let mut at = services.db.snapshot().await?;
    let mandate = store::mandate(&mut at, MandateId::from_bytes(prompt.about)).await?;
    let Some(mandate) = mandate.filter(|m| m.state == MandateState::Active) else {
        return Ok(Saying::Drop);
    };
    let Some(period) = rules::period_of_topic(prompt.topic) else {
        return Ok(Saying::Drop);
    };
    let month = store::month_seen(&mut at, &mandate, period).await?;
    let Some(month) = month.filter(|m| m.state == PeriodState::Open && now < rules::end_of(m.closes_on)) else {
        return Ok(Saying::Drop);
    };
    let order = match month.order {
        Some(order) => orders::find(&mut at, order).await?,
        None => None,
    };
    let Some(order) = order else { return Ok(Saying::Drop) };
    if orders::payment_of(&mut at, &order).await?.is_some() {
        return Ok(Saying::Drop);
    }
    let Some(donor) = open_donor(services, &mandate) else {
        return Ok(Saying::Drop);
    };
    let Some(to) = donor
        .payer
        .phone
        .map(Address::Phone)
        .or(donor.email.map(Address::Email))
    else {
        return Ok(Saying::Drop);
    };
    let names = words::names(&mut at, (mandate.unit, mandate.project)).await?;
    let link = format!(
        "{}/m/{}",
        services.base_url,
        rules::month_link(&services.keys, mandate.id, month.period)
    );
    let message = Box::new(words::due(to, &mandate, (&month, prompt.kind), (&names, link)));
    Ok(match prompt.kind {
        PromptKind::Due => Saying::AskFirst(mandate.id, Box::new(order), message),
        PromptKind::Before | PromptKind::News => Saying::Say(message),
    })
}

async fn of_news(giving: &State, prompt: &Prompt) -> Result<Saying, RecurringError> {
    let services = &giving.services;
    let mut at = services.db.snapshot().await?;
    let agreement = store::agreement(&mut at, AgreementId::from_bytes(prompt.about)).await?;
    let news = store::news(&mut at, NewsId::from_bytes(prompt.topic)).await?;
    let (Some(agreement), Some(news)) = (agreement.filter(|a| a.ended_at.is_none()), news) else {
        return Ok(Saying::Drop);
    };
    let Some(sealed) = &agreement.contact_sealed else {
        return Ok(Saying::Drop);
    };
    let broken = |why: String| DbError::Row {
        column: "news_agreement.contact_sealed".into(),
        why,
    };
    let plain = services
        .keys
        .open(sealed, CONTACT_PLACE)
        .map_err(|e| broken(e.to_string()))?;
    let contact = String::from_utf8(plain).map_err(|e| broken(e.to_string()))?;
    let to = match agreement.contact {
        ContactKind::Phone => Address::Phone(contact),
        ContactKind::Email => Address::Email(contact),
    };
    let names = words::names(&mut at, (agreement.unit, agreement.project)).await?;
    let link = format!(
        "{}/n/{}",
        services.base_url,
        rules::news_link(&services.keys, agreement.id, news.id)
    );
    Ok(Saying::Say(Box::new(words::news(
        to,
        (&agreement, &news),
        (&names, link),
    ))))
}
