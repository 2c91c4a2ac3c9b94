"""A world of clients, invoices and payments whose truth is known: intent first, text second.

Writes invoices.csv, accounts.csv, lines.jsonl and truth.jsonl (payments.md, section 4.11). Labels are
computed from the world alone, never from the matcher. Three splits have templates of their own.
"""

import argparse
import csv
import datetime as dt
import json
import pathlib
import random

from texts import render

DAY = dt.timedelta(days=1)
PRICES = [860, 344, 60, 1200, 2400, 500, 990, 3500, 4800, 1500]


def inn(rng):
    d = [rng.randint(1, 9)] + [rng.randint(0, 9) for _ in range(8)]
    w = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return "".join(map(str, d)) + str(sum(a * b for a, b in zip(d, w)) % 11 % 10)


class World:
    def __init__(self, rng, clients):
        self.rng = rng
        self.invoices, self.accounts, self.by_id = [], [], {}
        self.sellers = ["40702810100000000001", "40702810200000000002", "40702810300000000003"]
        self.sequence = [72000, 0, 100]
        self.clients = []
        for n in range(clients):
            tenant = rng.choices((0, 1, 2), (5, 2, 3))[0]
            tax = self.clients[-1]["tax"] if n and rng.random() < 0.08 else inn(rng)
            kpp = f"{rng.randint(1000, 9999)}01{rng.randint(1, 999):03}"
            account = f"407028{rng.randint(10**13, 10**14 - 1)}"
            client = dict(id=f"C{n}", tenant=tenant, tax=tax, kpp=kpp, account=account,
                          code=10000 + n, count=0, open=[])
            self.clients.append(client)
            if rng.random() < 0.7:
                self.accounts.append((client["id"], account))
        self.by_tax = {}
        for client in self.clients:
            self.by_tax.setdefault(client["tax"], []).append(client)
        self.holdings = {}
        for client in rng.sample(self.clients, len(self.clients) // 20):
            parent = rng.choice(self.clients)
            if parent["tenant"] == client["tenant"] and parent["tax"] != client["tax"]:
                self.holdings[client["id"]] = parent
                self.accounts.append((client["id"], parent["account"]))

    def number(self, client):
        tenant = client["tenant"]
        self.sequence[tenant] += 1
        client["count"] += 1
        if tenant == 0:
            return f"88#{self.sequence[0]}"
        if tenant == 1:
            return f"HOR-{client['code']}-{client['count']:03}"
        return str(self.sequence[2])

    def invoice(self, client, date, amount=None, status="open"):
        rng = self.rng
        if amount is None:
            amount = rng.choice(PRICES) if rng.random() < 0.4 else rng.randint(100, 90000)
            amount = amount * 100 + (rng.choice((0, 0, 50, 33)) if rng.random() < 0.3 else 0)
        made = dict(id=f"I{len(self.invoices)}", number=self.number(client), date=date, amount=amount,
                    residual=amount if status == "open" else 0, client=client, status=status)
        self.invoices.append(made)
        self.by_id[made["id"]] = made
        if status == "open":
            client["open"].append(made)
        return made


def slips(number):
    """One substituted or swapped digit in the digits after the last separator."""
    head = number.rstrip("0123456789")
    tail, made = number[len(head):], set()
    for i, c in enumerate(tail):
        made.update(head + tail[:i] + d + tail[i + 1:] for d in "0123456789" if d != c)
        if i + 1 < len(tail):
            made.add(head + tail[:i] + tail[i + 1] + c + tail[i + 2:])
    return made - {number}


def siblings(world, invoice):
    near = slips(invoice["number"])
    theirs = [c for c in world.by_tax[invoice["client"]["tax"]]]
    return [o for c in theirs for o in c["open"]
            if o is not invoice and o["residual"] == invoice["residual"] and o["number"] in near]


def line(world, n, client, amount, purpose, date, tenant, **more):
    payer = dict(name="ООО Плательщик", tax_id=client["tax"], kpp=client["kpp"],
                 account=client["account"], bic=None, bank=None)
    payer.update(more.pop("payer", {}))
    made = dict(id=f"L{n}", direction="in", amount=f"{amount / 100:.2f}", currency="RUB",
                date=date.isoformat(), document_number=str(world.rng.randint(1, 99999)),
                document_date=date.isoformat(), payer=payer,
                payee=dict(name="Продавец", tax_id="7709983032", kpp=None,
                           account=world.sellers[tenant], bic=None, bank=None),
                purpose=purpose[:210], bank_reference=None, status="booked")
    made.update(more)
    return made


A = ["A1", "A1", "A1", "A1", "A2", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A12"]
B = ["B1", "B2", "B3", "B4", "B5", "B7"]
C = ["C1", "C2", "C4", "C5", "C8", "C9", "C10", "C11", "C12", "C13", "C14", "C15", "C16", "C17",
     "C18", "C19", "C20"]


class Maker:
    def __init__(self, world, split):
        self.world, self.rng, self.split = world, world.rng, split
        self.lines, self.truth = [], []
        self.today = dt.date(2026, 3, 1)

    def fresh(self, client=None, **more):
        client = client or self.rng.choice(self.world.clients)
        date = self.today - self.rng.randint(1, 60) * DAY
        return self.world.invoice(client, date, **more)

    def add(self, kind, invoice_or_client, amount, text, want, decidable, first=None, **more):
        """`decidable` is asked when the world is whole: later invoices speak against a line too."""
        client = invoice_or_client.get("client", invoice_or_client)
        n = len(self.lines)
        tenant = more.pop("tenant", client["tenant"])
        self.lines.append(line(self.world, n, client, amount, text, self.today, tenant, **more))
        self.truth.append(dict(id=f"L{n}", kind=kind, want=want, decidable=decidable,
                               first=first or want))

    def text(self, invoices, style, **more):
        return render(self.rng, self.split, invoices, style, **more)

    def make(self, kind):
        getattr(self, "do_" + kind.lower(), self.do_plain)(kind)

    def pay(self, kind, invoice, style, **more):
        dated = style not in ("nodate", "glued_nodate", "prefixless_nodate")
        def clear():
            others = siblings(self.world, invoice)
            return not others or (dated and all(o["date"] != invoice["date"] for o in others))
        self.add(kind, invoice, invoice["residual"], self.text([invoice], style),
                 [invoice["id"]], clear, **more)

    def do_plain(self, kind):
        style = {"A1": "clean", "A2": "nodate", "A3": "words", "A4": "glued", "A5": "homoglyph",
                 "A6": "prefixless", "A7": "truncated"}[kind]
        self.pay(kind, self.fresh(), style)

    def do_a8(self, kind):
        client = self.rng.choice(self.world.clients)
        some = [self.fresh(client) for _ in range(self.rng.randint(2, 4))]
        ids = {i["id"] for i in some}
        def clear():
            return all(s["id"] in ids for i in some for s in siblings(self.world, i))
        self.add(kind, client, sum(i["residual"] for i in some), self.text(some, "list"),
                 [i["id"] for i in some], clear)

    def do_a9(self, kind):
        child = self.world.by_id_client(self.rng.choice(sorted(self.world.holdings)))
        parent = self.world.holdings[child["id"]]
        payer = dict(tax_id=parent["tax"], kpp=parent["kpp"], account=parent["account"])
        self.pay(kind, self.fresh(child), "clean", payer=payer)

    def do_a10(self, kind):
        invoice = self.fresh()
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "none"),
                 [invoice["id"]], False)

    def do_a12(self, kind):
        invoice = self.fresh()
        wrong = self.rng.choice(sorted(slips(invoice["number"])))
        def clear():
            """The number is nobody's, and no other invoice has that date and amount."""
            same = [o for c in self.world.by_tax[invoice["client"]["tax"]] for o in c["open"]
                    if o is not invoice and o["date"] == invoice["date"] and o["residual"] == invoice["residual"]]
            return wrong not in self.world.numbers and not same
        text = self.text([dict(invoice, number=wrong)], "clean")
        self.add(kind, invoice, invoice["residual"], text, [invoice["id"]], clear)

    def do_b1(self, kind):
        invoice = self.fresh()
        self.add(kind, invoice, invoice["residual"] // 2 + 1, self.text([invoice], "clean"),
                 [], False, [invoice["id"]])

    def do_b2(self, kind):
        invoice = self.fresh()
        self.add(kind, invoice, invoice["residual"] + 12345, self.text([invoice], "clean"),
                 [], False, [invoice["id"]])

    def do_b3(self, kind):
        client = self.rng.choice([c for c in self.world.clients if not c["open"]][:50] or self.world.clients)
        some = [self.fresh(client) for _ in range(2)]
        self.add(kind, client, sum(i["residual"] for i in some), self.text(some, "none"), [], False,
                 [i["id"] for i in some] if len(client["open"]) == 2 else None)

    def do_b4(self, kind):
        invoice = self.fresh()
        payer = dict(tax_id=inn(self.rng), account="40702810900000009999", kpp=None)
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "clean"), [], False,
                 [invoice["id"]], payer=payer)

    def do_b5(self, kind):
        invoice = self.fresh()
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "contract"), [], False)

    def do_b7(self, kind):
        client = self.rng.choice(self.world.clients)
        self.add(kind, client, self.rng.randint(10**4, 10**6), self.text([], "none"), [], False)

    def do_c1(self, kind):
        """A slip onto a sibling of the same payer and amount; the date may tell."""
        meant = self.fresh()
        other = self.fresh(meant["client"], amount=meant["amount"])
        if other["number"] not in slips(meant["number"]):
            return
        style = self.rng.choice(("nodate", "clean"))
        text = self.text([dict(meant, number=other["number"])], style)
        self.add(kind, meant, meant["residual"], text, [meant["id"]], False)

    def do_c2(self, kind):
        meant = self.fresh()
        other = self.fresh(amount=meant["amount"])
        text = self.text([dict(meant, number=other["number"])], self.rng.choice(("nodate", "clean")))
        self.add(kind, meant, meant["residual"], text, [meant["id"]], False)

    def do_c4(self, kind):
        meant, other = self.fresh(), None
        other = self.fresh(meant["client"], amount=meant["amount"])
        self.add(kind, meant, meant["residual"], self.text([meant], "with_contract", other=other),
                 [meant["id"]], False)

    def do_c5(self, kind):
        client = self.rng.choice([c for c in self.world.clients if c["tenant"] == 2])
        invoice = self.fresh(client)
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "numbers_elsewhere"), [], False)

    def do_c8(self, kind):
        if not self.lines:
            return
        at = self.rng.randrange(max(0, len(self.lines) - 500), len(self.lines))
        n = len(self.lines)
        self.lines.append(dict(self.lines[at], id=f"L{n}"))
        self.truth.append(dict(id=f"L{n}", kind=kind, want=[], decidable=False, first=None))

    def do_c9(self, kind):
        invoice = self.fresh()
        for again in range(2):
            self.add(kind, invoice, invoice["residual"], self.text([invoice], "clean"),
                     [] if again else [invoice["id"]], False)

    def do_c10(self, kind):
        invoice = self.fresh()
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "return"), [], False)

    def do_c11(self, kind):
        invoice = self.fresh()
        payer = self.rng.choice((dict(tax_id="7709983032"), dict(account=self.world.sellers[0])))
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "own"), [], False, payer=payer)

    def do_c12(self, kind):
        invoice = self.fresh()
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "acquirer"), [], False)

    def do_c13(self, kind):
        paid = self.fresh(status="paid")
        self.fresh(paid["client"], amount=paid["amount"])
        self.add(kind, paid, paid["amount"], self.text([paid], self.rng.choice(("clean", "nodate"))), [], False)

    def do_c14(self, kind):
        old = self.fresh(status="cancelled")
        new = self.fresh(old["client"], amount=old["amount"])
        self.add(kind, old, old["amount"], self.text([old], self.rng.choice(("clean", "nodate"))),
                 [new["id"]], False)

    def do_c15(self, kind):
        one, other = self.fresh(), None
        other = self.fresh(one["client"], amount=one["amount"])
        if other["date"] == one["date"]:
            return
        text = self.text([dict(one, date=other["date"])], "clean")
        self.add(kind, one, one["residual"], text, [], False)

    def do_c16(self, kind):
        one = self.fresh()
        other = self.fresh(amount=one["amount"])
        payer = dict(tax_id=other["client"]["tax"], kpp=other["client"]["kpp"], account=other["client"]["account"])
        self.add(kind, one, one["residual"], self.text([one], "clean"), [], False, payer=payer)

    def do_c17(self, kind):
        one = self.fresh()
        other = self.fresh(one["client"], amount=one["amount"])
        self.add(kind, one, one["residual"], self.text([one, other], "two"), [], False)

    def do_c18(self, kind):
        one = self.fresh()
        other = self.fresh(one["client"])
        if one["amount"] != other["amount"]:
            self.add(kind, one, other["residual"], self.text([one], "clean"), [], False)

    def do_c19(self, kind):
        invoice = self.fresh()
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "hostile"), [invoice["id"]], False)

    def do_c20(self, kind):
        invoice = self.fresh()
        tenant = (invoice["client"]["tenant"] + 1) % 3
        self.add(kind, invoice, invoice["residual"], self.text([invoice], "clean"), [], False, tenant=tenant)


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("--split", choices=("develop", "calibrate", "sealed"), default="develop")
    args.add_argument("--lines", type=int, default=100_000)
    args.add_argument("--background", type=int, default=0, help="open invoices that nobody pays")
    args.add_argument("--seed", type=int, default=1)
    args = args.parse_args()
    rng = random.Random(f"{args.split}/{args.seed}")
    world = World(rng, max(2000, args.lines // 2))
    clients = {c["id"]: c for c in world.clients}
    world.by_id_client = clients.__getitem__
    for _ in range(args.background):
        world.invoice(rng.choice(world.clients), dt.date(2026, 3, 1) - rng.randint(1, 300) * DAY)
    maker = Maker(world, args.split)
    while len(maker.lines) < args.lines:
        kinds = rng.choices((A, B, C), (80, 12, 8))[0]
        maker.make(rng.choice(kinds))
    world.numbers = {i["number"] for i in world.invoices}
    for row in maker.truth:
        if callable(row["decidable"]):
            row["decidable"] = row["decidable"]()
    write(args.out, world, maker)


def write(out, world, maker):
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "invoices.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow("id number date amount residual currency client tax_id kpp status seller_account".split())
        for i in world.invoices:
            c = i["client"]
            table.writerow([i["id"], i["number"], i["date"], f"{i['amount'] / 100:.2f}", f"{i['residual'] / 100:.2f}",
                            "RUB", c["id"], c["tax"], c["kpp"], i["status"], world.sellers[c["tenant"]]])
    with open(out / "accounts.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["client", "account"])
        table.writerows(world.accounts)
    for name, rows in (("lines.jsonl", maker.lines), ("truth.jsonl", maker.truth)):
        with open(out / name, "w") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
