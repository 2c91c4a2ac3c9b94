// Asks before an act that cannot be taken back.
import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../shared/dictionary";
import { Failure } from "./DataTable";
import type { Act } from "./useAct";

interface Props {
  opened: boolean;
  close: () => void;
  title: string;
  /** What the button that does it says. */
  verb: string;
  act: Act;
  /** Something is still to be filled in. */
  incomplete?: boolean;
  /** What will happen, and to what. */
  children: ReactNode;
}

export function Confirm({ opened, close, title, verb, act, incomplete, children }: Props) {
  const texts = useTexts();
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ "aria-label": texts.close }}>
      <Stack component="form" onSubmit={(event) => { event.preventDefault(); if (!act.busy) void act.run(); }}>
        {children}
        {act.failure !== undefined && <Failure error={act.failure} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>{texts.cancel}</Button>
          <Button type="submit" loading={act.busy} disabled={incomplete}
            data-autofocus={incomplete === undefined || undefined}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
