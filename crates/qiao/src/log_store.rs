//! The published log in a store that speaks S3: the program's own way to it, and how it is named.
//!
//! The place is `s3://BUCKET/PREFIX`. Endpoint and keys come from the environment (`QIAO_LOG_STORE_…`): they are the
//! machine's, not the log's, and a secret on a command line can be read by every user of the machine.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use kernel::Clock;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::path::Path;
use object_store::{
    Attribute, BackoffConfig, ClientOptions, Error, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions,
    RetryConfig, UpdateVersion,
};
use proof::log::objects::{Headers, How, Object, ObjectFiles, Objects, Put};
use proof::log::points::Points;
use proof::log::{Files, Folder, LogError, Published, folder_in};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The word for the folder `log` inside the data folder.
pub const FOLDER: &str = "folder";
/// The setting that remembers where this log was published last.
pub const SETTING: &str = "log_store";

/// How long one request may take: the largest object has 16 MB.
const TIMEOUT: Duration = Duration::from_secs(20);
/// A host that does not even accept.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Tries of a request after its first: the log's own next round is the better try.
const RETRIES: usize = 2;
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LONGEST: Duration = Duration::from_secs(1);
/// The longest object of a log: 256 entries of 64 KiB, each with its length.
const OBJECT_BYTES_MAX: u64 = 256 * (65_535 + 2);
/// Names of one listing: partial forms are removed within hours, so that there are some dozens.
const NAMES_MAX: usize = 100_000;
const REGION: &str = "us-east-1";
const SCHEME: &str = "s3://";

/// What the environment says of the store. No `Debug`: it holds a secret.
#[derive(Clone, Default)]
pub struct Access {
    /// `https://…`; without it Amazon's own.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: Option<String>,
    /// The name of the key.
    pub access_key: Option<String>,
    /// The secret.
    pub secret_key: Option<String>,
    /// `etag`, or `none` for a store that does not know `If-None-Match` and `If-Match` on writing.
    pub conditions: Option<String>,
}

/// A place for the published log as it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// The folder inside the data folder.
    Folder,
    /// A bucket, and what stands before every name in it.
    Bucket {
        /// The bucket.
        bucket: String,
        /// Without a slash at either end; empty for none.
        prefix: String,
    },
}

impl Named {
    /// Reads `folder` or `s3://BUCKET/PREFIX`.
    ///
    /// # Errors
    /// Words that say what it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == FOLDER {
            return Ok(Self::Folder);
        }
        let wrong = || format!("“{text}” is not a place for the published log: s3://BUCKET/PREFIX, or {FOLDER}");
        let rest = text.strip_prefix(SCHEME).ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let part = |part: &str| !part.is_empty() && part.chars().all(plain) && part != "." && part != "..";
        if !part(bucket) || !(prefix.is_empty() || prefix.split('/').all(part)) {
            return Err(wrong());
        }
        Ok(Self::Bucket {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// As it is written.
    pub fn text(&self) -> String {
        match self {
            Self::Folder => FOLDER.into(),
            Self::Bucket { bucket, prefix } if prefix.is_empty() => format!("{SCHEME}{bucket}"),
            Self::Bucket { bucket, prefix } => format!("{SCHEME}{bucket}/{prefix}"),
        }
    }
}

/// Opens the published files of this name; what stands in the way is said at every reading, so that gifts are taken all the
/// same.
pub fn open(named: &str, data: &std::path::Path, access: &Access, clock: &Arc<dyn Clock>) -> Published {
    let far = |files: Arc<dyn Files>| Published::far(files, Arc::clone(clock));
    match Named::parse(named) {
        Ok(Named::Folder) => Folder::at(folder_in(data)).into(),
        Ok(Named::Bucket { bucket, prefix }) => match Bucket::open(&bucket, &prefix, access) {
            Ok(bucket) => far(Arc::new(ObjectFiles(bucket))),
            Err(why) => far(Arc::new(Closed {
                named: named.to_owned(),
                why,
            })),
        },
        Err(why) => far(Arc::new(Closed {
            named: named.to_owned(),
            why,
        })),
    }
}

/// A store that cannot be opened: everything asked of it says why.
struct Closed {
    named: String,
    why: String,
}

impl Closed {
    fn says<T>(&self) -> Result<T, LogError> {
        Err(LogError::Store(format!("{}: {}", self.named, self.why)))
    }
}

impl Files for Closed {
    fn read(&self, _name: &str) -> Result<Option<Vec<u8>>, LogError> {
        self.says()
    }
    fn write_once(&self, _files: &[(String, Vec<u8>)], _points: &dyn Points) -> Result<(), LogError> {
        self.says()
    }
    fn replace(&self, _name: &str, _bytes: &[u8], _points: &dyn Points) -> Result<(), LogError> {
        self.says()
    }
    fn advance(&self, _before: Option<&[u8]>, _next: &[u8], _points: &dyn Points) -> Result<(), LogError> {
        self.says()
    }
    fn forget_partials(&self, _name: &str) {}
    fn with_partials(&self) -> Result<Vec<String>, LogError> {
        self.says()
    }
    fn probe(&self) -> Result<(), LogError> {
        self.says()
    }
    fn place(&self) -> String {
        self.named.clone()
    }
}

/// A bucket. The thread that asks waits; the asking itself runs on a thread of its own, so that a task of any runtime may
/// wait without holding up the one that brings the answer.
struct Bucket {
    store: Arc<AmazonS3>,
    prefix: String,
    named: String,
    has_conditions: bool,
    asker: Asker,
}

/// A runtime on a thread of its own; it ends with this.
struct Asker {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl Asker {
    fn start() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let body = move || {
            // The other end is only ever dropped.
            let _ = runtime.block_on(stopped);
        };
        std::thread::Builder::new().name("log-store".into()).spawn(body)?;
        Ok(Self { handle, _stop: stop })
    }

    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let (give, take) = sync_channel(1);
        self.handle.spawn(async move {
            let _ = give.send(work.await);
        });
        let cut = |_| Error::Generic {
            store: "S3",
            source: "the asking was cut off".into(),
        };
        take.recv().map_err(cut)?
    }
}

/// Our own client: one TLS in the program, and time limits of ours.
#[derive(Debug)]
struct OwnClient(HttpClient);

impl HttpConnector for OwnClient {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

fn client() -> Result<OwnClient, String> {
    // The second call in one process finds the first one's provider: the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let client = client.map_err(|error| format!("no network client: {error}"))?;
    Ok(OwnClient(HttpClient::new(client)))
}

impl Bucket {
    fn open(bucket: &str, prefix: &str, access: &Access) -> Result<Self, String> {
        let (Some(key), Some(secret)) = (&access.access_key, &access.secret_key) else {
            return Err(
                "QIAO_LOG_STORE_ACCESS_KEY and QIAO_LOG_STORE_SECRET_KEY are needed in the environment of this program"
                    .into(),
            );
        };
        let has_conditions = match access.conditions.as_deref() {
            None | Some("etag") => true,
            Some("none") => false,
            Some(other) => {
                return Err(format!(
                    "QIAO_LOG_STORE_CONDITIONS is “{other}”: etag or none is expected"
                ));
            }
        };
        let mut building = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(access.region.as_deref().unwrap_or(REGION))
            .with_access_key_id(key)
            .with_secret_access_key(secret)
            // Removing several at once asks for a checksum that not every store takes.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                backoff: BackoffConfig {
                    init_backoff: RETRY_FIRST,
                    max_backoff: RETRY_LONGEST,
                    ..BackoffConfig::default()
                },
                max_retries: RETRIES,
                retry_timeout: TIMEOUT,
            })
            .with_http_connector(client()?);
        if let Some(endpoint) = &access.endpoint {
            let host = endpoint
                .strip_prefix("https://")
                .or_else(|| endpoint.strip_prefix("http://"));
            let host = host.ok_or("QIAO_LOG_STORE_ENDPOINT is no address such as https://…")?;
            // An address that begins with the bucket is the bucket’s own; otherwise the bucket follows in the path.
            let own = host.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('.'));
            building = building
                .with_endpoint(endpoint.trim_end_matches('/'))
                .with_virtual_hosted_style_request(own)
                .with_allow_http(endpoint.starts_with("http://"));
        }
        let store = building.build().map_err(|error| error.to_string())?;
        let named = Named::Bucket {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        };
        Ok(Self {
            store: Arc::new(store),
            prefix: prefix.to_owned(),
            named: named.text(),
            has_conditions,
            asker: Asker::start().map_err(|error| error.to_string())?,
        })
    }

    fn path(&self, name: &str) -> Result<Path, String> {
        let text = match self.prefix.as_str() {
            "" => name.to_owned(),
            prefix => format!("{prefix}/{name}"),
        };
        Path::parse(text).map_err(|error| error.to_string())
    }

    fn words(&self, error: &Error) -> String {
        format!("{}: {error}", self.named)
    }
}

impl Objects for Bucket {
    fn get(&self, name: &str) -> Result<Option<Object>, String> {
        let (store, path) = (Arc::clone(&self.store), self.path(name)?);
        let got = self.asker.wait(async move {
            let got = store.get(&path).await?;
            if got.meta.size > OBJECT_BYTES_MAX {
                let source = format!("{path} has {} bytes: too many for a file of a log", got.meta.size).into();
                return Err(Error::Generic { store: "S3", source });
            }
            let tag = got.meta.e_tag.clone();
            let bytes = got.bytes().await?.to_vec();
            Ok(Object { bytes, tag })
        });
        match got {
            Ok(object) => Ok(Some(object)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.words(&error)),
        }
    }

    fn put(&self, name: &str, bytes: &[u8], how: How<'_>) -> Result<Put, String> {
        let (store, path) = (Arc::clone(&self.store), self.path(name)?);
        let mode = match how {
            How::Anyhow => PutMode::Overwrite,
            How::New => PutMode::Create,
            How::Instead(tag) => PutMode::Update(UpdateVersion {
                e_tag: Some(tag.to_owned()),
                version: None,
            }),
        };
        let headers = Headers::of(name);
        let attributes = [
            (Attribute::ContentType, headers.media),
            (Attribute::CacheControl, headers.cache),
        ];
        let options = PutOptions {
            mode,
            attributes: attributes.into_iter().collect(),
            ..PutOptions::default()
        };
        let bytes = Bytes::copy_from_slice(bytes);
        let put = self
            .asker
            .wait(async move { store.put_opts(&path, bytes.into(), options).await });
        match put {
            Ok(_) => Ok(Put::Stored),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotModified { .. }) => {
                Ok(Put::Refused)
            }
            Err(error) => Err(self.words(&error)),
        }
    }

    fn list(&self, folder: &str, wanted: fn(&str) -> bool) -> Result<Vec<String>, String> {
        let (store, path) = (Arc::clone(&self.store), self.path(folder)?);
        let lead = match self.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let listed = self.asker.wait(async move {
            let mut found = Vec::new();
            let mut all = store.list(Some(&path));
            while let Some(object) = all.next().await {
                let location = object?.location;
                let name = location.as_ref().strip_prefix(&lead).unwrap_or_default();
                if wanted(name) && found.len() < NAMES_MAX {
                    found.push(name.to_owned());
                }
            }
            Ok(found)
        });
        listed.map_err(|error| self.words(&error))
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        let (store, path) = (Arc::clone(&self.store), self.path(name)?);
        let deleted = self.asker.wait(async move { store.delete(&path).await });
        deleted.map_err(|error| self.words(&error))
    }

    fn has_conditions(&self) -> bool {
        self.has_conditions
    }

    fn place(&self) -> String {
        self.named.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket_and_nothing_else() {
        for text in [
            "folder",
            "s3://public-log",
            "s3://public-log/371300",
            "s3://public-log/a/b-1_2.3",
        ] {
            assert_eq!(Named::parse(text).unwrap().text(), text);
        }
        assert_eq!(Named::parse("s3://b/p/").unwrap(), Named::parse("s3://b/p").unwrap());
        for text in [
            "",
            "log",
            "s3://",
            "s3:///p",
            "s3://b//p",
            "s3://b/../p",
            "s3://b/p q",
            "gs://b/p",
            "s3://b/./p",
        ] {
            assert!(Named::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn without_keys_it_says_what_is_missing_and_shows_no_secret() {
        let clock: Arc<dyn Clock> = Arc::new(crate::world::SystemClock);
        let access = Access {
            secret_key: Some("s3cret".into()),
            ..Access::default()
        };
        let files = open("s3://b/p", std::path::Path::new("."), &access, &clock);
        let said = files.read("checkpoint").expect_err("no keys").to_string();
        assert!(
            said.contains("QIAO_LOG_STORE_ACCESS_KEY") && !said.contains("s3cret"),
            "{said}"
        );
        let whole = Access {
            access_key: Some("id".into()),
            conditions: Some("perhaps".into()),
            ..access
        };
        let said = open("s3://b/p", std::path::Path::new("."), &whole, &clock).read("vkey");
        assert!(said.expect_err("no such word").to_string().contains("perhaps"));
    }
}
