//! Notices: read, said to be read, published and withdrawn.

use minijinja::{Value, context};
use store::By;
use web::{Asked, Said, field};

use super::charge::Wrong;
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::house::Use;
use crate::notice::{Notice, NoticeRead, Seen, read_tag};
use crate::people::{Right, Role};
use crate::place::{House, Place};
use crate::sheet::{ALL, Sheet};

/// Notices as a file.
const COLUMNS: [Column; 6] = [
    ("notice-from", "from", Kind::Text),
    ("notice-until", "until", Kind::Text),
    ("notice-title", "title", Kind::Text),
    ("notice-body", "body", Kind::Text),
    ("notice-by", "by", Kind::Text),
    ("notice-read", "read_words", Kind::Text),
];

/// Those for whoever asks, what he has not read first.
pub(crate) fn show(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let rows = rows(at)?;
    if let Some(file) = export::wanted(at, asked, "notices", &COLUMNS, &rows) {
        return file;
    }
    page(at, &web::Fields::default(), &rows, &Wrong::default())
}

fn rows(at: &At<'_>) -> Result<Vec<Value>, Stop> {
    let mut all = at.notices()?;
    all.sort_by(|a, b| (a.2, !a.1.must_read, b.1.from, &b.0).cmp(&(b.2, !b.1.must_read, a.1.from, &a.0)));
    all.iter().map(|(key, notice, seen)| row(at, key, notice, *seen)).collect()
}

fn row(at: &At<'_>, key: &str, notice: &Notice, seen: Seen) -> Result<Value, Stop> {
    let ours = !notice.by.is_empty() && publishes(at);
    // Whoever publishes sees how many have read it.
    let readers =
        ours.then(|| at.papers.list::<NoticeRead>(By::Tag(&read_tag(key)), ALL, 0).map(|all| all.len()));
    let readers = readers.transpose()?;
    Ok(context! {
        key, title => notice.title, body => notice.body, must => notice.must_read, readers,
        unread => seen == Seen::Unread,
        from => notice.from.to_string(), until => notice.until.map(|until| until.to_string()),
        by => if notice.by.is_empty() { at.word("notice-centre") } else { notice.by.clone() },
        read_words => at.word(seen_key(seen)), withdraws => ours,
        roles => notice.roles.iter().map(|role| at.word(role.key())).collect::<Vec<_>>(),
    })
}

fn seen_key(seen: Seen) -> &'static str {
    match seen {
        Seen::Unread => "notice-unread",
        Seen::Read => "notice-is-read",
        Seen::Others => "notice-others",
    }
}

fn publishes(at: &At<'_>) -> bool {
    at.operator.has(Right::PublishNotices)
}

fn page(at: &At<'_>, typed: &web::Fields, rows: &[Value], wrong: &Wrong) -> Result<Shown, Stop> {
    let facts = context! {
        rows, publishes => publishes(at),
        roles => Role::ALL.map(|role| context! { code => role.word(), name => at.word(role.key()) }),
        title => typed.get("title"), body => typed.get("body"), role => typed.get("role"), until => typed.get("until"),
        must => typed.has("must"), wrong => context! { field => wrong.field, why => wrong.why },
        here => Place::House(House::Notices).to_string(), next => Place::Home.to_string(), csrf => at.session.facts.csrf,
    };
    Ok(Shown::Page("desk/notices.html", facts))
}

/// Says one is read, publishes one, or withdraws one.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    match asked.form.get("do") {
        "read" => read(at, asked.form.get("key")),
        "withdraw" if publishes(at) => withdraw(at, asked.form.get("key")),
        "publish" if publishes(at) => publish(at, asked),
        "withdraw" | "publish" => Err(Stop::Right(Right::PublishNotices)),
        _ => Err(Stop::Nothing),
    }
}

fn read(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let (key, _, seen) = at.notices()?.into_iter().find(|(known, ..)| known == key).ok_or(Stop::Nothing)?;
    if seen == Seen::Unread {
        let facts = NoticeRead { notice: key.clone(), operator: at.login().to_owned(), at: at.now };
        let paper = format!("{key}/{}", at.login());
        let mut reading = Sheet::new(paper, Use::Active, Some(at.now.date()), facts);
        // Read at another window meanwhile it is read.
        reading.version = at.papers.get::<NoticeRead>(&reading.key)?.map_or(0, |known| known.version);
        let mut session = at.session.clone();
        session.facts.read.push(key);
        at.papers.put(&[reading.happened("read"), session.typed()], &at.act())?;
    }
    Ok(Shown::Go(Place::House(House::Notices).to_string()))
}

fn withdraw(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut notice = at.papers.get::<Notice>(key)?.ok_or(Stop::Nothing)?;
    if notice.state == Use::Active {
        notice.state = Use::Stopped;
        at.papers.put(&[notice.happened("withdraw")], &at.act())?;
        at.desk.wipe_board(at.papers.hospital());
    }
    Ok(Shown::Go(Place::House(House::Notices).to_string()))
}

fn publish(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    match typed(at, asked) {
        Ok(notice) => {
            let notice = Sheet::new(at.desk.key(), Use::Active, Some(at.now.date()), notice);
            at.papers.put(&[notice.happened("publish")], &at.act())?;
            at.desk.wipe_board(at.papers.hospital());
            Ok(Shown::Go(Place::House(House::Notices).to_string()))
        }
        Err((name, said)) => page(at, &asked.form, &rows(at)?, &Wrong::new(at, name, "", &said)),
    }
}

fn typed(at: &At<'_>, asked: &Asked) -> Result<Notice, (&'static str, Said)> {
    let (title, body) = Notice::words(asked.form.get("title"), asked.form.get("body"))
        .map_err(|(name, most)| (name, Said::new("notice-long").with("most", most)))?;
    let today = at.now.date();
    let until = match asked.form.get("until") {
        "" => None,
        day => Some(field::day(day, today).map_err(|said| ("until", said))?),
    };
    if until.is_some_and(|until| until < today) {
        return Err(("until", Said::new("notice-over")));
    }
    let roles = Role::of(asked.form.get("role")).into_iter().collect();
    let (must_read, by) = (asked.form.has("must"), at.login().to_owned());
    Ok(Notice { title, body, roles, from: today, until, must_read, by })
}
