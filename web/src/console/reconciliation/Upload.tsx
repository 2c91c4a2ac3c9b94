// A statement from a file of this computer, and what became of its lines.
import { useQuery } from "@connectrpc/connect-query";
import { Alert, Button, FileButton, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { Lines, Line_State } from "../../gen/raschet/payments/v1/lines_pb";
import type { ImportStatementResponse } from "../../gen/raschet/payments/v1/statements_pb";
import { FileRefused, importStatement } from "../../shared/files";
import { useTexts } from "../../shared/dictionary";
import { Facts } from "../../ui/Facts";
import { useAct } from "../../ui/useAct";
import { useLineTexts } from "./texts";

export function Upload() {
  const texts = useTexts();
  const own = useLineTexts();
  const [opened, setOpened] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const [result, setResult] = useState<ImportStatementResponse>();
  // A person's word for one file: another one is another question.
  const whole = useRef(false);
  const act = useAct(async (requestId) => {
    if (file) setResult(await importStatement(file, requestId, whole.current));
  });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    whole.current = false;
    setResult(undefined);
    act.clear?.();
  };
  const cut = act.failure instanceof FileRefused && act.failure.reason === "STATEMENT_TRUNCATED";
  return (
    <>
      <Button onClick={() => setOpened(true)}>{own.upload}</Button>
      <Modal opened={opened} onClose={() => { setOpened(false); choose(null); }} title={own.uploadTitle} closeButtonProps={{ "aria-label": texts.close }}>
        {result ? <Result result={result} close={() => { setOpened(false); choose(null); }} again={() => choose(null)} /> : (
          <Stack>
            <Text size="sm">{own.uploadText}</Text>
            <Group>
              <FileButton onChange={choose} accept=".txt,.1c,text/plain">
                {(props) => <Button variant="default" {...props}>{own.choose}</Button>}
              </FileButton>
              <Text size="sm" role="status">{file && `${own.chosen}: ${file.name}`}</Text>
            </Group>
            {act.failure !== undefined && <Refusal error={act.failure} />}
            <Group justify="end">
              <Button variant="default" onClick={() => setOpened(false)}>{texts.cancel}</Button>
              {cut
                ? <Button loading={act.busy} onClick={() => { whole.current = true; void act.run(); }}>{own.wholeFile}</Button>
                : <Button loading={act.busy} disabled={!file} onClick={() => void act.run()}>{own.send}</Button>}
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}

function Refusal({ error }: { error: unknown }) {
  const texts = useTexts();
  const text = error instanceof FileRefused ? error.message : texts.offline;
  return <Alert role="alert" color="red" variant="outline" title={texts.failed}>{text}</Alert>;
}

/** How many lines of a statement are in a state; asked again while the matcher is at work. */
function useCount(statement: string, state: Line_State, working: boolean) {
  const request = { statement, state, pageSize: 1 };
  return useQuery(Lines.method.listLines, request, { refetchInterval: working ? 700 : false }).data?.totalSize;
}

interface ResultProps {
  result: ImportStatementResponse;
  close: () => void;
  again: () => void;
}

function Result({ result, close, again }: ResultProps) {
  const texts = useTexts();
  const own = useLineTexts();
  const name = result.statement?.name ?? "";
  const [settled, setSettled] = useState(false);
  const working = useCount(name, Line_State.IMPORTED, !settled);
  if (working === 0 && !settled) setSettled(true);
  const matched = useCount(name, Line_State.MATCHED, !settled);
  const waiting = useCount(name, Line_State.REVIEW, !settled);
  return (
    <Stack>
      <Text fw={600}>{result.statement?.filename}</Text>
      <Facts facts={[
        [own.newLines, String(result.imported)],
        [own.repeated, String(result.repeatedLines)],
        [own.matched, String(matched ?? "…")],
        [own.waiting, String(waiting ?? "…")],
        [own.working, !settled && <Loader size="xs" aria-label={own.sending} />],
        [own.bad, result.badDocuments.length > 0 && String(result.badDocuments.length)],
      ]} />
      {result.badDocuments.length > 0 && (
        <Alert color="red" variant="outline" title={own.bad}>
          {result.badDocuments.map((bad) => <Text size="sm" key={`${bad.line}${bad.field}`}>{own.badLine(bad.line)}, {bad.field}: {bad.text}</Text>)}
        </Alert>
      )}
      {result.warnings.length > 0 && (
        <Alert color="yellow" variant="outline" title={own.warnings}>
          {result.warnings.map((warning, at) => <Text size="sm" key={at}>{warning.text}</Text>)}
        </Alert>
      )}
      <Group justify="end">
        <Button variant="default" onClick={again}>{own.another}</Button>
        <Button onClick={close} renderRoot={(props) => (
          <Link to="/reconciliation" search={{ statement: name.replace("statements/", ""), state: waiting ? undefined : Line_State.MATCHED }} {...props} />
        )}>
          {own.show}
        </Button>
      </Group>
      <Text size="sm" role="status" c="dimmed">{settled ? "" : texts.loading}</Text>
    </Stack>
  );
}
