//! Files that deviate from those at hand, as banks' files do: each was refused or misread once.

use encoding_rs::{IBM866, WINDOWS_1251};
use payments_svc::domain::statements::{Direction, StatementFile, StatementLine, Status};
use payments_svc::readers;
use rust_decimal_macros::dec;

const OURS: &str = "40702810200470918965";

/// A 1C file of one incoming document.
fn one_c() -> String {
    format!(
        "1CClientBankExchange\nВерсияФормата=1.03\nКодировка=Windows\nДатаНачала=01.03.2026\n\
         ДатаКонца=01.03.2026\nРасчСчет={OURS}\nСекцияДокумент=Платежное поручение\nНомер=27\n\
         Дата=01.03.2026\nСумма=860.00\nПлательщикСчет=40702810502080001823\n\
         ПлательщикИНН=7709983032\nПлательщикКПП=770901001\nПлательщик1=ООО \"Ромашка\"\n\
         ПолучательСчет={OURS}\nДатаПоступило=02.03.2026\nНазначениеПлатежа=Оплата\n\
         КонецДокумента\nКонецФайла\n"
    )
}

fn cp1251(text: &str) -> Vec<u8> {
    WINDOWS_1251.encode(text).0.into_owned()
}

fn read(bytes: &[u8]) -> StatementFile {
    readers::read(bytes).unwrap_or_else(|e| panic!("{e}"))
}

fn only(file: &StatementFile) -> &StatementLine {
    let [line] = file.lines.as_slice() else { panic!("{:?} {:?}", file.lines, file.bad) };
    line
}

/// `whole` with one text for another.
fn with(whole: &str, from: &str, to: &str) -> StatementFile {
    assert!(whole.contains(from), "{from}");
    read(&cp1251(&whole.replace(from, to)))
}

/// A mark of UTF-8 may stand before a text in windows-1251; what is damaged is refused as such.
#[test]
fn a_mark_may_lie_and_damage_is_named() {
    let marked = [b"\xEF\xBB\xBF".as_slice(), &cp1251(&one_c())].concat();
    assert_eq!(read(&marked).encoding, "windows-1251");
    let csv = "Дата;Сумма;Назначение платежа\n01.03.2026;860,00;Оплата\n";
    let marked = [b"\xEF\xBB\xBF".as_slice(), &cp1251(csv)].concat();
    assert_eq!(only(&read(&marked)).purpose, "Оплата");
    let latin: String = cp1251(&one_c()).iter().map(|byte| char::from(*byte)).collect();
    let refusal = readers::read(latin.as_bytes()).unwrap_err();
    assert_eq!(refusal.code, "STATEMENT_CYRILLIC_DESTROYED");
}

/// Dates in other ways, and places where no date is known; amounts with a unit or more zeros.
#[test]
fn one_c_values_in_other_ways() {
    let booked =
        |to: &str| only(&with(&one_c(), "ДатаПоступило=02.03.2026", to)).booked_on.to_string();
    assert_eq!(booked("ДатаПоступило=2026-03-02"), "2026-03-02");
    assert_eq!(booked("ДатаПоступило=02.03.26"), "2026-03-02");
    assert_eq!(booked("ДатаПоступило=02.03.2026 10:11:12"), "2026-03-02");
    for none in ["00.00.0000", "  .  .    ", "01.01.0001", "-"] {
        assert_eq!(booked(&format!("ДатаПоступило={none}")), "2026-03-01", "{none:?}");
    }
    let amount = |to: &str| only(&with(&one_c(), "Сумма=860.00", to)).amount;
    for same in ["860,00\u{A0}руб.", "860.0000", "860-00", "860=", "+860"] {
        assert_eq!(amount(&format!("Сумма={same}")), dec!(860), "{same}");
    }
    let bad = readers::read(&cp1251(&one_c().replace("860.00", "1.234"))).unwrap();
    assert_eq!(bad.bad[0].code, "AMOUNT_AMBIGUOUS");
    let both = with(
        &one_c(),
        "ПлательщикИНН=7709983032\nПлательщикКПП=770901001",
        "ПлательщикИНН=7709983032/770901001",
    );
    let payer = &only(&both).payer;
    assert_eq!(payer.tax_id.as_deref(), Some("7709983032"));
    assert_eq!(payer.kpp.as_deref(), Some("770901001"));
}

/// The Kazakh dialect: keys with a slash, signed expenses, older names of dates, a side left out.
#[test]
fn kazakh_files_deviate() {
    let text = "1CClientBankExchange\nВерсияФормата=2.00\nДата1=01.03.2026\n\
        РасчСчет=KZ086017131000029119\nСекцияДокумент=\"Выписка\"\nНомерДокумента=12\n\
        ДатаОперации=01.03.2026\nСуммаПриход=5000.00\nСуммаРасход=0.00\n\
        ПлательщикНаименование=ТОО\nПлательщикБИН/ИИН=901041000015\nКонецДокумента\n\
        СекцияДокумент=\"Выписка\"\nДатаОперации=01.03.2026\nСуммаРасход=-300\n\
        ПолучательБИН=901041000015\nКонецДокумента\nСекцияДокумент=\"Выписка\"\n\
        ДатаОперации=01.03.2026\nСуммаПриход=1\nСуммаРасход=2\nКонецДокумента\n";
    let file = read(&cp1251(text));
    let [came, went] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!(file.from.map(|day| day.to_string()).as_deref(), Some("2026-03-01"));
    assert_eq!((came.direction, came.payer.name.as_str()), (Direction::In, "ТОО"));
    assert_eq!(came.payer.tax_id.as_deref(), Some("901041000015"));
    assert_eq!((went.direction, went.amount), (Direction::Out, dec!(300)));
    assert_eq!(went.payer.account.as_deref(), Some("KZ086017131000029119"));
    assert_eq!(file.bad.len(), 1, "what came and went at once is neither");
}

/// The blank between two halves of a Belarusian purpose is kept, in any encoding.
#[test]
fn belarusian_halves_keep_their_blank() {
    let text = "***** ^Type=4^ ^Acc=BY13ALFA30122000000000000000^\n[OUT_PARAM]\n\
        ^DocDate=01.03.2026^ ^Num=15^ ^OperationID=OP1^\n^Db=0.00^ ^Credit=860.00^\n\
        ^Nazn=Оплата по счёту №1042 от ^ ^Nazn2=01.02.2026^\n####\n";
    let file = read(&IBM866.encode(text).0);
    assert_eq!(file.encoding, "cp866");
    assert_eq!(only(&file).purpose, "Оплата по счёту №1042 от 01.02.2026");
}

/// A quotation mark that nobody closes spoils no other row; one that is closed may hold line ends.
#[test]
fn open_quotes_swallow_no_row() {
    let file = read(
        "Дата;Сумма;Контрагент;Назначение платежа\n01.03.2026;860,00;\"ООО Ромашка;Оплата 1\n\
         02.03.2026;60,00;\"ООО\n\"\"Мир\"\"\";Оплата 2\n"
            .as_bytes(),
    );
    let [first, second] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!((first.amount, first.payer.name.as_str()), (dec!(860), "ООО Ромашка"));
    assert_eq!((second.line, second.payer.name.as_str()), (3, "ООО \"Мир\""));
    assert!(file.warnings.iter().any(|warning| warning.code == "QUOTE_NOT_CLOSED"));
}

/// A side that a word tells; units in headings; totals, refused operations, accounts in the text.
#[test]
fn tables_deviate() {
    let file = read(
        "Выписка по счету 40702810200470918965\nДата;Сумма, руб.;Тип операции;Статус;Описание\n\
         01.03.2026;860,00;Зачисление;Исполнен;а\n02.03.2026;60,00;Исходящий платеж;;б\n\
         03.03.2026;70,00;Прочее;;в\n04.03.2026;80,00;Списание;Отклонён;г\n\
         05.03.2026;(90,00);;В обработке;д\nИтого;1160,00;;;\n"
            .as_bytes(),
    );
    assert_eq!(file.accounts, [OURS]);
    let sides: Vec<_> = file.lines.iter().map(|line| (line.direction, line.status)).collect();
    // One amount has a sign, so that those without one came.
    assert_eq!(
        sides,
        [
            (Direction::In, Status::Booked),
            (Direction::Out, Status::Booked),
            (Direction::In, Status::Booked),
            (Direction::Out, Status::Pending),
        ]
    );
    assert_eq!(
        file.bad.iter().map(|bad| bad.code.as_str()).collect::<Vec<_>>(),
        ["OPERATION_FAILED"]
    );
    let unknown = read("Дата;Сумма;Тип операции;Описание\n01.03.2026;860,00;Прочее;а\n".as_bytes());
    assert_eq!(only(&unknown).direction, Direction::Unknown, "nothing tells the side");
}

/// Where both sides have columns, the account that stands in every row is the own one; a cell may
/// hold account, tax id and name.
#[test]
fn the_own_account_of_a_table_is_found() {
    let file = read(
        "Дата;Счет плательщика;Счет получателя;Сумма;Назначение платежа\n\
         01.03.2026;\"40702810502080001823\n7709983032\nООО Ромашка\";40702810200470918965;860;а\n\
         02.03.2026;40702810200470918965;40802810500000000001;60;б\n"
            .as_bytes(),
    );
    let [came, went] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!((came.direction, went.direction), (Direction::In, Direction::Out));
    assert_eq!(came.payer.tax_id.as_deref(), Some("7709983032"));
    assert_eq!(came.payer.name, "ООО Ромашка");
}

/// A blank before `?00`, groups of thousands, an IBAN beside the number in it.
#[test]
fn mt940_deviates() {
    let file = read(
        b":20:X\n:25:DE02120300000000202051\n:60F:C260301EUR0,\n:61:2603010301C1.860,00NTRFNONREF\n\
          :86: 166?00GUTSCHRIFT?20SVWZ+Invoice 88#72815 from 0?219.02.26?3010600076\n\
          ?310000777777777777?32Muster?38PL08106000760000777777777777\n:62F:C260301EUR1860,00\n-\n",
    );
    let line = only(&file);
    assert_eq!(
        (line.amount, line.purpose.as_str()),
        (dec!(1860), "Invoice 88#72815 from 09.02.26")
    );
    assert_eq!(line.payer.account.as_deref(), Some("PL08106000760000777777777777"));
}

/// A Western label over Cyrillic bytes; zeros behind the kopecks.
#[test]
fn ofx_labels_may_lie() {
    let text = "OFXHEADER:100\nCHARSET:1252\n\n<OFX><STMTRS><CURDEF>RUB<BANKACCTFROM>\
        <ACCTID>40702810200470918965</BANKACCTFROM><STMTTRN><DTPOSTED>20260301<TRNAMT>860.0000\
        <NAME>ООО Ромашка<MEMO>Оплата по счету 12</STMTTRN></STMTRS></OFX>";
    let file = read(&cp1251(text));
    assert_eq!(
        (file.encoding, only(&file).purpose.as_str()),
        ("windows-1251", "Оплата по счету 12")
    );
}

/// T-Bank's newer answers; dates of operations that are not executed yet.
#[test]
fn json_of_other_shapes() {
    let file = read(
        r#"{"operations":[{"operationId":"o1","accountNumber":"40702810200470918965",
        "typeOfOperation":"Credit","accountAmount":860.00,"documentNumber":"27",
        "operationDate":"2026-03-01T10:00:00Z","payPurpose":"Оплата",
        "operationStatus":"Transaction",
        "payer":{"acct":"40702810502080001823","inn":"7709983032","name":"ООО Ромашка"},
        "receiver":{"acct":"40702810200470918965","name":"Мы"}},
        {"id":"m2","status":"SendToBank","category":"Credit","contragentName":"ИП","amount":10,
        "bankAccountNumber":"40702810200470918965","created":"2026-03-02T00:00:00",
        "executed":"0001-01-01T00:00:00"}]}"#
            .as_bytes(),
    );
    let [came, waits] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!((came.direction, came.amount), (Direction::In, dec!(860)));
    assert_eq!(came.payer.tax_id.as_deref(), Some("7709983032"));
    assert_eq!(
        (waits.status, waits.booked_on.to_string().as_str()),
        (Status::Pending, "2026-03-02")
    );
}

/// Headings in two rows («Счет» over «Дебет» and «Кредит»), a row that counts its columns, headings
/// that nobody described, months in words; each bad row is told with its line.
#[test]
fn headings_of_other_banks() {
    let sber = "Выписка операций по лицевому счету;;;;;;;;\n40702810200470918965;;;;;;;;\n\
        Дата проводки;Счет;;Сумма по дебету;Сумма по кредиту;№ документа;ВО;Банк (БИК и \
        наименование);Назначение платежа\n;Дебет;Кредит;;;;;;\n\
        20.02.2026;\"40702810502080001823\n7709983032\nООО \"\"РОМАШКА\"\"\";\
        \"40702810200470918965\n7814695160\nООО МЫ\";;860,00;27;01;БИК 044525593;Оплата\n\
        ;;;;860,00;;;;Итого оборотов\n";
    let file = read(&cp1251(sber));
    let line = only(&file);
    assert_eq!((line.direction, line.amount), (Direction::In, dec!(860.00)));
    assert_eq!(line.payer.account.as_deref(), Some("40702810502080001823"));
    assert_eq!(line.payer.tax_id.as_deref(), Some("7709983032"));
    assert_eq!(line.payer.name, "ООО \"РОМАШКА\"");
    assert_eq!(file.accounts, [OURS]);

    let counted = "Дата;Номер документа;Дебет;Кредит;Контрагент;ИНН контрагента;Назначение\n\
        1;2;3;4;5;6;7\n20.02.2026;27;;860,00;ООО Ромашка;7709983032;Оплата\n\
        xx.02.2026;28;;861,00;ООО Ромашка;7709983032;Оплата\n";
    let file = read(counted.as_bytes());
    assert_eq!(only(&file).amount, dec!(860.00));
    let bad: Vec<_> = file.bad.iter().map(|bad| (bad.line, bad.code.as_str())).collect();
    assert_eq!(bad, [(4, "DATE_INVALID")]);

    let guessed = "Дата совершения операции;Номер док-та;Списано со счета (руб.);Зачислено на \
        счет (руб.);Наименование/ФИО контрагента;ИНН/КИО контрагента;Номер счета контрагента;\
        Назначение операции\n20 февраля 2026 г.;27;;860,00;ООО Ромашка;7709983032;\
        40702810502080001823;Оплата\n";
    let file = read(guessed.as_bytes());
    let line = only(&file);
    assert_eq!((line.direction, line.booked_on.to_string()), (Direction::In, "2026-02-20".into()));
    assert_eq!(line.payer.name, "ООО Ромашка");
    assert_eq!(line.payer.tax_id.as_deref(), Some("7709983032"));
    assert_eq!(line.payer.account.as_deref(), Some("40702810502080001823"));

    let sides = "Дата операции;Тип операции (пополнение/списание);Сумма в валюте счета;\
        Контрагент;Назначение платежа\n20.02.2026;Пополнение;860,00;ООО Ромашка;Оплата\n\
        20.02.2026;Списание;50,00;ООО Ромашка;Возврат\n";
    let directions: Vec<_> = read(sides.as_bytes()).lines.iter().map(|l| l.direction).collect();
    assert_eq!(directions, [Direction::In, Direction::Out]);
}

/// Statements put one behind the other are all read; keys may be in lower case.
#[test]
fn one_c_files_in_a_row() {
    let file = read(&cp1251(&one_c().repeat(2)));
    assert_eq!(file.lines.len(), 2);
    assert!(file.has_end && file.warnings.iter().all(|w| w.code != "TEXT_AFTER_END"));
    assert_eq!(only(&read(&cp1251(&one_c().to_lowercase()))).amount, dec!(860));
}
