//! A whole campaign again, from exported decisions and gifts: every row recomputed, every difference listed.

use std::collections::{BTreeMap, HashMap};

use kernel::{Channel, Fen, Instant, RegionCode};
use serde::{Deserialize, Serialize};

use super::super::model::{
    Act, Candidate, Cap, Elsewhere, Kind, OnRefund, PayerKind, Person, Reason, Review, Rule, Tallies,
};
use super::{
    Counted, Draws, Seed, Tally, Verdict, award, awards, commitment, decide_by, kept_share, proportional,
    refunded_base, shrinks_by,
};

/// Differences told one by one; more is one mistake many times.
const DIFFERENCES_MAX: usize = 1_000;

/// A pool as it is exported.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PoolRecord {
    /// The word of the pool.
    pub pool: String,
    /// Which pool is asked first: the lowest, then by word.
    pub priority: i64,
    /// Its rule.
    pub rule: Rule,
    /// The money locked.
    pub locked_fen: Fen,
    /// SHA-256 of the seed in hex, as published.
    pub commitment: String,
    /// The seed in hex; published when the pool is closed.
    pub seed: Option<String>,
    /// The last running number before it began to close.
    pub closing_number: Option<i64>,
    /// What stands as given and not taken back.
    pub given_fen: Fen,
}

/// A gift as it is exported: no name, no number of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedGift {
    /// Its public id.
    pub gift: String,
    /// The word of its project.
    pub project: String,
    /// The public id of its project's unit.
    pub unit: String,
    /// Where its project works; none in exports made before rules could ask for it.
    #[serde(default)]
    pub region: Option<RegionCode>,
    /// How it came.
    pub channel: Channel,
    /// Its amount.
    pub amount_fen: Fen,
    /// When it was paid.
    pub paid_at: Instant,
}

/// A decision as it is exported.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedRow {
    /// The word of the pool.
    pub pool: String,
    /// The running number.
    pub number: i64,
    /// What it is about.
    pub act: Act,
    /// The public id of the gift; none for an award to a project.
    pub gift: Option<String>,
    /// The word of the project.
    pub project: String,
    /// The public id of the project's unit.
    pub unit: String,
    /// What the rule offers.
    pub offered_fen: Fen,
    /// What was given, below zero when it shrinks.
    pub given_fen: Fen,
    /// Why.
    pub reason: Reason,
    /// The cap that cut it.
    pub cap: Option<Cap>,
    /// Left before.
    pub before_fen: Fen,
    /// Left after.
    pub after_fen: Fen,
    /// How much of the gift was given back by then.
    pub refunded_fen: Fen,
    /// The payer as the pool knows them, in hex.
    pub person: Option<String>,
    /// What kind of payer.
    pub payer_kind: PayerKind,
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The pool.
    pub pool: String,
    /// The running number; zero for the pool as a whole.
    pub number: i64,
    /// What is compared.
    pub what: &'static str,
    /// As recorded.
    pub recorded: String,
    /// As computed.
    pub computed: String,
}

/// What a recomputation found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Replayed {
    /// What does not agree; nothing of it, and all agrees to the fen.
    pub differences: Vec<Difference>,
    /// Draws that were taken as recorded, since their pools' seeds are published only when those close. All else of
    /// these decisions was recomputed: that a draw lies within the rule, every cap and what was left.
    pub sealed_draws: u64,
}

/// Recomputes all pools. `rows` may stand in any order.
pub fn replay(pools: &[PoolRecord], rows: &[RecordedRow], gifts: &[RecordedGift]) -> Replayed {
    let mut known: HashMap<&str, &RecordedGift> = HashMap::with_capacity(gifts.len());
    for gift in gifts {
        // Several pools may tell of the same gift, some of them its time to the minute only: what is more exact counts.
        let kept = known.entry(gift.gift.as_str()).or_insert(gift);
        if gift.paid_at > kept.paid_at {
            *kept = gift;
        }
    }
    let gifts = known;
    let mut ordered: Vec<&PoolRecord> = pools.iter().collect();
    ordered.sort_by(|a, b| (a.priority, &a.pool).cmp(&(b.priority, &b.pool)));
    let mut elsewhere = HashMap::new();
    let (mut found, mut sealed_draws) = (Vec::new(), 0);
    for pool in ordered {
        let mut own: Vec<&RecordedRow> = rows.iter().filter(|row| row.pool == pool.pool).collect();
        own.sort_by_key(|row| row.number);
        let mut run = Run::new(pool, &gifts);
        run.all(&own, &mut elsewhere);
        found.extend(run.found);
        sealed_draws += run.sealed_draws;
    }
    for row in rows {
        if !pools.iter().any(|pool| pool.pool == row.pool) && found.len() < DIFFERENCES_MAX {
            found.push(Difference {
                pool: row.pool.clone(),
                number: row.number,
                what: "pool",
                recorded: row.pool.clone(),
                computed: "unknown".into(),
            });
        }
    }
    Replayed {
        differences: found,
        sealed_draws,
    }
}

pub(super) fn hex16(text: &str) -> Option<[u8; 16]> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// A key for a word: only equality matters to the counters.
pub(super) fn key_of(word: &str) -> [u8; 16] {
    let mut key = [0; 16];
    let digest = ring::digest::digest(&ring::digest::SHA256, word.as_bytes());
    key.copy_from_slice(&digest.as_ref()[..16]);
    key
}

/// What a gift got, and what of it was taken back.
#[derive(Default, Clone, Copy)]
struct Granted {
    sum: Fen,
    shrunk: Fen,
    /// What of the gift had been given back before it was matched.
    refunded: Fen,
}

struct Run<'r> {
    pool: &'r PoolRecord,
    gifts: &'r HashMap<&'r str, &'r RecordedGift>,
    seed: Option<Seed>,
    tally: Tally,
    granted: HashMap<&'r str, Granted>,
    refunded: HashMap<&'r str, Fen>,
    /// The same when the pool began to close.
    refunded_then: HashMap<&'r str, Fen>,
    /// What is to be given at the close, by gift or by project.
    shares: Option<BTreeMap<String, Fen>>,
    found: Vec<Difference>,
    sealed_draws: u64,
}

impl<'r> Run<'r> {
    fn new(pool: &'r PoolRecord, gifts: &'r HashMap<&'r str, &'r RecordedGift>) -> Self {
        let seed = pool.seed.as_deref().and_then(|hex| {
            let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?;
            Seed::try_from(bytes).ok()
        });
        let sums = Tallies {
            locked: pool.locked_fen,
            ..Tallies::default()
        };
        Self {
            pool,
            gifts,
            seed,
            tally: Tally::over(sums),
            granted: HashMap::new(),
            refunded: HashMap::new(),
            refunded_then: HashMap::new(),
            shares: None,
            found: Vec::new(),
            sealed_draws: 0,
        }
    }

    fn differs(&mut self, number: i64, what: &'static str, recorded: impl ToString, computed: impl ToString) {
        let (recorded, computed) = (recorded.to_string(), computed.to_string());
        if recorded != computed && self.found.len() < DIFFERENCES_MAX {
            self.found.push(Difference {
                pool: self.pool.pool.clone(),
                number,
                what,
                recorded,
                computed,
            });
        }
    }

    fn all(&mut self, rows: &[&'r RecordedRow], elsewhere: &mut HashMap<&'r str, Elsewhere>) {
        if let Some(seed) = self.seed {
            let computed = kernel::id::hex(&commitment(&seed));
            self.differs(0, "commitment", self.pool.commitment.clone(), computed);
        }
        for row in rows {
            let before = self.tally.sums.left();
            let number = self.tally.next_number();
            self.differs(row.number, "number", row.number, number);
            self.differs(row.number, "left before", row.before_fen, before);
            self.one(row, rows, elsewhere);
            self.differs(row.number, "left after", row.after_fen, self.tally.sums.left());
        }
        self.differs(0, "given", self.pool.given_fen, self.tally.sums.given);
        let sum: i128 = rows.iter().map(|row| i128::from(row.given_fen.get())).sum();
        self.differs(0, "sum of decisions", self.pool.given_fen.get(), sum);
    }

    fn one(&mut self, row: &'r RecordedRow, rows: &[&'r RecordedRow], elsewhere: &mut HashMap<&'r str, Elsewhere>) {
        match row.act {
            Act::Decided | Act::Released => self.decided(row, elsewhere),
            Act::Refused => self.compare(row, (Fen::ZERO, Fen::ZERO, Reason::Refused, None)),
            Act::Shrunk => self.shrunk(row),
            Act::Awarded => self.awarded(row, rows),
        }
    }

    fn compare(&mut self, row: &RecordedRow, computed: (Fen, Fen, Reason, Option<Cap>)) {
        let (offered, given, reason, cap) = computed;
        self.differs(row.number, "offered", row.offered_fen, offered);
        self.differs(row.number, "given", row.given_fen, given);
        self.differs(row.number, "reason", row.reason.as_str(), reason.as_str());
        let word = |cap: Option<Cap>| cap.map_or("none", Cap::as_str);
        self.differs(row.number, "cap", word(row.cap), word(cap));
    }

    fn verdict(&mut self, row: &RecordedRow, verdict: Verdict) {
        self.compare(row, (verdict.offered, verdict.given, verdict.reason, verdict.cap));
    }

    fn decided(&mut self, row: &'r RecordedRow, elsewhere: &mut HashMap<&'r str, Elsewhere>) {
        let Some((id, gift)) = self.gift_of(row) else {
            return;
        };
        let released = row.act == Act::Released;
        let (review, known) = match (released, row.reason) {
            (true, _) => (Review::Released, Elsewhere::Nothing),
            (false, Reason::Held) => (Review::Hold, elsewhere.get(id).copied().unwrap_or(Elsewhere::Nothing)),
            (false, _) => (Review::No, elsewhere.get(id).copied().unwrap_or(Elsewhere::Nothing)),
        };
        let refunded = self.refunded.get(id).copied().unwrap_or_default();
        let candidate = candidate(row, gift, refunded, (review, known));
        let draws = match &self.seed {
            Some(seed) => Draws::Seed(seed),
            None if self.pool.rule.draws() => {
                Draws::Recorded((row.reason != Reason::NotDrawn).then_some(row.offered_fen))
            }
            None => Draws::Never,
        };
        let verdict = decide_by(&self.pool.rule, draws, &mut self.tally, &candidate);
        if matches!(draws, Draws::Recorded(_)) {
            let drew = verdict.offered.is_positive() || matches!(verdict.reason, Reason::NotDrawn | Reason::TooSmall);
            self.sealed_draws += u64::from(drew);
        }
        self.verdict(row, verdict);
        if verdict.given.is_positive() {
            self.grant(id, verdict.given, refunded);
        }
        if !released {
            let seen = elsewhere.entry(id).or_insert(Elsewhere::Nothing);
            *seen = (*seen).max(verdict.seen_elsewhere(&self.pool.rule));
        }
    }

    fn grant(&mut self, id: &'r str, sum: Fen, refunded: Fen) {
        let granted = Granted {
            sum,
            refunded,
            shrunk: Fen::ZERO,
        };
        self.granted.insert(id, granted);
    }

    fn gift_of(&mut self, row: &'r RecordedRow) -> Option<(&'r str, &'r RecordedGift)> {
        let id = row.gift.as_deref()?;
        let gift = self.gifts.get(id).copied();
        if gift.is_none() {
            self.differs(row.number, "gift", id, "not among the gifts");
        }
        gift.map(|gift| (id, gift))
    }

    fn shrunk(&mut self, row: &'r RecordedRow) {
        let Some((id, gift)) = self.gift_of(row) else {
            return;
        };
        let before = self.refunded.insert(id, row.refunded_fen).unwrap_or_default();
        let granted = self.granted.entry(id).or_default();
        let since = |amount: Fen| amount.minus(granted.refunded).unwrap_or_default();
        let (refunded, amount) = (since(row.refunded_fen), since(gift.amount_fen));
        let back = shrinks_by(granted.sum, granted.shrunk, refunded, amount);
        granted.shrunk = granted.shrunk.plus(back).unwrap_or(granted.shrunk);
        let rule = &self.pool.rule;
        let closing = self.pool.closing_number.is_some_and(|last| row.number > last);
        if !closing {
            self.refunded_then.insert(id, row.refunded_fen);
        }
        let to_pool = rule.on_refund == OnRefund::ToPool && !closing;
        let again = row.refunded_fen.minus(before).unwrap_or_default();
        let candidate = candidate(row, gift, Fen::ZERO, (Review::No, Elsewhere::Nothing));
        let again = refunded_base(rule, gift.amount_fen, again);
        self.tally.shrink(rule, &candidate, (again, back), to_pool);
        let given = back.negated().unwrap_or_default();
        // A reviewer's refusal is as recorded, as every human decision.
        let why = match row.reason {
            Reason::Refused => Reason::Refused,
            _ => Reason::Refunded,
        };
        self.compare(row, (Fen::ZERO, given, why, None));
    }

    fn awarded(&mut self, row: &'r RecordedRow, rows: &[&'r RecordedRow]) {
        if self.shares.is_none() {
            self.shares = Some(self.shared_out(rows));
        }
        let rule = &self.pool.rule;
        let key = row.gift.as_deref().unwrap_or(&row.project);
        let share = self.shares.as_ref().and_then(|shares| shares.get(key)).copied();
        let share = share.unwrap_or_default();
        let verdict = match row
            .gift
            .as_deref()
            .and_then(|id| self.gifts.get(id).copied().map(|gift| (id, gift)))
        {
            Some((id, gift)) => {
                let then = self.refunded_then.get(id).copied().unwrap_or_default();
                let now = self.refunded.get(id).copied().unwrap_or_default();
                let counts = |refunded: Fen| gift.amount_fen.minus(refunded).unwrap_or_default();
                let share = kept_share(share, counts(then), counts(now));
                let to = candidate(row, gift, now, (Review::No, Elsewhere::Nothing));
                let verdict = award(rule, &mut self.tally, &to, share);
                self.grant(id, verdict.given, now);
                verdict
            }
            None => award(rule, &mut self.tally, &project_candidate(row), share),
        };
        self.verdict(row, verdict);
    }

    /// What each gift or project is to get, from the rows up to the closing number.
    fn shared_out(&self, rows: &[&'r RecordedRow]) -> BTreeMap<String, Fen> {
        let last = self.pool.closing_number.unwrap_or(i64::MAX);
        let counts = |row: &&&RecordedRow| row.number <= last && row.reason == Reason::AtClose;
        let mut counted = Vec::new();
        let mut ids = Vec::new();
        for row in rows.iter().filter(counts) {
            let Some((id, gift)) = row
                .gift
                .as_deref()
                .and_then(|id| self.gifts.get(id).map(|gift| (id, *gift)))
            else {
                continue;
            };
            // What had been given back before a held match was released is not in what was offered then.
            let refunded = self.refunded_then.get(id).copied().unwrap_or_default();
            let refunded = refunded.minus(row.refunded_fen).unwrap_or_default().max(Fen::ZERO);
            let gone = refunded_base(&self.pool.rule, gift.amount_fen, refunded);
            counted.push(Counted {
                project: &row.project,
                person: row.person.as_deref().and_then(hex16),
                base: row.offered_fen.minus(gone).unwrap_or_default(),
            });
            ids.push(id);
        }
        let closing = rows.iter().rev().find(|row| row.number <= last);
        let pool = closing.map_or(self.pool.locked_fen, |row| row.after_fen);
        if self.pool.rule.kind == Kind::Proportional {
            let weights: Vec<Fen> = counted.iter().map(|one| one.base).collect();
            let shares = proportional(pool, &weights, self.pool.rule.caps.gift_fen);
            ids.into_iter().map(str::to_owned).zip(shares).collect()
        } else {
            awards(&self.pool.rule, pool, &counted)
                .into_iter()
                .map(|award| (award.project, award.sum))
                .collect()
        }
    }
}

fn candidate<'c>(
    row: &RecordedRow,
    gift: &'c RecordedGift,
    refunded: Fen,
    (review, elsewhere): (Review, Elsewhere),
) -> Candidate<'c> {
    Candidate {
        public_id: &gift.gift,
        project: key_of(&gift.project),
        project_code: &gift.project,
        unit: key_of(&gift.unit),
        region: gift.region,
        channel: gift.channel,
        amount: gift.amount_fen.minus(refunded).unwrap_or_default(),
        paid_at: gift.paid_at,
        person: row.person.as_deref().and_then(hex16).map(Person),
        payer_kind: row.payer_kind,
        review,
        elsewhere,
    }
}

/// Who gave, as far as a plan knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedPayer {
    /// The person as a pool knows them; none and payers are not told apart.
    pub person: Option<Person>,
    /// What kind of payer.
    pub kind: PayerKind,
}

impl PlannedPayer {
    /// The payer of an exported decision.
    pub fn of(row: &RecordedRow) -> Self {
        Self {
            person: row.person.as_deref().and_then(hex16).map(Person),
            kind: row.payer_kind,
        }
    }
}

/// A gift of an export as a rule sees it that was never asked about it.
pub fn planned(gift: &RecordedGift, elsewhere: Elsewhere, payer: PlannedPayer) -> Candidate<'_> {
    Candidate {
        public_id: &gift.gift,
        project: key_of(&gift.project),
        project_code: &gift.project,
        unit: key_of(&gift.unit),
        region: gift.region,
        channel: gift.channel,
        amount: gift.amount_fen,
        paid_at: gift.paid_at,
        person: payer.person,
        payer_kind: payer.kind,
        review: Review::No,
        elsewhere,
    }
}

/// An award goes to a project as a whole: nobody's gift, of no day.
fn project_candidate(row: &RecordedRow) -> Candidate<'_> {
    Candidate {
        public_id: "",
        project: key_of(&row.project),
        project_code: &row.project,
        unit: key_of(&row.unit),
        region: None,
        channel: Channel::Match,
        amount: Fen::ZERO,
        paid_at: Instant::from_micros(0),
        person: None,
        payer_kind: PayerKind::Organisation,
        review: Review::No,
        elsewhere: Elsewhere::Nothing,
    }
}
