//! How a command ends.

use std::io;
use std::process::ExitCode;

/// Why a command stops before its end.
#[derive(Debug)]
pub enum Failure {
    /// The reader of our output has gone away (`dateline … | head`): nothing to say.
    OutputClosed,
    /// Something stops the work; the message is for people.
    Message(String),
}

impl From<dateline::Error> for Failure {
    fn from(error: dateline::Error) -> Self {
        Failure::Message(error.to_string())
    }
}

impl Failure {
    /// A failure to write to `name`.
    pub fn writing(name: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::OutputClosed,
            _ => Failure::Message(format!("{name}: cannot be written: {}", reason(error))),
        }
    }
}

/// What the system says, in lower case and without its error number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// How the work went: worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Some input was bad, or a figure was below its floor; the rest is done.
    Flawed,
    /// All is well.
    Done,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Flawed => ExitCode::from(1),
        }
    }
}

/// Prints `dateline: message` on stderr, control characters taken out.
pub fn complain(message: &str) {
    eprintln!("dateline: {}", crate::term::clean(message));
}
