//! `qiao serve`: pages, interfaces, reactions, until stopped.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use proof::log::points::{GoOn, Point, Points};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use web::extract::TrustedProxies;

use crate::apart::{self, Urgency};
use crate::app::{self, App, Opening, Place};
use crate::output::{Done, Failure, Out};
use crate::{admin, public_log, router, work};

/// How long open requests may take after the order to stop.
const GRACE: Duration = Duration::from_secs(15);
/// How often accounts and projects are read anew, so that a change made on another node is known here.
const DIRECTORY_EVERY: Duration = Duration::from_secs(5);
/// Connections the kernel keeps until we accept them.
const WAITING_CONNECTIONS: u32 = 4_096;
/// How often payments that wait and refunds on their way are looked at.
const PAYMENTS_EVERY: Duration = Duration::from_secs(5);

/// What `serve` is told.
#[derive(clap::Args)]
pub struct Args {
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A proxy of ours whose X-Forwarded-For is believed; may be given several times. Without it limits by address see
    /// the proxy alone.
    #[arg(long, value_name = "IP")]
    trusted_proxy: Vec<IpAddr>,
    /// Log as JSON lines instead of words.
    #[arg(long)]
    log_json: bool,
    /// What to log, such as `info` or `giving=debug,info`.
    #[arg(long, default_value = "info")]
    log: String,
    /// For the bench: answer notices without touching the database.
    #[arg(long, hide = true)]
    bench_bare: bool,
    /// For the bench: do not write the public log.
    #[arg(long, hide = true)]
    bench_without_log: bool,
    /// For the tests: end as in a power cut when the public log's write path comes to this point.
    #[arg(long, hide = true)]
    test_abort_log_at: Option<Point>,
}

/// Serves until SIGINT or SIGTERM; then takes no more, lets what runs end, and closes.
pub async fn run(place: &Place, args: Args, out: &Out) -> Done {
    start_log(&args)?;
    let mut opened = match app::open(place, Opening::Existing).await {
        Ok(opened) => opened,
        Err(app::OpenError::Held) => {
            return Err(Failure::Refused(format!(
                "a server or another command works on {} already; one process writes a SQLite database",
                place.data.display()
            )));
        }
        Err(error) => return Err(error.into()),
    };
    opened.app.reactions_run = true;
    if !args.bench_without_log {
        let points: Box<dyn Points> = match args.test_abort_log_at {
            Some(point) => Box::new(public_log::AbortAt(point)),
            None => Box::new(GoOn),
        };
        match public_log::open_with(&opened.app, points).await {
            Ok(log) => opened.app.log = Some(log),
            // Gifts come first: without its log the society still takes them, and every entry follows later.
            Err(error) => tracing::error!(error = %format!("{error:#}"), "the public log is not written"),
        }
    }
    let outcome = serve(opened.app.clone(), &args, out).await;
    let log = opened.app.log.take();
    opened.close().await;
    if let Some(log) = log {
        log.db().close().await;
    }
    outcome
}

fn start_log(args: &Args) -> Done {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(&args.log).map_err(|e| Failure::Usage(format!("--log: {e}")))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second `serve` in one process (tests) keeps the first one's log.
    let _ = if args.log_json {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
    Ok(())
}

async fn serve(app: App, args: &Args, out: &Out) -> Done {
    let listener =
        listen(args.listen).map_err(|e| Failure::Refused(format!("{} cannot be listened on: {e}", args.listen)))?;
    let address = listener.local_addr()?;
    let asked = asked_to_stop()?;
    let (stop, stopping) = watch::channel(false);
    let mut tasks = tokio::task::JoinSet::new();
    {
        let (app, stopping) = (app.clone(), stopping.clone());
        let backend = app.services.db.backend();
        tasks.spawn(apart::run(backend, Urgency::Usual, async move {
            app.reactions.run(app.services, stopping).await
        }));
    }
    // After `qiao key rotate` this start is the first with the new key: what the older ones sealed is sealed anew.
    platform::rewrap::put_in_line(&app.services).await?;
    {
        let (runner, services, stopping) = (work::runner(&app), app.services.clone(), stopping.clone());
        tasks.spawn(async move { runner.run(services, stopping).await });
    }
    if let Some(log) = app.log.clone() {
        let (services, stopping) = (app.services.clone(), stopping.clone());
        let backend = services.db.backend();
        let front = tokio::runtime::Handle::current();
        tasks.spawn(apart::run(backend, Urgency::Low, async move {
            log.run(services, Some(front), stopping).await
        }));
    }
    tasks.spawn(app.bell.clone().run(app.services.clone(), stopping.clone()));
    if let Some(log) = app.log.clone() {
        let (services, stopping) = (app.services.clone(), stopping.clone());
        let backend = services.db.backend();
        tasks.spawn(apart::run(backend, Urgency::Low, async move {
            log.keep_trails(services, stopping).await;
        }));
    }
    tasks.spawn(keep_directory(app.clone(), stopping.clone()));
    tasks.spawn(look_after_payments(app.clone(), stopping.clone()));
    if app.services.db.backend() == db::Backend::Sqlite {
        let (app, stopping) = (app.clone(), stopping.clone());
        tasks.spawn(async move {
            if let Err(error) = admin::listen(app, stopping).await {
                tracing::error!(%error, "the admin socket is closed; commands cannot reach this server");
            }
        });
    }
    let mut routes = router::build(&app, args.bench_bare, stopping.clone());
    if !args.trusted_proxy.is_empty() {
        let proxies = TrustedProxies(args.trusted_proxy.clone().into());
        routes = routes.layer(axum::Extension(proxies));
    }
    tracing::info!(%address, database = app.services.db.url().word(), "serving");
    out.say(format!("http://{address}/"));
    let mut until = stopping.clone();
    let server = axum::serve(listener, routes.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            let _ = until.wait_for(|stop| *stop).await;
        });
    let mut server = tokio::spawn(server.into_future());
    let outcome = tokio::select! {
        ended = &mut server => ended.map_err(anyhow::Error::from).and_then(|r| r.map_err(Into::into)),
        () = asked => Ok(()),
    };
    tracing::info!("stopping: no new requests, open ones may end");
    let _ = stop.send(true);
    if tokio::time::timeout(GRACE, &mut server).await.is_err() {
        tracing::warn!("some requests were still open after the grace period");
        server.abort();
    }
    while tasks.join_next().await.is_some() {}
    outcome.map_err(|e: anyhow::Error| Failure::Refused(e.to_string()))
}

/// Listens with room for a crowd: with the usual 128 places the 129th phone of a burst waits a second for its next try.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING_CONNECTIONS)
}

/// Begins to listen for SIGINT and SIGTERM, and gives what waits for one of them: who is asked to stop between its first
/// word and its first wait ends as gracefully as later.
pub(super) fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

async fn keep_directory(app: App, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        tokio::select! {
            () = tokio::time::sleep(DIRECTORY_EVERY) => {}
            _ = stopping.changed() => return,
        }
        let loaded = async {
            app.intake.directory().reload(&app.services).await?;
            app.payments.load().await?;
            let tree = governance::network::actions::load_tree(&app.services).await;
            tree.map_err(|e| db::DbError::Other(e.to_string()))
        };
        if let Err(error) = loaded.await {
            tracing::warn!(%error, "accounts and projects could not be read anew; the last reading stays");
        }
    }
}

/// Asks about payments whose notice did not come, and sends refunds that were approved.
async fn look_after_payments(app: App, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        tokio::select! {
            () = tokio::time::sleep(PAYMENTS_EVERY) => {}
            _ = stopping.changed() => return,
        }
        if let Err(error) = giving::donations::orders::payments::sweep(&app.payments.giving).await {
            tracing::warn!(%error, "waiting payments could not be looked after; it is tried again");
        }
    }
}
