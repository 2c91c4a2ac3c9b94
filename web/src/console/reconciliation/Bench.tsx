// The line at hand: what the bank wrote on the left, what it may be for on the right.
import { createClient } from "@connectrpc/connect";
import { Alert, Button, Card, Checkbox, Group, Kbd, Stack, Text, Title } from "@mantine/core";
import { useRef, useState } from "react";
import { Lines, Line_Direction, Line_State, type Line } from "../../gen/raschet/payments/v1/lines_pb";
import { useTexts } from "../../shared/dictionary";
import { amount, exact } from "../../shared/money";
import { transport } from "../../shared/transport";
import { useNames, type Names } from "../../shared/useNames";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { useShortcuts } from "../../ui/useShortcuts";
import { Allocations } from "./Allocations";
import { bandOf, isForeign, isPossible, proposed, saidBy, type Candidate } from "./candidates";
import { CandidateList } from "./CandidateList";
import { IgnoreDialog } from "./dialogs";
import { Finder } from "./Finder";
import { LineFacts } from "./LineFacts";
import { SplitDialog } from "./SplitDialog";
import { useLineTexts } from "./texts";

const lines = createClient(Lines, transport);

interface Props {
  line: Line;
  focus: boolean;
  /** Says what was done, whether it can be taken back, and goes on to the next line. */
  conclude: (text: string, reversible: boolean) => void;
}

export function Bench({ line, focus, conclude }: Props) {
  const own = useLineTexts();
  const [found, setFound] = useState<Candidate[]>([]);
  const candidates = [...proposed(line), ...found];
  const allocated = line.allocations.flatMap((one) => [one.invoice, one.client]);
  const names = useNames([...candidates.flatMap((one) => [one.invoice, one.client]), ...allocated]);
  const [chosen, setChosen] = useState(() => preselected(line));
  const candidate = candidates.find((one) => one.key === chosen);
  const invoice = candidate && (candidate.found ?? names.invoice(candidate.invoice));
  const open = line.direction === Line_Direction.IN && line.state === Line_State.REVIEW && exact(line.unallocated) > 0n;
  const add = (candidate: Candidate) => {
    if (!candidates.some((one) => one.key === candidate.key)) setFound([...found, candidate]);
    setChosen(candidate.key);
  };
  return (
    <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 21rem), 1fr))", gap: "var(--mantine-spacing-md)", alignItems: "start" }}>
      <Stack>
        <LineFacts line={line} number={invoice?.number ?? ""} focus={focus} />
        <Why line={line} />
      </Stack>
      <Stack>
        {line.allocations.length > 0 && <Allocations line={line} names={names} />}
        {open && (
          <Choices line={line} candidates={candidates} names={names} chosen={chosen} choose={setChosen} add={add} conclude={conclude} />
        )}
        {!open && line.state === Line_State.REVIEW && <SetAside line={line} conclude={conclude} />}
        {line.state === Line_State.IGNORED && <Text c="dimmed">{own.ignored}: {own.classes[line.class] ?? line.class}</Text>}
      </Stack>
    </div>
  );
}

/** Only what is likely is chosen beforehand: Enter must not accept a doubtful one unread. */
function preselected(line: Line): string | undefined {
  const best = proposed(line)[0];
  const band = best && bandOf(best.reasons);
  return band === "high" || band === "medium" ? best?.key : undefined;
}

interface ChoicesProps {
  line: Line;
  candidates: Candidate[];
  names: Names;
  chosen: string | undefined;
  choose: (key: string) => void;
  add: (candidate: Candidate) => void;
  conclude: Props["conclude"];
}

function Choices({ line, candidates, names, chosen, choose, add, conclude }: ChoicesProps) {
  const texts = useTexts();
  const own = useLineTexts();
  const search = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [splitting, setSplitting] = useState(false);
  const [ignoring, setIgnoring] = useState(false);
  const [ticked, setTicked] = useState(false);
  const candidate = candidates.find((one) => one.key === chosen);
  const invoice = candidate && (candidate.found ?? names.invoice(candidate.invoice));
  const several = line.proposals.some((one) => one.reasons.some((reason) => reason.code === "OTHER_INVOICE_NAMED"));
  const sum = amount(line.unallocated, texts.language);
  const foreign = candidate !== undefined && isForeign(line, candidate);
  const remember = foreign && ticked;
  const to = candidate?.invoice ? own.invoice(invoice?.number ?? "") : own.credit;
  const accept = useAct(async (requestId) => {
    if (!candidate) return;
    const client = candidate.invoice ? "" : candidate.client;
    const parts = [{ invoice: candidate.invoice, client, amount: line.unallocated }];
    await lines.allocateLine({ name: line.name, parts, etag: line.etag, requestId, remember });
    conclude(own.accepted(sum, to) + (remember ? ` · ${own.remembered}` : ""), true);
  });
  const pick = (key: string) => {
    choose(key);
    // The next Enter accepts what was picked, and a reader hears what it would do.
    requestAnimationFrame(() => button.current?.focus({ preventScroll: true }));
  };
  const possible = candidate && isPossible(candidate, invoice);
  const run = () => { if (possible && !accept.busy) void accept.run(); };
  useShortcuts(own.keys, [
    ...candidates.slice(0, 9).map((one, at) => ({ key: String(at + 1), text: own.keyChoose, run: () => pick(one.key) })),
    { key: "Enter", text: own.keyAccept, run },
    { key: "S", text: own.keySplit, run: () => setSplitting(true) },
    { key: "/", text: own.keySearch, run: () => search.current?.focus() },
    { key: "R", text: own.keyRemember, run: () => setTicked(!ticked) },
    { key: "I", text: own.keyIgnore, run: () => setIgnoring(true) },
  ]);
  const acts = (
    <Group gap="xs">
      {foreign && possible && (
        <Checkbox w="100%" checked={ticked} onChange={(event) => setTicked(event.currentTarget.checked)}
          label={<>{own.remember} <Kbd size="xs">R</Kbd></>} description={own.rememberText} />
      )}
      {!possible && <Text size="sm" w="100%">{own.impossible}</Text>}
      <Button ref={button} loading={accept.busy} disabled={!possible} onClick={run} rightSection={<Kbd size="xs">Enter</Kbd>}>
        {own.acceptNext}
      </Button>
      <Button variant="default" onClick={() => setSplitting(true)} rightSection={<Kbd size="xs">S</Kbd>}>{own.split}</Button>
    </Group>
  );
  return (
    <>
      <Card withBorder padding="md">
        <Stack gap="sm">
          <Title order={2} size="h4">{own.candidates}</Title>
          {several && (
            <Alert color="yellow" variant="light" py="xs">
              <Group justify="space-between" gap="xs">
                <Text size="sm">{own.several}</Text>
                <Button size="compact-sm" variant="default" onClick={() => setSplitting(true)}>{own.split}</Button>
              </Group>
            </Alert>
          )}
          {candidates.length === 0 && <Text size="sm">{own.noCandidates}</Text>}
          {accept.failure !== undefined && <Failure error={accept.failure} />}
          <CandidateList line={line} candidates={candidates} names={names} chosen={chosen} choose={pick} acts={acts} />
          <Finder ref={search} add={add} />
        </Stack>
      </Card>
      <Group justify="space-between">
        {!candidate && <Button variant="default" onClick={() => setSplitting(true)} rightSection={<Kbd size="xs">S</Kbd>}>{own.split}</Button>}
        <Button variant="subtle" color="gray" c="var(--mantine-color-text)" onClick={() => setIgnoring(true)} rightSection={<Kbd size="xs">I</Kbd>}>{own.ignore}</Button>
      </Group>
      {splitting && (
        <SplitDialog line={line} candidates={candidates} names={names} close={() => setSplitting(false)}
          done={() => conclude(own.accepted(sum, own.split.toLowerCase()), true)} />
      )}
      <IgnoreDialog opened={ignoring} close={() => setIgnoring(false)} line={line} done={() => conclude(own.ignored, false)} />
    </>
  );
}

/** A line that is no money from a client can only be set aside. */
function SetAside({ line, conclude }: { line: Line; conclude: Props["conclude"] }) {
  const own = useLineTexts();
  const [ignoring, setIgnoring] = useState(false);
  useShortcuts(own.keys, [{ key: "I", text: own.keyIgnore, run: () => setIgnoring(true) }]);
  return (
    <>
      <Button variant="default" onClick={() => setIgnoring(true)} rightSection={<Kbd size="xs">I</Kbd>}>{own.ignore}</Button>
      <IgnoreDialog opened={ignoring} close={() => setIgnoring(false)} line={line} done={() => conclude(own.ignored, false)} />
    </>
  );
}

function Why({ line }: { line: Line }) {
  const own = useLineTexts();
  if (line.reasons.length === 0) return null;
  return (
    <div>
      <Text size="sm" c="dimmed">{own.why}</Text>
      <ul style={{ margin: 0, paddingInlineStart: 18 }}>
        {line.reasons.map((reason) => <Text component="li" size="sm" key={reason.code}>{saidBy(reason, own.amount)}</Text>)}
      </ul>
    </div>
  );
}
