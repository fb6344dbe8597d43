//! Tables of goods through the command line, and the goods' way through the real server.

mod common;

use common::House;
use serde_json::{Value, json};

const OUT: &str = "时间,接收单位,品名,规格,计量单位,数量\n";

both!(a_table_comes_in_once_however_often_it_is_given, |on| {
    let house = House::new(on);
    let rows =
        "2020-01-30,示例第一医院,口罩,,个,\"1,000\"\n,,口罩,,个,\"1,000\"\n2020-01-30,示例第二医院,手套,大号,副,20\n";
    let first = house.file("一.csv", format!("{OUT}{rows}"));
    let said = house.run(&["import", "goods-out", &first, "--json"]).ok();
    assert_eq!(
        (&said["lines_new"], &said["receivers"]),
        (&json!(3), &json!(2)),
        "{said}"
    );
    assert_eq!(said["by_unit"], json!({ "个": 2_000, "副": 20 }));
    // The same lines with other white space, and one more of a line that was there.
    let rows = rows
        .replace("示例第一医院", "示例第一 医院\u{3000}")
        .replace("手套", "手\u{a0}套");
    let second = house.file(
        "二.csv",
        format!("{OUT}{rows}2020-01-30,示例第二医院,手套,大号,副,20\n"),
    );
    let said = house.run(&["import", "goods-out", &second, "--json"]).ok();
    assert_eq!(
        (&said["lines_new"], &said["lines_known"]),
        (&json!(1), &json!(3)),
        "{said}"
    );
    assert_eq!(said["by_unit"], json!({ "副": 20 }));
    house.is_sound();
});

both!(
    a_file_with_a_row_that_cannot_be_read_changes_nothing_unless_the_good_ones_are_kept,
    |on| {
        let house = House::new(on);
        let rows = "2020-01-30,示例第一医院,口罩,,个,若干\n2020-01-30,示例第二医院,手套,,副,20\n";
        let file = house.file("一.csv", format!("{OUT}{rows}"));
        let said = house.run(&["import", "goods-out", &file, "--json"]);
        assert_eq!(said.code, 1);
        assert_eq!(said.json["lines_new"], 0);
        assert_eq!(said.json["refused"][0]["row"], 2, "{}", said.json);
        assert_eq!(said.json["refused"][0]["reason"], "quantity_unreadable");
        let said = house.run(&["import", "goods-out", &file, "--keep-good", "--json"]).ok();
        assert_eq!(said["lines_new"], 1);
        let other = house.run(&["import", "goods-in", &file, "--json"]);
        assert_eq!(
            (other.code, other.json["error"].is_string()),
            (1, true),
            "{}",
            other.json
        );
    }
);

both!(needs_in_json_leave_persons_out, |on| {
    let house = House::new(on);
    let needs = json!([
        { "city": "示例市", "district": "甲区", "name": "示例医院\n", "address": "某路1号", "supplies": [
            { "key": "N95口罩", "value": 1 }, { "key": "防护服", "value": 300, "specification": "GB 19082" },
            { "key": "护目镜", "value": null } ], "contacts": [{ "name": "示例", "tel": "0000" }] },
        { "city": "示例市", "district": "乙区", "name": "示例医院", "address": "某路2号", "supplies": [] }
    ]);
    let file = house.file("needs.json", needs.to_string());
    let said = house.run(&["import", "needs", &file, "--json"]).ok();
    assert_eq!(
        (&said["receivers"], &said["lines_new"]),
        (&json!(2), &json!(3)),
        "{said}"
    );
    assert_eq!(said["needs"]["防护服"]["sum"], 300);
    assert_eq!(said["needs"]["N95口罩"]["amount_not_given"], 1);
});

both!(goods_go_from_an_announcement_to_the_window_through_the_server, |on| {
    let house = House::new(on);
    let unit = house.word("unit_id").to_owned();
    let token = house.word("admin_token").to_owned();
    let server = house.serve();
    let mut client = server.client();
    let mut staff = |method: &str, path: &str, body: Value| {
        let answer = client.staff(&token, method, path, &body).expect("an answer");
        assert!(answer.status < 300, "{method} {path}: {}", answer.text());
        if answer.text().is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    };
    let base = format!("/api/v1/goods/{unit}");
    let place = staff(
        "POST",
        &format!("{base}/places"),
        json!({ "code": "A", "name": "一号库" }),
    );
    let item = json!({ "code": "1060201", "name": "医用防护口罩", "grade": "GB 19083-2010 N95", "base_unit": "只",
        "units": { "箱": 480 } });
    let item = staff("POST", &format!("{base}/items"), item);
    assert_eq!(item["grade_mark"], "N95");
    let lot = json!({ "key": "box-1", "item": item["id"], "unit_word": "箱", "quantity": 10, "source": "donation",
        "donor": "示例医疗器械有限公司", "place": place["id"] });
    let lot = staff("POST", &format!("{base}/lots"), lot);
    let lot_path = format!("/api/v1/goods/lots/{}/moves", lot["id"].as_str().expect("an id"));
    for (key, step) in [("1", "arrive"), ("2", "inspect"), ("3", "stock")] {
        let body = json!({ "key": key, "step": step, "place": place["id"], "quantity": 10 });
        assert_eq!(staff("POST", &lot_path, body.clone())["outcome"], "written");
        assert_eq!(staff("POST", &lot_path, body)["outcome"], "known");
    }
    let stock = staff("GET", &format!("{base}/stock"), Value::Null);
    assert_eq!(
        (&stock[0]["quantity"], &stock[0]["state"]),
        (&json!(10), &json!("stocked"))
    );
    staff(
        "POST",
        &format!("{base}/unwanted"),
        json!({ "words": "旧衣物", "listed": true }),
    );
    let page = client.get("/goods").expect("an answer");
    assert_eq!(page.status, 200);
    for wanted in ["医用防护口罩", "GB 19083-2010 N95", "示例医疗器械有限公司", "旧衣物"] {
        assert!(page.text().contains(wanted), "{wanted}: {}", page.text());
    }
    let file = client.get("/goods/data/json").expect("an answer").json();
    assert_eq!(
        (&file["in"][0]["quantity"], &file["in"][0]["unit_word"]),
        (&json!(10), &json!("箱"))
    );
    let csv = client.get("/goods/data/csv").expect("an answer").text();
    assert!(csv.lines().nth(1).is_some_and(|line| line.contains("\"箱\"")), "{csv}");
    drop(client);
    assert_eq!(server.stop(), 0);
    house.is_sound();
});
