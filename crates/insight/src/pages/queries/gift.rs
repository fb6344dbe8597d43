//! One gift for who knows it: its certificate's page, and the look-up.

use db::{DbError, Param as _, Reads, Value, params};
use giving::donations::intake::phone_index;
use giving::donations::queries::{self, GiftFacts, Standing};
use giving::donations::refunds::{self, RefundState};
use giving::donations::{certificate_id, gift_of_certificate};
use giving::matching;
use giving::matching::queries::OfGift;
use kernel::capitals::in_capitals;
use kernel::id::Id as _;
use kernel::{Fen, GiftId, Instant, UnitId};
use proof::certificates::{self, CertificateError, CertificateStanding};
use proof::log::Whereabouts;
use web::{Locale, Problem};

use super::super::certificate::{CertificatePage, LogWaits};
use super::super::common::{GiftState, Matched};
use super::super::house::{House, of_db};
use super::super::lookup::{FOUND_MAX, FoundGift, Proof, Question, Step, StepKind};
use super::masthead;

/// Accounts asked in one statement: two parameters each.
const ACCOUNTS_PER_STATEMENT: usize = 500;
/// Units that may share one region: a society and its branches.
const UNITS_OF_REGION_MAX: i64 = 50;

pub(in super::super) fn state_of(standing: Standing) -> GiftState {
    match standing {
        Standing::Confirmed => GiftState::Confirmed,
        Standing::PartlyRefunded => GiftState::PartlyRefunded,
        Standing::Refunded => GiftState::Refunded,
        Standing::TakenBack => GiftState::Withdrawn,
    }
}

/// The gift behind the public id of a certificate.
pub(in super::super) fn behind(house: &House, public_id: &str) -> Result<GiftId, Problem> {
    gift_of_certificate(house.id(public_id)?).ok_or_else(Problem::not_found)
}

/// What each matching pool decided about a gift, in its donor's language. The decisions are public rows (the pool's own
/// list names the gift by its public id), so whoever knows the gift may read them.
pub(in super::super) async fn matched(
    at: &mut impl Reads,
    gift: GiftId,
    locale: Locale,
) -> Result<Vec<Matched>, DbError> {
    let told = |of: OfGift| Matched {
        words: matching::words::decision(locale, &of.decision),
        sponsor: of.sponsor,
    };
    let decided = matching::queries::of_gift(at, gift).await?;
    Ok(decided.into_iter().map(told).collect())
}

/// The page of a certificate.
pub(in super::super) async fn certificate(
    house: &House,
    gift: GiftId,
    locale: Locale,
) -> Result<CertificatePage, Problem> {
    let services = house.services();
    let as_of = services.now();
    let shown = certificates::shown(services, gift).await.map_err(|e| e.problem())?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let facts = queries::gift(&mut at, gift)
        .await
        .map_err(of_db)?
        .ok_or_else(Problem::not_found)?;
    let unit = governance::network::queries::unit(&mut at, facts.unit)
        .await
        .map_err(of_db)?;
    let unit = unit.ok_or_else(Problem::not_found)?;
    let mut masthead = masthead(&mut at, &unit, facts.business_day).await.map_err(of_db)?;
    // As printed, should the society have changed its name since.
    masthead.name = shown.unit;
    let matched = matched(&mut at, gift, locale).await.map_err(of_db)?;
    let (state, refunded_on) = match shown.standing {
        CertificateStanding::Valid => (GiftState::Confirmed, None),
        CertificateStanding::PartlyRefunded { since, .. } => (GiftState::PartlyRefunded, Some(since)),
        CertificateStanding::Refunded { since, .. } => (GiftState::Refunded, Some(since)),
        CertificateStanding::TakenBack { .. } => (GiftState::Withdrawn, None),
    };
    let public_id = house.public(certificate_id(gift));
    let offered = shown.number.is_some() && shown.standing == CertificateStanding::Valid;
    let mark = house.mark().await;
    let whereabouts = whereabouts(house, gift).await;
    let paper = |format: &str| offered.then(|| format!("/v/{public_id}/certificate/{format}"));
    Ok(CertificatePage {
        masthead,
        number: shown.number,
        state,
        amount_fen: shown.amount_fen,
        amount_capitals: Some(in_capitals(shown.amount_fen)),
        day: shown.day,
        project: shown.project,
        refunded_fen: shown.standing.refunded(),
        refunded_on: refunded_on.map(Instant::business_day),
        matched,
        sealed_name: Some(shown.name_envelope),
        picture: paper("png"),
        pdf: paper("pdf"),
        log_proof: (whereabouts == Some(Whereabouts::Published)).then(|| format!("/v/{public_id}/proof")),
        log_waits: match whereabouts {
            Some(Whereabouts::WaitsForOthers) => Some(LogWaits::Others),
            Some(Whereabouts::WaitsForBatch) => Some(LogWaits::Batch),
            Some(Whereabouts::Soon) => Some(LogWaits::Soon),
            Some(Whereabouts::Published) | None => None,
        },
        log_position: mark.and_then(|mark| i64::try_from(mark.size).ok()),
        as_of,
        public_id,
    })
}

/// Where the gift is on its way into the log; nothing where the log is not written here, or cannot be read just now.
async fn whereabouts(house: &House, gift: GiftId) -> Option<Whereabouts> {
    let found = house.written()?.whereabouts(house.services(), gift).await;
    found
        .inspect_err(|error| tracing::warn!(%error, "where a gift stands in the public log is not known"))
        .ok()
}

async fn last_refund(at: &mut impl Reads, gift: &GiftFacts) -> Result<Option<Instant>, DbError> {
    let all = refunds::of_gift(at, gift.unit, gift.id).await?;
    let approved = all.iter().filter_map(|refund| match refund.state {
        RefundState::Approved { at, .. } => Some(at),
        RefundState::Requested | RefundState::Rejected { .. } => None,
    });
    Ok(approved.max())
}

/// The gifts that fit all that was asked; the same nothing whichever part does not fit.
pub(in super::super) async fn find(
    house: &House,
    question: &Question,
    locale: Locale,
) -> Result<Vec<FoundGift>, Problem> {
    let mut at = house.services().db.snapshot().await.map_err(of_db)?;
    let mut candidates = by_trade_no(&mut at, &question.number).await.map_err(of_db)?;
    candidates.extend(by_certificate_no(&mut at, &question.number).await.map_err(of_db)?);
    let fitting = fitting(&mut at, house, question, &candidates).await.map_err(of_db)?;
    let mut gifts = Vec::with_capacity(fitting.len());
    for id in fitting {
        gifts.push(found(&mut at, house, (id, locale)).await.map_err(|e| e.problem())?);
    }
    Ok(gifts)
}

/// Gifts with this trade number, in whichever account.
async fn by_trade_no(at: &mut impl Reads, number: &str) -> Result<Vec<GiftId>, DbError> {
    let accounts = governance::network::queries::all_accounts(at).await?;
    let mut ids = Vec::new();
    for part in accounts.chunks(ACCOUNTS_PER_STATEMENT) {
        let mut values = params![number];
        let mut pairs = Vec::with_capacity(part.len());
        for account in part {
            values.extend([(account.unit_id,).param(), (account.id,).param()]);
            let n = values.len();
            pairs.push(format!(
                "(g.unit_id = ?{} AND g.account_id = ?{n} AND g.trade_no = ?1)",
                n - 1
            ));
        }
        // Each pair leads the unique key, so it costs one look into the index.
        let sql = format!("SELECT g.id FROM gift g WHERE {} LIMIT {FOUND_MAX}", pairs.join(" OR "));
        for row in at.query(&sql, values).await? {
            ids.push(row.id("id")?);
        }
    }
    Ok(ids)
}

/// `371300-2026-0000123`: region, year, number. A unit's region may have changed since; the printed one counts.
fn certificate_no(text: &str) -> Option<(&str, i64, i64)> {
    let mut parts = text.split('-');
    let (region, year, number) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str| !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || ![region, year, number].into_iter().all(digits) || year.len() != 4 {
        return None;
    }
    Some((region, year.parse().ok()?, number.parse().ok()?))
}

async fn by_certificate_no(at: &mut impl Reads, text: &str) -> Result<Vec<GiftId>, DbError> {
    let Some((region, year, number)) = certificate_no(text) else {
        return Ok(Vec::new());
    };
    let sql = "SELECT id FROM unit WHERE region_code = ?1 ORDER BY id LIMIT ?2";
    let mut ids = Vec::new();
    for row in at.query(sql, params![region, UNITS_OF_REGION_MAX]).await? {
        let unit: UnitId = row.id("id")?;
        let found = certificates::by_number(at, unit, year, number).await?;
        let printed = |c: &certificates::Certificate| certificates::number_text(&c.frame.region, c.year, c.number);
        ids.extend(found.filter(|c| printed(c) == text).map(|c| c.gift));
    }
    Ok(ids)
}

/// Of these gifts those with the exact amount and the second proof.
async fn fitting(
    at: &mut impl Reads,
    house: &House,
    question: &Question,
    candidates: &[GiftId],
) -> Result<Vec<GiftId>, DbError> {
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let (column, proof): (&str, Value) = match &question.proof {
        Proof::Day(day) => ("business_day", day.param()),
        Proof::Phone(phone) => ("phone_index", phone_index(&house.services().keys, phone).param()),
    };
    let mut values = params![question.amount_fen];
    values.push(proof);
    let mut marks = Vec::with_capacity(candidates.len());
    for id in candidates {
        values.push((*id,).param());
        marks.push(format!("?{}", values.len()));
    }
    let sql = format!(
        "SELECT id FROM gift WHERE id IN ({}) AND amount_fen = ?1 AND {column} = ?2 ORDER BY id LIMIT {FOUND_MAX}",
        marks.join(", ")
    );
    at.query(&sql, values).await?.iter().map(|row| row.id("id")).collect()
}

async fn found(
    at: &mut impl Reads,
    house: &House,
    (id, locale): (GiftId, Locale),
) -> Result<FoundGift, CertificateError> {
    let services = house.services();
    let gift = queries::gift(at, id).await?.ok_or(CertificateError::NotFound)?;
    let project = giving::projects::queries::project(at, gift.project).await?;
    let certificate = certificates::load(at, id).await?;
    // She has shown that the gift is hers: the address she is given opens her name and her papers.
    let key = certificates::showing_key(at, id, services).await?;
    let mut href = format!("/v/{}", house.public(certificate_id(id)));
    if let Some(key) = key {
        href = format!("{href}#{key}");
    }
    let step = |kind, at| Step {
        kind,
        at,
        log_position: None,
    };
    let mut steps = vec![
        step(StepKind::Received, gift.paid_at),
        step(StepKind::Booked, recorded_at(id)),
    ];
    steps.extend(certificate.as_ref().map(|c| step(StepKind::Certified, c.issued_at)));
    if gift.refunded > Fen::ZERO {
        steps.extend(last_refund(at, &gift).await?.map(|at| step(StepKind::Refunded, at)));
    }
    Ok(FoundGift {
        href,
        state: state_of(gift.standing),
        amount_fen: gift.amount,
        day: gift.business_day,
        project: project.map(|p| p.title).unwrap_or_default(),
        certificate_no: certificate.map(|c| certificates::number_text(&c.frame.region, c.year, c.number)),
        matched: matched(at, id, locale).await?,
        steps,
    })
}

/// A gift's id begins with the milliseconds of its recording, in whose transaction it was booked.
fn recorded_at(gift: GiftId) -> Instant {
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&gift.bytes()[..6]);
    Instant::from_micros(i64::from_be_bytes(millis).saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRng;

    #[test]
    fn a_certificates_number_is_told_from_a_trade_number() {
        assert_eq!(certificate_no("371300-2026-0000123"), Some(("371300", 2026, 123)));
        for text in [
            "4200009999202605080000000001",
            "371300-26-1",
            "371300-2026-",
            "a-2026-1",
            "1-2026-1-1",
            "371300-2026-+12",
        ] {
            assert_eq!(certificate_no(text), None, "{text}");
        }
    }

    #[test]
    fn a_gifts_id_tells_when_it_was_recorded() {
        let now = Instant::from_micros(1_778_198_400_123_000);
        assert_eq!(recorded_at(GiftId::new(now, &SeededRng::new(1))), now);
    }
}
