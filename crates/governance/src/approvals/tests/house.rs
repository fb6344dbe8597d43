//! The rooms together, on both databases: the six stages of a project, conflicts, versions, what waits for whom.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use db::testing::TestDb;
use kernel::id::Id as _;
use kernel::{FixedClock, RegionCode, UnitId};
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role};
use platform::{Services, facts, testing};
use serde_json::json;

use crate::all_migrations;
use crate::approvals::actions::{self, NewAct, NewCase};
use crate::approvals::error::ApprovalError;
use crate::approvals::model::{CaseId, CaseState, Change, Event, Paper, StageState, Standing, SubjectId, Verdict};
use crate::approvals::policy::Policy;
use crate::approvals::queries::{self, CaseFilter, CaseView};
use crate::approvals::rules::{self, Refusal};
use crate::network::actions::create_unit;
use crate::network::{Books, NewUnit};

/// A city with two counties, a clock that the test moves, and no staff yet.
pub(super) struct World {
    pub services: Services,
    pub clock: Arc<FixedClock>,
    pub city: UnitId,
    pub county: UnitId,
    pub other: UnitId,
}

impl World {
    pub(super) async fn new(test: &TestDb) -> Self {
        let clock = Arc::new(FixedClock::at(testing::NOW));
        let services = testing::services_at(test.db.clone(), Path::new("/nowhere"), Arc::clone(&clock));
        let enter = async |parent: Option<UnitId>, region: &str| {
            let new = NewUnit {
                parent,
                name: format!("{region}红十字会"),
                short_name: region.into(),
                region: RegionCode::parse(region).expect("a region"),
                books: Books::Own,
                brand_color: String::new(),
                contact: String::new(),
            };
            create_unit(&services, &Actor::operator(), new)
                .await
                .expect("entered")
                .id
        };
        let city = enter(None, "371300").await;
        let county = enter(Some(city), "371323").await;
        let other = enter(Some(city), "371302").await;
        Self {
            services,
            clock,
            city,
            county,
            other,
        }
    }

    pub(super) async fn person(&self, name: &str, unit: UnitId, roles: &[Role]) -> Actor {
        self.somebody(name, unit, roles).await.0
    }

    /// A person with a token and a telephone.
    pub(super) async fn somebody(&self, name: &str, unit: UnitId, roles: &[Role]) -> (Actor, String) {
        let user = NewUser {
            name: name.into(),
            kind: ActorKind::Person,
            unit,
            roles: roles.to_vec(),
            token: Some(NewToken {
                name: "laptop".into(),
                days: None,
            }),
            personal: Personal {
                real_name: None,
                phone: Some(format!("telephone of {name}")),
                email: None,
            },
        };
        let added = add_user(&self.services, &Actor::operator(), user).await.expect("added");
        let held: Vec<(Role, UnitId)> = roles.iter().map(|role| (*role, unit)).collect();
        let actor = Actor::with_roles(added.id, name, ActorKind::Person, &held, &self.services.tree);
        (actor, added.token.expect("a token").text)
    }

    pub(super) fn pass(&self, seconds: i64) {
        use kernel::Clock as _;
        self.clock.set(self.clock.now().plus_micros(seconds * 1_000_000));
    }

    pub(super) fn about(&self, unit: UnitId, kind: &str) -> NewCase {
        NewCase {
            unit,
            subject_kind: kind.into(),
            subject: SubjectId::new(self.services.now(), &*self.services.rng),
            title: "请批准".into(),
            summary: "为什么".into(),
            papers: Vec::new(),
            parties: Vec::new(),
            hurry: None,
            details: json!({}),
        }
    }

    pub(super) async fn view(&self, reader: &Actor, id: CaseId) -> Option<CaseView> {
        let mut at = self.services.db.snapshot().await.expect("a snapshot");
        queries::view(&mut at, reader, &self.services.tree, id)
            .await
            .expect("read")
    }

    /// The stages that wait for somebody, by their words.
    pub(super) async fn waits_for(&self, who: &Actor) -> Vec<String> {
        let mut at = self.services.db.snapshot().await.expect("a snapshot");
        let waiting = queries::waiting(&mut at, who, 100).await.expect("read");
        waiting.into_iter().map(|one| one.stage).collect()
    }

    pub(super) async fn says(
        &self,
        by: &Actor,
        id: CaseId,
        stage: &str,
        verdict: Verdict,
    ) -> Result<Standing, ApprovalError> {
        actions::act(&self.services, by, id, said(stage, verdict)).await
    }

    /// The kinds of facts about approvals, in order.
    pub(super) async fn facts(&self) -> Vec<String> {
        platform::testing::placed(&self.services).await;
        let mut at = self.services.db.snapshot().await.expect("a snapshot");
        let all = facts::read_after(&mut at, 0, 1_000).await.expect("facts");
        all.into_iter()
            .map(|fact| fact.kind)
            .filter(|kind| kind.starts_with("approval."))
            .collect()
    }
}

pub(super) fn said(stage: &str, verdict: Verdict) -> NewAct {
    NewAct {
        stage: stage.into(),
        verdict,
        words: "看过了".into(),
        scores: BTreeMap::new(),
    }
}

pub(super) fn paper(kind: &str) -> Paper {
    Paper {
        kind: kind.into(),
        name: "文件".into(),
        sha256: "ab".repeat(32),
        words: String::new(),
    }
}

/// Anyone of the leaders, at once.
pub(super) fn one_stage(required: bool) -> Policy {
    let document = json!({"title": "一关", "required": required, "stages": [
        {"key": "leader", "title": "负责人", "who": {"kind": "role", "role": "leader", "at": "own"},
         "how": {"kind": "any"}, "deputy": {"kind": "role", "role": "leader", "at": "above"}, "send_back": "start"}]});
    serde_json::from_value(document).expect("a policy")
}

fn is_refused<T>(result: Result<T, ApprovalError>, refusal: &Refusal) -> bool {
    matches!(result, Err(ApprovalError::Refused(found)) if found == *refusal)
}

db::both!(
    a_project_is_admitted_by_six_stages_and_each_step_is_one_fact,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let (city, county, other) = (world.city, world.county, world.other);
        let asker = world.person("asker", county, &[Role::FundraisingOfficer]).await;
        let head = world.person("head", county, &[Role::Leader]).await;
        let finance = world.person("finance", county, &[Role::FinanceOfficer]).await;
        let recorder = world.person("recorder", city, &[Role::FundraisingOfficer]).await;
        let peer = world.person("peer", other, &[Role::FundraisingOfficer]).await;
        let mut leaders = Vec::new();
        for name in ["one", "two", "three"] {
            leaders.push(world.person(name, city, &[Role::Leader]).await);
        }
        let new = NewCase {
            papers: vec![paper("plan")],
            ..world.about(county, "project_admission")
        };
        let again = new.clone();
        let id = actions::submit(&world.services, &asker, new).await.expect("submitted");
        let twice = actions::submit(&world.services, &asker, again).await;
        assert!(matches!(twice, Err(ApprovalError::Going)), "{twice:?}");

        assert_eq!(world.waits_for(&head).await, ["proposal"]);
        assert_eq!(world.waits_for(&finance).await, [] as [&str; 0]);
        assert_eq!(world.waits_for(&asker).await, [] as [&str; 0]);
        assert!(world.view(&peer, id).await.is_none(), "another county does not see it");
        world
            .says(&head, id, "proposal", Verdict::Approve)
            .await
            .expect("proposal");

        // Two stages beside each other.
        assert_eq!(world.waits_for(&finance).await, ["documents"]);
        assert_eq!(world.waits_for(&recorder).await, ["due_diligence"]);
        let early = world.says(&finance, id, "documents", Verdict::Approve).await;
        assert!(is_refused(early, &Refusal::PaperMissing("budget".into())));
        for (stage, kind) in [("documents", "budget"), ("due_diligence", "due_diligence")] {
            let content = Change {
                papers: vec![paper(kind)],
                ..Change::default()
            };
            actions::amend(&world.services, &asker, id, stage, content)
                .await
                .expect("amended");
        }
        world
            .says(&finance, id, "documents", Verdict::Approve)
            .await
            .expect("documents");
        assert_eq!(
            world.waits_for(&leaders[0]).await,
            [] as [&str; 0],
            "due diligence is not through"
        );
        world
            .says(&recorder, id, "due_diligence", Verdict::Approve)
            .await
            .expect("due diligence");

        assert_eq!(world.waits_for(&leaders[2]).await, ["scoring"]);
        for leader in &leaders[..2] {
            let mut sheet = said("scoring", Verdict::Score);
            sheet.scores = [("need", 25), ("plan", 25), ("budget", 10), ("team", 10)]
                .map(|(k, n)| (k.into(), n))
                .into();
            actions::act(&world.services, leader, id, sheet).await.expect("scored");
        }

        // The draw: a co-host other than the county's own; the city's officer is in the pool too.
        let view = world.view(&asker, id).await.expect("seen");
        let drawn = view.entries.iter().find_map(|entry| match &entry.event {
            Event::Opened {
                seats,
                draw: Some(draw),
                ..
            } => Some((seats.clone(), draw.clone())),
            _ => None,
        });
        let (seats, draw) = drawn.expect("a draw");
        assert_eq!(draw.pool.len(), 2);
        assert_eq!(
            seats.iter().map(|seat| seat.0).collect::<Vec<_>>(),
            rules::drawn_seats(&draw, 1)
        );
        let (checker, not_drawn) = if seats[0].0 == peer.id {
            (&peer, &recorder)
        } else {
            (&recorder, &peer)
        };
        assert!(world.view(checker, id).await.is_some(), "who takes part sees it");
        let refused = world.says(not_drawn, id, "cross_check", Verdict::Approve).await;
        assert!(refused.is_err(), "who was not drawn decides nothing");
        world
            .says(checker, id, "cross_check", Verdict::Approve)
            .await
            .expect("cross-checked");

        world
            .says(&leaders[0], id, "committee", Verdict::Approve)
            .await
            .expect("a vote");
        let standing = world
            .says(&leaders[1], id, "committee", Verdict::Approve)
            .await
            .expect("a vote");
        assert_eq!(
            standing.outcome.state(),
            CaseState::Approved,
            "two of three, with the quorum of two"
        );
        assert_eq!(world.waits_for(&leaders[2]).await, [] as [&str; 0]);
        let mut happened = vec![
            "approval.submitted",
            "approval.acted",
            "approval.amended",
            "approval.amended",
        ];
        happened.extend(["approval.acted"; 6]);
        happened.push("approval.decided");
        assert_eq!(world.facts().await, happened);

        let mut at = world.services.db.snapshot().await.expect("a snapshot");
        let found = queries::approved(&mut at, county, "project_admission", view.case.subject)
            .await
            .expect("read");
        assert_eq!(found.map(|case| case.id), Some(id));
        let elsewhere = queries::approved(&mut at, other, "project_admission", view.case.subject)
            .await
            .expect("read");
        assert!(elsewhere.is_none(), "an approval of one unit opens nothing of another");
    }
);

db::both!(
    who_is_concerned_steps_aside_and_the_deputies_above_are_asked_at_once,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
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
        assert_eq!(world.waits_for(&head).await, ["leader"]);
        assert_eq!(world.waits_for(&above).await, [] as [&str; 0]);
        actions::declare(&world.services, &head, id, "亲属")
            .await
            .expect("declared");
        assert_eq!(world.waits_for(&head).await, [] as [&str; 0]);
        assert_eq!(world.waits_for(&above).await, ["leader"]);
        let refused = world.says(&head, id, "leader", Verdict::Approve).await;
        assert!(is_refused(refused, &Refusal::Concerned));
        let standing = world
            .says(&above, id, "leader", Verdict::Refuse)
            .await
            .expect("refused");
        assert_eq!(standing.outcome.state(), CaseState::Refused);

        // A party is never seated, and without anybody left nothing is put in.
        let mut new = world.about(world.county, "thing");
        new.parties = vec![head.id];
        let id = actions::submit(&world.services, &asker, new).await.expect("submitted");
        assert_eq!(world.waits_for(&above).await, ["leader"], "the nearest above decides");
        actions::withdraw(&world.services, &asker, id, "")
            .await
            .expect("withdrawn");
        let mut new = world.about(world.county, "thing");
        new.parties = vec![head.id, above.id];
        let nobody = actions::submit(&world.services, &asker, new).await;
        assert!(matches!(nobody, Err(ApprovalError::Nobody(_))), "{nobody:?}");
        let unknown = actions::submit(&world.services, &asker, world.about(world.county, "nothing_of_ours")).await;
        assert!(matches!(unknown, Err(ApprovalError::NoPolicy(_))), "{unknown:?}");
    }
);

db::both!(
    a_running_case_keeps_its_version_and_the_nearest_policy_holds,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let asker = world.person("asker", world.county, &[Role::FundraisingOfficer]).await;
        let head = world.person("head", world.county, &[Role::Leader]).await;
        let boss = world.person("boss", world.city, &[Role::Leader]).await;
        actions::publish(&world.services, &boss, world.city, "thing", one_stage(false))
            .await
            .expect("published");
        let first = actions::submit(&world.services, &asker, world.about(world.county, "thing"))
            .await
            .expect("one");
        let mut harder = one_stage(true);
        harder.stages[0].key = "both".into();
        let second = actions::publish(&world.services, &boss, world.city, "thing", harder)
            .await
            .expect("two");
        assert_eq!(second.version, 2);
        let later = actions::submit(&world.services, &asker, world.about(world.county, "thing"))
            .await
            .expect("two");
        let versions = async |id| world.view(&asker, id).await.expect("seen").case.policy_version;
        assert_eq!((versions(first).await, versions(later).await), (1, 2));
        world
            .says(&head, first, "leader", Verdict::Approve)
            .await
            .expect("under the first version");
        world
            .says(&head, later, "both", Verdict::Approve)
            .await
            .expect("under the second");

        let forbidden = actions::publish(&world.services, &head, world.city, "thing", one_stage(false)).await;
        assert!(matches!(forbidden, Err(ApprovalError::Forbidden(_))));
        actions::publish(&world.services, &head, world.county, "thing", one_stage(false))
            .await
            .expect("its own");
        let mut unknown = one_stage(false);
        unknown.stages[0].who = serde_json::from_value(json!({"kind": "people", "people": ["nobody"]})).expect("who");
        let refused = actions::publish(&world.services, &boss, world.city, "thing", unknown).await;
        assert!(matches!(
            refused,
            Err(ApprovalError::Invalid {
                field: "stages.people",
                ..
            })
        ));

        let mut tx = world.services.db.begin().await.expect("a transaction");
        let thing = SubjectId::from_bytes([5; 16]);
        let mut owed = async |unit| {
            actions::is_owed(&mut tx, &world.services, unit, "thing", thing)
                .await
                .expect("read")
        };
        assert!(owed(world.other).await, "the city demands it of all below");
        assert!(!owed(world.county).await, "the county’s own policy is nearer");
        let mut at = world.services.db.snapshot().await.expect("a snapshot");
        let shipped = queries::policies(&mut at, &[]).await.expect("policies");
        let kinds: Vec<&str> = shipped.iter().map(|version| version.subject_kind.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "dispatch",
                "docking",
                "notice",
                "partner_amendment",
                "project_admission",
                "refund",
                "relief_money",
                "target_raise"
            ]
        );
        for version in &shipped {
            assert_eq!(version.policy.check(), Ok(()), "{}", version.subject_kind);
            assert!(!version.policy.required, "nothing is demanded until a unit says so");
        }
    }
);

db::both!(
    who_comes_to_a_role_later_may_decide_and_who_lost_it_may_not,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let asker = world.person("asker", world.county, &[Role::FundraisingOfficer]).await;
        let head = world.person("head", world.county, &[Role::Leader]).await;
        let boss = world.person("boss", world.city, &[Role::Leader]).await;
        actions::publish(&world.services, &boss, world.city, "thing", one_stage(false))
            .await
            .expect("published");
        let id = actions::submit(&world.services, &asker, world.about(world.county, "thing"))
            .await
            .expect("submitted");
        let late = world.person("late", world.county, &[Role::Leader]).await;
        assert_eq!(world.waits_for(&late).await, ["leader"]);
        let tree = &world.services.tree;
        let former = Actor::with_roles(
            head.id,
            "head",
            ActorKind::Person,
            &[(Role::Storekeeper, world.county)],
            tree,
        );
        let refused = world.says(&former, id, "leader", Verdict::Approve).await;
        assert!(is_refused(refused, &Refusal::NotSeated), "a seat goes with the role");
        let standing = world
            .says(&late, id, "leader", Verdict::Approve)
            .await
            .expect("decided");
        assert_eq!(standing.outcome.state(), CaseState::Approved);
        assert!(!standing.stages.iter().any(|stage| matches!(stage, StageState::Open(_))));

        let mut at = world.services.db.snapshot().await.expect("a snapshot");
        let mut listed = async |reader: &Actor, filter: CaseFilter| {
            let scope = reader.scope_for(platform::identity::Permission::ApprovalRead);
            let cases = queries::cases(&mut at, &scope, tree, &filter, 10).await.expect("cases");
            cases.into_iter().map(|case| case.id).collect::<Vec<_>>()
        };
        let approved = || CaseFilter {
            state: Some(CaseState::Approved),
            kind: Some("thing".into()),
            ..CaseFilter::default()
        };
        assert_eq!(listed(&boss, approved()).await, [id]);
        assert_eq!(
            listed(
                &head,
                CaseFilter {
                    after: Some((i64::MAX, id)),
                    ..approved()
                }
            )
            .await,
            []
        );
        let owing = CaseFilter {
            owing: true,
            ..CaseFilter::default()
        };
        assert_eq!(listed(&boss, owing).await, []);
        let elsewhere = world.person("elsewhere", world.other, &[Role::Leader]).await;
        assert_eq!(listed(&elsewhere, CaseFilter::default()).await, []);
    }
);
