//! What every gift writes beside its own row, whether a person gave it or a sponsor's pool matched one: postings,
//! balances, running totals, a fact.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::DbError;
use db::bulk::{BulkTx, Cell, Kind, Rows, Shape};
use kernel::id::{Id, hex};
use kernel::{BusinessDay, Channel, Fen, GiftId, ImportId, Instant, ReceivingAccountId, Rng, UnitId};
use ledger::wide::{AccountCache, Batch, GiftBooking};
use platform::Keys;
use platform::facts::WideFacts;

use super::super::Payer;
use super::ProjectEntry;
use crate::matching::wide::Grant;

/// The columns of a gift.
const GIFT_COLUMNS: &[(&str, Kind)] = &[
    ("id", Kind::Bytes),
    ("unit_id", Kind::Bytes),
    ("account_id", Kind::Bytes),
    ("trade_no", Kind::Text),
    ("project_id", Kind::Bytes),
    ("channel", Kind::Text),
    ("amount_fen", Kind::Int),
    ("paid_at", Kind::Int),
    ("business_day", Kind::Int),
    ("source", Kind::Text),
    ("anonymous", Kind::Int),
    ("payer_masked", Kind::Text),
    ("phone_month", Kind::Int),
    ("phone_index", Kind::Bytes),
    ("secret_wrapped", Kind::Bytes),
    ("payer_sealed", Kind::Bytes),
];

/// Gifts that come in: a number that is known adds nothing.
pub(super) const GIFTS: Shape = Shape {
    table: "gift",
    columns: GIFT_COLUMNS,
    conflict: "ON CONFLICT (unit_id, account_id, trade_no) DO NOTHING",
};

/// Matches: their numbers are given under the pool's lock, so none can be known.
const MATCHES: Shape = Shape {
    table: "gift",
    columns: GIFT_COLUMNS,
    conflict: "",
};

const TOTALS: Shape = Shape {
    table: "gift_total",
    columns: &[
        ("unit_id", Kind::Bytes),
        ("project_id", Kind::Bytes),
        ("channel", Kind::Text),
        ("business_day", Kind::Int),
        ("gifts", Kind::Int),
        ("sum_fen", Kind::Int),
        ("refunds", Kind::Int),
        ("refund_fen", Kind::Int),
    ],
    conflict: "ON CONFLICT (unit_id, project_id, channel, business_day) DO UPDATE SET
        gifts = gift_total.gifts + excluded.gifts, sum_fen = gift_total.sum_fen + excluded.sum_fen,
        refunds = gift_total.refunds + excluded.refunds, refund_fen = gift_total.refund_fen + excluded.refund_fen",
};

const IMPORT_LINES: Shape = Shape {
    table: "gift_import_line",
    columns: &[("import_id", Kind::Bytes), ("gift_id", Kind::Bytes)],
    conflict: "ON CONFLICT DO NOTHING",
};

/// What booking needs.
pub(crate) struct Booker<'w> {
    /// Accounts of the books.
    pub accounts: &'w mut AccountCache,
    /// Now.
    pub now: Instant,
    /// Chance.
    pub rng: &'w dyn Rng,
    /// The installation's keys.
    pub keys: &'w Keys,
}

/// A gift as it is booked.
pub(crate) struct Booked<'b> {
    pub gift: GiftId,
    pub account: ReceivingAccountId,
    pub unit: UnitId,
    pub channel: Channel,
    pub project: &'b Arc<ProjectEntry>,
    pub amount: Fen,
    pub business_day: BusinessDay,
    pub import: Option<ImportId>,
    /// Of a match: the pool and its running number.
    pub match_of: Option<(&'b str, i64)>,
}

/// Unit, project, channel and day of a running total, in the order of its key.
type TotalKey = ([u8; 16], [u8; 16], &'static str, BusinessDay);

impl Booker<'_> {
    /// Postings, balances, totals, facts, and the lines of their import. Call it once in a transaction.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn book(
        &mut self,
        tx: &mut BulkTx<'_>,
        gifts: &[Booked<'_>],
        facts: &mut WideFacts,
    ) -> Result<(), DbError> {
        if gifts.is_empty() {
            return Ok(());
        }
        let posting_day = self.now.business_day();
        let mut totals: BTreeMap<TotalKey, (i64, i64)> = BTreeMap::new();
        let mut bookings = Vec::with_capacity(gifts.len());
        let mut lines = Rows::with_capacity(&IMPORT_LINES, 0);
        for gift in gifts {
            let project = gift.project;
            bookings.push(GiftBooking {
                gift: gift.gift,
                unit: gift.unit,
                channel: gift.channel,
                project: project.id,
                campaign: project.campaign,
                fund: project.fund,
                restriction: project.restriction,
                amount: gift.amount,
                business_day: gift.business_day,
                posting_day,
            });
            let (unit, project) = (project.unit, project.id);
            let key = (unit.bytes(), project.bytes(), gift.channel.as_str(), gift.business_day);
            let total = totals.entry(key).or_default();
            total.0 += 1;
            // Bounded by AMOUNT_FEN_MAX times GIFTS_PER_BATCH, far below 2^63.
            total.1 = total.1.saturating_add(gift.amount.get());
            let body = fact_of(gift);
            facts.push(unit, "gift.confirmed", gift.gift.bytes(), self.now, body, self.rng);
            if let Some(import) = gift.import {
                lines.push([Cell::id(import), Cell::id(gift.gift)]);
            }
        }
        let mut books = Batch::with_capacity(bookings.len());
        self.accounts.ensure_gifts(tx, &bookings, self.now, self.rng).await?;
        for booking in &bookings {
            books.add_gift(booking, self.accounts)?;
        }
        books.write(tx).await?;
        let mut rows = Rows::with_capacity(&TOTALS, totals.len());
        for ((unit, project, channel, day), (gifts, sum)) in totals {
            rows.push([
                Cell::Id(unit),
                Cell::Id(project),
                channel.into(),
                day.into(),
                gifts.into(),
                sum.into(),
                0.into(),
                0.into(),
            ]);
        }
        tx.insert(&rows).await?;
        tx.insert(&lines).await
    }
}

/// The fact of a gift: ids, codes, the amount. Written by hand because it is written a million times.
pub(super) fn fact_of(gift: &Booked<'_>) -> String {
    let matched = gift.match_of.map_or_else(String::new, |(pool, number)| {
        format!(r#","pool":"{pool}","number":{number}"#)
    });
    format!(
        r#"{{"project":"{}","account":"{}","channel":"{}","amount_fen":{},"day":"{}"{matched}}}"#,
        hex(&gift.project.id.bytes()),
        hex(&gift.account.bytes()),
        gift.channel.as_str(),
        gift.amount.get(),
        gift.business_day,
    )
}

/// Writes the rows of matches and adds them to what is booked: each is its sponsor's own gift.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn add_matches<'g>(
    tx: &mut BulkTx<'_>,
    grants: &'g [Grant],
    booked: &mut Vec<Booked<'g>>,
    tools: &Booker<'_>,
) -> Result<(), DbError> {
    let mut rows = Rows::with_capacity(&MATCHES, grants.len());
    for grant in grants {
        let account = &grant.pool.account;
        let day = tools.now.business_day();
        let name = &grant.pool.sponsor_name;
        let payer = Payer {
            name: Some(name.clone()),
            ..Payer::default()
        };
        let (secret, wrapped) = tools.keys.new_gift_secret(tools.rng);
        let sealed = serde_json::to_vec(&payer)
            .ok()
            .map(|plain| secret.seal("payer", &plain));
        rows.push([
            Cell::id(grant.gift),
            Cell::id(account.unit),
            Cell::id(account.id),
            grant.trade_no().into(),
            Cell::id(grant.project.id),
            Channel::Match.as_str().into(),
            grant.amount.into(),
            tools.now.into(),
            day.into(),
            "match".into(),
            0.into(),
            // A sponsor agrees to be named, so its name stands whole.
            name.as_str().into(),
            Cell::Null,
            Cell::Null,
            wrapped.into(),
            sealed.into(),
        ]);
        booked.push(Booked {
            gift: grant.gift,
            account: account.id,
            unit: account.unit,
            channel: Channel::Match,
            project: &grant.project,
            amount: grant.amount,
            business_day: day,
            import: None,
            match_of: Some((&grant.pool.code, grant.number)),
        });
    }
    tx.insert(&rows).await
}
