//! A small made-up house for this crate's tests: a society with a partner region, a running agreement, money in a fund, and
//! doubles of the goods and the sheets.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use db::{Db, Snapshot, Tx};
use governance::network::actions::create_unit;
use governance::network::{Books, NewUnit};
use kernel::id::Id as _;
use kernel::{BusinessDay, Channel, Fen, FixedClock, FundId, ProjectId, RegionCode, UnitId};
use ledger::chart::Class;
use ledger::journal::shapes::gift_received::GiftBooking;
use ledger::queries::{Part, Period, trial_balance};
use ledger::{Header, Restriction};
use platform::Services;
use platform::identity::actions::{NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role, Scope};
use tempfile::TempDir;
use web::Problem;

use crate::agreements::actions as agreements;
use crate::agreements::{Agreement, NewAgreement, Pair, Target, TargetKind, Terms};
use crate::files::actions::hand_in;
use crate::ports::{Delivered, GoodsSent, Kept, Later, Lot, NoSheet, Ports, Sent, SheetRow, Sheets, Store, StoreError};
use crate::regions::actions::add_region;
use crate::regions::{NewRegion, Region};
use crate::{HandedId, StoreLotId, StorePlaceId, SupplierId};

/// Goods that were sent, as a test says.
#[derive(Default)]
pub(crate) struct Goods(pub(crate) Mutex<BTreeMap<[u8; 16], Sent>>);

impl GoodsSent for Goods {
    fn by_number<'a>(&'a self, _: &'a mut Snapshot, unit: UnitId, number: &'a str) -> Later<'a, Option<Sent>> {
        let all = self.0.lock().expect("no test panics while it holds it");
        let found = all.values().find(|sent| sent.unit == unit && sent.number == number);
        let found = found.cloned();
        Box::pin(async move { Ok(found) })
    }
    fn values<'a>(&'a self, _: &'a mut Snapshot, dispatches: &'a [[u8; 16]]) -> Later<'a, Vec<Sent>> {
        let all = self.0.lock().expect("no test panics while it holds it");
        let found: Vec<Sent> = dispatches.iter().filter_map(|id| all.get(id).cloned()).collect();
        Box::pin(async move { Ok(found) })
    }
}

/// The store: what was ever taken into it. It knows no boxes.
#[derive(Default)]
pub(crate) struct Shelves(pub(crate) Mutex<Vec<Delivered>>);

impl Store for Shelves {
    fn take_in<'a>(&'a self, _: &'a mut Tx, _: &'a Actor, goods: &'a Delivered) -> Kept<'a, Lot> {
        let mut all = self.0.lock().expect("no test panics while it holds it");
        let known = goods.unit_word != "箱";
        if known {
            all.push(goods.clone());
        }
        let n = u8::try_from(all.len()).expect("few");
        Box::pin(async move {
            if known {
                Ok(Lot {
                    id: StoreLotId::from_bytes([n; 16]),
                    paper: format!("RK-2026-{n:04}"),
                })
            } else {
                Err(StoreError::Refused(Box::new(Problem::invalid("unit_word", "a unit"))))
            }
        })
    }
    fn take_out<'a>(
        &'a self,
        _: &'a mut Tx,
        _: &'a Actor,
        _: (StoreLotId, StorePlaceId, i64),
        _: &'a str,
    ) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// Lines of cells with commas.
pub(crate) struct Lines;

impl Sheets for Lines {
    fn rows(&self, bytes: &[u8]) -> Result<Vec<SheetRow>, NoSheet> {
        let text = std::str::from_utf8(bytes).map_err(|_| NoSheet("no text".into()))?;
        let row = |(n, line): (u32, &str)| (n, line.split(',').map(str::to_owned).collect());
        Ok((1..).zip(text.lines()).map(row).collect())
    }
}

/// The house.
pub(crate) struct House {
    pub(crate) services: Services,
    clock: Arc<FixedClock>,
    pub(crate) goods: Arc<Goods>,
    pub(crate) shelves: Arc<Shelves>,
    pub(crate) ports: Ports,
    pub(crate) unit: UnitId,
    /// Another unit, beside it.
    pub(crate) other: UnitId,
    pub(crate) region: Region,
    /// Keeps partner regions and buys.
    pub(crate) officer: Actor,
    /// Another one.
    pub(crate) second: Actor,
    /// Signs and chooses.
    pub(crate) leader: Actor,
    /// Books money.
    pub(crate) finance: Actor,
    _folder: TempDir,
}

/// Makes it.
pub(crate) async fn house(db: Db) -> House {
    let (folder, services, clock) = grounds(db);
    let unit = UnitId::from_bytes([7; 16]);
    services.tree.replace(vec![(unit, None), (other(), None)]);
    furnished(folder, (services, clock), unit).await
}

/// Makes it in a society that the network knows, which approvals ask for.
pub(crate) async fn society(db: Db) -> House {
    let (folder, services, clock) = grounds(db);
    let new = NewUnit {
        parent: None,
        name: "示范市红十字会".into(),
        short_name: "示范市".into(),
        region: "330200".parse().expect("a region"),
        books: Books::Own,
        brand_color: String::new(),
        contact: String::new(),
    };
    let unit = create_unit(&services, &Actor::operator(), new).await.expect("a unit");
    furnished(folder, (services, clock), unit.id).await
}

fn grounds(db: Db) -> (TempDir, Services, Arc<FixedClock>) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::at(platform::testing::NOW));
    let services = platform::testing::services_at(db, Path::new(folder.path()), Arc::clone(&clock));
    (folder, services, clock)
}

fn other() -> UnitId {
    UnitId::from_bytes([8; 16])
}

async fn furnished(folder: TempDir, (services, clock): (Services, Arc<FixedClock>), unit: UnitId) -> House {
    let actor = |role: Role| platform::testing::actor(&services, &[(role, unit)]);
    let officer = actor(Role::FundraisingOfficer);
    let new = NewRegion {
        unit,
        region: "522300".parse().expect("a region"),
        society: "示范州红十字会".into(),
        contact: "王示例 13800000000".into(),
    };
    let region = add_region(&services, &officer, &new).await.expect("a region");
    let goods = Arc::new(Goods::default());
    let shelves = Arc::new(Shelves::default());
    let ports = Ports {
        services: services.clone(),
        goods: Arc::clone(&goods) as Arc<dyn GoodsSent>,
        store: Arc::clone(&shelves) as Arc<dyn Store>,
        sheets: Arc::new(Lines),
    };
    House {
        second: actor(Role::FundraisingOfficer),
        leader: actor(Role::Leader),
        finance: actor(Role::FinanceOfficer),
        officer,
        services,
        clock,
        goods,
        shelves,
        ports,
        unit,
        other: other(),
        region,
        _folder: folder,
    }
}

impl House {
    /// Lets a second pass, so that what comes next is the newer.
    pub(crate) fn pass(&self) {
        let later = self.services.now().micros() + 1_000_000;
        self.clock.set(kernel::Instant::from_micros(later));
    }
    pub(crate) fn today(&self) -> BusinessDay {
        self.services.now().business_day()
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

    /// A PDF that says this.
    pub(crate) async fn file(&self, words: &str) -> HandedId {
        let bytes = format!("%PDF-1.7 {words}");
        let handed = hand_in(&self.services, &self.officer, self.unit, bytes.as_bytes()).await;
        handed.expect("a file").id
    }

    /// What an agreement of three years says: 1,000 yuan of money, 2,000 of goods, 500 of aid in its first.
    pub(crate) fn terms(&self) -> Terms {
        let target = |kind, fen| Target {
            kind,
            year: i64::from(self.today().year()),
            amount: Fen::new(fen),
        };
        let code = |text: &str| text.parse::<RegionCode>().expect("a county");
        Terms {
            first_day: BusinessDay::parse("2026-01-01").expect("a day"),
            last_day: BusinessDay::parse("2028-12-31").expect("a day"),
            pairs: vec![Pair {
                ours: code("330203"),
                theirs: code("522301"),
            }],
            targets: vec![
                target(TargetKind::Money, 100_000),
                target(TargetKind::Goods, 200_000),
                target(TargetKind::StudentAid, 50_000),
            ],
        }
    }

    /// An agreement that is being drawn up.
    pub(crate) async fn drafted(&self, key: &str) -> Agreement {
        let new = NewAgreement {
            region: self.region.id,
            key: key.to_owned(),
            title: "2026–2028 年东西部协作协议".into(),
            terms: self.terms(),
        };
        agreements::draft(&self.services, &self.officer, &new)
            .await
            .expect("drafted")
    }

    /// An agreement that runs.
    pub(crate) async fn running(&self, key: &str) -> Agreement {
        let drafted = self.drafted(key).await;
        let file = self.file("协议").await;
        let signed = (drafted.id, self.today(), file);
        agreements::sign(&self.services, &self.leader, signed)
            .await
            .expect("signed");
        agreements::start(&self.services, &self.officer, drafted.id)
            .await
            .expect("running")
    }

    /// So much restricted money in the fund.
    pub(crate) async fn money(&self, fen: i64) {
        let s = &self.services;
        let gift = GiftBooking {
            gift: kernel::GiftId::new(s.now(), &*s.rng),
            unit: self.unit,
            channel: Channel::Bank,
            project: ProjectId::from_bytes([6; 16]),
            campaign: None,
            fund: fund(),
            restriction: Restriction::Restricted,
            amount: Fen::new(fen),
            posting_day: self.today(),
            business_day: self.today(),
        };
        let mut tx = s.db.begin().await.expect("a transaction");
        let journal = gift.journal().expect("a journal");
        ledger::post(&mut tx, &journal, &Header::by_machine(s.now()), s)
            .await
            .expect("posted");
        tx.commit().await.expect("committed");
    }

    /// A supplier with an owner of its own.
    pub(crate) async fn supplier(&self, n: u8, owner: &str) -> SupplierId {
        let new = crate::purchases::actions::NewSupplier {
            unit: self.unit,
            code: &format!("91330000MA0000000{n}"),
            name: &format!("示例商贸行 {n}"),
            owner,
        };
        crate::purchases::actions::add_supplier(&self.services, &self.officer, &new)
            .await
            .expect("a supplier")
            .id
    }

    /// What the progress says: kind, target, done.
    pub(crate) async fn progress(&self, agreement: &Agreement) -> Vec<(TargetKind, Option<i64>, i64)> {
        let mut at = self.services.db.snapshot().await.expect("a view");
        let (lines, _) = crate::agreements::progress::of(&mut at, &*self.goods, agreement)
            .await
            .expect("progress");
        lines
            .iter()
            .map(|line| (line.kind, line.target.map(Fen::get), line.done.get()))
            .collect()
    }

    /// What all journals of spending come to on accounts of expense: the books' own answer.
    pub(crate) async fn spent(&self) -> i64 {
        let mut at = self.services.db.snapshot().await.expect("a view");
        let part = Part::of(&Scope::Everything, &self.services.tree);
        let period = Period {
            from: self.today().plus_days(-30),
            to: self.today(),
        };
        let table = trial_balance::read(&mut at, &part, period).await.expect("a table");
        let expenses = table.lines.iter().filter(|line| line.code.class() == Class::Expense);
        expenses.map(|line| line.closing.get()).sum()
    }
}

/// The fund that pays.
pub(crate) fn fund() -> FundId {
    FundId::from_bytes([5; 16])
}
