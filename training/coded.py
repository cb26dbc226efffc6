#!/usr/bin/env python3
"""Reports coded for training alone: spans without country codes and coordinates, which the encoder does not learn.

usage: coded.py --bench DIR OUT        writes one JSON file per report into OUT, as train.py --gold reads them
       coded.py --check                checks reports/*.txt alone (what CI runs)

reports/*.txt      our own texts with their coding, in the authoring format of eval/gold/README.md less codes, coordinates and dates
reports/standoff.jsonl
                   coding of publishers' texts, which are not ours to give: the set and id of the text, a digest of the words
                   that were coded, and offsets into them; the words come from the benchmark folder
"""
import argparse, hashlib, json, os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "eval", "gold"))
import build as B

EVENTS = set("AGREE CONSULT SUPPORT CONCEDE COOPERATE AID RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE COERCE ASSAULT".split())
SIZES = set("dead injured arrested deported displaced participants abducted released troops".split())
# where a set's texts are, and after how many words they are cut at the end of a paragraph (or a sentence)
SETS = {"gwn": ("gwn/all.jsonl", 260), "pn": ("polnear/train.jsonl", 260), "muc": ("muc4/train.jsonl", 230), "ecb": ("ecbplus/train.jsonl", 230),
        "lgl": ("lgl/all.jsonl", 240), "ngec": ("event_type/ngec_synthetic.jsonl", 200)}


class Loose(B.Report):
    """A report whose parties, dates and places are words alone."""

    def entity(self, line, near):
        span = self.find(line.partition(" = ")[0].strip(), near)
        return {"entity_text": span["text"], "start": span["start"], "end": span["end"]}

    def place(self, line, near):
        span = self.find(line.partition(" = ")[0].strip(), near)
        return {"extracted_place": span["text"], "start": span["start"], "end": span["end"]}

    def date(self, line, near):
        if line in ("pub", "none"):
            return None, None, None, {"pub": "published", "none": "none"}[line], None
        m = re.search(r'"([^"]+)"', line)
        if not m:
            raise B.Bad(f'{self.where}: date {line!r}; write `d pub`, `d none` or `d "last June"`')
        return None, None, self.find(m.group(1), near), "text", None


def own(folder):
    """The reports of the authoring files in `folder`; stops at the first file with a fault and names all its faults."""
    strict, B.Report = B.Report, Loose
    try:
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".txt"):
                continue
            for r in B.reports(os.path.join(folder, name)):
                for e in r["events"]:
                    if e["event"] not in EVENTS or set(e["size"]) - SIZES:
                        B.ERRORS.append(f"{name} {r['id']}: {e['event']} with sizes {sorted(e['size'])}: unknown category or size")
                yield r
            if B.ERRORS:
                raise SystemExit("\n".join(B.ERRORS))
    finally:
        B.Report = strict


def shortened(text, words):
    """The paragraphs of a text up to so many words; of a text in one line, its sentences."""
    out, n = [], 0
    for p in text.split("\n"):
        k = len(p.split())
        if n and n + k > words:
            break
        out.append(p)
        n += k
    text = "\n".join(out).strip()
    if len(text.split()) > words * 1.5:
        kept = ""
        for s in re.split(r'(?<=[.!?]) (?=[A-Z“"])', " ".join(text.split())):
            if len((kept + s).split()) > words:
                break
            kept += s + " "
        text = kept.strip()
    return text


def texts(bench):
    """The texts that were coded, by "set:id"."""
    out = {}
    for name, (path, words) in SETS.items():
        for k, line in enumerate(open(f"{bench}/data/{path}", encoding="utf8")):
            r = json.loads(line)
            ident, text = r.get("id", k), r["text"]
            if name in ("gwn", "lgl"):
                text = (r.get("title") or "") + "\n" + text
            elif name == "pn":
                text = re.sub(r"\n{2,}", "\n", text)
            elif name == "muc":
                text = re.sub(r"(?<!\n)\n(?!\n)", " ", text).replace("\n\n", "\n")
            elif name == "ngec":
                ident, text = f"{k}-{r['label']}", re.sub(r"\n+", "\n", text)
            out[f"{name}:{ident}"] = re.sub(r"[ \t]+", " ", shortened(text, words))
    return out


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def bare(value):
    """A coding without the words it quotes."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if k not in ("text", "entity_text", "extracted_place", "source", "cue", "note", "by")}
    return [bare(v) for v in value] if isinstance(value, list) else value


def standoff(path, bench):
    known = texts(bench)
    for line in open(path, encoding="utf8"):
        r = json.loads(line)
        text = known.get(r["id"])
        if text is None or digest(text.strip()) != r["digest"]:
            print(f"{r['id']}: its text is not in {bench} as it was coded; left out", file=sys.stderr)
            continue
        yield dict(r, text=text.strip(), title=text.strip().split("\n")[0])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("out", nargs="?")
    ap.add_argument("--bench")
    ap.add_argument("--check", action="store_true")
    args = ap.parse_args()
    folder = os.path.join(HERE, "reports")
    found = list(own(folder))
    if args.bench:
        found += standoff(os.path.join(folder, "standoff.jsonl"), args.bench)
    if args.out:
        os.makedirs(args.out, exist_ok=True)
        for r in found:
            with open(os.path.join(args.out, re.sub(r"\W+", "_", r["id"]) + ".json"), "w", encoding="utf8") as f:
                json.dump(r, f, ensure_ascii=False)
    elif not args.check:
        ap.error("a folder to write to, or --check, expected")
    print(f"{len(found)} reports, {sum(len(r['events']) for r in found)} events")


if __name__ == "__main__":
    main()
