//! Rows of comma- and tab-separated sheets that are safe to open in a spreadsheet.

/// A row of comma-separated cells (RFC 4180), ended by a newline. A cell that a spreadsheet would take for a formula starts with
/// an apostrophe (OWASP, "CSV Injection").
pub(super) fn comma(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|value| quoted(&harmless(&value))).collect();
    cells.join(",") + "\n"
}

/// A row of tab-separated cells, ended by a newline. The formats that use it quote nothing, so that tabs and line breaks inside a
/// cell become blanks; formulas are defused as in [`comma`].
pub(super) fn tab(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|value| harmless(&flat(&value))).collect();
    cells.join("\t") + "\n"
}

/// The value without tabs, line breaks and other control characters, each a blank.
pub(super) fn flat(value: &str) -> String {
    value.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// The value with an apostrophe before what a spreadsheet would take for a formula, and before what looks as if it had one
/// already; numbers stay.
fn harmless(value: &str) -> String {
    let starts = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let formula = (starts(value) || starts(value.trim_start())) && value.parse::<f64>().is_err();
    let defused = value.strip_prefix('\'').is_some_and(|rest| harmless(rest) != rest);
    if formula || defused { format!("'{value}") } else { value.to_string() }
}

/// What [`harmless`] was given.
pub(crate) fn unescaped(value: &str) -> &str {
    match value.strip_prefix('\'') {
        Some(rest) if harmless(rest) != rest => rest,
        _ => value,
    }
}

fn quoted(value: &str) -> String {
    if value.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_string()
    }
}

/// The value, empty where there is none.
pub(super) fn number<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// One place for each entity, empty where it has no such value, so that codes and names stay side by side.
pub(super) fn joined<'a>(values: impl Iterator<Item = Option<&'a str>>) -> String {
    let values: Vec<&str> = values.map(Option::unwrap_or_default).collect();
    if values.iter().all(|value| value.is_empty()) { String::new() } else { values.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: &str) -> String {
        comma([value.to_string()].into_iter()).trim_end_matches('\n').to_string()
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_left() {
        assert_eq!(cell("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
        assert_eq!(cell("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(cell(" =1+1"), "' =1+1");
        assert_eq!(cell("-7.0"), "-7.0");
        assert_eq!(cell("police, army"), "\"police, army\"");
    }

    #[test]
    fn tabs_and_line_breaks_do_not_leave_their_cell() {
        let row = tab(["a\tb\r\nc".to_string(), "\t=1".to_string()].into_iter());
        assert_eq!(row, "a b  c\t' =1\n");
    }

    #[test]
    fn what_is_defused_can_be_read_back() {
        for value in ["=1+1", "+a", "'quoted'", "-3", "plain", "' =x"] {
            assert_eq!(unescaped(&harmless(value)), value);
        }
    }
}
