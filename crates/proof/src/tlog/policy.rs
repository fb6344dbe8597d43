//! Whom a reader trusts (C2SP tlog-policy): the log's key, the witnesses, and how many of them must have seen a tree.
//!
//! A `log` line may also name a key of the second suite ([`super::sm2`]), beside one of Ed25519: then it must have signed too.

use std::collections::{BTreeMap, BTreeSet};

use super::TlogError;
use super::checkpoint::Checkpoint;
use super::cosignature;
use super::note::{KeyKind, SignedNote, Verifier};
use super::sm2::Sm2Verifier;

/// The longest policy that is read.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Verifier>,
    second: Vec<Sm2Verifier>,
    members: BTreeMap<String, Member>,
    quorum: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Member {
    Witness { key: Verifier, url: Option<String> },
    Group { needed: usize, of: Vec<String> },
}

/// A checkpoint that fulfils a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The witnesses who cosigned it, with the time (seconds since 1970).
    pub witnesses: Vec<(String, u64)>,
}

impl Policy {
    /// The policy of one log and no witnesses.
    pub fn of_log(log: Verifier) -> Self {
        Self {
            logs: vec![log],
            second: Vec::new(),
            members: BTreeMap::new(),
            quorum: None,
        }
    }

    /// Reads a policy; `#` begins a line that is passed over.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogError> {
        const LINE: TlogError = TlogError::Malformed("a policy’s line is not log, witness, group or quorum");
        if bytes.len() > POLICY_BYTES_MAX {
            return Err(TlogError::Malformed("a policy is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| TlogError::Malformed("a policy is not UTF-8"))?;
        let mut policy = Self {
            logs: Vec::new(),
            second: Vec::new(),
            members: BTreeMap::new(),
            quorum: None,
        };
        let mut used = BTreeSet::new();
        let mut closed = false;
        for line in text
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
        {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["log", key] | ["log", key, _] if Sm2Verifier::is_one(key) => {
                    policy.second.push(Sm2Verifier::from_text(key)?);
                }
                ["log", key] | ["log", key, _] => policy.logs.push(log_key(key)?),
                ["witness", name, key, url @ ..] if url.len() <= 1 => {
                    let key = Verifier::from_text(key)?;
                    if key.kind() != KeyKind::Cosignature {
                        return Err(TlogError::Malformed("a witness’s key is not one for cosignatures"));
                    }
                    let url = url.first().map(|url| url.trim_end_matches('/').to_owned());
                    policy.add(name, Member::Witness { key, url })?;
                }
                ["group", name, needed, of @ ..] => {
                    let group = policy.group(needed, of, &mut used)?;
                    policy.add(name, group)?;
                }
                ["quorum", name] if !closed => {
                    closed = true;
                    if *name != "none" {
                        if !policy.members.contains_key(*name) {
                            return Err(TlogError::Malformed("the quorum names nobody"));
                        }
                        policy.quorum = Some((*name).to_owned());
                    }
                }
                _ => return Err(LINE),
            }
        }
        if policy.logs.is_empty() || !closed {
            return Err(TlogError::Malformed("a policy needs a log and a quorum"));
        }
        Ok(policy)
    }

    fn add(&mut self, name: &str, member: Member) -> Result<(), TlogError> {
        let taken = name == "none" || self.members.insert(name.to_owned(), member).is_some();
        if taken {
            Err(TlogError::Malformed("a policy uses a name twice"))
        } else {
            Ok(())
        }
    }

    fn group(&self, needed: &str, of: &[&str], used: &mut BTreeSet<String>) -> Result<Member, TlogError> {
        let known = of.iter().all(|m| self.members.contains_key(*m));
        let fresh = of.iter().all(|m| used.insert((*m).to_owned()));
        if of.is_empty() || !known || !fresh {
            return Err(TlogError::Malformed("a group’s members are unknown, or used twice"));
        }
        let needed = match needed {
            "any" => Some(1),
            "all" => Some(of.len()),
            number => super::decimal(number).and_then(|n| usize::try_from(n).ok()),
        };
        let needed = needed.filter(|n| (1..=of.len()).contains(n));
        Ok(Member::Group {
            needed: needed.ok_or(TlogError::Malformed("a group needs between one and all of its members"))?,
            of: of.iter().map(|m| (*m).to_owned()).collect(),
        })
    }

    /// The keys of the logs.
    pub fn logs(&self) -> &[Verifier] {
        &self.logs
    }

    /// Whether it names a key of the second suite.
    pub fn has_second_suite(&self) -> bool {
        !self.second.is_empty()
    }

    /// The witnesses: name, key, and where they take checkpoints, if that is said.
    pub fn witnesses(&self) -> impl Iterator<Item = (&str, &Verifier, Option<&str>)> {
        self.members.iter().filter_map(|(name, member)| match member {
            Member::Witness { key, url } => Some((name.as_str(), key, url.as_deref())),
            Member::Group { .. } => None,
        })
    }

    /// Whether these witnesses are enough.
    pub fn is_quorum(&self, seen: &BTreeSet<&str>) -> bool {
        self.quorum.as_deref().is_none_or(|quorum| self.fulfilled(quorum, seen))
    }

    /// Checks a checkpoint: signed by a log of the policy, cosigned by its quorum.
    ///
    /// # Errors
    /// [`TlogError::Signature`], [`TlogError::Policy`].
    pub fn check(&self, signed: &SignedNote) -> Result<Trusted, TlogError> {
        let origin = Checkpoint::from_note(&signed.note)?.origin;
        let mut own = self.logs.iter().filter(|log| log.name() == origin).peekable();
        if own.peek().is_none() {
            return Err(TlogError::Policy("the log is not one of the policy"));
        }
        let checkpoint = Checkpoint::open_any(signed, own)?;
        self.check_second(signed, &origin)?;
        let mut witnesses = Vec::new();
        for (name, member) in &self.members {
            if let Member::Witness { key, .. } = member
                && signed.of(key).next().is_some()
            {
                witnesses.push((name.clone(), cosignature::check(signed, key)?));
            }
        }
        let seen: BTreeSet<&str> = witnesses.iter().map(|(name, _)| name.as_str()).collect();
        if !self.is_quorum(&seen) {
            return Err(TlogError::Policy("too few witnesses of the policy have cosigned"));
        }
        Ok(Trusted { checkpoint, witnesses })
    }

    /// Each key of the second suite that signed must have signed well, and where any is named one of them must have signed.
    fn check_second(&self, signed: &SignedNote, origin: &str) -> Result<(), TlogError> {
        let (mut is_named, mut is_signed) = (false, false);
        for key in self.second.iter().filter(|key| key.name() == origin) {
            is_named = true;
            is_signed |= key.check(signed)?.is_some();
        }
        if is_named && !is_signed {
            return Err(TlogError::Policy("no SM2 key of the policy has signed"));
        }
        Ok(())
    }

    /// A group is made of what stands above it, so this ends.
    fn fulfilled(&self, name: &str, seen: &BTreeSet<&str>) -> bool {
        match self.members.get(name) {
            Some(Member::Witness { .. }) => seen.contains(name),
            Some(Member::Group { needed, of }) => of.iter().filter(|m| self.fulfilled(m, seen)).count() >= *needed,
            None => false,
        }
    }
}

fn log_key(text: &str) -> Result<Verifier, TlogError> {
    let key = Verifier::from_text(text)?;
    if key.kind() == KeyKind::Ed25519 {
        Ok(key)
    } else {
        Err(TlogError::Malformed("a log’s key is not Ed25519"))
    }
}
