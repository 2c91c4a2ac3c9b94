// What we offer the client: it reads, says yes or no, once.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "@mantine/core";
import { useState } from "react";
import { Cabinet } from "../gen/raschet/gateway/v1/cabinet_pb";
import { Quote_State, type Quote } from "../gen/raschet/invoicing/v1/quotes_pb";
import type { OrderLine } from "../gen/raschet/invoicing/v1/orders_pb";
import { day } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { amount, price } from "../shared/money";
import { transport } from "../shared/transport";
import { Failure } from "../ui/states";
import { useAct } from "../ui/useAct";
import { Cards } from "./lists";
import { usePlace } from "./router";
import { useCabinetTexts } from "./texts";

const ROWS = 20;
const cabinet = createClient(Cabinet, transport);

export default function QuotesPage() {
  const texts = useCabinetTexts();
  const { page } = usePlace();
  const request = { pageSize: ROWS, pageToken: page };
  const found = useQuery(Cabinet.method.listQuotes, request, { placeholderData: keepPreviousData });
  return (
    <>
      <h1>{texts.quotes}</h1>
      <Cards label={texts.quotes} found={found} rows={found.data?.quotes} empty={texts.noQuotes}
        card={(quote) => <QuoteCard key={quote.name} quote={quote} />} />
    </>
  );
}

const TONES: Record<number, string> = { [Quote_State.SENT]: "plain", [Quote_State.ACCEPTED]: "good" };

function QuoteCard({ quote }: { quote: Quote }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const open = quote.state === Quote_State.SENT;
  return (
    <li className="card">
      <div className="row top-aligned">
        <h2 className="title">{quote.subject || texts.quote(String(quote.number))}</h2>
        <span className={`badge ${TONES[quote.state] ?? "quiet"}`}>{texts.quoteStates[quote.state]}</span>
      </div>
      <span className="dim">
        {quote.subject && `${texts.quote(String(quote.number))}, `}{texts.validThrough(day(quote.validUntil, language))}
      </span>
      <ul className="offered">
        {quote.lines.map((line, index) => <Line key={index} line={line} currency={quote.total?.currencyCode ?? ""} />)}
      </ul>
      {quote.note && <p className="said">{quote.note}</p>}
      <div className="row end">
        <span>
          <b className="sum">{amount(quote.total, language)}</b>
          <span className="dim">{texts.firstPeriod}</span>
        </span>
        <Document quote={quote} />
      </div>
      {open && <Decide quote={quote} />}
      {quote.state === Quote_State.ACCEPTED && <p className="dim">{texts.quoteAccepted}</p>}
    </li>
  );
}

function Line({ line, currency }: { line: OrderLine; currency: string }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  return (
    <li>
      {(language === "en" && line.titleEn) || line.title}
      <span className="dim"> {texts.units(line.quantity)} × {texts.perCycle(price(line.unitPrice, currency, language), line.cycleMonths)}</span>
    </li>
  );
}

function Document({ quote }: { quote: Quote }) {
  const texts = useCabinetTexts();
  const [failure, setFailure] = useState<unknown>();
  const open = async () => {
    setFailure(undefined);
    try {
      const document = await cabinet.getQuoteDocument({ name: quote.name });
      const bytes = new Blob([new Uint8Array(document.content)], { type: document.contentType });
      window.open(URL.createObjectURL(bytes), "_blank");
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      <Button size="md" variant="default" onClick={() => void open()} aria-label={texts.quotePdf(String(quote.number))}>{texts.pdf}</Button>
      {failure !== undefined && <Failure error={failure} />}
    </>
  );
}

/** A yes makes an order, so it is asked for twice; a no too. */
function Decide({ quote }: { quote: Quote }) {
  const texts = useCabinetTexts();
  const common = useTexts();
  const [asked, setAsked] = useState<"yes" | "no">();
  const yes = useAct((requestId) => cabinet.acceptQuote({ name: quote.name, requestId }));
  const no = useAct((requestId) => cabinet.declineQuote({ name: quote.name, requestId }));
  const act = asked === "yes" ? yes : no;
  if (!asked) {
    return (
      <div className="acts decide">
        <Button size="md" onClick={() => setAsked("yes")}>{texts.accept}</Button>
        <Button size="md" variant="default" onClick={() => setAsked("no")}>{texts.decline}</Button>
      </div>
    );
  }
  return (
    <div role="group" aria-label={asked === "yes" ? texts.accept : texts.decline} className="decide">
      <p>{asked === "yes" ? texts.acceptSure : texts.declineSure}</p>
      {act.failure !== undefined && <Failure error={act.failure} />}
      <div className="acts">
        <Button size="md" loading={act.busy} autoFocus onClick={() => void act.run()}>
          {asked === "yes" ? texts.acceptYes : texts.declineYes}
        </Button>
        <Button size="md" variant="default" onClick={() => setAsked(undefined)}>{common.cancel}</Button>
      </div>
    </div>
  );
}
