//! What a rule may say, and which facts it raises an alert for: pure functions of values.

use kernel::{Fen, Instant, JournalId, ProjectId};
use serde::Deserialize;

use super::error::SupervisionError;
use super::model::{Condition, Moment, ThingId, inner};
use crate::approvals::model::from_hex;

/// The longest title of a rule, in characters.
pub const TITLE_CHARS_MAX: usize = 80;
/// The longest note, in characters.
pub const NOTE_CHARS_MAX: usize = 2_000;
/// The largest share a rule names: ten times what came in.
const PERCENT_MAX: i64 = 1_000;

/// The facts of money spent. Only the first names a project: what a fund pays for goods or to partners is of none.
const SPENT: [&str; 3] = ["books.expenditure_recorded", "goods.grant_paid", "partner.payment_paid"];

type Checked = Result<(), SupervisionError>;

fn demand(holds: bool, field: &'static str, why: &'static str) -> Checked {
    if holds {
        Ok(())
    } else {
        Err(SupervisionError::Invalid { field, why })
    }
}

/// A rule as it was filled in.
///
/// # Errors
/// [`SupervisionError::Invalid`].
pub fn check(title: &str, condition: &Condition) -> Checked {
    let line = (1..=TITLE_CHARS_MAX).contains(&title.chars().count()) && !title.chars().any(char::is_control);
    demand(line, "title", "one line of 1 to 80 characters")?;
    match condition {
        Condition::RefundOver { over_fen, .. }
        | Condition::PayoutOver { over_fen, .. }
        | Condition::ExpenditureOver { over_fen } => demand(over_fen.get() >= 0, "over_fen", "zero or more"),
        Condition::SpendingShare { over_percent, .. } => demand(
            (1..=PERCENT_MAX).contains(over_percent),
            "over_percent",
            "1 to 1,000 per cent",
        ),
        Condition::GoodsOutOfHours { from_hour, to_hour, .. } => demand(
            (0..24).contains(from_hour) && (1..=24).contains(to_hour) && from_hour < to_hour,
            "to_hour",
            "hours of one day, the first before the second",
        ),
        Condition::JournalReversed | Condition::GoodsBreach | Condition::Watched => Ok(()),
    }
}

/// A note.
///
/// # Errors
/// [`SupervisionError::Invalid`].
pub fn check_note(note: &str) -> Checked {
    let fits = note.chars().count() <= NOTE_CHARS_MAX;
    demand(fits, "note", "at most 2,000 characters")
}

/// Whether a fact can raise anything. Gifts cannot: they come by the thousand, and nothing here is about one that came in.
pub fn is_looked_at(kind: &str) -> bool {
    kind != "gift.confirmed" && !kind.starts_with("supervision.")
}

/// What of a fact a rule looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The money it speaks of.
    pub amount: Option<Fen>,
    /// The project whose money was spent.
    pub spent_for: Option<ProjectId>,
    /// The journal that it undoes.
    pub undone: Option<JournalId>,
    /// The deliveries of goods that it moved.
    pub lots: Vec<ThingId>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    amount_fen: Option<Fen>,
    what: Option<What>,
    moves: Vec<Way>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct What {
    amount_fen: Option<Fen>,
    project: Option<String>,
    reverses: Option<String>,
}

#[derive(Deserialize)]
struct Way {
    lot: String,
}

/// Reads a fact's body. One of another shape tells nothing: a rule never stops for a fact it does not know.
pub fn told(kind: &str, body: &str) -> Told {
    let Ok(body) = serde_json::from_str::<Body>(body) else {
        return Told::default();
    };
    let what = body.what.unwrap_or_default();
    let mut lots: Vec<ThingId> = body.moves.iter().filter_map(|way| from_hex(&way.lot)).collect();
    lots.sort_unstable();
    lots.dedup();
    Told {
        amount: body.amount_fen.or(what.amount_fen),
        spent_for: match kind {
            "books.expenditure_recorded" => what.project.as_deref().and_then(from_hex),
            _ => None,
        },
        undone: what.reverses.as_deref().and_then(from_hex),
        lots,
    }
}

/// What a look into other contexts found for a fact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What the project of an expenditure received, and what it has spent.
    pub share: Option<(Fen, Fen)>,
    /// The items of the deliveries that were moved.
    pub items: Vec<ThingId>,
    /// Whether the fact is about a thing on the rule's owner's list.
    pub is_watched: bool,
}

/// Whether a fact raises an alert.
pub fn raises(condition: &Condition, (kind, happened_at): (&str, Instant), told: &Told, found: &Found) -> bool {
    let above = |over: Fen| told.amount.is_some_and(|amount| amount > over);
    let word = |when: Moment, requested: &str, approved: &str| match when {
        Moment::Requested => kind == requested,
        Moment::Approved => kind == approved,
    };
    match condition {
        Condition::RefundOver { over_fen, when } => {
            word(*when, "refund.requested", "refund.approved") && above(*over_fen)
        }
        Condition::PayoutOver { over_fen, when } => {
            word(*when, "payout.requested", "payout.approved") && above(*over_fen)
        }
        Condition::ExpenditureOver { over_fen } => SPENT.contains(&kind) && above(*over_fen),
        Condition::SpendingShare { project, over_percent } => {
            let is_meant = told.spent_for.is_some() && inner(project).is_none_or(|one| told.spent_for == Some(one));
            is_meant && found.share.is_some_and(|share| is_above(share, *over_percent))
        }
        Condition::JournalReversed => kind == "books.journal_reversed",
        Condition::GoodsBreach => kind == "goods.breach_began",
        Condition::GoodsOutOfHours {
            item,
            from_hour,
            to_hour,
        } => {
            let is_meant = inner(item).map_or(!told.lots.is_empty(), |one| found.items.contains(&one));
            let hour = i64::from(happened_at.to_beijing().hour());
            kind.starts_with("goods.") && is_meant && !(*from_hour..*to_hour).contains(&hour)
        }
        Condition::Watched => found.is_watched,
    }
}

/// Whether what was spent is above so many per cent of what was received; of nothing received any spending is.
fn is_above((received, spent): (Fen, Fen), percent: i64) -> bool {
    let (received, spent) = (i128::from(received.get()), i128::from(spent.get()));
    spent > 0 && spent * 100 > received.max(0) * i128::from(percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approvals::model::Hex;
    use kernel::id::Id as _;
    use serde_json::json;

    fn noon() -> Instant {
        Instant::parse_rfc3339("2026-11-23T04:00:00Z").expect("a moment")
    }

    fn raised(condition: &Condition, kind: &str, body: serde_json::Value) -> bool {
        let told = told(kind, &body.to_string());
        raises(condition, (kind, noon()), &told, &Found::default())
    }

    #[test]
    fn a_sum_is_above_and_of_its_own_moment() {
        let refund = Condition::RefundOver {
            over_fen: Fen::new(100_000),
            when: Moment::Approved,
        };
        assert!(raised(&refund, "refund.approved", json!({"amount_fen": 100_001})));
        assert!(!raised(&refund, "refund.approved", json!({"amount_fen": 100_000})));
        assert!(!raised(&refund, "refund.requested", json!({"amount_fen": 100_001})));
        assert!(!raised(&refund, "payout.approved", json!({"amount_fen": 100_001})));
        assert!(!raised(&refund, "refund.approved", json!("nonsense")));
        let spent = Condition::ExpenditureOver { over_fen: Fen::ZERO };
        assert!(raised(
            &Condition::GoodsBreach,
            "goods.breach_began",
            json!({"breach": "too_little"})
        ));
        assert!(!raised(
            &Condition::GoodsBreach,
            "goods.breach_ended",
            json!({"breach": "too_little"})
        ));
        let body = json!({"business_day": "2026-11-22", "what": {"amount_fen": 1}});
        assert!(raised(&spent, "books.expenditure_recorded", body));
        for kind in ["goods.grant_paid", "partner.payment_paid"] {
            assert!(raised(&spent, kind, json!({"fund": "00", "amount_fen": 1})), "{kind}");
        }
        assert!(!raised(&spent, "goods.grant_decided", json!({"amount_fen": 1})));
    }

    #[test]
    fn a_projects_spending_is_held_against_what_came_in() {
        let project = ProjectId::from_bytes([7; 16]);
        let rule = |project: Option<ProjectId>| Condition::SpendingShare {
            project: project.map(Hex),
            over_percent: 80,
        };
        let told = Told {
            amount: Some(Fen::new(1)),
            spent_for: Some(project),
            ..Told::default()
        };
        let look = |rule: &Condition, share: (i64, i64)| {
            let found = Found {
                share: Some((Fen::new(share.0), Fen::new(share.1))),
                ..Found::default()
            };
            raises(rule, ("books.expenditure_recorded", noon()), &told, &found)
        };
        assert!(look(&rule(None), (1_000, 801)));
        assert!(!look(&rule(None), (1_000, 800)));
        assert!(look(&rule(Some(project)), (0, 1)), "of nothing, anything is too much");
        assert!(!look(&rule(Some(ProjectId::from_bytes([8; 16]))), (1_000, 999)));
        assert!(!look(&rule(None), (0, 0)));
    }

    #[test]
    fn goods_are_watched_outside_the_hours_of_beijing() {
        let rule = |item: Option<ThingId>| Condition::GoodsOutOfHours {
            item: item.map(Hex),
            from_hour: 8,
            to_hour: 18,
        };
        let told = told(
            "goods.moved",
            &json!({"moves": [{"lot": "03".repeat(16)}, {"lot": "03".repeat(16)}]}).to_string(),
        );
        assert_eq!(told.lots.len(), 1);
        let item = ThingId::from_bytes([9; 16]);
        let found = Found {
            items: vec![item],
            ..Found::default()
        };
        let at = |text: &str| Instant::parse_rfc3339(text).expect("a moment");
        // 18:00 and 07:59 in Beijing.
        for (moment, is_late) in [
            ("2026-11-23T10:00:00Z", true),
            ("2026-11-23T09:59:59Z", false),
            ("2026-11-22T23:59:00Z", true),
            ("2026-11-23T00:00:00Z", false),
        ] {
            assert_eq!(
                raises(&rule(None), ("goods.moved", at(moment)), &told, &found),
                is_late,
                "{moment}"
            );
        }
        let late = at("2026-11-23T20:00:00Z");
        assert!(raises(&rule(Some(item)), ("goods.moved", late), &told, &found));
        assert!(!raises(
            &rule(Some(ThingId::from_bytes([1; 16]))),
            ("goods.moved", late),
            &told,
            &found
        ));
        assert!(!raises(
            &rule(None),
            ("goods.item_added", late),
            &Told::default(),
            &found
        ));
    }

    #[test]
    fn a_form_that_is_filled_in_wrongly_names_its_field() {
        let wrong = |condition: &Condition| match check("规则", condition) {
            Err(SupervisionError::Invalid { field, .. }) => field,
            _ => "",
        };
        let hours = |from_hour, to_hour| Condition::GoodsOutOfHours {
            item: None,
            from_hour,
            to_hour,
        };
        assert_eq!(wrong(&hours(8, 18)), "");
        assert_eq!(wrong(&hours(18, 8)), "to_hour");
        assert_eq!(wrong(&hours(0, 25)), "to_hour");
        let share = |over_percent| Condition::SpendingShare {
            project: None,
            over_percent,
        };
        assert_eq!(wrong(&share(0)), "over_percent");
        assert_eq!(wrong(&share(1_000)), "");
        assert_eq!(
            wrong(&Condition::ExpenditureOver { over_fen: Fen::new(-1) }),
            "over_fen"
        );
        assert!(check(" \n", &Condition::Watched).is_err());
        assert!(!is_looked_at("gift.confirmed") && is_looked_at("refund.approved"));
    }
}
