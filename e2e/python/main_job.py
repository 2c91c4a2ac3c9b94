#!/usr/bin/env python3
"""An independent client walks the main job.

    main_job.py ADDRESS OPERATOR_TOKEN NOW

ADDRESS is the gateway's `host:port`, NOW its business instant (RFC 3339; the clock must be manual,
for it is advanced). Nothing is generated: PyPI's grpcio and grpcio-reflection, and what the server
tells of itself by reflection. Exit code 0 when every step went as it should.
"""

import base64
import datetime
import sys
import uuid

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

PASSWORD = "надёжный пароль робота"
CUSTOMER_PASSWORD = "пароль клиента робота"


class Suite:
    """Calls of any method by its name, with JSON-like dictionaries in and out."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.database)

    def _method(self, name):
        service, method = name.split("/")
        return self.pool.FindServiceByName(f"raschet.{service}").FindMethodByName(method)

    def _start(self, token, name, requests):
        method = self._method(name)
        request = message_factory.GetMessageClass(method.input_type)
        reply = message_factory.GetMessageClass(method.output_type)
        messages = [json_format.ParseDict(r, request()) for r in requests]
        streams_in, streams_out = method.client_streaming, method.server_streaming
        kind = ("stream" if streams_in else "unary") + "_" + ("stream" if streams_out else "unary")
        call = getattr(self.channel, kind)(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=request.SerializeToString,
            response_deserializer=reply.FromString,
        )
        metadata = [("authorization", f"Bearer {token}")] if token else []
        argument = iter(messages) if streams_in else messages[0]
        return call(argument, metadata=metadata, timeout=300)

    def call(self, token, name, *requests):
        """What a unary reply holds, as a dictionary with all its fields."""
        return as_dict(self._start(token, name, requests))

    def stream(self, token, name, *requests):
        """Every message of a streamed reply."""
        return [as_dict(message) for message in self._start(token, name, requests)]


def as_dict(message):
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def refused(code, work):
    """The work must be refused with this code."""
    try:
        work()
    except grpc.RpcError as error:
        check(error.code() == code, f"{error.code()} instead of {code}: {error.details()}")
        return
    raise AssertionError(f"was not refused with {code}")


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def step(text):
    print(f"- {text}", flush=True)


def once():
    return str(uuid.uuid4())


def money(value):
    """`860.00 RUB` of a google.type.Money."""
    units, nanos = int(value.get("units", 0)), int(value.get("nanos", 0))
    return f"{units}.{abs(nanos) // 10_000_000:02d} {value['currency_code']}"


def date(day):
    return {"year": day.year, "month": day.month, "day": day.day}


# --- invented requisites whose check digits hold ---


def tax_id(number):
    """ИНН of a company: ten digits, the last one a key."""
    digits = f"990{number:06d}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return digits + str(sum(int(d) * w for d, w in zip(digits, weights)) % 11 % 10)


BIC = "049999987"


def account(number):
    """Account of 20 digits whose ninth is a key over the bank's last three digits."""
    for key in range(10):
        digits = f"40702810{key}{number:011d}"
        weights = (7, 1, 3) * 8
        if sum(int(d) * w for d, w in zip(BIC[6:] + digits, weights)) % 10 == 0:
            return digits
    raise AssertionError("some key fits")


def correspondent():
    for key in range(10):
        digits = f"30101810{key}99990000987"
        weights = (7, 1, 3) * 8
        if sum(int(d) * w for d, w in zip("0" + BIC[4:6] + digits, weights)) % 10 == 0:
            return digits
    raise AssertionError("some key fits")


class Company:
    def __init__(self, number):
        self.title = f"ООО «Робот {number}»"
        self.tax_id = tax_id(number)
        self.kpp = f"990101{number % 1000:03d}"
        self.account = account(38_100_000_000 + number)

    def bank(self):
        return {
            "account": self.account,
            "bic": BIC,
            "correspondent_account": correspondent(),
            "bank": "Банк «Пример»",
        }


# --- the steps ---


def staff(suite, operator):
    step("staff log in: a one-time password must be changed before anything else")
    member = {
        "email": "robot@raschet.example",
        "display_name": "Робот",
        "roles": ["ADMIN"],
    }
    request = {"staff_member": member, "request_id": once()}
    login = suite.call(operator, "clients.v1.Staff/CreateStaffMember", request)
    password = login["one_time_password"]
    request = {"login": member["email"], "password": password}
    session = suite.call("", "gateway.v1.Sessions/Login", request)
    check(session["must_change_password"], "the password works once")
    token = session["token"]
    listing = "invoicing.v1.Invoices/ListInvoices"
    refused(grpc.StatusCode.FAILED_PRECONDITION, lambda: suite.call(token, listing, {}))
    change = {"old_password": password, "new_password": PASSWORD}
    suite.call(token, "gateway.v1.Sessions/ChangePassword", change)
    suite.call(token, listing, {})
    return token


def strangers(suite, operator):
    step("strangers are refused, and what does not exist is UNIMPLEMENTED")
    listing = "invoicing.v1.Invoices/ListInvoices"
    for token in ("", "forged"):
        refused(grpc.StatusCode.UNAUTHENTICATED, lambda t=token: suite.call(t, listing, {}))
    metadata = [("authorization", f"Bearer {operator}")]
    for path in ("/raschet.system.v1.Queue/GetQueueStatus", "/raschet.nothing.v1.Nothing/Do"):
        call = suite.channel.unary_unary(path)
        nothing = lambda c=call: c(b"", metadata=metadata, timeout=60)
        refused(grpc.StatusCode.UNIMPLEMENTED, nothing)


def catalogue(suite, token, today):
    step("a seller, and a product with a price")
    company = Company(5001)
    seller = {
        "title": company.title,
        "country": "RU",
        "tax_id": company.tax_id,
        "kpp": company.kpp,
        "currency": "RUB",
        "tax_regimes": [{"from": date(today.replace(month=1, day=1)), "kind": "GENERAL"}],
        "account": company.bank(),
    }
    request = {"seller": seller, "request_id": once()}
    seller = suite.call(token, "invoicing.v1.Sellers/CreateSeller", request)
    product = {
        "title": "Доступ робота",
        "seller": seller["name"],
        "tax_ground": "STANDARD",
        "option": "Пользователь",
        "accounting_code": "00-robot",
    }
    request = {"product": product, "request_id": once()}
    product = suite.call(token, "invoicing.v1.Products/CreateProduct", request)
    price = {
        "product": product["name"],
        "from": date(today.replace(month=1, day=1)),
        "cycle_months": 1,
        "unit_price": {"value": "860.00"},
        "currency": "RUB",
    }
    suite.call(
        token, "invoicing.v1.Products/CreatePrice", {"price": price, "request_id": once()}
    )
    return company, seller["name"], product["name"]


def customer(suite, token, seller, today):
    step("a client with a payer and a contract; the same request again answers the same")
    company = Company(5002)
    client = {
        "kind": "COMPANY",
        "given_name": "Роберт",
        "family_name": "Роботов",
        "company": company.title,
        "email": "buh@robot.example",
        "password": CUSTOMER_PASSWORD,
    }
    request = {"client": client, "request_id": once()}
    create = "clients.v1.Clients/CreateClient"
    made = suite.call(token, create, request)
    check(suite.call(token, create, request) == made, "same id and body, same answer")
    other = {"client": {**client, "given_name": "Иной"}, "request_id": request["request_id"]}
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: suite.call(token, create, other))
    twin = {"client": {**client, "email": "BUH@Robot.example"}, "request_id": once()}
    refused(grpc.StatusCode.ALREADY_EXISTS, lambda: suite.call(token, create, twin))
    payer = {
        "client": made["name"],
        "title": company.title,
        "tax_id": company.tax_id,
        "kpp": company.kpp,
        "accounts": [company.bank()],
    }
    bad = {**payer, "tax_id": company.tax_id[:-1] + str((int(company.tax_id[-1]) + 1) % 10)}
    create = "clients.v1.LegalEntities/CreateLegalEntity"
    request = {"legal_entity": bad, "request_id": once()}
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: suite.call(token, create, request))
    payer = suite.call(token, create, {"legal_entity": payer, "request_id": once()})
    contract = {
        "client": made["name"],
        "payer": payer["name"],
        "seller": seller,
        "date": date(today),
    }
    request = {"contract": contract, "request_id": once()}
    contract = suite.call(token, "invoicing.v1.Contracts/CreateContract", request)
    return company, made["name"], contract["name"]


def order(suite, token, client, contract, product):
    step("an accepted order makes a held invoice, which a customer does not see")
    line = {"product": product, "contract": contract, "cycle_months": 1, "quantity": 2}
    request = {"order": {"client": client, "lines": [line]}, "request_id": once()}
    made = suite.call(token, "invoicing.v1.Orders/CreateOrder", request)
    request = {"name": made["name"], "request_id": once()}
    accepted = suite.call(token, "invoicing.v1.Orders/AcceptOrder", request)
    check(len(accepted["invoices"]) == 1, f"{accepted}")
    request = {"name": accepted["invoices"][0]}
    held = suite.call(token, "invoicing.v1.Invoices/GetInvoice", request)
    check(held["state"] == "HELD" and held["number"] == "", f"{held['state']}")
    check(money(held["total"]) == "1720.00 RUB", money(held["total"]))
    check(held["lines"][0]["trace"]["formula"] != "", "amounts carry their reasons")
    request = {"login": "buh@robot.example", "password": CUSTOMER_PASSWORD}
    session = suite.call("", "gateway.v1.Sessions/Login", request)
    document = ("gateway.v1.Cabinet/GetInvoiceDocument", {"name": held["name"]})
    refused(grpc.StatusCode.NOT_FOUND, lambda: suite.call(session["token"], *document))
    return held["name"], accepted["subscriptions"][0], session["token"]


def issue(suite, token, customer_token, client, invoice, now):
    step("issued: numbered, sent with its PDF, and seen in the cabinet")
    request = {"name": invoice, "request_id": once()}
    issued = suite.call(token, "invoicing.v1.Invoices/IssueInvoice", request)
    check(issued["state"] == "ISSUED" and issued["number"] != "", f"{issued}")
    settle(suite, now)
    log = suite.call(token, "tickets.v1.Letters/ListOutboundLetters", {"client": client})
    check([letter["state"] for letter in log["letters"]] == ["SENT"], f"{log}")
    home = suite.call(customer_token, "gateway.v1.Cabinet/GetHome", {})
    check([money(m) for m in home["due"]] == ["1720.00 RUB"], f"{home['due']}")
    document = suite.call(
        customer_token, "gateway.v1.Cabinet/GetInvoiceDocument", {"name": invoice}
    )
    pdf = base64.b64decode(document["content"])
    check(pdf.startswith(b"%PDF-"), "a PDF")
    return issued


def settle(suite, now):
    """Waits until all feeds and queues are drained; the clock stands."""
    request = {"to": now.isoformat().replace("+00:00", "Z")}
    suite.call(settle.operator, "gateway.v1.Operations/AdvanceClock", request)


def statement(seller, payer, issued, today):
    number, day = issued["number"], today.strftime("%d.%m.%Y")
    lines = [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        f"РасчСчет={seller.account}",
        "СекцияДокумент=Платежное поручение",
        "Номер=27",
        f"Дата={day}",
        "Сумма=1720.00",
        f"ДатаПоступило={day}",
        f"ПлательщикСчет={payer.account}",
        f"ПлательщикИНН={payer.tax_id}",
        f"Плательщик1={payer.title}",
        f"ПлательщикБИК={BIC}",
        f"ПолучательСчет={seller.account}",
        f"ПолучательИНН={seller.tax_id}",
        f"НазначениеПлатежа=Оплата по счету № {number} от {day}",
        "КонецДокумента",
        "КонецФайла",
        "",
    ]
    return "\r\n".join(lines).encode("cp1251")


def pay(suite, token, now, file, invoice, subscription):
    step("the bank's file pays it by itself; the file again changes nothing")
    half = len(file) // 2
    chunks = [base64.b64encode(part).decode() for part in (file[:half], file[half:])]

    def load():
        header = {"filename": "kl_to_1c.txt", "request_id": once()}
        messages = [{"header": header, "chunk": chunks[0]}, {"chunk": chunks[1]}]
        return suite.call(token, "payments.v1.Statements/ImportStatement", *messages)

    first = load()
    check((first["imported"], first["repeated_lines"]) == (1, 0), f"{first}")
    settle(suite, now)
    request = {"statement": first["statement"]["name"]}
    lines = suite.call(token, "payments.v1.Lines/ListLines", request)["lines"]
    reasons = [reason["code"] for reason in lines[0]["reasons"]]
    check(lines[0]["state"] == "MATCHED", f"{lines[0]['state']}: {reasons}")
    paid = suite.call(token, "invoicing.v1.Invoices/GetInvoice", {"name": invoice})
    check(paid["payment_state"] == "PAID", paid["payment_state"])
    request = {"name": subscription}
    served = suite.call(token, "invoicing.v1.Subscriptions/GetSubscription", request)
    check(served["state"] == "ACTIVE", served["state"])
    again = load()
    check((again["imported"], again["repeated_lines"]) == (0, 1), f"{again}")
    garbage = [{"header": {"filename": "x", "request_id": once()}, "chunk": "AAEC"}]
    name = "payments.v1.Statements/ImportStatement"
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: suite.call(token, name, *garbage))


def more(suite, token, subscription):
    step("two become three: the confirmation does what the preview showed")
    request = {"name": subscription, "quantity": 3}
    preview = suite.call(token, "invoicing.v1.Subscriptions/PreviewQuantityChange", request)
    request = {"name": subscription, "token": preview["token"], "request_id": once()}
    change = suite.call(token, "invoicing.v1.Subscriptions/ConfirmQuantityChange", request)
    check(change["total"] == preview["total"], f"{change} {preview}")
    request = {"name": change["invoice"], "reason": "передумали", "request_id": once()}
    cancelled = suite.call(token, "invoicing.v1.Invoices/CancelInvoice", request)
    check(cancelled["state"] == "CANCELLED", cancelled["state"])


def mail(suite, token, now):
    step("a letter becomes a ticket; it is answered, closed, and opened again")
    mailbox = {"address": "robot-ok@raschet.example", "department": "support"}
    request = {"mailbox": mailbox, "request_id": once()}
    suite.call(token, "tickets.v1.Mailboxes/CreateMailbox", request)

    def letter(number, subject, answers=""):
        head = f"In-Reply-To: <{answers}>\r\n" if answers else ""
        raw = (
            f"From: <buh@robot.example>\r\nTo: <robot-ok@raschet.example>\r\n"
            f"Subject: {subject}\r\nMessage-ID: <{number}@robot.example>\r\n{head}\r\nHello\r\n"
        )
        request = {"raw": base64.b64encode(raw.encode()).decode(), "request_id": once()}
        return suite.call(token, "tickets.v1.Letters/IngestLetter", request)

    taken = letter("1", "Question")
    check(taken["state"] == "PROCESSED", f"{taken}")
    name = taken["ticket"]
    request = {"name": name, "text": "Ответ", "request_id": once()}
    suite.call(token, "tickets.v1.Tickets/ReplyTicket", request)
    settle(suite, now)
    log = suite.call(token, "tickets.v1.Letters/ListOutboundLetters", {"ticket": name})
    check([entry["state"] for entry in log["letters"]] == ["SENT"], f"{log}")
    suite.call(token, "tickets.v1.Tickets/CloseTicket", {"name": name, "request_id": once()})
    again = letter("2", "Re: Question", log["letters"][0]["message_id"])
    check(again["ticket"] == name, "the same ticket")
    ticket = suite.call(token, "tickets.v1.Tickets/GetTicket", {"name": name})
    check((ticket["state"], ticket["reopen_count"]) == ("OPEN", 1), f"{ticket['state']}")


def run_month(suite, operator, token, now):
    step("the month ends: renewals are made once, acts are made once, the books hold")
    first = (now.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    settle(suite, first)
    run = "invoicing.v1.Billing/RunBilling"
    ahead = date(first + datetime.timedelta(days=14))
    shown = suite.stream(operator, run, {"date": ahead, "dry_run": True})[-1]["summary"]
    request = {"date": ahead, "request_id": once()}
    made = suite.stream(operator, run, request)[-1]["summary"]
    check((shown["invoices"], made["invoices"]) == ("1", "1"), f"{shown} {made}")
    request = {"date": ahead, "request_id": once()}
    check(suite.stream(operator, run, request)[-1]["summary"]["invoices"] == "0", "a no-op")
    settle(suite, first)
    close = "invoicing.v1.Billing/CloseMonth"
    month = date(now.replace(day=1))
    request = {"month": month, "request_id": once()}
    closed = suite.stream(operator, close, request)[-1]["summary"]
    check(closed["acts"] == "1", f"{closed}")
    request = {"month": month, "request_id": once()}
    check(suite.stream(operator, close, request)[-1]["summary"]["acts"] == "0", "a no-op")
    settle(suite, first)
    acts = suite.call(token, "invoicing.v1.Billing/ListActs", {"month": month})["acts"]
    check([money(act["total"]) for act in acts] == ["1720.00 RUB"], f"{acts}")


def audit(suite, operator):
    reports = suite.stream(operator, "gateway.v1.Operations/Audit", {})
    found = [report["discrepancy"] for report in reports if "discrepancy" in report]
    check(found == [], f"{found}")
    services = sorted(r["summary"]["service"] for r in reports if "summary" in r)
    check({"clients", "invoicing", "payments", "tickets"} <= set(services), f"{services}")
    parked = suite.call(operator, "gateway.v1.Operations/ListParked", {})["items"]
    check(parked == [], f"{parked}")


def main():
    address, operator, now = sys.argv[1], sys.argv[2], sys.argv[3]
    now = datetime.datetime.fromisoformat(now.replace("Z", "+00:00"))
    settle.operator = operator
    suite = Suite(address)
    strangers(suite, operator)
    token = staff(suite, operator)
    seller, seller_name, product = catalogue(suite, token, now.date())
    payer, client, contract = customer(suite, token, seller_name, now.date())
    settle(suite, now)
    invoice, subscription, cabinet = order(suite, token, client, contract, product)
    issued = issue(suite, token, cabinet, client, invoice, now)
    pay(suite, token, now, statement(seller, payer, issued, now.date()), invoice, subscription)
    more(suite, token, subscription)
    mail(suite, token, now)
    audit(suite, operator)
    run_month(suite, operator, token, now)
    audit(suite, operator)
    step("done")


if __name__ == "__main__":
    main()
