//! What the outside tries at any door, against the real server: odd headers, bodies that are too large, addresses that climb
//! out of their folder, texts that a spreadsheet would run, addresses that lead elsewhere, names that might exist.

mod common;

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use common::http::Answer;
use common::seeded::Town;
use common::{Client, House, On};
use serde_json::{Value, json};

/// What tells a browser how a page may be used.
const PAGE_HEADERS: [(&str, &str); 3] = [
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];
/// Guesses for one name; one fewer than lock it.
const GUESSES: usize = 4;
/// An unknown name may be answered this much sooner or later than a known one, in tenths: without the work of Argon2id it
/// would be a fiftieth; a busy machine swings less than this.
const TENTHS: std::ops::RangeInclusive<u128> = 3..=33;

#[test]
fn every_answer_says_how_it_may_be_used() {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    let mut client = server.client();
    let admin = house.word("admin_token");
    let html = [("accept", "text/html")];
    for path in ["/", "/goods", "/nothing-here", "/p/general", "/console/"] {
        let page = client.send("GET", path, &html, b"").expect("an answer");
        let policy = page
            .header("content-security-policy")
            .unwrap_or_else(|| panic!("{path}: {page:?}"));
        for wanted in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(wanted), "{path}: {policy}");
        }
        let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src"));
        assert_eq!(scripts.map(str::trim), Some("script-src 'self'"), "{path}");
        for (name, value) in PAGE_HEADERS {
            assert_eq!(page.header(name), Some(value), "{path}");
        }
        assert_eq!(page.header("server"), None, "{path} names no program");
    }
    for path in [
        "/api/v1/units",
        "/api/openapi.json",
        "/health",
        "/metrics",
        "/goods/data/csv",
        "/api/v1/nothing",
    ] {
        let answer = client.get(path).expect("an answer");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    for path in [
        "/api/v1/gifts",
        "/api/v1/users",
        "/api/v1/me",
        "/api/v1/books/trial-balance?format=csv",
    ] {
        let answer = client.staff(admin, "GET", path, &Value::Null).expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    let wrong = client.send("DELETE", "/api/v1/gifts", &[], b"").expect("an answer");
    wrong.is_problem(405, "method-not-allowed");
    assert!(
        wrong.header("allow").is_some_and(|methods| methods.contains("GET")),
        "{wrong:?}"
    );
    assert_eq!(
        client.get("/api/v1/gifts/%FF").expect("an answer").status,
        404,
        "an address is text"
    );
}

/// Files of uploads and papers in the data folder, also half written ones.
fn files_below(data: &Path) -> usize {
    let mut folders = vec![data.join("files"), data.join("uploads")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
            }
        }
    }
    files
}

both!(what_is_too_large_is_refused_and_nothing_of_it_is_kept, |on| {
    let house = House::new(on);
    let server = house.serve();
    let bearer = format!("Bearer {}", house.word("admin_token"));
    let unit = house.word("unit_id");
    let limits = [
        ("POST", "/api/v1/users".to_owned(), "application/json", 256 * 1024),
        ("POST", "/api/v1/session".to_owned(), "application/json", 256 * 1024),
        (
            "POST",
            "/api/v1/notices/notice".to_owned(),
            "application/json",
            16 * 1024,
        ),
        (
            "POST",
            "/api/v1/payments/alipay/alipay/notice".to_owned(),
            "application/x-www-form-urlencoded",
            16 * 1024,
        ),
        (
            "PUT",
            "/api/v1/import-profiles/own".to_owned(),
            "application/toml",
            32 * 1024,
        ),
        (
            "PUT",
            format!("/api/v1/units/{unit}/seal"),
            "application/octet-stream",
            2 * 1024 * 1024,
        ),
        (
            "POST",
            format!("/api/v1/match/agreements?unit={unit}"),
            "application/octet-stream",
            20 * 1024 * 1024,
        ),
        (
            "POST",
            "/api/v1/imports?name=a.csv".to_owned(),
            "application/octet-stream",
            64 * 1024 * 1024,
        ),
    ];
    let kept = || files_below(house.data());
    let before = kept();
    for (method, path, kind, most) in limits {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let body = vec![b' '; most + 1];
        // What was too large is not read to its end: the server may give the connection up before all is sent.
        let Ok(answer) = server.client().send(method, &path, &headers, &body) else {
            continue;
        };
        assert_eq!(answer.status, 413, "{path}: {}", answer.text());
    }
    assert_eq!(kept(), before);
    let long = format!("/api/v1/units?limit={}", "1".repeat(9 * 1024));
    let answer = server.client().get(&long).expect("an answer");
    assert!([400, 414, 431].contains(&answer.status), "{}", answer.text());
});

#[test]
fn no_address_and_no_name_of_a_file_climbs_out_of_its_folder() {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    let key = std::fs::read(house.data().join("key")).expect("the key");
    let up = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "....//", "%2e%2e%5c"];
    for folder in [
        "/",
        "/static/",
        "/console/",
        "/console/assets/",
        "/log/",
        "/log/tile/",
        "/log/tile/0/",
        "/f/",
        "/files/",
    ] {
        for step in up {
            for (depth, file) in [(1, "key"), (2, "key"), (3, "data/key"), (6, "etc/passwd")] {
                let path = format!("{folder}{}{file}", step.repeat(depth));
                let Ok(answer) = server.client().get(&path) else {
                    continue;
                };
                let body = &answer.body;
                assert!(
                    !body.windows(key.len()).any(|part| part == key),
                    "{path} gives the key away"
                );
                assert!(!answer.text().contains("root:"), "{path}");
            }
        }
    }
    let bearer = format!("Bearer {}", house.word("admin_token"));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/octet-stream"),
    ];
    for name in [
        "..%2f..%2fclimbed.csv",
        "%2ftmp%2fshanqiao-climbed.csv",
        "..%5cclimbed.csv",
        "a%00b.csv",
    ] {
        let path = format!("/api/v1/imports?name={name}");
        let answer = server
            .client()
            .send("POST", &path, &headers, b"a,b\n")
            .expect("an answer");
        assert!(answer.status < 500, "{name}: {}", answer.text());
    }
    let outside = [
        house.path("climbed.csv"),
        house.path("../climbed.csv"),
        "/tmp/shanqiao-climbed.csv".into(),
    ];
    assert!(
        !outside.iter().any(|path| path.exists()),
        "a name is a label, never a place"
    );
}

/// The cells of a file of comma-separated values.
fn cells(text: &str) -> Vec<String> {
    let (mut all, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for letter in text.trim_start_matches('\u{feff}').chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => all.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    all.push(cell);
    all
}

#[test]
fn no_cell_of_an_exported_file_is_a_formula() {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    let town = Town::found(&house, &server);
    let mut client = server.client();
    let mut ask = |method: &str, path: &str, body: Value| -> Answer {
        client
            .staff(&town.owner, method, &town.fill(path), &body)
            .expect("an answer")
    };
    let evil = ["=HYPERLINK(\"http://x\")", "+cmd|x", "@SUM(1)", "-2+3+cmd|x"];
    for (n, text) in evil.iter().enumerate() {
        let unit = house.word("unit_id");
        let user = json!({ "name": text, "kind": "person", "unit": unit, "roles": ["auditor"] });
        assert_eq!(ask("POST", "/api/v1/users", user).status, 201);
        let item = json!({ "code": "1060201", "name": text, "base_unit": "只" });
        let item = ask("POST", "/api/v1/goods/{unit}/items", item).json();
        let lot = json!({ "key": format!("evil-{n}"), "item": item["id"], "unit_word": "只", "quantity": 1,
            "source": "donation", "donor": text, "place": town.names["place"] });
        let lot = ask("POST", "/api/v1/goods/{unit}/lots", lot).json();
        let moves = format!("/api/v1/goods/lots/{}/moves", lot["id"].as_str().expect("a lot"));
        for step in ["arrive", "inspect", "stock"] {
            let body =
                json!({ "key": format!("{n}-{step}"), "step": step, "place": town.names["place"], "quantity": 1 });
            assert!(ask("POST", &moves, body).status < 300);
        }
        let project = json!({ "unit": unit, "campaign": town.names["campaign"], "code": format!("evil-{n}"),
            "title": text, "region_code": "371300", "nature": "restricted" });
        let project = ask("POST", "/api/v1/projects", project);
        assert_eq!(project.status, 201, "{}", project.text());
        let id = project.json()["id"].as_str().expect("an id").to_owned();
        assert_eq!(
            ask("POST", &format!("/api/v1/projects/{id}/open"), Value::Null).status,
            200
        );
        let gift = json!({ "key": format!("evil-{n}"), "account": "cash", "project": format!("evil-{n}"),
            "amount_fen": 100, "payer": { "name": text }, "receipt": "waived" });
        assert_eq!(ask("POST", "/api/v1/gifts", gift).status, 201);
    }
    let shown = ask(
        "PUT",
        "/api/v1/boards/{campaign}/shown",
        json!({ "kinds": ["county", "project"] }),
    );
    assert!(shown.status < 300, "{}", shown.text());
    let mut seen = 0;
    for path in [
        "/goods/data/csv",
        "/api/v1/boards/{campaign}/csv?by=project",
        "/api/v1/permissions/gift_read/holders?as=csv",
        "/api/v1/users/{user}/powers?as=csv",
        "/api/v1/books/trial-balance?format=csv",
        "/api/v1/books/activities?format=csv",
        "/api/v1/books/balance-sheet?format=csv",
        "/api/v1/books/cash-flow?format=csv",
        "/api/v1/books/use-rate?format=csv&by=project",
        "/api/v1/books/accounts/1001/entries?format=csv",
    ] {
        let answer = ask("GET", path, Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        for cell in cells(&answer.text()) {
            let number = cell.parse::<f64>().is_ok();
            assert!(
                number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{path}: {cell}"
            );
            seen += usize::from(evil.iter().any(|text| cell.contains(&text.replace('"', ""))));
        }
    }
    assert!(seen >= evil.len(), "the texts do come into the files: {seen}");
}

#[test]
fn no_address_leads_elsewhere() {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    let away = "https%3A%2F%2Felsewhere.example%2F";
    for path in [
        format!("/api/v1/payments/alipay/alipay/return?to={away}"),
        "/api/v1/payments/alipay/alipay/return?to=%2F%2Felsewhere.example".to_owned(),
        "/api/v1/payments/alipay/alipay/return?to=%2F%5Celsewhere.example".to_owned(),
        format!("/?next={away}&back={away}&to={away}&lang=en"),
        format!("/console/sign-in?back={away}"),
        "//elsewhere.example/".to_owned(),
        "/%2F%2Felsewhere.example/".to_owned(),
        format!("/my?next={away}"),
        format!("/lookup?next={away}"),
    ] {
        for host in ["localhost", "elsewhere.example"] {
            let headers = [("x-forwarded-host", host), ("accept", "text/html")];
            let answer = server.client().send("GET", &path, &headers, b"").expect("an answer");
            let to = answer.header("location").unwrap_or("/");
            assert!(
                to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'),
                "{path} leads to {to}"
            );
        }
    }
}

/// A try to sign in from an address of its own, and how long its answer took.
fn guess(server: &common::Server, (n, name, password): (u8, &str, &str), cookie: &str) -> (Answer, Duration) {
    let mut client = Client::connect_from(Ipv4Addr::new(127, 0, 9, n), &server.address).expect("a connection");
    let body = json!({ "name": name, "password": password }).to_string();
    let headers = [("content-type", "application/json"), ("cookie", cookie)];
    let begun = Instant::now();
    let answer = client
        .send("POST", "/api/v1/session", &headers, body.as_bytes())
        .expect("an answer");
    (answer, begun.elapsed())
}

/// A user who signed in with this password before.
fn member(client: &mut Client, house: &House, (name, password): (&str, &str)) {
    let admin = house.word("admin_token");
    let body = json!({ "name": name, "kind": "person", "unit": house.word("unit_id"), "roles": ["auditor"] });
    let made = client
        .staff(admin, "POST", "/api/v1/users", &body)
        .expect("an answer")
        .json();
    let path = format!("/api/v1/users/{}/invitation", made["id"].as_str().expect("an id"));
    let invited = client
        .staff(admin, "POST", &path, &json!({}))
        .expect("an answer")
        .json();
    let secret = invited["path"]
        .as_str()
        .and_then(|path| path.split_once('#'))
        .expect("a secret")
        .1;
    let body = json!({ "secret": secret, "password": password }).to_string();
    let headers = [("content-type", "application/json")];
    let accepted = client.send("POST", "/api/v1/invitations/accept", &headers, body.as_bytes());
    assert_eq!(accepted.expect("an answer").status, 200);
}

#[test]
fn a_name_that_exists_is_told_by_neither_words_nor_time() {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    member(&mut server.client(), &house, ("wang", "Qiao-example-7a99"));
    let mut quickest = [Duration::MAX; 2];
    let mut said = [Vec::new(), Vec::new()];
    guess(&server, (9, "warm-up", "Qiao-wrong-7a99"), "");
    for n in 0..GUESSES {
        for (who, name) in ["wang", "nobody-of-this-name"].into_iter().enumerate() {
            let address = u8::try_from(10 * who + n + 10).expect("few");
            let (answer, took) = guess(&server, (address, name, "Qiao-wrong-7a99"), "");
            quickest[who] = quickest[who].min(took);
            said[who].push((
                answer.status,
                answer.text(),
                answer.header("set-cookie").map(str::to_owned),
            ));
        }
    }
    let [known, unknown] = said;
    assert_eq!(known, unknown);
    assert_eq!(known[0].0, 401, "{known:?}");
    let [known_took, unknown_took] = quickest;
    let tenths = 10 * unknown_took.as_micros() / known_took.as_micros().max(1);
    assert!(
        TENTHS.contains(&tenths),
        "known {known_took:?}, unknown {unknown_took:?}"
    );
}

#[test]
fn a_session_that_was_planted_is_never_taken_up() {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    let password = "Qiao-example-7a99";
    member(&mut server.client(), &house, ("wang", password));
    let planted = "qiao_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let cookie_of = |answer: &Answer| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let set = answer.header("set-cookie").expect("a cookie").to_owned();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
        set.split(';').next().expect("a pair").to_owned()
    };
    let (first, _) = guess(&server, (10, "wang", password), planted);
    let first = cookie_of(&first);
    assert_ne!(first, planted);
    let (second, _) = guess(&server, (10, "wang", password), &first);
    let second = cookie_of(&second);
    assert_ne!(second, first, "each sign-in has a secret of its own");
    let me = |cookie: &str| {
        server
            .client()
            .send("GET", "/api/v1/me", &[("cookie", cookie)], b"")
            .expect("an answer")
    };
    assert_eq!(me(planted).status, 401);
    assert_eq!(me(&first).status, 401, "what was shown at the door is dead behind it");
    assert_eq!(me(&second).status, 200);
}
