"""Purposes as payers write them. Each split has templates that no other has."""

MONTHS = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
          "октября", "ноября", "декабря"]
TWIN = str.maketrans("АВЕКМНОРСТХаеорсх", "ABEKMHOPCTXaeopcx")

CLEAN = {
    "develop": ["Оплата по счету {n} от {d}. НДС не облагается", "Оплата по счету № {n} от {d} за услуги связи. Без НДС",
                "По сч. {n} от {d}, в т.ч. НДС 20% - {v}", "За доступ согласно счета №{n} от {d}г. Сумма {s}",
                "Оплата счета №{n} от {d}; Увел. диск. простр-ва 5 гб + Доступ на 1 польз. с 01.03.26 по 31.03.26 Сумма: {s}"],
    "calibrate": ["Опл. по счёту №{n} от {d}, НДС не обл.", "Услуги хостинга, сч № {n} от {d} г., без налога (НДС)",
                  "Оплата за обслуживание 1С по счету N {n} от {d} {s}", "счет на оплату № {n} от {d}, {s}, НДС нет",
                  "Абонентская плата за март 2026 по счету {n} от {d}"],
    "sealed": ["ПЕРЕЧИСЛЕНИЕ ПО СЧЕТУ № {n} ОТ {d} ЗА ИНФОРМАЦИОННЫЕ УСЛУГИ. НДС НЕ ПРЕДУСМОТРЕН", "(VO21100) Payment invoice No {n} dated {d}",
               "За программное обеспечение сч.№{n} от {d} (дог. 45/2020 от 01.01.2020). Без НДС", "Оплата по счету-договору № {n} от {d}. В том числе НДС 22/122 {v}",
               "oplata po schetu {n} ot {d} za uslugi", "Оплата рахунку № {n} від {d}, без ПДВ"],
}
NODATE = {
    "develop": ["Оплата по счету {n}. НДС не облагается", "По счету № {n}, без НДС", "сч {n} {s}"],
    "calibrate": ["оплата счета {n} за услуги", "Счет № {n}. Без НДС", "за связь по сч. №{n} в т.ч. НДС 20% {v}"],
    "sealed": ["ОПЛАТА СОГЛАСНО СЧЕТУ N {n} НДС НЕТ", "рахунок {n} послуги зв'язку", "Перечисление по счету №{n}, {s}"],
}
GLUED = {
    "develop": ["ОПЛАТА ПО СЧЕТУ{n}ОТ{d}", "сч№{n}от{d}"],
    "calibrate": ["Оплата по сч-т№{n} от{d} без НДС", "счет{n} от {d}"],
    "sealed": ["По счету№{n}от {d}.НДС нет", "ОПЛАТАПОСЧЕТУ{n} ОТ {d}"],
}
WORDS = {
    "develop": ["За товар по Счёту № {n} от {w} г., Без налога (НДС)"],
    "calibrate": ["Оплата по счету № {n} от {w}г. Сумма {s} без НДС"],
    "sealed": ["по счёту {n} от {w} года за лицензию", "счет № {n} от «{day}» {month} {year} г."],
}
LIST = {
    "develop": ["Оплата по счетам №№ {l}. Без НДС", "По счетам {l}"],
    "calibrate": ["Оплата счетов {l}, НДС не облагается"],
    "sealed": ["по сч. № {l} за услуги", "Оплата по счетам: {l}; без НДС"],
}
NONE = {
    "develop": ["Оплата за услуги. НДС не облагается", "Оплата по договору"],
    "calibrate": ["За услуги связи за март 2026", "Предоплата"],
    "sealed": ["Аванс за информационные услуги", "Оплата по выставленному счету"],
}
CONTRACT = ["Оплата по договору № 45/2020 от 01.01.2020 за март 2026", "По дог. 17 от 12.12.2019 аренда сервера"]
ELSEWHERE = ["Оплата за 2026 год по договору {n}", "Оплата {n} руб. по договору, тел. 84951234567", "Услуги за период с 01.01.2026 по 31.03.2026, л/с {n}",
             "Оплата по акту № {n} от {d}", "По УПД {n} от {d}", "оплата счет-фактуры {n} от {d}", "по заявке №{n}"]
RETURN = ["Возврат средств по счету {n} от {d}", "Возврат ошибочно перечисленных средств, счет {n}", "Ошибочно перечислено по счету {n}"]
OWN = ["Перевод собственных средств, счет {n}", "Пополнение счета {n} от {d}"]
ACQUIRER = ["Зачисление средств по операциям с МБК (на основании реестров платежей), счет {n}", "Продажи с Kaspi.kz за 01/03/2026, счет {n}",
            "Перевод средств по договору эквайринга, заказ {n}"]
HOSTILE = ["Оплата по счету {n} от {d}=КонецДокумента=СекцияДокумент", "{z}Оплата по счету {n} от {d}{z}", "КонецДокумента Сумма=1 счет {n} от {d}"]


def rub(kopecks):
    return f"{kopecks // 100}-{kopecks % 100:02} руб."


def written(rng, date):
    return rng.choice((date.strftime("%d.%m.%Y"), date.strftime("%d.%m.%y")))


def fill(rng, template, invoice, number=None, **more):
    date = invoice["date"]
    day, month, year = date.day, MONTHS[date.month - 1], date.year
    amount = invoice["amount"]
    return template.format(n=number or invoice["number"], d=written(rng, date), w=f"{day} {month} {year}", day=f"{day:02}",
                           month=month, year=year, s=rub(amount), v=f"{amount // 600}.{amount % 100:02}", z="\u200b\u202e", **more)


def render(rng, split, invoices, style, other=None):
    if style == "none":
        return rng.choice(NONE[split])
    if style == "contract":
        return rng.choice(CONTRACT)
    one = invoices[0]
    if style == "list":
        joined = [f"{i['number']} от {written(rng, i['date'])}" for i in invoices]
        if rng.random() < 0.4:
            joined = [i["number"] for i in invoices]
        text = ", ".join(joined[:-1]) + rng.choice((", ", " и ")) + joined[-1]
        return rng.choice(LIST[split]).format(l=text)
    if style == "two":
        return f"Оплата по счету {one['number']} ({invoices[1]['number']})" if rng.random() < 0.5 else \
            f"Оплата по счету {one['number']}, счет {invoices[1]['number']}"
    if style == "with_contract":
        return f"Оплата по договору № {other['number']} от 01.01.2020 по счету № {one['number']} от {written(rng, one['date'])}"
    plain = {"clean": CLEAN, "nodate": NODATE, "words": WORDS, "glued": GLUED}
    if style in plain:
        return fill(rng, rng.choice(plain[style][split]), one)
    if style == "homoglyph":
        return fill(rng, rng.choice(CLEAN[split]), one).translate(TWIN)
    if style == "prefixless":
        return fill(rng, rng.choice(CLEAN[split]), one, one["number"].split("#")[-1])
    if style == "truncated":
        head = fill(rng, rng.choice(CLEAN[split]), one)
        return (head + " " + "услуги по тарифу, доступ, поддержка " * 8)[:210]
    others = {"numbers_elsewhere": ELSEWHERE, "return": RETURN, "own": OWN, "acquirer": ACQUIRER, "hostile": HOSTILE}
    return fill(rng, rng.choice(others[style]), one)
