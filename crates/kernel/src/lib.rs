//! The kernel: the words every other crate speaks. No IO, no async, no clock of its own.
//!
//! Ids, money, time, randomness, places, days, masks, pages of a list. Everything here is a value or
//! a pure function of values; what touches the world is a trait whose implementation `qiao` wires.

pub mod calendar;
pub mod capitals;
pub mod channel;
pub mod clock;
pub mod id;
pub mod money;
pub mod order;
pub mod parameters;
pub mod region;
pub mod rng;

pub use calendar::{DayKind, WorkingDays};
pub use channel::Channel;
pub use clock::{BusinessDay, Clock, FixedClock, Instant};
pub use id::{
    ActorId, BookAccountId, CampaignId, FactId, FileId, FundId, GiftId, ImportId, JobId, JournalId, OrderId, PayoutId,
    ProjectId, PublicIdCodec, ReceivingAccountId, RefundId, ReviewId, TeamId, ThemeId, TokenId, UnitId,
};
pub use money::{Fen, MoneyError};
pub use order::Order;
pub use parameters::{Parameter, ParameterError, ParameterValue, Parameters, Seen};
pub use region::{RegionCode, RegionError, RegionLevel};
pub use rng::{Rng, SeededRng};
