//! What is new in an answer, by the programs that people answer with.

use super::{Misses, letter};

const ANSWER: &str = "Добрый день!\n\nСпасибо, всё работает.";

/// What stands below an answer, as text, and none of it is a part of it.
const BELOW: &[&str] = &[
    // Outlook, by language; with and without its rule.
    "From: Support <ok@company.test>\nSent: Tuesday, February 26, 2019 2:13 PM\nTo: Ivan \
     <i@client.test>\nCc: Anna <a@client.test>\nSubject: RE: disk\n\nYour request is taken.",
    "________________________________\nFrom: Support <ok@company.test>\nSent: 26 February 2019 \
     14:13\nTo: Ivan\nSubject: RE: disk\n\nYour request is taken.",
    "От: Support <ok@company.test>\nОтправлено: 26 февраля 2019 г. 14:13\nКому: Иван \
     <i@client.test>\nТема: RE: диск\n\nЗаявка принята.",
    "От: Support [mailto:ok@company.test]\nОтправлено: вторник, 26 февраля 2019 г. 14:13\n\
     Кому: 'Иван'\nКопия: 'Анна'\nТема: RE: диск\nВажность: Высокая\n\nЗаявка принята.",
    "Від: Support <ok@company.test>\nНадіслано: 26 лютого 2019 р. 14:13\nКому: Іван\nКопія: \
     Ганна\nТема: RE: диск\n\nЗаявку прийнято.",
    "Кімнен: Support <ok@company.test>\nЖіберілген: 26 ақпан 2019 ж. 14:13\nКімге: Айдос\n\
     Тақырып: RE: диск\n\nӨтініш қабылданды.",
    "Ад: Support <ok@company.test>\nАдпраўлена: 26 лютага 2019 г. 14:13\nКаму: Іван\nТэма: RE: \
     дыск\n\nЗаяўка прынята.",
    "Von: Support <ok@company.test>\nGesendet: Dienstag, 26. Februar 2019 14:13\nAn: Hans\nCc: \
     Anna\nBetreff: AW: Platte\n\nIhre Anfrage ist angenommen.",
    "Od: Support <ok@company.test>\nWysłano: wtorek, 26 lutego 2019 14:13\nDo: Jan\nDW: Anna\n\
     Temat: RE: dysk\n\nZgłoszenie przyjęte.",
    "-----Original Message-----\nFrom: Support [mailto:ok@company.test]\nSent: Tuesday\nTo: \
     Ivan\nSubject: disk\n\nYour request is taken.",
    "-----Исходное сообщение-----\nОт: Support [mailto:ok@company.test]\nОтправлено: 26 февраля \
     2019 г. 14:13\nКому: Иван\nТема: диск\n\nЗаявка принята.",
    "-----Бастапқы хабар-----\nКімнен: Support\nКімге: Айдос\n\nx",
    "-----Wiadomość oryginalna-----\nOd: Support\nDo: Jan\n\nx",
    "-----Ursprüngliche Nachricht-----\nVon: Support\nAn: Hans\n\nx",
    "-----Оригінальне повідомлення-----\nВід: Support\nКому: Іван\n\nx",
    // Gmail.
    "вт, 26 февр. 2019 г. в 14:13, Support <ok@company.test>:\n\n> Заявка принята.\n> Ждите.",
    "вт, 26 лют. 2019 р. о 14:13 Support <ok@company.test> пише:\n\n> Заявку прийнято.",
    "аў, 26 лют 2019 у 14:13 Support <ok@company.test> піша:\n\n> Заяўка прынята.",
    "2019 ж. 26 ақп., сс 14:13 уақытында Support <ok@company.test> жазды:\n\n> Қабылданды.",
    "wt., 26 lut 2019 o 14:13 Support <ok@company.test> napisał(a):\n\n> Przyjęte.",
    "Am Di., 26. Feb. 2019 um 14:13 Uhr schrieb Support <ok@company.test>:\n\n> Angenommen.",
    "On Tue, 26 Feb 2019 at 14:13, Support <ok@company.test> wrote:\n\n> Taken.",
    "On Tue, Feb 26, 2019, 2:13 PM Company Support Department of Clouds <\n\
     ok@company.test> wrote:\n\n> Taken.",
    "Le mar. 26 févr. 2019 à 14:13, Support <ok@company.test> a\nécrit :\n\n> Prise.",
    // Apple.
    "26 февр. 2019 г., в 14:13, Support <ok@company.test> написал(а):\n\nЗаявка принята.",
    "> 26 февр. 2019 г., в 14:13, Support <ok@company.test> написал(а):\n> \n> Заявка принята.",
    "> On 26 Feb 2019, at 14:13, Support <ok@company.test> wrote:\n> \n> Taken.",
    "26 лют. 2019 р. о 14:13 Support <ok@company.test> написав(ла):\n\n> Прийнято.",
    "Am 26.02.2019 um 14:13 schrieb Support <ok@company.test>:\n\n> Angenommen.",
    "Wiadomość napisana przez Support <ok@company.test> w dniu 26.02.2019, o godz. 14:13:\n\n> x",
    // Thunderbird and its kin.
    "26.02.2019 14:13, Support пишет:\n> Заявка принята.\n> Ждите.",
    "26.02.19 14:13, Support пише:\n> Прийнято.",
    "W dniu 26.02.2019 o 14:13, Support pisze:\n> Przyjęte.",
    "On 26/02/2019 14:13, Support wrote:\n> Taken.",
    // Yandex, Mail.ru, Rambler.
    "26.02.2019, 14:13, \"Support\" <ok@company.test>:\n\nЗаявка принята.",
    "----------------\nКому: Иван (i@client.test);\nТема: диск;\n26.02.2019, 14:13, \"Support\" \
     <ok@company.test>:\n\nЗаявка принята.",
    "Вторник, 26 февраля 2019, 14:13 +03:00 от Support <ok@company.test>:\n\nЗаявка принята.",
    ">Вторник, 26 февраля 2019, 14:13 +03:00 от Support <ok@company.test>:\n> \n>Заявка принята.",
    "26.02.2019, 14:13, Support <ok@company.test> писал(а):\n> Заявка принята.",
    // Others.
    "Вы писали 26 февраля 2019 г., 14:13:29:\n\n> Заявка принята.",
    "Support писал 2019-02-26 14:13:\n> Заявка принята.",
    "Support wrote:\n> Taken.",
    "Служба поддержки пишет:\n\n> Заявка принята.",
    "----- Исходное сообщение -----\nОт: \"Support\" <ok@company.test>\nКому: \"Иван\" \
     <i@client.test>\nОтправленные: Вторник, 26 Февраль 2019 г 14:13:00\nТема: диск\n\nПринята.",
    "---------- Forwarded message ---------\nFrom: Support <ok@company.test>\nDate: Tue, 26 Feb \
     2019\nSubject: disk\nTo: <i@client.test>\n\nTaken.",
    "-------- Пересылаемое сообщение --------\n26.02.2019, 14:13, \"Support\" \
     <ok@company.test>:\n\nПринята.",
    "-------- Перенаправленное сообщение --------\nТема: диск\nДата: Tue, 26 Feb 2019\nОт: \
     Support <ok@company.test>\nКому: i@client.test\n\nПринята.",
    "Начало переадресованного сообщения:\n\nОт: Support <ok@company.test>\nТема: диск\nДата: 26 \
     февраля 2019 г., 14:13:00 MSK\n\nПринята.",
    "Цитирование \"Support\" <ok@company.test>:\n\n> x",
    "Quoting Support <ok@company.test>:\n\n> x",
    "--- Оригінальне повідомлення ---\nВід кого: \"Support\" <ok@company.test>\nДата: 3 березня \
     2026, 10:15:22\n\nx",
    "С уважением,\nИванов Иван\n--\nООО «Ромашка»\n\n3 марта 2026 г. в 10:15 пользователь \
     Support <ok@company.test> написал:\n\n> x",
    "Отправлено из Почты для Windows\n\nОт: Support\nОтправлено: 3 марта 2026 г. в 10:15\nКому: \
     Иван\nТема: x\n\ny",
    // Telephones and signatures.
    "Отправлено со смартфона Samsung Galaxy",
    "Best regards / С уважением,\nIvan Ivanov",
    "Искренне Ваш,\nИван",
    "Всего доброго!\nИван",
    "Viele Grüße\nJens Krause\n\nAm 03.03.2026 um 10:15 schrieb Support <ok@company.test>:\n> x",
    "Отправлено с iPhone",
    "Отправлено с устройства Samsung",
    "Отправлено из мобильной Почты Mail.ru",
    "Отправлено из мобильного приложения Яндекс Почты",
    "Получить Outlook для iOS<https://aka.ms/o0ukef>",
    "Get Outlook for Android<https://aka.ms/ghei36>",
    "Надіслано з iPhone",
    "Відправлено з мого Samsung",
    "Wysłano z iPhone'a",
    "Von meinem iPhone gesendet",
    "iPhone құрылғымнан жіберілді",
    "-- \nИван Иванов\nООО «Ромашка»\n+7 (495) 000-00-00",
    "--\nС уважением,\nИван",
    "С уважением,\nИван Иванов,\nглавный бухгалтер",
    "С уважением, Иван",
    "З повагою,\nІван",
    "З павагай, Іван",
    "Құрметпен,\nАйдос",
    "Mit freundlichen Grüßen\n\nHans Müller",
    "Z poważaniem,\nJan Kowalski",
    "Best regards,\nJohn Smith\nAcme Ltd",
    "Отправлено с iPhone\n\n26 февр. 2019 г., в 14:13, Support <ok@company.test> \
     написал(а):\n\n> x",
    "С уважением,\nИван\n\nОт: Support <ok@company.test>\nОтправлено: 26 февраля 2019\nКому: \
     Иван\nТема: диск\n\nПринята.\n\nС уважением,\nSupport",
    "-- \nИван\n\n26.02.2019, 14:13, \"Support\" <ok@company.test>:\n\n> Принята.",
    "26.02.2019, 14:13, \"Support\" <ok@company.test>:\n> Принята.\n\n-- \nИван",
    "26.02.2019, 14:13, \"Support\" <ok@company.test>:\n> Принята.\n\nС уважением,\nИван",
];

#[test]
fn an_answer_is_what_stands_above() {
    let mut misses = Misses::default();
    for below in BELOW {
        let text = format!("{ANSWER}\n\n{below}\n");
        let found = letter(&format!(
            "From: i@client.test\nContent-Type: text/plain; charset=utf-8\n\n{text}"
        ));
        misses.count(below, &found.reply_text, ANSWER);
    }
    misses.none();
}

/// Texts that are the reply as a whole, or all but what is named.
#[test]
fn what_people_write_stays() {
    let mut misses = Misses::default();
    for text in [
        "Добрый день.\nСсылка от 26.02.2019: http://x.test/a:\nне открывается",
        "Прошу прислать:\n- акт\n- счёт\n\nТема: хранение\nДоговор 15",
        "From: the start of the year we pay 344.00",
        "> вопрос\n\nответ\n\n> второй\n\nвторой ответ",
        "Добрый день! Отправлено с ошибкой, прошу переделать.",
        "Вот что написал директор: «Оплатить счёт 15 до 26.02.2019»\nПрошу оплатить.",
        "1. Первое\n2. Второе\n---\nТретье, и ещё много слов после черты, чтобы было ясно.\n\
         Четвёртое.\nПятое.\nШестое.\nСедьмое.\nВосьмое.\nДевятое.\nДесятое.\nОдиннадцатое.\n\
         Двенадцатое.\nТринадцатое.\nЧетырнадцатое.\nПятнадцатое.",
        "Спасибо",
        "С уважением прошу рассмотреть",
        "Да",
    ] {
        let found = letter(&format!(
            "From: i@client.test\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        ));
        misses.count(text, &found.reply_text, text);
    }
    misses.none();
}

/// The same answers as HTML alone.
#[test]
fn answers_in_html_are_read() {
    let mut misses = Misses::default();
    for (html, reply) in [
        (
            "<div dir=ltr>Спасибо!</div><br><div class=gmail_quote><div class=gmail_attr>вт, 26 \
             февр. 2019 г. в 14:13, Support &lt;<a href='mailto:ok@company.test'>ok@company.test\
             </a>&gt;:<br></div><blockquote class=gmail_quote>Принята.</blockquote></div>",
            "Спасибо!",
        ),
        (
            "<p class=MsoNormal>Спасибо!<o:p></o:p></p><div><div style='border:none;border-top:\
             solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> \
             Support &lt;ok@company.test&gt;<br><b>Sent:</b> Tuesday<br><b>To:</b> Ivan<br>\
             <b>Subject:</b> x</p></div></div><p>Принята.</p>",
            "Спасибо!",
        ),
        (
            "<div>Спасибо!</div><hr style='display:inline-block;width:98%'><div id=divRplyFwdMsg>\
             <b>От:</b> Support &lt;ok@company.test&gt;<br><b>Отправлено:</b> 26 февраля<br>\
             <b>Кому:</b> Иван<br><b>Тема:</b> x</div><div>Принята.</div>",
            "Спасибо!",
        ),
        (
            "<div>Спасибо!</div><div> </div><div>26.02.2019, 14:13, \"Support\" \
             &lt;ok@company.test&gt;:</div><blockquote>Принята.</blockquote><div>-- </div>\
             <div>Иван</div>",
            "Спасибо!",
        ),
        (
            "<HTML><BODY>Спасибо!<br><br><br><blockquote style='border-left:1px solid #0857A6'>\
             Вторник, 26 февраля 2019, 14:13 +03:00 от Support &lt;ok@company.test&gt;:<br>\
             Принята.</blockquote></BODY></HTML>",
            "Спасибо!",
        ),
        (
            "<html><body>Спасибо!<div class='moz-cite-prefix'>26.02.2019 14:13, Support \
             пишет:<br></div><blockquote type=cite>Принята.</blockquote>\
             <pre class='moz-signature'>-- \nИван</pre></body></html>",
            "Спасибо!",
        ),
        (
            "Спасибо!<br><div dir=ltr id=AppleMailSignature>Отправлено с iPhone</div><div dir=ltr>\
             <br>26 февр. 2019 г., в 14:13, Support &lt;ok@company.test&gt; написал(а):<br><br>\
             </div><blockquote type=cite>Принята.</blockquote>",
            "Спасибо!",
        ),
        (
            "<div>Спасибо!</div><hr id=\"zwchr\"><div><b>От: </b>Support<br><b>Кому: </b>Иван<br>\
             <b>Отправленные: </b>Вторник<br><b>Тема: </b>x<br></div><div>Принята.</div>",
            "Спасибо!",
        ),
    ] {
        let found = letter(&format!(
            "From: i@client.test\nContent-Type: text/html; charset=utf-8\n\n{html}\n"
        ));
        misses.count(html, &found.reply_text, reply);
    }
    misses.none();
}
