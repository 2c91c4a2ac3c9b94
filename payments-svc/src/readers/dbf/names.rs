//! What fields of dBASE tables are called, in at most ten letters.

/// What columns of two sides, A and B, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Payer and payee, if there are such columns.
    Told,
    /// Payer and payee: whose account is the own one tells the direction, and no letter does.
    PayerFirst,
    /// The own side and the other one: a letter tells the direction.
    OwnFirst,
}

/// Names of a column that needs no side, and its usual heading.
const PLAIN: [(&str, &str); 11] = [
    (
        "DAT DATE DATA DATP DATEP DATOP DATEOP DATOPER OPERDATE DATPROV DATEPROV BOOKDATE",
        "дата операции",
    ),
    ("DATD DATDOC DATEDOC DATADOC DOCDATE DDOC", "дата документа"),
    ("ND NDOC NUMDOC DOCNUM DOCNO NUM NUMBER NOMDOC NOMER NPP NDOK", "номер документа"),
    ("S SUM SUMA SUMMA SUMM AMOUNT SUMDOC SUMAGRN", "сумма"),
    ("CREDIT KREDIT KRED CRED CR KT SUMCR SUMKR SUMKT SUMK PRIHOD SUMCRED", "кредит"),
    ("DEBIT DEBET DEB DB DT SUMDB SUMDEB SUMDT SUMD RASHOD", "дебет"),
    ("DK DC DBCR TYPEOP TIPOP OPTYPE", "тип операции"),
    ("KV VAL VALUTA CUR CURRENCY CCY KODVAL CODVAL", "валюта"),
    (
        "NAZN NAZNACH NAZNPL PRIZN PRIZNACH PURPOSE DETAILS OSND PAYDET NAZNPLAT TEXT",
        "назначение платежа",
    ),
    ("REF REFERENCE OPERID DOCID IDDOC", "референс"),
    ("STATUS STATE STAN", "статус"),
];

/// What is told of a side, with the headings of the payer, the payee, the own side and the other.
const OF_SIDES: [(&str, [&str; 4]); 4] = [
    ("NAM NAME NAIM NM NMK NAZV", ["плательщик", "получатель", "", "контрагент"]),
    (
        "OKPO ID KOD EDRPOU CODE INN OKP CRF",
        ["инн плательщика", "инн получателя", "", "инн контрагента"],
    ),
    (
        "NLS LS ACC RS IBAN SCH RAH ACCOUNT COUNT SCHET CHK",
        ["счет плательщика", "счет получателя", "счет", "счет контрагента"],
    ),
    ("MFO BANK BIC", ["", "", "", "бик контрагента"]),
];

/// Letters before or behind what is told, of payer, payee, own side and other side.
const SIDES: [&str; 4] = [
    "A PL PAYER DEB DB PLAT",
    "B POL PAYEE RCPT KR CR OTR POLUCH",
    "CLN CL MY OWN KL CLIENT",
    "KOR CNT CNTR CORR K KORR CONTR KOREC",
];

fn words(of: &'static str) -> impl Iterator<Item = &'static str> {
    of.split(' ')
}

/// The usual headings of these fields; a field that nobody knows keeps its name.
pub fn headings<'f>(fields: impl Iterator<Item = &'f str>, sides: Sides) -> Vec<String> {
    let mut taken: Vec<&str> = Vec::new();
    let one = |field: &'f str| {
        let heading = heading(field).and_then(|heading| turned(heading, sides));
        let heading = heading.filter(|heading| !taken.contains(heading));
        taken.extend(heading);
        heading.map_or_else(|| field.to_owned(), str::to_owned)
    };
    fields.map(one).collect()
}

/// The heading where the first side is the own one, or its letter says nothing.
fn turned(heading: &'static str, sides: Sides) -> Option<&'static str> {
    match (sides, heading) {
        (Sides::PayerFirst, "тип операции") => None,
        (Sides::OwnFirst, "счет плательщика") => Some("счет"),
        (Sides::OwnFirst, "плательщик" | "инн плательщика") => None,
        (Sides::OwnFirst, "получатель") => Some("контрагент"),
        (Sides::OwnFirst, "инн получателя") => Some("инн контрагента"),
        (Sides::OwnFirst, "счет получателя") => Some("счет контрагента"),
        _ => Some(heading),
    }
}

fn heading(field: &str) -> Option<&'static str> {
    let plain: String = field.chars().filter(char::is_ascii_alphanumeric).collect();
    let known = PLAIN.iter().find(|(names, _)| words(names).any(|name| name == plain));
    known.map(|(_, heading)| *heading).or_else(|| of_side(&plain))
}

fn of_side(field: &str) -> Option<&'static str> {
    OF_SIDES.iter().find_map(|(names, headings)| {
        let side = words(names).find_map(|name| {
            let rest = field.strip_prefix(name).or_else(|| field.strip_suffix(name))?;
            SIDES.iter().position(|side| words(side).any(|letters| letters == rest))
        })?;
        Some(headings[side]).filter(|heading| !heading.is_empty())
    })
}

/// Whether a field is one of sums.
pub fn is_money(field: &str) -> bool {
    heading(field).is_some_and(|heading| ["сумма", "кредит", "дебет"].contains(&heading))
}
