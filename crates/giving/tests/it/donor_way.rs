//! The donor's way below the pages: forms, consents, messages, codes; on both databases.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use db::{Reads as _, params};
use giving::donations::orders::{self, Provider};
use giving::donations::refunds::RefundReason;
use giving::donations::{Incoming, Outcome, Payer, Source};
use giving::donor_way::{FormInput, GiveError, HeldFor, Limits, MessageState, Wish, actions, queries, rules};
use giving::my_gifts::{self, ContactKind, MyGiftsError, Session};
use giving::testing::{World, world};
use kernel::{Fen, GiftId, OrderId};
use platform::identity::{Actor, Scope};

const PHONE: &str = "13800000000";

fn form(message: &str) -> FormInput {
    FormInput {
        choice: "2000".into(),
        name: "测试甲".into(),
        phone: PHONE.into(),
        email: "donor@example.org".into(),
        company: "测试公司".into(),
        message: message.into(),
        provider: "wechat".into(),
        consent: "0".into(),
        ..FormInput::default()
    }
}

fn wish(form: &FormInput) -> Wish {
    let limits = Limits {
        min: Fen::new(100),
        max: Fen::new(5_000_000),
        providers: vec![Provider::Wechat],
        consent_version: form.consent.parse().unwrap(),
    };
    let Ok(wish) = rules::read(form, &limits) else {
        panic!("a form that is well filled")
    };
    wish
}

async fn give(w: &World, key: u8, form: &FormInput) -> Result<OrderId, GiveError> {
    actions::give(&w.giving, "aed", ([key; 16], form), &wish(form)).await
}

/// Pays an order as its notice would.
async fn pay(w: &World, order: OrderId) -> GiftId {
    let services = w.services();
    let order = {
        let mut at = services.db.snapshot().await.unwrap();
        orders::find(&mut at, order).await.unwrap().unwrap()
    };
    let now = services.now();
    let mut incoming = Incoming {
        account: order.account,
        project: order.project,
        trade_no: order.trade_no.clone(),
        amount: order.amount,
        paid_at: now,
        business_day: now.business_day(),
        payer: Payer::default(),
        anonymous: false,
        receipt: None,
        source: Source::Notice,
    };
    orders::complete(&mut incoming, &w.giving)
        .await
        .ok()
        .flatten()
        .expect("its order");
    match w.submit(incoming).await {
        Outcome::Recorded(gift) => gift,
        other => panic!("a new gift was expected, not {other:?}"),
    }
}

async fn count(w: &World, table: &str) -> i64 {
    let mut at = w.services().db.snapshot().await.unwrap();
    let row = at
        .query_one(&format!("SELECT COUNT(*) AS n FROM {table}"), params![])
        .await
        .unwrap();
    row.unwrap().int("n").unwrap()
}

db::both!(
    a_form_gives_one_order_however_often_it_is_sent,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let facts = count(&w, "fact").await;
        let first = give(&w, 1, &form("")).await.unwrap();
        assert_eq!(give(&w, 1, &form("")).await.unwrap(), first, "the same form again");
        assert_eq!(
            (count(&w, "gift_order").await, count(&w, "fact").await),
            (1, facts + 1),
            "one order, one fact"
        );
        let mut other = form("");
        other.choice = "5000".into();
        let reused = give(&w, 1, &other).await;
        assert!(
            matches!(reused, Err(GiveError::FormReused)),
            "the same form with another amount"
        );
        assert_ne!(
            give(&w, 2, &form("")).await.unwrap(),
            first,
            "another form, the same words: a second gift"
        );
        let same = form("");
        let (a, b, c) = tokio::join!(give(&w, 3, &same), give(&w, 3, &same), give(&w, 3, &same));
        let ids = [a.unwrap(), b.unwrap(), c.unwrap()];
        assert!(ids.iter().all(|id| *id == ids[0]), "three taps at once are one order");
        assert_eq!(count(&w, "gift_order").await, 3);
        w.stop();
    }
);

db::both!(
    what_was_agreed_to_stands_with_the_order_and_is_never_changed,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let services = w.services();
        let by = Actor::operator();
        give(&w, 1, &form("")).await.unwrap();
        let publish =
            |version, zh: &'static str| actions::publish_consent(services, &by, w.city, (version, zh, "Words"));
        assert!(
            matches!(publish(2, "文本").await, Err(GiveError::ConsentVersion(0))),
            "the next is 1"
        );
        publish(1, "文本一").await.unwrap();
        publish(1, "文本一").await.unwrap();
        assert!(
            matches!(publish(1, "另一文本").await, Err(GiveError::ConsentVersion(1))),
            "never edited"
        );
        publish(2, "文本二").await.unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        let county = queries::consent(&mut at, w.county, &services.tree).await.unwrap();
        assert_eq!(
            (county.unit, county.version),
            (w.city, 2),
            "a county uses its society’s"
        );
        let first = queries::consent_version(&mut at, w.city, 1).await.unwrap().unwrap();
        assert_eq!(first.words_zh, "文本一", "what was agreed to then can be read");
        drop(at);
        let mut later = form("");
        later.consent = "2".into();
        give(&w, 2, &later).await.unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        let sql = "SELECT consent_version, consent_hash FROM order_form ORDER BY consent_version";
        let rows = at.query(sql, params![]).await.unwrap();
        let versions: Vec<i64> = rows.iter().map(|row| row.int("consent_version").unwrap()).collect();
        assert_eq!(versions, [0, 2]);
        let hash = rules::consent_hash(&queries::consent_version(&mut at, w.city, 2).await.unwrap().unwrap());
        assert_eq!(rows[1].bytes("consent_hash").unwrap(), hash);
        drop(at);
        let mut tx = services.db.begin().await.unwrap();
        let edited = tx.execute("UPDATE consent_text SET words_zh = 'x'", params![]).await;
        assert!(edited.is_err(), "the database refuses too");
        drop(tx);
        let stranger = platform::testing::actor(services, &[(platform::identity::Role::Auditor, w.city)]);
        let refused = actions::publish_consent(services, &stranger, w.city, (3, "文本", "Words")).await;
        assert!(matches!(refused, Err(GiveError::Forbidden(_))));
        w.stop();
    }
);

db::both!(
    personal_data_of_a_form_is_sealed,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        give(&w, 1, &form("祝大家平安")).await.unwrap();
        let mut at = w.services().db.snapshot().await.unwrap();
        for table in ["order_form", "donor_message", "gift_order", "fact"] {
            let rows = at.query(&format!("SELECT * FROM {table}"), params![]).await.unwrap();
            assert!(!rows.is_empty(), "{table}");
        }
        let body = "SELECT body FROM fact WHERE kind = 'order.placed'";
        let body = at
            .query_one(body, params![])
            .await
            .unwrap()
            .unwrap()
            .text("body")
            .unwrap();
        let sealed = at
            .query_one("SELECT receipt_sealed, email_index FROM order_form", params![])
            .await
            .unwrap()
            .unwrap();
        let words = at
            .query_one("SELECT words_sealed FROM donor_message", params![])
            .await
            .unwrap()
            .unwrap();
        let all = [
            body.into_bytes(),
            sealed.bytes("receipt_sealed").unwrap(),
            sealed.bytes("email_index").unwrap(),
            words.bytes("words_sealed").unwrap(),
        ];
        for secret in ["测试公司", "donor@example.org", PHONE, "测试甲", "祝大家平安"] {
            let holds = |bytes: &Vec<u8>| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!all.iter().any(holds), "{secret} stands in clear");
        }
        w.stop();
    }
);

db::both!(
    a_message_is_shown_when_its_words_are_fine_and_its_gift_is_paid,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let (services, by) = (w.services(), Actor::operator());
        actions::add_blocked_word(services, &by, w.city, "加微信")
            .await
            .unwrap();
        actions::add_blocked_word(services, &by, w.city, "加微信")
            .await
            .unwrap();
        assert_eq!(count(&w, "blocked_word").await, 1, "twice is once");
        let fine = give(&w, 1, &form("祝孩子们平安")).await.unwrap();
        let held = give(&w, 2, &form("加 微 信 有礼")).await.unwrap();
        let shown = async || {
            let mut at = services.db.snapshot().await.unwrap();
            let found = queries::shown_messages(&mut at, w.restricted.id, &services.keys, 10)
                .await
                .unwrap();
            found
                .into_iter()
                .map(|m| (m.who.unwrap_or_default(), m.words))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown().await, [], "nothing before it is paid");
        pay(&w, fine).await;
        pay(&w, held).await;
        assert_eq!(shown().await, [("测**".to_owned(), "祝孩子们平安".to_owned())]);
        let waiting = async || {
            let mut at = services.db.snapshot().await.unwrap();
            let about = (&Scope::Everything, &*services.tree);
            queries::messages(&mut at, about, "waiting", None, (10, &services.keys))
                .await
                .unwrap()
        };
        let list = waiting().await;
        assert_eq!(list.len(), 1);
        assert_eq!(
            (list[0].order, list[0].held_for.as_deref()),
            (held, Some(HeldFor::Word.as_str()))
        );
        let stranger = platform::testing::actor(services, &[(platform::identity::Role::FinanceOfficer, w.county)]);
        let refused = actions::decide_message(services, &stranger, held, MessageState::Shown).await;
        assert!(matches!(refused, Err(GiveError::NotFound(_))), "not in her unit");
        actions::decide_message(services, &w.officer, held, MessageState::Shown)
            .await
            .unwrap();
        assert_eq!((shown().await.len(), waiting().await.len()), (2, 0));
        actions::decide_message(services, &w.officer, held, MessageState::Refused)
            .await
            .unwrap();
        assert_eq!(shown().await.len(), 1, "taken down again");
        actions::end_blocked_word(services, &by, w.city, "加微信")
            .await
            .unwrap();
        let again = actions::end_blocked_word(services, &by, w.city, "加微信").await;
        assert!(matches!(again, Err(GiveError::NotFound(_))));
        actions::add_blocked_word(services, &by, w.city, "加微信").await.ok();
        w.stop();
    }
);

db::both!(
    the_bounds_of_an_amount_are_dated_parameters,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let mut at = w.services().db.snapshot().await.unwrap();
        let (min, max) = queries::bounds(&mut at, w.today()).await.unwrap();
        assert_eq!((min, max), (Fen::new(100), Fen::new(5_000_000)));
        drop(at);
        let new = platform::parameters::Override {
            key: "give.min_yuan".into(),
            from: w.today(),
            to: None,
            value: "5".into(),
            legal_ref: "本会决定".into(),
        };
        platform::parameters::set(w.services(), &Actor::operator(), new)
            .await
            .unwrap();
        let mut at = w.services().db.snapshot().await.unwrap();
        assert_eq!(queries::bounds(&mut at, w.today()).await.unwrap().0, Fen::new(500));
        assert_eq!(
            queries::bounds(&mut at, w.today().plus_days(-1)).await.unwrap().0,
            Fen::new(100)
        );
        drop(at);
        w.stop();
    }
);

/// Asks for a code; gives the asking and the code, if one was sent.
async fn ask(w: &World, text: &str) -> (my_gifts::AskId, Option<String>) {
    let contact = my_gifts::rules::contact(text).expect("a contact");
    let asked = my_gifts::actions::ask(w.services(), &contact, |code| format!("code {code}"))
        .await
        .unwrap();
    let code = asked.message.map(|message| message.values[0].1.clone());
    (asked.ask, code)
}

async fn session(w: &World, cookie: &str) -> Option<Session> {
    let mut at = w.services().db.snapshot().await.unwrap();
    my_gifts::queries::session(&mut at, cookie, w.services().now())
        .await
        .unwrap()
}

async fn my(w: &World, session: &Session) -> Vec<GiftId> {
    let mut at = w.services().db.snapshot().await.unwrap();
    let span = (w.today(), my_gifts::model::MONTHS_BACK);
    let found = my_gifts::queries::gifts(&mut at, session, span, None).await.unwrap();
    found.0.into_iter().map(|gift| gift.id).collect()
}

db::both!(
    a_right_code_opens_the_gifts_of_its_contact_for_an_hour,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let order = give(&w, 1, &form("")).await.unwrap();
        let gift = pay(&w, order).await;
        let mut others = w.incoming(&w.restricted, "OTHER-1", 700);
        others.payer.phone = Some("13800000002".into());
        w.submit(others).await;
        for (contact, kind) in [(PHONE, ContactKind::Phone), ("Donor@example.org", ContactKind::Email)] {
            let (asking, code) = ask(&w, contact).await;
            let code = code.expect("the contact gave something");
            let cookie = my_gifts::actions::open(w.services(), asking, &code).await.unwrap();
            let open = session(&w, &cookie).await.expect("a session");
            assert!(open.kind == kind);
            assert_eq!(my(&w, &open).await, [gift], "her own gift alone");
            let again = my_gifts::actions::open(w.services(), asking, &code).await;
            assert!(matches!(again, Err(MyGiftsError::WrongCode)), "a code is used once");
        }
        let (asking, _) = ask(&w, "13800000003").await;
        let guessed = my_gifts::actions::open(w.services(), asking, "123456").await;
        assert!(matches!(guessed, Err(MyGiftsError::WrongCode)));
        w.at(w.clock_plus(3_600_000_000));
        let (asking, code) = ask(&w, PHONE).await;
        let cookie = my_gifts::actions::open(w.services(), asking, &code.unwrap())
            .await
            .unwrap();
        assert!(session(&w, &cookie).await.is_some());
        my_gifts::actions::leave(w.services(), &cookie).await.unwrap();
        my_gifts::actions::leave(w.services(), &cookie).await.unwrap();
        assert!(session(&w, &cookie).await.is_none(), "left");
        w.at(w.clock_plus(61_000_000));
        let (asking, code) = ask(&w, PHONE).await;
        let cookie = my_gifts::actions::open(w.services(), asking, &code.unwrap())
            .await
            .unwrap();
        w.at(w.clock_plus(3_600_000_000));
        assert!(session(&w, &cookie).await.is_none(), "an hour later");
        w.stop();
    }
);

db::both!(
    codes_end_after_ten_minutes_and_five_tries_and_are_not_sent_to_strangers,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        assert_eq!(
            ask(&w, PHONE).await.1,
            None,
            "nobody has given with it yet: nothing is sent"
        );
        let order = give(&w, 1, &form("")).await.unwrap();
        pay(&w, order).await;
        assert_eq!(ask(&w, PHONE).await.1, None, "one code a minute");
        w.at(w.clock_plus(60_000_000));
        let (asking, code) = ask(&w, PHONE).await;
        let code = code.expect("sent");
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            let refused = my_gifts::actions::open(w.services(), asking, wrong).await;
            assert!(matches!(refused, Err(MyGiftsError::WrongCode)));
        }
        let late = my_gifts::actions::open(w.services(), asking, &code).await;
        assert!(
            matches!(late, Err(MyGiftsError::WrongCode)),
            "the sixth try, though right"
        );
        w.at(w.clock_plus(60_000_000));
        let (asking, code) = ask(&w, PHONE).await;
        w.at(w.clock_plus(600_000_000));
        let late = my_gifts::actions::open(w.services(), asking, &code.unwrap()).await;
        assert!(matches!(late, Err(MyGiftsError::WrongCode)), "ten minutes later");
        let mut at = w.services().db.snapshot().await.unwrap();
        let rows = at
            .query("SELECT body FROM fact WHERE kind LIKE 'my_gifts.%'", params![])
            .await
            .unwrap();
        assert!(
            rows.iter().all(|row| row.text("body").unwrap() == "{}"),
            "facts name nobody"
        );
        drop(at);
        w.stop();
    }
);

db::both!(
    a_donor_may_wish_for_her_own_gift_back_once,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let order = give(&w, 1, &form("")).await.unwrap();
        let gift = pay(&w, order).await;
        let mut foreign = w.incoming(&w.restricted, "OTHER-1", 700);
        foreign.payer.phone = Some("13800000002".into());
        let Outcome::Recorded(foreign) = w.submit(foreign).await else {
            panic!("recorded")
        };
        let (asking, code) = ask(&w, PHONE).await;
        let cookie = my_gifts::actions::open(w.services(), asking, &code.unwrap())
            .await
            .unwrap();
        let open = session(&w, &cookie).await.unwrap();
        let wish = |gift, reason| my_gifts::actions::wish_refund(w.services(), &open, gift, reason);
        let first = wish(gift, RefundReason::WrongPayment).await.unwrap();
        let again = wish(gift, RefundReason::DuplicatePayment).await.unwrap();
        assert_eq!(first.id, again.id, "one open wish for a gift");
        assert!(matches!(
            wish(foreign, RefundReason::WrongPayment).await,
            Err(MyGiftsError::NotFound(_))
        ));
        assert!(matches!(
            wish(gift, RefundReason::ImportReversal).await,
            Err(MyGiftsError::Reason)
        ));
        let list = async |state| {
            let mut at = w.services().db.snapshot().await.unwrap();
            let about = (&Scope::Everything, &*w.services().tree);
            my_gifts::queries::wishes(&mut at, about, state, None, 10)
                .await
                .unwrap()
        };
        assert_eq!(list("waiting").await.len(), 1);
        my_gifts::actions::decide_wish(w.services(), &w.officer, first.id, my_gifts::WishState::Taken)
            .await
            .unwrap();
        my_gifts::actions::decide_wish(w.services(), &w.officer, first.id, my_gifts::WishState::Declined)
            .await
            .unwrap();
        assert_eq!(
            (list("waiting").await.len(), list("taken").await.len()),
            (0, 1),
            "the first decision stands"
        );
        w.stop();
    }
);

db::both!(
    erasing_a_gift_erases_what_its_order_knew,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let w = world(test.db.clone()).await;
        let order = give(&w, 1, &form("祝孩子们平安")).await.unwrap();
        let gift = pay(&w, order).await;
        let reason = giving::donations::sealed::ErasureReason::GiverAsked;
        giving::donations::sealed::erase(w.services(), &platform::identity::Actor::operator(), gift, reason)
            .await
            .unwrap();
        let mut at = w.services().db.snapshot().await.unwrap();
        let left = orders::find(&mut at, order).await.unwrap().unwrap();
        assert!(left.secret_wrapped.is_empty() && left.payer_sealed.is_empty());
        let row = at
            .query_one("SELECT receipt_sealed, email_index FROM order_form", params![])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (
                row.opt_bytes("receipt_sealed").unwrap(),
                row.opt_bytes("email_index").unwrap()
            ),
            (None, None)
        );
        let shown = queries::shown_messages(&mut at, w.restricted.id, &w.services().keys, 10)
            .await
            .unwrap();
        assert_eq!(shown.len(), 0);
        drop(at);
        assert_eq!(
            ask(&w, PHONE).await.1,
            None,
            "nobody is found by her telephone any more"
        );
        w.stop();
    }
);
