//! From the command line's files, folders and standard input to named bytes, in a fixed order.

use crate::failure::reason;
use dateline::formats::FORMATS;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Endings of the files in a folder that are taken for reports; a file named on the command line is read whatever its name.
fn endings() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().flat_map(|(_, _, endings)| endings.iter().copied())
}

/// One input, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// The name used in messages and for ids.
    pub fn name(&self) -> String {
        match self {
            Input::File(path) => path.display().to_string(),
            Input::Stdin => "standard input".to_string(),
        }
    }

    /// The bytes; the message says what is wrong and the way out.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let result = match self {
            Input::File(path) => std::fs::read(path).map(|read| bytes = read),
            Input::Stdin => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ()),
        };
        result.map(|()| bytes).map_err(|error| format!("{}: {}", self.name(), reason(&error)))
    }
}

/// The inputs that `paths` name: folders give the reports in them and below, sorted by name, without hidden ones and links to
/// folders. What cannot be listed is an error message in its place.
pub fn expand(paths: &[PathBuf]) -> Vec<Result<Input, String>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Ok(Input::Stdin));
        } else if path.is_dir() {
            let before = inputs.len();
            folder(path, &mut inputs);
            if inputs.len() == before {
                let endings: Vec<&str> = endings().collect();
                inputs.push(Err(format!(
                    "{}: found no reports in the folder, expected files ending in .{}",
                    path.display(),
                    endings.join(", .")
                )));
            }
        } else {
            inputs.push(Ok(Input::File(path.clone())));
        }
    }
    inputs
}

fn folder(path: &Path, inputs: &mut Vec<Result<Input, String>>) {
    let mut entries: Vec<_> = match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().collect(),
        Err(error) => return inputs.push(Err(format!("{}: {}", path.display(), reason(&error)))),
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folder(&path, inputs);
        } else if extension.is_some_and(|extension| endings().any(|ending| ending == extension)) {
            inputs.push(Ok(Input::File(path)));
        } else {
            tracing::debug!(file = %path.display(), "not a report by its name, left out");
        }
    }
}
