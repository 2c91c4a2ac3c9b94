// One payment for several invoices or clients: how much for which, and what stays in the line.
import { createClient } from "@connectrpc/connect";
import { Button, Checkbox, CloseButton, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Lines, type Line } from "../../gen/raschet/payments/v1/lines_pb";
import { useTexts } from "../../shared/dictionary";
import { amount, exact, field, moneyOf, typed } from "../../shared/money";
import { transport } from "../../shared/transport";
import type { Names } from "../../shared/useNames";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { bandOf, isForeign, type Candidate } from "./candidates";
import { Finder } from "./Finder";
import { useLineTexts } from "./texts";

const lines = createClient(Lines, transport);

interface Props {
  line: Line;
  candidates: Candidate[];
  names: Names;
  close: () => void;
  done: () => void;
}

interface Part {
  candidate: Candidate;
  text: string;
}

/** Shown while one invoice takes what is left, and the next what is left after it. */
function firstParts({ line, candidates, names }: Props, language: string): Part[] {
  const currency = line.unallocated?.currencyCode ?? "";
  let left = exact(line.unallocated);
  const likely = candidates.filter((one) => one.invoice && (one.found ?? bandOf(one.reasons) !== "never"));
  return likely.map((candidate) => {
    const due = exact((candidate.found ?? names.invoice(candidate.invoice))?.residual);
    const part = due < left ? due : left;
    left -= part;
    return { candidate, text: part > 0n ? field(moneyOf(part, currency), language) : "" };
  });
}

export function SplitDialog(props: Props) {
  const { line, candidates, names, close, done } = props;
  const texts = useTexts();
  const own = useLineTexts();
  const { language } = texts;
  const currency = line.unallocated?.currencyCode ?? "";
  const [parts, setParts] = useState(() => firstParts(props, language));
  const [ticked, setTicked] = useState(false);
  const sums = parts.map((part) => (part.text.trim() === "" ? 0n : typed(part.text)));
  const sum = sums.reduce<bigint>((all, one) => all + (one ?? 0n), 0n);
  const rest = exact(line.unallocated) - sum;
  const wrong = sums.some((one) => one === undefined) || rest < 0n || sum === 0n;
  const foreign = parts.some(({ candidate }, at) => (sums[at] ?? 0n) > 0n && isForeign(line, candidate));
  const said = (nanos: bigint) => amount(moneyOf(nanos, currency), language);
  const act = useAct(async (requestId) => {
    const wanted = parts.flatMap(({ candidate }, at) => {
      const nanos = sums[at] ?? 0n;
      const client = candidate.invoice ? "" : candidate.client;
      return nanos > 0n ? [{ invoice: candidate.invoice, client, amount: moneyOf(nanos, currency) }] : [];
    });
    await lines.allocateLine({ name: line.name, parts: wanted, etag: line.etag, requestId, remember: foreign && ticked });
    close();
    if (rest === 0n) done();
  });
  const change = (at: number, text: string) => setParts(parts.map((part, i) => (i === at ? { ...part, text } : part)));
  const add = (candidate: Candidate) => {
    if (parts.some((part) => part.candidate.key === candidate.key)) return;
    setParts([...parts, { candidate, text: rest > 0n ? field(moneyOf(rest, currency), language) : "" }]);
  };
  const credits = candidates.filter((one) => !one.invoice && !parts.some((part) => part.candidate.key === one.key));
  return (
    <Modal opened onClose={close} title={own.splitTitle} size="lg" closeButtonProps={{ "aria-label": texts.close }}>
      <Stack component="form" onSubmit={(event) => { event.preventDefault(); if (!wrong) void act.run(); }}>
        <Text size="sm">{own.splitText}</Text>
        {parts.map(({ candidate, text }, at) => (
          <PartRow key={candidate.key} candidate={candidate} names={names} text={text} first={at === 0}
            error={sums[at] === undefined ? own.badAmount : undefined} change={(text) => change(at, text)}
            remove={() => setParts(parts.filter((part) => part.candidate.key !== candidate.key))} />
        ))}
        {credits.map((one) => (
          <Button key={one.key} size="compact-sm" variant="default" style={{ alignSelf: "start" }} onClick={() => add(one)}>
            + {own.credit}: {names.client(one.client)?.title}
          </Button>
        ))}
        <Finder add={add} />
        <Group justify="space-between" role="status">
          <Text size="sm">{own.sum}: <b>{said(sum)}</b> {own.of} {amount(line.unallocated, language)}</Text>
          <Text size="sm" fw={600} c={rest < 0n ? "red" : undefined}>
            {rest < 0n ? `${own.tooMuch}: ${said(-rest)}` : `${own.rest}: ${said(rest)}`}
          </Text>
        </Group>
        {foreign && (
          <Checkbox checked={ticked} onChange={(event) => setTicked(event.currentTarget.checked)} label={own.remember} description={own.rememberText} />
        )}
        {act.failure !== undefined && <Failure error={act.failure} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>{texts.cancel}</Button>
          <Button type="submit" loading={act.busy} disabled={wrong}>{own.splitDo}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface RowProps {
  candidate: Candidate;
  names: Names;
  text: string;
  first: boolean;
  error: string | undefined;
  change: (text: string) => void;
  remove: () => void;
}

function PartRow({ candidate, names, text, first, error, change, remove }: RowProps) {
  const { language } = useTexts();
  const own = useLineTexts();
  const invoice = candidate.found ?? names.invoice(candidate.invoice);
  const title = candidate.invoice ? own.invoice(invoice?.number ?? "…") : own.credit;
  const whose = names.client(candidate.client)?.title ?? invoice?.payerTitle ?? "";
  return (
    <Group justify="space-between" wrap="nowrap" align="start">
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600}>{title}</Text>
        <Text size="sm" c="dimmed">{[whose, invoice && amount(invoice.residual, language)].filter(Boolean).join(" · ")}</Text>
      </div>
      <Group gap={6} wrap="nowrap" align="start">
        <TextInput aria-label={`${own.amount}: ${title}`} inputMode="decimal" w={130} value={text} error={error} data-autofocus={first || undefined}
          styles={{ input: { textAlign: "end", fontVariantNumeric: "tabular-nums" } }}
          onChange={(event) => change(event.currentTarget.value)} />
        <CloseButton aria-label={`${own.remove}: ${title}`} onClick={remove} mt={4} />
      </Group>
    </Group>
  );
}
