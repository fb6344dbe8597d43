//! Whether a script is whole, and whether a call walked it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{BusinessDay, Fen};

use super::model::{Answer, AnswerKind, CallOutcome, Fills, Script, Step};
use crate::error::{ReliefError, invalid};

/// Steps of one script: a call of ten minutes has no more.
pub const STEPS_MAX: usize = 60;
/// Options of one step.
const OPTIONS_MAX: usize = 12;
/// Characters of what is said or answered.
const WORDS_MAX: usize = 300;
/// The most different walks that are looked at: more branches than that nobody learns.
const WALKS_MAX: usize = 2_000;

/// What an end needs to have been asked.
pub const fn needs(outcome: CallOutcome) -> &'static [Fills] {
    match outcome {
        CallOutcome::Goods => &[
            Fills::Item,
            Fills::UnitWord,
            Fills::Quantity,
            Fills::Place,
            Fills::Donor,
            Fills::Phone,
        ],
        CallOutcome::Money => &[Fills::Project, Fills::Amount, Fills::Donor, Fills::Phone],
        CallOutcome::None => &[Fills::Words],
    }
}

/// How an answer that fills something must be given.
const fn asked_as(fills: Fills) -> AnswerKind {
    match fills {
        Fills::Item => AnswerKind::Item,
        Fills::UnitWord | Fills::Words => AnswerKind::Text,
        Fills::Quantity => AnswerKind::Whole,
        Fills::ExpectedOn => AnswerKind::Day,
        Fills::Place => AnswerKind::Place,
        Fills::Certificate | Fills::Anonymous => AnswerKind::Choice,
        Fills::Donor => AnswerKind::Name,
        Fills::Phone => AnswerKind::Phone,
        Fills::Project => AnswerKind::Project,
        Fills::Amount => AnswerKind::Money,
    }
}

const fn fault(why: &'static str) -> ReliefError {
    invalid("script", why)
}

fn step<'a>(script: &'a Script, key: &str) -> Option<&'a Step> {
    script.steps.iter().find(|step| step.key == key)
}

/// Checks a script: every way ends, never comes back to itself, and has asked for what its end needs.
///
/// # Errors
/// [`ReliefError::Invalid`] with what is missing.
pub fn check(script: &Script) -> Result<(), ReliefError> {
    if !(1..=STEPS_MAX).contains(&script.steps.len()) {
        return Err(fault("1 to 60 steps are expected"));
    }
    let keys: BTreeSet<&str> = script.steps.iter().map(|step| step.key.as_str()).collect();
    if keys.len() != script.steps.len() {
        return Err(fault("each step has a key of its own"));
    }
    for step in &script.steps {
        check_step(step)?;
    }
    let mut ways = vec![(script.steps[0].key.as_str(), Vec::<&str>::new(), BTreeSet::new())];
    let mut looked = 0;
    while let Some((key, seen, mut filled)) = ways.pop() {
        looked += 1;
        if looked > WALKS_MAX {
            return Err(fault("too many ways through it for anybody to learn"));
        }
        if seen.contains(&key) {
            return Err(fault("a way comes back to a step"));
        }
        let step = step(script, key).ok_or_else(|| fault("a step leads to one that is not there"))?;
        if let Some(outcome) = step.outcome {
            if !needs(outcome).iter().all(|needed| filled.contains(needed)) {
                return Err(fault("an end is reached without all that it needs"));
            }
            continue;
        }
        filled.extend(step.fills);
        let nexts = step.options.iter().map(|option| option.next.as_str());
        for next in nexts.chain(step.next.as_deref()) {
            let seen = [seen.as_slice(), &[key]].concat();
            ways.push((next, seen, filled.clone()));
        }
    }
    Ok(())
}

fn check_step(step: &Step) -> Result<(), ReliefError> {
    let word = |text: &str| !text.is_empty() && text.len() <= 40;
    let said = !step.say.trim().is_empty() && step.say.chars().count() <= WORDS_MAX;
    if !word(&step.key) || !said {
        return Err(fault("each step has a short key and says something"));
    }
    let shape = match step.kind {
        AnswerKind::Choice => {
            (2..=OPTIONS_MAX).contains(&step.options.len()) && step.next.is_none() && step.outcome.is_none()
        }
        AnswerKind::End => step.options.is_empty() && step.next.is_none() && step.outcome.is_some(),
        _ => step.options.is_empty() && step.next.is_some() && step.outcome.is_none(),
    };
    if !shape {
        return Err(fault(
            "a choice has options, an end an outcome, any other step what follows it",
        ));
    }
    if step.fills.is_some_and(|fills| asked_as(fills) != step.kind) {
        return Err(fault(
            "a step asks for what it fills in another way than it can be used",
        ));
    }
    Ok(())
}

/// Where a call ended, and what was answered for what.
#[derive(Clone, PartialEq, Eq)]
pub struct Walked {
    /// What it ends in.
    pub outcome: CallOutcome,
    /// The answers by what they fill, trimmed.
    pub filled: BTreeMap<Fills, String>,
}

/// Walks a script by the answers of a call: each step once, in its order, to an end.
///
/// # Errors
/// [`ReliefError::Invalid`] for an answer out of order or shape, or a call that stops before an end.
pub fn walk(script: &Script, answers: &[Answer]) -> Result<Walked, ReliefError> {
    let wrong = |why| Err(invalid("answers", why));
    let mut filled = BTreeMap::new();
    let mut at = script.steps.first();
    let mut given = answers.iter();
    while let Some(here) = at {
        if let Some(outcome) = here.outcome {
            return if given.next().is_none() {
                Ok(Walked { outcome, filled })
            } else {
                wrong("nothing is answered after the end")
            };
        }
        let Some(answer) = given.next() else {
            return wrong("the call stops before an end of the script");
        };
        if answer.step != here.key {
            return wrong("the steps are answered in the order of the script");
        }
        let value = answer.value.trim();
        if !is_of(here.kind, value) {
            return wrong("an answer has not the shape that its step asks for");
        }
        let next = match here.kind {
            AnswerKind::Choice => match here.options.iter().find(|option| option.value == value) {
                Some(option) => &option.next,
                None => return wrong("a choice is none of its options"),
            },
            _ => here.next.as_ref().ok_or_else(|| fault("a step leads nowhere"))?,
        };
        if let Some(fills) = here.fills {
            filled.insert(fills, value.to_owned());
        }
        at = step(script, next);
    }
    wrong("the script leads to a step that is not there")
}

/// Whether an answer has the shape of its kind.
fn is_of(kind: AnswerKind, value: &str) -> bool {
    let plain = !value.is_empty() && value.chars().count() <= WORDS_MAX && !value.chars().any(char::is_control);
    plain
        && match kind {
            AnswerKind::Whole => value.parse::<i64>().is_ok_and(|number| number > 0),
            AnswerKind::Money => Fen::parse_yuan(value).is_ok_and(Fen::is_positive),
            AnswerKind::Day => BusinessDay::parse(value).is_ok(),
            AnswerKind::Phone => {
                let digits = value.chars().filter(char::is_ascii_digit).count();
                (7..=15).contains(&digits) && value.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c))
            }
            AnswerKind::End => false,
            _ => true,
        }
}
