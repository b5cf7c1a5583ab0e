//! What the hand-written policy tells as it goes. Nobody may listen, a record may be written, branches may be counted.

/// What the lines of a bill come to, in fen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sums {
    pub total: i64,
    pub out_of_scope: i64,
    /// Among that: what is out of scope by its use.
    pub by_use: i64,
    pub over_limit: i64,
    pub first_self_pay: i64,
    /// Cost with the first share of class B, and with one of the item's own.
    pub base: [i64; 2],
    pub first: [i64; 2],
    /// The last item's own rate, and whether there were others.
    pub own_rate: i64,
    pub own_rates_differ: bool,
}

/// Who pays a piece of cost.
#[derive(Debug, Clone, Copy)]
pub enum Payer {
    Outpatient,
    Stay,
    Large,
    Servant,
}

/// Cost in a band and what is paid for it.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// In fen.
    pub from: i64,
    /// In fen; none where it is open.
    pub to: Option<i64>,
    pub cost: i64,
    pub rate: i64,
    pub paid: i64,
}

/// What the hand-written policy tells as it goes; amounts in units unless said otherwise. By default nobody listens.
pub trait Teller {
    /// Whether what is needed for telling alone is summed.
    const LISTENS: bool = false;
    fn lines(&mut self, _count: usize, _sums: &Sums) {}
    /// In fen.
    fn eligible(&mut self, _sums: &Sums, _eligible: i64) {}
    fn arrears(&mut self) {}
    fn stay_deductible(&mut self, _line: i64, _charged: i64) {}
    fn year_deductible(&mut self, _line: i64, _paid_before: i64, _charged: i64) {}
    fn piece(&mut self, _payer: Payer, _piece: &Piece) {}
    fn over_ceiling(&mut self, _payer: Payer, _ceiling: i64, _used: i64, _over: i64) {}
    fn rounded(&mut self, _payer: Payer, _difference: i64) {}
    /// In fen.
    fn account(&mut self, _payable: i64, _held: i64, _paid: i64) {}
    /// In fen: the bill, all funds, the account, and what is left.
    fn cash(&mut self, _figures: [i64; 3], _cash: i64) {}
}

/// Nobody listens.
pub struct Silent;

impl Teller for Silent {}
