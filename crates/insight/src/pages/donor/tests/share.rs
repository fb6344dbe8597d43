//! The picture to share: who is on it, and what that of a gift given in a team leads to.

use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use db::testing::TestDb;
use giving::teams::model::Starter;
use giving::teams::{NewTeam, actions as teams};
use kernel::id::public;
use platform::identity::Actor;
use proof::share::{Pictures, ShareData};

use super::{PHONE, Walk};

/// The picture as it must be drawn.
async fn drawn(walk: &Walk, team: Option<&str>, address: String) -> Bytes {
    let project = &walk.world.restricted;
    let mut at = walk.world.services().db.snapshot().await.expect("a snapshot");
    let frame = super::queries::donor::frame(&mut at, walk.world.services(), project.id).await;
    let Ok(frame) = frame else {
        panic!("the project has pages")
    };
    let data = ShareData {
        unit_name: frame.masthead.name.clone(),
        brand: papers::certificate::Colour::VERMILION,
        donor: None,
        team: team.map(str::to_owned),
        project: frame.project.title.clone(),
        sentence: frame.sentence(),
        filing: frame.filing.clone(),
        qr_url: address,
        day: frame.made_on,
    };
    Pictures::default().draw(data).await.expect("drawn").0
}

db::both!(
    the_picture_of_a_gift_in_a_team_leads_to_the_team_with_its_tag_and_without_a_key,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let (services, by) = (walk.world.services().clone(), Actor::operator());
        let new = NewTeam {
            project: walk.world.restricted.code.clone(),
            county: Some(walk.world.county),
            title: "示例一中八年级三班".into(),
            words: String::new(),
            target: None,
            starter: Starter {
                name: "王小明".into(),
                phone: "13800000001".into(),
            },
            key: "t1".into(),
        };
        let team = teams::start(&services, new).await.expect("started");
        teams::open(&services, &by, team.id).await.expect("opened");
        teams::add_tag(&services, &by, (walk.world.county, "school-3", "海报"))
            .await
            .expect("a tag");
        let id = public(&*services.keys, team.id);
        let (order, cookie) = walk.order(&format!("choice=2000&team={id}&from=school-3")).await;
        walk.paid(&order, 2_000).await;
        let shared = walk.get(&format!("{order}/share.png"), &cookie, PHONE).await.body;
        let to_team = format!("{}/t/{id}?from=school-3", services.base_url);
        assert!(shared == drawn(&walk, Some(&team.title), to_team).await);
        let for_all = walk.get("/p/aed/share.png", "", PHONE).await.body;
        assert!(shared != for_all, "the project's own picture names no team");
        // A team that is over takes no gifts: the picture leads to the project, with the county's tag.
        teams::close(&services, &by, team.id, "活动结束").await.expect("closed");
        let after = walk.get(&format!("{order}/share.png"), &cookie, PHONE).await.body;
        let to_project = format!("{}/p/aed?from=school-3", services.base_url);
        assert!(after == drawn(&walk, None, to_project).await);
        walk.end();
    }
);

db::both!(
    a_picture_to_share_is_public_and_names_nobody_unasked,
    &proof::all_migrations(),
    async |test: TestDb| {
        let walk = Walk::begin(&test).await;
        let public = walk.get("/p/aed/share.png", "", PHONE).await;
        assert_eq!(public.status, StatusCode::OK);
        assert!(public.body.starts_with(b"\x89PNG"));
        let tag = public.headers[header::ETAG].to_str().expect("ascii").to_owned();
        let again = Request::get("/p/aed/share.png").header(header::IF_NONE_MATCH, &tag);
        assert_eq!(walk.ask(again, String::new()).await.status, StatusCode::NOT_MODIFIED);
        let (order, cookie) = walk.order("choice=2000&name=%E6%B5%8B%E8%AF%95%E7%94%B2").await;
        walk.paid(&order, 2_000).await;
        let own = walk.get(&format!("{order}/share.png"), &cookie, PHONE).await;
        assert_eq!(own.body, public.body, "without asking, the same picture for all");
        let named = walk.get(&format!("{order}/share.png?name=1"), &cookie, PHONE).await;
        assert!(
            named.status == StatusCode::OK && named.body != public.body,
            "with her name, as she asked"
        );
        let stranger = walk.get(&format!("{order}/share.png?name=1"), "", PHONE).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND, "nobody else gets it");
        let (hidden, cookie) = walk
            .order("choice=2000&show=anonymous&name=%E6%B5%8B%E8%AF%95%E7%94%B2")
            .await;
        walk.paid(&hidden, 2_000).await;
        let anonymous = walk.get(&format!("{hidden}/share.png?name=1"), &cookie, PHONE).await;
        assert_eq!(anonymous.body, public.body, "anonymous stays anonymous");
        walk.end();
    }
);
