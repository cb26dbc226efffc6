//! The stages, in the order they run; each reads earlier layers and fills its own.

mod numbers;
pub mod quantities;
mod scan;
pub mod times;
pub mod tokens;
