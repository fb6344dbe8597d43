//! Notices in the log: published, corrected, withdrawn, each behind the one it speaks of.

use governance::approvals::actions::{Asking, NewAct, act};
use governance::approvals::model::Verdict;
use platform::facts::Reactions;
use platform::identity::actions::{NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role};

use super::super::leaf::{Leaf, decode};
use super::*;
use crate::notices::model::Draft;
use crate::notices::{NoticeId, NoticeKind, NoticeState, Texts, actions, queries, rules};

async fn somebody(s: &Setting, name: &str, role: Role) -> Actor {
    let services = s.world.services();
    let user = NewUser {
        name: name.into(),
        kind: ActorKind::Person,
        unit: s.world.city,
        roles: vec![role],
        token: None,
        personal: Personal::default(),
    };
    let added = add_user(services, &Actor::operator(), user).await.expect("added");
    let held = [(role, s.world.city)];
    Actor::with_roles(added.id, name, ActorKind::Person, &held, &services.tree)
}

fn said(body: &str) -> Draft {
    Draft {
        kind: NoticeKind::Progress,
        campaign: None,
        project: None,
        texts: Texts {
            title: "进展公示".into(),
            body: body.into(),
            ..Texts::default()
        },
    }
}

/// Asks for a draft and lets two people approve it.
async fn approved(s: &Setting, people: [&Actor; 3], id: NoticeId) {
    let services = s.world.services();
    let case = actions::ask(services, people[0], id, Asking::default())
        .await
        .expect("asked");
    for (who, stage) in [(people[1], "finance"), (people[2], "leader")] {
        let yes = NewAct {
            stage: stage.into(),
            verdict: Verdict::Approve,
            words: String::new(),
            scores: Default::default(),
        };
        act(services, who, case, yes).await.expect("approved");
    }
    s.placed().await;
    Reactions::new(crate::reactions())
        .drain(services)
        .await
        .expect("published");
    s.placed().await;
}

async fn entries(s: &Setting) -> Vec<Leaf> {
    let mut at = s.log.db().snapshot().await.expect("a snapshot");
    let all = super::super::store::leaves(&mut at, 0, 100).await.expect("read");
    all.iter().map(|bytes| decode(bytes).expect("an entry")).collect()
}

db::both!(
    a_notice_its_correction_and_its_withdrawal_are_entries_behind_each_other,
    &migrations(),
    async |test: TestDb| {
        let mut s = Setting::new(&test.db).await;
        let officer = somebody(&s, "officer", Role::FundraisingOfficer).await;
        let finance = somebody(&s, "finance", Role::FinanceOfficer).await;
        let leader = somebody(&s, "leader", Role::Leader).await;
        let people = [&officer, &finance, &leader];
        let services = s.world.services().clone();
        let first = actions::draft(&services, &officer, s.world.city, said("第一版"))
            .await
            .expect("drafted");
        approved(&s, people, first.id).await;
        let second = actions::correct(&services, &officer, first.id).await.expect("begun");
        actions::change(&services, &officer, second.id, said("第二版"))
            .await
            .expect("changed");
        approved(&s, people, second.id).await;
        actions::withdraw(&services, &leader, second.id, "数字有误")
            .await
            .expect("withdrawn");
        s.placed().await;

        assert_eq!(s.drain().await.expect("a round"), 3);
        assert_eq!(s.drain().await.expect("a round"), 0, "nothing is logged twice");
        let verified = s.verified();
        assert_eq!(verified.kinds["notice.published"], 2);
        assert_eq!(verified.kinds["notice.withdrawn"], 1);
        let all = entries(&s).await;
        let [
            Leaf::NoticePublished(one),
            Leaf::NoticePublished(two),
            Leaf::NoticeWithdrawn(gone),
        ] = &all[..]
        else {
            panic!("{all:?}");
        };
        assert_eq!((one.no, one.ver, &one.of), (1, 1, &None));
        assert_eq!((two.no, two.ver, two.of.as_ref()), (1, 2, Some(&one.id)));
        assert_eq!(gone.of, two.id);

        let mut at = services.db.snapshot().await.expect("a snapshot");
        let stands = queries::notice(&mut at, first.id).await.expect("read").expect("there");
        assert!(matches!(stands.state, NoticeState::Corrected { by, .. } if by == second.id));
        // Anybody computes the same fingerprint from the text on the page.
        let text = rules::text_of(&stands, &[], &actions::named(&services, &stands));
        assert_eq!(one.hash.0, rules::fingerprint(&text));
        let fact = queries::published_as(&mut at, first.id)
            .await
            .expect("read")
            .expect("a fact");
        drop(at);
        assert_eq!(s.log.place_of(fact).await.expect("looked up"), Some(0));
        s.world.stop();
    }
);
