//! G49, A36, D13: a dangerous request is done by nobody until the address in the profile confirms
//! it, unless it came from there with a proof.

use crate::{World, letter, read};
use proto::tickets::v1::{
    self as wire, inbound_letter::State, message::Kind, ticket_confirmation::Danger,
};

const ASK: &str = "Добрый день! Прошу удалить базу данных «Бухгалтерия».";

async fn asked(world: &World, ticket: &str) -> Vec<wire::TicketConfirmation> {
    world.ticket(ticket).await.confirmations
}

/// A listed contact, and a profile's address without a proof: the profile's address is asked, and
/// its answer to that very letter confirms.
#[tokio::test]
async fn the_profile_confirms_what_a_contact_asks() {
    let world = World::start().await;
    let contact = letter("1", "", ASK).replace("buh@client", "tech@client");
    let done = world.ingest(contact).await;
    let sent = world.sink.wait(1).await;
    assert_eq!(sent[0].to, ["buh@client.example"], "not whoever asks");
    let question = read(&sent[0].raw);
    for part in ["tech@client.example", "удаление данных", "> Добрый день", "ПОДТВЕРЖДАЮ"]
    {
        assert!(question.text.contains(part), "{part}: {}", question.text);
    }
    let [found] = &asked(&world, &done.ticket).await[..] else { panic!("one request") };
    assert_eq!((found.danger(), found.asked_of.as_str()), (Danger::Deletion, "buh@client.example"));
    assert_eq!((found.message.as_str(), &found.confirm_time), (done.message.as_str(), &None));
    let ticket = world.ticket(&done.ticket).await;
    let told = ticket.messages.iter().find(|message| message.kind() == Kind::System);
    assert!(told.is_some_and(|told| told.text.contains("ничего не делайте")), "{ticket:?}");

    // The contact cannot confirm it, even by answering the letter; nor can other words.
    let id = question.msgid.expect("an id").to_string();
    let more = format!("In-Reply-To: {id}\r\n");
    let own = letter("2", &more, "Подтверждаю").replace("buh@client", "tech@client");
    assert_eq!(world.ingest(own).await.ticket, done.ticket);
    world.ingest(letter("3", &more, "Кто это просит?")).await;
    world.ingest(letter("4", "", "Подтверждаю")).await;
    assert_eq!(asked(&world, &done.ticket).await[0].confirm_time, None);

    let yes = world.ingest(letter("5", &more, "Подтверждаю.\r\n\r\nИван\r\n\r\n> x")).await;
    assert_eq!(yes.ticket, done.ticket);
    let found = asked(&world, &done.ticket).await;
    assert!(found.len() == 1 && found[0].confirm_time.is_some(), "{found:?}");
    let ticket = world.ticket(&done.ticket).await;
    let last = ticket.messages.last().expect("messages");
    assert!(last.text.contains("Подтверждено") && last.text.contains("buh@client.example"));
    world.finish().await;
}

/// An unknown address: nobody to ask, and staff are warned. What is harmless is asked of nobody.
#[tokio::test]
async fn nobody_is_asked_for_what_is_harmless() {
    let world = World::bare().await;
    world.mailbox("ok@company.example", |mailbox| mailbox.accept_unknown = true).await;
    let stranger = letter("1", "", ASK).replace("buh@client.example", "who@x.example");
    let done = world.ingest(stranger).await;
    let [found] = &asked(&world, &done.ticket).await[..] else { panic!("one request") };
    assert_eq!((found.danger(), found.asked_of.as_str()), (Danger::Deletion, ""));
    let harmless = world.ingest(letter("2", "", "Прошу увеличить диск")).await;
    assert_eq!(asked(&world, &harmless.ticket).await, []);
    // Quoted words are not asked for again, and a subject that answers carry on is none.
    let first = world.ingest(letter("3", "", ASK).replace("disk", "Удалите базу")).await;
    let more = "In-Reply-To: <3@client.example>\r\n";
    let again =
        letter("4", more, &format!("Когда?\r\n\r\n> {ASK}")).replace("disk", "Удалите базу");
    assert_eq!(world.ingest(again).await.ticket, first.ticket);
    assert_eq!(asked(&world, &first.ticket).await.len(), 1);
    world.harness.settle().await;
    assert_eq!(world.sink.letters().len(), 1);
    world.finish().await;
}

/// tickets.md §5.2 (F): what is disproved waits for a person, and the profile's address is told,
/// once.
#[tokio::test]
async fn the_profile_is_told_of_a_forged_letter() {
    let world = World::with(&["--mail-trust", "mx.ours.example"]).await;
    world.mailbox("ok@company.example", |_| {}).await;
    let failed = "Authentication-Results: mx.ours.example; dmarc=fail (p=reject)\r\n \
                  header.from=client.example\r\n";
    for id in ["1", "2"] {
        let done = world.ingest(letter(id, failed, ASK)).await;
        assert_eq!((done.state(), done.reason.as_str()), (State::Quarantined, "DMARC_FAIL"));
    }
    world.harness.settle().await;
    let sent = world.sink.letters();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to, ["buh@client.example"]);
    let notice = read(&sent[0].raw);
    assert!(notice.text.contains("ok@company.example") && notice.text.contains("disk"));
    assert_eq!(notice.class, tickets_svc::domain::letters::Class::Auto);
    world.finish().await;
}
