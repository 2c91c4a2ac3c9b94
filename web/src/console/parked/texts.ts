// Texts of the screen about parked work.
import { textsOf } from "../../shared/dictionary";

export const ru = {
  title: "Застрявшее",
  about: "Задания и события, которые не могут идти дальше сами. Пока они здесь, дела их клиентов стоят.",
  nothing: "Ничего не застряло",
  service: "Служба",
  kind: "Что",
  client: "Клиент",
  error: "Почему",
  heldBack: "Ждёт того, что застряло раньше",
  since: "С какого времени",
  tries: "Попыток",
  acts: "Действия",
  retry: "Повторить",
  discard: "Отказаться",
  discardTitle: "Отказаться от этого?",
  discardText: "Оно не будет сделано никогда. Причина останется в истории.",
  reason: "Причина",
};

export const en: typeof ru = {
  title: "Parked",
  about: "Jobs and events that cannot go on by themselves. While they are here, their clients' affairs stand.",
  nothing: "Nothing is parked",
  service: "Service",
  kind: "What",
  client: "Client",
  error: "Why",
  heldBack: "Waits for what was parked before it",
  since: "Since",
  tries: "Tries",
  acts: "Acts",
  retry: "Try again",
  discard: "Give up",
  discardTitle: "Give it up?",
  discardText: "It will never be done. The reason is kept.",
  reason: "Reason",
};

export const useParkedTexts = textsOf(ru, en);
