//! Alipay from the order to the bill, against a sandbox that was made from the published interface and not from the
//! adapter: whatever happens to a notice, no gift is lost or counted twice, and there is a record of it.

mod by_hand;
#[cfg(feature = "peers")]
mod peer;
mod town;

use axum::http::StatusCode;
use giving::donations::orders::{ChargeState, Gateway as _, GatewayError, RefundCharge, RefundStep, Way, payments};
use kernel::Fen;
use sandbox::alipay::{Fault, Mode};
use town::{DAY, MINUTE, town, town_with};

fn migrations() -> Vec<db::Migration> {
    integrations::all_migrations()
}

const SUCCESS: (StatusCode, &str) = (StatusCode::OK, "success");
const REFUSED: (StatusCode, &str) = (StatusCode::UNAUTHORIZED, "fail");
const NOT_OURS: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "fail");

fn seen(answers: &[(StatusCode, String)]) -> Vec<(StatusCode, &str)> {
    answers.iter().map(|(status, text)| (*status, text.as_str())).collect()
}

db::both!(
    a_gift_paid_through_alipay_is_a_gift_once,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        let order = town.order(2_000).await;
        let page = town.open(&order).await;
        assert!(page.contains("20.00 元") && page.contains(&order.trade_no) && !page.contains("<script"));
        let back = town.tap(&order, Fault::Repeat);
        // The first answer is the donor's browser, before any notice; then three notices.
        assert_eq!(town.follow(&back).await, "/give/thanks");
        assert_eq!(town.gifts().await, (1, 2_000), "asked for when the donor came back");
        for _ in 0..3 {
            assert_eq!(seen(&town.deliver().await), [SUCCESS]);
        }
        assert!(town.deliver().await.is_empty(), "`success` ended it");
        assert_eq!(town.gifts().await, (1, 2_000));
        assert_eq!(
            (town.facts("gift.confirmed").await, town.facts("order.paid").await),
            (1, 1)
        );
        town.next_day();
        assert_eq!(town.reconcile_yesterday().await, (1, 0, 0));
        town.done().await;
    }
);

db::both!(
    a_lost_notice_is_found_the_next_day,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::Certificate).await;
        town.paid(1_234, Fault::Lose).await;
        town.paid(100, Fault::None).await;
        assert_eq!(seen(&town.deliver().await), [SUCCESS]);
        assert_eq!(town.gifts().await, (1, 100));
        town.next_day();
        assert_eq!(town.reconcile_yesterday().await, (1, 1, 0));
        assert_eq!(
            town.reconcile_yesterday().await,
            (2, 0, 0),
            "the same bill again finds nothing new"
        );
        assert_eq!(town.gifts().await, (2, 1_334));
        assert_eq!(town.facts("payment.reconciled").await, 2);
        town.done().await;
    }
);

db::both!(
    delayed_and_reordered_notices_are_gifts_of_their_own_time,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        let late = town.paid(300, Fault::Delay).await;
        town.paid(500, Fault::Reorder).await;
        assert!(town.deliver().await.is_empty(), "both wait");
        town.paid(700, Fault::Reorder).await;
        town.paid(900, Fault::None).await;
        assert_eq!(
            seen(&town.deliver().await),
            [SUCCESS, SUCCESS, SUCCESS],
            "the last one first"
        );
        assert_eq!(town.gifts().await, (3, 2_100));
        // The order is over when its notice comes; what was paid is a gift all the same.
        town.later(15 * MINUTE);
        assert!(late.expires_at > town.now());
        town.later(3 * 60 * MINUTE);
        assert!(late.expires_at < town.now());
        assert_eq!(seen(&town.deliver().await), [SUCCESS]);
        assert_eq!(town.gifts().await, (4, 2_400));
        town.done().await;
    }
);

db::both!(
    a_forged_notice_is_refused_and_the_true_payment_found,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        let order = town.paid(2_000, Fault::Forge).await;
        assert_eq!(seen(&town.deliver().await), [REFUSED]);
        assert_eq!(town.gifts().await, (0, 0));
        // A genuine one with one digit changed is no better.
        town.paid(800, Fault::None).await;
        for posting in town.sandbox.due() {
            let (status, text) = town.post(&posting.url, posting.body.replace("8.00", "9.00")).await;
            assert_eq!((status, text.as_str()), REFUSED);
        }
        assert_eq!(
            (town.gifts().await, town.refused().await),
            ((0, 0), vec![("bad_signature".into(), 2)])
        );
        let state = payments::refresh(&town.world.giving, order.id).await.expect("a state");
        assert_eq!(state.as_str(), "paid", "asking Alipay itself finds it");
        town.next_day();
        assert_eq!(town.reconcile_yesterday().await, (1, 1, 0));
        assert_eq!(town.gifts().await, (2, 2_800));
        town.done().await;
    }
);

db::both!(
    a_wrong_amount_is_held_and_the_true_one_is_not_lost,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        town.paid(2_000, Fault::WrongAmount).await;
        assert_eq!(
            seen(&town.deliver().await),
            [SUCCESS],
            "held is durable: no more notices are wanted"
        );
        assert_eq!((town.gifts().await, town.held().await), ((0, 0), (1, 2_100)));
        assert_eq!(town.facts("gift.held").await, 1);
        town.next_day();
        // The bill says what was really paid.
        assert_eq!(town.reconcile_yesterday().await, (0, 1, 0));
        assert_eq!(town.gifts().await, (1, 2_000));
        town.done().await;
    }
);

db::both!(
    a_notice_for_another_application_or_account_is_refused,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        town.paid(2_000, Fault::WrongApp).await;
        town.paid(3_000, Fault::WrongSeller).await;
        assert_eq!(seen(&town.deliver().await), [NOT_OURS, NOT_OURS]);
        assert_eq!(town.gifts().await, (0, 0));
        assert_eq!(
            town.refused().await,
            [("wrong_app".to_owned(), 1), ("wrong_seller".to_owned(), 1)]
        );
        town.next_day();
        assert_eq!(town.reconcile_yesterday().await, (0, 2, 0));
        assert_eq!(town.gifts().await, (2, 5_000));
        town.done().await;
    }
);

db::both!(
    a_newer_certificate_is_fetched_and_a_stale_one_refused,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::Certificate).await;
        let order = town.paid(2_000, Fault::None).await;
        town.sandbox.rotate().expect("a new key");
        assert_eq!(
            seen(&town.deliver().await),
            [SUCCESS],
            "signed with a certificate that is not in the settings"
        );
        town.sandbox.go_stale().expect("an old certificate");
        town.paid(500, Fault::None).await;
        assert_eq!(seen(&town.deliver().await), [REFUSED]);
        let asked = town.alipay.query(&order.trade_no).await;
        assert!(matches!(asked, Err(GatewayError::Untrusted(_))), "answers neither");
        assert_eq!(town.gifts().await, (1, 2_000));
        assert_eq!(town.refused().await, [("unknown_certificate".to_owned(), 1)]);
        town.sandbox.rotate().expect("a new key");
        town.later(4 * MINUTE);
        assert_eq!(seen(&town.deliver().await), [SUCCESS], "the refused one, sent again");
        assert_eq!(town.gifts().await, (2, 2_500));
        town.done().await;
    }
);

db::both!(
    a_public_key_that_is_not_in_the_settings_is_not_believed,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        town.sandbox.rotate().expect("a new key");
        let order = town.paid(2_000, Fault::None).await;
        assert_eq!(seen(&town.deliver().await), [REFUSED]);
        let asked = town.alipay.query(&order.trade_no).await;
        assert!(matches!(asked, Err(GatewayError::Untrusted(_))));
        assert_eq!(town.gifts().await, (0, 0));
        town.done().await;
    }
);

db::both!(
    a_clock_two_minutes_off_stops_nothing,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        town.sandbox.set_skew_seconds_max(60);
        town.their_clock.set(town.now().plus_micros(2 * MINUTE));
        let known = town.alipay.query("SQ0").await.expect("asked again with Alipay’s time");
        assert!(known == ChargeState::Unknown);
        let order = town.paid(2_000, Fault::None).await;
        assert_eq!(seen(&town.deliver().await), [SUCCESS]);
        let state = payments::refresh(&town.world.giving, order.id).await.expect("a state");
        assert_eq!((state.as_str(), town.gifts().await), ("paid", (1, 2_000)));
        // An hour is another matter: someone must set the clock.
        town.their_clock.set(town.now().plus_micros(60 * MINUTE));
        let asked = town.alipay.query(&order.trade_no).await;
        assert!(matches!(asked, Err(GatewayError::Clock { seconds: 3_600, .. })));
        town.done().await;
    }
);

db::both!(
    a_refund_goes_out_once_however_often_it_is_asked_for,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        let order = town.paid(2_000, Fault::None).await;
        town.deliver().await;
        let charge = |number: &str, fen: i64| RefundCharge {
            refund_no: number.into(),
            trade_no: order.trade_no.clone(),
            amount: Fen::new(fen),
            paid: Fen::new(2_000),
            reason: "donor_request".into(),
        };
        // The answer to the first request is lost, twice: the adapter tries again under the same number.
        let (first, all) = (charge("R1", 500), charge("R2", 1_500));
        assert!(matches!(
            town.alipay.query_refund(&first).await,
            Ok(RefundStep::Unknown)
        ));
        town.sandbox.lose_answer("alipay.trade.refund");
        assert!(matches!(town.alipay.refund(&first).await, Ok(RefundStep::Done { .. })));
        assert!(
            matches!(town.alipay.refund(&first).await, Ok(RefundStep::Done { .. })),
            "the same again"
        );
        assert!(
            matches!(town.alipay.refund(&all).await, Ok(RefundStep::Done { .. })),
            "all of the rest: no more moved"
        );
        let more = town.alipay.refund(&charge("R3", 1)).await;
        assert!(matches!(more, Ok(RefundStep::Failed { code }) if code == "ACQ.SELLER_BALANCE_NOT_ENOUGH"));
        // A trade that was given back as a whole was paid all the same.
        let state = town.alipay.query(&order.trade_no).await;
        assert!(matches!(state, Ok(ChargeState::Paid(payment)) if payment.amount == Fen::new(2_000)));
        assert_eq!(seen(&town.deliver().await), [SUCCESS, SUCCESS], "notices of refunds");
        assert_eq!(town.gifts().await, (1, 2_000), "are no second gift");
        let bill = {
            town.next_day();
            town.alipay
                .bill(town.world.today().plus_days(-1))
                .await
                .expect("a bill")
        };
        assert_eq!(bill.lines.len(), 3);
        town.done().await;
    }
);

db::both!(
    an_order_is_tried_again_closed_and_not_paid_afterwards,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Mode::PublicKey).await;
        let order = town.order(2_000).await;
        town.open(&order).await;
        town.open(&order).await;
        assert!(matches!(
            town.alipay.query(&order.trade_no).await,
            Ok(ChargeState::Waiting)
        ));
        let state = payments::close(&town.world.giving, order.id).await.expect("closed");
        assert_eq!(state.as_str(), "closed");
        let body = format!("out_trade_no={}&action=pay", order.trade_no);
        assert_eq!(town.sandbox.handle("/alipay/pay", "", body.as_bytes()).status, 400);
        let never = town.order(100).await;
        assert!(matches!(
            town.alipay.query(&never.trade_no).await,
            Ok(ChargeState::Unknown)
        ));
        town.alipay
            .close(&never.trade_no)
            .await
            .expect("what Alipay never heard of is closed");
        town.later(DAY);
        assert_eq!(town.gifts().await, (0, 0));
        town.done().await;
    }
);

db::both!(
    a_payment_on_a_computer_is_a_form_that_needs_no_script,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town_with(test.db.clone(), Mode::Certificate, |settings| {
            assert_eq!(settings["trust"]["mode"], "certificate");
        })
        .await;
        let order = town.order(2_000).await;
        let back = format!("{}/x", town.world.services().base_url);
        let step = payments::pay(&town.world.giving, order.id, &Way::AlipayPage, &back)
            .await
            .expect("a step");
        let giving::donations::orders::PayStep::Form { html } = step else {
            panic!("a form is expected")
        };
        assert!(html.starts_with("<form") && html.contains("<button") && !html.contains("<script"));
        let unescaped = |text: &str| {
            text.replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&")
        };
        let fields = html.split("<input type=\"hidden\" name=\"").skip(1).map(|field| {
            let (name, rest) = field.split_once("\" value=\"").expect("a value");
            (unescaped(name), unescaped(rest.split('"').next().expect("its end")))
        });
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let page = town
            .sandbox
            .handle("/alipay/gateway.do", "charset=utf-8", body.as_bytes());
        assert_eq!(page.status, 200, "{}", String::from_utf8_lossy(&page.body));
        assert!(town.now() < order.expires_at);
        town.done().await;
    }
);
