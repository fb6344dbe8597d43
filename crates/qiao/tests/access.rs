//! Who may call what, proven over HTTP for every guarded route of the real program, by the list of routes that the program
//! itself gives: nobody without a session, nobody whose roles hold none of the route's permissions, and no officer of
//! another unit, who holds them all. A new route fails here until somebody writes into `access/` what stands behind it.

mod common;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use common::http::Answer;
use common::seeded::Town;
use common::{Client, House, On};
use serde_json::{Value, json};

const THINGS: &str = include_str!("access/things.txt");
const UNITS: &str = include_str!("access/units.txt");
const ELSEWHERE: &str = include_str!("access/elsewhere.txt");

/// A place in an address that leads nowhere: guards look at nothing behind it.
const NOWHERE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
/// Looks like a token and is none.
const FORGED: &str = "qiao_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// How long facts may take to get their places.
const PATIENCE: Duration = Duration::from_secs(30);
/// Fewer guarded routes than this, and the list was not read.
const ROUTES_MIN: usize = 200;

/// A guarded route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Route {
    method: String,
    path: String,
    access: String,
}

impl Route {
    /// The permissions of which one is needed; none where a session is enough.
    fn permissions(&self) -> Vec<&str> {
        let open = ["own_account", "signed_in"].contains(&self.access.as_str());
        if open {
            Vec::new()
        } else {
            self.access.split(" or ").collect()
        }
    }
    fn addresses_something(&self) -> bool {
        self.path.contains('{') || self.method != "GET" || self.path == "/api/v1/approvals/events"
    }
}

/// The guarded routes, as the program itself lists them.
fn guarded(client: &mut Client) -> Vec<Route> {
    let document = client.get("/api/openapi.json").expect("an answer").json();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let access = operation["x-access"]
                .as_str()
                .expect("every route says who may call it");
            if access != "public" {
                routes.push(Route {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    access: access.to_owned(),
                });
            }
        }
    }
    assert!(routes.len() > ROUTES_MIN, "{routes:?}");
    routes
}

/// A line of a table: a method, an address whose places have names, a body.
struct Call {
    method: &'static str,
    path: &'static str,
    body: &'static str,
}

fn calls(table: &'static str) -> Vec<Call> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let split = |line: &'static str| {
        let (method, rest) = line.split_once(' ').expect("a method");
        let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
        Call { method, path, body }
    };
    lines.map(split).collect()
}

/// Whether an address is one of a route's: each of its fixed parts stands there.
fn leads_to(route: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    let (wanted, given): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    let same = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
    wanted.len() == given.len() && wanted.iter().zip(&given).all(same)
}

#[test]
fn every_route_that_addresses_something_is_in_one_list() {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    let routes = guarded(&mut server.client());
    let elsewhere: Vec<(&str, &str)> = ELSEWHERE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(" | ").expect("a reason"))
        .collect();
    let listed: Vec<Call> = calls(THINGS).into_iter().chain(calls(UNITS)).collect();
    for route in routes
        .iter()
        .filter(|route| route.access != "own_account" && route.addresses_something())
    {
        let named = format!("{} {}", route.method, route.path);
        let proven = listed
            .iter()
            .any(|call| call.method == route.method && leads_to(&route.path, call.path));
        let excused = elsewhere.iter().any(|(known, _)| *known == named);
        assert!(
            proven != excused,
            "{named}: write it into crates/qiao/tests/access/things.txt or units.txt with a right body, or, where that cannot \
             be, into elsewhere.txt with the reason"
        );
    }
    for call in &listed {
        let known = |route: &Route| route.method == call.method && leads_to(&route.path, call.path);
        assert!(
            routes.iter().any(known),
            "{} {} is no route any more",
            call.method,
            call.path
        );
    }
    for (named, reason) in elsewhere {
        let known = |route: &Route| format!("{} {}", route.method, route.path) == named;
        assert!(
            routes.iter().any(known) && reason.len() > 7,
            "{named} is no route any more"
        );
    }
}

/// How many facts these users made; first waits until the facts before have their places.
fn facts_of(client: &mut Client, (owner, auditor): (&str, &str), unit: &str, users: &[&str]) -> usize {
    let stamp = users.concat().len();
    let last = json!({ "name": format!("last {stamp}"), "kind": "person", "unit": unit, "roles": [] });
    let made = client.staff(owner, "POST", "/api/v1/users", &last).expect("an answer");
    assert_eq!(made.status, 201, "{}", made.text());
    let mut count = |filter: String| {
        let path = format!("/api/v1/facts?{filter}");
        let found = client
            .staff(auditor, "GET", &path, &Value::Null)
            .expect("an answer")
            .json();
        found["items"].as_array().unwrap_or_else(|| panic!("{found}")).len()
    };
    let begun = Instant::now();
    let last = made.json()["id"].as_str().expect("an id").to_owned();
    while count(format!("subject={last}")) == 0 {
        assert!(begun.elapsed() < PATIENCE, "the last fact has no place");
        std::thread::sleep(Duration::from_millis(50));
    }
    users.iter().map(|user| count(format!("actor={user}"))).sum()
}

/// Someone with one role in the first unit.
struct Holder {
    id: String,
    token: String,
    permissions: Value,
}

/// One user for each role that there is.
fn one_of_each_role(client: &mut Client, house: &House) -> Vec<Holder> {
    let admin = house.word("admin_token");
    let roles = client.staff(admin, "GET", "/api/v1/roles", &Value::Null);
    let roles = roles.expect("an answer").json();
    let make = |role: &Value| {
        let body = json!({ "name": role["role"], "kind": "person", "unit": house.word("unit_id"),
            "roles": [role["role"]], "token": { "name": "test" } });
        let made = client.staff(admin, "POST", "/api/v1/users", &body).expect("an answer");
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        Holder {
            id: word(&made["id"]),
            token: word(&made["token"]["token"]),
            permissions: role["permissions"].clone(),
        }
    };
    let roles_of_people = roles["items"].as_array().expect("roles").iter();
    // The account of the sealed envelope alone has this one: nobody grants it.
    let roles_of_people = roles_of_people.filter(|role| role["role"] != "emergency_administrator");
    let holders: Vec<Holder> = roles_of_people.map(make).collect();
    assert!(holders.len() > 10, "{roles}");
    holders
}

both!(no_session_and_no_permission_open_nothing, |on| {
    let house = House::new(on);
    let server = house.serve();
    let mut client = server.client();
    let holders = one_of_each_role(&mut client, &house);
    let holds = |holder: &Holder, one: &str| {
        let held = holder.permissions.as_array().expect("a list");
        held.contains(&json!(one))
    };
    for route in guarded(&mut client) {
        let parts = route.path.split('/');
        let path: Vec<&str> = parts
            .map(|part| if part.starts_with('{') { NOWHERE } else { part })
            .collect();
        let path = path.join("/");
        let bare = client.send(&route.method, &path, &[], b"").expect("an answer");
        bare.is_problem(401, "unauthenticated");
        let forged = client
            .staff(FORGED, &route.method, &path, &Value::Null)
            .expect("an answer");
        forged.is_problem(401, "unauthenticated");
        let wanted = route.permissions();
        let refused = holders
            .iter()
            .filter(|holder| !wanted.iter().any(|one| holds(holder, one)));
        for (n, holder) in refused.enumerate().filter(|_| !wanted.is_empty()) {
            let answer = client.staff(&holder.token, &route.method, &path, &Value::Null);
            answer
                .unwrap_or_else(|e| panic!("{n} {route:?}: {e}"))
                .is_problem(403, "missing-permission");
        }
    }
    let ids: Vec<&str> = holders.iter().map(|holder| holder.id.as_str()).collect();
    let auditor = holders
        .iter()
        .find(|holder| holds(holder, "audit_read"))
        .expect("an auditor");
    let readers = (house.word("admin_token"), auditor.token.as_str());
    assert_eq!(
        facts_of(&mut client, readers, house.word("unit_id"), &ids),
        0,
        "nothing was done"
    );
});

fn ask(client: &mut Client, town: &Town, token: &str, call: &Call) -> Answer {
    let body = match call.body {
        "" => Value::Null,
        body => serde_json::from_str(&town.fill(body)).expect("JSON"),
    };
    let answer = client.staff(token, call.method, &town.fill(call.path), &body);
    answer.unwrap_or_else(|e| panic!("{} {}: {e}", call.method, call.path))
}

/// Whether the answer shows that the thing is there: done, or refused for what it is.
fn is_there(answer: &Answer) -> bool {
    ![401, 403, 404].contains(&answer.status) || answer.json()["type"] == "/problems/four-eyes"
}

both!(what_another_unit_owns_is_not_there, |on| {
    let house = House::new(on);
    let server = house.serve();
    let town = Town::found(&house, &server);
    let mut client = server.client();
    for call in calls(THINGS) {
        let answer = ask(&mut client, &town, &town.stranger, &call);
        assert_eq!(answer.status, 404, "{} {}: {}", call.method, call.path, answer.text());
        answer.is_problem(404, "not-found");
    }
    for call in calls(UNITS) {
        let answer = ask(&mut client, &town, &town.stranger, &call);
        let body = answer.json();
        let slug = body["type"].as_str().unwrap_or_default();
        let refused = match answer.status {
            403 => ["/problems/missing-permission", "/problems/forbidden"].contains(&slug),
            404 => slug == "/problems/not-found",
            _ => false,
        };
        assert!(refused, "{} {}: {}", call.method, call.path, answer.text());
    }
    let phone = json!({ "phone": "13800000001" });
    let found = client.staff(&town.stranger, "POST", "/api/v1/gifts/of_phone", &phone);
    assert_eq!(found.expect("an answer").json()["items"], json!([]));
    let decided = json!({ "decision": "clear", "gifts": [town.names["hold"]], "reason": "看过" });
    let decided = client.staff(&town.stranger, "POST", "/api/v1/screening/decisions", &decided);
    assert_eq!(decided.expect("an answer").json()["left"], json!([town.names["hold"]]));
    lists_show_nothing_of_it(&mut client, &town);
    let readers = (town.owner.as_str(), town.leaders[0].as_str());
    let done = facts_of(&mut client, readers, house.word("unit_id"), &[&town.stranger_id]);
    assert_eq!(done, 0, "nothing was done");
    // Each was there all the time: its own people get another answer.
    for call in calls(THINGS) {
        let answers = [&town.owner, &town.leaders[0]].map(|token| ask(&mut client, &town, token, &call));
        assert!(
            answers.iter().any(is_there),
            "{} {}: {} {}",
            call.method,
            call.path,
            answers[0].text(),
            answers[1].text()
        );
    }
});

/// No list, and no sum, of another unit's officer holds anything of the town; her lists answer all the same.
fn lists_show_nothing_of_it(client: &mut Client, town: &Town) {
    let public = ["unit", "other_unit", "today", "pool", "code"];
    let things: Vec<(&str, &str)> = town
        .names
        .iter()
        .filter(|(name, _)| !public.contains(*name))
        .map(|(name, id)| (*name, id.as_str()))
        .collect();
    let mut seen = BTreeSet::new();
    for route in guarded(client) {
        if route.addresses_something() {
            continue;
        }
        let mut read = |token: &str| {
            client
                .staff(token, "GET", &route.path, &Value::Null)
                .expect("an answer")
                .text()
        };
        let (theirs, ours) = (read(&town.stranger), read(&town.owner));
        for (name, id) in &things {
            assert!(!theirs.contains(id), "{} shows {name}: {theirs}", route.path);
            if ours.contains(id) {
                seen.insert(*name);
            }
        }
    }
    assert!(seen.len() > 12, "the owner’s lists show what there is: {seen:?}");
    let totals = client.staff(&town.stranger, "GET", "/api/v1/reports/totals", &Value::Null);
    let totals = totals.expect("an answer").json();
    assert_eq!(
        (&totals["gifts"], &totals["sum_fen"]),
        (&json!(0), &json!(0)),
        "{totals}"
    );
    statements_hold_nothing_of_it(client, town);
}

/// Every amount in an answer.
fn amounts(value: &Value) -> Vec<i64> {
    match value {
        Value::Array(all) => all.iter().flat_map(amounts).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| {
                let own = field.as_i64().filter(|_| name.ends_with("_fen"));
                own.map_or_else(|| amounts(field), |fen| vec![fen])
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The statements of the books, as JSON and as files: nothing but zeros for another unit's officer, and no way to name the
/// town in what is asked.
fn statements_hold_nothing_of_it(client: &mut Client, town: &Town) {
    let mut read = |token: &str, path: &str| client.staff(token, "GET", path, &Value::Null).expect("an answer");
    let mut seen = 0;
    for sheet in ["balance-sheet", "activities", "cash-flow", "use-rate", "trial-balance"] {
        let path = format!("/api/v1/books/{sheet}");
        let theirs = read(&town.stranger, &path);
        assert!([200, 403].contains(&theirs.status), "{path}: {}", theirs.text());
        let held = amounts(&theirs.json());
        assert!(held.iter().all(|fen| *fen == 0), "{path}: {}", theirs.text());
        seen += amounts(&read(&town.owner, &path).json())
            .iter()
            .filter(|fen| **fen != 0)
            .count();
        let file = read(&town.stranger, &format!("{path}?format=csv"));
        let nonzero = |cell: &str| {
            let digits = cell.trim().trim_start_matches('-');
            digits.contains('.') && digits.parse::<f64>().is_ok_and(|sum| sum != 0.0)
        };
        let text = file.text();
        let sums = text
            .lines()
            .flat_map(|line| line.split(','))
            .filter(|cell| nonzero(cell));
        assert_eq!(sums.count(), 0, "{path} as csv: {text}");
        for format in ["json", "csv", "xlsx"] {
            let named = read(
                &town.stranger,
                &format!("{path}?unit={}&format={format}", town.names["unit"]),
            );
            let refused = [403, 404].contains(&named.status);
            let is_empty =
                format == "json" && named.status == 200 && amounts(&named.json()).iter().all(|fen| *fen == 0);
            assert!(refused || is_empty, "{path} of the town as {format}: {}", named.status);
        }
    }
    assert!(seen > 0, "the owner’s statements hold sums");
}
