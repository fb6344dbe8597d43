//! The keys of the log: 32 secret bytes each, sealed under the installation's key, in a file of their own. They are not
//! in any database, so that no backup of one carries them.
//!
//! A line of the file is a key that signs, `base64` for the first of a log and `day base64` for one that a rotation made,
//! the newest last; or `retired` or `distrusted` and the public half of one that signs no more.

use kernel::{BusinessDay, Rng};
use platform::Keys;

use super::error::LogError;
use crate::tlog::{Checkpoint, KeyKind, SignedNote, Signer, Sm2Signer, Sm2Verifier, TlogError, Verifier};

/// What the sealed bytes are bound to.
const ABOUT: &str = "log.key";
/// Keys that sign at once: more lines than the old and the new nobody needs.
const SIGNING_MAX: usize = 2;
const UNREADABLE: LogError = LogError::Key("its file has a line that is none of a key’s");

/// What becomes of a key that signs no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It was replaced: what it signed holds, and policies go on naming it.
    Retired,
    /// Somebody else may have it: policies name it no longer.
    Distrusted,
}

impl Gone {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Retired => "retired",
            Self::Distrusted => "distrusted",
        }
    }
}

/// The keys of a log: at least one signs.
pub struct LogKeys {
    first: Signer,
    /// The newer one and the day it was made, while a rotation lasts.
    second: Option<Signer>,
    since: Option<BusinessDay>,
    gone: Vec<(Gone, Verifier)>,
    /// The key of the second suite, where it is switched on.
    sm2: Option<Sm2Signer>,
}

impl From<Signer> for LogKeys {
    fn from(first: Signer) -> Self {
        Self {
            first,
            second: None,
            since: None,
            gone: Vec::new(),
            sm2: None,
        }
    }
}

/// A line of the file.
enum Line {
    Signs(Option<BusinessDay>, Vec<u8>),
    Gone(Gone, Verifier),
}

fn lines(text: &str) -> Result<Vec<Line>, LogError> {
    let line = |line: &str| {
        let (word, rest) = line.split_once(' ').unwrap_or(("", line));
        let gone = [Gone::Retired, Gone::Distrusted]
            .into_iter()
            .find(|gone| gone.as_str() == word);
        if let Some(gone) = gone {
            return Verifier::from_text(rest)
                .map(|key| Line::Gone(gone, key))
                .map_err(|_| UNREADABLE);
        }
        let day = match word {
            "" => None,
            day => Some(BusinessDay::parse(day).map_err(|_| UNREADABLE)?),
        };
        let sealed = data_encoding::BASE64.decode(rest.as_bytes()).map_err(|_| UNREADABLE)?;
        Ok(Line::Signs(day, sealed))
    };
    text.lines()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(line)
        .collect()
}

fn to_text(all: &[Line]) -> String {
    let line = |line: &Line| match line {
        Line::Signs(None, sealed) => data_encoding::BASE64.encode(sealed) + "\n",
        Line::Signs(Some(day), sealed) => format!("{day} {}\n", data_encoding::BASE64.encode(sealed)),
        Line::Gone(gone, key) => format!("{} {}\n", gone.as_str(), key.to_text()),
    };
    all.iter().map(line).collect()
}

/// A key file's content.
pub fn new_key_file(keys: &Keys, rng: &dyn Rng) -> String {
    to_text(&[Line::Signs(None, keys.seal(&rng.secret(), ABOUT, rng))])
}

/// Whether all of a key file is sealed under the newest of the installation's keys.
pub fn sealed_with_newest(text: &str, keys: &Keys) -> bool {
    let newest = |line: &Line| match line {
        Line::Signs(_, sealed) => sealed.first() == Some(&keys.newest_number()),
        Line::Gone(..) => true,
    };
    lines(text).is_ok_and(|all| all.iter().all(newest))
}

/// The same key file, sealed under the newest of the installation's keys.
///
/// # Errors
/// [`LogError::Key`], [`LogError::Sealed`].
pub fn sealed_anew(text: &str, keys: &Keys, rng: &dyn Rng) -> Result<String, LogError> {
    let mut all = lines(text)?;
    for line in &mut all {
        if let Line::Signs(_, sealed) = line {
            *sealed = keys.seal(&keys.open(sealed, ABOUT)?, ABOUT, rng);
        }
    }
    Ok(to_text(&all))
}

/// The key file with a new key beside the one that signs.
///
/// # Errors
/// [`LogError::Key`] while another rotation lasts.
pub fn rotated(text: &str, keys: &Keys, rng: &dyn Rng, day: BusinessDay) -> Result<String, LogError> {
    let mut all = lines(text)?;
    let signing = |line: &&Line| matches!(line, Line::Signs(..));
    if all.iter().filter(signing).count() >= SIGNING_MAX {
        return Err(LogError::Key("two of them sign already: a rotation lasts"));
    }
    // Behind the one that signs, before what signs no more.
    let at = all.iter().take_while(signing).count();
    all.insert(at, Line::Signs(Some(day), keys.seal(&rng.secret(), ABOUT, rng)));
    Ok(to_text(&all))
}

/// The key file without its older key, whose secret is gone with it.
///
/// # Errors
/// [`LogError::Key`] where one alone signs.
pub fn ended(text: &str, keys: &Keys, origin: &str, gone: Gone) -> Result<String, LogError> {
    let read = LogKeys::from_file(text, keys, origin)?;
    if read.second.is_none() {
        return Err(LogError::Key("one alone signs: there is no rotation to end"));
    }
    let mut all = lines(text)?;
    all.remove(0);
    all.push(Line::Gone(gone, read.first.verifier().clone()));
    Ok(to_text(&all))
}

impl LogKeys {
    /// Reads a key file; the log's name is its origin.
    ///
    /// # Errors
    /// [`LogError::Key`] when it cannot be read, [`LogError::Sealed`] with another installation's key.
    pub fn from_file(text: &str, keys: &Keys, origin: &str) -> Result<Self, LogError> {
        let (mut signing, mut gone) = (Vec::new(), Vec::new());
        for line in lines(text)? {
            match line {
                Line::Gone(why, key) => gone.push((why, key)),
                Line::Signs(..) if !gone.is_empty() => return Err(UNREADABLE),
                Line::Signs(day, sealed) => {
                    let seed: [u8; 32] = keys
                        .open(&sealed, ABOUT)?
                        .try_into()
                        .map_err(|_| LogError::Key("it does not have 32 bytes"))?;
                    signing.push((day, Signer::new(origin, KeyKind::Ed25519, &seed)?));
                }
            }
        }
        let mut signing = signing.into_iter();
        let (first, second) = (signing.next(), signing.next());
        if signing.next().is_some() {
            return Err(UNREADABLE);
        }
        let (first_since, first) = first.ok_or(LogError::Key("its file holds none that signs"))?;
        Ok(Self {
            since: second.as_ref().map_or(first_since, |(day, _)| *day),
            first,
            second: second.map(|(_, signer)| signer),
            gone,
            sm2: None,
        })
    }

    /// The same with a key of the second suite, whose line stands behind the others.
    #[must_use]
    pub fn with_sm2(self, sm2: Option<Sm2Signer>) -> Self {
        Self { sm2, ..self }
    }

    /// The key of the second suite, where it is switched on.
    pub fn sm2(&self) -> Option<&Sm2Verifier> {
        self.sm2.as_ref().map(Sm2Signer::verifier)
    }

    /// The newest key that signs: the one to pin.
    pub fn newest(&self) -> &Verifier {
        self.second.as_ref().unwrap_or(&self.first).verifier()
    }

    /// The keys that sign, the newest last.
    pub fn signing(&self) -> impl Iterator<Item = &Verifier> {
        [Some(&self.first), self.second.as_ref()]
            .into_iter()
            .flatten()
            .map(Signer::verifier)
    }

    /// The older key, while a rotation lasts.
    pub fn older(&self) -> Option<&Verifier> {
        self.second.as_ref().map(|_| self.first.verifier())
    }

    /// The day the newest was made; none for the first of a log.
    pub fn since(&self) -> Option<BusinessDay> {
        self.since
    }

    /// The keys that signed and sign no more.
    pub fn gone(&self) -> &[(Gone, Verifier)] {
        &self.gone
    }

    /// All that this log ever signed with: what any of them signed is its own past, from which it must not differ.
    pub fn known(&self) -> impl Iterator<Item = &Verifier> {
        self.signing().chain(self.gone.iter().map(|(_, key)| key))
    }

    /// What a policy names.
    pub fn trusted(&self) -> impl Iterator<Item = &Verifier> {
        let kept = |(gone, _): &&(Gone, Verifier)| *gone == Gone::Retired;
        self.signing().chain(self.gone.iter().filter(kept).map(|(_, key)| key))
    }

    /// A policy that names these keys for the log, whichever it named before; the rest of its lines stay.
    pub fn named_in(&self, policy: &str) -> String {
        let own = self.trusted().map(|key| format!("log {}\n", key.to_text()));
        let rest = policy
            .lines()
            .filter(|line| line.split_whitespace().next() != Some("log"));
        own.chain(rest.map(|line| format!("{line}\n"))).collect()
    }

    /// Signs by all that sign, the oldest first.
    pub(super) fn sign(&self, checkpoint: &Checkpoint) -> Result<SignedNote, TlogError> {
        let mut note = checkpoint.sign(&self.first)?;
        if let Some(second) = &self.second {
            let line = second.sign(&note.note);
            note.signatures.push(line);
        }
        if let Some(sm2) = &self.sm2 {
            note.signatures.push(sm2.sign(&note.note)?);
        }
        Ok(note)
    }

    /// Whether all that sign have signed this note, and none that signs no more.
    pub(super) fn have_signed(&self, note: &SignedNote) -> bool {
        let has = |key: &Verifier| note.of(key).next().is_some();
        let by_sm2 = self.sm2().is_none_or(|key| key.lines(note).next().is_some());
        by_sm2 && self.signing().all(has) && !self.gone.iter().any(|(_, key)| has(key))
    }

    /// Reads a checkpoint that one of the keys signed, old or new.
    pub(super) fn open(&self, bytes: &[u8]) -> Result<(Checkpoint, SignedNote), TlogError> {
        let note = SignedNote::parse(bytes)?;
        Ok((Checkpoint::open_any(&note, self.known())?, note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRng;

    const ORIGIN: &str = "log.example/371300";

    #[test]
    fn a_key_file_is_rotated_sealed_anew_and_ended_and_forgets_no_key_it_signed_with() {
        let rng = SeededRng::new(5);
        let file = Keys::new_file(&rng);
        let keys = Keys::from_file(&file).expect("keys");
        let newer = Keys::from_file(&Keys::rotated_file(&file, &rng).expect("rotated")).expect("keys");
        let read = |text: &str| LogKeys::from_file(text, &newer, ORIGIN).expect("readable");
        let day = BusinessDay::from_number(20_261_123).expect("a day");
        let one = new_key_file(&keys, &rng);
        let first = read(&one).newest().clone();
        assert!(ended(&one, &keys, ORIGIN, Gone::Retired).is_err());
        let two = rotated(&one, &keys, &rng, day).expect("rotated");
        assert!(rotated(&two, &keys, &rng, day).is_err(), "one rotation at a time");
        let both = read(&two);
        assert_eq!((both.older(), both.since()), (Some(&first), Some(day)));
        assert_ne!(*both.newest(), first);
        assert!(sealed_with_newest(&two, &keys) && !sealed_with_newest(&two, &newer));
        let anew = sealed_anew(&two, &newer, &rng).expect("sealed");
        assert!(sealed_with_newest(&anew, &newer));
        assert!(read(&anew).known().eq(both.known()));
        for (gone, named) in [(Gone::Retired, 2), (Gone::Distrusted, 1)] {
            let text = ended(&anew, &newer, ORIGIN, gone).expect("ended");
            let after = read(&text);
            assert_eq!((after.newest(), after.older()), (both.newest(), None));
            assert_eq!(after.known().count(), 2);
            let policy = after.named_in("log x\n# words\nquorum none\n");
            assert_eq!(policy.matches("log ").count(), named, "{policy}");
            assert!(policy.starts_with(&format!("log {}\n", both.newest().to_text())) && policy.ends_with("none\n"));
            // And again: what is gone stays behind what signs.
            let third = read(&rotated(&text, &newer, &rng, day).expect("rotated"));
            assert_eq!(third.older(), Some(both.newest()));
            assert_eq!(third.known().count(), 3);
        }
        for broken in [
            "",
            "x",
            "retired x",
            "2026-11-31 AAAA",
            &format!("retired {}\n{one}", first.to_text()),
        ] {
            assert!(LogKeys::from_file(broken, &newer, ORIGIN).is_err(), "{broken}");
        }
    }
}
