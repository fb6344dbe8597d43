//! One text for each entry, and no other text for any.

use super::*;
use proptest::prelude::*;

fn id(n: u8) -> PublicId {
    PublicId::from_bytes(&[n; 16])
}

fn received(fen: i64) -> Leaf {
    Leaf::Received(Received {
        id: id(1),
        unit: id(2),
        proj: id(3),
        chan: Channel::Wechat,
        day: BusinessDay::from_number(20_261_122).expect("a day"),
        amt: Fen::new(fen),
        c: BTreeMap::from([(Field::Donor, Commitment(Hash([7; 32])))]),
        pool: None,
    })
}

fn gift_of(leaf: Leaf) -> Received {
    leaf.gift().cloned().expect("a gift")
}

fn goes(lot: u8, from: Option<Stands>, to: Option<Stands>) -> Goes {
    Goes {
        lot: id(lot),
        from,
        to,
        qty: 13_800_138_000,
    }
}

fn goods(moves: Vec<Goes>) -> Leaf {
    Leaf::Goods(Goods {
        id: id(19),
        unit: id(2),
        day: BusinessDay::from_number(20_261_122).expect("a day"),
        moves,
    })
}

#[test]
fn movements_of_goods_are_real_and_in_one_order() {
    let (new, out) = (
        goes(17, None, Some(Stands::Announced)),
        goes(17, Some(Stands::Stocked), None),
    );
    assert!(goods(vec![new.clone(), out.clone()]).encode().is_ok());
    let none = Goes { qty: 0, ..new.clone() };
    let stays = goes(17, Some(Stands::Stocked), Some(Stands::Stocked));
    let nowhere = goes(17, None, None);
    for moves in [
        vec![],
        vec![none],
        vec![stays],
        vec![nowhere],
        vec![out, new.clone()],
        vec![new.clone(), new.clone()],
    ] {
        assert!(goods(moves.clone()).encode().is_err(), "{moves:?}");
    }
    // What the house sets aside is on the shelf for everybody else; the log has one word for it.
    let text = String::from_utf8(
        goods(vec![goes(17, Some(Stands::Stocked), None)])
            .encode()
            .expect("an entry"),
    );
    let text = text.expect("UTF-8");
    assert!(decode(text.replace("stocked", "reserved").as_bytes()).is_err());
    let longest = (0..MOVES_MAX as u128).map(|n| Goes {
        lot: PublicId::from_bytes(&n.to_be_bytes()),
        from: Some(Stands::Distributed),
        to: Some(Stands::InTransit),
        qty: i64::MAX,
    });
    let mut longest: Vec<Goes> = longest.collect();
    longest.sort();
    assert!(goods(longest).encode().is_ok(), "the longest fits the format");
}

proptest! {
    #[test]
    fn a_gift_written_straight_away_has_the_text_of_the_general_way(
        fen in 1..=i64::MAX, ids in any::<[[u8; 16]; 4]>(), hash in any::<[u8; 32]>(), which in 0..=8usize, year in 2000..2100i64,
        pooled in any::<bool>(),
    ) {
        let id = |n: usize| PublicId::from_bytes(&ids[n]);
        let chan = Channel::ALL.get(which).copied().unwrap_or(Channel::Match);
        let gift = Received {
            id: id(0),
            unit: id(1),
            proj: id(2),
            chan,
            day: BusinessDay::from_number(year * 10_000 + 301).expect("a day"),
            amt: Fen::new(fen),
            c: BTreeMap::from([(Field::Donor, Commitment(Hash(hash)))]),
            pool: (pooled && chan == Channel::Match).then(|| id(3)),
        };
        let leaf = if gift.is_match() { Leaf::Granted(gift) } else { Leaf::Received(gift) };
        let straight = quick::text(&leaf).expect("nothing personal");
        prop_assert_eq!(straight.as_ref(), Some(&leaf.slow_text().expect("a text")));
        prop_assert_eq!(decode(&leaf.encode().expect("an entry")), Ok(leaf));
    }
}

fn all() -> Vec<Leaf> {
    let day = BusinessDay::from_number(20_261_122).expect("a day");
    let member = |n| Member {
        id: id(n),
        h: Hash([n; 32]),
    };
    let mut members: Vec<Member> = (1..6).map(member).collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    vec![
        received(20_000),
        Leaf::Refunded(Refunded {
            id: id(4),
            of: id(1),
            day,
            amt: Fen::new(5),
        }),
        Leaf::Corrected(Corrected {
            id: id(5),
            of: id(1),
            day,
            diff: Fen::new(-5),
            why: Why::ImportTakenBack,
        }),
        Leaf::Bundle(Bundle {
            id: id(6),
            unit: id(2),
            from: day,
            to: day,
            sum: Fen::new(9),
            members,
        }),
        Leaf::Erased(Erased { id: id(7), of: id(1) }),
        Leaf::Granted(Received {
            chan: Channel::Match,
            pool: Some(id(9)),
            ..gift_of(received(300))
        }),
        Leaf::Reversed(Refunded {
            id: id(10),
            of: id(1),
            day,
            amt: Fen::new(2),
        }),
        Leaf::Paid(Paid {
            id: id(11),
            unit: id(2),
            fund: None,
            proj: Some(id(3)),
            on: Purpose::Programme,
            day,
            amt: Fen::new(7),
        }),
        Leaf::Unpaid(Refunded {
            id: id(12),
            of: id(11),
            day,
            amt: Fen::new(7),
        }),
        Leaf::PoolPublished(Pool {
            id: id(14),
            unit: id(2),
            pool: id(9),
            day,
            draw: Hash([8; 32]),
        }),
        Leaf::Fee(Fee {
            id: id(15),
            unit: id(2),
            fund: id(16),
            day,
            amt: Fen::new(8),
        }),
        goods(vec![
            goes(17, None, Some(Stands::Announced)),
            goes(18, Some(Stands::Stocked), Some(Stands::Issued)),
        ]),
        Leaf::Sm3Root(Sm3Root {
            id: id(19),
            day,
            size: 13_800_138_000,
            root: Hash([10; 32]),
        }),
        Leaf::NoticePublished(NoticePublished {
            id: id(21),
            unit: id(2),
            notice: id(22),
            year: 2026,
            no: 12,
            ver: 2,
            day,
            hash: Hash([9; 32]),
            of: Some(id(23)),
        }),
        Leaf::NoticeWithdrawn(NoticeWithdrawn {
            id: id(24),
            of: id(21),
            day,
        }),
        Leaf::Stated(Stated {
            id: id(20),
            unit: id(2),
            day,
            size: 13_800_138_000,
            says: Figures {
                gifts: 7,
                given: 13_800_138_000,
                ..Figures::default()
            },
        }),
    ]
}

#[test]
fn a_stated_figure_has_one_spelling_and_is_not_below_zero() {
    let all = all();
    let Some(Leaf::Stated(stated)) = all.last() else {
        panic!("the last is a statement")
    };
    let mut below = stated.clone();
    below.says.refunded = -1;
    assert!(Leaf::Stated(below).encode().is_err());
    let text = String::from_utf8(all[all.len() - 1].encode().expect("an entry")).expect("UTF-8");
    for (right, wrong) in [
        ("\"gifts\":\"7\"", "\"gifts\":\"07\""),
        ("\"gifts\":\"7\"", "\"gifts\":7"),
        ("\"gifts\":\"7\",", ""),
        ("\"size\":\"13800138000\"", "\"size\":\"-1\""),
    ] {
        assert!(text.contains(right), "{text}");
        assert!(decode(text.replace(right, wrong).as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn the_text_of_a_gift_is_fixed_for_ever() {
    let text = String::from_utf8(received(20_000).encode().expect("an entry")).expect("UTF-8");
    let expected = concat!(
        r#"{"amt":"20000","c":{"donor":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="},"chan":"wechat","day":"2026-11-22","#,
        r#""id":"aeaqcaibaeaqcaibaeaqcaibae","proj":"ambqgaydambqgaydambqgaydam","t":"donation.received","unit":"aibaeaqcaibaeaqcaibaeaqcai","v":1}"#,
    );
    assert_eq!(text, expected);
}

#[test]
fn every_kind_is_read_back_from_its_text_alone() {
    for leaf in all() {
        let bytes = leaf.encode().expect("an entry");
        assert_eq!(decode(&bytes), Ok(leaf));
        let text = String::from_utf8(bytes).expect("UTF-8");
        for other in [
            text.replace("\"v\":1", "\"v\":2"),
            text.replace("\"v\":1", "\"v\":1,\"v\":1"),
            text.replace("\"v\":1", "\"v\":1,\"x\":\"y\""),
            text.replace("\"v\":1", "\"v\": 1"),
            text.replace("\"t\":\"", "\"t\":\"x"),
            text.clone() + "\n",
            text.replacen(':', " :", 1),
        ] {
            assert!(decode(other.as_bytes()).is_err(), "{other}");
        }
    }
}

#[test]
fn amounts_have_one_spelling_and_their_sign() {
    let text = String::from_utf8(received(20_000).encode().expect("an entry")).expect("UTF-8");
    for wrong in [
        "020000",
        "+20000",
        "2e4",
        "0",
        "-20000",
        "",
        "20000.0",
        "9223372036854775808",
    ] {
        let other = text.replace("\"20000\"", &format!("\"{wrong}\""));
        assert!(decode(other.as_bytes()).is_err(), "{wrong}");
    }
    assert!(
        decode(text.replace("\"20000\"", "20000").as_bytes()).is_err(),
        "a bare number"
    );
    assert!(received(0).encode().is_err() && received(-1).encode().is_err());
}

#[test]
fn an_id_is_its_sixteen_bytes_in_one_spelling() {
    for n in 0..=255u8 {
        let bytes: [u8; 16] = std::array::from_fn(|at| n.wrapping_mul(31).wrapping_add(at as u8 * 17));
        assert_eq!(PublicId::from_bytes(&bytes).number(), u128::from_be_bytes(bytes));
    }
    assert!(PublicId::new(&"a".repeat(26)).is_ok());
    for wrong in [
        "a".repeat(25) + "b",
        "a".repeat(27),
        "a".repeat(25) + "1",
        "A".repeat(26),
    ] {
        assert!(PublicId::new(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_match_stands_under_its_own_kind_and_names_its_pool_unless_a_platform_granted_it() {
    let whole = gift_of(received(5));
    let matched = Received {
        chan: Channel::Match,
        pool: Some(id(9)),
        ..whole.clone()
    };
    let of_a_platform = Received {
        pool: None,
        ..matched.clone()
    };
    for right in [&matched, &of_a_platform] {
        assert!(Leaf::Granted(right.clone()).encode().is_ok());
    }
    let wrong = [
        Leaf::Received(matched),
        Leaf::Received(of_a_platform),
        Leaf::Granted(whole),
    ];
    for wrong in wrong {
        assert!(wrong.encode().is_err(), "{wrong:?}");
    }
}

#[test]
fn a_bundle_lists_its_members_in_order_and_is_never_of_one() {
    let all = all();
    let bundle = all.iter().find_map(Leaf::bundle).expect("a bundle");
    let refused = |change: &dyn Fn(&mut Bundle)| {
        let mut other = bundle.clone();
        change(&mut other);
        Leaf::Bundle(other).encode().is_err()
    };
    assert!(refused(&|b| b.members.reverse()));
    assert!(refused(&|b| b.members.truncate(1)));
    assert!(refused(&|b| b.members[1] = b.members[0].clone()));
    assert!(refused(&|b| b.to = b.from.plus_days(-1)));
}

#[test]
fn the_largest_bundle_fits_an_entry() {
    let day = BusinessDay::from_number(20_261_122).expect("a day");
    let mut members: Vec<Member> = (0..MEMBERS_MAX)
        .map(|n| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
            Member {
                id: PublicId::from_bytes(&bytes),
                h: Hash([9; 32]),
            }
        })
        .collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    let leaf = Leaf::Bundle(Bundle {
        id: id(1),
        unit: id(2),
        from: day,
        to: day,
        sum: Fen::new(i64::MAX),
        members,
    });
    assert!(leaf.encode().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(&bytes).is_err());
    }

    #[test]
    fn a_changed_byte_is_refused_or_is_another_entry(which in 0usize..13, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let leaf = &all()[which];
        let mut bytes = leaf.encode().expect("an entry");
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        if let Ok(other) = decode(&bytes) {
            prop_assert!(other != *leaf);
            prop_assert_eq!(other.encode().expect("an entry"), bytes);
        }
    }
}

#[test]
fn a_notice_has_a_number_and_only_a_correction_names_an_earlier_one() {
    let first = NoticePublished {
        id: id(21),
        unit: id(2),
        notice: id(22),
        year: 2026,
        no: 1,
        ver: 1,
        day: BusinessDay::parse("2026-11-22").expect("a day"),
        hash: Hash([9; 32]),
        of: None,
    };
    let refused = |change: &dyn Fn(&mut NoticePublished)| {
        let mut other = first.clone();
        change(&mut other);
        Leaf::NoticePublished(other).encode().is_err()
    };
    assert!(!refused(&|_| ()));
    assert!(refused(&|l| l.no = 0));
    assert!(refused(&|l| l.year = 26));
    assert!(refused(&|l| l.ver = 2), "a correction names what it corrects");
    assert!(refused(&|l| l.of = Some(id(23))), "a first version corrects nothing");
}
