//! What an administrator does with backups and when a centre moves, as commands.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

mod common;

use common::{Ran, folder, root, tongqu};
use pgtest::{Durable, Server};

/// An installation with the books of a demo.
struct City {
    _folder: tempfile::TempDir,
    path: String,
}

impl City {
    /// With a key of backups, or as installations were made before.
    fn new(configured: bool) -> Self {
        let (folder, path) = folder();
        tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(0);
        let city = Self { _folder: folder, path };
        let policies = root().join("policies/demo-city").display().to_string();
        let mut text = format!(
            "database = \"sqlite://centre.db\"\nkeys = \"centre.keys\"\npolicies = \"{policies}\"\n\
             division = \"990100\"\nhome_divisions = [\"9901\"]\nlisten = \"127.0.0.1:0\"\n"
        );
        if configured {
            text += "backups = \"backups\"\nbackup_key = \"backup.key\"\n";
            tongqu(&["backup", "--make-key", &city.at("backup.key")]).exits(0);
        }
        fs::write(city.at("tongqu.toml"), text).unwrap();
        city
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    fn books(&self) -> String {
        format!("sqlite://{}", self.at("centre.db"))
    }

    /// A command with its arguments in a line; `@` is the city's folder.
    fn run(&self, line: &str) -> Ran {
        let line = line.replace('@', &self.path);
        tongqu(&line.split(' ').collect::<Vec<_>>())
    }

    fn doctor(&self) -> String {
        self.run("doctor --config @/tongqu.toml").out
    }

    /// Makes a backup and answers its folder.
    fn backup(&self) -> PathBuf {
        let out = self.run("backup --config @/tongqu.toml").exits(0).out;
        let named = out.lines().last().unwrap().strip_prefix("backup: ").unwrap();
        named.split(' ').next().unwrap().into()
    }

    /// Starts a centre and waits until it listens.
    fn centre(&self, database: &str) -> (Child, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tongqu"))
            .args([
                "centre",
                "--i-accept-data-loss",
                "--config",
                &self.at("tongqu.toml"),
                "--database",
                database,
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let told =
            out.lines().map_while(Result::ok).find(|line| line.contains("centre: http")).unwrap_or_default();
        (child, told)
    }
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The lines about tables and the verdict of `verify`, which must be the same wherever the same books are.
fn verified(database: &str) -> String {
    let ran = tongqu(&["verify", "--database", database]).exits(0);
    ran.out.lines().last().unwrap().to_owned()
}

#[test]
fn a_city_is_saved_restored_and_drilled_and_the_doctor_says_what_is_still_missing() {
    let city = City::new(false);
    assert!(city.doctor().contains("✓ 备份 backups: 未配置"), "{}", city.doctor());
    let refused = city.run("backup --config @/tongqu.toml").exits(2).err;
    assert!(refused.contains("tongqu backup --make-key backup.key"), "{refused}");
    drop(city);

    let city = City::new(true);
    assert!(city.doctor().contains("✗ 备份 backups: 还没有备份"), "{}", city.doctor());
    let saved = city.run("backup --config @/tongqu.toml").exits(0);
    assert!(
        saved.out.contains("person                   60 ") && saved.out.lines().count() == 25,
        "{}",
        saved.out
    );
    assert!(city.doctor().contains("七天内没有做过恢复演练"), "{}", city.doctor());
    let drilled = city.run("drill --from @/backups --backup-key @/backup.key").exits(0).out;
    assert_eq!(drilled.matches("相同 equal").count(), 24, "{drilled}");
    assert!(drilled.contains("drill: 通过 passed") && !drilled.contains("DIFFERS"), "{drilled}");
    assert!(city.doctor().contains("✓ 备份 backups: 1 份"), "{}", city.doctor());

    let restored = city
        .run(&format!("restore --from {} --backup-key @/backup.key --into sqlite://@/new.db", newest(&city)));
    assert!(restored.exits(0).out.contains("restore: "));
    assert_eq!(verified(&format!("sqlite://{}", city.at("new.db"))), verified(&city.books()));

    // Fewer rows than there were: other books were saved, or rows are lost.
    tongqu(&["demo", "--once", "--persons", "16", "--folder", &city.at("small")]).exits(0);
    city.run("backup --config @/tongqu.toml --database sqlite://@/small/centre.db --to @/other").exits(0);
    let other = fs::read_dir(city.at("other")).unwrap().map(|entry| entry.unwrap().path());
    let other = other.filter(|path| path.is_dir()).max().unwrap();
    fs::rename(other, city.at("backups/later")).unwrap();
    let shrunken = city.doctor();
    assert!(shrunken.contains("比上一份少了 person 的行(60 → 16)"), "{shrunken}");
}

fn newest(city: &City) -> String {
    let folders = fs::read_dir(city.at("backups")).unwrap().map(|entry| entry.unwrap().path());
    folders.filter(|path| path.join("manifest.toml").exists()).max().unwrap().display().to_string()
}

#[test]
fn a_drill_with_a_damaged_backup_fails_and_the_doctor_says_so() {
    let city = City::new(true);
    let backup = city.backup();
    let path = backup.join("books.tqb");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let failed = city.run("drill --from @/backups --backup-key @/backup.key").exits(2).err;
    assert!(failed.contains("备份已损坏或被改动"), "{failed}");
    let told = city.doctor();
    assert!(told.contains("恢复演练未通过") && told.contains("备份已损坏或被改动"), "{told}");
    let refused = city.run(&format!(
        "restore --from {} --backup-key @/backup.key --into sqlite://@/new.db",
        backup.display()
    ));
    assert!(refused.exits(2).err.contains("备份已损坏或被改动"));
    assert!(!Path::new(&city.at("new.db")).exists());
}

#[test]
fn books_that_are_not_sound_are_saved_as_they_are_and_neither_restored_nor_moved() {
    let city = City::new(true);
    let books = rusqlite::Connection::open(city.at("centre.db")).unwrap();
    let damage = "drop trigger posting_stands; update posting set amount = amount + 1 where line = 1 \
                  and journal = (select min(journal) from posting)";
    books.execute_batch(damage).unwrap();
    drop(books);
    let backup = city.backup().display().to_string();
    let broken = |ran: Ran| {
        let out = ran.exits(1).out;
        assert!(
            out.contains("I-1   凭证平衡")
                && !out.contains("verify: 11 settlements, 1 reversals, 69 journals, 0 "),
            "{out}"
        );
        out
    };
    let restored = broken(
        city.run(&format!("restore --from {backup} --backup-key @/backup.key --into sqlite://@/new.db")),
    );
    assert!(restored.contains("restore: 未通过核对"), "{restored}");
    assert!(!Path::new(&city.at("new.db")).exists());
    broken(city.run("drill --from @/backups --backup-key @/backup.key"));
    assert!(city.doctor().contains("账目不变量不成立"), "{}", city.doctor());
    let moved = broken(city.run("migrate --from sqlite://@/centre.db --to sqlite://@/new.db"));
    assert!(moved.contains("migrate: 未通过核对,没有迁移"), "{moved}");
    assert!(!Path::new(&city.at("new.db")).exists());
    assert!(city.doctor().contains("✓ 数据库 database"), "it is where it was: {}", city.doctor());
}

/// Restores from a pipe that gives half of the rows, and kills the program there.
fn restore_half(city: &City, backup: &Path, into: &str) {
    let half = city.at("half");
    let _ = fs::remove_dir_all(&half);
    fs::create_dir(&half).unwrap();
    fs::copy(backup.join("manifest.toml"), format!("{half}/manifest.toml")).unwrap();
    let pipe = format!("{half}/books.tqb");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = Command::new(env!("CARGO_BIN_EXE_tongqu"))
        .args(["restore", "--from", &half, "--backup-key", &city.at("backup.key"), "--into", into])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // It opens once the place was begun, and then it waits for the other half.
    let mut rows = File::options().write(true).open(&pipe).unwrap();
    let bytes = fs::read(backup.join("books.tqb")).unwrap();
    rows.write_all(&bytes[..bytes.len() / 2]).unwrap();
    kill(child);
}

#[test]
fn a_restore_that_is_killed_leaves_a_place_that_nothing_opens_and_is_run_again() {
    let city = City::new(true);
    let backup = city.backup();
    let config = city.at("tongqu.toml");
    let server = Server::start(Durable::No, &[]).unwrap();
    server.say("postgres", "create database again").unwrap();
    let places = [
        (format!("sqlite://{}", city.at("new.db")), format!("sqlite://{}", city.at("new.db"))),
        (format!("{}/postgres", server.url()), format!("{}/again", server.url())),
    ];
    for (place, again) in places {
        restore_half(&city, &backup, &place);
        for tool in [
            &["centre", "--i-accept-data-loss", "--config", &config, "--database", &place][..],
            &["verify", "--database", &place],
        ] {
            let refused = tongqu(tool).exits(2).err;
            assert!(refused.contains("这里的恢复或迁入没有完成,不能启用"), "{refused}");
        }
        let backup = backup.display().to_string();
        let restore = |into: &str| {
            tongqu(&["restore", "--from", &backup, "--backup-key", &city.at("backup.key"), "--into", into])
        };
        if place != again {
            let refused = restore(&place).exits(2).err;
            assert!(refused.contains("dropdb、createdb"), "{refused}");
        }
        restore(&again).exits(0);
        assert_eq!(verified(&again), verified(&city.books()));
        let once_more = restore(&again).exits(2).err;
        assert!(once_more.contains("此处已有数据"), "{once_more}");
    }
}

#[test]
fn a_city_moves_from_a_file_to_a_server_and_nobody_runs_on_the_file_again() {
    let city = City::new(true);
    let server = Server::start(Durable::No, &[]).unwrap();
    let new = format!("{}/postgres", server.url());
    let migrate = |from: &str, to: &str| tongqu(&["migrate", "--from", from, "--to", to]);

    let (centre, told) = city.centre(&city.books());
    assert!(told.contains("centre: http"), "{told}");
    let running = migrate(&city.books(), &new).exits(2).err;
    assert!(running.contains("请先停止在其上运行的中心"), "{running}");
    city.backup();
    kill(centre);

    let before = verified(&city.books());
    let moved = migrate(&city.books(), &new).exits(0).out;
    assert_eq!(moved.matches("相同 equal").count(), 24, "{moved}");
    assert_eq!((verified(&new), verified(&city.books())), (before.clone(), before.clone()));
    let left = city.run("centre --config @/tongqu.toml").exits(2).err;
    assert!(left.contains("账本已于") && left.contains("these books were moved to postgres://"), "{left}");
    assert!(!left.contains("tongqu@"), "no user, no password: {left}");
    assert!(city.doctor().contains("✗ 数据库 database: opening failed"), "{}", city.doctor());
    server.say("postgres", "create database other").unwrap();
    for to in [&new, &format!("{}/other", server.url())] {
        let refused = migrate(&city.books(), to).exits(2).err;
        assert!(refused.contains("these books were moved to"), "{refused}");
    }
    let taken = migrate(&format!("sqlite://{}", city.at("none.db")), &new).exits(2).err;
    assert!(taken.contains("there is no such file"), "{taken}");

    // On the server a centre runs, and one that died is no hindrance either; then back into a file.
    let back = format!("sqlite://{}", city.at("back.db"));
    let (centre, told) = city.centre(&new);
    assert!(told.contains("centre: http"), "{told}");
    let running = migrate(&new, &back).exits(2).err;
    assert!(running.contains("请先停止在其上运行的中心"), "{running}");
    assert!(!Path::new(&city.at("back.db")).exists());
    kill(centre);
    let refused = migrate_once_gone(&new, &city.books()).exits(2).err;
    assert!(refused.contains("此处已有数据"), "{refused}");
    migrate_once_gone(&new, &back).exits(0);
    assert_eq!(verified(&back), before);
    let config = city.at("tongqu.toml");
    let again = ["centre", "--i-accept-data-loss", "--config", &config, "--database", &new];
    let left = tongqu(&again).exits(2).err;
    assert!(left.contains("these books were moved to sqlite://"), "{left}");
}

/// The server may believe for a moment yet that the centre is connected.
fn migrate_once_gone(from: &str, to: &str) -> Ran {
    loop {
        let ran = tongqu(&["migrate", "--from", from, "--to", to]);
        let still = ["请先停止在其上运行的中心", "正有中心启动或正在迁移,请稍后再试"];
        if !still.iter().any(|told| ran.err.contains(told)) {
            return ran;
        }
    }
}

#[test]
fn a_new_installation_has_a_key_of_backups() {
    let (_folder, path) = folder();
    let made = tongqu(&["init", "--folder", &path]).exits(0).out;
    assert!(made.contains("backup.key  备份密钥"), "{made}");
    let config = fs::read_to_string(format!("{path}/tongqu.toml")).unwrap();
    assert!(config.contains("backup_key = \"backup.key\""), "{config}");
    let empty = tongqu(&["backup", "--config", &format!("{path}/tongqu.toml")]).exits(1).out;
    assert!(empty.contains("是空的"), "{empty}");
    let doctor = tongqu(&["doctor", "--config", &format!("{path}/tongqu.toml")]).exits(1).out;
    assert!(doctor.contains("是空的"), "{doctor}");
}

/// The commands of the administrators' manual, in their order.
fn manual(name: &str) -> String {
    let text = fs::read_to_string(root().join("docs/operations").join(name)).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.collect()
}

#[test]
fn the_commands_of_the_manual_do_what_it_says_and_are_the_same_in_both_languages() {
    let commands = manual("backup.md");
    assert_eq!(commands, manual("backup.en.md"));
    assert_eq!(commands.matches("tongqu ").count(), 7, "{commands}");
    let city = City::new(false);
    common::papers_in(&city.path);
    let server = Server::start(Durable::No, &[]).unwrap();
    let new = format!("{}/postgres", server.url());
    std::os::unix::fs::symlink(root().join("policies/demo-city"), city.at("policies")).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_tongqu")).parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let script = format!("set -e\n{}", commands.replace("postgres://tongqu@server/centre", &new));
    let ran =
        Command::new("sh").args(["-c", &script]).current_dir(&city.path).env("PATH", path).output().unwrap();
    assert!(
        ran.status.success(),
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
    assert_eq!(verified(&new), verified(&format!("sqlite://{}", city.at("restored.db"))));
    assert!(city.doctor().contains("✓ 备份 backups: 1 份"));
}
