-------------------------------------------------------------------------
-- Collectors
-------------------------------------------------------------------------

CREATE TABLE flow.collectors (
    name text PRIMARY KEY,
    host text,
    pid integer,
    version text,
    started timestamptz,
    last_seen timestamptz NOT NULL,
    rows_per_second double precision,
    lag interval,
    queue_rows bigint,
    spool_bytes bigint,
    exporters bigint,
    drops jsonb NOT NULL DEFAULT '{}',
    refused jsonb NOT NULL DEFAULT '{}'
) USING heap WITH (fillfactor = 50);

COMMENT ON TABLE flow.collectors IS
'The collectors that write into this database; each keeps its row up to date
every ten seconds.  Counts are since it was started.  A role that collects needs
SELECT, INSERT and UPDATE here and on flow.exporters; pg_monitor may read.';

COMMENT ON COLUMN flow.collectors.last_seen IS
'when the row was written, by the clock of the server';
COMMENT ON COLUMN flow.collectors.rows_per_second IS
'rows committed lately';
COMMENT ON COLUMN flow.collectors.lag IS
'age of the oldest row that is not committed yet';
COMMENT ON COLUMN flow.collectors.queue_rows IS
'rows that wait in memory';
COMMENT ON COLUMN flow.collectors.spool_bytes IS
'bytes that wait on disk';
COMMENT ON COLUMN flow.collectors.exporters IS
'exporters known; flow.exporters has the busiest of them';
COMMENT ON COLUMN flow.collectors.drops IS
'what did not become rows: counters by name, those that are not 0';
COMMENT ON COLUMN flow.collectors.refused IS
'datagrams that rules for exporters refused, or that were over their rates, by
network of the rule, those that are not 0';

CREATE TABLE flow.exporters (
    collector text NOT NULL,
    address inet NOT NULL,
    version integer NOT NULL,
    domain bigint NOT NULL,
    last_seen timestamptz NOT NULL,
    records bigint,
    records_per_second double precision,
    gaps bigint,
    missed bigint,
    templates bigint,
    PRIMARY KEY (collector, address, version, domain)
) USING heap WITH (fillfactor = 50);

COMMENT ON TABLE flow.exporters IS
'Who sends flows to which collector.  Counts are since the collector was
started; rows of exporters that are gone stay, and may be deleted.';

COMMENT ON COLUMN flow.exporters.version IS
'of the export protocol: 5, 9, 10 for IPFIX, 105 for sFlow';
COMMENT ON COLUMN flow.exporters.domain IS
'observation domain, source id, or engine';
COMMENT ON COLUMN flow.exporters.last_seen IS
'when its last datagram came, by the clock of the collector';
COMMENT ON COLUMN flow.exporters.gaps IS
'gaps in sequence numbers';
COMMENT ON COLUMN flow.exporters.missed IS
'records that are missing in these gaps';
COMMENT ON COLUMN flow.exporters.templates IS
'templates known now';

GRANT SELECT ON flow.collectors, flow.exporters TO pg_monitor;
