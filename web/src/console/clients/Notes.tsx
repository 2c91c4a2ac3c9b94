// What staff tell each other about a client: important notes stand on every tab (A94, A124–A128).
import { createClient } from "@connectrpc/connect";
import { Button, Checkbox, Group, Paper, Stack, Text, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { Notes as NotesService, type Note as NoteRecord } from "../../gen/raschet/clients/v1/notes_pb";
import type { ClientCard, SignedNote } from "../../gen/raschet/gateway/v1/client_cards_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import classes from "./Notes.module.css";
import { useClientTexts } from "./texts";

const notes = createClient(NotesService, transport);

/** The important ones, above the tabs. */
export function Pinned({ card }: { card: ClientCard }) {
  const own = useClientTexts();
  const important = card.notes.filter((signed) => signed.note?.important);
  if (important.length === 0) return null;
  return (
    <section className={classes.pinned} aria-label={own.pinned}>
      {important.map((signed) => (
        <div key={signed.note?.name}>
          <Text size="sm" className="text"><Text span fw={700} size="sm">{own.pinned}: </Text>{signed.note?.text}</Text>
          <Signature signed={signed} />
        </div>
      ))}
    </section>
  );
}

function Signature({ signed }: { signed: SignedNote }) {
  const { language } = useTexts();
  return <Text size="xs" c="dimmed">{signed.authorName} · {moment(signed.note?.createTime, language)}</Text>;
}

export function Notes({ card }: { card: ClientCard }) {
  const own = useClientTexts();
  return (
    <Stack>
      <NewNote client={card.client?.name ?? ""} />
      {card.notes.length === 0 && <Text c="dimmed">{own.noNotes}</Text>}
      {card.notes.map((signed) => signed.note && <Note key={signed.note.name} note={signed.note} signed={signed} />)}
      {card.noteCount > card.notes.length && <Text size="sm" c="dimmed">{own.moreNotes(card.noteCount)}</Text>}
    </Stack>
  );
}

function NewNote({ client }: { client: string }) {
  const own = useClientTexts();
  const [text, setText] = useState("");
  const [important, setImportant] = useState(false);
  const act = useAct(
    (requestId) => notes.createNote({ note: { client, text, important }, requestId }),
    () => {
      setText("");
      setImportant(false);
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void act.run();
  };
  return (
    <Stack component="form" gap="xs" onSubmit={submit}>
      <Textarea label={own.note} description={own.noteHint} autosize minRows={2} maxLength={10_000} value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && text.trim()) void act.run();
        }} />
      {act.failure !== undefined && <Failure error={act.failure} />}
      <Group justify="space-between">
        <Checkbox label={own.pin} checked={important} onChange={(event) => setImportant(event.currentTarget.checked)} />
        <Button type="submit" loading={act.busy} disabled={!text.trim()}>{own.addNote}</Button>
      </Group>
    </Stack>
  );
}

function Note({ note, signed }: { note: NoteRecord; signed: SignedNote }) {
  const texts = useTexts();
  const own = useClientTexts();
  const [asked, setAsked] = useState(false);
  const pin = useAct((requestId) =>
    notes.updateNote({ note: { name: note.name, etag: note.etag, important: !note.important }, updateMask: { paths: ["important"] }, requestId }));
  const remove = useAct((requestId) => notes.deleteNote({ name: note.name, etag: note.etag, requestId }), () => setAsked(false));
  return (
    <Paper withBorder p="sm" className={note.important ? classes.important : undefined}>
      <Text size="sm" className="text">{note.text}</Text>
      <Group justify="space-between" mt={4} gap="xs">
        <Signature signed={signed} />
        <Group gap={4}>
          <Button size="compact-sm" variant="subtle" loading={pin.busy} onClick={() => void pin.run()}>
            {note.important ? own.unpin : own.pinIt}
          </Button>
          <Button size="compact-sm" variant="subtle" color="red" onClick={() => setAsked(true)}>{texts.remove}</Button>
        </Group>
      </Group>
      {pin.failure !== undefined && <Failure error={pin.failure} />}
      <Confirm opened={asked} close={() => setAsked(false)} title={own.deleteNote} verb={texts.remove} act={remove}>
        <Text size="sm" className="text" lineClamp={4}>{note.text}</Text>
      </Confirm>
    </Paper>
  );
}
