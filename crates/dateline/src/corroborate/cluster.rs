//! From pairs to incidents: blocking, so that only records that may belong together are compared, then clusters that do not
//! depend on the order in which reports came.

use super::claim::{Claim, Level};
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
    let countries: Vec<u64> =
        claim.countries().iter().map(|code| u64::from_be_bytes([0, 0, 0, 0, 0, code[0], code[1], code[2]])).collect();
    let town = if claim.place.level == Level::Town { (cell(claim.place.lat), cell(claim.place.lon)) } else { (0, 0) };
    let town_key = (town.0 as u64) << 32 | (town.1 as u64 & 0xFFFF_FFFF);
    // What has no date of its own is most often news of the day before.
    let (first, last) = claim.days.or(claim.published.map(|day| (day - 1, day))).unwrap_or((0, DAYS));
    if last - first < DAYS {
        for day in first..=last {
            // A day late is the commonest difference between two reports: pairs of days, from even ones and from odd ones.
            for bucket in [day.div_euclid(2), (day + 1).div_euclid(2) + 1_000_000] {
                for &country in &countries {
                    key(1, country, i64::from(bucket));
                }
                // The country may be told in one report only; the parties are in both.
                for head in claim.heads().take(4) {
                    key(2, u64::from(head), i64::from(bucket));
                }
            }
        }
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
    links.sort_by_key(|link: &Link| (link.a, link.b));
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

/// How much a pair that is not linked speaks against joining its clusters.
const UNLINKED: f32 = -1.0;
/// The same for two records of one report: whoever wrote it, and the coder, told them apart.
const TOLD_APART: f32 = -5.0;

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
        agglomerate(part, records, &mut group);
    }
    let mut groups: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for &record in records.keys() {
        groups.entry(group.find(record)).or_default().push(record);
    }
    groups.into_values().collect()
}

/// A cluster while it grows.
#[derive(Debug, Default)]
struct Grown {
    size: usize,
    /// How many of its records each report tells.
    reports: BTreeMap<u64, usize>,
    /// Towards other clusters: sum of the log-odds of the linked pairs, their number, and how many of them lie within one report.
    links: BTreeMap<u64, (f32, usize, usize)>,
}

/// Joins the clusters of one connected part, best link first.
fn agglomerate(links: &mut [Link], records: &BTreeMap<u64, u64>, group: &mut Union) {
    links.sort_by(|x, y| y.odds.total_cmp(&x.odds).then((x.a, x.b).cmp(&(y.a, y.b))));
    let report = |record: u64| records.get(&record).copied().unwrap_or_default();
    let mut clusters: HashMap<u64, Grown> = HashMap::new();
    for link in links.iter() {
        let within = usize::from(report(link.a) == report(link.b));
        for (a, b) in [(link.a, link.b), (link.b, link.a)] {
            let cluster = clusters.entry(a).or_default();
            (cluster.size, cluster.reports) = (1, BTreeMap::from([(report(a), 1)]));
            cluster.links.insert(b, (link.odds, 1, within));
        }
    }
    for link in links.iter() {
        let (a, b) = (group.find(link.a), group.find(link.b));
        if a != b && speaks_for(&clusters[&a], &clusters[&b], b) {
            group.join(a, b);
            join(&mut clusters, a.min(b), a.max(b));
        }
    }
}

/// Whether the pairs between two clusters speak for joining them; `name` is that of the second.
fn speaks_for(a: &Grown, b: &Grown, name: u64) -> bool {
    let (sum, linked, within) = a.links.get(&name).copied().unwrap_or_default();
    let told_apart: usize = a.reports.iter().map(|(report, n)| n * b.reports.get(report).unwrap_or(&0)).sum();
    let told_apart = told_apart.saturating_sub(within);
    let unlinked = (a.size * b.size).saturating_sub(linked + told_apart);
    sum + UNLINKED * unlinked as f32 + TOLD_APART * told_apart as f32 > 0.0
}

/// Adds the cluster `gone` to the cluster `kept`.
fn join(clusters: &mut HashMap<u64, Grown>, kept: u64, gone: u64) {
    let old = clusters.remove(&gone).unwrap_or_default();
    for (&other, &(sum, linked, within)) in old.links.iter().filter(|(other, _)| **other != kept) {
        for (x, y) in [(kept, other), (other, kept)] {
            let Some(cluster) = clusters.get_mut(&x) else { continue };
            let cell = cluster.links.entry(y).or_default();
            *cell = (cell.0 + sum, cell.1 + linked, cell.2 + within);
            cluster.links.remove(&gone);
        }
    }
    let Some(cluster) = clusters.get_mut(&kept) else { return };
    cluster.links.remove(&gone);
    cluster.size += old.size;
    for (report, n) in old.reports {
        *cluster.reports.entry(report).or_default() += n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(a: u64, b: u64, odds: f32) -> Link {
        Link { a, b, odds }
    }

    /// Records 10, 11 of report 1; 20, 21 of report 2; 30 of report 3.
    fn records() -> BTreeMap<u64, u64> {
        BTreeMap::from([(10, 1), (11, 1), (20, 2), (21, 2), (30, 3)])
    }

    #[test]
    fn what_one_report_tells_apart_stays_apart() {
        let links = [link(10, 20, 3.0), link(11, 21, 3.0), link(10, 21, 1.0), link(11, 20, 1.0)];
        assert_eq!(clusters(&records(), &links), [vec![10, 20], vec![11, 21], vec![30]]);
    }

    #[test]
    fn the_order_of_the_links_changes_nothing() {
        let mut links = vec![link(10, 20, 2.0), link(20, 30, 2.0), link(10, 30, 2.0), link(11, 30, 1.0)];
        let forward = clusters(&records(), &links);
        links.reverse();
        assert_eq!(clusters(&records(), &links), forward);
        assert_eq!(forward, [vec![10, 20, 30], vec![11], vec![21]]);
    }

    #[test]
    fn a_chain_does_not_hold_what_its_ends_deny() {
        let chain: Vec<Link> = (0..9).map(|n| link(n, n + 1, 1.0)).collect();
        let records = (0..10).map(|n| (n, n + 100)).collect();
        assert!(clusters(&records, &chain).len() > 3);
    }

    #[test]
    fn claims_of_one_act_share_a_key_and_a_week_parts_them() {
        let claim = |date: &str, place: &str| {
            let text = format!(
                r#"{{"report":"{date}","event":"COERCE","mentions":[{{"start":0,"end":4,"text":"held"}}],"date":"{date}",
                   "recipient":[{{"entity_text":"41 migrants"}}],"event_loc":{place}}}"#
            );
            Claim::new(&serde_json::from_str(&text).unwrap()).unwrap()
        };
        let varna = r#"{"lat":43.2,"lon":27.9,"country_code":"BGR","resolution":"city"}"#;
        let meet = |a: &Claim, b: &Claim| keys(a).iter().any(|key| keys(b).contains(key));
        let today = claim("2021-02-17", varna);
        assert!(meet(&today, &claim("2021-02-18", varna)) && meet(&today, &claim("2021-02-18", "null")));
        assert!(!meet(&today, &claim("2021-02-27", "null")));
    }
}
