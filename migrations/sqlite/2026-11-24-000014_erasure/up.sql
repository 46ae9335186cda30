-- SQLite has no roles: the server that keeps the file may end a trail in it.
SELECT 1;
