//! WeChat Pay, API v3, as the merchant sees it.

mod bill;
mod certificate;
mod interface;
mod keys;
mod notices;
mod oauth;
mod orders;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::routing::{get, post};
use kernel::Instant;
use rsa::{RsaPrivateKey, RsaPublicKey};

pub use keys::Merchant;
use keys::Platform;
use orders::{Order, State};

use crate::{Sandbox, SandboxError, World};

/// The provider's side of WeChat Pay.
pub struct Wechat {
    merchant: Merchant,
    merchant_key: RsaPublicKey,
    current: Mutex<Platform>,
    /// Signs when `stale_certificate` is asked for: its validity is over.
    stale: Platform,
    /// Signs when `forge` is asked for: nobody ever published it.
    forger: RsaPrivateKey,
    /// Signs for merchants that use a public key instead of certificates.
    public_key_id: String,
    /// Whether the merchant asked for that last; its notices are then signed so too.
    by_public_key: AtomicBool,
    orders: Mutex<BTreeMap<String, Order>>,
    /// Codes of the official account's sign-in that nobody used yet.
    codes: Mutex<BTreeSet<String>>,
    folder: std::path::PathBuf,
}

impl Wechat {
    /// Makes or reads the keys in `wechat/` of the folder.
    pub(crate) fn open(world: &World) -> Result<Self, SandboxError> {
        let folder = world.data.join("wechat");
        std::fs::create_dir_all(&folder)?;
        let (merchant, merchant_key) = keys::merchant(world, &folder)?;
        let current = keys::platform(world, &folder.join("platform_key.pem"), (-30, 365))?;
        let stale = keys::platform(world, &folder.join("platform_key.pem"), (-400, -1))?;
        std::fs::write(folder.join("wechatpay_cert.pem"), &current.certificate)?;
        // The merchant platform offers the public key as a file with its number.
        std::fs::write(folder.join("pub_key.pem"), keys::public_pem(&current.key)?)?;
        let public_key_id = format!("PUB_KEY_ID_01{}20260101000000000001", merchant.mchid);
        std::fs::write(folder.join("pub_key_id.txt"), &public_key_id)?;
        let forger = keys::platform(world, &folder.join("forger_key.pem"), (-30, 365))?.key;
        Ok(Self {
            merchant,
            merchant_key,
            current: Mutex::new(current),
            stale,
            forger,
            public_key_id,
            by_public_key: AtomicBool::new(false),
            orders: Mutex::default(),
            codes: Mutex::default(),
            folder,
        })
    }

    fn orders<T>(&self, with: impl FnOnce(&mut BTreeMap<String, Order>) -> T) -> T {
        with(&mut self.orders.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn codes<T>(&self, with: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        with(&mut self.codes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn current<T>(&self, with: impl FnOnce(&Platform) -> T) -> T {
        with(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/v3/pay/transactions/{kind}", post(interface::place))
        .route("/v3/pay/transactions/out-trade-no/{number}", get(interface::query))
        .route(
            "/v3/pay/transactions/out-trade-no/{number}/close",
            post(interface::close),
        )
        .route("/v3/pay/transactions/id/{number}", get(interface::query_by_transaction))
        .route("/v3/refund/domestic/refunds", post(interface::refund))
        .route("/v3/refund/domestic/refunds/{number}", get(interface::query_refund))
        .route("/v3/certificates", get(interface::certificates))
        .route("/v3/bill/tradebill", get(interface::trade_bill))
        .route("/v3/billdownload/file", get(interface::download))
        .route("/connect/oauth2/authorize", get(oauth::authorize))
        .route("/sns/oauth2/access_token", get(oauth::token))
        .route("/wechat/pay/{prepay_id}", get(page::show).post(page::pay))
        .route("/sandbox/wechat/pay/{number}", post(page::pay_order))
        .route("/sandbox/wechat/rotate", post(page::rotate))
        .route("/sandbox/wechat/notice/{number}", get(page::last_notice))
}

impl Sandbox {
    /// The merchant of the sandbox.
    pub fn wechat_merchant(&self) -> &Merchant {
        &self.wechat.merchant
    }

    /// Pays an order as its payer would; gives whether it is paid now. A notice follows.
    pub fn pay_wechat(&self, out_trade_no: &str) -> bool {
        let now = self.now();
        let transaction_id = format!("42000{:023}", self.world.rng.below(1_000_000_000_000_000_000));
        let paid = self.wechat.orders(|orders| {
            let order = orders.get_mut(out_trade_no)?;
            let open = order.state == State::NotPaid && order.expires_at.is_none_or(|at| now < at);
            if open {
                order.state = State::Paid {
                    transaction_id,
                    at: now,
                };
            }
            Some((open, matches!(order.state, State::Paid { .. })))
        });
        let Some((fresh, paid)) = paid else { return false };
        if fresh {
            let number = out_trade_no.to_owned();
            let event = notices::event_id(self);
            self.notify(|| notices::of_payment(&number, &event));
        }
        paid
    }

    /// Makes a new platform certificate, as WeChat does every five years: the old one is no longer handed out.
    ///
    /// # Errors
    /// [`SandboxError`].
    pub fn rotate_wechat(&self) -> Result<String, SandboxError> {
        let number = self.world.rng.below(1_000_000);
        let file = self.wechat.folder.join(format!("platform_key_{number}.pem"));
        let fresh = keys::platform(&self.world, &file, (0, 365))?;
        let serial = fresh.serial.clone();
        *self.wechat.current.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(serial)
    }
}

impl Wechat {
    /// Keeps with which key the merchant wants answers signed; gives whether that is the public key.
    fn wants_public_key(&self, wanted: Option<&str>) -> bool {
        if let Some(wanted) = wanted {
            self.by_public_key
                .store(wanted == self.public_key_id, Ordering::Relaxed);
        }
        self.by_public_key.load(Ordering::Relaxed)
    }
}

/// The amount that is told: the order's, unless another is asked for.
fn told(sandbox: &Sandbox, total: i64) -> i64 {
    sandbox.faults().wrong_amount_fen.unwrap_or(total)
}

fn seconds(at: Instant) -> i64 {
    at.micros().div_euclid(1_000_000)
}
