-------------------------------------------------------------------------
-- How regularly a pair of hosts talks
-------------------------------------------------------------------------

CREATE TYPE flow.beacon AS (
    connections bigint,
    is_strobe boolean,
    score double precision,
    timestamps double precision,
    data_size double precision,
    histogram double precision,
    duration double precision,
    bimodal double precision
);

COMMENT ON TYPE flow.beacon IS
'What flow.beacon_parts gives: the score of flow.beacon_score and its parts.';

COMMENT ON COLUMN flow.beacon.connections IS
'How many rows there were.';

COMMENT ON COLUMN flow.beacon.is_strobe IS
'More than 86400 rows: not scored.';

COMMENT ON COLUMN flow.beacon.score IS
'The mean of the next four, 0 to 1.';

COMMENT ON COLUMN flow.beacon.timestamps IS
'Regularity of the gaps between times in whole seconds that are not 0, 0 to 1.';

COMMENT ON COLUMN flow.beacon.data_size IS
'Regularity of the bytes, 0 to 1.';

COMMENT ON COLUMN flow.beacon.histogram IS
'1 - standard deviation / mean of the rows in each hour of the day (UTC), 0 to 1.';

COMMENT ON COLUMN flow.beacon.duration IS
'The larger of the span as a part of a day and the longest run of hours of the
day with rows / 12, 0 to 1; 0 with rows in fewer than 6 of them.';

COMMENT ON COLUMN flow.beacon.bimodal IS
'Share of the hours with rows, less one, that are on the two most common levels
of 1/20 of the busiest hour, 0 to 1; NULL with fewer than 11 of them.  No part
of the score; RITA takes the larger of it and the histogram.';

CREATE FUNCTION flow.beacon_step(internal, timestamp with time zone, bigint)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_beacon_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.beacon_step(internal, timestamp with time zone, bigint) IS
'transition function of flow.beacon_score; not to be called';

CREATE FUNCTION flow.beacon_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_beacon_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.beacon_combine(internal, internal) IS
'combine function of flow.beacon_score; not to be called';

CREATE FUNCTION flow.beacon_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_beacon_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.beacon_serialize(internal) IS
'serialization function of flow.beacon_score; not to be called';

CREATE FUNCTION flow.beacon_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_beacon_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.beacon_deserialize(bytea, internal) IS
'deserialization function of flow.beacon_score; not to be called';

CREATE FUNCTION flow.beacon_score_final(internal)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_beacon_score_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.beacon_score_final(internal) IS
'final function of flow.beacon_score; not to be called';

CREATE FUNCTION flow.beacon_parts_final(internal)
RETURNS flow.beacon
AS 'MODULE_PATHNAME', 'fs_beacon_parts_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.beacon_parts_final(internal) IS
'final function of flow.beacon_parts; not to be called';

CREATE AGGREGATE flow.beacon_score(ts timestamp with time zone, bytes bigint) (
    SFUNC = flow.beacon_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.beacon_score_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.beacon_combine,
    SERIALFUNC = flow.beacon_serialize,
    DESERIALFUNC = flow.beacon_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.beacon_score(timestamp with time zone, bigint) IS
'How much the connections of a pair in up to a day look like those of a program
that calls home: 0 to 1, the mean of the regularity of the gaps between times,
of the bytes, of the rows in each hour of the day, and of their duration; see
type flow.beacon.  NULL with fewer than 4 rows or fewer than 3 gaps that are not
0, and of a strobe, a pair with more than 86400 rows.  The regularity of numbers
is the mean of 1 - |Bowley skewness|, 1 unless the quartiles are 10 apart and
the median differs from both, and of (median - MAD) / median, at least 0.
ts NULL or infinite, and bytes NULL, count as rows only.  Exact, and independent
of the order of rows.  A group takes 16 to 32 bytes of memory a row, at most 2 MB,
and nothing as a strobe.
Source: the model of RITA, without its bimodal fit.';

CREATE AGGREGATE flow.beacon_parts(ts timestamp with time zone, bytes bigint) (
    SFUNC = flow.beacon_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.beacon_parts_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.beacon_combine,
    SERIALFUNC = flow.beacon_serialize,
    DESERIALFUNC = flow.beacon_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.beacon_parts(timestamp with time zone, bigint) IS
'The score of flow.beacon_score and its parts; NULL if there is no row, its parts
NULL where the score is.  Both called with the same arguments cost as one.';
