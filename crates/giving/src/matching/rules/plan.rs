//! What a rule would have done on a past stream: decided gift by gift as the intake does, shared out at the end as a
//! close does. Draws use a seed of zeros: the real one is nobody's to know.

use std::collections::{BTreeMap, HashMap};

use kernel::{Channel, Fen, Instant};
use serde::{Deserialize, Serialize};

use super::super::model::{Candidate, Elsewhere, Kind, PayerKind, Person, Reason, Review, Rule, Tallies};
use super::replay::{hex16, key_of};
use super::{Counted, PlannedPayer, RecordedGift, Tally, award, awards, decide, planned, proportional, takes_project};

/// A gift of a past stream, as `match export --all-gifts` writes it. A line of `match export --gifts` is one too, of
/// which nothing is known about its payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastGift {
    /// The gift itself.
    #[serde(flatten)]
    pub gift: RecordedGift,
    /// What of it was given back since.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub refunded_fen: Fen,
    /// Its payer, in hex, under a name made for this one export; none where nobody can tell.
    #[serde(default)]
    pub person: Option<String>,
    /// What kind of payer.
    #[serde(default)]
    pub payer_kind: Option<PayerKind>,
}

fn is_nothing(fen: &Fen) -> bool {
    *fen == Fen::ZERO
}

impl PastGift {
    /// Who gave, as far as the line tells.
    pub fn payer(&self) -> PlannedPayer {
        PlannedPayer {
            person: self.person.as_deref().and_then(hex16).map(Person),
            kind: self.payer_kind.unwrap_or(PayerKind::Person),
        }
    }
}

/// What a rule would have given to one project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedProject {
    /// The word of the project.
    pub project: String,
    /// Matches, or awards at the close.
    pub matches: u64,
    /// Their sum.
    pub given_fen: Fen,
}

/// The last gift that would have been matched at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedMatch {
    /// The public id of the gift.
    pub gift: String,
    /// When it was paid.
    pub paid_at: Instant,
    /// What of it stands.
    pub amount_fen: Fen,
    /// What it would have got.
    pub given_fen: Fen,
}

/// What a rule would have done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// Gifts of the stream.
    pub gifts: u64,
    /// Matches, or awards at the close.
    pub matches: i64,
    /// What would have been given.
    pub given_fen: Fen,
    /// What would be left.
    pub left_fen: Fen,
    /// Whether the pool is shared out at its close only.
    pub at_close: bool,
    /// How many gifts for which reason; of a pool that is shared out at its close, why each counted or not.
    pub reasons: BTreeMap<&'static str, u64>,
    /// What each project would have got, the most first.
    pub projects: Vec<PlannedProject>,
    /// The last match; none at a close.
    pub last: Option<PlannedMatch>,
}

/// A gift that waits for the close.
struct Waiting {
    /// Its project's place in the list.
    project: usize,
    payer: PlannedPayer,
    channel: Channel,
    amount: Fen,
    paid_at: Instant,
    base: Fen,
}

/// A project that the stream names.
struct Named {
    code: String,
    unit: String,
    matches: u64,
    given: Fen,
}

/// A rule while a stream runs past it. Memory: the counters of its caps, and for rules at close a line a gift.
pub struct Plan<'r> {
    rule: &'r Rule,
    tally: Tally,
    gifts: u64,
    reasons: BTreeMap<&'static str, u64>,
    places: HashMap<String, usize>,
    projects: Vec<Named>,
    waiting: Vec<Waiting>,
    last: Option<PlannedMatch>,
}

impl<'r> Plan<'r> {
    /// A pool of so much money, under this rule.
    pub fn new(rule: &'r Rule, locked: Fen) -> Self {
        let sums = Tallies {
            locked,
            ..Tallies::default()
        };
        Self {
            rule,
            tally: Tally::over(sums),
            gifts: 0,
            reasons: BTreeMap::new(),
            places: HashMap::new(),
            projects: Vec::new(),
            waiting: Vec::new(),
            last: None,
        }
    }

    /// The next gift of the stream. What was given back since does not count.
    pub fn take(&mut self, past: &PastGift, payer: PlannedPayer) {
        self.gifts += 1;
        let gift = &past.gift;
        let kept = gift.amount_fen.minus(past.refunded_fen).unwrap_or_default();
        if !kept.is_positive() || !takes_project(self.rule, &gift.project) {
            return;
        }
        let candidate = Candidate {
            amount: kept,
            ..planned(gift, Elsewhere::Nothing, payer)
        };
        let verdict = decide(self.rule, Some(&[0; 32]), &mut self.tally, &candidate);
        *self.reasons.entry(verdict.reason.as_str()).or_default() += 1;
        if verdict.reason == Reason::AtClose {
            let project = self.place_of(gift);
            self.waiting.push(Waiting {
                project,
                payer,
                channel: gift.channel,
                amount: kept,
                paid_at: gift.paid_at,
                base: verdict.offered,
            });
        }
        if verdict.given.is_positive() {
            let place = self.place_of(gift);
            self.give(place, verdict.given);
            self.last = Some(PlannedMatch {
                gift: gift.gift.clone(),
                paid_at: gift.paid_at,
                amount_fen: kept,
                given_fen: verdict.given,
            });
        }
    }

    fn place_of(&mut self, gift: &RecordedGift) -> usize {
        if let Some(place) = self.places.get(&gift.project) {
            return *place;
        }
        self.projects.push(Named {
            code: gift.project.clone(),
            unit: gift.unit.clone(),
            matches: 0,
            given: Fen::ZERO,
        });
        let place = self.projects.len() - 1;
        self.places.insert(gift.project.clone(), place);
        place
    }

    fn give(&mut self, place: usize, sum: Fen) {
        if let Some(named) = self.projects.get_mut(place) {
            named.matches += 1;
            named.given = named.given.plus(sum).unwrap_or(Fen::MAX);
        }
    }

    /// The end of the stream: a pool that is shared out at its close is shared out now.
    pub fn finish(mut self) -> Planned {
        if self.rule.is_at_close() {
            self.share_out();
        }
        let mut projects: Vec<PlannedProject> = self
            .projects
            .into_iter()
            .filter(|named| named.matches > 0)
            .map(|named| PlannedProject {
                project: named.code,
                matches: named.matches,
                given_fen: named.given,
            })
            .collect();
        projects.sort_unstable_by(|a, b| b.given_fen.cmp(&a.given_fen).then_with(|| a.project.cmp(&b.project)));
        let sums = self.tally.sums;
        Planned {
            gifts: self.gifts,
            matches: sums.matches,
            given_fen: sums.given,
            left_fen: sums.left(),
            at_close: self.rule.is_at_close(),
            reasons: self.reasons,
            projects,
            last: self.last,
        }
    }

    fn share_out(&mut self) {
        let left = self.tally.sums.left();
        let waiting = std::mem::take(&mut self.waiting);
        if self.rule.kind == Kind::Proportional {
            let weights: Vec<Fen> = waiting.iter().map(|one| one.base).collect();
            let shares = proportional(left, &weights, self.rule.caps.gift_fen);
            for (one, share) in waiting.iter().zip(shares) {
                self.award(one.project, Some(one), share);
            }
            return;
        }
        let counted: Vec<Counted<'_>> = waiting
            .iter()
            .map(|one| Counted {
                project: &self.projects[one.project].code,
                person: one.payer.person.map(|person| person.0),
                base: one.base,
            })
            .collect();
        for one in awards(self.rule, left, &counted) {
            if let Some(place) = self.places.get(&one.project).copied() {
                self.award(place, None, one.sum);
            }
        }
    }

    /// Gives a share under the caps: of a gift, or of a project as a whole.
    fn award(&mut self, place: usize, gift: Option<&Waiting>, share: Fen) {
        let Some(named) = self.projects.get(place) else { return };
        let to = Candidate {
            public_id: "",
            project: key_of(&named.code),
            project_code: &named.code,
            unit: key_of(&named.unit),
            region: None,
            channel: gift.map_or(Channel::Match, |one| one.channel),
            amount: gift.map_or(Fen::ZERO, |one| one.amount),
            paid_at: gift.map_or(Instant::from_micros(0), |one| one.paid_at),
            person: gift.and_then(|one| one.payer.person),
            payer_kind: gift.map_or(PayerKind::Organisation, |one| one.payer.kind),
            review: Review::No,
            elsewhere: Elsewhere::Nothing,
        };
        let given = award(self.rule, &mut self.tally, &to, share).given;
        if given.is_positive() {
            self.give(place, given);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gift(n: u32, project: &str, fen: i64) -> PastGift {
        let text = format!(
            r#"{{"gift":"g{n}","project":"{project}","unit":"u","channel":"wechat","amount_fen":{fen},
                "paid_at":"2026-05-08T01:00:00Z","person":"{:032x}"}}"#,
            n % 2
        );
        serde_json::from_str(&text).expect("a line")
    }

    fn planned_by(kind: &str, caps: &str) -> Planned {
        let text = format!(
            r#"{{"window":{{"spans":[{{"from":"2026-05-07T16:00:00Z","to":"2026-05-08T16:00:00Z"}}]}},"kind":{kind},
                "caps":{caps}}}"#
        );
        let rule: Rule = serde_json::from_str(&text).expect("a rule");
        let mut plan = Plan::new(&rule, Fen::new(1_000));
        for one in [gift(0, "a", 100), gift(1, "a", 200), gift(2, "b", 100)] {
            plan.take(&one, one.payer());
        }
        plan.finish()
    }

    #[test]
    fn a_rule_at_close_gives_its_shares_by_project() {
        let shares = |planned: &Planned| -> Vec<(String, i64)> {
            let all = planned.projects.iter();
            all.map(|one| (one.project.clone(), one.given_fen.get())).collect()
        };
        let even = planned_by(r#"{"kind":"proportional"}"#, "{}");
        assert_eq!(shares(&even), [("a".to_owned(), 750), ("b".to_owned(), 250)]);
        assert_eq!(even.reasons, BTreeMap::from([("at_close", 3)]));
        let capped = planned_by(r#"{"kind":"proportional"}"#, r#"{"person_fen":300}"#);
        assert_eq!((capped.given_fen, capped.left_fen), (Fen::new(600), Fen::new(400)));
        let prizes = r#"{"kind":"score","sum_points":50,"count_points":50,
            "prizes":[{"from_rank":1,"to_rank":1,"each_fen":300},{"from_rank":2,"to_rank":9,"each_fen":100}]}"#;
        assert_eq!(
            shares(&planned_by(prizes, "{}")),
            [("a".to_owned(), 300), ("b".to_owned(), 100)]
        );
        let wide = planned_by(r#"{"kind":"quadratic","project_permille_max":600}"#, "{}");
        assert_eq!(shares(&wide), [("a".to_owned(), 600), ("b".to_owned(), 400)]);
    }

    #[test]
    fn a_payer_is_told_apart_and_what_was_given_back_does_not_count() {
        let kind = r#"{"kind":"ratio","permille":1000}"#;
        let by_person = planned_by(kind, r#"{"person_fen":150}"#);
        assert_eq!((by_person.matches, by_person.given_fen), (3, Fen::new(300)));
        assert_eq!(by_person.last.map(|last| last.given_fen), Some(Fen::new(50)));
        let rule = format!(
            r#"{{"window":{{"spans":[{{"from":"2026-05-07T16:00:00Z","to":"2026-05-08T16:00:00Z"}}]}},"kind":{kind}}}"#
        );
        let rule: Rule = serde_json::from_str(&rule).expect("a rule");
        let mut plan = Plan::new(&rule, Fen::new(1_000));
        for refunded in [100, 30] {
            let mut one = gift(refunded, "a", 100);
            one.refunded_fen = Fen::new(refunded.into());
            plan.take(&one, one.payer());
        }
        let planned = plan.finish();
        assert_eq!(
            (planned.gifts, planned.matches, planned.given_fen),
            (2, 1, Fen::new(70))
        );
    }
}
