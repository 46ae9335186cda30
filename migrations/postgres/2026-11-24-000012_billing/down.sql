DROP TABLE plan_requests;
DROP TABLE plan_overrides;
