//! Who connects a unit over HTTP: keys go in and never come out, and what works is not replaced by what cannot.

use giving::donations::orders::GatewayError;
use kernel::UnitId;
use kernel::id::public;
use platform::identity::actions::{NewToken, NewUser, Personal, add_user};
use platform::identity::{Actor, ActorKind, Role};
use serde_json::{Value, json};

use crate::line::{Line, Trusting, line};

async fn token(line: &Line, name: &str, (role, unit): (Role, UnitId)) -> String {
    let new = NewUser {
        name: name.to_owned(),
        kind: ActorKind::Person,
        unit,
        roles: vec![role],
        token: Some(NewToken {
            name: "test".into(),
            days: None,
        }),
        personal: Personal::default(),
    };
    let made = add_user(line.world.services(), &Actor::operator(), new).await;
    made.expect("a user").token.expect("a token").text
}

db::both!(
    a_unit_is_connected_over_http_and_bad_keys_leave_what_works,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        let unit = public(&*line.world.services().keys, line.world.city);
        let finance = token(&line, "finance", (Role::FinanceOfficer, line.world.city)).await;
        let elsewhere = token(&line, "elsewhere", (Role::FinanceOfficer, line.world.county)).await;
        let officer = token(&line, "officer", (Role::FundraisingOfficer, line.world.city)).await;
        let path = format!("/api/v1/payments/gateways/{unit}/wechat");
        let put = async |who: Option<&str>, body: &Value| line.send(("PUT", &path), who, body).await;
        let merchant = line.sandbox.wechat_merchant().clone();
        let body = json!({
            "merchant": merchant.mchid, "app": "wxfeedfacecafebeef", "serial": merchant.serial,
            "private_key": line.file("apiclient_key.pem"), "api_key": merchant.api_key,
        });
        assert_eq!(put(None, &body).await.0, 401);
        assert_eq!(put(Some(&officer), &body).await.0, 403);
        assert_eq!(put(Some(&elsewhere), &body).await.0, 404, "another unit is not there");
        for (field, wrong) in [
            ("api_key", "short"),
            (
                "private_key",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            ),
            ("serial", ""),
            ("merchant", "16000 00001"),
        ] {
            let mut bad = body.clone();
            bad[field] = json!(wrong);
            let (status, said) = put(Some(&finance), &bad).await;
            assert_eq!((status, &said["field"]), (400, &json!(field)), "{said}");
            assert!(!said.to_string().contains("BEGIN"), "a key is never repeated: {said}");
        }
        let order = line.paid(700).await;
        assert_eq!(line.sandbox.deliver().await, 1);
        assert_eq!(line.gifts().await, (1, 700), "what was connected still works");

        line.later(1);
        let (status, said) = put(Some(&finance), &body).await;
        assert_eq!(status, 200, "{said}");
        assert_eq!(
            (&said["app"], &said["is_connected"], &said["is_real"], &said["account"]),
            (
                &json!("wxfeedfacecafebeef"),
                &json!(true),
                &json!(false),
                &json!(line.account)
            ),
            "a rehearsal stays one: the address is set on the machine only"
        );
        let (status, listed) = line
            .send(("GET", "/api/v1/payments/gateways"), Some(&finance), &Value::Null)
            .await;
        assert_eq!((status, &listed["items"][0]), (200, &said));
        assert_eq!(said["key"].as_str().map(str::len), Some(16), "a fingerprint");
        assert!(!listed.to_string().contains(&merchant.api_key));
        assert_eq!(
            line.count("SELECT COUNT(*) AS n FROM fact WHERE kind = 'payment.gateway_set'")
                .await,
            2,
            "nothing was kept of what was refused"
        );
        let (_, nothing) = line
            .send(("GET", "/api/v1/payments/gateways"), Some(&elsewhere), &Value::Null)
            .await;
        assert_eq!(nothing["items"], json!([]));
        drop(order);
        line.world.stop();
    }
);

db::both!(
    a_donor_inside_wechat_is_known_by_a_code_that_counts_once,
    &integrations::all_migrations(),
    async |test: db::testing::TestDb| {
        let line = line(test.db.clone(), Trusting::Certificates).await;
        let gateway = line.world.giving.gateways.all()[0].gateway.clone();
        let back = "http://127.0.0.1:8080/o/one/pay?with=wechat";
        let url = gateway.sign_in_url(back, "first").expect("donors sign in here");
        let led = line.browse(&url).await.expect("WeChat leads back");
        assert!(
            led.starts_with(&format!("{back}&code=")) && led.ends_with("&state=first"),
            "{led}"
        );
        let code = led
            .split("code=")
            .nth(1)
            .and_then(|rest| rest.split('&').next())
            .expect("a code");
        assert_eq!(
            gateway.payer(code).await.as_deref(),
            Ok("oSandboxPayer0000000000000000")
        );
        for spent in [code, "", "no such code"] {
            let again = gateway.payer(spent).await;
            assert!(
                matches!(&again, Err(GatewayError::Refused { code, .. }) if code == "CODE_SPENT"),
                "{again:?}"
            );
        }
        let unit = public(&*line.world.services().keys, line.world.city);
        let finance = token(&line, "finance", (Role::FinanceOfficer, line.world.city)).await;
        let merchant = line.sandbox.wechat_merchant().clone();
        let mut body = json!({
            "merchant": merchant.mchid, "app": merchant.appid, "serial": merchant.serial, "app_secret": "wrong",
            "private_key": line.file("apiclient_key.pem"), "api_key": merchant.api_key,
        });
        let path = format!("/api/v1/payments/gateways/{unit}/wechat");
        // Settings are read again when their time has changed.
        line.later(1);
        assert_eq!(line.send(("PUT", &path), Some(&finance), &body).await.0, 200);
        let gateway = line.world.giving.gateways.all()[0].gateway.clone();
        let refused = gateway.payer(code).await;
        assert!(
            matches!(&refused, Err(GatewayError::Misconfigured(why)) if why.contains("40125")),
            "{refused:?}"
        );
        body["app_secret"] = json!("");
        line.later(1);
        assert_eq!(line.send(("PUT", &path), Some(&finance), &body).await.0, 200);
        let gateway = line.world.giving.gateways.all()[0].gateway.clone();
        assert_eq!(
            gateway.sign_in_url(back, "first"),
            None,
            "without a secret nobody is asked"
        );
        line.world.stop();
    }
);
