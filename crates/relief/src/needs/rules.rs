//! Where a published place lies, and how many of what a line asks for. Pure.

use std::collections::HashMap;
use std::sync::LazyLock;

use kernel::{RegionCode, RegionLevel};

use super::model::NeedLine;
use crate::catalogue::model::Item;
use crate::tables::rules::folded;

/// Characters of a region's name: the longest autonomous prefecture has fifteen.
const NAME_CHARS_MAX: usize = 16;

/// Names of provinces, cities and counties, each with all regions that bear it.
static REGIONS: LazyLock<HashMap<&'static str, Vec<RegionCode>>> = LazyLock::new(|| {
    let mut names: HashMap<&'static str, Vec<RegionCode>> = HashMap::new();
    let provinces = (11..=82).filter_map(|number| RegionCode::parse(&format!("{number}0000")).ok());
    let mut open: Vec<RegionCode> = provinces.collect();
    while let Some(region) = open.pop() {
        if let Some(name) = region.name() {
            names.entry(name).or_default().push(region);
        }
        if region.level() < RegionLevel::County {
            open.extend(region.children().map(|(code, _)| code));
        }
    }
    names
});

/// The region that a published place names: its longest names one after another, each within the one before. A name that
/// several regions bear counts where one of them lies within what is known, the unit's own region first.
pub fn region_of(place: &str, home: Option<RegionCode>) -> Option<RegionCode> {
    let text = folded(place);
    let mut rest = text.as_str();
    let mut found: Option<RegionCode> = None;
    while let Some((name, regions)) = longest(rest) {
        let within = |of: Option<RegionCode>| {
            let mut inside = regions
                .iter()
                .copied()
                .filter(|region| of.is_none_or(|of| region.is_within(of)));
            match (inside.next(), inside.next()) {
                (Some(one), None) => Some(one),
                _ => None,
            }
        };
        let known = match found {
            Some(region) => within(Some(region)),
            None => within(home).or_else(|| within(None)),
        };
        let Some(region) = known else { break };
        found = Some(region);
        rest = &rest[name.len()..];
    }
    found
}

/// The longest name of a region with which a text begins.
fn longest(text: &str) -> Option<(&str, &'static [RegionCode])> {
    let ends = text
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take(NAME_CHARS_MAX);
    let ends: Vec<usize> = ends.collect();
    ends.into_iter().rev().find_map(|end| {
        let regions = REGIONS.get(&text[..end])?;
        Some((&text[..end], regions.as_slice()))
    })
}

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// So many of a unit.
    Goods(i64, String),
    /// It is needed; how many was not said.
    NotGiven,
    /// A number without a unit.
    WithoutUnit,
    /// A word that is no unit of the item.
    UnknownUnit(String),
}

/// What a line asks for of its item; `said` is the unit that numbers without one are in.
pub fn asked(line: &NeedLine, item: &Item, said: Option<&str>) -> Asked {
    let Some(quantity) = line.quantity.filter(|quantity| *quantity > 0) else {
        return Asked::NotGiven;
    };
    let own = Some(line.unit_word.as_str()).filter(|word| !word.is_empty());
    let Some(word) = own.or(said).map(folded) else {
        return Asked::WithoutUnit;
    };
    match item.per_base(&word) {
        Ok(_) => Asked::Goods(quantity, word),
        Err(_) => Asked::UnknownUnit(word),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::UnitId;
    use kernel::id::Id as _;

    use super::*;
    use crate::{ItemId, LineId};

    fn code(text: &str) -> Option<RegionCode> {
        RegionCode::parse(text).ok()
    }

    #[test]
    fn a_published_place_is_found_by_its_names_one_within_the_other() {
        let home = code("420100");
        for (place, region) in [
            ("湖北省武汉市江岸区", "420102"),
            ("武汉市江岸区", "420102"),
            ("武汉市 江岸区", "420102"),
            ("江岸区", "420102"),
            ("湖北省黄冈市", "421100"),
            ("黄冈市东门路11号", "421100"),
        ] {
            assert_eq!(region_of(place, home), code(region), "{place}");
        }
        assert_eq!(region_of("", home), None);
        assert_eq!(region_of("某地", home), None);
        assert_eq!(region_of("鼓楼区", home), None, "four cities have one");
        assert_eq!(region_of("鼓楼区", code("320100")), code("320106"));
    }

    fn line(quantity: Option<i64>, unit_word: &str) -> NeedLine {
        NeedLine {
            id: LineId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([7; 16]),
            party: "示例医院".into(),
            place: String::new(),
            item: "N95口罩".into(),
            spec: String::new(),
            unit_word: unit_word.into(),
            quantity,
        }
    }

    #[test]
    fn a_number_without_a_unit_is_in_the_one_that_was_said_and_in_none_otherwise() {
        let item = Item {
            id: ItemId::from_bytes([9; 16]),
            unit: UnitId::from_bytes([7; 16]),
            code: "1060201".into(),
            name: "医用防护口罩".into(),
            grade: "GB 19083-2010 N95".into(),
            grade_mark: "N95".into(),
            base_unit: "只".into(),
            units: BTreeMap::from([("箱".to_owned(), 480)]),
            shelf_life_months: None,
            parts: Vec::new(),
        };
        let goods = |quantity, word: &str| Asked::Goods(quantity, word.to_owned());
        assert_eq!(asked(&line(Some(300), "箱"), &item, None), goods(300, "箱"));
        assert_eq!(asked(&line(Some(300), ""), &item, Some("只")), goods(300, "只"));
        assert_eq!(asked(&line(Some(300), ""), &item, None), Asked::WithoutUnit);
        assert_eq!(
            asked(&line(Some(300), "瓶"), &item, Some("只")),
            Asked::UnknownUnit("瓶".into()),
            "what the list says is never overruled"
        );
        assert_eq!(asked(&line(None, "只"), &item, Some("只")), Asked::NotGiven);
    }
}
