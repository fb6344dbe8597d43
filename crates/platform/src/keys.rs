//! The installation's keys: they wrap the secret of every gift, seal fields and disguise ids.
//!
//! A key file holds one key a line, `number:base64`, the newest last; new values use the newest, all of them open.
//! A gift's own secret is random and wrapped; from it, by HKDF-Expand (RFC 5869; the secret is uniform, so nothing
//! is extracted), come the key that seals its personal fields and the *showing key* of its certificate. Destroying
//! the wrapped secret is erasure. A key that seals one value only uses a zero nonce.
//!
//! The disguise of ids and the blind indexes are made from the first key and never change. When the first key is
//! removed, a line `ids:base64` takes its place with what was made from it, which opens nothing.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use kernel::{PublicIdCodec, Rng};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::{hkdf, hmac};

/// What a gift's secret is wrapped for.
pub const GIFT_SECRET_PLACE: &str = "gift.secret";
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// number of the key, nonce, 32 bytes sealed with their tag.
const WRAPPED_BYTES: usize = 1 + NONCE_BYTES + 32 + TAG_BYTES;

/// Why something could not be opened or a key not be read. Says nothing about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key file has a line that is not `number:base64` of 32 bytes, or no line.
    #[error("the key file is not readable: each line is `number:base64 of 32 bytes`")]
    File,
    /// The value was sealed with a key that is not in the key file, or was altered.
    #[error("a sealed value cannot be opened: its key is missing or it was altered")]
    Open,
}

/// The secret of one gift, in the clear only in memory. No `Debug`.
pub struct GiftSecret([u8; 32]);

/// The keys. No `Debug`: they never enter a log.
pub struct Keys {
    ring: Vec<(u8, LessSafeKey)>,
    id_cipher: Aes128,
    index: hmac::Key,
    fingerprint: String,
}

/// The line that keeps what was made from a first key that is gone.
const IDS: &str = "ids";
const ID_KEY_BYTES: usize = 16;
const INDEX_KEY_BYTES: usize = 32;
const FINGERPRINT_BYTES: usize = 8;
const IDS_BYTES: usize = ID_KEY_BYTES + INDEX_KEY_BYTES + FINGERPRINT_BYTES;

/// A key file, read.
struct KeyFile {
    /// The key that disguises ids, the key of the blind indexes, the fingerprint.
    ids: [u8; IDS_BYTES],
    keys: Vec<(u8, [u8; 32])>,
}

fn derived_ids(first: &[u8; 32]) -> [u8; IDS_BYTES] {
    let mut ids = [0; IDS_BYTES];
    let (id_key, rest) = ids.split_at_mut(ID_KEY_BYTES);
    let (index, fingerprint) = rest.split_at_mut(INDEX_KEY_BYTES);
    id_key.copy_from_slice(&expand(first, "shanqiao public id v1")[..ID_KEY_BYTES]);
    index.copy_from_slice(&expand(first, "shanqiao blind index v1"));
    fingerprint.copy_from_slice(&expand(first, "shanqiao fingerprint v1")[..FINGERPRINT_BYTES]);
    ids
}

fn stated_ids(line: &str) -> Option<[u8; IDS_BYTES]> {
    let (_, text) = line.trim().split_once(':')?;
    data_encoding::BASE64
        .decode(text.trim().as_bytes())
        .ok()?
        .try_into()
        .ok()
}

struct Exactly32;
impl hkdf::KeyType for Exactly32 {
    fn len(&self) -> usize {
        32
    }
}

fn expand(secret: &[u8; 32], what: &str) -> [u8; 32] {
    let mut out = [0; 32];
    let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, secret);
    let filled = prk
        .expand(&[what.as_bytes()], Exactly32)
        .and_then(|okm| okm.fill(&mut out));
    debug_assert!(filled.is_ok(), "32 bytes are always within HKDF’s bound");
    out
}

fn aead(key: &[u8; 32]) -> LessSafeKey {
    #[allow(
        clippy::expect_used,
        reason = "AES-256 takes exactly 32 bytes, which the type guarantees"
    )]
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 bytes"))
}

fn seal_with(key: &LessSafeKey, nonce: [u8; NONCE_BYTES], about: &[u8], plain: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(plain);
    let tag = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut out[start..]);
    #[allow(clippy::expect_used, reason = "GCM refuses only plaintexts above 64 GiB")]
    out.extend_from_slice(tag.expect("below GCM’s bound").as_ref());
}

fn open_with(key: &LessSafeKey, nonce: &[u8], about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::Open)?;
    let mut buffer = sealed.to_vec();
    let plain = key
        .open_in_place(nonce, Aad::from(about), &mut buffer)
        .map_err(|_| KeyError::Open)?;
    Ok(plain.to_vec())
}

impl Keys {
    /// A key file's first content.
    pub fn new_file(rng: &dyn Rng) -> String {
        format!("1:{}\n", data_encoding::BASE64.encode(&rng.secret()))
    }

    /// The key file with one more key, which seals from now on.
    ///
    /// # Errors
    /// [`KeyError::File`], also when all 255 numbers are used.
    pub fn rotated_file(file: &str, rng: &dyn Rng) -> Result<String, KeyError> {
        let newest = Self::parse_file(file)?.keys.last().map_or(0, |(number, _)| *number);
        let number = newest.checked_add(1).ok_or(KeyError::File)?;
        let line = format!("{number}:{}\n", data_encoding::BASE64.encode(&rng.secret()));
        Ok(format!("{}\n{line}", file.trim_end()))
    }

    /// The key file with its newest key alone. What hangs on the first key (ids, blind indexes, the fingerprint) is
    /// kept as a line of its own. For when nothing is left that the older ones sealed.
    ///
    /// # Errors
    /// [`KeyError::File`].
    pub fn file_without_older(file: &str) -> Result<String, KeyError> {
        let parsed = Self::parse_file(file)?;
        let (number, key) = parsed.keys.last().ok_or(KeyError::File)?;
        let encode = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
        Ok(format!("{IDS}:{}\n{number}:{}\n", encode(&parsed.ids), encode(key)))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError::File`].
    pub fn from_file(file: &str) -> Result<Self, KeyError> {
        let KeyFile { ids, keys } = Self::parse_file(file)?;
        let (id_key, rest) = ids.split_at(ID_KEY_BYTES);
        let (index, fingerprint) = rest.split_at(INDEX_KEY_BYTES);
        let id_cipher = Aes128::new(&Array::try_from(id_key).map_err(|_| KeyError::File)?);
        let index = hmac::Key::new(hmac::HMAC_SHA256, index);
        let fingerprint = data_encoding::HEXLOWER.encode(fingerprint);
        let ring = keys
            .iter()
            .map(|(number, key)| (*number, aead(&expand(key, "shanqiao wrap v1"))))
            .collect();
        Ok(Self {
            ring,
            id_cipher,
            index,
            fingerprint,
        })
    }

    fn parse_file(file: &str) -> Result<KeyFile, KeyError> {
        let mut lines = file.lines().filter(|l| !l.trim().is_empty()).peekable();
        let stated = lines.next_if(|line| line.trim_start().starts_with(IDS));
        let line = |line: &str| {
            let (number, key) = line.trim().split_once(':')?;
            let key = data_encoding::BASE64.decode(key.trim().as_bytes()).ok()?;
            Some((number.parse().ok()?, key.try_into().ok()?))
        };
        let keys: Option<Vec<(u8, [u8; 32])>> = lines.map(line).collect();
        let keys = keys.ok_or(KeyError::File)?;
        let ordered = keys.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let first = keys.first().filter(|_| ordered).ok_or(KeyError::File)?.1;
        let ids = match stated {
            Some(line) => stated_ids(line).ok_or(KeyError::File)?,
            None => derived_ids(&first),
        };
        Ok(KeyFile { ids, keys })
    }

    /// The numbers of the keys, the newest last.
    pub fn numbers(&self) -> Vec<u8> {
        self.ring.iter().map(|(number, _)| *number).collect()
    }

    /// The number of the key that seals now.
    pub fn newest_number(&self) -> u8 {
        self.newest().0
    }

    /// Tells key files apart without telling the key: kept in the database, compared at start.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn newest(&self) -> &(u8, LessSafeKey) {
        // `from_file` refuses an empty ring.
        &self.ring[self.ring.len() - 1]
    }

    fn numbered(&self, number: u8) -> Result<&LessSafeKey, KeyError> {
        self.ring
            .iter()
            .find(|(n, _)| *n == number)
            .map(|(_, key)| key)
            .ok_or(KeyError::Open)
    }

    /// Seals a field of its own (an account's secret, a person's phone). `about` binds the value to its place, such
    /// as `actor.phone`, so that it cannot be moved to another.
    pub fn seal(&self, plain: &[u8], about: &str, rng: &dyn Rng) -> Vec<u8> {
        let (number, key) = self.newest();
        let mut nonce = [0; NONCE_BYTES];
        rng.fill(&mut nonce);
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + plain.len() + TAG_BYTES);
        out.push(*number);
        out.extend_from_slice(&nonce);
        seal_with(key, nonce, about.as_bytes(), plain, &mut out);
        out
    }

    /// Opens what [`Keys::seal`] sealed for the same place.
    ///
    /// # Errors
    /// [`KeyError::Open`].
    pub fn open(&self, sealed: &[u8], about: &str) -> Result<Vec<u8>, KeyError> {
        let (number, rest) = sealed.split_first().ok_or(KeyError::Open)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES).ok_or(KeyError::Open)?;
        open_with(self.numbered(*number)?, nonce, about.as_bytes(), sealed)
    }

    /// A new secret for a gift, and its wrapped form to store.
    pub fn new_gift_secret(&self, rng: &dyn Rng) -> (GiftSecret, Vec<u8>) {
        let secret = GiftSecret(rng.secret());
        let wrapped = self.seal(&secret.0, GIFT_SECRET_PLACE, rng);
        debug_assert_eq!(wrapped.len(), WRAPPED_BYTES);
        (secret, wrapped)
    }

    /// The secret behind its wrapped form.
    ///
    /// # Errors
    /// [`KeyError::Open`]; after erasure there is nothing to open.
    pub fn gift_secret(&self, wrapped: &[u8]) -> Result<GiftSecret, KeyError> {
        let plain = self.open(wrapped, GIFT_SECRET_PLACE)?;
        plain.try_into().map(GiftSecret).map_err(|_| KeyError::Open)
    }

    /// A blind index: finds equal values without telling them. 16 bytes; the caller leads it with the month.
    pub fn blind_index(&self, what: &str, value: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(what.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        context.sign().as_ref()[..16].to_vec()
    }

    /// The house's mark on a thing, for a link or a cookie that nobody else can make: what it is for, and whose.
    pub fn mark(&self, what: &str, value: &str) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.blind_index(what, value))
    }

    /// Whether this is [`Keys::mark`]; takes the same time whatever was shown.
    pub fn is_marked(&self, what: &str, value: &str, shown: &str) -> bool {
        same(self.mark(what, value).as_bytes(), shown.as_bytes())
    }
}

impl GiftSecret {
    /// Seals a personal field of this gift. One value a field: the derived key is used once.
    pub fn seal(&self, field: &str, plain: &[u8]) -> Vec<u8> {
        let key = aead(&expand(&self.0, &format!("gift field {field} v1")));
        let mut out = Vec::with_capacity(plain.len() + TAG_BYTES);
        seal_with(&key, [0; NONCE_BYTES], field.as_bytes(), plain, &mut out);
        out
    }

    /// Opens a personal field of this gift.
    ///
    /// # Errors
    /// [`KeyError::Open`].
    pub fn open(&self, field: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let key = aead(&expand(&self.0, &format!("gift field {field} v1")));
        open_with(&key, &[0; NONCE_BYTES], field.as_bytes(), sealed)
    }

    /// The key in a certificate's QR: it opens the printed name (and, later, the log entry's openings), nothing else.
    pub fn showing_key(&self) -> [u8; 32] {
        expand(&self.0, "showing key v1")
    }

    /// The opening of a commitment in the public log: of one field of one entry, and of nothing else.
    pub fn log_opening(&self, entry: &str, field: &str) -> [u8; 32] {
        expand(&self.0, &format!("log opening {entry} {field} v1"))
    }

    /// The printed name for the certificate's page: `nonce ‖ ciphertext ‖ tag` under the showing key, bound to the
    /// gift's public id. The same gift and name give the same envelope.
    pub fn shown_name(&self, public_id: &str, printed_name: &str) -> Vec<u8> {
        let key = aead(&self.showing_key());
        let mut out = vec![0; NONCE_BYTES];
        seal_with(
            &key,
            [0; NONCE_BYTES],
            format!("name:{public_id}").as_bytes(),
            printed_name.as_bytes(),
            &mut out,
        );
        out
    }

    /// What its holder sends to be given this certificate's papers, which carry the full name: it proves the showing
    /// key without telling it. `templates/static/certificate.js` computes the same in the reader's browser.
    pub fn paper_proof(&self, public_id: &str) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.showing_key());
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&key, format!("paper:{public_id}").as_bytes()).as_ref());
        out
    }

    /// Whether this is [`GiftSecret::paper_proof`]; takes the same time whatever was sent.
    pub fn accepts_paper_proof(&self, public_id: &str, proof: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.showing_key());
        hmac::verify(&key, format!("paper:{public_id}").as_bytes(), proof).is_ok()
    }
}

/// Whether two values are equal, in the same time whatever they are.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (x, y)| differs | (x ^ y)) == 0
}

impl PublicIdCodec for Keys {
    fn encipher(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = Array::from(block);
        self.id_cipher.encrypt_block(&mut block);
        block.into()
    }
    fn decipher(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = Array::from(block);
        self.id_cipher.decrypt_block(&mut block);
        block.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRng;

    fn keys() -> (Keys, String, SeededRng) {
        let rng = SeededRng::new(3);
        let file = Keys::new_file(&rng);
        (Keys::from_file(&file).expect("a new file is readable"), file, rng)
    }

    #[test]
    fn a_sealed_field_opens_only_in_its_place() {
        let (keys, _, rng) = keys();
        let sealed = keys.seal("张三".as_bytes(), "actor.name", &rng);
        assert_eq!(keys.open(&sealed, "actor.name"), Ok("张三".as_bytes().to_vec()));
        assert_eq!(keys.open(&sealed, "actor.phone"), Err(KeyError::Open));
        assert_eq!(keys.open(&sealed[1..], "actor.name"), Err(KeyError::Open));
        assert_eq!(keys.open(&[], "actor.name"), Err(KeyError::Open));
    }

    #[test]
    fn after_rotation_old_values_open_and_ids_keep_their_public_form() {
        let (old, file, rng) = keys();
        let (_, wrapped) = old.new_gift_secret(&rng);
        let rotated = Keys::from_file(&Keys::rotated_file(&file, &rng).expect("rotates")).expect("readable");
        let before = old.gift_secret(&wrapped).expect("opens").showing_key();
        assert_eq!(rotated.gift_secret(&wrapped).expect("opens").showing_key(), before);
        assert_eq!(rotated.encipher([9; 16]), old.encipher([9; 16]));
        assert_eq!(rotated.fingerprint(), old.fingerprint());
        let (_, newer) = rotated.new_gift_secret(&rng);
        assert_eq!(newer[0], 2);
        assert!(old.gift_secret(&newer).is_err(), "the old file lacks the new key");
    }

    #[test]
    fn without_the_older_keys_ids_indexes_and_the_fingerprint_stay_and_what_they_sealed_is_closed() {
        let (old, file, rng) = keys();
        let (_, wrapped) = old.new_gift_secret(&rng);
        let rotated_file = Keys::rotated_file(&file, &rng).expect("rotates");
        let rotated = Keys::from_file(&rotated_file).expect("readable");
        let (_, newer) = rotated.new_gift_secret(&rng);
        let alone_file = Keys::file_without_older(&rotated_file).expect("removes");
        let alone = Keys::from_file(&alone_file).expect("readable");
        assert_eq!((rotated.numbers(), alone.numbers()), (vec![1, 2], vec![2]));
        assert_eq!(alone.encipher([9; 16]), old.encipher([9; 16]));
        assert_eq!(alone.fingerprint(), old.fingerprint());
        assert_eq!(alone.blind_index("x", "1"), old.blind_index("x", "1"));
        assert!(alone.gift_secret(&newer).is_ok() && alone.gift_secret(&wrapped).is_err());
        // And so on for ever: the file can be rotated and cleaned again.
        let third = Keys::from_file(&Keys::rotated_file(&alone_file, &rng).expect("rotates")).expect("readable");
        assert_eq!((third.numbers(), third.fingerprint()), (vec![2, 3], old.fingerprint()));
        assert_eq!(third.encipher([9; 16]), old.encipher([9; 16]));
        let again = Keys::file_without_older(&alone_file).expect("removes");
        assert_eq!(again, alone_file, "with one key there is nothing to remove");
        let key_line = alone_file.lines().last().expect("a key");
        for broken in [
            format!("ids:AAAA\n{key_line}"),
            format!("{key_line}\nids:AAAA\n"),
            "ids:AAAA\n".into(),
        ] {
            assert_eq!(Keys::from_file(&broken).err(), Some(KeyError::File), "{broken}");
        }
    }

    #[test]
    fn the_showing_key_opens_the_printed_name_and_nothing_else() {
        let (keys, _, rng) = keys();
        let (secret, _) = keys.new_gift_secret(&rng);
        let envelope = secret.shown_name("abc", "李四");
        let key = aead(&secret.showing_key());
        assert_eq!(
            open_with(&key, &envelope[..12], b"name:abc", &envelope[12..]),
            Ok("李四".as_bytes().to_vec())
        );
        let payer = secret.seal("payer", b"x");
        assert!(open_with(&key, &[0; 12], b"payer", &payer).is_err());
        assert_eq!(secret.open("payer", &payer), Ok(b"x".to_vec()));
    }

    #[test]
    fn papers_are_given_for_the_proof_of_their_own_certificate_alone() {
        let (keys, _, rng) = keys();
        let (secret, _) = keys.new_gift_secret(&rng);
        let (other, _) = keys.new_gift_secret(&rng);
        let proof = secret.paper_proof("abc");
        assert!(secret.accepts_paper_proof("abc", &proof));
        assert!(!secret.accepts_paper_proof("abd", &proof));
        assert!(!other.accepts_paper_proof("abc", &proof));
        assert!(!secret.accepts_paper_proof("abc", &proof[..31]) && !secret.accepts_paper_proof("abc", b""));
        assert!(
            !secret.accepts_paper_proof("abc", &secret.showing_key()),
            "the key itself is no proof"
        );
    }

    #[test]
    fn a_broken_key_file_is_refused() {
        for file in ["", "1:short", "x:AAAA", "2:!!"] {
            assert_eq!(Keys::from_file(file).err(), Some(KeyError::File), "{file}");
        }
    }

    #[test]
    fn public_ids_are_a_permutation() {
        let (keys, ..) = keys();
        assert_eq!(keys.decipher(keys.encipher([7; 16])), [7; 16]);
    }
}
