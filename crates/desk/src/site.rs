//! From what a browser asks to a page: whose session it is, whether he may, and the frame around what is shown.

use minijinja::context;
use serde::Serialize;
use web::{Answer, Asked, Fields, HTML, Language, Pages, Said, Site, Standing, Texts, asset};

use crate::desk::{At, Desk, Shown, Stop, locked};
use crate::house::Hospital;
use crate::manual;
use crate::people::{Operator, OperatorState, Right, Session, SessionState};
use crate::place::{House, Inpatient, Office, Place, Report, Step};
use crate::screens;
use crate::sheet::{PaperError, Sheet};

/// The cookie of a session: the hospital and the token.
pub(crate) const COOKIE: &str = "__Host-tongqu";
/// The cookie of the language before somebody is signed in.
const LANGUAGE: &str = "language";

/// The templates and texts of the desk.
pub(crate) fn pages() -> Pages {
    let templates = [web::BASE, screens::TEMPLATES].concat();
    Pages::new(&templates, Texts::new(&[web::TEXTS, screens::TEXTS].concat()))
}

/// What of the frame differs from page to page.
#[derive(Serialize)]
pub(crate) struct Frame {
    part: bool,
    tag: &'static str,
    other_tag: &'static str,
    other: &'static str,
    toggle: String,
    version: &'static str,
    contrast: bool,
    lock_ms: i64,
    hospital: String,
    operator: String,
    day: String,
    csrf: String,
    line: Option<Line>,
    /// How many notices are unread; none: nobody is signed in.
    notices: Option<usize>,
    /// The chapter of the manual that tells of the page.
    help: String,
    tabs: Vec<Tab>,
}

#[derive(Serialize)]
struct Line {
    state: &'static str,
    words: String,
}

#[derive(Serialize)]
struct Tab {
    href: String,
    name: String,
    here: bool,
}

impl Frame {
    /// Around a page that anybody sees.
    pub(crate) fn bare(language: Language, asked: &Asked) -> Self {
        Self {
            part: asked.part,
            tag: language.tag(),
            other_tag: language.other().tag(),
            other: if language == Language::Zh { "English" } else { "中文" },
            toggle: format!(
                "/language/{}{}",
                language.other().word(),
                Fields::of(&[("back", &path(asked))]).written()
            ),
            version: env!("CARGO_PKG_VERSION"),
            contrast: asked.cookies.get("contrast") == "1",
            lock_ms: 0,
            hospital: String::new(),
            operator: String::new(),
            day: String::new(),
            csrf: String::new(),
            line: None,
            notices: None,
            help: help(asked.path.first().map_or("", String::as_str)),
            tabs: Vec::new(),
        }
    }

    fn around(at: &At<'_>, asked: &Asked) -> Self {
        let line = *locked(&at.desk.line);
        let here = asked.path.first().map_or("", String::as_str);
        let tab = |place: Place, key: &'static str| Tab {
            here: place.to_string().trim_start_matches('/') == here,
            href: place.to_string(),
            name: at.word(key),
        };
        let tabs = TABS.into_iter();
        let tabs = tabs.filter(|(place, _)| at.operator.has(place.right()));
        Self {
            lock_ms: at.hospital.parameters.lock_minutes * 60_000,
            hospital: at.house(at.branch()),
            operator: format!("{} {}", at.login(), at.operator.name),
            day: at.now.date().to_string(),
            csrf: at.session.facts.csrf.clone(),
            line: Some(Line {
                state: if line { "" } else { "down" },
                words: at.word(if line { "line-up" } else { "line-down" }),
            }),
            notices: Some(at.unread()),
            tabs: tabs.map(|(place, key)| tab(place, key)).collect(),
            ..Self::bare(at.language(), asked)
        }
    }
}

/// The modules, in the order of their tabs.
const TABS: [(Place, &str); 30] = [
    (Place::Charge, "tab-charge"),
    (Place::House(House::Today), "tab-today"),
    (Place::Bills, "tab-bills"),
    (Place::Inpatient(Inpatient::Admissions), "tab-admission"),
    (Place::Inpatient(Inpatient::Deposits), "tab-deposits"),
    (Place::Inpatient(Inpatient::Postings), "tab-posting"),
    (Place::Inpatient(Inpatient::Discharges), "tab-discharge"),
    (Place::Inpatient(Inpatient::Beds), "tab-beds"),
    (Place::Inpatient(Inpatient::Arrears), "tab-arrears"),
    (Place::House(House::Closing), "tab-closing"),
    (Place::House(House::Numbers), "tab-numbers"),
    (Place::House(House::Confirm), "tab-confirm"),
    (Place::House(House::Approvals), "tab-approvals"),
    (Place::House(House::Doubts), "tab-doubts"),
    (Place::Report(Report::All), "tab-reports"),
    (Place::Office(Office::Days), "tab-reconcile"),
    (Place::Office(Office::Tickets), "tab-tickets"),
    (Place::Office(Office::Months), "tab-months"),
    (Place::Office(Office::Prices), "tab-prices"),
    (Place::Office(Office::Mapping), "tab-mapping"),
    (Place::Office(Office::Catalogue), "tab-catalogue"),
    (Place::House(House::Segments), "tab-segments"),
    (Place::House(House::Doctors), "tab-doctors"),
    (Place::House(House::Diagnoses), "tab-diagnoses"),
    (Place::House(House::Packages), "tab-packages"),
    (Place::House(House::Operators), "tab-operators"),
    (Place::House(House::Windows), "tab-windows"),
    (Place::Inpatient(Inpatient::Wards), "tab-wards"),
    (Place::House(House::Forms), "tab-forms"),
    (Place::Office(Office::Parameters), "tab-parameters"),
];

/// Where the manual tells of a page; of the manual itself, where it begins.
fn help(page: &str) -> String {
    format!("{}/{}", manual::PLACE, manual::chapter_of(page))
}

/// Where somebody is, to come back to: behind something done, the place whose page is shown then.
fn path(asked: &Asked) -> String {
    let place = Place::read(asked).map(|place| place.page().to_string());
    let place = place.unwrap_or_else(|| format!("/{}", asked.path.join("/")));
    format!("{place}{}", asked.query.written())
}

impl Site for Desk {
    fn answer(&self, asked: &Asked) -> Answer {
        let answer = self.find(asked);
        safe(answer)
    }
}

/// Nothing of another site is ever loaded, and nobody shows these pages within his own.
fn safe(answer: Answer) -> Answer {
    let cached = answer.header("cache-control").is_some();
    let answer = answer
        .with(
            "content-security-policy",
            "default-src 'self'; frame-ancestors 'self'; form-action 'self'".into(),
        )
        .with("x-content-type-options", "nosniff".into())
        .with("referrer-policy", "same-origin".into());
    if cached { answer } else { answer.with("cache-control", "no-store".into()) }
}

impl Desk {
    fn find(&self, asked: &Asked) -> Answer {
        if let [name] = asked.segments().as_slice()
            && let Some(found) = asset(name)
        {
            return found;
        }
        if asked.segments() == ["favicon.ico"] {
            return Answer::of(HTML, "")
                .with_status(204)
                .with("cache-control", "public, max-age=31536000".into());
        }
        if let ["language", word] = asked.segments().as_slice() {
            return self.speak(asked, Language::of(word));
        }
        let language = Language::of(asked.cookies.get(LANGUAGE));
        if asked.post && !asked.is_from_here() {
            return self.stopped(asked, language, &Said::new("foreign"), 403);
        }
        if asked.segments() == ["set-up"] {
            return screens::operators::set_up(self, asked, language);
        }
        if let ["manual", "pictures", name] = asked.segments().as_slice() {
            let cached = "public, max-age=86400".to_owned();
            return match manual::picture(name) {
                Some(picture) => Answer::of("image/webp", picture.to_vec()).with("cache-control", cached),
                None => self.stopped(asked, language, &Said::new("nothing-here"), 404),
            };
        }
        match self.session(asked) {
            Ok(Some(session)) => self.within(asked, session),
            // Whoever cannot sign in may read how to.
            Ok(None) if asked.segments().first() == Some(&"manual") => self.read_manual(asked, language),
            Ok(None) => screens::sign_in::answer(self, asked, language),
            Err(error) => self.fault(asked, language, &error),
        }
    }

    /// A chapter for somebody who has not signed in.
    fn read_manual(&self, asked: &Asked, language: Language) -> Answer {
        let name = asked.segments().get(1).copied().unwrap_or_default().to_owned();
        match manual::chapter(&name, language) {
            Some((title, text)) => {
                let frame = Frame::bare(language, asked);
                self.render(
                    language,
                    "desk/manual.html",
                    context! { frame, title, text, contents => manual::PLACE },
                )
            }
            None => self.stopped(asked, language, &Said::new("nothing-here"), 404),
        }
    }

    /// What is asked within a session.
    fn within(&self, asked: &Asked, session: (String, Sheet<Session>)) -> Answer {
        let language = session.1.facts.language;
        let (at, standing) = match self.at(session) {
            Ok(Some(found)) => found,
            Ok(None) => return screens::sign_in::answer(self, asked, language),
            Err(error) => return self.fault(asked, language, &error),
        };
        match standing {
            Standing::Over => return screens::sign_in::over(self, asked, &at),
            Standing::Locked => return screens::sign_in::locked_screen(&at, asked),
            Standing::Open => {}
        }
        let Some(place) = Place::read(asked) else {
            return self.stopped_within(&at, asked, &Stop::Nothing);
        };
        if asked.post && asked.form.get("csrf") != at.session.facts.csrf {
            return self.stopped_within(&at, asked, &Stop::Foreign);
        }
        if let Some(stop) = at.lacks(place.right()) {
            return self.stopped_within(&at, asked, &stop);
        }
        let shown = route(&at, asked, &place);
        self.finish(&at, asked, &place.page().to_string(), shown)
    }

    /// A page; or another place, which the script is shown at once.
    fn finish(&self, at: &At<'_>, asked: &Asked, place: &str, shown: Result<Shown, Stop>) -> Answer {
        match shown {
            Ok(Shown::Page(template, facts)) => {
                let answer = self.page(at, asked, template, &facts);
                if asked.post { answer.with("x-place", place.to_owned()) } else { answer }
            }
            Ok(Shown::Go(to)) if asked.part => {
                let next = Asked {
                    part: true,
                    cookies: asked.cookies.clone(),
                    address: asked.address,
                    ..Asked::get(&to)
                };
                let Some(target) = Place::read(&next) else { return Answer::go(&to) };
                let fresh = asked.post.then(|| self.again(at)).flatten();
                let at = fresh.as_ref().unwrap_or(at);
                if let Some(stop) = at.lacks(target.right()) {
                    return self.stopped_within(at, asked, &stop);
                }
                let shown = route(at, &next, &target);
                self.finish(at, &next, &to, shown).with("x-place", to)
            }
            Ok(Shown::Go(to)) => Answer::go(&to),
            Ok(Shown::Raw(answer)) => answer,
            Err(Stop::Instead(shown)) => self.finish(at, asked, place, Ok(shown)),
            Err(stop) => self.stopped_within(at, asked, &stop),
        }
    }

    fn page(&self, at: &At<'_>, asked: &Asked, template: &str, facts: &minijinja::Value) -> Answer {
        let frame = Frame::around(at, asked);
        self.render(at.language(), template, context! { frame => frame, ..facts.clone() })
    }

    pub(crate) fn render(&self, language: Language, template: &str, facts: minijinja::Value) -> Answer {
        match self.pages.show(language, template, facts) {
            Ok(text) => Answer::of(HTML, text),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), template, "a page could not be shown");
                Answer::of("text/plain; charset=utf-8", "系统内部错误 an error of the program")
                    .with_status(500)
            }
        }
    }

    /// The session of a browser, with the hospital it is of.
    fn session(&self, asked: &Asked) -> Result<Option<(String, Sheet<Session>)>, PaperError> {
        let Some((hospital, token)) = asked.cookies.get(COOKIE).split_once('.') else { return Ok(None) };
        let session = self.papers(hospital).get::<Session>(&web::token_hash(token))?;
        let open = session.filter(|session| session.state == SessionState::Open);
        Ok(open.map(|session| (hospital.to_owned(), session)))
    }

    /// Who asks, and how his session stands; none where he or his hospital is gone.
    fn at(
        &self,
        (hospital, session): (String, Sheet<Session>),
    ) -> Result<Option<(At<'_>, Standing)>, PaperError> {
        let papers = self.papers(&hospital);
        let now = self.clock.now();
        let operator = papers.get::<Operator>(&session.facts.operator)?;
        let Some(operator) = operator.filter(|operator| operator.state == OperatorState::Active) else {
            return Ok(None);
        };
        let Some(house) = papers.get::<Hospital>(Hospital::KEY)? else { return Ok(None) };
        let heard = locked(&self.heard).get(&session.key).copied().unwrap_or(session.facts.heard);
        let lock = jiff::SignedDuration::from_mins(house.facts.parameters.lock_minutes);
        let standing = web::standing(session.facts.began, heard, lock, now);
        let mut at = At { desk: self, papers, hospital: house.facts, session, operator: operator.facts, now };
        if standing == Standing::Open {
            at.keep_heard();
        }
        Ok(Some((at, standing)))
    }

    /// Who asks as he is behind what he did, which may have changed his session or his house.
    fn again(&self, at: &At<'_>) -> Option<At<'_>> {
        let session = at.papers.get::<Session>(&at.session.key).ok()??;
        self.at((at.papers.hospital().to_owned(), session)).ok()?.map(|(at, _)| at)
    }

    /// The same page in another language.
    fn speak(&self, asked: &Asked, language: Language) -> Answer {
        let back = asked.query.get("back");
        // Only a place of ours.
        let back = if back.starts_with('/') && !back.starts_with("//") { back } else { "/" };
        if let Ok(Some((hospital, mut session))) = self.session(asked) {
            session.facts.language = language;
            let act = store::Act {
                at: self.clock.now(),
                operator: session.facts.operator.clone(),
                workstation: session.facts.workstation.clone(),
            };
            if let Err(error) = self.papers(&hospital).put(&[session.typed()], &act) {
                tracing::warn!(%error, "the language was not kept");
            }
        }
        let cookie = format!("{LANGUAGE}={}; Path=/; Max-Age=31536000; SameSite=Lax", language.word());
        Answer::go(back).with("set-cookie", cookie)
    }

    pub(crate) fn stopped(&self, asked: &Asked, language: Language, said: &Said, status: u16) -> Answer {
        let words = self.pages.texts().say(language, said);
        let frame = Frame::bare(language, asked);
        self.render(language, "desk/stopped.html", context! { frame, words, back => "/" }).with_status(status)
    }

    fn stopped_within(&self, at: &At<'_>, asked: &Asked, stop: &Stop) -> Answer {
        let (said, status) = match stop {
            Stop::Nothing => (Said::new("nothing-here"), 404),
            Stop::Foreign => (Said::new("foreign"), 403),
            Stop::Right(right) => (lacking(at, *right), 403),
            Stop::Post => (Said::new("h701"), 403),
            Stop::Papers(PaperError::Stale { .. }) => (Said::new("stale"), 409),
            Stop::Papers(error) => return self.fault(asked, at.language(), error),
            Stop::Instead(_) => unreachable!("shown, not told"),
        };
        let words = at.say(&said);
        // Wherever somebody may begin: not where he was just stopped.
        let back = if asked.post { path(&Asked { post: false, ..asked.clone() }) } else { "/".to_owned() };
        self.page(at, asked, "desk/stopped.html", &context! { words, back }).with_status(status)
    }

    pub(crate) fn fault(&self, asked: &Asked, language: Language, error: &PaperError) -> Answer {
        let id = self.key();
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::error!(fault = id, error = error.to_string(), cause, "papers could not be read or written");
        self.stopped(asked, language, &Said::new("fault").with("id", id), 503)
    }
}

fn lacking(at: &At<'_>, right: Right) -> Said {
    let roles: Vec<String> = right.roles().iter().map(|role| at.word(role.key())).collect();
    Said::new("h702").with("roles", roles.join(" / "))
}

/// The one function that says what is done where.
fn route(at: &At<'_>, asked: &Asked, place: &Place) -> Result<Shown, Stop> {
    use screens::{
        bills, charge, find, inpatients, kit, office, patients, print, reader, refund, reports, settle,
        sign_in, why,
    };
    match (place, asked.post) {
        (Place::Home | Place::SignIn, false) => Ok(Shown::Go(home(at))),
        (Place::SignOut, true) => sign_in::out(at),
        (Place::Charge, false) => charge::new(at, asked),
        (Place::Charge, true) => charge::begin(at, asked),
        (Place::Bill(key), false) => charge::show(at, asked, key),
        (Place::Step(key, step), true) => match step {
            Step::Visit => charge::visit(at, asked, key),
            Step::Line => charge::line(at, asked, key),
            Step::Remove => charge::remove(at, asked, key),
            Step::Package => charge::package(at, asked, key),
            Step::Trace => screens::trace::scan(at, asked, key),
            Step::Answer => charge::answer(at, asked, key),
            Step::Park => charge::park(at, key),
            Step::Fetch => charge::fetch(at, key),
            Step::Drop => charge::drop_bill(at, key),
            Step::Alone => charge::alone(at, asked, key),
            Step::Account => charge::account(at, asked, key),
            Step::Try => settle::try_it(at, key),
            Step::Tender => settle::tender(at, asked, key),
            Step::Settle => settle::settle(at, asked, key),
            Step::GiveUp => settle::give_up(at, key),
        },
        // Somebody loads the page again that came with a step.
        (Place::Step(..), false) => Ok(Shown::Go(place.page().to_string())),
        (Place::Find(what), false) => find::candidates(at, asked, *what),
        (Place::Bills, false) => bills::list(at, asked),
        (Place::Look(key), false) => bills::look(at, key),
        (Place::Void(key), false) => refund::ask_void(at, key),
        (Place::Void(key), true) => refund::void(at, asked, key),
        (Place::Why(key), false) => why::show(at, key),
        (Place::Receipt(key), false) => print::receipt(at, asked, key),
        (Place::Manual(name), false) => {
            let (title, text) = manual::chapter(name, at.language()).ok_or(Stop::Nothing)?;
            let facts = context! { title, text, contents => manual::PLACE };
            Ok(Shown::Page("desk/manual.html", facts))
        }
        (Place::Patients, false) => patients::find(at, asked),
        (Place::Reader, false) => reader::show(at),
        (Place::Reader, true) => reader::lay(at, asked),
        (Place::Kit, false) => kit::show(at),
        (Place::House(place), _) => screens::house(at, asked, place),
        (Place::Inpatient(place), _) => inpatients::route(at, asked, place),
        (Place::Office(place), _) => office::route(at, asked, place),
        (Place::Report(place), false) => reports::show(at, asked, *place),
        _ => Err(Stop::Nothing),
    }
}

/// The first module somebody has.
fn home(at: &At<'_>) -> String {
    let places = TABS.into_iter().map(|(place, _)| place);
    let mut open = places.filter(|place| at.operator.has(place.right()));
    open.next().unwrap_or(Place::Kit).to_string()
}
