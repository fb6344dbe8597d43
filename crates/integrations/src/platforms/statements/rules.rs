//! Whether details, matches and settlement tie: a pure comparison.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Fen;
use serde::Serialize;

use super::model::{SettledPage, Tally};
use crate::platforms::words::said;

said! {
    /// What does not tie.
    What {
        /// The number of gifts.
        GiftCount = "gift_count", "捐赠笔数与明细不符", "the number of gifts is not that of the details";
        /// Their sum.
        GiftSum = "gift_sum", "捐赠金额与明细不符", "the sum of gifts is not that of the details";
        /// The number of matches.
        MatchCount = "match_count", "配捐笔数与配捐明细不符", "the number of matches is not that of the matching statement";
        /// Their sum.
        MatchSum = "match_sum", "配捐金额与配捐明细不符", "the sum of matches is not that of the matching statement";
        /// Details or matches of a page that the settlement does not have.
        NotSettled = "not_settled", "明细中有该项目，结算单中没有", "the page has lines but no place in the settlement";
        /// A page that the settlement names twice.
        Twice = "twice", "结算单中该项目出现两次", "the settlement names the page twice";
        /// What is paid out is not gifts less refunds plus matches less the fee.
        Net = "net", "结算金额不等于捐赠减退款加配捐减手续费", "what is paid out is not gifts − refunds + matches − fee";
        /// A total that a file states.
        TotalRow = "total_row", "文件合计行与各行之和不符", "the total that the file states is not the sum of its lines";
        /// A page that is not in the register.
        PageUnknown = "page_unknown", "该项目未登记，请先登记平台项目", "the page is not in the register; enter it first";
        /// An order that came twice with two amounts, or stands in the books with another.
        AnotherAmount = "another_amount", "同一单号金额不同", "the same number has another amount";
        /// An order that stands twice with two pages.
        AnotherPage = "another_page", "同一单号属于不同项目", "the same number belongs to another page";
        /// The settlement's number was used before for other content.
        NumberUsed = "number_used", "该结算单号已导入过，内容不同", "the settlement’s number was used before for other content";
    }
}

/// Something that does not tie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Difference {
    /// The page's number on the platform, or the file and row.
    pub place: String,
    /// What.
    pub what: What,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// What is stated: a count, or a sum in fen.
    pub stated: i64,
    /// What was found.
    pub found: i64,
}

impl Difference {
    pub(super) fn new(place: impl Into<String>, what: What, stated: i64, found: i64) -> Self {
        Self {
            place: place.into(),
            what,
            zh: what.zh(),
            en: what.en(),
            stated,
            found,
        }
    }
}

/// What was found in the files, page by page.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) gifts: BTreeMap<String, Tally>,
    pub(super) matches: BTreeMap<String, Tally>,
    pub(super) settled: BTreeMap<String, SettledPage>,
}

/// Everything that does not tie, page by page.
pub(super) fn tie(found: &Found, known_pages: &BTreeSet<String>) -> Vec<Difference> {
    let pages: BTreeSet<&String> = found
        .gifts
        .keys()
        .chain(found.matches.keys())
        .chain(found.settled.keys())
        .collect();
    let mut differences = Vec::new();
    for page in pages {
        if !known_pages.contains(page) {
            differences.push(Difference::new(page, What::PageUnknown, 0, 0));
        }
        let gifts = found.gifts.get(page).copied().unwrap_or_default();
        let matches = found.matches.get(page).copied().unwrap_or_default();
        let Some(settled) = found.settled.get(page) else {
            let lines = gifts.count.saturating_add(matches.count);
            differences.push(Difference::new(page, What::NotSettled, 0, lines));
            continue;
        };
        let mut differ = |what, stated: i64, found: i64| {
            if stated != found {
                differences.push(Difference::new(page, what, stated, found));
            }
        };
        differ(What::GiftCount, settled.gifts, gifts.count);
        differ(What::GiftSum, settled.gift_sum.get(), gifts.sum.get());
        differ(
            What::MatchCount,
            settled.matches.unwrap_or(matches.count),
            matches.count,
        );
        differ(What::MatchSum, settled.match_sum.get(), matches.sum.get());
        differ(What::Net, settled.net.get(), expected_net(settled).get());
    }
    differences
}

/// Gifts less refunds plus matches less the fee. A sum that does not fit ties with nothing.
pub(super) fn expected_net(page: &SettledPage) -> Fen {
    let net = page
        .gift_sum
        .minus(page.refund_sum)
        .and_then(|sum| sum.plus(page.match_sum))
        .and_then(|sum| sum.minus(page.fee));
    net.unwrap_or(Fen::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(count: i64, fen: i64) -> Tally {
        Tally {
            count,
            sum: Fen::new(fen),
        }
    }

    fn found() -> Found {
        Found {
            gifts: BTreeMap::from([("200001".into(), tally(2, 1_000))]),
            matches: BTreeMap::from([("200001".into(), tally(1, 300))]),
            settled: BTreeMap::from([(
                "200001".into(),
                SettledPage {
                    gifts: 2,
                    gift_sum: Fen::new(1_000),
                    matches: Some(1),
                    match_sum: Fen::new(300),
                    refund_sum: Fen::new(50),
                    fee: Fen::new(6),
                    net: Fen::new(1_244),
                },
            )]),
        }
    }

    fn known() -> BTreeSet<String> {
        BTreeSet::from(["200001".into()])
    }

    fn told(found: &Found) -> Vec<(What, i64, i64)> {
        let differences = tie(found, &known());
        differences.iter().map(|d| (d.what, d.stated, d.found)).collect()
    }

    #[test]
    fn what_agrees_to_the_fen_ties() {
        assert_eq!(told(&found()), []);
    }

    #[test]
    fn a_missing_gift_is_told_by_count_and_sum() {
        let mut short = found();
        short.gifts.insert("200001".into(), tally(1, 999));
        assert_eq!(told(&short), [(What::GiftCount, 2, 1), (What::GiftSum, 1_000, 999)]);
    }

    #[test]
    fn a_match_without_its_statement_is_told() {
        let mut without = found();
        without.matches.clear();
        assert_eq!(told(&without), [(What::MatchCount, 1, 0), (What::MatchSum, 300, 0)]);
    }

    #[test]
    fn a_settlement_that_does_not_add_up_is_told() {
        let mut wrong = found();
        if let Some(page) = wrong.settled.get_mut("200001") {
            page.net = Fen::new(1_250);
        }
        assert_eq!(told(&wrong), [(What::Net, 1_250, 1_244)]);
    }

    #[test]
    fn a_page_nobody_knows_and_one_nobody_settles_are_told() {
        let mut more = found();
        more.gifts.insert("200002".into(), tally(3, 5));
        let differences = tie(&more, &known());
        let told: Vec<_> = differences
            .iter()
            .map(|d| (d.place.as_str(), d.what, d.found))
            .collect();
        assert_eq!(
            told,
            [("200002", What::PageUnknown, 0), ("200002", What::NotSettled, 3)]
        );
    }
}
