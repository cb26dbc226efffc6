//! Which reports are copies of one story: shared runs of words, quotations left out (two reporters at one press conference
//! write down the same words without copying each other).

use super::claim::{hash, report_key};
use std::collections::{BTreeMap, HashMap};

/// Words in a shingle. Edited wire copies share .27 to .47 of their runs of three to five words, independent reports at most .01.
const RUN: usize = 4;
/// How many of a report's smallest shingle hashes are kept: a report of up to so many words is kept whole.
const KEPT: usize = 256;
/// How many of them are looked up to find reports that may be copies.
pub const POSTED: usize = 32;
/// Share of the shorter report's shingles from which on one is a copy of the other.
const COPY: f32 = 0.1;
/// Shared shingles that two short notes must have at least.
const LEAST: usize = 4;

/// The smallest hashes of the shingles of a report, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    hashes: Vec<u32>,
    /// How many different shingles the report has.
    total: u32,
}

impl Sketch {
    /// The sketch of a report's text.
    pub fn new(text: &str) -> Sketch {
        let mut hashes = Vec::new();
        for passage in unquoted(text) {
            let words: Vec<u32> = passage
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(|word| hash(&word.to_lowercase()))
                .collect();
            hashes.extend(words.windows(RUN).map(|run| {
                let mixed =
                    run.iter().fold(0u64, |mixed, word| (mixed ^ u64::from(*word)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
                (mixed >> 32) as u32
            }));
        }
        hashes.sort_unstable();
        hashes.dedup();
        let total = u32::try_from(hashes.len()).unwrap_or(u32::MAX);
        hashes.truncate(KEPT);
        Sketch { hashes, total }
    }

    /// The hashes by which reports that may be copies are found.
    pub fn posted(&self) -> &[u32] {
        &self.hashes[..self.hashes.len().min(POSTED)]
    }

    /// Share of the shorter report's shingles that the other has too, estimated from the sketches.
    pub fn containment(&self, other: &Sketch) -> f32 {
        // Only below the smaller of the two greatest hashes kept is known of both reports what they have.
        let whole = |sketch: &Sketch| sketch.hashes.len() < KEPT;
        let last =
            |sketch: &Sketch| if whole(sketch) { u32::MAX } else { sketch.hashes.last().copied().unwrap_or(u32::MAX) };
        let limit = last(self).min(last(other));
        let below = |sketch: &Sketch| sketch.hashes.partition_point(|hash| *hash <= limit);
        let (mine, others) = (&self.hashes[..below(self)], &other.hashes[..below(other)]);
        let both = super::pair::common(mine, others);
        let all = mine.len() + others.len() - both;
        if both < LEAST || all == 0 {
            return 0.0;
        }
        // From the share of the union to the share of the shorter report.
        let union = both as f32 / all as f32;
        let (a, b) = (self.total as f32, other.total as f32);
        (union * (a + b) / (1.0 + union) / a.min(b)).min(1.0)
    }

    /// Whether one of the two reports copies the other.
    pub fn copies(&self, other: &Sketch) -> bool {
        self.containment(other) >= COPY
    }

    /// For storage; read back by [`Sketch::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        std::iter::once(&self.total).chain(&self.hashes).flat_map(|number| number.to_le_bytes()).collect()
    }

    /// What [`Sketch::to_bytes`] wrote; empty where the bytes are something else.
    pub fn from_bytes(bytes: &[u8]) -> Sketch {
        let mut numbers = bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        let total = numbers.next().unwrap_or(0);
        Sketch { total, hashes: numbers.collect() }
    }
}

/// The passages of `text` outside quotation marks. A mark that is never closed opens nothing.
fn unquoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| {
        let mut passages = Vec::new();
        let mut rest = line;
        while let Some(open) = rest.find(['"', '“']) {
            let mark = rest[open..].chars().next().map_or(1, char::len_utf8);
            let Some(close) = rest[open + mark..].find(['"', '”']) else { break };
            passages.push(&rest[..open]);
            let close = open + mark + close;
            rest = &rest[close + rest[close..].chars().next().map_or(1, char::len_utf8)..];
        }
        passages.push(rest);
        passages
    })
}

/// Groups of reports that copy each other, directly or through others: for each report the group it is in, named by the smallest
/// report key in it. Independent of the order of the reports.
pub fn groups<'a>(reports: impl Iterator<Item = (&'a str, &'a Sketch)>) -> HashMap<u64, u64> {
    let reports: BTreeMap<u64, &Sketch> = reports.map(|(id, sketch)| (report_key(id), sketch)).collect();
    let mut posts: HashMap<u32, Vec<u64>> = HashMap::new();
    for (&key, sketch) in &reports {
        for &hash in sketch.posted() {
            posts.entry(hash).or_default().push(key);
        }
    }
    let mut group = Union::new(reports.keys().copied());
    for (&key, sketch) in &reports {
        let mut others: Vec<u64> =
            sketch.posted().iter().flat_map(|hash| &posts[hash]).copied().filter(|&k| k > key).collect();
        others.sort_unstable();
        others.dedup();
        for other in others {
            if group.find(key) != group.find(other) && sketch.copies(reports[&other]) {
                group.join(key, other);
            }
        }
    }
    reports.keys().map(|&key| (key, group.find(key))).collect()
}

/// Sets that are joined; each is named by its smallest member.
#[derive(Debug, Default)]
pub(crate) struct Union {
    parent: HashMap<u64, u64>,
}

impl Union {
    pub(crate) fn new(members: impl Iterator<Item = u64>) -> Union {
        Union { parent: members.map(|member| (member, member)).collect() }
    }

    pub(crate) fn find(&mut self, member: u64) -> u64 {
        let mut root = member;
        while let Some(&parent) = self.parent.get(&root).filter(|&&parent| parent != root) {
            root = parent;
        }
        let mut at = member;
        while at != root {
            at = self.parent.insert(at, root).unwrap_or(root);
        }
        root
    }

    pub(crate) fn join(&mut self, a: u64, b: u64) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent.insert(a.max(b), a.min(b));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &str = "Police stop ferry\nPolice in the port of Varna stopped a ferry on Tuesday and led away forty-one passengers who \
        had boarded without papers, the coast guard said. The ferry was held at the quay for six hours while dogs searched its hold. \
        \"We will not let the sea become a road for smugglers,\" the harbour master told reporters. Two crew members were charged.";
    const EDITED: &str = "41 led off ferry in Varna\nPolice in the Bulgarian port of Varna stopped a ferry on Tuesday and led away forty-one \
        passengers who had boarded without papers. Two crew members were charged, the coast guard said late in the evening.";
    const OWN: &str = "Families wait at the quay\nRelatives of those taken off the boat in Varna waited all night outside the station, our \
        reporter saw. \"We will not let the sea become a road for smugglers,\" the harbour master told reporters.";

    #[test]
    fn an_edited_copy_is_one_and_a_shared_quotation_is_not() {
        let [wire, edited, own] = [WIRE, EDITED, OWN].map(Sketch::new);
        assert!(wire.copies(&edited), "{}", wire.containment(&edited));
        assert!(!wire.copies(&own), "{}", wire.containment(&own));
        assert_eq!(wire.containment(&wire), 1.0);
        assert_eq!(Sketch::from_bytes(&wire.to_bytes()), wire);
    }

    #[test]
    fn long_reports_are_compared_by_what_is_known_of_both() {
        let long: String = (0..3000).map(|n| format!("word{n} ")).collect();
        let half: String = (1500..3000).map(|n| format!("word{n} ")).collect();
        let other: String = (5000..9000).map(|n| format!("word{n} ")).collect();
        let [long, half, other] = [long, half, other].map(|text| Sketch::new(&text));
        assert!(long.containment(&half) > 0.8, "{}", long.containment(&half));
        assert_eq!(long.containment(&other), 0.0);
    }

    #[test]
    fn groups_do_not_depend_on_the_order() {
        let reports = [("a", Sketch::new(WIRE)), ("b", Sketch::new(EDITED)), ("c", Sketch::new(OWN))];
        let forward = groups(reports.iter().map(|(id, sketch)| (*id, sketch)));
        let backward = groups(reports.iter().rev().map(|(id, sketch)| (*id, sketch)));
        assert_eq!(forward, backward);
        assert_eq!(forward[&report_key("a")], forward[&report_key("b")]);
        assert_ne!(forward[&report_key("a")], forward[&report_key("c")]);
    }

    #[test]
    fn quotation_marks_that_do_not_match_cost_nothing() {
        assert_eq!(unquoted("a \"b\" c").collect::<Vec<_>>(), ["a ", " c"]);
        assert_eq!(unquoted("a \"b c\nd “e” f").collect::<Vec<_>>(), ["a \"b c", "d ", " f"]);
    }
}
