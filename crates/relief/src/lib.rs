//! Relief goods: from a flood of boxes to a signature at the bedside.
//!
//! [`tables`] takes in what societies published; [`catalogue`] says what a thing is; [`stock`] knows where every piece
//! is; [`lists`] brings what is there and what is needed together, [`requesters`] ask for one receiver each; [`dispatch`] sends it and brings the signature back, [`recipients`] are the lists of who gets it with which code, [`straight`] is what never enters the store;
//! [`vouchers`] are its papers, [`worth`] its value in the books, [`appraisal`] how goods without a price get
//! one; [`grants`] are the money of list two; [`trucks`] carry it, up to the
//! manifest; [`boxes`] are the codes on them; [`letters`] what a donor promises in writing,
//! [`calls`] what he says on the telephone; [`devices`] are the phones that record all of it where there is no line; [`sales`] are goods that are sold with their proceeds. [`mapping`] says what the
//! texts of tables mean, [`needs`] turns imported needs into requests, [`window`] is the video beside the public page, [`watch`] looks at
//! the stores when nobody does.

pub mod appraisal;
pub mod boxes;
pub mod calls;
pub mod catalogue;
pub mod devices;
pub mod dispatch;
mod error;
pub mod grants;
mod http;
pub mod letters;
pub mod lists;
pub mod mapping;
pub mod needs;
pub mod recipients;
mod recount;
pub mod requesters;
pub mod sales;
pub mod stock;
pub mod straight;
pub mod tables;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod told;
pub mod trucks;
pub mod vouchers;
pub mod watch;
pub mod window;
mod word;
pub mod worth;

pub use error::{KINDS, ReliefError};
pub use recount::{GoodsRecount, recount};

use db::Migration;
use kernel::ids;
use platform::Services;
use platform::facts::reactions::AnyReaction;
use platform::rewrap::SealedColumn;
use utoipa_axum::router::OpenApiRouter;

ids! {
    /// An item of the catalogue.
    ItemId,
    /// A store, a truck, a hall.
    PlaceId,
    /// A hospital, a district, a department that receives goods.
    PartyId,
    /// One delivery of one item.
    LotId,
    /// A count of a lot at a place.
    CountId,
    /// A request for goods or money.
    RequestId,
    /// A proposed allocation.
    PlanId,
    /// An order that goods leave.
    DispatchId,
    /// A signature for what was handed out.
    SignatureId,
    /// The drawn bytes of a paper.
    PaperId,
    /// An order to an outside appraiser.
    AppraisalId,
    /// Money granted to a request.
    GrantId,
    /// A vehicle that carries goods.
    VehicleId,
    /// A journey of a vehicle.
    TripId,
    /// A code on a box, a pallet, a truck.
    BoxId,
    /// A sheet of codes.
    SheetId,
    /// A letter or an agreement of a donor.
    LetterId,
    /// A call on the donation line.
    CallId,
    /// Goods that were sold.
    SaleId,
    /// Texts of tables that were said to be one item.
    MappingId,
    /// A line of an imported table.
    LineId,
    /// A phone that records off line.
    DeviceId,
    /// Somebody who is to be handed goods.
    RecipientId,
    /// Goods that go straight to a receiver.
    StraightId,
    /// What a phone signed.
    RecordId,
    /// A photograph of goods.
    PhotoId,
}

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "relief/0001_relief",
        sql: include_str!("../migrations/0001_relief.sql"),
    },
    Migration {
        name: "relief/0002_papers_value",
        sql: include_str!("../migrations/0002_papers_value.sql"),
    },
    Migration {
        name: "relief/0003_plan_case",
        sql: include_str!("../migrations/0003_plan_case.sql"),
    },
    Migration {
        name: "relief/0004_trucks",
        sql: include_str!("../migrations/0004_trucks.sql"),
    },
    Migration {
        name: "relief/0005_boxes",
        sql: include_str!("../migrations/0005_boxes.sql"),
    },
    Migration {
        name: "relief/0006_place_region",
        sql: include_str!("../migrations/0006_place_region.sql"),
    },
    Migration {
        name: "relief/0007_calls",
        sql: include_str!("../migrations/0007_calls.sql"),
    },
    Migration {
        name: "relief/0008_sales_needs_window",
        sql: include_str!("../migrations/0008_sales_needs_window.sql"),
    },
    Migration {
        name: "relief/0014_devices",
        sql: include_str!("../migrations/0014_devices.sql"),
    },
    Migration {
        name: "relief/0015_drawn_signatures",
        sql: include_str!("../migrations/0015_drawn_signatures.sql"),
    },
    Migration {
        name: "relief/0020_unpapered",
        sql: include_str!("../migrations/0020_unpapered.sql"),
    },
    Migration {
        name: "relief/0021_watch",
        sql: include_str!("../migrations/0021_watch.sql"),
    },
    Migration {
        name: "relief/0022_value_claims",
        sql: include_str!("../migrations/0022_value_claims.sql"),
    },
    Migration {
        name: "relief/0023_parcels",
        sql: include_str!("../migrations/0023_parcels.sql"),
    },
    Migration {
        name: "relief/0024_requesters_plan_history",
        sql: include_str!("../migrations/0024_requesters_plan_history.sql"),
    },
    Migration {
        name: "relief/0025_recipients",
        sql: include_str!("../migrations/0025_recipients.sql"),
    },
    Migration {
        name: "relief/0026_straight",
        sql: include_str!("../migrations/0026_straight.sql"),
    },
    Migration {
        name: "relief/0027_code_tries_breaches_once",
        sql: include_str!("../migrations/0027_code_tries_breaches_once.sql"),
    },
];

/// This crate's reactions to facts.
pub fn reactions() -> Vec<Box<dyn AnyReaction>> {
    vec![
        Box::new(lists::approval::PlansDecided),
        Box::new(grants::approval::GrantsDecided),
    ]
}

/// What this crate seals with the installation's keys: names of donors and of those who signed with what they drew, papers with either.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "goods_line",
        key: "id",
        column: "party_sealed",
        place: tables::actions::PARTY_PLACE,
    },
    SealedColumn {
        table: "goods_lot",
        key: "id",
        column: "donor_sealed",
        place: stock::actions::DONOR_PLACE,
    },
    SealedColumn {
        table: "goods_signature",
        key: "id",
        column: "signer_sealed",
        place: dispatch::actions::SIGNER_PLACE,
    },
    SealedColumn {
        table: "goods_signature",
        key: "id",
        column: "drawn_sealed",
        place: dispatch::actions::DRAWN_PLACE,
    },
    SealedColumn {
        table: "goods_parcel_signature",
        key: "id",
        column: "signer_sealed",
        place: stock::actions::PARCEL_SIGNER_PLACE,
    },
    SealedColumn {
        table: "goods_parcel_signature",
        key: "id",
        column: "drawn_sealed",
        place: stock::actions::PARCEL_DRAWN_PLACE,
    },
    SealedColumn {
        table: "goods_recipient",
        key: "id",
        column: "name_sealed",
        place: recipients::NAME_PLACE,
    },
    SealedColumn {
        table: "goods_paper_drawn",
        key: "id",
        column: "sealed",
        place: vouchers::DRAWN_PLACE,
    },
    SealedColumn {
        table: "goods_letter",
        key: "id",
        column: "contact_sealed",
        place: letters::CONTACT_PLACE,
    },
    SealedColumn {
        table: "goods_call",
        key: "id",
        column: "answers_sealed",
        place: calls::ANSWERS_PLACE,
    },
    SealedColumn {
        table: "goods_sale",
        key: "id",
        column: "buyer_sealed",
        place: sales::BUYER_PLACE,
    },
    SealedColumn {
        table: "goods_device_record",
        key: "id",
        column: "sealed",
        place: devices::RECORD_PLACE,
    },
    SealedColumn {
        table: "goods_photo",
        key: "id",
        column: "note_sealed",
        place: devices::NOTE_PLACE,
    },
    SealedColumn {
        table: "goods_photo",
        key: "id",
        column: "secret_wrapped",
        place: platform::keys::GIFT_SECRET_PLACE,
    },
];

/// All staff and public routes; those that place orders of money need the intake.
pub fn routes(giving: &giving::State) -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .merge(tables::api::routes())
        .merge(catalogue::api::routes())
        .merge(stock::api::routes())
        .merge(lists::api::routes())
        .merge(requesters::api::routes())
        .merge(recipients::api::routes())
        .merge(straight::api::routes())
        .merge(dispatch::api::routes())
        .merge(vouchers::api::routes())
        .merge(appraisal::api::routes())
        .merge(grants::api::routes())
        .merge(trucks::api::routes())
        .merge(boxes::api::routes())
        .merge(letters::api::routes())
        .merge(sales::api::routes())
        .merge(mapping::api::routes())
        .merge(needs::api::routes())
        .merge(window::api::routes())
        .merge(watch::api::routes())
        .merge(devices::api::routes())
        .merge(calls::api::routes(giving))
}

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    [&giving::all_migrations()[..], MIGRATIONS].concat()
}
