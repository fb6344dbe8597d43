//! Whose eyes a fact is for, beside those who audit: who may read a thing may read what happened to it.

use crate::identity::Permission as P;

/// Who reads what happened, by the first word of a fact's kind. What is not named is for those who audit.
const READERS: &[(&[&str], &[P])] = &[
    (
        &[
            "boards",
            "blocked_word",
            "donor",
            "gift",
            "import",
            "mandate",
            "message",
            "my_gifts",
            "news",
            "order",
            "refund",
            "refund_wish",
            "review",
            "screening",
            "totals",
            "wall",
        ],
        &[P::GiftRead],
    ),
    (&["books", "payout"], &[P::BooksRead]),
    (&["named_fund", "sponsor_plan"], &[P::BooksRead, P::ProjectManage]),
    (
        &["agreement", "match", "pool", "sponsor"],
        &[P::MatchManage, P::MatchApprove, P::BooksRead],
    ),
    (&["campaign", "consent", "docking"], &[P::CampaignManage, P::GiftRead]),
    (
        &["event", "project", "solicitor", "sources", "tag", "team"],
        &[P::ProjectManage, P::GiftRead, P::BooksRead],
    ),
    (&["platform", "population"], &[P::ReportRead]),
    (&["approval", "notice"], &[P::ApprovalRead]),
    (&["document"], &[P::DocumentRead]),
    (&["duty", "report"], &[P::DutyRead]),
    (&["goods"], &[P::GoodsRead]),
    (&["partner"], &[P::PartnerRead]),
    (&["points"], &[P::PartnerRead, P::PointsRecord]),
    (&["account", "payment"], &[P::AccountManage, P::GiftRead]),
    (&["unit"], &[P::UnitManage, P::ReportRead]),
    (&["calendar", "parameter"], &[P::ParameterManage, P::BooksRead]),
    (&["sso"], &[P::UserManage]),
];

/// Who may read a fact of this kind where it happened, beside those who audit.
pub fn readers_of(kind: &str) -> &'static [P] {
    // Of a person, not of an account for money.
    if kind == "account.change_seen" {
        return &[];
    }
    let stem = kind.split('.').next().unwrap_or(kind);
    READERS
        .iter()
        .find(|(stems, _)| stems.contains(&stem))
        .map_or(&[], |(_, readers)| readers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Role, rules};

    #[test]
    fn who_reads_gifts_reads_what_happened_to_them_and_nobody_but_auditors_reads_about_people() {
        assert_eq!(readers_of("gift.confirmed"), [P::GiftRead]);
        assert_eq!(readers_of("goods.lot_moved"), [P::GoodsRead]);
        for kind in [
            "user.added",
            "role.given",
            "session.begun",
            "account.change_seen",
            "personal.copied",
            "break_glass.used",
        ] {
            assert!(readers_of(kind).is_empty(), "{kind}");
        }
        // The supervisor's role reads every kind that anybody of the departments reads.
        for (stems, readers) in READERS.iter().filter(|(stems, _)| !stems.contains(&"sso")) {
            let reads = readers.iter().any(|one| rules::allows(Role::Auditor, *one));
            assert!(reads, "{stems:?}");
        }
    }
}
