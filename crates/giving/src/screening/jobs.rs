//! The reaction that looks at every confirmed gift.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use db::{Snapshot, Tx};
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, GiftId, Parameters, ProjectId, UnitId};
use platform::facts::reactions::Pace;
use platform::facts::{Fact, NewFact, Reaction, ReactionError, append};
use platform::identity::Actor;
use platform::jobs::{Handler, JobError, Run, Work};
use platform::{Services, parameters};
use serde_json::json;

use super::actions::HELD;
use super::model::{Finding, Hold, HoldState, Limits, Seen, Signal, SourceKind, Trace};
use super::rules;
use super::store::{self, SealedGift, SourceKey};
use crate::State;
use crate::donations::intake::{payer_index, phone_index};
use crate::donations::{Intake, Payer, mask};
use crate::donor_way::{self, HeldFor};
use crate::matching;

/// The cursor's name.
pub const SCREENING: &str = "screening";
/// The kind of the job that settles matches.
pub(super) const SETTLE: &str = "screening_settle_matches";

/// Looks at every confirmed gift; what looks wrong is held for review.
pub struct Screening;

/// What is known of the gifts before anything is written: each is opened once, away from the write permit.
pub struct Looked {
    /// What gifts tell alone.
    findings: Vec<Finding>,
    /// From where they came.
    traces: Vec<(SourceKey, ProjectId, Trace)>,
    table: Parameters,
}

impl Reaction for Screening {
    type Read = Option<Looked>;
    fn name(&self) -> &'static str {
        SCREENING
    }
    fn pace(&self) -> Pace {
        Pace::CALM
    }
    async fn read(
        &self,
        at: &mut Snapshot,
        facts: &[Fact],
        services: &Services,
    ) -> Result<Option<Looked>, ReactionError> {
        look(at, facts, services).await
    }
    async fn handle(
        &self,
        tx: &mut Tx,
        _: &[Fact],
        read: Option<Looked>,
        services: &Services,
    ) -> Result<(), ReactionError> {
        match read {
            Some(looked) => screen(tx, looked, services).await,
            None => Ok(()),
        }
    }
}

async fn look(at: &mut Snapshot, facts: &[Fact], services: &Services) -> Result<Option<Looked>, ReactionError> {
    let ids: Vec<GiftId> = facts
        .iter()
        .filter(|fact| fact.kind == "gift.confirmed")
        .map(|fact| GiftId::from_bytes(fact.subject))
        .collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let table = parameters::load(at).await.map_err(|e| ReactionError(e.to_string()))?;
    let gifts = store::gifts(at, &ids).await?;
    let sponsors = store::sponsors(at).await?;
    let projects: BTreeSet<ProjectId> = gifts.iter().map(|gift| gift.project).collect();
    let choices = store::choices(at, &projects).await?;
    let mut lists = BlockedWords::default();
    let mut by_day = LimitsByDay::new(&table);
    let mut findings: Vec<Finding> = Vec::new();
    let mut traces = Vec::new();
    for gift in gifts {
        let mut seen = open(gift, services);
        seen.asked_for = choices.contains(&(seen.project, seen.amount));
        seen.sells = lists.found_in(at, services, &seen).await?;
        let limits = by_day.on(seen.business_day)?;
        if let Some((signal, evidence)) = rules::alone(&seen, limits, &sponsors) {
            findings.push(Finding {
                gift: seen.gift,
                signal,
                evidence,
            });
        }
        traces.extend(traces_of(&seen, limits, services));
    }
    Ok(Some(Looked {
        findings,
        traces,
        table,
    }))
}

async fn screen(tx: &mut Tx, looked: Looked, services: &Services) -> Result<(), ReactionError> {
    let Looked {
        mut findings,
        traces,
        table,
    } = looked;
    let mut by_day = LimitsByDay::new(&table);
    store::insert_traces(tx, &traces).await?;
    let mut groups: BTreeMap<(UnitId, BusinessDay, SourceKind, i64), BTreeSet<Vec<u8>>> = BTreeMap::new();
    for (key, _, trace) in traces {
        let fewest = by_day.on(key.day)?.fewest(key.kind, trace.amount);
        groups
            .entry((key.unit, key.day, key.kind, fewest))
            .or_default()
            .insert(key.source);
    }
    for ((unit, day, kind, fewest), sources) in groups {
        let limits = by_day.on(day)?;
        let sources: Vec<Vec<u8>> = sources.into_iter().collect();
        for key in store::busy(tx, (unit, day, kind), &sources, fewest).await? {
            let traces = store::traces(tx, &key).await?;
            let found = judge(&key, &traces, limits);
            if !found.is_empty() {
                store::mark_source(tx, &key).await?;
            }
            findings.extend(found);
        }
    }
    hold_all(tx, findings, services).await
}

/// The lists of words of each unit, read once and only for names that stand in clear.
#[derive(Default)]
struct BlockedWords(BTreeMap<UnitId, Vec<String>>);

impl BlockedWords {
    /// Why one of the gift's names would have to be read first, where it is a name that is shown unmasked.
    async fn found_in(
        &mut self,
        at: &mut Snapshot,
        services: &Services,
        seen: &Seen,
    ) -> Result<Option<HeldFor>, ReactionError> {
        let in_clear = |name: &&String| mask::name(name) == name.trim();
        let names: Vec<&String> = seen.names.iter().filter(in_clear).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let unit = seen.project_unit;
        if let Entry::Vacant(unknown) = self.0.entry(unit) {
            let words = donor_way::queries::blocked_words(at, unit, &services.tree).await?;
            unknown.insert(words.iter().map(|word| donor_way::rules::folded(word)).collect());
        }
        let words = self.0.get(&unit).map_or(&[][..], Vec::as_slice);
        Ok(names
            .into_iter()
            .find_map(|name| donor_way::rules::held_for(name, words)))
    }
}

/// The limits of each day, read once.
struct LimitsByDay<'t> {
    table: &'t Parameters,
    days: BTreeMap<BusinessDay, Limits>,
}

impl<'t> LimitsByDay<'t> {
    const fn new(table: &'t Parameters) -> Self {
        Self {
            table,
            days: BTreeMap::new(),
        }
    }
    fn on(&mut self, day: BusinessDay) -> Result<&Limits, ReactionError> {
        match self.days.entry(day) {
            std::collections::btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::btree_map::Entry::Vacant(room) => {
                let limits = Limits::on(self.table, day).map_err(|e| ReactionError(e.to_string()))?;
                Ok(room.insert(limits))
            }
        }
    }
}

/// Opens the payer in memory. What was erased or cannot be opened is screened without it.
fn open(gift: SealedGift, services: &Services) -> Seen {
    let payer = match (&gift.secret_wrapped, &gift.payer_sealed) {
        (Some(wrapped), Some(sealed)) => services
            .keys
            .gift_secret(wrapped)
            .and_then(|secret| secret.open("payer", sealed))
            .ok()
            .and_then(|plain| serde_json::from_slice::<Payer>(&plain).ok()),
        _ => None,
    };
    let payer = payer.unwrap_or_default();
    Seen {
        gift: gift.gift,
        unit: gift.unit,
        project: gift.project,
        project_unit: gift.project_unit,
        amount: gift.amount,
        paid_at: gift.paid_at,
        business_day: gift.business_day,
        campaign_from: gift.campaign_from,
        payer_id: payer.id.filter(|id| rules::identifies(id)),
        phone: payer.phone,
        names: payer.name.into_iter().chain(payer.on_behalf_of).collect(),
        sells: None,
        asked_for: false,
    }
}

fn traces_of(seen: &Seen, limits: &Limits, services: &Services) -> Vec<(SourceKey, ProjectId, Trace)> {
    let keys = &services.keys;
    // The same indexes as the intake's, which asks whether a payer is marked.
    let payer = seen.payer_id.as_deref().map(|id| payer_index(keys, id));
    let phone = seen.phone.as_deref().map(|phone| phone_index(keys, phone));
    let row = |kind: SourceKind, source: Vec<u8>, payer: Option<Vec<u8>>| {
        let key = SourceKey {
            unit: seen.unit,
            day: seen.business_day,
            kind,
            source,
        };
        let trace = Trace {
            gift: seen.gift,
            amount: seen.amount,
            paid_at: seen.paid_at,
            payer,
        };
        (key, seen.project, trace)
    };
    let mut rows = Vec::new();
    if rules::is_odd(seen, limits) {
        let mut sum = seen.project.bytes().to_vec();
        sum.extend_from_slice(&seen.amount.get().to_be_bytes());
        rows.push(row(SourceKind::Sum, sum, payer.clone().or_else(|| phone.clone())));
    }
    if let Some(phone) = phone {
        rows.push(row(SourceKind::Phone, phone, payer.clone()));
    }
    if let Some(payer) = payer {
        rows.push(row(SourceKind::Payer, payer, None));
    }
    if seen.amount < limits.small_below {
        rows.push(row(SourceKind::Small, seen.project.bytes().to_vec(), None));
    }
    rows
}

fn judge(key: &SourceKey, traces: &[Trace], limits: &Limits) -> Vec<Finding> {
    let (signal, evidence, held) = match key.kind {
        SourceKind::Small => match rules::small_burst(traces, limits) {
            Some((inside, evidence)) => (Signal::SmallBurst, evidence, inside),
            None => return Vec::new(),
        },
        SourceKind::Sum => match rules::same_sum(traces, limits) {
            Some(evidence) => (Signal::SameSum, evidence, traces.to_vec()),
            None => return Vec::new(),
        },
        SourceKind::Payer | SourceKind::Phone => match rules::together(traces, limits) {
            Some((signal, evidence)) => (signal, evidence, traces.to_vec()),
            None => return Vec::new(),
        },
    };
    let finding = |trace: Trace| Finding {
        gift: trace.gift,
        signal,
        evidence: evidence.clone(),
    };
    held.into_iter().map(finding).collect()
}

/// Holds each gift once, by the first signal that found it.
async fn hold_all(tx: &mut Tx, findings: Vec<Finding>, services: &Services) -> Result<(), ReactionError> {
    let mut first: BTreeMap<GiftId, Finding> = BTreeMap::new();
    for finding in findings {
        first.entry(finding.gift).or_insert(finding);
    }
    let gifts: Vec<GiftId> = first.keys().copied().collect();
    for known in store::held_before(tx, &gifts).await? {
        first.remove(&known);
    }
    for finding in first.into_values() {
        hold(tx, finding, services).await?;
    }
    Ok(())
}

/// Holds a gift once. Fact `screening.held`.
async fn hold(tx: &mut Tx, finding: Finding, services: &Services) -> Result<(), ReactionError> {
    let Some((unit, project, amount)) = store::subject(tx, finding.gift).await? else {
        return Ok(());
    };
    let hold = Hold {
        gift: finding.gift,
        unit,
        project,
        amount,
        signal: finding.signal,
        evidence: finding.evidence,
        held_at: services.now(),
        state: HoldState::Waiting,
    };
    if !store::insert_hold(tx, &hold).await? {
        return Ok(());
    }
    let fact = NewFact {
        unit,
        kind: HELD,
        subject: hold.gift.bytes(),
        actor: None,
        body: json!({ "project": hex(&project.bytes()), "amount_fen": amount, "signal": hold.signal }),
    };
    append(tx, fact, services).await?;
    Ok(())
}

/// Settles the matches that waited for a reviewer's word about a gift.
pub struct SettleMatches {
    /// The way in for gifts, which knows accounts and projects.
    pub intake: Intake,
}

impl Handler for SettleMatches {
    fn kind(&self) -> &'static str {
        SETTLE
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let text = run.job.input["gift"].as_str().unwrap_or_default();
            let gift = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
            let gift = gift.and_then(|bytes| GiftId::from_slice(&bytes).ok());
            let gift = gift.ok_or_else(|| JobError::Refused("no gift is named".into()))?;
            let cleared = run.job.input["cleared"].as_bool().unwrap_or(false);
            let giving = State {
                services: services.clone(),
                intake: self.intake.clone(),
                gateways: Arc::default(),
            };
            let act = if cleared {
                matching::Act::Released
            } else {
                matching::Act::Refused
            };
            match matching::actions::settle_waiting(&giving, &Actor::operator(), gift, act).await {
                Ok(settled) => Ok(json!({ "settled": settled })),
                Err(matching::MatchError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}
