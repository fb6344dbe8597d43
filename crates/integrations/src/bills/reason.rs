//! Why a row is no gift: stable codes for programs, words in both languages for people.

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $zh:literal, $en:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $code)] $variant,)*
        }
        impl $name {
            /// All of them, for lists and tests.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
            /// In Chinese.
            pub const fn words_zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),* }
            }
            /// In English.
            pub const fn words_en(self) -> &'static str {
                match self { $(Self::$variant => $en),* }
            }
        }
    };
}

reasons! {
    /// A row that was understood and is no gift.
    SkipReason {
        /// Money that left the account.
        MoneyOut = "money_out", "支出，不是收入", "money out";
        /// A refund to the account.
        Refund = "refund", "退款，不是捐赠", "a refund, not a gift";
        /// Interest of the bank or of a money-market fund.
        Interest = "interest", "利息，不是捐赠", "interest, not a gift";
        /// Between own accounts: withdrawal, top-up, repayment.
        OwnTransfer = "own_transfer", "本单位账户间划转（提现、充值、还款），不是捐赠", "a transfer between own accounts, not a gift";
        /// Savings product or fund sold.
        Investment = "investment", "理财或基金赎回，不是捐赠", "proceeds of an investment, not a gift";
        /// Wages.
        Wages = "wages", "工资，不是捐赠", "wages, not a gift";
        /// Cashback of a card or bank.
        Cashback = "cashback", "返现，不是捐赠", "cashback, not a gift";
        /// A credit to a credit card: repayment or a shop's refund; cards do not receive gifts.
        CardCredit = "card_credit", "信用卡入账（还款或商户退款），不是捐赠", "a credit to a card (repayment or refund), not a gift";
        /// Not settled: closed, waiting, returned.
        NotSettled = "not_settled", "未结算（已关闭、等待或已退回）", "not settled (closed, waiting or returned)";
        /// Neither income nor expense by the bill itself.
        NotIncome = "not_income", "账单未计入收入", "not counted as income by the bill";
    }
}

reasons! {
    /// A row that looks like a payment and cannot be read.
    RefuseReason {
        /// The amount is missing.
        AmountMissing = "amount_missing", "缺少金额", "the amount is missing";
        /// The amount is not one.
        AmountUnreadable = "amount_unreadable", "金额无法读取", "the amount cannot be read";
        /// A part smaller than one fen.
        AmountBelowFen = "amount_below_fen", "金额小于一分的部分不为零", "the amount has a part smaller than one fen";
        /// Zero or negative where only income can stand.
        AmountNotPositive = "amount_not_positive", "金额必须大于零", "the amount is not above zero";
        /// The trade number is missing.
        TradeNoMissing = "trade_no_missing", "缺少交易单号", "the trade number is missing";
        /// The trade number was turned into a number by a spreadsheet and lost digits.
        TradeNoLostDigits = "trade_no_lost_digits", "交易单号被表格软件改成数字，尾数已丢失", "a spreadsheet turned the trade number into a number and its digits are lost";
        /// No source of the profile gives a time.
        TimeMissing = "time_missing", "缺少时间", "the time is missing";
        /// The time is there and is not one.
        TimeUnreadable = "time_unreadable", "时间无法读取", "the time cannot be read";
        /// Income in another currency: to be entered by hand.
        OtherCurrency = "other_currency", "外币收入，请人工录入", "income in another currency; enter it by hand";
        /// 收/支 holds a word that the profile does not know.
        DirectionUnknown = "direction_unknown", "收/支一栏的内容无法识别", "the direction column holds an unknown word";
        /// Cells in the gift columns that fit neither a gift nor a footer.
        RowUnreadable = "row_unreadable", "无法识别的行", "the row is neither a gift nor a note";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_has_its_own_code_and_words_in_both_languages() {
        let skip = SkipReason::ALL.iter().map(|r| (r.code(), r.words_zh(), r.words_en()));
        let refuse = RefuseReason::ALL.iter().map(|r| (r.code(), r.words_zh(), r.words_en()));
        let all: Vec<_> = skip.chain(refuse).collect();
        let codes: BTreeSet<_> = all.iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes.len(), all.len());
        assert!(all.iter().all(|(_, zh, en)| !zh.is_empty() && en.is_ascii()));
    }
}
