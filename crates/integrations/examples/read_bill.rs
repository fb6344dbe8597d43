//! Reads one file and prints what it found, how long it took, and the ratio to a bare inflate-and-parse of an xlsx:
//! `cargo run -p integrations --example read_bill -- FILE [RUNS]`.

#![allow(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a measuring tool: it prints seconds and ratios"
)]

use std::path::PathBuf;
use std::time::Instant;

use integrations::bills::{Limits, bare_parse, open};

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = PathBuf::from(arguments.next().expect("a file"));
    let runs: usize = arguments.next().map_or(5, |n| n.parse().unwrap());
    let before = peak_kib();
    let (mut reading, mut bare) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let start = Instant::now();
        let mut reader = open(&path, None, &Limits::default()).unwrap();
        while reader.next_line().unwrap().is_some() {}
        let summary = reader.finish();
        reading.push(start.elapsed().as_secs_f64());
        if run == 0 {
            println!(
                "{summary:#?}\npeak memory before {before} KiB, after {} KiB",
                peak_kib()
            );
        }
        let start = Instant::now();
        match bare_parse(&path) {
            Ok(floor) => bare.push((start.elapsed().as_secs_f64(), floor)),
            Err(error) => println!("no floor: {error}"),
        }
    }
    reading.sort_by(f64::total_cmp);
    bare.sort_by(|a, b| a.0.total_cmp(&b.0));
    let middle = reading[runs / 2];
    println!("reader: median {middle:.3} s of {runs}");
    if let Some((floor, what)) = bare.get(bare.len() / 2) {
        println!("floor: median {floor:.3} s, {what:?}; ratio {:.2}", middle / floor);
    }
}
