//! Law 12: nothing that looks like a real person's telephone or identity number stands in the repository.

use super::{File, Finding};

/// Made-up numbers are recognised by a run of the same digit or by the well-known example.
const MADE_UP: [&str; 3] = ["13800138000", "0000", "9999"];
const PHONE_DIGITS: usize = 11;
const IDENTITY_DIGITS: usize = 18;

/// Runs of digits that are a mobile telephone or a resident identity number by their shape.
pub fn no_personal_numbers(file: &File) -> Vec<Finding> {
    // Locks are full of hashes, sheets of schema of defaults; neither is written by hand.
    if file.path.ends_with("package-lock.json") || file.path == "Cargo.lock" || file.path.ends_with(".svg") {
        return Vec::new();
    }
    let advice = "use a made-up number (with 0000) or build it in the test; real ones never enter the repository";
    let mut findings = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let personal =
            |run: &&str| (is_phone(run) || is_identity(run)) && !MADE_UP.iter().any(|known| run.contains(known));
        if runs(line).iter().any(personal) {
            findings.push(Finding::new(&file.path, at + 1, "law 12, personal data", advice));
        }
    }
    findings
}

/// Runs of digits (with a closing X), not joined to letters or further digits.
fn runs(line: &str) -> Vec<&str> {
    let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| word.len() >= PHONE_DIGITS && word.bytes().all(|b| b.is_ascii_digit() || b == b'X' || b == b'x'))
        .collect()
}

fn is_phone(run: &str) -> bool {
    run.len() == PHONE_DIGITS && run.starts_with('1') && matches!(run.as_bytes()[1], b'3'..=b'9')
}

/// Region, birthday and order number of the shape of GB 11643, with a check digit that holds.
fn is_identity(run: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [u8; 11] = *b"10X98765432";
    if run.len() != IDENTITY_DIGITS || !matches!(&run[6..8], "19" | "20") {
        return false;
    }
    let digits = run.bytes().take(WEIGHTS.len()).map(|b| u32::from(b.wrapping_sub(b'0')));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    run.bytes().last().map(|b| b.to_ascii_uppercase()) == Some(CHECKS[(sum % 11) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        no_personal_numbers(&File {
            path: "docs/a.md".into(),
            text: text.into(),
        })
        .len()
    }

    #[test]
    fn a_telephone_and_an_identity_number_are_found() {
        // Built here, so that this file holds neither.
        assert_eq!(found(&format!("call 139{}", "12345678")), 1);
        assert_eq!(found(&format!("id {}{}", "11010519491231", "002X")), 1);
    }

    #[test]
    fn made_up_numbers_ids_and_amounts_are_not() {
        for text in [
            "13800138000",
            "139 0000 1234",
            "trade 2020012500100139123456781234",
            concat!("a139", "12345678b"),
            "1061100.00",
        ] {
            assert_eq!(found(text), 0, "{text}");
        }
    }
}
