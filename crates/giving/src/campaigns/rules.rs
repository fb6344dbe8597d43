//! Decisions about campaigns, pure. The numbers are dated parameters, read by the day of the record (law 11).

use governance::network::Certificate;
use governance::network::rules::first_day_without_certificate;
use kernel::{BusinessDay, Fen, Instant, ParameterError, Parameters};

use super::error::CampaignError;
use super::model::{
    Campaign, CampaignState, FIELD_CHARS_MAX, Filing, Page, Plan, PlatformLink, Return, Standing, THEMES_MAX,
    TITLE_CHARS_MAX, Warning,
};
use crate::projects::rules::check_reason;

/// The legal numbers that campaigns are checked against, as of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Days between filing and start (R1.7).
    pub filing_lead_days: i64,
    /// Days from the start within which an emergency campaign is filed (R1.8).
    pub emergency_backfile_days: i64,
    /// Days within which a returned filing is completed (R1.7).
    pub fix_days: i64,
    /// Days within which a change is recorded (R1.11).
    pub change_days: i64,
    /// The longest campaign, where the number is known.
    pub max_duration_days: Option<i64>,
}

/// What held before the rule of 2024 gave its numbers: the same ten days, which the rule of 2016 had too.
const TEN_DAYS: i64 = 10;
/// The same for completing a returned filing.
const FIVE_DAYS: i64 = 5;

impl Limits {
    /// The numbers in force on a day. Before the first row of the table (records of older years) the ten days hold.
    ///
    /// # Errors
    /// [`ParameterError::WrongKind`] when an edited row is no number.
    pub fn on(parameters: &Parameters, day: BusinessDay) -> Result<Self, ParameterError> {
        let days = |key: &str| match parameters.whole(key, day) {
            Ok(number) => Ok(number),
            Err(ParameterError::NotInForce { .. }) => Ok(None),
            Err(other) => Err(other),
        };
        Ok(Self {
            filing_lead_days: days("plan.filing_lead_days")?.unwrap_or(TEN_DAYS),
            emergency_backfile_days: days("plan.emergency_backfile_days")?.unwrap_or(TEN_DAYS),
            fix_days: days("plan.fix_days")?.unwrap_or(FIVE_DAYS),
            change_days: days("plan.change_days")?.unwrap_or(TEN_DAYS),
            max_duration_days: days("plan.max_duration_days")?,
        })
    }
}

/// The shape of a plan, also of a draft: nothing too long, days in order, an amount above zero.
///
/// # Errors
/// [`CampaignError::Invalid`].
pub fn check_shape(plan: &Plan, limits: Limits) -> Result<(), CampaignError> {
    let invalid = |field, why| Err(CampaignError::Invalid { field, why });
    let title = plan.title.chars().count();
    if plan.title.trim() != plan.title || title > TITLE_CHARS_MAX || plan.title.chars().any(char::is_control) {
        return invalid("title", "one line of at most 60 characters, without spaces at its ends");
    }
    let strange = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
    for (field, text) in texts(plan) {
        if text.chars().count() > FIELD_CHARS_MAX || strange(text) {
            return invalid(field, "at most 2000 characters");
        }
    }
    if plan.ends_on < plan.starts_on {
        return invalid("ends_on", "not before the first day");
    }
    if limits
        .max_duration_days
        .is_some_and(|most| plan.ends_on.days_since(plan.starts_on) + 1 > most)
    {
        return invalid("ends_on", "the campaign is longer than the rule allows");
    }
    if !plan.expected_fen.is_positive() {
        return invalid("expected_fen", "above zero");
    }
    Ok(())
}

fn texts(plan: &Plan) -> [(&'static str, &str); 11] {
    [
        ("title", &plan.title),
        ("purpose", &plan.purpose),
        ("area", &plan.area),
        ("responsible_name", &plan.responsible_name),
        ("responsible_address", &plan.responsible_address),
        ("receiving_ways", &plan.receiving_ways),
        ("bank_account", &plan.bank_account),
        ("beneficiaries", &plan.beneficiaries),
        ("use_of_proceeds", &plan.use_of_proceeds),
        ("fundraising_cost", &plan.fundraising_cost),
        ("remainder", &plan.remainder),
    ]
}

/// The fields a plan still lacks (R1.6), by their names.
pub fn missing_fields(plan: &Plan) -> Vec<&'static str> {
    texts(plan)
        .into_iter()
        .filter(|(_, text)| text.trim().is_empty())
        .map(|(field, _)| field)
        .collect()
}

/// Where the page says something else than the plan (R1.7c), by the names of the fields.
pub fn page_differs(plan: &Plan, page: &Page) -> Vec<&'static str> {
    if plan.title == page.title {
        vec![]
    } else {
        vec!["title"]
    }
}

/// Whether a plan may be filed on this day with this standing; `certificates` are the unit's.
///
/// # Errors
/// [`CampaignError::Incomplete`], [`CampaignError::PageDiffers`], [`CampaignError::NoCertificate`],
/// [`CampaignError::FiledLate`].
pub fn check_filing(
    campaign: &Campaign,
    filing: &Filing,
    certificates: &[Certificate],
    limits: Limits,
) -> Result<(), CampaignError> {
    check_filing_words(filing)?;
    if campaign.state.returned().is_some_and(|back| filing.filed_on < back.on) {
        return Err(CampaignError::Invalid {
            field: "filed_on",
            why: "not before the day on which the filing came back",
        });
    }
    check_ready(campaign, certificates, limits)?;
    let latest = match campaign.state {
        // An emergency campaign runs already: it is filed within ten days of its start, later is late but not refused,
        // since a filing too late is better than none; the warning stays.
        CampaignState::Open { .. } | CampaignState::Full { .. } => return Ok(()),
        _ => campaign.plan.starts_on.plus_days(-limits.filing_lead_days),
    };
    if filing.filed_on > latest {
        return Err(CampaignError::FiledLate {
            latest,
            lead_days: limits.filing_lead_days,
        });
    }
    Ok(())
}

fn check_filing_words(filing: &Filing) -> Result<(), CampaignError> {
    let fits = |text: &str| text.trim() == text && (1..=TITLE_CHARS_MAX).contains(&text.chars().count());
    if !fits(&filing.number) {
        return Err(CampaignError::Invalid {
            field: "number",
            why: "the number that 慈善中国 gave back",
        });
    }
    if !fits(&filing.authority) {
        return Err(CampaignError::Invalid {
            field: "authority",
            why: "the name of the authority",
        });
    }
    Ok(())
}

/// Gives a filing back, as the authority did, on a day between the filing and today.
///
/// # Errors
/// [`CampaignError::Invalid`], [`CampaignError::State`] for what is not filed and for what runs already.
pub fn give_back(
    mut campaign: Campaign,
    reason: &str,
    on: BusinessDay,
    today: BusinessDay,
) -> Result<Campaign, CampaignError> {
    check_reason(reason).map_err(|_| CampaignError::Invalid {
        field: "reason",
        why: "at least 4 characters",
    })?;
    let filed_on = campaign.state.filing().map(|filing| filing.filed_on);
    campaign.state = campaign.state.give_back(reason.trim().to_owned(), on)?;
    if on > today || filed_on.is_some_and(|filed| on < filed) {
        return Err(CampaignError::Invalid {
            field: "returned_on",
            why: "a day that has come, not before the filing",
        });
    }
    Ok(campaign)
}

/// What every public campaign needs, filed or in an emergency: a complete plan, a page that says the same, a
/// certificate in force on every day.
fn check_ready(campaign: &Campaign, certificates: &[Certificate], limits: Limits) -> Result<(), CampaignError> {
    let plan = &campaign.plan;
    check_shape(plan, limits)?;
    let missing = missing_fields(plan);
    if !missing.is_empty() {
        return Err(CampaignError::Incomplete(missing));
    }
    if !page_differs(plan, &campaign.page).is_empty() {
        return Err(CampaignError::PageDiffers);
    }
    match first_day_without_certificate(certificates, plan.starts_on, plan.ends_on) {
        Some(day) => Err(CampaignError::NoCertificate(day)),
        None => Ok(()),
    }
}

impl CampaignState {
    fn refuse(&self, wanted: &'static str) -> CampaignError {
        CampaignError::State {
            state: self.as_str(),
            wanted,
        }
    }

    /// Draft or returned → filed; an emergency campaign that runs gets its filing and runs on.
    ///
    /// # Errors
    /// [`CampaignError::State`], as for all transitions.
    pub fn file(self, filing: Filing) -> Result<Self, CampaignError> {
        let filed = |standing: &Standing| matches!(standing, Standing::Filed(_));
        match self {
            Self::Draft | Self::Returned(_) => Ok(Self::Filed(filing)),
            Self::Open { standing, opened_at } if !filed(&standing) => Ok(Self::Open {
                standing: Standing::Filed(filing),
                opened_at,
            }),
            Self::Full {
                standing,
                opened_at,
                full_at,
            } if !filed(&standing) => Ok(Self::Full {
                standing: Standing::Filed(filing),
                opened_at,
                full_at,
            }),
            other => Err(other.refuse("be filed")),
        }
    }
    /// Filed → returned. One that runs goes on under its filing: what the authority then asks for is a change.
    pub fn give_back(self, reason: String, on: BusinessDay) -> Result<Self, CampaignError> {
        match self {
            Self::Filed(filing) => Ok(Self::Returned(Return { filing, on, reason })),
            other => Err(other.refuse("be returned")),
        }
    }
    /// Filed → open.
    pub fn open(self, now: Instant) -> Result<Self, CampaignError> {
        match self {
            Self::Filed(filing) => Ok(Self::Open {
                standing: Standing::Filed(filing),
                opened_at: now,
            }),
            Self::Draft => Err(CampaignError::NotFiled),
            Self::Returned(_) => Err(CampaignError::Returned),
            other => Err(other.refuse("be opened")),
        }
    }
    /// Draft → open, on the ground of an emergency.
    pub fn open_in_emergency(self, event: String, now: Instant) -> Result<Self, CampaignError> {
        match self {
            Self::Draft => Ok(Self::Open {
                standing: Standing::Emergency { event },
                opened_at: now,
            }),
            other => Err(other.refuse("be opened in an emergency")),
        }
    }
    /// Open → full.
    pub fn fill(self, now: Instant) -> Result<Self, CampaignError> {
        match self {
            Self::Open { standing, opened_at } => Ok(Self::Full {
                standing,
                opened_at,
                full_at: now,
            }),
            other => Err(other.refuse("be full")),
        }
    }
    /// Full → open again after a raise; others that have not ended stay as they are.
    pub fn raised(self) -> Result<Self, CampaignError> {
        match self {
            Self::Full {
                standing, opened_at, ..
            } => Ok(Self::Open { standing, opened_at }),
            Self::Ended { .. } | Self::Settled { .. } => Err(self.refuse("have its target raised")),
            other => Ok(other),
        }
    }
    /// Open or full → ended.
    pub fn end(self, now: Instant) -> Result<Self, CampaignError> {
        match self {
            Self::Open { standing, .. } | Self::Full { standing, .. } => Ok(Self::Ended {
                standing,
                ended_at: now,
            }),
            other => Err(other.refuse("be ended")),
        }
    }
    /// Ended → settled. A campaign that was never filed cannot be.
    pub fn settle(self, now: Instant) -> Result<Self, CampaignError> {
        match self {
            Self::Ended {
                standing: Standing::Emergency { .. },
                ..
            } => Err(CampaignError::NotFiled),
            Self::Ended { standing, ended_at } => Ok(Self::Settled {
                standing,
                ended_at,
                settled_at: now,
            }),
            other => Err(other.refuse("be settled")),
        }
    }
}

/// Marks a campaign full when what was raised reaches its target.
///
/// # Errors
/// [`CampaignError::State`].
pub fn fill(mut campaign: Campaign, raised: Fen, now: Instant) -> Result<Campaign, CampaignError> {
    if raised < campaign.target {
        return Err(campaign.state.refuse("be full below its target"));
    }
    campaign.state = campaign.state.fill(now)?;
    Ok(campaign)
}

/// Opens a filed campaign on one of its days.
///
/// # Errors
/// [`CampaignError::NotItsDay`], [`CampaignError::NoCertificate`], [`CampaignError::NoPlatform`], [`CampaignError::State`].
pub fn open(
    mut campaign: Campaign,
    links: &[PlatformLink],
    certificates: &[Certificate],
    limits: Limits,
    now: Instant,
) -> Result<Campaign, CampaignError> {
    campaign.state = campaign.state.open(now)?;
    check_opening(&campaign, links, certificates, limits, now)?;
    Ok(campaign)
}

/// Opens an unfiled campaign on the ground of a major emergency (R1.8).
///
/// # Errors
/// As [`open`], and [`CampaignError::Invalid`] without an event.
pub fn open_in_emergency(
    mut campaign: Campaign,
    event: &str,
    links: &[PlatformLink],
    certificates: &[Certificate],
    limits: Limits,
    now: Instant,
) -> Result<Campaign, CampaignError> {
    if event.trim() != event || !(2..=TITLE_CHARS_MAX).contains(&event.chars().count()) {
        return Err(CampaignError::Invalid {
            field: "event",
            why: "the emergency event it answers, in one line",
        });
    }
    campaign.state = campaign.state.open_in_emergency(event.to_owned(), now)?;
    check_opening(&campaign, links, certificates, limits, now)?;
    Ok(campaign)
}

fn check_opening(
    campaign: &Campaign,
    links: &[PlatformLink],
    certificates: &[Certificate],
    limits: Limits,
    now: Instant,
) -> Result<(), CampaignError> {
    check_ready(campaign, certificates, limits)?;
    let today = now.business_day();
    let (first, last) = (campaign.plan.starts_on, campaign.plan.ends_on);
    if today < first || today > last {
        return Err(CampaignError::NotItsDay { first, last });
    }
    // Raising in public on the internet goes by a designated platform, in an emergency too; the own site comes beside it
    // and never before it (慈善法 27; R1.20).
    if campaign.online && !links.iter().any(|link| link.listed_on <= today) {
        return Err(CampaignError::NoPlatform);
    }
    Ok(())
}

/// A correction of a plan that was filed (R1.11): the reason, and whether it comes later than allowed.
///
/// # Errors
/// [`CampaignError::Invalid`], [`CampaignError::Incomplete`], [`CampaignError::State`] for a draft (which is edited)
/// and for what has ended.
pub fn check_change(
    campaign: &Campaign,
    plan: &Plan,
    reason: &str,
    changed_on: BusinessDay,
    today: BusinessDay,
    limits: Limits,
) -> Result<bool, CampaignError> {
    match campaign.state {
        CampaignState::Filed(_)
        | CampaignState::Returned(_)
        | CampaignState::Open { .. }
        | CampaignState::Full { .. } => {}
        _ => return Err(campaign.state.refuse("have its filed plan changed")),
    }
    check_reason(reason).map_err(|_| CampaignError::Invalid {
        field: "reason",
        why: "at least 4 characters",
    })?;
    check_shape(plan, limits)?;
    let missing = missing_fields(plan);
    if !missing.is_empty() {
        return Err(CampaignError::Incomplete(missing));
    }
    if plan == &campaign.plan {
        return Err(CampaignError::Invalid {
            field: "plan",
            why: "something that differs",
        });
    }
    if changed_on > today {
        return Err(CampaignError::Invalid {
            field: "changed_on",
            why: "a day that has come",
        });
    }
    Ok(today.days_since(changed_on) > limits.change_days)
}

/// An urgent raise of the target: only upward, with a reason.
///
/// # Errors
/// [`CampaignError::NotHigher`], [`CampaignError::State`], [`CampaignError::Invalid`].
pub fn raise_target(mut campaign: Campaign, target: Fen, reason: &str) -> Result<Campaign, CampaignError> {
    check_reason(reason).map_err(|_| CampaignError::Invalid {
        field: "reason",
        why: "at least 4 characters",
    })?;
    if target <= campaign.target {
        return Err(CampaignError::NotHigher(campaign.target));
    }
    campaign.state = campaign.state.raised()?;
    campaign.target = target;
    Ok(campaign)
}

/// Names of themes: one line each, none twice.
///
/// # Errors
/// [`CampaignError::Invalid`].
pub fn check_themes(names: &[String]) -> Result<(), CampaignError> {
    let fits = |n: &String| n.trim() == n && (1..=TITLE_CHARS_MAX).contains(&n.chars().count());
    let twice = names.iter().enumerate().any(|(at, name)| names[..at].contains(name));
    if names.len() <= THEMES_MAX && names.iter().all(fits) && !twice {
        return Ok(());
    }
    Err(CampaignError::Invalid {
        field: "themes",
        why: "at most 20 different names of one line",
    })
}

/// What is lawful but wants someone's eye, as of a day.
pub fn warnings(
    campaign: &Campaign,
    links: &[PlatformLink],
    certificates: &[Certificate],
    limits: Limits,
    today: BusinessDay,
) -> Vec<Warning> {
    let mut found = Vec::new();
    if campaign.online && links.is_empty() {
        found.push(Warning::OnlineWithoutPlatform);
    }
    let unfiled = campaign.state.filing().is_none() && campaign.state.is_public();
    if let Some(back) = campaign.state.returned() {
        found.push(match today > back.on.plus_days(limits.fix_days) {
            true => Warning::FilingReturnedOverdue,
            false => Warning::FilingReturned,
        });
    }
    if unfiled && today > campaign.plan.starts_on.plus_days(limits.emergency_backfile_days) {
        found.push(Warning::EmergencyFilingOverdue);
    } else if unfiled {
        found.push(Warning::EmergencyNotFiled);
    }
    let over = matches!(
        campaign.state,
        CampaignState::Ended { .. } | CampaignState::Settled { .. }
    );
    let from = campaign.plan.starts_on.max(today);
    if !over && first_day_without_certificate(certificates, from, campaign.plan.ends_on).is_some() {
        found.push(Warning::CertificateGap);
    }
    found
}

#[cfg(test)]
mod tests;
