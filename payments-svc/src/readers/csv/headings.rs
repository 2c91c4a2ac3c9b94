//! What columns are usually called.

use super::layout::Role;
use crate::readers::values;

/// Words of headings, which prove the encoding.
pub const WORDS: [&str; 12] = [
    "Дата",
    "Сумма",
    "Описание",
    "Назначение",
    "Приход",
    "Валюта",
    "Номер",
    "Контрагент",
    "Кредит",
    "Платник",
    "Рахунок",
    "Призначення",
];

/// Names of each column, plain and parted by `|`; the first that is there counts.
pub const USUAL: [(Role, &str); 24] = [
    (
        Role::Date,
        "дата операции|дата проводки|дата списания/зачисления|дата проведения|дата транзакции|\
         дата опер|дата|дата документа|дата платежа|дата операції|дата проведення|\
         дата та час операції|дата і час операції|booking date|operation date|\
         transaction date|posting date|completed date|date",
    ),
    (Role::DocumentDate, "дата документа|дата документу|дата п/п|дата док"),
    (
        Role::Number,
        "номер документа|№ документа|номер п/п|№ п/п|номер|№ док|номер док|№|document number|\
         номер платежа|номер документу|номер платежного документа|number",
    ),
    (
        Role::In,
        "приход|поступление|поступления|зачисление|зачислено|кредит|сумма по кредиту|\
         сумма кредит|по кредиту|кредит (поступление)|кредит (приход)|сумма прихода|\
         сумма поступления|сумма зачисления|кредитовый оборот|оборот по кредиту|оборот кт|\
         надходження|зараховано|сума кредит|credit|paid in|credit amount|deposit|money in",
    ),
    (
        Role::Out,
        "расход|списание|списания|списано|дебет|сумма по дебету|сумма дебет|по дебету|\
         дебет (списание)|дебет (расход)|сумма расхода|сумма списания|дебетовый оборот|\
         оборот по дебету|оборот дт|видатки|видаток|сума дебет|debit|paid out|debit amount|\
         withdrawal|money out",
    ),
    (
        Role::Amount,
        "сумма в валюте счета|сумма операции|сумма платежа|сумма документа|сумма|сума|\
         сума операції|сума платежу|сума в валюті рахунку|сума у валюті рахунку|amount",
    ),
    (
        Role::Side,
        "тип операции|направление|дебет/кредит|дебет / кредит|д/к|дт/кт|приход/расход|\
         тип операції|credit/debit|debit/credit|type",
    ),
    (Role::Currency, "валюта счета|валюта|валюта операции|валюта платежа|валюта рахунку|currency"),
    (
        Role::Purpose,
        "назначение платежа|назначение|описание операции|содержание операции|основание|\
         назначение операции|детали платежа|описание|примечание|призначення платежу|\
         призначення|опис операції|description|details|payment details|purpose|memo|narrative",
    ),
    (
        Role::Reference,
        "референс проводки|референс|код операции|id операции|идентификатор операции|\
         код операції|reference",
    ),
    (
        Role::OwnAccount,
        "номер счета|счет|лицевой счет|мой счет|account|account number|счет клиента|рахунок|\
         номер рахунку",
    ),
    (
        Role::OtherName,
        "контрагент|наименование контрагента|название контрагента|корреспондент|\
         наименование корреспондента|плательщик/получатель|плательщик / получатель|\
         наименование плательщика/получателя|наименование получателя/плательщика|\
         получатель/плательщик|кореспондент|найменування контрагента|назва контрагента|\
         counterparty|name|payee",
    ),
    (
        Role::OtherTaxId,
        "инн контрагента|инн корреспондента|инн плательщика/получателя|едрпоу контрагента|\
         єдрпоу контрагента|єдрпоу кореспондента|код єдрпоу|єдрпоу|инн|бин/иин|иин/бин|\
         бин контрагента|унп контрагента|унп корреспондента|унп",
    ),
    (Role::OtherKpp, "кпп контрагента|кпп корреспондента|кпп"),
    (
        Role::OtherAccount,
        "счет контрагента|номер счета контрагента|счет корреспондента|р/с контрагента|\
         расчетный счет контрагента|счет плательщика/получателя|рахунок контрагента|\
         рахунок кореспондента|counterparty account|iban контрагента|iban",
    ),
    (
        Role::OtherBank,
        "бик банка контрагента|бик контрагента|бик банка корреспондента|бик корреспондента|\
         мфо банка|мфо контрагента|мфо кореспондента|бик банка|бик|мфо",
    ),
    (
        Role::OtherBankName,
        "банк контрагента|наименование банка контрагента|банк корреспондента|назва банка|\
         банк кореспондента",
    ),
    (Role::PayerName, "плательщик|наименование плательщика|платник"),
    (Role::PayerTaxId, "инн плательщика|єдрпоу платника"),
    (
        Role::PayerAccount,
        "счет плательщика|номер счета плательщика|р/с плательщика|счет дебет|счет дебета|\
         рахунок платника",
    ),
    (Role::PayeeName, "получатель|наименование получателя|отримувач"),
    (Role::PayeeTaxId, "инн получателя|єдрпоу отримувача"),
    (
        Role::PayeeAccount,
        "счет получателя|номер счета получателя|р/с получателя|счет кредит|счет кредита|\
         рахунок отримувача",
    ),
    (Role::Status, "статус|статус операции|статус платежа|состояние|status|state"),
];

/// What a column is by words in its heading, where nobody described it.
pub fn guess(heading: &str) -> Option<Role> {
    const CAME: &str = "приход|поступ|зачисл|кредит|пополн|надход|зарах|прыход|credit|paid in";
    const WENT: &str = "расход|списан|дебет|видат|выдат|списано|debit|paid out|withdraw";
    const OTHER: &str = "контраг|корресп|кореспонд|бенефиц|отправит|получат|плательщ|counterpart";
    let has = |words: &str| words.split('|').any(|word| heading.contains(word));
    let begins = |words: &str| {
        let mut parts = heading.split(|c: char| !c.is_alphanumeric());
        parts.any(|part| words.split('|').any(|word| part == word))
    };
    let (came, went) = (has(CAME), has(WENT));
    Some(match heading {
        _ if has("дата|date|күні|booked") => Role::Date,
        _ if begins("инн|єдрпоу|едрпоу|бин|иин|унп|бсн|жсн|inn") => {
            Role::OtherTaxId
        }
        _ if begins("кпп") => Role::OtherKpp,
        _ if begins("бик|мфо|bic") => Role::OtherBank,
        _ if has("счет|рахун|iban|иик|р/с") && has(OTHER) => Role::OtherAccount,
        _ if has("назначен|призначен|описан|содержан|основан|мақсат|purpose|detail|descript") => {
            Role::Purpose
        }
        _ if came && went => Role::Side,
        _ if came && !heading.starts_with("счет") => Role::In,
        _ if went && !heading.starts_with("счет") => Role::Out,
        _ if has("сумм|сума|amount") => Role::Amount,
        _ if has("валют|currency|ccy") => Role::Currency,
        _ if has("док") && has("номер|№") || has("құжат|document") => Role::Number,
        _ if has(OTHER) && !has("банк|bank") => Role::OtherName,
        _ if has("статус|состоян|status") => Role::Status,
        "text" | "narrative" => Role::Purpose,
        _ => return None,
    })
}

/// A heading for comparison: lower case, `ё` = `е`, single blanks, no quotes.
pub fn fold(heading: &str) -> String {
    let plain: String = heading
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '\u{FEFF}'))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect();
    values::one_line(&plain)
}

/// The same without a unit behind it: `Сумма, руб.`, `Приход (RUB)`, `Дебет в рублях:`.
pub fn plain(heading: &str) -> String {
    const UNITS: [&str; 10] =
        ["руб", "rub", "rur", "₽", "грн", "uah", "byn", "kzt", "тенге", "тнг"];
    let folded = fold(heading);
    let text = folded.trim_end_matches(['.', ':', '*', ' ']);
    let unit = |text: &str| {
        let text = text.trim_matches(['(', ')', ',', '.', ' ']);
        UNITS.iter().any(|unit| text.strip_prefix(unit).is_some_and(|rest| rest.len() <= 6))
    };
    let cut = [", ", " (", ",", "(", " в "].iter().find_map(|mark| {
        let (name, behind) = text.rsplit_once(mark)?;
        unit(behind).then_some(name)
    });
    cut.unwrap_or(text).trim_end_matches(['.', ':', '*', ' ']).to_owned()
}
