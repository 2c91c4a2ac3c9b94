//! Robots and people: by what they send, with no samples of theirs.

use super::{Misses, letter};

/// Header, body, class.
const LETTERS: &[(&str, &str, &str)] = &[
    // People.
    ("From: i@client.test\nSubject: Автоответчик не работает", "Помогите", "human"),
    ("From: i@client.test\nSubject: Out of office at 5, call me", "Call", "human"),
    ("From: i@client.test\nSubject: OOO Ромашка: счёт", "Счёт", "human"),
    ("From: i@client.test\nSubject: Re: Автоответ: диск", "Спасибо", "human"),
    ("From: i@client.test\nSubject: Fwd: Undelivered Mail Returned to Sender", "Что это?", "human"),
    ("From: i@client.test\nSubject: Письмо не доставлено", "550 5.1.1 user unknown", "human"),
    ("From: i@client.test\nAuto-Submitted: no\nSubject: x", "x", "human"),
    ("From: i@client.test\nAuto-Submitted: auto-forwarded\nSubject: x", "x", "human"),
    ("From: i@client.test\nX-Auto-Response-Suppress: All\nSubject: x", "x", "human"),
    ("From: i@client.test\nDisposition-Notification-To: i@client.test\nSubject: x", "x", "human"),
    ("From: i@client.test\nReturn-Receipt-To: i@client.test\nSubject: x", "x", "human"),
    ("From: postmaster@client.test\nSubject: MX", "Прошу сменить запись MX", "human"),
    (
        "From: i@client.test\nContent-Type: multipart/alternative; boundary=b\nSubject: Встреча",
        "--b\nContent-Type: text/plain\n\nВстреча\n--b\nContent-Type: text/calendar; \
         method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--",
        "human",
    ),
    // Absent people's robots.
    (
        "From: i@client.test\nAuto-Submitted: auto-replied (vacation)\nSubject: Re: диск",
        "Меня нет",
        "auto",
    ),
    ("From: i@client.test\nSubject: Автоматический ответ: диск", "Меня нет", "auto"),
    ("From: i@client.test\nSubject: Автоматична відповідь: диск", "Мене немає", "auto"),
    ("From: i@client.test\nSubject: Автоматты жауап: диск", "x", "auto"),
    ("From: i@client.test\nSubject: Аўтаматычны адказ: диск", "x", "auto"),
    ("From: i@client.test\nSubject: Automatische Antwort: Platte", "Bin weg", "auto"),
    (
        "From: i@client.test\nX-Auto-Response-Suppress: All\nSubject: Automatyczna odpowiedź: dysk",
        "x",
        "auto",
    ),
    ("From: i@client.test\nSubject: Out of Office Re: disk", "x", "auto"),
    ("From: i@client.test\nSubject: Автоответ Re: диск", "x", "auto"),
    ("From: i@client.test\nPrecedence: auto_reply\nSubject: Re: x", "x", "auto"),
    ("From: i@client.test\nX-Autoreply: yes\nSubject: Re: x", "x", "auto"),
    ("From: i@client.test\nPrecedence: bulk\nSubject: Автоответ", "x", "auto"),
    (
        "From: i@client.test\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: \
         i@client.test\nSubject: x",
        "x",
        "auto",
    ),
    ("From: root@h.test\nX-Cron-Env: <SHELL=/bin/sh>\nSubject: Cron <root@h> df", "x", "auto"),
    ("From: x@jira.test\nAuto-Submitted: auto-generated\nSubject: [JIRA] x", "x", "auto"),
    // Lists.
    ("From: i@client.test\nList-Id: <users.x.test>\nSubject: x", "x", "bulk"),
    ("From: n@shop.test\nList-Unsubscribe: <mailto:u@shop.test>\nSubject: Скидки", "x", "bulk"),
    ("From: n@shop.test\nPrecedence: bulk\nSubject: Скидки", "x", "bulk"),
    // Reports on delivery.
    (
        "Return-Path: <>\nFrom: MAILER-DAEMON@qmail.test\nSubject: failure notice",
        "Hi. This is the qmail-send program at qmail.test.\nI'm afraid I wasn't able to deliver \
         your message to the following addresses.",
        "bounce",
    ),
    (
        "From: Mail Delivery System <Mailer-Daemon@exim.test>\nX-Failed-Recipients: a@b.test\n\
         Auto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.",
        "bounce",
    ),
    (
        "From: MAILER-DAEMON@postfix.test (Mail Delivery System)\nSubject: Undelivered Mail \
         Returned to Sender\nAuto-Submitted: auto-replied\nContent-Type: multipart/report; \
         report-type=delivery-status; boundary=\"b\"",
        "--b\nContent-Description: Notification\n\nThis is the mail system\n--b\nContent-Type: \
         message/delivery-status\n\nReporting-MTA: dns; postfix.test\n\n--b--",
        "bounce",
    ),
    (
        "From: Microsoft Outlook \
         <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.test>\n\
         Subject: Не удается доставить: диск",
        "Сообщение не доставлено следующим получателям",
        "bounce",
    ),
    (
        "Return-Path: <>\nFrom: mailer-daemon@yandex.test\nSubject: Недоставленное сообщение",
        "Это письмо отправлено почтовым сервером. Мы не смогли доставить Ваше письмо",
        "bounce",
    ),
    (
        "Return-Path: <>\nFrom: Mail.Ru <mailer-daemon@corp.mail.test>\nSubject: Mail failure.",
        "Это письмо создано автоматически сервером. user not found",
        "bounce",
    ),
    (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.test>\n\
         Subject: Delivery Status Notification (Delay)\nAuto-Submitted: auto-replied",
        "Delivery incomplete. There was a temporary problem delivering your message",
        "bounce",
    ),
    // Receipts and complaints.
    (
        "From: i@client.test\nSubject: Прочитано: диск\nContent-Type: multipart/report; \
         report-type=\"disposition-notification\"; boundary=b",
        "--b\n\nПрочитано\n--b\nContent-Type: message/disposition-notification\n\n\
         Disposition: manual-action/MDN-sent-manually; displayed\n--b--",
        "mdn",
    ),
    (
        "From: fbl@mail.test\nSubject: complaint\nContent-Type: multipart/report; \
         report-type=feedback-report; boundary=b",
        "--b\n\nx\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--",
        "feedback",
    ),
];

#[test]
fn robots_and_people_are_told_apart() {
    let mut misses = Misses::default();
    for (header, body, class) in LETTERS {
        let found = letter(&format!("{header}\nDate: Tue, 26 Feb 2019 14:13:00 +0300\n\n{body}\n"));
        misses.count(header, found.class, class);
    }
    misses.none();
}

/// tickets.md §5.5 (7): whatever a forger writes into results, only the trusted system's own count.
#[test]
fn forged_results_prove_nothing() {
    let mut misses = Misses::default();
    for (results, level) in [
        ("mx.ours.test; dkim=pass header.d=client.test", "V"),
        ("MX.OURS.TEST 1; dkim=pass header.d=client.test", "V"),
        ("mx.ours.test (the (true) one); spf=pass smtp.mailfrom=i@client.test", "V"),
        ("mx.ours.test; dmarc=pass (p=reject dis=none) header.from=client.test", "V"),
        ("mx.google.test; dkim=pass header.d=client.test", "M"),
        ("mx.ours.test.evil.test; dkim=pass header.d=client.test", "M"),
        ("evilmx.ours.test; dkim=pass header.d=client.test", "M"),
        ("\"mx.ours.test; x\"; dkim=pass header.d=client.test", "M"),
        ("(mx.ours.test;) evil.test; dkim=pass header.d=client.test", "M"),
        ("mx.ours.test; notdkim=pass header.d=client.test", "M"),
        ("mx.ours.test; dkim=pass header.d=evil.test", "M"),
        ("mx.ours.test; dkim=pass header.d=test", "M"),
        ("mx.ours.test; dkim=pass header.d=xclient.test", "M"),
        ("mx.ours.test; dkim=none (dkim=pass header.d=client.test)", "M"),
        ("mx.ours.test; x=\"; dkim=pass header.d=client.test\"", "M"),
        ("mx.ours.test; dkim=fail reason=\"dkim=pass\" header.d=client.test", "F"),
        ("mx.ours.test; dmarc=fail (p=REJECT) header.from=client.test", "F"),
        ("mx.ours.test; dmarc=fail (p=NONE) header.from=client.test", "M"),
        ("mx.ours.test; spf=softfail smtp.mailfrom=client.test", "M"),
        ("mx.ours.test; none", "M"),
    ] {
        let found =
            letter(&format!("Authentication-Results: {results}\nFrom: i@client.test\n\nx\n"));
        misses.count(results, &found.auth.level.to_string(), level);
    }
    misses.none();
}
