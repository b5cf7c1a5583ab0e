//! For tests and measurements only: a PostgreSQL server of one's own, made anew in a folder that goes with it, reached
//! by a socket in that folder; and a standby of it. It runs under the user `postgres` where we are root, because it refuses to run as root.

use std::fs;
use std::io::{Error, Result};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// How long a commit is kept in mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// As in production: every commit is on the disk.
    Yes,
    /// Nothing is synced: for stories, which need no disk.
    No,
}

/// A running server. Dropping it ends it.
pub struct Server {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

/// The user the server runs as, where we are root.
const USER: &str = "postgres";
/// Its socket's number, where nothing listens on the network.
const PORT: u16 = 5432;

impl Server {
    /// Makes and starts one. `settings` are lines of its configuration.
    pub fn start(durable: Durable, settings: &[&str]) -> Result<Self> {
        Self::start_on(PORT, durable, settings)
    }

    /// The same with a socket of another number: which it listens on, where `settings` say so.
    pub fn start_on(port: u16, durable: Durable, settings: &[&str]) -> Result<Self> {
        let server = Self::empty(port)?;
        let data = server.data();
        let made = ["--pgdata", &data, "--data-checksums", "--auth=trust", "--username=tongqu", "--no-sync"];
        run(server.program("initdb").args(made).args(["--encoding=UTF8", "--locale=C"]))?;
        let mut lines = vec![
            "listen_addresses = ''".to_owned(),
            server.socket_line(),
            format!("port = {port}"),
            "max_connections = 300".to_owned(),
            "timezone = 'Asia/Shanghai'".to_owned(),
        ];
        if durable == Durable::No {
            let off = ["fsync", "full_page_writes", "synchronous_commit"].map(|name| format!("{name} = off"));
            lines.extend(off);
        }
        lines.extend(settings.iter().map(|line| (*line).to_owned()));
        server.configure(&lines)?;
        server.begin()?;
        Ok(server)
    }

    /// A folder, and no server in it.
    fn empty(port: u16) -> Result<Self> {
        let programs = programs().ok_or_else(|| Error::other("PostgreSQL is not installed"))?;
        let folder = tempfile::Builder::new().prefix("tongqu-postgres-").tempdir()?;
        // The socket is for whoever runs the tests, the folder is the server's.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        if is_root() {
            run(Command::new("chown").arg(USER).arg(folder.path()))?;
        }
        Ok(Self { folder, programs, port })
    }

    fn socket_line(&self) -> String {
        format!("unix_socket_directories = '{}'", self.folder.path().display())
    }

    /// A standby that follows this server; from here on a commit waits until both have it on the disk.
    pub fn standby(&self) -> Result<Self> {
        let standby = Self::empty(self.port)?;
        standby.follow(self)?;
        Ok(standby)
    }

    /// Becomes the standby that the commits of another server wait for. What was in its folder goes.
    pub fn follow(&self, primary: &Self) -> Result<()> {
        let data = self.data();
        if Path::new(&data).exists() {
            fs::remove_dir_all(&data)?;
        }
        let source = primary.folder.path().display().to_string();
        let copied = ["--pgdata", &data, "--host", &source, "--username=tongqu", "--checkpoint=fast"];
        let kept =
            ["--wal-method=stream", "--write-recovery-conf", "--create-slot", "--slot=standby", "--no-sync"];
        run(self.program("pg_basebackup").args(copied).args(kept))?;
        self.configure(&[self.socket_line(), "wal_retrieve_retry_interval = '100ms'".to_owned()])?;
        // Behind the copy, which would else wait for a standby itself once it is promoted; before the standby streams, so
        // that whatever is committed from here on waits for it.
        primary.set("synchronous_standby_names", "*")?;
        self.begin()?;
        primary.wait_until("exists (select from pg_stat_replication where sync_state = 'sync')")?;
        // Who has waited for a checkpoint has waited for the process that puts the setting into force; and the commit
        // behind it for all that was committed before.
        primary.say("postgres", "checkpoint")?;
        primary.wait_until("pg_logical_emit_message(true, 'standby', '') is not null")
    }

    /// Changes a setting while it runs.
    pub fn set(&self, name: &str, value: &str) -> Result<()> {
        self.say("postgres", &format!("alter system set {name} = '{value}'"))?;
        run(self.program("pg_ctl").args(["--pgdata", &self.data(), "--silent", "reload"]))
    }

    /// Makes a standby the server that is written to. Whom it followed must be gone for good.
    pub fn promote(&self) -> Result<()> {
        run(self.program("pg_ctl").args(["--pgdata", &self.data(), "--wait", "--silent", "promote"]))
    }

    /// Waits until a condition in SQL holds.
    pub fn wait_until(&self, condition: &str) -> Result<()> {
        let sql = format!(
            "do $$ begin while not ({condition}) loop \
               perform pg_sleep(0.01); perform pg_stat_clear_snapshot(); \
             end loop; end $$"
        );
        self.say("postgres", &sql)
    }

    fn configure(&self, lines: &[String]) -> Result<()> {
        let path = Path::new(&self.data()).join("postgresql.conf");
        let text = fs::read_to_string(&path)?;
        fs::write(&path, format!("{text}\n{}\n", lines.join("\n")))
    }

    /// The address, to which `/` and the name of a database is added.
    pub fn url(&self) -> String {
        format!("postgres://tongqu@{}", self.place())
    }

    /// The address of whichever of two is written to.
    pub fn url_with(&self, other: &Self) -> String {
        format!("{},{}", self.url(), other.place())
    }

    fn place(&self) -> String {
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("{socket}:{}", self.port)
    }

    /// Ends all its processes without warning: SIGKILL.
    pub fn kill(&self) -> Result<()> {
        let process = self.process()?.to_string();
        // The first of them dies first: it would start the others again.
        run(Command::new("kill").args(["-STOP", &process]))?;
        // None there is no fault: it may be starting.
        let _ = run(Command::new("pkill").args(["-KILL", "-P", &process]));
        run(Command::new("kill").args(["-KILL", &process]))?;
        // Where nobody reaps the dead, its number still looks alive to the next that starts.
        let socket = format!(".s.PGSQL.{}.lock", self.port);
        for lock in [Path::new(&self.data()).join("postmaster.pid"), self.folder.path().join(socket)] {
            let _ = fs::remove_file(lock);
        }
        Ok(())
    }

    /// Puts a file into its folder that is its own alone, such as a key.
    pub fn keep(&self, name: &str, text: &[u8]) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        if is_root() {
            run(Command::new("chown").arg(USER).arg(&path))?;
        }
        Ok(path)
    }

    /// Who may connect from where: the lines of its `pg_hba.conf` and `pg_ident.conf`. It starts anew with them.
    pub fn admit_only(&self, lines: &[&str], names: &[&str]) -> Result<()> {
        let data = PathBuf::from(self.data());
        for (file, lines) in [("pg_hba.conf", lines), ("pg_ident.conf", names)] {
            fs::write(data.join(file), format!("{}\n", lines.join("\n")))?;
        }
        self.stop()?;
        self.begin()
    }

    /// Says something to one of its databases.
    pub fn say(&self, database: &str, sql: &str) -> Result<()> {
        let url = format!("{}/{database}", self.url());
        run(self.program("psql").args(["--quiet", "--no-psqlrc", "--command", sql, &url]))
    }

    /// Ends it at once; it recovers when it starts.
    pub fn stop(&self) -> Result<()> {
        run(self.program("pg_ctl").args(["--pgdata", &self.data(), "--mode=immediate", "--wait", "stop"]))
    }

    /// Starts it again.
    pub fn begin(&self) -> Result<()> {
        let log = format!("{}/log", self.data());
        run(self.program("pg_ctl").args([
            "--pgdata",
            &self.data(),
            "--log",
            &log,
            "--wait",
            "--silent",
            "start",
        ]))
    }

    /// The first of its processes.
    pub fn process(&self) -> Result<u32> {
        let file = fs::read_to_string(Path::new(&self.data()).join("postmaster.pid"))?;
        let first = file.lines().next().and_then(|line| line.parse().ok());
        first.ok_or_else(|| Error::other("the server's process is not told"))
    }

    /// Its folder, which it can read.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// One of PostgreSQL's programs, under the user it may run as.
    pub fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that was killed has nothing to end.
        if self.process().is_ok() {
            let _ = self.stop();
        }
    }
}

/// Whether a server can be made here.
pub fn is_installed() -> bool {
    programs().is_some()
}

/// Where the programs of the newest installed release are.
fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, path)| path.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = || {
        let all = std::env::var_os("PATH")?;
        std::env::split_paths(&all).find(|path| path.join("initdb").exists())
    };
    found.pop().map(|(_, path)| path).or_else(on_path)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn run(command: &mut Command) -> Result<()> {
    let told = format!("{command:?}");
    // Not caught: a server that was started would hold the pipe open.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(Error::other(format!("{told}: {status}"))) }
}
