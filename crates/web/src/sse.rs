//! Live events: a hub of topics. Every event is a whole snapshot, written once and shared by all who read it. Each
//! reader is kept the newest only: who is slow skips what it replaced, and nobody waits for the slow.

use std::{
    array,
    collections::HashMap,
    convert::Infallible,
    pin::Pin,
    ptr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use tokio::{
    sync::watch,
    time::{Sleep, sleep},
};
use tokio_stream::wrappers::WatchStream;

use crate::problem::Problem;

/// Parts of the readers, in one of which each is put when it comes: [`Hub::tell`] tells one of them at a time, so that
/// a crowd is not written to in one instant.
pub const LANES: usize = 10;
/// Readers of one process: each holds a connection and a few kilobytes.
pub const READERS_MAX: usize = 10_000;
/// Topics of one process; one per campaign and a few more.
const TOPICS_MAX: usize = 4_096;
/// A comment this often keeps proxies and phones from closing a quiet line.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// That comment.
const BEAT: &[u8] = b":\n\n";
/// What the browser waits before it comes back.
const RECONNECT: Duration = Duration::from_secs(3);
/// What a turned-away reader is told to wait.
const FULL_RETRY_S: u32 = 30;

/// A snapshot as it goes over the wire.
type Frame = Bytes;

struct Topic {
    newest: Option<Frame>,
    lanes: [watch::Sender<Frame>; LANES],
}

#[derive(Default)]
struct State {
    topics: HashMap<String, Topic>,
    closed: bool,
    /// The lane of the reader who came last.
    turn: usize,
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

    /// Sends a snapshot to all readers of a topic at once and keeps it for those who come. Never waits.
    pub fn publish(&self, topic: &str, snapshot: &impl Serialize) {
        let Some(frame) = frame(topic, snapshot) else { return };
        if let Some(topic) = self.lock().topic(topic) {
            topic.newest = Some(frame);
            (0..LANES).for_each(|lane| topic.tell(lane));
        }
    }

    /// Keeps a snapshot for those who come and for those whose turn it is next, see [`Hub::tell`].
    pub fn keep(&self, topic: &str, snapshot: &impl Serialize) {
        let Some(frame) = frame(topic, snapshot) else { return };
        if let Some(topic) = self.lock().topic(topic) {
            topic.newest = Some(frame);
        }
    }

    /// Tells one part of the readers, of [`LANES`], the newest of every topic; who knows it already hears nothing.
    pub fn tell(&self, lane: usize) {
        self.lock().topics.values().for_each(|topic| topic.tell(lane));
    }

    /// How many read this topic: nothing needs to be computed for nobody.
    pub fn readers(&self, topic: &str) -> usize {
        self.lock().topics.get(topic).map_or(0, Topic::readers)
    }

    /// The topics that are being read now.
    pub fn read_topics(&self) -> Vec<String> {
        let state = self.lock();
        let read = state.topics.iter().filter(|(_, topic)| topic.readers() > 0);
        read.map(|(name, _)| name.clone()).collect()
    }

    /// All readers of this hub.
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
        let body = Body::from_stream(self.stream(topic)?.map(Ok::<_, Infallible>));
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // nginx would hold events back until its buffer is full.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        Ok(response)
    }

    fn stream(&self, topic: &str) -> Result<Reading, Problem> {
        let seat = Seat::take(&self.readers).ok_or_else(|| Problem::unavailable(FULL_RETRY_S))?;
        let mut state = self.lock();
        state.turn = (state.turn + 1) % LANES;
        let lane = state.turn;
        let topic = state.topic(topic).ok_or_else(|| Problem::unavailable(FULL_RETRY_S))?;
        let (first, later) = (topic.newest.clone(), topic.lanes[lane].subscribe());
        drop(state);
        Ok(Reading {
            first,
            later: WatchStream::from_changes(later),
            told: Frame::new(),
            quiet: Box::pin(sleep(HEARTBEAT)),
            _seat: seat,
        })
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
                self.topics.retain(|_, topic| topic.readers() > 0);
            }
            if self.topics.len() >= TOPICS_MAX {
                return None;
            }
            let topic = Topic {
                newest: None,
                lanes: array::from_fn(|_| watch::channel(Frame::new()).0),
            };
            self.topics.insert(name.to_owned(), topic);
        }
        self.topics.get_mut(name)
    }
}

impl Topic {
    fn readers(&self) -> usize {
        self.lanes.iter().map(watch::Sender::receiver_count).sum()
    }

    /// Tells one lane the newest, unless it knows it.
    fn tell(&self, lane: usize) {
        let (Some(newest), Some(lane)) = (&self.newest, self.lanes.get(lane)) else {
            return;
        };
        if lane.receiver_count() == 0 {
            return;
        }
        lane.send_if_modified(|told| {
            let is_new = !is_same(told, newest);
            if is_new {
                *told = newest.clone();
            }
            is_new
        });
    }
}

/// Whether two are the very same message, not only equal ones: each holds its bytes, so that their place is its own.
fn is_same(one: &Frame, other: &Frame) -> bool {
    ptr::eq(one.as_ptr(), other.as_ptr())
}

/// The message of a snapshot. JSON as it is written here has no line breaks: it is one line of data.
fn frame(topic: &str, snapshot: &impl Serialize) -> Option<Frame> {
    match serde_json::to_string(snapshot) {
        Ok(json) => Some(format!("retry: {}\ndata: {json}\n\n", RECONNECT.as_millis()).into()),
        Err(error) => {
            tracing::error!(topic, %error, "a live snapshot could not be written as JSON");
            None
        }
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

/// What one reader hears: the newest at once, then each change in its turn, and a heartbeat when it was quiet.
struct Reading {
    first: Option<Frame>,
    later: WatchStream<Frame>,
    /// What it heard last: no message is told twice.
    told: Frame,
    quiet: Pin<Box<Sleep>>,
    _seat: Seat,
}

impl Reading {
    fn poll_news(&mut self, context: &mut Context<'_>) -> Poll<Option<Frame>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        loop {
            match self.later.poll_next_unpin(context) {
                Poll::Ready(Some(frame)) if is_same(&frame, &self.told) => {}
                other => return other,
            }
        }
    }
}

impl Stream for Reading {
    type Item = Frame;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let frame = match this.poll_news(context) {
            Poll::Ready(Some(frame)) => {
                this.told = frame.clone();
                frame
            }
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {
                ready!(this.quiet.as_mut().poll(context));
                Frame::from_static(BEAT)
            }
        };
        let quiet_until = tokio::time::Instant::now() + HEARTBEAT;
        this.quiet.as_mut().reset(quiet_until);
        Poll::Ready(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    /// The JSON of the next message; nothing when the stream has ended.
    async fn next(reader: &mut Reading) -> Option<String> {
        let frame = reader.next().await?;
        let text = String::from_utf8_lossy(&frame).into_owned();
        let json = text.strip_prefix("retry: 3000\ndata: ").expect("a message");
        Some(json.trim_end().to_owned())
    }

    /// What it can hear now, without waiting.
    fn now(reader: &mut Reading) -> Option<Frame> {
        reader.next().now_or_never().flatten()
    }

    #[tokio::test]
    async fn a_reader_gets_the_newest_at_once_and_then_each_change() {
        let hub = Hub::new();
        hub.publish("c", &1);
        hub.publish("c", &2);
        let mut stream = hub.stream("c").expect("room");
        assert_eq!(next(&mut stream).await.as_deref(), Some("2"));
        assert_eq!((hub.readers("c"), hub.readers_total()), (1, 1));
        hub.publish("c", &3);
        assert_eq!(next(&mut stream).await.as_deref(), Some("3"));
        drop(stream);
        assert_eq!((hub.readers("c"), hub.readers_total()), (0, 0));
    }

    #[tokio::test]
    async fn a_slow_reader_skips_to_the_newest_and_the_writer_never_waits() {
        let hub = Hub::new();
        let mut slow = hub.stream("c").expect("room");
        for n in 0..100 {
            hub.publish("c", &n);
        }
        assert_eq!(next(&mut slow).await.as_deref(), Some("99"));
        assert_eq!(now(&mut slow), None);
    }

    #[tokio::test]
    async fn one_message_is_made_and_reaches_part_after_part_of_the_readers() {
        let hub = Hub::new();
        let mut readers: Vec<Reading> = (0..2 * LANES).map(|_| hub.stream("c").expect("room")).collect();
        hub.keep("c", &1);
        let mut heard = Vec::new();
        for lane in 0..LANES {
            assert_eq!(heard.len(), 2 * lane, "nobody before his turn");
            hub.tell(lane);
            heard.extend(readers.iter_mut().filter_map(now));
        }
        assert_eq!(heard.len(), readers.len());
        assert!(heard.iter().all(|one| is_same(one, &heard[0])), "shared, not copied");
    }

    #[tokio::test]
    async fn no_message_is_told_twice() {
        let hub = Hub::new();
        let mut early = hub.stream("c").expect("room");
        hub.keep("c", &1);
        let mut late = hub.stream("c").expect("room");
        assert!(now(&mut late).is_some(), "who comes hears the newest before his turn");
        (0..LANES).for_each(|lane| hub.tell(lane));
        assert!(now(&mut early).is_some());
        assert_eq!(now(&mut late), None);
    }

    #[tokio::test]
    async fn closing_ends_all_streams_and_turns_later_readers_away() {
        let hub = Hub::new();
        let mut stream = hub.stream("c").expect("room");
        hub.close();
        assert_eq!(next(&mut stream).await, None);
        assert!(hub.stream("c").is_err());
    }
}
