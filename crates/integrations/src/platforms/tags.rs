//! One channel tag (渠道标识, `spmet`) a county: its region code, so that nothing has to be handed out and the tag of a
//! link, of an order in a platform's bill and of our own pages (`?from=`) is the same word.

use kernel::{RegionCode, UnitId};

use super::client::tencent::Page;

/// A tag is what a platform takes for its statistics: letters and digits.
const TAG_CHARS_MAX: usize = 40;

/// A county's tag.
pub fn tag_of(region: RegionCode) -> String {
    region.to_string()
}

/// The tag as it is compared: `from=371323`, ` 371323 ` and `371323` are one. `None` for what is no tag.
pub fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .strip_prefix("spmet=")
        .or_else(|| text.strip_prefix("from="))
        .unwrap_or(text);
    let fits = (1..=TAG_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    fits.then(|| text.to_ascii_lowercase())
}

/// The county that a tag stands for: the unit whose region it names.
pub fn county_of(tag: &str, units: &[(UnitId, RegionCode)]) -> Option<UnitId> {
    let found = units.iter().find(|(_, region)| tag_of(*region) == tag);
    found.map(|(unit, _)| *unit)
}

/// The address of a team-giving page with the county's tag.
pub fn link(page: &Page<'_>, region: RegionCode) -> String {
    page.address(&tag_of(region))
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;

    use super::*;

    #[test]
    fn a_county_has_its_region_as_tag_and_is_found_by_it() {
        let region: RegionCode = "371323".parse().expect("a county");
        let city: RegionCode = "371300".parse().expect("a city");
        let unit = |byte| UnitId::from_bytes([byte; 16]);
        let units = [(unit(1), city), (unit(2), region)];
        assert_eq!(tag_of(region), "371323");
        assert_eq!(plain(" spmet=371323 ").as_deref(), Some("371323"));
        assert_eq!(county_of("371323", &units), Some(unit(2)));
        assert_eq!(county_of("371324", &units), None);
        assert_eq!(plain("某县"), None);
    }

    #[test]
    fn the_link_of_a_county_carries_its_tag() {
        let page = Page {
            project_no: "12345",
            bid: "678",
            team: "90",
        };
        assert_eq!(
            link(&page, "371323".parse().expect("a county")),
            "https://ssl.gongyi.qq.com/m/weixin/yqj_v2_detail.html?id=12345&bid=678&did=90&spmet=371323"
        );
    }
}
