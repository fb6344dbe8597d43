//! Showing and drawing a certificate.

use std::sync::OnceLock;

use db::{Reads, Snapshot};
use giving::donations::certificate_id;
use giving::donations::queries::{self, GiftFacts};
use giving::donations::sealed::{self, Sealed};
use kernel::GiftId;
use kernel::capitals::in_capitals;
use kernel::id::public;
use papers::certificate::{CertificateData, Colour, Language, TemplateVersion, render_pdf, render_png};
use papers::{Dpi, Papers, PapersError};
use platform::Services;
use platform::keys::{GiftSecret, KeyError};

use super::error::CertificateError;
use super::model::{Certificate, Format, Shown, number_text};
use super::store;

/// Fonts are read once for the whole program.
pub(crate) fn papers() -> Result<&'static Papers, CertificateError> {
    static PAPERS: OnceLock<Result<Papers, PapersError>> = OnceLock::new();
    PAPERS
        .get_or_init(Papers::new)
        .as_ref()
        .map_err(|error| CertificateError::Drawing(error.clone()))
}

/// A gift with its secret open.
struct Opened {
    gift: GiftFacts,
    sealed: Sealed,
    secret: GiftSecret,
}

async fn open(at: &mut impl Reads, id: GiftId, services: &Services) -> Result<Opened, CertificateError> {
    let gift = queries::gift(at, id).await?.ok_or(CertificateError::NotFound)?;
    let sealed = sealed::load(at, id).await?.ok_or(CertificateError::NotFound)?;
    let secret = sealed
        .secret(services)
        .map_err(unopened)?
        .ok_or(CertificateError::Erased)?;
    Ok(Opened { gift, sealed, secret })
}

fn unopened(error: KeyError) -> CertificateError {
    CertificateError::Sealed(error.to_string())
}

fn printed(opened: &Opened) -> Result<(String, Option<String>), CertificateError> {
    printed_name(&opened.sealed, &opened.secret).map_err(unopened)
}

/// The name a certificate prints, and for whom the gift was made. The public log commits to the same.
pub(crate) fn printed_name(sealed: &Sealed, secret: &GiftSecret) -> Result<(String, Option<String>), KeyError> {
    const ANONYMOUS: &str = "爱心人士";
    if sealed.anonymous {
        return Ok((ANONYMOUS.into(), None));
    }
    let payer = sealed.payer(secret)?;
    let name = payer
        .name
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| ANONYMOUS.into());
    Ok((name, payer.on_behalf_of))
}

/// What the page of a certificate shows; the name only for the key in the QR.
///
/// # Errors
/// [`CertificateError::NotFound`], [`CertificateError::Erased`] and the database's.
pub async fn shown(services: &Services, gift: GiftId) -> Result<Shown, CertificateError> {
    let mut at = services.db.snapshot().await?;
    let opened = open(&mut at, gift, services).await?;
    let certificate = store::load(&mut at, gift).await?;
    let standing = store::standing(&mut at, gift).await?;
    let paper_hashes = store::paper_hashes(&mut at, gift).await?;
    let (name, behalf) = printed(&opened)?;
    let public_id = public(&*services.keys, certificate_id(gift));
    let envelope = opened.secret.shown_name(&public_id, behalf.as_deref().unwrap_or(&name));
    let (project, unit) = match &certificate {
        Some(certificate) => (certificate.frame.project.clone(), certificate.frame.unit.clone()),
        None => {
            let project = giving::projects::store::project(&mut at, opened.gift.project).await?;
            let unit = governance::network::store::unit(&mut at, opened.gift.unit).await?;
            (
                project.map(|p| p.title).unwrap_or_default(),
                unit.map(|u| u.name).unwrap_or_default(),
            )
        }
    };
    Ok(Shown {
        number: certificate
            .as_ref()
            .map(|c| number_text(&c.frame.region, c.year, c.number)),
        amount_fen: opened.gift.amount,
        day: opened.gift.business_day,
        project,
        unit,
        standing,
        name_envelope: data_encoding::BASE64URL_NOPAD.encode(&envelope),
        paper_hashes,
    })
}

/// The showing key of a gift, for whoever has shown that the gift is hers: it belongs behind the `#` of an address
/// and nowhere else. `None` after erasure.
///
/// # Errors
/// [`CertificateError::NotFound`], [`CertificateError::Sealed`] and the database's.
pub async fn showing_key(
    at: &mut impl Reads,
    gift: GiftId,
    services: &Services,
) -> Result<Option<String>, CertificateError> {
    match open(at, gift, services).await {
        Ok(opened) => Ok(Some(
            data_encoding::BASE64URL_NOPAD.encode(&opened.secret.showing_key()),
        )),
        Err(CertificateError::Erased) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What opens the papers of a gift to its holder ([`GiftSecret::paper_proof`]), for whoever has shown that the gift is
/// hers. `None` after erasure.
///
/// # Errors
/// [`CertificateError::NotFound`], [`CertificateError::Sealed`] and the database's.
pub async fn paper_proof(
    at: &mut impl Reads,
    gift: GiftId,
    services: &Services,
) -> Result<Option<String>, CertificateError> {
    let public_id = public(&*services.keys, certificate_id(gift));
    match open(at, gift, services).await {
        Ok(opened) => {
            let proof = opened.secret.paper_proof(&public_id);
            Ok(Some(data_encoding::BASE64URL_NOPAD.encode(&proof)))
        }
        Err(CertificateError::Erased) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name a donor may be called by on a picture she shares: what her certificate prints; none for an anonymous or an
/// erased gift, and where no name was told.
///
/// # Errors
/// [`CertificateError::NotFound`], [`CertificateError::Sealed`] and the database's.
pub async fn shared_name(
    at: &mut impl Reads,
    gift: GiftId,
    services: &Services,
) -> Result<Option<String>, CertificateError> {
    let opened = match open(at, gift, services).await {
        Ok(opened) if !opened.sealed.anonymous => opened,
        Ok(_) | Err(CertificateError::Erased) => return Ok(None),
        Err(error) => return Err(error),
    };
    let payer = opened.sealed.payer(&opened.secret).map_err(unopened)?;
    Ok(payer.name.filter(|name| !name.trim().is_empty()))
}

/// The certificate's bytes for someone who may see them all: staff, the bench.
///
/// # Errors
/// [`CertificateError`]; [`CertificateError::NotYet`] in the seconds before the number is given.
pub async fn paper(services: &Services, gift: GiftId, format: Format) -> Result<Vec<u8>, CertificateError> {
    let mut at = services.db.snapshot().await?;
    let opened = open(&mut at, gift, services).await?;
    kept_or_drawn(services, at, opened, format).await
}

/// The certificate's bytes for the public: they carry the full name, so who asks proves the showing key
/// ([`GiftSecret::paper_proof`]).
///
/// # Errors
/// As [`paper`], and [`CertificateError::Proof`].
pub async fn paper_for_holder(
    services: &Services,
    gift: GiftId,
    format: Format,
    proof: &[u8],
) -> Result<Vec<u8>, CertificateError> {
    let mut at = services.db.snapshot().await?;
    let opened = open(&mut at, gift, services).await?;
    let public_id = public(&*services.keys, certificate_id(gift));
    if !opened.secret.accepts_paper_proof(&public_id, proof) {
        return Err(CertificateError::Proof);
    }
    kept_or_drawn(services, at, opened, format).await
}

/// Whether somebody holds this certificate: she shows the proof of its key, as for its papers.
///
/// # Errors
/// [`CertificateError::Proof`] when not; [`CertificateError::NotFound`], [`CertificateError::Erased`].
pub async fn is_holder(services: &Services, gift: GiftId, proof: &[u8]) -> Result<(), CertificateError> {
    let mut at = services.db.snapshot().await?;
    let opened = open(&mut at, gift, services).await?;
    let public_id = public(&*services.keys, certificate_id(gift));
    if opened.secret.accepts_paper_proof(&public_id, proof) {
        Ok(())
    } else {
        Err(CertificateError::Proof)
    }
}

/// Those stored, or drawn now and stored.
async fn kept_or_drawn(
    services: &Services,
    mut at: Snapshot,
    opened: Opened,
    format: Format,
) -> Result<Vec<u8>, CertificateError> {
    let gift = opened.gift.id;
    let field = format!("certificate.{}", format.word());
    if let Some((sha256, sealed)) = store::paper(&mut at, gift, format.word()).await? {
        return unsealed(&opened.secret, &field, &sha256, &sealed);
    }
    let certificate = store::load(&mut at, gift).await?.ok_or(CertificateError::NotYet)?;
    drop(at);
    let seal = certificate
        .frame
        .seal()
        .map_err(|e| CertificateError::Sealed(e.to_string()))?;
    let seal = match seal {
        Some(sha256) => Some(crate::seals::bytes_of(services, &sha256).await?),
        None => None,
    };
    let data = data(services, &opened, &certificate, seal)?;
    let papers = papers()?;
    let drawn = tokio::task::spawn_blocking(move || match format {
        Format::Pdf => render_pdf(papers, &data),
        Format::Png => render_png(papers, &data, Dpi::SCREEN),
    })
    .await
    .map_err(|e| CertificateError::Sealed(format!("the drawing was cut off: {e}")))??;
    for warning in &drawn.warnings {
        tracing::warn!(?warning, "a certificate was drawn with a warning");
    }
    let sha256 = ring::digest::digest(&ring::digest::SHA256, &drawn.bytes);
    let sealed = opened.secret.seal(&field, &drawn.bytes);
    let mut tx = services.db.begin().await?;
    store::put_paper(&mut tx, gift, format.word(), (sha256.as_ref(), sealed), services.now()).await?;
    // Read back: another request may have drawn it first, and its bytes are the ones that stay.
    let kept = store::paper(&mut tx, gift, format.word()).await?;
    tx.commit().await?;
    let (sha256, sealed) = kept.ok_or_else(|| CertificateError::Sealed("it vanished".into()))?;
    unsealed(&opened.secret, &field, &sha256, &sealed)
}

fn unsealed(secret: &GiftSecret, field: &str, sha256: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CertificateError> {
    let bytes = secret.open(field, sealed).map_err(unopened)?;
    if ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref() != sha256 {
        return Err(CertificateError::Sealed("its hash differs".into()));
    }
    Ok(bytes)
}

fn data(
    services: &Services,
    opened: &Opened,
    certificate: &Certificate,
    society_seal: Option<Vec<u8>>,
) -> Result<CertificateData, CertificateError> {
    let (name, on_behalf_of) = printed(opened)?;
    let gift = &opened.gift;
    let public_id = public(&*services.keys, certificate_id(gift.id));
    let key = data_encoding::BASE64URL_NOPAD.encode(&opened.secret.showing_key());
    let frame = &certificate.frame;
    Ok(CertificateData {
        unit_name: frame.unit.clone(),
        society_seal,
        brand_colour: Colour::parse(&frame.colour).unwrap_or(Colour::VERMILION),
        donor_printed_name: name,
        on_behalf_of,
        amount_figures: gift.amount.to_grouped(),
        amount_capitals: in_capitals(gift.amount),
        project_name: frame.project.clone(),
        day: gift.business_day,
        number: number_text(&frame.region, certificate.year, certificate.number),
        qr_url: format!("{}/v/{public_id}#{key}", services.base_url),
        language: Language::default(),
        template_version: TemplateVersion::from_number(certificate.template_version)?,
    })
}
