// A part of a screen with a title of its own.
import { Group, Paper, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  title: string;
  /** Beside the title: a count, for one. */
  note?: ReactNode;
  /** On the right of the title: what can be done. */
  actions?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, note, actions, children }: Props) {
  return (
    <Paper component="section" withBorder p="md" radius="md" aria-label={title}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Group gap="xs" align="baseline">
          <Title order={2} size="h5">{title}</Title>
          {note !== undefined && <Text size="sm" c="dimmed" component="div">{note}</Text>}
        </Group>
        {actions}
      </Group>
      {children}
    </Paper>
  );
}
