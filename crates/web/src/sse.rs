//! Live events: a hub of topics, each with a bounded queue. Every event is a whole snapshot, so a reader who missed
//! some loses nothing: the slow are dropped, their browser comes back and gets the newest at once.

use std::{
    collections::HashMap,
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    http::{HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use crate::problem::Problem;

/// Snapshots a reader may lag behind before it is dropped.
const QUEUE_MAX: usize = 16;
/// Readers of one process: each holds a connection and a few kilobytes.
pub const READERS_MAX: usize = 10_000;
/// Topics of one process; one per campaign and a few more.
const TOPICS_MAX: usize = 4_096;
/// A comment this often keeps proxies and phones from closing a quiet line.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// What the browser waits before it comes back.
const RECONNECT: Duration = Duration::from_secs(3);
/// What a turned-away reader is told to wait.
const FULL_RETRY_S: u32 = 30;

type Snapshot = Arc<str>;

struct Topic {
    newest: Option<Snapshot>,
    readers: broadcast::Sender<Snapshot>,
}

#[derive(Default)]
struct State {
    topics: HashMap<String, Topic>,
    closed: bool,
}

/// The topics of one process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub {
    state: Arc<Mutex<State>>,
    readers: Arc<AtomicUsize>,
}

impl Hub {
    /// A hub without topics.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a snapshot to all readers of a topic and keeps it for those who come. Never waits. Returns how many read.
    pub fn publish(&self, topic: &str, snapshot: &impl Serialize) -> usize {
        let text: Snapshot = match serde_json::to_string(snapshot) {
            Ok(text) => text.into(),
            Err(error) => {
                tracing::error!(topic, %error, "a live snapshot could not be written as JSON");
                return 0;
            }
        };
        let mut state = self.lock();
        let Some(topic) = state.topic(topic) else { return 0 };
        topic.newest = Some(text.clone());
        topic.readers.send(text).unwrap_or(0)
    }

    /// How many read this topic: nothing needs to be computed for nobody.
    pub fn readers(&self, topic: &str) -> usize {
        self.lock()
            .topics
            .get(topic)
            .map_or(0, |topic| topic.readers.receiver_count())
    }

    /// The topics that are being read now.
    pub fn read_topics(&self) -> Vec<String> {
        let state = self.lock();
        let read = state
            .topics
            .iter()
            .filter(|(_, topic)| topic.readers.receiver_count() > 0);
        read.map(|(name, _)| name.clone()).collect()
    }

    /// All readers of this process, for the metrics.
    pub fn readers_total(&self) -> usize {
        self.readers.load(Ordering::Relaxed)
    }

    /// Ends the streams of one topic; their browsers come back, and are asked anew who they are.
    pub fn end(&self, topic: &str) {
        self.lock().topics.remove(topic);
    }

    /// Ends all streams, so that a graceful stop does not wait for readers; later readers are turned away.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.topics.clear();
    }

    /// The event stream of a topic, as a handler's answer. Only for topics that exist: the caller has looked.
    ///
    /// # Errors
    /// `unavailable` when the house is full or closing.
    pub fn subscribe(&self, topic: &str) -> Result<Response, Problem> {
        let stream = self.stream(topic)?;
        let events = stream.map(|text| Ok::<_, Infallible>(Event::default().retry(RECONNECT).data(&*text)));
        let mut response = Sse::new(events)
            .keep_alive(KeepAlive::new().interval(HEARTBEAT))
            .into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // nginx would hold events back until its buffer is full.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        Ok(response)
    }

    fn stream(&self, topic: &str) -> Result<impl Stream<Item = Snapshot> + Send + use<>, Problem> {
        let seat = Seat::take(&self.readers).ok_or_else(|| Problem::unavailable(FULL_RETRY_S))?;
        let mut state = self.lock();
        let topic = state.topic(topic).ok_or_else(|| Problem::unavailable(FULL_RETRY_S))?;
        let newest = topic.newest.clone();
        let receiver = topic.readers.subscribe();
        drop(state);
        let later = BroadcastStream::new(receiver);
        // An error means that this reader lagged: end the stream, the browser comes back.
        let later = later
            .take_while(|next| std::future::ready(next.is_ok()))
            .filter_map(|next| async { next.ok() });
        let all = stream::iter(newest).chain(later).boxed();
        Ok(Seated { all, _seat: seat })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The topic of this name, made when there is room: topics nobody reads make room first.
    fn topic(&mut self, name: &str) -> Option<&mut Topic> {
        if self.closed {
            return None;
        }
        if !self.topics.contains_key(name) {
            if self.topics.len() >= TOPICS_MAX {
                self.topics.retain(|_, topic| topic.readers.receiver_count() > 0);
            }
            if self.topics.len() >= TOPICS_MAX {
                return None;
            }
            let topic = Topic {
                newest: None,
                readers: broadcast::channel(QUEUE_MAX).0,
            };
            self.topics.insert(name.to_owned(), topic);
        }
        self.topics.get_mut(name)
    }
}

/// One of the [`READERS_MAX`] places, given back when the stream ends however it ends.
struct Seat(Arc<AtomicUsize>);

impl Seat {
    fn take(readers: &Arc<AtomicUsize>) -> Option<Self> {
        let add = |taken: usize| (taken < READERS_MAX).then_some(taken + 1);
        readers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add)
            .ok()
            .map(|_| Self(readers.clone()))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Seated {
    all: stream::BoxStream<'static, Snapshot>,
    _seat: Seat,
}

impl Stream for Seated {
    type Item = Snapshot;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.all.poll_next_unpin(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_gets_the_newest_at_once_and_then_each_change() {
        let hub = Hub::new();
        hub.publish("c", &1);
        hub.publish("c", &2);
        let mut stream = hub.stream("c").expect("room");
        assert_eq!(stream.next().await.as_deref(), Some("2"));
        assert_eq!(hub.publish("c", &3), 1);
        assert_eq!(stream.next().await.as_deref(), Some("3"));
        drop(stream);
        assert_eq!((hub.readers("c"), hub.readers_total()), (0, 0));
    }

    #[tokio::test]
    async fn a_slow_reader_is_dropped_and_the_writer_never_waits() {
        let hub = Hub::new();
        let mut slow = hub.stream("c").expect("room");
        for n in 0..=QUEUE_MAX {
            hub.publish("c", &n);
        }
        assert_eq!(slow.next().await, None);
    }

    #[tokio::test]
    async fn closing_ends_all_streams_and_turns_later_readers_away() {
        let hub = Hub::new();
        let mut stream = hub.stream("c").expect("room");
        hub.close();
        assert_eq!(stream.next().await, None);
        assert!(hub.stream("c").is_err());
    }
}
