// Candidates, best first: each says who, how much and why; the chosen one is compared with the line
// and says what would become of the money.
import { Badge, Box, Group, Kbd, Stack, Table, Text, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import type { Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import type { Line, Reason } from "../../gen/raschet/payments/v1/lines_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount, exact, moneyOf } from "../../shared/money";
import type { Names } from "../../shared/useNames";
import { bandOf, effect, isPossible, saidBy, speaksFor, type Candidate } from "./candidates";
import { BAND_COLOURS } from "./Queue";
import { useLineTexts } from "./texts";

interface Props {
  line: Line;
  candidates: Candidate[];
  names: Names;
  chosen: string | undefined;
  choose: (key: string) => void;
  /** What can be done with the chosen one. */
  acts: ReactNode;
}

export function CandidateList({ line, candidates, names, chosen, choose, acts }: Props) {
  const own = useLineTexts();
  return (
    <Box component="ol" aria-label={own.candidates} m={0} p={0} style={{ listStyle: "none", display: "grid", gap: 8 }}>
      {candidates.map((candidate, at) => (
        <Item key={candidate.key} {...{ line, candidate, names, at, acts, choose }} current={candidate.key === chosen} />
      ))}
    </Box>
  );
}

interface ItemProps extends Omit<Props, "candidates" | "chosen"> {
  candidate: Candidate;
  at: number;
  current: boolean;
}

function Item({ line, candidate, names, at, current, choose, acts }: ItemProps) {
  const { language } = useTexts();
  const own = useLineTexts();
  const invoice = candidate.found ?? names.invoice(candidate.invoice);
  const client = names.client(candidate.client);
  const band = bandOf(candidate.reasons);
  const title = candidate.invoice ? (invoice?.number ? own.invoice(invoice.number) : own.unnumbered) : own.credit;
  return (
    <Box component="li" style={{
      border: `1px solid ${current ? "var(--mantine-primary-color-filled)" : "var(--mantine-color-default-border)"}`,
      borderRadius: "var(--mantine-radius-sm)",
      boxShadow: current ? "inset 0 0 0 1px var(--mantine-primary-color-filled)" : undefined,
    }}>
      <UnstyledButton w="100%" p="sm" aria-pressed={current} onClick={() => choose(candidate.key)}>
        <Group justify="space-between" gap="xs" wrap="nowrap" align="start">
          <Group gap="sm" wrap="nowrap" align="start" style={{ minWidth: 0 }}>
            {at < 9 && <Kbd size="sm">{at + 1}</Kbd>}
            <div style={{ minWidth: 0 }}>
              <Text fw={600}>{title}</Text>
              <Text size="sm">{client ? `${client.title} · ${client.number}` : invoice?.payerTitle}</Text>
            </div>
          </Group>
          <Stack gap={4} align="end" style={{ flex: "none" }}>
            {invoice && <Text fw={600} style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>{amount(invoice.residual, language)}</Text>}
            {candidate.reasons.length > 0
              ? <Badge color={BAND_COLOURS[band]} c="var(--mantine-color-text)">{own.bands[band]}</Badge>
              : candidate.found && <Badge color="gray" c="var(--mantine-color-text)">{own.foundBy}</Badge>}
          </Stack>
        </Group>
        <Reasons reasons={candidate.reasons} />
      </UnstyledButton>
      {current && (
        <Stack gap="sm" px="sm" pb="sm">
          {invoice ? <Comparison line={line} invoice={invoice} /> : <Text size="sm">{own.creditText}</Text>}
          {invoice && isPossible(candidate, invoice) && <Outcome line={line} invoice={invoice} />}
          {acts}
        </Stack>
      )}
    </Box>
  );
}

/** Evidence: for it with a tick, against it with a cross, so that colour is not alone. */
function Reasons({ reasons }: { reasons: Reason[] }) {
  const own = useLineTexts();
  if (reasons.length === 0) return null;
  return (
    <Group gap={6} mt={8}>
      {reasons.map((reason) => {
        const good = speaksFor(reason);
        return (
          <Badge key={reason.code} color={good ? "teal" : "red"} variant={good ? "light" : "outline"} c="var(--mantine-color-text)"
            fw={500} fz="xs" h="auto" py={2} styles={{ label: { whiteSpace: "normal", textAlign: "start" } }}>
            {good ? "✓" : "✗"} {saidBy(reason, own.amount)}
          </Badge>
        );
      })}
    </Group>
  );
}

function Comparison({ line, invoice }: { line: Line; invoice: Invoice }) {
  const { language } = useTexts();
  const own = useLineTexts();
  const rows: [string, string, string, boolean][] = [
    [own.amount, amount(line.unallocated, language), amount(invoice.residual, language), exact(line.unallocated) === exact(invoice.residual)],
    [own.payer, line.payer?.title || "—", invoice.payerTitle, plain(line.payer?.title) === plain(invoice.payerTitle)],
  ];
  return (
    <Table aria-label={own.compare} verticalSpacing={3} highlightOnHover={false} fz="sm" layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="6.5rem"><Text size="xs" c="dimmed">{own.compare}</Text></Table.Th>
          <Table.Th><Text size="xs" c="dimmed">{own.inLine}</Text></Table.Th>
          <Table.Th><Text size="xs" c="dimmed">{own.inInvoice}</Text></Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, left, right, same]) => (
          <Table.Tr key={name} style={{ background: same ? undefined : "var(--mantine-color-red-light)" }}>
            <Table.Td>{name}</Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{left}</Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              <Text span inherit fw={same ? undefined : 700}>{right}</Text>{" "}
              <span role="img" aria-label={same ? own.same : own.differs}>{same ? "✓" : "≠"}</span>
            </Table.Td>
          </Table.Tr>
        ))}
        <Table.Tr>
          <Table.Td>{own.dated}</Table.Td>
          <Table.Td>{day(line.date, language)}</Table.Td>
          <Table.Td>{day(invoice.issueDate, language)}, {own.due} {day(invoice.dueDate, language)}</Table.Td>
        </Table.Tr>
      </Table.Tbody>
    </Table>
  );
}

/** Names are compared without case, quotes and blanks: banks write them as they like. */
const plain = (title: string | undefined) => (title ?? "").toLowerCase().replace(/[«»"“”'\s]/g, "");

/** What would become of the money, in words. */
function Outcome({ line, invoice }: { line: Line; invoice: Invoice }) {
  const { language } = useTexts();
  const own = useLineTexts();
  const { pays, credit, left } = effect(line, invoice);
  const currency = line.unallocated?.currencyCode ?? "";
  const said = (nanos: bigint) => amount(moneyOf(nanos, currency), language);
  const parts = [pays > 0n && own.pays(said(pays)), credit > 0n && own.becomesCredit(said(credit))];
  const rest = left > 0n ? own.remains(said(left)) : pays > 0n && own.whole;
  return <Text size="sm" fw={600}>{[...parts, rest].filter(Boolean).join(" · ")}</Text>;
}
