//! Records as PLOVER 2.0 JSON lines (PLOVER manual, "Data Fields"), one object a record. What PLOVER has no field for stands
//! under `dateline`. Fields about a person's faith, origin, sex or age are never written (DESIGN.md, "People and harm").

use super::json::{EntityJson, Figures, PlaceJson, RecordJson};
use super::{Export, Row};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Writes a line for each record.
pub struct Records;

impl Export for Records {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        for record in row.records {
            serde_json::to_writer(&mut *out, &object(record, row)).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Categories are a list in PLOVER, and "historical", "future", "hypothetical", "negation" are modes (manual, "Auxiliary modes").
fn object(record: &RecordJson, row: &Row) -> Value {
    let modes: Vec<&String> = record.mode.iter().chain(&record.auxiliary).collect();
    let others = row.records.iter().filter(|other| other.id != record.id).filter_map(|other| other.id.as_deref());
    let mut object = json!({
        "id": record.id,
        "has_event": true,
        "date": record.date,
        "actor": record.actor.iter().map(entity).collect::<Vec<_>>(),
        "event": [record.event],
        "mode": modes,
        "quad_code": record.quad_code,
        "event_scale": record.event_scale,
        "context": record.context,
        "event_text": record.mentions.iter().filter_map(|words| words.text.as_deref()).collect::<Vec<_>>(),
        "coder": record.coder,
        "cite_info": cite_info(record),
        "dateline": more(record, row),
    });
    let mut add = |name: &str, value: Value| {
        if !(value.is_null() || value == json!([]) || value == json!({})) {
            object[name] = value;
        }
    };
    add("enddate", json!(record.enddate));
    add("recipient", json!(record.recipient.iter().map(entity).collect::<Vec<_>>()));
    add("event_loc", record.event_loc.as_ref().map_or(Value::Null, location));
    add("size", size(record));
    add("link", json!(others.collect::<Vec<_>>()));
    add("text", json!(record.text));
    add("text_info", text_info(record));
    object
}

fn entity(entity: &EntityJson) -> Value {
    let mut object = json!({"code": entity.code, "sector": entity.sector, "entity_text": entity.entity_text});
    if let Some((id, text)) = entity.identifier_id.as_ref().zip(entity.identifier_text.as_ref()) {
        object["identifier_id"] = json!(id);
        object["identifier_text"] = json!(text);
    }
    object
}

fn location(place: &PlaceJson) -> Value {
    json!({
        "extracted_place": place.extracted_place,
        "resolved_place": place.resolved_place,
        "geonameid": place.geonameid,
        "lat": place.lat,
        "lon": place.lon,
        "city": place.city,
        "province": place.province,
        "country": place.country_code.as_deref().and_then(crate::codes::country).map(|country| country.name),
        "country_code": place.country_code,
        "feature_class": place.feature_code.as_deref().and_then(feature_class),
        "feature_code": place.feature_code,
        "resolution": place.resolution.as_deref().and_then(resolution),
    })
}

/// 5 below a city, 4 city, 3 district, 2 province, 1 country; a region across borders has none.
fn resolution(name: &str) -> Option<u8> {
    match name {
        "site" => Some(5),
        "city" => Some(4),
        "district" => Some(3),
        "province" => Some(2),
        "country" => Some(1),
        _ => None,
    }
}

/// GeoNames' class of a feature code.
fn feature_class(code: &str) -> Option<&'static str> {
    match code {
        code if code.starts_with("PPL") || code == "STLMT" => Some("P"),
        code if code.starts_with("ADM") || code.starts_with("PCL") || matches!(code, "TERR" | "ZN") => Some("A"),
        "RGN" | "CONT" | "CAMP" | "RES" | "MILB" => Some("L"),
        "MT" | "ISL" | "PASS" | "MTS" | "ISLS" => Some("T"),
        "AIRP" | "PRN" | "MSQE" | "CTRB" | "HTL" | "SCH" | "HSP" => Some("S"),
        _ => None,
    }
}

/// The first figure of each kind as one number, its lower end where it has one; all figures stand under `dateline`.
fn size(record: &RecordJson) -> Value {
    let first = |figures: &Figures| figures.iter().find_map(|figure| figure.min.or(figure.max));
    let numbers =
        record.size.iter().filter_map(|(kind, figures)| Some((kind.clone(), first(figures.as_ref()?)?.into())));
    Value::Object(numbers.collect::<Map<_, _>>())
}

fn text_info(record: &RecordJson) -> Value {
    let Some(info) = &record.text_info else { return Value::Null };
    json!({"sequence": info.sentence, "start": info.start, "end": info.end, "text_story": record.report})
}

fn cite_info(record: &RecordJson) -> Value {
    let cite = record.cite_info.clone().unwrap_or_default();
    json!({
        "title": cite.title,
        "url": cite.url,
        "publication": cite.publication,
        "published": cite.published,
        "language": cite.language,
        "coder": record.coder,
        "codebook": "Dateline codebook 1, PLOVER 2.0",
        "content_hash": cite.content_hash,
        "via": cite.via,
    })
}

fn more(record: &RecordJson, row: &Row) -> Value {
    json!({
        "incident": row.incident.id,
        "report": record.report,
        "cameo": record.cameo,
        "mentions": record.mentions,
        "date_basis": record.date_basis,
        "date_text": record.date_text,
        "timex": record.timex,
        "size": record.size,
        "attribution": record.attribution,
        "auxiliary": record.auxiliary,
        "certainty": record.certainty,
        "confidence": record.confidence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::sample;
    use crate::ontology::EventType;

    fn line(change: impl Fn(&mut RecordJson)) -> Value {
        serde_json::from_str(&sample::written("plover-jsonl", change)).unwrap()
    }

    #[test]
    fn categories_are_a_list_and_auxiliaries_are_modes() {
        let line = line(|record| record.auxiliary = vec!["historical".into()]);
        assert_eq!((&line["event"], &line["mode"]), (&json!(["COERCE"]), &json!(["arrest", "historical"])));
        assert_eq!(line["size"], json!({"arrested": 12}));
        assert_eq!(line["event_loc"]["resolution"], 4);
        assert_eq!(line["event_loc"]["feature_class"], "P");
    }

    #[test]
    fn required_fields_are_always_there() {
        let bare = line(|record| *record = RecordJson { id: Some("x".into()), ..RecordJson::default() });
        for field in ["id", "date", "actor", "event"] {
            assert!(bare.get(field).is_some(), "{field}");
        }
    }

    #[test]
    fn accuse_scores_below_zero_and_sanction_is_material_conflict() {
        assert_eq!(EventType::Accuse.scale(), -3.0);
        assert_eq!(EventType::Sanction.quad_code(), 4);
        assert_eq!(EventType::ALL.iter().filter(|event| event.quad_code() == 3 && event.scale() > 0.0).count(), 0);
    }

    #[test]
    fn no_field_tells_faith_origin_sex_or_age() {
        let line = line(|_| ()).to_string();
        for field in ["religion", "ethnicity", "gender", "\"age\""] {
            assert!(!line.contains(field), "{field}");
        }
    }
}
