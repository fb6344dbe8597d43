//! The register of donors: who gave, put together by telephone and by firms' names, in the reader's units; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use giving::donations::queries::donors::{Donor, DonorFilter, DonorKind, DonorOrder, donors};
use giving::donations::{Outcome, Payer};
use giving::testing::{World, world};
use kernel::{Fen, UnitId};
use platform::identity::Scope;

async fn given(w: &World, trade_no: &str, fen: i64, (name, phone): (Option<&str>, Option<&str>)) {
    let mut incoming = w.incoming(&w.restricted, trade_no, fen);
    incoming.payer = Payer {
        name: name.map(str::to_owned),
        phone: phone.map(str::to_owned),
        ..Payer::default()
    };
    assert!(matches!(w.submit(incoming).await, Outcome::Recorded(_)));
}

async fn listed(w: &World, scope: &Scope, kind: Option<DonorKind>) -> (Vec<Donor>, Option<(i64, Fen)>) {
    let filter = DonorFilter {
        from: w.today().plus_days(-1),
        to: w.today(),
        kind,
        order: DonorOrder::Largest,
    };
    let mut at = w.services().db.snapshot().await.unwrap();
    let found = donors(&mut at, filter, (scope, &w.services().tree), (0, 50))
        .await
        .unwrap();
    assert!(found.is_whole);
    (found.items, found.others)
}

db::both!(
    gifts_of_one_telephone_are_one_donor_and_a_firm_stands_by_its_name,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let firm = "测试示范商贸有限公司";
        given(&w, "D1", 1_000, (Some("测试丁"), Some("13800000007"))).await;
        given(&w, "D2", 2_500, (Some("测试丁"), Some("13800000007"))).await;
        given(&w, "D3", 9_000, (Some(firm), None)).await;
        given(&w, "D4", 300, (Some("测试戊"), None)).await;
        given(&w, "D5", 700, (None, Some("13800000008"))).await;
        let (all, others) = listed(&w, &Scope::Everything, None).await;
        let told: Vec<_> = all
            .iter()
            .map(|donor| (donor.kind, donor.name.as_deref(), donor.gifts, donor.sum.get()))
            .collect();
        assert_eq!(
            told,
            [
                (DonorKind::Organisation, Some(firm), 1, 9_000),
                (DonorKind::Person, Some("测**"), 2, 3_500),
                (DonorKind::Person, None, 1, 700),
            ]
        );
        assert_eq!(others, Some((1, Fen::new(300))), "who cannot be told apart is one sum");
        assert_eq!((all[1].first, all[1].last), (w.today(), w.today()));
        let (firms, _) = listed(&w, &Scope::Everything, Some(DonorKind::Organisation)).await;
        assert_eq!(firms.len(), 1);
        // The money stands in the city's books and for its project: the county sees nobody, and no sum.
        let county: UnitId = w.county;
        let (none, others) = listed(&w, &Scope::Below(vec![county]), None).await;
        assert_eq!((none.len(), others), (0, Some((0, Fen::ZERO))));
        w.stop();
    }
);
