//! Counts of people and things as the report states them.
