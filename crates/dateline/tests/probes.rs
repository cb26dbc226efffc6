//! Probes: kinds of sentence that a coder of events must not get wrong, ten variants of each (`probes.toml`).

use dateline::record::{Auxiliary, Certainty, Record, SizeKind};
use dateline::{Coder, Report};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Probe {
    why: String,
    /// How many of the ten must be right: what was measured when the floor was set; ten are wanted.
    least: usize,
    #[serde(default)]
    texts: Vec<String>,
    #[serde(default)]
    records: Vec<Wanted>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wanted {
    text: String,
    event: Option<String>,
    actor: Option<String>,
    recipient: Option<String>,
    source: Option<String>,
    sources: Vec<String>,
    dead: Option<u64>,
}

/// Checks every text of a probe; `wrong` says what is wrong with the records of one, or nothing.
fn probe(name: &str, wrong: impl Fn(&Wanted, &[Record]) -> Option<String>) {
    let probes: BTreeMap<String, Probe> = toml::from_str(include_str!("probes.toml")).expect("probes.toml");
    let probe = &probes[name];
    let coder = Coder::english().expect("model");
    let texts = probe.texts.iter().map(|t| Wanted { text: t.clone(), ..Wanted::default() });
    let given = probe.records.iter().map(|r| Wanted {
        text: r.text.clone(),
        event: r.event.clone(),
        actor: r.actor.clone(),
        recipient: r.recipient.clone(),
        source: r.source.clone(),
        sources: r.sources.clone(),
        dead: r.dead,
    });
    let wanted: Vec<Wanted> = texts.chain(given).collect();
    assert_eq!(wanted.len(), 10, "{name}: ten variants expected");
    let failures: Vec<String> = wanted
        .iter()
        .filter_map(|w| {
            let doc = coder.annotate(Report { text: w.text.clone(), ..Report::default() });
            let records = coder.code(&doc);
            let told: Vec<String> = records.iter().map(|r| told(&w.text, r)).collect();
            wrong(w, &records).map(|message| format!("{}\n    {message}; found {told:?}", w.text))
        })
        .collect();
    let right = wanted.len() - failures.len();
    println!("{name}: {right} of 10\n{}", failures.join("\n"));
    assert!(right >= probe.least, "{}: {right} of 10, {} expected\n{}", probe.why, probe.least, failures.join("\n"));
}

/// As [`probe`], for what concerns the record of the act alone; a text without one is wrong.
fn probe_act(name: &str, wrong: impl Fn(&Wanted, &Record) -> Option<String>) {
    probe(name, |w, records| match act(w, records) {
        Ok(record) => wrong(w, record),
        Err(message) => Some(message),
    });
}

fn told(text: &str, r: &Record) -> String {
    let of = |spans: Vec<dateline::Span>| spans.into_iter().map(|s| s.of(text).to_owned()).collect::<Vec<_>>();
    format!(
        "{} {:?} actor {:?} recipient {:?} source {:?} {:?} {:?} dead {:?}",
        r.event.name(),
        of(r.mentions.clone()),
        of(r.actor.iter().map(|e| e.span).collect()),
        of(r.recipient.iter().map(|e| e.span).collect()),
        of(r.attribution.iter().map(|a| a.source).collect()),
        r.auxiliary,
        r.certainty,
        r.size.get(&SizeKind::Dead).map(|f| f[0].count.min)
    )
}

/// The record of the act asked for: of the category named, or the first of material conflict.
fn act<'r>(w: &Wanted, records: &'r [Record]) -> Result<&'r Record, String> {
    let fits = |r: &&Record| match &w.event {
        Some(event) => r.event.name() == event,
        None => r.event.quad_code() == 4,
    };
    records.iter().find(fits).ok_or_else(|| "no record of the act".to_owned())
}

/// Whether a party is the one wanted: one of them, and in the words given as far as they go.
fn is_party(text: &str, found: &[dateline::record::Entity], wanted: &str) -> bool {
    matches!(found, [one] if one.span.of(text).eq_ignore_ascii_case(wanted) || one.span.of(text).contains(wanted) || wanted.contains(one.span.of(text)))
}

fn roles(w: &Wanted, r: &Record) -> Option<String> {
    for (role, found, wanted) in [("actor", &r.actor, &w.actor), ("recipient", &r.recipient, &w.recipient)] {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| !is_party(&w.text, found, wanted)) {
            return Some(format!("{role} {wanted:?} expected"));
        }
    }
    let dead = r.size.get(&SizeKind::Dead).map(|f| f[0].count.min);
    w.dead.filter(|&n| dead != Some(Some(n))).map(|n| format!("{n} dead expected"))
}

#[test]
fn what_is_denied_is_no_plain_fact() {
    probe("denied", |_, records| {
        let plain = |r: &Record| {
            r.event.quad_code() == 4
                && r.certainty != Certainty::Disputed
                && !r.auxiliary.contains(&Auxiliary::Negation)
        };
        records.iter().any(plain).then(|| "told as a fact".to_owned())
    });
}

#[test]
fn who_tells_of_an_act_is_its_source_and_not_its_actor() {
    probe_act("relayed", |w, record| {
        let source = w.source.as_deref().unwrap_or_default();
        let named = record.attribution.iter().any(|a| {
            let words = a.source.of(&w.text);
            words.contains(source) || source.contains(words)
        });
        roles(w, record).or_else(|| (!named).then(|| format!("source {source:?} expected")))
    });
}

#[test]
fn what_did_not_happen_is_negated() {
    probe_act("negated", |_, r| (!r.auxiliary.contains(&Auxiliary::Negation)).then(|| "negation expected".to_owned()));
}

#[test]
fn what_may_happen_is_no_fact_yet() {
    probe("possible", |_, records| {
        let open =
            |r: &Record| r.auxiliary.contains(&Auxiliary::Hypothetical) || r.auxiliary.contains(&Auxiliary::Future);
        match records {
            [] => Some("no record".to_owned()),
            records => (!records.iter().all(open)).then(|| "told as a fact".to_owned()),
        }
    });
}

#[test]
fn active_and_passive_keep_the_roles() {
    probe_act("killing", roles);
}

#[test]
fn an_act_told_by_a_noun_is_found() {
    probe_act("nominal", roles);
}

#[test]
fn a_weapon_is_no_actor() {
    probe_act("instrument", |_, r| (!r.actor.is_empty()).then(|| "no actor expected".to_owned()));
}

#[test]
fn an_act_and_its_result_are_one_event() {
    probe("once", |w, records| {
        let violent = records.iter().filter(|r| r.event.quad_code() == 4).count();
        match act(w, records) {
            Err(message) => Some(message),
            Ok(_) if violent != 1 => Some(format!("one record expected, {violent} found")),
            Ok(r) => roles(w, r),
        }
    });
}

#[test]
fn a_source_within_a_source_comes_second() {
    probe_act("nested", |w, record| {
        let found: Vec<&str> = record.attribution.iter().map(|a| a.source.of(&w.text)).collect();
        let same = |(f, s): (&&str, &String)| f.contains(s.as_str()) || s.contains(*f);
        let right = found.len() == w.sources.len() && found.iter().zip(&w.sources).all(same);
        (!right).then(|| format!("sources {:?} expected", w.sources))
    });
}
