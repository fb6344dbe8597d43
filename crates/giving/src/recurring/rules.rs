//! Decisions about mandates, months and links: pure functions of values.

use kernel::id::{Id as _, PublicIdCodec as _};
use kernel::{BusinessDay, Fen, Instant};
use platform::Keys;
use ring::digest;

use super::error::RecurringError;
use super::model::{
    AgreementId, DAY_MAX, EndReason, Fault, GRACE_DAYS, Mandate, MandateId, MandateState, MonthlyForm, NewPlan, NewsId,
    PLACES_MAX, Period, REMIND_DAYS, SkipReason, TITLE_CHARS_MAX, TITLE_EN_CHARS_MAX, Wished,
};
use super::model::{MONTHS_MAX, Plan};
use crate::donor_way::Limits;
use crate::donor_way::model::NAME_CHARS_MAX;
use crate::donor_way::rules::half_width;
use crate::my_gifts::rules::contact;
use crate::projects::NotAccepting;

/// Bytes of the mark on a link: 64 bits, tried over a rate-limited page.
const MARK_BYTES: usize = 8;
/// What a link to a month is bound to.
const MONTH_LINK: &str = "monthly link";
/// What a link to news is bound to.
const NEWS_LINK: &str = "news link";

/// The first due day on or after a day.
pub fn first_due(starts_on: BusinessDay, day: i64) -> BusinessDay {
    let this = Period::of(starts_on).day(day);
    if this >= starts_on {
        this
    } else {
        Period::of(starts_on).next().day(day)
    }
}

/// The last due day of a mandate for so many months.
pub fn last_due(first: BusinessDay, day: i64, months: i64) -> BusinessDay {
    Period::of(first).plus(months - 1).day(day)
}

/// The due day a month later.
pub fn due_after(due: BusinessDay, day: i64) -> BusinessDay {
    Period::of(due).next().day(day)
}

/// The day on which a month opens.
pub fn opens_on(due: BusinessDay) -> BusinessDay {
    due.plus_days(-REMIND_DAYS)
}

/// The last day on which its order waits.
pub fn closes_on(due: BusinessDay) -> BusinessDay {
    due.plus_days(GRACE_DAYS)
}

/// Whether and for how long a project takes no gifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// It takes gifts today.
    Yes,
    /// Not today: full, or its campaign rests.
    NotNow,
    /// It has ended.
    NeverAgain,
}

impl Takes {
    /// From what the project says of today.
    pub const fn of(said: Result<(), NotAccepting>) -> Self {
        match said {
            Ok(()) => Self::Yes,
            Err(NotAccepting::Ended) => Self::NeverAgain,
            Err(NotAccepting::Draft | NotAccepting::Full | NotAccepting::Campaign | NotAccepting::Day) => Self::NotNow,
        }
    }
}

/// What is to be done next for a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing until a later day.
    Rest,
    /// Its pause is over.
    Resume,
    /// It is over.
    End(EndReason),
    /// The month that is due next is not asked for.
    Skip(SkipReason),
    /// It closed while nothing ran.
    Miss,
    /// It is opened now.
    Open,
}

/// The next step of a mandate on a day; after every step but `Rest` it is asked again.
pub fn step(mandate: &Mandate, today: BusinessDay, takes: Takes) -> Step {
    let due = mandate.next_due;
    match mandate.state {
        MandateState::Waiting | MandateState::Ended { .. } => return Step::Rest,
        MandateState::Paused { resume_on: Some(day) } if day <= today => return Step::Resume,
        MandateState::Paused { .. } | MandateState::Active => {}
    }
    if let Some(last) = mandate.ends_on.filter(|last| due > *last) {
        // Its last month may be open still: until it closes the donor is reminded of it.
        return if closes_on(last) < today {
            Step::End(EndReason::Finished)
        } else {
            Step::Rest
        };
    }
    if takes == Takes::NeverAgain {
        return Step::End(EndReason::ProjectEnded);
    }
    if opens_on(due) > today {
        return Step::Rest;
    }
    if matches!(mandate.state, MandateState::Paused { .. }) {
        return Step::Skip(SkipReason::Paused);
    }
    if closes_on(due) < today {
        return Step::Miss;
    }
    match takes {
        Takes::Yes => Step::Open,
        Takes::NotNow | Takes::NeverAgain => Step::Skip(SkipReason::Project),
    }
}

/// A code was shown.
///
/// # Errors
/// [`RecurringError::State`].
pub fn confirm(state: MandateState) -> Result<MandateState, RecurringError> {
    match state {
        MandateState::Waiting => Ok(MandateState::Active),
        other => Err(RecurringError::State(other.as_str())),
    }
}

/// Pauses; pausing what is paused sets the day anew.
///
/// # Errors
/// [`RecurringError::State`]; [`RecurringError::Invalid`] for a day that is over or years away.
pub fn pause(
    state: MandateState,
    resume_on: Option<BusinessDay>,
    today: BusinessDay,
) -> Result<MandateState, RecurringError> {
    if resume_on.is_some_and(|day| day <= today || day.days_since(today) > MONTHS_MAX * 31) {
        return Err(RecurringError::Invalid {
            field: "resume_on",
            why: "a day after today is expected",
        });
    }
    if state.runs() {
        Ok(MandateState::Paused { resume_on })
    } else {
        Err(RecurringError::State(state.as_str()))
    }
}

/// Resumes.
///
/// # Errors
/// [`RecurringError::State`].
pub fn resume(state: MandateState) -> Result<MandateState, RecurringError> {
    match state {
        MandateState::Paused { .. } => Ok(MandateState::Active),
        other => Err(RecurringError::State(other.as_str())),
    }
}

/// Ends.
///
/// # Errors
/// [`RecurringError::State`] for what is over.
pub fn end(state: MandateState, reason: EndReason) -> Result<MandateState, RecurringError> {
    match state {
        MandateState::Ended { .. } => Err(RecurringError::State(state.as_str())),
        _ => Ok(MandateState::Ended { reason }),
    }
}

/// Checks a new plan.
///
/// # Errors
/// [`RecurringError::Invalid`].
pub fn check_plan(new: &NewPlan) -> Result<(), RecurringError> {
    let wrong = |field, why| Err(RecurringError::Invalid { field, why });
    line("title", &new.title, TITLE_CHARS_MAX)?;
    if !new.title_en.trim().is_empty() {
        line("title_en", &new.title_en, TITLE_EN_CHARS_MAX)?;
    }
    if !new.amount.is_positive() {
        return wrong("amount_fen", "an amount above zero is expected");
    }
    if !(1..=MONTHS_MAX).contains(&new.months) {
        return wrong("months", "1 to 120 months are expected");
    }
    if !(1..=PLACES_MAX).contains(&new.places) {
        return wrong("places", "1 to 10,000 places are expected");
    }
    Ok(())
}

/// One line of text, not empty.
///
/// # Errors
/// [`RecurringError::Invalid`].
pub fn line(field: &'static str, text: &str, chars_max: usize) -> Result<(), RecurringError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > chars_max || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(RecurringError::Invalid {
            field,
            why: "a text that fits its place is expected",
        });
    }
    Ok(())
}

/// Reads a form; with a plan its amount and months are the plan's.
///
/// # Errors
/// Every fault there is, in the order of the fields.
pub fn read(form: &MonthlyForm, plan: Option<&Plan>, limits: &Limits) -> Result<Wished, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut fault = |field, why| faults.push(Fault { field, why });
    let amount = match plan {
        Some(plan) => Some(plan.amount),
        None => amount(form, limits).map_err(|why| fault("amount", why)).ok(),
    };
    let months = match plan {
        Some(plan) => Some(Some(plan.months)),
        None => months(&form.months).map_err(|()| fault("months", "unreadable")).ok(),
    };
    let day = half_width(form.day.trim()).parse::<i64>().ok();
    let day = day.filter(|day| (1..=DAY_MAX).contains(day));
    if day.is_none() {
        fault("day", "unreadable");
    }
    let name = form.name.trim();
    if name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        fault("name", "too_long");
    }
    let contact = contact(&form.contact);
    if contact.is_none() {
        fault("contact", "unreadable");
    }
    let provider = limits.providers.iter().find(|p| p.as_str() == form.provider);
    let provider = provider.or(limits.providers.first()).copied();
    if form.consent.trim().parse() != Ok(limits.consent_version) {
        fault("consent", "changed");
    }
    let (Some(amount), Some(months), Some(day), Some(contact), Some(provider), true) =
        (amount, months, day, contact, provider, faults.is_empty())
    else {
        return Err(faults);
    };
    Ok(Wished {
        amount,
        day,
        months,
        anonymous: form.show == "anonymous",
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        contact,
        provider,
        news: form.news == "yes",
        consent_version: limits.consent_version,
    })
}

/// Chosen or typed; a typed one counts, since a donor types after she has looked at the choices.
fn amount(form: &MonthlyForm, limits: &Limits) -> Result<Fen, &'static str> {
    let typed = half_width(form.amount.trim());
    let amount = match (typed.is_empty(), form.choice.is_empty()) {
        (false, _) => Fen::parse_yuan(&typed).map_err(|_| "unreadable")?,
        (true, false) => Fen::new(form.choice.parse().map_err(|_| "unreadable")?),
        (true, true) => return Err("missing"),
    };
    if amount < limits.min {
        Err("below")
    } else if amount > limits.max {
        Err("above")
    } else {
        Ok(amount)
    }
}

fn months(text: &str) -> Result<Option<i64>, ()> {
    let text = half_width(text.trim());
    if text.is_empty() {
        return Ok(None);
    }
    let months = text.parse().ok().filter(|n| (1..=MONTHS_MAX).contains(n));
    months.map(Some).ok_or(())
}

/// The hash of what a form says, without its token.
pub fn body_hash(form: &MonthlyForm) -> Vec<u8> {
    let bare = MonthlyForm {
        token: String::new(),
        ..form.clone()
    };
    // Texts are always JSON.
    let plain = serde_json::to_vec(&bare).unwrap_or_default();
    digest::digest(&digest::SHA256, &plain).as_ref().to_vec()
}

/// The hash by which an agreement remembers its wording.
pub fn news_consent_hash() -> Vec<u8> {
    let both = format!("{}\n\n{}", super::model::NEWS_CONSENT_ZH, super::model::NEWS_CONSENT_EN);
    digest::digest(&digest::SHA256, both.as_bytes()).as_ref().to_vec()
}

/// The key of the form of a month's order: the n-th order of a month is placed once.
pub fn order_key(mandate: MandateId, period: Period, nth: i64) -> [u8; 16] {
    let text = format!("{}/{}/{nth}", kernel::id::hex(&mandate.bytes()), period.number());
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&hash.as_ref()[..16]);
    key
}

/// Sixteen bytes that stand for a month.
pub fn topic(period: Period) -> [u8; 16] {
    i128::from(period.number()).to_be_bytes()
}

/// The month behind them.
pub fn period_of_topic(topic: [u8; 16]) -> Option<Period> {
    Period::from_number(i64::try_from(i128::from_be_bytes(topic)).ok()?)
}

/// The end of a link: 16 enciphered bytes, a few more, and the house's mark. Who holds it has it from the message.
fn link(keys: &Keys, about: [u8; 16], rest: &[u8], what: &str) -> String {
    let mut bytes = keys.encipher(about).to_vec();
    bytes.extend_from_slice(rest);
    let mark = keys.blind_index(what, &kernel::id::hex(&bytes));
    bytes.extend_from_slice(&mark[..MARK_BYTES]);
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

fn behind(keys: &Keys, text: &str, rest_bytes: usize, what: &str) -> Option<([u8; 16], Vec<u8>)> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    if bytes.len() != 16 + rest_bytes + MARK_BYTES {
        return None;
    }
    let (body, mark) = bytes.split_at(16 + rest_bytes);
    let right = keys.blind_index(what, &kernel::id::hex(body));
    if right.get(..MARK_BYTES) != Some(mark) {
        return None;
    }
    let (about, rest) = body.split_at(16);
    Some((keys.decipher(about.try_into().ok()?), rest.to_vec()))
}

/// The end of the address `/m/…` of a month.
pub fn month_link(keys: &Keys, mandate: MandateId, period: Period) -> String {
    // Months of our calendar fit four bytes.
    let number = u32::try_from(period.number()).unwrap_or(0);
    link(keys, mandate.bytes(), &number.to_be_bytes(), MONTH_LINK)
}

/// What a link to a month leads to.
pub fn month_of_link(keys: &Keys, text: &str) -> Option<(MandateId, Period)> {
    let (mandate, rest) = behind(keys, text, 4, MONTH_LINK)?;
    let number = u32::from_be_bytes(rest.try_into().ok()?);
    Some((MandateId::from_bytes(mandate), Period::from_number(i64::from(number))?))
}

/// The end of the address `/n/…` of a piece of news for one agreement.
pub fn news_link(keys: &Keys, agreement: AgreementId, news: NewsId) -> String {
    link(keys, agreement.bytes(), &keys.encipher(news.bytes()), NEWS_LINK)
}

/// What a link to news leads to.
pub fn news_of_link(keys: &Keys, text: &str) -> Option<(AgreementId, NewsId)> {
    let (agreement, rest) = behind(keys, text, 16, NEWS_LINK)?;
    let news = keys.decipher(rest.try_into().ok()?);
    Some((AgreementId::from_bytes(agreement), NewsId::from_bytes(news)))
}

/// The end of a day in Beijing: when what waits until then is over.
pub fn end_of(day: BusinessDay) -> Instant {
    day.plus_days(1).start()
}

#[cfg(test)]
mod tests;
