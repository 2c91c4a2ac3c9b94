// Steps through a list page by page: keyset pages go forward, and back to the first.
import { Button, Group } from "@mantine/core";
import { useTexts } from "../shared/dictionary";

interface Props {
  /** The token of the page shown; empty on the first. */
  page: string | undefined;
  /** `next_page_token` of the answer; empty on the last. */
  next: string | undefined;
  turn: (page: string | undefined) => void;
}

export function Pager({ page, next, turn }: Props) {
  const texts = useTexts();
  if (!page && !next) return null;
  return (
    <Group>
      {page && <Button variant="default" onClick={() => turn(undefined)}>{texts.first}</Button>}
      {next && <Button variant="default" onClick={() => turn(next)}>{texts.next}</Button>}
    </Group>
  );
}
