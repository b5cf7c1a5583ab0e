//! Double entry: every settlement and reversal is one zero-sum journal.
