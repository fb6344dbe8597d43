//! Whose requests an account reaches, on both databases.

use db::testing::TestDb;
use kernel::Fen;
use platform::identity::{Actor, Role};

use super::actions::bind;
use super::queries::{receiver_of, requesters};
use crate::PartyId;
use crate::error::ReliefError;
use crate::lists::actions::{Again, Said, ask, repeat, say};
use crate::lists::model::{NewRequest, Priority, Request, RequestState, Wanted};
use crate::lists::{queries as lists, rules};
use crate::testing::{House, society};

async fn wants(house: &House, by: &Actor, key: &str, party: PartyId) -> Result<Request, ReliefError> {
    let new = NewRequest {
        unit: house.unit,
        key: key.to_owned(),
        party,
        wanted: Wanted::Money(Fen::new(5_000)),
        priority: Priority::Normal,
        basis: "三十张床".into(),
        needed_by: None,
    };
    ask(&house.services, by, &new).await
}

db::both!(
    an_account_asks_for_its_own_receiver_and_anothers_requests_are_not_there_for_it,
    &crate::all_migrations(),
    async |test: TestDb| {
        let house = society(test.db.clone()).await;
        let s = &house.services;
        let (first, second) = (house.party("示例第一医院").await, house.party("示例第二医院").await);
        let one = house.person("first-hospital", Role::Requester).await;
        let other = wants(&house, &house.keeper, "b", second).await.expect("by telephone");

        let unbound = wants(&house, &one, "a", first).await;
        assert!(matches!(unbound, Err(ReliefError::Unbound)));
        let unbound = say(s, &one, other.id, Said::Withdrawn).await;
        assert!(matches!(unbound, Err(ReliefError::Unbound)));
        let own = bind(s, &one, (house.unit, one.id), Some(first)).await;
        assert!(matches!(own, Err(ReliefError::Forbidden(_))), "nobody binds herself");
        let keeper = bind(s, &house.keeper, (house.unit, house.keeper.id), Some(first)).await;
        assert!(matches!(keeper, Err(ReliefError::NotFound("account"))), "no requester");

        bind(s, &house.keeper, (house.unit, one.id), Some(first))
            .await
            .expect("bound");
        let mine = wants(&house, &one, "a", first).await.expect("asked");
        let foreign = wants(&house, &one, "c", second).await;
        assert!(matches!(foreign, Err(ReliefError::NotFound("receiver"))));
        let again = Some(Again {
            every_days: 7,
            until: house.today().plus_days(20),
        });
        let said = [
            say(s, &one, other.id, Said::StillNeeded).await,
            say(s, &one, other.id, Said::Withdrawn).await,
            repeat(s, &one, other.id, again).await,
        ];
        assert!(
            said.iter()
                .all(|said| matches!(said, Err(ReliefError::NotFound("request"))))
        );
        repeat(s, &one, mine.id, again).await.expect("repeats");
        say(s, &one, mine.id, Said::StillNeeded).await.expect("confirmed");

        let mut at = s.db.snapshot().await.expect("a view");
        let known = receiver_of(&mut at, house.unit, one.id)
            .await
            .expect("read")
            .expect("bound");
        assert_eq!((known.id, known.name.as_str()), (first, "示例第一医院"));
        let shown = lists::requests_of(&mut at, house.unit, first).await.expect("read");
        let shown: Vec<_> = shown
            .iter()
            .map(|row| (row.id, rules::state_of(row), row.repeats))
            .collect();
        let repeats = again.map(|again| (again.every_days, again.until));
        assert_eq!(shown, [(mine.id, RequestState::Open, repeats)]);
        let all = requesters(&mut at, (house.unit, &s.tree), s.now().business_day())
            .await
            .expect("read");
        let all: Vec<_> = all.iter().map(|row| (row.account, row.receiver.is_some())).collect();
        assert_eq!(all, [(one.id, true)]);
        drop(at);

        say(s, &one, mine.id, Said::Withdrawn).await.expect("taken back");
        bind(s, &house.keeper, (house.unit, one.id), None)
            .await
            .expect("unbound");
        let late = wants(&house, &one, "d", first).await;
        assert!(matches!(late, Err(ReliefError::Unbound)));
    }
);
