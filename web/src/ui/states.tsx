// What a screen shows while it waits, and when that failed. Apart from the table, which the cabinet
// does not load.
import { Alert, Button, Skeleton, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useTexts } from "../shared/dictionary";
import { explain } from "../shared/transport";

export function Loading() {
  const texts = useTexts();
  return (
    <Stack role="status" gap="xs">
      <VisuallyHidden>{texts.loading}</VisuallyHidden>
      {[0, 1, 2, 3, 4].map((row) => <Skeleton key={row} height={30} />)}
    </Stack>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const texts = useTexts();
  return (
    <Alert role="alert" color="red" title={texts.failed} variant="outline">
      <Stack align="start" gap="xs">
        <Text size="sm">{explain(error, texts)}</Text>
        {retry && <Button size="xs" variant="default" onClick={retry}>{texts.retry}</Button>}
      </Stack>
    </Alert>
  );
}
