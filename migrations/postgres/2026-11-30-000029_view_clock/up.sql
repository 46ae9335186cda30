-- Nothing to do: PostgreSQL's views know the present to the microsecond. SQLite's learn it to the millisecond.
SELECT 1;
