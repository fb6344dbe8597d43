//! Points shops (M-22: 爱心超市): residents earn points by service, recorded by one person and confirmed by another, and spend
//! them for goods on a shop's shelves.
//!
//! Invariants: points are no money and stand in no sum of money; the journal of points is appended to and its sum is the
//! resident's points, never below zero; a shelf never holds less than nothing; what was spent is undone by a mirror; names are
//! sealed, and the public sees sums only, from five residents on.

pub mod actions;
pub mod api;
mod model;
pub mod queries;
pub mod rules;
pub(crate) mod store;

pub use actions::RESIDENT_PLACE;
pub use model::{
    Basket, Entry, EntryKind, NewResident, NewService, Resident, Sale, Service, ServiceKind, ServiceState, Shelf, Shop,
    Totals,
};
