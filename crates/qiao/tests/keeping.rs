//! What the real binary does beside taking gifts: erasing one, rotating its key, speaking the client's language, reading
//! a layout of the unit's own.

mod common;

use common::{House, On};
use serde_json::{Value, json};

both!(
    an_erased_gift_is_gone_from_page_and_paper_and_stays_in_the_books,
    |on| {
        let house = House::new(on);
        let secret = house.word("notice_secret");
        let server = house.serve();
        let mut client = server.client();
        let taken = client.notice(secret, "T1", 2_000).expect("an answer").json();
        let certificate = taken["certificate"].as_str().expect("an id").to_owned();
        let page = format!("/v/{certificate}");
        assert_eq!(client.get(&page).expect("an answer").status, 200);
        let before = house.totals();
        let erased = house
            .run(&["gift", "erase", &certificate, "--reason", "giver_asked", "--json"])
            .ok();
        assert_eq!(
            (&erased["erased"]["gifts"], &erased["gift"]),
            (&json!(1), &taken["gift"]),
            "{erased}"
        );
        let gone = client.get(&page).expect("an answer");
        assert_eq!(gone.status, 410, "{}", gone.text());
        client
            .get(&format!("/api/v1/certificates/{certificate}"))
            .expect("an answer")
            .is_problem(410, "erased");
        let again = house
            .run(&["gift", "erase", &certificate, "--reason", "giver_asked", "--json"])
            .ok();
        assert_eq!(again["was_erased_before"], true);
        let wrong = house.run(&["gift", "erase", &certificate, "--reason", "because"]);
        assert_eq!(wrong.code, 2, "{wrong:?}");
        let nobody = house.run(&["gift", "erase", house.word("unit_id"), "--reason", "giver_asked"]);
        assert_eq!(nobody.code, 1, "{nobody:?}");
        assert_eq!(house.totals(), before, "the money stays");
        assert_eq!(server.stop(), 0);
        house.is_sound();
    }
);

fn keys_of(house: &House) -> String {
    let said = house.run(&["doctor", "--json"]).ok();
    let checks = said["checks"].as_array().expect("checks");
    let keys = checks.iter().find(|check| check["name"] == "keys").expect("the check");
    assert_eq!(keys["ok"], true, "{keys}");
    keys["what"].as_str().expect("words").to_owned()
}

both!(a_rotated_key_takes_over_in_the_background_and_the_old_one_goes, |on| {
    let house = House::new(on);
    let secret = house.word("notice_secret");
    let server = house.serve();
    let mut client = server.client();
    let first = client.notice(secret, "T1", 2_000).expect("an answer");
    assert_eq!(first.status, 200, "{}", first.text());
    let certificate = first.json()["certificate"].as_str().expect("an id").to_owned();
    assert_eq!(server.stop(), 0);
    assert!(keys_of(&house).contains("all values are sealed with key 1"));
    house.run(&["key", "rotate", "--json"]).ok();
    let waiting = keys_of(&house);
    assert!(waiting.contains("are left"), "{waiting}");
    let refused = house.run(&["key", "remove-old", "--json"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let server = house.serve();
    for _ in 0..200 {
        if keys_of(&house).contains("remove-old") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let removed = house.run(&["key", "remove-old", "--json"]).ok();
    assert_eq!(removed["removed"], 1, "{removed}");
    assert_eq!(server.stop(), 0);
    let server = house.serve();
    let mut client = server.client();
    assert_eq!(
        client.notice(secret, "T1", 2_000).expect("an answer").body,
        first.body,
        "ids are as they were"
    );
    let page = client.get(&format!("/v/{certificate}")).expect("an answer");
    assert_eq!(page.status, 200, "the old gift opens: {}", page.text());
    assert_eq!(
        client.notice(secret, "T2", 5).expect("an answer").status,
        200,
        "the account’s secret opens too"
    );
    assert!(keys_of(&house).contains("all values are sealed with key 2"));
    assert_eq!(server.stop(), 0);
    house.is_sound();
});

#[test]
fn a_problem_speaks_the_clients_language_and_a_body_too_large_is_one_of_ours() {
    let house = House::new(On::Sqlite);
    let secret = house.word("notice_secret");
    let server = house.serve();
    let mut client = server.client();
    let mut ask = |headers: &[(&str, &str)]| client.send("GET", "/api/v1/gifts", headers, b"").expect("an answer");
    let chinese = ask(&[]);
    chinese.is_problem(401, "unauthenticated");
    assert_eq!(chinese.header("content-language"), Some("zh-Hans"));
    let english = ask(&[("accept-language", "en")]);
    english.is_problem(401, "unauthenticated");
    assert_eq!(english.header("content-language"), Some("en"));
    assert!(
        english.header("www-authenticate").is_some(),
        "nothing else of the answer is lost"
    );
    assert_ne!(chinese.json()["title"], english.json()["title"]);
    let page = client
        .send(
            "GET",
            "/nothing/here",
            &[("accept", "text/html"), ("accept-language", "en")],
            b"",
        )
        .expect("an answer");
    assert_eq!(page.status, 404);
    assert!(page.text().contains("<html lang=\"en\""), "{}", page.text());
    let missing = client
        .send(
            "GET",
            "/api/v1/nothing",
            &[("accept", "text/html"), ("accept-language", "en")],
            b"",
        )
        .expect("an answer");
    missing.is_problem(404, "not-found");
    assert_eq!(missing.header("content-language"), Some("en"));

    // Larger than a notice, and larger than what the framework reads by itself.
    for bytes in [20 * 1024, 3 * 1024 * 1024] {
        let body = vec![b' '; bytes];
        let mut fresh = server.client();
        let Ok(answer) = fresh.signed("notice", secret, &body) else {
            // The server may close while we still send: then it has said no in the only way left.
            continue;
        };
        answer.is_problem(413, "too-large");
    }
    assert_eq!(client.notice(secret, "T1", 5).expect("an answer").status, 200);
    assert_eq!(server.stop(), 0);
}

const PROFILE: &str = "name = \"county-bank\"\nchannel = \"bank\"\ntitle_zh = \"县农商行\"\ntitle_en = \"County bank\"\n\
    required = [\"trade_no\", \"amount\"]\n[columns]\ntrade_no = [\"流水\"]\namount = [\"进账\"]\ndate = [\"日子\"]\npayer = [\"谁\"]\n";

both!(a_unit_reads_its_own_layout_over_http, |on| {
    let house = House::new(on);
    let token = house.word("admin_token").to_owned();
    let bearer = format!("Bearer {token}");
    let server = house.serve();
    let mut client = server.client();
    let mut put = |name: &str, text: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/toml")];
        let path = format!("/api/v1/import-profiles/{name}");
        client.send("PUT", &path, &headers, text.as_bytes()).expect("an answer")
    };
    let kept = put("county-bank", PROFILE);
    assert_eq!(kept.status, 200, "{}", kept.text());
    assert_eq!(kept.json()["built_in"], false);
    put("other", PROFILE).is_problem(400, "invalid");
    put("wechat-bill", &PROFILE.replace("county-bank", "wechat-bill")).is_problem(400, "invalid");
    let wrong = put("county-bank", &PROFILE.replace("amount = ", "income = "));
    wrong.is_problem(400, "invalid");
    let bill = "流水,进账,日子,谁\nA001,12.34,2026-05-08,测试甲\nA002,5.00,2026-05-08,测试乙\n";
    let mut import = |profile: &str| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/octet-stream"),
        ];
        let path = format!("/api/v1/imports?name=day.csv&profile={profile}");
        client
            .send("POST", &path, &headers, bill.as_bytes())
            .expect("an answer")
    };
    import("nothing").is_problem(400, "invalid");
    let taken = import("county-bank");
    assert_eq!(taken.status, 202, "{}", taken.text());
    let job = format!("/api/v1/jobs/{}", taken.json()["job"].as_str().expect("an id"));
    // Removed at once: what was uploaded keeps the profile it named.
    let gone = client.staff(&token, "DELETE", "/api/v1/import-profiles/county-bank", &Value::Null);
    assert_eq!(gone.expect("an answer").status, 204);
    let mut done = Value::Null;
    for _ in 0..200 {
        done = client
            .staff(&token, "GET", &job, &Value::Null)
            .expect("an answer")
            .json();
        if done["state"] == "done" || done["state"] == "failed" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(done["state"], "done", "{done}");
    let totals = house.totals();
    assert_eq!((&totals["gifts"], &totals["sum_fen"]), (&json!(2), &json!(1_734)));
    let list = client
        .staff(&token, "GET", "/api/v1/import-profiles", &Value::Null)
        .expect("an answer")
        .json();
    let names: Vec<&str> = list["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|p| p["name"].as_str())
        .collect();
    assert!(
        names.contains(&"wechat-bill") && !names.contains(&"county-bank"),
        "{names:?}"
    );
    assert_eq!(server.stop(), 0);
});
