//! The English model, carried inside the binary.

use super::Model;
use crate::{Error, Result};
use std::sync::OnceLock;

impl Model {
    /// The English model of this build, loaded on first use (`model/en`, made by `training/train.py`).
    ///
    /// # Errors
    /// [`Error::Data`] where the embedded files are damaged or do not fit each other.
    pub fn english() -> Result<&'static Model> {
        static ENGLISH: OnceLock<std::result::Result<Model, String>> = OnceLock::new();
        let loaded = ENGLISH.get_or_init(|| {
            Model::new(
                include_bytes!("../../../../model/en/model.bin"),
                include_str!("../../../../model/en/vocab.txt"),
                include_str!("../../../../model/en/labels.json"),
            )
            .map_err(|e| e.to_string())
        });
        loaded.as_ref().map_err(|message| Error::Data { name: "model/en".to_owned(), message: message.clone() })
    }
}
