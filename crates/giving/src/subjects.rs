//! The things of this crate about which cases are put, for the port of approvals.

use db::Snapshot;
use governance::approvals::SubjectId;
use governance::approvals::subjects::{Looked, Owner, Thing};
use kernel::ProjectId;
use kernel::id::Id as _;

use crate::docking::approval as docking;
use crate::donations::refunds::approval as refunds;
use crate::projects;

/// Those who tell whose the things of this crate are.
pub fn subjects() -> Vec<Box<dyn Owner>> {
    vec![Box::new(Projects), Box::new(Refunds), Box::new(Dockings)]
}

struct Projects;

impl Owner for Projects {
    fn kinds(&self) -> &'static [&'static str] {
        &[projects::approval::ADMISSION, projects::approval::RAISE]
    }
    fn look<'a>(&'a self, at: &'a mut Snapshot, _: &'a str, subject: SubjectId) -> Looked<'a> {
        Box::pin(async move {
            let project = projects::store::project(at, ProjectId::from_bytes(subject.bytes())).await?;
            Ok(project.map(|project| Thing {
                unit: project.unit,
                parties: Vec::new(),
            }))
        })
    }
}

struct Refunds;

impl Owner for Refunds {
    fn kinds(&self) -> &'static [&'static str] {
        &[refunds::KIND]
    }
    fn look<'a>(&'a self, at: &'a mut Snapshot, _: &'a str, subject: SubjectId) -> Looked<'a> {
        Box::pin(refunds::thing(at, subject))
    }
}

struct Dockings;

impl Owner for Dockings {
    fn kinds(&self) -> &'static [&'static str] {
        &[docking::KIND]
    }
    fn look<'a>(&'a self, at: &'a mut Snapshot, _: &'a str, subject: SubjectId) -> Looked<'a> {
        Box::pin(docking::thing(at, subject))
    }
}
