-------------------------------------------------------------------------
-- How many distinct values: flow.hll
-------------------------------------------------------------------------

CREATE TYPE flow.hll;

CREATE FUNCTION flow.hll_in(cstring)
RETURNS flow.hll
AS 'MODULE_PATHNAME', 'fs_hll_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_in(cstring) IS
'input function of type flow.hll; what is not a sketch is an error
(invalid_text_representation)';

CREATE FUNCTION flow.hll_out(flow.hll)
RETURNS cstring
AS 'MODULE_PATHNAME', 'fs_sketch_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_out(flow.hll) IS
'output function of type flow.hll';

CREATE FUNCTION flow.hll_recv(internal)
RETURNS flow.hll
AS 'MODULE_PATHNAME', 'fs_hll_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_recv(internal) IS
'binary input function of type flow.hll; what is not a sketch is an error
(invalid_binary_representation)';

CREATE FUNCTION flow.hll_send(flow.hll)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_sketch_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_send(flow.hll) IS
'binary output function of type flow.hll';

CREATE TYPE flow.hll (
    INPUT = flow.hll_in,
    OUTPUT = flow.hll_out,
    RECEIVE = flow.hll_recv,
    SEND = flow.hll_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = external
);

COMMENT ON TYPE flow.hll IS
'A sketch of a set of values that tells how many they are, about.  Up to 768
values are counted as they are; beyond, the standard error is 0.95 %: two of
three estimates are nearer, 997 of 1,000 nearer than 2.9 %.  At most 4096
bytes, 4 for each of the first 768 values; up to 6466 bytes if somebody chose
the values for that, who can also make the estimate wrong, because the hash is
known.  The bytes depend on the set only, not on the order of rows or the
plan, and are the same on every machine, except for types whose equality is
not that of their bytes (numeric, interval, jsonb, arrays, text under a
nondeterministic collation): of these they are good for one machine and major
release.  Sketches of columns of different types, or of text and inet, can be
merged, and count as different what has different bytes; integers of all
widths are the same.  bytea is not a sketch, and damaged bytes are an error.
Made by flow.hll_agg, united by flow.merge, asked by flow.estimate.
Source: HyperLogLog (Flajolet et al. 2007) with the exact small sets of
HyperLogLog++ (Heule et al. 2013), and the registers and the estimate by
maximum likelihood of UltraLogLog (Ertl 2024): HyperLogLog++ itself needs
8.1 kB for an error of 1 %.';

CREATE FUNCTION flow.hll_step(internal, anyelement)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_hll_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_step(internal, anyelement) IS
'transition function of flow.approx_distinct; not to be called';

CREATE FUNCTION flow.hll_merge_step(internal, flow.hll)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_hll_merge_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_merge_step(internal, flow.hll) IS
'transition function of flow.merge; not to be called';

CREATE FUNCTION flow.hll_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_hll_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_combine(internal, internal) IS
'combine function of flow.approx_distinct; not to be called';

CREATE FUNCTION flow.hll_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_hll_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_serialize(internal) IS
'serialization function of flow.approx_distinct; not to be called';

CREATE FUNCTION flow.hll_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_hll_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_deserialize(bytea, internal) IS
'deserialization function of flow.approx_distinct; not to be called';

CREATE FUNCTION flow.hll_final(internal)
RETURNS flow.hll
AS 'MODULE_PATHNAME', 'fs_hll_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.hll_final(internal) IS
'final function of flow.hll_agg; not to be called';

CREATE FUNCTION flow.approx_distinct_final(internal)
RETURNS bigint
AS 'MODULE_PATHNAME', 'fs_hll_distinct_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.approx_distinct_final(internal) IS
'final function of flow.approx_distinct; not to be called';

CREATE AGGREGATE flow.approx_distinct(value anyelement) (
    SFUNC = flow.hll_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.approx_distinct_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.hll_combine,
    SERIALFUNC = flow.hll_serialize,
    DESERIALFUNC = flow.hll_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.approx_distinct(anyelement) IS
'How many distinct values there are, about: as count(DISTINCT value), exact up
to 768 of them (but for hashes that collide: one set of 768 in 700), beyond
with a standard error of 0.95 %; see type flow.hll.  NULL values are ignored,
0 if there is none.  A group takes 4 to 8 bytes of memory for each value up to
768, then 6.5 kB.  The same in every plan.  A type without equality or extended hash
function is an error (undefined_function).';

CREATE AGGREGATE flow.hll_agg(value anyelement) (
    SFUNC = flow.hll_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.hll_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.hll_combine,
    SERIALFUNC = flow.hll_serialize,
    DESERIALFUNC = flow.hll_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.hll_agg(anyelement) IS
'The sketch of the values, to be kept in a table and merged; NULL if there is
no value.  Otherwise as flow.approx_distinct, which is flow.estimate of it.';

CREATE AGGREGATE flow.merge(sketch flow.hll) (
    SFUNC = flow.hll_merge_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.hll_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.hll_combine,
    SERIALFUNC = flow.hll_serialize,
    DESERIALFUNC = flow.hll_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.merge(flow.hll) IS
'The sketch of the union of the sets, the same as flow.hll_agg of all their
values.  NULL sketches are ignored, NULL if there is none.  A damaged sketch
is an error (data_corrupted).';

CREATE FUNCTION flow.merge(a flow.hll, b flow.hll)
RETURNS flow.hll
AS 'MODULE_PATHNAME', 'fs_hll_value_merge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.merge(flow.hll, flow.hll) IS
'The sketch of the union of two sets; NULL if one is NULL.  A damaged sketch
is an error (data_corrupted).';

CREATE FUNCTION flow.estimate(sketch flow.hll)
RETURNS bigint
AS 'MODULE_PATHNAME', 'fs_hll_value_estimate'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.estimate(flow.hll) IS
'How many values a sketch is of, about; for the error see type flow.hll.  A
damaged sketch is an error (data_corrupted).';
