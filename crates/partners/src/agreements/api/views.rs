//! Agreements as JSON.

use governance::approvals::CaseId;
use kernel::id::public;
use kernel::{BusinessDay, Instant, RegionCode};
use platform::Services;
use serde::Serialize;
use utoipa::ToSchema;

use super::amendments::{PartnerAmendmentOut, amendment_out};
use crate::agreements::model::{Agreement, AgreementState, TargetKind, Version};
use crate::amendments::Amendment;

/// An agreement.
#[derive(Serialize, ToSchema)]
pub(super) struct PartnerAgreementOut {
    /// Its public id.
    pub(super) id: String,
    /// Public id of the partner region.
    region: String,
    /// Its title.
    title: String,
    /// Where it is.
    state: AgreementState,
    /// The version in force.
    version: i64,
    /// When it was drawn up.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// The day both sides signed.
    #[schema(value_type = Option<String>)]
    signed_on: Option<BusinessDay>,
    /// Public id of the signed paper.
    signed_file: Option<String>,
    /// The day it ended.
    #[schema(value_type = Option<String>)]
    ended_on: Option<BusinessDay>,
    /// Why it ended.
    ended_why: Option<String>,
}

pub(super) fn agreement_out(s: &Services, agreement: Agreement) -> PartnerAgreementOut {
    let (ended_on, ended_why) = agreement.ended.map_or((None, None), |(on, why)| (Some(on), Some(why)));
    PartnerAgreementOut {
        id: public(&*s.keys, agreement.id),
        region: public(&*s.keys, agreement.region),
        title: agreement.title,
        state: agreement.state,
        version: agreement.version,
        made_at: agreement.made_at,
        signed_on: agreement.signed.map(|signed| signed.on),
        signed_file: agreement.signed.map(|signed| public(&*s.keys, signed.file)),
        ended_on,
        ended_why,
    }
}

/// A county of ours beside one of theirs.
#[derive(Serialize, ToSchema)]
struct PartnerPairOut {
    /// Ours: a region code.
    ours: String,
    /// Its name; empty when the national table does not list it.
    ours_name: String,
    /// Theirs: a region code.
    theirs: String,
    /// Its name.
    theirs_name: String,
}

/// What is promised for a year.
#[derive(Serialize, ToSchema)]
struct PartnerTargetOut {
    /// Counted in.
    kind: TargetKind,
    /// The calendar year.
    year: i64,
    /// How much.
    target_fen: i64,
}

/// A version of an agreement.
#[derive(Serialize, ToSchema)]
pub(super) struct PartnerVersionOut {
    /// 1, 2, 3 …
    version: i64,
    /// Its first day.
    #[schema(value_type = String)]
    first_day: BusinessDay,
    /// Its last day.
    #[schema(value_type = String)]
    last_day: BusinessDay,
    /// Counties, one to one.
    pairs: Vec<PartnerPairOut>,
    /// What is promised.
    targets: Vec<PartnerTargetOut>,
    /// Why it was amended; empty for the first.
    reason: String,
    /// Public id of the signed amendment.
    file: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
}

/// An agreement with all its versions, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct PartnerAgreementWhole {
    /// The agreement.
    agreement: PartnerAgreementOut,
    /// What it says, and said.
    versions: Vec<PartnerVersionOut>,
    /// Whether, once signed, it is amended by a case of the approvals.
    by_case: bool,
    /// Amendments that cases decide or decided, the newest first.
    amendments: Vec<PartnerAmendmentOut>,
}

fn named(code: RegionCode) -> String {
    code.full_name().unwrap_or_default()
}

pub(super) fn version_out(s: &Services, version: Version) -> PartnerVersionOut {
    let pairs = version.terms.pairs.iter().map(|pair| PartnerPairOut {
        ours: pair.ours.to_string(),
        ours_name: named(pair.ours),
        theirs: pair.theirs.to_string(),
        theirs_name: named(pair.theirs),
    });
    let targets = version.terms.targets.iter().map(|target| PartnerTargetOut {
        kind: target.kind,
        year: target.year,
        target_fen: target.amount.get(),
    });
    PartnerVersionOut {
        version: version.version,
        first_day: version.terms.first_day,
        last_day: version.terms.last_day,
        pairs: pairs.collect(),
        targets: targets.collect(),
        reason: version.reason,
        file: version.file.map(|file| public(&*s.keys, file)),
        made_at: version.made_at,
    }
}

pub(super) fn whole(
    s: &Services,
    agreement: Agreement,
    versions: Vec<Version>,
    (by_case, asked): (bool, Vec<(Amendment, Option<CaseId>)>),
) -> PartnerAgreementWhole {
    PartnerAgreementWhole {
        agreement: agreement_out(s, agreement),
        versions: versions.into_iter().map(|version| version_out(s, version)).collect(),
        by_case,
        amendments: asked.into_iter().map(|one| amendment_out(s, one)).collect(),
    }
}
