//! The stages, in the order they run; each reads earlier layers and fills its own.

pub mod coreference;
pub mod encode;
pub mod events;
pub mod hints;
pub mod lemmas;
mod numbers;
pub mod phrases;
pub mod quantities;
pub mod records;
pub mod sayings;
mod scan;
pub mod times;
pub mod tokens;
pub mod weigh;
