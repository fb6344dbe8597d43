//! A unit that is closed, as this crate meets it.

use db::Tx;
use db::testing::TestDb;
use governance::network::{Closing, Gone, Held, Holding, Holdings, NetworkError, actions as network};
use kernel::UnitId;
use platform::Services;
use platform::identity::Actor;

use super::{house, new_project, open_campaign};
use crate::all_migrations;
use crate::campaigns::queries as campaigns;
use crate::matching::queries as pools;
use crate::projects::model::{ProjectState, Under};
use crate::projects::{ProjectError, actions, queries};

/// What this crate knows of a unit; goods are another's.
struct Ours;

impl Holdings for Ours {
    fn of<'a>(&'a self, tx: &'a mut Tx, unit: UnitId) -> Held<'a> {
        Box::pin(async move {
            Ok(Holding {
                campaigns: campaigns::running_of(tx, unit).await?,
                projects: queries::running_of(tx, unit).await?,
                pools: pools::running_of(tx, unit).await?,
                lots: 0,
            })
        })
    }
    fn let_go<'a>(&'a self, tx: &'a mut Tx, services: &'a Services, unit: UnitId) -> Gone<'a> {
        Box::pin(actions::end_general_of(tx, services, unit))
    }
}

db::both!(
    a_unit_closes_when_its_projects_are_over_takes_its_general_one_along_and_opens_none_again,
    &all_migrations(),
    async |test: TestDb| {
        let house = house(&test).await;
        let (services, by) = (&house.services, Actor::operator());
        let unit = house.county.id;
        let (campaign, _) = open_campaign(&house).await;
        let under = Under::Campaign { campaign, theme: None };
        let running = actions::create(services, &by, new_project(unit, under, "aed"))
            .await
            .expect("made");
        actions::open(services, &by, running.id).await.expect("opened");
        let draft = actions::create(services, &by, new_project(unit, under, "later"))
            .await
            .expect("made");
        let general = actions::create_general(services, &by, unit, "yishui", "沂水县通用项目")
            .await
            .expect("made");

        let close = async || {
            let closing = Closing {
                day: services.now().business_day(),
                reason: "机构合并".into(),
            };
            network::close_unit(services, &by, unit, closing, &Ours).await
        };
        let refused = close().await;
        let one = Holding {
            projects: 1,
            ..Holding::default()
        };
        assert!(
            matches!(refused, Err(NetworkError::StillOpen(held)) if held == one),
            "{refused:?}"
        );
        actions::end(services, &by, running.id).await.expect("ended");
        close().await.expect("closed");

        let mut at = services.db.snapshot().await.expect("a snapshot");
        let general = queries::project(&mut at, general.id)
            .await
            .expect("read")
            .expect("there");
        assert!(
            matches!(general.state, ProjectState::Ended { .. }),
            "{:?}",
            general.state
        );
        drop(at);
        let late = actions::open(services, &by, draft.id).await;
        assert!(matches!(late, Err(ProjectError::UnitClosed)), "{late:?}");
    }
);
