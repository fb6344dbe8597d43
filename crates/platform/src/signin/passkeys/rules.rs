//! For which address passkeys are made, what they are called, and when one may go: pure decisions.

use std::net::IpAddr;

use super::error::PasskeyError;
use super::model::{Authenticator, Holding, RelyingParty, RolesAsk};

/// More keys than a person carries; the list is sent to the browser whole.
pub const PASSKEYS_MAX: usize = 10;
/// How long a challenge waits for its answer: time to find the key and to type its PIN.
pub const CHALLENGE_MS: u32 = 300 * 1_000;
/// The same, for our own clock.
pub const CHALLENGE_MICROS: i64 = 300 * 1_000_000;
/// A name fits a line of a telephone.
pub const NAME_CHARS_MAX: usize = 40;

/// The loopback addresses' name, for which browsers make passkeys without https.
const LOCALHOST: &str = "localhost";

/// For whom passkeys are made at this address; nothing where browsers make none: on plain http, and for a bare number.
/// An installation that is only on its own machine (`http://127.0.0.1:…`) is opened as `localhost` for them.
pub fn relying_party(base_url: &str) -> Option<RelyingParty> {
    let (scheme, rest) = base_url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let (host, port) = host_and_port(&authority)?;
    let number: Option<IpAddr> = host.parse().ok();
    let local = host == LOCALHOST || host.ends_with(".localhost");
    let name = match (scheme.as_str(), number) {
        ("https", None) => host,
        ("http", None) if local => host,
        ("http", Some(address)) if address.is_loopback() => LOCALHOST,
        _ => return None,
    };
    let spelt = !name.is_empty() && name.is_ascii() && !name.contains('@');
    let usual = if scheme == "https" { "443" } else { "80" };
    let port = port.filter(|port| *port != usual);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    spelt.then(|| RelyingParty {
        id: name.to_owned(),
        origin: format!("{scheme}://{name}{port}"),
    })
}

/// The host without the brackets of IPv6, and the port where one is said.
fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port = match rest {
        "" => None,
        rest => Some(rest.strip_prefix(':')?),
    };
    let digits = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    digits.then_some((host, port))
}

/// A name as it is kept: without spaces around it.
///
/// # Errors
/// [`PasskeyError::Name`].
pub fn name(text: &str) -> Result<String, PasskeyError> {
    let name = text.trim();
    let chars = name.chars().count();
    let good = (1..=NAME_CHARS_MAX).contains(&chars) && !name.chars().any(char::is_control);
    good.then(|| name.to_owned())
        .ok_or(PasskeyError::Name { max: NAME_CHARS_MAX })
}

/// Whether one more may be registered.
///
/// # Errors
/// [`PasskeyError::Full`].
pub fn one_more(passkeys: usize) -> Result<(), PasskeyError> {
    if passkeys < PASSKEYS_MAX {
        Ok(())
    } else {
        Err(PasskeyError::Full { max: PASSKEYS_MAX })
    }
}

/// What a removal leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Another second factor.
    Another,
    /// None: recovery codes stand for nothing then.
    None,
}

/// Whether one of these passkeys may be removed.
///
/// # Errors
/// [`PasskeyError::Last`]: it is the last second factor of somebody whose role asks for one.
pub fn removal(holding: Holding) -> Result<Left, PasskeyError> {
    let another = holding.passkeys > 1 || holding.authenticator == Authenticator::Tied;
    match (another, holding.roles) {
        (true, _) => Ok(Left::Another),
        (false, RolesAsk::ForNothing) => Ok(Left::None),
        (false, RolesAsk::ForFactor) => Err(PasskeyError::Last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_made_for_a_name_under_https_and_for_ones_own_machine() {
        let party = |url| relying_party(url).map(|party| (party.id, party.origin));
        let some = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(
            party("https://Give.example"),
            some("give.example", "https://give.example")
        );
        assert_eq!(
            party("https://give.example:443/"),
            some("give.example", "https://give.example")
        );
        assert_eq!(
            party("https://give.example:8443/path"),
            some("give.example", "https://give.example:8443")
        );
        assert_eq!(
            party("http://localhost:8080"),
            some("localhost", "http://localhost:8080")
        );
        assert_eq!(
            party("http://127.0.0.1:8080"),
            some("localhost", "http://localhost:8080")
        );
        assert_eq!(party("http://[::1]:8080"), some("localhost", "http://localhost:8080"));
        for none in [
            "http://give.example",
            "http://192.168.0.7:8080",
            "https://192.168.0.7",
            "https://[2001:db8::1]",
            "https://",
            "https://user@give.example",
            "https://give.example:x",
            "https://捐赠.example",
            "ftp://give.example",
            "give.example",
        ] {
            assert_eq!(party(none), None, "{none}");
        }
    }

    #[test]
    fn a_name_is_short_and_of_one_line() {
        assert_eq!(name("  办公室的钥匙 ").expect("good"), "办公室的钥匙");
        for bad in ["", "   ", "a\nb", &"长".repeat(NAME_CHARS_MAX + 1)] {
            assert!(matches!(name(bad), Err(PasskeyError::Name { max: 40 })), "{bad:?}");
        }
    }

    #[test]
    fn the_last_second_factor_goes_only_where_no_role_asks_for_one() {
        let holding = |passkeys, authenticator, roles| Holding {
            passkeys,
            authenticator,
            roles,
        };
        let (tied, none) = (Authenticator::Tied, Authenticator::None);
        assert_eq!(
            removal(holding(2, none, RolesAsk::ForFactor)).expect("may"),
            Left::Another
        );
        assert_eq!(
            removal(holding(1, tied, RolesAsk::ForFactor)).expect("may"),
            Left::Another
        );
        assert_eq!(
            removal(holding(1, none, RolesAsk::ForNothing)).expect("may"),
            Left::None
        );
        assert!(matches!(
            removal(holding(1, none, RolesAsk::ForFactor)),
            Err(PasskeyError::Last)
        ));
        assert!(one_more(9).is_ok() && one_more(10).is_err());
    }
}
