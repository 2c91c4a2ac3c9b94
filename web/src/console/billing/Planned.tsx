// Work that is shown first and then done: the plan writes nothing, and what is confirmed is just that.
import type { Money } from "../../gen/google/type/money_pb";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTexts } from "../../shared/dictionary";
import { amounts } from "../../shared/money";
import { Confirm } from "../../ui/Confirm";
import { Failure } from "../../ui/DataTable";
import type { Work } from "../../ui/useStream";
import { Progress } from "./Progress";

/** Such work takes as long as it takes. */
const NO_LIMIT = 0;

/** What the messages add up to. */
export interface Told<Summary> {
  done: bigint;
  total: bigint;
  /** With the last message. */
  summary: Summary | undefined;
}

interface Wording<Summary> {
  /** What it is about, above everything. */
  text: string;
  /** The button that counts. */
  plan: string;
  /** The button that does it. */
  verb: (summary: Summary) => string;
  sure: string;
  sureText: string;
}

export interface Call {
  dryRun?: boolean;
  requestId?: string;
}

interface Props<Summary, All extends Told<Summary>> {
  work: Work<All>;
  call: (call: Call, options: { signal: AbortSignal; timeoutMs: number }) => AsyncIterable<unknown>;
  words: Wording<Summary>;
  /** Whether the plan found anything to do. */
  any: (summary: Summary) => boolean;
  /** For what: a field of the form. */
  field: ReactNode;
  /** Above the button that does it; `dry` while it is only planned. */
  figures: (told: All, dry: boolean) => ReactNode;
  /** Below it. */
  details: (told: All, dry: boolean) => ReactNode;
}

export function Planned<Summary extends { totals: Money[] }, All extends Told<Summary>>(props: Props<Summary, All>) {
  const { work, call, words, any, field, figures, details } = props;
  const [dry, setDry] = useState(true);
  const plan = (event: FormEvent) => {
    event.preventDefault();
    setDry(true);
    void work.start((signal) => call({ dryRun: true }, { signal, timeoutMs: NO_LIMIT }));
  };
  const run = async (requestId: string) => {
    setDry(false);
    await work.start((signal) => call({ requestId }, { signal, timeoutMs: NO_LIMIT }));
  };
  const told = work.state;
  const ready = told?.summary && dry && !work.busy && any(told.summary) ? told.summary : undefined;
  return (
    <Stack>
      <Text size="sm" maw={720}>{words.text}</Text>
      <Group component="form" align="end" onSubmit={plan}>
        {field}
        <Button type="submit" variant={told ? "default" : "filled"} loading={work.busy && dry} disabled={work.busy}>{words.plan}</Button>
      </Group>
      {work.failure !== undefined && <Failure error={work.failure} />}
      {told && (
        <Stack>
          <Progress done={told.done} total={told.total} busy={work.busy} />
          {figures(told, dry)}
          {ready && <Execute summary={ready} words={words} run={run} busy={work.busy} />}
          {details(told, dry)}
        </Stack>
      )}
    </Stack>
  );
}

interface ExecuteProps<Summary> {
  summary: Summary;
  words: Wording<Summary>;
  run: (requestId: string) => Promise<void>;
  busy: boolean;
}

function Execute<Summary extends { totals: Money[] }>({ summary, words, run, busy }: ExecuteProps<Summary>) {
  const { language } = useTexts();
  const [asked, setAsked] = useState(false);
  // Kept over tries: a run that was begun is gone on with, not begun again.
  const [requestId] = useState(() => crypto.randomUUID());
  const act = {
    run: async () => {
      setAsked(false);
      await run(requestId);
    },
    busy,
    failure: undefined,
  };
  const verb = words.verb(summary);
  return (
    <div>
      <Button onClick={() => setAsked(true)}>{verb}</Button>
      <Confirm opened={asked} close={() => setAsked(false)} title={words.sure} verb={verb} act={act}>
        <Text fw={600}>{amounts(summary.totals, language)}</Text>
        <Text size="sm">{words.sureText}</Text>
      </Confirm>
    </div>
  );
}
