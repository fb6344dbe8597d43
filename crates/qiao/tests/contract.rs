//! The contract that scripts of others rely on, kept by the real binary on both databases.

mod common;

use common::http::notice;
use common::{House, On, UNIT, figures, psql, sum};
use serde_json::{Value, json};

/// A public id: 26 letters and digits that tell nothing.
#[track_caller]
fn public_id(value: &Value) -> String {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is an id"));
    assert!(
        text.len() == 26 && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
        "{text}"
    );
    text.to_owned()
}

both!(init_says_what_one_needs_and_a_second_one_is_refused, |on| {
    let house = House::new(on);
    public_id(&house.made["unit_id"]);
    public_id(&house.made["general_project_id"]);
    assert_eq!(house.made["notice_account"], "notice");
    assert_eq!(house.made["origin"], "localhost/371300");
    assert!(house.word("notice_secret").len() >= 32);
    assert!(house.word("admin_token").starts_with("qiao_"));
    let before = house.totals();
    let again = house.run(&["init", "--unit", UNIT, "--region", "371300", "--json"]);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.json["error"].is_string(), "{again:?}");
    assert_eq!(house.totals(), before);
    let server = house.serve();
    let units = server.client().get("/api/v1/units").expect("an answer").json();
    assert_eq!(units["items"].as_array().map(Vec::len), Some(1), "{units}");
    assert_eq!(units["items"][0]["id"], house.made["unit_id"]);
});

#[test]
fn wrong_use_ends_with_2_and_a_missing_house_with_1() {
    let house = House::empty(On::Sqlite);
    for words in [
        &["frobnicate"][..],
        &[],
        &["import", "gifts"],
        &["init", "--unit", UNIT],
        &["init", "--unit", UNIT, "--region", "37x"],
        &["serve", "--listen", "nowhere"],
        &["report", "totals", "--no-such"],
    ] {
        let said = house.run(words);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{words:?}: {said:?}");
        assert!(!said.err.is_empty(), "{words:?}");
    }
    for words in [
        &["report", "totals", "--json"][..],
        &["serve"],
        &["doctor", "--json"],
        &["backup", "x", "--json"],
    ] {
        let said = house.run(words);
        assert_eq!(said.code, 1, "{words:?}: {said:?}");
        assert!(
            said.err.contains("qiao init") || said.out.contains("qiao init"),
            "says what to do: {said:?}"
        );
    }
    assert!(!house.data().exists(), "nothing was made");
    let house = House::new(On::Sqlite);
    for words in [
        &["import", "gifts", "x.csv", "--unit", "nobody", "--json"][..],
        &["import", "gifts", "x.csv", "--project", "nothing", "--json"],
        &["import", "gifts", "x.csv", "--account", "none", "--json"],
        &["import", "gifts", "x.csv", "--profile", "none", "--json"],
        &["import", "take-back", "nothing", "--json"],
        &["simulate", "giving-day", "--gifts", "0", "--json"],
        &["simulate", "giving-day", "--sum-yuan", "1.001", "--json"],
    ] {
        let said = house.run(words);
        assert_eq!(said.code, 2, "{words:?}: {said:?}");
    }
}

both!(a_notice_is_answered_once_and_the_same_for_ever, |on| {
    let house = House::new(on);
    let secret = house.word("notice_secret");
    let server = house.serve();
    let mut client = server.client();
    let first = client.notice(secret, "T0001", 2_000).expect("an answer");
    assert_eq!(first.status, 200, "{}", first.text());
    assert_ne!(
        public_id(&first.json()["gift"]),
        public_id(&first.json()["certificate"])
    );
    let again = client.notice(secret, "T0001", 2_000).expect("an answer");
    assert_eq!((again.status, again.body), (200, first.body.clone()));
    let other = client.notice(secret, "T0001", 2_001).expect("an answer");
    assert_eq!(other.status, 202, "{}", other.text());
    assert_eq!(client.notice(secret, "T0002", 5).expect("an answer").status, 200);
    let totals = house.totals();
    assert_eq!(figures(&totals), (2, 2_005));
    assert_eq!(
        totals["by_day"],
        json!([{ "day": "2026-05-08", "gifts": 2, "sum_fen": 2_005 }])
    );
    assert_eq!(totals["refunds"], json!({ "count": 0, "sum_fen": 0 }));
    let channels: Vec<&str> = totals["by_channel"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|c| c["channel"].as_str().expect("a word"))
        .collect();
    assert_eq!(
        channels,
        [
            "wechat", "alipay", "unionpay", "bank", "cash", "platform", "notice", "other"
        ]
    );
    assert_eq!(server.stop(), 0);
    // Another process, the same answer.
    let server = house.serve();
    let later = server.client().notice(secret, "T0001", 2_000).expect("an answer");
    assert_eq!((later.status, later.body), (200, first.body));
    assert_eq!(server.stop(), 0);
    house.is_sound();
});

both!(a_notice_that_is_wrong_is_a_problem_and_records_nothing, |on| {
    let house = House::new(on);
    let secret = house.word("notice_secret");
    let server = house.serve();
    let mut client = server.client();
    let good = notice("T1", 100);
    client
        .notice("another secret", "T1", 100)
        .expect("an answer")
        .is_problem(401, "bad-signature");
    let bare = client.send("POST", "/api/v1/notices/notice", &[], good.to_string().as_bytes());
    bare.expect("an answer").is_problem(401, "bad-signature");
    let nobody = client.signed("nobody", secret, good.to_string().as_bytes());
    nobody.expect("an answer").is_problem(404, "unknown-account");
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    for (wrong, status, slug) in [
        (with("project", json!("no-such")), 422, "unknown-project"),
        (with("amount_fen", json!(0)), 400, "invalid"),
        (with("amount_fen", json!(-5)), 400, "invalid"),
        (with("amount_fen", json!(1.5)), 400, "invalid"),
        (with("amount_fen", json!("100")), 400, "invalid"),
        (with("trade_no", json!("")), 400, "invalid"),
        (with("trade_no", json!("x".repeat(10_000))), 400, "invalid"),
        (with("paid_at", json!("yesterday")), 400, "invalid"),
        (with("paid_at", json!("2096-05-08T09:30:00+08:00")), 400, "invalid"),
        (with("colour", json!("red")), 400, "invalid"),
    ] {
        let answer = client
            .signed("notice", secret, wrong.to_string().as_bytes())
            .expect("an answer");
        assert_eq!(answer.status, status, "{wrong}: {}", answer.text());
        answer.is_problem(status, slug);
    }
    for bytes in [&b""[..], b"{", b"\xff\xfe", b"[]"] {
        client
            .signed("notice", secret, bytes)
            .expect("an answer")
            .is_problem(400, "invalid");
    }
    client
        .signed("notice", secret, &[b' '; 100_000])
        .expect("an answer")
        .is_problem(413, "too-large");
    // What was too large was not read to its end, so the server gave the connection up.
    let mut client = server.client();
    let told = client.signed(
        "notice",
        secret,
        with("amount_fen", json!("王小明")).to_string().as_bytes(),
    );
    let told = told.expect("an answer");
    assert_eq!(told.json()["field"], "amount_fen");
    assert!(
        !told.text().contains("王小明"),
        "a refusal repeats no value: {}",
        told.text()
    );
    assert_eq!(figures(&house.totals()), (0, 0));
});

/// Every gift of the house as the database has it, sealed fields apart.
fn gifts_of(house: &House) -> String {
    psql(
        house.url(),
        "SELECT string_agg(concat_ws('|', trade_no, amount_fen, paid_at, channel, payer_masked), E'\\n' ORDER BY trade_no) FROM gift",
    )
}

const PLAY: [&str; 9] = [
    "simulate",
    "giving-day",
    "--gifts",
    "300",
    "--sum-yuan",
    "8377.50",
    "--seed",
    "7",
    "--json",
];

both!(
    a_giving_day_of_one_seed_is_the_same_everywhere_and_adds_nothing_twice,
    |on| {
        let (one, other) = (House::new(on), House::new(on));
        for house in [&one, &other] {
            let said = house.run(&PLAY).ok();
            assert_eq!(
                (&said["gifts_new"], &said["gifts_known"], &said["held"]),
                (&json!(300), &json!(0), &json!(0))
            );
            assert_eq!(said["sum_fen"], 837_750);
            house.is_sound();
        }
        let totals = one.totals();
        assert_eq!(figures(&totals), (300, 837_750));
        assert_eq!(other.totals(), totals);
        if on == On::Postgres {
            let gifts = gifts_of(&one);
            assert_eq!(gifts.lines().count(), 300);
            assert_eq!(gifts_of(&other), gifts);
        }
        let again = one.run(&PLAY).ok();
        assert_eq!(
            (&again["gifts_new"], &again["gifts_known"], &again["held"]),
            (&json!(0), &json!(300), &json!(0))
        );
        assert_eq!(one.totals(), totals);
        let mut elsewhere = PLAY;
        elsewhere[7] = "8";
        assert_eq!(other.run(&elsewhere).ok()["gifts_new"], 300);
        assert_eq!(figures(&other.totals()), (600, 2 * 837_750));
    }
);

both!(commands_work_while_the_house_is_served, |on| {
    let house = House::new(on);
    let server = house.serve();
    assert_eq!(house.run(&PLAY).ok()["gifts_new"], 300);
    assert_eq!(figures(&house.totals()), (300, 837_750));
    house.is_sound();
    let file = house.file(
        "云闪付.csv",
        "云闪付用户捐赠明细（2026年5月8日）,,\n姓名,金额,时间\n*示,5,07:06:18\n",
    );
    assert_eq!(house.run(&["import", "gifts", &file, "--json"]).ok()["gifts_new"], 1);
    let wrong = house.run(&["import", "gifts", &file, "--unit", "nobody", "--json"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.json["error"].is_string());
    assert_eq!(house.run(&["init", "--unit", UNIT, "--region", "371300"]).code, 1);
    if on == On::Sqlite {
        let second = house.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(second.code, 1, "one process writes a SQLite database: {second:?}");
        assert!(house.data().join("admin.sock").exists());
    }
    let page = server.client().get("/api/v1/projects/general/totals");
    assert_ne!(page.expect("an answer").status, 500);
    assert_eq!(server.stop(), 0);
    assert!(
        !house.data().join("admin.sock").exists(),
        "the socket goes with the server"
    );
    assert_eq!(figures(&house.totals()), (301, 838_250));
});

both!(a_user_has_the_rights_of_her_role_and_no_more, |on| {
    let house = House::new(on);
    let server = house.serve();
    let auditor = house
        .run(&["user", "add", "审计员", "--role", "auditor", "--json"])
        .ok();
    public_id(&auditor["user_id"]);
    let token = auditor["token"].as_str().expect("a token").to_owned();
    let twice = house.run(&["user", "add", "审计员", "--role", "auditor", "--json"]);
    assert_eq!(twice.code, 1, "{twice:?}");
    assert_eq!(house.run(&["user", "add", "某", "--role", "king", "--json"]).code, 2);
    let mut client = server.client();
    let mut ask = |token: &str, method: &str, path: &str, body: Value| {
        client.staff(token, method, path, &body).expect("an answer")
    };
    assert_eq!(
        ask(&token, "GET", "/api/v1/books/trial-balance", Value::Null).status,
        200
    );
    let name = json!({ "name": "别人", "kind": "person" });
    ask(&token, "POST", "/api/v1/users", name).is_problem(403, "missing-permission");
    assert_eq!(
        ask(house.word("admin_token"), "GET", "/api/v1/users", Value::Null).status,
        200
    );
    ask("qiao_nobody", "GET", "/api/v1/me", Value::Null).is_problem(401, "unauthenticated");
});

both!(a_backup_made_while_serving_restores_into_either_database, |on| {
    let house = House::new(on);
    house.run(&PLAY).ok();
    let server = house.serve();
    let mut client = server.client();
    let first = client
        .notice(house.word("notice_secret"), "B1", 123)
        .expect("an answer");
    let written = house.run(&["backup", "copy.backup", "--json"]).ok();
    assert_eq!(written["tables"]["gift"], 301);
    let totals = house.totals();
    assert_eq!(
        house.run(&["backup", "copy.backup", "--json"]).code,
        1,
        "a backup never overwrites another"
    );
    assert_eq!(
        client
            .notice(house.word("notice_secret"), "B2", 1)
            .expect("an answer")
            .status,
        200
    );
    assert_eq!(server.stop(), 0);
    let copy = house.path("copy.backup");
    for target in [On::Sqlite, On::Postgres] {
        let fresh = House::empty(target);
        std::fs::create_dir_all(fresh.data()).expect("a folder");
        std::fs::copy(house.data().join("key"), fresh.data().join("key")).expect("the key");
        let copy = copy.to_str().expect("a name");
        fresh.run(&["restore", copy, "--json"]).ok();
        assert_eq!(fresh.totals(), totals, "{on:?} into {target:?}");
        let lacking = fresh.run(&["doctor", "--json"]);
        assert!(
            lacking.code == 1 && lacking.out.contains("log.key"),
            "the public log’s key is in no backup: {lacking:?}"
        );
        std::fs::copy(house.data().join("log.key"), fresh.data().join("log.key")).expect("the log’s key");
        common::copy_folder(&house.data().join("log"), &fresh.data().join("log"));
        fresh.run(&["log", "recover", "--json"]).ok();
        fresh.is_sound();
        assert_eq!(
            fresh.run(&["restore", copy, "--json"]).code,
            1,
            "only into an empty database"
        );
        let there = fresh.serve();
        let again = there
            .client()
            .notice(house.word("notice_secret"), "B1", 123)
            .expect("an answer");
        assert_eq!(
            (again.status, again.body),
            (200, first.body.clone()),
            "ids and secrets came along"
        );
        assert_eq!(there.stop(), 0);
    }
});

both!(a_stop_lets_what_runs_end_and_leaves_0, |on| {
    let house = House::new(on);
    let server = house.serve();
    let secret = house.word("notice_secret").to_owned();
    let (address, stop) = (server.address.clone(), std::sync::atomic::AtomicBool::new(false));
    let taken = std::thread::scope(|scope| {
        let (secret, address, stop) = (&secret, &address, &stop);
        let senders: Vec<_> = (0..4)
            .map(|thread| {
                scope.spawn(move || {
                    let mut client = common::Client::connect(address).expect("a connection");
                    let mut taken = 0;
                    while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                        match client.notice(secret, &format!("S{thread}-{taken}"), 100) {
                            Ok(answer) if answer.status == 200 => taken += 1,
                            _ => break,
                        }
                    }
                    taken
                })
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(400));
        assert_eq!(server.stop(), 0);
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        senders.into_iter().map(|s| s.join().expect("a sender")).sum::<i64>()
    });
    assert!(taken > 0);
    let (gifts, _) = figures(&house.totals());
    // Each sender may have had one more on its way whose answer it did not wait for.
    assert!((taken..=taken + 4).contains(&gifts), "{taken} answered, {gifts} stored");
    house.is_sound();
});

both!(the_server_tells_how_it_is, |on| {
    let house = House::new(on);
    let server = house.serve();
    let mut client = server.client();
    let health = client.get("/health").expect("an answer");
    assert_eq!((health.status, &health.json()["alive"]), (200, &json!(true)));
    let ready = client.get("/ready").expect("an answer");
    assert_eq!((ready.status, &ready.json()["ready"]), (200, &json!(true)));
    assert_eq!(
        client
            .notice(house.word("notice_secret"), "M1", 1)
            .expect("an answer")
            .status,
        200
    );
    let metrics = client.get("/metrics").expect("an answer").text();
    assert!(
        metrics.lines().any(|line| line == "qiao_intake_gifts_total 1"),
        "{metrics}"
    );
    let document = client.get("/api/openapi.json").expect("an answer").json();
    assert!(
        document["openapi"].as_str().is_some_and(|v| v.starts_with("3.")),
        "{}",
        document["openapi"]
    );
    client
        .get("/no/such/page")
        .expect("an answer")
        .is_problem(404, "not-found");
    let home = client.get("/").expect("an answer");
    assert_eq!(home.status, 200);
    assert!(home.text().contains(UNIT));
});

#[test]
fn no_staff_route_is_open() {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    let mut client = server.client();
    let document = client.get("/api/openapi.json").expect("an answer").json();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            if operation["x-access"] == "public" {
                continue;
            }
            asked += 1;
            let method = method.to_uppercase();
            let filled = path
                .split('/')
                .map(|part| if part.starts_with('{') { "x" } else { part });
            let filled = filled.collect::<Vec<_>>().join("/");
            let typed = [("content-type", "application/json")];
            let open = client.send(&method, &filled, &typed, b"{}").expect("an answer");
            assert_eq!(open.status, 401, "{method} {path} without a token: {}", open.text());
            let wrong = [
                typed[0],
                (
                    "authorization",
                    "Bearer qiao_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                ),
            ];
            let wrong = client.send(&method, &filled, &wrong, b"{}").expect("an answer");
            assert_eq!(
                wrong.status,
                401,
                "{method} {path} with a wrong token: {}",
                wrong.text()
            );
        }
    }
    assert!(asked >= 40, "only {asked} staff routes were asked");
    assert_eq!(sum(&house.totals()["by_day"], "gifts"), 0);
}
