//! Backups of the papers of desks: what stands in them afterwards, whichever engine they come from and go to; what is damaged
//! or half done opens nowhere.

use std::fs;

use backup::{BackupError, BackupKey, Manifest, What};
use jiff::civil::{DateTime, datetime};
use store::{Act, Change, DeskStore, Put, Tenant};
use testkit::{Books, TestDesk};

const HOSPITAL: &str = "庄市佩珍医院";
const NIGHT: DateTime = datetime(2026, 11, 24, 2, 0, 0, 0);

/// A desk at which a bill was charged to 王建国, a backup of it, and its key.
struct Scene {
    desk: TestDesk,
    folder: tempfile::TempDir,
    key: BackupKey,
    bill: String,
}

impl Scene {
    fn new() -> Self {
        let desk = TestDesk::start(60, &[HOSPITAL]);
        let mut browser = desk.signed_in(HOSPITAL, "0103");
        let document = desk.centre.sample.person("王建国").document.clone();
        browser.get("/charge");
        browser.post("/charge", &[("card", &document)]);
        let place = browser.place.clone();
        browser.post(&format!("{place}/visit"), &[("doctor", "012"), ("diagnosis", "I10")]);
        for (step, form) in [("line", ("item", "amlz*2")), ("try", ("", "")), ("tender", ("tendered", "900"))]
        {
            browser.post(&format!("{place}/{step}"), &[form]);
        }
        browser.post(&format!("{place}/settle"), &[]);
        assert!(browser.place.contains("done="), "{}", browser.text());
        let bill = place.trim_start_matches("/charge/").to_owned();
        Self { desk, folder: tempfile::tempdir().unwrap(), key: BackupKey::generate(), bill }
    }

    fn save(&self, at: DateTime) -> (std::path::PathBuf, Manifest) {
        let mut papers = self.desk.centre.books().papers().unwrap();
        let (to, key) = (self.folder.path(), &self.key);
        backup::save(papers.as_mut(), to, key, "here", at, &mut |_| {}).unwrap()
    }

    /// As `tongqu restore` does it; answers what was refused.
    fn restore(&self, from: &std::path::Path, into: &Books) -> Result<(), BackupError> {
        let manifest = Manifest::read_signed(from, &self.key)?;
        let mut new = into.begin_papers()?;
        backup::fill(from, &manifest, &self.key, new.as_mut(), &mut |_| {})?;
        backup::compare(new.scan()?.as_mut(), &manifest.tables, &mut |_| {})?;
        Ok(new.release()?)
    }

    fn tenant(&self) -> Tenant {
        Tenant(self.desk.code(HOSPITAL))
    }
}

#[test]
fn papers_are_the_same_wherever_they_are_brought_back() {
    let scene = Scene::new();
    let (from, manifest) = scene.save(NIGHT);
    assert_eq!(manifest.what, What::Papers);
    assert!(manifest.tables.iter().all(|sum| sum.rows > 0), "{:?}", manifest.tables);
    for into in [Books::file(), Books::new()] {
        scene.restore(&from, &into).unwrap();
        let store = into.desk(scene.desk.centre.sealer());
        let read = |store: &dyn DeskStore| {
            let bill = store.paper(&scene.tenant(), "bill", &scene.bill).unwrap().expect("the bill");
            (bill, store.events(&scene.tenant(), "bill", &scene.bill).unwrap())
        };
        let (was, is) = (read(scene.desk.store()), read(store.as_ref()));
        assert_eq!(was, is, "with what is personal, and every step of it");
        assert!(is.0.private.contains("王建国"));
        // It is written on.
        let change = Change { paper: is.0, event: Some("printed".into()) };
        let act = Act { at: NIGHT, operator: "0103".into(), workstation: String::new() };
        assert_eq!(store.put(&scene.tenant(), &[change], &act).unwrap(), Put::Done);
    }
}

#[test]
fn what_is_damaged_or_of_something_else_opens_nowhere() {
    let scene = Scene::new();
    let (from, _) = scene.save(NIGHT);
    let mut reader = scene.desk.centre.reader();
    let books = backup::save(reader.as_mut(), scene.folder.path(), &scene.key, "here", NIGHT, &mut |_| {});
    let (books, _) = books.unwrap();
    let refused = |from: &std::path::Path, into: &Books| scene.restore(from, into).unwrap_err().to_string();
    assert!(refused(&books, &Books::new()).contains("a backup of 账本 books"));
    let into = Books::new();
    let sealed = from.join(What::Papers.file());
    let mut bytes = fs::read(&sealed).unwrap();
    let last = bytes.len() - 1;
    bytes[last / 2] ^= 1;
    fs::write(&sealed, &bytes).unwrap();
    assert!(refused(&from, &into).contains("damaged"));
    // Nothing of it is there for a desk to open, and papers that are there are not overwritten.
    if let Books::File(folder) = &into {
        assert!(!folder.path().join("desk.db").exists());
    } else {
        assert!(into.papers().is_err(), "closed for ever");
    }
    let own = scene.desk.centre.books().begin_papers();
    assert!(own.is_err(), "a desk holds them, and there are rows");
}

#[test]
fn each_kind_is_kept_and_looked_at_by_itself() {
    let scene = Scene::new();
    let (first, _) = scene.save(NIGHT);
    let (second, _) = scene.save(datetime(2026, 11, 25, 2, 0, 0, 0));
    let folder = scene.folder.path();
    let kept = |what| backup::kept(folder, what, Some(&scene.key)).unwrap();
    let paths: Vec<_> = kept(What::Papers).into_iter().map(|kept| kept.path).collect();
    assert_eq!((paths, kept(What::Books).len()), (vec![first, second], 0));
    assert_eq!(backup::doubts(&kept(What::Papers)), [""; 0]);
}
