//! Nothing panics, whatever the bytes; what is read prints back to what it was.

use proptest::prelude::*;

use super::super::checkpoint::Checkpoint;
use super::super::cosignature;
use super::super::entries;
use super::super::hash::Hash;
use super::super::note::{KeyKind, Note, SignedNote, Signer, Verifier};
use super::super::policy::Policy;
use super::super::proof::{check_consistency, check_inclusion};
use super::super::proof_file::ProofFile;
use super::super::tile::{Tile, entries_from_path};
use super::super::witness::AddCheckpoint;

/// A proof file and a request that are whole, to be damaged.
fn whole() -> (String, String, Policy) {
    let log = Signer::new("log.example/a", KeyKind::Ed25519, &[1; 32]).expect("a key");
    let witness = Signer::new("w", KeyKind::Cosignature, &[2; 32]).expect("a key");
    let mut checkpoint = Checkpoint::new("log.example/a", 5, Hash([3; 32]))
        .sign(&log)
        .expect("signed");
    let line = cosignature::cosign(&witness, &checkpoint.note, 1_700_000_000).expect("cosigned");
    checkpoint.signatures.push(line);
    let proof = ProofFile {
        extra: Some(b"{}".to_vec()),
        index: 4,
        path: vec![Hash([4; 32])],
        checkpoint: checkpoint.clone(),
    };
    let request = AddCheckpoint {
        old: 3,
        proof: vec![Hash([4; 32]), Hash([5; 32])],
        checkpoint,
    };
    let (log, witness) = (log.verifier().to_text(), witness.verifier().to_text());
    let policy = format!("log {log}\nwitness w {witness}\nquorum w\n");
    let policy = Policy::parse(policy.as_bytes()).expect("a policy");
    (proof.to_text(), request.to_text(), policy)
}

/// Reads the bytes as everything they might be.
fn read_all(bytes: &[u8], policy: &Policy) {
    if let Ok(note) = SignedNote::parse(bytes) {
        assert_eq!(note.to_text().as_bytes(), bytes, "a note prints back");
        let _ = policy.check(&note);
    }
    if let Ok(proof) = ProofFile::parse(bytes) {
        assert_eq!(proof.to_text().as_bytes(), bytes, "a proof prints back");
        let _ = proof.check(Hash([0; 32]), policy);
    }
    if let Ok(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_text().as_bytes(), bytes, "a request prints back");
    }
    let _ = Policy::parse(bytes);
    for width in [0, 1, 3, 256, u16::MAX] {
        let _ = entries::decode(bytes, width);
        let _ = Tile {
            level: 0,
            index: 0,
            width,
        }
        .decode(bytes);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(note) = Note::new(text.to_owned())
        && let Ok(checkpoint) = Checkpoint::from_note(&note)
    {
        assert_eq!(checkpoint.to_note(), Ok(note), "a checkpoint prints back");
    }
    if let Some(tile) = Tile::from_path(text) {
        assert_eq!(tile.path(), text);
    }
    let _ = (
        entries_from_path(text),
        Verifier::from_text(text),
        Hash::from_base64(text),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes, &whole().2);
    }

    #[test]
    fn random_lines_of_the_formats_words_are_refused_without_a_panic(
        lines in prop::collection::vec(prop::sample::select(vec![
            "", "old 0", "old 18446744073709551615", "index 1", "index -1", "extra e30=", "extra", "log.example/a", "0", "7",
            "9223372036854775807", "c2sp.org/tlog-proof@v1", "log", "quorum none", "quorum a", "group a 1 a", "group a any",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "\u{2014} a AAAAAAA=", "\u{2014} ", "x001/000", "tile/0/000.p/1",
            "witness a a+00000000+BA=="]), 0..12)) {
        read_all(lines.join("\n").as_bytes(), &whole().2);
        read_all((lines.join("\n") + "\n").as_bytes(), &whole().2);
    }

    #[test]
    fn whole_files_with_bytes_changed_dropped_or_added_are_read_without_a_panic(
        which in any::<bool>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0u8..3) {
        let (proof, request, policy) = whole();
        let mut bytes = if which { proof } else { request }.into_bytes();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
        read_all(&bytes, &policy);
    }

    #[test]
    fn any_proof_of_any_numbers_is_checked_without_a_panic(
        path in prop::collection::vec(any::<[u8; 32]>(), 0..70), a in any::<u64>(), b in any::<u64>()) {
        let path: Vec<Hash> = path.into_iter().map(Hash).collect();
        let root = Hash([1; 32]);
        prop_assert!(check_inclusion(&path, a, root, b, Hash([2; 32])).is_err());
        prop_assert!(check_consistency(&path, (a, root), (b, Hash([2; 32]))).is_err());
    }

    #[test]
    fn a_policys_checkpoint_with_one_byte_changed_is_refused(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (proof, _, policy) = whole();
        let proof = ProofFile::parse(proof.as_bytes()).expect("a proof");
        prop_assert!(policy.check(&proof.checkpoint).is_ok());
        let mut bytes = proof.checkpoint.to_text().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // A changed name or key id makes the line one of an unknown key: then the log's or the quorum's line is missing.
        let refused = SignedNote::parse(&bytes).map_or(true, |note| policy.check(&note).is_err());
        prop_assert!(refused, "byte {}", at);
    }
}
