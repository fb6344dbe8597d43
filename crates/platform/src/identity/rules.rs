//! Who may do what, what a name and a token look like: pure decisions.

use kernel::{BusinessDay, Instant, Rng};

use super::error::IdentityError;
use super::model::{Permission, Post, Role};

use Permission as P;

/// The table of powers. Who runs the installation handles no money; who handles money does not audit.
const POWERS: &[(Role, &[Permission])] = &[
    (
        Role::Administrator,
        &[
            P::UnitManage,
            P::AccountManage,
            P::ParameterManage,
            P::UserManage,
            P::SystemOperate,
            P::CertificateManage,
            P::ApprovalRead,
            P::ApprovalManage,
            P::DutyRead,
            P::DutyManage,
            P::DocumentRead,
            P::ReportRead,
        ],
    ),
    (
        Role::SystemAdministrator,
        &[P::UnitManage, P::ParameterManage, P::SystemOperate],
    ),
    (Role::SecurityAdministrator, &[P::UserManage]),
    (Role::AuditAdministrator, &[P::AuditRead]),
    (
        Role::FundraisingOfficer,
        &[
            P::CampaignManage,
            P::CampaignFile,
            P::ProjectManage,
            P::GiftRead,
            P::GiftRecord,
            P::GiftImport,
            P::GiftReview,
            P::RefundRequest,
            P::MatchManage,
            P::PlatformManage,
            P::GoodsRead,
            P::GoodsRequest,
            P::GoodsPropose,
            P::CertificateManage,
            P::ApprovalRead,
            P::ApprovalRequest,
            P::ApprovalDecide,
            P::DutyRead,
            P::DutyReport,
            P::DutyManage,
            P::DocumentRead,
            P::DocumentSend,
            P::ReportRead,
            P::PartnerRead,
            P::PartnerManage,
            P::PartnerPurchase,
            P::PointsRecord,
            P::PersonalReveal,
        ],
    ),
    (
        Role::FinanceOfficer,
        &[
            P::AccountManage,
            P::GiftRead,
            P::GiftRecord,
            P::GiftImport,
            P::GiftReview,
            P::RefundRequest,
            P::RefundApprove,
            P::MatchApprove,
            P::BooksRead,
            P::BooksPost,
            P::PayoutApprove,
            P::ApprovalRead,
            P::ApprovalRequest,
            P::ApprovalDecide,
            P::DutyRead,
            P::DutyReport,
            P::DocumentRead,
            P::ReportRead,
            P::PartnerRead,
            P::PersonalReveal,
        ],
    ),
    (
        Role::Leader,
        &[
            P::GiftRead,
            P::RefundApprove,
            P::MatchApprove,
            P::PersonalManage,
            P::PersonalReveal,
            P::PayoutApprove,
            P::GoodsRead,
            P::GoodsApprove,
            P::BooksRead,
            P::ApprovalRead,
            P::ApprovalRequest,
            P::ApprovalDecide,
            P::ApprovalManage,
            P::DutyRead,
            P::DutyReport,
            P::DutyManage,
            P::DocumentRead,
            P::DocumentSend,
            P::ReportRead,
            P::AuditRead,
            P::PartnerRead,
            P::PartnerApprove,
        ],
    ),
    (
        Role::Storekeeper,
        &[
            P::GoodsRead,
            P::GoodsImport,
            P::GoodsManage,
            P::GoodsRecord,
            P::GoodsRequest,
            P::ApprovalRead,
            P::ApprovalRequest,
            P::ApprovalDecide,
            P::DutyRead,
            P::DutyReport,
            P::DocumentRead,
            P::PartnerRead,
            P::PartnerPurchase,
            P::PointsRecord,
        ],
    ),
    (Role::GoodsVolunteer, &[P::GoodsRecord, P::PointsRecord]),
    (
        Role::DonationDesk,
        &[
            P::GoodsRead,
            P::GoodsPropose,
            P::ApprovalRead,
            P::ApprovalRequest,
            P::ApprovalDecide,
        ],
    ),
    (Role::Requester, &[P::GoodsRequest]),
    (
        Role::Auditor,
        &[
            P::GiftRead,
            P::GoodsRead,
            P::BooksRead,
            P::ApprovalRead,
            P::DutyRead,
            P::DocumentRead,
            P::ReportRead,
            P::AuditRead,
            P::PartnerRead,
        ],
    ),
    (Role::Machine, &[P::GiftRecord, P::GiftImport]),
    // Who breaks the glass unlocks and resets; what she may not hand out says `may_hand_out`.
    (Role::EmergencyAdministrator, &[P::UserManage, P::SystemOperate]),
];

/// The roles `init` gives to the first user: in a small society one person does it all, except approve her own refunds.
pub const FIRST_USER: &[Role] = &[
    Role::Administrator,
    Role::FundraisingOfficer,
    Role::FinanceOfficer,
    Role::Storekeeper,
];

/// What a role allows.
pub fn permissions_of(role: Role) -> &'static [Permission] {
    POWERS
        .iter()
        .find(|(known, _)| *known == role)
        .map_or(&[], |(_, powers)| powers)
}

/// Whether a role allows this.
pub fn allows(role: Role, permission: Permission) -> bool {
    permissions_of(role).contains(&permission)
}

/// The three administrators (三员): GB/T 22239-2019 wants three persons who watch each other.
const THREE: [Role; 3] = [
    Role::SystemAdministrator,
    Role::SecurityAdministrator,
    Role::AuditAdministrator,
];

/// Whether the role is one of the three administrators.
pub fn is_one_of_three(role: Role) -> bool {
    THREE.contains(&role)
}

/// Whether the role administers the installation: one of the three, or the one who does it all in a small society.
pub fn is_administrator(role: Role) -> bool {
    role == Role::Administrator || is_one_of_three(role)
}

/// Whether the permission enters, moves or decides about money or goods, or says where money goes. Every new
/// permission has to choose here.
pub const fn touches_money(permission: Permission) -> bool {
    match permission {
        P::AccountManage
        | P::CampaignManage
        | P::CampaignFile
        | P::ProjectManage
        | P::GiftRecord
        | P::GiftImport
        | P::GiftReview
        | P::RefundRequest
        | P::RefundApprove
        | P::MatchManage
        | P::MatchApprove
        | P::PlatformManage
        | P::CertificateManage
        | P::GoodsImport
        | P::GoodsManage
        | P::GoodsRecord
        | P::GoodsRequest
        | P::GoodsPropose
        | P::GoodsApprove
        | P::PartnerManage
        | P::PartnerPurchase
        | P::PartnerApprove
        | P::PointsRecord
        | P::BooksPost
        | P::PayoutApprove
        | P::ApprovalRequest
        | P::ApprovalDecide
        | P::ApprovalManage => true,
        P::UnitManage
        | P::GiftRead
        | P::PersonalManage
        | P::PersonalReveal
        | P::GoodsRead
        | P::PartnerRead
        | P::BooksRead
        | P::ApprovalRead
        | P::DutyRead
        | P::DutyReport
        | P::DutyManage
        | P::DocumentRead
        | P::DocumentSend
        | P::ReportRead
        | P::AuditRead
        | P::ParameterManage
        | P::UserManage
        | P::SystemOperate => false,
    }
}

/// Whether the role is granted to users at all: the sealed envelope's belongs to its account alone.
pub fn is_granted(role: Role) -> bool {
    role != Role::EmergencyAdministrator
}

/// Whether somebody with these roles may hand out this one. Who acts by the sealed envelope's account alone hands out no
/// role that touches money or goods.
pub fn may_hand_out(held: &[(Role, kernel::UnitId)], role: Role) -> bool {
    let by_envelope = held.iter().any(|(role, _)| !is_granted(*role));
    let money = permissions_of(role).iter().any(|permission| touches_money(*permission));
    is_granted(role) && !(by_envelope && money)
}

/// The role among those held that this one may not stand beside: another of the three administrators, the one
/// administrator of a small society beside any of the three, and what touches money beside any of the three.
pub fn excluded_by(held: impl IntoIterator<Item = Role>, new: Role) -> Option<Role> {
    let money = |role: Role| permissions_of(role).iter().any(|permission| touches_money(*permission));
    let excludes = |one: Role, other: Role| {
        let apart = is_administrator(other) || money(other);
        is_one_of_three(one) && one != other && apart
    };
    held.into_iter()
        .find(|held| excludes(*held, new) || excludes(new, *held))
}

/// A user's name fits one line of a list.
const NAME_CHARS_MAX: usize = 64;
/// Tokens one user may have at a time: one per device or program; more hints at a script gone wrong.
pub const TOKENS_MAX: i64 = 20;
/// Roles one user may have at a time: every role in a handful of units.
pub const ROLES_MAX: i64 = 60;
/// How long a token lives when nothing is said.
pub const TOKEN_DAYS_DEFAULT: i64 = 180;
/// The longest life: what nobody renewed for two years, nobody misses.
pub const TOKEN_DAYS_MAX: i64 = 730;

const DAY_MICROS: i64 = 86_400_000_000;

/// A name for a list: trimmed, one line, not empty.
///
/// # Errors
/// [`IdentityError::Name`].
pub fn name(text: &str) -> Result<String, IdentityError> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= NAME_CHARS_MAX && !text.chars().any(char::is_control);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(IdentityError::Name {
            chars_max: NAME_CHARS_MAX,
        })
    }
}

/// When a token of this many days ends.
///
/// # Errors
/// [`IdentityError::Days`].
pub fn expiry(now: Instant, days: Option<i64>) -> Result<Instant, IdentityError> {
    let days = days.unwrap_or(TOKEN_DAYS_DEFAULT);
    if !(1..=TOKEN_DAYS_MAX).contains(&days) {
        return Err(IdentityError::Days {
            days_max: TOKEN_DAYS_MAX,
        });
    }
    Ok(now.plus_micros(days * DAY_MICROS))
}

/// The longest title of a post.
const TITLE_CHARS_MAX: usize = 40;
/// The longest term: two of a council.
const TERM_DAYS_MAX: i64 = 3_660;
/// A term that ends within these days is warned of.
pub const ENDS_SOON_DAYS: i64 = 30;

/// Whether a post's title and term can stand.
///
/// # Errors
/// [`IdentityError::Field`] with the field at fault.
pub fn check_post(post: &Post, today: BusinessDay) -> Result<(), IdentityError> {
    let fault = |field, why| Err(IdentityError::Field { field, why });
    let is_line = |title: &String| {
        let chars = title.chars().count();
        title.trim() == title && (1..=TITLE_CHARS_MAX).contains(&chars) && !title.chars().any(char::is_control)
    };
    if !post.title.as_ref().is_none_or(is_line) {
        return fault("title", "1 to 40 characters on one line");
    }
    let first = post.from_day.unwrap_or(today);
    match post.until_day {
        Some(until) if until < first || until < today => fault("until_day", "a day not over and not before the first"),
        Some(until) if until.days_since(first) > TERM_DAYS_MAX => fault("until_day", "a term of at most ten years"),
        _ => Ok(()),
    }
}

/// What a token begins with, so that a leaked one can be found by a search.
const TOKEN_PREFIX: &str = "qiao_";

/// A token's text, which is shown once, and the hash that is kept. No `Debug`.
pub struct FreshToken {
    /// `qiao_` and 52 characters of base32.
    pub text: String,
    /// SHA-256 of its 32 bytes.
    pub hash: [u8; 32],
}

/// A new token. 256 random bits need no slow hash.
pub fn fresh_token(rng: &dyn Rng) -> FreshToken {
    let secret = rng.secret();
    let mut text = TOKEN_PREFIX.to_owned();
    text.push_str(&data_encoding::BASE32_NOPAD.encode(&secret).to_ascii_lowercase());
    FreshToken {
        text,
        hash: sha256(&secret),
    }
}

/// The hash under which a token would be kept; nothing when the text is none of ours.
pub fn token_hash(text: &str) -> Option<[u8; 32]> {
    let body = text.trim().strip_prefix(TOKEN_PREFIX)?.to_ascii_uppercase();
    let secret = data_encoding::BASE32_NOPAD.decode(body.as_bytes()).ok()?;
    (secret.len() == 32).then(|| sha256(&secret))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRng;
    use kernel::id::Id as _;

    #[test]
    fn every_role_has_powers_and_every_permission_has_a_role() {
        for role in Role::ALL {
            assert!(!permissions_of(*role).is_empty(), "{role}");
        }
        for permission in Permission::ALL {
            assert!(
                Role::ALL.iter().any(|role| allows(*role, *permission)),
                "nobody may {permission}"
            );
        }
    }

    #[test]
    fn no_administrator_of_the_three_holds_a_permission_that_touches_money_and_none_stands_beside_another() {
        for role in THREE {
            let money: Vec<_> = permissions_of(role).iter().filter(|p| touches_money(**p)).collect();
            assert!(money.is_empty(), "{role} holds {money:?}");
            for other in Role::ALL {
                let apart = *other != role
                    && (is_administrator(*other) || permissions_of(*other).iter().any(|p| touches_money(*p)));
                assert_eq!(excluded_by([role], *other).is_some(), apart, "{role} beside {other}");
                assert_eq!(excluded_by([*other], role).is_some(), apart, "{other} beside {role}");
            }
        }
        for permission in Permission::ALL {
            let holders = THREE.iter().filter(|role| allows(**role, *permission)).count();
            assert!(holders <= 1, "{permission} belongs to one of the three at most");
        }
        assert_eq!(permissions_of(Role::AuditAdministrator), [P::AuditRead]);
        assert_eq!(excluded_by(FIRST_USER.iter().copied(), Role::Leader), None);
        assert_eq!(
            excluded_by([Role::Auditor, Role::SystemAdministrator], Role::Leader),
            Some(Role::SystemAdministrator)
        );
    }

    #[test]
    fn who_breaks_the_glass_touches_no_money_and_hands_out_no_role_that_does() {
        let envelope = [(Role::EmergencyAdministrator, kernel::UnitId::from_bytes([1; 16]))];
        for permission in permissions_of(Role::EmergencyAdministrator) {
            assert!(!touches_money(*permission), "{permission}");
            assert_ne!(*permission, P::ParameterManage);
        }
        for role in Role::ALL {
            let money = permissions_of(*role)
                .iter()
                .any(|permission| touches_money(*permission));
            let granted = *role != Role::EmergencyAdministrator;
            assert_eq!(may_hand_out(&envelope, *role), granted && !money, "{role}");
            assert_eq!(may_hand_out(&[], *role), granted, "{role}");
        }
        for role in [Role::Administrator, Role::FinanceOfficer, Role::Leader, Role::Machine] {
            assert!(!may_hand_out(&envelope, role), "{role}");
        }
        assert!(
            may_hand_out(&envelope, Role::SecurityAdministrator),
            "somebody opens the house again"
        );
    }

    #[test]
    fn who_runs_the_installation_handles_no_money_and_who_audits_changes_nothing() {
        for money in [
            P::GiftRecord,
            P::GiftImport,
            P::RefundRequest,
            P::RefundApprove,
            P::PayoutApprove,
            P::BooksPost,
        ] {
            assert!(!allows(Role::Administrator, money), "{money}");
            assert!(!allows(Role::Auditor, money), "{money}");
        }
        assert!(!allows(Role::FinanceOfficer, P::UserManage));
        assert!(
            permissions_of(Role::Auditor)
                .iter()
                .all(|p| p.as_str().ends_with("_read"))
        );
    }

    #[test]
    fn a_token_leads_to_the_hash_that_was_kept_and_no_other_text_does() {
        let token = fresh_token(&SeededRng::new(3));
        assert_eq!(token.text.len(), TOKEN_PREFIX.len() + 52);
        assert_eq!(token_hash(&token.text), Some(token.hash));
        assert_eq!(token_hash(&token.text.replace("qiao_", "qiao-")), None);
        assert_eq!(token_hash(&token.text[..40]), None);
        assert_ne!(token_hash(&fresh_token(&SeededRng::new(4)).text), Some(token.hash));
    }

    #[test]
    fn names_are_one_line_and_tokens_end() {
        assert_eq!(name("  张三 ").ok().as_deref(), Some("张三"));
        for bad in ["", "  ", "a\nb", &"长".repeat(65)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        let now = Instant::from_micros(0);
        assert_eq!(expiry(now, Some(1)).ok(), Some(Instant::from_micros(DAY_MICROS)));
        for bad in [0, -1, 731] {
            assert!(expiry(now, Some(bad)).is_err(), "{bad}");
        }
    }
}
