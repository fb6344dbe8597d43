//! Letters as values.

use kernel::UnitId;

use crate::LetterId;
use crate::LotId;
use crate::vouchers::PaperKind;
use crate::word::words;

words! {
    /// What a donor signs.
    #[schema(as = GoodsLetterKind)]
    LetterKind {
        /// A letter (捐赠函).
        Letter = "letter",
        /// An agreement of both sides (捐赠协议).
        Agreement = "agreement",
    }
}

impl LetterKind {
    /// The kind of its paper.
    pub const fn paper(self) -> PaperKind {
        match self {
            Self::Letter => PaperKind::DonationLetter,
            Self::Agreement => PaperKind::Agreement,
        }
    }
}

/// A letter to be made. Holds a person's name and telephone: no `Debug`.
#[derive(Clone)]
pub struct NewLetter<'a> {
    /// The lot.
    pub lot: LotId,
    /// Which.
    pub kind: LetterKind,
    /// Who answers for it; sealed.
    pub contact: &'a str,
    /// Where he is reached; sealed.
    pub phone: &'a str,
}

/// A letter as kept. Holds sealed words: no `Debug`.
#[derive(Clone)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// Whose.
    pub unit: UnitId,
    /// The lot.
    pub lot: LotId,
    /// Which.
    pub kind: LetterKind,
    /// Name and telephone, a line each, sealed.
    pub contact_sealed: Vec<u8>,
}
