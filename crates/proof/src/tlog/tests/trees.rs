//! Trees and their proofs against RFC 6962 read literally and against roots that another program computed.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::frontier::{Frontier, perfect_root};
use super::super::hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
use super::super::proof::{check_consistency, check_inclusion, consistency, inclusion, root};
use super::super::tile::{TILE_WIDTH, Tile, TileReader, level_size, tiles_between};
use super::super::{TlogError, entries};

/// Roots of the test tree that every implementation of RFC 6962 uses, for 0 to 8 leaves.
const KNOWN: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
/// Roots of the entries `entry 0`, `entry 1`, …, computed with Python's hashlib from the RFC's definition.
const COMPUTED: [(u64, &str); 5] = [
    (255, "z2Z5PmMp3/JC6zzuCm82rT46GW3MVzoex3XhAr6GPxw="),
    (256, "2mWW2VNp9f7zIquOTg2jsLUCNqqcijsdJG90Ecni4y4="),
    (257, "XB/f6DU1gCLyOS3keNvgU/wTDP4dOggoeakM9r8Uv34="),
    (70_000, "o5IPun8jmgcam9EHIfE0Gt3vuu3ttBx+JEN6nRa98Ao="),
    (70_001, "sE3Pwn+VENHC6qelTbQruBH5Z8t1GPXNLyF17PKNz34="),
];

/// MTH of RFC 6962 §2.1, word for word.
fn literal(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [one] => *one,
        more => {
            let mut k = 1;
            while k * 2 < more.len() {
                k *= 2;
            }
            node_hash(&literal(&more[..k]), &literal(&more[k..]))
        }
    }
}

/// All tiles of a tree, as publishing writes them.
struct Tiles(BTreeMap<Tile, Vec<Hash>>);

impl Tiles {
    fn of(leaves: &[Hash]) -> Self {
        let mut rows = vec![leaves.to_vec()];
        while let Some(row) = rows.last().filter(|row| row.len() as u64 >= TILE_WIDTH) {
            let above = row.chunks_exact(TILE_WIDTH as usize).map(perfect_root).collect();
            rows.push(above);
        }
        let part = |tile: &Tile| {
            let begin = (tile.index * TILE_WIDTH) as usize;
            rows[usize::from(tile.level)][begin..begin + usize::from(tile.width)].to_vec()
        };
        let all = tiles_between(0, leaves.len() as u64);
        Self(all.iter().map(|tile| (*tile, part(tile))).collect())
    }
}

impl TileReader for Tiles {
    fn read(&mut self, tile: Tile) -> Result<Vec<Hash>, TlogError> {
        let found = self.0.get(&tile).cloned();
        found.ok_or_else(|| TlogError::Tile(tile.path(), "not of this tree"))
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(format!("entry {n}").as_bytes())).collect()
}

fn grown(leaves: &[Hash]) -> Frontier {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier
}

#[test]
fn roots_are_those_that_others_compute() {
    let data: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let mut frontier = Frontier::new();
    for (count, known) in KNOWN.iter().enumerate() {
        assert_eq!(
            data_encoding::HEXLOWER.encode(&frontier.root().0),
            *known,
            "{count} leaves"
        );
        if let Some(entry) = data.get(count) {
            frontier.push(leaf_hash(entry));
        }
    }
    let all = leaves(70_001);
    for (count, known) in COMPUTED {
        let part = &all[..count as usize];
        assert_eq!(grown(part).root().to_base64(), known, "{count} leaves");
        assert_eq!(
            root(&mut Tiles::of(part), count, count).expect("a root").to_base64(),
            known
        );
    }
}

#[test]
fn a_frontier_is_read_back_from_its_unfinished_tiles() {
    let all = leaves(66_000);
    let frontier = grown(&all);
    let mut tiles = Tiles::of(&all);
    let mut levels = Vec::new();
    for level in 0..3 {
        let row = level_size(66_000, level);
        let width = (row % TILE_WIDTH) as u16;
        let tile = Tile {
            level,
            index: row / TILE_WIDTH,
            width,
        };
        levels.push(if width == 0 {
            vec![]
        } else {
            tiles.read(tile).expect("a tile")
        });
    }
    assert_eq!(Frontier::from_levels(66_000, levels.clone()), Some(frontier));
    levels[0].pop();
    assert_eq!(Frontier::from_levels(66_000, levels), None);
}

#[test]
fn a_bundle_is_read_to_its_last_byte() {
    let mut bundle = Vec::new();
    for entry in [&b"a"[..], b"", b"bcd"] {
        entries::push(&mut bundle, entry).expect("short");
    }
    assert_eq!(entries::decode(&bundle, 3), Ok(vec![&b"a"[..], b"", b"bcd"]));
    assert!(entries::decode(&bundle, 2).is_err() && entries::decode(&bundle, 4).is_err());
    assert!(entries::decode(&bundle[..bundle.len() - 1], 3).is_err());
    assert!(entries::push(&mut bundle, &vec![0; 65_536]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_inclusion_proof_verifies_and_every_change_of_it_fails(size in 1u64..1500, at in any::<prop::sample::Index>(),
        change in any::<prop::sample::Index>(), bit in 0u8..8) {
        let all = leaves(size);
        let mut tiles = Tiles::of(&all);
        let tree = literal(&all);
        prop_assert_eq!(grown(&all).root(), tree);
        let index = at.index(size as usize) as u64;
        let leaf = all[index as usize];
        let path = inclusion(&mut tiles, index, size).expect("a proof");
        prop_assert_eq!(check_inclusion(&path, index, leaf, size, tree), Ok(()));
        let mut short = path.clone();
        if short.pop().is_some() {
            prop_assert!(check_inclusion(&short, index, leaf, size, tree).is_err());
            let byte = change.index(path.len() * 32);
            let mut wrong = path.clone();
            wrong[byte / 32].0[byte % 32] ^= 1 << bit;
            prop_assert!(check_inclusion(&wrong, index, leaf, size, tree).is_err());
            let other = (index + 1) % size;
            prop_assert!(check_inclusion(&path, other, leaf, size, tree).is_err());
        }
        let mut long = path.clone();
        long.push(EMPTY_ROOT);
        prop_assert!(check_inclusion(&long, index, leaf, size, tree).is_err());
        let mut other = leaf;
        other.0[change.index(32)] ^= 1 << bit;
        prop_assert!(check_inclusion(&path, index, other, size, tree).is_err());
        prop_assert!(check_inclusion(&path, size, leaf, size, tree).is_err());
    }

    #[test]
    fn every_consistency_proof_verifies_and_every_change_of_it_fails(size in 1u64..1500, at in any::<prop::sample::Index>(),
        change in any::<prop::sample::Index>(), bit in 0u8..8) {
        let all = leaves(size);
        let mut tiles = Tiles::of(&all);
        let old = at.index(size as usize + 1) as u64;
        let (before, now) = ((old, literal(&all[..old as usize])), (size, literal(&all)));
        let path = consistency(&mut tiles, old, size).expect("a proof");
        prop_assert_eq!(check_consistency(&path, before, now), Ok(()));
        let mut long = path.clone();
        long.push(EMPTY_ROOT);
        prop_assert!(check_consistency(&long, before, now).is_err());
        if !path.is_empty() {
            prop_assert!(check_consistency(&path[1..], before, now).is_err());
            let byte = change.index(path.len() * 32);
            let mut wrong = path.clone();
            wrong[byte / 32].0[byte % 32] ^= 1 << bit;
            prop_assert!(check_consistency(&wrong, before, now).is_err());
        }
        let mut forked = before.1;
        forked.0[change.index(32)] ^= 1 << bit;
        prop_assert!(check_consistency(&path, (old, forked), now).is_err());
        prop_assert!(check_consistency(&path, (size + 1, before.1), now).is_err());
    }
}
