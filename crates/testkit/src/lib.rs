//! For tests only: fake clock, story runner, a plain centre.
