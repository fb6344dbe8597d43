//! The figures that issue 6 promises for the real tables of goods, on both databases, through the command line. Needs the
//! folder `SHANQIAO_SHARED` (default `../shared/data` beside the repository) and the feature `shared-data`.
#![allow(clippy::disallowed_methods, reason = "a test that is told where the real files lie")]

mod common;

use std::path::PathBuf;

use common::House;
use serde_json::{Value, json};

const GOODS: &str = "wuhan-redcross/goods/武汉市红十字会";

fn root() -> PathBuf {
    std::env::var_os("SHANQIAO_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    )
}

fn shared(path: &str) -> String {
    let path = root().join(path);
    assert!(
        path.is_file(),
        "{} is not there; SHANQIAO_SHARED says where the real files are",
        path.display()
    );
    let path = path.canonicalize().expect("a path");
    path.to_str().expect("a name").to_owned()
}

fn import(house: &House, kind: &str, files: &[String]) -> Value {
    let mut words = vec!["import", kind, "--json"];
    words.extend(files.iter().map(String::as_str));
    house.run(&words).ok()
}

fn of_unit(said: &Value, units: &[(&str, i64)]) {
    for (unit, number) in units {
        assert_eq!(said["by_unit"][unit], *number, "{unit}");
    }
}

fn count(said: &Value, key: &str) -> usize {
    said[key].as_array().expect("a list").len()
}

both!(goods_received_in_wuhan_give_their_figures_once, |on| {
    let house = House::new(on);
    let file = [shared(&format!("{GOODS}接收社会捐赠物资.xlsx"))];
    let said = import(&house, "goods-in", &file);
    assert_eq!(
        (&said["lines_new"], &said["lines_known"]),
        (&json!(406 + 1_015 + 1_483), &json!(0))
    );
    of_unit(
        &said,
        &[
            ("支", 741_306),
            ("片", 560_000),
            ("只", 338_823),
            ("个", 97_560),
            ("瓶", 68_702),
            ("箱", 62_269),
        ],
    );
    assert_eq!(
        (count(&said, "shares_a_quantity"), count(&said, "refused")),
        (13 + 4 + 1, 0)
    );
    assert_eq!(said["lines_without_unit"], Value::Null, "that stands with each file");
    assert_eq!(said["files"][0]["lines_without_unit"], 0);
    let again = import(&house, "goods-in", &file);
    assert_eq!((&again["lines_new"], &again["lines_known"]), (&json!(0), &json!(2_904)));
    assert_eq!(again["by_unit"], json!({}), "nothing was added");
    house.is_sound();
});

both!(
    goods_dispatched_in_wuhan_have_36_receivers_and_the_sheet_of_the_day_adds_nothing,
    |on| {
        let house = House::new(on);
        let said = import(&house, "goods-out", &[shared(&format!("{GOODS}发放物资一览表.xlsx"))]);
        assert_eq!((&said["lines_new"], &said["receivers"]), (&json!(469), &json!(36)));
        of_unit(&said, &[("个", 259_239), ("箱", 12_243)]);
        assert_eq!((count(&said, "shares_a_quantity"), count(&said, "refused")), (3, 0));
        assert_eq!(said["files"][0]["names_joined"].as_array().expect("a list").len(), 5);
        let day = import(
            &house,
            "goods-out",
            &[shared(&format!("{GOODS}发放物资一览表(2.1).xlsx"))],
        );
        assert_eq!((&day["lines_new"], &day["lines_known"]), (&json!(0), &json!(219)));
        assert_eq!(day["by_unit"], json!({}));
        house.is_sound();
    }
);

both!(
    both_dispatch_sheets_in_one_call_are_the_same_as_one_after_the_other,
    |on| {
        let house = House::new(on);
        let files = ["(2.1)", ""].map(|day| shared(&format!("{GOODS}发放物资一览表{day}.xlsx")));
        let said = import(&house, "goods-out", &files);
        assert_eq!((&said["lines_new"], &said["lines_known"]), (&json!(469), &json!(219)));
        assert_eq!(said["receivers"], 36);
        of_unit(&said, &[("个", 259_239), ("箱", 12_243)]);
    }
);

both!(needs_of_227_hospitals_keep_what_was_not_given_apart, |on| {
    let house = House::new(on);
    let folder = root().join("wuhan2020/hospital/hubei");
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder of needs")
        .map(|entry| entry.expect("a file").path().canonicalize().expect("a path"))
        .map(|path| path.to_str().expect("a name").to_owned())
        .collect();
    files.sort();
    let said = import(&house, "needs", &files);
    assert_eq!(count(&said, "files"), 16);
    assert_eq!((&said["receivers"], count(&said, "refused")), (&json!(227), 0));
    let masks = &said["needs"]["医用防护口罩 | N95口罩"];
    assert_eq!(
        *masks,
        json!({ "lines": 205, "amount_not_given": 170, "nothing": 2, "given": 33, "sum": 548_300 })
    );
    assert_eq!(said["lines_new"], 2_095);
    assert_eq!(said["by_unit"], json!({}), "needs without a unit are added to nothing");
    let again = import(&house, "needs", &files);
    assert_eq!((&again["lines_new"], &again["lines_known"]), (&json!(0), &json!(2_095)));
    assert_eq!(again["receivers"], 227);
});
