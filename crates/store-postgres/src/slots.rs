//! The counter in the database, from both sides.

use std::time::{Duration, Instant};

use model::HospitalId;
use store::{Counter, PutMessage, SlotError, SlotTicket, Slots, StoreError};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use crate::address::Address;
use crate::fault;
use crate::link::{Answer, Link};
use crate::values::Array;

/// What wakes may be lost: so often it is looked at unasked.
const LOOK: Duration = Duration::from_secs(1);

/// The engine's side.
pub(crate) struct PostgresSlots {
    address: Address,
    link: Option<Link>,
    /// Who takes is woken; who only answers would leave what it hears unread.
    listens: bool,
}

/// Nobody waits for what was put longer ago.
const TAKE: &str = "update counter_slot s set taken = clock_timestamp() from (select hospital, ticket from counter_slot \
     where taken is null and put > clock_timestamp() - make_interval(secs => ($2::bigint[])[1]) \
     order by put limit ($1::bigint[])[1] for update skip locked) w \
     where s.hospital = w.hospital and s.ticket = w.ticket returning s.hospital, uuid_send(s.ticket), s.message";

/// One whose sender left meanwhile is nobody's.
const ANSWER: &str = "with put as (update counter_slot s set answer = v.answer \
     from unnest($1::bigint[], $2::bytea[], $3::bytea[]) v (hospital, ticket, answer) \
     where s.hospital = v.hospital and s.ticket = encode(v.ticket, 'hex')::uuid returning substr(s.message, 1, 16) as wake) \
     select pg_notify('a' || encode(wake, 'hex'), '') from put";

const CLEAR: &str =
    "delete from counter_slot where put < localtimestamp - make_interval(secs => ($1::bigint[])[1])";

impl PostgresSlots {
    pub(crate) fn open(address: &Address, listens: bool) -> Result<Self, StoreError> {
        let mut slots = Self { address: address.clone(), link: None, listens };
        slots.link()?;
        Ok(slots)
    }

    /// A connection that stands, and listens.
    fn link(&mut self) -> Result<&mut Link, StoreError> {
        if self.link.as_ref().is_none_or(Link::is_gone) {
            self.link = None;
            let mut link = self.address.connect()?;
            // Small and short-lived: read as a whole.
            link.batch("set enable_seqscan = on; set enable_hashjoin = on")
                .map_err(fault("opening", "counter"))?;
            if self.listens {
                listen(&mut link).map_err(fault("opening", "counter"))?;
            }
            self.link = Some(link);
        }
        Ok(self.link.as_mut().expect("just made"))
    }

    fn look(&mut self, most: usize, fresh: Duration) -> Result<Vec<PutMessage>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let values = vec![Array::ints([most]), Array::ints([seconds(fresh)])];
        let rows = self.link()?.rows(TAKE, values).map_err(fault("taking", "counter_slot"))?;
        let read = |row: &Row| PutMessage {
            hospital: HospitalId(row.get(0)),
            ticket: ticket(row, 1),
            bytes: row.get(2),
        };
        Ok(rows.iter().map(read).collect())
    }
}

fn listen(link: &mut Link) -> Answer {
    let bells = link.rows("select quote_ident(channel) from counter_bell", Vec::new())?;
    for bell in &bells {
        link.batch(&format!("listen {}", bell.get::<_, &str>(0)))?;
    }
    Ok(bells)
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

fn ticket(row: &Row, at: usize) -> SlotTicket {
    SlotTicket(row.get::<_, &[u8]>(at).try_into().unwrap_or_default())
}

impl Slots for PostgresSlots {
    fn take(&mut self, most: usize, fresh: Duration, wait: Duration) -> Result<Vec<PutMessage>, StoreError> {
        let put = self.look(most, fresh)?;
        if !put.is_empty() {
            return Ok(put);
        }
        self.link()?.hear(wait);
        self.look(most, fresh)
    }

    fn answer(&mut self, answers: &[(HospitalId, SlotTicket, Vec<u8>)]) -> Result<(), StoreError> {
        let values = vec![
            Array::ints(answers.iter().map(|(hospital, ..)| hospital.0)),
            Array::blobs(answers.iter().map(|(_, ticket, _)| &ticket.0[..])),
            Array::blobs(answers.iter().map(|(.., answer)| answer.as_slice())),
        ];
        self.link()?.rows(ANSWER, values).map(drop).map_err(fault("answering", "counter_slot"))
    }

    fn clear(&mut self, older: Duration) -> Result<(), StoreError> {
        self.link()?
            .rows(CLEAR, vec![Array::ints([seconds(older)])])
            .map(drop)
            .map_err(fault("clearing", "counter_slot"))
    }
}

/// The workstation's side: with the login of a hospital, which can do nothing else.
pub struct PostgresCounter {
    address: Address,
    link: Option<Link>,
    /// Where it is woken: nobody else knows the name.
    wake: [u8; 16],
}

impl PostgresCounter {
    /// At `postgres://h_1@server/centre`. Connects with the first message. `wake`: 16 bytes nobody can guess.
    pub fn new(url: &str, wake: [u8; 16]) -> Result<Self, StoreError> {
        Ok(Self { address: Address::parse(url)?, link: None, wake })
    }

    fn link(&mut self) -> Result<&mut Link, StoreError> {
        if self.link.as_ref().is_none_or(Link::is_gone) {
            self.link = None;
            let link = self.address.connect()?;
            let name = self.wake.iter().fold(String::from("a"), |name, byte| format!("{name}{byte:02x}"));
            link.batch(&format!("listen \"{name}\"")).map_err(fault("connecting", "database"))?;
            self.link = Some(link);
        }
        Ok(self.link.as_mut().expect("just made"))
    }

    /// What the server said, or that nothing is known because the line went.
    fn heard(answer: Answer) -> Result<Vec<Row>, SlotError> {
        answer.map_err(|error| {
            let code = error.code().map(SqlState::code).unwrap_or_default().to_owned();
            let told = fault("asking", "counter")(crate::told(&error));
            match code.as_str() {
                "TQ102" => SlotError::TooLong,
                "TQ103" => SlotError::Full,
                // What a rule refused, or a right. A server that goes down may have put it before.
                _ if CERTAIN.iter().any(|class| code.starts_with(class)) => SlotError::NotPut(told),
                _ => SlotError::Unknown(told),
            }
        })
    }
}

/// Classes of errors behind which nothing was put.
const CERTAIN: [&str; 8] = ["22", "23", "25", "28", "42", "54", "P0", "TQ"];

impl Counter for PostgresCounter {
    fn put(&mut self, bytes: &[u8]) -> Result<SlotTicket, SlotError> {
        let sent = [&self.wake[..], bytes].concat();
        let link = self.link().map_err(SlotError::NotPut)?;
        let sql = "select uuid_send(counter.put_message(($1::bytea[])[1]))";
        let answer = link.rows(sql, vec![Array::blobs([sent.as_slice()])]);
        let rows = Self::heard(answer)?;
        Ok(rows.first().map_or(SlotTicket([0; 16]), |row| ticket(row, 0)))
    }

    #[expect(clippy::disallowed_methods, reason = "a wait is over real time")]
    fn take(&mut self, ticket: SlotTicket, wait: Duration) -> Result<Option<Vec<u8>>, SlotError> {
        let sql = "select counter.take_answer(encode(($1::bytea[])[1], 'hex')::uuid)";
        let end = Instant::now() + wait;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let link = self.link().map_err(SlotError::Unknown)?;
            link.hear(left.min(LOOK));
            let answer = link.rows(sql, vec![Array::blobs([&ticket.0[..]])]);
            let unknown = |error| match error {
                SlotError::NotPut(error) => SlotError::Unknown(error),
                other => other,
            };
            let rows = Self::heard(answer).map_err(unknown)?;
            let answer = rows.first().and_then(|row| row.get::<_, Option<Vec<u8>>>(0));
            if answer.is_some() || left.is_zero() {
                return Ok(answer);
            }
        }
    }
}
