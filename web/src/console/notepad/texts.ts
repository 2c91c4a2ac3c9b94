// Texts of one's own notes.
import { textsOf } from "../../shared/dictionary";

export const ru = {
  title: "Мои заметки",
  secret: "Их видите только вы, администратор тоже не видит.",
  label: "Текст заметок",
  placeholder: "Что не хочется забыть",
  saved: (time: string) => `✓ сохранено ${time}`,
  saving: "сохраняем…",
  unsaved: "ещё не сохранено",
  empty: "пока пусто",
  save: "Сохранить",
};

export const en: typeof ru = {
  title: "My notes",
  secret: "You alone see them; administrators do not.",
  label: "Text of the notes",
  placeholder: "What you do not want to forget",
  saved: (time) => `✓ saved ${time}`,
  saving: "saving…",
  unsaved: "not saved yet",
  empty: "nothing yet",
  save: "Save",
};

export const useNotepadTexts = textsOf(ru, en);
