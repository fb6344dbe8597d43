//! The tables `partner` and `docking`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{CampaignId, Instant, UnitId};

use super::model::{Agreement, Assessment, Docking, DockingId, DockingState, Partner, PartnerId, StateWord};

pub(super) const PARTNER: &str = "p.id, p.unit_id, p.name, p.credit_code, p.created_at";
pub(super) const DOCKING: &str = "d.id, d.unit_id, d.campaign_id, d.partner_id, p.name AS partner_name, d.state, \
    d.assessed_on, d.conclusion, d.assessment_sha256, d.agreement_no, d.signed_on, d.agreement_sha256, d.named_at, \
    d.ended_at, d.end_reason, d.created_at";

pub(super) fn read_partner(row: &Row) -> Result<Partner, DbError> {
    Ok(Partner {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        name: row.text("name")?,
        credit_code: row.text("credit_code")?,
        created_at: row.instant("created_at")?,
    })
}

fn read_state(row: &Row) -> Result<DockingState, DbError> {
    let moment = |column: &str| {
        row.opt_instant(column)?.ok_or_else(|| DbError::Row {
            column: column.to_owned(),
            why: "missing in this state".to_owned(),
        })
    };
    Ok(match row.word::<StateWord>("state")? {
        StateWord::Prepared => DockingState::Prepared,
        StateWord::Approved => DockingState::Approved,
        StateWord::Named => DockingState::Named {
            at: moment("named_at")?,
        },
        StateWord::Ended => DockingState::Ended {
            at: moment("ended_at")?,
            reason: row.text("end_reason")?,
        },
    })
}

pub(super) fn read(row: &Row) -> Result<Docking, DbError> {
    let assessment = match row.opt_text("assessment_sha256")? {
        Some(sha256) => Some(Assessment {
            on: row.day("assessed_on")?,
            conclusion: row.text("conclusion")?,
            sha256,
        }),
        None => None,
    };
    let agreement = match row.opt_text("agreement_sha256")? {
        Some(sha256) => Some(Agreement {
            number: row.text("agreement_no")?,
            signed_on: row.day("signed_on")?,
            sha256,
        }),
        None => None,
    };
    Ok(Docking {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        campaign: row.id("campaign_id")?,
        partner: row.id("partner_id")?,
        partner_name: row.text("partner_name")?,
        assessment,
        agreement,
        state: read_state(row)?,
        created_at: row.instant("created_at")?,
    })
}

/// A partner.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn partner(at: &mut impl Reads, id: PartnerId) -> Result<Option<Partner>, DbError> {
    let sql = format!("SELECT {PARTNER} FROM partner p WHERE p.id = ?1");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(read_partner).transpose()
}

pub(super) async fn partner_by_code(tx: &mut Tx, unit: UnitId, code: &str) -> Result<Option<Partner>, DbError> {
    let sql = format!("SELECT {PARTNER} FROM partner p WHERE p.unit_id = ?1 AND p.credit_code = ?2");
    let row = tx.query_one(&sql, params![(unit,), code]).await?;
    row.as_ref().map(read_partner).transpose()
}

pub(super) async fn insert_partner(tx: &mut Tx, partner: &Partner) -> Result<(), DbError> {
    let row = params![
        (partner.id,),
        (partner.unit,),
        &partner.name,
        &partner.credit_code,
        partner.created_at
    ];
    let sql = "INSERT INTO partner (id, unit_id, name, credit_code, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(sql, row).await.map(drop)
}

/// A docking.
pub async fn docking(at: &mut impl Reads, id: DockingId) -> Result<Option<Docking>, DbError> {
    let sql = format!("SELECT {DOCKING} FROM docking d JOIN partner p ON p.id = d.partner_id WHERE d.id = ?1");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// A docking, held until the transaction ends.
pub(super) async fn hold(tx: &mut Tx, id: DockingId) -> Result<Option<Docking>, DbError> {
    // Lock, then read: see `campaigns::store::lock`.
    if tx.backend() == Backend::Postgres {
        tx.query("SELECT id FROM docking WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    docking(tx, id).await
}

pub(super) async fn of_partner(
    tx: &mut Tx,
    (unit, campaign, partner): (UnitId, CampaignId, PartnerId),
) -> Result<Option<Docking>, DbError> {
    let sql = format!(
        "SELECT {DOCKING} FROM docking d JOIN partner p ON p.id = d.partner_id
         WHERE d.unit_id = ?1 AND d.campaign_id = ?2 AND d.partner_id = ?3"
    );
    let row = tx.query_one(&sql, params![(unit,), (campaign,), (partner,)]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, docking: &Docking) -> Result<(), DbError> {
    let row = params![
        (docking.id,),
        (docking.unit,),
        (docking.campaign,),
        (docking.partner,),
        docking.state.word().as_str(),
        docking.created_at
    ];
    let sql = "INSERT INTO docking (id, unit_id, campaign_id, partner_id, state, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes what may change of a docking; since when it was named stays.
pub(super) async fn update(tx: &mut Tx, docking: &Docking) -> Result<(), DbError> {
    let (named_at, ended): (Option<Instant>, Option<(Instant, &str)>) = match &docking.state {
        DockingState::Prepared | DockingState::Approved => (None, None),
        DockingState::Named { at } => (Some(*at), None),
        DockingState::Ended { at, reason } => (None, Some((*at, reason.as_str()))),
    };
    let (assessment, agreement) = (docking.assessment.as_ref(), docking.agreement.as_ref());
    let row = params![
        (docking.id,),
        docking.state.word().as_str(),
        assessment.map(|one| one.on),
        assessment.map(|one| one.conclusion.as_str()),
        assessment.map(|one| one.sha256.as_str()),
        agreement.map(|one| one.number.as_str()),
        agreement.map(|one| one.signed_on),
        agreement.map(|one| one.sha256.as_str()),
        named_at,
        ended.map(|(at, _)| at),
        ended.map(|(_, reason)| reason)
    ];
    let sql = "UPDATE docking SET state = ?2, assessed_on = ?3, conclusion = ?4, assessment_sha256 = ?5,
        agreement_no = ?6, signed_on = ?7, agreement_sha256 = ?8, named_at = COALESCE(?9, named_at), ended_at = ?10,
        end_reason = ?11 WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}
