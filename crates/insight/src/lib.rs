//! Insight: what shows several contexts at once, for reading only. Public pages now; cockpit, league tables and
//! exports as they come. Never writes.

pub mod pages;
