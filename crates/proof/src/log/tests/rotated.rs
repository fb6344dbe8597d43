//! One key replaces another: both sign for a while, and at no moment is there a tree that the other did not know.

use kernel::BusinessDay;

use super::super::leaf::Leaf;
use super::*;
use crate::tlog::{SignedNote, Verifier};

fn read(s: &Setting, file: &str) -> LogKeys {
    LogKeys::from_file(file, &s.world.services().keys, ORIGIN).expect("readable")
}

/// The program after its end, with this key file.
fn restart(s: &mut Setting, file: &str) {
    let folder = Folder::at(s.folder.path().join("log"));
    s.log = Log::new(s.db.clone(), folder, read(s, file));
}

fn note(s: &Setting) -> SignedNote {
    let bytes = s.log.files().read(CHECKPOINT).expect("readable").expect("published");
    SignedNote::parse(&bytes).expect("a note")
}

fn holds(s: &Setting, key: &Verifier) -> bool {
    let mut folder = s.log.files().clone();
    verify(&mut folder, &Policy::of_log(key.clone()), &[]).is_ok()
}

fn published_policy(s: &Setting) -> Policy {
    let bytes = s.log.files().read(folder::POLICY).expect("readable").expect("told");
    Policy::parse(&bytes).expect("a policy")
}

db::both!(
    a_new_key_signs_beside_the_old_one_and_then_alone,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let services = s.world.services().clone();
        let day = BusinessDay::from_number(20_261_123).expect("a day");
        let first = new_key_file(&services.keys, &*services.rng);
        restart(&mut s, &first);
        let gifts = s.gifts(7).await;
        s.drain().await.expect("a round");
        let old = s.log.verifier().clone();
        let proof = s.log.proof(&services, gifts[0]).await.expect("a proof").to_text();

        let both = rotated(&first, &services.keys, &*services.rng, day).expect("rotated");
        restart(&mut s, &both);
        let new = s.log.verifier().clone();
        s.drain().await.expect("the same tree, signed by both");
        assert_eq!(note(&s).signatures.len(), 2);
        assert!(holds(&s, &old) && holds(&s, &new));
        assert_eq!(published_policy(&s).logs(), [old.clone(), new.clone()]);
        // Told once, however often; and it becomes an entry.
        let by = platform::identity::Actor::operator();
        for is_new in [true, false] {
            let told = actions::rotating::tell_rotated(&services, &by, s.log.keys()).await;
            assert_eq!(told.expect("told"), is_new);
            platform::testing::placed(&services).await;
        }
        s.gifts(6).await;
        assert_eq!(s.drain().await.expect("a round"), 7);
        let mut found = None;
        for index in 0..14 {
            if let Some((_, Leaf::KeyRotated(said))) = mark::entry(s.log.files(), index).await {
                found = Some((said.old.0, said.new.0, said.day));
            }
        }
        assert_eq!(found, Some((*old.key_bytes(), *new.key_bytes(), day)));

        let after = ended(&both, &services.keys, ORIGIN, Gone::Retired).expect("ended");
        restart(&mut s, &after);
        s.drain().await.expect("signed by the new one alone");
        assert_eq!(note(&s).signatures.len(), 1);
        assert!(holds(&s, &new) && !holds(&s, &old));
        let shown =
            certificate::verify(proof.as_bytes(), &published_policy(&s)).expect("what the old key signed holds");
        assert_eq!(shown.size, 7);

        // Somebody else has a key that still signs: from one start to the next it is named no more.
        let third = rotated(&after, &services.keys, &*services.rng, day).expect("rotated");
        let stolen = ended(&third, &services.keys, ORIGIN, Gone::Distrusted).expect("ended");
        restart(&mut s, &stolen);
        s.gifts(5).await;
        s.drain().await.expect("the tree goes on");
        let policy = published_policy(&s);
        assert!(!policy.logs().contains(&new) && policy.logs().contains(&old));
        let mut folder = s.log.files().clone();
        let whole = verify(&mut folder, &policy, &[]).expect("it holds");
        assert_eq!(whole.trusted.checkpoint.size, 19);

        // Of a key that this log never had nothing is taken.
        s.log = Log::new(s.db.clone(), s.log.files().clone(), signer());
        assert!(matches!(s.drain().await, Err(LogError::Key(_))));
        s.world.stop();
    }
);
