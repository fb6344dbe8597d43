//! The reaction that looks at facts by the rules. A rush of gifts costs it one comparison of words a gift.

use std::collections::HashMap;
use std::sync::Arc;

use db::{Snapshot, Tx};
use kernel::id::Id as _;
use kernel::{ActorId, Fen, JournalId, ProjectId};
use platform::Services;
use platform::facts::reactions::Pace;
use platform::facts::{Fact, Reaction, ReactionError};

use super::actions::alert_of;
use super::model::{Alert, Condition, Rule, RuleId, ThingId};
use super::rules::{self, Found, Told};
use super::sight::Sight;
use super::store;

/// Rules that are looked at: a hundred of each of some dozen supervisors.
const RULES_MAX: i64 = 5_000;
/// Alerts of one rule that wait for a look: above it the rule says nothing new until some are marked seen.
const UNSEEN_MAX: i64 = 1_000;

/// Looks at facts by the rules of supervisors.
pub struct Watching {
    sight: Arc<dyn Sight>,
}

impl Watching {
    /// With this sight of other contexts.
    pub fn new(sight: Arc<dyn Sight>) -> Self {
        Self { sight }
    }
}

/// What a round found before it writes.
#[derive(Default)]
pub struct Looked {
    alerts: Vec<Alert>,
    spent: Vec<(JournalId, ProjectId, Fen)>,
    undone: Vec<JournalId>,
}

impl Reaction for Watching {
    type Read = Looked;
    fn name(&self) -> &'static str {
        "supervision"
    }
    fn pace(&self) -> Pace {
        Pace::APART
    }

    async fn read(&self, at: &mut Snapshot, facts: &[Fact], services: &Services) -> Result<Looked, ReactionError> {
        let facts: Vec<&Fact> = facts.iter().filter(|fact| rules::is_looked_at(&fact.kind)).collect();
        let mut looked = Looked::default();
        if facts.is_empty() {
            return Ok(looked);
        }
        let running = store::running(at, RULES_MAX).await?;
        let now = services.now();
        for fact in facts {
            let told = rules::told(&fact.kind, &fact.body);
            if let (Some(project), Some(amount)) = (told.spent_for, told.amount) {
                looked
                    .spent
                    .push((JournalId::from_bytes(fact.subject), project, amount));
            }
            looked.undone.extend(told.undone);
            let near = running
                .iter()
                .filter(|rule| rule.created_at <= fact.happened_at && services.tree.is_within(fact.unit, rule.unit));
            let near: Vec<_> = near.collect();
            if near.is_empty() {
                continue;
            }
            let (found, watchers) = self.find(at, (fact, &told), &looked, &near).await?;
            for rule in near {
                let found = Found {
                    is_watched: watchers.contains(&rule.owner),
                    ..found.clone()
                };
                if rules::raises(&rule.condition, (&fact.kind, fact.happened_at), &told, &found) {
                    looked.alerts.push(alert_of(services, rule, fact, (told.amount, now)));
                }
            }
        }
        Ok(looked)
    }

    async fn handle(&self, tx: &mut Tx, _: &[Fact], read: Looked, _: &Services) -> Result<(), ReactionError> {
        for (journal, project, amount) in read.spent {
            store::note_spent(tx, journal, (project, amount)).await?;
        }
        for journal in read.undone {
            store::forget_spent(tx, journal).await?;
        }
        let mut unseen: HashMap<RuleId, i64> = HashMap::new();
        for alert in read.alerts {
            let waiting = match unseen.get(&alert.rule) {
                Some(waiting) => *waiting,
                None => store::unseen_of(tx, alert.rule).await?,
            };
            unseen.insert(alert.rule, waiting + 1);
            if waiting >= UNSEEN_MAX {
                tracing::warn!(rule = ?alert.rule, "a supervisor’s rule has too many alerts that wait; it raises no more");
                continue;
            }
            store::insert_alert(tx, &alert).await?;
        }
        Ok(())
    }
}

impl Watching {
    /// Looks into other contexts, as far as the conditions need it.
    async fn find(
        &self,
        at: &mut Snapshot,
        (fact, told): (&Fact, &Told),
        looked: &Looked,
        near: &[&Rule],
    ) -> Result<(Found, Vec<ActorId>), ReactionError> {
        let mut found = Found::default();
        let wants = |is: fn(&Condition) -> bool| near.iter().any(|rule| is(&rule.condition));
        if let Some(project) = told.spent_for
            && wants(|one| matches!(one, Condition::SpendingShare { .. }))
        {
            // What facts of this round told is not written yet.
            let own = looked
                .spent
                .iter()
                .filter(|(_, of, _)| *of == project)
                .map(|(_, _, fen)| *fen);
            let own = Fen::sum(own).map_err(|error| ReactionError(error.to_string()))?;
            let before = store::spent(at, project).await?;
            let spent = before.plus(own).map_err(|error| ReactionError(error.to_string()))?;
            found.share = Some((self.sight.received(at, project).await?, spent));
        }
        if wants(|one| matches!(one, Condition::GoodsOutOfHours { item: Some(_), .. })) {
            for lot in &told.lots {
                let item = self.sight.item_of(at, lot.bytes()).await?;
                found.items.extend(item.map(ThingId::from_bytes));
            }
        }
        let watchers = match wants(|one| matches!(one, Condition::Watched)) {
            true => {
                let things = [
                    ThingId::from_bytes(fact.subject),
                    ThingId::from_bytes(fact.unit.bytes()),
                ];
                store::watchers(at, things).await?
            }
            false => Vec::new(),
        };
        Ok((found, watchers))
    }
}
