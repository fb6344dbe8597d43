//! Decisions about a form and a message: pure functions of values.

use kernel::{Fen, Instant};
use platform::Keys;
use ring::digest;

use super::model::{
    COMPANY_CHARS_MAX, Consent, EMAIL_CHARS_MAX, FORM_LIFE_MICROS, Fault, Field, FormInput, HeldFor, Limits,
    MESSAGE_CHARS_MAX, NAME_CHARS_MAX, Receipt, Wish,
};
use crate::donations::Payer;

/// A run of digits this long may be a telephone, a chat number or an account.
const DIGITS_RUN: usize = 6;
/// Bytes of the random part of a form's token.
const KEY_BYTES: usize = 16;
/// Telephones here: eleven digits that begin with 1.
const PHONE_DIGITS: usize = 11;

/// Reads a form.
///
/// # Errors
/// Every fault there is, in the order of the fields, so that a donor corrects all of them at once.
pub fn read(form: &FormInput, limits: &Limits) -> Result<Wish, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut note = |result: Result<(), Fault>| faults.extend(result.err());
    let amount = amount_of(form, limits);
    note(amount.as_ref().map(drop).map_err(|fault| *fault));
    let anonymous = form.show == "anonymous";
    for (field, text, chars_max) in [
        (Field::Name, &form.name, NAME_CHARS_MAX),
        (Field::OnBehalfOf, &form.on_behalf_of, NAME_CHARS_MAX),
        (Field::Company, &form.company, COMPANY_CHARS_MAX),
        (Field::Message, &form.message, MESSAGE_CHARS_MAX),
    ] {
        note(fits(field, text, chars_max));
    }
    let phone = phone(&form.phone);
    note(
        phone
            .as_ref()
            .map(drop)
            .map_err(|_| Fault::new(Field::Phone, "unreadable")),
    );
    let email = email(&form.email);
    note(
        email
            .as_ref()
            .map(drop)
            .map_err(|_| Fault::new(Field::Email, "unreadable")),
    );
    let tax_no = tax_no(&form.tax_no);
    note(
        tax_no
            .as_ref()
            .map(drop)
            .map_err(|_| Fault::new(Field::TaxNo, "unreadable")),
    );
    if text_of(&form.company).is_none() && matches!(tax_no, Ok(Some(_))) {
        note(Err(Fault::new(Field::Company, "missing")));
    }
    let provider = limits.providers.iter().find(|p| p.as_str() == form.provider).copied();
    if provider.is_none() {
        note(Err(Fault::new(Field::Provider, "missing")));
    }
    note(agreed(&form.consent, limits.consent_version));
    let (Ok(amount), Some(provider), true) = (amount, provider, faults.is_empty()) else {
        return Err(faults);
    };
    Ok(Wish {
        amount,
        anonymous,
        payer: Payer {
            id: None,
            name: text_of(&form.name),
            phone: phone.unwrap_or_default(),
            on_behalf_of: text_of(&form.on_behalf_of),
            memo: None,
        },
        receipt: Receipt {
            company: text_of(&form.company),
            tax_no: tax_no.unwrap_or_default(),
            email: email.unwrap_or_default(),
        },
        message: text_of(&form.message),
        provider,
        consent_version: limits.consent_version,
    })
}

/// A text with its ends trimmed; nothing for an empty one.
fn text_of(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn fits(field: Field, text: &str, chars_max: usize) -> Result<(), Fault> {
    let text = text.trim();
    if text.chars().count() > chars_max {
        Err(Fault::new(field, "too_long"))
    } else if text
        .chars()
        .any(|c| c.is_control() && !(field == Field::Message && matches!(c, '\n' | '\r')))
    {
        Err(Fault::new(field, "unreadable"))
    } else {
        Ok(())
    }
}

/// The chosen amount, or the typed one. Digits may be full-width, as Chinese keyboards give them.
fn amount_of(form: &FormInput, limits: &Limits) -> Result<Fen, Fault> {
    let wrong = |why| Fault::new(Field::Amount, why);
    let typed = half_width(form.amount.trim());
    let chosen = (!form.choice.is_empty()).then(|| form.choice.parse().map(Fen::new));
    let typed = (!typed.is_empty()).then(|| Fen::parse_yuan(&typed));
    let amount = match (chosen, typed) {
        (None, None) => return Err(wrong("missing")),
        (Some(Err(_)), _) | (_, Some(Err(_))) => return Err(wrong("unreadable")),
        (Some(Ok(chosen)), Some(Ok(typed))) if chosen != typed => return Err(wrong("both")),
        (Some(Ok(amount)), _) | (None, Some(Ok(amount))) => amount,
    };
    if amount < limits.min {
        Err(wrong("below"))
    } else if amount > limits.max {
        Err(wrong("above"))
    } else {
        Ok(amount)
    }
}

/// `１００．５` as `100.5`; other characters stay.
pub(crate) fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' | '．' | '，' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '。' => '.',
        other => other,
    };
    text.chars().map(narrow).collect()
}

/// Eleven digits, written with spaces, dashes or +86; nothing for nothing.
///
/// # Errors
/// Anything else.
pub(crate) fn phone(text: &str) -> Result<Option<String>, ()> {
    let text = half_width(text.trim());
    if text.is_empty() {
        return Ok(None);
    }
    if !text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '(' | ')'))
    {
        return Err(());
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let own = digits
        .strip_prefix("86")
        .filter(|rest| rest.len() == PHONE_DIGITS)
        .unwrap_or(&digits);
    if own.len() == PHONE_DIGITS && own.starts_with('1') {
        Ok(Some(own.to_owned()))
    } else {
        Err(())
    }
}

/// An address with one `@` and a dot behind it, in lower case; nothing for nothing. Whether it exists only a mail can
/// tell.
///
/// # Errors
/// Anything else.
pub(crate) fn email(text: &str) -> Result<Option<String>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let Some((name, house)) = text.split_once('@') else {
        return Err(());
    };
    let plain = text.is_ascii() && text.chars().all(|c| c.is_ascii_graphic()) && text.len() <= EMAIL_CHARS_MAX;
    let dotted = house.contains('.') && !house.starts_with('.') && !house.ends_with('.') && !house.contains('@');
    if plain && dotted && !name.is_empty() {
        Ok(Some(text.to_ascii_lowercase()))
    } else {
        Err(())
    }
}

/// A taxpayer's number: 15, 18 or 20 letters and digits, in capitals; nothing for nothing.
fn tax_no(text: &str) -> Result<Option<String>, ()> {
    let plain: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    if plain.is_empty() {
        return Ok(None);
    }
    if matches!(plain.len(), 15 | 18 | 20) && plain.chars().all(|c| c.is_ascii_alphanumeric()) {
        Ok(Some(plain.to_ascii_uppercase()))
    } else {
        Err(())
    }
}

fn agreed(ticked: &str, in_force: i64) -> Result<(), Fault> {
    match ticked.parse::<i64>() {
        Ok(version) if version == in_force => Ok(()),
        Ok(_) => Err(Fault::new(Field::Consent, "changed")),
        Err(_) => Err(Fault::new(Field::Consent, "missing")),
    }
}

/// A new form's token: a random key, when it was made, and the house's mark on both for this project. What another
/// site makes up has no mark.
pub fn token(keys: &Keys, project: &str, now: Instant, key: [u8; KEY_BYTES]) -> String {
    let mut bytes = key.to_vec();
    bytes.extend_from_slice(&now.micros().to_be_bytes());
    let mark = mark(keys, project, &bytes);
    bytes.extend_from_slice(&mark);
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

fn mark(keys: &Keys, project: &str, body: &[u8]) -> Vec<u8> {
    keys.blind_index("giving form", &format!("{project}/{}", kernel::id::hex(body)))
}

/// The random key in a token of ours for this project.
///
/// # Errors
/// The form is not ours, for another project, or older than [`FORM_LIFE_MICROS`].
pub fn form_key(keys: &Keys, project: &str, now: Instant, token: &str) -> Result<[u8; KEY_BYTES], Fault> {
    let old = Fault::new(Field::Form, "old");
    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(token.as_bytes())
        .map_err(|_| old)?;
    let (body, shown) = bytes.split_at_checked(KEY_BYTES + 8).ok_or(old)?;
    let (key, made) = body.split_at(KEY_BYTES);
    let made = i64::from_be_bytes(made.try_into().map_err(|_| old)?);
    let age = now.micros().saturating_sub(made);
    if mark(keys, project, body) != shown || !(0..=FORM_LIFE_MICROS).contains(&age) {
        return Err(old);
    }
    key.try_into().map_err(|_| old)
}

/// The hash of what a form says, without its token: the same form sent again has the same.
pub fn body_hash(form: &FormInput) -> Vec<u8> {
    let bare = FormInput {
        token: String::new(),
        ..form.clone()
    };
    // Twelve texts are always JSON.
    let plain = serde_json::to_vec(&bare).unwrap_or_default();
    digest::digest(&digest::SHA256, &plain).as_ref().to_vec()
}

/// The hash by which an order remembers the wording that was agreed to.
pub fn consent_hash(consent: &Consent) -> Vec<u8> {
    let both = format!("{}\n\n{}", consent.words_zh, consent.words_en);
    digest::digest(&digest::SHA256, both.as_bytes()).as_ref().to_vec()
}

/// Letters and digits alone, narrow and small: `加 V-x` and `加ｖＸ` are one.
pub fn folded(text: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars()
        .map(narrow)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Why a message must be read by a person first; `blocked` are folded words.
pub fn held_for(message: &str, blocked: &[String]) -> Option<HeldFor> {
    let plain = folded(message);
    let lower = message.to_lowercase();
    if blocked
        .iter()
        .any(|word| !word.is_empty() && plain.contains(word.as_str()))
    {
        Some(HeldFor::Word)
    } else if ["http", "www.", "@", ".com", ".cn", ".net", ".top"]
        .iter()
        .any(|part| lower.contains(part))
    {
        Some(HeldFor::Address)
    } else if longest_run(&plain) >= DIGITS_RUN {
        Some(HeldFor::Digits)
    } else {
        None
    }
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c.is_numeric() { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::donations::orders::Provider;
    use kernel::{Rng as _, SeededRng};

    fn limits() -> Limits {
        Limits {
            min: Fen::new(100),
            max: Fen::new(5_000_000),
            providers: vec![Provider::Wechat],
            consent_version: 3,
        }
    }

    fn form(change: impl FnOnce(&mut FormInput)) -> FormInput {
        let mut form = FormInput {
            choice: "2000".into(),
            show: "name".into(),
            name: " 测试甲 ".into(),
            provider: "wechat".into(),
            consent: "3".into(),
            ..FormInput::default()
        };
        change(&mut form);
        form
    }

    fn faults(change: impl FnOnce(&mut FormInput)) -> Vec<(Field, &'static str)> {
        let faults = read(&form(change), &limits()).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.field, fault.why)).collect()
    }

    #[test]
    fn a_chosen_amount_and_a_tick_are_enough() {
        let Ok(wish) = read(&form(|_| ()), &limits()) else {
            panic!("well filled")
        };
        assert_eq!(wish.amount, Fen::new(2_000));
        assert_eq!(wish.payer.name.as_deref(), Some("测试甲"));
        assert!(wish.receipt.is_empty() && wish.payer.phone.is_none() && wish.message.is_none());
    }

    #[test]
    fn a_free_amount_is_read_to_the_fen_and_kept_within_its_bounds() {
        for (typed, fen) in [
            ("0.99", None),
            ("1", Some(100)),
            ("88.88", Some(8_888)),
            ("１００．５", Some(10_050)),
            ("1,000.10元", Some(100_010)),
            ("50000", Some(5_000_000)),
            ("50000.01", None),
        ] {
            let form = form(|f| {
                f.choice = String::new();
                f.amount = typed.into();
            });
            let read = read(&form, &limits()).ok().map(|wish| wish.amount.get());
            assert_eq!(read, fen, "{typed}");
        }
        let why = |typed: &str| {
            faults(|f| {
                f.choice = String::new();
                f.amount = typed.into();
            })
        };
        assert_eq!(why(""), [(Field::Amount, "missing")]);
        assert_eq!(why("-5"), [(Field::Amount, "below")]);
        assert_eq!(why("1.005"), [(Field::Amount, "unreadable")]);
        assert_eq!(why("99999999999999999999"), [(Field::Amount, "unreadable")]);
        assert_eq!(
            faults(|f| f.amount = "30".into()),
            [(Field::Amount, "both")],
            "20 chosen, 30 typed"
        );
        assert_eq!(
            faults(|f| f.amount = "20.00".into()),
            [],
            "the same twice is no contradiction"
        );
    }

    #[test]
    fn all_faults_are_told_at_once_in_the_order_of_the_fields() {
        let told = faults(|f| {
            f.choice = "x".into();
            f.name = "字".repeat(61);
            f.phone = "123".into();
            f.email = "a@b".into();
            f.tax_no = "123".into();
            f.message = "字".repeat(101);
            f.provider = "alipay".into();
            f.consent = String::new();
        });
        let fields: Vec<Field> = told.iter().map(|(field, _)| *field).collect();
        assert_eq!(
            fields,
            [
                Field::Amount,
                Field::Name,
                Field::Message,
                Field::Phone,
                Field::Email,
                Field::TaxNo,
                Field::Provider,
                Field::Consent
            ]
        );
    }

    #[test]
    fn an_older_wording_that_was_ticked_is_asked_again() {
        assert_eq!(faults(|f| f.consent = "2".into()), [(Field::Consent, "changed")]);
    }

    #[test]
    fn a_tax_number_wants_its_company_and_people_write_both_with_spaces() {
        let full = form(|f| {
            f.company = "测试公司".into();
            f.tax_no = "91 3713 0000 0000 000x".into();
            f.phone = "+86 138-0000-0000".into();
            f.email = " Donor@Example.org ".into();
        });
        let Ok(wish) = read(&full, &limits()) else {
            panic!("well filled")
        };
        assert_eq!(wish.receipt.tax_no.as_deref(), Some("91371300000000000X"));
        assert_eq!(wish.receipt.email.as_deref(), Some("donor@example.org"));
        assert_eq!(wish.payer.phone.as_deref(), Some("13800000000"));
        assert_eq!(
            faults(|f| f.tax_no = "91371300000000000X".into()),
            [(Field::Company, "missing")]
        );
    }

    #[test]
    fn a_token_is_ours_for_one_project_and_one_day() {
        let rng = SeededRng::new(5);
        let keys = Keys::from_file(&Keys::new_file(&rng)).expect("keys");
        let mut key = [0; 16];
        rng.fill(&mut key);
        let now = Instant::from_micros(1_778_198_400_000_000);
        let made = token(&keys, "aed", now, key);
        assert_eq!(
            form_key(&keys, "aed", now.plus_micros(FORM_LIFE_MICROS), &made),
            Ok(key)
        );
        let old = Err(Fault::new(Field::Form, "old"));
        assert_eq!(
            form_key(&keys, "aed", now.plus_micros(FORM_LIFE_MICROS + 1), &made),
            old
        );
        assert_eq!(form_key(&keys, "other", now, &made), old);
        let mut forged = made.clone();
        forged.replace_range(0..1, if made.starts_with('A') { "B" } else { "A" });
        assert_eq!(form_key(&keys, "aed", now, &forged), old);
        assert_eq!(form_key(&keys, "aed", now, ""), old);
    }

    #[test]
    fn the_same_words_have_the_same_hash_whatever_the_token() {
        let (one, two) = (form(|f| f.token = "a".into()), form(|f| f.token = "b".into()));
        assert_eq!(body_hash(&one), body_hash(&two));
        assert_ne!(body_hash(&one), body_hash(&form(|f| f.choice = "2001".into())));
    }

    #[test]
    fn words_on_the_list_addresses_and_numbers_wait_for_a_reader() {
        let blocked = vec![folded("加微信"), folded("Casino")];
        assert_eq!(held_for("祝孩子们平安长大！", &blocked), None);
        assert_eq!(held_for("愿2026年一切安好", &blocked), None);
        assert_eq!(held_for("加 微-信 领取", &blocked), Some(HeldFor::Word));
        assert_eq!(held_for("ＣＡＳＩＮＯ", &blocked), Some(HeldFor::Word));
        assert_eq!(held_for("看 example.com", &blocked), Some(HeldFor::Address));
        assert_eq!(held_for("找我 13 80 00 00", &blocked), Some(HeldFor::Digits));
    }

    #[test]
    fn the_shipped_wording_never_changes() {
        let house = Consent::house(kernel::id::Id::from_bytes([0; 16]));
        let hash = data_encoding::HEXLOWER.encode(&consent_hash(&house));
        assert_eq!(
            hash, "1e345a56ff8528f48e5faee4106d2ef429002ef16ba3fe3e94c3827e23f4ac6f",
            "it was agreed to as version 0: publish another instead"
        );
    }
}
