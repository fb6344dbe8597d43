//! The state of giving's routers: the services and the intake.

use std::sync::Arc;

use axum::extract::FromRef;
use platform::Services;

use crate::donations::Intake;
use crate::donations::orders::Gateways;

/// What giving's handlers are given.
#[derive(Clone)]
pub struct State {
    /// The services of the program.
    pub services: Services,
    /// The way in for gifts.
    pub intake: Intake,
    /// The payment providers, by unit.
    pub gateways: Arc<Gateways>,
}

impl FromRef<State> for Services {
    fn from_ref(state: &State) -> Self {
        state.services.clone()
    }
}
