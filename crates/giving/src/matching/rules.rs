//! What a rule gives: pure functions of the rule, the seed, a gift and what was given before.
//!
//! The intake writer, the close and `qiao match replay` run the same functions over a [`Tally`]; the only difference is
//! where its counters come from.

mod close;
mod plan;
mod replay;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use kernel::{BusinessDay, Fen, Instant, RegionCode};
use ring::hmac;

use super::model::{
    Bonus, Candidate, Cap, Elsewhere, Kind, Partial, PayerKind, Payers, Reason, Review, Rule, Stacking, Tallies, Window,
};

pub use close::{Award, Counted, awards, kept_share, proportional};
pub use plan::{PastGift, Plan, Planned, PlannedMatch, PlannedProject};
pub use replay::{Difference, PlannedPayer, PoolRecord, RecordedGift, RecordedRow, Replayed, planned, replay};

/// The seed of a pool's draws.
pub type Seed = [u8; 32];

/// What is published before a pool opens: SHA-256 of the seed.
pub fn commitment(seed: &Seed) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, seed).as_ref().to_vec()
}

/// The draw of a gift: HMAC-SHA256 of its public id under the seed. The first eight bytes decide whether it wins, the
/// next eight how much.
pub fn draw(seed: &Seed, public_id: &str) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, seed);
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(&key, public_id.as_bytes()).as_ref());
    out
}

/// What a counter of a pool counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counts {
    /// What was given under a cap.
    Cap(Cap),
    /// Gifts of a person that the pool has seen.
    Gifts,
    /// What a person was given back of gifts that had counted, and has not given again.
    Refunded,
    /// What those gifts had been matched with, and was taken back.
    TakenBack,
}

impl Counts {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cap(cap) => cap.as_str(),
            Self::Gifts => "gifts",
            Self::Refunded => "refunded",
            Self::TakenBack => "taken_back",
        }
    }
}

/// A counter of a pool: what it counts, and for whom.
pub type CounterKey = (Counts, [u8; 32]);

fn key(first: [u8; 16], second: [u8; 16]) -> [u8; 32] {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&first);
    key[16..].copy_from_slice(&second);
    key
}

fn of_day(day: BusinessDay) -> [u8; 16] {
    i128::from(day.to_number()).to_be_bytes()
}

/// The counter of a cap for a gift; none when the cap is a person's and nobody knows the payer.
pub fn counter_of(cap: Cap, gift: &Candidate<'_>) -> Option<CounterKey> {
    let day = of_day(gift.paid_at.business_day());
    let place = match cap {
        Cap::PersonDay => key(gift.person?.0, day),
        Cap::PersonProject => key(gift.person?.0, gift.project),
        Cap::Person => key(gift.person?.0, [0; 16]),
        Cap::ProjectDay => key(gift.project, day),
        Cap::Project => key(gift.project, [0; 16]),
        Cap::Unit => key(gift.unit, [0; 16]),
        Cap::PoolDay => key([0; 16], day),
        Cap::Gift | Cap::Regift | Cap::Pool => return None,
    };
    Some((Counts::Cap(cap), place))
}

/// The caps that are counted over several gifts, as they stand for a gift: the pool's share is that of its day.
fn counted(rule: &Rule, gift: &Candidate<'_>) -> [(Cap, Option<Fen>); 7] {
    let of_pool = rule.caps.of_pool_on(gift.paid_at.business_day());
    let on_day = |(cap, most)| match cap {
        Cap::PoolDay => (cap, of_pool),
        _ => (cap, most),
    };
    rule.caps.counted().map(on_day)
}

/// A counter of a person.
pub fn counter_of_person(counts: Counts, gift: &Candidate<'_>) -> Option<CounterKey> {
    gift.person.map(|person| (counts, key(person.0, [0; 16])))
}

/// The counters that deciding about a gift reads.
pub fn counters_read(rule: &Rule, tallies: &Tallies, gift: &Candidate<'_>) -> Vec<CounterKey> {
    let capped = counted(rule, gift).into_iter().filter(|(_, cap)| cap.is_some());
    let mut keys: Vec<CounterKey> = capped.filter_map(|(cap, _)| counter_of(cap, gift)).collect();
    if rule.eligible.payers == Payers::FirstGift {
        keys.extend(counter_of_person(Counts::Gifts, gift));
    }
    if tallies.shrunk > 0 {
        keys.extend(counter_of_person(Counts::Refunded, gift));
        keys.extend(counter_of_person(Counts::TakenBack, gift));
    }
    keys
}

/// What a pool has given so far, while decisions are made: the part of it that they need.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// The moving sums.
    pub sums: Tallies,
    used: HashMap<CounterKey, i64>,
    changed: HashMap<CounterKey, i64>,
}

impl Tally {
    /// Over these sums, without counters.
    pub fn over(sums: Tallies) -> Self {
        Self {
            sums,
            ..Self::default()
        }
    }
    /// Tells what a counter stood at.
    pub fn set(&mut self, key: CounterKey, used: i64) {
        self.used.insert(key, used);
    }
    /// What a counter stands at.
    pub fn used(&self, key: &CounterKey) -> i64 {
        self.used.get(key).copied().unwrap_or(0)
    }
    /// By how much each counter has changed, in the order of their keys.
    pub fn changes(self) -> Vec<(CounterKey, i64)> {
        let mut changes: Vec<(CounterKey, i64)> = self.changed.into_iter().filter(|(_, by)| *by != 0).collect();
        changes.sort_unstable();
        changes
    }
    fn add(&mut self, key: CounterKey, by: i64) {
        // Bounded by the pool's locked money and the gifts of a batch, far below 2^63.
        let used = self.used.entry(key).or_default();
        *used = used.saturating_add(by);
        let changed = self.changed.entry(key).or_default();
        *changed = changed.saturating_add(by);
    }
    /// The next running number.
    pub fn next_number(&mut self) -> i64 {
        self.sums.decisions += 1;
        self.sums.decisions
    }
    fn left_of(&self, cap: Fen, key: &CounterKey) -> Fen {
        less(cap, Fen::new(self.used(key)))
    }
    fn give(&mut self, rule: &Rule, gift: &Candidate<'_>, given: Fen) {
        self.sums.given = self.sums.given.plus(given).unwrap_or(Fen::MAX);
        self.sums.matches += 1;
        for (cap, _) in counted(rule, gift).into_iter().filter(|(_, cap)| cap.is_some()) {
            if let Some(counter) = counter_of(cap, gift) {
                self.add(counter, given.get());
            }
        }
    }
    /// A match shrinks by `back`, because `refunded` of its gift was given back: the caps are free again, the pool has
    /// the money again or the sponsor, and giving again brings no more than it had brought.
    pub fn shrink(&mut self, rule: &Rule, gift: &Candidate<'_>, (refunded, back): (Fen, Fen), to_pool: bool) {
        self.sums.given = less(self.sums.given, back);
        if !to_pool {
            self.sums.returned = self.sums.returned.plus(back).unwrap_or(Fen::MAX);
        }
        self.sums.shrunk += 1;
        for (cap, _) in counted(rule, gift).into_iter().filter(|(_, cap)| cap.is_some()) {
            if let Some(counter) = counter_of(cap, gift) {
                self.add(counter, -back.get());
            }
        }
        for (counts, by) in [(Counts::Refunded, refunded), (Counts::TakenBack, back)] {
            if let Some(counter) = counter_of_person(counts, gift) {
                self.add(counter, by.get());
            }
        }
    }
}

/// The difference, never below nothing.
fn less(from: Fen, what: Fen) -> Fen {
    from.minus(what).unwrap_or(Fen::ZERO).max(Fen::ZERO)
}

/// `amount · parts / whole`, rounded down; nothing when `whole` is nothing.
fn part_of(amount: Fen, parts: i64, whole: i64) -> Fen {
    if whole <= 0 {
        return Fen::ZERO;
    }
    let scaled = i128::from(amount.get()) * i128::from(parts) / i128::from(whole);
    Fen::new(i64::try_from(scaled).unwrap_or(i64::MAX))
}

/// What was decided about a gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What the rule offers before caps.
    pub offered: Fen,
    /// What is given.
    pub given: Fen,
    /// Why.
    pub reason: Reason,
    /// The cap that cut it.
    pub cap: Option<Cap>,
}

impl Verdict {
    const fn nothing(reason: Reason, offered: Fen) -> Self {
        Self {
            offered,
            given: Fen::ZERO,
            reason,
            cap: None,
        }
    }
    /// What a later pool sees of it: a match that waits counts as given.
    pub fn seen_elsewhere(&self, rule: &Rule) -> Elsewhere {
        if !self.given.is_positive() && self.reason != Reason::Held {
            Elsewhere::Nothing
        } else if rule.stacking == Stacking::Alone {
            Elsewhere::GivenAlone
        } else {
            Elsewhere::Given
        }
    }
}

/// Whether the rule takes gifts to this project; a pool says nothing of gifts to others.
pub fn takes_project(rule: &Rule, code: &str) -> bool {
    let wanted = &rule.eligible.projects;
    wanted.is_empty() || wanted.iter().any(|one| one == code)
}

/// Whether the rule takes gifts to projects there; a pool says nothing of gifts to others.
pub fn takes_region(rule: &Rule, region: Option<RegionCode>) -> bool {
    let wanted = &rule.eligible.counties;
    wanted.is_empty() || region.is_some_and(|region| wanted.iter().any(|one| region.is_within(*one)))
}

/// Whether a gift that is paid at this moment would lie within the rule's spans and daily hours.
pub fn takes_time(rule: &Rule, at: Instant) -> bool {
    outside(&rule.window, at).is_none()
}

/// Decides about one gift and moves the tally.
pub fn decide(rule: &Rule, seed: Option<&Seed>, tally: &mut Tally, gift: &Candidate<'_>) -> Verdict {
    decide_by(rule, seed.map_or(Draws::Never, Draws::Seed), tally, gift)
}

/// Where the outcome of a draw comes from.
#[derive(Clone, Copy)]
enum Draws<'s> {
    /// It is drawn under the pool's seed.
    Seed(&'s Seed),
    /// It is taken as recorded: the seed is sealed until the pool closes. None did not win.
    Recorded(Option<Fen>),
    /// There is no seed, so nothing is ever drawn.
    Never,
}

fn decide_by(rule: &Rule, draws: Draws<'_>, tally: &mut Tally, gift: &Candidate<'_>) -> Verdict {
    let base = base_of(rule, gift.amount);
    if let Some(reason) = refuses(rule, gift) {
        return Verdict::nothing(reason, Fen::ZERO);
    }
    if rule.eligible.payers == Payers::FirstGift
        && gift.review != Review::Released
        && let Some(seen) = counter_of_person(Counts::Gifts, gift)
    {
        let before = tally.used(&seen);
        tally.add(seen, 1);
        if before > 0 {
            return Verdict::nothing(Reason::NotFirst, Fen::ZERO);
        }
    }
    if rule.is_at_close() {
        // Counted at once; a match that waits is shared out only after it was released.
        return match waits(rule, gift) {
            true => Verdict::nothing(Reason::Held, base),
            false => Verdict::nothing(Reason::AtClose, base),
        };
    }
    if waits(rule, gift) {
        return Verdict::nothing(Reason::Held, Fen::ZERO);
    }
    if !base.is_positive() {
        // A match that waited while its gift was given back: there is nothing left to answer.
        return Verdict::nothing(Reason::TooSmall, Fen::ZERO);
    }
    let Some(offered) = offer(rule, draws, base, gift) else {
        return Verdict::nothing(Reason::NotDrawn, Fen::ZERO);
    };
    if !offered.is_positive() {
        return Verdict::nothing(Reason::TooSmall, Fen::ZERO);
    }
    let verdict = cut(rule, tally, gift, (base, offered));
    if verdict.given.is_positive() {
        tally.give(rule, gift, verdict.given);
    }
    settle_regift(tally, gift, base);
    verdict
}

/// The part of a gift that counts.
fn base_of(rule: &Rule, amount: Fen) -> Fen {
    rule.base.ignore_above_fen.map_or(amount, |top| amount.min(top))
}

/// Why the rule does not even look at the amount.
fn refuses(rule: &Rule, gift: &Candidate<'_>) -> Option<Reason> {
    let eligible = &rule.eligible;
    if let Some(reason) = outside(&rule.window, gift.paid_at) {
        return Some(reason);
    }
    if !takes_region(rule, gift.region) {
        return Some(Reason::County);
    }
    if !eligible.channels.is_empty() && !eligible.channels.contains(&gift.channel) {
        return Some(Reason::Channel);
    }
    if let Some(reason) = refuses_kind(&eligible.payer_kinds, gift.payer_kind) {
        return Some(reason);
    }
    // Sharing out by people needs people who can be told apart.
    let needs_person = eligible.payers != Payers::Any || matches!(rule.kind, Kind::Quadratic { .. });
    if needs_person && gift.person.is_none() {
        return Some(Reason::PayerUnknown);
    }
    let is = |listed: &String| gift.person.is_some_and(|person| *listed == kernel::id::hex(&person.0));
    if eligible.excluded.iter().any(is) {
        return Some(Reason::Excluded);
    }
    if gift.amount < rule.base.minimum_fen {
        return Some(Reason::BelowMinimum);
    }
    let blocked = match gift.elsewhere {
        Elsewhere::Nothing => false,
        Elsewhere::Given => rule.stacking == Stacking::Alone,
        Elsewhere::GivenAlone => true,
    };
    blocked.then_some(Reason::OtherPool)
}

/// Why a kind of payer does not take part; where only gifts by a mandate do, just that is said.
fn refuses_kind(wanted: &[PayerKind], kind: PayerKind) -> Option<Reason> {
    if wanted.is_empty() || wanted.iter().any(|one| kind.is(*one)) {
        return None;
    }
    let only_monthly = wanted.iter().all(|one| one.is_monthly());
    Some(match only_monthly && !kind.is_monthly() {
        true => Reason::NotMonthly,
        false => Reason::PayerKind,
    })
}

/// Whether the time of payment lies outside the window.
fn outside(window: &Window, paid_at: Instant) -> Option<Reason> {
    if !window
        .spans
        .iter()
        .any(|span| span.from <= paid_at && paid_at < span.to)
    {
        return Some(Reason::OutsideWindow);
    }
    let daily = window.daily?;
    let at = paid_at.to_beijing();
    let minute = u16::from(at.hour()) * 60 + u16::from(at.minute());
    (minute < daily.open.0 || minute >= daily.close.0).then_some(Reason::OutsideHours)
}

fn waits(rule: &Rule, gift: &Candidate<'_>) -> bool {
    match gift.review {
        Review::Released => false,
        Review::Hold => true,
        Review::No => rule.hold_from_fen.is_some_and(|from| gift.amount >= from),
    }
}

/// What the rule offers for a gift, before caps; none when the draw gave nothing.
fn offer(rule: &Rule, draws: Draws<'_>, base: Fen, gift: &Candidate<'_>) -> Option<Fen> {
    let with_bonus = |plain: Fen| {
        let fits = |bonus: &&Bonus| {
            gift.amount >= bonus.from_fen
                && (bonus.projects.is_empty() || bonus.projects.iter().any(|one| one == gift.project_code))
        };
        let bonus = rule.bonus.iter().find(fits).map_or(0, |bonus| bonus.permille);
        rounded(part_of(plain, 1_000 + bonus, 1_000), rule.round_to_fen)
    };
    let plain = match &rule.kind {
        Kind::Ratio { permille } => part_of(base, *permille, 1_000),
        Kind::Tiers { tiers } => {
            let reached = tiers.iter().rev().find(|tier| tier.from_fen <= base);
            reached.map_or(Fen::ZERO, |tier| part_of(base, tier.permille, 1_000))
        }
        Kind::PerAction { each_fen } => *each_fen,
        Kind::Random {
            from_fen,
            to_fen,
            chance_permille,
        } => match draws {
            Draws::Seed(seed) => drawn(&draw(seed, gift.public_id), (*from_fen, *to_fen), *chance_permille)?,
            // Whatever the seed is, a draw lies between these two.
            Draws::Recorded(offered) => return Some(offered?.clamp(with_bonus(*from_fen), with_bonus(*to_fen))),
            Draws::Never => return None,
        },
        Kind::Proportional | Kind::Quadratic { .. } | Kind::Score { .. } => Fen::ZERO,
    };
    Some(with_bonus(plain))
}

fn rounded(amount: Fen, to: Fen) -> Fen {
    less(amount, Fen::new(amount.get() % to.get().max(1)))
}

/// A sum by draw; none when the gift does not win.
fn drawn(draw: &[u8; 32], (from, to): (Fen, Fen), chance_permille: i64) -> Option<Fen> {
    let number = |at: usize| {
        let mut eight = [0; 8];
        eight.copy_from_slice(&draw[at..at + 8]);
        u64::from_be_bytes(eight)
    };
    let wins = number(0) % 1_000 < chance_permille.max(0).cast_unsigned();
    let width = less(to, from).get().cast_unsigned() + 1;
    let more = (number(8) % width).cast_signed();
    wins.then(|| from.plus(Fen::new(more)).unwrap_or(to))
}

/// Applies the caps in their order.
fn cut(rule: &Rule, tally: &Tally, gift: &Candidate<'_>, (base, offered): (Fen, Fen)) -> Verdict {
    let mut given = offered;
    let mut by = None;
    let mut narrow = |cap: Cap, left: Fen| {
        if left < given {
            (given, by) = (left, Some(cap));
        }
    };
    if let Some(cap) = rule.caps.gift_fen {
        narrow(Cap::Gift, cap);
    }
    for (cap, most) in counted(rule, gift) {
        if let (Some(most), Some(counter)) = (most, counter_of(cap, gift)) {
            narrow(cap, tally.left_of(most, &counter));
        }
        if cap == Cap::Person {
            narrow(Cap::Regift, regift_most(tally, gift, base, offered));
        }
    }
    narrow(Cap::Pool, tally.sums.left());
    let whole_only = rule.partial == Partial::WholeOrNothing;
    // The gift's own cap is part of what the rule offers: reaching it is no part of anything.
    let whole = offered.min(rule.caps.gift_fen.unwrap_or(Fen::MAX));
    let (reason, given) = match by {
        None => (Reason::Matched, given),
        Some(Cap::Pool) if !given.is_positive() => (Reason::PoolEmpty, Fen::ZERO),
        Some(_) if !given.is_positive() => (Reason::CapReached, Fen::ZERO),
        Some(_) if whole_only && given < whole => (Reason::NoPart, Fen::ZERO),
        Some(_) => (Reason::Cut, given),
    };
    Verdict {
        offered,
        given,
        reason,
        cap: by,
    }
}

/// The part of a gift that stands for money given back before, and what it had been matched with.
fn regift(tally: &Tally, gift: &Candidate<'_>, base: Fen) -> Option<(Fen, Fen)> {
    let refunded = Fen::new(tally.used(&counter_of_person(Counts::Refunded, gift)?));
    let taken_back = Fen::new(tally.used(&counter_of_person(Counts::TakenBack, gift)?));
    let again = base.min(refunded);
    again
        .is_positive()
        .then(|| (again, part_of(taken_back, again.get(), refunded.get())))
}

/// The most a gift may get when its payer was given money back before: what that money had got, and the usual for the
/// rest.
fn regift_most(tally: &Tally, gift: &Candidate<'_>, base: Fen, offered: Fen) -> Fen {
    let Some((again, entitled)) = regift(tally, gift, base) else {
        return Fen::MAX;
    };
    let rest = part_of(offered, less(base, again).get(), base.get());
    entitled.plus(rest).unwrap_or(Fen::MAX)
}

/// What was given again is no longer counted as given back.
fn settle_regift(tally: &mut Tally, gift: &Candidate<'_>, base: Fen) {
    let Some((again, entitled)) = regift(tally, gift, base) else {
        return;
    };
    for (counts, by) in [(Counts::Refunded, again), (Counts::TakenBack, entitled)] {
        if let Some(counter) = counter_of_person(counts, gift) {
            tally.add(counter, -by.get());
        }
    }
}

/// How much of what counts of a gift of `amount` goes with `refunded` of it.
pub fn refunded_base(rule: &Rule, amount: Fen, refunded: Fen) -> Fen {
    part_of(base_of(rule, amount), refunded.get(), amount.get())
}

/// What an award may be, by all caps that can apply to it, by the caps of the project, the unit and the pool.
pub fn award(rule: &Rule, tally: &mut Tally, to: &Candidate<'_>, offered: Fen) -> Verdict {
    if !offered.is_positive() {
        return Verdict::nothing(Reason::TooSmall, Fen::ZERO);
    }
    let verdict = cut(rule, tally, to, (offered, offered));
    if verdict.given.is_positive() {
        tally.give(rule, to, verdict.given);
    }
    verdict
}

/// By how much a match of `granted` shrinks when `refunded` of a gift of `amount` has been given back in all and
/// `shrunk` was taken back before.
pub fn shrinks_by(granted: Fen, shrunk: Fen, refunded: Fen, amount: Fen) -> Fen {
    let stays = part_of(granted, less(amount, refunded).get(), amount.get());
    less(less(granted, stays), shrunk)
}
