//! Reads for showing: what waits for somebody, cases of a scope, one case.

use std::collections::BTreeMap;

use db::{DbError, Param as _, Reads, params};
use kernel::{ActorId, Instant, UnitId};
use platform::UnitTree;
use platform::identity::{Actor, Permission, Scope};

use super::actions::seats;
use super::model::{
    CaseId, CaseState, Entry, Event, FileOfCase, Message, PolicyVersion, Standing, SubjectId, digest_of,
};
use super::rules;
use super::shipped;
use super::store;
pub use super::store::{
    CaseRow, approved, case, decided_by, kinds, latest, latest_of, policy, policy_in_force, versions,
};

/// A case that waits for somebody at a stage.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The case.
    pub case: CaseRow,
    /// The stage's word.
    pub stage: String,
    /// Its name for people, and the same in English.
    pub stage_title: (String, String),
    /// Since when.
    pub opened_at: Instant,
    /// Until when.
    pub deadline: Instant,
    /// Whether its time is over and deputies were asked.
    pub is_escalated: bool,
    /// Messages of its thread, and withdrawals of messages: more of them means that somebody wrote.
    pub stirred: i64,
}

/// What waits for somebody, the earliest deadline first, at most `limit`: where she has a seat, and where anyone of a
/// role that she holds decides.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn waiting(at: &mut impl Reads, who: &Actor, limit: i64) -> Result<Vec<Waiting>, DbError> {
    let mut values = params![(who.id,), limit];
    let mut ways = vec!["m.state = 'owes'".to_owned()];
    for (role, unit) in &who.roles {
        values.push(role.as_str().param());
        values.push((*unit,).param());
        let (role, unit) = (values.len() - 1, values.len());
        // Where co-hosts check each other, no unit is named: any but that of the case.
        ways.push(format!(
            "(m.state IS NULL AND s.role = ?{role} AND (s.role_unit_id = ?{unit}
                OR (s.role_unit_id IS NULL AND c.unit_id <> ?{unit})))"
        ));
    }
    let sql = format!(
        "SELECT {}, s.stage, s.opened_at, s.deadline_at, s.is_escalated,
           (SELECT COUNT(*) FROM approval_message n WHERE n.case_id = s.case_id)
           + (SELECT COUNT(*) FROM approval_message_withdrawn w WHERE w.case_id = s.case_id) AS stirred
         FROM approval_stage s JOIN approval_case c ON c.id = s.case_id
         LEFT JOIN approval_seat m ON m.actor_id = ?1 AND m.case_id = s.case_id AND m.stage = s.stage
         WHERE {} ORDER BY s.deadline_at, s.case_id, s.stage LIMIT ?2",
        store::CASE,
        ways.join(" OR ")
    );
    let rows = at.query(&sql, values).await?;
    // Few versions are in use at a time, and each is read once.
    let mut policies: BTreeMap<(UnitId, String, i64), Option<PolicyVersion>> = BTreeMap::new();
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let case = store::read_case(row)?;
        let stage = row.text("stage")?;
        let key = (case.policy_unit, case.subject_kind.clone(), case.policy_version);
        if !policies.contains_key(&key) {
            let policy = store::policy(at, key.0, &key.1, key.2).await?;
            policies.insert(key.clone(), policy);
        }
        let spec = policies.get(&key).and_then(Option::as_ref).and_then(|version| {
            let stages = &version.policy.stages;
            version.policy.position(&stage).map(|at| &stages[at])
        });
        all.push(Waiting {
            stage_title: spec.map_or_else(
                || (stage.clone(), String::new()),
                |spec| (spec.title.clone(), spec.title_en.clone()),
            ),
            case,
            stage,
            opened_at: row.instant("opened_at")?,
            deadline: row.instant("deadline_at")?,
            is_escalated: row.flag("is_escalated")?,
            stirred: row.int("stirred")?,
        });
    }
    Ok(all)
}

/// In which order cases are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseOrder {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// Whose papers are due soonest first; those that owe none last.
    Due,
}

impl CaseOrder {
    /// The words of `?sort=`.
    pub const WORDS: [&str; 3] = ["newest", "oldest", "due"];

    /// The order of a word; none for another word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "newest" => Some(Self::Newest),
            "oldest" => Some(Self::Oldest),
            "due" => Some(Self::Due),
            _ => None,
        }
    }
}

/// When a case's papers are due, in micros; after every other for one that owes none.
pub fn due_key(due_at: Option<Instant>) -> i64 {
    due_at.map_or(i64::MAX, Instant::micros)
}

/// Which cases a list shows.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Only those in this state.
    pub state: Option<CaseState>,
    /// Only those about this kind of thing.
    pub kind: Option<String>,
    /// Only those about this thing.
    pub subject: Option<SubjectId>,
    /// Only those that owe papers.
    pub owing: bool,
    /// In which order.
    pub order: CaseOrder,
    /// The last case of the answer before, and its [`due_key`].
    pub after: Option<(i64, CaseId)>,
}

/// Cases of the reader's scope in the order asked for, at most `limit`.
pub async fn cases(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    filter: &CaseFilter,
    limit: i64,
) -> Result<Vec<CaseRow>, DbError> {
    let mut values = params![limit];
    let mut conditions = vec![scope.condition("c.unit_id", tree, &mut values)];
    let due = format!("COALESCE(c.papers_due_at, {})", i64::MAX);
    if let Some((due_at, id)) = filter.after {
        values.push((id,).param());
        let id = values.len();
        conditions.push(match filter.order {
            CaseOrder::Newest => format!("c.id < ?{id}"),
            CaseOrder::Oldest => format!("c.id > ?{id}"),
            CaseOrder::Due => {
                values.push(due_at.param());
                let at = values.len();
                format!("({due} > ?{at} OR ({due} = ?{at} AND c.id > ?{id}))")
            }
        });
    }
    let order = match filter.order {
        CaseOrder::Newest => "c.id DESC".to_owned(),
        CaseOrder::Oldest => "c.id".to_owned(),
        CaseOrder::Due => format!("{due}, c.id"),
    };
    if let Some(state) = filter.state {
        values.push(state.as_str().param());
        conditions.push(format!("c.state = ?{}", values.len()));
    }
    if let Some(kind) = &filter.kind {
        values.push(kind.param());
        conditions.push(format!("c.subject_kind = ?{}", values.len()));
    }
    if let Some(subject) = filter.subject {
        values.push((subject,).param());
        conditions.push(format!("c.subject_id = ?{}", values.len()));
    }
    if filter.owing {
        conditions.push("c.papers_due_at IS NOT NULL".to_owned());
    }
    let sql = format!(
        "SELECT {} FROM approval_case c WHERE {} ORDER BY {order} LIMIT ?1",
        store::CASE,
        conditions.join(" AND ")
    );
    at.query(&sql, values).await?.iter().map(store::read_case).collect()
}

/// A case with all that happened to it.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The case.
    pub case: CaseRow,
    /// The policy it keeps.
    pub policy: PolicyVersion,
    /// What happened.
    pub entries: Vec<Entry>,
    /// Where it stands.
    pub standing: Standing,
    /// The user names of all who stand in it.
    pub names: BTreeMap<ActorId, String>,
    /// Those of its papers that were handed in as files.
    pub files: Vec<FileOfCase>,
}

/// One case, for those of its unit, those who take part in it and those who may now; nothing for everybody else.
pub async fn view(
    at: &mut impl Reads,
    reader: &Actor,
    tree: &UnitTree,
    id: CaseId,
) -> Result<Option<CaseView>, DbError> {
    let Some((case, policy, entries, standing)) = loaded(at, id).await? else {
        return Ok(None);
    };
    let may_sit = || seats::could_take_any(reader, &policy.policy, &standing, case.unit);
    if !may_see(reader, tree, case.unit, &entries) && !may_sit() {
        return Ok(None);
    }
    let people: Vec<ActorId> = people(&entries);
    let names = platform::identity::queries::names(at, &people).await?;
    let named: Vec<[u8; 32]> = entries
        .iter()
        .flat_map(|entry| entry.event.papers())
        .filter_map(|paper| digest_of(&paper.sha256))
        .collect();
    let files = store::papers::filed_of(at, case.unit, &named).await?;
    Ok(Some(CaseView {
        case,
        policy,
        entries,
        standing,
        names,
        files,
    }))
}

/// The thread of a case.
#[derive(Debug, Clone)]
pub struct ThreadView {
    /// What was written, the oldest first; withdrawn messages in their places.
    pub messages: Vec<Message>,
    /// The user names of all who wrote or withdrew.
    pub names: BTreeMap<ActorId, String>,
    /// The files that go with messages which were not withdrawn.
    pub files: Vec<FileOfCase>,
    /// Whether the reader may write.
    pub may_write: bool,
}

/// The thread of a case, for those who may see the case; nothing for everybody else.
pub async fn thread(
    at: &mut impl Reads,
    reader: &Actor,
    tree: &UnitTree,
    id: CaseId,
) -> Result<Option<ThreadView>, DbError> {
    let Some((case, policy, entries, standing)) = loaded(at, id).await? else {
        return Ok(None);
    };
    let could_sit = seats::could_take_any(reader, &policy.policy, &standing, case.unit);
    if !may_see(reader, tree, case.unit, &entries) && !could_sit {
        return Ok(None);
    }
    let messages = store::thread::messages(at, id).await?;
    let mut people: Vec<ActorId> = messages.iter().map(|one| one.by).collect();
    people.extend(messages.iter().filter_map(|one| one.withdrawn.map(|gone| gone.by)));
    people.sort_unstable();
    people.dedup();
    let shown = messages.iter().filter(|one| one.withdrawn.is_none());
    let named: Vec<[u8; 32]> = shown.filter_map(|one| one.sha256).collect();
    Ok(Some(ThreadView {
        names: platform::identity::queries::names(at, &people).await?,
        files: store::papers::filed_of(at, case.unit, &named).await?,
        may_write: could_sit || may_write(reader, tree, case.unit, &entries),
        messages,
    }))
}

/// Whether somebody may write in the thread of a case: who asked, who decides or was asked to, and who puts cases of its
/// unit (the desk).
pub(super) fn may_write(reader: &Actor, tree: &UnitTree, unit: UnitId, entries: &[Entry]) -> bool {
    let is_desk = reader.scope_for(Permission::ApprovalRequest).contains(unit, tree);
    is_desk || rules::takes_part(entries, reader.id)
}

/// A case with its policy, its history and where it stands.
pub(super) async fn loaded(
    at: &mut impl Reads,
    id: CaseId,
) -> Result<Option<(CaseRow, PolicyVersion, Vec<Entry>, Standing)>, DbError> {
    let Some(case) = store::case(at, id).await? else {
        return Ok(None);
    };
    let (policy, entries, standing) = history(at, &case).await?;
    Ok(Some((case, policy, entries, standing)))
}

/// The history of a case that was just read.
pub(super) async fn history(
    at: &mut impl Reads,
    case: &CaseRow,
) -> Result<(PolicyVersion, Vec<Entry>, Standing), DbError> {
    let broken = |why: String| DbError::Row {
        column: "approval_case".to_owned(),
        why,
    };
    let policy = store::policy(at, case.policy_unit, &case.subject_kind, case.policy_version).await?;
    let policy = policy.ok_or_else(|| broken("its policy is missing".to_owned()))?;
    let entries = store::entries(at, case.id).await?;
    let standing = rules::replay(&policy.policy, &entries).map_err(|refusal| broken(refusal.to_string()))?;
    Ok((policy, entries, standing))
}

/// Whether somebody may see a case: she reads those of its unit, or takes part in it.
pub(super) fn may_see(reader: &Actor, tree: &UnitTree, unit: UnitId, entries: &[Entry]) -> bool {
    let in_scope = reader.scope_for(Permission::ApprovalRead).contains(unit, tree);
    in_scope || people(entries).contains(&reader.id)
}

/// Everybody who stands in a history.
fn people(entries: &[Entry]) -> Vec<ActorId> {
    let mut all: Vec<ActorId> = Vec::new();
    for entry in entries {
        all.extend(entry.by);
        match &entry.event {
            Event::Opened { seats, draw, .. } => {
                all.extend(seats.iter().map(|seat| seat.0));
                all.extend(draw.iter().flat_map(|draw| &draw.pool).map(|who| who.0));
            }
            Event::Seated { person, .. } => all.push(person.0),
            Event::Escalated { deputies, .. } => all.extend(deputies.iter().map(|who| who.0)),
            Event::Submitted { parties, .. } => all.extend(parties.iter().map(|who| who.0)),
            _ => {}
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The policies in force in a unit, by kind.
pub async fn policies(at: &mut impl Reads, units: &[UnitId]) -> Result<Vec<PolicyVersion>, DbError> {
    /// More kinds of decision than a society has.
    const KINDS_MAX: i64 = 200;
    let mut found = Vec::new();
    let mut kinds = store::kinds(at, KINDS_MAX).await?;
    kinds.extend(shipped::kinds().map(str::to_owned));
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        found.extend(store::policy_in_force(at, units, &kind).await?);
    }
    Ok(found)
}
