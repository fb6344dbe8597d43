//! What a password, a code, a session and a lock are: pure decisions.

use std::net::IpAddr;

use kernel::{BusinessDay, Instant, ParameterError, ParameterValue, Parameters, Rng};
use ring::hmac;

use super::error::SigninError;
use super::model::{Failures, Must, Policy, SessionRow};
use crate::identity::Role;
use crate::keys::same;

const SECOND_MICROS: i64 = 1_000_000;
const MINUTE_MICROS: i64 = 60 * SECOND_MICROS;
const HOUR_MICROS: i64 = 60 * MINUTE_MICROS;
const DAY_MICROS: i64 = 24 * HOUR_MICROS;

/// No password is longer: nobody types more, and a longer one would only cost time.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// A password of one repeated key is none.
const DIFFERENT_CHARS_MIN: usize = 5;
/// A name this short occurs in many words.
const NAME_CHARS_COMPARED_MIN: usize = 3;

/// The rules of this day.
///
/// # Errors
/// [`ParameterError`] when the table does not hold what it should.
pub fn policy(table: &Parameters, day: BusinessDay) -> Result<Policy, ParameterError> {
    // A number that was taken away (`unset`) leaves the mildest rule, not none.
    let at_least = |key: &str, least: i64| Ok::<_, ParameterError>(table.whole(key, day)?.unwrap_or(least).max(least));
    Ok(Policy {
        chars_min: at_least("sec.pwd_min", 8)?,
        chars_min_with_factor: at_least("sec.pwd_min_second_factor", 8)?,
        classes_min: at_least("sec.pwd_classes", 1)?.min(4),
        no_reuse: at_least("sec.pwd_no_reuse", 1)?.min(REUSE_MAX),
        days_max: table.whole("sec.pwd_change_days", day)?.filter(|days| *days > 0),
        failures_max: at_least("sec.fail_lock", 1)?,
        failures_max_address: at_least("sec.fail_lock_address", 1)?,
        lock_micros: at_least("sec.lock_min", 1)? * MINUTE_MICROS,
        idle_micros: at_least("sec.idle_min", 1)? * MINUTE_MICROS,
        session_micros: at_least("sec.session_hours", 1)? * HOUR_MICROS,
        sessions_max: at_least("sec.sessions_max", 1)?,
        invitation_micros: at_least("sec.invitation_hours", 1)? * HOUR_MICROS,
        factor_roles: factor_roles(&table.at("sec.second_factor_roles", day)?.value),
    })
}

/// The most former passwords that are kept: each is one more slow comparison.
const REUSE_MAX: i64 = 10;

fn factor_roles(value: &ParameterValue) -> Vec<Role> {
    match value {
        ParameterValue::Text(words) => words.split(',').filter_map(|word| word.trim().parse().ok()).collect(),
        _ => Vec::new(),
    }
}

/// Whether one of these roles needs a second factor.
pub fn needs_factor(policy: &Policy, roles: impl IntoIterator<Item = Role>) -> bool {
    roles.into_iter().any(|role| policy.factor_roles.contains(&role))
}

/// What a signed-in person has to do first; `owes_factor` when a role needs a second factor that is not there.
pub fn must(policy: &Policy, owes_factor: bool, password_set: Instant, now: Instant) -> Option<Must> {
    if owes_factor {
        return Some(Must::EnrolSecondFactor);
    }
    let age = now.micros() - password_set.micros();
    let old = policy
        .days_max
        .is_some_and(|days| age >= days.saturating_mul(DAY_MICROS));
    old.then_some(Must::ChangePassword)
}

/// Whether a new password is good enough.
///
/// # Errors
/// [`SigninError::PasswordRules`], which says the rules.
pub fn password(policy: &Policy, needs_factor: bool, name: &str, text: &str) -> Result<(), SigninError> {
    let chars_min = if needs_factor {
        policy.chars_min.max(policy.chars_min_with_factor)
    } else {
        policy.chars_min
    };
    let refused = SigninError::PasswordRules {
        chars_min,
        classes_min: policy.classes_min,
        no_reuse: policy.no_reuse,
    };
    let length = text.chars().count();
    let long_enough = i64::try_from(length).is_ok_and(|length| length >= chars_min) && length <= PASSWORD_CHARS_MAX;
    let mut different: Vec<char> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    let name = name.to_lowercase();
    let names_its_owner = name.chars().count() >= NAME_CHARS_COMPARED_MIN && text.to_lowercase().contains(&name);
    let good = long_enough
        && classes(text) >= policy.classes_min
        && different.len() >= DIFFERENT_CHARS_MIN
        && !names_its_owner
        && !text.chars().any(char::is_control);
    if good { Ok(()) } else { Err(refused) }
}

fn classes(text: &str) -> i64 {
    let has = |class: fn(char) -> bool| i64::from(text.chars().any(class));
    has(|c| c.is_uppercase())
        + has(|c| c.is_lowercase())
        + has(|c| c.is_ascii_digit())
        + has(|c| !c.is_uppercase() && !c.is_lowercase() && !c.is_ascii_digit())
}

/// What one more try finds: the count with it, or the moment until which no try is looked at.
///
/// # Errors
/// The moment the lock ends.
pub fn one_more(before: Failures, max: i64, lock_micros: i64, now: Instant) -> Result<Failures, Instant> {
    if let Some(until) = before.locked_until.filter(|until| *until > now) {
        return Err(until);
    }
    let forgotten = before.locked_until.is_some() || now.micros() - before.last_at.micros() >= lock_micros;
    let count = if forgotten { 1 } else { before.count + 1 };
    Ok(Failures {
        count,
        last_at: now,
        locked_until: (count >= max).then(|| now.plus_micros(lock_micros)),
    })
}

/// Seconds from now to a moment, rounded up.
pub fn seconds_until(now: Instant, then: Instant) -> u32 {
    let micros = (then.micros() - now.micros()).max(0);
    u32::try_from((micros + SECOND_MICROS - 1) / SECOND_MICROS).unwrap_or(u32::MAX)
}

/// When a session ends unless it is used; nothing when it has ended.
pub fn idle_until(session: &SessionRow, policy: &Policy, now: Instant) -> Option<Instant> {
    let idle_until = session
        .last_seen_at
        .plus_micros(policy.idle_micros)
        .min(session.ends_at);
    (session.revoked_at.is_none() && now < idle_until).then_some(idle_until)
}

/// How old a sign-in may be for replacing a second factor.
const FRESH_MICROS: i64 = 10 * MINUTE_MICROS;

/// Whether the person showed her password a short while ago.
pub fn is_fresh(started_at: Instant, now: Instant) -> bool {
    now.micros() - started_at.micros() < FRESH_MICROS
}

// Secrets ----------------------------------------------------------------------------------------------------------

/// A secret on its way to its owner and the hash that is kept. No `Debug`.
pub struct FreshSecret {
    /// 43 characters.
    pub text: String,
    /// SHA-256 of its 32 bytes.
    pub hash: [u8; 32],
}

/// A new secret of a session or an invitation. 256 random bits need no slow hash.
pub fn fresh_secret(rng: &dyn Rng) -> FreshSecret {
    let secret = rng.secret();
    FreshSecret {
        text: data_encoding::BASE64URL_NOPAD.encode(&secret),
        hash: sha256(&secret),
    }
}

/// The hash under which a secret would be kept; nothing when the text is none of ours.
pub fn secret_hash(text: &str) -> Option<[u8; 32]> {
    let secret = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    (secret.len() == 32).then(|| sha256(&secret))
}

/// The session's token against forged requests: made of its secret, so that it need not be kept.
pub fn csrf(secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    data_encoding::BASE64URL_NOPAD.encode(&hmac::sign(&key, b"csrf v1").as_ref()[..24])
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}

// The second factor (RFC 6238) -------------------------------------------------------------------------------------

/// 160 bits, as RFC 4226 asks.
pub const FACTOR_SECRET_BYTES: usize = 20;
const STEP_S: i64 = 30;
const DIGITS: usize = 6;
/// How long a shown secret waits for its first code.
pub const OFFER_MICROS: i64 = 30 * MINUTE_MICROS;

fn totp(secret: &[u8], step: i64) -> u32 {
    // SHA-1 is what authenticators speak; HMAC does not lean on its collisions.
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 0x0f);
    let cut = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    cut % 10_u32.pow(6)
}

/// What an authenticator shows.
#[cfg(test)]
pub(super) fn shown_code(secret: &[u8], now: Instant) -> String {
    format!("{:06}", totp(secret, now.micros().div_euclid(STEP_S * SECOND_MICROS)))
}

/// The step whose code this is: the present one or one beside it, but later than the last that was used.
pub fn factor_step(secret: &[u8], code: &str, last_used: i64, now: Instant) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let present = now.micros().div_euclid(STEP_S * SECOND_MICROS);
    (present - 1..=present + 1)
        .filter(|step| same(format!("{:06}", totp(secret, *step)).as_bytes(), digits.as_bytes()))
        .find(|step| *step > last_used)
}

/// What an authenticator reads from a QR code.
pub fn otpauth(name: &str, secret: &[u8]) -> String {
    let secret = data_encoding::BASE32_NOPAD.encode(secret);
    let name = percent_encoded(name);
    format!("otpauth://totp/Shanqiao:{name}?secret={secret}&issuer=Shanqiao&algorithm=SHA1&digits=6&period=30")
}

fn percent_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// How many recovery codes are given.
pub const RECOVERY_CODES: usize = 10;
const RECOVERY_CHARS: usize = 10;

/// Codes for a lost telephone, 50 bits each: `abcde-fghij`.
pub fn fresh_recovery_codes(rng: &dyn Rng) -> Vec<String> {
    let code = |_| {
        let mut bytes = [0; 10];
        rng.fill(&mut bytes);
        let text = data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        format!("{}-{}", &text[..5], &text[5..RECOVERY_CHARS])
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// A code for the sealed envelope, 160 bits in eight groups of four: `abcd-efgh-…`.
pub fn fresh_envelope_code(rng: &dyn Rng) -> String {
    let mut bytes = [0; 20];
    rng.fill(&mut bytes);
    let text = data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
    let groups: Vec<&str> = (0..text.len()).step_by(4).map(|at| &text[at..at + 4]).collect();
    groups.join("-")
}

/// A code of the envelope as it is compared: however it was typed.
pub fn envelope_code(text: &str) -> String {
    let plain = text.chars().filter(char::is_ascii_alphanumeric).take(64);
    plain.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A recovery code as it is compared: however it was typed.
pub fn recovery_code(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    (plain.len() == RECOVERY_CHARS).then(|| plain.to_ascii_lowercase())
}

// Who knocks -------------------------------------------------------------------------------------------------------

/// The part of an address that stands for one place: IPv4 whole, IPv6 by its /64.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => data_encoding::HEXLOWER.encode(&v6.octets()[..8]),
    }
}

/// An address as lists show it: enough to know one's own office again.
pub fn shortened(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) if v4.is_unspecified() => String::new(),
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.*")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::*")
        }
    }
}

/// The family of a browser; the order matters, since each names its forebears.
pub fn browser(user_agent: &str) -> &'static str {
    const FAMILIES: [(&str, &str); 5] = [
        ("MicroMessenger", "WeChat"),
        ("Edg", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let found = FAMILIES.iter().find(|(sign, _)| user_agent.contains(sign));
    found.map_or("other", |(_, family)| *family)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Permission, rules as powers};
    use kernel::SeededRng;

    const NOW: Instant = Instant::from_micros(1_778_198_400_000_000);

    fn policy_now() -> Policy {
        policy(&Parameters::shipped().expect("sound"), NOW.business_day()).expect("in force")
    }

    #[test]
    fn the_shipped_rules_are_those_of_the_grading_and_ask_approvers_and_administrators_for_a_second_factor() {
        let policy = policy_now();
        assert_eq!((policy.failures_max, policy.lock_micros), (5, 10 * MINUTE_MICROS));
        assert_eq!(
            (policy.idle_micros, policy.session_micros),
            (30 * MINUTE_MICROS, 12 * HOUR_MICROS)
        );
        assert_eq!((policy.days_max, policy.no_reuse), (Some(90), 5));
        let approve = [
            Permission::RefundApprove,
            Permission::PayoutApprove,
            Permission::MatchApprove,
        ];
        for role in Role::ALL {
            let approves = approve.iter().any(|money| powers::allows(*role, *money));
            let wanted = approves || powers::is_administrator(*role);
            assert_eq!(needs_factor(&policy, [*role]), wanted, "{role}");
        }
    }

    #[test]
    fn a_password_is_long_mixed_and_not_its_owners_name() {
        let policy = policy_now();
        for good in ["Bridge-2026", "桥上的Lights9"] {
            assert!(password(&policy, false, "wang", good).is_ok(), "{good}");
        }
        for bad in [
            "Sh0rt-1",
            "alllowercase",
            "Aa1-Aa1-Aa1",
            "Wang-2026-xy",
            "Bridge-2026\n",
            &"Ab1-".repeat(33),
        ] {
            assert!(password(&policy, false, "wang", bad).is_err(), "{bad:?}");
        }
        let error = password(&policy, true, "wang", "Bridge-2026").expect_err("11 characters");
        assert!(matches!(
            error,
            SigninError::PasswordRules {
                chars_min: 12,
                classes_min: 3,
                ..
            }
        ));
    }

    #[test]
    fn the_fifth_failure_locks_and_the_lock_and_the_count_end_by_time() {
        let lock = 10 * MINUTE_MICROS;
        let mut failures = Failures {
            count: 0,
            last_at: NOW,
            locked_until: None,
        };
        for _ in 0..4 {
            failures = one_more(failures, 5, lock, NOW).expect("looked at");
            assert_eq!(failures.locked_until, None);
        }
        let fifth = one_more(failures, 5, lock, NOW).expect("looked at");
        assert_eq!(fifth.locked_until, Some(NOW.plus_micros(lock)));
        assert_eq!(
            one_more(fifth, 5, lock, NOW.plus_micros(lock - 1)),
            Err(NOW.plus_micros(lock))
        );
        let after = one_more(fifth, 5, lock, NOW.plus_micros(lock)).expect("open again");
        assert_eq!((after.count, after.locked_until), (1, None));
        let later = one_more(failures, 5, lock, NOW.plus_micros(lock)).expect("looked at");
        assert_eq!(later.count, 1, "old failures are forgotten");
        assert_eq!(seconds_until(NOW, NOW.plus_micros(1)), 1);
        assert_eq!(seconds_until(NOW, NOW), 0);
    }

    #[test]
    fn a_session_ends_by_idleness_by_age_and_by_hand() {
        let policy = policy_now();
        let session = SessionRow {
            id: super::super::SessionId::new(NOW, &SeededRng::new(1)),
            actor: kernel::ActorId::new(NOW, &SeededRng::new(2)),
            started_at: NOW,
            last_seen_at: NOW,
            ends_at: NOW.plus_micros(policy.session_micros),
            address: String::new(),
            agent: String::new(),
            revoked_at: None,
        };
        let idle = NOW.plus_micros(policy.idle_micros);
        assert_eq!(idle_until(&session, &policy, NOW), Some(idle));
        assert_eq!(idle_until(&session, &policy, idle), None);
        let busy = SessionRow {
            last_seen_at: session.ends_at.plus_micros(-1),
            ..session.clone()
        };
        assert_eq!(
            idle_until(&busy, &policy, session.ends_at.plus_micros(-1)),
            Some(session.ends_at)
        );
        assert_eq!(idle_until(&busy, &policy, session.ends_at), None);
        let revoked = SessionRow {
            revoked_at: Some(NOW),
            ..session
        };
        assert_eq!(idle_until(&revoked, &policy, NOW), None);
    }

    #[test]
    fn codes_are_those_of_the_standard_and_each_works_once() {
        // RFC 6238, appendix B, last six digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let now = Instant::from_micros(seconds * SECOND_MICROS);
            let step = factor_step(secret, code, -1, now).expect("the present code");
            assert_eq!(step, seconds / STEP_S);
            assert_eq!(factor_step(secret, code, step, now), None, "a second time");
            let spaced = format!("{} {}", &code[..3], &code[3..]);
            assert_eq!(factor_step(secret, &spaced, -1, now), Some(step));
            let (beside, beyond) = (STEP_S * SECOND_MICROS, 2 * STEP_S * SECOND_MICROS);
            assert_eq!(
                factor_step(secret, code, -1, now.plus_micros(beside)),
                Some(step),
                "one step of skew"
            );
            assert_eq!(factor_step(secret, code, -1, now.plus_micros(beyond)), None);
        }
        for wrong in ["", "28708", "2870822", "28708x", "٢٨٧٠٨٢"] {
            assert_eq!(
                factor_step(secret, wrong, -1, Instant::from_micros(59 * SECOND_MICROS)),
                None,
                "{wrong}"
            );
        }
        let uri = otpauth("王 a", secret);
        assert!(
            uri.starts_with("otpauth://totp/Shanqiao:%E7%8E%8B%20a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"),
            "{uri}"
        );
    }

    #[test]
    fn recovery_codes_differ_and_are_read_however_they_are_typed() {
        let codes = fresh_recovery_codes(&SeededRng::new(5));
        assert_eq!(codes.len(), RECOVERY_CODES);
        let mut plain: Vec<String> = codes.iter().filter_map(|code| recovery_code(code)).collect();
        assert_eq!(
            recovery_code(&codes[0].to_uppercase().replace('-', " ")).as_ref(),
            plain.first()
        );
        plain.sort();
        plain.dedup();
        assert_eq!(plain.len(), RECOVERY_CODES);
        assert_eq!(recovery_code("123456"), None);
    }

    #[test]
    fn a_secret_is_kept_as_its_hash_and_makes_its_own_csrf_token() {
        let secret = fresh_secret(&SeededRng::new(3));
        assert_eq!(secret_hash(&secret.text), Some(secret.hash));
        assert_eq!(secret_hash(&secret.text[1..]), None);
        let other = fresh_secret(&SeededRng::new(4));
        assert_ne!(csrf(&secret.text), csrf(&other.text));
        assert!(same(b"ab", b"ab") && !same(b"ab", b"ac") && !same(b"ab", b"abc"));
    }

    #[test]
    fn addresses_are_shortened_and_browsers_known_by_family() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(shortened(ip("203.0.113.7")), "203.0.113.*");
        assert_eq!(shortened(ip("2001:db8:1:2::3")), "2001:db8:1::*");
        assert_eq!(network(ip("2001:db8:1:2::3")), network(ip("2001:db8:1:2::4")));
        assert_ne!(network(ip("203.0.113.7")), network(ip("203.0.113.8")));
        let edge = "Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!((browser(edge), browser("curl/8")), ("Edge", "other"));
    }
}
