//! The tables `partner_child_list`, `partner_child`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, UnitId};

use super::model::{Child, ChildList, ListState, NewChild, Outcome, Proof};
use crate::{ChildId, HandedId, ListId};

pub(super) const LIST: &str = "SELECT id, unit_id, agreement_id, title, school, state, made_at FROM partner_child_list";
pub(super) const CHILD: &str =
    "SELECT id, unit_id, list_id, n, name_shown, grade, height_cm, shoe_mm, garment, shoe, consented_on, withdrawn_at, outcome,
    words, proof, handed_at FROM partner_child";

/// A list's row as a value: the one place.
pub(super) fn read_list(row: &Row) -> Result<ChildList, DbError> {
    Ok(ChildList {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        agreement: row.id("agreement_id")?,
        title: row.text("title")?,
        school: row.text("school")?,
        state: row.word("state")?,
        made_at: row.instant("made_at")?,
    })
}

/// A child's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Child, DbError> {
    Ok(Child {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        list: row.id("list_id")?,
        n: row.int("n")?,
        name_shown: row.text("name_shown")?,
        grade: row.text("grade")?,
        height_cm: row.int("height_cm")?,
        shoe_mm: row.int("shoe_mm")?,
        garment: row.int("garment")?,
        shoe: row.int("shoe")?,
        consented_on: row.day("consented_on")?,
        withdrawn_at: row.opt_instant("withdrawn_at")?,
        outcome: row.word("outcome")?,
        words: row.text("words")?,
        proof: row.opt_word("proof")?,
        handed_at: row.opt_instant("handed_at")?,
    })
}

pub(super) async fn list_by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<ChildList>, DbError> {
    let sql = format!("{LIST} WHERE unit_id = ?1 AND list_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read_list).transpose()
}

/// A list by its id.
pub(crate) async fn list(at: &mut impl Reads, id: ListId) -> Result<Option<ChildList>, DbError> {
    let row = at.query_one(&format!("{LIST} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_list).transpose()
}

/// A list, locked until the transaction ends.
pub(crate) async fn lock_list(tx: &mut Tx, id: ListId) -> Result<Option<ChildList>, DbError> {
    tx.execute(
        "UPDATE partner_child_list SET state = state WHERE id = ?1",
        params![(id,)],
    )
    .await?;
    list(tx, id).await
}

pub(super) async fn insert_list(tx: &mut Tx, new: &ChildList, (key, by): (&str, ActorId)) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_child_list (id, unit_id, agreement_id, list_key, title, school, state, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            (new.id,),
            (new.unit,),
            (new.agreement,),
            key,
            &new.title,
            &new.school,
            new.state.as_str(),
            (by,),
            new.made_at
        ],
    )
    .await
    .map(drop)
}

/// Where a list is from now on.
pub(crate) async fn put_state(tx: &mut Tx, id: ListId, state: ListState) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_child_list SET state = ?2 WHERE id = ?1",
        params![(id,), state.as_str()],
    )
    .await
    .map(drop)
}

pub(super) async fn close(tx: &mut Tx, id: ListId, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_child_list SET state = 'closed', closed_at = ?2 WHERE id = ?1",
        params![(id,), now],
    )
    .await
    .map(drop)
}

/// How many children of a list are to be fitted.
pub(crate) async fn fitted(at: &mut impl Reads, id: ListId) -> Result<i64, DbError> {
    count(at, id, "withdrawn_at IS NULL").await
}

/// How many children of a list are neither fitted nor explained.
pub(super) async fn waiting(at: &mut impl Reads, id: ListId) -> Result<i64, DbError> {
    count(at, id, "withdrawn_at IS NULL AND outcome = 'waiting'").await
}

async fn count(at: &mut impl Reads, id: ListId, which: &str) -> Result<i64, DbError> {
    let sql = format!("SELECT COUNT(*) AS n FROM partner_child WHERE list_id = ?1 AND {which}");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// The last place on a list.
pub(super) async fn last(at: &mut impl Reads, id: ListId) -> Result<i64, DbError> {
    let sql = "SELECT COALESCE(MAX(n), 0) AS n FROM partner_child WHERE list_id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// Whether a child of this name and class stands on the list.
pub(super) async fn is_known(at: &mut impl Reads, id: ListId, blind: &[u8]) -> Result<bool, DbError> {
    let sql = "SELECT 1 AS known FROM partner_child WHERE list_id = ?1 AND name_blind = ?2";
    Ok(at.query_one(sql, params![(id,), blind]).await?.is_some())
}

/// A child's names, sealed, and the mark by which it is found again.
pub(super) struct Sealed {
    pub(super) shown: String,
    pub(super) name: Vec<u8>,
    pub(super) blind: Vec<u8>,
    pub(super) guardian: Vec<u8>,
}

pub(super) async fn insert(
    tx: &mut Tx,
    list: &ChildList,
    (id, n, new): (ChildId, i64, &NewChild),
    sealed: Sealed,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_child (id, unit_id, list_id, n, name_shown, name_sealed, name_blind, grade, height_cm, shoe_mm,
           garment, shoe, guardian_sealed, consented_on, outcome, words)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'waiting', '')",
        params![
            (id,),
            (list.unit,),
            (list.id,),
            n,
            sealed.shown,
            sealed.name,
            sealed.blind,
            &new.grade,
            new.height_cm,
            new.shoe_mm,
            new.garment,
            new.shoe,
            sealed.guardian,
            new.consented_on
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn child(at: &mut impl Reads, id: ChildId) -> Result<Option<Child>, DbError> {
    let row = at.query_one(&format!("{CHILD} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// A child, locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: ChildId) -> Result<Option<Child>, DbError> {
    tx.execute("UPDATE partner_child SET n = n WHERE id = ?1", params![(id,)])
        .await?;
    child(tx, id).await
}

/// Takes the names away; place, size and outcome stay, so that sums stay.
pub(super) async fn withdraw(
    tx: &mut Tx,
    id: ChildId,
    (name, guardian, blind): (Vec<u8>, Vec<u8>, &[u8]),
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_child SET name_shown = '—', name_sealed = ?2, guardian_sealed = ?3, name_blind = ?4, withdrawn_at = ?5
         WHERE id = ?1",
        params![(id,), name, guardian, blind, now],
    )
    .await
    .map(drop)
}

/// What became of a child's set.
pub(super) struct HandedOver<'a> {
    pub(super) outcome: Outcome,
    pub(super) words: &'a str,
    pub(super) proof: Option<Proof>,
    pub(super) file: Option<HandedId>,
}

pub(super) async fn hand(
    tx: &mut Tx,
    id: ChildId,
    said: &HandedOver<'_>,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_child SET outcome = ?2, words = ?3, proof = ?4, proof_file_id = ?5, handed_by = ?6, handed_at = ?7
         WHERE id = ?1",
        params![
            (id,),
            said.outcome.as_str(),
            said.words,
            said.proof.map(Proof::as_str),
            said.file.map(|file| (file,)),
            (by,),
            now
        ],
    )
    .await
    .map(drop)
}

/// Names of a list's children, sealed, in their order: for the slips that go home.
pub(super) async fn names(at: &mut impl Reads, id: ListId, most: i64) -> Result<Vec<(Child, Vec<u8>)>, DbError> {
    let sql = "SELECT id, unit_id, list_id, n, name_shown, grade, height_cm, shoe_mm, garment, shoe, consented_on, withdrawn_at,
         outcome, words, proof, handed_at, name_sealed FROM partner_child
         WHERE list_id = ?1 AND withdrawn_at IS NULL ORDER BY n LIMIT ?2";
    let rows = at.query(sql, params![(id,), most]).await?;
    rows.iter()
        .map(|row| Ok((read(row)?, row.bytes("name_sealed")?)))
        .collect()
}

/// Where the purchase of a list is.
pub(super) async fn purchase_state(at: &mut impl Reads, id: ListId) -> Result<Option<String>, DbError> {
    let sql = "SELECT state FROM partner_purchase WHERE list_id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map(|row| row.text("state")).transpose()
}
