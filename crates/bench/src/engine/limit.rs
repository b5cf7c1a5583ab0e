//! (c) the limit server: the same HTTP stack, the same bodies parsed to JSON values, the same rows written by one
//! thread in whatever batches wait, constant answers, no decisions.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, mpsc};

use anyhow::Context;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::capture::{self, Group};
use super::raw::RawWriter;
use super::{ArmArguments, Word, place};

/// What is said when all recorded rows are written.
pub const EXHAUSTED: &str = "exhausted";

/// A limit server's process.
pub struct Running {
    child: Child,
    pub address: String,
}

/// Starts one on a copy of the city.
pub fn start(arguments: &ArmArguments, scratch: &Path) -> anyhow::Result<Running> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("limit-server")
        .args(["--arm", &arguments.arm.word(), "--work", &arguments.work.word()])
        .args(["--clients", &arguments.clients.to_string(), "--city", &arguments.city])
        .args(["--ms", &arguments.ms.to_string(), "--seed", &arguments.seed.to_string()])
        .arg("--folder")
        .arg(&arguments.folder)
        .arg("--scratch")
        .arg(scratch)
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
    let scratch = arguments.scratch.clone().context("--scratch")?;
    let answers: HashMap<String, Bytes> =
        place::answers(arguments)?.into_iter().map(|(infno, text)| (infno, Bytes::from(text))).collect();
    let (sender, receiver) = mpsc::channel();
    let recorded = place::recorded(arguments);
    let writer = std::thread::spawn(move || write_loop(&scratch, &recorded, &receiver));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let served = runtime.spawn(accept(listener, Arc::new(answers), sender));
    // Until whoever started it closes our input.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    served.abort();
    drop(runtime);
    let batch = writer.join().expect("the writer does not panic")?;
    println!("{batch}");
    Ok(ExitCode::SUCCESS)
}

async fn accept(
    listener: tokio::net::TcpListener,
    answers: Arc<HashMap<String, Bytes>>,
    sender: mpsc::Sender<Waiting>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let (answers, sender) = (answers.clone(), sender.clone());
        let service = service_fn(move |request| {
            let (answers, sender) = (answers.clone(), sender.clone());
            async move { Ok::<_, Infallible>(respond(request, &answers, &sender).await) }
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
        );
    }
}

async fn respond(
    request: Request<Incoming>,
    answers: &HashMap<String, Bytes>,
    sender: &mpsc::Sender<Waiting>,
) -> Response<Full<Bytes>> {
    let Ok(body) = request.into_body().collect().await else { return Response::new(Full::default()) };
    let parsed: serde_json::Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
    let infno = parsed["infno"].as_str().unwrap_or_default().to_owned();
    let answer = answers.get(&infno).cloned().unwrap_or_default();
    // A query writes nothing.
    if infno == "2206" {
        return Response::new(Full::new(answer));
    }
    let (done, written) = oneshot::channel();
    let _ = sender.send((infno, done));
    let answer =
        if written.await.unwrap_or(false) { answer } else { Bytes::from_static(EXHAUSTED.as_bytes()) };
    Response::new(Full::new(answer))
}

/// Messages of one commit at most.
const BATCH_MAX: usize = 256;

fn write_loop(scratch: &Path, recorded: &PathBuf, receiver: &mpsc::Receiver<Waiting>) -> anyhow::Result<f64> {
    let mut left: HashMap<String, VecDeque<Group>> = HashMap::new();
    for group in capture::groups(&Connection::open(recorded)?)? {
        left.entry(group.infno.clone()).or_default().push_back(group);
    }
    let mut writer = RawWriter::open(&scratch.join("centre.db"), recorded)?;
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
    Ok(f64::from(messages) / f64::from(commits.max(1)))
}
