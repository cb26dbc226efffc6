//! `dateline annotate`.

use crate::args::{AnnotateArgs, LayerFormat};
use crate::failure::{Failure, Outcome};
use crate::input::Input;
use crate::run::{self, Written};
use dateline::export::conllu::{self, Newdoc};
use dateline::export::layers;
use dateline::{Coder, Document, Report};

/// Runs `dateline annotate`.
pub fn annotate(args: &AnnotateArgs) -> Result<Outcome, Failure> {
    let coder = Coder::english()?;
    let written = |doc: &Document| {
        let out = match args.format {
            LayerFormat::Jsonl => layers::line(doc),
            LayerFormat::Conllu => conllu::print(doc),
        };
        Written { out, said: run::notes(&doc.report), reports: 1, ..Written::default() }
    };
    let nothing = |_: &Written| String::new();
    if !args.conllu_input {
        let work = |report: Report| written(&coder.annotate(report));
        return run::reports(&args.reading, &args.running, "", nothing, work);
    }
    let work = |newdoc: Result<Newdoc, String>| match newdoc {
        Err(message) => Written::bad(message),
        Ok(newdoc) => written(&given_tokens(&coder, &newdoc)),
    };
    run::inputs(&args.reading, &args.running, "", nothing, newdocs, work)
}

/// The document of `newdoc` with the sentences and tokens it has there.
pub fn given_tokens(coder: &Coder, newdoc: &Newdoc) -> Document {
    let (report, sentences) = conllu::report(newdoc);
    coder.annotate_tokens(report, &sentences)
}

/// The documents of a treebank file, or what is wrong with it.
fn newdocs(input: Input) -> std::vec::IntoIter<Result<Newdoc, String>> {
    let text = input.bytes().and_then(|bytes| {
        String::from_utf8(bytes.as_ref().to_vec())
            .map_err(|error| format!("{}: found bytes that are not UTF-8: {error}", input.name()))
    });
    let docs = text.and_then(|text| conllu::read(&input.name(), &text).map_err(|error| error.to_string()));
    let docs: Vec<_> = match docs {
        Ok(docs) => docs.into_iter().map(Ok).collect(),
        Err(message) => vec![Err(message)],
    };
    docs.into_iter()
}
