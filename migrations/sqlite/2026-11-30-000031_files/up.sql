-- Files that were sent to us, by their keys: which of those that are kept a row still names.

ALTER TABLE products ADD COLUMN main_image_key TEXT;
CREATE INDEX products_picture ON products (organization_id, main_image_key)
    WHERE main_image_key IS NOT NULL;

ALTER TABLE attached_files ADD COLUMN file_key TEXT;
CREATE INDEX attached_files_file ON attached_files (organization_id, file_key)
    WHERE file_key IS NOT NULL;
