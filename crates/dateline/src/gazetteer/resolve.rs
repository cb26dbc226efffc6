//! Which of several places a name means: a linear model over the candidates, read in the light of the whole report.

use super::{Candidate, Cue, Gazetteer, Toponym, fits, key};
use crate::document::{NameKind, Place, Resolution};
use crate::span::Span;
use std::collections::HashMap;

/// What is known of the report besides its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportContext<'a> {
    /// The dateline ("ANKARA, March 3 —"); its place says where the report looks from.
    pub dateline: Option<Span>,
    /// Outlet.
    pub publication: Option<&'a str>,
    /// Address of the report; its country domain counts.
    pub url: Option<&'a str>,
}

/// The features of a candidate, in the order of [`WEIGHTS`].
pub const FEATURES: [&str; 22] = [
    "log_population",
    "country",
    "province",
    "district",
    "capital",
    "seat",
    "part_of_town",
    "region",
    "site",
    "alternate",
    "comma_container",
    "comma_content",
    "country_share",
    "country_named",
    "province_named",
    "near",
    "around",
    "outlet_country",
    "cue",
    "most_populous",
    "no_population",
    "dateline_country",
];

/// Weights of [`FEATURES`]: multinomial logistic regression over the candidates of each toponym, L2-regularised.
///
/// Tuned in November 2026 on gold toponyms of LGL, GWN and GeoVirus; to re-tune, run
/// `cargo run --example geo -- --features GOLD.jsonl` and `training/data_gazetteer_weights.py` on what it prints. Five folds of reports, known names only: LGL .892, GWN .900,
/// GeoVirus .907. Those sets mark no datelines, so the last weight is set by hand.
pub const WEIGHTS: [f64; 22] = [
    6.098, 2.385, 0.107, -0.832, 2.082, 0.931, -0.536, 0.279, 0.844, -1.554, 2.510, 2.001, 3.542, 0.188, 2.563, 4.406,
    3.125, 3.656, 1.169, 0.739, -0.223, 1.000,
];

/// A candidate with its share of the belief in the toponym's meaning.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The place.
    pub candidate: Candidate,
    /// Its features, in the order of [`FEATURES`].
    pub features: [f64; 22],
    /// 0…1; the shares of one toponym's candidates sum to 1.
    pub share: f64,
}

/// Candidates considered for one name; the rest are hamlets.
const MOST_CANDIDATES: usize = 60;
/// Other names whose places are compared for distance, before and after in order of first mention.
const NEIGHBOURS: usize = 30;

/// Towns this near, in kilometres, are of one neighbourhood.
const FOCUS_KM: f64 = 161.0;
/// Share of the towns named from which a neighbourhood is what the report is about.
const FOCUS_SHARE: f64 = 0.7;

/// Inhabitants from which a city is rather meant than the division named after it.
const SEAT: u32 = 50_000;

/// One name of the report with what is known of its meaning.
struct Group {
    ranked: Vec<Ranked>,
    mentions: f64,
    cue: Option<Cue>,
    /// Names that follow one of its mentions after a comma, and that it follows.
    containers: Vec<usize>,
    contents: Vec<usize>,
}

impl Gazetteer {
    /// The place each toponym means, `None` where the name is unknown; as many values as `toponyms`, in their order.
    ///
    /// All mentions of a name in one report mean the same place.
    pub fn resolve(&self, text: &str, toponyms: &[Toponym], context: &ReportContext) -> Vec<Option<Place>> {
        let (groups, of) = self.groups(text, toponyms, context);
        let own = |group: &Group| {
            let best = group.ranked.iter().max_by(|a, b| a.share.total_cmp(&b.share))?.candidate;
            Some(group.namesake(&best).unwrap_or(best))
        };
        // A name the gazetteer lacks lies in the place the text joins it to: "the Xqzzt pub in Gloucester".
        let focus = focus(&groups, own);
        let best = |group: &Group| {
            own(group).or_else(|| group.containers.iter().find_map(|&outer| own(&groups[outer]))).or(focus)
        };
        toponyms
            .iter()
            .zip(of)
            .map(|(toponym, group)| best(&groups[group]).map(|candidate| self.place(toponym.span, &candidate)))
            .collect()
    }

    /// The candidates of each toponym with the features that rank them, best first; as many lists as `toponyms`.
    pub fn ranked(&self, text: &str, toponyms: &[Toponym], context: &ReportContext) -> Vec<Vec<Ranked>> {
        let (groups, of) = self.groups(text, toponyms, context);
        of.into_iter()
            .map(|group| {
                let mut ranked = groups[group].ranked.clone();
                ranked.sort_by(|a, b| b.share.total_cmp(&a.share));
                ranked
            })
            .collect()
    }

    /// The names of the report, ranked, and the name each toponym belongs to.
    fn groups(&self, text: &str, toponyms: &[Toponym], context: &ReportContext) -> (Vec<Group>, Vec<usize>) {
        // Names found in the text besides those asked for are evidence too ("Newark, Ohio" where only "Newark" is asked).
        let mut mentions: Vec<(Span, Option<usize>)> =
            toponyms.iter().enumerate().map(|(n, t)| (t.span, Some(n))).collect();
        mentions.sort_by_key(|(span, _)| span.start);
        let mut taken = mentions.iter().map(|(span, _)| *span).peekable();
        let mut reach = 0;
        let mut others = Vec::new();
        for span in self.place_words(text) {
            while let Some(next) = taken.next_if(|t| t.start < span.end) {
                reach = reach.max(next.end);
            }
            if span.start >= reach {
                others.push((span, None));
            }
        }
        mentions.extend(others);
        mentions.sort_by_key(|(span, _)| (span.start, span.end));

        let mut groups: Vec<Group> = Vec::new();
        let mut by_key: HashMap<String, usize> = HashMap::new();
        let mut of = vec![0; toponyms.len()];
        let mut previous: Option<(Span, usize)> = None;
        for (span, asked) in mentions {
            let words = span.of(text);
            let short = words.len() <= 3 && !words.chars().any(char::is_lowercase);
            let name = if short { words.to_string() } else { key(words) };
            let group = *by_key.entry(name).or_insert_with(|| {
                let (found, cue) = self.lookup_cued(words);
                groups.push(Group::new(found, cue));
                groups.len() - 1
            });
            groups[group].mentions += 1.0;
            if groups[group].cue.is_none() {
                groups[group].cue = cue_beside(text, span);
            }
            if let Some(n) = asked {
                of[n] = group;
                if matches!(toponyms[n].hint, Some(NameKind::Facility)) {
                    groups[group].mentions += 0.5;
                }
            }
            if let Some((before, container_of)) = previous {
                let between = text.get(before.end..span.start).unwrap_or("x");
                let joined = matches!(between, ", " | " (" | ", in " | " in " | ", near " | ",");
                if joined && container_of != group {
                    groups[container_of].containers.push(group);
                    groups[group].contents.push(container_of);
                }
            }
            previous = Some((span, group));
        }
        self.rank(&mut groups, &self.outlook(text, context));
        (groups, of)
    }

    /// Countries that the outlet (0) and the dateline (1) point to.
    fn outlook(&self, text: &str, context: &ReportContext) -> [Option<u8>; 2] {
        let domain = context.url.and_then(|url| {
            let host = url.split("://").nth(1).unwrap_or(url).split('/').next()?;
            let last = host.rsplit('.').next()?.to_ascii_uppercase();
            let last = if last == "UK" { "GB".to_string() } else { last };
            // Sold to everyone, whatever the country.
            if last.len() != 2 || matches!(last.as_str(), "TV" | "IO" | "CO" | "ME" | "AI" | "FM" | "CC" | "WS") {
                return None;
            }
            (0..self.table.countries() as u8).find(|&c| self.table.country_codes(c).1 == last)
        });
        let named = context.publication.and_then(|name| {
            let span = *self.place_words(name).first()?;
            self.lookup(span.of(name)).first()?.row.country
        });
        let dateline = context.dateline.and_then(|span| {
            let words = span.of(text).split([',', '(', '—', '–']).next()?;
            self.lookup(words.trim()).first()?.row.country
        });
        [domain.or(named), dateline]
    }

    /// Fills features and shares: three rounds, each reading the beliefs of the one before.
    fn rank(&self, groups: &mut [Group], outlook: &[Option<u8>; 2]) {
        for _ in 0..3 {
            let view = View::new(groups);
            let next: Vec<Vec<([f64; 22], f64)>> = (0..groups.len())
                .map(|n| {
                    let scored: Vec<_> = (0..groups[n].ranked.len())
                        .map(|c| {
                            let features = features(groups, &view, n, c, outlook);
                            (features, features.iter().zip(WEIGHTS).map(|(f, w)| f * w).sum::<f64>())
                        })
                        .collect();
                    let top = scored.iter().map(|s| s.1).fold(f64::MIN, f64::max);
                    let sum: f64 = scored.iter().map(|s| (s.1 - top).exp()).sum();
                    scored.into_iter().map(|(f, s)| (f, (s - top).exp() / sum)).collect()
                })
                .collect();
            for (group, next) in groups.iter_mut().zip(next) {
                for (ranked, (features, share)) in group.ranked.iter_mut().zip(next) {
                    ranked.features = features;
                    ranked.share = share;
                }
            }
        }
    }
}

impl Group {
    fn new(mut found: Vec<Candidate>, cue: Option<Cue>) -> Self {
        found.truncate(MOST_CANDIDATES);
        let count = found.len() as f64;
        // Before anything else is known, belief follows population.
        let sum: f64 = found.iter().map(|c| f64::from(c.population) + 100.0).sum();
        let prior = |c: &Candidate| if count > 0.0 { (f64::from(c.population) + 100.0) / sum } else { 0.0 };
        let ranked = found
            .into_iter()
            .map(|candidate| Ranked { share: prior(&candidate), candidate, features: [0.0; 22] })
            .collect();
        Self { ranked, mentions: 0.0, cue, containers: Vec::new(), contents: Vec::new() }
    }

    /// The city that a division is named after, where nothing beside the name says that the division is meant: "in Aleppo".
    fn namesake(&self, division: &Candidate) -> Option<Candidate> {
        let divides = matches!(division.resolution, Resolution::Province | Resolution::District);
        if !divides || matches!(self.cue, Some(Cue::Division)) {
            return None;
        }
        let seat = |c: &&Candidate| {
            c.resolution == Resolution::City
                && c.population >= SEAT
                && c.row.country == division.row.country
                && kilometres(c, division) < 150.0
        };
        self.ranked.iter().map(|r| &r.candidate).filter(seat).max_by_key(|c| c.population).copied()
    }

    fn weight(&self) -> f64 {
        self.mentions.sqrt()
    }

    /// The share that the name's candidates give to those `test` accepts.
    fn belief(&self, test: impl Fn(&Candidate) -> bool) -> f64 {
        self.ranked.iter().filter(|r| test(&r.candidate)).map(|r| r.share).sum()
    }
}

/// The town that a report is about, in which its unknown names lie too; `None` where its towns are spread.
///
/// It is the town named most, if it and those within [`FOCUS_KM`] are named three times at least and are [`FOCUS_SHARE`] of the
/// towns named. Tuned in November 2026 on the unknown names of LGL, GWN and GeoVirus, of which 36 of 42 so placed were right;
/// a share of .5 places more, but four of ten wrongly.
fn focus(groups: &[Group], meaning: impl Fn(&Group) -> Option<Candidate>) -> Option<Candidate> {
    let small = |c: &Candidate| matches!(c.resolution, Resolution::Site | Resolution::City);
    let towns: Vec<(Candidate, f64)> =
        groups.iter().filter_map(|g| Some((meaning(g).filter(small)?, g.mentions))).collect();
    let (town, _) = *towns.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let within: f64 = towns.iter().filter(|(c, _)| kilometres(c, &town) <= FOCUS_KM).map(|t| t.1).sum();
    let all: f64 = towns.iter().map(|t| t.1).sum();
    (within >= 3.0 && within >= FOCUS_SHARE * all).then_some(town)
}

/// What all names of the report together say of countries and divisions.
struct View {
    country: HashMap<u8, f64>,
    country_named: HashMap<u8, f64>,
    province_named: HashMap<(u8, u16), f64>,
    total: f64,
}

impl View {
    fn new(groups: &[Group]) -> Self {
        let mut view =
            View { country: HashMap::new(), country_named: HashMap::new(), province_named: HashMap::new(), total: 0.0 };
        for group in groups {
            for (country, named, division, share) in group.ranked.iter().filter_map(said) {
                let weight = share * group.weight();
                *view.country.entry(country).or_default() += weight;
                view.total += weight;
                if named {
                    *view.country_named.entry(country).or_default() += weight;
                }
                if let Some(division) = division {
                    *view.province_named.entry((country, division)).or_default() += weight;
                }
            }
        }
        view
    }
}

/// What a candidate says of the report's country: which, whether it is the country itself, which division it is.
fn said(ranked: &Ranked) -> Option<(u8, bool, Option<u16>, f64)> {
    let row = ranked.candidate.row;
    let country = row.country?;
    let is_country = ranked.candidate.resolution == Resolution::Country;
    let division = is_division(&ranked.candidate).then(|| division(&ranked.candidate)).filter(|&d| d > 0);
    Some((country, is_country, division, ranked.share))
}

fn is_division(candidate: &Candidate) -> bool {
    candidate.feature_code == "ADM1"
}

/// The number of the first-level division a candidate is or lies in; 0 for none.
fn division(candidate: &Candidate) -> u16 {
    candidate.row.admin1
}

/// Whether `outer` holds `inner`.
fn holds(outer: &Candidate, inner: &Candidate) -> bool {
    if outer.id == inner.id || outer.row.country.is_none() || outer.row.country != inner.row.country {
        return false;
    }
    match outer.resolution {
        Resolution::Country => inner.resolution != Resolution::Country,
        Resolution::Province if is_division(outer) => {
            inner.resolution < Resolution::Province && division(inner) == division(outer)
        }
        Resolution::District => inner.resolution < Resolution::District && kilometres(outer, inner) < 80.0,
        Resolution::Province | Resolution::Region => {
            inner.resolution < Resolution::Region && kilometres(outer, inner) < 300.0
        }
        Resolution::City | Resolution::Site => inner.resolution <= Resolution::City && kilometres(outer, inner) < 25.0,
    }
}

/// Great-circle distance.
fn kilometres(a: &Candidate, b: &Candidate) -> f64 {
    let (lat, lon) = ((b.lat - a.lat).to_radians(), (b.lon - a.lon).to_radians());
    let h = (lat / 2.0).sin().powi(2) + a.lat.to_radians().cos() * b.lat.to_radians().cos() * (lon / 2.0).sin().powi(2);
    2.0 * 6371.0 * h.min(1.0).sqrt().asin()
}

/// A generic word straight after or before the mention ("in Homs province", "the village of X").
fn cue_beside(text: &str, span: Span) -> Option<Cue> {
    let word = |s: &str| s.trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let after = text.get(span.end..).and_then(|rest| rest.strip_prefix(' ')).and_then(|rest| rest.split(' ').next());
    if let Some(after) = after.map(word) {
        if super::DIVISION_WORDS.contains(&after.as_str()) {
            return Some(Cue::Division);
        }
        if matches!(after.as_str(), "city" | "town" | "village") {
            return Some(Cue::City);
        }
    }
    let before = text.get(..span.start)?;
    let tail = before.len().saturating_sub(24);
    let tail = (tail..=before.len()).find_map(|at| before.get(at..))?.to_lowercase();
    let ends = |words: &[&str]| words.iter().any(|w| tail.ends_with(w));
    if ends(&["city of ", "town of ", "village of ", " city ", " town ", " village ", " capital "]) {
        Some(Cue::City)
    } else if ends(&["province of ", "state of ", "region of ", "governorate of ", "district of ", "county of "]) {
        Some(Cue::Division)
    } else {
        None
    }
}

fn features(groups: &[Group], view: &View, n: usize, c: usize, outlook: &[Option<u8>; 2]) -> [f64; 22] {
    let group = &groups[n];
    let candidate = &group.ranked[c].candidate;
    let is = |yes: bool| if yes { 1.0 } else { 0.0 };
    let kind = |resolution| is(candidate.resolution == resolution);
    let country = candidate.row.country;
    let squash = |x: f64| x / (1.0 + x);

    let held = |others: &[usize], test: &dyn Fn(&Candidate) -> bool| {
        others.iter().map(|&other| groups[other].belief(test)).fold(0.0, f64::max)
    };
    let container = held(&group.containers, &|outer| holds(outer, candidate));
    let content = held(&group.contents, &|inner| holds(candidate, inner));

    // What the others say is what all say less what this name says itself.
    let own = |pick: &dyn Fn(&Ranked) -> bool| {
        group.ranked.iter().filter(|r| pick(r)).map(|r| r.share).sum::<f64>() * group.weight()
    };
    let (mut share, mut named, mut province) = (0.0, 0.0, 0.0);
    if let Some(country) = country {
        let same = own(&|r| r.candidate.row.country == Some(country));
        let all = own(&|r| r.candidate.row.country.is_some());
        let rest = (view.total - all).max(0.0);
        share = (view.country.get(&country).unwrap_or(&0.0) - same).max(0.0) / (rest + 1.0);
        let itself =
            own(&|r| r.candidate.row.country == Some(country) && r.candidate.resolution == Resolution::Country);
        named = squash((view.country_named.get(&country).unwrap_or(&0.0) - itself).max(0.0));
        let number = division(candidate);
        if number > 0 && !is_division(candidate) {
            let itself = own(&|r| is_division(&r.candidate) && division(&r.candidate) == number);
            province = squash((view.province_named.get(&(country, number)).unwrap_or(&0.0) - itself).max(0.0));
        }
    }
    let (mut near, mut around) = (0.0, 0.0);
    if candidate.resolution < Resolution::Country {
        let first = n.saturating_sub(NEIGHBOURS);
        let neighbours = groups[first..].iter().take(n - first + NEIGHBOURS + 1).enumerate();
        for (_, other) in neighbours.filter(|(at, _)| first + at != n) {
            let (mut closest, mut wide) = (0.0f64, 0.0f64);
            for r in other.ranked.iter().filter(|r| r.share > 0.02 && r.candidate.id != candidate.id) {
                if r.candidate.resolution >= Resolution::Country || r.candidate.row.country != country {
                    continue;
                }
                let km = kilometres(candidate, &r.candidate);
                closest += r.share * (-km / 50.0).exp();
                wide += r.share * (-km / 250.0).exp();
            }
            near += closest;
            around += wide;
        }
    }
    let most = group.ranked.iter().map(|r| r.candidate.population).max() == Some(candidate.population);
    let code = candidate.feature_code;
    [
        (f64::from(candidate.population) + 1.0).log10() / 8.0,
        kind(Resolution::Country),
        kind(Resolution::Province),
        kind(Resolution::District),
        is(code == "PPLC"),
        is(code.starts_with("PPLA")),
        is(code == "PPLX"),
        kind(Resolution::Region),
        kind(Resolution::Site),
        is(candidate.alternate),
        container,
        content,
        share,
        named,
        province,
        squash(near),
        squash(around),
        is(country.is_some() && outlook[0] == country),
        group.cue.map_or(0.0, |cue| is(fits(candidate, cue))),
        is(most),
        is(candidate.population == 0),
        is(country.is_some() && outlook[1] == country),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place the first mention of `name` in `text` means, as name, division and country.
    fn meant(text: &str, name: &str, context: &ReportContext) -> (String, String, String) {
        let start = text.find(name).unwrap();
        let toponyms = [Toponym { span: Span::new(start, start + name.len()), hint: None }];
        let place = Gazetteer::embedded().resolve(text, &toponyms, context).remove(0).unwrap();
        (place.name, place.province.unwrap_or_default(), place.country_code.unwrap_or_default())
    }

    fn division_and_country(text: &str, name: &str) -> (String, String) {
        let (_, division, country) = meant(text, name, &ReportContext::default());
        (division, country)
    }

    #[test]
    fn a_larger_place_after_the_comma_decides() {
        let is = |text, name, division: &str, country: &str| {
            assert_eq!(division_and_country(text, name), (division.to_string(), country.to_string()), "{text}");
        };
        is("The fire began in Paris, Texas, on Monday.", "Paris", "Texas", "USA");
        is("Police in London, Ontario, held two men.", "London", "Ontario", "CAN");
        is("A levee broke near Cairo, Ill., at dawn.", "Cairo", "Illinois", "USA");
        is("She was born in Springfield, Illinois.", "Springfield", "Illinois", "USA");
        assert_eq!(division_and_country("Shells fell on Tripoli, Lebanon, again.", "Tripoli").1, "LBN");
    }

    #[test]
    fn without_more_the_well_known_place_is_meant() {
        assert_eq!(division_and_country("The strike closed schools in Paris.", "Paris").1, "FRA");
        assert_eq!(division_and_country("Talks were held in Cairo.", "Cairo").1, "EGY");
    }

    #[test]
    fn a_city_is_meant_before_the_division_named_after_it_unless_the_words_say_so() {
        let context = ReportContext::default();
        let resolution = |text: &str, name: &str| {
            let at = text.find(name).expect("name in text");
            let toponym = Toponym { span: Span::new(at, at + name.len()), hint: None };
            Gazetteer::embedded().resolve(text, &[toponym], &context)[0].as_ref().expect("known").resolution
        };
        assert_eq!(resolution("Shells fell on Aleppo, in the north of Syria.", "Aleppo"), Resolution::City);
        assert_eq!(resolution("Shells fell in Aleppo province, Syria.", "Aleppo"), Resolution::Province);
    }

    #[test]
    fn the_other_places_of_the_report_decide() {
        let caucasus = "Russian troops left Georgia on Friday, officials in Tbilisi said; Abkhazia remained closed.";
        assert_eq!(meant(caucasus, "Georgia", &ReportContext::default()).2, "GEO");
        let south =
            "Storms hit Georgia on Friday, closing roads around Atlanta and Savannah, and moved on to South Carolina.";
        assert_eq!(meant(south, "Georgia", &ReportContext::default()).2, "USA");
        let libya = "Libyan militias fought in Tripoli and Benghazi.";
        assert_eq!(meant(libya, "Tripoli", &ReportContext::default()).2, "LBY");
        let costa_rica = "Costa Rican unions marched through San Jose; the government of Costa Rica said nothing.";
        assert_eq!(meant(costa_rica, "San Jose", &ReportContext::default()).2, "CRI");
        let california = "The San Jose council met; roads to Oakland and Santa Clara, California, were shut.";
        assert_eq!(meant(california, "San Jose", &ReportContext::default()).2, "USA");
    }

    #[test]
    fn countries_are_meant_by_their_names_and_their_peoples() {
        let text = "Turkish police raided homes in Istanbul, Turkey.";
        assert_eq!(meant(text, "Turkish", &ReportContext::default()).0, "Turkey");
        assert_eq!(meant(text, "Turkey", &ReportContext::default()).0, "Turkey");
    }

    #[test]
    fn unknown_names_lie_where_the_text_puts_them() {
        assert_eq!(meant("They met at the Xqzzt in Ankara.", "Xqzzt", &ReportContext::default()).0, "Ankara");
        let one = "Ankara was hit. Crews from Ankara went to Xqzzt, as did Ankara's mayor. Police sealed Qwzzk.";
        assert_eq!(meant(one, "Qwzzk", &ReportContext::default()).0, "Ankara");
        let spread = "Ankara, Paris, Lima and Seoul were named. Police sealed Qwzzk.";
        let start = spread.find("Qwzzk").unwrap();
        let toponym = Toponym { span: Span::new(start, start + 5), hint: None };
        let places = Gazetteer::embedded().resolve(spread, &[toponym], &ReportContext::default());
        assert_eq!(places, [None]);
    }

    #[test]
    fn unknown_names_stay_unresolved_and_values_follow_their_toponyms() {
        let text = "From Xqzzt to Ankara.";
        let spans = [Span::new(14, 20), Span::new(5, 10), Span::new(999, 1_005)];
        let toponyms = spans.map(|span| Toponym { span, hint: None });
        let places = Gazetteer::embedded().resolve(text, &toponyms, &ReportContext::default());
        assert_eq!(places.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, false]);
    }
}
