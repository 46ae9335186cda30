DROP INDEX attached_files_file;
ALTER TABLE attached_files DROP COLUMN file_key;
DROP INDEX products_picture;
ALTER TABLE products DROP COLUMN main_image_key;
