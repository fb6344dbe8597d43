//! The gates of a docking as pure functions.

use kernel::BusinessDay;

use super::error::DockingError;
use super::model::{Agreement, Assessment, Docking, DockingState, NewPartner};
use crate::campaigns::{Campaign, CampaignState, Plan};

/// The longest name of a body, in characters.
const NAME_CHARS_MAX: usize = 60;
/// The longest conclusion or reason, in characters.
const WORDS_CHARS_MAX: usize = 2_000;
/// The longest number of an agreement, in characters.
const NUMBER_CHARS_MAX: usize = 60;
/// What a 统一社会信用代码 is written with: no I, O, S, V, Z (GB 32100).
const CODE_LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The weights of its first seventeen characters (GB 32100).
const CODE_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

type Checked = Result<(), DockingError>;

fn demand(holds: bool, field: &'static str, why: &'static str) -> Checked {
    if holds {
        Ok(())
    } else {
        Err(DockingError::Invalid { field, why })
    }
}

fn is_line(text: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Whether a code of 18 characters is whole: the last one checks the others.
fn is_credit_code(code: &str) -> bool {
    let values: Option<Vec<usize>> = code.chars().map(|c| CODE_LETTERS.find(c)).collect();
    let Some(values) = values.filter(|values| values.len() == 18) else {
        return false;
    };
    let sum: usize = values
        .iter()
        .zip(CODE_WEIGHTS)
        .map(|(value, weight)| value * weight)
        .sum();
    values[17] == (31 - sum % 31) % 31
}

/// A partner's name and code.
///
/// # Errors
/// [`DockingError::Invalid`].
pub fn check_partner(new: &NewPartner) -> Checked {
    demand(
        is_line(&new.name, NAME_CHARS_MAX),
        "name",
        "one line of 1 to 60 characters",
    )?;
    demand(
        is_credit_code(&new.credit_code),
        "credit_code",
        "the 18 characters of the 统一社会信用代码",
    )
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// An assessment.
///
/// # Errors
/// [`DockingError::Invalid`].
pub fn check_assessment(assessment: &Assessment, today: BusinessDay) -> Checked {
    demand(assessment.on <= today, "assessed_on", "a day not after today")?;
    let words = (1..=WORDS_CHARS_MAX).contains(&assessment.conclusion.trim().chars().count());
    demand(words, "conclusion", "1 to 2,000 characters")?;
    demand(
        is_hash(&assessment.sha256),
        "sha256",
        "64 hexadecimal digits, small letters",
    )
}

/// An agreement.
///
/// # Errors
/// [`DockingError::Invalid`].
pub fn check_agreement(agreement: &Agreement, today: BusinessDay) -> Checked {
    demand(
        is_line(&agreement.number, NUMBER_CHARS_MAX),
        "number",
        "one line of 1 to 60 characters",
    )?;
    demand(agreement.signed_on <= today, "signed_on", "a day not after today")?;
    demand(
        is_hash(&agreement.sha256),
        "sha256",
        "64 hexadecimal digits, small letters",
    )
}

/// Why a docking ends.
///
/// # Errors
/// [`DockingError::Invalid`].
pub fn check_reason(reason: &str) -> Checked {
    let words = (1..=WORDS_CHARS_MAX).contains(&reason.trim().chars().count());
    demand(words, "reason", "1 to 2,000 characters")
}

/// Whether a plan names a body, by its full name, in any of its parts.
pub fn names(plan: &Plan, partner: &str) -> bool {
    let parts = [
        &plan.title,
        &plan.purpose,
        &plan.area,
        &plan.receiving_ways,
        &plan.beneficiaries,
        &plan.use_of_proceeds,
        &plan.fundraising_cost,
        &plan.remainder,
    ];
    parts.into_iter().any(|part| part.contains(partner))
}

/// The gates that are still shut: `assessment`, `agreement`, `plan_naming` (R1.16). The plan must be filed: what only a
/// draft says names nobody.
pub fn missing(docking: &Docking, campaign: &Campaign) -> Vec<&'static str> {
    let is_named = campaign.state.filing().is_some() && names(&campaign.plan, &docking.partner_name);
    let gates = [
        ("assessment", docking.assessment.is_some()),
        ("agreement", docking.agreement.is_some()),
        ("plan_naming", is_named),
    ];
    gates
        .into_iter()
        .filter(|(_, open)| !open)
        .map(|(gate, _)| gate)
        .collect()
}

/// Whether a docking has all that a case or the naming needs.
///
/// # Errors
/// [`DockingError::NotWhole`] with what is missing, [`DockingError::CampaignOver`].
pub fn whole(docking: &Docking, campaign: &Campaign) -> Checked {
    let missing = missing(docking, campaign);
    if !missing.is_empty() {
        return Err(DockingError::NotWhole(missing));
    }
    if matches!(
        campaign.state,
        CampaignState::Ended { .. } | CampaignState::Settled { .. }
    ) {
        return Err(DockingError::CampaignOver);
    }
    Ok(())
}

/// Whether papers may still be put: only while nothing was decided and no case stands on them.
///
/// # Errors
/// [`DockingError::State`], [`DockingError::Asked`].
pub fn may_put(docking: &Docking, is_asked: bool) -> Checked {
    if docking.state != DockingState::Prepared {
        return Err(DockingError::State(docking.state.word()));
    }
    if is_asked {
        return Err(DockingError::Asked);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credit_code_is_checked_by_its_last_character() {
        assert!(is_credit_code("91350100M000100Y43"), "the example of GB 32100");
        assert!(is_credit_code("53371300MJE000001U"));
        for wrong in [
            "53371300MJE000001T",
            "53371300MJE000001",
            "53371300MJE00000OU",
            "53371300mje000001u",
        ] {
            assert!(!is_credit_code(wrong), "{wrong}");
        }
    }
}
