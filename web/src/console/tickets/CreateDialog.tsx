// A ticket by hand: between departments with a note, or on behalf of a client with a letter.
import { createClient } from "@connectrpc/connect";
import { Button, Group, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Tickets } from "../../gen/raschet/tickets/v1/tickets_pb";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { ClientSelect } from "../../ui/ClientSelect";
import { Failure } from "../../ui/DataTable";
import { LetterIcon, LockIcon } from "../../ui/icons";
import { useAct } from "../../ui/useAct";
import { useTicketTexts } from "./texts";

const tickets = createClient(Tickets, transport);

export function CreateDialog({ close }: { close: () => void }) {
  const texts = useTexts();
  const own = useTicketTexts();
  const navigate = useNavigate();
  const [client, setClient] = useState<string | null>(null);
  const [subject, setSubject] = useState("");
  const [text, setText] = useState("");
  const [requester, setRequester] = useState("");
  const [department, setDepartment] = useState("support");
  const [send, setSend] = useState(false);
  const act = useAct(async (requestId) => {
    const ticket = { client: client ?? "", subject: subject.trim(), requester: requester.trim(), department };
    const made = await tickets.createTicket({ ticket, text: text.trim(), send, requestId });
    close();
    await navigate({ to: "/tickets/$id", params: { id: made.name.replace("tickets/", "") } });
  });
  const narrow = useMediaQuery("(max-width: 36em)");
  const missing = subject.trim() === "" || text.trim() === "";
  return (
    <Modal opened onClose={close} title={own.newTitle} size="lg" closeButtonProps={{ "aria-label": texts.close }}>
      <Stack component="form" onSubmit={(event) => { event.preventDefault(); if (!missing) void act.run(); }}>
        <ClientSelect label={own.newClient} description={client ? undefined : own.newClientNone} value={client} choose={setClient} />
        <TextInput label={own.subject} required maxLength={250} value={subject} onChange={(event) => setSubject(event.currentTarget.value)} />
        <SegmentedControl fullWidth orientation={narrow ? "vertical" : "horizontal"} value={send ? "letter" : "note"} onChange={(value) => setSend(value === "letter")} aria-label={own.text}
          data={[{ value: "note", label: <><LockIcon /> {own.firstNote}</> }, { value: "letter", label: <><LetterIcon /> {own.firstLetter}</> }]} />
        {!send && <Text size="sm">{own.firstNoteText}</Text>}
        {send && <TextInput label={own.address} description={own.addressHint} type="email" value={requester} onChange={(event) => setRequester(event.currentTarget.value)} />}
        <Textarea label={send ? own.replyLabel : own.noteLabel} required autosize minRows={4} maxRows={14} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <TextInput label={own.department} value={department} onChange={(event) => setDepartment(event.currentTarget.value)} />
        {act.failure !== undefined && <Failure error={act.failure} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>{texts.cancel}</Button>
          <Button type="submit" color={send ? "teal" : "yellow"} loading={act.busy} disabled={missing} leftSection={send ? <LetterIcon /> : <LockIcon />}
            h="auto" py={8} styles={{ label: { whiteSpace: "normal" } }}>
            {send ? own.createLetter : own.createNote}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
