#!/usr/bin/env python3
"""Learns the weights of crates/dateline/data/corroborate/pair.toml: whether two records tell of one act.

usage: pairs.py PAIRS.tsv PAIR.toml      PAIRS.tsv is what `cargo run --release --example pairs -- DIR…` prints

Logistic regression, drawn towards the weights that are there (a few hundred pairs cannot teach what is plain to a reader), with the
weight of the bias moved so that as many pairs are linked wrongly as are missed.
"""
import re, sys
import numpy as np

lines = [l.rstrip("\n").split("\t") for l in open(sys.argv[1], encoding="utf8")]
names, rows = lines[0][3:], lines[1:]
x = np.array([[float(v) for v in r[3:]] for r in rows])
y = np.array([float(r[2]) for r in rows])
text = open(sys.argv[2], encoding="utf8").read()
prior = np.array([float(re.search(rf"(?m)^{n} = (\S+)", text).group(1)) for n in names])
w, strength = prior.copy(), 4.0
for _ in range(4000):
    p = 1 / (1 + np.exp(-x @ w))
    w -= 0.01 * (x.T @ (p - y) + strength * (w - prior))


def figures(w):
    found = x @ w > 0
    both = (found & (y > 0)).sum()
    return both / max(found.sum(), 1), both / max(y.sum(), 1)


print("pairs", len(y), "of one act", int(y.sum()), "before P %.3f R %.3f" % figures(prior), "after P %.3f R %.3f" % figures(w))
for n, v in zip(names, w):
    text = re.sub(rf"(?m)^{n} = \S+", f"{n} = {v:.2f}", text)
open(sys.argv[2], "w", encoding="utf8").write(text)
