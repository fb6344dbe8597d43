//! The gifts of a file, chunk by chunk, on a thread of their own: as they stand in it, or in the order of payment.

use std::path::Path;

use giving::donations::intake::Matching;
use kernel::Instant;
use tokio::sync::mpsc;

use super::Order;
use crate::bills::{self, BillError, GiftLine, Limits, Line, Profile};

/// Lines handed over at once: one group commit takes a few of these.
const LINES_PER_CHUNK: usize = 500;
/// Chunks that may wait between the reader and the intake.
const CHUNKS_WAITING: usize = 4;
/// Lines in memory at once while a file is put in order. A longer file is read again for each so many: names and memos
/// are never laid down outside the books, and of the other lines only time, number and row are kept while they are
/// sorted, some sixty bytes each.
const LINES_IN_ORDER: usize = 100_000;

pub(super) type Chunk = Result<Vec<GiftLine>, BillError>;

/// In which order the gifts of a file come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// As they stand in it.
    OfFile,
    /// By the time of payment, then by the payment's number.
    OfPayment,
}

impl Turn {
    /// Pools decide in the order in which gifts reach them, so gifts that they may match come as they were paid.
    pub(super) fn of(order: &Order) -> Self {
        match order.matching {
            Matching::Not => Self::OfFile,
            Matching::ByRule | Matching::Wait => Self::OfPayment,
        }
    }
}

/// Reads the gifts of a file, chunk by chunk.
pub(super) fn gifts_of(order: &Order, turn: Turn) -> mpsc::Receiver<Chunk> {
    let (to, from) = mpsc::channel(CHUNKS_WAITING);
    let (path, profile) = (order.path.clone(), order.profile.clone());
    tokio::task::spawn_blocking(move || {
        let send = |chunk| to.blocking_send(Ok(chunk)).is_ok();
        let read = match turn {
            Turn::OfFile => as_they_stand(&path, profile.as_ref(), LINES_PER_CHUNK, send),
            Turn::OfPayment => as_paid(&path, profile.as_ref(), (LINES_PER_CHUNK, LINES_IN_ORDER), send),
        };
        if let Err(error) = read {
            let _ = to.blocking_send(Err(error));
        }
    });
    from
}

/// Hands every gift of a file to `take` until that wants no more.
fn each(path: &Path, profile: Option<&Profile>, mut take: impl FnMut(GiftLine) -> bool) -> Result<(), BillError> {
    let mut reader = bills::open(path, profile, &Limits::default())?;
    while let Some(line) = reader.next_line()? {
        if let Line::Gift(gift) = line
            && !take(gift)
        {
            return Ok(());
        }
    }
    Ok(())
}

fn as_they_stand(
    path: &Path,
    profile: Option<&Profile>,
    per_chunk: usize,
    send: impl Fn(Vec<GiftLine>) -> bool,
) -> Result<(), BillError> {
    let mut chunk = Vec::with_capacity(per_chunk);
    let mut listens = true;
    each(path, profile, |gift| {
        chunk.push(gift);
        if chunk.len() == per_chunk {
            listens = send(std::mem::replace(&mut chunk, Vec::with_capacity(per_chunk)));
        }
        listens
    })?;
    if listens {
        send(chunk);
    }
    Ok(())
}

/// What a line is sorted by: its time, its number, and its row where both are alike.
fn key(line: &GiftLine) -> (Instant, &str, u32) {
    (line.paid_at, line.trade_no.as_str(), line.row)
}

fn as_paid(
    path: &Path,
    profile: Option<&Profile>,
    (per_chunk, in_order): (usize, usize),
    send: impl Fn(Vec<GiftLine>) -> bool,
) -> Result<(), BillError> {
    let mut keys: Vec<(Instant, Box<str>, u32)> = Vec::new();
    each(path, profile, |line| {
        keys.push((line.paid_at, line.trade_no.into_boxed_str(), line.row));
        true
    })?;
    keys.sort_unstable();
    // Where each part of the order begins; the other keys are let go.
    let starts: Vec<(Instant, Box<str>, u32)> = keys.into_iter().step_by(in_order).collect();
    let start = |at: usize| starts.get(at).map(|(paid_at, number, row)| (*paid_at, &**number, *row));
    for at in 0..starts.len() {
        let (from, to) = (start(at), start(at + 1));
        let mut part = Vec::new();
        each(path, profile, |line| {
            let here = Some(key(&line));
            if here >= from && (to.is_none() || here < to) {
                part.push(line);
            }
            true
        })?;
        part.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        let mut part = part.into_iter();
        loop {
            let chunk: Vec<GiftLine> = part.by_ref().take(per_chunk).collect();
            if chunk.is_empty() {
                break;
            }
            if !send(chunk) {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn a_file_comes_in_the_order_of_payment_whatever_fits_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("账单.csv");
        let head = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号\n";
        let rows = [
            ("10:00:02", "42"),
            ("10:00:01", "43"),
            ("09:00:00", "49"),
            ("10:00:01", "41"),
            ("23:59:59", "40"),
        ];
        let lines = rows.map(|(time, number)| {
            format!("2026-05-08 {time},二维码收款,*示例,捐赠,收入,1.00,零钱,已收钱,42000000{number}\n")
        });
        std::fs::write(&path, head.to_owned() + &lines.concat()).expect("a file");
        for (per_chunk, in_order) in [(500, 100), (2, 3), (1, 1), (2, 2)] {
            let seen = RefCell::new(Vec::new());
            let send = |chunk: Vec<GiftLine>| {
                assert!(!chunk.is_empty() && chunk.len() <= per_chunk);
                seen.borrow_mut().extend(chunk.into_iter().map(|line| line.trade_no));
                true
            };
            as_paid(&path, None, (per_chunk, in_order), send).expect("a bill");
            let paid = ["4200000049", "4200000041", "4200000043", "4200000042", "4200000040"];
            assert_eq!(seen.into_inner(), paid, "{in_order} lines in memory");
        }
    }
}
