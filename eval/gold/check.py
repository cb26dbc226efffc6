#!/usr/bin/env python3
"""Checks the hand-coded reports: spans, names, dates, counts, the split, and that the JSON is what the sources build.

    python3 eval/gold/check.py [FOLDER ...]

Without arguments it checks train/, dev/ and test/ beside it. Prints every fault as FILE: EVENT: THING and ends with status
1 if there is one. Needs nothing but Python 3. Categories, modes, sectors and themes follow CODEBOOK.md.
"""
import datetime
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import build  # noqa: E402

MODES = {
    "AGREE": "", "CONSULT": "visit third-party multilateral phone", "SUPPORT": "", "CONCEDE": "", "COOPERATE": "",
    "AID": "",
    "RETREAT": "withdraw release disarm ceasefire access resign", "REQUEST": "assist change yield meet",
    "ACCUSE": "disapprove investigate allege", "REJECT": "assist change yield meet",
    "THREATEN": "restrict arrest relations expel territory violence",
    "PROTEST": "demo riot strike hunger boycott obstruct vandalize", "SANCTION": "convict expel withdraw discontinue arrest",
    "MOBILIZE": "troops weapons police militia",
    "COERCE": "seize restrict censor curfew martial-law arrest deport withhold misinformation cyber",
    "ASSAULT": "abduct beat torture sexual targeted destroy primitive firearms explosives suicide-attack aerial drone "
               "heavy-weapons crowd-control unconventional"}
THEMES = set("""military intelligence executive legislative election political_institutions pro_democracy
pro_autocracy economic legal reparations human_rights rights_freedoms repression
human_security gender lgbt religion_ethnicity inequality diplomatic
territory peacekeeping health asylum migration disasters natural_resource environment technology terrorism cbrn cyber
misinformation crime corruption illegal_drugs trafficking""".split())
SECTORS = set("GOV COP MIL JUD LEG PTY SPY PRM REB UAF CVL REF REL OPP JRN BUS CRM EDU ELI LAB MED AGR SOC PRE UNK".split())
SIZES = {"dead", "injured", "arrested", "deported", "displaced", "participants", "abducted", "released", "troops"}
RESOLUTIONS = {"site", "city", "district", "province", "country", "region"}
AUXILIARY = {"historical", "future", "hypothetical", "negation"}
TOP = {"id", "source", "title", "text", "published", "publication", "via", "context", "published_basis", "note", "events"}
FIELDS = {"event", "mode", "mentions", "actor", "recipient", "date", "enddate", "date_text", "timex", "date_basis",
          "event_loc", "size", "attribution", "auxiliary", "certainty", "note", "optional"}
# CODEBOOK.md, AGREE: a future act of these categories is an agreement.
FUTURE_IS_AGREE = {"CONSULT", "SUPPORT", "COOPERATE", "AID"}


def iso(value):
    """The date a string names, or None where it is no ISO date."""
    try:
        return datetime.date.fromisoformat(value) if len(value) == 10 else None
    except (TypeError, ValueError):
        return None


def faults_of_range(x, what):
    """Faults of a {min,max} pair."""
    lo, hi = x["min"], x["max"]
    if any(v is not None and (not isinstance(v, int) or v < 0) for v in (lo, hi)):
        yield f"{what}: {lo}..{hi} is not a pair of whole numbers or nulls"
    elif lo is not None and hi is not None and lo > hi:
        yield f"{what}: min {lo} is above max {hi}"


def faults_of_event(e, report):
    """Every fault of one event record."""
    text, published = report["text"], iso(report["published"])

    def span(x, words, what):
        if text[x["start"]:x["end"]] != words:
            yield f"{what}: {words!r} does not stand at {x['start']}..{x['end']}, {text[x['start']:x['end']]!r} does"

    for extra in set(e) - FIELDS:
        yield f"field {extra} is unknown"
    for missing in FIELDS - {"note", "optional"} - set(e):
        yield f"field {missing} is missing"
    if e["event"] not in MODES:
        yield f"category {e['event']} is unknown"
        return
    for m in e["mode"]:
        if m not in MODES[e["event"]].split():
            yield f"mode {m} is none of {e['event']}; its modes: {MODES[e['event']] or 'none'}"
    if e["event"] == "SANCTION" and "arrest" in e["mode"] and "convict" not in e["mode"]:
        yield "mode arrest of SANCTION goes with convict only (prison)"
    if not e["mentions"]:
        yield "no mention"
    starts = [m["start"] for m in e["mentions"]]
    if starts != sorted(set(starts)):
        yield "mentions are not in order, or one is given twice"
    for m in e["mentions"]:
        yield from span(m, m["text"], "mention")
    for role in ("actor", "recipient"):
        for x in e[role]:
            yield from span(x, x["entity_text"], role)
            if x["code"] is not None and not re.fullmatch("[A-Z]{3}", x["code"]):
                yield f"{role} {x['entity_text']!r}: code {x['code']!r} is not three capitals"
            for s in set(x["sector"]) - SECTORS:
                yield f"{role} {x['entity_text']!r}: sector {s} is unknown"
            if x["count"]:
                yield from faults_of_range(x["count"], f"count of {x['entity_text']!r}")
        places = [(x["start"], x["end"]) for x in e[role]]
        if len(places) != len(set(places)):
            yield f"a party stands twice in {role}"
    for key in ("date", "enddate"):
        if e[key] is not None and not iso(e[key]):
            yield f"{key} {e[key]!r} is not an ISO date"
    a, b = iso(e["date"]), iso(e["enddate"])
    if a and b and a > b:
        yield f"date {a} is after enddate {b}"
    if e["date_text"]:
        yield from span(e["date_text"], e["date_text"]["text"], "date_text")
    on_publication = e["date"] == e["enddate"] == report["published"] and not e["date_text"]
    if e["date_basis"] == "published" and not on_publication:
        yield "date_basis published: the dates must be the publication date, without date_text"
    if e["date_basis"] == "none" and (e["date"] or e["enddate"] or e["date_text"]):
        yield "date_basis none: there must be neither dates nor date_text"
    if e["date_basis"] not in ("published", "none", "text"):
        yield f"date_basis {e['date_basis']!r} is unknown"
    if published and a and a > published and not set(e["auxiliary"]) & {"future", "hypothetical", "negation"}:
        yield f"date {a} is after publication, but the event is not future"
    if published and b and (published - b).days > 366 and "historical" not in e["auxiliary"]:
        yield f"ended {b}, over a year before publication, but is not historical"
    if "historical" in e["auxiliary"] and b and published and (published - b).days < 300:
        yield f"historical, but ended {b}"
    if "future" in e["auxiliary"] and e["event"] in FUTURE_IS_AGREE and "negation" not in e["auxiliary"]:
        yield f"a future {e['event']} is AGREE (CODEBOOK.md)"
    if set(e["auxiliary"]) - AUXILIARY:
        yield f"auxiliary {e['auxiliary']} has an unknown value"
    if e["certainty"] not in ("asserted", "alleged", "disputed"):
        yield f"certainty {e['certainty']!r} is unknown"
    loc = e["event_loc"]
    if loc:
        yield from span(loc, loc["extracted_place"], "event_loc")
        if not (-90 <= loc["lat"] <= 90 and -180 <= loc["lon"] <= 180):
            yield f"event_loc {loc['name']}: {loc['lat']}, {loc['lon']} is not on the globe"
        if loc["resolution"] not in RESOLUTIONS:
            yield f"event_loc resolution {loc['resolution']!r} is unknown"
        if loc["country_code"] is None and loc["resolution"] != "region":
            yield f"event_loc {loc['name']}: only a region may have no country"
    for key, value in e["size"].items():
        if key not in SIZES:
            yield f"size {key} is unknown"
        several = value if isinstance(value, list) else [value]
        for x in several:
            yield from span(x, x["text"], f"size {key}")
            yield from faults_of_range(x, f"size {key}")
        if sum("by" not in x for x in several) > 1:  # one figure may be the outlet's own
            yield f"size {key}: rival figures need `by`"
    for x in e["attribution"]:
        yield from span(x, x["source"], "attribution")
        if x["kind"] not in ("direct", "indirect", "document"):
            yield f"attribution kind {x['kind']!r} is unknown"


def faults_of_report(report, name, part):
    """Every fault of one report, its events included."""
    for key in TOP - {"note"} - set(report):
        yield f"field {key} is missing"
    for key in set(report) - TOP:
        yield f"field {key} is unknown"
    if f"{report['id']}.json" != name:
        yield f"id {report['id']} is not the file's name"
    if part in ("train", "dev", "test") and build.part_of(report["id"]) != part:
        yield f"belongs to {build.part_of(report['id'])}, not {part}"
    if not (report["text"] == report["title"] or report["text"].startswith(report["title"] + "\n")):
        yield "the text does not begin with the title and a newline"
    if report["published"] is not None and not iso(report["published"]):
        yield f"published {report['published']!r} is not an ISO date"
    for theme in set(report["context"]) - THEMES:
        yield f"theme {theme} is unknown"
    for i, e in enumerate(report["events"]):
        for fault in faults_of_event(e, report):
            yield f"event {i} {e.get('event')} ({e['mentions'][0]['text'] if e.get('mentions') else '?'}): {fault}"


def main():
    folders = sys.argv[1:] or [os.path.join(build.HERE, p) for p in ("train", "dev", "test")]
    faults, reports, events = 0, {}, 0
    for folder in folders:
        part = os.path.basename(os.path.normpath(folder))
        for name in sorted(n for n in os.listdir(folder) if n.endswith(".json")):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                report = json.load(f)
            reports[report["id"]] = report
            events += len(report["events"])
            for fault in faults_of_report(report, name, part):
                print(f"{part}/{name}: {fault}")
                faults += 1
    if not sys.argv[1:]:
        source = os.path.join(build.HERE, "source")
        made = {r["id"]: r for n in sorted(os.listdir(source)) if n.endswith(".txt")
                for r in build.reports(os.path.join(source, n))}
        for message in build.ERRORS:
            print(message)
            faults += 1
        for ident in sorted(set(made) ^ set(reports)) + [i for i in made if i in reports and made[i] != reports[i]]:
            print(f"{ident}: the JSON is not what source/ builds; run build.py")
            faults += 1
    print(f"{len(reports)} reports, {events} events, {faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
