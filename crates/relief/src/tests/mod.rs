//! The whole way, and what went wrong in 2020.

mod errors_of_2020;
mod hangzhou;
mod histories;
mod three_days;
