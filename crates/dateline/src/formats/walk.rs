//! The walk through a source: archives are opened one inside the other, one report at a time is held.

use super::input::Input;
use super::{Format, Item, detect, limits, refuse_unreadable};
use crate::{Error, Report, Result};

/// What a format finds in an input.
pub(crate) enum Found<'a> {
    /// A report.
    Item(Box<Item>),
    /// A file inside, still to be read.
    Member(Box<Input<'a>>),
}

impl Found<'_> {
    pub(crate) fn item(report: Report, raw: Vec<u8>, format: Format, name: String) -> Self {
        Found::Item(Box::new(Item { report, raw, format, name }))
    }
}

/// What a format finds, one after the other.
pub(crate) type Founds<'a> = Box<dyn Iterator<Item = Result<Found<'a>>> + Send + 'a>;

/// What is found where nothing is read from the source any more.
pub(crate) fn reports<'a>(found: impl Iterator<Item = Result<Found<'static>>> + Send + 'a) -> Founds<'a> {
    fn shortened<'a>(found: Result<Found<'static>>) -> Result<Found<'a>> {
        found
    }
    Box::new(found.map(shortened))
}

/// An open file, archive or not.
struct Level<'a> {
    founds: Founds<'a>,
    format: Format,
    name: String,
    /// Whether anything was found in it, be it an error.
    found: bool,
}

/// The reports of a source with their bytes; see [`super::items`].
pub struct Items<'a> {
    /// The source until it is opened.
    source: Option<Input<'a>>,
    /// Files open, the innermost last.
    levels: Vec<Level<'a>>,
    budget: super::input::Budget,
}

impl<'a> Items<'a> {
    pub(crate) fn new(source: Input<'a>) -> Self {
        let budget = source.budget.clone();
        Items { source: Some(source), levels: Vec::new(), budget }
    }

    /// Opens a file inside those that are open.
    fn open(&mut self, mut input: Input<'a>) -> Result<()> {
        let head = input.head()?;
        let head = head.to_vec();
        let format = input.hint.unwrap_or_else(|| detect(&input.file, &head));
        if !format.is_packed() {
            refuse_unreadable(&mut input)?;
        }
        let unreadable = |message: String| Err(Error::Unreadable { name: input.name.clone(), message });
        let archives = self.levels.iter().filter(|level| level.format.is_archive()).count();
        if format.is_archive() && archives >= limits::DEPTH {
            return unreadable(format!(
                "the {} archive lies more than {} archives deep; unpack it",
                format.name(),
                limits::DEPTH
            ));
        }
        if self.levels.len() >= limits::LEVELS {
            return unreadable(format!("compressed more than {} times; unpack it", limits::LEVELS));
        }
        let name = input.name.clone();
        self.levels.push(Level { founds: (format.row().open)(input), format, name, found: false });
        Ok(())
    }

    /// Marks all open files as having something in them, and stops where what may be unpacked is used up.
    fn found(&mut self) {
        self.levels.iter_mut().for_each(|level| level.found = true);
        if self.budget.is_spent() {
            self.levels.clear();
        }
    }
}

impl Iterator for Items<'_> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(Err(error)) = self.source.take().map(|source| self.open(source)) {
            return Some(Err(error));
        }
        loop {
            let opened = match self.levels.last_mut()?.founds.next() {
                Some(Ok(Found::Item(item))) => {
                    self.found();
                    return Some(Ok(*item));
                }
                Some(Ok(Found::Member(input))) => self.open(*input),
                Some(Err(error)) => Err(error),
                None => {
                    let level = self.levels.pop()?;
                    match level.found {
                        true => Ok(()),
                        false => {
                            let message = format!("no reports found in this {} file", level.format.name());
                            Err(Error::Unreadable { name: level.name, message })
                        }
                    }
                }
            };
            if let Err(error) = opened {
                self.found();
                return Some(Err(error));
            }
        }
    }
}
