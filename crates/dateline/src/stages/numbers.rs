//! Numbers in digits and words: "1,200", "1.5 million", "twenty-seven", "a couple of", "nineteen ninety-six".

use super::scan::Scan;

/// An amount, exact or vague.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    /// Whole part; saturates.
    pub value: u64,
    /// Halves on top ("two and a half").
    pub halves: u64,
    /// Whether the words give no number: "several", "a few", "weeks".
    pub vague: bool,
    /// Whether it is an article: "a day".
    pub article: bool,
}

impl Amount {
    pub fn exact(value: u64) -> Self {
        Self { value, halves: 0, vague: false, article: false }
    }

    pub fn vague() -> Self {
        Self { value: 0, halves: 0, vague: true, article: false }
    }
}

/// The number at token `i` in digits or words, with scale, and the token after it. Fractions of a scaled number are kept
/// ("1.5 million"), other fractions are dropped. Articles count only before a scale ("a hundred").
pub(crate) fn cardinal(scan: &Scan, i: usize) -> Option<(u64, usize)> {
    if scan.number(i).is_none() && scan.entry(i).is_none() {
        return None;
    }
    let (mut total, mut part, mut k) = (0u64, None::<u64>, i);
    if let Some(number) = scan.number(i) {
        let mut value = number.value;
        k = i + 1;
        // "12 000": a group of three digits after a narrow or plain space.
        while !number.formatted
            && (1..=3).contains(&number.digits)
            && !scan.glued(k)
            && scan.number(k).is_some_and(|n| n.digits == 3 && !n.formatted)
            && scan
                .get(k)
                .zip(scan.get(k - 1))
                .is_some_and(|(a, b)| a.start - b.end <= 3 && !scan.text[b.end..a.start].contains('\n'))
        {
            value = value.saturating_mul(1000).saturating_add(scan.number(k)?.value);
            k += 1;
        }
        let scale_at = k + usize::from(scan.is(k, &["-"]) && scan.glued(k));
        if let Some(scale) = scale(scan, scale_at) {
            let fraction = (u128::from(number.micro) * u128::from(scale) / 1_000_000) as u64;
            return Some((value.saturating_mul(scale).saturating_add(fraction), scale_at + 1));
        }
        return Some((value, k));
    }
    if scan.is(i, &["half"]) {
        let article = i + 1 + usize::from(scan.is(i + 1, &["a"]));
        return scale(scan, article).map(|scale| (scale / 2, article + 1));
    }
    if scan.is(i, &["a", "an", "one"]) {
        let hyphen = i + 1 + usize::from(scan.is(i + 1, &["-"]));
        if scan.is(i + 1, &["half"]) && scan.is(i, &["one", "a"]) {
            return scale(scan, i + 2).map(|scale| (scale / 2, i + 3));
        }
        if scale(scan, hyphen).is_some() {
            (part, k) = (Some(1), hyphen);
        } else if !scan.is(i, &["one"]) {
            return None;
        }
    }
    loop {
        let joined = k + usize::from(k > i && scan.is(k, &["-"]) && scan.glued(k));
        let after_and =
            if k > i && scan.is(k, &["and"]) && (total > 0 || part.is_some_and(|p| p >= 100)) { k + 1 } else { joined };
        if let Some(value) = scan.entry(after_and).and_then(|entry| entry.cardinal) {
            let fits = match part {
                None => true,
                Some(part) if part >= 100 => part.is_multiple_of(100),
                Some(part) => part >= 20 && part.is_multiple_of(10) && value < 10,
            };
            if !fits {
                break;
            }
            part = Some(part.unwrap_or(0) + value);
            k = after_and + 1;
        } else if let Some(scale) = scale(scan, joined) {
            let Some(value) = part else { break };
            if scale <= 100 {
                part = Some(value.saturating_mul(scale));
            } else {
                total = total.saturating_add(value.saturating_mul(scale));
                part = None;
            }
            k = joined + 1;
            if scale > 100 && scan.entry(k).and_then(|entry| entry.cardinal).is_none() && !scan.is(k, &["and", "a"]) {
                break;
            }
        } else {
            break;
        }
    }
    (total > 0 || part.is_some()).then(|| (total.saturating_add(part.unwrap_or(0)), k))
}

/// "hundred", "thousand", "million", "billion", "dozen".
pub(crate) fn scale(scan: &Scan, i: usize) -> Option<u64> {
    scan.entry(i).map(|entry| entry.scale).filter(|scale| *scale > 0)
}

/// An amount of time: a number, an article, or a vague amount, and the token after it.
pub(crate) fn amount(scan: &Scan, i: usize) -> Option<(Amount, usize)> {
    let of = |k: usize| k + usize::from(scan.is(k, &["of"]));
    match scan.lower(i) {
        "several" => return Some((Amount::vague(), i + 1)),
        "few" => return Some((Amount::vague(), i + 1)),
        "many" => return Some((Amount::vague(), i + 1)),
        "dozens" if scan.is(i + 1, &["of"]) => return Some((Amount::vague(), i + 2)),
        "hundreds" if scan.is(i + 1, &["of"]) => return Some((Amount::vague(), i + 2)),
        "thousands" if scan.is(i + 1, &["of"]) => return Some((Amount::vague(), i + 2)),
        "couple" => return Some((Amount::exact(2), of(i + 1))),
        "half" if scan.is(i + 1, &["a", "an"]) && scale(scan, i + 2).is_none() => {
            return Some((Amount { value: 0, halves: 1, vague: false, article: false }, i + 2));
        }
        "half" if scan.is(i + 1, &["-"]) => {
            return Some((Amount { value: 0, halves: 1, vague: false, article: false }, i + 1));
        }
        _ => {}
    }
    if scan.is(i, &["a", "an"]) {
        return match scan.lower(i + 1) {
            "few" => Some((Amount::vague(), i + 2)),
            "couple" => Some((Amount::exact(2), of(i + 2))),
            "further" | "additional" | "full" | "whole" | "single" | "mere" | "fairly" => {
                Some((Amount { article: true, ..Amount::exact(1) }, i + 2))
            }
            _ => match cardinal(scan, i) {
                Some((value, k)) => Some((Amount::exact(value), k)),
                None => Some((Amount { article: true, ..Amount::exact(1) }, i + 1)),
            },
        };
    }
    if scan.is(i, &["another"]) {
        return amount(scan, i + 1)
            .filter(|(a, _)| !a.article)
            .or(Some((Amount { article: true, ..Amount::exact(1) }, i + 1)));
    }
    let (value, k) = cardinal(scan, i)?;
    let mut amount = Amount::exact(value);
    if let Some(number) = scan.number(i).filter(|_| k == i + 1) {
        amount.halves = u64::from(number.micro == 500_000);
    }
    // "2 1/2", "two and a half", "2½".
    if scan.number(k).is_some_and(|n| n.value == 1)
        && scan.is(k + 1, &["/"])
        && scan.number(k + 2).is_some_and(|n| n.value == 2)
    {
        return Some((Amount { halves: 1, ..amount }, k + 3));
    }
    if scan.is(k, &["½"]) {
        return Some((Amount { halves: 1, ..amount }, k + 1));
    }
    if scan.is(k, &["and"]) && scan.is(k + 1, &["a"]) && scan.is(k + 2, &["half"]) {
        return Some((Amount { halves: 1, ..amount }, k + 3));
    }
    if scan.is(k, &["or", "to", "-"]) && !scan.glued(k + 1) | scan.is(k, &["-"]) {
        // "two or three", "three to five": the first number stands for both.
        if let Some((_, end)) = cardinal(scan, k + 1).filter(|(second, _)| *second > value) {
            return Some((amount, end));
        }
    }
    Some((amount, k))
}

/// A year in words ("nineteen ninety-six", "the year two thousand") and the token after it.
pub(crate) fn year_in_words(scan: &Scan, i: usize) -> Option<(i32, usize)> {
    let century = scan.entry(i)?.cardinal.filter(|n| (17..=20).contains(n))?;
    let joined = i + 1 + usize::from(scan.is(i + 1, &["-"]));
    let rest = scan.entry(joined)?.cardinal.filter(|n| (10..=90).contains(n))?;
    let (rest, end) = cardinal(scan, joined).filter(|(n, _)| (10..=99).contains(n)).unwrap_or((rest, joined + 1));
    Some(((century * 100 + rest) as i32, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<u64> {
        let scan = Scan::new(text, &[]).with_entries();
        cardinal(&scan, 0).filter(|(_, end)| *end == scan.len()).map(|(value, _)| value)
    }

    #[test]
    fn words_and_digits_give_the_same_number() {
        for (text, value) in [
            ("twenty-seven", 27),
            ("twenty seven", 27),
            ("two hundred and fifty", 250),
            ("one thousand two hundred", 1200),
            ("a hundred", 100),
            ("two dozen", 24),
            ("a dozen", 12),
            ("1.5 million", 1_500_000),
            ("half a million", 500_000),
            ("12 000", 12_000),
            ("1,200", 1200),
            ("three hundred thousand", 300_000),
            ("two million three hundred thousand", 2_300_000),
        ] {
            assert_eq!(read(text), Some(value), "{text}");
        }
        assert_eq!(read("twenty thirty"), None);
        assert_eq!(read("99999999999999999999999 billion"), Some(u64::MAX));
    }
}
