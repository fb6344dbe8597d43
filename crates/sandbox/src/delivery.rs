//! Notices on their way: a bounded queue, tried again like the providers do.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use kernel::Instant;
use serde::Serialize;

use crate::Sandbox;

/// Notices that wait: a rehearsal has hundreds.
const WAITING_MAX: usize = 20_000;
/// What is remembered of sent ones.
const REMEMBERED_MAX: usize = 2_000;
/// Seconds before each further try: shorter than the providers' own quarter of a minute to a day, so that a rehearsal
/// need not wait.
const RETRY_SECONDS: [i64; 5] = [2, 5, 15, 60, 300];

/// What [`Post::post`] returns: the status and the body, or why nothing came.
pub type Posted<'a> = Pin<Box<dyn Future<Output = Result<(u16, String), String>> + Send + 'a>>;

/// The way out.
pub trait Post: Send + Sync {
    /// Posts a body.
    fn post(&self, url: String, headers: Vec<(&'static str, String)>, body: String) -> Posted<'_>;
}

/// What a notice is; signed anew for each try, as the providers do.
pub(crate) trait Letter: Send + Sync {
    /// Where it goes, with headers and body.
    fn write(&self, sandbox: &Sandbox) -> (String, Vec<(&'static str, String)>, String);
    /// Whether the answer means that it was taken.
    fn is_taken(&self, status: u16, body: &str) -> bool;
    /// Our number of the order, for the list.
    fn about(&self) -> String;
}

struct Waiting {
    letter: Box<dyn Letter>,
    due: Instant,
    tries: usize,
    held: bool,
}

/// A notice that was sent, or lost.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    /// The order.
    pub about: String,
    /// The receiver's status; 0 when nothing came, or when it was lost on purpose.
    pub status: u16,
    /// The receiver's words.
    pub answer: String,
    /// Whether it was taken.
    pub taken: bool,
}

/// The queue.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<VecDeque<Waiting>>,
    sent: Mutex<VecDeque<Sent>>,
}

impl Queue {
    fn waiting<T>(&self, with: impl FnOnce(&mut VecDeque<Waiting>) -> T) -> T {
        with(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn remember(&self, sent: Sent) {
        let mut all = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED_MAX {
            all.pop_front();
        }
        all.push_back(sent);
    }

    /// What was sent, oldest first.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        let all = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().cloned().collect()
    }
}

impl Sandbox {
    /// Puts a notice in line, with the faults of the moment.
    pub(crate) fn notify(&self, make: impl Fn() -> Box<dyn Letter>) {
        let faults = self.faults();
        if faults.lose {
            let lost = Sent {
                about: make().about(),
                status: 0,
                answer: "lost on purpose".into(),
                taken: false,
            };
            return self.queue.remember(lost);
        }
        let due = self.world.clock.now();
        self.queue.waiting(|waiting| {
            for _ in 0..=faults.repeat {
                if waiting.len() < WAITING_MAX {
                    waiting.push_back(Waiting {
                        letter: make(),
                        due,
                        tries: 0,
                        held: faults.delay,
                    });
                }
            }
        });
    }

    /// Sends what is due; gives how many.
    pub async fn deliver_due(&self) -> usize {
        let now = self.world.clock.now();
        let due = self.queue.waiting(|waiting| {
            let (due, rest): (VecDeque<Waiting>, VecDeque<Waiting>) = std::mem::take(waiting)
                .into_iter()
                .partition(|each| !each.held && each.due <= now);
            *waiting = rest;
            due
        });
        let count = due.len();
        for each in due {
            self.send(each).await;
        }
        count
    }

    /// Lets go what was held back, last first when that is asked for, and sends all that waits.
    pub async fn deliver(&self) -> usize {
        let reorder = self.faults().reorder;
        let now = self.world.clock.now();
        self.queue.waiting(|waiting| {
            if reorder {
                waiting.make_contiguous().reverse();
            }
            for each in waiting.iter_mut() {
                each.held = false;
                each.due = now;
            }
        });
        self.deliver_due().await
    }

    async fn send(&self, mut each: Waiting) {
        let (url, headers, body) = each.letter.write(self);
        let (status, answer) = match self.world.post.post(url, headers, body).await {
            Ok(answered) => answered,
            Err(why) => (0, why),
        };
        let taken = each.letter.is_taken(status, &answer);
        self.queue.remember(Sent {
            about: each.letter.about(),
            status,
            answer: answer.chars().take(200).collect(),
            taken,
        });
        if taken {
            return;
        }
        if let Some(wait) = RETRY_SECONDS.get(each.tries) {
            each.tries += 1;
            each.due = self.world.clock.now().plus_micros(wait * 1_000_000);
            self.queue.waiting(|waiting| waiting.push_back(each));
        }
    }
}
