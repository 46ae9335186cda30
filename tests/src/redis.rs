//! A Redis database of a test's own, reached through a door that can be shut.

use std::process;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use url::Url;

/// An empty database of the Redis of `TEST_REDIS_URL`.
pub struct TestRedis {
    /// Where servers are to find it: behind the door.
    pub url: String,
    /// The database itself.
    direct: ::redis::Client,
    open: watch::Sender<bool>,
    stop: Arc<Notify>,
}

/// How many databases the Redis of the tests has, but for the first, which counts the others.
const DATABASES: u64 = 9_999;

impl TestRedis {
    /// Takes the next database. Other test programs do so, too: Redis counts for all.
    pub async fn create() -> Self {
        let cluster = cluster();
        let client = ::redis::Client::open(cluster.as_str()).expect("a URL");
        let mut connection =
            client.get_multiplexed_async_connection().await.expect("Redis answers");
        let counted = ::redis::cmd("INCR").arg("tests").query_async(&mut connection).await;
        let number: u64 = counted.expect("Redis counts");
        let mut url = cluster.clone();
        url.set_path(&format!("/{}", 1 + number % DATABASES));
        let direct = ::redis::Client::open(url.as_str()).expect("a URL");
        let mut connection =
            direct.get_multiplexed_async_connection().await.expect("Redis answers");
        ::redis::cmd("FLUSHDB").query_async::<()>(&mut connection).await.expect("Redis empties it");

        let target =
            format!("{}:{}", cluster.host_str().expect("a host"), cluster.port().expect("a port"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        url.set_port(Some(port)).expect("a URL with a host");
        let (open, _) = watch::channel(true);
        let stop = Arc::new(Notify::new());
        tokio::spawn(keep_door(listener, target, open.subscribe(), stop.clone()));
        Self { url: url.into(), direct, open, stop }
    }

    /// Redis goes away: its connections break, and no new one is made.
    pub fn shut(&self) {
        self.open.send_replace(false);
    }

    /// Redis comes back, with what it had.
    pub fn reopen(&self) {
        self.open.send_replace(true);
    }

    /// Asks it something, past the door.
    pub async fn ask<T: ::redis::FromRedisValue>(&self, command: &::redis::Cmd) -> T {
        let connection = self.direct.get_multiplexed_async_connection().await;
        command.query_async(&mut connection.expect("Redis answers")).await.expect("an answer")
    }

    /// Lets the time of every key go on.
    pub async fn pass(&self, time: std::time::Duration) {
        let script = "for _, key in ipairs(redis.call('KEYS', '*')) do \
            redis.call('PEXPIRE', key, redis.call('PTTL', key) - tonumber(ARGV[1])) end";
        let milliseconds = u64::try_from(time.as_millis()).expect("not long");
        self.ask::<()>(::redis::cmd("EVAL").arg(script).arg(0).arg(milliseconds)).await;
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        self.stop.notify_waiters();
    }
}

async fn keep_door(
    listener: TcpListener,
    target: String,
    mut open: watch::Receiver<bool>,
    stop: Arc<Notify>,
) {
    loop {
        let client = tokio::select! {
            accepted = listener.accept() => accepted.expect("a connection").0,
            () = stop.notified() => return,
        };
        if *open.borrow_and_update() {
            tokio::spawn(carry(client, target.clone(), open.clone()));
        }
    }
}

async fn carry(mut client: TcpStream, target: String, mut open: watch::Receiver<bool>) {
    let mut server = TcpStream::connect(target).await.expect("Redis answers");
    tokio::select! {
        _ended = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _shut = open.wait_for(|open| !open) => {}
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
fn cluster() -> Url {
    let text = std::env::var("TEST_REDIS_URL").unwrap_or_else(|_| {
        panic!(
            "TEST_REDIS_URL must be the address of a Redis of these tests (process {}): \
             run tests/run, or eval the line that `tests/redis start` prints",
            process::id()
        )
    });
    text.parse().expect("TEST_REDIS_URL is a URL")
}
