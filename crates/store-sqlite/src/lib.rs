//! The ports on embedded SQLite.
