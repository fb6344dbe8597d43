//! The key of the second suite: a file of its own beside the log's, sealed as that one is.
//!
//! A line of the file is the key that signs, `base64`, or `retired` and the public half of one that signs no more.

use kernel::Rng;
use platform::Keys;

use super::error::LogError;
use crate::tlog::{Sm2Signer, Sm2Verifier};

/// What the sealed bytes are bound to.
const ABOUT: &str = "log.sm2.key";
const RETIRED: &str = "retired ";
const UNREADABLE: LogError = LogError::Key("the file of the SM2 key has a line that is none of a key’s");
/// All but one in 2³² of 32 random bytes are a key of SM2; so many in a row are never none.
const TRIES: usize = 8;

/// A key file as it was read.
pub struct Sm2Keys {
    /// The one that signs, where the suite is switched on.
    pub signer: Option<Sm2Signer>,
    /// Those that signed before.
    pub retired: Vec<Sm2Verifier>,
}

fn sealed(line: &str) -> Result<Vec<u8>, LogError> {
    data_encoding::BASE64.decode(line.as_bytes()).map_err(|_| UNREADABLE)
}

fn opened(line: &str, keys: &Keys, origin: &str) -> Result<Sm2Signer, LogError> {
    let secret: Result<[u8; 32], _> = keys.open(&sealed(line)?, ABOUT)?.try_into();
    let secret = secret.map_err(|_| LogError::Key("the SM2 key does not have 32 bytes"))?;
    Ok(Sm2Signer::new(origin, &secret)?)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

impl Sm2Keys {
    /// Reads a key file; the key's name is the log's origin.
    ///
    /// # Errors
    /// [`LogError::Key`] when it cannot be read, [`LogError::Sealed`] with another installation's key.
    pub fn from_file(text: &str, keys: &Keys, origin: &str) -> Result<Self, LogError> {
        let (mut signer, mut retired) = (None, Vec::new());
        for line in lines(text) {
            match line.strip_prefix(RETIRED) {
                Some(key) => retired.push(Sm2Verifier::from_text(key).map_err(|_| UNREADABLE)?),
                None if signer.is_some() => return Err(UNREADABLE),
                None => signer = Some(opened(line, keys, origin)?),
            }
        }
        Ok(Self { signer, retired })
    }
}

/// The key file with a key that signs, made where there is none.
///
/// # Errors
/// [`LogError::Key`] when the file cannot be read, or no key could be made.
pub fn sm2_switched_on(text: &str, keys: &Keys, origin: &str, rng: &dyn Rng) -> Result<String, LogError> {
    if Sm2Keys::from_file(text, keys, origin)?.signer.is_some() {
        return Ok(text.to_owned());
    }
    for _ in 0..TRIES {
        let secret = rng.secret();
        if Sm2Signer::new(origin, &secret).is_ok() {
            let line = data_encoding::BASE64.encode(&keys.seal(&secret, ABOUT, rng));
            return Ok(format!("{line}\n{text}"));
        }
    }
    Err(LogError::Key("no SM2 key could be made"))
}

/// The key file without the key that signs, whose secret is gone with it.
///
/// # Errors
/// [`LogError::Key`] when the file cannot be read.
pub fn sm2_switched_off(text: &str, keys: &Keys, origin: &str) -> Result<String, LogError> {
    let read = Sm2Keys::from_file(text, keys, origin)?;
    let gone = read.signer.map(|signer| signer.verifier().clone());
    let line = |key: &Sm2Verifier| format!("{RETIRED}{}\n", key.to_text());
    Ok(read.retired.iter().chain(&gone).map(line).collect())
}

/// The key file sealed under the newest of the installation's keys; `None` where it is.
///
/// # Errors
/// [`LogError::Key`], [`LogError::Sealed`].
pub fn sm2_sealed_anew(text: &str, keys: &Keys, rng: &dyn Rng) -> Result<Option<String>, LogError> {
    let (mut made, mut is_new) = (String::new(), false);
    for line in lines(text) {
        if line.starts_with(RETIRED) {
            made.push_str(line);
        } else {
            let old = sealed(line)?;
            is_new |= old.first() != Some(&keys.newest_number());
            let secret = keys.open(&old, ABOUT)?;
            made.push_str(&data_encoding::BASE64.encode(&keys.seal(&secret, ABOUT, rng)));
        }
        made.push('\n');
    }
    Ok(is_new.then_some(made))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRng;

    const ORIGIN: &str = "log.example/371300";

    #[test]
    fn the_suite_is_switched_on_sealed_anew_switched_off_and_forgets_no_key_it_signed_with() {
        let rng = SeededRng::new(6);
        let file = Keys::new_file(&rng);
        let keys = Keys::from_file(&file).expect("keys");
        let newer = Keys::from_file(&Keys::rotated_file(&file, &rng).expect("rotated")).expect("keys");
        let key = |text: &str| {
            let read = Sm2Keys::from_file(text, &newer, ORIGIN).expect("readable");
            read.signer.map(|signer| signer.verifier().clone())
        };
        let on = sm2_switched_on("", &keys, ORIGIN, &rng).expect("on");
        let first = key(&on).expect("it signs");
        assert_eq!(sm2_switched_on(&on, &keys, ORIGIN, &rng).expect("on"), on, "once");
        assert_eq!(sm2_sealed_anew(&on, &keys, &rng).expect("sealed"), None);
        let anew = sm2_sealed_anew(&on, &newer, &rng).expect("sealed").expect("anew");
        assert_eq!(key(&anew).as_ref(), Some(&first));
        assert_eq!(sm2_sealed_anew(&anew, &newer, &rng).expect("sealed"), None);
        let off = sm2_switched_off(&anew, &newer, ORIGIN).expect("off");
        assert_eq!(key(&off), None);
        assert_eq!(off, format!("retired {}\n", first.to_text()));
        assert_eq!(sm2_switched_off(&off, &newer, ORIGIN).expect("off"), off, "once");
        let again = sm2_switched_on(&off, &newer, ORIGIN, &rng).expect("on");
        assert_ne!(key(&again), Some(first.clone()), "another key");
        assert_eq!(
            Sm2Keys::from_file(&again, &newer, ORIGIN).expect("readable").retired,
            [first]
        );
        for broken in ["x", "retired x", &format!("{on}{on}")] {
            assert!(Sm2Keys::from_file(broken, &newer, ORIGIN).is_err(), "{broken}");
        }
    }
}
