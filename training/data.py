"""Reads treebanks, coded reports, entity layers and attributions into windows of words with labels.

A *window* is a run of consecutive sentences or paragraphs of one document, at most MAX_PIECES word pieces, as the Rust side packs
them. Every sample carries the labels its source has; what it lacks is -1 and adds nothing to the loss.
"""
import collections, glob, json, os, random, re, subprocess

MAX_PIECES = 320
UPOS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
EVENTS = "AGREE CONSULT SUPPORT CONCEDE COOPERATE AID RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE COERCE ASSAULT".split()
SIZES = "dead injured arrested deported displaced participants abducted released troops".split()
ROLES = ["actor", "recipient", "place", "time", "source"] + SIZES + ["same"]
AUX = "historical future hypothetical negation".split()
CERTAINTY = "asserted alleged disputed".split()
BASIS = "text published none".split()
NER = ["PER", "ORG", "LOC", "GRP", "MISC"]
NER_LABELS = ["O"] + [f"{p}-{t}" for t in NER for p in "BI"]
ATTRIBUTION = ["source", "cue", "content"]


class Word:
    """A token and whatever labels its source has."""
    __slots__ = "form brk upos head rel lemma sent ner start end hints".split()

    def __init__(self, form, brk=0):
        self.form, self.brk = form, brk
        self.upos = self.rel = self.lemma = None
        self.head = self.sent = self.ner = None
        self.start = self.end = 0
        self.hints = ()


class Words(list):
    """The words of a document, which knows its text."""
    text = ""


def lemma_rule(form, lemma):
    """How the lemma is made from the form: 'l' or 'k' (lower or keep case), letters cut off the end, letters added; '=x' for x as it is."""
    for case, base in (("l", form.lower()), ("k", form)):
        n = len(os.path.commonprefix([base, lemma]))
        if n or not lemma:
            if case == "k" or lemma == lemma.lower() or n == len(lemma):
                return f"{case}{len(base) - n}{lemma[n:]}"
    return "=" + lemma


def apply_rule(form, rule):
    if rule[0] == "=":
        return rule[1:]
    base = form.lower() if rule[0] == "l" else form
    m = re.match(r"\d+", rule[1:])
    cut = int(m.group())
    return base[:len(base) - cut] + rule[1 + len(m.group()):]


GUM_TYPES = {"person": "PER", "place": "LOC", "organization": "ORG", "event": "MISC", "object": "MISC", "abstract": "MISC", "animal": "MISC", "plant": "MISC", "substance": "MISC"}


def treebank(path):
    """Documents of a CoNLL-U file: lists of sentences, each a list of Words; entity layers of GUM become NER labels."""
    docs, sent, open_entities, new_par, has_entities = [], [], {}, False, False
    spans = []
    for line in open(path, encoding="utf8"):
        line = line.rstrip("\n")
        if not line:
            if sent:
                if has_entities:
                    name_labels(sent, spans)
                docs[-1].append(sent)
            sent, spans, new_par = [], [], False
        elif line[0] == "#":
            if line.startswith("# newdoc"):
                docs.append([]); new_par = True; open_entities = {}
            elif line.startswith("# newpar"):
                new_par = True
            elif line.startswith("# global.Entity"):
                has_entities = True
        else:
            c = line.split("\t")
            if "-" in c[0] or "." in c[0]:
                continue
            w = Word(c[1], 1 if new_par and not sent else 0)
            w.upos, w.head, w.rel, w.lemma = c[3], int(c[6]), c[7], c[2]
            w.sent = int(not sent)
            if has_entities:
                w.ner = "O"
                m = re.search(r"(?:^|\|)Entity=([^|]*)", c[9])
                for part in re.findall(r"\([^()]*\)?|[^()]+\)", m.group(1)) if m else ():
                    key = part.strip("()").split("-")
                    if part.startswith("("):
                        open_entities.setdefault(key[0], []).append((len(sent), key[1] if len(key) > 1 else "?"))
                    if part.endswith(")") and open_entities.get(key[0]):
                        a, kind = open_entities[key[0]].pop()
                        spans.append((a, len(sent), kind))
            sent.append(w)
    return [d for d in docs if d]


def name_labels(sent, spans):
    """Turns GUM's nested entities (any noun phrase) into flat names: those headed by a proper noun, without determiners and modifiers."""
    taken = [False] * len(sent)
    for a, b, kind in sorted(spans, key=lambda s: s[0] - s[1]):
        kind = GUM_TYPES.get(kind)
        inside = range(a, b + 1)
        heads = [i for i in inside if i < len(sent) and not (a <= sent[i].head - 1 <= b)]
        if not kind or b >= len(sent) or not heads or sent[heads[0]].upos != "PROPN":
            continue
        h = heads[0]
        ok = lambda i: sent[i].upos == "PROPN" or sent[i].form[:1].isupper() and sent[i].upos in ("ADJ", "NOUN", "NUM", "X") or sent[i].form in ("-", "&", "of", ".") and a < i < b and sent[i + 1].form[:1].isupper() and sent[i + 1].upos != "DET" or sent[i].form.lower() == "the" and a < i and sent[i - 1].form == "of"
        l = h
        while l - 1 >= a and ok(l - 1):
            l -= 1
        while sent[l].form in ("-", "&", "of", ".", "the"):
            l += 1
        r = h
        while r + 1 <= b and (ok(r + 1) or sent[r + 1].upos == "NUM" and sent[r + 1].head - 1 == r):
            r += 1
        if any(taken[l:r + 1]):
            continue
        for i in range(l, r + 1):
            taken[i] = True
            sent[i].ner = ("B-" if i == l else "I-") + kind


def cut(binary, texts):
    """Tokens of each text as (start, end) in code points, by the product's own tokenizer."""
    run = subprocess.run([binary], input="".join(json.dumps(t) + "\n" for t in texts), capture_output=True, text=True, check=True)
    out = []
    for text, line in zip(texts, run.stdout.splitlines()):
        at, n = {}, 0
        for i, ch in enumerate(text):
            at[n] = i
            n += len(ch.encode())
        at[n] = len(text)
        out.append([(at[a], at[b]) for a, b, _ in json.loads(line)])
    return out


def parse(binary, docs):
    """Gives the words of each document what the released model (examples/parse) makes of them: tag, lemma, head, relation, sentence start
    and name, and what the event lexicon says of it. The treebanks hold hardly any news in wide windows; read line by line the model parses news well, so it teaches itself.
    A document whose tokens differ keeps no syntax."""
    run = subprocess.run([binary], input="".join(json.dumps(d.text) + "\n" for d in docs), capture_output=True, text=True, check=True)
    missed = 0
    for words, line in zip(docs, run.stdout.splitlines()):
        rows = json.loads(line)
        if [words.text.encode()[r[0]:r[1]].decode(errors="replace") for r in rows] != [w.form for w in words]:
            missed += 1
            continue
        for w, (_, _, upos, lemma, head, rel, first, name, hints) in zip(words, rows):
            w.upos, w.lemma, w.rel, w.sent, w.ner = upos, lemma, rel, int(first), name
            w.hints = hints
            w.head = -1 if head is None else head  # an index into the document's words; -1 is the root
    if missed:
        print(f"{missed} of {len(docs)} texts could not be parsed token by token")


def words_of(text, spans, title=True):
    """Words of a text with their paragraph marks: 2 on the first word of the headline, 1 on the first word of a line."""
    out, last = Words(), 0
    out.text = text
    for k, (a, b) in enumerate(spans):
        w = Word(text[a:b], 2 if k == 0 and title else 1 if "\n" in text[last:a] or k == 0 else 0)
        w.start, w.end = a, b
        last = b
        out.append(w)
    return out


def at_span(words, span):
    if not span or span.get("start") is None or span.get("end") is None:
        return []
    return [i for i, w in enumerate(words) if w.start < span["end"] and w.end > span["start"]]


def reports(folder, binary):
    """Hand-coded reports: [(id, words, events, themes)], an event being a dict of word indices and labels."""
    docs = [json.load(open(f, encoding="utf8")) for f in sorted(glob.glob(f"{folder}/*.json"))]
    docs = [d for d in docs if isinstance(d, dict) and isinstance(d.get("events"), list)]
    out = []
    for d, spans in zip(docs, cut(binary, [d["text"] for d in docs])):
        words = words_of(d["text"], spans, title=bool(d.get("title")) or "\n" in d["text"])
        events = []
        for e in d["events"]:
            roles = {r: set() for r in ROLES}
            for r in ("actor", "recipient"):
                for x in e.get(r) or []:
                    roles[r].update(at_span(words, x))
            place = e.get("event_loc")
            roles["place"].update(at_span(words, place))
            roles["time"].update(at_span(words, e.get("date_text")))
            for x in e.get("attribution") or []:
                roles["source"].update(at_span(words, x))
            for k, v in (e.get("size") or {}).items():
                for x in v if isinstance(v, list) else [v]:
                    if x and k in roles:
                        roles[k].update(at_span(words, x))
            events.append(dict(
                type=e["event"], optional=bool(e.get("optional")), triggers=sorted({i for m in e["mentions"] for i in at_span(words, m)}),
                mode=e.get("mode") or [], aux=e.get("auxiliary") or [], cert=e.get("certainty") or "asserted", basis=e.get("date_basis") or "text", roles=roles))
        out.append((d["id"], words, events, d.get("context") or []))
    return out


RE3D = {"Organisation": "ORG", "Person": "PER", "Location": "LOC", "Nationality": "GRP", "Weapon": "MISC", "MilitaryPlatform": "MISC"}


def re3d(path, binary):
    """Entity layer of re3d's training part; common-noun persons and organisations are left out, as names are wanted."""
    rows = [json.loads(l) for l in open(path, encoding="utf8")]
    rows = [r for r in rows if r.get("split") != "test"]
    out = []
    for r, spans in zip(rows, cut(binary, [r["text"] for r in rows])):
        words = words_of(r["text"], spans, title=False)
        for w in words:
            w.ner = "O"
        for e in sorted(r["entities"], key=lambda e: e["start"] - e["end"]):
            kind = RE3D.get(e["type"])
            if not kind or e.get("confidence", 1) < .5:
                continue
            ids = at_span(words, e)
            while ids and not words[ids[0]].form[:1].isupper():
                ids = ids[1:]
            while ids and not (words[ids[-1]].form[:1].isupper() or words[ids[-1]].form[:1].isdigit()):
                ids = ids[:-1]
            for i in ids:
                words[i].ner = ("B-" if i == ids[0] else "I-") + kind
        out.append(words)
    return out


def polnear(path, binary):
    """Attributions: [(words, [{source, cue, content: word indices}])]."""
    rows = [json.loads(l) for l in open(path, encoding="utf8")]
    out = []
    for r, spans in zip(rows, cut(binary, [r["text"] for r in rows])):
        words = words_of(r["text"], spans)
        marks = []
        for a in r["attributions"]:
            marks.append({k: [i for s in a[k] for i in at_span(words, dict(start=s[0], end=s[1]))] for k in ATTRIBUTION})
        out.append((words, marks))
    return out


def windows(units, size):
    """Groups of consecutive units (each a list of (word, pieces)) of at most `size` pieces; a unit too long for any window is split."""
    group, n = [], 2
    for unit in units:
        k = sum(p for _, p in unit)
        while k + 2 > MAX_PIECES:
            if group:
                yield group
                group, n = [], 2
            head, m = [], 2
            while unit and m + unit[0][1] <= MAX_PIECES:
                m += unit[0][1]
                head.append(unit[0])
                unit = unit[1:]
            yield head
            k = sum(p for _, p in unit)
        if group and n + k > size:
            yield group
            group, n = [], 2
        group += unit
        n += k
    if group:
        yield group
