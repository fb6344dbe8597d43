//! Decisions as tables, as random histories, and the rooms together on both databases and through HTTP.

mod clock;
mod deciding;
mod histories;
mod house;
mod http;
mod later;
mod live;
mod papers;
mod thread;
mod webhook;
