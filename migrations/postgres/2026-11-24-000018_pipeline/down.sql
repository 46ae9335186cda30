DROP VIEW opportunity_stage_changes;
DROP TABLE stage_changes;
DROP VIEW opportunities;
DROP TABLE deals;
DROP TABLE leads;
DROP TABLE deal_stages;
DROP TABLE pipelines;
