//! What happens, drawn from the seed: pure values, no database and no clock.

use kernel::region::RegionCode;
use kernel::{Fen, Instant, Rng as _, SeededRng};

use super::per_permille as full;
use super::{DAYS, GIFTS_OF_DAY, PROJECTS, SUM_OF_DAY, Size};
use crate::simulate::{CHANNELS, amounts, donors, second_of_day, weighted};

/// What people give in yuan and its share of ten thousand gifts: median 20 to 30, mean below the one asked for, so that
/// the tail is filled up.
const TABLE: [(i64, u64); 15] = [
    (1, 300),
    (5, 500),
    (10, 1_500),
    (20, 2_500),
    (30, 500),
    (50, 1_500),
    (66, 200),
    (88, 200),
    (100, 2_000),
    (200, 500),
    (500, 200),
    (1_000, 80),
    (2_000, 15),
    (5_000, 4),
    (10_000, 1),
];
/// The most that is laid on one gift at once.
const STEP_YUAN: i64 = 200;
/// Of a hundred gifts, how many are made on the platform.
const PLATFORM_SHARE: u64 = 60;
/// Of a hundred gifts on the platform, how many carry a county's tag.
const TAGGED: u64 = 80;
/// Of a hundred gifts to a project of the province, how many on our own page carry one.
const TAGGED_OWN: u64 = 50;
/// Of a hundred tags, how many lead to another county than the project's: somebody gives to a neighbour.
const TAGGED_ELSEWHERE: u64 = 10;
/// One gift of so many has a name that screening holds.
const HELD_EACH: u64 = 1_000;
/// One gift of so many on our own page is given back on the next day.
const BACK_EACH: u64 = 100;
/// The last second of a day at which somebody gives: then the platform settles.
const LAST_SECOND: i64 = 86_040;
/// The first: by then the day before is frozen.
const FIRST_SECOND: i64 = 1_800;
/// Steps through the counties that come to each of 183 once.
const VILLAGE_STRIDE: usize = 37;
const FIRM_STRIDE: usize = 59;
/// Fields of work.
const FIELDS: [&str; 8] = [
    "应急救护",
    "人道救助",
    "助学兴教",
    "健康守护",
    "为老服务",
    "乡村振兴",
    "防灾减灾",
    "生命教育",
];

/// A province, city or county.
pub struct Place {
    /// Its code in the national table.
    pub region: RegionCode,
    /// Its name there.
    pub name: &'static str,
    /// The city it lies in, or is, as an index; none for the province.
    pub city: Option<usize>,
}

/// The province, then its cities, then their counties.
pub struct Land {
    /// All of them.
    pub places: Vec<Place>,
    /// How many of them are cities; they follow the province.
    pub cities: usize,
}

impl Land {
    /// A province with what lies below it.
    pub fn of(province: RegionCode) -> Self {
        let name = province.name().unwrap_or_default();
        let mut places = vec![Place {
            region: province,
            name,
            city: None,
        }];
        for (index, (region, name)) in (1..).zip(province.children()) {
            places.push(Place {
                region,
                name,
                city: Some(index),
            });
        }
        let cities = places.len() - 1;
        for city in 1..=cities {
            let counties = places[city].region.children();
            let below: Vec<Place> = counties
                .map(|(region, name)| Place {
                    region,
                    name,
                    city: Some(city),
                })
                .collect();
            places.extend(below);
        }
        Self { places, cities }
    }

    /// The first county's index; the others follow.
    pub const fn first_county(&self) -> usize {
        self.cities + 1
    }

    /// How many counties.
    pub fn counties(&self) -> usize {
        self.places.len() - self.first_county()
    }
}

/// A project.
pub struct PlannedProject {
    /// The word in its address.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub place: usize,
    /// Its page's number on the platform.
    pub page: String,
    /// How strongly people give to it.
    pub weight: u64,
}

/// Where a gift is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// On our own page; index into [`CHANNELS`].
    Own(usize),
    /// On the platform.
    Platform,
}

/// What becomes of a gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stands.
    Stands,
    /// Screening holds it.
    Held,
    /// So much of it is given back on the next day.
    Back(Fen),
}

/// A gift on line.
pub struct PlannedGift {
    /// On which of the days.
    pub day: usize,
    /// When.
    pub paid_at: Instant,
    /// Where.
    pub way: Way,
    /// Its number.
    pub number: String,
    /// To which project.
    pub project: usize,
    /// The place whose tag it carries.
    pub tag: Option<usize>,
    /// How much.
    pub amount: Fen,
    /// The donor's name; none for those who stay anonymous.
    pub name: Option<String>,
    /// What becomes of it.
    pub fate: Fate,
}

/// What the platform grants for a gift.
pub struct PlannedMatch {
    /// On which of the days.
    pub day: usize,
    /// Its number.
    pub number: String,
    /// Which gift it is for.
    pub gift: usize,
    /// How much.
    pub amount: Fen,
}

/// What one county raises off line, at one event.
pub struct Stall {
    /// The county.
    pub place: usize,
    /// Its project.
    pub project: usize,
    /// On which of the days.
    pub day: usize,
    /// What each village that gives brings.
    pub villages: Vec<Fen>,
    /// What each firm brings.
    pub firms: Vec<Fen>,
    /// Villages that are known and give nothing.
    pub silent: usize,
}

impl Stall {
    /// What is counted.
    pub fn sum(&self) -> Fen {
        self.villages
            .iter()
            .chain(&self.firms)
            .fold(Fen::ZERO, |sum, part| Fen::new(sum.get() + part.get()))
    }
}

/// All of it.
pub struct Plan {
    /// How large, from when.
    pub size: Size,
    /// Where.
    pub land: Land,
    /// For what.
    pub projects: Vec<PlannedProject>,
    /// Gifts on line, in order of time.
    pub gifts: Vec<PlannedGift>,
    /// The platform's matches, in order of days.
    pub matches: Vec<PlannedMatch>,
    /// One for each county.
    pub stalls: Vec<Stall>,
}

/// The part of a day in permille: exact, since sizes come in tens.
const fn part(whole: i64, permille: i64) -> i64 {
    whole * permille / 1_000
}

/// Draws everything.
pub fn draw(size: Size, land: Land) -> Plan {
    let rng = SeededRng::new(size.seed);
    let projects = projects(&land);
    let (mut gifts, mut matches) = (Vec::new(), Vec::new());
    for day in 0..DAYS {
        let first = gifts.len();
        gifts_of_day(&size, day, (&land, projects.as_slice()), &rng, &mut gifts);
        matches_of_day(&size, day, &gifts[first..], first, &rng, &mut matches);
    }
    let stalls = stalls(&size, &land, &projects, &rng);
    Plan {
        size,
        land,
        projects,
        gifts,
        matches,
        stalls,
    }
}

/// One project for each city and county, the rest for the province; of a land with more places, the first.
fn projects(land: &Land) -> Vec<PlannedProject> {
    let below = (land.places.len() - 1).min(PROJECTS);
    let own = PROJECTS - below;
    let places = std::iter::repeat_n(0, own).chain(1..=below);
    let project = |(index, place): (usize, usize)| {
        let at = &land.places[place];
        let field = FIELDS[index % FIELDS.len()];
        let weight = match place {
            0 => 60,
            city if city <= land.cities => 20 + (city * 7 % 23) as u64,
            county => 3 + (county * 5 % 13) as u64,
        };
        PlannedProject {
            code: format!("shu-{}-{index}", at.region),
            title: format!("{}·{field}", at.name),
            place,
            page: format!("{}", 510_001 + index),
            weight,
        }
    };
    places.enumerate().map(project).collect()
}

/// Whole yuan above zero that add up to a whole sum.
fn whole_yuan(count: usize, sum_yuan: i64, rng: &SeededRng) -> Vec<Fen> {
    let mut yuan: Vec<i64> = (0..count)
        .map(|_| TABLE[weighted(rng, TABLE.iter().map(|row| row.1))].0)
        .collect();
    let mut missing = sum_yuan - yuan.iter().sum::<i64>();
    let some_round = yuan.iter().any(|yuan| yuan % 5 == 0);
    while missing != 0 && !yuan.is_empty() {
        let one = &mut yuan[rng.below(count as u64) as usize];
        // Twice 66 many times a day is what screening looks for, and nobody's habit: only round sums grow.
        if missing > 0 && some_round && *one % 5 != 0 {
            continue;
        }
        // Doubling and halving keep sums round; at the end whatever is left.
        let step = if missing > 0 {
            (*one).min(STEP_YUAN).min(missing)
        } else {
            -(*one / 2).min(-missing)
        };
        *one += step;
        missing -= step;
    }
    yuan.into_iter().map(|yuan| Fen::new(yuan * 100)).collect()
}

fn gifts_of_day(
    size: &Size,
    day: usize,
    (land, projects): (&Land, &[PlannedProject]),
    rng: &SeededRng,
    into: &mut Vec<PlannedGift>,
) {
    let count = part(full::GIFTS * size.permille, GIFTS_OF_DAY[day]);
    let count = usize::try_from(count).unwrap_or(0);
    let amounts = whole_yuan(count, part(full::GIFT_YUAN * size.permille, SUM_OF_DAY[day]), rng);
    let mut seconds: Vec<i64> = (0..count)
        .map(|_| second_of_day(rng).clamp(FIRST_SECOND, LAST_SECOND))
        .collect();
    seconds.sort_unstable();
    let date = size.day(day);
    for (serial, (second, amount)) in seconds.into_iter().zip(amounts).enumerate() {
        let project = weighted(rng, projects.iter().map(|p| p.weight));
        let place = projects[project].place;
        let way = if rng.below(100) < PLATFORM_SHARE {
            Way::Platform
        } else {
            Way::Own(weighted(rng, CHANNELS.iter().map(|c| c.2)))
        };
        let tagged = match way {
            Way::Platform => rng.below(100) < TAGGED,
            Way::Own(_) => place == 0 && rng.below(100) < TAGGED_OWN,
        };
        let elsewhere = place == 0 || rng.below(100) < TAGGED_ELSEWHERE;
        let tag = tagged.then(|| {
            if elsewhere {
                land.first_county() + rng.below(land.counties().max(1) as u64) as usize
            } else {
                place
            }
        });
        let held = rng.below(HELD_EACH) == 0;
        let back = rng.below(BACK_EACH) == 0 && !held && way != Way::Platform && day + 1 < DAYS;
        let fate = match (held, back, serial % 2) {
            (true, ..) => Fate::Held,
            (_, true, 0) => Fate::Back(amount),
            (_, true, _) => Fate::Back(Fen::new(amount.get() / 2)),
            _ => Fate::Stands,
        };
        let name = (rng.below(100) >= 28).then(|| donors::name(rng));
        into.push(PlannedGift {
            day,
            paid_at: date.start().plus_micros(second * 1_000_000),
            way,
            number: number(way, size, (day, serial), second),
            project,
            tag,
            amount,
            name: if held { Some("测试员甲".to_owned()) } else { name },
            fate,
        });
    }
}

/// A payment's number, shaped like real ones of 28 digits.
fn number(way: Way, size: &Size, (day, serial): (usize, usize), second: i64) -> String {
    let date = size.day(day).to_number();
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let begin = match way {
        Way::Own(channel) => CHANNELS[channel].1,
        Way::Platform => "1000",
    };
    let tail = (size.seed % 1_000) * 10_000_000 + serial as u64;
    format!("{begin}{date}{hour:02}{minute:02}{second:02}{tail:010}")
}

/// The platform matches some of the day's gifts that were made there.
fn matches_of_day(
    size: &Size,
    day: usize,
    gifts: &[PlannedGift],
    first: usize,
    rng: &SeededRng,
    into: &mut Vec<PlannedMatch>,
) {
    let there: Vec<usize> = (first..)
        .zip(gifts)
        .filter(|(_, gift)| gift.way == Way::Platform)
        .map(|(index, _)| index)
        .collect();
    let count = usize::try_from(part(full::MATCHES * size.permille, GIFTS_OF_DAY[day])).unwrap_or(0);
    let amounts = whole_yuan(count, part(full::MATCH_YUAN * size.permille, SUM_OF_DAY[day]), rng);
    let date = size.day(day).to_number();
    for (serial, amount) in amounts.into_iter().enumerate() {
        // Evenly through the day, each gift at most once.
        let gift = there[serial * there.len() / count];
        into.push(PlannedMatch {
            day,
            number: format!("PT{date}{:010}", (size.seed % 1_000) * 10_000_000 + serial as u64),
            gift,
            amount,
        });
    }
}

/// Villages and firms, dealt out to the counties.
fn stalls(size: &Size, land: &Land, projects: &[PlannedProject], rng: &SeededRng) -> Vec<Stall> {
    let counties = land.counties();
    let villages = usize::try_from(full::VILLAGES * size.permille).unwrap_or(0);
    let firms = usize::try_from(full::FIRMS_OF_TEN * size.permille / 10).unwrap_or(0);
    let sum = Fen::new(full::OFFLINE_YUAN * size.permille * 100);
    let mut amounts = amounts::draw(villages + firms, sum, rng).into_iter();
    let mut all: Vec<Stall> = (0..counties)
        .map(|county| {
            let place = land.first_county() + county;
            Stall {
                place,
                project: projects.iter().position(|p| p.place == place).unwrap_or(0),
                day: county % DAYS,
                villages: Vec::new(),
                firms: Vec::new(),
                silent: 1 + county % 4,
            }
        })
        .collect();
    for (village, amount) in (0..villages).zip(amounts.by_ref()) {
        all[village * VILLAGE_STRIDE % counties].villages.push(amount);
    }
    for (firm, amount) in (0..firms).zip(amounts) {
        all[firm * FIRM_STRIDE % counties].firms.push(amount);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::BusinessDay;

    fn planned(permille: i64, seed: u64) -> Plan {
        let from = BusinessDay::parse("2026-08-02").expect("a day");
        let province = RegionCode::parse("510000").expect("a province");
        draw(Size { permille, seed, from }, Land::of(province))
    }

    #[test]
    fn every_size_keeps_the_proportions_to_the_fen() {
        for permille in [10, 20, 100] {
            let plan = planned(permille, 4);
            assert_eq!((plan.land.cities, plan.land.counties()), (21, 183));
            assert_eq!(plan.projects.len(), PROJECTS);
            assert_eq!(plan.gifts.len() as i64, 210 * permille);
            let sum = |amounts: Vec<Fen>| Fen::sum(amounts).expect("small");
            let gifts = sum(plan.gifts.iter().map(|g| g.amount).collect());
            assert_eq!(gifts, Fen::new(2_467_000 * permille));
            assert_eq!(plan.matches.len() as i64, 30 * permille);
            let matched = sum(plan.matches.iter().map(|m| m.amount).collect());
            assert_eq!(matched, Fen::new(120_000 * permille));
            let offline = sum(plan.stalls.iter().map(Stall::sum).collect());
            assert_eq!(offline, Fen::new(300_000 * permille));
            let villages: usize = plan.stalls.iter().map(|s| s.villages.len()).sum();
            let firms: usize = plan.stalls.iter().map(|s| s.firms.len()).sum();
            assert_eq!((villages as i64, firms as i64 * 10), (3 * permille, 3 * permille));
            assert!(
                plan.gifts
                    .iter()
                    .all(|g| g.amount.is_positive() && g.amount.get() % 100 == 0)
            );
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_and_no_number_comes_twice() {
        let (one, again, other) = (planned(20, 4), planned(20, 4), planned(20, 5));
        let told = |plan: &Plan| {
            let gifts = plan.gifts.iter();
            gifts
                .map(|g| (g.number.clone(), g.amount, g.project, g.tag, g.name.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&one), told(&again));
        assert_ne!(told(&one), told(&other));
        let mut numbers: Vec<&str> = one.gifts.iter().map(|g| g.number.as_str()).collect();
        assert!(numbers.iter().all(|number| number.len() == 28));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), one.gifts.len());
        let mut matched: Vec<usize> = one.matches.iter().map(|m| m.gift).collect();
        matched.dedup();
        assert_eq!(matched.len(), one.matches.len(), "each gift is matched at most once");
    }

    #[test]
    fn every_way_and_every_fate_comes_up() {
        let plan = planned(20, 4);
        let has = |what: fn(&PlannedGift) -> bool| plan.gifts.iter().any(what);
        assert!(
            has(|g| g.way == Way::Platform && g.tag.is_some()) && has(|g| g.way != Way::Platform && g.tag.is_some())
        );
        assert!(has(|g| g.fate == Fate::Held));
        assert!(has(|g| g.fate == Fate::Back(g.amount)));
        assert!(has(|g| matches!(g.fate, Fate::Back(part) if part < g.amount)));
        let places: std::collections::BTreeSet<usize> =
            plan.gifts.iter().map(|g| plan.projects[g.project].place).collect();
        assert!((1..=21).all(|city| places.contains(&city)), "every city");
    }
}
