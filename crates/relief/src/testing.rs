//! A small made-up house of goods for this crate's tests.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use db::Db;
use governance::network::actions::create_unit;
use governance::network::{Books, NewUnit};
use kernel::id::Id as _;
use kernel::{BusinessDay, FixedClock, FundId, UnitId};
use platform::Services;
use platform::identity::actions::{NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role};

use crate::catalogue::{self, NewItem};
use crate::error::ReliefError;
use crate::lists::actions as lists;
use crate::lists::model::{NewRequest, PlanDecision, Priority, Wanted};
use crate::stock::actions::{self, Recorded};
use crate::stock::model::ValueBasis;
use crate::stock::{NewLot, Source, Step};
use crate::{DispatchId, ItemId, LotId, PartyId, PlaceId};

/// The house.
pub(crate) struct House {
    pub(crate) services: Services,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) unit: UnitId,
    pub(crate) place: PlaceId,
    /// N95 masks: 只, 480 to a 箱.
    pub(crate) item: ItemId,
    pub(crate) keeper: Actor,
    /// Keeps the store and may scrap.
    pub(crate) boss: Actor,
    pub(crate) desk: Actor,
    pub(crate) leaders: [Actor; 3],
}

/// Makes it.
pub(crate) async fn house(db: Db) -> House {
    let clock = Arc::new(FixedClock::at(platform::testing::NOW));
    let services = platform::testing::services_at(db, Path::new("."), Arc::clone(&clock));
    let unit = UnitId::from_bytes([7; 16]);
    services.tree.replace(vec![(unit, None)]);
    furnished(services, clock, unit).await
}

/// Makes it in a society that the network knows, which approvals ask for.
pub(crate) async fn society(db: Db) -> House {
    let clock = Arc::new(FixedClock::at(platform::testing::NOW));
    let services = platform::testing::services_at(db, Path::new("."), Arc::clone(&clock));
    let new = NewUnit {
        parent: None,
        name: "示范市红十字会".into(),
        short_name: "示范市".into(),
        region: "420100".parse().expect("a region"),
        books: Books::Own,
        brand_color: String::new(),
        contact: String::new(),
    };
    let unit = create_unit(&services, &Actor::operator(), new).await.expect("a unit");
    furnished(services, clock, unit.id).await
}

async fn furnished(services: Services, clock: Arc<FixedClock>, unit: UnitId) -> House {
    let actor = |roles: &[Role]| {
        let roles: Vec<_> = roles.iter().map(|role| (*role, unit)).collect();
        platform::testing::actor(&services, &roles)
    };
    let keeper = actor(&[Role::Storekeeper]);
    let new = NewItem {
        unit,
        code: "1060201".into(),
        name: "医用防护口罩".into(),
        grade: "GB 19083-2010 N95".into(),
        base_unit: "只".into(),
        units: BTreeMap::from([("箱".to_owned(), 480)]),
        shelf_life_months: Some(36),
        parts: Vec::new(),
    };
    let item = catalogue::actions::add_item(&services, &keeper, new)
        .await
        .expect("an item")
        .id;
    let place = actions::add_place(&services, &keeper, unit, ("A", "一号库")).await;
    House {
        boss: actor(&[Role::Storekeeper, Role::Leader]),
        desk: actor(&[Role::DonationDesk]),
        leaders: [actor(&[Role::Leader]), actor(&[Role::Leader]), actor(&[Role::Leader])],
        place: place.expect("a place"),
        services,
        clock,
        unit,
        item,
        keeper,
    }
}

impl House {
    pub(crate) fn today(&self) -> BusinessDay {
        self.services.now().business_day()
    }

    /// Moves the clock to this hour of a day from today.
    pub(crate) fn at(&self, day: BusinessDay, minute: i64) {
        self.clock.set(day.start().plus_micros(minute * 60_000_000));
    }

    /// A gift of masks, counted in pieces, that keeps for two years.
    pub(crate) fn new_lot(&self, key: &str, quantity: i64) -> NewLot {
        NewLot {
            unit: self.unit,
            key: key.to_owned(),
            item: self.item,
            unit_word: "只".into(),
            quantity,
            per_box: 1,
            spec: String::new(),
            batch: String::new(),
            source: Source::Donation,
            donor: "示例医疗器械有限公司".into(),
            designated_for: None,
            expires_on: Some(self.today().plus_days(730)),
            has_certificate: true,
            expected_on: Some(self.today()),
            place: self.place,
            value: None,
            basis: ValueBasis::None,
            evidence: "FP-00001234".into(),
        }
    }

    /// An announced lot.
    pub(crate) async fn announced(&self, key: &str, quantity: i64) -> LotId {
        let lot = actions::announce(&self.services, &self.keeper, &self.new_lot(key, quantity)).await;
        lot.expect("announced").id
    }

    /// A step of all of a lot.
    pub(crate) async fn step(&self, lot: LotId, step: Step, quantity: i64) {
        let wanted = Recorded {
            lot,
            step,
            quantity,
            key: format!("{lot:?}{step:?}"),
            reason: String::new(),
            device_at: None,
        };
        actions::record(&self.services, &self.keeper, &wanted)
            .await
            .expect("a step");
    }

    /// A lot that is in store.
    pub(crate) async fn stock(&self, new: &NewLot) -> LotId {
        let lot = actions::announce(&self.services, &self.keeper, new)
            .await
            .expect("announced")
            .id;
        self.step(lot, Step::Arrive(self.place), new.quantity).await;
        self.step(lot, Step::Inspect(self.place), new.quantity).await;
        self.step(lot, Step::Stock(self.place), new.quantity).await;
        lot
    }

    /// The same with the usual gift.
    pub(crate) async fn stocked(&self, key: &str, quantity: i64) -> LotId {
        self.stock(&self.new_lot(key, quantity)).await
    }

    /// A receiver.
    pub(crate) async fn party(&self, name: &str) -> PartyId {
        let party = actions::add_party(&self.services, &self.keeper, self.unit, (name, "420100")).await;
        party.expect("a receiver")
    }

    /// A dispatch order of everything in store for one receiver: asked for, proposed, decided by the leaders.
    pub(crate) async fn ordered(&self, party: PartyId, quantity: i64) -> DispatchId {
        let wanted = NewRequest {
            unit: self.unit,
            key: format!("ask {quantity}"),
            party,
            wanted: Wanted::Goods {
                item: self.item,
                unit_word: "只".into(),
                quantity,
            },
            priority: Priority::Urgent,
            basis: "发热门诊".into(),
            needed_by: None,
        };
        let s = &self.services;
        lists::ask(s, &self.keeper, &wanted).await.expect("asked");
        let (plan, _) = lists::propose(s, &self.desk, self.unit).await.expect("a plan");
        for leader in &self.leaders {
            let decided = lists::decide(s, leader, plan, (PlanDecision::Approve, "")).await;
            decided.expect("decided");
        }
        let mut at = s.db.snapshot().await.expect("a view");
        let orders = crate::dispatch::queries::orders(&mut at, self.unit).await;
        orders.expect("orders").first().expect("one").id
    }

    /// A fund with so much restricted money in the bank.
    pub(crate) async fn money(&self, fund: FundId, fen: i64) {
        let s = &self.services;
        let day = self.today();
        let gift = ledger::GiftBooking {
            gift: kernel::GiftId::new(s.now(), &*s.rng),
            unit: self.unit,
            channel: kernel::Channel::Bank,
            project: kernel::ProjectId::from_bytes([6; 16]),
            campaign: None,
            fund,
            restriction: ledger::Restriction::Restricted,
            amount: kernel::Fen::new(fen),
            posting_day: day,
            business_day: day,
        };
        let mut tx = s.db.begin().await.expect("a transaction");
        let journal = gift.journal().expect("a journal");
        ledger::post(&mut tx, &journal, &ledger::Header::by_machine(s.now()), s)
            .await
            .expect("posted");
        tx.commit().await.expect("committed");
    }

    /// A person of the house who is known by name, as approvals want them.
    pub(crate) async fn person(&self, name: &str, role: Role) -> Actor {
        let (s, unit) = (&self.services, self.unit);
        let user = NewUser {
            name: name.into(),
            kind: ActorKind::Person,
            unit,
            roles: vec![role],
            token: None,
            personal: Personal::default(),
        };
        let added = add_user(s, &Actor::operator(), user).await.expect("a user");
        Actor::with_roles(added.id, name, ActorKind::Person, &[(role, unit)], &s.tree)
    }

    /// A family's kit of so many masks.
    pub(crate) async fn kit(&self, masks: i64) -> ItemId {
        let kit = NewItem {
            unit: self.unit,
            code: "1990101".into(),
            name: "家庭应急包".into(),
            grade: String::new(),
            base_unit: "个".into(),
            units: BTreeMap::new(),
            shelf_life_months: None,
            parts: vec![(self.item, masks)],
        };
        let kit = catalogue::actions::add_item(&self.services, &self.keeper, kit).await;
        kit.expect("a kit").id
    }
}

/// Another item, for tests that need two.
pub(crate) async fn another_item(house: &House, name: &str, grade: &str) -> Result<ItemId, ReliefError> {
    let new = NewItem {
        unit: house.unit,
        code: "1060202".into(),
        name: name.to_owned(),
        grade: grade.to_owned(),
        base_unit: "只".into(),
        units: BTreeMap::new(),
        shelf_life_months: None,
        parts: Vec::new(),
    };
    Ok(catalogue::actions::add_item(&house.services, &house.keeper, new)
        .await?
        .id)
}
