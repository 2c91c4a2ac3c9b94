// What a tired person would overlook: found before an invoice leaves, worst first, with what to do.
import { useQuery } from "@connectrpc/connect-query";
import { Stack, Text } from "@mantine/core";
import { Findings as Service, Finding_Severity, type Finding } from "../../gen/raschet/invoicing/v1/findings_pb";
import type { Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { Failure } from "../../ui/DataTable";
import classes from "./Findings.module.css";
import { useInvoiceTexts } from "./texts";

export function Findings({ invoice }: { invoice: Invoice }) {
  const own = useInvoiceTexts();
  const { client, name } = invoice;
  const found = useQuery(Service.method.checkClient, { client, invoice: name });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  // The document below is what one came for: nothing jumps in front of it while this is looked up.
  if (!found.data) return <Text size="sm" c="dimmed" mb="sm" role="status">{own.looking}</Text>;
  const { findings } = found.data;
  if (findings.length === 0) return <Text size="sm" mb="sm" className={classes.clean}>{own.noFindings}</Text>;
  return (
    <Stack component="ul" gap="xs" mb="md" className={classes.list} aria-label={own.findings}>
      {findings.map((finding, index) => <Row key={index} finding={finding} />)}
    </Stack>
  );
}

function Row({ finding }: { finding: Finding }) {
  const own = useInvoiceTexts();
  const wrong = finding.severity === Finding_Severity.ERROR;
  return (
    <li className={classes.row} data-wrong={wrong || undefined}>
      <Text size="sm" fw={600}>{wrong ? own.wrong : own.look}: {finding.text}</Text>
      {finding.title && <Text size="sm" c="dimmed">{finding.title}</Text>}
      <Text size="sm">→ {finding.advice}</Text>
    </li>
  );
}
