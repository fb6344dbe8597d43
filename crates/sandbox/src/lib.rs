//! `qiao sandbox`: payment providers and a donation platform of our own for tests, the demo and a society's rehearsal.
//!
//! They speak the providers' wire formats: signed requests are verified, answers signed, notices encrypted, bills made.
//! A page stands in for the payer's phone. Faults come on demand ([`Faults`]): notices repeated, delayed, reordered,
//! lost, forged, with a wrong amount; stale certificates; a clock that is off. No code is shared with the adapters in
//! `integrations`, and no crate for signatures and ciphers either: what both get wrong alike, the peers of `e2e/peers`
//! find. Money in here is never real.

mod admin;
pub mod alipay;
mod chance;
mod delivery;
mod faults;
pub mod gongyi;
pub mod wechat;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use kernel::{Clock, Instant, Rng};

pub use delivery::{Post, Posted, Sent};
pub use faults::Faults;

/// How often what waits is looked at.
const DELIVER_EVERY: Duration = Duration::from_millis(200);

/// Why the sandbox cannot run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The folder.
    #[error("the sandbox’s folder: {0}")]
    Folder(#[from] std::io::Error),
    /// A key in the folder.
    #[error("the sandbox’s keys: {0}")]
    Keys(String),
}

/// What the sandbox needs of the world.
#[derive(Clone)]
pub struct World {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// The way out, for notices.
    pub post: Arc<dyn Post>,
    /// Where its keys are kept.
    pub data: PathBuf,
    /// Under which address it is reached, without a slash at the end.
    pub base_url: String,
}

/// The providers and the platform. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) world: Arc<World>,
    pub(crate) faults: Arc<Mutex<Faults>>,
    pub(crate) queue: Arc<delivery::Queue>,
    pub(crate) wechat: Arc<wechat::Wechat>,
    pub(crate) alipay: Arc<alipay::Alipay>,
    pub(crate) gongyi: Arc<gongyi::Gongyi>,
}

impl Sandbox {
    /// Makes or reads the keys in the folder.
    ///
    /// # Errors
    /// [`SandboxError`].
    pub fn open(world: World) -> Result<Self, SandboxError> {
        std::fs::create_dir_all(&world.data)?;
        let wechat = wechat::Wechat::open(&world)?;
        let alipay = alipay::host::open(&world)?;
        let gongyi = gongyi::Gongyi::open(&world)?;
        Ok(Self {
            wechat: Arc::new(wechat),
            alipay: Arc::new(alipay),
            gongyi: Arc::new(gongyi),
            world: Arc::new(world),
            faults: Arc::default(),
            queue: Arc::default(),
        })
    }

    /// What goes wrong from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.alipay.set_fault(alipay::host::fault_of(&faults));
        self.alipay.set_ahead_seconds(faults.clock_offset_seconds);
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// What goes wrong now.
    pub fn faults(&self) -> Faults {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sandbox's time: the world's with the fault of its clock.
    pub(crate) fn now(&self) -> Instant {
        let offset = self.faults().clock_offset_seconds.saturating_mul(1_000_000);
        self.world.clock.now().plus_micros(offset)
    }

    /// All routes: the providers' interfaces, the payer's page, the administration.
    pub fn routes(&self) -> Router {
        Router::new()
            .merge(admin::routes())
            .merge(wechat::routes())
            .merge(alipay::host::routes())
            .merge(gongyi::routes())
            .with_state(self.clone())
    }

    /// Delivers notices until the future is dropped.
    pub async fn run(&self) {
        loop {
            self.deliver_due().await;
            self.deliver_alipay().await;
            tokio::time::sleep(DELIVER_EVERY).await;
        }
    }
}
