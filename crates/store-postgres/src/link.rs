//! One connection, used by one thread: statements are sent together and answered together.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_postgres::error::Severity;
use tokio_postgres::{AsyncMessage, Client, Connection, Error, Row, Statement};

use crate::address::Address;
use crate::values::Array;

/// A statement that is put together once, and stands in one place for ever.
macro_rules! sql {
    ($made:expr) => {{
        static SQL: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| $made);
        SQL.as_str()
    }};
}
pub(crate) use sql;

/// A statement with its arrays.
pub(crate) struct Step {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Array>,
}

impl Step {
    pub(crate) fn new(sql: &'static str, values: Vec<Array>) -> Self {
        Self { sql, values }
    }

    /// A command without values.
    pub(crate) fn command(sql: &'static str) -> Self {
        Self::new(sql, Vec::new())
    }
}

/// What one statement was answered.
pub(crate) type Answer = Result<Vec<Row>, Error>;

/// More statements than this are not sent in the order they are listed.
const STEPS_MAX: usize = 30;

/// Every statement of a batch looks rows up by their keys, so one plan fits whatever the batch holds, and whatever the
/// statistics say of a table that was empty when they were made. Warnings are sent, whatever the server's defaults are.
pub const SESSION: &str = "set client_min_messages = warning; set plan_cache_mode = force_generic_plan; set jit = off; \
                       set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off";

pub(crate) struct Link {
    runtime: Runtime,
    client: Client,
    /// By where the text stands: each stands in one place for ever.
    statements: HashMap<(usize, usize), Statement>,
    /// What is notified on channels it listens to.
    heard: UnboundedReceiver<()>,
    warning: Warning,
}

/// The last warning that came with what was sent last.
type Warning = Arc<Mutex<Option<String>>>;

/// Waits until all that is committed is where a commit must be, where that is more than one server.
pub(crate) const FENCE: &str = "select pg_logical_emit_message(true, 'tongqu', '')::text \
     where current_setting('synchronous_standby_names') <> '' and not pg_is_in_recovery()";

impl Link {
    pub(crate) fn open(address: &Address) -> Result<Self, Error> {
        let runtime =
            Builder::new_current_thread().enable_all().build().expect("the system has a poller to spare");
        let (sender, heard) = unbounded_channel();
        let warning = Warning::default();
        // The connection runs while this thread waits for an answer, and not else.
        let client = match address.tls() {
            None => {
                let (client, connection) = runtime.block_on(address.config.connect(tokio_postgres::NoTls))?;
                runtime.spawn(run(connection, sender, warning.clone()));
                client
            }
            Some(tls) => {
                let (client, connection) = runtime.block_on(address.config.connect(tls))?;
                runtime.spawn(run(connection, sender, warning.clone()));
                client
            }
        };
        runtime.block_on(client.batch_execute(SESSION))?;
        Ok(Self { runtime, client, statements: HashMap::new(), heard, warning })
    }

    /// Waits until something is notified, `wait` at the longest.
    pub(crate) fn hear(&mut self, wait: Duration) {
        let Self { runtime, heard, .. } = self;
        runtime.block_on(async {
            let _ = tokio::time::timeout(wait, heard.recv()).await;
        });
        while heard.try_recv().is_ok() {}
    }

    /// As a writer holds one: neither does it wait for ever for a row another holds, nor may it hold one for ever.
    pub(crate) fn limit(&self) -> Result<(), Error> {
        self.batch("set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '60s'")
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.client.is_closed()
    }

    /// What the server warned of in answer to what was sent last. A commit that stands here but may not stand on the
    /// standby is answered as done, with a warning: its wait was cut short.
    pub(crate) fn warning(&self) -> Option<String> {
        self.warning.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Sends several commands that take no values and answer nothing.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), Error> {
        self.warning();
        self.runtime.block_on(self.client.batch_execute(sql))
    }

    /// Sends statements together, in this order, and waits for the answers of all of them, whatever each of them is.
    pub(crate) fn send(&mut self, steps: &[Step]) -> Result<Vec<Answer>, Error> {
        debug_assert!(steps.len() <= STEPS_MAX, "{} statements at once", steps.len());
        steps.iter().try_for_each(|step| self.prepare(step.sql))?;
        self.warning();
        let params: Vec<Vec<&(dyn tokio_postgres::types::ToSql + Sync)>> =
            steps.iter().map(|step| step.values.iter().map(|v| v as _).collect()).collect();
        let sent = steps.iter().zip(&params).map(|(step, values)| {
            let statement = &self.statements[&place(step.sql)];
            self.client.query(statement, values)
        });
        Ok(self.runtime.block_on(join_all(sent)))
    }

    /// The rows of one statement.
    pub(crate) fn rows(&mut self, sql: &'static str, values: Vec<Array>) -> Answer {
        let mut answers = self.send(&[Step::new(sql, values)])?;
        answers.pop().expect("one statement, one answer")
    }

    /// The rows of one statement with single values.
    pub(crate) fn one(
        &mut self,
        sql: &'static str,
        values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Answer {
        self.prepare(sql)?;
        self.runtime.block_on(self.client.query(&self.statements[&place(sql)], values))
    }

    fn prepare(&mut self, sql: &'static str) -> Result<(), Error> {
        if !self.statements.contains_key(&place(sql)) {
            let statement = self.runtime.block_on(self.client.prepare(sql))?;
            self.statements.insert(place(sql), statement);
        }
        Ok(())
    }

    /// The rows of a statement that is said once.
    pub(crate) fn rows_once(&self, sql: &str) -> Answer {
        self.runtime.block_on(self.client.query(sql, &[]))
    }

    /// Runs what refinery brings.
    pub(crate) fn migrate(&mut self, runner: &refinery::Runner) -> Result<(), refinery::Error> {
        self.runtime.block_on(runner.run_async(&mut self.client)).map(drop)
    }

    /// Walks through the rows of a statement without holding more than some of them.
    pub(crate) fn walk<E: From<Error>>(
        &mut self,
        sql: &str,
        mut each: impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<(), E> {
        use futures_util::StreamExt as _;
        let Self { runtime, client, .. } = self;
        runtime.block_on(async {
            let rows = client.query_raw(sql, std::iter::empty::<&i64>()).await?;
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.next().await {
                each(&row?)?;
            }
            Ok(())
        })
    }
}

fn place(sql: &'static str) -> (usize, usize) {
    (sql.as_ptr() as usize, sql.len())
}

/// Runs a connection to its end.
async fn run<S, T>(mut connection: Connection<S, T>, sender: UnboundedSender<()>, warning: Warning)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let ended = poll_fn(|context| {
        loop {
            match ready!(connection.poll_message(context)) {
                Some(Ok(AsyncMessage::Notification(_))) => {
                    let _ = sender.send(());
                }
                Some(Ok(AsyncMessage::Notice(notice)))
                    if notice.parsed_severity() == Some(Severity::Warning) =>
                {
                    let told = format!("{} {}", notice.code().code(), notice.message());
                    *warning.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(error)),
                None => return Poll::Ready(None),
            }
        }
    });
    if let Some(error) = ended.await {
        tracing::warn!(%error, "a connection to the database ended");
    }
}
