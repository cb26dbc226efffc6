#!/usr/bin/env python3
"""Story groups: reports of several outlets about the same happenings, hand-coded, with the incident each event belongs to.

usage: build.py          turns source/*.txt into dev/ and test/: one JSON file per report and incidents.json, the form of
                         `dateline eval --incidents`

The authoring format is that of training/coded.py with one more line an event, `i NAME`: events of the same name in one group of
reports (ids PREFIX-GROUP-REPORT) are one incident. Groups with an even number are dev, the others test.
"""
import json, os, re, shutil, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "training"))
import coded


def unnamed(path):
    """The authoring file without its `i` lines, and the names by report, in the order of the events."""
    lines, names, ident, coding = [], {}, None, False
    for line in open(path, encoding="utf8").read().split("\n"):
        if line.startswith("===="):
            ident, coding = line[4:].split("|")[0].strip(), False
            names[ident] = []
        elif line.strip() == "--":
            coding = True
        named = coding and re.match(r"i +(\S+)", line)
        if named:
            names[ident].append(named.group(1))
        else:
            lines.append(line)
    return "\n".join(lines), names


def main():
    folder, names = tempfile.mkdtemp(), {}
    for name in sorted(os.listdir(os.path.join(HERE, "source"))):
        text, found = unnamed(os.path.join(HERE, "source", name))
        names.update(found)
        open(os.path.join(folder, name), "w", encoding="utf8").write(text)
    parts = {"dev": ([], {}), "test": ([], {})}
    for report in coded.own(folder):
        ident = report["id"]
        if len(names[ident]) != len(report["events"]):
            sys.exit(f"{ident}: {len(report['events'])} events, {len(names[ident])} of them with an `i` line")
        group = ident.rsplit("-", 1)[0]
        reports, incidents = parts["dev" if int(re.search(r"G(\d+)", group).group(1)) % 2 == 0 else "test"]
        reports.append(report)
        for k, (event, name) in enumerate(zip(report["events"], names[ident])):
            incident = incidents.setdefault(f"{group}/{name}", dict(members=[], disputed={}, categories=set()))
            incident["members"].append(dict(report=ident, event=k))
            incident["categories"].add(event["event"])
            for kind, figures in event["size"].items():
                for figure in figures if isinstance(figures, list) else [figures]:
                    incident["disputed"].setdefault(kind, {})[(figure["min"], figure["max"])] = figure["text"]
    shutil.rmtree(folder)
    for part, (reports, incidents) in parts.items():
        out = os.path.join(HERE, part)
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(out)
        for report in reports:
            json.dump(report, open(os.path.join(out, report["id"] + ".json"), "w", encoding="utf8"), ensure_ascii=False, indent=1)
        written = []
        for name, incident in incidents.items():
            if len(incident["categories"]) > 1:
                sys.exit(f"{name}: one incident, two categories: {sorted(incident['categories'])}")
            group = name.split("/")[0]
            known = {m["report"] for m in incident["members"]}
            wire = [[f"{group}-R1", f"{group}-R2"]] if {f"{group}-R1", f"{group}-R2"} <= known else []
            disputed = {k: list(v.values()) for k, v in incident["disputed"].items() if len(v) > 1}
            written.append(dict(incident=name, members=incident["members"], wire=wire, disputed=disputed, decoys=[]))
        with open(os.path.join(out, "incidents.json"), "w", encoding="utf8") as f:
            json.dump(written, f, ensure_ascii=False, indent=1)
        print(part, len(reports), "reports", len(written), "incidents,", sum(len(i["members"]) > 1 for i in written), "told more than once")


if __name__ == "__main__":
    main()
