//! What the engines need kept, as ports; sealing of personal fields.
