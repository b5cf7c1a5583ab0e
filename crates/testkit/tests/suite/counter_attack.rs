//! A hospital that works over the centre's database has its login there, and somebody who has got hold of it may say
//! to the server what he likes. He reads, counts, infers, changes and forges nothing of another hospital, and nothing of
//! the books. The engine's own login is no superuser here, so that every wall stands.

use std::sync::mpsc;
use std::time::Duration;

use pgtest::Server;
use testkit::{Books, Item, Program, TestCentre};
use tokio_postgres::{AsyncMessage, Client, NoTls, SimpleQueryMessage};

/// What is tried, each on a connection of its own. `{role}` and `{hospital}` are the victim's, `{ticket}` is a ticket of
/// theirs with an answer that waits, `{number}` a person's, `{oid}` a table's.
const READ: &[&str] = &[
    "select * from public.settlement",
    "select * from settlement",
    "table public.message",
    "select request, reply from public.message where hospital = {hospital}",
    "select * from public.encounter where hospital = {hospital}",
    "select * from public.fee_line",
    "select * from public.journal",
    "select * from public.posting",
    "select * from public.person where number = '{number}'",
    "select * from public.person_state",
    "select * from public.cover",
    "select * from public.identity",
    "select * from public.credit",
    "select * from public.audit",
    "select * from public.sign_in",
    "select * from public.access_key",
    "select * from public.hospital",
    "select * from public.hospital_role",
    "select * from public.counter_slot",
    "select * from public.counter_bell",
    "select * from public.stream",
    "select * from public.meta",
    "copy public.settlement to stdout",
    "copy (select * from public.message) to stdout",
    "declare c cursor for select * from public.settlement; fetch all from c",
    "prepare p as select * from public.person; execute p",
    "explain analyze select * from public.settlement",
    "select query_to_xml('select * from public.settlement', true, false, '')",
    "select table_to_xml('public.settlement', true, false, '')",
    "select database_to_xml(true, false, '')",
    "select counter.take_answer('{ticket}')",
    "select counter.take_answer(ticket) from public.counter_slot",
    "select counter.session_hospital()",
    "select pg_read_file('postgresql.conf')",
    "select pg_ls_dir('base')",
    "copy public.hospital_role from program 'id'",
    "set session_authorization = '{role}'; select counter.take_answer('{ticket}')",
    "set session authorization '{role}'; select counter.take_answer('{ticket}')",
    "set role '{role}'; select counter.take_answer('{ticket}')",
    "set role tongqu_counter; select * from public.counter_slot",
    "set role centre; select * from public.settlement",
    "set row_security = off; select * from public.settlement",
    "set search_path = public, counter; select take_answer('{ticket}')",
];

const COUNT: &[&str] = &[
    "select count(*) from public.settlement",
    "select reltuples from pg_class where relname = 'settlement'",
    "select * from pg_stat_user_tables",
    "select n_tup_ins from pg_stat_all_tables where relname = 'settlement'",
    "select pg_stat_get_tuples_inserted({oid})",
    "select pg_relation_size({oid})",
    "select pg_total_relation_size({oid})",
    "select pg_relation_size('public.message')",
    "select pg_database_size(current_database())",
    "select * from pg_stats",
    "select * from pg_statistic",
    "select xact_commit from pg_stat_database",
    "select * from pg_stat_activity",
    "select pg_stat_get_activity(null)",
    "select * from pg_stat_statements",
    "select * from pg_locks",
    "select pg_lock_status()",
    "select * from pg_roles",
    "select usename from pg_user",
    "select * from pg_stat_replication",
    "select pg_current_wal_lsn()",
    "select pg_current_xact_id()",
    "select txid_current()",
    "select pg_notification_queue_usage()",
    "select * from information_schema.tables where table_schema = 'public'",
    "select relname from pg_class",
    "select prosrc from pg_proc where proname = 'put_message'",
    "select pg_get_functiondef('counter.put_message(bytea)'::regprocedure)",
    "select pg_get_function_sqlbody('counter.session_hospital()'::regprocedure)",
    "select * from pg_control_checkpoint()",
    "select age('3'::xid)",
    "select pg_describe_object('pg_class'::regclass, {oid}, 0)",
    "select * from pg_identify_object('pg_class'::regclass, {oid}, 0)",
];

const CHANGE: &[&str] = &[
    "insert into public.counter_slot values ({hospital}, gen_random_uuid(), now(), 'x')",
    "update public.counter_slot set answer = 'x'",
    "delete from public.counter_slot",
    "truncate public.counter_slot",
    "insert into public.hospital_role values (session_user, {hospital})",
    "update public.hospital_role set hospital = {hospital}",
    "update public.settlement set effective = false",
    "delete from public.settlement",
    "truncate public.settlement cascade",
    "update public.person_state set account_current = 0",
    "insert into public.posting values (1, 1, 'pooled_fund', null, null, 1)",
    "insert into public.audit select * from public.audit",
    "drop table public.settlement",
    "drop schema counter cascade",
    "alter table public.settlement disable row level security",
    "alter table public.settlement disable trigger all",
    "create policy mine on public.settlement using (true)",
    "drop policy tenant on public.settlement",
    "set timezone = '<x>+100'; insert into public.counter_slot (hospital, ticket, message) values (1, gen_random_uuid(), 'x')",
    "set temp_file_limit = -1; select 1",
    "lock table public.settlement",
    "comment on table public.settlement is 'mine'",
    "grant select on public.settlement to public",
    "create table public.mine (a int)",
    "create table counter.mine (a int)",
    "create temporary table counter_slot (a int)",
    "create schema mine",
    "create function counter.session_hospital2() returns bigint language sql as 'select 1'",
    "create or replace function counter.session_hospital() returns bigint language sql as 'select {hospital}'",
    "alter function counter.put_message(bytea) owner to session_user",
    "do $$ begin perform 1; end $$",
    "create extension dblink",
    "create role mine",
    "alter role {role} nologin",
    "drop role {role}",
    "alter role session_user bypassrls",
    "alter database postgres set log_statement = 'all'",
    "alter system set fsync = off",
    "select pg_reload_conf()",
    "select pg_advisory_lock(6076574518398440533)",
    "select pg_try_advisory_lock(1)",
    "select pg_advisory_xact_lock(1, 1)",
    "select pg_terminate_backend(pid) from pg_stat_activity",
    "select pg_cancel_backend(1)",
    "select pg_notify('counter_bell', '')",
    "select lo_create(0)",
    "select lo_import('/etc/passwd')",
    "load 'plpgsql'",
    "reassign owned by centre to session_user",
    "select set_config('session_authorization', '{role}', false), counter.take_answer('{ticket}')",
    "create publication mine for all tables",
    "create subscription mine connection '' publication mine",
    "checkpoint",
];

struct Scene {
    centre: TestCentre,
    _server: Server,
    /// The thief's, the victim's.
    ours: Program,
    theirs: Program,
    login: String,
    person: String,
    settled: String,
    visit: String,
    words: Vec<(&'static str, String)>,
}

/// Two hospitals, a bill of the second; an answer to it waits on the counter.
fn scene() -> Scene {
    let (books, server) = Books::behind_walls();
    let centre = TestCentre::start_over_counter(books, 60);
    let (ours, theirs) = (centre.program("澜州市第一医院"), centre.program("澜州市第二医院"));
    let item = centre.sample.catalogue.items()[0].code.clone();
    let person = centre.sample.persons[30].enrolment.number.clone();
    let (visit, said) = theirs.settle(&person, &[Item::one(&item, "5.00")], "5.00");
    let settled = said.done().get("setlinfo", "setl_id");
    let login = centre.login(&ours.hospital().code);
    let hospital =
        one(&centre, &format!("select hospital from hospital where code = '{}'", theirs.hospital().code));
    let sql = format!(
        "insert into counter_slot (hospital, ticket, message, taken, answer) \
         values ({hospital}, gen_random_uuid(), 'x', now(), 'theirs') \
         returning ticket"
    );
    let words = vec![
        ("role", format!("h_{hospital}")),
        ("ticket", one(&centre, &sql)),
        ("oid", one(&centre, "select 'settlement'::regclass::oid")),
        ("number", person.clone()),
        ("hospital", hospital),
    ];
    Scene { centre, _server: server, ours, theirs, login, person, settled, visit, words }
}

impl Scene {
    fn ours_role(&self) -> &str {
        let role = self.login.strip_prefix("postgres://").and_then(|rest| rest.split('@').next());
        role.expect("a login")
    }
}

fn one(centre: &TestCentre, sql: &str) -> String {
    centre.books().ask(sql)[0][0].clone()
}

/// Everything there is, but what waits on the counter for the engine itself.
fn everything(centre: &TestCentre) -> Vec<Vec<String>> {
    let tables = centre.books().tables();
    let sums = tables.iter().map(|table| {
        format!("select '{table}', count(*)::text, coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from {table} t")
    });
    centre.books().ask(&sums.collect::<Vec<_>>().join(" union all "))
}

/// A connection with a login, and what is notified to it.
async fn connect(login: &str) -> (Client, mpsc::Receiver<String>) {
    let (client, mut connection) = tokio_postgres::connect(login, NoTls).await.expect("a login");
    let (sender, heard) = mpsc::channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = std::future::poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message {
                let _ = sender.send(notification.channel().to_owned());
            }
        }
    });
    (client, heard)
}

/// What somebody got who says this: each value that is something; or the code of the refusal.
async fn got(login: &str, sql: &str) -> Result<Vec<String>, String> {
    let (client, _heard) = connect(login).await;
    let said = client
        .simple_query(sql)
        .await
        .map_err(|error| error.code().map_or_else(|| error.to_string(), |code| code.code().to_owned()))?;
    let rows = said.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let values = rows.flat_map(|row| (0..row.len()).filter_map(|at| row.get(at).map(str::to_owned)));
    Ok(values.collect())
}

#[test]
fn the_login_of_a_hospital_gets_at_nothing_by_any_statement() {
    let scene = scene();
    let before = everything(&scene.centre);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let filled = |sql: &str| {
        let fill = |sql: String, (name, word): &(&str, String)| sql.replace(&format!("{{{name}}}"), word);
        scene.words.iter().fold(sql.to_owned(), fill)
    };
    let mut broken = Vec::new();
    for sql in READ.iter().chain(COUNT).chain(CHANGE).map(|sql| filled(sql)) {
        match runtime.block_on(got(&scene.login, &sql)) {
            Ok(got) if got.is_empty() => {}
            Ok(got) => broken.push(format!("{sql}: got {got:?}")),
            Err(code) if code == "42601" => broken.push(format!("{sql}: is no SQL, and shows nothing")),
            Err(_) => {}
        }
        if everything(&scene.centre) != before {
            broken.push(format!("{sql}: changed something"));
        }
    }
    assert_eq!(broken, Vec::<String>::new());
    println!("{} statements, 0 succeeded", READ.len() + COUNT.len() + CHANGE.len());
    // Somebody with rights gets what the thief is after: the statements are meant in earnest.
    let administrator = scene.login.replace(&format!("//{}@", scene.ours_role()), "//tongqu@");
    let worth =
        |sql: &&&str| runtime.block_on(got(&administrator, &filled(sql))).is_ok_and(|got| !got.is_empty());
    let worth = READ.iter().chain(COUNT).filter(worth).count();
    assert!(worth >= 45, "only {worth} of {} would give an administrator anything", READ.len() + COUNT.len());
    scene.centre.assert_clean();
}

#[test]
fn what_is_told_of_a_ticket_of_others_is_told_of_none_too() {
    let scene = scene();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ticket = &scene.words.iter().find(|(name, _)| *name == "ticket").unwrap().1;
    let asked = |ticket: &str| {
        runtime.block_on(async {
            let (client, _heard) = connect(&scene.login).await;
            let said = client.simple_query(&format!("select counter.take_answer('{ticket}')")).await.unwrap();
            format!("{said:?}")
        })
    };
    assert_eq!(asked(ticket), asked("00000000-0000-0000-0000-000000000000"));
}

#[test]
fn nobody_hears_when_another_hospital_sends() {
    let scene = scene();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (client, heard) = runtime.block_on(connect(&scene.login));
    let channels =
        ["counter", "counter_bell", "counter_slot", "tongqu", "tongqu_counter", "a", "b", "postgres"];
    for channel in channels.iter().map(|channel| (*channel).to_owned()).chain([scene.words[0].1.clone()]) {
        runtime.block_on(client.batch_execute(&format!("listen \"{channel}\""))).unwrap();
    }
    scene.theirs.say(
        "1101",
        &serde_json::json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": "x",
        "psn_cert_type": "01", "certno": scene.person, "psn_name": "x"}}),
    );
    // A word of our own comes behind whatever else was to come.
    runtime.block_on(client.batch_execute("listen ours; notify ours")).unwrap();
    assert_eq!(heard.recv_timeout(Duration::from_secs(10)).unwrap(), "ours");
}

#[test]
fn a_message_is_whose_login_put_it_whatever_it_says() {
    let scene = scene();
    let Scene { centre, ours, theirs, person, settled, visit, .. } = &scene;
    let before = centre.assert_clean();
    let bill = theirs.bill(person, visit, "1", "5.00");
    let refused = |said: testkit::Said| {
        assert!(said.text.ends_with("\"output\":{}}") && !said.replayed, "{}", said.text);
        said.code.expect("a refusal")
    };
    // Their name in the envelope, over our login.
    let forged = theirs.request("2207", "F-1", &bill).to_string();
    assert_eq!(refused(ours.say_body(&forged)), "HOSPITAL_MISMATCH");
    // Our name, their visit, their settlement, their message.
    refused(ours.say("2207", &bill));
    refused(ours.say("2206", &bill));
    refused(ours.void(person, visit, settled));
    refused(ours.say(
        "5203",
        &serde_json::json!({"data": {"psn_no": person, "setl_id": settled, "mdtrt_id": visit}}),
    ));
    let taken = theirs.msgid();
    let settled_as = one(centre, "select msgid from message where infno = '2207'");
    assert_ne!(taken, settled_as);
    assert_eq!(ours.outcome("2207", &settled_as).get("result", "outcome"), "not received");
    ours.reverse(person, "2207", &settled_as).done();
    let after = centre.assert_clean();
    assert_eq!((after.settlements, after.reversals), (before.settlements, before.reversals));
    let stands = one(centre, &format!("select effective from settlement where settlement = {settled}"));
    assert_eq!(stands, "1", "their settlement stands");
}
