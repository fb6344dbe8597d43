//! What may go wrong with a notice, on demand.

use std::str::FromStr;

/// What happens to a payment's notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It comes once, at once.
    None,
    /// It never comes.
    Lose,
    /// It comes three times.
    Repeat,
    /// It comes a quarter of an hour late.
    Delay,
    /// It comes after the notice of the next payment.
    Reorder,
    /// It comes from someone else: signed with another key. The genuine one never comes.
    Forge,
    /// It comes genuine, with another amount than was paid.
    WrongAmount,
    /// It comes genuine, for another application.
    WrongApp,
    /// It comes genuine, for another receiving account.
    WrongSeller,
}

impl Fault {
    /// All of them, in the order of the pay page.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::Lose,
        Self::Repeat,
        Self::Delay,
        Self::Reorder,
        Self::Forge,
        Self::WrongAmount,
        Self::WrongApp,
        Self::WrongSeller,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lose => "lose",
            Self::Repeat => "repeat",
            Self::Delay => "delay",
            Self::Reorder => "reorder",
            Self::Forge => "forge",
            Self::WrongAmount => "wrong_amount",
            Self::WrongApp => "wrong_app",
            Self::WrongSeller => "wrong_seller",
        }
    }

    /// What the pay page says.
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "正常 as it should",
            Self::Lose => "丢失 lost",
            Self::Repeat => "重复三次 three times",
            Self::Delay => "晚 15 分钟 15 minutes late",
            Self::Reorder => "排在下一笔之后 after the next one",
            Self::Forge => "伪造 forged",
            Self::WrongAmount => "金额不符 another amount",
            Self::WrongApp => "应用不符 another application",
            Self::WrongSeller => "收款账号不符 another account",
        }
    }
}

impl FromStr for Fault {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|fault| fault.as_str() == word);
        found.ok_or_else(|| format!("“{word}” is no fault of the sandbox’s Alipay"))
    }
}
