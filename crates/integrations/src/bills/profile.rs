//! Profiles: how a layout names its columns and what its words mean. Small TOML files; format: `profiles/README.md`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use kernel::Channel;
use serde::Deserialize;

use super::error::BillError;
use super::reason::SkipReason;

/// What a column means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    TradeNo,
    OrderNo,
    Amount,
    Income,
    Outgo,
    Direction,
    Kind,
    Status,
    Date,
    Time,
    Payer,
    Memo,
    Currency,
    Account,
}

/// How many roles there are.
pub(super) const ROLES: usize = Role::Account as usize + 1;

/// How the single amount column tells in from out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sign {
    /// Every row is income; zero and below are refused.
    #[default]
    Positive,
    /// Below zero is money out.
    Signed,
}

/// Which income lines are gifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Gifts {
    /// Income that no skip rule takes away.
    #[default]
    Income,
    /// None: a credit card's credits are repayments and refunds.
    None,
}

/// Where a trade number carries its time: `length` digits of which 14 from `start` (from 0) are `yyyymmddHHMMSS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TradeNoTime {
    pub(super) length: usize,
    pub(super) start: usize,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DirectionWords {
    pub(super) income: Vec<String>,
    pub(super) outgo: Vec<String>,
    pub(super) neutral: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SkipRule {
    pub(super) reason: SkipReason,
    pub(super) column: Role,
    pub(super) contains: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    channel: Channel,
    title_zh: String,
    title_en: String,
    #[serde(default)]
    family: Option<String>,
    required: Vec<Role>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    columns: BTreeMap<Role, Vec<String>>,
    #[serde(default)]
    sign: Sign,
    #[serde(default)]
    gifts: Gifts,
    #[serde(default)]
    day_from_title: bool,
    #[serde(default)]
    trade_no_time: Option<TradeNoTime>,
    #[serde(default)]
    account_labels: Vec<String>,
    #[serde(default)]
    direction: DirectionWords,
    #[serde(default)]
    settled: Vec<String>,
    #[serde(default)]
    skip: Vec<SkipRule>,
}

/// How one layout is read.
#[derive(Debug, Clone)]
pub struct Profile {
    name: String,
    family: String,
    title_zh: String,
    title_en: String,
    channel: Channel,
    pub(super) required: Vec<Role>,
    pub(super) needs: Vec<String>,
    pub(super) lacks: Vec<String>,
    /// Accepted header texts per role, folded, best first.
    pub(super) columns: Vec<(Role, Vec<String>)>,
    pub(super) sign: Sign,
    pub(super) gifts: Gifts,
    pub(super) day_from_title: bool,
    pub(super) trade_no_time: Option<TradeNoTime>,
    pub(super) account_labels: Vec<String>,
    pub(super) direction: DirectionWords,
    pub(super) settled: Vec<String>,
    pub(super) skip: Vec<SkipRule>,
}

/// In the order in which layouts that fit equally well are preferred.
const BUILT_IN: [&str; 12] = [
    include_str!("../../profiles/wuhan-qr-pos.toml"),
    include_str!("../../profiles/unionpay-yunshanfu.toml"),
    include_str!("../../profiles/wechat-bill.toml"),
    include_str!("../../profiles/alipay-bill.toml"),
    include_str!("../../profiles/wechat-merchant.toml"),
    include_str!("../../profiles/alipay-merchant.toml"),
    include_str!("../../profiles/icbc-debit-v1.toml"),
    include_str!("../../profiles/icbc-debit-v2.toml"),
    include_str!("../../profiles/icbc-credit.toml"),
    include_str!("../../profiles/boc-debit.toml"),
    include_str!("../../profiles/boc-credit.toml"),
    include_str!("../../profiles/ccb-debit.toml"),
];

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    BUILT_IN
        .iter()
        .filter_map(|text| Profile::from_toml(text).ok())
        .collect()
});

impl Profile {
    /// The layouts that need no file of one's own.
    pub fn built_in() -> &'static [Self] {
        &PROFILES
    }

    /// The built-in profile of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// Reads a profile file.
    ///
    /// # Errors
    /// [`BillError::Profile`] with what is wrong and where.
    pub fn from_toml(text: &str) -> Result<Self, BillError> {
        let file: File = toml::from_str(text).map_err(|e| BillError::Profile(e.to_string()))?;
        let profile = Self {
            family: file.family.unwrap_or_else(|| file.name.clone()),
            name: file.name,
            title_zh: file.title_zh,
            title_en: file.title_en,
            channel: file.channel,
            required: file.required,
            needs: file.needs.iter().map(|t| fold(t)).collect(),
            lacks: file.lacks.iter().map(|t| fold(t)).collect(),
            columns: file
                .columns
                .into_iter()
                .map(|(r, t)| (r, t.iter().map(|t| fold(t)).collect()))
                .collect(),
            sign: file.sign,
            gifts: file.gifts,
            day_from_title: file.day_from_title,
            trade_no_time: file.trade_no_time,
            account_labels: file.account_labels.iter().map(|t| fold(t)).collect(),
            direction: file.direction,
            settled: file.settled,
            skip: file.skip,
        };
        profile.check()?;
        Ok(profile)
    }

    fn check(&self) -> Result<(), BillError> {
        let has = |role: Role| self.columns.iter().any(|(r, texts)| *r == role && !texts.is_empty());
        let wrong = |what: &str| Err(BillError::Profile(what.to_owned()));
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if [&self.name, &self.family]
            .iter()
            .any(|n| n.is_empty() || n.len() > 40 || !n.chars().all(word))
        {
            return wrong("`name` and `family` are 1 to 40 of a-z, 0-9 and -");
        }
        if has(Role::Amount) == has(Role::Income) {
            return wrong("name either the column `amount` or the columns `income` and `outgo`");
        }
        if self.required.is_empty() || !self.required.iter().all(|role| has(*role)) {
            return wrong("`required` names at least one role, and each stands in [columns]");
        }
        if !self
            .required
            .iter()
            .any(|role| matches!(role, Role::Amount | Role::Income))
        {
            return wrong("`required` names `amount` or `income`");
        }
        if !has(Role::Date) && !has(Role::Time) && self.trade_no_time.is_none() {
            return wrong("a time comes from the column `date`, the column `time` or `trade_no_time`");
        }
        if has(Role::Direction) && self.direction.income.is_empty() {
            return wrong("a column `direction` needs its words in [direction]");
        }
        if self
            .trade_no_time
            .is_some_and(|t| t.start.checked_add(14).is_none_or(|end| end > t.length))
        {
            return wrong("`trade_no_time` has no room for 14 digits");
        }
        Ok(())
    }

    /// Its name, such as `wechat-bill`.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The family its made numbers carry: two layouts of the same account share one, so that the same line in both
    /// gets the same number.
    pub fn family(&self) -> &str {
        &self.family
    }
    /// What it reads, in Chinese.
    pub fn title_zh(&self) -> &str {
        &self.title_zh
    }
    /// What it reads, in English.
    pub fn title_en(&self) -> &str {
        &self.title_en
    }
    /// The channel of its gifts.
    pub const fn channel(&self) -> Channel {
        self.channel
    }
    /// Whether the layout gives each line a number of its own.
    pub fn has_trade_no(&self) -> bool {
        self.required.contains(&Role::TradeNo)
    }
}

/// A header or label as it is compared: without blanks, half-width, lower case.
pub(super) fn fold(text: &str) -> String {
    let half = |c: char| match c {
        '（' => '(',
        '）' => ')',
        '：' => ':',
        '／' => '/',
        other => other.to_ascii_lowercase(),
    };
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{feff}' | '\u{200b}'))
        .map(half)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_is_sound_and_has_its_own_name() {
        let mut names: Vec<_> = BUILT_IN
            .iter()
            .map(|text| {
                Profile::from_toml(text)
                    .expect("a built-in profile reads")
                    .name()
                    .to_owned()
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), BUILT_IN.len());
        assert_eq!(Profile::built_in().len(), BUILT_IN.len());
        assert!(Profile::find("wuhan-qr-pos").is_some_and(Profile::has_trade_no));
    }

    #[test]
    fn a_wrong_profile_says_what_is_wrong() {
        let good = "name='a'\nchannel='bank'\ntitle_zh='甲'\ntitle_en='A'\nrequired=['amount']\n\
                    [columns]\namount=['金额']\ndate=['日期']\n";
        assert!(Profile::from_toml(good).is_ok());
        for (from, to, said) in [
            ("name='a'", "name='A b'", "`name`"),
            ("amount=['金额']", "income=['金额']", "`required`"),
            ("date=['日期']", "memo=['日期']", "a time comes"),
            ("channel='bank'", "channel='moon'", "moon"),
            ("title_zh", "titel_zh", "titel_zh"),
            (
                "date=['日期']",
                "date=['日期']\n[trade_no_time]\nlength=10\nstart=4",
                "no room",
            ),
        ] {
            let error = Profile::from_toml(&good.replace(from, to)).expect_err(to).to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn headers_are_compared_without_blanks_and_width() {
        assert_eq!(fold(" 金额（元) \t"), "金额(元)");
        assert_eq!(fold("账\u{3000}\u{3000}号："), "账号:");
    }
}
