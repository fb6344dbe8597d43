//! The protocol, by `webauthn_rp`: what is asked of an authenticator, and whether its answer is right.
//!
//! The library checks type, challenge, origin, relying party, presence and verification of the user, algorithm, signature,
//! backup flags and signature counter (WebAuthn level 3, 7.1 and 7.2). It takes the time and the challenge's chance from the
//! machine; the lifetime that counts is kept beside it by our own clock, and a challenge is used up before it is looked at.

use std::num::NonZeroU32;

use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::{AllowedCredentials, AuthenticationVerificationOptions};
use webauthn_rp::request::register::{
    PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle, Username,
};
use webauthn_rp::request::{
    AsciiDomain, Credentials as _, PublicKeyCredentialDescriptor, RpId, UserVerificationRequirement,
};
use webauthn_rp::response::auth::NonDiscoverableAuthenticatorAssertion;
use webauthn_rp::response::auth::error::AuthCeremonyErr;
use webauthn_rp::response::register::error::RegCeremonyErr;
use webauthn_rp::response::register::{
    AuthenticatorAttestation, ClientExtensionsOutputs, CompressedPubKey, DynamicState, StaticState,
};
use webauthn_rp::response::{AuthTransports, AuthenticatorAttachment, AuthenticatorTransport, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, NonDiscoverableAuthentication16, NonDiscoverableAuthenticationServerState,
    NonDiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use super::error::PasskeyError;
use super::model::{Answer, HANDLE_BYTES, NewKey, PasskeyRow, RelyingParty, STATE_BYTES};
use super::rules::CHALLENGE_MS;

/// The algorithms the library checks, in COSE's numbers: ES256 first, which every authenticator has, then EdDSA, ES384 and
/// RS256 (older Windows Hello).
pub(super) const ALGORITHMS: &[i32] = &[-7, -8, -35, -257];

/// A public key as the library reads it back: Ed25519, P-256, P-384, RSA.
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

const WAYS: [(&str, AuthenticatorTransport); 6] = [
    ("ble", AuthenticatorTransport::Ble),
    ("hybrid", AuthenticatorTransport::Hybrid),
    ("internal", AuthenticatorTransport::Internal),
    ("nfc", AuthenticatorTransport::Nfc),
    ("smart-card", AuthenticatorTransport::SmartCard),
    ("usb", AuthenticatorTransport::Usb),
];

/// A question: what is sent, and what has to be known when the answer comes.
pub(super) struct Begun {
    pub challenge: [u8; 16],
    pub state: Vec<u8>,
}

/// A credential as it is kept.
#[derive(Debug)]
pub(super) struct Registered {
    pub credential_id: Vec<u8>,
    pub public_key: Vec<u8>,
    pub state: Vec<u8>,
    pub transports: u8,
}

/// Asks for a new passkey of this account, which has these already.
pub(super) fn offer(
    party: &RelyingParty,
    handle: [u8; HANDLE_BYTES],
    known: &[PasskeyRow],
) -> Result<Begun, PasskeyError> {
    let id = rp_id(party)?;
    let handle = UserHandle::<HANDLE_BYTES>::from(handle);
    // The account's name goes to the browser from us; for the answer only the handle counts.
    let user = PublicKeyCredentialUserEntity {
        name: Username::try_from("user").map_err(|_| PasskeyError::Unavailable)?,
        id: &handle,
        display_name: None,
    };
    let known = known.iter().filter_map(descriptor).collect();
    let mut options = PublicKeyCredentialCreationOptions::second_factor(&id, user, known);
    options.authenticator_selection.user_verification = UserVerificationRequirement::Required;
    options.extensions.cred_props = None;
    options.timeout = timeout();
    let challenge = options.challenge.as_data().to_le_bytes();
    let (kept, _) = options.start_ceremony().map_err(|_| PasskeyError::Unavailable)?;
    let state = kept.encode().map_err(|_| PasskeyError::Unavailable)?;
    Ok(Begun { challenge, state })
}

/// Whether a new passkey answers the question, and what is kept of it.
pub(super) fn registered(party: &RelyingParty, state: &[u8], new: &NewKey) -> Result<Registered, PasskeyError> {
    let id = rp_id(party)?;
    let kept = RegistrationServerState::<HANDLE_BYTES>::decode(state).map_err(|_| PasskeyError::NotAsked)?;
    let told = AuthenticatorAttestation::new(
        new.client_data.clone(),
        new.attestation.clone(),
        transports(&new.transports),
    );
    let nothing = ClientExtensionsOutputs {
        cred_props: None,
        prf: None,
    };
    let registration = Registration::new(told, AuthenticatorAttachment::None, nothing);
    let origins = [party.origin.as_str()];
    let options: RegistrationVerificationOptions<'_, '_, &str, &str> = RegistrationVerificationOptions {
        allowed_origins: &origins,
        // Some authenticators tell of extensions nobody asked for.
        error_on_unsolicited_extensions: false,
        ..RegistrationVerificationOptions::default()
    };
    let credential = kept.verify(&id, &registration, &options).map_err(of_registration)?;
    Ok(Registered {
        credential_id: credential.id().as_ref().to_vec(),
        public_key: credential.static_state().encode().map_err(|_| PasskeyError::Refused)?,
        state: credential
            .dynamic_state()
            .encode()
            .map_err(|_| PasskeyError::Refused)?
            .to_vec(),
        transports: credential.transports().encode().map_err(|_| PasskeyError::Refused)?,
    })
}

/// Asks for one of these passkeys.
pub(super) fn ask(party: &RelyingParty, known: &[PasskeyRow]) -> Result<Begun, PasskeyError> {
    let id = rp_id(party)?;
    let mut allowed = AllowedCredentials::with_capacity(known.len());
    for one in known.iter().filter_map(descriptor) {
        allowed.push(one.into());
    }
    let options = NonDiscoverableCredentialRequestOptions::second_factor(&id, allowed);
    let mut options = options.map_err(|_| PasskeyError::Unknown)?;
    let wanted = options.options();
    wanted.user_verification = UserVerificationRequirement::Required;
    wanted.timeout = timeout();
    let challenge = wanted.challenge.as_data().to_le_bytes();
    let (kept, _) = options.start_ceremony().map_err(|_| PasskeyError::Unavailable)?;
    let state = kept.encode().map_err(|_| PasskeyError::Unavailable)?;
    Ok(Begun { challenge, state })
}

/// Whether a passkey answers the question; its state from now on.
pub(super) fn shown(
    party: &RelyingParty,
    state: &[u8],
    (row, handle): (&PasskeyRow, [u8; HANDLE_BYTES]),
    answer: &Answer,
) -> Result<Vec<u8>, PasskeyError> {
    let id = rp_id(party)?;
    let refused = |_| PasskeyError::Refused;
    let kept = NonDiscoverableAuthenticationServerState::decode(state).map_err(|_| PasskeyError::NotAsked)?;
    let told_handle = match &answer.handle {
        Some(bytes) => {
            let bytes = <[u8; HANDLE_BYTES]>::try_from(bytes.as_slice()).map_err(|_| PasskeyError::Refused)?;
            Some(UserHandle::<HANDLE_BYTES>::from(bytes))
        }
        None => None,
    };
    let told = NonDiscoverableAuthenticatorAssertion::<HANDLE_BYTES>::with_optional_user(
        answer.client_data.clone(),
        answer.authenticator_data.clone(),
        answer.signature.clone(),
        told_handle,
    );
    let credential_id = CredentialId::<Vec<u8>>::try_from(answer.credential_id.clone()).map_err(refused)?;
    let authentication = NonDiscoverableAuthentication16::new(credential_id, told, AuthenticatorAttachment::None);
    let handle = UserHandle::<HANDLE_BYTES>::from(handle);
    let key = StaticState::<PublicKey>::decode(row.public_key.as_slice()).map_err(|_| PasskeyError::Refused)?;
    let before = <[u8; STATE_BYTES]>::try_from(row.state.as_slice()).map_err(|_| PasskeyError::Refused)?;
    let before = DynamicState::decode(before).map_err(|_| PasskeyError::Refused)?;
    let known = CredentialId::<&[u8]>::try_from(row.credential_id.as_slice()).map_err(refused)?;
    let credential = AuthenticatedCredential::new(known, &handle, key, before);
    let mut credential = credential.map_err(|_| PasskeyError::Refused)?;
    let origins = [party.origin.as_str()];
    let options: AuthenticationVerificationOptions<'_, '_, &str, &str> = AuthenticationVerificationOptions {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..AuthenticationVerificationOptions::default()
    };
    kept.verify(&id, &authentication, &mut credential, &options)
        .map_err(of_authentication)?;
    let after = credential.dynamic_state().encode().map_err(|_| PasskeyError::Refused)?;
    Ok(after.to_vec())
}

/// The ways to an authenticator, as WebAuthn names them.
pub(super) fn ways(bits: u8) -> Vec<&'static str> {
    let known = AuthTransports::decode(bits).unwrap_or(AuthTransports::NONE);
    let there = WAYS.iter().filter(|(_, way)| known.contains(*way));
    there.map(|(name, _)| *name).collect()
}

fn transports(names: &[String]) -> AuthTransports {
    let known = WAYS.iter().filter(|(name, _)| names.iter().any(|told| told == name));
    known.fold(AuthTransports::NONE, |all, (_, way)| all.add(*way))
}

fn timeout() -> NonZeroU32 {
    NonZeroU32::new(CHALLENGE_MS).unwrap_or(NonZeroU32::MIN)
}

fn rp_id(party: &RelyingParty) -> Result<RpId, PasskeyError> {
    let domain = AsciiDomain::try_from(party.id.clone());
    domain.map(RpId::Domain).map_err(|_| PasskeyError::Unavailable)
}

fn descriptor(row: &PasskeyRow) -> Option<PublicKeyCredentialDescriptor<Vec<u8>>> {
    Some(PublicKeyCredentialDescriptor {
        id: CredentialId::<Vec<u8>>::try_from(row.credential_id.clone()).ok()?,
        transports: AuthTransports::decode(row.transports).ok()?,
    })
}

fn of_registration(error: RegCeremonyErr) -> PasskeyError {
    tracing::info!(%error, "a new passkey was not accepted");
    match error {
        RegCeremonyErr::UserNotVerified => PasskeyError::Unverified,
        RegCeremonyErr::Timeout => PasskeyError::NotAsked,
        _ => PasskeyError::Refused,
    }
}

fn of_authentication(error: AuthCeremonyErr) -> PasskeyError {
    tracing::info!(%error, "a passkey was not accepted");
    match error {
        AuthCeremonyErr::UserNotVerified => PasskeyError::Unverified,
        AuthCeremonyErr::SignatureCounter => PasskeyError::Suspect,
        AuthCeremonyErr::Timeout => PasskeyError::NotAsked,
        _ => PasskeyError::Refused,
    }
}
