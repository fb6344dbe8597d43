//! The tables of regular giving: mandates with their changes and months here, plans, news and prompts beside.

mod months;
mod news;
mod plans;
mod prompts;

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, Instant, OrderId, UnitId};

use super::model::{ByWhom, Change, GRACE_DAYS, Mandate, MandateId, MandateState};

pub(super) use months::{
    closing, insert_month, may_be_paid, month, month_seen, months_of, next_order, order_of_month, set_month,
};
pub(super) use news::{
    agreement, agreements_of, all_agreements_of, end_agreement, forget_agreement, insert_agreement, insert_news, news,
    news_by_title, news_of,
};
pub(super) use plans::{close_plan, insert_plan, lock_plan, plan, plan_by_title, plans_of, taken};
pub(super) use prompts::{
    Prompt, claim, drop_of, insert_prompt, insert_prompts_of_news, settle, waiting as waiting_prompts,
};

const MANDATE: &str = "SELECT id, unit_id, project_id, plan_id, amount_fen, day_of_month, starts_on, ends_on, months,
    anonymous, wants_news, provider, language, contact_kind, contact_index, donor_sealed, donor_masked,
    consent_unit_id, consent_version, consent_hash, state, state_at, resume_on, end_reason, next_due, created_at
    FROM mandate";
/// Lines of one mandate's history that are shown: more than ten years of monthly changes.
const CHANGES_MAX: i64 = 500;

/// `FOR UPDATE` where rows can be held.
pub(super) const fn held(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    }
}

pub(super) fn broken(column: &str, why: &str) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: why.to_owned(),
    }
}

fn read_state(row: &Row) -> Result<MandateState, DbError> {
    match row.text("state")?.as_str() {
        "waiting" => Ok(MandateState::Waiting),
        "active" => Ok(MandateState::Active),
        "paused" => Ok(MandateState::Paused {
            resume_on: row.opt_day("resume_on")?,
        }),
        "ended" => Ok(MandateState::Ended {
            reason: row.word("end_reason")?,
        }),
        _ => Err(broken("state", "unknown word")),
    }
}

/// A mandate's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Mandate, DbError> {
    Ok(Mandate {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        project: row.id("project_id")?,
        plan: row.opt_id("plan_id")?,
        amount: row.fen("amount_fen")?,
        day: row.int("day_of_month")?,
        starts_on: row.day("starts_on")?,
        ends_on: row.opt_day("ends_on")?,
        months: row.opt_int("months")?,
        anonymous: row.flag("anonymous")?,
        wants_news: row.flag("wants_news")?,
        provider: row.word("provider")?,
        language: row.word("language")?,
        contact: row.word("contact_kind")?,
        index: row.bytes("contact_index")?,
        donor_sealed: row.opt_bytes("donor_sealed")?,
        donor_masked: row.opt_text("donor_masked")?,
        consent: (
            row.id("consent_unit_id")?,
            row.int("consent_version")?,
            row.bytes("consent_hash")?,
        ),
        state: read_state(row)?,
        state_at: row.instant("state_at")?,
        next_due: row.day("next_due")?,
        created_at: row.instant("created_at")?,
    })
}

pub(super) fn select(rest: &str) -> String {
    format!("{MANDATE} {rest}")
}

/// A mandate.
pub(super) async fn mandate(at: &mut impl Reads, id: MandateId) -> Result<Option<Mandate>, DbError> {
    let row = at.query_one(&select("WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// Reads a mandate for deciding on it: no other transaction changes it until this one ends.
pub(super) async fn lock(tx: &mut Tx, id: MandateId) -> Result<Option<Mandate>, DbError> {
    let sql = select(&format!("WHERE id = ?1{}", held(tx.backend())));
    tx.query_one(&sql, params![(id,)]).await?.as_ref().map(read).transpose()
}

/// The mandate that a form made, with the hash of what the form said.
pub(super) async fn by_form(
    at: &mut impl Reads,
    unit: UnitId,
    key: [u8; 16],
) -> Result<Option<(MandateId, Vec<u8>)>, DbError> {
    let sql = "SELECT id, body_hash FROM mandate WHERE unit_id = ?1 AND form_key = ?2";
    let row = at.query_one(sql, params![(unit,), key.to_vec()]).await?;
    row.map(|row| Ok((row.id("id")?, row.bytes("body_hash")?))).transpose()
}

pub(super) async fn insert(tx: &mut Tx, m: &Mandate, (key, hash): ([u8; 16], Vec<u8>)) -> Result<(), DbError> {
    let (resume_on, end_reason) = parts(m.state);
    let row = params![
        (m.id,),
        (m.unit,),
        key.to_vec(),
        hash,
        (m.project,),
        m.plan.map(|plan| (plan,)),
        m.amount,
        m.day,
        m.starts_on,
        m.ends_on,
        m.months,
        m.anonymous,
        m.wants_news,
        m.provider.as_str(),
        m.language.0.tag(),
        m.contact.as_str(),
        m.index.clone(),
        m.donor_sealed.clone(),
        m.donor_masked.as_deref(),
        (m.consent.0,),
        m.consent.1,
        m.consent.2.clone(),
        m.state.as_str(),
        m.state_at,
        resume_on,
        end_reason,
        m.next_due,
        m.created_at
    ];
    let sql = "INSERT INTO mandate (id, unit_id, form_key, body_hash, project_id, plan_id, amount_fen, day_of_month,
            starts_on, ends_on, months, anonymous, wants_news, provider, language, contact_kind, contact_index,
            donor_sealed, donor_masked, consent_unit_id, consent_version, consent_hash, state, state_at, resume_on,
            end_reason, next_due, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
            ?23, ?24, ?25, ?26, ?27, ?28)";
    tx.execute(sql, row).await.map(drop)
}

const fn parts(state: MandateState) -> (Option<BusinessDay>, Option<&'static str>) {
    match state {
        MandateState::Waiting | MandateState::Active => (None, None),
        MandateState::Paused { resume_on } => (resume_on, None),
        MandateState::Ended { reason } => (None, Some(reason.as_str())),
    }
}

/// Writes what may change of a mandate: state, days.
pub(super) async fn update(tx: &mut Tx, m: &Mandate) -> Result<(), DbError> {
    let (resume_on, end_reason) = parts(m.state);
    let sql = "UPDATE mandate SET state = ?3, state_at = ?4, resume_on = ?5, end_reason = ?6, starts_on = ?7,
            ends_on = ?8, next_due = ?9 WHERE unit_id = ?1 AND id = ?2";
    let row = params![
        (m.unit,),
        (m.id,),
        m.state.as_str(),
        m.state_at,
        resume_on,
        end_reason,
        m.starts_on,
        m.ends_on,
        m.next_due
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Adds the next line of a mandate's history.
pub(super) async fn add_change(
    tx: &mut Tx,
    m: &Mandate,
    (by, actor, reason): (ByWhom, Option<ActorId>, &str),
    now: Instant,
) -> Result<(), DbError> {
    let sql = "INSERT INTO mandate_change (unit_id, mandate_id, number, state, by_whom, actor_id, reason, at)
        SELECT ?1, ?2, COALESCE(MAX(number), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM mandate_change
        WHERE unit_id = ?1 AND mandate_id = ?2";
    let row = params![
        (m.unit,),
        (m.id,),
        m.state.as_str(),
        by.as_str(),
        actor.map(|actor| (actor,)),
        reason,
        now
    ];
    tx.execute(sql, row).await.map(drop)
}

/// The history of a mandate, oldest first.
pub(super) async fn changes(at: &mut impl Reads, m: &Mandate) -> Result<Vec<Change>, DbError> {
    let sql = "SELECT number, state, by_whom, reason, at FROM mandate_change WHERE unit_id = ?1 AND mandate_id = ?2
        ORDER BY number LIMIT ?3";
    let rows = at.query(sql, params![(m.unit,), (m.id,), CHANGES_MAX]).await?;
    let read = |row: &Row| {
        Ok(Change {
            number: row.int("number")?,
            state: row.text("state")?,
            by: row.word("by_whom")?,
            reason: row.text("reason")?,
            at: row.instant("at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Mandates to look after: those that run with a due day up to `until`, those whose pause may be over, those whose last
/// month has closed, and those whose project has ended; by id, after one.
pub(super) async fn to_look_after(
    at: &mut impl Reads,
    (until, today): (BusinessDay, BusinessDay),
    after: MandateId,
    limit: i64,
) -> Result<Vec<MandateId>, DbError> {
    let sql = "SELECT m.id FROM mandate m JOIN project p ON p.id = m.project_id
        WHERE m.state IN ('active', 'paused') AND m.id > ?3 AND (m.next_due <= ?1
            OR (m.state = 'paused' AND m.resume_on <= ?2) OR m.ends_on < ?5 OR p.state IN ('ended', 'settled'))
        ORDER BY m.id LIMIT ?4";
    let closed = today.plus_days(-GRACE_DAYS);
    let rows = at.query(sql, params![until, today, (after,), limit, closed]).await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// Mandates that wait for their code since before a moment.
pub(super) async fn unconfirmed(at: &mut impl Reads, before: Instant, limit: i64) -> Result<Vec<MandateId>, DbError> {
    let sql = "SELECT id FROM mandate WHERE state = 'waiting' AND created_at < ?1 ORDER BY id LIMIT ?2";
    let rows = at.query(sql, params![before, limit]).await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// Mandates that ended before a moment and keep their donor's contact still.
pub(super) async fn to_forget(at: &mut impl Reads, before: Instant, limit: i64) -> Result<Vec<MandateId>, DbError> {
    let sql = "SELECT id FROM mandate WHERE state = 'ended' AND state_at < ?1 AND donor_sealed IS NOT NULL
        ORDER BY id LIMIT ?2";
    let rows = at.query(sql, params![before, limit]).await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// Forgets name and contact of a mandate; its number, amounts and months stay.
pub(super) async fn forget(tx: &mut Tx, m: &Mandate) -> Result<(), DbError> {
    let sql = "UPDATE mandate SET donor_sealed = NULL, donor_masked = NULL, contact_index = ?3
        WHERE unit_id = ?1 AND id = ?2";
    tx.execute(sql, params![(m.unit,), (m.id,), Vec::<u8>::new()])
        .await
        .map(drop)
}

/// Forgets who was to pay the months of a mandate that nobody paid. No bytes at all say that it was erased.
pub(super) async fn forget_unpaid(tx: &mut Tx, m: &Mandate) -> Result<(), DbError> {
    const UNPAID: &str = "SELECT order_id FROM mandate_period
        WHERE unit_id = ?1 AND mandate_id = ?2 AND order_id IS NOT NULL AND gift_id IS NULL";
    let sql = format!(
        "UPDATE gift_order SET secret_wrapped = ?3, payer_sealed = ?3 WHERE secret_wrapped <> ?3 AND id IN ({UNPAID})"
    );
    tx.execute(&sql, params![(m.unit,), (m.id,), Vec::<u8>::new()]).await?;
    let sql = format!("UPDATE order_form SET receipt_sealed = NULL, email_index = NULL WHERE order_id IN ({UNPAID})");
    tx.execute(&sql, params![(m.unit,), (m.id,)]).await.map(drop)
}

/// Forgets who was to pay an order. No bytes at all say that it was erased.
pub(super) async fn forget_order(tx: &mut Tx, order: OrderId) -> Result<(), DbError> {
    let sql = "UPDATE gift_order SET secret_wrapped = ?2, payer_sealed = ?2 WHERE id = ?1";
    tx.execute(sql, params![(order,), Vec::<u8>::new()]).await?;
    let sql = "UPDATE order_form SET receipt_sealed = NULL, email_index = NULL WHERE order_id = ?1";
    tx.execute(sql, params![(order,)]).await.map(drop)
}

/// The mandates of a contact, newest first.
pub(super) async fn of_contact(
    at: &mut impl Reads,
    (kind, index): (&str, &[u8]),
    limit: i64,
) -> Result<Vec<Mandate>, DbError> {
    let sql = select("WHERE contact_index = ?1 AND contact_kind = ?2 ORDER BY id DESC LIMIT ?3");
    let rows = at.query(&sql, params![index, kind, limit]).await?;
    rows.iter().map(read).collect()
}
