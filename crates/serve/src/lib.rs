//! The HTTP side of any road: accept loop, limits, gateway keys.
