//! A past stream of gifts, whether a pool was asked about them or not: imports too. In the order of payment, then of
//! the payment's number.

use std::collections::HashMap;

use db::{DbError, Param as _, Reads, Row, list_marks, params};
use kernel::id::{Id as _, hex, public};
use kernel::{BusinessDay, CampaignId, GiftId, Instant, ProjectId};
use platform::Services;

use super::super::model::{PayerKind, Person, PoolId};
use super::super::rules::{PastGift, RecordedGift};
use crate::donations::Payer;
use crate::donations::intake::{payer_index, phone_index};

/// Gifts of one stream. Of each some hundred bytes stand in memory while the stream is put in order; whoever has more
/// takes a shorter period.
pub const GIFTS_MAX: usize = 2_000_000;
/// Numbers and times read at once.
const KEYS_PER_READ: i64 = 10_000;
/// Gifts handed over at once.
const GIFTS_PER_PAGE: usize = 500;

/// Gifts for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastOf {
    /// All.
    Everything,
    /// Projects of this campaign.
    Campaign(CampaignId),
    /// One project.
    Project(ProjectId),
}

/// Which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Gifts for what.
    pub of: PastOf,
    /// Paid on this day or later, Beijing time.
    pub from: Option<BusinessDay>,
    /// Paid on this day or earlier.
    pub to: Option<BusinessDay>,
}

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// More than [`GIFTS_MAX`].
    #[error("more than {max} gifts: take a shorter period, one campaign or one project", max = GIFTS_MAX)]
    TooMany,
    /// The database refused.
    #[error("{0}")]
    Db(#[from] DbError),
}

/// A stream in its order, handed over page by page.
pub struct PastStream {
    ids: std::vec::IntoIter<GiftId>,
    /// Payers have names of this stream only, as those of a pool.
    names: PoolId,
}

impl PastStream {
    /// Finds the gifts and puts them in order; sponsors' matches and platforms' are none.
    ///
    /// # Errors
    /// [`PastError`].
    pub async fn open(at: &mut impl Reads, services: &Services, past: &Past) -> Result<Self, PastError> {
        let from = past.from.map_or(i64::MIN, |day| day.start().micros());
        let to = past.to.map_or(i64::MAX, |day| day.plus_days(1).start().micros());
        let of = match past.of {
            PastOf::Everything => "",
            PastOf::Campaign(_) => "AND p.campaign_id = ?5",
            PastOf::Project(_) => "AND g.project_id = ?5",
        };
        let sql = format!(
            "SELECT g.id, g.paid_at, g.trade_no FROM gift g JOIN project p ON p.id = g.project_id
             WHERE g.id > ?1 AND g.paid_at >= ?2 AND g.paid_at < ?3 AND g.source NOT IN ('match', 'platform_match') {of}
             ORDER BY g.id LIMIT ?4"
        );
        let mut found: Vec<(Instant, Box<str>, GiftId)> = Vec::new();
        let mut after = GiftId::from_bytes([0; 16]);
        loop {
            let mut values = params![(after,), from, to, KEYS_PER_READ];
            match past.of {
                PastOf::Everything => {}
                PastOf::Campaign(campaign) => values.push((campaign,).param()),
                PastOf::Project(project) => values.push((project,).param()),
            }
            let rows = at.query(&sql, values).await?;
            let Some(last) = rows.last() else { break };
            after = last.id("id")?;
            if found.len() + rows.len() > GIFTS_MAX {
                return Err(PastError::TooMany);
            }
            for row in &rows {
                found.push((row.instant("paid_at")?, row.text("trade_no")?.into(), row.id("id")?));
            }
        }
        found.sort_unstable();
        let ids: Vec<GiftId> = found.into_iter().map(|(_, _, id)| id).collect();
        Ok(Self {
            ids: ids.into_iter(),
            names: PoolId::new(services.now(), &*services.rng),
        })
    }

    /// The next gifts in their order; none at the end.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn next_page(&mut self, at: &mut impl Reads, services: &Services) -> Result<Vec<PastGift>, DbError> {
        let ids: Vec<GiftId> = self.ids.by_ref().take(GIFTS_PER_PAGE).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let marks = list_marks(at.backend(), 0, ids.len());
        let sql = format!(
            "SELECT g.id, g.channel, g.amount_fen, g.paid_at, g.secret_wrapped, g.payer_sealed, p.code AS project_code,
                p.unit_id AS project_unit, p.region_code AS project_region,
                (SELECT CAST(COALESCE(SUM(r.amount_fen), 0) AS BIGINT) FROM gift_refund r
                    WHERE r.unit_id = g.unit_id AND r.gift_id = g.id AND r.state = 'approved') AS refunded_fen,
                (SELECT COUNT(*) FROM mandate_period m WHERE m.gift_id = g.id) AS months
             FROM gift g JOIN project p ON p.id = g.project_id WHERE g.id IN ({marks})"
        );
        let values = ids.iter().map(|id| (*id,).param()).collect();
        let mut found: HashMap<GiftId, PastGift> = HashMap::with_capacity(ids.len());
        for row in at.query(&sql, values).await? {
            found.insert(row.id("id")?, self.read(&row, services)?);
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    fn read(&self, row: &Row, services: &Services) -> Result<PastGift, DbError> {
        let payer = payer(row, services)?;
        let kind = PayerKind::of_name(payer.name.as_deref());
        let kind = if row.int("months")? > 0 {
            kind.by_mandate()
        } else {
            kind
        };
        let by_id = payer.id.as_deref().map(|id| payer_index(&services.keys, id));
        let blind = by_id.or_else(|| payer.phone.as_deref().map(|phone| phone_index(&services.keys, phone)));
        Ok(PastGift {
            gift: RecordedGift {
                gift: public(&*services.keys, row.id::<GiftId>("id")?),
                project: row.text("project_code")?,
                unit: public(&*services.keys, row.id::<kernel::UnitId>("project_unit")?),
                region: Some(row.word("project_region")?),
                channel: row.word("channel")?,
                amount_fen: row.fen("amount_fen")?,
                paid_at: row.instant("paid_at")?,
            },
            refunded_fen: row.fen("refunded_fen")?,
            person: blind.map(|blind| hex(&Person::in_pool(self.names, &blind).0)),
            payer_kind: Some(kind),
        })
    }
}

/// Who gave, opened in memory only; nobody where it was erased or never told.
fn payer(row: &Row, services: &Services) -> Result<Payer, DbError> {
    let sealed = (row.opt_bytes("secret_wrapped")?, row.opt_bytes("payer_sealed")?);
    let (Some(wrapped), Some(sealed)) = sealed else {
        return Ok(Payer::default());
    };
    let opened = services.keys.gift_secret(&wrapped).ok();
    let plain = opened.and_then(|secret| secret.open("payer", &sealed).ok());
    Ok(plain
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .unwrap_or_default())
}
