//! The English model, inside the program: no download, no file to find.

use super::heads::Model;
use std::sync::OnceLock;

impl Model {
    /// The English model; built on first use (some 20 ms), then shared by all threads.
    pub fn english() -> &'static Self {
        static ENGLISH: OnceLock<Model> = OnceLock::new();
        ENGLISH.get_or_init(|| {
            Model::new(
                include_bytes!("../../../../model/en/model.bin"),
                include_str!("../../../../model/en/vocab.txt"),
                include_str!("../../../../model/en/labels.json"),
            )
            .unwrap_or_else(|e| panic!("model/en does not fit this program: {e}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Begins;

    #[test]
    fn embedded_model_reads_a_sentence() {
        let model = Model::english();
        let words = ["Turkish", "police", "raided", "several", "homes", "."];
        let begins = |n| if n == 0 { Begins::Title } else { Begins::Nothing };
        let windows = model.windows(words.iter().enumerate().map(|(n, &word)| (word, begins(n))));
        let output = &model.words(&[windows[0].1.clone()])[0];
        let tags: Vec<&str> = model.upos(output).best().iter().map(|&t| model.labels.upos[t]).collect();
        assert_eq!(tags, ["ADJ", "NOUN", "VERB", "ADJ", "NOUN", "PUNCT"]);
        let whole = 0..words.len();
        let arcs = &model.parse(output, std::slice::from_ref(&whole))[0];
        let tree: Vec<Option<usize>> = arcs.iter().map(|arc| arc.head).collect();
        assert_eq!(tree, [Some(1), Some(2), None, Some(4), Some(2), Some(2)]);
    }
}
