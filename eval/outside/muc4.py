"""MUC-4 from records: the perpetrators, targets, victims and weapons of a report's violent incidents.

The records say which words name violence, who does it and to whom. MUC-4 asks for other strings than the codebook does: named victims
only, buildings, weapons, the men apart from their organisation, several lengths of one noun phrase, and only incidents its analysts took
for terrorism. So the mapping

1. lists the noun phrases of a report (`annotate --format conllu`) in the lengths the set's keys use, its names and its weapon words;
2. describes each by what the coder says of it: party of which record, how the parser links it to a record's trigger, its head word;
3. gives it a probability of being an answer, role by role, with the weights of muc4_weights.json;
4. keeps the likely phrases, one for each entity.

The weights are a logistic regression fitted on the set's training part alone (`run.py muc4 --fit`, to be repeated when the coder
changes); the limits of step 4 come from the same part. Nothing is fitted or chosen on dev.jsonl.
"""
import collections, json, math, pathlib, random, re, string

HERE = pathlib.Path(__file__).parent
ROLES = ("PerpInd", "PerpOrg", "Target", "Victim", "Weapon")
WORDS = {k: re.compile(v, re.I) for k, v in json.load(open(HERE / "muc4_words.json")).items()}


def reflow(text):
    """Joins lines broken at a fixed width; offsets stay."""
    return re.sub(r"(?<!\n)[ \t]*\n(?![ \t]*\n|[ \t]{2,})", lambda m: " " * len(m.group(0)), text)


# ---- the coder's layers

Token = collections.namedtuple("Token", "start end form tag head relation")


def read_syntax(lines, texts):
    """CoNLL-U of several reports -> {report: [sentence: [Token]]}; head is an index into the sentence, -1 for the root."""
    reports, report, sentence, at = {}, None, [], 0
    for line in [*lines, ""]:
        if line.startswith("# newdoc id = "):
            report, at = line[14:].strip(), 0
            reports[report] = []
        elif not line.strip():
            if sentence:
                reports[report].append(sentence)
            sentence = []
        elif line[0] != "#":
            c = line.rstrip("\n").split("\t")
            if not c[0].isdigit():
                continue
            start = texts[report].find(c[1], at)
            at = start + len(c[1]) if start >= 0 else at
            sentence.append(Token(start, at, c[1], c[3], int(c[6]) - 1, c[7]))
    return reports


# ---- noun phrases

LEFT = {"amod", "compound", "nummod", "nmod:poss", "flat", "nmod:unmarked"}


def phrases(sentence):
    """Noun phrases of a sentence as (head, first, last, kind): the bare phrase, without its number, its head, with its of-phrase."""
    children = collections.defaultdict(list)
    for i, t in enumerate(sentence):
        children[t.head].append(i)
    for h, t in enumerate(sentence):
        if t.tag not in ("NOUN", "PROPN", "ADJ", "NUM") or t.relation in ("flat", "compound", "amod", "nummod"):
            continue
        if t.tag in ("ADJ", "NUM") and t.relation.split(":")[0] not in ("nsubj", "obj", "obl", "nmod", "conj"):
            continue
        inside = {h}
        for c in children[h]:
            if c < h and sentence[c].relation in LEFT or sentence[c].relation == "flat":
                inside |= below(children, c)
        first = last = h
        while first - 1 in inside and sentence[first - 1].tag != "DET":
            first -= 1
        while last + 1 in inside:
            last += 1
        yield h, first, last, "phrase"
        cut = first
        while cut < h and (sentence[cut].tag == "NUM" or sentence[cut].form.lower() in ("several", "some", "many", "other", "at", "least", "about")):
            cut += 1
        if cut > first:
            yield h, cut, last, "no number"
        if h > cut:
            yield h, h, last, "head"
        if h - 1 > cut:
            yield h, h - 1, last, "two words"
        for c in children[h]:
            if c > last and sentence[c].relation == "nmod" and any(sentence[g].form.lower() in ("of", "in") for g in children[c]):
                whole = below(children, c)
                if set(range(last + 1, max(whole) + 1)) <= whole and max(whole) - first < 12:
                    yield h, first, max(whole), "of"
                break


def below(children, i):
    out, todo = set(), [i]
    while todo:
        j = todo.pop()
        out.add(j)
        todo += children[j]
    return out


def path(sentence, i, j):
    """How the tree leads from word i to word j: relations up, then relations down; None where that is far."""
    def up(k):
        out = [k]
        while sentence[out[-1]].head >= 0 and len(out) < 9:
            out.append(sentence[out[-1]].head)
        return out
    a, b = up(i), up(j)
    for n, k in enumerate(a):
        if k in b:
            there, back = ([sentence[x].relation for x in side if sentence[x].relation not in SIDEWAYS] for side in (a[:n], b[:b.index(k)]))
            return "^".join(there) + "_" + "^".join(back) if len(there) + len(back) <= 4 else None
    return None


# ---- candidates

PLAIN = str.maketrans("", "", string.punctuation)


def norm(words):
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", words.lower().translate(PLAIN)).split())


class Candidate:
    def __init__(self, words, role):
        self.words, self.role, self.features, self.key, self.count = words, role, set(), None, 0


SIDEWAYS = {"conj", "appos", "flat", "compound", "list"}


def common(token):
    """A word the weights may know by itself: no name, unless the word lists have it."""
    known = token.tag not in ("PROPN", "NUM", "X") or any(w.search(token.form) for w in WORDS.values())
    return token.form.lower() if known else token.tag


def candidates(text, sentences, layers, records):
    """Every phrase that might be an answer, by role and words, with what the coder says of it."""
    found = {}
    names = layers["names"]
    speaks = [(x["start"], x["end"]) for a in layers["attributions"] for x in a["source"]]
    violent = [r for r in records if r["event"] == "ASSAULT"]
    whole = set()
    tags = re.findall(r"\[([A-Z ]+)\]", text[:300].upper())
    whole |= {"report:" + t for t in tags if t in ("REPORT", "COMMUNIQUE", "COMMENTARY", "EDITORIAL", "INTERVIEW", "SPEECH", "TEXT", "ARTICLE", "CLANDESTINE")}
    sure = [r for r in violent if not set(r["auxiliary"]) & {"negation", "hypothetical", "historical", "future"}]
    whole |= {f"violent:{min(len(sure), 6)}", f"surest:{max((int(r['confidence'] * 5) for r in sure), default=-1)}"}
    whole |= {"mode:" + m for r in sure for m in r["mode"]}
    if re.search(WORDS["weapons"], text):
        whole.add("a weapon")
    first = min((r["mentions"][0]["start"] for r in sure), default=None)
    whole.add("first violence:" + ("none" if first is None else str(min(first // 300, 5))))

    trigger_at = {}
    for r in records:
        for m in r["mentions"]:
            trigger_at[m["start"]] = r
            for w in re.finditer(r"\w+", text[m["start"]:m["end"]]):
                trigger_at.setdefault(m["start"] + w.start(), r)
    parties = [(p["start"], p["end"], role, r, p) for r in records for role in ("actor", "recipient") for p in r[role]]
    chains = [(x["start"], x["end"], n) for n, chain in enumerate(layers["coreference"]) for x in chain]
    chain_plays = collections.defaultdict(set)
    for s, e, role, r, p in parties:
        for x, y, n in chains:
            if s < y and x < e:
                chain_plays[n].add(f"{role} of {r['event']}")

    for number, sentence in enumerate(sentences):
        triggers = [(j, trigger_at[t.start]) for j, t in enumerate(sentence) if t.start in trigger_at]
        fierce = [(j, r) for j, r in triggers if r["event"] == "ASSAULT"]
        spans = [(h, a, b, kind) for h, a, b, kind in phrases(sentence)]
        for n in names:
            inside = [i for i, t in enumerate(sentence) if t.start < n["end"] and n["start"] < t.end]
            if inside:
                h = next((i for i in inside if sentence[i].head not in inside), inside[0])
                spans.append((h, inside[0], inside[-1], "name " + n["type"]))
        if sentence:
            a0, b0 = sentence[0].start, sentence[-1].end
            for m in re.finditer(WORDS["weapons"], text[a0:b0]):
                inside = [i for i, t in enumerate(sentence) if t.start < a0 + m.end() and a0 + m.start() < t.end]
                spans.append((inside[-1], inside[0], inside[-1], "weapon"))
        weapons = bool(re.search(WORDS["weapons"], text[sentence[0].start:sentence[-1].end]))
        for h, a, b, kind in spans:
            start, end = sentence[a].start, sentence[b].end
            words = re.sub(r"\s+", " ", text[start:end]).strip(" -\"'")
            plain = norm(words)
            if not plain or plain.isdigit():
                continue
            head = sentence[h].form.lower()
            base = {"kind:" + kind, f"tag:{sentence[h].tag}", f"head:{common(sentence[h])}", f"sentence:{min(number // 2, 6)}", f"length:{min(b - a, 5)}"}
            overlap = {n["type"] for n in names if n["start"] < end and start < n["end"]}
            base |= {"named:" + t for t in overlap} or {"unnamed"}
            if any((n["start"], n["end"]) == (start, end) for n in names):
                base.add("just a name")
            modifiers = {common(sentence[i]) for i in range(a, b + 1) if i != h}
            base |= {"with:" + m for m in modifiers}
            if a > 0:
                base.add("before:" + common(sentence[a - 1]))
            if b + 1 < len(sentence):
                base.add("after:" + common(sentence[b + 1]))
            if any(x < end and start < y for x, y in speaks):
                base.add("speaks")
            for x, y, n in chains:
                if x < end and start < y:
                    base |= {"chain:" + f for f in chain_plays[n]}
            base |= {"beside:" + sentence[j].form.lower() for j, _ in fierce}
            for s, e, role, r, p in parties:
                if s < end and start < e:
                    exact = "=" if norm(p["entity_text"]) == plain else "~"
                    base |= {f"{exact}{role} of {r['event']}"}
                    if r["event"] == "ASSAULT":
                        fact = "fact" if not set(r["auxiliary"]) else "+".join(sorted(r["auxiliary"]))
                        base |= {f"{role}/{fact}", f"{role}/sure {int(r['confidence'] * 4)}", *(f"{role}/{m}" for m in r["mode"]), *(f"{role}/{x}" for x in p["sector"])}
            for j, r in triggers:
                if a <= j <= b:
                    base.add("trigger inside")
                    continue
                way = path(sentence, h, j)
                if way:
                    kind_of = "violent" if r["event"] == "ASSAULT" else "other" if r["event"] != "COERCE" else "coerce"
                    base |= {f"way {kind_of} {way}"}
                    if kind_of == "violent":
                        mark = next((t.form.lower() for t in sentence if t.head == h and t.relation == "case"), "")
                        base |= {f"way+ {way} {sentence[j].form.lower()}", f"mark {mark} {way}", f"trigger {sentence[j].form.lower()}"}
            base.add("beside violence" if fierce else "beside other event" if triggers else "beside nothing")
            if not fierce:
                base.add(f"alone kind:{kind}")
            verb = sentence[sentence[h].head] if sentence[h].head >= 0 else None
            if verb:
                base |= {f"{sentence[h].relation} of {common(verb)}"}
            for role in roles_for(words, head, sentence[h].tag, overlap, base, kind, weapons):
                c = found.setdefault((role, plain), Candidate(words, role))
                c.features |= base
                c.count += 1
                c.key = keys(role, plain, head, sentence[h].tag)
    played = collections.defaultdict(set)
    for c in found.values():
        for k in c.key if c.role == "Victim" else ():
            played[k] |= {"same name:" + f for f in c.features if f[0] in "=~"}
    for c in found.values():
        if c.role == "Victim":
            c.features |= set().union(*(played[k] for k in c.key))
        c.features |= whole | {f"count:{min(c.count, 5)}", "bias"}
        if WORDS["state"].search(c.words): c.features.add("words:state")
        if WORDS["organisations"].search(c.words): c.features.add("words:organisation")
        if WORDS["things"].search(c.words): c.features.add("words:thing")
        if WORDS["weapons"].search(c.words): c.features.add("words:weapon")
        if WORDS["weapons"].fullmatch(c.words): c.features.add("words:just a weapon")
    return list(found.values())


def roles_for(words, head, tag, overlap, base, kind, weapons):
    """The roles a phrase could play at all."""
    beside = "beside violence" in base
    party = any(f[1:6] in ("actor", "recip") for f in base if f[0] in "=~")
    person = "person" in overlap or tag == "PROPN" and not overlap and len(words.split()) > 1
    if person and (kind.startswith("name") or tag == "PROPN"):
        yield "Victim"
        if beside or party:
            yield "PerpInd"
    elif (beside or party) and kind != "weapon":
        if tag in ("NOUN", "ADJ") and not WORDS["weapons"].search(head):
            yield "PerpInd"
    if "organisation" in overlap or WORDS["organisations"].search(words) or WORDS["state"].search(words) or "=actor of ASSAULT" in base:
        yield "PerpOrg"
    if (beside or WORDS["things"].search(words) and party) and "person" not in overlap and kind != "weapon":
        yield "Target"
    if WORDS["weapons"].search(words) and len(words.split()) < 7:
        yield "Weapon"


def keys(role, plain, head, tag):
    """Two answers with a common key name one entity."""
    if role == "Victim":
        return set(plain.split()[-1:]) | {plain.split()[min(1, len(plain.split()) - 1)]}
    if role == "PerpOrg":
        return {w for w in plain.split() if w not in ("of", "the", "and", "de", "armed", "forces", "front", "national", "group", "organization", "movement", "revolutionary", "popular")} or {plain}
    if role in ("PerpInd", "Weapon"):
        return {re.sub("s$", "", norm(head) or plain)}
    return {norm(head) or plain}


# ---- weights

def probability(weights, features):
    z = sum(weights.get(f, 0.0) for f in features)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def answer(found, weights, least):
    """The answers of one report: best first, one phrase an entity, those of at least the probability given for its role."""
    roles = {k: [] for k in ROLES}
    taken = {k: set() for k in ROLES}
    ranked = [(probability(weights[c.role], c.features), c) for c in found]
    for p, c in sorted(ranked, key=lambda x: (-x[0], -len(x[1].words), x[1].words)):
        if p >= least[c.role] and not c.key & taken[c.role]:
            taken[c.role] |= c.key
            roles[c.role].append([c.words])
    return roles


def regress(examples, seed, rounds=4, rate=0.1, rare=4):
    """Logistic regression by AdaGrad; examples: (features, right). Features of fewer than `rare` examples are left out."""
    counts = collections.Counter(f for x, _ in examples for f in x)
    rows = [([f for f in sorted(x) if counts[f] >= rare], y) for x, y in examples]
    weights, squares = collections.defaultdict(float), collections.defaultdict(lambda: 1e-2)
    order = random.Random(seed)
    for _ in range(rounds):
        order.shuffle(rows)
        for x, y in rows:
            error = probability(weights, x) - y
            if abs(error) >= 0.01:
                for f in x:
                    squares[f] += error * error
                    weights[f] -= rate * error / math.sqrt(squares[f])
    return weights


def fit(found, gold, parts=8):
    """found: {report: candidates}, gold: {report: role_sets} -> weights (the mean of models that each leave out a part of the reports)
    and by role the least probability that is best where each report is judged by the model that has not seen it."""
    def right(i, c):
        return any(norm(c.words) in {norm(x) for x in entity} for entity in gold[i].get(c.role, []))
    ids = sorted(found)
    folds = [ids[k::parts] for k in range(parts)]
    weights = {k: collections.defaultdict(float) for k in ROLES}
    held = {}
    for n, fold in enumerate(folds):
        rest = [i for m, other in enumerate(folds) if m != n for i in other]
        model = {k: regress([(c.features, right(i, c)) for i in rest for c in found[i] if c.role == k], n) for k in ROLES}
        held.update({i: model for i in fold})
        for k in ROLES:
            for f, w in model[k].items():
                weights[k][f] += w / parts
    total = {k: sum(len(gold[i].get(k, [])) for i in ids) for k in ROLES}
    least, best = {}, {}
    for limit in [x / 50 for x in range(5, 21)]:
        said, hit = collections.Counter(), collections.Counter()
        for i in ids:
            for k, entities in answer(found[i], held[i], dict.fromkeys(ROLES, limit)).items():
                left = [{norm(x) for x in entity} for entity in gold[i].get(k, [])]
                for e in entities:
                    said[k] += 1
                    match = next((g for g in left if norm(e[0]) in g), None)
                    if match is not None:
                        left.remove(match)
                        hit[k] += 1
        for k in ROLES:
            if 2 * hit[k] / (said[k] + total[k]) > best.get(k, (0.0,))[0]:
                best[k], least[k] = (2 * hit[k] / (said[k] + total[k]), hit[k], said[k] + total[k]), limit
    small = {k: {f: round(w, 2) for f, w in sorted(v.items()) if abs(w) >= 0.03} for k, v in weights.items()}
    return {"least": least, "weights": small}, {"cross-validated F1": round(2 * sum(x[1] for x in best.values()) / sum(x[2] for x in best.values()), 4),
                                              **{k: round(x[0], 4) for k, x in best.items()}}
