-------------------------------------------------------------------------
-- Access method
-------------------------------------------------------------------------

CREATE FUNCTION flow.table_am_handler(internal)
RETURNS table_am_handler
AS 'MODULE_PATHNAME', 'fs_table_am_handler'
LANGUAGE C STRICT;

COMMENT ON FUNCTION flow.table_am_handler(internal) IS
'handler of access method flowstore; not to be called';

CREATE ACCESS METHOD flowstore TYPE TABLE HANDLER flow.table_am_handler;

COMMENT ON ACCESS METHOD flowstore IS
'columnar storage for network flow records';
