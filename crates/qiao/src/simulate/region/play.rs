//! The three days as they happen, on a clock of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use giving::boards;
use giving::donations::intake::{Matching, WriterHandle, prepare};
use giving::donations::refunds::{self, RefundReason};
use giving::donations::{Incoming, Outcome, Payer, Source};
use giving::events::actions::{self as events, Part, Slip};
use giving::events::model::NewEvent;
use giving::events::{EventKind, SourceKind};
use giving::teams::{self, Tags};
use integrations::importing::Mode;
use integrations::platforms::statements::{self, Order};
use kernel::{Fen, FixedClock, GiftId, Instant, UnitId};

use super::land::{self, Made, PLATFORM};
use super::plan::{Fate, Plan, PlannedGift, Stall, Way};
use super::{DAYS, files};
use crate::app::App;
use crate::output::{Failure, Out};
use crate::simulate::CHANNELS;

/// Gifts handed to the intake at once.
const CHUNK: usize = 500;
/// How long the writer of these days may take to end.
const PATIENCE: Duration = Duration::from_secs(20);
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// A program whose clock stands where the days are.
struct Stage<'a> {
    app: App,
    clock: Arc<FixedClock>,
    plan: &'a Plan,
    folder: PathBuf,
    out: &'a Out,
}

/// Plays the three days and freezes the board of each. What others would hand in lies in the data folder afterwards,
/// under `simulated`.
///
/// # Errors
/// What was refused, or what came out otherwise than it must.
pub async fn play(app: &App, province: UnitId, plan: &Plan, out: &Out) -> Result<Made, Failure> {
    let folder = app.services.data.join("simulated");
    std::fs::create_dir_all(&folder)?;
    let evening = plan.size.from.start().plus_micros(-4 * 60 * MINUTE);
    let clock = Arc::new(FixedClock::at(evening));
    let mut services = app.services.clone();
    services.clock = clock.clone();
    let (intake, writer): (_, WriterHandle) = giving::donations::intake::start(&services).await?;
    let stage = Stage {
        app: App {
            services,
            intake,
            ..app.clone()
        },
        clock,
        plan,
        folder,
        out,
    };
    let made = stage.run(province).await;
    drop(stage);
    let ended = tokio::task::spawn_blocking(move || writer.stop(PATIENCE)).await;
    let made = made?;
    ended?;
    Ok(made)
}

impl Stage<'_> {
    fn at(&self, day: usize, micros: i64) {
        self.clock.set(self.moment(day, micros));
    }

    fn moment(&self, day: usize, micros: i64) -> Instant {
        self.plan.size.day(day).start().plus_micros(micros)
    }

    async fn run(&self, province: UnitId) -> Result<Made, Failure> {
        let made = land::make(&self.app, province, self.plan).await?;
        self.out.say(format!(
            "{} cities, {} counties, {} projects",
            self.plan.land.cities,
            self.plan.land.counties(),
            made.projects.len()
        ));
        files::gifts(self.plan, &self.folder)?;
        self.sources(&made).await?;
        self.at(0, MINUTE);
        land::open(&self.app, &made).await?;
        let mut to_give_back = Vec::new();
        for day in 0..DAYS {
            self.at(day, 5 * MINUTE);
            if day > 0 {
                self.freeze(day - 1).await?;
                self.at(day, 10 * MINUTE);
                self.give_back(&made, &to_give_back).await?;
            }
            to_give_back = self.own_page(&made, day).await?;
            self.at(day, (23 * 60 + 55) * MINUTE);
            self.platform(&made, day).await?;
            self.at(day, (23 * 60 + 57) * MINUTE);
            for stall in self.plan.stalls.iter().filter(|stall| stall.day == day) {
                self.stall(&made, stall).await?;
            }
            self.app.settle().await?;
            self.out.say(format!("{} is over", self.plan.size.day(day)));
        }
        self.at(DAYS, 5 * MINUTE);
        self.freeze(DAYS - 1).await?;
        self.app.settle().await?;
        Ok(made)
    }

    /// The lists of villages and firms as counties hand them in.
    async fn sources(&self, made: &Made) -> Result<(), Failure> {
        for stall in &self.plan.stalls {
            let path = files::sources(self.plan, stall, &self.folder)?;
            let text = std::fs::read_to_string(&path)?;
            events::register_sources(&self.app.services, &made.staff[0], made.units[stall.place], &text).await?;
        }
        Ok(())
    }

    async fn freeze(&self, day: usize) -> Result<(), Failure> {
        // What the reactions themselves said at the day's end is read now.
        self.app.settle().await?;
        let day = self.plan.size.day(day);
        let frozen = boards::actions::freeze_through(&self.app.services, day).await?;
        if frozen.iter().map(|freeze| freeze.day).eq([day]) {
            return Ok(());
        }
        Err(Failure::Refused(format!(
            "{day} was frozen otherwise than alone; play in a fresh data folder"
        )))
    }

    /// The day's gifts on our own page, in order of time; gives those that are given back tomorrow.
    async fn own_page(&self, made: &Made, day: usize) -> Result<Vec<(GiftId, Fen)>, Failure> {
        let own = |gift: &&PlannedGift| gift.day == day && gift.way != Way::Platform;
        let gifts: Vec<&PlannedGift> = self.plan.gifts.iter().filter(own).collect();
        let mut to_give_back = Vec::new();
        for chunk in gifts.chunks(CHUNK) {
            if let Some(last) = chunk.last() {
                self.clock.set(last.paid_at.plus_micros(SECOND));
            }
            let mut prepared = Vec::with_capacity(chunk.len());
            for gift in chunk {
                let incoming = self.incoming(made, gift)?;
                if let Some(place) = gift.tag {
                    let tags = Tags {
                        team: None,
                        from: Some(self.plan.land.places[place].region.to_string()),
                    };
                    teams::actions::attribute_notice(&self.app.services, &incoming, made.province, &tags).await?;
                }
                prepared.push(prepare(incoming, &self.app.services)?);
            }
            let outcomes = self.app.intake.submit_many(prepared, None).await?;
            for (gift, outcome) in chunk.iter().zip(outcomes) {
                match (outcome, gift.fate) {
                    (Outcome::Recorded(id), Fate::Back(part)) => to_give_back.push((id, part)),
                    (Outcome::Recorded(_), _) => {}
                    _ => return Err(Failure::Refused(format!("the gift {} was here before", gift.number))),
                }
            }
        }
        Ok(to_give_back)
    }

    fn incoming(&self, made: &Made, gift: &PlannedGift) -> Result<Incoming, Failure> {
        let Way::Own(channel) = gift.way else {
            return Err(Failure::Refused("a platform’s gift comes with its statement".into()));
        };
        let channel = CHANNELS[channel].0.parse()?;
        let account = self.app.intake.directory().account_for(made.province, channel);
        let account = account.ok_or_else(|| Failure::Refused(format!("the unit has no open account for {channel}")))?;
        Ok(Incoming {
            account: account.id,
            project: made.projects[gift.project],
            trade_no: gift.number.clone(),
            amount: gift.amount,
            paid_at: gift.paid_at,
            business_day: gift.paid_at.business_day(),
            payer: Payer {
                name: gift.name.clone(),
                ..Payer::default()
            },
            anonymous: gift.name.is_none(),
            receipt: None,
            source: Source::Notice,
        })
    }

    /// Money given back: one asks, another approves.
    async fn give_back(&self, made: &Made, gifts: &[(GiftId, Fen)]) -> Result<(), Failure> {
        let services = &self.app.services;
        for (index, (gift, part)) in gifts.iter().enumerate() {
            let key = format!("simulated-{}-{index}", services.now().business_day());
            let asked = (*gift, *part, RefundReason::WrongPayment);
            let refund = refunds::request(services, &made.staff[0], asked, &key).await?;
            refunds::approve(services, &made.staff[2], refund.id).await?;
        }
        Ok(())
    }

    /// The platform settles the day: details and matches must tie, then all of it is booked.
    async fn platform(&self, made: &Made, day: usize) -> Result<(), Failure> {
        let order = Order {
            unit: made.province,
            platform: PLATFORM,
            files: files::statement(self.plan, day, Path::new(&self.folder))?,
            number: None,
            mode: Mode::Import,
            matching: Matching::Not,
            actor: made.staff[2].id,
        };
        let (services, intake) = (&self.app.services, &self.app.intake);
        let report = statements::import(&order, services, intake, |_, _| ()).await?;
        let whole = report.ties && report.gifts.new == report.gifts.lines && report.matches.new == report.matches.lines;
        if whole {
            return Ok(());
        }
        Err(Failure::Refused(format!(
            "the statement of {} was not booked whole: {:?}",
            self.plan.size.day(day),
            report.differences
        )))
    }

    /// A county's event: two count, one pays in, another matches the bank's line, the list says whence it came.
    async fn stall(&self, made: &Made, stall: &Stall) -> Result<(), Failure> {
        let services = &self.app.services;
        let sum = stall.sum();
        let [first, second, cashier] = &made.staff[..] else {
            return Err(Failure::Refused("three people are needed".into()));
        };
        if !sum.is_positive() {
            return Ok(());
        }
        let kinds = [EventKind::Market, EventKind::Sale, EventKind::StampCard];
        let place = &self.plan.land.places[stall.place];
        let held_on = self.plan.size.day(stall.day);
        let new = NewEvent {
            unit: made.units[stall.place],
            project: made.projects[stall.project],
            kind: kinds[stall.place % kinds.len()],
            title: format!("{}公益集市", place.name),
            held_on,
            key: format!("simulated-{}", place.region),
        };
        let event = events::plan(services, first, new).await?.id;
        for by in [first, second] {
            events::count(services, by, event, sum).await?;
        }
        let slip = Slip {
            account: made.bank,
            on: held_on,
            number: format!("SLIP{}", place.region),
        };
        events::deposit(services, cashier, event, slip).await?;
        // Who deposited may not match the bank's line; who counted may.
        let line = format!("BANK{}{}", held_on.to_number(), place.region);
        events::book(&self.app.giving(), first, event, &line).await?;
        let villages = stall.villages.iter().enumerate();
        let villages = villages.map(|(at, amount)| part(SourceKind::Village, files::village(at), *amount));
        let firms = stall.firms.iter().enumerate();
        let firms = firms.map(|(at, amount)| part(SourceKind::Firm, files::firm(at), *amount));
        let parts: Vec<Part> = villages.chain(firms).collect();
        events::part(services, second, event, &parts).await?;
        Ok(())
    }
}

const fn part(kind: SourceKind, name: String, amount: Fen) -> Part {
    Part { kind, name, amount }
}
