//! One act as several reports tell it: members, independent origins, rival figures (DESIGN.md, "Machine contract").

use crate::export::json::{FigureJson, RecordJson};
use crate::record::SizeKind;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An incident, as written by `dateline incidents --format jsonl`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Incident {
    /// Stable: made of the smallest record id in it.
    #[serde(rename = "incident")]
    pub id: String,
    /// Category of all its records.
    pub event: String,
    /// Modes that any of its records has, the commonest first.
    pub mode: Vec<String>,
    /// First day of the act, as the narrowest dated record has it.
    pub date: Option<String>,
    /// Last day of the act.
    pub enddate: Option<String>,
    /// The record that stands for the incident: the one that says most.
    pub best: String,
    /// Its records, by report and record id.
    pub members: Vec<Member>,
    /// Independent origins: each is a list of reports that copy one story, the first published first.
    pub origins: Vec<Vec<String>>,
    /// Figures by what they count; more than one of a kind are rivals.
    pub figures: BTreeMap<String, Vec<Claimed>>,
    /// Worst certainty first: disputed if any report carries a denial, asserted only if any asserts it.
    pub certainty: String,
    /// Day of the first report.
    pub first: Option<String>,
    /// Day of the last report.
    pub last: Option<String>,
}

/// One record of an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Member {
    pub report: String,
    pub record: String,
}

/// A figure and who gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claimed {
    /// At least so many.
    pub min: Option<u64>,
    /// At most so many.
    pub max: Option<u64>,
    /// The words, as the first report has them.
    pub text: String,
    /// Who gives it: the source named in the report, else the outlet.
    pub by: Option<String>,
    /// The reports that carry it.
    pub reports: Vec<String>,
    /// Day of the first of them.
    pub first: Option<String>,
}

/// A record and where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Story<'a> {
    /// Id of the report.
    pub report: &'a str,
    /// Name of the group of reports that copy each other which it belongs to.
    pub origin: u64,
    /// The record.
    pub record: &'a RecordJson,
}

impl Incident {
    /// The incident of records of one act, in any order.
    pub fn new(mut stories: Vec<Story<'_>>) -> Incident {
        stories.sort_by(|a, b| (published(a), a.report, &a.record.id).cmp(&(published(b), b.report, &b.record.id)));
        let best = stories.iter().max_by_key(|story| (worth(story.record), std::cmp::Reverse(&story.record.id)));
        let dated = stories.iter().filter(|story| story.record.date.is_some()).min_by_key(|story| {
            let length = (&story.record.date, &story.record.enddate);
            (
                story.record.date_basis.as_deref() != Some("text"),
                days(length.0, length.1),
                published(story),
                story.report,
            )
        });
        let mut members: Vec<Member> = stories
            .iter()
            .map(|story| Member {
                report: story.report.to_string(),
                record: story.record.id.clone().unwrap_or_default(),
            })
            .collect();
        members.sort();
        let smallest = members.iter().map(|member| member.record.as_str()).min().unwrap_or_default();
        Incident {
            id: format!("i{smallest}"),
            event: best.and_then(|story| story.record.event.clone()).unwrap_or_default(),
            mode: commonest(stories.iter().flat_map(|story| &story.record.mode)),
            date: dated.and_then(|story| story.record.date.clone()),
            enddate: dated.and_then(|story| story.record.enddate.clone()),
            best: best.and_then(|story| story.record.id.clone()).unwrap_or_default(),
            origins: origins(&stories),
            figures: figures(&stories),
            certainty: certainty(&stories).to_string(),
            first: stories.iter().filter_map(published).min().map(str::to_string),
            last: stories.iter().filter_map(published).max().map(str::to_string),
            members,
        }
    }

    /// Figures of one kind that do not agree with each other.
    pub fn disputed(&self) -> impl Iterator<Item = (&str, &[Claimed])> {
        let rival =
            |claimed: &[Claimed]| claimed.iter().any(|a| claimed.iter().any(|b| (a.min, a.max) != (b.min, b.max)));
        self.figures
            .iter()
            .filter(move |(_, claimed)| rival(claimed))
            .map(|(kind, claimed)| (kind.as_str(), claimed.as_slice()))
    }
}

fn published<'a>(story: &Story<'a>) -> Option<&'a str> {
    story.record.cite_info.as_ref()?.published.as_deref()
}

/// How much a record says: roles, place, date and figures filled.
fn worth(record: &RecordJson) -> (usize, u32) {
    let filled = usize::from(!record.actor.is_empty())
        + usize::from(!record.recipient.is_empty())
        + usize::from(record.event_loc.is_some())
        + usize::from(record.date.is_some())
        + record.size.len()
        + usize::from(!record.mode.is_empty());
    (filled, (record.confidence.unwrap_or(1.0) * 1e4) as u32)
}

fn days(first: &Option<String>, last: &Option<String>) -> i32 {
    let day = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<jiff::civil::Date>().ok());
    let span = day(first).zip(day(last)).and_then(|(first, last)| first.until(last).ok());
    span.map_or(0, |span| span.get_days())
}

fn commonest<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut names: Vec<(&str, usize)> = counts.into_iter().collect();
    names.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
    names.into_iter().map(|(name, _)| name.to_string()).collect()
}

/// An incident is disputed where any report carries a denial, and asserted where any asserts it and none denies it.
fn certainty(stories: &[Story<'_>]) -> &'static str {
    let any = |name: &str| stories.iter().any(|story| story.record.certainty.as_deref() == Some(name));
    if any("disputed") {
        "disputed"
    } else if any("asserted") || !any("alleged") {
        "asserted"
    } else {
        "alleged"
    }
}

/// The reports by independent origin: those that copy one story together, and those that tell it after an agency ("Reuters
/// reports") together with that agency's own story and with each other.
fn origins(stories: &[Story<'_>]) -> Vec<Vec<String>> {
    let mut groups: Vec<(BTreeSet<u64>, BTreeSet<String>, Vec<String>)> = Vec::new();
    for story in stories {
        let names = agencies(story);
        let (same, other): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(texts, credits, _)| {
            texts.contains(&story.origin) || names.iter().any(|name| credits.contains(name))
        });
        let mut joined = (BTreeSet::from([story.origin]), names, Vec::new());
        for (texts, credits, reports) in same {
            joined.0.extend(texts);
            joined.1.extend(credits);
            joined.2.extend(reports);
        }
        if !joined.2.iter().any(|report| report == story.report) {
            joined.2.push(story.report.to_string());
        }
        groups = other;
        groups.push(joined);
    }
    let rank: BTreeMap<&str, usize> = stories.iter().enumerate().rev().map(|(at, story)| (story.report, at)).collect();
    let place = |report: &String| rank.get(report.as_str()).copied();
    let mut origins: Vec<Vec<String>> = groups.into_iter().map(|(_, _, reports)| reports).collect();
    for reports in &mut origins {
        reports.sort_by_key(place);
    }
    origins.sort_by_key(|reports| reports.first().and_then(place));
    origins
}

/// The agencies whose story a record is told after: those that the record itself names first among its sources, and the outlet
/// where it is one. A report may credit an agency for one passage and have the rest from its own people.
fn agencies(story: &Story<'_>) -> BTreeSet<String> {
    let Some(cite) = &story.record.cite_info else { return BTreeSet::new() };
    let own = cite.publication.iter().filter(|name| crate::formats::is_outlet(name)).map(|name| name.to_lowercase());
    let first = story.record.attribution.first().and_then(|link| link.source.as_deref()).unwrap_or("").to_lowercase();
    let named = cite
        .via
        .iter()
        .map(|name| name.to_lowercase())
        .filter(|name| !name.is_empty() && first.contains(name.as_str()));
    own.chain(named).collect()
}

/// The figures of all records, equal ones by the same source as one, in the order in which they were first published.
fn figures(stories: &[Story<'_>]) -> BTreeMap<String, Vec<Claimed>> {
    let mut all: BTreeMap<String, Vec<Claimed>> = BTreeMap::new();
    for story in stories {
        for kind in SizeKind::ALL {
            let Some(Some(figures)) = story.record.size.get(kind.name()) else { continue };
            for figure in figures.iter() {
                let known = all.entry(kind.name().to_string()).or_default();
                let by = claimant(story, figure);
                let key = |text: &Option<String>| text.as_deref().map(plain);
                let same = |c: &&mut Claimed| (c.min, c.max) == (figure.min, figure.max) && key(&c.by) == key(&by);
                let claimed = match known.iter_mut().find(same) {
                    Some(claimed) => claimed,
                    None => {
                        let text = figure.text.clone().unwrap_or_default();
                        let first = published(story).map(str::to_string);
                        known.push(Claimed { min: figure.min, max: figure.max, text, by, first, reports: Vec::new() });
                        known.last_mut().expect("one was just added")
                    }
                };
                if !claimed.reports.iter().any(|report| report == story.report) {
                    claimed.reports.push(story.report.to_string());
                }
            }
        }
    }
    all
}

/// Who gives a figure: the source beside it, else the innermost source of the record, else the outlet.
fn claimant(story: &Story<'_>, figure: &FigureJson) -> Option<String> {
    let source = || story.record.attribution.last().and_then(|link| link.source.clone());
    let outlet = || story.record.cite_info.as_ref().and_then(|cite| cite.publication.clone());
    figure.by.clone().or_else(source).or_else(outlet)
}

/// A name without case and article.
fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    lower.strip_prefix("the ").unwrap_or(&lower).trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(report: &str, more: &str) -> RecordJson {
        let text = format!(r#"{{"report":"{report}","event":"ASSAULT",{more}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn rival_figures_stand_side_by_side_with_who_gives_them() {
        let a = record(
            "a",
            r#""id":"00000000000000aa","size":{"dead":[{"min":12,"text":"at least 12","by":"police"},{"min":15,"text":"at least 15","by":"a doctor"}]},
            "cite_info":{"published":"2021-02-17","publication":"Wire"}"#,
        );
        let b = record(
            "b",
            r#""id":"00000000000000bb","size":{"dead":{"min":12,"text":"12 or more","by":"The police"}},
            "cite_info":{"published":"2021-02-18","publication":"Post"}"#,
        );
        let story = |report, origin, record| Story { report, origin, record };
        let incident = Incident::new(vec![story("b", 2, &b), story("a", 1, &a)]);
        let dead = &incident.figures["dead"];
        assert_eq!(dead.len(), 2);
        assert_eq!(
            (dead[0].min, dead[0].by.as_deref(), dead[0].reports.as_slice()),
            (Some(12), Some("police"), &["a".to_string(), "b".to_string()][..])
        );
        assert_eq!(incident.disputed().count(), 1);
        assert_eq!((incident.first.as_deref(), incident.last.as_deref()), (Some("2021-02-17"), Some("2021-02-18")));
        assert_eq!(incident.origins, [["a"], ["b"]]);
        assert_eq!(incident.id, "i00000000000000aa");
    }

    #[test]
    fn a_story_told_after_an_agency_is_no_second_origin() {
        let wire = record("w", r#""id":"1","cite_info":{"published":"2021-02-17","publication":"Reuters"}"#);
        let told = record(
            "t",
            r#""id":"2","attribution":[{"source":"Reuters"}],"cite_info":{"published":"2021-02-18","publication":"Post","via":["Reuters"]}"#,
        );
        let own = record(
            "o",
            r#""id":"3","attribution":[{"source":"a witness"}],"cite_info":{"published":"2021-02-18","publication":"Daily","via":["Reuters"]}"#,
        );
        let stories = vec![
            Story { report: "o", origin: 3, record: &own },
            Story { report: "t", origin: 2, record: &told },
            Story { report: "w", origin: 1, record: &wire },
        ];
        assert_eq!(Incident::new(stories).origins, [vec!["w".to_string(), "t".into()], vec!["o".into()]]);
    }

    #[test]
    fn one_denial_makes_an_incident_disputed() {
        let [a, b] = ["asserted", "disputed"].map(|word| record("r", &format!(r#""certainty":"{word}""#)));
        let story = |record| Story { report: "r", origin: 1, record };
        assert_eq!(certainty(&[story(&a), story(&b)]), "disputed");
        assert_eq!(certainty(&[story(&a)]), "asserted");
    }
}
