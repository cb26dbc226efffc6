#!/usr/bin/env python3
"""Scores the coder on public sets whose labels are not ours, through a mapping from records to each set's own scheme.

usage: run.py SET --bench DIR [--dateline BIN] [--part FILE]

SET       muc4, india_police, zsp, polnear, timex, no_event
--bench   folder with data/ and score/ (the sets are not in this repository: their texts belong to their publishers)
--part    file under data/SET to use instead of the usual one (muc4: dev.jsonl, polnear: dev.jsonl)

The records come from `dateline code --force --format jsonl`; nothing here looks at the gold labels before scoring, zsp excepted, where
the marked pair says which record is asked for, as in the published figure. The MUC-4 mapping has weights fitted on that set's train.jsonl
(muc4.py); the rules of the others were written from their schemes and from the errors on every second document of their visible parts. Prints one line of figures.
"""
import argparse, collections, json, pathlib, re, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).parent


def read(path):
    return [json.loads(line) for line in open(path, encoding="utf8")]


def run_text(binary, command, reports, *options):
    """Reports through `dateline code` or `annotate`; its output."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "reports.jsonl")
        path.write_text("".join(json.dumps(r) + "\n" for r in reports), encoding="utf8")
        done = subprocess.run([binary, command, str(path), "--force", *options], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{binary} {command}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def run(binary, command, reports, *options):
    """The same for output in JSON lines: {report: [line]}."""
    out = collections.defaultdict(list)
    for line in run_text(binary, command, reports, *options).splitlines():
        record = json.loads(line)
        out[record["report"]].append(record)
    return out


def score(bench, script, gold, predictions, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf8") as f:
        f.write("".join(json.dumps(p) + "\n" for p in predictions))
        f.flush()
        done = subprocess.run([sys.executable, f"{bench}/score/{script}", str(gold), f.name, *options], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def is_fact(r):
    return not set(r["auxiliary"]) & {"negation", "future", "hypothetical"}


def report(r):
    return {"id": str(r["id"]), "text": r["text"], "published": r.get("dct") if re.match(r"\d{4}-\d\d-\d\d$", r.get("dct") or "") else None}


# ---- MUC-4: perpetrators, targets, victims and weapons of violent incidents

def muc4_candidates(binary, rows):
    import muc4
    reports = [report(r) | {"text": muc4.reflow(r["text"])} for r in rows]
    texts = {r["id"]: r["text"] for r in reports}
    records = run(binary, "code", reports, "--format", "jsonl")
    layers = run(binary, "annotate", reports)
    syntax = muc4.read_syntax(run_text(binary, "annotate", reports, "--format", "conllu").splitlines(), texts)
    return {i: muc4.candidates(t, syntax.get(i, []), layers[i][0], records[i]) for i, t in texts.items()}


def muc4(bench, binary, part):
    import muc4
    model = json.load(open(HERE / "muc4_weights.json"))
    gold = f"{bench}/data/muc4/{part or 'dev.jsonl'}"
    found = muc4_candidates(binary, read(gold))
    predictions = [{"id": i, "roles": muc4.answer(c, model["weights"], model["least"])} for i, c in found.items()]
    return score(bench, "score_muc4.py", gold, predictions)


def fit_muc4(bench, binary):
    import muc4
    rows = read(f"{bench}/data/muc4/train.jsonl")
    model, figures = muc4.fit(muc4_candidates(binary, rows), {str(r["id"]): r["role_sets"] for r in rows})
    (HERE / "muc4_weights.json").write_text(json.dumps(model, separators=(",", ":"), sort_keys=True).replace("},", "},\n") + "\n", encoding="utf8")
    return figures


# ---- IndiaPoliceEvents: what the police did, sentence by sentence

def india_police(bench, binary, part):
    gold = f"{bench}/data/india_police_events/{part or 'all.jsonl'}"
    reports = read(gold)
    records = run(binary, "code", [report(r) for r in reports], "--format", "jsonl")
    predictions = []
    for r in reports:
        rows = [{"labels": set()} for _ in r["sentences"]]
        for record in records[str(r["id"])]:
            if is_fact(record):
                for row, s in zip(rows, r["sentences"]):
                    row["labels"] |= police_labels(record, records[str(r["id"])], r["text"], s["start"], s["end"])
        predictions.append({"id": r["id"], "sentences": [{"labels": sorted(x["labels"])} for x in rows]})
    got = score(bench, "score_labels.py", gold, predictions, "--mode", "sents")
    return {k: v for k, v in got["sentences"].items()}


POLICE = r"police|cop|jawan|rpf|crpf|rapid action|army|bsf|security"
GUNS = r"\b(firing|fired|(open|opened|opening) fire|shot|shots|rounds?|bullets?|lathis?|lathi-?charged?|batons?|tear-?gas|tear gas|shells?|encounters?)\b"
DEATHS = r"\b(kill\w*|dead|died|deaths?|dying|gunned down|succumbed|lost (their|his) li\w+)\b"


ARRESTS = r"arrest|detain|detention|custody|remand|round|nabbed|held|book|pick|taken|apprehend|caught|captur|jail"


def police_labels(record, records, text, start, end):
    """What the sentence from start to end says the police did, by this record. A record gathers mentions from the whole report, and a
    sentence of it may tell another side of the event: force needs its means or its author in the sentence itself, killing a death too."""
    mentions = [m for m in record["mentions"] if start <= m["start"] < end]
    if not mentions:
        return set()
    words = text[start:end].lower()
    police = [p for p in record["actor"] if {"COP", "MIL"} & set(p["sector"]) or re.search(POLICE, p["entity_text"].lower())]
    if record["event"] == "COERCE" and "arrest" in record["mode"]:
        state = police or any({"GOV", "JUD"} & set(p["sector"]) for p in record["actor"])
        asked = [m["start"] for r in records if r["event"] == "REQUEST" for m in r["mentions"] if start <= m["start"] < end]
        done = [m for m in mentions if re.search(ARRESTS, m["text"].lower())
                and not re.search(r"\b(to|court|courting|house|would|may|should)\s+$", text[start:m["start"]].lower())
                and not (asked and min(asked) < m["start"] and not record["actor"])]
        return {"ARREST"} if done and (state or not record["actor"]) else set()
    force = police or not record["actor"] and re.search(GUNS, words) or "crowd-control" in record["mode"]
    shown = re.search(GUNS, words) or any(start <= p["start"] < end for p in police)
    if record["event"] != "ASSAULT" or not (force and shown):
        return set()
    dead = any(start <= f["start"] < end for f in figures(record, "dead")) or any(re.search(DEATHS, m["text"].lower()) for m in mentions)
    return {"FORCE", "KILL"} if dead else {"FORCE"}


def figures(record, kind):
    """The figures of a kind, a list where sources differ."""
    found = record["size"].get(kind) or []
    return [f for f in (found if isinstance(found, list) else [found]) if f.get("start") is not None]


# ---- PLOVER category of a sentence with a marked pair

def zsp(bench, binary, part):
    import muc4
    rows = read(f"{bench}/data/event_type/{part or 'zsp_PLV_train.jsonl'}")
    reports = [{"id": str(n), "text": r["sentence"]} for n, r in enumerate(rows)]
    records = run(binary, "code", reports, "--format", "jsonl")
    syntax = muc4.read_syntax(run_text(binary, "annotate", reports, "--format", "conllu").splitlines(), {r["id"]: r["text"] for r in reports})
    right = answered = 0
    confusion = collections.Counter()
    for n, r in enumerate(rows):
        record = pair_record(records[str(n)], r, syntax.get(str(n), []))
        label = record and first_plover(record, records[str(n)], r["sentence"])
        answered += label is not None
        right += label == r["gold_root"]
        if label != r["gold_root"]:
            confusion[r["gold_root"], label] += 1
    return {"accuracy": round(right / len(rows), 4), "answered": round(answered / len(rows), 4), "confused": [(*k, v) for k, v in confusion.most_common(12)]}


def pair_record(records, row, sentences):
    """The record whose parties are the marked pair; of those that fit equally the one whose trigger is nearest the source in the tree,
    then the most confident."""
    source, target = (row["sentence"].find(row[k].strip()) for k in ("source", "target"))
    spans = {"actor": (source, source + len(row["source"].strip())), "recipient": (target, target + len(row["target"].strip()))}

    def fit(record):
        met = 0
        for role, (a, b) in spans.items():
            for party in record["actor"] + record["recipient"]:
                if party["start"] < b and a < party["end"]:
                    met += 2 if party in record[role] else 1
                    break
        return met, -min((steps(sentences, spans["actor"], (m["start"], m["end"])) for m in record["mentions"]), default=99), record["confidence"]
    return max(records, key=fit) if records else None


def steps(sentences, one, other):
    """Links of the tree between the heads of two spans; 99 in different sentences."""
    for sentence in sentences:
        ways = []
        for a, b in (one, other):
            inside = [i for i, t in enumerate(sentence) if t.start < b and a < t.end]
            if not inside:
                break
            way = [next((i for i in inside if sentence[i].head not in inside), inside[0])]
            while sentence[way[-1]].head >= 0 and len(way) < 30:
                way.append(sentence[way[-1]].head)
            ways.append(way)
        else:
            return min((n + ways[1].index(k) for n, k in enumerate(ways[0]) if k in ways[1]), default=99)
    return 99


def first_plover(record, others, text):
    """The category in the set's scheme: PLOVER before version 2, close to CAMEO. It has YIELD for CONCEDE and RETREAT, and puts some acts
    elsewhere: what will be done (03 express intent to cooperate) is AGREE and what will not is REJECT; signing is SUPPORT (057);
    convictions and inquiries are ACCUSE (09, 11); sanctions imposed are COERCE (172); blockade and occupation are ASSAULT (19);
    prisoners or property given back and leave granted are YIELD (08)."""
    event, status = record["event"], set(record["auxiliary"])
    words = " ".join(m["text"].lower() for m in record["mentions"])
    around = text[max(0, record["mentions"][0]["start"] - 40):record["mentions"][0]["end"] + 40].lower()
    friendly = event in ("AGREE", "CONSULT", "SUPPORT", "COOPERATE", "AID", "CONCEDE", "RETREAT")
    if "negation" in status and (friendly or event == "PROTEST"):
        return "REJECT"
    if friendly and "future" in status or event == "CONCEDE" and re.search(r"willing|ready|offer|agree|promis|pledg", words):
        return "AGREE"
    if event in ("CONCEDE", "RETREAT") or event == "AID" and re.search(r"\b(free|releas|return|grant)", words):
        return "YIELD"
    if event == "SANCTION" and "convict" in record["mode"]:
        return "ACCUSE"
    if event == "SANCTION" and re.search(r"sanction|embargo|boycott", around):
        return "COERCE"
    if event == "COERCE" and re.search(r"blockad|siege|besieg|occup", words):
        return "ASSAULT"
    if event == "REQUEST" and (any("investigate" in r["mode"] for r in others) or re.search(r"investigat|probe|inquiry", around)):
        return "ACCUSE"
    if event == "AGREE" and (re.search(r"\b(agreement|deal|accord|pact|treaty)", words) or re.search(r"pledg|commit|promis|reiterat", words) and "support" in around):
        return "SUPPORT"
    return event


# ---- PolNeAR: who says what

def polnear(bench, binary, part):
    gold = f"{bench}/data/polnear/{part or 'dev.jsonl'}"
    reports = read(gold)
    layers = run(binary, "annotate", [report(r) for r in reports])
    pairs = lambda spans: [[s["start"], s["end"]] for s in spans]
    predictions = [{"id": r["id"], "attributions": [{k: pairs(a[k]) for k in ("source", "cue", "content")} for line in layers[str(r["id"])] for a in line["attributions"]]} for r in reports]
    got = score(bench, "score_polnear.py", gold, predictions)
    return got


SETS = dict(muc4=muc4, india_police=india_police, zsp=zsp, polnear=polnear)
if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("set", choices=sorted(SETS))
    ap.add_argument("--bench", required=True)
    ap.add_argument("--dateline", default="target/release/dateline")
    ap.add_argument("--part")
    ap.add_argument("--fit", action="store_true", help="muc4 only: fit the weights again on train.jsonl")
    args = ap.parse_args()
    if args.fit:
        sys.exit(print(json.dumps(fit_muc4(args.bench, args.dateline))))
    print(json.dumps(SETS[args.set](args.bench, args.dateline, args.part)))
