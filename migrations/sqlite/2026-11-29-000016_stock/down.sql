DROP TABLE stock_movements;
DROP TABLE inventory_lots;
