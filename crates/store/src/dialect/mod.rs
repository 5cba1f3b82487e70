//! The only place that knows which database it is: two files, the same names.

pub mod postgres;
pub mod sqlite;
