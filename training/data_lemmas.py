#!/usr/bin/env python3
"""Makes crates/dateline/data/lang/en/lemmas.txt: base forms of verbs, and forms of verbs and nouns that no rule leads to their base.

usage: data_lemmas.py TREEBANK.conllu … > lemmas.txt

Base forms come from the lemmas of the treebanks and from the verbs of data/events; irregular forms are those of the treebanks whose lemma
the rules of stages/lemmas.rs do not find, and those listed here.
"""
import collections, glob, os, re, sys, tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
MORE = """arose:arise arisen:arise awoke:awake bore:bear borne:bear beaten:beat became:become begun:begin began:begin bent:bend bet:bet bound:bind bitten:bite bit:bite bled:bleed
blew:blow blown:blow broke:break broken:break bred:breed brought:bring built:build burnt:burn burst:burst bought:buy cast:cast caught:catch chose:choose chosen:choose clung:cling came:come
cost:cost crept:creep cut:cut dealt:deal dug:dig drew:draw drawn:draw drunk:drink drank:drink drove:drive driven:drive dwelt:dwell ate:eat eaten:eat fell:fall fallen:fall fed:feed
felt:feel fought:fight found:find fled:flee flung:fling flew:fly flown:fly forbade:forbid forbidden:forbid forgot:forget forgotten:forget forgave:forgive forgiven:forgive froze:freeze frozen:freeze gave:give given:give
went:go gone:go ground:grind grew:grow grown:grow hung:hang heard:hear hid:hide hidden:hide hit:hit held:hold hurt:hurt kept:keep knelt:kneel knew:know known:know laid:lay led:lead
leapt:leap left:leave lent:lend let:let lain:lie lit:light lost:lose made:make meant:mean met:meet misled:mislead overcame:overcome overran:overrun overrun:overrun overthrew:overthrow overthrown:overthrow overtook:overtake
paid:pay proven:prove put:put quit:quit read:read rid:rid rode:ride ridden:ride rang:ring rung:ring rose:rise risen:rise ran:run said:say saw:see seen:see sought:seek
sold:sell sent:send set:set sewn:sew shook:shake shaken:shake shed:shed shone:shine shot:shoot shown:show shrank:shrink shut:shut sang:sing sung:sing sank:sink sunk:sink
sat:sit slain:slay slew:slay slept:sleep slid:slide slung:sling spoke:speak spoken:speak sped:speed spent:spend spun:spin split:split spread:spread sprang:spring stood:stand stole:steal stolen:steal
stuck:stick stung:sting strode:stride struck:strike stricken:strike strove:strive striven:strive swore:swear sworn:swear swept:sweep swum:swim swam:swim swung:swing took:take taken:take taught:teach tore:tear torn:tear
told:tell thought:think threw:throw thrown:throw thrust:thrust trod:tread underwent:undergo undergone:undergo understood:understand undertook:undertake undertaken:undertake upheld:uphold upset:upset withdrew:withdraw withdrawn:withdraw
withheld:withhold withstood:withstand woke:wake woken:wake won:win wore:wear worn:wear wove:weave woven:weave wept:weep wrote:write written:write bid:bid broadcast:broadcast dying:die lying:lie tying:tie
rebuilt:rebuild retook:retake retaken:retake resold:resell rewritten:rewrite sidestepped:sidestep panicked:panic trafficked:traffic trafficking:traffic picnicked:picnic mimicked:mimic foresaw:foresee foreseen:foresee mistook:mistake mistaken:mistake hamstrung:hamstring"""
NOUNS = """men:man women:woman children:child people:people feet:foot teeth:tooth mice:mouse geese:goose oxen:ox lives:life wives:wife knives:knife leaves:leaf halves:half wolves:wolf shelves:shelf thieves:thief loaves:loaf
crises:crisis analyses:analysis bases:base hypotheses:hypothesis theses:thesis criteria:criterion phenomena:phenomenon media:media data:data police:police troops:troops clothes:clothes goods:goods series:series species:species news:news
gunmen:gunman policemen:policeman policewomen:policewoman servicemen:serviceman fishermen:fisherman spokesmen:spokesman spokeswomen:spokeswoman congressmen:congressman tribesmen:tribesman businessmen:businessman clergymen:clergyman militiamen:militiaman guardsmen:guardsman infantrymen:infantryman lawmen:lawman horsemen:horseman headquarters:headquarters barracks:barracks means:means
sanctions:sanction""".replace(" people:people", " people:people")


def candidates(form):
    """The bases that the regular rules allow, as stages/lemmas.rs has them."""
    out = []
    if form.endswith("ied"): out.append(form[:-3] + "y")
    if form.endswith("ies"): out.append(form[:-3] + "y")
    for end in ("ed", "ing", "es"):
        if form.endswith(end):
            stem = form[:-len(end)]
            if len(stem) > 2 and stem[-1] == stem[-2]: out.append(stem[:-1])
            out += [stem, stem + "e"]
    if form.endswith("s"): out.append(form[:-1])
    return out


def main():
    forms = collections.Counter()
    for path in sys.argv[1:]:
        for line in open(path, encoding="utf8"):
            c = line.rstrip("\n").split("\t")
            if len(c) == 10 and c[0].isdigit() and c[3] in ("VERB", "NOUN") and c[1].isalpha() and c[1].isascii() and c[2].isalpha() and "Typo=Yes" not in c[5] + c[9]:
                forms[c[3], c[1].lower(), c[2].lower()] += 1
    seen = collections.Counter()
    for (pos, form, lemma), n in forms.items():
        if pos == "VERB" and lemma.isascii() and len(lemma) > 1:
            seen[lemma] += n
    verbs = {lemma for lemma, n in seen.items() if n > 1}
    verbs -= {v for v in verbs if v.endswith("ing") and (v[:-3] in verbs or v[:-3] + "e" in verbs) and len(v) > 5}
    for path in glob.glob(os.path.join(HERE, "../crates/dateline/data/events/*.toml")):
        for trigger in tomllib.load(open(path, "rb"))["trigger"]:
            for phrase in trigger.get("verb", "").split(","):
                first = phrase.split()[:1]
                verbs.update(w for w in first if w.isalpha() and w.islower())
    irregular = dict(x.split(":") for x in MORE.split())
    verbs.update(irregular.values())
    for (pos, form, lemma), n in forms.items():
        if pos == "VERB" and n > 1 and len(form) > 3 and form[0] == lemma[0] and form != lemma and lemma not in candidates(form) and form not in irregular:
            irregular[form] = lemma
    nouns = dict(x.split(":") for x in NOUNS.split())
    for (pos, form, lemma), n in forms.items():
        if pos == "NOUN" and n > 1 and len(form) > 4 and form[0] == lemma[0] and form != lemma and lemma not in candidates(form) and form not in nouns:
            nouns[form] = lemma
    irregular.pop("lessen", None)
    print("# Made by training/data_lemmas.py. Base forms of verbs; then irregular forms of verbs, of nouns, as form:base.")
    for part in (sorted(verbs), sorted(f"{a}:{b}" for a, b in irregular.items()), sorted(f"{a}:{b}" for a, b in nouns.items())):
        print("%")
        line = ""
        for w in part:
            if len(line) + len(w) > 130:
                print(line.strip()); line = ""
            line += " " + w
        print(line.strip())


main()
