//! What giving does through its actions, its intake and its interface, on both databases. One programme for all of it:
//! fifteen of them were compiled and linked for minutes.

mod approvals;
mod board_histories;
mod client;
mod data_copies;
mod debts;
mod docking;
mod donor_way;
mod donors;
mod erasure;
mod erasures;
mod events;
mod funds;
mod gifts;
mod gifts_http;
mod histories;
mod matching;
mod matching_http;
mod matching_past;
mod matching_storm;
mod odd_sums;
mod receipts;
mod recurring;
mod refund_cases;
mod regular_http;
mod rotation;
mod together;
mod together_http;
