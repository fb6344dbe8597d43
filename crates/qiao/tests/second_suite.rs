//! The second suite of the public log, checked by OpenSSL, and passed over by programs that do not know it.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::witness::{aics, logcheck, run_logcheck};
use common::{House, On};
use data_encoding::BASE64;
use proof::tlog::entries;
use proof::tlog::tile::entries_path;

/// Debian's `openssl`; without it this fails and says what to install.
fn openssl(words: &[&str]) -> Output {
    let run = Command::new("openssl").args(words).output();
    run.expect("openssl runs; install Debian's openssl (scripts/setup.sh test)")
}

fn sm3(house: &House, bytes: &[u8]) -> Vec<u8> {
    let file = house.path("hashed");
    fs::write(&file, bytes).expect("written");
    let out = openssl(&["dgst", "-sm3", "-binary", &file.display().to_string()]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(out.stdout.len(), 32);
    out.stdout
}

/// The tree of RFC 6962 over OpenSSL's SM3, by its definition.
fn root(house: &House, all: &[&[u8]]) -> Vec<u8> {
    match all {
        [one] => sm3(house, &[&[0], *one].concat()),
        more => {
            let (left, right) = more.split_at(1 << (more.len() - 1).ilog2());
            sm3(house, &[&[1], &root(house, left)[..], &root(house, right)[..]].concat())
        }
    }
}

/// A positive number as ASN.1 writes it.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let plain: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let lead: &[u8] = if plain.first().is_none_or(|byte| *byte >= 0x80) {
        &[0]
    } else {
        &[]
    };
    let body = [lead, &plain].concat();
    [&[2, body.len() as u8], &body[..]].concat()
}

/// r and s as OpenSSL reads them.
fn der(signature: &[u8]) -> Vec<u8> {
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [&[0x30, body.len() as u8], &body[..]].concat()
}

/// What OpenSSL makes of the second line of a checkpoint: whether the text was signed by the key.
fn openssl_agrees(house: &House, checkpoint: &str, change: fn(&str) -> String) -> bool {
    let (text, lines) = checkpoint.split_once("\n\n").expect("signatures");
    let line = lines.lines().nth(1).expect("the second suite's line");
    let bytes = BASE64
        .decode(line.rsplit(' ').next().expect("it").as_bytes())
        .expect("base64");
    house.file("text", change(&format!("{text}\n")));
    house.file("signature", der(&bytes[4..]));
    let file = |name: &str| house.path(name).display().to_string();
    let out = openssl(&[
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        &file("sm2.pem"),
        "-rawin",
        "-digest",
        "sm3",
        "-pkeyopt",
        "distid:1234567812345678",
        "-in",
        &file("text"),
        "-sigfile",
        &file("signature"),
    ]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert!(
        out.status.success() || said.contains("Verif"),
        "it said yes or no: {said}"
    );
    out.status.success()
}

#[test]
fn openssl_verifies_the_sm2_line_and_the_sm3_root_and_others_pass_both_over() {
    let house = House::new(On::Sqlite);
    let vkey = house.word("log_vkey").to_owned();
    let server = house.serve();
    for n in 0..6 {
        let answer = server
            .client()
            .notice(house.word("notice_secret"), &format!("Z{n}"), 700 + n);
        assert_eq!(answer.expect("an answer").status, 200);
    }
    assert_eq!(server.stop(), 0);
    house.run(&["log", "write", "--json"]).ok();
    let off = house.run(&["log", "sm2", "--json"]).ok();
    assert_eq!(off["on"], false);
    assert_ne!(house.run(&["log", "sm2", "--state"]).code, 0, "it is switched off");
    let on = house.run(&["log", "sm2", "--on", "--pem", "sm2.pem", "--json"]).ok();
    let key = on["vkey"].as_str().expect("a key").to_owned();
    let again = house.run(&["log", "sm2", "--on", "--json"]).ok();
    assert_eq!(again["vkey"], on["vkey"], "one key, however often");
    let sealed = fs::read_to_string(house.data().join("log.sm2.key")).expect("its file");
    assert!(!sealed.contains(&vkey) && sealed.len() > 60, "sealed");
    // From the next start on: each command is one.
    assert_eq!(house.run(&["log", "sm2", "--state", "--json"]).ok()["stated"], 6);
    assert_eq!(house.run(&["log", "write", "--json"]).ok()["entries"], 1);
    let folder = house.data().join("log");
    let checkpoint = fs::read_to_string(folder.join("checkpoint")).expect("published");
    assert_eq!(checkpoint.split_once("\n\n").expect("signatures").1.lines().count(), 2);
    assert!(openssl_agrees(&house, &checkpoint, str::to_owned));
    assert!(!openssl_agrees(&house, &checkpoint, |text| text.replace("\n7\n", "\n8\n")));

    let bundle = fs::read(folder.join(entries_path(0, 7))).expect("a bundle");
    let all = entries::decode(&bundle, 7).expect("entries");
    let said: serde_json::Value = serde_json::from_slice(all[6]).expect("an entry");
    assert_eq!((&said["t"], &said["size"]), (&"root.sm3".into(), &"6".into()));
    assert_eq!(said["root"], BASE64.encode(&root(&house, &all[..6])));

    // Ours checks it where the policy names it; everybody else passes it over.
    house.file("both", format!("log {vkey}\nlog {key}\nquorum none\n"));
    let by = |words: &[&str], place: &str| house.run(&[&["verify", "log", place, "--json"], words].concat()).code;
    assert_eq!(
        (
            by(&["--policy", "both"], "data/log"),
            by(&["--vkey", &vkey], "data/log")
        ),
        (0, 0)
    );
    let changed = house.path("changed");
    common::copy_folder(&folder, &changed);
    let line = checkpoint.lines().last().expect("a line");
    let (lead, letter) = line.split_at(line.len() - 10);
    let other = if letter.starts_with('A') { 'B' } else { 'A' };
    let wrong = checkpoint.replace(line, &format!("{lead}{other}{}", &letter[1..]));
    fs::write(changed.join("checkpoint"), wrong).expect("written");
    assert_eq!(
        (by(&["--policy", "both"], "changed"), by(&["--vkey", &vkey], "changed")),
        (1, 0)
    );
    let out = run_logcheck(&logcheck(&house), &folder, &vkey, &[]);
    assert!(out.status.success(), "Go: {}", String::from_utf8_lossy(&out.stderr));
    if let Some(program) = aics("aics-tlog") {
        assert!(python_agrees(&program, &house, &folder, &vkey), "Python");
    }
    let told = fs::read_to_string(folder.join("vkey.sm2")).expect("told");
    assert_eq!(told.trim_end(), key);

    house.run(&["log", "sm2", "--off", "--json"]).ok();
    let gone = fs::read_to_string(house.data().join("log.sm2.key")).expect("its file");
    assert_eq!(gone, format!("retired {key}\n"));
    house.is_sound();
}

fn python_agrees(program: &Path, house: &House, folder: &Path, vkey: &str) -> bool {
    let key = house.path("aics.vkey");
    fs::write(&key, vkey).expect("the key");
    let mut command = Command::new(program);
    command
        .arg("verify-checkpoint")
        .arg("--tiles")
        .arg(folder)
        .arg("--vkey-file")
        .arg(&key);
    command.output().expect("aics-tlog runs").status.success()
}
