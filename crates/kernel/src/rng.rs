//! Randomness that is handed in: the real source is wired by `qiao`, tests use a seed.

use std::sync::Mutex;

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

/// A source of random bytes.
pub trait Rng: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);

    /// Thirty-two random bytes: a secret or a key.
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        bytes
    }
    /// A number below `bound` (which is above zero), near enough to even for simulation and tests.
    fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound.max(1)
    }
}

/// ChaCha12 behind a lock: a cryptographic generator once seeded by the operating system, a repeatable one when
/// seeded by a test or a simulation.
#[derive(Debug)]
pub struct SeededRng(Mutex<ChaCha12Rng>);

impl SeededRng {
    /// The same seed gives the same bytes for ever.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha12Rng::seed_from_u64(seed)))
    }
    /// From a full key, as the real source is.
    pub fn from_key(key: [u8; 32]) -> Self {
        Self(Mutex::new(ChaCha12Rng::from_seed(key)))
    }
}

impl Rng for SeededRng {
    fn fill(&self, buffer: &mut [u8]) {
        let mut inner = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        inner.fill_bytes(buffer);
    }
}
