//! Payments through the real WeChat adapter against the sandbox: nothing lost, nothing doubled, every fault on record.
#![allow(
    clippy::disallowed_methods,
    reason = "tests make the chance that signatures are blinded with"
)]

mod connecting;
mod line;
#[path = "../common/toys.rs"]
mod toys;

use giving::donations::error::DonationError;
use giving::donations::orders::payments::{self, Confirmed, reconcile, refresh, sweep};
use giving::donations::orders::{GatewayError, OrderState, PayStep, Way, find, pay};
use giving::donations::refunds::{self, RefundReason};
use giving::donations::review;
use line::{DAY, Line, MINUTE, Trusting, h5, line};
use sandbox::Faults;

async fn state(line: &Line, order: &giving::donations::orders::Order) -> OrderState {
    let services = line.world.services();
    let mut at = services.db.snapshot().await.expect("a snapshot");
    let order = find(&mut at, order.id).await.expect("reads").expect("the order");
    payments::state(&mut at, &order, services.now()).await.expect("reads")
}

fn paid_notice(outcome: &str, times: i64) -> (String, String, i64) {
    ("TRANSACTION.SUCCESS".into(), outcome.into(), times)
}

db::both!(
    a_payment_is_one_gift_however_often_its_notice_comes,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        let created = line.order(2_000).await;
        assert_eq!(state(&line, &created).await, OrderState::Created);
        line.sandbox.set_faults(Faults {
            repeat: 3,
            ..Faults::default()
        });
        let order = line.begun(2_000).await;
        assert!(matches!(state(&line, &order).await, OrderState::Pending { .. }));
        assert!(line.sandbox.pay_wechat(&order.trade_no));
        assert_eq!(line.sandbox.deliver().await, 4);
        assert_eq!(line.gifts().await, (1, 2_000));
        assert!(matches!(state(&line, &order).await, OrderState::Paid { .. }));
        assert_eq!(line.log().await, [paid_notice("recorded", 4)]);
        assert_eq!(
            line.count("SELECT COUNT(*) AS n FROM fact WHERE kind = 'order.paid'")
                .await,
            1
        );
        let again = pay(&line.world.giving, order.id, &h5(), "http://127.0.0.1:8080/").await;
        assert!(matches!(again, Err(DonationError::OrderOver("paid"))));
        line.world.stop();
    }
);

db::both!(
    an_order_tried_again_keeps_its_number_and_the_chat_app_gets_signed_parameters,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        let order = line.order(100).await;
        let way = Way::WechatJsapi { openid: "oTest".into() };
        let mut packages = Vec::new();
        for answers_lost in [0, 1] {
            line.lose_answers(answers_lost);
            let step = pay(&line.world.giving, order.id, &way, "http://127.0.0.1:8080/")
                .await
                .expect("a step, and one lost answer is asked for again");
            let PayStep::Jsapi { params } = step else {
                panic!("parameters for the sheet")
            };
            let said = |name: &str| params[name].as_str().expect("a text").to_owned();
            assert_eq!(said("signType"), "RSA");
            packages.push(said("package"));
        }
        assert_eq!(packages[0], packages[1], "the same order at WeChat");
        assert!(packages[0].starts_with("prepay_id=wx"));
        line.lose_answers(2);
        let none = pay(&line.world.giving, order.id, &way, "http://127.0.0.1:8080/").await;
        assert!(
            matches!(none, Err(DonationError::Gateway(GatewayError::TryAgain(_)))),
            "{none:?}"
        );
        let step = pay(&line.world.giving, order.id, &Way::WechatNative, "")
            .await
            .expect("a step");
        assert!(matches!(step, PayStep::Qr { .. }));
        assert_eq!(line.count("SELECT COUNT(*) AS n FROM payment_attempt").await, 1);
        assert_eq!(
            line.count("SELECT COUNT(*) AS n FROM fact WHERE kind = 'payment.begun'")
                .await,
            1
        );
        line.world.stop();
    }
);

db::both!(
    a_lost_notice_is_found_by_asking_and_by_the_next_days_bill,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        line.sandbox.set_faults(Faults {
            lose: true,
            ..Faults::default()
        });
        let asked = line.paid(500).await;
        assert_eq!(line.sandbox.deliver().await, 0);
        assert_eq!(line.gifts().await, (0, 0));
        assert!(matches!(
            refresh(&line.world.giving, asked.id).await,
            Ok(OrderState::Paid { .. })
        ));
        assert_eq!(line.gifts().await, (1, 500));

        let missed = line.paid(700).await;
        line.later(DAY);
        let day = line.world.today().plus_days(-1);
        let connected = line.world.giving.gateways.all()[0].clone();
        let found = reconcile(&line.world.giving, &connected, day).await.expect("a bill");
        assert_eq!((found.lines, found.agreed, found.found, found.held), (2, 1, 1, 0));
        assert!(found.missing.is_empty() && found.refunds_unknown.is_empty());
        assert!(
            matches!(state(&line, &missed).await, OrderState::Paid { .. }),
            "late, and a gift all the same"
        );
        let again = reconcile(&line.world.giving, &connected, day).await.expect("a bill");
        assert_eq!((again.lines, again.agreed, again.found), (2, 2, 0));
        assert_eq!(line.gifts().await, (2, 1_200));
        assert_eq!(
            line.count("SELECT found AS n FROM payment_reconciliation").await,
            1,
            "what was found stays told"
        );
        line.world.stop();
    }
);

db::both!(
    notices_may_come_late_and_in_another_order,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        line.sandbox.set_faults(Faults {
            delay: true,
            reorder: true,
            repeat: 1,
            ..Faults::default()
        });
        let orders = [line.paid(100).await, line.paid(200).await, line.paid(300).await];
        assert_eq!(line.sandbox.deliver_due().await, 0, "held back");
        line.later(3 * 60 * MINUTE);
        assert_eq!(state(&line, &orders[0]).await, OrderState::Expired);
        assert_eq!(line.sandbox.deliver().await, 6);
        assert_eq!(
            line.gifts().await,
            (3, 600),
            "a late notice of an expired order is still a gift"
        );
        for order in &orders {
            assert!(matches!(state(&line, order).await, OrderState::Paid { .. }));
        }
        line.world.stop();
    }
);

db::both!(
    a_forged_notice_is_refused_and_recorded_and_the_real_one_is_taken,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        line.sandbox.set_faults(Faults {
            forge: true,
            ..Faults::default()
        });
        line.paid(900).await;
        line.sandbox.deliver().await;
        let path = format!("/api/v1/payments/wechat/{}/notice", line.account);
        assert_eq!(line.post(&path, &[], "{}".into()).await, 401, "without a signature");
        let probe = [
            ("wechatpay-timestamp", "1778198400"),
            ("wechatpay-nonce", "n"),
            ("wechatpay-serial", "UNKNOWN"),
            ("wechatpay-signature", "WECHATPAY/SIGNTEST/x"),
        ];
        assert_eq!(
            line.post(&path, &probe, "{}".into()).await,
            401,
            "WeChat’s own probe of us"
        );
        assert_eq!(
            line.post("/api/v1/payments/wechat/nobody/notice", &[], "{}".into())
                .await,
            404
        );
        assert_eq!(line.gifts().await, (0, 0));
        let day = line.world.today();
        assert_eq!(
            line.log().await,
            [
                (format!("refused:{day}:signature"), "refused".into(), 2),
                (format!("refused:{day}:unknown_key"), "refused".into(), 1)
            ]
        );
        line.sandbox.set_faults(Faults::default());
        line.sandbox.deliver().await;
        assert_eq!(line.gifts().await, (1, 900), "sent again by WeChat, this time its own");
        line.world.stop();
    }
);

db::both!(
    a_wrong_amount_is_held_with_what_was_ordered_and_a_person_decides,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        line.sandbox.set_faults(Faults {
            wrong_amount_fen: Some(1),
            repeat: 1,
            ..Faults::default()
        });
        let order = line.paid(5_000).await;
        line.sandbox.deliver().await;
        assert_eq!(line.gifts().await, (0, 0), "held, not dropped and not booked");
        assert_eq!(line.log().await, [paid_notice("held", 2)]);
        assert!(
            matches!(state(&line, &order).await, OrderState::Pending { .. }),
            "it waits for a person"
        );
        let again = pay(&line.world.giving, order.id, &h5(), "http://127.0.0.1:8080/").await;
        assert!(
            matches!(again, Err(DonationError::OrderOver("paid"))),
            "nobody is asked to pay twice"
        );
        assert_eq!(line.count("SELECT COUNT(*) AS n FROM gift_review").await, 1);
        let services = line.world.services();
        let mut at = services.db.snapshot().await.expect("a snapshot");
        let everything = platform::identity::Scope::Everything;
        let held = review::list(&mut at, None, (&everything, &services.tree), None, 10)
            .await
            .expect("held");
        drop(at);
        assert_eq!(
            (
                held[0].amount.get(),
                held[0].ordered.map(kernel::Fen::get),
                held[0].known
            ),
            (1, Some(5_000), None)
        );
        let accepted = review::accept(&line.world.giving, &line.world.officer, held[0].id)
            .await
            .expect("accepted");
        assert_eq!(line.gifts().await, (1, 1));
        let now = state(&line, &order).await;
        assert!(
            matches!(now, OrderState::Paid { gift, .. } if gift == accepted.gift),
            "{now:?}"
        );
        assert!(matches!(
            refresh(&line.world.giving, order.id).await,
            Ok(OrderState::Paid { .. })
        ));
        line.later(DAY);
        let connected = line.world.giving.gateways.all()[0].clone();
        let day = line.world.today().plus_days(-1);
        let found = reconcile(&line.world.giving, &connected, day).await.expect("a bill");
        assert_eq!((found.agreed, found.held), (1, 0), "the decision stands");
        line.sandbox.set_faults(Faults::default());
        let right = reconcile(&line.world.giving, &connected, day).await.expect("a bill");
        assert_eq!(
            (right.agreed, right.held),
            (0, 1),
            "another amount than the gift’s is held"
        );
        assert_eq!(line.gifts().await, (1, 1));
        line.world.stop();
    }
);

db::both!(
    a_new_certificate_is_fetched_once_and_one_that_is_over_is_refused,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        line.paid(100).await;
        line.sandbox.deliver().await;
        assert_eq!(line.count("SELECT COUNT(*) AS n FROM payment_platform_key").await, 1);
        line.later(2 * MINUTE);
        line.sandbox.rotate_wechat().expect("a new certificate");
        let order = line.paid(200).await;
        line.sandbox.deliver().await;
        assert_eq!(line.gifts().await, (2, 300), "the new certificate was fetched");
        assert_eq!(line.count("SELECT COUNT(*) AS n FROM payment_platform_key").await, 2);
        assert!(matches!(state(&line, &order).await, OrderState::Paid { .. }));

        line.later(2 * MINUTE);
        let third = line.paid(400).await;
        line.sandbox.set_faults(Faults {
            stale_certificate: true,
            ..Faults::default()
        });
        line.sandbox.deliver().await;
        assert_eq!(line.gifts().await, (2, 300));
        let day = line.world.today();
        assert!(
            line.log()
                .await
                .contains(&(format!("refused:{day}:unknown_key"), "refused".into(), 1))
        );
        let asked = refresh(&line.world.giving, third.id).await;
        assert!(
            matches!(&asked, Err(DonationError::Gateway(GatewayError::Untrusted(why))) if why.contains("no longer valid")),
            "{:?}",
            asked.err()
        );
        line.sandbox.set_faults(Faults::default());
        line.sandbox.deliver().await;
        assert_eq!(line.gifts().await, (3, 700), "nothing was lost");
        line.world.stop();
    }
);

db::both!(
    a_clock_two_minutes_off_works_and_ten_minutes_off_says_so,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        for (seconds, gifts) in [(120, 1), (-120, 2)] {
            line.sandbox.set_faults(Faults {
                clock_offset_seconds: seconds,
                ..Faults::default()
            });
            line.paid(100).await;
            line.sandbox.deliver().await;
            assert_eq!(line.gifts().await.0, gifts, "{seconds} s off");
        }
        line.sandbox.set_faults(Faults::default());
        line.paid(100).await;
        let order = line.order(100).await;
        line.sandbox.set_faults(Faults {
            clock_offset_seconds: 600,
            ..Faults::default()
        });
        line.sandbox.deliver().await;
        assert_eq!(line.gifts().await.0, 2);
        let day = line.world.today();
        assert!(
            line.log()
                .await
                .contains(&(format!("refused:{day}:clock"), "refused".into(), 1))
        );
        let begun = pay(&line.world.giving, order.id, &h5(), "http://127.0.0.1:8080/").await;
        let Err(DonationError::Gateway(GatewayError::Clock { seconds, allowed })) = begun else {
            panic!("the clock is named: {:?}", begun.err());
        };
        assert_eq!((seconds, allowed), (600, 300));
        line.sandbox.set_faults(Faults::default());
        line.sandbox.deliver().await;
        assert_eq!(line.gifts().await, (3, 300), "with the clock set, what waited comes in");
        line.world.stop();
    }
);

db::both!(
    an_approved_refund_goes_back_the_way_it_came_once,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::PublicKey).await;
        let order = line.paid(1_000).await;
        line.sandbox.deliver().await;
        let OrderState::Paid { gift, .. } = state(&line, &order).await else {
            panic!("paid")
        };
        let services = line.world.services();
        let what = (gift, kernel::Fen::new(400), RefundReason::WrongPayment);
        let asked = refunds::request(services, &line.world.officer, what, "k")
            .await
            .expect("asked");
        assert_eq!(
            sweep(&line.world.giving).await.expect("a look").refunds,
            0,
            "not before it is approved"
        );
        refunds::approve(services, &line.world.second, asked.id)
            .await
            .expect("approved");
        line.sandbox.set_faults(Faults {
            repeat: 2,
            ..Faults::default()
        });
        assert_eq!(sweep(&line.world.giving).await.expect("a look").refunds, 1);
        let done = "SELECT COUNT(*) AS n FROM payment_refund WHERE state = 'done'";
        assert_eq!(line.count(done).await, 0, "on its way");
        line.sandbox.deliver().await;
        assert_eq!(line.count(done).await, 1, "told by its notice");
        assert!(line.log().await.contains(&("REFUND.SUCCESS".into(), "noted".into(), 3)));
        assert_eq!(sweep(&line.world.giving).await.expect("a look").refunds, 0);
        assert_eq!(
            line.count("SELECT COUNT(*) AS n FROM fact WHERE kind = 'payment.refund_settled'")
                .await,
            1
        );
        line.later(DAY);
        let connected = line.world.giving.gateways.all()[0].clone();
        let day = line.world.today().plus_days(-1);
        let found = reconcile(&line.world.giving, &connected, day).await.expect("a bill");
        assert_eq!((found.lines, found.agreed), (1, 1));
        assert!(found.refunds_unknown.is_empty() && found.missing.is_empty());
        line.world.stop();
    }
);

db::both!(
    what_is_not_paid_in_time_is_closed_and_a_lost_refund_notice_is_asked_after,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        let never = line.begun(100).await;
        let order = line.paid(1_000).await;
        line.sandbox.deliver().await;
        let OrderState::Paid { gift, .. } = state(&line, &order).await else {
            panic!("paid")
        };
        let services = line.world.services();
        let what = (gift, kernel::Fen::new(1_000), RefundReason::DuplicatePayment);
        let asked = refunds::request(services, &line.world.officer, what, "k")
            .await
            .expect("asked");
        refunds::approve(services, &line.world.second, asked.id)
            .await
            .expect("approved");
        line.sandbox.set_faults(Faults {
            lose: true,
            ..Faults::default()
        });
        sweep(&line.world.giving).await.expect("a look");
        line.later(3 * 60 * MINUTE);
        let swept = sweep(&line.world.giving).await.expect("a look");
        assert_eq!((swept.asked, swept.closed, swept.refunds), (1, 1, 1));
        assert_eq!(
            line.count("SELECT COUNT(*) AS n FROM payment_refund WHERE state = 'done'")
                .await,
            1
        );
        assert_eq!(state(&line, &never).await, OrderState::Expired);
        assert!(!line.sandbox.pay_wechat(&never.trade_no), "closed with WeChat too");
        assert_eq!(line.gifts().await, (1, 1_000));
        line.world.stop();
    }
);

db::both!(
    a_gift_that_the_bill_does_not_have_is_reported_and_a_payment_without_order_is_a_gift,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        let order = line.begun(100).await;
        let connected = line.world.giving.gateways.all()[0].clone();
        let payment = |trade_no: &str| giving::donations::orders::Payment {
            trade_no: trade_no.into(),
            provider_no: "42".into(),
            amount: kernel::Fen::new(100),
            paid_at: line.world.services().now(),
            payer_id: None,
        };
        let told = payments::confirm(&line.world.giving, connected.account, payment(&order.trade_no)).await;
        assert!(matches!(told, Ok(Confirmed::Recorded(_))));
        let told = payments::confirm(&line.world.giving, connected.account, payment("STATIC-CODE-1")).await;
        assert!(
            matches!(told, Ok(Confirmed::Recorded(_))),
            "paid at a printed code: a gift for the general project"
        );
        line.later(DAY);
        let day = line.world.today().plus_days(-1);
        let found = reconcile(&line.world.giving, &connected, day)
            .await
            .expect("no trade is an empty bill");
        assert_eq!(
            (found.lines, found.missing.as_slice()),
            (0, [order.trade_no.clone()].as_slice())
        );
        line.sandbox.set_faults(Faults {
            down: true,
            ..Faults::default()
        });
        let down = reconcile(&line.world.giving, &connected, day).await;
        assert!(
            matches!(down, Err(DonationError::Gateway(GatewayError::TryAgain(_)))),
            "asked again later"
        );
        line.world.stop();
    }
);
