//! The formats against known answers made by others, and against the definitions read literally.

mod fuzz;
mod trees;

use super::checkpoint::Checkpoint;
use super::note::{KeyKind, Note, SignedNote, Signer, Verifier};
use super::policy::Policy;
use super::tile::{Tile, bundles_between, entries_from_path, tiles_between};
use super::witness::{AddCheckpoint, Refusal, decide};
use super::*;

/// The example of the signed-note format's own description.
const EXAMPLE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem \
    is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const EXAMPLE_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(name, kind, &[seed; 32]).expect("a key")
}

#[test]
fn the_published_example_of_a_note_verifies_and_prints_alike() {
    let key = Verifier::from_text(EXAMPLE_KEY).expect("a key");
    assert_eq!(key.to_text(), EXAMPLE_KEY);
    let note = SignedNote::parse(EXAMPLE.as_bytes()).expect("a note");
    assert_eq!(note.check(&key), Ok(()));
    assert_eq!(note.to_text(), EXAMPLE);
    let edited = EXAMPLE.replace("answer", "Answer");
    let note = SignedNote::parse(edited.as_bytes()).expect("a note");
    assert!(note.check(&key).is_err());
}

#[test]
fn lines_of_unknown_keys_are_passed_over_and_a_wrong_line_of_a_known_key_refuses() {
    let (log, other) = (
        signer("log.example/a", KeyKind::Ed25519, 1),
        signer("someone", KeyKind::Ed25519, 2),
    );
    let mut signed = Checkpoint::new("log.example/a", 0, EMPTY_ROOT)
        .sign(&log)
        .expect("signed");
    signed.signatures.insert(0, other.sign(&signed.note));
    assert_eq!(signed.check(log.verifier()), Ok(()));
    let mut wrong = signed.clone();
    let mut line = log.sign(&Note::new("other\n".into()).expect("a text"));
    wrong.signatures.push(line.clone());
    assert!(wrong.check(log.verifier()).is_err());
    line.id = [9; 4];
    signed.signatures = vec![line];
    assert_eq!(
        signed.check(log.verifier()),
        Err(TlogError::Signature("the note is not signed by the key"))
    );
}

#[test]
fn notes_that_are_not_exactly_the_format_are_refused() {
    for text in [
        "",
        "a\n",
        "a\n\n",
        "a\n\n\u{2014} b c\n",
        "a\n\n- PeterNeumann x08go/ZJkuA=\n",
        "a\t\n\n\u{2014} PeterNeumann x08go/ZJkuA=\n",
        "a\n\n\u{2014} PeterNeumann x08go/ZJkuA=",
        "a\n\n\u{2014} Peter+Neumann x08go/ZJkuA=\n",
        "a\n\n\u{2014}  x08go/ZJkuA=\n",
    ] {
        assert!(SignedNote::parse(text.as_bytes()).is_err(), "{text:?}");
    }
    assert!(Verifier::from_text(&EXAMPLE_KEY.replace("c74f20a3", "c74f20a4")).is_err());
}

#[test]
fn a_checkpoint_has_one_spelling() {
    let note = |text: &str| Note::new(text.into()).expect("a text");
    let root = EMPTY_ROOT.to_base64();
    let ok = note(&format!("log.example/a\n0\n{root}\n"));
    let read = Checkpoint::from_note(&ok).expect("a checkpoint");
    assert_eq!(read.to_note(), Ok(ok));
    for text in [
        format!("log.example/a\n00\n{root}\n"),
        format!("log.example/a\n+1\n{root}\n"),
        format!("log.example/a\n9223372036854775808\n{root}\n"),
        format!("log.example/a\n1\n{}\n", &root[1..]),
        format!("log example\n1\n{root}\n"),
        "log.example/a\n1\n".into(),
        format!("log.example/a\n0\n{}\n", Hash([7; 32]).to_base64()),
    ] {
        assert!(Checkpoint::from_note(&note(&text)).is_err(), "{text}");
    }
    let log = signer("log.example/b", KeyKind::Ed25519, 1);
    let signed = Checkpoint::new("log.example/a", 0, EMPTY_ROOT)
        .sign(&log)
        .expect("signed");
    assert!(
        Checkpoint::open_note(&signed, log.verifier()).is_err(),
        "the key is another log’s"
    );
}

#[test]
fn a_cosignature_binds_text_and_time() {
    let (log, witness) = (
        signer("log.example/a", KeyKind::Ed25519, 1),
        signer("w1", KeyKind::Cosignature, 2),
    );
    let mut signed = Checkpoint::new("log.example/a", 0, EMPTY_ROOT)
        .sign(&log)
        .expect("signed");
    assert!(
        cosignature::check(&signed, witness.verifier()).is_err(),
        "not cosigned yet"
    );
    let line = cosignature::cosign(&witness, &signed.note, 1_700_000_000).expect("cosigned");
    assert_eq!(line.bytes.len(), 72);
    assert!(cosignature::cosign(&log, &signed.note, 1).is_err());
    signed.signatures.push(line.clone());
    let read = SignedNote::parse(signed.to_text().as_bytes()).expect("a note");
    assert_eq!(cosignature::check(&read, witness.verifier()), Ok(1_700_000_000));
    for at in 0..line.bytes.len() {
        let mut wrong = signed.clone();
        wrong.signatures[1].bytes[at] ^= 1;
        assert!(cosignature::check(&wrong, witness.verifier()).is_err(), "byte {at}");
    }
}

#[test]
fn tiles_have_the_paths_and_widths_of_the_description() {
    let full = |level, index| Tile {
        level,
        index,
        width: 256,
    };
    assert_eq!(full(3, 1_234_067).path(), "tile/3/x001/x234/067");
    let paths: Vec<String> = tiles_between(0, 70_000).into_iter().map(Tile::path).collect();
    assert_eq!(paths.len(), 274 + 2 + 1);
    for path in [
        "tile/0/272",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ] {
        assert!(paths.iter().any(|p| p == path), "{path}");
    }
    let few: Vec<String> = tiles_between(0, 256).into_iter().map(Tile::path).collect();
    assert_eq!(few, ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(
        tiles_between(256, 257),
        [Tile {
            level: 0,
            index: 1,
            width: 1
        }]
    );
    assert_eq!(tiles_between(9, 9), []);
    assert_eq!(bundles_between(255, 513), [(0, 256), (1, 256), (2, 1)]);
    for path in ["tile/0/000", "tile/5/x001/000.p/255", "tile/63/999"] {
        assert_eq!(Tile::from_path(path).map(Tile::path).as_deref(), Some(path));
    }
    for path in [
        "tile/00/000",
        "tile/64/000",
        "tile/0/1",
        "tile/0/001/002",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/",
        "tile/0/-01",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/entries/000",
        "../tile/0/000",
    ] {
        assert_eq!(Tile::from_path(path), None, "{path}");
    }
    assert_eq!(entries_from_path("tile/entries/x001/000.p/3"), Some((1000, 3)));
}

#[test]
fn a_policy_counts_its_witnesses() {
    let log = signer("log.example/a", KeyKind::Ed25519, 1);
    let w: Vec<Signer> = (0..3)
        .map(|n| signer(&format!("w{n}"), KeyKind::Cosignature, 10 + n))
        .collect();
    let keys: Vec<String> = w.iter().map(|s| s.verifier().to_text()).collect();
    let text = format!(
        "# 监督\nlog {} https://log.example/a\nwitness a {}\nwitness b {}\nwitness c {}\ngroup g 2 a b c\nquorum g\n",
        log.verifier().to_text(),
        keys[0],
        keys[1],
        keys[2]
    );
    let policy = Policy::parse(text.as_bytes()).expect("a policy");
    let mut signed = Checkpoint::new("log.example/a", 0, EMPTY_ROOT)
        .sign(&log)
        .expect("signed");
    let cosigned = |signed: &mut SignedNote, n: usize| {
        let line = cosignature::cosign(&w[n], &signed.note, 1_700_000_000).expect("cosigned");
        signed.signatures.push(line);
    };
    assert!(matches!(policy.check(&signed), Err(TlogError::Policy(_))));
    cosigned(&mut signed, 0);
    cosigned(&mut signed, 0);
    assert!(policy.check(&signed).is_err(), "one witness twice is one witness");
    cosigned(&mut signed, 2);
    let trusted = policy.check(&signed).expect("two of three");
    assert_eq!(
        trusted.witnesses.iter().map(|w| w.0.as_str()).collect::<Vec<_>>(),
        ["a", "c"]
    );
    let mut other = Checkpoint::new("log.example/b", 0, EMPTY_ROOT)
        .sign(&log)
        .expect("signed");
    cosigned(&mut other, 0);
    assert!(policy.check(&other).is_err(), "another log");
    for wrong in [
        text.replace("quorum g\n", ""),
        text.replace("group g 2", "group g 4"),
        text.replace("a b c\n", "a b b\n"),
        text.replace("quorum g", "quorum h"),
        text.replace("witness c", "witness a"),
        text.clone() + "quorum none\n",
        text.replace("log ", "lag "),
    ] {
        assert!(Policy::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn a_witness_decides_in_the_order_of_the_description() {
    let log = signer("log.example/a", KeyKind::Ed25519, 1);
    let mut frontier = Frontier::new();
    frontier.push(leaf_hash(b"one"));
    let first = Checkpoint::new("log.example/a", 1, frontier.root());
    let request = |old, checkpoint: &Checkpoint, proof: Vec<Hash>| AddCheckpoint {
        old,
        proof,
        checkpoint: checkpoint.sign(&log).expect("signed"),
    };
    let ask = request(0, &first, vec![]);
    assert_eq!(AddCheckpoint::parse(ask.to_text().as_bytes()), Ok(ask.clone()));
    assert_eq!(decide(&ask, &first, None), Ok(()));
    assert_eq!(
        decide(&request(2, &first, vec![]), &first, None),
        Err(Refusal::OldAboveNew)
    );
    let seen = Some((1, frontier.root()));
    assert_eq!(decide(&ask, &first, seen), Err(Refusal::OtherOld(1)));
    assert_eq!(
        decide(&request(1, &first, vec![]), &first, seen),
        Ok(()),
        "the same head again is the heartbeat"
    );
    assert_eq!(
        decide(&request(0, &first, vec![EMPTY_ROOT]), &first, None),
        Err(Refusal::Inconsistent)
    );
    let mut forked = first.clone();
    forked.root = Hash([1; 32]);
    assert_eq!(
        decide(&request(1, &forked, vec![]), &forked, seen),
        Err(Refusal::Inconsistent)
    );
}
