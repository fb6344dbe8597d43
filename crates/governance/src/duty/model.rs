//! Shifts and who has them.

use kernel::{ActorId, Instant, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

kernel::ids! {
    /// A shift of a unit's roster.
    ShiftId,
}

/// The place for which a person of a shift is sealed (`Keys::seal`, `Keys::open`).
pub const PERSON_PLACE: &str = "duty_shift.person";
/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 40;
/// Shifts entered in one go: a month of three a day.
pub const SHIFTS_MAX: usize = 100;
/// Days of a roster that are shown in one go.
pub const DAYS_MAX: i64 = 31;
/// Days of a week.
pub const WEEK_DAYS: i64 = 7;

/// Who has a shift. No `Debug`: it names a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The telephone.
    pub phone: String,
}

/// A shift as it is shown: masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Its id.
    pub id: ShiftId,
    /// The unit.
    pub unit: UnitId,
    /// From then.
    pub from: Instant,
    /// Until then; that moment is the next one's.
    pub to: Instant,
    /// The user, where it is one of the staff.
    pub actor: Option<ActorId>,
    /// The name, masked.
    pub masked_name: String,
    /// The telephone, masked.
    pub masked_phone: String,
    /// When it was taken back.
    pub cancelled_at: Option<Instant>,
}

/// Who is to have a shift. No `Debug`.
#[derive(Clone)]
pub enum Who {
    /// One of the staff; the name and the telephone are those she left.
    User(ActorId),
    /// Somebody by name and telephone.
    Person(Person),
}

/// A shift about to be entered. No `Debug`.
#[derive(Clone)]
pub struct NewShift {
    /// From then.
    pub from: Instant,
    /// Until then.
    pub to: Instant,
    /// Who has it.
    pub who: Who,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From then.
    pub from: Instant,
    /// Until then.
    pub to: Instant,
}

/// Two shifts at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// The earlier one.
    pub first: ShiftId,
    /// The later one.
    pub second: ShiftId,
    /// When both are on.
    pub span: Span,
}

/// Why a telephone is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DutyRevealReason)]
pub enum RevealReason {
    /// To call who is on duty.
    Call,
    /// To hand a shift over.
    Handover,
    /// To look whether the roster is right.
    Check,
}

impl RevealReason {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Handover => "handover",
            Self::Check => "check",
        }
    }
}
