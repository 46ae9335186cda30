//! The least that could serve the lists: actix, diesel, the server's statements one after the
//! other. No sign-in, no policy, no middleware, no log.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use actix_web::error::ErrorInternalServerError;
use actix_web::{App, HttpResponse, HttpServer, web};
use diesel::QueryResult;
use diesel::sql_types::BigInt;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Result;
use crate::fragment::Fragment;
use crate::process::Process;
use crate::row::{PostgresColumns, Row};
use crate::statements::ListStatements;

/// What it serves.
#[derive(Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) url: String,
    pub(crate) connections: usize,
    /// Lists by path.
    pub(crate) lists: Vec<(String, ListStatements)>,
}

impl Setup {
    /// Starts it as a process of its own.
    pub(crate) fn start(&self) -> Result<(Process, SocketAddr)> {
        let this = Path::new("/proc/self/exe").canonicalize()?;
        let mut command = Command::new(this);
        let command = command.arg("bare").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process::start(command)?;
        let mut input = process.child().stdin.take().ok_or("no input")?;
        input.write_all(json!(self).to_string().as_bytes())?;
        drop(input);
        let output = process.child().stdout.take().ok_or("no output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        Ok((process, address.trim().parse()?))
    }
}

/// A list that is served.
#[derive(Clone)]
struct List {
    path: String,
    begin: String,
    page: Fragment<PostgresColumns>,
    count: Option<Fragment<BigInt>>,
    end: String,
}

impl List {
    fn new(path: String, statements: ListStatements) -> Result<Self> {
        let ListStatements { begin, page, count, end } = statements;
        let count = count.as_ref().map(Fragment::new).transpose()?;
        Ok(Self { path, begin, page: Fragment::new(&page)?, count, end })
    }

    /// Reads it: each statement waits for the one before.
    async fn read(
        &self,
        connection: &mut AsyncPgConnection,
    ) -> QueryResult<(Vec<Row>, Option<i64>)> {
        connection.batch_execute(&self.begin).await?;
        let rows = self.page.clone().load(connection).await?;
        let count = match self.count.clone() {
            Some(count) => Some(count.get_result(connection).await?),
            None => None,
        };
        connection.batch_execute(&self.end).await?;
        Ok((rows, count))
    }
}

/// The answer, as the API gives it.
#[derive(Serialize)]
struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<Row>,
}

/// Serves what the input says, and prints the address.
pub(crate) fn serve() -> Result<()> {
    let setup: Setup = serde_json::from_reader(std::io::stdin().lock())?;
    let mut config = ManagerConfig::default();
    // The server does not ask each connection whether it lives either.
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::new_with_config(setup.url, config);
    let pool: Pool<AsyncPgConnection> =
        Pool::builder(manager).max_size(setup.connections).build()?;
    let lists: Result<Vec<List>> =
        setup.lists.into_iter().map(|(path, statements)| List::new(path, statements)).collect();
    let lists = lists?;
    let server = move || {
        lists.iter().fold(App::new().app_data(web::Data::new(pool.clone())), |app, list| {
            let data = web::Data::new(list.clone());
            app.service(web::resource(&list.path).app_data(data).route(web::get().to(answer)))
        })
    };
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(server).bind(("127.0.0.1", 0))?;
        println!("{}", server.addrs()[0]);
        Ok(server.run().await?)
    })
}

async fn answer(
    pool: web::Data<Pool<AsyncPgConnection>>,
    list: web::Data<List>,
) -> actix_web::Result<HttpResponse> {
    // A task of its own: a client that goes away must not leave a transaction open.
    let read = actix_web::rt::spawn(async move {
        let mut connection = pool.get().await.map_err(ErrorInternalServerError)?;
        list.read(&mut connection).await.map_err(ErrorInternalServerError)
    });
    let (mut results, count) = read.await.map_err(ErrorInternalServerError)??;
    // The last tells that there are more.
    let more = results.len() > 20;
    results.truncate(20);
    let next =
        results.last().filter(|_| more).map(|last| format!("http://bare/?after={}", last.id()));
    Ok(HttpResponse::Ok().json(Page { count, next, previous: None, results }))
}
