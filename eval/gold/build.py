#!/usr/bin/env python3
"""Turns the authoring files source/*.txt into one JSON record file per report under train/, dev/ and test/.

The authoring format (README.md, "Authoring") quotes every span; this program finds the quoted words in the report and
writes code-point offsets. A quotation that is not in the report, an unknown category or a reused name never given a
code stops the build with the line it is on.

    python3 eval/gold/build.py [--view ID ... | --counts]

--view prints the records of the named reports with the words around every span, for the second reading; --counts prints
the table of README.md.
"""
import hashlib
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = {"alleged", "disputed", "future", "hypothetical", "negation", "historical", "optional"}
WORDS = {w: i for i, w in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty".split())}
WORDS.update({w: (i + 2) * 10 for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())})
VAGUE = {"dozens": (24, 99), "hundreds": (200, 999), "thousands": (2000, 9999), "several": (3, 9), "scores": (40, 99),
         "both": (2, 2), "several hundred": (300, 900), "several thousand": (3000, 9000), "a dozen": (12, 12),
         "tens of thousands": (20000, 99999), "several dozen": (36, 99), "many": (None, None),
         "hundreds of thousands": (200000, 999999)}
NUMBER = r"(?:\d[\d,]*(?:\.\d+)?(?: million)?|%s)" % "|".join(
    sorted((r"%s(?:-(?:one|two|three|four|five|six|seven|eight|nine))?" % w for w in WORDS), key=len, reverse=True))
COUNT = re.compile(r"(?i)^(?:(the|the first|all|all the|another|a further|his|her|their|its)\s+)?"
                   r"((?:at least|no fewer than|more than|over|up to|almost|nearly|about|around|some|roughly|an estimated)\s+)?"
                   r"(tens of thousands|hundreds of thousands|several hundred|several thousand|several dozen|a dozen|"
                   r"dozens|hundreds|thousands|several|scores|both|many|%s)(?![\w-])" % NUMBER)


ERRORS = []
DOUBTS = []


class Bad(Exception):
    """An authoring mistake, with the place it is at."""


def number(words):
    """The value of a numeral in digits or words ("38", "1,200", "twenty-one", "1.2 million")."""
    w = words.lower()
    if w[0].isdigit():
        times = 1000000 if w.endswith(" million") else 1
        return round(float(w.replace(" million", "").replace(",", "")) * times)
    parts = w.split("-")
    return WORDS[parts[0]] + (WORDS[parts[1]] if len(parts) > 1 else 0)


def count_of(text):
    """The count a noun phrase opens with, after CODEBOOK.md (`count`), or None."""
    m = COUNT.match(text)
    if not m:
        return None
    words, hedge, n = m.group(0), (m.group(2) or "").strip().lower(), m.group(3).lower()
    start = m.start(2) if m.group(2) else m.start(3)
    said = words[start:]
    lo, hi = VAGUE[n] if n in VAGUE else (number(n),) * 2
    if hedge in ("at least", "no fewer than"):
        hi = None
    elif hedge in ("more than", "over"):
        lo, hi = lo + (0 if n in VAGUE else 1), None
    elif hedge in ("up to", "almost", "nearly"):
        lo = None
    return {"min": lo, "max": hi, "text": said}


def bounds(words):
    """"45..", "..50", "3..9" or "7" as a pair."""
    lo, dots, hi = words.partition("..")
    if not dots:
        hi = lo
    return (int(lo) if lo else None), (int(hi) if hi else None)


def timex(start, end, words):
    """The TIMEX3 value of words that name a day, a month or a year; None where the author has to say it."""
    if start and start == end:
        low = words.lower()
        for part, value in (("overnight", "TNI"), ("night", "TNI"), ("morning", "TMO"), ("afternoon", "TAF"),
                            ("evening", "TEV")):
            if part in low:
                return start + value
        return start
    if start and end:
        if start[:7] == end[:7] and start.endswith("-01") and int(end[8:]) >= 28:
            return start[:7]
        if start[:4] == end[:4] and start.endswith("-01-01") and end.endswith("-12-31"):
            return start[:4]
    return None


class Report:
    """One report being built: its text and the parties, dates and places its events have named so far."""

    def __init__(self, head, lines, where):
        self.where = where
        self.text = "\n".join(lines)
        self.title = lines[0]
        self.head = head
        self.events, self.entities, self.dates, self.places = [], {}, {}, {}

    def all(self, quoted):
        left = r"(?<!\w)" if re.match(r"\w", quoted) else ""
        right = r"(?!\w)" if re.search(r"\w$", quoted) else ""
        return [m.start() for m in re.finditer(left + re.escape(quoted) + right, self.text)]

    def find(self, quoted, near=None):
        """Span of quoted words: `words#3` is the third occurrence, else the nearest to `near` (or the first)."""
        m = re.match(r"(?s)(.*?)#(\d+)$", quoted)
        words, nth = (m.group(1), int(m.group(2))) if m else (quoted, None)
        at = self.all(words)
        if not at or (nth and nth > len(at)):
            raise Bad(f"{self.where}: {quoted!r} is not in the report ({len(at)} found); quote its words exactly")
        if nth:
            start = at[nth - 1]
        elif near is None:
            start = at[0]
        else:
            start = min(at, key=lambda s: abs(s - near))
        return {"start": start, "end": start + len(words), "text": words}

    def entity(self, line, near):
        words, _, rest = line.partition(" = ")
        words, rest = words.strip(), rest.split()
        span = self.find(words, near)
        key = span["text"]
        if rest:
            code, sector, count = rest[0], [], count_of(key)
            for r in rest[1:]:
                if r == "1":
                    first = key.split()[0]
                    count = {"min": 1, "max": 1, "text": first if first.lower() in ("a", "an", "one", "another") else key}
                elif r == "-":
                    count = None
                elif r.startswith("n="):
                    value, _, said = r[2:].partition(":")
                    lo, hi = bounds(value)
                    count = {"min": lo, "max": hi, "text": said.replace("_", " ") or key}
                else:
                    sector = r.split(",")
            self.entities[key] = (None if code == "?" else code, sector, count)
        if key not in self.entities:
            raise Bad(f"{self.where}: party {key!r} has no code yet; write `{key} = CODE SECTOR`")
        code, sector, count = self.entities[key]
        return {"entity_text": key, "start": span["start"], "end": span["end"], "code": code, "sector": sector,
                "count": count}

    def date(self, line, near):
        if line == "pub":
            if not self.head["published"]:
                raise Bad(f"{self.where}: `d pub` in a report without a publication date")
            return (self.head["published"],) * 2 + (None, "published", None)
        if line == "none":
            return None, None, None, "none", None
        m = re.match(r'(\S*)\s*"([^"]*)"\s*(?:~(\S+))?$', line)
        if not m:
            raise Bad(f"{self.where}: date {line!r}; write `d 2024-05-01..2024-05-31 \"in May\"`, `d pub` or `d none`")
        value, words, tx = m.groups()
        span = self.find(words, near) if words else None
        if value:
            if value == "..":
                a = b = None
            else:
                a, dots, b = value.partition("..")
                a, b = a or None, (b or None) if dots else a
            key = span["text"] if span else ""
            known = self.dates.get(key, (None, None, None))[2]
            self.dates[key] = (a, b, tx or (timex(a, b, span["text"]) if span else None) or known)
        a, b, tx = self.dates[span["text"]] if span else (a, b, None)
        return a, b, span, "text", tx

    def place(self, line, near):
        words, _, rest = line.partition(" = ")
        words = words.strip()
        span = self.find(words, near)
        key = span["text"]
        if rest:
            where, _, name = rest.partition(" : ")
            code, lat, lon, resolution = where.split()
            self.places[key] = (name.strip() or key, None if code == "?" else code, float(lat), float(lon), resolution)
        if key not in self.places:
            raise Bad(f"{self.where}: place {key!r} has no coordinates yet")
        name, code, lat, lon, resolution = self.places[key]
        return {"extracted_place": key, "start": span["start"], "end": span["end"], "name": name, "country_code": code,
                "lat": lat, "lon": lon, "resolution": resolution}

    def event(self, block):
        head, _, flags = block[0][2:].partition(":")
        names, flags = head.split(), flags.split()
        if set(flags) - FLAGS:
            raise Bad(f"{self.where}: unknown flag in {block[0]!r}; known are {', '.join(sorted(FLAGS))}")
        e = {"event": names[0], "mode": names[1:], "mentions": [], "actor": [], "recipient": [], "date": None,
             "enddate": None, "date_text": None, "timex": None, "date_basis": None, "event_loc": None, "size": {},
             "attribution": [], "auxiliary": [f for f in ("historical", "future", "hypothetical", "negation") if f in flags],
             "certainty": next((f for f in ("alleged", "disputed") if f in flags), "asserted")}
        near = None
        for line in block[1:]:
            key, value = line[0], line[2:].strip()
            if line[1:2] != " ":
                raise Bad(f"{self.where}: line {line!r} is neither a field nor an event")
            if key == "m":
                words, seen = [w.strip() for w in value.split(";")], {}
                for i, w in enumerate(words):
                    seen[w] = seen.get(w, 0) + 1
                    if "#" in w:
                        continue
                    if seen[w] > 1:  # a word given twice stands for its first and second occurrence
                        words[i] = f"{w}#{seen[w]}"
                    elif len(self.all(w)) > 1 and words.count(w) < 2:
                        DOUBTS.append(f"{self.where}: {w!r} occurs {len(self.all(w))} times; say which, as in {w}#2")
                e["mentions"] = sorted((self.find(w) for w in words), key=lambda m: m["start"])
                body = [m for m in e["mentions"] if m["start"] > len(self.title)]
                near = (body or e["mentions"])[0]["start"]
            elif key == "a":
                e["actor"].append(self.entity(value, near))
            elif key == "r":
                e["recipient"].append(self.entity(value, near))
            elif key == "d":
                e["date"], e["enddate"], e["date_text"], e["date_basis"], e["timex"] = self.date(value, near)
            elif key == "l":
                e["event_loc"] = self.place(value, near)
            elif key == "s":
                self.size(e["size"], value, near)
            elif key == "t":
                m = re.match(r"(.*?)\s*\^(.*?)(?:\s*/(direct|document))?$", value)
                if not m:
                    raise Bad(f"{self.where}: attribution {value!r}; write `t source ^cue [/direct|/document]`")
                span = self.find(m.group(1), near)
                e["attribution"].append({"source": span["text"], "start": span["start"], "end": span["end"],
                                         "cue": m.group(2), "kind": m.group(3) or "indirect"})
            elif key == "n":
                e["note"] = value
            else:
                raise Bad(f"{self.where}: unknown field {key!r} in {line!r}")
        if e["date_basis"] is None:
            raise Bad(f"{self.where}: event {block[:2]} has no date line")
        if not e["mentions"]:
            raise Bad(f"{self.where}: event {block[0]!r} has no mention")
        if "optional" in flags:
            e["optional"] = True
        self.events.append(e)

    def size(self, sizes, value, near):
        m = re.match(r'(\w+)\s+(?:(\d*\.\.\d*|\d+)\s+)?"([^"]*)"(?:\s+by\s+(.*))?$', value)
        if not m:
            raise Bad(f"{self.where}: size {value!r}; write `s dead 45.. \"at least 45\" by police`")
        key, span = m.group(1), self.find(m.group(3), near)
        if m.group(2):
            lo, hi = bounds(m.group(2))
        else:
            c = count_of(span["text"])
            if not c:
                raise Bad(f"{self.where}: no number read from {span['text']!r}; write it, as in `s dead 3 \"...\"`")
            lo, hi = c["min"], c["max"]
        entry = {"min": lo, "max": hi, "start": span["start"], "end": span["end"], "text": span["text"]}
        if m.group(4):
            entry["by"] = m.group(4)
        if key not in sizes:
            sizes[key] = entry
        elif isinstance(sizes[key], list):
            sizes[key].append(entry)
        else:
            sizes[key] = [sizes[key], entry]


def part_of(ident):
    """The part a report belongs to, by the first byte of the SHA-256 of its id: half train, a quarter dev and test each."""
    first = hashlib.sha256(ident.encode()).digest()[0]
    return "train" if first < 128 else "dev" if first < 192 else "test"


def reports(path):
    """The reports of one authoring file as finished dictionaries."""
    with open(path, encoding="utf-8") as f:
        chunks = re.split(r"(?m)^==== ?", f.read())[1:]
    for chunk in chunks:
        lines = chunk.rstrip("\n").split("\n")
        ident, *fields = [x.strip() for x in lines[0].split("|")]
        head = {"published": None, "publication": None, "via": [], "context": [], "basis": None, "note": None}
        for field in fields:
            key, _, value = field.partition(" ")
            head[{"pub": "published", "by": "publication", "ctx": "context"}.get(key, key)] = (
                [v.strip() for v in value.split(",") if v.strip()] if key in ("via", "ctx") else value)
        at = next((i for i, line in enumerate(lines[1:], 1) if line == "--"), len(lines))
        report = Report(head, lines[1:at], f"{os.path.basename(path)} {ident}")
        block = []
        for line in lines[at + 1:] + ["* "]:
            if line.startswith("* ") and block:
                try:
                    report.event(block)
                except (Bad, ValueError) as bad:
                    ERRORS.append(f"{report.where}: {block[0]} {block[1:2]}: {bad}")
                block = []
            if line.strip() and line != "* ":
                block.append(line)
        out = {"id": ident, "source": {"kind": "own", "note": "written for this set; happenings and quotations are invented"},
               "title": report.title, "text": report.text, "published": head["published"],
               "publication": head["publication"], "via": head["via"], "context": head["context"],
               "published_basis": head["basis"] or ("stated" if head["published"] else None)}
        if head["note"]:
            out["note"] = head["note"]
        out["events"] = report.events
        yield out


def view(r):
    """Prints a report's records with the words around every span."""
    text = r["text"]

    def around(x):
        return f"{text[max(0, x['start'] - 14):x['start']]}[{text[x['start']:x['end']]}]{text[x['end']:x['end'] + 14]}".replace("\n", "/")
    print("=====", r["id"], part_of(r["id"]), r["published"], r["context"])
    for e in r["events"]:
        print("*", e["event"], e["mode"], e["certainty"], e["auxiliary"], e.get("optional", ""))
        for m in e["mentions"]:
            print("   m", around(m))
        for k in ("actor", "recipient"):
            for x in e[k]:
                print("  ", k[0], around(x), x["code"], x["sector"], x["count"])
        print("   d", e["date"], e["enddate"], e["timex"], e["date_basis"], around(e["date_text"]) if e["date_text"] else "")
        if e["event_loc"]:
            print("   l", around(e["event_loc"]), e["event_loc"]["name"])
        for k, v in e["size"].items():
            for x in v if isinstance(v, list) else [v]:
                print("   s", k, x["min"], x["max"], around(x), x.get("by", ""))
        for x in e["attribution"]:
            print("   t", around(x), x["cue"], x["kind"])


def counts(built):
    """Prints reports and events per part and category as a Markdown table."""
    parts = ("train", "dev", "test")
    rows = {"reports": [0] * 3, "reports without an event": [0] * 3, "events": [0] * 3}
    for r in built.values():
        i = parts.index(part_of(r["id"]))
        rows["reports"][i] += 1
        rows["reports without an event"][i] += not r["events"]
        for e in r["events"]:
            rows["events"][i] += 1
            rows.setdefault(e["event"], [0] * 3)[i] += 1
    head = list(rows)[:3]
    print("| | train | dev | test | all |\n|---|---|---|---|---|")
    for name in head + sorted((n for n in rows if n not in head), key=lambda n: -sum(rows[n])):
        print(f"| {name} | " + " | ".join(map(str, rows[name])) + f" | {sum(rows[name])} |")


def main():
    wanted = sys.argv[2:] if sys.argv[1:2] == ["--view"] else None
    built = {}
    source = os.path.join(HERE, "source")
    for name in sorted(os.listdir(source)):
        if name.endswith(".txt"):
            try:
                for r in reports(os.path.join(source, name)):
                    if r["id"] in built:
                        raise Bad(f"{name}: id {r['id']} is used twice")
                    built[r["id"]] = r
            except Bad as bad:
                ERRORS.append(str(bad))
    if ERRORS:
        sys.exit("\n".join(ERRORS))
    if sys.argv[1:2] == ["--counts"]:
        counts(built)
        return
    if wanted is not None:
        for i in wanted:
            view(built[i])
        return
    for part in ("train", "dev", "test"):
        folder = os.path.join(HERE, part)
        os.makedirs(folder, exist_ok=True)
        keep = {f"{i}.json" for i in built if part_of(i) == part}
        for name in os.listdir(folder):
            if name.endswith(".json") and name not in keep:
                os.remove(os.path.join(folder, name))
    for ident, r in built.items():
        with open(os.path.join(HERE, part_of(ident), f"{ident}.json"), "w", encoding="utf-8") as f:
            json.dump(r, f, ensure_ascii=False, indent=1)
            f.write("\n")
    if DOUBTS:
        print("\n".join(DOUBTS), file=sys.stderr)
    print(f"{len(built)} reports, {sum(len(r['events']) for r in built.values())} events")


if __name__ == "__main__":
    main()
