#!/usr/bin/env python3
"""Trains the English model and writes model/en. See README.md; one command, about an hour on one core.

usage: train.py --shared DIR --minilm DIR --tokens BIN --out DIR [--minutes N] [--seed N]
"""
import argparse, copy, itertools, json, os, random, subprocess, time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from tokenizers import Tokenizer
import data as D
from model import Net
from export import export

ap = argparse.ArgumentParser()
for name in ("--shared", "--minilm", "--tokens", "--out"):
    ap.add_argument(name, required=True)
ap.add_argument("--minutes", type=float, default=60)
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--lr", type=float, default=3e-4)
ap.add_argument("--head-lr", type=float, default=2e-3)
ap.add_argument("--held", type=int, default=11, help="every N-th coded report is held out for tuning and calibration")
ap.add_argument("--gold", nargs="*", default=[], help="folders of further coded reports to learn from (eval/gold/train)")
ap.add_argument("--parse", required=True, help="examples/parse, to learn the syntax of news from the released model, and the hints of the lexicon")
ap.add_argument("--parsed-loss", type=float, default=.4, help="weight of the loss on syntax so learned")
ap.add_argument("--hint-drop", type=float, default=.2, help="how often a word's hints are left out in training")
ap.add_argument("--ema", type=float, default=.998, help="decay of the running mean of the weights, which is what is kept; 0 for none")
ap.add_argument("--init", help="a checkpoint to start from instead of MiniLM")
ap.add_argument("--weights", default="syntax=1.3,events=1,names=.06,sources=.35", help="share of epochs: passes of each source per event epoch x 0.1")
args = ap.parse_args()
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(args.seed)
random.seed(args.seed)
S = args.shared

# ---- sources
banks = {k: D.treebank(f"{S}/train/ud/{k}.conllu") for k in ("ewt-train", "ewt-dev", "gum-train", "gum-dev")}
train_docs = banks["ewt-train"] + banks["gum-train"]
coded = D.reports(f"{S}/bench/train_records", args.tokens)
held = [r for i, r in enumerate(coded) if i % args.held == 0]
coded = [r for i, r in enumerate(coded) if i % args.held]
for folder in args.gold:
    coded += D.reports(folder, args.tokens)
names = D.re3d(f"{S}/bench/data/re3d/all.jsonl", args.tokens)
sources = D.polnear(f"{S}/bench/data/polnear/train.jsonl", args.tokens)
share = {k: float(v) for k, v in (p.split("=") for p in args.weights.split(","))}
D.parse(args.parse, [w for _, w, _, _ in coded + held] + [w for w, _ in sources if "sources" in share])

rules, rels = {}, {}
for doc in train_docs:
    for sent in doc:
        for w in sent:
            r = D.lemma_rule(w.form, w.lemma)
            rules[r] = rules.get(r, 0) + 1
            rels[w.rel] = rels.get(w.rel, 0) + 1
modes = sorted({(e["type"], m) for _, _, ev, _ in coded + held for e in ev for m in e["mode"]})
mode_table = [l.split(",")[:2] for l in open(f"{S}/specs/plover_modes.csv") if l[0] != "#"][1:]
labels = dict(
    upos=D.UPOS, deprel=sorted(rels), lemma=["l0"] + sorted((r for r in rules if rules[r] >= 3 and r != "l0"), key=lambda r: -rules[r]),
    ner=D.NER_LABELS, events=D.EVENTS, modes=[f"{e}:{m}" for e, m in mode_table], roles=D.ROLES, aux=D.AUX, certainty=D.CERTAINTY, basis=D.BASIS,
    hints=json.loads(subprocess.run([args.parse, "--hints"], capture_output=True, text=True, check=True).stdout),
    themes="military intelligence executive legislative election political_institutions pro_democracy pro_autocracy economic legal reparations human_rights rights_freedoms repression human_security gender lgbt religion_ethnicity inequality diplomatic territory peacekeeping health asylum migration disasters natural_resource environment technology terrorism cbrn cyber misinformation crime corruption illegal_drugs trafficking".split())
index = {k: {x: i for i, x in enumerate(v)} for k, v in labels.items()}
print({k: len(v) for k, v in labels.items()}, "train docs", len(train_docs), "coded", len(coded), "held", len(held), "re3d", len(names), "polnear", len(sources), flush=True)

# ---- words to pieces
tokenizer = Tokenizer.from_file(f"{args.minilm}/tokenizer.json")
tokenizer.no_truncation(); tokenizer.no_padding()
cache = {}


def pieces(form):
    p = cache.get(form)
    if p is None:
        p = cache[form] = tokenizer.encode(form, add_special_tokens=False).ids[:12] or [100]
    return p


def shape(w):
    if w.islower(): return 1
    if w.isupper(): return 2 if len(w) > 1 else 3
    if w[:1].isupper(): return 4 if w[1:].islower() else 5
    if any(c.isdigit() for c in w): return 6
    if any(c.isalpha() for c in w): return 7
    return 8


def sample(words, capitals=False):
    ids, sh, br, first = [101], [0], [0], [0]
    for w in words:
        p = pieces(w.form)
        first.append(len(ids))
        ids += p
        s = shape(w.form.upper() if capitals else w.form)
        sh += [s] + [9] * (len(p) - 1)
        br += [w.brk] + [0] * (len(p) - 1)
    return dict(ids=ids + [102], shape=sh + [0], brk=br + [0], first=first, words=words)


def with_pieces(words):
    return [(w, len(pieces(w.form))) for w in words]


def syntax_samples(docs, sizes, capitals=0.0):
    for doc in docs:
        where = {}
        for k, sent in enumerate(doc):
            for i, w in enumerate(sent):
                where[id(w)] = (k, i)
        units = [with_pieces(s) for s in doc if sum(len(pieces(w.form)) for w in s) + 2 <= D.MAX_PIECES]
        for group in D.windows(units, random.choice(sizes)):
            ws = [w for w, _ in group]
            s = sample(ws, capitals=random.random() < capitals)
            n = len(ws)
            start = {}
            for i, w in enumerate(ws):
                k, j = where[id(w)]
                if j == 0: start[k] = i
            s["sentence"] = [where[id(w)][0] for w in ws]
            s["sent"] = [w.sent for w in ws]
            s["tag"] = [index["upos"].get(w.upos, -1) for w in ws]
            s["lemma"] = [index["lemma"].get(D.lemma_rule(w.form, w.lemma), 0) for w in ws]
            s["ner"] = [index["ner"][w.ner] if w.ner else -1 for w in ws]
            s["head"] = [0 if w.head == 0 else start[where[id(w)][0]] + w.head for w in ws]
            s["rel"] = [index["deprel"].get(w.rel, -1) for w in ws]
            yield s


def paragraphs(words):
    unit, out = [], []
    for w in words:
        if w.brk and unit:
            out.append(with_pieces(unit)); unit = []
        unit.append(w)
    if unit: out.append(with_pieces(unit))
    return out


def parsed(s, ws, at):
    """Adds the syntax and names that the released model found to the sample of a window of news; `at` is where each of the document's
    words stands in it."""
    known = ws[0].upos is not None
    s["sentence"] = list(itertools.accumulate(w.sent if known else 0 for w in ws)) if known else [-1] * len(ws)
    s["sent"] = [w.sent if known else -1 for w in ws]
    s["tag"] = [index["upos"].get(w.upos, -1) for w in ws]
    s["lemma"] = [index["lemma"].get(D.lemma_rule(w.form, w.lemma), -1) if known else -1 for w in ws]
    s["ner"] = [index["ner"].get(w.ner, -1) for w in ws]
    s["head"] = [-1 if not known else 0 if w.head < 0 else at.get(w.head, -2) + 1 for w in ws]
    s["rel"] = [index["deprel"].get(w.rel, -1) if h >= 0 else -1 for w, h in zip(ws, s["head"])]


def event_samples(reports, shuffle=True):
    for rid, words, events, themes in reports:
        pos = {id(w): i for i, w in enumerate(words)}
        for group in D.windows(paragraphs(words), random.choice((48, 160, 320, 320)) if shuffle else D.MAX_PIECES):
            ws = [w for w, _ in group]
            s = sample(ws, capitals=shuffle and random.random() < .04)
            at = {pos[id(w)]: i for i, w in enumerate(ws)}
            if shuffle: parsed(s, ws, at)
            trig = [0] * len(ws)
            frames = {}
            for k, e in enumerate(events):
                for t in e["triggers"]:
                    if t not in at: continue
                    i = at[t]
                    if e["optional"]:
                        if trig[i] == 0: trig[i] = -1
                        continue
                    trig[i] = index["events"][e["type"]] + 1
                    f = frames.setdefault(i, dict(mode=set(), aux=set(), cert=index["certainty"][e["cert"]], basis=index["basis"][e["basis"]], roles=[set() for _ in D.ROLES]))
                    f["mode"].update(index["modes"][f"{e['type']}:{m}"] for m in e["mode"] if f"{e['type']}:{m}" in index["modes"])
                    f["aux"].update(index["aux"][a] for a in e["aux"])
                    for r, name in enumerate(D.ROLES[:-1]):
                        f["roles"][r].update(at[x] for x in e["roles"][name] if x in at)
                    f["roles"][-1].update(at[x] for x in e["triggers"] if x in at and x != t)
            drop = args.hint_drop if shuffle else 0
            s["hints"] = [(i, index["hints"][h]) for i, w in enumerate(ws) if w.hints and random.random() >= drop for h in w.hints]
            s["trig"], s["frames"] = trig, frames
            s["themes"] = [index["themes"][t] for t in themes if t in index["themes"]]
            yield s


def name_samples(texts):
    for words in texts:
        for group in D.windows(paragraphs(words), random.choice((128, 320))):
            ws = [w for w, _ in group]
            s = sample(ws, capitals=random.random() < .05)
            s["ner"] = [index["ner"][w.ner] for w in ws]
            yield s


def source_samples(docs):
    for words, marks in docs:
        pos = {id(w): i for i, w in enumerate(words)}
        att = np.zeros((len(words), 6), np.float32)
        for m in marks:
            for k, name in enumerate(D.ATTRIBUTION):
                for j, i in enumerate(m[name]):
                    att[i, k] = 1
                    if j == 0: att[i, 3 + k] = 1
        for group in D.windows(paragraphs(words), random.choice((160, 320))):
            ws = [w for w, _ in group]
            s = sample(ws)
            parsed(s, ws, {pos[id(w)]: i for i, w in enumerate(ws)})
            s["att"] = att[[pos[id(w)] for w in ws]]
            yield s


# ---- batches
def collate(xs):
    B, W = len(xs), max(len(x["words"]) for x in xs)
    L = min(512, (max(len(x["ids"]) for x in xs) + 7) // 8 * 8)
    b = dict(ids=torch.zeros(B, L, dtype=torch.long), shape=torch.zeros(B, L, dtype=torch.long), brk=torch.zeros(B, L, dtype=torch.long),
             mask=torch.zeros(B, L, dtype=torch.bool), first=torch.zeros(B, W + 1, dtype=torch.long), wmask=torch.zeros(B, W, dtype=torch.bool))
    for i, x in enumerate(xs):
        n, k = len(x["ids"]), len(x["words"])
        for f in ("ids", "shape", "brk"):
            b[f][i, :n] = torch.tensor(x[f])
        b["mask"][i, :n] = True
        b["wmask"][i, :k] = True
        b["first"][i, :k + 1] = torch.tensor(x["first"])
    for f in ("sent", "tag", "lemma", "ner", "head", "rel", "trig", "sentence"):
        if f in xs[0]:
            t = torch.full((B, W), -1)
            for i, x in enumerate(xs):
                t[i, :len(x[f])] = torch.tensor(x[f])
            b[f] = t
    if "att" in xs[0]:
        b["att"] = torch.zeros(B, W, 6)
        for i, x in enumerate(xs):
            b["att"][i, :len(x["att"])] = torch.from_numpy(x["att"])
    if "hints" in xs[0]:
        b["hints"] = torch.tensor([(i * W + w, h) for i, x in enumerate(xs) for w, h in x["hints"]], dtype=torch.long).view(-1, 2)
    b["xs"] = xs
    return b


def batches(samples, budget):
    order = sorted(samples, key=lambda s: len(s["ids"]) + random.random())
    out, cur, top = [], [], 0
    for s in order:
        if len(s["ids"]) > 512: continue
        if cur and max(top, len(s["ids"])) * (len(cur) + 1) > budget:
            out.append(cur); cur, top = [], 0
        cur.append(s); top = max(top, len(s["ids"]))
    if cur: out.append(cur)
    return out


def same_sentence(b):
    """[B, W, W+1]: which heads a word may have: the root and the words of its sentence but itself."""
    s = b["sentence"]
    m = (s[:, :, None] == s[:, None, :]) & (s[:, :, None] >= 0)
    m &= ~torch.eye(s.shape[1], dtype=torch.bool)
    return torch.cat([torch.ones(*s.shape, 1, dtype=torch.bool), m], -1)


def ce(scores, gold):
    return F.cross_entropy(scores.flatten(0, 1).float(), gold.flatten(), ignore_index=-1) if (gold >= 0).any() else scores.sum() * 0


def loss_of(net, b):
    w = net.encode(b)
    v = net.hdrop(w[:, 1:])
    loss = 0
    if "head" in b:
        loss = loss + ce(net.tag(v), b["tag"]) + .5 * ce(net.lemma(v), b["lemma"]) + 2 * ce(net.sent(v), b["sent"])
        arcs = net.arcs(w).masked_fill(~same_sentence(b), -1e4)
        loss = loss + ce(arcs, b["head"]) + ce(net.rels(w, b["head"].clamp(min=0)), b["rel"])
    if "ner" in b:
        loss = loss + ce(net.ner(v), b["ner"])
    if "att" in b or "trig" in b:
        loss = args.parsed_loss * loss
    if "att" in b:
        m = b["wmask"]
        loss = loss + 2 * F.binary_cross_entropy_with_logits(net.att(v).float()[m], b["att"][m])
    if "trig" in b:
        hid = net.trigger(v, b["hints"])
        h2 = net.hdrop(hid)
        loss = loss + 4 * ce(net.trig2(h2), b["trig"])
        rows, cols, frames = [], [], []
        for i, x in enumerate(b["xs"]):
            for c, f in x["frames"].items():
                rows.append(i); cols.append(c); frames.append(f)
        if rows:
            T = len(rows)
            mode, aux, role = torch.zeros(T, len(labels["modes"])), torch.zeros(T, 4), torch.zeros(T, len(D.ROLES), w.shape[1])
            for k, f in enumerate(frames):
                mode[k, list(f["mode"])] = 1
                aux[k, list(f["aux"])] = 1
                for r, ids in enumerate(f["roles"]):
                    role[k, r, [i + 1 for i in ids]] = 1
            r_, c_ = torch.tensor(rows), torch.tensor(cols)
            th = h2[r_, c_]
            bce = F.binary_cross_entropy_with_logits
            loss = loss + bce(net.mode(th).float(), mode, reduction="sum") / T * .5 + bce(net.aux(th).float(), aux, reduction="sum") / T
            loss = loss + F.cross_entropy(net.cert(th).float(), torch.tensor([f["cert"] for f in frames])) + F.cross_entropy(net.basis(th).float(), torch.tensor([f["basis"] for f in frames])) * .7
            sc = net.roles(w, r_, c_ + 1)
            wm = torch.cat([torch.zeros(len(b["xs"]), 1, dtype=torch.bool), b["wmask"]], 1)[r_]
            loss = loss + (bce(sc, role, reduction="none", pos_weight=torch.tensor(2.0)) * wm[:, None, :]).sum() / T * .2
        th = torch.zeros(len(b["xs"]), len(labels["themes"]))
        for i, x in enumerate(b["xs"]):
            th[i, x["themes"]] = 1
        loss = loss + F.binary_cross_entropy_with_logits(net.ctx(net.hdrop(w[:, 0])).float(), th, reduction="sum") / len(b["xs"]) * .15
    return loss


# ---- scores
def f1(tp, n, m):
    return round(2 * tp / max(1, n + m), 4)


@torch.no_grad()
def score_syntax(net, docs):
    net.eval()
    c = dict(n=0, upos=0, lemma=0, uas=0, las=0, stp=0, sg=0, sp=0)
    with torch.autocast("cpu", torch.bfloat16):
        for xs in batches(list(syntax_samples(docs, (D.MAX_PIECES,))), 4096):
            b = collate(xs)
            w = net.encode(b)
            v = w[:, 1:]
            ok = b["head"] >= 0
            h = net.arcs(w).masked_fill(~same_sentence(b), -1e9).argmax(-1)
            r = net.rels(w, h).argmax(-1)
            c["n"] += int(ok.sum()); c["upos"] += int(((net.tag(v).argmax(-1) == b["tag"]) & ok).sum()); c["lemma"] += int(((net.lemma(v).argmax(-1) == b["lemma"]) & ok).sum())
            c["uas"] += int(((h == b["head"]) & ok).sum()); c["las"] += int(((h == b["head"]) & (r == b["rel"]) & ok).sum())
            p = (net.sent(v).argmax(-1) == 1) & ok
            c["stp"] += int((p & (b["sent"] == 1)).sum()); c["sg"] += int((b["sent"] == 1).sum()); c["sp"] += int(p.sum())
    net.train()
    return {k: round(100 * c[k] / c["n"], 2) for k in ("upos", "lemma", "uas", "las")} | {"starts": f1(c["stp"], c["sg"], c["sp"])}


@torch.no_grad()
def score_events(net, reports):
    net.eval()
    c = dict(tp=0, tpc=0, g=0, p=0)
    roles = {r: [0, 0, 0] for r in D.ROLES}
    status = dict(n=0, cert=0, basis=0)
    with torch.autocast("cpu", torch.bfloat16):
        for xs in batches(list(event_samples(reports, shuffle=False)), 4096):
            b = collate(xs)
            w = net.encode(b)
            hid = net.trigger(w[:, 1:], b["hints"])
            t = net.trig2(hid).argmax(-1)
            known = b["trig"] >= 0
            c["tp"] += int(((t > 0) & (b["trig"] > 0)).sum()); c["tpc"] += int(((t > 0) & (b["trig"] == t)).sum()); c["g"] += int((b["trig"] > 0).sum()); c["p"] += int(((t > 0) & known).sum())
            for i, x in enumerate(xs):
                for col, f in x["frames"].items():
                    sc = net.roles(w, torch.tensor([i]), torch.tensor([col + 1]))[0, :, 1:] > 0
                    for r, name in enumerate(D.ROLES):
                        p = {j for j in range(len(x["words"])) if sc[r, j]}
                        roles[name][0] += len(p & f["roles"][r]); roles[name][1] += len(p); roles[name][2] += len(f["roles"][r])
                    status["n"] += 1; status["cert"] += int(net.cert(hid[i, col]).argmax() == f["cert"]); status["basis"] += int(net.basis(hid[i, col]).argmax() == f["basis"])
    net.train()
    return dict(trigger=f1(c["tp"], c["g"], c["p"]), category=f1(c["tpc"], c["g"], c["p"]), roles={k: (f1(*v), round(v[0] / max(1, v[1]), 2), round(v[0] / max(1, v[2]), 2)) for k, v in roles.items() if v[2]}, cert=round(status["cert"] / max(1, status["n"]), 3), basis=round(status["basis"] / max(1, status["n"]), 3))


# ---- training
net = Net(labels)
net.load_minilm(f"{args.minilm}/model.safetensors")
if args.init:
    net.load_state_dict(torch.load(args.init), strict=False)
encoder = {"word", "pos", "shape", "brk", "ln", "layers"}
enc = [p for n, p in net.named_parameters() if n.split(".")[0] in encoder]
head = [p for n, p in net.named_parameters() if n.split(".")[0] not in encoder]
opt = torch.optim.AdamW([dict(params=enc, lr=args.lr, base=args.lr), dict(params=head, lr=args.head_lr, base=args.head_lr)], weight_decay=.01, fused=True)


def stream():
    """Batches for ever: each round mixes a tenth of the event epochs' worth of every source, by its share."""
    bags = {k: [] for k in share}
    makers = dict(
        syntax=lambda: syntax_samples(train_docs, (64, 128, 320), capitals=.05), events=lambda: event_samples(coded),
        names=lambda: name_samples(names), sources=lambda: source_samples(sources))
    epoch = dict.fromkeys(share, 0)
    clock = dict.fromkeys(share, 0.0)
    size = {}
    while True:
        kind = min(share, key=lambda k: clock[k])
        if not bags[kind]:
            bags[kind] = batches(list(makers[kind]()), 2048)
            random.shuffle(bags[kind])
            size.setdefault(kind, len(bags[kind]))
            epoch[kind] += 1
        # `share` is epochs of this source for every ten epochs of events
        per = share[kind] if kind != "events" else 10.0
        clock[kind] += 1 / (size[kind] * per)
        yield kind, bags[kind].pop(), epoch


# the running mean of the weights scores better than the last of them, for the price of a copy
mean = copy.deepcopy(net) if args.ema else net


@torch.no_grad()
def keep(step):
    decay = min(args.ema ** 5, (1 + step / 5) / (10 + step / 5))
    for m, p in zip(mean.parameters(), net.parameters()):
        m.lerp_(p, 1 - decay)


os.makedirs(args.out, exist_ok=True)
budget, t0, step, run, last = args.minutes * 60, time.time(), 0, {}, time.time()
for kind, xs, epoch in stream():
    spent = (time.time() - t0) / budget
    if spent >= 1:
        break
    f = min(1, spent / .03 + .01) * (1 - spent)
    for g in opt.param_groups:
        g["lr"] = g["base"] * max(f, 1e-3)
    with torch.autocast("cpu", torch.bfloat16):
        loss = loss_of(net, collate(xs))
    opt.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    step += 1
    if args.ema and step % 5 == 0:
        keep(step)
    run[kind] = .97 * run.get(kind, float(loss.detach())) + .03 * float(loss.detach())
    if time.time() - last > 60:
        last = time.time()
        print(f"t={last - t0:.0f} step={step} epoch={epoch} loss={ {k: round(v, 3) for k, v in run.items()} }", flush=True)
    if step % 1000 == 0:
        print("dev", score_syntax(mean, banks["ewt-dev"][:60]), score_events(mean, held), flush=True)
        torch.save(mean.state_dict(), f"{args.out}/checkpoint.pt")
torch.save(mean.state_dict(), f"{args.out}/checkpoint.pt")
scores = dict(ewt_dev=score_syntax(mean, banks["ewt-dev"]), gum_dev=score_syntax(mean, banks["gum-dev"]), events_held=score_events(mean, held), steps=step, epochs=epoch, minutes=args.minutes)
print(json.dumps(scores), flush=True)
export(mean, labels, tokenizer, args.out, scores)
