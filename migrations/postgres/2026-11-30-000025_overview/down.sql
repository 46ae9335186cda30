DROP INDEX note_texts_created_at;
DROP INDEX deals_sums;
DROP INDEX invoices_sums;
DROP INDEX orders_sums;
