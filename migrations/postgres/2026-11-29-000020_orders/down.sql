DROP VIEW sales_orders;
DROP TABLE order_lines;
DROP TABLE orders;
DROP TABLE number_series;
