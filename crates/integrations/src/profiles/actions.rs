//! Setting, removing and finding a unit's own profiles.

use db::{DbError, Reads};
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Forbidden, Permission};
use platform::settings;
use serde_json::json;
use web::Problem;

use crate::bills::{BillError, Profile};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["import_profile.set", "import_profile.removed"];
/// The largest profile: the built-in ones have 2 KiB.
pub const PROFILE_BYTES_MAX: usize = 32 * 1024;
/// Own profiles of one unit: one for each bank and platform it has, and room.
const PROFILES_MAX: i64 = 100;

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The file is no profile.
    #[error("{0}")]
    Profile(#[from] BillError),
    /// The name in the address is not the name in the file.
    #[error("the file’s `name` is “{0}”; the address must say the same")]
    OtherName(String),
    /// The name is a built-in profile's.
    #[error("“{0}” is a built-in profile; choose another name")]
    BuiltIn(String),
    /// There is no such profile.
    #[error("there is no such profile")]
    NotFound,
    /// The unit has as many as it may.
    #[error("a unit has at most {PROFILES_MAX} profiles of its own")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ProfileError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound => Problem::not_found(),
            Self::Db(error) => platform::problems::of_db(&error),
            other => Problem::invalid("profile", other),
        }
    }
}

impl From<ProfileError> for Problem {
    fn from(error: ProfileError) -> Self {
        error.problem()
    }
}

fn prefix(unit: UnitId) -> String {
    format!("import_profile.{}.", hex(&unit.bytes()))
}

/// Keeps a profile under its name, in place of the one before; needs [`Permission::GiftImport`]. Fact
/// `import_profile.set`.
///
/// # Errors
/// [`ProfileError`], with what is wrong and where.
pub async fn set(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    name: &str,
    text: &str,
) -> Result<Profile, ProfileError> {
    by.require(Permission::GiftImport, unit)?;
    let profile = Profile::from_toml(text)?;
    if profile.name() != name {
        return Err(ProfileError::OtherName(profile.name().to_owned()));
    }
    if Profile::find(name).is_some() {
        return Err(ProfileError::BuiltIn(name.to_owned()));
    }
    let key = format!("{}{name}", prefix(unit));
    let mut tx = services.db.begin().await?;
    let known = settings::beginning_with(&mut tx, &prefix(unit), PROFILES_MAX).await?;
    if known.len() as i64 >= PROFILES_MAX && known.iter().all(|(kept, _)| *kept != key) {
        return Err(ProfileError::TooMany);
    }
    settings::put(&mut tx, &key, text).await?;
    conclude(tx, fact(by, unit, "import_profile.set", name), services).await?;
    Ok(profile)
}

/// Takes a profile away; imports that were uploaded before keep theirs. Fact `import_profile.removed`.
///
/// # Errors
/// [`ProfileError`].
pub async fn remove(services: &Services, by: &Actor, unit: UnitId, name: &str) -> Result<(), ProfileError> {
    by.require(Permission::GiftImport, unit)?;
    let mut tx = services.db.begin().await?;
    if !settings::remove(&mut tx, &format!("{}{name}", prefix(unit))).await? {
        return Err(ProfileError::NotFound);
    }
    conclude(tx, fact(by, unit, "import_profile.removed", name), services).await?;
    Ok(())
}

fn fact(by: &Actor, unit: UnitId, kind: &'static str, name: &str) -> NewFact {
    NewFact {
        unit,
        kind,
        subject: unit.bytes(),
        actor: Some(by.id),
        body: json!({ "name": name }),
    }
}

/// A unit's own profiles, by name.
///
/// # Errors
/// Any [`DbError`].
pub async fn own(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Profile>, DbError> {
    let kept = settings::beginning_with(at, &prefix(unit), PROFILES_MAX).await?;
    // What was kept by an older programme and is none any more is left out; setting it again says what is wrong.
    Ok(kept
        .iter()
        .filter_map(|(_, text)| Profile::from_toml(text).ok())
        .collect())
}

/// The text of a unit's own profile of this name.
///
/// # Errors
/// Any [`DbError`].
pub async fn own_text(services: &Services, unit: UnitId, name: &str) -> Result<Option<String>, DbError> {
    settings::setting(&services.db, &format!("{}{name}", prefix(unit))).await
}
