//! How much is kept and which words tell a change: pure decisions.

use super::model::What;

/// Changes kept of one person: more than one reads, and whoever changes the same again and again fills nothing.
pub const KEPT_MAX: i64 = 100;

/// The key of the words that tell it by telephone.
pub const fn words(what: What) -> &'static str {
    match what {
        What::SsoLinked => "signin.changed.sso_linked",
        What::SsoUnlinked => "signin.changed.sso_unlinked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::Locale;

    #[test]
    fn every_change_has_words_in_every_language_that_name_the_provider_and_the_way_there() {
        for what in What::ALL {
            for locale in Locale::ALL {
                let values = [("provider", "CITY".to_owned()), ("link", "LINK".to_owned())];
                let text = locale.text(words(what), &values);
                assert!(text.contains("CITY") && text.contains("LINK"), "{text}");
            }
            assert_eq!(what.as_str().parse::<What>(), Ok(what));
        }
        assert!("nonsense".parse::<What>().is_err());
    }
}
