//! Outside bytes → domain facts: pure, total (no input panics), bounded.

pub mod encoding;
pub mod one_c;

use crate::domain::statements::StatementFile;
use crate::domain::statements::verdict::Refusal;

/// Largest file that is read, bytes. A year of a busy account is under 20 MiB.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most documents in one file.
pub const MAX_DOCUMENTS: usize = 100_000;
/// Most account sections in one file: a year of daily sections of 100 accounts.
pub const MAX_SECTIONS: usize = 36_600;
/// Longest value of one key, characters (payment purposes are 210).
pub const MAX_VALUE_CHARS: usize = 10_000;
/// Most remarks that are listed one by one.
pub const MAX_REMARKS: usize = 1_000;

/// Reads a statement, whatever its format.
///
/// # Errors
/// A [`Refusal`] that says why nothing was read and what to do: unknown format, destroyed
/// Cyrillic, a limit with its name.
pub fn read(bytes: &[u8]) -> Result<StatementFile, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large("байт в файле", "bytes in the file", MAX_BYTES));
    }
    let Some(found) = encoding::detect(bytes) else {
        return Err(unknown(bytes));
    };
    one_c::read(bytes, found)
}

/// The refusal that names an exceeded limit.
fn too_large(ru: &str, en: &str, limit: usize) -> Refusal {
    Refusal::new(
        "STATEMENT_TOO_LARGE",
        format!("Файл слишком большой: не больше {limit} {ru}. Выгрузите выписку частями."),
        format!("The file is too large: at most {limit} {en}. Export the statement in parts."),
    )
}

/// No key of the format was found in any encoding: says what the file looks like instead.
fn unknown(bytes: &[u8]) -> Refusal {
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
             обычно kl_to_1c.txt): в банк-клиенте выберите «выгрузка в 1С»."
        ),
        format!(
            "The format of the file is unknown.{en} A statement in the 1C format is needed \
             (1CClientBankExchange, usually kl_to_1c.txt): choose “export to 1C” in the bank \
             client."
        ),
    )
}

/// The refusal of a file whose Cyrillic was replaced before it reached us.
fn destroyed(line: usize) -> Refusal {
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
    if has(b"BkToCstmr") {
        return Some("ISO 20022 camt");
    }
    if has(b"OFXHEADER") || has(b"<OFX>") {
        return Some("OFX");
    }
    if has(b":20:") && has(b":25:") {
        return Some("SWIFT MT940");
    }
    if has(b"^Type=") {
        return Some("Belarus client-bank text");
    }
    if head.iter().filter(|b| **b == b';').count() > 10 {
        return Some("CSV");
    }
    None
}
