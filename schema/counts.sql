-------------------------------------------------------------------------
-- Counts of values
-------------------------------------------------------------------------

CREATE FUNCTION flow.counts_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_aggregate_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.counts_combine(internal, internal) IS
'combine function of flow.entropy and flow.topk; not to be called';

CREATE FUNCTION flow.counts_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_aggregate_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.counts_serialize(internal) IS
'serialization function of flow.entropy and flow.topk; not to be called';

CREATE FUNCTION flow.counts_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_aggregate_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.counts_deserialize(bytea, internal) IS
'deserialization function of flow.entropy and flow.topk; not to be called';
