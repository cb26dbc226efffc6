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
STATUS = ["historical", "future", "hypothetical", "negation", "alleged", "disputed"]
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
        for _, triggers, f, status, modes, fills in sorted(doc["events"], key=lambda e: -e[2].get("p", 0)):
            found = [k for t in triggers for k in matched[t]]
            if found:
                e = events[collections.Counter(found).most_common(1)[0][0]]
                for name, g in zip(STATUS, status):
                    out[name].append((n, g, name in (e.get("auxiliary") or []) or e.get("certainty") == name))
                for name, g in modes.items():
                    out["mode"].append((n, g, name in (e.get("mode") or [])))
                for role, span, g in fills:
                    table, _, kind = role.partition(":")
                    spans = arguments(e, table, kind)
                    words = text[span[0]:span[1]].lower()
                    out[table + "s"].append((n, g, any(meets(span, s) or (table != "size" and text[s[0]:s[1]].lower() == words) for s in spans)))
            free = [k for k in found if k not in taken]
            if free and events[free[0]].get("optional"): taken.add(free[0]); continue
            taken.update(free[:1])
            out["event"].append((n, f, bool(free)))
    return out


def matrix(rows):
    """Rows as features that occur often enough, a matrix, labels and report numbers."""
    count = collections.Counter(k for _, f, _ in rows for k in f)
    names = sorted(k for k, c in count.items() if c >= args.rare)
    at = {k: i for i, k in enumerate(names)}
    X = np.zeros((len(rows), len(names)), np.float32)
    for r, (_, f, _) in enumerate(rows):
        for k, v in f.items():
            if k in at: X[r, at[k]] = v
    return names, X, np.array([float(y) for _, _, y in rows], np.float32), np.array([n for n, _, _ in rows])


def judge(w, X):
    return 1 / (1 + np.exp(-np.clip(X @ w, -30, 30)))


def fit(X, Y):
    w = np.zeros(X.shape[1])
    for _ in range(30):
        p = judge(w, X)
        step = np.linalg.solve(((X * (p * (1 - p))[:, None].astype(np.float32)).T @ X).astype(float) + args.l2 * np.eye(len(w)), X.T @ (p - Y) + args.l2 * w)
        w -= step
        if np.abs(step).max() < 1e-3: break
    return w


def threshold(X, Y, report):
    """Threshold with the best F1, judged across halves."""
    p = np.zeros(len(Y))
    for h in (0, 1):
        p[report % 2 == h] = judge(fit(X[report % 2 != h], Y[report % 2 != h]), X[report % 2 == h])
    f1 = lambda t: 2 * Y[p >= t].sum() / max(1, (p >= t).sum() + Y.sum())
    best = max(np.arange(.1, .8, .025), key=f1)
    ece = 0
    for b in range(5):
        part = (p >= b / 5) & (p < (b + 1) / 5 + (b == 4))
        ece += abs(p[part].sum() - Y[part].sum()) / len(Y)
    return float(best), f1(best), ece


tables = tomllib.load(open(args.out, "rb"))
rows = examples()
for name in args.tables.split(","):
    names, X, Y, report = matrix(rows[name])
    least, f1, ece = threshold(X, Y, report)
    print(f"{name:10} {len(Y):6} examples, {int(Y.sum()):5} yes, F1 {f1:.3f} at {least:.3f}, calibration error {ece:.3f} (across halves)", flush=True)
    tables[name] = dict(least=round(least, 3), weights=dict(zip(names, fit(X, Y))))
for name, least in (x.split("=") for x in args.least.split(",") if x):
    tables[name]["least"] = float(least)
with open(args.out, "w", encoding="utf8") as f:
    f.write("# Weights of the reasoning stages, made by training/calibrate.py; see crates/dateline/src/stages/weigh/.\n")
    for name in ["same", "event"] + ROLES + [r + "s" for r in ROLES] + ["mode"] + STATUS:
        f.write(f"\n[{name}]\nleast = {tables[name]['least']}\n\n[{name}.weights]\n")
        f.writelines(f"{json.dumps(k)} = {v:.4f}\n" for k, v in tables[name]["weights"].items())
