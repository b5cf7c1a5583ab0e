//! (c) the limit server: the same HTTP stack, the same bodies parsed to JSON values, the same rows written by one
//! thread in whatever batches wait, constant answers, no decisions.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, mpsc};

use anyhow::Context;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::books::Books;
use super::capture::{self, Group};
use super::raw::RawWriter;
use super::{ArmArguments, place};

/// What is said when all recorded rows are written.
pub const EXHAUSTED: &str = "exhausted";

/// A limit server's process.
pub struct Running {
    child: Child,
    pub address: String,
}

/// Starts one on a copy of the city.
pub fn start(arguments: &ArmArguments, books: &Books) -> anyhow::Result<Running> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("limit-server")
        .args(arguments.words())
        .args(["--scratch", &books.address()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().context("its output")?).read_line(&mut line)?;
    Ok(Running { child, address: line.trim().to_owned() })
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Closes its input and waits; answers the messages of an average commit.
    pub fn stop(mut self) -> anyhow::Result<f64> {
        drop(self.child.stdin.take());
        let mut told = String::new();
        std::io::Read::read_to_string(self.child.stdout.as_mut().context("its output")?, &mut told)?;
        self.child.wait()?;
        told.trim().parse().context("its batches")
    }
}

/// A message that waits for its rows to be written.
type Waiting = (String, oneshot::Sender<bool>);

/// The process.
pub fn serve(arguments: &ArmArguments) -> anyhow::Result<ExitCode> {
    let books = Books::of(arguments.scratch.as_deref().context("--scratch")?)?;
    let answers: HashMap<String, Bytes> =
        place::answers(arguments)?.into_iter().map(|(infno, text)| (infno, Bytes::from(text))).collect();
    let recorded = place::recorded(arguments);
    // As many as the engine has.
    let count = books.writers()?;
    let groups = deal(capture::groups(&Connection::open(&recorded)?)?, count);
    let mut lines = Vec::new();
    let mut writers = Vec::new();
    for groups in groups {
        let (sender, receiver) = mpsc::channel();
        let writer = RawWriter::open(&books, &recorded)?;
        lines.push(sender);
        writers.push(std::thread::spawn(move || write_loop(writer, groups, &receiver)));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let lines = Lines { senders: lines, turns: Mutex::new(HashMap::new()) };
    let served = runtime.spawn(accept(listener, Arc::new(Said { answers, lines })));
    // Until whoever started it closes our input.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    served.abort();
    drop(runtime);
    let (mut commits, mut messages) = (0, 0);
    for writer in writers {
        let (c, m) = writer.join().expect("a writer does not panic")?;
        commits += c;
        messages += m;
    }
    println!("{}", f64::from(messages) / f64::from(commits.max(1)));
    Ok(ExitCode::SUCCESS)
}

/// Recorded rows by transaction number.
type Groups = HashMap<String, VecDeque<Group>>;

/// Deals bills out to writers. The messages of a bill stay with one: what they write refers to each other.
fn deal(groups: Vec<Group>, writers: usize) -> Vec<Groups> {
    let mut dealt = vec![Groups::new(); writers];
    let mut turns: HashMap<String, usize> = HashMap::new();
    // A recorded run makes one bill behind the other, so the n-th message of each kind is of the n-th bill.
    for group in groups {
        let turn = turns.entry(group.infno.clone()).or_default();
        dealt[*turn % writers].entry(group.infno.clone()).or_default().push_back(group);
        *turn += 1;
    }
    dealt
}

/// What waits for each writer. Messages of a kind go to them in turn, as their rows were dealt.
struct Lines {
    senders: Vec<mpsc::Sender<Waiting>>,
    turns: Mutex<HashMap<String, usize>>,
}

impl Lines {
    fn send(&self, waiting: Waiting) {
        let at = {
            let mut turns = self.turns.lock().expect("nobody panics with it");
            let turn = turns.entry(waiting.0.clone()).or_default();
            *turn += 1;
            *turn - 1
        };
        let _ = self.senders[at % self.senders.len()].send(waiting);
    }
}

/// What is answered, and who writes.
struct Said {
    answers: HashMap<String, Bytes>,
    lines: Lines,
}

async fn accept(listener: tokio::net::TcpListener, said: Arc<Said>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let said = said.clone();
        let service = service_fn(move |request| {
            let said = said.clone();
            async move { Ok::<_, Infallible>(respond(request, &said).await) }
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
        );
    }
}

async fn respond(request: Request<Incoming>, said: &Said) -> Response<Full<Bytes>> {
    let Ok(body) = request.into_body().collect().await else { return Response::new(Full::default()) };
    let parsed: serde_json::Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
    let infno = parsed["infno"].as_str().unwrap_or_default().to_owned();
    let answer = said.answers.get(&infno).cloned().unwrap_or_default();
    // A query writes nothing.
    if infno == "2206" {
        return Response::new(Full::new(answer));
    }
    let (done, written) = oneshot::channel();
    said.lines.send((infno, done));
    let answer =
        if written.await.unwrap_or(false) { answer } else { Bytes::from_static(EXHAUSTED.as_bytes()) };
    Response::new(Full::new(answer))
}

/// Messages of one commit at most.
const BATCH_MAX: usize = 256;

/// Answers commits and messages.
fn write_loop(
    mut writer: RawWriter,
    mut left: Groups,
    receiver: &mpsc::Receiver<Waiting>,
) -> anyhow::Result<(u32, u32)> {
    let (mut commits, mut messages) = (0_u32, 0_u32);
    while let Ok(first) = receiver.recv() {
        let waiting: Vec<Waiting> =
            std::iter::once(first).chain(receiver.try_iter().take(BATCH_MAX - 1)).collect();
        let groups: Vec<Option<Group>> =
            waiting.iter().map(|(infno, _)| left.get_mut(infno).and_then(VecDeque::pop_front)).collect();
        let rows: Vec<&Group> = groups.iter().flatten().collect();
        if !rows.is_empty() {
            writer.write(&rows)?;
            commits += 1;
            messages += u32::try_from(rows.len())?;
        }
        for ((_, done), group) in waiting.into_iter().zip(groups) {
            let _ = done.send(group.is_some());
        }
    }
    Ok((commits, messages))
}
