//! Decisions about the network, pure.

use std::collections::HashMap;

use kernel::{BusinessDay, RegionCode, UnitId};

use super::error::NetworkError;
use super::holdings::Holding;
use super::model::{
    Books, CODE_CHARS_MAX, Certificate, CertificateStatus, Closing, NAME_CHARS_MAX, NewAccount, NewUnit, Unit,
};

/// The house's own colour: vermilion (朱砂).
pub const DEFAULT_COLOR: &str = "#b8442f";
/// The longest contact text, in characters: three lines under a page.
const CONTACT_CHARS_MAX: usize = 200;
/// The longest reason of a move or a closing, in characters.
const REASON_CHARS_MAX: usize = 500;
/// The longest address: a line of the page's foot.
const ADDRESS_CHARS_MAX: usize = 100;

/// Whether a unit of this region may stand below `parent`: of a lower level, inside its region. A county right under
/// its province (济源) may.
///
/// # Errors
/// [`NetworkError::NotBelowParent`], [`NetworkError::Closed`].
pub fn may_stand_below(region: RegionCode, parent: &Unit) -> Result<(), NetworkError> {
    if !parent.is_open() {
        return Err(NetworkError::Closed("unit"));
    }
    if region.level() > parent.region.level() && region.is_within(parent.region) {
        return Ok(());
    }
    Err(NetworkError::NotBelowParent {
        region,
        parent: parent.region,
    })
}

/// Checks a new unit against the unit above it.
///
/// # Errors
/// Every variant that speaks of units.
pub fn check_new_unit(new: &NewUnit, parent: Option<&Unit>) -> Result<(), NetworkError> {
    check_line("name", &new.name)?;
    if !new.short_name.is_empty() {
        check_line("short_name", &new.short_name)?;
    }
    check_color(&new.brand_color)?;
    check_contact(&new.contact)?;
    match parent {
        Some(parent) => may_stand_below(new.region, parent),
        None if new.books == Books::Above => Err(NetworkError::RootNeedsBooks),
        None => Ok(()),
    }
}

/// Whether a unit may be put below another. `units` is the whole tree as it stands.
///
/// # Errors
/// [`NetworkError::HasBooks`], [`NetworkError::Cycle`], [`NetworkError::OtherBooks`],
/// [`NetworkError::NotBelowParent`], [`NetworkError::Closed`], [`NetworkError::NotFound`].
pub fn check_move(unit: UnitId, below: UnitId, units: &[Unit]) -> Result<(), NetworkError> {
    let by_id: HashMap<UnitId, &Unit> = units.iter().map(|u| (u.id, u)).collect();
    let found = |id: UnitId| by_id.get(&id).copied().ok_or(NetworkError::NotFound("unit"));
    let (moved, parent) = (found(unit)?, found(below)?);
    if !moved.is_open() {
        return Err(NetworkError::Closed("unit"));
    }
    if moved.books == Books::Own {
        return Err(NetworkError::HasBooks);
    }
    if line_above(below, &by_id).any(|u| u.id == unit) {
        return Err(NetworkError::Cycle);
    }
    may_stand_below(moved.region, parent)?;
    if book_unit(unit, &by_id) != book_unit(below, &by_id) {
        return Err(NetworkError::OtherBooks);
    }
    Ok(())
}

/// Whether a unit may be closed from a day: not before it was entered and not ahead of today, with a reason and nothing
/// of its own open.
///
/// # Errors
/// [`NetworkError::Invalid`], [`NetworkError::StillOpen`].
pub fn check_closing(unit: &Unit, closing: &Closing, holding: Holding, today: BusinessDay) -> Result<(), NetworkError> {
    check_reason(&closing.reason)?;
    if unit.parent.is_none() {
        return Err(NetworkError::Invalid {
            field: "unit",
            why: "a unit below the society of the installation",
        });
    }
    if closing.day > today || closing.day < unit.created_at.business_day() {
        return Err(NetworkError::Invalid {
            field: "day",
            why: "a day that has come, not before the unit was entered",
        });
    }
    if holding.is_empty() {
        Ok(())
    } else {
        Err(NetworkError::StillOpen(holding))
    }
}

/// The reason of a move or a closing.
///
/// # Errors
/// [`NetworkError::Invalid`].
pub fn check_reason(reason: &str) -> Result<(), NetworkError> {
    let strange = reason.chars().any(|c| c.is_control() && c != '\n');
    if !strange && (4..=REASON_CHARS_MAX).contains(&reason.trim().chars().count()) {
        return Ok(());
    }
    Err(NetworkError::Invalid {
        field: "reason",
        why: "4 to 500 characters",
    })
}

/// The unit and those above it. Ends at a cycle, which the store never holds.
fn line_above<'a>(from: UnitId, units: &'a HashMap<UnitId, &'a Unit>) -> impl Iterator<Item = &'a Unit> {
    std::iter::successors(units.get(&from).copied(), |u| {
        u.parent.and_then(|p| units.get(&p).copied())
    })
    .take(units.len())
}

fn book_unit(from: UnitId, units: &HashMap<UnitId, &Unit>) -> Option<UnitId> {
    line_above(from, units).find(|u| u.books == Books::Own).map(|u| u.id)
}

/// In whose books a unit's gifts stand: its own, or the nearest above that keeps books.
pub fn book_unit_of(unit: UnitId, units: &[Unit]) -> Option<UnitId> {
    let by_id: HashMap<UnitId, &Unit> = units.iter().map(|u| (u.id, u)).collect();
    book_unit(unit, &by_id)
}

/// For every unit, in whose books its gifts stand: what the intake keeps in memory.
pub fn book_units(units: &[Unit]) -> HashMap<UnitId, UnitId> {
    let by_id: HashMap<UnitId, &Unit> = units.iter().map(|u| (u.id, u)).collect();
    units
        .iter()
        .filter_map(|u| Some((u.id, book_unit(u.id, &by_id)?)))
        .collect()
}

/// Whether a certificate is in force on a day.
pub fn in_force(certificate: &Certificate, day: BusinessDay) -> bool {
    let within = certificate.valid_from <= day && day <= certificate.valid_to;
    let usable = certificate.status == CertificateStatus::Valid || day < certificate.status_since;
    within && usable
}

/// The first day from `from` to `to` on which no certificate is in force (R1.1: there must be none). Walks from
/// certificate to certificate, not from day to day.
pub fn first_day_without_certificate(
    certificates: &[Certificate],
    from: BusinessDay,
    to: BusinessDay,
) -> Option<BusinessDay> {
    let mut day = from;
    while day <= to {
        let until = certificates.iter().filter(|c| in_force(c, day)).map(last_day).max();
        match until {
            Some(last) => day = last.plus_days(1),
            None => return Some(day),
        }
    }
    None
}

/// The last day on which a certificate is in force.
fn last_day(certificate: &Certificate) -> BusinessDay {
    match certificate.status {
        CertificateStatus::Valid => certificate.valid_to,
        CertificateStatus::Suspended | CertificateStatus::Revoked => {
            certificate.valid_to.min(certificate.status_since.plus_days(-1))
        }
    }
}

/// Checks a certificate.
///
/// # Errors
/// [`NetworkError::Invalid`], [`NetworkError::CertificateDays`].
pub fn check_certificate(certificate: &Certificate) -> Result<(), NetworkError> {
    check_line("number", &certificate.number)?;
    check_line("issuer", &certificate.issuer)?;
    if certificate.valid_to < certificate.valid_from {
        Err(NetworkError::CertificateDays)
    } else {
        Ok(())
    }
}

/// Checks a new account.
///
/// # Errors
/// [`NetworkError::Invalid`].
pub fn check_new_account(new: &NewAccount) -> Result<(), NetworkError> {
    check_line("name", &new.name)?;
    check_code(&new.code)
}

/// A code of addresses: 2 to 32 of `a-z`, `0-9`, `-`, beginning with a letter, ending with no hyphen.
///
/// # Errors
/// [`NetworkError::Invalid`].
pub fn check_code(code: &str) -> Result<(), NetworkError> {
    let letters = code
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let begins = code.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if letters && begins && !code.ends_with('-') && (2..=CODE_CHARS_MAX).contains(&code.len()) {
        return Ok(());
    }
    Err(NetworkError::Invalid {
        field: "code",
        why: "2 to 32 of a-z, 0-9 and -, beginning with a letter",
    })
}

/// A name: one line of 1 to 60 characters without spaces at its ends.
///
/// # Errors
/// [`NetworkError::Invalid`].
pub fn check_line(field: &'static str, text: &str) -> Result<(), NetworkError> {
    let chars = text.chars().count();
    if text.trim() == text && (1..=NAME_CHARS_MAX).contains(&chars) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(NetworkError::Invalid {
        field,
        why: "one line of 1 to 60 characters, without spaces at its ends",
    })
}

/// A colour `#rrggbb`, or nothing for the house's own.
///
/// # Errors
/// [`NetworkError::Invalid`].
pub fn check_color(color: &str) -> Result<(), NetworkError> {
    let digits = color.strip_prefix('#').unwrap_or("");
    if color.is_empty() || (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Ok(());
    }
    Err(NetworkError::Invalid {
        field: "brand_color",
        why: "#rrggbb",
    })
}

/// How a unit is reached: a short text of a few lines.
///
/// # Errors
/// [`NetworkError::Invalid`].
pub fn check_contact(contact: &str) -> Result<(), NetworkError> {
    let strange = contact.chars().any(|c| c.is_control() && c != '\n');
    if strange || contact.chars().count() > CONTACT_CHARS_MAX {
        return Err(NetworkError::Invalid {
            field: "contact",
            why: "at most 200 characters",
        });
    }
    Ok(())
}

/// A telephone that can be dialled, or nothing: digits, with `+`, `-`, brackets and spaces between them.
///
/// # Errors
/// [`NetworkError::Invalid`].
pub fn check_phone(phone: &str) -> Result<(), NetworkError> {
    let digits = phone.bytes().filter(u8::is_ascii_digit).count();
    let dialled = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')');
    if phone.is_empty() || ((5..=15).contains(&digits) && phone.len() <= 30 && phone.chars().all(dialled)) {
        return Ok(());
    }
    Err(NetworkError::Invalid {
        field: "phone",
        why: "5 to 15 digits, with + - ( ) and spaces between them",
    })
}

/// An address, or nothing: one line.
///
/// # Errors
/// [`NetworkError::Invalid`].
pub fn check_address(address: &str) -> Result<(), NetworkError> {
    if address.chars().count() <= ADDRESS_CHARS_MAX && !address.chars().any(char::is_control) {
        return Ok(());
    }
    Err(NetworkError::Invalid {
        field: "address",
        why: "one line of at most 100 characters",
    })
}

/// An account number as it may be shown: the last four digits, and the first four when at least twelve stand there.
pub fn mask_number(number: &str) -> String {
    let kept: Vec<char> = number.chars().filter(|c| !c.is_whitespace()).collect();
    match kept.len() {
        0 => String::new(),
        1..=7 => "****".into(),
        8..=11 => format!("****{}", kept[kept.len() - 4..].iter().collect::<String>()),
        n => format!(
            "{}****{}",
            kept[..4].iter().collect::<String>(),
            kept[n - 4..].iter().collect::<String>()
        ),
    }
}

#[cfg(test)]
mod tests {
    use kernel::Instant;
    use kernel::id::Id as _;

    use super::*;
    use crate::network::UnitState;

    fn unit(n: u8, parent: Option<u8>, region: &str, books: Books) -> Unit {
        Unit {
            id: UnitId::from_bytes([n; 16]),
            parent: parent.map(|p| UnitId::from_bytes([p; 16])),
            name: format!("单位{n}"),
            short_name: String::new(),
            region: place(region),
            books,
            brand_color: String::new(),
            contact: String::new(),
            phone: String::new(),
            address: String::new(),
            seal: None,
            created_at: Instant::from_micros(0),
            state: UnitState::Open,
        }
    }

    fn place(region: &str) -> RegionCode {
        RegionCode::parse(region).expect("a region")
    }

    fn id(n: u8) -> UnitId {
        UnitId::from_bytes([n; 16])
    }

    /// A province above two cities; the first with two counties, one of which keeps books, and a township.
    fn tree() -> Vec<Unit> {
        vec![
            unit(1, None, "370000", Books::Own),
            unit(2, Some(1), "371300", Books::Own),
            unit(3, Some(1), "370100", Books::Above),
            unit(4, Some(2), "371323", Books::Own),
            unit(5, Some(2), "371302", Books::Above),
            unit(6, Some(5), "371302001", Books::Above),
        ]
    }

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn certificate(from: &str, to: &str) -> Certificate {
        Certificate {
            number: "53370000MJ".into(),
            issuer: "某省民政厅".into(),
            valid_from: day(from),
            valid_to: day(to),
            status: CertificateStatus::Valid,
            status_since: day(from),
        }
    }

    #[test]
    fn a_unit_stands_below_one_of_a_higher_level_whose_region_holds_its_own() {
        let city = unit(2, None, "371300", Books::Own);
        let province = unit(1, None, "410000", Books::Own);
        assert!(may_stand_below(place("371323"), &city).is_ok());
        assert!(
            may_stand_below(place("419001"), &province).is_ok(),
            "a county right under its province"
        );
        for region in ["370105", "371300", "370000"] {
            let answer = may_stand_below(place(region), &city);
            assert!(matches!(answer, Err(NetworkError::NotBelowParent { .. })), "{region}");
        }
        let closed = Unit {
            state: UnitState::Closed {
                at: Instant::from_micros(1),
            },
            ..city
        };
        assert!(matches!(
            may_stand_below(place("371323"), &closed),
            Err(NetworkError::Closed("unit"))
        ));
    }

    #[test]
    fn gifts_stand_in_the_books_of_the_nearest_unit_that_keeps_them() {
        let tree = tree();
        assert_eq!(book_unit_of(id(6), &tree), Some(id(2)));
        assert_eq!(book_unit_of(id(4), &tree), Some(id(4)));
        assert_eq!(book_unit_of(id(3), &tree), Some(id(1)));
        assert_eq!(book_units(&tree)[&id(5)], id(2));
        assert_eq!(book_unit_of(id(9), &tree), None);
    }

    #[test]
    fn a_move_changes_neither_books_nor_makes_a_circle() {
        let mut tree = tree();
        tree.push(unit(7, Some(2), "371302002", Books::Above));
        assert!(
            check_move(id(7), id(5), &tree).is_ok(),
            "a township goes under its county"
        );
        assert!(matches!(check_move(id(4), id(1), &tree), Err(NetworkError::HasBooks)));
        assert!(matches!(check_move(id(5), id(6), &tree), Err(NetworkError::Cycle)));
        assert!(matches!(check_move(id(5), id(5), &tree), Err(NetworkError::Cycle)));
        assert!(matches!(check_move(id(6), id(1), &tree), Err(NetworkError::OtherBooks)));
        assert!(matches!(
            check_move(id(6), id(4), &tree),
            Err(NetworkError::NotBelowParent { .. })
        ));
        assert!(matches!(
            check_move(id(6), id(9), &tree),
            Err(NetworkError::NotFound(_))
        ));
    }

    #[test]
    fn the_first_unit_must_keep_books() {
        let new = NewUnit {
            parent: None,
            name: "某市红十字会".into(),
            short_name: String::new(),
            region: place("371300"),
            books: Books::Above,
            brand_color: String::new(),
            contact: String::new(),
        };
        assert!(matches!(check_new_unit(&new, None), Err(NetworkError::RootNeedsBooks)));
        let keeps = NewUnit {
            books: Books::Own,
            ..new
        };
        assert!(check_new_unit(&keeps, None).is_ok());
        let nameless = NewUnit {
            name: " ".into(),
            ..keeps
        };
        assert!(matches!(
            check_new_unit(&nameless, None),
            Err(NetworkError::Invalid { field: "name", .. })
        ));
    }

    #[test]
    fn certificates_that_follow_each_other_cover_a_campaign_and_a_gap_is_named() {
        let first = certificate("2021-01-01", "2025-12-31");
        let next = Certificate {
            number: "2".into(),
            ..certificate("2026-01-01", "2030-12-31")
        };
        let both = [first.clone(), next];
        assert_eq!(
            first_day_without_certificate(&both, day("2025-12-01"), day("2026-02-01")),
            None
        );
        let alone = first_day_without_certificate(&both[..1], day("2025-12-01"), day("2026-02-01"));
        assert_eq!(alone, Some(day("2026-01-01")));
        assert_eq!(
            first_day_without_certificate(&[], day("2026-01-01"), day("2026-01-01")),
            Some(day("2026-01-01"))
        );
    }

    #[test]
    fn a_revoked_certificate_was_in_force_until_the_day_before() {
        let revoked = Certificate {
            status: CertificateStatus::Revoked,
            status_since: day("2026-05-08"),
            ..certificate("2021-01-01", "2030-12-31")
        };
        assert!(in_force(&revoked, day("2026-05-07")));
        assert!(!in_force(&revoked, day("2026-05-08")));
        let gap = first_day_without_certificate(&[revoked], day("2026-05-01"), day("2026-05-31"));
        assert_eq!(gap, Some(day("2026-05-08")));
    }

    #[test]
    fn only_the_ends_of_an_account_number_are_kept() {
        assert_eq!(mask_number("6222 0212 3456 7890"), "6222****7890");
        assert_eq!(mask_number("12345678"), "****5678");
        assert_eq!(mask_number("1234"), "****");
        assert_eq!(mask_number(""), "");
    }

    #[test]
    fn codes_and_colours_have_one_shape() {
        assert!(check_code("linyi-wechat").is_ok());
        for wrong in ["", "a", "1ab", "Linyi", "a_b", "ab-", "沂水"] {
            assert!(check_code(wrong).is_err(), "{wrong}");
        }
        assert!(check_color("#1f5F8b").is_ok() && check_color("").is_ok());
        for wrong in ["1f5f8b", "#fff", "#1f5f8g"] {
            assert!(check_color(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_telephone_can_be_dialled_and_an_address_is_one_line() {
        for fine in ["", "0539-8000000", "+86 539 800 0000", "12345"] {
            assert!(check_phone(fine).is_ok(), "{fine}");
        }
        for bad in ["1234", "call me", "0539-8000000 or 8000001 or 8000002", "123456 转 8"] {
            assert!(check_phone(bad).is_err(), "{bad}");
        }
        assert!(check_address("临沂市演示路1号").is_ok());
        assert!(check_address("一行\n两行").is_err() && check_address(&"长".repeat(101)).is_err());
    }
}
