//! The live feed: one task of the process reads what is being watched once a second and tells what moved.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::house::{House, Kept, Topic};

/// How often what is watched is read again.
const EVERY: Duration = Duration::from_secs(1);
/// Topics read in one round; on a day with more the rest waits for the next round.
const TOPICS_A_ROUND: usize = 200;

/// Runs until the program stops, then ends all streams.
pub(super) async fn run(house: House, mut stopping: watch::Receiver<bool>) {
    // The society's name for error pages, before anybody has opened the home page.
    if let Ok(root) = house.root() {
        let _ = house.page(Topic::Unit(root)).await;
    }
    let mut told: HashMap<String, Arc<Kept>> = HashMap::new();
    let mut first = 0;
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            // Also when the program was dropped without a word.
            _ = stopping.wait_for(|stop| *stop) => break,
        }
        let mut watched = house.hub().read_topics();
        watched.sort_unstable();
        told.retain(|topic, _| watched.binary_search(topic).is_ok());
        let count = watched.len().min(TOPICS_A_ROUND);
        for at in 0..count {
            tell(&house, &watched[(first + at) % watched.len()], &mut told).await;
        }
        first = if count == watched.len() {
            0
        } else {
            (first + count) % watched.len()
        };
    }
    house.hub().close();
}

async fn tell(house: &House, name: &str, told: &mut HashMap<String, Arc<Kept>>) {
    let Some(topic) = Topic::parse(&house.services().keys, name) else {
        return;
    };
    // A reading that fails is logged where it failed; the next round tries again.
    let Ok(page) = house.page(topic).await else { return };
    let moved = told
        .get(name)
        .is_none_or(|before| page.shown.moved_since(&before.shown));
    if moved {
        page.shown.publish(house.hub(), name);
        told.insert(name.to_owned(), page);
    }
}
