//! A server killed at any moment: what was acknowledged is there, once, and the books balance.
//!
//! Three rounds on each database in `make test`, twenty with `SHANQIAO_SOAK=1` (`make soak`).
#![allow(
    clippy::disallowed_methods,
    reason = "tests choose their own chance and read SHANQIAO_… themselves"
)]

mod common;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use common::{Client, House, On, Server, figures, psql};

/// Connections that send at the same time, so that batches hold several gifts.
const SENDERS: u64 = 8;

/// A gift that the server said was recorded.
#[derive(Clone)]
struct Acknowledged {
    trade_no: String,
    amount_fen: i64,
    gift: String,
}

fn rounds() -> u64 {
    if std::env::var_os("SHANQIAO_SOAK").is_some() {
        20
    } else {
        3
    }
}

/// Some time between these, another one each time.
fn any_time(from_ms: u64, to_ms: u64) -> Duration {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("a time after 1970");
    Duration::from_millis(from_ms + u64::from(now.subsec_micros()) % (to_ms - from_ms))
}

/// Sends notices on many connections until the server is killed; returns what was acknowledged and how many were sent.
fn send_until_killed(server: Server, secret: &str, round: u64) -> (Vec<Acknowledged>, u64) {
    let acknowledged = Mutex::new(Vec::new());
    let sent = AtomicU64::new(0);
    let address = server.address.clone();
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (acknowledged, sent, address) = (&acknowledged, &sent, &address);
            scope.spawn(move || {
                let Ok(mut client) = Client::connect(address) else {
                    return;
                };
                for number in 0.. {
                    let (trade_no, amount_fen) = (format!("K{round:02}-{sender}-{number:06}"), 1 + number % 20_000);
                    sent.fetch_add(1, Ordering::SeqCst);
                    // The connection breaks when the server dies: this one was not acknowledged.
                    let Ok(answer) = client.notice(secret, &trade_no, amount_fen) else {
                        return;
                    };
                    if answer.status == 200 {
                        let gift = answer.json()["gift"].as_str().expect("a gift").to_owned();
                        acknowledged.lock().expect("the list").push(Acknowledged {
                            trade_no,
                            amount_fen,
                            gift,
                        });
                    } else {
                        assert_eq!(answer.status, 503, "{}", answer.text());
                    }
                }
            });
        }
        std::thread::sleep(any_time(150, 1_000));
        server.kill_9();
    });
    (
        acknowledged.into_inner().expect("the list"),
        sent.load(Ordering::SeqCst),
    )
}

/// Asks for every gift again: each is answered with its own id.
fn every_gift_is_there(server: &Server, secret: &str, acknowledged: &[Acknowledged]) {
    std::thread::scope(|scope| {
        for part in acknowledged.chunks(acknowledged.len().div_ceil(SENDERS as usize).max(1)) {
            let mut client = server.client();
            scope.spawn(move || {
                for one in part {
                    let answer = client.notice(secret, &one.trade_no, one.amount_fen).expect("an answer");
                    assert_eq!(answer.status, 200, "{}: {}", one.trade_no, answer.text());
                    assert_eq!(
                        answer.json()["gift"],
                        one.gift,
                        "{} was acknowledged and is another gift now",
                        one.trade_no
                    );
                }
            });
        }
    });
}

/// PostgreSQL may still be at the dead server's last statement: waits until its connections are gone.
fn let_postgres_notice(house: &House) {
    let (server, name) = house.url().rsplit_once('/').expect("a database in the address");
    let asked = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
    for _ in 0..500 {
        if psql(&format!("{server}/postgres"), &asked) == "0" {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("connections of the killed server stay open");
}

both!(kill_9_at_any_moment_loses_nothing_acknowledged, |on| {
    let house = House::new(on);
    let secret = house.word("notice_secret");
    let (mut all, mut before, mut sent) = (Vec::new(), 0, 0);
    for round in 0..rounds() {
        let (acknowledged, tried) = send_until_killed(house.serve(), secret, round);
        assert!(!acknowledged.is_empty(), "round {round}: nothing was acknowledged");
        if on == On::Postgres {
            let_postgres_notice(&house);
        }
        sent += tried;
        let (gifts, _) = figures(&house.totals());
        let sure = before + acknowledged.len() as i64;
        assert!(
            gifts >= sure,
            "round {round}: {gifts} gifts are there, {sure} were sure"
        );
        house.is_sound();
        let server = house.serve();
        every_gift_is_there(&server, secret, &acknowledged);
        assert_eq!(
            figures(&house.totals()).0,
            gifts,
            "round {round}: a repeat added a gift"
        );
        all.extend(acknowledged);
        before = gifts;
        assert_eq!(server.stop(), 0);
    }
    assert!(before as u64 <= sent, "{before} gifts of {sent} sent");
    // What the first rounds brought outlived the later kills.
    let server = house.serve();
    every_gift_is_there(&server, secret, &all);
    assert_eq!(server.stop(), 0);
    let (gifts, sum_fen) = figures(&house.totals());
    assert_eq!(gifts, before);
    assert!(sum_fen >= all.iter().map(|one| one.amount_fen).sum::<i64>());
    house.is_sound();
});
