//! Values to rows of the store, in the order of their tables.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use ledger::{Held, Journal, Posting};
use model::{
    Amounts, Cover, EncounterId, FilingId, Fund, HospitalId, Identity, InsuranceKind, JournalId, MessageId,
    PersonId, SettlementId,
};
use money::{Money, Quantity, Rate, UnitPrice};
use store::{
    AuditRow, ClaimRow, ClearingRow, Counters, CreditKind, CreditRow, DiagnosisRow, EncounterRow, EntryKind,
    EventRow, FilingRow, HospitalRow, JournalRow, LineRow, Made, Mark, MessageKey, MessageResult, MessageRow,
    OffsiteRow, PersonRow, PersonState, PremiumRow, RegisterRow, SettledRow, SettlementRow, SignInRow,
    StreamEnd, TotalRow, UnitRow,
};

use crate::words::{ENCOUNTER_STATES, LINE_STATES, SETTLEMENT_KINDS, STANDS, years_from_text};
use crate::{Bad, Get};

type Read<T> = Result<T, Bad>;

/// Reads values one behind the other.
struct Values<'r> {
    row: &'r dyn Get,
    at: usize,
}

impl<'r> Values<'r> {
    fn of(row: &'r dyn Get) -> Self {
        Self { row, at: 0 }
    }

    /// The next value; what is null there is none.
    fn maybe<T>(&mut self, read: fn(&'r dyn Get, usize) -> Read<Option<T>>) -> Read<Option<T>> {
        let at = self.at;
        self.at += 1;
        read(self.row, at)
    }

    fn need<T>(&mut self, read: fn(&'r dyn Get, usize) -> Read<Option<T>>) -> Read<T> {
        let at = self.at;
        self.maybe(read)?.ok_or_else(|| Bad::new(at, "null"))
    }

    fn int(&mut self) -> Read<i64> {
        self.need(Get::int)
    }

    /// A whole number of fewer bits.
    fn small<T: TryFrom<i64>>(&mut self) -> Read<T> {
        let at = self.at;
        let number = self.int()?;
        T::try_from(number).map_err(|_| Bad::new(at, number.to_string()))
    }

    fn maybe_int(&mut self) -> Read<Option<i64>> {
        self.maybe(Get::int)
    }

    fn str(&mut self) -> Read<&'r str> {
        self.need(Get::text)
    }

    fn text(&mut self) -> Read<String> {
        self.str().map(str::to_owned)
    }

    fn blob(&mut self) -> Read<Vec<u8>> {
        self.need(Get::blob).map(<[u8]>::to_vec)
    }

    fn fixed<const N: usize>(&mut self) -> Read<[u8; N]> {
        let at = self.at;
        let bytes = self.need(Get::blob)?;
        bytes.try_into().map_err(|_| Bad::new(at, "bytes of another length"))
    }

    /// What each fund paid.
    fn by_fund(&mut self) -> Read<[Money; Fund::ALL.len()]> {
        let mut amounts = [Money::ZERO; Fund::ALL.len()];
        for amount in &mut amounts {
            *amount = self.fen()?;
        }
        Ok(amounts)
    }

    fn flag(&mut self) -> Read<bool> {
        self.need(Get::flag)
    }

    fn time(&mut self) -> Read<DateTime> {
        self.need(Get::time)
    }

    fn day(&mut self) -> Read<Date> {
        self.need(Get::day)
    }

    fn fen(&mut self) -> Read<Money> {
        self.int().map(Money::from_fen)
    }

    fn word<T: FromStr>(&mut self) -> Read<T> {
        self.parse(|text| text.parse().ok())
    }

    fn one_of<T: Copy>(&mut self, all: &[(T, &str)]) -> Read<T> {
        self.parse(|text| all.iter().find(|(_, word)| *word == text).map(|(value, _)| *value))
    }

    fn parse<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Read<T> {
        let at = self.at;
        let text = self.str()?;
        parse(text).ok_or_else(|| Bad::new(at, text))
    }
}

/// From [`crate::HOSPITAL`].
pub fn hospital(row: &dyn Get) -> Read<HospitalRow> {
    let mut v = Values::of(row);
    Ok(HospitalRow {
        id: HospitalId(v.int()?),
        code: v.text()?,
        name: v.text()?,
        kind: v.text()?,
        level: v.small()?,
        grade: v.text()?,
        division: v.text()?,
        scheme: v.small()?,
        profile: v.text()?,
        active: v.flag()?,
    })
}

/// From [`crate::PERSON`], and the columns of [`crate::STATE`] behind.
pub fn person(row: &dyn Get) -> Read<(PersonRow, PersonState)> {
    let mut v = Values::of(row);
    let id = PersonId(v.int()?);
    let number = v.text()?;
    let _household = v.int()?;
    let person = PersonRow {
        id,
        number,
        name: v.text()?,
        document_kind: v.text()?,
        document: v.blob()?,
        document_hash: v.fixed()?,
        card_hash: v.maybe(Get::blob)?.and_then(|hash| hash.try_into().ok()),
        gender: v.text()?,
        born: v.day()?,
    };
    Ok((person, state_of(&mut v)?))
}

fn state_of(v: &mut Values<'_>) -> Read<PersonState> {
    Ok(PersonState {
        version: v.int()?,
        held: Held { current: v.fen()?, prior: v.fen()?, granted: v.fen()? },
        on_hold: v.fen()?,
        years: v.parse(years_from_text)?,
    })
}

/// A row of [`crate::enrolled_of`]: an insurance; an identity, without an insurance kind, its own in the place of the
/// person's; or a filing, with its number, its kind in the place of the person's, its state in that of the status, its code
/// in that of the premium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolled {
    /// An insurance.
    Cover(Cover),
    /// An identity.
    Identity(Identity),
    /// A filing.
    Filing(FilingRow),
}

/// Whose, and what.
pub fn enrolled(row: &dyn Get) -> Read<(PersonId, Enrolled)> {
    let filing = row.int(FILING_AT)?.map(FilingId);
    let mut v = Values::of(row);
    let person = PersonId(v.int()?);
    let at = v.at;
    let kind = v.maybe_int()?.map(|kind| u16::try_from(kind).map_err(|_| Bad::new(at, kind.to_string())));
    let kind = kind.transpose()?.map(InsuranceKind);
    let (from, to) = (v.day()?, v.maybe(Get::day)?);
    if let Some(id) = filing {
        let (word, state, code) = (v.word()?, v.str()?, v.text()?);
        let mut v = Values { row, at: FILING_AT + 1 };
        let (hospital, message) = (v.maybe_int()?.map(HospitalId), v.maybe_int()?.map(MessageId));
        let filing = FilingRow {
            id,
            person,
            kind: word,
            code,
            insurance_kind: kind,
            from,
            to,
            stands: state == STANDS,
            hospital,
            message,
            facts: v.blob()?,
        };
        return Ok((person, Enrolled::Filing(filing)));
    }
    let Some(kind) = kind else {
        return Ok((person, Enrolled::Identity(Identity { kind: v.text()?, from, to })));
    };
    let cover = Cover {
        kind,
        from,
        to,
        person_type: v.text()?,
        status: v.word()?,
        premium: v.word()?,
        civil_servant: v.flag()?,
        employer: v.text()?,
        division: v.text()?,
    };
    Ok((person, Enrolled::Cover(cover)))
}

/// Where the number of a filing stands.
const FILING_AT: usize = 10;

/// From [`crate::REGISTER`].
pub fn register(row: &dyn Get) -> Read<RegisterRow> {
    let mut v = Values::of(row);
    Ok(RegisterRow {
        hospital: HospitalId(v.int()?),
        kind: v.word()?,
        key: v.text()?,
        version: v.int()?,
        from: v.day()?,
        to: v.maybe(Get::day)?,
        state: v.text()?,
        message: v.maybe_int()?.map(MessageId),
        data: v.text()?,
        facts: v.blob()?,
    })
}

/// From [`crate::totals_of`].
pub fn total(row: &dyn Get) -> Read<TotalRow> {
    let mut v = Values::of(row);
    Ok(TotalRow {
        refund: v.flag()?,
        stands: v.flag()?,
        count: v.int()?,
        total: v.fen()?,
        funds: v.fen()?,
        account: v.fen()?,
    })
}

/// From [`crate::settled_where`].
pub fn settled(row: &dyn Get) -> Read<SettledRow> {
    let mut v = Values::of(row);
    Ok(SettledRow {
        settlement: SettlementId(v.int()?),
        encounter: EncounterId(v.int()?),
        person: v.text()?,
        msgid: v.text()?,
        undoes: v.maybe_int()?.map(SettlementId),
        counted: v.flag()?,
        clearing_kind: v.text()?,
        decided: v.time()?,
        total: v.fen()?,
        funds: v.fen()?,
        account: v.fen()?,
        insurance_kind: InsuranceKind(v.small()?),
        scope: v.text()?,
        by_fund: v.by_fund()?,
    })
}

/// From [`crate::DIAGNOSIS`].
pub fn diagnosis(row: &dyn Get) -> Read<DiagnosisRow> {
    let mut v = Values::of(row);
    Ok(DiagnosisRow {
        hospital: HospitalId(v.int()?),
        encounter: EncounterId(v.int()?),
        number: v.int()?,
        person: PersonId(v.int()?),
        kind: v.text()?,
        code: v.text()?,
        name: v.blob()?,
        valid: v.flag()?,
        facts: v.blob()?,
    })
}

/// From [`crate::ENCOUNTER`].
pub fn encounter(row: &dyn Get) -> Read<EncounterRow> {
    let mut v = Values::of(row);
    Ok(EncounterRow {
        id: EncounterId(v.int()?),
        hospital: HospitalId(v.int()?),
        person: PersonId(v.int()?),
        visit_number: v.text()?,
        insurance_kind: InsuranceKind(v.small()?),
        care_kind: v.text()?,
        visit: v.word()?,
        stay: v.flag()?,
        region: v.word()?,
        begins: v.time()?,
        ends: v.maybe(Get::time)?,
        disease: v.text()?,
        doctor: v.text()?,
        doctor_name: v.text()?,
        department: v.text()?,
        department_name: v.text()?,
        state: v.one_of(&ENCOUNTER_STATES)?,
        message: MessageId(v.int()?),
        facts: v.blob()?,
    })
}

/// From [`crate::LINE`].
pub fn line(row: &dyn Get) -> Read<LineRow> {
    let mut v = Values::of(row);
    Ok(LineRow {
        hospital: HospitalId(v.int()?),
        encounter: EncounterId(v.int()?),
        number: v.text()?,
        person: PersonId(v.int()?),
        charge_batch: v.text()?,
        served: v.time()?,
        item: v.text()?,
        hospital_item: v.text()?,
        class: v.word()?,
        kind: v.word()?,
        price: UnitPrice::from_millionths(v.int()?),
        quantity: Quantity::from_ten_thousandths(v.int()?),
        amount: v.fen()?,
        price_limit: v.maybe_int()?.map(UnitPrice::from_millionths),
        first_self_pay: v.maybe_int()?.map(Rate::from_ten_thousandths),
        standing: v.word()?,
        state: v.one_of(&LINE_STATES)?,
        refunds: v.maybe(Get::text)?.map(str::to_owned),
        message: v.maybe_int()?.map(MessageId),
    })
}

/// From [`crate::SETTLEMENT`].
pub fn settlement(row: &dyn Get) -> Read<SettlementRow> {
    let mut v = Values::of(row);
    Ok(SettlementRow {
        id: SettlementId(v.int()?),
        hospital: HospitalId(v.int()?),
        person: PersonId(v.int()?),
        version: v.int()?,
        encounter: EncounterId(v.int()?),
        scope: v.text()?,
        kind: v.one_of(&SETTLEMENT_KINDS)?,
        undoes: v.maybe_int()?.map(SettlementId),
        root: SettlementId(v.int()?),
        message: MessageId(v.int()?),
        effective: v.flag()?,
        counted: v.flag()?,
        decided: v.time()?,
        benefit_date: v.day()?,
        year: v.small()?,
        insurance_kind: InsuranceKind(v.small()?),
        care_kind: v.text()?,
        clearing_kind: v.text()?,
        edition: v.text()?,
        catalogue: v.text()?,
        amounts: amounts(&mut v)?,
        from_current: v.fen()?,
        balance: v.fen()?,
        inputs: v.blob()?,
        before: v.parse(Counters::from_json)?,
        change: v.parse(Counters::from_json)?,
        trail: v.blob()?,
        details: v.text()?,
        audit: (v.int()?, v.int()?),
    })
}

fn amounts(v: &mut Values<'_>) -> Read<Amounts> {
    let mut amounts = Amounts {
        total: v.fen()?,
        out_of_scope: v.fen()?,
        over_price_limit: v.fen()?,
        prior_self_pay: v.fen()?,
        eligible: v.fen()?,
        deductible_paid: v.fen()?,
        ..Amounts::default()
    };
    amounts.funds = v.by_fund()?;
    Ok(Amounts {
        personal_account: v.fen()?,
        mutual_aid: v.fen()?,
        cash: v.fen()?,
        hospital_share: v.fen()?,
        ..amounts
    })
}

/// From [`crate::MESSAGE`], or [`crate::MESSAGE_BARE`] with two blobs behind.
pub fn message(row: &dyn Get) -> Read<MessageRow> {
    let mut v = Values::of(row);
    Ok(MessageRow {
        id: MessageId(v.int()?),
        key: MessageKey {
            hospital: HospitalId(v.int()?),
            infno: v.text()?,
            msgid: v.text()?,
            content: v.blob()?,
        },
        digest: v.fixed()?,
        person: v.maybe_int()?.map(PersonId),
        received: v.time()?,
        decided: v.time()?,
        result: result(&mut v)?,
        made: made(&mut v)?,
        taken_back_by: v.maybe_int()?.map(MessageId),
        request: v.blob()?,
        reply: v.blob()?,
    })
}

fn result(v: &mut Values<'_>) -> Read<MessageResult> {
    let at = v.at;
    let (result, code) = (v.str()?, v.text()?);
    match result {
        "done" => Ok(MessageResult::Done),
        "refused" => Ok(MessageResult::Refused(code)),
        "tombstone" => Ok(MessageResult::Tombstone),
        other => Err(Bad::new(at, other)),
    }
}

fn made(v: &mut Values<'_>) -> Read<Made> {
    let at = v.at;
    match (v.str()?, v.maybe_int()?) {
        ("", None) => Ok(Made::Nothing),
        ("encounter", Some(id)) => Ok(Made::Encounter(EncounterId(id))),
        ("settlement", Some(id)) => Ok(Made::Settlement(SettlementId(id))),
        (other, _) => Err(Bad::new(at, other)),
    }
}

/// From [`crate::SIGN_IN`].
pub fn sign_in(row: &dyn Get) -> Read<SignInRow> {
    let mut v = Values::of(row);
    Ok(SignInRow {
        hospital: HospitalId(v.int()?),
        number: v.text()?,
        operator: v.text()?,
        opened: v.time()?,
        closed: v.maybe(Get::time)?,
    })
}

/// From [`crate::CREDIT`].
pub fn credit(row: &dyn Get) -> Read<CreditRow> {
    let mut v = Values::of(row);
    Ok(CreditRow {
        person: PersonId(v.int()?),
        kind: v.parse(|text| CreditKind::ALL.into_iter().find(|kind| kind.word() == text))?,
        period: v.text()?,
        version: v.int()?,
        edition: v.text()?,
        base: v.fen()?,
        employer: v.fen()?,
        own: v.fen()?,
        extra: v.fen()?,
        amount: v.fen()?,
        journal: v.maybe_int()?.map(JournalId),
    })
}

/// From [`crate::EVENT`].
pub fn event(row: &dyn Get) -> Read<EventRow> {
    let mut v = Values::of(row);
    Ok(EventRow {
        person: PersonId(v.int()?),
        version: v.int()?,
        kind: v.word()?,
        day: v.day()?,
        at: v.time()?,
        by: v.text()?,
        why: v.text()?,
        reference: v.text()?,
        edition: v.text()?,
        year: v.small()?,
        inputs: v.blob()?,
        before: v.parse(Counters::from_json)?,
        change: v.parse(years_from_text)?,
        trail: v.blob()?,
        journal: v.maybe_int()?.map(JournalId),
        said: v.blob()?,
    })
}

/// From [`crate::PREMIUM`].
pub fn premium(row: &dyn Get) -> Read<PremiumRow> {
    let mut v = Values::of(row);
    Ok(PremiumRow {
        person: PersonId(v.int()?),
        month: v.day()?,
        unit: v.text()?,
        base: v.fen()?,
        pension: v.fen()?,
        received: v.maybe(Get::day)?,
    })
}

/// From [`crate::OFFSITE`].
pub fn offsite(row: &dyn Get) -> Read<OffsiteRow> {
    let mut v = Values::of(row);
    Ok(OffsiteRow {
        hospital: HospitalId(v.int()?),
        division: v.text()?,
        settlement: SettlementId(v.int()?),
        encounter: EncounterId(v.int()?),
        person: v.text()?,
        document: v.blob()?,
        message: MessageId(v.int()?),
        undoes: v.maybe_int()?.map(SettlementId),
        decided: v.time()?,
        insurance_kind: InsuranceKind(v.small()?),
        care_kind: v.text()?,
        clearing_kind: v.text()?,
        total: v.fen()?,
        funds: v.fen()?,
        account: v.fen()?,
        relatives: v.fen()?,
        cash: v.fen()?,
        hospital_share: v.fen()?,
        counted: v.flag()?,
        journal: v.maybe_int()?.map(JournalId),
        back: v.maybe_int()?.map(JournalId),
    })
}

/// The same, with the id of its message behind it.
pub fn offsite_said(row: &dyn Get) -> Read<(OffsiteRow, String)> {
    let at = crate::OFFSITE.columns.len();
    let msgid = row.text(at)?.ok_or_else(|| Bad::new(at, "null"))?.to_owned();
    Ok((offsite(row)?, msgid))
}

/// From [`crate::UNIT`].
pub fn unit(row: &dyn Get) -> Read<UnitRow> {
    let mut v = Values::of(row);
    Ok(UnitRow {
        code: v.text()?,
        from: v.day()?,
        to: v.maybe(Get::day)?,
        name: v.text()?,
        kind: v.text()?,
        division: v.text()?,
        facts: v.blob()?,
    })
}

/// From [`crate::AUDIT`].
pub fn audit(row: &dyn Get) -> Read<AuditRow> {
    let mut v = Values::of(row);
    Ok(AuditRow {
        stream: v.int()?,
        seq: v.int()?,
        at: v.time()?,
        hospital: v.maybe_int()?.map(HospitalId),
        operator: v.text()?,
        action: v.text()?,
        object: v.text()?,
        result: v.text()?,
        hash: v.fixed()?,
        mark: Mark { day: v.day()?, mac: v.fixed()? },
    })
}

/// From [`crate::JOURNAL`], with the account and the amount of one posting behind; a journal without any has neither.
pub fn journal_line(row: &dyn Get) -> Read<(JournalRow, Option<Posting>)> {
    let mut v = Values::of(row);
    let id = JournalId(v.int()?);
    let source = v.word()?;
    let journal = JournalRow {
        id,
        settlement: v.maybe_int()?.map(SettlementId),
        person: Some(v.int()?).filter(|person| *person != 0).map(PersonId),
        hospital: v.maybe_int()?.map(HospitalId),
        insurance_kind: InsuranceKind(v.small()?),
        at: v.time()?,
        journal: Journal { source, postings: Vec::new() },
    };
    let at = v.at;
    let (account, amount) = (v.maybe(Get::text)?, v.maybe_int()?.map(Money::from_fen));
    let posting = match account.zip(amount) {
        None => None,
        Some((account, amount)) => {
            Some(Posting { account: account.parse().map_err(|what: String| Bad::new(at, what))?, amount })
        }
    };
    Ok((journal, posting))
}

/// From [`crate::CLEARING`].
pub fn clearing(row: &dyn Get) -> Read<ClearingRow> {
    let mut v = Values::of(row);
    Ok(ClearingRow {
        hospital: HospitalId(v.int()?),
        period: v.text()?,
        number: v.int()?,
        kind: v.parse(|text| EntryKind::ALL.into_iter().find(|kind| kind.word() == text))?,
        payer: v.word()?,
        insurance_kind: InsuranceKind(v.small()?),
        clearing_kind: v.text()?,
        amount: v.fen()?,
        encounter: v.maybe_int()?.map(EncounterId),
        reference: v.text()?,
        journal: v.maybe_int()?.map(JournalId),
        at: v.time()?,
        by: v.text()?,
        why: v.text()?,
    })
}

/// From [`crate::claims_of`].
pub fn claim(row: &dyn Get) -> Read<ClaimRow> {
    let mut v = Values::of(row);
    Ok(ClaimRow {
        insurance_kind: InsuranceKind(v.small()?),
        clearing_kind: v.text()?,
        count: v.int()?,
        refunds: v.int()?,
        total: v.fen()?,
        eligible: v.fen()?,
        cash: v.fen()?,
        account: v.fen()?,
        relatives: v.fen()?,
        by_fund: v.by_fund()?,
        elsewhere: Money::ZERO,
    })
}

/// The number of a stream, its records, its last hash, the highest stream when it closed.
pub fn stream_end(row: &dyn Get) -> Read<StreamEnd> {
    let mut v = Values::of(row);
    let (stream, records) = (v.int()?, v.int()?);
    let hash = v.maybe(Get::blob)?.and_then(|hash| hash.try_into().ok());
    Ok(StreamEnd { stream, records, hash: hash.unwrap_or([0; 32]), behind: v.int()? })
}
