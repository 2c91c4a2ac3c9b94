"""Decisions against the truth: precision of what was done alone, recall, hits of proposals, and the
same for four baselines over the same lines (payments.md, sections 3.7 and 4.11)."""

import argparse
import collections
import csv
import json
import math
import pathlib
import re


def poisson_upper(errors):
    """Upper 95 % bound of a count (one-sided); exact to three digits by bisection."""
    if errors > 100:
        return errors + 1.645 * math.sqrt(errors) + 2
    low, high = 0.0, 10.0 + 4 * errors
    for _ in range(100):
        middle = (low + high) / 2
        below = sum(math.exp(-middle) * middle ** k / math.factorial(k) for k in range(errors + 1))
        low, high = (middle, high) if below > 0.05 else (low, middle)
    return high


def wilson_lower(good, all_, z=1.645):
    if not all_:
        return 0.0
    p = good / all_
    return (p + z * z / (2 * all_) - z * math.sqrt(p * (1 - p) / all_ + z * z / (4 * all_ * all_))) / (1 + z * z / all_)


def report(name, auto, truth):
    """`auto`: line -> list of invoices that it was allocated to."""
    right = sum(sorted(auto[t["id"]]) == sorted(t["want"]) for t in truth if auto.get(t["id"]))
    made = sum(bool(auto.get(t["id"])) for t in truth)
    wrong = made - right
    good = lambda ts: sum(sorted(auto.get(t["id"], [])) == sorted(t["want"]) for t in ts)
    a = [t for t in truth if t["kind"][0] == "A"]
    can = [t for t in a if t["decidable"]]
    upper = poisson_upper(wrong) / made if made else 1
    print(f"{name}: auto {made}, wrong {wrong}, precision {right / made if made else 0:.5f} (>= {1 - upper:.5f} at 95 %), "
          f"recall of decidable A {good(can) / len(can):.4f} (>= {wilson_lower(good(can), len(can)):.4f}), of all A {good(a) / len(a):.4f}")
    return wrong


def baselines(root, lines):
    rows = list(csv.DictReader(open(root / "invoices.csv")))
    by_tax, by_number, position = collections.defaultdict(list), collections.defaultdict(list), {}
    for row in rows:
        if row["status"] == "open":
            by_tax[row["tax_id"]].append(row)
            by_number[row["number"]].append(row)
    def run(pick):
        left, made = {r["id"]: r["residual"] for r in rows}, {}
        for line in lines:
            chosen = pick(line, [r for r in by_tax[line["payer"]["tax_id"]] if left[r["id"]] != "0"])
            if chosen:
                made[line["id"]] = [chosen["id"]]
                left[chosen["id"]] = "0"
        return made
    equal = lambda line, open_: [r for r in open_ if r["residual"] == line["amount"]]
    def fifo(line, open_):
        return min(equal(line, open_), key=lambda r: r["date"], default=None)
    def one_c(line, open_):
        found = [r for r in equal(line, open_) if "№" + r["number"] in line["purpose"] or " " + r["number"] in line["purpose"]]
        return found[0] if found else None
    def odoo(line, open_):
        said = {re.sub(r"\D", "", t) for t in line["purpose"].split() if len(t) >= 4}
        found = [r for r in equal(line, open_) if re.sub(r"\D", "", r["number"]) in {s for s in said if len(s) >= 4}]
        return found[0] if found else None
    def bounded(line, open_):
        found = [r for r in equal(line, open_) if re.search(rf"(?<!\w){re.escape(r['number'])}(?!\w)", line["purpose"])]
        return found[0] if len(found) == 1 else None
    return {"amount, oldest first": run(fifo), "1C's rule": run(one_c), "Odoo's rule": run(odoo), "bounded number": run(bounded)}


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("world", type=pathlib.Path)
    args.add_argument("decisions", type=pathlib.Path)
    args.add_argument("--errors", type=int, default=10, help="how many errors to show")
    args = args.parse_args()
    read = lambda path: [json.loads(line) for line in open(path)]
    truth, lines, made = read(args.world / "truth.jsonl"), read(args.world / "lines.jsonl"), read(args.decisions)
    auto = {m["line"]: [a["invoice"] for a in m["allocations"]] for m in made}
    for name, other in baselines(args.world, lines).items():
        report(name, other, truth)
    report("raschet", auto, truth)
    table = collections.defaultdict(collections.Counter)
    hits = collections.Counter()
    shown = 0
    for t, m, line in zip(truth, made, lines):
        done = auto[t["id"]]
        kind = table[t["kind"]]
        kind["all"] += 1
        kind[m["decision"]] += 1
        if done and sorted(done) != sorted(t["want"]):
            kind["wrong"] += 1
            if shown < args.errors:
                shown += 1
                print("WRONG", t, done, line["purpose"], line["amount"])
        if t["decidable"] and not done:
            kind["missed"] += 1
        if m["decision"] == "suggest" and t["first"] and t["kind"][0] != "C":
            at = next((i for i, p in enumerate(m["proposals"]) if sorted(p["invoices"]) == sorted(t["first"])), 99)
            hits["all"] += 1
            hits["1"] += at < 1
            hits["3"] += at < 3
            if at >= 1:
                kind["miss@1"] += 1
    print(f"suggestions {hits['all']}: hit@1 {hits['1'] / max(1, hits['all']):.4f}, hit@3 {hits['3'] / max(1, hits['all']):.4f}")
    for kind in sorted(table, key=lambda k: (k[0], int(k[1:]))):
        print(f"  {kind:4}", dict(table[kind]))


if __name__ == "__main__":
    main()
