//! What a provider's settings, a way back and a stated second factor are: pure decisions.

use kernel::{Instant, Rng};

use super::error::SsoError;
use super::model::{Half, Pending, Trust, Way};
use super::port::Verified;

/// More buttons than anybody reads.
pub const PROVIDERS_MAX: usize = 8;
/// How long a browser may be away.
pub const AWAY_MICROS: i64 = 10 * 60 * 1_000_000;
/// How long a code of the second factor is awaited.
pub const HALF_MICROS: i64 = 5 * 60 * 1_000_000;
/// Knocks older than this are forgotten.
pub const KNOCK_KEPT_MICROS: i64 = 30 * 24 * 60 * 60 * 1_000_000;
/// Knocks kept of one provider: whoever has an account there can make one, but only one.
pub const KNOCKS_MAX: i64 = 500;

const CODE_CHARS: std::ops::RangeInclusive<usize> = 2..=20;
const LABEL_CHARS_MAX: usize = 40;
const WORD_CHARS_MAX: usize = 200;
const WORDS_MAX: usize = 10;
const SECRET_CHARS_MAX: usize = 500;
const ADDRESS_CHARS_MAX: usize = 300;
const BACK_CHARS_MAX: usize = 500;
/// OpenID Connect Core: a subject has at most 255 characters.
const SUBJECT_CHARS_MAX: usize = 255;
const REFERENCE_CHARS: usize = 8;
/// Where people go who say nowhere.
const HOME: &str = "/work";

fn wrong(field: &'static str, why: &str) -> SsoError {
    SsoError::Setting {
        field,
        why: why.to_owned(),
    }
}

/// A provider's name in addresses.
///
/// # Errors
/// [`SsoError::Setting`].
pub fn code(text: &str) -> Result<&str, SsoError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = CODE_CHARS.contains(&text.len()) && text.chars().all(plain) && !text.starts_with('-');
    good.then_some(text)
        .ok_or_else(|| wrong("provider", "2 to 20 of a-z, 0-9 and -, not beginning with -"))
}

/// What a button says.
///
/// # Errors
/// [`SsoError::Setting`].
pub fn label(text: &str) -> Result<&str, SsoError> {
    let text = text.trim();
    let good = !text.is_empty() && text.chars().count() <= LABEL_CHARS_MAX && !text.chars().any(char::is_control);
    good.then_some(text)
        .ok_or_else(|| wrong("label", "1 to 40 characters on one line"))
}

/// A secret of ours with a provider.
///
/// # Errors
/// [`SsoError::Setting`].
pub fn secret(text: &str) -> Result<&str, SsoError> {
    let text = text.trim();
    let good = !text.is_empty() && text.len() <= SECRET_CHARS_MAX && text.bytes().all(|b| b.is_ascii_graphic());
    good.then_some(text)
        .ok_or_else(|| wrong("secret", "1 to 500 printable characters without blanks"))
}

/// Settings that can be.
///
/// # Errors
/// [`SsoError::Setting`] with the field at fault.
pub fn way(way: &Way) -> Result<(), SsoError> {
    match way {
        Way::Oidc {
            issuer,
            client_id,
            scopes,
            levels,
        } => {
            address("way.issuer", issuer)?;
            word("way.client_id", client_id)?;
            words("way.scopes", scopes)?;
            words("way.levels", levels)
        }
        Way::Wecom {
            corp_id,
            agent_id,
            api_url,
            login_url,
        } => {
            word("way.corp_id", corp_id)?;
            if agent_id.is_empty() || agent_id.len() > 20 || !agent_id.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong("way.agent_id", "digits"));
            }
            let given = [("way.api_url", api_url), ("way.login_url", login_url)];
            given
                .into_iter()
                .filter_map(|(field, url)| url.as_deref().map(|url| (field, url)))
                .try_for_each(|(field, url)| address(field, url))
        }
    }
}

fn word(field: &'static str, text: &str) -> Result<(), SsoError> {
    let good = !text.is_empty() && text.len() <= WORD_CHARS_MAX && text.bytes().all(|b| b.is_ascii_graphic());
    good.then_some(())
        .ok_or_else(|| wrong(field, "1 to 200 printable characters without blanks"))
}

fn words(field: &'static str, texts: &[String]) -> Result<(), SsoError> {
    if texts.len() > WORDS_MAX {
        return Err(wrong(field, "at most ten"));
    }
    texts.iter().try_for_each(|text| word(field, text))
}

/// An address of another house: over TLS, except on this machine itself.
fn address(field: &'static str, text: &str) -> Result<(), SsoError> {
    let rest = text.strip_prefix("https://");
    let here = text.strip_prefix("http://").filter(|rest| {
        let host = rest.split(['/', ':']).next().unwrap_or("");
        matches!(host, "127.0.0.1" | "localhost")
    });
    let good = rest.or(here).is_some_and(|rest| {
        let host = rest.split('/').next().unwrap_or("");
        !host.is_empty() && !host.contains('@')
    });
    let plain = text.len() <= ADDRESS_CHARS_MAX
        && text.bytes().all(|b| b.is_ascii_graphic())
        && !text.contains(['?', '#', '\\', '"', '<', '>']);
    (good && plain)
        .then_some(())
        .ok_or_else(|| wrong(field, "an address that begins with https:// and has no ? and no #"))
}

/// Where the browser goes afterwards: a page of the console, and nothing that could lead elsewhere.
pub fn homeward(back: Option<&str>) -> String {
    let safe = |text: &&str| {
        let mut letters = text.chars();
        letters.next() == Some('/')
            && !matches!(letters.next(), Some('/' | '\\'))
            && text.len() <= BACK_CHARS_MAX
            && !text.chars().any(|c| c.is_control() || c == '\\')
    };
    back.filter(safe).unwrap_or(HOME).to_owned()
}

/// A subject as a provider may name it.
///
/// # Errors
/// [`SsoError::Setting`].
pub fn subject(text: &str) -> Result<&str, SsoError> {
    let text = text.trim();
    let good = !text.is_empty() && text.chars().count() <= SUBJECT_CHARS_MAX && !text.chars().any(char::is_control);
    good.then_some(text)
        .ok_or_else(|| wrong("subject", "1 to 255 characters on one line"))
}

/// What a subject is called, cut to what a line shows.
pub fn shown_name(name: Option<&str>) -> Option<String> {
    let plain: String = name?.chars().filter(|c| !c.is_control()).take(60).collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// Whether what came back is what went out: from the same browser, to the same provider, in time.
///
/// # Errors
/// [`SsoError::StateWrong`].
pub(super) fn came_back(pending: &Pending, (provider, state): (&str, &str), now: Instant) -> Result<(), SsoError> {
    let same = crate::keys::same(pending.state.as_bytes(), state.as_bytes());
    let good = same && pending.provider == provider && now.micros() < pending.ends_at;
    good.then_some(()).ok_or(SsoError::StateWrong)
}

/// Whether a code of the second factor is still awaited.
///
/// # Errors
/// [`SsoError::StateWrong`].
pub(super) fn still_half(half: &Half, now: Instant) -> Result<(), SsoError> {
    (now.micros() < half.ends_at).then_some(()).ok_or(SsoError::StateWrong)
}

/// Whether the provider states a second factor and is believed: `mfa` among the methods (RFC 8176), or a level of the
/// setting's list. Single methods prove little: a code by mail is an `otp` to some.
pub fn factor_stated(trust: Trust, levels: &[String], verified: &Verified) -> bool {
    let by_method = verified.methods.iter().any(|method| method == "mfa");
    let by_level = verified.level.as_ref().is_some_and(|level| levels.contains(level));
    trust == Trust::Stated && (by_method || by_level)
}

/// A word for the way there and back: letters and digits only.
pub fn fresh_state(rng: &dyn Rng) -> String {
    data_encoding::HEXLOWER.encode(&rng.secret())
}

/// A verifier of PKCE: 43 characters (RFC 7636, 4.1).
pub fn fresh_verifier(rng: &dyn Rng) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&rng.secret())
}

/// What a person reads out over the telephone: `abcd-efgh`.
pub fn fresh_reference(rng: &dyn Rng) -> String {
    let mut bytes = [0; 5];
    rng.fill(&mut bytes);
    let text = data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
    format!("{}-{}", &text[..4], &text[4..REFERENCE_CHARS])
}

/// A reference as it is compared: however it was typed.
pub fn reference(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    let plain = plain.to_ascii_lowercase();
    (plain.len() == REFERENCE_CHARS).then(|| format!("{}-{}", &plain[..4], &plain[4..]))
}

#[cfg(test)]
mod tests {
    use super::super::model::Errand;
    use super::*;
    use kernel::SeededRng;

    const NOW: Instant = Instant::from_micros(1_778_198_400_000_000);

    fn oidc(issuer: &str) -> Way {
        Way::Oidc {
            issuer: issuer.to_owned(),
            client_id: "shanqiao".to_owned(),
            scopes: vec!["profile".to_owned()],
            levels: vec![],
        }
    }

    #[test]
    fn a_provider_is_reached_over_tls_or_on_this_machine() {
        for good in [
            "https://id.example",
            "https://id.example/realms/staff",
            "http://127.0.0.1:4000",
            "http://localhost:4000/x",
        ] {
            assert!(way(&oidc(good)).is_ok(), "{good}");
        }
        for bad in [
            "",
            "id.example",
            "http://id.example",
            "http://127.0.0.1.example",
            "http://localhost@evil.example/",
            "https://user@id.example",
            "https://",
            "https://id.example?x",
            "https://id.example#x",
            "https://id.example/ x",
            "ftp://id.example",
        ] {
            assert!(way(&oidc(bad)).is_err(), "{bad}");
        }
        let wecom = |agent: &str, url: Option<&str>| Way::Wecom {
            corp_id: "ww0000".into(),
            agent_id: agent.into(),
            api_url: url.map(str::to_owned),
            login_url: None,
        };
        assert!(way(&wecom("1000002", None)).is_ok() && way(&wecom("1000002", Some("https://wx.example"))).is_ok());
        assert!(way(&wecom("", None)).is_err() && way(&wecom("12a", None)).is_err());
        assert!(way(&wecom("1000002", Some("http://wx.example"))).is_err());
    }

    #[test]
    fn names_labels_and_secrets_are_short_and_plain() {
        assert!(code("city-id").is_ok());
        for bad in ["", "a", "-ab", "City", "a b", "a/b", &"a".repeat(21)] {
            assert!(code(bad).is_err(), "{bad}");
        }
        assert_eq!(label(" 市局统一身份 ").ok(), Some("市局统一身份"));
        assert!(label("  ").is_err() && label(&"桥".repeat(41)).is_err() && label("a\nb").is_err());
        assert!(secret("s3cret").is_ok() && secret("").is_err() && secret("a b").is_err());
    }

    #[test]
    fn one_goes_back_to_a_page_of_ours_and_nowhere_else() {
        assert_eq!(homeward(Some("/gifts?project=x")), "/gifts?project=x");
        for bad in [
            None,
            Some(""),
            Some("https://evil.example"),
            Some("//evil.example"),
            Some("/\\evil.example"),
            Some("/a\\b"),
            Some("/a\nb"),
            Some("javascript:alert(1)"),
        ] {
            assert_eq!(homeward(bad), "/work", "{bad:?}");
        }
        assert_eq!(homeward(Some(&format!("/{}", "a".repeat(BACK_CHARS_MAX)))), "/work");
    }

    #[test]
    fn only_the_way_that_was_begun_here_leads_back() {
        let pending = Pending {
            provider: "city".into(),
            errand: Errand::SignIn,
            state: "abc".into(),
            nonce: "n".into(),
            verifier: "v".into(),
            back: "/work".into(),
            ends_at: NOW.micros() + AWAY_MICROS,
        };
        assert!(came_back(&pending, ("city", "abc"), NOW).is_ok());
        assert!(came_back(&pending, ("city", "abd"), NOW).is_err());
        assert!(came_back(&pending, ("city", ""), NOW).is_err());
        assert!(came_back(&pending, ("other", "abc"), NOW).is_err());
        assert!(came_back(&pending, ("city", "abc"), NOW.plus_micros(AWAY_MICROS)).is_err());
    }

    #[test]
    fn a_stated_second_factor_counts_only_where_it_is_believed() {
        let verified = |methods: &[&str], level: Option<&str>| Verified {
            subject: "s".into(),
            name: None,
            methods: methods.iter().map(|m| (*m).to_owned()).collect(),
            level: level.map(str::to_owned),
        };
        let levels = ["gold".to_owned()];
        assert!(factor_stated(Trust::Stated, &[], &verified(&["pwd", "mfa"], None)));
        assert!(factor_stated(Trust::Stated, &levels, &verified(&[], Some("gold"))));
        assert!(!factor_stated(Trust::Never, &levels, &verified(&["mfa"], Some("gold"))));
        assert!(!factor_stated(
            Trust::Stated,
            &levels,
            &verified(&["pwd", "otp"], Some("silver"))
        ));
        assert!(!factor_stated(Trust::Stated, &[], &verified(&[], None)));
    }

    #[test]
    fn states_are_letters_and_digits_and_references_are_read_however_they_are_typed() {
        let rng = SeededRng::new(5);
        let state = fresh_state(&rng);
        assert!(state.len() == 64 && state.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(state, fresh_state(&rng));
        assert_eq!(fresh_verifier(&rng).len(), 43);
        let given = fresh_reference(&rng);
        assert_eq!(reference(&given.to_uppercase().replace('-', " ")), Some(given));
        assert_eq!(reference("abc"), None);
    }

    #[test]
    fn a_shown_name_is_one_short_line() {
        assert_eq!(shown_name(Some(" 林\n一 ")), Some("林一".to_owned()));
        assert_eq!(shown_name(Some("  ")), None);
        assert_eq!(shown_name(None), None);
        assert_eq!(shown_name(Some(&"桥".repeat(100))).map(|n| n.chars().count()), Some(60));
    }
}
