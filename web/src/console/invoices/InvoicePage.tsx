// One invoice: what it asks for and why, what was paid, and for a held one the check before it leaves.
import { useQuery } from "@connectrpc/connect-query";
import { Alert, Anchor, Badge, Group, Stack, Text, Title } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Invoices, Invoice_State, type Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { day, dayOf, moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount, sign } from "../../shared/money";
import { Failure, Loading } from "../../ui/DataTable";
import { Figure, Figures } from "../../ui/Figure";
import { Panel } from "../../ui/Panel";
import { Actions } from "./Actions";
import { Check } from "./Check";
import { LateFee } from "./LateFee";
import { Lines } from "./Lines";
import { Payments } from "./Payments";
import { StateBadge } from "./StateBadge";
import { useInvoiceTexts } from "./texts";

const route = getRouteApi("/shell/invoices/$id");

export function InvoicePage() {
  const { id } = route.useParams();
  const found = useQuery(Invoices.method.getInvoice, { name: `invoices/${id}` });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown key={id} invoice={found.data} />;
}

function Shown({ invoice }: { invoice: Invoice }) {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const waits = invoice.state === Invoice_State.HELD || invoice.state === Invoice_State.DRAFT;
  return (
    <Stack>
      <Group justify="space-between" align="start">
        <Head invoice={invoice} />
        <Actions invoice={invoice} />
      </Group>
      <Notices invoice={invoice} />
      <Sums invoice={invoice} />
      <Panel title={own.lines}>
        <Lines lines={invoice.lines} />
        <Text ta="right" fw={700} size="lg" mt="sm">{texts.total}: {amount(invoice.total, texts.language)}</Text>
        <Text ta="right" size="sm" c="dimmed">{invoice.taxPhrase}</Text>
      </Panel>
      {waits ? <Check invoice={invoice} /> : <Payments invoice={invoice} />}
      {!waits && <LateFee invoice={invoice} />}
    </Stack>
  );
}

function Head({ invoice }: { invoice: Invoice }) {
  const own = useInvoiceTexts();
  const { language } = useTexts();
  const id = invoice.client.replace("clients/", "");
  const made = dayOf(invoice.createTime, language);
  return (
    <div>
      <Group gap="xs">
        <Title order={1} size="h2">{invoice.number ? `№ ${invoice.number}` : `${own.preview}, ${made}`}</Title>
        <StateBadge invoice={invoice} />
        <Badge color="gray" c="var(--mantine-color-text)">{own.kinds[invoice.kind]}</Badge>
      </Group>
      <Text>
        {invoice.payerTitle}{" · "}
        <Anchor inherit underline="always" renderRoot={(props) => <Link to="/clients/$id" params={{ id }} search={{}} {...props} />}>{own.card}</Anchor>
      </Text>
    </div>
  );
}

function Notices({ invoice }: { invoice: Invoice }) {
  const { language } = useTexts();
  const own = useInvoiceTexts();
  const reminded = invoice.overdueNotices.map((date) => day(date, language)).join(", ");
  const id = invoice.replaces.replace("invoices/", "");
  return (
    <>
      {invoice.state === Invoice_State.HELD && <Alert color="grape" variant="outline" py="xs">{own.held}</Alert>}
      {invoice.cancelReason && <Alert color="gray" variant="outline" py="xs">{own.cancelled}: {invoice.cancelReason}</Alert>}
      {reminded && <Text size="sm">{own.reminded(reminded)}</Text>}
      {id && (
        <Text size="sm">
          {own.replaces}.{" "}
          <Anchor inherit underline="always" renderRoot={(props) => <Link to="/invoices/$id" params={{ id }} {...props} />}>{own.openReplaced}</Anchor>
        </Text>
      )}
    </>
  );
}

/** What has become of the sum, once there is something to pay. */
function Sums({ invoice }: { invoice: Invoice }) {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const { language } = texts;
  if (invoice.state !== Invoice_State.ISSUED) return null;
  const open = sign(invoice.residual) > 0;
  const paid = invoice.paidTime && own.paidOn(moment(invoice.paidTime, language));
  const note = open ? own.dueOn(day(invoice.dueDate, language)) : paid;
  return (
    <Figures>
      <Figure name={own.left} value={amount(invoice.residual, language)} note={note || undefined}
        tone={invoice.overdue ? "bad" : open ? undefined : "good"} />
      <Figure name={own.paid} value={amount(invoice.applied, language)} />
      {sign(invoice.credited) > 0 && <Figure name={own.credited} value={amount(invoice.credited, language)} />}
      <Figure name={texts.total} value={amount(invoice.total, language)} note={`${own.issued} ${day(invoice.issueDate, language)}`} />
    </Figures>
  );
}
