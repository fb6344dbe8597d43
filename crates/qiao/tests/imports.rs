//! Bill files into the books through the command line: made-up files with the oddities of real ones.

mod common;

use std::process::Stdio;

use common::{Client, House, On, Said, figures};
use serde_json::{Value, json};

const YSF: &str = "云闪付用户捐赠明细（2026年5月8日）,,\n姓名,金额(元),时间\n";
const WECHAT: &str = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号\n";

fn wechat(rows: &[(&str, &str, &str)]) -> String {
    let lines = rows.iter().map(|(number, amount, kind)| {
        format!("2026-05-08 09:30:00,{kind},*示例,捐赠,收入,{amount},零钱,已收钱,{number}\n")
    });
    WECHAT.to_owned() + &lines.collect::<String>()
}

const GIFT: &str = "二维码收款";

fn import(house: &House, words: &[&str]) -> Said {
    let mut all = vec!["import", "gifts"];
    all.extend(words);
    all.push("--json");
    house.run(&all)
}

/// new, known, held, skipped, refused of one file, after checking that each row counts once.
#[track_caller]
fn counts(file: &Value) -> [u64; 5] {
    let list = |key: &str| file[key].as_array().unwrap_or_else(|| panic!("{key}: {file}")).len() as u64;
    let number = |key: &str| file[key].as_u64().unwrap_or_else(|| panic!("{key}: {file}"));
    let all = [
        number("gifts_new"),
        number("gifts_known"),
        list("held"),
        list("skipped"),
        list("refused"),
    ];
    assert_eq!(all.iter().sum::<u64>(), number("rows_read"), "{file}");
    all
}

both!(the_same_file_twice_adds_nothing_in_any_encoding, |on| {
    let house = House::new(on);
    let text = format!("{YSF}*瑛,5,07:06:18\n*瑛,5,07:06:18\n*三,\"1,234.50\",08:00:00\n合计,1244.50,\n");
    let (gbk, _, lost) = encoding_rs::GBK.encode(&text);
    assert!(!lost);
    let plain = house.file("明细.csv", &text);
    let marked = house.file("明细（有标记）.csv", format!("\u{feff}{text}"));
    let gbk = house.file("明细-gbk.csv", &gbk);
    let first = import(&house, &[&plain]).ok();
    let file = &first["files"][0];
    assert_eq!(
        (&file["file"], &file["profile"]),
        (&json!("明细.csv"), &json!("unionpay-yunshanfu"))
    );
    assert_eq!(counts(file), [3, 0, 0, 0, 0]);
    assert_eq!(
        (&first["gifts_new"], &first["gifts_known"], &first["sum_new_fen"]),
        (&json!(3), &json!(0), &json!(124_450))
    );
    let control = &file["control_totals"][0];
    assert_eq!(
        (&control["row"], &control["stated_fen"], &control["found_fen"]),
        (&json!(6), &json!(124_450), &json!(124_450))
    );
    let totals = house.totals();
    assert_eq!(figures(&totals), (3, 124_450));
    let again = import(&house, &[&plain, &marked, &gbk]).ok();
    assert_eq!(
        (&again["gifts_new"], &again["gifts_known"], &again["sum_new_fen"]),
        (&json!(0), &json!(9), &json!(0))
    );
    assert_eq!(again["files"].as_array().expect("files").len(), 3);
    assert_eq!(house.totals(), totals);
    house.is_sound();
});

both!(
    an_overlapping_file_adds_only_what_is_new_and_skips_what_is_no_gift,
    |on| {
        let house = House::new(on);
        let one = house.file(
            "1.csv",
            wechat(&[("4200000001", "1.00", GIFT), ("4200000002", "2.00", GIFT)]),
        );
        let two = house.file(
            "2.csv",
            wechat(&[
                ("4200000002", "2.00", GIFT),
                ("4200000003", "4.00", GIFT),
                ("4200000004", "8.00", "微信红包-退款"),
            ]),
        );
        let said = import(&house, &[&one, &two]).ok();
        assert_eq!(counts(&said["files"][0]), [2, 0, 0, 0, 0]);
        assert_eq!(counts(&said["files"][1]), [1, 1, 0, 1, 0]);
        assert_eq!(said["files"][1]["skipped"], json!([{ "row": 4, "reason": "refund" }]));
        assert_eq!(figures(&house.totals()), (3, 700));
        // A bill line meets the notice that came before it on the same account.
        let server = house.serve();
        let secret = house.made["accounts"]["wechat"]["secret"].as_str().expect("a secret");
        let body = common::http::notice("4200000009", 900).to_string();
        assert_eq!(
            server
                .client()
                .signed("wechat", secret, body.as_bytes())
                .expect("an answer")
                .status,
            200
        );
        let three = house.file("3.csv", wechat(&[("4200000009", "9.00", GIFT)]));
        assert_eq!(counts(&import(&house, &[&three]).ok()["files"][0]), [0, 1, 0, 0, 0]);
        assert_eq!(figures(&house.totals()), (4, 1_600));
    }
);

both!(a_known_number_with_another_amount_is_held_and_stops_nothing, |on| {
    let house = House::new(on);
    let rows = [
        ("4200000001", "0.35", GIFT),
        ("4200000001", "23.00", GIFT),
        ("4200000002", "1.00", GIFT),
    ];
    let file = house.file("微信.csv", wechat(&rows));
    let said = import(&house, &[&file]).ok();
    assert_eq!(counts(&said["files"][0]), [2, 0, 1, 0, 0]);
    assert_eq!(said["files"][0]["held"][0]["row"], 3);
    assert_eq!(figures(&house.totals()), (2, 135));
    let again = import(&house, &[&file]).ok();
    assert_eq!(
        counts(&again["files"][0]),
        [0, 2, 1, 0, 0],
        "and it is held again, once"
    );
    let server = house.serve();
    let reviews = server
        .client()
        .staff(house.word("admin_token"), "GET", "/api/v1/reviews", &Value::Null);
    let reviews = reviews.expect("an answer").text();
    assert_eq!(reviews.matches("2300").count(), 1, "{reviews}");
    house.is_sound();
});

both!(
    a_file_with_a_refused_row_changes_nothing_unless_the_good_ones_are_kept,
    |on| {
        let house = House::new(on);
        let rows = [
            ("4200000001", "1.00", GIFT),
            ("4200000002", "abc", GIFT),
            ("4200000003", "2.00", GIFT),
        ];
        let file = house.file("bad.csv", wechat(&rows));
        let good = house.file("good.csv", wechat(&[("4200000009", "7.00", GIFT)]));
        let before = house.totals();
        let said = import(&house, &[&file]);
        assert_eq!(said.code, 1, "{said:?}");
        assert_eq!(
            said.json["files"][0]["refused"],
            json!([{ "row": 3, "reason": "amount_unreadable" }]),
            "{}",
            said.json
        );
        assert_eq!(
            (&said.json["gifts_new"], &said.json["sum_new_fen"]),
            (&json!(0), &json!(0))
        );
        assert_eq!(house.totals(), before);
        let kept = import(&house, &["--keep-good", &file]).ok();
        assert_eq!(counts(&kept["files"][0]), [2, 0, 0, 0, 1]);
        assert_eq!(figures(&house.totals()), (2, 300));
        // A refused file does not keep another one out.
        let both = import(&house, &[&file, &good]);
        assert_eq!((both.code, &both.json["gifts_new"]), (1, &json!(1)), "{both:?}");
        assert_eq!(figures(&house.totals()), (3, 1_000));
        let unknown = house.file("what.csv", "a,b\n1,2\n");
        let said = import(&house, &[&unknown]);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.json["error"].is_string(), "{said:?}");
        assert_eq!(import(&house, &["not-there.csv"]).code, 1);
        assert_eq!(figures(&house.totals()), (3, 1_000));
    }
);

both!(a_dry_run_says_what_would_happen_and_stores_nothing, |on| {
    let house = House::new(on);
    let one = house.file("1.csv", wechat(&[("4200000001", "1.00", GIFT)]));
    import(&house, &[&one]).ok();
    let before = house.totals();
    let rows = [
        ("4200000001", "1.00", GIFT),
        ("4200000002", "2.00", GIFT),
        ("4200000001", "3.00", GIFT),
    ];
    let two = house.file("2.csv", wechat(&rows));
    let said = import(&house, &["--dry-run", &two]).ok();
    assert_eq!(counts(&said["files"][0]), [1, 1, 1, 0, 0]);
    assert_eq!(said["files"][0]["import_id"], Value::Null);
    assert_eq!(house.totals(), before);
    let done = import(&house, &[&two]).ok();
    assert_eq!(counts(&done["files"][0]), [1, 1, 1, 0, 0], "what was foreseen happens");
    house.is_sound();
});

both!(an_import_is_taken_back_by_reversal_and_can_come_again, |on| {
    let house = House::new(on);
    let kept = house.file("kept.csv", wechat(&[("4200000001", "1.00", GIFT)]));
    import(&house, &[&kept]).ok();
    let before = house.totals();
    let rows = [
        ("4200000001", "1.00", GIFT),
        ("4200000002", "2.00", GIFT),
        ("4200000003", "4.00", GIFT),
    ];
    let file = house.file("wrong.csv", wechat(&rows));
    let said = import(&house, &[&file]).ok();
    let run = said["files"][0]["import_id"].as_str().expect("the run's id").to_owned();
    assert_eq!(figures(&house.totals()), (3, 700));
    let taken = house.run(&["import", "take-back", &run, "--json"]).ok();
    assert_eq!(
        (&taken["gifts"], &taken["sum_fen"]),
        (&json!(2), &json!(600)),
        "only what it brought"
    );
    let after = house.totals();
    assert_eq!(after["trial_balance"], before["trial_balance"]);
    let net = after["sum_fen"].as_i64().expect("a sum") - after["refunds"]["sum_fen"].as_i64().expect("a sum");
    assert_eq!(net, 100, "{after}");
    house.is_sound();
    house.run(&["import", "take-back", &run, "--json"]).ok();
    assert_eq!(house.totals(), after, "once is enough");
    let again = import(&house, &[&file]).ok();
    assert_eq!(
        (&again["gifts_new"], &again["gifts_known"]),
        (&json!(2), &json!(1)),
        "{again}"
    );
    let last = house.totals();
    let net = last["sum_fen"].as_i64().expect("a sum") - last["refunds"]["sum_fen"].as_i64().expect("a sum");
    assert_eq!(net, 700, "{last}");
    house.is_sound();
});

/// Uploads a bill with one gift and waits for what becomes of it; the answer itself where none is taken.
fn upload(client: &mut Client, token: &str, number: &str, asked: &str) -> Value {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/octet-stream"),
    ];
    let (path, bill) = (
        format!("/api/v1/imports?name=day.csv{asked}"),
        wechat(&[(number, "10.00", GIFT)]),
    );
    let taken = client
        .send("POST", &path, &headers, bill.as_bytes())
        .expect("an answer");
    if taken.status != 202 {
        return json!({ "state": taken.status });
    }
    let job = format!("/api/v1/jobs/{}", taken.json()["job"].as_str().expect("an id"));
    for _ in 0..200 {
        let done = client
            .staff(token, "GET", &job, &Value::Null)
            .expect("an answer")
            .json();
        if done["state"] == "done" || done["state"] == "failed" {
            return done;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{job} does not end");
}

both!(an_upload_names_its_unit_and_says_whether_its_gifts_are_matched, |on| {
    let house = House::new(on);
    let rule = json!({ "window": { "spans": [{ "from": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z" }] },
        "kind": { "kind": "ratio", "permille": 1_000 }, "on_refund": "to_pool", "caps": { "gift_fen": 700 } });
    let rule = house.file("rule.json", rule.to_string());
    let paper = house.file("agreement.txt", "made up for the test");
    let words = [
        "match",
        "set-up",
        "--pool",
        "pool-a",
        "--sponsor",
        "测试企业",
        "--locked-yuan",
        "120",
    ];
    let more = ["--rule", &rule, "--agreement", &paper, "--open", "--json"];
    house.run(&[&words[..], &more].concat()).ok();
    let (admin, city) = (house.word("admin_token").to_owned(), house.word("unit_id").to_owned());
    let server = house.serve();
    let mut client = server.client();
    let county = json!({ "parent": city, "name": "示例县红十字会", "region_code": "371321", "books": "own" });
    let county = client
        .staff(&admin, "POST", "/api/v1/units", &county)
        .expect("an answer");
    assert_eq!(county.status, 201, "{}", county.text());
    let county = county.json()["id"].as_str().expect("an id").to_owned();
    let user = json!({ "name": "经办", "kind": "person", "unit": county, "roles": ["fundraising_officer"],
        "token": { "name": "test" } });
    let user = client
        .staff(&admin, "POST", "/api/v1/users", &user)
        .expect("an answer")
        .json();
    let officer = user["token"]["token"].as_str().expect("a token").to_owned();

    // The county takes no WeChat money: whoever imports for it is told so, and the city's books are out of reach.
    let no_account = |done: &Value| {
        let why = done["error"].as_str().unwrap_or_default();
        assert!(done["state"] == "failed" && why.contains("no open account"), "{done}");
    };
    no_account(&upload(&mut client, &officer, "4200000001", "&project=general"));
    no_account(&upload(
        &mut client,
        &admin,
        "4200000001",
        &format!("&project=general&unit={county}"),
    ));
    for reach in [format!("&unit={city}"), "&project=general&account=wechat".to_owned()] {
        assert_eq!(
            upload(&mut client, &officer, "4200000001", &reach)["state"],
            403,
            "{reach}"
        );
    }
    assert_eq!(upload(&mut client, &admin, "4200000001", "&unit=nobody")["state"], 400);
    assert_eq!(figures(&house.totals()), (0, 0));

    let plain = upload(&mut client, &admin, "4200000001", "");
    assert_eq!(plain["result"]["gifts_new"], 1, "{plain}");
    assert_eq!(
        house.totals()["matched"]["matches"],
        0,
        "a bill is matched only when somebody says so"
    );
    let matched = upload(&mut client, &admin, "4200000002", &format!("&match=true&unit={city}"));
    assert_eq!(matched["result"]["gifts_new"], 1, "{matched}");
    let totals = house.totals();
    assert_eq!(
        (&totals["matched"]["matches"], &totals["matched"]["sum_fen"]),
        (&json!(1), &json!(700))
    );
    assert_eq!(server.stop(), 0);
    house.is_sound();
});

const MERCHANT: &str = "交易时间,公众账号ID,商户号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
应结订单金额,商品名称,手续费,订单金额,申请退款金额\n";

/// A WeChat Pay merchant's bill: each cell begins with a grave accent, totals stand below.
fn merchants(rows: &[(&str, &str, &str, &str)]) -> String {
    let lines = rows.iter().map(|(number, order, state, yuan)| {
        format!(
            "`2026-05-08 09:30:00,`wxapp,`1900000001,`{number},`{order},`openid,`JSAPI,`{state},`OTHERS,`CNY,`{yuan},`演示,`0.06,`{yuan},`0.00\n"
        )
    });
    let totals = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n`3,`9.90,`4.00,`0.00,`0.04,`10.00,`4.00\n";
    format!("\u{feff}{MERCHANT}{}{totals}", lines.collect::<String>())
}

both!(a_merchants_bill_meets_what_its_own_order_numbers_brought, |on| {
    let house = House::new(on);
    let server = house.serve();
    let mut client = server.client();
    let wish = json!({ "project": "general", "amount_fen": 700, "payer": { "name": "王小明" } });
    let headers = [("content-type", "application/json")];
    let placed = client.send("POST", "/api/v1/orders", &headers, wish.to_string().as_bytes());
    let placed = placed.expect("an answer").json();
    let order = placed["trade_no"]
        .as_str()
        .unwrap_or_else(|| panic!("an order: {placed}"));
    let account = placed["account"].as_str().expect("its account");
    let secret = house.word("notice_secret");
    // One gift came by a notice under the shop's own number, one by a wallet's list under WeChat's.
    let body = common::http::notice("SHOP-1", 900).to_string();
    assert_eq!(
        client
            .signed(account, secret, body.as_bytes())
            .expect("an answer")
            .status,
        200
    );
    let list = house.file("wallet.csv", wechat(&[("4200000002", "2.00", GIFT)]));
    assert_eq!(
        counts(&import(&house, &["--account", account, &list]).ok()["files"][0]),
        [1, 0, 0, 0, 0]
    );
    let bill = house.file(
        "bill.csv",
        merchants(&[
            ("4200000001", "SHOP-1", "SUCCESS", "9.00"),
            ("4200000002", "SHOP-2", "SUCCESS", "2.00"),
            ("4200000003", order, "SUCCESS", "7.00"),
            ("4200000001", "SHOP-1", "REFUND", "0.00"),
        ]),
    );
    let told = import(&house, &["--account", account, "--dry-run", &bill]).ok();
    assert_eq!(counts(&told["files"][0]), [1, 2, 0, 1, 0], "{told}");
    let told = import(&house, &["--account", account, &bill]).ok();
    assert_eq!(told["files"][0]["profile"], "wechat-merchant");
    assert_eq!(counts(&told["files"][0]), [1, 2, 0, 1, 0], "{told}");
    // The notice of the order comes late: it is the gift that the bill brought.
    let body = common::http::notice(order, 700).to_string();
    assert_eq!(
        client
            .signed(account, secret, body.as_bytes())
            .expect("an answer")
            .status,
        200
    );
    assert_eq!(figures(&house.totals()), (3, 1_800));
    assert_eq!(
        counts(&import(&house, &["--account", account, &bill]).ok()["files"][0]),
        [0, 3, 0, 1, 0]
    );
    // The same number with another amount waits for a person.
    let wrong = house.file("wrong.csv", merchants(&[("4200000001", "SHOP-1", "SUCCESS", "9.50")]));
    assert_eq!(
        counts(&import(&house, &["--account", account, &wrong]).ok()["files"][0]),
        [0, 0, 1, 0, 0]
    );
    assert_eq!(figures(&house.totals()), (3, 1_800));
});

/// The most memory of its own, in kB, that a dry run over so many rows held: not what it maps of its program, which differs
/// from run to run.
fn peak_of_a_dry_run(house: &House, rows: u32) -> u64 {
    let mut bill = WECHAT.trim_end().to_owned() + ",备考\n";
    let aside = "x".repeat(600);
    for row in 0..rows {
        bill += &format!("2026-05-08 09:30:00,{GIFT},*示例,捐赠,收入,1.00,零钱,已收钱,42{row:08},{aside}\n");
    }
    let file = house.file(&format!("{rows}.csv"), bill);
    let mut command = house.command(&["import", "gifts", &file, "--dry-run", "--json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("qiao runs");
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kb = line.and_then(|line| line.trim().strip_suffix(" kB"));
        peak = peak.max(kb.and_then(|kb| kb.parse().ok()).unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("its output");
    let said: Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(said["gifts_new"], rows, "{said}");
    peak
}

/// A dry run reads and looks numbers up as an import does, twice, and stores nothing: a database's own memory, which grows
/// to its bound with what is stored, stays out of the measure. Its caches are filled before 16,000 rows (measured: 61.5 MB
/// with 4,000, 65.6 with 16,000, 64.4 with 64,000); rows that were kept would be 17 MB more.
#[test]
fn memory_does_not_grow_with_the_rows_of_a_file() {
    const MARGIN_KB: u64 = 8_192;
    let house = House::new(On::Sqlite);
    let (few, many) = (peak_of_a_dry_run(&house, 16_000), peak_of_a_dry_run(&house, 40_000));
    assert!(
        few > 0 && many < few + MARGIN_KB,
        "{few} kB, with two and a half times the rows {many} kB"
    );
}

both!(gifts_of_a_file_are_matched_when_asked_in_the_order_of_payment, |on| {
    let house = House::new(on);
    let rule = json!({
        "window": { "spans": [{ "from": "2026-05-07T16:00:00Z", "to": "2026-05-08T16:00:00Z" }] },
        "kind": { "kind": "ratio", "permille": 1_000 },
    });
    let rule = house.file("rule.json", rule.to_string());
    let paper = house.file("agreement.txt", "made up for the test");
    let pool = [
        "match",
        "set-up",
        "--pool",
        "of-file",
        "--sponsor",
        "测试企业",
        "--locked-yuan",
        "10",
    ];
    let more = ["--rule", &rule, "--agreement", &paper, "--open", "--json"];
    assert_eq!(house.run(&[&pool[..], &more].concat()).ok()["state"], "open");
    let unasked = house.file("unasked.csv", wechat(&[("4200000009", "5.00", GIFT)]));
    assert_eq!(import(&house, &[&unasked]).ok()["gifts_new"], 1);
    let rows = [
        ("12:00:00", "4200000001", "6.00"),
        ("09:00:00", "4200000004", "3.00"),
        ("09:00:00", "4200000003", "4.00"),
        ("08:00:00", "4200000002", "2.00"),
    ];
    let rows = rows.map(|(time, number, amount)| {
        format!("2026-05-08 {time},{GIFT},*示例,捐赠,收入,{amount},零钱,已收钱,{number}\n")
    });
    let asked = house.file("asked.csv", WECHAT.to_owned() + &rows.concat());
    for _ in 0..2 {
        import(&house, &["--match", &asked]).ok();
        let export = [
            "match",
            "export",
            "--decisions",
            "d.jsonl",
            "--gifts",
            "g.jsonl",
            "--json",
        ];
        assert_eq!(
            house.run(&export).ok()["gifts"],
            4,
            "only those that were asked for, once"
        );
        let decided = std::fs::read_to_string(house.path("d.jsonl")).expect("decisions");
        let decided = decided.lines().skip(1).map(|line| {
            let row: Value = serde_json::from_str(line).expect("a decision");
            (row["offered_fen"].as_i64(), row["given_fen"].as_i64())
        });
        let expected = [(200, 200), (400, 400), (300, 300), (600, 100)];
        assert_eq!(
            decided.collect::<Vec<_>>(),
            expected.map(|(offered, given)| (Some(offered), Some(given)))
        );
    }
    assert_eq!(house.run(&["match", "replay", "--json"]).ok()["agrees"], true);
});
