//! Amendments of signed agreements that a case decides, as JSON.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use governance::approvals::model::{CaseId, Paper};
use kernel::id::public;
use kernel::{ActorId, Instant};
use platform::Services;
use platform::identity::Actor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Problem};

use super::views::{PartnerAgreementWhole, PartnerVersionOut, version_out};
use super::{PartnerTermsIn, shown, terms_in};
use crate::agreements::Version;
use crate::amendments::actions::{self, Asking};
use crate::amendments::{Amendment, AmendmentState, NewAmendment};
use crate::http::id_of;

/// An amendment that a case decides or decided.
#[derive(Serialize, ToSchema)]
pub(super) struct PartnerAmendmentOut {
    /// Its public id.
    id: String,
    /// Where it is.
    state: AmendmentState,
    /// Public id of its case, for `/api/v1/approvals/{case}`.
    case: Option<String>,
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Instant>,
    /// The version that it is or would be.
    said: PartnerVersionOut,
}

pub(super) fn amendment_out(s: &Services, (amendment, case): (Amendment, Option<CaseId>)) -> PartnerAmendmentOut {
    let version = Version {
        version: amendment.base + 1,
        terms: amendment.terms,
        reason: amendment.reason,
        file: Some(amendment.file),
        made_by: amendment.made_by,
        made_at: amendment.made_at,
    };
    PartnerAmendmentOut {
        id: public(&*s.keys, amendment.id),
        state: amendment.state,
        case: case.map(|case| public(&*s.keys, case)),
        decided_at: amendment.decided_at,
        said: version_out(s, version),
    }
}

/// An amendment to be put before those who decide.
#[derive(Deserialize, ToSchema)]
pub(super) struct AskPartnerAmendment {
    /// What makes it the same amendment when it is sent again.
    key: String,
    /// What the agreement shall say.
    terms: PartnerTermsIn,
    /// Why.
    reason: String,
    /// Public id of the signed amendment.
    file: String,
    /// What is asked and why, for those who decide.
    #[serde(default)]
    summary: String,
    /// Further papers; the signed amendment is one already.
    #[serde(default)]
    papers: Vec<Paper>,
    /// Public ids of staff who are concerned and so decide nothing; who asks is anyway.
    #[serde(default)]
    parties: Vec<String>,
    /// Why it takes the emergency lane; absent: it does not.
    #[serde(default)]
    hurry: Option<String>,
}

/// Puts an amendment of a signed agreement before those who decide, where the unit's policy for `partner_amendment` demands a
/// case; approved, it is the agreement's next version. Needs `approval_request` too.
#[utoipa::path(post, path = "/api/v1/partnership/agreements/{agreement}/amendments", tag = "partnership",
    params(("agreement" = String, Path)), request_body = AskPartnerAmendment,
    responses((status = 201, body = PartnerAgreementWhole),
        (status = 409, description = "no policy demands a case, a draft, over, another one waits, the key of another")))]
pub(super) async fn ask_partner_amendment(
    State(s): State<Services>,
    actor: Actor,
    Path(agreement): Path<String>,
    Json(body): Json<AskPartnerAmendment>,
) -> Result<(StatusCode, Json<PartnerAgreementWhole>), Problem> {
    let new = NewAmendment {
        agreement: id_of(&s, &agreement)?,
        key: body.key,
        terms: terms_in(body.terms)?,
        reason: body.reason,
        file: id_of(&s, &body.file)?,
    };
    let parties = body.parties.iter().map(|text| id_of::<ActorId>(&s, text));
    let asking = Asking {
        parties: parties.collect::<Result<_, _>>()?,
        summary: body.summary,
        papers: body.papers,
        hurry: body.hurry,
    };
    actions::ask(&s, &actor, (&new, asking)).await?;
    Ok((StatusCode::CREATED, Json(shown(&s, &actor, &agreement).await?)))
}
