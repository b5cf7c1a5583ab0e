//! The way to the centre, whatever lies behind it; the HTTP carrier.
