//! The tables `goods_place`, `goods_party`, `goods_lot`, `goods_move`, `goods_balance`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, UnitId};

use super::model::{Lot, LotState, Move, NewLot, Spot, ValueBasis};
use crate::error::ReliefError;
use crate::{CountId, LotId, PartyId, PlaceId};

/// Columns of a lot.
pub(crate) const LOT: &str =
    "l.id, l.unit_id, l.item_id, l.unit_word, l.per_base, l.per_box, l.spec, l.source, l.donor_shown,
    l.designated_for, l.expires_on, l.expected_on, l.arrived_at, l.stocked_at, l.value_fen";

/// A lot's row as a value: the one place.
pub(crate) fn read_lot(row: &Row) -> Result<Lot, DbError> {
    Ok(Lot {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        item: row.id("item_id")?,
        unit_word: row.text("unit_word")?,
        per_base: row.int("per_base")?,
        per_box: row.int("per_box")?,
        spec: row.text("spec")?,
        source: row.word("source")?,
        donor_shown: row.text("donor_shown")?,
        designated_for: row.opt_id("designated_for")?,
        expires_on: row.opt_day("expires_on")?,
        expected_on: row.opt_day("expected_on")?,
        arrived_at: row.opt_instant("arrived_at")?,
        stocked_at: row.opt_instant("stocked_at")?,
        value: row.opt_fen("value_fen")?,
    })
}

/// A lot by its id.
pub(crate) async fn lot(at: &mut impl Reads, id: LotId) -> Result<Option<Lot>, DbError> {
    let row = at
        .query_one(
            &format!("SELECT {LOT} FROM goods_lot l WHERE l.id = ?1"),
            params![(id,)],
        )
        .await?;
    row.as_ref().map(read_lot).transpose()
}

/// A lot by the key it was sent with, and how many were announced.
pub(super) async fn lot_by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<(Lot, i64)>, DbError> {
    let row = at
        .query_one(
            &format!(
                "SELECT {LOT}, m.quantity AS announced FROM goods_lot l JOIN goods_move m ON m.lot_id = l.id AND m.n = 1
                 WHERE l.unit_id = ?1 AND l.lot_key = ?2"
            ),
            params![(unit,), key],
        )
        .await?;
    row.map(|row| Ok((read_lot(&row)?, row.int("announced")?))).transpose()
}

pub(super) async fn insert_lot(
    tx: &mut Tx,
    id: LotId,
    new: &NewLot,
    (per_base, donor_shown, donor_sealed): (i64, &str, Vec<u8>),
    now: Instant,
) -> Result<(), DbError> {
    let row = params![
        (id,),
        (new.unit,),
        &new.key,
        (new.item,),
        &new.unit_word,
        per_base,
        new.per_box,
        &new.spec,
        &new.batch,
        new.source.as_str(),
        donor_shown,
        donor_sealed,
        new.designated_for.map(|party| (party,)),
        new.expires_on,
        new.has_certificate,
        new.expected_on,
        now,
        new.value,
        new.basis.as_str(),
    ];
    tx.execute(
        "INSERT INTO goods_lot (id, unit_id, lot_key, item_id, unit_word, per_base, per_box, spec, batch, source, donor_shown,
           donor_sealed, designated_for, expires_on, has_certificate, expected_on, announced_at, value_fen, value_basis, moves)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, 0)",
        row,
    )
    .await
    .map(drop)
}

pub(super) async fn expect_on(tx: &mut Tx, id: LotId, day: kernel::BusinessDay) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_lot SET expected_on = ?2 WHERE id = ?1",
        params![(id,), day],
    )
    .await
    .map(drop)
}

/// Notes when a lot arrived and was stocked first.
async fn note_time(tx: &mut Tx, id: LotId, to: Option<Spot>, now: Instant) -> Result<(), DbError> {
    let sql = match to.map(|spot| spot.state) {
        Some(LotState::Arrived) => "UPDATE goods_lot SET arrived_at = ?2 WHERE id = ?1 AND arrived_at IS NULL",
        Some(LotState::Stocked) => "UPDATE goods_lot SET stocked_at = ?2 WHERE id = ?1 AND stocked_at IS NULL",
        _ => return Ok(()),
    };
    tx.execute(sql, params![(id,), now]).await.map(drop)
}

/// How many pieces lie in a spot.
pub(crate) async fn in_spot(at: &mut impl Reads, lot: LotId, spot: Spot) -> Result<i64, DbError> {
    let row = at
        .query_one(
            "SELECT quantity FROM goods_balance WHERE lot_id = ?1 AND state = ?2 AND holder = ?3",
            params![(lot,), spot.state.as_str(), spot.holder],
        )
        .await?;
    row.map_or(Ok(0), |row| row.int("quantity"))
}

/// Whether some of a lot was made into kits, which took its value along.
pub(crate) async fn was_assembled(at: &mut impl Reads, lot: LotId) -> Result<bool, DbError> {
    let sql = "SELECT n FROM goods_move WHERE lot_id = ?1 AND to_state = ?2 ORDER BY n LIMIT 1";
    let row = at.query_one(sql, params![(lot,), LotState::Assembled.as_str()]).await?;
    Ok(row.is_some())
}

/// Whether a movement with this key is there; `Taken` when it was another one.
pub(crate) async fn is_known(at: &mut impl Reads, unit: UnitId, wanted: &Move) -> Result<bool, ReliefError> {
    let row = at
        .query_one(
            "SELECT lot_id, from_state, to_state, quantity FROM goods_move WHERE unit_id = ?1 AND move_key = ?2",
            params![(unit,), &wanted.key],
        )
        .await?;
    let Some(row) = row else { return Ok(false) };
    let word = |spot: Option<Spot>| spot.map(|spot| spot.state.as_str().to_owned());
    let same = row.id::<LotId>("lot_id")? == wanted.lot
        && row.opt_text("from_state")? == word(wanted.from)
        && row.opt_text("to_state")? == word(wanted.to)
        && row.int("quantity")? == wanted.quantity;
    if same {
        Ok(true)
    } else {
        Err(ReliefError::Taken("movement"))
    }
}

/// Writes a movement and what it changes; gives its running number. The lot is locked by its own counter first: what is
/// read after that stays true until the transaction ends.
///
/// # Errors
/// [`ReliefError::Short`] when less lies there than is moved.
pub(crate) async fn apply(
    tx: &mut Tx,
    (unit, actor): (UnitId, ActorId),
    wanted: &Move,
    now: Instant,
) -> Result<i64, ReliefError> {
    tx.execute(
        "UPDATE goods_lot SET moves = moves + 1 WHERE id = ?1",
        params![(wanted.lot,)],
    )
    .await?;
    let row = tx
        .query_one("SELECT moves FROM goods_lot WHERE id = ?1", params![(wanted.lot,)])
        .await?;
    let n = row.ok_or(ReliefError::NotFound("lot"))?.int("moves")?;
    if let Some(from) = wanted.from {
        let taken = tx
            .execute(
                "UPDATE goods_balance SET quantity = quantity - ?4
                 WHERE lot_id = ?1 AND state = ?2 AND holder = ?3 AND quantity >= ?4",
                params![(wanted.lot,), from.state.as_str(), from.holder, wanted.quantity],
            )
            .await?;
        if taken != 1 {
            return Err(ReliefError::Short {
                wanted: wanted.quantity,
                there: in_spot(tx, wanted.lot, from).await?,
            });
        }
    }
    if let Some(to) = wanted.to {
        tx.execute(
            "INSERT INTO goods_balance (lot_id, state, holder, unit_id, quantity) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (lot_id, state, holder) DO UPDATE SET quantity = goods_balance.quantity + excluded.quantity",
            params![(wanted.lot,), to.state.as_str(), to.holder, (unit,), wanted.quantity],
        )
        .await?;
    }
    let row = params![
        (wanted.lot,),
        n,
        (unit,),
        &wanted.key,
        wanted.from.map(|spot| spot.state.as_str()),
        wanted.from.map(|spot| spot.holder),
        wanted.to.map(|spot| spot.state.as_str()),
        wanted.to.map(|spot| spot.holder),
        wanted.quantity,
        &wanted.paper,
        &wanted.reason,
        (actor,),
        now,
        wanted.device_at,
    ];
    tx.execute(
        "INSERT INTO goods_move (lot_id, n, unit_id, move_key, from_state, from_holder, to_state, to_holder, quantity, paper,
           reason, actor_id, moved_at, device_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        row,
    )
    .await?;
    note_time(tx, wanted.lot, wanted.to, now).await?;
    Ok(n)
}

pub(super) async fn insert_place(
    tx: &mut Tx,
    (id, unit): (PlaceId, UnitId),
    (code, name): (&str, &str),
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_place (id, unit_id, code, name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(id,), (unit,), code, name, now],
    )
    .await
    .map(drop)
}

pub(super) async fn set_region(tx: &mut Tx, id: PlaceId, region: &str) -> Result<(), DbError> {
    let sql = "UPDATE goods_place SET region_code = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), region]).await.map(drop)
}

/// The paper on which a lot came into the store first.
pub(super) async fn intake_paper(at: &mut impl Reads, id: LotId) -> Result<String, DbError> {
    let sql = "SELECT paper FROM goods_move WHERE lot_id = ?1 AND to_state = 'stocked' ORDER BY n LIMIT 1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(String::new()), |row| row.text("paper"))
}

/// The unit of a place.
pub(crate) async fn place_unit(at: &mut impl Reads, id: PlaceId) -> Result<Option<UnitId>, DbError> {
    let row = at
        .query_one("SELECT unit_id FROM goods_place WHERE id = ?1", params![(id,)])
        .await?;
    row.map(|row| row.id("unit_id")).transpose()
}

pub(crate) async fn insert_party(
    tx: &mut Tx,
    (id, unit): (PartyId, UnitId),
    (name, region): (&str, &str),
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_party (id, unit_id, name, region_code, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(id,), (unit,), name, region, now],
    )
    .await
    .map(drop)
}

/// The unit in whose list a party stands.
pub(crate) async fn party_unit(at: &mut impl Reads, id: PartyId) -> Result<Option<UnitId>, DbError> {
    let row = at
        .query_one("SELECT unit_id FROM goods_party WHERE id = ?1", params![(id,)])
        .await?;
    row.map(|row| row.id("unit_id")).transpose()
}

/// A lot, locked until the transaction ends.
pub(crate) async fn lock_lot(tx: &mut Tx, id: LotId) -> Result<Option<Lot>, DbError> {
    tx.execute("UPDATE goods_lot SET moves = moves WHERE id = ?1", params![(id,)])
        .await?;
    lot(tx, id).await
}

/// A count as kept.
pub(super) struct CountRow {
    pub(super) id: CountId,
    pub(super) unit: UnitId,
    pub(super) lot: LotId,
    pub(super) place: PlaceId,
    pub(super) counted: i64,
    pub(super) booked: i64,
    pub(super) by: ActorId,
}

pub(super) async fn insert_count(tx: &mut Tx, row: &CountRow, state: &str, now: Instant) -> Result<(), DbError> {
    let values = params![
        (row.id,),
        (row.unit,),
        (row.lot,),
        (row.place,),
        row.counted,
        row.booked,
        state,
        (row.by,),
        now,
    ];
    tx.execute(
        "INSERT INTO goods_count (id, unit_id, lot_id, place_id, counted, booked, state, reason, counted_by, counted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', ?8, ?9)",
        values,
    )
    .await
    .map(drop)
}

/// The state of a count; none where it was not counted.
pub(super) async fn count_state(at: &mut impl Reads, id: CountId) -> Result<Option<String>, DbError> {
    let sql = "SELECT state FROM goods_count WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map(|row| row.text("state")).transpose()
}

/// A count whose difference waits, locked.
pub(super) async fn waiting_count(tx: &mut Tx, id: CountId) -> Result<Option<CountRow>, DbError> {
    tx.execute("UPDATE goods_count SET state = state WHERE id = ?1", params![(id,)])
        .await?;
    let row = tx
        .query_one(
            "SELECT id, unit_id, lot_id, place_id, counted, booked, counted_by FROM goods_count
             WHERE id = ?1 AND state = 'differs'",
            params![(id,)],
        )
        .await?;
    row.map(|row| {
        Ok(CountRow {
            id: row.id("id")?,
            unit: row.id("unit_id")?,
            lot: row.id("lot_id")?,
            place: row.id("place_id")?,
            counted: row.int("counted")?,
            booked: row.int("booked")?,
            by: row.id("counted_by")?,
        })
    })
    .transpose()
}

pub(super) async fn settle_count(
    tx: &mut Tx,
    id: CountId,
    reason: &str,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_count SET state = 'settled', reason = ?2, settled_by = ?3, settled_at = ?4 WHERE id = ?1",
        params![(id,), reason, (by,), now],
    )
    .await
    .map(drop)
}

/// What somebody said that a lot is worth, and by which evidence.
pub(super) struct Claim {
    pub(super) value: kernel::Fen,
    pub(super) basis: ValueBasis,
    pub(super) evidence: String,
    /// Whether a second person must confirm it before it is booked.
    pub(super) waits: bool,
}

pub(super) async fn insert_claim(
    tx: &mut Tx,
    (id, unit): (LotId, UnitId),
    claim: &Claim,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let state = if claim.waits { "waits" } else { "booked" };
    tx.execute(
        "INSERT INTO goods_value_claim (lot_id, unit_id, value_fen, basis, evidence, state, claimed_by, claimed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            (id,),
            (unit,),
            claim.value,
            claim.basis.as_str(),
            &claim.evidence,
            state,
            (by,),
            now
        ],
    )
    .await
    .map(drop)
}

/// A claim that waits for a second person, and whose it is.
pub(super) async fn waiting_claim(at: &mut impl Reads, id: LotId) -> Result<Option<(Claim, ActorId)>, DbError> {
    let sql =
        "SELECT value_fen, basis, evidence, claimed_by FROM goods_value_claim WHERE lot_id = ?1 AND state = 'waits'";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map(|row| {
        let claim = Claim {
            value: row.fen("value_fen")?,
            basis: row.word("basis")?,
            evidence: row.text("evidence")?,
            waits: true,
        };
        Ok((claim, row.id("claimed_by")?))
    })
    .transpose()
}

/// Gives a lot the value that a second person confirmed.
pub(super) async fn confirm_claim(
    tx: &mut Tx,
    id: LotId,
    claim: &Claim,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_value_claim SET state = 'confirmed', confirmed_by = ?2, confirmed_at = ?3 WHERE lot_id = ?1",
        params![(id,), (by,), now],
    )
    .await?;
    tx.execute(
        "UPDATE goods_lot SET value_fen = ?2, value_basis = ?3 WHERE id = ?1 AND value_fen IS NULL",
        params![(id,), claim.value, claim.basis.as_str()],
    )
    .await
    .map(drop)
}

/// Whether this person took pieces of a lot in at the door.
pub(super) async fn took_in(at: &mut impl Reads, id: LotId, actor: ActorId) -> Result<bool, DbError> {
    let sql = "SELECT n FROM goods_move WHERE lot_id = ?1 AND to_state = 'arrived' AND actor_id = ?2 LIMIT 1";
    Ok(at.query_one(sql, params![(id,), (actor,)]).await?.is_some())
}

/// Whether a certificate of quality came with a lot.
pub(super) async fn has_certificate(at: &mut impl Reads, id: LotId) -> Result<bool, DbError> {
    let sql = "SELECT has_certificate FROM goods_lot WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(false), |row| row.flag("has_certificate"))
}

/// The addressee's signature for a parcel, about to be written.
pub(super) struct ParcelSignature {
    pub(super) id: crate::SignatureId,
    pub(super) proof: crate::dispatch::model::Proof,
    pub(super) shown: String,
    pub(super) sealed: Vec<u8>,
    pub(super) drawn_sealed: Option<Vec<u8>>,
}

pub(super) async fn insert_parcel_signature(
    tx: &mut Tx,
    (unit, lot, n): (UnitId, LotId, i64),
    new: ParcelSignature,
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_parcel_signature (id, unit_id, lot_id, n, proof, signer_shown, signer_sealed, drawn_sealed, signed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            (new.id,),
            (unit,),
            (lot,),
            n,
            new.proof.as_str(),
            new.shown,
            new.sealed,
            new.drawn_sealed,
            now
        ],
    )
    .await
    .map(drop)
}
