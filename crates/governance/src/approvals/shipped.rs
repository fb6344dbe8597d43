//! The policies that ship: in force for a kind of thing where no unit above has published one. A shipped version never
//! changes, since cases keep it; a better one is another file with the next number.

use std::sync::LazyLock;

use kernel::UnitId;
use kernel::id::Id as _;

use super::model::PolicyVersion;

/// The unit under which cases name what ships.
pub const UNIT: [u8; 16] = [0; 16];

/// Kind, version, document.
const DOCUMENTS: &[(&str, i64, &str)] = &[
    ("dispatch", 1, include_str!("shipped/dispatch.v1.json")),
    ("docking", 1, include_str!("shipped/docking.v1.json")),
    ("notice", 1, include_str!("shipped/notice.v1.json")),
    (
        "partner_amendment",
        1,
        include_str!("shipped/partner_amendment.v1.json"),
    ),
    (
        "project_admission",
        1,
        include_str!("shipped/project_admission.v1.json"),
    ),
    ("refund", 1, include_str!("shipped/refund.v1.json")),
    ("relief_money", 1, include_str!("shipped/relief_money.v1.json")),
    ("target_raise", 1, include_str!("shipped/target_raise.v1.json")),
];

static ALL: LazyLock<Vec<PolicyVersion>> = LazyLock::new(|| {
    let read = |(kind, version, document): &(&str, i64, &str)| match serde_json::from_str(document) {
        Ok(policy) => Some(PolicyVersion {
            unit: UnitId::from_bytes(UNIT),
            subject_kind: (*kind).to_owned(),
            version: *version,
            policy,
            published_at: None,
        }),
        Err(error) => {
            tracing::error!(kind, version, %error, "a policy that ships cannot be read");
            None
        }
    };
    DOCUMENTS.iter().filter_map(read).collect()
});

/// The latest version that ships for a kind of thing.
pub fn latest(kind: &str) -> Option<PolicyVersion> {
    let of_kind = ALL.iter().filter(|version| version.subject_kind == kind);
    of_kind.max_by_key(|version| version.version).cloned()
}

/// A version that ships.
pub fn version(kind: &str, number: i64) -> Option<PolicyVersion> {
    let mut all = ALL.iter();
    all.find(|version| version.subject_kind == kind && version.version == number)
        .cloned()
}

/// The versions that ship for a kind and are older than this number, the newest first.
pub fn versions(kind: &str, before: i64) -> impl Iterator<Item = PolicyVersion> {
    let mut all: Vec<&PolicyVersion> = ALL
        .iter()
        .filter(|version| version.subject_kind == kind && version.version < before)
        .collect();
    all.sort_unstable_by_key(|version| std::cmp::Reverse(version.version));
    all.into_iter().cloned()
}

/// The kinds that something ships for.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    DOCUMENTS.iter().map(|(kind, ..)| *kind)
}
