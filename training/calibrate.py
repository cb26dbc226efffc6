#!/usr/bin/env python3
"""Fits the weights of the reasoning stages (crates/dateline/data/lang/en/weights.toml) on coded reports that the encoder did not learn from.

usage: calibrate.py OUT.toml --tables same,actor,… FEATURES.jsonl=GOLD_DIR …     (FEATURES: from `cargo run --example features`)

Tables not named keep what OUT has. `event` depends on `same`: fit `same` first, make the features again with the new weights, then fit `event`.
Each table is a logistic regression with an L2 penalty; its threshold is the one with the best F1 when each half of the reports is judged by
weights learned on the other half.
"""
import argparse, collections, glob, json, tomllib
import numpy as np

ap = argparse.ArgumentParser()
ap.add_argument("out"); ap.add_argument("data", nargs="+")
ap.add_argument("--tables", required=True); ap.add_argument("--l2", type=float, default=2.0); ap.add_argument("--rare", type=int, default=8)
ap.add_argument("--least", default="", help="thresholds to set by hand after `dateline eval` on the same reports: event=0.3,source=0.4")
args = ap.parse_args()
ROLES = ["actor", "recipient", "source", "place", "time", "size"]


def meets(a, b):
    return a[0] < b[1] and b[0] < a[1]


def load():
    for item in args.data:
        path, folder = item.split("=")
        gold = {}
        for f in glob.glob(f"{folder}/*.json"):
            d = json.load(open(f, encoding="utf8"))
            if isinstance(d, dict) and isinstance(d.get("events"), list):
                gold[d["id"]] = d
        for line in open(path, encoding="utf8"):
            d = json.loads(line)
            yield d, gold[d["report"]]


def arguments(event, table, kind):
    """Spans of the gold record that a table's candidates should meet."""
    if table in ("actor", "recipient"): xs = event[table]
    elif table == "source": xs = event.get("attribution") or []
    elif table == "place": xs = [event["event_loc"]]
    elif table == "time": xs = [event["date_text"]]
    else: xs = [x for v in [(event.get("size") or {}).get(kind)] if v for x in (v if isinstance(v, list) else [v])]
    return [(x["start"], x["end"]) for x in xs or [] if x and x.get("start") is not None and x.get("end") is not None]


def examples():
    out = collections.defaultdict(list)  # table -> [(report number, features, label)]
    for n, (doc, gold) in enumerate(load()):
        text = gold["text"]
        events = gold["events"]
        matched = [[k for k, e in enumerate(events) if e["event"] == t["event"] and any(meets(t["span"], (m["start"], m["end"])) for m in e["mentions"])] for t in doc["triggers"]]
        for i, j, f in doc["pairs"]:
            if matched[i] or matched[j]:
                out["same"].append((n, f, bool(set(matched[i]) & set(matched[j]))))
        for role, t, span, f in doc["links"]:
            if not matched[t]: continue
            table, _, kind = role.partition(":")
            spans = [s for k in matched[t] for s in arguments(events[k], table, kind)]
            words = text[span[0]:span[1]].lower()
            out[table].append((n, f, any(meets(span, s) or (table != "size" and text[s[0]:s[1]].lower() == words) for s in spans)))
        taken = set()
        for _, triggers, f in sorted(doc["events"], key=lambda e: -e[2].get("p", 0)):
            found = [k for t in triggers for k in matched[t]]
            free = [k for k in found if k not in taken]
            if free and events[free[0]].get("optional"): taken.add(free[0]); continue
            taken.update(free[:1])
            out["event"].append((n, f, bool(free)))
    return out


def fit(rows):
    count = collections.Counter(k for _, f, _ in rows for k in f)
    names = sorted(k for k, c in count.items() if c >= args.rare)
    at = {k: i for i, k in enumerate(names)}
    X = np.zeros((len(rows), len(names))); Y = np.array([float(y) for _, _, y in rows])
    for r, (_, f, _) in enumerate(rows):
        for k, v in f.items():
            if k in at: X[r, at[k]] = v
    w = np.zeros(len(names))
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(X @ w, -30, 30)))
        w -= np.linalg.solve((X * (p * (1 - p))[:, None]).T @ X + args.l2 * np.eye(len(w)), X.T @ (p - Y) + args.l2 * w)
    return dict(zip(names, w))


def judge(w, f):
    return 1 / (1 + np.exp(-np.clip(sum(w.get(k, 0) * v for k, v in f.items()), -30, 30)))


def threshold(rows):
    """Threshold with the best F1, judged across halves."""
    halves = [[r for r in rows if r[0] % 2 == h] for h in (0, 1)]
    ws = [fit(h) for h in halves]
    scored = [(judge(ws[1 - h], f), y) for h in (0, 1) for _, f, y in halves[h]]
    best = (0, .5)
    for t in np.arange(.1, .8, .025):
        tp = sum(y for p, y in scored if p >= t); n = sum(1 for p, _ in scored if p >= t); g = sum(y for _, y in scored)
        best = max(best, (2 * tp / max(1, n + g), float(t)))
    ece = 0
    for b in range(5):
        part = [(p, y) for p, y in scored if b / 5 <= p < (b + 1) / 5 + (b == 4)]
        if part: ece += abs(sum(p for p, _ in part) - sum(y for _, y in part)) / len(scored)
    return best[1], best[0], ece


tables = tomllib.load(open(args.out, "rb"))
rows = examples()
for name in args.tables.split(","):
    least, f1, ece = threshold(rows[name])
    print(f"{name:10} {len(rows[name]):6} examples, {sum(r[2] for r in rows[name]):5} yes, F1 {f1:.3f} at {least:.3f}, calibration error {ece:.3f} (across halves)")
    tables[name] = dict(least=round(least, 3), weights=fit(rows[name]))
for name, least in (x.split("=") for x in args.least.split(",") if x):
    tables[name]["least"] = float(least)
with open(args.out, "w", encoding="utf8") as f:
    f.write("# Weights of the reasoning stages, made by training/calibrate.py; see crates/dateline/src/stages/weigh.rs.\n")
    for name in ["same", "event"] + ROLES:
        f.write(f"\n[{name}]\nleast = {tables[name]['least']}\n\n[{name}.weights]\n")
        f.writelines(f"{json.dumps(k)} = {v:.4f}\n" for k, v in tables[name]["weights"].items())
