//! The way out of the webhook for cases: one POST with the signature that governance made.

use std::sync::Arc;

use governance::approvals::webhooks::port::{Delivery, NoAnswer, Post, Posted};

use crate::payments::Http;
use crate::payments::http::{Method, Request};

/// Sends deliveries over the program's client, which follows no redirect. No `Debug`.
pub struct Out {
    http: Arc<dyn Http>,
}

impl Out {
    /// Over this client.
    pub fn new(http: Arc<dyn Http>) -> Self {
        Self { http }
    }
}

impl Post for Out {
    fn post(&self, delivery: Delivery) -> Posted<'_> {
        Box::pin(async move {
            let request = Request {
                method: Method::Post,
                url: delivery.address,
                headers: vec![
                    ("content-type", "application/json".to_owned()),
                    ("x-signature", delivery.signature),
                ],
                body: delivery.body,
            };
            match self.http.send(request).await {
                Ok(answer) => Ok(answer.status),
                Err(error) => Err(NoAnswer(error.to_string())),
            }
        })
    }
}
