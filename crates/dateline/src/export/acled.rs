//! Incidents in the columns of ACLED, by its rules for figures, dates and places. It is not ACLED data: no row, name or id of
//! ACLED's is in it, ids are Dateline's own, and the last column says so in every row.
//!
//! Written are acts that ACLED would code: violence, demonstrations, and of other acts arrests, raids, agreements in force and
//! movements of forces; said to have happened; on a known day, week or month; below the level of the country (strategic
//! developments may be the country's). Actors carry no direction.

use super::json::{EntityJson, RecordJson};
use super::sheet::{self, number};
use super::{Export, Row};
use crate::CODER;
use crate::codes;
use crate::incident::Claimed;
use jiff::Span;
use jiff::civil::Date;
use std::io::{self, Write};

/// ACLED's columns, in order.
pub const COLUMNS: [&str; 31] = [
    "event_id_cnty",
    "event_date",
    "year",
    "time_precision",
    "disorder_type",
    "event_type",
    "sub_event_type",
    "actor1",
    "assoc_actor_1",
    "inter1",
    "actor2",
    "assoc_actor_2",
    "inter2",
    "interaction",
    "civilian_targeting",
    "iso",
    "region",
    "country",
    "admin1",
    "admin2",
    "admin3",
    "location",
    "latitude",
    "longitude",
    "geo_precision",
    "source",
    "source_scale",
    "notes",
    "fatalities",
    "tags",
    "timestamp",
];

/// Columns of Dateline's own behind them: the rule that made the figure, and where the row comes from.
pub const MORE: [&str; 2] = ["fatalities_rule", "not_acled"];

/// Writes incidents.
pub struct Incidents;

impl Export for Incidents {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(sheet::comma(COLUMNS.iter().chain(&MORE).map(|name| name.to_string())).as_bytes())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        match line(row) {
            Some(line) => out.write_all(line.as_bytes()),
            None => Ok(()),
        }
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn line(row: &Row) -> Option<String> {
    let best = row.best().filter(|_| row.happened())?;
    let (dead, rule) = fatalities(row.incident.figures.get("dead").map_or(&[], Vec::as_slice));
    let (kind, sub) = kind(row, best, dead)?;
    let strategic = kind == STRATEGIC;
    let place = best.event_loc.clone().unwrap_or_default();
    let country = codes::country(place.country_code.as_deref()?)?;
    let geo_precision = match place.resolution.as_deref()? {
        "site" | "city" => "1",
        "district" => "2",
        "province" => "3",
        "country" if strategic => "3",
        _ => return None,
    };
    let (date, time_precision) = day(row.incident.date.as_deref(), row.incident.enddate.as_deref())?;
    let [first, second] =
        [side(&best.actor, kind, true, country.code), side(&best.recipient, kind, false, country.code)];
    // Actors have no direction, and only the second may be blank.
    let [first, second] = if first.inter.is_none() { [second, first] } else { [first, second] };
    let civilians = second.inter == Some(CIVILIANS) || first.inter == Some(CIVILIANS) && second.inter.is_none();
    let violent =
        matches!(kind, "Violence against civilians" | "Explosions/Remote violence") || sub.starts_with("Excessive");
    let crowd =
        row.incident.figures.get("participants").and_then(|claims| claims.first()).map(|claim| claim.text.as_str());
    let cells = [
        format!("{}-{}", country.code, row.incident.id),
        date.to_string(),
        date.year().to_string(),
        time_precision.to_string(),
        disorder(kind, sub).to_string(),
        kind.to_string(),
        sub.to_string(),
        first.name.clone(),
        first.others.clone(),
        first.label(),
        second.name.clone(),
        second.others.clone(),
        second.label(),
        interaction(first.inter, second.inter),
        if civilians && violent { "Civilian targeting".to_string() } else { String::new() },
        country.numeric.trim_start_matches('0').to_string(),
        country.region.to_string(),
        country.name.to_string(),
        place.province.unwrap_or_default(),
        String::new(),
        String::new(),
        place.resolved_place.unwrap_or_default(),
        place.lat.map(|lat| format!("{lat:.4}")).unwrap_or_default(),
        place.lon.map(|lon| format!("{lon:.4}")).unwrap_or_default(),
        geo_precision.to_string(),
        sources(row),
        String::new(),
        notes(best, date, time_precision),
        dead.to_string(),
        crowd.map(|crowd| format!("crowd size={}", crowd.replace(';', ","))).unwrap_or_default(),
        number(timestamp(row)),
        rule.to_string(),
        format!("not ACLED data: coded by {CODER}"),
    ];
    Some(sheet::comma(cells.into_iter()))
}

const STRATEGIC: &str = "Strategic developments";

/// ACLED's event and sub-event types from the highest to the lowest: where tactics concur the higher one is coded.
pub const TYPES: [(&str, &str); 25] = [
    ("Battles", "Government regains territory"),
    ("Battles", "Non-state actor overtakes territory"),
    ("Battles", "Armed clash"),
    ("Protests", "Excessive force against protesters"),
    ("Protests", "Protest with intervention"),
    ("Protests", "Peaceful protest"),
    ("Riots", "Violent demonstration"),
    ("Riots", "Mob violence"),
    ("Explosions/Remote violence", "Chemical weapon"),
    ("Explosions/Remote violence", "Air/drone strike"),
    ("Explosions/Remote violence", "Suicide bomb"),
    ("Explosions/Remote violence", "Shelling/artillery/missile attack"),
    ("Explosions/Remote violence", "Remote explosive/landmine/IED"),
    ("Explosions/Remote violence", "Grenade"),
    ("Violence against civilians", "Sexual violence"),
    ("Violence against civilians", "Attack"),
    ("Violence against civilians", "Abduction/forced disappearance"),
    (STRATEGIC, "Agreement"),
    (STRATEGIC, "Arrests"),
    (STRATEGIC, "Change to group/activity"),
    (STRATEGIC, "Disrupted weapons use"),
    (STRATEGIC, "Headquarters or base established"),
    (STRATEGIC, "Looting/property destruction"),
    (STRATEGIC, "Non-violent transfer of territory"),
    (STRATEGIC, "Other"),
];

/// The type that stands highest of those the modes stand for; `None` for acts that ACLED does not code.
fn kind(row: &Row, best: &RecordJson, dead: u64) -> Option<(&'static str, &'static str)> {
    let subs: Vec<&str> = match row.incident.event.as_str() {
        "ASSAULT" => assault(&row.incident.mode, best, dead),
        "PROTEST" if row.incident.mode.iter().any(|mode| matches!(mode.as_str(), "riot" | "vandalize")) => {
            vec!["Violent demonstration"]
        }
        "PROTEST" => vec!["Peaceful protest"],
        "COERCE" if row.incident.mode.iter().any(|mode| mode == "arrest") => vec!["Arrests"],
        "COERCE" | "MOBILIZE" => vec!["Other"],
        "RETREAT" => row
            .incident
            .mode
            .iter()
            .filter_map(|mode| match mode.as_str() {
                "ceasefire" => Some("Agreement"),
                "withdraw" | "disarm" => Some("Change to group/activity"),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    TYPES.into_iter().find(|(_, sub)| subs.contains(sub))
}

fn assault(modes: &[String], best: &RecordJson, dead: u64) -> Vec<&'static str> {
    let armed = |parties: &[EntityJson]| parties.iter().any(|party| party.sector.iter().any(|sector| is_armed(sector)));
    let marching = best
        .recipient
        .iter()
        .any(|party| words(party).any(|word| word.starts_with("protest") || word.starts_with("demonstrat")));
    let both = armed(&best.actor) && armed(&best.recipient);
    let plain = if both { "Armed clash" } else { "Attack" };
    if modes.is_empty() {
        return vec![plain];
    }
    let each = modes.iter().map(|mode| match mode.as_str() {
        "unconventional" => "Chemical weapon",
        "aerial" | "drone" => "Air/drone strike",
        "suicide-attack" => "Suicide bomb",
        "heavy-weapons" => "Shelling/artillery/missile attack",
        "explosives" => "Remote explosive/landmine/IED",
        "sexual" => "Sexual violence",
        "abduct" => "Abduction/forced disappearance",
        "destroy" => "Looting/property destruction",
        "crowd-control" if dead > 0 => "Excessive force against protesters",
        "crowd-control" => "Protest with intervention",
        _ if marching => "Excessive force against protesters",
        _ => plain,
    });
    each.collect()
}

fn words(party: &EntityJson) -> impl Iterator<Item = &str> {
    party.entity_text.iter().flat_map(|text| text.split_whitespace())
}

fn is_armed(sector: &str) -> bool {
    matches!(sector, "MIL" | "COP" | "REB" | "UAF" | "PRM" | "SPY")
}

/// Political violence, demonstrations, strategic developments; excessive force against protesters is both of the first two.
fn disorder(kind: &str, sub: &str) -> &'static str {
    match kind {
        STRATEGIC => STRATEGIC,
        _ if sub == "Excessive force against protesters" => "Political violence; Demonstrations",
        "Protests" => "Demonstrations",
        "Riots" if sub == "Violent demonstration" => "Demonstrations",
        _ => "Political violence",
    }
}

/// ACLED's kinds of actors, in the order of their former numbers.
pub const INTER: [&str; 8] = [
    "State forces",
    "Rebel group",
    "Political militia",
    "Identity militia",
    "Rioters",
    "Protesters",
    CIVILIANS,
    "External/Other forces",
];

const CIVILIANS: &str = "Civilians";

/// One side of an event.
struct Side {
    name: String,
    others: String,
    inter: Option<&'static str>,
}

impl Side {
    fn label(&self) -> String {
        self.inter.unwrap_or_default().to_string()
    }
}

fn side(parties: &[EntityJson], kind: &str, acts: bool, country: &str) -> Side {
    let name = |party: &EntityJson| party.identifier_text.clone().or(party.entity_text.clone()).unwrap_or_default();
    let others: Vec<String> = parties.iter().skip(1).map(|party| name(party).replace(';', ",")).collect();
    let inter = parties.first().map(|party| match kind {
        "Protests" if acts && !party.sector.iter().any(|sector| is_armed(sector)) => "Protesters",
        "Riots" if acts => "Rioters",
        _ => inter(party, country),
    });
    Side { name: parties.first().map(name).unwrap_or_default(), others: others.join("; "), inter }
}

/// State forces abroad are external forces, unidentified armed groups political militias.
fn inter(party: &EntityJson, country: &str) -> &'static str {
    let has = |names: &[&str]| party.sector.iter().any(|sector| names.contains(&sector.as_str()));
    let state = has(&["MIL", "COP", "GOV", "SPY", "JUD", "LEG"]);
    match party.code.as_deref() {
        _ if has(&["REB"]) => "Rebel group",
        _ if has(&["UAF", "PRM", "PTY", "CRM"]) => "Political militia",
        Some(code) if state && code != country => "External/Other forces",
        _ if state => "State forces",
        Some("UNO" | "IGO" | "EUR") => "External/Other forces",
        _ => CIVILIANS,
    }
}

/// Both kinds, the lower number first, whoever acts; one alone is "only".
fn interaction(first: Option<&str>, second: Option<&str>) -> String {
    let rank = |name: &&str| INTER.iter().position(|inter| inter == name);
    let mut sides: Vec<&str> = [first, second].into_iter().flatten().collect();
    sides.sort_by_key(rank);
    match sides[..] {
        [one] => format!("{one} only"),
        [one, other] => format!("{one}-{other}"),
        _ => String::new(),
    }
}

/// The lowest figure of all that are claimed, 0 where there is none, and the rule that made it. Words count as ACLED counts them:
/// "dozens" 12, "hundreds" 100, "several", "many" and "few" 3.
pub fn fatalities(claims: &[Claimed]) -> (u64, &'static str) {
    let figures = claims.iter().filter_map(figure);
    match figures.min_by_key(|(number, _)| *number) {
        Some((number, _))
            if claims.len() > 1 && claims.iter().any(|claim| figure(claim).map(|f| f.0) != Some(number)) =>
        {
            (number, "lowest of conflicting reports")
        }
        Some(figure) => figure,
        None => (0, "no figure reported"),
    }
}

fn figure(claim: &Claimed) -> Option<(u64, &'static str)> {
    let text = claim.text.to_lowercase();
    let says = |word: &str| text.split(|c: char| !c.is_alphanumeric()).any(|said| said == word);
    let digits = text.contains(|c: char| c.is_ascii_digit());
    match () {
        () if digits => claim.min.or(claim.max).map(|number| (number, "as reported")),
        () if says("dozens") => Some((12, "dozens = 12")),
        () if says("hundreds") => Some((100, "hundreds = 100")),
        () if (says("several") || says("many") || says("few"))
            && !says("hundred")
            && !says("dozen")
            && !says("thousand") =>
        {
            Some((3, "several, many, few = 3"))
        }
        () => claim.min.or(claim.max).map(|number| (number, "as reported")),
    }
}

/// The day and how exact it is: 1 the day, 2 within a week (its middle), 3 within a month (its middle); nothing vaguer.
fn day(first: Option<&str>, last: Option<&str>) -> Option<(Date, u8)> {
    let parse = |day: Option<&str>| day.and_then(|day| day.parse::<Date>().ok());
    let first = parse(first).or(parse(last))?;
    let last = parse(last).unwrap_or(first).max(first);
    let days = first.until(last).ok()?.get_days();
    let middle = first.checked_add(Span::new().days(days / 2)).ok()?;
    match days {
        0 => Some((first, 1)),
        1..=6 => Some((middle, 2)),
        7..=30 => Some((middle, 3)),
        _ => None,
    }
}

/// The publications, each once; one that is not disclosed as ACLED words it.
fn sources(row: &Row) -> String {
    let mut names: Vec<String> = Vec::new();
    for record in row.records {
        let name = record.cite_info.as_ref().and_then(|cite| cite.publication.clone());
        let name = name.unwrap_or("Undisclosed Source".to_string()).replace(';', ",");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join("; ")
}

/// One paragraph: the day and the sentence.
fn notes(best: &RecordJson, date: Date, precision: u8) -> String {
    let when = match precision {
        1 => date.strftime("On %-d %B %Y").to_string(),
        2 => date.strftime("Around %-d %B %Y (week)").to_string(),
        _ => date.strftime("Around %-d %B %Y (month)").to_string(),
    };
    let certainty = match best.certainty.as_deref() {
        Some("alleged") => " [alleged]",
        Some("disputed") => " [disputed]",
        _ => "",
    };
    format!("{when}{certainty}: {}", sheet::flat(best.text.as_deref().unwrap_or_default()))
}

/// Midnight, UTC, of the day of the last report, in seconds since 1970.
fn timestamp(row: &Row) -> Option<i64> {
    let last: Date = row.incident.last.as_deref()?.parse().ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from(epoch.until(last).ok()?.get_days()) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::json::{FigureJson, Figures};
    use crate::export::sample;

    fn claim(min: Option<u64>, max: Option<u64>, text: &str) -> Claimed {
        Claimed { min, max, text: text.into(), ..Claimed::default() }
    }

    fn cell(name: &str, change: impl Fn(&mut RecordJson)) -> String {
        let out = sample::written("acled-like", change);
        let mut rows = csv::ReaderBuilder::new().from_reader(out.as_bytes());
        let at = rows.headers().unwrap().iter().position(|column| column == name).unwrap();
        rows.records().next().map(|row| row.unwrap()[at].to_string()).unwrap_or("no row".into())
    }

    fn attack(record: &mut RecordJson, modes: &[&str]) {
        record.event = Some("ASSAULT".into());
        record.mode = modes.iter().map(|mode| mode.to_string()).collect();
    }

    #[test]
    fn vague_words_count_as_acled_counts_them() {
        assert_eq!(fatalities(&[claim(Some(24), Some(99), "dozens")]), (12, "dozens = 12"));
        assert_eq!(fatalities(&[claim(Some(200), Some(999), "Hundreds")]).0, 100);
        assert_eq!(fatalities(&[claim(Some(3), Some(9), "several")]).0, 3);
        assert_eq!(fatalities(&[claim(None, None, "many")]).0, 3);
        assert_eq!(fatalities(&[claim(Some(300), Some(900), "several hundred")]).0, 300);
        assert_eq!(fatalities(&[claim(Some(45), None, "at least 45")]), (45, "as reported"));
        assert_eq!(fatalities(&[]), (0, "no figure reported"));
    }

    #[test]
    fn of_conflicting_reports_the_lowest_counts() {
        let claims = [claim(Some(15), Some(15), "15"), claim(Some(24), Some(99), "dozens")];
        assert_eq!(fatalities(&claims), (12, "lowest of conflicting reports"));
        assert_eq!(fatalities(&[claim(Some(0), Some(0), "no"), claim(Some(2), Some(2), "two")]).0, 0);
    }

    #[test]
    fn arrests_are_strategic_developments_and_fatalities_a_number() {
        assert_eq!((cell("event_type", |_| ()), cell("sub_event_type", |_| ())), (STRATEGIC.into(), "Arrests".into()));
        assert_eq!(
            (cell("fatalities", |_| ()), cell("iso", |_| ()), cell("time_precision", |_| ())),
            ("0".into(), "792".into(), "1".into())
        );
        assert!(cell("not_acled", |_| ()).starts_with("not ACLED data"));
    }

    #[test]
    fn concurrent_tactics_collapse_to_the_highest() {
        assert_eq!(
            cell("sub_event_type", |record| attack(record, &["abduct", "drone", "firearms"])),
            "Air/drone strike"
        );
        let clash = |record: &mut RecordJson| {
            attack(record, &["explosives", "firearms"]);
            record.recipient[0].sector = vec!["REB".into()];
        };
        assert_eq!(cell("sub_event_type", clash), "Armed clash");
    }

    #[test]
    fn interaction_goes_by_number_not_by_who_acts() {
        assert_eq!(interaction(Some(CIVILIANS), Some("State forces")), "State forces-Civilians");
        assert_eq!(interaction(Some("Protesters"), None), "Protesters only");
        let abroad = |record: &mut RecordJson| {
            attack(record, &[]);
            record.actor[0].code = Some("RUS".into());
        };
        assert_eq!(cell("inter1", abroad), "External/Other forces");
    }

    #[test]
    fn the_first_actor_is_never_blank_beside_a_second() {
        let nobody = |record: &mut RecordJson| {
            attack(record, &["explosives"]);
            record.actor.clear();
        };
        assert_eq!((cell("inter1", nobody), cell("actor2", nobody)), (CIVILIANS.into(), String::new()));
        assert_eq!(cell("civilian_targeting", nobody), "Civilian targeting");
    }

    #[test]
    fn nothing_vaguer_than_a_month_and_nothing_of_a_whole_country() {
        assert_eq!(day(Some("2024-03-04"), Some("2024-03-10")), Some((jiff::civil::date(2024, 3, 7), 2)));
        assert_eq!(day(Some("2024-03-01"), Some("2024-03-31")), Some((jiff::civil::date(2024, 3, 16), 3)));
        assert_eq!(day(Some("2024-01-01"), Some("2024-12-31")), None);
        let country = |record: &mut RecordJson| {
            attack(record, &[]);
            record.event_loc.as_mut().unwrap().resolution = Some("country".into());
        };
        assert_eq!(cell("event_type", country), "no row");
        assert_eq!(cell("event_type", |record| record.auxiliary = vec!["future".into()]), "no row");
        assert_eq!(cell("event_type", |record| record.event = Some("ACCUSE".into())), "no row");
    }

    #[test]
    fn dead_in_the_record_reach_the_row() {
        let dead = |record: &mut RecordJson| {
            attack(record, &[]);
            let figure =
                FigureJson { min: Some(24), max: Some(99), text: Some("dozens".into()), ..FigureJson::default() };
            record.size.insert("dead".into(), Some(Figures::One(figure)));
        };
        assert_eq!((cell("fatalities", dead), cell("fatalities_rule", dead)), ("12".into(), "dozens = 12".into()));
    }
}
