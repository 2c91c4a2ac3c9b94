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
  empty: "сохраняется само, пока вы печатаете",
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
  empty: "kept by itself while you type",
  save: "Save",
};

export const useNotepadTexts = textsOf(ru, en);
