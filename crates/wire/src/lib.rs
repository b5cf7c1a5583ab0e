//! The national interface: its transactions, envelopes, codes and errors.
