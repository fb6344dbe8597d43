//! Argon2id away from the threads that answer requests, and only so many at once.

use argon2::{Algorithm, Argon2, Params, Version};
use kernel::Rng;
use tokio::sync::Semaphore;

use super::error::SigninError;
use super::model::PasswordHash;
use crate::keys::same;

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// At once: each takes a core and 19 MiB for some tens of milliseconds.
const RUNNING_MAX: usize = 2;
/// In line behind them: about a second's worth. Who comes then is told to come again.
const WAITING_MAX: usize = 32;
/// More memory than a stored hash may ask for, so that a damaged row cannot take the machine down.
const MEMORY_KIB_MAX: u32 = 256 * 1024;

static RUNNING: Semaphore = Semaphore::const_new(RUNNING_MAX);
static PLACES: Semaphore = Semaphore::const_new(RUNNING_MAX + WAITING_MAX);

/// What a password of an unknown name is compared with: the same work, never a match.
pub(super) const NOBODYS: PasswordHash = PasswordHash {
    memory_kib: MEMORY_KIB,
    passes: PASSES,
    lanes: LANES,
    salt: [0x5a; 16],
    hash: [0; 32],
};

/// A password's hash under a fresh salt.
pub(super) async fn hash(password: &str, rng: &dyn Rng) -> Result<PasswordHash, SigninError> {
    let mut salt = [0; 16];
    rng.fill(&mut salt);
    let fresh = PasswordHash { salt, ..NOBODYS };
    let hash = derive(password, fresh.clone()).await?;
    Ok(PasswordHash { hash, ..fresh })
}

/// Whether this is the password behind the hash.
pub(super) async fn matches(password: &str, kept: &PasswordHash) -> Result<bool, SigninError> {
    let found = derive(password, kept.clone()).await?;
    Ok(same(&found, &kept.hash))
}

async fn derive(password: &str, with: PasswordHash) -> Result<[u8; 32], SigninError> {
    let place = PLACES.try_acquire().map_err(|_| SigninError::Busy)?;
    let turn = RUNNING.acquire().await.map_err(|_| SigninError::Busy)?;
    let password = password.to_owned();
    let worked = tokio::task::spawn_blocking(move || {
        // Held by the work itself: who hangs up does not make room for more of it.
        let _held = (place, turn);
        derived(password.as_bytes(), &with)
    });
    match worked.await {
        Ok(Some(hash)) => Ok(hash),
        Ok(None) => Err(SigninError::Damaged),
        Err(error) => {
            tracing::error!(%error, "a password could not be hashed");
            Err(SigninError::Damaged)
        }
    }
}

fn derived(password: &[u8], with: &PasswordHash) -> Option<[u8; 32]> {
    if with.memory_kib > MEMORY_KIB_MAX {
        return None;
    }
    let params = Params::new(with.memory_kib, with.passes, with.lanes, Some(32)).ok()?;
    let mut out = [0; 32];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(password, &with.salt, &mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRng;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_alone_and_two_hashes_of_it_differ() {
        let rng = SeededRng::new(7);
        let kept = hash("Correct-horse-7", &rng).await.expect("hashed");
        assert!(matches("Correct-horse-7", &kept).await.expect("worked"));
        assert!(!matches("Correct-horse-8", &kept).await.expect("worked"));
        let again = hash("Correct-horse-7", &rng).await.expect("hashed");
        assert!(again.hash != kept.hash, "a salt of its own");
        let read = PasswordHash::from_bytes(&kept.to_bytes()).expect("its own form");
        assert!(read == kept);
        assert!(PasswordHash::from_bytes(&kept.to_bytes()[1..]).is_none());
    }

    #[test]
    fn the_function_is_argon2id_with_owasps_numbers() {
        // Made with the reference implementation: `echo -n password | argon2 somesalt16bytes! -id -k 19456 -t 2 -p 1`.
        let with = PasswordHash {
            salt: *b"somesalt16bytes!",
            ..NOBODYS
        };
        let text = data_encoding::HEXLOWER.encode(&derived(b"password", &with).expect("derived"));
        assert_eq!(text, "b4f5c0f0a45a331503aa85453a4cf9a9c7a2cac6a688c48bc41adc0b9b00b66a");
        assert!(
            derived(
                b"x",
                &PasswordHash {
                    memory_kib: MEMORY_KIB_MAX + 1,
                    ..NOBODYS
                }
            )
            .is_none()
        );
    }
}
