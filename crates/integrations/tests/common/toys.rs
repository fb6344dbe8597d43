//! A sandbox whose keys are made once for all tests: making them is dear.

use std::path::Path;
use std::sync::Arc;

use kernel::{FixedClock, SeededRng};
use sandbox::{Post, Posted, Sandbox};

/// A way out that leads nowhere.
pub struct Nowhere;

impl Post for Nowhere {
    fn post(&self, _url: String, _headers: Vec<(&'static str, String)>, _body: String) -> Posted<'_> {
        Box::pin(async { Err("nobody is there".to_owned()) })
    }
}

/// What a sandbox in this folder, reached at this address, is given.
pub fn world(folder: &Path, base_url: &str, post: Arc<dyn Post>, clock: Arc<FixedClock>) -> sandbox::World {
    sandbox::World {
        clock,
        rng: Arc::new(SeededRng::new(7)),
        post,
        data: folder.to_path_buf(),
        base_url: base_url.to_owned(),
    }
}

/// Puts the keys into a folder: made once, then copied.
pub fn keys(to: &Path) {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sandbox-keys");
    std::fs::create_dir_all(&kept).expect("a folder");
    let lock = std::fs::File::create(kept.join("lock")).expect("a lock");
    lock.lock().expect("the lock");
    if !kept.join("wechat/done").exists() {
        let clock = Arc::new(FixedClock::at(platform::testing::NOW));
        Sandbox::open(world(&kept, "", Arc::new(Nowhere), clock)).expect("keys are made");
        std::fs::write(kept.join("wechat/done"), "").expect("a mark");
    }
    std::fs::create_dir_all(to.join("wechat")).expect("a folder");
    for name in ["apiclient_key.pem", "platform_key.pem", "forger_key.pem"] {
        std::fs::copy(kept.join("wechat").join(name), to.join("wechat").join(name)).expect("a copy");
    }
}
