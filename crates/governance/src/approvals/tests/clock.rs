//! The clock on both databases: ten minutes, a reminder, the deputy, owed papers; who is told.

use std::sync::Arc;

use db::testing::TestDb;
use platform::identity::{Actor, Role};
use platform::jobs::Runner;
use platform::notify::{Address, Kept};
use platform::testing;

use super::house::{World, one_stage, paper};
use crate::all_migrations;
use crate::approvals::actions::{self, NewCase};
use crate::approvals::jobs::{Clock, Tell};
use crate::approvals::model::{CaseState, Verdict};

/// Whom messages went to since the last look, by template words: `(name, text)`.
fn told(kept: &Kept, seen: &mut usize) -> Vec<String> {
    let all = kept.all();
    let fresh = all[*seen..].iter().map(|message| match &message.to {
        Address::Phone(phone) => phone.trim_start_matches("telephone of ").to_owned(),
        Address::Email(_) => "an e-mail".to_owned(),
    });
    let names = fresh.collect();
    *seen = all.len();
    names
}

db::both!(
    the_ten_minutes_remind_at_half_and_ask_the_deputy_at_their_end,
    &all_migrations(),
    async |test: TestDb| {
        let mut world = World::new(&test).await;
        let kept = Arc::new(Kept::default());
        world.services.notify = kept.clone();
        let runner = Runner::new(vec![Box::new(Clock), Box::new(Tell)]);
        let mut seen = 0;
        let asker = world.person("asker", world.county, &[Role::FundraisingOfficer]).await;
        let head = world.person("head", world.county, &[Role::Leader]).await;
        let above = world.person("above", world.city, &[Role::Leader]).await;
        let by = Actor::operator();
        actions::publish(&world.services, &by, world.city, "thing", one_stage(false))
            .await
            .expect("published");
        let id = actions::submit(&world.services, &asker, world.about(world.county, "thing"))
            .await
            .expect("submitted");
        runner.drain(&world.services).await.expect("drained");
        assert_eq!(told(&kept, &mut seen), ["head"]);
        let text = &kept.all()[0].text;
        assert!(
            text.contains("一关") && text.contains("/console/approvals/") && !text.contains("请批准"),
            "{text}"
        );

        world.pass(299);
        runner.drain(&world.services).await.expect("drained");
        assert_eq!(told(&kept, &mut seen), [] as [&str; 0]);
        world.pass(1);
        runner.drain(&world.services).await.expect("drained");
        assert_eq!(told(&kept, &mut seen), ["head"], "half of the ten minutes is over");
        assert_eq!(world.waits_for(&above).await, [] as [&str; 0]);
        world.pass(299);
        runner.drain(&world.services).await.expect("drained");
        assert_eq!(world.waits_for(&above).await, [] as [&str; 0]);
        world.pass(1);
        runner.drain(&world.services).await.expect("drained");
        assert_eq!(told(&kept, &mut seen), ["above"], "the ten minutes are over");
        assert_eq!(world.waits_for(&above).await, ["leader"]);
        assert_eq!(world.waits_for(&head).await, ["leader"], "who is late may still decide");
        assert_eq!(
            actions::tick(&world.services, id).await.expect("ticked"),
            0,
            "nothing is done twice"
        );

        world
            .says(&above, id, "leader", Verdict::Approve)
            .await
            .expect("decided");
        runner.drain(&world.services).await.expect("drained");
        assert_eq!(told(&kept, &mut seen), ["asker"]);
        let facts = ["policy_published", "submitted", "reminded", "escalated", "decided"];
        assert_eq!(world.facts().await, facts.map(|kind| format!("approval.{kind}")));
        assert!(world.services.now() > testing::NOW);
    }
);

db::both!(
    a_decided_case_is_left_alone_by_its_clock,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let runner = Runner::new(vec![Box::new(Clock), Box::new(Tell)]);
        let asker = world.person("asker", world.county, &[Role::FundraisingOfficer]).await;
        let head = world.person("head", world.county, &[Role::Leader]).await;
        let by = Actor::operator();
        actions::publish(&world.services, &by, world.city, "thing", one_stage(false))
            .await
            .expect("published");
        let id = actions::submit(&world.services, &asker, world.about(world.county, "thing"))
            .await
            .expect("submitted");
        world
            .says(&head, id, "leader", Verdict::SendBack)
            .await
            .expect("sent back");
        world.pass(100_000);
        runner.drain(&world.services).await.expect("drained");
        let view = world.view(&asker, id).await.expect("seen");
        assert_eq!((view.case.state, view.entries.len()), (CaseState::SentBack, 3));
        actions::resubmit(&world.services, &asker, id, Default::default(), "改好了")
            .await
            .expect("again");
        world.pass(600);
        runner.drain(&world.services).await.expect("drained");
        let kinds: Vec<&str> = world.view(&asker, id).await.expect("seen").entries[3..]
            .iter()
            .map(|entry| entry.event.as_str())
            .collect();
        assert_eq!(kinds, ["resubmitted", "opened", "escalated"], "its clock runs anew");
    }
);

db::both!(
    the_emergency_lane_is_flagged_and_its_papers_come_afterwards,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let runner = Runner::new(vec![Box::new(Clock), Box::new(Tell)]);
        let asker = world.person("asker", world.county, &[Role::FundraisingOfficer]).await;
        world.person("finance", world.county, &[Role::FinanceOfficer]).await;
        let head = world.person("head", world.county, &[Role::Leader]).await;
        let new = NewCase {
            hurry: Some("暴雨".into()),
            ..world.about(world.county, "target_raise")
        };
        let id = actions::submit(&world.services, &asker, new).await.expect("submitted");
        let standing = world
            .says(&head, id, "leader", Verdict::Approve)
            .await
            .expect("decided");
        assert!(standing.is_fast && standing.papers_due.is_some());
        world.pass(259_200);
        runner.drain(&world.services).await.expect("drained");
        let view = world.view(&asker, id).await.expect("seen");
        assert_eq!(
            view.entries.last().map(|entry| entry.event.as_str()),
            Some("papers_reminded")
        );
        assert!(view.case.is_fast && view.case.papers_due_at.is_some());
        let done = actions::complete_papers(&world.services, &asker, id, vec![paper("reason")])
            .await
            .expect("handed in");
        assert_eq!(done.papers_due, None);
        let view = world.view(&asker, id).await.expect("seen");
        assert!(view.case.is_fast && view.case.papers_due_at.is_none());
        assert_eq!(
            world.facts().await,
            ["submitted", "decided", "reminded", "papers_completed"].map(|kind| format!("approval.{kind}"))
        );
    }
);
