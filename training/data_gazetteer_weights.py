"""Learns the weights of the toponym ranking (crates/dateline/src/gazetteer/resolve.rs, WEIGHTS).

Usage: cargo run --example geo -- --features GOLD.jsonl > features.jsonl   (for each gold set)
       python training/data_gazetteer_weights.py features.jsonl ...
Multinomial logistic regression over the candidates of each toponym; a candidate is right when it has the gold GeoNames id or, failing
that, lies within 161 km. Prints accuracy on five folds of reports, then the weights learned on all. Features depend on the weights that
made them, so repeat until the figures stand still. Needs numpy.
"""

import json
import math
import sys

import numpy


def km(a, b, c, d):
    a, b, c, d = map(math.radians, (a, b, c, d))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742 * math.asin(min(1, math.sqrt(h)))


def examples(paths):
    for number, path in enumerate(paths):
        for n, line in enumerate(open(path, encoding="utf-8")):
            seen = {}
            for row in json.loads(line)["toponyms"]:
                gold, candidates = row["gold"], row["candidates"]
                if gold["lat"] is None or not candidates:
                    continue
                near = numpy.array([km(gold["lat"], gold["lon"], c["lat"], c["lon"]) <= 161 for c in candidates])
                same = numpy.array([gold.get("geonameid") is not None and c["geonameid"] == gold["geonameid"] for c in candidates])
                right = same if same.any() else near
                # A name counts once a report, with the root of its mentions: else a few long stories would decide.
                key = (candidates[0]["name"], gold["lat"])
                seen.setdefault(key, [numpy.array([c["features"] for c in candidates]), right, near, 0])[3] += 1
            yield [(f, r, near, count, number) for f, r, near, count in seen.values()]


def learn(reports, size, start, penalty=0.3, steps=400):
    rows = [e for report in reports for e in report if e[1].any() and not e[1].all()]
    features = numpy.concatenate([e[0] for e in rows])
    right = numpy.concatenate([e[1] for e in rows])
    group = numpy.concatenate([numpy.full(len(e[0]), n) for n, e in enumerate(rows)])
    weight = numpy.array([math.sqrt(e[3]) for e in rows])
    w, m, v = start.copy(), numpy.zeros(size), numpy.zeros(size)
    for step in range(1, steps + 1):
        s = features @ w
        top = numpy.full(len(rows), -1e9)
        numpy.maximum.at(top, group, s)
        e = numpy.exp(s - top[group])
        p = e / numpy.bincount(group, e)[group]
        q = p * right
        q = q / numpy.maximum(numpy.bincount(group, q), 1e-12)[group]
        gradient = ((p - q) * weight[group]) @ features + penalty * w
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        w -= 0.05 * (m / (1 - 0.9**step)) / (numpy.sqrt(v / (1 - 0.999**step)) + 1e-9)
    return w


def accuracy(reports, w):
    hits = {}
    for report in reports:
        for f, _, near, count, number in report:
            hit = hits.setdefault(number, [0, 0])
            hit[0] += count * bool(near[int(numpy.argmax(f @ w))])
            hit[1] += count
    return {number: f"{a}/{b} {a / b:.4f}" for number, (a, b) in sorted(hits.items())}, hits


def main(paths):
    reports = list(examples(paths))
    size = next(e for r in reports for e in r)[0].shape[1]
    start = numpy.zeros(size)
    total = {}
    for fold in range(5):
        w = learn([r for n, r in enumerate(reports) if n % 5 != fold], size, start)
        for number, (a, b) in accuracy([r for n, r in enumerate(reports) if n % 5 == fold], w)[1].items():
            total.setdefault(number, [0, 0])
            total[number] = [total[number][0] + a, total[number][1] + b]
    print("five folds:", {number: f"{a / b:.4f}" for number, (a, b) in sorted(total.items())})
    w = learn(reports, size, start)
    # The sets mark no datelines: the last weight stays as set by hand.
    print("all:", accuracy(reports, w)[0])
    print(", ".join(f"{x:.3f}" for x in w))


if __name__ == "__main__":
    main(sys.argv[1:])
