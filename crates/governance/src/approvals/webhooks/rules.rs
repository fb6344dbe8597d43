//! What is told of a change, which addresses are taken, what an answer means. Pure functions of values.

use std::net::IpAddr;

use kernel::Instant;

use super::model::Told;
use crate::approvals::error::ApprovalError;
use crate::approvals::model::{CaseState, Entry, Event, StageState, Standing};
use crate::approvals::policy::Policy;

/// The longest address.
const ADDRESS_CHARS_MAX: usize = 300;
/// A secret is long enough not to be guessed …
const SECRET_CHARS_MIN: usize = 16;
/// … and fits a form's line.
const SECRET_CHARS_MAX: usize = 200;

/// Whether this machine's own addresses are taken: only where the house itself is reached under one, as in a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// They are.
    Allowed,
    /// They are not.
    Refused,
}

/// What the house's own address allows.
pub fn here(base_url: &str) -> Here {
    let host = host(base_url.split_once("://").map_or(base_url, |(_, rest)| rest));
    if is_this_machine(host) {
        Here::Allowed
    } else {
        Here::Refused
    }
}

fn host(rest: &str) -> &str {
    let authority = rest.split('/').next().unwrap_or("");
    // A port follows the last colon; inside brackets stand addresses of version 6.
    match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    }
}

/// Names and addresses of this machine, those that lead nowhere else but to it or its link, and addresses written so that
/// programs read them differently.
fn is_this_machine(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(at)) => at.is_loopback() || at.is_link_local() || at.octets()[0] == 0,
        Ok(IpAddr::V6(at)) => {
            let is_link = (at.segments()[0] & 0xffc0) == 0xfe80;
            at.is_loopback() || at.is_unspecified() || at.to_ipv4_mapped().is_some() || is_link
        }
        Err(_) => {
            // Some read `0x7f000001`, `2130706433` and `0177.0.0.1` as addresses; no name ends so.
            let last = host.rsplit('.').next().unwrap_or("");
            let is_number = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
            is_number || last.starts_with("0x") || host.contains(':')
        }
    }
}

/// An address to tell: over TLS and elsewhere, or on this machine where that is allowed.
///
/// # Errors
/// [`ApprovalError::Invalid`].
pub fn address(text: &str, allowed: Here) -> Result<(), ApprovalError> {
    let wrong = |why| ApprovalError::Invalid { field: "address", why };
    let is_plain = text.len() <= ADDRESS_CHARS_MAX
        && text.bytes().all(|b| b.is_ascii_graphic())
        && !text.contains(['?', '#', '\\', '"', '<', '>', '@', '%']);
    let (is_tls, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err(wrong("an address that begins with https://")),
    };
    let host = host(rest);
    if !is_plain || host.is_empty() {
        return Err(wrong("a plain address without user, question mark and #"));
    }
    match (is_this_machine(host), allowed, is_tls) {
        (true, Here::Allowed, _) | (false, _, true) => Ok(()),
        (true, Here::Refused, _) => Err(wrong("an address elsewhere than on this machine")),
        (false, _, false) => Err(wrong("an address that begins with https://")),
    }
}

/// A secret that somebody else made.
///
/// # Errors
/// [`ApprovalError::Invalid`].
pub fn secret(text: &str) -> Result<(), ApprovalError> {
    let is_good =
        (SECRET_CHARS_MIN..=SECRET_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    is_good.then_some(()).ok_or(ApprovalError::Invalid {
        field: "secret",
        why: "16 to 200 printable characters without blanks",
    })
}

/// What a change of a case tells, each with the number of the entry it comes from. `before` is where the case was.
pub fn told(before: CaseState, policy: &Policy, now: &Standing, added: &[Entry]) -> Vec<(i64, Told)> {
    let due = |stage: &str| match policy.position(stage).and_then(|at| now.stages.get(at)) {
        Some(StageState::Open(sitting)) => Some(sitting.deadline),
        _ => None,
    };
    let of_stage = |event: &str, stage: &str| Told {
        event: event.to_owned(),
        stage: Some(stage.to_owned()),
        due_at: due(stage),
    };
    let plain = |event: &str, due_at: Option<Instant>| Told {
        event: event.to_owned(),
        stage: None,
        due_at,
    };
    let mut all: Vec<(i64, Told)> = Vec::new();
    for entry in added {
        let told = match &entry.event {
            Event::Opened { stage, .. } => of_stage("stage_opened", stage),
            Event::Reminded { stage } => of_stage("stage_reminded", stage),
            Event::Escalated { stage, .. } => of_stage("stage_escalated", stage),
            Event::PapersReminded => plain("papers_owed", now.papers_due),
            _ => continue,
        };
        all.push((entry.number, told));
    }
    let state = now.outcome.state();
    if state != before {
        let event = match state {
            CaseState::Approved => Some("case_approved"),
            CaseState::Refused => Some("case_refused"),
            CaseState::SentBack => Some("case_sent_back"),
            CaseState::Withdrawn => Some("case_withdrawn"),
            CaseState::Open => None,
        };
        all.extend(event.map(|event| (now.last, plain(event, None))));
    }
    all
}

/// What an answer means for a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    Taken,
    /// It may be taken later.
    Later,
    /// It will never be taken.
    Never,
}

/// What this status means: a server in trouble, or one that asks for patience, is tried again.
pub const fn answer(status: u16) -> Answer {
    match status {
        200..=299 => Answer::Taken,
        408 | 425 | 429 | 500..=599 => Answer::Later,
        _ => Answer::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_over_tls_and_elsewhere() {
        for good in [
            "https://oa.example",
            "https://oa.example:8443/hooks/cases",
            "https://10.0.0.7/x",
        ] {
            assert!(address(good, Here::Refused).is_ok(), "{good}");
        }
        let wrong = [
            "http://oa.example",
            "ftp://oa.example",
            "https://",
            "https://user@oa.example",
            "https://oa.example/?a=1",
            "https://oa.example#x",
            "https://localhost/x",
            "https://LOCALHOST./x",
            "https://127.0.0.1:9",
            "https://[::1]/x",
            "https://169.254.169.254/latest",
            "http://127.0.0.1:9/x",
            "https://[0:0:0:0:0:0:0:1]/",
            "https://[0:0:0:0:0:ffff:7f00:1]/",
            "https://[fe80::1]/",
            "https://[::1::]/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0/",
        ];
        for text in wrong {
            assert!(address(text, Here::Refused).is_err(), "{text}");
        }
        for text in ["http://127.0.0.1:9/x", "http://localhost:4000", "http://[::1]:9/x"] {
            assert!(address(text, Here::Allowed).is_ok(), "{text}");
        }
        assert!(address("http://oa.example", Here::Allowed).is_err());
        assert_eq!(here("http://127.0.0.1:8080"), Here::Allowed);
        assert_eq!(here("https://give.example"), Here::Refused);
    }

    #[test]
    fn a_server_in_trouble_is_tried_again_and_one_that_says_no_is_not() {
        assert_eq!([200, 204].map(answer), [Answer::Taken; 2]);
        assert_eq!([429, 500, 503].map(answer), [Answer::Later; 3]);
        assert_eq!([301, 400, 401, 404, 410].map(answer), [Answer::Never; 5]);
    }
}
