DROP INDEX deals_lead_live;
DROP INDEX deals_company_live;
DROP INDEX deals_contact_live;
