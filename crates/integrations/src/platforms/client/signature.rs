//! The signature of requests (应用签名): HMAC-SHA256 over the three headers and the key. The body is not signed, so TLS is
//! what keeps it.

use data_encoding::HEXUPPER;
use kernel::{Instant, Rng};
use ring::hmac;

/// The header with the application's number.
pub const APPID: &str = "gy-h-api-appid";
/// The header with the nonce.
pub const NONCE: &str = "gy-h-api-nonce-str";
/// The header with the time, in seconds.
pub const TIMESTAMP: &str = "gy-h-api-timestamp";
/// The header with the signature.
pub const SIGN: &str = "gy-h-api-sign";
/// Characters of a nonce.
const NONCE_CHARS: usize = 32;

/// The signature of a request, as upper-case hexadecimal.
pub fn sign(app_id: &str, nonce: &str, timestamp: i64, secret: &str) -> String {
    let text =
        format!("Gy-H-Api-Appid={app_id}&Gy-H-Api-Nonce-Str={nonce}&Gy-H-Api-Timestamp={timestamp}&key={secret}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    HEXUPPER.encode(hmac::sign(&key, text.as_bytes()).as_ref())
}

/// The headers of a request now.
pub fn headers(app_id: &str, secret: &str, now: Instant, rng: &dyn Rng) -> Vec<(&'static str, String)> {
    let mut bytes = [0; NONCE_CHARS / 2];
    rng.fill(&mut bytes);
    let nonce = kernel::id::hex(&bytes);
    let timestamp = now.micros().div_euclid(1_000_000);
    let sign = sign(app_id, &nonce, timestamp, secret);
    vec![
        (APPID, app_id.to_owned()),
        (NONCE, nonce),
        (TIMESTAMP, timestamp.to_string()),
        (SIGN, sign),
    ]
}

#[cfg(test)]
mod tests {
    use kernel::SeededRng;

    use super::*;

    /// The vector that a public unit test of somebody else cites from the platform's page.
    #[test]
    fn the_published_vector_is_met() {
        let signature = sign(
            "12345",
            "1234567890abcdef1234567890abcdef",
            1_650_966_683,
            "secret1234567890secret1234567890",
        );
        assert_eq!(
            signature,
            "76D81D6C374C989111297C4EB3F804B274FD4093BA2E9B6255DAB30653DBE229"
        );
    }

    #[test]
    fn every_part_of_what_is_signed_counts() {
        let all = ["12345", "n", "key"];
        let first = sign(all[0], all[1], 1, all[2]);
        for other in [
            sign("12346", "n", 1, "key"),
            sign("12345", "m", 1, "key"),
            sign("12345", "n", 2, "key"),
            sign("12345", "n", 1, "kex"),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_nonce_has_32_letters_and_digits_and_comes_once() {
        let rng = SeededRng::new(5);
        let now = Instant::from_micros(1_650_966_683_999_999);
        let (one, two) = (headers("a", "k", now, &rng), headers("a", "k", now, &rng));
        assert_eq!(one[2], (TIMESTAMP, "1650966683".to_owned()));
        assert!(one[1].1.len() == 32 && one[1].1.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(one[1].1, two[1].1);
    }
}
