DROP TABLE shipment_parts;
DROP TABLE shipments;
