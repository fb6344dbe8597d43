//! Amending an agreement: one writes the new version down, another puts it in force; the old one is kept.

use kernel::FundId;
use kernel::id::Id as _;
use kernel::id::hex;
use ledger::funds::set_floor;
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::error::FundError;
use super::super::model::{Agreement, Decided, Version, VersionState};
use super::super::{rules, store};
use super::{begin, finish, has_own_fund, host};
use crate::projects;

/// What an agreement is to be from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The whole agreement as amended, by the amendment's own number and day.
    pub agreement: Agreement,
    /// The code of the project whose fund gets the rest.
    pub rest_to: String,
}

/// What is said of an amendment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds from today.
    Agree,
    /// It does not.
    Refuse,
}

/// Writes an amendment down; it waits for another person. The same again changes nothing. Needs
/// [`Permission::ProjectManage`]. Fact `named_fund.amendment_proposed`.
///
/// # Errors
/// [`FundError::AmendmentWaits`] while another one is not decided, [`FundError::Invalid`], [`FundError::State`],
/// [`FundError::NotFit`], [`FundError::NotFound`], [`FundError::Forbidden`].
pub async fn propose_amendment(
    services: &Services,
    by: &Actor,
    id: FundId,
    new: Amendment,
) -> Result<Version, FundError> {
    let now = services.now();
    rules::check(&new.agreement, now.business_day())?;
    let (mut tx, fund) = begin(services, by, (id, Permission::ProjectManage)).await?;
    let rest = projects::store::project_by_code(&mut tx, &new.rest_to).await?;
    let rest = rest.ok_or(FundError::NotFound("rest_to"))?;
    let mut versions = store::versions(&mut tx, fund.unit, id).await?;
    if let Some(waiting) = versions.iter().find(|version| version.state == VersionState::Proposed) {
        let same = waiting.agreement == new.agreement && waiting.rest_to == rest.id;
        return if same {
            Ok(waiting.clone())
        } else {
            Err(FundError::AmendmentWaits)
        };
    }
    rules::amend(&fund, &new.agreement)?;
    if !has_own_fund(&rest) || rest.fund == id || host(&mut tx, fund.unit).await? != host(&mut tx, rest.unit).await? {
        return Err(FundError::NotFit);
    }
    if versions.is_empty()
        && let Some(first) = rules::first_version(&fund)
    {
        store::insert_version(&mut tx, (fund.unit, id), &first).await?;
        versions.push(first);
    }
    let version = Version {
        number: versions.iter().map(|version| version.number).max().unwrap_or(0) + 1,
        agreement: new.agreement,
        rest_to: rest.id,
        state: VersionState::Proposed,
        made_by: by.id,
        made_at: now,
    };
    store::insert_version(&mut tx, (fund.unit, id), &version).await?;
    let body = json!({ "version": version.number });
    finish(
        tx,
        services,
        (&fund, Some(by.id)),
        ("named_fund.amendment_proposed", body),
    )
    .await?;
    Ok(version)
}

/// Decides about an amendment: agreed by another person than who wrote it down, it holds from today, and its floor is kept
/// from now on. What was decided so before stands. Needs [`Permission::BooksPost`]. Fact `named_fund.amended` or
/// `named_fund.amendment_refused`.
///
/// # Errors
/// [`FundError::FourEyes`], [`FundError::State`], [`FundError::NotFound`], [`FundError::Forbidden`].
pub async fn decide_amendment(
    services: &Services,
    by: &Actor,
    id: FundId,
    (number, verdict): (i64, Verdict),
) -> Result<Version, FundError> {
    let now = services.now();
    let (mut tx, mut fund) = begin(services, by, (id, Permission::BooksPost)).await?;
    let versions = store::versions(&mut tx, fund.unit, id).await?;
    let version = versions.iter().find(|version| version.number == number);
    let mut version = version.ok_or(FundError::NotFound("version"))?.clone();
    let of = (fund.unit, id);
    let decided = Decided {
        by: by.id,
        at: now,
        from: now.business_day(),
    };
    match (version.state, verdict) {
        (VersionState::Proposed, Verdict::Agree) if version.made_by == by.id => return Err(FundError::FourEyes),
        (VersionState::Proposed, Verdict::Agree) => rules::amend(&fund, &version.agreement)?,
        (VersionState::Proposed, Verdict::Refuse) => {
            version.state = VersionState::Refused(decided);
            store::set_version(&mut tx, of, &version).await?;
            let body = json!({ "version": number });
            let fact = ("named_fund.amendment_refused", body);
            finish(tx, services, (&fund, Some(by.id)), fact).await?;
            return Ok(version);
        }
        (VersionState::InForce(_) | VersionState::Past(_), Verdict::Agree)
        | (VersionState::Refused(_), Verdict::Refuse) => return Ok(version),
        (other, _) => return Err(FundError::State(other.as_str())),
    }
    for mut old in versions {
        if let VersionState::InForce(decided) = old.state {
            old.state = VersionState::Past(decided);
            store::set_version(&mut tx, of, &old).await?;
        }
    }
    version.state = VersionState::InForce(decided);
    store::set_version(&mut tx, of, &version).await?;
    fund.agreement = version.agreement.clone();
    fund.rest_to = version.rest_to;
    store::set_agreement(&mut tx, &fund).await?;
    let floor = rules::floor(&fund.agreement);
    let books = host(&mut tx, fund.unit).await?;
    set_floor(&mut tx, (books, id), floor, now).await?;
    let body = json!({
        "version": number,
        "from": decided.from,
        "fee_bp": fund.agreement.fee_bp,
        "minimum_fen": fund.agreement.minimum,
        "principal_fen": fund.agreement.principal,
        "floor_fen": floor,
        "rest_to": hex(&fund.rest_to.bytes()),
    });
    finish(tx, services, (&fund, Some(by.id)), ("named_fund.amended", body)).await?;
    Ok(version)
}
