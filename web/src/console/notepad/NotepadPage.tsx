// A page of one's own: what one types is kept by itself (A1).
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { Notepads, type Notepad } from "../../gen/raschet/tickets/v1/notepads_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { Failure, Loading } from "../../ui/DataTable";

import { useAct } from "../../ui/useAct";
import { useNotepadTexts } from "./texts";

const notepads = createClient(Notepads, transport);
/** How long nobody types before it is kept. */
const PAUSE_MS = 1000;
const MOST = 20_000;

export function NotepadPage() {
  const own = useNotepadTexts();
  const found = useQuery(Notepads.method.getNotepad, {});
  return (
    <Stack gap="xs" maw={820}>
      <div>
        <Title order={1} size="h2">{own.title}</Title>
        <Text size="sm" c="dimmed">{own.secret}</Text>
      </div>
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Loading />}
      {found.data && <Page read={found.data} />}
    </Stack>
  );
}

function Page({ read }: { read: Notepad }) {
  const own = useNotepadTexts();
  // What was read once: what is kept from here is ours, and what others keep is told as a failure.
  const [kept, setKept] = useState(read);
  const [text, setText] = useState(read.text);
  // One for each text: tried again after a lost answer, it is the same.
  const requestId = useMemo(() => crypto.randomUUID(), [text]);
  const act = useAct(() => notepads.updateNotepad({ notepad: { text, etag: kept.etag }, requestId }), setKept);
  const changed = text.trimEnd() !== kept.text;
  const { busy, failure, run } = act;
  useEffect(() => {
    if (!changed || busy || failure !== undefined) return;
    const timer = setTimeout(() => void run(), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  useEffect(() => {
    if (!changed) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [changed]);
  const type = (value: string) => {
    act.clear?.();
    setText(value);
  };
  return (
    <>
      <Textarea aria-label={own.label} placeholder={own.placeholder} value={text} autosize minRows={14} maxLength={MOST} autoFocus
        onChange={(event) => type(event.currentTarget.value)} onBlur={() => changed && !busy && void run()} />
      {failure !== undefined && <Failure error={failure} />}
      <Group role="status"><Text size="sm" c="dimmed"><State kept={kept} changed={changed} busy={busy} /></Text></Group>
    </>
  );
}

function State({ kept, changed, busy }: { kept: Notepad; changed: boolean; busy: boolean }) {
  const { language } = useTexts();
  const own = useNotepadTexts();
  if (busy) return own.saving;
  if (changed) return own.unsaved;
  return kept.updateTime ? own.saved(moment(kept.updateTime, language)) : own.empty;
}
