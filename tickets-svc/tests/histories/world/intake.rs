//! Letters in, as `jobs::intake` takes them.

use super::*;

impl World {
    /// A letter of somebody, with more headers.
    pub(super) fn write(&mut self, by: By, more: &str, subject: &str, to: &str) {
        self.counter += 1;
        let n = self.counter;
        let date = self.now.to_rfc2822();
        let raw = format!(
            "{}To: {to}\r\nSubject: Дело {n} {subject}\r\nMessage-ID: <in{n}@c.test>\r\n\
             Date: {date}\r\n{more}\r\nТекст {n}\r\n",
            by.header()
        );
        self.deliver(by, raw);
    }

    /// Intake, as `jobs::intake` does it, over what the world knows.
    pub(super) fn deliver(&mut self, by: By, raw: String) {
        let letter = letters::read(raw.as_bytes()).unwrap();
        let key = letter.dedup_key();
        let clients: Vec<ClientId> = by.of().map(|n| self.clients[n]).into_iter().collect();
        let from = letter.from.as_ref().map(|from| from.address.clone());
        let main = !matches!(by, By::Contact(_));
        let writer = Writer { address: from, clients, main };
        let candidates = self.candidates(&letter, &writer);
        let since = self.now - walls::OPENING_WINDOW;
        let mine = by.address();
        let opened = self.opened.iter().filter(|(who, at)| *who == mine && *at > since).count();
        let judged = judge(&Situation {
            letter: &letter,
            accept_unknown: false,
            sent_by_us: false,
            own: std::slice::from_ref(&self.ours),
            same: self.seen.get(&key).copied(),
            copied: false,
            writer: &writer,
            candidates: &candidates,
            trusted: &["mx.ours.test".to_owned()],
            age: letter.date.map(|date| self.now - date),
            opened,
            released: false,
        });
        self.may(by, &letter, &judged);
        match &judged.verdict {
            Verdict::Open => self.open(&letter, &writer, &judged),
            Verdict::Join(ticket, _) => self.join(*ticket, &letter, false),
            Verdict::Attach(ticket, _) => self.join(*ticket, &letter, true),
            _ => {}
        }
        self.seen.entry(key).or_insert_with(InboundLetterId::generate);
        self.journal.push((by, raw, judged.verdict));
    }

    /// What the database would find.
    fn candidates(&self, letter: &Letter, writer: &Writer) -> Vec<Candidate> {
        let mut found = Vec::new();
        let answered = letter.answered();
        let number = tagged(&letter.subject);
        let signed = letter.to.iter().find_map(|to| reply_addresses::split(&to.address).1);
        for (at, kept) in self.tickets.iter().enumerate() {
            let place = |ids: &[String]| {
                answered.iter().position(|id| ids.iter().any(|one| one == id.as_str()))
            };
            let target = &self.tickets[kept.merged_into.unwrap_or(at)];
            let mut add = |evidence, distance, signed| {
                found.push(Candidate {
                    ticket: target.ticket.id,
                    client: target.ticket.client,
                    candidates: target.ticket.candidates.clone(),
                    participants: target.participants.clone(),
                    evidence,
                    signed,
                    distance,
                });
            };
            if let Some(distance) = place(&kept.ours) {
                add(Evidence::AnswersOurs, distance, Signed::Nobody);
            }
            if let Some(distance) = place(&kept.theirs) {
                add(Evidence::AnswersTheirs, distance, Signed::Nobody);
            }
            if number == Some(kept.ticket.number) {
                add(Evidence::SubjectTag, 0, Signed::Nobody);
            }
            let tag = signed.as_ref().filter(|tag| tag.number == kept.ticket.number);
            if let Some(tag) = tag {
                let own = writer.address.as_ref().is_some_and(|w| self.key.signed_for(tag, w));
                add(Evidence::ReplyAddress, 0, if own { Signed::Writer } else { Signed::Other });
            }
        }
        found
    }

    fn open(&mut self, letter: &Letter, writer: &Writer, judged: &Judged) {
        let requester = writer.address.clone();
        let opening = Opening {
            clients: writer.clients.clone(),
            subject: letter.subject.clone(),
            department: "support".to_owned(),
            requester: requester.clone(),
            trust: judged.trust.level,
            origin: Origin::Letter,
            regarding: String::new(),
            author: Author::System,
            body: Body::Client { text: letter.text.clone(), html: None },
        };
        let mut step = opening.open(&Promise::regulation(), self.now);
        step.ticket.number = i64::try_from(self.tickets.len()).unwrap() + 1;
        self.opened.push((requester.as_ref().unwrap().to_string(), self.now));
        self.tickets.push(Kept {
            ticket: step.ticket.clone(),
            participants: requester.into_iter().collect(),
            theirs: vec![letter.msgid.as_ref().unwrap().as_str().to_owned()],
            ours: Vec::new(),
            messages: Vec::new(),
            merged_into: None,
            runs: BTreeMap::new(),
        });
        self.keep(self.tickets.len() - 1, step);
    }

    fn join(&mut self, ticket: TicketId, letter: &Letter, robot: bool) {
        let at = self.tickets.iter().position(|kept| kept.ticket.id == ticket).unwrap();
        let (before, now) = (self.tickets[at].ticket.clone(), self.now);
        let (author, text) = (Author::System, letter.text.clone());
        let step = |ticket: Ticket| {
            Ok(if robot {
                ticket.robot_letter(author, text, now)
            } else {
                let body = Body::Client { text, html: None };
                ticket.client_letter(author, body, &Promise::regulation(), now)
            })
        };
        self.command(at, step).unwrap();
        self.tickets[at].theirs.push(letter.msgid.as_ref().unwrap().as_str().to_owned());
        if robot {
            self.is_quiet(&before, at);
        } else {
            let from = letter.from.as_ref().unwrap().address.clone();
            let kept = &mut self.tickets[at];
            if !kept.participants.contains(&from) {
                kept.participants.push(from);
            }
            let resting = matches!(before.state, State::Spam | State::Merged);
            let now = &self.tickets[at].ticket;
            assert_eq!(now.state, if resting { before.state } else { State::Open });
            assert_eq!(now.assignee, before.assignee, "G31: the assignee stays");
        }
    }
}
