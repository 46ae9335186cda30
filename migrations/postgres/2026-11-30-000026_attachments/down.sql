DROP VIEW attachments;
DROP TABLE attached_files;
