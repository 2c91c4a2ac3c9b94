// Texts of the change of a service.
import { textsOf } from "../../shared/dictionary";

export const ru = {
  title: "Изменить количество",
  now: (quantity: number) => `Сейчас: ${quantity}`,
  quantity: "Сколько должно стать",
  from: "С какого дня",
  today: "Если не указать — с сегодняшнего",
  same: "Укажите другое количество: расчёт появится здесь.",
  counting: "Пересчитывается…",
  toPay: "К доплате",
  toCredit: "Вернётся на баланс",
  nothing: "Доплаты нет",
  outcome: (before: number, after: number, from: string | undefined) =>
    from ? `Было ${before}, станет ${after} с ${from}.` : `Было ${before}, станет ${after}. Вперёд ничего не выставлено, доплаты нет.`,
  vat: "в том числе НДС",
  endsWithMain: (day: string) =>
    `Почему по ${day}: по этот день выставлена основная услуга, и обе заканчиваются вместе. Дальше новое количество войдёт в общий счёт.`,
  ends: (day: string) =>
    `Почему по ${day}: по этот день услуга уже выставлена. Дальше новое количество войдёт в обычный счёт.`,
  held: "Появится счёт на проверке. Клиент не увидит его и не получит письма, пока вы не выпустите.",
  downgrade: "Да, уменьшить: разница вернётся на баланс клиента",
  confirm: (before: number, after: number) => `Изменить: ${before} → ${after}`,
  stale: (before: string, after: string) =>
    `Пока вы смотрели, услуга изменилась. Было ${before}, стало ${after}. Проверьте расчёт и подтвердите ещё раз.`,
  suspend: "Приостановить",
  suspendTitle: "Приостановить услугу?",
  suspendText: "Услуга остановится сегодня, и новых счетов за неё не будет, пока вы её не возобновите или клиент не оплатит счёт.",
  reason: "Причина",
  reasonHint: "Её прочитает и клиент в своём кабинете",
  unwanted: (date: string) => `Договорились не приостанавливать до ${date}.`,
  anyway: "Всё равно приостановить",
  protect: "Отсрочка",
  protectTitle: "Не приостанавливать до…",
  protectText: "До этого дня услугу нельзя приостановить, не подтвердив это отдельно.",
  protectUntil: "С какого дня снова можно",
  protectHint: "Пусто — в любой день",
  protectVerb: "Обещать",
  protectOff: "Снять отсрочку",
  resume: "Возобновить",
  resumeTitle: "Возобновить услугу?",
  resumeText: "Услуга заработает с сегодняшнего дня. За дни простоя, на которые счёт ещё не выставлен, платить не придётся.",
};

export const en: typeof ru = {
  title: "Change the quantity",
  now: (quantity) => `Now: ${quantity}`,
  quantity: "How many there shall be",
  from: "From which day",
  today: "Without a day: from today",
  same: "Give another quantity: the sum appears here.",
  counting: "Counting anew…",
  toPay: "To pay",
  toCredit: "Back to the balance",
  nothing: "Nothing to pay",
  outcome: (before, after, from) =>
    from ? `It was ${before}, it will be ${after} from ${from}.` : `It was ${before}, it will be ${after}. Nothing ahead is billed, so nothing is to pay.`,
  vat: "VAT in it",
  endsWithMain: (day) =>
    `Why to ${day}: the main service is billed to that day, and both end together. After it, the new quantity is on the common invoice.`,
  ends: (day) => `Why to ${day}: the service is billed to that day already. After it, the new quantity is on the usual invoice.`,
  held: "A held invoice appears. The client does not see it, and gets no letter, until you issue it.",
  downgrade: "Yes, less: the difference goes back to the client's balance",
  confirm: (before, after) => `Change: ${before} → ${after}`,
  stale: (before, after) =>
    `The service changed while you looked. It was ${before}, it is ${after} now. Check the sum and confirm again.`,
  suspend: "Suspend",
  suspendTitle: "Suspend the service?",
  suspendText: "The service stops today, and no new invoices are made for it until you resume it or the client pays an invoice.",
  reason: "Reason",
  reasonHint: "The client reads it too, in the client area",
  unwanted: (date) => `It was agreed not to suspend it before ${date}.`,
  anyway: "Suspend it all the same",
  protect: "Grace",
  protectTitle: "Do not suspend before…",
  protectText: "Until that day the service can only be suspended by whoever confirms it apart.",
  protectUntil: "First day on which it may be",
  protectHint: "Empty means any day",
  protectVerb: "Promise",
  protectOff: "Take it back",
  resume: "Resume",
  resumeTitle: "Resume the service?",
  resumeText: "The service works again from today. Days without service that are on no invoice yet will not be charged.",
};

export const useServiceTexts = textsOf(ru, en);
