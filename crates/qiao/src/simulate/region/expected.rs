//! What the house must say afterwards, summed up from the plan alone.

use std::collections::BTreeMap;

use kernel::{BusinessDay, Fen};
use serde_json::{Value, json};

use super::DAYS;
use super::plan::{Fate, Plan, Way};
use crate::simulate::CHANNELS;

/// Gifts, their sum, and what was given back of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    gifts: i64,
    fen: i64,
    refunds: i64,
    refund_fen: i64,
}

impl Sum {
    fn add(&mut self, amount: Fen, fate: Fate) {
        self.gifts += 1;
        self.fen += amount.get();
        if let Fate::Back(part) = fate {
            self.refunds += 1;
            self.refund_fen += part.get();
        }
    }

    fn json(self) -> Value {
        json!({ "gifts": self.gifts, "sum_fen": self.fen,
            "refunds": { "count": self.refunds, "sum_fen": self.refund_fen } })
    }
}

/// Gifts that count on a board and their sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    gifts: i64,
    fen: i64,
}

/// One day's board, as it stands when that day ends.
#[derive(Debug, Clone, Default)]
struct Board {
    cities: BTreeMap<usize, Tally>,
    projects: BTreeMap<usize, Tally>,
    unplaced: Tally,
}

impl Board {
    /// Counts a gift for a city (none: for no city) and a project.
    fn count(&mut self, city: Option<usize>, project: usize, gifts: i64, fen: i64) {
        let cell = match city {
            Some(city) => self.cities.entry(city).or_default(),
            None => &mut self.unplaced,
        };
        for tally in [cell, self.projects.entry(project).or_default()] {
            tally.gifts += gifts;
            tally.fen += fen;
        }
    }
}

/// The public ids of what the plan names by index.
pub struct Ids {
    /// Of the places' units.
    pub units: Vec<String>,
    /// Of the projects.
    pub projects: Vec<String>,
}

/// Sums by all that the house sums by.
struct Sums {
    all: Sum,
    days: [Sum; DAYS],
    channels: BTreeMap<&'static str, Sum>,
    units: BTreeMap<usize, Sum>,
    projects: BTreeMap<usize, Sum>,
    held: Tally,
    boards: [Board; DAYS],
}

fn sums(plan: &Plan) -> Sums {
    let mut sums = Sums {
        all: Sum::default(),
        days: [Sum::default(); DAYS],
        channels: BTreeMap::new(),
        units: BTreeMap::new(),
        projects: BTreeMap::new(),
        held: Tally::default(),
        boards: std::array::from_fn(|_| Board::default()),
    };
    let mut add = |day: usize, channel: &'static str, project: usize, (amount, fate): (Fen, Fate)| {
        sums.all.add(amount, fate);
        sums.days[day].add(amount, fate);
        sums.channels.entry(channel).or_default().add(amount, fate);
        let place = plan.projects[project].place;
        sums.units.entry(place).or_default().add(amount, fate);
        sums.projects.entry(project).or_default().add(amount, fate);
    };
    for gift in &plan.gifts {
        let channel = match gift.way {
            Way::Own(channel) => CHANNELS[channel].0,
            Way::Platform => "platform",
        };
        add(gift.day, channel, gift.project, (gift.amount, gift.fate));
    }
    let stalls = || plan.stalls.iter().filter(|stall| stall.sum().is_positive());
    for stall in stalls() {
        add(stall.day, "bank", stall.project, (stall.sum(), Fate::Stands));
    }
    for gift in &plan.gifts {
        let place = gift.tag.unwrap_or(plan.projects[gift.project].place);
        let city = plan.land.places[place].city;
        let fen = gift.amount.get();
        if gift.fate == Fate::Held {
            sums.held.gifts += 1;
            sums.held.fen += fen;
            continue;
        }
        for (day, board) in sums.boards.iter_mut().enumerate().skip(gift.day) {
            // Given back on the day after: the frozen day before still holds it.
            let back = match gift.fate {
                Fate::Back(part) if day > gift.day => part.get(),
                _ => 0,
            };
            board.count(city, gift.project, i64::from(back < fen), fen - back);
        }
    }
    for stall in stalls() {
        let city = plan.land.places[stall.place].city;
        for board in sums.boards.iter_mut().skip(stall.day) {
            board.count(city, stall.project, 1, stall.sum().get());
        }
    }
    sums
}

fn coverage(plan: &Plan, ids: &Ids) -> Vec<Value> {
    let mut lines = Vec::new();
    for stall in &plan.stalls {
        let mut line = |kind: &str, known: usize, gave: &[Fen]| {
            let sum: i64 = gave.iter().map(|fen| fen.get()).sum();
            if known > 0 {
                lines.push(json!({ "unit": ids.units[stall.place], "kind": kind, "known": known,
                    "gave": gave.len(), "sum_fen": sum }));
            }
        };
        line("village", stall.villages.len() + stall.silent, &stall.villages);
        line("firm", stall.firms.len(), &stall.firms);
    }
    lines
}

fn lines<'t>(tallies: impl Iterator<Item = (&'t String, Tally)>) -> Vec<Value> {
    let shown = tallies.filter(|(_, tally)| tally.gifts > 0);
    shown
        .map(|(id, tally)| json!({ "id": id, "gifts": tally.gifts, "sum_fen": tally.fen }))
        .collect()
}

/// The document that `qiao simulate region --json` prints: counts and sums by kind, city, county, project and day.
pub fn document(plan: &Plan, ids: &Ids) -> Value {
    let sums = sums(plan);
    let day = |index: usize| -> BusinessDay { plan.size.day(index) };
    let days: Vec<Value> = sums
        .days
        .iter()
        .enumerate()
        .map(|(index, sum)| with(sum.json(), "day", json!(day(index))))
        .collect();
    let channels: Vec<Value> = sums
        .channels
        .iter()
        .map(|(word, sum)| with(sum.json(), "channel", json!(word)))
        .collect();
    let units: Vec<Value> = sums
        .units
        .iter()
        .map(|(place, sum)| {
            let at = &plan.land.places[*place];
            let named = with(sum.json(), "unit", json!(ids.units[*place]));
            with(with(named, "region", json!(at.region)), "name", json!(at.name))
        })
        .collect();
    let projects: Vec<Value> = sums
        .projects
        .iter()
        .map(|(project, sum)| with(sum.json(), "project", json!(plan.projects[*project].code)))
        .collect();
    let boards: Vec<Value> = sums
        .boards
        .iter()
        .enumerate()
        .map(|(index, board)| {
            json!({
                "day": day(index),
                "county": lines(board.cities.iter().map(|(place, tally)| (&ids.units[*place], *tally))),
                "project": lines(board.projects.iter().map(|(project, tally)| (&ids.projects[*project], *tally))),
                "unplaced": { "gifts": board.unplaced.gifts, "sum_fen": board.unplaced.fen },
            })
        })
        .collect();
    let (cities, counties): (Vec<usize>, Vec<usize>) = sums
        .units
        .keys()
        .filter(|place| **place > 0)
        .partition(|place| **place <= plan.land.cities);
    let stalls = plan.stalls.iter().filter(|stall| stall.sum().is_positive());
    let online: i64 = plan.gifts.iter().map(|gift| gift.amount.get()).sum();
    let offline: i64 = stalls.clone().map(|stall| stall.sum().get()).sum();
    let matched: i64 = plan.matches.iter().map(|granted| granted.amount.get()).sum();
    json!({
        "permille": plan.size.permille, "seed": plan.size.seed,
        "cities": plan.land.cities, "counties": plan.land.counties(), "projects_made": plan.projects.len(),
        "cities_that_received": cities.len(), "counties_that_received": counties.len(),
        "totals": sums.all.json(),
        "online": { "gifts": plan.gifts.len(), "sum_fen": online },
        "offline": {
            "events": stalls.clone().count(), "sum_fen": offline,
            "villages": stalls.clone().map(|stall| stall.villages.len()).sum::<usize>(),
            "firms": stalls.clone().map(|stall| stall.firms.len()).sum::<usize>(),
        },
        "matched": { "matches": plan.matches.len(), "sum_fen": matched },
        "held": { "gifts": sums.held.gifts, "sum_fen": sums.held.fen },
        "days": days, "by_channel": channels, "units": units, "projects": projects,
        "boards": boards, "coverage": coverage(plan, ids),
    })
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}

#[cfg(test)]
mod tests {
    use super::super::Size;
    use super::super::plan::{Land, draw};
    use super::*;
    use kernel::region::RegionCode;

    #[test]
    fn the_sums_by_day_channel_unit_and_project_are_the_same_and_boards_leave_out_what_must_not_count() {
        let from = BusinessDay::parse("2026-08-02").expect("a day");
        let province = RegionCode::parse("510000").expect("a province");
        let plan = draw(
            Size {
                permille: 20,
                seed: 4,
                from,
            },
            Land::of(province),
        );
        let sums = sums(&plan);
        let whole = |parts: Vec<Sum>| {
            parts
                .iter()
                .fold((0, 0), |all, sum| (all.0 + sum.gifts, all.1 + sum.fen))
        };
        let all = (sums.all.gifts, sums.all.fen);
        assert_eq!(all.1, 20 * (2_467_000 + 300_000));
        assert_eq!(whole(sums.days.to_vec()), all);
        assert_eq!(whole(sums.channels.values().copied().collect()), all);
        assert_eq!(whole(sums.units.values().copied().collect()), all);
        assert_eq!(whole(sums.projects.values().copied().collect()), all);
        let last = &sums.boards[DAYS - 1];
        let of = |tallies: Vec<Tally>| tallies.iter().map(|tally| tally.fen).sum::<i64>();
        let placed = of(last.cities.values().copied().collect()) + last.unplaced.fen;
        assert_eq!(placed, all.1 - sums.held.fen - sums.all.refund_fen);
        assert_eq!(of(last.projects.values().copied().collect()), placed);
        assert!(sums.held.gifts > 0 && sums.all.refund_fen > 0);
    }
}
