//! The figures that issue 2 promises for the real files, on both databases, through the command line. Needs the folder
//! `SHANQIAO_SHARED` (default `../shared/data` beside the repository) and the feature `shared-data`.
#![allow(clippy::disallowed_methods, reason = "a test that is told where the real files lie")]

mod common;

use std::path::PathBuf;

use common::{House, figures, sum};
use serde_json::{Value, json};

const QR: &str = "wuhan-redcross/gifts/武汉市红十字会接受社会捐赠明细（二维码及pos机）";

fn shared(path: &str) -> String {
    let root = std::env::var_os("SHANQIAO_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let path = root.join(path);
    assert!(
        path.is_file(),
        "{} is not there; SHANQIAO_SHARED says where the real files are",
        path.display()
    );
    path.canonicalize()
        .expect("a path")
        .to_str()
        .expect("a name")
        .to_owned()
}

/// Imports one file and returns its report, in which each row counts once.
fn import(house: &House, path: &str) -> Value {
    let said = house.run(&["import", "gifts", &shared(path), "--json"]).ok();
    let file = said["files"][0].clone();
    assert_eq!(
        (&said["gifts_new"], &said["sum_new_fen"]),
        (&file["gifts_new"], &file["sum_new_fen"])
    );
    let lists: usize = ["held", "skipped", "refused"]
        .iter()
        .map(|k| file[k].as_array().expect("a list").len())
        .sum();
    let gifts = file["gifts_new"].as_u64().expect("new") + file["gifts_known"].as_u64().expect("known");
    assert_eq!(file["rows_read"], gifts + lists as u64, "{path}");
    file
}

/// new, sum, known, held, skipped, refused.
fn figures_of(file: &Value) -> (i64, i64, i64, usize, usize, usize) {
    let list = |key: &str| file[key].as_array().expect("a list").len();
    let number = |key: &str| file[key].as_i64().expect("a number");
    let (new, sum_fen, known) = (number("gifts_new"), number("sum_new_fen"), number("gifts_known"));
    (new, sum_fen, known, list("held"), list("skipped"), list("refused"))
}

/// The control totals that the file states, each found to be equal.
fn control_ties(file: &Value, stated_fen: Option<i64>) {
    let all = file["control_totals"].as_array().expect("a list");
    assert_eq!(all.len(), usize::from(stated_fen.is_some()), "{all:?}");
    for one in all {
        assert_eq!(
            (one["stated_fen"].as_i64(), one["found_fen"].as_i64()),
            (stated_fen, stated_fen),
            "{one}"
        );
    }
}

/// 1,061,100.00 as pages write it.
fn written(fen: i64) -> String {
    let (yuan, digits) = (fen / 100, (fen / 100).to_string());
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|c| std::str::from_utf8(c).expect("digits"))
        .collect();
    assert_eq!(groups.concat(), yuan.to_string());
    format!("{}.{:02}", groups.join(","), fen % 100)
}

both!(the_wuhan_lists_give_their_figures_and_copies_add_nothing, |on| {
    let house = House::new(on);
    // file, gifts, sum, whether it states a control total
    let files = [
        ("2020年1月24日", 1_207, 21_078_319, true),
        ("2020年1月25日", 49_691, 476_102_868, true),
        ("2020年1月26日", 23_772, 260_500_945, true),
        ("第二期2020年1月27日", 18_893, 230_048_190, true),
        ("2020年2月7日", 2_514, 73_536_128, true),
        ("2020年2月11日", 1_688, 57_693_642, false),
    ];
    let (mut gifts, mut sum_fen) = (0, 0);
    for (name, new, fen, states) in files {
        let file = import(&house, &format!("{QR}{name}.xlsx"));
        assert_eq!(figures_of(&file), (new, fen, 0, 0, 0, 0), "{name}");
        control_ties(&file, states.then_some(fen));
        gifts += new;
        sum_fen += fen;
    }
    for (name, known) in [("2020年1月24日的副本", 1_207), ("2020年1月26日的副本", 23_772)] {
        let file = import(&house, &format!("{QR}{name}.xlsx"));
        assert_eq!(figures_of(&file), (0, 0, known, 0, 0, 0), "{name}");
    }
    for (name, new, fen) in [("2月1日", 2_151, 10_553_382), ("2月7日", 999, 5_925_506)] {
        let file = import(
            &house,
            &format!("wuhan-redcross/gifts/武汉市红十字会云闪付用户捐赠明细（{name}）.xlsx"),
        );
        assert_eq!(figures_of(&file), (new, fen, 0, 0, 0, 0), "{name}");
        control_ties(&file, Some(fen));
        gifts += new;
        sum_fen += fen;
    }
    let totals = house.totals();
    assert_eq!(figures(&totals), (gifts, sum_fen));
    // Five gifts belong to the day before their file: four of 26 January, one of 27 January.
    let of_day = |day: &str| {
        let days = totals["by_day"].as_array().expect("days").iter();
        days.filter(|one| one["day"] == day)
            .map(|one| one["gifts"].as_i64().expect("gifts"))
            .sum::<i64>()
    };
    let days = ["2020-01-24", "2020-01-25", "2020-01-26", "2020-01-27"].map(of_day);
    assert_eq!(days, [1_207, 49_691 + 4, 23_772 - 4 + 1, 18_893 - 1]);
    everywhere_the_same_sum(&house, gifts, sum_fen);
    house.is_sound();
});

/// What a reader sees of a page: the text without its tags.
fn seen(page: &str) -> String {
    let mut inside = false;
    let shown = page.chars().filter(|c| match c {
        '<' => {
            inside = true;
            false
        }
        '>' => {
            inside = false;
            false
        }
        _ => !inside,
    });
    shown.collect()
}

/// Page, API, CSV and trial balance.
fn everywhere_the_same_sum(house: &House, gifts: i64, sum_fen: i64) {
    let server = house.serve();
    let mut client = server.client();
    let token = house.word("admin_token").to_owned();
    let page = client.get("/p/general").expect("an answer");
    assert_eq!(page.status, 200, "{}", page.text());
    let home = client.get("/").expect("an answer");
    for page in [seen(&page.text()), seen(&home.text())] {
        assert!(
            page.contains(&written(sum_fen)),
            "the page shows {}: {page}",
            written(sum_fen)
        );
    }
    let api = client.get("/api/v1/projects/general/totals").expect("an answer").json();
    assert_eq!((&api["gifts"], &api["sum_fen"]), (&json!(gifts), &json!(sum_fen)));
    let mut staff = |path: &str| {
        let answer = client.staff(&token, "GET", path, &Value::Null).expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer
    };
    let totals = staff("/api/v1/reports/totals").json();
    assert_eq!((&totals["gifts"], &totals["sum_fen"]), (&json!(gifts), &json!(sum_fen)));
    // The books have the day on which a gift was recorded, so the period is this year, which is what one gets unasked.
    let balance = staff("/api/v1/books/trial-balance").json();
    assert_eq!(balance["balanced"], true);
    assert_eq!(
        (&balance["closing"]["debit_fen"], &balance["closing"]["credit_fen"]),
        (&json!(sum_fen), &json!(sum_fen))
    );
    let csv = staff("/api/v1/books/trial-balance?format=csv").text();
    let yuan = format!("{}.{:02}", sum_fen / 100, sum_fen % 100);
    assert!(
        csv.lines()
            .any(|line| line.contains("期末余额合计") && line.matches(&yuan).count() == 2),
        "{csv}"
    );
    assert_eq!(server.stop(), 0);
}

both!(the_bills_give_their_gifts_and_say_why_the_rest_is_none, |on| {
    let house = House::new(on);
    // file, new, sum, held, skipped for money in that is no gift (reason, rows)
    let wechat = import(&house, "bills/wechat/example-wechat-records.csv");
    let (new, fen, known, held, _, refused) = figures_of(&wechat);
    assert_eq!((new, fen, known, held, refused), (4, 549, 0, 1, 0), "{wechat}");
    let alipay = import(&house, "bills/alipay/example-alipay-records.csv");
    let (new, fen, known, held, _, refused) = figures_of(&alipay);
    assert_eq!((new, fen, known, held, refused), (1, 22_222_850, 0, 0, 0), "{alipay}");
    let money_in = |file: &Value| {
        let skipped = file["skipped"].as_array().expect("a list").iter();
        let mut reasons: Vec<String> = skipped
            .map(|row| row["reason"].as_str().expect("a reason").to_owned())
            .filter(|reason| reason != "money_out")
            .collect();
        reasons.sort();
        reasons
    };
    let icbc = import(&house, "bills/icbc/debit-v2/example-icbc-debit-v2-records.csv");
    let (new, fen, known, held, _, refused) = figures_of(&icbc);
    assert_eq!((new, fen, known, held, refused), (1, 123_456, 0, 0, 0), "{icbc}");
    assert_eq!(money_in(&icbc), ["cashback", "investment", "refund", "wages"]);
    let boc = import(&house, "bills/boc/debit/example-boc-records.csv");
    let (new, fen, known, held, _, refused) = figures_of(&boc);
    assert_eq!((new, fen, known, held, refused), (1, 100_000, 0, 0, 0), "{boc}");
    assert_eq!(money_in(&boc), ["own_transfer", "refund", "wages"]);
    // The same bill as a workbook has the same lines.
    let again = import(&house, "bills/wechat/example-wechat-records.xlsx");
    assert_eq!((figures_of(&again).0, figures_of(&again).2), (0, 4), "{again}");
    let totals = house.totals();
    assert_eq!(figures(&totals), (7, 549 + 22_222_850 + 123_456 + 100_000));
    assert_eq!(sum(&totals["by_channel"], "gifts"), 7);
    house.is_sound();
});

#[test]
fn a_sum_is_written_as_pages_write_it() {
    assert_eq!(
        [written(106_110_000), written(5), written(100_000)],
        ["1,061,100.00", "0.05", "1,000.00"]
    );
}

/// Every line of a file of JSON lines.
fn lines(house: &House, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(house.path(name)).expect("a file");
    let read = |line| serde_json::from_str(line).expect("a line of JSON");
    text.lines().map(read).collect()
}

// Done-when 3 of the giving day. One import serves three pools that add up: each decides as if it were alone.
both!(the_seventh_of_february_is_matched_as_it_was_counted_by_hand, |on| {
    let house = House::new(on);
    let paper = house.file("agreement.txt", "made up for the test");
    // cap of a gift and pool in yuan; gifts matched; what the last one got and what it was, in fen
    let pools = [
        (500, 200_000, 1_830, (37_588, 100_000)),
        (1_000, 300_000, 2_089, (95_452, 800_000)),
        (100, 50_000, 1_039, (4_539, 10_000)),
    ];
    for (cap, locked, ..) in pools {
        let (code, locked) = (format!("cap-{cap}"), locked.to_string());
        let rule = json!({
            "window": { "spans": [{ "from": "2020-02-06T16:00:00Z", "to": "2020-02-07T16:00:00Z" }] },
            "kind": { "kind": "ratio", "permille": 1_000 },
            "caps": { "gift_fen": cap * 100 },
        });
        let rule = house.file(&format!("{code}.json"), rule.to_string());
        let words = [
            "match",
            "set-up",
            "--pool",
            &code,
            "--sponsor",
            &code,
            "--locked-yuan",
            &locked,
        ];
        let more = ["--rule", &rule, "--agreement", &paper, "--open", "--json"];
        assert_eq!(house.run(&[&words[..], &more].concat()).ok()["state"], "open");
    }
    let file = shared(&format!("{QR}2020年2月7日.xlsx"));
    let said = house.run(&["import", "gifts", "--match", &file, "--json"]).ok();
    assert_eq!(said["gifts_new"], 2_514);
    let files = [
        "match",
        "export",
        "--decisions",
        "decisions.jsonl",
        "--gifts",
        "gifts.jsonl",
        "--json",
    ];
    assert_eq!(house.run(&files).ok()["gifts"], 2_514);
    let (decisions, gifts) = (lines(&house, "decisions.jsonl"), lines(&house, "gifts.jsonl"));
    let amount_of = |id: &Value| {
        let gift = gifts.iter().find(|gift| gift["gift"] == *id);
        gift.expect("its gift")["amount_fen"].as_i64().expect("fen")
    };
    for (cap, locked, matched, (given, amount)) in pools {
        let code = format!("cap-{cap}");
        let of_pool = decisions
            .iter()
            .filter(|row| row["pool"] == *code && row["number"].is_i64());
        let gave: Vec<&Value> = of_pool.filter(|row| row["given_fen"].as_i64() > Some(0)).collect();
        assert_eq!(gave.len(), matched, "{code}");
        let last = gave
            .iter()
            .max_by_key(|row| row["number"].as_i64())
            .expect("the last match");
        assert_eq!(
            (&last["cap"], &last["after_fen"]),
            (&json!("pool"), &json!(0)),
            "{last}"
        );
        assert_eq!(
            (last["given_fen"].as_i64(), amount_of(&last["gift"])),
            (Some(given), amount),
            "{last}"
        );
        // A sponsor who asks afterwards what such a rule would have done sees the same.
        let (rule, locked) = (format!("{code}.json"), locked.to_string());
        let plan = ["match", "plan", "--rule", &rule, "--locked-yuan", &locked];
        let period = ["--from", "2020-02-07", "--to", "2020-02-07", "--json"];
        let planned = house.run(&[&plan[..], &period].concat()).ok();
        assert_eq!(
            (&planned["matches"], &planned["left_fen"]),
            (&json!(matched), &json!(0)),
            "{planned}"
        );
        assert_eq!(planned["last"]["gift"], last["gift"], "{planned}");
    }
    let replayed = house.run(&["match", "replay", "--json"]).ok();
    assert_eq!(
        (&replayed["agrees"], &replayed["pools"]),
        (&json!(true), &json!(3)),
        "{replayed}"
    );
    house.is_sound();
});
