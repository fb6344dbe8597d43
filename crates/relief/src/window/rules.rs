//! Which addresses may stand on a public page. Pure.

use super::model::{Shown, Video};
use crate::error::{ReliefError, invalid};

/// Characters of an address.
const ADDRESS_CHARS_MAX: usize = 300;
/// Characters of a host's name, and of a part of it (RFC 1035).
const HOST_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;
/// Files that every browser plays by itself.
const PLAYED: [&str; 2] = [".mp4", ".webm"];

/// Reads the address of a video: https, a host's name without port or name of a user, and no character that has a
/// meaning in a page or a header.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn video(text: &str) -> Result<Video, ReliefError> {
    const WHY: &str = "an address that begins with https:// and the name of a host is expected, without a port";
    let wrong = || invalid("video", WHY);
    let address = text.trim();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?&=%+,@!$*()".contains(c);
    if address.len() > ADDRESS_CHARS_MAX || !address.chars().all(is_plain) {
        return Err(wrong());
    }
    let rest = address.strip_prefix("https://").ok_or_else(wrong)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = rest[..end].to_ascii_lowercase();
    if !is_host(&host) {
        return Err(wrong());
    }
    let path = rest[end..].split('?').next().unwrap_or_default().to_ascii_lowercase();
    let shown = if PLAYED.iter().any(|ending| path.ends_with(ending)) {
        Shown::Played
    } else {
        Shown::Framed
    };
    Ok(Video {
        address: address.to_owned(),
        host,
        shown,
    })
}

/// Names with at least one dot that end in letters: no addresses of machines, nothing inside the house.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=LABEL_CHARS_MAX).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let ends_in_letters = |last: &str| last.len() >= 2 && last.starts_with(|c: char| c.is_ascii_alphabetic());
    host.len() <= HOST_CHARS_MAX
        && host.split('.').all(label)
        && host.rsplit_once('.').is_some_and(|(_, last)| ends_in_letters(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_is_framed_and_a_file_is_played() {
        let framed = video("https://Live.example.org/room/42?muted=1").expect("a video");
        assert_eq!(
            (framed.host.as_str(), framed.shown),
            ("live.example.org", Shown::Framed)
        );
        let played = video(" https://video.example.org/store/today.MP4?token=a%2Fb ").expect("a video");
        assert_eq!(
            (played.host.as_str(), played.shown),
            ("video.example.org", Shown::Played)
        );
        assert_eq!(played.address, "https://video.example.org/store/today.MP4?token=a%2Fb");
    }

    #[test]
    fn what_is_no_address_of_a_host_outside_is_refused() {
        for text in [
            "",
            "http://live.example.org/",
            "//live.example.org/",
            "javascript:alert(1)",
            "https://",
            "https://localhost/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://live.example.org:8443/",
            "https://user@live.example.org/",
            "https://live.example.org; script-src *",
            "https://live.example.org/\"onload=",
            "https://live.example.org/<x>",
            "https://-live.example.org/",
            "https://live..example.org/",
            "https://直播.example.org/",
        ] {
            let refused = video(text);
            assert!(
                matches!(refused, Err(ReliefError::Invalid { field: "video", .. })),
                "{text}: {refused:?}"
            );
        }
        let long = format!("https://live.example.org/{}", "a".repeat(ADDRESS_CHARS_MAX));
        assert!(video(&long).is_err());
    }
}
