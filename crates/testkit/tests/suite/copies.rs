//! Backups, restoring them, and moving a centre: what stands in the books afterwards, whichever engine they come from and
//! go to.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use backup::{BackupError, BackupKey, MANIFEST, Manifest, Sum, What};
use jiff::civil::{DateTime, datetime};
use store::{NewBooks, StreamEnd};
use tempfile::TempDir;
use testkit::{Books, Item, TestCentre};

/// The sealed rows of books.
const BOOKS: &str = What::Books.file();
const NIGHT: DateTime = datetime(2026, 11, 24, 2, 0, 0, 0);

/// A centre with some bills, one of them voided, one refused; the last message with what it was answered.
struct Scene {
    centre: TestCentre,
    key: BackupKey,
    folder: TempDir,
    paid: (serde_json::Value, String),
}

fn scene_on(books: Books) -> Scene {
    let centre = TestCentre::start_on(books, 60);
    let program = centre.program("澜州市第一医院");
    let item = centre.sample.catalogue.items()[0].code.clone();
    let people: Vec<_> = centre.sample.persons.iter().map(|p| p.enrolment.number.clone()).collect();
    for person in &people[20..24] {
        program.settle(person, &[Item::one(&item, "80.00")], "80.00");
    }
    let (visit, settled) = program.settle(&people[30], &[Item::one(&item, "50.00")], "50.00");
    program.void(&people[30], &visit, &settled.get("setlinfo", "setl_id")).done();
    assert!(program.void(&people[30], &visit, &settled.get("setlinfo", "setl_id")).code.is_some());
    let visit = program.charge(&people[31], &[Item::one(&item, "5.00")]);
    let bill = program.bill(&people[31], &visit, "1", "5.00");
    let answer = program.say_as("2207", "M-PAID", &bill).done().text;
    let folder = tempfile::tempdir().unwrap();
    Scene { centre, key: BackupKey::generate(), folder, paid: (bill, answer) }
}

impl Scene {
    fn save(&self, at: DateTime) -> (PathBuf, Manifest) {
        let mut reader = self.centre.reader();
        backup::save(reader.as_mut(), self.folder.path(), &self.key, "here", at, &mut |_| {}).unwrap()
    }

    fn saved(&self) -> (PathBuf, Manifest) {
        self.save(NIGHT)
    }

    /// As `tongqu restore` does it.
    fn fill(&self, from: &Path, new: &mut dyn NewBooks) -> Result<Manifest, BackupError> {
        let manifest = Manifest::read_signed(from, &self.key)?;
        backup::fill(from, &manifest, &self.key, &mut *new, &mut |_| {})?;
        backup::compare(new.reader()?.as_mut(), &manifest.tables, &mut |_| {})?;
        Ok(manifest)
    }

    fn restore(&self, from: &Path, into: &Books) {
        let mut new = into.begin().unwrap();
        let manifest = self.fill(from, new.as_mut()).unwrap();
        self.centre.assert_sound_by(new.reader().unwrap().as_mut());
        new.release(&manifest.told()).unwrap();
    }

    fn sums(&self) -> Vec<Sum> {
        backup::sums(self.centre.reader().as_mut(), &mut |_| {}).unwrap()
    }

    /// The message of before is answered as it was, and a new one is done.
    fn goes_on(&self, settlements: u64) {
        // Another program of the hospital numbers its messages by the time.
        self.centre.clock.set(datetime(2026, 11, 23, 9, 0, 0, 0));
        let program = self.centre.program("澜州市第一医院");
        let again = program.say_as("2207", "M-PAID", &self.paid.0).done();
        assert!(again.replayed);
        assert_eq!(again.text, self.paid.1, "to the byte");
        let item = self.centre.sample.catalogue.items()[0].code.clone();
        let person = self.centre.sample.persons[31].enrolment.number.clone();
        program.settle(&person, &[Item::one(&item, "7.00")], "7.00");
        let report = self.centre.assert_clean();
        assert_eq!(report.settlements, settlements + 1);
    }

    fn closed_streams(&self) -> Vec<StreamEnd> {
        let mut ends = Vec::new();
        self.centre.reader().scan(&mut |scan| scan.closed_streams(&mut |end| ends.push(end))).unwrap();
        ends
    }
}

/// From where this run keeps its books into a file, from a file to where this run keeps them, and here from one place to
/// another.
fn ways() -> [(Books, Books); 3] {
    [(Books::new(), Books::file()), (Books::file(), Books::new()), (Books::new(), Books::new())]
}

#[test]
fn a_backup_of_a_running_centre_is_restored_into_either_engine_and_the_centre_goes_on_there() {
    for (from, into) in ways() {
        let mut scene = scene_on(from);
        let (folder, manifest) = scene.saved();
        assert_eq!(folder, scene.folder.path().join("20261124-020000"));
        assert_eq!(manifest.tables, scene.sums(), "nothing has happened since");
        let open = scene.centre.books().ask("select stream from stream where closed is null").len();
        assert!(open > 0, "its writers were at work");
        scene.restore(&folder, &into);
        let left = scene.centre.go_on_with(into);
        // What was open when it was saved was closed when it was opened here, with what it had reached.
        let closed = scene.closed_streams();
        let first = scene.centre.books().ask("select min(stream) from stream where closed is null");
        let before: i64 = first[0][0].parse().unwrap();
        assert_eq!(
            closed.iter().filter(|end| end.stream < before).count(),
            usize::try_from(before).unwrap() - 1
        );
        let told = scene
            .centre
            .books()
            .ask("select count(*) from stream where closed is not null and anchored_by is null");
        assert_eq!(told, [["0"]], "each is told of");
        let origin = scene.centre.books().ask("select object from audit where action = 'books arrived'");
        assert_eq!(origin, [[manifest.told()]], "whoever opens them first puts it on record, once");
        scene.centre.restart();
        assert_eq!(
            scene.centre.books().ask("select count(*) from audit where action = 'books arrived'"),
            [["1"]]
        );
        scene.goes_on(6);
        drop(left);
    }
}

#[test]
fn every_table_stands_in_the_manifest_and_nobody_does() {
    let scene = scene_on(Books::new());
    let (folder, manifest) = scene.saved();
    let mut known: Vec<String> = manifest.tables.iter().map(|sum| sum.table.clone()).collect();
    known.extend(["meta".to_owned(), "refinery_schema_history".to_owned()]);
    known.sort();
    let mut tables = scene.centre.books().tables();
    // A server's counter and its logins are its own, not the books'.
    tables.retain(|table| !["hospital_role", "counter_slot", "counter_bell"].contains(&table.as_str()));
    tables.sort();
    assert_eq!(tables, known, "a table that is not copied is lost: add it to `tables::WHOLE`");
    for Sum { table, rows, .. } in &manifest.tables {
        let counted = scene.centre.books().ask(&format!("select count(*) from {table}"));
        assert_eq!(counted, [[rows.to_string()]], "{table}");
        let columns = tables::Whole::of(table).unwrap().table.columns.len();
        let found = scene.centre.books().ask(&format!("select * from {table} limit 1"));
        assert!(found.iter().all(|row| row.len() == columns), "{table}: a column that is not copied is lost");
    }
    let text = fs::read_to_string(folder.join(MANIFEST)).unwrap();
    let person = &scene.centre.sample.persons[31].enrolment;
    for said in [&person.number, &person.name] {
        assert!(!text.contains(said.as_str()), "{text}");
    }
    let sealed = fs::read(folder.join(BOOKS)).unwrap();
    assert!(!sealed.windows(person.name.len()).any(|part| part == person.name.as_bytes()));
}

#[test]
fn what_a_killed_backup_left_and_what_another_key_made_is_no_backup_and_is_in_nobodys_way() {
    let scene = scene_on(Books::new());
    let (folder, _) = scene.saved();
    let left = scene.folder.path().join(".unfinished");
    fs::create_dir(&left).unwrap();
    for file in [BOOKS, MANIFEST] {
        fs::copy(folder.join(file), left.join(file)).unwrap();
    }
    let other = Scene { key: BackupKey::generate(), folder: scene.folder, ..scene };
    let (later, _) = other.save(datetime(2026, 11, 25, 2, 0, 0, 0));
    assert!(!left.exists());
    let kept = |key: Option<&BackupKey>| {
        let kept = backup::kept(other.folder.path(), What::Books, key).unwrap();
        kept.into_iter().map(|kept| kept.path).collect::<Vec<_>>()
    };
    assert_eq!((kept(None), kept(Some(&other.key))), (vec![folder, later.clone()], vec![later]));
    let mut reader = other.centre.reader();
    let at = datetime(2026, 11, 25, 2, 0, 0, 7_000_000);
    let again = backup::save(reader.as_mut(), other.folder.path(), &other.key, "here", at, &mut |_| {});
    assert!(again.unwrap_err().to_string().contains("is there already"));
}

#[test]
fn a_backup_taken_under_load_restores_to_books_that_verify() {
    let scene = scene_on(Books::new());
    let item = scene.centre.sample.catalogue.items()[0].code.clone();
    let people: Vec<_> = scene.centre.sample.persons.iter().map(|p| p.enrolment.number.clone()).collect();
    let over = AtomicBool::new(false);
    scene.centre.clock.set(datetime(2026, 11, 23, 9, 0, 0, 0));
    let backups: Vec<_> = std::thread::scope(|scope| {
        let others = scene.centre.program("澜州市第二医院");
        for part in people[42..50].chunks(2) {
            let (program, item, over) = (others.clone(), &item, &over);
            scope.spawn(move || {
                for person in part.iter().cycle().take(1_000).take_while(|_| !over.load(Ordering::Relaxed)) {
                    program.settle(person, &[Item::one(item, "9.00")], "9.00");
                }
            });
        }
        let program = scene.centre.program("澜州市第一医院");
        let backups = (0..3).map(|minute| {
            program.settle(&people[40], &[Item::one(&item, "9.00")], "9.00");
            scene.save(datetime(2026, 11, 24, 2, minute, 0, 0))
        });
        let backups = backups.collect();
        over.store(true, Ordering::Relaxed);
        backups
    });
    let rows: Vec<_> = backups.iter().map(|(_, manifest)| manifest.rows_of("settlement")).collect();
    println!("settlement rows in the backups under load: {rows:?}");
    assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
    for (folder, _) in &backups {
        scene.restore(folder, &Books::new());
        scene.restore(folder, &Books::file());
    }
}

/// A try to restore that must fail: nothing there may be opened.
#[track_caller]
fn refused(scene: &Scene, from: &Path, key: &BackupKey, into: &Books, words: &str) {
    let mut begun = false;
    let outcome = Manifest::read_signed(from, key).and_then(|manifest| {
        let mut new = into.begin()?;
        begun = true;
        backup::fill(from, &manifest, key, new.as_mut(), &mut |_| {})
    });
    let told = outcome.expect_err(words).to_string();
    assert!(told.contains(words), "{told}");
    match into {
        Books::File(_) => {
            assert!(!into.path().exists());
            let left: Vec<_> = fs::read_dir(into.path().parent().unwrap()).unwrap().flatten().collect();
            assert!(left.iter().all(|file| file.path().ends_with("centre.db.lock")), "{left:?}");
        }
        Books::Database(..) if begun => {
            let refusal = scene.centre.refusal(into);
            assert!(refusal.contains("has not ended") && refusal.contains("dropdb"), "{refusal}");
        }
        Books::Database(..) => assert_eq!(into.tables(), [""; 0], "nothing was begun"),
    }
}

const DAMAGED: &str = "备份已损坏或被改动";

#[test]
fn a_flipped_byte_anywhere_and_an_early_end_are_told_and_leave_nothing_to_open() {
    let scene = scene_on(Books::new());
    let (folder, _) = scene.saved();
    let mut tries = 0;
    for file in [BOOKS, MANIFEST] {
        let path = folder.join(file);
        let bytes = fs::read(&path).unwrap();
        // The head closely, then places all over, and the end.
        let step = if file == MANIFEST { 37 } else { bytes.len() / 40 };
        let places = (0..20).step_by(7).chain((20..bytes.len()).step_by(step)).chain([bytes.len() - 2]);
        for at in places {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            // One digit of a key's name is another key.
            let words = if file == BOOKS { DAMAGED } else { "" };
            for (damaged, words) in [(&flipped[..], words), (&bytes[..at], DAMAGED)] {
                fs::write(&path, damaged).unwrap();
                // A database is long in the making.
                let into = if tries % 20 == 0 { Books::new() } else { Books::file() };
                refused(&scene, &folder, &scene.key, &into, words);
                tries += 1;
            }
        }
        fs::write(&path, [&bytes[..], b"\n"].concat()).unwrap();
        refused(&scene, &folder, &scene.key, &Books::new(), DAMAGED);
        fs::write(&path, bytes).unwrap();
    }
    println!("{tries} damages, all refused");
    scene.restore(&folder, &Books::new());
}

#[test]
fn a_figure_altered_in_a_manifest_the_rows_of_another_backup_and_another_key_are_told_apart() {
    let scene = scene_on(Books::new());
    let (folder, _) = scene.saved();
    let (later, _) = scene.save(datetime(2026, 11, 25, 2, 0, 0, 0));
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).unwrap();
    let altered = [
        text.replacen("rows = ", "rows = 1", 1),
        text.replacen("made = \"2026-11-24", "made = \"2026-11-29", 1),
        text.replacen("schema = 4", "schema = 1", 1),
        text.replacen("\n[signature]", "note = 1\n\n[signature]", 1),
        text.replacen("hmac_sha256 = \"", "hmac_sha256 = \"0", 1),
        format!("{text}\nnote = 1\n"),
    ];
    for wrong in altered {
        assert_ne!(wrong, text);
        fs::write(&path, &wrong).unwrap();
        refused(&scene, &folder, &scene.key, &Books::new(), DAMAGED);
    }
    fs::write(&path, &text).unwrap();
    let new_tables = Manifest { schema: 5, product: "0.2.0".into(), ..Manifest::read(&folder).unwrap() };
    let mut place = Books::file().begin().unwrap();
    let told = backup::fill(&folder, &new_tables, &scene.key, place.as_mut(), &mut |_| {}).unwrap_err();
    assert!(told.to_string().contains("made by version 0.2.0"), "{told}");
    let other = BackupKey::generate();
    refused(&scene, &folder, &other, &Books::new(), "another backup key");
    // What is sealed twice is two backups, though the rows are the same.
    fs::copy(later.join(BOOKS), folder.join(BOOKS)).unwrap();
    refused(&scene, &folder, &scene.key, &Books::new(), "belongs to another backup");
    fs::remove_file(folder.join(BOOKS)).unwrap();
    refused(&scene, &folder, &scene.key, &Books::new(), BOOKS);
    fs::remove_file(&path).unwrap();
    refused(&scene, &folder, &scene.key, &Books::new(), "no whole backup");
}

#[test]
fn a_place_that_holds_rows_is_left_as_it_is_and_one_begun_elsewhere_is_refused() {
    for into in [Books::file(), Books::new()] {
        let scene = scene_on(into);
        let (folder, _) = scene.saved();
        let before = scene.sums();
        scene.centre.centre.stop();
        let refusal = scene.centre.books().begin().err().unwrap().source.to_string();
        assert!(refusal.contains("不能覆盖"), "{refusal}");
        scene.goes_back(before);
        // Empty books are none, whoever made them.
        let empty = if matches!(scene.centre.books(), Books::File(_)) { Books::file() } else { Books::new() };
        scene.centre.make_empty(&empty);
        let mut new = empty.begin().unwrap();
        assert!(empty.begin().is_err(), "one fills it already");
        let refusal = scene.centre.refusal(&empty);
        assert!(refusal.contains("has not ended") || refusal.contains("holds this database"), "{refusal}");
        scene.fill(&folder, new.as_mut()).unwrap();
        new.release("elsewhere").unwrap();
        let mut scene = scene;
        drop(scene.centre.go_on_with(empty));
        scene.goes_on(6);
    }
}

impl Scene {
    /// Nothing of the books has changed.
    fn goes_back(&self, before: Vec<Sum>) {
        let differs = |(a, b): &(Sum, Sum)| a != b && a.table != "stream" && a.table != "audit";
        let after = self.sums();
        assert_eq!(after.into_iter().zip(before).find(differs), None);
    }
}

#[test]
fn a_centre_moves_with_its_messages_and_what_it_left_is_only_to_be_read() {
    for (from, into) in ways() {
        let mut scene = scene_on(from);
        // While it runs it is not moved.
        let running = scene.centre.books().leave().err().unwrap().source.to_string();
        assert!(running.contains("请先停止在其上运行的中心 stop the centre"), "{running}");
        scene.centre.centre.stop();
        let before = scene.sums();

        let mut leaving = scene.centre.books().leave().unwrap();
        let mut new = into.begin().unwrap();
        let carried = backup::carry(leaving.reader().unwrap().as_mut(), new.as_mut(), &mut |_| {}).unwrap();
        assert_eq!(carried, before);
        backup::compare(new.reader().unwrap().as_mut(), &carried, &mut |_| {}).unwrap();
        scene.centre.assert_sound_by(new.reader().unwrap().as_mut());
        assert!(scene.centre.books().leave().is_err(), "it is held");
        leaving.left("postgres://new/centre", NIGHT).unwrap();
        new.release("elsewhere").unwrap();

        let left = scene.centre.go_on_with(into);
        scene.goes_on(6);
        let refusal = scene.centre.refusal(&left);
        let words = "these books were moved to postgres://new/centre on 2026-11-24 02:00:00.000";
        assert!(refusal.contains(words), "{refusal}");
        let again = left.leave().err().unwrap().source.to_string();
        assert!(again.contains(words), "{again}");
        // Whoever looks something up still can.
        let mut reader = scene.centre.reader_of(&left);
        assert_eq!(backup::sums(reader.as_mut(), &mut |_| {}).unwrap(), before);
    }
}

#[test]
fn a_centre_that_lost_its_connections_while_it_was_moved_writes_nothing_more() {
    let scene = scene_on(Books::new());
    let books = scene.centre.books();
    // A file is held by the process itself, whatever becomes of its connections.
    if matches!(books, Books::File(_)) {
        return;
    }
    books.ask(
        "select pg_terminate_backend(pid, 10000) from pg_stat_activity \
         where datname = current_database() and pid <> pg_backend_pid()",
    );
    let (mut leaving, into) = (books.leave().unwrap(), Books::new());
    let mut new = into.begin().unwrap();
    let carried = backup::carry(leaving.reader().unwrap().as_mut(), new.as_mut(), &mut |_| {}).unwrap();
    leaving.left("postgres://new/centre", NIGHT).unwrap();
    new.release("elsewhere").unwrap();
    scene.centre.clock.set(datetime(2026, 11, 23, 9, 0, 0, 0));
    let program = scene.centre.program("澜州市第一医院");
    let person = scene.centre.sample.persons[31].enrolment.number.clone();
    let said = program.say("2207", &program.bill(&person, "7", "1", "5.00"));
    // It cannot look whether it knows the message: the sender says it again, and by then to the new centre.
    assert_eq!(said.code.as_deref(), Some("?"));
    assert_eq!(scene.sums(), carried, "nothing was written behind the move");
}

#[test]
fn a_move_that_is_given_up_leaves_the_centre_where_it_was() {
    for (from, into) in ways() {
        let mut scene = scene_on(from);
        scene.centre.centre.stop();
        let before = scene.sums();
        let mut leaving = scene.centre.books().leave().unwrap();
        let mut new = into.begin().unwrap();
        backup::carry(leaving.reader().unwrap().as_mut(), new.as_mut(), &mut |_| {}).unwrap();
        drop((leaving, new));
        assert_eq!(scene.sums(), before);
        if matches!(into, Books::Database(..)) {
            assert!(scene.centre.refusal(&into).contains("has not ended"));
        }
        scene.centre.restart();
        scene.goes_on(6);
    }
}
