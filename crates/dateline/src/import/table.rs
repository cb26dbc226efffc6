//! Rows of a comma- or tab-separated file, with their cells by name.

use super::{Imported, Rows, fault};
use crate::{Error, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    /// Comma-separated, quoted as in RFC 4180.
    Comma,
    /// Tab-separated, nothing quoted.
    Tab,
}

/// A row: its cells by the normalised names of their columns.
pub(super) struct Cells<'t> {
    columns: &'t HashMap<String, usize>,
    cells: &'t csv::ByteRecord,
    /// The file.
    pub file: &'t str,
    /// Line in the file, from 1.
    pub line: u64,
}

impl<'t> Cells<'t> {
    /// The cell of that column; `None` where it is empty or missing.
    pub fn get(&self, name: &str) -> Option<Cow<'t, str>> {
        let cell = self.cells.get(*self.columns.get(&plain(name))?)?;
        let text = decoded(cell);
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(crate::export::unescaped(text.trim())),
            Cow::Owned(text) => Cow::Owned(crate::export::unescaped(text.trim()).to_string()),
        };
        (!text.is_empty()).then_some(text)
    }

    /// The cell, which must be there.
    pub fn need(&self, name: &str) -> Result<Cow<'t, str>> {
        self.get(name).ok_or_else(|| self.odd(name, "nothing", "a value"))
    }

    /// The cell as a number; `None` where it is empty.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>> {
        self.get(name).map(|text| text.parse().map_err(|_| self.odd(name, &text, "a number"))).transpose()
    }

    /// An error about a cell.
    pub fn odd(&self, name: &str, found: &str, expected: &str) -> Error {
        fault(self.file, self.line, format!("{name}: found {found:?}, expected {expected}"))
    }
}

/// UTF-8, else Windows-1252, which holds ISO 8859-1: POLECAT's files have been read as that.
fn decoded(cell: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(cell).0,
    }
}

/// A column's name without case, blanks and underscores: files of one data set differ in those.
fn plain(name: &str) -> String {
    let letters = name.trim_start_matches('\u{feff}').chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The rows of a file. `columns` names the cells of a file without a header by their number; `None` reads the names from the first
/// row, of which `needed` must be there.
pub(super) fn rows<'r>(
    file: &str,
    input: &'r mut dyn Read,
    style: Style,
    needed: &'static [&'static str],
    columns: fn(usize) -> Option<&'static [&'static str]>,
    row: fn(&Cells) -> Result<Imported>,
) -> Rows<'r> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true);
    if matches!(style, Style::Tab) {
        builder.delimiter(b'\t').quoting(false);
    }
    let mut reader = builder.from_reader(input);
    let file = file.to_string();
    let mut cells = csv::ByteRecord::new();
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut over = false;
    Box::new(std::iter::from_fn(move || {
        while !over {
            match reader.read_byte_record(&mut cells) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    over = true;
                    return Some(Err(fault(&file, reader.position().line(), error.to_string())));
                }
            }
            let line = cells.position().map_or(0, csv::Position::line);
            if names.is_empty() {
                let fixed = columns(cells.len());
                let titled = cells.get(0).is_some_and(|cell| plain(&decoded(cell)) == plain(needed[0]));
                let first: Vec<String> = match fixed {
                    Some(fixed) => fixed.iter().map(|name| plain(name)).collect(),
                    None => cells.iter().map(|cell| plain(&decoded(cell))).collect(),
                };
                names = first.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
                if let Some(missing) = needed.iter().find(|name| !names.contains_key(&plain(name))) {
                    over = true;
                    let message = format!(
                        "found {} columns without \"{missing}\", expected it; is this the right format?",
                        cells.len()
                    );
                    return Some(Err(fault(&file, line, message)));
                }
                if fixed.is_none() || titled {
                    continue;
                }
            }
            if cells.len() != names.len() {
                let message = format!(
                    "found {} cells, expected {} as in the first row; the row is left out",
                    cells.len(),
                    names.len()
                );
                return Some(Err(fault(&file, line, message)));
            }
            return Some(row(&Cells { columns: &names, cells: &cells, file: &file, line }));
        }
        None
    }))
}

/// A day as "2024-03-04", "20240304" or "4 March 2024".
pub(super) fn day(text: &str) -> Option<jiff::civil::Date> {
    use jiff::civil::Date;
    let formats = ["%Y-%m-%d", "%Y%m%d", "%d %B %Y", "%d/%m/%Y", "%d-%b-%Y"];
    let text = text.split(['T']).next().unwrap_or(text);
    formats.iter().find_map(|format| Date::strptime(format, text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_the_forms_of_the_data_sets() {
        for text in ["2024-03-04", "20240304", "04 March 2024", "2024-03-04T00:00:00"] {
            assert_eq!(day(text), Some(jiff::civil::date(2024, 3, 4)), "{text}");
        }
        assert_eq!(day("soon"), None);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_western() {
        assert_eq!(decoded(b"Bogot\xe1"), "Bogotá");
        assert_eq!(decoded("Bogotá".as_bytes()), "Bogotá");
    }
}
