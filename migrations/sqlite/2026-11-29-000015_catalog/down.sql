DROP VIEW recent_prices;
DROP VIEW price_history;
DROP VIEW catalog_products;
DROP TABLE price_changes;
DROP TABLE product_variants;
DROP TABLE products;
DROP TABLE suppliers;
DROP TABLE categories;
