//! Rows of a person may lie on a node of their own (ADR 0017): a settlement never needs two persons' nodes. Shown on a
//! real server: while these stories run, every row a transaction reads or writes is watched, and the first that belongs
//! to another person than the rows before it stops the transaction.

use jiff::civil::datetime;
use pgtest::Server;
use testkit::{Books, Item, Program, TestCentre};

/// Watches every table whose rows belong to somebody. The engine's login is no superuser: nothing escapes a policy.
const WATCH: &str = "
    create function watch(person bigint) returns boolean language plpgsql as $$
    declare
        before text := current_setting('watch.person', true);
    begin
        if person is null then
            return true;
        elsif coalesce(before, '') = '' then
            perform set_config('watch.person', person::text, true);
        elsif before <> person::text then
            raise exception 'rows of % and of % in one transaction', before, person using errcode = 'TQ900';
        end if;
        return true;
    end $$;
    do $$
    declare
        name text;
    begin
        for name in select table_name from information_schema.columns
            where table_schema = 'public' and column_name = 'person'
        loop
            execute format('create policy one_node on %I as restrictive using (watch(person)) with check (watch(person))', name);
        end loop;
    end $$";

/// As many as carry a person.
const WATCHED: &str = "select count(*) from pg_policies where policyname = 'one_node'";

struct Watched {
    centre: TestCentre,
    _server: Server,
}

fn watched() -> Watched {
    let (books, server) = Books::behind_walls();
    let centre = TestCentre::start_on(books, 60);
    centre.books().ask(WATCH);
    assert_eq!(centre.books().ask(WATCHED), [["15"]], "a table that carries a person is watched");
    Watched { centre, _server: server }
}

impl Watched {
    fn person(&self, n: usize) -> String {
        self.centre.sample.persons[n].enrolment.number.clone()
    }

    fn item(&self) -> Item {
        Item::one(&self.centre.sample.catalogue.items()[0].code, "5.00")
    }

    fn program(&self) -> Program {
        self.centre.program_beside("澜州市第一医院")
    }

    /// The watch is taken away: whoever verifies walks through everybody.
    fn assert_clean(self) -> centre::Report {
        self.centre.books().ask(
            "do $$ declare name text; begin for name in select tablename from pg_policies where policyname = 'one_node'
             loop execute format('drop policy one_node on %I', name); end loop; end $$",
        );
        self.centre.assert_clean()
    }
}

#[test]
fn a_bill_and_all_that_may_become_of_it_needs_one_persons_rows() {
    let scene = watched();
    let program = scene.program();
    for n in 20..26 {
        let (person, item) = (scene.person(n), scene.item());
        let (visit, said) = program.settle(&person, std::slice::from_ref(&item), "5.00");
        let settlement = said.done().get("setlinfo", "setl_id");
        program.void(&person, &visit, &settlement).done();
        let bill = program.bill(&person, &visit, "1", "5.00");
        let msgid = program.msgid();
        program.say_as("2207", &msgid, &bill).done();
        assert!(program.say_as("2207", &msgid, &bill).done().replayed);
        program.reverse(&person, "2207", &msgid).done();
        program.reverse(&person, "2207", &format!("NEVER-CAME-{n}")).done();
    }
    let report = scene.assert_clean();
    assert_eq!((report.settlements, report.reversals), (12, 12));
}

#[test]
fn a_stay_needs_one_persons_rows() {
    let scene = watched();
    let program = scene.program();
    let (begins, ends) = (datetime(2026, 11, 20, 9, 0, 0, 0), datetime(2026, 11, 23, 7, 0, 0, 0));
    for n in 20..23 {
        let (person, item) = (scene.person(n), scene.item());
        let (stay, settled) = program.settle_stay(&person, (begins, ends), &[item], "5.00");
        program.void_stay(&person, &stay, &settled.get("setlinfo", "setl_id")).done();
    }
    let report = scene.assert_clean();
    assert_eq!((report.settlements, report.reversals), (3, 3));
}

#[test]
fn what_names_another_persons_visit_is_the_one_thing_that_touches_two() {
    let scene = watched();
    let program = scene.program();
    let (person, other) = (scene.person(20), scene.person(21));
    let visit = program.charge(&person, &[scene.item()]);
    // With the watch, it is stopped where it meets the other's rows; without, it is refused: nothing is settled.
    let said = program.say("2207", &program.bill(&other, &visit, "1", "5.00"));
    assert_eq!(said.code.as_deref(), Some("?"), "the watch sees what it is to see: {}", said.text);
    assert_eq!(scene.assert_clean().settlements, 0);
}
