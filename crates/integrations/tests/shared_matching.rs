//! The matching rule on the real stream of 7 February 2020 (issue 3, done-when 3): ordered by the time in the payment's
//! number, then by the number; one yuan for one yuan, no minimum, a cap per gift, the last match partial.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use std::path::PathBuf;

use giving::matching::model::{Candidate, Elsewhere, Kind, Review, Span, Tallies, Window};
use giving::matching::rules::{Tally, decide};
use giving::matching::{Cap, PayerKind, Rule};
use integrations::bills::{GiftLine, Limits, Line, open};
use kernel::{Channel, Fen};

const FILE: &str = "wuhan-redcross/gifts/武汉市红十字会接受社会捐赠明细（二维码及pos机）2020年2月7日.xlsx";

fn stream() -> Vec<GiftLine> {
    #[allow(clippy::disallowed_methods, reason = "a test that is told where the real files lie")]
    let root = std::env::var_os("SHANQIAO_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let mut reader = open(&root.join(FILE), None, &Limits::default()).unwrap();
    let mut gifts = Vec::new();
    while let Some(line) = reader.next_line().unwrap() {
        if let Line::Gift(gift) = line {
            gifts.push(gift);
        }
    }
    // Four digits of the channel, eight of the day, six of the time.
    gifts.sort_by(|a, b| (&a.trade_no[4..18], &a.trade_no).cmp(&(&b.trade_no[4..18], &b.trade_no)));
    gifts
}

/// Gifts matched, what the last one got and what it was.
fn played(gifts: &[GiftLine], cap_yuan: i64, pool_yuan: i64) -> (usize, String, String) {
    let text = format!(
        r#"{{"window":{{"spans":[{{"from":"2020-02-06T16:00:00Z","to":"2020-02-07T16:00:00Z"}}]}},
            "kind":{{"kind":"ratio","permille":1000}},"caps":{{"gift_fen":{}}}}}"#,
        cap_yuan * 100
    );
    let rule: Rule = serde_json::from_str(&text).unwrap();
    assert!(
        matches!((&rule.kind, &rule.window), (Kind::Ratio { permille: 1_000 }, Window { spans, .. })
        if matches!(spans[..], [Span { .. }]))
    );
    let mut tally = Tally::over(Tallies {
        locked: Fen::new(pool_yuan * 100),
        ..Tallies::default()
    });
    let (mut matched, mut last) = (0, None);
    for gift in gifts {
        let candidate = Candidate {
            public_id: &gift.trade_no,
            project: [0; 16],
            project_code: "general",
            unit: [0; 16],
            region: None,
            channel: Channel::Wechat,
            amount: gift.amount,
            paid_at: gift.paid_at,
            person: None,
            payer_kind: PayerKind::Person,
            review: Review::No,
            elsewhere: Elsewhere::Nothing,
        };
        let verdict = decide(&rule, None, &mut tally, &candidate);
        if verdict.given.is_positive() {
            matched += 1;
            last = Some((verdict, gift.amount));
        }
    }
    let (verdict, amount) = last.unwrap();
    assert_eq!(verdict.cap, Some(Cap::Pool));
    assert_eq!(tally.sums.left(), Fen::ZERO);
    (matched, verdict.given.to_grouped(), amount.to_grouped())
}

#[test]
fn the_pool_ends_at_the_gift_that_was_counted_by_hand() {
    let gifts = stream();
    assert_eq!(gifts.len(), 2_514);
    let line = |matched, given: &str, amount: &str| (matched, given.to_owned(), amount.to_owned());
    assert_eq!(played(&gifts, 500, 200_000), line(1_830, "375.88", "1,000.00"));
    assert_eq!(played(&gifts, 1_000, 300_000), line(2_089, "954.52", "8,000.00"));
    assert_eq!(played(&gifts, 100, 50_000), line(1_039, "45.39", "100.00"));
}
