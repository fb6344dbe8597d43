//! An amount in capitals, as Chinese receipts and certificates write it: 壹佰零陆万壹仟壹佰元整.
//!
//! The rules are those of 正确填写票据和结算凭证的基本规定 (People's Bank of China, annex 1 of 支付结算办法, 1997), which
//! rule R2.10 of the product follows. Where the standard leaves a choice, one is made here and kept for ever, because
//! issued papers carry the words:
//!
//! | case | standard | here |
//! |---|---|---|
//! | ends at 元 | 整 must follow | 整 |
//! | ends at 角 | 整 may follow | 整, so that nothing can be added behind it |
//! | ends at 分 | no 整 | no 整 |
//! | zeros between digits | one 零 for the run | one 零 |
//! | the 角 is zero, the 分 is not | 零 must follow 元 | 零 |
//! | the 万 or 元 place is zero, but the 仟 or 角 behind it is not | 零 may be written | not written |
//!
//! From 10^12 yuan on, units are named by repeating 亿 (壹万亿, 壹亿亿): 兆 and 京 mean different things to different readers.

use crate::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const SMALL_UNITS: [(u64, Option<char>); 4] = [(1_000, Some('仟')), (100, Some('佰')), (10, Some('拾')), (1, None)];
const WAN: u64 = 10_000;
const YI: u64 = 100_000_000;

/// The amount in capitals, `负` before a negative one. Every amount that fits [`Fen`] can be written.
///
/// ```
/// # use kernel::{Fen, capitals::in_capitals};
/// assert_eq!(in_capitals(Fen::new(106_110_000)), "壹佰零陆万壹仟壹佰元整");
/// assert_eq!(in_capitals(Fen::new(1_005)), "壹拾元零伍分");
/// ```
pub fn in_capitals(amount: Fen) -> String {
    let magnitude = amount.get().unsigned_abs();
    let (yuan, jiao, fen) = (magnitude / 100, magnitude / 10 % 10, magnitude % 10);
    let mut text = String::new();
    if amount.get() < 0 {
        text.push('负');
    }
    if yuan > 0 || magnitude == 0 {
        push_number(&mut text, yuan);
        text.push('元');
    }
    if jiao > 0 {
        text.push(digit(jiao));
        text.push('角');
    } else if fen > 0 && yuan > 0 {
        text.push('零');
    }
    if fen > 0 {
        text.push(digit(fen));
        text.push('分');
    } else {
        text.push('整');
    }
    text
}

/// A whole number with its 亿 and 万.
fn push_number(text: &mut String, number: u64) {
    let (unit, name) = match number {
        0 => return text.push('零'),
        YI.. => (YI, '亿'),
        WAN.. => (WAN, '万'),
        _ => return push_small(text, number),
    };
    push_number(text, number / unit);
    text.push(name);
    let rest = number % unit;
    if rest > 0 {
        if rest < unit / 10 {
            text.push('零');
        }
        push_number(text, rest);
    }
}

/// A number from 1 to 9,999.
fn push_small(text: &mut String, number: u64) {
    let mut zero_waits = false;
    let mut begun = false;
    for (unit, name) in SMALL_UNITS {
        let figure = number / unit % 10;
        if figure == 0 {
            zero_waits = begun;
            continue;
        }
        if zero_waits {
            text.push('零');
            zero_waits = false;
        }
        text.push(digit(figure));
        text.extend(name);
        begun = true;
    }
}

/// The capital of a figure from 0 to 9.
fn digit(figure: u64) -> char {
    usize::try_from(figure % 10).map_or('零', |at| DIGITS[at])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn reads(yuan: &str, capitals: &str) {
        assert_eq!(
            in_capitals(Fen::parse_yuan(yuan).expect("an amount")),
            capitals,
            "{yuan}"
        );
    }

    #[test]
    fn the_examples_of_the_standard_are_written_as_it_allows() {
        reads("1409.50", "壹仟肆佰零玖元伍角整");
        reads("6007.14", "陆仟零柒元壹角肆分");
        reads("1680.32", "壹仟陆佰捌拾元叁角贰分");
        reads("107000.53", "壹拾万柒仟元伍角叁分");
        reads("16409.02", "壹万陆仟肆佰零玖元零贰分");
        reads("325.04", "叁佰贰拾伍元零肆分");
    }

    #[test]
    fn zheng_closes_what_has_no_fen() {
        reads("0", "零元整");
        reads("1", "壹元整");
        reads("0.50", "伍角整");
        reads("0.05", "伍分");
        reads("0.55", "伍角伍分");
        reads("10.50", "壹拾元伍角整");
        reads("10.05", "壹拾元零伍分");
        reads("20", "贰拾元整");
    }

    #[test]
    fn a_run_of_zeros_is_one_zero_and_trailing_zeros_are_none() {
        reads("1061100.00", "壹佰零陆万壹仟壹佰元整");
        reads("1001", "壹仟零壹元整");
        reads("1010", "壹仟零壹拾元整");
        reads("10001", "壹万零壹元整");
        reads("10100", "壹万零壹佰元整");
        reads("11000", "壹万壹仟元整");
        reads("100000", "壹拾万元整");
        reads("1000100", "壹佰万零壹佰元整");
        reads("20500300", "贰仟零伍拾万零叁佰元整");
        reads("100000005", "壹亿零伍元整");
        reads("110000000", "壹亿壹仟万元整");
        reads("101000000", "壹亿零壹佰万元整");
        reads("100010000", "壹亿零壹万元整");
        reads("1000001000", "壹拾亿零壹仟元整");
        reads("464748542.87", "肆亿陆仟肆佰柒拾肆万捌仟伍佰肆拾贰元捌角柒分");
    }

    #[test]
    fn the_largest_amounts_are_written_too() {
        reads("99999999999.99", "玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分");
        reads("1000000000000", "壹万亿元整");
        reads("10000000000000000", "壹亿亿元整");
        assert_eq!(
            in_capitals(Fen::MAX),
            "玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分"
        );
        assert!(in_capitals(Fen::new(i64::MIN)).starts_with("负玖亿"));
    }

    #[test]
    fn a_negative_amount_begins_with_fu() {
        reads("-12.30", "负壹拾贰元叁角整");
        reads("-0.01", "负壹分");
    }

    /// Reads capitals back by their meaning, not by the rules above: units multiply what stands before them.
    fn read_back(text: &str) -> Option<i128> {
        let (sign, text) = text.strip_prefix('负').map_or((1, text), |rest| (-1, rest));
        let (yuan, small) = text.split_once('元').unwrap_or(("零", text));
        let small = small.trim_end_matches('整');
        let mut fen = 0;
        let mut figure = 0;
        for letter in small.chars() {
            match letter {
                '角' => fen += figure * 10,
                '分' => fen += figure,
                other => figure = i128::try_from(DIGITS.iter().position(|d| *d == other)?).ok()?,
            }
        }
        Some(sign * (number_back(yuan)? * 100 + fen))
    }

    fn number_back(text: &str) -> Option<i128> {
        for (name, unit) in [('亿', 100_000_000), ('万', 10_000)] {
            if let Some((before, after)) = text.rsplit_once(name) {
                return Some(number_back(before)? * unit + number_back(after)?);
            }
        }
        let (mut sum, mut figure) = (0, 0);
        for letter in text.chars() {
            let unit = match letter {
                '仟' => 1_000,
                '佰' => 100,
                '拾' => 10,
                other => {
                    figure = i128::try_from(DIGITS.iter().position(|d| *d == other)?).ok()?;
                    continue;
                }
            };
            sum += figure * unit;
            figure = 0;
        }
        Some(sum + figure)
    }

    /// Amounts of every size, with many zeros among their digits.
    fn amounts() -> impl Strategy<Value = i64> {
        let sparse = proptest::collection::vec(prop_oneof![Just(0_i64), 0..10_i64], 1..19)
            .prop_map(|digits| digits.into_iter().fold(0, |number, digit| number * 10 + digit));
        prop_oneof![any::<i64>(), 0..100_000_000_i64, sparse]
    }

    proptest! {
        #[test]
        fn every_amount_can_be_read_back(fen in amounts()) {
            let text = in_capitals(Fen::new(fen));
            prop_assert_eq!(read_back(&text), Some(i128::from(fen)), "{}", text);
        }

        #[test]
        fn no_zero_is_doubled_and_none_stands_before_a_unit(fen in amounts()) {
            let text = in_capitals(Fen::new(fen));
            for wrong in ["零零", "零万", "零亿", "零角", "零分", "零整", "零仟", "零佰", "零拾"] {
                prop_assert!(!text.contains(wrong), "{} in {}", wrong, text);
            }
            prop_assert!(fen == 0 || !text.contains("零元"), "{}", text);
            prop_assert_eq!(text.ends_with('整'), fen % 10 == 0, "{}", text);
        }

        #[test]
        fn different_amounts_have_different_capitals(one in amounts(), other in amounts()) {
            prop_assume!(one != other);
            prop_assert_ne!(in_capitals(Fen::new(one)), in_capitals(Fen::new(other)));
        }
    }
}
