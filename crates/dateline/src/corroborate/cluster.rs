//! From pairs to incidents: blocking, so that only records that may belong together are compared, then clusters that do not
//! depend on the order in which reports came.

use super::claim::{Claim, Level, hash};
use super::lineage::Union;
use super::pair::PairWeights;
use std::collections::{BTreeMap, HashMap};

/// Two records that tell of one act more likely than not, by record key, the smaller first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The smaller record key.
    pub a: u64,
    /// The greater record key.
    pub b: u64,
    /// Log-odds, above zero.
    pub odds: f32,
}

/// An act that may take several days is compared with those of each of so many days.
const DAYS: i32 = 7;

/// The keys under which a claim is compared with others: two claims with no key in common are never compared.
///
/// Dated acts meet by category, country (or party) and day; acts known to a longer period, and those without any date, meet by
/// category, place and party. All keys are fine enough that the claims under one grow with the news of a day or a place, not
/// with the archive.
pub fn keys(claim: &Claim) -> Vec<u64> {
    let mut keys = Vec::new();
    let event = claim.event as u64;
    let mut key = |kind: u64, what: u64, when: i64| {
        let mixed = [event, what, when as u64]
            .iter()
            .fold(kind, |mixed, part| (mixed ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29));
        keys.push(mixed);
    };
    let country = u64::from(hash(std::str::from_utf8(&claim.country()).unwrap_or("")));
    let town = if claim.place.level == Level::Town { (cell(claim.place.lat), cell(claim.place.lon)) } else { (0, 0) };
    let town_key = (town.0 as u64) << 32 | (town.1 as u64 & 0xFFFF_FFFF);
    match claim.days {
        Some((first, last)) if last - first < DAYS => {
            for day in first..=last {
                // A day late is the commonest difference between two reports.
                for bucket in [day.div_euclid(2), (day + 1).div_euclid(2) + 1_000_000] {
                    key(1, country, i64::from(bucket));
                    // The country may be told in one report only; the parties are in both.
                    for head in claim.heads().take(4) {
                        key(2, u64::from(head), i64::from(bucket));
                    }
                }
            }
        }
        _ => {}
    }
    // Three words of a long sentence, the same in two copies of it: meets copies published in one fortnight, dated or not.
    let fortnights = claim.published.map_or([0, 0], |day| [day.div_euclid(14), (day + 7).div_euclid(14) + 1_000_000]);
    for words in rarest(claim).windows(3) {
        let word = words.iter().fold(7u64, |mixed, word| mixed.wrapping_mul(31).wrapping_add(u64::from(*word)));
        for fortnight in fortnights {
            key(3, word, i64::from(fortnight));
        }
    }
    if claim.place.level == Level::Town {
        // Acts known to a quarter of a year or so meet in it; what has no date at all meets what is told in the same quarter.
        let told = claim.published.map(|day| (day, day));
        let quarters = claim
            .days
            .filter(|(first, last)| last - first <= 400)
            .or(told)
            .map_or(0..=0, |(first, last)| i64::from(first.div_euclid(91))..=i64::from(last.div_euclid(91)));
        for quarter in quarters {
            for head in claim.heads().take(4).chain(claim.triggers.iter().copied().take(3)) {
                key(4, town_key ^ u64::from(head), quarter);
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Degrees to tenths, so that two names of one town meet.
fn cell(degrees: f32) -> i32 {
    (degrees * 4.0).round() as i32
}

/// The smallest hashes of the words of the sentence: the same ones in two copies of it.
fn rarest(claim: &Claim) -> &[u32] {
    if claim.words.len() < 6 { &[] } else { &claim.words[..6] }
}

/// The links among `claims` and between them and `others`, each pair once; `copied` tells whether two reports (by key) are copies.
pub fn links<'a>(
    claims: impl IntoIterator<Item = &'a Claim>,
    weights: &PairWeights,
    copied: &dyn Fn(u64, u64) -> bool,
) -> Vec<Link> {
    let claims: Vec<&Claim> = claims.into_iter().collect();
    let mut posts: Vec<(u64, u32)> = Vec::new();
    for (number, claim) in claims.iter().enumerate() {
        posts.extend(keys(claim).into_iter().map(|key| (key, number as u32)));
    }
    posts.sort_unstable();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let mut links = Vec::new();
    for block in posts.chunk_by(|a, b| a.0 == b.0) {
        for (at, (_, a)) in block.iter().enumerate() {
            pairs.extend(block[at + 1..].iter().map(|(_, b)| (*a.min(b), *a.max(b))));
        }
        if pairs.len() > 4_000_000 {
            drain(&mut pairs, &claims, weights, copied, &mut links);
        }
    }
    drain(&mut pairs, &claims, weights, copied, &mut links);
    links.sort_by(|x: &Link, y| (x.a, x.b).cmp(&(y.a, y.b)));
    links.dedup_by(|x, y| (x.a, x.b) == (y.a, y.b));
    links
}

fn drain(
    pairs: &mut Vec<(u32, u32)>,
    claims: &[&Claim],
    weights: &PairWeights,
    copied: &dyn Fn(u64, u64) -> bool,
    links: &mut Vec<Link>,
) {
    pairs.sort_unstable();
    pairs.dedup();
    for (a, b) in pairs.drain(..) {
        links.extend(link(claims[a as usize], claims[b as usize], weights, copied));
    }
}

/// The link of two claims, where there is one.
pub fn link(a: &Claim, b: &Claim, weights: &PairWeights, copied: &dyn Fn(u64, u64) -> bool) -> Option<Link> {
    let odds = weights.log_odds(a, b, copied(a.report, b.report))?;
    (odds > 0.0 && a.record != b.record).then(|| Link { a: a.record.min(b.record), b: a.record.max(b.record), odds })
}

/// Sums of what speaks for and against joining two clusters: an unlinked pair speaks against it by so much.
const UNLINKED: f32 = -1.0;

/// Groups `records` (keys and the keys of their reports) into incidents: the best links first, two clusters are joined where the
/// mean over all their pairs speaks for it. The result depends on the set of records and links alone. Each group is sorted.
pub fn clusters(records: &BTreeMap<u64, u64>, links: &[Link]) -> Vec<Vec<u64>> {
    let mut parts = Union::new(records.keys().copied());
    for link in links {
        parts.join(link.a, link.b);
    }
    let mut by_part: BTreeMap<u64, Vec<Link>> = BTreeMap::new();
    for link in links {
        by_part.entry(parts.find(link.a)).or_default().push(*link);
    }
    let mut group = Union::new(records.keys().copied());
    for part in by_part.values_mut() {
        agglomerate(part, &mut group);
    }
    let mut groups: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for &record in records.keys() {
        groups.entry(group.find(record)).or_default().push(record);
    }
    groups.into_values().collect()
}

/// Joins the clusters of one connected part, best link first.
fn agglomerate(links: &mut [Link], group: &mut Union) {
    links.sort_by(|x, y| y.odds.total_cmp(&x.odds).then((x.a, x.b).cmp(&(y.a, y.b))));
    // Between two clusters: sum of log-odds of the linked pairs and their number.
    let mut between: HashMap<u64, BTreeMap<u64, (f32, u32)>> = HashMap::new();
    let mut size: HashMap<u64, u32> = HashMap::new();
    for link in links.iter() {
        for (a, b) in [(link.a, link.b), (link.b, link.a)] {
            between.entry(a).or_default().insert(b, (link.odds, 1));
            size.insert(a, 1);
        }
    }
    for link in links.iter() {
        let (a, b) = (group.find(link.a), group.find(link.b));
        if a == b {
            continue;
        }
        let (sum, linked) = between.get(&a).and_then(|row| row.get(&b)).copied().unwrap_or_default();
        let pairs = size[&a] * size[&b];
        if sum + UNLINKED * (pairs - linked) as f32 <= 0.0 {
            continue;
        }
        group.join(a, b);
        let (kept, gone) = (a.min(b), a.max(b));
        let moved = between.remove(&gone).unwrap_or_default();
        for (other, (sum, linked)) in moved {
            if other == kept {
                continue;
            }
            for (x, y) in [(kept, other), (other, kept)] {
                let cell = between.entry(x).or_default().entry(y).or_default();
                *cell = (cell.0 + sum, cell.1 + linked);
            }
            if let Some(row) = between.get_mut(&other) {
                row.remove(&gone);
            }
        }
        if let Some(row) = between.get_mut(&kept) {
            row.remove(&gone);
        }
        let grown = size[&kept] + size[&gone];
        size.insert(kept, grown);
    }
}
