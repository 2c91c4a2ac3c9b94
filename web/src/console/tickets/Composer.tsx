// Where staff write. A letter to the client and a note among staff look, read and sound different:
// colour, words above, words on the button, and what is said afterwards.
import { createClient } from "@connectrpc/connect";
import { Alert, Box, Button, Group, SegmentedControl, Stack, Text, Textarea } from "@mantine/core";
import { useMediaQuery, useSessionStorage } from "@mantine/hooks";
import { useRef, useState } from "react";
import { Tickets, Ticket_State, type Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { transport } from "../../shared/transport";
import { Failure } from "../../ui/DataTable";
import { LetterIcon, LockIcon } from "../../ui/icons";
import { ground } from "../../ui/Timeline";
import { useAct } from "../../ui/useAct";
import { useShortcuts } from "../../ui/useShortcuts";
import { useTicketTexts } from "./texts";

const tickets = createClient(Tickets, transport);
type Way = "reply" | "note";

export function Composer({ ticket }: { ticket: Ticket }) {
  const own = useTicketTexts();
  const field = useRef<HTMLTextAreaElement>(null);
  const answerable = ticket.state !== Ticket_State.CLOSED && ticket.requester !== "";
  const [wish, setWish] = useState<Way>("reply");
  const way: Way = answerable ? wish : "note";
  // Each way has a draft of its own: a note never turns into a letter by a click.
  const [text, setText] = useSessionStorage({ key: `draft/${ticket.name}/${way}`, defaultValue: "" });
  const narrow = useMediaQuery("(max-width: 36em)");
  const [said, setSaid] = useState("");
  const act = useAct(async (requestId) => {
    const words = { name: ticket.name, text: text.trim(), requestId };
    if (way === "reply") await tickets.replyTicket({ ...words, etag: ticket.etag });
    else await tickets.addTicketNote(words);
  }, () => {
    setText("");
    setSaid(way === "reply" ? own.replied : own.noted);
  });
  const write = (way: Way) => {
    setWish(way);
    setSaid("");
    requestAnimationFrame(() => field.current?.focus());
  };
  useShortcuts(own.keys, [
    { key: "R", text: own.keyReply, run: () => write("reply") },
    { key: "N", text: own.keyNote, run: () => write("note") },
  ]);
  const send = () => { if (text.trim() !== "" && !act.busy) void act.run(); };
  const note = way === "note";
  const tone = note ? "yellow" : "teal";
  return (
    <Box component="section" aria-label={note ? own.note : own.reply} p="md" style={{
      border: `2px ${note ? "dashed" : "solid"} var(--mantine-color-${tone}-filled)`,
      borderRadius: "var(--mantine-radius-sm)",
      background: note ? ground("yellow") : undefined,
    }}>
      <Stack gap="sm">
        {answerable && (
          <SegmentedControl orientation={narrow ? "vertical" : "horizontal"} value={way} onChange={(value) => write(value === "note" ? "note" : "reply")}
            aria-label={own.thread} data={[{ value: "reply", label: <><LetterIcon /> {own.reply}</> }, { value: "note", label: <><LockIcon /> {own.note}</> }]} style={{ alignSelf: "start" }} />
        )}
        {!answerable && <Text size="sm" fw={600}>{ticket.state === Ticket_State.CLOSED ? own.isClosed : own.noAddress}</Text>}
        <Text size="sm" fw={600}>{note ? own.noteText : own.replyText(ticket.requester)}</Text>
        <Textarea ref={field} label={note ? own.noteLabel : own.replyLabel} autosize minRows={3} maxRows={16} value={text}
          onChange={(event) => { setText(event.currentTarget.value); setSaid(""); }}
          onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } }} />
        {act.failure !== undefined && <Failure error={act.failure} />}
        <Group justify="space-between">
          <Text size="sm" c="dimmed">{text ? own.draftKept : note ? own.ctrlEnterNote : own.ctrlEnter}</Text>
          <Button color={note ? "yellow" : "teal"} loading={act.busy} disabled={text.trim() === ""} onClick={send} autoContrast
            leftSection={note ? <LockIcon /> : <LetterIcon />} maw="100%" h="auto" py={8} styles={{ label: { whiteSpace: "normal" } }}>
            {note ? own.saveNote : own.sendReply}
          </Button>
        </Group>
        {said && <Alert role="status" color={said === own.noted ? "yellow" : "teal"} variant="outline" py="xs">✓ {said}</Alert>}
      </Stack>
    </Box>
  );
}
