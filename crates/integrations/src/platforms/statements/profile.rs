//! Profiles of a platform's files: small TOML files; format: `profiles/platforms/README.md`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::error::FileError;
use crate::bills::Columns;
use crate::platforms::model::PlatformCode;
use crate::platforms::words::said;

said! {
    /// What a file is about.
    FileKind {
        /// One line a gift.
        Detail = "detail", "捐赠明细", "gift details";
        /// One line a match.
        Matching = "matching", "配捐明细", "matching statement";
        /// One line a project.
        Settlement = "settlement", "结算单", "settlement";
    }
}

/// A column by what it means. The number is its place in [`Profile::columns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Column {
    OrderNo,
    MatchNo,
    ProjectNo,
    Amount,
    Time,
    Status,
    Payer,
    Memo,
    Tag,
    Giver,
    Number,
    Gifts,
    GiftSum,
    Matches,
    MatchSum,
    RefundSum,
    Fee,
    Net,
}

/// How many columns there are.
const COLUMNS: usize = Column::Net as usize + 1;

/// What the sums are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Money {
    /// Yuan, as people write them.
    #[default]
    Yuan,
    /// Whole fen, as the interfaces write them.
    Fen,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    platform: PlatformCode,
    kind: FileKind,
    title_zh: String,
    title_en: String,
    #[serde(default)]
    money: Money,
    required: Vec<Column>,
    #[serde(default)]
    settled: Vec<String>,
    #[serde(default)]
    returned: Vec<String>,
    columns: BTreeMap<Column, Vec<String>>,
}

/// How one layout of a platform is read.
#[derive(Debug, Clone)]
pub struct Profile {
    name: String,
    platform: PlatformCode,
    kind: FileKind,
    title_zh: String,
    title_en: String,
    pub(super) money: Money,
    pub(super) settled: Vec<String>,
    pub(super) returned: Vec<String>,
    pub(super) columns: Columns,
}

const BUILT_IN: [&str; 3] = [
    include_str!("../../../profiles/platforms/tencent-gongyi-detail.toml"),
    include_str!("../../../profiles/platforms/tencent-gongyi-matching.toml"),
    include_str!("../../../profiles/platforms/tencent-gongyi-settlement.toml"),
];

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    BUILT_IN
        .iter()
        .filter_map(|text| Profile::from_toml(text).ok())
        .collect()
});

/// What a kind of file cannot do without.
const fn needed(kind: FileKind) -> &'static [Column] {
    match kind {
        FileKind::Detail => &[Column::OrderNo, Column::ProjectNo, Column::Amount, Column::Time],
        FileKind::Matching => &[Column::MatchNo, Column::ProjectNo, Column::Amount, Column::Time],
        FileKind::Settlement => &[Column::ProjectNo, Column::Gifts, Column::GiftSum, Column::Net],
    }
}

impl Profile {
    /// The layouts that need no file of one's own.
    pub fn built_in() -> &'static [Self] {
        &PROFILES
    }

    /// The built-in profile for a file of a platform.
    pub fn find(platform: PlatformCode, kind: FileKind) -> Option<&'static Self> {
        PROFILES
            .iter()
            .find(|profile| profile.platform == platform && profile.kind == kind)
    }

    /// Reads a profile file.
    ///
    /// # Errors
    /// [`FileError::Profile`] with what is wrong and where.
    pub fn from_toml(text: &str) -> Result<Self, FileError> {
        let file: File = toml::from_str(text).map_err(|e| FileError::Profile(e.to_string()))?;
        let wrong = |what: String| Err(FileError::Profile(what));
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if file.name.is_empty() || file.name.len() > 40 || !file.name.chars().all(word) {
            return wrong("`name` is 1 to 40 of a-z, 0-9 and -".into());
        }
        let has = |column: &Column| file.columns.get(column).is_some_and(|texts| !texts.is_empty());
        if let Some(column) = needed(file.kind).iter().find(|column| !has(column)) {
            return wrong(format!("a {} needs the column {column:?}", file.kind.en()));
        }
        if file.required.is_empty() || !file.required.iter().all(has) {
            return wrong("`required` names at least one column, and each stands in [columns]".into());
        }
        let mut wanted: Vec<Vec<String>> = vec![Vec::new(); COLUMNS];
        for (column, texts) in file.columns {
            wanted[column as usize] = texts;
        }
        let required = file.required.iter().map(|column| *column as usize).collect();
        Ok(Self {
            name: file.name,
            platform: file.platform,
            kind: file.kind,
            title_zh: file.title_zh,
            title_en: file.title_en,
            money: file.money,
            settled: file.settled,
            returned: file.returned,
            columns: Columns::new(&wanted, required),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The platform whose files it reads.
    pub const fn platform(&self) -> PlatformCode {
        self.platform
    }
    /// What its files are about.
    pub const fn kind(&self) -> FileKind {
        self.kind
    }
    /// What it reads, in Chinese.
    pub fn title_zh(&self) -> &str {
        &self.title_zh
    }
    /// What it reads, in English.
    pub fn title_en(&self) -> &str {
        &self.title_en
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_is_sound_and_found_by_platform_and_kind() {
        for text in BUILT_IN {
            let profile = Profile::from_toml(text).expect("a built-in profile reads");
            let found = Profile::find(profile.platform(), profile.kind()).expect("it is found");
            assert_eq!(found.name(), profile.name());
        }
        assert_eq!(Profile::built_in().len(), BUILT_IN.len());
    }

    #[test]
    fn a_wrong_profile_says_what_is_wrong() {
        let good = BUILT_IN[0];
        for (from, to, said) in [
            ("name = \"tencent-gongyi-detail\"", "name = \"A b\"", "`name`"),
            ("kind = \"detail\"", "kind = \"moon\"", "moon"),
            ("kind = \"detail\"", "kind = \"settlement\"", "needs the column"),
            ("title_zh", "titel_zh", "titel_zh"),
            ("required = [\"order_no\"", "required = [\"net\"", "`required`"),
        ] {
            let error = Profile::from_toml(&good.replacen(from, to, 1))
                .expect_err(to)
                .to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
