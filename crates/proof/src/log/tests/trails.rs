//! The trail of a project: what names it, and never what was put together because it was too little.

use giving::donations::refunds::{self, RefundReason};
use kernel::Fen;
use kernel::id::public;

use super::super::actions::trail::PAGE;
use super::super::leaf::PublicId;
use super::*;

/// Two days later, past every waiting.
const TWO_DAYS: i64 = 2 * 24 * 60 * 60 * 1_000_000;

async fn follow(s: &Setting) {
    while s.log.trail_on(s.world.services()).await.expect("looked through") {}
}

fn id_of(s: &Setting, project: &Project) -> PublicId {
    PublicId::new(&public(&*s.world.services().keys, project.id)).expect("a public id")
}

db::both!(
    a_project_s_trail_has_its_gifts_and_their_refunds_page_by_page,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let restricted = id_of(&s, &s.world.restricted.clone());
        let other = id_of(&s, &s.world.general.clone());
        let gifts = s.gifts(PAGE + 5).await;
        s.drain().await.expect("a round");
        let (services, officer, second) = (
            s.world.services().clone(),
            s.world.officer.clone(),
            s.world.second.clone(),
        );
        let asked = (gifts[3], Fen::new(30), RefundReason::WrongPayment);
        let refund = refunds::request(&services, &officer, asked, "a").await.expect("asked");
        refunds::approve(&services, &second, refund.id).await.expect("approved");
        s.placed().await;
        s.drain().await.expect("a round");
        let trail = |before| s.log.trail(std::slice::from_ref(&restricted), before);
        assert_eq!(
            trail(None).await.expect("empty").size,
            0,
            "nothing was looked through yet"
        );
        follow(&s).await;
        let first = trail(None).await.expect("a page");
        assert_eq!((first.entries.len(), first.size), (PAGE, 56));
        assert_eq!(
            (first.entries[0].0, first.entries[0].1.kind()),
            (55, "donation.refunded")
        );
        let rest = trail(first.older).await.expect("a page");
        assert_eq!((rest.entries.len(), rest.older), (6, None));
        let mut places: Vec<u64> = first.entries.iter().chain(&rest.entries).map(|(at, _)| *at).collect();
        places.reverse();
        assert_eq!(places, (0..56).collect::<Vec<u64>>());
        let none = s.log.trail(&[other], None).await.expect("a page");
        assert!(none.entries.is_empty() && none.older.is_none());
        s.world.stop();
    }
);

db::both!(
    a_bundle_and_what_speaks_of_its_gifts_are_in_no_trail,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let (general, restricted) = (s.world.general.clone(), s.world.restricted.clone());
        let mut gifts = Vec::new();
        for n in 0..3 {
            gifts.push(s.gift(&general, 1_000 + n).await);
            gifts.push(s.gift(&restricted, 2_000 + n).await);
        }
        s.placed().await;
        s.drain().await.expect("a round");
        s.world.at(s.world.clock_plus(TWO_DAYS));
        assert_eq!(s.drain().await.expect("a round"), 1);
        let (services, officer, second) = (
            s.world.services().clone(),
            s.world.officer.clone(),
            s.world.second.clone(),
        );
        let asked = (gifts[0], Fen::new(30), RefundReason::WrongPayment);
        let refund = refunds::request(&services, &officer, asked, "a").await.expect("asked");
        refunds::approve(&services, &second, refund.id).await.expect("approved");
        s.placed().await;
        assert_eq!(s.drain().await.expect("a round"), 1);
        follow(&s).await;
        let ids = [id_of(&s, &general), id_of(&s, &restricted)];
        let trail = s.log.trail(&ids, None).await.expect("a page");
        assert_eq!((trail.entries.len(), trail.size), (0, 2));
        s.world.stop();
    }
);
