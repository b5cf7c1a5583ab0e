//! 1301 to 1303, 1305 to 1311, 1313 to 1315, 1320: Names the file of a list; 9102 makes it when it is fetched.

use model::{Listed, Listing};
use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::{DownloadCatalogue, Downloaded, FileReady, code_line, item_line};

use crate::decide::{Context, Decision, Moment};
use crate::files;
use crate::state::State;

pub(crate) fn needs(_: &DownloadCatalogue, _: &mut Needs, _: &Sealer) {}

pub(crate) fn decide(
    request: &DownloadCatalogue,
    _: &Context<'_>,
    _: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let rows = Rows::of(request.list, at);
    // Of a version we do not know everything is told.
    let since = if rows.has(&request.since) { request.since.as_str() } else { "" };
    let version = rows.version();
    Ok(Decision::answer(FileReady {
        number: request.number(since, version),
        name: request.file_name(version),
        until: files::until(at.now),
        count: rows.count(since),
    }))
}

/// The rows of a list.
pub(crate) enum Rows<'a> {
    /// Of the catalogue, those of one national list type.
    Items(&'static str, &'a model::Catalogue),
    /// Of a list of codes.
    Codes(&'a Listing<model::Code>),
    /// Of one the city does not have.
    None,
}

impl<'a> Rows<'a> {
    pub(crate) fn of(list: Downloaded, at: &Moment<'a>) -> Self {
        match list {
            Downloaded::Items(kind) => Self::Items(kind, at.catalogue),
            Downloaded::Codes(list) => at.lists.get(list).map_or(Self::None, Self::Codes),
        }
    }

    fn versions(&self) -> &'a [String] {
        match self {
            Self::Items(_, list) => list.versions(),
            Self::Codes(list) => list.versions(),
            Self::None => &[],
        }
    }

    fn has(&self, version: &str) -> bool {
        self.versions().iter().any(|known| known == version)
    }

    /// The newest version; `0` where there is none.
    fn version(&self) -> &'a str {
        self.versions().last().map_or("0", String::as_str)
    }

    /// How many rows came behind a version.
    fn count(&self, since: &str) -> usize {
        match self {
            Self::Items(kind, list) => list.since(since).filter(|item| item.list_kind == *kind).count(),
            Self::Codes(list) => list.since(since).count(),
            Self::None => 0,
        }
    }

    /// The lines of what came behind a version, up to another.
    pub(crate) fn since(&self, since: &str, to: &str) -> Vec<String> {
        let last = self.versions().iter().position(|known| known == to).unwrap_or(usize::MAX);
        match self {
            Self::Items(kind, list) => {
                let wanted = list.since(since).filter(|item| item.list_kind == *kind);
                lines(list, wanted, last, item_line)
            }
            Self::Codes(list) => lines(list, list.since(since), last, code_line),
            Self::None => Vec::new(),
        }
    }
}

fn lines<'l, T: Listed + 'l>(
    list: &'l Listing<T>,
    rows: impl Iterator<Item = &'l T>,
    last: usize,
    line: fn(&T, &str) -> String,
) -> Vec<String> {
    let known = rows.filter(|row| row.valid().version <= last);
    known.map(|row| line(row, &list.versions()[row.valid().version])).collect()
}
