// Letters and notes in order. Whose word it is shows in colour, edge and words.
import { Badge, Button, Group, Text, type MantineColor } from "@mantine/core";
import { useState } from "react";
import { Message_Kind, Ticket_State, type Attachment, type Message, type Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { useNow } from "../../shared/caller";
import { ago, moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import type { Names } from "../../shared/useNames";
import { Timeline, TimelineEntry } from "../../ui/Timeline";
import { ClipIcon, LockIcon } from "../../ui/icons";
import { Failure } from "../../ui/DataTable";
import { download } from "./download";
import { Became, story } from "./History";
import { LetterHtml } from "./LetterHtml";
import { SplitDialog } from "./parking";
import { useTicketTexts } from "./texts";

const TONES: Record<number, MantineColor> = {
  [Message_Kind.CLIENT]: "blue",
  [Message_Kind.STAFF]: "teal",
  [Message_Kind.NOTE]: "yellow",
};

/** What was said, and what became of the ticket in between, in order. */
export function Thread({ ticket, names }: { ticket: Ticket; names: Names }) {
  const own = useTicketTexts();
  return (
    <Timeline label={own.thread}>
      {story(ticket).map((entry, at) => "author" in entry
        ? <One key={entry.name} ticket={ticket} message={entry} names={names} />
        : <Became key={at} change={entry} names={names} />)}
    </Timeline>
  );
}

function One({ ticket, message, names }: { ticket: Ticket; message: Message; names: Names }) {
  const { language } = useTexts();
  const own = useTicketTexts();
  const now = useNow();
  const [splits, setSplits] = useState(false);
  const note = message.kind === Message_Kind.NOTE;
  const who = message.author === "system" ? "" : (names.staff(message.author) ?? message.author);
  const when = [ago(message.createTime, now, language), moment(message.createTime, language)].filter(Boolean).join(" · ");
  const aside = note ? own.inside : message.kind === Message_Kind.AUTO ? own.robot : "";
  return (
    <TimelineEntry tone={TONES[message.kind] ?? "gray"} label={own.kinds[message.kind] ?? ""} inside={note} when={when}
      who={<>{who}{aside && <Badge ml={8} color={note ? "yellow" : "gray"} c="var(--mantine-color-text)" leftSection={note ? <LockIcon /> : undefined}>{aside}</Badge>}</>}>
      <Body message={message} />
      <Files message={message} />
      {splittable(ticket, message) && (
        <Button mt={6} size="compact-xs" variant="subtle" color="gray" onClick={() => setSplits(true)}>{own.split}</Button>
      )}
      {splits && <SplitDialog ticket={ticket} message={message} close={() => setSplits(false)} />}
    </TimelineEntry>
  );
}

/** A later letter of the client may be about something else; the first is what the ticket is about. */
const splittable = ({ state }: Ticket, { kind, sequence }: Message) =>
  kind === Message_Kind.CLIENT && sequence > 1 && state !== Ticket_State.MERGED;

/** Text first: it is what the writer said, without quotes and layout. */
function Body({ message }: { message: Message }) {
  const own = useTicketTexts();
  const [laidOut, setLaidOut] = useState(false);
  const text = <Words text={message.text.trim()} />;
  if (!message.html) return text;
  return (
    <>
      {laidOut ? <LetterHtml html={message.html} /> : text}
      <Button mt={6} size="compact-sm" variant="default" onClick={() => setLaidOut(!laidOut)}>{laidOut ? own.asText : own.asLetter}</Button>
    </>
  );
}

/** What is quoted steps back behind what is said. */
function Words({ text }: { text: string }) {
  const parts = text.split(/((?:^>.*\n?)+)/m).filter((part) => part !== "");
  return (
    <Text component="div" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {parts.map((part, at) => (part.startsWith(">") ? <Text key={at} span size="sm" c="dimmed">{part}</Text> : part))}
    </Text>
  );
}

const UNITS = { ru: ["Б", "КБ", "МБ"], en: ["B", "kB", "MB"] };

function size(bytes: bigint, language: string): string {
  const units = language === "ru" ? UNITS.ru : UNITS.en;
  let [value, at] = [Number(bytes), 0];
  while (value >= 1024 && at < 2) [value, at] = [value / 1024, at + 1];
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: at ? 1 : 0 }).format(value)} ${units[at]}`;
}

function Files({ message }: { message: Message }) {
  const { language } = useTexts();
  const own = useTicketTexts();
  const [busy, setBusy] = useState("");
  const [failure, setFailure] = useState<unknown>();
  const take = async (file: Attachment) => {
    setBusy(file.name);
    setFailure(undefined);
    await download(file).catch(setFailure);
    setBusy("");
  };
  if (message.attachments.length === 0) return null;
  return (
    <Group gap={6} mt={8} component="section" aria-label={own.attachments}>
      {message.attachments.map((file) => (
        <Button key={file.name} size="compact-sm" variant="default" fw={500} leftSection={<ClipIcon />}
          loading={busy === file.name} onClick={() => void take(file)} aria-label={own.download(file.filename)}>
          {file.filename} · {size(file.size, language)}
        </Button>
      ))}
      {failure !== undefined && <Failure error={failure} />}
    </Group>
  );
}
