//! Whose signatures are believed, and how a newer certificate of Alipay's becomes one of them.

use std::sync::{PoisonError, RwLock};

use kernel::Instant;

use super::certificate::Certificate;
use crate::payments::rsa;

/// Certificates held at once; the oldest makes room.
const LEARNED_MAX: usize = 8;

/// The keys that Alipay may sign with.
pub(super) enum Trust {
    Keys(Vec<Vec<u8>>),
    Certificates {
        roots: Vec<Certificate>,
        learned: RwLock<Vec<Certificate>>,
    },
}

/// What a signature turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Alipay's.
    Genuine,
    /// Nobody's that we know.
    Forged,
    /// Made with a certificate that we do not have (its serial): fetch it, then ask again.
    UnknownCertificate(String),
    /// Made with a certificate that no longer holds (its serial).
    StaleCertificate(String),
}

/// A certificate that does not lead to a root, or does not hold now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not signed under the root certificate in the settings, or does not hold today")]
pub(super) struct NotTrusted;

impl Trust {
    pub(super) const fn of_keys(keys: Vec<Vec<u8>>) -> Self {
        Self::Keys(keys)
    }

    pub(super) const fn of_roots(roots: Vec<Certificate>) -> Self {
        Self::Certificates {
            roots,
            learned: RwLock::new(Vec::new()),
        }
    }

    /// Takes a certificate (PEM, its issuers behind it) when it leads to a root and holds now; gives its serial.
    pub(super) fn learn(&self, pem: &str, now: Instant) -> Result<String, NotTrusted> {
        let Self::Certificates { roots, learned } = self else {
            return Err(NotTrusted);
        };
        let chain = Certificate::all_from_pem(pem).map_err(|_| NotTrusted)?;
        let (first, between) = chain.split_first().ok_or(NotTrusted)?;
        if first.public_key().is_none() || !first.is_signed_under(roots, between, now) {
            return Err(NotTrusted);
        }
        let sn = first.sn();
        let mut known = learned.write().unwrap_or_else(PoisonError::into_inner);
        if !known.iter().any(|each| each.sn() == sn) {
            if known.len() == LEARNED_MAX {
                known.remove(0);
            }
            known.push(first.clone());
        }
        Ok(sn)
    }

    /// Who signed this. `sn` is the serial that came with it, if one did.
    pub(super) fn judge(&self, text: &[u8], signature: &str, sn: Option<&str>, now: Instant) -> Verdict {
        let genuine = |yes: bool| if yes { Verdict::Genuine } else { Verdict::Forged };
        let (learned, sn) = match (self, sn) {
            (Self::Keys(keys), _) => return genuine(keys.iter().any(|key| rsa::verifies(key, text, signature))),
            (Self::Certificates { learned, .. }, sn) => (learned, sn),
        };
        let known = learned.read().unwrap_or_else(PoisonError::into_inner);
        let verifies = |each: &Certificate| each.public_key().is_some_and(|key| rsa::verifies(key, text, signature));
        let Some(sn) = sn else {
            // A notice names no certificate in some of Alipay's products: then any that holds may have signed.
            return genuine(known.iter().any(|each| each.holds_at(now) && verifies(each)));
        };
        match known.iter().find(|each| each.sn() == sn) {
            None => Verdict::UnknownCertificate(sn.to_owned()),
            Some(each) if !verifies(each) => Verdict::Forged,
            Some(each) if !each.holds_at(now) => Verdict::StaleCertificate(sn.to_owned()),
            Some(_) => Verdict::Genuine,
        }
    }
}
