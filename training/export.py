"""Writes the trained network as int8 weights per row, vocabulary and labels: the three files the Rust side embeds."""
import json, struct
import numpy as np, torch


def rows(w):
    """Symmetric int8 per row: w ≈ q * s."""
    w = w.detach().float().reshape(-1, w.shape[-1]).numpy()
    s = np.abs(w).max(1) / 127
    s[s == 0] = 1
    return np.clip(np.rint(w / s[:, None]), -127, 127).astype(np.int8), s.astype(np.float32)


def export(net, labels, tokenizer, out, scores):
    tensors = {}

    def matrix(name, w, bias=None):
        tensors[name + ".q"], tensors[name + ".s"] = rows(w)
        if bias is not None:
            tensors[name + ".b"] = bias.detach().float().numpy()

    def plain(name, w):
        tensors[name] = w.detach().float().numpy()

    matrix("word", net.word.weight)
    plain("pos", net.pos.weight)
    plain("shape", net.shape.weight[:10])  # the tables are a little larger than what is used
    plain("brk", net.brk.weight[:3])
    plain("ln.w", net.ln.weight)
    plain("ln.b", net.ln.bias)
    for i, layer in enumerate(net.layers):
        for name in ("qkv", "o", "i", "f"):
            m = getattr(layer, name)
            matrix(f"layers.{i}.{name}", m.weight, m.bias)
        for name in ("l1", "l2"):
            plain(f"layers.{i}.{name}.w", getattr(layer, name).weight)
            plain(f"layers.{i}.{name}.b", getattr(layer, name).bias)
    for name in ("sent", "tag", "lemma", "ner", "att", "ad", "ah", "ld", "lh", "trig1", "trig2", "mode", "aux", "cert", "basis", "argt", "arga", "ctx"):
        m = getattr(net, name)
        matrix(name, m.weight, m.bias)
    for name in ("U", "V", "A", "hint"):
        matrix(name, getattr(net, name))
    header, blobs, at = {}, [], 0
    for name in sorted(tensors):
        t = np.ascontiguousarray(tensors[name])
        raw = t.tobytes()
        header[name] = dict(dtype="I8" if t.dtype == np.int8 else "F32", shape=list(t.shape), data_offsets=[at, at + len(raw)])
        pad = -len(raw) % 64
        blobs.append(raw + b"\0" * pad)
        at += len(raw) + pad
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-(len(head) + 8) % 64)
    with open(f"{out}/model.bin", "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + b"".join(blobs))
    vocab = sorted(tokenizer.get_vocab().items(), key=lambda x: x[1])
    with open(f"{out}/vocab.txt", "w", encoding="utf8") as f:
        f.write("".join(w + "\n" for w, _ in vocab))
    json.dump(labels, open(f"{out}/labels.json", "w"), indent=1)
    json.dump(scores, open(f"{out}/scores.json", "w"), indent=1)
