//! Words of purposes, in upper case: which ones lead to an invoice, which to something else
//! (payments.md §4.4). Russian, Ukrainian, Belarusian, Kazakh, English, and transliterated.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words after which a number is an invoice's.
static INVOICE_WORDS: Words = LazyLock::new(|| {
    "\
    СЧЕТ СЧЕТУ СЧЕТА СЧЕТОМ СЧЕТЕ СЧЕТАМ СЧЕТОВ СЧЕТАМИ СЧ СЧТ СЧ-ТУ СЧ-Т СЧ-ТА СЧ-У \
    С-ТУ СЧЕТ-ОФЕРТА СЧЕТУ-ОФЕРТЕ СЧЕТА-ОФЕРТЫ СЧЕТ-ДОГОВОР СЧЕТУ-ДОГОВОРУ \
    СЧЕТА-ДОГОВОРА СЧЕТ-ДОГОВОРУ СЧЕТ-ОФЕРТЕ СЧЕТ-ЗАКАЗ СЧЕТУ-ЗАКАЗУ РАХУНОК РАХУНКУ \
    РАХУНКА РАХУНКОМ РАХУНКІВ РАХУНАК РАХ РАХ-КУ РАХ-КА Р-КУ СХЕТУ СЧТУ СЧЕУТ СЧОТ СЧОТУ \
    ЩЕТУ ЧСЕТУ СЕЧТУ СЧЕТТУ ЗАКАЗ-СЧЕТ ЗАКАЗ-СЧЕТУ ДОГОВОР-СЧЕТ ДОГОВОРУ-СЧЕТУ ПРОФОРМА \
    ПРОФОРМЕ СЧЕТ-ПРОФОРМА СЧЕТУ-ПРОФОРМЕ SCHET SCHETU SCHETA SCHETOM \
    SCHETAM SCHYOT SCH SCHT RAHUNOK RAHUNKU RAHUNKA RAKHUNOK RAKHUNKU RAHUNAK INVOICE \
    INVOICES INV ІНВОЙС ИНВОЙС ИНВОЙСУ ІНВОЙСУ ШОТ ШОТЫ ШОТҚА ШОТЫНА"
        .split(' ')
        .collect()
});

/// Beginnings of words that make the account after them no invoice: «лицевой счет 123».
static OTHER_ACCOUNTS: Stems = LazyLock::new(|| {
    "\
    ЛИЦЕВ РАСЧЕТН РОЗРАХУНК РАЗЛІКОВ БАНКОВСК БАНКІВСЬК БАНКТІК КОРРЕСП ТЕКУЩ ПОТОЧН ОСОБОВ \
    АСАБОВ КАРТОЧН КАРТКОВ ДЕПОЗИТН ССУДН ТРАНЗИТН СПЕЦИАЛЬН НАКОПИТЕЛЬН ВАЛЮТН ДЕРБЕС ЕСЕП \
    ЭСКРОУ ЕСКРОУ ПОПОЛН ПОПОВН ПАПАЎН БАЛАНС POPOLN"
        .split(' ')
        .collect()
});

/// The same, whole: «лиц. счет», «р. счет».
static OTHER_ACCOUNT_WORDS: Words = LazyLock::new(|| {
    "ЛИЦ РАСЧ РОЗР БАНК КОР КОРР КАРТ КАРТЫ КАРТЕ КАРТУ СПЕЦ Р Л БУХ СУБ ВАЛ ТРАНЗ ТЕК"
        .split(' ')
        .collect()
});

/// Beginnings of adjectives that leave an account the request for payment that it is:
/// «выставленному счету». Any other one makes it an account of another kind.
static OWN_ADJECTIVES: Stems = LazyLock::new(|| {
    "\
    ВЫСТАВЛ ДАНН НАСТОЯЩ ПРИЛАГ ПРИЛОЖ УКАЗАН ВЫШЕУК ПОСЛЕДН ПЕРВ ВТОР ТРЕТ НОВ СТАР СЛЕДУЮЩ ЭТ \
    НАШ ВАШ СВО ОДН ОБЩ ПРЕДЪЯВЛ ПОЛУЧЕН ПОДПИС СОГЛАСОВ ИСПРАВЛ ОТДЕЛЬН АВАНСОВ ПРЕДВАРИТ ОСНОВН \
    ДОПОЛНИТ ОКОНЧАТ ПУБЛИЧН ДЕЙСТВ НЕОПЛАЧ ПРОСРОЧ ОЧЕРЕДН ЕЖЕМЕСЯЧН ЭЛЕКТРОНН КАЖД НИЖЕУК \
    ВИСТАВЛ НАДАН ЗАЗНАЧ ВКАЗАН ДОДАН ОСТАНН НАСТУПН ПЕРШ ЦЬ ВЫПИСАН ОПЛАЧ НЕСКОЛЬК"
        .split(' ')
        .collect()
});

/// Beginnings of words with which a phrase begins anew: what stands before them is another matter.
static ANEW: Stems = LazyLock::new(|| {
    "ОПЛАТ ПРЕДОПЛ ПЕРЕДОПЛ ДОПЛАТ АВАНС СОГЛАСН ЗГІДН ПЛАТЕЖ ПЛАТІЖ СПЛАТ АПЛАТ PAYM OPLAT"
        .split(' ')
        .collect()
});

/// Whole ones.
static ANEW_WORDS: Words = LazyLock::new(|| {
    "ПО ЗА НА К И С В ОТ ДЛЯ ИЗ ДО ТА І З ЗГ СОГЛ ПРИ ПОД PO ZA NA K I S V OT ОПЛ ПА"
        .split(' ')
        .collect()
});

/// Words whose number is of another paper, whole.
static COMPETING: Words = LazyLock::new(|| {
    "\
    АКТ АКТУ АКТА АКТОМ АКТАМ АКТЫ АКТІВ УПД УКД ТТН ТН ТОРГ-12 ДОП Д/С ДС АВР ЭСФ ЕСФ \
    СПЕЦ ИНН КПП БИК ОГРН Р/С К/С Л/С РС ЛС Р/СЧ Л/СЧ С/Ф СФ С-Ф СЧФ СЧ-Ф СЧ/Ф Ф ТОВАР Д-РУ \
    П/П ПП УИН УИП КБК ОКТМО ТЕЛ ЄДРПОУ ІПН УНП УНН БИН ИИН МФО AKT AKTU AKTA ORDER \
    ACT AGREEMENT CONTRACT INN KPP КОД ЗАКАЗ-НАРЯД ШАРТ ШАРТЫ ШАРТҚА КВ КВАРТИРА"
        .split(' ')
        .collect()
});

/// Beginnings of such words.
static COMPETING_STEMS: Stems = LazyLock::new(|| {
    "\
    ДОГ ДАГАВОР КОНТР НАКЛ ЗАЯВ ЗАКАЗ ЗАМОВЛЕН ПРИЛОЖ ДОДАТ ДОПСОГЛ СОГЛАШ ПАГАДНЕН \
    УГОД СПЕЦИФИК СЧЕТ-ФАКТ СЧЕТУ-ФАКТ СЧЕТА-ФАКТ СЧЕТАМ-ФАКТ СЧЕТОМ-ФАКТ СЧ-ФАК ФАКТУР \
    ШОТ-ФАКТ ПЛАТЕЖК ПЛАТЕЖНОМУ ПОРУЧ ДОРУЧ ПОЛИС КВИТАНЦ РЕЕСТР РЕЄСТР ПУТЕВ ТЕЛЕФОН ДОВЕРЕНН \
    АБОНЕНТ ПРОТОКОЛ ВЕДОМОСТ ЧЕК СЕРТИФИКАТ РЕШЕН ПОСТАНОВЛ ЛИСТ ТРЕБОВАН ПРЕТЕНЗ СМЕТ ЭТАП \
    DOG KONTRAKT CONTR ORDER NAKLAD ZAKAZ ZAYAV КЕЛІСІМ ЛИЦЕВ ПРИКАЗ РАСПИСК ДЕЛ"
        .split(' ')
        .collect()
});

/// Words that count what the number before them says: «12 месяцев».
static QUANTITIES: Words = LazyLock::new(|| {
    "\
    МЕС МЕСЯЦ МЕСЯЦА МЕСЯЦЕВ МІС МІСЯЦЬ МІСЯЦІВ МІСЯЦЯ ШТ ШТУК ШТУКИ ПОЛЬЗ ПОЛЬЗОВАТЕЛЯ \
    ПОЛЬЗОВАТЕЛЕЙ ПОЛЬЗОВАТЕЛЬ КОРИСТУВАЧІВ КОРИСТУВАЧА ГБ МБ ТБ КГ ЛИЦ ЧАС ЧАСА ЧАСОВ ДН ДНЕЙ \
    ДНЯ ДЕНЬ ДНІВ ЛЕТ ГОД ГОДА РОКІВ РОКИ РІК ТЫС ТЫСЯЧ ТИС МЛН ЧЕЛ ЧЕЛОВЕК ОСІБ СУТ СУТОК \
    НЕД НЕДЕЛЬ НЕДЕЛИ ТИЖНІВ КОМПЛ КОМПЛЕКТА КОМПЛЕКТОВ КОМПЬЮТЕРА КОМПЬЮТЕРОВ МЕСТ МЕСТА МЕСТО \
    ЭКЗ СЕРВЕРА СЕРВЕРОВ ДОМЕНА ДОМЕНОВ ПОЗИЦИЙ ЛИЦЕНЗИЙ АЙ АЙҒА MONTH MONTHS PCS USERS DAYS \
    YEARS MES"
        .split(' ')
        .collect()
});

/// Words before a number that do not say what it is of: «оплата № 12», «за № 12».
static LEADS: Words = LazyLock::new(|| {
    "\
    ОПЛАТА ОПЛАТЫ ОПЛАТУ ОПЛ ПЛАТА ПЛАТЕЖ ПЛАТІЖ ПЕРЕЧИСЛЕНИЕ ПРЕДОПЛАТА ПЕРЕДОПЛАТА АВАНС \
    ДОПЛАТА СПЛАТА АПЛАТА ТӨЛЕМ ТОЛЕМ ПО ЗА В К И ТА СОГЛ СОГЛАСНО ЗГІДНО ЗГ ЗГОДНО УСЛУГИ \
    УСЛУГ УСЛ ПОСЛУГИ ПОСЛУГ РАБОТЫ РАБОТ ХОСТИНГ СВЯЗЬ СВЯЗИ OPLATA OPL PAYMENT PAY FOR PO ZA \
    USLUGI"
        .split(' ')
        .collect()
});

/// Words between an invoice word and its number.
static FILLERS: Words = LazyLock::new(|| {
    "\
    ОПЛАТУ ОПЛ ОПЛАТИ ПРЕДОПЛАТУ АВАНС ПОКУПАТЕЛЮ КЛИЕНТУ ОФЕРТА ОФЕРТЕ БОЙЫНША ТӨЛЕМ ТОЛЕМ \
    ТӨЛЕМГЕ СӘЙКЕС"
        .split(' ')
        .collect()
});

/// Signs of a number.
static NUMBER_WORDS: Words = LazyLock::new(|| {
    "N NO NR NУ NО НОМЕР НОМ Н НО НОМЕРА НОМЕРУ НОМЕРОМ НОМЕРАМИ NUM NN ID ИД НӨМІРІ"
        .split(' ')
        .collect()
});

/// Words behind a number of a list.
static FOLLOWERS: Words = LazyLock::new(|| {
    "\
    И ТА І AND I В НА ЗА БЕЗ ПО НДС ПДВ VAT Т У СОГЛ СОГЛАСНО ЗГІДНО ЗГ ВКЛ ВКЛЮЧАЯ СУММА СУМА \
    ОПЛАТА ОПЛАТЫ УСЛУГИ ПОСЛУГИ BEZ ZA NA PO NDS V SUMMA INCL FOR"
        .split(' ')
        .collect()
});

/// Words before a date of the number before them.
static FROM_WORDS: Words =
    LazyLock::new(|| "ОТ OT ВІД АД FROM DATED DD ДАТА OF".split(' ').collect());

/// Short words that no number begins with.
static PREPOSITIONS: Words = LazyLock::new(|| {
    "ЗА НА ПО ОТ ИЗ ДО ОБ ДЛЯ ПРИ ООО ИП АО ЗАО ОАО ПАО ТОВ ФОП НДС БЕЗ СУМ ТОВ-Р ВІД"
        .split(' ')
        .collect()
});

const MONTHS: [&str; 12] = [
    "ЯНВАР СІЧН ҚАҢТАР СТУДЗЕН YANVAR JANUARY",
    "ФЕВРАЛ ЛЮТ АҚПАН FEVRAL FEBRUARY",
    "МАРТ БЕРЕЗН НАУРЫЗ САКАВІК MART MARCH МАРЦ",
    "АПРЕЛ КВІТН СӘУІР КРАСАВІК APREL APRIL",
    "МАЙ МАЯ МАМЫР ТРАВН MAYA MAY",
    "ИЮН ЧЕРВН МАУСЫМ ЧЭРВЕН IYUN JUNE",
    "ИЮЛ ЛИПН ШІЛДЕ ЛІПЕН IYUL JULY",
    "АВГУСТ СЕРПН ТАМЫЗ ЖНІЎН AVGUST AUGUST",
    "СЕНТЯБР ВЕРЕСН ҚЫРКҮЙЕК ВЕРАСН SENTYABR SEPTEMBER",
    "ОКТЯБР ЖОВТН ҚАЗАН КАСТРЫЧНІК OKTYABR OCTOBER",
    "НОЯБР ЛИСТОПАД ҚАРАША ЛІСТАПАД NOYABR NOVEMBER",
    "ДЕКАБР ГРУДН ЖЕЛТОҚСАН СНЕЖН DEKABR DECEMBER",
];

/// Short forms of months, whole.
const SHORT_MONTHS: [&str; 12] = [
    "ЯНВ СІЧ JAN",
    "ФЕВ ФЕВР ЛЮТ FEB FEVR",
    "МАР БЕР MAR",
    "АПР КВІТ APR",
    "ТРАВ",
    "ИЮН ЧЕРВ ЧЕР JUN",
    "ИЮЛ ЛИП JUL",
    "АВГ СЕРП СЕР AUG AVG",
    "СЕН СЕНТ ВЕР ВЕРЕС SEP SEPT",
    "ОКТ ЖОВТ OCT OKT",
    "НОЯ НОЯБ ЛИСТ NOV",
    "ДЕК ГРУД DEC DEK",
];

/// The month that a word names, in any case of it.
pub(super) fn month(word: &str) -> Option<u32> {
    const ENDS: &[&str] = &[
        "", "АГА", "Ь", "Я", "А", "Й", "Е", "У", "Ю", "ЯМ", "ОГО", "YA", "A", "ІЯ", "І", "ЕМ",
        "ДАҒЫ", "ДАГЫ", "ДЕГІ", "ТАҒЫ",
    ];
    let is = |words: &&str| !word.is_empty() && words.split(' ').any(|known| known == word);
    let short = SHORT_MONTHS.iter().position(is);
    let stem = || {
        let ends = |stem: &str| word.strip_prefix(stem).is_some_and(|end| ENDS.contains(&end));
        MONTHS.iter().position(|stems| stems.split(' ').any(ends))
    };
    short.or_else(stem).and_then(|place| u32::try_from(place + 1).ok())
}

/// Words that are looked up whole.
type Words = LazyLock<HashSet<&'static str>>;

/// Beginnings of words.
type Stems = LazyLock<Vec<&'static str>>;

fn has(words: &Words, word: &str) -> bool {
    words.contains(word)
}

fn begins(stems: &Stems, word: &str) -> bool {
    begins_any(stems, word)
}

fn begins_any(stems: &[&str], word: &str) -> bool {
    stems.iter().any(|stem| word.starts_with(stem))
}

/// Whether a number after this word is an invoice's.
pub(super) fn is_invoice(word: &str) -> bool {
    let known = |word: &str| {
        // In Ukraine «рахунок-фактура» is the request for payment itself.
        has(&INVOICE_WORDS, word) || (word.starts_with("РАХУН") && !word.starts_with("РАХУНКОВ"))
    };
    // «счет-протокол», «счету-заявке»: a request for payment as well.
    let compound = || {
        let (first, second) = word.split_once('-')?;
        let paper = ["ПРОТОКОЛ", "КОНТРАКТ", "ЗАЯВК", "СПЕЦИФ", "ИЗВЕЩ", "КВИТАНЦ", "СОГЛАШ"];
        let latin = ["PROTOKOL", "OFERT", "DOGOVOR", "ZAKAZ"];
        let both = begins_any(&paper, second) || begins_any(&latin, second);
        Some(known(first) && begins_any(&["СЧЕТ", "SCHET"], first) && both)
    };
    known(word)
        || compound().unwrap_or_default()
        || word.strip_prefix("ПО").is_some_and(|rest| rest.starts_with("СЧЕТ") && known(rest))
}

/// Whether the account before whose name this word stands is no invoice.
pub(super) fn is_of_other_account(word: &str) -> bool {
    has(&OTHER_ACCOUNT_WORDS, word) || begins(&OTHER_ACCOUNTS, word)
}

/// Whether an invoice word is that of an account: «на счет 12», «со счета 12».
pub(super) fn is_account_after(before: &str, word: &str) -> bool {
    match before {
        "НА" => ["СЧЕТ", "СЧ", "РАХУНОК", "РАХ", "РАХУНАК"].contains(&word),
        "С" | "СО" | "ИЗ" => word == "СЧЕТА",
        _ => is_of_other_account(before),
    }
}

/// Whether this adjective makes an account another one than that which is to be paid.
pub(super) fn is_other_adjective(word: &str) -> bool {
    const ENDS: [&str; 9] = ["ЫЙ", "ИЙ", "ОЙ", "ОГО", "ЕГО", "ОМУ", "ЕМУ", "ЫМ", "ИМ"];
    let adjective = word.chars().count() >= 5 && ENDS.iter().any(|end| word.ends_with(end));
    adjective && !begins(&OWN_ADJECTIVES, word)
}

/// Whether this form of an invoice word may say what the word before it is of: «договор счета».
pub(super) fn is_of_something(word: &str) -> bool {
    ["СЧЕТА", "РАХУНКА", "РАХУНКУ", "SCHETA", "RAHUNKA", "RAHUNKU"].contains(&word)
}

/// Whether a phrase begins with this word.
pub(super) fn begins_anew(word: &str) -> bool {
    has(&ANEW_WORDS, word) || begins(&ANEW, word)
}

/// Whether a year stands behind this word: a month, a quarter.
pub(super) fn is_time(word: &str) -> bool {
    let parts = ["КВ", "КВАРТАЛ", "КВАРТАЛА", "ПОЛУГОДИЕ", "ПОЛУГОДИЯ", "ПІВРІЧЧЯ", "ГОД", "РІК"];
    month(word).is_some() || parts.contains(&word)
}

/// Whether a number after this word is of another paper.
pub(super) fn is_competing(word: &str) -> bool {
    !is_invoice(word) && (has(&COMPETING, word) || begins(&COMPETING_STEMS, word))
}

/// Whether this word counts what the number before it says.
pub(super) fn is_quantity(word: &str) -> bool {
    has(&QUANTITIES, word)
}

/// Whether a number after this word may be of anything.
pub(super) fn is_lead(word: &str) -> bool {
    has(&LEADS, word) || is_invoice(word) || is_from(word) || is_filler(word)
}

/// Whether this word may stand between an invoice word and its number.
pub(super) fn is_filler(word: &str) -> bool {
    has(&FILLERS, word)
}

/// Whether this word is a sign of a number.
pub(super) fn is_number_sign(word: &str) -> bool {
    has(&NUMBER_WORDS, word)
}

/// Whether a number may stand before this word: «№1042 шот бойынша».
pub(super) fn follows_number(word: &str) -> bool {
    word.starts_with("ШОТ") && !word.starts_with("ШОТ-")
}

/// Whether this word may stand behind a number that counts nothing: «5 гб» does.
pub(super) fn may_follow_number(word: &str) -> bool {
    has(&FOLLOWERS, word)
}

/// Whether a date follows this word.
pub(super) fn is_from(word: &str) -> bool {
    has(&FROM_WORDS, word)
}

/// Whether no number begins with this word.
pub(super) fn is_preposition(word: &str) -> bool {
    has(&PREPOSITIONS, word)
}

/// Whether letters glued to a number are a word of their own.
pub(super) fn is_glue(letters: &str) -> bool {
    split_glue(letters) != letters
        || is_invoice(letters)
        || ["ОТ", "OT", "ВІД", "N", "NO", "С", "ПО", "ДОГ", "АКТ", "АКТУ", "ДОГОВОРУ", "ИНН"]
            .contains(&letters)
}

/// An invoice word, or what stands before one, that letters of a number are glued to:
/// `СЧЕТУHOR-11111-007`, `ОПЛАТАПОСЧЕТУHOR-11111-007`.
pub(super) fn leading_invoice(head: &str) -> Option<&str> {
    for word in ["СЧЕТУ", "СЧЕТА", "РАХУНКУ", "СЧЕТ"] {
        let letters = |rest: &str| {
            (2..=5).contains(&rest.chars().count()) && rest.chars().all(char::is_alphabetic)
        };
        if head.strip_prefix(word).is_some_and(letters) {
            return Some(&head[..word.len()]);
        }
        if let Some((before, rest)) = head.split_once(word)
            && before.ends_with("ПО")
            && (letters(rest) || rest.is_empty())
        {
            return Some(before);
        }
    }
    None
}

/// The first word of several that are glued: `СЧЕТУN`, `ОПЛАТАПОСЧЕТУ`.
pub(super) fn split_glue(letters: &str) -> &str {
    for sign in ["NO", "NО", "N", "Н"] {
        if let Some(word) = letters.strip_suffix(sign)
            && is_invoice(word)
        {
            return word;
        }
    }
    for word in ["СЧЕТУ", "СЧЕТА", "СЧЕТ"] {
        if let Some(before) = letters.strip_suffix(word)
            && (before.ends_with("ПО") || before.ends_with("ОПЛАТА"))
            && !is_invoice(letters)
        {
            return before;
        }
    }
    letters
}

/// A word with Cyrillic in it is Cyrillic: Latin look-alikes are folded.
pub(super) fn one_alphabet(word: String) -> String {
    if !word.chars().any(|c| ('А'..='Я').contains(&c)) {
        return word;
    }
    let folded = word.chars().map(|c| match c {
        'A' => 'А',
        'B' => 'В',
        'C' => 'С',
        'E' => 'Е',
        'H' => 'Н',
        'I' => 'І',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'P' => 'Р',
        'T' => 'Т',
        'X' => 'Х',
        'Y' => 'У',
        other => other,
    });
    folded.collect()
}
