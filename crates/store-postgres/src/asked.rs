//! What few messages ask for: each is looked up on its own, by those that ask.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use model::{EncounterId, HospitalId, RegisterKind};
use store::{LineRow, Named, Needs, OffsiteOf, Registers, SettledOf, SettlementRow, VISITS_MAX, Visits, Who};

use crate::link::sql;
use crate::load::{Loader, Read, pairs, rows};
use crate::values::Array;

impl Loader<'_> {
    /// Money messages of a person and number near an original that is not found by its id.
    pub(crate) fn near(&mut self, needs: &[Needs]) -> Read<()> {
        let near = needs.iter().filter(|need| need.near_original);
        for (need, infno) in near.filter_map(|need| Some((need, need.original.as_ref()?.0.as_str()))) {
            let Who::Number(number) = &need.who else { continue };
            let sql = sql!(format!(
                "select found.* from (select message from settlement \
                 where person = (select person from person where number = ($1::text[])[1]) \
                 and hospital = ($3::bigint[])[1] order by version desc limit 100) k cross join lateral \
                 (select {}, substr(request, 1, 1), substr(reply, 1, 1) from message m \
                 where m.message = k.message offset 0) found where found.infno = ($2::text[])[1] limit 20",
                tables::MESSAGE_BARE.list
            ));
            let values =
                vec![Array::texts([number.as_str()]), Array::texts([infno]), Array::ints([need.hospital.0])];
            for message in rows(self.link.rows(sql, values), tables::message)? {
                self.follow(&message);
                self.keep_message(message);
            }
        }
        Ok(())
    }

    /// What few messages ask for.
    pub(crate) fn asked(&mut self, needs: &[Needs]) -> Read<()> {
        for need in needs {
            need.registers.iter().try_for_each(|registers| self.registers(need.hospital, registers))?;
            if !need.traces.is_empty() {
                self.traced(&need.traces)?;
            }
            if let Some(encounter) = need.encounter.filter(|_| need.diagnoses) {
                let sql = sql!(format!(
                    "select {} from diagnosis where hospital = ($1::bigint[])[1] and encounter = ($2::bigint[])[1] \
                     order by kind, number",
                    tables::DIAGNOSIS.list
                ));
                let answer =
                    self.link.rows(sql, pairs([(need.hospital, encounter)].iter(), |(h, e)| (h.0, e.0)));
                self.loaded.diagnoses.extend(rows(answer, tables::diagnosis)?);
            }
            if let Some(of) = &need.totals {
                let sql = sql!(tables::totals_of(PLACES, ""));
                let values = vec![
                    Array::ints([need.hospital.0, of.insurance_kind.0.into()]),
                    Array::texts([of.clearing_kind.as_str()]),
                    Array::times([of.from, of.to]),
                ];
                let found = rows(self.link.rows(sql, values), tables::total)?;
                self.loaded.totals.extend(found.into_iter().map(|row| (need.hospital, of.clone(), row)));
            }
            if let Some((kinds, from, to)) = &need.claims {
                let sql = sql!(tables::claims_of(
                    [
                        "($1::bigint[])[1]",
                        "= any($2::text[])",
                        "($3::timestamp[])[1]",
                        "($3::timestamp[])[2]"
                    ],
                    ""
                ));
                let kinds = Array::texts(kinds.iter().map(String::as_str));
                let values = vec![Array::ints([need.hospital.0]), kinds, Array::times([*from, *to])];
                let found = rows(self.link.rows(sql, values), tables::claim)?;
                self.loaded.claims.extend(found.into_iter().map(|row| (need.hospital, *from, row)));
            }
            if let Who::Number(number) = &need.who
                && need.events
            {
                self.events(number.as_str())?;
            }
            if let Some(paper) = &need.paper {
                let sql = sql!(format!(
                    "select {} from person_event where kind = 'reimbursed' and reference = ($1::text[])[1]",
                    tables::EVENT.list
                ));
                let found = self.link.rows(sql, vec![Array::texts([paper.as_str()])]);
                self.loaded.events.extend(rows(found, tables::event)?);
            }
            if let Some(of) = &need.offsite {
                self.offsite(need.hospital, of)?;
            }
            if need.units {
                let sql = sql!(format!("select {} from unit order by code, from_day", tables::UNIT.list));
                self.loaded.units.extend(rows(self.link.rows(sql, Vec::new()), tables::unit)?);
            }
            if need.clearings {
                let sql = sql!(format!(
                    "select {} from clearing where hospital = ($1::bigint[])[1] order by period, number",
                    tables::CLEARING.list
                ));
                let found = self.link.rows(sql, vec![Array::ints([need.hospital.0])]);
                self.loaded.clearings.extend(rows(found, tables::clearing)?);
            }
            if let Some(of) = &need.settled {
                self.settled(need.hospital, of)?;
            }
            if let Some((visits, from, to)) = need.visits {
                self.listed(need, visits, from, to)?;
            }
        }
        Ok(())
    }

    /// What officers did to a person.
    fn events(&mut self, number: &str) -> Read<()> {
        let sql = sql!(format!(
            "select {} from person_event where person = (select person from person where number = ($1::text[])[1]) \
             order by version",
            tables::EVENT.list
        ));
        let found = self.link.rows(sql, vec![Array::texts([number])]);
        self.loaded.events.extend(rows(found, tables::event)?);
        Ok(())
    }

    fn offsite(&mut self, hospital: HospitalId, of: &OffsiteOf) -> Read<()> {
        let here = Array::ints([hospital.0]);
        let answer = match of {
            OffsiteOf::Days(from, to) => {
                let sql = sql!(tables::offsite_where(
                    "o.hospital = ($1::bigint[])[1] and o.decided between ($2::timestamp[])[1] and ($2::timestamp[])[2] \
                     order by o.decided, o.settlement"
                ));
                self.link.rows(sql, vec![here, Array::times([*from, *to])])
            }
            OffsiteOf::Settlement(id) => {
                let sql = sql!(tables::offsite_where(
                    "o.hospital = ($1::bigint[])[1] and (o.settlement = ($2::bigint[])[1] or o.undoes = ($2::bigint[])[1])"
                ));
                self.link.rows(sql, vec![here, Array::ints([id.0])])
            }
            OffsiteOf::Message(infno, msgid) => {
                let sql = sql!(tables::offsite_where(
                    "m.hospital = ($1::bigint[])[1] and m.infno = ($2::text[])[1] and m.msgid = ($2::text[])[2]"
                ));
                self.link.rows(sql, vec![here, Array::texts([infno.as_str(), msgid.as_str()])])
            }
        };
        self.loaded.offsite.extend(rows(answer, tables::offsite_said)?);
        Ok(())
    }

    fn settled(&mut self, hospital: HospitalId, of: &SettledOf) -> Read<()> {
        let here = || Array::ints([hospital.0]);
        match of {
            SettledOf::Days(kinds, from, to) => {
                let sql = sql!(tables::settled_where(
                    "s.clearing_kind = any($2::text[]) and s.hospital = ($1::bigint[])[1] \
                     and s.decided between ($3::timestamp[])[1] and ($3::timestamp[])[2]"
                ));
                let kinds = Array::texts(kinds.iter().map(String::as_str));
                let values = vec![here(), kinds, Array::times([*from, *to])];
                let found = rows(self.link.rows(sql, values), tables::settled)?;
                self.loaded.settled.extend(found);
            }
            SettledOf::Visits(visits) => {
                let sql = sql!(format!(
                    "select found.* from unnest($2::bigint[]) k (encounter) cross join lateral ({} offset 0) found",
                    tables::settled_where("s.encounter = k.encounter and s.hospital = ($1::bigint[])[1]")
                ));
                let values = vec![here(), Array::ints(visits.iter().map(|id| id.0))];
                let found = rows(self.link.rows(sql, values), tables::settled)?;
                self.loaded.settled.extend(found);
            }
            SettledOf::Named(named) => self.named_settlements(hospital, named)?,
        }
        Ok(())
    }

    fn named_settlements(&mut self, hospital: HospitalId, named: &Named) -> Read<()> {
        let here = || Array::ints([hospital.0]);
        let ids = || Array::ints(named.settlements.iter().map(|id| id.0));
        let by_id = sql!(tables::settled_where(
            "s.hospital = ($1::bigint[])[1] and s.settlement = any($2::bigint[])"
        ));
        let refunds =
            sql!(tables::settled_where("s.undoes = any($2::bigint[]) and s.hospital = ($1::bigint[])[1]"));
        let made = sql!(format!(
            "select found.* from unnest($2::text[], $3::text[]) k (infno, msgid) cross join lateral ({} offset 0) found",
            tables::settled_where(
                "m.hospital = ($1::bigint[])[1] and m.infno = k.infno and m.msgid = k.msgid"
            )
        ));
        let known = "select encounter from encounter where hospital = ($1::bigint[])[1] \
                     and encounter = any($2::bigint[])";
        let texts = |of: fn(&(String, String)) -> &String| {
            Array::texts(named.messages.iter().map(|message| of(message).as_str()))
        };
        let asked = [
            (by_id, vec![here(), ids()]),
            (refunds, vec![here(), ids()]),
            (made, vec![here(), texts(|(infno, _)| infno), texts(|(_, msgid)| msgid)]),
        ];
        for (sql, values) in asked {
            let found = rows(self.link.rows(sql, values), tables::settled)?;
            self.loaded.settled.extend(found);
        }
        let visits = Array::ints(named.visits.iter().map(|id| id.0));
        let found = self.link.rows(known, vec![here(), visits])?;
        self.loaded.known_visits.extend(found.iter().map(|row| EncounterId(row.get(0))));
        Ok(())
    }

    fn registers(&mut self, hospital: HospitalId, registers: &Registers) -> Read<()> {
        let (sql, kind, keys) = match registers {
            Registers::All(kind) => {
                let all = sql!(format!(
                    "select {} from register where hospital = ($1::bigint[])[1] and kind = ($2::text[])[1] order by key",
                    tables::REGISTER.list
                ));
                (all, kind, None)
            }
            Registers::Under(kind, all) => return self.registered_under(hospital, *kind, all),
            Registers::Keys(kind, keys) => {
                let keyed = sql!(format!(
                    "select {} from register where hospital = ($1::bigint[])[1] and kind = ($2::text[])[1] \
                     and key = any($3::text[])",
                    tables::REGISTER.list
                ));
                (keyed, kind, Some(keys))
            }
        };
        let mut values = vec![Array::ints([hospital.0]), Array::texts([kind.word()])];
        values.extend(keys.map(|keys| Array::texts(keys.iter().map(String::as_str))));
        let found = rows(self.link.rows(sql, values), tables::register)?;
        self.loaded.registers.extend(found);
        Ok(())
    }

    fn registered_under(&mut self, hospital: HospitalId, kind: RegisterKind, all: &[String]) -> Read<()> {
        let sql = sql!(format!(
            "select found.* from unnest($3::text[], $4::text[]) k (begins, behind) cross join lateral \
             (select {} from register where hospital = ($1::bigint[])[1] and kind = ($2::text[])[1] \
             and key >= k.begins and key < k.behind order by key offset 0) found",
            tables::REGISTER.list
        ));
        let bounds: Vec<[String; 2]> = all.iter().map(|what| store::keys_under(what)).collect();
        let side = |at: usize| Array::texts(bounds.iter().map(|bound| bound[at].as_str()));
        let values = vec![Array::ints([hospital.0]), Array::texts([kind.word()]), side(0), side(1)];
        let found = rows(self.link.rows(sql, values), tables::register)?;
        self.loaded.registers.extend(found);
        Ok(())
    }

    /// Where packs of trace codes were sold, with those visits.
    fn traced(&mut self, codes: &[String]) -> Read<()> {
        let sql = sql!(format!(
            "select found.* from unnest($1::text[], $2::text[]) k (begins, behind) cross join lateral \
             (select {} from register where kind = 'trace' and key >= k.begins and key < k.behind offset 0) found",
            tables::REGISTER.list
        ));
        let bounds: Vec<[String; 2]> = codes.iter().map(|code| store::keys_under(code)).collect();
        let side = |at: usize| Array::texts(bounds.iter().map(|bound| bound[at].as_str()));
        for row in rows(self.link.rows(sql, vec![side(0), side(1)]), tables::register)? {
            self.wanted.encounters.extend(row.traced().map(|(visit, _)| (row.hospital, visit)));
            self.loaded.registers.push(row);
        }
        Ok(())
    }

    fn listed(&mut self, need: &Needs, visits: Visits, from: DateTime, to: DateTime) -> Read<()> {
        let sql = match visits {
            Visits::OfPersonHere => {
                sql!(visits_that(&format!("{OF_PERSON} and hospital = ($3::bigint[])[1]")))
            }
            Visits::OfPersonForDisease => {
                sql!(visits_that(&format!("{OF_PERSON} and disease <> '' and not stay")))
            }
            Visits::OfPersonFully => sql!(visits_that(OF_PERSON)),
            Visits::StaysHere => {
                sql!(visits_that("hospital = ($1::bigint[])[1] and stay and state = 'open'"))
            }
        };
        let times = Array::times([from, to]);
        let number =
            || Array::texts([if let Who::Number(number) = &need.who { number.as_str() } else { "" }]);
        let values = match visits {
            Visits::OfPersonHere => vec![number(), times, Array::ints([need.hospital.0])],
            Visits::OfPersonForDisease | Visits::OfPersonFully => vec![number(), times],
            Visits::StaysHere => vec![Array::ints([need.hospital.0]), times],
        };
        for row in rows(self.link.rows(sql, values), tables::encounter)? {
            self.wanted.persons.insert(row.person);
            if visits.with_lines() {
                self.wanted.encounters.insert((row.hospital, row.id));
            }
            self.loaded.listed.push(row);
        }
        Ok(())
    }

    /// Whether the days of settlements are agreed on.
    pub(crate) fn agreed(&mut self, needs: &[Needs]) -> Read<()> {
        for need in needs.iter().filter(|need| need.agreed) {
            let here = self.loaded.settlements.iter().filter(|row| row.hospital == need.hospital);
            let key = |row: &SettlementRow| {
                store::reconciled_key(row.decided.date(), row.insurance_kind, &row.clearing_kind)
            };
            let keys: BTreeSet<String> = here.map(key).collect();
            let keys = Registers::Keys(RegisterKind::ReconciledDay, keys.into_iter().collect());
            self.registers(need.hospital, &keys)?;
            let closed = store::closing_keys(&self.loaded.settlements, need.hospital);
            self.registers(need.hospital, &Registers::Keys(RegisterKind::Clearing, closed))?;
        }
        Ok(())
    }

    /// The messages that brought the lines of a visit.
    pub(crate) fn uploads(&mut self, needs: &[Needs]) -> Read<()> {
        for need in needs.iter().filter(|need| need.uploads) {
            let of =
                |line: &&LineRow| (line.hospital, Some(line.encounter)) == (need.hospital, need.encounter);
            let ids: BTreeSet<i64> =
                self.loaded.lines.iter().filter(of).filter_map(|line| Some(line.message?.0)).collect();
            let sql = sql!(format!(
                "select {} from message where message = any($1::bigint[])",
                tables::MESSAGE.list
            ));
            for message in rows(self.link.rows(sql, vec![Array::ints(ids)]), tables::message)? {
                self.keep_message(message);
            }
        }
        Ok(())
    }
}

/// Where the values of sums stand.
const PLACES: [&str; 5] = [
    "($1::bigint[])[1]",
    "($1::bigint[])[2]",
    "($2::text[])[1]",
    "($3::timestamp[])[1]",
    "($3::timestamp[])[2]",
];

const OF_PERSON: &str = "person = (select person from person where number = ($1::text[])[1])";

/// Visits that begin within two moments, the second value.
fn visits_that(which: &str) -> String {
    format!(
        "select {} from encounter where {which} and begins between ($2::timestamp[])[1] and ($2::timestamp[])[2] \
         order by begins desc limit {VISITS_MAX}",
        tables::ENCOUNTER.list
    )
}
