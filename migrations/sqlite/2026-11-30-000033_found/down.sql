DROP INDEX order_lines_variant_live;
DROP INDEX contacts_names;
