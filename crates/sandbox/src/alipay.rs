//! Alipay's side of the wire: gateway, pay page, notices, trade bill, made from the published interface and from nothing of
//! the adapter. It has its own signatures, its own certificates, its own reading of amounts, so that the adapter is tested
//! against something that it did not make.
//!
//! All is in memory and pure: [`Alipay::handle`] answers a request, [`Alipay::due`] gives the notices that are to be sent
//! now, [`Alipay::told`] takes the answer to one. Who hosts it brings the network.

mod bill;
mod crypto;
mod fault;
mod gateway;
pub(crate) mod host;
mod notice;
mod page;
mod trade;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Clock, Instant, Rng};

pub use crypto::KeyError;
pub use fault::Fault;
pub use notice::Posting;

use crypto::{Certified, House};
use notice::Outgoing;
use trade::Trade;

/// The application's number in the sandbox.
pub const APP_ID: &str = "2026000000000001";
/// The receiving account's number in the sandbox.
pub const SELLER_ID: &str = "2088000000000001";
/// How far a request's time may lie from the sandbox's, unless a fault says otherwise.
const SKEW_MICROS_MAX: i64 = 15 * 60 * 1_000_000;

/// An answer of the sandbox.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The content's type.
    pub content_type: &'static str,
    /// Where a browser is sent, with status 303.
    pub location: Option<String>,
    /// The content.
    pub body: Vec<u8>,
}

/// The sandbox's Alipay.
pub struct Alipay {
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    /// The address under which a browser reaches the sandbox, without a slash at the end.
    origin: String,
    house: House,
    state: Mutex<State>,
}

struct State {
    trades: BTreeMap<String, Trade>,
    outgoing: Vec<Outgoing>,
    /// What happens to the notices of payments that choose nothing themselves.
    fault: Fault,
    skew_micros_max: i64,
    /// How far the sandbox's clock runs ahead of the world's.
    ahead_micros: i64,
    /// Alipay's signing keys, the present one last.
    signers: Vec<Certified>,
    numbers: u64,
    /// Methods whose next answer is lost.
    lost_answers: Vec<String>,
}

/// How the application checks signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Public keys.
    PublicKey,
    /// Certificates.
    Certificate,
}

impl Alipay {
    /// A sandbox with new keys and no trades.
    ///
    /// # Errors
    /// [`KeyError`] when no key or certificate can be made.
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, origin: &str, mode: Mode) -> Result<Self, KeyError> {
        let now = clock.now();
        let house = House::new(&*rng, now, mode)?;
        let first = house.signer(&*rng, 1, now, crypto::Term::Holds)?;
        Ok(Self {
            clock,
            rng,
            origin: origin.trim_end_matches('/').to_owned(),
            house,
            state: Mutex::new(State {
                trades: BTreeMap::new(),
                outgoing: Vec::new(),
                fault: Fault::None,
                skew_micros_max: SKEW_MICROS_MAX,
                ahead_micros: 0,
                signers: vec![first],
                numbers: 0,
                lost_answers: Vec::new(),
            }),
        })
    }

    /// The gateway's address.
    pub fn gateway_url(&self) -> String {
        format!("{}/alipay/gateway.do", self.origin)
    }

    /// The settings that a unit enters to use the sandbox: with the application's private key, which is worth nothing
    /// anywhere else.
    pub fn settings(&self) -> serde_json::Value {
        let state = self.state();
        let trust = match self.house.certificates() {
            None => serde_json::json!({
                "mode": "public_key",
                "alipay_public_keys": state.signers.iter().map(Certified::public_key_text).collect::<Vec<_>>(),
            }),
            Some((app, root)) => serde_json::json!({
                "mode": "certificate",
                "app_cert": app,
                "alipay_certs": state.signers.iter().map(|each| each.pem.clone()).collect::<Vec<_>>(),
                "alipay_root_cert": root,
            }),
        };
        serde_json::json!({
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            "app_private_key": self.house.app_private_key(),
            "trust": trust,
            "gateway": self.gateway_url(),
        })
    }

    /// The private key with which Alipay signs now, for tests that speak as Alipay; bare base64 of PKCS#8.
    pub fn signing_key(&self) -> String {
        self.state()
            .signer()
            .map(Certified::private_key_text)
            .unwrap_or_default()
    }

    /// From now on Alipay signs with a new key, under the same root.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn rotate(&self) -> Result<(), KeyError> {
        self.add_signer(crypto::Term::Holds)
    }

    /// From now on Alipay signs with a certificate that ran out yesterday.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn go_stale(&self) -> Result<(), KeyError> {
        self.add_signer(crypto::Term::RanOut)
    }

    fn add_signer(&self, term: crypto::Term) -> Result<(), KeyError> {
        let number = u64::try_from(self.state().signers.len()).unwrap_or(u64::MAX) + 1;
        let next = self.house.signer(&*self.rng, number, self.clock.now(), term)?;
        self.state().signers.push(next);
        Ok(())
    }

    /// What happens to the notices of payments that choose nothing themselves.
    pub fn set_fault(&self, fault: Fault) {
        self.state().fault = fault;
    }

    /// How far a request's time may lie from the sandbox's.
    pub fn set_skew_seconds_max(&self, seconds: i64) {
        self.state().skew_micros_max = seconds.saturating_mul(1_000_000);
    }

    /// How far the sandbox's clock runs ahead of the world's; behind, when negative.
    pub fn set_ahead_seconds(&self, seconds: i64) {
        self.state().ahead_micros = seconds.saturating_mul(1_000_000);
    }

    /// The next request of this method is carried out and its answer lost.
    pub fn lose_answer(&self, method: &str) {
        self.state().lost_answers.push(method.to_owned());
    }

    /// The number and the amount in fen of every trade that was paid, for a test's last count.
    pub fn paid(&self) -> Vec<(String, i64)> {
        let state = self.state();
        let paid = state.trades.values().filter(|trade| trade.paid_at().is_some());
        paid.map(|trade| (trade.out_trade_no.clone(), trade.fen)).collect()
    }

    /// The sandbox's time. Never asked for while the state is held.
    fn now(&self) -> Instant {
        let ahead = self.state().ahead_micros;
        self.clock.now().plus_micros(ahead)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn signer(&self) -> Option<&Certified> {
        self.signers.last()
    }

    /// The next number of a trade or a notice.
    fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}

/// A page or text.
fn answer(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Answer {
    Answer {
        status,
        content_type,
        location: None,
        body: body.into(),
    }
}
