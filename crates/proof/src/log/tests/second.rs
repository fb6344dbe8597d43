//! The second suite: a line of SM2 beside the others, and the root over SM3 as an entry that is held against the entries.

use platform::facts::{NewFact, conclude};
use platform::identity::Actor;
use serde_json::json;

use super::super::actions::second::SM3_ROOT;
use super::super::leaf::Leaf;
use super::*;
use crate::tlog::{SignedNote, Sm2Signer};

fn sm2() -> Sm2Signer {
    Sm2Signer::new(ORIGIN, &[43; 32]).expect("a key")
}

/// The program after its end, with the suite switched on or off.
fn restart(s: &mut Setting, sm2: Option<Sm2Signer>) {
    let keys = LogKeys::from(signer()).with_sm2(sm2);
    s.log = Log::new(s.db.clone(), s.log.files().clone(), keys);
}

fn both() -> Policy {
    let (first, second) = (signer().verifier().to_text(), sm2().verifier().to_text());
    Policy::parse(format!("log {first}\nlog {second}\nquorum none\n").as_bytes()).expect("a policy")
}

fn holds(s: &Setting, policy: &Policy) -> Result<Verified, LogError> {
    verify(&mut s.log.files().clone(), policy, &[])
}

fn lines(s: &Setting) -> usize {
    let note = s.log.files().read(CHECKPOINT).expect("readable").expect("published");
    SignedNote::parse(&note).expect("a note").signatures.len()
}

async fn stated(s: &Setting) -> Option<u64> {
    let stated = s.log.state_sm3_root(s.world.services(), &Actor::operator()).await;
    s.placed().await;
    stated.expect("it can be told")
}

db::both!(
    the_suite_signs_beside_the_others_from_the_start_it_is_switched_on_until_it_is_switched_off,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        s.gifts(7).await;
        s.drain().await.expect("logged");
        assert_eq!((lines(&s), stated(&s).await), (1, None));
        assert!(holds(&s, &both()).is_err() && holds(&s, &s.policy()).is_ok());
        assert_eq!(s.log.files().read(folder::SM2_VKEY).expect("read"), None);
        restart(&mut s, Some(sm2()));
        s.drain().await.expect("the same tree, signed by both suites");
        assert_eq!(lines(&s), 2);
        assert!(holds(&s, &both()).is_ok() && holds(&s, &s.policy()).is_ok());
        let told = s.log.files().read(folder::SM2_VKEY).expect("read").expect("told");
        assert_eq!(
            String::from_utf8(told).expect("UTF-8").trim_end(),
            sm2().verifier().to_text()
        );
        assert!(
            !s.log.policy_text().contains(&sm2().verifier().to_text()),
            "others read that file too"
        );
        restart(&mut s, None);
        s.gifts(6).await;
        s.drain().await.expect("by the first suite alone");
        assert_eq!(lines(&s), 1);
        assert!(holds(&s, &both()).is_err() && holds(&s, &s.policy()).is_ok());
        s.world.stop();
    }
);

db::both!(
    the_root_over_sm3_is_stated_once_for_a_tree_and_checked_by_who_names_the_suite,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        restart(&mut s, Some(sm2()));
        s.drain().await.expect("the first tree");
        assert_eq!(stated(&s).await, None, "of nothing nothing is stated");
        s.gifts(300).await;
        s.drain().await.expect("logged");
        assert_eq!(stated(&s).await, Some(300));
        assert_eq!(stated(&s).await, None, "once");
        s.drain().await.expect("logged");
        s.gifts(8).await;
        s.drain().await.expect("logged");
        // What was computed is remembered; after its loss it is computed again.
        assert_eq!(stated(&s).await, Some(309));
        restored::run(&s, "DELETE FROM log_sm3").await;
        assert_eq!(stated(&s).await, None, "the same tree gives the same root");
        s.drain().await.expect("logged");
        let verified = holds(&s, &both()).expect("it holds");
        assert_eq!((verified.kinds["root.sm3"], verified.trusted.checkpoint.size), (2, 310));
        let (_, leaf) = mark::entry(s.log.files(), 300).await.expect("an entry");
        assert!(matches!(leaf, Leaf::Sm3Root(root) if root.size == 300));

        // Whoever writes facts can state what is not so; the entry stands, and tells on them.
        let services = s.world.services().clone();
        let fact = NewFact {
            unit: *services.tree.roots().first().expect("a unit"),
            kind: SM3_ROOT,
            subject: [9; 16],
            actor: None,
            body: json!({ "day": services.now().business_day(), "size": 310, "root": Hash([5; 32]).to_base64() }),
        };
        let tx = test.db.begin().await.expect("a transaction");
        conclude(tx, fact, &services).await.expect("written");
        s.placed().await;
        s.drain().await.expect("logged");
        let refused = holds(&s, &both()).expect_err("it is not so").to_string();
        assert!(
            refused.contains("entry 310") && refused.contains("another SM3 root"),
            "{refused}"
        );
        assert!(
            holds(&s, &s.policy()).is_ok(),
            "who does not trust the suite is not asked to"
        );
        s.world.stop();
    }
);
