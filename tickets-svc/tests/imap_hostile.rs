//! tickets.md §5.5 (19): an IMAP server that lies, breaks off and contradicts itself. Each letter
//! is journalled once, and none is lost.

use crate::{World, letter};
use proto::tickets::v1::{ListInboundLettersRequest, inbound_letter::State};
use std::{fs, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// Serves sessions by turns, each with its own fault.
async fn serve(listener: TcpListener) {
    for turn in 0.. {
        let Ok((stream, _)) = listener.accept().await else { return };
        tokio::spawn(session(stream, turn));
    }
}

fn raw(uid: u32) -> String {
    letter(&uid.to_string(), "", &format!("письмо {uid}"))
}

/// One session; it ends where its fault lies, or when the client hangs up.
async fn session(stream: TcpStream, turn: u32) -> std::io::Result<()> {
    let (heard, mut said) = stream.into_split();
    let mut heard = BufReader::new(heard).lines();
    said.write_all(b"* OK ready\r\n").await?;
    while let Some(line) = heard.next_line().await? {
        let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
        let uid = command.split(' ').nth(2).and_then(|uid| uid.parse::<u32>().ok()).unwrap_or(0);
        let answer = if command.starts_with("EXAMINE") {
            // As many letters as it likes.
            "* 9999 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n".to_owned()
        } else if command.starts_with("UID SEARCH") {
            // In no order; the third comes later, and the fourth cannot be had.
            format!("* SEARCH 2 1{}\r\n", if turn > 3 { " 3" } else { "" })
        } else if command.contains("RFC822.SIZE") {
            format!("* 1 FETCH (UID {uid} RFC822.SIZE {})\r\n", raw(uid).len())
        } else if command.contains("BODY.PEEK[]") {
            let (raw, length) = (raw(uid), raw(uid).len());
            match turn {
                // It breaks off within the letter.
                0 => {
                    said.write_all(
                        format!("* 1 FETCH (UID {uid} BODY[] {{{length}}}\r\nFrom: ").as_bytes(),
                    )
                    .await?;
                    return Ok(());
                }
                // It says that all is well, and gives nothing.
                1 => String::new(),
                // The letter is longer than it says.
                2 => format!("* 1 FETCH (UID {uid} BODY[] {{10}}\r\n{raw})\r\n"),
                // Another letter between, and the same twice.
                _ => {
                    let one = format!("* 1 FETCH (UID {uid} BODY[] {{{length}}}\r\n{raw})\r\n");
                    format!("* 5 FETCH (UID 77 FLAGS ())\r\n{one}* 3 EXPUNGE\r\n{one}")
                }
            }
        } else if command.starts_with("IDLE") {
            said.write_all(b"+ idling\r\n").await?;
            if turn == 3 {
                said.write_all(b"* BYE tired\r\n").await?;
                return Ok(());
            }
            continue;
        } else {
            String::new()
        };
        said.write_all(format!("{answer}{tag} OK done\r\n").as_bytes()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_lies_loses_no_letter() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("imap://127.0.0.1:{}/INBOX", listener.local_addr().unwrap().port());
    let served = tokio::spawn(serve(listener));
    let dir = tempfile::tempdir().unwrap();
    let password = dir.path().join("password");
    fs::write(&password, "secret").unwrap();
    let options = [
        "--imap-url",
        url.as_str(),
        "--imap-user",
        "ok@company.example",
        "--imap-password-file",
        password.to_str().unwrap(),
    ];
    let world = World::with(&options).await;
    world.mailbox("ok@company.example", |_| {}).await;
    let mut found = Vec::new();
    for _ in 0..800 {
        let request = ListInboundLettersRequest::default();
        found = world.letters().list_inbound_letters(request).await.unwrap().into_inner().letters;
        if found.len() >= 3 && found.iter().all(|letter| letter.state() != State::Received) {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let mut ids: Vec<&str> = found.iter().map(|letter| letter.message_id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["1@client.example", "2@client.example", "3@client.example"]);
    assert!(found.iter().all(|letter| letter.state() == State::Processed), "{found:?}");
    served.abort();
    world.finish().await;
}
