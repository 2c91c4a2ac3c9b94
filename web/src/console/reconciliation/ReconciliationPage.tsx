// Bank lines that need a person: the queue, and the line at hand with what it may be for.
import { create } from "@bufbuild/protobuf";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Alert, Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { LineSchema, Lines, Line_State, type Line } from "../../gen/raschet/payments/v1/lines_pb";
import { useTexts } from "../../shared/dictionary";
import { Choice } from "../../ui/Choice";
import { Loading } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { useShortcuts } from "../../ui/useShortcuts";
import { Bench } from "./Bench";
import { neighbour } from "./candidates";
import { UnmatchDialog } from "./dialogs";
import { Queue } from "./Queue";
import { useLineTexts } from "./texts";
import { Upload } from "./Upload";

const route = getRouteApi("/shell/reconciliation");
const STATES = [Line_State.REVIEW, Line_State.MATCHED, Line_State.IGNORED, Line_State.IMPORTED];
const NONE: Line[] = [];

/** What was done last: said, and taken back by a key. */
interface Done {
  text: string;
  line?: Line;
}

export function ReconciliationPage() {
  const texts = useTexts();
  const own = useLineTexts();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const wide = useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false }) ?? true;
  const [done, setDone] = useState<Done>();
  const [undoing, setUndoing] = useState(false);
  const state = search.state ?? Line_State.REVIEW;
  const found = useQuery(Lines.method.listLines, {
    state,
    statement: search.statement ? `statements/${search.statement}` : "",
    pageToken: search.page ?? "",
  }, { placeholderData: keepPreviousData });
  const lines = found.data?.lines ?? NONE;
  const line = useChosen(lines, search.line, found.data !== undefined, wide);
  const go = (name: string | undefined) =>
    void navigate({ search: { ...search, line: name?.replace("lines/", "") } });
  const step = (by: 1 | -1) => go(neighbour(lines, line?.name, by));
  useShortcuts(own.keys, [
    { key: "J", text: own.keyNext, run: () => step(1) },
    { key: "K", text: own.keyPrevious, run: () => step(-1) },
    { key: "U", text: own.keyUndo, run: () => setUndoing(done?.line !== undefined) },
  ]);
  const conclude = (text: string, reversible: boolean) => {
    setDone({ text, line: reversible && line ? line : undefined });
    const next = neighbour(lines, line?.name, 1);
    const before = neighbour(lines, line?.name, -1);
    const other = next === line?.name ? before : next;
    go(other === line?.name || !wide ? undefined : other);
  };
  const queue = (
    <Stack gap="xs" style={wide ? { position: "sticky", top: 0, maxHeight: "100vh", overflowY: "auto" } : undefined}>
      <Queue lines={lines} chosen={line?.name} error={found.error} loading={found.isPending} state={state}
        retry={() => void found.refetch()} />
      <Pager page={search.page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { ...search, line: undefined, page } })} />
    </Stack>
  );
  const bench = line && <Bench key={line.name} line={line} focus={search.line !== undefined} conclude={conclude} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="md">
          <Title order={1} size="h2">{own.title}</Title>
          <Text role="status" c="dimmed">{found.data && own.lines(found.data.totalSize)}</Text>
        </Group>
        <Group>
          <Anchor size="sm" renderRoot={(props) => <Link to="/rules" search={{}} {...props} />}>{own.rules}</Anchor>
          <Anchor size="sm" renderRoot={(props) => <Link to="/matching" {...props} />}>{own.machine}</Anchor>
          <Upload />
        </Group>
      </Group>
      <Group>
        <Choice label={texts.state} value={String(state)}
          options={STATES.map((value) => ({ value: String(value), label: own.states[value] ?? "" }))}
          choose={(value) => void navigate({ search: { state: Number(value), statement: search.statement } })} />
        {search.statement && (
          <Button variant="light" size="xs" onClick={() => void navigate({ search: { state: search.state } })}>
            {own.ofStatement} ✕
          </Button>
        )}
      </Group>
      {done && (
        <Alert role="status" color="teal" variant="light" py="xs">
          <Group justify="space-between">
            <Text size="sm">✓ {done.text}</Text>
            {done.line && <Button size="compact-sm" variant="default" onClick={() => setUndoing(true)}>{own.takeBack}</Button>}
          </Group>
        </Alert>
      )}
      {wide ? (
        <div style={{ display: "grid", gridTemplateColumns: "17.5rem minmax(0, 1fr)", gap: "var(--mantine-spacing-md)", alignItems: "start" }}>
          {queue}
          {bench ?? <div />}
        </div>
      ) : search.line ? (
        <Stack>
          <Button variant="default" onClick={() => go(undefined)}>← {own.back}</Button>
          {bench ?? <Loading />}
        </Stack>
      ) : queue}
      {done?.line && (
        // Its version is not sent: allocating has made a new one since.
        <UnmatchDialog opened={undoing} close={() => setUndoing(false)} line={create(LineSchema, { name: done.line.name })}
          done={() => setDone({ text: own.unmatched })} />
      )}
    </Stack>
  );
}

/** The line that the address names, wherever it is; else the first one of the list. */
function useChosen(lines: Line[], id: string | undefined, known: boolean, orFirst: boolean): Line | undefined {
  const name = `lines/${id}`;
  const listed = lines.find((line) => line.name === name);
  const alone = useQuery(Lines.method.getLine, { name }, { enabled: id !== undefined && known && !listed });
  if (id === undefined) return orFirst ? lines[0] : undefined;
  return listed ?? alone.data;
}
