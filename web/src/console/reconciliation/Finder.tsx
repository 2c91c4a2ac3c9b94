// Finds what the machine did not: an invoice by number, or a client and what the client has to pay.
import { useQuery } from "@connectrpc/connect-query";
import { Box, Group, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState, type Ref } from "react";
import { Clients, type Client } from "../../gen/raschet/clients/v1/clients_pb";
import { Invoices, Invoice_PaymentState, Invoice_State, type Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { titleOf } from "../../ui/ClientLink";
import type { Candidate } from "./candidates";
import { useLineTexts } from "./texts";

interface Props {
  add: (candidate: Candidate) => void;
  ref?: Ref<HTMLInputElement>;
}

const SHOWN = 5;
const candidateOf = (invoice: Invoice): Candidate =>
  ({ key: invoice.name, invoice: invoice.name, client: invoice.client, reasons: [], found: invoice });
const creditOf = (client: string): Candidate => ({ key: `credit/${client}`, invoice: "", client, reasons: [] });

export function Finder({ add, ref }: Props) {
  const own = useLineTexts();
  const [query, setQuery] = useState("");
  const [client, setClient] = useState<Client>();
  const [wanted] = useDebouncedValue(query.trim(), 250);
  const enabled = wanted.length > 1;
  const invoices = useQuery(Invoices.method.listInvoices, { number: wanted, state: Invoice_State.ISSUED, pageSize: SHOWN }, { enabled });
  const clients = useQuery(Clients.method.listClients, { query: wanted, pageSize: SHOWN }, { enabled });
  const take = (candidate: Candidate) => {
    add(candidate);
    setQuery("");
    setClient(undefined);
  };
  return (
    <Stack gap={6}>
      <TextInput ref={ref} type="search" size="sm" label={own.findLabel} placeholder={own.find} value={query}
        onChange={(event) => { setQuery(event.currentTarget.value); setClient(undefined); }}
        onKeyDown={(event) => { if (event.key === "Escape") { setQuery(""); event.currentTarget.blur(); } }} />
      {enabled && !client && (
        <Box role="group" aria-label={own.findLabel}>
          {invoices.data?.invoices.map((invoice) => <FoundInvoice key={invoice.name} invoice={invoice} take={take} />)}
          {clients.data?.clients.map((client) => (
            <Row key={client.name} run={() => setClient(client)} left={titleOf(client)} right={`№ ${client.number} →`} />
          ))}
          {invoices.data?.invoices.length === 0 && clients.data?.clients.length === 0 && <Nothing />}
        </Box>
      )}
      {client && <OfClient client={client} take={take} />}
    </Stack>
  );
}

function Nothing() {
  const texts = useTexts();
  return <Text size="sm" c="dimmed">{texts.notFound}</Text>;
}

function OfClient({ client, take }: { client: Client; take: (candidate: Candidate) => void }) {
  const own = useLineTexts();
  const found = useQuery(Invoices.method.listInvoices, { client: client.name, state: Invoice_State.ISSUED, pageSize: 50 });
  const open = found.data?.invoices.filter((invoice) => invoice.paymentState !== Invoice_PaymentState.PAID);
  return (
    <Box role="group" aria-label={titleOf(client)}>
      <Text size="sm" fw={600}>{titleOf(client)} · {own.openInvoices}</Text>
      {open?.map((invoice) => <FoundInvoice key={invoice.name} invoice={invoice} take={take} />)}
      {open?.length === 0 && <Text size="sm" c="dimmed">{own.nothingOpen}</Text>}
      <Row run={() => take(creditOf(client.name))} left={own.credit} right="+" />
    </Box>
  );
}

function FoundInvoice({ invoice, take }: { invoice: Invoice; take: (candidate: Candidate) => void }) {
  const { language } = useTexts();
  const own = useLineTexts();
  return <Row run={() => take(candidateOf(invoice))} left={`${own.invoice(invoice.number)} · ${invoice.payerTitle}`} right={amount(invoice.residual, language)} />;
}

function Row({ run, left, right }: { run: () => void; left: string; right: string }) {
  return (
    <UnstyledButton w="100%" py={6} onClick={run} style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{left}</Text>
        <Text size="sm" style={{ whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" }}>{right}</Text>
      </Group>
    </UnstyledButton>
  );
}
