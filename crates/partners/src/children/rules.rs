//! What a school's sheet says, and which size a child has: pure.

use std::collections::BTreeSet;

use kernel::BusinessDay;

use super::model::{NewChild, RefusedRow};
use crate::ports::SheetRow;

/// Rows of one sheet: the pupils of a large school.
pub const ROWS_MAX: usize = 5_000;
/// Rows before the headings that may hold titles and notes.
const HEAD_ROWS_MAX: usize = 10;
/// The longest cell that is read.
const CELL_CHARS_MAX: usize = 60;

/// Sizes that are made. Rising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// 号 of GB/T 1335.3 and, for the tall, 1335.1 and 1335.2: the same for boys and girls.
    pub garments: Vec<i64>,
    /// Steps of 鞋号 in millimetres (GB/T 3293.1).
    pub shoe_step: i64,
}

impl Sizes {
    /// The smallest garment that is not shorter than the child.
    pub fn garment(&self, height_cm: i64) -> Option<i64> {
        self.garments.iter().copied().find(|size| *size >= height_cm)
    }

    /// The smallest shoe that is not shorter than the foot.
    pub fn shoe(&self, foot_mm: i64) -> i64 {
        let step = self.shoe_step.max(1);
        (foot_mm + step - 1) / step * step
    }
}

/// Which column holds what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    name: usize,
    grade: usize,
    height: usize,
    shoe: usize,
    guardian: usize,
    consent: usize,
}

fn heading(cells: &[String], words: &[&str]) -> Option<usize> {
    cells.iter().position(|cell| {
        let cell: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
        words.iter().any(|word| cell.to_lowercase().starts_with(word))
    })
}

fn columns(cells: &[String]) -> Option<Columns> {
    Some(Columns {
        guardian: heading(cells, &["监护人", "guardian"])?,
        consent: heading(cells, &["同意日期", "同意时间", "consent"])?,
        name: heading(cells, &["姓名", "学生姓名", "name"])?,
        grade: heading(cells, &["年级", "班级", "grade"])?,
        height: heading(cells, &["身高", "height"])?,
        shoe: heading(cells, &["鞋号", "鞋码", "脚长", "shoe"])?,
    })
}

/// What a sheet says: children, and rows that cannot be taken. None when no row holds the headings.
pub fn read(rows: &[SheetRow], sizes: &Sizes, today: BusinessDay) -> Option<(Vec<NewChild>, Vec<RefusedRow>)> {
    let head = rows
        .iter()
        .take(HEAD_ROWS_MAX)
        .position(|(_, cells)| columns(cells).is_some())?;
    let at = columns(&rows[head].1)?;
    let (mut children, mut refused) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for (row, cells) in &rows[head + 1..] {
        let cell = |column: usize| cells.get(column).map_or("", |text| text.trim());
        if [at.name, at.height, at.shoe]
            .iter()
            .all(|column| cell(*column).is_empty())
        {
            continue;
        }
        match child(*row, cell, (at, sizes, today)) {
            Ok(child) if seen.insert((child.name.clone(), child.grade.clone())) => children.push(child),
            Ok(_) => refused.push(RefusedRow {
                row: *row,
                field: "name",
                why: "twice",
            }),
            Err((field, why)) => refused.push(RefusedRow { row: *row, field, why }),
        }
    }
    Some((children, refused))
}

fn child<'a>(
    row: u32,
    cell: impl Fn(usize) -> &'a str,
    (at, sizes, today): (Columns, &Sizes, BusinessDay),
) -> Result<NewChild, (&'static str, &'static str)> {
    let words = |field: &'static str, column: usize| {
        let text = cell(column);
        if text.is_empty() || text.chars().count() > CELL_CHARS_MAX || text.chars().any(char::is_control) {
            Err((field, "missing"))
        } else {
            Ok(text.to_owned())
        }
    };
    let (name, grade) = (words("name", at.name)?, words("grade", at.grade)?);
    let height_cm = number(cell(at.height)).ok_or(("height", "not_a_number"))?;
    if !(60..=220).contains(&height_cm) {
        return Err(("height", "out_of_range"));
    }
    let garment = sizes.garment(height_cm).ok_or(("height", "no_size"))?;
    let shoe_mm = foot(number(cell(at.shoe)).ok_or(("shoe", "not_a_number"))?).ok_or(("shoe", "out_of_range"))?;
    let guardian = words("guardian", at.guardian)?;
    let consented_on = day(cell(at.consent)).ok_or(("consent", "not_a_day"))?;
    if consented_on > today {
        return Err(("consent", "in_the_future"));
    }
    Ok(NewChild {
        row,
        name,
        grade,
        height_cm,
        shoe_mm,
        garment,
        shoe: sizes.shoe(shoe_mm),
        guardian,
        consented_on,
    })
}

/// `128`, `128cm`, `128.5` (rounded up: children grow).
fn number(text: &str) -> Option<i64> {
    let text = text
        .trim_end_matches(|c: char| c.is_alphabetic() || c.is_whitespace())
        .trim();
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() > 6 || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let more = rest.bytes().any(|b| b != b'0');
    Some(whole + i64::from(more))
}

/// A foot in millimetres; numbers of the old counting (36) are turned into them.
fn foot(said: i64) -> Option<i64> {
    match said {
        100..=320 => Some(said),
        16..=48 => Some((said + 10) * 5),
        _ => None,
    }
}

/// `2026-09-01`, `2026/9/1`, `2026.9.1`, `2026年9月1日`, or the number of a spreadsheet's day.
fn day(text: &str) -> Option<BusinessDay> {
    let parts: Vec<i64> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    match parts[..] {
        [year @ 2000..=2100, month @ 1..=12, day @ 1..=31, ..] => {
            BusinessDay::from_number(year * 10_000 + month * 100 + day).ok()
        }
        [serial @ 36_526..=73_050] => BusinessDay::from_number(18_991_230)
            .ok()
            .map(|start| start.plus_days(serial)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sizes() -> Sizes {
        Sizes {
            garments: vec![90, 100, 110, 120, 130, 135, 140, 145, 150, 155, 160, 165, 170, 175, 180],
            shoe_step: 5,
        }
    }

    fn sheet(rows: &[[&str; 6]]) -> Vec<SheetRow> {
        let title = (1, vec!["示范县第一小学尺码表".to_owned()]);
        let head = ["姓名", "年级班级", "身高（cm）", "鞋号", "监护人", "同意日期"];
        let mut all = vec![title, (2, head.map(str::to_owned).to_vec())];
        all.extend((3..).zip(rows).map(|(n, cells)| (n, cells.map(str::to_owned).to_vec())));
        all
    }

    fn today() -> BusinessDay {
        BusinessDay::parse("2026-11-23").expect("a day")
    }

    #[test]
    fn a_size_is_the_smallest_that_is_not_shorter() {
        assert_eq!(sizes().garment(128), Some(130));
        assert_eq!(sizes().garment(130), Some(130));
        assert_eq!(sizes().garment(131), Some(135));
        assert_eq!(sizes().garment(181), None);
        assert_eq!((sizes().shoe(211), sizes().shoe(215)), (215, 215));
    }

    #[test]
    fn a_schools_sheet_is_read_under_its_title_and_every_wrong_row_is_named() {
        let rows = sheet(&[
            ["王小明", "三（2）班", "128.5cm", "33", "王大山", "2026/9/1"],
            ["", "", "", "", "", ""],
            ["李小红", "三（2）班", "一米三", "210", "李青", "2026-09-01"],
            ["张小华", "三（2）班", "131", "210", "", "2026-09-01"],
            ["赵小雨", "三（2）班", "131", "210", "赵石", ""],
            ["钱小川", "三（2）班", "131", "210", "钱江", "2026-12-01"],
            ["王小明", "三（2）班", "129", "215", "王大山", "2026-09-01"],
            ["孙小树", "三（2）班", "231", "210", "孙林", "46266"],
        ]);
        let (children, refused) = read(&rows, &sizes(), today()).expect("a sheet");
        assert_eq!(children.len(), 1);
        let first = &children[0];
        assert_eq!((first.row, first.height_cm, first.garment), (3, 129, 130));
        assert_eq!((first.shoe_mm, first.shoe), (215, 215));
        let said: Vec<_> = refused.iter().map(|row| (row.row, row.field, row.why)).collect();
        assert_eq!(
            said,
            [
                (5, "height", "not_a_number"),
                (6, "guardian", "missing"),
                (7, "consent", "not_a_day"),
                (8, "consent", "in_the_future"),
                (9, "name", "twice"),
                (10, "height", "out_of_range"),
            ]
        );
        assert!(read(&rows[..1], &sizes(), today()).is_none(), "no headings");
    }

    #[test]
    fn a_spreadsheets_day_is_a_day() {
        assert_eq!(day("46266"), BusinessDay::parse("2026-09-01").ok());
        assert_eq!(day("2026年9月1日"), BusinessDay::parse("2026-09-01").ok());
        assert_eq!(day("9月1日"), None);
    }

    proptest! {
        #[test]
        fn no_child_gets_anything_shorter_than_itself(height in 60i64..=180, foot in 100i64..=320) {
            let sizes = sizes();
            let garment = sizes.garment(height).expect("a size");
            prop_assert!(garment >= height);
            prop_assert!(sizes.garments.iter().all(|size| *size < height || *size >= garment));
            let shoe = sizes.shoe(foot);
            prop_assert!(shoe >= foot && shoe - foot < sizes.shoe_step && shoe % sizes.shoe_step == 0);
        }
    }
}
