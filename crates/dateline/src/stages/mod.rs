//! The stages, in the order they run; each reads earlier layers and fills its own.

pub mod tokens;
