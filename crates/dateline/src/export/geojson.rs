//! Incidents and records as GeoJSON (RFC 7946): WGS84, longitude first, `geometry` null where the place is not known, the
//! certainty of the place in `resolution`, coordinates never shifted.

use super::json::RecordJson;
use super::{Export, Row};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes a feature for each incident.
#[derive(Debug, Default)]
pub struct Incidents {
    features: Features,
}

/// Writes a feature for each record.
#[derive(Debug, Default)]
pub struct Records {
    features: Features,
}

/// A `FeatureCollection` in the writing.
#[derive(Debug, Default)]
struct Features {
    written: bool,
}

impl Features {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")
    }

    fn add(&mut self, feature: &Value, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.written { b",\n" } else { b"\n" })?;
        self.written = true;
        serde_json::to_writer(&mut *out, feature).map_err(io::Error::from)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }
}

impl Export for Incidents {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.features.begin(out)
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let Some(best) = row.best() else { return Ok(()) };
        let incident = row.incident;
        let mut properties = said(best);
        properties["event"] = json!(incident.event);
        properties["mode"] = json!(incident.mode);
        properties["certainty"] = json!(incident.certainty);
        properties["date"] = json!(incident.date);
        properties["enddate"] = json!(incident.enddate);
        properties["first"] = json!(incident.first);
        properties["last"] = json!(incident.last);
        properties["reports"] = json!(row.reports().len());
        properties["origins"] = json!(incident.origins.len());
        properties["figures"] = json!(incident.figures);
        self.features.add(&feature(&incident.id, best, properties), out)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.features.end(out)
    }
}

impl Export for Records {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.features.begin(out)
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        for record in row.records {
            let mut properties = said(record);
            properties["incident"] = json!(row.incident.id);
            properties["report"] = json!(record.report);
            properties["figures"] = json!(record.size);
            properties["confidence"] = json!(record.confidence);
            self.features.add(&feature(record.id.as_deref().unwrap_or_default(), record, properties), out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.features.end(out)
    }
}

fn feature(id: &str, record: &RecordJson, properties: Value) -> Value {
    json!({"type": "Feature", "id": id, "geometry": geometry(record), "properties": properties})
}

/// A point, longitude first; null where there is none on this earth.
fn geometry(record: &RecordJson) -> Value {
    let place = record.event_loc.as_ref();
    let point = place.and_then(|place| place.lon.zip(place.lat));
    match point.filter(|(lon, lat)| lon.abs() <= 180.0 && lat.abs() <= 90.0) {
        Some((lon, lat)) => json!({"type": "Point", "coordinates": [lon, lat]}),
        None => Value::Null,
    }
}

/// What a record says, flat, as map programs read it.
fn said(record: &RecordJson) -> Value {
    let place = record.event_loc.clone().unwrap_or_default();
    let cite = record.cite_info.clone().unwrap_or_default();
    let names = |entities: &[super::json::EntityJson]| {
        let names = entities.iter().filter_map(|entity| entity.entity_text.clone());
        names.collect::<Vec<_>>().join("; ")
    };
    json!({
        "event": record.event,
        "mode": record.mode,
        "quad_code": record.quad_code,
        "event_scale": record.event_scale,
        "date": record.date,
        "enddate": record.enddate,
        "actor": names(&record.actor),
        "recipient": names(&record.recipient),
        "place": place.resolved_place,
        "country_code": place.country_code,
        "resolution": place.resolution,
        "certainty": record.certainty,
        "auxiliary": record.auxiliary,
        "text": record.text,
        "title": cite.title,
        "publication": cite.publication,
        "published": cite.published,
        "url": cite.url,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::sample;

    #[test]
    fn longitude_stands_first_and_unknown_places_are_null() {
        let out = sample::written("geojson", |_| ());
        let feature = serde_json::from_str::<Value>(&out).unwrap()["features"][0].clone();
        assert_eq!(feature["geometry"], json!({"type": "Point", "coordinates": [27.14, 38.41]}));
        assert_eq!(feature["properties"]["resolution"], "city");
        let nowhere = sample::written("geojson-records", |record| record.event_loc = None);
        assert_eq!(serde_json::from_str::<Value>(&nowhere).unwrap()["features"][0]["geometry"], Value::Null);
    }

    #[test]
    fn no_rows_make_an_empty_collection() {
        let mut out = Vec::new();
        let mut export = Incidents::default();
        export.begin(&mut out).unwrap();
        export.end(&mut out).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&out).unwrap()["features"], json!([]));
    }
}
