//! The signals: pure functions of values.

use std::collections::BTreeSet;

use kernel::{BusinessDay, Fen, Instant, ParameterError, ParameterValue, Parameters};

use super::model::{Evidence, Limits, Seen, Signal, SourceKind, Trace};
use crate::donor_way::HeldFor;

/// A payer's number shorter than this, or masked, may be many people's.
const PAYER_ID_CHARS_MIN: usize = 8;
/// A sponsor's name shorter than this may be part of anybody's.
const SPONSOR_CHARS_MIN: usize = 4;
/// Multiples of five yuan are what everybody gives.
const ROUND_FEN: i64 = 500;
/// A whole number of a parameter that is switched off.
const OFF: i64 = i64::MAX;

impl Limits {
    /// The thresholds in force on a day.
    ///
    /// # Errors
    /// [`ParameterError`].
    pub fn on(table: &Parameters, day: BusinessDay) -> Result<Self, ParameterError> {
        let whole = |key: &str| Ok::<_, ParameterError>(table.whole(key, day)?.filter(|n| *n > 0).unwrap_or(OFF));
        let minutes = table.whole("screening.window_minutes", day)?.unwrap_or(0).max(0);
        Ok(Self {
            source_per_day: whole("screening.source_gifts_per_day")?,
            source_in_window: whole("screening.source_gifts_window")?,
            window_micros: minutes.saturating_mul(60_000_000),
            shared_phone_payers: whole("screening.shared_phone_payers")?,
            small_below: table.yuan("screening.small_below_yuan", day)?,
            small_source_per_day: whole("screening.small_source_per_day")?,
            small_project_window: whole("screening.small_project_window")?,
            same_sum_per_day: whole("screening.same_sum_per_day")?,
            whole_sum_per_day: whole("screening.whole_sum_per_day")?,
            whole_sum_from: table.yuan("screening.whole_sum_from_yuan", day)?,
            usual_sums: sums(&table.at("screening.usual_sums_yuan", day)?.value),
            names_held: words(&table.at("screening.names_held", day)?.value),
            names_related: words(&table.at("screening.names_related", day)?.value),
        })
    }

    /// With fewer gifts than this no source of this kind can be marked; `amount` is that of one of its gifts. On a giving
    /// day thousands of odd sums come ten times, but few of those that ten are too many for.
    pub fn fewest(&self, kind: SourceKind, amount: Fen) -> i64 {
        match kind {
            SourceKind::Small => self.small_project_window,
            SourceKind::Sum => self.same_sum_at(amount),
            SourceKind::Payer | SourceKind::Phone => self
                .source_per_day
                .min(self.source_in_window)
                .min(self.shared_phone_payers)
                .min(self.small_source_per_day),
        }
    }

    /// So many gifts of this odd sum to one project in a day are too many. Odd whole yuan are far rarer than odd fen:
    /// of the 2,514 gifts of a real day none came ten times, so fewer of them are enough.
    const fn same_sum_at(&self, sum: Fen) -> i64 {
        if is_whole(sum) {
            self.whole_sum_per_day
        } else {
            self.same_sum_per_day
        }
    }
}

/// Whether it is a number of yuan without jiao and fen.
const fn is_whole(sum: Fen) -> bool {
    sum.get() % 100 == 0
}

/// The words of a list, folded for comparing.
fn words(value: &ParameterValue) -> Vec<String> {
    if *value == ParameterValue::Unset {
        return Vec::new();
    }
    let text = value.to_string();
    let words = text.split('|').map(folded).filter(|word| !word.is_empty());
    words.collect()
}

/// The sums of a list in yuan; what is none is left out.
fn sums(value: &ParameterValue) -> Vec<Fen> {
    let text = match value {
        ParameterValue::Unset => return Vec::new(),
        value => value.to_string(),
    };
    text.split('|')
        .filter_map(|sum| Fen::parse_yuan(sum.trim()).ok())
        .collect()
}

/// Whether many people would hardly come to this sum each for himself: jiao and fen, or whole yuan like 866 that are no
/// multiple of five, unless it is small, usual or asked for.
pub fn is_odd(seen: &Seen, limits: &Limits) -> bool {
    let sum = seen.amount;
    let common = if is_whole(sum) {
        sum.get() % ROUND_FEN == 0 || sum < limits.whole_sum_from
    } else {
        sum < limits.small_below
    };
    !common && !seen.asked_for && !limits.usual_sums.contains(&sum)
}

fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a payer's number tells one payer from all others.
pub fn identifies(payer_id: &str) -> bool {
    payer_id.chars().count() >= PAYER_ID_CHARS_MIN && !payer_id.contains('*')
}

/// The first word of a list that stands in a name. Words of Latin letters must be the whole name, but for digits behind
/// them (`test1`): “Testa” is somebody's name.
fn listed<'w>(name: &str, words: &'w [String]) -> Option<&'w String> {
    let name = folded(name);
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    words.iter().find(|word| {
        if word.is_ascii() {
            bare == word.as_str()
        } else {
            name.contains(word.as_str())
        }
    })
}

/// The sponsor whose name stands in a name; a short name must be the whole of it.
fn sponsor<'w>(name: &str, sponsors: &'w [String]) -> Option<&'w String> {
    let name = folded(name);
    sponsors.iter().find(|sponsor| {
        let theirs = folded(sponsor);
        let long = theirs.chars().count() >= SPONSOR_CHARS_MIN;
        !theirs.is_empty() && (name == theirs || (long && name.contains(&theirs)))
    })
}

/// What the gift alone tells; `sponsors` are the public names of those who keep a pool.
pub fn alone(seen: &Seen, limits: &Limits, sponsors: &[String]) -> Option<(Signal, Evidence)> {
    let find = |words: &[String]| seen.names.iter().find_map(|name| listed(name, words).cloned());
    let of_word = |word: String| Evidence {
        word: Some(word),
        ..Evidence::default()
    };
    let own = || seen.names.iter().find_map(|name| sponsor(name, sponsors).cloned());
    if let Some(word) = find(&limits.names_related).or_else(own) {
        return Some((Signal::RoundTrip, of_word(word)));
    }
    if let Some(word) = find(&limits.names_held) {
        return Some((Signal::Name, of_word(word)));
    }
    if let Some(why) = seen.sells {
        let word = if why == HeldFor::Word { "blocked" } else { why.as_str() };
        return Some((Signal::Name, of_word(word.to_owned())));
    }
    let from = seen.campaign_from.filter(|from| seen.business_day < *from)?;
    let evidence = Evidence {
        campaign_from: Some(from),
        ..Evidence::default()
    };
    Some((Signal::BeforeCampaign, evidence))
}

/// What a source's gifts of one day tell together: a signal and its evidence, for all of them.
pub fn together(traces: &[Trace], limits: &Limits) -> Option<(Signal, Evidence)> {
    let payers: BTreeSet<&[u8]> = traces.iter().filter_map(|trace| trace.payer.as_deref()).collect();
    let payers = count(payers.len());
    if payers >= limits.shared_phone_payers {
        let mut evidence = evidence_of(traces.iter(), limits.shared_phone_payers);
        evidence.payers = Some(payers);
        return Some((Signal::RoundTrip, evidence));
    }
    let small = || traces.iter().filter(|trace| trace.amount < limits.small_below);
    if count(small().count()) >= limits.small_source_per_day {
        return Some((Signal::SmallBurst, evidence_of(small(), limits.small_source_per_day)));
    }
    if count(traces.len()) >= limits.source_per_day {
        return Some((Signal::Velocity, evidence_of(traces.iter(), limits.source_per_day)));
    }
    densest(traces, limits.window_micros, limits.source_in_window)
        .map(|_| (Signal::Velocity, evidence_of(traces.iter(), limits.source_in_window)))
}

/// The gifts of one odd sum to one project in a day, when there are too many of them: from as many payers or from a few
/// who gave it several times each.
pub fn same_sum(traces: &[Trace], limits: &Limits) -> Option<Evidence> {
    let limit = limits.same_sum_at(traces.first()?.amount);
    let payers: BTreeSet<&[u8]> = traces.iter().filter_map(|trace| trace.payer.as_deref()).collect();
    (count(traces.len()) >= limit).then(|| {
        let mut evidence = evidence_of(traces.iter(), limit);
        evidence.payers = Some(count(payers.len())).filter(|n| *n > 0);
        evidence
    })
}

/// The small sums of one project: those inside a window that has too many of them.
pub fn small_burst(traces: &[Trace], limits: &Limits) -> Option<(Vec<Trace>, Evidence)> {
    let inside = densest(traces, limits.window_micros, limits.small_project_window)?;
    let evidence = evidence_of(inside.iter(), limits.small_project_window);
    Some((inside, evidence))
}

/// All traces that lie in some window with at least `limit` of them; nothing when there is no such window.
fn densest(traces: &[Trace], window_micros: i64, limit: i64) -> Option<Vec<Trace>> {
    let mut ordered: Vec<&Trace> = traces.iter().collect();
    ordered.sort_by_key(|trace| (trace.paid_at, trace.gift));
    let limit = usize::try_from(limit).ok().filter(|n| *n > 0)?;
    let mut inside = vec![false; ordered.len()];
    let mut begin = 0;
    for end in 0..ordered.len() {
        while ordered[end]
            .paid_at
            .micros()
            .saturating_sub(ordered[begin].paid_at.micros())
            > window_micros
        {
            begin += 1;
        }
        if end + 1 - begin >= limit {
            inside[begin..=end].fill(true);
        }
    }
    let found: Vec<Trace> = ordered
        .into_iter()
        .zip(inside)
        .filter(|(_, inside)| *inside)
        .map(|(trace, _)| trace.clone())
        .collect();
    (!found.is_empty()).then_some(found)
}

fn evidence_of<'t>(traces: impl Iterator<Item = &'t Trace> + Clone, limit: i64) -> Evidence {
    let moments = || traces.clone().map(|trace| trace.paid_at);
    let (first, last): (Option<Instant>, Option<Instant>) = (moments().min(), moments().max());
    Evidence {
        gifts: Some(count(traces.clone().count())),
        sum_fen: Fen::sum(traces.clone().map(|trace| trace.amount)).ok(),
        first_at: first,
        last_at: last,
        limit: Some(limit),
        ..Evidence::default()
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::id::Id as _;
    use kernel::{GiftId, ProjectId, UnitId};

    const MINUTE: i64 = 60_000_000;

    fn limits() -> Limits {
        let table = Parameters::shipped().expect("a sound table");
        Limits::on(&table, BusinessDay::parse("2026-05-08").expect("a day")).expect("in force")
    }

    fn trace(n: u8, fen: i64, minute: i64) -> Trace {
        Trace {
            gift: GiftId::from_bytes([n; 16]),
            amount: Fen::new(fen),
            paid_at: Instant::from_micros(minute * MINUTE),
            payer: None,
        }
    }

    fn seen(name: &str) -> Seen {
        Seen {
            gift: GiftId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([2; 16]),
            project: ProjectId::from_bytes([3; 16]),
            project_unit: UnitId::from_bytes([2; 16]),
            amount: Fen::new(100),
            paid_at: Instant::from_micros(0),
            business_day: BusinessDay::parse("2026-05-08").expect("a day"),
            campaign_from: None,
            payer_id: None,
            phone: None,
            names: vec![name.to_owned()],
            sells: None,
            asked_for: false,
        }
    }

    fn signal(found: Option<(Signal, Evidence)>) -> Option<Signal> {
        found.map(|(signal, _)| signal)
    }

    #[test]
    fn test_looking_names_are_found_and_real_ones_left_alone() {
        for name in ["测试", "系统测试员", "TEST", "test 01", "Demo2"] {
            assert_eq!(signal(alone(&seen(name), &limits(), &[])), Some(Signal::Name), "{name}");
        }
        for name in ["王小明", "Testa", "Attest Co", ""] {
            assert_eq!(alone(&seen(name), &limits(), &[]), None, "{name}");
        }
    }

    #[test]
    fn a_sponsors_own_name_is_money_in_a_circle() {
        let mut limits = limits();
        limits.names_related = words(&ParameterValue::parse("蒙山集团|沂河基金会"));
        let found = alone(&seen("临沂蒙山集团有限公司"), &limits, &[]);
        assert_eq!(signal(found), Some(Signal::RoundTrip));
    }

    #[test]
    fn who_keeps_a_pool_is_found_by_its_name_and_a_namesake_is_not() {
        let sponsors = ["沂河慈善基金会".to_owned(), "蒙山".to_owned()];
        let of = |name: &str| signal(alone(&seen(name), &limits(), &sponsors));
        assert_eq!(of("临沂沂河慈善基金会"), Some(Signal::RoundTrip));
        assert_eq!(of("蒙山"), Some(Signal::RoundTrip));
        assert_eq!(of("蒙山中学"), None, "a short name must be the whole");
    }

    #[test]
    fn a_name_that_sells_something_is_told_by_its_kind() {
        let mut selling = seen("领券请看某某科技有限公司");
        selling.sells = Some(HeldFor::Word);
        let (signal, evidence) = alone(&selling, &limits(), &[]).expect("found");
        assert_eq!((signal, evidence.word.as_deref()), (Signal::Name, Some("blocked")));
    }

    #[test]
    fn round_lucky_small_and_asked_for_sums_are_not_odd_and_866_yuan_is() {
        let odd = |fen, asked_for| {
            let one = Seen {
                amount: Fen::new(fen),
                asked_for,
                ..seen("王小明")
            };
            is_odd(&one, &limits())
        };
        assert!(odd(7_216, false));
        assert!(!odd(7_216, true) && !odd(2_000, false) && !odd(520, false) && !odd(50, false));
        let handed = |n: u8| (0..n).map(|i| trace(i, 7_216, i64::from(i) * 20)).collect::<Vec<_>>();
        assert_eq!(same_sum(&handed(49), &limits()), None);
        assert_eq!(same_sum(&handed(50), &limits()).expect("found").gifts, Some(50));

        assert!(odd(86_600, false) && odd(7_200, false), "whole yuan too");
        assert!(!odd(86_600, true), "what the page asks for is not odd");
        for usual in [
            100, 200, 1_900, 6_600, 8_800, 9_900, 10_000, 18_800, 36_500, 52_000, 66_600, 131_400, 86_500,
        ] {
            assert!(!odd(usual, false), "{usual}");
        }
        let whole = |n: u8, payers: u8| {
            let one = |i| Trace {
                payer: Some(vec![i % payers]),
                ..trace(i, 86_600, i64::from(i) * 20)
            };
            (0..n).map(one).collect::<Vec<_>>()
        };
        assert_eq!(same_sum(&whole(9, 9), &limits()), None);
        let each_once = same_sum(&whole(10, 10), &limits()).expect("found");
        assert_eq!((each_once.payers, each_once.limit), (Some(10), Some(10)));
        let few = same_sum(&whole(12, 3), &limits()).expect("found");
        assert_eq!((few.gifts, few.payers), (Some(12), Some(3)));
    }

    #[test]
    fn a_day_before_the_campaign_is_told_with_the_first_day() {
        let mut early = seen("王小明");
        early.campaign_from = Some(early.business_day.plus_days(1));
        let (signal, evidence) = alone(&early, &limits(), &[]).expect("found");
        assert_eq!(
            (signal, evidence.campaign_from),
            (Signal::BeforeCampaign, early.campaign_from)
        );
        early.campaign_from = Some(early.business_day);
        assert_eq!(alone(&early, &limits(), &[]), None);
    }

    #[test]
    fn ten_gifts_a_day_or_six_in_ten_minutes_are_many() {
        let spread = |n: u8| (0..n).map(|i| trace(i, 7_216, i64::from(i) * 60)).collect::<Vec<_>>();
        assert_eq!(together(&spread(9), &limits()), None);
        let (signal, evidence) = together(&spread(10), &limits()).expect("found");
        assert_eq!(
            (signal, evidence.gifts, evidence.sum_fen),
            (Signal::Velocity, Some(10), Some(Fen::new(72_160)))
        );
        let close: Vec<Trace> = (0..6).map(|i| trace(i, 2_000, i64::from(i) * 2)).collect();
        assert!(together(&close, &limits()).is_some());
        assert_eq!(together(&close[..5], &limits()), None);
    }

    #[test]
    fn one_telephone_behind_five_payers_is_a_circle() {
        let shared = |n: u8| {
            let one = |i| Trace {
                payer: Some(vec![i]),
                ..trace(i, 8_660, i64::from(i) * 60)
            };
            (0..n).map(one).collect::<Vec<_>>()
        };
        assert_eq!(together(&shared(4), &limits()), None, "a family shares a telephone");
        let (signal, evidence) = together(&shared(5), &limits()).expect("found");
        assert_eq!((signal, evidence.payers), (Signal::RoundTrip, Some(5)));
    }

    #[test]
    fn three_sums_below_a_yuan_from_one_source_are_a_burst() {
        let small: Vec<Trace> = (0..3).map(|i| trace(i, 10, i64::from(i) * 60)).collect();
        let (signal, evidence) = together(&small, &limits()).expect("found");
        assert_eq!((signal, evidence.sum_fen), (Signal::SmallBurst, Some(Fen::new(30))));
        assert_eq!(together(&small[..2], &limits()), None);
    }

    #[test]
    fn a_project_burst_holds_the_burst_and_not_the_lone_ones() {
        let mut many: Vec<Trace> = (0..30).map(|i| trace(i, 1, 600 + i64::from(i) / 4)).collect();
        many.push(trace(99, 1, 0));
        let (inside, evidence) = small_burst(&many, &limits()).expect("found");
        assert_eq!((inside.len(), evidence.gifts), (30, Some(30)));
        assert!(inside.iter().all(|t| t.gift != GiftId::from_bytes([99; 16])));
        assert!(small_burst(&many[1..], &limits()).is_none());
    }

    #[test]
    fn masked_and_short_numbers_identify_nobody() {
        assert!(identifies("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"));
        assert!(!identifies("6222****1234") && !identifies("12345"));
    }
}
