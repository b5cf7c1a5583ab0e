//! Notices: what the centre or the house has to tell those who work at its windows. Who has read one is on paper; one that
//! must be read is shown at each sign-in until it was.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use store::By;
use web::field;

use crate::desk::{At, Desk, locked};
use crate::house::Use;
use crate::people::{Right, Role};
use crate::sheet::{Form, PaperError, Papers, Sheet, state_word};

/// A notice. The key is a number of the house's; the centre's own are kept by the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its title.
    pub title: String,
    /// What it says.
    pub body: String,
    /// Who is told; empty: everybody.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// From which day.
    pub from: Date,
    /// Until which day; none: until it is withdrawn.
    #[serde(default)]
    pub until: Option<Date>,
    /// It is shown at each sign-in until it was read.
    #[serde(default)]
    pub must_read: bool,
    /// Who published it: a staff number; empty: the centre.
    #[serde(default)]
    pub by: String,
}

impl Form for Notice {
    const KIND: &'static str = "notice";
    type State = Use;
    type Private = ();
}

/// Signs of a title and of a text at the most.
const TITLE: usize = 60;
const BODY: usize = 2_000;

impl Notice {
    /// A title and a text as they are kept; where one is missing or too long, which and how long it may be.
    pub fn words(title: &str, body: &str) -> Result<(String, String), (&'static str, usize)> {
        let kept = |name, text: String, most: usize| {
            if (1..=most).contains(&text.chars().count()) { Ok(text) } else { Err((name, most)) }
        };
        let title = kept("title", field::plain(title), TITLE)?;
        Ok((title, kept("body", body.replace("\r\n", "\n").trim().to_owned(), BODY)?))
    }

    /// Whether somebody with these roles, who has read these, has it to read.
    pub(crate) fn is_unread(&self, key: &str, roles: &[Role], read: &[String], today: Date) -> bool {
        self.is_for(roles, today) && !read.iter().any(|known| known == key)
    }

    /// Whether it is there on a day for somebody with these roles.
    pub fn is_for(&self, roles: &[Role], today: Date) -> bool {
        let here = self.from <= today && self.until.is_none_or(|until| today <= until);
        here && (self.roles.is_empty() || self.roles.iter().any(|role| roles.contains(role)))
    }
}

/// That somebody has read a notice. The key is the notice's and his number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRead {
    /// Which.
    pub notice: String,
    /// Who.
    pub operator: String,
    /// When.
    pub at: DateTime,
}

impl Form for NoticeRead {
    const KIND: &'static str = "notice-read";
    type State = Use;
    type Private = ();

    fn tags(&self, _: Use) -> Vec<String> {
        vec![reader_tag(&self.operator), read_tag(&self.notice)]
    }
}

fn reader_tag(operator: &str) -> String {
    format!("reader:{operator}")
}

/// What the readings of a notice are found by.
pub(crate) fn read_tag(notice: &str) -> String {
    format!("read:{notice}")
}

/// So many of somebody's latest readings are looked at: older notices are gone.
const READINGS: usize = 300;

/// The keys of what somebody has read.
pub(crate) fn read_by(papers: &Papers, operator: &str) -> Result<Vec<String>, PaperError> {
    let all: Vec<Sheet<NoticeRead>> = papers.list(By::Tag(&reader_tag(operator)), READINGS, 0)?;
    Ok(all.into_iter().map(|reading| reading.facts.notice).collect())
}

/// What the centre has to tell its hospitals.
pub trait Bulletin: Send + Sync {
    /// The notices for a hospital, each with its key, newest first.
    fn notices(&self, hospital: &str) -> Vec<(String, Notice)>;
}

/// A centre that tells nothing this way.
pub struct Silent;

impl Bulletin for Silent {
    fn notices(&self, _: &str) -> Vec<(String, Notice)> {
        Vec::new()
    }
}

/// All notices of a hospital, with their keys.
pub(crate) type Board = Arc<Vec<(String, Notice)>>;

/// So long the board is believed: no page must read it.
const FRESH: SignedDuration = SignedDuration::from_secs(30);

impl Desk {
    /// The notices of a hospital, the centre's first.
    pub(crate) fn board(&self, papers: &Papers) -> Result<Board, PaperError> {
        let now = self.clock.now();
        if let Some((seen, board)) = locked(&self.boards).get(papers.hospital())
            && now.duration_since(*seen) < FRESH
        {
            return Ok(board.clone());
        }
        let own: Vec<Sheet<Notice>> = papers.list(By::State(&state_word(Use::Active)), READINGS, 0)?;
        let own = own.into_iter().map(|notice| (notice.key, notice.facts));
        let board: Board =
            Arc::new(self.bulletin.notices(papers.hospital()).into_iter().chain(own).collect());
        locked(&self.boards).insert(papers.hospital().to_owned(), (now, board.clone()));
        Ok(board)
    }

    /// A notice was published or withdrawn: the board is read anew.
    pub(crate) fn wipe_board(&self, hospital: &str) {
        locked(&self.boards).remove(hospital);
    }
}

/// What a notice is to whoever looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    /// He has not read it.
    Unread,
    /// He has.
    Read,
    /// It is for others; who publishes sees it.
    Others,
}

impl At<'_> {
    /// The notices for whoever asks, and the house's own if he publishes them.
    pub(crate) fn notices(&self) -> Result<Vec<(String, Notice, Seen)>, PaperError> {
        let seen = |key: &str, notice: &Notice| {
            if self.has_to_read(key, notice) {
                return Some(Seen::Unread);
            }
            if notice.is_for(&self.operator.roles, self.now.date()) {
                return Some(Seen::Read);
            }
            let shown = !notice.by.is_empty() && self.operator.has(Right::PublishNotices);
            shown.then_some(Seen::Others)
        };
        let board = self.desk.board(&self.papers)?;
        let all = board.iter();
        let all = all.filter_map(|(key, notice)| Some((key.clone(), notice.clone(), seen(key, notice)?)));
        Ok(all.collect())
    }

    fn has_to_read(&self, key: &str, notice: &Notice) -> bool {
        notice.is_unread(key, &self.operator.roles, &self.session.facts.read, self.now.date())
    }

    /// How many he has not read. A header is no place for a fault: papers that cannot be read are told elsewhere.
    pub(crate) fn unread(&self) -> usize {
        let unread =
            |board: Board| board.iter().filter(|(key, notice)| self.has_to_read(key, notice)).count();
        self.desk.board(&self.papers).map_or(0, unread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_title_and_a_text_are_there_and_no_longer_than_they_may_be() {
        let (long, longer) = ("目".repeat(60), "目".repeat(61));
        let check = |title: &str, body: &str, expected: Result<(&str, &str), (&str, usize)>| {
            let words = Notice::words(title, body);
            let words = words.as_ref().map(|(title, body)| (title.as_str(), body.as_str()));
            assert_eq!(words.map_err(|wrong| *wrong), expected, "{title}");
        };
        check(" 停电 ", "一\r\n二\n", Ok(("停电", "一\n二")));
        check(&long, "一", Ok((&long, "一")));
        check(&longer, "一", Err(("title", 60)));
        check(" ", "一", Err(("title", 60)));
        check("停电", "\n", Err(("body", 2_000)));
        check("停电", &"一".repeat(2_001), Err(("body", 2_000)));
    }

    #[test]
    fn a_notice_is_for_its_days_and_its_roles() {
        let notice = Notice {
            title: "目录".into(),
            body: String::new(),
            roles: vec![Role::Cashier],
            from: date(2026, 11, 2),
            until: Some(date(2026, 11, 3)),
            must_read: false,
            by: String::new(),
        };
        let seen = |roles: &[Role], day| notice.is_for(roles, date(2026, 11, day));
        assert_eq!(
            [1, 2, 3, 4].map(|day| seen(&[Role::Finance, Role::Cashier], day)),
            [false, true, true, false]
        );
        assert!(!seen(&[Role::Finance], 2));
        let all = Notice { roles: Vec::new(), until: None, ..notice.clone() };
        assert!(all.is_for(&[], date(2027, 1, 1)));
    }
}
