//! What all entries of a log come to: anybody computes the same bytes from the same entries, and holds them against what
//! the society says of itself.
//!
//! Checked on the way: what speaks of an entry comes after it and is of its kind; never more goes back than came in.
//! Gifts inside a bundle tell only their sum: they count for their unit, and under no project or day. What the society
//! states of a unit is compared with the entries it speaks of; a difference is kept, and never passed over.

use std::collections::{BTreeMap, HashMap};

use kernel::{BusinessDay, Fen, MoneyError};
use serde::{Serialize, Serializer};

use super::canonical::canonical;
use super::error::LogError;
use super::leaf::{
    Bundle, Corrected, Erased, Fee, Figures, Goods, Leaf, Paid, PublicId, Purpose, Received, Refunded, Stands, Stated,
};
use crate::tlog::Checkpoint;
use recent::Recent;

mod recent;

/// Sums under one heading. Amounts are written as decimal text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Gifts, those in bundles among them.
    pub gifts: i64,
    /// Their sum.
    #[serde(serialize_with = "decimal")]
    pub given: Fen,
    /// Refunds.
    pub refunds: i64,
    /// Their sum.
    #[serde(serialize_with = "decimal")]
    pub refunded: Fen,
    /// Gifts corrected.
    pub corrections: i64,
    /// What corrections add: below zero where too much had been written.
    #[serde(serialize_with = "decimal")]
    pub corrected: Fen,
    /// Matches.
    pub matches: i64,
    /// Their sum.
    #[serde(serialize_with = "decimal")]
    pub matched: Fen,
    /// What of them went back.
    #[serde(serialize_with = "decimal")]
    pub unmatched: Fen,
    /// What was spent and not taken back.
    #[serde(serialize_with = "decimal")]
    pub spent: Fen,
    /// What of that was passed on to those for whom it was held.
    #[serde(serialize_with = "decimal")]
    pub passed_on: Fen,
    /// Management fees taken from named funds into general money: not spent yet.
    #[serde(serialize_with = "decimal")]
    pub fees: Fen,
}

fn decimal<S: Serializer>(fen: &Fen, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&fen.get().to_string())
}

impl Line {
    /// What the society states of a unit. A gift taken back counts nowhere, as in its books.
    pub fn figures(&self) -> Figures {
        Figures {
            gifts: self.gifts.saturating_sub(self.corrections),
            given: self.given.get().saturating_add(self.corrected.get()),
            refunds: self.refunds,
            refunded: self.refunded.get(),
            matches: self.matches,
            matched: self.matched.get(),
            unmatched: self.unmatched.get(),
        }
    }

    /// What came in and stayed.
    ///
    /// # Errors
    /// [`MoneyError`].
    pub fn net(&self) -> Result<Fen, MoneyError> {
        self.given
            .minus(self.refunded)?
            .plus(self.corrected)?
            .plus(self.matched)?
            .minus(self.unmatched)
    }
}

/// The sums of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// The version of this document.
    pub v: u8,
    /// The log.
    pub origin: String,
    /// Its entries.
    pub size: u64,
    /// Its root, base64.
    pub root: String,
    /// All of it.
    pub all: Line,
    /// What of it stands in bundles, and so under no project, channel or day.
    pub bundled: Line,
    /// By unit.
    pub units: BTreeMap<String, Line>,
    /// By project.
    pub projects: BTreeMap<String, Line>,
    /// By channel.
    pub channels: BTreeMap<&'static str, Line>,
    /// By pool of matches.
    pub pools: BTreeMap<String, Line>,
    /// What was spent or taken as a fee, by fund.
    pub funds: BTreeMap<String, Line>,
    /// What was spent, by purpose.
    pub purposes: BTreeMap<&'static str, Line>,
    /// By business day.
    pub days: BTreeMap<BusinessDay, Line>,
    /// Pieces of each delivery of goods, by where they stand. Units differ: they are never added up.
    pub goods: BTreeMap<String, BTreeMap<Stands, i64>>,
    /// Gifts whose openings were destroyed.
    pub erased: i64,
    /// How many totals the society stated.
    #[serde(skip_serializing_if = "is_none")]
    pub stated: u64,
    /// Those of them that are not what the entries say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differ: Vec<Differs>,
}

/// A total that was stated and is not what the entries say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differs {
    /// The entry that states it.
    pub entry: u64,
    /// The unit.
    pub unit: String,
    /// When.
    pub day: BusinessDay,
    /// Of how many entries it speaks.
    pub size: u64,
    /// What it says.
    pub says: Figures,
    /// What these entries say; none where it speaks of entries that are not before it, or of a log of long ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Figures>,
}

impl Differs {
    /// In words: each figure that differs, and by how much.
    pub fn words(&self) -> String {
        let lead = format!(
            "entry {} states of unit {}, {} entries:",
            self.entry, self.unit, self.size
        );
        let Some(log) = self.log else {
            return format!("{lead} it does not speak of the entries before it");
        };
        let pairs = self.says.each().into_iter().zip(log.each());
        let wrong = pairs.filter(|((_, says), (_, is))| says != is);
        let each = wrong.map(|((what, says), (_, is))| {
            let by = says.saturating_sub(is);
            format!(" {what} {says}, the entries say {is}, which is {by:+} stated")
        });
        lead + &each.collect::<Vec<_>>().join(";")
    }
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

impl Totals {
    /// The one text: the same entries give the same bytes.
    ///
    /// # Errors
    /// [`LogError::Published`] for sums beyond what every reader of JSON can hold.
    pub fn to_text(&self) -> Result<String, LogError> {
        let value = serde_json::to_value(self).map_err(|e| LogError::Published(e.to_string()))?;
        Ok(canonical(&value)? + "\n")
    }
}

/// An entry of which others may speak.
struct Seen {
    kind: Kind,
    unit: PublicId,
    project: Option<PublicId>,
    /// What of it has not gone back; of a bundle's member, see its bundle.
    left: Fen,
    is_erased: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gift(&'static str),
    Match,
    Spent(Purpose),
    /// A member of this bundle.
    Member(usize),
}

/// A bundle, as what of it has not gone back.
struct Pooled {
    is_match: bool,
    left: Fen,
}

/// Adds up entry by entry.
#[derive(Default)]
pub struct Fold {
    totals: Totals,
    seen: HashMap<u128, Seen>,
    bundles: Vec<Pooled>,
    pools: HashMap<u128, PublicId>,
    funds: HashMap<u128, PublicId>,
    /// What the newest entries added to their units.
    recent: Recent,
}

/// Why an entry does not fit those before it.
fn wrong(why: &str) -> LogError {
    LogError::Published(why.to_owned())
}

fn sum(_: MoneyError) -> LogError {
    wrong("a sum is too large")
}

/// What an entry changes.
type Change<'c> = &'c dyn Fn(&mut Line) -> Result<(), MoneyError>;

impl Fold {
    /// Takes the next entry.
    ///
    /// # Errors
    /// [`LogError::Published`] when it does not fit those before it.
    pub fn take(&mut self, leaf: &Leaf) -> Result<(), LogError> {
        self.add_up(leaf)?;
        self.recent.next();
        Ok(())
    }

    /// How many entries were taken.
    pub fn size(&self) -> u64 {
        self.recent.size()
    }

    /// What the entries so far state wrongly.
    pub fn differ(&self) -> &[Differs] {
        &self.totals.differ
    }

    /// What the entries so far say of each unit.
    pub fn figures(&self) -> BTreeMap<String, Figures> {
        let units = self.totals.units.iter();
        units.map(|(unit, line)| (unit.clone(), line.figures())).collect()
    }

    /// What the entries so far say of each project; gifts in bundles are told of none.
    pub fn projects(&self) -> BTreeMap<String, Figures> {
        let projects = self.totals.projects.iter();
        projects.map(|(id, line)| (id.clone(), line.figures())).collect()
    }

    fn add_up(&mut self, leaf: &Leaf) -> Result<(), LogError> {
        match leaf {
            Leaf::Received(gift) | Leaf::Granted(gift) => self.gift(gift),
            Leaf::Bundle(bundle) => self.bundle(bundle, Kind::Gift("")),
            Leaf::MatchBundle(bundle) => self.bundle(bundle, Kind::Match),
            Leaf::Refunded(back) => self.refunded(back),
            Leaf::Reversed(back) => self.reversed(back),
            Leaf::Corrected(corrected) => self.corrected(corrected),
            Leaf::Erased(erased) => self.erased(erased),
            Leaf::Paid(paid) => self.paid(paid),
            Leaf::Unpaid(back) => self.unpaid(back),
            Leaf::PoolPublished(_)
            | Leaf::KeyRotated(_)
            | Leaf::NoticePublished(_)
            | Leaf::NoticeWithdrawn(_)
            | Leaf::Sm3Root(_) => Ok(()),
            Leaf::Fee(fee) => self.fee(fee),
            Leaf::Goods(goods) => self.goods(goods),
            Leaf::Stated(stated) => {
                self.stated(stated);
                Ok(())
            }
        }
    }

    /// Compares what is stated with the entries it speaks of. A lie does not stop the sums: it is kept beside them.
    fn stated(&mut self, stated: &Stated) {
        self.totals.stated += 1;
        let unit = stated.unit.as_str();
        let now = self.totals.units.get(unit).map(Line::figures).unwrap_or_default();
        let since = self.recent.since(stated.size, &stated.unit);
        let log = since.map(|since| now - since);
        if log != Some(stated.says) {
            self.totals.differ.push(Differs {
                entry: self.recent.size(),
                unit: unit.to_owned(),
                day: stated.day,
                size: stated.size,
                says: stated.says,
                log,
            });
        }
    }

    /// The sums, of this tree.
    pub fn end(mut self, tree: &Checkpoint) -> Totals {
        self.totals.v = 1;
        self.totals.origin.clone_from(&tree.origin);
        self.totals.size = tree.size;
        self.totals.root = tree.root.to_base64();
        self.totals
    }

    fn add(&mut self, unit: &PublicId, change: Change<'_>) -> Result<(), LogError> {
        change(&mut self.totals.all).map_err(sum)?;
        let line = self.totals.units.entry(unit.as_str().to_owned()).or_default();
        let before = line.figures();
        change(line).map_err(sum)?;
        self.recent.add(unit, line.figures() - before);
        Ok(())
    }

    fn add_project(
        &mut self,
        project: Option<&PublicId>,
        day: BusinessDay,
        change: Change<'_>,
    ) -> Result<(), LogError> {
        if let Some(project) = project {
            change(self.totals.projects.entry(project.as_str().to_owned()).or_default()).map_err(sum)?;
        }
        change(self.totals.days.entry(day).or_default()).map_err(sum)
    }

    fn gift(&mut self, gift: &Received) -> Result<(), LogError> {
        let change: Change<'_> = if gift.is_match() {
            &|line| {
                line.matches += 1;
                line.matched = line.matched.plus(gift.amt)?;
                Ok(())
            }
        } else {
            &|line| {
                line.gifts += 1;
                line.given = line.given.plus(gift.amt)?;
                Ok(())
            }
        };
        self.add(&gift.unit, change)?;
        self.add_project(Some(&gift.proj), gift.day, change)?;
        let channel = gift.chan.as_str();
        change(self.totals.channels.entry(channel).or_default()).map_err(sum)?;
        if let Some(pool) = &gift.pool {
            change(self.totals.pools.entry(pool.as_str().to_owned()).or_default()).map_err(sum)?;
            self.pools.insert(gift.id.number(), pool.clone());
        }
        let kind = if gift.is_match() {
            Kind::Match
        } else {
            Kind::Gift(channel)
        };
        let seen = Seen {
            kind,
            unit: gift.unit.clone(),
            project: Some(gift.proj.clone()),
            left: gift.amt,
            is_erased: false,
        };
        self.seen.insert(gift.id.number(), seen);
        Ok(())
    }

    fn bundle(&mut self, bundle: &Bundle, kind: Kind) -> Result<(), LogError> {
        let is_match = kind == Kind::Match;
        let count = i64::try_from(bundle.members.len()).unwrap_or(i64::MAX);
        let change: Change<'_> = if is_match {
            &|line| {
                line.matches += count;
                line.matched = line.matched.plus(bundle.sum)?;
                Ok(())
            }
        } else {
            &|line| {
                line.gifts += count;
                line.given = line.given.plus(bundle.sum)?;
                Ok(())
            }
        };
        self.add(&bundle.unit, change)?;
        change(&mut self.totals.bundled).map_err(sum)?;
        let place = self.bundles.len();
        self.bundles.push(Pooled {
            is_match,
            left: bundle.sum,
        });
        for member in &bundle.members {
            let seen = Seen {
                kind: Kind::Member(place),
                unit: bundle.unit.clone(),
                project: None,
                left: Fen::ZERO,
                is_erased: false,
            };
            self.seen.insert(member.id.number(), seen);
        }
        Ok(())
    }

    /// Takes so much of an earlier gift, match or expenditure; gives its unit, project and channel.
    fn take_back(&mut self, of: &PublicId, amount: Fen, is_match: bool) -> Result<Back, LogError> {
        let unknown = || wrong("it speaks of an entry that is not before it");
        let seen = self.seen.get_mut(&of.number()).ok_or_else(unknown)?;
        let left = match seen.kind {
            Kind::Member(place) => match self.bundles.get_mut(place) {
                Some(bundle) if bundle.is_match == is_match => &mut bundle.left,
                _ => return Err(wrong("it speaks of an entry of another kind")),
            },
            Kind::Gift(_) if !is_match => &mut seen.left,
            Kind::Match if is_match => &mut seen.left,
            _ => return Err(wrong("it speaks of an entry of another kind")),
        };
        *left = left.minus(amount).map_err(sum)?;
        if *left < Fen::ZERO {
            return Err(wrong("more goes back than came in"));
        }
        Ok(Back {
            unit: seen.unit.clone(),
            project: seen.project.clone(),
            channel: match seen.kind {
                Kind::Gift(channel) => Some(channel),
                Kind::Match => Some("match"),
                _ => None,
            },
        })
    }

    fn add_back(&mut self, back: &Back, day: BusinessDay, change: Change<'_>) -> Result<(), LogError> {
        self.add(&back.unit, change)?;
        match back.channel {
            Some(channel) => {
                self.add_project(back.project.as_ref(), day, change)?;
                change(self.totals.channels.entry(channel).or_default()).map_err(sum)
            }
            None => change(&mut self.totals.bundled).map_err(sum),
        }
    }

    fn refunded(&mut self, refund: &Refunded) -> Result<(), LogError> {
        let back = self.take_back(&refund.of, refund.amt, false)?;
        self.add_back(&back, refund.day, &|line| {
            line.refunds += 1;
            line.refunded = line.refunded.plus(refund.amt)?;
            Ok(())
        })
    }

    fn reversed(&mut self, refund: &Refunded) -> Result<(), LogError> {
        let back = self.take_back(&refund.of, refund.amt, true)?;
        let change: Change<'_> = &|line| {
            line.unmatched = line.unmatched.plus(refund.amt)?;
            Ok(())
        };
        if let Some(pool) = self.pools.get(&refund.of.number()) {
            change(self.totals.pools.entry(pool.as_str().to_owned()).or_default()).map_err(sum)?;
        }
        self.add_back(&back, refund.day, change)
    }

    fn corrected(&mut self, corrected: &Corrected) -> Result<(), LogError> {
        let less = corrected.diff.negated().map_err(sum)?;
        let back = self.take_back(&corrected.of, less, false)?;
        self.add_back(&back, corrected.day, &|line| {
            line.corrections += 1;
            line.corrected = line.corrected.plus(corrected.diff)?;
            Ok(())
        })
    }

    fn erased(&mut self, erased: &Erased) -> Result<(), LogError> {
        let seen = self.seen.get_mut(&erased.of.number());
        let seen = seen.ok_or_else(|| wrong("it speaks of an entry that is not before it"))?;
        // A gift's later forms are destroyed with a fact of their own.
        if !std::mem::replace(&mut seen.is_erased, true) {
            self.totals.erased += 1;
        }
        Ok(())
    }

    fn spend(
        &mut self,
        (unit, project, fund): (&PublicId, Option<&PublicId>, Option<&PublicId>),
        (purpose, day, amount): (Purpose, BusinessDay, Fen),
    ) -> Result<(), LogError> {
        let change: Change<'_> = &|line| {
            line.spent = line.spent.plus(amount)?;
            if purpose == Purpose::PassedOn {
                line.passed_on = line.passed_on.plus(amount)?;
            }
            Ok(())
        };
        self.add(unit, change)?;
        self.add_project(project, day, change)?;
        if let Some(fund) = fund {
            change(self.totals.funds.entry(fund.as_str().to_owned()).or_default()).map_err(sum)?;
        }
        change(self.totals.purposes.entry(purpose.as_str()).or_default()).map_err(sum)
    }

    fn paid(&mut self, paid: &Paid) -> Result<(), LogError> {
        let whose = (&paid.unit, paid.proj.as_ref(), paid.fund.as_ref());
        self.spend(whose, (paid.on, paid.day, paid.amt))?;
        if let Some(fund) = &paid.fund {
            self.funds.insert(paid.id.number(), fund.clone());
        }
        let seen = Seen {
            kind: Kind::Spent(paid.on),
            unit: paid.unit.clone(),
            project: paid.proj.clone(),
            left: paid.amt,
            is_erased: false,
        };
        self.seen.insert(paid.id.number(), seen);
        Ok(())
    }

    fn fee(&mut self, fee: &Fee) -> Result<(), LogError> {
        let change: Change<'_> = &|line| {
            line.fees = line.fees.plus(fee.amt)?;
            Ok(())
        };
        self.add(&fee.unit, change)?;
        self.add_project(None, fee.day, change)?;
        change(self.totals.funds.entry(fee.fund.as_str().to_owned()).or_default()).map_err(sum)
    }

    fn goods(&mut self, goods: &Goods) -> Result<(), LogError> {
        for goes in &goods.moves {
            let lot = self.totals.goods.entry(goes.lot.as_str().to_owned()).or_default();
            if let Some(from) = goes.from {
                let there = lot.remove(&from).unwrap_or_default() - goes.qty;
                match there {
                    ..0 => return Err(wrong("more goods leave a place than came there")),
                    0 => {}
                    _ => {
                        lot.insert(from, there);
                    }
                }
            }
            if let Some(to) = goes.to {
                let there = lot.entry(to).or_default();
                *there = there.checked_add(goes.qty).ok_or_else(|| wrong("a sum is too large"))?;
            }
        }
        Ok(())
    }

    fn unpaid(&mut self, back: &Refunded) -> Result<(), LogError> {
        let seen = self.seen.get_mut(&back.of.number());
        let seen = seen.ok_or_else(|| wrong("it speaks of an entry that is not before it"))?;
        let Kind::Spent(purpose) = seen.kind else {
            return Err(wrong("it speaks of an entry of another kind"));
        };
        seen.left = seen.left.minus(back.amt).map_err(sum)?;
        if seen.left != Fen::ZERO {
            return Err(wrong("an expenditure is taken back whole, and once"));
        }
        let (unit, project) = (seen.unit.clone(), seen.project.clone());
        let fund = self.funds.get(&back.of.number()).cloned();
        let less = back.amt.negated().map_err(sum)?;
        self.spend((&unit, project.as_ref(), fund.as_ref()), (purpose, back.day, less))
    }
}

/// Where what goes back had come in.
struct Back {
    unit: PublicId,
    project: Option<PublicId>,
    channel: Option<&'static str>,
}
