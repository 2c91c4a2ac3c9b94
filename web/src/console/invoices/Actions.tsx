// What can be done with an invoice. What has left is never called back: it is cancelled or reissued,
// with a reason.
import { createClient } from "@connectrpc/connect";
import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Invoices, Invoice_State, type Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { transport } from "../../shared/transport";
import { Failure } from "../../ui/DataTable";
import { Confirm } from "../../ui/Confirm";
import { useAct } from "../../ui/useAct";
import { openDocument } from "./document";
import { useInvoiceTexts } from "./texts";

const invoices = createClient(Invoices, transport);
type Asked = "issue" | "cancel" | "reissue";

export function Actions({ invoice }: { invoice: Invoice }) {
  const own = useInvoiceTexts();
  const [asked, setAsked] = useState<Asked>();
  const [failure, setFailure] = useState<unknown>();
  const held = invoice.state === Invoice_State.HELD;
  const issued = invoice.state === Invoice_State.ISSUED;
  const open = () => {
    setFailure(undefined);
    openDocument(invoice.name).catch(setFailure);
  };
  const close = () => setAsked(undefined);
  return (
    <Stack gap="xs" align="end">
      <Group gap="xs">
        {(held || issued) && <Button variant="subtle" color="gray" onClick={() => setAsked("cancel")}>{own.cancel}</Button>}
        {issued && <Button variant="default" onClick={() => setAsked("reissue")}>{own.reissue}</Button>}
        <Button variant="default" onClick={open}>{own.pdf}</Button>
        {held && <Button onClick={() => setAsked("issue")}>{own.issue}</Button>}
      </Group>
      {failure !== undefined && <Failure error={failure} />}
      {asked === "issue" && <Issue invoice={invoice} close={close} />}
      {asked === "cancel" && <Cancel invoice={invoice} close={close} />}
      {asked === "reissue" && <Reissue invoice={invoice} close={close} />}
    </Stack>
  );
}

interface Props {
  invoice: Invoice;
  close: () => void;
}

function Issue({ invoice, close }: Props) {
  const own = useInvoiceTexts();
  const { language } = useTexts();
  const act = useAct((requestId) => invoices.issueInvoice({ name: invoice.name, etag: invoice.etag, requestId }), close);
  return (
    <Confirm opened close={close} title={own.issueTitle} verb={own.issue} act={act}>
      <Text fw={600}>{invoice.payerTitle} · {amount(invoice.total, language)}</Text>
      <Text size="sm">{own.issueText}</Text>
    </Confirm>
  );
}

function Cancel({ invoice, close }: Props) {
  const own = useInvoiceTexts();
  const [reason, setReason] = useState("");
  const { name, etag } = invoice;
  const act = useAct((requestId) => invoices.cancelInvoice({ name, etag, reason, requestId }), close);
  return (
    <Confirm opened close={close} title={own.cancelTitle} verb={own.cancel} act={act} incomplete={!reason.trim()}>
      <Text size="sm">{invoice.state === Invoice_State.HELD ? own.cancelHeld : own.cancelIssued}</Text>
      <Reason value={reason} set={setReason} />
    </Confirm>
  );
}

function Reissue({ invoice, close }: Props) {
  const own = useInvoiceTexts();
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const { name, etag } = invoice;
  const act = useAct(
    (requestId) => invoices.reissueInvoice({ name, etag, reason, requestId }),
    (successor) => void navigate({ to: "/invoices/$id", params: { id: successor.name.replace("invoices/", "") } }),
  );
  return (
    <Confirm opened close={close} title={own.reissueTitle} verb={own.reissue} act={act} incomplete={!reason.trim()}>
      <Text size="sm">{own.reissueText}</Text>
      <Reason value={reason} set={setReason} />
    </Confirm>
  );
}

function Reason({ value, set }: { value: string; set: (value: string) => void }) {
  const own = useInvoiceTexts();
  return (
    <Textarea label={own.reason} description={own.reasonHint} required autosize data-autofocus maxLength={1000} value={value}
      onChange={(event) => set(event.currentTarget.value)} />
  );
}
