//! What a monitor follows: the entries of the real log, and logs that break a rule.

use std::collections::HashMap;

use super::super::follow::Follow;
use super::super::leaf::Leaf;
use super::super::verify::Source;
use super::*;
use crate::tlog::tile::entries_path;
use crate::tlog::{Frontier, entries, leaf_hash};

/// A log in memory, as its server would show it at each size.
#[derive(Default)]
struct Shown(HashMap<String, Vec<u8>>);

impl Source for Shown {
    fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        Ok(self.0.get(name).cloned())
    }
}

fn shown(leaves: &[Leaf]) -> (Shown, Checkpoint) {
    let (mut bytes, mut frontier, mut shown) = (Vec::new(), Frontier::new(), Shown::default());
    for (at, leaf) in leaves.iter().enumerate() {
        let entry = leaf.encode().expect("an entry");
        entries::push(&mut bytes, &entry).expect("short");
        frontier.push(leaf_hash(&entry));
        shown.0.insert(entries_path(0, at as u16 + 1), bytes.clone());
    }
    (shown, Checkpoint::new(ORIGIN, leaves.len() as u64, frontier.root()))
}

#[test]
fn a_log_is_followed_from_tree_to_tree_and_a_rule_broken_on_the_way_is_told() {
    let leaves = kinds::a_gift_refunded_too_much();
    let mut follow = Follow::default();
    for size in 1..=2 {
        let (mut source, tree) = shown(&leaves[..size]);
        follow.advance(&mut source, &tree).expect("it adds up");
        assert_eq!((follow.size(), follow.root()), (size as u64, tree.root));
    }
    let (mut source, tree) = shown(&leaves);
    let refused = follow
        .advance(&mut source, &tree)
        .expect_err("too much goes back")
        .to_string();
    assert!(
        refused.contains("entry 2: ") && refused.contains("more goes back than came in"),
        "{refused}"
    );
    // From the beginning it says the same.
    let refused = Follow::default()
        .advance(&mut source, &tree)
        .expect_err("too much")
        .to_string();
    assert!(refused.contains("more goes back than came in"), "{refused}");
}

#[test]
fn entries_that_are_not_the_ones_signed_and_ids_that_stand_twice_are_refused() {
    let leaves = kinds::a_gift_refunded_too_much();
    let (mut source, tree) = shown(&leaves[..2]);
    let other = Checkpoint::new(ORIGIN, 2, Hash([9; 32]));
    assert!(Follow::default().advance(&mut source, &other).is_err(), "another root");
    let twice = [leaves[0].clone(), leaves[0].clone()];
    let (mut source, twice) = shown(&twice);
    let refused = Follow::default()
        .advance(&mut source, &twice)
        .expect_err("twice")
        .to_string();
    assert!(refused.contains("twice"), "{refused}");
    let mut follow = Follow::default();
    let (mut source, _) = shown(&leaves[..2]);
    follow.advance(&mut source, &tree).expect("it adds up");
    let smaller = shown(&leaves[..1]).1;
    assert!(follow.advance(&mut source, &smaller).is_err(), "back to a smaller tree");
    assert!(
        Follow::default().advance(&mut Shown::default(), &tree).is_err(),
        "nothing can be read"
    );
}

db::both!(
    the_real_log_is_followed_while_it_grows,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let mut follow = Follow::default();
        for count in [7, 260, 3] {
            s.gifts(count).await;
            s.drain().await.expect("a round");
            let tree = s.log.published().await.expect("readable").expect("published");
            let mut folder = s.log.files().clone();
            follow.advance(&mut folder, &tree).expect("it adds up");
            assert_eq!((follow.size(), follow.root()), (tree.size, tree.root));
        }
        s.world.stop();
    }
);
