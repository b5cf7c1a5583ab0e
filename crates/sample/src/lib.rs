//! The sample city: people, hospitals, visits, a faulty line; from a seed.
