//! The neural model: word pieces, int8 weights, the encoder's forward pass, the heads on top.
//!
//! A report's words go in as [`Window`]s; word vectors, and from them sentence starts, parts of speech, lemmas, names,
//! syntax, triggers and roles come out. Nothing here knows what an event is.

pub mod encoder;
mod english;
pub mod heads;
pub mod kernels;
pub mod lanes;
pub mod linear;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod weights;
pub mod wordpiece;

pub use encoder::{Begins, Window};
pub use heads::{Arc, Labels, Model, Roles, Status, Table, Triggers, WindowOutput};
