//! A case on the desk: held in a transaction, with what is added to it until it is put away.

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{ActorId, Instant};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::Actor;
use serde_json::json;

use super::seats::{self, Group};
use super::{clock, fact_id};
use crate::approvals::error::ApprovalError;
use crate::approvals::model::{
    CaseId, CaseState, Draw, ENTRIES_MAX, Entry, Event, Hex, PolicyVersion, StageState, Standing,
};
use crate::approvals::policy::Policy;
use crate::approvals::queries;
use crate::approvals::rules::{self, Due, Refusal};
use crate::approvals::store::{self, CaseRow};

/// A case being changed.
pub(super) struct Desk<'a> {
    services: &'a Services,
    tx: Tx,
    now: Instant,
    pub(super) case: CaseRow,
    policy: PolicyVersion,
    pub(super) standing: Standing,
    added: Vec<Entry>,
}

impl<'a> Desk<'a> {
    /// A case just begun.
    pub(super) fn new(
        services: &'a Services,
        tx: Tx,
        case: CaseRow,
        policy: PolicyVersion,
        standing: Standing,
        added: Vec<Entry>,
    ) -> Self {
        Self {
            services,
            tx,
            now: services.now(),
            case,
            policy,
            standing,
            added,
        }
    }

    /// A case that somebody may see.
    pub(super) async fn open(services: &'a Services, by: &Actor, id: CaseId) -> Result<Self, ApprovalError> {
        let (desk, entries) = Self::take(services, id).await?;
        let (policy, unit) = (&desk.policy.policy, desk.case.unit);
        if queries::may_see(by, &services.tree, unit, &entries) || seats::any_for(by, policy, &desk.standing, unit) {
            Ok(desk)
        } else {
            Err(ApprovalError::NotFound("case"))
        }
    }

    /// A case, for the clock.
    pub(super) async fn take(services: &'a Services, id: CaseId) -> Result<(Self, Vec<Entry>), ApprovalError> {
        let mut tx = services.db.begin().await?;
        let case = store::hold(&mut tx, id).await?.ok_or(ApprovalError::NotFound("case"))?;
        let (policy, entries, standing) = queries::history(&mut tx, &case).await?;
        Ok((Self::new(services, tx, case, policy, standing, Vec::new()), entries))
    }

    /// What the clock has to do now.
    pub(super) fn due(&self) -> Option<Due> {
        rules::due(&self.standing, &self.policy.policy, self.now)
    }

    /// Adds what happened, if the rules take it.
    pub(super) fn add(&mut self, event: Event, by: Option<ActorId>) -> Result<(), ApprovalError> {
        let entry = Entry {
            number: self.standing.last + 1,
            at: self.now,
            by,
            event,
        };
        if entry.number > ENTRIES_MAX as i64 {
            return Err(ApprovalError::Invalid {
                field: "case",
                why: "a history of at most 2,000 entries",
            });
        }
        rules::apply(&mut self.standing, &self.policy.policy, &entry)?;
        self.added.push(entry);
        Ok(())
    }

    /// Sees to it that somebody may decide at a stage: she holds what gave her the seat, or came to the role later and
    /// takes one.
    pub(super) fn take_seat(&mut self, by: &Actor, stage: &str) -> Result<(), ApprovalError> {
        let policy = &self.policy.policy;
        let Err(refusal) = rules::may_act(&self.standing, policy, stage, by.id) else {
            return if self.holds(by, stage) {
                Ok(())
            } else {
                Err(Refusal::NotSeated.into())
            };
        };
        if refusal != Refusal::NotSeated || !self.holds(by, stage) {
            return Err(refusal.into());
        }
        let event = Event::Seated {
            stage: stage.to_owned(),
            person: Hex(by.id),
        };
        self.add(event, Some(by.id))
    }

    fn holds(&self, by: &Actor, stage: &str) -> bool {
        seats::at(by, &self.policy.policy, &self.standing, (stage, self.case.unit))
    }

    /// Whether enough people could decide each stage that is walked.
    pub(super) async fn check_seats(&mut self) -> Result<(), ApprovalError> {
        for (at, spec) in self.policy.policy.stages.iter().enumerate() {
            if self.standing.stages[at] == StageState::Skipped {
                continue;
            }
            let group = seats::group(
                &mut self.tx,
                self.services,
                &spec.who,
                self.case.unit,
                Some(&self.standing),
            )
            .await?;
            let found = group.people.len() as i64;
            if found < spec.how.seats_min().max(spec.draw.unwrap_or(1)) {
                return Err(ApprovalError::Nobody(spec.title.clone()));
            }
        }
        Ok(())
    }

    /// Does what follows at once: stages open, short ones ask their deputies, overdue votes with a quorum count.
    async fn follow(&mut self) -> Result<(), ApprovalError> {
        loop {
            let next = rules::to_open(&self.standing, &self.policy.policy).first().copied();
            let event = match (next, self.due()) {
                (Some(at), _) => self.opening(at).await?,
                (None, Some(Due::Escalate(stage))) => self.escalation(stage).await?,
                (None, Some(Due::CloseVote(stage))) => Event::VoteClosed { stage },
                (None, Some(Due::Remind(_) | Due::RemindPapers) | None) => return Ok(()),
            };
            self.add(event, None)?;
        }
    }

    async fn opening(&mut self, at: usize) -> Result<Event, ApprovalError> {
        let spec = self.policy.policy.stages[at].clone();
        let Group { people, unit } = seats::group(
            &mut self.tx,
            self.services,
            &spec.who,
            self.case.unit,
            Some(&self.standing),
        )
        .await?;
        let draw = spec.draw.map(|_| Draw {
            seed: hex(&self.services.rng.secret()),
            pool: people.iter().copied().map(Hex).collect(),
        });
        let seats = match (&draw, spec.draw) {
            (Some(record), Some(count)) => rules::drawn_seats(record, count),
            _ => people,
        };
        Ok(Event::Opened {
            stage: spec.key,
            seats: seats.into_iter().map(Hex).collect(),
            unit: unit.map(Hex),
            draw,
        })
    }

    /// The deputies of a stage are asked.
    pub(super) async fn escalation(&mut self, stage: String) -> Result<Event, ApprovalError> {
        let at = self.policy.policy.position(&stage);
        let deputy = at.and_then(|at| self.policy.policy.stages[at].deputy.clone());
        let Group { people, unit } = match &deputy {
            Some(who) => seats::group(&mut self.tx, self.services, who, self.case.unit, Some(&self.standing)).await?,
            None => Group::default(),
        };
        Ok(Event::Escalated {
            stage,
            deputies: people.into_iter().map(Hex).collect(),
            unit: unit.map(Hex),
        })
    }

    /// Puts the case away: what follows, the rows, the jobs of the clock, one fact, the commit.
    pub(super) async fn finish(mut self, kind: &'static str, by: Option<ActorId>) -> Result<Standing, ApprovalError> {
        self.follow().await?;
        let policy: &Policy = &self.policy.policy;
        for entry in &self.added {
            store::insert_entry(&mut self.tx, self.case.id, entry).await?;
        }
        store::update_case(&mut self.tx, self.case.id, &self.standing).await?;
        store::put_open(&mut self.tx, self.case.id, policy, &self.standing).await?;
        clock::wind(
            &mut self.tx,
            self.services,
            &self.case,
            policy,
            (&self.standing, &self.added),
        )
        .await?;
        let state = self.standing.outcome.state();
        let is_decided = self.case.state != state && matches!(state, CaseState::Approved | CaseState::Refused);
        let happened: Vec<&str> = self.added.iter().map(|entry| entry.event.as_str()).collect();
        let stage = self.added.iter().find_map(|entry| entry.event.stage());
        let verdict = self.added.iter().find_map(|entry| match &entry.event {
            Event::Acted { verdict, .. } => Some(verdict.as_str()),
            _ => None,
        });
        let body = json!({
            "case": fact_id(self.case.id),
            "subject_kind": self.case.subject_kind,
            "subject": hex(&self.case.subject.bytes()),
            "state": state,
            "round": self.standing.round,
            "stage": stage,
            "verdict": verdict,
            "fast_lane": self.standing.is_fast,
            "happened": happened,
        });
        let fact = NewFact {
            unit: self.case.unit,
            kind: if is_decided { "approval.decided" } else { kind },
            subject: self.case.id.bytes(),
            actor: by,
            body,
        };
        conclude(self.tx, fact, self.services).await?;
        Ok(self.standing)
    }
}
