//! The gazetteer's bytes, read in place.
//!
//! `gazetteer.bin`, little-endian: magic `DLGZ0001`, then offset and length (u32 each) of seven sections:
//! 0. records of 26 bytes: GeoNames id u32 (0: none), latitude and longitude i32 (1e-5 degree), population u32, name u32
//!    (offset into 1), country u8 (row of 4, 255: none), feature code u8 (row of 5), first- and second-level division u16
//!    (1-based among those of its level, 0: none). Countries come first, in the order of section 4, then the divisions.
//! 1. names: a length byte and UTF-8.
//! 2. offsets (u32) into 3 of every sixteenth key.
//! 3. keys in byte order: bytes shared with the key before u8, length of the rest u8, the rest, number of entries u8,
//!    entries of 3 bytes: record in the low 20 bits, then the flags of [`Flags`]; most populous record first.
//! 4. countries of 12 bytes: alpha-3, alpha-2, three zeros, record of the capital u32 (all ones: none).
//! 5. feature codes of 8 bytes, zero-padded.
//! 6. sites of 8 bytes, by record: record u32, record of their city u32.

/// A record's place in the table.
pub(super) type Id = u32;

/// How a key names a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flags(u32);

impl Flags {
    /// Another name than the usual one.
    pub fn alternate(self) -> bool {
        self.0 & 1 << 20 != 0
    }
    /// A short form that counts only in capitals or with a full stop.
    pub fn abbreviation(self) -> bool {
        self.0 & 1 << 21 != 0
    }
    /// A word for the people or things of the place.
    pub fn demonym(self) -> bool {
        self.0 & 1 << 22 != 0
    }
}

/// One fixed-width record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub geonameid: Option<u32>,
    pub lat: f64,
    pub lon: f64,
    pub population: u32,
    name: u32,
    pub country: Option<u8>,
    code: u8,
    pub admin1: u16,
    pub admin2: u16,
}

/// The sections, borrowed from the bytes.
#[derive(Debug)]
pub(super) struct Table {
    sections: [&'static [u8]; 7],
}

const RECORD: usize = 26;

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

impl Table {
    /// Finds the sections; bytes of another layout give an empty table.
    pub fn new(bytes: &'static [u8]) -> Self {
        let mut sections: [&'static [u8]; 7] = [&[]; 7];
        if bytes.starts_with(b"DLGZ0001") {
            for (n, section) in sections.iter_mut().enumerate() {
                let start = u32_at(bytes, 8 + n * 8) as usize;
                let len = u32_at(bytes, 12 + n * 8) as usize;
                *section = bytes.get(start..start + len).unwrap_or(&[]);
            }
        }
        Self { sections }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.sections[0].len() / RECORD
    }

    /// Number of countries, which are also the first records.
    pub fn countries(&self) -> usize {
        self.sections[4].len() / 12
    }

    /// The record `id`; zeros past the end.
    pub fn row(&self, id: Id) -> Row {
        let bytes = self.sections[0];
        let at = id as usize * RECORD;
        let byte = |n: usize| bytes.get(at + n).copied().unwrap_or(255);
        Row {
            geonameid: Some(u32_at(bytes, at)).filter(|&id| id != 0),
            lat: f64::from(u32_at(bytes, at + 4) as i32) / 1e5,
            lon: f64::from(u32_at(bytes, at + 8) as i32) / 1e5,
            population: u32_at(bytes, at + 12),
            name: u32_at(bytes, at + 16),
            country: Some(byte(20)).filter(|&c| c != 255),
            code: byte(21),
            admin1: u16_at(bytes, at + 22),
            admin2: u16_at(bytes, at + 24),
        }
    }

    /// The name a record goes by.
    pub fn name(&self, row: Row) -> &'static str {
        let bytes = self.sections[1];
        let at = row.name as usize;
        let len = bytes.get(at).copied().unwrap_or(0) as usize;
        bytes.get(at + 1..at + 1 + len).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or("")
    }

    /// A record's GeoNames feature code.
    pub fn code(&self, row: Row) -> &'static str {
        let at = row.code as usize * 8;
        let code = self.sections[5].get(at..at + 8).unwrap_or(&[]);
        let len = code.iter().position(|&b| b == 0).unwrap_or(code.len());
        std::str::from_utf8(&code[..len]).unwrap_or("")
    }

    /// Alpha-3 and alpha-2 of a country.
    pub fn country_codes(&self, country: u8) -> (&'static str, &'static str) {
        let at = country as usize * 12;
        let text =
            |from, to| self.sections[4].get(at + from..at + to).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("");
        (text(0, 3), text(3, 5))
    }

    /// The record of a country's capital.
    pub fn capital(&self, country: u8) -> Option<Id> {
        Some(u32_at(self.sections[4], country as usize * 12 + 8)).filter(|&id| (id as usize) < self.len())
    }

    /// The record of a site's city.
    pub fn city_of(&self, site: Id) -> Option<Id> {
        let rows = self.sections[6];
        let mut range = 0..rows.len() / 8;
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            match u32_at(rows, middle * 8).cmp(&site) {
                std::cmp::Ordering::Less => range.start = middle + 1,
                std::cmp::Ordering::Greater => range.end = middle,
                std::cmp::Ordering::Equal => return Some(u32_at(rows, middle * 8 + 4)),
            }
        }
        None
    }

    /// The records filed under exactly this key, most populous first; empty where there are none.
    pub fn find(&self, key: &str) -> impl Iterator<Item = (Id, Flags)> + 'static {
        let entries = self.entries(key.as_bytes()).unwrap_or(&[]);
        entries.chunks_exact(3).map(|e| {
            let bits = u32::from_le_bytes([e[0], e[1], e[2], 0]);
            (bits & 0xF_FFFF, Flags(bits))
        })
    }

    /// Whether anything is filed under the key.
    pub fn has(&self, key: &str) -> bool {
        self.entries(key.as_bytes()).is_some()
    }

    fn entries(&self, key: &[u8]) -> Option<&'static [u8]> {
        let (index, keys) = (self.sections[2], self.sections[3]);
        // Every sixteenth key is stored whole; find the last of them that is not past `key`.
        let mut range = 0..index.len() / 4;
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            let at = u32_at(index, middle * 4) as usize;
            let len = *keys.get(at + 1)? as usize;
            if keys.get(at + 2..at + 2 + len)? <= key {
                range.start = middle + 1;
            } else {
                range.end = middle;
            }
        }
        let mut at = u32_at(index, range.start.checked_sub(1)? * 4) as usize;
        let mut current = Vec::with_capacity(64);
        for _ in 0..16 {
            let (shared, rest) = (*keys.get(at)? as usize, *keys.get(at + 1)? as usize);
            current.truncate(shared);
            current.extend_from_slice(keys.get(at + 2..at + 2 + rest)?);
            at += 2 + rest;
            let count = *keys.get(at)? as usize;
            match current.as_slice().cmp(key) {
                std::cmp::Ordering::Equal => return keys.get(at + 1..at + 1 + count * 3),
                std::cmp::Ordering::Greater => return None,
                std::cmp::Ordering::Less => at += 1 + count * 3,
            }
        }
        None
    }
}
