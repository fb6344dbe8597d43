//! Partner regions (M-22, 东西部协作): a society stands beside another region's for years.
//!
//! [`regions`] are whom we stand beside, how we visited and what was found to be needed; [`agreements`] say what was
//! promised, and their progress is asked of the books each time; [`amendments`] of signed ones are decided by cases where
//! the unit's policy demands it; [`payments`] carry money out of a fund, [`purchases`]
//! buy on the spot with quotes compared; [`children`] are fitted by their sizes; [`points`] are shops where residents spend
//! points earned by service. [`files`] keeps what was handed in for any of these.
//!
//! What it needs of crates beside it (the worth of goods sent, the store that takes in what was bought, sheets read from
//! files) stands in [`ports`]; `qiao` wires it.

pub mod agreements;
pub mod amendments;
pub mod children;
mod error;
pub mod files;
mod http;
pub mod payments;
pub mod points;
pub mod ports;
pub mod purchases;
pub mod regions;
mod series;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod told;
mod word;

pub use error::{KINDS, PartnerError};
pub use ports::{GoodsSent, Ports, Sent, Sheets, Store};

use db::Migration;
use governance::approvals::subjects::Owner;
use kernel::ids;
use platform::Services;
use platform::facts::AnyReaction;
use platform::rewrap::SealedColumn;
use utoipa_axum::router::OpenApiRouter;

ids! {
    /// A partner region.
    RegionId,
    /// A visit there or from there.
    VisitId,
    /// Something needed.
    NeedId,
    /// An agreement with a partner region.
    AgreementId,
    /// A file handed in.
    HandedId,
    /// Money ordered to be paid under an agreement.
    PaymentId,
    /// A supplier.
    SupplierId,
    /// A local purchase.
    PurchaseId,
    /// A list of children to be fitted.
    ListId,
    /// A child on a list.
    ChildId,
    /// A points shop.
    ShopId,
    /// A resident with points.
    ResidentId,
    /// A service that earns points.
    ServiceId,
    /// What a shop offers.
    ShelfId,
    /// What somebody took for points.
    SaleId,
    /// An amendment of a signed agreement that a case decides.
    AmendmentId,
    /// An item of the store's catalogue, whatever type it has there.
    StoreItemId,
    /// A place of the store, whatever type it has there.
    StorePlaceId,
    /// A lot in the store, whatever type it has there.
    StoreLotId,
}

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "partners/0001_partners",
        sql: include_str!("../migrations/0001_partners.sql"),
    },
    Migration {
        name: "partners/0002_partner_children",
        sql: include_str!("../migrations/0002_partner_children.sql"),
    },
    Migration {
        name: "partners/0003_partner_points",
        sql: include_str!("../migrations/0003_partner_points.sql"),
    },
    Migration {
        name: "partners/0004_partner_stocked",
        sql: include_str!("../migrations/0004_partner_stocked.sql"),
    },
    Migration {
        name: "partners/0005_partner_amendments",
        sql: include_str!("../migrations/0005_partner_amendments.sql"),
    },
];

/// What this crate seals with the installation's keys: contacts, names of children, guardians and residents, files.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "partner_file",
        key: "id",
        column: "secret_wrapped",
        place: platform::keys::GIFT_SECRET_PLACE,
    },
    SealedColumn {
        table: "partner_region",
        key: "id",
        column: "contact_sealed",
        place: regions::CONTACT_PLACE,
    },
    SealedColumn {
        table: "partner_child",
        key: "id",
        column: "name_sealed",
        place: children::NAME_PLACE,
    },
    SealedColumn {
        table: "partner_child",
        key: "id",
        column: "guardian_sealed",
        place: children::GUARDIAN_PLACE,
    },
    SealedColumn {
        table: "partner_resident",
        key: "id",
        column: "name_sealed",
        place: points::RESIDENT_PLACE,
    },
];

/// This crate's reactions to facts.
pub fn reactions() -> Vec<Box<dyn AnyReaction>> {
    vec![Box::new(amendments::approval::AmendmentsDecided)]
}

/// Who tells whose a thing of this crate is that a case is put about.
pub fn subjects() -> Vec<Box<dyn Owner>> {
    vec![Box::new(amendments::approval::Amendments)]
}

/// All routes; those that read goods or sheets, or reach the store, are given the ports.
pub fn routes(ports: &Ports) -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .merge(files::api::routes())
        .merge(regions::api::routes())
        .merge(agreements::api::routes(ports))
        .merge(payments::api::routes())
        .merge(purchases::api::routes(ports))
        .merge(children::api::routes(ports))
        .merge(points::api::routes())
}

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    [&giving::all_migrations()[..], MIGRATIONS].concat()
}
