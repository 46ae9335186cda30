DROP VIEW notes;
DROP TABLE note_texts;
