//! Opening balances over HTTP: what the old books closed with is brought forward into ours, by project.
//!
//! The books know funds by their ids alone; here a line names a project, in whose fund its money lies. Calls the
//! ledger's own action.

pub mod api;
