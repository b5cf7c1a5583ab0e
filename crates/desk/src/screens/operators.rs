//! Operators: who works here, what each may do, and setting the hospital up by an invitation.

use jiff::civil::Date;
use minijinja::{Value, context};
use store::{Act, By};
use web::{Answer, Asked, Language, Said, acceptable, field};

use super::sign_in;
use crate::desk::{At, Desk, Shown, Stop};
use crate::found::Founding;
use crate::house::{Hospital, Parameters};
use crate::people::{Module, Operator, OperatorSecret, OperatorState, Post, Role, Session, SessionState};
use crate::place::{House, Place};
use crate::sheet::{ALL, PaperError, Sheet};
use crate::site::Frame;

/// Who works here.
pub(crate) fn list(at: &At<'_>) -> Result<Shown, Stop> {
    list_with(at, "", None)
}

fn list_with(at: &At<'_>, why: &str, typed: Option<&Asked>) -> Result<Shown, Stop> {
    let mut all: Vec<Sheet<Operator>> = at.papers.list(By::All, ALL, 0)?;
    all.sort_by(|a, b| a.key.cmp(&b.key));
    let rows: Vec<Value> = all.iter().map(|operator| row(at, operator)).collect();
    let again = |name: &str| typed.map(|asked| asked.form.get(name).to_owned()).unwrap_or_default();
    let facts = context! {
        rows, why, login => again("login"), name => again("name"),
        roles => roles(at, &typed.map(ticked).unwrap_or_default()), csrf => at.session.facts.csrf,
        here => Place::House(House::Operators).to_string(),
    };
    Ok(Shown::Page("desk/operators.html", facts))
}

fn row(at: &At<'_>, operator: &Sheet<Operator>) -> Value {
    let roles: Vec<String> = operator.facts.roles.iter().map(|role| at.word(role.key())).collect();
    let until = operator.facts.posts.iter().map(|post| post.until).min();
    context! {
        href => Place::House(House::Operator(operator.key.clone())).to_string(),
        login => operator.key, name => operator.facts.name, roles => roles.join(" / "),
        until => until.map(|day| day.to_string()),
        lacks => operator.facts.lacks_post(at.now.date()),
        active => operator.state == OperatorState::Active,
    }
}

/// The roles a form ticks.
fn ticked(asked: &Asked) -> Vec<Role> {
    asked.form.all("role").filter_map(Role::of).collect()
}

fn roles(at: &At<'_>, has: &[Role]) -> Vec<Value> {
    let one = |role: Role| {
        context! { code => role.word(), name => at.word(role.key()), has => has.contains(&role) }
    };
    Role::ALL.into_iter().map(one).collect()
}

/// Sets somebody up: with a password that he changes when he signs in with it.
pub(crate) fn hire(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let login = field::plain(asked.form.get("login"));
    let refuse = |said: &Said| list_with(at, &at.say(said), Some(asked));
    if login.is_empty() || login.len() > 20 || !login.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return refuse(&Said::new("operator-login"));
    }
    let name = match field::name(asked.form.get("name")) {
        Ok(name) if name.chars().count() <= 20 => name,
        Ok(_) => return refuse(&Said::new("operator-name")),
        Err(said) => return refuse(&said),
    };
    if at.papers.get::<Operator>(&login)?.is_some() {
        return refuse(&Said::new("operator-known").with("login", login));
    }
    let roles = ticked(asked);
    if roles.is_empty() {
        return refuse(&Said::new("operator-roles"));
    }
    let password = asked.form.get("password");
    if let Err(said) = acceptable(password, &login, &at.hospital.name) {
        return refuse(&said);
    }
    let Ok(hash) = at.desk.passwords.hash(password) else { return refuse(&Said::new("sign-in-busy")) };
    let facts = Operator { name, roles, posts: Vec::new(), password: hash, wrong: Vec::new(), code_used: 0 };
    let operator = Sheet::new(login.clone(), OperatorState::Active, None, facts);
    at.papers.put(&[operator.happened("hire")], &at.act())?;
    Ok(Shown::Go(Place::House(House::Operator(login)).to_string()))
}

/// One of them.
pub(crate) fn look(at: &At<'_>, login: &str) -> Result<Shown, Stop> {
    let operator = at.papers.get::<Operator>(login)?.ok_or(Stop::Nothing)?;
    look_with(at, &operator, "", "")
}

fn look_with(at: &At<'_>, operator: &Sheet<Operator>, why: &str, secret: &str) -> Result<Shown, Stop> {
    let events = at.papers.events::<Operator>(&operator.key)?;
    let posts: Vec<Value> = MODULES
        .iter()
        .map(|(module, key)| {
            let post = operator.facts.posts.iter().find(|post| post.module == *module);
            context! { code => key, name => at.word(key), until => post.map(|post| post.until.to_string()).unwrap_or_default() }
        })
        .collect();
    let facts = context! {
        login => operator.key, name => operator.facts.name, active => operator.state == OperatorState::Active,
        roles => roles(at, &operator.facts.roles), posts, why, secret,
        squares => if secret.is_empty() { None } else {
            squares(&operator.private.totp, &operator.key, at.papers.hospital())
        },
        has_code => !operator.private.totp.is_empty(),
        itself => operator.key == at.login(),
        events => events.iter().rev().take(20).map(|event| context! {
            at => event.at.strftime("%Y-%m-%d %H:%M:%S").to_string(), what => at.say(&event_name(&event.event)), who => event.operator,
        }).collect::<Vec<_>>(),
        here => Place::House(House::Operator(operator.key.clone())).to_string(),
        back => Place::House(House::Operators).to_string(),
        csrf => at.session.facts.csrf,
    };
    Ok(Shown::Page("desk/operator.html", facts))
}

/// The modules posts are of, with the key of each one's name.
const MODULES: [(Module, &str); 3] = [
    (Module::OutpatientCharging, "module-outpatient-charging"),
    (Module::InpatientBilling, "module-inpatient-billing"),
    (Module::InpatientManagement, "module-inpatient-management"),
];

fn event_name(event: &str) -> Said {
    Said::new(match event {
        "hire" => "event-hire",
        "sign-in" => "event-sign-in",
        "sign-in-refused" | "unlock-refused" => "event-sign-in-refused",
        "change" => "event-change",
        "password" => "event-password",
        "code" => "event-code",
        "stop" => "event-stop",
        "go-on" => "event-go-on",
        _ => "event-other",
    })
}

/// Something about one of them is changed. Whoever he is, he signs in anew after it.
pub(crate) fn change(at: &At<'_>, asked: &Asked, login: &str) -> Result<Shown, Stop> {
    let mut operator = at.papers.get::<Operator>(login)?.ok_or(Stop::Nothing)?;
    let mut secret = String::new();
    let event = match asked.form.get("do") {
        "password" => {
            let password = asked.form.get("password");
            if let Err(said) = acceptable(password, login, &at.hospital.name) {
                return look_with(at, &operator, &at.say(&said), "");
            }
            let Ok(hash) = at.desk.passwords.hash(password) else {
                return look_with(at, &operator, &at.word("sign-in-busy"), "");
            };
            operator.facts.password = hash;
            operator.facts.wrong.clear();
            "password"
        }
        "code" => {
            let token = web::random_token();
            operator.private = OperatorSecret { totp: token.into_bytes()[..20].to_vec() };
            operator.facts.code_used = 0;
            secret = web::base32(&operator.private.totp);
            "code"
        }
        "stop" if login != at.login() => {
            operator.state = OperatorState::Stopped;
            "stop"
        }
        "go-on" => {
            operator.state = OperatorState::Active;
            "go-on"
        }
        // F9 names no button.
        "change" | "" => match changed(at, asked, &mut operator) {
            Ok(()) => "change",
            Err(said) => return look_with(at, &operator, &at.say(&said), ""),
        },
        _ => return look_with(at, &operator, "", ""),
    };
    let mut changes = vec![operator.happened(event)];
    for mut session in at.papers.list::<Session>(By::Tag(&format!("operator:{login}")), ALL, 0)? {
        if session.key != at.session.key {
            session.state = SessionState::Over;
            changes.push(session.happened("end"));
        }
    }
    at.papers.put(&changes, &at.act())?;
    operator.version += 1;
    look_with(at, &operator, "", &secret)
}

fn changed(at: &At<'_>, asked: &Asked, operator: &mut Sheet<Operator>) -> Result<(), Said> {
    let roles = ticked(asked);
    if roles.is_empty() {
        return Err(Said::new("operator-roles"));
    }
    let own = operator.key == at.login();
    if own && !roles.contains(&Role::Administrator) {
        return Err(Said::new("operator-own-role"));
    }
    let mut posts = Vec::new();
    for (module, key) in MODULES {
        let typed = asked.form.get(key);
        if !typed.is_empty() {
            posts.push(Post {
                module,
                passed: passed(operator, module, at.now.date()),
                until: field::day(typed, at.now.date())?,
            });
        }
    }
    operator.facts.roles = roles;
    operator.facts.posts = posts;
    Ok(())
}

/// Since when he has a post: it is not passed anew where only its end is moved.
fn passed(operator: &Sheet<Operator>, module: Module, today: Date) -> Date {
    operator.facts.posts.iter().find(|post| post.module == module).map_or(today, |post| post.passed)
}

/// The page of an invitation: anybody who has its code.
pub(crate) fn set_up(desk: &Desk, asked: &Asked, language: Language) -> Answer {
    if !asked.post {
        return set_up_page(desk, asked, language, None, None);
    }
    match invited(desk, asked, language) {
        Ok(answer) => answer,
        Err(error) => desk.fault(asked, language, &error),
    }
}

/// A second factor as a picture that an authenticator reads.
fn squares(secret: &[u8], login: &str, hospital: &str) -> Option<Value> {
    let squares = web::Squares::of(&web::code_address(secret, &format!("{login}@{hospital}")))?;
    Some(context! { size => squares.size, path => squares.path })
}

fn set_up_page(
    desk: &Desk,
    asked: &Asked,
    language: Language,
    why: Option<&Said>,
    done: Option<(&[u8], &str)>,
) -> Answer {
    let say = |said: &Said| desk.pages.texts().say(language, said);
    let facts = context! {
        frame => Frame::bare(language, asked),
        code => asked.form.get("invitation"), login => asked.form.get("login"), name => asked.form.get("name"),
        why => why.map(say).unwrap_or_default(), secret => done.map(|(secret, _)| web::base32(secret)),
        squares => done.and_then(|(secret, hospital)| squares(secret, asked.form.get("login"), hospital)),
        hospital => done.map(|(_, hospital)| hospital),
    };
    desk.render(language, "desk/set-up.html", facts)
}

fn invited(desk: &Desk, asked: &Asked, language: Language) -> Result<Answer, PaperError> {
    let refuse = |said: &Said| Ok(set_up_page(desk, asked, language, Some(said), None).with_status(422));
    let now = desk.clock.now();
    let code = field::plain(asked.form.get("invitation"));
    let Some(invitation) = desk.invitations.find(&code, now) else {
        return refuse(&Said::new("set-up-code"));
    };
    let login = field::plain(asked.form.get("login"));
    if login.is_empty() || login.len() > 20 || !login.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return refuse(&Said::new("operator-login"));
    }
    let name = match field::name(asked.form.get("name")) {
        Ok(name) => name,
        Err(said) => return refuse(&said),
    };
    let password = asked.form.get("password");
    if let Err(said) = acceptable(password, &login, &invitation.hospital.name) {
        return refuse(&said);
    }
    let Ok(hash) = desk.passwords.hash(password) else { return refuse(&Said::new("sign-in-busy")) };
    let papers = desk.papers(&invitation.code);
    let act = Act { at: now, operator: login.clone(), workstation: String::new() };
    if papers.get::<Hospital>(Hospital::KEY)?.is_none() {
        let items = desk.catalogue.as_ref().map(|catalogue| catalogue.items()).unwrap_or_default();
        let founding = Founding {
            code: invitation.code.clone(),
            hospital: Hospital { parameters: Parameters::default(), ..invitation.hospital },
            catalogue: &items,
            doctors: Vec::new(),
            diagnoses: Vec::new(),
            segments: Vec::new(),
        };
        desk.found(founding, &act)?;
    }
    let totp = web::random_token().into_bytes()[..20].to_vec();
    let facts = Operator {
        name,
        roles: vec![Role::Administrator],
        posts: Vec::new(),
        password: hash,
        wrong: Vec::new(),
        code_used: 0,
    };
    let mut operator = Sheet::new(login.clone(), OperatorState::Active, None, facts);
    operator.private.totp.clone_from(&totp);
    // Who is known keeps his papers: an administrator who lost his second factor is invited again.
    operator.version = papers.get::<Operator>(&login)?.map_or(0, |known| known.version);
    papers.put(&[operator.happened("hire")], &act)?;
    desk.invitations.used(&code);
    let answer = set_up_page(desk, asked, language, None, Some((&totp, &invitation.code)));
    // The machine it is set up at need not be told again.
    Ok(sign_in::remembering(answer, &invitation.code))
}
