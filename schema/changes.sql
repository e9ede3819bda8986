-------------------------------------------------------------------------
-- The log of changes
-------------------------------------------------------------------------

CREATE TABLE flow.rollup_change (
    relation regclass NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    expired boolean NOT NULL
);

-- Rows come and go without a key; who publishes all tables may delete them, too.
ALTER TABLE flow.rollup_change REPLICA IDENTITY FULL;

COMMENT ON TABLE flow.rollup_change IS
'Which times of watched tables, those with rollups and schedules, were written to since
somebody last looked: rows with times from since to until (exclusive) were added,
changed or deleted, or more likely some of them.  The rows are written by the
transaction that changes the table, when it ends.  Everybody may read them.
Dumped with the database, except for tables that are no more.';
COMMENT ON COLUMN flow.rollup_change.relation IS 'the table that was changed';
COMMENT ON COLUMN flow.rollup_change.expired IS
'true: options of the table, such as retain, have removed rows before until,
and what is known of them stays';

SELECT pg_catalog.pg_extension_config_dump('flow.rollup_change',
    'WHERE relation::oid IN (SELECT oid FROM pg_catalog.pg_class)');

GRANT SELECT ON flow.rollup_change TO PUBLIC;

CREATE FUNCTION flow.rollup_watch()
RETURNS trigger
AS 'MODULE_PATHNAME', 'fs_rollup_watch'
LANGUAGE C;

COMMENT ON FUNCTION flow.rollup_watch() IS
'Trigger of tables with rollups; its argument is the column of the times.  On a
flowstore table one AFTER TRUNCATE trigger is enough, and makes the table log
its changes in flow.rollup_change; other tables need AFTER triggers for each
statement with transition tables, for INSERT, UPDATE and DELETE.  Without these,
or without a timestamptz column of that name, the whole table counts as changed.
flow.create_rollup() makes the triggers.';
