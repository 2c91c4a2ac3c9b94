#!/usr/bin/env python3
"""Readers of others read what `raschet bank inspect` reads.

    oracles.py RASCHET SEED

Statements are invented by chance from SEED, well-formed, and read twice: MT940 by PyPI's mt-940,
OFX by ofxtools; of check digits of tax ids python-stdnum is asked. Exit code 0 when all agree.
"""

import datetime
import decimal
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import mt940
from ofxtools.Parser import OFXTree
from stdnum.ru import inn

RASCHET, SEED = sys.argv[1], int(sys.argv[2])
CHANCE = random.Random(SEED)
ACCOUNT = "40702810502080001823"
LINES = 60


def inspect(name, data):
    """What we say about a file."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / name
        path.write_bytes(data)
        command = [RASCHET, "bank", "inspect", str(path), "--json"]
        answer = subprocess.run(command, capture_output=True, check=False)
    if answer.returncode:
        raise SystemExit(f"{name}: {answer.stderr.decode()}\n{data.decode('utf-8', 'replace')}")
    return json.loads(answer.stdout)


def facts(shown):
    """Signed amount, currency and day of each line."""
    sign = {"in": 1, "out": -1}
    return [
        (sign[line["direction"]] * decimal.Decimal(line["amount"]), line["currency"], line["date"])
        for line in shown["lines"]
    ]


def agree(what, ours, theirs):
    """Both say the same, in the same order."""
    if ours != theirs:
        pairs = list(zip(ours, theirs))
        differ = next((pair for pair in pairs if pair[0] != pair[1]), (len(ours), len(theirs)))
        raise SystemExit(f"{what}, seed {SEED}: ours and theirs differ: {differ}")
    print(f"- {what}: {len(ours)} lines agree")


def day():
    return datetime.date(2026, 1, 1) + datetime.timedelta(days=CHANCE.randrange(360))


def amount():
    return decimal.Decimal(CHANCE.randrange(1, 10**CHANCE.randrange(2, 11))) / 100


def invented_mt940():
    """`:61:` with and without entry date, references and further lines."""
    lines = [":20:STATEMENT", f":25:{ACCOUNT}", ":28C:1/1", ":60F:C260101RUB1000,00"]
    for number in range(LINES):
        value, mark = day(), CHANCE.choice("CD")
        entry = CHANCE.choice(["", f"{value:%m%d}"])
        told = f"{amount():.2f}".replace(".", ",")
        bank = CHANCE.choice(["", f"//REF{number}"])
        lines.append(f":61:{value:%y%m%d}{entry}{mark}{told}NTRF{CHANCE.choice(['NONREF', number])}{bank}")
        lines.append(CHANCE.choice([
            ":86:Oplata po schetu 12",
            ":86:?20Oplata po schetu?2112 ot 01.02.2026?32ROMASHKA",
            ":86:/BENM//NAME/Romashka/REMI/Invoice 12",
        ]))
    lines += [":62F:C261231RUB1000,00", "-"]
    return CHANCE.choice(["\n", "\r\n"]).join(lines).encode()


def by_mt940(data):
    text = data.decode().replace("\r\n", "\n")
    read = (transaction.data for transaction in mt940.parse(text))
    return [(row["amount"].amount, row["amount"].currency, row["date"].isoformat()) for row in read]


def invented_ofx():
    """OFX 1, SGML: leaves without ends, or with them."""
    head = (
        "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\n"
        "CHARSET:1252\r\nCOMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"
    )
    rows = []
    for number in range(LINES):
        signed = amount() * CHANCE.choice([1, -1])
        hour = CHANCE.choice(["", "120000", "120000.000[0:GMT]"])
        close = CHANCE.choice([True, False])
        leaf = lambda tag, text: f"<{tag}>{text}" + (f"</{tag}>" if close else "")
        kind = "CREDIT" if signed > 0 else "DEBIT"
        rows.append(
            "<STMTTRN>" + leaf("TRNTYPE", kind) + leaf("DTPOSTED", f"{day():%Y%m%d}{hour}")
            + leaf("TRNAMT", signed) + leaf("FITID", number) + leaf("NAME", "Romashka")
            + leaf("MEMO", "Invoice 12") + "</STMTTRN>\r\n"
        )
    return (
        head + "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "<DTSERVER>20261231<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>"
        "<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        f"<STMTRS><CURDEF>RUB<BANKACCTFROM><BANKID>044525593<ACCTID>{ACCOUNT}"
        "<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101<DTEND>20261231\r\n"
        + "".join(rows) + "</BANKTRANLIST><LEDGERBAL><BALAMT>1000.00<DTASOF>20261231</LEDGERBAL>"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    ).encode()


def by_ofxtools(data):
    tree = OFXTree()
    tree.parse(io.BytesIO(data))
    statement = tree.convert().statements[0]
    return [
        (row.trnamt, statement.curdef, row.dtposted.date().isoformat())
        for row in statement.transactions
    ]


def tax_ids():
    """Valid ones, and valid ones with a digit changed."""
    for _ in range(LINES):
        digits = [str(CHANCE.randrange(10)) for _ in range(CHANCE.choice([10, 12]))]
        number = "".join(digits)
        body = number[:-1] if len(number) == 10 else number[:-2]
        if CHANCE.random() < 0.6:
            number = body + inn.calc_company_check_digit(body) if len(number) == 10 \
                else body + inn.calc_personal_check_digits(body)
        yield number


def check_digits():
    """Which payers of a 1C file are warned about."""
    numbers = [number for number in tax_ids() if int(number)]
    rows = [
        "1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows",
        "ДатаНачала=01.01.2026", "ДатаКонца=31.12.2026", f"РасчСчет={ACCOUNT}",
    ]
    begins = {}
    for place, number in enumerate(numbers):
        begins[len(rows) + 1] = number
        rows += [
            "СекцияДокумент=Платежное поручение", f"Номер={place + 1}", "Дата=01.02.2026",
            "Сумма=860.00", "ПлательщикСчет=40702810200470918965", f"ПлательщикИНН={number}",
            f"ПолучательСчет={ACCOUNT}", "НазначениеПлатежа=Оплата", "КонецДокумента",
        ]
    rows.append("КонецФайла")
    shown = inspect("kl_to_1c.txt", "\r\n".join(rows).encode("cp1251"))
    warned = [w["line"] for w in shown["warnings"] if w["code"] == "TAX_ID_CHECK_DIGIT"]
    starts = sorted(begins)
    ours = {max(start for start in starts if start <= line) for line in warned}
    theirs = {start for start in starts if not inn.is_valid(begins[start])}
    agree("check digits by python-stdnum", sorted(ours), sorted(theirs))
    if not theirs or len(theirs) == len(numbers):
        raise SystemExit("the tax ids are all right or all wrong: nothing was compared")


def main():
    for _ in range(5):
        data = invented_mt940()
        agree("MT940 by mt-940", facts(inspect("statement.sta", data)), by_mt940(data))
        data = invented_ofx()
        agree("OFX by ofxtools", facts(inspect("statement.ofx", data)), by_ofxtools(data))
    check_digits()
    print("- done")


main()
