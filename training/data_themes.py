"""Learns the word weights of the themes of a report and writes crates/dateline/data/themes-weights.tsv.

    python3 training/data_themes.py RECORDS_DIR        # hand-coded reports, one JSON file each, with `text` and `context`
    python3 training/data_themes.py RECORDS_DIR --test # learn on half of them, measure on the other half, both ways

A theme's score is the logistic of: bias + gain * ln(1 + keyword score) + the weights of the report's words. Keywords come from
themes.toml; the weights are ridge-regularised logistic regression over words found in at least four reports. Only words and
numbers are written, no text. Needs numpy.
"""
import glob, json, math, re, sys, tomllib
from collections import Counter
from pathlib import Path
import numpy as np

DATA = Path(__file__).resolve().parent.parent / "crates/dateline/data"
WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
RIDGE, STEPS, KEEP = 1.0, 400, 60
THRESHOLD, MOST = 0.25, 5


def stem(word):
    """Lower case, no possessive, no plural s: the same rule as `stem` in themes.rs."""
    word = word.lower().removesuffix("'s")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def words(text):
    return [stem(w) for w in WORD.findall(text.replace("\u2019", "'"))]


def keywords():
    themes = tomllib.loads((DATA / "themes.toml").read_text())
    table = {}
    for theme, lists in themes.items():
        for field, weight in (("sure", 3.0), ("words", 1.0)):
            for phrase in lists[field].split(","):
                table.setdefault(tuple(words(phrase)), []).append((theme, weight))
    return list(themes), table


def keyword_scores(tokens, themes, table):
    counts = Counter(tuple(tokens[i:i + n]) for n in (1, 2, 3) for i in range(len(tokens) - n + 1))
    scores = dict.fromkeys(themes, 0.0)
    for phrase, hits in table.items():
        if count := counts.get(phrase):
            for theme, weight in hits:
                scores[theme] += weight * (1 + math.log(count))
    length = max(len(tokens), 100)
    return [math.log1p(scores[t] * 300 / (length + 200)) for t in themes]


def features(reports, themes, table, vocabulary=None):
    tokens = [words(r["text"]) for r in reports]
    if vocabulary is None:
        found = Counter(w for t in tokens for w in set(t))
        vocabulary = sorted(w for w, n in found.items() if 4 <= n <= 0.5 * len(reports) and len(w) > 2 and not w.isdigit())
    index = {w: i for i, w in enumerate(vocabulary)}
    x = np.zeros((len(reports), len(vocabulary)))
    for row, t in enumerate(tokens):
        for w, n in Counter(t).items():
            if w in index:
                x[row, index[w]] = 1 + math.log(n)
        x[row] /= max(np.linalg.norm(x[row]), 1e-9)
    k = np.array([keyword_scores(t, themes, table) for t in tokens])
    return vocabulary, x, k


def learn(x, k, y, themes):
    n, v = x.shape
    w, gain, bias = np.zeros((v, len(themes))), np.full(len(themes), 0.5), np.full(len(themes), -3.0)
    mean = y.mean(0)
    for step in range(STEPS):
        z = np.clip(x @ w * 3 + k * gain + bias, -30, 30)
        error = (1 / (1 + np.exp(-z)) - y) / n
        rate = 4.0 / (1 + step / 150)
        w -= rate * 3 * (x.T @ error + RIDGE / n * w * 0.5)
        gain -= 0.5 * rate * ((error * k).sum(0) + 0.02 * (gain - 0.8) )
        bias -= 0.5 * rate * (error.sum(0) + 0.002 * (bias + 3.5))
    return w * 3, gain, bias


def trim(w):
    for t in range(w.shape[1]):
        floor = np.sort(np.abs(w[:, t]))[-KEEP] if w.shape[0] > KEEP else 0
        w[np.abs(w[:, t]) < floor, t] = 0
    return np.round(w, 2)


def chosen(p, threshold=THRESHOLD, most=MOST):
    order = np.argsort(-p)[:most]
    return {i for rank, i in enumerate(order) if p[i] >= threshold or (rank == 0 and p[i] >= threshold / 2)}


def f1(p, y, threshold=THRESHOLD):
    hit = said = true = 0
    for row, gold in zip(p, y):
        pick = chosen(row, threshold)
        gold = set(np.flatnonzero(gold))
        hit, said, true = hit + len(pick & gold), said + len(pick), true + len(gold)
    return 2 * hit / (said + true)


def main():
    reports = [json.loads(Path(f).read_text()) for f in sorted(glob.glob(sys.argv[1] + "/*.json"))]
    themes, table = keywords()
    y = np.array([[t in r["context"] for t in themes] for r in reports], float)
    if "--test" in sys.argv:
        half = np.array([hash_of(r["id"]) % 2 for r in reports])
        for part in (0, 1):
            train, test = half != part, half == part
            pick = lambda m: [r for r, keep in zip(reports, m) if keep]
            vocabulary, x, k = features(pick(train), themes, table)
            _, xt, kt = features(pick(test), themes, table, vocabulary)
            w, gain, bias = learn(x, k, y[train], themes)
            w = trim(w)
            for name, (a, b) in {"train": ((x, k), y[train]), "test": ((xt, kt), y[test])}.items():
                p = 1 / (1 + np.exp(-(a[0] @ w + a[1] * gain + bias)))
                line = " ".join(f"{t:.2f}:{f1(p, b, t):.3f}" for t in (0.2, 0.25, 0.3, 0.35, 0.4))
                print(part, name, line)
            # Keywords alone: the threshold that is best on the training half, measured on the other.
            best = max(np.arange(0.5, 4, 0.1), key=lambda t: f1(k, y[train], t))
            print(part, "keywords alone", f"{best:.1f}: {f1(kt, y[test], best):.3f}")
        return
    vocabulary, x, k = features(reports, themes, table)
    w, gain, bias = learn(x, k, y, themes)
    w = trim(w)
    lines = [f"{t}\t{bias[i]:.3f}\t{gain[i]:.3f}" for i, t in enumerate(themes)]
    for row, word in enumerate(vocabulary):
        # Words without weight are written too: they count towards the length of a report's vector.
        lines.append(f"={word}\t" + " ".join(f"{i}:{w[row, i]:g}" for i in np.flatnonzero(w[row])))
    (DATA / "themes-weights.tsv").write_text("\n".join(lines) + "\n")


def hash_of(text):
    return sum(ord(c) * 31 ** (i % 7) for i, c in enumerate(text))


if __name__ == "__main__":
    main()
