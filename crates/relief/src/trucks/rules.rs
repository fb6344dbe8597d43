//! Decisions about loads. Pure.

use super::model::{Load, Pack};
use crate::error::{ReliefError, invalid};

/// No vehicle of a relief column carries more than 60 tonnes or 200 m³.
const GRAMS_MAX: i64 = 60_000_000;
const CUBIC_CM_MAX: i64 = 200_000_000;

/// Checks a weight and a room.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_load(load: Load) -> Result<(), ReliefError> {
    if !(1..=GRAMS_MAX).contains(&load.grams) {
        return Err(invalid("grams", "1 g to 60 t are expected"));
    }
    if !(1..=CUBIC_CM_MAX).contains(&load.cubic_cm) {
        return Err(invalid("cubic_cm", "1 cm³ to 200 m³ are expected"));
    }
    Ok(())
}

/// What pieces of an item weigh and take: by the pack of their own unit, or else in whole packages of the largest pack
/// that they fill, or of the smallest where they fill none; nothing where nobody weighed it.
pub fn weigh((quantity, unit_word, per_base): (i64, &str, i64), packs: &[Pack]) -> Option<Load> {
    let times = |pack: &Pack, packages: i64| Load {
        grams: pack.load.grams.saturating_mul(packages),
        cubic_cm: pack.load.cubic_cm.saturating_mul(packages),
    };
    if let Some(pack) = packs.iter().find(|pack| pack.unit_word == unit_word) {
        return Some(times(pack, quantity));
    }
    let base = quantity.saturating_mul(per_base);
    let filled = packs
        .iter()
        .filter(|pack| pack.per_base <= base)
        .max_by_key(|pack| pack.per_base);
    let pack = filled.or_else(|| packs.iter().min_by_key(|pack| pack.per_base))?;
    let whole = pack.per_base.max(1);
    Some(times(pack, base.saturating_add(whole - 1) / whole))
}

/// Whether a vehicle carries it.
///
/// # Errors
/// [`ReliefError::Overweight`], [`ReliefError::Oversize`].
pub fn check_fits(load: Load, carries: Load) -> Result<(), ReliefError> {
    if load.grams > carries.grams {
        return Err(ReliefError::Overweight {
            grams: load.grams,
            most: carries.grams,
        });
    }
    if load.cubic_cm > carries.cubic_cm {
        return Err(ReliefError::Oversize {
            cubic_cm: load.cubic_cm,
            most: carries.cubic_cm,
        });
    }
    Ok(())
}

/// Thousandths of a number as people read them: 1,234,500 g are `1234.5` kg.
pub fn thousandths(number: i64) -> String {
    decimals(number, 3)
}

/// Millionths: 1,500,000 cm³ are `1.5` m³.
pub fn millionths(number: i64) -> String {
    decimals(number, 6)
}

fn decimals(number: i64, places: usize) -> String {
    let digits = format!("{:0>width$}", number.max(0), width = places + 1);
    let (whole, rest) = digits.split_at(digits.len() - places);
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(unit_word: &str, per_base: i64, grams: i64) -> Pack {
        Pack {
            unit_word: unit_word.into(),
            per_base,
            load: Load {
                grams,
                cubic_cm: grams * 5,
            },
        }
    }

    #[test]
    fn pieces_weigh_what_their_packages_weigh() {
        let packs = [pack("箱", 480, 9_000), pack("盒", 20, 400)];
        let grams = |of| weigh(of, &packs).map(|load| load.grams);
        assert_eq!(grams((3, "箱", 480)), Some(27_000));
        assert_eq!(grams((960, "只", 1)), Some(18_000), "two whole boxes");
        assert_eq!(grams((961, "只", 1)), Some(27_000), "and one begun");
        assert_eq!(grams((21, "只", 1)), Some(800), "less than a box: the smaller pack");
        assert_eq!(grams((1, "只", 1)), Some(400));
        assert_eq!(weigh((1, "只", 1), &[]), None);
    }

    #[test]
    fn a_vehicle_takes_what_it_carries_and_not_a_gram_more() {
        let carries = Load {
            grams: 1_000,
            cubic_cm: 2_000,
        };
        assert!(check_fits(carries, carries).is_ok());
        let heavy = carries.plus(Load { grams: 1, cubic_cm: 0 });
        assert!(matches!(
            check_fits(heavy, carries),
            Err(ReliefError::Overweight {
                grams: 1_001,
                most: 1_000
            })
        ));
        let large = carries.plus(Load { grams: 0, cubic_cm: 1 });
        assert!(matches!(check_fits(large, carries), Err(ReliefError::Oversize { .. })));
    }

    #[test]
    fn weights_are_read_without_idle_zeros() {
        for (number, text) in [(0, "0"), (5, "0.005"), (1_500, "1.5"), (12_000, "12")] {
            assert_eq!(thousandths(number), text);
        }
        assert_eq!(millionths(2_050_000), "2.05");
    }
}
