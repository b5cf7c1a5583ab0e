//! A simulated platform of electronic receipts, for trials, training and demonstrations: what it has issued is kept with
//! the papers of the hospital, so that it answers the same once it is started again.

use std::sync::Arc;

use model::Clock;
use serde::{Deserialize, Serialize};
use store::{Act, DeskStore};

use crate::electronic::{Issued, NotIssued, Order, Receipts};
use crate::house::Use;
use crate::sheet::{Form, PaperError, Papers, Sheet};

/// What it has issued for an order. The key is the order's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// How many receipts it has given out by this one; under the key [`COUNT`] alone.
    #[serde(default)]
    count: u64,
    issued: Option<Issued>,
    red: Option<Issued>,
}

impl Form for Kept {
    const KIND: &'static str = "treasury";
    type State = Use;
    type Private = ();
}

/// The paper of the last number.
const COUNT: &str = "count";
/// Two windows may reach for one number so often.
const TAKES: usize = 20;

/// The platform.
pub struct SimulatedTreasury {
    store: Arc<dyn DeskStore>,
    clock: Arc<dyn Clock>,
}

impl SimulatedTreasury {
    /// One that keeps what it issues here.
    pub fn new(store: Arc<dyn DeskStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// What stands under an order's id; what is not there yet is made.
    fn give(&self, order: &Order, place: fn(&mut Kept) -> &mut Option<Issued>) -> Result<Issued, PaperError> {
        let papers = Papers::of(self.store.clone(), &order.hospital);
        let fresh = |key: &str| Sheet::new(key, Use::Active, None, Kept::default());
        for _ in 0..TAKES {
            let mut kept = papers.get::<Kept>(&order.id)?.unwrap_or_else(|| fresh(&order.id));
            if let Some(known) = place(&mut kept.facts) {
                return Ok(known.clone());
            }
            let mut count = papers.get::<Kept>(COUNT)?.unwrap_or_else(|| fresh(COUNT));
            count.facts.count += 1;
            let given = self.made(order, count.facts.count);
            *place(&mut kept.facts) = Some(given.clone());
            let act = Act { at: self.clock.now(), operator: "treasury".into(), workstation: String::new() };
            match papers.put(&[count.typed(), kept.happened("issued")], &act) {
                Ok(()) => return Ok(given),
                Err(PaperError::Stale { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(PaperError::Stale { kind: Kept::KIND.into(), key: COUNT.into() })
    }

    /// The code of the year's kind, the next number, and a check of both.
    fn made(&self, order: &Order, count: u64) -> Issued {
        let at = self.clock.now();
        let code = format!("990106{:02}", at.year().rem_euclid(100));
        let number = format!("{count:010}");
        let check = web::token_hash(&format!("{code}/{number}/{}", order.total))[..6].to_owned();
        Issued { code, number, check, at }
    }
}

impl Receipts for SimulatedTreasury {
    fn issue(&self, order: &Order) -> Result<Issued, NotIssued> {
        self.give(order, |kept| &mut kept.issued).map_err(|error| NotIssued(error.to_string()))
    }

    fn reverse(&self, order: &Order, _: &Issued) -> Result<Issued, NotIssued> {
        self.give(order, |kept| &mut kept.red).map_err(|error| NotIssued(error.to_string()))
    }
}
