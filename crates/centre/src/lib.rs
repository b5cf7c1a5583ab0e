//! The centre's engine: needs, load, decide, record, in batches.
