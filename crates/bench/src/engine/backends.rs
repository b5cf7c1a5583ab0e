//! `bench store`: the arms of `bench engine` on both backends. On a server, the raw batches come over the product's own
//! driver with the product's own arrays, the limit server writes with as many connections as the engine has, and beside
//! them `pgbench` settles with one statement a row.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, ValueEnum};
use pgtest::{Durable, Server};
use rusqlite::Connection;

use super::books::{self, Books};
use super::capture::{self, TABLES};
use super::figures::Table;
use super::{Arm, ArmArguments, Work, pgbench, place, raw, spawn};
use crate::goals::load_average;
use crate::site;

#[derive(Args)]
pub struct StoreArguments {
    /// Rounds; a figure is the median over them
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// People of the large city; each has a settlement behind them
    #[arg(long, default_value_t = 1_000_000)]
    many: usize,
    /// Milliseconds one arm runs
    #[arg(long, default_value_t = 1_500)]
    ms: u64,
    /// Milliseconds the engine runs in the large city, and in the small one beside it
    #[arg(long, default_value_t = 10_000)]
    growth_ms: u64,
    /// Only this backend
    #[arg(long)]
    only: Option<Backend>,
    /// Only this work, with 64 clients: for a look while changing something
    #[arg(long)]
    work: Option<Work>,
    /// Only this arm
    #[arg(long)]
    arm: Option<Arm>,
    /// Only this city, `small` or `large`
    #[arg(long)]
    city: Option<String>,
    /// Which statements the server spent its time with
    #[arg(long)]
    statements: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Backend {
    Sqlite,
    Postgres,
}

/// What is done in both cities on the server, for longer than the rest: connections are new and a checkpoint is just
/// behind, so that each page of a large city is met for the first time for seconds, and that is not what a centre that
/// runs is like.
const GROWING: (Arm, Work, usize) = (Arm::Engine, Work::Whole, 64);

/// Client counts of the table.
const CLIENTS: [usize; 4] = [1, 16, 64, 256];

/// As a production server is set up.
const SETTINGS: [&str; 6] = [
    "shared_buffers = 2GB",
    "max_wal_size = 4GB",
    "min_wal_size = 1GB",
    "wal_compression = lz4",
    "checkpoint_timeout = 15min",
    "track_activities = on",
];

/// Settings that are printed.
const SHOWN: &str = "select string_agg(name || ' = ' || current_setting(name), ', ' order by name) from pg_settings \
    where name in ('server_version', 'fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', \
    'shared_buffers', 'max_wal_size', 'wal_compression', 'wal_sync_method', 'checkpoint_timeout')";

/// Runs all arms in rounds, prints figures and goals.
pub fn store(arguments: &StoreArguments) -> anyhow::Result<ExitCode> {
    let folder = tempfile::Builder::new().prefix("tongqu-bench-").tempdir()?;
    println!(
        "bench store: {} rounds of {} ms an arm, {} ms where two cities are compared; per-hospital rate limits off in all \
         arms",
        arguments.rounds, arguments.ms, arguments.growth_ms
    );
    println!("load average at the start: {}", load_average());
    place::prepare(folder.path(), "small", 10_000, place::BILLS)?;
    let server = if arguments.only == Some(Backend::Sqlite) {
        None
    } else {
        Some(start(folder.path(), arguments.statements)?)
    };
    let schedule = schedule(arguments);
    if let Some(server) = server.as_ref().filter(|_| schedule.iter().any(|planned| planned.3 == "large")) {
        make_large(folder.path(), &server.url(), arguments.many)?;
    }
    if let Some(server) = server.as_ref().filter(|_| arguments.statements) {
        let anew = [
            "create extension pg_stat_statements",
            "select pg_stat_statements_reset()",
            "select pg_stat_reset_shared('wal')",
        ];
        books::say(&format!("{}/postgres", server.url()), &anew)?;
    }
    let mut tables = [Table::default(), Table::default()];
    for round in 0..arguments.rounds {
        for (backend, arm, clients_work, city) in &schedule {
            let (work, clients) = *clients_work;
            let on_server = server.as_ref().filter(|_| *backend == Backend::Postgres);
            let grows = on_server.is_some() && (*arm, work, clients) == GROWING;
            let arm = ArmArguments {
                arm: *arm,
                work,
                clients,
                folder: folder.path().to_owned(),
                city: (*city).to_owned(),
                ms: if grows { arguments.growth_ms } else { arguments.ms },
                seed: round as u64 + 1,
                persons: if *city == "large" { arguments.many } else { 10_000 },
                scratch: None,
                server: on_server.map(Server::url),
                postmaster: on_server.map(Server::process).transpose()?,
            };
            let run = match (arm.arm, on_server) {
                (Arm::Rows, Some(server)) => pgbench::rows(server, &arm)?,
                _ => spawn(&arm)?,
            };
            tables[usize::from(*backend == Backend::Postgres)].add(&arm, run);
        }
        println!("round {} of {} done, load average {}", round + 1, arguments.rounds, load_average());
    }
    for (backend, table) in [Backend::Sqlite, Backend::Postgres].into_iter().zip(&tables) {
        if arguments.only.is_none_or(|only| only == backend) {
            println!("\n== {backend:?}");
            table.print(&CLIENTS);
        }
    }
    if let Some(server) = server.as_ref().filter(|_| arguments.statements) {
        print_statements(&server.url())?;
    }
    println!();
    tables[1].server_goals(arguments.many);
    Ok(ExitCode::SUCCESS)
}

/// A server of one's own, with the small city on it.
fn start(folder: &Path, statements: bool) -> anyhow::Result<Server> {
    let watched: &[&str] =
        &["shared_preload_libraries = 'pg_stat_statements'", "pg_stat_statements.track_planning = on"];
    let settings = [&SETTINGS[..], if statements { watched } else { &[] }].concat();
    let server = Server::start(Durable::Yes, &settings)?;
    let url = server.url();
    let shown = books::on_server(&format!("{url}/postgres"), async |client| {
        Ok(client.query_one(SHOWN, &[]).await?.get::<_, String>(0))
    })?;
    println!("server: {shown}");
    place::copy_to_server(folder, "small", &url)?;
    pgbench::prepare(&server)?;
    Ok(server)
}

fn print_statements(server: &str) -> anyhow::Result<()> {
    // Each run has a database of its own: the same statement is there as often.
    let sql = "select round(sum(total_exec_time + total_plan_time)::numeric, 1)::text, sum(calls)::bigint, \
               sum(plans)::bigint, round((sum(total_exec_time) * 1000 / sum(calls))::numeric, 0)::text, \
               sum(rows)::bigint, regexp_replace(left(query, 90) || ' … ' || right(query, 60), '\\s+', ' ', 'g') as said \
               from pg_stat_statements where dbid not in (select oid from pg_database where datname = 'postgres') \
               group by said order by sum(total_exec_time + total_plan_time) desc limit 40";
    println!("\nms in all, calls, planned, µs of each, rows: statement");
    books::on_server(&format!("{server}/postgres"), async |client| {
        for row in client.query(sql, &[]).await? {
            let (all, calls, plans, mean, rows, query): (String, i64, i64, String, i64, String) =
                (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5));
            println!("{all:>10} {calls:>8} {plans:>8} {mean:>8} {rows:>8}: {query}");
        }
        let wal = "select format('%s records, %s full pages, %s MB', wal_records, wal_fpi, (wal_bytes / 1e6)::int) \
                   from pg_stat_wal";
        println!("write-ahead log of all arms: {}", client.query_one(wal, &[]).await?.get::<_, String>(0));
        Ok(())
    })
}

type Planned = (Backend, Arm, (Work, usize), &'static str);

/// Neighbours in this order are compared with each other.
fn schedule(arguments: &StoreArguments) -> Vec<Planned> {
    let backends = [Backend::Sqlite, Backend::Postgres];
    let backends = backends.into_iter().filter(|backend| arguments.only.is_none_or(|only| only == *backend));
    let planned = backends.flat_map(|backend| of_backend(backend, arguments.work));
    let wanted = |(_, arm, _, city): &Planned| {
        arguments.arm.is_none_or(|only| only == *arm)
            && arguments.city.as_ref().is_none_or(|only| only == city)
    };
    planned.filter(wanted).collect()
}

fn of_backend(backend: Backend, only: Option<Work>) -> Vec<Planned> {
    let mut order = Vec::new();
    let clients = if only.is_some() { &CLIENTS[2..3] } else { &CLIENTS[..] };
    for work in [Work::Whole, Work::Settle].into_iter().filter(|work| only.is_none_or(|only| only == *work)) {
        for clients in clients {
            let arms = [Arm::Http, Arm::Limit, Arm::Engine];
            order.extend(arms.map(|arm| (backend, arm, (work, *clients), "small")));
            // Right behind the same with the small city.
            let large = (backend, Arm::Engine, (work, *clients), "large");
            let with_large = backend == Backend::Postgres && (large.1, large.2.0, large.2.1) == GROWING;
            order.extend(with_large.then_some(large));
            let rows = (backend, Arm::Rows, (work, *clients), "small");
            order.extend((backend == Backend::Postgres && work == Work::Settle).then_some(rows));
        }
        order.extend([Arm::Raw, Arm::Record].map(|arm| (backend, arm, (work, 64), "small")));
    }
    order
}

/// A large city on the server alone, everybody in it with a bill behind them.
fn make_large(folder: &Path, server: &str, persons: usize) -> anyhow::Result<()> {
    place::prepare(folder, "large", persons, 0)?;
    let base = folder.join("large").join("base");
    let name = place::database("large", Work::Whole);
    println!("large city: to the server");
    books::copy_to_server(&base.join("centre.db"), server, &name, &site::sealer(&base)?)?;
    fs::remove_file(base.join("centre.db"))?;
    println!("large city: a settlement behind everybody");
    let recorded = Connection::open(folder.join("small").join("whole").join("centre.db"))?;
    let groups = capture::groups(&recorded)?;
    let end = groups.iter().position(|group| group.infno == "2207").context("a bill")?;
    let books = Books::Server { server: server.into(), name };
    books::on_server(&books.address(), async |client| {
        for (at, table) in TABLES.iter().enumerate() {
            let rows: Vec<_> = groups[..=end].iter().flat_map(|group| &group.rows[at]).collect();
            let rows = if capture::key(table).is_some() { raw::last(table, rows) } else { rows };
            let (name, list) = (table.name, table.list);
            client
                .batch_execute(&format!("create temporary table one_{name} as select * from {name} limit 0"))
                .await?;
            let into =
                tables::Table { name: Box::leak(format!("one_{name}").into_boxed_str()), list, ..*table };
            let insert = store_postgres::arrays::insert(&into, "");
            let arrays = raw::columns(table, &rows);
            let values: Vec<_> = arrays.iter().map(|array| array as _).collect();
            client.execute(&insert, &values).await.with_context(|| name)?;
        }
        client.batch_execute(include_str!("../../sql/history.sql")).await.context("the past")?;
        client.batch_execute("vacuum analyze").await?;
        Ok(client.batch_execute("checkpoint").await?)
    })?;
    // What is still being written out would be in the way of whatever runs first.
    rustix::fs::sync();
    Ok(())
}
