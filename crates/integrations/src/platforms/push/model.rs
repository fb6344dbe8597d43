//! What is told to a platform, as values.

use kernel::{ActorId, Instant, UnitId};

use crate::platforms::client::Execution;
use crate::platforms::model::{PlatformCode, PushId};
use crate::platforms::words::said;

said! {
    /// Where it stands.
    PushState {
        /// To be sent.
        Waiting = "waiting", "待推送", "waits to be sent";
        /// Being sent.
        Sending = "sending", "推送中", "being sent";
        /// The platform has it.
        Told = "told", "已推送", "told";
        /// The platform refused it: nothing stands there.
        Refused = "refused", "平台未接受", "refused";
        /// No answer came: it may stand there or not. A person must look.
        Unclear = "unclear", "结果不明，请到平台核对", "unclear; look at the platform";
    }
}

/// What is to be told.
#[derive(Debug, Clone)]
pub struct NewPush {
    /// The unit whose account tells it.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The page.
    pub project_no: String,
    /// The caller's key: the same key with the same content is answered with the first.
    pub request_key: String,
    /// What.
    pub content: Execution,
}

/// What was told, or is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Its id.
    pub id: PushId,
    /// The unit.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The page.
    pub project_no: String,
    /// The caller's key.
    pub request_key: String,
    /// What.
    pub content: Execution,
    /// Where it stands.
    pub state: PushState,
    /// The platform's number of it.
    pub proc_id: Option<String>,
    /// The platform's number of the request, for its support.
    pub trace: Option<String>,
    /// The platform's code, when it refused.
    pub code: Option<i64>,
    /// Its words, or why no answer came.
    pub said: Option<String>,
    /// When it was asked for.
    pub asked_at: Instant,
    /// By whom.
    pub asked_by: ActorId,
    /// When the platform had it.
    pub told_at: Option<Instant>,
}
