//! ACLED's CSV export. Battles have no attacker, so that both sides are actors; 0 fatalities may mean "not known" and are no figure.
//! Sub-events that PLOVER has no category for ("Other", "Change to group/activity") are errors of their row.

use super::table::{self, Cells, Style, day};
use super::{Event, Imported, Rows, party};
use crate::Result;
use crate::codes;
use crate::export::json::{CiteInfo, EntityJson, FigureJson, Figures, PlaceJson};
use crate::ontology::{EventType, Mode};
use jiff::Span;
use jiff::civil::Date;
use std::io::Read;

/// Reads the rows.
pub fn read<'r>(file: &str, input: &'r mut dyn Read) -> Rows<'r> {
    table::rows(file, input, Style::Comma, &["event_id_cnty", "event_date", "sub_event_type", "country"], |_| None, row)
}

fn row(cells: &Cells) -> Result<Imported> {
    let sub = cells.need("sub_event_type")?;
    let (event, mode) = category(&sub)
        .ok_or_else(|| cells.odd("sub_event_type", &sub, "one that PLOVER has a category for; the row is left out"))?;
    let date_text = cells.need("event_date")?;
    let date = day(&date_text).ok_or_else(|| cells.odd("event_date", &date_text, "a day such as 2024-03-04"))?;
    let (date, enddate) = reach(date, cells.number::<u8>("time_precision")?.unwrap_or(1));
    let name = cells.need("country")?;
    let number = cells.get("iso").map(|iso| format!("{iso:0>3}"));
    let country = codes::country_where(|country| number.as_deref() == Some(country.numeric))
        .or_else(|| codes::country_where(|country| country.name == name));
    let code = country.map(|country| country.code);
    let [first, second] = [sides(cells, 1, code), sides(cells, 2, code)];
    let shot_at = sub == "Excessive force against protesters"
        && cells.get("inter1").is_some_and(|inter| is(&inter, "Protesters"));
    let (actor, recipient) = match () {
        () if cells.get("event_type").as_deref() == Some("Battles") => ([first, second].concat(), Vec::new()),
        () if shot_at => (second, first),
        () => (first, second),
    };
    let id = cells.need("event_id_cnty")?;
    let event = Event {
        set: "acled",
        id: &id,
        event: Some(event),
        mode: mode.into_iter().collect(),
        cameo: None,
        actor,
        recipient,
        date: Some(date),
        enddate: Some(enddate),
        place: place(cells, code)?,
        cite: CiteInfo { publication: cells.get("source").map(|source| source.to_string()), ..CiteInfo::default() },
    };
    let dead = cells.number::<u64>("fatalities")?.filter(|dead| *dead > 0);
    let imported = event.imported(|record| {
        if let Some(dead) = dead {
            let text = Some(dead.to_string());
            let figure = FigureJson { min: Some(dead), max: Some(dead), text, ..FigureJson::default() };
            record.size.insert("dead".into(), Some(Figures::One(figure)));
        }
    });
    imported.ok_or_else(|| cells.odd("sub_event_type", &sub, "a category"))
}

/// Precision 1 is the day, 2 the week around it, 3 its month.
fn reach(date: Date, precision: u8) -> (Date, Date) {
    let days = Span::new().days(3);
    match precision {
        2 => (date.saturating_sub(days), date.saturating_add(days)),
        3 => (date.first_of_month(), date.last_of_month()),
        _ => (date, date),
    }
}

fn category(sub: &str) -> Option<(EventType, Option<Mode>)> {
    use EventType::*;
    let (event, mode) = match sub {
        "Government regains territory" | "Non-state actor overtakes territory" | "Armed clash" => (Assault, ""),
        "Excessive force against protesters" => (Assault, "crowd-control"),
        "Protest with intervention" | "Peaceful protest" => (Protest, "demo"),
        "Violent demonstration" => (Protest, "riot"),
        "Mob violence" | "Attack" => (Assault, ""),
        "Chemical weapon" => (Assault, "unconventional"),
        "Air/drone strike" => (Assault, "aerial"),
        "Suicide bomb" => (Assault, "suicide-attack"),
        "Shelling/artillery/missile attack" => (Assault, "heavy-weapons"),
        "Remote explosive/landmine/IED" | "Grenade" => (Assault, "explosives"),
        "Sexual violence" => (Assault, "sexual"),
        "Abduction/forced disappearance" => (Assault, "abduct"),
        "Agreement" => (Support, ""),
        "Arrests" => (Coerce, "arrest"),
        "Disrupted weapons use" => (Coerce, "seize"),
        "Headquarters or base established" => (Mobilize, "troops"),
        "Looting/property destruction" => (Assault, "destroy"),
        "Non-violent transfer of territory" => (Retreat, "withdraw"),
        _ => return None,
    };
    Some((event, Mode::of(event, mode)))
}

/// The kinds of actors, by name or by the number they once had.
fn is(inter: &str, name: &str) -> bool {
    inter == name
        || crate::export::acled::INTER
            .iter()
            .position(|known| *known == name)
            .is_some_and(|at| inter == (at + 1).to_string())
}

/// The actor of one side and those associated with it.
fn sides(cells: &Cells, side: u8, country: Option<&str>) -> Vec<EntityJson> {
    let Some(name) = cells.get(&format!("actor{side}")) else { return Vec::new() };
    let inter = cells.get(&format!("inter{side}")).unwrap_or_default();
    let sector = match () {
        () if name.starts_with("Unidentified") => "UAF",
        () if is(&inter, "State forces") || is(&inter, "External/Other forces") => {
            if name.to_lowercase().contains("police") { "COP" } else { "MIL" }
        }
        () if is(&inter, "Rebel group") => "REB",
        () if is(&inter, "Political militia") || is(&inter, "Identity militia") => "PRM",
        () if inter.is_empty() => "",
        () => "CVL",
    };
    let sector: Vec<String> = (!sector.is_empty()).then(|| sector.to_string()).into_iter().collect();
    let home = (!is(&inter, "External/Other forces")).then_some(country).flatten();
    let mut sides = vec![party(&name, None, sector, home)];
    if let Some(others) = cells.get(&format!("assoc_actor_{side}")) {
        sides.extend(
            others
                .split(';')
                .map(str::trim)
                .filter(|other| !other.is_empty())
                .map(|other| party(other, None, Vec::new(), home)),
        );
    }
    sides
}

fn place(cells: &Cells, country: Option<&str>) -> Result<Option<PlaceJson>> {
    let Some(name) = cells.get("location") else { return Ok(None) };
    let resolution = match cells.get("geo_precision").as_deref() {
        Some("3") => "province",
        Some("2") => "district",
        _ => "city",
    };
    Ok(Some(PlaceJson {
        city: (resolution == "city").then(|| name.to_string()),
        resolved_place: Some(name.into_owned()),
        lat: cells.number("latitude")?,
        lon: cells.number("longitude")?,
        province: cells.get("admin1").map(|admin| admin.to_string()),
        country_code: country.map(str::to_string),
        resolution: Some(resolution.to_string()),
        ..PlaceJson::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &str) -> Vec<Result<Imported>> {
        let header = "event_id_cnty,event_date,time_precision,event_type,sub_event_type,actor1,inter1,actor2,inter2,iso,country,\
                      admin1,location,latitude,longitude,geo_precision,fatalities\n";
        let file = format!("\u{feff}{header}{body}");
        let mut input = file.as_bytes();
        read("a.csv", &mut input).collect()
    }

    #[test]
    fn battles_have_two_actors_and_no_recipient() {
        let rows = rows(
            "X1,04 March 2024,1,Battles,Armed clash,Military Forces of Chad,1,Hill Front,Rebel group,148,Chad,Lac,Bol,13.4,14.7,1,0\n",
        );
        let record = &rows[0].as_ref().unwrap().record;
        assert_eq!((record.actor.len(), record.recipient.len()), (2, 0));
        assert_eq!((record.actor[0].code.as_deref(), record.actor[1].sector[0].as_str()), (Some("TCD"), "REB"));
        assert!(record.size.is_empty(), "0 may mean not known");
    }

    #[test]
    fn precision_widens_the_date_and_figures_stay() {
        let rows = rows(
            "X2,2024-03-04,3,Violence against civilians,Attack,Unidentified Armed Group,3,Civilians,7,,Chad,Lac,Bol,13.4,14.7,1,4\n",
        );
        let record = &rows[0].as_ref().unwrap().record;
        assert_eq!((record.date.as_deref(), record.enddate.as_deref()), (Some("2024-03-01"), Some("2024-03-31")));
        assert_eq!(record.actor[0].sector, ["UAF"]);
        assert_eq!(record.size["dead"].as_ref().unwrap().iter().next().unwrap().min, Some(4));
    }

    #[test]
    fn what_plover_has_no_category_for_is_said() {
        let rows = rows(
            "X3,2024-03-04,1,Strategic developments,Other,A,1,,,148,Chad,Lac,Bol,1,1,1,0\n\
             X4,soon,1,Protests,Peaceful protest,P,6,,,148,Chad,L,B,1,1,1,0\n",
        );
        let messages: Vec<String> = rows.into_iter().map(|row| row.unwrap_err().to_string()).collect();
        assert!(messages[0].starts_with("a.csv, line 2: sub_event_type: found \"Other\""), "{messages:?}");
        assert!(messages[1].starts_with("a.csv, line 3: event_date: found \"soon\""), "{messages:?}");
    }
}
