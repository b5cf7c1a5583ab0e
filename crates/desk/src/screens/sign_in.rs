//! Signing in and out, and going on behind a locked screen.

use jiff::civil::DateTime;
use minijinja::context;
use web::{
    Answer, Asked, Busy, Language, Said, TRIES, TRIES_ADDRESS, WINDOW, locked_until, random_token,
    right_code, token_hash,
};
use wire::asking::{SignIn, SignedIn};

use crate::desk::{At, Desk, Shown, Stop, locked};
use crate::house::Hospital;
use crate::notice;
use crate::people::{Operator, OperatorState, Right, Role, Session, SessionState};
use crate::place::{House, Place};
use crate::sheet::{PaperError, Papers, Sheet};
use crate::site::{COOKIE, Frame};
use crate::till::unclosed_since;
use crate::window;

/// So many windows may sign in with one login at one moment.
const AT_ONCE: usize = 5;

/// The cookies that remember at which hospital's workstation this is.
const HOSPITAL: &str = "hospital";
const WORKSTATION: &str = "workstation";

/// What is asked without a session: signing in, whatever place was meant.
pub(crate) fn answer(desk: &Desk, asked: &Asked, language: Language) -> Answer {
    if asked.post && asked.segments() == ["sign-in"] {
        return match enter(desk, asked, language) {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => page(desk, asked, language, Some(&why)).with_status(401),
            Err(error) => desk.fault(asked, language, &error),
        };
    }
    let answer = page(desk, asked, language, None);
    if asked.path.is_empty() || asked.segments() == ["sign-in"] { answer } else { answer.with_status(401) }
}

/// A session that is over: signing in again, and what was being typed is where it was.
pub(crate) fn over(desk: &Desk, asked: &Asked, at: &At<'_>) -> Answer {
    let mut session = at.session.clone();
    session.state = SessionState::Over;
    if let Err(error) = at.papers.put(&[session.happened("end")], &at.act()) {
        tracing::warn!(%error, "the end of a session is not on paper");
    }
    page(desk, asked, at.language(), Some(&Said::new("sign-in-over"))).with_status(401)
}

fn page(desk: &Desk, asked: &Asked, language: Language, why: Option<&Said>) -> Answer {
    let remembered = |form: &str, cookie: &str| {
        let typed = asked.form.get(form);
        if typed.is_empty() { decoded(asked.cookies.get(cookie)) } else { typed.to_owned() }
    };
    let second = why.is_some_and(|said| said.key == "sign-in-code");
    let why = why.map(|said| desk.pages.texts().say(language, said)).unwrap_or_default();
    let facts = context! {
        frame => Frame::bare(language, asked),
        hospital => remembered("hospital", HOSPITAL),
        workstation => remembered("workstation", WORKSTATION),
        login => asked.form.get("login"),
        second,
        why,
    };
    desk.render(language, "desk/sign-in.html", facts)
}

fn decoded(cookie: &str) -> String {
    web::segments(cookie).join("/")
}

/// Signs somebody in; or why not.
fn enter(desk: &Desk, asked: &Asked, language: Language) -> Result<Result<Answer, Said>, PaperError> {
    let (hospital, login) = (asked.form.get("hospital"), asked.form.get("login"));
    let now = desk.clock.now();
    let at_address = locked(&desk.wrong).get(&asked.address).cloned().unwrap_or_default();
    if locked_until(&at_address, TRIES_ADDRESS, now).is_some() {
        return Ok(Err(Said::new("sign-in-locked").with("minutes", WINDOW.as_mins())));
    }
    let papers = desk.papers(hospital);
    let known = papers.get::<Operator>(login)?.filter(|operator| operator.state == OperatorState::Active);
    let wrong = known.as_ref().map(|operator| operator.facts.wrong.clone()).unwrap_or_default();
    let is_locked = locked_until(&wrong, TRIES, now).is_some();
    let hash = known.as_ref().map(|operator| operator.facts.password.as_str());
    let right = match desk.passwords.is_right(asked.form.get("password"), hash) {
        Ok(right) => right,
        Err(Busy) => return Ok(Err(Said::new("sign-in-busy"))),
    };
    // Whether the login exists, is locked or has another password is told alike.
    let refused = Said::new("sign-in-refused").with("tries", TRIES).with("minutes", WINDOW.as_mins());
    let Some(mut operator) = known else {
        miss(desk, asked, now);
        return Ok(Err(refused));
    };
    let step = second_factor(&operator, asked.form.get("code"), now);
    if is_locked || !right || step.is_none() {
        if right && !is_locked && asked.form.get("code").is_empty() {
            return Ok(Err(Said::new("sign-in-code")));
        }
        miss(desk, asked, now);
        operator.facts.wrong.push(now);
        let kept = operator.facts.wrong.len().saturating_sub(TRIES);
        operator.facts.wrong.drain(..kept);
        let act = store::Act { at: now, operator: operator.key.clone(), workstation: String::new() };
        keep(&papers, &operator, "sign-in-refused", &act)?;
        return Ok(Err(refused));
    }
    let step = step.unwrap_or_default();
    for _ in 0..AT_ONCE {
        operator.facts.wrong.clear();
        operator.facts.code_used = step;
        match open(desk, asked, &papers, &operator, language) {
            // Somebody signs in with the same login at the same moment, at another window.
            Err(PaperError::Stale { .. }) => {}
            opened => return opened.map(Ok),
        }
        let Some(now) = papers.get::<Operator>(&operator.key)? else { break };
        // What was checked must hold still, and a code is good for one of them.
        let same = now.facts.password == operator.facts.password && now.private.totp == operator.private.totp;
        if !same
            || !now.facts.wrong.is_empty()
            || now.state != OperatorState::Active
            || (step > 0 && now.facts.code_used >= step)
        {
            break;
        }
        operator = now;
    }
    Ok(Err(Said::new("sign-in-busy")))
}

fn miss(desk: &Desk, asked: &Asked, now: DateTime) {
    let mut all = locked(&desk.wrong);
    let tries = all.entry(asked.address).or_default();
    tries.push(now);
    let kept = tries.len().saturating_sub(TRIES_ADDRESS);
    tries.drain(..kept);
}

/// The step of the second factor that is used up; none where a code is needed and wrong.
fn second_factor(operator: &Sheet<Operator>, code: &str, now: DateTime) -> Option<u64> {
    let secret = &operator.private.totp;
    if secret.is_empty() {
        // Whoever administers has one from the day he is set up.
        let needs = operator.facts.roles.contains(&Role::Administrator);
        return (!needs).then_some(operator.facts.code_used);
    }
    let seconds = jiff::tz::Offset::constant(8).to_timestamp(now).map_or(0, jiff::Timestamp::as_second);
    right_code(secret, code, u64::try_from(seconds).unwrap_or_default(), operator.facts.code_used)
}

fn keep(
    papers: &Papers,
    operator: &Sheet<Operator>,
    event: &str,
    act: &store::Act,
) -> Result<(), PaperError> {
    match papers.put(&[operator.happened(event)], act) {
        // Two tries at once: the other one counted.
        Err(PaperError::Stale { .. }) => Ok(()),
        answer => answer,
    }
}

fn open(
    desk: &Desk,
    asked: &Asked,
    papers: &Papers,
    operator: &Sheet<Operator>,
    language: Language,
) -> Result<Answer, PaperError> {
    let now = desk.clock.now();
    let token = random_token();
    let workstation = window::name(asked.form.get("workstation"));
    let (branch, insured_only) = window::stands(papers, &workstation)?;
    let facts = Session {
        operator: operator.key.clone(),
        workstation: workstation.clone(),
        branch,
        insured_only,
        began: now,
        heard: now,
        csrf: random_token(),
        language,
        sign_in: sign_in_at_centre(desk, asked, papers, operator)?,
        unclosed: unclosed_since(papers, &operator.key)?,
        read: notice::read_by(papers, &operator.key)?,
    };
    // What must be read comes before all else.
    let must_read = desk.board(papers)?.iter().any(|(key, notice)| {
        notice.must_read && notice.is_unread(key, &operator.facts.roles, &facts.read, now.date())
    });
    let begins = if must_read { Place::House(House::Notices) } else { Place::Home };
    let session = Sheet::new(token_hash(&token), SessionState::Open, Some(now.date()), facts);
    let act = store::Act { at: now, operator: operator.key.clone(), workstation: workstation.clone() };
    papers.put(&[session.happened("sign-in"), operator.happened("sign-in")], &act)?;
    let secret = "Path=/; Secure; HttpOnly; SameSite=Strict";
    Ok(Answer::go(&begins.to_string())
        .with("set-cookie", format!("{COOKIE}={}.{token}; {secret}", papers.hospital()))
        .with("set-cookie", remember(HOSPITAL, papers.hospital()))
        .with("set-cookie", remember(WORKSTATION, &workstation)))
}

fn remember(name: &str, value: &str) -> String {
    let value = encoded(value);
    format!("{name}={value}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict")
}

/// An answer behind which this browser knows its hospital.
pub(crate) fn remembering(answer: Answer, hospital: &str) -> Answer {
    answer.with("set-cookie", remember(HOSPITAL, hospital))
}

fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

/// The number of the sign-in at the centre; empty where there is none to be had now: the line may be down, and the shift
/// begins all the same.
fn sign_in_at_centre(
    desk: &Desk,
    asked: &Asked,
    papers: &Papers,
    operator: &Sheet<Operator>,
) -> Result<String, PaperError> {
    let Some(hospital) = papers.get::<Hospital>(Hospital::KEY)? else { return Ok(String::new()) };
    let speaker = wire::asking::Speaker {
        hospital: papers.hospital().to_owned(),
        hospital_name: hospital.facts.name,
        division: hospital.facts.division,
        operator: operator.key.clone(),
        operator_name: operator.facts.name.clone(),
        sign_in: String::new(),
    };
    let request = SignIn { hardware: "00-00-00-00-00-00".into(), address: asked.address.to_string() };
    let message = speaker.say(&desk.message_id(papers.hospital()), desk.clock.now(), &request);
    match desk.ask(&message, SignedIn::hear) {
        Ok(signed) => Ok(signed.sign_in),
        Err(no) => {
            tracing::warn!(why = no.text(), "no sign-in at the centre");
            Ok(String::new())
        }
    }
}

/// Whether somebody else of this hospital who has a right signs with the password what another window asks of him: his number.
/// Which of it is wrong is not told.
pub(crate) fn signed(at: &At<'_>, asked: &Asked, right: Right) -> Result<Result<String, Said>, PaperError> {
    let login = asked.form.get("approver");
    let refused = Said::new("approver-refused");
    let known = at.papers.get::<Operator>(login)?.filter(|operator| operator.state == OperatorState::Active);
    let hash = known.as_ref().map(|operator| operator.facts.password.as_str());
    let right_word = match at.desk.passwords.is_right(asked.form.get("approver_password"), hash) {
        Ok(right) => right,
        Err(Busy) => return Ok(Err(Said::new("sign-in-busy"))),
    };
    let Some(mut operator) = known else { return Ok(Err(refused)) };
    let is_locked = locked_until(&operator.facts.wrong, TRIES, at.now).is_some();
    if !right_word || is_locked {
        operator.facts.wrong.push(at.now);
        let kept = operator.facts.wrong.len().saturating_sub(TRIES);
        operator.facts.wrong.drain(..kept);
        // Tried at this window, by whoever works there.
        keep(&at.papers, &operator, "signature-refused", &at.act())?;
        return Ok(Err(refused));
    }
    if login == at.login() || !operator.facts.has(right) {
        return Ok(Err(refused));
    }
    Ok(Ok(login.to_owned()))
}

/// Signs out: the session ends, the bill that was being entered stays.
pub(crate) fn out(at: &At<'_>) -> Result<Shown, Stop> {
    let mut session = at.session.clone();
    session.state = SessionState::Over;
    at.papers.put(&[session.happened("sign-out")], &at.act())?;
    let gone = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok(Shown::Raw(Answer::go("/sign-in").with("set-cookie", gone)))
}

/// A screen nobody worked at: its own operator's password opens it, at the place it was.
pub(crate) fn locked_screen(at: &At<'_>, asked: &Asked) -> Answer {
    let unlocking =
        asked.post && asked.segments() == ["unlock"] && asked.form.get("csrf") == at.session.facts.csrf;
    let mut why = String::new();
    if unlocking {
        match unlock(at, asked) {
            Ok(true) => return Answer::go(&back(asked)),
            Ok(false) => why = at.word("unlock-refused"),
            Err(error) => return at.desk.fault(asked, at.language(), &error),
        }
    }
    let facts = context! {
        frame => Frame::bare(at.language(), asked),
        csrf => at.session.facts.csrf,
        operator => format!("{} {}", at.login(), at.operator.name),
        back => if unlocking { back(asked) } else { format!("/{}", asked.path.join("/")) },
        why,
    };
    at.desk.render(at.language(), "desk/locked.html", facts).with_status(423)
}

fn back(asked: &Asked) -> String {
    let back = asked.form.get("back");
    if back.starts_with('/') && !back.starts_with("//") { back.to_owned() } else { "/".to_owned() }
}

fn unlock(at: &At<'_>, asked: &Asked) -> Result<bool, PaperError> {
    let Some(mut operator) = at.papers.get::<Operator>(at.login())? else { return Ok(false) };
    let is_locked = locked_until(&operator.facts.wrong, TRIES, at.now).is_some();
    let hash = Some(operator.facts.password.as_str());
    let right = at.desk.passwords.is_right(asked.form.get("password"), hash).unwrap_or(false);
    if !right || is_locked {
        operator.facts.wrong.push(at.now);
        keep(&at.papers, &operator, "unlock-refused", &at.act())?;
        return Ok(false);
    }
    locked(&at.desk.heard).insert(at.session.key.clone(), at.now);
    let mut session = at.session.clone();
    session.facts.heard = at.now;
    at.papers.put(&[session.happened("unlock")], &at.act())?;
    Ok(true)
}
