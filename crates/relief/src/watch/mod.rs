//! Watching the store: goods that wait too long for their allocation (R5.5: two hours warn, a day alarms), goods that nobody
//! looks at within two working days of their arrival, and norms that are broken either way. A job looks every half hour,
//! whether anybody has a screen open or not.
//!
//! R5.6 gives two working days to reach the supplier after the notice of arrival; we take the inspection as its end, which
//! is our reading.
//!
//! Invariants: a breach is told once when it begins and once when it ends, each by a fact; the clock of waiting runs only
//! while the parameter `emergency.goods_clock` is 1, since in quiet times goods lie in store for years.

pub mod actions;
pub mod api;
pub mod jobs;
pub mod model;
pub mod queries;
mod store;

#[cfg(test)]
mod tests;
