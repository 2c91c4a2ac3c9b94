import { expect, test } from "vitest";
import { create } from "@bufbuild/protobuf";
import { MessageSchema, TicketSchema } from "../../gen/raschet/tickets/v1/tickets_pb";
import { mentioned, story } from "./History";

const at = (seconds: number) => ({ seconds: BigInt(seconds), nanos: 0 });

// A215, A216: what became of a ticket stands where it happened; a message before what it brought about.
test("messages and changes are one story", () => {
  const ticket = create(TicketSchema, {
    messages: [
      { name: "messages/1", createTime: at(1) },
      { name: "messages/2", createTime: at(3) },
      { name: "messages/3", createTime: at(5) },
    ],
    changes: [
      { field: "assignee", to: "staff/a", actor: "staff/b", createTime: at(2) },
      { field: "state", from: "OPEN", to: "IN_PROGRESS", actor: "staff/b", createTime: at(2) },
      { field: "state", from: "IN_PROGRESS", to: "CLOSED", actor: "staff/a", createTime: at(4) },
      { field: "state", from: "CLOSED", to: "OPEN", actor: "inboundLetters/1", createTime: at(5) },
    ],
  });
  const told = story(ticket).map((entry) => (entry.$typeName === MessageSchema.typeName ? "message" : `${entry.from}>${entry.to}`));
  expect(told).toEqual(["message", ">staff/a", "message", "IN_PROGRESS>CLOSED", "message", "CLOSED>OPEN"]);
  expect(mentioned(ticket)).toEqual(["staff/b", "staff/a", "staff/b", "staff/a"]);
});
