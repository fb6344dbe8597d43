//! Made-up workbooks with the dirt of published tables of goods, read as files and taken in on both databases.

use std::path::{Path, PathBuf};

use db::testing::TestDb;
use integrations::goods::{self, GoodsImportError, import};
use kernel::UnitId;
use kernel::id::Id as _;
use platform::Services;
use platform::identity::Actor;
use relief::tables::actions::{OnRefused, Order, TakenIn};
use relief::tables::{Quantity, TableKind, queries};
use rust_xlsxwriter::{Format, Workbook};

struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Dispatches: a receiver merged over three rows, a quantity merged over two, a name broken over two rows.
    fn dispatches(&self, name: &str, with_title: &str) -> PathBuf {
        let mut book = Workbook::new();
        let plain = Format::new();
        let sheet = book.add_worksheet();
        sheet.merge_range(0, 0, 0, 5, with_title, &plain).expect("a title");
        for (column, text) in ["时间", "接收单位", "品名", "规格", "计量单位", "数量"]
            .iter()
            .enumerate()
        {
            sheet.write(1, column as u16, *text).expect("a heading");
        }
        for row in 2..8 {
            sheet.write(row, 0, 43_861).expect("a day");
        }
        sheet
            .merge_range(2, 1, 4, 1, "示例第一\u{a0}医院", &plain)
            .expect("a receiver");
        for (row, item, unit, number) in [
            (2, "口罩", "个", 1_000),
            (3, "手套", "副", 20),
            (4, "护目镜", "个", 300),
        ] {
            sheet.write(row, 2, item).expect("an item");
            sheet.write(row, 3, "\u{200b}").expect("nothing");
            sheet.write(row, 4, unit).expect("a unit");
            sheet.write(row, 5, number).expect("a number");
        }
        sheet.write(5, 1, "江夏区").expect("half a name");
        sheet.write(6, 1, "红十字会").expect("the other half");
        sheet.merge_range(5, 2, 6, 2, "口罩", &plain).expect("an item");
        sheet.merge_range(5, 4, 6, 4, "个", &plain).expect("a unit");
        sheet.merge_range(5, 5, 6, 5, "", &plain).expect("a range");
        sheet.write(5, 5, 200_000).expect("a number");
        sheet.write(7, 1, "火神山示例医院").expect("a receiver");
        sheet.write(7, 2, "雨鞋").expect("an item");
        sheet.write(7, 5, "40双").expect("a number and its unit");
        sheet
            .merge_range(9, 0, 9, 5, "某市红十字会", &plain)
            .expect("a signature");
        let path = self.path(name);
        book.save(&path).expect("a workbook");
        path
    }
}

fn order(unit: UnitId, kind: TableKind) -> Order {
    Order {
        unit,
        kind,
        refused: OnRefused::ChangeNothing,
    }
}

async fn taken(services: &Services, unit: UnitId, kind: TableKind, path: &Path) -> TakenIn {
    import(services, &Actor::operator(), order(unit, kind), path)
        .await
        .expect("taken in")
}

db::both!(
    a_workbook_full_of_merges_counts_each_number_once_and_comes_in_once,
    &relief::all_migrations(),
    async |test: TestDb| {
        let (made, unit) = (Made::new(), UnitId::from_bytes([7; 16]));
        let services = platform::testing::services(test.db.clone(), made.folder.path());
        let first = made.dispatches("一.xlsx", "发放物资一览表");
        let report = taken(&services, unit, TableKind::Out, &first).await;
        assert_eq!((report.lines_new, report.parties), (5, 3));
        let units: Vec<(&str, i64)> = report.by_unit.iter().map(|(unit, n)| (unit.as_str(), *n)).collect();
        assert_eq!(units, [("个", 201_300), ("副", 20), ("双", 40)]);
        assert_eq!((report.shares_a_quantity.len(), report.names_joined.len()), (1, 1));
        // Another file with the same lines.
        let second = made.dispatches("二.xlsx", "发放物资一览表（更正）");
        let again = taken(&services, unit, TableKind::Out, &second).await;
        assert_eq!((again.lines_new, again.lines_known, again.by_unit.len()), (0, 5, 0));
        let mut at = services.db.snapshot().await.expect("a view");
        let sums = queries::by_unit(&mut at, unit, TableKind::Out).await.expect("sums");
        assert_eq!(
            (sums[0].unit_word.as_str(), sums[0].lines, sums[0].quantity),
            ("个", 3, 201_300)
        );
        let lines = queries::lines(&mut at, unit, TableKind::Out).await.expect("lines");
        assert_eq!(lines.len(), 6, "the line that shares a quantity is kept as text");
        assert!(
            lines
                .iter()
                .any(|line| line.how == "shared" && line.quantity.is_none() && line.party == "江夏区红十字会")
        );
    }
);

db::both!(
    two_imports_at_once_bring_each_line_once,
    &relief::all_migrations(),
    async |test: TestDb| {
        let (made, unit) = (Made::new(), UnitId::from_bytes([7; 16]));
        let services = platform::testing::services(test.db.clone(), made.folder.path());
        let path = made.dispatches("一.xlsx", "发放物资一览表");
        let (one, two) = tokio::join!(
            taken(&services, unit, TableKind::Out, &path),
            taken(&services, unit, TableKind::Out, &path)
        );
        assert_eq!(one.lines_new + two.lines_new, 5);
        assert_eq!(one.lines_known + two.lines_known, 5);
    }
);

db::both!(
    a_donor_who_is_a_person_is_masked_and_sealed,
    &relief::all_migrations(),
    async |test: TestDb| {
        let (made, unit) = (Made::new(), UnitId::from_bytes([7; 16]));
        let services = platform::testing::services(test.db.clone(), made.folder.path());
        let path = made.path("收.csv");
        std::fs::write(
            &path,
            "捐赠人,品名,单位,数量\n示例甲,口罩,只,10\n示例医疗器械有限公司,手套,副,5\n",
        )
        .expect("a file");
        let report = taken(&services, unit, TableKind::In, &path).await;
        assert_eq!((report.lines_new, report.parties), (2, 2));
        let mut at = services.db.snapshot().await.expect("a view");
        let lines = queries::lines(&mut at, unit, TableKind::In).await.expect("lines");
        let mut parties: Vec<&str> = lines.iter().map(|line| line.party.as_str()).collect();
        parties.sort_unstable();
        assert_eq!(parties, ["示**", "示例医疗器械有限公司"]);
    }
);

#[test]
fn a_file_of_another_kind_is_told_apart() {
    let made = Made::new();
    let path = made.dispatches("一.xlsx", "发放物资一览表");
    let refused = goods::read(&path, TableKind::In);
    assert!(matches!(refused, Err(GoodsImportError::NoTable)));
    let found = goods::read(&path, TableKind::Out).expect("a table");
    let shares = found[0]
        .1
        .lines
        .iter()
        .filter(|line| matches!(line.quantity, Quantity::SharedWith(6)));
    assert_eq!(shares.count(), 1);
    let text = made.path("not.json");
    std::fs::write(&text, "[1, 2").expect("a file");
    assert!(matches!(
        goods::read(&text, TableKind::Needs),
        Err(GoodsImportError::Json(_))
    ));
}
