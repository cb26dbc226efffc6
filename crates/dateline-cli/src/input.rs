//! From the command line's files, folders and standard input to named bytes, in a fixed order.

use crate::failure::reason;
use crate::fetch::address::is_address;
use dateline::formats::{FORMATS, Format};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// From this size on a file is mapped into memory instead of read, so that an archive of any size can be read.
const MAPPED_BYTES: u64 = 8 << 20;

/// Endings of the files in a folder that are taken for reports; a file named on the command line is read whatever its name.
fn endings() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().flat_map(|row| row.endings.iter().copied())
}

/// The bytes of an input.
pub enum Bytes {
    /// Read.
    Read(Vec<u8>),
    /// Mapped into memory.
    Mapped(memmap2::Mmap),
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Bytes::Read(bytes) => bytes,
            Bytes::Mapped(bytes) => bytes,
        }
    }
}

/// One input, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// An address of the web.
    Address(String),
}

impl Input {
    /// The name used in messages and for ids.
    pub fn name(&self) -> String {
        match self {
            Input::File(path) => path.display().to_string(),
            Input::Stdin => "standard input".to_string(),
            Input::Address(address) => address.clone(),
        }
    }

    /// The bytes; the message says what is wrong and the way out.
    pub fn bytes(&self) -> Result<Bytes, String> {
        let result = match self {
            Input::File(path) => file_bytes(path),
            Input::Stdin => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes).map(|_| Bytes::Read(bytes))
            }
            Input::Address(address) => return Err(format!("{address}: is on the web; --fetch gets it")),
        };
        result.map_err(|error| format!("{}: {}", self.name(), reason(&error)))
    }
}

fn file_bytes(path: &Path) -> std::io::Result<Bytes> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() || about.len() < MAPPED_BYTES {
        return std::fs::read(path).map(Bytes::Read);
    }
    // SAFETY: the map is only read. A file that another program shortens meanwhile stops this one, as it would any reader of maps; one
    // that is rewritten gives garbled text, as reading it piece by piece would.
    unsafe { memmap2::Mmap::map(&file) }.map(Bytes::Mapped)
}

/// The inputs that `paths` name: folders give the reports in them and below, sorted by name, without hidden ones and links to
/// folders; what begins with http:// or https:// is an address. What cannot be listed is an error message in its place.
pub fn expand(paths: &[PathBuf]) -> Vec<Result<Input, String>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Ok(Input::Stdin));
        } else if let Some(address) = path.to_str().filter(|name| is_address(name)) {
            inputs.push(Ok(Input::Address(address.to_string())));
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
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folder(&path, inputs);
        } else if Format::of_file(&entry.file_name().to_string_lossy()).is_some() {
            inputs.push(Ok(Input::File(path)));
        } else {
            tracing::debug!(file = %path.display(), "not a report by its name, left out");
        }
    }
}
