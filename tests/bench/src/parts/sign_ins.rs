//! Signing in: as fast as Argon2id allows, and without being in the way of everybody else.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use argon2::{Argon2, Block};
use serde_json::json;

use crate::Result;
use crate::http::Client;
use crate::load::{Turn, wrk};
use crate::place::Place;
use crate::report::{Report, Section};
use crate::server::{PASSWORD, Server};
use crate::stats::{Spread, median};

/// People who sign in without pause, each over a connection of their own.
const PEOPLE: usize = 8;
/// Connections of those who do something else meanwhile.
const OTHERS: usize = 2;
/// What they ask for.
const PATH: &str = "/api/contacts/?page_size=20&cursor=";
/// What sign-ins reach at least of what Argon2id alone does.
const OF_ARGON2: f64 = 0.8;
/// What the other requests' p99 may grow to.
const SLOWER: f64 = 3.0;

/// What one round found.
struct Round {
    /// Passwords that Argon2id alone hashes in a second.
    hashes: f64,
    /// Sign-ins in a second, with nothing beside them.
    alone: f64,
    /// The other requests, with nothing beside them.
    quiet: Turn,
    /// Both at once.
    beside: f64,
    busy: Turn,
}

/// Signs in on both databases.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for (database, launch, member) in place.both() {
        let server = launch.start()?;
        let names: Vec<String> = (0..PEOPLE).map(|number| format!("comer-{number}")).collect();
        for name in &names {
            server.register(name)?;
        }
        let rounds: Result<Vec<Round>> =
            (0..place.plan.rounds).map(|_| round(place, &server, &member.token, &names)).collect();
        let rounds = rounds?;
        let spread = |of: &dyn Fn(&Round) -> f64| Spread::of(rounds.iter().map(of));
        let p99 = |turn: &Turn| turn.p99.unwrap_or(f64::NAN);
        let reached = spread(&|round| round.alone / round.hashes);
        let slower = spread(&|round| p99(&round.busy) / p99(&round.quiet));
        report.at_least(
            &format!("sign-ins / hashes of Argon2id alone on {database}"),
            reached.median,
            OF_ARGON2,
        );
        report.at_most(
            &format!("p99 of other requests beside sign-ins / without on {database}"),
            slower.median,
            SLOWER,
        );
        rows.push(vec![
            database.to_owned(),
            format!("{:.1}", spread(&|round| round.hashes)),
            format!("{:.1}", spread(&|round| round.alone)),
            format!("{reached:.2}"),
            format!("{:.1}", spread(&|round| round.beside)),
            format!("{:.2}", median(rounds.iter().map(|round| p99(&round.quiet)))),
            format!("{:.2}", median(rounds.iter().map(|round| p99(&round.busy)))),
            format!("{slower:.2}"),
        ]);
        data.push(json!({
            "database": database, "of_argon2": reached.json(), "p99_ratio": slower.json(),
        }));
    }
    report.add(Section {
        key: "sign_ins",
        title: format!("{PEOPLE} people who sign in without pause, {OTHERS} others who read"),
        header: vec![
            "",
            "Argon2id alone/s",
            "sign-ins/s",
            "ratio",
            "sign-ins/s beside reads",
            "p99 of reads, ms",
            "beside sign-ins",
            "ratio",
        ],
        rows,
        notes: vec![format!(
            "Argon2id alone uses {} of the machine's cores, as the server does.",
            hashers()
        )],
        data: json!(data),
    });
    Ok(())
}

/// As many passwords as the server hashes at a time.
fn hashers() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

fn round(place: &Place, server: &Server, token: &str, names: &[String]) -> Result<Round> {
    let (address, time) = (server.address, place.plan.turn);
    let reads = || wrk(address, PATH, token, OTHERS, time);
    let hashes = together((0..hashers()).map(|_| move || hash_for(time)))?;
    let alone = sign_ins(address, names, time)?;
    let quiet = reads()?;
    let (beside, busy) = thread::scope(|scope| {
        let beside = scope.spawn(|| sign_ins(address, names, time));
        let busy = reads();
        (beside.join(), busy)
    });
    let beside = beside.map_err(|_| "signing in panicked")??;
    Ok(Round { hashes, alone, quiet, beside, busy: busy? })
}

/// How many a second all of them do at the same time.
fn together<F>(workers: impl Iterator<Item = F>) -> Result<f64>
where
    F: FnOnce() -> Result<f64> + Send,
{
    thread::scope(|scope| {
        let running: Vec<_> = workers.map(|worker| scope.spawn(worker)).collect();
        let mut rate = 0.0;
        for worker in running {
            rate += worker.join().map_err(|_| "a worker panicked")??;
        }
        Ok(rate)
    })
}

/// How many passwords one thread hashes a second at best: over the same memory again and again.
fn hash_for(time: Duration) -> Result<f64> {
    let argon = Argon2::default();
    let mut memory = vec![Block::default(); argon.params().block_count()];
    rate(time, || {
        let (password, salt, mut hash) = (PASSWORD.as_bytes(), &[7; 16], [0; 32]);
        argon
            .hash_password_into_with_memory(password, salt, &mut hash, &mut memory)
            .map_err(|error| error.to_string().into())
    })
}

/// How many sign-ins a second these people get when each signs in again and again.
fn sign_ins(address: SocketAddr, names: &[String], time: Duration) -> Result<f64> {
    together(names.iter().map(|name| {
        move || {
            let mut client = Client::connect(address, "")?;
            let body = json!({ "username": format!("{name}@bench.example"), "password": PASSWORD });
            rate(time, || client.post("/api/auth/token/", &body)?.expect(200).map(drop))
        }
    }))
}

/// How often a second something can be done for some time.
#[expect(clippy::cast_precision_loss, reason = "some thousands at most")]
fn rate(time: Duration, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let begun = Instant::now();
    let mut done = 0_usize;
    while begun.elapsed() < time {
        work()?;
        done += 1;
    }
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}
