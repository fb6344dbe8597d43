//! A parcel that was only held for its addressee is handed to him, with his signature: it leaves the store and the books
//! of what is held for others.

use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::model::{LotState, Move, Source, Spot};
use super::super::rules;
use super::super::store::{self, ParcelSignature};
use super::Outcome;
use crate::dispatch::drawing::Drawing;
use crate::dispatch::model::Proof;
use crate::error::{ReliefError, in_scope};
use crate::told::{Told, finish, moves};
use crate::worth::actions as worth;
use crate::{LotId, PlaceId, SignatureId};

/// What the addressee's name is sealed for.
pub const PARCEL_SIGNER_PLACE: &str = "goods_parcel_signature.signer";
/// What the signature that he drew is sealed for.
pub const PARCEL_DRAWN_PLACE: &str = "goods_parcel_signature.drawn";

/// A parcel handed to its addressee. Holds his name: no `Debug`.
#[derive(Clone)]
pub struct HandedParcel<'a> {
    /// The lot.
    pub lot: LotId,
    /// Where it lay.
    pub place: PlaceId,
    /// How many of the lot's unit.
    pub quantity: i64,
    /// What makes it the same record when it is sent again.
    pub key: &'a str,
    /// Who signed; sealed.
    pub signer: &'a str,
    /// The signature as it was drawn, as [`Drawing`] reads it; empty where none was; sealed.
    pub drawn: &'a str,
    /// What proves it.
    pub proof: Proof,
}

/// Hands a parcel to its addressee. The same key again changes nothing. Fact `goods.parcel_handed`.
///
/// # Errors
/// [`ReliefError::State`] for what is no parcel of somebody, [`ReliefError::Short`], [`ReliefError::Taken`] when the key
/// named another movement, [`ReliefError::Invalid`].
pub async fn hand_parcel(services: &Services, by: &Actor, out: &HandedParcel<'_>) -> Result<Outcome, ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    rules::check_quantity(out.quantity)?;
    rules::check_text("key", out.key, 1)?;
    rules::check_text("signer", out.signer, 1)?;
    let drawn = Drawing::of(out.drawn)?;
    let now = services.now();
    let id = SignatureId::new(now, &*services.rng);
    let mut tx = services.db.begin().await?;
    let lot = store::lock_lot(&mut tx, out.lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsRecord, (lot.unit, "lot"))?;
    if lot.source != Source::HeldForAddressee {
        return Err(ReliefError::State {
            state: lot.source.as_str(),
            wanted: Source::HeldForAddressee.as_str(),
        });
    }
    let step = Move {
        lot: lot.id,
        key: out.key.to_owned(),
        from: Some(Spot::at(LotState::Stocked, out.place)),
        to: Some(Spot::at(LotState::Distributed, out.place)),
        quantity: out.quantity,
        // The paper is the addressee's signature, kept beside.
        paper: "signature".to_owned(),
        reason: String::new(),
        device_at: None,
    };
    if store::is_known(&mut tx, lot.unit, &step).await? {
        return Ok(Outcome::Known);
    }
    let n = store::apply(&mut tx, (lot.unit, by.id), &step, now).await?;
    let seal = |plain: &str, place| services.keys.seal(plain.as_bytes(), place, &*services.rng);
    let signature = ParcelSignature {
        id,
        proof: out.proof,
        shown: giving::donations::mask::name(out.signer),
        sealed: seal(out.signer, PARCEL_SIGNER_PLACE),
        drawn_sealed: drawn.map(|drawn| seal(drawn.as_str(), PARCEL_DRAWN_PLACE)),
    };
    store::insert_parcel_signature(&mut tx, (lot.unit, lot.id, n), signature, now).await?;
    worth::book(&mut tx, services, by, [lot.id]).await?;
    let told = Told {
        unit: lot.unit,
        kind: "goods.parcel_handed",
        subject: lot.id,
        body: json!({ "proof": out.proof, "moves": moves(&[step]) }),
    };
    finish(tx, services, by, told).await?;
    Ok(Outcome::Written)
}
