DROP TABLE refunds;
DROP TABLE payments;
DROP TABLE credit_notes;
DROP TABLE invoices;
