"""The network: a MiniLM-L6 encoder with word-shape and break embeddings, and the heads that the Rust side runs."""
import torch, torch.nn as nn, torch.nn.functional as F
from safetensors.torch import load_file


class Layer(nn.Module):
    def __init__(self, hidden=384, inner=1536, heads=12):
        super().__init__()
        self.heads = heads
        self.qkv, self.o = nn.Linear(hidden, 3 * hidden), nn.Linear(hidden, hidden)
        self.i, self.f = nn.Linear(hidden, inner), nn.Linear(inner, hidden)
        self.l1, self.l2 = nn.LayerNorm(hidden, eps=1e-12), nn.LayerNorm(hidden, eps=1e-12)
        self.drop = nn.Dropout(.1)

    def forward(self, x, mask):
        batch, length, hidden = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        # by hand: torch's fused attention took 28% of a bf16 step on CPU
        a = ((q @ k.transpose(-1, -2)) * (hidden // self.heads) ** -.5).float().masked_fill(~mask, -1e4).softmax(-1).to(v.dtype) @ v
        x = self.l1(x + self.drop(self.o(a.transpose(1, 2).reshape(batch, length, hidden))))
        return self.l2(x + self.drop(self.f(F.gelu(self.i(x)))))


def one(x):
    return torch.cat([x, torch.ones_like(x[..., :1])], -1)


class Net(nn.Module):
    def __init__(self, labels, vocab=30522, hidden=384, layers=6, arc=384, lab=128):
        super().__init__()
        n = {k: len(v) for k, v in labels.items()}
        self.word, self.pos = nn.Embedding(vocab, hidden), nn.Embedding(512, hidden)
        self.shape, self.brk = nn.Embedding(16, hidden), nn.Embedding(4, hidden)
        for e in (self.shape, self.brk):
            nn.init.normal_(e.weight, std=.005)
        self.ln = nn.LayerNorm(hidden, eps=1e-12)
        self.layers = nn.ModuleList([Layer() for _ in range(layers)])
        self.drop, self.hdrop = nn.Dropout(.1), nn.Dropout(.2)
        self.sent, self.tag, self.lemma = nn.Linear(hidden, 2), nn.Linear(hidden, n["upos"]), nn.Linear(hidden, n["lemma"])
        self.ner, self.att = nn.Linear(hidden, n["ner"]), nn.Linear(hidden, 6)
        self.ad, self.ah, self.ld, self.lh = nn.Linear(hidden, arc), nn.Linear(hidden, arc), nn.Linear(hidden, lab), nn.Linear(hidden, lab)
        self.U = nn.Parameter(torch.randn(arc + 1, arc) * .02)
        self.V = nn.Parameter(torch.randn(n["deprel"], lab + 1, lab + 1) * .02)
        self.trig1, self.trig2 = nn.Linear(hidden, hidden), nn.Linear(hidden, n["events"] + 1)
        self.hint = nn.Parameter(torch.zeros(n["hints"], hidden))
        self.mode, self.aux = nn.Linear(hidden, n["modes"]), nn.Linear(hidden, 4)
        self.cert, self.basis = nn.Linear(hidden, 3), nn.Linear(hidden, 3)
        self.argt, self.arga = nn.Linear(hidden, lab), nn.Linear(hidden, lab)
        self.A = nn.Parameter(torch.randn(n["roles"], lab + 1, lab + 1) * .02)
        self.A.data[:, -1, -1] = -4.0  # most pairs are no argument
        self.ctx = nn.Linear(hidden, n["themes"])

    def load_minilm(self, path):
        w = load_file(path)
        g = lambda name: w[name].float()
        self.word.weight.data = g("embeddings.word_embeddings.weight")
        self.pos.weight.data = g("embeddings.position_embeddings.weight") + g("embeddings.token_type_embeddings.weight")[0]
        self.ln.weight.data, self.ln.bias.data = g("embeddings.LayerNorm.weight"), g("embeddings.LayerNorm.bias")
        for i, layer in enumerate(self.layers):
            p = f"encoder.layer.{i}."
            for kind in ("weight", "bias"):
                getattr(layer.qkv, kind).data = torch.cat([g(p + f"attention.self.{x}.{kind}") for x in ("query", "key", "value")])
                for ours, theirs in ((layer.o, "attention.output.dense"), (layer.l1, "attention.output.LayerNorm"), (layer.i, "intermediate.dense"), (layer.f, "output.dense"), (layer.l2, "output.LayerNorm")):
                    getattr(ours, kind).data = g(p + f"{theirs}.{kind}")

    def encode(self, b):
        length = b["ids"].shape[1]
        x = self.word(b["ids"]) + self.pos.weight[:length] + self.shape(b["shape"]) + self.brk(b["brk"])
        x = self.drop(self.ln(x))
        mask = b["mask"][:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        # word 0 is [CLS]: root of every sentence, and the window as a whole
        return torch.gather(x, 1, b["first"][:, :, None].expand(-1, -1, x.shape[2]))

    def arcs(self, w):
        d, h = self.hdrop(F.gelu(self.ad(w[:, 1:]))), self.hdrop(F.gelu(self.ah(w)))
        return ((one(d) @ self.U.to(d.dtype)) @ h.transpose(1, 2)).float()

    def rels(self, w, head):
        d, h = self.hdrop(F.gelu(self.ld(w[:, 1:]))), self.hdrop(F.gelu(self.lh(w)))
        h = torch.gather(h, 1, head[:, :, None].expand(-1, -1, h.shape[2]))
        a, b = one(d), one(h)
        x = (a @ self.V.to(a.dtype).permute(1, 0, 2).reshape(a.shape[-1], -1)).view(*a.shape[:2], self.V.shape[0], -1)
        return (x * b[:, :, None, :]).sum(-1).float()

    def trigger(self, v, hints):
        """The trigger head's inner vectors of words [batch, word]; `hints` are (batch * words + word, hint) pairs."""
        x = self.trig1(v)
        flat = x.reshape(-1, x.shape[-1]).index_add(0, hints[:, 0], self.hint[hints[:, 1]].to(x.dtype))
        return F.gelu(flat.view(x.shape))

    def roles(self, w, row, col):
        """Scores [trigger, role, word] for triggers at (row, col), col counting words from 1."""
        t = one(self.hdrop(F.gelu(self.argt(w[row, col]))))
        a = one(self.hdrop(F.gelu(self.arga(w))))
        x = torch.einsum("ti,rij->trj", t, self.A.to(t.dtype))
        return torch.einsum("trj,tnj->trn", x, a[row]).float()
