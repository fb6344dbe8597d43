//! What papers are drawn from, and which there are.

use db::{DbError, Reads, params};
use kernel::{BusinessDay, Fen, Instant, UnitId};

use super::model::Listed;
use super::store::{LISTED, read};
use crate::dispatch::model::Proof;
use crate::{CountId, DispatchId, GrantId, LotId};

/// Papers of one answer.
const PAPERS_MAX: i64 = 500;
/// Signatures of one hand-over list; as many as a paper has lines.
const SIGNATURES_MAX: i64 = 2_000;

/// The numbered papers of a unit, the newest first; dispatch orders are listed as orders.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn papers(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Listed>, DbError> {
    let sql = format!("{LISTED} WHERE unit_id = ?1 ORDER BY made_at DESC, kind, number DESC LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), PAPERS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// A lot as papers say it. Holds the donor's sealed name: no `Debug`.
pub(super) struct LotWords {
    pub(super) item: String,
    pub(super) grade: String,
    pub(super) spec: String,
    pub(super) batch: String,
    pub(super) unit_word: String,
    pub(super) source: crate::stock::Source,
    pub(super) donor_sealed: Vec<u8>,
    pub(super) designated_for: Option<String>,
    pub(super) expires_on: Option<BusinessDay>,
    pub(super) has_certificate: bool,
    pub(super) basis: crate::stock::model::ValueBasis,
    pub(super) announced: i64,
}

pub(super) async fn lot_words(at: &mut impl Reads, lot: LotId) -> Result<Option<LotWords>, DbError> {
    let row = at
        .query_one(
            "SELECT i.name, i.grade, l.spec, l.batch, l.unit_word, l.source, l.donor_sealed, p.name AS party, l.expires_on,
               l.has_certificate, l.value_basis, m.quantity AS announced
             FROM goods_lot l JOIN goods_item i ON i.id = l.item_id JOIN goods_move m ON m.lot_id = l.id AND m.n = 1
             LEFT JOIN goods_party p ON p.id = l.designated_for WHERE l.id = ?1",
            params![(lot,)],
        )
        .await?;
    row.map(|row| {
        Ok(LotWords {
            item: row.text("name")?,
            grade: row.text("grade")?,
            spec: row.text("spec")?,
            batch: row.text("batch")?,
            unit_word: row.text("unit_word")?,
            source: row.word("source")?,
            donor_sealed: row.bytes("donor_sealed")?,
            designated_for: row.opt_text("party")?,
            expires_on: row.opt_day("expires_on")?,
            has_certificate: row.flag("has_certificate")?,
            basis: row.word("value_basis")?,
            announced: row.int("announced")?,
        })
    })
    .transpose()
}

/// A movement as papers say it.
pub(super) struct MoveWords {
    pub(super) quantity: i64,
    pub(super) reason: String,
    pub(super) at: Instant,
    pub(super) place: Option<String>,
}

/// A movement with the place it came to, or else the one it left.
pub(super) async fn move_words(at: &mut impl Reads, (lot, n): (LotId, i64)) -> Result<Option<MoveWords>, DbError> {
    let row = at
        .query_one(
            "SELECT m.quantity, m.reason, m.moved_at, COALESCE(t.name, f.name) AS place FROM goods_move m
             LEFT JOIN goods_place t ON t.id = m.to_holder LEFT JOIN goods_place f ON f.id = m.from_holder
             WHERE m.lot_id = ?1 AND m.n = ?2",
            params![(lot,), n],
        )
        .await?;
    row.map(|row| {
        Ok(MoveWords {
            quantity: row.int("quantity")?,
            reason: row.text("reason")?,
            at: row.instant("moved_at")?,
            place: row.opt_text("place")?,
        })
    })
    .transpose()
}

/// A line of a dispatch order as papers say it.
pub(super) struct OrderLine {
    pub(super) item: String,
    pub(super) grade: String,
    pub(super) spec: String,
    pub(super) unit_word: String,
    pub(super) quantity: i64,
    pub(super) expires_on: Option<BusinessDay>,
    pub(super) is_designated: bool,
    pub(super) place: String,
}

pub(super) async fn order_lines(at: &mut impl Reads, id: DispatchId) -> Result<Vec<OrderLine>, DbError> {
    let rows = at
        .query(
            "SELECT i.name, i.grade, l.spec, l.unit_word, d.quantity, l.expires_on, l.designated_for, p.name AS place
             FROM goods_dispatch_line d JOIN goods_lot l ON l.id = d.lot_id JOIN goods_item i ON i.id = l.item_id
             JOIN goods_place p ON p.id = d.place_id WHERE d.dispatch_id = ?1 ORDER BY d.n LIMIT ?2",
            params![(id,), SIGNATURES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OrderLine {
                item: row.text("name")?,
                grade: row.text("grade")?,
                spec: row.text("spec")?,
                unit_word: row.text("unit_word")?,
                quantity: row.int("quantity")?,
                expires_on: row.opt_day("expires_on")?,
                is_designated: row.opt_bytes("designated_for")?.is_some(),
                place: row.text("place")?,
            })
        })
        .collect()
}

/// A signature as a hand-over list says it.
pub(super) struct SignedLine {
    pub(super) item: String,
    pub(super) grade: String,
    pub(super) unit_word: String,
    pub(super) quantity: i64,
    pub(super) signer: String,
    pub(super) proof: Proof,
    /// The signature as it was drawn, sealed; none where a name alone was written down.
    pub(super) drawn_sealed: Option<Vec<u8>>,
    pub(super) at: Instant,
}

pub(super) async fn signatures(at: &mut impl Reads, id: DispatchId) -> Result<Vec<SignedLine>, DbError> {
    let rows = at
        .query(
            "SELECT i.name, i.grade, l.unit_word, s.quantity, s.signer_shown, s.proof, s.signed_at, s.drawn_sealed
             FROM goods_signature s JOIN goods_lot l ON l.id = s.lot_id JOIN goods_item i ON i.id = l.item_id
             WHERE s.dispatch_id = ?1 ORDER BY s.signed_at, s.id LIMIT ?2",
            params![(id,), SIGNATURES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SignedLine {
                item: row.text("name")?,
                grade: row.text("grade")?,
                unit_word: row.text("unit_word")?,
                quantity: row.int("quantity")?,
                signer: row.text("signer_shown")?,
                proof: row.word("proof")?,
                drawn_sealed: row.opt_bytes("drawn_sealed")?,
                at: row.instant("signed_at")?,
            })
        })
        .collect()
}

/// How many signed for goods of an order, the edition of its hand-over list, and how many of them drew their signature.
pub(super) async fn signed(at: &mut impl Reads, id: DispatchId) -> Result<(i64, i64), DbError> {
    let sql = "SELECT COUNT(*) AS n, COUNT(drawn_sealed) AS drawn FROM goods_signature WHERE dispatch_id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok((0, 0)), |row| Ok((row.int("n")?, row.int("drawn")?)))
}

/// A count as a sheet says it.
pub(super) struct CountWords {
    pub(super) lot: LotId,
    pub(super) place: String,
    pub(super) counted: i64,
    pub(super) booked: i64,
    pub(super) state: String,
    pub(super) reason: String,
    pub(super) at: Instant,
}

pub(super) async fn count_words(at: &mut impl Reads, id: CountId) -> Result<Option<CountWords>, DbError> {
    let row = at
        .query_one(
            "SELECT c.lot_id, p.name AS place, c.counted, c.booked, c.state, c.reason, c.counted_at
             FROM goods_count c JOIN goods_place p ON p.id = c.place_id WHERE c.id = ?1",
            params![(id,)],
        )
        .await?;
    row.map(|row| {
        Ok(CountWords {
            lot: row.id("lot_id")?,
            place: row.text("place")?,
            counted: row.int("counted")?,
            booked: row.int("booked")?,
            state: row.text("state")?,
            reason: row.text("reason")?,
            at: row.instant("counted_at")?,
        })
    })
    .transpose()
}

/// A payment order as its paper says it.
pub(super) struct PaymentWords {
    pub(super) payee: String,
    pub(super) basis: String,
    pub(super) amount: Fen,
    pub(super) restriction: String,
    pub(super) approvals: i64,
    /// Whether a case of the approvals decided it.
    pub(super) is_by_case: bool,
    pub(super) at: Instant,
}

pub(super) async fn payment_words(at: &mut impl Reads, id: GrantId) -> Result<Option<PaymentWords>, DbError> {
    let row = at
        .query_one(
            "SELECT p.name, r.basis, g.amount_fen, g.restriction, g.decided_at, g.case_id,
               (SELECT COUNT(*) FROM goods_grant_decision d WHERE d.grant_id = g.id AND d.decision = 'approve') AS approvals
             FROM goods_grant g JOIN goods_request r ON r.id = g.request_id JOIN goods_party p ON p.id = r.party_id
             WHERE g.id = ?1 AND g.number IS NOT NULL",
            params![(id,)],
        )
        .await?;
    row.map(|row| {
        Ok(PaymentWords {
            payee: row.text("name")?,
            basis: row.text("basis")?,
            amount: row.fen("amount_fen")?,
            restriction: row.text("restriction")?,
            approvals: row.int("approvals")?,
            is_by_case: row.opt_bytes("case_id")?.is_some(),
            at: row.instant("decided_at")?,
        })
    })
    .transpose()
}

/// Gaps in the series of papers.
const GAPS: &str = "SELECT COUNT(*) AS n FROM (
       SELECT s.unit_id, s.kind, s.year FROM goods_series s LEFT JOIN goods_paper p
         ON p.unit_id = s.unit_id AND p.kind = s.kind AND p.year = s.year
       GROUP BY s.unit_id, s.kind, s.year, s.last
       HAVING COUNT(p.number) <> s.last OR COALESCE(MAX(p.number), 0) <> s.last
     ) AS gaps";
/// Every movement says its paper, but those before the store's door (announced, arrived, inspected, not accepted, not
/// coming) and those from shelf to shelf.
const BARE: &str = "SELECT COUNT(*) AS n FROM goods_move m
     LEFT JOIN goods_move_unpapered u ON u.lot_id = m.lot_id AND u.n = m.n
     WHERE m.paper = '' AND u.n IS NULL AND COALESCE(m.from_state, '') <> 'announced'
       AND COALESCE(m.to_state, '') NOT IN ('announced', 'arrived', 'inspected', 'given_back')
       AND (COALESCE(m.from_state, '') <> 'stocked' OR COALESCE(m.to_state, '') <> 'stocked')";
/// Into the store and out of use: a note of the society's series. What a count found stands on its sheet.
const NOTELESS: &str = "SELECT COUNT(*) AS n FROM goods_move m
     LEFT JOIN goods_paper p ON p.unit_id = m.unit_id AND p.subject = m.lot_id AND p.n = m.n
     WHERE p.n IS NULL AND m.paper <> '' AND (
       (m.to_state IN ('scrapped', 'sold') AND m.from_state = 'stocked')
       OR (m.to_state = 'stocked' AND m.from_state IN ('inspected', 'returned', 'sold'))
       OR (m.to_state = 'stocked' AND m.from_state IS NULL AND m.paper NOT LIKE 'count %'))";
/// From the shelf to the people: a dispatch order. A parcel held for its addressee needs none.
const ORDERLESS: &str = "SELECT COUNT(*) AS n FROM goods_move m JOIN goods_lot l ON l.id = m.lot_id
     LEFT JOIN goods_dispatch d ON d.id = CASE
       WHEN m.to_state IN ('reserved', 'issued', 'in_transit', 'received', 'distributed') THEN m.to_holder
       ELSE m.from_holder END
     WHERE d.id IS NULL AND l.source <> 'held_for_addressee'
       AND (m.to_state IN ('reserved', 'issued', 'in_transit', 'received', 'distributed')
         OR m.from_state IN ('reserved', 'issued', 'in_transit', 'received', 'distributed'))";
/// A parcel handed to its addressee: his signature.
const UNSIGNED: &str = "SELECT COUNT(*) AS n FROM goods_move m JOIN goods_lot l ON l.id = m.lot_id
     LEFT JOIN goods_parcel_signature s ON s.lot_id = m.lot_id AND s.n = m.n
     WHERE l.source = 'held_for_addressee' AND m.to_state = 'distributed' AND s.n IS NULL";
/// What a count corrected: a count of this lot that somebody settled.
const COUNTLESS: &str = "SELECT COUNT(*) AS n FROM goods_move m WHERE m.paper LIKE 'count %'
     AND NOT EXISTS (SELECT 1 FROM goods_count c WHERE c.lot_id = m.lot_id AND c.state = 'settled')";

/// Movements without the paper they must have, and gaps in the series of papers; zero when all is well.
///
/// # Errors
/// Any [`DbError`].
pub async fn recount(at: &mut impl Reads) -> Result<i64, DbError> {
    let mut found = 0;
    for sql in [GAPS, BARE, NOTELESS, ORDERLESS, UNSIGNED, COUNTLESS] {
        let row = at.query_one(sql, Vec::new()).await?;
        found += row.map_or(Ok(0), |row| row.int("n"))?;
    }
    Ok(found)
}
