//! Why nothing was read, and what to do about it.

use super::encoding;
use crate::domain::statements::Remark;
use crate::domain::statements::verdict::Refusal;

/// The refusal that names an exceeded limit.
pub fn too_large(ru: &str, en: &str, limit: usize) -> Refusal {
    Refusal::new(
        "STATEMENT_TOO_LARGE",
        format!("Файл слишком большой: не больше {limit} {ru}. Выгрузите выписку частями."),
        format!("The file is too large: at most {limit} {en}. Export the statement in parts."),
    )
}

/// No key of the format was found in any encoding: says what the file looks like instead.
pub fn unknown(bytes: &[u8]) -> Refusal {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Refusal::new(
            "STATEMENT_FORMAT_UNKNOWN",
            "Файл пуст. Выгрузите выписку из банка заново.",
            "The file is empty. Export the statement from the bank again.",
        );
    }
    if encoding::cyrillic_destroyed(bytes) {
        return destroyed(0);
    }
    let (ru, en) = looks_like(bytes).map_or_else(
        || (String::new(), String::new()),
        |kind| (format!(" Файл похож на {kind}."), format!(" The file looks like {kind}.")),
    );
    Refusal::new(
        "STATEMENT_FORMAT_UNKNOWN",
        format!(
            "Формат файла не распознан.{ru} Нужна выписка в формате 1С (1CClientBankExchange, \
             обычно kl_to_1c.txt): в банк-клиенте выберите «выгрузка в 1С». Подходят и camt.053, \
             MT940, OFX и CSV с заголовком столбцов."
        ),
        format!(
            "The format of the file is unknown.{en} A statement in the 1C format is needed \
             (1CClientBankExchange, usually kl_to_1c.txt): choose “export to 1C” in the bank \
             client. camt.053, MT940, OFX and CSV with a row of headings do as well."
        ),
    )
}

/// The refusal of a file whose Cyrillic was replaced before it reached us.
pub fn destroyed(line: usize) -> Refusal {
    let mut refusal = Refusal::new(
        "STATEMENT_CYRILLIC_DESTROYED",
        "Кириллица в файле уничтожена перекодировкой до того, как он попал к нам. Выгрузите \
         выписку из банка заново и не открывайте её в редакторе.",
        "The file's Cyrillic was destroyed by a conversion before it reached us. Export it from \
         the bank again and do not open it in an editor.",
    );
    refusal.reason.line = u32::try_from(line).unwrap_or(u32::MAX);
    refusal
}

fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(2_000)];
    let has = |needle: &[u8]| head.windows(needle.len()).any(|part| part == needle);
    if head.starts_with(b"%PDF") {
        return Some("PDF");
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some("XLSX/ZIP");
    }
    if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Some("XLS/DOC");
    }
    if has(b"<html") || has(b"<HTML") {
        return Some("HTML");
    }
    if head.iter().filter(|b| **b == b';').count() > 10 {
        return Some("CSV");
    }
    None
}

/// The refusal of a table none of whose columns tells a day, money, or what it is for.
pub fn columns_unknown(columns: &str) -> Refusal {
    Refusal::new(
        "STATEMENT_FORMAT_UNKNOWN",
        format!(
            "Таблица DBF прочитана, но её столбцы незнакомы: {columns}. Нужны дата, сумма (или \
             дебет и кредит) и назначение. Выгрузите выписку в CSV или iBank2."
        ),
        format!(
            "The DBF table is readable, but its columns are unknown: {columns}. A date, an amount \
             (or debit and credit) and a purpose are needed. Export it as CSV or iBank2."
        ),
    )
}

/// The remark about a file whose end is missing.
pub fn truncated() -> Remark {
    Remark::new(
        0,
        "TRUNCATED",
        "Нет знака конца файла: он мог быть обрезан",
        "The mark of the end is missing: the file may have been cut",
    )
}

/// The refusal of a file whose first line is not that of 1C.
pub fn not_one_c() -> Refusal {
    Refusal::new(
        "STATEMENT_FORMAT_UNKNOWN",
        "Первая строка файла должна быть «1CClientBankExchange». Выгрузите выписку в формате 1С \
         заново и загрузите файл целиком.",
        "The first line of the file must be 1CClientBankExchange. Export the statement in the 1C \
         format again and upload the whole file.",
    )
}

/// The remark about a label that the bytes contradict.
pub fn label_wrong(line: usize, label: &str, actual: &str) -> Remark {
    Remark::new(
        line,
        "ENCODING_LABEL_WRONG",
        format!("В файле указана кодировка «{label}», на деле {actual}"),
        format!("The file claims encoding {label:?}; its bytes are {actual}"),
    )
}
