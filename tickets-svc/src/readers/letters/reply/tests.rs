//! Letters as people answer, in the ways of the programs that they use.

use super::{Marks, ranges};

/// The reply within a text.
fn reply(text: &str) -> String {
    ranges(text, &Marks::default()).reply_of(text)
}

/// How programs introduce the letter that they quote.
const INTRODUCTIONS: &[&str] = &[
    "чт, 7 февр. 2019 г. в 13:18, Техподдержка <ok@example.test>:",
    "суббота, 14 марта 2015 г. пользователь Иван написал:",
    "26.06.2014, 14:41, \"Иван\" <i@client.test>:",
    "Thu, 26 Jun 2014 14:00:51 +0400 от Иван Иванов <i@client.test>:",
    "Среда, 5 марта 2025, 10:00 +03:00 от Иван <i@client.test>:",
    "5 марта 2025 г., в 10:00, Иван <i@client.test> написал(а):",
    "02.06.2015 10:00, Иван Иванов пишет:",
    "Вы писали 5 июня 2015 г., 10:00:29:",
    "On Tue, Feb 26, 2019 at 2:13 PM Support <ok@example.test>\nwrote:",
    "Le 4 janv. 2016 19:03, \"Support\"\n<ok@example.test>\na écrit :",
    "Am 18.09.2013 um 16:24 schrieb Support <ok@example.test>:",
    "2016-10-24 15:36 GMT+02:00 Support <\nok@example.test>:",
    "-------- Пересылаемое сообщение --------",
    "-------- Перенаправленное сообщение --------",
    "-----Исходное сообщение-----",
    "---------- Forwarded message ---------",
    "Начало переадресованного сообщения:",
    "Il giorno lun 12 dic 2016 alle ore 12:57 X <ok@example.test> ha scritto:",
    "Il 12/12/2016 12:57, X ha scritto:",
    "Em seg, 27 de jul de 2015 17:13, X <ok@example.test> escreveu:",
    "El jueves, 21 de noviembre de 2013, X escribió:",
    "Dne 5. 2. 2019 v 10:00 X napsal(a):",
    "Den tir. 18. apr. 2017 kl. 13.09 skrev X <ok@example.test>:",
    "5 Şub 2019 Sal, 10:00 tarihinde X <ok@example.test> şunları yazdı:",
    "X <ok@example.test> ezt írta (időpont: 2019. febr. 5., K, 10:00):",
    "În mar., 5 feb. 2019 la 10:00, X <ok@example.test> a scris:",
    "вт, 5 лют. 2019 о 10:00 X <ok@example.test> пише:",
    "2019年2月5日(火) 10:00 X <ok@example.test>:",
    "X <ok@example.test> 于2019年2月5日周二 下午1:00写道：",
    "在 2019年2月5日，下午1:00，X <ok@example.test> 写道：",
    "2019. 2. 5. 오후 1:00, X <ok@example.test> 작성:",
    "W dniu 5.02.2019 o 10:00, X pisze:",
    "Op di 5 feb. 2019 om 10:00 schreef X <ok@example.test>:",
    "Op 5 feb. 2019 om 10:00 heeft X <ok@example.test> het volgende geschreven:",
    "2 марта 2026 г., 10:15, от ok@example.test:",
    "Понедельник, 2 марта 2026, 10:15 +03:00 от ok@example.test:",
    "Support писав 2026-03-02 10:15:",
    "понеділок, 2 березня 2026 р. користувач Support <ok@example.test> написав:",
    "* Support (ok@example.test) [260302 10:15]:",
    "Кому: Иван (i@client.test);\nТема: x;\n02.03.2026, 10:15, \"S\" <ok@example.test>:",
    "Am 05.02.19 um 10:00 schrieb X:",
    "X <ok@example.test> schrieb am Di., 5. Feb. 2019, 10:00:",
    "On 5 Feb 2019, at 10:00, X <ok@example.test> wrote:",
    "---- On Tue, 05 Feb 2019 10:00:00 +0300 X <ok@example.test> wrote ----",
    "X wrote on 05/02/2019 10:00:",
    "*From:* X <ok@example.test>\n*Sent:* Tuesday\n*To:* Ivan\n*Subject:* y",
    "De : X <ok@example.test>\nEnvoyé : mardi 5 février 2019\nÀ : Ivan\nObjet : y",
    "Von: X\nGesendet: Dienstag, 5. Februar 2019\nAn: Ivan\nBetreff: y",
    "-----Ursprüngliche Nachricht-----",
    "-----Message d'origine-----",
    "-------- Original Message --------",
    "_____________________________\nFrom: X <ok@example.test>\nSent: 1\nSubject: y",
    "________________________________\nОт: Support <ok@example.test>\n\
     Отправлено: 26 февраля 2019 г.\nКому: Иван\nТема: Re: диск",
    "От кого: Support\nДата: 26.02.2019\nКому: Иван <i@client.test>\n\
     Копия: x@client.test\nТема: Re: диск",
    "From: Support <ok@example.test>\nSent: Tuesday, 26 February 2019 14:13\n\
     To: Ivan\nSubject: x",
];

#[test]
fn quotes_below_are_folded() {
    for introduction in INTRODUCTIONS {
        for quote in ["> Ваша заявка принята.\n> Ждите.", "Ваша заявка принята.\nЖдите."]
        {
            let text = format!("Спасибо, всё работает.\n\n{introduction}\n\n{quote}\n");
            assert_eq!(reply(&text), "Спасибо, всё работает.", "{text}");
        }
    }
}

/// tickets.md §1.6 (12), freescout-help-desk/freescout #349, #4638, #1421: the answer stands
/// between the quotes, or below them.
#[test]
fn answers_within_and_below_quotes_are_kept() {
    let within =
        "On 26.02.2019 14:13, Support wrote:\n> Какой сервер?\n\nВторой.\n\n> Когда?\n\nСегодня.\n";
    let found = reply(within);
    assert!(found.contains("Второй.") && found.contains("> Когда?") && found.contains("Сегодня."));
    let below = "Добрый день!\n\nOn 26.02.2019 14:13, Support wrote:\n> Какой сервер?\n\nВторой.\n";
    assert_eq!(reply(below), "Добрый день!\n\nВторой.", "what is typed, below one quote");
    let both = "Ответ ниже.\n\nOn 26.02.2019 14:13, Support wrote:\n> Какой?\n\nВторой.\n> Да?\n";
    assert!(reply(both).contains("> Какой?"), "{}", reply(both));
    for kept in ["> только цитата", "> a\n\nответ", "On 1.1.2019, X wrote:\n> a\n"]
    {
        assert!(!reply(kept).is_empty(), "{kept}");
    }
}

#[test]
fn signatures_are_folded() {
    for signature in [
        "-- \nИван Иванов\nбухгалтер",
        "--\nИван",
        "С уважением,\nИван Иванов\nООО «Ромашка»",
        "С уважением, Иван",
        "Regards,\n\nJohn Doe",
        "З повагою,\nІван Петренко",
        "З повагою, Іван",
        "Liebe Grüße\nHans",
        "Получите Outlook для iOS",
        "Holen Sie sich Outlook für Android",
        "Sent with Proton Mail secure email.",
        "Отправлено с iPhone",
        "Отправлено из мобильной Почты Mail.ru",
        "Отправлено из мобильного приложения Яндекс.Почты",
        "Sent from my iPhone",
        "_________\nИван",
    ] {
        let text = format!("Прошу выставить счёт.\n\n{signature}\n");
        assert_eq!(reply(&text), "Прошу выставить счёт.", "{text}");
        let found = ranges(&text, &Marks::default());
        assert!(text[found.signatures[0].clone()].contains(signature), "{found:?}");
    }
    for text in [
        "С уважением, Иван",
        "--\nИван",
        "Sent from my desk, it is easier than my phone.",
        "Regards,\nX",
    ] {
        assert_eq!(reply(text), text);
    }
}

#[test]
fn rules_within_a_letter_end_nothing() {
    let lines = "строка таблицы\n".repeat(20);
    let table = format!("Сводка:\n\n=======\n{lines}");
    assert_eq!(reply(&table), table.trim());
    let code = "Вот:\n```\n-----\n# x\n```\nконец";
    assert_eq!(reply(code), code);
    for text in
        ["On Monday I wrote: it works", "From: the beginning of time", "Дата: завтра\nприходите"]
    {
        assert_eq!(reply(text), text);
    }
}

/// Issue 7: hostile lengths take a moment.
#[test]
fn it_is_linear() {
    for piece in [
        "> a\n",
        "--\n",
        "x\n====\n",
        "On 1.1.2019 x wrote:\n> a\nb\n",
        "On 1 x\n",
        "From: a@b.test\n",
        "From: a <a@b.test>\n> q\n",
        "Hi,\nSent from my phone\n",
        "\n",
        "1",
        "On 1 ",
        "```\n",
        "-",
        "Regards,\n",
    ] {
        let text = format!("text\n{}", piece.repeat(1_000_000 / piece.len()));
        let began = std::time::Instant::now();
        let found = ranges(&text, &Marks::default());
        let spans = found.reply.iter().chain(&found.quotes).chain(&found.signatures);
        assert_eq!(spans.map(|span| span.len()).sum::<usize>(), text.len(), "{piece:?}");
        // Beside other work, unoptimised.
        assert!(began.elapsed().as_secs() < 30, "{piece:?}: {:?}", began.elapsed());
    }
}

proptest::proptest! {
    /// Nothing is lost: the ranges are the text, each byte once; what is shown is never empty.
    #[test]
    fn every_byte_has_its_place(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "\n", "text\n", "> q\n", "-- \n", "On 1.1.2019 x wrote:\n", "From: a <a@b.test>\n",
            "Subject: x\n",
            "Sent from my phone\n", "Regards,\n", "Привет!\n", "-Ivan\n", "```\n",
        ]), 0..20),
    ) {
        let text = pieces.concat();
        let found = ranges(&text, &Marks::default());
        let mut spans: Vec<_> =
            found.reply.iter().chain(&found.quotes).chain(&found.signatures).cloned().collect();
        spans.sort_by_key(|span| span.start);
        let mut end = 0;
        for span in spans {
            proptest::prop_assert_eq!(span.start, end);
            end = span.end;
        }
        proptest::prop_assert_eq!(end, text.len());
        proptest::prop_assert_eq!(found.reply_of(&text).is_empty(), text.trim().is_empty());
    }
}
