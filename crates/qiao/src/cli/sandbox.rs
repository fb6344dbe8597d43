//! `qiao sandbox`: payment providers and a donation platform of our own, for rehearsals, the demo and the tests.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use sandbox::{Sandbox, World};
use serde_json::json;
use tokio::net::TcpListener;

use crate::client::Client;
use crate::output::{Done, Failure, Out};
use crate::world::{SystemClock, system_rng};

/// What the sandbox is told.
#[derive(clap::Args)]
pub struct Args {
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Under which address it is reached, when that is another one.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// Serves until it is ended. Its keys are made in `DIR` (`--data`) at the first start.
pub async fn run(data: PathBuf, args: Args, out: &Out) -> Done {
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|e| Failure::Refused(format!("{} cannot be listened on: {e}", args.listen)))?;
    let address = listener.local_addr()?;
    let asked = super::serve::asked_to_stop()?;
    let base_url = args.base_url.unwrap_or_else(|| format!("http://{address}"));
    let world = World {
        clock: Arc::new(SystemClock),
        rng: Arc::new(system_rng()?),
        post: Arc::new(Client::new()),
        data: data.clone(),
        base_url: base_url.trim_end_matches('/').to_owned(),
    };
    let sandbox = Sandbox::open(world).map_err(|e| Failure::Refused(e.to_string()))?;
    let merchant = sandbox.wechat_merchant();
    let folder = data.join("wechat");
    let alipay = data.join("alipay").join("settings.json");
    let gongyi = data.join("gongyi").join("secret.txt");
    out.result(
        &json!({ "address": format!("{base_url}/"), "wechat": merchant, "folder": folder, "alipay": alipay,
            "gongyi": { "app": sandbox::gongyi::APP_ID, "secret_file": gongyi } }),
        || {
            format!(
                "{base_url}/\nConnect a house: qiao payments set --provider wechat --endpoint {base_url} \
                 --merchant {} --app {} --serial {} --key {folder}/apiclient_key.pem \
                 --api-key-file {folder}/api_key.txt --app-secret-file {folder}/app_secret.txt\nand: qiao payments alipay {alipay}\nand: qiao platforms keys \
                 --app {gy_app} --secret-file {gongyi} --endpoint {base_url}",
                merchant.mchid,
                merchant.appid,
                merchant.serial,
                folder = folder.display(),
                alipay = alipay.display(),
                gy_app = sandbox::gongyi::APP_ID,
                gongyi = gongyi.display(),
            )
        },
    );
    let routes = sandbox.routes();
    tokio::select! {
        ended = axum::serve(listener, routes).into_future() => ended?,
        () = sandbox.run() => {}
        () = asked => {}
    }
    Ok(())
}
