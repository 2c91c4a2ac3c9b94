//! What staff do.

use super::*;

impl World {
    pub(super) fn staff(&mut self, act: &Act) {
        let (now, staff) = (self.now, Author::Staff(StaffId::generate()));
        let text = || PublicMessage::parse("Готово").unwrap();
        match *act {
            Act::Take(t) => self.about(t, |world, at| {
                let assignee = Some(StaffId::generate());
                let to = Assignment { department: None, assignee, client: None };
                let _ = world.command(at, |ticket| ticket.assign(to, now));
            }),
            Act::Reply(t) => self.about(t, |world, at| {
                world.counter += 1;
                let id = format!("out{}@company.test", world.counter);
                if world.command(at, |ticket| ticket.reply(staff, text(), now)).is_ok() {
                    world.tickets[at].ours.push(id);
                }
            }),
            Act::Note(t) => self.about(t, |world, at| {
                let before = world.tickets[at].ticket.clone();
                let note = Note::parse("только для своих").unwrap();
                world.command(at, |ticket| Ok(ticket.note(staff, note, now))).unwrap();
                world.is_quiet(&before, at);
            }),
            Act::Close(t) => self.about(t, |world, at| {
                let _ = world.command(at, |ticket| ticket.close(staff, None, now));
            }),
            Act::Hold(t, minutes) => self.about(t, |world, at| {
                let until = now + TimeDelta::minutes(minutes);
                let _ = world.command(at, |ticket| ticket.hold(staff, until, None, now));
            }),
            Act::Spam(t) => self.about(t, |world, at| {
                let _ = world.command(at, |ticket| ticket.spam(now));
            }),
            Act::Restore(t) => self.about(t, |world, at| {
                let _ = world.command(at, |ticket| ticket.restore(&Promise::regulation(), now));
            }),
            Act::Merge(a, b) => self.about(a, |world, from| {
                world.about(b, |world, into| world.merge(from, into));
            }),
            _ => {}
        }
    }

    fn merge(&mut self, from: usize, into: usize) {
        let (now, other) = (self.now, self.tickets[into].ticket.clone());
        if self.command(from, |ticket| ticket.merge(&other, now)).is_err() {
            return;
        }
        let merged = self.tickets[from].ticket.clone();
        let absorbed = |ticket: Ticket| Ok(ticket.absorb(&merged, &Promise::regulation(), now));
        self.command(into, absorbed).unwrap();
        // A chain leads to its end at once, as `store::tickets::joining` keeps it.
        for kept in &mut self.tickets {
            if kept.merged_into == Some(from) {
                kept.merged_into = Some(into);
            }
        }
        self.tickets[from].merged_into = Some(into);
    }
}
