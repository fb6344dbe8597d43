//! Projects: what gifts are for. A mother project (母项目) and the sub-projects (子项目) of the units below it, each
//! with its fund; the general project of a unit, which `init` makes, stands outside any campaign.
//!
//! Invariants: a code is unique in the installation; a sub-project has its mother's campaign and an owner within the
//! mother's unit; mothers have no mothers; restricted and agency money has a fund of its project's own, unrestricted
//! money lies in the unit's general fund; a target is only raised, with a reason. Called by the intake, the pages,
//! `qiao init` and `qiao simulate`, and the staff API. A unit's report from below is merged by making a sub-project
//! under the mother with that unit as owner (M-02).

pub mod actions;
pub mod api;
pub mod approval;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
pub mod store;

pub use error::ProjectError;
pub use model::{
    AmountChoice, Fund, IntakeProject, Nature, NewProject, NotAccepting, Place, Project, ProjectState, TargetChange,
    Under,
};
