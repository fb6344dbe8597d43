//! The webhook for cases on both databases: what is told, signed, again after trouble, and nothing of a person.

use std::sync::{Arc, Mutex, PoisonError};

use db::testing::TestDb;
use platform::identity::{Actor, Role};
use platform::jobs::Runner;
use ring::hmac;
use serde_json::Value;

use super::house::{World, one_stage};
use crate::all_migrations;
use crate::approvals::actions as approvals;
use crate::approvals::error::ApprovalError;
use crate::approvals::model::Verdict;
use crate::approvals::webhooks::actions::{self, NewWebhook};
use crate::approvals::webhooks::jobs::Deliver;
use crate::approvals::webhooks::port::{Delivery, Post, Posted};

/// Another program that answers as it is told and remembers what it got.
struct Other {
    status: Mutex<u16>,
    got: Mutex<Vec<Delivery>>,
}

impl Other {
    fn answers(&self, status: u16) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
    /// What it got, each with its signature checked against the secret.
    fn got(&self, secret: &str) -> Vec<Value> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let all = self.got.lock().unwrap_or_else(PoisonError::into_inner);
        let read = |one: &Delivery| {
            let hexed = kernel::id::hex(hmac::sign(&key, &one.body).as_ref());
            assert_eq!(one.signature, hexed, "signed over the body as sent");
            assert_eq!(one.address, "https://oa.example/cases");
            serde_json::from_slice(&one.body).expect("JSON")
        };
        all.iter().map(read).collect()
    }
}

impl Post for Other {
    fn post(&self, delivery: Delivery) -> Posted<'_> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
        let status = *self.status.lock().unwrap_or_else(PoisonError::into_inner);
        Box::pin(async move { Ok(status) })
    }
}

fn new(address: &str) -> NewWebhook {
    NewWebhook {
        address: address.into(),
        secret: None,
        is_on: true,
    }
}

db::both!(
    what_happens_to_a_case_is_told_signed_again_after_trouble_and_names_nobody,
    &all_migrations(),
    async |test: TestDb| {
        let world = World::new(&test).await;
        let services = &world.services;
        let other = Arc::new(Other {
            status: Mutex::new(503),
            got: Mutex::default(),
        });
        let runner = Runner::new(vec![Box::new(Deliver { post: other.clone() })]);
        let by = Actor::operator();
        let asker = world.person("asker", world.county, &[Role::FundraisingOfficer]).await;
        let head = world.person("head", world.county, &[Role::Leader]).await;
        let refused = actions::set(services, &asker, world.city, new("https://oa.example/cases")).await;
        assert!(matches!(refused, Err(ApprovalError::Forbidden(_))));
        let plain = actions::set(services, &by, world.city, new("http://oa.example/cases")).await;
        assert!(matches!(plain, Err(ApprovalError::Invalid { field: "address", .. })));
        let made = actions::set(services, &by, world.city, new("https://oa.example/cases")).await;
        let secret = made.expect("set").1.expect("made by the house");
        let again = actions::set(services, &by, world.city, new("https://oa.example/cases")).await;
        assert_eq!(again.expect("set").1, None, "shown once");

        approvals::publish(services, &by, world.city, "thing", one_stage(false))
            .await
            .expect("published");
        let id = approvals::submit(services, &asker, world.about(world.county, "thing"))
            .await
            .expect("submitted");
        runner.drain(services).await.expect("drained");
        assert_eq!(other.got(&secret).len(), 1, "the unit above tells for the county");
        other.answers(204);
        world.pass(60);
        runner.drain(services).await.expect("drained");
        let got = other.got(&secret);
        assert_eq!((got.len(), &got[0]), (2, &got[1]), "the same again, with the same id");
        let opened = &got[0];
        assert_eq!(opened["event"], "stage_opened");
        assert_eq!(opened["stage"], "leader");
        assert_eq!(opened["kind"], "thing");
        assert!(opened["due_at"].is_string() && opened["link"].as_str().is_some_and(|link| link.contains("/console/")));
        let words = opened.to_string();
        for personal in ["asker", "head", "telephone", "请批准", "为什么"] {
            assert!(!words.contains(personal), "{words}");
        }

        world
            .says(&head, id, "leader", Verdict::Approve)
            .await
            .expect("decided");
        actions::attempt(services, &by, world.city).await.expect("in line");
        runner.drain(services).await.expect("drained");
        let got = other.got(&secret);
        let mut events: Vec<&str> = got[2..].iter().filter_map(|one| one["event"].as_str()).collect();
        events.sort_unstable();
        assert_eq!(events, ["case_approved", "test"]);
        let webhook = actions::webhook(services, &by, world.city).await.expect("read");
        assert_eq!(webhook.expect("set").last_status, Some(204));
        let none = actions::attempt(services, &by, world.county).await;
        assert!(matches!(none, Err(ApprovalError::NotFound("webhook"))));
    }
);
