//! What the machine did beside the bench: on a shared host the processors are sometimes somebody else's.

/// The processors' clock so far, in the kernel's ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ticks {
    all: u64,
    stolen: u64,
}

/// Watches from its making on.
pub struct Watch(Option<Ticks>);

impl Watch {
    /// Begins.
    pub fn begin() -> Self {
        Self(now())
    }

    /// The share of the processors' time since the beginning in which they would have worked and the host gave them to
    /// others, as a part of one; nothing where the kernel does not tell.
    pub fn stolen(&self) -> Option<serde_json::Number> {
        let (before, after) = (self.0?, now()?);
        Some(super::ratio(
            after.stolen.saturating_sub(before.stolen),
            after.all.saturating_sub(before.all),
        ))
    }
}

fn now() -> Option<Ticks> {
    parse(&std::fs::read_to_string("/proc/stat").ok()?)
}

/// The first line of Linux's `/proc/stat`: user, nice, system, idle, waiting, interrupts, soft ones, stolen; what guests
/// took stands behind it and is in `user` already.
fn parse(text: &str) -> Option<Ticks> {
    let numbers: Vec<u64> = text
        .lines()
        .next()?
        .strip_prefix("cpu ")?
        .split_whitespace()
        .take(8)
        .map_while(|n| n.parse().ok())
        .collect();
    (numbers.len() == 8).then(|| Ticks {
        all: numbers.iter().sum(),
        stolen: numbers[7],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_took_is_the_eighth_number() {
        let text = "cpu  4705 150 1120 16250 520 10 25 720 33 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n";
        let found = parse(text);
        assert_eq!(
            found,
            Some(Ticks {
                all: 23_500,
                stolen: 720
            })
        );
        assert_eq!(parse("cpu  1 2 3"), None, "an old kernel does not tell");
    }
}
